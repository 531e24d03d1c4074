/*
 * Dispatcher objects: events, semaphores, mutexes, timers, threads, and waits for one, any and all of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "ntoskrnl/ke/ke.h"

#define MILLISECONDS(n) (-10000LL * (n))

static LARGE_INTEGER zero;

static NTSTATUS wait_for(PVOID object)
{
    return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, NULL);
}

static NTSTATUS poll_object(PVOID object)
{
    return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, &zero);
}

static void test_notification_event(void **state)
{
    (void)state;
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    assert_int_equal(KeReadStateEvent(&event), 0);
    assert_int_equal(poll_object(&event), STATUS_TIMEOUT);
    assert_int_equal(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
    assert_int_equal(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 1);
    assert_int_equal(poll_object(&event), STATUS_SUCCESS);
    assert_int_equal(poll_object(&event), STATUS_SUCCESS); /* stays signalled */
    assert_int_equal(KeResetEvent(&event), 1);
    assert_int_equal(KeReadStateEvent(&event), 0);
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
    KeClearEvent(&event);
    assert_int_equal(poll_object(&event), STATUS_TIMEOUT);
}

static void test_synchronization_event(void **state)
{
    (void)state;
    KEVENT event;
    KeInitializeEvent(&event, SynchronizationEvent, TRUE);
    assert_int_equal(poll_object(&event), STATUS_SUCCESS);
    assert_int_equal(poll_object(&event), STATUS_TIMEOUT); /* one wait took the signal */
    assert_int_equal(KePulseEvent(&event, IO_NO_INCREMENT, FALSE), 0);
    assert_int_equal(KeReadStateEvent(&event), 0);
}

static void test_semaphore(void **state)
{
    (void)state;
    KSEMAPHORE semaphore;
    KeInitializeSemaphore(&semaphore, 1, 3);
    assert_int_equal(poll_object(&semaphore), STATUS_SUCCESS);
    assert_int_equal(poll_object(&semaphore), STATUS_TIMEOUT);
    assert_int_equal(KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 2, FALSE), 0);
    assert_int_equal(KeReadStateSemaphore(&semaphore), 2);
    assert_int_equal(KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 1, FALSE), 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(poll_object(&semaphore), STATUS_SUCCESS);
    assert_int_equal(poll_object(&semaphore), STATUS_TIMEOUT);
}

struct contender {
    KMUTEX mutex;
    KEVENT ready, go;
    NTSTATUS first, second;
    int counter;
};

static void contend(void *context)
{
    struct contender *c = context;
    c->first = poll_object(&c->mutex);
    KeSetEvent(&c->ready, IO_NO_INCREMENT, FALSE);
    c->second = wait_for(&c->mutex);
    c->counter++;
    KeReleaseMutex(&c->mutex, FALSE);
}

static void test_mutex(void **state)
{
    (void)state;
    struct contender c = {0};
    unsigned long thread;
    KeInitializeMutex(&c.mutex, 0);
    KeInitializeEvent(&c.ready, NotificationEvent, FALSE);
    assert_int_equal(KeReadStateMutex(&c.mutex), 1);
    assert_false(KeAreApcsDisabled());
    assert_int_equal(wait_for(&c.mutex), STATUS_SUCCESS);
    assert_true(KeAreApcsDisabled());
    assert_int_equal(wait_for(&c.mutex), STATUS_SUCCESS); /* again, by its owner */
    assert_int_equal(KeReadStateMutex(&c.mutex), -1);
    assert_int_equal(ke_thread_create_joinable("contender", contend, &c, &thread), STATUS_SUCCESS);
    assert_int_equal(wait_for(&c.ready), STATUS_SUCCESS);
    assert_int_equal(c.first, STATUS_TIMEOUT);
    c.counter = 10;
    assert_int_equal(KeReleaseMutex(&c.mutex, FALSE), -1);
    assert_int_equal(c.counter, 10); /* still owned once */
    assert_int_equal(KeReleaseMutex(&c.mutex, FALSE), 0);
    assert_false(KeAreApcsDisabled());
    ke_thread_join(thread);
    assert_int_equal(c.second, STATUS_SUCCESS);
    assert_int_equal(c.counter, 11);
    assert_int_equal(KeReadStateMutex(&c.mutex), 1);
}

struct pair {
    KEVENT a, b, done;
    WAIT_TYPE type;
    NTSTATUS status;
};

static void wait_for_pair(void *context)
{
    struct pair *pair = context;
    PVOID objects[2] = {&pair->a, &pair->b};
    pair->status = KeWaitForMultipleObjects(2, objects, pair->type, Executive, KernelMode, FALSE, NULL, NULL);
    KeSetEvent(&pair->done, IO_NO_INCREMENT, FALSE);
}

static void start_pair(struct pair *pair, WAIT_TYPE type, unsigned long *thread)
{
    KeInitializeEvent(&pair->a, SynchronizationEvent, FALSE);
    KeInitializeEvent(&pair->b, SynchronizationEvent, FALSE);
    KeInitializeEvent(&pair->done, NotificationEvent, FALSE);
    pair->type = type;
    assert_int_equal(ke_thread_create_joinable("pair", wait_for_pair, pair, thread), STATUS_SUCCESS);
}

static void test_wait_any(void **state)
{
    (void)state;
    struct pair pair;
    unsigned long thread;
    start_pair(&pair, WaitAny, &thread);
    KeSetEvent(&pair.b, IO_NO_INCREMENT, FALSE);
    ke_thread_join(thread);
    assert_int_equal(pair.status, STATUS_WAIT_0 + 1);
    assert_int_equal(KeReadStateEvent(&pair.b), 0);
}

static void test_wait_all(void **state)
{
    (void)state;
    struct pair pair;
    unsigned long thread;
    start_pair(&pair, WaitAll, &thread);
    KeSetEvent(&pair.a, IO_NO_INCREMENT, FALSE);
    LARGE_INTEGER moment = {.QuadPart = MILLISECONDS(5)};
    assert_int_equal(KeWaitForSingleObject(&pair.done, Executive, KernelMode, FALSE, &moment), STATUS_TIMEOUT);
    assert_int_equal(KeReadStateEvent(&pair.a), 1); /* not taken while the other is not signalled */
    KeSetEvent(&pair.b, IO_NO_INCREMENT, FALSE);
    ke_thread_join(thread);
    assert_int_equal(pair.status, STATUS_WAIT_0);
    assert_int_equal(KeReadStateEvent(&pair.a), 0);
    assert_int_equal(KeReadStateEvent(&pair.b), 0);
}

static void test_many_objects(void **state)
{
    (void)state;
    KEVENT events[MAXIMUM_WAIT_OBJECTS];
    PVOID objects[MAXIMUM_WAIT_OBJECTS];
    KWAIT_BLOCK blocks[MAXIMUM_WAIT_OBJECTS];
    for (int i = 0; i < MAXIMUM_WAIT_OBJECTS; i++) {
        KeInitializeEvent(&events[i], NotificationEvent, i != 40);
        objects[i] = &events[i];
    }
    assert_int_equal(
        KeWaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, objects, WaitAll, Executive, KernelMode, FALSE, &zero, blocks),
        STATUS_TIMEOUT);
    assert_int_equal(KeWaitForMultipleObjects(24, objects + 40, WaitAny, Executive, KernelMode, FALSE, NULL, blocks),
                     STATUS_WAIT_0 + 1);
    KeSetEvent(&events[40], IO_NO_INCREMENT, FALSE);
    assert_int_equal(
        KeWaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, objects, WaitAll, Executive, KernelMode, FALSE, NULL, blocks),
        STATUS_SUCCESS);
}

static void test_timeouts(void **state)
{
    (void)state;
    KEVENT event;
    LARGE_INTEGER timeout = {.QuadPart = MILLISECONDS(3)}, now;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    LONGLONG before = ke_now();
    assert_int_equal(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout), STATUS_TIMEOUT);
    assert_true(ke_now() - before >= 30000);

    KeQuerySystemTime(&now);
    timeout.QuadPart = now.QuadPart + 20000; /* absolute */
    before = ke_now();
    assert_int_equal(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout), STATUS_TIMEOUT);
    assert_true(ke_now() - before >= 15000);
    timeout.QuadPart = 1; /* long past */
    assert_int_equal(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout), STATUS_TIMEOUT);

    before = ke_now();
    timeout.QuadPart = MILLISECONDS(2);
    assert_int_equal(KeDelayExecutionThread(KernelMode, FALSE, &timeout), STATUS_SUCCESS);
    assert_true(ke_now() - before >= 20000);
}

struct tick {
    KTIMER timer;
    KDPC dpc;
    KEVENT done;
    LONG count, limit;
    KIRQL irql;
    bool in_dpc;
};

static NTAPI VOID tick(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct tick *t = context;
    (void)argument1, (void)argument2;
    t->irql = KeGetCurrentIrql();
    t->in_dpc = dpc == &t->dpc && ke_in_dpc();
    if (++t->count == t->limit)
        KeSetEvent(&t->done, IO_NO_INCREMENT, FALSE);
}

static void start_tick(struct tick *t, TIMER_TYPE type, LONG limit)
{
    *t = (struct tick){.limit = limit};
    KeInitializeTimerEx(&t->timer, type);
    KeInitializeDpc(&t->dpc, tick, t);
    KeInitializeEvent(&t->done, NotificationEvent, FALSE);
}

static void test_timer(void **state)
{
    (void)state;
    struct tick t;
    LARGE_INTEGER due = {.QuadPart = MILLISECONDS(2)}, never = {.QuadPart = MILLISECONDS(1000000)};
    start_tick(&t, NotificationTimer, 1);
    LONGLONG before = ke_now();
    assert_false(KeSetTimer(&t.timer, due, &t.dpc));
    assert_int_equal(wait_for(&t.done), STATUS_SUCCESS);
    assert_true(ke_now() - before >= 20000);
    assert_int_equal(t.irql, DISPATCH_LEVEL);
    assert_true(t.in_dpc);
    assert_true(KeReadStateTimer(&t.timer));
    assert_int_equal(wait_for(&t.timer), STATUS_SUCCESS);
    assert_true(KeReadStateTimer(&t.timer)); /* a notification timer stays signalled */
    assert_false(KeCancelTimer(&t.timer));

    assert_false(KeSetTimer(&t.timer, never, &t.dpc));
    assert_false(KeReadStateTimer(&t.timer)); /* setting it resets it */
    assert_true(KeSetTimer(&t.timer, never, &t.dpc));
    assert_true(KeCancelTimer(&t.timer));
    assert_false(KeCancelTimer(&t.timer));
    assert_int_equal(t.count, 1);

    start_tick(&t, SynchronizationTimer, 1);
    due.QuadPart = 0; /* now */
    KeSetTimer(&t.timer, due, NULL);
    assert_int_equal(wait_for(&t.timer), STATUS_SUCCESS);
    assert_false(KeReadStateTimer(&t.timer));
}

static void test_periodic_timer(void **state)
{
    (void)state;
    struct tick t;
    LARGE_INTEGER due = {.QuadPart = MILLISECONDS(1)};
    start_tick(&t, SynchronizationTimer, 5);
    LONGLONG before = ke_now();
    KeSetTimerEx(&t.timer, due, 2, &t.dpc);
    assert_int_equal(wait_for(&t.done), STATUS_SUCCESS);
    assert_true(ke_now() - before >= 10000 + 4 * 20000 - 1000);
    assert_true(KeCancelTimer(&t.timer));
    KeFlushQueuedDpcs();
    LONG count = t.count;
    assert_true(count >= 5);
    char text[128];
    assert_false(ke_find_active(&t, sizeof(t), text, sizeof(text)));
}

static NTAPI VOID note_order(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    static int next;
    (void)dpc, (void)argument1, (void)argument2;
    *(int *)context = ++next;
}

/* Set in a scrambled order, expire in the order of their due times; some are cancelled from the middle of the heap. */
static void test_many_timers(void **state)
{
    (void)state;
    enum { COUNT = 101 };
    static KTIMER timers[COUNT];
    static KDPC dpcs[COUNT];
    static int order[COUNT];
    char text[128];
    LONGLONG base = ke_system_time() + 20 * 10000;
    for (int i = 0; i < COUNT; i++) {
        int n = i * 37 % COUNT;
        LARGE_INTEGER due = {.QuadPart = base + 1000 * n};
        KeInitializeTimer(&timers[n]);
        KeInitializeDpc(&dpcs[n], note_order, &order[n]);
        KeSetTargetProcessorDpc(&dpcs[n], 0);
        KeSetTimer(&timers[n], due, &dpcs[n]);
    }
    assert_true(ke_find_active(timers, sizeof(timers), text, sizeof(text)));
    for (int n = 1; n < COUNT; n += 2)
        assert_true(KeCancelTimer(&timers[n]));
    assert_int_equal(wait_for(&timers[COUNT - 1]), STATUS_SUCCESS);
    KeFlushQueuedDpcs();
    for (int n = 0, expected = 1; n < COUNT; n++)
        assert_int_equal(order[n], n % 2 == 0 ? expected++ : 0);
    assert_false(ke_find_active(timers, sizeof(timers), text, sizeof(text)));
}

static KEVENT thread_may_end;

static void waiting_thread(void *context)
{
    *(struct _KTHREAD **)context = ke_current_thread();
    wait_for(&thread_may_end);
    ke_thread_exit(STATUS_CANCELLED);
}

static void test_thread_exit(void **state)
{
    (void)state;
    struct _KTHREAD *thread = NULL;
    unsigned before = ke_thread_count();
    KeInitializeEvent(&thread_may_end, NotificationEvent, FALSE);
    assert_int_equal(ke_thread_create(NULL, "waits", waiting_thread, &thread), STATUS_SUCCESS);
    assert_int_equal(ke_thread_count(), before + 1);
    KeSetEvent(&thread_may_end, IO_NO_INCREMENT, FALSE);
    ke_shutdown(); /* joins it */
    ke_initialize();
    assert_int_equal(ke_thread_count(), before);
    assert_non_null(thread);
}

static void test_regions(void **state)
{
    (void)state;
    assert_false(KeAreApcsDisabled());
    KeEnterCriticalRegion();
    KeEnterCriticalRegion();
    KeLeaveCriticalRegion();
    assert_true(KeAreApcsDisabled());
    assert_false(KeAreAllApcsDisabled());
    KeEnterGuardedRegion();
    assert_true(KeAreAllApcsDisabled());
    KeLeaveGuardedRegion();
    KeLeaveCriticalRegion();
    assert_false(KeAreApcsDisabled());
    KIRQL old = KfRaiseIrql(APC_LEVEL);
    assert_true(KeAreAllApcsDisabled());
    KeLowerIrql(old);
}

static void test_time(void **state)
{
    (void)state;
    LARGE_INTEGER ticks, system, frequency;
    ULONG64 qpc;
    KeQueryTickCount(&ticks);
    assert_true(KeQueryInterruptTime() / KeQueryTimeIncrement() - (ULONGLONG)ticks.QuadPart <= 1);
    KeQuerySystemTime(&system);
    assert_true(system.QuadPart / 10000000 / 86400 / 365 > 420); /* later than 2020 */
    LARGE_INTEGER a = KeQueryPerformanceCounter(&frequency), b = KeQueryPerformanceCounter(NULL);
    assert_int_equal(frequency.QuadPart, 10000000);
    assert_true(b.QuadPart >= a.QuadPart);
    assert_true(KeQueryInterruptTimePrecise(&qpc) >= (ULONGLONG)a.QuadPart);
    LONGLONG before = ke_now();
    KeStallExecutionProcessor(50);
    assert_true(ke_now() - before >= 500);
    assert_true(ke_deadline(-100) - ke_now() <= 100);
    assert_int_equal(ke_deadline(INT64_MIN), KE_FOREVER);
}

static int setup(void **state)
{
    (void)state;
    ke_initialize();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ke_shutdown();
    return ke_thread_count() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notification_event),
        cmocka_unit_test(test_synchronization_event),
        cmocka_unit_test(test_semaphore),
        cmocka_unit_test(test_mutex),
        cmocka_unit_test(test_wait_any),
        cmocka_unit_test(test_wait_all),
        cmocka_unit_test(test_many_objects),
        cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_timer),
        cmocka_unit_test(test_periodic_timer),
        cmocka_unit_test(test_many_timers),
        cmocka_unit_test(test_thread_exit),
        cmocka_unit_test(test_regions),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

/*
 * Work items, fast and guarded mutexes, resources, rundown protection, push locks, Ex timers, interlocked lists.
 */
#include "tests/unit/ke/bugcheck_child.h"
#include "ntoskrnl/ex/ex.h"

#include <ntddk.h>

enum { THREADS = 4, ROUNDS = 5000 };

static void run_threads(void (*routine)(void *context), void *context)
{
    unsigned long threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(ke_thread_create_joinable("test", routine, context, &threads[i]), STATUS_SUCCESS);
    for (int i = 0; i < THREADS; i++)
        ke_thread_join(threads[i]);
}

/* ---- work items */

struct job {
    WORK_QUEUE_ITEM item;
    KEVENT started, proceed;
    KIRQL irql;
    int runs;
};

static NTAPI VOID do_job(PVOID parameter)
{
    struct job *job = parameter;
    job->irql = KeGetCurrentIrql();
    job->runs++;
    KeSetEvent(&job->started, IO_NO_INCREMENT, FALSE);
    KeWaitForSingleObject(&job->proceed, Executive, KernelMode, FALSE, NULL);
}

static void start_job(struct job *job)
{
    KeInitializeEvent(&job->started, NotificationEvent, FALSE);
    KeInitializeEvent(&job->proceed, NotificationEvent, FALSE);
    ExInitializeWorkItem(&job->item, do_job, job);
    job->runs = 0;
}

static void test_work_items(void **state)
{
    (void)state;
    struct job jobs[5];
    ke_initialize();
    ex_initialize();
    for (int i = 0; i < 5; i++)
        start_job(&jobs[i]);
    for (int i = 0; i < 5; i++) /* each waits inside: all need a thread at the same time */
        ExQueueWorkItem(&jobs[i].item, i == 0 ? CriticalWorkQueue : DelayedWorkQueue);
    for (int i = 4; i >= 0; i--)
        KeWaitForSingleObject(&jobs[i].started, Executive, KernelMode, FALSE, NULL);
    for (int i = 0; i < 5; i++)
        KeSetEvent(&jobs[i].proceed, IO_NO_INCREMENT, FALSE);
    ex_flush_work_items();
    for (int i = 0; i < 5; i++) {
        assert_int_equal(jobs[i].runs, 1);
        assert_int_equal(jobs[i].irql, PASSIVE_LEVEL);
    }
    KIRQL old = KeRaiseIrqlToDpcLevel();
    ExQueueWorkItem(&jobs[0].item, DelayedWorkQueue); /* from DISPATCH_LEVEL, and again */
    KeLowerIrql(old);
    ex_shutdown(); /* runs what is queued */
    assert_int_equal(jobs[0].runs, 2);
}

/* ---- mutexes */

static struct {
    FAST_MUTEX fast;
    KGUARDED_MUTEX guarded;
    EX_PUSH_LOCK push;
    ERESOURCE resource;
    ULONG count, twin;
} shared;

static void count_under_fast_mutex(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        ExAcquireFastMutex(&shared.fast);
        shared.count++;
        ExReleaseFastMutex(&shared.fast);
    }
}

static void count_under_guarded_mutex(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        KeAcquireGuardedMutex(&shared.guarded);
        shared.count++;
        KeReleaseGuardedMutex(&shared.guarded);
    }
}

static void count_under_push_lock(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 3 == 0) {
            ExAcquirePushLockExclusiveEx(&shared.push, 0);
            shared.count++;
            shared.twin++;
            ExReleasePushLockExclusiveEx(&shared.push, 0);
        } else {
            ExAcquirePushLockSharedEx(&shared.push, 0);
            assert_int_equal(shared.count, shared.twin);
            ExReleasePushLockSharedEx(&shared.push, 0);
        }
    }
}

static void count_under_resource(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        KeEnterCriticalRegion();
        if (i % 3 == 0) {
            assert_true(ExAcquireResourceExclusiveLite(&shared.resource, TRUE));
            shared.count++;
            shared.twin++;
        } else {
            assert_true(ExAcquireResourceSharedLite(&shared.resource, TRUE));
            assert_int_equal(shared.count, shared.twin);
        }
        ExReleaseResourceLite(&shared.resource);
        KeLeaveCriticalRegion();
    }
}

static void test_fast_mutex(void **state)
{
    (void)state;
    ExInitializeFastMutex(&shared.fast);
    shared.count = 0;
    run_threads(count_under_fast_mutex, NULL);
    assert_int_equal(shared.count, THREADS * ROUNDS);
    assert_true(ExTryToAcquireFastMutex(&shared.fast));
    assert_int_equal(KeGetCurrentIrql(), APC_LEVEL);
    assert_false(ExTryToAcquireFastMutex(&shared.fast));
    ExReleaseFastMutex(&shared.fast);
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    KeInitializeGuardedMutex(&shared.guarded);
    shared.count = 0;
    run_threads(count_under_guarded_mutex, NULL);
    assert_int_equal(shared.count, THREADS * ROUNDS);
    assert_false(KeAreApcsDisabled());
}

static void test_push_lock(void **state)
{
    (void)state;
    ExInitializePushLock(&shared.push);
    shared.count = shared.twin = 0;
    run_threads(count_under_push_lock, NULL);
    assert_int_equal(shared.count, THREADS * ((ROUNDS + 2) / 3));
    assert_int_equal(*(ULONG_PTR *)&shared.push, 0);
}

static void test_resource(void **state)
{
    (void)state;
    assert_int_equal(ExInitializeResourceLite(&shared.resource), STATUS_SUCCESS);
    shared.count = shared.twin = 0;
    run_threads(count_under_resource, NULL);
    assert_int_equal(shared.count, THREADS * ((ROUNDS + 2) / 3));
    assert_true(ExAcquireResourceExclusiveLite(&shared.resource, FALSE));
    assert_true(ExAcquireResourceExclusiveLite(&shared.resource, FALSE)); /* again */
    assert_true(ExAcquireResourceSharedLite(&shared.resource, FALSE));
    assert_true(ExIsResourceAcquiredExclusiveLite(&shared.resource));
    assert_int_equal(ExIsResourceAcquiredSharedLite(&shared.resource), 3);
    ExReleaseResourceLite(&shared.resource);
    ExReleaseResourceLite(&shared.resource);
    ExConvertExclusiveToSharedLite(&shared.resource);
    assert_false(ExIsResourceAcquiredExclusiveLite(&shared.resource));
    assert_false(ExAcquireResourceExclusiveLite(&shared.resource, FALSE)); /* a reader is no writer */
    ExReleaseResourceLite(&shared.resource);
    assert_int_equal(ExIsResourceAcquiredSharedLite(&shared.resource), 0);
    assert_int_equal(ExDeleteResourceLite(&shared.resource), STATUS_SUCCESS);
}

/* ---- rundown protection */

struct user {
    EX_RUNDOWN_REF ref;
    KEVENT holds, release;
    bool released;
};

static void use(void *context)
{
    struct user *user = context;
    assert_true(ExAcquireRundownProtection(&user->ref));
    KeSetEvent(&user->holds, IO_NO_INCREMENT, FALSE);
    KeWaitForSingleObject(&user->release, Executive, KernelMode, FALSE, NULL);
    /* The owner waits from about now on; new users must be refused once he does. */
    while (ExAcquireRundownProtection(&user->ref))
        ExReleaseRundownProtection(&user->ref);
    user->released = true;
    ExReleaseRundownProtection(&user->ref);
}

static void test_rundown(void **state)
{
    (void)state;
    struct user user = {0};
    unsigned long thread;
    ExInitializeRundownProtection(&user.ref);
    KeInitializeEvent(&user.holds, NotificationEvent, FALSE);
    KeInitializeEvent(&user.release, NotificationEvent, FALSE);
    assert_int_equal(ke_thread_create_joinable("user", use, &user, &thread), STATUS_SUCCESS);
    KeWaitForSingleObject(&user.holds, Executive, KernelMode, FALSE, NULL);
    KeSetEvent(&user.release, IO_NO_INCREMENT, FALSE);
    ExWaitForRundownProtectionRelease(&user.ref);
    assert_true(user.released);
    ke_thread_join(thread);
    assert_false(ExAcquireRundownProtection(&user.ref));
    ExWaitForRundownProtectionRelease(&user.ref); /* returns at once */
    ExRundownCompleted(&user.ref);
    assert_false(ExAcquireRundownProtection(&user.ref));
    ExReInitializeRundownProtection(&user.ref);
    assert_true(ExAcquireRundownProtectionEx(&user.ref, 3));
    ExReleaseRundownProtectionEx(&user.ref, 3);
    PEX_RUNDOWN_REF_CACHE_AWARE aware = ExAllocateCacheAwareRundownProtection(NonPagedPoolNx, 'dnuR');
    assert_true(ExAcquireRundownProtectionCacheAware(aware));
    ExReleaseRundownProtectionCacheAware(aware);
    ExWaitForRundownProtectionReleaseCacheAware(aware);
    assert_false(ExAcquireRundownProtectionCacheAware(aware));
    ExFreeCacheAwareRundownProtection(aware);
}

/* ---- timers */

struct alarm_clock {
    KEVENT rang, deleted;
    int rings;
    KIRQL irql;
};

static NTAPI VOID ring(PEX_TIMER timer, PVOID context)
{
    struct alarm_clock *a = context;
    (void)timer;
    a->irql = KeGetCurrentIrql();
    if (++a->rings == 3)
        KeSetEvent(&a->rang, IO_NO_INCREMENT, FALSE);
}

static NTAPI VOID gone(PVOID context)
{
    struct alarm_clock *a = context;
    KeSetEvent(&a->deleted, IO_NO_INCREMENT, FALSE);
}

static NTAPI VOID delete_itself(PEX_TIMER timer, PVOID context)
{
    EXT_DELETE_PARAMETERS parameters = {.DeleteCallback = gone, .DeleteContext = context};
    ((struct alarm_clock *)context)->rings++;
    ExDeleteTimer(timer, TRUE, FALSE, &parameters);
}

static void test_ex_timer(void **state)
{
    (void)state;
    struct alarm_clock a = {0};
    struct ex_pool_usage before, after;
    ex_pool_get_usage(&before);
    KeInitializeEvent(&a.rang, NotificationEvent, FALSE);
    KeInitializeEvent(&a.deleted, NotificationEvent, FALSE);
    assert_null(ExAllocateTimer(ring, &a, 0x40));
    PEX_TIMER timer = ExAllocateTimer(ring, &a, EX_TIMER_HIGH_RESOLUTION);
    assert_false(ExSetTimer(timer, -10000, 10000, NULL));
    KeWaitForSingleObject(&a.rang, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(a.irql, DISPATCH_LEVEL);
    assert_true(ExCancelTimer(timer, NULL));
    assert_false(ExCancelTimer(timer, NULL));
    ExSetTimer(timer, -100000000000, 0, NULL);
    assert_true(ExDeleteTimer(timer, TRUE, TRUE, NULL));

    a.rings = 0;
    timer = ExAllocateTimer(delete_itself, &a, 0);
    ExSetTimer(timer, -10000, 0, NULL);
    KeWaitForSingleObject(&a.deleted, Executive, KernelMode, FALSE, NULL);
    KeFlushQueuedDpcs();
    assert_int_equal(a.rings, 1);
    ex_pool_get_usage(&after);
    assert_int_equal(after.blocks, before.blocks);
}

static void test_interlocked_lists(void **state)
{
    (void)state;
    LIST_ENTRY head, a, b;
    KSPIN_LOCK lock;
    ULONG sum = 5;
    LARGE_INTEGER big = {.QuadPart = 1LL << 40}, three = {.QuadPart = 3};
    KeInitializeSpinLock(&lock);
    InitializeListHead(&head);
    assert_null(ExInterlockedInsertTailList(&head, &a, &lock));
    assert_ptr_equal(ExInterlockedInsertTailList(&head, &b, &lock), &a);
    assert_ptr_equal(ExInterlockedRemoveHeadList(&head, &lock), &a);
    assert_ptr_equal(ExInterlockedInsertHeadList(&head, &a, &lock), &b);
    assert_ptr_equal(ExInterlockedRemoveHeadList(&head, &lock), &a);
    assert_ptr_equal(ExInterlockedRemoveHeadList(&head, &lock), &b);
    assert_null(ExInterlockedRemoveHeadList(&head, &lock));
    assert_int_equal(ExInterlockedAddUlong(&sum, 3, &lock), 5);
    assert_int_equal(sum, 8);
    assert_int_equal(ExInterlockedAddLargeInteger(&big, three, &lock).QuadPart, 1LL << 40);
    assert_int_equal(big.QuadPart, (1LL << 40) + 3);
    assert_true(KeTestSpinLock(&lock));
}

static void test_misc(void **state)
{
    (void)state;
    GUID a, b;
    LARGE_INTEGER utc, local, back;
    assert_int_equal(ExUuidCreate(&a), STATUS_SUCCESS);
    assert_int_equal(ExUuidCreate(&b), STATUS_SUCCESS);
    assert_memory_not_equal(&a, &b, sizeof(a));
    assert_int_equal(a.Data3 >> 12, 4);
    KeQuerySystemTime(&utc);
    ExSystemTimeToLocalTime(&utc, &local);
    ExLocalTimeToSystemTime(&local, &back);
    assert_int_equal(back.QuadPart, utc.QuadPart);
    assert_int_equal(ExGetPreviousMode(), KernelMode);
    assert_true(ExIsProcessorFeaturePresent(10)); /* SSE2 */
    assert_int_equal(ExSetTimerResolution(10000, TRUE), 10000);
}

static NTAPI VOID raise_and_return(PVOID parameter)
{
    (void)parameter;
    KfRaiseIrql(APC_LEVEL);
}

static WORK_QUEUE_ITEM bad_item;

static void worker_returns_raised(void)
{
    ex_initialize();
    ExInitializeWorkItem(&bad_item, raise_and_return, NULL);
    ExQueueWorkItem(&bad_item, DelayedWorkQueue);
    ex_shutdown();
}

static NTAPI VOID wait_for_event(PVOID event)
{
    KeWaitForSingleObject(event, Executive, KernelMode, FALSE, NULL);
}

static void queue_twice(void)
{
    ex_initialize();
    ExInitializeWorkItem(&bad_item, wait_for_event, NULL);
    KIRQL old = KfRaiseIrql(APC_LEVEL);
    bad_item.List.Flink = &bad_item.List;
    ExQueueWorkItem(&bad_item, DelayedWorkQueue);
    KeLowerIrql(old);
}

static void release_unowned_resource(void)
{
    ExInitializeResourceLite(&shared.resource);
    ExReleaseResourceLite(&shared.resource);
}

static void fast_mutex_twice(void)
{
    ExInitializeFastMutex(&shared.fast);
    ExAcquireFastMutexUnsafe(&shared.fast);
    ExAcquireFastMutexUnsafe(&shared.fast);
}

static void release_rundown(void)
{
    EX_RUNDOWN_REF ref;
    ExInitializeRundownProtection(&ref);
    ExReleaseRundownProtection(&ref);
}

/* First of all tests: their children start the system themselves. */
static void test_bug_checks(void **state)
{
    (void)state;
    expect_bugcheck(worker_returns_raised, "bug check 0x000000E1: WORKER_THREAD_RETURNED_AT_BAD_IRQL",
                    "returned at IRQL 1", NULL);
    expect_bugcheck(queue_twice, "bug check 0x000000E4: WORKER_INVALID", NULL);
    expect_bugcheck(release_unowned_resource, "bug check 0x000000E3: RESOURCE_NOT_OWNED", NULL);
    expect_bugcheck(fast_mutex_twice, "bug check 0x000000C4", "acquired by the thread that holds it", NULL);
    expect_bugcheck(release_rundown, "bug check 0x00000139", "released 1 times more", NULL);
}

static int teardown(void **state)
{
    (void)state;
    ex_shutdown();
    ke_shutdown();
    return ke_thread_count() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bug_checks), cmocka_unit_test(test_work_items),        cmocka_unit_test(test_fast_mutex),
        cmocka_unit_test(test_push_lock),  cmocka_unit_test(test_resource),          cmocka_unit_test(test_rundown),
        cmocka_unit_test(test_ex_timer),   cmocka_unit_test(test_interlocked_lists), cmocka_unit_test(test_misc),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}

/*
 * Processors, IRQL, DPCs and spin locks, alone and under contention; and that the system can be started and stopped a
 * thousand times.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <dirent.h>
#include <string.h>
#include <cmocka.h>
#include "ntoskrnl/ke/ke.h"

enum { PROCESSORS = 3, THREADS = 6, ROUNDS = 20000 };

static void test_irql(void **state)
{
    (void)state;
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    KIRQL old = KfRaiseIrql(APC_LEVEL);
    assert_int_equal(old, PASSIVE_LEVEL);
    assert_int_equal(KeRaiseIrqlToDpcLevel(), APC_LEVEL);
    ULONG number = KeGetCurrentProcessorNumberEx(NULL);
    assert_true(number < PROCESSORS);
    assert_int_equal(KfRaiseIrql(HIGH_LEVEL), DISPATCH_LEVEL);
    assert_int_equal(KeGetCurrentProcessorNumberEx(NULL), number);
    KeLowerIrql(DISPATCH_LEVEL);
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    KeLowerIrql(PASSIVE_LEVEL);
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

static void test_processors(void **state)
{
    (void)state;
    PROCESSOR_NUMBER number = {0};
    KAFFINITY active;
    GROUP_AFFINITY group = {.Mask = 4}, previous;
    assert_int_equal(KeQueryActiveProcessorCount(&active), PROCESSORS);
    assert_int_equal(active, 7);
    assert_int_equal(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS), PROCESSORS);
    assert_int_equal(KeQueryActiveProcessorCountEx(1), 0);
    assert_int_equal(KeQueryMaximumProcessorCountEx(0), PROCESSORS);
    assert_int_equal(KeGetProcessorNumberFromIndex(2, &number), STATUS_SUCCESS);
    assert_int_equal(number.Number, 2);
    assert_int_equal(KeGetProcessorIndexFromNumber(&number), 2);
    assert_int_equal(KeGetProcessorNumberFromIndex(PROCESSORS, &number), STATUS_INVALID_PARAMETER);
    for (ULONG i = 0; i < PROCESSORS; i++) {
        KAFFINITY old = KeSetSystemAffinityThreadEx((KAFFINITY)1 << i);
        assert_int_equal(KeGetCurrentProcessorNumberEx(NULL), i);
        KIRQL irql = KeRaiseIrqlToDpcLevel();
        assert_int_equal(KeGetCurrentProcessorNumberEx(&number), i);
        assert_int_equal(number.Number, i);
        KeLowerIrql(irql);
        KeRevertToUserAffinityThreadEx(old);
    }
    KeSetSystemGroupAffinityThread(&group, &previous);
    assert_int_equal(KeGetCurrentProcessorNumberEx(NULL), 2);
    KeRevertToUserGroupAffinityThread(&previous);
}

/* No two threads own one processor: each counts in a plain variable of the processor. */
static struct {
    ULONG owner_changes[PROCESSORS][16];
    KSPIN_LOCK lock;
    EX_SPIN_LOCK rw_lock;
    ULONG locked, written;
} shared;

static void count_on_processor(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        KIRQL old = KeRaiseIrqlToDpcLevel();
        shared.owner_changes[KeGetCurrentProcessorNumberEx(NULL)][0]++;
        KeLowerIrql(old);
    }
}

static void run_threads(void (*routine)(void *context))
{
    unsigned long threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(ke_thread_create_joinable("test", routine, NULL, &threads[i]), STATUS_SUCCESS);
    for (int i = 0; i < THREADS; i++)
        ke_thread_join(threads[i]);
}

static void test_exclusive_ownership(void **state)
{
    (void)state;
    ULONG sum = 0;
    memset(&shared, 0, sizeof(shared));
    run_threads(count_on_processor);
    for (int i = 0; i < PROCESSORS; i++)
        sum += shared.owner_changes[i][0];
    assert_int_equal(sum, THREADS * ROUNDS);
}

static void count_under_spin_lock(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        KIRQL old = KeAcquireSpinLockRaiseToDpc(&shared.lock);
        shared.locked++;
        KeReleaseSpinLock(&shared.lock, old);
    }
}

static void count_under_queued_lock(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        KLOCK_QUEUE_HANDLE handle;
        KeAcquireInStackQueuedSpinLock(&shared.lock, &handle);
        shared.locked++;
        KeReleaseInStackQueuedSpinLock(&handle);
    }
}

static void read_and_write(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 4 == 0) {
            KIRQL old = ExAcquireSpinLockExclusive(&shared.rw_lock);
            shared.locked++;
            shared.written++;
            ExReleaseSpinLockExclusive(&shared.rw_lock, old);
        } else {
            KIRQL old = ExAcquireSpinLockShared(&shared.rw_lock);
            assert_int_equal(shared.locked, shared.written);
            ExReleaseSpinLockShared(&shared.rw_lock, old);
        }
    }
}

static void test_spin_locks(void **state)
{
    (void)state;
    memset(&shared, 0, sizeof(shared));
    KeInitializeSpinLock(&shared.lock);
    run_threads(count_under_spin_lock);
    assert_int_equal(shared.locked, THREADS * ROUNDS);
    shared.locked = 0;
    run_threads(count_under_queued_lock);
    assert_int_equal(shared.locked, THREADS * ROUNDS);
    assert_true(KeTestSpinLock(&shared.lock));
    shared.locked = 0;
    run_threads(read_and_write);
    assert_int_equal(shared.locked, THREADS * ROUNDS / 4);
    assert_int_equal(shared.rw_lock & 0xbfffffff, 0);

    KIRQL old = KeRaiseIrqlToDpcLevel();
    assert_true(KeTryToAcquireSpinLockAtDpcLevel(&shared.lock));
    assert_false(KeTryToAcquireSpinLockAtDpcLevel(&shared.lock));
    assert_false(KeTestSpinLock(&shared.lock));
    KeReleaseSpinLockFromDpcLevel(&shared.lock);
    shared.rw_lock = 0;
    ExAcquireSpinLockSharedAtDpcLevel(&shared.rw_lock);
    assert_false(ExTryAcquireSpinLockExclusiveAtDpcLevel(&shared.rw_lock));
    assert_true(ExTryAcquireSpinLockSharedAtDpcLevel(&shared.rw_lock));
    assert_false(ExTryConvertSharedSpinLockExclusive(&shared.rw_lock));
    ExReleaseSpinLockSharedFromDpcLevel(&shared.rw_lock);
    assert_true(ExTryConvertSharedSpinLockExclusive(&shared.rw_lock));
    assert_false(ExTryAcquireSpinLockSharedAtDpcLevel(&shared.rw_lock));
    ExReleaseSpinLockExclusiveFromDpcLevel(&shared.rw_lock);
    KeLowerIrql(old);
}

struct work {
    KDPC dpc;
    ULONG runs, processor;
    KIRQL irql;
    PVOID argument1, argument2;
    int order;
};

static int dpc_order;

static NTAPI VOID note(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct work *work = context;
    (void)dpc;
    work->runs++;
    work->processor = KeGetCurrentProcessorNumberEx(NULL);
    work->irql = KeGetCurrentIrql();
    work->argument1 = argument1;
    work->argument2 = argument2;
    work->order = ++dpc_order;
}

static void start_dpc(struct work *work)
{
    *work = (struct work){0};
    KeInitializeDpc(&work->dpc, note, work);
}

static void test_dpc(void **state)
{
    (void)state;
    struct work a, b, c;
    int x, y;
    start_dpc(&a), start_dpc(&b), start_dpc(&c);
    KeSetImportanceDpc(&c.dpc, HighImportance);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    ULONG here = KeGetCurrentProcessorNumberEx(NULL);
    assert_true(KeInsertQueueDpc(&a.dpc, &x, &y));
    assert_false(KeInsertQueueDpc(&a.dpc, NULL, NULL)); /* queued already */
    assert_true(KeInsertQueueDpc(&b.dpc, NULL, NULL));
    assert_true(KeInsertQueueDpc(&c.dpc, NULL, NULL));
    assert_true(KeRemoveQueueDpc(&b.dpc));
    assert_false(KeRemoveQueueDpc(&b.dpc));
    assert_int_equal(a.runs, 0); /* not before the IRQL drops */
    KeLowerIrql(old);
    assert_int_equal(a.runs, 1);
    assert_ptr_equal(a.argument1, &x);
    assert_ptr_equal(a.argument2, &y);
    assert_int_equal(a.irql, DISPATCH_LEVEL);
    assert_int_equal(a.processor, here);
    assert_int_equal(b.runs, 0);
    assert_int_equal(c.runs, 1);
    assert_true(c.order < a.order); /* high importance goes to the front */
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    assert_false(ke_in_dpc());
}

static void test_targeted_dpc(void **state)
{
    (void)state;
    struct work work;
    PROCESSOR_NUMBER number = {.Number = PROCESSORS};
    for (UCHAR target = 0; target < PROCESSORS; target++) {
        start_dpc(&work);
        assert_int_equal(KeSetTargetProcessorDpcEx(&work.dpc, &number), STATUS_INVALID_PARAMETER);
        KeSetTargetProcessorDpc(&work.dpc, (CCHAR)target);
        assert_true(KeInsertQueueDpc(&work.dpc, NULL, NULL));
        KeFlushQueuedDpcs();
        assert_int_equal(work.runs, 1);
        assert_int_equal(work.processor, target);
    }
}

static void test_threaded_dpc(void **state)
{
    (void)state;
    struct work work;
    work = (struct work){0};
    KeInitializeThreadedDpc(&work.dpc, note, &work);
    assert_true(KeInsertQueueDpc(&work.dpc, NULL, NULL));
    KeFlushQueuedDpcs();
    assert_int_equal(work.runs, 1);
    assert_int_equal(work.irql, PASSIVE_LEVEL);
}

/* DPCs queued from everywhere, while their processors come and go: none is lost. */
static struct {
    KDPC dpcs[THREADS];
    ULONG queued, ran;
    ULONG next;
} storm;

static NTAPI VOID count_run(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc, (void)context, (void)argument1, (void)argument2;
    __atomic_fetch_add(&storm.ran, 1, __ATOMIC_RELAXED);
}

static void queue_dpcs(void *context)
{
    (void)context;
    KDPC *dpc = &storm.dpcs[__atomic_fetch_add(&storm.next, 1, __ATOMIC_RELAXED)];
    KeInitializeDpc(dpc, count_run, NULL);
    for (int i = 0; i < ROUNDS / 4; i++) {
        KeSetTargetProcessorDpc(dpc, (CCHAR)(i % PROCESSORS));
        if (KeInsertQueueDpc(dpc, NULL, NULL))
            __atomic_fetch_add(&storm.queued, 1, __ATOMIC_RELAXED);
        while (__atomic_load_n(&dpc->DpcData, __ATOMIC_ACQUIRE) != NULL)
            KeLowerIrql(KeRaiseIrqlToDpcLevel()); /* so that processors are taken and given up all the time */
    }
}

static ULONG_PTR NTAPI visit(ULONG_PTR context)
{
    ULONG *visits = (ULONG *)context;
    visits[KeGetCurrentProcessorNumberEx(NULL)]++;
    return 7;
}

static struct {
    KDPC dpc;
    uint32_t stop, ran;
} endless;

static VOID NTAPI queue_again(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)context, (void)argument1, (void)argument2;
    __atomic_fetch_add(&endless.ran, 1, __ATOMIC_RELAXED);
    if (__atomic_load_n(&endless.stop, __ATOMIC_ACQUIRE) == 0)
        KeInsertQueueDpc(dpc, NULL, NULL);
}

/* A DPC that queues itself for ever does not keep the thread that lowers; it goes on without it, and ends when told. */
static void test_endless_dpc(void **state)
{
    (void)state;
    KeInitializeDpc(&endless.dpc, queue_again, NULL);
    KIRQL irql = KeRaiseIrqlToDpcLevel();
    assert_true(KeInsertQueueDpc(&endless.dpc, NULL, NULL));
    KeLowerIrql(irql);

    uint32_t then = __atomic_load_n(&endless.ran, __ATOMIC_RELAXED);
    assert_true(then >= 1);
    while (__atomic_load_n(&endless.ran, __ATOMIC_RELAXED) < then + 1000)
        KeStallExecutionProcessor(10);
    __atomic_store_n(&endless.stop, 1, __ATOMIC_RELEASE);
    KeFlushQueuedDpcs();
    assert_null(endless.dpc.DpcData);
}

enum { MANY = 1000 };
static KDPC many[MANY];
static uint32_t many_ran;

static VOID NTAPI count_many(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc, (void)context, (void)argument1, (void)argument2;
    __atomic_fetch_add(&many_ran, 1, __ATOMIC_RELAXED);
}

/* However many are queued, all of them have run after a flush. */
static void test_flush_many(void **state)
{
    (void)state;
    KIRQL irql = KeRaiseIrqlToDpcLevel();
    for (int i = 0; i < MANY; i++) {
        KeInitializeDpc(&many[i], count_many, NULL);
        assert_true(KeInsertQueueDpc(&many[i], NULL, NULL));
    }
    KeLowerIrql(irql);
    KeFlushQueuedDpcs();
    assert_int_equal(__atomic_load_n(&many_ran, __ATOMIC_RELAXED), MANY);
}

static void test_ipi(void **state)
{
    (void)state;
    ULONG visits[PROCESSORS] = {0};
    assert_int_equal(KeIpiGenericCall(visit, (ULONG_PTR)visits), 7);
    for (int i = 0; i < PROCESSORS; i++)
        assert_int_equal(visits[i], 1);
}

static int setup(void **state)
{
    (void)state;
    ke_set_processor_count(PROCESSORS);
    ke_initialize();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ke_shutdown();
    return ke_thread_count() == 0 ? 0 : -1;
}

static int entries(const char *path)
{
    int count = 0;
    DIR *dir = opendir(path);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static void test_start_and_stop(void **state)
{
    (void)state;
    ke_shutdown();
    int threads = entries("/proc/self/task"), descriptors = entries("/proc/self/fd");
    for (int i = 0; i < 1000; i++) {
        ke_initialize();
        struct work work;
        start_dpc(&work);
        KeInsertQueueDpc(&work.dpc, NULL, NULL);
        KeFlushQueuedDpcs();
        assert_int_equal(work.runs, 1);
        ke_shutdown();
        assert_int_equal(ke_thread_count(), 0);
    }
    assert_int_equal(entries("/proc/self/task"), threads);
    assert_int_equal(entries("/proc/self/fd"), descriptors);
    ke_initialize();
}

static void test_dpc_storm(void **state)
{
    (void)state;
    memset(&storm, 0, sizeof(storm));
    run_threads(queue_dpcs);
    KeFlushQueuedDpcs();
    assert_int_equal(storm.ran, storm.queued);
    assert_int_equal(storm.queued, THREADS * (ROUNDS / 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irql),
        cmocka_unit_test(test_processors),
        cmocka_unit_test(test_exclusive_ownership),
        cmocka_unit_test(test_spin_locks),
        cmocka_unit_test(test_dpc),
        cmocka_unit_test(test_targeted_dpc),
        cmocka_unit_test(test_threaded_dpc),
        cmocka_unit_test(test_dpc_storm),
        cmocka_unit_test(test_endless_dpc),
        cmocka_unit_test(test_flush_many),
        cmocka_unit_test(test_ipi),
        cmocka_unit_test(test_start_and_stop),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

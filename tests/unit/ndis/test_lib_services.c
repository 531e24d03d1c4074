/*
 * The library's services: memory, locks, events, timers, work items, strings, processors, the log, and
 * NdisGetRoutineAddress.
 */
#include <pthread.h>
#include "tests/unit/ndis/library_test.h"

static void memory(void **state)
{
    (void)state;
    size_t before = pool_bytes();
    PVOID block = NdisAllocateMemoryWithTagPriority(NULL, 100, TAG, NormalPoolPriority);
    assert_non_null(block);
    assert_int_equal(pool_bytes(), before + 100);
    NdisFreeMemory(block, 0, 0);
    assert_int_equal(NdisAllocateMemoryWithTag(&block, 10, TAG), NDIS_STATUS_SUCCESS);
    NdisFreeMemoryWithTag(block, TAG);
    block = NdisAllocateMemoryWithTagPriority(NULL, 1, TAG, LowPoolPriority);
    NdisFreeMemoryWithTagPriority(NULL, block, TAG);
    PNDIS_GENERIC_OBJECT object = NdisAllocateGenericObject(NULL, TAG, sizeof(NDIS_GENERIC_OBJECT) + 16);
    assert_int_equal(object->Header.Size, sizeof(NDIS_GENERIC_OBJECT) + 16);
    NdisFreeGenericObject(object);
    assert_null(NdisAllocateGenericObject(NULL, TAG, 4));
    assert_int_equal(pool_bytes(), before);
}

static void spin_locks(void **state)
{
    (void)state;
    NDIS_SPIN_LOCK lock;
    (NdisAllocateSpinLock)(&lock);
    NdisAcquireSpinLock(&lock);
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    NdisReleaseSpinLock(&lock);
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    (NdisAcquireSpinLock)(&lock); /* the functions, as a driver with older headers imports them */
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    (NdisReleaseSpinLock)(&lock);
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    (NdisDprAcquireSpinLock)(&lock);
    (NdisDprReleaseSpinLock)(&lock);
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    KeLowerIrql(irql);
    (NdisFreeSpinLock)(&lock);
}

/* ---- reader-writer locks: writers alone, readers see whole states ----------------------------------------------- */

#define ROUNDS 2000

struct rw_test {
    PNDIS_RW_LOCK_EX lock;
    NDIS_RW_LOCK old;
    bool use_old;
    volatile int first, second;
    int writes;
};

static void *write_and_read(void *context)
{
    struct rw_test *test = context;
    for (int i = 0; i < ROUNDS; i++) {
        LOCK_STATE_EX state;
        LOCK_STATE old_state;
        bool write = i % 4 == 0;
        if (test->use_old)
            NdisAcquireReadWriteLock(&test->old, write, &old_state);
        else if (write)
            NdisAcquireRWLockWrite(test->lock, &state, 0);
        else
            NdisAcquireRWLockRead(test->lock, &state, 0);
        if (KeGetCurrentIrql() != DISPATCH_LEVEL)
            abort();
        if (write) {
            test->first++;
            test->writes++;
            test->second++;
        } else if (test->first != test->second) {
            abort();
        }
        if (test->use_old)
            NdisReleaseReadWriteLock(&test->old, &old_state);
        else
            NdisReleaseRWLock(test->lock, &state);
    }
    if (KeGetCurrentIrql() != PASSIVE_LEVEL)
        abort();
    ke_detach_thread();
    return NULL;
}

static void run_rw_test(bool use_old)
{
    static struct rw_test test;
    pthread_t threads[3];
    memset(&test, 0, sizeof(test));
    test.use_old = use_old;
    test.lock = NdisAllocateRWLock(NULL);
    assert_non_null(test.lock);
    NdisInitializeReadWriteLock(&test.old);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_read, &test), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(test.writes, 3 * ROUNDS / 4);
    assert_int_equal(test.first, test.second);
    NdisFreeRWLock(test.lock);
}

static void rw_locks(void **state)
{
    (void)state;
    run_rw_test(false);
    run_rw_test(true);
}

static void rw_lock_states(void **state)
{
    (void)state;
    PNDIS_RW_LOCK_EX lock = NdisAllocateRWLock(NULL);
    LOCK_STATE_EX outer, inner;
    NdisAcquireRWLockRead(lock, &outer, 0);
    NdisAcquireRWLockRead(lock, &inner, NDIS_RWL_AT_DISPATCH_LEVEL); /* nested on the same processor */
    NdisReleaseRWLock(lock, &inner);
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    NdisReleaseRWLock(lock, &outer);
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    NdisFreeRWLock(lock);
}

/* ---- events and time -------------------------------------------------------------------------------------------- */

static void events(void **state)
{
    (void)state;
    NDIS_EVENT event;
    NdisInitializeEvent(&event);
    LONGLONG before = ke_now();
    assert_false(NdisWaitEvent(&event, 20));
    assert_true(ke_now() - before >= 20 * 10000);
    NdisSetEvent(&event);
    assert_true(NdisWaitEvent(&event, 0)); /* stays set: a notification event */
    assert_true(NdisWaitEvent(&event, 1));
    NdisResetEvent(&event);
    assert_false(NdisWaitEvent(&event, 1));
}

static void sleep_and_clock(void **state)
{
    (void)state;
    LARGE_INTEGER up, later, now;
    ULONG short_up;
    NdisGetSystemUpTimeEx(&up);
    NdisMSleep(30000); /* microseconds */
    NdisGetSystemUpTimeEx(&later);
    assert_true(later.QuadPart - up.QuadPart >= 29); /* milliseconds */
    NdisGetSystemUpTime(&short_up);
    assert_true(short_up - (ULONG)later.QuadPart < 1000);
    (NdisGetCurrentSystemTime)(&now);
    assert_true(now.QuadPart > 130000000000000000); /* 100 ns since 1601: after 2012 */
}

/* ---- timers ----------------------------------------------------------------------------------------------------- */

struct timer_test {
    NDIS_EVENT fired;
    PVOID context;
    KIRQL irql;
    volatile LONG count;
};
static struct timer_test timer_test;

static VOID NTAPI on_timer(PVOID SystemSpecific1, PVOID FunctionContext, PVOID SystemSpecific2, PVOID SystemSpecific3)
{
    (void)SystemSpecific1;
    (void)SystemSpecific2;
    (void)SystemSpecific3;
    timer_test.context = FunctionContext;
    timer_test.irql = KeGetCurrentIrql();
    if (InterlockedIncrement(&timer_test.count) >= 3 || FunctionContext != &timer_test.count)
        NdisSetEvent(&timer_test.fired);
}

static NDIS_TIMER_CHARACTERISTICS timer_characteristics(PVOID context)
{
    return (NDIS_TIMER_CHARACTERISTICS){
        .Header = {NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS, NDIS_TIMER_CHARACTERISTICS_REVISION_1,
                   NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1},
        .AllocationTag = TAG,
        .TimerFunction = on_timer,
        .FunctionContext = context,
    };
}

static void timers(void **state)
{
    (void)state;
    NDIS_HANDLE timer;
    int own, other;
    NDIS_TIMER_CHARACTERISTICS characteristics = timer_characteristics(&own);
    memset(&timer_test, 0, sizeof(timer_test));
    NdisInitializeEvent(&timer_test.fired);

    characteristics.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    assert_int_equal(NdisAllocateTimerObject(NULL, &characteristics, &timer), NDIS_STATUS_BAD_CHARACTERISTICS);
    characteristics = timer_characteristics(&own);
    characteristics.TimerFunction = NULL;
    assert_int_equal(NdisAllocateTimerObject(NULL, &characteristics, &timer), NDIS_STATUS_BAD_CHARACTERISTICS);
    characteristics = timer_characteristics(&own);
    assert_int_equal(NdisAllocateTimerObject(NULL, &characteristics, &timer), NDIS_STATUS_SUCCESS);

    LARGE_INTEGER soon = {.QuadPart = -10000}, never = {.QuadPart = -3600LL * 10000000};
    assert_false(NdisSetTimerObject(timer, soon, 0, NULL));
    assert_true(NdisWaitEvent(&timer_test.fired, 10000));
    assert_ptr_equal(timer_test.context, &own); /* the default */
    assert_int_equal(timer_test.irql, DISPATCH_LEVEL);
    KeFlushQueuedDpcs();

    NdisResetEvent(&timer_test.fired);
    assert_false(NdisSetTimerObject(timer, soon, 0, &other));
    assert_true(NdisWaitEvent(&timer_test.fired, 10000));
    assert_ptr_equal(timer_test.context, &other);
    KeFlushQueuedDpcs();

    assert_false(NdisSetTimerObject(timer, never, 0, NULL));
    assert_true(NdisSetTimerObject(timer, never, 0, NULL)); /* it was set already */
    assert_true(NdisCancelTimerObject(timer));
    assert_false(NdisCancelTimerObject(timer));

    timer_test.count = 0;
    NdisResetEvent(&timer_test.fired);
    assert_false(NdisSetTimerObject(timer, soon, 1, (PVOID)&timer_test.count)); /* periodic */
    assert_true(NdisWaitEvent(&timer_test.fired, 10000));
    assert_true(NdisCancelTimerObject(timer));
    LONG count = timer_test.count;
    NdisMSleep(5000);
    assert_int_equal(timer_test.count, count); /* after the cancel it does not run any more */
    NdisFreeTimerObject(timer);
}

/* ---- work items ------------------------------------------------------------------------------------------------- */

struct work_test {
    NDIS_EVENT done;
    NDIS_HANDLE item;
    KIRQL irql;
    int runs;
    bool free_inside;
};

static VOID NTAPI do_work(PVOID WorkItemContext, NDIS_HANDLE NdisIoWorkItemHandle)
{
    struct work_test *test = WorkItemContext;
    assert_ptr_equal(test->item, NdisIoWorkItemHandle);
    test->irql = KeGetCurrentIrql();
    if (test->runs++ == 0) {
        /* It may be queued again from its routine; from there on the other run owns the test. */
        NdisQueueIoWorkItem(NdisIoWorkItemHandle, do_work, test);
        return;
    }
    if (test->free_inside)
        NdisFreeIoWorkItem(NdisIoWorkItemHandle);
    test->free_inside = true;
    NdisSetEvent(&test->done);
}

static void work_items(void **state)
{
    (void)state;
    size_t before = pool_bytes();
    struct work_test test = {.irql = 99};
    NdisInitializeEvent(&test.done);
    test.item = NdisAllocateIoWorkItem(NULL);
    assert_non_null(test.item);
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    NdisQueueIoWorkItem(test.item, do_work, &test);
    KeLowerIrql(irql);
    assert_true(NdisWaitEvent(&test.done, 10000));
    assert_int_equal(test.runs, 2);
    assert_int_equal(test.irql, PASSIVE_LEVEL);
    ex_flush_work_items();

    NdisResetEvent(&test.done);
    NdisQueueIoWorkItem(test.item, do_work, &test); /* frees itself now */
    assert_true(NdisWaitEvent(&test.done, 10000));
    ex_flush_work_items();
    assert_int_equal(pool_bytes(), before);
}

static VOID NTAPI do_legacy_work(struct _NDIS_WORK_ITEM *WorkItem, PVOID Context)
{
    (void)WorkItem;
    NdisSetEvent(Context);
}

static void legacy_work_items(void **state)
{
    (void)state;
    NDIS_EVENT done;
    static NDIS_WORK_ITEM item;
    NdisInitializeEvent(&done);
    NdisInitializeWorkItem(&item, do_legacy_work, &done);
    assert_int_equal(NdisScheduleWorkItem(&item), NDIS_STATUS_SUCCESS);
    assert_true(NdisWaitEvent(&done, 10000));
    ex_flush_work_items();
}

/* ---- the rest --------------------------------------------------------------------------------------------------- */

static void strings(void **state)
{
    (void)state;
    size_t before = pool_bytes();
    NDIS_STRING string, upper, constant = NDIS_STRING_CONST("*FlowControl");
    NdisInitializeString(&string, (PUCHAR) "*flowcontrol");
    assert_int_equal(string.Length, 24);
    assert_int_equal(string.MaximumLength, 26);
    assert_true((NdisEqualString)(&string, &constant, TRUE));
    assert_false((NdisEqualString)(&string, &constant, FALSE));
    WCHAR buffer[13];
    upper.Buffer = buffer;
    upper.Length = 0;
    upper.MaximumLength = sizeof(buffer);
    assert_int_equal((NdisUpcaseUnicodeString)(&upper, &string), NDIS_STATUS_SUCCESS);
    assert_int_equal(buffer[1], 'F');
    NdisFreeString(string);
    ANSI_STRING ansi;
    (NdisInitAnsiString)(&ansi, "abc");
    assert_int_equal((NdisAnsiStringToUnicodeString)(&upper, &ansi), NDIS_STATUS_SUCCESS);
    assert_int_equal(upper.Length, 6);
    assert_int_equal(pool_bytes(), before);
}

static void processors(void **state)
{
    (void)state;
    ULONG count = NdisGroupActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    assert_true(count >= 1);
    assert_int_equal(NdisSystemProcessorCount(), count);
    assert_int_equal(NdisActiveGroupCount(), 1);
    assert_true(NdisCurrentProcessorIndex() < count);

    SIZE_T size = 0;
    assert_int_equal(NdisGetRssProcessorInformation(NULL, NULL, &size), NDIS_STATUS_BUFFER_TOO_SHORT);
    assert_int_equal(size, sizeof(NDIS_RSS_PROCESSOR_INFO) + count * sizeof(NDIS_RSS_PROCESSOR));
    PNDIS_RSS_PROCESSOR_INFO rss = calloc(1, size);
    assert_int_equal(NdisGetRssProcessorInformation(NULL, rss, &size), NDIS_STATUS_SUCCESS);
    assert_int_equal(rss->RssProcessorCount, count);
    PNDIS_RSS_PROCESSOR last =
        (PNDIS_RSS_PROCESSOR)((PUCHAR)rss + rss->RssProcessorArrayOffset + (count - 1) * rss->RssProcessorEntrySize);
    assert_int_equal(last->ProcNum.Number, count - 1);
    free(rss);

    size = 0;
    assert_int_equal(NdisGetProcessorInformationEx(NULL, NULL, &size), NDIS_STATUS_BUFFER_TOO_SHORT);
    PNDIS_SYSTEM_PROCESSOR_INFO_EX system = calloc(1, size);
    assert_int_equal(NdisGetProcessorInformationEx(NULL, system, &size), NDIS_STATUS_SUCCESS);
    assert_int_equal(system->NumberOfProcessors, count);
    free(system);

    NDIS_HYPERVISOR_INFO hypervisor = {.Header = {NDIS_OBJECT_TYPE_DEFAULT, 1, 4}};
    assert_int_equal(NdisGetHypervisorInfo(&hypervisor), NDIS_STATUS_BUFFER_TOO_SHORT);
}

static char logged[512];

static void capture_log(const char *text)
{
    snprintf(logged, sizeof(logged), "%s", text);
}

static void error_log(void **state)
{
    (void)state;
    ke_set_debug_output(capture_log);
    NdisWriteErrorLogEntry(NULL, NDIS_ERROR_CODE_HARDWARE_FAILURE, 2, (ULONG)0x11, (ULONG)0x22);
    ke_set_debug_output(NULL);
    assert_non_null(strstr(logged, "0xC000138A (hardware failure) 0x11 0x22"));
}

static void routine_addresses(void **state)
{
    (void)state;
    NDIS_STRING known = NDIS_STRING_CONST("NdisAllocateRWLock"), unknown = NDIS_STRING_CONST("NdisFromTheFuture");
    assert_ptr_equal(NdisGetRoutineAddress(&known), NdisAllocateRWLock);
    assert_null(NdisGetRoutineAddress(&unknown));
}

static void hardware_is_absent(void **state)
{
    (void)state;
    NDIS_SG_DMA_DESCRIPTION dma = {.Header = {NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, NDIS_SG_DMA_DESCRIPTION_REVISION_1,
                                              NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1}};
    NDIS_HANDLE handle;
    assert_int_equal(NdisMRegisterScatterGatherDma(NULL, &dma, &handle), NDIS_STATUS_NOT_SUPPORTED);
    PVOID address = &handle;
    PHYSICAL_ADDRESS physical = {.QuadPart = 0x1000};
    NdisMAllocateSharedMemory(NULL, 4096, TRUE, &address, &physical);
    assert_null(address);
    assert_int_equal(NdisMMapIoSpace(&address, NULL, physical, 4096), NDIS_STATUS_RESOURCE_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory),
        cmocka_unit_test(spin_locks),
        cmocka_unit_test(rw_locks),
        cmocka_unit_test(rw_lock_states),
        cmocka_unit_test(events),
        cmocka_unit_test(sleep_and_clock),
        cmocka_unit_test(timers),
        cmocka_unit_test(work_items),
        cmocka_unit_test(legacy_work_items),
        cmocka_unit_test(strings),
        cmocka_unit_test(processors),
        cmocka_unit_test(error_log),
        cmocka_unit_test(routine_addresses),
        cmocka_unit_test(hardware_is_absent),
    };
    return cmocka_run_group_tests(tests, start_system, stop_system);
}

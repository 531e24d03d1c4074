/*
 * What a driver does wrong with the library is a bug check that says what and where.
 */
#include "tests/unit/ndis/library_test.h"
#include "tests/unit/ke/bugcheck_child.h"

static NDIS_HANDLE start_with_pool(void)
{
    start_system(NULL);
    return make_list_pool(TRUE, 16, 0);
}

static void free_pool_early(void)
{
    NDIS_HANDLE pool = start_with_pool();
    NdisAllocateNetBufferList(pool, 0, 0);
    NdisFreeNetBufferListPool(pool);
}

static void free_list_twice(void)
{
    PNET_BUFFER_LIST list = NdisAllocateNetBufferList(start_with_pool(), 0, 0);
    NdisFreeNetBufferList(list);
    NdisFreeNetBufferList(list);
}

static void free_list_pool_as_buffer_pool(void)
{
    NdisFreeNetBufferPool(start_with_pool());
}

static void free_too_much_context(void)
{
    PNET_BUFFER_LIST list = NdisAllocateNetBufferList(start_with_pool(), 16, 0);
    NdisFreeNetBufferListContext(list, 32);
}

static void free_preallocated_net_buffer(void)
{
    PNET_BUFFER_LIST list = NdisAllocateNetBufferList(start_with_pool(), 0, 0);
    NdisFreeNetBuffer(list->FirstNetBuffer);
}

static void pools(void **state)
{
    (void)state;
    expect_bugcheck(free_pool_early, "BUGCODE_NDIS_DRIVER", "1 structures of the pool are still allocated", NULL);
#ifndef NDIS_CACHE_POISON /* AddressSanitizer reports it itself, as a use after free */
    expect_bugcheck(free_list_twice, "freed twice", NULL);
#else
    (void)free_list_twice;
#endif
    expect_bugcheck(free_list_pool_as_buffer_pool, "not the handle of a pool of that kind", NULL);
    expect_bugcheck(free_too_much_context, "only 16 in use", NULL);
    expect_bugcheck(free_preallocated_net_buffer, "not the handle of a pool of the right kind", NULL);
}

static UCHAR eight_bytes[8];

static void advance_past_the_end(void)
{
    start_system(NULL);
    PMDL mdl = NdisAllocateMdl(NULL, eight_bytes, sizeof(eight_bytes));
    PNET_BUFFER buffer = NdisAllocateNetBuffer(make_buffer_pool(0), mdl, 0, sizeof(eight_bytes));
    NdisAdvanceNetBufferDataStart(buffer, 9, FALSE, NULL);
}

static PMDL NTAPI allocate_too_little(PULONG BufferSize)
{
    (void)BufferSize;
    return NdisAllocateMdl(NULL, eight_bytes, sizeof(eight_bytes));
}

static void retreat_into_a_short_mdl(void)
{
    start_system(NULL);
    PNET_BUFFER buffer = NdisAllocateNetBuffer(make_buffer_pool(0), NULL, 0, 0);
    NdisRetreatNetBufferDataStart(buffer, 14, 0, allocate_too_little);
}

static void data(void **state)
{
    (void)state;
    expect_bugcheck(advance_past_the_end, "cannot advance by 9", NULL);
    expect_bugcheck(retreat_into_a_short_mdl, "an MDL of 8 bytes where 14 were asked for", NULL);
}

static void release_twice(void)
{
    LOCK_STATE_EX state;
    start_system(NULL);
    PNDIS_RW_LOCK_EX lock = NdisAllocateRWLock(NULL);
    NdisAcquireRWLockWrite(lock, &state, 0);
    NdisReleaseRWLock(lock, &state);
    NdisReleaseRWLock(lock, &state);
}

static void wait_at_dispatch(void)
{
    NDIS_EVENT event;
    KIRQL irql;
    start_system(NULL);
    NdisInitializeEvent(&event);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    NdisWaitEvent(&event, 1);
}

static VOID NTAPI on_timer(PVOID SystemSpecific1, PVOID FunctionContext, PVOID SystemSpecific2, PVOID SystemSpecific3)
{
    (void)SystemSpecific1;
    (void)FunctionContext;
    (void)SystemSpecific2;
    (void)SystemSpecific3;
}

static void free_set_timer(void)
{
    NDIS_TIMER_CHARACTERISTICS characteristics = {
        .Header = {NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS, NDIS_TIMER_CHARACTERISTICS_REVISION_1,
                   NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1},
        .AllocationTag = TAG,
        .TimerFunction = on_timer,
    };
    LARGE_INTEGER never = {.QuadPart = -3600LL * 10000000};
    NDIS_HANDLE timer;
    start_system(NULL);
    NdisAllocateTimerObject(NULL, &characteristics, &timer);
    NdisSetTimerObject(timer, never, 0, NULL);
    NdisFreeTimerObject(timer);
}

static void close_configuration_twice(void)
{
    start_system(NULL);
    NdisCloseConfiguration(eight_bytes);
}

static void services(void **state)
{
    (void)state;
    expect_bugcheck(release_twice, "not one of a lock that is held", NULL);
    expect_bugcheck(wait_at_dispatch, "NdisWaitEvent was called at IRQL 2", NULL);
    expect_bugcheck(free_set_timer, "the timer is still set", NULL);
    expect_bugcheck(close_configuration_twice, "not an open configuration handle", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools),
        cmocka_unit_test(data),
        cmocka_unit_test(services),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Pools of NET_BUFFER_LISTs and NET_BUFFERs: parameters, what a new structure looks like, contexts, misuse, and the
 * magazines behind them.
 */
#include <pthread.h>
#include "tests/unit/ndis/library_test.h"

static void pool_parameters_are_checked(void **state)
{
    (void)state;
    NET_BUFFER_LIST_POOL_PARAMETERS good = list_pool_parameters(TRUE, 16, 0), bad;
    NDIS_HANDLE pool = NdisAllocateNetBufferListPool(NULL, &good);
    assert_non_null(pool);
    NdisFreeNetBufferListPool(pool);

    bad = good;
    bad.Header.Type = NDIS_OBJECT_TYPE_OFFLOAD;
    assert_null(NdisAllocateNetBufferListPool(NULL, &bad));
    bad = good;
    bad.Header.Revision = 0;
    assert_null(NdisAllocateNetBufferListPool(NULL, &bad));
    bad = good;
    bad.Header.Size--;
    assert_null(NdisAllocateNetBufferListPool(NULL, &bad));
    bad = good;
    bad.ContextSize = 8; /* not a multiple of MEMORY_ALLOCATION_ALIGNMENT */
    assert_null(NdisAllocateNetBufferListPool(NULL, &bad));
    bad = list_pool_parameters(FALSE, 0, 1514); /* data without NET_BUFFER */
    assert_null(NdisAllocateNetBufferListPool(NULL, &bad));

    NET_BUFFER_POOL_PARAMETERS buffers = buffer_pool_parameters(0);
    buffers.Header.Size--;
    assert_null(NdisAllocateNetBufferPool(NULL, &buffers));
}

static void new_list_is_clear(void **state)
{
    (void)state;
    NDIS_HANDLE pool = make_list_pool(FALSE, 0, 0);
    PNET_BUFFER_LIST list = NdisAllocateNetBufferList(pool, 0, 0);
    assert_non_null(list);
    assert_int_equal((uintptr_t)list % 16, 0);
    for (int round = 0; round < 2; round++) {
        assert_null(list->Next);
        assert_null(list->FirstNetBuffer);
        assert_null(list->ParentNetBufferList);
        assert_ptr_equal(NdisGetPoolFromNetBufferList(list), pool);
        assert_null(list->NdisReserved[0]);
        assert_null(list->ProtocolReserved[3]);
        assert_null(list->MiniportReserved[1]);
        assert_null(list->Scratch);
        assert_null(list->SourceHandle);
        assert_int_equal(list->NblFlags, 0);
        assert_int_equal(list->ChildRefCount, 0);
        assert_int_equal(list->Flags, 0);
        assert_int_equal(list->Status, 0);
        for (int i = 0; i < MaxNetBufferListInfo; i++)
            assert_null(list->NetBufferListInfo[i]);
        /* The next one from the pool is this one, dirty: it must come back clear. */
        memset(&list->NdisReserved, 0xAA, sizeof(*list) - offsetof(NET_BUFFER_LIST, NdisReserved));
        list->Next = list;
        NdisFreeNetBufferList(list);
        PNET_BUFFER_LIST again = NdisAllocateNetBufferList(pool, 0, 0);
        assert_ptr_equal(again, list);
    }
    NdisFreeNetBufferList(list);
    NdisFreeNetBufferListPool(pool);
}

static void list_with_net_buffer(void **state)
{
    (void)state;
    struct chain chain;
    static const unsigned lengths[] = {14, 50};
    PMDL mdl = make_chain(&chain, lengths, 2);
    NDIS_HANDLE pool = make_list_pool(TRUE, 0, 0);
    PNET_BUFFER_LIST list = NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, mdl, 14, 50);
    PNET_BUFFER buffer = list->FirstNetBuffer;
    assert_non_null(buffer);
    assert_null(buffer->Next);
    assert_ptr_equal(buffer->MdlChain, mdl);
    assert_ptr_equal(buffer->CurrentMdl, chain.mdls[1]);
    assert_int_equal(buffer->CurrentMdlOffset, 0);
    assert_data(buffer, 14, 50);
    NdisFreeNetBufferList(list);

    list = NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, NULL, 0, 0);
    assert_null(list->FirstNetBuffer->MdlChain);
    assert_null(list->FirstNetBuffer->CurrentMdl);
    NdisFreeNetBufferList(list);
    NdisFreeNetBufferListPool(pool);

    pool = make_list_pool(FALSE, 0, 0);
    assert_null(NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, mdl, 0, 64));
    NdisFreeNetBufferListPool(pool);
    free_chain(&chain);
}

/* DataSize bytes of unused space: a retreat makes them data without allocating. */
static void list_with_data(void **state)
{
    (void)state;
    NDIS_HANDLE pool = make_list_pool(TRUE, 0, 5000);
    for (int round = 0; round < 2; round++) {
        PNET_BUFFER_LIST list = NdisAllocateNetBufferList(pool, 0, 0);
        PNET_BUFFER buffer = list->FirstNetBuffer;
        PMDL mdl = buffer->MdlChain;
        assert_int_equal(MmGetMdlByteCount(mdl), 5000);
        assert_null(mdl->Next);
        assert_int_equal(buffer->DataLength, 0);
        assert_int_equal(buffer->DataOffset, 5000);
        assert_int_equal(NdisRetreatNetBufferDataStart(buffer, 4999, 0, NULL), NDIS_STATUS_SUCCESS);
        assert_ptr_equal(buffer->MdlChain, mdl);
        memset(NdisGetDataBuffer(buffer, 4999, NULL, 1, 0), 0x5A, 4999);
        NdisAdjustMdlLength(mdl, 100); /* a driver may; the next owner must not see it */
        NdisFreeNetBufferList(list);
    }
    NdisFreeNetBufferListPool(pool);

    pool = make_buffer_pool(256);
    PNET_BUFFER buffer = NdisAllocateNetBufferMdlAndData(pool);
    assert_int_equal(NdisRetreatNetBufferDataStart(buffer, 256, 0, NULL), NDIS_STATUS_SUCCESS);
    assert_non_null(NdisGetDataBuffer(buffer, 256, NULL, 1, 0));
    NdisFreeNetBuffer(buffer);
    NdisFreeNetBufferPool(pool);

    pool = make_buffer_pool(0);
    assert_null(NdisAllocateNetBufferMdlAndData(pool));
    NdisFreeNetBufferPool(pool);
}

static void contexts_are_a_stack(void **state)
{
    (void)state;
    NDIS_HANDLE pool = make_list_pool(FALSE, 32, 0);
    size_t before = pool_bytes();
    PNET_BUFFER_LIST list = NdisAllocateNetBufferList(pool, 32, 0);
    before = pool_bytes();
    PUCHAR own = NET_BUFFER_LIST_CONTEXT_DATA_START(list);
    assert_int_equal((uintptr_t)own % sizeof(PVOID), 0);
    memset(own, 1, 32);

    assert_int_equal(NdisAllocateNetBufferListContext(list, 16, 0, TAG), NDIS_STATUS_SUCCESS);
    assert_ptr_equal(NET_BUFFER_LIST_CONTEXT_DATA_START(list), own - 16);
    assert_int_equal(pool_bytes(), before); /* there was room */
    memset(NET_BUFFER_LIST_CONTEXT_DATA_START(list), 2, 16);

    assert_int_equal(NdisAllocateNetBufferListContext(list, 1024, 64, TAG), NDIS_STATUS_SUCCESS);
    assert_true(pool_bytes() > before);
    PUCHAR wide = NET_BUFFER_LIST_CONTEXT_DATA_START(list);
    memset(wide, 3, 1024);
    assert_int_equal(NET_BUFFER_LIST_CONTEXT_DATA_SIZE(list), 1024 + 64);
    assert_int_equal(NdisAllocateNetBufferListContext(list, 64, 0, TAG), NDIS_STATUS_SUCCESS); /* from the backfill */
    assert_ptr_equal(NET_BUFFER_LIST_CONTEXT_DATA_START(list), wide - 64);
    NdisFreeNetBufferListContext(list, 64);
    NdisFreeNetBufferListContext(list, 1024);
    assert_int_equal(pool_bytes(), before);

    assert_ptr_equal(NET_BUFFER_LIST_CONTEXT_DATA_START(list), own - 16);
    assert_int_equal(own[-1], 2);
    assert_int_equal(own[31], 1);
    NdisFreeNetBufferListContext(list, 16);
    assert_ptr_equal(NET_BUFFER_LIST_CONTEXT_DATA_START(list), own);

    assert_int_equal(NdisAllocateNetBufferListContext(list, 12, 0, TAG), NDIS_STATUS_FAILURE);
    NdisFreeNetBufferList(list);

    /* More than the pool's space: a context of its own, freed with the list. */
    list = NdisAllocateNetBufferList(pool, 4096, 16);
    memset(NET_BUFFER_LIST_CONTEXT_DATA_START(list), 4, 4096);
    NdisFreeNetBufferList(list);
    assert_int_equal(pool_bytes(), before);
    NdisFreeNetBufferListPool(pool);
}

static void information_is_copied(void **state)
{
    (void)state;
    NDIS_HANDLE pool = make_list_pool(FALSE, 0, 0);
    PNET_BUFFER_LIST from = NdisAllocateNetBufferList(pool, 0, 0), to = NdisAllocateNetBufferList(pool, 0, 0);
    for (int i = 0; i < MaxNetBufferListInfo; i++)
        from->NetBufferListInfo[i] = (PVOID)(uintptr_t)(0x1000 + i);
    NdisCopySendNetBufferListInfo(to, from);
    assert_ptr_equal(NET_BUFFER_LIST_INFO(to, TcpIpChecksumNetBufferListInfo), (PVOID)0x1000);
    assert_ptr_equal(NET_BUFFER_LIST_INFO(to, TcpLargeSendNetBufferListInfo), (PVOID)0x1002);
    assert_ptr_equal(NET_BUFFER_LIST_INFO(to, Ieee8021QNetBufferListInfo), (PVOID)0x1004);
    assert_ptr_equal(NET_BUFFER_LIST_INFO(to, NetBufferListCancelId), (PVOID)0x1005);
    assert_ptr_equal(NET_BUFFER_LIST_INFO(to, NetBufferListProtocolId), (PVOID)0x1007);
    assert_null(NET_BUFFER_LIST_INFO(to, ClassificationHandleNetBufferListInfo));
    NdisFreeNetBufferList(to);
    to = NdisAllocateNetBufferList(pool, 0, 0);
    NdisCopyReceiveNetBufferListInfo(to, from);
    assert_ptr_equal(NET_BUFFER_LIST_INFO(to, NetBufferListFrameType), (PVOID)0x1007);
    assert_ptr_equal(NET_BUFFER_LIST_INFO(to, NetBufferListHashValue), (PVOID)0x1008);
    assert_null(NET_BUFFER_LIST_INFO(to, NetBufferListCancelId));
    NdisFreeNetBufferList(to);
    NdisFreeNetBufferList(from);
    NdisFreeNetBufferListPool(pool);
}

static void protocol_id(void **state)
{
    (void)state;
    NET_BUFFER_LIST_POOL_PARAMETERS parameters = list_pool_parameters(FALSE, 0, 0);
    parameters.ProtocolId = NDIS_PROTOCOL_ID_TCP_IP;
    NDIS_HANDLE pool = NdisAllocateNetBufferListPool(NULL, &parameters);
    PNET_BUFFER_LIST list = NdisAllocateNetBufferList(pool, 0, 0);
    assert_int_equal(NdisGetNetBufferListProtocolId(list), NDIS_PROTOCOL_ID_TCP_IP);
    NdisSetNetBufferListProtocolId(list, NDIS_PROTOCOL_ID_IPX);
    assert_int_equal(NdisGetNetBufferListProtocolId(list), NDIS_PROTOCOL_ID_IPX);
    NdisFreeNetBufferList(list);
    NdisFreeNetBufferListPool(pool);
}

static void pools_are_found_by_caller(void **state)
{
    (void)state;
    char text[128];
    extern char __executable_start, etext;
    assert_int_equal(ndis_library_find_pools((void *)1, 1, text, sizeof(text)), 0);
    size_t before =
        ndis_library_find_pools(&__executable_start, (size_t)(&etext - &__executable_start), text, sizeof(text));
    NDIS_HANDLE pool = make_list_pool(FALSE, 0, 0);
    assert_int_equal(
        ndis_library_find_pools(&__executable_start, (size_t)(&etext - &__executable_start), text, sizeof(text)),
        before + 1);
    NdisFreeNetBufferListPool(pool);
}

/* ---- magazines -------------------------------------------------------------------------------------------------- */

#define MANY 1000

static void many_objects_are_distinct(void **state)
{
    (void)state;
    static PNET_BUFFER_LIST lists[MANY];
    size_t before = pool_bytes();
    NDIS_HANDLE pool = make_list_pool(TRUE, 0, 0);
    for (int round = 0; round < 3; round++) {
        for (uintptr_t i = 0; i < MANY; i++) {
            lists[i] = NdisAllocateNetBufferList(pool, 0, 0);
            assert_non_null(lists[i]);
            lists[i]->Scratch = (PVOID)i;
        }
        for (uintptr_t i = 0; i < MANY; i++)
            assert_ptr_equal(lists[i]->Scratch, (PVOID)i);
        for (unsigned i = 0; i < MANY; i++)
            NdisFreeNetBufferList(lists[(i * 7) % MANY]);
    }
    NdisFreeNetBufferListPool(pool);
    assert_int_equal(pool_bytes(), before);
}

struct pass {
    NDIS_HANDLE pool;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    PNET_BUFFER_LIST head;
    unsigned queued;
    bool done;
};

/* Frees what the main thread allocates, and then ends with objects in its magazine. */
static void *consume(void *context)
{
    struct pass *pass = context;
    for (;;) {
        pthread_mutex_lock(&pass->lock);
        while (!pass->head && !pass->done)
            pthread_cond_wait(&pass->changed, &pass->lock);
        PNET_BUFFER_LIST list = pass->head;
        pass->head = NULL;
        pass->queued = 0;
        pthread_cond_broadcast(&pass->changed);
        pthread_mutex_unlock(&pass->lock);
        if (!list)
            break;
        while (list) {
            PNET_BUFFER_LIST next = list->Next;
            NdisFreeNetBufferList(list);
            list = next;
        }
    }
    ke_detach_thread();
    return NULL;
}

static void objects_travel_between_threads(void **state)
{
    (void)state;
    size_t before = pool_bytes();
    struct pass pass = {
        .pool = make_list_pool(TRUE, 0, 0), .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, consume, &pass), 0);
    for (int i = 0; i < 20000; i++) {
        PNET_BUFFER_LIST list = NdisAllocateNetBufferList(pass.pool, 0, 0);
        assert_non_null(list);
        pthread_mutex_lock(&pass.lock);
        while (pass.queued >= 300)
            pthread_cond_wait(&pass.changed, &pass.lock);
        list->Next = pass.head;
        pass.head = list;
        pass.queued++;
        pthread_cond_broadcast(&pass.changed);
        pthread_mutex_unlock(&pass.lock);
    }
    pthread_mutex_lock(&pass.lock);
    pass.done = true;
    pthread_cond_broadcast(&pass.changed);
    pthread_mutex_unlock(&pass.lock);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    NdisFreeNetBufferListPool(pass.pool); /* a bug check if one were lost */
    assert_int_equal(pool_bytes(), before);
}

/* Pools come and go: a thread's magazine for the old one must not serve the new one. */
static void pool_indices_are_reused(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        NDIS_HANDLE first = make_list_pool(FALSE, 0, 0), second = make_buffer_pool(64);
        PNET_BUFFER_LIST list = NdisAllocateNetBufferList(first, 0, 0);
        PNET_BUFFER buffer = NdisAllocateNetBufferMdlAndData(second);
        assert_ptr_equal(list->NdisPoolHandle, first);
        assert_ptr_equal(buffer->NdisPoolHandle, second);
        NdisFreeNetBufferList(list);
        NdisFreeNetBuffer(buffer);
        NdisFreeNetBufferListPool(first);
        NdisFreeNetBufferPool(second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_parameters_are_checked),
        cmocka_unit_test(new_list_is_clear),
        cmocka_unit_test(list_with_net_buffer),
        cmocka_unit_test(list_with_data),
        cmocka_unit_test(contexts_are_a_stack),
        cmocka_unit_test(information_is_copied),
        cmocka_unit_test(protocol_id),

        cmocka_unit_test(pools_are_found_by_caller),
        cmocka_unit_test(many_objects_are_distinct),
        cmocka_unit_test(objects_travel_between_threads),
        cmocka_unit_test(pool_indices_are_reused),
    };
    return cmocka_run_group_tests(tests, start_system, stop_system);
}

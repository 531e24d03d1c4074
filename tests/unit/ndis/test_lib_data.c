/*
 * Moving the start of a NET_BUFFER's data and reading it: every offset of chained MDLs, retreat and advance over their
 * edges, alignment, copying between chains of different shape, and derived lists.
 */
#include "tests/unit/ndis/library_test.h"

static NDIS_HANDLE buffers, lists;

static PNET_BUFFER make_buffer(PMDL chain, ULONG offset, ULONG length)
{
    PNET_BUFFER buffer = NdisAllocateNetBuffer(buffers, chain, offset, length);
    assert_non_null(buffer);
    return buffer;
}

static void current_mdl_at_every_offset(void **state)
{
    (void)state;
    static const unsigned lengths[] = {5, 0, 1, 7};
    struct chain chain;
    PMDL mdl = make_chain(&chain, lengths, 4);
    for (ULONG offset = 0; offset <= 13; offset++) {
        PNET_BUFFER buffer = make_buffer(mdl, offset, 13 - offset);
        assert_data(buffer, (UCHAR)offset, 13 - offset);
        buffer->CurrentMdl = NULL;
        buffer->CurrentMdlOffset = 99;
        NdisAdjustNetBufferCurrentMdl(buffer);
        assert_data(buffer, (UCHAR)offset, 13 - offset);
        if (offset < 13) /* the current MDL holds the first byte, not the end of the one before */
            assert_true(buffer->CurrentMdlOffset < buffer->CurrentMdl->ByteCount);
        NdisFreeNetBuffer(buffer);
    }
    free_chain(&chain);
}

static void advance_and_retreat_over_edges(void **state)
{
    (void)state;
    static const unsigned lengths[] = {3, 4, 0, 6};
    struct chain chain;
    PMDL mdl = make_chain(&chain, lengths, 4);
    for (ULONG start = 0; start <= 13; start++) {
        for (ULONG delta = 0; start + delta <= 13; delta++) {
            PNET_BUFFER buffer = make_buffer(mdl, start, 13 - start);
            NdisAdvanceNetBufferDataStart(buffer, delta, TRUE, NULL);
            assert_int_equal(buffer->DataOffset, start + delta);
            assert_data(buffer, (UCHAR)(start + delta), 13 - start - delta);
            assert_ptr_equal(buffer->MdlChain, mdl); /* nothing to free: the MDLs are the owner's */
            assert_int_equal(NdisRetreatNetBufferDataStart(buffer, delta, 0, NULL), NDIS_STATUS_SUCCESS);
            assert_int_equal(buffer->DataOffset, start);
            assert_data(buffer, (UCHAR)start, 13 - start);
            NdisFreeNetBuffer(buffer);
        }
    }
    free_chain(&chain);
}

/* The new MDL holds what is missing, and the unused space of the old chain becomes data behind it. */
static void retreat_allocates(void **state)
{
    (void)state;
    static const unsigned lengths[] = {4, 10};
    struct chain chain;
    PMDL mdl = make_chain(&chain, lengths, 2);
    for (ULONG offset = 0; offset <= 6; offset++) {
        for (ULONG backfill = 0; backfill <= 20; backfill += 20) {
            size_t before = pool_bytes();
            PNET_BUFFER buffer = make_buffer(mdl, offset, 14 - offset);
            assert_int_equal(NdisRetreatNetBufferDataStart(buffer, 10, backfill, NULL), NDIS_STATUS_SUCCESS);
            assert_ptr_not_equal(buffer->MdlChain, mdl);
            assert_ptr_equal(buffer->MdlChain->Next, mdl);
            assert_int_equal(buffer->DataOffset, backfill);
            assert_int_equal(buffer->MdlChain->ByteCount, 10 - offset + backfill);
            UCHAR data[24];
            assert_ptr_equal(NdisGetDataBuffer(buffer, 24 - offset, data, 1, 0), data);
            for (ULONG i = 0; i < 14; i++) /* the old chain from its very start */
                assert_int_equal(data[10 - offset + i], i);
            if (backfill) { /* the next retreat finds room */
                assert_int_equal(NdisRetreatNetBufferDataStart(buffer, 20, 0, NULL), NDIS_STATUS_SUCCESS);
                assert_int_equal(buffer->DataOffset, 0);
                NdisAdvanceNetBufferDataStart(buffer, 20, TRUE, NULL);
            }
            NdisAdvanceNetBufferDataStart(buffer, 10, TRUE, NULL);
            assert_ptr_equal(buffer->MdlChain, mdl);
            assert_int_equal(buffer->DataOffset, offset);
            assert_data(buffer, (UCHAR)offset, 14 - offset);
            NdisFreeNetBuffer(buffer);
            assert_int_equal(pool_bytes(), before);
        }
    }
    free_chain(&chain);
}

/* Without FreeMdl the MDL stays as unused space, and the next retreat uses it again. */
static void advance_keeps_mdl(void **state)
{
    (void)state;
    static const unsigned lengths[] = {10};
    struct chain chain;
    PMDL mdl = make_chain(&chain, lengths, 1);
    PNET_BUFFER buffer = make_buffer(mdl, 0, 10);
    assert_int_equal(NdisRetreatNetBufferDataStart(buffer, 6, 0, NULL), NDIS_STATUS_SUCCESS);
    PMDL header = buffer->MdlChain;
    NdisAdvanceNetBufferDataStart(buffer, 6, FALSE, NULL);
    assert_ptr_equal(buffer->MdlChain, header);
    assert_int_equal(buffer->DataOffset, 6);
    assert_ptr_equal(buffer->CurrentMdl, mdl);
    assert_int_equal(NdisRetreatNetBufferDataStart(buffer, 6, 0, NULL), NDIS_STATUS_SUCCESS);
    assert_ptr_equal(buffer->MdlChain, header);
    assert_int_equal(NdisRetreatNetBufferDataStart(buffer, 2, 0, NULL),
                     NDIS_STATUS_SUCCESS); /* a second one in front */
    assert_ptr_equal(buffer->MdlChain->Next, header);
    NdisAdvanceNetBufferDataStart(buffer, 5, TRUE, NULL); /* frees the second; the first still holds data */
    assert_ptr_equal(buffer->MdlChain, header);
    assert_int_equal(buffer->DataOffset, 3);
    NdisAdvanceNetBufferDataStart(buffer, 3, TRUE, NULL);
    assert_ptr_equal(buffer->MdlChain, mdl);
    assert_data(buffer, 0, 10);
    NdisFreeNetBuffer(buffer);
    free_chain(&chain);
}

static unsigned allocated, freed, fail_after;
static ULONG last_size;

static PMDL NTAPI allocate_mdl(PULONG BufferSize)
{
    last_size = *BufferSize;
    if (fail_after && allocated == fail_after)
        return NULL;
    *BufferSize += 100; /* more than asked for is allowed */
    PVOID memory = ExAllocatePoolWithTag(NonPagedPool, *BufferSize, TAG);
    allocated++;
    return NdisAllocateMdl(NULL, memory, *BufferSize);
}

static VOID NTAPI free_mdl(PMDL Mdl)
{
    PVOID memory = MmGetMdlVirtualAddress(Mdl);
    assert_null(Mdl->Next);
    NdisFreeMdl(Mdl);
    ExFreePoolWithTag(memory, TAG);
    freed++;
}

static void driver_allocates_mdl(void **state)
{
    (void)state;
    static const unsigned lengths[] = {8};
    struct chain chain;
    PMDL mdl = make_chain(&chain, lengths, 1);
    PNET_BUFFER buffer = make_buffer(mdl, 2, 6);
    allocated = freed = fail_after = 0;
    assert_int_equal(NdisRetreatNetBufferDataStart(buffer, 12, 30, allocate_mdl), NDIS_STATUS_SUCCESS);
    assert_int_equal(allocated, 1);
    assert_int_equal(last_size, 40);
    assert_int_equal(buffer->DataOffset, 130); /* all that is in excess is unused space */
    assert_int_equal(buffer->DataLength, 18);
    NdisAdvanceNetBufferDataStart(buffer, 12, TRUE, free_mdl);
    assert_int_equal(freed, 1);
    assert_data(buffer, 2, 6);
    NdisFreeNetBuffer(buffer);
    free_chain(&chain);
}

/* Three frames; the third's MDL cannot be allocated, and the first two are as before. */
static void list_retreat_is_all_or_nothing(void **state)
{
    (void)state;
    static const unsigned lengths[] = {8};
    struct chain chains[3];
    PNET_BUFFER_LIST list = NdisAllocateNetBufferList(lists, 0, 0);
    for (int i = 2; i >= 0; i--) {
        PNET_BUFFER buffer = make_buffer(make_chain(&chains[i], lengths, 1), 1, 7);
        buffer->Next = list->FirstNetBuffer;
        list->FirstNetBuffer = buffer;
    }
    allocated = freed = 0;
    fail_after = 2;
    assert_int_equal(NdisRetreatNetBufferListDataStart(list, 4, 0, allocate_mdl, free_mdl), NDIS_STATUS_RESOURCES);
    assert_int_equal(freed, 2);
    for (PNET_BUFFER buffer = list->FirstNetBuffer; buffer; buffer = buffer->Next)
        assert_data(buffer, 1, 7);
    fail_after = 0;
    assert_int_equal(NdisRetreatNetBufferListDataStart(list, 4, 0, allocate_mdl, free_mdl), NDIS_STATUS_SUCCESS);
    for (PNET_BUFFER buffer = list->FirstNetBuffer; buffer; buffer = buffer->Next)
        assert_int_equal(buffer->DataLength, 11);
    NdisAdvanceNetBufferListDataStart(list, 4, TRUE, free_mdl);
    assert_int_equal(freed, allocated);
    PNET_BUFFER next;
    for (PNET_BUFFER buffer = list->FirstNetBuffer; buffer; buffer = next) {
        next = buffer->Next;
        assert_data(buffer, 1, 7);
        NdisFreeNetBuffer(buffer);
    }
    for (int i = 0; i < 3; i++)
        free_chain(&chains[i]);
    NdisFreeNetBufferList(list);
}

static void data_buffer(void **state)
{
    (void)state;
    static const unsigned lengths[] = {6, 10};
    struct chain chain;
    UCHAR storage[32];
    PNET_BUFFER buffer = make_buffer(make_chain(&chain, lengths, 2), 2, 12);
    assert_ptr_equal(NdisGetDataBuffer(buffer, 4, NULL, 1, 0), chain.memory + 2); /* in one piece: in place */
    assert_ptr_equal(NdisGetDataBuffer(buffer, 4, storage, 1, 0), chain.memory + 2);
    assert_null(NdisGetDataBuffer(buffer, 5, NULL, 1, 0)); /* over the edge, nowhere to copy */
    assert_ptr_equal(NdisGetDataBuffer(buffer, 5, storage, 1, 0), storage);
    assert_int_equal(storage[4], 6);
    assert_ptr_equal(NdisGetDataBuffer(buffer, 12, storage, 1, 0), storage);
    assert_null(NdisGetDataBuffer(buffer, 13, storage, 1, 0)); /* more than there is, though the MDLs have it */
    assert_non_null(NdisGetDataBuffer(buffer, 0, NULL, 1, 0));

    /* Alignment: the address must be n * 8 + offset. */
    UINT misalignment = (UINT)((uintptr_t)(chain.memory + 2) % 8);
    assert_ptr_equal(NdisGetDataBuffer(buffer, 4, NULL, 8, misalignment), chain.memory + 2);
    assert_null(NdisGetDataBuffer(buffer, 4, NULL, 8, (misalignment + 1) % 8));
    assert_ptr_equal(NdisGetDataBuffer(buffer, 4, storage, 8, (misalignment + 1) % 8), storage);
    NdisFreeNetBuffer(buffer);

    buffer = make_buffer(NULL, 0, 0);
    assert_null(NdisGetDataBuffer(buffer, 1, storage, 1, 0));
    NdisFreeNetBuffer(buffer);
    free_chain(&chain);
}

static void copy_between_chains(void **state)
{
    (void)state;
    static const unsigned from_lengths[] = {3, 9, 0, 20}, to_lengths[] = {10, 2, 5};
    struct chain from_chain, to_chain;
    PNET_BUFFER from = make_buffer(make_chain(&from_chain, from_lengths, 4), 1, 30);
    for (ULONG to_offset = 0; to_offset <= 16; to_offset++) {
        for (ULONG from_offset = 0; from_offset <= 31; from_offset++) {
            PNET_BUFFER to = make_buffer(make_chain(&to_chain, to_lengths, 3), 1, 0);
            ULONG copied = 99, expected = ndis_min(from_offset < 30 ? 30 - from_offset : 0, 16 - to_offset);
            assert_int_equal(NdisCopyFromNetBufferToNetBuffer(to, to_offset, 40, from, from_offset, &copied),
                             NDIS_STATUS_SUCCESS);
            assert_int_equal(copied, expected);
            NdisRetreatNetBufferDataStart(to, 1, 0, NULL);
            to->DataLength = 17;
            UCHAR data[17];
            memcpy(data, NdisGetDataBuffer(to, 17, data, 1, 0), 17);
            for (ULONG i = 0; i < 17; i++) {
                bool inside = i >= 1 + to_offset && i < 1 + to_offset + copied;
                assert_int_equal(data[i], inside ? 1 + from_offset + (i - 1 - to_offset) : i);
            }
            NdisFreeNetBuffer(to);
            free_chain(&to_chain);
        }
    }
    NdisFreeNetBuffer(from);
    free_chain(&from_chain);
}

static void physical_count(void **state)
{
    (void)state;
    UCHAR *pages = ExAllocatePoolWithTag(NonPagedPool, 3 * PAGE_SIZE, TAG);
    assert_int_equal((uintptr_t)pages % PAGE_SIZE, 0);
    PMDL first = NdisAllocateMdl(NULL, pages, 2 * PAGE_SIZE),
         second = NdisAllocateMdl(NULL, pages + 2 * PAGE_SIZE, 100);
    first->Next = second;
    PNET_BUFFER buffer = make_buffer(first, 0, 2 * PAGE_SIZE + 100);
    assert_int_equal(NdisQueryNetBufferPhysicalCount(buffer), 3);
    NdisAdvanceNetBufferDataStart(buffer, PAGE_SIZE, FALSE, NULL);
    assert_int_equal(NdisQueryNetBufferPhysicalCount(buffer), 2);
    NdisAdvanceNetBufferDataStart(buffer, PAGE_SIZE + 99, FALSE, NULL);
    assert_int_equal(NdisQueryNetBufferPhysicalCount(buffer), 1);
    NdisFreeNetBuffer(buffer);
    NdisFreeMdl(first);
    NdisFreeMdl(second);
    ExFreePoolWithTag(pages, TAG);
}

static void mdl_macros(void **state)
{
    (void)state;
    UCHAR memory[100];
    PMDL mdl = NdisAllocateMdl(NULL, memory, sizeof(memory)), next = mdl;
    PVOID address;
    UINT length;
    NdisQueryMdl(mdl, &address, &length, NormalPagePriority);
    assert_ptr_equal(address, memory);
    assert_int_equal(length, 100);
    NdisAdjustMdlLength(mdl, 60);
    NdisQueryMdl(mdl, NULL, &length, NormalPagePriority);
    assert_int_equal(length, 60);
    NdisGetNextMdl(mdl, &next);
    assert_null(next);
    assert_null(NDIS_MDL_LINKAGE(mdl));
    NdisFreeMdl(mdl);
}

/* ---- derived lists ---------------------------------------------------------------------------------------------- */

struct original {
    PNET_BUFFER_LIST list;
    struct chain chains[2];
};

/* Two frames: bytes 2..12 of 3+10, and bytes 1..6 of 7. */
static void make_original(struct original *original)
{
    static const unsigned first[] = {3, 10}, second[] = {7};
    original->list = NdisAllocateNetBufferList(lists, 0, 0);
    original->list->FirstNetBuffer = make_buffer(make_chain(&original->chains[0], first, 2), 2, 11);
    original->list->FirstNetBuffer->Next = make_buffer(make_chain(&original->chains[1], second, 1), 1, 6);
}

static void free_original(struct original *original)
{
    assert_data(original->list->FirstNetBuffer, 2, 11);
    assert_data(original->list->FirstNetBuffer->Next, 1, 6);
    NdisFreeNetBuffer(original->list->FirstNetBuffer->Next);
    NdisFreeNetBuffer(original->list->FirstNetBuffer);
    NdisFreeNetBufferList(original->list);
    free_chain(&original->chains[0]);
    free_chain(&original->chains[1]);
}

static void clone_with_new_mdls(void **state)
{
    (void)state;
    struct original original;
    make_original(&original);
    NDIS_HANDLE pools[][2] = {{NULL, NULL}, {lists, NULL}, {NULL, buffers}, {lists, buffers}};
    for (unsigned i = 0; i < 4; i++) {
        PNET_BUFFER_LIST clone = NdisAllocateCloneNetBufferList(original.list, pools[i][0], pools[i][1], 0);
        assert_ptr_equal(clone->ParentNetBufferList, original.list);
        assert_null(clone->Context);
        PNET_BUFFER buffer = clone->FirstNetBuffer;
        assert_ptr_not_equal(buffer->MdlChain, original.chains[0].mdls[0]);
        assert_int_equal(buffer->DataOffset, 0); /* only from the start of the used data space */
        assert_data(buffer, 2, 11);
        assert_data(buffer->Next, 1, 6);
        assert_null(buffer->Next->Next);
        /* Moving the clone's start leaves the original alone. */
        assert_int_equal(NdisRetreatNetBufferListDataStart(clone, 4, 0, NULL, NULL), NDIS_STATUS_SUCCESS);
        NdisAdvanceNetBufferListDataStart(clone, 6, TRUE, NULL);
        assert_data(buffer, 4, 9);
        NdisFreeCloneNetBufferList(clone, 0);
    }
    free_original(&original);
}

static void clone_with_original_mdls(void **state)
{
    (void)state;
    struct original original;
    make_original(&original);
    PNET_BUFFER_LIST clone =
        NdisAllocateCloneNetBufferList(original.list, NULL, NULL, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS);
    assert_ptr_equal(clone->FirstNetBuffer->MdlChain, original.chains[0].mdls[0]);
    assert_int_equal(clone->FirstNetBuffer->DataOffset, 2);
    assert_data(clone->FirstNetBuffer, 2, 11);
    assert_data(clone->FirstNetBuffer->Next, 1, 6);
    NdisFreeCloneNetBufferList(clone, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS);
    free_original(&original);
}

static void fragments(void **state)
{
    (void)state;
    struct original original;
    make_original(&original);
    /* Without their first 2 bytes the frames have 9 and 4 bytes: 5 + 4 and 4. */
    PNET_BUFFER_LIST list = NdisAllocateFragmentNetBufferList(original.list, NULL, NULL, 2, 5, 8, 16, 0);
    assert_ptr_equal(list->ParentNetBufferList, original.list);
    static const struct {
        UCHAR first;
        ULONG length;
    } expected[] = {{4, 5}, {9, 4}, {3, 4}};
    PNET_BUFFER buffer = list->FirstNetBuffer;
    for (int i = 0; i < 3; i++, buffer = buffer->Next) {
        assert_int_equal(buffer->DataLength, expected[i].length + 8);
        assert_int_equal(buffer->DataOffset, 16);
        memset(NdisGetDataBuffer(buffer, 8, NULL, 1, 0), 0xAB, 8);
        NdisAdvanceNetBufferDataStart(buffer, 8, FALSE, NULL);
        assert_data(buffer, expected[i].first, expected[i].length);
        NdisRetreatNetBufferDataStart(buffer, 8, 0, NULL);
    }
    assert_null(buffer);
    NdisFreeFragmentNetBufferList(list, 8, 0);
    assert_null(NdisAllocateFragmentNetBufferList(original.list, NULL, NULL, 0, 0, 0, 0, 0));
    free_original(&original);
}

static void reassembled(void **state)
{
    (void)state;
    struct original original;
    make_original(&original);
    PNET_BUFFER_LIST list = NdisAllocateReassembledNetBufferList(original.list, NULL, 1, 4, 0, 0);
    PNET_BUFFER buffer = list->FirstNetBuffer;
    UCHAR data[19];
    assert_null(buffer->Next);
    assert_int_equal(buffer->DataLength, 4 + 10 + 5);
    assert_ptr_equal(NdisGetDataBuffer(buffer, 19, data, 1, 0), data);
    for (int i = 0; i < 10; i++)
        assert_int_equal(data[4 + i], 3 + i);
    for (int i = 0; i < 5; i++)
        assert_int_equal(data[14 + i], 2 + i);
    NdisFreeReassembledNetBufferList(list, 4, 0);
    assert_null(
        NdisAllocateReassembledNetBufferList(original.list, lists, 0, 0, 0, 0)); /* a pool without NET_BUFFERs */
    free_original(&original);
}

static size_t bytes_at_start;

static int set_up(void **state)
{
    ke_initialize();
    ex_initialize();
    bytes_at_start = pool_bytes();
    if (start_system(state))
        return -1;
    buffers = make_buffer_pool(0);
    lists = make_list_pool(FALSE, 0, 0);
    return 0;
}

static int tear_down(void **state)
{
    NdisFreeNetBufferPool(buffers);
    NdisFreeNetBufferListPool(lists);
    ndis_library_shutdown();
    bool leaked = pool_bytes() != bytes_at_start;
    stop_system(state);
    return leaked ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(current_mdl_at_every_offset),
        cmocka_unit_test(advance_and_retreat_over_edges),
        cmocka_unit_test(retreat_allocates),
        cmocka_unit_test(advance_keeps_mdl),
        cmocka_unit_test(driver_allocates_mdl),
        cmocka_unit_test(list_retreat_is_all_or_nothing),
        cmocka_unit_test(data_buffer),
        cmocka_unit_test(copy_between_chains),
        cmocka_unit_test(physical_count),
        cmocka_unit_test(mdl_macros),
        cmocka_unit_test(clone_with_new_mdls),
        cmocka_unit_test(clone_with_original_mdls),
        cmocka_unit_test(fragments),
        cmocka_unit_test(reassembled),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/*
 * Pool and lookaside lists: alignment, zeroing, accounting; and the bug checks for bad frees.
 */
#include "tests/unit/ke/bugcheck_child.h"
#include "ntoskrnl/ex/ex.h"
#include "tests/unit/sanitizer.h"

enum { TAG = 'tseT' };

static size_t blocks(void)
{
    struct ex_pool_usage usage;
    ex_pool_get_usage(&usage);
    return usage.blocks;
}

static bool is_zero(const char *p, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

static void test_alignment(void **state)
{
    (void)state;
    static const SIZE_T sizes[] = {0, 1, 16, 100, 4095, 4096, 4097, 100000};
    size_t before = blocks();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *a = ExAllocatePoolWithTag(NonPagedPoolNx, sizes[i], TAG);
        char *b = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizes[i], TAG);
        char *c = ExAllocatePool2(POOL_FLAG_PAGED | POOL_FLAG_CACHE_ALIGNED | POOL_FLAG_UNINITIALIZED, sizes[i], TAG);
        assert_non_null(a);
        assert_non_null(b);
        assert_non_null(c);
        assert_int_equal((uintptr_t)a % 16, 0);
        assert_int_equal((uintptr_t)c % 64, 0);
        if (sizes[i] >= PAGE_SIZE) {
            assert_int_equal((uintptr_t)a % PAGE_SIZE, 0);
            assert_int_equal((uintptr_t)b % PAGE_SIZE, 0);
        }
        assert_true(is_zero(b, sizes[i]));
        memset(a, 0xff, sizes[i]);
        memset(b, 0xff, sizes[i]);
        memset(c, 0xff, sizes[i]);
        ExFreePoolWithTag(a, TAG);
        ExFreePool(b);
        ExFreePoolWithTag(c, TAG);
    }
    assert_int_equal(blocks(), before);
}

static void test_flags(void **state)
{
    (void)state;
    assert_null(ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_PAGED, 10, TAG));
    assert_null(ExAllocatePool2(POOL_FLAG_UNINITIALIZED, 10, TAG));
    assert_null(ExAllocatePool2(POOL_FLAG_NON_PAGED, 10, 0));
    assert_null(ExAllocatePool2(POOL_FLAG_NON_PAGED, ~(SIZE_T)0 - 50, TAG));
    assert_null(ExAllocatePoolWithTag(NonPagedPoolNx, ~(SIZE_T)0 / 2, TAG));
}

struct found {
    const void *address;
    const void *caller;
    ULONG tag;
    size_t size;
    int count;
};

static void note_block(void *context, const void *caller, ULONG tag, size_t size, const void *address)
{
    struct found *found = context;
    if (address == found->address) {
        found->caller = caller;
        found->tag = tag;
        found->size = size;
        found->count++;
    }
}

static void test_accounting(void **state)
{
    (void)state;
    struct ex_pool_usage before, during;
    char text[5];
    ex_pool_get_usage(&before);
    struct found found = {.address = ExAllocatePoolWithTag(PagedPool, 123, 'AbcD')};
    ex_pool_get_usage(&during);
    assert_int_equal(during.bytes, before.bytes + 123);
    assert_int_equal(during.blocks, before.blocks + 1);
    ex_pool_for_each(note_block, &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.size, 123);
    assert_string_equal(ex_pool_tag_text(found.tag, text), "DcbA");
    /* The caller is this function. */
    assert_true((const char *)found.caller > (const char *)test_accounting &&
                (const char *)found.caller < (const char *)test_accounting + 4096);
    const void *caller, *block;
    ULONG tag;
    size_t size;
    assert_true(ex_pool_find((const char *)found.address + 100, &caller, &tag, &size, &block));
    assert_ptr_equal(block, found.address);
    assert_int_equal(tag, 'AbcD');
    ExFreePoolWithTag((PVOID)found.address, 'AbcD');
    assert_false(ex_pool_find(found.address, &caller, &tag, &size, &block));
    ex_pool_get_usage(&during);
    assert_int_equal(during.bytes, before.bytes);
}

static void test_lookaside(void **state)
{
    (void)state;
    NPAGED_LOOKASIDE_LIST list;
    size_t before = blocks();
    ExInitializeNPagedLookasideList(&list, NULL, NULL, POOL_NX_ALLOCATION, 96, TAG, 0);
    PVOID a = ExAllocateFromNPagedLookasideList(&list), b = ExAllocateFromNPagedLookasideList(&list);
    assert_non_null(a);
    assert_non_null(b);
    assert_int_equal(list.L.TotalAllocates, 2);
    assert_int_equal(list.L.AllocateMisses, 2);
    ExFreeToNPagedLookasideList(&list, a);
    assert_int_equal(ExQueryDepthSList(&list.L.ListHead), 1);
    assert_ptr_equal(ExAllocateFromNPagedLookasideList(&list), a); /* from the cache */
    assert_int_equal(list.L.AllocateMisses, 2);
    ExFreeToNPagedLookasideList(&list, a);
    ExFreeToNPagedLookasideList(&list, b);
    ExDeleteNPagedLookasideList(&list);
    assert_int_equal(blocks(), before);
}

static ULONG custom_allocations, custom_frees;

static NTAPI PVOID custom_allocate(POOL_TYPE type, SIZE_T size, ULONG tag, PLOOKASIDE_LIST_EX list)
{
    (void)list;
    custom_allocations++;
    return ExAllocatePoolWithTag(type, size, tag);
}

static NTAPI VOID custom_free(PVOID block, PLOOKASIDE_LIST_EX list)
{
    (void)list;
    custom_frees++;
    ExFreePool(block);
}

static void test_lookaside_ex(void **state)
{
    (void)state;
    LOOKASIDE_LIST_EX list;
    PVOID held[10];
    size_t before = blocks();
    assert_int_equal(ExInitializeLookasideListEx(&list, NULL, NULL, NonPagedPoolNx, 0x80, 64, TAG, 0),
                     STATUS_INVALID_PARAMETER_5);
    assert_int_equal(ExInitializeLookasideListEx(&list, custom_allocate, custom_free, NonPagedPoolNx, 0, 64, TAG, 0),
                     STATUS_SUCCESS);
    for (int i = 0; i < 10; i++)
        held[i] = ExAllocateFromLookasideListEx(&list);
    assert_int_equal(custom_allocations, 10);
    for (int i = 0; i < 10; i++)
        ExFreeToLookasideListEx(&list, held[i]);
    assert_int_equal(custom_frees + ExQueryDepthSList((PSLIST_HEADER)&list.L.ListHead), 10);
    ExFlushLookasideListEx(&list);
    assert_int_equal(custom_frees, 10);
    ExDeleteLookasideListEx(&list);
    assert_int_equal(blocks(), before);
}

static void test_slist(void **state)
{
    (void)state;
    SLIST_HEADER head;
    SLIST_ENTRY entries[3];
    InitializeSListHead(&head);
    assert_null(InterlockedPopEntrySList(&head));
    assert_null(InterlockedPushEntrySList(&head, &entries[0]));
    assert_ptr_equal(InterlockedPushEntrySList(&head, &entries[1]), &entries[0]);
    InterlockedPushEntrySList(&head, &entries[2]);
    assert_int_equal(ExQueryDepthSList(&head), 3);
    assert_ptr_equal(InterlockedPopEntrySList(&head), &entries[2]);
    PSLIST_ENTRY all = InterlockedFlushSList(&head);
    assert_ptr_equal(all, &entries[1]);
    assert_ptr_equal(all->Next, &entries[0]);
    assert_null(all->Next->Next);
    assert_int_equal(ExQueryDepthSList(&head), 0);
}

static void free_twice(void)
{
    PVOID p = ExAllocatePoolWithTag(NonPagedPoolNx, 100, TAG);
    ExFreePoolWithTag(p, TAG);
    ExFreePoolWithTag(p, TAG);
}

static void free_with_other_tag(void)
{
    ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPoolNx, 100, 'aaaa'), 'bbbb');
}

static void free_inside(void)
{
    char *p = ExAllocatePoolWithTag(NonPagedPoolNx, 100, TAG);
    ExFreePoolWithTag(p + 8, TAG);
}

static void overrun(void)
{
    volatile char *p = ExAllocatePoolWithTag(NonPagedPoolNx, 100, TAG);
    p[100] = 1;
    ExFreePoolWithTag((PVOID)p, TAG);
}

static void paged_at_dispatch(void)
{
    KeRaiseIrqlToDpcLevel();
    ExAllocatePoolWithTag(PagedPool, 100, TAG);
}

static void nonpaged_too_high(void)
{
    KfRaiseIrql(DISPATCH_LEVEL + 1);
    ExAllocatePool2(POOL_FLAG_NON_PAGED, 100, TAG);
}

static void free_paged_at_dispatch(void)
{
    PVOID p = ExAllocatePoolWithTag(PagedPool, 100, TAG);
    KeRaiseIrqlToDpcLevel();
    ExFreePool(p);
}

static void test_bad_requests(void **state)
{
    (void)state;
    expect_bugcheck(free_twice, "bug check 0x000000C2: BAD_POOL_CALLER", "0x0000000000000007", "already freed", NULL);
    expect_bugcheck(free_with_other_tag, "bug check 0x000000C2", "0x000000000000000a", "with tag 'bbbb'",
                    "allocated it with tag 'aaaa'", NULL);
    expect_bugcheck(free_inside, "bug check 0x000000C2", "never in any pool", NULL);
    expect_bugcheck(paged_at_dispatch, "bug check 0x000000C2", "0x0000000000000008",
                    "allocating 100 bytes of paged pool at IRQL 2", NULL);
    expect_bugcheck(nonpaged_too_high, "bug check 0x000000C2", "allocating 100 bytes of nonpaged pool at IRQL 3", NULL);
    expect_bugcheck(free_paged_at_dispatch, "bug check 0x000000C2", "freeing paged pool at IRQL 2", NULL);
#ifndef SANITIZE_ADDRESS /* which catches the write itself */
    expect_bugcheck(overrun, "bug check 0x00000019: BAD_POOL_HEADER", "written beyond its end", NULL);
#else
    (void)overrun;
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment),    cmocka_unit_test(test_flags),        cmocka_unit_test(test_accounting),
        cmocka_unit_test(test_lookaside),    cmocka_unit_test(test_lookaside_ex), cmocka_unit_test(test_slist),
        cmocka_unit_test(test_bad_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

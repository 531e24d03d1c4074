/* MDLs, probing, contiguous memory and pages for MDLs; what drivers get wrong is a bug check or an exception. */
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/mm/mm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static int start(void **state)
{
    (void)state;
    ke_initialize();
    ex_initialize();
    return 0;
}

/* IoAllocateMdl is the I/O manager's, a layer above. */
static PMDL new_mdl(PVOID base, SIZE_T length)
{
    PMDL mdl = ExAllocatePoolWithTag(NonPagedPool, MmSizeOfMdl(base, length), 'tseT');
    MmInitializeMdl(mdl, base, length);
    return mdl;
}

static PHYSICAL_ADDRESS physical(LONGLONG value)
{
    return (PHYSICAL_ADDRESS){.QuadPart = value};
}

static void test_non_paged_pool(void **state)
{
    (void)state;
    char *buffer = ExAllocatePoolWithTag(NonPagedPool, 3 * PAGE_SIZE, 'tseT');
    char *at = buffer + 100;
    ULONG length = 2 * PAGE_SIZE;
    assert_int_equal(MmSizeOfMdl(at, length),
                     sizeof(MDL) + sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(at, length));
    PMDL mdl = new_mdl(at, length);
    assert_non_null(mdl);
    assert_ptr_equal(MmGetMdlVirtualAddress(mdl), at);
    assert_int_equal(MmGetMdlByteCount(mdl), length);
    MmBuildMdlForNonPagedPool(mdl);
    assert_ptr_equal(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), at);
    for (ULONG i = 0; i < ADDRESS_AND_SIZE_TO_SPAN_PAGES(at, length); i++)
        assert_int_equal(MmGetMdlPfnArray(mdl)[i],
                         (ULONG64)MmGetPhysicalAddress(at + i * PAGE_SIZE).QuadPart >> PAGE_SHIFT);
    ExFreePoolWithTag(mdl, 0);
    ExFreePoolWithTag(buffer, 'tseT');
}

static void test_lock_and_map(void **state)
{
    (void)state;
    struct mm_usage before, now;
    mm_get_usage(&before);
    char *pages = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    PMDL mdl = new_mdl(pages + 10, PAGE_SIZE);
    MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess);
    mm_get_usage(&now);
    assert_int_equal(now.locked_pages, before.locked_pages + 2);
    assert_true(mdl->MdlFlags & MDL_WRITE_OPERATION);
    char *mapped = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    assert_ptr_equal(mapped, pages + 10);
    assert_ptr_equal(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), mapped);
    mm_get_usage(&now);
    assert_int_equal(now.mapped_mdls, before.mapped_mdls + 1);
    assert_int_equal(MmAdvanceMdl(mdl, PAGE_SIZE), STATUS_INVALID_PARAMETER_2);
    assert_int_equal(MmAdvanceMdl(mdl, PAGE_SIZE - 8), STATUS_SUCCESS);
    assert_ptr_equal(MmGetMdlVirtualAddress(mdl), pages + 2 + PAGE_SIZE);
    assert_int_equal(MmGetMdlByteCount(mdl), 8);
    assert_ptr_equal(mdl->MappedSystemVa, pages + 2 + PAGE_SIZE);
    assert_int_equal(MmGetMdlPfnArray(mdl)[0], ((ULONG64)pages >> PAGE_SHIFT) + 1);
    MmUnlockPages(mdl);
    mm_get_usage(&now);
    assert_int_equal(now.locked_pages, before.locked_pages);
    assert_int_equal(now.mapped_mdls, before.mapped_mdls);
    ExFreePoolWithTag(mdl, 0);
    munmap(pages, 2 * PAGE_SIZE);
}

static void test_probe(void **state)
{
    (void)state;
    char *pages = mmap(NULL, 3 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages, PAGE_SIZE, PROT_READ | PROT_WRITE);
    mprotect(pages + 2 * PAGE_SIZE, PAGE_SIZE, PROT_NONE);
    assert_true(mm_probe(pages, PAGE_SIZE, true));
    assert_true(mm_probe(pages, 2 * PAGE_SIZE, false));
    assert_false(mm_probe(pages, PAGE_SIZE + 1, true));
    assert_false(mm_probe(pages, 2 * PAGE_SIZE + 1, false));
    assert_true(mm_probe(pages + 2 * PAGE_SIZE, 0, true));
    assert_false(mm_probe(NULL, 1, false));
    assert_false(mm_probe((void *)8, 1, false));
    assert_false(mm_probe((void *)UINTPTR_MAX, 2, false));
    assert_true(mm_probe((void *)start, 1, false)); /* code */
    assert_false(mm_probe((void *)start, 1, true));
    assert_true(MmIsAddressValid(pages));
    assert_false(MmIsAddressValid(pages + 2 * PAGE_SIZE));
    /* Not by unmapping: another thread of the system may map something there at once. */
    mprotect(pages, PAGE_SIZE, PROT_NONE);
    assert_false(MmIsAddressValid(pages));
    munmap(pages, 3 * PAGE_SIZE);
}

static void test_contiguous(void **state)
{
    (void)state;
    struct mm_usage before, now;
    mm_get_usage(&before);
    char *low = MmAllocateContiguousMemory(5000, physical(0xFFFFFFFF));
    assert_non_null(low);
    assert_int_equal((ULONG_PTR)low % PAGE_SIZE, 0);
    assert_true((ULONG64)MmGetPhysicalAddress(low).QuadPart + 8191 <= 0xFFFFFFFF);
    mm_get_usage(&now);
    assert_int_equal(now.allocated_bytes, before.allocated_bytes + 8192);
    for (int i = 0; i < 8192; i++)
        assert_int_equal(low[i], 0);
    MmFreeContiguousMemory(low);
    for (int i = 0; i < 20; i++) {
        char *kept =
            MmAllocateContiguousMemorySpecifyCache(0x3000, physical(0), physical(-1), physical(0x4000), MmCached);
        assert_non_null(kept);
        ULONG64 first = (ULONG64)MmGetPhysicalAddress(kept).QuadPart;
        assert_int_equal(first / 0x4000, (first + 0x2FFF) / 0x4000);
        kept[0x2FFF] = 1;
        MmFreeContiguousMemorySpecifyCache(kept, 0x3000, MmCached);
    }
    assert_null(MmAllocateContiguousMemorySpecifyCache(0x5000, physical(0), physical(-1), physical(0x4000), MmCached));
    assert_null(MmAllocateContiguousMemory(0, physical(-1)));
    assert_null(MmAllocateContiguousMemory(PAGE_SIZE, physical(PAGE_SIZE)));
    char *plain = MmAllocateNonCachedMemory(100);
    plain[PAGE_SIZE - 1] = 1;
    MmFreeNonCachedMemory(plain, 100);
    mm_get_usage(&now);
    assert_int_equal(now.allocated_bytes, before.allocated_bytes);
}

static void test_pages_for_mdl(void **state)
{
    (void)state;
    struct mm_usage before, now;
    mm_get_usage(&before);
    PMDL mdl = MmAllocatePagesForMdlEx(physical(0), physical(0xFFFFFFFF), physical(0), 3 * PAGE_SIZE, MmCached, 0);
    assert_non_null(mdl);
    assert_int_equal(MmGetMdlByteCount(mdl), 3 * PAGE_SIZE);
    assert_null(MmGetMdlVirtualAddress(mdl));
    char *at = MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmCached, NULL, FALSE, NormalPagePriority);
    assert_non_null(at);
    memset(at, 1, 3 * PAGE_SIZE);
    assert_int_equal(MmProtectMdlSystemAddress(mdl, PAGE_READONLY), STATUS_SUCCESS);
    assert_false(mm_probe(at, 1, true));
    assert_int_equal(MmProtectMdlSystemAddress(mdl, 12345), STATUS_INVALID_PAGE_PROTECTION);
    MmUnmapLockedPages(at, mdl);
    assert_int_equal(MmProtectMdlSystemAddress(mdl, PAGE_READWRITE), STATUS_NOT_MAPPED_VIEW);
    MmFreePagesFromMdl(mdl);
    ExFreePoolWithTag(mdl, 0);
    assert_null(MmAllocatePagesForMdl(physical(0), physical(-1), physical(0), 0));
    PVOID reserved = MmAllocateMappingAddress(2 * PAGE_SIZE, 'tseT');
    char *buffer = ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
    mdl = new_mdl(buffer, 100);
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
    assert_ptr_equal(MmMapLockedPagesWithReservedMapping(reserved, 'tseT', mdl, MmCached), buffer);
    MmUnmapReservedMapping(reserved, 'tseT', mdl);
    MmUnlockPages(mdl);
    MmFreeMappingAddress(reserved, 'tseT');
    ExFreePoolWithTag(mdl, 0);
    ExFreePoolWithTag(buffer, 'tseT');
    mm_get_usage(&now);
    assert_memory_equal(&now, &before, sizeof now);
}

static void test_io_space(void **state)
{
    (void)state;
    assert_null(MmMapIoSpace(physical(1ll << 50), 16, MmNonCached));
    char here;
    assert_ptr_equal(MmMapIoSpace(MmGetPhysicalAddress(&here), 1, MmNonCached), &here);
}

static void expect_bug_check(void (*body)(void), const char *expected)
{
    int pipes[2], status;
    char report[8192];
    size_t size = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], 2);
        body();
        _exit(0);
    }
    close(pipes[1]);
    for (ssize_t n; size < sizeof report - 1 && (n = read(pipes[0], report + size, sizeof report - 1 - size)) > 0;)
        size += (size_t)n;
    report[size] = 0;
    close(pipes[0]);
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    if (strstr(report, expected) == NULL)
        fail_msg("no %s in: %s", expected, report);
}

static PMDL some_mdl(void)
{
    return new_mdl(ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT'), 64);
}

static void unlock_unlocked(void)
{
    MmUnlockPages(some_mdl());
}

static void lock_twice(void)
{
    PMDL mdl = some_mdl();
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
}

static void map_unlocked(void)
{
    MmMapLockedPages(some_mdl(), KernelMode);
}

static void free_unknown(void)
{
    MmFreeContiguousMemory((void *)0x10000);
}

static void misuse_mapping(void)
{
    MmFreeMappingAddress(MmAllocateMappingAddress(PAGE_SIZE, 'enoO'), 'owtT');
}

static void lock_unmapped_unhandled(void)
{
    PMDL mdl = new_mdl((void *)0x10000, 64);
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
}

static void test_bug_checks(void **state)
{
    (void)state;
    expect_bug_check(unlock_unlocked, "PFN_LIST_CORRUPT");
    expect_bug_check(lock_twice, "MEMORY_MANAGEMENT");
    expect_bug_check(map_unlocked, "MEMORY_MANAGEMENT");
    expect_bug_check(free_unknown, "BAD_POOL_CALLER");
    expect_bug_check(misuse_mapping, "SYSTEM_PTE_MISUSE");
    /* No __except around it: the exception that it raises ends the system. */
    expect_bug_check(lock_unmapped_unhandled, "c0000005");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_non_paged_pool), cmocka_unit_test(test_lock_and_map),  cmocka_unit_test(test_probe),
        cmocka_unit_test(test_contiguous),     cmocka_unit_test(test_pages_for_mdl), cmocka_unit_test(test_io_space),
        cmocka_unit_test(test_bug_checks),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

/*
 * Memory descriptor lists: how a driver describes a buffer by its pages, so that another layer can reach it whatever
 * the context, and so that the pages stay while a device works on them. Under ndiskit pages never move: locking only
 * records that it happened, mapping yields the address that the buffer has anyway. What remains real is the
 * bookkeeping, because it is what a driver gets wrong: locking memory that is not there, mapping what is not locked,
 * unlocking twice.
 *
 * Public page: "Using MDLs".
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/mm/pages.h"
#include <string.h>
#include <sys/mman.h>

#define MM_DESCRIBES_PAGES (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL | MDL_IO_SPACE)

static size_t page_count(const MDL *mdl)
{
    return ((size_t)mdl->ByteOffset + mdl->ByteCount + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static void *start_address(const MDL *mdl)
{
    return (char *)mdl->StartVa + mdl->ByteOffset;
}

static void fill_pages(PMDL mdl)
{
    PPFN_NUMBER pages = MmGetMdlPfnArray(mdl);
    ULONG_PTR first = (ULONG_PTR)mdl->StartVa >> PAGE_SHIFT;
    for (size_t i = 0, n = page_count(mdl); i < n; i++)
        pages[i] = first + i;
}

SIZE_T NTAPI MmSizeOfMdl(PVOID Base, SIZE_T Length)
{
    return sizeof(MDL) + sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(Base, Length);
}
NT_EXPORT(MmSizeOfMdl);

VOID NTAPI MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList)
{
    fill_pages(MemoryDescriptorList);
    MemoryDescriptorList->MappedSystemVa = start_address(MemoryDescriptorList);
    MemoryDescriptorList->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
    MemoryDescriptorList->Process = NULL;
}
NT_EXPORT(MmBuildMdlForNonPagedPool);

VOID NTAPI MmProbeAndLockPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation)
{
    (void)AccessMode; /* see ProbeForRead: one address space */
    if (MemoryDescriptorList->MdlFlags & MM_DESCRIBES_PAGES)
        KeBugCheckEx(MM_MEMORY_MANAGEMENT, MM_MDL_WITH_BAD_PAGE, (ULONG_PTR)MemoryDescriptorList,
                     (ULONG_PTR)MmGetMdlPfnArray(MemoryDescriptorList), *MmGetMdlPfnArray(MemoryDescriptorList));
    if (!mm_probe(start_address(MemoryDescriptorList), MemoryDescriptorList->ByteCount, Operation != IoReadAccess))
        ExRaiseStatus(STATUS_ACCESS_VIOLATION);
    fill_pages(MemoryDescriptorList);
    MemoryDescriptorList->MdlFlags |= MDL_PAGES_LOCKED | (Operation != IoReadAccess ? MDL_WRITE_OPERATION : 0);
    mm_count_locked((LONG64)page_count(MemoryDescriptorList));
}
NT_EXPORT(MmProbeAndLockPages);

VOID NTAPI MmUnlockPages(PMDL MemoryDescriptorList)
{
    if (!(MemoryDescriptorList->MdlFlags & MDL_PAGES_LOCKED))
        KeBugCheckEx(MM_PFN_LIST_CORRUPT, MM_UNLOCKED_MORE_THAN_LOCKED,
                     (ULONG_PTR)start_address(MemoryDescriptorList) >> PAGE_SHIFT, 0, 0);
    if (MemoryDescriptorList->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
        MmUnmapLockedPages(MemoryDescriptorList->MappedSystemVa, MemoryDescriptorList);
    MemoryDescriptorList->MdlFlags &= ~(MDL_PAGES_LOCKED | MDL_WRITE_OPERATION);
    mm_count_locked(-(LONG64)page_count(MemoryDescriptorList));
}
NT_EXPORT(MmUnlockPages);

PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode,
                                         MEMORY_CACHING_TYPE CacheType, PVOID RequestedAddress, ULONG BugCheckOnFailure,
                                         ULONG Priority)
{
    (void)CacheType, (void)RequestedAddress, (void)BugCheckOnFailure, (void)Priority;
    PMDL mdl = MemoryDescriptorList;
    if (!(mdl->MdlFlags & MM_DESCRIBES_PAGES))
        KeBugCheckEx(MM_MEMORY_MANAGEMENT, MM_MAP_OF_UNLOCKED_PAGE, (ULONG_PTR)start_address(mdl) >> PAGE_SHIFT, 0, 0);
    /* The pages of one MDL lie side by side: they come from one buffer, from one range of mm_allocate_range, or from a
     * part of another MDL. */
    PVOID address = (char *)(MmGetMdlPfnArray(mdl)[0] << PAGE_SHIFT) + mdl->ByteOffset;
    if (AccessMode != KernelMode || (mdl->MdlFlags & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA)))
        return address;
    mdl->MappedSystemVa = address;
    mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
    if (mdl->MdlFlags & MDL_PARTIAL)
        mdl->MdlFlags |= MDL_PARTIAL_HAS_BEEN_MAPPED;
    mm_count_mapped(1);
    return address;
}
NT_EXPORT(MmMapLockedPagesSpecifyCache);

PVOID NTAPI MmMapLockedPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode)
{
    return MmMapLockedPagesSpecifyCache(MemoryDescriptorList, AccessMode, MmCached, NULL, TRUE, HighPagePriority);
}
NT_EXPORT(MmMapLockedPages);

VOID NTAPI MmUnmapLockedPages(PVOID BaseAddress, PMDL MemoryDescriptorList)
{
    (void)BaseAddress;
    if (!(MemoryDescriptorList->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA))
        return; /* a mapping for user mode, of which the MDL keeps no record */
    MemoryDescriptorList->MdlFlags &= ~(MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED);
    mm_count_mapped(-1);
}
NT_EXPORT(MmUnmapLockedPages);

/* Protects whole pages, which only memory that is all the MDL's own can stand. */
NTSTATUS NTAPI MmProtectMdlSystemAddress(PMDL MemoryDescriptorList, ULONG NewProtect)
{
    struct mm_range range;
    if (!(MemoryDescriptorList->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA))
        return STATUS_NOT_MAPPED_VIEW;
    void *base = (void *)((ULONG_PTR)MemoryDescriptorList->MappedSystemVa & ~(ULONG_PTR)(PAGE_SIZE - 1));
    size_t size = page_count(MemoryDescriptorList) << PAGE_SHIFT;
    int protection;
    switch (NewProtect) {
    case PAGE_NOACCESS:
        protection = PROT_NONE;
        break;
    case PAGE_READONLY:
        protection = PROT_READ;
        break;
    case PAGE_READWRITE:
        protection = PROT_READ | PROT_WRITE;
        break;
    case PAGE_EXECUTE:
    case PAGE_EXECUTE_READ:
        protection = PROT_READ | PROT_EXEC;
        break;
    case PAGE_EXECUTE_READWRITE:
        protection = PROT_READ | PROT_WRITE | PROT_EXEC;
        break;
    default:
        return STATUS_INVALID_PAGE_PROTECTION;
    }
    if (!mm_find_range(base, &range) || range.size < size)
        return STATUS_NOT_SUPPORTED;
    return mprotect(base, size, protection) == 0 ? STATUS_SUCCESS : STATUS_INVALID_PAGE_PROTECTION;
}
NT_EXPORT(MmProtectMdlSystemAddress);

NTSTATUS NTAPI MmAdvanceMdl(PMDL Mdl, ULONG NumberOfBytes)
{
    if (NumberOfBytes >= Mdl->ByteCount)
        return STATUS_INVALID_PARAMETER_2;
    size_t before = page_count(Mdl);
    size_t pages = ((size_t)Mdl->ByteOffset + NumberOfBytes) >> PAGE_SHIFT;
    PPFN_NUMBER frames = MmGetMdlPfnArray(Mdl);
    memmove(frames, frames + pages, (before - pages) * sizeof *frames);
    Mdl->StartVa = (char *)Mdl->StartVa + (pages << PAGE_SHIFT);
    Mdl->ByteOffset = (ULONG)((Mdl->ByteOffset + NumberOfBytes) & (PAGE_SIZE - 1));
    Mdl->ByteCount -= NumberOfBytes;
    if (Mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL))
        Mdl->MappedSystemVa = (char *)Mdl->MappedSystemVa + NumberOfBytes;
    if (Mdl->MdlFlags & MDL_PAGES_LOCKED)
        mm_count_locked(-(LONG64)pages);
    return STATUS_SUCCESS;
}
NT_EXPORT(MmAdvanceMdl);

/*
 * Pages of their own
 */
PMDL NTAPI MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress,
                                   PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes, MEMORY_CACHING_TYPE CacheType,
                                   ULONG Flags)
{
    (void)SkipBytes, (void)CacheType, (void)Flags; /* always zeroed, contiguous and complete: more than any flag asks */
    if (TotalBytes == 0 || TotalBytes > 0xFFFFFFFFull - PAGE_SIZE)
        return NULL;
    void *base = mm_allocate_range(MM_KIND_MDL_PAGES, TotalBytes, (ULONG64)LowAddress.QuadPart,
                                   (ULONG64)HighAddress.QuadPart, 0, 0);
    if (base == NULL)
        return NULL;
    PMDL mdl = ExAllocatePoolWithTag(NonPagedPool, MmSizeOfMdl(base, TotalBytes), MM_TAG);
    if (mdl == NULL) {
        mm_free_range(MM_KIND_MDL_PAGES, base);
        return NULL;
    }
    MmInitializeMdl(mdl, base, TotalBytes);
    fill_pages(mdl);
    mdl->StartVa = NULL; /* the pages have no virtual address until they are mapped */
    mdl->MdlFlags |= MDL_PAGES_LOCKED;
    mm_count_locked((LONG64)page_count(mdl));
    return mdl;
}
NT_EXPORT(MmAllocatePagesForMdlEx);

PMDL NTAPI MmAllocatePagesForMdl(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress, PHYSICAL_ADDRESS SkipBytes,
                                 SIZE_T TotalBytes)
{
    return MmAllocatePagesForMdlEx(LowAddress, HighAddress, SkipBytes, TotalBytes, MmNotMapped, 0);
}
NT_EXPORT(MmAllocatePagesForMdl);

VOID NTAPI MmFreePagesFromMdl(PMDL MemoryDescriptorList)
{
    PFN_NUMBER first = MmGetMdlPfnArray(MemoryDescriptorList)[0];
    if (MemoryDescriptorList->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
        MmUnmapLockedPages(MemoryDescriptorList->MappedSystemVa, MemoryDescriptorList);
    if (!(MemoryDescriptorList->MdlFlags & MDL_PAGES_LOCKED) ||
        !mm_free_range(MM_KIND_MDL_PAGES, (void *)(first << PAGE_SHIFT)))
        KeBugCheckEx(MM_MEMORY_MANAGEMENT, MM_MDL_WITH_BAD_PAGE, (ULONG_PTR)MemoryDescriptorList,
                     (ULONG_PTR)MmGetMdlPfnArray(MemoryDescriptorList), first);
    MemoryDescriptorList->MdlFlags &= ~MDL_PAGES_LOCKED;
    mm_count_locked(-(LONG64)page_count(MemoryDescriptorList));
}
NT_EXPORT(MmFreePagesFromMdl);

/*
 * Reserved mappings, for drivers that must be able to map when memory is short. Mapping costs nothing here, so the
 * reservation guarantees what it promises; what is checked is that it is used as documented.
 */
PVOID NTAPI MmAllocateMappingAddress(SIZE_T NumberOfBytes, ULONG PoolTag)
{
    return mm_allocate_range(MM_KIND_MAPPING, NumberOfBytes, 0, MAXULONG64, 0, PoolTag);
}
NT_EXPORT(MmAllocateMappingAddress);

static void check_mapping(PVOID base, ULONG tag, size_t size)
{
    struct mm_range range;
    if (!mm_find_range(base, &range) || range.kind != MM_KIND_MAPPING || range.tag != tag || range.size < size)
        KeBugCheckEx(MM_SYSTEM_PTE_MISUSE, 0, (ULONG_PTR)base, tag, size);
}

VOID NTAPI MmFreeMappingAddress(PVOID BaseAddress, ULONG PoolTag)
{
    check_mapping(BaseAddress, PoolTag, 0);
    mm_free_range(MM_KIND_MAPPING, BaseAddress);
}
NT_EXPORT(MmFreeMappingAddress);

PVOID NTAPI MmMapLockedPagesWithReservedMapping(PVOID MappingAddress, ULONG PoolTag, PMDL MemoryDescriptorList,
                                                MEMORY_CACHING_TYPE CacheType)
{
    check_mapping(MappingAddress, PoolTag, page_count(MemoryDescriptorList) << PAGE_SHIFT);
    return MmMapLockedPagesSpecifyCache(MemoryDescriptorList, KernelMode, CacheType, NULL, FALSE, HighPagePriority);
}
NT_EXPORT(MmMapLockedPagesWithReservedMapping);

VOID NTAPI MmUnmapReservedMapping(PVOID BaseAddress, ULONG PoolTag, PMDL MemoryDescriptorList)
{
    (void)BaseAddress, (void)PoolTag;
    MmUnmapLockedPages(MemoryDescriptorList->MappedSystemVa, MemoryDescriptorList);
}
NT_EXPORT(MmUnmapReservedMapping);

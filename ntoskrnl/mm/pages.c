/*
 * Memory by the page: contiguous and non-cached memory for DMA, pages for MDLs, mapping addresses. Each range is a
 * mapping of its own, so that a driver that runs over its end faults at once; the list of them is what finds a range
 * again by its address alone, and what shows a driver that freed something it never got.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/mm/pages.h"
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

static struct {
    KSPIN_LOCK lock; /* zero is unlocked: usable before anything is initialized */
    LIST_ENTRY ranges;
    struct mm_usage usage;
} mm_state = {.ranges = {&mm_state.ranges, &mm_state.ranges}};

void mm_get_usage(struct mm_usage *usage)
{
    usage->locked_pages = __atomic_load_n(&mm_state.usage.locked_pages, __ATOMIC_RELAXED);
    usage->mapped_mdls = __atomic_load_n(&mm_state.usage.mapped_mdls, __ATOMIC_RELAXED);
    usage->allocated_bytes = __atomic_load_n(&mm_state.usage.allocated_bytes, __ATOMIC_RELAXED);
}

void mm_count_locked(LONG64 pages)
{
    __atomic_fetch_add(&mm_state.usage.locked_pages, pages, __ATOMIC_RELAXED);
}

void mm_count_mapped(LONG64 mdls)
{
    __atomic_fetch_add(&mm_state.usage.mapped_mdls, mdls, __ATOMIC_RELAXED);
}

/*
 * Probing. MADV_POPULATE_* does what a probe is documented to do, makes the pages resident and tells whether they
 * permit the access, in one system call. It says no for some good memory too (device mappings, an old kernel): then the
 * process's own list of mappings decides.
 */
static bool probe_maps(ULONG64 from, ULONG64 to, bool write)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    bool continued = false;
    if (maps == NULL)
        return false;
    while (from < to && fgets(line, sizeof line, maps) != NULL) {
        unsigned long long start, end;
        char read_flag, write_flag;
        bool fresh = !continued;
        continued = true;
        for (const char *c = line; *c != 0; c++)
            continued = continued && *c != '\n';
        if (!fresh || sscanf(line, "%llx-%llx %c%c", &start, &end, &read_flag, &write_flag) != 4)
            continue;
        if (start > from)
            break;
        if (end > from && read_flag == 'r' && (!write || write_flag == 'w'))
            from = end;
        else if (end > from)
            break;
    }
    fclose(maps);
    return from >= to;
}

bool mm_probe(const void *address, size_t length, bool write)
{
    ULONG64 start = (ULONG64)address, end = start + length;
    if (length == 0)
        return true;
    if (end < start || end > 0x7FFFFFFFF000ull || start < PAGE_SIZE)
        return false;
    ULONG64 from = start & ~(ULONG64)(PAGE_SIZE - 1), to = (end + PAGE_SIZE - 1) & ~(ULONG64)(PAGE_SIZE - 1);
#ifdef MADV_POPULATE_READ
    int saved = errno;
    int result = madvise((void *)from, to - from, write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    errno = saved;
    if (result == 0)
        return true;
#endif
    return probe_maps(from, to, write);
}

/*
 * Ranges
 */
static void *map_pages(size_t size, ULONG64 high, int protection)
{
    /* MAP_32BIT is the first 2 GB: below every limit that a 32-bit device has. */
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (high < 0x7FFFFFFFFFFFull ? MAP_32BIT : 0);
    void *mapping = mmap(NULL, size, protection, flags, -1, 0);
    return mapping == MAP_FAILED ? NULL : mapping;
}

void *mm_allocate_range(enum mm_kind kind, size_t bytes, ULONG64 low, ULONG64 high, ULONG64 boundary, ULONG tag)
{
    if (bytes == 0 || bytes > (size_t)1 << 40 || (boundary != 0 && bytes > boundary) ||
        (boundary & (boundary - 1)) != 0)
        return NULL;
    size_t size = (bytes + PAGE_SIZE - 1) & ~(size_t)(PAGE_SIZE - 1);
    size_t slack = boundary > PAGE_SIZE ? size : 0; /* in twice the size there is a part that crosses no boundary */
    struct mm_range *range = ExAllocatePoolWithTag(NonPagedPool, sizeof *range, MM_TAG);
    if (range == NULL)
        return NULL;
    *range = (struct mm_range){.kind = kind, .size = size, .mapping_size = size + slack, .tag = tag};
    range->mapping = map_pages(range->mapping_size, high, kind == MM_KIND_MAPPING ? PROT_NONE : PROT_READ | PROT_WRITE);
    ULONG64 base = (ULONG64)range->mapping;
    if (slack != 0 && base / boundary != (base + size - 1) / boundary)
        base = (base + boundary - 1) & ~(boundary - 1);
    if (range->mapping == NULL || base < low || base + size - 1 > high) {
        if (range->mapping != NULL)
            munmap(range->mapping, range->mapping_size);
        ExFreePoolWithTag(range, MM_TAG);
        return NULL;
    }
    range->base = (void *)base;
    KIRQL irql;
    KeAcquireSpinLock(&mm_state.lock, &irql);
    InsertTailList(&mm_state.ranges, &range->link);
    __atomic_fetch_add(&mm_state.usage.allocated_bytes, (LONG64)size, __ATOMIC_RELAXED);
    KeReleaseSpinLock(&mm_state.lock, irql);
    return range->base;
}

/* The lock is held. */
static struct mm_range *find(const void *base)
{
    for (PLIST_ENTRY e = mm_state.ranges.Flink; e != &mm_state.ranges; e = e->Flink) {
        struct mm_range *range = CONTAINING_RECORD(e, struct mm_range, link);
        if (range->base == base)
            return range;
    }
    return NULL;
}

bool mm_find_range(const void *base, struct mm_range *range)
{
    KIRQL irql;
    KeAcquireSpinLock(&mm_state.lock, &irql);
    const struct mm_range *found = find(base);
    if (found != NULL)
        *range = *found;
    KeReleaseSpinLock(&mm_state.lock, irql);
    return found != NULL;
}

bool mm_free_range(enum mm_kind kind, void *base)
{
    KIRQL irql;
    KeAcquireSpinLock(&mm_state.lock, &irql);
    struct mm_range *range = find(base);
    if (range != NULL && range->kind != kind)
        range = NULL;
    if (range != NULL) {
        RemoveEntryList(&range->link);
        __atomic_fetch_sub(&mm_state.usage.allocated_bytes, (LONG64)range->size, __ATOMIC_RELAXED);
    }
    KeReleaseSpinLock(&mm_state.lock, irql);
    if (range == NULL)
        return false;
    munmap(range->mapping, range->mapping_size);
    ExFreePoolWithTag(range, MM_TAG);
    return true;
}

static void free_or_stop(enum mm_kind kind, void *base)
{
    if (!mm_free_range(kind, base))
        KeBugCheckEx(MM_BAD_POOL_CALLER, MM_FREE_OF_UNALLOCATED_ADDRESS, (ULONG_PTR)base, 0, 0);
}

/*
 * Contiguous memory. Physical addresses are virtual ones, so that any range is contiguous.
 */
PVOID NTAPI MmAllocateContiguousMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS HighestAcceptableAddress)
{
    return mm_allocate_range(MM_KIND_CONTIGUOUS, NumberOfBytes, 0, (ULONG64)HighestAcceptableAddress.QuadPart, 0, 0);
}
NT_EXPORT(MmAllocateContiguousMemory);

PVOID NTAPI MmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress,
                                                   PHYSICAL_ADDRESS HighestAcceptableAddress,
                                                   PHYSICAL_ADDRESS BoundaryAddressMultiple,
                                                   MEMORY_CACHING_TYPE CacheType)
{
    (void)CacheType; /* memory that no device reads behind the processor's back is coherent whatever its type */
    return mm_allocate_range(MM_KIND_CONTIGUOUS, NumberOfBytes, (ULONG64)LowestAcceptableAddress.QuadPart,
                             (ULONG64)HighestAcceptableAddress.QuadPart, (ULONG64)BoundaryAddressMultiple.QuadPart, 0);
}
NT_EXPORT(MmAllocateContiguousMemorySpecifyCache);

PVOID NTAPI MmAllocateContiguousMemorySpecifyCacheNode(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress,
                                                       PHYSICAL_ADDRESS HighestAcceptableAddress,
                                                       PHYSICAL_ADDRESS BoundaryAddressMultiple,
                                                       MEMORY_CACHING_TYPE CacheType, NODE_REQUIREMENT PreferredNode)
{
    (void)PreferredNode; /* there is one node */
    return MmAllocateContiguousMemorySpecifyCache(NumberOfBytes, LowestAcceptableAddress, HighestAcceptableAddress,
                                                  BoundaryAddressMultiple, CacheType);
}
NT_EXPORT(MmAllocateContiguousMemorySpecifyCacheNode);

PVOID NTAPI MmAllocateContiguousNodeMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress,
                                           PHYSICAL_ADDRESS HighestAcceptableAddress,
                                           PHYSICAL_ADDRESS BoundaryAddressMultiple, ULONG Protect,
                                           NODE_REQUIREMENT PreferredNode)
{
    (void)Protect;
    return MmAllocateContiguousMemorySpecifyCacheNode(NumberOfBytes, LowestAcceptableAddress, HighestAcceptableAddress,
                                                      BoundaryAddressMultiple, MmCached, PreferredNode);
}
NT_EXPORT(MmAllocateContiguousNodeMemory);

VOID NTAPI MmFreeContiguousMemory(PVOID BaseAddress)
{
    free_or_stop(MM_KIND_CONTIGUOUS, BaseAddress);
}
NT_EXPORT(MmFreeContiguousMemory);

VOID NTAPI MmFreeContiguousMemorySpecifyCache(PVOID BaseAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType)
{
    (void)NumberOfBytes, (void)CacheType;
    free_or_stop(MM_KIND_CONTIGUOUS, BaseAddress);
}
NT_EXPORT(MmFreeContiguousMemorySpecifyCache);

PVOID NTAPI MmAllocateNonCachedMemory(SIZE_T NumberOfBytes)
{
    return mm_allocate_range(MM_KIND_NON_CACHED, NumberOfBytes, 0, MAXULONG64, 0, 0);
}
NT_EXPORT(MmAllocateNonCachedMemory);

VOID NTAPI MmFreeNonCachedMemory(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
    (void)NumberOfBytes;
    free_or_stop(MM_KIND_NON_CACHED, BaseAddress);
}
NT_EXPORT(MmFreeNonCachedMemory);

/*
 * Addresses
 */
PHYSICAL_ADDRESS NTAPI MmGetPhysicalAddress(PVOID BaseAddress)
{
    return (PHYSICAL_ADDRESS){.QuadPart = (LONGLONG)BaseAddress};
}
NT_EXPORT(MmGetPhysicalAddress);

BOOLEAN NTAPI MmIsAddressValid(PVOID VirtualAddress)
{
    return mm_probe(VirtualAddress, 1, false);
}
NT_EXPORT(MmIsAddressValid);

/* Device memory is whatever a bus of ours has mapped into the process; there is none behind any other address. */
PVOID NTAPI MmMapIoSpace(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType)
{
    (void)CacheType;
    void *address = (void *)PhysicalAddress.QuadPart;
    return NumberOfBytes != 0 && mm_probe(address, NumberOfBytes, false) ? address : NULL;
}
NT_EXPORT(MmMapIoSpace);

PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, ULONG Protect)
{
    (void)Protect;
    return MmMapIoSpace(PhysicalAddress, NumberOfBytes, MmNonCached);
}
NT_EXPORT(MmMapIoSpaceEx);

VOID NTAPI MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
    (void)BaseAddress, (void)NumberOfBytes; /* the bus's mapping stays the bus's */
}
NT_EXPORT(MmUnmapIoSpace);

/*
 * Probes of a caller's buffer. There is no boundary between user and system addresses here: a readable address is as
 * good as Windows could know; ProbeForWrite, which touches the pages there too, looks at them.
 */
static void probe(const volatile VOID *address, SIZE_T length, ULONG alignment, bool write)
{
    if (length == 0)
        return;
    if (((ULONG_PTR)address & (alignment - 1)) != 0)
        ExRaiseDatatypeMisalignment();
    ULONG_PTR start = (ULONG_PTR)address;
    if (start + length < start || start + length > 0x7FFFFFFF0000ull)
        ExRaiseAccessViolation();
    if (write && !mm_probe((const void *)address, length, true))
        ExRaiseAccessViolation();
}

VOID NTAPI ProbeForRead(const volatile VOID *Address, SIZE_T Length, ULONG Alignment)
{
    probe(Address, Length, Alignment, false);
}
NT_EXPORT(ProbeForRead);

VOID NTAPI ProbeForWrite(volatile VOID *Address, SIZE_T Length, ULONG Alignment)
{
    probe(Address, Length, Alignment, true);
}
NT_EXPORT(ProbeForWrite);

/*
 * Paging of driver code. Nothing is paged out, so a handle only has to show that it was given for something real.
 */
PVOID NTAPI MmLockPagableDataSection(PVOID AddressWithinSection)
{
    if (!mm_probe(AddressWithinSection, 1, false))
        KeBugCheckEx(MM_MEMORY_MANAGEMENT, MM_LOCK_OF_MISSING_SECTION, (ULONG_PTR)AddressWithinSection, 0, 0);
    return AddressWithinSection;
}
NT_EXPORT(MmLockPagableDataSection);

VOID NTAPI MmLockPagableSectionByHandle(PVOID ImageSectionHandle)
{
    if (!mm_probe(ImageSectionHandle, 1, false))
        KeBugCheckEx(MM_MEMORY_MANAGEMENT, MM_LOCK_OF_MISSING_SECTION, (ULONG_PTR)ImageSectionHandle, 0, 0);
}
NT_EXPORT(MmLockPagableSectionByHandle);

VOID NTAPI MmUnlockPagableImageSection(PVOID ImageSectionHandle)
{
    if (!mm_probe(ImageSectionHandle, 1, false))
        KeBugCheckEx(MM_MEMORY_MANAGEMENT, MM_LOCK_OF_MISSING_SECTION, (ULONG_PTR)ImageSectionHandle, 0, 0);
}
NT_EXPORT(MmUnlockPagableImageSection);

PVOID NTAPI MmPageEntireDriver(PVOID AddressWithinSection)
{
    return AddressWithinSection;
}
NT_EXPORT(MmPageEntireDriver);

VOID NTAPI MmResetDriverPaging(PVOID AddressWithinSection)
{
    (void)AddressWithinSection;
}
NT_EXPORT(MmResetDriverPaging);

/*
 * Questions about the system
 */
MM_SYSTEMSIZE NTAPI MmQuerySystemSize(VOID)
{
    return MmLargeSystem;
}
NT_EXPORT(MmQuerySystemSize);

BOOLEAN NTAPI MmIsThisAnNtAsSystem(VOID)
{
    return FALSE;
}
NT_EXPORT(MmIsThisAnNtAsSystem);

/* Until the verifier is there (and then by its own settings) no driver is being verified. */
LOGICAL NTAPI MmIsDriverVerifying(PDRIVER_OBJECT DriverObject)
{
    (void)DriverObject;
    return FALSE;
}
NT_EXPORT(MmIsDriverVerifying);

LOGICAL NTAPI MmIsDriverVerifyingByAddress(PVOID AddressWithinSection)
{
    (void)AddressWithinSection;
    return FALSE;
}
NT_EXPORT(MmIsDriverVerifyingByAddress);

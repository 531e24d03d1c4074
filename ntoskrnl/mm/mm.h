/*
 * Memory descriptor lists and the memory that drivers ask for by page. A driver under ndiskit lives in one Linux
 * process, so that "system address space" and the address that a buffer was allocated at are the same: physical
 * addresses are the virtual ones, page frame numbers are those shifted by PAGE_SHIFT. That makes mapping an MDL free,
 * keeps MmGetPhysicalAddress consistent with every MDL, and still lets a limit on the physical address of DMA memory be
 * honoured: memory below 4 GB is asked of Linux there.
 *
 * What drivers call is declared in wdm.h. IoAllocateMdl and its relations are in ntoskrnl/io.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wdm.h>

struct mm_usage {
    LONG64 locked_pages;    /* MmProbeAndLockPages without MmUnlockPages */
    LONG64 mapped_mdls;     /* MmMapLockedPages without MmUnmapLockedPages */
    LONG64 allocated_bytes; /* contiguous and non-cached memory, pages for MDLs, mapping addresses */
};

/* For leak tests and for the report at unload. Any IRQL. */
void mm_get_usage(struct mm_usage *usage);

/* True when [address, address + length) is mapped with read (and, with write set, write) permission. Never faults. Any
 * IRQL; costs a system call per page at worst. */
bool mm_probe(const void *address, size_t length, bool write);

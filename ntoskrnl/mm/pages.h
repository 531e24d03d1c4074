/* Page ranges that mm hands out, for mm's own files. */
#pragma once

#include "ntoskrnl/mm/mm.h"

#define MM_TAG 'lMmM'

/* BUG CHECK codes of this subsystem and their first parameters, as documented. */
#define MM_MEMORY_MANAGEMENT           0x1A
#define MM_MAP_OF_UNLOCKED_PAGE        0x1233
#define MM_LOCK_OF_MISSING_SECTION     0x1234
#define MM_MDL_WITH_BAD_PAGE           0x1236
#define MM_PFN_LIST_CORRUPT            0x4E
#define MM_UNLOCKED_MORE_THAN_LOCKED   0x07
#define MM_BAD_POOL_CALLER             0xC2
#define MM_FREE_OF_UNALLOCATED_ADDRESS 0x40
#define MM_SYSTEM_PTE_MISUSE           0xDA

enum mm_kind { MM_KIND_CONTIGUOUS, MM_KIND_NON_CACHED, MM_KIND_MDL_PAGES, MM_KIND_MAPPING };

struct mm_range {
    LIST_ENTRY link;
    enum mm_kind kind;
    void *base;
    size_t size; /* whole pages */
    void *mapping;
    size_t mapping_size; /* what Linux gave, alignment included */
    ULONG tag;
};

/* Zeroed pages in [low, high] that cross no multiple of boundary (0: any); NULL when there are none. */
void *mm_allocate_range(enum mm_kind kind, size_t bytes, ULONG64 low, ULONG64 high, ULONG64 boundary, ULONG tag);
/* False when base is no range of this kind. */
bool mm_free_range(enum mm_kind kind, void *base);
/* Copies the range's description. */
bool mm_find_range(const void *base, struct mm_range *range);

void mm_count_locked(LONG64 pages);
void mm_count_mapped(LONG64 mdls);

/*
 * Lookaside lists: caches of blocks of one size. Drivers inline the fast path (pop from the SLIST in the structure,
 * else call its Allocate member), so the structure's layout is Windows's. Statistics are kept as the inlined code keeps
 * them.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

enum { DEPTH = 4, MAXIMUM_DEPTH = 256 };

static NTAPI PVOID default_allocate_ex(POOL_TYPE type, SIZE_T size, ULONG tag, PLOOKASIDE_LIST_EX list)
{
    (void)list;
    return ExAllocatePoolWithTag(type, size, tag);
}

static NTAPI VOID default_free_ex(PVOID block, PLOOKASIDE_LIST_EX list)
{
    (void)list;
    ExFreePool(block);
}

/* A GENERAL_LOOKASIDE is a GENERAL_LOOKASIDE_POOL that begins a cache line. */
static void initialize(PGENERAL_LOOKASIDE_POOL list, POOL_TYPE type, SIZE_T size, ULONG tag)
{
    InitializeSListHead(&list->ListHead);
    list->Depth = DEPTH;
    list->MaximumDepth = MAXIMUM_DEPTH;
    list->TotalAllocates = 0;
    list->AllocateMisses = 0;
    list->TotalFrees = 0;
    list->FreeMisses = 0;
    list->Type = type;
    list->Tag = tag;
    list->Size = size < sizeof(SLIST_ENTRY) ? sizeof(SLIST_ENTRY) : (ULONG)size;
    list->LastTotalAllocates = 0;
    list->LastAllocateMisses = 0;
    InitializeListHead(&list->ListEntry);
}

static void initialize_classic(PGENERAL_LOOKASIDE list, PALLOCATE_FUNCTION allocate, PFREE_FUNCTION free,
                               POOL_TYPE type, ULONG flags, SIZE_T size, ULONG tag)
{
    initialize((PGENERAL_LOOKASIDE_POOL)list, type | (flags & POOL_RAISE_IF_ALLOCATION_FAILURE), size, tag);
    list->Allocate = allocate != NULL ? allocate : ExAllocatePoolWithTag;
    list->Free = free != NULL ? free : ExFreePool;
}

static PVOID allocate_from(PGENERAL_LOOKASIDE list)
{
    list->TotalAllocates++;
    PVOID block = ExpInterlockedPopEntrySList(&list->ListHead);
    if (block == NULL) {
        list->AllocateMisses++;
        block = list->Allocate(list->Type, list->Size, list->Tag);
    }
    return block;
}

static void free_to(PGENERAL_LOOKASIDE list, PVOID block)
{
    list->TotalFrees++;
    if (ExQueryDepthSList(&list->ListHead) >= list->Depth) {
        list->FreeMisses++;
        list->Free(block);
    } else {
        ExpInterlockedPushEntrySList(&list->ListHead, block);
    }
}

static void empty(PGENERAL_LOOKASIDE list)
{
    PVOID block;
    while ((block = ExpInterlockedPopEntrySList(&list->ListHead)) != NULL)
        list->Free(block);
}

VOID NTAPI ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
                                           PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth)
{
    (void)Depth; /* "must be zero" */
    POOL_TYPE type = (Flags & POOL_NX_ALLOCATION) != 0 ? NonPagedPoolNx : NonPagedPool;
    initialize_classic(&Lookaside->L, Allocate, Free, type, Flags, Size, Tag);
}
NT_EXPORT(ExInitializeNPagedLookasideList);

VOID NTAPI ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
                                          PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth)
{
    (void)Depth;
    initialize_classic(&Lookaside->L, Allocate, Free, PagedPool, Flags, Size, Tag);
}
NT_EXPORT(ExInitializePagedLookasideList);

VOID NTAPI ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    empty(&Lookaside->L);
}
NT_EXPORT(ExDeleteNPagedLookasideList);

VOID NTAPI ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    empty(&Lookaside->L);
}
NT_EXPORT(ExDeletePagedLookasideList);

/* Exported for drivers that do not inline them, as the header of this kit does. */
static NTAPI PVOID allocate_from_paged(PPAGED_LOOKASIDE_LIST Lookaside)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    return allocate_from(&Lookaside->L);
}
NT_EXPORT_AS(NT_IMAGE, "ExAllocateFromPagedLookasideList", allocate_from_paged);

static NTAPI VOID free_to_paged(PPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    free_to(&Lookaside->L, Entry);
}
NT_EXPORT_AS(NT_IMAGE, "ExFreeToPagedLookasideList", free_to_paged);

NTSTATUS NTAPI ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PALLOCATE_FUNCTION_EX Allocate,
                                           PFREE_FUNCTION_EX Free, POOL_TYPE PoolType, ULONG Flags, SIZE_T Size,
                                           ULONG Tag, USHORT Depth)
{
    (void)Depth;
    const ULONG both = EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL | EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE;
    if ((Flags & ~both) != 0 || (Flags & both) == both)
        return STATUS_INVALID_PARAMETER_5;
    ULONG raise = (Flags & EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL) != 0 ? POOL_RAISE_IF_ALLOCATION_FAILURE : 0;
    initialize(&Lookaside->L, PoolType | raise, Size, Tag);
    Lookaside->L.AllocateEx = Allocate != NULL ? Allocate : default_allocate_ex;
    Lookaside->L.FreeEx = Free != NULL ? Free : default_free_ex;
    return STATUS_SUCCESS;
}
NT_EXPORT(ExInitializeLookasideListEx);

static void empty_ex(PLOOKASIDE_LIST_EX list)
{
    PVOID block;
    while ((block = ExpInterlockedPopEntrySList(&list->L.ListHead)) != NULL)
        list->L.FreeEx(block, list);
}

VOID NTAPI ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    empty_ex(Lookaside);
}
NT_EXPORT(ExDeleteLookasideListEx);

VOID NTAPI ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    empty_ex(Lookaside);
}
NT_EXPORT(ExFlushLookasideListEx);

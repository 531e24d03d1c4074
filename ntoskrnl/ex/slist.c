/*
 * Interlocked lists. Singly linked ones (SLIST_HEADER) are what lookaside lists and drivers' own caches are made of.
 * Windows exchanges 16 bytes at once, reads a next pointer that may be gone, and has its fault handler forgive that;
 * here one bit of the header's sequence is a lock, which costs less and reads nothing that was freed. Depth stays where
 * the inlined QueryDepthSList of drivers reads it: the low 16 bits.
 *
 * The ExInterlocked functions for doubly linked lists take the caller's spin lock at whatever IRQL it is held.
 */
#include <sched.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

#define LOCKED   0x10000ull /* lowest bit of HeaderX64.Sequence */
#define SEQUENCE 0x20000ull
enum { DEPTH_MASK = 0xffff, SPINS = 200 };

static uint64_t *state_of(PSLIST_HEADER head)
{
    return (uint64_t *)&head->Alignment;
}

static uint64_t lock(PSLIST_HEADER head)
{
    for (unsigned round = 0;; round++) {
        uint64_t old = __atomic_load_n(state_of(head), __ATOMIC_RELAXED);
        if ((old & LOCKED) == 0 &&
            __atomic_compare_exchange_n(state_of(head), &old, old | LOCKED, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return old;
        if (round < SPINS)
            __builtin_ia32_pause();
        else
            sched_yield();
    }
}

static void unlock(PSLIST_HEADER head, uint64_t old, uint64_t depth)
{
    __atomic_store_n(state_of(head), ((old & ~(uint64_t)DEPTH_MASK) + SEQUENCE) | (depth & DEPTH_MASK),
                     __ATOMIC_RELEASE);
}

static NTAPI VOID initialize(PSLIST_HEADER SListHead)
{
    if (((uintptr_t)SListHead & 15) != 0)
        ExRaiseStatus(STATUS_DATATYPE_MISALIGNMENT);
    SListHead->Region = 0;
    __atomic_store_n(state_of(SListHead), 0, __ATOMIC_RELEASE);
}
NT_EXPORT_AS(NT_IMAGE, "InitializeSListHead", initialize);

#undef ExQueryDepthSList
USHORT NTAPI ExQueryDepthSList(PSLIST_HEADER SListHead)
{
    return (USHORT)(__atomic_load_n(state_of(SListHead), __ATOMIC_RELAXED) & DEPTH_MASK);
}
NT_EXPORT(ExQueryDepthSList);

PSLIST_ENTRY NTAPI ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry)
{
    uint64_t old = lock(ListHead);
    PSLIST_ENTRY first = (PSLIST_ENTRY)ListHead->Region;
    ListEntry->Next = first;
    ListHead->Region = (ULONGLONG)ListEntry;
    unlock(ListHead, old, old + 1);
    return first;
}
NT_EXPORT(ExpInterlockedPushEntrySList);

PSLIST_ENTRY NTAPI ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead)
{
    uint64_t old = lock(ListHead);
    PSLIST_ENTRY first = (PSLIST_ENTRY)ListHead->Region;
    if (first != NULL)
        ListHead->Region = (ULONGLONG)first->Next;
    unlock(ListHead, old, first != NULL ? old - 1 : old);
    return first;
}
NT_EXPORT(ExpInterlockedPopEntrySList);

PSLIST_ENTRY NTAPI ExpInterlockedFlushSList(PSLIST_HEADER ListHead)
{
    uint64_t old = lock(ListHead);
    PSLIST_ENTRY first = (PSLIST_ENTRY)ListHead->Region;
    ListHead->Region = 0;
    unlock(ListHead, old, 0);
    return first;
}
NT_EXPORT(ExpInterlockedFlushSList);

/* At any IRQL: raised to HIGH_LEVEL, as the documentation says, so that an interrupt's list may be changed. */
static KIRQL take(PKSPIN_LOCK spin_lock)
{
    KIRQL old = ke_raise(ke_irql() > DISPATCH_LEVEL ? ke_irql() : DISPATCH_LEVEL);
    KeAcquireSpinLockAtDpcLevel(spin_lock);
    return old;
}

static void drop(PKSPIN_LOCK spin_lock, KIRQL old)
{
    KeReleaseSpinLockFromDpcLevel(spin_lock);
    ke_lower(old);
}

PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    KIRQL old = take(Lock);
    PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : ListHead->Flink;
    InsertHeadList(ListHead, ListEntry);
    drop(Lock, old);
    return first;
}
NT_EXPORT(ExInterlockedInsertHeadList);

PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    KIRQL old = take(Lock);
    PLIST_ENTRY last = IsListEmpty(ListHead) ? NULL : ListHead->Blink;
    InsertTailList(ListHead, ListEntry);
    drop(Lock, old);
    return last;
}
NT_EXPORT(ExInterlockedInsertTailList);

PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    KIRQL old = take(Lock);
    PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : RemoveHeadList(ListHead);
    drop(Lock, old);
    return first;
}
NT_EXPORT(ExInterlockedRemoveHeadList);

PSINGLE_LIST_ENTRY NTAPI ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY ListEntry,
                                                    PKSPIN_LOCK Lock)
{
    KIRQL old = take(Lock);
    PSINGLE_LIST_ENTRY first = ListHead->Next;
    ListEntry->Next = first;
    ListHead->Next = ListEntry;
    drop(Lock, old);
    return first;
}
NT_EXPORT(ExInterlockedPushEntryList);

PSINGLE_LIST_ENTRY NTAPI ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    KIRQL old = take(Lock);
    PSINGLE_LIST_ENTRY first = ListHead->Next;
    if (first != NULL)
        ListHead->Next = first->Next;
    drop(Lock, old);
    return first;
}
NT_EXPORT(ExInterlockedPopEntryList);

LARGE_INTEGER NTAPI ExInterlockedAddLargeInteger(PLARGE_INTEGER Addend, LARGE_INTEGER Increment, PKSPIN_LOCK Lock)
{
    KIRQL old = take(Lock);
    LARGE_INTEGER before = *Addend;
    Addend->QuadPart = (LONGLONG)((ULONGLONG)before.QuadPart + (ULONGLONG)Increment.QuadPart);
    drop(Lock, old);
    return before;
}
NT_EXPORT(ExInterlockedAddLargeInteger);

ULONG NTAPI ExInterlockedAddUlong(PULONG Addend, ULONG Increment, PKSPIN_LOCK Lock)
{
    KIRQL old = take(Lock);
    ULONG before = *Addend;
    *Addend = before + Increment;
    drop(Lock, old);
    return before;
}
NT_EXPORT(ExInterlockedAddUlong);

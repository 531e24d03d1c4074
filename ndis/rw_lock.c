/*
 * Reader-writer locks, for data that is read for each packet and rarely written. A reader counts itself in a cache line
 * of the processor that it owns at DISPATCH_LEVEL, so that readers never write to shared memory; a writer announces
 * itself and then waits until every processor's count is zero. Readers that already hold the lock on their processor
 * pass an announced writer, so that nested reads do not deadlock.
 *
 * NDIS 6.20's NDIS_RW_LOCK_EX and the older NDIS_RW_LOCK, whose memory is the driver's, work alike.
 * Pages: "NdisAcquireRWLockRead function", "NdisAcquireReadWriteLock function".
 */
#include "ndis/services.h"
#include "ndis/net_buffer.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

#define PROCESSORS MAXIMUM_PROCESSORS

enum { STATE_FREE, STATE_READ, STATE_WRITE };

/* The parts of either kind of lock. */
struct parts {
    PKSPIN_LOCK writers; /* one writer at a time */
    uint32_t *writer;    /* 1: a writer waits or has the lock */
    char *counts;
    size_t stride;
};

struct _NDIS_RW_LOCK_EX {
    KSPIN_LOCK writers;
    uint32_t writer;
    NDIS_HANDLE owner;
    struct {
        uint32_t count;
        char line[60];
    } readers[PROCESSORS] __attribute__((aligned(64)));
};

static inline struct parts parts_ex(PNDIS_RW_LOCK_EX lock)
{
    return (struct parts){&lock->writers, &lock->writer, (char *)lock->readers, sizeof(lock->readers[0])};
}

static inline struct parts parts_old(PNDIS_RW_LOCK lock)
{
    return (struct parts){&lock->SpinLock, (uint32_t *)&lock->Context, (char *)lock->RefCount,
                          sizeof(lock->RefCount[0])};
}

static inline uint32_t *count_of(const struct parts *parts, ULONG processor)
{
    return (uint32_t *)(parts->counts + parts->stride * processor);
}

/* At DISPATCH_LEVEL. */
static inline void acquire_read(const struct parts *parts)
{
    uint32_t *count = count_of(parts, KeGetCurrentProcessorNumberEx(NULL));
    for (;;) {
        uint32_t before = __atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
        if (before || !__atomic_load_n(parts->writer, __ATOMIC_SEQ_CST))
            return;
        __atomic_fetch_sub(count, 1, __ATOMIC_SEQ_CST);
        ke_wake_address(count, 1);
        ke_wait_on_address(parts->writer, 1, KE_FOREVER);
    }
}

static inline void release_read(const struct parts *parts)
{
    uint32_t *count = count_of(parts, KeGetCurrentProcessorNumberEx(NULL));
    if (__atomic_fetch_sub(count, 1, __ATOMIC_SEQ_CST) == 1 && __atomic_load_n(parts->writer, __ATOMIC_SEQ_CST))
        ke_wake_address(count, 1);
}

static void acquire_write(const struct parts *parts)
{
    KeAcquireSpinLockAtDpcLevel(parts->writers);
    __atomic_store_n(parts->writer, 1, __ATOMIC_SEQ_CST);
    for (ULONG i = 0; i < PROCESSORS; i++) {
        uint32_t *count = count_of(parts, i), readers;
        while ((readers = __atomic_load_n(count, __ATOMIC_SEQ_CST)))
            ke_wait_on_address(count, readers, KE_FOREVER);
    }
}

static void release_write(const struct parts *parts)
{
    __atomic_store_n(parts->writer, 0, __ATOMIC_SEQ_CST);
    ke_wake_address(parts->writer, INT32_MAX);
    KeReleaseSpinLockFromDpcLevel(parts->writers);
}

/* The LockState of one acquisition says what to undo; returns the IRQL before. */
static inline UCHAR acquire(const struct parts *parts, bool write, bool at_dispatch, KIRQL *old_irql)
{
    if (!at_dispatch)
        KeRaiseIrql(DISPATCH_LEVEL, old_irql);
    if (write)
        acquire_write(parts);
    else
        acquire_read(parts);
    return write ? STATE_WRITE : STATE_READ;
}

static inline void release(const struct parts *parts, USHORT state, bool at_dispatch, KIRQL old_irql,
                           const char *function, const void *lock)
{
    if (state == STATE_READ)
        release_read(parts);
    else if (state == STATE_WRITE)
        release_write(parts);
    else
        ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x24, (ULONG_PTR)lock, state, (ULONG_PTR)__builtin_return_address(0),
                         NULL, "%s: the lock state is not one of a lock that is held", function);
    if (!at_dispatch)
        KeLowerIrql(old_irql);
}

PNDIS_RW_LOCK_EX NTAPI NdisAllocateRWLock(NDIS_HANDLE NdisHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    PNDIS_RW_LOCK_EX lock =
        ex_pool_allocate(EX_POOL_CACHE_ALIGNED, sizeof(*lock), NDIS_LIBRARY_TAG, __builtin_return_address(0));
    if (lock)
        lock->owner = NdisHandle;
    return lock;
}
NT_EXPORT(NdisAllocateRWLock);

VOID NTAPI NdisFreeRWLock(PNDIS_RW_LOCK_EX Lock)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ex_pool_free(Lock, NDIS_LIBRARY_TAG, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeRWLock);

VOID NTAPI NdisAcquireRWLockRead(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState, UCHAR Flags)
{
    struct parts parts = parts_ex(Lock);
    LockState->Flags = Flags;
    LockState->LockState = acquire(&parts, false, Flags & NDIS_RWL_AT_DISPATCH_LEVEL, &LockState->OldIrql);
}
NT_EXPORT(NdisAcquireRWLockRead);

VOID NTAPI NdisAcquireRWLockWrite(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState, UCHAR Flags)
{
    struct parts parts = parts_ex(Lock);
    LockState->Flags = Flags;
    LockState->LockState = acquire(&parts, true, Flags & NDIS_RWL_AT_DISPATCH_LEVEL, &LockState->OldIrql);
}
NT_EXPORT(NdisAcquireRWLockWrite);

VOID NTAPI NdisReleaseRWLock(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState)
{
    struct parts parts = parts_ex(Lock);
    UCHAR held = LockState->LockState;
    LockState->LockState = STATE_FREE;
    release(&parts, held, LockState->Flags & NDIS_RWL_AT_DISPATCH_LEVEL, LockState->OldIrql, __func__, Lock);
}
NT_EXPORT(NdisReleaseRWLock);

VOID NTAPI NdisInitializeReadWriteLock(PNDIS_RW_LOCK Lock)
{
    RtlZeroMemory(Lock, sizeof(*Lock));
    KeInitializeSpinLock(&Lock->SpinLock);
}
NT_EXPORT(NdisInitializeReadWriteLock);

VOID NTAPI NdisAcquireReadWriteLock(PNDIS_RW_LOCK Lock, BOOLEAN fWrite, PLOCK_STATE LockState)
{
    struct parts parts = parts_old(Lock);
    LockState->LockState = acquire(&parts, fWrite, false, &LockState->OldIrql);
}
NT_EXPORT(NdisAcquireReadWriteLock);

VOID NTAPI NdisReleaseReadWriteLock(PNDIS_RW_LOCK Lock, PLOCK_STATE LockState)
{
    struct parts parts = parts_old(Lock);
    USHORT held = LockState->LockState;
    LockState->LockState = STATE_FREE;
    release(&parts, held, false, LockState->OldIrql, __func__, Lock);
}
NT_EXPORT(NdisReleaseReadWriteLock);

VOID NTAPI NdisDprAcquireReadWriteLock(PNDIS_RW_LOCK Lock, BOOLEAN fWrite, PLOCK_STATE LockState)
{
    struct parts parts = parts_old(Lock);
    LockState->LockState = acquire(&parts, fWrite, true, &LockState->OldIrql);
}
NT_EXPORT(NdisDprAcquireReadWriteLock);

VOID NTAPI NdisDprReleaseReadWriteLock(PNDIS_RW_LOCK Lock, PLOCK_STATE LockState)
{
    struct parts parts = parts_old(Lock);
    USHORT held = LockState->LockState;
    LockState->LockState = STATE_FREE;
    release(&parts, held, true, LockState->OldIrql, __func__, Lock);
}
NT_EXPORT(NdisDprReleaseReadWriteLock);

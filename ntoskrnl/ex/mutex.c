/*
 * Fast mutexes and guarded mutexes: mutual exclusion below DISPATCH_LEVEL without recursion. The header inlines their
 * initialisation (Count 1, a synchronization event), so that the protocol is Windows's: who takes Count from 1 to 0 has
 * it; anybody else waits for the event, which the release sets for one of them.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

static void acquire(PFAST_MUTEX mutex, const void *caller)
{
    if (__atomic_load_n(&mutex->Owner, __ATOMIC_RELAXED) == (PVOID)ke_current_thread())
        ke_bugcheck_text(DRIVER_VERIFIER_DETECTED_VIOLATION, 0x1001, (ULONG_PTR)mutex, (ULONG_PTR)caller, 0, NULL,
                         "fast mutex %p is acquired by the thread that holds it", (void *)mutex);
    if (__atomic_sub_fetch(&mutex->Count, 1, __ATOMIC_ACQUIRE) != 0) {
        __atomic_fetch_add(&mutex->Contention, 1, __ATOMIC_RELAXED);
        KeWaitForSingleObject(&mutex->Event, WrFastMutex, KernelMode, FALSE, NULL);
    }
    __atomic_store_n(&mutex->Owner, (PVOID)ke_current_thread(), __ATOMIC_RELAXED);
}

static bool try_acquire(PFAST_MUTEX mutex)
{
    LONG free = 1;
    if (!__atomic_compare_exchange_n(&mutex->Count, &free, 0, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    __atomic_store_n(&mutex->Owner, (PVOID)ke_current_thread(), __ATOMIC_RELAXED);
    return true;
}

static void release(PFAST_MUTEX mutex, const void *caller)
{
    if (__atomic_load_n(&mutex->Owner, __ATOMIC_RELAXED) != (PVOID)ke_current_thread())
        ke_bugcheck_text(DRIVER_VERIFIER_DETECTED_VIOLATION, 0x1003, (ULONG_PTR)mutex, (ULONG_PTR)caller, 0, NULL,
                         "fast mutex %p is released by a thread that does not hold it", (void *)mutex);
    __atomic_store_n(&mutex->Owner, NULL, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&mutex->Count, 1, __ATOMIC_RELEASE) <= 0)
        KeSetEvent(&mutex->Event, IO_NO_INCREMENT, FALSE);
}

VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    KIRQL old = ke_raise(APC_LEVEL);
    acquire(FastMutex, __builtin_return_address(0));
    FastMutex->OldIrql = old;
}
NT_EXPORT(ExAcquireFastMutex);

VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX FastMutex)
{
    KIRQL old = (KIRQL)FastMutex->OldIrql;
    release(FastMutex, __builtin_return_address(0));
    ke_lower(old);
}
NT_EXPORT(ExReleaseFastMutex);

BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    KIRQL old = ke_raise(APC_LEVEL);
    if (!try_acquire(FastMutex)) {
        ke_lower(old);
        return FALSE;
    }
    FastMutex->OldIrql = old;
    return TRUE;
}
NT_EXPORT(ExTryToAcquireFastMutex);

VOID NTAPI ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    acquire(FastMutex, __builtin_return_address(0));
}
NT_EXPORT(ExAcquireFastMutexUnsafe);

VOID NTAPI ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
    release(FastMutex, __builtin_return_address(0));
}
NT_EXPORT(ExReleaseFastMutexUnsafe);

VOID NTAPI ExEnterCriticalRegionAndAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
    KeEnterCriticalRegion();
    acquire(FastMutex, __builtin_return_address(0));
}
NT_EXPORT(ExEnterCriticalRegionAndAcquireFastMutexUnsafe);

VOID NTAPI ExReleaseFastMutexUnsafeAndLeaveCriticalRegion(PFAST_MUTEX FastMutex)
{
    release(FastMutex, __builtin_return_address(0));
    KeLeaveCriticalRegion();
}
NT_EXPORT(ExReleaseFastMutexUnsafeAndLeaveCriticalRegion);

/* A KGUARDED_MUTEX begins like a FAST_MUTEX, with a gate, which is a dispatcher header too, for the event; holding one
 * is being in a guarded region. */
VOID NTAPI KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    Mutex->Count = 1;
    Mutex->Owner = NULL;
    Mutex->Contention = 0;
    KeInitializeEvent((PKEVENT)&Mutex->Gate, SynchronizationEvent, FALSE);
}
NT_EXPORT(KeInitializeGuardedMutex);

VOID NTAPI KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    KeEnterGuardedRegion();
    acquire((PFAST_MUTEX)Mutex, __builtin_return_address(0));
}
NT_EXPORT(KeAcquireGuardedMutex);

VOID NTAPI KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    release((PFAST_MUTEX)Mutex, __builtin_return_address(0));
    KeLeaveGuardedRegion();
}
NT_EXPORT(KeReleaseGuardedMutex);

BOOLEAN NTAPI KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    KeEnterGuardedRegion();
    if (try_acquire((PFAST_MUTEX)Mutex))
        return TRUE;
    KeLeaveGuardedRegion();
    return FALSE;
}
NT_EXPORT(KeTryToAcquireGuardedMutex);

VOID NTAPI KeAcquireGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex)
{
    acquire((PFAST_MUTEX)Mutex, __builtin_return_address(0));
}
NT_EXPORT(KeAcquireGuardedMutexUnsafe);

VOID NTAPI KeReleaseGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex)
{
    release((PFAST_MUTEX)Mutex, __builtin_return_address(0));
}
NT_EXPORT(KeReleaseGuardedMutexUnsafe);

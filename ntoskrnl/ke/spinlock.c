/*
 * Spin locks. A driver protects what its DPCs and dispatch routines share with KSPIN_LOCKs; the holder is at
 * DISPATCH_LEVEL, hence owns a virtual processor. The lock word is 0, or identifies the holding host thread (the
 * address of its ke_this), which lets acquiring twice and releasing what is not held be told for certain, as a checked
 * Windows does. Releasing is a plain store: waiters are not registered anywhere, but spin, then yield, then sleep for a
 * moment, because here, unlike on Windows, the host may have taken the CPU away from the holder.
 */
#include <sched.h>
#include <time.h>
#include "ntoskrnl/ke/state.h"

enum { SPINS = 200, YIELDS = 200, NAP_NANOSECONDS = 50000 };

static inline __attribute__((always_inline)) KSPIN_LOCK self(void)
{
    return (KSPIN_LOCK)&ke_this;
}

/* How long waiting goes on before the CPU is given to others. */
static void pause_for(unsigned round)
{
    if (round < SPINS) {
        __builtin_ia32_pause();
    } else if (round < SPINS + YIELDS) {
        sched_yield();
    } else {
        const struct timespec nap = {.tv_nsec = NAP_NANOSECONDS};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
    }
}

static inline __attribute__((always_inline)) bool try_acquire(PKSPIN_LOCK lock)
{
    KSPIN_LOCK expected = 0;
    return __atomic_compare_exchange_n(lock, &expected, self(), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static NTAPI __attribute__((noinline)) void acquire_slow(PKSPIN_LOCK lock, const void *caller)
{
    if (__atomic_load_n(lock, __ATOMIC_RELAXED) == self())
        ke_bugcheck_text(SPIN_LOCK_ALREADY_OWNED, (ULONG_PTR)lock, (ULONG_PTR)caller, 0, 0, NULL,
                         "the thread that holds spin lock %p acquires it again", (void *)lock);
    for (unsigned round = 0;; round++) {
        if (__atomic_load_n(lock, __ATOMIC_RELAXED) == 0 && try_acquire(lock))
            return;
        pause_for(round);
    }
}

static _Noreturn NTAPI __attribute__((noinline)) void not_owned(const void *lock, const void *caller)
{
    ke_bugcheck_text(SPIN_LOCK_NOT_OWNED, (ULONG_PTR)lock, (ULONG_PTR)caller, 0, 0, NULL,
                     "lock %p is released by a thread that does not hold it", lock);
}

static _Noreturn NTAPI __attribute__((noinline)) void too_low(const char *function, const void *caller)
{
    ke_bugcheck_text(IRQL_NOT_GREATER_OR_EQUAL, (ULONG_PTR)caller, ke_this.irql, 0, (ULONG_PTR)caller, NULL,
                     "%s was called at IRQL %u; it needs DISPATCH_LEVEL or above", function, ke_this.irql);
}

static _Noreturn NTAPI __attribute__((noinline)) void too_high(const char *function, const void *caller)
{
    ke_irql_violation(function, DISPATCH_LEVEL, caller);
}

static inline __attribute__((always_inline)) void require_dispatch(const char *function, const void *caller)
{
    if (__builtin_expect(ke_this.irql < DISPATCH_LEVEL, 0))
        too_low(function, caller);
}

static inline __attribute__((always_inline)) KIRQL raise_to_dispatch(const char *function, const void *caller)
{
    if (__builtin_expect(ke_this.irql > DISPATCH_LEVEL, 0))
        too_high(function, caller);
    return ke_raise(DISPATCH_LEVEL);
}

static inline __attribute__((always_inline)) void acquire(PKSPIN_LOCK lock, const void *caller)
{
    if (__builtin_expect(!try_acquire(lock), 0))
        acquire_slow(lock, caller);
}

static inline __attribute__((always_inline)) void release(PKSPIN_LOCK lock, const void *caller)
{
    if (__builtin_expect(__atomic_load_n(lock, __ATOMIC_RELAXED) != self(), 0))
        not_owned(lock, caller);
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

#undef KeInitializeSpinLock
VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
    __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
}
NT_EXPORT(KeInitializeSpinLock);

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    KIRQL old = raise_to_dispatch(__func__, __builtin_return_address(0));
    acquire(SpinLock, __builtin_return_address(0));
    return old;
}
NT_EXPORT(KeAcquireSpinLockRaiseToDpc);

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    release(SpinLock, __builtin_return_address(0));
    ke_lower(NewIrql);
}
NT_EXPORT(KeReleaseSpinLock);

VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    require_dispatch(__func__, __builtin_return_address(0));
    acquire(SpinLock, __builtin_return_address(0));
}
NT_EXPORT(KeAcquireSpinLockAtDpcLevel);

VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    release(SpinLock, __builtin_return_address(0));
}
NT_EXPORT(KeReleaseSpinLockFromDpcLevel);

BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    require_dispatch(__func__, __builtin_return_address(0));
    return try_acquire(SpinLock);
}
NT_EXPORT(KeTryToAcquireSpinLockAtDpcLevel);

BOOLEAN NTAPI KeTestSpinLock(PKSPIN_LOCK SpinLock)
{
    return __atomic_load_n(SpinLock, __ATOMIC_RELAXED) == 0;
}
NT_EXPORT(KeTestSpinLock);

/* "ForDpc": for code that may run in a DPC or, when it is a threaded one, at PASSIVE_LEVEL. */
KIRQL NTAPI KeAcquireSpinLockForDpc(PKSPIN_LOCK SpinLock)
{
    KIRQL old = raise_to_dispatch(__func__, __builtin_return_address(0));
    acquire(SpinLock, __builtin_return_address(0));
    return old;
}
NT_EXPORT(KeAcquireSpinLockForDpc);

VOID NTAPI KeReleaseSpinLockForDpc(PKSPIN_LOCK SpinLock, KIRQL OldIrql)
{
    release(SpinLock, __builtin_return_address(0));
    ke_lower(OldIrql);
}
NT_EXPORT(KeReleaseSpinLockForDpc);

/*
 * In-stack queued spin locks. The handle, on the caller's stack, is the waiter's place in a queue, so that the lock
 * is handed over in the order of arrival. The lock word is the address of the last handle's queue entry; Next is the
 * waiter behind; the low bits of the handle's Lock pointer say in what state the handle is.
 */
enum { QUEUED_WAITING = 1, QUEUED_OWNER = 2, QUEUED_MASK = 3 };

static uintptr_t *state_of(PKLOCK_QUEUE_HANDLE handle)
{
    return (uintptr_t *)&handle->LockQueue.Lock;
}

static NTAPI __attribute__((noinline)) void queued_wait(PKLOCK_QUEUE_HANDLE handle)
{
    for (unsigned round = 0; (__atomic_load_n(state_of(handle), __ATOMIC_ACQUIRE) & QUEUED_WAITING) != 0; round++)
        pause_for(round);
}

static inline __attribute__((always_inline)) void queued_acquire(PKSPIN_LOCK lock, PKLOCK_QUEUE_HANDLE handle)
{
    __atomic_store_n(&handle->LockQueue.Next, NULL, __ATOMIC_RELAXED);
    __atomic_store_n(state_of(handle), (uintptr_t)lock | QUEUED_WAITING, __ATOMIC_RELAXED);
    KSPIN_LOCK_QUEUE *before = (KSPIN_LOCK_QUEUE *)__atomic_exchange_n(lock, (KSPIN_LOCK)handle, __ATOMIC_ACQ_REL);
    if (before == NULL) {
        __atomic_store_n(state_of(handle), (uintptr_t)lock | QUEUED_OWNER, __ATOMIC_RELAXED);
        return;
    }
    __atomic_store_n(&before->Next, &handle->LockQueue, __ATOMIC_RELEASE);
    queued_wait(handle);
}

static NTAPI __attribute__((noinline)) void queued_hand_over(PKLOCK_QUEUE_HANDLE handle, uintptr_t lock)
{
    KSPIN_LOCK_QUEUE *next;
    for (unsigned round = 0; (next = __atomic_load_n(&handle->LockQueue.Next, __ATOMIC_ACQUIRE)) == NULL; round++)
        pause_for(round);
    __atomic_store_n((uintptr_t *)&next->Lock, lock | QUEUED_OWNER, __ATOMIC_RELEASE);
}

static inline __attribute__((always_inline)) void queued_release(PKLOCK_QUEUE_HANDLE handle, const void *caller)
{
    uintptr_t state = __atomic_load_n(state_of(handle), __ATOMIC_RELAXED);
    uintptr_t lock = state & ~(uintptr_t)QUEUED_MASK;
    if (__builtin_expect((state & QUEUED_MASK) != QUEUED_OWNER, 0))
        not_owned(handle, caller);
    __atomic_store_n(state_of(handle), lock, __ATOMIC_RELAXED);
    KSPIN_LOCK expected = (KSPIN_LOCK)handle;
    if (!__atomic_compare_exchange_n((PKSPIN_LOCK)lock, &expected, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        queued_hand_over(handle, lock);
}

VOID NTAPI KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->OldIrql = raise_to_dispatch(__func__, __builtin_return_address(0));
    queued_acquire(SpinLock, LockHandle);
}
NT_EXPORT(KeAcquireInStackQueuedSpinLock);

VOID NTAPI KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
    KIRQL old = LockHandle->OldIrql;
    queued_release(LockHandle, __builtin_return_address(0));
    ke_lower(old);
}
NT_EXPORT(KeReleaseInStackQueuedSpinLock);

VOID NTAPI KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    require_dispatch(__func__, __builtin_return_address(0));
    queued_acquire(SpinLock, LockHandle);
}
NT_EXPORT(KeAcquireInStackQueuedSpinLockAtDpcLevel);

VOID NTAPI KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle)
{
    queued_release(LockHandle, __builtin_return_address(0));
}
NT_EXPORT(KeReleaseInStackQueuedSpinLockFromDpcLevel);

VOID NTAPI KeAcquireInStackQueuedSpinLockForDpc(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->OldIrql = raise_to_dispatch(__func__, __builtin_return_address(0));
    queued_acquire(SpinLock, LockHandle);
}
NT_EXPORT(KeAcquireInStackQueuedSpinLockForDpc);

VOID NTAPI KeReleaseInStackQueuedSpinLockForDpc(PKLOCK_QUEUE_HANDLE LockHandle)
{
    KIRQL old = LockHandle->OldIrql;
    queued_release(LockHandle, __builtin_return_address(0));
    ke_lower(old);
}
NT_EXPORT(KeReleaseInStackQueuedSpinLockForDpc);

/*
 * EX_SPIN_LOCK: one writer or many readers. Bit 31 is the writer, bit 30 says that a writer waits (new readers then
 * stay out), the rest counts readers. Declared with the Ex prefix, but spin locks have one home.
 */
#define WRITER       0x80000000u
#define WRITER_WAITS 0x40000000u
#define READERS_MASK 0x3fffffffu

static bool try_exclusive(PEX_SPIN_LOCK lock)
{
    uint32_t old = __atomic_load_n((uint32_t *)lock, __ATOMIC_RELAXED);
    return (old & ~WRITER_WAITS) == 0 &&
           __atomic_compare_exchange_n((uint32_t *)lock, &old, WRITER, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static bool try_shared(PEX_SPIN_LOCK lock, uint32_t blockers)
{
    uint32_t old = __atomic_load_n((uint32_t *)lock, __ATOMIC_RELAXED);
    return (old & blockers) == 0 &&
           __atomic_compare_exchange_n((uint32_t *)lock, &old, old + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void acquire_exclusive(PEX_SPIN_LOCK lock)
{
    for (unsigned round = 0; !try_exclusive(lock); round++) {
        __atomic_fetch_or((uint32_t *)lock, WRITER_WAITS, __ATOMIC_RELAXED);
        pause_for(round);
    }
}

static void acquire_shared(PEX_SPIN_LOCK lock)
{
    for (unsigned round = 0; !try_shared(lock, WRITER | WRITER_WAITS); round++)
        pause_for(round);
}

static void release_exclusive(PEX_SPIN_LOCK lock, const void *caller)
{
    if ((__atomic_load_n((uint32_t *)lock, __ATOMIC_RELAXED) & WRITER) == 0)
        not_owned(lock, caller);
    __atomic_fetch_and((uint32_t *)lock, ~WRITER, __ATOMIC_RELEASE);
}

static void release_shared(PEX_SPIN_LOCK lock, const void *caller)
{
    if ((__atomic_load_n((uint32_t *)lock, __ATOMIC_RELAXED) & READERS_MASK) == 0)
        not_owned(lock, caller);
    __atomic_fetch_sub((uint32_t *)lock, 1, __ATOMIC_RELEASE);
}

KIRQL NTAPI ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock)
{
    KIRQL old = raise_to_dispatch(__func__, __builtin_return_address(0));
    acquire_exclusive(SpinLock);
    return old;
}
NT_EXPORT(ExAcquireSpinLockExclusive);

VOID NTAPI ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql)
{
    release_exclusive(SpinLock, __builtin_return_address(0));
    ke_lower(OldIrql);
}
NT_EXPORT(ExReleaseSpinLockExclusive);

VOID NTAPI ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    require_dispatch(__func__, __builtin_return_address(0));
    acquire_exclusive(SpinLock);
}
NT_EXPORT(ExAcquireSpinLockExclusiveAtDpcLevel);

VOID NTAPI ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    release_exclusive(SpinLock, __builtin_return_address(0));
}
NT_EXPORT(ExReleaseSpinLockExclusiveFromDpcLevel);

KIRQL NTAPI ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock)
{
    KIRQL old = raise_to_dispatch(__func__, __builtin_return_address(0));
    acquire_shared(SpinLock);
    return old;
}
NT_EXPORT(ExAcquireSpinLockShared);

VOID NTAPI ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql)
{
    release_shared(SpinLock, __builtin_return_address(0));
    ke_lower(OldIrql);
}
NT_EXPORT(ExReleaseSpinLockShared);

VOID NTAPI ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    require_dispatch(__func__, __builtin_return_address(0));
    acquire_shared(SpinLock);
}
NT_EXPORT(ExAcquireSpinLockSharedAtDpcLevel);

VOID NTAPI ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    release_shared(SpinLock, __builtin_return_address(0));
}
NT_EXPORT(ExReleaseSpinLockSharedFromDpcLevel);

/* TRUE when the caller was the only reader; it then holds the lock exclusively. */
LOGICAL NTAPI ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock)
{
    uint32_t old = __atomic_load_n((uint32_t *)SpinLock, __ATOMIC_RELAXED);
    require_dispatch(__func__, __builtin_return_address(0));
    return (old & ~WRITER_WAITS) == 1 &&
           __atomic_compare_exchange_n((uint32_t *)SpinLock, &old, WRITER | (old & WRITER_WAITS), false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
NT_EXPORT(ExTryConvertSharedSpinLockExclusive);

LOGICAL NTAPI ExTryAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    require_dispatch(__func__, __builtin_return_address(0));
    return try_exclusive(SpinLock);
}
NT_EXPORT(ExTryAcquireSpinLockExclusiveAtDpcLevel);

LOGICAL NTAPI ExTryAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    require_dispatch(__func__, __builtin_return_address(0));
    return try_shared(SpinLock, WRITER | WRITER_WAITS);
}
NT_EXPORT(ExTryAcquireSpinLockSharedAtDpcLevel);

/*
 * Push locks: reader/writer locks of one pointer's size below DISPATCH_LEVEL, not recursive. The low 32 bits are the
 * state that waiters sleep on: bit 0 held exclusively, bit 1 somebody sleeps, the rest counts readers. Writers that
 * wait do not keep readers out, as the documentation promises no fairness.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

enum { EXCLUSIVE = 1, SLEEPERS = 2, READER = 4, SPINS = 100 };

static uint32_t *word_of(PEX_PUSH_LOCK lock)
{
    return (uint32_t *)lock;
}

VOID NTAPI ExInitializePushLock(PEX_PUSH_LOCK PushLock)
{
    __atomic_store_n((ULONG_PTR *)PushLock, 0, __ATOMIC_RELEASE);
}
NT_EXPORT(ExInitializePushLock);

static bool try_acquire(uint32_t *word, uint32_t blockers, uint32_t add)
{
    uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED);
    while ((old & blockers) == 0) {
        if (__atomic_compare_exchange_n(word, &old, old + add, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return true;
    }
    return false;
}

static void acquire(uint32_t *word, uint32_t blockers, uint32_t add)
{
    for (int i = 0; i < SPINS; i++) {
        if (try_acquire(word, blockers, add))
            return;
        __builtin_ia32_pause();
    }
    while (!try_acquire(word, blockers, add)) {
        uint32_t old = __atomic_fetch_or(word, SLEEPERS, __ATOMIC_RELAXED) | SLEEPERS;
        if ((old & blockers) != 0)
            ke_wait_on_address(word, old, KE_FOREVER);
    }
}

static void release(PEX_PUSH_LOCK lock, uint32_t held, uint32_t subtract, const void *caller)
{
    uint32_t *word = word_of(lock);
    uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED), wanted;
    do {
        if ((old & held) == 0)
            ke_bugcheck_text(SPIN_LOCK_NOT_OWNED, (ULONG_PTR)lock, (ULONG_PTR)caller, 0, 0, NULL,
                             "push lock %p is released while nobody holds it that way", (void *)lock);
        wanted = old - subtract;
        if ((wanted & ~(uint32_t)SLEEPERS) == 0)
            wanted = 0; /* all sleepers are woken below */
    } while (!__atomic_compare_exchange_n(word, &old, wanted, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    if (wanted == 0 && (old & SLEEPERS) != 0)
        ke_wake_address(word, INT32_MAX);
}

static const uint32_t any_holder = ~(uint32_t)SLEEPERS, readers = ~(uint32_t)(SLEEPERS | EXCLUSIVE);

VOID NTAPI ExAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
    (void)Flags;
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    acquire(word_of(PushLock), any_holder, EXCLUSIVE);
}
NT_EXPORT(ExAcquirePushLockExclusiveEx);

VOID NTAPI ExAcquirePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
    (void)Flags;
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    acquire(word_of(PushLock), EXCLUSIVE, READER);
}
NT_EXPORT(ExAcquirePushLockSharedEx);

VOID NTAPI ExReleasePushLockEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
    (void)Flags;
    bool exclusive = (__atomic_load_n(word_of(PushLock), __ATOMIC_RELAXED) & EXCLUSIVE) != 0;
    release(PushLock, exclusive ? EXCLUSIVE : readers, exclusive ? EXCLUSIVE : READER, __builtin_return_address(0));
}
NT_EXPORT(ExReleasePushLockEx);

VOID NTAPI ExReleasePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
    (void)Flags;
    release(PushLock, EXCLUSIVE, EXCLUSIVE, __builtin_return_address(0));
}
NT_EXPORT(ExReleasePushLockExclusiveEx);

VOID NTAPI ExReleasePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags)
{
    (void)Flags;
    release(PushLock, readers, READER, __builtin_return_address(0));
}
NT_EXPORT(ExReleasePushLockSharedEx);

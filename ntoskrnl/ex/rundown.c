/*
 * Rundown protection: many users hold an object; its owner waits until the last is gone and none can come any more. The
 * word is Windows's: twice the number of users; bit 0 set says that rundown has begun, and then the rest is the address
 * of the waiting owner's block, or 0 when rundown is complete.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

enum { ACTIVE = 1, USER = 2, TAG = 'dRxE' };

struct rundown {
    ULONG_PTR users; /* that the owner waits for */
    KEVENT done;
};

static ULONG_PTR *word_of(PEX_RUNDOWN_REF ref)
{
    return &ref->Count;
}

VOID NTAPI ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    __atomic_store_n(word_of(RunRef), 0, __ATOMIC_RELEASE);
}
NT_EXPORT(ExInitializeRundownProtection);

VOID NTAPI ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    __atomic_store_n(word_of(RunRef), 0, __ATOMIC_RELEASE);
}
NT_EXPORT(ExReInitializeRundownProtection);

BOOLEAN NTAPI ExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count)
{
    ULONG_PTR old = __atomic_load_n(word_of(RunRef), __ATOMIC_RELAXED);
    do {
        if ((old & ACTIVE) != 0)
            return FALSE;
    } while (!__atomic_compare_exchange_n(word_of(RunRef), &old, old + (ULONG_PTR)USER * Count, true, __ATOMIC_ACQUIRE,
                                          __ATOMIC_RELAXED));
    return TRUE;
}
NT_EXPORT(ExAcquireRundownProtectionEx);

BOOLEAN NTAPI ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    return ExAcquireRundownProtectionEx(RunRef, 1);
}
NT_EXPORT(ExAcquireRundownProtection);

VOID NTAPI ExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count)
{
    ULONG_PTR old = __atomic_load_n(word_of(RunRef), __ATOMIC_RELAXED);
    while ((old & ACTIVE) == 0) {
        if (old < (ULONG_PTR)USER * Count)
            ke_bugcheck_text(KERNEL_SECURITY_CHECK_FAILURE, 14, (ULONG_PTR)RunRef, old / USER, Count, NULL,
                             "rundown protection %p is released %u times more than it was acquired", (void *)RunRef,
                             Count - (ULONG)(old / USER));
        if (__atomic_compare_exchange_n(word_of(RunRef), &old, old - (ULONG_PTR)USER * Count, true, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            return;
    }
    struct rundown *rundown = (struct rundown *)(old & ~(ULONG_PTR)ACTIVE);
    if (__atomic_sub_fetch(&rundown->users, Count, __ATOMIC_ACQ_REL) == 0)
        KeSetEvent(&rundown->done, IO_NO_INCREMENT, FALSE);
}
NT_EXPORT(ExReleaseRundownProtectionEx);

VOID NTAPI ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    ExReleaseRundownProtectionEx(RunRef, 1);
}
NT_EXPORT(ExReleaseRundownProtection);

VOID NTAPI ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    struct rundown rundown;
    ULONG_PTR old = __atomic_load_n(word_of(RunRef), __ATOMIC_ACQUIRE), wanted;
    KeInitializeEvent(&rundown.done, SynchronizationEvent, FALSE);
    do {
        if ((old & ACTIVE) != 0) /* run down before */
            return;
        __atomic_store_n(&rundown.users, old / USER, __ATOMIC_RELAXED);
        wanted = old == 0 ? ACTIVE : (ULONG_PTR)&rundown | ACTIVE;
    } while (!__atomic_compare_exchange_n(word_of(RunRef), &old, wanted, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    if (old == 0)
        return;
    KeWaitForSingleObject(&rundown.done, Executive, KernelMode, FALSE, NULL);
    __atomic_store_n(word_of(RunRef), ACTIVE, __ATOMIC_RELEASE);
}
NT_EXPORT(ExWaitForRundownProtectionRelease);

VOID NTAPI ExRundownCompleted(PEX_RUNDOWN_REF RunRef)
{
    __atomic_store_n(word_of(RunRef), ACTIVE, __ATOMIC_RELEASE);
}
NT_EXPORT(ExRundownCompleted);

/* The cache-aware form has a counter for each processor on Windows; its structure is opaque, so that one counter, on a
   cache line of its own, will do until a measurement says otherwise. */
struct cache_aware {
    EX_RUNDOWN_REF ref;
} __attribute__((aligned(64)));

static PEX_RUNDOWN_REF ref_of(PEX_RUNDOWN_REF_CACHE_AWARE ref)
{
    return &((struct cache_aware *)ref)->ref;
}

PEX_RUNDOWN_REF_CACHE_AWARE NTAPI ExAllocateCacheAwareRundownProtection(POOL_TYPE PoolType, ULONG PoolTag)
{
    (void)PoolType;
    return ex_pool_allocate(EX_POOL_CACHE_ALIGNED, sizeof(struct cache_aware), PoolTag != 0 ? PoolTag : TAG,
                            __builtin_return_address(0));
}
NT_EXPORT(ExAllocateCacheAwareRundownProtection);

SIZE_T NTAPI ExSizeOfRundownProtectionCacheAware(VOID)
{
    return sizeof(struct cache_aware);
}
NT_EXPORT(ExSizeOfRundownProtectionCacheAware);

VOID NTAPI ExInitializeRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, SIZE_T RunRefSize)
{
    (void)RunRefSize;
    ExInitializeRundownProtection(ref_of(RunRefCacheAware));
}
NT_EXPORT(ExInitializeRundownProtectionCacheAware);

VOID NTAPI ExFreeCacheAwareRundownProtection(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
    ex_pool_free(RunRefCacheAware, 0, __builtin_return_address(0));
}
NT_EXPORT(ExFreeCacheAwareRundownProtection);

BOOLEAN NTAPI ExAcquireRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
    return ExAcquireRundownProtectionEx(ref_of(RunRefCacheAware), 1);
}
NT_EXPORT(ExAcquireRundownProtectionCacheAware);

BOOLEAN NTAPI ExAcquireRundownProtectionCacheAwareEx(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, ULONG Count)
{
    return ExAcquireRundownProtectionEx(ref_of(RunRefCacheAware), Count);
}
NT_EXPORT(ExAcquireRundownProtectionCacheAwareEx);

VOID NTAPI ExReleaseRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
    ExReleaseRundownProtectionEx(ref_of(RunRefCacheAware), 1);
}
NT_EXPORT(ExReleaseRundownProtectionCacheAware);

VOID NTAPI ExReleaseRundownProtectionCacheAwareEx(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, ULONG Count)
{
    ExReleaseRundownProtectionEx(ref_of(RunRefCacheAware), Count);
}
NT_EXPORT(ExReleaseRundownProtectionCacheAwareEx);

VOID NTAPI ExWaitForRundownProtectionReleaseCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRef)
{
    ExWaitForRundownProtectionRelease(ref_of(RunRef));
}
NT_EXPORT(ExWaitForRundownProtectionReleaseCacheAware);

VOID NTAPI ExReInitializeRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
    ExReInitializeRundownProtection(ref_of(RunRefCacheAware));
}
NT_EXPORT(ExReInitializeRundownProtectionCacheAware);

VOID NTAPI ExRundownCompletedCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
    ExRundownCompleted(ref_of(RunRefCacheAware));
}
NT_EXPORT(ExRundownCompletedCacheAware);

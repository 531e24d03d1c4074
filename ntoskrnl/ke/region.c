/*
 * The small services of ke around the running thread: critical and guarded regions (there are no APCs to hold back, but
 * drivers ask whether they are disabled, and leaving a region that was not entered is an error), priorities, stack
 * expansion, and floating-point state, which the host keeps for each thread by itself.
 */
#include "ntoskrnl/ke/state.h"

static _Noreturn void unbalanced(const char *function, const void *caller)
{
    ke_bugcheck_text(APC_INDEX_MISMATCH, (ULONG_PTR)caller, 0, 0, 0, NULL,
                     "%s was called by a thread that is in no such region", function);
}

VOID NTAPI KeEnterCriticalRegion(VOID)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    ke_current_thread()->critical_regions--;
}
NT_EXPORT(KeEnterCriticalRegion);

VOID NTAPI KeLeaveCriticalRegion(VOID)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    struct _KTHREAD *thread = ke_current_thread();
    if (thread->critical_regions >= 0)
        unbalanced(__func__, __builtin_return_address(0));
    thread->critical_regions++;
}
NT_EXPORT(KeLeaveCriticalRegion);

VOID NTAPI KeEnterGuardedRegion(VOID)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    ke_current_thread()->guarded_regions--;
}
NT_EXPORT(KeEnterGuardedRegion);

VOID NTAPI KeLeaveGuardedRegion(VOID)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    struct _KTHREAD *thread = ke_current_thread();
    if (thread->guarded_regions >= 0)
        unbalanced(__func__, __builtin_return_address(0));
    thread->guarded_regions++;
}
NT_EXPORT(KeLeaveGuardedRegion);

BOOLEAN NTAPI KeAreApcsDisabled(VOID)
{
    struct _KTHREAD *thread = ke_current_thread();
    return thread->critical_regions != 0 || thread->guarded_regions != 0;
}
NT_EXPORT(KeAreApcsDisabled);

BOOLEAN NTAPI KeAreAllApcsDisabled(VOID)
{
    return ke_current_thread()->guarded_regions != 0 || ke_this.irql >= APC_LEVEL;
}
NT_EXPORT(KeAreAllApcsDisabled);

#undef KeGetCurrentThread
PKTHREAD NTAPI KeGetCurrentThread(VOID)
{
    return ke_current_thread();
}
NT_EXPORT(KeGetCurrentThread);

/* Priorities are kept, not obeyed: the host schedules. */
KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return __atomic_exchange_n(&Thread->priority, Priority, __ATOMIC_RELAXED);
}
NT_EXPORT(KeSetPriorityThread);

LONG NTAPI KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    enum { BASE = 8 };
    return __atomic_exchange_n(&Thread->priority, BASE + Increment, __ATOMIC_RELAXED) - BASE;
}
NT_EXPORT(KeSetBasePriorityThread);

KPRIORITY NTAPI KeQueryPriorityThread(PKTHREAD Thread)
{
    return __atomic_load_n(&Thread->priority, __ATOMIC_RELAXED);
}
NT_EXPORT(KeQueryPriorityThread);

#define LARGEST_EXPANSION (72 * 1024) /* "KeExpandKernelStackAndCallout function": MAXIMUM_EXPANSION_SIZE */

/* Host stacks are larger than any that Windows would expand to. */
NTSTATUS NTAPI KeExpandKernelStackAndCalloutEx(PEXPAND_STACK_CALLOUT Callout, PVOID Parameter, SIZE_T Size,
                                               BOOLEAN Wait, PVOID Context)
{
    (void)Wait, (void)Context;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (Size > LARGEST_EXPANSION)
        return STATUS_INVALID_PARAMETER_3;
    KIRQL irql = ke_this.irql;
    Callout(Parameter);
    ke_check_irql(irql, (const void *)Callout, "a KeExpandKernelStackAndCallout routine");
    return STATUS_SUCCESS;
}
NT_EXPORT(KeExpandKernelStackAndCalloutEx);

NTSTATUS NTAPI KeExpandKernelStackAndCallout(PEXPAND_STACK_CALLOUT Callout, PVOID Parameter, SIZE_T Size)
{
    return KeExpandKernelStackAndCalloutEx(Callout, Parameter, Size, FALSE, NULL);
}
NT_EXPORT(KeExpandKernelStackAndCallout);

/* What is saved on Windows is the state of the thread that a DPC interrupted; here a DPC is a call, across which the
   calling convention already protects what must survive. */
NTSTATUS NTAPI KeSaveExtendedProcessorState(ULONG64 Mask, PXSTATE_SAVE XStateSave)
{
    (void)Mask, (void)XStateSave;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return STATUS_SUCCESS;
}
NT_EXPORT(KeSaveExtendedProcessorState);

VOID NTAPI KeRestoreExtendedProcessorState(PXSTATE_SAVE XStateSave)
{
    (void)XStateSave;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
}
NT_EXPORT(KeRestoreExtendedProcessorState);

VOID NTAPI KeFlushWriteBuffer(VOID)
{
    __builtin_ia32_mfence();
}
NT_EXPORT_AS("hal.dll", "KeFlushWriteBuffer", KeFlushWriteBuffer);

ULONG NTAPI KeGetRecommendedSharedDataAlignment(VOID)
{
    return 64;
}
NT_EXPORT(KeGetRecommendedSharedDataAlignment);

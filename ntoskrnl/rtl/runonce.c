/*
 * One-time initialisation. The word holds the state in its two low bits and the context above them; threads that lose
 * the race wait by polling at growing intervals, because the word alone is all that there is to wait on. Public page:
 * "RtlRunOnceBeginInitialize function (ntddk.h)". PASSIVE_LEVEL, or APC_LEVEL when nobody has to wait.
 */
#include <ntddk.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

enum { NOT_STARTED = 0, RUNNING = 1, RUNNING_ASYNC = 2, DONE = 3, STATE_MASK = 3 };

static ULONG_PTR load(PRTL_RUN_ONCE once)
{
    return (ULONG_PTR)__atomic_load_n(&once->Ptr, __ATOMIC_ACQUIRE);
}

static bool change(PRTL_RUN_ONCE once, ULONG_PTR from, ULONG_PTR to)
{
    PVOID expected = (PVOID)from;
    return __atomic_compare_exchange_n(&once->Ptr, &expected, (PVOID)to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

VOID NTAPI RtlRunOnceInitialize(PRTL_RUN_ONCE RunOnce)
{
    __atomic_store_n(&RunOnce->Ptr, NULL, __ATOMIC_RELEASE);
}
NT_EXPORT(RtlRunOnceInitialize);

static void wait_a_little(unsigned round)
{
    LARGE_INTEGER interval = {.QuadPart = -(100ll << (round < 7 ? round : 7))}; /* 10 us to 1.28 ms */
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

NTSTATUS NTAPI RtlRunOnceBeginInitialize(PRTL_RUN_ONCE RunOnce, ULONG Flags, PVOID *Context)
{
    if ((Flags & ~(RTL_RUN_ONCE_CHECK_ONLY | RTL_RUN_ONCE_ASYNC)) ||
        Flags == (RTL_RUN_ONCE_CHECK_ONLY | RTL_RUN_ONCE_ASYNC))
        return STATUS_INVALID_PARAMETER_2;
    for (unsigned round = 0;; round++) {
        ULONG_PTR value = load(RunOnce);
        switch (value & STATE_MASK) {
        case DONE:
            if (Context != NULL)
                *Context = (PVOID)(value & ~(ULONG_PTR)STATE_MASK);
            return STATUS_SUCCESS;
        case NOT_STARTED:
            if (Flags & RTL_RUN_ONCE_CHECK_ONLY)
                return STATUS_UNSUCCESSFUL;
            if (change(RunOnce, NOT_STARTED, Flags & RTL_RUN_ONCE_ASYNC ? RUNNING_ASYNC : RUNNING))
                return STATUS_PENDING;
            break;
        case RUNNING_ASYNC: /* several may run; the first to complete wins */
            return Flags & RTL_RUN_ONCE_ASYNC        ? STATUS_PENDING
                   : Flags & RTL_RUN_ONCE_CHECK_ONLY ? STATUS_UNSUCCESSFUL
                                                     : STATUS_INVALID_PARAMETER_2;
        default:
            if (Flags & RTL_RUN_ONCE_CHECK_ONLY)
                return STATUS_UNSUCCESSFUL;
            if (Flags & RTL_RUN_ONCE_ASYNC)
                return STATUS_INVALID_PARAMETER_2;
            wait_a_little(round);
            break;
        }
    }
}
NT_EXPORT(RtlRunOnceBeginInitialize);

NTSTATUS NTAPI RtlRunOnceComplete(PRTL_RUN_ONCE RunOnce, ULONG Flags, PVOID Context)
{
    if (((ULONG_PTR)Context & STATE_MASK) != 0)
        return STATUS_INVALID_PARAMETER_3;
    if ((Flags & ~(RTL_RUN_ONCE_ASYNC | RTL_RUN_ONCE_INIT_FAILED)) ||
        Flags == (RTL_RUN_ONCE_ASYNC | RTL_RUN_ONCE_INIT_FAILED))
        return STATUS_INVALID_PARAMETER_2;
    if ((Flags & RTL_RUN_ONCE_INIT_FAILED) && Context != NULL)
        return STATUS_INVALID_PARAMETER_3;
    ULONG_PTR from = Flags & RTL_RUN_ONCE_ASYNC ? RUNNING_ASYNC : RUNNING;
    ULONG_PTR to = Flags & RTL_RUN_ONCE_INIT_FAILED ? NOT_STARTED : (ULONG_PTR)Context | DONE;
    if (change(RunOnce, from, to))
        return STATUS_SUCCESS;
    return from == RUNNING_ASYNC ? STATUS_OBJECT_NAME_COLLISION : STATUS_UNSUCCESSFUL;
}
NT_EXPORT(RtlRunOnceComplete);

NTSTATUS NTAPI RtlRunOnceExecuteOnce(PRTL_RUN_ONCE RunOnce, PRTL_RUN_ONCE_INIT_FN InitFn, PVOID Parameter,
                                     PVOID *Context)
{
    NTSTATUS status = RtlRunOnceBeginInitialize(RunOnce, 0, Context);
    if (status != STATUS_PENDING)
        return status;
    PVOID result = NULL;
    if (!InitFn(RunOnce, Parameter, &result)) {
        RtlRunOnceComplete(RunOnce, RTL_RUN_ONCE_INIT_FAILED, NULL);
        return STATUS_UNSUCCESSFUL;
    }
    status = RtlRunOnceComplete(RunOnce, 0, result);
    if (NT_SUCCESS(status) && Context != NULL)
        *Context = result;
    return status;
}
NT_EXPORT(RtlRunOnceExecuteOnce);

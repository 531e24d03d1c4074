/*
 * What drivers ask about processors. There is one processor group and one NUMA node; numbers and indexes are the same.
 * A thread's affinity says which virtual processors it may own at DISPATCH_LEVEL, and so which number it sees.
 */
#include "ntoskrnl/ke/state.h"

static KAFFINITY active(void)
{
    return ke.processor_count >= 64 ? ~(KAFFINITY)0 : ((KAFFINITY)1 << ke.processor_count) - 1;
}

static bool is_group(USHORT group)
{
    return group == 0 || group == ALL_PROCESSOR_GROUPS;
}

KAFFINITY NTAPI KeQueryActiveProcessors(VOID)
{
    return active();
}
NT_EXPORT(KeQueryActiveProcessors);

ULONG NTAPI KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors)
{
    if (ActiveProcessors != NULL)
        *ActiveProcessors = active();
    return ke.processor_count;
}
NT_EXPORT(KeQueryActiveProcessorCount);

ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber)
{
    return is_group(GroupNumber) ? ke.processor_count : 0;
}
NT_EXPORT(KeQueryActiveProcessorCountEx);

ULONG NTAPI KeQueryMaximumProcessorCount(VOID)
{
    return ke.processor_count;
}
NT_EXPORT(KeQueryMaximumProcessorCount);

ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber)
{
    return is_group(GroupNumber) ? ke.processor_count : 0;
}
NT_EXPORT(KeQueryMaximumProcessorCountEx);

USHORT NTAPI KeQueryActiveGroupCount(VOID)
{
    return 1;
}
NT_EXPORT(KeQueryActiveGroupCount);

USHORT NTAPI KeQueryMaximumGroupCount(VOID)
{
    return 1;
}
NT_EXPORT(KeQueryMaximumGroupCount);

KAFFINITY NTAPI KeQueryGroupAffinity(USHORT GroupNumber)
{
    return GroupNumber == 0 ? active() : 0;
}
NT_EXPORT(KeQueryGroupAffinity);

USHORT NTAPI KeQueryHighestNodeNumber(VOID)
{
    return 0;
}
NT_EXPORT(KeQueryHighestNodeNumber);

USHORT NTAPI KeGetCurrentNodeNumber(VOID)
{
    return 0;
}
NT_EXPORT(KeGetCurrentNodeNumber);

VOID NTAPI KeQueryNodeActiveAffinity(USHORT NodeNumber, PGROUP_AFFINITY Affinity, PUSHORT Count)
{
    if (Affinity != NULL)
        *Affinity = (GROUP_AFFINITY){.Mask = NodeNumber == 0 ? active() : 0};
    if (Count != NULL)
        *Count = NodeNumber == 0 ? (USHORT)ke.processor_count : 0;
}
NT_EXPORT(KeQueryNodeActiveAffinity);

USHORT NTAPI KeQueryNodeMaximumProcessorCount(USHORT NodeNumber)
{
    return NodeNumber == 0 ? (USHORT)ke.processor_count : 0;
}
NT_EXPORT(KeQueryNodeMaximumProcessorCount);

#undef KeGetCurrentProcessorNumber
ULONG NTAPI KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber)
{
    ULONG number = ke_processor_number();
    if (ProcNumber != NULL)
        *ProcNumber = (PROCESSOR_NUMBER){.Number = (UCHAR)number};
    return number;
}
NT_EXPORT(KeGetCurrentProcessorNumberEx);

/* Inlined in PE drivers; no image exports it. */
ULONG NTAPI KeGetCurrentProcessorNumber(VOID)
{
    return ke_processor_number();
}

NTSTATUS NTAPI KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcIndex >= ke.processor_count)
        return STATUS_INVALID_PARAMETER;
    *ProcNumber = (PROCESSOR_NUMBER){.Number = (UCHAR)ProcIndex};
    return STATUS_SUCCESS;
}
NT_EXPORT(KeGetProcessorNumberFromIndex);

ULONG NTAPI KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcNumber->Group != 0 || ProcNumber->Number >= ke.processor_count)
        return MAXULONG; /* INVALID_PROCESSOR_INDEX */
    return ProcNumber->Number;
}
NT_EXPORT(KeGetProcessorIndexFromNumber);

/* 0, the "user affinity" of a system thread, means any processor. */
KAFFINITY NTAPI KeSetSystemAffinityThreadEx(KAFFINITY Affinity)
{
    ke_current_thread();
    return (Affinity & active()) != 0 ? ke_set_affinity(Affinity & active()) : 0;
}
NT_EXPORT(KeSetSystemAffinityThreadEx);

VOID NTAPI KeSetSystemAffinityThread(KAFFINITY Affinity)
{
    KeSetSystemAffinityThreadEx(Affinity);
}
NT_EXPORT(KeSetSystemAffinityThread);

VOID NTAPI KeRevertToUserAffinityThreadEx(KAFFINITY Affinity)
{
    ke_current_thread();
    ke_set_affinity(Affinity & active());
}
NT_EXPORT(KeRevertToUserAffinityThreadEx);

VOID NTAPI KeRevertToUserAffinityThread(VOID)
{
    KeRevertToUserAffinityThreadEx(0);
}
NT_EXPORT(KeRevertToUserAffinityThread);

VOID NTAPI KeSetSystemGroupAffinityThread(PGROUP_AFFINITY Affinity, PGROUP_AFFINITY PreviousAffinity)
{
    ke_current_thread();
    GROUP_AFFINITY previous = {.Mask = ke_this.affinity};
    if (Affinity->Group == 0 && (Affinity->Mask & active()) != 0)
        ke_set_affinity(Affinity->Mask & active());
    if (PreviousAffinity != NULL)
        *PreviousAffinity = previous;
}
NT_EXPORT(KeSetSystemGroupAffinityThread);

VOID NTAPI KeRevertToUserGroupAffinityThread(PGROUP_AFFINITY PreviousAffinity)
{
    KeRevertToUserAffinityThreadEx(PreviousAffinity->Mask);
}
NT_EXPORT(KeRevertToUserGroupAffinityThread);

/*
 * Runs BroadcastFunction on every processor. On Windows all run it at once at IPI_LEVEL; here this thread visits one
 * processor after the other, which the routine can tell only by waiting for another processor inside it.
 */
ULONG_PTR NTAPI KeIpiGenericCall(PKIPI_BROADCAST_WORKER BroadcastFunction, ULONG_PTR Context)
{
    enum { IPI_LEVEL_X64 = 14 };
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    ke_current_thread();
    ULONG here = ke_processor_number();
    ULONG_PTR result = 0;
    for (unsigned i = 0; i < ke.processor_count; i++) {
        KAFFINITY affinity = ke_set_affinity((KAFFINITY)1 << i);
        KIRQL old = ke_raise(IPI_LEVEL_X64);
        ULONG_PTR value = BroadcastFunction(Context);
        ke_check_irql(IPI_LEVEL_X64, (const void *)BroadcastFunction, "a KeIpiGenericCall routine");
        ke_lower(old);
        ke_set_affinity(affinity);
        if (i == here)
            result = value;
    }
    return result;
}
NT_EXPORT(KeIpiGenericCall);

/* Processors neither come nor go, so that a callback runs once for each when it asks for those that exist. */
PVOID NTAPI KeRegisterProcessorChangeCallback(PPROCESSOR_CALLBACK_FUNCTION CallbackFunction, PVOID CallbackContext,
                                              ULONG Flags)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    for (unsigned i = 0; (Flags & KE_PROCESSOR_CHANGE_ADD_EXISTING) != 0 && i < ke.processor_count; i++) {
        KE_PROCESSOR_CHANGE_NOTIFY_CONTEXT change = {.State = KeProcessorAddCompleteNotify, .NtNumber = i};
        change.ProcNumber.Number = (UCHAR)i;
        NTSTATUS status = STATUS_SUCCESS;
        CallbackFunction(CallbackContext, &change, &status);
    }
    return (PVOID)CallbackFunction;
}
NT_EXPORT(KeRegisterProcessorChangeCallback);

VOID NTAPI KeDeregisterProcessorChangeCallback(PVOID CallbackHandle)
{
    (void)CallbackHandle;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
}
NT_EXPORT(KeDeregisterProcessorChangeCallback);

/*
 * IRPs: allocation and initialisation. An IRP is one block of nonpaged memory: the header, then StackCount stack
 * locations, highest driver last. Drivers may also bring their own memory (IoInitializeIrp), so nothing about an IRP is
 * kept outside of it except what the I/O manager needs for IRPs that it made: see AllocationFlags.
 *
 * Public pages: "IRP", "IO_STACK_LOCATION", "IoAllocateIrp", "IoReuseIrp", "DRIVER_VERIFIER_IOMANAGER_VIOLATION" (the
 * checks below are always on).
 */
#include "ntoskrnl/io/irp.h"

VOID NTAPI IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize)
{
    RtlZeroMemory(Irp, PacketSize);
    Irp->Type = IO_TYPE_IRP;
    Irp->Size = PacketSize;
    Irp->StackCount = StackSize;
    Irp->CurrentLocation = (CCHAR)(StackSize + 1);
    InitializeListHead(&Irp->ThreadListEntry);
    Irp->Tail.Overlay.CurrentStackLocation = (PIO_STACK_LOCATION)(Irp + 1) + StackSize;
}
NT_EXPORT(IoInitializeIrp);

PIRP NTAPI IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota)
{
    USHORT size;
    PIRP irp;

    UNREFERENCED_PARAMETER(ChargeQuota); /* quota is a limit on user processes: there are none */
    if (StackSize < 0)
        return NULL;
    size = IoSizeOfIrp(StackSize);
    irp = ex_pool_allocate(EX_POOL_UNINITIALIZED, size, IO_TAG_IRP, __builtin_return_address(0));
    if (irp == NULL)
        return NULL;
    IoInitializeIrp(irp, size, StackSize);
    irp->AllocationFlags = IO_IRP_FROM_POOL;
    return irp;
}
NT_EXPORT(IoAllocateIrp);

PIRP NTAPI IoAllocateIrpEx(PDEVICE_OBJECT DeviceObject, CCHAR StackSize, BOOLEAN ChargeQuota)
{
    UNREFERENCED_PARAMETER(DeviceObject); /* Windows may give a device that asks for it larger packets */
    return IoAllocateIrp(StackSize, ChargeQuota);
}
NT_EXPORT(IoAllocateIrpEx);

VOID NTAPI IoFreeIrp(PIRP Irp)
{
    if (Irp->Type != IO_TYPE_IRP)
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x01, (ULONG_PTR)Irp, 0, 0, NULL);
    if (!IsListEmpty(&Irp->ThreadListEntry) || (Irp->AllocationFlags & IO_IRP_OF_THREAD))
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x02, (ULONG_PTR)Irp, 0, 0, NULL);
    io_irp_free(Irp);
}
NT_EXPORT(IoFreeIrp);

void io_irp_free(PIRP irp)
{
    if (!(irp->AllocationFlags & IO_IRP_FROM_POOL))
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x20A, (ULONG_PTR)__builtin_return_address(0), (ULONG_PTR)irp,
                    0, NULL);
    /* A stale pointer is then recognised by IofCallDriver and IofCompleteRequest as long as the block is not reused. */
    irp->Type = 0;
    ExFreePoolWithTag(irp, IO_TAG_IRP);
}

VOID NTAPI IoReuseIrp(PIRP Irp, NTSTATUS Iostatus)
{
    UCHAR flags = Irp->AllocationFlags;
    USHORT size = Irp->Size;
    CCHAR stack_count = Irp->StackCount;

    if (Irp->Type != IO_TYPE_IRP || (flags & IO_IRP_OF_THREAD))
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x20A, (ULONG_PTR)__builtin_return_address(0), (ULONG_PTR)Irp,
                    0, NULL);
    IoInitializeIrp(Irp, size, stack_count);
    Irp->AllocationFlags = flags;
    Irp->IoStatus.Status = Iostatus;
}
NT_EXPORT(IoReuseIrp);

PIRP NTAPI IoMakeAssociatedIrp(PIRP Irp, CCHAR StackSize)
{
    PIRP associated = IoAllocateIrp(StackSize, FALSE);

    if (associated == NULL)
        return NULL;
    associated->Flags |= IRP_ASSOCIATED_IRP;
    associated->Tail.Overlay.Thread = Irp->Tail.Overlay.Thread;
    associated->AssociatedIrp.MasterIrp = Irp;
    return associated;
}
NT_EXPORT(IoMakeAssociatedIrp);

PEPROCESS NTAPI IoGetRequestorProcess(PIRP Irp)
{
    /* There is one process. */
    return Irp->Tail.Overlay.Thread ? PsGetCurrentProcess() : NULL;
}
NT_EXPORT(IoGetRequestorProcess);

/* Every requestor is a thread of this 64-bit process. */
BOOLEAN NTAPI IoIs32bitProcess(PIRP Irp)
{
    UNREFERENCED_PARAMETER(Irp);
    return FALSE;
}
NT_EXPORT(IoIs32bitProcess);

ULONG NTAPI IoGetRequestorProcessId(PIRP Irp)
{
    return Irp->Tail.Overlay.Thread ? (ULONG)(ULONG_PTR)PsGetCurrentProcessId() : 0;
}
NT_EXPORT(IoGetRequestorProcessId);

/* The hint is three bits of IRP.Flags, one more than the priority, so that 0 means that none was set. */
#define PRIORITY_SHIFT 17
#define PRIORITY_MASK  (7u << PRIORITY_SHIFT)

IO_PRIORITY_HINT NTAPI IoGetIoPriorityHint(PIRP Irp)
{
    ULONG stored = (Irp->Flags & PRIORITY_MASK) >> PRIORITY_SHIFT;

    return stored ? (IO_PRIORITY_HINT)(stored - 1) : IoPriorityNormal;
}
NT_EXPORT(IoGetIoPriorityHint);

NTSTATUS NTAPI IoSetIoPriorityHint(PIRP Irp, IO_PRIORITY_HINT PriorityHint)
{
    if (PriorityHint < IoPriorityVeryLow || PriorityHint > IoPriorityCritical)
        return STATUS_INVALID_PARAMETER;
    Irp->Flags = (Irp->Flags & ~PRIORITY_MASK) | ((ULONG)PriorityHint + 1) << PRIORITY_SHIFT;
    return STATUS_SUCCESS;
}
NT_EXPORT(IoSetIoPriorityHint);

/* Activity ids are given to IRPs by event tracing, which nobody has switched on. */
NTSTATUS NTAPI IoGetActivityIdIrp(PIRP Irp, LPGUID Guid)
{
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Guid);
    return STATUS_NOT_FOUND;
}
NT_EXPORT(IoGetActivityIdIrp);

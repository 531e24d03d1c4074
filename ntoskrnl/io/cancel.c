/*
 * Cancellation. A cancelable IRP carries a routine; whoever takes the routine out, atomically, owns the IRP: the
 * canceller here, or the driver that is about to complete it. The routine is called with the one cancel spin lock of
 * the system held and releases it itself.
 *
 * Public pages: "Canceling IRPs", "IoCancelIrp", "IoAcquireCancelSpinLock".
 */
#include "ntoskrnl/io/irp.h"

VOID NTAPI IoAcquireCancelSpinLock(PKIRQL Irql)
{
    KeAcquireSpinLock(&io_state.cancel_lock, Irql);
}
NT_EXPORT(IoAcquireCancelSpinLock);

VOID NTAPI IoReleaseCancelSpinLock(KIRQL Irql)
{
    KeReleaseSpinLock(&io_state.cancel_lock, Irql);
}
NT_EXPORT(IoReleaseCancelSpinLock);

BOOLEAN NTAPI IoCancelIrp(PIRP Irp)
{
    PDRIVER_CANCEL routine;
    KIRQL irql;

    if (Irp->Type != IO_TYPE_IRP)
        ke_bugcheck(CANCEL_STATE_IN_COMPLETED_IRP, (ULONG_PTR)Irp, 0, 0, 0, NULL);
    IoAcquireCancelSpinLock(&irql);
    __atomic_store_n(&Irp->Cancel, TRUE, __ATOMIC_RELEASE);
    routine = IoSetCancelRoutine(Irp, NULL);
    if (routine == NULL) {
        IoReleaseCancelSpinLock(irql);
        return FALSE;
    }
    if (Irp->CurrentLocation > Irp->StackCount + 1)
        ke_bugcheck(CANCEL_STATE_IN_COMPLETED_IRP, (ULONG_PTR)Irp, (ULONG_PTR)routine, 0, 0, NULL);
    Irp->CancelIrql = irql;
    routine(IoGetCurrentIrpStackLocation(Irp)->DeviceObject, Irp);
    ke_check_irql(irql, (const void *)routine, "the cancel routine");
    return TRUE;
}
NT_EXPORT(IoCancelIrp);

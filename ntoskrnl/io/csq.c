/*
 * Cancel-safe IRP queues: the driver owns the queue and its lock and gives callbacks for insert, remove and peek; the
 * framework here does the races between queueing, completing and cancelling, once and for all drivers.
 *
 * While an IRP is queued, DriverContext[3] of the IRP points to the caller's IO_CSQ_IRP_CONTEXT, or to the queue itself
 * when there is none; the first member of each is a type, which tells them apart.
 *
 * Public pages: "Cancel-Safe IRP Queues", "IoCsqInitialize" ... "IoCsqRemoveNextIrp".
 */
#include "ntoskrnl/io/irp.h"

#define CSQ_OF(irp) ((irp)->Tail.Overlay.DriverContext[3])

static NTSTATUS initialize(PIO_CSQ csq, ULONG type, PVOID insert, PIO_CSQ_REMOVE_IRP remove, PIO_CSQ_PEEK_NEXT_IRP peek,
                           PIO_CSQ_ACQUIRE_LOCK acquire, PIO_CSQ_RELEASE_LOCK release,
                           PIO_CSQ_COMPLETE_CANCELED_IRP complete_canceled)
{
    csq->Type = type;
    csq->CsqInsertIrp = (PIO_CSQ_INSERT_IRP)insert;
    csq->CsqRemoveIrp = remove;
    csq->CsqPeekNextIrp = peek;
    csq->CsqAcquireLock = acquire;
    csq->CsqReleaseLock = release;
    csq->CsqCompleteCanceledIrp = complete_canceled;
    csq->ReservePointer = NULL;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI IoCsqInitialize(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP CsqInsertIrp, PIO_CSQ_REMOVE_IRP CsqRemoveIrp,
                               PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp, PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock,
                               PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
                               PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp)
{
    return initialize(Csq, IO_TYPE_CSQ, (PVOID)CsqInsertIrp, CsqRemoveIrp, CsqPeekNextIrp, CsqAcquireLock,
                      CsqReleaseLock, CsqCompleteCanceledIrp);
}
NT_EXPORT(IoCsqInitialize);

NTSTATUS NTAPI IoCsqInitializeEx(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP_EX CsqInsertIrp, PIO_CSQ_REMOVE_IRP CsqRemoveIrp,
                                 PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp, PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock,
                                 PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
                                 PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp)
{
    return initialize(Csq, IO_TYPE_CSQ_EX, (PVOID)CsqInsertIrp, CsqRemoveIrp, CsqPeekNextIrp, CsqAcquireLock,
                      CsqReleaseLock, CsqCompleteCanceledIrp);
}
NT_EXPORT(IoCsqInitializeEx);

/* Takes an IRP out of the queue's hands. With the queue's lock held. */
static void forget(PIO_CSQ csq, PIRP irp)
{
    PIO_CSQ_IRP_CONTEXT context = CSQ_OF(irp);

    csq->CsqRemoveIrp(csq, irp);
    if (context->Type == IO_TYPE_CSQ_IRP_CONTEXT)
        context->Irp = NULL;
    CSQ_OF(irp) = NULL;
}

static VOID NTAPI cancel_queued(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_CSQ_IRP_CONTEXT context = CSQ_OF(irp);
    PIO_CSQ csq;
    KIRQL irql;

    UNREFERENCED_PARAMETER(device);
    csq = context->Type == IO_TYPE_CSQ_IRP_CONTEXT ? context->Csq : (PIO_CSQ)context;
    IoReleaseCancelSpinLock(irp->CancelIrql);
    csq->CsqAcquireLock(csq, &irql);
    forget(csq, irp);
    csq->CsqReleaseLock(csq, irql);
    csq->CsqCompleteCanceledIrp(csq, irp);
}

NTSTATUS NTAPI IoCsqInsertIrpEx(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context, PVOID InsertContext)
{
    NTSTATUS status = STATUS_SUCCESS;
    bool canceled = false;
    KIRQL irql;

    CSQ_OF(Irp) = Csq;
    if (Context != NULL) {
        Context->Type = IO_TYPE_CSQ_IRP_CONTEXT;
        Context->Irp = Irp;
        Context->Csq = Csq;
        CSQ_OF(Irp) = Context;
    }
    Csq->ReservePointer = NULL;

    Csq->CsqAcquireLock(Csq, &irql);
    if (Csq->Type == IO_TYPE_CSQ_EX) {
        status = ((PIO_CSQ_INSERT_IRP_EX)(PVOID)Csq->CsqInsertIrp)(Csq, Irp, InsertContext);
        if (!NT_SUCCESS(status)) {
            if (Context != NULL)
                Context->Irp = NULL;
            CSQ_OF(Irp) = NULL;
            Csq->CsqReleaseLock(Csq, irql);
            return status;
        }
    } else {
        Csq->CsqInsertIrp(Csq, Irp);
    }
    IoMarkIrpPending(Irp);
    IoSetCancelRoutine(Irp, cancel_queued);
    /* Cancelled before the routine was there: whoever still finds the routine completes it. */
    if (Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL) {
        forget(Csq, Irp);
        canceled = true;
    }
    Csq->CsqReleaseLock(Csq, irql);
    if (canceled)
        Csq->CsqCompleteCanceledIrp(Csq, Irp);
    return status;
}
NT_EXPORT(IoCsqInsertIrpEx);

VOID NTAPI IoCsqInsertIrp(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context)
{
    IoCsqInsertIrpEx(Csq, Irp, Context, NULL);
}
NT_EXPORT(IoCsqInsertIrp);

PIRP NTAPI IoCsqRemoveNextIrp(PIO_CSQ Csq, PVOID PeekContext)
{
    PIRP irp;
    KIRQL irql;

    Csq->ReservePointer = NULL;
    Csq->CsqAcquireLock(Csq, &irql);
    irp = Csq->CsqPeekNextIrp(Csq, NULL, PeekContext);
    /* One whose cancel routine is gone is being cancelled: it will leave the queue by itself. */
    while (irp != NULL && IoSetCancelRoutine(irp, NULL) == NULL)
        irp = Csq->CsqPeekNextIrp(Csq, irp, PeekContext);
    if (irp != NULL)
        forget(Csq, irp);
    Csq->CsqReleaseLock(Csq, irql);
    return irp;
}
NT_EXPORT(IoCsqRemoveNextIrp);

PIRP NTAPI IoCsqRemoveIrp(PIO_CSQ Csq, PIO_CSQ_IRP_CONTEXT Context)
{
    PIRP irp;
    KIRQL irql;

    Csq->ReservePointer = NULL;
    Csq->CsqAcquireLock(Csq, &irql);
    irp = Context->Irp;
    if (irp != NULL && IoSetCancelRoutine(irp, NULL) == NULL)
        irp = NULL;
    if (irp != NULL)
        forget(Csq, irp);
    Csq->CsqReleaseLock(Csq, irql);
    return irp;
}
NT_EXPORT(IoCsqRemoveIrp);

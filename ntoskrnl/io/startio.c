/*
 * StartIo: drivers that serve one request at a time hand IRPs to IoStartPacket; the device queue of the device object
 * holds what waits, and DriverStartIo is called with the next one at DISPATCH_LEVEL.
 *
 * Public pages: "Writing a StartIo Routine", "IoStartPacket", "IoStartNextPacket", "IoSetStartIoAttributes".
 */
#include "ntoskrnl/io/io_internal.h"

static void call_start_io(PDEVICE_OBJECT device, PIRP irp)
{
    device->DriverObject->DriverStartIo(device, irp);
}

static PIRP irp_of(PKDEVICE_QUEUE_ENTRY entry)
{
    return CONTAINING_RECORD(entry, IRP, Tail.Overlay.DeviceQueueEntry);
}

VOID NTAPI IoStartPacket(PDEVICE_OBJECT DeviceObject, PIRP Irp, PULONG Key, PDRIVER_CANCEL CancelFunction)
{
    BOOLEAN queued;
    KIRQL old, cancel_irql = 0;

    KeRaiseIrql(DISPATCH_LEVEL, &old);
    if (CancelFunction != NULL) {
        IoAcquireCancelSpinLock(&cancel_irql);
        IoSetCancelRoutine(Irp, CancelFunction);
    }
    queued = Key ? KeInsertByKeyDeviceQueue(&DeviceObject->DeviceQueue, &Irp->Tail.Overlay.DeviceQueueEntry, *Key)
                 : KeInsertDeviceQueue(&DeviceObject->DeviceQueue, &Irp->Tail.Overlay.DeviceQueueEntry);
    if (!queued) {
        DeviceObject->CurrentIrp = Irp;
        if (CancelFunction != NULL) {
            if (io_device(DeviceObject)->start_io_not_cancelable)
                IoSetCancelRoutine(Irp, NULL);
            IoReleaseCancelSpinLock(cancel_irql);
        }
        call_start_io(DeviceObject, Irp);
    } else if (CancelFunction != NULL) {
        /* Cancelled before it was queued: nobody else will call the routine. It releases the cancel spin lock. */
        if (Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL) {
            Irp->CancelIrql = cancel_irql;
            CancelFunction(DeviceObject, Irp);
        } else {
            IoReleaseCancelSpinLock(cancel_irql);
        }
    }
    KeLowerIrql(old);
}
NT_EXPORT(IoStartPacket);

static void start_next(PDEVICE_OBJECT device, BOOLEAN cancelable, bool by_key, ULONG key)
{
    PKDEVICE_QUEUE_ENTRY entry;
    PIRP irp = NULL;
    KIRQL cancel_irql = 0;

    if (cancelable)
        IoAcquireCancelSpinLock(&cancel_irql);
    device->CurrentIrp = NULL;
    entry = by_key ? KeRemoveByKeyDeviceQueue(&device->DeviceQueue, key) : KeRemoveDeviceQueue(&device->DeviceQueue);
    if (entry != NULL) {
        irp = irp_of(entry);
        device->CurrentIrp = irp;
        if (cancelable && io_device(device)->start_io_not_cancelable)
            IoSetCancelRoutine(irp, NULL);
    }
    if (cancelable)
        IoReleaseCancelSpinLock(cancel_irql);
    if (irp != NULL)
        call_start_io(device, irp);
}

/* With deferred StartIo a driver that completes and starts the next packet inside StartIo does not recurse: the
 * innermost call only notes that there is more to start. */
static void start_next_deferred(PDEVICE_OBJECT device, BOOLEAN cancelable, bool by_key, ULONG key)
{
    struct io_device *private = io_device(device);

    if (!private->start_io_deferred) {
        start_next(device, cancelable, by_key, key);
        return;
    }
    if (InterlockedIncrement(&private->start_io_depth) > 1) {
        private->start_io_pending_key = key;
        private->start_io_pending_by_key = by_key;
        private->start_io_pending = 1;
        InterlockedDecrement(&private->start_io_depth);
        return;
    }
    do {
        private->start_io_pending = 0;
        start_next(device, cancelable, by_key, key);
        key = private->start_io_pending_key;
        by_key = private->start_io_pending_by_key;
    } while (private->start_io_pending);
    InterlockedDecrement(&private->start_io_depth);
}

VOID NTAPI IoStartNextPacket(PDEVICE_OBJECT DeviceObject, BOOLEAN Cancelable)
{
    start_next_deferred(DeviceObject, Cancelable, false, 0);
}
NT_EXPORT(IoStartNextPacket);

VOID NTAPI IoStartNextPacketByKey(PDEVICE_OBJECT DeviceObject, BOOLEAN Cancelable, ULONG Key)
{
    start_next_deferred(DeviceObject, Cancelable, true, Key);
}
NT_EXPORT(IoStartNextPacketByKey);

VOID NTAPI IoSetStartIoAttributes(PDEVICE_OBJECT DeviceObject, BOOLEAN DeferredStartIo, BOOLEAN NonCancelable)
{
    io_device(DeviceObject)->start_io_deferred = DeferredStartIo;
    io_device(DeviceObject)->start_io_not_cancelable = NonCancelable;
}
NT_EXPORT(IoSetStartIoAttributes);

/*
 * IofCallDriver: hands an IRP to the driver below. The rules that drivers most often break are checked on every call,
 * because what follows from breaking them shows up far away: no stack location left, an IRP that was freed, a device
 * that was deleted, a dispatch routine that returns at another IRQL than it was called at.
 *
 * Public pages: "IoCallDriver", "Passing IRPs down the Driver Stack", bug checks 0x35, 0xC8 and 0xC9.
 */
#include "ntoskrnl/io/irp.h"

static _Noreturn void call_violation(ULONG_PTR code, PVOID what)
{
    ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, code, (ULONG_PTR)what, 0, 0, NULL);
}

NTSTATUS FASTCALL IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack;
    PDRIVER_DISPATCH dispatch;
    KIRQL before = ke_irql();
    NTSTATUS status;

    if (Irp->Type != IO_TYPE_IRP)
        call_violation(0x03, Irp);
    if (DeviceObject == NULL || DeviceObject->Type != IO_TYPE_DEVICE)
        call_violation(DeviceObject == NULL ? 0x204 : 0x04, DeviceObject);
    if (before > DISPATCH_LEVEL)
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x10, before, 0, 0, NULL);

    if (--Irp->CurrentLocation <= 0)
        ke_bugcheck(NO_MORE_IRP_STACK_LOCATIONS, (ULONG_PTR)Irp, 0, 0, 0, NULL);
    stack = --Irp->Tail.Overlay.CurrentStackLocation;
    stack->DeviceObject = DeviceObject;
    dispatch = DeviceObject->DriverObject->MajorFunction[stack->MajorFunction];

    status = dispatch(DeviceObject, Irp); /* neither Irp nor, after IRP_MN_REMOVE_DEVICE, DeviceObject is ours now */

    ke_check_irql(before, (const void *)dispatch, "the dispatch routine");
    return status;
}
NT_EXPORT(IofCallDriver);

/* Drivers built for old systems import the name without the f. */
#undef IoCallDriver
NTSTATUS NTAPI IoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS NTAPI IoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return IofCallDriver(DeviceObject, Irp);
}
NT_EXPORT(IoCallDriver);

static NTSTATUS NTAPI signal_completion(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

BOOLEAN NTAPI IoForwardIrpSynchronously(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    KEVENT done;

    if (Irp->CurrentLocation <= 1) /* no location is left for the driver below */
        return FALSE;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, signal_completion, &done, TRUE, TRUE, TRUE);
    IofCallDriver(DeviceObject, Irp);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    return TRUE;
}
NT_EXPORT(IoForwardIrpSynchronously);

NTSTATUS io_send_and_wait(PDEVICE_OBJECT device, const IO_STACK_LOCATION *stack, NTSTATUS initial,
                          ULONG_PTR *information)
{
    KEVENT done;
    PDEVICE_OBJECT top = io_stack_top(device);
    PIO_STACK_LOCATION next;
    NTSTATUS status;
    PIRP irp = IoAllocateIrp(top->StackSize, FALSE);

    if (irp == NULL) {
        ObDereferenceObject(top);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    irp->IoStatus.Status = initial;
    irp->IoStatus.Information = information ? *information : 0;
    irp->Tail.Overlay.Thread = PsGetCurrentThread();
    next = IoGetNextIrpStackLocation(irp);
    *next = *stack;
    IoSetCompletionRoutine(irp, signal_completion, &done, TRUE, TRUE, TRUE);
    IofCallDriver(top, irp);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    status = irp->IoStatus.Status;
    if (information != NULL)
        *information = irp->IoStatus.Information;
    IoFreeIrp(irp);
    ObDereferenceObject(top);
    return status;
}

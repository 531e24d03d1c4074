/*
 * usbfunc: a WDM function driver for a USB device that uses the part of the USB library which is linked into drivers
 * (usbdex.lib). Its start fails unless it can register, configure the device and clear a pipe through it.
 */
#include <wdm.h>
#include <usbdrivr.h>

#define POOL_TAG 'fbsu'

typedef struct _DEVICE_EXTENSION {
    PDEVICE_OBJECT Lower;
    USBD_HANDLE Usbd;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE AddDevice;
static DRIVER_UNLOAD Unload;
static DRIVER_DISPATCH DispatchPnp;
static DRIVER_DISPATCH DispatchPower;
static IO_COMPLETION_ROUTINE SignalEvent;

_Use_decl_annotations_ static NTSTATUS SignalEvent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS SendUrb(PDEVICE_EXTENSION Extension, PURB Urb)
{
    KEVENT event;
    NTSTATUS status;
    PIRP irp = IoAllocateIrp(Extension->Lower->StackSize, FALSE);
    PIO_STACK_LOCATION stack;

    if (irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    stack->Parameters.DeviceIoControl.IoControlCode = IOCTL_INTERNAL_USB_SUBMIT_URB;
    USBD_AssignUrbToIoStackLocation(Extension->Usbd, stack, Urb);
    IoSetCompletionRoutine(irp, SignalEvent, &event, TRUE, TRUE, TRUE);
    (void)IoCallDriver(Extension->Lower, irp);
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    status = irp->IoStatus.Status;
    IoFreeIrp(irp);
    return status;
}

static NTSTATUS Configure(PDEVICE_EXTENSION Extension, PUSB_CONFIGURATION_DESCRIPTOR Configuration)
{
    USBD_INTERFACE_LIST_ENTRY list[3];
    PURB urb;
    NTSTATUS status;

    RtlZeroMemory(list, sizeof(list));
    list[0].InterfaceDescriptor = USBD_ParseConfigurationDescriptorEx(Configuration, Configuration, 0, 0, -1, -1, -1);
    list[1].InterfaceDescriptor = USBD_ParseConfigurationDescriptorEx(Configuration, Configuration, 1, 1, -1, -1, -1);
    if (list[0].InterfaceDescriptor == NULL || list[1].InterfaceDescriptor == NULL)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    status = USBD_SelectConfigUrbAllocateAndBuild(Extension->Usbd, Configuration, list, &urb);
    if (!NT_SUCCESS(status))
        return status;
    status = SendUrb(Extension, urb);
    if (NT_SUCCESS(status)) {
        USBD_PIPE_HANDLE pipe = list[1].Interface->Pipes[0].PipeHandle;
        urb->UrbHeader.Function = URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL;
        urb->UrbHeader.Length = sizeof(urb->UrbPipeRequest);
        urb->UrbPipeRequest.PipeHandle = pipe;
        status = SendUrb(Extension, urb);
    }
    USBD_UrbFree(Extension->Usbd, urb);
    return status;
}

static NTSTATUS StartDevice(PDEVICE_EXTENSION Extension)
{
    PUCHAR buffer = (PUCHAR)ExAllocatePoolWithTag(NonPagedPoolNx, 512, POOL_TAG);
    PURB urb = NULL;
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

    if (buffer == NULL)
        return status;
    status = USBD_UrbAllocate(Extension->Usbd, &urb);
    if (NT_SUCCESS(status)) {
        UsbBuildGetDescriptorRequest(urb, sizeof(struct _URB_CONTROL_DESCRIPTOR_REQUEST),
                                     USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0, buffer, NULL, 512, NULL);
        status = SendUrb(Extension, urb);
        USBD_UrbFree(Extension->Usbd, urb);
    }
    if (NT_SUCCESS(status))
        status = Configure(Extension, (PUSB_CONFIGURATION_DESCRIPTOR)buffer);
    ExFreePoolWithTag(buffer, POOL_TAG);
    return status;
}

static NTSTATUS ForwardAndWait(PDEVICE_EXTENSION Extension, PIRP Irp)
{
    KEVENT event;

    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, SignalEvent, &event, TRUE, TRUE, TRUE);
    if (IoCallDriver(Extension->Lower, Irp) == STATUS_PENDING)
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    return Irp->IoStatus.Status;
}

_Use_decl_annotations_ static NTSTATUS DispatchPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    NTSTATUS status;

    switch (IoGetCurrentIrpStackLocation(Irp)->MinorFunction) {
    case IRP_MN_START_DEVICE:
        status = ForwardAndWait(extension, Irp);
        if (NT_SUCCESS(status))
            status = StartDevice(extension);
        Irp->IoStatus.Status = status;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return status;
    case IRP_MN_REMOVE_DEVICE:
        Irp->IoStatus.Status = STATUS_SUCCESS;
        IoSkipCurrentIrpStackLocation(Irp);
        status = IoCallDriver(extension->Lower, Irp);
        USBD_CloseHandle(extension->Usbd);
        IoDetachDevice(extension->Lower);
        IoDeleteDevice(DeviceObject);
        return status;
    case IRP_MN_SURPRISE_REMOVAL:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
        Irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    default:
        break;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(extension->Lower, Irp);
}

_Use_decl_annotations_ static NTSTATUS DispatchPower(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;

    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(extension->Lower, Irp);
}

_Use_decl_annotations_ static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    PDEVICE_OBJECT device;
    PDEVICE_EXTENSION extension;
    NTSTATUS status =
        IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);

    if (!NT_SUCCESS(status))
        return status;
    extension = (PDEVICE_EXTENSION)device->DeviceExtension;
    extension->Lower = IoAttachDeviceToDeviceStack(device, PhysicalDeviceObject);
    status = extension->Lower != NULL ? USBD_CreateHandle(device, extension->Lower, USBD_CLIENT_CONTRACT_VERSION_602,
                                                          POOL_TAG, &extension->Usbd)
                                      : STATUS_NO_SUCH_DEVICE;
    if (!NT_SUCCESS(status)) {
        if (extension->Lower != NULL)
            IoDetachDevice(extension->Lower);
        IoDeleteDevice(device);
        return status;
    }
    device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

_Use_decl_annotations_ static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->DriverUnload = Unload;
    DriverObject->MajorFunction[IRP_MJ_PNP] = DispatchPnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = DispatchPower;
    return STATUS_SUCCESS;
}

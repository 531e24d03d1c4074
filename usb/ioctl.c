/*
 * Internal control requests of a PDO: URBs, port state, port reset and cycling, selective suspend, and what other parts
 * of the Windows USB stack ask each other. Their pages give no argument for those marked "used by the hub driver, do
 * not use"; they are answered where the argument is evident from the structure, else refused.
 */
#include "usb/stack.h"
#include <string.h>

static NTSTATUS port_status(struct usb_extension *pdo, PIRP irp)
{
    PULONG flags = IoGetCurrentIrpStackLocation(irp)->Parameters.Others.Argument1;
    if (flags == NULL)
        return usb_complete_irp(irp, STATUS_INVALID_PARAMETER, 0);
    *flags = usb_pdo_is_gone(pdo) ? 0 : USBD_PORT_CONNECTED | USBD_PORT_ENABLED;
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS reset_port(struct usb_extension *pdo, PIRP irp)
{
    if (KeGetCurrentIrql() != PASSIVE_LEVEL)
        return usb_complete_irp(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    NTSTATUS status = usb_pdo_is_gone(pdo) ? STATUS_NO_SUCH_DEVICE : usb_reset_device(pdo->device);
    return usb_complete_irp(irp, status, 0);
}

/* The device seems to leave and come back: the PDO is not reported any more, and once it is removed the hub makes a new
 * one for the same device. */
static NTSTATUS cycle_port(struct usb_extension *pdo, PIRP irp)
{
    struct usb_device *device = pdo->device;
    KIRQL irql;
    if (usb_pdo_is_gone(pdo))
        return usb_complete_irp(irp, STATUS_NO_SUCH_DEVICE, 0);
    KeAcquireSpinLock(&usb_bus.lock, &irql);
    if (device->pdo != NULL)
        usb_pdo_lose(device->pdo);
    KeReleaseSpinLock(&usb_bus.lock, irql);
    usb_device_abort_all(device);
    usb_report_change();
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS bus_info(PIRP irp)
{
    PUSB_BUS_NOTIFICATION information = IoGetCurrentIrpStackLocation(irp)->Parameters.Others.Argument1;
    if (information == NULL)
        return usb_complete_irp(irp, STATUS_INVALID_PARAMETER, 0);
    information->NotificationType = AcquireBusInfo;
    information->TotalBandwidth = 400000; /* high speed, in the units of the page: bits per millisecond */
    information->ConsumedBandwidth = 0;
    information->ControllerNameLength = 0;
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS hub_name(PIRP irp)
{
    PUSB_HUB_NAME name = irp->AssociatedIrp.SystemBuffer;
    ULONG size = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.OutputBufferLength;
    if (name == NULL || size < sizeof(*name))
        return usb_complete_irp(irp, STATUS_BUFFER_TOO_SMALL, sizeof(*name));
    /* "Otherwise a NULL string is returned": the target is no hub. */
    name->ActualLength = sizeof(*name);
    name->HubName[0] = 0;
    return usb_complete_irp(irp, STATUS_SUCCESS, sizeof(*name));
}

static NTSTATUS topology_address(struct usb_extension *pdo, PIRP irp)
{
    PUSB_TOPOLOGY_ADDRESS address = IoGetCurrentIrpStackLocation(irp)->Parameters.Others.Argument1;
    if (address == NULL)
        return usb_complete_irp(irp, STATUS_INVALID_PARAMETER, 0);
    memset(address, 0, sizeof(*address));
    address->RootHubPortNumber = (USHORT)pdo->device->port;
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS get_pointer(PIRP irp, PVOID value)
{
    PVOID *place = IoGetCurrentIrpStackLocation(irp)->Parameters.Others.Argument1;
    if (place == NULL)
        return usb_complete_irp(irp, STATUS_INVALID_PARAMETER, 0);
    *place = value;
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

/* Two places: the root hub's PDO and the top of the controller's stack, which is the same thing here. */
static NTSTATUS root_hub_pdo(PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    PVOID *second = stack->Parameters.Others.Argument2;
    if (second != NULL)
        *second = usb_bus.hub_pdo;
    return get_pointer(irp, usb_bus.hub_pdo);
}

static NTSTATUS hub_count(PIRP irp)
{
    PULONG count = IoGetCurrentIrpStackLocation(irp)->Parameters.Others.Argument1;
    if (count == NULL)
        return usb_complete_irp(irp, STATUS_INVALID_PARAMETER, 0);
    *count += 1; /* each hub on the way to the root adds itself */
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

/* ---- selective suspend --------------------------------------------------------------------------------------------
 */

struct idle_request {
    USB_IDLE_CALLBACK_INFO info;
    PIO_WORKITEM item;
};

static VOID NTAPI call_idle_callback(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    struct idle_request request = *(struct idle_request *)Context;
    ExFreePoolWithTag(Context, USB_TAG);
    request.info.IdleCallback(request.info.IdleContext);
    IoFreeWorkItem(request.item);
}

/* The request waits until the device is used again; the callback, at PASSIVE_LEVEL, powers it down ("USB Selective
 * Suspend"). Nothing else shares the port, so it may suspend at once. */
static NTSTATUS idle_notification(struct usb_extension *pdo, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    PUSB_IDLE_CALLBACK_INFO info = stack->Parameters.DeviceIoControl.Type3InputBuffer;
    if (info == NULL || info->IdleCallback == NULL ||
        stack->Parameters.DeviceIoControl.InputBufferLength < sizeof(*info))
        return usb_complete_irp(irp, STATUS_INVALID_PARAMETER, 0);
    if (usb_pdo_is_gone(pdo))
        return usb_complete_irp(irp, STATUS_NO_SUCH_DEVICE, 0);
    struct idle_request *request = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*request), USB_TAG);
    PIO_WORKITEM item = request != NULL ? IoAllocateWorkItem(pdo->self) : NULL;
    if (item == NULL) {
        if (request != NULL)
            ExFreePoolWithTag(request, USB_TAG);
        return usb_complete_irp(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    *request = (struct idle_request){*info, item};
    bool waits;
    NTSTATUS status = usb_pend_in_slot(pdo, &pdo->idle_notification, irp, &waits);
    if (waits) {
        IoQueueWorkItem(item, call_idle_callback, DelayedWorkQueue, request);
        return status;
    }
    IoFreeWorkItem(item);
    ExFreePoolWithTag(request, USB_TAG);
    return status;
}

NTSTATUS usb_internal_control(struct usb_extension *pdo, PIRP irp)
{
    ULONG code = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.IoControlCode;
    if (__builtin_expect(code == IOCTL_INTERNAL_USB_SUBMIT_URB, 1))
        return usb_submit_urb(pdo, irp);
    switch (code) {
    case IOCTL_INTERNAL_USB_GET_PORT_STATUS:
        return port_status(pdo, irp);
    case IOCTL_INTERNAL_USB_RESET_PORT:
        return reset_port(pdo, irp);
    case IOCTL_INTERNAL_USB_CYCLE_PORT:
        return cycle_port(pdo, irp);
    case IOCTL_INTERNAL_USB_ENABLE_PORT:
        return usb_complete_irp(irp, usb_pdo_is_gone(pdo) ? STATUS_NO_SUCH_DEVICE : STATUS_SUCCESS, 0);
    case IOCTL_INTERNAL_USB_GET_HUB_COUNT:
        return hub_count(irp);
    case IOCTL_INTERNAL_USB_GET_ROOTHUB_PDO:
        return root_hub_pdo(irp);
    case IOCTL_INTERNAL_USB_GET_HUB_NAME:
        return hub_name(irp);
    case IOCTL_INTERNAL_USB_GET_BUS_INFO:
        return bus_info(irp);
    case IOCTL_INTERNAL_USB_GET_TOPOLOGY_ADDRESS:
        return topology_address(pdo, irp);
    case IOCTL_INTERNAL_USB_GET_DEVICE_HANDLE:
        return get_pointer(irp, pdo->device);
    case IOCTL_INTERNAL_USB_SUBMIT_IDLE_NOTIFICATION:
        return idle_notification(pdo, irp);
    default:
        return usb_complete_irp(irp, STATUS_NOT_SUPPORTED, 0);
    }
}

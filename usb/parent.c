/*
 * The generic parent ("usbccgp"): the function driver of a composite device that no package claims as a whole. When it
 * is started it configures the device and reports one PDO for each function, grouped by interface association
 * descriptors, else one for each interface; with the registry value EnumeratorClass (CDC, 02 00 00) CDC Union
 * descriptors group first. Public pages: "USB generic parent driver", "Overview of enumeration of interface
 * collections".
 */
#include "usb/stack.h"
#include <string.h>

static DRIVER_ADD_DEVICE parent_add_device;

NTSTATUS NTAPI usb_parent_driver_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    driver->DriverExtension->AddDevice = parent_add_device;
    usb_set_dispatch(driver);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI parent_add_device(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    PDEVICE_OBJECT self;
    struct usb_extension *pdo = PhysicalDeviceObject->DeviceExtension;
    if (PhysicalDeviceObject->DriverObject != usb_bus.driver || pdo->kind != USB_EXTENSION_PDO)
        return STATUS_NO_SUCH_DEVICE;
    NTSTATUS status =
        IoCreateDevice(DriverObject, sizeof(struct usb_extension), NULL, FILE_DEVICE_USB, 0, FALSE, &self);
    if (!NT_SUCCESS(status))
        return status;
    struct usb_extension *parent = self->DeviceExtension;
    memset(parent, 0, sizeof(*parent));
    parent->kind = USB_EXTENSION_PARENT;
    parent->self = self;
    parent->physical = PhysicalDeviceObject;
    parent->device = pdo->device;
    InitializeListHead(&parent->children);
    parent->lower = IoAttachDeviceToDeviceStack(self, PhysicalDeviceObject);
    if (parent->lower == NULL) {
        IoDeleteDevice(self);
        return STATUS_NO_SUCH_DEVICE;
    }
    usb_device_reference(parent->device);
    self->Flags |= parent->lower->Flags & (DO_POWER_PAGABLE | DO_POWER_INRUSH);
    self->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

/* EnumeratorClass in the driver's software key: REG_BINARY 02 00 00 turns on grouping by CDC Union descriptors. */
static bool uses_union(const struct usb_extension *parent)
{
    static const WCHAR name[] = L"EnumeratorClass";
    UNICODE_STRING value = {sizeof(name) - sizeof(WCHAR), sizeof(name), (PWSTR)name};
    struct {
        KEY_VALUE_PARTIAL_INFORMATION information;
        UCHAR more[8];
    } buffer;
    HANDLE key;
    ULONG length;
    if (!NT_SUCCESS(IoOpenDeviceRegistryKey(parent->physical, PLUGPLAY_REGKEY_DRIVER, KEY_READ, &key)))
        return false;
    NTSTATUS status = ZwQueryValueKey(key, &value, KeyValuePartialInformation, &buffer, sizeof(buffer), &length);
    ZwClose(key);
    return NT_SUCCESS(status) && buffer.information.Type == REG_BINARY && buffer.information.DataLength >= 1 &&
           buffer.information.Data[0] == USB_DEVICE_CLASS_COMMUNICATIONS;
}

static NTSTATUS create_children(struct usb_extension *parent)
{
    struct usb_function_layout functions[USB_MAX_FUNCTIONS];
    unsigned count =
        usb_find_functions(parent->device->configuration_data, uses_union(parent), functions, RTL_NUMBER_OF(functions));
    for (unsigned i = 0; i < count; i++) {
        struct usb_extension *child;
        NTSTATUS status =
            usb_create_pdo(parent->self->DriverObject, USB_EXTENSION_FUNCTION, parent->device, &functions[i], &child);
        if (!NT_SUCCESS(status))
            return status;
        InsertTailList(&parent->children, &child->sibling);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS start_parent(struct usb_extension *parent)
{
    const USB_CONFIGURATION_DESCRIPTOR *first = (const void *)parent->device->configurations[0].data;
    USBD_STATUS status = usb_set_configuration(parent->device, first->bConfigurationValue);
    if (status != USBD_STATUS_SUCCESS)
        return usb_nt_status(status);
    parent->is_started = true;
    return IsListEmpty(&parent->children) ? create_children(parent) : STATUS_SUCCESS;
}

static NTSTATUS parent_relations(struct usb_extension *parent, PIRP irp)
{
    struct usb_extension *present[USB_MAX_FUNCTIONS];
    ULONG count = 0;
    for (PLIST_ENTRY entry = parent->children.Flink; entry != &parent->children; entry = entry->Flink) {
        struct usb_extension *child = CONTAINING_RECORD(entry, struct usb_extension, sibling);
        child->is_unreported = usb_pdo_is_gone(child);
        if (!child->is_unreported && count < RTL_NUMBER_OF(present))
            present[count++] = child;
    }
    return usb_bus_relations(present, count, irp);
}

static void lose_children(struct usb_extension *parent)
{
    for (PLIST_ENTRY entry = parent->children.Flink; entry != &parent->children; entry = entry->Flink)
        usb_pdo_lose(CONTAINING_RECORD(entry, struct usb_extension, sibling));
}

static void remove_parent(struct usb_extension *parent)
{
    while (!IsListEmpty(&parent->children))
        usb_delete_pdo(CONTAINING_RECORD(parent->children.Flink, struct usb_extension, sibling));
    IoDetachDevice(parent->lower);
    struct usb_device *device = parent->device;
    IoDeleteDevice(parent->self);
    usb_device_release(device);
}

NTSTATUS usb_parent_pnp(struct usb_extension *parent, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status;
    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        status = usb_forward_and_wait(parent, irp);
        if (NT_SUCCESS(status))
            status = start_parent(parent);
        return usb_complete_irp(irp, status, 0);
    case IRP_MN_QUERY_DEVICE_RELATIONS:
        if (stack->Parameters.QueryDeviceRelations.Type != BusRelations)
            return usb_forward_irp(parent, irp);
        status = parent_relations(parent, irp);
        if (!NT_SUCCESS(status))
            return usb_complete_irp(irp, status, irp->IoStatus.Information);
        irp->IoStatus.Status = status;
        return usb_forward_irp(parent, irp);
    case IRP_MN_SURPRISE_REMOVAL:
        lose_children(parent);
        irp->IoStatus.Status = STATUS_SUCCESS;
        return usb_forward_irp(parent, irp);
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
        irp->IoStatus.Status = STATUS_SUCCESS;
        return usb_forward_irp(parent, irp);
    case IRP_MN_REMOVE_DEVICE:
        irp->IoStatus.Status = STATUS_SUCCESS;
        status = usb_forward_irp(parent, irp);
        remove_parent(parent);
        return status;
    default:
        return usb_forward_irp(parent, irp);
    }
}

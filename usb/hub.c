/*
 * The root hub: a root-enumerated bus driver ("usbhub") like any other to the PnP manager. Devices plugged in by
 * usb_plug are its children; it answers IRP_MN_QUERY_DEVICE_RELATIONS with a PDO for each, and a device that has gone
 * is simply not reported any more, which makes the PnP manager surprise-remove it.
 *
 * A usb_device lives as long as someone holds it: the caller of usb_plug, the hub's list, and each PDO made for it.
 */
#include "usb/stack.h"
#include "ntoskrnl/pnp/pnp.h"
#include <stdio.h>
#include <string.h>

struct usb_bus usb_bus;

static DRIVER_INITIALIZE hub_entry;
static DRIVER_ADD_DEVICE hub_add_device;
static DRIVER_UNLOAD hub_unload;
static DRIVER_DISPATCH dispatch_pnp, dispatch_power, dispatch_internal, dispatch_control, dispatch_open, dispatch_wmi;

/* ---- dispatch -----------------------------------------------------------------------------------------------------
 */

NTSTATUS usb_complete_irp(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

NTSTATUS usb_forward_irp(struct usb_extension *fdo, PIRP irp)
{
    IoSkipCurrentIrpStackLocation(irp);
    return IoCallDriver(fdo->lower, irp);
}

static NTSTATUS NTAPI signal_completion(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

NTSTATUS usb_forward_and_wait(struct usb_extension *fdo, PIRP irp)
{
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, signal_completion, &event, TRUE, TRUE, TRUE);
    if (IoCallDriver(fdo->lower, irp) == STATUS_PENDING)
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    return irp->IoStatus.Status;
}

static bool is_pdo(const struct usb_extension *extension)
{
    return extension->kind == USB_EXTENSION_PDO || extension->kind == USB_EXTENSION_FUNCTION;
}

static NTSTATUS NTAPI dispatch_pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    struct usb_extension *extension = DeviceObject->DeviceExtension;
    switch (extension->kind) {
    case USB_EXTENSION_HUB:
        return usb_hub_pnp(extension, Irp);
    case USB_EXTENSION_PARENT:
        return usb_parent_pnp(extension, Irp);
    default:
        return usb_pdo_pnp(extension, Irp);
    }
}

static NTSTATUS NTAPI dispatch_power(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    struct usb_extension *extension = DeviceObject->DeviceExtension;
    if (is_pdo(extension))
        return usb_pdo_power(extension, Irp);
    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(extension->lower, Irp);
}

static NTSTATUS NTAPI dispatch_internal(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    struct usb_extension *extension = DeviceObject->DeviceExtension;
    return is_pdo(extension) ? usb_internal_control(extension, Irp) : usb_forward_irp(extension, Irp);
}

static NTSTATUS NTAPI dispatch_control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    struct usb_extension *extension = DeviceObject->DeviceExtension;
    return extension->kind == USB_EXTENSION_PARENT ? usb_forward_irp(extension, Irp)
                                                   : usb_complete_irp(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

static NTSTATUS NTAPI dispatch_open(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return usb_complete_irp(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI dispatch_wmi(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    struct usb_extension *extension = DeviceObject->DeviceExtension;
    return is_pdo(extension) ? usb_complete_irp(Irp, Irp->IoStatus.Status, Irp->IoStatus.Information)
                             : usb_forward_irp(extension, Irp);
}

void usb_set_dispatch(PDRIVER_OBJECT driver)
{
    driver->MajorFunction[IRP_MJ_PNP] = dispatch_pnp;
    driver->MajorFunction[IRP_MJ_POWER] = dispatch_power;
    driver->MajorFunction[IRP_MJ_INTERNAL_DEVICE_CONTROL] = dispatch_internal;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = dispatch_control;
    driver->MajorFunction[IRP_MJ_CREATE] = dispatch_open;
    driver->MajorFunction[IRP_MJ_CLOSE] = dispatch_open;
    driver->MajorFunction[IRP_MJ_CLEANUP] = dispatch_open;
    driver->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = dispatch_wmi;
}

static NTSTATUS NTAPI hub_entry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    usb_bus.driver = DriverObject;
    DriverObject->DriverExtension->AddDevice = hub_add_device;
    DriverObject->DriverUnload = hub_unload;
    usb_set_dispatch(DriverObject);
    return STATUS_SUCCESS;
}

static VOID NTAPI hub_unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    usb_bus.driver = NULL;
}

static NTSTATUS NTAPI hub_add_device(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    PDEVICE_OBJECT self;
    NTSTATUS status =
        IoCreateDevice(DriverObject, sizeof(struct usb_extension), NULL, FILE_DEVICE_USB, 0, FALSE, &self);
    if (!NT_SUCCESS(status))
        return status;
    struct usb_extension *hub = self->DeviceExtension;
    memset(hub, 0, sizeof(*hub));
    hub->kind = USB_EXTENSION_HUB;
    hub->self = self;
    hub->physical = PhysicalDeviceObject;
    hub->lower = IoAttachDeviceToDeviceStack(self, PhysicalDeviceObject);
    if (hub->lower == NULL) {
        IoDeleteDevice(self);
        return STATUS_NO_SUCH_DEVICE;
    }
    self->Flags |= hub->lower->Flags & (DO_POWER_PAGABLE | DO_POWER_INRUSH);
    self->Flags &= ~DO_DEVICE_INITIALIZING;
    InterlockedExchange(&usb_bus.has_hub, 1);
    return STATUS_SUCCESS;
}

/* ---- devices ------------------------------------------------------------------------------------------------------
 */

void usb_device_reference(struct usb_device *device)
{
    InterlockedIncrement(&device->references);
}

static void mark_gone(struct usb_device *device)
{
    InterlockedExchange(&device->is_gone, 1);
    usb_device_abort_all(device);
}

static void destroy(struct usb_device *device)
{
    mark_gone(device);
    /* Every pipe has been drained before, so what is left here is in the middle of its completion. */
    LARGE_INTEGER pause = {.QuadPart = -1000}; /* 100 us */
    while (ReadAcquire(&device->outstanding) != 0)
        KeDelayExecutionThread(KernelMode, FALSE, &pause);
    usb_transfers_free(device);
    device->backend->ops->close(device->backend);
    for (unsigned i = 0; i < device->configuration_count; i++)
        ExFreePoolWithTag(device->configurations[i].data, USB_TAG);
    ExFreePoolWithTag(device, USB_TAG);
}

/* PASSIVE_LEVEL when it may be the last reference. */
void usb_device_release(struct usb_device *device)
{
    if (InterlockedDecrement(&device->references) == 0)
        destroy(device);
}

static bool has_hub(void)
{
    return ReadAcquire(&usb_bus.has_hub) != 0;
}

void usb_report_change(void)
{
    if (has_hub())
        IoInvalidateDeviceRelations(usb_bus.hub_pdo, BusRelations);
}

/* Cheap devices all have the same serial number: the second one is named by its port. With the bus lock. */
static bool has_twin(const struct usb_device *device)
{
    for (PLIST_ENTRY entry = usb_bus.devices.Flink; entry != &usb_bus.devices; entry = entry->Flink) {
        const struct usb_device *other = CONTAINING_RECORD(entry, struct usb_device, link);
        if (!usb_is_gone(other) && other->descriptor.idVendor == device->descriptor.idVendor &&
            other->descriptor.idProduct == device->descriptor.idProduct &&
            memcmp(other->serial, device->serial, sizeof(device->serial)) == 0)
            return true;
    }
    return false;
}

static void list_device(struct usb_device *device)
{
    KIRQL irql;
    usb_device_reference(device);
    KeAcquireSpinLock(&usb_bus.lock, &irql);
    for (ULONG i = 0; device->port == 0; i++) {
        if (i / 32 < RTL_NUMBER_OF(usb_bus.ports) && usb_bus.ports[i / 32] >> i % 32 & 1)
            continue;
        if (i / 32 < RTL_NUMBER_OF(usb_bus.ports))
            usb_bus.ports[i / 32] |= 1u << i % 32;
        device->port = i + 1;
    }
    device->serial_is_id = usb_serial_is_usable(device) && !has_twin(device);
    InsertTailList(&usb_bus.devices, &device->link);
    device->is_listed = true;
    KeReleaseSpinLock(&usb_bus.lock, irql);
}

static void unlist_device(struct usb_device *device)
{
    KIRQL irql;
    KeAcquireSpinLock(&usb_bus.lock, &irql);
    bool was_listed = device->is_listed;
    if (was_listed) {
        ULONG i = device->port - 1;
        device->is_listed = false;
        RemoveEntryList(&device->link);
        if (i / 32 < RTL_NUMBER_OF(usb_bus.ports))
            usb_bus.ports[i / 32] &= ~(1u << i % 32);
    }
    KeReleaseSpinLock(&usb_bus.lock, irql);
    if (was_listed)
        usb_device_release(device);
}

static NTSTATUS open_device(struct usb_device *device, char *error, size_t error_size)
{
    snprintf(error, error_size, "%s: out of memory", device->backend->name);
    NTSTATUS status = device->backend->ops->open(device->backend, error, error_size);
    if (NT_SUCCESS(status))
        status = usb_enumerate(device, error, error_size);
    return status;
}

NTSTATUS usb_plug(struct usb_backend *backend, struct usb_device **device, char *error, size_t error_size)
{
    struct usb_device *d = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*d), USB_TAG);
    *device = NULL;
    if (d == NULL) {
        snprintf(error, error_size, "%s: out of memory", backend->name);
        backend->ops->close(backend);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    memset(d, 0, sizeof(*d));
    d->references = 1;
    d->backend = backend;
    backend->device = d;
    KeInitializeEvent(&d->configure_lock, SynchronizationEvent, TRUE);
    usb_transfers_initialize(d);
    NTSTATUS status = open_device(d, error, error_size);
    if (!NT_SUCCESS(status)) {
        usb_device_release(d);
        return status;
    }
    error[0] = 0;
    list_device(d);
    ke_trace("usb: %s VID_%04X&PID_%04X in port %u", backend->name, d->descriptor.idVendor, d->descriptor.idProduct,
             (unsigned)d->port);
    usb_report_change();
    *device = d;
    return STATUS_SUCCESS;
}

void usb_disconnected(struct usb_backend *backend)
{
    mark_gone(backend->device);
    ke_trace("usb: %s has left", backend->name);
    usb_report_change();
}

void usb_unplug(struct usb_device *device)
{
    mark_gone(device);
    /* A hub drops the device when it reports its children the next time; without a hub nobody knows the device. */
    if (has_hub())
        usb_report_change();
    else
        unlist_device(device);
    usb_device_release(device);
}

ULONG usb_outstanding_transfers(void)
{
    KIRQL irql;
    ULONG count = 0;
    if (!usb_bus.is_initialized)
        return 0;
    KeAcquireSpinLock(&usb_bus.lock, &irql);
    for (PLIST_ENTRY entry = usb_bus.devices.Flink; entry != &usb_bus.devices; entry = entry->Flink)
        count += (ULONG)ReadAcquire(&CONTAINING_RECORD(entry, struct usb_device, link)->outstanding);
    KeReleaseSpinLock(&usb_bus.lock, irql);
    return count;
}

/* ---- PDOs of devices ----------------------------------------------------------------------------------------------
 */

NTSTATUS usb_create_pdo(PDRIVER_OBJECT driver, enum usb_extension_kind kind, struct usb_device *device,
                        const struct usb_function_layout *function, struct usb_extension **pdo)
{
    PDEVICE_OBJECT self;
    NTSTATUS status = IoCreateDevice(driver, sizeof(struct usb_extension), NULL, FILE_DEVICE_USB,
                                     FILE_AUTOGENERATED_DEVICE_NAME, FALSE, &self);
    if (!NT_SUCCESS(status))
        return status;
    struct usb_extension *extension = self->DeviceExtension;
    memset(extension, 0, sizeof(*extension));
    extension->kind = kind;
    extension->self = self;
    extension->device = device;
    extension->function = *function;
    extension->is_present = true;
    extension->power_state = PowerDeviceD3;
    KeInitializeSpinLock(&extension->slot_lock);
    usb_device_reference(device);
    self->Flags &= ~DO_DEVICE_INITIALIZING;
    *pdo = extension;
    return STATUS_SUCCESS;
}

static void set_pdo(struct usb_device *device, struct usb_extension *pdo)
{
    KIRQL irql;
    KeAcquireSpinLock(&usb_bus.lock, &irql);
    device->pdo = pdo;
    KeReleaseSpinLock(&usb_bus.lock, irql);
}

void usb_delete_pdo(struct usb_extension *pdo)
{
    struct usb_device *device = pdo->device;
    bool is_whole = pdo->kind == USB_EXTENSION_PDO;
    if (is_whole)
        set_pdo(device, NULL);
    else
        RemoveEntryList(&pdo->sibling);
    IoDeleteDevice(pdo->self);
    if (is_whole && usb_is_gone(device))
        unlist_device(device);
    else if (is_whole)
        usb_report_change(); /* a cycled port: the same device comes back */
    usb_device_release(device);
}

/* The first interface's class stands for a device that is not composite. */
static struct usb_function_layout whole_device(const struct usb_device *device)
{
    struct usb_function_layout functions[USB_MAX_INTERFACES], whole;
    unsigned count = usb_find_functions(device->configuration_data, false, functions, USB_MAX_INTERFACES);
    whole = functions[0];
    /* Any configuration's interfaces may be selected. */
    whole.interfaces = count != 0 ? ~0u : 0;
    return whole;
}

NTSTATUS usb_bus_relations(struct usb_extension **children, ULONG count, PIRP irp)
{
    PDEVICE_RELATIONS old = (PDEVICE_RELATIONS)irp->IoStatus.Information;
    ULONG old_count = old != NULL ? old->Count : 0;
    PDEVICE_RELATIONS relations = ExAllocatePoolWithTag(
        PagedPool, sizeof(*relations) + (old_count + count) * sizeof(relations->Objects[0]), USB_TAG);
    if (relations == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    relations->Count = 0;
    for (ULONG i = 0; i < old_count; i++)
        relations->Objects[relations->Count++] = old->Objects[i];
    for (ULONG i = 0; i < count; i++) {
        ObReferenceObject(children[i]->self);
        relations->Objects[relations->Count++] = children[i]->self;
    }
    if (old != NULL)
        ExFreePool(old);
    irp->IoStatus.Information = (ULONG_PTR)relations;
    return STATUS_SUCCESS;
}

/* The devices that are in their ports, each referenced; the caller frees the array. */
static struct usb_device **snapshot(ULONG *count)
{
    KIRQL irql;
    ULONG room = 0;
    struct usb_device **devices = NULL;
    for (;;) {
        ULONG n = 0;
        KeAcquireSpinLock(&usb_bus.lock, &irql);
        for (PLIST_ENTRY entry = usb_bus.devices.Flink; entry != &usb_bus.devices; entry = entry->Flink, n++)
            if (n < room)
                devices[n] = CONTAINING_RECORD(entry, struct usb_device, link);
        if (devices != NULL && n <= room)
            for (ULONG i = 0; i < n; i++)
                usb_device_reference(devices[i]);
        KeReleaseSpinLock(&usb_bus.lock, irql);
        if (devices != NULL && n <= room) {
            *count = n;
            return devices;
        }
        if (devices != NULL)
            ExFreePoolWithTag(devices, USB_TAG);
        room = n + 8;
        devices = ExAllocatePoolWithTag(NonPagedPoolNx, room * sizeof(*devices), USB_TAG);
        if (devices == NULL)
            return NULL;
    }
}

static NTSTATUS hub_relations(PIRP irp)
{
    ULONG count, reported = 0;
    struct usb_device **devices = snapshot(&count);
    if (devices == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    struct usb_extension **children = ExAllocatePoolWithTag(PagedPool, (count + 1) * sizeof(*children), USB_TAG);
    NTSTATUS status = children != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    for (ULONG i = 0; i < count; i++) {
        struct usb_device *device = devices[i];
        if (usb_is_gone(device) && device->pdo == NULL) {
            unlist_device(device);
            continue;
        }
        if (NT_SUCCESS(status) && device->pdo == NULL) {
            struct usb_function_layout whole = whole_device(device);
            struct usb_extension *pdo;
            status = usb_create_pdo(usb_bus.driver, USB_EXTENSION_PDO, device, &whole, &pdo);
            if (NT_SUCCESS(status))
                set_pdo(device, pdo);
        }
        if (!NT_SUCCESS(status))
            continue;
        device->pdo->is_unreported = usb_pdo_is_gone(device->pdo);
        if (!device->pdo->is_unreported)
            children[reported++] = device->pdo;
    }
    if (NT_SUCCESS(status))
        status = usb_bus_relations(children, reported, irp);
    for (ULONG i = 0; i < count; i++)
        usb_device_release(devices[i]);
    if (children != NULL)
        ExFreePoolWithTag(children, USB_TAG);
    ExFreePoolWithTag(devices, USB_TAG);
    return status;
}

/* ---- PnP of the hub -----------------------------------------------------------------------------------------------
 */

static void remove_hub(struct usb_extension *hub)
{
    ULONG count;
    InterlockedExchange(&usb_bus.has_hub, 0);
    struct usb_device **devices = snapshot(&count);
    for (ULONG i = 0; devices != NULL && i < count; i++) {
        if (devices[i]->pdo != NULL)
            usb_delete_pdo(devices[i]->pdo);
        if (usb_is_gone(devices[i]))
            unlist_device(devices[i]);
        usb_device_release(devices[i]);
    }
    if (devices != NULL)
        ExFreePoolWithTag(devices, USB_TAG);
    IoDetachDevice(hub->lower);
    IoDeleteDevice(hub->self);
}

NTSTATUS usb_hub_pnp(struct usb_extension *hub, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status;
    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        status = usb_forward_and_wait(hub, irp);
        hub->is_started = NT_SUCCESS(status);
        return usb_complete_irp(irp, status, 0);
    case IRP_MN_QUERY_DEVICE_RELATIONS:
        if (stack->Parameters.QueryDeviceRelations.Type != BusRelations)
            return usb_forward_irp(hub, irp);
        status = hub_relations(irp);
        if (!NT_SUCCESS(status))
            return usb_complete_irp(irp, status, irp->IoStatus.Information);
        irp->IoStatus.Status = status;
        return usb_forward_irp(hub, irp);
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_SURPRISE_REMOVAL:
        irp->IoStatus.Status = STATUS_SUCCESS;
        return usb_forward_irp(hub, irp);
    case IRP_MN_REMOVE_DEVICE:
        irp->IoStatus.Status = STATUS_SUCCESS;
        status = usb_forward_irp(hub, irp);
        remove_hub(hub);
        return status;
    default:
        return usb_forward_irp(hub, irp);
    }
}

/* ---- life ---------------------------------------------------------------------------------------------------------
 */

NTSTATUS usb_initialize(void)
{
    if (usb_bus.is_initialized)
        return STATUS_SUCCESS;
    KeInitializeSpinLock(&usb_bus.lock);
    InitializeListHead(&usb_bus.devices);
    pnp_register_builtin(USB_HUB_SERVICE, hub_entry);
    pnp_register_builtin(USB_COMPOSITE_SERVICE, usb_parent_driver_entry);
    /* What Windows' own usb.inf matches; a package that takes the whole device is asked first. */
    pnp_register_builtin_id(USB_HUB_HARDWARE_ID, USB_HUB_SERVICE);
    pnp_register_builtin_id(USB_COMPOSITE_ID, USB_COMPOSITE_SERVICE);
    NTSTATUS status = pnp_create_root_device(USB_HUB_HARDWARE_ID, &usb_bus.hub_pdo);
    usb_bus.is_initialized = NT_SUCCESS(status);
    return status;
}

void usb_shutdown(void)
{
    if (!usb_bus.is_initialized)
        return;
    usb_capture_stop();
    ObDereferenceObject(usb_bus.hub_pdo);
    pnp_unregister_builtin(USB_HUB_SERVICE);
    pnp_unregister_builtin(USB_COMPOSITE_SERVICE);
    usb_bus.hub_pdo = NULL;
    usb_bus.is_initialized = false;
}

/* ---- facts --------------------------------------------------------------------------------------------------------
 */

const char *usb_speed_name(USB_DEVICE_SPEED speed)
{
    static const char *const names[] = {"low-speed (1.5 Mbit/s)", "full-speed (12 Mbit/s)", "high-speed (480 Mbit/s)",
                                        "SuperSpeed (5 Gbit/s)"};
    return (unsigned)speed < RTL_NUMBER_OF(names) ? names[speed] : "unknown";
}

static void to_utf8(const WCHAR *text, char *out, size_t size)
{
    ULONG actual = 0;
    size_t count = 0;
    while (text[count] != 0)
        count++;
    if (!NT_SUCCESS(RtlUnicodeToUTF8N(out, (ULONG)size - 1, &actual, text, (ULONG)(count * sizeof(WCHAR)))))
        actual = actual < size ? actual : 0;
    out[actual] = 0;
}

void usb_get_facts(struct usb_device *device, struct usb_device_facts *facts)
{
    memset(facts, 0, sizeof(*facts));
    snprintf(facts->backend, sizeof(facts->backend), "%s", device->backend->name);
    facts->vendor = device->descriptor.idVendor;
    facts->product = device->descriptor.idProduct;
    facts->revision = device->descriptor.bcdDevice;
    to_utf8(device->manufacturer, facts->manufacturer, sizeof(facts->manufacturer));
    to_utf8(device->product, facts->product_name, sizeof(facts->product_name));
    to_utf8(device->serial, facts->serial, sizeof(facts->serial));
    facts->speed = device->backend->speed;
    facts->port = device->port;
    facts->configuration = device->configuration;
    facts->interfaces = ((const USB_CONFIGURATION_DESCRIPTOR *)device->configuration_data)->bNumInterfaces;
    for (unsigned i = 1; i < USB_MAX_PIPES; i++) {
        KIRQL irql;
        KeAcquireSpinLock(&device->pipes[i].lock, &irql);
        if (device->pipes[i].is_open)
            facts->endpoint_address[facts->endpoints++] = device->pipes[i].address;
        KeReleaseSpinLock(&device->pipes[i].lock, irql);
    }
    facts->is_gone = usb_is_gone(device);
    if (facts->is_gone)
        snprintf(facts->gone_reason, sizeof(facts->gone_reason), "%s", device->backend->gone_reason);
    facts->transfers = __atomic_load_n(&device->transfers, __ATOMIC_RELAXED);
    facts->bytes_in = __atomic_load_n(&device->bytes_in, __ATOMIC_RELAXED);
    facts->bytes_out = __atomic_load_n(&device->bytes_out, __ATOMIC_RELAXED);
    KIRQL irql;
    KeAcquireSpinLock(&usb_bus.lock, &irql);
    facts->pdo = device->pdo != NULL ? device->pdo->self : NULL;
    KeReleaseSpinLock(&usb_bus.lock, irql);
}

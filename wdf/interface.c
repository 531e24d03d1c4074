/*
 * Ways to find a device: device interfaces, which applications open, and driver-defined interfaces, which other drivers
 * of the stack ask for by IRP_MN_QUERY_INTERFACE.
 *
 * Public pages: "Using Device Interfaces", "Using Driver-Defined Interfaces".
 */
#include <string.h>
#include "wdf/device.h"

struct device_interface {
    LIST_ENTRY entry;
    GUID guid;
    UNICODE_STRING reference, link; /* link: once registered */
    bool enabled, automatic;
};

struct query_interface {
    LIST_ENTRY entry;
    WDF_QUERY_INTERFACE_CONFIG config;
    GUID guid;
    PINTERFACE interface; /* a copy of the driver's, or NULL */
};

static struct device_interface *find(struct wdf_device *device, const GUID *guid, PCUNICODE_STRING reference)
{
    static const UNICODE_STRING none;
    for (LIST_ENTRY *entry = device->interfaces.Flink; entry != &device->interfaces; entry = entry->Flink) {
        struct device_interface *found = CONTAINING_RECORD(entry, struct device_interface, entry);
        if (IsEqualGUID(&found->guid, guid) &&
            RtlEqualUnicodeString(&found->reference, reference != NULL ? reference : &none, FALSE))
            return found;
    }
    return NULL;
}

static bool is_started(struct wdf_device *device)
{
    return wdf_pnp_is_working(device) && device->kind != WDF_DEVICE_CONTROL;
}

static void set_state(struct device_interface *interface, bool enabled)
{
    if (interface->enabled != enabled && NT_SUCCESS(IoSetDeviceInterfaceState(&interface->link, enabled)))
        interface->enabled = enabled;
}

void wdf_interfaces_set(struct wdf_device *device, bool enabled)
{
    for (LIST_ENTRY *entry = device->interfaces.Flink; entry != &device->interfaces; entry = entry->Flink) {
        struct device_interface *interface = CONTAINING_RECORD(entry, struct device_interface, entry);
        set_state(interface, enabled && interface->automatic);
    }
}

static void free_copy(UNICODE_STRING *text)
{
    if (text->Buffer != NULL)
        ExFreePoolWithTag(text->Buffer, WDF_DEVICE_TAG);
}

void wdf_interfaces_free(struct wdf_device *device)
{
    while (device->interfaces.Flink != NULL && !IsListEmpty(&device->interfaces)) {
        struct device_interface *interface =
            CONTAINING_RECORD(RemoveHeadList(&device->interfaces), struct device_interface, entry);
        set_state(interface, false);
        RtlFreeUnicodeString(&interface->link);
        free_copy(&interface->reference);
        ExFreePoolWithTag(interface, WDF_DEVICE_TAG);
    }
    while (device->query_interfaces.Flink != NULL && !IsListEmpty(&device->query_interfaces)) {
        struct query_interface *interface =
            CONTAINING_RECORD(RemoveHeadList(&device->query_interfaces), struct query_interface, entry);
        if (interface->interface != NULL)
            ExFreePoolWithTag(interface->interface, WDF_DEVICE_TAG);
        ExFreePoolWithTag(interface, WDF_DEVICE_TAG);
    }
}

NTSTATUS NTAPI kmdf_WdfDeviceCreateDeviceInterface(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                   CONST GUID *InterfaceClassGUID, PCUNICODE_STRING ReferenceString)
{
    static const char call[] = "WdfDeviceCreateDeviceInterface";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, call);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    wdf_require(client, InterfaceClassGUID, call, "InterfaceClassGUID");
    if (device->physical == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (find(device, InterfaceClassGUID, ReferenceString) != NULL)
        return STATUS_SUCCESS;
    struct device_interface *interface = ExAllocatePoolZero(PagedPool, sizeof(*interface), WDF_DEVICE_TAG);
    if (interface == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    interface->guid = *InterfaceClassGUID;
    /* Made after the start it stays disabled until the driver says so. */
    interface->automatic = !is_started(device);
    NTSTATUS status = wdf_copy_string(&interface->reference, ReferenceString);
    if (NT_SUCCESS(status))
        status = IoRegisterDeviceInterface(device->physical, InterfaceClassGUID,
                                           interface->reference.Buffer != NULL ? &interface->reference : NULL,
                                           &interface->link);
    if (!NT_SUCCESS(status)) {
        free_copy(&interface->reference);
        ExFreePoolWithTag(interface, WDF_DEVICE_TAG);
        return status;
    }
    InsertTailList(&device->interfaces, &interface->entry);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDeviceCreateDeviceInterface, PFN_WDFDEVICECREATEDEVICEINTERFACE);

VOID NTAPI kmdf_WdfDeviceSetDeviceInterfaceState(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                 CONST GUID *InterfaceClassGUID, PCUNICODE_STRING ReferenceString,
                                                 BOOLEAN IsInterfaceEnabled)
{
    static const char call[] = "WdfDeviceSetDeviceInterfaceState";
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, call);
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, call);
    wdf_require(wdf_client(DriverGlobals), InterfaceClassGUID, call, "InterfaceClassGUID");
    struct device_interface *interface = find(device, InterfaceClassGUID, ReferenceString);
    if (interface == NULL)
        return;
    interface->automatic = IsInterfaceEnabled;
    if (is_started(device))
        set_state(interface, IsInterfaceEnabled);
}
WDF_EXPORT(WdfDeviceSetDeviceInterfaceState, PFN_WDFDEVICESETDEVICEINTERFACESTATE);

VOID NTAPI kmdf_WdfDeviceSetDeviceInterfaceStateEx(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                   CONST GUID *InterfaceClassGUID, PCUNICODE_STRING ReferenceString,
                                                   BOOLEAN IsInterfaceEnabled)
{
    kmdf_WdfDeviceSetDeviceInterfaceState(DriverGlobals, Device, InterfaceClassGUID, ReferenceString,
                                          IsInterfaceEnabled);
}
#if KMDF_VERSION_MINOR >= 31
WDF_EXPORT(WdfDeviceSetDeviceInterfaceStateEx, PFN_WDFDEVICESETDEVICEINTERFACESTATEEX);
#else
WDF_EXPORT(WdfDeviceSetDeviceInterfaceStateEx, PFN_WDFDEVICESETDEVICEINTERFACESTATE);
#endif

NTSTATUS NTAPI kmdf_WdfDeviceRetrieveDeviceInterfaceString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                           CONST GUID *InterfaceClassGUID,
                                                           PCUNICODE_STRING ReferenceString, WDFSTRING String)
{
    static const char call[] = "WdfDeviceRetrieveDeviceInterfaceString";
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, call);
    struct wdf_string *string = wdf_from_handle(DriverGlobals, String, &wdf_string_type, call);
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, call);
    wdf_require(wdf_client(DriverGlobals), InterfaceClassGUID, call, "InterfaceClassGUID");
    struct device_interface *interface = find(device, InterfaceClassGUID, ReferenceString);
    return interface != NULL ? wdf_string_assign(string, &interface->link) : STATUS_OBJECT_NAME_NOT_FOUND;
}
WDF_EXPORT(WdfDeviceRetrieveDeviceInterfaceString, PFN_WDFDEVICERETRIEVEDEVICEINTERFACESTRING);

/* ---- driver-defined interfaces
 * ---------------------------------------------------------------------------------------- */

NTSTATUS NTAPI kmdf_WdfDeviceAddQueryInterface(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                               PWDF_QUERY_INTERFACE_CONFIG InterfaceConfig)
{
    static const char call[] = "WdfDeviceAddQueryInterface";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, call);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    wdf_require(client, InterfaceConfig, call, "InterfaceConfig");
    if (!wdf_size_is(client, InterfaceConfig->Size, sizeof(*InterfaceConfig), call, "WDF_QUERY_INTERFACE_CONFIG"))
        return STATUS_INFO_LENGTH_MISMATCH;
    const WDF_QUERY_INTERFACE_CONFIG *config = InterfaceConfig;
    if (config->InterfaceType == NULL || device->pnp == NULL ||
        (config->ImportInterface ? config->EvtDeviceProcessQueryInterfaceRequest == NULL : config->Interface == NULL) ||
        (config->Interface != NULL &&
         (config->Interface->Size < sizeof(INTERFACE) || config->Interface->InterfaceReference == NULL ||
          config->Interface->InterfaceDereference == NULL)))
        return STATUS_INVALID_PARAMETER;
    struct query_interface *interface = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*interface), WDF_DEVICE_TAG);
    if (interface == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    interface->config = *config;
    interface->guid = *config->InterfaceType;
    if (config->Interface != NULL) {
        interface->interface = ExAllocatePoolZero(NonPagedPoolNx, config->Interface->Size, WDF_DEVICE_TAG);
        if (interface->interface == NULL) {
            ExFreePoolWithTag(interface, WDF_DEVICE_TAG);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        memcpy(interface->interface, config->Interface, config->Interface->Size);
    }
    KIRQL irql;
    KeAcquireSpinLock(&device->lock, &irql);
    InsertTailList(&device->query_interfaces, &interface->entry);
    KeReleaseSpinLock(&device->lock, irql);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDeviceAddQueryInterface, PFN_WDFDEVICEADDQUERYINTERFACE);

bool wdf_interface_query(struct wdf_device *device, PIRP irp, NTSTATUS *status)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    struct query_interface *found = NULL;
    KIRQL irql;
    KeAcquireSpinLock(&device->lock, &irql);
    for (LIST_ENTRY *entry = device->query_interfaces.Flink; entry != &device->query_interfaces && found == NULL;
         entry = entry->Flink) {
        struct query_interface *interface = CONTAINING_RECORD(entry, struct query_interface, entry);
        if (IsEqualGUID(&interface->guid, stack->Parameters.QueryInterface.InterfaceType))
            found = interface;
    }
    KeReleaseSpinLock(&device->lock, irql);
    if (found == NULL)
        return false;
    PINTERFACE exposed = stack->Parameters.QueryInterface.Interface;
    *status = STATUS_SUCCESS;
    if (found->interface != NULL && !found->config.ImportInterface) {
        if (stack->Parameters.QueryInterface.Size < found->interface->Size) {
            *status = STATUS_BUFFER_TOO_SMALL;
            return true;
        }
        memcpy(exposed, found->interface, found->interface->Size);
    }
    PFN_WDF_DEVICE_PROCESS_QUERY_INTERFACE_REQUEST callback = found->config.EvtDeviceProcessQueryInterfaceRequest;
    if (callback != NULL) {
        struct wdf_callback_state before = wdf_callback_enter();
        *status = callback(wdf_device_handle(device), (LPGUID)stack->Parameters.QueryInterface.InterfaceType, exposed,
                           stack->Parameters.QueryInterface.InterfaceSpecificData);
        wdf_callback_leave(device->object.client, before, (const void *)callback,
                           "EvtDeviceProcessQueryInterfaceRequest");
        /* "STATUS_NOT_SUPPORTED: the driver lets lower drivers answer." */
        if (*status == STATUS_NOT_SUPPORTED) {
            *status = STATUS_SUCCESS;
            return true;
        }
    }
    if (NT_SUCCESS(*status)) {
        irp->IoStatus.Status = *status;
        if (found->interface != NULL)
            found->interface->InterfaceReference(exposed->Context);
    }
    return true;
}

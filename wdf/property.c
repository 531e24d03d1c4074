/*
 * Names, properties and registry keys of devices.
 *
 * Public pages: "WdfDeviceQueryProperty function", "WdfDeviceOpenRegistryKey function", "WdfDeviceCreateSymbolicLink
 * function" and their kind.
 */
#include "wdf/device.h"

static struct wdf_device *passive_device(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle, const char *call)
{
    struct wdf_device *device = wdf_general_device(globals, handle, call);
    wdf_require_irql(wdf_client(globals), PASSIVE_LEVEL, call);
    return device;
}

static PDEVICE_OBJECT init_physical(PWDF_DRIVER_GLOBALS globals, PWDFDEVICE_INIT init, const char *call)
{
    wdf_require(wdf_client(globals), init, call, "DeviceInit");
    wdf_require_irql(wdf_client(globals), PASSIVE_LEVEL, call);
    return init->physical;
}

/* ---- properties
 * ------------------------------------------------------------------------------------------------------- */

static NTSTATUS query(PDEVICE_OBJECT physical, DEVICE_REGISTRY_PROPERTY property, ULONG length, PVOID buffer,
                      PULONG result)
{
    if (physical == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    return IoGetDeviceProperty(physical, property, length, buffer, result);
}

/* A memory object that holds what read gives: asked for its size first. */
static NTSTATUS alloc_and_query(struct wdf_client *client, struct wdf_object *parent, POOL_TYPE pool,
                                PWDF_OBJECT_ATTRIBUTES attributes, WDFMEMORY *result, PDEVICE_OBJECT physical,
                                DEVICE_REGISTRY_PROPERTY property, const WDF_DEVICE_PROPERTY_DATA *data,
                                PDEVPROPTYPE type)
{
    ULONG needed = 0, got = 0;
    NTSTATUS status;
    if (physical == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    status = data != NULL
                 ? IoGetDevicePropertyData(physical, data->PropertyKey, data->Lcid, data->Flags, 0, NULL, &needed, type)
                 : IoGetDeviceProperty(physical, property, 0, NULL, &needed);
    if (status != STATUS_BUFFER_TOO_SMALL)
        return NT_SUCCESS(status) ? STATUS_UNSUCCESSFUL : status;
    struct wdf_memory *memory = wdf_memory_create(client, attributes, parent, pool, 0, needed, &status);
    if (memory == NULL)
        return status;
    status = data != NULL ? IoGetDevicePropertyData(physical, data->PropertyKey, data->Lcid, data->Flags, needed,
                                                    memory->buffer, &got, type)
                          : IoGetDeviceProperty(physical, property, needed, memory->buffer, &got);
    if (!NT_SUCCESS(status)) {
        wdf_delete(&memory->object);
        return status;
    }
    *result = (WDFMEMORY)wdf_handle(&memory->object);
    return STATUS_SUCCESS;
}

static bool property_data_is_right(struct wdf_client *client, const WDF_DEVICE_PROPERTY_DATA *data, const char *call)
{
    wdf_require(client, data, call, "DeviceProperty");
    return wdf_size_is(client, data->Size, sizeof(*data), call, "WDF_DEVICE_PROPERTY_DATA");
}

NTSTATUS NTAPI kmdf_WdfDeviceQueryProperty(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                           DEVICE_REGISTRY_PROPERTY DeviceProperty, ULONG BufferLength,
                                           PVOID PropertyBuffer, PULONG ResultLength)
{
    struct wdf_device *device = passive_device(DriverGlobals, Device, "WdfDeviceQueryProperty");
    wdf_require(wdf_client(DriverGlobals), ResultLength, "WdfDeviceQueryProperty", "ResultLength");
    return query(device->physical, DeviceProperty, BufferLength, PropertyBuffer, ResultLength);
}
WDF_EXPORT(WdfDeviceQueryProperty, PFN_WDFDEVICEQUERYPROPERTY);

NTSTATUS NTAPI kmdf_WdfDeviceAllocAndQueryProperty(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                   DEVICE_REGISTRY_PROPERTY DeviceProperty, POOL_TYPE PoolType,
                                                   PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes,
                                                   WDFMEMORY *PropertyMemory)
{
    struct wdf_device *device = passive_device(DriverGlobals, Device, "WdfDeviceAllocAndQueryProperty");
    wdf_require(wdf_client(DriverGlobals), PropertyMemory, "WdfDeviceAllocAndQueryProperty", "PropertyMemory");
    *PropertyMemory = NULL;
    return alloc_and_query(wdf_client(DriverGlobals), &device->object, PoolType, PropertyMemoryAttributes,
                           PropertyMemory, device->physical, DeviceProperty, NULL, NULL);
}
WDF_EXPORT(WdfDeviceAllocAndQueryProperty, PFN_WDFDEVICEALLOCANDQUERYPROPERTY);

NTSTATUS NTAPI kmdf_WdfDeviceQueryPropertyEx(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                             PWDF_DEVICE_PROPERTY_DATA DeviceProperty, ULONG BufferLength,
                                             PVOID PropertyBuffer, PULONG RequiredSize, PDEVPROPTYPE Type)
{
    static const char call[] = "WdfDeviceQueryPropertyEx";
    struct wdf_device *device = passive_device(DriverGlobals, Device, call);
    if (!property_data_is_right(wdf_client(DriverGlobals), DeviceProperty, call))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (device->physical == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    return IoGetDevicePropertyData(device->physical, DeviceProperty->PropertyKey, DeviceProperty->Lcid,
                                   DeviceProperty->Flags, BufferLength, PropertyBuffer, RequiredSize, Type);
}
WDF_EXPORT(WdfDeviceQueryPropertyEx, PFN_WDFDEVICEQUERYPROPERTYEX);

NTSTATUS NTAPI kmdf_WdfDeviceAllocAndQueryPropertyEx(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                     PWDF_DEVICE_PROPERTY_DATA DeviceProperty, POOL_TYPE PoolType,
                                                     PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes,
                                                     WDFMEMORY *PropertyMemory, PDEVPROPTYPE Type)
{
    static const char call[] = "WdfDeviceAllocAndQueryPropertyEx";
    struct wdf_device *device = passive_device(DriverGlobals, Device, call);
    wdf_require(wdf_client(DriverGlobals), PropertyMemory, call, "PropertyMemory");
    *PropertyMemory = NULL;
    if (!property_data_is_right(wdf_client(DriverGlobals), DeviceProperty, call))
        return STATUS_INFO_LENGTH_MISMATCH;
    return alloc_and_query(wdf_client(DriverGlobals), &device->object, PoolType, PropertyMemoryAttributes,
                           PropertyMemory, device->physical, 0, DeviceProperty, Type);
}
WDF_EXPORT(WdfDeviceAllocAndQueryPropertyEx, PFN_WDFDEVICEALLOCANDQUERYPROPERTYEX);

NTSTATUS NTAPI kmdf_WdfDeviceAssignProperty(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                            PWDF_DEVICE_PROPERTY_DATA DeviceProperty, DEVPROPTYPE Type, ULONG Size,
                                            PVOID Data)
{
    struct wdf_device *device = passive_device(DriverGlobals, Device, "WdfDeviceAssignProperty");
    if (!property_data_is_right(wdf_client(DriverGlobals), DeviceProperty, "WdfDeviceAssignProperty"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (device->physical == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    return IoSetDevicePropertyData(device->physical, DeviceProperty->PropertyKey, DeviceProperty->Lcid,
                                   DeviceProperty->Flags, Type, Size, Data);
}
WDF_EXPORT(WdfDeviceAssignProperty, PFN_WDFDEVICEASSIGNPROPERTY);

NTSTATUS NTAPI kmdf_WdfFdoInitQueryProperty(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                            DEVICE_REGISTRY_PROPERTY DeviceProperty, ULONG BufferLength,
                                            PVOID PropertyBuffer, PULONG ResultLength)
{
    PDEVICE_OBJECT physical = init_physical(DriverGlobals, DeviceInit, "WdfFdoInitQueryProperty");
    wdf_require(wdf_client(DriverGlobals), ResultLength, "WdfFdoInitQueryProperty", "ResultLength");
    return query(physical, DeviceProperty, BufferLength, PropertyBuffer, ResultLength);
}
WDF_EXPORT(WdfFdoInitQueryProperty, PFN_WDFFDOINITQUERYPROPERTY);

NTSTATUS NTAPI kmdf_WdfFdoInitAllocAndQueryProperty(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                    DEVICE_REGISTRY_PROPERTY DeviceProperty, POOL_TYPE PoolType,
                                                    PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes,
                                                    WDFMEMORY *PropertyMemory)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    PDEVICE_OBJECT physical = init_physical(DriverGlobals, DeviceInit, "WdfFdoInitAllocAndQueryProperty");
    wdf_require(client, PropertyMemory, "WdfFdoInitAllocAndQueryProperty", "PropertyMemory");
    *PropertyMemory = NULL;
    return alloc_and_query(client, wdf_client_root(client), PoolType, PropertyMemoryAttributes, PropertyMemory,
                           physical, DeviceProperty, NULL, NULL);
}
WDF_EXPORT(WdfFdoInitAllocAndQueryProperty, PFN_WDFFDOINITALLOCANDQUERYPROPERTY);

/* ---- registry keys
 * ---------------------------------------------------------------------------------------------------- */

static NTSTATUS open_key(struct wdf_client *client, PDEVICE_OBJECT physical, ULONG type, ACCESS_MASK access,
                         PWDF_OBJECT_ATTRIBUTES attributes, WDFKEY *key, const char *call)
{
    HANDLE handle;
    wdf_require(client, key, call, "Key");
    *key = NULL;
    if (physical == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    NTSTATUS status = IoOpenDeviceRegistryKey(physical, type, access, &handle);
    return NT_SUCCESS(status) ? wdf_key_wrap(client, attributes, handle, key) : status;
}

NTSTATUS NTAPI kmdf_WdfDeviceOpenRegistryKey(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                             ULONG DeviceInstanceKeyType, ACCESS_MASK DesiredAccess,
                                             PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key)
{
    struct wdf_device *device = passive_device(DriverGlobals, Device, "WdfDeviceOpenRegistryKey");
    return open_key(wdf_client(DriverGlobals), device->physical, DeviceInstanceKeyType, DesiredAccess, KeyAttributes,
                    Key, "WdfDeviceOpenRegistryKey");
}
WDF_EXPORT(WdfDeviceOpenRegistryKey, PFN_WDFDEVICEOPENREGISTRYKEY);

NTSTATUS NTAPI kmdf_WdfFdoInitOpenRegistryKey(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                              ULONG DeviceInstanceKeyType, ACCESS_MASK DesiredAccess,
                                              PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key)
{
    PDEVICE_OBJECT physical = init_physical(DriverGlobals, DeviceInit, "WdfFdoInitOpenRegistryKey");
    return open_key(wdf_client(DriverGlobals), physical, DeviceInstanceKeyType, DesiredAccess, KeyAttributes, Key,
                    "WdfFdoInitOpenRegistryKey");
}
WDF_EXPORT(WdfFdoInitOpenRegistryKey, PFN_WDFFDOINITOPENREGISTRYKEY);

/* ---- names
 * ------------------------------------------------------------------------------------------------------------ */

NTSTATUS NTAPI kmdf_WdfDeviceCreateSymbolicLink(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                PCUNICODE_STRING SymbolicLinkName)
{
    struct wdf_device *device = passive_device(DriverGlobals, Device, "WdfDeviceCreateSymbolicLink");
    wdf_require(wdf_client(DriverGlobals), SymbolicLinkName, "WdfDeviceCreateSymbolicLink", "SymbolicLinkName");
    if (device->symbolic_link.Buffer != NULL || device->init->name.Buffer == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    NTSTATUS status = wdf_copy_string(&device->symbolic_link, SymbolicLinkName);
    if (!NT_SUCCESS(status))
        return status;
    status = IoCreateSymbolicLink(&device->symbolic_link, &device->init->name);
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(device->symbolic_link.Buffer, WDF_DEVICE_TAG);
        RtlInitUnicodeString(&device->symbolic_link, NULL);
    }
    return status;
}
WDF_EXPORT(WdfDeviceCreateSymbolicLink, PFN_WDFDEVICECREATESYMBOLICLINK);

NTSTATUS NTAPI kmdf_WdfDeviceRetrieveDeviceName(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, WDFSTRING String)
{
    struct wdf_device *device = passive_device(DriverGlobals, Device, "WdfDeviceRetrieveDeviceName");
    struct wdf_string *string = wdf_from_handle(DriverGlobals, String, &wdf_string_type, "WdfDeviceRetrieveDeviceName");
    return device->init->name.Buffer != NULL ? wdf_string_assign(string, &device->init->name)
                                             : STATUS_INVALID_DEVICE_STATE;
}
WDF_EXPORT(WdfDeviceRetrieveDeviceName, PFN_WDFDEVICERETRIEVEDEVICENAME);

/*
 * What a driver may ask about its device, and the PnP manager's services that are named Io...: properties, registry
 * keys, invalidation. Facts come from the device node (by the callbacks of pnp) and from the registry.
 *
 * Public pages: "IoGetDeviceProperty", "IoGetDevicePropertyData", "IoOpenDeviceRegistryKey",
 * "IoInvalidateDeviceRelations", "IoInvalidateDeviceState", "IoRequestDeviceEject".
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/io/io_internal.h"

NTSTATUS NTAPI IoGetDeviceProperty(PDEVICE_OBJECT DeviceObject, DEVICE_REGISTRY_PROPERTY DeviceProperty,
                                   ULONG BufferLength, PVOID PropertyBuffer, PULONG ResultLength)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (io_device_node(DeviceObject) == NULL) /* on Windows: bug check PNP_DETECTED_FATAL_ERROR */
        ke_bugcheck_text(PNP_DETECTED_FATAL_ERROR, 2, (ULONG_PTR)DeviceObject, 0, 0, NULL,
                         "IoGetDeviceProperty was given a device object that is not a physical device object");
    return io_state.pnp.get_property(DeviceObject, DeviceProperty, BufferLength, PropertyBuffer, ResultLength);
}
NT_EXPORT(IoGetDeviceProperty);

static NTSTATUS instance_path(PDEVICE_OBJECT device, char *path, size_t size)
{
    if (device == NULL || io_device_node(device) == NULL || io_state.pnp.instance_path == NULL ||
        !io_state.pnp.instance_path(device, path, size))
        return STATUS_INVALID_DEVICE_REQUEST;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI IoOpenDeviceRegistryKey(PDEVICE_OBJECT DeviceObject, ULONG DevInstKeyType, ACCESS_MASK DesiredAccess,
                                       PHANDLE DeviceRegKey)
{
    char instance[200], driver[96], path[420];
    struct cm_key *key;
    NTSTATUS status;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    status = instance_path(DeviceObject, instance, sizeof(instance));
    if (!NT_SUCCESS(status))
        return status;
    if ((DevInstKeyType & 3) == PLUGPLAY_REGKEY_DRIVER) {
        snprintf(path, sizeof(path), CM_ENUM "\\%s", instance);
        status = cm_read_string(path, "Driver", driver, sizeof(driver));
        if (!NT_SUCCESS(status))
            return STATUS_OBJECT_NAME_NOT_FOUND; /* no driver is installed */
        snprintf(path, sizeof(path), CM_CLASS "\\%s", driver);
    } else if ((DevInstKeyType & 3) == PLUGPLAY_REGKEY_DEVICE) {
        snprintf(path, sizeof(path), CM_ENUM "\\%s\\Device Parameters", instance);
    } else {
        return STATUS_INVALID_PARAMETER;
    }
    status = cm_create(NULL, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    status = cm_open_handle(key, DesiredAccess, DeviceRegKey);
    cm_close(key);
    return status;
}
NT_EXPORT(IoOpenDeviceRegistryKey);

NTSTATUS NTAPI IoOpenDriverRegistryKey(PDRIVER_OBJECT DriverObject, DRIVER_REGKEY_TYPE RegKeyType,
                                       ACCESS_MASK DesiredAccess, ULONG Flags, PHANDLE DriverRegKey)
{
    static const char *const folders[] = {"Parameters", "PersistentState"};
    char path[200];
    struct cm_key *key;
    NTSTATUS status;

    if (Flags != 0 || (RegKeyType != DriverRegKeyParameters && RegKeyType != DriverRegKeyPersistentState))
        return STATUS_INVALID_PARAMETER;
    snprintf(path, sizeof(path), CM_SERVICES "\\%s\\%s", io_driver_name(DriverObject),
             folders[RegKeyType == DriverRegKeyPersistentState]);
    status = cm_create(NULL, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    status = cm_open_handle(key, DesiredAccess, DriverRegKey);
    cm_close(key);
    return status;
}
NT_EXPORT(IoOpenDriverRegistryKey);

/* Unified properties live where Windows keeps them: below the key of the device or of the interface, in
 * Properties\{fmtid}\PID; the value's registry type is the property type with FFFF0000h set. */
static NTSTATUS property_key(const char *base, const DEVPROPKEY *property, bool create, struct cm_key **key)
{
    const GUID *g = &property->fmtid;
    char path[760];

    snprintf(path, sizeof(path), "%s\\Properties\\{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}\\%04X", base,
             (unsigned)g->Data1, g->Data2, g->Data3, g->Data4[0], g->Data4[1], g->Data4[2], g->Data4[3], g->Data4[4],
             g->Data4[5], g->Data4[6], g->Data4[7], (unsigned)property->pid);
    return create ? cm_create(NULL, path, key) : cm_open(NULL, path, key);
}

static NTSTATUS set_property(const char *base, const DEVPROPKEY *property, DEVPROPTYPE type, ULONG size, PVOID data)
{
    struct cm_key *key;
    NTSTATUS status = property_key(base, property, true, &key);

    if (!NT_SUCCESS(status))
        return status;
    if (data == NULL) {
        status = cm_delete_value(key, NULL);
        if (status == STATUS_OBJECT_NAME_NOT_FOUND)
            status = STATUS_SUCCESS;
    } else {
        status = cm_set_value(key, NULL, 0xFFFF0000 | type, data, size);
    }
    cm_close(key);
    return status;
}

static NTSTATUS get_property(const char *base, const DEVPROPKEY *property, ULONG size, PVOID data, PULONG required,
                             PDEVPROPTYPE type)
{
    struct cm_key *key;
    ULONG stored;
    NTSTATUS status = property_key(base, property, false, &key);

    if (!NT_SUCCESS(status))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    *required = size;
    status = cm_query_value(key, NULL, &stored, data, required);
    if (NT_SUCCESS(status))
        *type = stored & 0xFFFF;
    cm_close(key);
    return status;
}

static NTSTATUS device_key(PDEVICE_OBJECT device, char *path, size_t size)
{
    char instance[200];
    NTSTATUS status = instance_path(device, instance, sizeof(instance));

    snprintf(path, size, CM_ENUM "\\%s", NT_SUCCESS(status) ? instance : "");
    return status;
}

NTSTATUS NTAPI IoSetDevicePropertyData(PDEVICE_OBJECT Pdo, CONST DEVPROPKEY *PropertyKey, LCID Lcid, ULONG Flags,
                                       DEVPROPTYPE Type, ULONG Size, PVOID Data)
{
    char base[300];
    NTSTATUS status = device_key(Pdo, base, sizeof(base));

    UNREFERENCED_PARAMETER(Lcid);
    UNREFERENCED_PARAMETER(Flags);
    return NT_SUCCESS(status) ? set_property(base, PropertyKey, Type, Size, Data) : status;
}
NT_EXPORT(IoSetDevicePropertyData);

NTSTATUS NTAPI IoGetDevicePropertyData(PDEVICE_OBJECT Pdo, CONST DEVPROPKEY *PropertyKey, LCID Lcid, ULONG Flags,
                                       ULONG Size, PVOID Data, PULONG RequiredSize, PDEVPROPTYPE Type)
{
    char base[300];
    NTSTATUS status = device_key(Pdo, base, sizeof(base));

    UNREFERENCED_PARAMETER(Lcid);
    UNREFERENCED_PARAMETER(Flags);
    return NT_SUCCESS(status) ? get_property(base, PropertyKey, Size, Data, RequiredSize, Type) : status;
}
NT_EXPORT(IoGetDevicePropertyData);

NTSTATUS NTAPI IoSetDeviceInterfacePropertyData(PUNICODE_STRING SymbolicLinkName, CONST DEVPROPKEY *PropertyKey,
                                                LCID Lcid, ULONG Flags, DEVPROPTYPE Type, ULONG Size, PVOID Data)
{
    char base[640];
    NTSTATUS status = io_interface_key(SymbolicLinkName, base, sizeof(base));

    UNREFERENCED_PARAMETER(Lcid);
    UNREFERENCED_PARAMETER(Flags);
    return NT_SUCCESS(status) ? set_property(base, PropertyKey, Type, Size, Data) : status;
}
NT_EXPORT(IoSetDeviceInterfacePropertyData);

NTSTATUS NTAPI IoGetDeviceInterfacePropertyData(PUNICODE_STRING SymbolicLinkName, CONST DEVPROPKEY *PropertyKey,
                                                LCID Lcid, ULONG Flags, ULONG Size, PVOID Data, PULONG RequiredSize,
                                                PDEVPROPTYPE Type)
{
    char base[640];
    NTSTATUS status = io_interface_key(SymbolicLinkName, base, sizeof(base));

    UNREFERENCED_PARAMETER(Lcid);
    UNREFERENCED_PARAMETER(Flags);
    return NT_SUCCESS(status) ? get_property(base, PropertyKey, Size, Data, RequiredSize, Type) : status;
}
NT_EXPORT(IoGetDeviceInterfacePropertyData);

VOID NTAPI IoInvalidateDeviceRelations(PDEVICE_OBJECT DeviceObject, DEVICE_RELATION_TYPE Type)
{
    if (io_state.pnp.invalidate_relations != NULL)
        io_state.pnp.invalidate_relations(DeviceObject, Type);
}
NT_EXPORT(IoInvalidateDeviceRelations);

VOID NTAPI IoInvalidateDeviceState(PDEVICE_OBJECT PhysicalDeviceObject)
{
    if (io_state.pnp.invalidate_state != NULL)
        io_state.pnp.invalidate_state(PhysicalDeviceObject);
}
NT_EXPORT(IoInvalidateDeviceState);

VOID NTAPI IoRequestDeviceEject(PDEVICE_OBJECT PhysicalDeviceObject)
{
    if (io_state.pnp.request_eject != NULL)
        io_state.pnp.request_eject(PhysicalDeviceObject);
}
NT_EXPORT(IoRequestDeviceEject);

/* No bus of ndiskit is one that its devices' drivers program themselves for DMA: NULL is the documented answer of a
 * device that cannot. */
PDMA_ADAPTER NTAPI IoGetDmaAdapter(PDEVICE_OBJECT PhysicalDeviceObject, PDEVICE_DESCRIPTION DeviceDescription,
                                   PULONG NumberOfMapRegisters)
{
    UNREFERENCED_PARAMETER(PhysicalDeviceObject);
    UNREFERENCED_PARAMETER(DeviceDescription);
    UNREFERENCED_PARAMETER(NumberOfMapRegisters);
    return NULL;
}
NT_EXPORT(IoGetDmaAdapter);

/*
 * IoGetDeviceProperty's answers: from the device node where the bus driver gave them, from the registry where setup
 * did.
 *
 * Public pages: "IoGetDeviceProperty", "DEVICE_REGISTRY_PROPERTY".
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/pnp/pnp_internal.h"

static NTSTATUS give(const void *data, ULONG data_size, ULONG size, PVOID buffer, PULONG needed)
{
    *needed = data_size;
    if (data_size > size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(buffer, data, data_size);
    return STATUS_SUCCESS;
}

static NTSTATUS give_text(const char *text, ULONG size, PVOID buffer, PULONG needed)
{
    WCHAR wide[512];
    size_t units = cm_to_utf16(text, wide, RTL_NUMBER_OF(wide));

    if (text[0] == '\0') {
        *needed = 0;
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (units >= RTL_NUMBER_OF(wide))
        return STATUS_BUFFER_TOO_SMALL;
    return give(wide, (ULONG)((units + 1) * sizeof(WCHAR)), size, buffer, needed);
}

static NTSTATUS give_ulong(ULONG value, ULONG size, PVOID buffer, PULONG needed)
{
    return give(&value, sizeof(value), size, buffer, needed);
}

static NTSTATUS give_value(const struct pnp_node *node, const char *name, ULONG size, PVOID buffer, PULONG needed)
{
    char path[300];
    struct cm_key *key;
    NTSTATUS status;

    snprintf(path, sizeof(path), CM_ENUM "\\%s", node->instance_path);
    status = cm_open(NULL, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    *needed = size;
    status = cm_query_value(key, name, NULL, buffer, needed);
    cm_close(key);
    return status;
}

NTSTATUS pnp_get_property(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, ULONG size, PVOID buffer,
                          PULONG needed)
{
    static const struct {
        DEVICE_REGISTRY_PROPERTY property;
        const char *value;
    } values[] = {
        {DevicePropertyDeviceDescription, "DeviceDesc"},
        {DevicePropertyHardwareID, "HardwareID"},
        {DevicePropertyCompatibleIDs, "CompatibleIDs"},
        {DevicePropertyClassName, "Class"},
        {DevicePropertyClassGuid, "ClassGUID"},
        {DevicePropertyDriverKeyName, "Driver"},
        {DevicePropertyManufacturer, "Mfg"},
        {DevicePropertyFriendlyName, "FriendlyName"},
        {DevicePropertyLocationInformation, "LocationInformation"},
        {DevicePropertyContainerID, "ContainerID"},
    };
    struct pnp_node *node = io_device_node(pdo);
    char text[PNP_MAX_ID], *end;

    for (size_t i = 0; i < RTL_NUMBER_OF(values); i++)
        if (values[i].property == property)
            return give_value(node, values[i].value, size, buffer, needed);
    switch (property) {
    case DevicePropertyPhysicalDeviceObjectName:
        return give_text(ob_name_utf8(pdo, text, sizeof(text)), size, buffer, needed);
    case DevicePropertyEnumeratorName:
        snprintf(text, sizeof(text), "%s", node->instance_path);
        end = strchr(text, '\\');
        if (end != NULL)
            *end = '\0';
        return give_text(text, size, buffer, needed);
    case DevicePropertyAddress:
        return node->capabilities.Address == (ULONG)-1 ? STATUS_OBJECT_NAME_NOT_FOUND
                                                       : give_ulong(node->capabilities.Address, size, buffer, needed);
    case DevicePropertyUINumber:
        return node->capabilities.UINumber == (ULONG)-1 ? STATUS_OBJECT_NAME_NOT_FOUND
                                                        : give_ulong(node->capabilities.UINumber, size, buffer, needed);
    case DevicePropertyBusNumber:
        return node->has_bus_information ? give_ulong(node->bus.BusNumber, size, buffer, needed)
                                         : STATUS_OBJECT_NAME_NOT_FOUND;
    case DevicePropertyLegacyBusType:
        return node->has_bus_information ? give_ulong(node->bus.LegacyBusType, size, buffer, needed)
                                         : STATUS_OBJECT_NAME_NOT_FOUND;
    case DevicePropertyBusTypeGuid:
        return node->has_bus_information ? give(&node->bus.BusTypeGuid, sizeof(GUID), size, buffer, needed)
                                         : STATUS_OBJECT_NAME_NOT_FOUND;
    case DevicePropertyRemovalPolicy:
        return give_ulong(node->capabilities.SurpriseRemovalOK ? RemovalPolicyExpectSurpriseRemoval
                          : node->capabilities.Removable       ? RemovalPolicyExpectOrderlyRemoval
                                                               : RemovalPolicyExpectNoRemoval,
                          size, buffer, needed);
    case DevicePropertyInstallState:
        return give_ulong(node->service[0] ? InstallStateInstalled : InstallStateNeedsReinstall, size, buffer, needed);
    default:
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
}

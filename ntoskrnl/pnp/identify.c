/*
 * Identification of a new device: what it is called, what it can do, where it is. All of it comes from the bus driver,
 * in paged pool that the PnP manager frees; it is written to the device's key below Enum as Windows does.
 *
 * Public pages: "IRP_MN_QUERY_ID", "IRP_MN_QUERY_CAPABILITIES", "IRP_MN_QUERY_DEVICE_TEXT",
 * "IRP_MN_QUERY_BUS_INFORMATION", "Adding a PnP Device to a Running System", "Device Identification Strings".
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/pnp/pnp_internal.h"

/* Length in units with the final terminator, or 0 when none is found within LIMIT. */
static size_t string_units(const WCHAR *text, bool multi, size_t limit)
{
    for (size_t i = 0; i < limit; i++)
        if (text[i] == 0 && (!multi || i == 0 || text[i - 1] == 0))
            return i + 1;
    return 0;
}

/* Sends a query whose answer is a string in pool, and converts it. */
static NTSTATUS query_string(struct pnp_node *node, UCHAR minor, const IO_STACK_LOCATION *parameters, bool multi,
                             char *text, size_t size)
{
    ULONG_PTR information = 0;
    NTSTATUS status = pnp_send(node, minor, parameters, &information);
    const WCHAR *string = (const WCHAR *)information;
    size_t units;

    memset(text, 0, size);
    if (!NT_SUCCESS(status))
        return status;
    if (string == NULL)
        return STATUS_NOT_SUPPORTED;
    units = string_units(string, multi, multi ? PNP_MAX_LIST : size);
    if (units == 0 || cm_to_utf8(string, units, text, size) >= size - 1)
        status = STATUS_PNP_INVALID_ID;
    ExFreePool((PVOID)information);
    return status;
}

static NTSTATUS query_id(struct pnp_node *node, BUS_QUERY_ID_TYPE type, char *text, size_t size)
{
    IO_STACK_LOCATION stack = {.Parameters.QueryId.IdType = type};

    return query_string(node, IRP_MN_QUERY_ID, &stack, type == BusQueryHardwareIDs || type == BusQueryCompatibleIDs,
                        text, size);
}

static void query_text(struct pnp_node *node, DEVICE_TEXT_TYPE type, char *text, size_t size)
{
    IO_STACK_LOCATION stack = {
        .Parameters.QueryDeviceText = {.DeviceTextType = type, .LocaleId = 0x409 /* American English */}};

    query_string(node, IRP_MN_QUERY_DEVICE_TEXT, &stack, false, text, size);
}

NTSTATUS pnp_query_capabilities(struct pnp_node *node)
{
    DEVICE_CAPABILITIES capabilities = {
        .Size = sizeof(capabilities), .Version = 1, .Address = (ULONG)-1, .UINumber = (ULONG)-1};
    IO_STACK_LOCATION stack = {.Parameters.DeviceCapabilities.Capabilities = &capabilities};
    NTSTATUS status = pnp_send(node, IRP_MN_QUERY_CAPABILITIES, &stack, NULL);

    if (NT_SUCCESS(status))
        node->capabilities = capabilities;
    return status;
}

static void query_bus_information(struct pnp_node *node)
{
    ULONG_PTR information = 0;

    if (!NT_SUCCESS(pnp_send(node, IRP_MN_QUERY_BUS_INFORMATION, NULL, &information)) || information == 0)
        return;
    node->bus = *(PPNP_BUS_INFORMATION)information;
    node->has_bus_information = true;
    ExFreePool((PVOID)information);
}

/* The bus driver may offer resource lists; no device of ndiskit needs any, so they are only taken and freed. */
static void query_resources(struct pnp_node *node)
{
    ULONG_PTR information = 0;

    if (NT_SUCCESS(pnp_send(node, IRP_MN_QUERY_RESOURCES, NULL, &information)) && information != 0)
        ExFreePool((PVOID)information);
    information = 0;
    if (NT_SUCCESS(pnp_send(node, IRP_MN_QUERY_RESOURCE_REQUIREMENTS, NULL, &information)) && information != 0)
        ExFreePool((PVOID)information);
}

/* The id may have only printable characters and no comma ("IRP_MN_QUERY_ID"); a device id just one backslash. */
static bool id_is_valid(const char *id, unsigned separators)
{
    for (const unsigned char *c = (const unsigned char *)id; *c; c++) {
        if (*c <= ' ' || *c > 0x7F || *c == ',')
            return false;
        if (*c == '\\' && separators-- == 0)
            return false;
    }
    return *id != '\0';
}

/* Without UniqueID the instance id is unique only below its bus: the parent's path goes into it, as on Windows. */
static bool make_instance_path(struct pnp_node *node, const char *instance_id)
{
    char path[3 * PNP_MAX_ID], prefix[32] = "";
    ULONG hash = 0;

    if (!node->capabilities.UniqueID) {
        for (const char *c = node->parent->instance_path; *c; c++)
            hash = hash * 37 + (ULONG)(*c | 0x20);
        snprintf(prefix, sizeof(prefix), "5&%x&0&", (unsigned)hash);
    }
    snprintf(path, sizeof(path), "%s\\%s%s", node->device_id, prefix, instance_id);
    if (strlen(path) >= PNP_MAX_ID)
        return false;
    memcpy(node->instance_path, path, strlen(path) + 1);
    return true;
}

static void write_list(struct cm_key *key, const char *name, const char *list)
{
    const char *strings[64];
    size_t count = 0;

    for (; *list && count < RTL_NUMBER_OF(strings); list += strlen(list) + 1)
        strings[count++] = list;
    if (count)
        cm_set_multi_string(key, name, strings, count);
}

static void write_key(struct pnp_node *node)
{
    char path[300];
    struct cm_key *key;
    ULONG flags;

    snprintf(path, sizeof(path), CM_ENUM "\\%s", node->instance_path);
    if (!NT_SUCCESS(cm_create(NULL, path, &key)))
        return;
    if (node->description[0])
        cm_set_string(key, "DeviceDesc", node->description);
    if (node->location[0])
        cm_set_string(key, "LocationInformation", node->location);
    write_list(key, "HardwareID", node->hardware_ids);
    write_list(key, "CompatibleIDs", node->compatible_ids);
    flags = node->capabilities.LockSupported * 1u | node->capabilities.EjectSupported * 2u |
            node->capabilities.Removable * 4u | node->capabilities.DockDevice * 8u | node->capabilities.UniqueID * 16u |
            node->capabilities.SilentInstall * 32u | node->capabilities.RawDeviceOK * 64u |
            node->capabilities.SurpriseRemovalOK * 128u;
    cm_set_dword(key, "Capabilities", flags);
    if (node->capabilities.Address != (ULONG)-1)
        cm_set_dword(key, "Address", node->capabilities.Address);
    if (node->capabilities.UINumber != (ULONG)-1)
        cm_set_dword(key, "UINumber", node->capabilities.UINumber);
    cm_close(key);
}

static void check_unique(struct pnp_node *node)
{
    struct pnp_device_info other;

    if (pnp_find_device(node->instance_path, &other) && other.physical_device != node->pdo &&
        other.state != PNP_STATE_SURPRISE_REMOVED)
        ke_bugcheck_text(PNP_DETECTED_FATAL_ERROR, 1, (ULONG_PTR)node->pdo, (ULONG_PTR)other.physical_device, 0, NULL,
                         "a bus driver reported two devices with the same id: %s", node->instance_path);
}

static NTSTATUS not_identified(struct pnp_node *node, NTSTATUS status, const char *what)
{
    snprintf(node->instance_path, PNP_MAX_ID, "(child of %.*s)", PNP_MAX_ID - 20, node->parent->instance_path);
    pnp_node_fail(node, PNP_PROBLEM_FAILED_INSTALL, status, "the bus driver's IRP_MN_QUERY_ID handler gave no valid %s",
                  what);
    return status;
}

NTSTATUS pnp_identify(struct pnp_node *node)
{
    char instance_id[PNP_MAX_ID];
    NTSTATUS status = query_id(node, BusQueryDeviceID, node->device_id, sizeof(node->device_id));

    if (!NT_SUCCESS(status))
        return not_identified(node, status, "device id");
    if (!id_is_valid(node->device_id, 1))
        return not_identified(node, STATUS_PNP_INVALID_ID, "device id");
    pnp_query_capabilities(node);
    query_text(node, DeviceTextDescription, node->description, sizeof(node->description));
    query_text(node, DeviceTextLocationInformation, node->location, sizeof(node->location));
    if (!NT_SUCCESS(query_id(node, BusQueryInstanceID, instance_id, sizeof(instance_id))))
        snprintf(instance_id, sizeof(instance_id), "0");
    if (!id_is_valid(instance_id, 0) || !make_instance_path(node, instance_id))
        return not_identified(node, STATUS_PNP_INVALID_ID, "instance id");
    query_id(node, BusQueryHardwareIDs, node->hardware_ids, sizeof(node->hardware_ids));
    query_id(node, BusQueryCompatibleIDs, node->compatible_ids, sizeof(node->compatible_ids));
    query_resources(node);
    query_bus_information(node);
    check_unique(node);
    write_key(node);
    node->identified = true;
    pnp_node_set_state(node, PNP_STATE_INITIALIZED);
    return STATUS_SUCCESS;
}

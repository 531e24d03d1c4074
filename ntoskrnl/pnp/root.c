/*
 * The root bus: devices that no hardware reports, such as a miniport with no bus below it or the simulated USB host
 * controller. It is a bus driver like any other: one device object for the bus itself, a PDO for each device, IRPs.
 *
 * Public pages: "Root-Enumerated Devices", "Bus Drivers", "Removing a Device in a Bus Driver", "IRP_MN_QUERY_ID".
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/pnp/pnp_internal.h"

struct root_bus {
    bool is_bus; /* first member of both extensions */
    FAST_MUTEX lock;
    LIST_ENTRY devices;
};

struct root_device {
    bool is_bus;
    bool present;
    LIST_ENTRY link;
    PDEVICE_OBJECT self;
    char hardware_id[PNP_MAX_ID];
    char device_id[PNP_MAX_ID];
    ULONG instance;
};

static struct root_bus *bus(void)
{
    return pnp_block.root->pdo->DeviceExtension;
}

static PWSTR pool_string(const char *text, size_t terminators)
{
    size_t units = strlen(text) + terminators;
    PWSTR string = ExAllocatePool2(POOL_FLAG_PAGED, units * sizeof(WCHAR), PNP_TAG);

    if (string != NULL)
        cm_to_utf16(text, string, units);
    return string;
}

static NTSTATUS answer_id(struct root_device *device, BUS_QUERY_ID_TYPE type, PIRP irp)
{
    char instance[16];
    PWSTR string;

    snprintf(instance, sizeof(instance), "%04u", (unsigned)device->instance);
    switch (type) {
    case BusQueryDeviceID:
        string = pool_string(device->device_id, 1);
        break;
    case BusQueryInstanceID:
        string = pool_string(instance, 1);
        break;
    case BusQueryHardwareIDs:
        string = pool_string(device->hardware_id, 2);
        break;
    default:
        return irp->IoStatus.Status;
    }
    irp->IoStatus.Information = (ULONG_PTR)string;
    return string ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS answer_relations(PDEVICE_OBJECT device, PIO_STACK_LOCATION stack, PIRP irp)
{
    struct root_bus *root = device->DeviceExtension;
    DEVICE_RELATION_TYPE type = stack->Parameters.QueryDeviceRelations.Type;
    PDEVICE_RELATIONS relations;
    ULONG count = 0;

    if (type != (root->is_bus ? BusRelations : TargetDeviceRelation))
        return irp->IoStatus.Status;
    if (root->is_bus) {
        ExAcquireFastMutex(&root->lock);
        for (PLIST_ENTRY entry = root->devices.Flink; entry != &root->devices; entry = entry->Flink)
            count++;
    } else {
        count = 1;
    }
    relations = ExAllocatePool2(POOL_FLAG_PAGED, sizeof(*relations) + count * sizeof(PDEVICE_OBJECT), PNP_TAG);
    if (relations != NULL && !root->is_bus) {
        ObReferenceObject(device);
        relations->Objects[relations->Count++] = device;
    } else if (relations != NULL) {
        for (PLIST_ENTRY entry = root->devices.Flink; entry != &root->devices; entry = entry->Flink) {
            struct root_device *child = CONTAINING_RECORD(entry, struct root_device, link);

            if (!child->present)
                continue;
            ObReferenceObject(child->self);
            relations->Objects[relations->Count++] = child->self;
        }
    }
    if (root->is_bus)
        ExReleaseFastMutex(&root->lock);
    irp->IoStatus.Information = (ULONG_PTR)relations;
    return relations ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* True when the device object is to be deleted, which is after the IRP is complete. */
static bool removed(struct root_device *device)
{
    bool gone;

    ExAcquireFastMutex(&bus()->lock);
    gone = !device->present;
    if (gone)
        RemoveEntryList(&device->link);
    ExReleaseFastMutex(&bus()->lock);
    return gone;
}

static NTSTATUS NTAPI root_pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    struct root_device *device = DeviceObject->DeviceExtension;
    NTSTATUS status = Irp->IoStatus.Status;
    bool delete_it = false;

    switch (stack->MinorFunction) {
    case IRP_MN_QUERY_DEVICE_RELATIONS:
        status = answer_relations(DeviceObject, stack, Irp);
        break;
    case IRP_MN_QUERY_ID:
        if (!device->is_bus)
            status = answer_id(device, stack->Parameters.QueryId.IdType, Irp);
        break;
    case IRP_MN_QUERY_CAPABILITIES: {
        PDEVICE_CAPABILITIES capabilities = stack->Parameters.DeviceCapabilities.Capabilities;

        capabilities->UniqueID = TRUE;
        for (int state = PowerSystemWorking; state <= PowerSystemShutdown; state++)
            capabilities->DeviceState[state] = state == PowerSystemWorking ? PowerDeviceD0 : PowerDeviceD3;
        status = STATUS_SUCCESS;
        break;
    }
    case IRP_MN_REMOVE_DEVICE:
        delete_it = !device->is_bus && removed(device);
        status = STATUS_SUCCESS;
        break;
    case IRP_MN_START_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_SURPRISE_REMOVAL:
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_STOP_DEVICE:
        status = STATUS_SUCCESS;
        break;
    default:
        break;
    }
    Irp->IoStatus.Status = status;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    if (delete_it)
        IoDeleteDevice(DeviceObject);
    return status;
}

static NTSTATUS NTAPI root_power(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS status = Irp->IoStatus.Status;

    PoStartNextPowerIrp(Irp);
    if (stack->MinorFunction == IRP_MN_SET_POWER || stack->MinorFunction == IRP_MN_QUERY_POWER) {
        if (stack->MinorFunction == IRP_MN_SET_POWER && stack->Parameters.Power.Type == DevicePowerState)
            PoSetPowerState(DeviceObject, DevicePowerState, stack->Parameters.Power.State);
        status = STATUS_SUCCESS;
    }
    Irp->IoStatus.Status = status;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS NTAPI root_entry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    PDEVICE_OBJECT device;
    struct root_bus *root;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->MajorFunction[IRP_MJ_PNP] = root_pnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = root_power;
    status = IoCreateDevice(DriverObject, sizeof(*root), NULL, FILE_DEVICE_CONTROLLER, 0, FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    root = device->DeviceExtension;
    root->is_bus = true;
    ExInitializeFastMutex(&root->lock);
    InitializeListHead(&root->devices);
    device->Flags &= ~DO_DEVICE_INITIALIZING;
    ObReferenceObject(device);
    pnp_block.root = pnp_node_create(NULL, device);
    return pnp_block.root ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

void pnp_root_initialize(void)
{
    NTSTATUS status = io_create_driver("PnpManager", NULL, root_entry, &pnp_block.root_driver);

    if (!NT_SUCCESS(status))
        ke_bugcheck_text(PNP_DETECTED_FATAL_ERROR, 0, (ULONG_PTR)status, 0, 0, NULL, "the root bus cannot be made");
    snprintf(pnp_block.root->device_id, PNP_MAX_ID, "HTREE\\ROOT");
    snprintf(pnp_block.root->instance_path, PNP_MAX_ID, "HTREE\\ROOT\\0");
    pnp_block.root->identified = true;
    pnp_block.root->state = PNP_STATE_STARTED;
}

static VOID NTAPI root_unload(PDRIVER_OBJECT DriverObject)
{
    IoDeleteDevice(DriverObject->DeviceObject);
}

void pnp_root_shutdown(void)
{
    struct pnp_node *root = pnp_block.root;

    pnp_node_free(root);
    pnp_block.root = NULL;
    pnp_block.root_driver->DriverUnload = root_unload;
    io_unload_driver(pnp_block.root_driver, NULL);
}

/* The lowest instance number that no device has, so that a device that comes again finds its keys again. */
static ULONG free_instance(const char *device_id)
{
    ULONG instance = 0;
    PLIST_ENTRY entry = bus()->devices.Flink;

    while (entry != &bus()->devices) {
        struct root_device *device = CONTAINING_RECORD(entry, struct root_device, link);

        entry = entry->Flink;
        if (device->instance == instance && strcasecmp(device->device_id, device_id) == 0) {
            instance++;
            entry = bus()->devices.Flink;
        }
    }
    return instance;
}

NTSTATUS pnp_create_root_device(const char *hardware_id, PDEVICE_OBJECT *physical_device)
{
    struct root_device *device;
    PDEVICE_OBJECT pdo;
    NTSTATUS status;

    if (strlen(hardware_id) > PNP_MAX_ID - 16)
        return STATUS_INVALID_PARAMETER;
    status = IoCreateDevice(pnp_block.root_driver, sizeof(*device), NULL, FILE_DEVICE_CONTROLLER,
                            FILE_AUTOGENERATED_DEVICE_NAME, FALSE, &pdo);
    if (!NT_SUCCESS(status))
        return status;
    device = pdo->DeviceExtension;
    device->self = pdo;
    device->present = true;
    snprintf(device->hardware_id, sizeof(device->hardware_id), "%s", hardware_id);
    if (strncasecmp(hardware_id, "ROOT\\", 5) == 0 && strchr(hardware_id + 5, '\\') == NULL)
        snprintf(device->device_id, sizeof(device->device_id), "%s", hardware_id);
    else
        snprintf(device->device_id, sizeof(device->device_id), "ROOT\\NET");
    ObReferenceObject(pdo);
    ExAcquireFastMutex(&bus()->lock);
    device->instance = free_instance(device->device_id);
    InsertTailList(&bus()->devices, &device->link);
    ExReleaseFastMutex(&bus()->lock);
    pdo->Flags &= ~DO_DEVICE_INITIALIZING;
    *physical_device = pdo;
    IoInvalidateDeviceRelations(pnp_block.root->pdo, BusRelations);
    return STATUS_SUCCESS;
}

void pnp_root_forget(PDEVICE_OBJECT pdo)
{
    ExAcquireFastMutex(&bus()->lock);
    ((struct root_device *)pdo->DeviceExtension)->present = false;
    ExReleaseFastMutex(&bus()->lock);
}

void pnp_unplug_root_device(PDEVICE_OBJECT physical_device)
{
    pnp_root_forget(physical_device);
    IoInvalidateDeviceRelations(pnp_block.root->pdo, BusRelations);
}

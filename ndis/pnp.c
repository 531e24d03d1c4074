/*
 * NDIS as the function driver of a network adapter: AddDevice, and the Plug and Play IRPs of the adapter's device
 * stack, which a miniport never sees. START becomes MiniportInitializeEx and then, on the NDIS worker, the start of the
 * stack above; SURPRISE_REMOVAL and REMOVE become the documented order of events, pauses, unbinding and MiniportHaltEx.
 *
 * Pages: "Initializing a Miniport Adapter", "Halting a Miniport Adapter", "Processing the Surprise Removal of a NIC
 * (Windows 7 and Later Versions)", "Handling PnP IRPs in a Function Driver" (kernel guide: "Plug and Play Minor IRPs").
 */
#include <stdio.h>
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/pnp/pnp.h"

/* ---- names
 * ------------------------------------------------------------------------------------------------------------------------
 */

/* NetCfgInstanceId: written by the network class installer on Windows; here on the first start of a device. Derived
 * from the instance path, so that the same device has the same name in every run. */
static void make_guid(const char *instance_path, char *guid, size_t size)
{
    uint64_t a = 0xCBF29CE484222325u, b = 0x9E3779B97F4A7C15u;

    for (const char *p = instance_path; *p != 0; p++) {
        a = (a ^ (unsigned char)*p) * 0x100000001B3u;
        b = (b + (unsigned char)*p) * 0xBF58476D1CE4E5B9u;
        b ^= b >> 29;
    }
    snprintf(guid, size, "{%08X-%04X-4%03X-8%03X-%012llX}", (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xFFFF,
             (unsigned)a & 0xFFF, (unsigned)(b >> 52), (unsigned long long)(b & 0xFFFFFFFFFFFFu));
}

static void set_names(struct ndis_adapter *adapter)
{
    char path[64];

    if (adapter->driver_key[0] == 0 ||
        !NT_SUCCESS(cm_read_string(adapter->driver_key, "NetCfgInstanceId", adapter->guid, sizeof(adapter->guid)))) {
        make_guid(adapter->instance_path, adapter->guid, sizeof(adapter->guid));
        if (adapter->driver_key[0] != 0)
            cm_write_string(adapter->driver_key, "NetCfgInstanceId", adapter->guid);
    }
    snprintf(path, sizeof(path), "\\DEVICE\\%s", adapter->guid);
    adapter->name.Length =
        (USHORT)(cm_to_utf16(path, adapter->name_buffer, ARRAYSIZE(adapter->name_buffer)) * sizeof(WCHAR));
    adapter->name.MaximumLength = sizeof(adapter->name_buffer);
    adapter->name.Buffer = adapter->name_buffer;
    adapter->instance_name.Length =
        (USHORT)(cm_to_utf16(adapter->friendly, adapter->instance_buffer, ARRAYSIZE(adapter->instance_buffer)) *
                 sizeof(WCHAR));
    if (adapter->instance_name.Length > sizeof(adapter->instance_buffer) - sizeof(WCHAR))
        adapter->instance_name.Length = sizeof(adapter->instance_buffer) - sizeof(WCHAR);
    adapter->instance_name.MaximumLength = sizeof(adapter->instance_buffer);
    adapter->instance_name.Buffer = adapter->instance_buffer;
}

static void identify(struct ndis_adapter *adapter)
{
    struct pnp_device_info info;

    if (pnp_get_device(adapter->pdo, &info)) {
        snprintf(adapter->instance_path, sizeof(adapter->instance_path), "%s", info.instance_path);
        snprintf(adapter->friendly, sizeof(adapter->friendly), "%s",
                 info.description[0] != 0 ? info.description : info.instance_path);
        if (info.driver_key[0] != 0)
            snprintf(adapter->driver_key, sizeof(adapter->driver_key), "%s\\%s", CM_CLASS, info.driver_key);
    }
    set_names(adapter);
}

/* ---- AddDevice
 * -----------------------------------------------------------------------------------------------------------------------
 */

static struct ndis_adapter *make_adapter(struct ndis_miniport_driver *miniport, PDEVICE_OBJECT physical_device)
{
    struct ndis_adapter *adapter = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*adapter), NDIS_TAG);

    if (adapter == NULL)
        return NULL;
    adapter->object = (struct ndis_object){{NDIS_KIND_ADAPTER, 1, sizeof(NDIS_OBJECT_HEADER)}, NDIS_OBJECT_MAGIC};
    adapter->driver = miniport;
    adapter->pdo = physical_device;
    adapter->references = 1;
    adapter->if_index = __atomic_add_fetch(&ndis.next_if_index, 1, __ATOMIC_RELAXED);
    adapter->luid.Info.NetLuidIndex = adapter->if_index;
    adapter->luid.Info.IfType = IF_TYPE_ETHERNET_CSMACD;
    KeInitializeEvent(&adapter->operation, SynchronizationEvent, TRUE);
    KeInitializeEvent(&adapter->transition, NotificationEvent, FALSE);
    InitializeListHead(&adapter->filters);
    InitializeListHead(&adapter->bindings);
    ndis_request_queue_initialize(&adapter->requests);
    ndis_request_queue_close(&adapter->requests, true);
    ndis_watch_initialize(adapter);
    identify(adapter);
    return adapter;
}

static NTSTATUS make_device(struct ndis_adapter *adapter)
{
    struct ndis_device_extension *extension;
    NTSTATUS status;

    status = IoCreateDevice(adapter->driver->driver, sizeof(*extension), &adapter->name, FILE_DEVICE_PHYSICAL_NETCARD,
                            FILE_DEVICE_SECURE_OPEN, FALSE, &adapter->fdo);
    if (!NT_SUCCESS(status))
        return status;
    extension = adapter->fdo->DeviceExtension;
    extension->object = &adapter->object;
    adapter->next = IoAttachDeviceToDeviceStack(adapter->fdo, adapter->pdo);
    if (adapter->next == NULL) {
        IoDeleteDevice(adapter->fdo);
        return STATUS_NO_SUCH_DEVICE;
    }
    adapter->fdo->Flags |= DO_DIRECT_IO | (adapter->next->Flags & (DO_POWER_PAGABLE | DO_POWER_INRUSH));
    return STATUS_SUCCESS;
}

static NDIS_STATUS call_add_device(struct ndis_adapter *adapter)
{
    MINIPORT_ADD_DEVICE_HANDLER handler = adapter->driver->pnp.MiniportAddDeviceHandler;
    NDIS_STATUS status;

    if (handler == NULL)
        return NDIS_STATUS_SUCCESS;
    adapter->in_add_device = true;
    status = handler(adapter, adapter->driver->context);
    ke_check_irql(PASSIVE_LEVEL, (const void *)handler, "MiniportAddDevice");
    adapter->in_add_device = false;
    return status;
}

static void delete_device(struct ndis_adapter *adapter)
{
    struct ndis_device_extension *extension = adapter->fdo->DeviceExtension;

    extension->object = NULL;
    IoDetachDevice(adapter->next);
    IoDeleteDevice(adapter->fdo);
}

NTSTATUS NTAPI ndis_add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical_device)
{
    struct ndis_miniport_driver *miniport = ndis_find_miniport_driver(driver, false);
    struct ndis_adapter *adapter;
    NTSTATUS status;

    if (miniport == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    adapter = make_adapter(miniport, physical_device);
    if (adapter == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    status = make_device(adapter);
    if (!NT_SUCCESS(status)) {
        ndis_adapter_release(adapter);
        return status;
    }
    status = call_add_device(adapter);
    if (status != NDIS_STATUS_SUCCESS) {
        delete_device(adapter);
        ndis_adapter_release(adapter);
        return status;
    }
    __atomic_fetch_add(&miniport->adapters, 1, __ATOMIC_RELAXED);
    ke_lock(&ndis.lock);
    InsertTailList(&ndis.adapters, &adapter->link);
    adapter->listed = true;
    ke_unlock(&ndis.lock);
    adapter->fdo->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

/* ---- IRPs
 * -----------------------------------------------------------------------------------------------------------------------------
 */

static NTSTATUS complete(PIRP irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS pass_down(struct ndis_adapter *adapter, PIRP irp)
{
    IoSkipCurrentIrpStackLocation(irp);
    return IoCallDriver(adapter->next, irp);
}

static NTSTATUS pass_down_with(struct ndis_adapter *adapter, PIRP irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    return pass_down(adapter, irp);
}

static NTSTATUS NTAPI forwarded(PDEVICE_OBJECT device, PIRP irp, PVOID event)
{
    UNREFERENCED_PARAMETER(device);
    if (irp->PendingReturned)
        KeSetEvent(event, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Sends the IRP down and has it back: it is then ours to complete. */
static NTSTATUS forward_and_wait(struct ndis_adapter *adapter, PIRP irp)
{
    NTSTATUS status;
    KEVENT done;

    KeInitializeEvent(&done, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, forwarded, &done, TRUE, TRUE, TRUE);
    status = IoCallDriver(adapter->next, irp);
    if (status == STATUS_PENDING) {
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
        status = irp->IoStatus.Status;
    }
    return status;
}

/* ---- start
 * ------------------------------------------------------------------------------------------------------------------------------
 */

static void start_stack(void *context)
{
    struct ndis_adapter *adapter = context;

    ndis_adapter_lock(adapter);
    if (adapter->start_pending && adapter->initialized && !adapter->removing) {
        adapter->start_pending = false;
        ndis_stack_start(adapter);
    }
    adapter->start_pending = false;
    ndis_adapter_unlock(adapter);
    ndis_adapter_release(adapter);
}

static NTSTATUS start(struct ndis_adapter *adapter, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status = forward_and_wait(adapter, irp);
    NDIS_STATUS initialized;

    if (!NT_SUCCESS(status))
        return complete(irp, status);
    adapter->resources = stack->Parameters.StartDevice.AllocatedResources;
    adapter->resources_translated = stack->Parameters.StartDevice.AllocatedResourcesTranslated;
    if (adapter->driver->pnp.MiniportStartDeviceHandler != NULL) {
        status = adapter->driver->pnp.MiniportStartDeviceHandler(adapter->add_device_context, irp);
        if (!NT_SUCCESS(status))
            return complete(irp, status);
    }
    ndis_adapter_lock(adapter);
    adapter->removing = adapter->failed = adapter->low_power = false;
    initialized = ndis_adapter_initialize(adapter);
    if (initialized == NDIS_STATUS_SUCCESS) {
        adapter->start_pending = true;
        ndis_adapter_reference(adapter);
        if (!ndis_worker_queue(start_stack, adapter)) {
            ndis_adapter_release(adapter);
            adapter->start_pending = false;
            ndis_adapter_halt(adapter, NdisHaltDeviceFailed);
            initialized = NDIS_STATUS_RESOURCES;
        }
    }
    ndis_adapter_unlock(adapter);
    /* An NDIS-only failure (0xC001....) is not a success for Plug and Play either: every one has the error bits set. */
    return complete(irp, initialized == NDIS_STATUS_SUCCESS ? STATUS_SUCCESS
                         : NT_SUCCESS(initialized)          ? STATUS_UNSUCCESSFUL
                                                            : initialized);
}

/* ---- the end
 * ----------------------------------------------------------------------------------------------------------------------------
 */

/* Pauses, unbinds, detaches and halts, whatever of that is still to be done. */
static void take_down(struct ndis_adapter *adapter, NDIS_HALT_ACTION action)
{
    ndis_adapter_lock(adapter);
    adapter->start_pending = false;
    if (adapter->initialized) {
        ndis_stack_stop(adapter, NDIS_PAUSE_MINIPORT_DEVICE_REMOVE);
        ndis_adapter_halt(adapter, action);
    }
    adapter->removing = true;
    ndis_adapter_unlock(adapter);
}

static NDIS_STATUS send_net_event(struct ndis_adapter *adapter, NET_PNP_EVENT_CODE code, void *buffer, ULONG length)
{
    NET_PNP_EVENT_NOTIFICATION event = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_PNP_EVENT_NOTIFICATION_REVISION_1,
                   NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1},
        .NetPnPEvent = {.NetEvent = code, .Buffer = buffer, .BufferLength = length},
    };
    NDIS_STATUS status;

    ndis_adapter_lock(adapter);
    status = ndis_stack_net_event(adapter, NULL, &event);
    ndis_adapter_unlock(adapter);
    return status;
}

static NTSTATUS surprise_removal(struct ndis_adapter *adapter, PIRP irp)
{
    adapter->surprise_removed = true;
    send_net_event(adapter, NetEventQueryRemoveDevice, NULL, 0);
    ndis_adapter_lock(adapter);
    if (adapter->initialized)
        ndis_device_event(adapter, NdisDevicePnPEventSurpriseRemoved, NULL, 0);
    ndis_adapter_unlock(adapter);
    take_down(adapter, NdisHaltDeviceSurpriseRemoved);
    return pass_down_with(adapter, irp, STATUS_SUCCESS);
}

static NTSTATUS remove_device(struct ndis_adapter *adapter, PIRP irp)
{
    struct ndis_miniport_driver *miniport = adapter->driver;
    NTSTATUS status;

    take_down(adapter, adapter->surprise_removed ? NdisHaltDeviceSurpriseRemoved
                       : adapter->failed         ? NdisHaltDeviceFailed
                                                 : NdisHaltDeviceDisabled);
    if (miniport->pnp.MiniportRemoveDeviceHandler != NULL)
        miniport->pnp.MiniportRemoveDeviceHandler(adapter->add_device_context);
    ke_lock(&ndis.lock);
    RemoveEntryList(&adapter->link);
    adapter->listed = false;
    ke_unlock(&ndis.lock);
    status = pass_down_with(adapter, irp, STATUS_SUCCESS);
    delete_device(adapter);
    __atomic_fetch_sub(&miniport->adapters, 1, __ATOMIC_RELEASE);
    ndis_adapter_release(adapter);
    ndis_notify_change();
    return status;
}

static NTSTATUS query_remove(struct ndis_adapter *adapter, PIRP irp)
{
    NDIS_STATUS status = send_net_event(adapter, NetEventQueryRemoveDevice, NULL, 0);

    if (status != NDIS_STATUS_SUCCESS) {
        send_net_event(adapter, NetEventCancelRemoveDevice, NULL, 0);
        return complete(irp, STATUS_DEVICE_BUSY);
    }
    ndis_adapter_lock(adapter);
    if (adapter->initialized)
        ndis_device_event(adapter, NdisDevicePnPEventQueryRemoved, NULL, 0);
    ndis_adapter_unlock(adapter);
    return pass_down_with(adapter, irp, STATUS_SUCCESS);
}

static NTSTATUS cancel_remove(struct ndis_adapter *adapter, PIRP irp)
{
    NTSTATUS status = forward_and_wait(adapter, irp);

    send_net_event(adapter, NetEventCancelRemoveDevice, NULL, 0);
    return complete(irp, status);
}

static NTSTATUS stop(struct ndis_adapter *adapter, PIRP irp)
{
    ndis_adapter_lock(adapter);
    if (adapter->initialized)
        ndis_device_event(adapter, NdisDevicePnPEventStopped, NULL, 0);
    ndis_adapter_unlock(adapter);
    take_down(adapter, NdisHaltDeviceStopped);
    return pass_down_with(adapter, irp, STATUS_SUCCESS);
}

/* ---- queries
 * ----------------------------------------------------------------------------------------------------------------------------
 */

static NTSTATUS query_capabilities(struct ndis_adapter *adapter, PIRP irp)
{
    PDEVICE_CAPABILITIES capabilities = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceCapabilities.Capabilities;
    NTSTATUS status = forward_and_wait(adapter, irp);

    if (NT_SUCCESS(status) && (adapter->attribute_flags & NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK) != 0)
        capabilities->SurpriseRemovalOK = TRUE;
    return complete(irp, status);
}

static NTSTATUS query_state(struct ndis_adapter *adapter, PIRP irp)
{
    if (adapter->failed)
        irp->IoStatus.Information |= PNP_DEVICE_FAILED;
    return pass_down_with(adapter, irp, STATUS_SUCCESS);
}

static NTSTATUS filter_resource_requirements(struct ndis_adapter *adapter, PIRP irp)
{
    MINIPORT_PNP_IRP_HANDLER handler = adapter->driver->pnp.MiniportFilterResourceRequirementsHandler;
    NTSTATUS status;

    if (handler == NULL)
        return pass_down(adapter, irp);
    status = forward_and_wait(adapter, irp);
    if (NT_SUCCESS(status) || status == STATUS_NOT_SUPPORTED)
        status = handler(adapter->add_device_context, irp);
    return complete(irp, status);
}

static NTSTATUS dispatch_pnp(struct ndis_adapter *adapter, PIRP irp)
{
    switch (IoGetCurrentIrpStackLocation(irp)->MinorFunction) {
    case IRP_MN_START_DEVICE:
        return start(adapter, irp);
    case IRP_MN_QUERY_REMOVE_DEVICE:
        return query_remove(adapter, irp);
    case IRP_MN_CANCEL_REMOVE_DEVICE:
        return cancel_remove(adapter, irp);
    case IRP_MN_SURPRISE_REMOVAL:
        return surprise_removal(adapter, irp);
    case IRP_MN_REMOVE_DEVICE:
        return remove_device(adapter, irp);
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
        return pass_down_with(adapter, irp, STATUS_SUCCESS);
    case IRP_MN_STOP_DEVICE:
        return stop(adapter, irp);
    case IRP_MN_QUERY_CAPABILITIES:
        return query_capabilities(adapter, irp);
    case IRP_MN_QUERY_PNP_DEVICE_STATE:
        return query_state(adapter, irp);
    case IRP_MN_FILTER_RESOURCE_REQUIREMENTS:
        return filter_resource_requirements(adapter, irp);
    default:
        return pass_down(adapter, irp);
    }
}

/* ---- dispatch
 * ----------------------------------------------------------------------------------------------------------------------------
 */

/*
 * IOCTL_NDIS_QUERY_GLOBAL_STATS: how an application asks an adapter for one OID, without a driver of its own. The OID
 * is in the system buffer, the answer goes into the caller's.
 */
static NTSTATUS query_global_stats(struct ndis_adapter *adapter, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    ULONG size = stack->Parameters.DeviceIoControl.OutputBufferLength, written = 0;
    void *buffer = NULL;
    NDIS_STATUS status;
    NDIS_OID oid;

    irp->IoStatus.Information = 0;
    if (stack->Parameters.DeviceIoControl.InputBufferLength < sizeof(oid))
        return complete(irp, STATUS_INVALID_PARAMETER);
    memcpy(&oid, irp->AssociatedIrp.SystemBuffer, sizeof(oid));
    if (size != 0) {
        buffer = irp->MdlAddress == NULL ? NULL : MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);
        if (buffer == NULL)
            return complete(irp, STATUS_INSUFFICIENT_RESOURCES);
    }
    status = ndis_simple_request(adapter, NdisRequestQueryStatistics, oid, buffer, size, &written);
    if (status == NDIS_STATUS_SUCCESS)
        irp->IoStatus.Information = written;
    if (status == NDIS_STATUS_BUFFER_TOO_SHORT || status == NDIS_STATUS_INVALID_LENGTH)
        return complete(irp, STATUS_BUFFER_TOO_SMALL);
    return complete(irp, status == NDIS_STATUS_INVALID_OID ? STATUS_NOT_SUPPORTED : status);
}

static NTSTATUS device_control(struct ndis_adapter *adapter, PIRP irp)
{
    if (IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.IoControlCode == IOCTL_NDIS_QUERY_GLOBAL_STATS)
        return query_global_stats(adapter, irp);
    return complete(irp, STATUS_INVALID_DEVICE_REQUEST);
}

static NTSTATUS dispatch_adapter(struct ndis_adapter *adapter, PIRP irp)
{
    switch (IoGetCurrentIrpStackLocation(irp)->MajorFunction) {
    case IRP_MJ_PNP:
        return dispatch_pnp(adapter, irp);
    case IRP_MJ_POWER:
        return ndis_dispatch_power(adapter, irp);
    case IRP_MJ_SYSTEM_CONTROL:
    case IRP_MJ_INTERNAL_DEVICE_CONTROL:
        return pass_down(adapter, irp);
    case IRP_MJ_CREATE:
    case IRP_MJ_CLOSE:
    case IRP_MJ_CLEANUP:
        return complete(irp, STATUS_SUCCESS);
    case IRP_MJ_DEVICE_CONTROL:
        return device_control(adapter, irp);
    default:
        return complete(irp, STATUS_INVALID_DEVICE_REQUEST);
    }
}

NTSTATUS NTAPI ndis_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    struct ndis_device_extension *extension = device->DeviceExtension;

    if (extension == NULL || extension->object == NULL)
        return complete(irp, STATUS_NO_SUCH_DEVICE);
    if (extension->object->Header.Type == NDIS_KIND_DEVICE)
        return ndis_device_dispatch(device, irp);
    return dispatch_adapter((struct ndis_adapter *)extension->object, irp);
}

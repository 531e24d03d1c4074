/*
 * Power IRPs of an adapter, which NDIS owns as the power policy owner of its device: a system power IRP becomes a
 * device power IRP; going down, protocols hear NetEventSetPower, the stack pauses and the miniport gets
 * OID_PNP_SET_POWER (or is halted when it reported no power management); coming up, the same backwards.
 *
 * Pages: "Power Management for WDM Lower Edge", "OID_PNP_SET_POWER", "Device Power States for Network Adapters", and of
 * the kernel guide "Handling a System Set-Power IRP in a Device Power Policy Owner".
 */
#include <ndis.h>

#include "ndis/core.h"

static NTSTATUS complete(PIRP irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    PoStartNextPowerIrp(irp);
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS pass_down(struct ndis_adapter *adapter, PIRP irp)
{
    PoStartNextPowerIrp(irp);
    IoSkipCurrentIrpStackLocation(irp);
    return PoCallDriver(adapter->next, irp);
}

/* ---- the device's state
 * -------------------------------------------------------------------------------------------------------------- */

static void send_set_power(struct ndis_adapter *adapter, NET_DEVICE_POWER_STATE state)
{
    NET_PNP_EVENT_NOTIFICATION event = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_PNP_EVENT_NOTIFICATION_REVISION_1,
                   NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1},
        .NetPnPEvent = {.NetEvent = NetEventSetPower, .Buffer = &state, .BufferLength = sizeof(state)},
    };
    ndis_stack_net_event(adapter, NULL, &event);
}

/* A miniport without power management capabilities is halted for a sleep and initialized again afterwards. */
static bool manages_power(const struct ndis_adapter *adapter)
{
    return adapter->has_pm_capabilities || adapter->has_pnp_capabilities ||
           (adapter->attribute_flags & NDIS_MINIPORT_ATTRIBUTES_NO_HALT_ON_SUSPEND) != 0;
}

/*
 * From NDIS 6.30 on the stack keeps running through a sleep when the miniport asks for that and every driver above is
 * that new: "OID_PNP_SET_POWER".
 */
static bool keeps_running(const struct ndis_adapter *adapter)
{
    if ((adapter->attribute_flags & NDIS_MINIPORT_ATTRIBUTES_NO_PAUSE_ON_SUSPEND) == 0 || !manages_power(adapter))
        return false;
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink)
        if (CONTAINING_RECORD(entry, struct ndis_binding, link)->protocol->chars.MinorNdisVersion < 30)
            return false;
    for (LIST_ENTRY *entry = adapter->filters.Flink; entry != &adapter->filters; entry = entry->Flink)
        if (CONTAINING_RECORD(entry, struct ndis_filter, link)->driver->chars.MinorNdisVersion < 30)
            return false;
    return true;
}

static NDIS_STATUS tell_miniport(struct ndis_adapter *adapter, DEVICE_POWER_STATE state)
{
    NDIS_DEVICE_POWER_STATE device_state = (NDIS_DEVICE_POWER_STATE)state;
    return ndis_simple_request(adapter, NdisRequestSetInformation, OID_PNP_SET_POWER, &device_state,
                               sizeof(device_state), NULL);
}

static void power_down(struct ndis_adapter *adapter, DEVICE_POWER_STATE state)
{
    ndis_adapter_lock(adapter);
    if (adapter->initialized && !adapter->low_power) {
        send_set_power(adapter, (NET_DEVICE_POWER_STATE)state);
        if (!keeps_running(adapter))
            ndis_stack_pause(adapter, NDIS_PAUSE_LOW_POWER);
        adapter->low_power = true;
        adapter->powered_down_halt = !manages_power(adapter);
        if (adapter->powered_down_halt)
            ndis_adapter_halt(adapter, NdisHaltDevicePoweredDown);
        else
            tell_miniport(adapter, state);
    }
    ndis_adapter_unlock(adapter);
}

static void power_up(struct ndis_adapter *adapter)
{
    NDIS_STATUS status;

    ndis_adapter_lock(adapter);
    if (adapter->low_power && !adapter->surprise_removed) {
        status = adapter->powered_down_halt ? ndis_adapter_initialize(adapter) : tell_miniport(adapter, PowerDeviceD0);
        adapter->low_power = false;
        if (status == NDIS_STATUS_SUCCESS) {
            ndis_stack_restart(adapter);
            if (adapter->powered_down_halt)
                ndis_request_aggregate(adapter);
            send_set_power(adapter, NetDeviceStateD0);
        } else {
            ndis_report("%s: %s did not come back to D0: status 0x%08X", adapter->instance_path, adapter->driver->name,
                        status);
            NdisMRemoveMiniport(adapter);
        }
    }
    ndis_adapter_unlock(adapter);
}

/* ---- device power IRPs
 * --------------------------------------------------------------------------------------------------------------- */

struct power_work {
    WORK_QUEUE_ITEM item;
    struct ndis_adapter *adapter;
    PIRP irp;
};

static VOID NTAPI down_work(PVOID context)
{
    struct power_work *work = context;
    POWER_STATE power = IoGetCurrentIrpStackLocation(work->irp)->Parameters.Power.State;

    power_down(work->adapter, power.DeviceState);
    PoSetPowerState(work->adapter->fdo, DevicePowerState, power);
    pass_down(work->adapter, work->irp);
    ExFreePoolWithTag(work, NDIS_TAG);
}

static VOID NTAPI up_work(PVOID context)
{
    struct power_work *work = context;
    POWER_STATE power = {.DeviceState = PowerDeviceD0};

    PoSetPowerState(work->adapter->fdo, DevicePowerState, power);
    power_up(work->adapter);
    complete(work->irp, STATUS_SUCCESS);
    ExFreePoolWithTag(work, NDIS_TAG);
}

static bool queue_work(struct ndis_adapter *adapter, PIRP irp, PWORKER_THREAD_ROUTINE routine)
{
    struct power_work *work = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*work), NDIS_TAG);

    if (work == NULL)
        return false;
    work->adapter = adapter;
    work->irp = irp;
    ExInitializeWorkItem(&work->item, routine, work);
    ExQueueWorkItem(&work->item, DelayedWorkQueue);
    return true;
}

/* The bus has powered the device up: IRQL <= DISPATCH_LEVEL, so the rest is work for later. */
static NTSTATUS NTAPI is_up(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    if (NT_SUCCESS(irp->IoStatus.Status) && queue_work(context, irp, up_work))
        return STATUS_MORE_PROCESSING_REQUIRED;
    if (irp->PendingReturned)
        IoMarkIrpPending(irp);
    PoStartNextPowerIrp(irp);
    return STATUS_SUCCESS;
}

static NTSTATUS set_device_power(struct ndis_adapter *adapter, PIRP irp, DEVICE_POWER_STATE state)
{
    IoMarkIrpPending(irp);
    if (state == PowerDeviceD0) {
        IoCopyCurrentIrpStackLocationToNext(irp);
        IoSetCompletionRoutine(irp, is_up, adapter, TRUE, TRUE, TRUE);
        PoCallDriver(adapter->next, irp);
    } else if (!queue_work(adapter, irp, down_work)) {
        complete(irp, STATUS_INSUFFICIENT_RESOURCES);
    }
    return STATUS_PENDING;
}

/* ---- system power IRPs
 * --------------------------------------------------------------------------------------------------------------- */

static VOID NTAPI device_done(PDEVICE_OBJECT device, UCHAR minor, POWER_STATE power, PVOID context, PIO_STATUS_BLOCK io)
{
    PIRP system_irp = context;

    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(minor);
    UNREFERENCED_PARAMETER(power);
    complete(system_irp, io->Status);
}

/* The system IRP has been at the bus; now the device follows. */
static NTSTATUS NTAPI system_done(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct ndis_adapter *adapter = context;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    POWER_STATE state;

    UNREFERENCED_PARAMETER(device);
    if (NT_SUCCESS(irp->IoStatus.Status)) {
        state.DeviceState =
            stack->Parameters.Power.State.SystemState == PowerSystemWorking ? PowerDeviceD0 : PowerDeviceD3;
        if (PoRequestPowerIrp(adapter->pdo, stack->MinorFunction, state, device_done, irp, NULL) == STATUS_PENDING)
            return STATUS_MORE_PROCESSING_REQUIRED;
    }
    PoStartNextPowerIrp(irp);
    return STATUS_SUCCESS;
}

static NTSTATUS set_system_power(struct ndis_adapter *adapter, PIRP irp)
{
    IoMarkIrpPending(irp);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, system_done, adapter, TRUE, TRUE, TRUE);
    PoCallDriver(adapter->next, irp);
    return STATUS_PENDING;
}

NTSTATUS ndis_dispatch_power(struct ndis_adapter *adapter, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);

    if (stack->MinorFunction == IRP_MN_SET_POWER && stack->Parameters.Power.Type == DevicePowerState)
        return set_device_power(adapter, irp, stack->Parameters.Power.State.DeviceState);
    if (stack->MinorFunction == IRP_MN_SET_POWER && adapter->initialized + adapter->low_power != 0)
        return set_system_power(adapter, irp);
    if (stack->MinorFunction == IRP_MN_QUERY_POWER)
        irp->IoStatus.Status = STATUS_SUCCESS;
    return pass_down(adapter, irp);
}

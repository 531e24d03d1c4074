/*
 * Plug and Play and power for framework devices: IRP_MJ_PNP and IRP_MJ_POWER become the documented sequence of event
 * callbacks. The three state machines of the framework are one small state here, because the PnP manager serialises
 * what comes to a device; D-IRPs come while the PnP manager does not act on it.
 *
 *   start     (lower drivers first) PrepareHardware, D0Entry, D0EntryPostInterruptsEnabled, queues go,
 *             SelfManagedIoInit (later: Restart), interfaces enabled
 *   stop      SelfManagedIoSuspend, queues stop, D0ExitPreInterruptsDisabled, D0Exit, ReleaseHardware (then lower
 * drivers) sleep     the same without ReleaseHardware removal   the same as stop, then SelfManagedIoFlush,
 * SelfManagedIoCleanup
 *
 * Public pages: "PnP and Power Management Callback Sequences" and its children, "EVT_WDF_DEVICE_D0_ENTRY callback
 * function" and its kind.
 */
#include "wdf/device.h"
#include "wdf/resource.h"

enum pnp_state {
    CREATED,
    STARTED,
    STOPPED,
    FAILED,
    SURPRISE_REMOVED,
    REMOVED,
};

struct wdf_pnp {
    enum pnp_state state;
    bool prepared;       /* ReleaseHardware is due */
    bool in_d0;          /* D0Exit is due */
    bool io_started;     /* SelfManagedIoSuspend is due */
    bool io_initialized; /* SelfManagedIoFlush and ...Cleanup are due */
    DEVICE_POWER_STATE power;
    POWER_ACTION action;
    struct wdf_object *raw, *translated; /* while PrepareHardware and ReleaseHardware may use them */
    WDF_DEVICE_PNP_CAPABILITIES capabilities;
    WDF_DEVICE_POWER_CAPABILITIES power_capabilities;
    bool has_capabilities, has_power_capabilities, not_stoppable;
    WDF_DEVICE_STATE device_state;
    LONG idle_references;
    BOOLEAN special_file[WdfSpecialFileMax + 3];
};

NTSTATUS wdf_pnp_create(struct wdf_device *device)
{
    struct wdf_pnp *pnp = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*pnp), WDF_DEVICE_TAG);
    if (pnp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    pnp->power = PowerDeviceD3;
    pnp->action = PowerActionNone;
    pnp->device_state.Size = sizeof(pnp->device_state);
    for (WDF_TRI_STATE *member = &pnp->device_state.Disabled; member <= &pnp->device_state.ResourcesChanged; member++)
        *member = WdfUseDefault;
    device->pnp = pnp;
    return STATUS_SUCCESS;
}

void wdf_pnp_free(struct wdf_device *device)
{
    if (device->pnp != NULL)
        ExFreePoolWithTag(device->pnp, WDF_DEVICE_TAG);
    device->pnp = NULL;
}

bool wdf_pnp_is_working(const struct wdf_device *device)
{
    return device->pnp == NULL || device->pnp->in_d0;
}

/* ---- callbacks ------------------------------------------------------------------------------------------------------
 */

/* Calls a callback of the driver's, if there is one; its status, or success. */
#define CALL(device_, routine_, what_, ...)                                                                            \
    ({                                                                                                                 \
        NTSTATUS called = STATUS_SUCCESS;                                                                              \
        if ((routine_) != NULL) {                                                                                      \
            struct wdf_callback_state before = wdf_callback_enter();                                                   \
            called = (routine_)(wdf_device_handle(device_) __VA_OPT__(, ) __VA_ARGS__);                                \
            wdf_callback_leave((device_)->object.client, before, (const void *)(routine_), what_);                     \
        }                                                                                                              \
        called;                                                                                                        \
    })
#define CALL_VOID(device_, routine_, what_)                                                                            \
    ({                                                                                                                 \
        if ((routine_) != NULL) {                                                                                      \
            struct wdf_callback_state before = wdf_callback_enter();                                                   \
            (routine_)(wdf_device_handle(device_));                                                                    \
            wdf_callback_leave((device_)->object.client, before, (const void *)(routine_), what_);                     \
        }                                                                                                              \
    })

static WDF_POWER_DEVICE_STATE power_state(DEVICE_POWER_STATE state)
{
    return (WDF_POWER_DEVICE_STATE)state; /* D0 is 1 in both */
}

static NTSTATUS power_up(struct wdf_device *device, WDF_POWER_DEVICE_STATE previous)
{
    struct wdf_pnp *pnp = device->pnp;
    const WDF_PNPPOWER_EVENT_CALLBACKS *evt = &device->init->pnp;
    NTSTATUS status = CALL(device, evt->EvtDeviceD0Entry, "EvtDeviceD0Entry", previous);
    if (!NT_SUCCESS(status))
        return status;
    pnp->in_d0 = true;
    pnp->power = PowerDeviceD0;
    status =
        CALL(device, evt->EvtDeviceD0EntryPostInterruptsEnabled, "EvtDeviceD0EntryPostInterruptsEnabled", previous);
    if (!NT_SUCCESS(status))
        return status;
    wdf_queues_power(device, false);
    if (!pnp->io_initialized) {
        pnp->io_initialized = true;
        status = CALL(device, evt->EvtDeviceSelfManagedIoInit, "EvtDeviceSelfManagedIoInit");
    } else {
        status = CALL(device, evt->EvtDeviceSelfManagedIoRestart, "EvtDeviceSelfManagedIoRestart");
    }
    pnp->io_started = NT_SUCCESS(status);
    return status;
}

/* Back to where nothing runs; every step that was taken is undone, failures or not. The first failure. */
static NTSTATUS power_down(struct wdf_device *device, WDF_POWER_DEVICE_STATE target)
{
    struct wdf_pnp *pnp = device->pnp;
    const WDF_PNPPOWER_EVENT_CALLBACKS *evt = &device->init->pnp;
    NTSTATUS status = STATUS_SUCCESS, next;
    if (pnp->io_started)
        status = CALL(device, evt->EvtDeviceSelfManagedIoSuspend, "EvtDeviceSelfManagedIoSuspend");
    pnp->io_started = false;
    if (!pnp->in_d0)
        return status;
    wdf_queues_power(device, true);
    next = CALL(device, evt->EvtDeviceD0ExitPreInterruptsDisabled, "EvtDeviceD0ExitPreInterruptsDisabled", target);
    status = NT_SUCCESS(status) ? next : status;
    pnp->in_d0 = false;
    pnp->power = target >= WdfPowerDeviceD3 ? PowerDeviceD3 : (DEVICE_POWER_STATE)target;
    next = CALL(device, evt->EvtDeviceD0Exit, "EvtDeviceD0Exit", target);
    return NT_SUCCESS(status) ? next : status;
}

static void drop_resources(struct wdf_pnp *pnp)
{
    if (pnp->raw != NULL)
        wdf_delete(pnp->raw);
    if (pnp->translated != NULL)
        wdf_delete(pnp->translated);
    pnp->raw = pnp->translated = NULL;
}

static void release_hardware(struct wdf_device *device)
{
    struct wdf_pnp *pnp = device->pnp;
    if (pnp->prepared)
        CALL(device, device->init->pnp.EvtDeviceReleaseHardware, "EvtDeviceReleaseHardware",
             (WDFCMRESLIST)wdf_handle(pnp->translated));
    pnp->prepared = false;
    drop_resources(pnp);
}

static NTSTATUS start(struct wdf_device *device, PIO_STACK_LOCATION stack)
{
    struct wdf_pnp *pnp = device->pnp;
    struct wdf_client *client = device->object.client;
    NTSTATUS status;
    drop_resources(pnp);
    pnp->raw =
        wdf_cm_list_create(client, &device->object, stack->Parameters.StartDevice.AllocatedResources, 0, &status);
    if (pnp->raw != NULL)
        pnp->translated = wdf_cm_list_create(client, &device->object,
                                             stack->Parameters.StartDevice.AllocatedResourcesTranslated, 0, &status);
    if (pnp->translated == NULL) {
        drop_resources(pnp);
        return status;
    }
    /* EvtDeviceReleaseHardware is called even when EvtDevicePrepareHardware fails. */
    pnp->prepared = true;
    status = CALL(device, device->init->pnp.EvtDevicePrepareHardware, "EvtDevicePrepareHardware",
                  (WDFCMRESLIST)wdf_handle(pnp->raw), (WDFCMRESLIST)wdf_handle(pnp->translated));
    if (NT_SUCCESS(status))
        status = power_up(device, WdfPowerDeviceD3Final);
    if (!NT_SUCCESS(status)) {
        pnp->state = FAILED;
        power_down(device, WdfPowerDeviceD3Final);
        release_hardware(device);
        return status;
    }
    pnp->state = STARTED;
    wdf_interfaces_set(device, true);
    return STATUS_SUCCESS;
}

/* After this nothing of the driver's runs but its cleanup. */
static void tear_down(struct wdf_device *device)
{
    struct wdf_pnp *pnp = device->pnp;
    const WDF_PNPPOWER_EVENT_CALLBACKS *evt = &device->init->pnp;
    device->removing = true;
    wdf_interfaces_set(device, false);
    wdf_queues_purge(device, false);
    power_down(device, WdfPowerDeviceD3Final);
    release_hardware(device);
    wdf_queues_purge(device, true);
    if (pnp->io_initialized)
        CALL_VOID(device, evt->EvtDeviceSelfManagedIoFlush, "EvtDeviceSelfManagedIoFlush");
}

/* ---- IRP_MJ_PNP
 * ------------------------------------------------------------------------------------------------------- */

static NTSTATUS NTAPI signal(PDEVICE_OBJECT device_object, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device_object);
    if (irp->PendingReturned)
        KeSetEvent(context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS forward_and_wait(struct wdf_device *device, PIRP irp)
{
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, signal, &event, TRUE, TRUE, TRUE);
    NTSTATUS status = IoCallDriver(device->attached, irp);
    if (status == STATUS_PENDING) {
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
        status = irp->IoStatus.Status;
    }
    return status;
}

static NTSTATUS complete(struct wdf_device *device, PIRP irp, NTSTATUS status)
{
    return wdf_device_complete(device, irp, status, irp->IoStatus.Information);
}

static NTSTATUS succeed_and_pass_on(struct wdf_device *device, PIRP irp)
{
    irp->IoStatus.Status = STATUS_SUCCESS;
    return wdf_device_pass_on(device, irp);
}

/* The last IRP: the device is gone when this returns. */
static NTSTATUS remove(struct wdf_device *device, PIRP irp)
{
    struct wdf_pnp *pnp = device->pnp;
    if (pnp->state != SURPRISE_REMOVED)
        tear_down(device);
    if (pnp->io_initialized)
        CALL_VOID(device, device->init->pnp.EvtDeviceSelfManagedIoCleanup, "EvtDeviceSelfManagedIoCleanup");
    pnp->io_initialized = false;
    pnp->state = REMOVED;
    IoReleaseRemoveLockAndWait(&device->remove_lock, device);
    if (device->target != NULL)
        wdf_target_removed(device->target);
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(irp);
    NTSTATUS status = IoCallDriver(device->attached, irp);
    wdf_delete_and_wait(&device->object);
    return status;
}

static void merge(WDF_TRI_STATE value, ULONG *bits, ULONG bit)
{
    if (value == WdfTrue)
        *bits |= bit;
    else if (value == WdfFalse)
        *bits &= ~bit;
}

#define MERGE(value_, bit_)                                                                                            \
    if ((value_) != WdfUseDefault)                                                                                     \
    (bit_) = (value_) == WdfTrue

static void merge_capabilities(const struct wdf_pnp *pnp, PDEVICE_CAPABILITIES caps)
{
    const WDF_DEVICE_PNP_CAPABILITIES *own = &pnp->capabilities;
    const WDF_DEVICE_POWER_CAPABILITIES *power = &pnp->power_capabilities;
    if (pnp->has_capabilities) {
        MERGE(own->LockSupported, caps->LockSupported);
        MERGE(own->EjectSupported, caps->EjectSupported);
        MERGE(own->Removable, caps->Removable);
        MERGE(own->DockDevice, caps->DockDevice);
        MERGE(own->UniqueID, caps->UniqueID);
        MERGE(own->SilentInstall, caps->SilentInstall);
        MERGE(own->SurpriseRemovalOK, caps->SurpriseRemovalOK);
        MERGE(own->HardwareDisabled, caps->HardwareDisabled);
        MERGE(own->NoDisplayInUI, caps->NoDisplayInUI);
        if (own->Address != (ULONG)-1)
            caps->Address = own->Address;
        if (own->UINumber != (ULONG)-1)
            caps->UINumber = own->UINumber;
    }
    if (!pnp->has_power_capabilities)
        return;
    MERGE(power->DeviceD1, caps->DeviceD1);
    MERGE(power->DeviceD2, caps->DeviceD2);
    MERGE(power->WakeFromD0, caps->WakeFromD0);
    MERGE(power->WakeFromD1, caps->WakeFromD1);
    MERGE(power->WakeFromD2, caps->WakeFromD2);
    MERGE(power->WakeFromD3, caps->WakeFromD3);
    for (int i = PowerSystemWorking; i < PowerSystemMaximum; i++) {
        if (power->DeviceState[i] != PowerDeviceMaximum)
            caps->DeviceState[i] = power->DeviceState[i];
    }
    if (power->DeviceWake != PowerDeviceMaximum)
        caps->DeviceWake = power->DeviceWake;
    if (power->SystemWake != PowerSystemMaximum)
        caps->SystemWake = power->SystemWake;
    if (power->D1Latency != (ULONG)-1)
        caps->D1Latency = power->D1Latency;
    if (power->D2Latency != (ULONG)-1)
        caps->D2Latency = power->D2Latency;
    if (power->D3Latency != (ULONG)-1)
        caps->D3Latency = power->D3Latency;
}

static NTSTATUS query_capabilities(struct wdf_device *device, PIRP irp)
{
    PDEVICE_CAPABILITIES caps = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceCapabilities.Capabilities;
    NTSTATUS status = forward_and_wait(device, irp);
    if (NT_SUCCESS(status))
        merge_capabilities(device->pnp, caps);
    return complete(device, irp, status);
}

static NTSTATUS query_state(struct wdf_device *device, PIRP irp)
{
    const WDF_DEVICE_STATE *state = &device->pnp->device_state;
    NTSTATUS status = forward_and_wait(device, irp);
    if (status != STATUS_NOT_SUPPORTED && !NT_SUCCESS(status))
        return complete(device, irp, status);
    ULONG bits = (ULONG)irp->IoStatus.Information;
    merge(state->Disabled, &bits, PNP_DEVICE_DISABLED);
    merge(state->DontDisplayInUI, &bits, PNP_DEVICE_DONT_DISPLAY_IN_UI);
    merge(state->Failed, &bits, PNP_DEVICE_FAILED);
    merge(state->NotDisableable, &bits, PNP_DEVICE_NOT_DISABLEABLE);
    merge(state->Removed, &bits, PNP_DEVICE_REMOVED);
    merge(state->ResourcesChanged, &bits, PNP_DEVICE_RESOURCE_REQUIREMENTS_CHANGED);
    return wdf_device_complete(device, irp, STATUS_SUCCESS, bits);
}

/* A query that the driver may refuse. */
static NTSTATUS ask(struct wdf_device *device, PIRP irp, NTSTATUS answer)
{
    return NT_SUCCESS(answer) ? succeed_and_pass_on(device, irp) : complete(device, irp, answer);
}

static NTSTATUS usage_notification(struct wdf_device *device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    WDF_SPECIAL_FILE_TYPE type = (WDF_SPECIAL_FILE_TYPE)stack->Parameters.UsageNotification.Type;
    BOOLEAN in_path = stack->Parameters.UsageNotification.InPath;
    const WDF_PNPPOWER_EVENT_CALLBACKS *evt = &device->init->pnp;
    bool filter = device->kind == WDF_DEVICE_FILTER;
    if (!filter && in_path && (type >= RTL_NUMBER_OF(device->pnp->special_file) || !device->pnp->special_file[type]))
        return complete(device, irp, STATUS_NOT_IMPLEMENTED);
    NTSTATUS status = forward_and_wait(device, irp);
    if (NT_SUCCESS(status) && evt->EvtDeviceUsageNotificationEx != NULL)
        status = CALL(device, evt->EvtDeviceUsageNotificationEx, "EvtDeviceUsageNotificationEx", type, in_path);
    else if (NT_SUCCESS(status) && evt->EvtDeviceUsageNotification != NULL)
        evt->EvtDeviceUsageNotification(wdf_device_handle(device), type, in_path);
    return complete(device, irp, status);
}

static NTSTATUS query_relations(struct wdf_device *device, PIRP irp)
{
    PFN_WDF_DEVICE_RELATIONS_QUERY callback = device->init->pnp.EvtDeviceRelationsQuery;
    if (callback != NULL)
        callback(wdf_device_handle(device), IoGetCurrentIrpStackLocation(irp)->Parameters.QueryDeviceRelations.Type);
    return wdf_device_pass_on(device, irp);
}

NTSTATUS wdf_pnp_dispatch(struct wdf_device *device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    struct wdf_pnp *pnp = device->pnp;
    const WDF_PNPPOWER_EVENT_CALLBACKS *evt = &device->init->pnp;
    NTSTATUS status = IoAcquireRemoveLock(&device->remove_lock, device);
    if (!NT_SUCCESS(status)) {
        irp->IoStatus.Status = status;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
        return status;
    }
    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        status = forward_and_wait(device, irp);
        if (NT_SUCCESS(status))
            status = start(device, stack);
        return complete(device, irp, status);
    case IRP_MN_QUERY_STOP_DEVICE:
        if (pnp->not_stoppable)
            return complete(device, irp, STATUS_UNSUCCESSFUL);
        return ask(device, irp, CALL(device, evt->EvtDeviceQueryStop, "EvtDeviceQueryStop"));
    case IRP_MN_QUERY_REMOVE_DEVICE:
        if (pnp->not_stoppable)
            return complete(device, irp, STATUS_UNSUCCESSFUL);
        return ask(device, irp, CALL(device, evt->EvtDeviceQueryRemove, "EvtDeviceQueryRemove"));
    case IRP_MN_STOP_DEVICE:
        power_down(device, WdfPowerDeviceD3Final);
        release_hardware(device);
        pnp->state = STOPPED;
        return succeed_and_pass_on(device, irp);
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
        return succeed_and_pass_on(device, irp);
    case IRP_MN_SURPRISE_REMOVAL:
        CALL_VOID(device, evt->EvtDeviceSurpriseRemoval, "EvtDeviceSurpriseRemoval");
        tear_down(device);
        pnp->state = SURPRISE_REMOVED;
        return succeed_and_pass_on(device, irp);
    case IRP_MN_REMOVE_DEVICE:
        return remove(device, irp);
    case IRP_MN_QUERY_CAPABILITIES:
        return query_capabilities(device, irp);
    case IRP_MN_QUERY_PNP_DEVICE_STATE:
        return query_state(device, irp);
    case IRP_MN_DEVICE_USAGE_NOTIFICATION:
        return usage_notification(device, irp);
    case IRP_MN_QUERY_DEVICE_RELATIONS:
        return query_relations(device, irp);
    case IRP_MN_QUERY_INTERFACE:
        if (wdf_interface_query(device, irp, &status) && !NT_SUCCESS(status))
            return complete(device, irp, status);
        return wdf_device_pass_on(device, irp);
    default:
        return wdf_device_pass_on(device, irp);
    }
}

/* ---- IRP_MJ_POWER
 * ----------------------------------------------------------------------------------------------------- */

static NTSTATUS pass_power_on(struct wdf_device *device, PIRP irp)
{
    PoStartNextPowerIrp(irp);
    IoSkipCurrentIrpStackLocation(irp);
    NTSTATUS status = PoCallDriver(device->attached, irp);
    IoReleaseRemoveLock(&device->remove_lock, device);
    return status;
}

static NTSTATUS complete_power(struct wdf_device *device, PIRP irp, NTSTATUS status)
{
    PoStartNextPowerIrp(irp);
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    IoReleaseRemoveLock(&device->remove_lock, device);
    return status;
}

static NTSTATUS set_device_power(struct wdf_device *device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    struct wdf_pnp *pnp = device->pnp;
    POWER_STATE state = stack->Parameters.Power.State;
    NTSTATUS status = STATUS_SUCCESS;
    if (pnp->state != STARTED)
        return pass_power_on(device, irp);
    pnp->action = stack->Parameters.Power.ShutdownType;
    if (state.DeviceState != PowerDeviceD0) {
        if (pnp->in_d0)
            status = power_down(device, power_state(state.DeviceState));
        PoSetPowerState(device->device_object, DevicePowerState, state);
        if (!NT_SUCCESS(status))
            pnp->device_state.Failed = WdfTrue;
        pnp->action = PowerActionNone;
        irp->IoStatus.Status = STATUS_SUCCESS;
        return pass_power_on(device, irp);
    }
    WDF_POWER_DEVICE_STATE previous = power_state(pnp->power);
    irp->IoStatus.Status = STATUS_SUCCESS;
    status = forward_and_wait(device, irp);
    if (NT_SUCCESS(status) && !pnp->in_d0)
        status = power_up(device, previous);
    if (NT_SUCCESS(status))
        PoSetPowerState(device->device_object, DevicePowerState, state);
    pnp->action = PowerActionNone;
    /* "If the callback fails ... the framework reports the device as failed." */
    if (!NT_SUCCESS(status)) {
        pnp->device_state.Failed = WdfTrue;
        IoInvalidateDeviceState(device->physical);
    }
    return complete_power(device, irp, status);
}

struct system_power {
    struct wdf_device *device;
    PIRP irp;
};

static VOID NTAPI device_power_done(PDEVICE_OBJECT device_object, UCHAR minor, POWER_STATE state, PVOID context,
                                    PIO_STATUS_BLOCK io)
{
    struct system_power *system = context;
    UNREFERENCED_PARAMETER(device_object);
    UNREFERENCED_PARAMETER(minor);
    UNREFERENCED_PARAMETER(state);
    complete_power(system->device, system->irp, io->Status);
    ExFreePoolWithTag(system, WDF_DEVICE_TAG);
}

/* The device state that goes with a system state: what the bus says, but at least a sleeping one. */
static DEVICE_POWER_STATE device_state_for(const struct wdf_pnp *pnp, SYSTEM_POWER_STATE system)
{
    if (system == PowerSystemWorking)
        return PowerDeviceD0;
    if (pnp->has_power_capabilities && pnp->power_capabilities.IdealDxStateForSx > PowerDeviceD0 &&
        pnp->power_capabilities.IdealDxStateForSx < PowerDeviceMaximum)
        return pnp->power_capabilities.IdealDxStateForSx;
    return PowerDeviceD3;
}

/* The power policy owner turns an S-IRP into a D-IRP, and completes it when that is done. */
static NTSTATUS set_system_power(struct wdf_device *device, PIRP irp)
{
    struct wdf_pnp *pnp = device->pnp;
    SYSTEM_POWER_STATE system_state = IoGetCurrentIrpStackLocation(irp)->Parameters.Power.State.SystemState;
    if (!device->init->policy_owner || pnp->state != STARTED)
        return pass_power_on(device, irp);
    struct system_power *system = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*system), WDF_DEVICE_TAG);
    if (system == NULL)
        return complete_power(device, irp, STATUS_INSUFFICIENT_RESOURCES);
    NTSTATUS status = forward_and_wait(device, irp);
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(system, WDF_DEVICE_TAG);
        return complete_power(device, irp, status);
    }
    *system = (struct system_power){device, irp};
    POWER_STATE state = {.DeviceState = device_state_for(pnp, system_state)};
    IoMarkIrpPending(irp);
    status = PoRequestPowerIrp(device->physical, IRP_MN_SET_POWER, state, device_power_done, system, NULL);
    if (status != STATUS_PENDING) {
        ExFreePoolWithTag(system, WDF_DEVICE_TAG);
        complete_power(device, irp, status);
    }
    return STATUS_PENDING;
}

static NTSTATUS power(struct wdf_device *device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    if (stack->MinorFunction == IRP_MN_SET_POWER)
        return stack->Parameters.Power.Type == DevicePowerState ? set_device_power(device, irp)
                                                                : set_system_power(device, irp);
    if (stack->MinorFunction == IRP_MN_QUERY_POWER)
        irp->IoStatus.Status = STATUS_SUCCESS;
    return pass_power_on(device, irp);
}

struct power_work {
    WORK_QUEUE_ITEM item;
    struct wdf_device *device;
    PIRP irp;
};

static VOID NTAPI run_power(PVOID context)
{
    struct power_work work = *(struct power_work *)context;
    ExFreePoolWithTag(context, WDF_DEVICE_TAG);
    power(work.device, work.irp);
}

NTSTATUS wdf_power_dispatch(struct wdf_device *device, PIRP irp)
{
    NTSTATUS status = IoAcquireRemoveLock(&device->remove_lock, device);
    if (!NT_SUCCESS(status)) {
        PoStartNextPowerIrp(irp);
        irp->IoStatus.Status = status;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
        return status;
    }
    if (ke_irql() == PASSIVE_LEVEL)
        return power(device, irp);
    struct power_work *work = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*work), WDF_DEVICE_TAG);
    if (work == NULL)
        return complete_power(device, irp, STATUS_INSUFFICIENT_RESOURCES);
    work->device = device;
    work->irp = irp;
    IoMarkIrpPending(irp);
    ExInitializeWorkItem(&work->item, run_power, work);
    ExQueueWorkItem(&work->item, DelayedWorkQueue);
    return STATUS_PENDING;
}

/* ---- methods
 * ---------------------------------------------------------------------------------------------------------- */

/* An ordinary device in the PnP tree: a control device has none of this. */
static struct wdf_device *pnp_device(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle, const char *call)
{
    struct wdf_device *device = wdf_general_device(globals, handle, call);
    wdf_require_irql(wdf_client(globals), DISPATCH_LEVEL, call);
    if (device->pnp == NULL)
        wdf_violation(wdf_client(globals), WDF_INVALID_HANDLE, (ULONG_PTR)handle, 0, 0, call,
                      "%p is a control device, which has no Plug and Play and power states", (void *)handle);
    return device;
}

VOID NTAPI kmdf_WdfDeviceSetPnpCapabilities(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                            PWDF_DEVICE_PNP_CAPABILITIES PnpCapabilities)
{
    static const char call[] = "WdfDeviceSetPnpCapabilities";
    struct wdf_device *device = pnp_device(DriverGlobals, Device, call);
    wdf_require(wdf_client(DriverGlobals), PnpCapabilities, call, "PnpCapabilities");
    wdf_require_size(wdf_client(DriverGlobals), PnpCapabilities->Size, sizeof(*PnpCapabilities), call,
                     "WDF_DEVICE_PNP_CAPABILITIES");
    device->pnp->capabilities = *PnpCapabilities;
    device->pnp->has_capabilities = true;
}
WDF_EXPORT(WdfDeviceSetPnpCapabilities, PFN_WDFDEVICESETPNPCAPABILITIES);

VOID NTAPI kmdf_WdfDeviceSetPowerCapabilities(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                              PWDF_DEVICE_POWER_CAPABILITIES PowerCapabilities)
{
    static const char call[] = "WdfDeviceSetPowerCapabilities";
    struct wdf_device *device = pnp_device(DriverGlobals, Device, call);
    wdf_require(wdf_client(DriverGlobals), PowerCapabilities, call, "PowerCapabilities");
    wdf_require_size(wdf_client(DriverGlobals), PowerCapabilities->Size, sizeof(*PowerCapabilities), call,
                     "WDF_DEVICE_POWER_CAPABILITIES");
    device->pnp->power_capabilities = *PowerCapabilities;
    device->pnp->has_power_capabilities = true;
}
WDF_EXPORT(WdfDeviceSetPowerCapabilities, PFN_WDFDEVICESETPOWERCAPABILITIES);

/* Drivers for versions before 1.31 have a smaller structure. */
static ULONG state_size(struct wdf_client *client, const WDF_DEVICE_STATE *state, const char *call)
{
    wdf_require(client, state, call, "DeviceState");
    if (state->Size != sizeof(*state) + sizeof(WDF_TRI_STATE))
        wdf_require_size(client, state->Size, sizeof(*state), call, "WDF_DEVICE_STATE");
    return sizeof(*state);
}

VOID NTAPI kmdf_WdfDeviceGetDeviceState(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                        PWDF_DEVICE_STATE DeviceState)
{
    struct wdf_device *device = pnp_device(DriverGlobals, Device, "WdfDeviceGetDeviceState");
    ULONG size = DeviceState != NULL ? DeviceState->Size : 0;
    RtlCopyMemory(DeviceState, &device->pnp->device_state,
                  state_size(wdf_client(DriverGlobals), DeviceState, "WdfDeviceGetDeviceState"));
    DeviceState->Size = size;
}
WDF_EXPORT(WdfDeviceGetDeviceState, PFN_WDFDEVICEGETDEVICESTATE);

VOID NTAPI kmdf_WdfDeviceSetDeviceState(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                        PWDF_DEVICE_STATE DeviceState)
{
    struct wdf_device *device = pnp_device(DriverGlobals, Device, "WdfDeviceSetDeviceState");
    ULONG size = state_size(wdf_client(DriverGlobals), DeviceState, "WdfDeviceSetDeviceState");
    RtlCopyMemory(&device->pnp->device_state, DeviceState, size);
    device->pnp->device_state.Size = size;
    IoInvalidateDeviceState(device->physical);
}
WDF_EXPORT(WdfDeviceSetDeviceState, PFN_WDFDEVICESETDEVICESTATE);

VOID NTAPI kmdf_WdfDeviceSetFailed(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                   WDF_DEVICE_FAILED_ACTION FailedAction)
{
    struct wdf_device *device = pnp_device(DriverGlobals, Device, "WdfDeviceSetFailed");
    device->pnp->device_state.Failed = WdfTrue;
    UNREFERENCED_PARAMETER(FailedAction); /* a restart would be the PnP manager's, which removes failed devices */
    IoInvalidateDeviceState(device->physical);
}
WDF_EXPORT(WdfDeviceSetFailed, PFN_WDFDEVICESETFAILED);

VOID NTAPI kmdf_WdfDeviceSetStaticStopRemove(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, BOOLEAN Stoppable)
{
    pnp_device(DriverGlobals, Device, "WdfDeviceSetStaticStopRemove")->pnp->not_stoppable = !Stoppable;
}
WDF_EXPORT(WdfDeviceSetStaticStopRemove, PFN_WDFDEVICESETSTATICSTOPREMOVE);

VOID NTAPI kmdf_WdfDeviceSetSpecialFileSupport(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                               WDF_SPECIAL_FILE_TYPE FileType, BOOLEAN FileTypeIsSupported)
{
    struct wdf_device *device = pnp_device(DriverGlobals, Device, "WdfDeviceSetSpecialFileSupport");
    if (FileType > WdfSpecialFileUndefined && FileType < RTL_NUMBER_OF(device->pnp->special_file))
        device->pnp->special_file[FileType] = FileTypeIsSupported;
}
WDF_EXPORT(WdfDeviceSetSpecialFileSupport, PFN_WDFDEVICESETSPECIALFILESUPPORT);

WDF_DEVICE_PNP_STATE NTAPI kmdf_WdfDeviceGetDevicePnpState(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    static const WDF_DEVICE_PNP_STATE states[] = {
        [CREATED] = WdfDevStatePnpInit,
        [STARTED] = WdfDevStatePnpStarted,
        [STOPPED] = WdfDevStatePnpStopped,
        [FAILED] = WdfDevStatePnpFailed,
        [SURPRISE_REMOVED] = WdfDevStatePnpSurpriseRemove,
        [REMOVED] = WdfDevStatePnpRemoved,
    };
    return states[pnp_device(DriverGlobals, Device, "WdfDeviceGetDevicePnpState")->pnp->state];
}
WDF_EXPORT(WdfDeviceGetDevicePnpState, PFN_WDFDEVICEGETDEVICEPNPSTATE);

WDF_DEVICE_POWER_STATE NTAPI kmdf_WdfDeviceGetDevicePowerState(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    struct wdf_pnp *pnp = pnp_device(DriverGlobals, Device, "WdfDeviceGetDevicePowerState")->pnp;
    if (pnp->state == CREATED)
        return WdfDevStatePowerObjectCreated;
    if (pnp->state != STARTED)
        return WdfDevStatePowerStopped;
    return pnp->in_d0 ? WdfDevStatePowerD0 : WdfDevStatePowerDx;
}
WDF_EXPORT(WdfDeviceGetDevicePowerState, PFN_WDFDEVICEGETDEVICEPOWERSTATE);

WDF_DEVICE_POWER_POLICY_STATE NTAPI kmdf_WdfDeviceGetDevicePowerPolicyState(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                            WDFDEVICE Device)
{
    struct wdf_pnp *pnp = pnp_device(DriverGlobals, Device, "WdfDeviceGetDevicePowerPolicyState")->pnp;
    if (pnp->state == CREATED)
        return WdfDevStatePwrPolObjectCreated;
    if (pnp->state != STARTED)
        return WdfDevStatePwrPolStopped;
    return pnp->in_d0 ? WdfDevStatePwrPolStarted : WdfDevStatePwrPolSystemAsleepNoWake;
}
WDF_EXPORT(WdfDeviceGetDevicePowerPolicyState, PFN_WDFDEVICEGETDEVICEPOWERPOLICYSTATE);

POWER_ACTION NTAPI kmdf_WdfDeviceGetSystemPowerAction(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    return pnp_device(DriverGlobals, Device, "WdfDeviceGetSystemPowerAction")->pnp->action;
}
WDF_EXPORT(WdfDeviceGetSystemPowerAction, PFN_WDFDEVICEGETSYSTEMPOWERACTION);

/* The machine has no way to wake from or in S0: settings that count on it are refused as their page says, others are
 * accepted, and the device stays in D0. */
NTSTATUS NTAPI kmdf_WdfDeviceAssignS0IdleSettings(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                  PWDF_DEVICE_POWER_POLICY_IDLE_SETTINGS Settings)
{
    static const char call[] = "WdfDeviceAssignS0IdleSettings";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_device *device = pnp_device(DriverGlobals, Device, call);
    wdf_require(client, Settings, call, "Settings");
    if (!device->init->policy_owner)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (Settings->Size != FIELD_OFFSET(WDF_DEVICE_POWER_POLICY_IDLE_SETTINGS, IdleTimeoutType) &&
        !wdf_size_is(client, Settings->Size, sizeof(*Settings), call, "WDF_DEVICE_POWER_POLICY_IDLE_SETTINGS"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Settings->IdleCaps < IdleCannotWakeFromS0 || Settings->IdleCaps > IdleUsbSelectiveSuspend ||
        Settings->UserControlOfIdleSettings < IdleDoNotAllowUserControl ||
        Settings->UserControlOfIdleSettings > IdleAllowUserControl || Settings->Enabled > WdfUseDefault ||
        Settings->PowerUpIdleDeviceOnSystemWake > WdfUseDefault ||
        (Settings->PowerUpIdleDeviceOnSystemWake != WdfUseDefault && Settings->IdleCaps != IdleCannotWakeFromS0))
        return STATUS_INVALID_PARAMETER;
    if (Settings->DxState <= PowerDeviceD0 || Settings->DxState > PowerDeviceMaximum)
        return STATUS_POWER_STATE_INVALID;
    if (Settings->IdleCaps != IdleCannotWakeFromS0)
        return STATUS_POWER_STATE_INVALID;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDeviceAssignS0IdleSettings, PFN_WDFDEVICEASSIGNS0IDLESETTINGS);

NTSTATUS NTAPI kmdf_WdfDeviceAssignSxWakeSettings(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                  PWDF_DEVICE_POWER_POLICY_WAKE_SETTINGS Settings)
{
    static const char call[] = "WdfDeviceAssignSxWakeSettings";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_device *device = pnp_device(DriverGlobals, Device, call);
    wdf_require(client, Settings, call, "Settings");
    if (!device->init->policy_owner)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (!wdf_size_is(client, Settings->Size, sizeof(*Settings), call, "WDF_DEVICE_POWER_POLICY_WAKE_SETTINGS"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Settings->Enabled > WdfUseDefault || Settings->UserControlOfWakeSettings < WakeDoNotAllowUserControl ||
        Settings->UserControlOfWakeSettings > WakeAllowUserControl)
        return STATUS_INVALID_PARAMETER;
    return STATUS_POWER_STATE_INVALID;
}
WDF_EXPORT(WdfDeviceAssignSxWakeSettings, PFN_WDFDEVICEASSIGNSXWAKESETTINGS);

NTSTATUS NTAPI kmdf_WdfDeviceStopIdleActual(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, BOOLEAN WaitForD0,
                                            PVOID Tag, LONG Line, PCHAR File)
{
    struct wdf_device *device = pnp_device(DriverGlobals, Device, "WdfDeviceStopIdle");
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(Line);
    UNREFERENCED_PARAMETER(File);
    if (WaitForD0)
        wdf_require_irql(wdf_client(DriverGlobals), APC_LEVEL, "WdfDeviceStopIdle");
    if (device->pnp->state != STARTED && device->pnp->state != CREATED)
        return STATUS_POWER_STATE_INVALID;
    InterlockedIncrement(&device->pnp->idle_references);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDeviceStopIdleActual, PFN_WDFDEVICESTOPIDLEACTUAL);

NTSTATUS NTAPI kmdf_WdfDeviceStopIdleNoTrack(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, BOOLEAN WaitForD0)
{
    return kmdf_WdfDeviceStopIdleActual(DriverGlobals, Device, WaitForD0, NULL, 0, NULL);
}
WDF_EXPORT(WdfDeviceStopIdleNoTrack, PFN_WDFDEVICESTOPIDLENOTRACK);

VOID NTAPI kmdf_WdfDeviceResumeIdleActual(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, PVOID Tag, LONG Line,
                                          PCHAR File)
{
    struct wdf_device *device = pnp_device(DriverGlobals, Device, "WdfDeviceResumeIdle");
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(Line);
    UNREFERENCED_PARAMETER(File);
    if (InterlockedDecrement(&device->pnp->idle_references) < 0)
        wdf_violation(wdf_client(DriverGlobals), WDF_OBJECT_ERROR, (ULONG_PTR)Device, 0, 0, "WdfDeviceResumeIdle",
                      "called more often than WdfDeviceStopIdle succeeded");
}
WDF_EXPORT(WdfDeviceResumeIdleActual, PFN_WDFDEVICERESUMEIDLEACTUAL);

VOID NTAPI kmdf_WdfDeviceResumeIdleNoTrack(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    kmdf_WdfDeviceResumeIdleActual(DriverGlobals, Device, NULL, 0, NULL);
}
WDF_EXPORT(WdfDeviceResumeIdleNoTrack, PFN_WDFDEVICERESUMEIDLENOTRACK);

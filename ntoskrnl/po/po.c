/*
 * Power IRPs. The power manager sends system power IRPs when the machine sleeps or wakes; a device's power policy owner
 * answers each with a device power IRP that it asks for by PoRequestPowerIrp. At most one device power IRP is active in
 * a stack at a time; those that are asked for meanwhile wait their turn.
 *
 * Public pages: "PoRequestPowerIrp", "PoCallDriver", "PoStartNextPowerIrp", "Rules for Handling Power IRPs",
 * "Sending IRP_MN_QUERY_POWER or IRP_MN_SET_POWER for System Power States", "Handling IRP_MN_SET_POWER for System Power
 * States".
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/po/po_internal.h"

struct po_block po_block;

struct request {
    LIST_ENTRY link;
    PDEVICE_OBJECT device; /* the caller's, referenced */
    PDEVICE_OBJECT top;    /* where the IRP goes, referenced */
    PDEVICE_OBJECT bottom; /* identifies the stack */
    PIRP irp;
    UCHAR minor;
    POWER_STATE state;
    PREQUEST_POWER_COMPLETE complete;
    PVOID context;
    WORK_QUEUE_ITEM item;
};

void po_initialize(void)
{
    if (po_block.initialized)
        return;
    memset(&po_block, 0, sizeof(po_block));
    KeInitializeSpinLock(&po_block.lock);
    InitializeListHead(&po_block.active);
    InitializeListHead(&po_block.waiting);
    InitializeListHead(&po_block.settings);
    KeInitializeEvent(&po_block.idle, NotificationEvent, TRUE);
    ExInitializeFastMutex(&po_block.settings_lock);
    po_block.system_state = PowerSystemWorking;
    po_block.initialized = true;
}

void po_shutdown(void)
{
    po_block.initialized = false;
}

/* Since Windows Vista the power manager synchronises by itself; PoCallDriver is IoCallDriver. */
NTSTATUS NTAPI PoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return IofCallDriver(DeviceObject, Irp);
}
NT_EXPORT(PoCallDriver);

/* Since Windows Vista it does nothing, but must still be allowed. */
VOID NTAPI PoStartNextPowerIrp(PIRP Irp)
{
    UNREFERENCED_PARAMETER(Irp);
}
NT_EXPORT(PoStartNextPowerIrp);

/*
 * Device power IRPs
 */

static bool is_serialised(UCHAR minor)
{
    return minor != IRP_MN_WAIT_WAKE;
}

static void release(struct request *request)
{
    ObDereferenceObject(request->top);
    ObDereferenceObject(request->device);
    ExFreePoolWithTag(request, PO_TAG);
}

static void call(struct request *request);

static VOID NTAPI call_from_worker(PVOID context)
{
    call(context);
}

/* A stack whose drivers have pageable power code is called at PASSIVE_LEVEL. */
static void dispatch(struct request *request)
{
    if ((request->top->Flags & DO_POWER_PAGABLE) && KeGetCurrentIrql() > PASSIVE_LEVEL) {
        ExInitializeWorkItem(&request->item, call_from_worker, request);
        ExQueueWorkItem(&request->item, CriticalWorkQueue);
    } else {
        call(request);
    }
}

static struct request *next_for(PDEVICE_OBJECT bottom)
{
    for (PLIST_ENTRY entry = po_block.waiting.Flink; entry != &po_block.waiting; entry = entry->Flink) {
        struct request *request = CONTAINING_RECORD(entry, struct request, link);

        if (request->bottom == bottom)
            return request;
    }
    return NULL;
}

static void finished(struct request *request)
{
    struct request *next = NULL;
    KIRQL irql;

    KeAcquireSpinLock(&po_block.lock, &irql);
    if (is_serialised(request->minor)) {
        RemoveEntryList(&request->link);
        next = next_for(request->bottom);
        if (next != NULL) {
            RemoveEntryList(&next->link);
            InsertTailList(&po_block.active, &next->link);
        }
        if (IsListEmpty(&po_block.active))
            KeSetEvent(&po_block.idle, IO_NO_INCREMENT, FALSE);
    }
    KeReleaseSpinLock(&po_block.lock, irql);
    release(request);
    if (next != NULL)
        dispatch(next);
}

static NTSTATUS NTAPI completed(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct request *request = context;
    IO_STATUS_BLOCK iosb = irp->IoStatus;

    UNREFERENCED_PARAMETER(device);
    if (request->complete != NULL)
        request->complete(request->device, request->minor, request->state, request->context, &iosb);
    IoFreeIrp(irp);
    finished(request);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static void call(struct request *request)
{
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(request->irp);

    stack->MajorFunction = IRP_MJ_POWER;
    stack->MinorFunction = request->minor;
    if (request->minor == IRP_MN_WAIT_WAKE) {
        stack->Parameters.WaitWake.PowerState = request->state.SystemState;
    } else {
        stack->Parameters.Power.Type = DevicePowerState;
        stack->Parameters.Power.State = request->state;
        stack->Parameters.Power.ShutdownType = PowerActionNone;
    }
    request->irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    IoSetCompletionRoutine(request->irp, completed, request, TRUE, TRUE, TRUE);
    IofCallDriver(request->top, request->irp);
}

NTSTATUS NTAPI PoRequestPowerIrp(PDEVICE_OBJECT DeviceObject, UCHAR MinorFunction, POWER_STATE PowerState,
                                 PREQUEST_POWER_COMPLETE CompletionFunction, PVOID Context, PIRP *Irp)
{
    struct request *request;
    bool busy = false;
    KIRQL irql;

    if (MinorFunction != IRP_MN_QUERY_POWER && MinorFunction != IRP_MN_SET_POWER && MinorFunction != IRP_MN_WAIT_WAKE)
        return STATUS_INVALID_PARAMETER_2;
    request = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*request), PO_TAG);
    if (request == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    request->top = IoGetAttachedDeviceReference(DeviceObject);
    request->irp = IoAllocateIrp(request->top->StackSize, FALSE);
    if (request->irp == NULL) {
        ObDereferenceObject(request->top);
        ExFreePoolWithTag(request, PO_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ObReferenceObject(DeviceObject);
    request->device = DeviceObject;
    request->bottom = io_stack_bottom(DeviceObject);
    request->minor = MinorFunction;
    request->state = PowerState;
    request->complete = CompletionFunction;
    request->context = Context;
    if (Irp != NULL) /* before it is sent: a wait/wake IRP may be completed at once */
        *Irp = request->irp;

    if (is_serialised(MinorFunction)) {
        KeAcquireSpinLock(&po_block.lock, &irql);
        for (PLIST_ENTRY entry = po_block.active.Flink; entry != &po_block.active && !busy; entry = entry->Flink)
            busy = CONTAINING_RECORD(entry, struct request, link)->bottom == request->bottom;
        InsertTailList(busy ? &po_block.waiting : &po_block.active, &request->link);
        KeClearEvent(&po_block.idle);
        KeReleaseSpinLock(&po_block.lock, irql);
    }
    if (!busy)
        dispatch(request);
    return STATUS_PENDING;
}
NT_EXPORT(PoRequestPowerIrp);

bool po_wait_idle(LONGLONG timeout_100ns)
{
    LARGE_INTEGER timeout = {.QuadPart = -timeout_100ns};

    return KeWaitForSingleObject(&po_block.idle, Executive, KernelMode, FALSE, timeout_100ns < 0 ? NULL : &timeout) ==
           STATUS_SUCCESS;
}

/*
 * Device states
 */

POWER_STATE NTAPI PoSetPowerState(PDEVICE_OBJECT DeviceObject, POWER_STATE_TYPE Type, POWER_STATE State)
{
    ULONG *word = io_power_word(DeviceObject);
    ULONG shift = Type == DevicePowerState ? 0 : 8;
    POWER_STATE old;
    ULONG before, after;

    do {
        before = *(volatile ULONG *)word;
        after = (before & ~(0xFFu << shift)) | ((ULONG)State.DeviceState & 0xFF) << shift;
    } while ((ULONG)InterlockedCompareExchange((volatile LONG *)word, (LONG)after, (LONG)before) != before);
    old.DeviceState = (DEVICE_POWER_STATE)(before >> shift & 0xFF);
    return old;
}
NT_EXPORT(PoSetPowerState);

DEVICE_POWER_STATE po_device_state(PDEVICE_OBJECT device)
{
    return (DEVICE_POWER_STATE)(*io_power_word(device) & 0xFF);
}

/* Windows answers NULL for a device that it does not watch: no device here is put to sleep for being idle. */
PULONG NTAPI PoRegisterDeviceForIdleDetection(PDEVICE_OBJECT DeviceObject, ULONG ConservationIdleTime,
                                              ULONG PerformanceIdleTime, DEVICE_POWER_STATE State)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(ConservationIdleTime);
    UNREFERENCED_PARAMETER(PerformanceIdleTime);
    UNREFERENCED_PARAMETER(State);
    return NULL;
}
NT_EXPORT(PoRegisterDeviceForIdleDetection);

/* These hold off the machine's idle sleep. It never sleeps by itself here, so that there is nothing to hold off. */
VOID NTAPI PoSetSystemState(ULONG Flags)
{
    UNREFERENCED_PARAMETER(Flags);
}
NT_EXPORT(PoSetSystemState);

PVOID NTAPI PoRegisterSystemState(PVOID StateHandle, ULONG Flags)
{
    UNREFERENCED_PARAMETER(Flags);
    return StateHandle ? StateHandle : ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(ULONG), PO_TAG);
}
NT_EXPORT(PoRegisterSystemState);

VOID NTAPI PoUnregisterSystemState(PVOID StateHandle)
{
    ExFreePoolWithTag(StateHandle, PO_TAG);
}
NT_EXPORT(PoUnregisterSystemState);

/*
 * System power states. They are sent on the PnP thread, where no device can come or go meanwhile.
 */
struct transition {
    SYSTEM_POWER_STATE state;
    char *veto;
    size_t veto_size;
    NTSTATUS status;
    size_t count;
    struct pnp_device_info *devices; /* parents before children */
};

static NTSTATUS send_system(const struct pnp_device_info *device, UCHAR minor, SYSTEM_POWER_STATE state)
{
    IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_POWER, .MinorFunction = minor};

    stack.Parameters.Power.SystemContext = 0;
    stack.Parameters.Power.Type = SystemPowerState;
    stack.Parameters.Power.State.SystemState = state;
    stack.Parameters.Power.ShutdownType = state == PowerSystemWorking     ? PowerActionNone
                                          : state == PowerSystemShutdown  ? PowerActionShutdown
                                          : state == PowerSystemHibernate ? PowerActionHibernate
                                                                          : PowerActionSleep;
    return io_send_and_wait(device->physical_device, &stack, STATUS_NOT_SUPPORTED, NULL);
}

static bool collect(const struct pnp_device_info *info, void *context)
{
    struct transition *transition = context;

    if (info->state != PNP_STATE_STARTED)
        return true;
    if (transition->devices != NULL)
        transition->devices[transition->count] = *info;
    transition->count++;
    return true;
}

static bool collect_devices(struct transition *transition)
{
    size_t count;

    transition->count = 0;
    transition->devices = NULL;
    pnp_for_each_device(collect, transition);
    count = transition->count;
    transition->count = 0;
    transition->devices = ExAllocatePool2(POOL_FLAG_NON_PAGED, (count + 1) * sizeof(*transition->devices), PO_TAG);
    if (transition->devices == NULL)
        return false;
    pnp_for_each_device(collect, transition);
    return true;
}

static void resume_on_pnp(void *context)
{
    struct transition *transition = context;

    transition->status = STATUS_INSUFFICIENT_RESOURCES;
    if (!collect_devices(transition))
        return;
    po_block.system_state = PowerSystemWorking;
    for (size_t i = 0; i < transition->count; i++)
        send_system(&transition->devices[i], IRP_MN_SET_POWER, PowerSystemWorking);
    ExFreePoolWithTag(transition->devices, PO_TAG);
    transition->status = STATUS_SUCCESS;
}

static void sleep_on_pnp(void *context)
{
    struct transition *transition = context;
    size_t i;

    transition->status = STATUS_INSUFFICIENT_RESOURCES;
    if (!collect_devices(transition))
        return;
    transition->status = STATUS_SUCCESS;
    for (i = transition->count; i > 0 && NT_SUCCESS(transition->status); i--) {
        NTSTATUS status = send_system(&transition->devices[i - 1], IRP_MN_QUERY_POWER, transition->state);

        /* A stack where nobody handles the IRP has no objection. */
        if (!NT_SUCCESS(status) && status != STATUS_NOT_SUPPORTED) {
            transition->status = status;
            if (transition->veto != NULL)
                snprintf(transition->veto, transition->veto_size, "%s", transition->devices[i - 1].instance_path);
        }
    }
    if (NT_SUCCESS(transition->status)) {
        po_block.system_state = transition->state;
        for (i = transition->count; i > 0; i--)
            send_system(&transition->devices[i - 1], IRP_MN_SET_POWER, transition->state);
    } else { /* whoever was asked learns that nothing comes of it */
        for (; i < transition->count; i++)
            send_system(&transition->devices[i], IRP_MN_SET_POWER, PowerSystemWorking);
    }
    ExFreePoolWithTag(transition->devices, PO_TAG);
}

NTSTATUS po_system_sleep(SYSTEM_POWER_STATE state, char *veto, size_t veto_size)
{
    struct transition transition = {.state = state, .veto = veto, .veto_size = veto_size};

    if (po_block.system_state != PowerSystemWorking)
        return STATUS_INVALID_DEVICE_STATE;
    if (state < PowerSystemSleeping1 || state > PowerSystemShutdown)
        return STATUS_INVALID_PARAMETER;
    pnp_call(sleep_on_pnp, &transition);
    return transition.status;
}

NTSTATUS po_system_resume(void)
{
    struct transition transition = {.state = PowerSystemWorking};

    if (po_block.system_state == PowerSystemWorking)
        return STATUS_INVALID_DEVICE_STATE;
    pnp_call(resume_on_pnp, &transition);
    return transition.status;
}

SYSTEM_POWER_STATE po_system_state(void)
{
    return po_block.system_state;
}

/*
 * The heart of the I/O queues. Requests come from the dispatch routine, from another queue or back from the driver;
 * they wait, cancelable, until the queue's dispatch type lets one go; then the driver's handler is called. Whoever
 * makes a delivery possible pumps the queue: the thread of a new request, of a completion, of WdfIoQueueStart. A thread
 * that is delivering already takes note and goes on when its handler returns, so that a driver that completes in its
 * handler does not nest. Queues of passive execution level pump in a work item when the IRQL is too high; so does, in a
 * DPC, a completion under the lock of automatic synchronization, which the handler needs.
 *
 * Public pages: "Framework Queue Objects", "Dispatching Methods for I/O Requests", "Managing I/O Queues", "Using
 * Power-Managed I/O Queues", "Canceling I/O Requests".
 */
#include "wdf/queue.h"

struct pump {
    LIST_ENTRY entry;
    PKTHREAD thread;
    bool again;
};

/* ---- requests
 * -------------------------------------------------------------------------------------------------------- */

/* Under the queue's lock. */
static void give_to_driver(struct wdf_queue *queue, struct wdf_request *request)
{
    request->queue_flags = WDF_QUEUE_PRESENTED | WDF_QUEUE_DELIVERED;
    request->driver_owned = true;
    InsertTailList(&queue->presented, &request->queue_entry);
    queue->driver_count++;
}

static void take_off(struct wdf_queue *queue, struct wdf_request *request)
{
    RemoveEntryList(&request->queue_entry);
    request->queue_flags &= ~WDF_QUEUE_WAITING;
    queue->waiting_count--;
}

void wdf_queue_release(struct wdf_request *request)
{
    struct wdf_queue *queue = request->queue;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    if (request->queue_flags & WDF_QUEUE_PRESENTED) {
        RemoveEntryList(&request->queue_entry);
        queue->driver_count--;
        if (request->queue_flags & WDF_QUEUE_STOPPED)
            queue->stopped_count--;
        request->queue_flags &= ~(WDF_QUEUE_PRESENTED | WDF_QUEUE_STOPPED);
        if (queue->driver_count == queue->stopped_count)
            KeSetEvent(&queue->quiet, IO_NO_INCREMENT, FALSE);
    }
    request->driver_owned = false;
    KeReleaseSpinLock(&queue->lock, irql);
}

/* A purge looks at the IRPs of the requests on the list. */
static void leaving(struct wdf_request *request)
{
    struct wdf_queue *queue = request->queue;
    KIRQL irql;
    if (queue == NULL)
        return;
    KeAcquireSpinLock(&queue->lock, &irql);
    if (request->queue_flags & WDF_QUEUE_PRESENTED) {
        RemoveEntryList(&request->queue_entry);
        InitializeListHead(&request->queue_entry);
    }
    KeReleaseSpinLock(&queue->lock, irql);
}

static void finished(struct wdf_request *request)
{
    struct wdf_device *device = (struct wdf_device *)request->device;
    struct wdf_queue *queue = request->queue;
    if (queue != NULL) {
        wdf_reference(&queue->object);
        wdf_queue_release(request);
        wdf_queue_pump(queue);
        wdf_dereference(&queue->object);
    }
    IoReleaseRemoveLock(&device->remove_lock, device);
}

static struct wdf_callback_lock *callback_lock(struct wdf_request *request)
{
    return request->queue != NULL ? wdf_synchronization(&request->queue->object) : NULL;
}

static const struct wdf_request_owner owner = {
    .leaving = leaving, .finished = finished, .callback_lock = callback_lock};

/* A request that is off the list and cancelled: to the driver if it wants to know, else completed. */
static void end_cancelled(struct wdf_queue *queue, struct wdf_request *request)
{
    PFN_WDF_IO_QUEUE_IO_CANCELED_ON_QUEUE callback = queue->config.EvtIoCanceledOnQueue;
    if (callback == NULL || !(request->queue_flags & WDF_QUEUE_DELIVERED)) {
        wdf_request_complete(request, STATUS_CANCELLED, IO_NO_INCREMENT);
        return;
    }
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    give_to_driver(queue, request);
    KeReleaseSpinLock(&queue->lock, irql);
    struct wdf_callback_state before = wdf_callback_enter();
    callback((WDFQUEUE)wdf_handle(&queue->object), (WDFREQUEST)wdf_handle(&request->object));
    wdf_callback_leave(queue->object.client, before, (const void *)callback, "EvtIoCanceledOnQueue");
}

/* The IRP was cancelled while it waited. */
static void cancelled_in_queue(struct wdf_request *request)
{
    struct wdf_queue *queue = request->queue;
    KIRQL irql;
    wdf_reference(&queue->object);
    KeAcquireSpinLock(&queue->lock, &irql);
    take_off(queue, request);
    KeReleaseSpinLock(&queue->lock, irql);
    end_cancelled(queue, request);
    wdf_queue_pump(queue);
    wdf_dereference(&queue->object);
}

bool wdf_queue_insert(struct wdf_queue *queue, struct wdf_request *request, bool head)
{
    KIRQL irql;
    PFN_WDF_IO_QUEUE_STATE ready = NULL;
    WDFCONTEXT context = NULL;
    KeAcquireSpinLock(&queue->lock, &irql);
    if (!queue->accepts && !head) {
        KeReleaseSpinLock(&queue->lock, irql);
        return false;
    }
    request->queue = queue;
    request->queue_flags |= WDF_QUEUE_WAITING;
    (head ? InsertHeadList : InsertTailList)(&queue->waiting, &request->queue_entry);
    queue->waiting_count++;
    bool alive = wdf_request_set_cancel(request, cancelled_in_queue);
    if (!alive) {
        take_off(queue, request);
    } else if (queue->waiting_count == 1 && queue->dispatches && !queue->held) {
        ready = queue->ready;
        context = queue->ready_context;
    }
    KeReleaseSpinLock(&queue->lock, irql);
    if (!alive)
        end_cancelled(queue, request);
    if (ready != NULL)
        ready((WDFQUEUE)wdf_handle(&queue->object), context);
    return true;
}

struct wdf_request *wdf_queue_take(struct wdf_queue *queue,
                                   bool (*match)(const struct wdf_request *request, const void *context),
                                   const void *context)
{
    struct wdf_request *found = NULL;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    for (LIST_ENTRY *entry = queue->waiting.Flink; entry != &queue->waiting && found == NULL; entry = entry->Flink) {
        struct wdf_request *request = CONTAINING_RECORD(entry, struct wdf_request, queue_entry);
        /* One whose cancellation has begun is taken off by that. */
        if ((match == NULL || match(request, context)) && wdf_request_clear_cancel(request))
            found = request;
    }
    if (found != NULL) {
        take_off(queue, found);
        give_to_driver(queue, found);
    }
    KeReleaseSpinLock(&queue->lock, irql);
    return found;
}

void wdf_queue_cancel_all(struct wdf_queue *queue)
{
    for (;;) {
        struct wdf_request *request = NULL;
        KIRQL irql;
        KeAcquireSpinLock(&queue->lock, &irql);
        for (LIST_ENTRY *entry = queue->waiting.Flink; entry != &queue->waiting && request == NULL;
             entry = entry->Flink) {
            struct wdf_request *candidate = CONTAINING_RECORD(entry, struct wdf_request, queue_entry);
            if (wdf_request_clear_cancel(candidate))
                request = candidate;
        }
        if (request != NULL)
            take_off(queue, request);
        KeReleaseSpinLock(&queue->lock, irql);
        if (request == NULL)
            break;
        end_cancelled(queue, request);
    }
    for (;;) {
        struct wdf_request *request = NULL;
        KIRQL irql;
        KeAcquireSpinLock(&queue->lock, &irql);
        for (LIST_ENTRY *entry = queue->presented.Flink; entry != &queue->presented && request == NULL;
             entry = entry->Flink) {
            struct wdf_request *candidate = CONTAINING_RECORD(entry, struct wdf_request, queue_entry);
            if (candidate->driver_owned && wdf_request_is_cancelable(candidate) && wdf_request_clear_cancel(candidate))
                request = candidate;
        }
        if (request != NULL)
            wdf_reference(&request->object);
        KeReleaseSpinLock(&queue->lock, irql);
        if (request == NULL)
            break;
        request->irp->Cancel = TRUE;
        request->cancel(request);
        wdf_dereference(&request->object);
    }
}

/* ---- delivery
 * -------------------------------------------------------------------------------------------------------- */

static bool may_deliver(const struct wdf_queue *queue)
{
    if (!queue->dispatches || queue->held || queue->waiting_count == 0)
        return false;
    switch (queue->config.DispatchType) {
    case WdfIoQueueDispatchSequential:
        return queue->driver_count == 0;
    case WdfIoQueueDispatchParallel:
        return queue->driver_count < queue->config.Settings.Parallel.NumberOfPresentedRequests;
    default:
        return false;
    }
}

static void call_handler(struct wdf_queue *queue, struct wdf_request *request)
{
    const WDF_IO_QUEUE_CONFIG *config = &queue->config;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(request->irp);
    WDFQUEUE handle = (WDFQUEUE)wdf_handle(&queue->object);
    WDFREQUEST request_handle = (WDFREQUEST)wdf_handle(&request->object);
    struct wdf_callback_lock *lock = wdf_synchronization(&queue->object);
    struct wdf_callback_lock_state held;
    wdf_callback_lock_acquire(lock, &held);
    struct wdf_callback_state before = wdf_callback_enter();
    const void *routine = (const void *)config->EvtIoDefault;
    const char *what = "EvtIoDefault";
    if (stack->MajorFunction == IRP_MJ_READ && config->EvtIoRead != NULL) {
        routine = (const void *)config->EvtIoRead;
        what = "EvtIoRead";
        config->EvtIoRead(handle, request_handle, stack->Parameters.Read.Length);
    } else if (stack->MajorFunction == IRP_MJ_WRITE && config->EvtIoWrite != NULL) {
        routine = (const void *)config->EvtIoWrite;
        what = "EvtIoWrite";
        config->EvtIoWrite(handle, request_handle, stack->Parameters.Write.Length);
    } else if (stack->MajorFunction == IRP_MJ_DEVICE_CONTROL && config->EvtIoDeviceControl != NULL) {
        routine = (const void *)config->EvtIoDeviceControl;
        what = "EvtIoDeviceControl";
        config->EvtIoDeviceControl(handle, request_handle, stack->Parameters.DeviceIoControl.OutputBufferLength,
                                   stack->Parameters.DeviceIoControl.InputBufferLength,
                                   stack->Parameters.DeviceIoControl.IoControlCode);
    } else if (stack->MajorFunction == IRP_MJ_INTERNAL_DEVICE_CONTROL && config->EvtIoInternalDeviceControl != NULL) {
        routine = (const void *)config->EvtIoInternalDeviceControl;
        what = "EvtIoInternalDeviceControl";
        config->EvtIoInternalDeviceControl(handle, request_handle, stack->Parameters.DeviceIoControl.OutputBufferLength,
                                           stack->Parameters.DeviceIoControl.InputBufferLength,
                                           stack->Parameters.DeviceIoControl.IoControlCode);
    } else {
        config->EvtIoDefault(handle, request_handle);
    }
    wdf_callback_leave(queue->object.client, before, routine, what);
    wdf_callback_lock_release(lock, &held);
}

/* The end of a stop, drain or purge. */
static void report_change(struct wdf_queue *queue)
{
    PFN_WDF_IO_QUEUE_STATE done = NULL;
    WDFCONTEXT context = NULL;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    if (queue->changing && queue->driver_count == 0 &&
        (queue->change == WDF_QUEUE_STOPPING || queue->waiting_count == 0)) {
        done = queue->change_done;
        context = queue->change_context;
        queue->changing = false;
        queue->change_done = NULL;
    }
    KeReleaseSpinLock(&queue->lock, irql);
    if (done != NULL)
        done((WDFQUEUE)wdf_handle(&queue->object), context);
}

static VOID NTAPI pump_work(PVOID context)
{
    struct wdf_queue *queue = context;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    queue->pump_later = false;
    queue->pump_runs++;
    KeReleaseSpinLock(&queue->lock, irql);
    wdf_queue_pump(queue);
    KeAcquireSpinLock(&queue->lock, &irql);
    if (--queue->pump_runs == 0 && !queue->pump_later)
        KeSetEvent(&queue->pump_idle, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&queue->lock, irql);
}

static VOID NTAPI pump_dpc(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(argument1);
    UNREFERENCED_PARAMETER(argument2);
    pump_work(context);
}

static void pump_later(struct wdf_queue *queue)
{
    bool passive = queue->object.execution_level == WdfExecutionLevelPassive;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    bool start = !queue->pump_later && may_deliver(queue) && !wdf_is_deleting(&queue->object);
    if (start) {
        queue->pump_later = true;
        KeClearEvent(&queue->pump_idle); /* the queue's disposal waits for it */
    }
    KeReleaseSpinLock(&queue->lock, irql);
    if (!start)
        return;
    if (passive) {
        ExInitializeWorkItem(&queue->pump_work, pump_work, queue);
        ExQueueWorkItem(&queue->pump_work, DelayedWorkQueue);
    } else {
        KeInsertQueueDpc(&queue->pump_dpc, NULL, NULL);
    }
}

/* Under the lock: the note that this thread is delivering, or NULL. */
static struct pump *find_pump(struct wdf_queue *queue, PKTHREAD thread)
{
    for (LIST_ENTRY *entry = queue->pumps.Flink; entry != &queue->pumps; entry = entry->Flink) {
        struct pump *pump = CONTAINING_RECORD(entry, struct pump, entry);
        if (pump->thread == thread)
            return pump;
    }
    return NULL;
}

static bool deliver_one(struct wdf_queue *queue)
{
    struct wdf_request *request = NULL;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    if (may_deliver(queue)) {
        for (LIST_ENTRY *entry = queue->waiting.Flink; entry != &queue->waiting && request == NULL;
             entry = entry->Flink) {
            struct wdf_request *candidate = CONTAINING_RECORD(entry, struct wdf_request, queue_entry);
            if (wdf_request_clear_cancel(candidate))
                request = candidate;
        }
    }
    if (request != NULL) {
        take_off(queue, request);
        give_to_driver(queue, request);
    }
    KeReleaseSpinLock(&queue->lock, irql);
    if (request == NULL)
        return false;
    call_handler(queue, request);
    return true;
}

void wdf_queue_pump(struct wdf_queue *queue)
{
    struct wdf_callback_lock *lock = wdf_synchronization(&queue->object);
    bool too_high = queue->object.execution_level == WdfExecutionLevelPassive && ke_irql() != PASSIVE_LEVEL;
    if (too_high || (lock != NULL && wdf_callback_lock_is_mine(lock))) {
        pump_later(queue);
        report_change(queue);
        return;
    }
    struct pump mine = {.thread = KeGetCurrentThread()};
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    struct pump *outer = find_pump(queue, mine.thread);
    if (outer != NULL)
        outer->again = true;
    else
        InsertTailList(&queue->pumps, &mine.entry);
    KeReleaseSpinLock(&queue->lock, irql);
    if (outer != NULL) {
        report_change(queue);
        return;
    }
    for (bool more = true; more;) {
        while (deliver_one(queue))
            ;
        KeAcquireSpinLock(&queue->lock, &irql);
        more = mine.again && may_deliver(queue);
        mine.again = false;
        if (!more)
            RemoveEntryList(&mine.entry);
        KeReleaseSpinLock(&queue->lock, irql);
    }
    report_change(queue);
}

/* ---- from the dispatch routine
 * --------------------------------------------------------------------------------------- */

static bool has_handler(const struct wdf_queue *queue, UCHAR major)
{
    const WDF_IO_QUEUE_CONFIG *config = &queue->config;
    if (config->DispatchType == WdfIoQueueDispatchManual || config->EvtIoDefault != NULL)
        return true;
    return (major == IRP_MJ_READ && config->EvtIoRead != NULL) ||
           (major == IRP_MJ_WRITE && config->EvtIoWrite != NULL) ||
           (major == IRP_MJ_DEVICE_CONTROL && config->EvtIoDeviceControl != NULL) ||
           (major == IRP_MJ_INTERNAL_DEVICE_CONTROL && config->EvtIoInternalDeviceControl != NULL);
}

static struct wdf_queue *queue_for(struct wdf_device *device, UCHAR major)
{
    if (device->dispatch[major] != NULL)
        return device->dispatch[major];
    return major == IRP_MJ_CREATE ? NULL : device->default_queue;
}

static bool is_empty_transfer(const struct wdf_queue *queue, PIO_STACK_LOCATION stack)
{
    return !queue->config.AllowZeroLengthRequests &&
           ((stack->MajorFunction == IRP_MJ_READ && stack->Parameters.Read.Length == 0) ||
            (stack->MajorFunction == IRP_MJ_WRITE && stack->Parameters.Write.Length == 0));
}

static struct wdf_request *receive(struct wdf_device *device, PIRP irp, NTSTATUS *status)
{
    const struct WDFDEVICE_INIT *init = device->init;
    struct wdf_request *request =
        wdf_request_receive(&device->object, &device->object,
                            init->has_request_attributes ? &init->request_attributes : NULL, irp, &owner, status);
    if (request != NULL)
        request->file = wdf_file_find(device, IoGetCurrentIrpStackLocation(irp)->FileObject);
    return request;
}

NTSTATUS wdf_queue_dispatch_to(struct wdf_device *device, struct wdf_queue *queue, PIRP irp)
{
    if (is_empty_transfer(queue, IoGetCurrentIrpStackLocation(irp)))
        return wdf_device_complete(device, irp, STATUS_SUCCESS, 0);
    /* The request may be gone in no time, and the device after it, but not while this thread is here. */
    NTSTATUS status = IoAcquireRemoveLock(&device->remove_lock, irp);
    if (!NT_SUCCESS(status))
        return wdf_device_complete(device, irp, status, 0);
    struct wdf_request *request = receive(device, irp, &status);
    if (request == NULL) {
        IoReleaseRemoveLock(&device->remove_lock, irp);
        return wdf_device_complete(device, irp, status, 0);
    }
    IoMarkIrpPending(irp);
    if (!wdf_queue_insert(queue, request, false))
        wdf_request_complete(request, STATUS_INVALID_DEVICE_STATE, IO_NO_INCREMENT);
    else
        wdf_queue_pump(queue);
    IoReleaseRemoveLock(&device->remove_lock, irp);
    return STATUS_PENDING;
}

NTSTATUS wdf_queue_dispatch(struct wdf_device *device, PIRP irp)
{
    UCHAR major = IoGetCurrentIrpStackLocation(irp)->MajorFunction;
    struct wdf_queue *queue = queue_for(device, major);
    PFN_WDF_IO_IN_CALLER_CONTEXT in_caller_context = major != IRP_MJ_CREATE ? device->init->in_caller_context : NULL;
    NTSTATUS status;
    if (in_caller_context == NULL && (queue == NULL || !has_handler(queue, major)))
        return device->kind == WDF_DEVICE_FILTER ? wdf_device_pass_on(device, irp)
                                                 : wdf_device_complete(device, irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    if (in_caller_context == NULL)
        return wdf_queue_dispatch_to(device, queue, irp);
    struct wdf_request *request = receive(device, irp, &status);
    if (request == NULL)
        return wdf_device_complete(device, irp, status, 0);
    IoMarkIrpPending(irp);
    request->driver_owned = request->in_caller_context = true;
    struct wdf_callback_state before = wdf_callback_enter();
    in_caller_context(wdf_device_handle(device), (WDFREQUEST)wdf_handle(&request->object));
    wdf_callback_leave(device->object.client, before, (const void *)in_caller_context, "EvtIoInCallerContext");
    return STATUS_PENDING;
}

NTSTATUS NTAPI kmdf_WdfDeviceEnqueueRequest(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, WDFREQUEST Request)
{
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, "WdfDeviceEnqueueRequest");
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, "WdfDeviceEnqueueRequest");
    if (request->device != &device->object || !request->driver_owned || !request->in_caller_context)
        return STATUS_INVALID_DEVICE_REQUEST;
    UCHAR major = IoGetCurrentIrpStackLocation(request->irp)->MajorFunction;
    struct wdf_queue *queue = queue_for(device, major);
    if (queue == NULL || !has_handler(queue, major))
        return STATUS_INVALID_DEVICE_REQUEST;
    wdf_reference(&queue->object);
    request->driver_owned = request->in_caller_context = false;
    bool taken = wdf_queue_insert(queue, request, false);
    if (taken)
        wdf_queue_pump(queue);
    else
        request->driver_owned = request->in_caller_context = true;
    wdf_dereference(&queue->object);
    return taken ? STATUS_SUCCESS : STATUS_WDF_BUSY;
}
WDF_EXPORT(WdfDeviceEnqueueRequest, PFN_WDFDEVICEENQUEUEREQUEST);

NTSTATUS NTAPI kmdf_WdfDeviceWdmDispatchIrpToIoQueue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, PIRP Irp,
                                                     WDFQUEUE Queue, ULONG Flags)
{
    static const char call[] = "WdfDeviceWdmDispatchIrpToIoQueue";
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, call);
    struct wdf_queue *queue = wdf_from_handle(DriverGlobals, Queue, &wdf_queue_type, call);
    wdf_require(wdf_client(DriverGlobals), Irp, call, "Irp");
    if (Flags & WDF_DISPATCH_IRP_TO_IO_QUEUE_PREPROCESSED_IRP)
        IoSetNextIrpStackLocation(Irp);
    NTSTATUS status = IoAcquireRemoveLock(&device->remove_lock, device);
    UCHAR major = IoGetCurrentIrpStackLocation(Irp)->MajorFunction;
    if (!NT_SUCCESS(status)) {
        Irp->IoStatus.Status = status;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return status;
    }
    if (queue->device != device || !has_handler(queue, major))
        return wdf_device_complete(device, Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    return wdf_queue_dispatch_to(device, queue, Irp);
}
WDF_EXPORT(WdfDeviceWdmDispatchIrpToIoQueue, PFN_WDFDEVICEWDMDISPATCHIRPTOIOQUEUE);

/* ---- creation
 * -------------------------------------------------------------------------------------------------------- */

static void queue_dispose(struct wdf_object *object)
{
    struct wdf_queue *queue = (struct wdf_queue *)object;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    queue->accepts = queue->dispatches = false;
    KeReleaseSpinLock(&queue->lock, irql);
    wdf_queue_cancel_all(queue);
    KeWaitForSingleObject(&queue->pump_idle, Executive, KernelMode, FALSE, NULL);
    KeAcquireSpinLock(&queue->lock, &irql); /* until it has been let go of */
    KeReleaseSpinLock(&queue->lock, irql);
}

static void queue_destroy(struct wdf_object *object)
{
    struct wdf_queue *queue = (struct wdf_queue *)object;
    KIRQL irql;
    if (queue->entry.Flink == NULL)
        return;
    KeAcquireSpinLock(&queue->device->lock, &irql);
    RemoveEntryList(&queue->entry);
    if (queue->device->default_queue == queue)
        queue->device->default_queue = NULL;
    for (size_t i = 0; i < RTL_NUMBER_OF(queue->device->dispatch); i++) {
        if (queue->device->dispatch[i] == queue)
            queue->device->dispatch[i] = NULL;
    }
    KeReleaseSpinLock(&queue->device->lock, irql);
}

const struct wdf_type wdf_queue_type = {
    .name = "WDFQUEUE",
    .flags = WDF_TYPE_PASSIVE | WDF_TYPE_EXECUTION_LEVEL | WDF_TYPE_SYNCHRONIZATION,
    .dispose = queue_dispose,
    .destroy = queue_destroy,
};

/* Older versions end before the last members. */
static NTSTATUS copy_config(struct wdf_client *client, const WDF_IO_QUEUE_CONFIG *config, WDF_IO_QUEUE_CONFIG *copy)
{
    RtlZeroMemory(copy, sizeof(*copy));
    if (config->Size != FIELD_OFFSET(WDF_IO_QUEUE_CONFIG, Driver) &&
        config->Size != FIELD_OFFSET(WDF_IO_QUEUE_CONFIG, Settings) &&
        !wdf_size_is(client, config->Size, sizeof(*config), "WdfIoQueueCreate", "WDF_IO_QUEUE_CONFIG"))
        return STATUS_INFO_LENGTH_MISMATCH;
    RtlCopyMemory(copy, config, config->Size);
    if (config->Size == FIELD_OFFSET(WDF_IO_QUEUE_CONFIG, Settings))
        copy->Settings.Parallel.NumberOfPresentedRequests = (ULONG)-1;
    if (copy->DispatchType <= WdfIoQueueDispatchInvalid || copy->DispatchType >= WdfIoQueueDispatchMax ||
        copy->PowerManaged > WdfUseDefault ||
        (copy->DispatchType == WdfIoQueueDispatchParallel && copy->Settings.Parallel.NumberOfPresentedRequests == 0))
        return STATUS_INVALID_PARAMETER;
    bool handlers = copy->EvtIoDefault != NULL || copy->EvtIoRead != NULL || copy->EvtIoWrite != NULL ||
                    copy->EvtIoDeviceControl != NULL || copy->EvtIoInternalDeviceControl != NULL;
    return handlers || copy->DispatchType == WdfIoQueueDispatchManual ? STATUS_SUCCESS : STATUS_WDF_NO_CALLBACK;
}

NTSTATUS NTAPI kmdf_WdfIoQueueCreate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, PWDF_IO_QUEUE_CONFIG Config,
                                     PWDF_OBJECT_ATTRIBUTES QueueAttributes, WDFQUEUE *Queue)
{
    static const char call[] = "WdfIoQueueCreate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, call);
    WDF_IO_QUEUE_CONFIG config;
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    wdf_require(client, Config, call, "Config");
    if (Queue != NULL)
        *Queue = NULL;
    NTSTATUS status = copy_config(client, Config, &config);
    if (!NT_SUCCESS(status))
        return status;
    struct wdf_queue *queue =
        (void *)wdf_object_create(client, &wdf_queue_type, sizeof(*queue), QueueAttributes, &device->object, &status);
    if (queue == NULL)
        return status;
    queue->device = device;
    queue->config = config;
    KeInitializeSpinLock(&queue->lock);
    InitializeListHead(&queue->waiting);
    InitializeListHead(&queue->presented);
    InitializeListHead(&queue->pumps);
    KeInitializeDpc(&queue->pump_dpc, pump_dpc, queue);
    KeInitializeEvent(&queue->quiet, NotificationEvent, FALSE);
    KeInitializeEvent(&queue->pump_idle, NotificationEvent, TRUE);
    queue->accepts = queue->dispatches = true;
    bool by_default = device->kind == WDF_DEVICE_FUNCTION;
    queue->power_managed = device->kind != WDF_DEVICE_CONTROL &&
                           (config.PowerManaged == WdfTrue || (config.PowerManaged == WdfUseDefault && by_default));
    queue->held = queue->power_managed && !wdf_pnp_is_working(device);
    if (wdf_device_above(queue->object.parent) != device)
        status = STATUS_INVALID_DEVICE_REQUEST;
    else
        status = wdf_callback_lock_create(&queue->object);
    KIRQL irql;
    KeAcquireSpinLock(&device->lock, &irql);
    if (NT_SUCCESS(status) && config.DefaultQueue && device->default_queue != NULL)
        status = STATUS_UNSUCCESSFUL;
    if (NT_SUCCESS(status)) {
        InsertTailList(&device->queues, &queue->entry);
        if (config.DefaultQueue)
            device->default_queue = queue;
    }
    KeReleaseSpinLock(&device->lock, irql);
    if (!NT_SUCCESS(status)) {
        wdf_object_abandon(&queue->object);
        return status;
    }
    if (Queue != NULL)
        *Queue = (WDFQUEUE)wdf_handle(&queue->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfIoQueueCreate, PFN_WDFIOQUEUECREATE);

NTSTATUS NTAPI kmdf_WdfDeviceConfigureRequestDispatching(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                         WDFQUEUE Queue, WDF_REQUEST_TYPE RequestType)
{
    static const char call[] = "WdfDeviceConfigureRequestDispatching";
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, call);
    struct wdf_queue *queue = wdf_from_handle(DriverGlobals, Queue, &wdf_queue_type, call);
    if (queue->device != device || (RequestType != WdfRequestTypeCreate && RequestType != WdfRequestTypeRead &&
                                    RequestType != WdfRequestTypeWrite && RequestType != WdfRequestTypeDeviceControl &&
                                    RequestType != WdfRequestTypeDeviceControlInternal))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = STATUS_SUCCESS;
    KIRQL irql;
    KeAcquireSpinLock(&device->lock, &irql);
    if (device->dispatch[RequestType] != NULL)
        status = STATUS_WDF_BUSY;
    else
        device->dispatch[RequestType] = queue;
    KeReleaseSpinLock(&device->lock, irql);
    return status;
}
WDF_EXPORT(WdfDeviceConfigureRequestDispatching, PFN_WDFDEVICECONFIGUREREQUESTDISPATCHING);

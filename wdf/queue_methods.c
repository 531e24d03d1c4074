/*
 * What drivers do with I/O queues: start, stop, drain and purge them, take requests, and forward them from one to
 * another; and what power does to those that are power-managed.
 *
 * Public pages: "Managing I/O Queues", "Requeuing I/O Requests", "Using Power-Managed I/O Queues".
 */
#include "wdf/queue.h"

static struct wdf_queue *queue_from(PWDF_DRIVER_GLOBALS globals, WDFQUEUE handle, KIRQL irql, const char *call)
{
    struct wdf_queue *queue = wdf_from_handle(globals, handle, &wdf_queue_type, call);
    wdf_require_irql(wdf_client(globals), irql, call);
    return queue;
}

static WDFREQUEST request_handle(struct wdf_request *request)
{
    return (WDFREQUEST)wdf_handle(&request->object);
}

/* ---- states
 * ---------------------------------------------------------------------------------------------------------- */

struct change {
    bool accepts, dispatches, cancel;
    enum wdf_queue_change what;
};
static const struct change stop_change = {true, false, false, WDF_QUEUE_STOPPING};
static const struct change drain_change = {false, true, false, WDF_QUEUE_EMPTYING};
static const struct change purge_change = {false, true, true, WDF_QUEUE_EMPTYING};
static const struct change stop_purge_change = {true, false, true, WDF_QUEUE_EMPTYING};

static void change_state(struct wdf_queue *queue, const struct change *change, PFN_WDF_IO_QUEUE_STATE done,
                         WDFCONTEXT context, const char *call)
{
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    bool busy = queue->changing && queue->change_done != NULL && done != NULL;
    if (!busy) {
        queue->accepts = change->accepts;
        queue->dispatches = change->dispatches;
        if (done != NULL || !queue->changing) {
            queue->change = change->what;
            queue->change_done = done;
            queue->change_context = context;
            queue->changing = done != NULL;
        }
    }
    KeReleaseSpinLock(&queue->lock, irql);
    if (busy)
        wdf_violation(queue->object.client, WDF_QUEUE_FATAL_ERROR, (ULONG_PTR)wdf_handle(&queue->object), 0, 0, call,
                      "the queue is being stopped, drained or purged with another callback");
    if (change->cancel)
        wdf_queue_cancel_all(queue);
    wdf_queue_pump(queue);
}

static VOID NTAPI set_event(WDFQUEUE queue, WDFCONTEXT context)
{
    UNREFERENCED_PARAMETER(queue);
    KeSetEvent(context, IO_NO_INCREMENT, FALSE);
}

static void change_and_wait(PWDF_DRIVER_GLOBALS globals, WDFQUEUE handle, const struct change *change, const char *call)
{
    struct wdf_queue *queue = queue_from(globals, handle, PASSIVE_LEVEL, call);
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    wdf_reference(&queue->object);
    change_state(queue, change, set_event, &event, call);
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    wdf_dereference(&queue->object);
}

static void change(PWDF_DRIVER_GLOBALS globals, WDFQUEUE handle, const struct change *to, PFN_WDF_IO_QUEUE_STATE done,
                   WDFCONTEXT context, const char *call)
{
    struct wdf_queue *queue = queue_from(globals, handle, DISPATCH_LEVEL, call);
    wdf_reference(&queue->object);
    change_state(queue, to, done, context, call);
    wdf_dereference(&queue->object);
}

VOID NTAPI kmdf_WdfIoQueueStart(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue)
{
    struct wdf_queue *queue = queue_from(DriverGlobals, Queue, DISPATCH_LEVEL, "WdfIoQueueStart");
    PFN_WDF_IO_QUEUE_STATE ready = NULL;
    WDFCONTEXT context = NULL;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    bool started = !queue->dispatches;
    queue->accepts = queue->dispatches = true;
    if (started && queue->waiting_count != 0 && !queue->held) {
        ready = queue->ready;
        context = queue->ready_context;
    }
    KeReleaseSpinLock(&queue->lock, irql);
    if (ready != NULL)
        ready(Queue, context);
    wdf_reference(&queue->object);
    wdf_queue_pump(queue);
    wdf_dereference(&queue->object);
}
WDF_EXPORT(WdfIoQueueStart, PFN_WDFIOQUEUESTART);

VOID NTAPI kmdf_WdfIoQueueStop(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue, PFN_WDF_IO_QUEUE_STATE StopComplete,
                               WDFCONTEXT Context)
{
    change(DriverGlobals, Queue, &stop_change, StopComplete, Context, "WdfIoQueueStop");
}
WDF_EXPORT(WdfIoQueueStop, PFN_WDFIOQUEUESTOP);

VOID NTAPI kmdf_WdfIoQueueStopSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue)
{
    change_and_wait(DriverGlobals, Queue, &stop_change, "WdfIoQueueStopSynchronously");
}
WDF_EXPORT(WdfIoQueueStopSynchronously, PFN_WDFIOQUEUESTOPSYNCHRONOUSLY);

VOID NTAPI kmdf_WdfIoQueueDrain(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue, PFN_WDF_IO_QUEUE_STATE DrainComplete,
                                WDFCONTEXT Context)
{
    change(DriverGlobals, Queue, &drain_change, DrainComplete, Context, "WdfIoQueueDrain");
}
WDF_EXPORT(WdfIoQueueDrain, PFN_WDFIOQUEUEDRAIN);

VOID NTAPI kmdf_WdfIoQueueDrainSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue)
{
    change_and_wait(DriverGlobals, Queue, &drain_change, "WdfIoQueueDrainSynchronously");
}
WDF_EXPORT(WdfIoQueueDrainSynchronously, PFN_WDFIOQUEUEDRAINSYNCHRONOUSLY);

VOID NTAPI kmdf_WdfIoQueuePurge(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue, PFN_WDF_IO_QUEUE_STATE PurgeComplete,
                                WDFCONTEXT Context)
{
    change(DriverGlobals, Queue, &purge_change, PurgeComplete, Context, "WdfIoQueuePurge");
}
WDF_EXPORT(WdfIoQueuePurge, PFN_WDFIOQUEUEPURGE);

VOID NTAPI kmdf_WdfIoQueuePurgeSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue)
{
    change_and_wait(DriverGlobals, Queue, &purge_change, "WdfIoQueuePurgeSynchronously");
}
WDF_EXPORT(WdfIoQueuePurgeSynchronously, PFN_WDFIOQUEUEPURGESYNCHRONOUSLY);

VOID NTAPI kmdf_WdfIoQueueStopAndPurge(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue,
                                       PFN_WDF_IO_QUEUE_STATE StopAndPurgeComplete, WDFCONTEXT Context)
{
    change(DriverGlobals, Queue, &stop_purge_change, StopAndPurgeComplete, Context, "WdfIoQueueStopAndPurge");
}
WDF_EXPORT(WdfIoQueueStopAndPurge, PFN_WDFIOQUEUESTOPANDPURGE);

VOID NTAPI kmdf_WdfIoQueueStopAndPurgeSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue)
{
    change_and_wait(DriverGlobals, Queue, &stop_purge_change, "WdfIoQueueStopAndPurgeSynchronously");
}
WDF_EXPORT(WdfIoQueueStopAndPurgeSynchronously, PFN_WDFIOQUEUESTOPANDPURGESYNCHRONOUSLY);

WDF_IO_QUEUE_STATE NTAPI kmdf_WdfIoQueueGetState(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue,
                                                 PULONG QueueRequests, PULONG DriverRequests)
{
    struct wdf_queue *queue = queue_from(DriverGlobals, Queue, DISPATCH_LEVEL, "WdfIoQueueGetState");
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    ULONG state = (queue->accepts ? WdfIoQueueAcceptRequests : 0) |
                  (queue->dispatches ? WdfIoQueueDispatchRequests : 0) |
                  (queue->waiting_count == 0 ? WdfIoQueueNoRequests : 0) |
                  (queue->driver_count == 0 ? WdfIoQueueDriverNoRequests : 0) | (queue->held ? WdfIoQueuePnpHeld : 0);
    if (QueueRequests != NULL)
        *QueueRequests = queue->waiting_count;
    if (DriverRequests != NULL)
        *DriverRequests = queue->driver_count;
    KeReleaseSpinLock(&queue->lock, irql);
    return (WDF_IO_QUEUE_STATE)state;
}
WDF_EXPORT(WdfIoQueueGetState, PFN_WDFIOQUEUEGETSTATE);

WDFDEVICE NTAPI kmdf_WdfIoQueueGetDevice(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue)
{
    return wdf_device_handle(queue_from(DriverGlobals, Queue, DISPATCH_LEVEL, "WdfIoQueueGetDevice")->device);
}
WDF_EXPORT(WdfIoQueueGetDevice, PFN_WDFIOQUEUEGETDEVICE);

NTSTATUS NTAPI kmdf_WdfIoQueueReadyNotify(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue,
                                          PFN_WDF_IO_QUEUE_STATE QueueReady, WDFCONTEXT Context)
{
    struct wdf_queue *queue = queue_from(DriverGlobals, Queue, DISPATCH_LEVEL, "WdfIoQueueReadyNotify");
    NTSTATUS status = STATUS_SUCCESS;
    bool call = false;
    KIRQL irql;
    if (queue->config.DispatchType != WdfIoQueueDispatchManual)
        return STATUS_INVALID_DEVICE_REQUEST;
    KeAcquireSpinLock(&queue->lock, &irql);
    if (QueueReady != NULL ? queue->ready != NULL : queue->ready == NULL || queue->dispatches) {
        status = STATUS_INVALID_DEVICE_REQUEST;
    } else {
        queue->ready = QueueReady;
        queue->ready_context = Context;
        call = QueueReady != NULL && queue->waiting_count != 0 && queue->dispatches && !queue->held;
    }
    KeReleaseSpinLock(&queue->lock, irql);
    if (call)
        QueueReady(Queue, Context);
    return status;
}
WDF_EXPORT(WdfIoQueueReadyNotify, PFN_WDFIOQUEUEREADYNOTIFY);

/* ---- taking requests
 * ------------------------------------------------------------------------------------------------- */

static NTSTATUS retrieve(struct wdf_queue *queue, bool (*match)(const struct wdf_request *, const void *),
                         const void *context, WDFREQUEST *out)
{
    if (queue->config.DispatchType == WdfIoQueueDispatchParallel)
        return STATUS_INVALID_DEVICE_STATE;
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    bool held = queue->held;
    bool stopped = !queue->dispatches && queue->accepts;
    KeReleaseSpinLock(&queue->lock, irql);
    if (held || stopped)
        return STATUS_WDF_PAUSED;
    struct wdf_request *request = wdf_queue_take(queue, match, context);
    if (request == NULL)
        return STATUS_NO_MORE_ENTRIES;
    *out = request_handle(request);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfIoQueueRetrieveNextRequest(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue,
                                                  WDFREQUEST *OutRequest)
{
    static const char call[] = "WdfIoQueueRetrieveNextRequest";
    struct wdf_queue *queue = queue_from(DriverGlobals, Queue, DISPATCH_LEVEL, call);
    wdf_require(wdf_client(DriverGlobals), OutRequest, call, "OutRequest");
    *OutRequest = NULL;
    return retrieve(queue, NULL, NULL, OutRequest);
}
WDF_EXPORT(WdfIoQueueRetrieveNextRequest, PFN_WDFIOQUEUERETRIEVENEXTREQUEST);

static bool is_of_file(const struct wdf_request *request, const void *context)
{
    return request->file == context;
}

NTSTATUS NTAPI kmdf_WdfIoQueueRetrieveRequestByFileObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue,
                                                          WDFFILEOBJECT FileObject, WDFREQUEST *OutRequest)
{
    static const char call[] = "WdfIoQueueRetrieveRequestByFileObject";
    struct wdf_queue *queue = queue_from(DriverGlobals, Queue, DISPATCH_LEVEL, call);
    struct wdf_file *file = wdf_from_handle(DriverGlobals, FileObject, &wdf_file_type, call);
    wdf_require(wdf_client(DriverGlobals), OutRequest, call, "OutRequest");
    *OutRequest = NULL;
    return retrieve(queue, is_of_file, file, OutRequest);
}
WDF_EXPORT(WdfIoQueueRetrieveRequestByFileObject, PFN_WDFIOQUEUERETRIEVEREQUESTBYFILEOBJECT);

static bool is_request(const struct wdf_request *request, const void *context)
{
    return request == context;
}

NTSTATUS NTAPI kmdf_WdfIoQueueRetrieveFoundRequest(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue,
                                                   WDFREQUEST FoundRequest, WDFREQUEST *OutRequest)
{
    static const char call[] = "WdfIoQueueRetrieveFoundRequest";
    struct wdf_queue *queue = queue_from(DriverGlobals, Queue, DISPATCH_LEVEL, call);
    wdf_require(wdf_client(DriverGlobals), OutRequest, call, "OutRequest");
    *OutRequest = NULL;
    /* The request may have been cancelled and deleted since it was found: a handle of nothing is no mistake here. */
    struct wdf_object *object = wdf_lookup(FoundRequest);
    if (object == NULL)
        return STATUS_NOT_FOUND;
    struct wdf_request *request = wdf_from_handle(DriverGlobals, FoundRequest, &wdf_request_type, call);
    NTSTATUS status = retrieve(queue, is_request, request, OutRequest);
    return status == STATUS_NO_MORE_ENTRIES ? STATUS_NOT_FOUND : status;
}
WDF_EXPORT(WdfIoQueueRetrieveFoundRequest, PFN_WDFIOQUEUERETRIEVEFOUNDREQUEST);

extern VOID NTAPI kmdf_WdfRequestGetParameters(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                               PWDF_REQUEST_PARAMETERS Parameters);

NTSTATUS NTAPI kmdf_WdfIoQueueFindRequest(PWDF_DRIVER_GLOBALS DriverGlobals, WDFQUEUE Queue, WDFREQUEST FoundRequest,
                                          WDFFILEOBJECT FileObject, PWDF_REQUEST_PARAMETERS Parameters,
                                          WDFREQUEST *OutRequest)
{
    static const char call[] = "WdfIoQueueFindRequest";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_queue *queue = queue_from(DriverGlobals, Queue, DISPATCH_LEVEL, call);
    struct wdf_file *file = wdf_from_optional_handle(DriverGlobals, FileObject, &wdf_file_type, call);
    struct wdf_request *after = wdf_from_optional_handle(DriverGlobals, FoundRequest, &wdf_request_type, call);
    struct wdf_request *found = NULL;
    KIRQL irql;
    wdf_require(client, OutRequest, call, "OutRequest");
    *OutRequest = NULL;
    if (Parameters != NULL &&
        !wdf_size_is(client, Parameters->Size, sizeof(*Parameters), call, "WDF_REQUEST_PARAMETERS"))
        return STATUS_INFO_LENGTH_MISMATCH;
    KeAcquireSpinLock(&queue->lock, &irql);
    bool seen = after == NULL;
    for (LIST_ENTRY *entry = queue->waiting.Flink; entry != &queue->waiting && found == NULL; entry = entry->Flink) {
        struct wdf_request *request = CONTAINING_RECORD(entry, struct wdf_request, queue_entry);
        if (seen && (file == NULL || request->file == file))
            found = request;
        seen = seen || request == after;
    }
    if (found != NULL) {
        wdf_reference(&found->object);
        if (Parameters != NULL)
            kmdf_WdfRequestGetParameters(DriverGlobals, request_handle(found), Parameters);
    }
    KeReleaseSpinLock(&queue->lock, irql);
    if (found == NULL)
        return seen ? STATUS_NO_MORE_ENTRIES : STATUS_NOT_FOUND;
    *OutRequest = request_handle(found);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfIoQueueFindRequest, PFN_WDFIOQUEUEFINDREQUEST);

/* ---- giving them up
 * -------------------------------------------------------------------------------------------------- */

/* The request as the driver must have it to give it up: received, its own and not cancelable. */
static bool may_give_up(const struct wdf_request *request)
{
    return request->origin == WDF_REQUEST_RECEIVED && request->driver_owned && !wdf_request_is_cancelable(request);
}

/* Back to the driver, as it was. */
static void take_back(struct wdf_request *request, struct wdf_queue *queue)
{
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    request->queue = queue;
    request->queue_flags |= WDF_QUEUE_PRESENTED;
    request->driver_owned = true;
    InsertTailList(&queue->presented, &request->queue_entry);
    queue->driver_count++;
    KeReleaseSpinLock(&queue->lock, irql);
}

NTSTATUS NTAPI kmdf_WdfRequestForwardToIoQueue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                               WDFQUEUE DestinationQueue)
{
    static const char call[] = "WdfRequestForwardToIoQueue";
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call);
    struct wdf_queue *target = queue_from(DriverGlobals, DestinationQueue, DISPATCH_LEVEL, call);
    struct wdf_queue *source = request->queue;
    if (!may_give_up(request) || source == target || request->device != &target->device->object)
        return STATUS_INVALID_DEVICE_REQUEST;
    wdf_reference(&target->object);
    if (source != NULL) {
        wdf_reference(&source->object);
        wdf_queue_release(request);
    }
    request->driver_owned = false;
    request->queue_flags |= WDF_QUEUE_DELIVERED;
    bool taken = wdf_queue_insert(target, request, false);
    if (!taken && source != NULL)
        take_back(request, source);
    else if (!taken)
        request->driver_owned = true;
    if (taken) {
        wdf_queue_pump(target);
        if (source != NULL)
            wdf_queue_pump(source);
    }
    if (source != NULL)
        wdf_dereference(&source->object);
    wdf_dereference(&target->object);
    return taken ? STATUS_SUCCESS : STATUS_WDF_BUSY;
}
WDF_EXPORT(WdfRequestForwardToIoQueue, PFN_WDFREQUESTFORWARDTOIOQUEUE);

NTSTATUS NTAPI kmdf_WdfRequestRequeue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, "WdfRequestRequeue");
    struct wdf_queue *queue = request->queue;
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, "WdfRequestRequeue");
    if (!may_give_up(request) || queue == NULL || queue->config.DispatchType != WdfIoQueueDispatchManual)
        return STATUS_INVALID_DEVICE_REQUEST;
    wdf_reference(&queue->object);
    wdf_queue_release(request);
    wdf_queue_insert(queue, request, true);
    wdf_queue_pump(queue);
    wdf_dereference(&queue->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfRequestRequeue, PFN_WDFREQUESTREQUEUE);

VOID NTAPI kmdf_WdfRequestStopAcknowledge(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, BOOLEAN Requeue)
{
    static const char call[] = "WdfRequestStopAcknowledge";
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call);
    struct wdf_queue *queue = request->queue;
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, call);
    if (queue == NULL || !request->driver_owned)
        wdf_violation(wdf_client(DriverGlobals), WDF_REQUEST_FATAL_ERROR, (ULONG_PTR)Request, 0, 0, call,
                      "the driver does not own the request, or it came from no queue");
    if (Requeue) {
        wdf_reference(&queue->object);
        wdf_queue_release(request);
        wdf_queue_insert(queue, request, true);
        wdf_dereference(&queue->object);
        return;
    }
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    if (!(request->queue_flags & WDF_QUEUE_STOPPED)) {
        request->queue_flags |= WDF_QUEUE_STOPPED;
        queue->stopped_count++;
        if (queue->driver_count == queue->stopped_count)
            KeSetEvent(&queue->quiet, IO_NO_INCREMENT, FALSE);
    }
    KeReleaseSpinLock(&queue->lock, irql);
}
WDF_EXPORT(WdfRequestStopAcknowledge, PFN_WDFREQUESTSTOPACKNOWLEDGE);

WDFQUEUE NTAPI kmdf_WdfRequestGetIoQueue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, "WdfRequestGetIoQueue");
    return request->queue != NULL ? (WDFQUEUE)wdf_handle(&request->queue->object) : NULL;
}
WDF_EXPORT(WdfRequestGetIoQueue, PFN_WDFREQUESTGETIOQUEUE);

WDFFILEOBJECT NTAPI kmdf_WdfRequestGetFileObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, "WdfRequestGetFileObject");
    return request->file != NULL ? (WDFFILEOBJECT)wdf_handle(&request->file->object) : NULL;
}
WDF_EXPORT(WdfRequestGetFileObject, PFN_WDFREQUESTGETFILEOBJECT);

/* ---- power
 * ----------------------------------------------------------------------------------------------------------- */

static void call_for_presented(struct wdf_queue *queue, ULONG action)
{
    PFN_WDF_IO_QUEUE_IO_STOP stop = queue->config.EvtIoStop;
    PFN_WDF_IO_QUEUE_IO_RESUME resume = queue->config.EvtIoResume;
    /* Each request once, though the list changes meanwhile. */
    struct wdf_request *requests[64];
    for (bool more = true; more;) {
        ULONG count = 0;
        KIRQL irql;
        KeAcquireSpinLock(&queue->lock, &irql);
        for (LIST_ENTRY *entry = queue->presented.Flink; entry != &queue->presented && count < RTL_NUMBER_OF(requests);
             entry = entry->Flink) {
            struct wdf_request *request = CONTAINING_RECORD(entry, struct wdf_request, queue_entry);
            bool stopped = request->queue_flags & WDF_QUEUE_STOPPED;
            if (request->queue_flags & WDF_QUEUE_TOLD || !request->driver_owned || (action == 0 && !stopped))
                continue;
            request->queue_flags |= WDF_QUEUE_TOLD;
            if (action == 0) {
                request->queue_flags &= ~WDF_QUEUE_STOPPED;
                queue->stopped_count--;
            }
            wdf_reference(&request->object);
            requests[count++] = request;
        }
        more = count == RTL_NUMBER_OF(requests);
        KeReleaseSpinLock(&queue->lock, irql);
        for (ULONG i = 0; i < count; i++) {
            WDFQUEUE handle = (WDFQUEUE)wdf_handle(&queue->object);
            struct wdf_callback_state before = wdf_callback_enter();
            if (action != 0)
                stop(handle, request_handle(requests[i]),
                     action | (wdf_request_is_cancelable(requests[i]) ? (ULONG)WdfRequestStopRequestCancelable : 0));
            else if (resume != NULL)
                resume(handle, request_handle(requests[i]));
            wdf_callback_leave(queue->object.client, before, action != 0 ? (const void *)stop : (const void *)resume,
                               action != 0 ? "EvtIoStop" : "EvtIoResume");
            wdf_dereference(&requests[i]->object);
        }
    }
    KIRQL irql;
    KeAcquireSpinLock(&queue->lock, &irql);
    for (LIST_ENTRY *entry = queue->presented.Flink; entry != &queue->presented; entry = entry->Flink)
        CONTAINING_RECORD(entry, struct wdf_request, queue_entry)->queue_flags &= ~WDF_QUEUE_TOLD;
    KeReleaseSpinLock(&queue->lock, irql);
}

/* Each queue of a device, referenced during the call. */
static void for_each_queue(struct wdf_device *device, void (*call)(struct wdf_queue *queue, ULONG argument),
                           ULONG argument)
{
    struct wdf_queue *previous = NULL;
    for (LIST_ENTRY *entry = NULL;;) {
        KIRQL irql;
        KeAcquireSpinLock(&device->lock, &irql);
        entry = previous == NULL ? device->queues.Flink : previous->entry.Flink;
        struct wdf_queue *queue = entry == &device->queues ? NULL : CONTAINING_RECORD(entry, struct wdf_queue, entry);
        if (queue != NULL)
            wdf_reference(&queue->object);
        KeReleaseSpinLock(&device->lock, irql);
        if (previous != NULL)
            wdf_dereference(&previous->object);
        if (queue == NULL)
            return;
        call(queue, argument);
        previous = queue;
    }
}

static void hold(struct wdf_queue *queue, ULONG action)
{
    KIRQL irql;
    if (!queue->power_managed)
        return;
    KeAcquireSpinLock(&queue->lock, &irql);
    queue->held = true;
    KeClearEvent(&queue->quiet);
    bool wait = queue->driver_count != queue->stopped_count;
    KeReleaseSpinLock(&queue->lock, irql);
    /* "If the driver does not supply EvtIoStop, the framework waits until the driver has completed the request." */
    if (wait && queue->config.EvtIoStop != NULL)
        call_for_presented(queue, action);
    if (wait)
        KeWaitForSingleObject(&queue->quiet, Executive, KernelMode, FALSE, NULL);
}

static void release(struct wdf_queue *queue, ULONG unused)
{
    PFN_WDF_IO_QUEUE_STATE ready = NULL;
    WDFCONTEXT context = NULL;
    KIRQL irql;
    UNREFERENCED_PARAMETER(unused);
    if (!queue->power_managed)
        return;
    KeAcquireSpinLock(&queue->lock, &irql);
    queue->held = false;
    if (queue->waiting_count != 0 && queue->dispatches) {
        ready = queue->ready;
        context = queue->ready_context;
    }
    KeReleaseSpinLock(&queue->lock, irql);
    call_for_presented(queue, 0);
    if (ready != NULL)
        ready((WDFQUEUE)wdf_handle(&queue->object), context);
    wdf_queue_pump(queue);
}

void wdf_queues_power(struct wdf_device *device, bool held)
{
    for_each_queue(device, held ? hold : release,
                   device->removing ? WdfRequestStopActionPurge : WdfRequestStopActionSuspend);
}

static void purge(struct wdf_queue *queue, ULONG all)
{
    KIRQL irql;
    if (!all && !queue->power_managed)
        return;
    KeAcquireSpinLock(&queue->lock, &irql);
    queue->accepts = false;
    KeReleaseSpinLock(&queue->lock, irql);
    wdf_queue_cancel_all(queue);
    wdf_queue_pump(queue);
}

void wdf_queues_purge(struct wdf_device *device, bool all)
{
    for_each_queue(device, purge, all);
}

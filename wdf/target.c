/*
 * I/O targets: sending, completion, cancellation, time-outs, and the states between which requests pass or wait.
 *
 * A request is on its target's list from when it is sent until it comes back, so that stopping can cancel it. Whoever
 * cancels an IRP must keep it from being used again meanwhile, and cannot hold a lock: he counts himself among the
 * request's cancelers, and a request that comes back to find some is finished by the last of them. A time-out is such a
 * canceler from when it is armed.
 *
 * Requests sent in a started target are counted in target->outstanding, of which 1 is the target's own. Who waits takes
 * that one away; the request that makes it 0 sets his event. So a send costs one lock and one addition, its completion
 * one lock and one subtraction.
 *
 * "Controlling a General I/O Target's State", "Sending I/O Requests to General I/O Targets", "Canceling I/O Requests"
 */
#include "wdf/target.h"

static void target_dispose(struct wdf_object *object);
static void target_destroy(struct wdf_object *object);

/* dispose waits for requests: at PASSIVE_LEVEL. */
const struct wdf_type wdf_target_type = {
    .name = "WDFIOTARGET", .flags = WDF_TYPE_PASSIVE, .dispose = target_dispose, .destroy = target_destroy};

/* ---- the way of a request -----------------------------------------------------------------------------------------
 */

static void set_place(struct wdf_request *request, enum wdf_request_place place)
{
    __atomic_store_n(&request->place, (uint8_t)place, __ATOMIC_RELEASE);
}

/* Of METHOD_BUFFERED. */
static void NTAPI __attribute__((noinline)) copy_output(struct wdf_request *request)
{
    const IO_STATUS_BLOCK *outcome = &request->irp->IoStatus;
    size_t size = outcome->Information < request->copy_back_size ? outcome->Information : request->copy_back_size;
    if (!NT_ERROR(outcome->Status))
        RtlCopyMemory(request->copy_back, request->system_buffer, size);
    request->copy_back = NULL;
}

static void NTAPI fill_outcome(struct wdf_request *request)
{
    WDF_REQUEST_COMPLETION_PARAMS *params = &request->params;
    IO_STATUS_BLOCK *outcome = &request->irp->IoStatus;
    if (request->timed_out && outcome->Status == STATUS_CANCELLED)
        outcome->Status = STATUS_IO_TIMEOUT;
    if (request->copy_back != NULL) {
        copy_output(request);
    }
    params->IoStatus = *outcome;
    switch (params->Type) {
    case WdfRequestTypeRead:
    case WdfRequestTypeWrite:
        params->Parameters.Read.Length = outcome->Information;
        break;
    case WdfRequestTypeDeviceControl:
    case WdfRequestTypeDeviceControlInternal:
        params->Parameters.Ioctl.Output.Length = outcome->Information;
        break;
    case WdfRequestTypeUsb:
        request->finish_usb(request);
        break;
    default:
        break;
    }
}

static void NTAPI call_completion(struct wdf_request *request, struct wdf_target *target)
{
    PFN_WDF_REQUEST_COMPLETION_ROUTINE completion = request->completion;
    if (completion == NULL)
        return;
    request->completion = NULL;
    struct wdf_client *client = request->object.client;
    struct wdf_callback_state state = wdf_callback_enter();
    completion((WDFREQUEST)wdf_handle(&request->object), (WDFIOTARGET)wdf_handle(&target->object), &request->params,
               request->completion_context);
    wdf_callback_leave(client, state, (const void *)completion, "CompletionRoutine");
}

/* The request is back and nobody else has it: tells its sender. */
static void NTAPI finish(struct wdf_request *request)
{
    struct wdf_target *target = request->target;
    bool counted = request->counted;
    PKEVENT done = request->done;
    fill_outcome(request);
    request->driver_owned = request->origin == WDF_REQUEST_RECEIVED;
    request->done = NULL;
    if (done != NULL)
        KeSetEvent(done, IO_NO_INCREMENT, FALSE);
    else if (request->internal_completion != NULL)
        request->internal_completion(request, request->internal_context);
    else
        call_completion(request, target);
    if (counted && InterlockedDecrement(&target->outstanding) == 0)
        KeSetEvent(target->idle, IO_NO_INCREMENT, FALSE);
    /* Deleted while it was out: then it could not let go of its memory (request_dispose). */
    if (wdf_is_deleting(&request->object) && wdf_request_place(request) == WDF_REQUEST_IDLE)
        wdf_request_release_memory(request);
    wdf_dereference(&request->object);
}

/* Takes a request off its target's list; true when the caller is to finish it. Under the lock. */
static bool NTAPI leave(struct wdf_request *request)
{
    RemoveEntryList(&request->target_entry);
    if (request->timer_armed && KeCancelTimer(&request->timer)) {
        request->timer_armed = false;
        request->cancelers--;
    }
    set_place(request, request->cancelers == 0 ? WDF_REQUEST_IDLE : WDF_REQUEST_FINISHING);
    return request->cancelers == 0;
}

static void NTAPI release_canceler(struct wdf_request *request, struct wdf_target *target)
{
    KIRQL irql;
    KeAcquireSpinLock(&target->lock, &irql);
    bool last = --request->cancelers == 0 && request->place == WDF_REQUEST_FINISHING;
    if (last)
        set_place(request, WDF_REQUEST_IDLE);
    KeReleaseSpinLock(&target->lock, irql);
    if (last)
        finish(request);
}

static NTSTATUS NTAPI came_back(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct wdf_request *request = context;
    struct wdf_target *target = request->target;
    KIRQL irql;
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    KeAcquireSpinLock(&target->lock, &irql);
    bool last = leave(request);
    KeReleaseSpinLock(&target->lock, irql);
    if (last)
        finish(request);
    /* The IRP stays with the request: its driver reuses it, or completes it as it was received. */
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Puts a request on the list of those with the lower driver. Under the lock. */
static void NTAPI enter(struct wdf_request *request, struct wdf_target *target)
{
    set_place(request, WDF_REQUEST_SENT);
    InsertTailList(&target->sent, &request->target_entry);
    request->counted = !(request->send_flags & WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE) && !target->draining;
    if (request->counted)
        InterlockedIncrement(&target->outstanding);
}

static void NTAPI call_lower(struct wdf_request *request, PDEVICE_OBJECT lower, PFILE_OBJECT file)
{
    PIRP irp = request->irp;
    PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
    if (file != NULL)
        next->FileObject = file;
    IoSetCompletionRoutine(irp, came_back, request, TRUE, TRUE, TRUE);
    IoCallDriver(lower, irp);
}

_Noreturn __attribute__((noinline)) void NTAPI wdf_request_sent_violation(const struct wdf_request *request,
                                                                          const char *call)
{
    wdf_violation(request->object.client, WDF_REQUEST_FATAL_ERROR, WDF_REQUEST_FATAL_ERROR_REQUEST_ALREADY_SENT,
                  (ULONG_PTR)wdf_handle(&request->object), 0, call,
                  "the request is still with the target that it was sent to");
}

static bool NTAPI refuse(struct wdf_request *request, NTSTATUS status)
{
    request->status = status;
    if (request->irp != NULL)
        request->irp->IoStatus.Status = status;
    request->driver_owned = request->origin == WDF_REQUEST_RECEIVED;
    return false;
}

/* ---- cancellation and time-outs -----------------------------------------------------------------------------------
 */

/* Ends a request that waits in the target's queue. Under the lock, which it releases. */
static void NTAPI end_waiting(struct wdf_request *request, struct wdf_target *target, NTSTATUS status, KIRQL irql)
{
    request->irp->IoStatus.Status = status;
    request->irp->IoStatus.Information = 0;
    request->counted = false;
    request->sent_urb = NULL;
    bool last = leave(request);
    KeReleaseSpinLock(&target->lock, irql);
    if (last)
        finish(request);
}

bool NTAPI wdf_target_cancel(struct wdf_request *request)
{
    struct wdf_target *target = request->target;
    KIRQL irql;
    if (target == NULL)
        return false;
    KeAcquireSpinLock(&target->lock, &irql);
    if (request->place == WDF_REQUEST_WAITING &&
        (request->origin != WDF_REQUEST_RECEIVED || wdf_request_clear_cancel(request))) {
        end_waiting(request, target, STATUS_CANCELLED, irql);
        return true;
    }
    if (request->place != WDF_REQUEST_SENT) {
        KeReleaseSpinLock(&target->lock, irql);
        return false;
    }
    request->cancelers++;
    KeReleaseSpinLock(&target->lock, irql);
    bool delivered = IoCancelIrp(request->irp);
    release_canceler(request, target);
    return delivered;
}

/* The originator of a received request cancels it while it waits in the target's queue. */
static void cancel_waiting(struct wdf_request *request)
{
    struct wdf_target *target = request->target;
    KIRQL irql;
    KeAcquireSpinLock(&target->lock, &irql);
    end_waiting(request, target, STATUS_CANCELLED, irql);
}

static VOID NTAPI timer_fired(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct wdf_request *request = context;
    struct wdf_target *target = request->target;
    KIRQL irql;
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(argument1);
    UNREFERENCED_PARAMETER(argument2);
    KeAcquireSpinLock(&target->lock, &irql);
    request->timer_armed = false;
    if (request->place == WDF_REQUEST_WAITING &&
        (request->origin != WDF_REQUEST_RECEIVED || wdf_request_clear_cancel(request))) {
        request->cancelers--;
        end_waiting(request, target, STATUS_IO_TIMEOUT, irql);
        return;
    }
    bool is_sent = request->place == WDF_REQUEST_SENT;
    request->timed_out = is_sent;
    KeReleaseSpinLock(&target->lock, irql);
    if (is_sent)
        IoCancelIrp(request->irp);
    release_canceler(request, target);
}

static void NTAPI arm_timer(struct wdf_request *request, LONGLONG timeout)
{
    LARGE_INTEGER due = {.QuadPart = timeout};
    KeInitializeTimer(&request->timer);
    KeInitializeDpc(&request->timer_dpc, timer_fired, request);
    request->timer_armed = true;
    request->cancelers++;
    KeSetTimer(&request->timer, due, &request->timer_dpc);
}

/* ---- sending ------------------------------------------------------------------------------------------------------
 */

static bool NTAPI is_reader_busy(const struct wdf_request *request, const struct wdf_target *target)
{
    return target->reader != NULL && !request->internal && wdf_reader_is_running(target);
}

/* STATUS_SUCCESS: it is on a list of the target's; *WAITS tells which. */
static NTSTATUS NTAPI admit(struct wdf_request *request, struct wdf_target *target, LONGLONG timeout, bool *waits)
{
    *waits = false;
    if (target->lower == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    if (!(request->send_flags & WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE)) {
        if (target->state == WdfIoTargetStopped)
            *waits = true;
        else if (target->state != WdfIoTargetStarted)
            return STATUS_INVALID_DEVICE_STATE;
    }
    if (*waits) {
        if (request->origin == WDF_REQUEST_RECEIVED && !wdf_request_set_cancel(request, cancel_waiting))
            return STATUS_CANCELLED;
        set_place(request, WDF_REQUEST_WAITING);
        InsertTailList(&target->waiting, &request->target_entry);
    } else {
        enter(request, target);
    }
    if (timeout != 0)
        arm_timer(request, timeout);
    return STATUS_SUCCESS;
}

static void NTAPI use_target(struct wdf_request *request, struct wdf_target *target)
{
    if (request->target == target)
        return;
    wdf_reference(&target->object);
    if (request->target != NULL)
        wdf_dereference(&request->target->object);
    request->target = target;
}

static void NTAPI wait_for(struct wdf_request *request, PKEVENT done, LONGLONG timeout)
{
    LARGE_INTEGER limit = {.QuadPart = timeout};
    if (timeout != 0 && KeWaitForSingleObject(done, Executive, KernelMode, FALSE, &limit) == STATUS_TIMEOUT) {
        struct wdf_target *target = request->target;
        KIRQL irql;
        KeAcquireSpinLock(&target->lock, &irql);
        request->timed_out = request->place == WDF_REQUEST_SENT || request->place == WDF_REQUEST_WAITING;
        KeReleaseSpinLock(&target->lock, irql);
        wdf_target_cancel(request);
        KeWaitForSingleObject(done, Executive, KernelMode, FALSE, NULL);
    } else if (timeout == 0) {
        KeWaitForSingleObject(done, Executive, KernelMode, FALSE, NULL);
    }
}

bool NTAPI wdf_target_send(struct wdf_request *request, struct wdf_target *target, ULONG flags, LONGLONG timeout)
{
    bool synchronous = flags & WDF_REQUEST_SEND_OPTION_SYNCHRONOUS, waits;
    KEVENT done;
    KIRQL irql;
    if (!(flags & WDF_REQUEST_SEND_OPTION_TIMEOUT))
        timeout = 0;
    if (wdf_request_place(request) != WDF_REQUEST_IDLE)
        wdf_request_sent_violation(request, "WdfRequestSend");
    if (!request->formatted || request->irp == NULL)
        return refuse(request, STATUS_WDF_REQUEST_INVALID_STATE);
    if (request->irp->CurrentLocation <= target->stack_size)
        return refuse(request, STATUS_REQUEST_NOT_ACCEPTED);
    if (is_reader_busy(request, target))
        return refuse(request, STATUS_INVALID_DEVICE_REQUEST);

    use_target(request, target);
    request->send_flags = (uint8_t)flags;
    request->cancel_issued = request->timed_out = false;
    request->driver_owned = false;
    request->formatted = false;
    request->done = NULL;
    if (synchronous) {
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        request->done = &done;
    }
    wdf_reference(&request->object);

    KeAcquireSpinLock(&target->lock, &irql);
    NTSTATUS status = admit(request, target, synchronous ? 0 : timeout, &waits);
    PDEVICE_OBJECT lower = target->lower;
    PFILE_OBJECT file = target->file;
    KeReleaseSpinLock(&target->lock, irql);
    if (!NT_SUCCESS(status)) {
        request->done = NULL;
        refuse(request, status);
        wdf_dereference(&request->object);
        return false;
    }
    if (!waits)
        call_lower(request, lower, file);
    if (synchronous)
        wait_for(request, &done, timeout);
    return true;
}

NTSTATUS NTAPI wdf_request_status(const struct wdf_request *request)
{
    return request->irp != NULL ? request->irp->IoStatus.Status : request->status;
}

/* ---- states -------------------------------------------------------------------------------------------------------
 */

/* Cancels all that is with the lower driver and was not sent in spite of the state. */
static void cancel_sent(struct wdf_target *target)
{
    KIRQL irql;
    for (;;) {
        struct wdf_request *request = NULL;
        KeAcquireSpinLock(&target->lock, &irql);
        for (PLIST_ENTRY entry = target->sent.Flink; entry != &target->sent; entry = entry->Flink) {
            struct wdf_request *candidate = CONTAINING_RECORD(entry, struct wdf_request, target_entry);
            if (candidate->counted && !candidate->cancel_issued) {
                request = candidate;
                request->cancel_issued = true;
                request->cancelers++;
                break;
            }
        }
        KeReleaseSpinLock(&target->lock, irql);
        if (request == NULL)
            return;
        IoCancelIrp(request->irp);
        release_canceler(request, target);
    }
}

static void cancel_queued(struct wdf_target *target)
{
    KIRQL irql;
    for (;;) {
        struct wdf_request *request = NULL;
        KeAcquireSpinLock(&target->lock, &irql);
        for (PLIST_ENTRY entry = target->waiting.Flink; entry != &target->waiting; entry = entry->Flink) {
            struct wdf_request *candidate = CONTAINING_RECORD(entry, struct wdf_request, target_entry);
            /* One that its originator is cancelling ends by itself. */
            if (candidate->origin != WDF_REQUEST_RECEIVED || wdf_request_clear_cancel(candidate)) {
                request = candidate;
                break;
            }
        }
        if (request == NULL) {
            KeReleaseSpinLock(&target->lock, irql);
            return;
        }
        end_waiting(request, target, STATUS_CANCELLED, irql);
    }
}

/* Waits until every counted request has come back and its completion routine has returned. */
static void await_outstanding(struct wdf_target *target)
{
    KEVENT idle;
    KIRQL irql;
    KeInitializeEvent(&idle, NotificationEvent, FALSE);
    KeAcquireSpinLock(&target->lock, &irql);
    target->draining = true;
    target->idle = &idle;
    KeReleaseSpinLock(&target->lock, irql);
    if (InterlockedDecrement(&target->outstanding) != 0)
        KeWaitForSingleObject(&idle, Executive, KernelMode, FALSE, NULL);
    KeAcquireSpinLock(&target->lock, &irql);
    target->draining = false;
    target->idle = NULL;
    InterlockedIncrement(&target->outstanding);
    KeReleaseSpinLock(&target->lock, irql);
}

static bool is_open(const struct wdf_target *target)
{
    return target->state == WdfIoTargetStarted || target->state == WdfIoTargetStopped ||
           target->state == WdfIoTargetPurged;
}

/* False for a target that is closed or gone. */
static bool set_state(struct wdf_target *target, WDF_IO_TARGET_STATE state)
{
    KIRQL irql;
    KeAcquireSpinLock(&target->lock, &irql);
    bool allowed = is_open(target);
    if (allowed)
        target->state = state;
    KeReleaseSpinLock(&target->lock, irql);
    return allowed;
}

static void take_turn(struct wdf_target *target)
{
    KeWaitForSingleObject(&target->turn, Executive, KernelMode, FALSE, NULL);
}

static void give_turn(struct wdf_target *target)
{
    KeSetEvent(&target->turn, IO_NO_INCREMENT, FALSE);
}

void wdf_target_stop(struct wdf_target *target, WDF_IO_TARGET_SENT_IO_ACTION action)
{
    bool waits = action != WdfIoTargetLeaveSentIoPending;
    if (waits)
        take_turn(target);
    if (set_state(target, WdfIoTargetStopped)) {
        if (target->reader != NULL)
            wdf_reader_stop(target);
        if (action == WdfIoTargetCancelSentIo) {
            cancel_sent(target);
            cancel_queued(target);
        }
        if (waits)
            await_outstanding(target);
    }
    if (waits)
        give_turn(target);
}

void wdf_target_purge(struct wdf_target *target, bool wait)
{
    if (wait)
        take_turn(target);
    if (set_state(target, WdfIoTargetPurged)) {
        if (target->reader != NULL)
            wdf_reader_stop(target);
        cancel_sent(target);
        cancel_queued(target);
        if (wait)
            await_outstanding(target);
    }
    if (wait)
        give_turn(target);
}

NTSTATUS wdf_target_start(struct wdf_target *target)
{
    KIRQL irql;
    if (!set_state(target, WdfIoTargetStarted))
        return STATUS_INVALID_DEVICE_STATE;
    if (target->reader != NULL)
        wdf_reader_start(target);
    for (;;) {
        struct wdf_request *request = NULL;
        KeAcquireSpinLock(&target->lock, &irql);
        PLIST_ENTRY entry = target->waiting.Flink;
        while (target->state == WdfIoTargetStarted && entry != &target->waiting && request == NULL) {
            struct wdf_request *candidate = CONTAINING_RECORD(entry, struct wdf_request, target_entry);
            entry = entry->Flink;
            if (candidate->origin == WDF_REQUEST_RECEIVED && !wdf_request_clear_cancel(candidate))
                continue;
            request = candidate;
            RemoveEntryList(&request->target_entry);
            enter(request, target);
        }
        PDEVICE_OBJECT lower = target->lower;
        PFILE_OBJECT file = target->file;
        KeReleaseSpinLock(&target->lock, irql);
        if (request == NULL)
            return STATUS_SUCCESS;
        call_lower(request, lower, file);
    }
}

void wdf_target_cancel_all(struct wdf_target *target)
{
    cancel_sent(target);
    cancel_queued(target);
}

void wdf_target_drain(struct wdf_target *target, WDF_IO_TARGET_STATE state)
{
    KIRQL irql;
    take_turn(target);
    KeAcquireSpinLock(&target->lock, &irql);
    target->state = state;
    KeReleaseSpinLock(&target->lock, irql);
    if (target->reader != NULL)
        wdf_reader_stop(target);
    cancel_sent(target);
    cancel_queued(target);
    await_outstanding(target);
    give_turn(target);
}

void wdf_target_removed(struct wdf_target *target)
{
    wdf_target_drain(target, WdfIoTargetDeleted);
}

/* ---- objects ------------------------------------------------------------------------------------------------------
 */

void wdf_target_initialize(struct wdf_target *target, struct wdf_object *device, enum wdf_target_kind kind,
                           PDEVICE_OBJECT lower, PDEVICE_OBJECT physical)
{
    target->device = device;
    target->kind = (uint8_t)kind;
    target->lower = lower;
    target->physical = physical;
    target->stack_size = lower != NULL ? lower->StackSize : 1;
    target->state = lower != NULL ? WdfIoTargetStarted : WdfIoTargetClosed;
    target->outstanding = 1;
    KeInitializeSpinLock(&target->lock);
    KeInitializeEvent(&target->turn, SynchronizationEvent, TRUE);
    InitializeListHead(&target->waiting);
    InitializeListHead(&target->sent);
}

struct wdf_target *wdf_target_create_local(struct wdf_object *device, PDEVICE_OBJECT lower, PDEVICE_OBJECT physical,
                                           NTSTATUS *status)
{
    struct wdf_target *target = (struct wdf_target *)wdf_object_create(device->client, &wdf_local_target_type,
                                                                       sizeof(*target), NULL, device, status);
    if (target != NULL)
        wdf_target_initialize(target, device, WDF_TARGET_LOCAL, lower, physical);
    return target;
}

void wdf_target_dispose(struct wdf_target *target)
{
    if (target->kind == WDF_TARGET_REMOTE)
        wdf_remote_close(target, WdfIoTargetDeleted);
    else
        wdf_target_drain(target, WdfIoTargetDeleted);
    if (target->reader != NULL)
        wdf_reader_free(target);
}

void wdf_target_destroy(struct wdf_target *target)
{
    if (target->remote != NULL)
        wdf_remote_free(target);
}

static void target_dispose(struct wdf_object *object)
{
    wdf_target_dispose((struct wdf_target *)object);
}

static void target_destroy(struct wdf_object *object)
{
    wdf_target_destroy((struct wdf_target *)object);
}

const struct wdf_type wdf_local_target_type = {.name = "WDFIOTARGET",
                                               .base = &wdf_target_type,
                                               .flags = WDF_TYPE_PASSIVE | WDF_TYPE_NO_DELETE,
                                               .dispose = target_dispose,
                                               .destroy = target_destroy};

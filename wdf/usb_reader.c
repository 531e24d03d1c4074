/*
 * Continuous readers: a set of reads that is always with the device while the pipe's target is started. A read that
 * brings data is handed to the driver and sent again. When one fails the others are cancelled; once all are back, a
 * work item asks the driver (EvtUsbTargetPipeReadersFailed), resets the pipe and starts again, or lets it be.
 *
 * The memory object that the driver is given is deleted after its callback and replaced, unless nobody could tell: the
 * driver took no reference and gave it no context and no callbacks. Then it is used again, and reading allocates
 * nothing. "Working with USB Pipes", "WdfUsbTargetPipeConfigContinuousReader function"
 */
#include "wdf/usb_target.h"

#define DEFAULT_READS 2
#define MAXIMUM_READS 10

enum reader_state {
    READER_STOPPED,
    READER_RUNNING,
    READER_FAILING,    /* a read failed; waits for the others */
    READER_RECOVERING, /* the work item runs */
    READER_FAILED,     /* the driver did not want it to start again */
};

struct wdf_reader;

struct reader_slot {
    struct wdf_reader *reader;
    struct wdf_request *request; /* referenced */
    struct wdf_memory *memory;   /* referenced */
};

struct wdf_reader {
    struct wdf_usb_pipe *pipe;
    WDF_USB_CONTINUOUS_READER_CONFIG config;
    WDF_OBJECT_ATTRIBUTES attributes;
    bool has_attributes, reuses_memory;
    size_t size; /* of a buffer, with header and trailer */
    KSPIN_LOCK lock;
    LONG state;   /* enum reader_state; written under lock */
    LONG pending; /* reads that are with the device; under lock, except that a read that is sent again stays counted */
    bool is_working; /* the work item is queued or runs; under lock */
    NTSTATUS failure;
    USBD_STATUS usbd_failure;
    KEVENT idle; /* no read pending, no work item */
    WORK_QUEUE_ITEM work;
    unsigned count;
    struct reader_slot slots[];
};

static LONG current_state(const struct wdf_reader *reader)
{
    return __atomic_load_n(&reader->state, __ATOMIC_SEQ_CST);
}

static void set_state(struct wdf_reader *reader, enum reader_state state)
{
    __atomic_store_n(&reader->state, (LONG)state, __ATOMIC_SEQ_CST);
}

bool NTAPI wdf_reader_is_running(const struct wdf_target *pipe)
{
    LONG state = current_state(pipe->reader);
    return state != READER_STOPPED && state != READER_FAILED;
}

/* ---- reads --------------------------------------------------------------------------------------------------------
 */

/* The driver has not noticed that there is a memory object. */
static bool is_memory_fresh(const struct reader_slot *slot)
{
    return slot->memory != NULL && slot->reader->reuses_memory &&
           __atomic_load_n(&slot->memory->object.references, __ATOMIC_ACQUIRE) == 2 &&
           !wdf_is_deleting(&slot->memory->object);
}

static NTSTATUS NTAPI __attribute__((noinline)) renew_memory(struct reader_slot *slot)
{
    struct wdf_reader *reader = slot->reader;
    struct wdf_object *pipe = &reader->pipe->target.object;
    NTSTATUS status = STATUS_SUCCESS;
    if (slot->memory != NULL) {
        wdf_delete(&slot->memory->object);
        wdf_dereference(&slot->memory->object);
    }
    slot->memory = wdf_memory_create(pipe->client, reader->has_attributes ? &reader->attributes : NULL, pipe,
                                     NonPagedPoolNx, 0, reader->size, &status);
    if (slot->memory == NULL)
        return status;
    wdf_reference(&slot->memory->object);
    return STATUS_SUCCESS;
}

static void NTAPI cancel_reads(struct wdf_reader *reader)
{
    for (unsigned i = 0; i < reader->count; i++)
        wdf_target_cancel(reader->slots[i].request);
}

/* One read less is pending. The last of a failed set queues the work item. */
static void NTAPI read_ended(struct wdf_reader *reader)
{
    KIRQL irql;
    bool recover = false;
    KeAcquireSpinLock(&reader->lock, &irql);
    if (--reader->pending == 0) {
        recover = reader->state == READER_FAILING;
        if (recover) {
            set_state(reader, READER_RECOVERING);
            reader->is_working = true;
            wdf_reference(&reader->pipe->target.object);
        } else {
            KeSetEvent(&reader->idle, IO_NO_INCREMENT, FALSE);
        }
    }
    KeReleaseSpinLock(&reader->lock, irql);
    if (recover)
        ExQueueWorkItem(&reader->work, DelayedWorkQueue);
}

static void NTAPI read_failed(struct wdf_reader *reader, NTSTATUS status, USBD_STATUS usbd_status)
{
    KIRQL irql;
    KeAcquireSpinLock(&reader->lock, &irql);
    bool first = reader->state == READER_RUNNING;
    if (first) {
        set_state(reader, READER_FAILING);
        reader->failure = status;
        reader->usbd_failure = usbd_status;
    }
    KeReleaseSpinLock(&reader->lock, irql);
    if (first)
        cancel_reads(reader);
    read_ended(reader);
}

/* Sends a read that is counted as pending already. */
static void NTAPI send_read(struct reader_slot *slot)
{
    struct wdf_reader *reader = slot->reader;
    struct wdf_span span;
    NTSTATUS status = is_memory_fresh(slot) ? STATUS_SUCCESS : renew_memory(slot);
    if (NT_SUCCESS(status)) {
        span = (struct wdf_span){.buffer = (UCHAR *)slot->memory->buffer + reader->config.HeaderLength,
                                 .length = reader->config.TransferLength};
        wdf_request_reuse(slot->request, STATUS_SUCCESS);
        status = wdf_usb_format_transfer(slot->request, reader->pipe, true, &span);
    }
    if (NT_SUCCESS(status) &&
        !wdf_target_send(slot->request, &reader->pipe->target, WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE, 0))
        status = wdf_request_status(slot->request);
    if (!NT_SUCCESS(status)) {
        read_failed(reader, status, USBD_STATUS_SUCCESS);
        return;
    }
    /* Who stops the reader cancels what is sent; this may have been sent after he looked. */
    if (current_state(reader) != READER_RUNNING)
        wdf_target_cancel(slot->request);
}

static void NTAPI give_to_driver(struct reader_slot *slot, size_t length)
{
    struct wdf_reader *reader = slot->reader;
    PFN_WDF_USB_READER_COMPLETION_ROUTINE callback = reader->config.EvtUsbTargetPipeReadComplete;
    struct wdf_callback_state state = wdf_callback_enter();
    callback((WDFUSBPIPE)wdf_handle(&reader->pipe->target.object), (WDFMEMORY)wdf_handle(&slot->memory->object), length,
             reader->config.EvtUsbTargetPipeReadCompleteContext);
    wdf_callback_leave(reader->pipe->target.object.client, state, (const void *)callback,
                       "EvtUsbTargetPipeReadComplete");
}

static void NTAPI read_completed(struct wdf_request *request, void *context)
{
    struct reader_slot *slot = context;
    struct wdf_reader *reader = slot->reader;
    NTSTATUS status = request->irp->IoStatus.Status;
    if (NT_SUCCESS(status))
        give_to_driver(slot, request->urb.bulk.TransferBufferLength);
    if (current_state(reader) != READER_RUNNING)
        read_ended(reader);
    else if (NT_SUCCESS(status))
        send_read(slot);
    else
        read_failed(reader, status, request->usb.UsbdStatus);
}

/* ---- failure ------------------------------------------------------------------------------------------------------
 */

static bool driver_wants_restart(struct wdf_reader *reader)
{
    PFN_WDF_USB_READERS_FAILED callback = reader->config.EvtUsbTargetPipeReadersFailed;
    if (callback == NULL)
        return true;
    struct wdf_callback_state state = wdf_callback_enter();
    BOOLEAN restart =
        callback((WDFUSBPIPE)wdf_handle(&reader->pipe->target.object), reader->failure, reader->usbd_failure);
    wdf_callback_leave(reader->pipe->target.object.client, state, (const void *)callback,
                       "EvtUsbTargetPipeReadersFailed");
    return restart;
}

/* Without its device a reader would fail for ever: its end comes with the device's removal. */
static bool is_device_there(const struct wdf_reader *reader)
{
    return reader->failure != STATUS_NO_SUCH_DEVICE && reader->failure != STATUS_DEVICE_NOT_CONNECTED &&
           reader->failure != STATUS_DEVICE_DOES_NOT_EXIST && reader->failure != STATUS_DELETE_PENDING &&
           reader->usbd_failure != USBD_STATUS_DEVICE_GONE;
}

static VOID NTAPI recover(PVOID context)
{
    struct wdf_reader *reader = context;
    struct wdf_object *pipe = &reader->pipe->target.object;
    KIRQL irql;
    bool restart = driver_wants_restart(reader) && is_device_there(reader) &&
                   current_state(reader) == READER_RECOVERING && NT_SUCCESS(wdf_usb_reset_pipe(reader->pipe));
    KeAcquireSpinLock(&reader->lock, &irql);
    restart = restart && reader->state == READER_RECOVERING;
    if (restart) {
        reader->pending = (LONG)reader->count;
        set_state(reader, READER_RUNNING);
    } else if (reader->state == READER_RECOVERING) {
        set_state(reader, READER_FAILED);
    }
    reader->is_working = false;
    if (!restart)
        KeSetEvent(&reader->idle, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&reader->lock, irql);
    for (unsigned i = 0; restart && i < reader->count; i++)
        send_read(&reader->slots[i]);
    wdf_dereference(pipe);
}

/* ---- start and stop -----------------------------------------------------------------------------------------------
 */

void wdf_reader_start(struct wdf_target *pipe)
{
    struct wdf_reader *reader = pipe->reader;
    KIRQL irql;
    KeAcquireSpinLock(&reader->lock, &irql);
    bool start = (reader->state == READER_STOPPED || reader->state == READER_FAILED) && reader->pending == 0 &&
                 !reader->is_working;
    if (start) {
        KeClearEvent(&reader->idle);
        reader->pending = (LONG)reader->count;
        set_state(reader, READER_RUNNING);
    }
    KeReleaseSpinLock(&reader->lock, irql);
    for (unsigned i = 0; start && i < reader->count; i++)
        send_read(&reader->slots[i]);
}

void wdf_reader_stop(struct wdf_target *pipe)
{
    struct wdf_reader *reader = pipe->reader;
    KIRQL irql;
    KeAcquireSpinLock(&reader->lock, &irql);
    set_state(reader, READER_STOPPED);
    KeReleaseSpinLock(&reader->lock, irql);
    cancel_reads(reader);
    KeWaitForSingleObject(&reader->idle, Executive, KernelMode, FALSE, NULL);
    /* Who set the event may still be about to release the lock, and the reader may be freed next. */
    KeAcquireSpinLock(&reader->lock, &irql);
    KeReleaseSpinLock(&reader->lock, irql);
}

static void free_slots(struct wdf_reader *reader)
{
    for (unsigned i = 0; i < reader->count; i++) {
        struct reader_slot *slot = &reader->slots[i];
        if (slot->memory != NULL) {
            wdf_delete(&slot->memory->object);
            wdf_dereference(&slot->memory->object);
        }
        if (slot->request != NULL) {
            wdf_delete(&slot->request->object);
            wdf_dereference(&slot->request->object);
        }
    }
    ExFreePoolWithTag(reader, WDF_USB_TAG);
}

void wdf_reader_free(struct wdf_target *pipe)
{
    struct wdf_reader *reader = pipe->reader;
    pipe->reader = NULL;
    free_slots(reader);
}

/* ---- configuration ------------------------------------------------------------------------------------------------
 */

static NTSTATUS check_config(const struct wdf_usb_pipe *pipe, const WDF_USB_CONTINUOUS_READER_CONFIG *config,
                             size_t *size)
{
    const WDF_USB_PIPE_INFORMATION *information = &pipe->information;
    if (config->EvtUsbTargetPipeReadComplete == NULL || config->TransferLength == 0)
        return STATUS_INVALID_PARAMETER;
    if (config->BufferAttributes != NULL && config->BufferAttributes->ParentObject != NULL)
        return STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED;
    if ((information->PipeType != WdfUsbPipeTypeBulk && information->PipeType != WdfUsbPipeTypeInterrupt) ||
        !WDF_USB_PIPE_DIRECTION_IN(information->EndpointAddress))
        return STATUS_INVALID_DEVICE_REQUEST;
    if (config->TransferLength > MAXULONG ||
        __builtin_add_overflow(config->HeaderLength, config->TransferLength, size) ||
        __builtin_add_overflow(*size, config->TrailerLength, size))
        return STATUS_INTEGER_OVERFLOW;
    if (!pipe->any_size && information->MaximumPacketSize != 0 &&
        config->TransferLength % information->MaximumPacketSize != 0)
        return STATUS_INVALID_BUFFER_SIZE;
    return STATUS_SUCCESS;
}

static NTSTATUS fill_slots(struct wdf_reader *reader)
{
    struct wdf_target *target = &reader->pipe->target;
    NTSTATUS status = STATUS_SUCCESS;
    for (unsigned i = 0; i < reader->count && NT_SUCCESS(status); i++) {
        struct reader_slot *slot = &reader->slots[i];
        slot->reader = reader;
        slot->request = wdf_request_create(target->object.client, NULL, &target->object, target, &status);
        if (slot->request == NULL)
            break;
        wdf_reference(&slot->request->object);
        slot->request->internal = true;
        slot->request->internal_completion = read_completed;
        slot->request->internal_context = slot;
        status = renew_memory(slot);
    }
    return status;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeConfigContinuousReader(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                           PWDF_USB_CONTINUOUS_READER_CONFIG Config)
{
    static const char call[] = "WdfUsbTargetPipeConfigContinuousReader";
    struct wdf_client *client = wdf_client(DriverGlobals);
    size_t size;
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    struct wdf_usb_pipe *pipe = wdf_from_handle(DriverGlobals, Pipe, &wdf_usb_pipe_type, call);
    wdf_require(client, Config, call, "Config");
    if (!wdf_size_is(client, Config->Size, sizeof(*Config), call, "WDF_USB_CONTINUOUS_READER_CONFIG"))
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = check_config(pipe, Config, &size);
    if (!NT_SUCCESS(status))
        return status;
    if (pipe->target.reader != NULL)
        return STATUS_INVALID_DEVICE_STATE;
    unsigned count = Config->NumPendingReads == 0 ? DEFAULT_READS : Config->NumPendingReads;
    count = count < MAXIMUM_READS ? count : MAXIMUM_READS;
    size_t bytes = sizeof(struct wdf_reader) + count * sizeof(struct reader_slot);
    struct wdf_reader *reader = ExAllocatePoolWithTag(NonPagedPoolNx, bytes, WDF_USB_TAG);
    if (reader == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(reader, bytes);
    reader->pipe = pipe;
    reader->config = *Config;
    reader->size = size;
    reader->count = count;
    reader->has_attributes = Config->BufferAttributes != NULL;
    if (reader->has_attributes)
        reader->attributes = *Config->BufferAttributes;
    reader->reuses_memory = reader->attributes.ContextTypeInfo == NULL &&
                            reader->attributes.EvtCleanupCallback == NULL &&
                            reader->attributes.EvtDestroyCallback == NULL;
    KeInitializeSpinLock(&reader->lock);
    KeInitializeEvent(&reader->idle, NotificationEvent, TRUE);
    ExInitializeWorkItem(&reader->work, recover, reader);
    status = fill_slots(reader);
    if (!NT_SUCCESS(status)) {
        free_slots(reader);
        return status;
    }
    pipe->target.reader = reader;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfUsbTargetPipeConfigContinuousReader, PFN_WDFUSBTARGETPIPECONFIGCONTINUOUSREADER);

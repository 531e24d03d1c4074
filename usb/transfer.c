/*
 * Transfers between IRPs and backends. The hot path: one transfer structure from the device's free list, one pipe lock
 * at each end, a push without a lock when the backend gives it back, and one DPC that delivers all that have come back,
 * at DISPATCH_LEVEL, as a host controller's interrupt does on Windows.
 *
 * Cancelling. While a transfer with an IRP is pending, its cancel routine asks the backend for it back; the IRP is
 * still completed by the one path below, so that a buffer is never given to its driver while the device may write to
 * it. The routine and that path agree through cancel_claimed and is_done under the pipe lock.
 */
#include "usb/stack.h"
#include <string.h>

static DRIVER_CANCEL cancel_transfer;
static KDEFERRED_ROUTINE deliver;
static KDEFERRED_ROUTINE check_timeouts;

NTSTATUS usb_nt_status(USBD_STATUS status)
{
    switch (status) {
    case USBD_STATUS_SUCCESS:
        return STATUS_SUCCESS;
    case USBD_STATUS_PENDING:
        return STATUS_PENDING;
    case USBD_STATUS_CANCELED:
        return STATUS_CANCELLED;
    case USBD_STATUS_DEVICE_GONE:
        return STATUS_NO_SUCH_DEVICE;
    case USBD_STATUS_DEV_NOT_RESPONDING:
        return STATUS_DEVICE_NOT_CONNECTED;
    case USBD_STATUS_INSUFFICIENT_RESOURCES:
        return STATUS_INSUFFICIENT_RESOURCES;
    case USBD_STATUS_NOT_SUPPORTED:
        return STATUS_NOT_SUPPORTED;
    case USBD_STATUS_TIMEOUT:
        return STATUS_IO_TIMEOUT;
    case USBD_STATUS_ERROR_BUSY:
        return STATUS_DEVICE_BUSY;
    case USBD_STATUS_BUFFER_TOO_SMALL:
        return STATUS_BUFFER_TOO_SMALL;
    case USBD_STATUS_INVALID_URB_FUNCTION:
    case USBD_STATUS_INVALID_PARAMETER:
    case USBD_STATUS_INVALID_PIPE_HANDLE:
    case USBD_STATUS_INVALID_PIPE_FLAGS:
    case USBD_STATUS_INVALID_CONFIGURATION_DESCRIPTOR:
    case USBD_STATUS_INTERFACE_NOT_FOUND:
        return STATUS_INVALID_PARAMETER;
    case USBD_STATUS_STALL_PID:
    case USBD_STATUS_ENDPOINT_HALTED:
    default:
        return STATUS_UNSUCCESSFUL;
    }
}

/* ---- allocation ---------------------------------------------------------------------------------------------------
 */

void usb_transfers_initialize(struct usb_device *device)
{
    KeInitializeSpinLock(&device->free_lock);
    for (size_t i = 0; i < RTL_NUMBER_OF(device->deliveries); i++) {
        device->deliveries[i].device = device;
        KeInitializeDpc(&device->deliveries[i].dpc, deliver, &device->deliveries[i]);
    }
    KeInitializeSpinLock(&device->timeout_lock);
    KeInitializeTimer(&device->timeout_timer);
    KeInitializeDpc(&device->timeout_dpc, check_timeouts, device);
    for (unsigned i = 0; i < USB_MAX_PIPES; i++) {
        struct usb_pipe *pipe = &device->pipes[i];
        KeInitializeSpinLock(&pipe->lock);
        InitializeListHead(&pipe->pending);
        InitializeListHead(&pipe->idle_waiters);
        pipe->device = device;
        pipe->address = (UCHAR)((i & 15) | (i & 16 ? USB_ENDPOINT_DIRECTION_MASK : 0));
    }
    device->pipes[0].is_open = true;
    device->pipes[0].type = USB_ENDPOINT_TYPE_CONTROL;
}

void usb_transfers_free(struct usb_device *device)
{
    KeCancelTimer(&device->timeout_timer);
    KeFlushQueuedDpcs();
    struct usb_transfer *transfer;
    while ((transfer = device->free_transfers) != NULL) {
        device->free_transfers = transfer->next;
        ExFreePoolWithTag(transfer, USB_TAG);
    }
}

struct usb_transfer *usb_transfer_allocate(struct usb_device *device)
{
    KIRQL irql;
    KeAcquireSpinLock(&device->free_lock, &irql);
    struct usb_transfer *transfer = device->free_transfers;
    if (transfer != NULL)
        device->free_transfers = transfer->next;
    KeReleaseSpinLock(&device->free_lock, irql);
    if (transfer == NULL)
        transfer = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*transfer), USB_TAG);
    if (transfer != NULL)
        memset(transfer, 0, offsetof(struct usb_transfer, inline_segments));
    return transfer;
}

void usb_transfer_free(struct usb_device *device, struct usb_transfer *transfer)
{
    if (transfer->segments != NULL && transfer->segments != transfer->inline_segments)
        ExFreePoolWithTag(transfer->segments, USB_TAG);
    KIRQL irql;
    KeAcquireSpinLock(&device->free_lock, &irql);
    transfer->next = device->free_transfers;
    device->free_transfers = transfer;
    KeReleaseSpinLock(&device->free_lock, irql);
}

/* ---- submission ---------------------------------------------------------------------------------------------------
 */

/* One timer for all control transfers of the device, set for the earliest that may expire. */
static void arm_timeout(struct usb_device *device, LONGLONG deadline)
{
    KIRQL irql;
    KeAcquireSpinLock(&device->timeout_lock, &irql);
    if (device->timeout_due == 0 || deadline < device->timeout_due) {
        LONGLONG left = deadline - ke_now();
        device->timeout_due = deadline;
        KeSetTimer(&device->timeout_timer, (LARGE_INTEGER){.QuadPart = left > 0 ? -left : -1}, &device->timeout_dpc);
    }
    KeReleaseSpinLock(&device->timeout_lock, irql);
}

/* Under the pipe lock: why a transfer may not start. */
static USBD_STATUS refuse(const struct usb_device *device, const struct usb_pipe *pipe, const struct usb_transfer *t)
{
    if (usb_is_gone(device))
        return USBD_STATUS_DEVICE_GONE;
    if (!pipe->is_open)
        return USBD_STATUS_INVALID_PIPE_HANDLE;
    if (pipe->is_halted)
        return USBD_STATUS_ENDPOINT_HALTED;
    if (t->irp != NULL && __atomic_load_n(&t->irp->Cancel, __ATOMIC_ACQUIRE))
        return USBD_STATUS_CANCELED;
    return USBD_STATUS_SUCCESS;
}

NTSTATUS usb_transfer_submit(struct usb_device *device, struct usb_pipe *pipe, struct usb_transfer *transfer)
{
    KIRQL irql;
    transfer->pipe = pipe;
    transfer->next = NULL;
    KeAcquireSpinLock(&pipe->lock, &irql);
    USBD_STATUS status = refuse(device, pipe, transfer);
    if (status != USBD_STATUS_SUCCESS) {
        KeReleaseSpinLock(&pipe->lock, irql);
        transfer->status = status;
        return usb_nt_status(status);
    }
    if (transfer->irp != NULL) {
        IoMarkIrpPending(transfer->irp);
        transfer->irp->Tail.Overlay.DriverContext[0] = transfer;
        IoSetCancelRoutine(transfer->irp, cancel_transfer);
        /* Cancelled in between: when nobody has taken the routine away it is ours to fail the transfer. */
        if (transfer->irp->Cancel && IoSetCancelRoutine(transfer->irp, NULL) != NULL) {
            transfer->cancel_claimed = TRUE;
            status = USBD_STATUS_CANCELED;
        }
    }
    InsertTailList(&pipe->pending, &transfer->pending);
    pipe->pending_count++;
    InterlockedIncrement(&device->outstanding);
    KeReleaseSpinLock(&pipe->lock, irql);

    LONGLONG deadline = transfer->deadline;
    if (usb_capture_on)
        usb_capture_submit(device, transfer);
    if (status != USBD_STATUS_SUCCESS) {
        transfer->status = status;
        usb_complete(device->backend, transfer);
    } else {
        device->backend->ops->submit(device->backend, transfer);
        if (deadline != 0)
            arm_timeout(device, deadline);
    }
    return STATUS_PENDING;
}

/* ---- cancelling ---------------------------------------------------------------------------------------------------
 */

static void complete_transfer(struct usb_device *device, struct usb_transfer *transfer);

static VOID NTAPI cancel_transfer(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    struct usb_transfer *transfer = Irp->Tail.Overlay.DriverContext[0];
    struct usb_pipe *pipe = transfer->pipe;
    struct usb_device *device = pipe->device;
    KIRQL irql;
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&pipe->lock, &irql);
    transfer->cancel_claimed = TRUE;
    bool is_done = transfer->is_done;
    if (!is_done)
        device->backend->ops->cancel(device->backend, transfer);
    KeReleaseSpinLockFromDpcLevel(&pipe->lock);
    if (is_done)
        complete_transfer(device, transfer);
    KeLowerIrql(irql);
}

void usb_pipe_abort(struct usb_pipe *pipe, struct usb_idle_waiter *waiter)
{
    KIRQL irql;
    struct usb_device *device = pipe->device;
    KeAcquireSpinLock(&pipe->lock, &irql);
    for (PLIST_ENTRY entry = pipe->pending.Flink; entry != &pipe->pending; entry = entry->Flink) {
        struct usb_transfer *t = CONTAINING_RECORD(entry, struct usb_transfer, pending);
        device->backend->ops->cancel(device->backend, t);
    }
    bool is_idle = pipe->pending_count == 0;
    if (waiter != NULL && !is_idle)
        InsertTailList(&pipe->idle_waiters, &waiter->link);
    KeReleaseSpinLock(&pipe->lock, irql);
    if (waiter != NULL && is_idle)
        waiter->ready(waiter);
}

void usb_device_abort_all(struct usb_device *device)
{
    for (unsigned i = 0; i < USB_MAX_PIPES; i++)
        usb_pipe_abort(&device->pipes[i], NULL);
}

static void cancel_expired(struct usb_pipe *pipe, LONGLONG now, LONGLONG *next)
{
    KeAcquireSpinLockAtDpcLevel(&pipe->lock);
    for (PLIST_ENTRY entry = pipe->pending.Flink; entry != &pipe->pending; entry = entry->Flink) {
        struct usb_transfer *t = CONTAINING_RECORD(entry, struct usb_transfer, pending);
        if (t->deadline == 0 || t->timed_out)
            continue;
        if (t->deadline <= now) {
            t->timed_out = TRUE;
            pipe->device->backend->ops->cancel(pipe->device->backend, t);
        } else if (*next == 0 || t->deadline < *next) {
            *next = t->deadline;
        }
    }
    KeReleaseSpinLockFromDpcLevel(&pipe->lock);
}

static VOID NTAPI check_timeouts(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    struct usb_device *device = DeferredContext;
    LONGLONG next = 0;
    KeAcquireSpinLockAtDpcLevel(&device->timeout_lock);
    device->timeout_due = 0;
    KeReleaseSpinLockFromDpcLevel(&device->timeout_lock);
    cancel_expired(&device->pipes[0], ke_now(), &next);
    if (next != 0)
        arm_timeout(device, next);
}

/* ---- completion ---------------------------------------------------------------------------------------------------
 */

static void push(struct usb_delivery *delivery, struct usb_transfer *first, struct usb_transfer *last)
{
    struct usb_transfer *head = __atomic_load_n(&delivery->done, __ATOMIC_RELAXED);
    do {
        last->next = head;
    } while (!__atomic_compare_exchange_n(&delivery->done, &head, first, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    if (head == NULL && __atomic_load_n(&delivery->running, __ATOMIC_SEQ_CST) == 0)
        KeInsertQueueDpc(&delivery->dpc, NULL, NULL);
}

void usb_complete(struct usb_backend *backend, struct usb_transfer *chain)
{
    struct usb_device *device = backend->device;
    struct usb_transfer *first[2] = {NULL, NULL}, *last[2] = {NULL, NULL};
    /* Reverses the chain: the list is a LIFO and is reversed again when emptied. */
    while (chain != NULL) {
        struct usb_transfer *next = chain->next;
        bool in = (chain->endpoint & USB_ENDPOINT_DIRECTION_MASK) != 0;
        if (first[in] == NULL)
            last[in] = chain;
        chain->next = first[in];
        first[in] = chain;
        chain = next;
    }
    for (size_t i = 0; i < RTL_NUMBER_OF(first); i++) {
        if (first[i] != NULL)
            push(&device->deliveries[i], first[i], last[i]);
    }
}

static void complete_transfer(struct usb_device *device, struct usb_transfer *transfer)
{
    transfer->finish(transfer);
    /* The last touch: a device that has gone may be freed from here on. */
    InterlockedDecrement(&device->outstanding);
}

static void finish_transfer(struct usb_device *device, struct usb_transfer *transfer)
{
    struct usb_pipe *pipe = transfer->pipe;
    LIST_ENTRY waiters;
    InitializeListHead(&waiters);

    if (usb_is_gone(device) && USBD_ERROR(transfer->status))
        transfer->status = USBD_STATUS_DEVICE_GONE;
    else if (transfer->status == USBD_STATUS_CANCELED && transfer->timed_out)
        transfer->status = USBD_STATUS_TIMEOUT;
    if (usb_capture_on)
        usb_capture_complete(device, transfer);

    KeAcquireSpinLockAtDpcLevel(&pipe->lock);
    RemoveEntryList(&transfer->pending);
    if (USBD_HALTED(transfer->status) && pipe->type != USB_ENDPOINT_TYPE_CONTROL &&
        (transfer->status == USBD_STATUS_STALL_PID || transfer->status == USBD_STATUS_BABBLE_DETECTED))
        pipe->is_halted = true;
    if (--pipe->pending_count == 0 && !IsListEmpty(&pipe->idle_waiters)) {
        waiters = pipe->idle_waiters;
        waiters.Flink->Blink = &waiters;
        waiters.Blink->Flink = &waiters;
        InitializeListHead(&pipe->idle_waiters);
    }
    transfer->is_done = TRUE;
    /* NULL here means that the cancel routine has run or is about to; if it has not come to the lock, it completes. */
    bool is_ours = transfer->irp == NULL || IoSetCancelRoutine(transfer->irp, NULL) != NULL || transfer->cancel_claimed;
    KeReleaseSpinLockFromDpcLevel(&pipe->lock);

    if (is_ours)
        complete_transfer(device, transfer);
    while (!IsListEmpty(&waiters)) {
        struct usb_idle_waiter *waiter = CONTAINING_RECORD(RemoveHeadList(&waiters), struct usb_idle_waiter, link);
        waiter->ready(waiter);
    }
}

static VOID NTAPI deliver(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    enum { ROUNDS = 16 }; /* then other DPCs of the processor get their turn */
    struct usb_delivery *delivery = DeferredContext;
    struct usb_device *device = delivery->device;
    /* One at a time, so that completions keep their order; who runs now looks at the list once more before it leaves.
     */
    if (__atomic_exchange_n(&delivery->running, 1, __ATOMIC_SEQ_CST) != 0)
        return;
    for (int round = 0; round < ROUNDS; round++) {
        struct usb_transfer *chain = __atomic_exchange_n(&delivery->done, NULL, __ATOMIC_SEQ_CST), *ordered = NULL;
        if (chain == NULL)
            break;
        while (chain != NULL) {
            struct usb_transfer *next = chain->next;
            chain->next = ordered;
            ordered = chain;
            chain = next;
        }
        while (ordered != NULL) {
            struct usb_transfer *next = ordered->next;
            finish_transfer(device, ordered);
            ordered = next;
        }
    }
    __atomic_store_n(&delivery->running, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&delivery->done, __ATOMIC_SEQ_CST) != NULL)
        KeInsertQueueDpc(Dpc, NULL, NULL);
}

/* ---- control transfers of the stack itself ------------------------------------------------------------------------
 */

static void signal_event(struct usb_transfer *transfer)
{
    KeSetEvent(transfer->context, IO_NO_INCREMENT, FALSE);
}

NTSTATUS usb_control(struct usb_device *device, enum usb_transfer_kind kind, UCHAR request_type, UCHAR request,
                     USHORT value, USHORT index, void *data, USHORT length, ULONG *actual, USBD_STATUS *status)
{
    KEVENT event;
    struct usb_transfer *transfer = usb_transfer_allocate(device);
    if (transfer == NULL) {
        if (status != NULL)
            *status = USBD_STATUS_INSUFFICIENT_RESOURCES;
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    transfer->kind = (UCHAR)kind;
    transfer->is_in = request_type >> 7;
    USB_DEFAULT_PIPE_SETUP_PACKET setup = {.bmRequestType.B = request_type, .bRequest = request, .wLength = length};
    setup.wValue.W = value;
    setup.wIndex.W = index;
    memcpy(transfer->setup, &setup, sizeof(setup));
    transfer->buffer = data;
    transfer->length = length;
    transfer->deadline = ke_now() + USB_CONTROL_TIMEOUT_MS * 10000ll;
    transfer->finish = signal_event;
    transfer->context = &event;
    NTSTATUS nt_status = usb_transfer_submit(device, &device->pipes[0], transfer);
    if (nt_status == STATUS_PENDING) {
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
        nt_status = usb_nt_status(transfer->status);
    }
    if (actual != NULL)
        *actual = transfer->actual;
    if (status != NULL)
        *status = transfer->status;
    usb_transfer_free(device, transfer);
    return nt_status;
}

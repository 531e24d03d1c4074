/*
 * A device on another machine, through USB/IP. One connection carries everything; each transfer is a request with a
 * sequence number, and many are open at a time.
 *
 * Sending. Requests go into a queue, and a DPC empties it: it runs when the code that submits has come down from
 * DISPATCH_LEVEL, so that all that was submitted in one go (a driver's refill of its IN transfers, a burst of sends)
 * leaves in one system call. Data is sent from where the driver has it. When the socket is full, the reader thread
 * waits for room.
 *
 * Receiving. One thread reads. The data of an IN transfer that is under way is read straight into its buffer, and what
 * follows it into a buffer from which the next answers are taken.
 *
 * Cancelling. A transfer that has not left is taken out of the queue. For one that has, an UNLINK follows it; its
 * transfer is given back when the server has answered either of the two. "Unlinked" is the transfer's end; "too late"
 * means that its answer has come or is on its way, and that is dropped when it comes. A server that answers neither
 * within some seconds is given up, so that no driver waits for ever.
 *
 * A record (struct request) lives from submit to the server's answer. Every one with a number is in a hash table. All
 * of it is under one lock, which is not held during system calls nor when the hub is called.
 */
#include "usb/usbip.h"
#include "usb/stack.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define USBIP_TAG 0x70697375 /* "usip" */

enum {
    BUCKETS = 256,
    BATCH = 64,          /* messages in one system call */
    BATCH_PARTS = 512,   /* and pieces of memory in them */
    BUFFER_SIZE = 65536, /* of the reader */
    BULKY = 8192,        /* after answers with this much data, less is read ahead, to copy less */
    BULKY_READ_AHEAD = 2048,
    DIRECT_PARTS = 16,
    MAX_LATE = 1024,       /* answers that are dropped when they come */
    ANSWER_TIMEOUT = 5000, /* ms that a server has for what must be answered */
    LOOK_AGAIN = 500,      /* ms between looks at that */
};

enum request_state {
    REQUEST_QUEUED,
    REQUEST_SENDING, /* in the system call that runs now, or sent in part */
    REQUEST_SENT,
    REQUEST_RECEIVING, /* its answer's data is coming in */
    REQUEST_LATE,      /* its transfer has been given back; the answer is dropped when it comes */
};

struct request {
    struct request *hash_next;
    struct request *next; /* in the send queue, the list of late ones, or the free list */
    LIST_ENTRY watched;
    LONGLONG deadline;
    UCHAR state; /* enum request_state */
    bool is_unlink, is_in;
    bool is_cancelled; /* and not given back yet */
    bool is_watched;   /* in the list of deadlines */
    UCHAR endpoint;
    ULONG seqnum, length;
    ULONG target;                  /* of an unlink */
    struct usb_transfer *transfer; /* NULL: an unlink, late, or of the backend itself */
    struct usb_segment whole;      /* the transfer's buffer when it has no segments */
    const struct usb_segment *segments;
    ULONG segment_count;
    UCHAR setup[8];
    struct own_request *own;
};

/* A control request of the backend itself. */
struct own_request {
    KEVENT done;
    int32_t status;
};

struct queue {
    struct request *first, **last;
};

struct usbip_backend {
    struct usb_backend backend; /* first */
    struct usbip_address address;
    struct usbip_device device;
    int fd, wake_fd;
    unsigned long thread;
    bool has_thread;
    volatile LONG is_stopping;

    KSPIN_LOCK lock;
    bool is_gone;
    ULONG next_seqnum;
    struct request *table[BUCKETS];
    struct request *free;
    LIST_ENTRY watched; /* requests with a deadline, the earliest first */
    struct queue late;
    ULONG late_count;

    /* Sending: who has set is_sending owns the batch. */
    KDPC send_dpc;
    struct queue send;
    ULONG send_offset; /* bytes of the first message that have left */
    bool is_sending, is_blocked;
    uint32_t in_call; /* futex word: 1 while a system call runs with the batch, 2 when the reader waits for its end */
    UCHAR headers[BATCH][USBIP_HEADER_SIZE];
    struct iovec parts[BATCH_PARTS];

    /* The reader's. */
    struct usbip_receiver receiver;
    struct request *incoming; /* that the receiver is at */
    struct usb_transfer *done_first, **done_last;
    UCHAR *buffer;
};

static void lose(struct usbip_backend *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- records ------------------------------------------------------------------------------------------------------
 */

static void queue_initialize(struct queue *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

static void queue_push(struct queue *queue, struct request *r)
{
    r->next = NULL;
    *queue->last = r;
    queue->last = &r->next;
}

static void queue_pop(struct queue *queue)
{
    queue->first = queue->first->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
}

static bool queue_remove(struct queue *queue, struct request *r)
{
    for (struct request **at = &queue->first; *at != NULL; at = &(*at)->next) {
        if (*at != r)
            continue;
        *at = r->next;
        if (queue->last == &r->next)
            queue->last = at;
        return true;
    }
    return false;
}

/* All of these: with the lock. */
static struct request *allocate_request(struct usbip_backend *b)
{
    struct request *r = b->free;
    if (r != NULL)
        b->free = r->next;
    else
        r = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*r), USBIP_TAG);
    if (r != NULL)
        memset(r, 0, sizeof(*r));
    return r;
}

static void free_request(struct usbip_backend *b, struct request *r)
{
    r->next = b->free;
    b->free = r;
}

static struct request *find_request(struct usbip_backend *b, ULONG seqnum)
{
    struct request *r = b->table[seqnum % BUCKETS];
    while (r != NULL && r->seqnum != seqnum)
        r = r->hash_next;
    return r;
}

static void number_request(struct usbip_backend *b, struct request *r)
{
    r->seqnum = ++b->next_seqnum;
    r->hash_next = b->table[r->seqnum % BUCKETS];
    b->table[r->seqnum % BUCKETS] = r;
}

/* No answer until the deadline ends the connection. */
static void watch_request(struct usbip_backend *b, struct request *r)
{
    r->is_watched = true;
    r->deadline = ke_now() + ANSWER_TIMEOUT * 10000ll;
    InsertTailList(&b->watched, &r->watched);
}

static void forget_request(struct usbip_backend *b, struct request *r)
{
    struct request **at = &b->table[r->seqnum % BUCKETS];
    while (*at != r)
        at = &(*at)->hash_next;
    *at = r->hash_next;
    if (r->is_watched)
        RemoveEntryList(&r->watched);
    free_request(b, r);
}

/* Takes the transfer away from its record, for completion. */
static struct usb_transfer *take_transfer(struct request *r, USBD_STATUS status, ULONG actual)
{
    struct usb_transfer *t = r->transfer;
    r->transfer = NULL;
    if (r->is_watched)
        RemoveEntryList(&r->watched);
    r->is_watched = r->is_cancelled = false;
    if (t == NULL)
        return NULL;
    t->backend_data[0] = NULL;
    t->status = status;
    t->actual = actual;
    t->next = NULL;
    return t;
}

/* ---- sending ------------------------------------------------------------------------------------------------------
 */

static void wake_reader(struct usbip_backend *b)
{
    uint64_t one = 1;
    while (write(b->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

static ULONG message_size(const struct request *r)
{
    return USBIP_HEADER_SIZE + (r->is_unlink || r->is_in ? 0 : r->length);
}

/* bInterval as Linux's URBs have it: frames, or from high speed on microframes. */
static ULONG polling_interval(const struct usbip_backend *b, UCHAR interval)
{
    if (b->backend.speed < UsbHighSpeed || interval == 0)
        return interval;
    return 1u << (min(interval, 16) - 1);
}

static void encode(const struct usbip_backend *b, const struct request *r, UCHAR *header)
{
    ULONG devid = b->device.busnum << 16 | b->device.devnum;
    if (r->is_unlink) {
        usbip_encode_unlink(header, r->seqnum, devid, r->target);
        return;
    }
    struct usbip_submit submit = {.seqnum = r->seqnum,
                                  .devid = devid,
                                  .endpoint = r->endpoint,
                                  .is_in = r->is_in,
                                  .length = r->length,
                                  .setup = r->setup};
    if (r->transfer != NULL && r->transfer->kind == USB_TRANSFER_INTERRUPT)
        submit.interval = polling_interval(b, r->transfer->pipe->interval);
    usbip_encode_submit(header, &submit);
}

/* Adds the part of a piece of memory that lies behind SKIP bytes, and reduces SKIP. */
static void add_part(struct usbip_backend *b, int *count, void *data, size_t length, size_t *skip)
{
    if (*skip >= length) {
        *skip -= length;
        return;
    }
    b->parts[(*count)++] = (struct iovec){(UCHAR *)data + *skip, length - *skip};
    *skip = 0;
}

/* Gathers the start of the queue: as many messages as fit, of the first one what has not left yet. A message with very
 * many segments goes in several calls. */
static int gather(struct usbip_backend *b)
{
    size_t skip = b->send_offset;
    int count = 0, messages = 0;
    for (struct request *r = b->send.first; r != NULL && messages < BATCH; r = r->next) {
        if (count != 0 && (ULONG)(BATCH_PARTS - count) < r->segment_count + 1)
            break;
        encode(b, r, b->headers[messages]);
        add_part(b, &count, b->headers[messages++], USBIP_HEADER_SIZE, &skip);
        for (ULONG i = 0; i < r->segment_count && !r->is_in && count < BATCH_PARTS; i++)
            add_part(b, &count, r->segments[i].data, r->segments[i].length, &skip);
        r->state = REQUEST_SENDING;
        if (count == BATCH_PARTS)
            break;
    }
    return count;
}

static bool queue_unlink(struct usbip_backend *b, struct request *r);

/* After the call: what has left is sent, what has not is as it was before. A transfer whose cancelling came during the
 * call is given back or unlinked now. */
static struct usb_transfer *account_sent(struct usbip_backend *b, size_t sent)
{
    struct usb_transfer *cancelled = NULL;
    size_t gone = sent + b->send_offset;
    struct request *r;
    while ((r = b->send.first) != NULL && gone >= message_size(r)) {
        gone -= message_size(r);
        queue_pop(&b->send);
        r->state = REQUEST_SENT;
        if (r->is_cancelled)
            queue_unlink(b, r);
    }
    b->send_offset = (ULONG)gone;
    if (r != NULL && gone != 0)
        r = r->next; /* it stays what it is: its rest must follow */
    while (r != NULL && r->state == REQUEST_SENDING) {
        struct request *next = r->next;
        r->state = REQUEST_QUEUED;
        if (r->is_cancelled) {
            struct usb_transfer *t = take_transfer(r, USBD_STATUS_CANCELED, 0);
            queue_remove(&b->send, r);
            forget_request(b, r);
            t->next = cancelled;
            cancelled = t;
        }
        r = next;
    }
    return cancelled;
}

/* Sends what is queued, until nothing is left or the socket is full. IRQL <= DISPATCH_LEVEL. */
static void send_queue(struct usbip_backend *b)
{
    KIRQL irql;
    KeAcquireSpinLock(&b->lock, &irql);
    if (b->is_sending) {
        KeReleaseSpinLock(&b->lock, irql);
        return; /* whoever it is looks at the queue again */
    }
    b->is_sending = true;
    while (b->send.first != NULL && !b->is_blocked && !b->is_gone) {
        struct msghdr message = {.msg_iov = b->parts, .msg_iovlen = (size_t)gather(b)};
        __atomic_store_n(&b->in_call, 1, __ATOMIC_RELAXED);
        KeReleaseSpinLock(&b->lock, irql);
        ssize_t sent = sendmsg(b->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        int reason = sent < 0 ? errno : 0;
        KeAcquireSpinLock(&b->lock, &irql);
        struct usb_transfer *cancelled = account_sent(b, sent > 0 ? (size_t)sent : 0);
        if (__atomic_exchange_n(&b->in_call, 0, __ATOMIC_RELEASE) == 2)
            ke_wake_address(&b->in_call, 1);
        if (reason == EAGAIN) {
            b->is_blocked = true;
            wake_reader(b);
        } else if (reason != 0 && reason != EINTR) {
            b->is_blocked = true;
            shutdown(b->fd, SHUT_RDWR); /* the reader finds the end, and tells */
        }
        if (cancelled != NULL) {
            KeReleaseSpinLock(&b->lock, irql);
            usb_complete(&b->backend, cancelled);
            KeAcquireSpinLock(&b->lock, &irql);
        }
    }
    b->is_sending = false;
    KeReleaseSpinLock(&b->lock, irql);
}

static VOID NTAPI send_later(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    send_queue(DeferredContext);
}

/* With the lock. False without memory. */
static bool queue_transfer(struct usbip_backend *b, struct usb_transfer *t)
{
    struct request *r = allocate_request(b);
    if (r == NULL)
        return false;
    r->transfer = t;
    r->is_in = t->is_in;
    r->endpoint = t->endpoint & USB_ENDPOINT_ADDRESS_MASK;
    r->length = t->length;
    r->whole = (struct usb_segment){t->buffer, t->length};
    r->segments = t->segments != NULL ? t->segments : &r->whole;
    r->segment_count = t->segments != NULL ? t->segment_count : 1;
    if (t->endpoint == 0)
        memcpy(r->setup, t->setup, sizeof(r->setup));
    t->backend_data[0] = r;
    number_request(b, r);
    queue_push(&b->send, r);
    return true;
}

static void submit(struct usb_backend *backend, struct usb_transfer *chain)
{
    struct usbip_backend *b = (struct usbip_backend *)backend;
    struct usb_transfer *refused = NULL;
    KIRQL irql;
    KeAcquireSpinLock(&b->lock, &irql);
    while (chain != NULL) {
        struct usb_transfer *t = chain;
        chain = t->next;
        t->actual = 0;
        bool is_cancelled = t->backend_data[1] != NULL;
        if (!b->is_gone && !is_cancelled && t->length <= INT32_MAX && queue_transfer(b, t))
            continue;
        t->status = b->is_gone              ? USBD_STATUS_DEV_NOT_RESPONDING
                    : is_cancelled          ? USBD_STATUS_CANCELED
                    : t->length > INT32_MAX ? USBD_STATUS_INVALID_PARAMETER
                                            : USBD_STATUS_INSUFFICIENT_RESOURCES;
        t->next = refused;
        refused = t;
    }
    bool has_work = b->send.first != NULL && !b->is_sending && !b->is_blocked;
    KeReleaseSpinLock(&b->lock, irql);
    if (refused != NULL)
        usb_complete(backend, refused);
    if (has_work)
        KeInsertQueueDpc(&b->send_dpc, NULL, NULL);
}

/* ---- cancelling ---------------------------------------------------------------------------------------------------
 */

/* With the lock. Without memory the transfer's own deadline ends the connection. */
static bool queue_unlink(struct usbip_backend *b, struct request *r)
{
    struct request *unlink = allocate_request(b);
    if (unlink == NULL)
        return false;
    unlink->is_unlink = true;
    unlink->target = r->seqnum;
    number_request(b, unlink);
    queue_push(&b->send, unlink);
    return true;
}

static void cancel(struct usb_backend *backend, struct usb_transfer *t)
{
    struct usbip_backend *b = (struct usbip_backend *)backend;
    struct usb_transfer *cancelled = NULL;
    bool has_work = false;
    KeAcquireSpinLockAtDpcLevel(&b->lock);
    struct request *r = t->backend_data[0];
    t->backend_data[1] = b; /* for a transfer that submit has not seen yet */
    if (r != NULL && r->state == REQUEST_QUEUED) {
        queue_remove(&b->send, r);
        cancelled = take_transfer(r, USBD_STATUS_CANCELED, 0);
        forget_request(b, r);
    } else if (r != NULL && !r->is_cancelled) {
        r->is_cancelled = true;
        watch_request(b, r);
        has_work = r->state == REQUEST_SENT && queue_unlink(b, r) && !b->is_sending && !b->is_blocked;
    }
    KeReleaseSpinLockFromDpcLevel(&b->lock);
    if (cancelled != NULL)
        usb_complete(backend, cancelled);
    if (has_work)
        KeInsertQueueDpc(&b->send_dpc, NULL, NULL);
}

/* ---- receiving ----------------------------------------------------------------------------------------------------
 */

/* Until no system call runs with the batch. Called and returns with the lock; the reader only. */
static void wait_for_call(struct usbip_backend *b, KIRQL *irql)
{
    while (__atomic_load_n(&b->in_call, __ATOMIC_RELAXED) != 0) {
        __atomic_store_n(&b->in_call, 2, __ATOMIC_RELAXED);
        KeReleaseSpinLock(&b->lock, *irql);
        ke_wait_on_address(&b->in_call, 2, KE_FOREVER);
        KeAcquireSpinLock(&b->lock, irql);
    }
}

/* An answer may be here before the system call that sent the request has returned. */
static bool find(void *context, uint32_t seqnum, struct usbip_expected *expected)
{
    struct usbip_backend *b = context;
    KIRQL irql;
    KeAcquireSpinLock(&b->lock, &irql);
    struct request *r = find_request(b, seqnum);
    if (r != NULL && r->state == REQUEST_SENDING) {
        wait_for_call(b, &irql);
        r = find_request(b, seqnum);
    }
    bool is_open = r != NULL && (r->state == REQUEST_SENT || r->state == REQUEST_LATE);
    if (is_open) {
        *expected = (struct usbip_expected){.is_unlink = r->is_unlink,
                                            .is_in = r->is_in,
                                            .endpoint = r->endpoint,
                                            .length = r->length,
                                            .segments = r->state == REQUEST_SENT ? r->segments : NULL,
                                            .segment_count = r->segment_count};
        if (r->state == REQUEST_SENT)
            r->state = REQUEST_RECEIVING;
        b->incoming = r;
    }
    KeReleaseSpinLock(&b->lock, irql);
    return is_open;
}

/* The server will not answer a cancelled transfer (it says), or has answered it already: its end either way. */
static struct usb_transfer *unlinked(struct usbip_backend *b, const struct request *unlink, int32_t status)
{
    struct request *r = find_request(b, unlink->target);
    if (r == NULL || r->transfer == NULL)
        return NULL;
    struct usb_transfer *t = take_transfer(r, USBD_STATUS_CANCELED, 0);
    if (status != 0) {
        forget_request(b, r);
        return t;
    }
    r->state = REQUEST_LATE;
    queue_push(&b->late, r);
    if (++b->late_count > MAX_LATE) {
        struct request *oldest = b->late.first;
        queue_pop(&b->late);
        b->late_count--;
        forget_request(b, oldest);
    }
    return t;
}

static void done(void *context, const struct usbip_answer *answer)
{
    struct usbip_backend *b = context;
    struct request *r = b->incoming;
    struct usb_transfer *t;
    KIRQL irql;
    KeAcquireSpinLock(&b->lock, &irql);
    if (r->is_unlink) {
        t = unlinked(b, r, answer->status);
    } else if (r->state == REQUEST_LATE) {
        queue_remove(&b->late, r);
        b->late_count--;
        t = NULL;
    } else {
        t = take_transfer(r, usbip_usbd_status(answer->status), answer->actual);
        if (r->own != NULL) {
            r->own->status = answer->status;
            KeSetEvent(&r->own->done, IO_NO_INCREMENT, FALSE);
        }
    }
    forget_request(b, r);
    b->incoming = NULL;
    KeReleaseSpinLock(&b->lock, irql);
    if (t == NULL)
        return;
    *b->done_last = t;
    b->done_last = &t->next;
}

/* Gives back what has come in, in one go. */
static void deliver(struct usbip_backend *b)
{
    struct usb_transfer *first = b->done_first;
    b->done_first = NULL;
    b->done_last = &b->done_first;
    if (first != NULL)
        usb_complete(&b->backend, first);
}

/* The device is no more: every transfer fails, and the hub removes it. Only the reader comes here. */
static void lose(struct usbip_backend *b, const char *format, ...)
{
    struct usb_transfer *first = NULL;
    va_list arguments;
    KIRQL irql;
    va_start(arguments, format);
    vsnprintf(b->backend.gone_reason, sizeof(b->backend.gone_reason), format, arguments);
    va_end(arguments);
    ke_trace("%s: %s", b->backend.name, b->backend.gone_reason);
    shutdown(b->fd, SHUT_RDWR);
    deliver(b);
    KeAcquireSpinLock(&b->lock, &irql);
    b->is_gone = true;
    wait_for_call(b, &irql);
    queue_initialize(&b->send);
    queue_initialize(&b->late);
    for (unsigned i = 0; i < BUCKETS; i++)
        while (b->table[i] != NULL) {
            struct request *r = b->table[i];
            struct usb_transfer *t = take_transfer(r, USBD_STATUS_DEV_NOT_RESPONDING, 0);
            if (t != NULL) {
                t->next = first;
                first = t;
            }
            if (r->own != NULL) {
                r->own->status = -ENODEV;
                KeSetEvent(&r->own->done, IO_NO_INCREMENT, FALSE);
            }
            forget_request(b, r);
        }
    KeReleaseSpinLock(&b->lock, irql);
    usb_disconnected(&b->backend); /* first, so that drivers hear at once that it is for good */
    if (first != NULL)
        usb_complete(&b->backend, first);
}

/* Reads what is there: the rest of the data that is coming in to its place, what follows into the buffer. Returns
 * recvmsg's answer; *DIRECT bytes of it have been placed. */
static ssize_t read_some(struct usbip_backend *b, size_t *direct)
{
    struct iovec parts[DIRECT_PARTS + 1];
    int count = usbip_receive_vector(&b->receiver, parts, DIRECT_PARTS);
    size_t ahead = b->receiver.answer.actual >= BULKY ? BULKY_READ_AHEAD : BUFFER_SIZE, placed = 0;
    for (int i = 0; i < count; i++)
        placed += parts[i].iov_len;
    /* What is behind data that does not fit into the parts belongs to that data, too: one step at a time. */
    if (placed == b->receiver.left || count == 0)
        parts[count++] = (struct iovec){b->buffer, ahead};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    ssize_t size = recvmsg(b->fd, &message, MSG_DONTWAIT);
    *direct = size > 0 ? min((size_t)size, placed) : 0;
    return size;
}

static bool has_missed_deadline(struct usbip_backend *b)
{
    KIRQL irql;
    KeAcquireSpinLock(&b->lock, &irql);
    bool is_late =
        !IsListEmpty(&b->watched) && CONTAINING_RECORD(b->watched.Flink, struct request, watched)->deadline < ke_now();
    KeReleaseSpinLock(&b->lock, irql);
    return is_late;
}

/* Waits until something can be read, or sent again. */
static void wait_for_events(struct usbip_backend *b)
{
    struct pollfd fds[2] = {{.fd = b->fd, .events = POLLIN}, {.fd = b->wake_fd, .events = POLLIN}};
    KIRQL irql;
    uint64_t count;
    KeAcquireSpinLock(&b->lock, &irql);
    if (b->is_blocked)
        fds[0].events |= POLLOUT;
    KeReleaseSpinLock(&b->lock, irql);
    if (ke_poll(fds, 2, LOOK_AGAIN * 10000ll) <= 0)
        return;
    if (fds[1].revents != 0)
        while (read(b->wake_fd, &count, sizeof(count)) < 0 && errno == EINTR)
            ;
    if ((fds[0].revents & POLLOUT) == 0)
        return;
    KeAcquireSpinLock(&b->lock, &irql);
    b->is_blocked = false;
    KeReleaseSpinLock(&b->lock, irql);
    send_queue(b);
}

static void read_answers(void *context)
{
    struct usbip_backend *b = context;
    while (!ReadAcquire(&b->is_stopping)) {
        size_t direct;
        ssize_t size = read_some(b, &direct);
        int reason = errno;
        if (size == 0 || (size < 0 && reason != EAGAIN && reason != EINTR)) {
            lose(b, "%s%s%s",
                 usbip_is_inside(&b->receiver) ? "the connection broke in the middle of an answer"
                                               : "the server closed the connection",
                 size < 0 ? ": " : "", size < 0 ? strerror(reason) : "");
            return;
        }
        if (size > 0) {
            if (direct != 0)
                usbip_received(&b->receiver, direct);
            if (!usbip_receive(&b->receiver, b->buffer, (size_t)size - direct)) {
                lose(b, "the server broke the protocol: %s", b->receiver.error);
                return;
            }
            deliver(b);
        } else {
            wait_for_events(b);
        }
        if (has_missed_deadline(b)) {
            lose(b, "the server has not given back a cancelled transfer for %d s", ANSWER_TIMEOUT / 1000);
            return;
        }
    }
}

/* ---- life ---------------------------------------------------------------------------------------------------------
 */

static NTSTATUS open_device(struct usb_backend *backend, char *error, size_t error_size)
{
    struct usbip_backend *b = (struct usbip_backend *)backend;
    static const struct usbip_receiver_ops ops = {find, done};
    b->fd = usbip_import(&b->address, &b->device, error, error_size);
    if (b->fd < 0)
        return STATUS_DEVICE_NOT_CONNECTED;
    backend->speed = b->device.speed;
    b->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (b->wake_fd < 0) {
        snprintf(error, error_size, "%s: no descriptor for the connection: %s", backend->name, strerror(errno));
        return STATUS_TOO_MANY_OPENED_FILES;
    }
    usbip_receiver_initialize(&b->receiver, &ops, b);
    NTSTATUS status = ke_thread_create_joinable("usbip", read_answers, b, &b->thread);
    b->has_thread = NT_SUCCESS(status);
    if (!b->has_thread)
        snprintf(error, error_size, "%s: no thread for the connection (0x%08X)", backend->name, (unsigned)status);
    return status;
}

/* A control request without data, waited for. */
static int32_t control(struct usbip_backend *b, UCHAR type, UCHAR request, USHORT value, USHORT index)
{
    USB_DEFAULT_PIPE_SETUP_PACKET setup = {.bmRequestType.B = type, .bRequest = request};
    struct own_request own = {.status = -ENODEV};
    KIRQL irql;
    setup.wValue.W = value;
    setup.wIndex.W = index;
    KeInitializeEvent(&own.done, NotificationEvent, FALSE);
    KeAcquireSpinLock(&b->lock, &irql);
    struct request *r = b->is_gone ? NULL : allocate_request(b);
    if (r != NULL) {
        memcpy(r->setup, &setup, sizeof(r->setup));
        r->own = &own;
        number_request(b, r);
        queue_push(&b->send, r);
        watch_request(b, r);
    }
    KeReleaseSpinLock(&b->lock, irql);
    if (r == NULL)
        return own.status;
    send_queue(b);
    KeWaitForSingleObject(&own.done, Executive, KernelMode, FALSE, NULL);
    return own.status;
}

/* Servers take a hub's request to reset the port for a reset of the device that they export. One that does not know it
 * lets the device stall it; then the device at least loses its configuration. */
static NTSTATUS reset(struct usb_backend *backend)
{
    enum { TO_PORT = 0x23, SET_FEATURE = 3, PORT_RESET = 4, TO_DEVICE = 0, SET_CONFIGURATION = 9 };
    struct usbip_backend *b = (struct usbip_backend *)backend;
    int32_t status = control(b, TO_PORT, SET_FEATURE, PORT_RESET, 1);
    if (status != 0 && status != -ENODEV)
        status = control(b, TO_DEVICE, SET_CONFIGURATION, 0, 0);
    return status == 0 ? STATUS_SUCCESS : status == -ENODEV ? STATUS_NO_SUCH_DEVICE : STATUS_UNSUCCESSFUL;
}

static void free_requests(struct usbip_backend *b)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        while (b->table[i] != NULL)
            forget_request(b, b->table[i]);
    struct request *r;
    while ((r = b->free) != NULL) {
        b->free = r->next;
        ExFreePoolWithTag(r, USBIP_TAG);
    }
}

static void close_device(struct usb_backend *backend)
{
    struct usbip_backend *b = (struct usbip_backend *)backend;
    if (b->has_thread) {
        WriteRelease(&b->is_stopping, 1);
        wake_reader(b);
        ke_thread_join(b->thread);
    }
    KeFlushQueuedDpcs();
    if (b->wake_fd >= 0)
        close(b->wake_fd);
    if (b->fd >= 0)
        close(b->fd);
    free_requests(b);
    ExFreePoolWithTag(b->buffer, USBIP_TAG);
    ExFreePoolWithTag(b, USBIP_TAG);
}

struct usb_backend *usbip_create(const struct usbip_address *address)
{
    static const struct usb_backend_ops ops = {open_device, submit, cancel, reset, close_device};
    struct usbip_backend *b = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*b), USBIP_TAG);
    UCHAR *buffer = b != NULL ? ExAllocatePoolWithTag(NonPagedPoolNx, BUFFER_SIZE, USBIP_TAG) : NULL;
    if (buffer == NULL) {
        if (b != NULL)
            ExFreePoolWithTag(b, USBIP_TAG);
        return NULL;
    }
    memset(b, 0, sizeof(*b));
    b->buffer = buffer;
    b->address = *address;
    b->backend.ops = &ops;
    snprintf(b->backend.name, sizeof(b->backend.name), "usbip:%.24s/%s", address->host, address->busid);
    b->fd = b->wake_fd = -1;
    KeInitializeSpinLock(&b->lock);
    KeInitializeDpc(&b->send_dpc, send_later, b);
    InitializeListHead(&b->watched);
    queue_initialize(&b->send);
    queue_initialize(&b->late);
    b->done_last = &b->done_first;
    return &b->backend;
}

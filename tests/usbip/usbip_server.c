/*
 * The server: one thread that polls the listening socket, the connection that has the device, and an event that the
 * gadget's completions signal. It stands in for the hub towards the gadget: a usb_device of its own takes what the
 * gadget completes.
 */
#include "tests/usbip/usbip_server.h"
#include "usb/stack.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OP_SIZE = 8, DEVICE_SIZE = 312, HEADER = 48, MAX_LENGTH = 1 << 24, BUS = 1, DEVICE = 2 };

struct pending {
    struct usb_transfer transfer; /* first */
    struct pending *next;
    uint32_t seqnum, direction, endpoint;
    uint32_t unlink; /* number of the unlink that asked for it */
    bool is_bulk_in;
    UCHAR data[];
};

struct usbip_server {
    struct usbip_server_options options;
    char busid[32];
    struct usb_backend *gadget;
    struct usb_device hub; /* what the gadget sees of a hub */
    int listener, wake, client;
    unsigned port;
    unsigned long thread;
    KSPIN_LOCK lock;
    bool is_stopping, is_pulled, is_released;
    struct usb_transfer *done; /* that the gadget has given back, in order */
    struct usbip_server_facts facts;
    /* The thread's own. */
    struct pending *open, *held;
    unsigned open_count, answers;
    bool is_garbled;
    UCHAR *input;
    size_t have, room;
};

static void put(UCHAR *p, uint32_t value)
{
    value = htonl(value);
    memcpy(p, &value, 4);
}

static uint32_t get(const UCHAR *p)
{
    uint32_t value;
    memcpy(&value, p, 4);
    return ntohl(value);
}

static void wake_up(struct usbip_server *s)
{
    uint64_t one = 1;
    while (write(s->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

static void complain(struct usbip_server *s, const char *what)
{
    KIRQL irql;
    KeAcquireSpinLock(&s->lock, &irql);
    if (s->facts.error[0] == '\0')
        snprintf(s->facts.error, sizeof(s->facts.error), "%s", what);
    KeReleaseSpinLock(&s->lock, irql);
}

#define COUNT(s, what)                                                                                                 \
    do {                                                                                                               \
        KIRQL irql_;                                                                                                   \
        KeAcquireSpinLock(&(s)->lock, &irql_);                                                                         \
        (s)->facts.what++;                                                                                             \
        KeReleaseSpinLock(&(s)->lock, irql_);                                                                          \
    } while (0)

/* ---- the gadget's side --------------------------------------------------------------------------------------------
 */

/* What usb_complete queues instead of the hub's DPC: hands all that is done to the thread, oldest first. */
static VOID NTAPI completed(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    struct usb_delivery *delivery = DeferredContext;
    struct usbip_server *s = CONTAINING_RECORD(delivery->device, struct usbip_server, hub);
    struct usb_transfer *chain = __atomic_exchange_n(&delivery->done, NULL, __ATOMIC_SEQ_CST), *ordered = NULL, **end;
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    KeAcquireSpinLockAtDpcLevel(&s->lock);
    while (chain != NULL) {
        struct usb_transfer *next = chain->next;
        chain->next = ordered;
        ordered = chain;
        chain = next;
    }
    for (end = &s->done; *end != NULL; end = &(*end)->next)
        continue;
    *end = ordered;
    KeReleaseSpinLockFromDpcLevel(&s->lock);
    wake_up(s);
}

/* ---- writing ------------------------------------------------------------------------------------------------------
 */

static bool write_part(int fd, const void *data, size_t size, int flags)
{
    const UCHAR *at = data;
    while (size != 0) {
        ssize_t count = send(fd, at, size, MSG_NOSIGNAL | flags);
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        if (count < 0 && errno == EAGAIN)
            ke_poll(&ready, 1, -1);
        else if (count < 0 && errno != EINTR)
            return false;
        if (count > 0) {
            at += count;
            size -= (size_t)count;
        }
    }
    return true;
}

static bool write_all(int fd, const void *data, size_t size)
{
    return write_part(fd, data, size, 0);
}

static void end_session(struct usbip_server *s);

static void encode_device(const struct usbip_server *s, UCHAR *out)
{
    memset(out, 0, DEVICE_SIZE);
    snprintf((char *)out, 256, "/sys/devices/simulated/usb1/%s", s->busid);
    memcpy(out + 256, s->busid, strlen(s->busid));
    put(out + 288, BUS);
    put(out + 292, DEVICE);
    put(out + 296, s->gadget->speed == UsbSuperSpeed ? 5 : s->gadget->speed == UsbFullSpeed ? 2 : 3);
    out[300] = GADGET_NCM_VENDOR >> 8;
    out[301] = GADGET_NCM_VENDOR & 0xFF;
    out[302] = GADGET_NCM_PRODUCT >> 8;
    out[303] = GADGET_NCM_PRODUCT & 0xFF;
    out[304] = 1;
    out[306] = 2; /* communications */
    out[309] = 0;
    out[310] = 1;
    out[311] = 2;
}

static void send_op(int fd, unsigned version, unsigned code, uint32_t status, const UCHAR *more, size_t size)
{
    UCHAR reply[OP_SIZE + 4 + DEVICE_SIZE + 8];
    put(reply, version << 16 | code);
    put(reply + 4, status);
    if (size != 0)
        memcpy(reply + OP_SIZE, more, size);
    write_all(fd, reply, OP_SIZE + size);
}

static void send_list(struct usbip_server *s, int fd)
{
    static const UCHAR interfaces[8] = {2, 13, 0, 0, 10, 0, 1, 0};
    UCHAR list[4 + DEVICE_SIZE + sizeof(interfaces)];
    put(list, !s->is_pulled);
    encode_device(s, list + 4);
    memcpy(list + 4 + DEVICE_SIZE, interfaces, sizeof(interfaces));
    send_op(fd, 0x0111, 5, 0, list, s->is_pulled ? 4 : sizeof(list));
}

/* Answers an import as the fault wants it; false when the connection is not taken over. */
static bool send_import(struct usbip_server *s, int fd, bool is_granted)
{
    enum usbip_server_fault fault = s->options.fault;
    UCHAR device[DEVICE_SIZE];
    encode_device(s, device);
    if (!is_granted || fault == USBIP_SERVER_OP_REFUSED) {
        send_op(fd, 0x0111, 3, 1, NULL, 0);
        return false;
    }
    if (fault == USBIP_SERVER_OP_CLOSE)
        return false;
    if (fault == USBIP_SERVER_OP_BUSID)
        device[256] = '9';
    if (fault == USBIP_SERVER_OP_BUSID_LONG)
        memset(device + 256, '1', 32);
    if (fault == USBIP_SERVER_OP_SPEED)
        put(device + 296, 77);
    if (fault == USBIP_SERVER_OP_DEVNUM)
        put(device + 292, 0x10000);
    send_op(fd, fault == USBIP_SERVER_OP_VERSION ? 0x0106 : 0x0111, fault == USBIP_SERVER_OP_CODE ? 5 : 3, 0, device,
            fault == USBIP_SERVER_OP_SHORT ? 100 : sizeof(device));
    return fault < USBIP_SERVER_OP_VERSION || fault > USBIP_SERVER_OP_DEVNUM;
}

static bool send_garbage(struct usbip_server *s)
{
    UCHAR garbage[4096];
    uint32_t x = 12345;
    for (size_t i = 0; i < sizeof(garbage); i++)
        garbage[i] = (UCHAR)((x = x * 1103515245 + 12345) >> 16);
    s->is_garbled = true;
    return write_all(s->client, garbage, sizeof(garbage));
}

/* One answer, with the fault when its turn has come. False when the connection is to end. */
static bool send_answer(struct usbip_server *s, UCHAR header[HEADER], uint32_t asked, const UCHAR *data, size_t size)
{
    bool has_turn = ++s->answers == (s->options.fault_at != 0 ? s->options.fault_at : 1);
    int fd = s->client;
    COUNT(s, answers);
    if (s->is_garbled)
        return true;
    switch (has_turn ? s->options.fault : USBIP_SERVER_OK) {
    case USBIP_SERVER_SEQNUM:
        put(header + 4, get(header + 4) + 1000);
        break;
    case USBIP_SERVER_COMMAND:
        put(header, 0x80000003);
        break;
    case USBIP_SERVER_SUBMIT_COMMAND:
        put(header, 1);
        break;
    case USBIP_SERVER_UNLINK_COMMAND:
        put(header, 4);
        break;
    case USBIP_SERVER_STATUS_POSITIVE:
        put(header + 20, 1);
        break;
    case USBIP_SERVER_STATUS_HUGE:
        put(header + 20, 0x80000000);
        break;
    case USBIP_SERVER_LENGTH_MORE:
        put(header + 24, asked + 1);
        break;
    case USBIP_SERVER_LENGTH_HUGE:
        put(header + 24, 0xFFFFFFFF);
        break;
    case USBIP_SERVER_DIRECTION:
        put(header + 12, 7);
        break;
    case USBIP_SERVER_ENDPOINT:
        put(header + 16, 9);
        break;
    case USBIP_SERVER_PACKETS:
        put(header + 32, 4);
        break;
    case USBIP_SERVER_TWICE:
        return write_all(fd, header, HEADER) && write_all(fd, data, size) && write_all(fd, header, HEADER) &&
               write_all(fd, data, size);
    case USBIP_SERVER_CLOSE:
        return false;
    case USBIP_SERVER_CUT_HEADER:
        write_all(fd, header, 20);
        return false;
    case USBIP_SERVER_CUT_DATA:
        write_all(fd, header, HEADER);
        write_all(fd, data, size / 2);
        return false;
    case USBIP_SERVER_GARBAGE:
        return send_garbage(s);
    default:
        break;
    }
    for (int i = 0; s->options.fault == USBIP_SERVER_BYTEWISE && i < HEADER; i++)
        if (!write_all(fd, header + i, 1))
            return false;
    if (s->options.fault != USBIP_SERVER_BYTEWISE && !write_part(fd, header, HEADER, size != 0 ? MSG_MORE : 0))
        return false;
    return write_all(fd, data, size);
}

static bool send_unlinked(struct usbip_server *s, uint32_t seqnum, int32_t status)
{
    UCHAR header[HEADER] = {0};
    put(header, 4);
    put(header + 4, seqnum);
    put(header + 20, (uint32_t)status);
    return send_answer(s, header, 0, NULL, 0);
}

static int32_t linux_status(USBD_STATUS status)
{
    switch (status) {
    case USBD_STATUS_SUCCESS:
        return 0;
    case USBD_STATUS_STALL_PID:
        return -EPIPE;
    case USBD_STATUS_BABBLE_DETECTED:
        return -EOVERFLOW;
    case USBD_STATUS_CANCELED:
        return -ECONNRESET;
    default:
        return -EPROTO;
    }
}

static bool send_done(struct usbip_server *s, struct pending *p)
{
    struct usb_transfer *t = &p->transfer;
    UCHAR header[HEADER] = {0};
    put(header, 3);
    put(header + 4, p->seqnum);
    if (s->options.fault == USBIP_SERVER_ECHO_BASIC) {
        put(header + 12, p->direction);
        put(header + 16, p->endpoint);
    }
    put(header + 20, (uint32_t)linux_status(t->status));
    put(header + 24, t->actual);
    return send_answer(s, header, t->length, p->data, t->is_in ? t->actual : 0);
}

static void forget(struct usbip_server *s, struct pending *p)
{
    struct pending **at = &s->open;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    s->open_count--;
    free(p);
}

/* The answer to a transfer that the gadget has given back, and to its unlink. */
static bool answer(struct usbip_server *s, struct pending *p)
{
    bool is_ok = true, is_unlinked = p->unlink != 0 && p->transfer.status == USBD_STATUS_CANCELED;
    if (is_unlinked)
        COUNT(s, unlinked);
    if (s->client < 0 || (p->unlink != 0 && s->options.no_unlink)) {
        is_ok = true;
    } else if (p->unlink != 0 && s->options.too_late) {
        if (is_unlinked)
            p->transfer.status = USBD_STATUS_SUCCESS;
        is_ok = send_unlinked(s, p->unlink, 0) && send_done(s, p);
    } else if (is_unlinked) {
        is_ok = send_unlinked(s, p->unlink, -ECONNRESET);
    } else {
        is_ok = send_done(s, p) && (p->unlink == 0 || send_unlinked(s, p->unlink, 0));
    }
    forget(s, p);
    return is_ok;
}

static struct usb_transfer *take_done(struct usbip_server *s)
{
    KIRQL irql;
    KeAcquireSpinLock(&s->lock, &irql);
    struct usb_transfer *done = s->done;
    s->done = NULL;
    KeReleaseSpinLock(&s->lock, irql);
    return done;
}

static bool may_answer(struct usbip_server *s, const struct pending *p)
{
    KIRQL irql;
    KeAcquireSpinLock(&s->lock, &irql);
    bool may = !p->is_bulk_in || !s->options.hold_in || s->is_released || p->unlink != 0 || s->client < 0;
    KeReleaseSpinLock(&s->lock, irql);
    return may;
}

static void answer_done(struct usbip_server *s)
{
    struct usb_transfer *t = take_done(s);
    bool is_ok = true;
    while (t != NULL) {
        struct pending *p = (struct pending *)t;
        t = t->next;
        if (!may_answer(s, p)) {
            p->transfer.next = NULL;
            p->transfer.backend_data[2] = p; /* done, and held back */
            continue;
        }
        is_ok = answer(s, p) && is_ok;
    }
    if (!is_ok)
        end_session(s);
}

static void answer_held(struct usbip_server *s)
{
    struct pending *next;
    bool is_ok = true;
    for (struct pending *p = s->open; p != NULL; p = next) {
        next = p->next;
        if (p->transfer.backend_data[2] != NULL && may_answer(s, p))
            is_ok = answer(s, p) && is_ok;
    }
    if (!is_ok)
        end_session(s);
}

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

static void end_session(struct usbip_server *s)
{
    if (s->client < 0)
        return;
    close(s->client);
    s->client = -1;
    s->have = 0;
    s->is_garbled = false;
    for (struct pending *p = s->open; p != NULL; p = p->next) {
        KIRQL irql;
        KeRaiseIrql(DISPATCH_LEVEL, &irql);
        if (p->transfer.backend_data[2] == NULL)
            s->gadget->ops->cancel(s->gadget, &p->transfer);
        KeLowerIrql(irql);
    }
    while (s->open != NULL) {
        struct pollfd fd = {.fd = s->wake, .events = POLLIN};
        answer_held(s);
        answer_done(s);
        if (s->open != NULL)
            ke_poll(&fd, 1, 10000);
    }
    s->gadget->ops->reset(s->gadget);
}

static bool is_port_reset(const UCHAR *setup)
{
    return setup[0] == 0x23 && setup[1] == 3 && setup[2] == 4;
}

static void start_transfer(struct usbip_server *s, const UCHAR *request, const UCHAR *data, struct pending *p)
{
    struct usb_transfer *t = &p->transfer;
    t->endpoint = (UCHAR)(p->endpoint | (p->direction != 0 && p->endpoint != 0 ? 0x80 : 0));
    t->kind = p->endpoint == 0 ? USB_TRANSFER_CONTROL : USB_TRANSFER_BULK;
    t->is_in = p->direction != 0;
    memcpy(t->setup, request + 40, 8);
    t->length = get(request + 24);
    t->buffer = p->data;
    p->is_bulk_in = t->is_in && p->endpoint == 2;
    if (!t->is_in)
        memcpy(p->data, data, t->length);
    p->next = s->open;
    s->open = p;
    s->open_count++;
    KIRQL irql;
    KeAcquireSpinLock(&s->lock, &irql);
    s->facts.submits++;
    s->facts.max_open = max(s->facts.max_open, s->open_count);
    KeReleaseSpinLock(&s->lock, irql);
    if (p->endpoint == 0 && is_port_reset(t->setup)) {
        t->status = s->options.no_reset ? USBD_STATUS_STALL_PID : USBD_STATUS_SUCCESS;
        if (!s->options.no_reset) {
            COUNT(s, resets);
            s->gadget->ops->reset(s->gadget);
        }
        usb_complete(s->gadget, t);
    } else {
        s->gadget->ops->submit(s->gadget, t);
    }
}

/* One submit; the bytes that it took, 0 when more are needed, -1 when it is wrong. */
static ssize_t take_submit(struct usbip_server *s, const UCHAR *request, size_t have)
{
    uint32_t length = get(request + 24), direction = get(request + 12), endpoint = get(request + 16);
    size_t size = HEADER + (direction == 0 ? length : 0);
    if (get(request + 8) != (BUS << 16 | DEVICE) || direction > 1 || endpoint > 15 || length > MAX_LENGTH ||
        get(request + 32) != 0xFFFFFFFF || get(request + 28) != 0 || get(request + 20) != direction * 0x200) {
        complain(s, "a submit with a wrong header");
        return -1;
    }
    if (have < size)
        return 0;
    struct pending *p = calloc(1, sizeof(*p) + length);
    p->seqnum = get(request + 4);
    p->direction = direction;
    p->endpoint = endpoint;
    for (struct pending *other = s->open; other != NULL; other = other->next)
        if (other->seqnum == p->seqnum)
            complain(s, "a sequence number twice");
    start_transfer(s, request, request + HEADER, p);
    return (ssize_t)size;
}

static bool take_unlink(struct usbip_server *s, const UCHAR *request)
{
    uint32_t seqnum = get(request + 4), target = get(request + 20);
    struct pending *p = s->open;
    COUNT(s, unlinks);
    while (p != NULL && p->seqnum != target)
        p = p->next;
    if (p == NULL)
        return s->options.no_unlink || send_unlinked(s, seqnum, 0);
    if (p->unlink != 0)
        complain(s, "a transfer is unlinked twice");
    p->unlink = seqnum;
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    if (p->transfer.backend_data[2] == NULL)
        s->gadget->ops->cancel(s->gadget, &p->transfer);
    KeLowerIrql(irql);
    return true;
}

static bool take_requests(struct usbip_server *s)
{
    size_t at = 0;
    while (s->client >= 0 && s->have - at >= HEADER) {
        const UCHAR *request = s->input + at;
        ssize_t size = HEADER;
        if (get(request) == 1)
            size = take_submit(s, request, s->have - at);
        else if (get(request) != 2 || !take_unlink(s, request))
            size = -1;
        if (size < 0)
            return false;
        if (size == 0)
            break;
        at += (size_t)size;
    }
    memmove(s->input, s->input + at, s->have - at);
    s->have -= at;
    return true;
}

static bool read_requests(struct usbip_server *s)
{
    ssize_t count = recv(s->client, s->input + s->have, s->room - s->have, MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    if (count == 0)
        return false;
    COUNT(s, reads);
    s->have += (size_t)count;
    return take_requests(s);
}

/* ---- connections --------------------------------------------------------------------------------------------------
 */

static bool read_all(int fd, UCHAR *data, size_t size)
{
    while (size != 0) {
        ssize_t count = recv(fd, data, size, 0);
        if (count <= 0)
            return false;
        data += count;
        size -= (size_t)count;
    }
    return true;
}

static void accept_client(struct usbip_server *s)
{
    UCHAR request[OP_SIZE + 32];
    int on = 1, fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    bool is_taken = false;
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (read_all(fd, request, OP_SIZE)) {
        if (get(request) == 0x01118005) {
            send_list(s, fd);
        } else if (get(request) == 0x01118003 && read_all(fd, request + OP_SIZE, 32)) {
            bool is_granted = !s->is_pulled && s->client < 0 && strcmp((char *)request + OP_SIZE, s->busid) == 0;
            is_taken = send_import(s, fd, is_granted);
        } else {
            complain(s, "an op request that is none");
        }
    }
    if (!is_taken) {
        close(fd);
        return;
    }
    COUNT(s, imports);
    s->client = fd;
}

static bool is_stopping(struct usbip_server *s)
{
    KIRQL irql;
    KeAcquireSpinLock(&s->lock, &irql);
    bool stops = s->is_stopping, is_out = s->is_pulled || usb_is_gone(&s->hub);
    KeReleaseSpinLock(&s->lock, irql);
    if (stops || is_out)
        end_session(s);
    return stops;
}

static void serve(void *context)
{
    struct usbip_server *s = context;
    while (!is_stopping(s)) {
        struct pollfd fds[3] = {{.fd = s->wake, .events = POLLIN},
                                {.fd = s->listener, .events = POLLIN},
                                {.fd = s->client, .events = POLLIN}};
        uint64_t count;
        ke_poll(fds, 3, -1);
        if (fds[0].revents != 0)
            while (read(s->wake, &count, sizeof(count)) < 0 && errno == EINTR)
                ;
        if (fds[1].revents != 0)
            accept_client(s);
        if (fds[2].fd >= 0 && fds[2].revents != 0 && s->client == fds[2].fd && !read_requests(s))
            end_session(s);
        answer_done(s);
        answer_held(s);
    }
}

/* ---- life ---------------------------------------------------------------------------------------------------------
 */

static bool open_server(struct usbip_server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    char error[200];
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->listener < 0 || s->wake < 0 || bind(s->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(s->listener, 8) != 0 || getsockname(s->listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    s->port = ntohs(address.sin_port);
    return NT_SUCCESS(s->gadget->ops->open(s->gadget, error, sizeof(error))) &&
           NT_SUCCESS(ke_thread_create_joinable("usbip server", serve, s, &s->thread));
}

static void free_server(struct usbip_server *s)
{
    close(s->listener);
    close(s->wake);
    s->gadget->ops->close(s->gadget);
    KeFlushQueuedDpcs();
    usb_transfers_free(&s->hub);
    free(s->input);
    free(s);
}

struct usbip_server *usbip_server_start(const struct usbip_server_options *options, struct usb_backend *gadget)
{
    struct usbip_server *s = calloc(1, sizeof(*s));
    if (options != NULL)
        s->options = *options;
    snprintf(s->busid, sizeof(s->busid), "%s", s->options.busid != NULL ? s->options.busid : "1-1");
    s->gadget = gadget;
    s->client = -1;
    s->room = HEADER + MAX_LENGTH;
    s->input = malloc(s->room);
    KeInitializeSpinLock(&s->lock);
    usb_transfers_initialize(&s->hub);
    for (size_t i = 0; i < RTL_NUMBER_OF(s->hub.deliveries); i++)
        KeInitializeDpc(&s->hub.deliveries[i].dpc, completed, &s->hub.deliveries[i]);
    s->hub.backend = gadget;
    gadget->device = &s->hub;
    if (open_server(s))
        return s;
    free_server(s);
    return NULL;
}

unsigned usbip_server_port(const struct usbip_server *server)
{
    return server->port;
}

static void set_flag(struct usbip_server *s, bool *flag, bool value)
{
    KIRQL irql;
    KeAcquireSpinLock(&s->lock, &irql);
    *flag = value;
    KeReleaseSpinLock(&s->lock, irql);
    wake_up(s);
}

void usbip_server_pull(struct usbip_server *server)
{
    set_flag(server, &server->is_pulled, true);
}

void usbip_server_put_back(struct usbip_server *server)
{
    set_flag(server, &server->is_pulled, false);
}

void usbip_server_release(struct usbip_server *server)
{
    set_flag(server, &server->is_released, true);
}

void usbip_server_stop(struct usbip_server *server)
{
    set_flag(server, &server->is_stopping, true);
    ke_thread_join(server->thread);
    free_server(server);
}

void usbip_server_get_facts(struct usbip_server *server, struct usbip_server_facts *facts)
{
    KIRQL irql;
    KeAcquireSpinLock(&server->lock, &irql);
    *facts = server->facts;
    KeReleaseSpinLock(&server->lock, irql);
}

/*
 * The user-mode network behind a gadget: libslirp, which turns frames into ordinary sockets of this process, so that no
 * privileges are needed. libslirp knows no threads; one system thread owns it. Frames from the gadget go through a ring
 * of preallocated slots and an eventfd to that thread, frames from libslirp straight into the gadget's port, and are
 * flushed after each round of events.
 */
#include "gadget/gadget.h"
#include "ntoskrnl/ke/ke.h"
#include <arpa/inet.h>
#include <errno.h>
#include <slirp/libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SLIRP_TAG 0x6C73676E /* "ngsl" */

enum { RING_SLOTS = 1024, SLOT_SIZE = 2048, MAX_FDS = 256, MAX_TIMERS = 16, HELD_SLOTS = 256 };

struct slot {
    ULONG length;
    UCHAR data[SLOT_SIZE];
};

struct slirp_timer {
    SlirpTimerCb callback;
    void *opaque;
    int64_t expires_ms; /* -1: not armed */
    bool is_used;
};

struct slirp_network {
    struct gadget_network network; /* first */
    struct gadget_port *port;
    Slirp *slirp;
    bool allow_internet;
    unsigned long thread;
    int wake; /* eventfd */
    volatile LONG is_stopping;

    /* From the gadget: written at DISPATCH_LEVEL under the lock, read by the thread. */
    KSPIN_LOCK lock;
    struct slot *ring;
    ULONG head, tail; /* head: next to read */
    bool was_full;

    /* Frames for which the gadget had no room: libslirp cannot be told to wait, so they wait here. */
    struct slot *held;
    ULONG held_head, held_count;

    struct pollfd fds[MAX_FDS];
    int fd_count;
    struct slirp_timer timers[MAX_TIMERS];
};

/* ---- what libslirp asks of us -------------------------------------------------------------------------------------
 */

static int64_t clock_ns(void *opaque)
{
    (void)opaque;
    return ke_now() * 100;
}

static void hold(struct slirp_network *n, const void *frame, size_t length)
{
    if (n->held_count == HELD_SLOTS || length > SLOT_SIZE)
        return; /* lost, as on any full queue of a real network */
    struct slot *slot = &n->held[(n->held_head + n->held_count++) % HELD_SLOTS];
    slot->length = (ULONG)length;
    memcpy(slot->data, frame, length);
}

static ssize_t send_packet(const void *frame, size_t length, void *opaque)
{
    struct slirp_network *n = opaque;
    struct gadget_frame f = {frame, NULL, (ULONG)length};
    if (n->held_count != 0 || n->port->receive(n->port, &f, 1) == 0)
        hold(n, frame, length);
    return (ssize_t)length;
}

static void guest_error(const char *message, void *opaque)
{
    (void)opaque;
    ke_trace("slirp: %s", message);
}

static void *timer_new(SlirpTimerCb callback, void *callback_opaque, void *opaque)
{
    struct slirp_network *n = opaque;
    for (int i = 0; i < MAX_TIMERS; i++)
        if (!n->timers[i].is_used) {
            n->timers[i] = (struct slirp_timer){callback, callback_opaque, -1, true};
            return &n->timers[i];
        }
    return NULL;
}

static void timer_free(void *timer, void *opaque)
{
    (void)opaque;
    if (timer != NULL)
        ((struct slirp_timer *)timer)->is_used = false;
}

static void timer_mod(void *timer, int64_t expires_ms, void *opaque)
{
    (void)opaque;
    if (timer != NULL)
        ((struct slirp_timer *)timer)->expires_ms = expires_ms;
}

static void register_poll_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void notify(void *opaque)
{
    (void)opaque; /* everything runs on the one thread */
}

static const SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = clock_ns,
    .timer_new = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = register_poll_fd,
    .unregister_poll_fd = register_poll_fd,
    .notify = notify,
};

/* ---- the thread ---------------------------------------------------------------------------------------------------
 */

static int add_poll(int fd, int events, void *opaque)
{
    struct slirp_network *n = opaque;
    if (n->fd_count == MAX_FDS)
        return -1;
    short wanted = (short)((events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
                           (events & SLIRP_POLL_PRI ? POLLPRI : 0));
    n->fds[n->fd_count] = (struct pollfd){fd, wanted, 0};
    return n->fd_count++;
}

static int get_revents(int index, void *opaque)
{
    struct slirp_network *n = opaque;
    if (index < 0 || index >= n->fd_count)
        return 0;
    short got = n->fds[index].revents;
    return (got & POLLIN ? SLIRP_POLL_IN : 0) | (got & POLLOUT ? SLIRP_POLL_OUT : 0) |
           (got & POLLPRI ? SLIRP_POLL_PRI : 0) | (got & POLLERR ? SLIRP_POLL_ERR : 0) |
           (got & POLLHUP ? SLIRP_POLL_HUP : 0);
}

static void run_timers(struct slirp_network *n)
{
    int64_t now = ke_now() / 10000;
    for (int i = 0; i < MAX_TIMERS; i++) {
        struct slirp_timer *t = &n->timers[i];
        if (t->is_used && t->expires_ms >= 0 && t->expires_ms <= now) {
            t->expires_ms = -1;
            t->callback(t->opaque);
        }
    }
}

/* Without leave for more, IPv4 goes to 10.0.2.0/24, broadcast and multicast only: libslirp answers those itself or from
 * this machine. */
static bool may_pass(const struct slirp_network *n, const struct slot *slot)
{
    enum { ETHERNET_HEADER = 14, IPV4_DESTINATION = ETHERNET_HEADER + 16, IPV4_HEADER_END = ETHERNET_HEADER + 20 };
    const UCHAR *d = slot->data;
    if (n->allow_internet || slot->length < IPV4_HEADER_END || d[12] != 0x08 || d[13] != 0x00)
        return true;
    const UCHAR *to = d + IPV4_DESTINATION;
    return (to[0] == 10 && to[1] == 0 && to[2] == 2) || to[0] >= 224;
}

/* Frames of the gadget into libslirp. Reading needs no lock: only this thread moves the head. A frame that comes while
 * others are read wakes nobody, so the ring is looked at again until it is empty under the lock. */
static void drain_ring(struct slirp_network *n)
{
    ULONG head = n->head;
    bool was_full = false, is_empty;
    do {
        ULONG tail = __atomic_load_n(&n->tail, __ATOMIC_ACQUIRE);
        for (; head != tail; head++) {
            struct slot *slot = &n->ring[head % RING_SLOTS];
            if (may_pass(n, slot))
                slirp_input(n->slirp, slot->data, (int)slot->length);
        }
        KIRQL irql;
        KeAcquireSpinLock(&n->lock, &irql);
        n->head = head;
        is_empty = head == n->tail;
        was_full |= n->was_full;
        n->was_full = false;
        KeReleaseSpinLock(&n->lock, irql);
    } while (!is_empty);
    if (was_full)
        n->port->writable(n->port);
}

static void offer_held(struct slirp_network *n)
{
    while (n->held_count != 0) {
        struct slot *slot = &n->held[n->held_head];
        struct gadget_frame f = {slot->data, NULL, slot->length};
        if (n->port->receive(n->port, &f, 1) == 0)
            return;
        n->held_head = (n->held_head + 1) % HELD_SLOTS;
        n->held_count--;
    }
}

static uint32_t next_timeout(struct slirp_network *n)
{
    int64_t now = ke_now() / 10000;
    uint32_t timeout = n->held_count != 0 ? 1 : 1000;
    for (int i = 0; i < MAX_TIMERS; i++) {
        struct slirp_timer *t = &n->timers[i];
        if (t->is_used && t->expires_ms >= 0) {
            int64_t left = t->expires_ms > now ? t->expires_ms - now : 0;
            timeout = left < timeout ? (uint32_t)left : timeout;
        }
    }
    return timeout;
}

static void run(void *context)
{
    struct slirp_network *n = context;
    while (!ReadAcquire(&n->is_stopping)) {
        n->fd_count = 0;
        add_poll(n->wake, SLIRP_POLL_IN, n);
        uint32_t timeout = next_timeout(n);
        slirp_pollfds_fill(n->slirp, &timeout, add_poll, n);
        int ready = ke_poll(n->fds, (nfds_t)n->fd_count, (LONGLONG)timeout * 10000);
        if (n->fds[0].revents & POLLIN) {
            uint64_t count;
            while (read(n->wake, &count, sizeof(count)) < 0 && errno == EINTR)
                ;
        }
        offer_held(n);
        drain_ring(n);
        slirp_pollfds_poll(n->slirp, ready < 0, get_revents, n);
        run_timers(n);
        n->port->flush(n->port);
    }
}

static void wake_thread(struct slirp_network *n)
{
    uint64_t one = 1;
    while (write(n->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

/* ---- the network --------------------------------------------------------------------------------------------------
 */

static size_t slirp_send(struct gadget_network *network, const struct gadget_frame *frames, size_t count)
{
    struct slirp_network *n = (struct slirp_network *)network;
    KIRQL irql;
    size_t taken = 0;
    KeAcquireSpinLock(&n->lock, &irql);
    ULONG tail = n->tail;
    bool was_empty = tail == n->head;
    for (; taken < count && tail - n->head < RING_SLOTS; taken++) {
        if (frames[taken].length > SLOT_SIZE)
            continue;
        struct slot *slot = &n->ring[tail++ % RING_SLOTS];
        slot->length = frames[taken].length;
        memcpy(slot->data, frames[taken].data, slot->length);
    }
    n->was_full |= taken < count;
    __atomic_store_n(&n->tail, tail, __ATOMIC_RELEASE);
    KeReleaseSpinLock(&n->lock, irql);
    if (was_empty && taken != 0)
        wake_thread(n);
    return taken;
}

static SlirpConfig configuration(const struct slirp_network *n)
{
    SlirpConfig config = {.version = 3};
    config.in_enabled = true;
    config.in6_enabled = false;
    config.vnetwork.s_addr = htonl(0x0A000200); /* 10.0.2.0 */
    config.vnetmask.s_addr = htonl(0xFFFFFF00);
    config.vhost.s_addr = htonl(0x0A000202);       /* 10.0.2.2 */
    config.vdhcp_start.s_addr = htonl(0x0A00020F); /* 10.0.2.15 */
    config.vnameserver.s_addr = htonl(0x0A000203);
    config.vhostname = "ndiskit";
    config.disable_dns = !n->allow_internet;
    config.if_mtu = 1500;
    config.if_mru = 1500;
    return config;
}

static NTSTATUS slirp_attach(struct gadget_network *network, struct gadget_port *port)
{
    struct slirp_network *n = (struct slirp_network *)network;
    SlirpConfig config = configuration(n);
    n->port = port;
    n->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (n->wake < 0)
        return STATUS_TOO_MANY_OPENED_FILES;
    n->slirp = slirp_new(&config, &callbacks, n);
    if (n->slirp == NULL) {
        close(n->wake);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    n->is_stopping = 0;
    NTSTATUS status = ke_thread_create_joinable("slirp", run, n, &n->thread);
    if (!NT_SUCCESS(status)) {
        slirp_cleanup(n->slirp);
        close(n->wake);
    }
    return status;
}

static void slirp_detach(struct gadget_network *network)
{
    struct slirp_network *n = (struct slirp_network *)network;
    WriteRelease(&n->is_stopping, 1);
    wake_thread(n);
    ke_thread_join(n->thread);
    slirp_cleanup(n->slirp);
    close(n->wake);
}

static void slirp_destroy(struct gadget_network *network)
{
    struct slirp_network *n = (struct slirp_network *)network;
    ExFreePoolWithTag(n->ring, SLIRP_TAG);
    ExFreePoolWithTag(n->held, SLIRP_TAG);
    ExFreePoolWithTag(n, SLIRP_TAG);
}

struct gadget_network *gadget_network_slirp(bool allow_internet)
{
    static const struct gadget_network_ops ops = {slirp_attach, slirp_send, slirp_detach, slirp_destroy};
    struct slirp_network *n = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*n), SLIRP_TAG);
    if (n == NULL)
        return NULL;
    memset(n, 0, sizeof(*n));
    n->network = (struct gadget_network){&ops, "slirp"};
    n->allow_internet = allow_internet;
    KeInitializeSpinLock(&n->lock);
    n->ring = ExAllocatePoolWithTag(NonPagedPoolNx, RING_SLOTS * sizeof(*n->ring), SLIRP_TAG);
    n->held = ExAllocatePoolWithTag(NonPagedPoolNx, HELD_SLOTS * sizeof(*n->held), SLIRP_TAG);
    if (n->ring != NULL && n->held != NULL)
        return &n->network;
    if (n->ring != NULL)
        ExFreePoolWithTag(n->ring, SLIRP_TAG);
    if (n->held != NULL)
        ExFreePoolWithTag(n->held, SLIRP_TAG);
    ExFreePoolWithTag(n, SLIRP_TAG);
    return NULL;
}

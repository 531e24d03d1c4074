/*
 * TAP: Linux's own network stack above an NDIS adapter. A protocol driver binds one adapter; a thread moves what Linux
 * sends into NET_BUFFER_LIST chains, and received frames are written to the TAP device where they arrive. The interface
 * takes over the adapter's MAC address, MTU and carrier.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ntoskrnl/ke/ke.h"
#include "upper/protocol.h"
#include "upper/upper.h"

#define TAP_BATCH 64

/* Whether the thread uses the binding, and whether somebody waits until it does not. */
enum { TAP_STILL, TAP_MOVING, TAP_AWAITED };

static struct {
    struct upper_protocol *protocol;
    char name[IFNAMSIZ];
    int fd;
    int stop_fd;
    unsigned long thread;
    struct ke_lock lock; /* the following */
    struct upper_binding *binding;
    uint32_t moving; /* TAP_STILL ...: futex word */
    bool up;
} tap = {.fd = -1, .stop_fd = -1};

/* ---- Linux's interface
 * ------------------------------------------------------------------------------------------------ */

static bool set_interface(unsigned long request, struct ifreq *ifr)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && ioctl(fd, request, ifr) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* The interface as the adapter is. What Linux refuses is said once in the trace; frames pass all the same. */
static void configure_interface(const struct upper_adapter *adapter)
{
    struct ifreq ifr = {0};

    memcpy(ifr.ifr_name, tap.name, IFNAMSIZ);
    ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(ifr.ifr_hwaddr.sa_data, adapter->mac, 6);
    if (!set_interface(SIOCSIFHWADDR, &ifr))
        ke_trace("tap %s: the MAC address cannot be set: %s", tap.name, strerror(errno));
    ifr.ifr_mtu = (int)adapter->mtu;
    if (!set_interface(SIOCSIFMTU, &ifr))
        ke_trace("tap %s: the MTU cannot be set to %u: %s", tap.name, adapter->mtu, strerror(errno));
    if (set_interface(SIOCGIFFLAGS, &ifr)) {
        ifr.ifr_flags |= IFF_UP;
        if (!set_interface(SIOCSIFFLAGS, &ifr))
            ke_trace("tap %s: cannot be brought up: %s", tap.name, strerror(errno));
    }
}

static void set_carrier(bool up)
{
    int carrier = up;

    if (ioctl(tap.fd, TUNSETCARRIER, &carrier) != 0)
        ke_trace("tap %s: the carrier cannot be set: %s", tap.name, strerror(errno));
}

/* ---- NDIS's side
 * -------------------------------------------------------------------------------------------------------- */

static void *tap_bind(struct upper_binding *binding, const struct upper_adapter *adapter)
{
    bool taken;

    ke_lock(&tap.lock);
    taken = tap.binding != NULL;
    if (!taken)
        tap.binding = binding;
    ke_unlock(&tap.lock);
    if (taken)
        return NULL;
    configure_interface(adapter);
    return &tap;
}

static void tap_unbind(void *context)
{
    (void)context;
    ke_lock(&tap.lock);
    tap.binding = NULL;
    ke_unlock(&tap.lock);
    while (__atomic_load_n(&tap.moving, __ATOMIC_ACQUIRE) != TAP_STILL) {
        uint32_t moving = TAP_MOVING;
        __atomic_compare_exchange_n(&tap.moving, &moving, TAP_AWAITED, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
        ke_wait_on_address(&tap.moving, TAP_AWAITED, KE_FOREVER);
    }
}

static void tap_link(void *context, bool up)
{
    (void)context;
    ke_lock(&tap.lock);
    tap.up = up;
    ke_unlock(&tap.lock);
    set_carrier(up);
}

static void tap_receive(void *context, const struct upper_received *frames, size_t count)
{
    (void)context;
    /* A full queue of Linux drops the frame, as a full ring of a card would. */
    for (size_t i = 0; i < count; i++) {
        if (write(tap.fd, frames[i].data, frames[i].length) < 0 && errno != EAGAIN && errno != EIO)
            ke_trace("tap %s: write: %s", tap.name, strerror(errno));
    }
}

static const struct upper_protocol_ops tap_ops = {
    .name = "NDISKIT_TAP",
    .bind = tap_bind,
    .unbind = tap_unbind,
    .link = tap_link,
    .receive = tap_receive,
};

/* ---- from Linux
 * ------------------------------------------------------------------------------------------------------------ */

/* The binding, kept from going away until release_binding; NULL when there is none or its link is down. */
static struct upper_binding *hold_binding(void)
{
    struct upper_binding *binding;

    ke_lock(&tap.lock);
    binding = tap.up ? tap.binding : NULL;
    __atomic_store_n(&tap.moving, binding != NULL ? TAP_MOVING : TAP_STILL, __ATOMIC_RELEASE);
    ke_unlock(&tap.lock);
    return binding;
}

static void release_binding(void)
{
    if (__atomic_exchange_n(&tap.moving, TAP_STILL, __ATOMIC_RELEASE) == TAP_AWAITED)
        ke_wake_address(&tap.moving, 1);
}

/* Reads what is there into one chain. False when nothing was. */
static bool move_batch(void)
{
    struct upper_binding *binding = hold_binding();
    struct upper_frame *first = NULL, **end = &first;
    uint8_t dropped[64];
    int count = 0;

    while (count < TAP_BATCH) {
        struct upper_frame *frame = binding != NULL ? upper_frame_get(binding) : NULL;
        ssize_t length =
            frame != NULL ? read(tap.fd, frame->data, frame->capacity) : read(tap.fd, dropped, sizeof(dropped));
        if (length <= 0) {
            if (frame != NULL)
                upper_frame_put(binding, frame);
            break;
        }
        count++;
        if (frame == NULL)
            continue;
        frame->length = (uint32_t)length;
        frame->next = NULL;
        *end = frame;
        end = &frame->next;
    }
    if (first != NULL)
        upper_frame_send(binding, first);
    release_binding();
    return count > 0;
}

static void tap_thread(void *context)
{
    struct pollfd fds[2] = {{.fd = tap.fd, .events = POLLIN}, {.fd = tap.stop_fd, .events = POLLIN}};

    (void)context;
    for (;;) {
        if (ke_poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[1].revents != 0)
            break;
        while (move_batch())
            continue;
    }
}

/* ---- start and stop
 * ---------------------------------------------------------------------------------------------------------- */

static bool open_tap(const char *name, char *error, size_t error_size)
{
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};

    if (strlen(name) >= IFNAMSIZ || name[0] == '\0') {
        snprintf(error, error_size, "'%s' is no interface name: it must have 1 to %d characters.", name, IFNAMSIZ - 1);
        return false;
    }
    tap.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap.fd < 0) {
        snprintf(error, error_size,
                 "/dev/net/tun cannot be opened: %s. TAP needs root or CAP_NET_ADMIN; --upper stack needs "
                 "neither.",
                 strerror(errno));
        return false;
    }
    memcpy(ifr.ifr_name, name, strlen(name) + 1);
    if (ioctl(tap.fd, TUNSETIFF, &ifr) != 0) {
        snprintf(error, error_size,
                 "The TAP interface '%s' cannot be made: %s. It needs root or CAP_NET_ADMIN, or an interface "
                 "made for this user with 'ip tuntap add mode tap user NAME'.",
                 name, strerror(errno));
        close(tap.fd);
        tap.fd = -1;
        return false;
    }
    memcpy(tap.name, ifr.ifr_name, IFNAMSIZ);
    return true;
}

static void close_tap(void)
{
    close(tap.fd);
    tap.fd = -1;
    if (tap.stop_fd >= 0)
        close(tap.stop_fd);
    tap.stop_fd = -1;
}

bool upper_tap_start(const char *name, char *error, size_t error_size)
{
    int32_t status;

    if (tap.fd >= 0) {
        snprintf(error, error_size, "The TAP interface %s is in use already; one run can have one.", tap.name);
        return false;
    }
    if (!open_tap(name, error, error_size))
        return false;
    set_carrier(false);
    tap.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    status = tap.stop_fd < 0 ? STATUS_INSUFFICIENT_RESOURCES : upper_protocol_register(&tap_ops, &tap.protocol);
    if (status == 0) {
        status = ke_thread_create_joinable("tap", tap_thread, NULL, &tap.thread);
        if (status == 0)
            return true;
        upper_protocol_unregister(tap.protocol);
    }
    snprintf(error, error_size, "The TAP interface '%s' cannot register as an NDIS protocol (status 0x%08X).", name,
             (unsigned)status);
    close_tap();
    return false;
}

void upper_tap_stop(void)
{
    uint64_t one = 1;

    if (tap.fd < 0)
        return;
    if (write(tap.stop_fd, &one, sizeof(one)) != sizeof(one))
        ke_trace("tap %s: stop: %s", tap.name, strerror(errno));
    ke_thread_join(tap.thread);
    upper_protocol_unregister(tap.protocol);
    close_tap();
}

/*
 * A TAP interface of Linux behind a simulated device: what the host sends leaves there, what Linux sends arrives at the
 * host. Frames from the host are written where they are offered; a thread reads the others, as many as there are before
 * it hands them over. What the device has no room for waits, and Linux's queue behind it: nothing is lost that TCP
 * would have to send again.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gadget/gadget.h"
#include "ntoskrnl/ke/ke.h"

#define TAP_TAG       0x70617467 /* "gtap" */
#define TAP_BATCH     64
#define TAP_FRAME_MAX 2048
#define TAP_PATIENCE  500 /* 50 us: until frames are offered again that had no room */

struct tap_network {
    struct gadget_network network; /* first */
    struct gadget_port *port;
    int fd, stop_fd;
    unsigned long thread;
    struct gadget_frame frames[TAP_BATCH];
    UCHAR data[TAP_BATCH][TAP_FRAME_MAX];
};

static struct tap_network *from_network(struct gadget_network *network)
{
    return (struct tap_network *)network;
}

static bool is_stopping(const struct tap_network *tap)
{
    struct pollfd stop = {.fd = tap->stop_fd, .events = POLLIN};
    return poll(&stop, 1, 0) != 0;
}

/* Offers frames until all are taken. */
static void offer(struct tap_network *tap, size_t count)
{
    uint32_t never = 0;
    size_t taken = tap->port->receive(tap->port, tap->frames, count);
    tap->port->flush(tap->port);
    while (taken < count && !is_stopping(tap)) {
        ke_wait_on_address(&never, 0, ke_now() + TAP_PATIENCE);
        taken += tap->port->receive(tap->port, tap->frames + taken, count - taken);
        tap->port->flush(tap->port);
    }
}

static void tap_thread(void *context)
{
    struct tap_network *tap = context;
    struct pollfd fds[2] = {{.fd = tap->fd, .events = POLLIN}, {.fd = tap->stop_fd, .events = POLLIN}};

    while (ke_poll(fds, 2, -1) >= 0 && fds[1].revents == 0) {
        size_t count;
        do {
            for (count = 0; count < TAP_BATCH; count++) {
                ssize_t length = read(tap->fd, tap->data[count], TAP_FRAME_MAX);
                if (length <= 0)
                    break;
                tap->frames[count] = (struct gadget_frame){tap->data[count], NULL, (ULONG)length};
            }
            if (count != 0)
                offer(tap, count);
        } while (count == TAP_BATCH && !is_stopping(tap));
    }
}

static size_t tap_send(struct gadget_network *network, const struct gadget_frame *frames, size_t count)
{
    struct tap_network *tap = from_network(network);
    /* A full queue of Linux, or an interface that is down, drops the frame, as a cable's other end would. */
    for (size_t i = 0; i < count; i++) {
        if (write(tap->fd, frames[i].data, frames[i].length) < 0 && errno != EAGAIN && errno != EIO)
            ke_trace("gadget tap: write: %s", strerror(errno));
    }
    return count;
}

static NTSTATUS tap_attach(struct gadget_network *network, struct gadget_port *port)
{
    struct tap_network *tap = from_network(network);
    tap->port = port;
    return ke_thread_create_joinable("gadget-tap", tap_thread, tap, &tap->thread);
}

static void tap_detach(struct gadget_network *network)
{
    struct tap_network *tap = from_network(network);
    ULONGLONG one = 1;
    if (write(tap->stop_fd, &one, sizeof(one)) != sizeof(one))
        ke_trace("gadget tap: stop: %s", strerror(errno));
    ke_thread_join(tap->thread);
}

static void tap_destroy(struct gadget_network *network)
{
    struct tap_network *tap = from_network(network);
    close(tap->fd);
    close(tap->stop_fd);
    ExFreePoolWithTag(tap, TAP_TAG);
}

static int open_tap(const char *name, char *error, size_t error_size)
{
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
    if (fd >= 0 && strlen(name) < IFNAMSIZ && ioctl(fd, TUNSETIFF, &ifr) == 0)
        return fd;
    snprintf(error, error_size, "The TAP interface '%s' cannot be made: %s. It needs root or CAP_NET_ADMIN.", name,
             strlen(name) < IFNAMSIZ ? strerror(errno) : "the name is too long");
    if (fd >= 0)
        close(fd);
    return -1;
}

struct gadget_network *gadget_network_tap(const char *name, char *error, size_t error_size)
{
    static const struct gadget_network_ops ops = {tap_attach, tap_send, tap_detach, tap_destroy};
    struct tap_network *tap = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*tap), TAP_TAG);

    if (tap == NULL) {
        snprintf(error, error_size, "There is no memory for a network.");
        return NULL;
    }
    memset(tap, 0, sizeof(*tap));
    tap->network = (struct gadget_network){&ops, "tap"};
    tap->fd = open_tap(name, error, error_size);
    if (tap->fd < 0) {
        ExFreePoolWithTag(tap, TAP_TAG);
        return NULL;
    }
    tap->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return &tap->network;
}

/*
 * Two TAP interfaces joined: by the whole stack (the upper one above NDIS, the lower one behind the simulated device),
 * or, as what that is compared with, by a bare copy loop: a thread for each direction, which reads what there is, a
 * frame a system call as everybody must, and writes it at once. bench/run puts a namespace behind each interface.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/bench.h"
#include "gadget/gadget.h"
#include "upper/upper.h"
#include "usb/usb.h"

static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* The interfaces exist and frames pass: whoever started this goes on. Ends with SIGTERM. */
static void serve(const sigset_t *signals)
{
    int number;

    puts("ready");
    fflush(stdout);
    sigwait(signals, &number);
}

void bench_tap(const struct bench_options *options)
{
    struct gadget_network *network;
    struct usb_backend *backend;
    struct usb_device *device;
    struct ndiskit_error error;
    sigset_t signals;
    char text[400];

    block_signals(&signals);
    bench_boot(options);
    if (!upper_tap_start(options->upper, text, sizeof(text)))
        bench_fail("%s", text);
    network = gadget_network_tap(options->lower, text, sizeof(text));
    if (network == NULL)
        bench_fail("%s", text);
    backend = gadget_create(NULL, network);
    if (backend == NULL || !NT_SUCCESS(usb_plug(backend, &device, text, sizeof(text))))
        bench_fail("the device cannot be plugged in: %s", text);
    bench_wait_link(NULL);
    serve(&signals);
    usb_unplug(device);
    upper_tap_stop();
    if (ndiskit_shutdown(NULL, &error) != 0)
        bench_fail("%s", error.text);
}

/* ---- the bare loop --------------------------------------------------------------------------------------------------
 */

static int open_tap(const char *name)
{
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) != 0)
        bench_fail("the TAP interface '%s' cannot be made: %s", name, strerror(errno));
    return fd;
}

struct direction {
    int from, to;
};

static void *copy_thread(void *context)
{
    const struct direction *direction = context;
    struct pollfd poller = {.fd = direction->from, .events = POLLIN};
    char frame[2048];

    for (;;) {
        ssize_t length = read(direction->from, frame, sizeof(frame));
        if (length > 0) {
            if (write(direction->to, frame, (size_t)length) < 0 && errno != EAGAIN && errno != EIO)
                bench_fail("write: %s", strerror(errno));
        } else {
            poll(&poller, 1, -1);
        }
    }
    return NULL;
}

void bench_copy(const struct bench_options *options)
{
    int upper = open_tap(options->upper), lower = open_tap(options->lower);
    struct direction down = {upper, lower}, up = {lower, upper};
    pthread_t threads[2];
    sigset_t signals;

    block_signals(&signals);
    pthread_create(&threads[0], NULL, copy_thread, &down);
    pthread_create(&threads[1], NULL, copy_thread, &up);
    serve(&signals);
}

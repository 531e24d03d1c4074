/*
 * USB/IP up to the import: finding the server, connecting, asking what it exports and taking one device. Everything
 * here may wait, with a limit, and every failure says what was tried and what can be done about it.
 */
#include "usb/usbip.h"
#include "ntoskrnl/ke/ke.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>


/* A connection and the limit for what is done on it before the import is through. */
struct talk {
    const struct usbip_address *address;
    int fd;
    LONGLONG deadline;
    char *error;
    size_t error_size;
};

#define FAIL(talk, format, ...)                                                                                        \
    (snprintf((talk)->error, (talk)->error_size, "usbip:%.60s:%s%s%s: " format, (talk)->address->host,                 \
              (talk)->address->port, (talk)->address->busid[0] != '\0' ? "/" : "", (talk)->address->busid,             \
              ##__VA_ARGS__),                                                                                          \
     false)

/* ---- waiting ------------------------------------------------------------------------------------------------------
 */

/* Until EVENTS or the deadline; sets errno. */
static bool wait_for(const struct talk *talk, short events)
{
    struct pollfd fd = {.fd = talk->fd, .events = events};
    for (;;) {
        LONGLONG left = talk->deadline - ke_now();
        int count = ke_poll(&fd, 1, left > 0 ? left : 0);
        if (count > 0)
            return true;
        if (count == 0)
            errno = ETIMEDOUT;
        if (count == 0 || errno != EINTR)
            return false;
    }
}

static bool send_all(struct talk *talk, const uint8_t *data, size_t size)
{
    while (size != 0) {
        ssize_t count = send(talk->fd, data, size, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR && (errno != EAGAIN || !wait_for(talk, POLLOUT)))
            return FAIL(talk, "the request cannot be sent: %s", strerror(errno));
        if (count > 0) {
            data += count;
            size -= (size_t)count;
        }
    }
    return true;
}

static bool receive_all(struct talk *talk, uint8_t *data, size_t size)
{
    while (size != 0) {
        ssize_t count = recv(talk->fd, data, size, 0);
        if (count == 0)
            return FAIL(talk, "the server closed the connection in the middle of its answer");
        if (count < 0 && errno != EINTR && (errno != EAGAIN || !wait_for(talk, POLLIN)))
            return FAIL(talk, "%s",
                        errno == ETIMEDOUT ? "the server does not answer; is it a USB/IP server (usbipd)?"
                                           : strerror(errno));
        if (count > 0) {
            data += count;
            size -= (size_t)count;
        }
    }
    return true;
}

/* ---- connecting ---------------------------------------------------------------------------------------------------
 */

/* Small messages go at once, and a server that vanished without a word is noticed. */
static void set_options(int fd)
{
    int on = 1, idle = 10, interval = 5, probes = 3, unanswered_ms = 20000;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof(unanswered_ms));
}

/* 0, or the reason as an errno. */
static int connect_to(struct talk *talk, const struct addrinfo *to)
{
    int reason = 0;
    socklen_t size = sizeof(reason);
    talk->fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (talk->fd < 0)
        return errno;
    set_options(talk->fd);
    if (connect(talk->fd, to->ai_addr, to->ai_addrlen) != 0) {
        if (errno != EINPROGRESS || !wait_for(talk, POLLOUT))
            reason = errno;
        else if (getsockopt(talk->fd, SOL_SOCKET, SO_ERROR, &reason, &size) != 0)
            reason = errno;
    }
    if (reason != 0)
        close(talk->fd);
    return reason;
}

static const char *advice(int reason)
{
    switch (reason) {
    case ECONNREFUSED:
        return ": no USB/IP server listens there; start it with `usbipd -D` on that machine";
    case ETIMEDOUT:
        return ": nothing answers; is the machine on, and does its firewall let this port through?";
    case EHOSTUNREACH:
    case ENETUNREACH:
        return ": there is no way to that machine; is the address right, and the network up?";
    default:
        return "";
    }
}

static bool start(struct talk *talk, const struct usbip_address *address, char *error, size_t size)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *list;
    *talk = (struct talk){.address = address, .error = error, .error_size = size};
    int result = getaddrinfo(address->host, address->port, &hints, &list), reason = EHOSTUNREACH;
    if (result != 0)
        return FAIL(talk, "the host name cannot be resolved: %s",
                    result == EAI_SYSTEM ? strerror(errno) : gai_strerror(result));
    for (const struct addrinfo *to = list; to != NULL; to = to->ai_next) {
        talk->deadline = ke_now() + USBIP_CONNECT_TIMEOUT_MS * 10000ll;
        reason = connect_to(talk, to);
        if (reason == 0)
            break;
    }
    freeaddrinfo(list);
    return reason == 0 || FAIL(talk, "%s%s", strerror(reason), advice(reason));
}

static bool ask(struct talk *talk, const uint8_t *request, size_t size, enum usbip_op op, uint32_t *status)
{
    uint8_t reply[USBIP_OP_SIZE];
    char why[200];
    if (!send_all(talk, request, size) || !receive_all(talk, reply, sizeof(reply)))
        return false;
    return usbip_decode_op(reply, op, status, why, sizeof(why)) || FAIL(talk, "%s", why);
}

/* ---- the list -----------------------------------------------------------------------------------------------------
 */

typedef void each_device(void *context, const struct usbip_device *device, const struct usbip_interface *interfaces);

static bool receive_device(struct talk *talk, each_device *each, void *context)
{
    uint8_t data[USBIP_DEVICE_SIZE];
    struct usbip_device device;
    struct usbip_interface interfaces[255];
    char why[200];
    if (!receive_all(talk, data, sizeof(data)))
        return false;
    if (!usbip_decode_device(data, &device, why, sizeof(why)))
        return FAIL(talk, "%s", why);
    for (unsigned i = 0; i < device.interfaces; i++) {
        uint8_t interface[USBIP_INTERFACE_SIZE];
        if (!receive_all(talk, interface, sizeof(interface)))
            return false;
        interfaces[i] = (struct usbip_interface){interface[0], interface[1], interface[2]};
    }
    each(context, &device, interfaces);
    return true;
}

static bool receive_list(struct talk *talk, each_device *each, void *context)
{
    uint8_t request[USBIP_OP_SIZE], data[4];
    uint32_t status, count;
    char why[200];
    if (!ask(talk, request, usbip_encode_devlist(request), USBIP_OP_DEVLIST, &status))
        return false;
    if (status != 0)
        return FAIL(talk, "the server refuses to list its devices: status %u", status);
    if (!receive_all(talk, data, sizeof(data)))
        return false;
    if (!usbip_decode_device_count(data, &count, why, sizeof(why)))
        return FAIL(talk, "%s", why);
    while (count-- != 0)
        if (!receive_device(talk, each, context))
            return false;
    return true;
}

bool usbip_list(const struct usbip_address *server, each_device *each, void *context, char *error, size_t size)
{
    struct talk talk;
    if (!start(&talk, server, error, size))
        return false;
    bool is_ok = receive_list(&talk, each, context);
    close(talk.fd);
    return is_ok;
}

/* ---- the import ---------------------------------------------------------------------------------------------------
 */

struct exported {
    const char *wanted;
    bool has_wanted;
    unsigned count;
    char text[160];
};

static void note_exported(void *context, const struct usbip_device *device, const struct usbip_interface *interfaces)
{
    struct exported *exported = context;
    size_t used = strlen(exported->text);
    (void)interfaces;
    exported->has_wanted |= strcmp(device->busid, exported->wanted) == 0;
    exported->count++;
    snprintf(exported->text + used, sizeof(exported->text) - used, "%s%s (%04x:%04x)", used != 0 ? ", " : "",
             device->busid, device->vendor, device->product);
}

/* The server only says no; what it exports tells why. */
static bool explain_refusal(struct talk *talk, uint32_t status)
{
    struct exported exported = {.wanted = talk->address->busid};
    struct usbip_address server = *talk->address;
    char why[300];
    server.busid[0] = '\0';
    if (!usbip_list(&server, note_exported, &exported, why, sizeof(why)))
        return FAIL(talk, "the server refuses to give the device (status %u)", status);
    if (exported.has_wanted)
        return FAIL(talk,
                    "the server exports the device but does not give it (status %u): another client has it, or it "
                    "was pulled out; `usbip port` on the other clients shows who uses it",
                    status);
    if (exported.count == 0)
        return FAIL(talk,
                    "the server exports no device now (status %u): `usbip bind -b %s` there exports it, and "
                    "`usbip list -l` shows the bus ids",
                    status, talk->address->busid);
    return FAIL(talk, "the server does not export this device (status %u); it exports %s", status, exported.text);
}

static bool import(struct talk *talk, struct usbip_device *device)
{
    uint8_t request[USBIP_OP_SIZE + USBIP_BUSID_SIZE], data[USBIP_DEVICE_SIZE];
    uint32_t status;
    char why[200];
    if (!ask(talk, request, usbip_encode_import(request, talk->address->busid), USBIP_OP_IMPORT, &status))
        return false;
    if (status != 0)
        return explain_refusal(talk, status);
    if (!receive_all(talk, data, sizeof(data)))
        return false;
    if (!usbip_decode_device(data, device, why, sizeof(why)))
        return FAIL(talk, "%s", why);
    if (strcmp(device->busid, talk->address->busid) != 0)
        return FAIL(talk, "the server gives device %s instead", device->busid);
    return true;
}

int usbip_import(const struct usbip_address *address, struct usbip_device *device, char *error, size_t size)
{
    struct talk talk;
    if (!start(&talk, address, error, size))
        return -1;
    if (import(&talk, device))
        return talk.fd;
    close(talk.fd);
    return -1;
}

/*
 * The USB/IP protocol: encoding of requests, and every check of what a server sends. All numbers are big-endian.
 */
#include "usb/usbip_protocol.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif

#define URB_DIR_IN     0x0200 /* transfer_flags: what a host controller's driver sets for IN */
#define NO_ISO_PACKETS 0xFFFFFFFFu
#define MAX_ERRNO      4095

/* Positions after an op message's start, of struct usbip_device; and in the header of a submit or its answer. */
enum { AT_BUSID = 256, AT_BUSNUM = 288, AT_DEVNUM = 292, AT_SPEED = 296, AT_VENDOR = 300, AT_CLASS = 306 };
enum {
    AT_COMMAND = 0,
    AT_SEQNUM = 4,
    AT_DEVID = 8,
    AT_DIRECTION = 12,
    AT_ENDPOINT = 16,
    AT_FLAGS = 20,
    AT_STATUS = 20,
    AT_UNLINK_SEQNUM = 20,
    AT_LENGTH = 24,
    AT_PACKETS = 32,
    AT_INTERVAL = 36,
    AT_SETUP = 40,
};

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, (uint16_t)(value >> 16));
    put16(p + 2, (uint16_t)value);
}

/* ---- addresses ----------------------------------------------------------------------------------------------------
 */

static bool copy_text(char *out, size_t size, const char *text, size_t length)
{
    if (length == 0 || length >= size)
        return false;
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

static bool is_port(const char *text, size_t length)
{
    unsigned value = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || i == 5)
            return false;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    return value >= 1 && value <= 65535;
}

bool usbip_parse_address(const char *text, bool has_busid, struct usbip_address *address, char *error, size_t size)
{
    const char *form = has_busid ? "HOST[:PORT]/BUSID" : "HOST[:PORT]";
    const char *slash = has_busid ? strchr(text, '/') : text + strlen(text);
    memset(address, 0, sizeof(*address));
    if (slash == NULL ||
        (has_busid && !copy_text(address->busid, sizeof(address->busid), slash + 1, strlen(slash + 1)))) {
        snprintf(error, size,
                 "usbip:%.80s names no device: write usbip:%s, with the bus id (1 to %d characters) that "
                 "`ndiskit usb list usbip:HOST` shows",
                 text, form, USBIP_BUSID_SIZE - 1);
        return false;
    }
    const char *host = text, *host_end = slash, *port = NULL;
    if (text[0] == '[') {
        host = text + 1;
        host_end = memchr(host, ']', (size_t)(slash - host));
        if (host_end == NULL || (host_end + 1 != slash && host_end[1] != ':')) {
            snprintf(error, size, "usbip:%.80s: an IPv6 address is written [ADDRESS] or [ADDRESS]:PORT", text);
            return false;
        }
        port = host_end + 1 == slash ? NULL : host_end + 2;
    } else {
        const char *colon = memchr(text, ':', (size_t)(slash - text));
        if (colon != NULL && memchr(colon + 1, ':', (size_t)(slash - colon - 1)) != NULL) {
            snprintf(error, size, "usbip:%.80s: an IPv6 address stands in brackets, usbip:[ADDRESS]%s", text,
                     has_busid ? "/BUSID" : "");
            return false;
        }
        host_end = colon != NULL ? colon : slash;
        port = colon != NULL ? colon + 1 : NULL;
    }
    if (!copy_text(address->host, sizeof(address->host), host, (size_t)(host_end - host))) {
        snprintf(error, size, "usbip:%.80s names no host: write usbip:%s", text, form);
        return false;
    }
    snprintf(address->port, sizeof(address->port), "%s", USBIP_PORT);
    if (port != NULL && !is_port(port, (size_t)(slash - port))) {
        snprintf(error, size, "usbip:%.80s: the port is a number from 1 to 65535 (" USBIP_PORT " when none is given)",
                 text);
        return false;
    }
    if (port != NULL)
        copy_text(address->port, sizeof(address->port), port, (size_t)(slash - port));
    return true;
}

/* ---- before the import --------------------------------------------------------------------------------------------
 */

size_t usbip_encode_devlist(uint8_t out[USBIP_OP_SIZE])
{
    memset(out, 0, USBIP_OP_SIZE);
    put16(out, USBIP_VERSION);
    put16(out + 2, USBIP_OP_REQUEST | USBIP_OP_DEVLIST);
    return USBIP_OP_SIZE;
}

size_t usbip_encode_import(uint8_t out[USBIP_OP_SIZE + USBIP_BUSID_SIZE], const char *busid)
{
    memset(out, 0, USBIP_OP_SIZE + USBIP_BUSID_SIZE);
    put16(out, USBIP_VERSION);
    put16(out + 2, USBIP_OP_REQUEST | USBIP_OP_IMPORT);
    memcpy(out + USBIP_OP_SIZE, busid, strnlen(busid, USBIP_BUSID_SIZE - 1));
    return USBIP_OP_SIZE + USBIP_BUSID_SIZE;
}

bool usbip_decode_op(const uint8_t data[USBIP_OP_SIZE], enum usbip_op op, uint32_t *status, char *error, size_t size)
{
    unsigned version = get16(data), code = get16(data + 2);
    *status = get32(data + 4);
    if (version != USBIP_VERSION) {
        snprintf(error, size,
                 "it answers with version %x.%x.%x of USB/IP, or is no USB/IP server; ndiskit speaks 1.1.1",
                 version >> 8, version >> 4 & 15, version & 15);
        return false;
    }
    if (code != op) {
        snprintf(error, size, "it answers with code 0x%04X where 0x%04X was asked for", code, (unsigned)op);
        return false;
    }
    return true;
}

bool usbip_decode_device_count(const uint8_t data[4], uint32_t *count, char *error, size_t size)
{
    *count = get32(data);
    if (*count <= USBIP_MAX_DEVICES)
        return true;
    snprintf(error, size, "it says that it exports %u devices; more than %d are not believed", *count,
             USBIP_MAX_DEVICES);
    return false;
}

/* A text field of fixed size: it must end inside, and what would upset a terminal does not get through. */
static bool decode_text(const uint8_t *data, size_t field, char *out)
{
    if (memchr(data, 0, field) == NULL)
        return false;
    for (size_t i = 0; i < field; i++)
        out[i] = data[i] == 0 || (data[i] > ' ' && data[i] < 0x7F) ? (char)data[i] : '?';
    return true;
}

/* The numbers of Linux's enum usb_device_speed. A virtual controller that has no speed yet says 0. */
static bool decode_speed(uint32_t value, USB_DEVICE_SPEED *speed)
{
    static const USB_DEVICE_SPEED speeds[] = {UsbHighSpeed, UsbLowSpeed,   UsbFullSpeed, UsbHighSpeed,
                                              UsbHighSpeed, UsbSuperSpeed, UsbSuperSpeed};
    if (value >= sizeof(speeds) / sizeof(speeds[0]))
        return false;
    *speed = speeds[value];
    return true;
}

bool usbip_decode_device(const uint8_t data[USBIP_DEVICE_SIZE], struct usbip_device *device, char *error, size_t size)
{
    memset(device, 0, sizeof(*device));
    if (!decode_text(data, USBIP_PATH_SIZE, device->path) ||
        !decode_text(data + AT_BUSID, USBIP_BUSID_SIZE, device->busid)) {
        snprintf(error, size, "it describes a device with a path or bus id that has no end");
        return false;
    }
    device->busnum = get32(data + AT_BUSNUM);
    device->devnum = get32(data + AT_DEVNUM);
    device->vendor = get16(data + AT_VENDOR);
    device->product = get16(data + AT_VENDOR + 2);
    device->revision = get16(data + AT_VENDOR + 4);
    device->class_code = data[AT_CLASS];
    device->sub_class = data[AT_CLASS + 1];
    device->protocol = data[AT_CLASS + 2];
    device->configuration = data[AT_CLASS + 3];
    device->configurations = data[AT_CLASS + 4];
    device->interfaces = data[AT_CLASS + 5];
    if (device->busnum > 0xFFFF || device->devnum > 0xFFFF) {
        snprintf(error, size, "it describes device %s with bus number %u and device number %u, which are too large",
                 device->busid, device->busnum, device->devnum);
        return false;
    }
    if (!decode_speed(get32(data + AT_SPEED), &device->speed)) {
        snprintf(error, size, "it describes device %s with speed %u, which USB does not have", device->busid,
                 get32(data + AT_SPEED));
        return false;
    }
    return true;
}

/* ---- requests after the import ------------------------------------------------------------------------------------
 */

void usbip_encode_submit(uint8_t out[USBIP_HEADER_SIZE], const struct usbip_submit *submit)
{
    memset(out, 0, USBIP_HEADER_SIZE);
    put32(out + AT_COMMAND, USBIP_CMD_SUBMIT);
    put32(out + AT_SEQNUM, submit->seqnum);
    put32(out + AT_DEVID, submit->devid);
    put32(out + AT_DIRECTION, submit->is_in);
    put32(out + AT_ENDPOINT, submit->endpoint);
    put32(out + AT_FLAGS, submit->is_in ? URB_DIR_IN : 0);
    put32(out + AT_LENGTH, submit->length);
    put32(out + AT_PACKETS, NO_ISO_PACKETS);
    put32(out + AT_INTERVAL, submit->interval);
    if (submit->setup != NULL)
        memcpy(out + AT_SETUP, submit->setup, 8);
}

void usbip_encode_unlink(uint8_t out[USBIP_HEADER_SIZE], uint32_t seqnum, uint32_t devid, uint32_t target)
{
    memset(out, 0, USBIP_HEADER_SIZE);
    put32(out + AT_COMMAND, USBIP_CMD_UNLINK);
    put32(out + AT_SEQNUM, seqnum);
    put32(out + AT_DEVID, devid);
    put32(out + AT_UNLINK_SEQNUM, target);
}

/* ---- answers ------------------------------------------------------------------------------------------------------
 */

#define BROKEN(receiver, ...) (snprintf((receiver)->error, sizeof((receiver)->error), __VA_ARGS__), false)

/* THE check of an answer: when it returns true, the request exists and is of the answer's kind, the length is at most
 * what was asked for, and the status is 0 or a negative errno. */
static bool check_answer(struct usbip_receiver *r)
{
    const uint8_t *h = r->header;
    uint32_t command = get32(h + AT_COMMAND), seqnum = get32(h + AT_SEQNUM), packets = get32(h + AT_PACKETS);
    uint32_t direction = get32(h + AT_DIRECTION), endpoint = get32(h + AT_ENDPOINT);
    int32_t status = (int32_t)get32(h + AT_STATUS);
    bool is_unlink = command == USBIP_RET_UNLINK;
    if (command != USBIP_RET_SUBMIT && !is_unlink)
        return BROKEN(r, "a message with command 0x%08X, which no server sends", command);
    if (!r->ops->find(r->context, seqnum, &r->expected))
        return BROKEN(r, "an answer to request %u, which is not open", seqnum);
    if (r->expected.is_unlink != is_unlink)
        return BROKEN(r, "an answer of the wrong kind (%u) to request %u", command, seqnum);
    if (status > 0 || status < -MAX_ERRNO)
        return BROKEN(r, "status %d for request %u, which is no error number", status, seqnum);
    r->answer = (struct usbip_answer){.seqnum = seqnum, .is_unlink = is_unlink, .status = status};
    if (is_unlink)
        return true;
    /* A server sets these to 0; some repeat what the request had. */
    if (direction != 0 && direction != r->expected.is_in)
        return BROKEN(r, "direction %u for request %u, which has the other", direction, seqnum);
    if (endpoint != 0 && endpoint != r->expected.endpoint)
        return BROKEN(r, "endpoint %u for request %u, which went to endpoint %u", endpoint, seqnum,
                      r->expected.endpoint);
    if (packets != 0 && packets != NO_ISO_PACKETS)
        return BROKEN(r, "%u isochronous packets for request %u, which is not isochronous", packets, seqnum);
    r->answer.actual = get32(h + AT_LENGTH);
    if (r->answer.actual > r->expected.length)
        return BROKEN(r, "%u bytes for request %u, which has room for %u", r->answer.actual, seqnum,
                      r->expected.length);
    return true;
}

void usbip_receiver_initialize(struct usbip_receiver *receiver, const struct usbip_receiver_ops *ops, void *context)
{
    memset(receiver, 0, sizeof(*receiver));
    receiver->ops = ops;
    receiver->context = context;
}

static void finish(struct usbip_receiver *r)
{
    r->have = 0;
    r->ops->done(r->context, &r->answer);
}

static bool take_header(struct usbip_receiver *r)
{
    r->has_failed = !check_answer(r);
    if (r->has_failed)
        return false;
    r->left = r->expected.is_in && !r->answer.is_unlink ? r->answer.actual : 0;
    r->segment = 0;
    r->offset = 0;
    if (r->left == 0)
        finish(r);
    return true;
}

/* The part of the current segment that is still to be filled, without those of length 0. */
static size_t room(struct usbip_receiver *r, uint8_t **to)
{
    while (r->offset == r->expected.segments[r->segment].length) {
        r->segment++;
        r->offset = 0;
    }
    *to = r->expected.segments[r->segment].data + r->offset;
    return min(r->expected.segments[r->segment].length - r->offset, r->left);
}

static size_t take_data(struct usbip_receiver *r, const uint8_t *data, size_t size)
{
    size_t count = min(size, (size_t)r->left);
    if (r->expected.segments != NULL) {
        uint8_t *to;
        count = min(count, room(r, &to));
        memcpy(to, data, count);
        r->offset += (uint32_t)count;
    }
    r->left -= (uint32_t)count;
    if (r->left == 0)
        finish(r);
    return count;
}

bool usbip_receive(struct usbip_receiver *r, const uint8_t *data, size_t size)
{
    while (size != 0 && !r->has_failed) {
        size_t count;
        if (r->left != 0) {
            count = take_data(r, data, size);
        } else {
            count = min(size, (size_t)(USBIP_HEADER_SIZE - r->have));
            memcpy(r->header + r->have, data, count);
            r->have += (uint32_t)count;
            if (r->have == USBIP_HEADER_SIZE && !take_header(r))
                return false;
        }
        data += count;
        size -= count;
    }
    return !r->has_failed;
}

int usbip_receive_vector(const struct usbip_receiver *r, struct iovec *iov, int max)
{
    uint32_t left = r->expected.segments != NULL ? r->left : 0, offset = r->offset;
    int count = 0;
    for (ULONG i = r->segment; left != 0 && count < max; i++, offset = 0) {
        uint32_t length = min(r->expected.segments[i].length - offset, left);
        if (length == 0)
            continue;
        iov[count++] = (struct iovec){r->expected.segments[i].data + offset, length};
        left -= length;
    }
    return count;
}

void usbip_received(struct usbip_receiver *r, size_t size)
{
    while (size != 0) {
        uint8_t *to;
        size_t count = min(room(r, &to), size);
        r->offset += (uint32_t)count;
        r->left -= (uint32_t)count;
        size -= count;
    }
    if (r->left == 0)
        finish(r);
}

USBD_STATUS usbip_usbd_status(int32_t status)
{
    switch (-status) {
    case 0:
    case EREMOTEIO: /* short, which is no error unless the request says so, and ours never do */
        return USBD_STATUS_SUCCESS;
    case EPIPE:
        return USBD_STATUS_STALL_PID;
    case EOVERFLOW:
        return USBD_STATUS_BABBLE_DETECTED;
    case ECONNRESET:
    case ENOENT:
        return USBD_STATUS_CANCELED;
    case EILSEQ:
        return USBD_STATUS_CRC;
    case EPROTO:
    case ETIME:
        return USBD_STATUS_XACT_ERROR;
    default:
        return USBD_STATUS_DEV_NOT_RESPONDING;
    }
}

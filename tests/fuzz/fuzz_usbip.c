/*
 * Fuzzes what a USB/IP server sends. The first byte picks: addresses (which a user types), the replies before the
 * import, or the stream of answers. For the stream, the next bytes make requests that are open; the rest is what the
 * server sends, in pieces whose sizes the input gives, partly read straight to its place. The same bytes in one piece
 * must come to the same.
 */
#include "usb/usbip_protocol.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS = 8, MAX_LENGTH = 200 };

struct open_request {
    bool is_open, is_late;
    struct usbip_expected expected;
    struct usb_segment segments[3];
    uint8_t *memory; /* exactly what the request has room for */
};

struct stream {
    struct open_request requests[REQUESTS]; /* sequence numbers 1.. */
    uint32_t current;
    unsigned answers;
    uint32_t hash; /* of all answers and their data */
};

static void mix(struct stream *s, const void *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        s->hash = (s->hash ^ ((const uint8_t *)data)[i]) * 16777619u;
}

static bool find(void *context, uint32_t seqnum, struct usbip_expected *expected)
{
    struct stream *s = context;
    assert(s->current == 0);
    if (seqnum == 0 || seqnum > REQUESTS || !s->requests[seqnum - 1].is_open)
        return false;
    *expected = s->requests[seqnum - 1].expected;
    s->current = seqnum;
    return true;
}

static void done(void *context, const struct usbip_answer *answer)
{
    struct stream *s = context;
    struct open_request *r = &s->requests[answer->seqnum - 1];
    assert(answer->seqnum == s->current && r->is_open && r->expected.is_unlink == answer->is_unlink);
    assert(answer->status <= 0 && answer->actual <= r->expected.length);
    usbip_usbd_status(answer->status);
    mix(s, answer, sizeof(*answer));
    if (r->expected.is_in && r->expected.segments != NULL)
        mix(s, r->memory, answer->actual);
    r->is_open = false;
    s->current = 0;
    s->answers++;
}

/* Each request from two bytes: its kind, and its length. */
static void make_requests(struct stream *s, const uint8_t *data)
{
    memset(s, 0, sizeof(*s));
    for (unsigned i = 0; i < REQUESTS; i++) {
        struct open_request *r = &s->requests[i];
        uint8_t kind = data[2 * i];
        uint32_t length = data[2 * i + 1] % (MAX_LENGTH + 1);
        r->is_open = true;
        r->expected.is_unlink = (kind & 3) == 3;
        r->expected.is_in = (kind & 3) == 1;
        r->expected.endpoint = kind >> 4;
        r->expected.length = r->expected.is_unlink ? 0 : length;
        r->memory = calloc(1, length + (length == 0));
        uint32_t first = length / 3, second = (kind & 4) != 0 ? 0 : length / 2 - first;
        r->segments[0] = (struct usb_segment){r->memory, first};
        r->segments[1] = (struct usb_segment){r->memory + first, second};
        r->segments[2] = (struct usb_segment){r->memory + first + second, length - first - second};
        r->expected.segments = (kind & 8) != 0 ? NULL : r->segments;
        r->expected.segment_count = 3;
    }
}

static void free_requests(struct stream *s)
{
    for (unsigned i = 0; i < REQUESTS; i++)
        free(s->requests[i].memory);
}

static const struct usbip_receiver_ops ops = {find, done};

/* Reads the start of DATA to where it belongs, as readv would. */
static size_t read_direct(struct usbip_receiver *r, const uint8_t *data, size_t size)
{
    struct iovec iov[2];
    size_t used = 0;
    int count = usbip_receive_vector(r, iov, 2);
    for (int i = 0; i < count && size != 0; i++) {
        size_t part = iov[i].iov_len < size ? iov[i].iov_len : size;
        assert(part != 0);
        memcpy(iov[i].iov_base, data, part);
        data += part;
        size -= part;
        used += part;
    }
    if (used != 0)
        usbip_received(r, used);
    return used;
}

static void fuzz_stream(const uint8_t *data, size_t size)
{
    struct stream whole, pieces;
    struct usbip_receiver a, b;
    if (size < 2 * REQUESTS + 4)
        return;
    const uint8_t *sizes = data + 2 * REQUESTS, *bytes = sizes + 4;
    size_t count = size - 2 * REQUESTS - 4;

    make_requests(&whole, data);
    usbip_receiver_initialize(&a, &ops, &whole);
    bool is_ok = usbip_receive(&a, bytes, count);

    make_requests(&pieces, data);
    usbip_receiver_initialize(&b, &ops, &pieces);
    for (size_t at = 0, step = 0; at < count && !b.has_failed; step++) {
        if ((sizes[step % 4] & 0x80) != 0)
            at += read_direct(&b, bytes + at, count - at);
        size_t part = sizes[step % 4] & 0x7F;
        part = part == 0 ? 1 : part;
        part = part < count - at ? part : count - at;
        usbip_receive(&b, bytes + at, part);
        at += part;
    }
    assert(is_ok == !b.has_failed && is_ok == !a.has_failed);
    assert(whole.answers == pieces.answers && whole.hash == pieces.hash);
    assert(!is_ok || usbip_is_inside(&a) == usbip_is_inside(&b));
    assert(is_ok || (a.error[0] != '\0' && strcmp(a.error, b.error) == 0));
    free_requests(&whole);
    free_requests(&pieces);
}

static void fuzz_device(const uint8_t *data, size_t size)
{
    struct usbip_device device;
    char error[200];
    uint32_t status, count;
    if (size >= USBIP_OP_SIZE)
        usbip_decode_op(data, USBIP_OP_DEVLIST, &status, error, sizeof(error));
    if (size >= 4 && usbip_decode_device_count(data, &count, error, sizeof(error)))
        assert(count <= USBIP_MAX_DEVICES);
    if (size < USBIP_DEVICE_SIZE || !usbip_decode_device(data, &device, error, sizeof(error)))
        return;
    assert(strlen(device.busid) < sizeof(device.busid) && strlen(device.path) < sizeof(device.path));
    for (const char *c = device.busid; *c != '\0'; c++)
        assert(*c > ' ' && *c <= '~');
    assert((unsigned)device.speed <= UsbSuperSpeed && device.busnum <= 0xFFFF && device.devnum <= 0xFFFF);
}

static void fuzz_address(const uint8_t *data, size_t size, bool has_busid)
{
    struct usbip_address address;
    char error[300], *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    if (usbip_parse_address(text, has_busid, &address, error, sizeof(error))) {
        int port = atoi(address.port);
        assert(port >= 1 && port <= 65535 && address.host[0] != '\0' && (address.busid[0] != '\0') == has_busid);
        assert(strlen(address.busid) < USBIP_BUSID_SIZE && strstr(text, address.host) != NULL);
    } else {
        assert(error[0] != '\0');
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    switch (data[0]) {
    case 0:
    case 1:
        fuzz_address(data + 1, size - 1, data[0] == 1);
        break;
    case 2:
        fuzz_device(data + 1, size - 1);
        break;
    default:
        fuzz_stream(data + 1, size - 1);
        break;
    }
    return 0;
}

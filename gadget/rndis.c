/*
 * Remote NDIS packet messages. See rndis.h. Offsets in a message count from its third field.
 */
#include "gadget/rndis.h"
#include <string.h>

enum { PACKET_MSG = 1, OFFSET_BASE = 8, ETHERNET_HEADER = 14, ALIGNMENT = 1 << RNDIS_ALIGNMENT_FACTOR };

static ULONG get32(const UCHAR *p)
{
    ULONG v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static void put32(UCHAR *p, ULONG v)
{
    memcpy(p, &v, sizeof(v));
}

/* ---- parser -------------------------------------------------------------------------------------------------------
 */

static const char *check_message(const UCHAR *message, ULONG left, ULONG *length)
{
    static const UCHAR none[20];
    if (left < RNDIS_PACKET_HEADER)
        return "a message is cut off";
    *length = get32(message + 4);
    if (get32(message) != PACKET_MSG)
        return "a message is no PACKET_MSG";
    if (*length < RNDIS_PACKET_HEADER || *length > left)
        return "MessageLength is wrong";
    if (memcmp(message + 16, none, 20) != 0)
        return "out-of-band data or per-packet information that the device does not know";
    return NULL;
}

static const char *check_data(const UCHAR *message, ULONG length, ULONG max_datagram, struct gadget_frame *frame)
{
    ULONG offset = get32(message + 8), size = get32(message + 12), room = length - OFFSET_BASE;
    if (offset < RNDIS_PACKET_HEADER - OFFSET_BASE || offset % 4 != 0 || offset > room || size > room - offset)
        return "the data is not inside its message";
    if (size < ETHERNET_HEADER || size > max_datagram)
        return "a frame is shorter than its header or longer than agreed";
    *frame = (struct gadget_frame){message + OFFSET_BASE + offset, NULL, size};
    return NULL;
}

int rndis_parse(const UCHAR *data, size_t size, const struct rndis_rules *rules, struct gadget_frame *frames,
                const char **error)
{
    ULONG at = 0, count = 0, length;
    *error = size == 0 ? "an empty transfer" : size > rules->max_size ? "longer than MaxTransferSize" : NULL;
    /* One byte behind the last message keeps a transfer from ending with a full packet. */
    while (*error == NULL && at < size && !(count != 0 && size - at == 1 && data[at] == 0)) {
        if (at % ALIGNMENT != 0)
            *error = "a message is not aligned as PacketAlignmentFactor says";
        else if (count == rules->max_packets)
            *error = "more messages than MaxPacketsPerMessage";
        else if ((*error = check_message(data + at, (ULONG)size - at, &length)) == NULL)
            *error = check_data(data + at, length, rules->max_datagram, &frames[count]);
        if (*error != NULL)
            break;
        count++;
        at += length;
    }
    return *error == NULL ? (int)count : -1;
}

/* ---- builder ------------------------------------------------------------------------------------------------------
 */

void rndis_begin(struct rndis_builder *builder, UCHAR *data, ULONG capacity, bool has_info)
{
    *builder = (struct rndis_builder){.data = data, .capacity = capacity, .has_info = has_info};
}

static ULONG align_up(ULONG value)
{
    return (value + ALIGNMENT - 1) & ~(ULONG)(ALIGNMENT - 1);
}

/* An 802.1Q record with a priority of 0: what a driver has to find its way past. */
static void put_info(UCHAR *message)
{
    UCHAR *info = message + RNDIS_PACKET_HEADER;
    put32(message + 28, RNDIS_PACKET_HEADER - OFFSET_BASE);
    put32(message + 32, RNDIS_PER_PACKET_INFO);
    put32(info, RNDIS_PER_PACKET_INFO);
    put32(info + 4, RNDIS_INFO_IEEE_8021Q);
    put32(info + 8, 12);
    put32(info + 12, 0);
}

static bool add_frame(struct rndis_builder *b, const struct gadget_frame *frame)
{
    ULONG begin = align_up(b->used), header = RNDIS_PACKET_HEADER + (b->has_info ? RNDIS_PER_PACKET_INFO : 0);
    if (begin + header + frame->length > b->capacity)
        return false;
    if (b->count != 0) {
        memset(b->data + b->used, 0, begin - b->used);
        put32(b->data + b->last + 4, begin - b->last);
    }
    UCHAR *message = b->data + begin;
    memset(message, 0, RNDIS_PACKET_HEADER);
    put32(message, PACKET_MSG);
    put32(message + 4, header + frame->length);
    put32(message + 8, header - OFFSET_BASE);
    put32(message + 12, frame->length);
    if (b->has_info)
        put_info(message);
    gadget_copy_frame(message + header, frame);
    b->last = begin;
    b->used = begin + header + frame->length;
    b->count++;
    return true;
}

size_t rndis_add_frames(struct rndis_builder *builder, const struct gadget_frame *frames, size_t count)
{
    size_t added = 0;
    while (added < count && add_frame(builder, &frames[added]))
        added++;
    return added;
}

/* ---- faults -------------------------------------------------------------------------------------------------------
 */

ULONG rndis_spoil(enum gadget_rndis_fault fault, UCHAR *data, ULONG length, ULONG capacity, ULONG seed)
{
    switch (fault) {
    case GADGET_RNDIS_MESSAGE_TYPE:
        put32(data, 0x77);
        break;
    case GADGET_RNDIS_MESSAGE_LENGTH_SHORT:
        put32(data + 4, 8);
        break;
    case GADGET_RNDIS_MESSAGE_LENGTH_LONG:
        put32(data + 4, length + 64);
        break;
    case GADGET_RNDIS_MESSAGE_LENGTH_HUGE:
        put32(data + 4, 0xFFFFFFFC);
        break;
    case GADGET_RNDIS_DATA_OFFSET:
        put32(data + 8, 0xFFFFFFF0);
        break;
    case GADGET_RNDIS_DATA_OFFSET_HEADER:
        put32(data + 8, 0);
        break;
    case GADGET_RNDIS_DATA_LENGTH:
        put32(data + 12, length);
        break;
    case GADGET_RNDIS_DATA_TINY:
        put32(data + 12, 5);
        break;
    case GADGET_RNDIS_OUT_OF_BAND:
        put32(data + 16, 0x40000000);
        put32(data + 20, 0xC0000000);
        put32(data + 24, 1);
        break;
    case GADGET_RNDIS_INFO:
        put32(data + 28, length);
        put32(data + 32, 64);
        break;
    case GADGET_RNDIS_TRUNCATED:
        return length / 2;
    case GADGET_RNDIS_ONE_BYTE:
        return 1;
    case GADGET_RNDIS_GARBAGE:
        length = length < capacity ? length : capacity;
        for (ULONG i = 0; i < length; i++) {
            seed = seed * 1664525 + 1013904223;
            data[i] = (UCHAR)(seed >> 24);
        }
        break;
    default:
        break;
    }
    return length;
}

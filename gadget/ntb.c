/*
 * NTB parser and builder of the simulated device. The parser believes nothing: it checks every index and length before
 * it follows it, bounds the chain of pointer tables, and refuses a whole block for one bad entry, so that a driver's
 * mistakes show instead of being repaired.
 */
#include "gadget/ntb.h"
#include <string.h>

enum {
    NTH16_SIGNATURE = 0x484D434E,     /* "NCMH" (3.2.1) */
    NTH32_SIGNATURE = 0x686D636E,     /* "ncmh" (3.2.2) */
    NDP16_SIGNATURE = 0x304D434E,     /* "NCM0" (3.3.1) */
    NDP16_CRC_SIGNATURE = 0x314D434E, /* "NCM1" */
    NDP32_SIGNATURE = 0x306D636E,     /* "ncm0" (3.3.2) */
    NDP32_CRC_SIGNATURE = 0x316D636E, /* "ncm1" */
    NTH16_SIZE = 12,
    NTH32_SIZE = 16,
    ETHERNET_HEADER = 14,
    MAX_TABLES = 64,
};

static USHORT get16(const UCHAR *p)
{
    USHORT v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static ULONG get32(const UCHAR *p)
{
    ULONG v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static void put16(UCHAR *p, ULONG v)
{
    USHORT s = (USHORT)v;
    memcpy(p, &s, sizeof(s));
}

static void put32(UCHAR *p, ULONG v)
{
    memcpy(p, &v, sizeof(v));
}

/* value % divisor; a division for each frame would cost more than the copy of a short one, and nearly all are powers of
 * two. */
static inline ULONG modulo(ULONG value, ULONG divisor)
{
    return (divisor & (divisor - 1)) == 0 ? value & (divisor - 1) : value % divisor;
}

ULONG ntb_crc(ULONG crc, const UCHAR *data, size_t size)
{
    /* Remainders of the 16 values of four bits. */
    static const ULONG table[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                    0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                    0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc = crc >> 4 ^ table[(crc ^ data[i]) & 15];
        crc = crc >> 4 ^ table[(crc ^ data[i] >> 4) & 15];
    }
    return ~crc;
}

/* ---- parser -------------------------------------------------------------------------------------------------------
 */

struct parser {
    const UCHAR *data;
    ULONG block; /* length of the block */
    ULONG header;
    const struct ntb_rules *rules;
    struct gadget_frame *frames;
    size_t count, max;
    const char *error;
};

static bool bad(struct parser *p, const char *error)
{
    p->error = error;
    return false;
}

static inline __attribute__((always_inline)) bool parse_datagram(struct parser *p, ULONG index, ULONG length)
{
    const struct ntb_rules *rules = p->rules;
    ULONG fcs = rules->has_crc ? 4 : 0;
    if (index < p->header)
        return bad(p, "a datagram lies in the block's header");
    if (index > p->block || length > p->block - index)
        return bad(p, "a datagram runs past the end of the block");
    if (length < ETHERNET_HEADER + fcs)
        return bad(p, "a datagram is shorter than an Ethernet header");
    if (length > rules->max_datagram + fcs)
        return bad(p, "a datagram is longer than the maximum datagram size");
    /* What is aligned is the payload behind the Ethernet header (section 3.3.4). */
    if (modulo(index + ETHERNET_HEADER, rules->divisor) != rules->remainder)
        return bad(p, "a datagram is not aligned as divisor and remainder say");
    if (p->count >= p->max || (rules->max_datagrams != 0 && p->count >= rules->max_datagrams))
        return bad(p, "the block has too many datagrams");
    if (fcs != 0 && ntb_crc(0, p->data + index, length - fcs) != get32(p->data + index + length - fcs))
        return bad(p, "a datagram's FCS is wrong");
    p->frames[p->count++] = (struct gadget_frame){p->data + index, NULL, length - fcs};
    return true;
}

/* One NDP (3.3): entries end with one of which index or length is 0. */
static bool parse_table(struct parser *p, ULONG at, ULONG *next)
{
    bool is_32 = p->rules->is_32;
    ULONG head = is_32 ? 16 : 8, size = is_32 ? 8 : 4;
    if (at < p->header)
        return bad(p, "an NDP lies in the block's header");
    if (at % p->rules->alignment != 0)
        return bad(p, "an NDP is not aligned");
    if (at > p->block || p->block - at < head + 2 * size)
        return bad(p, "an NDP runs past the end of the block");
    const UCHAR *ndp = p->data + at;
    ULONG wanted = is_32 ? (p->rules->has_crc ? NDP32_CRC_SIGNATURE : NDP32_SIGNATURE)
                         : (p->rules->has_crc ? NDP16_CRC_SIGNATURE : NDP16_SIGNATURE);
    if (get32(ndp) != wanted)
        return bad(p, "an NDP has the wrong signature");
    ULONG length = get16(ndp + 4);
    if (length < head + 2 * size || length % size != 0)
        return bad(p, "an NDP's wLength is too small or no multiple");
    if (length > p->block - at)
        return bad(p, "an NDP's wLength runs past the end of the block");
    *next = is_32 ? get32(ndp + 8) : get16(ndp + 6);
    for (ULONG i = head; i < length; i += size) {
        ULONG index = is_32 ? get32(ndp + i) : get16(ndp + i);
        ULONG bytes = is_32 ? get32(ndp + i + 4) : get16(ndp + i + 2);
        if (index == 0 || bytes == 0)
            return true;
        if (!parse_datagram(p, index, bytes))
            return false;
    }
    return bad(p, "an NDP has no terminating entry");
}

static bool parse_header(struct parser *p, size_t size, ULONG *first)
{
    bool is_32 = p->rules->is_32;
    p->header = is_32 ? NTH32_SIZE : NTH16_SIZE;
    if (size > p->rules->max_size)
        return bad(p, "the block is larger than the maximum");
    if (size < p->header)
        return bad(p, "the block is shorter than its header");
    if (get32(p->data) != (ULONG)(is_32 ? NTH32_SIGNATURE : NTH16_SIGNATURE))
        return bad(p, "the block has the wrong signature");
    if (get16(p->data + 4) != p->header)
        return bad(p, "wHeaderLength is wrong");
    p->block = is_32 ? get32(p->data + 8) : get16(p->data + 8);
    if (p->block == 0)
        p->block = (ULONG)size; /* ended by a short packet */
    if (p->block != size)
        return bad(p, "wBlockLength is not what was sent");
    *first = is_32 ? get32(p->data + 12) : get16(p->data + 10);
    return true;
}

int ntb_parse(const UCHAR *data, size_t size, const struct ntb_rules *rules, struct gadget_frame *frames, size_t max,
              const char **error)
{
    struct parser p = {.data = data, .rules = rules, .frames = frames, .max = max};
    ULONG at = 0;
    bool is_good = parse_header(&p, size, &at);
    for (int tables = 0; is_good && at != 0; tables++)
        is_good = tables < MAX_TABLES ? parse_table(&p, at, &at) : bad(&p, "the chain of NDPs does not end");
    if (is_good)
        return (int)p.count;
    *error = p.error;
    return -1;
}

/* ---- builder ------------------------------------------------------------------------------------------------------
 */

static ULONG align_up(ULONG value, ULONG divisor, ULONG remainder)
{
    ULONG over = modulo(value, divisor);
    return value + (over <= remainder ? remainder - over : divisor - over + remainder);
}

static ULONG table_size(const struct ntb_rules *rules, ULONG count)
{
    return rules->is_32 ? 16 + 8 * (count + 1) : 8 + 4 * (count + 1);
}

void ntb_begin(struct ntb_builder *builder, UCHAR *data, ULONG capacity, const struct ntb_rules *rules)
{
    builder->data = data;
    builder->capacity = rules->is_32 || capacity <= 0xFFFF ? capacity : 0xFFFF;
    builder->rules = *rules;
    builder->used = rules->is_32 ? NTH32_SIZE : NTH16_SIZE;
    builder->count = 0;
}

size_t ntb_add_frames(struct ntb_builder *builder, const struct gadget_frame *frames, size_t frame_count)
{
    const struct ntb_rules rules = builder->rules;
    ULONG fcs = rules.has_crc ? 4 : 0, used = builder->used, count = builder->count;
    ULONG limit =
        rules.max_datagrams != 0 && rules.max_datagrams < NTB_MAX_DATAGRAMS ? rules.max_datagrams : NTB_MAX_DATAGRAMS;
    UCHAR *data = builder->data;
    size_t added;

    for (added = 0; added < frame_count && count < limit; added++) {
        const struct gadget_frame *frame = &frames[added];
        ULONG index = align_up(used + ETHERNET_HEADER, rules.divisor, rules.remainder) - ETHERNET_HEADER;
        ULONG end = index + frame->length + fcs;
        if (align_up(end, rules.alignment, 0) + table_size(&rules, count + 1) > builder->capacity)
            break;
        while (used < index)
            data[used++] = 0;
        gadget_copy_frame(data + index, frame);
        if (fcs != 0)
            put32(data + end - 4, ntb_crc(0, data + index, frame->length));
        builder->entries[count++] = (struct ntb_entry){index, frame->length + fcs};
        used = end;
    }
    builder->used = used;
    builder->count = count;
    return added;
}

ULONG ntb_finish(struct ntb_builder *builder, USHORT sequence)
{
    const struct ntb_rules *rules = &builder->rules;
    bool is_32 = rules->is_32;
    UCHAR *data = builder->data;
    ULONG at = align_up(builder->used, rules->alignment, 0), size = table_size(rules, builder->count);
    memset(data + builder->used, 0, at - builder->used);

    put32(data, is_32 ? NTH32_SIGNATURE : NTH16_SIGNATURE);
    put16(data + 4, is_32 ? NTH32_SIZE : NTH16_SIZE);
    put16(data + 6, sequence);
    UCHAR *ndp = data + at;
    if (is_32) {
        put32(data + 8, at + size);
        put32(data + 12, at);
        put32(ndp, rules->has_crc ? NDP32_CRC_SIGNATURE : NDP32_SIGNATURE);
        memset(ndp + 4, 0, 12);
        for (ULONG i = 0; i < builder->count; i++) {
            put32(ndp + 16 + 8 * i, builder->entries[i].index);
            put32(ndp + 20 + 8 * i, builder->entries[i].length);
        }
        memset(ndp + size - 8, 0, 8);
    } else {
        put16(data + 8, at + size);
        put16(data + 10, at);
        put32(ndp, rules->has_crc ? NDP16_CRC_SIGNATURE : NDP16_SIGNATURE);
        put16(ndp + 6, 0);
        for (ULONG i = 0; i < builder->count; i++) {
            put16(ndp + 8 + 4 * i, builder->entries[i].index);
            put16(ndp + 10 + 4 * i, builder->entries[i].length);
        }
        memset(ndp + size - 4, 0, 4);
    }
    put16(ndp + 4, size);
    return at + size;
}

/* ---- faults -------------------------------------------------------------------------------------------------------
 */

/* A 16- or 32-bit field, by the block's format. */
static void put_field(UCHAR *p, ULONG v, bool is_32)
{
    if (is_32)
        put32(p, v);
    else
        put16(p, v);
}

ULONG ntb_spoil_shape(enum gadget_ntb_fault fault, UCHAR *data, ULONG length, ULONG capacity, ULONG seed)
{
    switch (fault) {
    case GADGET_NTB_TRUNCATED:
        return length / 2;
    case GADGET_NTB_ONE_BYTE:
        return 1;
    case GADGET_NTB_EMPTY:
        return 0;
    case GADGET_NTB_GARBAGE:
        length = length < capacity ? length : capacity;
        for (ULONG i = 0; i < length; i++) {
            seed = seed * 1664525 + 1013904223;
            data[i] = (UCHAR)(seed >> 24);
        }
        return length;
    default:
        return length;
    }
}

ULONG ntb_spoil(enum gadget_ntb_fault fault, UCHAR *data, ULONG length, ULONG capacity, bool is_32, ULONG seed)
{
    UCHAR *block_length = data + 8, *ndp_index = data + (is_32 ? 12 : 10);
    ULONG at = is_32 ? get32(ndp_index) : get16(ndp_index), head = is_32 ? 16 : 8, size = is_32 ? 8 : 4;
    ULONG header = is_32 ? NTH32_SIZE : NTH16_SIZE;
    UCHAR *ndp = data + at, *index = ndp + head, *bytes = index + size / 2;
    switch (fault) {
    case GADGET_NTB_SIGNATURE:
        data[0] ^= 0x55;
        break;
    case GADGET_NTB_HEADER_LENGTH:
        put16(data + 4, header + 4);
        break;
    case GADGET_NTB_BLOCK_LENGTH_LONG:
        put_field(block_length, length + 512, is_32);
        break;
    case GADGET_NTB_BLOCK_LENGTH_SHORT:
        put_field(block_length, header - 4, is_32);
        break;
    case GADGET_NTB_NDP_INDEX_END:
        put_field(ndp_index, length + 64, is_32);
        break;
    case GADGET_NTB_NDP_INDEX_HEADER:
        put_field(ndp_index, 4, is_32);
        break;
    case GADGET_NTB_NDP_INDEX_ODD:
        put_field(ndp_index, at + 1, is_32);
        break;
    case GADGET_NTB_NDP_SIGNATURE:
        ndp[3] ^= 0x55;
        break;
    case GADGET_NTB_NDP_LENGTH_SHORT:
        put16(ndp + 4, head);
        break;
    case GADGET_NTB_NDP_LENGTH_LONG:
        put16(ndp + 4, 0xFFF0);
        break;
    case GADGET_NTB_NDP_LOOP:
        put_field(ndp + (is_32 ? 8 : 6), at, is_32);
        break;
    case GADGET_NTB_NDP_UNTERMINATED:
        put_field(data + length - size, header, is_32);
        put_field(data + length - size / 2, 60, is_32);
        break;
    case GADGET_NTB_DATAGRAM_INDEX:
        put_field(index, length + 8, is_32);
        break;
    case GADGET_NTB_DATAGRAM_LENGTH:
        put_field(bytes, length, is_32);
        break;
    case GADGET_NTB_DATAGRAM_TINY:
        put_field(bytes, 5, is_32);
        break;
    case GADGET_NTB_DATAGRAM_HUGE:
        put_field(bytes, is_32 ? 0x7FFFFFFF : 0xFFFF, is_32);
        break;
    case GADGET_NTB_DATAGRAM_HEADER:
        put_field(index, 4, is_32);
        break;
    case GADGET_NTB_OTHER_FORMAT:
        put32(data, is_32 ? NTH16_SIGNATURE : NTH32_SIGNATURE);
        break;
    default:
        return ntb_spoil_shape(fault, data, length, capacity, seed);
    }
    return length;
}

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

__attribute__((noinline)) ULONG ntb_crc(ULONG crc, const UCHAR *data, size_t size)
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

/* What is the same for all datagrams of a block: fcs, the longest with FCS, the mask of a divisor that is a power of
 * two (else 0), the most that may come. */
struct limits {
    ULONG fcs, longest, mask;
    size_t most;
};

static struct limits limits_of(const struct parser *p)
{
    const struct ntb_rules *rules = p->rules;
    ULONG fcs = rules->has_crc ? 4 : 0;
    return (struct limits){.fcs = fcs,
                           .longest = rules->max_datagram + fcs,
                           .mask = (rules->divisor & (rules->divisor - 1)) == 0 ? rules->divisor - 1u : 0,
                           .most = rules->max_datagrams != 0 && rules->max_datagrams < p->max ? rules->max_datagrams
                                                                                              : p->max};
}

/* What is wrong with a datagram; NULL when nothing is. */
static const char *datagram_error(const struct parser *p, const struct limits *limits, ULONG index, ULONG length)
{
    if (index < p->header)
        return "a datagram lies in the block's header";
    if (index > p->block || length > p->block - index)
        return "a datagram runs past the end of the block";
    if (length < ETHERNET_HEADER + limits->fcs)
        return "a datagram is shorter than an Ethernet header";
    if (length > limits->longest)
        return "a datagram is longer than the maximum datagram size";
    /* What is aligned is the payload behind the Ethernet header (section 3.3.4). */
    if (modulo(index + ETHERNET_HEADER, p->rules->divisor) != p->rules->remainder)
        return "a datagram is not aligned as divisor and remainder say";
    if (p->count >= limits->most)
        return "the block has too many datagrams";
    if (limits->fcs != 0 && ntb_crc(0, p->data + index, length - 4) != get32(p->data + index + length - 4))
        return "a datagram's FCS is wrong";
    return NULL;
}

/* The same questions, without the answer: this is asked for each datagram, and nearly always well. */
static inline __attribute__((always_inline)) bool is_good_datagram(const struct parser *p, const struct limits *limits,
                                                                   ULONG index, ULONG length)
{
    return index >= p->header && index <= p->block && length <= p->block - index && length >= ETHERNET_HEADER &&
           length <= limits->longest && limits->fcs == 0 && limits->mask != 0 &&
           ((index + ETHERNET_HEADER) & limits->mask) == p->rules->remainder && p->count < limits->most;
}

static inline __attribute__((always_inline)) bool parse_datagram(struct parser *p, const struct limits *limits,
                                                                 ULONG index, ULONG length)
{
    if (__builtin_expect(!is_good_datagram(p, limits, index, length), 0)) {
        const char *error = datagram_error(p, limits, index, length);
        if (error != NULL)
            return bad(p, error);
    }
    p->frames[p->count++] = (struct gadget_frame){p->data + index, NULL, length - limits->fcs};
    return true;
}

static inline __attribute__((always_inline)) bool parse_entries(struct parser *p, const UCHAR *ndp, ULONG at,
                                                                ULONG length, bool is_32)
{
    struct parser local = *p; /* in registers: the frames could otherwise lie over it */
    const struct limits limits = limits_of(p);
    ULONG size = is_32 ? 8 : 4;
    bool is_good = false;
    for (; at < length; at += size) {
        ULONG index = is_32 ? get32(ndp + at) : get16(ndp + at);
        ULONG bytes = is_32 ? get32(ndp + at + 4) : get16(ndp + at + 2);
        if (index == 0 || bytes == 0) {
            is_good = true;
            break;
        }
        if (!parse_datagram(&local, &limits, index, bytes))
            break;
    }
    if (at >= length)
        bad(&local, "an NDP has no terminating entry");
    *p = local;
    return is_good;
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
    return is_32 ? parse_entries(p, ndp, head, length, true) : parse_entries(p, ndp, head, length, false);
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

static inline ULONG align_up(ULONG value, ULONG divisor, ULONG remainder)
{
    if (__builtin_expect((divisor & (divisor - 1)) == 0, 1))
        return value + ((remainder - value) & (divisor - 1));
    ULONG over = value % divisor;
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

/* A frame into a block. Short ones are copied without a call. */
static inline __attribute__((always_inline)) void place_frame(UCHAR *place, const struct gadget_frame *frame)
{
    if (frame->length < 16 || frame->length > 128 || frame->addresses == NULL) {
        gadget_copy_frame(place, frame);
        return;
    }
    for (ULONG at = 0; at < frame->length - 16; at += 16)
        memcpy(place + at, frame->data + at, 16);
    memcpy(place + frame->length - 16, frame->data + frame->length - 16, 16);
    memcpy(place, frame->addresses, 12);
}

static inline __attribute__((always_inline)) size_t add_frames(struct ntb_builder *builder,
                                                               const struct gadget_frame *frames, size_t frame_count,
                                                               ULONG fcs, bool is_simple)
{
    const struct ntb_rules *rules = &builder->rules;
    const ULONG divisor = rules->divisor, remainder = rules->remainder, alignment = rules->alignment;
    const ULONG entry = rules->is_32 ? 8 : 4, capacity = builder->capacity;
    ULONG used = builder->used, count = builder->count, table = table_size(rules, count + 1);
    ULONG limit = rules->max_datagrams != 0 && rules->max_datagrams < NTB_MAX_DATAGRAMS ? rules->max_datagrams
                                                                                        : NTB_MAX_DATAGRAMS;
    UCHAR *const data = builder->data;
    size_t added;

    for (added = 0; added < frame_count && count < limit; added++) {
        const struct gadget_frame *frame = &frames[added];
        ULONG index, end, aligned;
        if (is_simple)
            index = used + ((remainder - used - ETHERNET_HEADER) & (divisor - 1));
        else
            index = align_up(used + ETHERNET_HEADER, divisor, remainder) - ETHERNET_HEADER;
        end = index + frame->length + fcs;
        aligned = is_simple ? (end + alignment - 1) & (0 - alignment) : align_up(end, alignment, 0);
        if (aligned + table > capacity)
            break;
        while (__builtin_expect(used < index, 0))
            data[used++] = 0;
        place_frame(data + index, frame);
        if (fcs != 0)
            put32(data + end - 4, ntb_crc(0, data + index, frame->length));
        builder->entries[count++] = (struct ntb_entry){index, frame->length + fcs};
        used = end;
        table += entry;
    }
    builder->used = used;
    builder->count = count;
    return added;
}

static bool is_power_of_two(ULONG value)
{
    return (value & (value - 1)) == 0;
}

size_t ntb_add_frames(struct ntb_builder *builder, const struct gadget_frame *frames, size_t frame_count)
{
    const struct ntb_rules *rules = &builder->rules;
    if (!rules->has_crc && is_power_of_two(rules->divisor) && is_power_of_two(rules->alignment))
        return add_frames(builder, frames, frame_count, 0, true);
    return add_frames(builder, frames, frame_count, rules->has_crc ? 4 : 0, false);
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

/*
 * Fuzzes the simulated device's NTB parser with blocks of both formats, and its builder: what it builds of frames of
 * fuzzed sizes, the parser must take apart into the same frames. The first bytes choose the rules.
 */
#include "gadget/ntb.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct gadget_frame frames[NTB_MAX_DATAGRAMS];
static struct ntb_builder builder;

static struct ntb_rules choose_rules(const uint8_t *data)
{
    static const USHORT divisors[] = {1, 4, 8, 32, 64, 512};
    struct ntb_rules rules = {
        .is_32 = data[0] & 1, .has_crc = data[0] >> 1 & 1, .max_size = 65535, .max_datagram = 1514};
    rules.divisor = divisors[data[1] % 6];
    rules.remainder = data[2] % rules.divisor;
    rules.alignment = divisors[1 + data[1] / 6 % 4];
    rules.max_datagrams = data[3] & 0x0F;
    return rules;
}

static void parse(const uint8_t *data, size_t size, const struct ntb_rules *rules)
{
    const char *error = NULL;
    int count = ntb_parse(data, size, rules, frames, NTB_MAX_DATAGRAMS, &error);
    assert(count >= 0 || error != NULL);
    for (int i = 0; i < count; i++) {
        assert(frames[i].data >= data && frames[i].data + frames[i].length <= data + size);
        assert(frames[i].length >= 14 && frames[i].length <= rules->max_datagram);
    }
}

static void build(const uint8_t *data, size_t size, const struct ntb_rules *rules)
{
    static UCHAR block[8192], frame[1600];
    ULONG capacity = 2048 + (data[0] | data[1] << 8) % 6000, lengths[NTB_MAX_DATAGRAMS], count = 0;
    const char *error = NULL;
    ntb_begin(&builder, block, capacity, rules);
    for (size_t i = 2; i + 1 < size; i += 2) {
        ULONG length = 14 + (data[i] | data[i + 1] << 8) % 1501;
        struct gadget_frame f = {frame, NULL, length};
        if (!ntb_add(&builder, &f))
            break;
        lengths[count++] = length;
    }
    ULONG length = ntb_finish(&builder, 1);
    assert(length <= capacity);
    int parsed = ntb_parse(block, length, rules, frames, NTB_MAX_DATAGRAMS, &error);
    if (count == 0)
        return; /* a device sends no empty block */
    assert(parsed == (int)count);
    for (ULONG i = 0; i < count; i++)
        assert(frames[i].length == lengths[i]);
    ULONG spoilt = ntb_spoil(1 + data[0] % (GADGET_NTB_FAULTS - 1), block, length, capacity, rules->is_32, data[1]);
    assert(spoilt <= capacity);
    parse(block, spoilt, rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 6)
        return 0;
    struct ntb_rules rules = choose_rules(data);
    if (data[0] & 0x80)
        build(data + 4, size - 4, &rules);
    else
        parse(data + 4, size - 4, &rules);
    return 0;
}

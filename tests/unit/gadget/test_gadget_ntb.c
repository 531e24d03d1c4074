/*
 * Blocks of the simulated device: what the builder makes the parser takes apart, in both formats, with and without FCS
 * and with every alignment; and each single spoilt field makes the parser refuse the block, with the reason.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "gadget/ntb.h"

static UCHAR block[65536];
static struct ntb_builder builder;
static struct gadget_frame frames[NTB_MAX_DATAGRAMS];

static struct ntb_rules rules_of(bool is_32, bool has_crc, USHORT divisor, USHORT remainder)
{
    return (struct ntb_rules){is_32, has_crc, 65535, 1514, 0, divisor, remainder, 4};
}

static ULONG build(const struct ntb_rules *rules, ULONG capacity, unsigned *count)
{
    UCHAR frame[1514];
    ntb_begin(&builder, block, capacity, rules);
    for (*count = 0; *count < 20; ++*count) {
        struct gadget_frame f = {frame, NULL, 60 + *count * 37};
        memset(frame, (int)*count, sizeof(frame));
        if (!ntb_add(&builder, &f))
            break;
    }
    return ntb_finish(&builder, 7);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const USHORT divisors[] = {1, 4, 8, 32, 512};
    for (int format = 0; format < 4; format++)
        for (size_t d = 0; d < RTL_NUMBER_OF(divisors); d++) {
            struct ntb_rules rules = rules_of(format & 1, format & 2, divisors[d], divisors[d] / 3);
            const char *error = "";
            unsigned count;
            ULONG length = build(&rules, 60000, &count);
            assert_int_equal(count, 20);
            int parsed = ntb_parse(block, length, &rules, frames, NTB_MAX_DATAGRAMS, &error);
            if (parsed != 20)
                fail_msg("format %d divisor %d: %s", format, divisors[d], error);
            for (int i = 0; i < parsed; i++) {
                assert_int_equal(frames[i].length, 60 + i * 37);
                assert_int_equal(frames[i].data[frames[i].length - 1], i);
                assert_int_equal((frames[i].data - block + 14) % divisors[d], rules.remainder);
            }
        }
}

static void test_limits(void **state)
{
    (void)state;
    struct ntb_rules rules = rules_of(false, false, 4, 0);
    const char *error = "";
    unsigned count;
    /* No block is larger than its room, whatever that is. */
    for (ULONG capacity = 2048; capacity < 2300; capacity++) {
        ULONG length = build(&rules, capacity, &count);
        assert_true(length <= capacity && count > 5 && count < 20);
        assert_int_equal(ntb_parse(block, length, &rules, frames, NTB_MAX_DATAGRAMS, &error), count);
    }
    rules.max_datagrams = 3;
    ULONG length = build(&rules, 60000, &count);
    assert_int_equal(count, 3);
    assert_int_equal(ntb_parse(block, length, &rules, frames, NTB_MAX_DATAGRAMS, &error), 3);
    rules.max_datagrams = 2;
    assert_int_equal(ntb_parse(block, length, &rules, frames, NTB_MAX_DATAGRAMS, &error), -1);
    assert_string_equal(error, "the block has too many datagrams");
    rules.max_datagrams = 0;
    rules.max_size = length - 1;
    assert_int_equal(ntb_parse(block, length, &rules, frames, NTB_MAX_DATAGRAMS, &error), -1);
    /* wBlockLength 0: a short packet ended the block. */
    rules.max_size = 65535;
    block[8] = block[9] = 0;
    assert_int_equal(ntb_parse(block, length, &rules, frames, NTB_MAX_DATAGRAMS, &error), 3);
}

static void test_each_fault_is_found(void **state)
{
    (void)state;
    for (int is_32 = 0; is_32 < 2; is_32++)
        for (int fault = 1; fault < GADGET_NTB_FAULTS; fault++) {
            struct ntb_rules rules = rules_of(is_32, false, 4, 0);
            const char *error = NULL;
            unsigned count;
            ULONG length = build(&rules, 60000, &count);
            length = ntb_spoil(fault, block, length, 60000, is_32, 1);
            if (ntb_parse(block, length, &rules, frames, NTB_MAX_DATAGRAMS, &error) >= 0)
                fail_msg("fault %d of format %d was accepted", fault, is_32);
            assert_non_null(error);
        }
}

static void test_fcs(void **state)
{
    (void)state;
    /* The check value of CRC-32 (IEEE 802.3) over "123456789". */
    assert_int_equal(ntb_crc(0, (const UCHAR *)"123456789", 9), 0xCBF43926);
    struct ntb_rules rules = rules_of(false, true, 4, 0);
    const char *error = "";
    unsigned count;
    ULONG length = build(&rules, 60000, &count);
    block[60] ^= 1;
    assert_int_equal(ntb_parse(block, length, &rules, frames, NTB_MAX_DATAGRAMS, &error), -1);
    assert_string_equal(error, "a datagram's FCS is wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_each_fault_is_found),
        cmocka_unit_test(test_fcs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

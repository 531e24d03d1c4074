/*
 * DbgPrint and its relatives: what arrives at the output.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "ntoskrnl/ke/ke.h"

static char last[1024];
static int messages;

static void capture(const char *text)
{
    strncpy(last, text, sizeof(last) - 1);
    messages++;
}

static int setup(void **state)
{
    (void)state;
    messages = 0;
    ke_set_debug_output(capture);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ke_set_debug_output(NULL);
    return 0;
}

static void test_formats(void **state)
{
    (void)state;
    static WCHAR wide[] = {'w', 'i', 'd', 'e', 0};
    UNICODE_STRING counted = {6, 10, wide};
    assert_int_equal(DbgPrint("%d %s %wZ %I64x\n", -5, "text", &counted, 0x123456789abcULL), STATUS_SUCCESS);
    assert_string_equal(last, "-5 text wid 123456789abc\n");
    DbgPrintEx(DPFLTR_IHVNETWORK_ID, DPFLTR_ERROR_LEVEL, "%ws|%08X", wide, 0xBEEF);
    assert_string_equal(last, "wide|0000BEEF");
    assert_int_equal(messages, 2);
}

static NTAPI ULONG through_list(PCSTR prefix, PCSTR format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    ULONG status = vDbgPrintExWithPrefix(prefix, DPFLTR_IHVDRIVER_ID, 0, format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}

static void test_prefix(void **state)
{
    (void)state;
    assert_int_equal(through_list("net: ", "%u", 7), STATUS_SUCCESS);
    assert_string_equal(last, "net: 7");
}

static void test_long_message(void **state)
{
    (void)state;
    char text[900];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    DbgPrint("%s", text);
    assert_in_range(strlen(last), 500, 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_formats, setup, teardown),
        cmocka_unit_test_setup_teardown(test_prefix, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_message, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

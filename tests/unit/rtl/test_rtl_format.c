/*
 * The kernel's printf family, through its exports and through the inline functions of ntstrsafe.h that drivers compile
 * in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ntddk.h>
#include <ntstrsafe.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/rtl/rtl.h"

typedef int(NTAPI snprintf_function)(char *buffer, size_t size, const char *format, ...);
typedef int(NTAPI snwprintf_function)(WCHAR *buffer, size_t size, const WCHAR *format, ...);

static const void *exported(const char *name)
{
    for (const struct nt_export *e = nt_exports_begin(); e < nt_exports_end(); e++)
        if (strcmp(e->name, name) == 0 && strcmp(e->image, "ntoskrnl.exe") == 0)
            return e->address;
    fail_msg("%s is not exported", name);
    return NULL;
}

static snprintf_function *_snprintf_;
static snwprintf_function *_snwprintf_;

#define EXPECT(expected_, ...)                                                                                         \
    do {                                                                                                               \
        char text_[256];                                                                                               \
        memset(text_, 'x', sizeof(text_));                                                                             \
        int length_ = _snprintf_(text_, sizeof(text_), __VA_ARGS__);                                                   \
        assert_string_equal(text_, expected_);                                                                         \
        assert_int_equal(length_, (int)strlen(expected_));                                                             \
    } while (0)

static void integers(void **state)
{
    (void)state;
    EXPECT("0 -1 4294967295 ff FF 0xff 377", "%d %i %u %x %X %#x %o", 0, -1, -1, 255, 255, 255, 255);
    EXPECT("   42|42   |00042|+42| 42", "%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42);
    EXPECT("  007|007  |", "%5.3d|%-5.3d|", 7, 7);
    EXPECT("-9223372036854775808 18446744073709551615", "%I64d %I64u", INT64_MIN, UINT64_MAX);
    EXPECT("123456789abcdef0 9", "%I64x %llu", 0x123456789abcdef0ll, 9ll);
    EXPECT("4294967295 -1", "%lu %ld", 0xFFFFFFFFu, 0xFFFFFFFFu); /* long is 32 bits wide on Windows */
    EXPECT("-1 255 65535", "%hd %hhu %hu", 0xFFFF, 0xFFFF, -1);
    EXPECT("00000000DEADBEEF", "%p", (void *)0xDEADBEEF);
    EXPECT("7 8", "%Iu %zu", (size_t)7, (size_t)8);
    EXPECT("   12|12   |.", "%*d|%-*d|%.*s", 5, 12, 5, 12, 1, ".xyz");
    EXPECT("100% y", "100%% %y");
    EXPECT("[] [0]", "[%.0d] [%d]", 0, 0);
}

static void text(void **state)
{
    (void)state;
    UNICODE_STRING wide = RTL_CONSTANT_STRING(u"gr\u00fcn");
    ANSI_STRING narrow = RTL_CONSTANT_STRING("plain");
    EXPECT("abc  abc|abc  |ab", "%s %4s|%-5s|%.2s", "abc", "abc", "abc", "abc");
    EXPECT("c C", "%c %C", 'c', u'C');
    EXPECT("wide wide wide", "%S %ws %ls", u"wide", u"wide", u"wide");
    EXPECT("gr\u00fcn plain", "%wZ %Z", &wide, &narrow);
    EXPECT("(null) (null) (null)", "%s %ws %wZ", NULL, NULL, NULL);
    EXPECT("gr", "%.2wZ", &wide);
}

static void more_arguments_than_registers(void **state)
{
    (void)state;
    EXPECT("1 2 3 4 5 6 7 8 9", "%d %d %d %I64d %d %d %I64d %d %d", 1, 2, 3, 4ll, 5, 6, 7ll, 8, 9);
}

static void wide_results(void **state)
{
    (void)state;
    WCHAR buffer[32];
    int length = _snwprintf_(buffer, 32, u"%s %S %hs %d", u"w", "n", "h", 5);
    assert_int_equal(length, 7);
    assert_memory_equal(buffer, u"w n h 5", 16);
}

/* "_snprintf": -1 and no terminator when it does not fit; the length and no terminator when it fits exactly. */
static void truncation(void **state)
{
    (void)state;
    char buffer[8] = "#######";
    assert_int_equal(_snprintf_(buffer, 4, "%s", "abcd"), 4);
    assert_memory_equal(buffer, "abcd###", 8);
    assert_int_equal(_snprintf_(buffer, 4, "%s", "vwxyz"), -1);
    assert_memory_equal(buffer, "vwxy###", 8);
    assert_int_equal(_snprintf_(buffer, 4, "%s", "ab"), 2);
    assert_memory_equal(buffer, "ab\0y###", 8);
    assert_int_equal(_snprintf_(NULL, 0, "%s", "ab"), -1);
    snprintf_function *secure = (snprintf_function *)exported("sprintf_s");
    assert_int_equal(secure(buffer, 4, "%s", "abcd"), -1);
    assert_int_equal(buffer[0], 0);
    assert_int_equal(secure(buffer, 5, "%s", "abcd"), 4);
    assert_string_equal(buffer, "abcd");
}

static void huge_width_is_counted_not_written(void **state)
{
    (void)state;
    char buffer[8];
    assert_int_equal(_snprintf_(buffer, sizeof(buffer), "%99999d", 1), -1);
}

static void safe_strings(void **state)
{
    (void)state;
    char buffer[6];
    WCHAR wide[6];
    size_t length, remaining;
    char *end;
    assert_int_equal(RtlStringCchCopyA(buffer, 6, "hello"), STATUS_SUCCESS);
    assert_int_equal(RtlStringCchCopyA(buffer, 5, "hello"), STATUS_BUFFER_OVERFLOW);
    assert_string_equal(buffer, "hell");
    assert_int_equal(RtlStringCchCopyA(buffer, 0, "x"), STATUS_INVALID_PARAMETER);
    assert_int_equal(RtlStringCchCatA(buffer, 6, "o!"), STATUS_BUFFER_OVERFLOW);
    assert_string_equal(buffer, "hello");
    assert_int_equal(RtlStringCbLengthA(buffer, 6, &length), STATUS_SUCCESS);
    assert_int_equal(length, 5);
    assert_int_equal(RtlStringCbLengthA(buffer, 5, &length), STATUS_INVALID_PARAMETER);
    assert_int_equal(RtlStringCbPrintfA(buffer, 6, "%d-%d", 12, 34), STATUS_SUCCESS);
    assert_string_equal(buffer, "12-34");
    assert_int_equal(RtlStringCbPrintfA(buffer, 6, "%d-%d", 123, 456), STATUS_BUFFER_OVERFLOW);
    assert_string_equal(buffer, "123-4");
    assert_int_equal(RtlStringCchPrintfExA(buffer, 6, &end, &remaining, STRSAFE_NO_TRUNCATION, "%s", "too long"),
                     STATUS_BUFFER_OVERFLOW);
    assert_string_equal(buffer, "");
    assert_int_equal(RtlStringCchPrintfExA(buffer, 6, &end, &remaining, 0, "%s", "ab"), STATUS_SUCCESS);
    assert_ptr_equal(end, buffer + 2);
    assert_int_equal(remaining, 4);
    assert_int_equal(RtlStringCbPrintfW(wide, sizeof(wide), u"%s%u", u"ab", 7u), STATUS_SUCCESS);
    assert_memory_equal(wide, u"ab7", 8);
}

static void counted_printf(void **state)
{
    (void)state;
    WCHAR storage[4];
    UNICODE_STRING string;
    RtlInitEmptyUnicodeString(&string, storage, sizeof(storage));
    assert_int_equal(RtlUnicodeStringPrintf(&string, u"%d", 1234), STATUS_SUCCESS);
    assert_int_equal(string.Length, 8);
    assert_int_equal(RtlUnicodeStringPrintf(&string, u"%d", 12345), STATUS_BUFFER_OVERFLOW);
    assert_memory_equal(storage, u"1234", 8);
    assert_int_equal(RtlUnicodeStringCopyString(&string, u"xyz"), STATUS_SUCCESS);
    assert_int_equal(RtlUnicodeStringCatString(&string, u"12"), STATUS_BUFFER_OVERFLOW);
    assert_memory_equal(storage, u"xyz1", 8);
}

static int setup(void **state)
{
    (void)state;
    ke_initialize();
    _snprintf_ = (snprintf_function *)exported("_snprintf");
    _snwprintf_ = (snwprintf_function *)exported("_snwprintf");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(text),
        cmocka_unit_test(more_arguments_than_registers),
        cmocka_unit_test(wide_results),
        cmocka_unit_test(truncation),
        cmocka_unit_test(huge_width_is_counted_not_written),
        cmocka_unit_test(safe_strings),
        cmocka_unit_test(counted_printf),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

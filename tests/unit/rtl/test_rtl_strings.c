/*
 * Counted strings, conversions, integers and GUIDs as text, and the exported C functions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ntifs.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/rtl/rtl.h"

static const void *exported(const char *name)
{
    for (const struct nt_export *e = nt_exports_begin(); e < nt_exports_end(); e++)
        if (strcmp(e->name, name) == 0)
            return e->address;
    fail_msg("%s is not exported", name);
    return NULL;
}

static void assert_wide(const UNICODE_STRING *string, const WCHAR *expected)
{
    assert_int_equal(string->Length, rtl_wcslen(expected) * 2);
    assert_memory_equal(string->Buffer, expected, string->Length);
}

static void initialising(void **state)
{
    (void)state;
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, u"abc");
    assert_int_equal(string.Length, 6);
    assert_int_equal(string.MaximumLength, 8);
    RtlInitUnicodeString(&string, NULL);
    assert_int_equal(string.Length | string.MaximumLength, 0);
    assert_null(string.Buffer);
    WCHAR *huge = malloc(40001 * sizeof(WCHAR));
    for (int i = 0; i < 40000; i++)
        huge[i] = 'x';
    huge[40000] = 0;
    RtlInitUnicodeString(&string, huge);
    assert_int_equal(string.Length, 0xFFFC);
    assert_int_equal(string.MaximumLength, 0xFFFE);
    assert_int_equal(RtlInitUnicodeStringEx(&string, huge), STATUS_NAME_TOO_LONG);
    free(huge);
}

static void copying_and_appending(void **state)
{
    (void)state;
    WCHAR storage[6];
    UNICODE_STRING string = {0, sizeof(storage), storage}, abc = RTL_CONSTANT_STRING(u"abc");
    RtlCopyUnicodeString(&string, &abc);
    assert_wide(&string, u"abc");
    assert_int_equal(storage[3], 0);
    assert_int_equal(RtlAppendUnicodeToString(&string, u"de"), STATUS_SUCCESS);
    assert_int_equal(RtlAppendUnicodeStringToString(&string, &abc), STATUS_BUFFER_TOO_SMALL);
    assert_wide(&string, u"abcde");
    assert_int_equal(RtlAppendUnicodeToString(&string, u"f"), STATUS_SUCCESS); /* without a terminator */
    assert_wide(&string, u"abcdef");
    string.MaximumLength = 4;
    RtlCopyUnicodeString(&string, &abc);
    assert_wide(&string, u"ab");
    RtlCopyUnicodeString(&string, NULL);
    assert_int_equal(string.Length, 0);
}

static void comparing(void **state)
{
    (void)state;
    UNICODE_STRING upper = RTL_CONSTANT_STRING(u"\u00c4RGER\u0416"), lower = RTL_CONSTANT_STRING(u"\u00e4rger\u0436");
    UNICODE_STRING longer = RTL_CONSTANT_STRING(u"\u00c4RGER\u0416x");
    assert_true(RtlEqualUnicodeString(&upper, &lower, TRUE));
    assert_false(RtlEqualUnicodeString(&upper, &lower, FALSE));
    assert_true(RtlCompareUnicodeString(&upper, &lower, FALSE) < 0);
    assert_true(RtlCompareUnicodeString(&longer, &upper, TRUE) > 0);
    assert_true(RtlPrefixUnicodeString(&lower, &longer, TRUE));
    assert_false(RtlPrefixUnicodeString(&longer, &lower, TRUE));
    UNICODE_STRING suffix = RTL_CONSTANT_STRING(u"\u0436X");
    assert_true(RtlSuffixUnicodeString(&suffix, &longer, TRUE));
    assert_false(RtlSuffixUnicodeString(&longer, &suffix, TRUE));
    ANSI_STRING a = RTL_CONSTANT_STRING("Net"), b = RTL_CONSTANT_STRING("nEtwork");
    assert_true(RtlPrefixString(&a, &b, TRUE));
    assert_true(RtlCompareString(&a, &b, TRUE) < 0);
}

/* Lower of upper is the letter again, for every letter that has an upper case (which is unique in these tables). */
static void case_is_a_bijection(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 0x10000; c++) {
        WCHAR up = RtlUpcaseUnicodeChar((WCHAR)c);
        if (up != c)
            assert_int_equal(RtlDowncaseUnicodeChar(up), c);
        assert_int_equal(RtlUpcaseUnicodeChar(up), up);
    }
    UNICODE_STRING source = RTL_CONSTANT_STRING(u"stra\u00dfe"), result;
    assert_int_equal(RtlUpcaseUnicodeString(&result, &source, TRUE), STATUS_SUCCESS);
    assert_wide(&result, u"STRA\u00dfE");
    RtlFreeUnicodeString(&result);
    assert_null(result.Buffer);
}

static void utf8_round_trip(void **state)
{
    (void)state;
    static const char text[] = "a\u00e9\u20ac\U0001F600z";
    UTF8_STRING utf8;
    UNICODE_STRING wide;
    ANSI_STRING back;
    RtlInitUTF8String(&utf8, text);
    assert_int_equal(RtlUTF8StringToUnicodeString(&wide, &utf8, TRUE), STATUS_SUCCESS);
    assert_wide(&wide, u"a\u00e9\u20ac\U0001F600z");
    assert_int_equal(wide.MaximumLength, wide.Length + 2);
    assert_int_equal(RtlxUnicodeStringToAnsiSize(&wide), sizeof(text));
    assert_int_equal(RtlUnicodeStringToAnsiString(&back, &wide, TRUE), STATUS_SUCCESS);
    assert_string_equal(back.Buffer, text);
    RtlFreeAnsiString(&back);
    char small[6];
    ANSI_STRING cut = {0, sizeof(small), small};
    assert_int_equal(RtlUnicodeStringToAnsiString(&cut, &wide, FALSE), STATUS_BUFFER_OVERFLOW);
    assert_string_equal(small, "a\u00e9"); /* no half characters */
    RtlFreeUnicodeString(&wide);
}

static void ill_formed_utf(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",     "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\xe2\x82", "\xff"};
    WCHAR out[8];
    ULONG bytes;
    for (size_t i = 0; i < RTL_NUMBER_OF(bad); i++) {
        assert_int_equal(RtlUTF8ToUnicodeN(out, sizeof(out), &bytes, bad[i], (ULONG)strlen(bad[i])),
                         STATUS_SOME_NOT_MAPPED);
        assert_int_equal(out[0], 0xFFFD);
    }
    static const WCHAR lone[] = {0xD800, 'x'};
    char narrow[8];
    assert_int_equal(RtlUnicodeToUTF8N(narrow, sizeof(narrow), &bytes, lone, sizeof(lone)), STATUS_SOME_NOT_MAPPED);
    assert_int_equal(bytes, 4);
    assert_memory_equal(narrow, "\xef\xbf\xbdx", 4);
    assert_int_equal(RtlUnicodeToUTF8N(narrow, 3, &bytes, u"abcd", 8), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(RtlUnicodeToUTF8N(NULL, 0, &bytes, u"abcd", 8), STATUS_SUCCESS);
    assert_int_equal(bytes, 4);
}

static void integers(void **state)
{
    (void)state;
    static const struct {
        UNICODE_STRING text;
        ULONG base, value;
    } cases[] = {
        {RTL_CONSTANT_STRING(u"1234"), 0, 1234},
        {RTL_CONSTANT_STRING(u"0x1F"), 0, 0x1f},
        {RTL_CONSTANT_STRING(u" \t-1"), 10, 0xffffffff},
        {RTL_CONSTANT_STRING(u"0o17"), 0, 15},
        {RTL_CONSTANT_STRING(u"0b101"), 0, 5},
        {RTL_CONSTANT_STRING(u"ffz"), 16, 0xff},
        {RTL_CONSTANT_STRING(u"+7,8"), 0, 7},
        {RTL_CONSTANT_STRING(u"none"), 0, 0},
        {RTL_CONSTANT_STRING(u"0"), 0, 0},
    };
    ULONG value;
    for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
        assert_int_equal(RtlUnicodeStringToInteger(&cases[i].text, cases[i].base, &value), STATUS_SUCCESS);
        assert_int_equal(value, cases[i].value);
    }
    assert_int_equal(RtlUnicodeStringToInteger(&cases[0].text, 7, &value), STATUS_INVALID_PARAMETER);
    assert_int_equal(RtlCharToInteger(" 0x10", 0, &value), STATUS_SUCCESS);
    assert_int_equal(value, 16);
    WCHAR storage[9];
    UNICODE_STRING string = {0, sizeof(storage), storage};
    assert_int_equal(RtlIntegerToUnicodeString(0xDEADBEEF, 16, &string), STATUS_SUCCESS);
    assert_wide(&string, u"DEADBEEF");
    assert_int_equal(RtlIntegerToUnicodeString(0, 0, &string), STATUS_SUCCESS);
    assert_wide(&string, u"0");
    assert_int_equal(RtlInt64ToUnicodeString(0x1234567890ull, 16, &string), STATUS_BUFFER_OVERFLOW);
}

static void guids(void **state)
{
    (void)state;
    static const GUID guid = {0x4d36e972, 0xe325, 0x11ce, {0xbf, 0xc1, 0x08, 0x00, 0x2b, 0xe1, 0x03, 0x18}};
    UNICODE_STRING text;
    GUID back;
    assert_int_equal(RtlStringFromGUID(&guid, &text), STATUS_SUCCESS);
    assert_wide(&text, u"{4D36E972-E325-11CE-BFC1-08002BE10318}");
    assert_int_equal(RtlGUIDFromString(&text, &back), STATUS_SUCCESS);
    assert_memory_equal(&guid, &back, sizeof(guid));
    for (USHORT i = 0; i < text.Length / 2; i++) {
        WCHAR kept = text.Buffer[i];
        text.Buffer[i] = '~';
        assert_int_equal(RtlGUIDFromString(&text, &back), STATUS_INVALID_PARAMETER);
        text.Buffer[i] = kept;
    }
    text.Length -= 2;
    assert_int_equal(RtlGUIDFromString(&text, &back), STATUS_INVALID_PARAMETER);
    RtlFreeUnicodeString(&text);
}

typedef int(NTAPI compare_function)(const void *, const void *);
static NTAPI int compare_ints(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

static void c_library(void **state)
{
    (void)state;
    typedef void(NTAPI qsort_function)(void *, size_t, size_t, compare_function *);
    typedef void *(NTAPI bsearch_function)(const void *, const void *, size_t, size_t, compare_function *);
    typedef void *(NTAPI memory_function)(void *, const void *, size_t);
    typedef int(NTAPI strcpy_s_function)(char *, size_t, const char *);
    qsort_function *qsort_ = (qsort_function *)exported("qsort");
    bsearch_function *bsearch_ = (bsearch_function *)exported("bsearch");
    int numbers[257];
    for (int i = 0; i < 257; i++)
        numbers[i] = (i * 7919) % 257;
    qsort_(numbers, 257, sizeof(int), compare_ints);
    for (int i = 0; i < 257; i++) {
        assert_int_equal(numbers[i], i);
        assert_ptr_equal(bsearch_(&i, numbers, 257, sizeof(int), compare_ints), &numbers[i]);
    }
    int absent = 300;
    assert_null(bsearch_(&absent, numbers, 257, sizeof(int), compare_ints));
    char overlap[] = "abcdef";
    ((memory_function *)exported("memcpy"))(overlap + 1, overlap, 5);
    assert_string_equal(overlap, "aabcde");
    strcpy_s_function *strcpy_s_ = (strcpy_s_function *)exported("strcpy_s");
    assert_int_equal(strcpy_s_(overlap, 7, "123456"), 0);
    assert_int_equal(strcpy_s_(overlap, 6, "123456"), 34);
    assert_int_equal(overlap[0], 0);
    assert_int_equal(rtl_wcsicmp(u"ETHERNET\u0416", u"Ethernet\u0436"), 0);
    assert_true(rtl_wcscmp(u"a", u"\uffff") < 0);
    assert_int_equal(rtl_stricmp("Speed", "sPEEDy"), -'y');
    const WCHAR *path = u"\\Device\\Net";
    assert_ptr_equal(rtl_wcsrchr(path, '\\'), path + 7);
    assert_ptr_equal(rtl_wcsstr(path, u"Net"), path + 8);
    assert_null(rtl_wcsstr(path, u"net"));
}

/* Every size around the limits of the copies and clears that need no call, at every overlap; nothing beside is touched.
 */
static void memory(void **state)
{
    (void)state;
    typedef void *(NTAPI copy_function)(void *, const void *, size_t);
    typedef void *(NTAPI set_function)(void *, int, size_t);
    typedef void(NTAPI fill_function)(void *, size_t, UCHAR);
    enum { ROOM = 1024, MIDDLE = 400, LARGEST = 300, OVERLAP = 130 };
    copy_function *copy = (copy_function *)exported("memcpy");
    set_function *set = (set_function *)exported("memset");
    fill_function *fill = (fill_function *)exported("RtlFillMemory");
    UCHAR is[ROOM], expected[ROOM];

    for (size_t size = 0; size <= LARGEST; size++) {
        for (int by = -OVERLAP; by <= OVERLAP; by += size > 100 ? 13 : 1) {
            for (size_t i = 0; i < ROOM; i++)
                is[i] = expected[i] = (UCHAR)(i * 7 + i / 256);
            for (size_t i = 0; i < size; i++)
                expected[MIDDLE + by + i] = (UCHAR)((MIDDLE + i) * 7 + (MIDDLE + i) / 256);
            assert_ptr_equal(copy(is + MIDDLE + by, is + MIDDLE, size), is + MIDDLE + by);
            assert_memory_equal(is, expected, ROOM);
        }
        memset(expected + MIDDLE, 0xA5, size);
        assert_ptr_equal(set(is + MIDDLE, 0x1A5, size), is + MIDDLE);
        assert_memory_equal(is + MIDDLE, expected + MIDDLE, size);
        memset(expected + MIDDLE, 0x5A, size);
        fill(is + MIDDLE, size, 0x5A);
        assert_memory_equal(is, expected, ROOM);
    }
}

static void security_descriptors(void **state)
{
    (void)state;
    struct {
        SID sid;
        ULONG more[1];
    } admins;
    union {
        ACL acl;
        UCHAR room[64];
    } list;
    SECURITY_DESCRIPTOR descriptor;
    SID_IDENTIFIER_AUTHORITY nt = {SECURITY_NT_AUTHORITY};
    assert_int_equal(RtlInitializeSid(&admins.sid, &nt, 2), STATUS_SUCCESS);
    *RtlSubAuthoritySid(&admins.sid, 0) = SECURITY_BUILTIN_DOMAIN_RID;
    *RtlSubAuthoritySid(&admins.sid, 1) = DOMAIN_ALIAS_RID_ADMINS;
    assert_int_equal(RtlLengthSid(&admins.sid), 16);
    assert_int_equal(RtlCreateAcl(&list.acl, sizeof(list), ACL_REVISION), STATUS_SUCCESS);
    assert_int_equal(RtlAddAccessAllowedAce(&list.acl, ACL_REVISION, GENERIC_ALL, &admins.sid), STATUS_SUCCESS);
    assert_int_equal(RtlAddAccessAllowedAce(&list.acl, ACL_REVISION, GENERIC_ALL, &admins.sid), STATUS_SUCCESS);
    assert_int_equal(RtlAddAccessAllowedAce(&list.acl, ACL_REVISION, GENERIC_ALL, &admins.sid),
                     STATUS_ALLOTTED_SPACE_EXCEEDED);
    assert_int_equal(list.acl.AceCount, 2);
    assert_int_equal(RtlCreateSecurityDescriptor(&descriptor, 2), STATUS_UNKNOWN_REVISION);
    assert_int_equal(RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION), STATUS_SUCCESS);
    assert_int_equal(RtlSetDaclSecurityDescriptor(&descriptor, TRUE, &list.acl, FALSE), STATUS_SUCCESS);
    assert_true(RtlValidSecurityDescriptor(&descriptor));
    assert_int_equal(RtlLengthSecurityDescriptor(&descriptor), sizeof(SECURITY_DESCRIPTOR) + 64);
    list.acl.AceCount = 9; /* more than it holds */
    assert_false(RtlValidSecurityDescriptor(&descriptor));
}

static void errors(void **state)
{
    (void)state;
    assert_int_equal(RtlNtStatusToDosError(STATUS_SUCCESS), 0);
    assert_int_equal(RtlNtStatusToDosError(STATUS_INVALID_PARAMETER), 87);
    assert_int_equal(RtlNtStatusToDosError(STATUS_INSUFFICIENT_RESOURCES), 1450);
    assert_int_equal(RtlNtStatusToDosError((NTSTATUS)0xC0070005), 5);
    assert_int_equal(RtlNtStatusToDosErrorNoTeb((NTSTATUS)0xC0FFFFFF), 317);
}

static int setup(void **state)
{
    (void)state;
    ke_initialize();
    return 0;
}

/* Everything that a test allocated is freed again. */
static int no_pool_left(void **state)
{
    (void)state;
    struct ex_pool_usage usage;
    ex_pool_get_usage(&usage);
    static size_t at_first = SIZE_MAX;
    if (at_first == SIZE_MAX)
        at_first = usage.blocks;
    return usage.blocks != at_first;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(initialising, no_pool_left, no_pool_left),
        cmocka_unit_test_teardown(copying_and_appending, no_pool_left),
        cmocka_unit_test_teardown(comparing, no_pool_left),
        cmocka_unit_test_teardown(case_is_a_bijection, no_pool_left),
        cmocka_unit_test_teardown(utf8_round_trip, no_pool_left),
        cmocka_unit_test_teardown(ill_formed_utf, no_pool_left),
        cmocka_unit_test_teardown(integers, no_pool_left),
        cmocka_unit_test_teardown(guids, no_pool_left),
        cmocka_unit_test(c_library),
        cmocka_unit_test(memory),
        cmocka_unit_test(security_descriptors),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

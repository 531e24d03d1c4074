/*
 * Registry keys of the framework: every type of value there and back, the type checks, and keys that go with their
 * parents.
 */
#include "wdf_test.h"

#define ROOT L"\\Registry\\Machine\\System\\WdfRegistryTest"

DECLARE_CONST_UNICODE_STRING(root_name, ROOT);
DECLARE_CONST_UNICODE_STRING(child_name, L"Child");
DECLARE_CONST_UNICODE_STRING(value_name, L"Value");
DECLARE_CONST_UNICODE_STRING(missing, L"Missing");
DECLARE_CONST_UNICODE_STRING(hello, L"hello");

static WDFKEY root;

static int setup(void **state)
{
    ULONG disposition;
    (void)state;
    wdf_test_start();
    NTSTATUS status =
        WdfRegistryCreateKey(NULL, &root_name, KEY_ALL_ACCESS, REG_OPTION_VOLATILE, &disposition, NULL, &root);
    return NT_SUCCESS(status) && disposition == REG_CREATED_NEW_KEY ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    NTSTATUS status = WdfRegistryRemoveKey(root);
    wdf_test_stop();
    return NT_SUCCESS(status) ? 0 : -1;
}

static void keys(void **state)
{
    WDFKEY key, same;
    ULONG disposition;
    (void)state;
    assert_int_equal(WdfRegistryOpenKey(root, &child_name, KEY_READ, NULL, &key), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_null(key);
    assert_int_equal(
        WdfRegistryCreateKey(root, &child_name, KEY_ALL_ACCESS, REG_OPTION_VOLATILE, &disposition, NULL, &key),
        STATUS_SUCCESS);
    assert_int_equal(disposition, REG_CREATED_NEW_KEY);
    assert_int_equal(WdfRegistryOpenKey(root, &child_name, KEY_READ, NULL, &same), STATUS_SUCCESS);
    assert_non_null(WdfRegistryWdmGetHandle(same));
    WdfRegistryClose(same);
    assert_int_equal(WdfRegistryRemoveKey(key), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryOpenKey(root, &child_name, KEY_READ, NULL, &key), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void numbers_and_bytes(void **state)
{
    ULONG number = 0, length = 0, type = 0;
    UCHAR bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8}, back[8] = {0};
    (void)state;
    assert_int_equal(WdfRegistryQueryULong(root, &missing, &number), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(WdfRegistryAssignULong(root, &value_name, 0x12345678), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryULong(root, &value_name, &number), STATUS_SUCCESS);
    assert_int_equal(number, 0x12345678);
    assert_int_equal(WdfRegistryAssignValue(root, &value_name, REG_BINARY, sizeof(bytes), bytes), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryULong(root, &value_name, &number), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(WdfRegistryQueryValue(root, &value_name, 0, NULL, &length, &type), STATUS_SUCCESS);
    assert_int_equal(length, sizeof(bytes));
    assert_int_equal(type, REG_BINARY);
    assert_int_equal(WdfRegistryQueryValue(root, &value_name, sizeof(back), back, NULL, NULL), STATUS_SUCCESS);
    assert_memory_equal(back, bytes, sizeof(bytes));
    memset(back, 0, sizeof(back));
    assert_int_equal(WdfRegistryQueryValue(root, &value_name, 3, back, &length, NULL), STATUS_BUFFER_OVERFLOW);
    assert_int_equal(length, sizeof(bytes));
    assert_int_equal(back[3], 0);
    assert_int_equal(WdfRegistryRemoveValue(root, &value_name), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryRemoveValue(root, &value_name), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void memory(void **state)
{
    WDFMEMORY source, copy;
    void *buffer;
    size_t size;
    ULONG type;
    (void)state;
    assert_int_equal(WdfMemoryCreate(NULL, NonPagedPoolNx, 0, 300, &source, &buffer), STATUS_SUCCESS);
    for (int i = 0; i < 300; i++)
        ((UCHAR *)buffer)[i] = (UCHAR)i;
    assert_int_equal(WdfRegistryAssignMemory(root, &value_name, REG_BINARY, source, NULL), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryMemory(root, &value_name, PagedPool, NULL, &copy, &type), STATUS_SUCCESS);
    assert_memory_equal(WdfMemoryGetBuffer(copy, &size), buffer, 300);
    assert_int_equal(size, 300);
    assert_int_equal(type, REG_BINARY);
    WdfObjectDelete(copy);
    WDFMEMORY_OFFSET offset = {.BufferOffset = 10, .BufferLength = 5};
    assert_int_equal(WdfRegistryAssignMemory(root, &value_name, REG_BINARY, source, &offset), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryMemory(root, &value_name, PagedPool, NULL, &copy, NULL), STATUS_SUCCESS);
    assert_memory_equal(WdfMemoryGetBuffer(copy, &size), (char *)buffer + 10, 5);
    assert_int_equal(size, 5);
    WdfObjectDelete(copy);
    offset.BufferOffset = 296;
    assert_int_equal(WdfRegistryAssignMemory(root, &value_name, REG_BINARY, source, &offset), STATUS_INTEGER_OVERFLOW);
    WdfObjectDelete(source);
}

static void strings(void **state)
{
    WDFSTRING string;
    UNICODE_STRING text;
    WCHAR buffer[4];
    USHORT length;
    UNICODE_STRING small = {0, sizeof(buffer), buffer};
    WCHAR large_buffer[16];
    UNICODE_STRING large = {0, sizeof(large_buffer), large_buffer};
    (void)state;
    assert_int_equal(WdfStringCreate(NULL, NULL, &string), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryAssignUnicodeString(root, &value_name, &hello), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryString(root, &value_name, string), STATUS_SUCCESS);
    WdfStringGetUnicodeString(string, &text);
    assert_true(RtlEqualUnicodeString(&text, &hello, FALSE));
    assert_int_equal(WdfRegistryQueryUnicodeString(root, &value_name, &length, NULL), STATUS_SUCCESS);
    assert_int_equal(length, 6 * sizeof(WCHAR));
    assert_int_equal(WdfRegistryQueryUnicodeString(root, &value_name, NULL, &large), STATUS_SUCCESS);
    assert_true(RtlEqualUnicodeString(&large, &hello, FALSE));
    assert_int_equal(WdfRegistryQueryUnicodeString(root, &value_name, NULL, &small), STATUS_BUFFER_OVERFLOW);
    assert_int_equal(WdfRegistryAssignString(root, &value_name, string), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryAssignULong(root, &value_name, 1), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryString(root, &value_name, string), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(WdfRegistryQueryUnicodeString(root, &value_name, &length, NULL), STATUS_OBJECT_TYPE_MISMATCH);
    WdfObjectDelete(string);
}

static void multi_strings(void **state)
{
    static const WCHAR unterminated[] = {'a', 'b', 0, 'c'};
    WDFCOLLECTION collection, back;
    WDFSTRING string;
    UNICODE_STRING text;
    (void)state;
    assert_int_equal(WdfCollectionCreate(NULL, &collection), STATUS_SUCCESS);
    assert_int_equal(WdfCollectionCreate(NULL, &back), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryAssignMultiString(root, &value_name, collection), STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfStringCreate(&hello, NULL, &string), STATUS_SUCCESS);
    assert_int_equal(WdfCollectionAdd(collection, string), STATUS_SUCCESS);
    assert_int_equal(WdfStringCreate(&child_name, NULL, &string), STATUS_SUCCESS);
    assert_int_equal(WdfCollectionAdd(collection, string), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryAssignMultiString(root, &value_name, collection), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryMultiString(root, &value_name, NULL, back), STATUS_SUCCESS);
    assert_int_equal(WdfCollectionGetCount(back), 2);
    WdfStringGetUnicodeString(WdfCollectionGetItem(back, 1), &text);
    assert_true(RtlEqualUnicodeString(&text, &child_name, FALSE));

    /* What somebody else wrote, without its terminators. */
    assert_int_equal(WdfRegistryAssignValue(root, &value_name, REG_MULTI_SZ, sizeof(unterminated), (PVOID)unterminated),
                     STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryMultiString(root, &value_name, NULL, back), STATUS_SUCCESS);
    assert_int_equal(WdfCollectionGetCount(back), 4);
    WdfStringGetUnicodeString(WdfCollectionGetItem(back, 3), &text);
    assert_int_equal(text.Length, sizeof(WCHAR));
    assert_int_equal(WdfRegistryAssignULong(root, &value_name, 1), STATUS_SUCCESS);
    assert_int_equal(WdfRegistryQueryMultiString(root, &value_name, NULL, back), STATUS_OBJECT_TYPE_MISMATCH);
}

static void at_dispatch_level(void **state)
{
    ULONG number;
    KIRQL irql;
    (void)state;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    NTSTATUS status = WdfRegistryQueryULong(root, &value_name, &number);
    KeLowerIrql(irql);
    assert_int_equal(status, STATUS_INVALID_DEVICE_REQUEST);
}

static int boot(void **state)
{
    (void)state;
    wdf_test_boot();
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys), TEST(numbers_and_bytes), TEST(memory), TEST(strings), TEST(multi_strings), TEST(at_dispatch_level),
    };
    return cmocka_run_group_tests(tests, boot, wdf_test_halt);
}

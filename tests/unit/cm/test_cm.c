/* The registry: keys, values with the documented lengths and statuses, notifications, and RtlQueryRegistryValues. */
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ob/ob.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#define TEST_PATH CM_SERVICES "\\CmTest"

static int start(void **state)
{
    (void)state;
    ke_initialize();
    ex_initialize();
    cm_initialize();
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    struct cm_key *key;
    cm_delete_tree(NULL, TEST_PATH);
    assert_int_equal(cm_create(NULL, TEST_PATH, &key), STATUS_SUCCESS);
    cm_close(key);
    return 0;
}

static UNICODE_STRING text(const WCHAR *s)
{
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, s);
    return string;
}

static HANDLE open_key(HANDLE root, const WCHAR *path, bool create, NTSTATUS *status, ULONG *disposition)
{
    UNICODE_STRING name = text(path);
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle = NULL;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, root, NULL);
    *status = create ? ZwCreateKey(&handle, KEY_ALL_ACCESS, &attributes, 0, NULL, 0, disposition)
                     : ZwOpenKey(&handle, KEY_ALL_ACCESS, &attributes);
    return handle;
}

static HANDLE open_test_key(void)
{
    NTSTATUS status;
    HANDLE key =
        open_key(NULL, L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\CmTest", false, &status, NULL);
    assert_int_equal(status, STATUS_SUCCESS);
    return key;
}

static NTSTATUS set(HANDLE key, const WCHAR *name, ULONG type, const void *data, ULONG size)
{
    UNICODE_STRING wide = text(name);
    return ZwSetValueKey(key, &wide, 0, type, (PVOID)data, size);
}

static void test_keys(void **state)
{
    (void)state;
    NTSTATUS status;
    ULONG disposition = 0;
    HANDLE key = open_test_key();
    HANDLE sub = open_key(key, L"Sub", true, &status, &disposition);
    assert_int_equal(status, STATUS_SUCCESS);
    assert_int_equal(disposition, REG_CREATED_NEW_KEY);
    ZwClose(open_key(key, L"SUB", true, &status, &disposition));
    assert_int_equal(status, STATUS_SUCCESS);
    assert_int_equal(disposition, REG_OPENED_EXISTING_KEY);
    /* Only the last component is made. */
    open_key(key, L"Missing\\Sub", true, &status, NULL);
    assert_int_equal(status, STATUS_OBJECT_NAME_NOT_FOUND);
    open_key(key, L"Missing", false, &status, NULL);
    assert_int_equal(status, STATUS_OBJECT_NAME_NOT_FOUND);
    ZwClose(open_key(key, L"Sub\\Deep", true, &status, NULL));
    assert_int_equal(status, STATUS_SUCCESS);
    assert_int_equal(ZwDeleteKey(sub), STATUS_CANNOT_DELETE);
    HANDLE deep = open_key(key, L"sub\\deep", false, &status, NULL);
    assert_int_equal(ZwDeleteKey(deep), STATUS_SUCCESS);
    assert_int_equal(ZwDeleteKey(deep), STATUS_KEY_DELETED);
    assert_int_equal(set(deep, L"x", REG_DWORD, "abcd", 4), STATUS_KEY_DELETED);
    open_key(deep, L"y", true, &status, NULL);
    assert_int_equal(status, STATUS_KEY_DELETED);
    ZwClose(deep);
    assert_int_equal(ZwDeleteKey(sub), STATUS_SUCCESS);
    ZwClose(sub);
    HANDLE again = open_key(key, L"", false, &status, NULL);
    assert_int_equal(status, STATUS_SUCCESS);
    ZwClose(again);
    assert_int_equal(ZwFlushKey(key), STATUS_SUCCESS);
    ZwClose(key);
    open_key(NULL, L"\\Registry\\Nowhere", false, &status, NULL);
    assert_int_equal(status, STATUS_OBJECT_NAME_NOT_FOUND);
}

static void test_volatile_keys(void **state)
{
    (void)state;
    NTSTATUS status;
    HANDLE key = open_test_key(), kept, sub;
    UNICODE_STRING name = text(L"Volatile");
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, key, NULL);
    assert_int_equal(ZwCreateKey(&kept, KEY_ALL_ACCESS, &attributes, 0, NULL, REG_OPTION_VOLATILE, NULL),
                     STATUS_SUCCESS);
    open_key(kept, L"Sub", true, &status, NULL);
    assert_int_equal(status, STATUS_CHILD_MUST_BE_VOLATILE);
    attributes.RootDirectory = kept;
    assert_int_equal(ZwCreateKey(&sub, KEY_ALL_ACCESS, &attributes, 0, NULL, REG_OPTION_VOLATILE, NULL),
                     STATUS_SUCCESS);
    ZwClose(sub);
    ZwClose(kept);
    ZwClose(key);
}

static void test_query_value(void **state)
{
    (void)state;
    HANDLE key = open_test_key();
    UNICODE_STRING name = text(L"number"), missing = text(L"missing");
    ULONG number = 0x11223344, length = 0;
    _Alignas(8) char buffer[128];
    assert_int_equal(set(key, L"Number", REG_DWORD, &number, 4), STATUS_SUCCESS);
    assert_int_equal(ZwQueryValueKey(key, &missing, KeyValuePartialInformation, buffer, sizeof buffer, &length),
                     STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(ZwQueryValueKey(key, &name, 99, buffer, sizeof buffer, &length), STATUS_INVALID_PARAMETER);
    /* Less than the fixed part: nothing is written. */
    memset(buffer, 0x55, sizeof buffer);
    assert_int_equal(ZwQueryValueKey(key, &name, KeyValuePartialInformation, buffer, 11, &length),
                     STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(length, 16);
    assert_int_equal(buffer[0], 0x55);
    assert_int_equal(ZwQueryValueKey(key, &name, KeyValuePartialInformation, NULL, 0, &length),
                     STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(length, 16);
    /* The fixed part and some data: as much as fits. */
    assert_int_equal(ZwQueryValueKey(key, &name, KeyValuePartialInformation, buffer, 14, &length),
                     STATUS_BUFFER_OVERFLOW);
    assert_int_equal(length, 16);
    PKEY_VALUE_PARTIAL_INFORMATION partial = (void *)buffer;
    assert_int_equal(partial->DataLength, 4);
    assert_int_equal(partial->Data[0], 0x44);
    assert_int_equal(partial->Data[1], 0x33);
    assert_int_equal(partial->Data[2], 0x55);
    assert_int_equal(ZwQueryValueKey(key, &name, KeyValuePartialInformation, buffer, 16, &length), STATUS_SUCCESS);
    assert_int_equal(partial->Type, REG_DWORD);
    assert_int_equal(partial->TitleIndex, 0);
    assert_memory_equal(partial->Data, &number, 4);
    assert_int_equal(ZwQueryValueKey(key, &name, KeyValueBasicInformation, buffer, sizeof buffer, &length),
                     STATUS_SUCCESS);
    PKEY_VALUE_BASIC_INFORMATION basic = (void *)buffer;
    assert_int_equal(length, FIELD_OFFSET(KEY_VALUE_BASIC_INFORMATION, Name) + 12);
    assert_int_equal(basic->NameLength, 12);
    assert_memory_equal(basic->Name, L"Number", 12);
    assert_int_equal(ZwQueryValueKey(key, &name, KeyValueFullInformation, buffer, sizeof buffer, &length),
                     STATUS_SUCCESS);
    PKEY_VALUE_FULL_INFORMATION full = (void *)buffer;
    assert_int_equal(full->DataOffset, 32);
    assert_int_equal(full->DataLength, 4);
    assert_memory_equal(buffer + full->DataOffset, &number, 4);
    assert_int_equal(length, 36);
    UNICODE_STRING none = {0};
    assert_int_equal(ZwSetValueKey(key, &none, 0, REG_SZ, (PVOID)L"default", 16), STATUS_SUCCESS);
    assert_int_equal(ZwQueryValueKey(key, &none, KeyValuePartialInformation, buffer, sizeof buffer, &length),
                     STATUS_SUCCESS);
    assert_int_equal(partial->DataLength, 16);
    assert_int_equal(ZwDeleteValueKey(key, &name), STATUS_SUCCESS);
    assert_int_equal(ZwDeleteValueKey(key, &name), STATUS_OBJECT_NAME_NOT_FOUND);
    ZwClose(key);
}

static void test_query_key(void **state)
{
    (void)state;
    NTSTATUS status;
    HANDLE key = open_test_key(), sub;
    ULONG length;
    _Alignas(8) char buffer[512];
    UNICODE_STRING class_name = text(L"Class"), name = text(L"Beta");
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, key, NULL);
    assert_int_equal(ZwCreateKey(&sub, KEY_ALL_ACCESS, &attributes, 0, &class_name, 0, NULL), STATUS_SUCCESS);
    ZwClose(open_key(key, L"alpha", true, &status, NULL));
    set(key, L"longer name", REG_BINARY, "0123456789", 10);
    set(key, L"s", REG_BINARY, "0", 1);
    assert_int_equal(ZwQueryKey(key, KeyFullInformation, buffer, sizeof buffer, &length), STATUS_SUCCESS);
    PKEY_FULL_INFORMATION full = (void *)buffer;
    assert_int_equal(full->SubKeys, 2);
    assert_int_equal(full->MaxNameLen, 10);
    assert_int_equal(full->MaxClassLen, 10);
    assert_int_equal(full->Values, 2);
    assert_int_equal(full->MaxValueNameLen, 22);
    assert_int_equal(full->MaxValueDataLen, 10);
    assert_true(full->LastWriteTime.QuadPart != 0);
    assert_int_equal(ZwQueryKey(key, KeyCachedInformation, buffer, sizeof buffer, &length), STATUS_SUCCESS);
    assert_int_equal(((PKEY_CACHED_INFORMATION)(void *)buffer)->SubKeys, 2);
    assert_int_equal(ZwQueryKey(sub, KeyNameInformation, buffer, sizeof buffer, &length), STATUS_SUCCESS);
    PKEY_NAME_INFORMATION full_name = (void *)buffer;
    UNICODE_STRING have = {(USHORT)full_name->NameLength, (USHORT)full_name->NameLength, full_name->Name};
    UNICODE_STRING want = text(L"\\REGISTRY\\MACHINE\\SYSTEM\\CurrentControlSet\\Services\\CmTest\\Beta");
    assert_true(RtlEqualUnicodeString(&have, &want, TRUE));
    assert_int_equal(ZwQueryKey(sub, KeyNodeInformation, buffer, sizeof buffer, &length), STATUS_SUCCESS);
    PKEY_NODE_INFORMATION node = (void *)buffer;
    assert_int_equal(node->ClassLength, 10);
    assert_memory_equal(buffer + node->ClassOffset, L"Class", 10);
    assert_int_equal(ZwEnumerateKey(key, 0, KeyBasicInformation, buffer, sizeof buffer, &length), STATUS_SUCCESS);
    PKEY_BASIC_INFORMATION basic = (void *)buffer;
    assert_int_equal(basic->NameLength, 10);
    assert_memory_equal(basic->Name, L"alpha", 10);
    assert_int_equal(length, FIELD_OFFSET(KEY_BASIC_INFORMATION, Name) + 10);
    assert_int_equal(ZwEnumerateKey(key, 0, KeyBasicInformation, buffer, 18, &length), STATUS_BUFFER_OVERFLOW);
    assert_int_equal(ZwEnumerateKey(key, 0, KeyBasicInformation, buffer, 15, &length), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(ZwEnumerateKey(key, 2, KeyBasicInformation, buffer, sizeof buffer, &length),
                     STATUS_NO_MORE_ENTRIES);
    assert_int_equal(ZwEnumerateKey(key, 0, KeyNameInformation, buffer, sizeof buffer, &length),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(ZwEnumerateValueKey(key, 1, KeyValueBasicInformation, buffer, sizeof buffer, &length),
                     STATUS_SUCCESS);
    assert_int_equal(((PKEY_VALUE_BASIC_INFORMATION)(void *)buffer)->NameLength, 2);
    assert_int_equal(ZwEnumerateValueKey(key, 2, KeyValueBasicInformation, buffer, sizeof buffer, &length),
                     STATUS_NO_MORE_ENTRIES);
    ZwClose(sub);
    ZwClose(key);
}

static void test_notify(void **state)
{
    (void)state;
    NTSTATUS status;
    IO_STATUS_BLOCK block = {0};
    HANDLE key = open_test_key(), event, sub;
    LARGE_INTEGER now = {.QuadPart = 0};
    assert_int_equal(ZwCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
    assert_int_equal(
        ZwNotifyChangeKey(key, event, NULL, NULL, &block, REG_NOTIFY_CHANGE_LAST_SET, FALSE, NULL, 0, TRUE),
        STATUS_PENDING);
    sub = open_key(key, L"Sub", true, &status, NULL); /* not what is waited for */
    assert_int_equal(ZwWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
    set(key, L"v", REG_BINARY, "1", 1);
    assert_int_equal(ZwWaitForSingleObject(event, FALSE, NULL), STATUS_SUCCESS);
    assert_int_equal(block.Status, STATUS_NOTIFY_ENUM_DIR);
    /* A write of the same data is no change; a write in the subtree is one with WatchTree. */
    assert_int_equal(ZwNotifyChangeKey(key, event, NULL, NULL, &block, REG_NOTIFY_CHANGE_LAST_SET, TRUE, NULL, 0, TRUE),
                     STATUS_PENDING);
    set(key, L"v", REG_BINARY, "1", 1);
    assert_int_equal(ZwWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
    set(sub, L"w", REG_BINARY, "1", 1);
    assert_int_equal(ZwWaitForSingleObject(event, FALSE, NULL), STATUS_SUCCESS);
    /* Closing the key ends what waits on it. */
    assert_int_equal(ZwNotifyChangeKey(key, event, NULL, NULL, &block, REG_NOTIFY_CHANGE_NAME, FALSE, NULL, 0, TRUE),
                     STATUS_PENDING);
    ZwClose(key);
    assert_int_equal(ZwWaitForSingleObject(event, FALSE, NULL), STATUS_SUCCESS);
    assert_int_equal(block.Status, STATUS_NOTIFY_CLEANUP);
    ZwClose(sub);
    ZwClose(event);
}

/*
 * RtlQueryRegistryValues
 */
static struct {
    int count;
    ULONG type[16], size[16];
    WCHAR name[16][32];
    char data[16][64];
    NTSTATUS answer;
} calls;

static NTSTATUS NTAPI on_value(PWSTR ValueName, ULONG ValueType, PVOID ValueData, ULONG ValueLength, PVOID Context,
                               PVOID EntryContext)
{
    assert_ptr_equal(Context, &calls);
    assert_ptr_equal(EntryContext, (void *)7);
    int i = calls.count++;
    calls.type[i] = ValueType;
    calls.size[i] = ValueLength;
    for (int k = 0; ValueName != NULL && ValueName[k] != 0; k++)
        calls.name[i][k] = ValueName[k];
    assert_true(ValueLength <= sizeof calls.data[i]);
    memcpy(calls.data[i], ValueData, ValueLength);
    return calls.answer;
}

static NTSTATUS query(RTL_QUERY_REGISTRY_TABLE *table)
{
    return RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"CmTest", table, &calls, NULL);
}

static void fill_test_key(void)
{
    memset(&calls, 0, sizeof calls);
    HANDLE key = open_test_key();
    ULONG number = 42;
    set(key, L"Number", REG_DWORD, &number, 4);
    set(key, L"Quad", REG_QWORD, "12345678", 8);
    set(key, L"Text", REG_SZ, L"hello", 12);
    set(key, L"Path", REG_EXPAND_SZ, L"%systemroot%\\x%y%", sizeof L"%systemroot%\\x%y%");
    set(key, L"List", REG_MULTI_SZ, L"one\0two\0", sizeof L"one\0two\0");
    set(key, L"Raw", REG_SZ, L"cut", 6); /* no terminator */
    ZwClose(key);
}

static void test_table_routines(void **state)
{
    (void)state;
    fill_test_key();
    RTL_QUERY_REGISTRY_TABLE table[] = {
        {on_value, 0, (PWSTR)L"Path", (void *)7, 0, NULL, 0},
        {on_value, 0, (PWSTR)L"List", (void *)7, 0, NULL, 0},
        {on_value, RTL_QUERY_REGISTRY_NOEXPAND, (PWSTR)L"List", (void *)7, 0, NULL, 0},
        {on_value, 0, (PWSTR)L"None", (void *)7, REG_SZ, (PVOID)L"dflt", 0},
        {on_value, 0, (PWSTR)L"None", (void *)7, REG_NONE, NULL, 0},
        {0},
    };
    assert_int_equal(query(table), STATUS_SUCCESS);
    assert_int_equal(calls.count, 5);
    assert_int_equal(calls.type[0], REG_SZ);
    assert_memory_equal(calls.data[0], L"C:\\Windows\\x%y%", sizeof L"C:\\Windows\\x%y%");
    assert_int_equal(calls.type[1], REG_SZ);
    assert_memory_equal(calls.data[1], L"one", 8);
    assert_memory_equal(calls.data[2], L"two", 8);
    assert_memory_equal(calls.name[2], L"List", 10);
    assert_int_equal(calls.type[3], REG_MULTI_SZ);
    assert_int_equal(calls.size[3], sizeof L"one\0two\0");
    assert_memory_equal(calls.data[4], L"dflt", 10);
    assert_int_equal(calls.size[4], 10);
    calls.count = 0;
    calls.answer = STATUS_UNSUCCESSFUL;
    assert_int_equal(query(table), STATUS_UNSUCCESSFUL);
    assert_int_equal(calls.count, 1);
    calls.answer = STATUS_BUFFER_TOO_SMALL; /* "the error code is ignored" */
    calls.count = 0;
    assert_int_equal(query(table), STATUS_SUCCESS);
    calls.answer = STATUS_SUCCESS;
    calls.count = 0;
    RTL_QUERY_REGISTRY_TABLE all[] = {{on_value, RTL_QUERY_REGISTRY_NOEXPAND, NULL, (void *)7, 0, NULL, 0}, {0}};
    assert_int_equal(query(all), STATUS_SUCCESS);
    assert_int_equal(calls.count, 6);
    calls.count = 0;
    RTL_QUERY_REGISTRY_TABLE required[] = {
        {on_value, RTL_QUERY_REGISTRY_REQUIRED, (PWSTR)L"None", (void *)7, REG_DWORD, &calls, 4}, {0}};
    assert_int_equal(query(required), STATUS_OBJECT_NAME_NOT_FOUND);
    RTL_QUERY_REGISTRY_TABLE remove[] = {{on_value, RTL_QUERY_REGISTRY_DELETE, (PWSTR)L"Text", (void *)7, 0, NULL, 0},
                                         {on_value, 0, (PWSTR)L"Text", (void *)7, 0, NULL, 0},
                                         {0}};
    assert_int_equal(query(remove), STATUS_SUCCESS);
    assert_int_equal(calls.count, 1);
}

static void test_table_subkeys(void **state)
{
    (void)state;
    ULONG one = 0, top = 0, missing = 5, fallback = 9;
    fill_test_key();
    assert_int_equal(cm_write_dword(TEST_PATH "\\Parameters", "One", 1), STATUS_SUCCESS);
    RTL_QUERY_REGISTRY_TABLE table[] = {
        {NULL, RTL_QUERY_REGISTRY_SUBKEY, (PWSTR)L"Parameters", NULL, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"One", &one, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TOPKEY, (PWSTR)L"Number", &top, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_SUBKEY, (PWSTR)L"Nowhere", NULL, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"One", &missing, REG_DWORD, &fallback, 4},
        {0},
    };
    assert_int_equal(query(table), STATUS_SUCCESS);
    assert_int_equal(one, 1);
    assert_int_equal(top, 42);
    assert_int_equal(missing, 9);
    table[3].Flags |= RTL_QUERY_REGISTRY_REQUIRED;
    assert_int_equal(query(table), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"NoService", table, NULL, NULL),
                     STATUS_OBJECT_NAME_NOT_FOUND);
}

static void test_table_direct(void **state)
{
    (void)state;
    fill_test_key();
    WCHAR small[4];
    ULONG number = 0, fallback = 77;
    UNICODE_STRING allocated = {0}, short_one = {0, sizeof small, small}, raw = {0}, list = {0};
    struct {
        LONG size;
        ULONG type;
        char data[8];
    } quad = {16, 0, ""}, bare = {-8, 0, ""};
    RTL_QUERY_REGISTRY_TABLE table[] = {
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"Number", &number, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"Text", &allocated, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"Raw", &raw, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_NOEXPAND, (PWSTR)L"List", &list, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"Quad", &quad, 0, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"Quad", &bare, 0, NULL, 0},
        {0},
    };
    assert_int_equal(query(table), STATUS_SUCCESS);
    assert_int_equal(number, 42);
    assert_int_equal(allocated.Length, 10);
    assert_memory_equal(allocated.Buffer, L"hello", 12);
    assert_int_equal(raw.Length, 6);
    assert_memory_equal(raw.Buffer, L"cut", 8);
    assert_int_equal(list.Length, sizeof L"one\0two\0" - 2);
    assert_int_equal(quad.size, 8);
    assert_int_equal(quad.type, REG_QWORD);
    assert_memory_equal(quad.data, "12345678", 8);
    assert_memory_equal(&bare, "12345678", 8);
    ExFreePool(allocated.Buffer);
    ExFreePool(raw.Buffer);
    ExFreePool(list.Buffer);
    RTL_QUERY_REGISTRY_TABLE too_small[] = {{NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"Text", &short_one, 0, NULL, 0},
                                            {0}};
    assert_int_equal(query(too_small), STATUS_BUFFER_TOO_SMALL);
    bare.size = -7;
    RTL_QUERY_REGISTRY_TABLE too_short[] = {{NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"Quad", &bare, 0, NULL, 0}, {0}};
    assert_int_equal(query(too_short), STATUS_BUFFER_TOO_SMALL);
    RTL_QUERY_REGISTRY_TABLE checked[] = {{NULL, RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK,
                                           (PWSTR)L"Text", &number,
                                           REG_DWORD << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT | REG_DWORD, &fallback, 4},
                                          {0}};
    assert_int_equal(query(checked), STATUS_OBJECT_TYPE_MISMATCH);
    checked[0].Name = (PWSTR)L"None";
    assert_int_equal(query(checked), STATUS_SUCCESS);
    assert_int_equal(number, 77);
    RTL_QUERY_REGISTRY_TABLE bad[] = {{on_value, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)L"Text", &number, 0, NULL, 0}, {0}};
    assert_int_equal(query(bad), STATUS_INVALID_PARAMETER);
}

static void test_single_operations(void **state)
{
    (void)state;
    ULONG value = 3, back = 0;
    assert_int_equal(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)L"CmTest\\New"), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)L"CmTest\\New"), STATUS_SUCCESS);
    assert_int_equal(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)L"CmTest\\New"), STATUS_SUCCESS);
    assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, L"CmTest\\New", L"V", REG_DWORD, &value, 4),
                     STATUS_SUCCESS);
    assert_int_equal(cm_read_dword(TEST_PATH "\\New", "v", &back), STATUS_SUCCESS);
    assert_int_equal(back, 3);
    HANDLE key = open_test_key();
    assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_HANDLE, (PCWSTR)key, L"H", REG_DWORD, &value, 4),
                     STATUS_SUCCESS);
    ZwClose(key);
    assert_int_equal(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, L"CmTest", L"h"), STATUS_SUCCESS);
    assert_int_equal(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, L"CmTest", L"h"), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(RtlCheckRegistryKey(RTL_REGISTRY_ABSOLUTE,
                                         (PWSTR)L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\CmTest"),
                     STATUS_SUCCESS);
    assert_int_equal(RtlCheckRegistryKey(RTL_REGISTRY_MAXIMUM, (PWSTR)L"x"), STATUS_INVALID_PARAMETER);
}

static void test_utf8_side(void **state)
{
    (void)state;
    struct cm_key *key, *other;
    char buffer[64];
    ULONG number, type, size;
    const char *list[] = {"a", "\u00fc"};
    assert_int_equal(cm_open(NULL, "relative", &key), STATUS_OBJECT_PATH_SYNTAX_BAD);
    assert_int_equal(cm_create(NULL, TEST_PATH "\\A\\B\\C", &key), STATUS_SUCCESS);
    char path[128];
    cm_path(key, path, sizeof path);
    assert_int_equal(strcasecmp(path, TEST_PATH "\\A\\B\\C"), 0);
    cm_close(key);
    assert_int_equal(cm_open(NULL, TEST_PATH, &key), STATUS_SUCCESS);
    assert_int_equal(cm_open(key, "a\\b", &other), STATUS_SUCCESS);
    cm_close(other);
    assert_int_equal(cm_set_string(key, "S", "gr\u00fc\u00df \U0001F600"), STATUS_SUCCESS);
    assert_int_equal(cm_query_string(key, "s", buffer, sizeof buffer), STATUS_SUCCESS);
    assert_string_equal(buffer, "gr\u00fc\u00df \U0001F600");
    assert_int_equal(cm_query_string(key, "s", buffer, 8), STATUS_BUFFER_TOO_SMALL);
    assert_string_equal(buffer, "gr\u00fc\u00df ");
    assert_int_equal(cm_query_dword(key, "S", &number), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(cm_set_multi_string(key, "M", list, 2), STATUS_SUCCESS);
    size = sizeof buffer;
    assert_int_equal(cm_query_value(key, "M", &type, buffer, &size), STATUS_SUCCESS);
    assert_int_equal(type, REG_MULTI_SZ);
    assert_int_equal(size, 10);
    assert_memory_equal(buffer, L"a\0\u00fc\0", 10);
    size = 4;
    assert_int_equal(cm_query_value(key, "M", &type, buffer, &size), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(size, 10);
    assert_int_equal(cm_enumerate_key(key, 0, buffer, sizeof buffer), STATUS_SUCCESS);
    assert_string_equal(buffer, "A");
    assert_int_equal(cm_enumerate_key(key, 1, buffer, sizeof buffer), STATUS_NO_MORE_ENTRIES);
    assert_int_equal(cm_enumerate_value(key, 1, buffer, sizeof buffer, &type), STATUS_SUCCESS);
    assert_string_equal(buffer, "M");
    HANDLE handle;
    assert_int_equal(cm_open_handle(key, KEY_READ, &handle), STATUS_SUCCESS);
    assert_int_equal(cm_from_handle(handle, 0, &other), STATUS_SUCCESS);
    assert_ptr_equal(other, key);
    cm_close(other);
    ZwClose(handle);
    cm_close(key);
    assert_int_equal(cm_delete_tree(NULL, TEST_PATH), STATUS_SUCCESS);
    assert_int_equal(cm_delete_tree(NULL, TEST_PATH), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(cm_delete_tree(NULL, "\\Registry"), STATUS_CANNOT_DELETE);
    WCHAR wide[8];
    assert_int_equal(cm_to_utf16("a\xff\xc3", wide, 8), 3);
    assert_int_equal(wide[1], 0xFFFD);
    assert_int_equal(cm_to_utf8((const WCHAR[]){0xD800, 'x'}, 2, buffer, sizeof buffer), 4);
}

/* What the registry says it occupies is what the pool says. */
static void test_usage(void **state)
{
    struct ex_pool_usage pool, pool_before;
    size_t blocks, bytes, blocks_before, bytes_before;
    (void)state;
    cm_get_usage(&blocks_before, &bytes_before);
    ex_pool_get_usage(&pool_before);
    fill_test_key();
    cm_write_string(TEST_PATH "\\A\\B", "", "default value");
    ex_flush_work_items();
    cm_get_usage(&blocks, &bytes);
    ex_pool_get_usage(&pool);
    assert_int_equal(pool.blocks - pool_before.blocks, blocks - blocks_before);
    assert_int_equal(pool.bytes - pool_before.bytes, bytes - bytes_before);
    assert_true(blocks > blocks_before);
}

static void test_nothing_leaks(void **state)
{
    (void)state;
    struct ex_pool_usage before, now;
    LONG handles = ob_handle_count();
    for (int round = 0; round < 3; round++) {
        if (round == 1)
            ex_pool_get_usage(&before);
        fresh(state);
        test_table_direct(state);
        test_table_subkeys(state);
        test_notify(state);
        fresh(state);
    }
    ex_flush_work_items();
    ex_pool_get_usage(&now);
    assert_int_equal(now.blocks, before.blocks);
    assert_int_equal(now.bytes, before.bytes);
    assert_int_equal(ob_handle_count(), handles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_keys, fresh),
        cmocka_unit_test_setup(test_volatile_keys, fresh),
        cmocka_unit_test_setup(test_query_value, fresh),
        cmocka_unit_test_setup(test_query_key, fresh),
        cmocka_unit_test_setup(test_notify, fresh),
        cmocka_unit_test_setup(test_table_routines, fresh),
        cmocka_unit_test_setup(test_table_subkeys, fresh),
        cmocka_unit_test_setup(test_table_direct, fresh),
        cmocka_unit_test_setup(test_single_operations, fresh),
        cmocka_unit_test_setup(test_utf8_side, fresh),
        cmocka_unit_test_setup(test_usage, fresh),
        cmocka_unit_test_setup(test_nothing_leaks, fresh),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

/*
 * Registry keys as framework objects: Zw functions on a kernel handle, with the framework's type checks and string
 * objects around them. All at PASSIVE_LEVEL; at another IRQL the functions with a status return
 * STATUS_INVALID_DEVICE_REQUEST, as their pages say.
 *
 * Public pages: "Using the Registry in Framework-based Drivers", "WdfRegistryOpenKey function" and its kind.
 */
#include <string.h>
#include "wdf/device.h"

struct wdf_key {
    struct wdf_object object;
    HANDLE handle;
};

static void key_destroy(struct wdf_object *object)
{
    struct wdf_key *key = (struct wdf_key *)object;
    if (key->handle != NULL)
        ZwClose(key->handle);
}

static const struct wdf_type key_type = {
    .name = "WDFKEY",
    .flags = WDF_TYPE_PASSIVE,
    .destroy = key_destroy,
};

static struct wdf_key *key_from(PWDF_DRIVER_GLOBALS globals, WDFKEY handle, const char *call)
{
    return wdf_from_handle(globals, handle, &key_type, call);
}

static struct wdf_key *key_create(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes, NTSTATUS *status)
{
    return (void *)wdf_object_create(client, &key_type, sizeof(struct wdf_key), attributes, wdf_client_root(client),
                                     status);
}

NTSTATUS wdf_key_wrap(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes, HANDLE handle, WDFKEY *key)
{
    NTSTATUS status;
    struct wdf_key *object = key_create(client, attributes, &status);
    if (object == NULL) {
        ZwClose(handle);
        return status;
    }
    object->handle = handle;
    *key = (WDFKEY)wdf_handle(&object->object);
    return STATUS_SUCCESS;
}

static NTSTATUS open_or_create(PWDF_DRIVER_GLOBALS globals, WDFKEY parent_handle, PCUNICODE_STRING name,
                               ACCESS_MASK access, bool create, ULONG options, PULONG disposition,
                               PWDF_OBJECT_ATTRIBUTES attributes, WDFKEY *key, const char *call)
{
    struct wdf_client *client = wdf_client(globals);
    struct wdf_key *parent = wdf_from_optional_handle(globals, parent_handle, &key_type, call);
    wdf_require(client, name, call, "KeyName");
    wdf_require(client, key, call, "Key");
    *key = NULL;
    if (ke_irql() != PASSIVE_LEVEL)
        return STATUS_INVALID_DEVICE_REQUEST;
    NTSTATUS status;
    struct wdf_key *object = key_create(client, attributes, &status);
    if (object == NULL)
        return status;
    OBJECT_ATTRIBUTES where;
    InitializeObjectAttributes(&where, (PUNICODE_STRING)name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE,
                               parent != NULL ? parent->handle : NULL, NULL);
    status = create ? ZwCreateKey(&object->handle, access, &where, 0, NULL, options, disposition)
                    : ZwOpenKey(&object->handle, access, &where);
    if (!NT_SUCCESS(status)) {
        object->handle = NULL;
        wdf_object_abandon(&object->object);
        return status;
    }
    *key = (WDFKEY)wdf_handle(&object->object);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfRegistryOpenKey(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY ParentKey, PCUNICODE_STRING KeyName,
                                       ACCESS_MASK DesiredAccess, PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key)
{
    return open_or_create(DriverGlobals, ParentKey, KeyName, DesiredAccess, false, 0, NULL, KeyAttributes, Key,
                          "WdfRegistryOpenKey");
}
WDF_EXPORT(WdfRegistryOpenKey, PFN_WDFREGISTRYOPENKEY);

NTSTATUS NTAPI kmdf_WdfRegistryCreateKey(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY ParentKey, PCUNICODE_STRING KeyName,
                                         ACCESS_MASK DesiredAccess, ULONG CreateOptions, PULONG CreateDisposition,
                                         PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key)
{
    return open_or_create(DriverGlobals, ParentKey, KeyName, DesiredAccess, true, CreateOptions, CreateDisposition,
                          KeyAttributes, Key, "WdfRegistryCreateKey");
}
WDF_EXPORT(WdfRegistryCreateKey, PFN_WDFREGISTRYCREATEKEY);

VOID NTAPI kmdf_WdfRegistryClose(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key)
{
    struct wdf_key *key = key_from(DriverGlobals, Key, "WdfRegistryClose");
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, "WdfRegistryClose");
    wdf_delete(&key->object);
}
WDF_EXPORT(WdfRegistryClose, PFN_WDFREGISTRYCLOSE);

HANDLE NTAPI kmdf_WdfRegistryWdmGetHandle(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key)
{
    struct wdf_key *key = key_from(DriverGlobals, Key, "WdfRegistryWdmGetHandle");
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, "WdfRegistryWdmGetHandle");
    return key->handle;
}
WDF_EXPORT(WdfRegistryWdmGetHandle, PFN_WDFREGISTRYWDMGETHANDLE);

NTSTATUS NTAPI kmdf_WdfRegistryRemoveKey(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key)
{
    struct wdf_key *key = key_from(DriverGlobals, Key, "WdfRegistryRemoveKey");
    if (ke_irql() != PASSIVE_LEVEL)
        return STATUS_INVALID_DEVICE_REQUEST;
    NTSTATUS status = ZwDeleteKey(key->handle);
    if (NT_SUCCESS(status))
        wdf_delete(&key->object);
    return status;
}
WDF_EXPORT(WdfRegistryRemoveKey, PFN_WDFREGISTRYREMOVEKEY);

NTSTATUS NTAPI kmdf_WdfRegistryRemoveValue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName)
{
    struct wdf_key *key = key_from(DriverGlobals, Key, "WdfRegistryRemoveValue");
    wdf_require(wdf_client(DriverGlobals), ValueName, "WdfRegistryRemoveValue", "ValueName");
    if (ke_irql() != PASSIVE_LEVEL)
        return STATUS_INVALID_DEVICE_REQUEST;
    return ZwDeleteValueKey(key->handle, (PUNICODE_STRING)ValueName);
}
WDF_EXPORT(WdfRegistryRemoveValue, PFN_WDFREGISTRYREMOVEVALUE);

/* ---- queries -------------------------------------------------------------------------------------------------------
 */

/* A value with its data, in pool; the caller frees it. */
static NTSTATUS read_value(PWDF_DRIVER_GLOBALS globals, WDFKEY handle, PCUNICODE_STRING name,
                           PKEY_VALUE_PARTIAL_INFORMATION *value, const char *call)
{
    struct wdf_key *key = key_from(globals, handle, call);
    wdf_require(wdf_client(globals), name, call, "ValueName");
    *value = NULL;
    if (ke_irql() != PASSIVE_LEVEL)
        return STATUS_INVALID_DEVICE_REQUEST;
    ULONG size = sizeof(KEY_VALUE_PARTIAL_INFORMATION) + 128;
    for (;;) {
        PKEY_VALUE_PARTIAL_INFORMATION info = ExAllocatePoolZero(PagedPool, size, globals->DriverTag);
        if (info == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        ULONG needed = 0;
        NTSTATUS status =
            ZwQueryValueKey(key->handle, (PUNICODE_STRING)name, KeyValuePartialInformation, info, size, &needed);
        if (NT_SUCCESS(status)) {
            *value = info;
            return STATUS_SUCCESS;
        }
        ExFreePoolWithTag(info, globals->DriverTag);
        if ((status != STATUS_BUFFER_OVERFLOW && status != STATUS_BUFFER_TOO_SMALL) || needed <= size)
            return status;
        size = needed;
    }
}

NTSTATUS NTAPI kmdf_WdfRegistryQueryValue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName,
                                          ULONG ValueLength, PVOID Value, PULONG ValueLengthQueried, PULONG ValueType)
{
    PKEY_VALUE_PARTIAL_INFORMATION info;
    NTSTATUS status = read_value(DriverGlobals, Key, ValueName, &info, "WdfRegistryQueryValue");
    if (!NT_SUCCESS(status))
        return status;
    if (Value != NULL)
        memcpy(Value, info->Data, ValueLength < info->DataLength ? ValueLength : info->DataLength);
    if (ValueLengthQueried != NULL)
        *ValueLengthQueried = info->DataLength;
    if (ValueType != NULL)
        *ValueType = info->Type;
    status = Value != NULL && ValueLength < info->DataLength ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
    ExFreePoolWithTag(info, DriverGlobals->DriverTag);
    return status;
}
WDF_EXPORT(WdfRegistryQueryValue, PFN_WDFREGISTRYQUERYVALUE);

NTSTATUS NTAPI kmdf_WdfRegistryQueryMemory(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName,
                                           POOL_TYPE PoolType, PWDF_OBJECT_ATTRIBUTES MemoryAttributes,
                                           WDFMEMORY *Memory, PULONG ValueType)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    PKEY_VALUE_PARTIAL_INFORMATION info;
    wdf_require(client, Memory, "WdfRegistryQueryMemory", "Memory");
    *Memory = NULL;
    NTSTATUS status = read_value(DriverGlobals, Key, ValueName, &info, "WdfRegistryQueryMemory");
    if (!NT_SUCCESS(status))
        return status;
    struct wdf_memory *memory = NULL;
    if (info->DataLength == 0)
        status = STATUS_RESOURCE_DATA_NOT_FOUND;
    else
        memory = wdf_memory_create(client, MemoryAttributes, wdf_client_root(client), PoolType, 0, info->DataLength,
                                   &status);
    if (memory != NULL) {
        memcpy(memory->buffer, info->Data, info->DataLength);
        *Memory = (WDFMEMORY)wdf_handle(&memory->object);
        if (ValueType != NULL)
            *ValueType = info->Type;
    }
    ExFreePoolWithTag(info, DriverGlobals->DriverTag);
    return status;
}
WDF_EXPORT(WdfRegistryQueryMemory, PFN_WDFREGISTRYQUERYMEMORY);

/* The characters of a string value up to its terminator, which data in the registry may lack. */
static UNICODE_STRING value_string(const WCHAR *data, ULONG bytes)
{
    ULONG count = 0, max = bytes / sizeof(WCHAR);
    if (max > (MAXUSHORT - 1) / sizeof(WCHAR))
        max = (MAXUSHORT - 1) / sizeof(WCHAR);
    while (count < max && data[count] != 0)
        count++;
    return (UNICODE_STRING){(USHORT)(count * sizeof(WCHAR)), (USHORT)(count * sizeof(WCHAR)), (PWSTR)data};
}

NTSTATUS NTAPI kmdf_WdfRegistryQueryMultiString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key,
                                                PCUNICODE_STRING ValueName, PWDF_OBJECT_ATTRIBUTES StringsAttributes,
                                                WDFCOLLECTION Collection)
{
    static const char call[] = "WdfRegistryQueryMultiString";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_collection *collection = wdf_from_handle(DriverGlobals, Collection, &wdf_collection_type, call);
    PKEY_VALUE_PARTIAL_INFORMATION info;
    NTSTATUS status = read_value(DriverGlobals, Key, ValueName, &info, call);
    if (!NT_SUCCESS(status))
        return status;
    if (info->Type != REG_MULTI_SZ)
        status = STATUS_OBJECT_TYPE_MISMATCH;
    else if (info->DataLength == 0)
        status = STATUS_RESOURCE_DATA_NOT_FOUND;
    for (ULONG at = 0; NT_SUCCESS(status) && at < info->DataLength;) {
        UNICODE_STRING text = value_string((const WCHAR *)(info->Data + at), info->DataLength - at);
        if (text.Length == 0)
            break;
        struct wdf_string *string =
            wdf_string_create(client, StringsAttributes, wdf_client_root(client), &text, &status);
        if (string == NULL)
            break;
        status = wdf_collection_add(collection, &string->object);
        if (!NT_SUCCESS(status))
            wdf_delete(&string->object);
        at += text.Length + sizeof(WCHAR);
    }
    ExFreePoolWithTag(info, DriverGlobals->DriverTag);
    return status;
}
WDF_EXPORT(WdfRegistryQueryMultiString, PFN_WDFREGISTRYQUERYMULTISTRING);

NTSTATUS NTAPI kmdf_WdfRegistryQueryUnicodeString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key,
                                                  PCUNICODE_STRING ValueName, PUSHORT ValueByteLength,
                                                  PUNICODE_STRING Value)
{
    PKEY_VALUE_PARTIAL_INFORMATION info;
    NTSTATUS status = read_value(DriverGlobals, Key, ValueName, &info, "WdfRegistryQueryUnicodeString");
    if (!NT_SUCCESS(status))
        return status;
    if (info->Type != REG_SZ) {
        status = STATUS_OBJECT_TYPE_MISMATCH;
    } else {
        UNICODE_STRING text = value_string((const WCHAR *)info->Data, info->DataLength);
        if (ValueByteLength != NULL)
            *ValueByteLength = (USHORT)(text.Length + sizeof(WCHAR));
        if (Value != NULL) {
            if (Value->MaximumLength < text.Length)
                status = STATUS_BUFFER_OVERFLOW;
            RtlCopyUnicodeString(Value, &text);
        }
    }
    ExFreePoolWithTag(info, DriverGlobals->DriverTag);
    return status;
}
WDF_EXPORT(WdfRegistryQueryUnicodeString, PFN_WDFREGISTRYQUERYUNICODESTRING);

NTSTATUS NTAPI kmdf_WdfRegistryQueryString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName,
                                           WDFSTRING String)
{
    struct wdf_string *string = wdf_from_handle(DriverGlobals, String, &wdf_string_type, "WdfRegistryQueryString");
    PKEY_VALUE_PARTIAL_INFORMATION info;
    NTSTATUS status = read_value(DriverGlobals, Key, ValueName, &info, "WdfRegistryQueryString");
    if (!NT_SUCCESS(status))
        return status;
    if (info->Type != REG_SZ) {
        status = STATUS_OBJECT_TYPE_MISMATCH;
    } else if (info->DataLength == 0) {
        status = STATUS_RESOURCE_DATA_NOT_FOUND;
    } else {
        UNICODE_STRING text = value_string((const WCHAR *)info->Data, info->DataLength);
        status = wdf_string_assign(string, &text);
    }
    ExFreePoolWithTag(info, DriverGlobals->DriverTag);
    return status;
}
WDF_EXPORT(WdfRegistryQueryString, PFN_WDFREGISTRYQUERYSTRING);

NTSTATUS NTAPI kmdf_WdfRegistryQueryULong(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName,
                                          PULONG Value)
{
    PKEY_VALUE_PARTIAL_INFORMATION info;
    wdf_require(wdf_client(DriverGlobals), Value, "WdfRegistryQueryULong", "Value");
    NTSTATUS status = read_value(DriverGlobals, Key, ValueName, &info, "WdfRegistryQueryULong");
    if (!NT_SUCCESS(status))
        return status;
    if (info->Type != REG_DWORD || info->DataLength != sizeof(ULONG))
        status = STATUS_OBJECT_TYPE_MISMATCH;
    else
        memcpy(Value, info->Data, sizeof(ULONG));
    ExFreePoolWithTag(info, DriverGlobals->DriverTag);
    return status;
}
WDF_EXPORT(WdfRegistryQueryULong, PFN_WDFREGISTRYQUERYULONG);

/* ---- assignments ----------------------------------------------------------------------------------------------------
 */

static NTSTATUS set_value(PWDF_DRIVER_GLOBALS globals, WDFKEY handle, PCUNICODE_STRING name, ULONG type,
                          const void *data, ULONG length, const char *call)
{
    struct wdf_key *key = key_from(globals, handle, call);
    wdf_require(wdf_client(globals), name, call, "ValueName");
    if (ke_irql() != PASSIVE_LEVEL)
        return STATUS_INVALID_DEVICE_REQUEST;
    return ZwSetValueKey(key->handle, (PUNICODE_STRING)name, 0, type, (PVOID)data, length);
}

NTSTATUS NTAPI kmdf_WdfRegistryAssignValue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName,
                                           ULONG ValueType, ULONG ValueLength, PVOID Value)
{
    wdf_require(wdf_client(DriverGlobals), Value, "WdfRegistryAssignValue", "Value");
    return set_value(DriverGlobals, Key, ValueName, ValueType, Value, ValueLength, "WdfRegistryAssignValue");
}
WDF_EXPORT(WdfRegistryAssignValue, PFN_WDFREGISTRYASSIGNVALUE);

NTSTATUS NTAPI kmdf_WdfRegistryAssignMemory(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName,
                                            ULONG ValueType, WDFMEMORY Memory, PWDFMEMORY_OFFSET MemoryOffsets)
{
    struct wdf_memory *memory = wdf_from_handle(DriverGlobals, Memory, &wdf_memory_type, "WdfRegistryAssignMemory");
    size_t offset = 0, length = memory->size;
    if (MemoryOffsets != NULL) {
        offset = MemoryOffsets->BufferOffset;
        if (offset > memory->size || MemoryOffsets->BufferLength > memory->size - offset)
            return STATUS_INTEGER_OVERFLOW;
        length = MemoryOffsets->BufferLength != 0 ? MemoryOffsets->BufferLength : memory->size - offset;
    }
    if (length > MAXULONG)
        return STATUS_INTEGER_OVERFLOW;
    return set_value(DriverGlobals, Key, ValueName, ValueType, (const char *)memory->buffer + offset, (ULONG)length,
                     "WdfRegistryAssignMemory");
}
WDF_EXPORT(WdfRegistryAssignMemory, PFN_WDFREGISTRYASSIGNMEMORY);

extern ULONG NTAPI kmdf_WdfCollectionGetCount(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection);
extern WDFOBJECT NTAPI kmdf_WdfCollectionGetItem(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection,
                                                 ULONG Index);

NTSTATUS NTAPI kmdf_WdfRegistryAssignMultiString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key,
                                                 PCUNICODE_STRING ValueName, WDFCOLLECTION StringsCollection)
{
    static const char call[] = "WdfRegistryAssignMultiString";
    ULONG count = kmdf_WdfCollectionGetCount(DriverGlobals, StringsCollection);
    ULONG length = sizeof(WCHAR), at = 0;
    if (count == 0)
        return STATUS_INVALID_PARAMETER;
    for (ULONG i = 0; i < count; i++) {
        struct wdf_object *item = wdf_lookup(kmdf_WdfCollectionGetItem(DriverGlobals, StringsCollection, i));
        if (item == NULL || item->type != &wdf_string_type)
            return STATUS_INVALID_PARAMETER;
        length += ((struct wdf_string *)item)->string.Length + sizeof(WCHAR);
    }
    char *data = ExAllocatePoolZero(PagedPool, length, DriverGlobals->DriverTag);
    if (data == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (ULONG i = 0; i < count; i++) {
        struct wdf_string *item = (void *)wdf_lookup(kmdf_WdfCollectionGetItem(DriverGlobals, StringsCollection, i));
        memcpy(data + at, item->string.Buffer, item->string.Length);
        at += item->string.Length + sizeof(WCHAR);
    }
    NTSTATUS status = set_value(DriverGlobals, Key, ValueName, REG_MULTI_SZ, data, length, call);
    ExFreePoolWithTag(data, DriverGlobals->DriverTag);
    return status;
}
WDF_EXPORT(WdfRegistryAssignMultiString, PFN_WDFREGISTRYASSIGNMULTISTRING);

static NTSTATUS assign_string(PWDF_DRIVER_GLOBALS globals, WDFKEY key, PCUNICODE_STRING name, PCUNICODE_STRING text,
                              const char *call)
{
    WCHAR *data = ExAllocatePoolZero(PagedPool, text->Length + sizeof(WCHAR), globals->DriverTag);
    if (data == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(data, text->Buffer, text->Length);
    NTSTATUS status = set_value(globals, key, name, REG_SZ, data, text->Length + sizeof(WCHAR), call);
    ExFreePoolWithTag(data, globals->DriverTag);
    return status;
}

NTSTATUS NTAPI kmdf_WdfRegistryAssignUnicodeString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key,
                                                   PCUNICODE_STRING ValueName, PCUNICODE_STRING Value)
{
    wdf_require(wdf_client(DriverGlobals), Value, "WdfRegistryAssignUnicodeString", "Value");
    return assign_string(DriverGlobals, Key, ValueName, Value, "WdfRegistryAssignUnicodeString");
}
WDF_EXPORT(WdfRegistryAssignUnicodeString, PFN_WDFREGISTRYASSIGNUNICODESTRING);

NTSTATUS NTAPI kmdf_WdfRegistryAssignString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName,
                                            WDFSTRING String)
{
    struct wdf_string *string = wdf_from_handle(DriverGlobals, String, &wdf_string_type, "WdfRegistryAssignString");
    return assign_string(DriverGlobals, Key, ValueName, &string->string, "WdfRegistryAssignString");
}
WDF_EXPORT(WdfRegistryAssignString, PFN_WDFREGISTRYASSIGNSTRING);

NTSTATUS NTAPI kmdf_WdfRegistryAssignULong(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY Key, PCUNICODE_STRING ValueName,
                                           ULONG Value)
{
    return set_value(DriverGlobals, Key, ValueName, REG_DWORD, &Value, sizeof(Value), "WdfRegistryAssignULong");
}
WDF_EXPORT(WdfRegistryAssignULong, PFN_WDFREGISTRYASSIGNULONG);

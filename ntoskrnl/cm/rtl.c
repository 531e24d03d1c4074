/*
 * The run-time library's registry routines: one call for a table of values, and one-call reads, writes and checks below
 * the well-known keys. Drivers written before ZwQueryValueKey was common get their parameters this way.
 *
 * Where the page of RtlQueryRegistryValues leaves a choice: a subkey named by RTL_QUERY_REGISTRY_SUBKEY that does not
 * exist is an error only with RTL_QUERY_REGISTRY_REQUIRED; otherwise the entries for it find no values and take their
 * defaults.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/cm/tree.h"
#include <string.h>

static const char *const bases[] = {
    [RTL_REGISTRY_ABSOLUTE] = "",
    [RTL_REGISTRY_SERVICES] = CM_SERVICES,
    [RTL_REGISTRY_CONTROL] = CM_CONTROL,
    [RTL_REGISTRY_WINDOWS_NT] = CM_SOFTWARE "\\Microsoft\\Windows NT\\CurrentVersion",
    [RTL_REGISTRY_DEVICEMAP] = CM_MACHINE "\\Hardware\\DeviceMap",
    [RTL_REGISTRY_USER] = "\\Registry\\User\\.Default",
};

/* Path is the caller's: a counted string from here on. */
static bool counted(PCWSTR text, PUNICODE_STRING string)
{
    size_t units = 0;
    while (text != NULL && text[units] != 0) {
        if (++units > UNICODE_STRING_MAX_CHARS)
            return false;
    }
    string->Buffer = (PWSTR)text;
    string->Length = string->MaximumLength = (USHORT)(units * sizeof(WCHAR));
    return true;
}

static NTSTATUS absolute_rest(PUNICODE_STRING path)
{
    UNICODE_STRING first;
    if (path->Length < sizeof(WCHAR) || path->Buffer[0] != L'\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    if (!cm_split(path, &first) || !RtlEqualUnicodeString(&first, &cm_root()->name, TRUE))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return STATUS_SUCCESS;
}

static NTSTATUS open_relative(ULONG relative_to, PCWSTR path, enum cm_walk_mode mode, struct cm_key **key)
{
    UNICODE_STRING rest;
    struct cm_key *base;
    *key = NULL;
    if (relative_to & RTL_REGISTRY_HANDLE)
        return cm_from_handle((HANDLE)path, 0, key);
    relative_to &= ~(ULONG)RTL_REGISTRY_OPTIONAL;
    if (relative_to >= RTL_REGISTRY_MAXIMUM || !counted(path, &rest))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status;
    if (relative_to == RTL_REGISTRY_ABSOLUTE) {
        status = absolute_rest(&rest);
        base = cm_root();
        cm_lock();
        cm_reference(base);
        cm_unlock();
    } else {
        status = cm_create(NULL, bases[relative_to], &base);
        if (!NT_SUCCESS(status))
            return status;
    }
    cm_lock();
    if (NT_SUCCESS(status))
        status = cm_walk(base, rest, mode, NULL, key, NULL);
    cm_release(base);
    cm_unlock();
    return status;
}

/*
 * A value as it is handed on: always followed by two zero bytes, so that a string without its terminator is no trap.
 */
struct value_copy {
    ULONG type, size;
    char *data;
};

static NTSTATUS copy_value(const struct cm_value *value, struct value_copy *copy)
{
    *copy = (struct value_copy){value->type, value->size, NULL};
    copy->data = ExAllocatePoolWithTag(PagedPool, value->size + sizeof(WCHAR), CM_TAG);
    if (copy->data == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (value->size != 0)
        memcpy(copy->data, value->data, value->size);
    memset(copy->data + value->size, 0, sizeof(WCHAR));
    return STATUS_SUCCESS;
}

static bool is_string(ULONG type)
{
    return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

/* Bytes of default data whose length the caller leaves to us, terminators included. */
static ULONG default_length(ULONG type, const void *data)
{
    const WCHAR *text = data;
    size_t units = 0;
    if (!is_string(type) || text == NULL)
        return 0;
    if (type == REG_MULTI_SZ) {
        while (text[units] != 0) {
            while (text[units] != 0)
                units++;
            units++;
        }
    } else {
        while (text[units] != 0)
            units++;
    }
    return (ULONG)((units + 1) * sizeof(WCHAR));
}

/*
 * %NAME% in REG_EXPAND_SZ values. The environment of a system that has just started; what is not in it stays as
 * written.
 */
static const struct {
    const WCHAR *name, *value;
} environment[] = {
    {L"SystemRoot", L"C:\\Windows"},
    {L"windir", L"C:\\Windows"},
    {L"SystemDrive", L"C:"},
    {L"ProgramFiles", L"C:\\Program Files"},
    {L"ProgramData", L"C:\\ProgramData"},
    {L"TEMP", L"C:\\Windows\\TEMP"},
    {L"TMP", L"C:\\Windows\\TEMP"},
    {L"OS", L"Windows_NT"},
    {L"PROCESSOR_ARCHITECTURE", L"AMD64"},
};

static const WCHAR *find_variable(const WCHAR *name, size_t units)
{
    UNICODE_STRING wanted = {(USHORT)(units * sizeof(WCHAR)), (USHORT)(units * sizeof(WCHAR)), (PWSTR)name}, have;
    for (size_t i = 0; i < sizeof environment / sizeof *environment; i++) {
        RtlInitUnicodeString(&have, environment[i].name);
        if (RtlEqualUnicodeString(&wanted, &have, TRUE))
            return environment[i].value;
    }
    return NULL;
}

/* Units of the expansion with its terminator; writes it when out is not NULL. */
static size_t expand(const WCHAR *text, size_t units, WCHAR *out)
{
    size_t at = 0;
    for (size_t i = 0; i < units && text[i] != 0;) {
        size_t end = i + 1;
        while (text[i] == L'%' && end < units && text[end] != L'%')
            end++;
        const WCHAR *value =
            text[i] == L'%' && end < units && end - i - 1 < 256 ? find_variable(text + i + 1, end - i - 1) : NULL;
        if (value == NULL) {
            if (out != NULL)
                out[at] = text[i];
            at++, i++;
            continue;
        }
        for (; *value != 0; value++, at++) {
            if (out != NULL)
                out[at] = *value;
        }
        i = end + 1;
    }
    if (out != NULL)
        out[at] = 0;
    return at + 1;
}

static NTSTATUS expand_value(struct value_copy *value)
{
    const WCHAR *text = (const WCHAR *)(void *)value->data;
    size_t units = value->size / sizeof(WCHAR), needed = expand(text, units, NULL);
    WCHAR *expanded = ExAllocatePoolWithTag(PagedPool, (needed + 1) * sizeof(WCHAR), CM_TAG);
    if (expanded == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    expand(text, units, expanded);
    ExFreePoolWithTag(value->data, CM_TAG);
    *value = (struct value_copy){REG_SZ, (ULONG)(needed * sizeof(WCHAR)), (char *)expanded};
    return STATUS_SUCCESS;
}

/*
 * Handing a value to the caller
 */
static NTSTATUS store_string(const struct value_copy *value, PUNICODE_STRING string)
{
    ULONG size = value->size & ~1u;
    const WCHAR *text = (const WCHAR *)(void *)value->data;
    bool terminated = size >= sizeof(WCHAR) && text[size / sizeof(WCHAR) - 1] == 0;
    ULONG length = terminated ? size - (ULONG)sizeof(WCHAR) : size;
    if (length + sizeof(WCHAR) > UNICODE_STRING_MAX_BYTES)
        return STATUS_BUFFER_OVERFLOW;
    if (string->Buffer == NULL) {
        /* Freed by the driver, with RtlFreeUnicodeString or ExFreePool. */
        string->Buffer = ExAllocatePoolWithTag(PagedPool, length + sizeof(WCHAR), CM_TAG);
        if (string->Buffer == NULL)
            return STATUS_NO_MEMORY;
        string->MaximumLength = (USHORT)(length + sizeof(WCHAR));
    } else if (string->MaximumLength < length + sizeof(WCHAR)) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    memcpy(string->Buffer, text, length);
    string->Buffer[length / sizeof(WCHAR)] = 0;
    string->Length = (USHORT)length;
    return STATUS_SUCCESS;
}

static NTSTATUS store_direct(const struct value_copy *value, PVOID buffer)
{
    if (is_string(value->type))
        return store_string(value, buffer);
    if (value->size <= sizeof(ULONG)) {
        memcpy(buffer, value->data, value->size);
        return STATUS_SUCCESS;
    }
    /* The buffer says its own size: negative for bare data, positive for length and type in front of the data. */
    LONG said;
    memcpy(&said, buffer, sizeof said);
    ULONG capacity = said < 0 ? 0u - (ULONG)said : (ULONG)said;
    ULONG header = said < 0 ? 0 : 2 * sizeof(ULONG);
    if (capacity < header || capacity - header < value->size)
        return STATUS_BUFFER_TOO_SMALL;
    if (header != 0)
        memcpy(buffer, (const ULONG[]){value->size, value->type}, header);
    memcpy((char *)buffer + header, value->data, value->size);
    return STATUS_SUCCESS;
}

static NTSTATUS call_routine(const RTL_QUERY_REGISTRY_TABLE *entry, PWSTR name, ULONG type, void *data, ULONG size,
                             PVOID context)
{
    NTSTATUS status = entry->QueryRoutine(name, type, data, size, context, entry->EntryContext);
    return status == STATUS_BUFFER_TOO_SMALL ? STATUS_SUCCESS : status;
}

static NTSTATUS call_for_each_string(const RTL_QUERY_REGISTRY_TABLE *entry, PWSTR name, struct value_copy *value,
                                     PVOID context)
{
    WCHAR *text = (WCHAR *)(void *)value->data;
    size_t units = value->size / sizeof(WCHAR);
    NTSTATUS status = STATUS_SUCCESS;
    for (size_t at = 0; NT_SUCCESS(status) && at < units && text[at] != 0;) {
        size_t end = at;
        while (end < units && text[end] != 0)
            end++;
        status = call_routine(entry, name, REG_SZ, text + at, (ULONG)((end - at + 1) * sizeof(WCHAR)), context);
        at = end + 1;
    }
    return status;
}

static NTSTATUS deliver(const RTL_QUERY_REGISTRY_TABLE *entry, PWSTR name, struct value_copy *value, PVOID context)
{
    bool expand_it = !(entry->Flags & RTL_QUERY_REGISTRY_NOEXPAND);
    if (value->type == REG_EXPAND_SZ && expand_it) {
        NTSTATUS status = expand_value(value);
        if (!NT_SUCCESS(status))
            return status;
    }
    if (entry->Flags & RTL_QUERY_REGISTRY_DIRECT) {
        /* "You must specify the RTL_QUERY_REGISTRY_NOEXPAND flag for this key data type." */
        if (value->type == REG_MULTI_SZ && expand_it)
            return STATUS_INVALID_PARAMETER;
        return store_direct(value, entry->EntryContext);
    }
    if (value->type == REG_MULTI_SZ && expand_it)
        return call_for_each_string(entry, name, value, context);
    return call_routine(entry, name, value->type, value->data, value->size, context);
}

/*
 * One entry
 */
static NTSTATUS query_default(const RTL_QUERY_REGISTRY_TABLE *entry, PVOID context)
{
    ULONG type = entry->DefaultType & 0xFF;
    if (entry->Flags & RTL_QUERY_REGISTRY_REQUIRED)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (type == REG_NONE)
        return STATUS_SUCCESS;
    ULONG size = entry->DefaultLength != 0 ? entry->DefaultLength : default_length(type, entry->DefaultData);
    struct value_copy value;
    NTSTATUS status = copy_value(&(struct cm_value){.type = type, .size = size, .data = entry->DefaultData}, &value);
    if (!NT_SUCCESS(status))
        return status;
    status = deliver(entry, entry->Name, &value, context);
    ExFreePoolWithTag(value.data, CM_TAG);
    return status;
}

static NTSTATUS query_named(struct cm_key *key, const RTL_QUERY_REGISTRY_TABLE *entry, PVOID context)
{
    UNICODE_STRING name;
    struct value_copy copy;
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (!counted(entry->Name, &name))
        return STATUS_INVALID_PARAMETER;
    if (key != NULL) {
        cm_lock();
        const struct cm_value *value = cm_find_value(key, &name);
        if (value != NULL)
            status = copy_value(value, &copy);
        cm_unlock();
    }
    if (status == STATUS_OBJECT_NAME_NOT_FOUND)
        return query_default(entry, context);
    if (!NT_SUCCESS(status))
        return status;
    bool checked = (entry->Flags & RTL_QUERY_REGISTRY_DIRECT) && (entry->Flags & RTL_QUERY_REGISTRY_TYPECHECK);
    if (checked && entry->DefaultType >> RTL_QUERY_REGISTRY_TYPECHECK_SHIFT != copy.type)
        status = STATUS_OBJECT_TYPE_MISMATCH;
    else
        status = deliver(entry, entry->Name, &copy, context);
    ExFreePoolWithTag(copy.data, CM_TAG);
    if (NT_SUCCESS(status) && (entry->Flags & RTL_QUERY_REGISTRY_DELETE)) {
        cm_lock();
        cm_remove_value(key, &name);
        cm_unlock();
    }
    return status;
}

/* The routine may change the key: each value is found again by its position. */
static NTSTATUS query_all(struct cm_key *key, const RTL_QUERY_REGISTRY_TABLE *entry, PVOID context)
{
    NTSTATUS status = STATUS_SUCCESS;
    ULONG found = 0;
    for (ULONG index = 0; NT_SUCCESS(status) && key != NULL;) {
        struct value_copy copy = {0};
        PWSTR name = NULL;
        UNICODE_STRING counted_name = {0};
        cm_lock();
        bool more = index < key->value_count;
        if (more) {
            const struct cm_value *value = &key->values[index];
            name = ExAllocatePoolWithTag(PagedPool, value->name.Length + sizeof(WCHAR), CM_TAG);
            status = name == NULL ? STATUS_INSUFFICIENT_RESOURCES : copy_value(value, &copy);
            if (NT_SUCCESS(status)) {
                if (value->name.Length != 0)
                    memcpy(name, value->name.Buffer, value->name.Length);
                name[value->name.Length / sizeof(WCHAR)] = 0;
                counted_name = (UNICODE_STRING){value->name.Length, value->name.Length, name};
            }
        }
        cm_unlock();
        if (!more)
            break;
        if (NT_SUCCESS(status))
            status = deliver(entry, name, &copy, context);
        bool remove = NT_SUCCESS(status) && (entry->Flags & RTL_QUERY_REGISTRY_DELETE);
        if (remove) {
            cm_lock();
            remove = NT_SUCCESS(cm_remove_value(key, &counted_name));
            cm_unlock();
        }
        index += remove ? 0 : 1;
        found++;
        if (copy.data != NULL)
            ExFreePoolWithTag(copy.data, CM_TAG);
        if (name != NULL)
            ExFreePoolWithTag(name, CM_TAG);
    }
    if (NT_SUCCESS(status) && found == 0 && (entry->Flags & RTL_QUERY_REGISTRY_REQUIRED))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return status;
}

static NTSTATUS check_entry(const RTL_QUERY_REGISTRY_TABLE *entry)
{
    if (entry->Flags & RTL_QUERY_REGISTRY_DIRECT) {
        bool bad = entry->Name == NULL || entry->QueryRoutine != NULL || entry->EntryContext == NULL ||
                   (entry->Flags & RTL_QUERY_REGISTRY_SUBKEY);
        return bad ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    }
    if (entry->Flags & RTL_QUERY_REGISTRY_SUBKEY)
        return entry->Name == NULL ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    return entry->QueryRoutine == NULL ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

/* Moves *current to the subkey that entry names, or to no key. */
static NTSTATUS enter_subkey(struct cm_key *top, const RTL_QUERY_REGISTRY_TABLE *entry, struct cm_key **current)
{
    UNICODE_STRING path;
    if (!counted(entry->Name, &path))
        return STATUS_INVALID_PARAMETER;
    *current = NULL;
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (top != NULL) {
        cm_lock();
        status = cm_walk(top, path, CM_WALK_OPEN, NULL, current, NULL);
        cm_unlock();
    }
    bool tolerated = status == STATUS_OBJECT_NAME_NOT_FOUND && !(entry->Flags & RTL_QUERY_REGISTRY_REQUIRED);
    return tolerated ? STATUS_SUCCESS : status;
}

static NTSTATUS query_entry(struct cm_key *top, struct cm_key **current, const RTL_QUERY_REGISTRY_TABLE *entry,
                            PVOID context)
{
    NTSTATUS status = check_entry(entry);
    if (!NT_SUCCESS(status))
        return status;
    if (entry->Flags & (RTL_QUERY_REGISTRY_TOPKEY | RTL_QUERY_REGISTRY_SUBKEY)) {
        if (*current != NULL && *current != top)
            cm_close(*current);
        *current = top;
    }
    if (entry->Flags & RTL_QUERY_REGISTRY_SUBKEY) {
        status = enter_subkey(top, entry, current);
        if (!NT_SUCCESS(status) || entry->QueryRoutine == NULL)
            return status;
        return query_all(*current, entry, context);
    }
    if (entry->Name != NULL)
        return query_named(*current, entry, context);
    if (entry->Flags & RTL_QUERY_REGISTRY_NOVALUE)
        return call_routine(entry, NULL, REG_NONE, NULL, 0, context);
    return query_all(*current, entry, context);
}

NTSTATUS NTAPI RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable,
                                      PVOID Context, PVOID Environment)
{
    (void)Environment; /* drivers have none; the system's own is used */
    struct cm_key *top, *current;
    NTSTATUS status = open_relative(RelativeTo, Path, CM_WALK_OPEN, &top);
    if (!NT_SUCCESS(status) && !((RelativeTo & RTL_REGISTRY_OPTIONAL) && status == STATUS_OBJECT_NAME_NOT_FOUND))
        return status;
    status = STATUS_SUCCESS;
    current = top;
    for (; NT_SUCCESS(status) && (QueryTable->QueryRoutine != NULL || QueryTable->Name != NULL); QueryTable++)
        status = query_entry(top, &current, QueryTable, Context);
    if (current != NULL && current != top)
        cm_close(current);
    if (top != NULL)
        cm_close(top);
    return status;
}
NT_EXPORT(RtlQueryRegistryValues);
NT_EXPORT_AS(NT_IMAGE, "RtlQueryRegistryValuesEx", RtlQueryRegistryValues);

/*
 * Single operations
 */
NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName, ULONG ValueType, PVOID ValueData,
                                     ULONG ValueLength)
{
    struct cm_key *key;
    UNICODE_STRING name;
    if (!counted(ValueName, &name) || (ValueData == NULL && ValueLength != 0))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = open_relative(RelativeTo, Path, CM_WALK_CREATE_LAST, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    status = cm_store_value(key, &name, ValueType, ValueData, ValueLength);
    cm_unlock();
    cm_close(key);
    return status;
}
NT_EXPORT(RtlWriteRegistryValue);

NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName)
{
    struct cm_key *key;
    UNICODE_STRING name;
    if (!counted(ValueName, &name))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = open_relative(RelativeTo, Path, CM_WALK_OPEN, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    status = cm_remove_value(key, &name);
    cm_unlock();
    cm_close(key);
    return status;
}
NT_EXPORT(RtlDeleteRegistryValue);

NTSTATUS NTAPI RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    struct cm_key *key;
    NTSTATUS status = open_relative(RelativeTo, Path, CM_WALK_CREATE_LAST, &key);
    if (NT_SUCCESS(status))
        cm_close(key);
    return status;
}
NT_EXPORT(RtlCreateRegistryKey);

NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    struct cm_key *key;
    NTSTATUS status = open_relative(RelativeTo, Path, CM_WALK_OPEN, &key);
    if (NT_SUCCESS(status))
        cm_close(key);
    return status;
}
NT_EXPORT(RtlCheckRegistryKey);

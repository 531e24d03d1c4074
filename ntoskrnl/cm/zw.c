/*
 * The registry's system services. A query is answered in one way for every information class: the complete record is
 * put together first; what does not fit into its fixed part is STATUS_BUFFER_TOO_SMALL with nothing written, what does
 * not fit as a whole is STATUS_BUFFER_OVERFLOW with as much as fits, and ResultLength is always the size of the whole.
 *
 * Public pages: "Using the Registry in a Driver" and those of the Zw*Key routines.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/cm/tree.h"
#include "ntoskrnl/ob/ob.h"
#include <string.h>

/* A record being put together. */
struct record {
    char *data;
    size_t size;
};

static NTSTATUS start_record(struct record *record, size_t size)
{
    *record = (struct record){ExAllocatePoolWithTag(PagedPool, size, CM_TAG), size};
    if (record->data == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memset(record->data, 0, size);
    return STATUS_SUCCESS;
}

static void put(struct record *record, size_t at, const void *data, size_t size)
{
    if (size != 0)
        memcpy(record->data + at, data, size);
}

static NTSTATUS give_record(struct record *record, size_t fixed, void *buffer, ULONG length, PULONG result_length)
{
    NTSTATUS status = STATUS_SUCCESS;
    *result_length = (ULONG)record->size;
    if (length < fixed) {
        status = STATUS_BUFFER_TOO_SMALL;
    } else if (buffer == NULL) {
        status = STATUS_INVALID_PARAMETER;
    } else {
        memcpy(buffer, record->data, length < record->size ? length : record->size);
        if (length < record->size)
            status = STATUS_BUFFER_OVERFLOW;
    }
    ExFreePoolWithTag(record->data, CM_TAG);
    return status;
}

/*
 * Keys
 */
struct maxima {
    ULONG subkey_name, subkey_class, value_name, value_data;
};

static void raise_to(ULONG *maximum, ULONG value)
{
    if (*maximum < value)
        *maximum = value;
}

static struct maxima find_maxima(const struct cm_key *key)
{
    struct maxima m = {0};
    for (ULONG i = 0; i < key->subkey_count; i++) {
        raise_to(&m.subkey_name, key->subkeys[i]->name.Length);
        raise_to(&m.subkey_class, key->subkeys[i]->class_name.Length);
    }
    for (ULONG i = 0; i < key->value_count; i++) {
        raise_to(&m.value_name, key->values[i].name.Length);
        raise_to(&m.value_data, key->values[i].size);
    }
    return m;
}

static NTSTATUS basic_record(struct cm_key *key, struct record *record, size_t *fixed)
{
    *fixed = FIELD_OFFSET(KEY_BASIC_INFORMATION, Name);
    NTSTATUS status = start_record(record, *fixed + key->name.Length);
    if (!NT_SUCCESS(status))
        return status;
    PKEY_BASIC_INFORMATION information = (void *)record->data;
    information->LastWriteTime = key->last_write;
    information->NameLength = key->name.Length;
    put(record, *fixed, key->name.Buffer, key->name.Length);
    return status;
}

static NTSTATUS node_record(struct cm_key *key, struct record *record, size_t *fixed)
{
    *fixed = FIELD_OFFSET(KEY_NODE_INFORMATION, Name);
    size_t class_at = ALIGN_UP_BY(*fixed + key->name.Length, sizeof(ULONG));
    size_t size = key->class_name.Length != 0 ? class_at + key->class_name.Length : *fixed + key->name.Length;
    NTSTATUS status = start_record(record, size);
    if (!NT_SUCCESS(status))
        return status;
    PKEY_NODE_INFORMATION information = (void *)record->data;
    information->LastWriteTime = key->last_write;
    information->ClassOffset = key->class_name.Length != 0 ? (ULONG)class_at : (ULONG)-1;
    information->ClassLength = key->class_name.Length;
    information->NameLength = key->name.Length;
    put(record, *fixed, key->name.Buffer, key->name.Length);
    put(record, class_at, key->class_name.Buffer, key->class_name.Length);
    return status;
}

static NTSTATUS full_record(struct cm_key *key, struct record *record, size_t *fixed)
{
    *fixed = FIELD_OFFSET(KEY_FULL_INFORMATION, Class);
    NTSTATUS status = start_record(record, *fixed + key->class_name.Length);
    if (!NT_SUCCESS(status))
        return status;
    struct maxima m = find_maxima(key);
    PKEY_FULL_INFORMATION information = (void *)record->data;
    information->LastWriteTime = key->last_write;
    information->ClassOffset = key->class_name.Length != 0 ? (ULONG)*fixed : (ULONG)-1;
    information->ClassLength = key->class_name.Length;
    information->SubKeys = key->subkey_count;
    information->MaxNameLen = m.subkey_name;
    information->MaxClassLen = m.subkey_class;
    information->Values = key->value_count;
    information->MaxValueNameLen = m.value_name;
    information->MaxValueDataLen = m.value_data;
    put(record, *fixed, key->class_name.Buffer, key->class_name.Length);
    return status;
}

static NTSTATUS name_record(struct cm_key *key, struct record *record, size_t *fixed)
{
    *fixed = FIELD_OFFSET(KEY_NAME_INFORMATION, Name);
    size_t length = cm_full_name(key, NULL);
    NTSTATUS status = start_record(record, *fixed + length);
    if (!NT_SUCCESS(status))
        return status;
    ((PKEY_NAME_INFORMATION)(void *)record->data)->NameLength = (ULONG)length;
    cm_full_name(key, (PWSTR)(void *)(record->data + *fixed));
    return status;
}

static NTSTATUS cached_record(struct cm_key *key, struct record *record, size_t *fixed)
{
    *fixed = sizeof(KEY_CACHED_INFORMATION);
    NTSTATUS status = start_record(record, *fixed);
    if (!NT_SUCCESS(status))
        return status;
    struct maxima m = find_maxima(key);
    PKEY_CACHED_INFORMATION information = (void *)record->data;
    information->LastWriteTime = key->last_write;
    information->SubKeys = key->subkey_count;
    information->MaxNameLen = m.subkey_name;
    information->Values = key->value_count;
    information->MaxValueNameLen = m.value_name;
    information->MaxValueDataLen = m.value_data;
    information->NameLength = key->name.Length;
    return status;
}

static NTSTATUS make_key_record(struct cm_key *key, KEY_INFORMATION_CLASS class, struct record *record, size_t *fixed)
{
    switch (class) {
    case KeyBasicInformation:
        return basic_record(key, record, fixed);
    case KeyNodeInformation:
        return node_record(key, record, fixed);
    case KeyFullInformation:
        return full_record(key, record, fixed);
    case KeyNameInformation:
        return name_record(key, record, fixed);
    case KeyCachedInformation:
        return cached_record(key, record, fixed);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

NTSTATUS NTAPI ZwQueryKey(HANDLE KeyHandle, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation,
                          ULONG Length, PULONG ResultLength)
{
    struct cm_key *key;
    struct record record;
    size_t fixed = 0;
    NTSTATUS status = cm_from_handle(KeyHandle, KEY_QUERY_VALUE, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    status = key->deleted ? STATUS_KEY_DELETED : make_key_record(key, KeyInformationClass, &record, &fixed);
    cm_unlock();
    cm_close(key);
    return NT_SUCCESS(status) ? give_record(&record, fixed, KeyInformation, Length, ResultLength) : status;
}
NT_EXPORT(ZwQueryKey);

NTSTATUS NTAPI ZwEnumerateKey(HANDLE KeyHandle, ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass,
                              PVOID KeyInformation, ULONG Length, PULONG ResultLength)
{
    struct cm_key *key;
    struct record record;
    size_t fixed = 0;
    if (KeyInformationClass != KeyBasicInformation && KeyInformationClass != KeyNodeInformation &&
        KeyInformationClass != KeyFullInformation)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = cm_from_handle(KeyHandle, KEY_ENUMERATE_SUB_KEYS, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    if (key->deleted)
        status = STATUS_KEY_DELETED;
    else if (Index >= key->subkey_count)
        status = STATUS_NO_MORE_ENTRIES;
    else
        status = make_key_record(key->subkeys[Index], KeyInformationClass, &record, &fixed);
    cm_unlock();
    cm_close(key);
    return NT_SUCCESS(status) ? give_record(&record, fixed, KeyInformation, Length, ResultLength) : status;
}
NT_EXPORT(ZwEnumerateKey);

NTSTATUS NTAPI ZwCreateKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                           ULONG TitleIndex, PUNICODE_STRING Class, ULONG CreateOptions, PULONG Disposition)
{
    (void)TitleIndex;
    struct cm_parse_context context = {
        .create = true,
        .how = {.class_name = Class, .is_volatile = (CreateOptions & REG_OPTION_VOLATILE) != 0},
        .disposition = REG_OPENED_EXISTING_KEY,
    };
    NTSTATUS status = ob_open(ObjectAttributes, ob_types.key, DesiredAccess, &context, KeyHandle);
    if (NT_SUCCESS(status) && Disposition != NULL)
        *Disposition = context.disposition;
    return status;
}
NT_EXPORT(ZwCreateKey);

NTSTATUS NTAPI ZwOpenKeyEx(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                           ULONG OpenOptions)
{
    (void)OpenOptions; /* REG_OPTION_OPEN_LINK and _BACKUP_RESTORE: there are no link keys and no privileges */
    return ob_open(ObjectAttributes, ob_types.key, DesiredAccess, NULL, KeyHandle);
}
NT_EXPORT(ZwOpenKeyEx);

NTSTATUS NTAPI ZwOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ob_open(ObjectAttributes, ob_types.key, DesiredAccess, NULL, KeyHandle);
}
NT_EXPORT(ZwOpenKey);

NTSTATUS NTAPI ZwDeleteKey(HANDLE KeyHandle)
{
    struct cm_key *key;
    NTSTATUS status = cm_from_handle(KeyHandle, DELETE, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    status = cm_delete_key(key);
    cm_unlock();
    cm_close(key);
    return status;
}
NT_EXPORT(ZwDeleteKey);

/* The registry is in memory and stays there: a key that can be opened is as safe as it will get. */
NTSTATUS NTAPI ZwFlushKey(HANDLE KeyHandle)
{
    struct cm_key *key;
    NTSTATUS status = cm_from_handle(KeyHandle, 0, &key);
    if (NT_SUCCESS(status))
        cm_close(key);
    return status;
}
NT_EXPORT(ZwFlushKey);

/*
 * Values
 */
static NTSTATUS basic_value(const struct cm_value *value, struct record *record, size_t *fixed)
{
    *fixed = FIELD_OFFSET(KEY_VALUE_BASIC_INFORMATION, Name);
    NTSTATUS status = start_record(record, *fixed + value->name.Length);
    if (!NT_SUCCESS(status))
        return status;
    PKEY_VALUE_BASIC_INFORMATION information = (void *)record->data;
    information->Type = value->type;
    information->NameLength = value->name.Length;
    put(record, *fixed, value->name.Buffer, value->name.Length);
    return status;
}

static NTSTATUS full_value(const struct cm_value *value, size_t alignment, struct record *record, size_t *fixed)
{
    *fixed = FIELD_OFFSET(KEY_VALUE_FULL_INFORMATION, Name);
    size_t data_at = ALIGN_UP_BY(*fixed + value->name.Length, alignment);
    NTSTATUS status = start_record(record, data_at + value->size);
    if (!NT_SUCCESS(status))
        return status;
    PKEY_VALUE_FULL_INFORMATION information = (void *)record->data;
    information->Type = value->type;
    information->DataOffset = (ULONG)data_at;
    information->DataLength = value->size;
    information->NameLength = value->name.Length;
    put(record, *fixed, value->name.Buffer, value->name.Length);
    put(record, data_at, value->data, value->size);
    return status;
}

static NTSTATUS partial_value(const struct cm_value *value, struct record *record, size_t *fixed)
{
    *fixed = FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION, Data);
    NTSTATUS status = start_record(record, *fixed + value->size);
    if (!NT_SUCCESS(status))
        return status;
    PKEY_VALUE_PARTIAL_INFORMATION information = (void *)record->data;
    information->Type = value->type;
    information->DataLength = value->size;
    put(record, *fixed, value->data, value->size);
    return status;
}

static NTSTATUS partial_value_align64(const struct cm_value *value, struct record *record, size_t *fixed)
{
    *fixed = FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION_ALIGN64, Data);
    NTSTATUS status = start_record(record, *fixed + value->size);
    if (!NT_SUCCESS(status))
        return status;
    PKEY_VALUE_PARTIAL_INFORMATION_ALIGN64 information = (void *)record->data;
    information->Type = value->type;
    information->DataLength = value->size;
    put(record, *fixed, value->data, value->size);
    return status;
}

static NTSTATUS make_value_record(const struct cm_value *value, KEY_VALUE_INFORMATION_CLASS class,
                                  struct record *record, size_t *fixed)
{
    switch (class) {
    case KeyValueBasicInformation:
        return basic_value(value, record, fixed);
    case KeyValueFullInformation:
        return full_value(value, sizeof(ULONG), record, fixed);
    case KeyValueFullInformationAlign64:
        return full_value(value, sizeof(ULONG64), record, fixed);
    case KeyValuePartialInformation:
        return partial_value(value, record, fixed);
    case KeyValuePartialInformationAlign64:
        return partial_value_align64(value, record, fixed);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

NTSTATUS NTAPI ZwQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName,
                               KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass, PVOID KeyValueInformation,
                               ULONG Length, PULONG ResultLength)
{
    struct cm_key *key;
    struct record record;
    size_t fixed = 0;
    NTSTATUS status = cm_from_handle(KeyHandle, KEY_QUERY_VALUE, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    struct cm_value *value = cm_find_value(key, ValueName);
    if (key->deleted)
        status = STATUS_KEY_DELETED;
    else if (value == NULL)
        status = STATUS_OBJECT_NAME_NOT_FOUND;
    else
        status = make_value_record(value, KeyValueInformationClass, &record, &fixed);
    cm_unlock();
    cm_close(key);
    return NT_SUCCESS(status) ? give_record(&record, fixed, KeyValueInformation, Length, ResultLength) : status;
}
NT_EXPORT(ZwQueryValueKey);

NTSTATUS NTAPI ZwEnumerateValueKey(HANDLE KeyHandle, ULONG Index, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                                   PVOID KeyValueInformation, ULONG Length, PULONG ResultLength)
{
    struct cm_key *key;
    struct record record;
    size_t fixed = 0;
    NTSTATUS status = cm_from_handle(KeyHandle, KEY_QUERY_VALUE, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    if (key->deleted)
        status = STATUS_KEY_DELETED;
    else if (Index >= key->value_count)
        status = STATUS_NO_MORE_ENTRIES;
    else
        status = make_value_record(&key->values[Index], KeyValueInformationClass, &record, &fixed);
    cm_unlock();
    cm_close(key);
    return NT_SUCCESS(status) ? give_record(&record, fixed, KeyValueInformation, Length, ResultLength) : status;
}
NT_EXPORT(ZwEnumerateValueKey);

NTSTATUS NTAPI ZwSetValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, ULONG TitleIndex, ULONG Type, PVOID Data,
                             ULONG DataSize)
{
    (void)TitleIndex;
    struct cm_key *key;
    if (Data == NULL && DataSize != 0)
        return STATUS_ACCESS_VIOLATION;
    NTSTATUS status = cm_from_handle(KeyHandle, KEY_SET_VALUE, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    status = cm_store_value(key, ValueName, Type, Data, DataSize);
    cm_unlock();
    cm_close(key);
    return status;
}
NT_EXPORT(ZwSetValueKey);

NTSTATUS NTAPI ZwDeleteValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName)
{
    struct cm_key *key;
    NTSTATUS status = cm_from_handle(KeyHandle, KEY_SET_VALUE, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    status = cm_remove_value(key, ValueName);
    cm_unlock();
    cm_close(key);
    return status;
}
NT_EXPORT(ZwDeleteValueKey);

/*
 * Changes
 */

/* For kernel callers ApcRoutine is a work item and ApcContext the queue it goes to. */
NTSTATUS NTAPI ZwNotifyChangeKey(HANDLE KeyHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
                                 PIO_STATUS_BLOCK IoStatusBlock, ULONG CompletionFilter, BOOLEAN WatchTree,
                                 PVOID Buffer, ULONG BufferSize, BOOLEAN Asynchronous)
{
    (void)Buffer, (void)BufferSize; /* reserved */
    struct cm_notification on_stack, *notification = &on_stack;
    KEVENT done;
    PVOID object, event = NULL;
    NTSTATUS status = ObReferenceObjectByHandle(KeyHandle, KEY_NOTIFY, ob_types.key, KernelMode, &object, NULL);
    if (!NT_SUCCESS(status))
        return status;
    if (Event != NULL) {
        status = ObReferenceObjectByHandle(Event, EVENT_MODIFY_STATE, ob_types.event, KernelMode, &event, NULL);
        if (!NT_SUCCESS(status))
            goto release_key;
        KeClearEvent(event);
    }
    if (Asynchronous) {
        notification = ExAllocatePoolWithTag(NonPagedPool, sizeof *notification, CM_TAG);
        if (notification == NULL) {
            status = STATUS_INSUFFICIENT_RESOURCES;
            goto release_event;
        }
    }
    struct cm_key *key = ((struct cm_key_object *)object)->key;
    *notification = (struct cm_notification){
        .key = key,
        .owner = object,
        .filter = CompletionFilter,
        .watch_tree = WatchTree,
        .status = IoStatusBlock,
        .event = event,
        .work = (PWORK_QUEUE_ITEM)(void *)ApcRoutine,
        .work_queue = (WORK_QUEUE_TYPE)(ULONG_PTR)ApcContext,
    };
    if (!Asynchronous) {
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        notification->on_stack = true;
        notification->done = &done;
    }
    cm_lock();
    if (key->deleted) {
        status = STATUS_KEY_DELETED;
    } else {
        InsertTailList(&key->notifications, &notification->link);
        status = STATUS_PENDING;
        event = NULL; /* its reference is the notification's */
    }
    cm_unlock();
    if (status == STATUS_PENDING && !Asynchronous) {
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
        status = notification->result;
    } else if (status != STATUS_PENDING && Asynchronous) {
        ExFreePoolWithTag(notification, CM_TAG);
    }
release_event:
    if (event != NULL)
        ObDereferenceObject(event);
release_key:
    ObDereferenceObject(object);
    return status;
}
NT_EXPORT(ZwNotifyChangeKey);

/*
 * The registry's tree: keys by name, values, deletion, and who is told of a change.
 */
#include "ntoskrnl/cm/tree.h"
#include "ntoskrnl/ob/ob.h"
#include <string.h>

static struct {
    LONG initialized;
    FAST_MUTEX lock;
    struct cm_key *root;
} cm_state;

void cm_lock(void)
{
    ExAcquireFastMutex(&cm_state.lock);
}

void cm_unlock(void)
{
    ExReleaseFastMutex(&cm_state.lock);
}

struct cm_key *cm_root(void)
{
    return cm_state.root;
}

static void *allocate(size_t size)
{
    return ExAllocatePoolWithTag(PagedPool, size, CM_TAG);
}

static void release_memory(void *memory)
{
    if (memory != NULL)
        ExFreePoolWithTag(memory, CM_TAG);
}

static int compare(PCUNICODE_STRING a, PCUNICODE_STRING b)
{
    USHORT units = (a->Length < b->Length ? a->Length : b->Length) / sizeof(WCHAR);
    for (USHORT i = 0; i < units; i++) {
        WCHAR x = a->Buffer[i], y = b->Buffer[i];
        if (x == y)
            continue;
        x = RtlUpcaseUnicodeChar(x);
        y = RtlUpcaseUnicodeChar(y);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (int)a->Length - (int)b->Length;
}

static bool copy_string(PUNICODE_STRING to, PCUNICODE_STRING from)
{
    *to = (UNICODE_STRING){0};
    if (from == NULL || from->Length == 0)
        return true;
    to->Buffer = allocate(from->Length);
    if (to->Buffer == NULL)
        return false;
    memcpy(to->Buffer, from->Buffer, from->Length);
    to->Length = to->MaximumLength = from->Length;
    return true;
}

/* Room for one more element of an array. */
static bool reserve(void **array, ULONG count, ULONG *capacity, size_t element)
{
    if (count < *capacity)
        return true;
    ULONG larger = *capacity == 0 ? 4 : *capacity * 2;
    void *memory = allocate(larger * element);
    if (memory == NULL)
        return false;
    if (count != 0)
        memcpy(memory, *array, count * element);
    release_memory(*array);
    *array = memory;
    *capacity = larger;
    return true;
}

/*
 * Nodes
 */
static struct cm_key *new_key(struct cm_key *parent, PCUNICODE_STRING name, PCUNICODE_STRING class_name)
{
    struct cm_key *key = allocate(sizeof *key);
    if (key == NULL)
        return NULL;
    *key = (struct cm_key){.references = 1, .parent = parent, .depth = parent != NULL ? parent->depth + 1 : 0};
    InitializeListHead(&key->notifications);
    KeQuerySystemTime(&key->last_write);
    if (copy_string(&key->name, name) && copy_string(&key->class_name, class_name))
        return key;
    release_memory(key->name.Buffer);
    release_memory(key);
    return NULL;
}

void cm_reference(struct cm_key *key)
{
    key->references++;
}

void cm_release(struct cm_key *key)
{
    if (--key->references != 0)
        return;
    for (ULONG i = 0; i < key->value_count; i++) {
        release_memory(key->values[i].name.Buffer);
        release_memory(key->values[i].data);
    }
    release_memory(key->values);
    release_memory(key->subkeys);
    release_memory(key->name.Buffer);
    release_memory(key->class_name.Buffer);
    release_memory(key);
}

/* Where name is among the subkeys, or where it belongs. */
static bool locate(struct cm_key *key, PCUNICODE_STRING name, ULONG *index)
{
    ULONG low = 0, high = key->subkey_count;
    while (low < high) {
        ULONG middle = low + (high - low) / 2;
        int order = compare(name, &key->subkeys[middle]->name);
        if (order == 0) {
            *index = middle;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *index = low;
    return false;
}

struct cm_key *cm_find_subkey(struct cm_key *key, PCUNICODE_STRING name)
{
    ULONG index;
    return locate(key, name, &index) ? key->subkeys[index] : NULL;
}

NTSTATUS cm_add_subkey(struct cm_key *parent, PCUNICODE_STRING name, const struct cm_new_key *how, struct cm_key **key)
{
    ULONG index;
    *key = NULL;
    if (parent->deleted)
        return STATUS_KEY_DELETED;
    if (name->Length == 0 || name->Length > CM_MAX_KEY_NAME * sizeof(WCHAR) || parent->depth >= CM_MAX_DEPTH)
        return STATUS_OBJECT_NAME_INVALID;
    if (locate(parent, name, &index))
        return STATUS_OBJECT_NAME_COLLISION;
    if (parent->is_volatile && !(how != NULL && how->is_volatile))
        return STATUS_CHILD_MUST_BE_VOLATILE;
    struct cm_key *made = new_key(parent, name, how != NULL ? how->class_name : NULL);
    if (made == NULL ||
        !reserve((void **)&parent->subkeys, parent->subkey_count, &parent->subkey_capacity, sizeof(struct cm_key *))) {
        if (made != NULL)
            cm_release(made);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    made->is_volatile = how != NULL && how->is_volatile;
    memmove(&parent->subkeys[index + 1], &parent->subkeys[index],
            (parent->subkey_count - index) * sizeof(struct cm_key *));
    parent->subkeys[index] = made;
    parent->subkey_count++;
    KeQuerySystemTime(&parent->last_write);
    cm_changed(parent, REG_NOTIFY_CHANGE_NAME);
    *key = made;
    return STATUS_SUCCESS;
}

NTSTATUS cm_delete_key(struct cm_key *key)
{
    ULONG index;
    if (key->deleted)
        return STATUS_KEY_DELETED;
    struct cm_key *parent = key->parent;
    if (parent == NULL || key->subkey_count != 0 || !locate(parent, &key->name, &index))
        return STATUS_CANNOT_DELETE;
    parent->subkey_count--;
    memmove(&parent->subkeys[index], &parent->subkeys[index + 1],
            (parent->subkey_count - index) * sizeof(struct cm_key *));
    KeQuerySystemTime(&parent->last_write);
    cm_changed(key, REG_NOTIFY_CHANGE_NAME);
    cm_changed(parent, REG_NOTIFY_CHANGE_NAME);
    cm_cancel_notifications(key, NULL);
    key->deleted = true;
    key->parent = NULL;
    cm_release(key);
    return STATUS_SUCCESS;
}

/* The tree is at most CM_MAX_DEPTH deep: no recursion, the last leaf first. */
void cm_delete_subtree(struct cm_key *key)
{
    struct cm_key *at = key;
    for (;;) {
        while (at->subkey_count != 0)
            at = at->subkeys[at->subkey_count - 1];
        struct cm_key *parent = at->parent;
        bool last = at == key;
        if (!NT_SUCCESS(cm_delete_key(at)) || last)
            return;
        at = parent;
    }
}

/*
 * Paths
 */
bool cm_split(PUNICODE_STRING path, PUNICODE_STRING first)
{
    USHORT units = path->Length / sizeof(WCHAR), start = 0, end;
    while (start < units && path->Buffer[start] == L'\\')
        start++;
    for (end = start; end < units && path->Buffer[end] != L'\\';)
        end++;
    *first = (UNICODE_STRING){.Length = (USHORT)((end - start) * sizeof(WCHAR)), .Buffer = path->Buffer + start};
    first->MaximumLength = first->Length;
    while (end < units && path->Buffer[end] == L'\\')
        end++;
    path->Buffer += end;
    path->Length = (USHORT)((units - end) * sizeof(WCHAR));
    return first->Length != 0;
}

NTSTATUS cm_walk(struct cm_key *key, UNICODE_STRING path, enum cm_walk_mode mode, const struct cm_new_key *how,
                 struct cm_key **found, bool *created)
{
    UNICODE_STRING component;
    *found = NULL;
    if (created != NULL)
        *created = false;
    if (key->deleted)
        return STATUS_KEY_DELETED;
    while (cm_split(&path, &component)) {
        if (component.Length > CM_MAX_KEY_NAME * sizeof(WCHAR))
            return STATUS_OBJECT_NAME_INVALID;
        struct cm_key *next = cm_find_subkey(key, &component);
        if (next == NULL) {
            bool last = path.Length == 0;
            if (mode == CM_WALK_OPEN || (mode == CM_WALK_CREATE_LAST && !last))
                return STATUS_OBJECT_NAME_NOT_FOUND;
            NTSTATUS status = cm_add_subkey(key, &component, last ? how : NULL, &next);
            if (!NT_SUCCESS(status))
                return status;
            if (created != NULL)
                *created = last;
        }
        key = next;
    }
    cm_reference(key);
    *found = key;
    return STATUS_SUCCESS;
}

size_t cm_full_name(struct cm_key *key, PWSTR out)
{
    size_t size = 0;
    for (struct cm_key *k = key; k != NULL; k = k->parent)
        size += sizeof(WCHAR) + k->name.Length;
    if (out == NULL)
        return size;
    char *end = (char *)out + size;
    for (struct cm_key *k = key; k != NULL; k = k->parent) {
        end -= k->name.Length;
        memcpy(end, k->name.Buffer, k->name.Length);
        end -= sizeof(WCHAR);
        *(PWSTR)end = L'\\';
    }
    return size;
}

/*
 * Values
 */
struct cm_value *cm_find_value(struct cm_key *key, PCUNICODE_STRING name)
{
    for (ULONG i = 0; i < key->value_count; i++) {
        if (compare(&key->values[i].name, name) == 0)
            return &key->values[i];
    }
    return NULL;
}

NTSTATUS cm_store_value(struct cm_key *key, PCUNICODE_STRING name, ULONG type, const void *data, ULONG size)
{
    if (key->deleted)
        return STATUS_KEY_DELETED;
    if (name->Length > CM_MAX_VALUE_NAME * sizeof(WCHAR) || size > CM_MAX_VALUE_SIZE)
        return STATUS_INVALID_PARAMETER;
    struct cm_value *value = cm_find_value(key, name);
    if (value != NULL && value->type == type && value->size == size &&
        (size == 0 || memcmp(value->data, data, size) == 0))
        return STATUS_SUCCESS; /* "no notification if the new value matches the previous value" */
    void *copy = NULL;
    if (size != 0) {
        copy = allocate(size);
        if (copy == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        memcpy(copy, data, size);
    }
    if (value == NULL) {
        UNICODE_STRING own;
        if (!copy_string(&own, name)) {
            release_memory(copy);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        if (!reserve((void **)&key->values, key->value_count, &key->value_capacity, sizeof *key->values)) {
            release_memory(copy);
            release_memory(own.Buffer);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        value = &key->values[key->value_count++];
        *value = (struct cm_value){.name = own};
    }
    release_memory(value->data);
    value->data = copy;
    value->size = size;
    value->type = type;
    KeQuerySystemTime(&key->last_write);
    cm_changed(key, REG_NOTIFY_CHANGE_LAST_SET);
    return STATUS_SUCCESS;
}

NTSTATUS cm_remove_value(struct cm_key *key, PCUNICODE_STRING name)
{
    if (key->deleted)
        return STATUS_KEY_DELETED;
    struct cm_value *value = cm_find_value(key, name);
    if (value == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    release_memory(value->name.Buffer);
    release_memory(value->data);
    key->value_count--;
    memmove(value, value + 1, (size_t)(&key->values[key->value_count] - value) * sizeof *value);
    KeQuerySystemTime(&key->last_write);
    cm_changed(key, REG_NOTIFY_CHANGE_LAST_SET);
    return STATUS_SUCCESS;
}

/*
 * Who is told
 */
void cm_end_notification(struct cm_notification *notification, NTSTATUS status)
{
    RemoveEntryList(&notification->link);
    if (notification->status != NULL) {
        notification->status->Status = status;
        notification->status->Information = 0;
    }
    if (notification->work != NULL)
        ExQueueWorkItem(notification->work, notification->work_queue);
    notification->result = status;
    if (notification->event != NULL) {
        KeSetEvent(notification->event, 0, FALSE);
        ObDereferenceObject(notification->event);
    }
    if (notification->on_stack)
        KeSetEvent(notification->done, 0, FALSE); /* the structure is gone from here on */
    else
        release_memory(notification);
}

void cm_changed(struct cm_key *key, ULONG what)
{
    for (struct cm_key *k = key; k != NULL; k = k->parent) {
        for (PLIST_ENTRY e = k->notifications.Flink; e != &k->notifications;) {
            struct cm_notification *n = CONTAINING_RECORD(e, struct cm_notification, link);
            e = e->Flink;
            if ((n->filter & what) && (k == key || n->watch_tree))
                cm_end_notification(n, STATUS_NOTIFY_ENUM_DIR);
        }
    }
}

void cm_cancel_notifications(struct cm_key *key, void *owner)
{
    for (PLIST_ENTRY e = key->notifications.Flink; e != &key->notifications;) {
        struct cm_notification *n = CONTAINING_RECORD(e, struct cm_notification, link);
        e = e->Flink;
        if (owner == NULL || n->owner == owner)
            cm_end_notification(n, STATUS_NOTIFY_CLEANUP);
    }
}

/*
 * Usage
 */
static void count_block(size_t size, size_t *blocks, size_t *bytes)
{
    if (size == 0)
        return;
    *blocks += 1;
    *bytes += size;
}

static void count_key(const struct cm_key *key, size_t *blocks, size_t *bytes)
{
    count_block(sizeof *key, blocks, bytes);
    count_block(key->name.Length, blocks, bytes);
    count_block(key->class_name.Length, blocks, bytes);
    count_block(key->subkey_capacity * sizeof *key->subkeys, blocks, bytes);
    count_block(key->value_capacity * sizeof *key->values, blocks, bytes);
    for (ULONG i = 0; i < key->value_count; i++) {
        count_block(key->values[i].name.Length, blocks, bytes);
        count_block(key->values[i].size, blocks, bytes);
    }
    for (ULONG i = 0; i < key->subkey_count; i++)
        count_key(key->subkeys[i], blocks, bytes);
}

void cm_get_usage(size_t *blocks, size_t *bytes)
{
    *blocks = *bytes = 0;
    cm_lock();
    count_key(cm_state.root, blocks, bytes);
    cm_unlock();
}

/*
 * Start
 */
static const char *const skeleton[] = {
    CM_MACHINE "\\HARDWARE\\DEVICEMAP",
    CM_MACHINE "\\HARDWARE\\RESOURCEMAP",
    CM_CLASS,
    CM_ENUM,
    CM_SERVICES,
    CM_CONTROL "\\DeviceClasses",
    CM_CONTROL "\\Session Manager",
    CM_SOFTWARE "\\Microsoft\\Windows NT\\CurrentVersion",
    "\\Registry\\User\\.DEFAULT",
};

void cm_initialize(void)
{
    if (__atomic_exchange_n(&cm_state.initialized, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    ob_initialize();
    ExInitializeFastMutex(&cm_state.lock);
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, L"REGISTRY");
    cm_state.root = new_key(NULL, &name, NULL);
    if (cm_state.root == NULL)
        KeBugCheckEx(0x67 /* CONFIG_INITIALIZATION_FAILED */, 1, 0, 0, 0);
    cm_create_object_type();
    for (size_t i = 0; i < sizeof skeleton / sizeof *skeleton; i++) {
        struct cm_key *key;
        if (NT_SUCCESS(cm_create(NULL, skeleton[i], &key)))
            cm_close(key);
    }
    cm_write_string(CM_SOFTWARE "\\Microsoft\\Windows NT\\CurrentVersion", "SystemRoot", "C:\\Windows");
    cm_write_string(CM_CONTROL "\\ProductOptions", "ProductType", "WinNT");
}

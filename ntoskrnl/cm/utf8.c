/*
 * The registry by UTF-8 path, for the rest of ndiskit.
 */
#include "ntoskrnl/cm/tree.h"
#include <stdint.h>
#include <string.h>

/*
 * Text
 */
#define REPLACEMENT 0xFFFDu

/* One code point of UTF-8; malformed bytes are taken one at a time. */
static uint32_t next_code_point(const unsigned char **text)
{
    const unsigned char *s = *text;
    uint32_t c = *s++;
    unsigned more = c < 0x80                ? 0
                    : c >= 0xC2 && c < 0xE0 ? 1
                    : c >= 0xE0 && c < 0xF0 ? 2
                    : c >= 0xF0 && c < 0xF5 ? 3
                                            : 4;
    if (more == 4) {
        *text = s;
        return REPLACEMENT;
    }
    static const uint32_t minimum[] = {0, 0x80, 0x800, 0x10000};
    uint32_t point = more == 0 ? c : c & (0x3Fu >> more);
    for (unsigned i = 0; i < more; i++, s++) {
        if ((*s & 0xC0) != 0x80) {
            *text += 1;
            return REPLACEMENT;
        }
        point = point << 6 | (*s & 0x3F);
    }
    if (point < minimum[more] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
        *text += 1;
        return REPLACEMENT;
    }
    *text = s;
    return point;
}

size_t cm_to_utf16(const char *utf8, WCHAR *out, size_t capacity)
{
    const unsigned char *s = (const unsigned char *)utf8;
    size_t units = 0, written = 0;
    bool cut = false;
    while (*s != 0) {
        uint32_t point = next_code_point(&s);
        size_t need = point >= 0x10000 ? 2 : 1;
        units += need;
        cut = cut || written + need >= capacity;
        if (cut)
            continue;
        if (need == 2) {
            out[written++] = (WCHAR)(0xD800 + ((point - 0x10000) >> 10));
            out[written++] = (WCHAR)(0xDC00 + ((point - 0x10000) & 0x3FF));
        } else {
            out[written++] = (WCHAR)point;
        }
    }
    if (capacity != 0)
        out[written] = 0;
    return units;
}

size_t cm_to_utf8(const WCHAR *text, size_t units, char *out, size_t capacity)
{
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    size_t needed = 0, written = 0;
    for (size_t i = 0; i < units; i++) {
        uint32_t point = text[i];
        if (point >= 0xD800 && point < 0xE000) {
            bool pair = point < 0xDC00 && i + 1 < units && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000;
            point = pair ? 0x10000 + ((point - 0xD800) << 10) + (text[++i] - 0xDC00u) : REPLACEMENT;
        }
        unsigned more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
        needed += more + 1;
        if (needed != written + more + 1 || needed >= capacity)
            continue; /* cut: something before this did not fit, or this does not */
        out[written++] = (char)(lead[more] | point >> (6 * more));
        while (more-- > 0)
            out[written++] = (char)(0x80 | (point >> (6 * more) & 0x3F));
    }
    if (capacity != 0)
        out[written] = 0;
    return needed;
}

/* A counted string of our own from UTF-8: up to the registry's own limits. */
static NTSTATUS make_string(const char *utf8, PUNICODE_STRING string)
{
    *string = (UNICODE_STRING){0};
    if (utf8 == NULL || *utf8 == 0)
        return STATUS_SUCCESS;
    size_t units = cm_to_utf16(utf8, NULL, 0);
    if (units > UNICODE_STRING_MAX_CHARS - 1)
        return STATUS_NAME_TOO_LONG;
    string->Buffer = ExAllocatePoolWithTag(PagedPool, (units + 1) * sizeof(WCHAR), CM_TAG);
    if (string->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    cm_to_utf16(utf8, string->Buffer, units + 1);
    string->Length = (USHORT)(units * sizeof(WCHAR));
    string->MaximumLength = string->Length + sizeof(WCHAR);
    return STATUS_SUCCESS;
}

static void free_string(PUNICODE_STRING string)
{
    if (string->Buffer != NULL)
        ExFreePoolWithTag(string->Buffer, CM_TAG);
}

/*
 * Keys
 */

/* An absolute path starts with the root's own name. */
static NTSTATUS strip_root(PUNICODE_STRING path)
{
    UNICODE_STRING first, whole = *path;
    if (whole.Length < sizeof(WCHAR) || whole.Buffer[0] != L'\\' || !cm_split(&whole, &first) ||
        !RtlEqualUnicodeString(&first, &cm_root()->name, TRUE))
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    *path = whole;
    return STATUS_SUCCESS;
}

static NTSTATUS walk_utf8(struct cm_key *root, const char *path, enum cm_walk_mode mode, struct cm_key **key)
{
    UNICODE_STRING wide, rest;
    *key = NULL;
    NTSTATUS status = make_string(path, &wide);
    if (!NT_SUCCESS(status))
        return status;
    rest = wide;
    if (root == NULL) {
        root = cm_root();
        status = strip_root(&rest);
    }
    if (NT_SUCCESS(status)) {
        cm_lock();
        status = cm_walk(root, rest, mode, NULL, key, NULL);
        cm_unlock();
    }
    free_string(&wide);
    return status;
}

NTSTATUS cm_open(struct cm_key *root, const char *path, struct cm_key **key)
{
    return walk_utf8(root, path, CM_WALK_OPEN, key);
}

NTSTATUS cm_create(struct cm_key *root, const char *path, struct cm_key **key)
{
    return walk_utf8(root, path, CM_WALK_CREATE_ALL, key);
}

void cm_close(struct cm_key *key)
{
    cm_lock();
    cm_release(key);
    cm_unlock();
}

NTSTATUS cm_delete_tree(struct cm_key *root, const char *path)
{
    struct cm_key *key;
    NTSTATUS status = cm_open(root, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    if (key->parent == NULL)
        status = STATUS_CANNOT_DELETE;
    else
        cm_delete_subtree(key);
    cm_release(key);
    cm_unlock();
    return status;
}

const char *cm_path(struct cm_key *key, char *buffer, size_t size)
{
    if (size != 0)
        buffer[0] = 0;
    cm_lock();
    size_t bytes = cm_full_name(key, NULL);
    PWSTR text = ExAllocatePoolWithTag(PagedPool, bytes, CM_TAG);
    if (text != NULL) {
        cm_full_name(key, text);
        cm_to_utf8(text, bytes / sizeof(WCHAR), buffer, size);
        ExFreePoolWithTag(text, CM_TAG);
    }
    cm_unlock();
    return buffer;
}

NTSTATUS cm_enumerate_key(struct cm_key *key, ULONG index, char *name, size_t size)
{
    NTSTATUS status = STATUS_NO_MORE_ENTRIES;
    cm_lock();
    if (index < key->subkey_count) {
        const UNICODE_STRING *wide = &key->subkeys[index]->name;
        cm_to_utf8(wide->Buffer, wide->Length / sizeof(WCHAR), name, size);
        status = STATUS_SUCCESS;
    }
    cm_unlock();
    return status;
}

NTSTATUS cm_enumerate_value(struct cm_key *key, ULONG index, char *name, size_t size, ULONG *type)
{
    NTSTATUS status = STATUS_NO_MORE_ENTRIES;
    cm_lock();
    if (index < key->value_count) {
        const struct cm_value *value = &key->values[index];
        cm_to_utf8(value->name.Buffer, value->name.Length / sizeof(WCHAR), name, size);
        if (type != NULL)
            *type = value->type;
        status = STATUS_SUCCESS;
    }
    cm_unlock();
    return status;
}

/*
 * Values
 */
NTSTATUS cm_set_value(struct cm_key *key, const char *name, ULONG type, const void *data, ULONG size)
{
    UNICODE_STRING wide;
    NTSTATUS status = make_string(name, &wide);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    status = cm_store_value(key, &wide, type, data, size);
    cm_unlock();
    free_string(&wide);
    return status;
}

NTSTATUS cm_set_dword(struct cm_key *key, const char *name, ULONG value)
{
    return cm_set_value(key, name, REG_DWORD, &value, sizeof value);
}

NTSTATUS cm_set_string_type(struct cm_key *key, const char *name, ULONG type, const char *value)
{
    size_t units = cm_to_utf16(value, NULL, 0) + 1;
    PWSTR text = ExAllocatePoolWithTag(PagedPool, units * sizeof(WCHAR), CM_TAG);
    if (text == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    cm_to_utf16(value, text, units);
    NTSTATUS status = cm_set_value(key, name, type, text, (ULONG)(units * sizeof(WCHAR)));
    ExFreePoolWithTag(text, CM_TAG);
    return status;
}

NTSTATUS cm_set_string(struct cm_key *key, const char *name, const char *value)
{
    return cm_set_string_type(key, name, REG_SZ, value);
}

NTSTATUS cm_set_multi_string(struct cm_key *key, const char *name, const char *const *values, size_t count)
{
    size_t units = 1;
    for (size_t i = 0; i < count; i++)
        units += cm_to_utf16(values[i], NULL, 0) + 1;
    PWSTR text = ExAllocatePoolWithTag(PagedPool, units * sizeof(WCHAR), CM_TAG);
    if (text == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        at += cm_to_utf16(values[i], text + at, units - at) + 1;
    text[at] = 0;
    NTSTATUS status = cm_set_value(key, name, REG_MULTI_SZ, text, (ULONG)(units * sizeof(WCHAR)));
    ExFreePoolWithTag(text, CM_TAG);
    return status;
}

NTSTATUS cm_delete_value(struct cm_key *key, const char *name)
{
    UNICODE_STRING wide;
    NTSTATUS status = make_string(name, &wide);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    status = cm_remove_value(key, &wide);
    cm_unlock();
    free_string(&wide);
    return status;
}

NTSTATUS cm_query_value(struct cm_key *key, const char *name, ULONG *type, void *data, ULONG *size)
{
    UNICODE_STRING wide;
    NTSTATUS status = make_string(name, &wide);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    const struct cm_value *value = cm_find_value(key, &wide);
    if (value == NULL) {
        status = key->deleted ? STATUS_KEY_DELETED : STATUS_OBJECT_NAME_NOT_FOUND;
    } else {
        if (type != NULL)
            *type = value->type;
        if (*size < value->size)
            status = STATUS_BUFFER_TOO_SMALL;
        else if (value->size != 0)
            memcpy(data, value->data, value->size);
        *size = value->size;
    }
    cm_unlock();
    free_string(&wide);
    return status;
}

NTSTATUS cm_query_dword(struct cm_key *key, const char *name, ULONG *value)
{
    ULONG type, size = sizeof *value, result;
    NTSTATUS status = cm_query_value(key, name, &type, &result, &size);
    if (status == STATUS_BUFFER_TOO_SMALL || (NT_SUCCESS(status) && (type != REG_DWORD || size != sizeof result)))
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (NT_SUCCESS(status))
        *value = result;
    return status;
}

NTSTATUS cm_query_string(struct cm_key *key, const char *name, char *buffer, size_t size)
{
    UNICODE_STRING wide;
    if (size != 0)
        buffer[0] = 0;
    NTSTATUS status = make_string(name, &wide);
    if (!NT_SUCCESS(status))
        return status;
    cm_lock();
    const struct cm_value *value = cm_find_value(key, &wide);
    if (value == NULL) {
        status = key->deleted ? STATUS_KEY_DELETED : STATUS_OBJECT_NAME_NOT_FOUND;
    } else if (value->type != REG_SZ && value->type != REG_EXPAND_SZ && value->type != REG_MULTI_SZ) {
        status = STATUS_OBJECT_TYPE_MISMATCH;
    } else {
        const WCHAR *text = value->data;
        size_t units = 0;
        while (units < value->size / sizeof(WCHAR) && text[units] != 0)
            units++;
        if (cm_to_utf8(text, units, buffer, size) >= size)
            status = STATUS_BUFFER_TOO_SMALL;
    }
    cm_unlock();
    free_string(&wide);
    return status;
}

NTSTATUS cm_read_string(const char *path, const char *name, char *buffer, size_t size)
{
    struct cm_key *key;
    NTSTATUS status = cm_open(NULL, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    status = cm_query_string(key, name, buffer, size);
    cm_close(key);
    return status;
}

NTSTATUS cm_read_dword(const char *path, const char *name, ULONG *value)
{
    struct cm_key *key;
    NTSTATUS status = cm_open(NULL, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    status = cm_query_dword(key, name, value);
    cm_close(key);
    return status;
}

NTSTATUS cm_write_string(const char *path, const char *name, const char *value)
{
    struct cm_key *key;
    NTSTATUS status = cm_create(NULL, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    status = cm_set_string(key, name, value);
    cm_close(key);
    return status;
}

NTSTATUS cm_write_dword(const char *path, const char *name, ULONG value)
{
    struct cm_key *key;
    NTSTATUS status = cm_create(NULL, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    status = cm_set_dword(key, name, value);
    cm_close(key);
    return status;
}

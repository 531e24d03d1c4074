/*
 * AddReg and DelReg sections: values of every type and flag that the documentation lists, below HKR (the key that
 * belongs to the section the directive stands in) or one of the absolute roots.
 *
 * Public pages: "INF AddReg Directive", "INF DelReg Directive".
 */
#include "setup/install.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    ADDREG_BINARY = 0x00000001,
    ADDREG_NO_CLOBBER = 0x00000002,
    ADDREG_DELETE = 0x00000004,
    ADDREG_APPEND = 0x00000008,
    ADDREG_KEY_ONLY = 0x00000010,
    ADDREG_OVERWRITE_ONLY = 0x00000020,
    ADDREG_KEY_ONLY_COMMON = 0x00002000,
    ADDREG_TYPE_MASK = (int)0xFFFF0001,
    ADDREG_MULTI_SZ = 0x00010000,
    ADDREG_EXPAND_SZ = 0x00020000,
    ADDREG_DWORD = 0x00010001,
    ADDREG_NONE = 0x00020001,
    ADDREG_QWORD = 0x000B0001,
    DELREG_MULTI_SZ_STRING = 0x00018002,
};

struct place {
    const struct inf *inf;
    const struct inf_section *section;
    const struct inf_line *line;
    bool check_only;
    char *error;
    size_t error_size;
};

__attribute__((format(printf, 2, 3))) static bool fail(const struct place *place, const char *format, ...)
{
    va_list arguments;
    int written = snprintf(place->error, place->error_size, "%s:%u: [%s]: ", inf_name(place->inf), place->line->number,
                           place->section->name);
    va_start(arguments, format);
    if (written >= 0 && (size_t)written < place->error_size)
        vsnprintf(place->error + written, place->error_size - (size_t)written, format, arguments);
    va_end(arguments);
    return false;
}

static bool check_status(const struct place *place, NTSTATUS status)
{
    return NT_SUCCESS(status) || fail(place, "the registry refuses this line: status 0x%08X", (unsigned)status);
}

/*
 * Data
 */
struct data {
    unsigned char *bytes;
    size_t size;
};

static bool read_flags(const struct place *place, size_t field, ULONG *flags)
{
    uint64_t value = 0;
    const char *text = inf_field(place->line, field);
    if (*text != 0 && (!inf_number(text, &value) || value > 0xFFFFFFFF))
        return fail(place, "the flags \"%s\" are no number", text);
    *flags = (ULONG)value;
    return true;
}

/* Bytes are hexadecimal with or without 0x. */
static bool read_bytes(const struct place *place, size_t first, struct data *data)
{
    for (size_t i = first; i < place->line->count; i++) {
        const char *text = inf_field(place->line, i);
        char *end;
        unsigned long byte = strtoul(text, &end, 16);
        if (*text == 0 && i + 1 == place->line->count)
            break;
        if (*text == 0 || *text == '-' || *text == '+' || *end != 0 || byte > 0xFF)
            return fail(place, "\"%s\" is no byte in hexadecimal", text);
        data->bytes[data->size++] = (unsigned char)byte;
    }
    return true;
}

/* A number of size bytes: as one field, or as that many bytes, lowest first. */
static bool read_integer(const struct place *place, size_t first, size_t size, struct data *data)
{
    uint64_t value = 0;
    const char *text = inf_field(place->line, first);
    bool negative = text[0] == '-';
    if (place->line->count == first + size)
        return read_bytes(place, first, data);
    if (*text != 0 && !inf_number(text + (negative ? 1 : 0), &value))
        return fail(place, "\"%s\" is no number", text);
    if (size == 4 && value > 0xFFFFFFFF)
        return fail(place, "\"%s\" does not fit in 32 bits", text);
    if (negative)
        value = 0 - value;
    memcpy(data->bytes, &value, size);
    data->size = size;
    return true;
}

static ULONG registry_type(ULONG flags)
{
    switch (flags & (ULONG)ADDREG_TYPE_MASK) {
    case 0:
        return REG_SZ;
    case ADDREG_MULTI_SZ:
        return REG_MULTI_SZ;
    case ADDREG_EXPAND_SZ:
        return REG_EXPAND_SZ;
    case ADDREG_DWORD:
        return REG_DWORD;
    case ADDREG_NONE:
        return REG_NONE;
    case ADDREG_QWORD:
        return REG_QWORD;
    case ADDREG_BINARY:
        return REG_BINARY;
    default:
        /* "Specify a new type number in the high word." Without the binary bit it is no type at all: a string. */
        return flags & ADDREG_BINARY ? flags >> 16 : REG_SZ;
    }
}

static NTSTATUS set_multi(const struct place *place, struct cm_key *key, const char *name, size_t first)
{
    size_t count = place->line->count > first ? place->line->count - first : 0;
    while (count != 0 && *inf_field(place->line, first + count - 1) == 0)
        count--; /* no empty strings: they would end the list */
    return cm_set_multi_string(key, name, place->line->field + first, count);
}

/*
 * A REG_MULTI_SZ taken apart: APPEND adds strings that are not there yet, DELSTRING removes one.
 */
struct string_list {
    char **items;
    size_t count;
};

static void free_list(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

static void add_to_list(struct string_list *list, const char *text)
{
    char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    char *copy = strdup(text);
    if (items == NULL || copy == NULL)
        abort();
    list->items = items;
    list->items[list->count++] = copy;
}

static bool list_has(const struct string_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcasecmp(list->items[i], text) == 0)
            return true;
    }
    return false;
}

static bool get_list(struct cm_key *key, const char *name, struct string_list *list)
{
    ULONG type, size = 0;
    *list = (struct string_list){0};
    if (cm_query_value(key, name, &type, NULL, &size) != STATUS_BUFFER_TOO_SMALL || type != REG_MULTI_SZ)
        return false;
    WCHAR *text = malloc(size + sizeof(WCHAR));
    if (text == NULL)
        abort();
    if (!NT_SUCCESS(cm_query_value(key, name, &type, text, &size)))
        size = 0;
    size_t units = size / sizeof(WCHAR);
    for (size_t at = 0; at < units && text[at] != 0;) {
        size_t end = at;
        while (end < units && text[end] != 0)
            end++;
        char utf8[INF_MAX_FIELD];
        cm_to_utf8(text + at, end - at, utf8, sizeof utf8);
        add_to_list(list, utf8);
        at = end + 1;
    }
    free(text);
    return true;
}

static NTSTATUS append_strings(const struct place *place, struct cm_key *key, const char *name, size_t first)
{
    struct string_list list;
    get_list(key, name, &list);
    for (size_t i = first; i < place->line->count; i++) {
        const char *text = inf_field(place->line, i);
        if (*text != 0 && !list_has(&list, text))
            add_to_list(&list, text);
    }
    NTSTATUS status = cm_set_multi_string(key, name, (const char *const *)list.items, list.count);
    free_list(&list);
    return status;
}

static NTSTATUS remove_string(struct cm_key *key, const char *name, const char *text)
{
    struct string_list list, kept = {0};
    if (!get_list(key, name, &list))
        return STATUS_SUCCESS;
    for (size_t i = 0; i < list.count; i++) {
        if (strcasecmp(list.items[i], text) != 0)
            add_to_list(&kept, list.items[i]);
    }
    NTSTATUS status = cm_set_multi_string(key, name, (const char *const *)kept.items, kept.count);
    free_list(&list);
    free_list(&kept);
    return status;
}

/*
 * Roots
 */
static bool find_root(const struct place *place, struct cm_key *hkr, struct cm_key **root, char *path, size_t size)
{
    static const struct {
        const char *name, *path;
    } roots[] = {
        {"HKLM", CM_MACHINE},
        {"HKCR", CM_SOFTWARE "\\Classes"},
        {"HKCU", "\\Registry\\User\\.Default"},
        {"HKU", "\\Registry\\User"},
    };
    const char *name = inf_field(place->line, 0), *subkey = inf_field(place->line, 1);
    *root = hkr;
    if (strcasecmp(name, "HKR") == 0) {
        snprintf(path, size, "%s", subkey);
        return true;
    }
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        if (strcasecmp(name, roots[i].name) != 0)
            continue;
        *root = NULL;
        snprintf(path, size, "%s%s%s", roots[i].path, *subkey == 0 || *subkey == '\\' ? "" : "\\", subkey);
        return true;
    }
    return fail(place, "\"%s\" is no registry root: HKR, HKLM, HKCR, HKCU or HKU is expected", name);
}

/* Names that a .HW section sets for the PnP manager itself: they belong in the device's own key. */
static bool is_special_name(const char *name)
{
    static const char *const special[] = {
        "UpperFilters",
        "LowerFilters",
        "DeviceCharacteristics",
        "DeviceType",
        "Security",
        "Exclusive",
        "EnumPropPages32",
        "LocationInformationOverride",
        "ResourcePickerTags",
        "ResourcePickerExceptions",
    };
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        if (strcasecmp(name, special[i]) == 0)
            return true;
    }
    return false;
}

/* The bytes of a value that is no string; for a string, nothing. */
static bool read_data(const struct place *place, ULONG flags, struct data *data)
{
    ULONG type = registry_type(flags);
    if (!(flags & ADDREG_BINARY) || (flags & ADDREG_DELETE))
        return true;
    data->bytes = malloc(place->line->count + sizeof(uint64_t));
    if (data->bytes == NULL)
        abort();
    return type == REG_DWORD   ? read_integer(place, 4, 4, data)
           : type == REG_QWORD ? read_integer(place, 4, 8, data)
                               : read_bytes(place, 4, data);
}

static bool add_value(const struct place *place, struct cm_key *key, ULONG flags, const struct data *data)
{
    const char *name = inf_field(place->line, 2);
    ULONG size = 0, type = registry_type(flags);
    bool exists = cm_query_value(key, name, NULL, NULL, &size) != STATUS_OBJECT_NAME_NOT_FOUND;
    if (flags & ADDREG_DELETE) {
        if (exists)
            cm_delete_value(key, name);
        return true;
    }
    if ((exists && (flags & ADDREG_NO_CLOBBER)) || (!exists && (flags & ADDREG_OVERWRITE_ONLY)))
        return true;
    if (type == REG_MULTI_SZ)
        return check_status(place, flags & ADDREG_APPEND ? append_strings(place, key, name, 4)
                                                         : set_multi(place, key, name, 4));
    if (!(flags & ADDREG_BINARY))
        return check_status(place, cm_set_string_type(key, name, type, inf_field(place->line, 4)));
    return check_status(place, cm_set_value(key, name, type, data->bytes, (ULONG)data->size));
}

static bool run_add_line(const struct place *place, struct cm_key *hkr, struct cm_key *device, ULONG flags,
                         const struct data *data)
{
    struct cm_key *root, *key;
    char path[INF_MAX_FIELD + 64];
    const char *name = inf_field(place->line, 2);
    if (!find_root(place, hkr, &root, path, sizeof path))
        return false;
    if (place->check_only)
        return true;
    if (device != NULL && root == hkr && *path == 0 && is_special_name(name))
        root = device;
    if ((flags & ADDREG_DELETE) && *name == 0 && *path != 0) {
        cm_delete_tree(root, path);
        return true;
    }
    if (!check_status(place, cm_create(root, path, &key)))
        return false;
    bool key_only = (flags & (ADDREG_KEY_ONLY | ADDREG_KEY_ONLY_COMMON)) != 0 || place->line->count <= 2;
    bool good = key_only || add_value(place, key, flags, data);
    cm_close(key);
    return good;
}

static bool add_line(const struct place *place, struct cm_key *hkr, struct cm_key *device)
{
    ULONG flags = 0;
    struct data data = {0};
    if (place->line->key != NULL)
        return fail(place, "a line of an AddReg section is: root, subkey, name, flags, value");
    bool good = read_flags(place, 3, &flags) && read_data(place, flags, &data) &&
                run_add_line(place, hkr, device, flags, &data);
    free(data.bytes);
    return good;
}

bool setup_add_registry(const struct inf *inf, const struct inf_section *section, struct cm_key *hkr,
                        struct cm_key *device, char *error, size_t error_size)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct place place = {inf, section, &section->lines[i], false, error, error_size};
        if (!add_line(&place, hkr, device))
            return false;
    }
    return true;
}

static bool delete_line(const struct place *place, struct cm_key *hkr)
{
    struct cm_key *root, *key;
    char path[INF_MAX_FIELD + 64];
    ULONG flags = 0;
    const char *name = inf_field(place->line, 2);
    if (place->line->key != NULL)
        return fail(place, "a line of a DelReg section is: root, subkey, name, flags, value");
    if (!read_flags(place, 3, &flags) || !find_root(place, hkr, &root, path, sizeof path))
        return false;
    if (*name == 0 || (flags & ADDREG_KEY_ONLY_COMMON)) {
        if (*inf_field(place->line, 1) == 0)
            return fail(place, "this would delete a whole root");
        if (!place->check_only)
            cm_delete_tree(root, path);
        return true;
    }
    if (place->check_only || !NT_SUCCESS(cm_open(root, path, &key)))
        return true; /* nothing to delete */
    NTSTATUS status = STATUS_SUCCESS;
    if (flags == DELREG_MULTI_SZ_STRING)
        status = remove_string(key, name, inf_field(place->line, 4));
    else
        cm_delete_value(key, name);
    cm_close(key);
    return check_status(place, status);
}

bool setup_delete_registry(const struct inf *inf, const struct inf_section *section, struct cm_key *hkr, char *error,
                           size_t error_size)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct place place = {inf, section, &section->lines[i], false, error, error_size};
        if (!delete_line(&place, hkr))
            return false;
    }
    return true;
}

bool setup_check_registry(const struct inf *inf, const struct inf_section *section, bool remove, char *error,
                          size_t error_size)
{
    for (size_t i = 0; i < section->count; i++) {
        const struct place place = {inf, section, &section->lines[i], true, error, error_size};
        if (remove ? !delete_line(&place, NULL) : !add_line(&place, NULL, NULL))
            return false;
    }
    return true;
}

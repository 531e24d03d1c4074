/*
 * The configuration manager: the registry, held in memory. It starts with the skeleton that a driver may rely on
 * (\Registry\Machine\System\CurrentControlSet\{Control,Enum,Services}, \Registry\Machine\Hardware, ...Software...) and
 * is filled by setup from INF files, by pnp for devices, and by drivers. Names compare without case and keep theirs.
 *
 * This is the side for other subsystems: keys by UTF-8 path, with backslashes, either absolute
 * ("\Registry\Machine\...") or relative to a key. Drivers use ZwCreateKey and its relations, RtlQueryRegistryValues and
 * so on. All of it is for PASSIVE_LEVEL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <ntifs.h>

#define CM_MACHINE  "\\Registry\\Machine"
#define CM_CONTROL  CM_MACHINE "\\System\\CurrentControlSet\\Control"
#define CM_CLASS    CM_CONTROL "\\Class"
#define CM_ENUM     CM_MACHINE "\\System\\CurrentControlSet\\Enum"
#define CM_SERVICES CM_MACHINE "\\System\\CurrentControlSet\\Services"
#define CM_SOFTWARE CM_MACHINE "\\Software"

/* Pool that the registry's content occupies. It is no leak: what setup, pnp and drivers write there stays there. */
void cm_get_usage(size_t *blocks, size_t *bytes);

/* A referenced key. It survives ZwDeleteKey: every operation on it then returns STATUS_KEY_DELETED. */
struct cm_key;

/* Makes the root key, the skeleton and the key object type. Idempotent; calls ob_initialize. */
void cm_initialize(void);

/* root NULL: path is absolute. path "" or NULL: root itself, referenced once more.
 * STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_NAME_INVALID, STATUS_KEY_DELETED. */
NTSTATUS cm_open(struct cm_key *root, const char *path, struct cm_key **key);
/* Opens it, creating every missing key on the way. */
NTSTATUS cm_create(struct cm_key *root, const char *path, struct cm_key **key);
void cm_close(struct cm_key *key);

/* name "" or NULL: the key's default value. data is as the registry stores it: strings are UTF-16 with their
 * terminator. */
NTSTATUS cm_set_value(struct cm_key *key, const char *name, ULONG type, const void *data, ULONG size);
NTSTATUS cm_set_dword(struct cm_key *key, const char *name, ULONG value);
/* REG_SZ from UTF-8. */
NTSTATUS cm_set_string(struct cm_key *key, const char *name, const char *value);
/* The same as another string type, for example REG_EXPAND_SZ. */
NTSTATUS cm_set_string_type(struct cm_key *key, const char *name, ULONG type, const char *value);
/* REG_MULTI_SZ of count strings. */
NTSTATUS cm_set_multi_string(struct cm_key *key, const char *name, const char *const *values, size_t count);
NTSTATUS cm_delete_value(struct cm_key *key, const char *name);

/* *size: bytes that data can hold; on return the value's size. STATUS_BUFFER_TOO_SMALL copies nothing. data may be NULL
 * with *size 0. STATUS_OBJECT_NAME_NOT_FOUND. type may be NULL. */
NTSTATUS cm_query_value(struct cm_key *key, const char *name, ULONG *type, void *data, ULONG *size);
/* STATUS_OBJECT_TYPE_MISMATCH when the value is not a REG_DWORD. */
NTSTATUS cm_query_dword(struct cm_key *key, const char *name, ULONG *value);
/* A REG_SZ or REG_EXPAND_SZ (the first string of a REG_MULTI_SZ) as UTF-8. STATUS_BUFFER_TOO_SMALL. */
NTSTATUS cm_query_string(struct cm_key *key, const char *name, char *buffer, size_t size);

/* Names by position, in UTF-8. STATUS_NO_MORE_ENTRIES after the last. */
NTSTATUS cm_enumerate_key(struct cm_key *key, ULONG index, char *name, size_t size);
NTSTATUS cm_enumerate_value(struct cm_key *key, ULONG index, char *name, size_t size, ULONG *type);

/* Deletes a key with all that is below it. Deleting what does not exist is STATUS_OBJECT_NAME_NOT_FOUND. */
NTSTATUS cm_delete_tree(struct cm_key *root, const char *path);

/* "\Registry\Machine\..." in UTF-8, cut to size. Returns buffer. */
const char *cm_path(struct cm_key *key, char *buffer, size_t size);

/* A handle for a driver to a key (IoOpenDeviceRegistryKey, NdisOpenConfigurationEx). Kernel handle; ZwClose closes it.
 */
NTSTATUS cm_open_handle(struct cm_key *key, ACCESS_MASK access, PHANDLE handle);
/* The key behind a driver's handle, referenced. access 0: any. */
NTSTATUS cm_from_handle(HANDLE handle, ACCESS_MASK access, struct cm_key **key);

/* Shorthands for one value of a key by absolute path. */
NTSTATUS cm_read_string(const char *path, const char *name, char *buffer, size_t size);
NTSTATUS cm_read_dword(const char *path, const char *name, ULONG *value);
NTSTATUS cm_write_string(const char *path, const char *name, const char *value);
NTSTATUS cm_write_dword(const char *path, const char *name, ULONG value);

/* UTF-8 and UTF-16 between the two sides. Both write as many whole characters as fit, terminate (when capacity is not
 * 0), and return how many units the whole text needs without its terminator. Malformed input becomes U+FFFD. */
size_t cm_to_utf16(const char *utf8, WCHAR *out, size_t capacity);
size_t cm_to_utf8(const WCHAR *text, size_t units, char *out, size_t capacity);

/*
 * The registry's tree, for cm's own files. A node (struct cm_key) is counted by whoever holds it, and once more by
 * being in the tree; a deleted node is out of the tree and stays only for its holders. Everything in this header is
 * used with the registry's lock held unless it says otherwise. Names are counted UTF-16 without a terminator.
 */
#pragma once

#include "ntoskrnl/cm/cm.h"

#define CM_TAG 'gRmC'

/* As documented for Windows ("Registry element size limits"). */
#define CM_MAX_KEY_NAME   255u
#define CM_MAX_VALUE_NAME 16383u
#define CM_MAX_DEPTH      512u
#define CM_MAX_VALUE_SIZE (16u << 20)

struct cm_value {
    UNICODE_STRING name;
    ULONG type;
    ULONG size;
    void *data; /* NULL when size is 0 */
};

struct cm_key {
    LONG references;
    bool deleted;
    bool is_volatile;
    USHORT depth;
    struct cm_key *parent;
    UNICODE_STRING name;
    UNICODE_STRING class_name;
    LARGE_INTEGER last_write;
    struct cm_key **subkeys; /* in the order of their names */
    ULONG subkey_count, subkey_capacity;
    struct cm_value *values; /* in the order of their making */
    ULONG value_count, value_capacity;
    LIST_ENTRY notifications;
};

/* A change that ZwNotifyChangeKey waits for. */
struct cm_notification {
    LIST_ENTRY link;
    struct cm_key *key;
    void *owner; /* the key object whose last handle's closing ends it */
    ULONG filter;
    bool watch_tree;
    bool on_stack; /* of a synchronous caller, who waits for done */
    PKEVENT done;
    NTSTATUS result;
    PIO_STATUS_BLOCK status;
    PKEVENT event; /* referenced, or NULL */
    PWORK_QUEUE_ITEM work;
    WORK_QUEUE_TYPE work_queue;
};

/* The lock. */
void cm_lock(void);
void cm_unlock(void);

struct cm_key *cm_root(void);
void cm_reference(struct cm_key *key);
void cm_release(struct cm_key *key);

bool cm_split(PUNICODE_STRING path, PUNICODE_STRING first);
/* How a key is to be made that is not there. NULL stands for no class and not volatile. */
struct cm_new_key {
    PCUNICODE_STRING class_name;
    bool is_volatile;
};

struct cm_key *cm_find_subkey(struct cm_key *key, PCUNICODE_STRING name);
NTSTATUS cm_add_subkey(struct cm_key *parent, PCUNICODE_STRING name, const struct cm_new_key *how, struct cm_key **key);

enum cm_walk_mode { CM_WALK_OPEN, CM_WALK_CREATE_LAST, CM_WALK_CREATE_ALL };
/* Follows path (backslashes; a leading one is allowed) from key. *found is referenced. created may be NULL. */
NTSTATUS cm_walk(struct cm_key *key, UNICODE_STRING path, enum cm_walk_mode mode, const struct cm_new_key *how,
                 struct cm_key **found, bool *created);
/* Key without subkeys: out of the tree. STATUS_CANNOT_DELETE otherwise. */
NTSTATUS cm_delete_key(struct cm_key *key);
void cm_delete_subtree(struct cm_key *key);

struct cm_value *cm_find_value(struct cm_key *key, PCUNICODE_STRING name);
NTSTATUS cm_store_value(struct cm_key *key, PCUNICODE_STRING name, ULONG type, const void *data, ULONG size);
NTSTATUS cm_remove_value(struct cm_key *key, PCUNICODE_STRING name);

/* Bytes of the full name; writes it when out is not NULL. */
size_t cm_full_name(struct cm_key *key, PWSTR out);

void cm_changed(struct cm_key *key, ULONG what);
void cm_end_notification(struct cm_notification *notification, NTSTATUS status);
void cm_cancel_notifications(struct cm_key *key, void *owner);

/* object.c: the type "Key". Without the lock. */
struct cm_key_object {
    struct cm_key *key;
};
struct cm_parse_context {
    bool create;
    struct cm_new_key how;
    ULONG disposition;
};
void cm_create_object_type(void);
/* A key object for key, whose reference it takes over (also in failure). */
NTSTATUS cm_make_object(struct cm_key *key, PVOID *body);

/*
 * The object manager. Everything that a driver holds by pointer or by handle and that more than one party may hold at a
 * time (device, driver and file objects, events, threads, registry keys, callbacks, symbolic links) has a header in
 * front of its body: a reference count, a type, perhaps a name in the "\" namespace. Drivers see only the body. This
 * header is for the subsystems that define such objects; what a driver calls (ObReferenceObjectByHandle, ZwClose, ...)
 * is in wdm.h and ntifs.h.
 *
 * All functions here are for IRQL <= APC_LEVEL unless they say otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <ntifs.h>

/* What a type's lookup is asked for when a name goes on below one of its objects (\Device\X\rest\of\name). */
struct ob_parse {
    UNICODE_STRING remaining; /* what is left of the name, with its leading backslash; empty: the object itself */
    ULONG attributes;         /* OBJ_* of the caller */
    ACCESS_MASK access;       /* as the caller desired it */
    PVOID context;            /* ob_lookup's or ob_open's last input argument: the kind is the type's own affair */
};

/* What a type wants to know of its objects; each may be NULL. Called without any lock of the object manager. */
struct ob_type_ops {
    /* A handle to body is made. A failure refuses the handle. */
    NTSTATUS (*open)(PVOID body, ACCESS_MASK access);
    /* A handle to body was closed; handles_left are still open (0: file objects send IRP_MJ_CLEANUP now). */
    void (*close)(PVOID body, LONG handles_left);
    /* The last reference is gone: undo what the body holds; the memory itself is freed afterwards. PASSIVE_LEVEL, or
     * the caller's level (<= DISPATCH_LEVEL) when the type says delete_at_dispatch. */
    void (*remove)(PVOID body);
    /* A name goes on below this object, or parses_itself is set: *result is a referenced object of whatever type. */
    NTSTATUS (*parse)(PVOID body, struct ob_parse *parse, PVOID *result);
    /* The address of the dispatcher header that a wait on a handle waits for; NULL: body has none. */
    PVOID (*waitable)(PVOID body);
    /* Answers ObQueryNameString, for objects whose name is not (only) a place in the namespace: files, keys. */
    NTSTATUS (*query_name)(PVOID body, POBJECT_NAME_INFORMATION information, ULONG length, PULONG return_length);
};

struct ob_type_info {
    const char *name; /* as in Windows: "File", "Device", "Event" ... */
    struct ob_type_ops ops;
    GENERIC_MAPPING mapping;
    bool parses_itself;      /* parse is called for the exact name too (a device: opening it creates a file object) */
    bool delete_at_dispatch; /* remove may run at DISPATCH_LEVEL */
};

/* The types that every system has. Made by ob_initialize; their operations are filled by the owner with
 * ob_set_type. */
struct ob_types {
    POBJECT_TYPE directory, symbolic_link, device, driver, file, event, semaphore, mutant;
    POBJECT_TYPE thread, process, key, callback, section, token;
};
extern struct ob_types ob_types;

/* Makes the root namespace and the standard types. Idempotent; after ke_initialize. */
void ob_initialize(void);

POBJECT_TYPE ob_create_type(const struct ob_type_info *info);
/* For the owner of a standard type (io: device, driver, file; ps: thread; cm: key). */
void ob_set_type(POBJECT_TYPE type, const struct ob_type_info *info);
const char *ob_type_name(POBJECT_TYPE type);
/* Objects of this type that exist now: leak tests compare it. */
LONG ob_type_object_count(POBJECT_TYPE type);

/* A zeroed body of body_size bytes (16-byte aligned), one reference, no name, no handle. */
NTSTATUS ob_create(POBJECT_TYPE type, SIZE_T body_size, PVOID *body);

/* For bodies that something below ob allocates (threads): storage has OB_HEADER_SIZE bytes in front of the body; the
 * object starts with one reference, and release(storage) is called instead of freeing it. Returns the body. */
#define OB_HEADER_SIZE 64
PVOID ob_adopt(POBJECT_TYPE type, void *storage, void (*release)(void *storage));

POBJECT_TYPE ob_type_of(PVOID body);
LONG64 ob_reference_count(PVOID body);

/*
 * Names. A name is either absolute or relative to root (a directory handle, or a registry key). An object is in the
 * namespace as long as it is permanent or has a handle, as in Windows: ob_insert_name makes it permanent when
 * attributes has OBJ_PERMANENT; else its name goes with its last handle, or, if it never had one, with ob_remove_name
 * or its last reference. The namespace itself holds no reference.
 */
NTSTATUS ob_insert_name(PVOID body, PCUNICODE_STRING name, HANDLE root, ULONG attributes);
void ob_remove_name(PVOID body);
/* Clears OBJ_PERMANENT; the name goes at once when there is no handle. */
void ob_make_temporary(PVOID body);

/* Follows directories, symbolic links and parse procedures. *body is referenced. type NULL: any.
 * STATUS_OBJECT_NAME_NOT_FOUND, _PATH_NOT_FOUND, _NAME_INVALID, _PATH_SYNTAX_BAD, _TYPE_MISMATCH. */
NTSTATUS ob_lookup(PCUNICODE_STRING name, HANDLE root, ULONG attributes, POBJECT_TYPE type, ACCESS_MASK access,
                   PVOID parse_context, PVOID *body);
/* The same by a UTF-8 name, for the tool and for tests. */
NTSTATUS ob_lookup_utf8(const char *name, POBJECT_TYPE type, PVOID *body);

/* ob_lookup and a handle: what ZwOpen* functions are made of. */
NTSTATUS ob_open(POBJECT_ATTRIBUTES attributes, POBJECT_TYPE type, ACCESS_MASK access, PVOID parse_context,
                 PHANDLE handle);

/* A handle to an object that the caller has referenced. Its reference stays the caller's. attributes:
 * OBJ_KERNEL_HANDLE. */
NTSTATUS ob_create_handle(PVOID body, ACCESS_MASK access, ULONG attributes, PHANDLE handle);
/* Names a new object as attributes says (may be NULL, or without a name), and makes a handle to it: what ZwCreate*
 * functions are made of. The caller's reference is consumed, in failure as well. With OBJ_OPENIF an existing object of
 * the same type is opened instead: STATUS_OBJECT_NAME_EXISTS. */
NTSTATUS ob_insert(PVOID body, POBJECT_ATTRIBUTES attributes, ACCESS_MASK access, PHANDLE handle);
/* Handles open in the whole system: leak tests compare it. */
LONG ob_handle_count(void);

/* A directory object without a name. */
NTSTATUS ob_create_directory(PVOID *body);
NTSTATUS ob_create_symbolic_link(PCUNICODE_STRING name, PCUNICODE_STRING target);
NTSTATUS ob_delete_symbolic_link(PCUNICODE_STRING name);

/* The full name of body ("\Device\X"), in UTF-8, cut to size; "" when it has none. Returns buffer. */
const char *ob_name_utf8(PVOID body, char *buffer, size_t size);

/* Calls each with every entry of a directory ("\Device"), under a lock: it must not call ob. */
NTSTATUS ob_for_each(const char *directory,
                     void (*each)(void *context, const char *name, POBJECT_TYPE type, PVOID body), void *context);

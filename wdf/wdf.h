/*
 * wdf: the Kernel-Mode Driver Framework. A driver that binds (WdfVersionBind) is a client: it has its globals, a table
 * of functions and a tree of objects with the WDFDRIVER at its root. Every object is known to the driver by a handle,
 * which is an entry of one table with a generation: a handle that is made up, was deleted or belongs to another driver
 * is always recognised, without a look at memory that may be gone.
 *
 * An object's struct starts with a struct wdf_object and is described by a struct wdf_type:
 *
 *   struct wdf_memory { struct wdf_object object; void *buffer; ... };
 *   const struct wdf_type wdf_memory_type = {.name = "WDFMEMORY", .destroy = memory_destroy};
 *
 *   NTSTATUS NTAPI kmdf_WdfMemoryGetBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFMEMORY Memory, ...)
 *   {
 *       struct wdf_memory *memory = wdf_from_handle(DriverGlobals, Memory, &wdf_memory_type, "WdfMemoryGetBuffer");
 *   ...
 *   }
 *   WDF_EXPORT(WdfMemoryGetBuffer, PFN_WDFMEMORYGETBUFFER);
 *
 * A function without such a line gets a stub in the drivers' tables that ends in a bug check with its name. Nothing in
 * here calls the inline functions of include/km/wdf*.h, which belong to drivers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wdm.h>
#include <wdf.h>
#include <wdfldr.h>
#include "ntoskrnl/ke/ke.h"

/* ---- the function table -------------------------------------------------------------------------------------------
 */

#define WDF_FUNCTION_COUNT 458

/* Aligned to its size, so that the compiler leaves no gaps between the records in their section. */
struct wdf_export {
    unsigned index;
    const char *name;
    WDFFUNC function;
} __attribute__((aligned(32)));

/* Puts kmdf_<name_> into every driver's table. pfn_ is the pointer type of include/km, which the function must match.
 */
#define WDF_EXPORT(name_, pfn_)                                                                                        \
    _Static_assert(__builtin_types_compatible_p(__typeof__(&kmdf_##name_), pfn_), #name_ " is not a " #pfn_);          \
    __attribute__((section("wdf_exports"), used)) static const struct wdf_export wdf_export_##name_ = {                \
        name_##TableIndex, #name_, (WDFFUNC)kmdf_##name_}

/* The name of a function by its index; "?" beyond the table. */
const char *wdf_function_name(unsigned index);

/* ---- clients ------------------------------------------------------------------------------------------------------
 */

struct wdf_driver;

/* What WdfVersionBind makes for a driver. */
struct wdf_client {
    WDF_DRIVER_GLOBALS globals; /* what the driver sees */
    LIST_ENTRY entry;
    unsigned minor, build;
    unsigned function_count; /* that the driver's version has */
    struct wdf_verifier {
        bool on;                 /* VerifierOn */
        bool break_on_error;     /* DbgBreakOnError, else as VerifierOn */
        bool count_allocations;  /* VerifierAllocateFailCount is set */
        LONG allocations_left;   /* until each one fails */
        char track_handles[256]; /* TrackHandles: type names between spaces, or "*" */
    } verifier;
    PDRIVER_OBJECT driver_object;
    struct wdf_driver *driver; /* after WdfDriverCreate */
    struct ke_lock tree_lock;  /* states, parents and children of all objects */
    LIST_ENTRY objects;        /* every object, by struct wdf_object.all */
    uint32_t object_count;
    uint32_t deferred; /* deletions that wait for, or run in, a work item: a futex word */
    UNICODE_STRING registry_path;
    PWDF_BIND_INFO bind_info;
    WDFFUNC *functions; /* the driver's own table, which its start-up code may change */
};

static inline struct wdf_client *wdf_client(PWDF_DRIVER_GLOBALS globals)
{
    return (struct wdf_client *)globals;
}

/* The client whose driver object that is; NULL when it is none's. Any IRQL. */
struct wdf_client *wdf_client_of(PDRIVER_OBJECT driver_object);

/* ---- violations ---------------------------------------------------------------------------------------------------
 */

/* Bug check WDF_VIOLATION with code (WDF_BUGCHECK_CODES) and the parameters that its page documents. The report names
 * the driver, the call and what was wrong (printf-like). client may be NULL. */
_Noreturn void wdf_violation(const struct wdf_client *client, ULONG code, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4,
                             const char *call, const char *format, ...) __attribute__((format(printf, 7, 8)));

/* NTAPI, as is all that inline checks call: a function of the Windows ABI that only calls such functions saves no
 * vector registers. */
_Noreturn void NTAPI wdf_irql_violation(const struct wdf_client *client, KIRQL max, const char *call,
                                        const void *caller);
_Noreturn void NTAPI wdf_null_violation(const struct wdf_client *client, const char *call, const char *parameter,
                                        const void *caller);

/* Violation unless the IRQL is at most max. */
static inline void wdf_require_irql(const struct wdf_client *client, KIRQL max, const char *call)
{
    if (__builtin_expect(ke_irql() > max, 0))
        wdf_irql_violation(client, max, call, __builtin_return_address(0));
}

/* WDF_REQUIRED_PARAMETER_IS_NULL when pointer is NULL; parameter is its documented name. */
static inline void wdf_require(const struct wdf_client *client, const void *pointer, const char *call,
                               const char *parameter)
{
    if (__builtin_expect(pointer == NULL, 0))
        wdf_null_violation(client, call, parameter, __builtin_return_address(0));
}

/* The size of a structure that a method without a status takes: a violation (WDF_VERIFIER_FATAL_ERROR) when it is
 * wrong. Methods with a status return STATUS_INFO_LENGTH_MISMATCH instead: wdf_size_is. */
void wdf_require_size(const struct wdf_client *client, ULONG size, size_t expected, const char *call,
                      const char *structure);
/* False, and one line in the trace, when the size is wrong. */
bool wdf_size_is(const struct wdf_client *client, ULONG size, size_t expected, const char *call, const char *structure);

/* Around each call of a driver's callback: a violation when it returns at another IRQL, or in a critical region that it
 * entered. what is the documented name, such as "EvtIoRead". */
struct wdf_callback_state {
    KIRQL irql;
    SHORT critical_regions;
};
static inline SHORT wdf_critical_regions(void)
{
    return (ke_this.thread != NULL ? ke_this.thread : ke_current_thread())->critical_regions;
}
static inline struct wdf_callback_state wdf_callback_enter(void)
{
    return (struct wdf_callback_state){ke_irql(), wdf_critical_regions()};
}
void NTAPI wdf_callback_violation(const struct wdf_client *client, struct wdf_callback_state before,
                                  const void *routine, const char *what);
static inline void wdf_callback_leave(const struct wdf_client *client, struct wdf_callback_state before,
                                      const void *routine, const char *what)
{
    if (__builtin_expect(ke_irql() != before.irql || wdf_critical_regions() != before.critical_regions, 0))
        wdf_callback_violation(client, before, routine, what);
}

/* ---- objects ------------------------------------------------------------------------------------------------------
 */

struct wdf_object;

/* Flags of a type. */
#define WDF_TYPE_NO_DELETE       0x01 /* WdfObjectDelete by the driver is a violation */
#define WDF_TYPE_PASSIVE         0x02 /* dispose and the callbacks run at PASSIVE_LEVEL: by a work item if need be */
#define WDF_TYPE_NO_PARENT       0x04 /* ParentObject must be NULL: STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED */
#define WDF_TYPE_PARENT_REQUIRED 0x08 /* no default parent: STATUS_WDF_PARENT_NOT_SPECIFIED */
#define WDF_TYPE_EXECUTION_LEVEL 0x10 /* the driver may choose an ExecutionLevel, else _EXECUTION_LEVEL_INVALID */
#define WDF_TYPE_SYNCHRONIZATION 0x20 /* the driver may choose a SynchronizationScope, else ..._SCOPE_INVALID */
#define WDF_TYPE_PASSIVE_DELETE  0x40 /* WdfObjectDelete at PASSIVE_LEVEL only */

struct wdf_type {
    const char *name;            /* "WDFMEMORY" */
    const struct wdf_type *base; /* a handle of this type is also one of that: WDFUSBDEVICE is a WDFIOTARGET; or NULL */
    unsigned flags;
    /* The object is being deleted: stop what runs, wait for it if the type is WDF_TYPE_PASSIVE. Children have been
     * disposed of; the driver's EvtCleanupCallbacks run right after. May be NULL. */
    void (*dispose)(struct wdf_object *object);
    /* The last reference is gone and the driver's EvtDestroyCallbacks have run: free what the object holds; its own
     * memory is freed by the caller. May be NULL. */
    void (*destroy)(struct wdf_object *object);
};

enum wdf_object_state {
    WDF_OBJECT_LIVE,
    WDF_OBJECT_DELETING, /* claimed for deletion; callbacks may not have run yet */
    WDF_OBJECT_DISPOSED, /* EvtCleanupCallbacks have run */
    WDF_OBJECT_DESTROYED,
};

struct wdf_context;
struct wdf_callback_lock;

struct wdf_object {
    const struct wdf_type *type;
    struct wdf_client *client;
    WDFOBJECT handle;
    LONG references;               /* atomic; one is the object's own until it is deleted */
    uint32_t state;                /* enum wdf_object_state; written under the tree lock; a futex word */
    uint8_t flags;                 /* those of its type, which may be changed right after its creation */
    uint8_t execution_level;       /* WdfExecutionLevelPassive or ...Dispatch: inheritance is resolved */
    uint8_t synchronization_scope; /* inheritance is resolved, too */
    bool released;                 /* its own reference has been dropped */
    const void *disposer;          /* the thread that disposes of it; NULL: none yet */
    struct wdf_object *parent;     /* NULL for the driver; holds a reference on it */
    LIST_ENTRY children, sibling, all;
    struct wdf_context *contexts;
    struct wdf_callback_lock *callback_lock; /* what WdfObjectAcquireLock acquires; NULL when it has none */
    struct wdf_reference_log *reference_log; /* with TrackHandles */
    WORK_QUEUE_ITEM work;
};

/*
 * A new object of size bytes, zeroed behind its struct wdf_object, with one reference, one handle, and the contexts
 * that attributes (may be NULL) asks for. Its parent is attributes->ParentObject, else default_parent (NULL for the
 * driver object alone). NULL when it fails: *status is then what the creating method returns ("Framework Object
 * Creation Errors"). IRQL <= DISPATCH_LEVEL.
 */
struct wdf_object *wdf_object_create(struct wdf_client *client, const struct wdf_type *type, size_t size,
                                     const WDF_OBJECT_ATTRIBUTES *attributes, struct wdf_object *default_parent,
                                     NTSTATUS *status);

/* Takes back an object that its creator could not finish: neither callbacks of the driver nor those of the type run,
 * its children must be gone, and nobody but the creator may have seen its handle. */
void wdf_object_abandon(struct wdf_object *object);

/* The client's driver object, the default parent of most. */
struct wdf_object *wdf_client_root(struct wdf_client *client);

static inline WDFOBJECT wdf_handle(const struct wdf_object *object)
{
    return object->handle;
}

struct wdf_slot {
    uintptr_t handle; /* the whole handle value; 0: free */
    struct wdf_object *object;
};
#define WDF_SLOT_BITS 22

/* The framework's own state. */
struct wdf_state {
    struct wdf_slot *slots;
    struct ke_lock lock; /* slots and clients */
    uint32_t first_free, used;
    LIST_ENTRY clients;
};
extern struct wdf_state wdf_state __attribute__((visibility("hidden")));

/* The object of any driver behind a handle, or NULL. Any IRQL, no lock. */
static inline struct wdf_object *wdf_lookup(const void *handle)
{
    uintptr_t value = (uintptr_t)handle;
    const struct wdf_slot *slot = &wdf_state.slots[(value >> 4) & (((uintptr_t)1 << WDF_SLOT_BITS) - 1)];
    return __atomic_load_n(&slot->handle, __ATOMIC_ACQUIRE) == value && value != 0 ? slot->object : NULL;
}

_Noreturn void NTAPI wdf_handle_violation(const struct wdf_client *client, const void *handle,
                                          const struct wdf_type *type, const char *call);

/* The object that a driver's handle stands for; type NULL: any. A violation (WDF_INVALID_HANDLE, or
 * WDF_REQUIRED_PARAMETER_IS_NULL) when it is not one of this driver's, of that type. Any IRQL. */
static inline void *wdf_from_handle(PWDF_DRIVER_GLOBALS globals, const void *handle, const struct wdf_type *type,
                                    const char *call)
{
    struct wdf_client *client = wdf_client(globals);
    struct wdf_object *object = wdf_lookup(handle);
    if (__builtin_expect(object == NULL || object->client != client ||
                             (type != NULL && object->type != type && object->type->base != type),
                         0)) {
        if (handle == NULL)
            wdf_null_violation(client, call, type != NULL ? type->name : "WDFOBJECT", __builtin_return_address(0));
        wdf_handle_violation(client, handle, type, call);
    }
    return object;
}

/* The same for an optional handle: NULL for NULL. */
static inline void *wdf_from_optional_handle(PWDF_DRIVER_GLOBALS globals, const void *handle,
                                             const struct wdf_type *type, const char *call)
{
    return handle == NULL ? NULL : wdf_from_handle(globals, handle, type, call);
}

static inline void wdf_reference(struct wdf_object *object)
{
    __atomic_fetch_add(&object->references, 1, __ATOMIC_RELAXED);
}
/* The last one destroys the object (deferred to a work item when its type or execution level asks for PASSIVE_LEVEL).
 * IRQL <= DISPATCH_LEVEL. */
void NTAPI wdf_dereference(struct wdf_object *object);

/* Deletes the object and its children, farthest first: dispose and EvtCleanupCallback of each, then its own reference.
 * Runs in a work item when something in the tree needs PASSIVE_LEVEL and the IRQL is higher. Nothing when it is being
 * deleted already. IRQL <= DISPATCH_LEVEL. */
void wdf_delete(struct wdf_object *object);
/* The same, and waits (if need be) until every object of the tree has been disposed of: PASSIVE_LEVEL. */
void wdf_delete_and_wait(struct wdf_object *object);

/* Being deleted: methods that add to it return STATUS_DELETE_PENDING. */
static inline bool wdf_is_deleting(const struct wdf_object *object)
{
    return __atomic_load_n(&object->state, __ATOMIC_ACQUIRE) != WDF_OBJECT_LIVE;
}

/* The nearest object of that type above object, itself included; NULL when there is none. */
struct wdf_object *wdf_find_ancestor(struct wdf_object *object, const struct wdf_type *type);

/* The next object under parent (previous NULL: the first), of that type (NULL: any), with a reference: for walking a
 * tree while it changes. The reference on previous is dropped. */
struct wdf_object *wdf_next_child(struct wdf_object *parent, struct wdf_object *previous, const struct wdf_type *type);

/* Waits until the deletions that a client left to work items are done. PASSIVE_LEVEL. */
void wdf_wait_for_deletions(struct wdf_client *client);

/* Whether VerifierAllocateFailCount makes this allocation for the driver fail. */
bool wdf_verifier_fails_allocation(struct wdf_client *client);

/* ---- callback locks: automatic synchronization --------------------------------------------------------------------
 */

/* Gives a device or queue the lock that serialises its callbacks: a spin lock, or one that only PASSIVE_LEVEL code may
 * take when its execution level is passive. WdfObjectAcquireLock takes the same. It goes with the object. */
NTSTATUS wdf_callback_lock_create(struct wdf_object *object);

struct wdf_callback_lock_state {
    KIRQL irql;
};
/* Around callbacks. lock NULL: no synchronization, nothing happens. A violation (WDF_RECURSIVE_LOCK) when the calling
 * thread holds it. */
void wdf_callback_lock_acquire(struct wdf_callback_lock *lock, struct wdf_callback_lock_state *state);
void wdf_callback_lock_release(struct wdf_callback_lock *lock, struct wdf_callback_lock_state *state);
/* The calling thread holds it. */
bool wdf_callback_lock_is_mine(const struct wdf_callback_lock *lock);

/* ---- life of the framework ---------------------------------------------------------------------------------------
 */

/* Names on stderr each driver that is still bound, and returns how many there are: at shutdown, after all drivers have
 * been unloaded. The handle table goes. PASSIVE_LEVEL. */
unsigned wdf_shutdown(void);

/* EvtDriverUnload (when run_callback), then the deletion of the driver object and all below it. PASSIVE_LEVEL. */
void wdf_driver_unload(struct wdf_client *client, bool run_callback, const char *call);
/* Reads the options of the framework's verifier from the driver's Parameters\\Wdf key. PASSIVE_LEVEL. */
void wdf_verifier_read_options(struct wdf_client *client);

/* ---- the driver object --------------------------------------------------------------------------------------------
 */

struct wdf_driver {
    struct wdf_object object;
    WDF_DRIVER_CONFIG config;
    bool miniport; /* WdfDriverInitNoDispatchOverride */
    bool unloading;
};
extern const struct wdf_type wdf_driver_type;

/* Set by WdfDriverCreate as AddDevice and as every dispatch routine of a driver that is no miniport; wdf/device.c. */
DRIVER_ADD_DEVICE wdf_add_device;
DRIVER_DISPATCH wdf_dispatch;

/* ---- small objects ------------------------------------------------------------------------------------------------
 */

extern const struct wdf_type wdf_general_type; /* WdfObjectCreate */

struct wdf_memory {
    struct wdf_object object;
    void *buffer;
    size_t size;
    PMDL mdl; /* of the buffer, when it came from a request with direct I/O; else NULL */
    void (*release)(struct wdf_memory *memory); /* frees the buffer at destruction; NULL: it is somebody else's */
    void *owner;                                /* for release */
    bool assignable;                            /* WdfMemoryAssignBuffer is allowed */
};
extern const struct wdf_type wdf_memory_type;

/* A memory object over a buffer that belongs to somebody else. */
struct wdf_memory *wdf_memory_wrap(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes,
                                   struct wdf_object *default_parent, void *buffer, size_t size, NTSTATUS *status);
/* A memory object with its own buffer from pool; tag 0: the driver's. */
struct wdf_memory *wdf_memory_create(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes,
                                     struct wdf_object *default_parent, POOL_TYPE pool, ULONG tag, size_t size,
                                     NTSTATUS *status);

struct wdf_string {
    struct wdf_object object;
    UNICODE_STRING string; /* terminated */
};
extern const struct wdf_type wdf_string_type;
struct wdf_string *wdf_string_create(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes,
                                     struct wdf_object *default_parent, PCUNICODE_STRING text, NTSTATUS *status);
/* Replaces the text. */
NTSTATUS wdf_string_assign(struct wdf_string *string, PCUNICODE_STRING text);

struct wdf_collection;
extern const struct wdf_type wdf_collection_type;
/* Takes a reference on object. IRQL <= DISPATCH_LEVEL. */
NTSTATUS wdf_collection_add(struct wdf_collection *collection, struct wdf_object *object);

extern const struct wdf_type wdf_spinlock_type, wdf_waitlock_type, wdf_lookaside_type;

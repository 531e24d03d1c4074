/*
 * The tree of framework objects: creation, references, and deletion in the documented order.
 *
 * Deletion has two passes over the object and what is below it, farthest first: in the first each object is disposed of
 * (what it does is stopped, then its EvtCleanupCallbacks run), in the second each loses its own reference. The last
 * reference of an object destroys it: EvtDestroyCallbacks, then its memory. Since a child holds a reference on its
 * parent, every EvtDestroyCallback of a child comes before that of its parent, however long somebody keeps the child.
 *
 * Callbacks of some types run at PASSIVE_LEVEL only. When such an object is in a tree that is deleted at
 * DISPATCH_LEVEL, the whole deletion moves to a work item, which keeps the order between parents and children.
 *
 * Public pages: "Framework Object Life Cycle", "EVT_WDF_OBJECT_CONTEXT_CLEANUP callback function",
 * "EVT_WDF_OBJECT_CONTEXT_DESTROY callback function", "WdfObjectDelete method".
 */
#include <string.h>
#include "ntoskrnl/ex/ex.h"
#include "wdf/handle.h"

/* ---- creation -------------------------------------------------------------------------------------------------------
 */

static NTSTATUS check_levels(const struct wdf_type *type, const WDF_OBJECT_ATTRIBUTES *attributes)
{
    if (attributes->ExecutionLevel <= WdfExecutionLevelInvalid ||
        attributes->ExecutionLevel > WdfExecutionLevelDispatch ||
        attributes->SynchronizationScope <= WdfSynchronizationScopeInvalid ||
        attributes->SynchronizationScope > WdfSynchronizationScopeNone)
        return STATUS_WDF_OBJECT_ATTRIBUTES_INVALID;
    if (attributes->ExecutionLevel != WdfExecutionLevelInheritFromParent && !(type->flags & WDF_TYPE_EXECUTION_LEVEL))
        return STATUS_WDF_EXECUTION_LEVEL_INVALID;
    if (attributes->SynchronizationScope != WdfSynchronizationScopeInheritFromParent &&
        !(type->flags & WDF_TYPE_SYNCHRONIZATION))
        return STATUS_WDF_SYNCHRONIZATION_SCOPE_INVALID;
    return STATUS_SUCCESS;
}

static NTSTATUS check_attributes(struct wdf_client *client, const struct wdf_type *type,
                                 const WDF_OBJECT_ATTRIBUTES *attributes, struct wdf_object **parent)
{
    if (attributes != NULL) {
        if (!wdf_size_is(client, attributes->Size, sizeof(*attributes), type->name, "WDF_OBJECT_ATTRIBUTES"))
            return STATUS_INFO_LENGTH_MISMATCH;
        NTSTATUS status = check_levels(type, attributes);
        if (!NT_SUCCESS(status))
            return status;
        if (attributes->ParentObject != NULL) {
            if (type->flags & WDF_TYPE_NO_PARENT)
                return STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED;
            *parent = wdf_from_handle(&client->globals, attributes->ParentObject, NULL,
                                      "ParentObject in WDF_OBJECT_ATTRIBUTES");
            return STATUS_SUCCESS;
        }
    }
    return type->flags & WDF_TYPE_PARENT_REQUIRED ? STATUS_WDF_PARENT_NOT_SPECIFIED : STATUS_SUCCESS;
}

static void inherit_levels(struct wdf_object *object, const WDF_OBJECT_ATTRIBUTES *attributes)
{
    const struct wdf_object *parent = object->parent;
    object->execution_level = parent != NULL ? parent->execution_level : WdfExecutionLevelDispatch;
    object->synchronization_scope = parent != NULL ? parent->synchronization_scope : WdfSynchronizationScopeNone;
    if (attributes != NULL && attributes->ExecutionLevel != WdfExecutionLevelInheritFromParent)
        object->execution_level = (uint8_t)attributes->ExecutionLevel;
    if (attributes != NULL && attributes->SynchronizationScope != WdfSynchronizationScopeInheritFromParent)
        object->synchronization_scope = (uint8_t)attributes->SynchronizationScope;
    if ((object->flags & WDF_TYPE_EXECUTION_LEVEL) && object->execution_level == WdfExecutionLevelPassive)
        object->flags |= WDF_TYPE_PASSIVE;
}

/* Most changes of it are under the tree lock; destruction, which needs none, may be seen from the parent's list. */
static enum wdf_object_state state_of(const struct wdf_object *object)
{
    return __atomic_load_n(&object->state, __ATOMIC_ACQUIRE);
}

/* Makes the object part of the tree; false when its parent is going. */
static bool link_object(struct wdf_object *object, struct wdf_object *parent)
{
    struct wdf_client *client = object->client;
    ke_lock(&client->tree_lock);
    bool alive = parent == NULL || state_of(parent) == WDF_OBJECT_LIVE;
    if (alive) {
        object->parent = parent;
        if (parent != NULL) {
            wdf_reference(parent);
            InsertTailList(&parent->children, &object->sibling);
        }
        InsertTailList(&client->objects, &object->all);
        client->object_count++;
    }
    ke_unlock(&client->tree_lock);
    return alive;
}

static void unlink_object(struct wdf_object *object)
{
    struct wdf_client *client = object->client;
    ke_lock(&client->tree_lock);
    if (object->parent != NULL)
        RemoveEntryList(&object->sibling);
    RemoveEntryList(&object->all);
    client->object_count--;
    ke_unlock(&client->tree_lock);
}

struct wdf_object *wdf_object_create(struct wdf_client *client, const struct wdf_type *type, size_t size,
                                     const WDF_OBJECT_ATTRIBUTES *attributes, struct wdf_object *default_parent,
                                     NTSTATUS *status)
{
    struct wdf_object *parent = default_parent;
    size_t own = (size + 15) & ~(size_t)15, context = 0;
    *status = check_attributes(client, type, attributes, &parent);
    if (NT_SUCCESS(*status))
        *status = wdf_context_size(attributes, &context);
    if (!NT_SUCCESS(*status))
        return NULL;
    struct wdf_object *object =
        wdf_verifier_fails_allocation(client)
            ? NULL
            : ex_pool_allocate(0, own + context, client->globals.DriverTag, __builtin_return_address(0));
    *status = STATUS_INSUFFICIENT_RESOURCES;
    if (object == NULL)
        return NULL;
    object->type = type;
    object->client = client;
    object->references = 1;
    object->flags = (uint8_t)type->flags;
    InitializeListHead(&object->children);
    if (context != 0) {
        object->contexts = (struct wdf_context *)((char *)object + own);
        wdf_context_initialize(object->contexts, object, attributes);
        object->contexts->in_object = true;
    }
    if (!wdf_handle_create(object)) {
        ex_pool_free(object, 0, __builtin_return_address(0));
        return NULL;
    }
    if (!link_object(object, parent)) {
        wdf_handle_free(object);
        ex_pool_free(object, 0, __builtin_return_address(0));
        *status = STATUS_DELETE_PENDING;
        return NULL;
    }
    inherit_levels(object, attributes);
    *status = STATUS_SUCCESS;
    return object;
}

static void free_object(struct wdf_object *object)
{
    wdf_handle_free(object);
    unlink_object(object);
    wdf_contexts_free(object);
    if (object->callback_lock != NULL)
        ex_pool_free(object->callback_lock, 0, __builtin_return_address(0));
    if (object->reference_log != NULL)
        ex_pool_free(object->reference_log, 0, __builtin_return_address(0));
    ex_pool_free(object, 0, __builtin_return_address(0));
}

void wdf_object_abandon(struct wdf_object *object)
{
    struct wdf_object *parent = object->parent;
    free_object(object);
    if (parent != NULL)
        wdf_dereference(parent);
}

struct wdf_object *wdf_client_root(struct wdf_client *client)
{
    if (client->driver == NULL)
        wdf_violation(client, WDF_REQUIRED_PARAMETER_IS_NULL, 0, 0, 0, "creation of an object",
                      "the driver has not called WdfDriverCreate yet, or its driver object is gone");
    return &client->driver->object;
}

/* ---- deferral -------------------------------------------------------------------------------------------------------
 */

static void deferred_begin(struct wdf_client *client)
{
    __atomic_fetch_add(&client->deferred, 1, __ATOMIC_RELAXED);
}

static void deferred_end(struct wdf_client *client)
{
    if (__atomic_sub_fetch(&client->deferred, 1, __ATOMIC_ACQ_REL) == 0)
        ke_wake_address(&client->deferred, INT32_MAX);
}

void wdf_wait_for_deletions(struct wdf_client *client)
{
    uint32_t deferred;
    while ((deferred = __atomic_load_n(&client->deferred, __ATOMIC_ACQUIRE)) != 0)
        ke_wait_on_address(&client->deferred, deferred, KE_FOREVER);
}

static void defer(struct wdf_object *object, void(NTAPI *routine)(PVOID context))
{
    deferred_begin(object->client);
    ExInitializeWorkItem(&object->work, routine, object);
    ExQueueWorkItem(&object->work, DelayedWorkQueue);
}

/* ---- destruction ----------------------------------------------------------------------------------------------------
 */

static void destroy(struct wdf_object *object)
{
    __atomic_store_n(&object->state, WDF_OBJECT_DESTROYED, __ATOMIC_RELEASE);
    for (struct wdf_context *context = object->contexts; context != NULL; context = context->next) {
        if (context->destroy == NULL)
            continue;
        struct wdf_callback_state before = wdf_callback_enter();
        context->destroy(object->handle);
        wdf_callback_leave(object->client, before, (const void *)context->destroy, "EvtDestroyCallback");
    }
    if (object->type->destroy != NULL)
        object->type->destroy(object);
    free_object(object);
}

static void NTAPI destroy_deferred(PVOID parameter)
{
    struct wdf_object *object = parameter, *parent = object->parent;
    struct wdf_client *client = object->client;
    destroy(object);
    if (parent != NULL)
        wdf_dereference(parent);
    deferred_end(client);
}

/* The last reference is gone: of the object, and perhaps by that of those above it. */
static __attribute__((noinline)) void NTAPI last_reference(struct wdf_object *object)
{
    for (;;) {
        struct wdf_object *parent = object->parent;
        if (state_of(object) == WDF_OBJECT_LIVE || !object->released)
            wdf_violation(object->client, WDF_OBJECT_ERROR, (ULONG_PTR)object->handle, 0, 0, "WdfObjectDereference",
                          "a %s was dereferenced more often than it was referenced; WdfObjectDelete deletes an object",
                          object->type->name);
        if ((object->flags & WDF_TYPE_PASSIVE) && ke_irql() > PASSIVE_LEVEL) {
            defer(object, destroy_deferred);
            return;
        }
        destroy(object);
        if (parent == NULL || __atomic_sub_fetch(&parent->references, 1, __ATOMIC_ACQ_REL) != 0)
            return;
        object = parent;
    }
}

void NTAPI wdf_dereference(struct wdf_object *object)
{
    if (__atomic_sub_fetch(&object->references, 1, __ATOMIC_ACQ_REL) == 0)
        last_reference(object);
}

/* ---- disposal -------------------------------------------------------------------------------------------------------
 */

static void dispose(struct wdf_object *object)
{
    struct wdf_client *client = object->client;
    if (object->type->dispose != NULL)
        object->type->dispose(object);
    for (struct wdf_context *context = object->contexts; context != NULL; context = context->next) {
        if (context->cleanup == NULL)
            continue;
        struct wdf_callback_state before = wdf_callback_enter();
        context->cleanup(object->handle);
        wdf_callback_leave(client, before, (const void *)context->cleanup, "EvtCleanupCallback");
    }
    ke_lock(&client->tree_lock);
    __atomic_store_n(&object->state, WDF_OBJECT_DISPOSED, __ATOMIC_RELEASE);
    ke_unlock(&client->tree_lock);
    ke_wake_address(&object->state, INT32_MAX);
}

/* Under the tree lock. */
static void claim(struct wdf_object *object)
{
    __atomic_store_n(&object->state, WDF_OBJECT_DELETING, __ATOMIC_RELEASE);
    object->disposer = &ke_this;
}

/* Claims the next child that nobody is deleting yet, or whose deletion still waits for its work item. If there is none
 * but another thread is disposing of one, that one is returned in *other, with a reference, so that its
 * EvtCleanupCallback can be waited for. */
static struct wdf_object *claim_child(struct wdf_object *object, struct wdf_object **other)
{
    struct wdf_client *client = object->client;
    struct wdf_object *found = NULL;
    *other = NULL;
    ke_lock(&client->tree_lock);
    for (LIST_ENTRY *entry = object->children.Flink; entry != &object->children && found == NULL;
         entry = entry->Flink) {
        struct wdf_object *child = CONTAINING_RECORD(entry, struct wdf_object, sibling);
        bool waits = state_of(child) == WDF_OBJECT_DELETING && child->disposer == NULL;
        if (state_of(child) == WDF_OBJECT_LIVE || waits) {
            claim(child);
            found = child;
            /* To the end, so that the next search does not pass by all that have been claimed. */
            RemoveEntryList(&child->sibling);
            InsertTailList(&object->children, &child->sibling);
        } else if (state_of(child) == WDF_OBJECT_DELETING && child->disposer != &ke_this) {
            *other = child;
        }
    }
    if (found == NULL && *other != NULL)
        wdf_reference(*other);
    ke_unlock(&client->tree_lock);
    return found;
}

static void wait_until_disposed(struct wdf_object *object)
{
    while (ke_irql() == PASSIVE_LEVEL && __atomic_load_n(&object->state, __ATOMIC_ACQUIRE) == WDF_OBJECT_DELETING)
        ke_wait_on_address(&object->state, WDF_OBJECT_DELETING, KE_FOREVER);
}

/* The first pass. Drivers decide how deep a tree is: no recursion. */
static void dispose_tree(struct wdf_object *top)
{
    for (struct wdf_object *object = top;;) {
        struct wdf_object *other, *child = claim_child(object, &other);
        if (child != NULL) {
            object = child;
            continue;
        }
        if (other != NULL) {
            wait_until_disposed(other);
            bool retry = ke_irql() == PASSIVE_LEVEL;
            wdf_dereference(other);
            if (retry)
                continue;
        }
        struct wdf_object *parent = object->parent;
        dispose(object);
        if (object == top)
            return;
        object = parent;
    }
}

static struct wdf_object *release_child(struct wdf_object *object)
{
    struct wdf_client *client = object->client;
    struct wdf_object *found = NULL;
    ke_lock(&client->tree_lock);
    for (LIST_ENTRY *entry = object->children.Flink; entry != &object->children && found == NULL;
         entry = entry->Flink) {
        struct wdf_object *child = CONTAINING_RECORD(entry, struct wdf_object, sibling);
        if (state_of(child) == WDF_OBJECT_DISPOSED && !child->released) {
            child->released = true;
            found = child;
        }
    }
    ke_unlock(&client->tree_lock);
    return found;
}

/* The second pass. */
static void release_tree(struct wdf_object *top)
{
    ke_lock(&top->client->tree_lock);
    bool mine = !top->released;
    top->released = true;
    ke_unlock(&top->client->tree_lock);
    if (!mine)
        return;
    for (struct wdf_object *object = top;;) {
        struct wdf_object *child = release_child(object);
        if (child != NULL) {
            object = child;
            continue;
        }
        struct wdf_object *parent = object->parent;
        bool done = object == top;
        wdf_dereference(object);
        if (done)
            return;
        object = parent;
    }
}

/* The deletion of the parent may have been faster. The work item has a reference of its own. */
static void NTAPI delete_deferred(PVOID parameter)
{
    struct wdf_object *object = parameter;
    struct wdf_client *client = object->client;
    ke_lock(&client->tree_lock);
    bool mine = state_of(object) == WDF_OBJECT_DELETING && object->disposer == NULL;
    if (mine)
        claim(object);
    ke_unlock(&client->tree_lock);
    if (mine) {
        dispose_tree(object);
        release_tree(object);
    }
    wdf_dereference(object);
    deferred_end(client);
}

/* Under the tree lock: something at or below top has to be deleted at PASSIVE_LEVEL. */
static bool tree_is_passive(const struct wdf_object *top)
{
    const struct wdf_object *object = top;
    for (;;) {
        if (object->flags & WDF_TYPE_PASSIVE)
            return true;
        if (!IsListEmpty(&object->children)) {
            object = CONTAINING_RECORD(object->children.Flink, struct wdf_object, sibling);
            continue;
        }
        while (object != top && object->sibling.Flink == &object->parent->children)
            object = object->parent;
        if (object == top)
            return false;
        object = CONTAINING_RECORD(object->sibling.Flink, struct wdf_object, sibling);
    }
}

void wdf_delete(struct wdf_object *object)
{
    struct wdf_client *client = object->client;
    ke_lock(&client->tree_lock);
    bool mine = state_of(object) == WDF_OBJECT_LIVE;
    bool deferred = mine && ke_irql() > PASSIVE_LEVEL && tree_is_passive(object);
    if (mine)
        claim(object);
    if (deferred) {
        object->disposer = NULL;
        wdf_reference(object);
    }
    ke_unlock(&client->tree_lock);
    if (deferred) {
        defer(object, delete_deferred);
    } else if (mine) {
        dispose_tree(object);
        release_tree(object);
    }
}

void wdf_delete_and_wait(struct wdf_object *object)
{
    wdf_reference(object);
    wdf_delete(object);
    wait_until_disposed(object);
    wdf_dereference(object);
}

/* ---- walking --------------------------------------------------------------------------------------------------------
 */

struct wdf_object *wdf_find_ancestor(struct wdf_object *object, const struct wdf_type *type)
{
    while (object != NULL && object->type != type && object->type->base != type)
        object = object->parent;
    return object;
}

static bool try_reference(struct wdf_object *object)
{
    LONG references = __atomic_load_n(&object->references, __ATOMIC_RELAXED);
    while (references != 0 && !__atomic_compare_exchange_n(&object->references, &references, references + 1, true,
                                                           __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
    return references != 0;
}

struct wdf_object *wdf_next_child(struct wdf_object *parent, struct wdf_object *previous, const struct wdf_type *type)
{
    struct wdf_object *found = NULL;
    ke_lock(&parent->client->tree_lock);
    LIST_ENTRY *entry = previous != NULL ? previous->sibling.Flink : parent->children.Flink;
    for (; entry != &parent->children && found == NULL; entry = entry->Flink) {
        struct wdf_object *child = CONTAINING_RECORD(entry, struct wdf_object, sibling);
        /* One whose last reference is gone is on its way out of the list. */
        if ((type == NULL || child->type == type) && try_reference(child))
            found = child;
    }
    ke_unlock(&parent->client->tree_lock);
    if (previous != NULL)
        wdf_dereference(previous);
    return found;
}

/* ---- methods --------------------------------------------------------------------------------------------------------
 */

const struct wdf_type wdf_general_type = {.name = "WDFOBJECT", .flags = WDF_TYPE_EXECUTION_LEVEL};

NTSTATUS NTAPI kmdf_WdfObjectCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_OBJECT_ATTRIBUTES Attributes,
                                    WDFOBJECT *Object)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfObjectCreate");
    wdf_require(client, Object, "WdfObjectCreate", "Object");
    *Object = NULL;
    struct wdf_object *object = wdf_object_create(client, &wdf_general_type, sizeof(struct wdf_object), Attributes,
                                                  wdf_client_root(client), &status);
    if (object != NULL)
        *Object = wdf_handle(object);
    return status;
}
WDF_EXPORT(WdfObjectCreate, PFN_WDFOBJECTCREATE);

VOID NTAPI kmdf_WdfObjectDelete(PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Object)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_object *object = wdf_from_handle(DriverGlobals, Object, NULL, "WdfObjectDelete");
    wdf_require_irql(client, object->flags & WDF_TYPE_PASSIVE_DELETE ? PASSIVE_LEVEL : DISPATCH_LEVEL,
                     "WdfObjectDelete");
    if (object->flags & WDF_TYPE_NO_DELETE)
        wdf_violation(client, WDF_OBJECT_ERROR, (ULONG_PTR)Object, 0, 0, "WdfObjectDelete",
                      "drivers may not delete this %s: the framework does", object->type->name);
    wdf_delete(object);
}
WDF_EXPORT(WdfObjectDelete, PFN_WDFOBJECTDELETE);

VOID NTAPI kmdf_WdfObjectReferenceActual(PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Handle, PVOID Tag, LONG Line,
                                         PCCH File)
{
    struct wdf_object *object = wdf_from_handle(DriverGlobals, Handle, NULL, "WdfObjectReference");
    wdf_require_irql(object->client, DISPATCH_LEVEL, "WdfObjectReference");
    wdf_reference(object);
    if (__builtin_expect(object->client->verifier.track_handles[0] != 0, 0))
        wdf_reference_log_note(object, 1, Tag, Line, File);
}
WDF_EXPORT(WdfObjectReferenceActual, PFN_WDFOBJECTREFERENCEACTUAL);

VOID NTAPI kmdf_WdfObjectDereferenceActual(PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Handle, PVOID Tag, LONG Line,
                                           PCCH File)
{
    struct wdf_object *object = wdf_from_handle(DriverGlobals, Handle, NULL, "WdfObjectDereference");
    wdf_require_irql(object->client, DISPATCH_LEVEL, "WdfObjectDereference");
    if (__builtin_expect(object->client->verifier.track_handles[0] != 0, 0))
        wdf_reference_log_note(object, -1, Tag, Line, File);
    wdf_dereference(object);
}
WDF_EXPORT(WdfObjectDereferenceActual, PFN_WDFOBJECTDEREFERENCEACTUAL);

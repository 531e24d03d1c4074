/*
 * Context space: memory that a driver hangs on an object, of types that it declares (WDF_DECLARE_CONTEXT_TYPE). An
 * object can have one of each type. Looking one up is on the drivers' hot paths, so that the list is only ever appended
 * to and read without a lock. "Framework Object Context Space", "WdfObjectAllocateContext method"
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/ex/ex.h"
#include "wdf/handle.h"

#define CONTEXT_MAGIC 0x78746377 /* "wctx" */

/* The pointer that identifies a context type. */
static PCWDF_OBJECT_CONTEXT_TYPE_INFO unique_type(PCWDF_OBJECT_CONTEXT_TYPE_INFO type)
{
    if (type != NULL && type->EvtDriverGetUniqueContextType != NULL)
        return type->EvtDriverGetUniqueContextType();
    return type != NULL && type->UniqueType != NULL ? type->UniqueType : type;
}

NTSTATUS wdf_context_size(const WDF_OBJECT_ATTRIBUTES *attributes, size_t *size)
{
    *size = 0;
    if (attributes == NULL)
        return STATUS_SUCCESS;
    PCWDF_OBJECT_CONTEXT_TYPE_INFO type = attributes->ContextTypeInfo;
    if (type == NULL) {
        if (attributes->ContextSizeOverride != 0)
            return STATUS_WDF_OBJECT_ATTRIBUTES_INVALID;
        if (attributes->EvtCleanupCallback != NULL || attributes->EvtDestroyCallback != NULL)
            *size = sizeof(struct wdf_context);
        return STATUS_SUCCESS;
    }
    if (type->Size != sizeof(*type))
        return STATUS_INFO_LENGTH_MISMATCH;
    size_t data = attributes->ContextSizeOverride != 0 ? attributes->ContextSizeOverride : type->ContextSize;
    if (type->ContextSize == 0 || data < type->ContextSize)
        return STATUS_WDF_OBJECT_ATTRIBUTES_INVALID;
    if (data > MAXLONG)
        return STATUS_INSUFFICIENT_RESOURCES;
    *size = sizeof(struct wdf_context) + data;
    return STATUS_SUCCESS;
}

void wdf_context_initialize(struct wdf_context *context, struct wdf_object *object,
                            const WDF_OBJECT_ATTRIBUTES *attributes)
{
    context->object = object;
    context->type = unique_type(attributes->ContextTypeInfo);
    context->cleanup = attributes->EvtCleanupCallback;
    context->destroy = attributes->EvtDestroyCallback;
    context->magic = CONTEXT_MAGIC;
}

void wdf_contexts_free(struct wdf_object *object)
{
    for (struct wdf_context *context = object->contexts, *next; context != NULL; context = next) {
        next = context->next;
        if (!context->in_object)
            ex_pool_free(context, 0, __builtin_return_address(0));
    }
}

static struct wdf_context *find(const struct wdf_object *object, PCWDF_OBJECT_CONTEXT_TYPE_INFO type)
{
    struct wdf_context *context = __atomic_load_n(&object->contexts, __ATOMIC_ACQUIRE);
    while (context != NULL && context->type != type)
        context = __atomic_load_n(&context->next, __ATOMIC_ACQUIRE);
    return context;
}

PVOID NTAPI kmdf_WdfObjectGetTypedContextWorker(PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Handle,
                                                PCWDF_OBJECT_CONTEXT_TYPE_INFO TypeInfo)
{
    struct wdf_object *object = wdf_from_handle(DriverGlobals, Handle, NULL, "WdfObjectGetTypedContext");
    wdf_require(object->client, TypeInfo, "WdfObjectGetTypedContext", "Type");
    struct wdf_context *context = find(object, unique_type(TypeInfo));
    return context != NULL ? context->data : NULL;
}
WDF_EXPORT(WdfObjectGetTypedContextWorker, PFN_WDFOBJECTGETTYPEDCONTEXTWORKER);

/* Appends the context, unless the object has one of its type or is being deleted. */
static NTSTATUS append(struct wdf_object *object, struct wdf_context *context, struct wdf_context **existing)
{
    NTSTATUS status = STATUS_SUCCESS;
    ke_lock(&object->client->tree_lock);
    *existing = find(object, context->type);
    if (*existing != NULL) {
        status = STATUS_OBJECT_NAME_EXISTS;
    } else if (object->state != WDF_OBJECT_LIVE) {
        status = STATUS_DELETE_PENDING;
    } else {
        struct wdf_context **tail = &object->contexts;
        while (*tail != NULL)
            tail = &(*tail)->next;
        __atomic_store_n(tail, context, __ATOMIC_RELEASE);
    }
    ke_unlock(&object->client->tree_lock);
    return status;
}

NTSTATUS NTAPI kmdf_WdfObjectAllocateContext(PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Handle,
                                             PWDF_OBJECT_ATTRIBUTES ContextAttributes, PVOID *Context)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_object *object = wdf_from_handle(DriverGlobals, Handle, NULL, "WdfObjectAllocateContext");
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfObjectAllocateContext");
    wdf_require(client, ContextAttributes, "WdfObjectAllocateContext", "ContextAttributes");
    if (Context != NULL)
        *Context = NULL;
    if (!wdf_size_is(client, ContextAttributes->Size, sizeof(*ContextAttributes), "WdfObjectAllocateContext",
                     "WDF_OBJECT_ATTRIBUTES"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (ContextAttributes->ParentObject != NULL)
        return STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED;
    if (ContextAttributes->ContextTypeInfo == NULL)
        return STATUS_OBJECT_NAME_INVALID;
    size_t size;
    NTSTATUS status = wdf_context_size(ContextAttributes, &size);
    if (!NT_SUCCESS(status))
        return status;
    struct wdf_context *context =
        wdf_verifier_fails_allocation(client)
            ? NULL
            : ex_pool_allocate(0, size, client->globals.DriverTag, __builtin_return_address(0));
    if (context == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    wdf_context_initialize(context, object, ContextAttributes);
    struct wdf_context *existing;
    status = append(object, context, &existing);
    if (status != STATUS_SUCCESS)
        ex_pool_free(context, 0, __builtin_return_address(0));
    if (Context != NULL && status == STATUS_SUCCESS)
        *Context = context->data;
    else if (Context != NULL && existing != NULL)
        *Context = existing->data;
    return status;
}
WDF_EXPORT(WdfObjectAllocateContext, PFN_WDFOBJECTALLOCATECONTEXT);

WDFOBJECT NTAPI kmdf_WdfObjectContextGetObject(PWDF_DRIVER_GLOBALS DriverGlobals, PVOID ContextPointer)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require(client, ContextPointer, "WdfObjectContextGetObject", "ContextPointer");
    struct wdf_context *context = CONTAINING_RECORD(ContextPointer, struct wdf_context, data);
    if (((ULONG_PTR)ContextPointer & 15) != 0 || context->magic != CONTEXT_MAGIC || context->object->client != client)
        wdf_violation(client, WDF_INVALID_HANDLE, (ULONG_PTR)ContextPointer, 0, 0, "WdfObjectContextGetObject",
                      "%p is not the beginning of an object's context space", ContextPointer);
    return context->object->handle;
}
WDF_EXPORT(WdfObjectContextGetObject, PFN_WDFOBJECTCONTEXTGETOBJECT);

/* ---- TrackHandles ---------------------------------------------------------------------------------------------------
 */

enum { TRACKED_SITES = 16 };

struct wdf_reference_log {
    struct ke_lock lock;
    struct site {
        const void *tag;
        LONG count;
        LONG line; /* of the last call */
        char file[40];
    } sites[TRACKED_SITES];
};

static bool is_tracked(const struct wdf_client *client, const struct wdf_type *type)
{
    const char *names = client->verifier.track_handles;
    if (strchr(names, '*') != NULL)
        return true;
    const char *at = strstr(names, type->name);
    size_t length = strlen(type->name);
    return at != NULL && (at == names || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0);
}

static struct wdf_reference_log *reference_log(struct wdf_object *object)
{
    struct wdf_reference_log *log = __atomic_load_n(&object->reference_log, __ATOMIC_ACQUIRE), *none = NULL;
    if (log != NULL)
        return log;
    log = ex_pool_allocate(0, sizeof(*log), object->client->globals.DriverTag, __builtin_return_address(0));
    if (log != NULL &&
        !__atomic_compare_exchange_n(&object->reference_log, &none, log, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        ex_pool_free(log, 0, __builtin_return_address(0));
        log = none;
    }
    return log;
}

void NTAPI wdf_reference_log_note(struct wdf_object *object, int change, const void *tag, LONG line, const char *file)
{
    bool matched = change > 0;
    struct wdf_reference_log *log = is_tracked(object->client, object->type) ? reference_log(object) : NULL;
    if (log == NULL)
        return;
    ke_lock(&log->lock);
    struct site *free_site = NULL, *site = NULL;
    for (int i = 0; i < TRACKED_SITES && site == NULL; i++) {
        if (log->sites[i].count != 0 && log->sites[i].tag == tag)
            site = &log->sites[i];
        else if (log->sites[i].count == 0 && free_site == NULL)
            free_site = &log->sites[i];
    }
    if (site == NULL && change > 0)
        site = free_site;
    if (site != NULL) {
        matched = true;
        site->tag = tag;
        site->count += change;
        site->line = line;
        snprintf(site->file, sizeof(site->file), "%s", file != NULL ? file : "?");
    }
    ke_unlock(&log->lock);
    if (!matched)
        ke_trace("%s: WdfObjectDereference of a %s with tag %p, which no reference has (%s:%d)",
                 object->client->globals.DriverName, object->type->name, tag, file != NULL ? file : "?", (int)line);
}

void wdf_reference_log_describe(const struct wdf_object *object, char *text, size_t size)
{
    const struct wdf_reference_log *log = object->reference_log;
    size_t length = 0;
    text[0] = 0;
    for (int i = 0; log != NULL && i < TRACKED_SITES && length < size; i++) {
        const struct site *site = &log->sites[i];
        if (site->count != 0)
            length +=
                (size_t)snprintf(text + length, size - length, "%s%d with tag %p, last at %s:%d",
                                 length != 0 ? "; " : "", (int)site->count, site->tag, site->file, (int)site->line);
    }
}

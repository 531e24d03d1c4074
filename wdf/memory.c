/*
 * Memory objects: a buffer with a handle. The buffer comes from pool, from a lookaside list, or belongs to somebody
 * else (the driver, or a request). It goes with the object's last reference, so that an I/O target that still uses it
 * keeps it. "Using Memory Buffers", "Memory Buffer Life Cycle"
 */
#include <string.h>
#include "ntoskrnl/ex/ex.h"
#include "wdf/wdf.h"

static void memory_destroy(struct wdf_object *object)
{
    struct wdf_memory *memory = (struct wdf_memory *)object;
    if (memory->release != NULL)
        memory->release(memory);
}

const struct wdf_type wdf_memory_type = {.name = "WDFMEMORY", .destroy = memory_destroy};

static void release_pool(struct wdf_memory *memory)
{
    ExFreePool(memory->buffer);
}

static bool is_paged(POOL_TYPE pool)
{
    return (pool & PagedPool) != 0;
}

struct wdf_memory *wdf_memory_wrap(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes,
                                   struct wdf_object *default_parent, void *buffer, size_t size, NTSTATUS *status)
{
    struct wdf_memory *memory =
        (void *)wdf_object_create(client, &wdf_memory_type, sizeof(*memory), attributes, default_parent, status);
    if (memory != NULL) {
        memory->buffer = buffer;
        memory->size = size;
    }
    return memory;
}

struct wdf_memory *wdf_memory_create(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes,
                                     struct wdf_object *default_parent, POOL_TYPE pool, ULONG tag, size_t size,
                                     NTSTATUS *status)
{
    struct wdf_memory *memory = wdf_memory_wrap(client, attributes, default_parent, NULL, size, status);
    if (memory == NULL)
        return NULL;
    if (!wdf_verifier_fails_allocation(client))
        memory->buffer = ExAllocatePoolWithTag(pool, size, tag != 0 ? tag : client->globals.DriverTag);
    if (memory->buffer == NULL) {
        wdf_object_abandon(&memory->object);
        *status = STATUS_INSUFFICIENT_RESOURCES;
        return NULL;
    }
    memory->release = release_pool;
    if (is_paged(pool))
        memory->object.flags |= WDF_TYPE_PASSIVE;
    return memory;
}

NTSTATUS NTAPI kmdf_WdfMemoryCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_OBJECT_ATTRIBUTES Attributes,
                                    POOL_TYPE PoolType, ULONG PoolTag, size_t BufferSize, WDFMEMORY *Memory,
                                    PVOID *Buffer)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, is_paged(PoolType) ? APC_LEVEL : DISPATCH_LEVEL, "WdfMemoryCreate");
    wdf_require(client, Memory, "WdfMemoryCreate", "Memory");
    *Memory = NULL;
    if (Buffer != NULL)
        *Buffer = NULL;
    if (BufferSize == 0)
        return STATUS_INVALID_PARAMETER;
    struct wdf_memory *memory =
        wdf_memory_create(client, Attributes, wdf_client_root(client), PoolType, PoolTag, BufferSize, &status);
    if (memory == NULL)
        return status;
    *Memory = (WDFMEMORY)wdf_handle(&memory->object);
    if (Buffer != NULL)
        *Buffer = memory->buffer;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfMemoryCreate, PFN_WDFMEMORYCREATE);

NTSTATUS NTAPI kmdf_WdfMemoryCreatePreallocated(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_OBJECT_ATTRIBUTES Attributes,
                                                PVOID Buffer, size_t BufferSize, WDFMEMORY *Memory)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfMemoryCreatePreallocated");
    wdf_require(client, Memory, "WdfMemoryCreatePreallocated", "Memory");
    wdf_require(client, Buffer, "WdfMemoryCreatePreallocated", "Buffer");
    *Memory = NULL;
    if (BufferSize == 0)
        return STATUS_INVALID_PARAMETER;
    struct wdf_memory *memory =
        wdf_memory_wrap(client, Attributes, wdf_client_root(client), Buffer, BufferSize, &status);
    if (memory == NULL)
        return status;
    memory->assignable = true;
    *Memory = (WDFMEMORY)wdf_handle(&memory->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfMemoryCreatePreallocated, PFN_WDFMEMORYCREATEPREALLOCATED);

PVOID NTAPI kmdf_WdfMemoryGetBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFMEMORY Memory, size_t *BufferSize)
{
    struct wdf_memory *memory = wdf_from_handle(DriverGlobals, Memory, &wdf_memory_type, "WdfMemoryGetBuffer");
    if (BufferSize != NULL)
        *BufferSize = memory->size;
    return memory->buffer;
}
WDF_EXPORT(WdfMemoryGetBuffer, PFN_WDFMEMORYGETBUFFER);

NTSTATUS NTAPI kmdf_WdfMemoryAssignBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFMEMORY Memory, PVOID Buffer,
                                          size_t BufferSize)
{
    struct wdf_memory *memory = wdf_from_handle(DriverGlobals, Memory, &wdf_memory_type, "WdfMemoryAssignBuffer");
    wdf_require(memory->object.client, Buffer, "WdfMemoryAssignBuffer", "Buffer");
    if (BufferSize == 0 || !memory->assignable)
        return STATUS_INVALID_PARAMETER;
    memory->buffer = Buffer;
    memory->size = BufferSize;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfMemoryAssignBuffer, PFN_WDFMEMORYASSIGNBUFFER);

NTSTATUS NTAPI kmdf_WdfMemoryCopyToBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFMEMORY SourceMemory,
                                          size_t SourceOffset, PVOID Buffer, size_t NumBytesToCopyTo)
{
    struct wdf_memory *memory = wdf_from_handle(DriverGlobals, SourceMemory, &wdf_memory_type, "WdfMemoryCopyToBuffer");
    wdf_require(memory->object.client, Buffer, "WdfMemoryCopyToBuffer", "Buffer");
    if (NumBytesToCopyTo == 0)
        return STATUS_INVALID_PARAMETER;
    if (SourceOffset > memory->size || NumBytesToCopyTo > memory->size - SourceOffset)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(Buffer, (const char *)memory->buffer + SourceOffset, NumBytesToCopyTo);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfMemoryCopyToBuffer, PFN_WDFMEMORYCOPYTOBUFFER);

NTSTATUS NTAPI kmdf_WdfMemoryCopyFromBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFMEMORY DestinationMemory,
                                            size_t DestinationOffset, PVOID Buffer, size_t NumBytesToCopyFrom)
{
    struct wdf_memory *memory =
        wdf_from_handle(DriverGlobals, DestinationMemory, &wdf_memory_type, "WdfMemoryCopyFromBuffer");
    wdf_require(memory->object.client, Buffer, "WdfMemoryCopyFromBuffer", "Buffer");
    if (NumBytesToCopyFrom == 0)
        return STATUS_INVALID_PARAMETER;
    if (DestinationOffset >= memory->size)
        return STATUS_INVALID_BUFFER_SIZE;
    if (NumBytesToCopyFrom > memory->size - DestinationOffset)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy((char *)memory->buffer + DestinationOffset, Buffer, NumBytesToCopyFrom);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfMemoryCopyFromBuffer, PFN_WDFMEMORYCOPYFROMBUFFER);

/* ---- lookaside lists ------------------------------------------------------------------------------------------------
 */

struct wdf_lookaside {
    struct wdf_object object;
    LOOKASIDE_LIST_EX list;
    bool initialized;
    POOL_TYPE pool;
    size_t size;
    WDF_OBJECT_ATTRIBUTES attributes; /* of each memory object */
    bool has_attributes;
};

static void lookaside_destroy(struct wdf_object *object)
{
    struct wdf_lookaside *lookaside = (struct wdf_lookaside *)object;
    if (lookaside->initialized)
        ExDeleteLookasideListEx(&lookaside->list);
}

const struct wdf_type wdf_lookaside_type = {.name = "WDFLOOKASIDE", .destroy = lookaside_destroy};

/* A memory object keeps its list. */
static void release_to_lookaside(struct wdf_memory *memory)
{
    struct wdf_lookaside *lookaside = memory->owner;
    ExFreeToLookasideListEx(&lookaside->list, memory->buffer);
    wdf_dereference(&lookaside->object);
}

/* Device objects that are parents of both the list and its memory objects must be the same one. */
static bool parents_agree(PWDF_DRIVER_GLOBALS globals, const WDF_OBJECT_ATTRIBUTES *list,
                          const WDF_OBJECT_ATTRIBUTES *memory)
{
    if (list == NULL || memory == NULL || list->ParentObject == NULL || memory->ParentObject == NULL)
        return true;
    const struct wdf_object *a = wdf_from_handle(globals, list->ParentObject, NULL, "WdfLookasideListCreate");
    const struct wdf_object *b = wdf_from_handle(globals, memory->ParentObject, NULL, "WdfLookasideListCreate");
    return strcmp(a->type->name, "WDFDEVICE") != 0 || a->type != b->type || a == b;
}

NTSTATUS NTAPI kmdf_WdfLookasideListCreate(PWDF_DRIVER_GLOBALS DriverGlobals,
                                           PWDF_OBJECT_ATTRIBUTES LookasideAttributes, size_t BufferSize,
                                           POOL_TYPE PoolType, PWDF_OBJECT_ATTRIBUTES MemoryAttributes, ULONG PoolTag,
                                           WDFLOOKASIDE *Lookaside)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, is_paged(PoolType) ? APC_LEVEL : DISPATCH_LEVEL, "WdfLookasideListCreate");
    wdf_require(client, Lookaside, "WdfLookasideListCreate", "Lookaside");
    *Lookaside = NULL;
    if (MemoryAttributes != NULL && !wdf_size_is(client, MemoryAttributes->Size, sizeof(*MemoryAttributes),
                                                 "WdfLookasideListCreate", "WDF_OBJECT_ATTRIBUTES"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (BufferSize == 0 || !parents_agree(DriverGlobals, LookasideAttributes, MemoryAttributes))
        return STATUS_INVALID_PARAMETER;
    struct wdf_lookaside *lookaside = (void *)wdf_object_create(client, &wdf_lookaside_type, sizeof(*lookaside),
                                                                LookasideAttributes, wdf_client_root(client), &status);
    if (lookaside == NULL)
        return status;
    lookaside->pool = PoolType;
    lookaside->size = BufferSize;
    if (MemoryAttributes != NULL) {
        lookaside->attributes = *MemoryAttributes;
        lookaside->has_attributes = true;
    }
    status = ExInitializeLookasideListEx(&lookaside->list, NULL, NULL, PoolType, 0, BufferSize,
                                         PoolTag != 0 ? PoolTag : client->globals.DriverTag, 0);
    if (!NT_SUCCESS(status)) {
        wdf_object_abandon(&lookaside->object);
        return status;
    }
    lookaside->initialized = true;
    if (is_paged(PoolType))
        lookaside->object.flags |= WDF_TYPE_PASSIVE;
    *Lookaside = (WDFLOOKASIDE)wdf_handle(&lookaside->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfLookasideListCreate, PFN_WDFLOOKASIDELISTCREATE);

NTSTATUS NTAPI kmdf_WdfMemoryCreateFromLookaside(PWDF_DRIVER_GLOBALS DriverGlobals, WDFLOOKASIDE Lookaside,
                                                 WDFMEMORY *Memory)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_lookaside *lookaside =
        wdf_from_handle(DriverGlobals, Lookaside, &wdf_lookaside_type, "WdfMemoryCreateFromLookaside");
    NTSTATUS status;
    wdf_require_irql(client, is_paged(lookaside->pool) ? APC_LEVEL : DISPATCH_LEVEL, "WdfMemoryCreateFromLookaside");
    wdf_require(client, Memory, "WdfMemoryCreateFromLookaside", "Memory");
    *Memory = NULL;
    struct wdf_memory *memory = wdf_memory_wrap(client, lookaside->has_attributes ? &lookaside->attributes : NULL,
                                                wdf_client_root(client), NULL, lookaside->size, &status);
    if (memory == NULL)
        return status;
    if (!wdf_verifier_fails_allocation(client))
        memory->buffer = ExAllocateFromLookasideListEx(&lookaside->list);
    if (memory->buffer == NULL) {
        wdf_object_abandon(&memory->object);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    wdf_reference(&lookaside->object);
    memory->owner = lookaside;
    memory->release = release_to_lookaside;
    if (is_paged(lookaside->pool))
        memory->object.flags |= WDF_TYPE_PASSIVE;
    *Memory = (WDFMEMORY)wdf_handle(&memory->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfMemoryCreateFromLookaside, PFN_WDFMEMORYCREATEFROMLOOKASIDE);

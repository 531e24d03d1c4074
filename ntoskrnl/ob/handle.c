/*
 * Handles. There is one process, so there is one table; a handle that a driver asks for with OBJ_KERNEL_HANDLE has the
 * high bit set, as a kernel handle has in Windows. Entries are reused oldest first, so that a stale handle stays
 * invalid for as long as possible; closing an invalid kernel handle is bug check 0x93, INVALID_KERNEL_HANDLE.
 *
 * All callers are kernel mode: a handle's granted access is recorded and reported, and compared only for UserMode.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ob/object.h"
#include <string.h>

struct ob_handle {
    struct ob_header *object; /* NULL: free */
    ACCESS_MASK access;
    ULONG attributes;
    ULONG next_free;
};

static struct {
    struct ob_handle *entries;
    ULONG capacity;
    ULONG free_head, free_tail, free_count;
    LONG open;
} handles;

#define OB_NO_ENTRY       0xFFFFFFFFu
#define OB_FIRST_CAPACITY 256u
#define OB_MAX_HANDLES    (1u << 24)
/* Grow while few entries are free, so that none is reused at once. */
#define OB_MIN_FREE    64u
#define OB_KERNEL_BITS 0xFFFFFFFF80000000ull

static void add_free(ULONG index)
{
    handles.entries[index] = (struct ob_handle){.next_free = OB_NO_ENTRY};
    if (handles.free_count++ == 0)
        handles.free_head = index;
    else
        handles.entries[handles.free_tail].next_free = index;
    handles.free_tail = index;
}

static bool grow(ULONG capacity)
{
    struct ob_handle *larger = ExAllocatePoolWithTag(NonPagedPool, capacity * sizeof *larger, OB_TAG);
    if (larger == NULL)
        return false;
    if (handles.capacity != 0) {
        memcpy(larger, handles.entries, handles.capacity * sizeof *larger);
        ExFreePoolWithTag(handles.entries, OB_TAG);
    }
    handles.entries = larger;
    ULONG from = handles.capacity;
    handles.capacity = capacity;
    while (from < capacity)
        add_free(from++);
    return true;
}

void ob_create_handle_table(void)
{
    ob_lock();
    grow(OB_FIRST_CAPACITY);
    ob_unlock();
}

static HANDLE to_handle(ULONG index, ULONG attributes)
{
    ULONG64 value = ((ULONG64)index + 1) * 4;
    return (HANDLE)(attributes & OBJ_KERNEL_HANDLE ? value | OB_KERNEL_BITS : value);
}

/* The lock is held. The two low bits are the caller's to use, as documented for handles. */
static struct ob_handle *find_handle(HANDLE handle)
{
    ULONG64 value = (ULONG64)handle;
    bool kernel = (value & OB_KERNEL_BITS) == OB_KERNEL_BITS;
    if (kernel)
        value &= ~OB_KERNEL_BITS;
    value /= 4;
    if (value == 0 || value > handles.capacity)
        return NULL;
    struct ob_handle *entry = &handles.entries[value - 1];
    if (entry->object == NULL || kernel != ((entry->attributes & OBJ_KERNEL_HANDLE) != 0))
        return NULL;
    return entry;
}

static ACCESS_MASK map_access(POBJECT_TYPE type, ACCESS_MASK access)
{
    const GENERIC_MAPPING *mapping = &type->info.mapping;
    if (access & GENERIC_READ)
        access |= mapping->GenericRead;
    if (access & GENERIC_WRITE)
        access |= mapping->GenericWrite;
    if (access & GENERIC_EXECUTE)
        access |= mapping->GenericExecute;
    if (access & (GENERIC_ALL | MAXIMUM_ALLOWED))
        access |= mapping->GenericAll;
    return access & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL | MAXIMUM_ALLOWED);
}

NTSTATUS ob_create_handle(PVOID body, ACCESS_MASK access, ULONG attributes, PHANDLE handle)
{
    struct ob_header *header = ob_header(body);
    POBJECT_TYPE type = ob_type_of(body);
    access = map_access(type, access);
    *handle = NULL;
    if (type->info.ops.open != NULL) {
        NTSTATUS status = type->info.ops.open(body, access);
        if (!NT_SUCCESS(status))
            return status;
    }
    ob_lock();
    if (handles.free_count <= OB_MIN_FREE && handles.capacity < OB_MAX_HANDLES)
        grow(handles.capacity * 2);
    if (handles.free_count == 0) {
        ob_unlock();
        if (type->info.ops.close != NULL)
            type->info.ops.close(body, header->handles);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ULONG index = handles.free_head;
    handles.free_head = handles.entries[index].next_free;
    handles.free_count--;
    __atomic_fetch_add(&handles.open, 1, __ATOMIC_RELAXED);
    ObfReferenceObject(body);
    header->handles++;
    handles.entries[index] = (struct ob_handle){.object = header, .access = access, .attributes = attributes};
    ob_unlock();
    *handle = to_handle(index, attributes);
    return STATUS_SUCCESS;
}

LONG ob_handle_count(void)
{
    return __atomic_load_n(&handles.open, __ATOMIC_RELAXED);
}

NTSTATUS ob_open(POBJECT_ATTRIBUTES attributes, POBJECT_TYPE type, ACCESS_MASK access, PVOID parse_context,
                 PHANDLE handle)
{
    static const UNICODE_STRING empty;
    PVOID body;
    *handle = NULL;
    if (attributes == NULL || attributes->Length != sizeof *attributes)
        return STATUS_INVALID_PARAMETER;
    if (attributes->ObjectName == NULL && attributes->RootDirectory == NULL)
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    NTSTATUS status = ob_lookup(attributes->ObjectName != NULL ? attributes->ObjectName : &empty,
                                attributes->RootDirectory, attributes->Attributes, type, access, parse_context, &body);
    if (!NT_SUCCESS(status))
        return status;
    NTSTATUS opened = ob_create_handle(body, access, attributes->Attributes, handle);
    ObfDereferenceObject(body);
    return NT_SUCCESS(opened) ? status : opened;
}

NTSTATUS ob_insert(PVOID body, POBJECT_ATTRIBUTES attributes, ACCESS_MASK access, PHANDLE handle)
{
    POBJECT_TYPE type = ob_type_of(body);
    NTSTATUS status = STATUS_SUCCESS;
    ULONG flags = attributes != NULL ? attributes->Attributes : 0;
    *handle = NULL;
    if (attributes != NULL && attributes->Length != sizeof *attributes)
        status = STATUS_INVALID_PARAMETER;
    else if (attributes != NULL && attributes->ObjectName != NULL && attributes->ObjectName->Length != 0)
        status = ob_insert_name(body, attributes->ObjectName, attributes->RootDirectory, flags);
    if (status == STATUS_OBJECT_NAME_COLLISION && (flags & OBJ_OPENIF)) {
        ObfDereferenceObject(body);
        status = ob_open(attributes, type, access, NULL, handle);
        return NT_SUCCESS(status) ? STATUS_OBJECT_NAME_EXISTS : status;
    }
    if (NT_SUCCESS(status)) {
        status = ob_create_handle(body, access, flags, handle);
        if (!NT_SUCCESS(status))
            ob_remove_name(body);
    }
    ObfDereferenceObject(body);
    return status;
}

/*
 * What drivers call
 */
NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
                                         KPROCESSOR_MODE AccessMode, PVOID *Object,
                                         POBJECT_HANDLE_INFORMATION HandleInformation)
{
    NTSTATUS status = STATUS_SUCCESS;
    *Object = NULL;
    ob_lock();
    struct ob_handle *entry = find_handle(Handle);
    if (entry == NULL) {
        status = STATUS_INVALID_HANDLE;
    } else if (ObjectType != NULL && entry->object->type != ObjectType) {
        status = STATUS_OBJECT_TYPE_MISMATCH;
    } else if (AccessMode != KernelMode && (map_access(entry->object->type, DesiredAccess) & ~entry->access) != 0) {
        status = STATUS_ACCESS_DENIED;
    } else {
        *Object = ob_body(entry->object);
        ObfReferenceObject(*Object);
        if (HandleInformation != NULL) {
            HandleInformation->HandleAttributes = entry->attributes & OBJ_INHERIT;
            HandleInformation->GrantedAccess = entry->access;
        }
    }
    ob_unlock();
    return status;
}
NT_EXPORT(ObReferenceObjectByHandle);

NTSTATUS NTAPI ObReferenceObjectByHandleWithTag(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
                                                KPROCESSOR_MODE AccessMode, ULONG Tag, PVOID *Object,
                                                POBJECT_HANDLE_INFORMATION HandleInformation)
{
    (void)Tag;
    return ObReferenceObjectByHandle(Handle, DesiredAccess, ObjectType, AccessMode, Object, HandleInformation);
}
NT_EXPORT(ObReferenceObjectByHandleWithTag);

NTSTATUS NTAPI ObOpenObjectByPointer(PVOID Object, ULONG HandleAttributes, PACCESS_STATE PassedAccessState,
                                     ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
                                     PHANDLE Handle)
{
    (void)PassedAccessState;
    *Handle = NULL;
    if (ObjectType != NULL ? ob_type_of(Object) != ObjectType : AccessMode != KernelMode)
        return STATUS_OBJECT_TYPE_MISMATCH;
    return ob_create_handle(Object, DesiredAccess, HandleAttributes, Handle);
}
NT_EXPORT(ObOpenObjectByPointer);

NTSTATUS NTAPI ZwClose(HANDLE Handle)
{
    PVOID name_reference = NULL;
    ob_lock();
    struct ob_handle *entry = find_handle(Handle);
    if (entry == NULL) {
        ob_unlock();
        /* NULL and the pseudo handles have no entry by nature; anything else that looks like a kernel handle was one.
         */
        if (((ULONG64)Handle & OB_KERNEL_BITS) == OB_KERNEL_BITS && (LONG64)Handle < -6)
            KeBugCheckEx(0x93 /* INVALID_KERNEL_HANDLE */, (ULONG_PTR)Handle, 1, 0, 0);
        return STATUS_INVALID_HANDLE;
    }
    struct ob_header *header = entry->object;
    add_free((ULONG)(entry - handles.entries));
    __atomic_fetch_sub(&handles.open, 1, __ATOMIC_RELAXED);
    LONG left = --header->handles;
    if (left == 0 && !(header->flags & OB_FLAG_PERMANENT))
        name_reference = ob_remove_name_locked(header);
    ob_unlock();
    PVOID body = ob_body(header);
    if (header->type->info.ops.close != NULL)
        header->type->info.ops.close(body, left);
    if (name_reference != NULL)
        ObfDereferenceObject(name_reference);
    ObfDereferenceObject(body);
    return STATUS_SUCCESS;
}
NT_EXPORT(ZwClose);
NT_EXPORT_AS(NT_IMAGE, "NtClose", ZwClose);

NTSTATUS NTAPI ObCloseHandle(HANDLE Handle, KPROCESSOR_MODE PreviousMode)
{
    (void)PreviousMode;
    return ZwClose(Handle);
}
NT_EXPORT(ObCloseHandle);

BOOLEAN NTAPI ObIsKernelHandle(HANDLE Handle)
{
    return ((ULONG64)Handle & OB_KERNEL_BITS) == OB_KERNEL_BITS;
}
NT_EXPORT(ObIsKernelHandle);

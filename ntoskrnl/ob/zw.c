/*
 * System services on objects: named and unnamed events, waits on handles, directories and symbolic links. Drivers call
 * the Zw names; the objects are those of ke with a header in front.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ob/object.h"
#include <string.h>

NTSTATUS NTAPI ZwCreateEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                             EVENT_TYPE EventType, BOOLEAN InitialState)
{
    PVOID event;
    if (EventType != NotificationEvent && EventType != SynchronizationEvent)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = ob_create(ob_types.event, sizeof(KEVENT), &event);
    if (!NT_SUCCESS(status))
        return status;
    KeInitializeEvent(event, EventType, InitialState);
    return ob_insert(event, ObjectAttributes, DesiredAccess, EventHandle);
}
NT_EXPORT(ZwCreateEvent);

NTSTATUS NTAPI ZwOpenEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ob_open(ObjectAttributes, ob_types.event, DesiredAccess, NULL, EventHandle);
}
NT_EXPORT(ZwOpenEvent);

static NTSTATUS with_event(HANDLE handle, LONG (*change)(PKEVENT event), PLONG previous)
{
    PVOID event;
    NTSTATUS status = ObReferenceObjectByHandle(handle, EVENT_MODIFY_STATE, ob_types.event, KernelMode, &event, NULL);
    if (!NT_SUCCESS(status))
        return status;
    LONG before = change(event);
    if (previous != NULL)
        *previous = before;
    ObfDereferenceObject(event);
    return STATUS_SUCCESS;
}

static LONG set_event(PKEVENT event)
{
    return KeSetEvent(event, 1 /* EVENT_INCREMENT */, FALSE);
}

static LONG reset_event(PKEVENT event)
{
    return KeResetEvent(event);
}

NTSTATUS NTAPI ZwSetEvent(HANDLE EventHandle, PLONG PreviousState)
{
    return with_event(EventHandle, set_event, PreviousState);
}
NT_EXPORT(ZwSetEvent);

NTSTATUS NTAPI ZwResetEvent(HANDLE EventHandle, PLONG PreviousState)
{
    return with_event(EventHandle, reset_event, PreviousState);
}
NT_EXPORT(ZwResetEvent);

NTSTATUS NTAPI ZwClearEvent(HANDLE EventHandle)
{
    return with_event(EventHandle, reset_event, NULL);
}
NT_EXPORT(ZwClearEvent);

NTSTATUS NTAPI ZwWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    PVOID body;
    NTSTATUS status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, NULL, KernelMode, &body, NULL);
    if (!NT_SUCCESS(status))
        return status;
    POBJECT_TYPE type = ob_type_of(body);
    PVOID dispatcher = type->info.ops.waitable != NULL ? type->info.ops.waitable(body) : NULL;
    /* An object that cannot be signaled is always signaled, as in Windows. */
    if (dispatcher != NULL)
        status = KeWaitForSingleObject(dispatcher, UserRequest, KernelMode, Alertable, Timeout);
    ObfDereferenceObject(body);
    return status;
}
NT_EXPORT(ZwWaitForSingleObject);

NTSTATUS NTAPI ZwMakeTemporaryObject(HANDLE Handle)
{
    PVOID body;
    NTSTATUS status = ObReferenceObjectByHandle(Handle, DELETE, NULL, KernelMode, &body, NULL);
    if (!NT_SUCCESS(status))
        return status;
    ob_make_temporary(body);
    ObfDereferenceObject(body);
    return STATUS_SUCCESS;
}
NT_EXPORT(ZwMakeTemporaryObject);

VOID NTAPI ObMakeTemporaryObject(PVOID Object)
{
    ob_make_temporary(Object);
}
NT_EXPORT(ObMakeTemporaryObject);

NTSTATUS NTAPI ZwCreateDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess,
                                       POBJECT_ATTRIBUTES ObjectAttributes)
{
    PVOID directory;
    NTSTATUS status = ob_create_directory(&directory);
    if (!NT_SUCCESS(status))
        return status;
    return ob_insert(directory, ObjectAttributes, DesiredAccess, DirectoryHandle);
}
NT_EXPORT(ZwCreateDirectoryObject);

NTSTATUS NTAPI ZwOpenDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess,
                                     POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ob_open(ObjectAttributes, ob_types.directory, DesiredAccess, NULL, DirectoryHandle);
}
NT_EXPORT(ZwOpenDirectoryObject);

NTSTATUS NTAPI ZwOpenSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess,
                                        POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ob_open(ObjectAttributes, ob_types.symbolic_link, DesiredAccess, NULL, LinkHandle);
}
NT_EXPORT(ZwOpenSymbolicLinkObject);

NTSTATUS NTAPI ZwQuerySymbolicLinkObject(HANDLE LinkHandle, PUNICODE_STRING LinkTarget, PULONG ReturnedLength)
{
    PVOID body;
    NTSTATUS status =
        ObReferenceObjectByHandle(LinkHandle, GENERIC_READ, ob_types.symbolic_link, KernelMode, &body, NULL);
    if (!NT_SUCCESS(status))
        return status;
    const UNICODE_STRING *target = &((struct ob_symbolic_link *)body)->target;
    /* ReturnedLength: what a buffer needs for the target with its terminator. */
    ULONG needed = target->Length + (ULONG)sizeof(WCHAR);
    if (ReturnedLength != NULL)
        *ReturnedLength = needed;
    if (LinkTarget->MaximumLength < target->Length || (ReturnedLength != NULL && LinkTarget->MaximumLength < needed)) {
        status = STATUS_BUFFER_TOO_SMALL;
    } else {
        memcpy(LinkTarget->Buffer, target->Buffer, target->Length);
        LinkTarget->Length = target->Length;
        if (LinkTarget->MaximumLength >= needed)
            LinkTarget->Buffer[target->Length / sizeof(WCHAR)] = 0;
    }
    ObfDereferenceObject(body);
    return status;
}
NT_EXPORT(ZwQuerySymbolicLinkObject);

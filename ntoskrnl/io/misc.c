/*
 * Small services of the I/O manager: symbolic links, named events, the error log, stack limits, WDM version.
 *
 * Public pages: "IoCreateSymbolicLink", "IoCreateNotificationEvent", "Logging Errors", "IoWriteErrorLogEntry",
 * "IoGetStackLimits", "IoIsWdmVersionAvailable", "IoConnectInterrupt".
 */
#include "ntoskrnl/io/io_internal.h"

NTSTATUS NTAPI IoCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    return ob_create_symbolic_link(SymbolicLinkName, DeviceName);
}
NT_EXPORT(IoCreateSymbolicLink);

NTSTATUS NTAPI IoCreateUnprotectedSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName)
{
    return ob_create_symbolic_link(SymbolicLinkName, DeviceName);
}
NT_EXPORT(IoCreateUnprotectedSymbolicLink);

NTSTATUS NTAPI IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    return ob_delete_symbolic_link(SymbolicLinkName);
}
NT_EXPORT(IoDeleteSymbolicLink);

static PKEVENT named_event(PUNICODE_STRING name, EVENT_TYPE type, PHANDLE handle)
{
    OBJECT_ATTRIBUTES attributes;
    PKEVENT event;
    NTSTATUS status;

    InitializeObjectAttributes(&attributes, name, OBJ_OPENIF | OBJ_KERNEL_HANDLE, NULL, NULL);
    /* "IoCreateNotificationEvent": a new event starts signaled. */
    status = ZwCreateEvent(handle, EVENT_ALL_ACCESS, &attributes, type, TRUE);
    if (!NT_SUCCESS(status))
        return NULL;
    status = ObReferenceObjectByHandle(*handle, 0, ob_types.event, KernelMode, (PVOID *)&event, NULL);
    if (!NT_SUCCESS(status)) {
        ZwClose(*handle);
        return NULL;
    }
    ObDereferenceObject(event); /* the handle keeps it */
    return event;
}

PKEVENT NTAPI IoCreateNotificationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle)
{
    return named_event(EventName, NotificationEvent, EventHandle);
}
NT_EXPORT(IoCreateNotificationEvent);

PKEVENT NTAPI IoCreateSynchronizationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle)
{
    return named_event(EventName, SynchronizationEvent, EventHandle);
}
NT_EXPORT(IoCreateSynchronizationEvent);

/*
 * The error log: entries end in the trace, which a bug check report and the tool's trace show.
 */
PVOID NTAPI IoAllocateErrorLogEntry(PVOID IoObject, UCHAR EntrySize)
{
    UNREFERENCED_PARAMETER(IoObject);
    if (EntrySize < sizeof(IO_ERROR_LOG_PACKET) || EntrySize > 240 /* ERROR_LOG_MAXIMUM_SIZE */)
        return NULL;
    return ExAllocatePool2(POOL_FLAG_NON_PAGED, EntrySize, IO_TAG_LOG);
}
NT_EXPORT(IoAllocateErrorLogEntry);

VOID NTAPI IoWriteErrorLogEntry(PVOID ElEntry)
{
    PIO_ERROR_LOG_PACKET entry = ElEntry;

    ke_trace("error log: error 0x%08x, final status 0x%08x, unique value 0x%x", (unsigned)entry->ErrorCode,
             (unsigned)entry->FinalStatus, (unsigned)entry->UniqueErrorValue);
    ExFreePoolWithTag(entry, IO_TAG_LOG);
}
NT_EXPORT(IoWriteErrorLogEntry);

VOID NTAPI IoFreeErrorLogEntry(PVOID ElEntry)
{
    ExFreePoolWithTag(ElEntry, IO_TAG_LOG);
}
NT_EXPORT(IoFreeErrorLogEntry);

VOID NTAPI IoGetStackLimits(PULONG_PTR LowLimit, PULONG_PTR HighLimit)
{
    struct _KTHREAD *thread = ke_current_thread();

    *LowLimit = (ULONG_PTR)thread->stack_limit;
    *HighLimit = (ULONG_PTR)thread->stack_base;
}
NT_EXPORT(IoGetStackLimits);

PVOID NTAPI IoGetInitialStack(VOID)
{
    return ke_current_thread()->stack_base;
}
NT_EXPORT(IoGetInitialStack);

/* WDM 6.0 and below: Windows Vista's, which every later system reports. */
BOOLEAN NTAPI IoIsWdmVersionAvailable(UCHAR MajorVersion, UCHAR MinorVersion)
{
    return MajorVersion < 6 || (MajorVersion == 6 && MinorVersion == 0);
}
NT_EXPORT(IoIsWdmVersionAvailable);

/* Every device is behind a bus that ndiskit emulates above its hardware, so that no device has an interrupt. */
NTSTATUS NTAPI IoConnectInterrupt(PKINTERRUPT *InterruptObject, PKSERVICE_ROUTINE ServiceRoutine, PVOID ServiceContext,
                                  PKSPIN_LOCK SpinLock, ULONG Vector, KIRQL Irql, KIRQL SynchronizeIrql,
                                  KINTERRUPT_MODE InterruptMode, BOOLEAN ShareVector, KAFFINITY ProcessorEnableMask,
                                  BOOLEAN FloatingSave)
{
    UNREFERENCED_PARAMETER(ServiceRoutine);
    UNREFERENCED_PARAMETER(ServiceContext);
    UNREFERENCED_PARAMETER(SpinLock);
    UNREFERENCED_PARAMETER(Vector);
    UNREFERENCED_PARAMETER(Irql);
    UNREFERENCED_PARAMETER(SynchronizeIrql);
    UNREFERENCED_PARAMETER(InterruptMode);
    UNREFERENCED_PARAMETER(ShareVector);
    UNREFERENCED_PARAMETER(ProcessorEnableMask);
    UNREFERENCED_PARAMETER(FloatingSave);
    *InterruptObject = NULL;
    return STATUS_INVALID_PARAMETER;
}
NT_EXPORT(IoConnectInterrupt);

VOID NTAPI IoDisconnectInterrupt(PKINTERRUPT InterruptObject)
{
    ke_bugcheck_text(DRIVER_VERIFIER_DETECTED_VIOLATION, (ULONG_PTR)InterruptObject, 0, 0, 0, NULL,
                     "IoDisconnectInterrupt was called without a connected interrupt");
}
NT_EXPORT(IoDisconnectInterrupt);

NTSTATUS NTAPI IoConnectInterruptEx(PIO_CONNECT_INTERRUPT_PARAMETERS Parameters)
{
    UNREFERENCED_PARAMETER(Parameters);
    return STATUS_INVALID_PARAMETER;
}
NT_EXPORT(IoConnectInterruptEx);

VOID NTAPI IoDisconnectInterruptEx(PIO_DISCONNECT_INTERRUPT_PARAMETERS Parameters)
{
    ke_bugcheck_text(DRIVER_VERIFIER_DETECTED_VIOLATION, (ULONG_PTR)Parameters, 0, 0, 0, NULL,
                     "IoDisconnectInterruptEx was called without a connected interrupt");
}
NT_EXPORT(IoDisconnectInterruptEx);

/*
 * Remove locks: a driver counts what is in flight on a device object, so that its IRP_MN_REMOVE_DEVICE handler can wait
 * until it may detach and delete it. IoCount starts at 1, the device's own; the release that takes the last one sets
 * the event.
 *
 * Public pages: "Using Remove Locks", "IoAcquireRemoveLock", "IoReleaseRemoveLockAndWait".
 */
#include "ntoskrnl/io/io_internal.h"

VOID NTAPI IoInitializeRemoveLockEx(PIO_REMOVE_LOCK Lock, ULONG AllocateTag, ULONG MaxLockedMinutes,
                                    ULONG HighWatermark, ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(AllocateTag);
    UNREFERENCED_PARAMETER(MaxLockedMinutes);
    UNREFERENCED_PARAMETER(HighWatermark);
    RtlZeroMemory(Lock, RemlockSize);
    Lock->Common.IoCount = 1;
    KeInitializeEvent(&Lock->Common.RemoveEvent, SynchronizationEvent, FALSE);
}
NT_EXPORT(IoInitializeRemoveLockEx);

static void drop(PIO_REMOVE_LOCK lock)
{
    LONG left = InterlockedDecrement(&lock->Common.IoCount);

    if (left < 0)
        ke_bugcheck_text(DRIVER_VERIFIER_DETECTED_VIOLATION, (ULONG_PTR)lock, 0, 0, 0, NULL,
                         "a remove lock was released more often than acquired");
    if (left == 0)
        KeSetEvent(&lock->Common.RemoveEvent, IO_NO_INCREMENT, FALSE);
}

NTSTATUS NTAPI IoAcquireRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, PCSTR File, ULONG Line, ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(File);
    UNREFERENCED_PARAMETER(Line);
    UNREFERENCED_PARAMETER(RemlockSize);
    InterlockedIncrement(&RemoveLock->Common.IoCount);
    if (!RemoveLock->Common.Removed)
        return STATUS_SUCCESS;
    drop(RemoveLock);
    return STATUS_DELETE_PENDING;
}
NT_EXPORT(IoAcquireRemoveLockEx);

VOID NTAPI IoReleaseRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(RemlockSize);
    drop(RemoveLock);
}
NT_EXPORT(IoReleaseRemoveLockEx);

VOID NTAPI IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(RemlockSize);
    RemoveLock->Common.Removed = TRUE;
    drop(RemoveLock);                                          /* the caller's own acquisition */
    if (InterlockedDecrement(&RemoveLock->Common.IoCount) > 0) /* the device's */
        KeWaitForSingleObject(&RemoveLock->Common.RemoveEvent, Executive, KernelMode, FALSE, NULL);
}
NT_EXPORT(IoReleaseRemoveLockAndWaitEx);

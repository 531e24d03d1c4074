/*
 * The device timer: one routine per device object, called once a second in a DPC, all devices from the same timer.
 *
 * Public pages: "I/O Manager Timers", "IoInitializeTimer", "IoStartTimer", "IoStopTimer".
 */
#include "ntoskrnl/io/io_internal.h"

#define SECOND 10000000ll

static KDEFERRED_ROUTINE tick;

_Use_decl_annotations_ static VOID NTAPI tick(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    PLIST_ENTRY entry;

    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(argument1);
    UNREFERENCED_PARAMETER(argument2);
    /* Windows holds its timer lock during the calls too: IoStopTimer, once it has returned, promises no further call.
     */
    KeAcquireSpinLockAtDpcLevel(&io_state.timer_lock);
    for (entry = io_state.timers.Flink; entry != &io_state.timers; entry = entry->Flink) {
        struct io_device *device = CONTAINING_RECORD(entry, struct io_device, timer_link);

        if (device->timer_running)
            device->timer_routine(device->extension.DeviceObject, device->timer_context);
    }
    KeReleaseSpinLockFromDpcLevel(&io_state.timer_lock);
}

void io_timer_initialize(void)
{
    InitializeListHead(&io_state.timers);
    KeInitializeTimerEx(&io_state.timer, NotificationTimer);
    KeInitializeDpc(&io_state.timer_dpc, tick, NULL);
}

NTSTATUS NTAPI IoInitializeTimer(PDEVICE_OBJECT DeviceObject, PIO_TIMER_ROUTINE TimerRoutine, PVOID Context)
{
    struct io_device *device = io_device(DeviceObject);

    if (DeviceObject->Timer != NULL)
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x0A, (ULONG_PTR)DeviceObject, 0, 0, NULL);
    device->timer_routine = TimerRoutine;
    device->timer_context = Context;
    DeviceObject->Timer = (PIO_TIMER)device;
    return STATUS_SUCCESS;
}
NT_EXPORT(IoInitializeTimer);

VOID NTAPI IoStartTimer(PDEVICE_OBJECT DeviceObject)
{
    struct io_device *device = io_device(DeviceObject);
    LARGE_INTEGER due = {.QuadPart = -SECOND};
    bool first = false;
    KIRQL irql;

    KeAcquireSpinLock(&io_state.timer_lock, &irql);
    if (!device->timer_running) {
        device->timer_running = true;
        InsertTailList(&io_state.timers, &device->timer_link);
        first = io_state.timer_count++ == 0;
    }
    KeReleaseSpinLock(&io_state.timer_lock, irql);
    if (first)
        KeSetTimerEx(&io_state.timer, due, 1000, &io_state.timer_dpc);
}
NT_EXPORT(IoStartTimer);

VOID NTAPI IoStopTimer(PDEVICE_OBJECT DeviceObject)
{
    struct io_device *device = io_device(DeviceObject);
    bool last = false;
    KIRQL irql;

    KeAcquireSpinLock(&io_state.timer_lock, &irql);
    if (device->timer_running) {
        device->timer_running = false;
        RemoveEntryList(&device->timer_link);
        InitializeListHead(&device->timer_link);
        last = --io_state.timer_count == 0;
    }
    KeReleaseSpinLock(&io_state.timer_lock, irql);
    if (last)
        KeCancelTimer(&io_state.timer);
}
NT_EXPORT(IoStopTimer);

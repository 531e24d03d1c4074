/*
 * The state of the I/O manager and its start and end. The order of shutdown is that of Windows: devices that asked for
 * it are told by IRP_MJ_SHUTDOWN first; the PnP manager has taken the stacks down before.
 *
 * Public pages: "IoRegisterShutdownNotification", "IRP_MJ_SHUTDOWN".
 */
#include <string.h>
#include "ntoskrnl/io/io_internal.h"

struct io_state io_state;

void io_initialize(void)
{
    if (io_state.initialized)
        return;
    memset(&io_state, 0, sizeof(io_state));
    KeInitializeSpinLock(&io_state.lock);
    KeInitializeSpinLock(&io_state.cancel_lock);
    KeInitializeSpinLock(&io_state.timer_lock);
    InitializeListHead(&io_state.drivers);
    InitializeListHead(&io_state.shutdown_devices);
    ob_initialize();
    ps_initialize();
    cm_initialize();
    io_driver_initialize();
    io_device_initialize();
    io_file_initialize();
    io_interface_initialize();
    io_timer_initialize();
    io_state.initialized = true;
}

void io_notify_shutdown(void)
{
    for (;;) {
        IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_SHUTDOWN};
        struct io_device *device = NULL;
        KIRQL irql;

        KeAcquireSpinLock(&io_state.lock, &irql);
        if (!IsListEmpty(&io_state.shutdown_devices)) { /* the last to register is told first */
            device = CONTAINING_RECORD(RemoveTailList(&io_state.shutdown_devices), struct io_device, shutdown_link);
            InitializeListHead(&device->shutdown_link);
            device->shutdown_registered = false;
            ObReferenceObject(device->extension.DeviceObject);
        }
        KeReleaseSpinLock(&io_state.lock, irql);
        if (device == NULL)
            return;
        io_send_and_wait(device->extension.DeviceObject, &stack, STATUS_SUCCESS, NULL);
        ObDereferenceObject(device->extension.DeviceObject);
    }
}

void io_shutdown(void)
{
    if (!io_state.initialized)
        return;
    KeCancelTimer(&io_state.timer);
    ke_flush_dpcs();
    io_state.initialized = false;
}

void io_set_pnp_callbacks(const struct io_pnp_callbacks *callbacks)
{
    if (callbacks != NULL)
        io_state.pnp = *callbacks;
    else
        memset(&io_state.pnp, 0, sizeof(io_state.pnp));
}

static NTSTATUS register_shutdown(PDEVICE_OBJECT device)
{
    KIRQL irql;

    KeAcquireSpinLock(&io_state.lock, &irql);
    if (!io_device(device)->shutdown_registered) {
        io_device(device)->shutdown_registered = true;
        device->Flags |= DO_SHUTDOWN_REGISTERED;
        InsertTailList(&io_state.shutdown_devices, &io_device(device)->shutdown_link);
    }
    KeReleaseSpinLock(&io_state.lock, irql);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI IoRegisterShutdownNotification(PDEVICE_OBJECT DeviceObject)
{
    return register_shutdown(DeviceObject);
}
NT_EXPORT(IoRegisterShutdownNotification);

/* "Last chance" means after file systems are flushed: there are none. */
NTSTATUS NTAPI IoRegisterLastChanceShutdownNotification(PDEVICE_OBJECT DeviceObject)
{
    return register_shutdown(DeviceObject);
}
NT_EXPORT(IoRegisterLastChanceShutdownNotification);

VOID NTAPI IoUnregisterShutdownNotification(PDEVICE_OBJECT DeviceObject)
{
    KIRQL irql;

    KeAcquireSpinLock(&io_state.lock, &irql);
    if (io_device(DeviceObject)->shutdown_registered) {
        io_device(DeviceObject)->shutdown_registered = false;
        DeviceObject->Flags &= ~DO_SHUTDOWN_REGISTERED;
        RemoveEntryList(&io_device(DeviceObject)->shutdown_link);
        InitializeListHead(&io_device(DeviceObject)->shutdown_link);
    }
    KeReleaseSpinLock(&io_state.lock, irql);
}
NT_EXPORT(IoUnregisterShutdownNotification);

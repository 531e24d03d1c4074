/*
 * Devices that come back. A device on another machine, or in a port of this one, leaves like any USB device: its driver
 * is told of a surprise removal and halts. For a device that was plugged in with the option "reconnect" a thread then
 * tries to plug it in again until that works, and its driver starts as for a new device.
 */
#include <stdio.h>
#include <string.h>
#include "system/system.h"

enum { LOOK_MS = 100, TRY_AGAIN_MS = 500 };

/* Takes out a device that has left and whose driver has let go of it. True when the port is empty then. */
static bool take_out(struct ndiskit_device *device)
{
    struct usb_device_facts facts;
    struct usb_device *usb;

    if (!system_usb_facts(device, &facts))
        return true;
    if (!facts.is_gone || facts.pdo != NULL)
        return false;
    KeWaitForSingleObject(&system_state.usb_lock, Executive, KernelMode, FALSE, NULL);
    usb = device->usb;
    device->usb = NULL;
    KeSetEvent(&system_state.usb_lock, IO_NO_INCREMENT, FALSE);
    usb_unplug(usb);
    return true;
}

static bool put_in(struct ndiskit_device *device)
{
    struct usb_backend *backend = system_make_backend(device->spec, 0, NULL, NULL);
    struct usb_device *usb;
    char text[400];

    if (backend == NULL || !NT_SUCCESS(usb_plug(backend, &usb, text, sizeof(text))))
        return false;
    KeWaitForSingleObject(&system_state.usb_lock, Executive, KernelMode, FALSE, NULL);
    device->usb = usb;
    KeSetEvent(&system_state.usb_lock, IO_NO_INCREMENT, FALSE);
    return true;
}

static void watch(void *context)
{
    struct ndiskit_device *device = context;
    LARGE_INTEGER wait = {.QuadPart = 0};

    do {
        bool is_waiting = take_out(device) && !put_in(device);

        wait.QuadPart = (is_waiting ? TRY_AGAIN_MS : LOOK_MS) * -10000ll;
    } while (KeWaitForSingleObject(&device->replug_stop, Executive, KernelMode, FALSE, &wait) == STATUS_TIMEOUT);
}

NTSTATUS system_start_replug(struct ndiskit_device *device)
{
    NTSTATUS status;

    KeInitializeEvent(&device->replug_stop, NotificationEvent, FALSE);
    status = ke_thread_create_joinable("replug", watch, device, &device->replug_thread);
    device->has_replug = NT_SUCCESS(status);
    return status;
}

void system_stop_replug(struct ndiskit_device *device)
{
    if (!device->has_replug)
        return;
    KeSetEvent(&device->replug_stop, IO_NO_INCREMENT, FALSE);
    ke_thread_join(device->replug_thread);
    device->has_replug = false;
}

/*
 * A system with the USB stack in it and a small function driver inside the test process, which takes every USB device
 * whose id the test names. Tests send URBs to its device object's lower device, as a driver's code does.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <ntifs.h>
#include <usbdrivr.h>
#include "gadget/gadget.h"
#include "include/ndiskit/ndiskit.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/pnp/pnp.h"
#include "usb/usb.h"

struct function {
    PDEVICE_OBJECT self, lower, physical;
    bool is_started, was_surprised;
};

/* The devices that the function driver has now, and counts of what happened to it. */
static struct {
    struct function *functions[8];
    unsigned count, added, removed, surprised;
} client;

static inline NTSTATUS NTAPI client_completed(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    (void)device;
    (void)irp;
    KeSetEvent(context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static inline void client_forget(struct function *f)
{
    for (unsigned i = 0; i < client.count; i++)
        if (client.functions[i] == f)
            client.functions[i] = client.functions[--client.count];
}

static inline NTSTATUS NTAPI client_pnp(PDEVICE_OBJECT device, PIRP irp)
{
    struct function *f = device->DeviceExtension;
    NTSTATUS status;
    KEVENT event;
    switch (IoGetCurrentIrpStackLocation(irp)->MinorFunction) {
    case IRP_MN_START_DEVICE:
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        IoCopyCurrentIrpStackLocationToNext(irp);
        IoSetCompletionRoutine(irp, client_completed, &event, TRUE, TRUE, TRUE);
        if (IoCallDriver(f->lower, irp) == STATUS_PENDING)
            KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
        f->is_started = NT_SUCCESS(irp->IoStatus.Status);
        status = irp->IoStatus.Status;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
        return status;
    case IRP_MN_SURPRISE_REMOVAL:
        client.surprised++;
        f->was_surprised = true;
        irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    case IRP_MN_REMOVE_DEVICE:
        irp->IoStatus.Status = STATUS_SUCCESS;
        IoSkipCurrentIrpStackLocation(irp);
        status = IoCallDriver(f->lower, irp);
        client.removed++;
        client_forget(f);
        IoDetachDevice(f->lower);
        IoDeleteDevice(device);
        return status;
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_STOP_DEVICE:
        irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    default:
        break;
    }
    IoSkipCurrentIrpStackLocation(irp);
    return IoCallDriver(f->lower, irp);
}

static inline NTSTATUS NTAPI client_power(PDEVICE_OBJECT device, PIRP irp)
{
    struct function *f = device->DeviceExtension;
    PoStartNextPowerIrp(irp);
    IoSkipCurrentIrpStackLocation(irp);
    return PoCallDriver(f->lower, irp);
}

static inline NTSTATUS NTAPI client_add(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical)
{
    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver, sizeof(struct function), NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    struct function *f = device->DeviceExtension;
    memset(f, 0, sizeof(*f));
    f->self = device;
    f->physical = physical;
    f->lower = IoAttachDeviceToDeviceStack(device, physical);
    device->Flags &= ~DO_DEVICE_INITIALIZING;
    client.functions[client.count++] = f;
    client.added++;
    return STATUS_SUCCESS;
}

static VOID NTAPI client_unload(PDRIVER_OBJECT driver)
{
    (void)driver;
}

static inline NTSTATUS NTAPI client_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    (void)path;
    driver->DriverExtension->AddDevice = client_add;
    driver->DriverUnload = client_unload;
    driver->MajorFunction[IRP_MJ_PNP] = client_pnp;
    driver->MajorFunction[IRP_MJ_POWER] = client_power;
    return STATUS_SUCCESS;
}

/* Boots with the function driver installed for ID. */
static inline void usb_test_boot(const char *id)
{
    memset(&client, 0, sizeof(client));
    struct ndiskit_error error;
    assert_int_equal(ndiskit_boot(NULL, &error), 0);
    pnp_register_builtin("usbclient", client_entry);
    pnp_register_builtin_id(id, "usbclient");
}

static inline void count_own(void *context, const void *caller, ULONG tag, size_t size, const void *address)
{
    static const ULONG tags[] = {0x64627355, 0x6D636E67, 0x6E6C6E67, 0x6C73676E, 0x70747468, 0x70697375, 0x6C627375}; /* usb, gadget */
    (void)caller;
    (void)size;
    (void)address;
    for (size_t i = 0; i < RTL_NUMBER_OF(tags); i++)
        *(unsigned *)context += tag == tags[i];
}

static inline void usb_test_shutdown(void)
{
    unsigned own = 0;
    struct ndiskit_error error;
    struct ndiskit_leaks leaks;
    assert_int_equal(ndiskit_shutdown(&leaks, &error), 0);
    assert_int_equal(usb_outstanding_transfers(), 0);
    assert_int_equal(leaks.device_objects, 0);
    assert_int_equal(leaks.threads, 0);
    ex_pool_for_each(count_own, &own);
    assert_int_equal(own, 0);
}

/* Plugs a gadget and waits for the function driver. */
static inline struct usb_device *usb_test_plug(struct usb_backend *backend)
{
    struct usb_device *device;
    char error[256];
    assert_non_null(backend);
    if (!NT_SUCCESS(usb_plug(backend, &device, error, sizeof(error))))
        fail_msg("%s", error);
    assert_true(pnp_wait_idle(-1));
    return device;
}

static inline void usb_test_unplug(struct usb_device *device)
{
    usb_unplug(device);
    assert_true(pnp_wait_idle(-1));
}

/* An IRP with a URB, for requests that the test cancels or does not wait for. */
struct request {
    PIRP irp;
    KEVENT done;
    PURB urb;
    KIRQL irql; /* at completion */
    NTSTATUS status;
};

static inline NTSTATUS NTAPI request_completed(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct request *r = context;
    (void)device;
    r->irql = KeGetCurrentIrql();
    r->status = irp->IoStatus.Status;
    KeSetEvent(&r->done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static inline NTSTATUS request_send_control(struct request *r, struct function *f, ULONG code, PVOID argument1,
                                            PVOID argument2)
{
    KeInitializeEvent(&r->done, NotificationEvent, FALSE);
    r->irp = IoAllocateIrp(f->lower->StackSize, FALSE);
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(r->irp);
    stack->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    stack->Parameters.DeviceIoControl.IoControlCode = code;
    stack->Parameters.Others.Argument1 = argument1;
    if (argument2 != NULL)
        stack->Parameters.Others.Argument2 = argument2;
    IoSetCompletionRoutine(r->irp, request_completed, r, TRUE, TRUE, TRUE);
    return IoCallDriver(f->lower, r->irp);
}

static inline NTSTATUS request_send(struct request *r, struct function *f, PURB urb)
{
    r->urb = urb;
    return request_send_control(r, f, IOCTL_INTERNAL_USB_SUBMIT_URB, urb, NULL);
}

static inline NTSTATUS request_wait(struct request *r)
{
    KeWaitForSingleObject(&r->done, Executive, KernelMode, FALSE, NULL);
    IoFreeIrp(r->irp);
    return r->status;
}

static inline NTSTATUS send_urb(struct function *f, void *urb)
{
    struct request r;
    request_send(&r, f, urb);
    return request_wait(&r);
}

static inline NTSTATUS send_control(struct function *f, ULONG code, PVOID argument1)
{
    struct request r;
    request_send_control(&r, f, code, argument1, NULL);
    return request_wait(&r);
}

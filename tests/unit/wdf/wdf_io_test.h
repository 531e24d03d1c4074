/*
 * A lower driver under the test's control, and a miniport's framework device on top of it: what requests and I/O
 * targets are tested with.
 */
#pragma once

#include "wdf_test.h"

/* What the lower driver does with the next requests. */
enum lower_mode {
    LOWER_COMPLETE, /* at once, with lower.status and lower.information */
    LOWER_HOLD,     /* keeps them, cancelable, until lower_release */
};

static struct {
    PDRIVER_OBJECT driver;
    PDEVICE_OBJECT device, self;
    enum lower_mode mode;
    NTSTATUS status;
    ULONG_PTR information;
    void (*inspect)(PIRP irp, PIO_STACK_LOCATION stack);
    unsigned received;
    PIRP held[16];
    unsigned held_count;
    WDFDEVICE wdf;
    WDFIOTARGET target;
} lower;

static VOID NTAPI lower_cancel(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    IoReleaseCancelSpinLock(irp->CancelIrql);
    for (unsigned i = 0; i < lower.held_count; i++)
        if (lower.held[i] == irp)
            lower.held[i] = lower.held[--lower.held_count];
    irp->IoStatus.Status = STATUS_CANCELLED;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

static NTSTATUS NTAPI lower_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    if (stack->MajorFunction == IRP_MJ_CREATE || stack->MajorFunction == IRP_MJ_CLEANUP ||
        stack->MajorFunction == IRP_MJ_CLOSE) {
        irp->IoStatus.Status = STATUS_SUCCESS;
        irp->IoStatus.Information = FILE_OPENED;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
        return STATUS_SUCCESS;
    }
    lower.received++;
    if (lower.inspect != NULL)
        lower.inspect(irp, stack);
    if (lower.mode == LOWER_HOLD) {
        IoMarkIrpPending(irp);
        lower.held[lower.held_count++] = irp;
        IoSetCancelRoutine(irp, lower_cancel);
        if (irp->Cancel && IoSetCancelRoutine(irp, NULL) != NULL) {
            IoAcquireCancelSpinLock(&irp->CancelIrql);
            lower_cancel(device, irp);
        }
        return STATUS_PENDING;
    }
    irp->IoStatus.Status = lower.status;
    irp->IoStatus.Information = lower.information;
    NTSTATUS status = lower.status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

/* Completes the oldest request that the lower driver holds. */
static inline void lower_release(NTSTATUS status, ULONG_PTR information)
{
    assert_true(lower.held_count > 0);
    PIRP irp = lower.held[0];
    memmove(&lower.held[0], &lower.held[1], --lower.held_count * sizeof(lower.held[0]));
    IoSetCancelRoutine(irp, NULL);
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
}

static VOID NTAPI lower_unload(PDRIVER_OBJECT driver)
{
    while (driver->DeviceObject != NULL)
        IoDeleteDevice(driver->DeviceObject);
}

static NTSTATUS NTAPI lower_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name;
    (void)path;
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        driver->MajorFunction[i] = lower_dispatch;
    driver->DriverUnload = lower_unload;
    RtlInitUnicodeString(&name, L"\\Device\\WdfLower");
    NTSTATUS status = IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &lower.device);
    if (NT_SUCCESS(status))
        status = IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &lower.self);
    if (!NT_SUCCESS(status))
        return status;
    lower.device->Flags &= ~DO_DEVICE_INITIALIZING;
    lower.self->Flags &= ~DO_DEVICE_INITIALIZING;
    lower.self->StackSize = 2;
    return STATUS_SUCCESS;
}

static inline int lower_start(void **state)
{
    (void)state;
    memset(&lower, 0, sizeof(lower));
    if (!NT_SUCCESS(io_create_driver("wdflower", NULL, lower_entry, &lower.driver)))
        return -1;
    wdf_test_start();
    if (!NT_SUCCESS(WdfDeviceMiniportCreate(WdfGetDriver(), WDF_NO_OBJECT_ATTRIBUTES, lower.self, lower.device, NULL,
                                            &lower.wdf)))
        return -1;
    lower.target = WdfDeviceGetIoTarget(lower.wdf);
    return 0;
}

static inline int lower_stop(void **state)
{
    ULONG left;
    (void)state;
    WdfObjectDelete(lower.wdf);
    wdf_test_stop();
    return NT_SUCCESS(io_unload_driver(lower.driver, &left)) ? 0 : -1;
}

static inline WDFMEMORY new_memory(void *buffer, size_t size)
{
    WDFMEMORY memory;
    assert_int_equal(WdfMemoryCreatePreallocated(WDF_NO_OBJECT_ATTRIBUTES, buffer, size, &memory), STATUS_SUCCESS);
    return memory;
}

static inline WDFREQUEST new_request(void)
{
    WDFREQUEST request;
    assert_int_equal(WdfRequestCreate(WDF_NO_OBJECT_ATTRIBUTES, lower.target, &request), STATUS_SUCCESS);
    return request;
}

/* A completion routine that remembers what it was told. */
struct outcome {
    KEVENT done;
    unsigned calls;
    NTSTATUS status;
    WDFIOTARGET target;
    WDF_REQUEST_COMPLETION_PARAMS params;
};

static VOID NTAPI remember(WDFREQUEST request, WDFIOTARGET target, PWDF_REQUEST_COMPLETION_PARAMS params,
                           WDFCONTEXT context)
{
    struct outcome *outcome = context;
    outcome->calls++;
    outcome->status = WdfRequestGetStatus(request);
    outcome->target = target;
    outcome->params = *params;
    KeSetEvent(&outcome->done, IO_NO_INCREMENT, FALSE);
}

static inline void outcome_prepare(struct outcome *outcome, WDFREQUEST request)
{
    memset(outcome, 0, sizeof(*outcome));
    KeInitializeEvent(&outcome->done, NotificationEvent, FALSE);
    WdfRequestSetCompletionRoutine(request, remember, outcome);
}

static inline void outcome_wait(struct outcome *outcome)
{
    LARGE_INTEGER patience = {.QuadPart = -100LL * 1000 * 1000};
    assert_int_equal(KeWaitForSingleObject(&outcome->done, Executive, KernelMode, FALSE, &patience), STATUS_SUCCESS);
}

static inline void reuse(WDFREQUEST request)
{
    WDF_REQUEST_REUSE_PARAMS params;
    WDF_REQUEST_REUSE_PARAMS_INIT(&params, WDF_REQUEST_REUSE_NO_FLAGS, STATUS_SUCCESS);
    assert_int_equal(WdfRequestReuse(request, &params), STATUS_SUCCESS);
}

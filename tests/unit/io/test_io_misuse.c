/*
 * What a driver must not do with IRPs and device objects: each ends in the documented bug check, with a report that
 * says what it was.
 */
#include "tests/unit/io/io_test.h"
#include "tests/unit/ke/bugcheck_child.h"

static NTSTATUS NTAPI complete_it(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    return io_test_complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI complete_twice(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    io_test_complete(irp, STATUS_SUCCESS, 0);
    return io_test_complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI return_raised(PDEVICE_OBJECT device, PIRP irp)
{
    KIRQL old;

    (void)device;
    io_test_complete(irp, STATUS_SUCCESS, 0);
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI complete_pending(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    return io_test_complete(irp, STATUS_PENDING, 0);
}

static VOID NTAPI never_called(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    (void)irp;
}

static NTSTATUS NTAPI complete_with_cancel_routine(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    IoSetCancelRoutine(irp, never_called);
    return io_test_complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI claim_too_much(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    return io_test_complete(irp, STATUS_SUCCESS, 1000);
}

static NTSTATUS NTAPI keep_it(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    (void)irp;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI keep_routine(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    return (void)context, keep_it(device, irp);
}

static PDEVICE_OBJECT boot(PDRIVER_DISPATCH dispatch)
{
    io_test_boot();
    return io_test_device(io_test_driver("misuse", dispatch), DO_BUFFERED_IO);
}

/* An IRP of the driver's own that stops at its completion routine. */
static void send_own(PDRIVER_DISPATCH dispatch)
{
    PDEVICE_OBJECT device = boot(dispatch);
    PIRP irp = IoAllocateIrp(device->StackSize, FALSE);

    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    IoSetCompletionRoutine(irp, keep_routine, NULL, TRUE, TRUE, TRUE);
    IoCallDriver(device, irp);
}

static void do_complete_twice(void)
{
    send_own(complete_twice);
}

static void do_return_raised(void)
{
    send_own(return_raised);
}

static void do_complete_pending(void)
{
    send_own(complete_pending);
}

static void do_cancel_routine_left(void)
{
    send_own(complete_with_cancel_routine);
}

static void do_no_stack_location(void)
{
    PDEVICE_OBJECT device = boot(complete_it);
    PIRP irp = IoAllocateIrp(1, FALSE);

    IoSetNextIrpStackLocation(irp);
    IoCallDriver(device, irp);
}

static void do_freed_irp(void)
{
    PDEVICE_OBJECT device = boot(complete_it);
    PIRP irp = IoAllocateIrp(1, FALSE);

    irp->Type = 0; /* what IoFreeIrp leaves, without reading freed memory */
    IoCallDriver(device, irp);
}

static void do_no_completion_routine(void)
{
    PDEVICE_OBJECT device = boot(complete_it);

    IoCallDriver(device, IoAllocateIrp(1, FALSE));
}

static void do_information_too_large(void)
{
    PDEVICE_OBJECT device = boot(claim_too_much);
    IO_STATUS_BLOCK iosb;
    char output[8];
    KEVENT event;

    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IoCallDriver(device, IoBuildDeviceIoControlRequest(CTL_CODE(1, 1, METHOD_BUFFERED, 0), device, NULL, 0, output,
                                                       sizeof(output), FALSE, &event, &iosb));
}

static void do_free_system_irp(void)
{
    PDEVICE_OBJECT device = boot(complete_it);
    IO_STATUS_BLOCK iosb;

    IoFreeIrp(IoBuildDeviceIoControlRequest(CTL_CODE(1, 1, METHOD_BUFFERED, 0), device, NULL, 0, NULL, 0, FALSE, NULL,
                                            &iosb));
}

static void do_delete_attached(void)
{
    PDEVICE_OBJECT lower = boot(complete_it), upper = io_test_device(lower->DriverObject, 0);

    IoAttachDeviceToDeviceStack(upper, lower);
    IoDeleteDevice(upper);
}

static void do_detach_nothing(void)
{
    IoDetachDevice(boot(complete_it));
}

static void do_remove_lock_underflow(void)
{
    IO_REMOVE_LOCK lock;

    io_test_boot();
    IoInitializeRemoveLock(&lock, 0, 0, 0);
    IoReleaseRemoveLock(&lock, NULL);
    IoReleaseRemoveLock(&lock, NULL);
}

static VOID NTAPI block(PDEVICE_OBJECT device, PVOID context)
{
    (void)device;
    KeWaitForSingleObject(context, Executive, KernelMode, FALSE, NULL);
}

/* Every worker thread is kept busy, so that the item stays in the queue. */
static void do_queue_twice(void)
{
    PDEVICE_OBJECT device = boot(complete_it);
    PIO_WORKITEM item = IoAllocateWorkItem(device);
    KEVENT never;

    KeInitializeEvent(&never, NotificationEvent, FALSE);
    for (int i = 0; i < 100; i++)
        IoQueueWorkItem(IoAllocateWorkItem(device), block, DelayedWorkQueue, &never);
    IoQueueWorkItem(item, block, DelayedWorkQueue, &never);
    IoQueueWorkItem(item, block, DelayedWorkQueue, &never);
}

#define BUGCHECK_TEST(name, code, ...)                                                                                 \
    static void test_##name(void **state)                                                                              \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        expect_bugcheck(do_##name, code, __VA_ARGS__, NULL);                                                           \
    }

BUGCHECK_TEST(complete_twice, "MULTIPLE_IRP_COMPLETE_REQUESTS", "0x00000044")
BUGCHECK_TEST(return_raised, "IRQL_UNEXPECTED_VALUE", "dispatch routine")
BUGCHECK_TEST(complete_pending, "DRIVER_VERIFIER_IOMANAGER_VIOLATION", "Parameter 1: 0x0000000000000006")
BUGCHECK_TEST(cancel_routine_left, "DRIVER_VERIFIER_IOMANAGER_VIOLATION", "Parameter 1: 0x0000000000000007")
BUGCHECK_TEST(no_stack_location, "NO_MORE_IRP_STACK_LOCATIONS", "0x00000035")
BUGCHECK_TEST(freed_irp, "DRIVER_VERIFIER_IOMANAGER_VIOLATION", "Parameter 1: 0x0000000000000003")
BUGCHECK_TEST(no_completion_routine, "DRIVER_VERIFIER_IOMANAGER_VIOLATION", "must set a completion routine")
BUGCHECK_TEST(information_too_large, "DRIVER_VERIFIER_IOMANAGER_VIOLATION", "1000, but the output buffer has 8 bytes")
BUGCHECK_TEST(free_system_irp, "DRIVER_VERIFIER_IOMANAGER_VIOLATION", "Parameter 1: 0x0000000000000002")
BUGCHECK_TEST(delete_attached, "DRIVER_VERIFIER_IOMANAGER_VIOLATION", "IoDetachDevice")
BUGCHECK_TEST(detach_nothing, "DRIVER_VERIFIER_IOMANAGER_VIOLATION", "Parameter 1: 0x0000000000000202")
BUGCHECK_TEST(remove_lock_underflow, "DRIVER_VERIFIER_DETECTED_VIOLATION", "released more often than acquired")
BUGCHECK_TEST(queue_twice, "WORKER_INVALID", "queued already")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complete_twice),        cmocka_unit_test(test_return_raised),
        cmocka_unit_test(test_complete_pending),      cmocka_unit_test(test_cancel_routine_left),
        cmocka_unit_test(test_no_stack_location),     cmocka_unit_test(test_freed_irp),
        cmocka_unit_test(test_no_completion_routine), cmocka_unit_test(test_information_too_large),
        cmocka_unit_test(test_free_system_irp),       cmocka_unit_test(test_delete_attached),
        cmocka_unit_test(test_detach_nothing),        cmocka_unit_test(test_remove_lock_underflow),
        cmocka_unit_test(test_queue_twice),
    };
    return cmocka_run_group_tests_name("io misuse", tests, NULL, NULL);
}

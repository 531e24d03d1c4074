/*
 * IRPs through stacks: order of completion routines, pending propagation, buffers by transfer type, cancellation.
 */
#include "tests/unit/io/io_test.h"

static struct {
    PDRIVER_OBJECT lower_driver, upper_driver;
    PDEVICE_OBJECT lower, upper;
    char order[64];
    PIRP held;             /* what the lower driver keeps pending */
    NTSTATUS lower_status; /* what it completes with */
    ULONG_PTR lower_information;
    bool hold;
    bool upper_forwards_with_routine;
    UCHAR pending_seen;
    NTSTATUS routine_result;
    KIRQL irql_seen;
    void (*at_lower)(PIRP irp, PIO_STACK_LOCATION stack);
} t;

static void note(char c)
{
    size_t length = strlen(t.order);

    t.order[length] = c;
    t.order[length + 1] = '\0';
}

static NTSTATUS NTAPI lower_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);

    assert_ptr_equal(device, t.lower);
    assert_ptr_equal(stack->DeviceObject, t.lower);
    note('L');
    if (t.at_lower)
        t.at_lower(irp, stack);
    if (t.hold) {
        IoMarkIrpPending(irp);
        t.held = irp;
        return STATUS_PENDING;
    }
    return io_test_complete(irp, t.lower_status, t.lower_information);
}

static NTSTATUS NTAPI upper_routine(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    assert_ptr_equal(device, t.upper);
    assert_ptr_equal(context, &t);
    note('U');
    t.pending_seen = irp->PendingReturned;
    t.irql_seen = KeGetCurrentIrql();
    if (irp->PendingReturned)
        IoMarkIrpPending(irp);
    return t.routine_result;
}

static NTSTATUS NTAPI upper_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    assert_ptr_equal(device, t.upper);
    note('u');
    if (t.upper_forwards_with_routine) {
        IoCopyCurrentIrpStackLocationToNext(irp);
        IoSetCompletionRoutine(irp, upper_routine, &t, TRUE, TRUE, TRUE);
    } else {
        IoSkipCurrentIrpStackLocation(irp);
    }
    return IoCallDriver(t.lower, irp);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof(t));
    t.routine_result = STATUS_SUCCESS;
    io_test_boot();
    t.lower_driver = io_test_driver("lower", lower_dispatch);
    t.upper_driver = io_test_driver("upper", upper_dispatch);
    t.lower = io_test_device(t.lower_driver, DO_BUFFERED_IO);
    t.upper = io_test_device(t.upper_driver, DO_BUFFERED_IO);
    assert_ptr_equal(IoAttachDeviceToDeviceStack(t.upper, t.lower), t.lower);
    assert_int_equal(t.upper->StackSize, 2);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    IoDetachDevice(t.lower);
    IoDeleteDevice(t.upper);
    IoDeleteDevice(t.lower);
    assert_int_equal(io_unload_driver(t.upper_driver, NULL), STATUS_SUCCESS);
    assert_int_equal(io_unload_driver(t.lower_driver, NULL), STATUS_SUCCESS);
    return 0;
}

static NTSTATUS NTAPI top_routine(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    assert_null(device); /* nobody is above */
    note('T');
    t.pending_seen = irp->PendingReturned;
    if (context)
        KeSetEvent(context, 0, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP internal_irp(BOOLEAN on_success, BOOLEAN on_error, BOOLEAN on_cancel)
{
    PIRP irp = IoAllocateIrp(t.upper->StackSize, FALSE);

    assert_non_null(irp);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    IoSetCompletionRoutine(irp, top_routine, NULL, on_success, on_error, on_cancel);
    return irp;
}

static void test_layout(void **state)
{
    PIRP irp = IoAllocateIrp(3, FALSE);

    (void)state;
    assert_int_equal(irp->Type, IO_TYPE_IRP);
    assert_int_equal(irp->Size, sizeof(IRP) + 3 * sizeof(IO_STACK_LOCATION));
    assert_int_equal(irp->StackCount, 3);
    assert_int_equal(irp->CurrentLocation, 4);
    assert_ptr_equal(IoGetNextIrpStackLocation(irp), (PIO_STACK_LOCATION)(irp + 1) + 2);
    irp->IoStatus.Information = 7;
    IoReuseIrp(irp, STATUS_NOT_SUPPORTED);
    assert_int_equal(irp->IoStatus.Status, STATUS_NOT_SUPPORTED);
    assert_int_equal(irp->IoStatus.Information, 0);
    assert_int_equal(irp->CurrentLocation, 4);
    IoFreeIrp(irp);
}

static void test_completion_goes_up(void **state)
{
    PIRP irp = internal_irp(TRUE, TRUE, TRUE);

    (void)state;
    t.upper_forwards_with_routine = true;
    t.lower_status = STATUS_SUCCESS;
    t.lower_information = 42;
    assert_int_equal(IoCallDriver(t.upper, irp), STATUS_SUCCESS);
    assert_string_equal(t.order, "uLUT");
    assert_int_equal(irp->IoStatus.Information, 42);
    assert_int_equal(t.pending_seen, FALSE);
    IoFreeIrp(irp);
}

static void test_invoke_flags(void **state)
{
    PIRP irp = internal_irp(TRUE, TRUE, TRUE);

    (void)state;
    t.upper_forwards_with_routine = true;
    t.lower_status = STATUS_UNSUCCESSFUL;
    assert_int_equal(IoCallDriver(t.upper, irp), STATUS_UNSUCCESSFUL);
    assert_string_equal(t.order, "uLUT");
    IoFreeIrp(irp);

    memset(t.order, 0, sizeof(t.order));
    irp = IoAllocateIrp(t.lower->StackSize + 1, FALSE);
    IoSetNextIrpStackLocation(irp);
    IoGetCurrentIrpStackLocation(irp)->DeviceObject = t.upper;
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    IoSetCompletionRoutine(irp, upper_routine, &t, FALSE, FALSE, TRUE); /* only when cancelled */
    t.routine_result = STATUS_MORE_PROCESSING_REQUIRED;
    t.lower_status = STATUS_CANCELLED;
    irp->Cancel = TRUE;
    assert_int_equal(IoCallDriver(t.lower, irp), STATUS_CANCELLED);
    assert_string_equal(t.order, "LU");
    IoFreeIrp(irp);
}

static void test_pending_is_propagated(void **state)
{
    PIRP irp;

    (void)state;
    for (int with_routine = 0; with_routine < 2; with_routine++) {
        memset(t.order, 0, sizeof(t.order));
        t.upper_forwards_with_routine = with_routine;
        t.hold = true;
        irp = internal_irp(TRUE, TRUE, TRUE);
        assert_int_equal(IoCallDriver(t.upper, irp), STATUS_PENDING);
        assert_ptr_equal(t.held, irp);
        io_test_complete(t.held, STATUS_SUCCESS, 0);
        assert_string_equal(t.order, with_routine ? "uLUT" : "uLT");
        assert_int_equal(t.pending_seen, TRUE);
        IoFreeIrp(irp);
    }
}

static void test_more_processing_stops_and_resumes(void **state)
{
    PIRP irp = internal_irp(TRUE, TRUE, TRUE);

    (void)state;
    t.upper_forwards_with_routine = true;
    t.routine_result = STATUS_MORE_PROCESSING_REQUIRED;
    IoCallDriver(t.upper, irp);
    assert_string_equal(t.order, "uLU");
    /* The upper driver owns it again: its own stack location is the current one. */
    assert_ptr_equal(IoGetCurrentIrpStackLocation(irp)->DeviceObject, t.upper);
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    assert_string_equal(t.order, "uLUT");
    IoFreeIrp(irp);
}

#define IOCTL_TEST(method) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, method, FILE_ANY_ACCESS)

static void reverse_buffered(PIRP irp, PIO_STACK_LOCATION stack)
{
    UCHAR *data = irp->AssociatedIrp.SystemBuffer;

    assert_int_equal(stack->Parameters.DeviceIoControl.InputBufferLength, 4);
    assert_int_equal(stack->Parameters.DeviceIoControl.OutputBufferLength, 6);
    assert_memory_equal(data, "abcd", 4);
    memcpy(data, "dcba", 4);
}

static NTSTATUS send(PIRP irp, PKEVENT event, PIO_STATUS_BLOCK iosb)
{
    NTSTATUS status = IoCallDriver(t.upper, irp);

    if (status == STATUS_PENDING) {
        KeWaitForSingleObject(event, Executive, KernelMode, FALSE, NULL);
        status = iosb->Status;
    }
    return status;
}

static void test_buffered_control(void **state)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    char output[6] = "zzzzzz";
    KEVENT event;
    PIRP irp;

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    irp =
        IoBuildDeviceIoControlRequest(IOCTL_TEST(METHOD_BUFFERED), t.upper, "abcd", 4, output, 6, FALSE, &event, &iosb);
    assert_non_null(irp);
    assert_int_equal(IoGetNextIrpStackLocation(irp)->MajorFunction, IRP_MJ_DEVICE_CONTROL);
    t.at_lower = reverse_buffered;
    t.lower_information = 3;
    assert_int_equal(send(irp, &event, &iosb), STATUS_SUCCESS);
    assert_memory_equal(output, "dcbzzz", 6); /* just what Information says */
    assert_int_equal(iosb.Status, STATUS_SUCCESS);
    assert_int_equal(iosb.Information, 3);
    assert_int_equal(KeReadStateEvent(&event), 1);
}

/* A failure that IoCallDriver returned directly is told by its return value alone. */
static void test_direct_failure_leaves_status_block(void **state)
{
    IO_STATUS_BLOCK iosb = {.Status = 77, .Information = 78};
    char output[6] = "zzzzzz";
    KEVENT event;
    PIRP irp;

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    irp =
        IoBuildDeviceIoControlRequest(IOCTL_TEST(METHOD_BUFFERED), t.upper, "abcd", 4, output, 6, TRUE, &event, &iosb);
    assert_int_equal(IoGetNextIrpStackLocation(irp)->MajorFunction, IRP_MJ_INTERNAL_DEVICE_CONTROL);
    t.lower_status = STATUS_UNSUCCESSFUL;
    t.lower_information = 6;
    assert_int_equal(IoCallDriver(t.upper, irp), STATUS_UNSUCCESSFUL);
    assert_memory_equal(output, "zzzzzz", 6);
    assert_int_equal(iosb.Status, 77);
    assert_int_equal(KeReadStateEvent(&event), 0);

    /* Told later, it is told by the event. */
    irp =
        IoBuildDeviceIoControlRequest(IOCTL_TEST(METHOD_BUFFERED), t.upper, "abcd", 4, output, 6, TRUE, &event, &iosb);
    t.hold = true;
    assert_int_equal(IoCallDriver(t.upper, irp), STATUS_PENDING);
    io_test_complete(t.held, STATUS_UNSUCCESSFUL, 0);
    assert_int_equal(KeReadStateEvent(&event), 1);
    assert_int_equal(iosb.Status, STATUS_UNSUCCESSFUL);
}

static void check_direct(PIRP irp, PIO_STACK_LOCATION stack)
{
    char *mapped = MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);

    (void)stack;
    assert_memory_equal(irp->AssociatedIrp.SystemBuffer, "in", 2);
    assert_int_equal(MmGetMdlByteCount(irp->MdlAddress), 5);
    assert_true(irp->MdlAddress->MdlFlags & MDL_PAGES_LOCKED);
    memcpy(mapped, "hello", 5);
}

static void test_direct_control(void **state)
{
    IO_STATUS_BLOCK iosb = {0};
    char output[5];
    KEVENT event;
    PIRP irp;

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    irp =
        IoBuildDeviceIoControlRequest(IOCTL_TEST(METHOD_OUT_DIRECT), t.upper, "in", 2, output, 5, FALSE, &event, &iosb);
    t.at_lower = check_direct;
    t.lower_information = 5;
    assert_int_equal(send(irp, &event, &iosb), STATUS_SUCCESS);
    assert_memory_equal(output, "hello", 5);
}

static char neither_in[4], neither_out[4];

static void check_neither(PIRP irp, PIO_STACK_LOCATION stack)
{
    assert_ptr_equal(stack->Parameters.DeviceIoControl.Type3InputBuffer, neither_in);
    assert_ptr_equal(irp->UserBuffer, neither_out);
    assert_null(irp->AssociatedIrp.SystemBuffer);
    assert_null(irp->MdlAddress);
}

static void test_neither_control(void **state)
{
    IO_STATUS_BLOCK iosb = {0};
    KEVENT event;
    PIRP irp;

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    irp = IoBuildDeviceIoControlRequest(IOCTL_TEST(METHOD_NEITHER), t.upper, neither_in, 4, neither_out, 4, FALSE,
                                        &event, &iosb);
    t.at_lower = check_neither;
    assert_int_equal(send(irp, &event, &iosb), STATUS_SUCCESS);
}

static void fill_read(PIRP irp, PIO_STACK_LOCATION stack)
{
    assert_int_equal(stack->MajorFunction, IRP_MJ_READ);
    assert_int_equal(stack->Parameters.Read.Length, 8);
    assert_int_equal(stack->Parameters.Read.ByteOffset.QuadPart, 0x123456789ll);
    memcpy(irp->AssociatedIrp.SystemBuffer, "12345678", 8);
}

static void test_synchronous_read(void **state)
{
    LARGE_INTEGER offset = {.QuadPart = 0x123456789ll};
    IO_STATUS_BLOCK iosb = {0};
    char data[8] = "";
    KEVENT event;
    PIRP irp;

    (void)state;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    irp = IoBuildSynchronousFsdRequest(IRP_MJ_READ, t.upper, data, 8, &offset, &event, &iosb);
    t.at_lower = fill_read;
    t.lower_information = 8;
    assert_int_equal(send(irp, &event, &iosb), STATUS_SUCCESS);
    assert_memory_equal(data, "12345678", 8);
}

static void test_associated_irps(void **state)
{
    PIRP master = internal_irp(TRUE, TRUE, TRUE), parts[3];

    (void)state;
    t.hold = true;
    IoCallDriver(t.upper, master);
    assert_ptr_equal(t.held, master);
    master->AssociatedIrp.IrpCount = 3;
    for (int i = 0; i < 3; i++) {
        parts[i] = IoMakeAssociatedIrp(master, t.lower->StackSize);
        IoGetNextIrpStackLocation(parts[i])->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
        t.hold = true;
        IoCallDriver(t.lower, parts[i]);
    }
    master->IoStatus.Status = STATUS_SUCCESS;
    for (int i = 0; i < 3; i++) {
        assert_null(strchr(t.order, 'T'));
        io_test_complete(parts[i], STATUS_SUCCESS, 0);
    }
    assert_non_null(strchr(t.order, 'T')); /* the last one completed the master */
    IoFreeIrp(master);
}

static VOID NTAPI cancel_held(PDEVICE_OBJECT device, PIRP irp)
{
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    assert_ptr_equal(device, t.lower);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    note('C');
    io_test_complete(irp, STATUS_CANCELLED, 0);
}

static void set_cancel(PIRP irp, PIO_STACK_LOCATION stack)
{
    (void)stack;
    IoSetCancelRoutine(irp, cancel_held);
}

static void test_cancel(void **state)
{
    PIRP irp = internal_irp(TRUE, TRUE, TRUE);

    (void)state;
    t.hold = true;
    t.at_lower = set_cancel;
    IoCallDriver(t.upper, irp);
    assert_true(IoCancelIrp(irp));
    assert_string_equal(t.order, "uLCT");
    assert_int_equal(irp->IoStatus.Status, STATUS_CANCELLED);
    assert_false(IoCancelIrp(irp)); /* nobody is left to ask */
    IoFreeIrp(irp);
}

static void test_completion_routine_ex(void **state)
{
    PIRP irp = IoAllocateIrp(t.upper->StackSize, FALSE);

    (void)state;
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    assert_int_equal(IoSetCompletionRoutineEx(t.upper, irp, top_routine, NULL, TRUE, TRUE, TRUE), STATUS_SUCCESS);
    assert_int_equal(IoCallDriver(t.upper, irp), STATUS_SUCCESS);
    assert_string_equal(t.order, "uLT");
    IoFreeIrp(irp);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_layout),
        TEST(test_completion_goes_up),
        TEST(test_invoke_flags),
        TEST(test_pending_is_propagated),
        TEST(test_more_processing_stops_and_resumes),
        TEST(test_buffered_control),
        TEST(test_direct_failure_leaves_status_block),
        TEST(test_direct_control),
        TEST(test_neither_control),
        TEST(test_synchronous_read),
        TEST(test_associated_irps),
        TEST(test_cancel),
        TEST(test_completion_routine_ex),
    };
    return cmocka_run_group_tests_name("irp", tests, NULL, io_test_halt);
}

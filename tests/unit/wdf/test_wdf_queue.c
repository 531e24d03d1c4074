/*
 * I/O queues on a control device: each dispatch type, configuration, stopping, draining and purging, taking, finding,
 * forwarding and requeuing requests, cancellation in the queue, files, and what creation refuses.
 */
#include "wdf_test.h"
#include "tests/unit/ke/bugcheck_child.h"

#define VIOLATION  "bug check 0x0000010D: WDF_VIOLATION"
#define IOCTL_TEST CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

DECLARE_CONST_UNICODE_STRING(sddl, L"D:P(A;;GA;;;SY)");
DECLARE_CONST_UNICODE_STRING(device_name, L"\\Device\\WdfQueueTest");
DECLARE_CONST_UNICODE_STRING(link_name, L"\\DosDevices\\WdfQueueTest");

static LARGE_INTEGER deadline = {.QuadPart = -10LL * 10000000};

/* ---- a driver with one control device
 * --------------------------------------------------------------------------------- */

static struct {
    PDRIVER_OBJECT object;
    WDFDEVICE device;
    PFILE_OBJECT file;
    WDFREQUEST taken[8]; /* that the handler was called with and kept */
    WDFQUEUE taken_from[8];
    unsigned count;
    bool complete; /* the handler completes at once */
    unsigned nesting, deepest;
    unsigned creates, cleanups, closes, cancelled_on_queue, ready, in_caller;
    NTSTATUS create_status;
    KIRQL irql;
    char unload[8];
} test;

static VOID NTAPI io_default(WDFQUEUE Queue, WDFREQUEST Request)
{
    test.irql = KeGetCurrentIrql();
    test.nesting++;
    if (test.nesting > test.deepest)
        test.deepest = test.nesting;
    test.taken_from[test.count % 8] = Queue;
    test.taken[test.count++ % 8] = Request;
    if (test.complete)
        WdfRequestComplete(Request, STATUS_SUCCESS);
    test.nesting--;
}

static VOID NTAPI cancelled_on_queue(WDFQUEUE Queue, WDFREQUEST Request)
{
    (void)Queue;
    test.cancelled_on_queue++;
    WdfRequestComplete(Request, STATUS_CANCELLED);
}

static VOID NTAPI file_create(WDFDEVICE Device, WDFREQUEST Request, WDFFILEOBJECT FileObject)
{
    assert_ptr_equal(WdfFileObjectGetDevice(FileObject), Device);
    assert_ptr_equal(WdfRequestGetFileObject(Request), FileObject);
    test.creates++;
    WdfRequestComplete(Request, test.create_status);
}

static VOID NTAPI file_cleanup(WDFFILEOBJECT FileObject)
{
    (void)FileObject;
    test.cleanups++;
}

static VOID NTAPI file_close(WDFFILEOBJECT FileObject)
{
    assert_non_null(WdfFileObjectWdmGetFileObject(FileObject));
    test.closes++;
}

static VOID NTAPI driver_unload(WDFDRIVER Driver)
{
    (void)Driver;
    strcat(test.unload, "U");
}

static VOID NTAPI in_caller_context(WDFDEVICE Device, WDFREQUEST Request)
{
    test.in_caller++;
    NTSTATUS status = WdfDeviceEnqueueRequest(Device, Request);
    if (!NT_SUCCESS(status))
        WdfRequestComplete(Request, status);
}

static int start_with(void (*change)(PWDFDEVICE_INIT init))
{
    WDF_FILEOBJECT_CONFIG files;
    memset(&test, 0, sizeof(test));
    wdf_test_prepare(WdfDriverInitNonPnpDriver);
    wdf_test.config.EvtDriverUnload = driver_unload;
    if (!NT_SUCCESS(io_create_driver("wdftest", NULL, FxDriverEntry, &test.object)))
        return -1;
    PWDFDEVICE_INIT init = WdfControlDeviceInitAllocate(WdfGetDriver(), &sddl);
    WDF_FILEOBJECT_CONFIG_INIT(&files, file_create, file_close, file_cleanup);
    WdfDeviceInitSetFileObjectConfig(init, &files, WDF_NO_OBJECT_ATTRIBUTES);
    if (change != NULL)
        change(init);
    if (!NT_SUCCESS(WdfDeviceInitAssignName(init, &device_name)) ||
        !NT_SUCCESS(WdfDeviceCreate(&init, WDF_NO_OBJECT_ATTRIBUTES, &test.device)) || init != NULL)
        return -1;
    if (!NT_SUCCESS(WdfDeviceCreateSymbolicLink(test.device, &link_name)))
        return -1;
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_with(NULL);
}

static int stop(void **state)
{
    ULONG left = 1;
    (void)state;
    if (test.file != NULL)
        io_close_file(test.file);
    NTSTATUS status = io_unload_driver(test.object, &left);
    return NT_SUCCESS(status) && left == 0 && strcmp(test.unload, "U") == 0 ? 0 : -1;
}

static void open_device(void)
{
    WdfControlFinishInitializing(test.device);
    assert_int_equal(io_open_file("\\DosDevices\\WdfQueueTest", &test.file), STATUS_SUCCESS);
}

static WDFQUEUE make_queue(WDF_IO_QUEUE_DISPATCH_TYPE type, bool is_default)
{
    WDF_IO_QUEUE_CONFIG config;
    WDFQUEUE queue;
    if (is_default)
        WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&config, type);
    else
        WDF_IO_QUEUE_CONFIG_INIT(&config, type);
    config.EvtIoDefault = type != WdfIoQueueDispatchManual ? io_default : NULL;
    config.EvtIoCanceledOnQueue = cancelled_on_queue;
    assert_int_equal(WdfIoQueueCreate(test.device, &config, WDF_NO_OBJECT_ATTRIBUTES, &queue), STATUS_SUCCESS);
    assert_ptr_equal(WdfIoQueueGetDevice(queue), test.device);
    return queue;
}

/* An IOCTL under way. */
struct sent {
    PIRP irp;
    KEVENT done;
    NTSTATUS status;
};

static NTSTATUS NTAPI sent_done(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct sent *sent = context;
    (void)device;
    sent->status = irp->IoStatus.Status;
    KeSetEvent(&sent->done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS send_ioctl(struct sent *sent)
{
    PDEVICE_OBJECT device = WdfDeviceWdmGetDeviceObject(test.device);
    KeInitializeEvent(&sent->done, NotificationEvent, FALSE);
    sent->status = STATUS_PENDING;
    sent->irp = IoAllocateIrp(device->StackSize, FALSE);
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(sent->irp);
    stack->MajorFunction = IRP_MJ_DEVICE_CONTROL;
    stack->FileObject = test.file;
    stack->Parameters.DeviceIoControl.IoControlCode = IOCTL_TEST;
    IoSetCompletionRoutine(sent->irp, sent_done, sent, TRUE, TRUE, TRUE);
    return IoCallDriver(device, sent->irp);
}

static NTSTATUS await(struct sent *sent)
{
    assert_int_equal(KeWaitForSingleObject(&sent->done, Executive, KernelMode, FALSE, &deadline), STATUS_SUCCESS);
    IoFreeIrp(sent->irp);
    return sent->status;
}

static ULONG state_of(WDFQUEUE queue, ULONG *waiting, ULONG *driver)
{
    return (ULONG)WdfIoQueueGetState(queue, waiting, driver);
}

/* ---- dispatch types
 * --------------------------------------------------------------------------------------------------- */

static void files_and_requests(void **state)
{
    (void)state;
    PFILE_OBJECT file;
    test.complete = true;
    WDFQUEUE queue = make_queue(WdfIoQueueDispatchParallel, true);
    assert_ptr_equal(WdfDeviceGetDefaultQueue(test.device), queue);
    /* Not before WdfControlFinishInitializing. */
    assert_false(NT_SUCCESS(io_open_file("\\DosDevices\\WdfQueueTest", &file)));
    open_device();
    assert_int_equal(test.creates, 1);
    assert_non_null(WdfDeviceGetFileObject(test.device, test.file));
    assert_int_equal(io_device_control(test.file, IOCTL_TEST, NULL, 0, NULL, 0, NULL), STATUS_SUCCESS);
    assert_int_equal(test.count, 1);
    test.create_status = STATUS_ACCESS_DENIED;
    assert_int_equal(io_open_file("\\DosDevices\\WdfQueueTest", &file), STATUS_ACCESS_DENIED);
    io_close_file(test.file);
    test.file = NULL;
    assert_int_equal(test.creates, 2);
    assert_int_equal(test.cleanups, 1);
    assert_int_equal(test.closes, 1);
}

static void sequential(void **state)
{
    struct sent sent[3];
    ULONG waiting, driver;
    (void)state;
    WDFQUEUE queue = make_queue(WdfIoQueueDispatchSequential, true);
    open_device();
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_ioctl(&sent[i]), STATUS_PENDING);
    assert_int_equal(test.count, 1);
    state_of(queue, &waiting, &driver);
    assert_int_equal(waiting, 2);
    assert_int_equal(driver, 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(test.count, i + 1);
        assert_ptr_equal(WdfRequestGetIoQueue(test.taken[i]), queue);
        WdfRequestComplete(test.taken[i], STATUS_SUCCESS);
        assert_int_equal(await(&sent[i]), STATUS_SUCCESS);
    }
    assert_true(WDF_IO_QUEUE_IDLE(WdfIoQueueGetState(queue, NULL, NULL)));
    assert_int_equal(test.deepest, 1);
}

/* However many requests wait, a handler that completes does not nest. */
static void no_nesting(void **state)
{
    struct sent sent[8];
    (void)state;
    WDFQUEUE queue = make_queue(WdfIoQueueDispatchSequential, true);
    open_device();
    WdfIoQueueStop(queue, NULL, NULL);
    for (int i = 0; i < 8; i++)
        assert_int_equal(send_ioctl(&sent[i]), STATUS_PENDING);
    assert_int_equal(test.count, 0);
    test.complete = true;
    WdfIoQueueStart(queue);
    for (int i = 0; i < 8; i++)
        assert_int_equal(await(&sent[i]), STATUS_SUCCESS);
    assert_int_equal(test.count, 8);
    assert_int_equal(test.deepest, 1);
}

static void parallel_with_a_limit(void **state)
{
    struct sent sent[3];
    WDF_IO_QUEUE_CONFIG config;
    (void)state;
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&config, WdfIoQueueDispatchParallel);
    config.EvtIoDefault = io_default;
    config.Settings.Parallel.NumberOfPresentedRequests = 2;
    assert_int_equal(WdfIoQueueCreate(test.device, &config, NULL, NULL), STATUS_SUCCESS);
    open_device();
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_ioctl(&sent[i]), STATUS_PENDING);
    assert_int_equal(test.count, 2);
    WdfRequestComplete(test.taken[1], STATUS_SUCCESS);
    assert_int_equal(test.count, 3);
    WdfRequestComplete(test.taken[0], STATUS_SUCCESS);
    WdfRequestComplete(test.taken[2], STATUS_SUCCESS);
    for (int i = 0; i < 3; i++)
        assert_int_equal(await(&sent[i]), STATUS_SUCCESS);
}

static VOID NTAPI on_ready(WDFQUEUE Queue, WDFCONTEXT Context)
{
    (void)Queue;
    assert_ptr_equal(Context, &test);
    test.ready++;
}

static void manual(void **state)
{
    struct sent sent[3];
    WDFREQUEST request, found, next;
    WDF_REQUEST_PARAMETERS parameters;
    (void)state;
    WDFQUEUE queue = make_queue(WdfIoQueueDispatchManual, true);
    open_device();
    assert_int_equal(WdfIoQueueReadyNotify(queue, on_ready, &test), STATUS_SUCCESS);
    assert_int_equal(WdfIoQueueReadyNotify(queue, on_ready, &test), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(WdfIoQueueRetrieveNextRequest(queue, &request), STATUS_NO_MORE_ENTRIES);
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_ioctl(&sent[i]), STATUS_PENDING);
    assert_int_equal(test.ready, 1); /* when the queue stopped being empty */

    WDF_REQUEST_PARAMETERS_INIT(&parameters);
    assert_int_equal(WdfIoQueueFindRequest(queue, NULL, NULL, &parameters, &found), STATUS_SUCCESS);
    assert_int_equal(parameters.Parameters.DeviceIoControl.IoControlCode, IOCTL_TEST);
    assert_int_equal(WdfIoQueueFindRequest(queue, found, NULL, NULL, &next), STATUS_SUCCESS);
    assert_ptr_not_equal(next, found);
    assert_int_equal(WdfIoQueueRetrieveFoundRequest(queue, next, &request), STATUS_SUCCESS);
    assert_ptr_equal(request, next);
    assert_int_equal(WdfIoQueueFindRequest(queue, next, NULL, NULL, &next), STATUS_NOT_FOUND);
    WdfObjectDereference(found);
    WdfObjectDereference(request);
    WdfRequestComplete(request, STATUS_SUCCESS);
    assert_int_equal(await(&sent[1]), STATUS_SUCCESS);

    /* Back to the head. */
    assert_int_equal(WdfIoQueueRetrieveNextRequest(queue, &request), STATUS_SUCCESS);
    assert_ptr_equal(request, found);
    assert_int_equal(WdfRequestRequeue(request), STATUS_SUCCESS);
    assert_int_equal(
        WdfIoQueueRetrieveRequestByFileObject(queue, WdfDeviceGetFileObject(test.device, test.file), &request),
        STATUS_SUCCESS);
    assert_ptr_equal(request, found);
    WdfRequestComplete(request, STATUS_SUCCESS);
    assert_int_equal(await(&sent[0]), STATUS_SUCCESS);

    WdfIoQueueStopSynchronously(queue);
    assert_int_equal(WdfIoQueueRetrieveNextRequest(queue, &request), STATUS_WDF_PAUSED);
    assert_int_equal(WdfIoQueueReadyNotify(queue, NULL, NULL), STATUS_SUCCESS);
    WdfIoQueueStart(queue);
    assert_int_equal(WdfIoQueueRetrieveNextRequest(queue, &request), STATUS_SUCCESS);
    WdfRequestComplete(request, STATUS_SUCCESS);
    assert_int_equal(await(&sent[2]), STATUS_SUCCESS);
}

/* ---- between queues, and out of them
 * ---------------------------------------------------------------------------------- */

static void forwarding_and_cancellation(void **state)
{
    struct sent sent[2];
    (void)state;
    WDFQUEUE front = make_queue(WdfIoQueueDispatchParallel, true), back = make_queue(WdfIoQueueDispatchManual, false);
    open_device();
    assert_int_equal(send_ioctl(&sent[0]), STATUS_PENDING);
    assert_int_equal(WdfRequestForwardToIoQueue(test.taken[0], front), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(WdfRequestRequeue(test.taken[0]), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(WdfRequestForwardToIoQueue(test.taken[0], back), STATUS_SUCCESS);
    assert_true(WDF_IO_QUEUE_IDLE(WdfIoQueueGetState(front, NULL, NULL)));
    /* The driver has had it: it hears of the cancellation. */
    assert_true(IoCancelIrp(sent[0].irp));
    assert_int_equal(await(&sent[0]), STATUS_CANCELLED);
    assert_int_equal(test.cancelled_on_queue, 1);
    /* One that it never had is completed without it. */
    WdfIoQueueStop(front, NULL, NULL);
    assert_int_equal(send_ioctl(&sent[1]), STATUS_PENDING);
    assert_true(IoCancelIrp(sent[1].irp));
    assert_int_equal(await(&sent[1]), STATUS_CANCELLED);
    assert_int_equal(test.cancelled_on_queue, 1);
    WdfIoQueueStart(front);
    assert_int_equal(send_ioctl(&sent[1]), STATUS_PENDING);
    WdfIoQueuePurgeSynchronously(back);
    assert_int_equal(WdfRequestForwardToIoQueue(test.taken[1], back), STATUS_WDF_BUSY);
    WdfRequestComplete(test.taken[1], STATUS_SUCCESS);
    assert_int_equal(await(&sent[1]), STATUS_SUCCESS);
}

static VOID NTAPI on_cancel(WDFREQUEST Request)
{
    WdfRequestComplete(Request, STATUS_CANCELLED);
}

static void purge_and_drain(void **state)
{
    struct sent sent[3];
    (void)state;
    WDFQUEUE queue = make_queue(WdfIoQueueDispatchSequential, true);
    open_device();
    for (int i = 0; i < 2; i++)
        assert_int_equal(send_ioctl(&sent[i]), STATUS_PENDING);
    assert_int_equal(WdfRequestMarkCancelableEx(test.taken[0], on_cancel), STATUS_SUCCESS);
    WdfIoQueuePurgeSynchronously(queue);
    assert_int_equal(await(&sent[0]), STATUS_CANCELLED);
    assert_int_equal(await(&sent[1]), STATUS_CANCELLED);
    assert_true(WDF_IO_QUEUE_PURGED(WdfIoQueueGetState(queue, NULL, NULL)));
    send_ioctl(&sent[0]);
    assert_int_equal(await(&sent[0]), STATUS_INVALID_DEVICE_STATE);

    WdfIoQueueStart(queue);
    assert_true(WDF_IO_QUEUE_READY(WdfIoQueueGetState(queue, NULL, NULL)));
    for (int i = 0; i < 2; i++)
        assert_int_equal(send_ioctl(&sent[i]), STATUS_PENDING);
    WdfIoQueueDrain(queue, on_ready, &test);
    send_ioctl(&sent[2]);
    assert_int_equal(await(&sent[2]), STATUS_INVALID_DEVICE_STATE);
    WdfRequestComplete(test.taken[1], STATUS_SUCCESS);
    assert_int_equal(test.ready, 0);
    WdfRequestComplete(test.taken[2], STATUS_SUCCESS);
    assert_int_equal(test.ready, 1);
    assert_true(WDF_IO_QUEUE_DRAINED(WdfIoQueueGetState(queue, NULL, NULL)));
    assert_int_equal(await(&sent[0]), STATUS_SUCCESS);
    assert_int_equal(await(&sent[1]), STATUS_SUCCESS);

    WdfIoQueueStart(queue);
    WdfIoQueueStopAndPurgeSynchronously(queue);
    assert_true(WDF_IO_QUEUE_STOPPED(WdfIoQueueGetState(queue, NULL, NULL)));
    assert_int_equal(send_ioctl(&sent[0]), STATUS_PENDING);
    test.complete = true;
    WdfIoQueueStart(queue);
    assert_int_equal(await(&sent[0]), STATUS_SUCCESS);
}

static void by_request_type(void **state)
{
    struct sent sent;
    (void)state;
    WDFQUEUE first = make_queue(WdfIoQueueDispatchParallel, true),
             controls = make_queue(WdfIoQueueDispatchParallel, false);
    open_device();
    test.complete = true;
    assert_int_equal(WdfDeviceConfigureRequestDispatching(test.device, controls, WdfRequestTypeClose),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfDeviceConfigureRequestDispatching(test.device, controls, WdfRequestTypeDeviceControl),
                     STATUS_SUCCESS);
    assert_int_equal(WdfDeviceConfigureRequestDispatching(test.device, first, WdfRequestTypeDeviceControl),
                     STATUS_WDF_BUSY);
    send_ioctl(&sent);
    assert_int_equal(await(&sent), STATUS_SUCCESS);
    assert_ptr_equal(test.taken_from[0], controls);
}

static void without_a_queue(void **state)
{
    struct sent sent;
    (void)state;
    open_device();
    send_ioctl(&sent);
    assert_int_equal(await(&sent), STATUS_INVALID_DEVICE_REQUEST);
}

/* A completion in a work item, at DISPATCH_LEVEL or under the lock: the passive, serialised queue still delivers. */
static void passive_and_serialised(void **state)
{
    struct sent sent[3];
    WDF_IO_QUEUE_CONFIG config;
    WDF_OBJECT_ATTRIBUTES attributes;
    KIRQL irql;
    WDFQUEUE queue;
    (void)state;
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&config, WdfIoQueueDispatchSequential);
    config.EvtIoDefault = io_default;
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ExecutionLevel = WdfExecutionLevelPassive;
    attributes.SynchronizationScope = WdfSynchronizationScopeQueue;
    assert_int_equal(WdfIoQueueCreate(test.device, &config, &attributes, &queue), STATUS_SUCCESS);
    open_device();
    test.complete = true;
    /* The work item may run on the other processor meanwhile. */
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (int i = 0; i < 3; i++)
        send_ioctl(&sent[i]);
    KeLowerIrql(irql);
    for (int i = 0; i < 3; i++)
        assert_int_equal(await(&sent[i]), STATUS_SUCCESS);
    assert_int_equal(test.irql, PASSIVE_LEVEL);
    assert_int_equal(test.count, 3);
}

static void in_caller(PWDFDEVICE_INIT init)
{
    WdfDeviceInitSetIoInCallerContextCallback(init, in_caller_context);
}

static int start_in_caller(void **state)
{
    (void)state;
    return start_with(in_caller);
}

static void caller_context(void **state)
{
    struct sent sent;
    (void)state;
    open_device();
    send_ioctl(&sent);
    assert_int_equal(await(&sent), STATUS_INVALID_DEVICE_REQUEST); /* there is no queue */
    make_queue(WdfIoQueueDispatchParallel, true);
    test.complete = true;
    send_ioctl(&sent);
    assert_int_equal(await(&sent), STATUS_SUCCESS);
    assert_int_equal(test.in_caller, 2);
    assert_int_equal(test.count, 1);
}

/* ---- creation
 * --------------------------------------------------------------------------------------------------------- */

static void refused_queues(void **state)
{
    WDF_IO_QUEUE_CONFIG config;
    WDFQUEUE queue;
    (void)state;
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&config, WdfIoQueueDispatchSequential);
    assert_int_equal(WdfIoQueueCreate(test.device, &config, NULL, &queue), STATUS_WDF_NO_CALLBACK);
    config.EvtIoDefault = io_default;
    config.Size--;
    assert_int_equal(WdfIoQueueCreate(test.device, &config, NULL, &queue), STATUS_INFO_LENGTH_MISMATCH);
    config.Size++;
    config.DispatchType = WdfIoQueueDispatchMax;
    assert_int_equal(WdfIoQueueCreate(test.device, &config, NULL, &queue), STATUS_INVALID_PARAMETER);
    config.DispatchType = WdfIoQueueDispatchSequential;
    assert_int_equal(WdfIoQueueCreate(test.device, &config, NULL, &queue), STATUS_SUCCESS);
    assert_int_equal(WdfIoQueueCreate(test.device, &config, NULL, &queue), STATUS_UNSUCCESSFUL);
    assert_null(queue);
}

static void refused_devices(void **state)
{
    WDFDEVICE device;
    (void)state;
    PWDFDEVICE_INIT init = WdfControlDeviceInitAllocate(WdfGetDriver(), &sddl);
    assert_non_null(init);
    assert_int_equal(WdfDeviceCreate(&init, NULL, &device), STATUS_INVALID_SECURITY_DESCR); /* no name */
    assert_int_equal(WdfDeviceInitAssignName(init, &device_name), STATUS_SUCCESS);
    assert_int_equal(WdfDeviceCreate(&init, NULL, &device), STATUS_OBJECT_NAME_COLLISION);
    assert_non_null(init);
    WdfDeviceInitFree(init);
    init = NULL;
    assert_int_equal(WdfDeviceCreate(&init, NULL, &device), STATUS_INVALID_PARAMETER);
    /* The driver deletes a control device when it likes. */
    WdfObjectDelete(test.device);
}

static void boot_and_start(void)
{
    wdf_test_boot();
    if (start_with(NULL) != 0)
        abort();
}

static void state_of_a_control_device(void)
{
    boot_and_start();
    WdfDeviceGetDevicePnpState(test.device);
}

static void wrong_size(void)
{
    WDF_FILEOBJECT_CONFIG files;
    boot_and_start();
    WDF_FILEOBJECT_CONFIG_INIT(&files, NULL, NULL, NULL);
    files.Size--;
    WdfDeviceInitSetFileObjectConfig(WdfControlDeviceInitAllocate(WdfGetDriver(), &sddl), &files, NULL);
}

static void stop_at_dispatch_level(void)
{
    KIRQL irql;
    boot_and_start();
    WDFQUEUE queue = make_queue(WdfIoQueueDispatchManual, true);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfIoQueueStopSynchronously(queue);
}

static void misuse(void **state)
{
    (void)state;
    expect_bugcheck(state_of_a_control_device, VIOLATION, "WdfDeviceGetDevicePnpState", NULL);
    expect_bugcheck(wrong_size, VIOLATION, "WdfDeviceInitSetFileObjectConfig", NULL);
    expect_bugcheck(stop_at_dispatch_level, VIOLATION, "WdfIoQueueStopSynchronously", NULL);
}

static int boot(void **state)
{
    (void)state;
    wdf_test_boot();
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest children[] = {cmocka_unit_test(misuse)};
    const struct CMUnitTest tests[] = {
        TEST(files_and_requests),
        TEST(sequential),
        TEST(no_nesting),
        TEST(parallel_with_a_limit),
        TEST(manual),
        TEST(forwarding_and_cancellation),
        TEST(purge_and_drain),
        TEST(by_request_type),
        TEST(without_a_queue),
        TEST(passive_and_serialised),
        cmocka_unit_test_setup_teardown(caller_context, start_in_caller, stop),
        TEST(refused_queues),
        TEST(refused_devices),
    };
    int failed = cmocka_run_group_tests(children, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, boot, wdf_test_halt);
}

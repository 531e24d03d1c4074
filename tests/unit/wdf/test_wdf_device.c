/*
 * A function driver's device in the Plug and Play tree: what happens to a request that the driver has when its device
 * is stopped and removed (EvtIoStop, EvtIoResume), driver-defined interfaces, capabilities, idle settings that the
 * machine cannot honour, and preprocessed IRPs.
 */
#include "wdf_test.h"
#include "ntoskrnl/pnp/pnp.h"

#define IOCTL_TEST CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)

static const GUID interface_guid = {0x11112222, 1, 2, {3}};
static LARGE_INTEGER deadline = {.QuadPart = -10LL * 10000000};

static struct {
    PDEVICE_OBJECT physical;
    WDFDEVICE device;
    WDFREQUEST request;
    ULONG stop_action, resumed, referenced, preprocessed;
    NTSTATUS idle[3];
    KEVENT done;
    NTSTATUS status;
} test;

static VOID NTAPI io_default(WDFQUEUE Queue, WDFREQUEST Request)
{
    (void)Queue;
    test.request = Request;
}

static VOID NTAPI io_stop(WDFQUEUE Queue, WDFREQUEST Request, ULONG ActionFlags)
{
    (void)Queue;
    test.stop_action = ActionFlags;
    if (ActionFlags & WdfRequestStopActionPurge)
        WdfRequestComplete(Request, STATUS_DEVICE_REMOVED);
    else
        WdfRequestStopAcknowledge(Request, FALSE);
}

static VOID NTAPI io_resume(WDFQUEUE Queue, WDFREQUEST Request)
{
    (void)Queue;
    if (Request == test.request)
        test.resumed++;
}

static VOID NTAPI reference(PVOID Context)
{
    (void)Context;
    test.referenced++;
}

static NTSTATUS NTAPI preprocess(WDFDEVICE Device, PIRP Irp)
{
    test.preprocessed++;
    IoSkipCurrentIrpStackLocation(Irp);
    return WdfDeviceWdmDispatchPreprocessedIrp(Device, Irp);
}

static NTSTATUS NTAPI device_add(WDFDRIVER Driver, PWDFDEVICE_INIT DeviceInit)
{
    WDF_IO_QUEUE_CONFIG queue;
    WDF_QUERY_INTERFACE_CONFIG interface;
    WDF_DEVICE_PNP_CAPABILITIES capabilities;
    WDF_DEVICE_POWER_POLICY_IDLE_SETTINGS idle;
    INTERFACE table = {sizeof(INTERFACE), 1, &test, reference, reference};
    (void)Driver;
    NTSTATUS status =
        WdfDeviceInitAssignWdmIrpPreprocessCallback(DeviceInit, preprocess, IRP_MJ_DEVICE_CONTROL, NULL, 0);
    if (NT_SUCCESS(status))
        status = WdfDeviceCreate(&DeviceInit, WDF_NO_OBJECT_ATTRIBUTES, &test.device);
    if (!NT_SUCCESS(status))
        return status;
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&queue, WdfIoQueueDispatchParallel);
    queue.EvtIoDefault = io_default;
    queue.EvtIoStop = io_stop;
    queue.EvtIoResume = io_resume;
    WDF_QUERY_INTERFACE_CONFIG_INIT(&interface, &table, &interface_guid, NULL);
    WDF_DEVICE_PNP_CAPABILITIES_INIT(&capabilities);
    capabilities.SurpriseRemovalOK = WdfTrue;
    capabilities.UINumber = 77;
    WdfDeviceSetPnpCapabilities(test.device, &capabilities);
    WDF_DEVICE_POWER_POLICY_IDLE_SETTINGS_INIT(&idle, IdleCannotWakeFromS0);
    test.idle[0] = WdfDeviceAssignS0IdleSettings(test.device, &idle);
    WDF_DEVICE_POWER_POLICY_IDLE_SETTINGS_INIT(&idle, IdleCanWakeFromS0);
    test.idle[1] = WdfDeviceAssignS0IdleSettings(test.device, &idle);
    idle.Size--;
    test.idle[2] = WdfDeviceAssignS0IdleSettings(test.device, &idle);
    status = WdfDeviceAddQueryInterface(test.device, &interface);
    return NT_SUCCESS(status) ? WdfIoQueueCreate(test.device, &queue, NULL, NULL) : status;
}

static NTSTATUS NTAPI request_done(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    (void)device;
    (void)context;
    test.status = irp->IoStatus.Status;
    KeSetEvent(&test.done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP send_ioctl(void)
{
    PDEVICE_OBJECT device = WdfDeviceWdmGetDeviceObject(test.device);
    KeInitializeEvent(&test.done, NotificationEvent, FALSE);
    PIRP irp = IoAllocateIrp(device->StackSize, FALSE);
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = IRP_MJ_DEVICE_CONTROL;
    stack->Parameters.DeviceIoControl.IoControlCode = IOCTL_TEST;
    IoSetCompletionRoutine(irp, request_done, NULL, TRUE, TRUE, TRUE);
    IoCallDriver(device, irp);
    return irp;
}

static int boot(void **state)
{
    (void)state;
    wdf_test_boot();
    pnp_initialize();
    return 0;
}

static int halt(void **state)
{
    pnp_shutdown();
    return wdf_test_halt(state);
}

static int plug(void **state)
{
    (void)state;
    memset(&test, 0, sizeof(test));
    wdf_test_prepare(0);
    wdf_test.config.EvtDriverDeviceAdd = device_add;
    pnp_register_builtin("wdftest", FxDriverEntry);
    if (!NT_SUCCESS(pnp_create_root_device("ROOT\\wdftest", &test.physical)))
        return -1;
    return pnp_wait_idle(100000000) && test.device != NULL &&
                   WdfDeviceGetDevicePnpState(test.device) == WdfDevStatePnpStarted
               ? 0
               : -1;
}

static int unplug(void **state)
{
    (void)state;
    pnp_unplug_root_device(test.physical);
    bool idle = pnp_wait_idle(100000000);
    ObDereferenceObject(test.physical);
    return idle ? 0 : -1;
}

static void requests_and_stops(void **state)
{
    (void)state;
    PIRP irp = send_ioctl();
    assert_int_equal(test.preprocessed, 1);
    assert_non_null(test.request);
    assert_int_equal(pnp_stop_and_restart(test.physical), STATUS_SUCCESS);
    assert_int_equal(test.stop_action, WdfRequestStopActionSuspend);
    assert_int_equal(test.resumed, 1);
    assert_int_equal(KeReadStateEvent(&test.done), 0);
    pnp_unplug_root_device(test.physical);
    assert_int_equal(KeWaitForSingleObject(&test.done, Executive, KernelMode, FALSE, &deadline), STATUS_SUCCESS);
    assert_int_equal(test.status, STATUS_DEVICE_REMOVED);
    assert_int_equal(test.stop_action, WdfRequestStopActionPurge);
    assert_true(pnp_wait_idle(100000000));
    IoFreeIrp(irp);
}

static void interfaces_and_capabilities(void **state)
{
    INTERFACE found = {0};
    (void)state;
    assert_int_equal(WdfFdoQueryForInterface(test.device, &interface_guid, &found, sizeof(found), 1, NULL),
                     STATUS_SUCCESS);
    assert_ptr_equal(found.Context, &test);
    assert_int_equal(test.referenced, 1);
    assert_int_equal(WdfFdoQueryForInterface(test.device, &interface_guid, &found, sizeof(found) - 1, 1, NULL),
                     STATUS_BUFFER_TOO_SMALL);

    DEVICE_CAPABILITIES capabilities = {.Size = sizeof(capabilities), .Version = 1, .UINumber = (ULONG)-1};
    IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_PNP, .MinorFunction = IRP_MN_QUERY_CAPABILITIES};
    stack.Parameters.DeviceCapabilities.Capabilities = &capabilities;
    assert_int_equal(io_send_and_wait(test.physical, &stack, STATUS_NOT_SUPPORTED, NULL), STATUS_SUCCESS);
    assert_true(capabilities.SurpriseRemovalOK);
    assert_int_equal(capabilities.UINumber, 77);

    assert_int_equal(test.idle[0], STATUS_SUCCESS);
    assert_int_equal(test.idle[1], STATUS_POWER_STATE_INVALID);
    assert_int_equal(test.idle[2], STATUS_INFO_LENGTH_MISMATCH);
    assert_int_equal(WdfDeviceStopIdle(test.device, TRUE), STATUS_SUCCESS);
    WdfDeviceResumeIdle(test.device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(interfaces_and_capabilities, plug, unplug),
        cmocka_unit_test_setup_teardown(requests_and_stops, plug, unplug),
    };
    return cmocka_run_group_tests(tests, boot, halt);
}

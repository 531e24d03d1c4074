/*
 * A miniport's framework device: what it gives, when it goes, and every documented restriction of it, each provoked in
 * a child process where it is a verifier stop. "WdfDeviceMiniportCreate function", "Creating KMDF Miniport Drivers"
 */
#include "wdf_io_test.h"
#include "tests/unit/ke/bugcheck_child.h"

#define VIOLATION  "bug check 0x0000010D: WDF_VIOLATION"
#define BAD_HANDLE "Parameter 1: 0x0000000000000005"

static void start(void)
{
    wdf_test_boot();
    if (lower_start(NULL) != 0)
        abort();
}

/* ---- what works
 * ------------------------------------------------------------------------------------------------------ */

static void devices_and_target(void **state)
{
    (void)state;
    start();
    assert_ptr_equal(WdfDeviceWdmGetDeviceObject(lower.wdf), lower.self);
    assert_ptr_equal(WdfDeviceWdmGetAttachedDevice(lower.wdf), lower.device);
    assert_null(WdfDeviceWdmGetPhysicalDevice(lower.wdf));
    WDFIOTARGET target = WdfDeviceGetIoTarget(lower.wdf);
    assert_non_null(target);
    assert_ptr_equal(WdfIoTargetGetDevice(target), lower.wdf);
    /* The device objects are the port driver's: the driver has no handle for them. */
    assert_null(WdfWdmDeviceGetWdfDeviceHandle(lower.self));

    /* Two devices over the same stack, as a driver with two adapters has, and one over nothing. */
    WDFDEVICE device;
    assert_int_equal(WdfDeviceMiniportCreate(WdfGetDriver(), NULL, lower.self, NULL, NULL, &device), STATUS_SUCCESS);
    assert_null(WdfDeviceGetIoTarget(device));
    WdfObjectDelete(device);
    assert_int_equal(WdfDeviceMiniportCreate(WdfGetDriver(), NULL, lower.self, lower.device, lower.device, &device),
                     STATUS_SUCCESS);
    assert_ptr_equal(WdfDeviceWdmGetPhysicalDevice(device), lower.device);
    WdfObjectDelete(device);

    INTERFACE interface;
    GUID guid = {1, 2, 3, {4}};
    lower.status = STATUS_NOT_SUPPORTED;
    assert_int_equal(WdfFdoQueryForInterface(lower.wdf, &guid, &interface, sizeof(interface), 1, NULL),
                     STATUS_NOT_SUPPORTED);
    assert_int_equal(WdfFdoQueryForInterface(lower.wdf, NULL, &interface, sizeof(interface), 1, NULL),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(lower_stop(NULL), 0);
}

static char order[64];

static VOID NTAPI device_cleanup(WDFOBJECT Object)
{
    (void)Object;
    strcat(order, "C");
}

static VOID NTAPI device_destroy(WDFOBJECT Object)
{
    (void)Object;
    strcat(order, "D");
}

static VOID NTAPI child_cleanup(WDFOBJECT Object)
{
    (void)Object;
    strcat(order, "c");
}

static VOID NTAPI on_timer(WDFTIMER Timer)
{
    (void)Timer;
}

/* "Framework device objects that WdfDeviceMiniportCreate creates can be used as a parent object." */
static void deletion(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFDEVICE device;
    WDFOBJECT child;
    WDFTIMER timer;
    WDF_TIMER_CONFIG config;
    (void)state;
    start();
    order[0] = '\0';
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.EvtCleanupCallback = device_cleanup;
    attributes.EvtDestroyCallback = device_destroy;
    assert_int_equal(
        WdfDeviceMiniportCreate(WdfGetDriver(), &attributes, lower.self, lower.device, lower.device, &device),
        STATUS_SUCCESS);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ParentObject = device;
    attributes.EvtCleanupCallback = child_cleanup;
    assert_int_equal(WdfObjectCreate(&attributes, &child), STATUS_SUCCESS);
    WDF_TIMER_CONFIG_INIT(&config, on_timer);
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_SUCCESS);
    assert_ptr_equal(WdfTimerGetParentObject(timer), device);
    WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_SEC(3600));
    WdfObjectDelete(device);
    assert_string_equal(order, "ccCD");

    attributes.ParentObject = lower.wdf;
    assert_int_equal(
        WdfDeviceMiniportCreate(WdfGetDriver(), &attributes, lower.self, lower.device, lower.device, &device),
        STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED);
    assert_int_equal(lower_stop(NULL), 0);
}

/* "Miniport drivers cannot use the framework's control device objects." */
static void no_control_devices(void **state)
{
    DECLARE_CONST_UNICODE_STRING(sddl, L"D:P(A;;GA;;;SY)");
    (void)state;
    start();
    assert_null(WdfControlDeviceInitAllocate(WdfGetDriver(), &sddl));
    assert_int_equal(lower_stop(NULL), 0);
}

/* "The device ... must support Plug and Play", in a driver that leaves its dispatch routines to a port driver. */
static void refuses_other_drivers(void **state)
{
    WDFDEVICE device = (WDFDEVICE)1;
    DEVICE_OBJECT object;
    (void)state;
    wdf_test_boot();
    const ULONG flags[] = {0, WdfDriverInitNonPnpDriver, WdfDriverInitNonPnpDriver | WdfDriverInitNoDispatchOverride};
    for (size_t i = 0; i < RTL_NUMBER_OF(flags); i++) {
        wdf_test_prepare(flags[i]);
        assert_int_equal(wdf_test_load(), STATUS_SUCCESS);
        assert_int_equal(WdfDeviceMiniportCreate(WdfGetDriver(), NULL, &object, NULL, NULL, &device),
                         STATUS_INVALID_DEVICE_REQUEST);
        assert_null(device);
        if (flags[i] & WdfDriverInitNoDispatchOverride)
            wdf_test_stop();
        else if (wdf_test.object.DriverUnload != NULL)
            wdf_test.object.DriverUnload(&wdf_test.object);
    }
}

/* ---- what is refused
 * ------------------------------------------------------------------------------------------------- */

#define REFUSED(name_, ...)                                                                                            \
    static void refused_##name_(void)                                                                                  \
    {                                                                                                                  \
        start();                                                                                                       \
        __VA_ARGS__;                                                                                                   \
    }

static VOID NTAPI io_default(WDFQUEUE Queue, WDFREQUEST Request)
{
    (void)Queue;
    (void)Request;
}

static void refused_WdfIoQueueCreate(void)
{
    WDF_IO_QUEUE_CONFIG config;
    WDFQUEUE queue;
    start();
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&config, WdfIoQueueDispatchSequential);
    config.EvtIoDefault = io_default;
    (void)!WdfIoQueueCreate(lower.wdf, &config, NULL, &queue);
}

static UNICODE_STRING text = RTL_CONSTANT_STRING(L"x");
static GUID guid;
static ULONG number;
static WDF_DEVICE_STATE device_state;

REFUSED(WdfInterruptCreate, {
    WDFINTERRUPT interrupt;
    (void)!WdfInterruptCreate(lower.wdf, NULL, NULL, &interrupt);
})
REFUSED(WdfWmiProviderCreate, {
    WDFWMIPROVIDER provider;
    (void)!WdfWmiProviderCreate(lower.wdf, NULL, NULL, &provider);
})
REFUSED(WdfChildListCreate, {
    WDFCHILDLIST list;
    (void)!WdfChildListCreate(lower.wdf, NULL, NULL, &list);
})
REFUSED(WdfPdoInitAllocate, (void)WdfPdoInitAllocate(lower.wdf))
REFUSED(WdfPdoGetParent, (void)WdfPdoGetParent(lower.wdf))
REFUSED(WdfPdoMarkMissing, (void)!WdfPdoMarkMissing(lower.wdf))
REFUSED(WdfPdoRequestEject, WdfPdoRequestEject(lower.wdf))
REFUSED(WdfPdoRetrieveIdentificationDescription, (void)!WdfPdoRetrieveIdentificationDescription(lower.wdf, NULL))
REFUSED(WdfPdoRetrieveAddressDescription, (void)!WdfPdoRetrieveAddressDescription(lower.wdf, NULL))
REFUSED(WdfPdoUpdateAddressDescription, (void)!WdfPdoUpdateAddressDescription(lower.wdf, NULL))
REFUSED(WdfPdoClearEjectionRelationsDevices, WdfPdoClearEjectionRelationsDevices(lower.wdf))
REFUSED(WdfFdoGetDefaultChildList, (void)WdfFdoGetDefaultChildList(lower.wdf))
REFUSED(WdfFdoAddStaticChild, (void)!WdfFdoAddStaticChild(lower.wdf, lower.wdf))
REFUSED(WdfFdoLockStaticChildListForIteration, WdfFdoLockStaticChildListForIteration(lower.wdf))
REFUSED(WdfFdoRetrieveNextStaticChild, (void)WdfFdoRetrieveNextStaticChild(lower.wdf, NULL, 0))
REFUSED(WdfDeviceGetDriver, (void)WdfDeviceGetDriver(lower.wdf))
REFUSED(WdfDeviceGetDefaultQueue, (void)WdfDeviceGetDefaultQueue(lower.wdf))
REFUSED(WdfDeviceGetDevicePnpState, (void)WdfDeviceGetDevicePnpState(lower.wdf))
REFUSED(WdfDeviceGetDevicePowerState, (void)WdfDeviceGetDevicePowerState(lower.wdf))
REFUSED(WdfDeviceGetDeviceState, {
    WDF_DEVICE_STATE_INIT(&device_state);
    WdfDeviceGetDeviceState(lower.wdf, &device_state);
})
REFUSED(WdfDeviceSetDeviceState, {
    WDF_DEVICE_STATE_INIT(&device_state);
    WdfDeviceSetDeviceState(lower.wdf, &device_state);
})
REFUSED(WdfDeviceSetFailed, WdfDeviceSetFailed(lower.wdf, WdfDeviceFailedNoRestart))
REFUSED(WdfDeviceSetPnpCapabilities, WdfDeviceSetPnpCapabilities(lower.wdf, NULL))
REFUSED(WdfDeviceSetPowerCapabilities, WdfDeviceSetPowerCapabilities(lower.wdf, NULL))
REFUSED(WdfDeviceAssignS0IdleSettings, (void)!WdfDeviceAssignS0IdleSettings(lower.wdf, NULL))
REFUSED(WdfDeviceAssignSxWakeSettings, (void)!WdfDeviceAssignSxWakeSettings(lower.wdf, NULL))
REFUSED(WdfDeviceStopIdle, (void)!WdfDeviceStopIdle(lower.wdf, FALSE))
REFUSED(WdfDeviceResumeIdle, WdfDeviceResumeIdle(lower.wdf))
REFUSED(WdfDeviceGetCharacteristics, (void)WdfDeviceGetCharacteristics(lower.wdf))
REFUSED(WdfDeviceSetAlignmentRequirement, WdfDeviceSetAlignmentRequirement(lower.wdf, 0))
REFUSED(WdfDeviceCreateDeviceInterface, (void)!WdfDeviceCreateDeviceInterface(lower.wdf, &guid, NULL))
REFUSED(WdfDeviceSetDeviceInterfaceState, WdfDeviceSetDeviceInterfaceState(lower.wdf, &guid, NULL, TRUE))
REFUSED(WdfDeviceCreateSymbolicLink, (void)!WdfDeviceCreateSymbolicLink(lower.wdf, &text))
REFUSED(WdfDeviceAddQueryInterface, (void)!WdfDeviceAddQueryInterface(lower.wdf, NULL))
REFUSED(WdfDeviceQueryProperty, (void)!WdfDeviceQueryProperty(lower.wdf, DevicePropertyHardwareID, 0, NULL, &number))
REFUSED(WdfDeviceOpenRegistryKey, {
    WDFKEY key;
    (void)!WdfDeviceOpenRegistryKey(lower.wdf, PLUGPLAY_REGKEY_DEVICE, KEY_READ, NULL, &key);
})
REFUSED(WdfDeviceConfigureRequestDispatching,
        (void)!WdfDeviceConfigureRequestDispatching(lower.wdf, NULL, WdfRequestTypeRead))
REFUSED(WdfDeviceGetFileObject, (void)WdfDeviceGetFileObject(lower.wdf, NULL))
REFUSED(WdfDeviceWdmDispatchPreprocessedIrp, (void)!WdfDeviceWdmDispatchPreprocessedIrp(lower.wdf, NULL))
REFUSED(WdfDeviceIndicateWakeStatus, (void)!WdfDeviceIndicateWakeStatus(lower.wdf, STATUS_SUCCESS))
REFUSED(WdfDeviceAssignMofResourceName, (void)!WdfDeviceAssignMofResourceName(lower.wdf, &text))
REFUSED(WdfDeviceClearRemovalRelationsDevices, WdfDeviceClearRemovalRelationsDevices(lower.wdf))
REFUSED(WdfControlFinishInitializing, WdfControlFinishInitializing(lower.wdf))

#define R(name_)                                                                                                       \
    {                                                                                                                  \
#name_, refused_##name_                                                                                        \
    }
static const struct {
    const char *call;
    void (*provoke)(void);
} refusals[] = {
    R(WdfIoQueueCreate),
    R(WdfInterruptCreate),
    R(WdfWmiProviderCreate),
    R(WdfChildListCreate),
    R(WdfPdoInitAllocate),
    R(WdfPdoGetParent),
    R(WdfPdoMarkMissing),
    R(WdfPdoRequestEject),
    R(WdfPdoRetrieveIdentificationDescription),
    R(WdfPdoRetrieveAddressDescription),
    R(WdfPdoUpdateAddressDescription),
    R(WdfPdoClearEjectionRelationsDevices),
    R(WdfFdoGetDefaultChildList),
    R(WdfFdoAddStaticChild),
    R(WdfFdoLockStaticChildListForIteration),
    R(WdfFdoRetrieveNextStaticChild),
    R(WdfDeviceGetDriver),
    R(WdfDeviceGetDefaultQueue),
    R(WdfDeviceGetDevicePnpState),
    R(WdfDeviceGetDevicePowerState),
    R(WdfDeviceGetDeviceState),
    R(WdfDeviceSetDeviceState),
    R(WdfDeviceSetFailed),
    R(WdfDeviceSetPnpCapabilities),
    R(WdfDeviceSetPowerCapabilities),
    R(WdfDeviceAssignS0IdleSettings),
    R(WdfDeviceAssignSxWakeSettings),
    R(WdfDeviceStopIdle),
    R(WdfDeviceResumeIdle),
    R(WdfDeviceGetCharacteristics),
    R(WdfDeviceSetAlignmentRequirement),
    R(WdfDeviceCreateDeviceInterface),
    R(WdfDeviceSetDeviceInterfaceState),
    R(WdfDeviceCreateSymbolicLink),
    R(WdfDeviceAddQueryInterface),
    R(WdfDeviceQueryProperty),
    R(WdfDeviceOpenRegistryKey),
    R(WdfDeviceConfigureRequestDispatching),
    R(WdfDeviceGetFileObject),
    R(WdfDeviceWdmDispatchPreprocessedIrp),
    R(WdfDeviceIndicateWakeStatus),
    R(WdfDeviceAssignMofResourceName),
    R(WdfDeviceClearRemovalRelationsDevices),
    R(WdfControlFinishInitializing),
};

/* Before the system is started here: the children start it for themselves. */
static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < RTL_NUMBER_OF(refusals); i++)
        expect_bugcheck(refusals[i].provoke, VIOLATION, BAD_HANDLE, refusals[i].call, "is a miniport's device", NULL);
}

static void deleted_device(void)
{
    start();
    WDFDEVICE device = lower.wdf;
    WdfObjectDelete(device);
    (void)WdfDeviceGetIoTarget(device);
}

static void unload_of_another_kind(void)
{
    wdf_test_boot();
    wdf_test_prepare(0);
    if (wdf_test_load() == STATUS_SUCCESS)
        WdfDriverMiniportUnload(WdfGetDriver());
}

static void at_dispatch_level(void)
{
    WDFDEVICE device;
    KIRQL irql;
    start();
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    (void)!WdfDeviceMiniportCreate(WdfGetDriver(), NULL, lower.self, lower.device, lower.device, &device);
}

static void without_device_object(void)
{
    WDFDEVICE device;
    start();
    (void)!WdfDeviceMiniportCreate(WdfGetDriver(), NULL, NULL, lower.device, lower.device, &device);
}

static void misuse(void **state)
{
    (void)state;
    expect_bugcheck(deleted_device, VIOLATION, BAD_HANDLE, "WdfDeviceGetIoTarget", NULL);
    expect_bugcheck(unload_of_another_kind, VIOLATION, "WdfDriverMiniportUnload", NULL);
    expect_bugcheck(at_dispatch_level, VIOLATION, "WdfDeviceMiniportCreate", NULL);
    expect_bugcheck(without_device_object, VIOLATION, "WdfDeviceMiniportCreate", NULL);
}

int main(void)
{
    const struct CMUnitTest children[] = {
        cmocka_unit_test(refused),
        cmocka_unit_test(misuse),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_and_target),
        cmocka_unit_test(deletion),
        cmocka_unit_test(no_control_devices),
        cmocka_unit_test(refuses_other_drivers),
    };
    int failed = cmocka_run_group_tests(children, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, NULL, wdf_test_halt);
}

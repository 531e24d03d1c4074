/*
 * Sleep and resume, device power IRPs of a policy owner, their order, refusal, and notification of power settings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <ntifs.h>
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/pnp/pnp.h"
#include "ntoskrnl/ps/ps.h"
#include "ntoskrnl/po/po.h"

/* A policy owner: each system power IRP is answered by a device power IRP, as "Handling IRP_MN_SET_POWER for System
 * Power States" describes. */
static struct {
    char log[512];
    NTSTATUS query_status;
    PDEVICE_OBJECT fdo, lower, pdo;
    PIRP held;
    bool hold_device_irps;
} t;

static void say(const char *text)
{
    strcat(t.log, t.log[0] ? " " : "");
    strcat(t.log, text);
}

static NTSTATUS done(PIRP irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static VOID NTAPI device_irp_done(PDEVICE_OBJECT device, UCHAR minor, POWER_STATE state, PVOID context,
                                  PIO_STATUS_BLOCK iosb)
{
    PIRP system_irp = context;

    (void)device;
    (void)minor;
    say(state.DeviceState == PowerDeviceD0 ? "done-D0" : "done-D3");
    if (system_irp == NULL)
        return;
    system_irp->IoStatus.Status = iosb->Status;
    IoSkipCurrentIrpStackLocation(system_irp);
    PoCallDriver(t.lower, system_irp);
}

static NTSTATUS system_power(PIRP irp, PIO_STACK_LOCATION stack)
{
    SYSTEM_POWER_STATE state = stack->Parameters.Power.State.SystemState;
    POWER_STATE device = {.DeviceState = state == PowerSystemWorking ? PowerDeviceD0 : PowerDeviceD3};

    if (stack->MinorFunction == IRP_MN_QUERY_POWER) {
        say("query-S3");
        if (!NT_SUCCESS(t.query_status))
            return done(irp, t.query_status);
        irp->IoStatus.Status = STATUS_SUCCESS;
        IoSkipCurrentIrpStackLocation(irp);
        return PoCallDriver(t.lower, irp);
    }
    say(state == PowerSystemWorking ? "set-S0" : "set-S3");
    IoMarkIrpPending(irp);
    PoRequestPowerIrp(t.pdo, IRP_MN_SET_POWER, device, device_irp_done, irp, NULL);
    return STATUS_PENDING;
}

static NTSTATUS NTAPI power(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);

    PoStartNextPowerIrp(irp);
    if (stack->MinorFunction == IRP_MN_WAIT_WAKE) {
        say("wait-wake");
        IoMarkIrpPending(irp);
        t.held = irp;
        return STATUS_PENDING;
    }
    if (stack->Parameters.Power.Type == SystemPowerState)
        return system_power(irp, stack);
    say(stack->Parameters.Power.State.DeviceState == PowerDeviceD0 ? "D0" : "D3");
    PoSetPowerState(device, DevicePowerState, stack->Parameters.Power.State);
    if (t.hold_device_irps) {
        IoMarkIrpPending(irp);
        t.held = irp;
        return STATUS_PENDING;
    }
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(irp);
    return PoCallDriver(t.lower, irp);
}

static NTSTATUS NTAPI pnp(PDEVICE_OBJECT device, PIRP irp)
{
    NTSTATUS status;

    if (IoGetCurrentIrpStackLocation(irp)->MinorFunction != IRP_MN_REMOVE_DEVICE) {
        IoSkipCurrentIrpStackLocation(irp);
        return IoCallDriver(t.lower, irp);
    }
    IoSkipCurrentIrpStackLocation(irp);
    status = IoCallDriver(t.lower, irp);
    IoDetachDevice(t.lower);
    IoDeleteDevice(device);
    return status;
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical)
{
    NTSTATUS status = IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &t.fdo);

    if (!NT_SUCCESS(status))
        return status;
    t.pdo = physical;
    t.lower = IoAttachDeviceToDeviceStack(t.fdo, physical);
    t.fdo->Flags |= DO_POWER_PAGABLE;
    t.fdo->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    (void)driver;
}

static NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    (void)path;
    driver->DriverUnload = unload;
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_PNP] = pnp;
    driver->MajorFunction[IRP_MJ_POWER] = power;
    return STATUS_SUCCESS;
}

static int setup(void **state)
{
    PDEVICE_OBJECT pdo;

    (void)state;
    memset(&t, 0, sizeof(t));
    ke_initialize();
    ex_initialize();
    io_initialize();
    pnp_initialize();
    po_initialize();
    pnp_register_builtin("power", entry);
    assert_int_equal(pnp_create_root_device("ROOT\\POWER", &pdo), STATUS_SUCCESS);
    pnp_wait_idle(-1);
    ObDereferenceObject(pdo);
    assert_non_null(t.fdo);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pnp_shutdown();
    po_shutdown();
    io_shutdown();
    return 0;
}

static void test_sleep_and_resume(void **state)
{
    (void)state;
    assert_int_equal(po_system_sleep(PowerSystemSleeping3, NULL, 0), STATUS_SUCCESS);
    assert_string_equal(t.log, "query-S3 set-S3 D3 done-D3");
    assert_int_equal(po_system_state(), PowerSystemSleeping3);
    assert_int_equal(po_device_state(t.fdo), PowerDeviceD3);
    assert_int_equal(po_system_sleep(PowerSystemSleeping3, NULL, 0), STATUS_INVALID_DEVICE_STATE);
    t.log[0] = '\0';
    assert_int_equal(po_system_resume(), STATUS_SUCCESS);
    po_wait_idle(-1);
    assert_string_equal(t.log, "set-S0 D0 done-D0");
    assert_int_equal(po_device_state(t.fdo), PowerDeviceD0);
    assert_int_equal(po_system_resume(), STATUS_INVALID_DEVICE_STATE);
}

static void test_refusal(void **state)
{
    char veto[PNP_MAX_ID] = "";

    (void)state;
    t.query_status = STATUS_DEVICE_BUSY;
    assert_int_equal(po_system_sleep(PowerSystemSleeping3, veto, sizeof(veto)), STATUS_DEVICE_BUSY);
    po_wait_idle(-1);
    assert_string_equal(veto, "ROOT\\POWER\\0000");
    assert_int_equal(po_system_state(), PowerSystemWorking);
    assert_string_equal(t.log, "query-S3 set-S0 D0 done-D0"); /* whoever was asked is told that it stays on */
}

static void test_one_device_irp_at_a_time(void **state)
{
    POWER_STATE d3 = {.DeviceState = PowerDeviceD3}, d0 = {.DeviceState = PowerDeviceD0};
    PIRP first;

    (void)state;
    t.hold_device_irps = true;
    assert_int_equal(PoRequestPowerIrp(t.pdo, IRP_MN_SET_POWER, d3, device_irp_done, NULL, NULL), STATUS_PENDING);
    assert_int_equal(PoRequestPowerIrp(t.pdo, IRP_MN_SET_POWER, d0, device_irp_done, NULL, NULL), STATUS_PENDING);
    assert_string_equal(t.log, "D3"); /* the second waits */
    assert_false(po_wait_idle(0));
    first = t.held;
    done(first, STATUS_SUCCESS);
    assert_string_equal(t.log, "D3 done-D3 D0");
    t.hold_device_irps = false;
    done(t.held, STATUS_SUCCESS);
    assert_string_equal(t.log, "D3 done-D3 D0 done-D0");
    assert_true(po_wait_idle(0));
    assert_int_equal(PoRequestPowerIrp(t.pdo, 77, d0, NULL, NULL, NULL), STATUS_INVALID_PARAMETER_2);
}

static VOID NTAPI woken(PDEVICE_OBJECT device, UCHAR minor, POWER_STATE state, PVOID context, PIO_STATUS_BLOCK iosb)
{
    (void)device;
    (void)state;
    assert_int_equal(minor, IRP_MN_WAIT_WAKE);
    *(NTSTATUS *)context = iosb->Status;
}

static void test_wait_wake_does_not_block_others(void **state)
{
    POWER_STATE s3 = {.SystemState = PowerSystemSleeping3}, d0 = {.DeviceState = PowerDeviceD0};
    NTSTATUS status = STATUS_UNSUCCESSFUL;
    PIRP irp = NULL;

    (void)state;
    assert_int_equal(PoRequestPowerIrp(t.pdo, IRP_MN_WAIT_WAKE, s3, woken, &status, &irp), STATUS_PENDING);
    assert_ptr_equal(irp, t.held);
    PoRequestPowerIrp(t.pdo, IRP_MN_SET_POWER, d0, device_irp_done, NULL, NULL);
    assert_string_equal(t.log, "wait-wake D0 done-D0");
    assert_true(po_wait_idle(0));
    done(irp, STATUS_CANCELLED);
    assert_int_equal(status, STATUS_CANCELLED);
}

static const GUID power_source = {0x5d3e9a59, 0xe9d5, 0x4b00, {0xa6, 0xbd, 0xff, 0x34, 0xff, 0x51, 0x65, 0x48}};
static ULONG told[4], told_count;

static NTSTATUS NTAPI setting_changed(LPCGUID setting, PVOID value, ULONG length, PVOID context)
{
    if (IsEqualGUID(setting, &power_source) && length == sizeof(ULONG) && context == &told_count && told_count < 4)
        told[told_count++] = *(ULONG *)value;
    return STATUS_SUCCESS;
}

static void test_power_source_callback(void **state)
{
    PVOID handle;

    (void)state;
    told_count = 0;
    assert_int_equal(PoRegisterPowerSettingCallback(t.fdo, &power_source, setting_changed, &told_count, &handle),
                     STATUS_SUCCESS);
    pnp_wait_idle(-1);
    po_set_power_source(true);
    pnp_wait_idle(-1);
    assert_int_equal(PoUnregisterPowerSettingCallback(handle), STATUS_SUCCESS);
    po_set_power_source(false);
    pnp_wait_idle(-1);
    assert_int_equal(told_count, 2);
    assert_int_equal(told[0], 0); /* the value there is, at once */
    assert_int_equal(told[1], 1);
}

static void test_power_requests(void **state)
{
    PVOID request;

    (void)state;
    assert_int_equal(PoCreatePowerRequest(&request, t.fdo, NULL), STATUS_SUCCESS);
    assert_int_equal(PoSetPowerRequest(request, PowerRequestSystemRequired), STATUS_SUCCESS);
    assert_int_equal(PoClearPowerRequest(request, PowerRequestSystemRequired), STATUS_SUCCESS);
    assert_int_equal(PoClearPowerRequest(request, PowerRequestSystemRequired), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(PoSetPowerRequest(request, 99), STATUS_INVALID_PARAMETER);
    PoDeletePowerRequest(request);
}

/* Every thread ends with the tests. */
static int halt(void **state)
{
    (void)state;
    ps_shutdown();
    ex_shutdown();
    ke_shutdown();
    return 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_sleep_and_resume),         TEST(test_refusal),
        TEST(test_one_device_irp_at_a_time), TEST(test_wait_wake_does_not_block_others),
        TEST(test_power_source_callback),    TEST(test_power_requests),
    };
    return cmocka_run_group_tests_name("power", tests, NULL, halt);
}

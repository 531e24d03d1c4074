/*
 * A driver that does not come back from a PnP step is named by a bug check instead of hanging the system, and a wait
 * with a deadline says what it waits for.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <ntifs.h>
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/pnp/pnp.h"
#include "tests/unit/ke/bugcheck_child.h"

static bool hang_in_entry;
static KEVENT never;

static NTSTATUS NTAPI keep_irp(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    IoMarkIrpPending(irp);
    return STATUS_PENDING;
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo)
{
    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);

    if (!NT_SUCCESS(status))
        return status;
    IoAttachDeviceToDeviceStack(device, pdo);
    device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    (void)path;
    if (hang_in_entry)
        KeWaitForSingleObject(&never, Executive, KernelMode, FALSE, NULL);
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_PNP] = keep_irp;
    return STATUS_SUCCESS;
}

static void hang(void)
{
    PDEVICE_OBJECT pdo;
    char step[160];

    ex_initialize();
    pnp_initialize();
    KeInitializeEvent(&never, NotificationEvent, FALSE);
    pnp_register_builtin("slow", entry);
    pnp_set_watchdog(2000000); /* 0.2 s */
    pnp_create_root_device("ROOT\\SLOW", &pdo);
    if (pnp_wait_idle(500000) || !pnp_current_step(step, sizeof(step)) || strstr(step, "ROOT\\SLOW\\0000") == NULL)
        if (!hang_in_entry)
            return;
    pnp_wait_idle(-1);
}

static void hang_at_entry(void)
{
    hang_in_entry = true;
    hang();
}

static void test_irp_not_completed(void **state)
{
    (void)state;
    expect_bugcheck(hang, "DRIVER_PNP_WATCHDOG", "driver slow has not come back from",
                    "IRP_MN_FILTER_RESOURCE_REQUIREMENTS for ROOT\\SLOW\\0000", NULL);
}

static void test_entry_does_not_return(void **state)
{
    (void)state;
    expect_bugcheck(hang_at_entry, "DRIVER_PNP_WATCHDOG", "driver slow has not come back from DriverEntry", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irp_not_completed),
        cmocka_unit_test(test_entry_does_not_return),
    };
    return cmocka_run_group_tests_name("pnp watchdog", tests, NULL, NULL);
}

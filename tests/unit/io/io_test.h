/*
 * A system as far as the I/O manager, and a driver whose dispatch routine is the test's: for the tests of this folder.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <ntifs.h>
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ps/ps.h"

static inline void io_test_boot(void)
{
    ke_initialize();
    ex_initialize();
    io_initialize();
}

/* For the end of a group of tests: every thread ends. */
static inline int io_test_halt(void **state)
{
    (void)state;
    io_shutdown();
    ps_shutdown();
    ex_shutdown();
    ke_shutdown();
    return 0;
}

static NTSTATUS NTAPI io_test_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    (void)driver;
    (void)path;
    return STATUS_SUCCESS;
}

static VOID NTAPI io_test_unload(PDRIVER_OBJECT driver)
{
    (void)driver;
}

/* A driver whose every major function is DISPATCH. */
static inline PDRIVER_OBJECT io_test_driver(const char *name, PDRIVER_DISPATCH dispatch)
{
    PDRIVER_OBJECT driver;

    assert_int_equal(io_create_driver(name, NULL, io_test_entry, &driver), STATUS_SUCCESS);
    for (int i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        driver->MajorFunction[i] = dispatch;
    driver->DriverUnload = io_test_unload;
    return driver;
}

static inline PDEVICE_OBJECT io_test_device(PDRIVER_OBJECT driver, ULONG flags)
{
    PDEVICE_OBJECT device;

    assert_int_equal(IoCreateDevice(driver, 64, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device), STATUS_SUCCESS);
    device->Flags |= flags;
    device->Flags &= ~DO_DEVICE_INITIALIZING;
    return device;
}

static inline NTSTATUS io_test_complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

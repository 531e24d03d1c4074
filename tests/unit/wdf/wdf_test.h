/*
 * A framework driver inside of a test program: the start-up code that is linked into drivers, around a DriverEntry that
 * creates a driver object as the test wishes. The rest of the test calls the framework as a driver does, through the
 * inline functions of wdf.h.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <ntifs.h>
#include <wdf.h>
#include "wdf/entry/driver_entry.c"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/ps/ps.h"

static struct {
    WDF_DRIVER_CONFIG config;
    WDF_OBJECT_ATTRIBUTES attributes;
    NTSTATUS refuse; /* what DriverEntry returns after WdfDriverCreate */
    WDFDRIVER driver;
    DRIVER_OBJECT object;
    DRIVER_EXTENSION extension;
    UNICODE_STRING path;
} wdf_test;

static WCHAR wdf_test_path[] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\wdftest";

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status =
        WdfDriverCreate(DriverObject, RegistryPath, &wdf_test.attributes, &wdf_test.config, &wdf_test.driver);
    return NT_SUCCESS(status) ? wdf_test.refuse : status;
}

static inline void wdf_test_boot(void)
{
    ke_initialize();
    ex_initialize();
    ob_initialize();
    ps_initialize();
    cm_initialize();
    io_initialize();
}

static inline int wdf_test_halt(void **state)
{
    (void)state;
    io_shutdown();
    ps_shutdown();
    ex_shutdown();
    ke_shutdown();
    return 0;
}

/* The default: a miniport driver, which leaves the driver object alone. */
static inline void wdf_test_prepare(ULONG flags)
{
    memset(&wdf_test, 0, sizeof(wdf_test));
    WDF_DRIVER_CONFIG_INIT(&wdf_test.config, NULL);
    wdf_test.config.DriverInitFlags = flags;
    WDF_OBJECT_ATTRIBUTES_INIT(&wdf_test.attributes);
    wdf_test.object.DriverExtension = &wdf_test.extension;
    RtlInitUnicodeString(&wdf_test.path, wdf_test_path);
}

static inline NTSTATUS wdf_test_load(void)
{
    return FxDriverEntry(&wdf_test.object, &wdf_test.path);
}

static inline void wdf_test_start(void)
{
    wdf_test_prepare(WdfDriverInitNoDispatchOverride);
    if (!NT_SUCCESS(wdf_test_load()))
        abort();
}

static inline void wdf_test_stop(void)
{
    WdfDriverMiniportUnload(WdfGetDriver());
}

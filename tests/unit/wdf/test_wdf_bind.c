/*
 * WDFLDR.SYS as the start-up code of a driver sees it: versions, both forms of the function table, what a failed
 * DriverEntry and each kind of unload leave behind; and what WdfDriverCreate makes of a driver object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "wdf_test.h"
#include "wdf/wdf.h"

static int boot(void **state)
{
    (void)state;
    wdf_test_boot();
    return 0;
}

static WCHAR library[] = L"KmdfLibrary";
static WCHAR other_library[] = L"UmdfLibrary";

static NTSTATUS bind(WDF_BIND_INFO *info, PWDF_DRIVER_GLOBALS *globals)
{
    wdf_test_prepare(WdfDriverInitNoDispatchOverride);
    return WdfVersionBind(&wdf_test.object, &wdf_test.path, info, globals);
}

static void every_version(void **state)
{
    static const struct {
        ULONG minor, count;
    } versions[] = {{9, 396},  {11, 432}, {13, 438}, {15, 444}, {17, 444}, {19, 446}, {21, 448},
                    {23, 451}, {25, 453}, {27, 453}, {29, 453}, {31, 458}, {33, 458}};
    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        bool pointer = versions[i].minor >= 15;
        WDFFUNC array[WdfFunctionTableNumEntries_V1_33 + 1] = {0};
        WDFFUNC *table = NULL;
        WDF_BIND_INFO2 info = {.BindInfo = {sizeof(WDF_BIND_INFO),
                                            library,
                                            {1, versions[i].minor, 0},
                                            versions[i].count,
                                            pointer ? (WDFFUNC *)&table : array,
                                            NULL}};
        ULONG minimum = versions[i].minor;
        BOOLEAN higher = TRUE;
        PWDF_DRIVER_GLOBALS globals;
        if (versions[i].minor >= 25) {
            info.BindInfo.Size = sizeof(info);
            info.MinimumVersionRequired = &minimum;
            info.ClientVersionHigherThanFramework = &higher;
        }
        assert_int_equal(bind(&info.BindInfo, &globals), STATUS_SUCCESS);
        assert_non_null(globals);
        assert_string_equal(globals->DriverName, "wdftest");
        assert_memory_equal(&globals->DriverTag, "test", 4); /* a WDF in front is left out */
        assert_non_null(info.BindInfo.Module);
        WDFFUNC *functions = pointer ? table : array;
        assert_non_null(functions);
        for (ULONG f = 0; f < versions[i].count; f++)
            assert_non_null((void *)functions[f]);
        if (!pointer)
            assert_null((void *)array[versions[i].count]);
        if (versions[i].minor >= 25)
            assert_false(higher);

        /* The table works. */
        WDF_DRIVER_CONFIG config;
        WDFDRIVER driver;
        WDF_DRIVER_CONFIG_INIT(&config, NULL);
        config.DriverInitFlags = WdfDriverInitNoDispatchOverride;
        assert_int_equal(((PFN_WDFDRIVERCREATE)functions[WdfDriverCreateTableIndex])(
                             globals, &wdf_test.object, &wdf_test.path, NULL, &config, &driver),
                         STATUS_SUCCESS);
        assert_ptr_equal(globals->Driver, driver);
        assert_int_equal(WdfVersionUnbind(&wdf_test.path, &info.BindInfo, globals), STATUS_SUCCESS);
        assert_null(info.BindInfo.Module);
        assert_int_equal(WdfVersionUnbind(&wdf_test.path, &info.BindInfo, globals), STATUS_INVALID_PARAMETER);
    }
}

static void refused(void **state)
{
    WDFFUNC *table = NULL;
    PWDF_DRIVER_GLOBALS globals;
    WDF_BIND_INFO info = {sizeof(info), library, {1, 15, 0}, 444, (WDFFUNC *)&table, NULL};
    (void)state;
    info.Component = other_library;
    assert_int_equal(bind(&info, &globals), STATUS_OBJECT_NAME_NOT_FOUND);
    info.Component = library;
    info.Version.Major = 2;
    assert_int_equal(bind(&info, &globals), STATUS_REVISION_MISMATCH);
    info.Version = (WDF_VERSION){1, 35, 0};
    assert_int_equal(bind(&info, &globals), STATUS_REVISION_MISMATCH);
    info.Version = (WDF_VERSION){1, 33, 0};
    info.FuncCount = 459;
    assert_int_equal(bind(&info, &globals), STATUS_REVISION_MISMATCH);
    info.FuncCount = 444;
    info.Size = sizeof(info) - 1;
    assert_int_equal(bind(&info, &globals), STATUS_INVALID_PARAMETER);
    info.Size = sizeof(info);
    info.FuncTable = NULL;
    assert_int_equal(bind(&info, &globals), STATUS_INVALID_PARAMETER);
    assert_null(table);
}

/* Built for a framework that does not exist yet, but content with an older one. */
static void newer_than_the_framework(void **state)
{
    WDFFUNC *table = NULL;
    ULONG minimum = 34, functions = 500, structures = 100;
    BOOLEAN higher = FALSE;
    PWDF_DRIVER_GLOBALS globals;
    WDF_BIND_INFO2 info = {
        .BindInfo = {sizeof(info), library, {1, 37, 0}, 500, (WDFFUNC *)&table, NULL},
        .MinimumVersionRequired = &minimum,
        .ClientVersionHigherThanFramework = &higher,
        .FunctionTableCount = &functions,
        .StructTableCount = &structures,
    };
    (void)state;
    assert_int_equal(bind(&info.BindInfo, &globals), STATUS_REVISION_MISMATCH);
    minimum = 25;
    assert_int_equal(bind(&info.BindInfo, &globals), STATUS_SUCCESS);
    assert_true(higher);
    assert_int_equal(functions, 458);
    assert_int_equal(structures, 0);
    assert_int_equal(WdfVersionUnbind(&wdf_test.path, &info.BindInfo, globals), STATUS_SUCCESS);
}

static void class_extensions_are_not_there(void **state)
{
    WCHAR name[] = L"SpbCx";
    WDF_CLASS_BIND_INFO class = {sizeof(class), name, {1, 0, 0}};
    (void)state;
    wdf_test_start();
    assert_int_equal(WdfVersionBindClass(BindInfo, &WdfDriverGlobals, &class), STATUS_OBJECT_NAME_NOT_FOUND);
    wdf_test_stop();
}

/* ---- the start-up code ----------------------------------------------------------------------------------------------
 */

static int unloads;
static KIRQL unload_irql;

static VOID NTAPI evt_unload(WDFDRIVER driver)
{
    assert_ptr_equal(driver, WdfGetDriver());
    unload_irql = KeGetCurrentIrql();
    unloads++;
}

static void miniport_unload(void **state)
{
    (void)state;
    wdf_test_prepare(WdfDriverInitNoDispatchOverride);
    wdf_test.config.EvtDriverUnload = evt_unload;
    wdf_test.object.DriverUnload = (PDRIVER_UNLOAD)(ULONG_PTR)0x1234; /* the port driver's */
    wdf_test.object.MajorFunction[IRP_MJ_PNP] = (PDRIVER_DISPATCH)(ULONG_PTR)0x5678;
    wdf_test.extension.AddDevice = (PDRIVER_ADD_DEVICE)(ULONG_PTR)0x9abc;
    unloads = 0;
    assert_int_equal(wdf_test_load(), STATUS_SUCCESS);
    assert_false(WdfDriverGlobals->DisplaceDriverUnload);
    assert_ptr_equal((void *)wdf_test.object.DriverUnload, (void *)0x1234);
    assert_ptr_equal((void *)wdf_test.object.MajorFunction[IRP_MJ_PNP], (void *)0x5678);
    assert_ptr_equal((void *)wdf_test.extension.AddDevice, (void *)0x9abc);
    wdf_test_stop();
    assert_int_equal(unloads, 1);
    assert_int_equal(unload_irql, PASSIVE_LEVEL);
    assert_null(WdfDriverGlobals);
}

static void ordinary_unload(void **state)
{
    (void)state;
    wdf_test_prepare(WdfDriverInitNonPnpDriver);
    wdf_test.config.EvtDriverUnload = evt_unload;
    unloads = 0;
    assert_int_equal(wdf_test_load(), STATUS_SUCCESS);
    assert_true(WdfDriverGlobals->DisplaceDriverUnload);
    assert_ptr_equal((void *)wdf_test.object.DriverUnload, (void *)Unload);
    assert_null((void *)wdf_test.extension.AddDevice);
    wdf_test.object.DriverUnload(&wdf_test.object);
    assert_int_equal(unloads, 1);
    assert_null(WdfDriverGlobals);
}

/* "EVT_WDF_DRIVER_UNLOAD": not called when DriverEntry fails. */
static void failed_entry(void **state)
{
    (void)state;
    wdf_test_prepare(WdfDriverInitNoDispatchOverride);
    wdf_test.config.EvtDriverUnload = evt_unload;
    wdf_test.refuse = STATUS_NO_SUCH_DEVICE;
    unloads = 0;
    assert_int_equal(wdf_test_load(), STATUS_NO_SUCH_DEVICE);
    assert_int_equal(unloads, 0);
    assert_null(WdfDriverGlobals);
}

/* A miniport that forgets WdfDriverMiniportUnload is found at shutdown. It cannot be taken back: in a child. */
static int forget_to_unload(void)
{
    wdf_test_start();
    return wdf_shutdown() == 1 && wdf_shutdown() == 0 ? 0 : 1;
}

static void forgotten_unload(void **state)
{
    int status;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(forget_to_unload());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void driver_configurations(void **state)
{
    WDFDRIVER driver;
    (void)state;
    wdf_test_prepare(WdfDriverInitNonPnpDriver);
    wdf_test.config.EvtDriverDeviceAdd = (PFN_WDF_DRIVER_DEVICE_ADD)(ULONG_PTR)0x1000;
    assert_int_equal(wdf_test_load(), STATUS_INVALID_PARAMETER);
    wdf_test_prepare(0x40000000);
    assert_int_equal(wdf_test_load(), STATUS_INVALID_PARAMETER);
    wdf_test_prepare(WdfDriverInitNoDispatchOverride);
    wdf_test.config.DriverPoolTag = 0x80414141;
    assert_int_equal(wdf_test_load(), STATUS_INVALID_PARAMETER);
    wdf_test_prepare(WdfDriverInitNoDispatchOverride);
    wdf_test.config.Size--;
    assert_int_equal(wdf_test_load(), STATUS_INFO_LENGTH_MISMATCH);

    wdf_test_prepare(WdfDriverInitNoDispatchOverride);
    wdf_test.config.DriverPoolTag = 'tset';
    wdf_test.attributes.SynchronizationScope = WdfSynchronizationScopeDevice;
    wdf_test.attributes.ExecutionLevel = WdfExecutionLevelPassive;
    assert_int_equal(wdf_test_load(), STATUS_SUCCESS);
    assert_int_equal(WdfDriverGlobals->DriverTag, 'tset');
    assert_int_equal(
        WdfDriverCreate(&wdf_test.object, &wdf_test.path, WDF_NO_OBJECT_ATTRIBUTES, &wdf_test.config, &driver),
        STATUS_DRIVER_INTERNAL_ERROR);
    wdf_test_stop();
}

static void driver_questions(void **state)
{
    WDF_DRIVER_VERSION_AVAILABLE_PARAMS version;
    (void)state;
    wdf_test_start();
    WDFDRIVER driver = WdfGetDriver();
    assert_ptr_equal(driver, wdf_test.driver);
    assert_ptr_equal(WdfDriverWdmGetDriverObject(driver), &wdf_test.object);
    assert_ptr_equal(WdfWdmDriverGetWdfDriverHandle(&wdf_test.object), driver);
    assert_memory_equal(WdfDriverGetRegistryPath(driver), wdf_test_path, sizeof(wdf_test_path));
    WDF_DRIVER_VERSION_AVAILABLE_PARAMS_INIT(&version, 1, 15);
    assert_true(WdfDriverIsVersionAvailable(driver, &version));
    WDF_DRIVER_VERSION_AVAILABLE_PARAMS_INIT(&version, 1, 35);
    assert_false(WdfDriverIsVersionAvailable(driver, &version));
    WDF_DRIVER_VERSION_AVAILABLE_PARAMS_INIT(&version, 2, 0);
    assert_false(WdfDriverIsVersionAvailable(driver, &version));
    WDF_DRIVER_VERSION_AVAILABLE_PARAMS_INIT(&version, 1, 15);
    version.Size = 1;
    assert_false(WdfDriverIsVersionAvailable(driver, &version));
    assert_non_null(WdfGetTriageInfo());
    wdf_test_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version),
        cmocka_unit_test(refused),
        cmocka_unit_test(newer_than_the_framework),
        cmocka_unit_test(class_extensions_are_not_there),
        cmocka_unit_test(miniport_unload),
        cmocka_unit_test(ordinary_unload),
        cmocka_unit_test(failed_entry),
        cmocka_unit_test(forgotten_unload),
        cmocka_unit_test(driver_configurations),
        cmocka_unit_test(driver_questions),
    };
    return cmocka_run_group_tests(tests, boot, wdf_test_halt);
}

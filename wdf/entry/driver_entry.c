/*
 * The start-up code that is linked into each KMDF driver, in both forms: the image starts here, not at the driver's
 * DriverEntry. This file sees only what a driver sees (include/km) and imports only what WDFLDR.SYS of Windows exports,
 * so that the driver loads there. It is compiled for each driver, because the table that the driver gets depends on the
 * version that it was built for (KMDF_VERSION_MINOR).
 *
 * It binds the driver to the framework, calls the driver's own DriverEntry, and puts itself behind whatever ends the
 * driver: DriverUnload, which the framework provides, or WdfDriverMiniportUnload, which a miniport calls. When that
 * returns, the driver is unbound.
 */
#include <wdm.h>
#include <wdf.h>
#include <wdfldr.h>

DRIVER_INITIALIZE DriverEntry;
#ifdef NDISKIT_PE
DRIVER_INITIALIZE FxDriverEntry;
#else
__attribute__((visibility("default"))) DRIVER_INITIALIZE FxDriverEntry;
#endif
static DRIVER_UNLOAD Unload;

typedef VOID(NTAPI MINIPORT_UNLOAD)(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver);
static MINIPORT_UNLOAD MiniportUnload;

PWDF_DRIVER_GLOBALS WdfDriverGlobals;
#if KMDF_VERSION_MINOR >= 15
const WDFFUNC *WdfFunctions;
#define FUNCTION_TABLE (WDFFUNC *)&WdfFunctions
#else
WDFFUNC WdfFunctions[WdfFunctionTableNumEntries];
#define FUNCTION_TABLE WdfFunctions
#endif

static WCHAR Component[] = L"KmdfLibrary";

#if KMDF_VERSION_MINOR >= 25
#ifndef KMDF_MINIMUM_VERSION_REQUIRED
#define KMDF_MINIMUM_VERSION_REQUIRED KMDF_VERSION_MINOR
#endif
static ULONG MinimumVersion = KMDF_MINIMUM_VERSION_REQUIRED;
BOOLEAN WdfClientVersionHigherThanFramework;
ULONG WdfFunctionCount = WdfFunctionTableNumEntries;
static ULONG StructureCount;
static WDF_BIND_INFO2 Extended = {
    .BindInfo = {sizeof(WDF_BIND_INFO2),
                 Component,
                 {KMDF_VERSION_MAJOR, KMDF_VERSION_MINOR, 0},
                 WdfFunctionTableNumEntries,
                 FUNCTION_TABLE,
                 NULL},
    .MinimumVersionRequired = &MinimumVersion,
    .ClientVersionHigherThanFramework = &WdfClientVersionHigherThanFramework,
    .FunctionTableCount = &WdfFunctionCount,
    .StructTableCount = &StructureCount,
};
static PWDF_BIND_INFO BindInfo = &Extended.BindInfo;
#else
static WDF_BIND_INFO Plain = {sizeof(WDF_BIND_INFO),      Component,      {KMDF_VERSION_MAJOR, KMDF_VERSION_MINOR, 0},
                              WdfFunctionTableNumEntries, FUNCTION_TABLE, NULL};
static PWDF_BIND_INFO BindInfo = &Plain;
#endif

static struct {
    PDRIVER_UNLOAD DriverUnload; /* what ours stands in front of */
    MINIPORT_UNLOAD *MiniportUnload;
    UNICODE_STRING RegistryPath;
    WCHAR Path[260];
} Displaced;

static VOID Unbind(VOID)
{
    WdfVersionUnbind(&Displaced.RegistryPath, BindInfo, WdfDriverGlobals);
    WdfDriverGlobals = NULL;
}

_Use_decl_annotations_ static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    Displaced.DriverUnload(DriverObject);
    Unbind();
}

_Use_decl_annotations_ static VOID NTAPI MiniportUnload(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver)
{
    Displaced.MiniportUnload(DriverGlobals, Driver);
    Unbind();
}

static VOID Displace(PDRIVER_OBJECT DriverObject)
{
    if (WdfDriverGlobals->DisplaceDriverUnload) {
        if (DriverObject->DriverUnload != NULL) {
            Displaced.DriverUnload = DriverObject->DriverUnload;
            DriverObject->DriverUnload = Unload;
        }
        return;
    }
    WDFFUNC *place = (WDFFUNC *)&WdfFunctions[WdfDriverMiniportUnloadTableIndex];
    Displaced.MiniportUnload = (MINIPORT_UNLOAD *)*place;
    *place = (WDFFUNC)MiniportUnload;
}

_Use_decl_annotations_ NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status;

    Displaced.RegistryPath.Buffer = Displaced.Path;
    Displaced.RegistryPath.MaximumLength = sizeof(Displaced.Path);
    RtlCopyUnicodeString(&Displaced.RegistryPath, RegistryPath);
    status = WdfVersionBind(DriverObject, RegistryPath, BindInfo, &WdfDriverGlobals);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = DriverEntry(DriverObject, RegistryPath);
    if (!NT_SUCCESS(status)) {
        Unbind();
        return status;
    }
    Displace(DriverObject);
    return status;
}

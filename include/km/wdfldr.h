/*
 * WDFLDR.SYS: how a driver image meets the framework. The start-up code that is linked into a KMDF driver calls
 * WdfVersionBind before the driver's DriverEntry and WdfVersionUnbind after its unload routine; drivers themselves have
 * no use for this header. What is here are facts of the interface between that code and the loader.
 */
#ifndef _WDFLDR_H_
#define _WDFLDR_H_

#include <wdfglobals.h>

#if defined(_WIN32) && !defined(_WDFLDR_)
#define WDFLDRAPI __declspec(dllimport)
#elif defined(_WIN32)
#define WDFLDRAPI
#else
#define WDFLDRAPI __attribute__((visibility("default")))
#endif

NDISKIT_EXTERN_C_BEGIN

typedef struct _WDF_VERSION {
    ULONG Major;
    ULONG Minor;
    ULONG Build;
} WDF_VERSION;

/* The first form, for every version. FuncTable: a driver for 1.13 or older gives its own array of FuncCount entries, to
 * be filled; a newer one the address of its variable WdfFunctions, to be set. */
typedef struct _WDF_BIND_INFO {
    ULONG Size;
    PWCHAR Component; /* L"KmdfLibrary" */
    WDF_VERSION Version;
    ULONG FuncCount;
    WDFFUNC *FuncTable;
    PVOID Module; /* the loader's own */
} WDF_BIND_INFO, *PWDF_BIND_INFO;

/* The form from 1.25 on, told by Size: a driver may then name a minimum version and learns how much the framework that
 * it met has. */
typedef struct _WDF_BIND_INFO2 {
    WDF_BIND_INFO BindInfo;
    PULONG MinimumVersionRequired;
    PBOOLEAN ClientVersionHigherThanFramework;
    PULONG FunctionTableCount;
    PULONG StructTableCount;
    size_t *StructTable;
} WDF_BIND_INFO2, *PWDF_BIND_INFO2;

/* The first members of what a driver describes a class extension with; the rest belongs to the extension. */
typedef struct _WDF_CLASS_BIND_INFO {
    ULONG Size;
    PWCHAR ClassName;
    WDF_VERSION Version;
} WDF_CLASS_BIND_INFO, *PWDF_CLASS_BIND_INFO;

WDFLDRAPI NTSTATUS NTAPI WdfVersionBind(_In_ PDRIVER_OBJECT DriverObject, _In_ PUNICODE_STRING RegistryPath,
                                        _Inout_ PWDF_BIND_INFO BindInfo, _Out_ PWDF_DRIVER_GLOBALS *Globals);
WDFLDRAPI NTSTATUS NTAPI WdfVersionUnbind(_In_ PUNICODE_STRING RegistryPath, _In_ PWDF_BIND_INFO BindInfo,
                                          _In_ PWDF_DRIVER_GLOBALS Globals);
WDFLDRAPI NTSTATUS NTAPI WdfVersionBindClass(_In_ PWDF_BIND_INFO BindInfo, _In_ PWDF_DRIVER_GLOBALS *Globals,
                                             _In_ PWDF_CLASS_BIND_INFO ClassBindInfo);
WDFLDRAPI VOID NTAPI WdfVersionUnbindClass(_In_ PWDF_BIND_INFO BindInfo, _In_ PWDF_DRIVER_GLOBALS Globals,
                                           _In_ PWDF_CLASS_BIND_INFO ClassBindInfo);

NDISKIT_EXTERN_C_END

#endif

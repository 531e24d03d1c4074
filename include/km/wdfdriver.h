/*
 * The framework driver object: what DriverEntry creates first, with the callbacks that the framework calls for the
 * driver as a whole. "WDF_DRIVER_CONFIG structure", "WdfDriverCreate method"
 */
#ifndef _WDFDRIVER_H_
#define _WDFDRIVER_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef NTSTATUS(NTAPI EVT_WDF_DRIVER_DEVICE_ADD)(_In_ WDFDRIVER Driver, _Inout_ PWDFDEVICE_INIT DeviceInit);
typedef EVT_WDF_DRIVER_DEVICE_ADD *PFN_WDF_DRIVER_DEVICE_ADD;
typedef VOID(NTAPI EVT_WDF_DRIVER_UNLOAD)(_In_ WDFDRIVER Driver);
typedef EVT_WDF_DRIVER_UNLOAD *PFN_WDF_DRIVER_UNLOAD;
/* Reserved for the system. */
typedef VOID(NTAPI EVT_WDF_TRACE_CALLBACK)(_In_ PVOID TracingContext, _In_opt_ PVOID Context);
typedef EVT_WDF_TRACE_CALLBACK *PFN_WDF_TRACE_CALLBACK;

typedef enum _WDF_DRIVER_INIT_FLAGS {
    WdfDriverInitNonPnpDriver = 0x00000001,
    WdfDriverInitNoDispatchOverride = 0x00000002, /* the port driver keeps dispatch and unload: miniport drivers */
    WdfVerifyOn = 0x00000004,
    WdfVerifierOn = 0x00000008,
    WdfDriverInitCompanion = 0x00000010,
} WDF_DRIVER_INIT_FLAGS;

typedef struct _WDF_DRIVER_CONFIG {
    ULONG Size;
    PFN_WDF_DRIVER_DEVICE_ADD EvtDriverDeviceAdd;
    PFN_WDF_DRIVER_UNLOAD EvtDriverUnload;
    ULONG DriverInitFlags; /* WDF_DRIVER_INIT_FLAGS */
    ULONG DriverPoolTag;
} WDF_DRIVER_CONFIG, *PWDF_DRIVER_CONFIG;

/* "WDF_DRIVER_CONFIG_INIT function" */
NDISKIT_INLINE VOID WDF_DRIVER_CONFIG_INIT(_Out_ PWDF_DRIVER_CONFIG Config,
                                           _In_opt_ PFN_WDF_DRIVER_DEVICE_ADD EvtDriverDeviceAdd)
{
    RtlZeroMemory(Config, sizeof(WDF_DRIVER_CONFIG));
    Config->Size = sizeof(WDF_DRIVER_CONFIG);
    Config->EvtDriverDeviceAdd = EvtDriverDeviceAdd;
}

typedef struct _WDF_DRIVER_VERSION_AVAILABLE_PARAMS {
    ULONG Size;
    ULONG MajorVersion;
    ULONG MinorVersion;
} WDF_DRIVER_VERSION_AVAILABLE_PARAMS, *PWDF_DRIVER_VERSION_AVAILABLE_PARAMS;

/* "WDF_DRIVER_VERSION_AVAILABLE_PARAMS_INIT function" */
NDISKIT_INLINE VOID WDF_DRIVER_VERSION_AVAILABLE_PARAMS_INIT(_Out_ PWDF_DRIVER_VERSION_AVAILABLE_PARAMS Params,
                                                             _In_ ULONG MajorVersion, _In_ ULONG MinorVersion)
{
    RtlZeroMemory(Params, sizeof(WDF_DRIVER_VERSION_AVAILABLE_PARAMS));
    Params->Size = sizeof(WDF_DRIVER_VERSION_AVAILABLE_PARAMS);
    Params->MajorVersion = MajorVersion;
    Params->MinorVersion = MinorVersion;
}

/* ---- methods ------------------------------------------------------------------------------------------------------
 */

typedef WDFDRIVER(NTAPI *PFN_WDFGETDRIVER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals);

/* Not a table entry: the globals hold it. "WdfGetDriver function" */
NDISKIT_INLINE WDFDRIVER WdfGetDriver(VOID)
{
    return WdfDriverGlobals->Driver;
}

typedef NTSTATUS(NTAPI *PFN_WDFDRIVERCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ PDRIVER_OBJECT DriverObject,
                                             _In_ PCUNICODE_STRING RegistryPath,
                                             _In_opt_ PWDF_OBJECT_ATTRIBUTES DriverAttributes,
                                             _In_ PWDF_DRIVER_CONFIG DriverConfig, _Out_opt_ WDFDRIVER *Driver);

NDISKIT_INLINE NTSTATUS WdfDriverCreate(_In_ PDRIVER_OBJECT DriverObject, _In_ PCUNICODE_STRING RegistryPath,
                                        _In_opt_ PWDF_OBJECT_ATTRIBUTES DriverAttributes,
                                        _In_ PWDF_DRIVER_CONFIG DriverConfig, _Out_opt_ WDFDRIVER *Driver)
{
    return ((PFN_WDFDRIVERCREATE)WdfFunctions[WdfDriverCreateTableIndex])(WdfDriverGlobals, DriverObject, RegistryPath,
                                                                          DriverAttributes, DriverConfig, Driver);
}

typedef PWSTR(NTAPI *PFN_WDFDRIVERGETREGISTRYPATH)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDRIVER Driver);

NDISKIT_INLINE PWSTR WdfDriverGetRegistryPath(_In_ WDFDRIVER Driver)
{
    return ((PFN_WDFDRIVERGETREGISTRYPATH)WdfFunctions[WdfDriverGetRegistryPathTableIndex])(WdfDriverGlobals, Driver);
}

typedef PDRIVER_OBJECT(NTAPI *PFN_WDFDRIVERWDMGETDRIVEROBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFDRIVER Driver);

NDISKIT_INLINE PDRIVER_OBJECT WdfDriverWdmGetDriverObject(_In_ WDFDRIVER Driver)
{
    return ((PFN_WDFDRIVERWDMGETDRIVEROBJECT)WdfFunctions[WdfDriverWdmGetDriverObjectTableIndex])(WdfDriverGlobals,
                                                                                                  Driver);
}

typedef NTSTATUS(NTAPI *PFN_WDFDRIVEROPENPARAMETERSREGISTRYKEY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                _In_ WDFDRIVER Driver, _In_ ACCESS_MASK DesiredAccess,
                                                                _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                                _Out_ WDFKEY *Key);

NDISKIT_INLINE NTSTATUS WdfDriverOpenParametersRegistryKey(_In_ WDFDRIVER Driver, _In_ ACCESS_MASK DesiredAccess,
                                                           _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                           _Out_ WDFKEY *Key)
{
    return ((PFN_WDFDRIVEROPENPARAMETERSREGISTRYKEY)WdfFunctions[WdfDriverOpenParametersRegistryKeyTableIndex])(
        WdfDriverGlobals, Driver, DesiredAccess, KeyAttributes, Key);
}

typedef WDFDRIVER(NTAPI *PFN_WDFWDMDRIVERGETWDFDRIVERHANDLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ PDRIVER_OBJECT DriverObject);

NDISKIT_INLINE WDFDRIVER WdfWdmDriverGetWdfDriverHandle(_In_ PDRIVER_OBJECT DriverObject)
{
    return ((PFN_WDFWDMDRIVERGETWDFDRIVERHANDLE)WdfFunctions[WdfWdmDriverGetWdfDriverHandleTableIndex])(
        WdfDriverGlobals, DriverObject);
}

typedef NTSTATUS(NTAPI *PFN_WDFDRIVERREGISTERTRACEINFO)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                        _In_ PDRIVER_OBJECT DriverObject,
                                                        _In_ PFN_WDF_TRACE_CALLBACK EvtTraceCallback,
                                                        _In_ PVOID ControlBlock);

NDISKIT_INLINE NTSTATUS WdfDriverRegisterTraceInfo(_In_ PDRIVER_OBJECT DriverObject,
                                                   _In_ PFN_WDF_TRACE_CALLBACK EvtTraceCallback,
                                                   _In_ PVOID ControlBlock)
{
    return ((PFN_WDFDRIVERREGISTERTRACEINFO)WdfFunctions[WdfDriverRegisterTraceInfoTableIndex])(
        WdfDriverGlobals, DriverObject, EvtTraceCallback, ControlBlock);
}

typedef NTSTATUS(NTAPI *PFN_WDFDRIVERRETRIEVEVERSIONSTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            _In_ WDFDRIVER Driver, _In_ WDFSTRING String);

NDISKIT_INLINE NTSTATUS WdfDriverRetrieveVersionString(_In_ WDFDRIVER Driver, _In_ WDFSTRING String)
{
    return ((PFN_WDFDRIVERRETRIEVEVERSIONSTRING)WdfFunctions[WdfDriverRetrieveVersionStringTableIndex])(
        WdfDriverGlobals, Driver, String);
}

typedef BOOLEAN(NTAPI *PFN_WDFDRIVERISVERSIONAVAILABLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDRIVER Driver,
                                                        _In_ PWDF_DRIVER_VERSION_AVAILABLE_PARAMS
                                                            VersionAvailableParams);

NDISKIT_INLINE BOOLEAN WdfDriverIsVersionAvailable(_In_ WDFDRIVER Driver,
                                                   _In_ PWDF_DRIVER_VERSION_AVAILABLE_PARAMS VersionAvailableParams)
{
    return ((PFN_WDFDRIVERISVERSIONAVAILABLE)WdfFunctions[WdfDriverIsVersionAvailableTableIndex])(
        WdfDriverGlobals, Driver, VersionAvailableParams);
}

typedef NTSTATUS(NTAPI *PFN_WDFDRIVEROPENPERSISTENTSTATEREGISTRYKEY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                     _In_ WDFDRIVER Driver,
                                                                     _In_ ACCESS_MASK DesiredAccess,
                                                                     _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                                     _Out_ WDFKEY *Key);

#if KMDF_VERSION_MINOR >= 25
NDISKIT_INLINE NTSTATUS WdfDriverOpenPersistentStateRegistryKey(_In_ WDFDRIVER Driver, _In_ ACCESS_MASK DesiredAccess,
                                                                _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                                _Out_ WDFKEY *Key)
{
    return (
        (PFN_WDFDRIVEROPENPERSISTENTSTATEREGISTRYKEY)WdfFunctions[WdfDriverOpenPersistentStateRegistryKeyTableIndex])(
        WdfDriverGlobals, Driver, DesiredAccess, KeyAttributes, Key);
}
#endif

NDISKIT_EXTERN_C_END

#endif

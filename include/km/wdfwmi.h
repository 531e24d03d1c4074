/*
 * WMI: data blocks (providers) that a driver registers for a device, and their instances. A miniport answers WMI
 * through its port driver's OIDs, and so the framework refuses providers for its device.
 */
#ifndef _WDFWMI_H_
#define _WDFWMI_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef enum _WDF_WMI_PROVIDER_CONTROL {
    WdfWmiControlInvalid = 0,
    WdfWmiEventControl,
    WdfWmiInstanceControl
} WDF_WMI_PROVIDER_CONTROL;

typedef enum _WDF_WMI_PROVIDER_FLAGS {
    WdfWmiProviderEventOnly = 0x0001,
    WdfWmiProviderExpensive = 0x0002,
    WdfWmiProviderTracing = 0x0004,
    WdfWmiProviderValidFlags = WdfWmiProviderEventOnly | WdfWmiProviderExpensive | WdfWmiProviderTracing
} WDF_WMI_PROVIDER_FLAGS;

typedef NTSTATUS NTAPI EVT_WDF_WMI_INSTANCE_QUERY_INSTANCE(_In_ WDFWMIINSTANCE WmiInstance, _In_ ULONG OutBufferSize,
                                                           _Out_ PVOID OutBuffer, _Out_ PULONG BufferUsed);
typedef EVT_WDF_WMI_INSTANCE_QUERY_INSTANCE *PFN_WDF_WMI_INSTANCE_QUERY_INSTANCE;

typedef NTSTATUS NTAPI EVT_WDF_WMI_INSTANCE_SET_INSTANCE(_In_ WDFWMIINSTANCE WmiInstance, _In_ ULONG InBufferSize,
                                                         _In_ PVOID InBuffer);
typedef EVT_WDF_WMI_INSTANCE_SET_INSTANCE *PFN_WDF_WMI_INSTANCE_SET_INSTANCE;

typedef NTSTATUS NTAPI EVT_WDF_WMI_INSTANCE_SET_ITEM(_In_ WDFWMIINSTANCE WmiInstance, _In_ ULONG DataItemId,
                                                     _In_ ULONG InBufferSize, _In_ PVOID InBuffer);
typedef EVT_WDF_WMI_INSTANCE_SET_ITEM *PFN_WDF_WMI_INSTANCE_SET_ITEM;

typedef NTSTATUS NTAPI EVT_WDF_WMI_INSTANCE_EXECUTE_METHOD(_In_ WDFWMIINSTANCE WmiInstance, _In_ ULONG MethodId,
                                                           _In_ ULONG InBufferSize, _In_ ULONG OutBufferSize,
                                                           _Inout_ PVOID Buffer, _Out_ PULONG BufferUsed);
typedef EVT_WDF_WMI_INSTANCE_EXECUTE_METHOD *PFN_WDF_WMI_INSTANCE_EXECUTE_METHOD;

typedef NTSTATUS NTAPI EVT_WDF_WMI_PROVIDER_FUNCTION_CONTROL(_In_ WDFWMIPROVIDER WmiProvider,
                                                             _In_ WDF_WMI_PROVIDER_CONTROL Control,
                                                             _In_ BOOLEAN Enable);
typedef EVT_WDF_WMI_PROVIDER_FUNCTION_CONTROL *PFN_WDF_WMI_PROVIDER_FUNCTION_CONTROL;

typedef struct _WDF_WMI_PROVIDER_CONFIG {
    ULONG Size;
    GUID Guid;
    ULONG Flags; /* WDF_WMI_PROVIDER_FLAGS */
    ULONG MinInstanceBufferSize;
    PFN_WDF_WMI_PROVIDER_FUNCTION_CONTROL EvtWmiProviderFunctionControl;
} WDF_WMI_PROVIDER_CONFIG, *PWDF_WMI_PROVIDER_CONFIG;

NDISKIT_INLINE VOID WDF_WMI_PROVIDER_CONFIG_INIT(_Out_ PWDF_WMI_PROVIDER_CONFIG Config, _In_ CONST GUID *Guid)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->Guid = *Guid;
}

typedef struct _WDF_WMI_INSTANCE_CONFIG {
    ULONG Size;
    WDFWMIPROVIDER Provider;                 /* one of Provider */
    PWDF_WMI_PROVIDER_CONFIG ProviderConfig; /* and ProviderConfig */
    BOOLEAN UseContextForQuery;
    BOOLEAN Register;
    PFN_WDF_WMI_INSTANCE_QUERY_INSTANCE EvtWmiInstanceQueryInstance;
    PFN_WDF_WMI_INSTANCE_SET_INSTANCE EvtWmiInstanceSetInstance;
    PFN_WDF_WMI_INSTANCE_SET_ITEM EvtWmiInstanceSetItem;
    PFN_WDF_WMI_INSTANCE_EXECUTE_METHOD EvtWmiInstanceExecuteMethod;
} WDF_WMI_INSTANCE_CONFIG, *PWDF_WMI_INSTANCE_CONFIG;

NDISKIT_INLINE VOID WDF_WMI_INSTANCE_CONFIG_INIT_PROVIDER(_Out_ PWDF_WMI_INSTANCE_CONFIG Config,
                                                          _In_ WDFWMIPROVIDER Provider)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->Provider = Provider;
}

NDISKIT_INLINE VOID WDF_WMI_INSTANCE_CONFIG_INIT_PROVIDER_CONFIG(_Out_ PWDF_WMI_INSTANCE_CONFIG Config,
                                                                 _In_ PWDF_WMI_PROVIDER_CONFIG ProviderConfig)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->ProviderConfig = ProviderConfig;
}

/* "WDF_WMI_BUFFER_APPEND_STRING function": WMI's counted string, a USHORT of bytes and then the characters.
 * RequiredSize receives the bytes written, or those that it would have taken. */
NDISKIT_INLINE NTSTATUS WDF_WMI_BUFFER_APPEND_STRING(_Out_ PVOID Buffer, _In_ ULONG BufferLength,
                                                     _In_ PCUNICODE_STRING String, _Out_ PULONG RequiredSize)
{
    *RequiredSize = sizeof(USHORT) + String->Length;
    if (BufferLength < *RequiredSize)
        return STATUS_BUFFER_TOO_SMALL;
    *(USHORT UNALIGNED *)Buffer = String->Length;
    RtlCopyMemory((PUCHAR)Buffer + sizeof(USHORT), String->Buffer, String->Length);
    return STATUS_SUCCESS;
}

typedef NTSTATUS(NTAPI *PFN_WDFWMIPROVIDERCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                                  _In_ PWDF_WMI_PROVIDER_CONFIG WmiProviderConfig,
                                                  _In_opt_ PWDF_OBJECT_ATTRIBUTES ProviderAttributes,
                                                  _Out_ WDFWMIPROVIDER *WmiProvider);

NDISKIT_INLINE NTSTATUS WdfWmiProviderCreate(_In_ WDFDEVICE Device, _In_ PWDF_WMI_PROVIDER_CONFIG WmiProviderConfig,
                                             _In_opt_ PWDF_OBJECT_ATTRIBUTES ProviderAttributes,
                                             _Out_ WDFWMIPROVIDER *WmiProvider)
{
    return ((PFN_WDFWMIPROVIDERCREATE)WdfFunctions[WdfWmiProviderCreateTableIndex])(
        WdfDriverGlobals, Device, WmiProviderConfig, ProviderAttributes, WmiProvider);
}

typedef WDFDEVICE(NTAPI *PFN_WDFWMIPROVIDERGETDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                      _In_ WDFWMIPROVIDER WmiProvider);

NDISKIT_INLINE WDFDEVICE WdfWmiProviderGetDevice(_In_ WDFWMIPROVIDER WmiProvider)
{
    return ((PFN_WDFWMIPROVIDERGETDEVICE)WdfFunctions[WdfWmiProviderGetDeviceTableIndex])(WdfDriverGlobals,
                                                                                          WmiProvider);
}

typedef BOOLEAN(NTAPI *PFN_WDFWMIPROVIDERISENABLED)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFWMIPROVIDER WmiProvider,
                                                    _In_ WDF_WMI_PROVIDER_CONTROL ProviderControl);

NDISKIT_INLINE BOOLEAN WdfWmiProviderIsEnabled(_In_ WDFWMIPROVIDER WmiProvider,
                                               _In_ WDF_WMI_PROVIDER_CONTROL ProviderControl)
{
    return ((PFN_WDFWMIPROVIDERISENABLED)WdfFunctions[WdfWmiProviderIsEnabledTableIndex])(WdfDriverGlobals, WmiProvider,
                                                                                          ProviderControl);
}

typedef ULONGLONG(NTAPI *PFN_WDFWMIPROVIDERGETTRACINGHANDLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFWMIPROVIDER WmiProvider);

NDISKIT_INLINE ULONGLONG WdfWmiProviderGetTracingHandle(_In_ WDFWMIPROVIDER WmiProvider)
{
    return ((PFN_WDFWMIPROVIDERGETTRACINGHANDLE)WdfFunctions[WdfWmiProviderGetTracingHandleTableIndex])(
        WdfDriverGlobals, WmiProvider);
}

typedef NTSTATUS(NTAPI *PFN_WDFWMIINSTANCECREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                                  _In_ PWDF_WMI_INSTANCE_CONFIG InstanceConfig,
                                                  _In_opt_ PWDF_OBJECT_ATTRIBUTES InstanceAttributes,
                                                  _Out_opt_ WDFWMIINSTANCE *Instance);

NDISKIT_INLINE NTSTATUS WdfWmiInstanceCreate(_In_ WDFDEVICE Device, _In_ PWDF_WMI_INSTANCE_CONFIG InstanceConfig,
                                             _In_opt_ PWDF_OBJECT_ATTRIBUTES InstanceAttributes,
                                             _Out_opt_ WDFWMIINSTANCE *Instance)
{
    return ((PFN_WDFWMIINSTANCECREATE)WdfFunctions[WdfWmiInstanceCreateTableIndex])(
        WdfDriverGlobals, Device, InstanceConfig, InstanceAttributes, Instance);
}

typedef NTSTATUS(NTAPI *PFN_WDFWMIINSTANCEREGISTER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFWMIINSTANCE WmiInstance);

NDISKIT_INLINE NTSTATUS WdfWmiInstanceRegister(_In_ WDFWMIINSTANCE WmiInstance)
{
    return ((PFN_WDFWMIINSTANCEREGISTER)WdfFunctions[WdfWmiInstanceRegisterTableIndex])(WdfDriverGlobals, WmiInstance);
}

typedef VOID(NTAPI *PFN_WDFWMIINSTANCEDEREGISTER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                  _In_ WDFWMIINSTANCE WmiInstance);

NDISKIT_INLINE VOID WdfWmiInstanceDeregister(_In_ WDFWMIINSTANCE WmiInstance)
{
    ((PFN_WDFWMIINSTANCEDEREGISTER)WdfFunctions[WdfWmiInstanceDeregisterTableIndex])(WdfDriverGlobals, WmiInstance);
}

typedef WDFDEVICE(NTAPI *PFN_WDFWMIINSTANCEGETDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                      _In_ WDFWMIINSTANCE WmiInstance);

NDISKIT_INLINE WDFDEVICE WdfWmiInstanceGetDevice(_In_ WDFWMIINSTANCE WmiInstance)
{
    return ((PFN_WDFWMIINSTANCEGETDEVICE)WdfFunctions[WdfWmiInstanceGetDeviceTableIndex])(WdfDriverGlobals,
                                                                                          WmiInstance);
}

typedef WDFWMIPROVIDER(NTAPI *PFN_WDFWMIINSTANCEGETPROVIDER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFWMIINSTANCE WmiInstance);

NDISKIT_INLINE WDFWMIPROVIDER WdfWmiInstanceGetProvider(_In_ WDFWMIINSTANCE WmiInstance)
{
    return ((PFN_WDFWMIINSTANCEGETPROVIDER)WdfFunctions[WdfWmiInstanceGetProviderTableIndex])(WdfDriverGlobals,
                                                                                              WmiInstance);
}

/* Up to APC_LEVEL. */
typedef NTSTATUS(NTAPI *PFN_WDFWMIINSTANCEFIREEVENT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ WDFWMIINSTANCE WmiInstance, _In_opt_ ULONG EventDataSize,
                                                     _In_opt_ PVOID EventData);

NDISKIT_INLINE NTSTATUS WdfWmiInstanceFireEvent(_In_ WDFWMIINSTANCE WmiInstance, _In_opt_ ULONG EventDataSize,
                                                _In_opt_ PVOID EventData)
{
    return ((PFN_WDFWMIINSTANCEFIREEVENT)WdfFunctions[WdfWmiInstanceFireEventTableIndex])(WdfDriverGlobals, WmiInstance,
                                                                                          EventDataSize, EventData);
}

NDISKIT_EXTERN_C_END

#endif

/*
 * Driver-defined interfaces: tables of functions that one driver of a stack offers to others through
 * IRP_MN_QUERY_INTERFACE. "Using Driver-Defined Interfaces"
 */
#ifndef _WDFQUERYINTERFACE_H_
#define _WDFQUERYINTERFACE_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef NTSTATUS(NTAPI EVT_WDF_DEVICE_PROCESS_QUERY_INTERFACE_REQUEST)(_In_ WDFDEVICE Device, _In_ LPGUID InterfaceType,
                                                                       _Inout_ PINTERFACE ExposedInterface,
                                                                       _Inout_opt_ PVOID ExposedInterfaceSpecificData);
typedef EVT_WDF_DEVICE_PROCESS_QUERY_INTERFACE_REQUEST *PFN_WDF_DEVICE_PROCESS_QUERY_INTERFACE_REQUEST;

typedef struct _WDF_QUERY_INTERFACE_CONFIG {
    ULONG Size;
    PINTERFACE Interface;
    CONST GUID *InterfaceType;
    BOOLEAN SendQueryToParentStack;
    PFN_WDF_DEVICE_PROCESS_QUERY_INTERFACE_REQUEST EvtDeviceProcessQueryInterfaceRequest;
    BOOLEAN ImportInterface;
} WDF_QUERY_INTERFACE_CONFIG, *PWDF_QUERY_INTERFACE_CONFIG;

/* "WDF_QUERY_INTERFACE_CONFIG_INIT function" */
NDISKIT_INLINE VOID WDF_QUERY_INTERFACE_CONFIG_INIT(
    _Out_ PWDF_QUERY_INTERFACE_CONFIG InterfaceConfig, _In_opt_ PINTERFACE Interface, _In_ CONST GUID *InterfaceType,
    _In_opt_ PFN_WDF_DEVICE_PROCESS_QUERY_INTERFACE_REQUEST EvtDeviceProcessQueryInterfaceRequest)
{
    RtlZeroMemory(InterfaceConfig, sizeof(WDF_QUERY_INTERFACE_CONFIG));
    InterfaceConfig->Size = sizeof(WDF_QUERY_INTERFACE_CONFIG);
    InterfaceConfig->Interface = Interface;
    InterfaceConfig->InterfaceType = InterfaceType;
    InterfaceConfig->EvtDeviceProcessQueryInterfaceRequest = EvtDeviceProcessQueryInterfaceRequest;
}

/* For interfaces that need no reference counts. "WdfDeviceInterfaceReferenceNoOp function" */
NDISKIT_INLINE VOID NTAPI WdfDeviceInterfaceReferenceNoOp(_In_ PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
}

/* "WdfDeviceInterfaceDereferenceNoOp function" */
NDISKIT_INLINE VOID NTAPI WdfDeviceInterfaceDereferenceNoOp(_In_ PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
}

/* "WdfDeviceAddQueryInterface function" */
typedef NTSTATUS(NTAPI *PFN_WDFDEVICEADDQUERYINTERFACE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                                        _In_ PWDF_QUERY_INTERFACE_CONFIG InterfaceConfig);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS
WdfDeviceAddQueryInterface(_In_ WDFDEVICE Device, _In_ PWDF_QUERY_INTERFACE_CONFIG InterfaceConfig)
{
    return ((PFN_WDFDEVICEADDQUERYINTERFACE)WdfFunctions[WdfDeviceAddQueryInterfaceTableIndex])(
        WdfDriverGlobals, Device, InterfaceConfig);
}

NDISKIT_EXTERN_C_END

#endif

/*
 * Framework device objects that are functional device objects or filters. "Creating Device Objects in a Function
 * Driver"
 */
#ifndef _WDFFDO_H_
#define _WDFFDO_H_

#include <wdfobject.h>
#include <wdfdevice.h>
#include <wdfchildlist.h>

NDISKIT_EXTERN_C_BEGIN

typedef NTSTATUS(NTAPI EVT_WDF_DEVICE_FILTER_RESOURCE_REQUIREMENTS)(_In_ WDFDEVICE Device,
                                                                    _In_ WDFIORESREQLIST IoResourceRequirementsList);
typedef EVT_WDF_DEVICE_FILTER_RESOURCE_REQUIREMENTS *PFN_WDF_DEVICE_FILTER_RESOURCE_REQUIREMENTS;
typedef NTSTATUS(NTAPI EVT_WDF_DEVICE_REMOVE_ADDED_RESOURCES)(_In_ WDFDEVICE Device, _In_ WDFCMRESLIST ResourcesRaw,
                                                              _In_ WDFCMRESLIST ResourcesTranslated);
typedef EVT_WDF_DEVICE_REMOVE_ADDED_RESOURCES *PFN_WDF_DEVICE_REMOVE_ADDED_RESOURCES;

typedef struct _WDF_FDO_EVENT_CALLBACKS {
    ULONG Size;
    PFN_WDF_DEVICE_FILTER_RESOURCE_REQUIREMENTS EvtDeviceFilterAddResourceRequirements;
    PFN_WDF_DEVICE_FILTER_RESOURCE_REQUIREMENTS EvtDeviceFilterRemoveResourceRequirements;
    PFN_WDF_DEVICE_REMOVE_ADDED_RESOURCES EvtDeviceRemoveAddedResources;
} WDF_FDO_EVENT_CALLBACKS, *PWDF_FDO_EVENT_CALLBACKS;

/* "WDF_FDO_EVENT_CALLBACKS_INIT function" */
NDISKIT_INLINE VOID WDF_FDO_EVENT_CALLBACKS_INIT(_Out_ PWDF_FDO_EVENT_CALLBACKS Callbacks)
{
    RtlZeroMemory(Callbacks, sizeof(WDF_FDO_EVENT_CALLBACKS));
    Callbacks->Size = sizeof(WDF_FDO_EVENT_CALLBACKS);
}

/* "WdfFdoInitWdmGetPhysicalDevice function" */
typedef PDEVICE_OBJECT(NTAPI *PFN_WDFFDOINITWDMGETPHYSICALDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ PWDFDEVICE_INIT DeviceInit);
NDISKIT_INLINE PDEVICE_OBJECT WdfFdoInitWdmGetPhysicalDevice(_In_ PWDFDEVICE_INIT DeviceInit)
{
    return ((PFN_WDFFDOINITWDMGETPHYSICALDEVICE)WdfFunctions[WdfFdoInitWdmGetPhysicalDeviceTableIndex])(
        WdfDriverGlobals, DeviceInit);
}

/* "WdfFdoInitOpenRegistryKey function" */
typedef NTSTATUS(NTAPI *PFN_WDFFDOINITOPENREGISTRYKEY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ PWDFDEVICE_INIT DeviceInit,
                                                       _In_ ULONG DeviceInstanceKeyType, _In_ ACCESS_MASK DesiredAccess,
                                                       _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                       _Out_ WDFKEY *Key);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfFdoInitOpenRegistryKey(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                        _In_ ULONG DeviceInstanceKeyType,
                                                                        _In_ ACCESS_MASK DesiredAccess,
                                                                        _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                                        _Out_ WDFKEY *Key)
{
    return ((PFN_WDFFDOINITOPENREGISTRYKEY)WdfFunctions[WdfFdoInitOpenRegistryKeyTableIndex])(
        WdfDriverGlobals, DeviceInit, DeviceInstanceKeyType, DesiredAccess, KeyAttributes, Key);
}

/* "WdfFdoInitQueryProperty function" */
typedef NTSTATUS(NTAPI *PFN_WDFFDOINITQUERYPROPERTY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ PWDFDEVICE_INIT DeviceInit,
                                                     _In_ DEVICE_REGISTRY_PROPERTY DeviceProperty,
                                                     _In_ ULONG BufferLength, _Out_opt_ PVOID PropertyBuffer,
                                                     _Out_ PULONG ResultLength);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfFdoInitQueryProperty(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                      _In_ DEVICE_REGISTRY_PROPERTY DeviceProperty,
                                                                      _In_ ULONG BufferLength,
                                                                      _Out_opt_ PVOID PropertyBuffer,
                                                                      _Out_ PULONG ResultLength)
{
    return ((PFN_WDFFDOINITQUERYPROPERTY)WdfFunctions[WdfFdoInitQueryPropertyTableIndex])(
        WdfDriverGlobals, DeviceInit, DeviceProperty, BufferLength, PropertyBuffer, ResultLength);
}

/* "WdfFdoInitAllocAndQueryProperty function" */
typedef NTSTATUS(NTAPI *PFN_WDFFDOINITALLOCANDQUERYPROPERTY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ PWDFDEVICE_INIT DeviceInit,
                                                             _In_ DEVICE_REGISTRY_PROPERTY DeviceProperty,
                                                             _In_ POOL_TYPE PoolType,
                                                             _In_opt_ PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes,
                                                             _Out_ WDFMEMORY *PropertyMemory);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfFdoInitAllocAndQueryProperty(
    _In_ PWDFDEVICE_INIT DeviceInit, _In_ DEVICE_REGISTRY_PROPERTY DeviceProperty, _In_ POOL_TYPE PoolType,
    _In_opt_ PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes, _Out_ WDFMEMORY *PropertyMemory)
{
    return ((PFN_WDFFDOINITALLOCANDQUERYPROPERTY)WdfFunctions[WdfFdoInitAllocAndQueryPropertyTableIndex])(
        WdfDriverGlobals, DeviceInit, DeviceProperty, PoolType, PropertyMemoryAttributes, PropertyMemory);
}

/* "WdfFdoInitQueryPropertyEx function" */
typedef NTSTATUS(NTAPI *PFN_WDFFDOINITQUERYPROPERTYEX)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ PWDFDEVICE_INIT DeviceInit,
                                                       _In_ PWDF_DEVICE_PROPERTY_DATA DeviceProperty,
                                                       _In_ ULONG BufferLength, _Out_ PVOID PropertyBuffer,
                                                       _Out_ PULONG ResultLength, _Out_ PDEVPROPTYPE Type);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfFdoInitQueryPropertyEx(
    _In_ PWDFDEVICE_INIT DeviceInit, _In_ PWDF_DEVICE_PROPERTY_DATA DeviceProperty, _In_ ULONG BufferLength,
    _Out_ PVOID PropertyBuffer, _Out_ PULONG ResultLength, _Out_ PDEVPROPTYPE Type)
{
    return ((PFN_WDFFDOINITQUERYPROPERTYEX)WdfFunctions[WdfFdoInitQueryPropertyExTableIndex])(
        WdfDriverGlobals, DeviceInit, DeviceProperty, BufferLength, PropertyBuffer, ResultLength, Type);
}

/* "WdfFdoInitAllocAndQueryPropertyEx function" */
typedef NTSTATUS(NTAPI *PFN_WDFFDOINITALLOCANDQUERYPROPERTYEX)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ PWDFDEVICE_INIT DeviceInit,
    _In_ PWDF_DEVICE_PROPERTY_DATA DeviceProperty, _In_ POOL_TYPE PoolType,
    _In_opt_ PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes, _Out_ WDFMEMORY *PropertyMemory, _Out_ PDEVPROPTYPE Type);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfFdoInitAllocAndQueryPropertyEx(
    _In_ PWDFDEVICE_INIT DeviceInit, _In_ PWDF_DEVICE_PROPERTY_DATA DeviceProperty, _In_ POOL_TYPE PoolType,
    _In_opt_ PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes, _Out_ WDFMEMORY *PropertyMemory, _Out_ PDEVPROPTYPE Type)
{
    return ((PFN_WDFFDOINITALLOCANDQUERYPROPERTYEX)WdfFunctions[WdfFdoInitAllocAndQueryPropertyExTableIndex])(
        WdfDriverGlobals, DeviceInit, DeviceProperty, PoolType, PropertyMemoryAttributes, PropertyMemory, Type);
}

/* "WdfFdoInitSetEventCallbacks function" */
typedef VOID(NTAPI *PFN_WDFFDOINITSETEVENTCALLBACKS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ PWDFDEVICE_INIT DeviceInit,
                                                     _In_ PWDF_FDO_EVENT_CALLBACKS FdoEventCallbacks);
NDISKIT_INLINE VOID WdfFdoInitSetEventCallbacks(_In_ PWDFDEVICE_INIT DeviceInit,
                                                _In_ PWDF_FDO_EVENT_CALLBACKS FdoEventCallbacks)
{
    ((PFN_WDFFDOINITSETEVENTCALLBACKS)WdfFunctions[WdfFdoInitSetEventCallbacksTableIndex])(WdfDriverGlobals, DeviceInit,
                                                                                           FdoEventCallbacks);
}

/* The driver is a filter: what it has no handler for goes on to the next driver. "WdfFdoInitSetFilter function" */
typedef VOID(NTAPI *PFN_WDFFDOINITSETFILTER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ PWDFDEVICE_INIT DeviceInit);
NDISKIT_INLINE VOID WdfFdoInitSetFilter(_In_ PWDFDEVICE_INIT DeviceInit)
{
    ((PFN_WDFFDOINITSETFILTER)WdfFunctions[WdfFdoInitSetFilterTableIndex])(WdfDriverGlobals, DeviceInit);
}

/* "WdfFdoInitSetDefaultChildListConfig function" */
typedef VOID(NTAPI *PFN_WDFFDOINITSETDEFAULTCHILDLISTCONFIG)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _Inout_ PWDFDEVICE_INIT DeviceInit, _In_ PWDF_CHILD_LIST_CONFIG Config,
    _In_opt_ PWDF_OBJECT_ATTRIBUTES DefaultChildListAttributes);
NDISKIT_INLINE VOID WdfFdoInitSetDefaultChildListConfig(_Inout_ PWDFDEVICE_INIT DeviceInit,
                                                        _In_ PWDF_CHILD_LIST_CONFIG Config,
                                                        _In_opt_ PWDF_OBJECT_ATTRIBUTES DefaultChildListAttributes)
{
    ((PFN_WDFFDOINITSETDEFAULTCHILDLISTCONFIG)WdfFunctions[WdfFdoInitSetDefaultChildListConfigTableIndex])(
        WdfDriverGlobals, DeviceInit, Config, DefaultChildListAttributes);
}

/* "WdfFdoQueryForInterface function" */
typedef NTSTATUS(NTAPI *PFN_WDFFDOQUERYFORINTERFACE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Fdo,
                                                     _In_ LPCGUID InterfaceType, _Out_ PINTERFACE Interface,
                                                     _In_ USHORT Size, _In_ USHORT Version,
                                                     _In_opt_ PVOID InterfaceSpecificData);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfFdoQueryForInterface(_In_ WDFDEVICE Fdo, _In_ LPCGUID InterfaceType,
                                                                      _Out_ PINTERFACE Interface, _In_ USHORT Size,
                                                                      _In_ USHORT Version,
                                                                      _In_opt_ PVOID InterfaceSpecificData)
{
    return ((PFN_WDFFDOQUERYFORINTERFACE)WdfFunctions[WdfFdoQueryForInterfaceTableIndex])(
        WdfDriverGlobals, Fdo, InterfaceType, Interface, Size, Version, InterfaceSpecificData);
}

/* "WdfFdoGetDefaultChildList function" */
typedef WDFCHILDLIST(NTAPI *PFN_WDFFDOGETDEFAULTCHILDLIST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Fdo);
NDISKIT_INLINE WDFCHILDLIST WdfFdoGetDefaultChildList(_In_ WDFDEVICE Fdo)
{
    return ((PFN_WDFFDOGETDEFAULTCHILDLIST)WdfFunctions[WdfFdoGetDefaultChildListTableIndex])(WdfDriverGlobals, Fdo);
}

/* "WdfFdoAddStaticChild function" */
typedef NTSTATUS(NTAPI *PFN_WDFFDOADDSTATICCHILD)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Fdo,
                                                  _In_ WDFDEVICE Child);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfFdoAddStaticChild(_In_ WDFDEVICE Fdo, _In_ WDFDEVICE Child)
{
    return ((PFN_WDFFDOADDSTATICCHILD)WdfFunctions[WdfFdoAddStaticChildTableIndex])(WdfDriverGlobals, Fdo, Child);
}

/* "WdfFdoLockStaticChildListForIteration function" */
typedef VOID(NTAPI *PFN_WDFFDOLOCKSTATICCHILDLISTFORITERATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFDEVICE Fdo);
NDISKIT_INLINE VOID WdfFdoLockStaticChildListForIteration(_In_ WDFDEVICE Fdo)
{
    ((PFN_WDFFDOLOCKSTATICCHILDLISTFORITERATION)WdfFunctions[WdfFdoLockStaticChildListForIterationTableIndex])(
        WdfDriverGlobals, Fdo);
}

/* "WdfFdoRetrieveNextStaticChild function" */
typedef WDFDEVICE(NTAPI *PFN_WDFFDORETRIEVENEXTSTATICCHILD)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Fdo,
                                                            _In_opt_ WDFDEVICE PreviousChild, _In_ ULONG Flags);
NDISKIT_INLINE WDFDEVICE WdfFdoRetrieveNextStaticChild(_In_ WDFDEVICE Fdo, _In_opt_ WDFDEVICE PreviousChild,
                                                       _In_ ULONG Flags)
{
    return ((PFN_WDFFDORETRIEVENEXTSTATICCHILD)WdfFunctions[WdfFdoRetrieveNextStaticChildTableIndex])(
        WdfDriverGlobals, Fdo, PreviousChild, Flags);
}

/* "WdfFdoUnlockStaticChildListFromIteration function" */
typedef VOID(NTAPI *PFN_WDFFDOUNLOCKSTATICCHILDLISTFROMITERATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFDEVICE Fdo);
NDISKIT_INLINE VOID WdfFdoUnlockStaticChildListFromIteration(_In_ WDFDEVICE Fdo)
{
    ((PFN_WDFFDOUNLOCKSTATICCHILDLISTFROMITERATION)WdfFunctions[WdfFdoUnlockStaticChildListFromIterationTableIndex])(
        WdfDriverGlobals, Fdo);
}

NDISKIT_EXTERN_C_END

#endif

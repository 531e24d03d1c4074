/*
 * Framework device objects that a bus driver makes for its children. "Creating Device Objects in a Bus Driver"
 */
#ifndef _WDFPDO_H_
#define _WDFPDO_H_

#include <wdfobject.h>
#include <wdfdevice.h>
#include <wdfchildlist.h>

NDISKIT_EXTERN_C_BEGIN

typedef NTSTATUS(NTAPI EVT_WDF_DEVICE_RESOURCES_QUERY)(_In_ WDFDEVICE Device, _In_ WDFCMRESLIST Resources);
typedef EVT_WDF_DEVICE_RESOURCES_QUERY *PFN_WDF_DEVICE_RESOURCES_QUERY;
typedef NTSTATUS(NTAPI EVT_WDF_DEVICE_RESOURCE_REQUIREMENTS_QUERY)(_In_ WDFDEVICE Device,
                                                                   _In_ WDFIORESREQLIST IoResourceRequirementsList);
typedef EVT_WDF_DEVICE_RESOURCE_REQUIREMENTS_QUERY *PFN_WDF_DEVICE_RESOURCE_REQUIREMENTS_QUERY;
typedef NTSTATUS(NTAPI EVT_WDF_DEVICE_EJECT)(_In_ WDFDEVICE Device);
typedef EVT_WDF_DEVICE_EJECT *PFN_WDF_DEVICE_EJECT;
typedef NTSTATUS(NTAPI EVT_WDF_DEVICE_SET_LOCK)(_In_ WDFDEVICE Device, _In_ BOOLEAN IsLocked);
typedef EVT_WDF_DEVICE_SET_LOCK *PFN_WDF_DEVICE_SET_LOCK;
typedef NTSTATUS(NTAPI EVT_WDF_DEVICE_ENABLE_WAKE_AT_BUS)(_In_ WDFDEVICE Device, _In_ SYSTEM_POWER_STATE PowerState);
typedef EVT_WDF_DEVICE_ENABLE_WAKE_AT_BUS *PFN_WDF_DEVICE_ENABLE_WAKE_AT_BUS;
typedef VOID(NTAPI EVT_WDF_DEVICE_DISABLE_WAKE_AT_BUS)(_In_ WDFDEVICE Device);
typedef EVT_WDF_DEVICE_DISABLE_WAKE_AT_BUS *PFN_WDF_DEVICE_DISABLE_WAKE_AT_BUS;
typedef VOID(NTAPI EVT_WDF_DEVICE_REPORTED_MISSING)(_In_ WDFDEVICE Device);
typedef EVT_WDF_DEVICE_REPORTED_MISSING *PFN_WDF_DEVICE_REPORTED_MISSING;

typedef struct _WDF_PDO_EVENT_CALLBACKS {
    ULONG Size;
    PFN_WDF_DEVICE_RESOURCES_QUERY EvtDeviceResourcesQuery;
    PFN_WDF_DEVICE_RESOURCE_REQUIREMENTS_QUERY EvtDeviceResourceRequirementsQuery;
    PFN_WDF_DEVICE_EJECT EvtDeviceEject;
    PFN_WDF_DEVICE_SET_LOCK EvtDeviceSetLock;
    PFN_WDF_DEVICE_ENABLE_WAKE_AT_BUS EvtDeviceEnableWakeAtBus;
    PFN_WDF_DEVICE_DISABLE_WAKE_AT_BUS EvtDeviceDisableWakeAtBus;
#if KMDF_VERSION_MINOR >= 11
    PFN_WDF_DEVICE_REPORTED_MISSING EvtDeviceReportedMissing;
#endif
} WDF_PDO_EVENT_CALLBACKS, *PWDF_PDO_EVENT_CALLBACKS;

/* "WDF_PDO_EVENT_CALLBACKS_INIT function" */
NDISKIT_INLINE VOID WDF_PDO_EVENT_CALLBACKS_INIT(_Out_ PWDF_PDO_EVENT_CALLBACKS Callbacks)
{
    RtlZeroMemory(Callbacks, sizeof(WDF_PDO_EVENT_CALLBACKS));
    Callbacks->Size = sizeof(WDF_PDO_EVENT_CALLBACKS);
}

/* "WdfPdoInitAllocate function" */
typedef PWDFDEVICE_INIT(NTAPI *PFN_WDFPDOINITALLOCATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ WDFDEVICE ParentDevice);
NDISKIT_INLINE PWDFDEVICE_INIT WdfPdoInitAllocate(_In_ WDFDEVICE ParentDevice)
{
    return ((PFN_WDFPDOINITALLOCATE)WdfFunctions[WdfPdoInitAllocateTableIndex])(WdfDriverGlobals, ParentDevice);
}

/* "WdfPdoInitSetEventCallbacks function" */
typedef VOID(NTAPI *PFN_WDFPDOINITSETEVENTCALLBACKS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ PWDFDEVICE_INIT DeviceInit,
                                                     _In_ PWDF_PDO_EVENT_CALLBACKS DispatchTable);
NDISKIT_INLINE VOID WdfPdoInitSetEventCallbacks(_In_ PWDFDEVICE_INIT DeviceInit,
                                                _In_ PWDF_PDO_EVENT_CALLBACKS DispatchTable)
{
    ((PFN_WDFPDOINITSETEVENTCALLBACKS)WdfFunctions[WdfPdoInitSetEventCallbacksTableIndex])(WdfDriverGlobals, DeviceInit,
                                                                                           DispatchTable);
}

/* "WdfPdoInitAssignDeviceID function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOINITASSIGNDEVICEID)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                      _In_ PWDFDEVICE_INIT DeviceInit, _In_ PCUNICODE_STRING DeviceID);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoInitAssignDeviceID(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                       _In_ PCUNICODE_STRING DeviceID)
{
    return ((PFN_WDFPDOINITASSIGNDEVICEID)WdfFunctions[WdfPdoInitAssignDeviceIDTableIndex])(WdfDriverGlobals,
                                                                                            DeviceInit, DeviceID);
}

/* "WdfPdoInitAssignInstanceID function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOINITASSIGNINSTANCEID)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                        _In_ PWDFDEVICE_INIT DeviceInit,
                                                        _In_ PCUNICODE_STRING InstanceID);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoInitAssignInstanceID(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                         _In_ PCUNICODE_STRING InstanceID)
{
    return ((PFN_WDFPDOINITASSIGNINSTANCEID)WdfFunctions[WdfPdoInitAssignInstanceIDTableIndex])(WdfDriverGlobals,
                                                                                                DeviceInit, InstanceID);
}

/* "WdfPdoInitAddHardwareID function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOINITADDHARDWAREID)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ PWDFDEVICE_INIT DeviceInit, _In_ PCUNICODE_STRING HardwareID);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoInitAddHardwareID(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                      _In_ PCUNICODE_STRING HardwareID)
{
    return ((PFN_WDFPDOINITADDHARDWAREID)WdfFunctions[WdfPdoInitAddHardwareIDTableIndex])(WdfDriverGlobals, DeviceInit,
                                                                                          HardwareID);
}

/* "WdfPdoInitAddCompatibleID function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOINITADDCOMPATIBLEID)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ PWDFDEVICE_INIT DeviceInit,
                                                       _In_ PCUNICODE_STRING CompatibleID);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoInitAddCompatibleID(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                        _In_ PCUNICODE_STRING CompatibleID)
{
    return ((PFN_WDFPDOINITADDCOMPATIBLEID)WdfFunctions[WdfPdoInitAddCompatibleIDTableIndex])(WdfDriverGlobals,
                                                                                              DeviceInit, CompatibleID);
}

/* "WdfPdoInitAssignContainerID function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOINITASSIGNCONTAINERID)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ PWDFDEVICE_INIT DeviceInit,
                                                         _In_ PCUNICODE_STRING ContainerID);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoInitAssignContainerID(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                          _In_ PCUNICODE_STRING ContainerID)
{
    return ((PFN_WDFPDOINITASSIGNCONTAINERID)WdfFunctions[WdfPdoInitAssignContainerIDTableIndex])(
        WdfDriverGlobals, DeviceInit, ContainerID);
}

/* "WdfPdoInitAddDeviceText function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOINITADDDEVICETEXT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ PWDFDEVICE_INIT DeviceInit,
                                                     _In_ PCUNICODE_STRING DeviceDescription,
                                                     _In_ PCUNICODE_STRING DeviceLocation, _In_ LCID LocaleId);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoInitAddDeviceText(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                      _In_ PCUNICODE_STRING DeviceDescription,
                                                                      _In_ PCUNICODE_STRING DeviceLocation,
                                                                      _In_ LCID LocaleId)
{
    return ((PFN_WDFPDOINITADDDEVICETEXT)WdfFunctions[WdfPdoInitAddDeviceTextTableIndex])(
        WdfDriverGlobals, DeviceInit, DeviceDescription, DeviceLocation, LocaleId);
}

/* "WdfPdoInitSetDefaultLocale function" */
typedef VOID(NTAPI *PFN_WDFPDOINITSETDEFAULTLOCALE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ PWDFDEVICE_INIT DeviceInit, _In_ LCID LocaleId);
NDISKIT_INLINE VOID WdfPdoInitSetDefaultLocale(_In_ PWDFDEVICE_INIT DeviceInit, _In_ LCID LocaleId)
{
    ((PFN_WDFPDOINITSETDEFAULTLOCALE)WdfFunctions[WdfPdoInitSetDefaultLocaleTableIndex])(WdfDriverGlobals, DeviceInit,
                                                                                         LocaleId);
}

/* "WdfPdoInitAssignRawDevice function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOINITASSIGNRAWDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ PWDFDEVICE_INIT DeviceInit,
                                                       _In_ CONST GUID *DeviceClassGuid);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoInitAssignRawDevice(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                        _In_ CONST GUID *DeviceClassGuid)
{
    return ((PFN_WDFPDOINITASSIGNRAWDEVICE)WdfFunctions[WdfPdoInitAssignRawDeviceTableIndex])(
        WdfDriverGlobals, DeviceInit, DeviceClassGuid);
}

/* "WdfPdoInitAllowForwardingRequestToParent function" */
typedef VOID(NTAPI *PFN_WDFPDOINITALLOWFORWARDINGREQUESTTOPARENT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ PWDFDEVICE_INIT DeviceInit);
NDISKIT_INLINE VOID WdfPdoInitAllowForwardingRequestToParent(_In_ PWDFDEVICE_INIT DeviceInit)
{
    ((PFN_WDFPDOINITALLOWFORWARDINGREQUESTTOPARENT)WdfFunctions[WdfPdoInitAllowForwardingRequestToParentTableIndex])(
        WdfDriverGlobals, DeviceInit);
}

#if KMDF_VERSION_MINOR >= 31
/* "WdfPdoInitRemovePowerDependencyOnParent function" */
typedef VOID(NTAPI *PFN_WDFPDOINITREMOVEPOWERDEPENDENCYONPARENT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 _In_ PWDFDEVICE_INIT DeviceInit);
NDISKIT_INLINE VOID WdfPdoInitRemovePowerDependencyOnParent(_In_ PWDFDEVICE_INIT DeviceInit)
{
    ((PFN_WDFPDOINITREMOVEPOWERDEPENDENCYONPARENT)WdfFunctions[WdfPdoInitRemovePowerDependencyOnParentTableIndex])(
        WdfDriverGlobals, DeviceInit);
}
#endif

/* "WdfPdoMarkMissing function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOMARKMISSING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoMarkMissing(_In_ WDFDEVICE Device)
{
    return ((PFN_WDFPDOMARKMISSING)WdfFunctions[WdfPdoMarkMissingTableIndex])(WdfDriverGlobals, Device);
}

/* "WdfPdoRequestEject function" */
typedef VOID(NTAPI *PFN_WDFPDOREQUESTEJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device);
NDISKIT_INLINE VOID WdfPdoRequestEject(_In_ WDFDEVICE Device)
{
    ((PFN_WDFPDOREQUESTEJECT)WdfFunctions[WdfPdoRequestEjectTableIndex])(WdfDriverGlobals, Device);
}

/* "WdfPdoGetParent function" */
typedef WDFDEVICE(NTAPI *PFN_WDFPDOGETPARENT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device);
NDISKIT_INLINE WDFDEVICE WdfPdoGetParent(_In_ WDFDEVICE Device)
{
    return ((PFN_WDFPDOGETPARENT)WdfFunctions[WdfPdoGetParentTableIndex])(WdfDriverGlobals, Device);
}

/* "WdfPdoRetrieveIdentificationDescription function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDORETRIEVEIDENTIFICATIONDESCRIPTION)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
    _Inout_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoRetrieveIdentificationDescription(
    _In_ WDFDEVICE Device, _Inout_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription)
{
    return (
        (PFN_WDFPDORETRIEVEIDENTIFICATIONDESCRIPTION)WdfFunctions[WdfPdoRetrieveIdentificationDescriptionTableIndex])(
        WdfDriverGlobals, Device, IdentificationDescription);
}

/* "WdfPdoRetrieveAddressDescription function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDORETRIEVEADDRESSDESCRIPTION)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
    _Inout_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfPdoRetrieveAddressDescription(
    _In_ WDFDEVICE Device, _Inout_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription)
{
    return ((PFN_WDFPDORETRIEVEADDRESSDESCRIPTION)WdfFunctions[WdfPdoRetrieveAddressDescriptionTableIndex])(
        WdfDriverGlobals, Device, AddressDescription);
}

/* "WdfPdoUpdateAddressDescription function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOUPDATEADDRESSDESCRIPTION)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
    _Inout_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS
WdfPdoUpdateAddressDescription(_In_ WDFDEVICE Device, _Inout_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription)
{
    return ((PFN_WDFPDOUPDATEADDRESSDESCRIPTION)WdfFunctions[WdfPdoUpdateAddressDescriptionTableIndex])(
        WdfDriverGlobals, Device, AddressDescription);
}

/* "WdfPdoAddEjectionRelationsPhysicalDevice function" */
typedef NTSTATUS(NTAPI *PFN_WDFPDOADDEJECTIONRELATIONSPHYSICALDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                      _In_ WDFDEVICE Device,
                                                                      _In_ PDEVICE_OBJECT PhysicalDevice);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS
WdfPdoAddEjectionRelationsPhysicalDevice(_In_ WDFDEVICE Device, _In_ PDEVICE_OBJECT PhysicalDevice)
{
    return (
        (PFN_WDFPDOADDEJECTIONRELATIONSPHYSICALDEVICE)WdfFunctions[WdfPdoAddEjectionRelationsPhysicalDeviceTableIndex])(
        WdfDriverGlobals, Device, PhysicalDevice);
}

/* "WdfPdoRemoveEjectionRelationsPhysicalDevice function" */
typedef VOID(NTAPI *PFN_WDFPDOREMOVEEJECTIONRELATIONSPHYSICALDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                     _In_ WDFDEVICE Device,
                                                                     _In_ PDEVICE_OBJECT PhysicalDevice);
NDISKIT_INLINE VOID WdfPdoRemoveEjectionRelationsPhysicalDevice(_In_ WDFDEVICE Device,
                                                                _In_ PDEVICE_OBJECT PhysicalDevice)
{
    ((PFN_WDFPDOREMOVEEJECTIONRELATIONSPHYSICALDEVICE)
         WdfFunctions[WdfPdoRemoveEjectionRelationsPhysicalDeviceTableIndex])(WdfDriverGlobals, Device, PhysicalDevice);
}

/* "WdfPdoClearEjectionRelationsDevices function" */
typedef VOID(NTAPI *PFN_WDFPDOCLEAREJECTIONRELATIONSDEVICES)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFDEVICE Device);
NDISKIT_INLINE VOID WdfPdoClearEjectionRelationsDevices(_In_ WDFDEVICE Device)
{
    ((PFN_WDFPDOCLEAREJECTIONRELATIONSDEVICES)WdfFunctions[WdfPdoClearEjectionRelationsDevicesTableIndex])(
        WdfDriverGlobals, Device);
}

NDISKIT_EXTERN_C_END

#endif

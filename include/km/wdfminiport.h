/*
 * The framework at the lower edge of a miniport driver, whose port driver owns the dispatch routines, Plug and Play and
 * power. "Creating KMDF Miniport Drivers"
 */
#ifndef _WDFMINIPORT_H_
#define _WDFMINIPORT_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

/* The driver deletes the object itself, by WdfObjectDelete. PASSIVE_LEVEL. "WdfDeviceMiniportCreate function" */
typedef NTSTATUS(NTAPI *PFN_WDFDEVICEMINIPORTCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDRIVER Driver,
                                                     _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                     _In_ PDEVICE_OBJECT DeviceObject,
                                                     _In_opt_ PDEVICE_OBJECT AttachedDeviceObject,
                                                     _In_opt_ PDEVICE_OBJECT Pdo, _Out_ WDFDEVICE *Device);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfDeviceMiniportCreate(
    _In_ WDFDRIVER Driver, _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _In_ PDEVICE_OBJECT DeviceObject,
    _In_opt_ PDEVICE_OBJECT AttachedDeviceObject, _In_opt_ PDEVICE_OBJECT Pdo, _Out_ WDFDEVICE *Device)
{
    return ((PFN_WDFDEVICEMINIPORTCREATE)WdfFunctions[WdfDeviceMiniportCreateTableIndex])(
        WdfDriverGlobals, Driver, Attributes, DeviceObject, AttachedDeviceObject, Pdo, Device);
}

/* When the port driver says that the miniport driver is about to be unloaded. "WdfDriverMiniportUnload function" */
typedef VOID(NTAPI *PFN_WDFDRIVERMINIPORTUNLOAD)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDRIVER Driver);
NDISKIT_INLINE VOID WdfDriverMiniportUnload(_In_ WDFDRIVER Driver)
{
    ((PFN_WDFDRIVERMINIPORTUNLOAD)WdfFunctions[WdfDriverMiniportUnloadTableIndex])(WdfDriverGlobals, Driver);
}

NDISKIT_EXTERN_C_END

#endif

/*
 * Control device objects: devices outside the Plug and Play tree that applications open by name. "Using Control Device
 * Objects"
 */
#ifndef _WDFCONTROL_H_
#define _WDFCONTROL_H_

#include <wdfobject.h>
#include <wdfdevice.h>

NDISKIT_EXTERN_C_BEGIN

typedef VOID(NTAPI EVT_WDF_DEVICE_SHUTDOWN_NOTIFICATION)(_In_ WDFDEVICE Device);
typedef EVT_WDF_DEVICE_SHUTDOWN_NOTIFICATION *PFN_WDF_DEVICE_SHUTDOWN_NOTIFICATION;

typedef enum _WDF_DEVICE_SHUTDOWN_FLAGS {
    WdfDeviceShutdown = 0x01,
    WdfDeviceLastChanceShutdown = 0x02,
} WDF_DEVICE_SHUTDOWN_FLAGS;

/* "WdfControlDeviceInitAllocate function" */
typedef PWDFDEVICE_INIT(NTAPI *PFN_WDFCONTROLDEVICEINITALLOCATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 _In_ WDFDRIVER Driver,
                                                                 _In_ CONST UNICODE_STRING *SDDLString);
NDISKIT_INLINE PWDFDEVICE_INIT WdfControlDeviceInitAllocate(_In_ WDFDRIVER Driver,
                                                            _In_ CONST UNICODE_STRING *SDDLString)
{
    return ((PFN_WDFCONTROLDEVICEINITALLOCATE)WdfFunctions[WdfControlDeviceInitAllocateTableIndex])(WdfDriverGlobals,
                                                                                                    Driver, SDDLString);
}

/* "WdfControlDeviceInitSetShutdownNotification function" */
typedef VOID(NTAPI *PFN_WDFCONTROLDEVICEINITSETSHUTDOWNNOTIFICATION)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ PWDFDEVICE_INIT DeviceInit,
    _In_ PFN_WDF_DEVICE_SHUTDOWN_NOTIFICATION Notification, _In_ UCHAR Flags);
NDISKIT_INLINE VOID WdfControlDeviceInitSetShutdownNotification(_In_ PWDFDEVICE_INIT DeviceInit,
                                                                _In_ PFN_WDF_DEVICE_SHUTDOWN_NOTIFICATION Notification,
                                                                _In_ UCHAR Flags)
{
    ((PFN_WDFCONTROLDEVICEINITSETSHUTDOWNNOTIFICATION)
         WdfFunctions[WdfControlDeviceInitSetShutdownNotificationTableIndex])(WdfDriverGlobals, DeviceInit,
                                                                              Notification, Flags);
}

/* The device refuses requests until then. "WdfControlFinishInitializing function" */
typedef VOID(NTAPI *PFN_WDFCONTROLFINISHINITIALIZING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device);
NDISKIT_INLINE VOID WdfControlFinishInitializing(_In_ WDFDEVICE Device)
{
    ((PFN_WDFCONTROLFINISHINITIALIZING)WdfFunctions[WdfControlFinishInitializingTableIndex])(WdfDriverGlobals, Device);
}

NDISKIT_EXTERN_C_END

#endif

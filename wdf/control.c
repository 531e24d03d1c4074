/*
 * Control devices: named devices outside of the Plug and Play tree. Not for miniports, whose dispatch routines are not
 * the framework's.
 *
 * Public pages: "Using Control Device Objects", "WdfControlDeviceInitAllocate function".
 */
#include "wdf/device.h"

PWDFDEVICE_INIT NTAPI kmdf_WdfControlDeviceInitAllocate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver,
                                                        CONST UNICODE_STRING *SDDLString)
{
    static const char call[] = "WdfControlDeviceInitAllocate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_driver *driver = wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, call);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    wdf_require(client, SDDLString, call, "SDDLString");
    if (driver->miniport)
        return NULL;
    struct WDFDEVICE_INIT *init = wdf_device_init_allocate(client, WDF_DEVICE_CONTROL);
    if (init == NULL)
        return NULL;
    init->driver_allocated = true;
    if (!NT_SUCCESS(wdf_copy_string(&init->sddl, SDDLString))) {
        wdf_device_init_free(init);
        return NULL;
    }
    return init;
}
WDF_EXPORT(WdfControlDeviceInitAllocate, PFN_WDFCONTROLDEVICEINITALLOCATE);

VOID NTAPI kmdf_WdfControlDeviceInitSetShutdownNotification(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            PWDFDEVICE_INIT DeviceInit,
                                                            PFN_WDF_DEVICE_SHUTDOWN_NOTIFICATION Notification,
                                                            UCHAR Flags)
{
    static const char call[] = "WdfControlDeviceInitSetShutdownNotification";
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require(client, DeviceInit, call, "DeviceInit");
    wdf_require(client, (const void *)Notification, call, "Notification");
    DeviceInit->shutdown = Notification;
    DeviceInit->shutdown_flags = Flags;
}
WDF_EXPORT(WdfControlDeviceInitSetShutdownNotification, PFN_WDFCONTROLDEVICEINITSETSHUTDOWNNOTIFICATION);

VOID NTAPI kmdf_WdfControlFinishInitializing(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    static const char call[] = "WdfControlFinishInitializing";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, call);
    if (device->kind != WDF_DEVICE_CONTROL)
        wdf_violation(client, WDF_INVALID_HANDLE, (ULONG_PTR)Device, 0, 0, call, "%p is no control device",
                      (void *)Device);
    if (device->init->shutdown != NULL) {
        if (device->init->shutdown_flags & WdfDeviceLastChanceShutdown)
            IoRegisterLastChanceShutdownNotification(device->device_object);
        else
            IoRegisterShutdownNotification(device->device_object);
    }
    device->device_object->Flags &= ~DO_DEVICE_INITIALIZING;
}
WDF_EXPORT(WdfControlFinishInitializing, PFN_WDFCONTROLFINISHINITIALIZING);

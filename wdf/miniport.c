/*
 * The framework at the lower edge of a miniport driver. The port driver (NDIS) owns the device stack: it hands out the
 * three device objects, handles Plug and Play, power and the dispatch routines, and tells the miniport when a device
 * comes and goes. So the device object here has no events and no queues; it is a parent for objects and the way to the
 * next lower driver.
 *
 * What its handle may be passed to is listed on the page "WdfDeviceMiniportCreate function": WdfDeviceGetIoTarget,
 * WdfDeviceWdmGetDeviceObject, ...GetAttachedDevice, ...GetPhysicalDevice, WdfFdoQueryForInterface, and the functions
 * that take any object. All other methods of devices treat it as an invalid handle, which their pages say is a bug
 * check.
 */
#include "wdf/device.h"

struct wdf_device *wdf_general_device(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle, const char *call)
{
    struct wdf_device *device = wdf_from_handle(globals, handle, &wdf_device_type, call);
    if (device->kind == WDF_DEVICE_MINIPORT)
        wdf_violation(wdf_client(globals), WDF_INVALID_HANDLE, (ULONG_PTR)handle, 0, 0, call,
                      "%p is a miniport's device, by WdfDeviceMiniportCreate, which cannot be passed to this method",
                      (void *)handle);
    return device;
}

NTSTATUS NTAPI kmdf_WdfDeviceMiniportCreate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver,
                                            PWDF_OBJECT_ATTRIBUTES Attributes, PDEVICE_OBJECT DeviceObject,
                                            PDEVICE_OBJECT AttachedDeviceObject, PDEVICE_OBJECT Pdo, WDFDEVICE *Device)
{
    static const char call[] = "WdfDeviceMiniportCreate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_driver *driver = wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, call);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    wdf_require(client, DeviceObject, call, "DeviceObject");
    wdf_require(client, Device, call, "Device");
    *Device = NULL;
    /* "The device ... must support Plug and Play", and the port driver must have its dispatch routines. */
    if (!driver->miniport || (driver->config.DriverInitFlags & WdfDriverInitNonPnpDriver))
        return STATUS_INVALID_DEVICE_REQUEST;
    NTSTATUS status;
    struct wdf_device *device =
        (void *)wdf_object_create(client, &wdf_device_type, sizeof(*device), Attributes, &driver->object, &status);
    if (device == NULL)
        return status;
    device->kind = WDF_DEVICE_MINIPORT;
    device->device_object = DeviceObject;
    device->attached = AttachedDeviceObject;
    device->physical = Pdo;
    status = wdf_callback_lock_create(&device->object);
    if (NT_SUCCESS(status) && AttachedDeviceObject != NULL)
        device->target = wdf_target_create_local(&device->object, AttachedDeviceObject, Pdo, &status);
    if (!NT_SUCCESS(status)) {
        wdf_object_abandon(&device->object);
        return status;
    }
    *Device = wdf_device_handle(device);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDeviceMiniportCreate, PFN_WDFDEVICEMINIPORTCREATE);

/* ---- what the framework does not have for anybody, and refuses to miniports ----------------------------------------
 */

/* A method of devices without an implementation behind its refusal. */
#define REFUSED(name_, pfn_, result_, ...)                                                                             \
    result_ NTAPI kmdf_##name_(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device __VA_OPT__(, ) __VA_ARGS__)         \
    {                                                                                                                  \
        wdf_general_device(DriverGlobals, Device, #name_);                                                             \
        wdf_missing_function(DriverGlobals, name_##TableIndex);                                                        \
    }                                                                                                                  \
    WDF_EXPORT(name_, pfn_)
#define UNUSED __attribute__((unused))

REFUSED(WdfDeviceAddDependentUsageDeviceObject, PFN_WDFDEVICEADDDEPENDENTUSAGEDEVICEOBJECT, NTSTATUS,
        PDEVICE_OBJECT DependentDevice UNUSED);
REFUSED(WdfDeviceRemoveDependentUsageDeviceObject, PFN_WDFDEVICEREMOVEDEPENDENTUSAGEDEVICEOBJECT, VOID,
        PDEVICE_OBJECT DependentDevice UNUSED);
REFUSED(WdfDeviceAddRemovalRelationsPhysicalDevice, PFN_WDFDEVICEADDREMOVALRELATIONSPHYSICALDEVICE, NTSTATUS,
        PDEVICE_OBJECT PhysicalDevice UNUSED);
REFUSED(WdfDeviceRemoveRemovalRelationsPhysicalDevice, PFN_WDFDEVICEREMOVEREMOVALRELATIONSPHYSICALDEVICE, VOID,
        PDEVICE_OBJECT PhysicalDevice UNUSED);
REFUSED(WdfDeviceClearRemovalRelationsDevices, PFN_WDFDEVICECLEARREMOVALRELATIONSDEVICES, VOID);
REFUSED(WdfDeviceAssignMofResourceName, PFN_WDFDEVICEASSIGNMOFRESOURCENAME, NTSTATUS,
        PCUNICODE_STRING MofResourceName UNUSED);
REFUSED(WdfDeviceSetBusInformationForChildren, PFN_WDFDEVICESETBUSINFORMATIONFORCHILDREN, VOID,
        PPNP_BUS_INFORMATION BusInformation UNUSED);
REFUSED(WdfDeviceIndicateWakeStatus, PFN_WDFDEVICEINDICATEWAKESTATUS, NTSTATUS, NTSTATUS WaitWakeStatus UNUSED);
REFUSED(WdfDeviceOpenDevicemapKey, PFN_WDFDEVICEOPENDEVICEMAPKEY, NTSTATUS, PCUNICODE_STRING KeyName UNUSED,
        ACCESS_MASK DesiredAccess UNUSED, PWDF_OBJECT_ATTRIBUTES KeyAttributes UNUSED, WDFKEY *Key UNUSED);
REFUSED(WdfDeviceGetSelfIoTarget, PFN_WDFDEVICEGETSELFIOTARGET, WDFIOTARGET);

NTSTATUS NTAPI kmdf_WdfChildListCreate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                       PWDF_CHILD_LIST_CONFIG Config, PWDF_OBJECT_ATTRIBUTES ChildListAttributes,
                                       WDFCHILDLIST *ChildList)
{
    UNREFERENCED_PARAMETER(Config);
    UNREFERENCED_PARAMETER(ChildListAttributes);
    UNREFERENCED_PARAMETER(ChildList);
    wdf_general_device(DriverGlobals, Device, "WdfChildListCreate");
    wdf_missing_function(DriverGlobals, WdfChildListCreateTableIndex);
}
WDF_EXPORT(WdfChildListCreate, PFN_WDFCHILDLISTCREATE);

NTSTATUS NTAPI kmdf_WdfInterruptCreate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                       PWDF_INTERRUPT_CONFIG Configuration, PWDF_OBJECT_ATTRIBUTES Attributes,
                                       WDFINTERRUPT *Interrupt)
{
    UNREFERENCED_PARAMETER(Configuration);
    UNREFERENCED_PARAMETER(Attributes);
    UNREFERENCED_PARAMETER(Interrupt);
    wdf_general_device(DriverGlobals, Device, "WdfInterruptCreate");
    wdf_missing_function(DriverGlobals, WdfInterruptCreateTableIndex);
}
WDF_EXPORT(WdfInterruptCreate, PFN_WDFINTERRUPTCREATE);

NTSTATUS NTAPI kmdf_WdfWmiProviderCreate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                         PWDF_WMI_PROVIDER_CONFIG WmiProviderConfig,
                                         PWDF_OBJECT_ATTRIBUTES ProviderAttributes, WDFWMIPROVIDER *WmiProvider)
{
    UNREFERENCED_PARAMETER(WmiProviderConfig);
    UNREFERENCED_PARAMETER(ProviderAttributes);
    UNREFERENCED_PARAMETER(WmiProvider);
    wdf_general_device(DriverGlobals, Device, "WdfWmiProviderCreate");
    wdf_missing_function(DriverGlobals, WdfWmiProviderCreateTableIndex);
}
WDF_EXPORT(WdfWmiProviderCreate, PFN_WDFWMIPROVIDERCREATE);

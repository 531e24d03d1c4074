/*
 * Framework device objects: the type, and the methods that say what stands behind a handle.
 *
 * Public pages: "Framework Device Objects", "WdfDeviceWdmGetDeviceObject function" and its kind.
 */
#include "wdf/device.h"

static void device_dispose(struct wdf_object *object)
{
    struct wdf_device *device = (struct wdf_device *)object;
    if (device->kind == WDF_DEVICE_CONTROL && device->device_object != NULL) {
        device->removing = true;
        IoAcquireRemoveLock(&device->remove_lock, device);
        IoReleaseRemoveLockAndWait(&device->remove_lock, device);
    }
}

static void device_destroy(struct wdf_object *object)
{
    struct wdf_device *device = (struct wdf_device *)object;
    if (device->kind == WDF_DEVICE_MINIPORT)
        return;
    wdf_interfaces_free(device);
    if (device->symbolic_link.Buffer != NULL) {
        IoDeleteSymbolicLink(&device->symbolic_link);
        ExFreePoolWithTag(device->symbolic_link.Buffer, WDF_DEVICE_TAG);
    }
    wdf_pnp_free(device);
    if (device->object_is_ours) {
        if (device->init->shutdown != NULL)
            IoUnregisterShutdownNotification(device->device_object);
        *(struct wdf_device **)device->device_object->DeviceExtension = NULL;
        if (device->attached != NULL)
            IoDetachDevice(device->attached);
        IoDeleteDevice(device->device_object);
    }
    while (device->dispatch_callbacks != NULL) {
        struct wdf_dispatch_callback *callback = device->dispatch_callbacks;
        device->dispatch_callbacks = *(struct wdf_dispatch_callback **)callback;
        ExFreePoolWithTag(callback, WDF_DEVICE_TAG);
    }
    if (device->init != NULL)
        wdf_device_init_free(device->init);
}

const struct wdf_type wdf_device_type = {
    .name = "WDFDEVICE",
    .flags = WDF_TYPE_PASSIVE | WDF_TYPE_NO_PARENT | WDF_TYPE_EXECUTION_LEVEL | WDF_TYPE_SYNCHRONIZATION,
    .dispose = device_dispose,
    .destroy = device_destroy,
};

const struct wdf_type wdf_pnp_device_type = {
    .name = "WDFDEVICE",
    .base = &wdf_device_type,
    .flags = WDF_TYPE_PASSIVE | WDF_TYPE_NO_PARENT | WDF_TYPE_EXECUTION_LEVEL | WDF_TYPE_SYNCHRONIZATION |
             WDF_TYPE_NO_DELETE,
    .dispose = device_dispose,
    .destroy = device_destroy,
};

struct wdf_device *wdf_device_above(struct wdf_object *object)
{
    for (; object != NULL; object = object->parent) {
        if (object->type == &wdf_device_type || object->type == &wdf_pnp_device_type)
            return (struct wdf_device *)object;
    }
    return NULL;
}

struct wdf_target *wdf_device_local_target(struct wdf_object *device)
{
    return ((struct wdf_device *)device)->target;
}

struct wdf_callback_lock *wdf_synchronization(struct wdf_object *parent)
{
    for (; parent != NULL; parent = parent->parent) {
        bool is_device = parent->type == &wdf_device_type || parent->type == &wdf_pnp_device_type;
        if (parent->type == &wdf_queue_type && parent->synchronization_scope == WdfSynchronizationScopeQueue)
            return parent->callback_lock;
        if (parent->type == &wdf_queue_type && parent->synchronization_scope == WdfSynchronizationScopeNone)
            return NULL;
        if (parent->type == &wdf_queue_type || is_device) {
            struct wdf_device *device = wdf_device_above(parent);
            return parent->synchronization_scope == WdfSynchronizationScopeDevice ? device->object.callback_lock : NULL;
        }
    }
    return NULL;
}

/* ---- what a miniport may call too ----------------------------------------------------------------------------------
 */

static struct wdf_device *any_device(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle, const char *call)
{
    struct wdf_device *device = wdf_from_handle(globals, handle, &wdf_device_type, call);
    wdf_require_irql(wdf_client(globals), DISPATCH_LEVEL, call);
    return device;
}

PDEVICE_OBJECT NTAPI kmdf_WdfDeviceWdmGetDeviceObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    return any_device(DriverGlobals, Device, "WdfDeviceWdmGetDeviceObject")->device_object;
}
WDF_EXPORT(WdfDeviceWdmGetDeviceObject, PFN_WDFDEVICEWDMGETDEVICEOBJECT);

PDEVICE_OBJECT NTAPI kmdf_WdfDeviceWdmGetAttachedDevice(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    return any_device(DriverGlobals, Device, "WdfDeviceWdmGetAttachedDevice")->attached;
}
WDF_EXPORT(WdfDeviceWdmGetAttachedDevice, PFN_WDFDEVICEWDMGETATTACHEDDEVICE);

PDEVICE_OBJECT NTAPI kmdf_WdfDeviceWdmGetPhysicalDevice(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    return any_device(DriverGlobals, Device, "WdfDeviceWdmGetPhysicalDevice")->physical;
}
WDF_EXPORT(WdfDeviceWdmGetPhysicalDevice, PFN_WDFDEVICEWDMGETPHYSICALDEVICE);

WDFIOTARGET NTAPI kmdf_WdfDeviceGetIoTarget(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    struct wdf_device *device = any_device(DriverGlobals, Device, "WdfDeviceGetIoTarget");
    return device->target != NULL ? (WDFIOTARGET)wdf_handle(&device->target->object) : NULL;
}
WDF_EXPORT(WdfDeviceGetIoTarget, PFN_WDFDEVICEGETIOTARGET);

NTSTATUS NTAPI kmdf_WdfFdoQueryForInterface(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Fdo, LPCGUID InterfaceType,
                                            PINTERFACE Interface, USHORT Size, USHORT Version,
                                            PVOID InterfaceSpecificData)
{
    static const char call[] = "WdfFdoQueryForInterface";
    struct wdf_device *device = wdf_from_handle(DriverGlobals, Fdo, &wdf_device_type, call);
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, call);
    if (InterfaceType == NULL || Interface == NULL || device->attached == NULL)
        return STATUS_INVALID_PARAMETER;
    /* From the top: "a driver that is in the same driver stack", above this one or below. */
    PDEVICE_OBJECT top = IoGetAttachedDeviceReference(device->device_object);
    KEVENT event;
    IO_STATUS_BLOCK io;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    PIRP irp = IoBuildSynchronousFsdRequest(IRP_MJ_PNP, top, NULL, 0, NULL, &event, &io);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (irp != NULL) {
        irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
        PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
        stack->MinorFunction = IRP_MN_QUERY_INTERFACE;
        stack->Parameters.QueryInterface.InterfaceType = InterfaceType;
        stack->Parameters.QueryInterface.Size = Size;
        stack->Parameters.QueryInterface.Version = Version;
        stack->Parameters.QueryInterface.Interface = Interface;
        stack->Parameters.QueryInterface.InterfaceSpecificData = InterfaceSpecificData;
        status = IoCallDriver(top, irp);
        if (status == STATUS_PENDING) {
            KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
            status = io.Status;
        }
    }
    ObDereferenceObject(top);
    return status;
}
WDF_EXPORT(WdfFdoQueryForInterface, PFN_WDFFDOQUERYFORINTERFACE);

/* ---- questions about ordinary devices ------------------------------------------------------------------------------
 */

WDFDRIVER NTAPI kmdf_WdfDeviceGetDriver(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    wdf_general_device(DriverGlobals, Device, "WdfDeviceGetDriver");
    return DriverGlobals->Driver;
}
WDF_EXPORT(WdfDeviceGetDriver, PFN_WDFDEVICEGETDRIVER);

struct wdf_device *wdf_device_from_wdm(PDEVICE_OBJECT device_object)
{
    return device_object->DeviceExtension != NULL ? *(struct wdf_device **)device_object->DeviceExtension : NULL;
}

WDFDEVICE NTAPI kmdf_WdfWdmDeviceGetWdfDeviceHandle(PWDF_DRIVER_GLOBALS DriverGlobals, PDEVICE_OBJECT DeviceObject)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require(client, DeviceObject, "WdfWdmDeviceGetWdfDeviceHandle", "DeviceObject");
    /* A miniport's device objects are the port driver's: it has no handle for them. */
    if (DeviceObject->DriverObject != client->driver_object || client->driver == NULL || client->driver->miniport)
        return NULL;
    struct wdf_device *device = wdf_device_from_wdm(DeviceObject);
    return device != NULL ? wdf_device_handle(device) : NULL;
}
WDF_EXPORT(WdfWdmDeviceGetWdfDeviceHandle, PFN_WDFWDMDEVICEGETWDFDEVICEHANDLE);

ULONG NTAPI kmdf_WdfDeviceGetCharacteristics(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    return wdf_general_device(DriverGlobals, Device, "WdfDeviceGetCharacteristics")->device_object->Characteristics;
}
WDF_EXPORT(WdfDeviceGetCharacteristics, PFN_WDFDEVICEGETCHARACTERISTICS);

VOID NTAPI kmdf_WdfDeviceSetCharacteristics(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                            ULONG DeviceCharacteristics)
{
    wdf_general_device(DriverGlobals, Device, "WdfDeviceSetCharacteristics")->device_object->Characteristics =
        DeviceCharacteristics;
}
WDF_EXPORT(WdfDeviceSetCharacteristics, PFN_WDFDEVICESETCHARACTERISTICS);

ULONG NTAPI kmdf_WdfDeviceGetAlignmentRequirement(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    return wdf_general_device(DriverGlobals, Device, "WdfDeviceGetAlignmentRequirement")
        ->device_object->AlignmentRequirement;
}
WDF_EXPORT(WdfDeviceGetAlignmentRequirement, PFN_WDFDEVICEGETALIGNMENTREQUIREMENT);

VOID NTAPI kmdf_WdfDeviceSetAlignmentRequirement(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                 ULONG AlignmentRequirement)
{
    wdf_general_device(DriverGlobals, Device, "WdfDeviceSetAlignmentRequirement")->device_object->AlignmentRequirement =
        AlignmentRequirement;
}
WDF_EXPORT(WdfDeviceSetAlignmentRequirement, PFN_WDFDEVICESETALIGNMENTREQUIREMENT);

WDFQUEUE NTAPI kmdf_WdfDeviceGetDefaultQueue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device)
{
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, "WdfDeviceGetDefaultQueue");
    return device->default_queue != NULL ? (WDFQUEUE)wdf_handle((struct wdf_object *)device->default_queue) : NULL;
}
WDF_EXPORT(WdfDeviceGetDefaultQueue, PFN_WDFDEVICEGETDEFAULTQUEUE);

WDFFILEOBJECT NTAPI kmdf_WdfDeviceGetFileObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                PFILE_OBJECT FileObject)
{
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, "WdfDeviceGetFileObject");
    struct wdf_file *file = wdf_file_find(device, FileObject);
    return file != NULL ? (WDFFILEOBJECT)wdf_handle(&file->object) : NULL;
}
WDF_EXPORT(WdfDeviceGetFileObject, PFN_WDFDEVICEGETFILEOBJECT);

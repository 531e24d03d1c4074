/*
 * The WDM side of ordinary framework drivers: AddDevice, and the one dispatch routine that all IRPs come to.
 *
 * Public pages: "EVT_WDF_DRIVER_DEVICE_ADD callback function", "Request Handlers", "Preprocessing and Postprocessing
 * IRPs".
 */
#include "wdf/device.h"

NTSTATUS NTAPI wdf_add_device(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    struct wdf_client *client = wdf_client_of(DriverObject);
    if (client == NULL || client->driver == NULL)
        return STATUS_NO_SUCH_DEVICE;
    PFN_WDF_DRIVER_DEVICE_ADD add = client->driver->config.EvtDriverDeviceAdd;
    /* A driver without the callback is a filter that wants nothing of the device. */
    if (add == NULL)
        return STATUS_SUCCESS;
    struct WDFDEVICE_INIT *init = wdf_device_init_allocate(client, WDF_DEVICE_FUNCTION);
    if (init == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    init->physical = PhysicalDeviceObject;
    struct wdf_callback_state before = wdf_callback_enter();
    NTSTATUS status = add(client->globals.Driver, init);
    wdf_callback_leave(client, before, (const void *)add, "EvtDriverDeviceAdd");
    struct wdf_device *device = init->created;
    if (device == NULL) {
        wdf_device_init_free(init);
        return status;
    }
    if (!NT_SUCCESS(status))
        wdf_delete_and_wait(&device->object);
    else
        device->device_object->Flags &= ~DO_DEVICE_INITIALIZING;
    return status;
}

/* ---- ways out -------------------------------------------------------------------------------------------------------
 */

NTSTATUS wdf_device_complete(struct wdf_device *device, PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    IoReleaseRemoveLock(&device->remove_lock, device);
    return status;
}

NTSTATUS wdf_device_pass_on(struct wdf_device *device, PIRP irp)
{
    IoSkipCurrentIrpStackLocation(irp);
    NTSTATUS status = IoCallDriver(device->attached, irp);
    IoReleaseRemoveLock(&device->remove_lock, device);
    return status;
}

/* ---- ways in --------------------------------------------------------------------------------------------------------
 */

struct wdf_dispatch_callback {
    struct wdf_dispatch_callback *next;
    UCHAR major;
    PFN_WDFDEVICE_WDM_IRP_DISPATCH callback;
    WDFCONTEXT context;
};

static struct wdf_dispatch_callback *find_dispatch_callback(struct wdf_device *device, UCHAR major)
{
    struct wdf_dispatch_callback *found = device->dispatch_callbacks;
    while (found != NULL && found->major != major)
        found = found->next;
    return found;
}

static NTSTATUS shutdown(struct wdf_device *device, PIRP irp)
{
    PFN_WDF_DEVICE_SHUTDOWN_NOTIFICATION notify = device->init->shutdown;
    if (notify != NULL) {
        struct wdf_callback_state before = wdf_callback_enter();
        notify(wdf_device_handle(device));
        wdf_callback_leave(device->object.client, before, (const void *)notify, "EvtDeviceShutdownNotification");
    }
    return wdf_device_complete(device, irp, STATUS_SUCCESS, 0);
}

/* With the remove lock. */
static NTSTATUS dispatch_io(struct wdf_device *device, PIRP irp, bool after_dispatch_callback)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    struct wdf_dispatch_callback *callback =
        after_dispatch_callback ? NULL : find_dispatch_callback(device, stack->MajorFunction);
    if (callback != NULL) {
        bool control =
            stack->MajorFunction == IRP_MJ_DEVICE_CONTROL || stack->MajorFunction == IRP_MJ_INTERNAL_DEVICE_CONTROL;
        IoReleaseRemoveLock(&device->remove_lock, device);
        return callback->callback(wdf_device_handle(device), stack->MajorFunction, stack->MinorFunction,
                                  control ? stack->Parameters.DeviceIoControl.IoControlCode : 0, callback->context, irp,
                                  NULL);
    }
    switch (stack->MajorFunction) {
    case IRP_MJ_CREATE:
    case IRP_MJ_CLEANUP:
    case IRP_MJ_CLOSE:
        return wdf_file_dispatch(device, irp);
    case IRP_MJ_READ:
    case IRP_MJ_WRITE:
    case IRP_MJ_DEVICE_CONTROL:
    case IRP_MJ_INTERNAL_DEVICE_CONTROL:
        return wdf_queue_dispatch(device, irp);
    case IRP_MJ_SHUTDOWN:
        if (device->kind == WDF_DEVICE_CONTROL)
            return shutdown(device, irp);
        break;
    }
    return device->kind == WDF_DEVICE_FILTER ? wdf_device_pass_on(device, irp)
                                             : wdf_device_complete(device, irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

NTSTATUS wdf_device_dispatch(struct wdf_device *device, PIRP irp, bool after_dispatch_callback)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    bool pnp = device->kind != WDF_DEVICE_CONTROL;
    if (pnp && stack->MajorFunction == IRP_MJ_PNP)
        return wdf_pnp_dispatch(device, irp);
    if (pnp && stack->MajorFunction == IRP_MJ_POWER)
        return wdf_power_dispatch(device, irp);
    NTSTATUS status = IoAcquireRemoveLock(&device->remove_lock, device);
    if (!NT_SUCCESS(status)) {
        irp->IoStatus.Status = status;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
        return status;
    }
    if (pnp && stack->MajorFunction == IRP_MJ_SYSTEM_CONTROL)
        return wdf_device_pass_on(device, irp);
    return dispatch_io(device, irp, after_dispatch_callback);
}

NTSTATUS NTAPI wdf_dispatch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    struct wdf_device *device = wdf_device_from_wdm(DeviceObject);
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    if (device == NULL) {
        Irp->IoStatus.Status = STATUS_NO_SUCH_DEVICE;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return STATUS_NO_SUCH_DEVICE;
    }
    const struct wdf_preprocess *preprocess = &device->init->preprocess[stack->MajorFunction];
    if (preprocess->callback != NULL &&
        (preprocess->all_minors || (preprocess->minors[stack->MinorFunction / 8] >> stack->MinorFunction % 8 & 1)))
        return preprocess->callback(wdf_device_handle(device), Irp);
    return wdf_device_dispatch(device, Irp, false);
}

NTSTATUS NTAPI kmdf_WdfDeviceWdmDispatchPreprocessedIrp(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, PIRP Irp)
{
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, "WdfDeviceWdmDispatchPreprocessedIrp");
    wdf_require(wdf_client(DriverGlobals), Irp, "WdfDeviceWdmDispatchPreprocessedIrp", "Irp");
    /* The driver has skipped or copied its stack location, as before IoCallDriver. */
    IoSetNextIrpStackLocation(Irp);
    return wdf_device_dispatch(device, Irp, false);
}
WDF_EXPORT(WdfDeviceWdmDispatchPreprocessedIrp, PFN_WDFDEVICEWDMDISPATCHPREPROCESSEDIRP);

NTSTATUS NTAPI kmdf_WdfDeviceWdmDispatchIrp(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device, PIRP Irp,
                                            WDFCONTEXT DispatchContext)
{
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, "WdfDeviceWdmDispatchIrp");
    wdf_require(wdf_client(DriverGlobals), Irp, "WdfDeviceWdmDispatchIrp", "Irp");
    UNREFERENCED_PARAMETER(DispatchContext);
    return wdf_device_dispatch(device, Irp, true);
}
WDF_EXPORT(WdfDeviceWdmDispatchIrp, PFN_WDFDEVICEWDMDISPATCHIRP);

NTSTATUS NTAPI kmdf_WdfDeviceConfigureWdmIrpDispatchCallback(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                             WDFDRIVER Driver, UCHAR MajorFunction,
                                                             PFN_WDFDEVICE_WDM_IRP_DISPATCH EvtDeviceWdmIrpDispatch,
                                                             WDFCONTEXT DriverContext)
{
    struct wdf_device *device = wdf_general_device(DriverGlobals, Device, "WdfDeviceConfigureWdmIrpDispatchCallback");
    UNREFERENCED_PARAMETER(Driver);
    bool allowed = MajorFunction == IRP_MJ_READ || MajorFunction == IRP_MJ_WRITE ||
                   MajorFunction == IRP_MJ_DEVICE_CONTROL || MajorFunction == IRP_MJ_INTERNAL_DEVICE_CONTROL;
    if (EvtDeviceWdmIrpDispatch == NULL || !allowed)
        return STATUS_INVALID_PARAMETER;
    if (find_dispatch_callback(device, MajorFunction) != NULL)
        return STATUS_INVALID_DEVICE_STATE;
    struct wdf_dispatch_callback *callback = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*callback), WDF_DEVICE_TAG);
    if (callback == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    callback->major = MajorFunction;
    callback->callback = EvtDeviceWdmIrpDispatch;
    callback->context = DriverContext;
    callback->next = device->dispatch_callbacks;
    device->dispatch_callbacks = callback;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDeviceConfigureWdmIrpDispatchCallback, PFN_WDFDEVICECONFIGUREWDMIRPDISPATCHCALLBACK);

/*
 * Remote I/O targets: opened by a device object that the driver has, or by a name, through a handle and file object of
 * the target's own. A target opened by name hears of its device's removal by the system's notifications and either asks
 * the driver's callbacks or, without them, closes. "Initializing a General I/O Target"
 */
#include <ntifs.h>
#include <wdmguid.h>
#include "wdf/target.h"
#include "ntoskrnl/io/io.h"

#define REMOTE_TAG 0x6D726457 /* 'Wdrm' */

/* Kept from open on, for reopening. */
struct wdf_remote {
    WDF_IO_TARGET_OPEN_PARAMS params; /* TargetDeviceName has its own buffer, behind this */
    PVOID notification;               /* of the device's removal, or NULL */
    WCHAR name[];
};

static NTSTATUS NTAPI device_changed(PVOID notification, PVOID context);

NTSTATUS NTAPI kmdf_WdfIoTargetCreate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                      PWDF_OBJECT_ATTRIBUTES IoTargetAttributes, WDFIOTARGET *IoTarget)
{
    static const char call[] = "WdfIoTargetCreate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    wdf_require(client, IoTarget, call, "IoTarget");
    *IoTarget = NULL;
    struct wdf_object *device = wdf_from_handle(DriverGlobals, Device, &wdf_device_type, call);
    if (IoTargetAttributes != NULL && IoTargetAttributes->ParentObject != NULL) {
        struct wdf_object *parent = wdf_from_handle(DriverGlobals, IoTargetAttributes->ParentObject, NULL, call);
        if (wdf_find_ancestor(parent, &wdf_device_type) != device)
            return STATUS_INVALID_DEVICE_REQUEST;
    }
    struct wdf_target *target = (struct wdf_target *)wdf_object_create(client, &wdf_target_type, sizeof(*target),
                                                                       IoTargetAttributes, device, &status);
    if (target == NULL)
        return status;
    wdf_target_initialize(target, device, WDF_TARGET_REMOTE, NULL, NULL);
    *IoTarget = (WDFIOTARGET)wdf_handle(&target->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfIoTargetCreate, PFN_WDFIOTARGETCREATE);

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

static NTSTATUS open_existing(struct wdf_target *target, const WDF_IO_TARGET_OPEN_PARAMS *params)
{
    if (params->TargetDeviceObject == NULL)
        return STATUS_INVALID_PARAMETER;
    if (params->TargetFileObject != NULL) {
        if (params->TargetFileObject->Type != IO_TYPE_FILE)
            return STATUS_NO_SUCH_DEVICE;
        ObReferenceObject(params->TargetFileObject);
        target->file = params->TargetFileObject;
    }
    ObReferenceObject(params->TargetDeviceObject);
    target->lower = params->TargetDeviceObject;
    return STATUS_SUCCESS;
}

static NTSTATUS open_by_name(struct wdf_target *target, WDF_IO_TARGET_OPEN_PARAMS *params)
{
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK outcome;
    LARGE_INTEGER size = {.QuadPart = params->AllocationSize != NULL ? *params->AllocationSize : 0};
    PFILE_OBJECT file;
    HANDLE handle;
    if (params->TargetDeviceName.Length == 0)
        return STATUS_INVALID_PARAMETER;
    InitializeObjectAttributes(&attributes, &params->TargetDeviceName, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL,
                               NULL);
    NTSTATUS status =
        ZwCreateFile(&handle, params->DesiredAccess | SYNCHRONIZE, &attributes, &outcome,
                     params->AllocationSize != NULL ? &size : NULL, params->FileAttributes, params->ShareAccess,
                     params->CreateDisposition, params->CreateOptions, params->EaBuffer, params->EaBufferLength);
    params->FileInformation = (ULONG)outcome.Information;
    if (status == STATUS_OBJECT_NAME_NOT_FOUND || status == STATUS_OBJECT_PATH_NOT_FOUND)
        return STATUS_NOT_FOUND;
    if (!NT_SUCCESS(status))
        return status;
    status = ObReferenceObjectByHandle(handle, 0, *IoFileObjectType, KernelMode, (PVOID *)&file, NULL);
    if (!NT_SUCCESS(status)) {
        ZwClose(handle);
        return status;
    }
    target->handle = handle;
    target->file = file;
    target->lower = IoGetRelatedDeviceObject(file);
    ObReferenceObject(target->lower);
    return STATUS_SUCCESS;
}

static void stop_listening(struct wdf_target *target)
{
    PVOID notification = target->remote != NULL ? target->remote->notification : NULL;
    if (notification == NULL)
        return;
    target->remote->notification = NULL;
    IoUnregisterPlugPlayNotification(notification);
}

static void release_device(struct wdf_target *target)
{
    PDEVICE_OBJECT lower = target->lower;
    PFILE_OBJECT file = target->file;
    HANDLE handle = target->handle;
    KIRQL irql;
    KeAcquireSpinLock(&target->lock, &irql);
    target->lower = NULL;
    target->physical = NULL;
    target->file = NULL;
    target->handle = NULL;
    KeReleaseSpinLock(&target->lock, irql);
    if (handle != NULL)
        ZwClose(handle);
    if (file != NULL)
        ObDereferenceObject(file);
    if (lower != NULL)
        ObDereferenceObject(lower);
}

/* Keeps a copy of the parameters, with the name, for reopening. */
static NTSTATUS keep(struct wdf_target *target, const WDF_IO_TARGET_OPEN_PARAMS *params, size_t size)
{
    size_t name = params->Type == WdfIoTargetOpenByName ? params->TargetDeviceName.Length : 0;
    struct wdf_remote *remote = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*remote) + name, REMOTE_TAG);
    if (remote == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(remote, sizeof(*remote));
    RtlCopyMemory(&remote->params, params, size);
    if (name != 0)
        RtlCopyMemory(remote->name, params->TargetDeviceName.Buffer, name);
    remote->params.TargetDeviceName = (UNICODE_STRING){(USHORT)name, (USHORT)name, remote->name};
    stop_listening(target);
    wdf_remote_free(target);
    target->remote = remote;
    return STATUS_SUCCESS;
}

static NTSTATUS open_target(struct wdf_target *target, WDF_IO_TARGET_OPEN_PARAMS *params)
{
    KIRQL irql;
    NTSTATUS status =
        params->Type == WdfIoTargetOpenByName ? open_by_name(target, params) : open_existing(target, params);
    if (!NT_SUCCESS(status)) {
        release_device(target);
        return status;
    }
    stop_listening(target);
    PDEVICE_OBJECT bottom = io_stack_bottom(target->lower);
    target->physical = io_device_node(bottom) != NULL ? bottom : NULL;
    target->stack_size = target->lower->StackSize;
    if (params->Type == WdfIoTargetOpenByName && target->physical != NULL)
        /* Without it the target works, but does not hear of a removal: as when the device is no PnP device. */
        IoRegisterPlugPlayNotification(EventCategoryTargetDeviceChange, 0, target->file,
                                       target->object.client->driver_object, device_changed, target,
                                       &target->remote->notification);
    KeAcquireSpinLock(&target->lock, &irql);
    target->state = WdfIoTargetStarted;
    KeReleaseSpinLock(&target->lock, irql);
    return STATUS_SUCCESS;
}

/* The structure of drivers built before FileName was added to it is shorter. */
static bool is_open_params_size(const WDF_IO_TARGET_OPEN_PARAMS *params)
{
    return params->Size == sizeof(*params) || params->Size == FIELD_OFFSET(WDF_IO_TARGET_OPEN_PARAMS, FileName);
}

NTSTATUS NTAPI kmdf_WdfIoTargetOpen(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                    PWDF_IO_TARGET_OPEN_PARAMS OpenParams)
{
    static const char call[] = "WdfIoTargetOpen";
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    struct wdf_target *target = wdf_from_handle(DriverGlobals, IoTarget, &wdf_target_type, call);
    wdf_require(client, OpenParams, call, "OpenParams");
    if (!is_open_params_size(OpenParams)) {
        wdf_size_is(client, OpenParams->Size, sizeof(*OpenParams), call, "WDF_IO_TARGET_OPEN_PARAMS");
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    if (target->kind != WDF_TARGET_REMOTE)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (target->lower != NULL)
        return STATUS_INVALID_DEVICE_STATE;
    switch (OpenParams->Type) {
    case WdfIoTargetOpenReopen:
        if (target->state != WdfIoTargetClosedForQueryRemove || target->remote == NULL ||
            target->remote->params.Type != WdfIoTargetOpenByName)
            return STATUS_INVALID_DEVICE_STATE;
        return open_target(target, &target->remote->params);
    case WdfIoTargetOpenUseExistingDevice:
    case WdfIoTargetOpenByName: {
        NTSTATUS status = keep(target, OpenParams, OpenParams->Size);
        if (NT_SUCCESS(status))
            status = open_target(target, &target->remote->params);
        OpenParams->FileInformation = target->remote != NULL ? target->remote->params.FileInformation : 0;
        return status;
    }
    default:
        return STATUS_INVALID_PARAMETER;
    }
}
WDF_EXPORT(WdfIoTargetOpen, PFN_WDFIOTARGETOPEN);

/* ---- closing ------------------------------------------------------------------------------------------------------
 */

void wdf_remote_close(struct wdf_target *target, WDF_IO_TARGET_STATE state)
{
    wdf_target_drain(target, state);
    /* A target that is closed because its device may go hears what became of that. */
    if (state != WdfIoTargetClosedForQueryRemove)
        stop_listening(target);
    release_device(target);
}

void wdf_remote_free(struct wdf_target *target)
{
    if (target->remote != NULL)
        ExFreePoolWithTag(target->remote, REMOTE_TAG);
    target->remote = NULL;
}

static struct wdf_target *remote_from(PWDF_DRIVER_GLOBALS globals, WDFIOTARGET handle, const char *call)
{
    struct wdf_target *target = wdf_from_handle(globals, handle, &wdf_target_type, call);
    wdf_require_irql(wdf_client(globals), PASSIVE_LEVEL, call);
    if (target->kind != WDF_TARGET_REMOTE)
        wdf_handle_violation(wdf_client(globals), handle, &wdf_target_type, call);
    return target;
}

VOID NTAPI kmdf_WdfIoTargetClose(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    wdf_remote_close(remote_from(DriverGlobals, IoTarget, "WdfIoTargetClose"), WdfIoTargetClosed);
}
WDF_EXPORT(WdfIoTargetClose, PFN_WDFIOTARGETCLOSE);

VOID NTAPI kmdf_WdfIoTargetCloseForQueryRemove(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    wdf_remote_close(remote_from(DriverGlobals, IoTarget, "WdfIoTargetCloseForQueryRemove"),
                     WdfIoTargetClosedForQueryRemove);
}
WDF_EXPORT(WdfIoTargetCloseForQueryRemove, PFN_WDFIOTARGETCLOSEFORQUERYREMOVE);

/* ---- removal of the device ----------------------------------------------------------------------------------------
 */

static NTSTATUS query_remove(struct wdf_target *target, PFN_WDF_IO_TARGET_QUERY_REMOVE callback)
{
    if (callback == NULL) {
        wdf_remote_close(target, WdfIoTargetClosedForQueryRemove);
        return STATUS_SUCCESS;
    }
    struct wdf_callback_state state = wdf_callback_enter();
    NTSTATUS status = callback((WDFIOTARGET)wdf_handle(&target->object));
    wdf_callback_leave(target->object.client, state, (const void *)callback, "EvtIoTargetQueryRemove");
    return status;
}

static void call_back(struct wdf_target *target, VOID(NTAPI *callback)(WDFIOTARGET), const char *what)
{
    struct wdf_callback_state state = wdf_callback_enter();
    callback((WDFIOTARGET)wdf_handle(&target->object));
    wdf_callback_leave(target->object.client, state, (const void *)callback, what);
}

static NTSTATUS NTAPI device_changed(PVOID notification, PVOID context)
{
    TARGET_DEVICE_REMOVAL_NOTIFICATION *change = notification;
    struct wdf_target *target = context;
    WDF_IO_TARGET_OPEN_PARAMS *params = &target->remote->params;
    NTSTATUS status = STATUS_SUCCESS;
    wdf_reference(&target->object);
    if (IsEqualGUID(&change->Event, &GUID_TARGET_DEVICE_QUERY_REMOVE)) {
        status = query_remove(target, params->EvtIoTargetQueryRemove);
    } else if (IsEqualGUID(&change->Event, &GUID_TARGET_DEVICE_REMOVE_CANCELLED)) {
        if (params->EvtIoTargetRemoveCanceled != NULL)
            call_back(target, params->EvtIoTargetRemoveCanceled, "EvtIoTargetRemoveCanceled");
        else if (target->state == WdfIoTargetClosedForQueryRemove)
            open_target(target, params);
    } else if (IsEqualGUID(&change->Event, &GUID_TARGET_DEVICE_REMOVE_COMPLETE)) {
        if (params->EvtIoTargetRemoveComplete != NULL)
            call_back(target, params->EvtIoTargetRemoveComplete, "EvtIoTargetRemoveComplete");
        else
            wdf_remote_close(target, WdfIoTargetDeleted);
    }
    wdf_dereference(&target->object);
    return status;
}

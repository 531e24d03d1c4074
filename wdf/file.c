/*
 * Opens of a device: IRP_MJ_CREATE, IRP_MJ_CLEANUP and IRP_MJ_CLOSE, and the framework file object that stands for the
 * time between.
 *
 * Public pages: "Framework File Objects", "WDF_FILEOBJECT_CONFIG structure", "EVT_WDF_DEVICE_FILE_CREATE callback
 * function".
 */
#include "wdf/queue.h"

static void file_destroy(struct wdf_object *object)
{
    struct wdf_file *file = (struct wdf_file *)object;
    KIRQL irql;
    if (file->entry.Flink == NULL)
        return;
    KeAcquireSpinLock(&file->device->lock, &irql);
    RemoveEntryList(&file->entry);
    KeReleaseSpinLock(&file->device->lock, irql);
}

const struct wdf_type wdf_file_type = {
    .name = "WDFFILEOBJECT",
    .flags = WDF_TYPE_PASSIVE | WDF_TYPE_NO_DELETE | WDF_TYPE_NO_PARENT,
    .destroy = file_destroy,
};

struct wdf_file *wdf_file_find(struct wdf_device *device, PFILE_OBJECT file_object)
{
    struct wdf_file *found = NULL;
    KIRQL irql;
    if (file_object == NULL)
        return NULL;
    KeAcquireSpinLock(&device->lock, &irql);
    for (LIST_ENTRY *entry = device->files.Flink; entry != &device->files && found == NULL; entry = entry->Flink) {
        struct wdf_file *file = CONTAINING_RECORD(entry, struct wdf_file, entry);
        if (file->wdm == file_object)
            found = file;
    }
    KeReleaseSpinLock(&device->lock, irql);
    return found;
}

static bool wants_files(const struct wdf_device *device)
{
    const WDF_FILEOBJECT_CONFIG *config = &device->init->file;
    return config->Size != 0 &&
           (config->FileObjectClass & ~(ULONG)WdfFileObjectCanBeOptional) != WdfFileObjectNotRequired;
}

static NTSTATUS file_create(struct wdf_device *device, PFILE_OBJECT file_object, struct wdf_file **result)
{
    NTSTATUS status;
    const struct WDFDEVICE_INIT *init = device->init;
    struct wdf_file *file =
        (void *)wdf_object_create(device->object.client, &wdf_file_type, sizeof(*file),
                                  init->has_file_attributes ? &init->file_attributes : NULL, &device->object, &status);
    KIRQL irql;
    if (file == NULL)
        return status;
    file->device = device;
    file->wdm = file_object;
    KeAcquireSpinLock(&device->lock, &irql);
    InsertTailList(&device->files, &file->entry);
    KeReleaseSpinLock(&device->lock, irql);
    *result = file;
    return STATUS_SUCCESS;
}

/* No close comes for an open that failed. */
static void create_finished(struct wdf_request *request)
{
    struct wdf_device *device = (struct wdf_device *)request->device;
    struct wdf_file *file = request->file;
    request->file = NULL;
    if (file != NULL && request->completed && !NT_SUCCESS(request->status))
        wdf_delete(&file->object);
    IoReleaseRemoveLock(&device->remove_lock, device);
}

static const struct wdf_request_owner create_owner = {.finished = create_finished};

static NTSTATUS call_create(struct wdf_device *device, PIRP irp, struct wdf_file *file)
{
    const struct WDFDEVICE_INIT *init = device->init;
    PFN_WDF_DEVICE_FILE_CREATE callback = init->file.EvtDeviceFileCreate;
    NTSTATUS status;
    struct wdf_request *request = wdf_request_receive(&device->object, &device->object,
                                                      init->has_request_attributes ? &init->request_attributes : NULL,
                                                      irp, &create_owner, &status);
    if (request == NULL) {
        wdf_delete(&file->object);
        return wdf_device_complete(device, irp, status, 0);
    }
    IoMarkIrpPending(irp);
    request->file = file;
    request->driver_owned = true;
    struct wdf_callback_state before = wdf_callback_enter();
    callback(wdf_device_handle(device), (WDFREQUEST)wdf_handle(&request->object),
             (WDFFILEOBJECT)wdf_handle(&file->object));
    wdf_callback_leave(device->object.client, before, (const void *)callback, "EvtDeviceFileCreate");
    return STATUS_PENDING;
}

static NTSTATUS dispatch_create(struct wdf_device *device, PIRP irp)
{
    PFILE_OBJECT file_object = IoGetCurrentIrpStackLocation(irp)->FileObject;
    struct wdf_file *file = NULL;
    if (wants_files(device) && file_object != NULL) {
        NTSTATUS status = file_create(device, file_object, &file);
        if (!NT_SUCCESS(status))
            return wdf_device_complete(device, irp, status, 0);
        if (device->init->file.EvtDeviceFileCreate != NULL)
            return call_create(device, irp, file);
    }
    if (device->dispatch[WdfRequestTypeCreate] != NULL)
        return wdf_queue_dispatch_to(device, device->dispatch[WdfRequestTypeCreate], irp);
    return device->kind == WDF_DEVICE_FILTER ? wdf_device_pass_on(device, irp)
                                             : wdf_device_complete(device, irp, STATUS_SUCCESS, 0);
}

NTSTATUS wdf_file_dispatch(struct wdf_device *device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    const WDF_FILEOBJECT_CONFIG *config = &device->init->file;
    if (stack->MajorFunction == IRP_MJ_CREATE)
        return dispatch_create(device, irp);
    struct wdf_file *file = wdf_file_find(device, stack->FileObject);
    PFN_WDF_FILE_CLEANUP callback =
        stack->MajorFunction == IRP_MJ_CLEANUP ? config->EvtFileCleanup : config->EvtFileClose;
    if (file != NULL && callback != NULL) {
        struct wdf_callback_state before = wdf_callback_enter();
        callback((WDFFILEOBJECT)wdf_handle(&file->object));
        wdf_callback_leave(device->object.client, before, (const void *)callback,
                           stack->MajorFunction == IRP_MJ_CLEANUP ? "EvtFileCleanup" : "EvtFileClose");
    }
    if (file != NULL && stack->MajorFunction == IRP_MJ_CLOSE)
        wdf_delete(&file->object);
    /* By default filters forward what they did not handle themselves. */
    bool forward = device->attached != NULL && (config->Size == 0 || config->AutoForwardCleanupClose == WdfUseDefault
                                                    ? device->kind == WDF_DEVICE_FILTER
                                                    : config->AutoForwardCleanupClose == WdfTrue);
    return forward ? wdf_device_pass_on(device, irp) : wdf_device_complete(device, irp, STATUS_SUCCESS, 0);
}

/* ---- questions ------------------------------------------------------------------------------------------------------
 */

static struct wdf_file *file_from(PWDF_DRIVER_GLOBALS globals, WDFFILEOBJECT handle, const char *call)
{
    return wdf_from_handle(globals, handle, &wdf_file_type, call);
}

PUNICODE_STRING NTAPI kmdf_WdfFileObjectGetFileName(PWDF_DRIVER_GLOBALS DriverGlobals, WDFFILEOBJECT FileObject)
{
    return &file_from(DriverGlobals, FileObject, "WdfFileObjectGetFileName")->wdm->FileName;
}
WDF_EXPORT(WdfFileObjectGetFileName, PFN_WDFFILEOBJECTGETFILENAME);

ULONG NTAPI kmdf_WdfFileObjectGetFlags(PWDF_DRIVER_GLOBALS DriverGlobals, WDFFILEOBJECT FileObject)
{
    return file_from(DriverGlobals, FileObject, "WdfFileObjectGetFlags")->wdm->Flags;
}
WDF_EXPORT(WdfFileObjectGetFlags, PFN_WDFFILEOBJECTGETFLAGS);

WDFDEVICE NTAPI kmdf_WdfFileObjectGetDevice(PWDF_DRIVER_GLOBALS DriverGlobals, WDFFILEOBJECT FileObject)
{
    return wdf_device_handle(file_from(DriverGlobals, FileObject, "WdfFileObjectGetDevice")->device);
}
WDF_EXPORT(WdfFileObjectGetDevice, PFN_WDFFILEOBJECTGETDEVICE);

PFILE_OBJECT NTAPI kmdf_WdfFileObjectWdmGetFileObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFFILEOBJECT FileObject)
{
    return file_from(DriverGlobals, FileObject, "WdfFileObjectWdmGetFileObject")->wdm;
}
WDF_EXPORT(WdfFileObjectWdmGetFileObject, PFN_WDFFILEOBJECTWDMGETFILEOBJECT);

/*
 * WDFDEVICE_INIT: what a driver wants of a device before it makes it, and WdfDeviceCreate, which makes the WDM device
 * object, attaches it and makes the framework's.
 *
 * Public pages: "WdfDeviceCreate function", "WdfDeviceInitSetIoType function" and its kind, "Creating a Framework
 * Device Object".
 */
#include <string.h>
#include "wdf/device.h"

NTSTATUS wdf_copy_string(UNICODE_STRING *copy, PCUNICODE_STRING text)
{
    RtlInitUnicodeString(copy, NULL);
    if (text == NULL || text->Length == 0)
        return STATUS_SUCCESS;
    copy->Buffer = ExAllocatePoolZero(NonPagedPoolNx, text->Length + sizeof(WCHAR), WDF_DEVICE_TAG);
    if (copy->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(copy->Buffer, text->Buffer, text->Length);
    copy->Length = text->Length;
    copy->MaximumLength = (USHORT)(text->Length + sizeof(WCHAR));
    return STATUS_SUCCESS;
}

struct WDFDEVICE_INIT *wdf_device_init_allocate(struct wdf_client *client, enum wdf_device_kind kind)
{
    struct WDFDEVICE_INIT *init = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*init), WDF_DEVICE_TAG);
    if (init == NULL)
        return NULL;
    init->client = client;
    init->kind = kind;
    init->type = FILE_DEVICE_UNKNOWN;
    init->characteristics = FILE_DEVICE_SECURE_OPEN;
    init->read_write_type = init->control_type = WdfDeviceIoBuffered;
    init->power_pageable = true;
    init->policy_owner = kind == WDF_DEVICE_FUNCTION;
    return init;
}

static void free_string(UNICODE_STRING *text)
{
    if (text->Buffer != NULL)
        ExFreePoolWithTag(text->Buffer, WDF_DEVICE_TAG);
    RtlInitUnicodeString(text, NULL);
}

void wdf_device_init_free(struct WDFDEVICE_INIT *init)
{
    free_string(&init->name);
    free_string(&init->sddl);
    ExFreePoolWithTag(init, WDF_DEVICE_TAG);
}

/* Every method of DeviceInit starts here. */
static struct WDFDEVICE_INIT *init_from(PWDF_DRIVER_GLOBALS globals, PWDFDEVICE_INIT init, KIRQL irql, const char *call)
{
    struct wdf_client *client = wdf_client(globals);
    wdf_require(client, init, call, "DeviceInit");
    wdf_require_irql(client, irql, call);
    return init;
}

VOID NTAPI kmdf_WdfDeviceInitFree(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit)
{
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitFree");
    if (!init->driver_allocated)
        wdf_violation(wdf_client(DriverGlobals), WDF_OBJECT_ERROR, (ULONG_PTR)DeviceInit, 0, 0, "WdfDeviceInitFree",
                      "the driver received this DeviceInit in EvtDriverDeviceAdd: the framework frees it");
    wdf_device_init_free(init);
}
WDF_EXPORT(WdfDeviceInitFree, PFN_WDFDEVICEINITFREE);

/* ---- callbacks ------------------------------------------------------------------------------------------------------
 */

VOID NTAPI kmdf_WdfDeviceInitSetPnpPowerEventCallbacks(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                       PWDF_PNPPOWER_EVENT_CALLBACKS PnpPowerEventCallbacks)
{
    static const char call[] = "WdfDeviceInitSetPnpPowerEventCallbacks";
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, call);
    wdf_require(init->client, PnpPowerEventCallbacks, call, "PnpPowerEventCallbacks");
    /* Drivers for 1.9 have no EvtDeviceUsageNotificationEx. */
    if (PnpPowerEventCallbacks->Size != FIELD_OFFSET(WDF_PNPPOWER_EVENT_CALLBACKS, EvtDeviceUsageNotificationEx))
        wdf_require_size(init->client, PnpPowerEventCallbacks->Size, sizeof(*PnpPowerEventCallbacks), call,
                         "WDF_PNPPOWER_EVENT_CALLBACKS");
    RtlZeroMemory(&init->pnp, sizeof(init->pnp));
    memcpy(&init->pnp, PnpPowerEventCallbacks, PnpPowerEventCallbacks->Size);
}
WDF_EXPORT(WdfDeviceInitSetPnpPowerEventCallbacks, PFN_WDFDEVICEINITSETPNPPOWEREVENTCALLBACKS);

VOID NTAPI kmdf_WdfDeviceInitSetPowerPolicyEventCallbacks(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                          PWDF_POWER_POLICY_EVENT_CALLBACKS PowerPolicyEventCallbacks)
{
    static const char call[] = "WdfDeviceInitSetPowerPolicyEventCallbacks";
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, call);
    wdf_require(init->client, PowerPolicyEventCallbacks, call, "PowerPolicyEventCallbacks");
    wdf_require_size(init->client, PowerPolicyEventCallbacks->Size, sizeof(*PowerPolicyEventCallbacks), call,
                     "WDF_POWER_POLICY_EVENT_CALLBACKS");
    /* They are about wake signals, of which this machine has none: WdfDeviceAssignSxWakeSettings says so. */
}
WDF_EXPORT(WdfDeviceInitSetPowerPolicyEventCallbacks, PFN_WDFDEVICEINITSETPOWERPOLICYEVENTCALLBACKS);

VOID NTAPI kmdf_WdfFdoInitSetEventCallbacks(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                            PWDF_FDO_EVENT_CALLBACKS FdoEventCallbacks)
{
    static const char call[] = "WdfFdoInitSetEventCallbacks";
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, PASSIVE_LEVEL, call);
    wdf_require(init->client, FdoEventCallbacks, call, "FdoEventCallbacks");
    wdf_require_size(init->client, FdoEventCallbacks->Size, sizeof(*FdoEventCallbacks), call,
                     "WDF_FDO_EVENT_CALLBACKS");
    /* They are about hardware resources that a bus assigns; no bus here assigns any. */
}
WDF_EXPORT(WdfFdoInitSetEventCallbacks, PFN_WDFFDOINITSETEVENTCALLBACKS);

VOID NTAPI kmdf_WdfDeviceInitSetFileObjectConfig(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                 PWDF_FILEOBJECT_CONFIG FileObjectConfig,
                                                 PWDF_OBJECT_ATTRIBUTES FileObjectAttributes)
{
    static const char call[] = "WdfDeviceInitSetFileObjectConfig";
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, call);
    wdf_require(init->client, FileObjectConfig, call, "FileObjectConfig");
    wdf_require_size(init->client, FileObjectConfig->Size, sizeof(*FileObjectConfig), call, "WDF_FILEOBJECT_CONFIG");
    init->file = *FileObjectConfig;
    init->has_file_attributes = FileObjectAttributes != NULL;
    if (FileObjectAttributes != NULL)
        init->file_attributes = *FileObjectAttributes;
}
WDF_EXPORT(WdfDeviceInitSetFileObjectConfig, PFN_WDFDEVICEINITSETFILEOBJECTCONFIG);

VOID NTAPI kmdf_WdfDeviceInitSetRequestAttributes(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                  PWDF_OBJECT_ATTRIBUTES RequestAttributes)
{
    static const char call[] = "WdfDeviceInitSetRequestAttributes";
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, call);
    wdf_require(init->client, RequestAttributes, call, "RequestAttributes");
    wdf_require_size(init->client, RequestAttributes->Size, sizeof(*RequestAttributes), call, "WDF_OBJECT_ATTRIBUTES");
    init->request_attributes = *RequestAttributes;
    init->has_request_attributes = true;
}
WDF_EXPORT(WdfDeviceInitSetRequestAttributes, PFN_WDFDEVICEINITSETREQUESTATTRIBUTES);

VOID NTAPI kmdf_WdfDeviceInitSetIoInCallerContextCallback(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                          PFN_WDF_IO_IN_CALLER_CONTEXT EvtIoInCallerContext)
{
    init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetIoInCallerContextCallback")
        ->in_caller_context = EvtIoInCallerContext;
}
WDF_EXPORT(WdfDeviceInitSetIoInCallerContextCallback, PFN_WDFDEVICEINITSETIOINCALLERCONTEXTCALLBACK);

NTSTATUS NTAPI
kmdf_WdfDeviceInitAssignWdmIrpPreprocessCallback(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                 PFN_WDFDEVICE_WDM_IRP_PREPROCESS EvtDeviceWdmIrpPreprocess,
                                                 UCHAR MajorFunction, PUCHAR MinorFunctions, ULONG NumMinorFunctions)
{
    static const char call[] = "WdfDeviceInitAssignWdmIrpPreprocessCallback";
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, call);
    if (EvtDeviceWdmIrpPreprocess == NULL || MajorFunction > IRP_MJ_MAXIMUM_FUNCTION ||
        (NumMinorFunctions != 0 && MinorFunctions == NULL))
        return STATUS_INVALID_PARAMETER;
    struct wdf_preprocess *preprocess = &init->preprocess[MajorFunction];
    preprocess->callback = EvtDeviceWdmIrpPreprocess;
    preprocess->all_minors = NumMinorFunctions == 0;
    for (ULONG i = 0; i < NumMinorFunctions; i++)
        preprocess->minors[MinorFunctions[i] / 8] |= 1 << MinorFunctions[i] % 8;
    init->any_preprocess = true;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDeviceInitAssignWdmIrpPreprocessCallback, PFN_WDFDEVICEINITASSIGNWDMIRPPREPROCESSCALLBACK);

/* ---- properties -----------------------------------------------------------------------------------------------------
 */

VOID NTAPI kmdf_WdfDeviceInitSetPowerPolicyOwnership(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                     BOOLEAN IsPowerPolicyOwner)
{
    struct WDFDEVICE_INIT *init =
        init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetPowerPolicyOwnership");
    init->policy_owner = IsPowerPolicyOwner;
    init->policy_owner_set = true;
}
WDF_EXPORT(WdfDeviceInitSetPowerPolicyOwnership, PFN_WDFDEVICEINITSETPOWERPOLICYOWNERSHIP);

VOID NTAPI kmdf_WdfDeviceInitSetIoType(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                       WDF_DEVICE_IO_TYPE IoType)
{
    init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetIoType")->read_write_type = IoType;
}
WDF_EXPORT(WdfDeviceInitSetIoType, PFN_WDFDEVICEINITSETIOTYPE);

VOID NTAPI kmdf_WdfDeviceInitSetIoTypeEx(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                         PWDF_IO_TYPE_CONFIG IoTypeConfig)
{
    static const char call[] = "WdfDeviceInitSetIoTypeEx";
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, call);
    wdf_require(init->client, IoTypeConfig, call, "IoTypeConfig");
    wdf_require_size(init->client, IoTypeConfig->Size, sizeof(*IoTypeConfig), call, "WDF_IO_TYPE_CONFIG");
    /* A driver of the kernel has no WdfDeviceIoBufferedOrDirect: what it prefers is what it gets. */
    init->read_write_type = IoTypeConfig->ReadWriteIoType;
    init->control_type = IoTypeConfig->DeviceControlIoType;
}
WDF_EXPORT(WdfDeviceInitSetIoTypeEx, PFN_WDFDEVICEINITSETIOTYPEEX);

VOID NTAPI kmdf_WdfDeviceInitSetExclusive(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                          BOOLEAN IsExclusive)
{
    init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetExclusive")->exclusive = IsExclusive;
}
WDF_EXPORT(WdfDeviceInitSetExclusive, PFN_WDFDEVICEINITSETEXCLUSIVE);

VOID NTAPI kmdf_WdfDeviceInitSetPowerNotPageable(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit)
{
    init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetPowerNotPageable")->power_pageable = false;
}
WDF_EXPORT(WdfDeviceInitSetPowerNotPageable, PFN_WDFDEVICEINITSETPOWERNOTPAGEABLE);

VOID NTAPI kmdf_WdfDeviceInitSetPowerPageable(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit)
{
    init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetPowerPageable")->power_pageable = true;
}
WDF_EXPORT(WdfDeviceInitSetPowerPageable, PFN_WDFDEVICEINITSETPOWERPAGEABLE);

VOID NTAPI kmdf_WdfDeviceInitSetPowerInrush(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit)
{
    init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetPowerInrush")->power_inrush = true;
}
WDF_EXPORT(WdfDeviceInitSetPowerInrush, PFN_WDFDEVICEINITSETPOWERINRUSH);

VOID NTAPI kmdf_WdfDeviceInitSetDeviceType(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                           DEVICE_TYPE DeviceType)
{
    init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetDeviceType")->type = DeviceType;
}
WDF_EXPORT(WdfDeviceInitSetDeviceType, PFN_WDFDEVICEINITSETDEVICETYPE);

NTSTATUS NTAPI kmdf_WdfDeviceInitAssignName(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                            PCUNICODE_STRING DeviceName)
{
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, PASSIVE_LEVEL, "WdfDeviceInitAssignName");
    free_string(&init->name);
    /* Without a name from the driver the system makes one up. */
    init->auto_name = DeviceName == NULL || DeviceName->Length == 0;
    return wdf_copy_string(&init->name, DeviceName);
}
WDF_EXPORT(WdfDeviceInitAssignName, PFN_WDFDEVICEINITASSIGNNAME);

NTSTATUS NTAPI kmdf_WdfDeviceInitAssignSDDLString(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                  PCUNICODE_STRING SDDLString)
{
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, PASSIVE_LEVEL, "WdfDeviceInitAssignSDDLString");
    free_string(&init->sddl);
    return wdf_copy_string(&init->sddl, SDDLString);
}
WDF_EXPORT(WdfDeviceInitAssignSDDLString, PFN_WDFDEVICEINITASSIGNSDDLSTRING);

VOID NTAPI kmdf_WdfDeviceInitSetDeviceClass(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                            CONST GUID *DeviceClassGuid)
{
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetDeviceClass");
    wdf_require(init->client, DeviceClassGuid, "WdfDeviceInitSetDeviceClass", "DeviceClassGuid");
    init->class_guid = *DeviceClassGuid;
    init->has_class = true;
}
WDF_EXPORT(WdfDeviceInitSetDeviceClass, PFN_WDFDEVICEINITSETDEVICECLASS);

VOID NTAPI kmdf_WdfDeviceInitSetCharacteristics(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                ULONG DeviceCharacteristics, BOOLEAN OrInValues)
{
    struct WDFDEVICE_INIT *init =
        init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfDeviceInitSetCharacteristics");
    init->characteristics = DeviceCharacteristics | (OrInValues ? init->characteristics : 0);
}
WDF_EXPORT(WdfDeviceInitSetCharacteristics, PFN_WDFDEVICEINITSETCHARACTERISTICS);

VOID NTAPI kmdf_WdfDeviceInitSetRemoveLockOptions(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit,
                                                  PWDF_REMOVE_LOCK_OPTIONS Options)
{
    static const char call[] = "WdfDeviceInitSetRemoveLockOptions";
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, call);
    wdf_require(init->client, Options, call, "Options");
    wdf_require_size(init->client, Options->Size, sizeof(*Options), call, "WDF_REMOVE_LOCK_OPTIONS");
    /* Nothing to remember: every IRP holds the remove lock here, whatever the options say. */
}
WDF_EXPORT(WdfDeviceInitSetRemoveLockOptions, PFN_WDFDEVICEINITSETREMOVELOCKOPTIONS);

VOID NTAPI kmdf_WdfFdoInitSetFilter(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit)
{
    struct WDFDEVICE_INIT *init = init_from(DriverGlobals, DeviceInit, PASSIVE_LEVEL, "WdfFdoInitSetFilter");
    init->kind = WDF_DEVICE_FILTER;
    if (!init->policy_owner_set)
        init->policy_owner = false;
}
WDF_EXPORT(WdfFdoInitSetFilter, PFN_WDFFDOINITSETFILTER);

PDEVICE_OBJECT NTAPI kmdf_WdfFdoInitWdmGetPhysicalDevice(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT DeviceInit)
{
    return init_from(DriverGlobals, DeviceInit, DISPATCH_LEVEL, "WdfFdoInitWdmGetPhysicalDevice")->physical;
}
WDF_EXPORT(WdfFdoInitWdmGetPhysicalDevice, PFN_WDFFDOINITWDMGETPHYSICALDEVICE);

/* ---- the device -----------------------------------------------------------------------------------------------------
 */

/* The WDM device object, attached when it has a PDO. Its extension holds the framework's device. */
static NTSTATUS create_device_object(struct wdf_device *device)
{
    struct WDFDEVICE_INIT *init = device->init;
    ULONG characteristics = init->characteristics;
    if (init->auto_name)
        characteristics |= FILE_AUTOGENERATED_DEVICE_NAME;
    NTSTATUS status = IoCreateDevice(init->client->driver_object, sizeof(struct wdf_device *),
                                     init->name.Buffer != NULL ? &init->name : NULL, init->type, characteristics,
                                     init->exclusive, &device->device_object);
    if (!NT_SUCCESS(status))
        return status;
    device->object_is_ours = true;
    PDEVICE_OBJECT object = device->device_object;
    *(struct wdf_device **)object->DeviceExtension = device;
    device->physical = init->physical;
    if (init->physical != NULL) {
        device->attached = IoAttachDeviceToDeviceStack(object, init->physical);
        if (device->attached == NULL)
            return STATUS_NO_SUCH_DEVICE;
    }
    if (device->kind == WDF_DEVICE_FILTER) {
        object->Flags |= device->attached->Flags & (DO_BUFFERED_IO | DO_DIRECT_IO | DO_POWER_PAGABLE | DO_POWER_INRUSH);
        object->DeviceType = device->attached->DeviceType;
        object->Characteristics = device->attached->Characteristics;
    } else {
        if (init->read_write_type == WdfDeviceIoBuffered)
            object->Flags |= DO_BUFFERED_IO;
        else if (init->read_write_type != WdfDeviceIoNeither)
            object->Flags |= DO_DIRECT_IO;
        if (init->power_inrush)
            object->Flags |= DO_POWER_INRUSH;
        else if (init->power_pageable && device->kind != WDF_DEVICE_CONTROL)
            object->Flags |= DO_POWER_PAGABLE;
    }
    /* EvtDeviceWdmIrpPreprocess may copy its stack location to the next. */
    if (init->any_preprocess)
        object->StackSize++;
    return STATUS_SUCCESS;
}

static NTSTATUS create(struct WDFDEVICE_INIT *init, const WDF_OBJECT_ATTRIBUTES *attributes, struct wdf_device **result)
{
    struct wdf_client *client = init->client;
    const struct wdf_type *type = init->kind == WDF_DEVICE_CONTROL ? &wdf_device_type : &wdf_pnp_device_type;
    NTSTATUS status;
    struct wdf_device *device =
        (void *)wdf_object_create(client, type, sizeof(*device), attributes, &client->driver->object, &status);
    if (device == NULL)
        return status;
    device->kind = init->kind;
    KeInitializeSpinLock(&device->lock);
    InitializeListHead(&device->queues);
    InitializeListHead(&device->files);
    InitializeListHead(&device->interfaces);
    InitializeListHead(&device->query_interfaces);
    IoInitializeRemoveLock(&device->remove_lock, WDF_DEVICE_TAG, 0, 0);
    device->init = init;
    status = wdf_callback_lock_create(&device->object);
    if (NT_SUCCESS(status))
        status = create_device_object(device);
    if (NT_SUCCESS(status) && device->attached != NULL)
        device->target = wdf_target_create_local(&device->object, device->attached, device->physical, &status);
    if (NT_SUCCESS(status) && device->kind != WDF_DEVICE_CONTROL)
        status = wdf_pnp_create(device);
    if (!NT_SUCCESS(status)) {
        if (device->target != NULL)
            wdf_delete(&device->target->object);
        /* The driver keeps its DeviceInit: it may try again with another name. */
        wdf_pnp_free(device);
        if (device->object_is_ours) {
            if (device->attached != NULL)
                IoDetachDevice(device->attached);
            IoDeleteDevice(device->device_object);
        }
        device->object_is_ours = false;
        device->init = NULL;
        wdf_object_abandon(&device->object);
        return status;
    }
    *result = device;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfDeviceCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDFDEVICE_INIT *DeviceInit,
                                    PWDF_OBJECT_ATTRIBUTES DeviceAttributes, WDFDEVICE *Device)
{
    static const char call[] = "WdfDeviceCreate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_device *device = NULL;
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    wdf_require(client, DeviceInit, call, "DeviceInit");
    wdf_require(client, Device, call, "Device");
    *Device = NULL;
    struct WDFDEVICE_INIT *init = *DeviceInit;
    if (init == NULL || init->client != client)
        return STATUS_INVALID_PARAMETER;
    if (init->created != NULL)
        return STATUS_INVALID_DEVICE_STATE;
    if ((init->sddl.Buffer != NULL || init->has_class) && init->name.Buffer == NULL && !init->auto_name)
        return STATUS_INVALID_SECURITY_DESCR;
    if (init->read_write_type <= WdfDeviceIoUndefined || init->read_write_type >= WdfDeviceIoMaximum)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = create(init, DeviceAttributes, &device);
    if (!NT_SUCCESS(status))
        return status;
    init->created = device;
    *DeviceInit = NULL;
    *Device = wdf_device_handle(device);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDeviceCreate, PFN_WDFDEVICECREATE);

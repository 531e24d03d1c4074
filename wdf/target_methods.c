/*
 * What a driver asks of an I/O target apart from sending: its state, the objects behind it, properties of its device.
 * "Controlling a General I/O Target's State", "Obtaining Information About a General I/O Target"
 */
#include "wdf/target.h"

static struct wdf_target *target_from(PWDF_DRIVER_GLOBALS globals, WDFIOTARGET handle, const char *call)
{
    return wdf_from_handle(globals, handle, &wdf_target_type, call);
}

/* ---- state --------------------------------------------------------------------------------------------------------
 */

NTSTATUS NTAPI kmdf_WdfIoTargetStart(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, "WdfIoTargetStart");
    return wdf_target_start(target_from(DriverGlobals, IoTarget, "WdfIoTargetStart"));
}
WDF_EXPORT(WdfIoTargetStart, PFN_WDFIOTARGETSTART);

VOID NTAPI kmdf_WdfIoTargetStop(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                WDF_IO_TARGET_SENT_IO_ACTION Action)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_target *target = target_from(DriverGlobals, IoTarget, "WdfIoTargetStop");
    if (Action < WdfIoTargetCancelSentIo || Action > WdfIoTargetLeaveSentIoPending)
        wdf_violation(client, WDF_VERIFIER_FATAL_ERROR, (ULONG_PTR)IoTarget, (ULONG_PTR)Action, 0, "WdfIoTargetStop",
                      "Action %d is none of WDF_IO_TARGET_SENT_IO_ACTION", (int)Action);
    bool waits = Action != WdfIoTargetLeaveSentIoPending || target->reader != NULL;
    wdf_require_irql(client, waits ? PASSIVE_LEVEL : DISPATCH_LEVEL, "WdfIoTargetStop");
    wdf_target_stop(target, Action);
}
WDF_EXPORT(WdfIoTargetStop, PFN_WDFIOTARGETSTOP);

VOID NTAPI kmdf_WdfIoTargetPurge(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                 WDF_IO_TARGET_PURGE_IO_ACTION Action)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_target *target = target_from(DriverGlobals, IoTarget, "WdfIoTargetPurge");
    if (Action != WdfIoTargetPurgeIo && Action != WdfIoTargetPurgeIoAndWait)
        wdf_violation(client, WDF_VERIFIER_FATAL_ERROR, (ULONG_PTR)IoTarget, (ULONG_PTR)Action, 0, "WdfIoTargetPurge",
                      "Action %d is none of WDF_IO_TARGET_PURGE_IO_ACTION", (int)Action);
    bool wait = Action == WdfIoTargetPurgeIoAndWait;
    wdf_require_irql(client, wait || target->reader != NULL ? PASSIVE_LEVEL : DISPATCH_LEVEL, "WdfIoTargetPurge");
    wdf_target_purge(target, wait);
}
WDF_EXPORT(WdfIoTargetPurge, PFN_WDFIOTARGETPURGE);

WDF_IO_TARGET_STATE NTAPI kmdf_WdfIoTargetGetState(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    struct wdf_target *target = target_from(DriverGlobals, IoTarget, "WdfIoTargetGetState");
    return __atomic_load_n(&target->state, __ATOMIC_ACQUIRE);
}
WDF_EXPORT(WdfIoTargetGetState, PFN_WDFIOTARGETGETSTATE);

/* ---- what is behind it --------------------------------------------------------------------------------------------
 */

WDFDEVICE NTAPI kmdf_WdfIoTargetGetDevice(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    return (WDFDEVICE)wdf_handle(target_from(DriverGlobals, IoTarget, "WdfIoTargetGetDevice")->device);
}
WDF_EXPORT(WdfIoTargetGetDevice, PFN_WDFIOTARGETGETDEVICE);

PDEVICE_OBJECT NTAPI kmdf_WdfIoTargetWdmGetTargetDeviceObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    return target_from(DriverGlobals, IoTarget, "WdfIoTargetWdmGetTargetDeviceObject")->lower;
}
WDF_EXPORT(WdfIoTargetWdmGetTargetDeviceObject, PFN_WDFIOTARGETWDMGETTARGETDEVICEOBJECT);

PDEVICE_OBJECT NTAPI kmdf_WdfIoTargetWdmGetTargetPhysicalDevice(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    return target_from(DriverGlobals, IoTarget, "WdfIoTargetWdmGetTargetPhysicalDevice")->physical;
}
WDF_EXPORT(WdfIoTargetWdmGetTargetPhysicalDevice, PFN_WDFIOTARGETWDMGETTARGETPHYSICALDEVICE);

PFILE_OBJECT NTAPI kmdf_WdfIoTargetWdmGetTargetFileObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    return target_from(DriverGlobals, IoTarget, "WdfIoTargetWdmGetTargetFileObject")->file;
}
WDF_EXPORT(WdfIoTargetWdmGetTargetFileObject, PFN_WDFIOTARGETWDMGETTARGETFILEOBJECT);

HANDLE NTAPI kmdf_WdfIoTargetWdmGetTargetFileHandle(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget)
{
    return target_from(DriverGlobals, IoTarget, "WdfIoTargetWdmGetTargetFileHandle")->handle;
}
WDF_EXPORT(WdfIoTargetWdmGetTargetFileHandle, PFN_WDFIOTARGETWDMGETTARGETFILEHANDLE);

/* ---- properties ---------------------------------------------------------------------------------------------------
 */

NTSTATUS NTAPI kmdf_WdfIoTargetQueryTargetProperty(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                   DEVICE_REGISTRY_PROPERTY DeviceProperty, ULONG BufferLength,
                                                   PVOID PropertyBuffer, PULONG ResultLength)
{
    static const char call[] = "WdfIoTargetQueryTargetProperty";
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    struct wdf_target *target = target_from(DriverGlobals, IoTarget, call);
    wdf_require(client, ResultLength, call, "ResultLength");
    *ResultLength = 0;
    if (BufferLength != 0 && PropertyBuffer == NULL)
        return STATUS_INVALID_PARAMETER;
    if (target->physical == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    return IoGetDeviceProperty(target->physical, DeviceProperty, BufferLength, PropertyBuffer, ResultLength);
}
WDF_EXPORT(WdfIoTargetQueryTargetProperty, PFN_WDFIOTARGETQUERYTARGETPROPERTY);

NTSTATUS NTAPI kmdf_WdfIoTargetAllocAndQueryTargetProperty(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                           DEVICE_REGISTRY_PROPERTY DeviceProperty, POOL_TYPE PoolType,
                                                           PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes,
                                                           WDFMEMORY *PropertyMemory)
{
    static const char call[] = "WdfIoTargetAllocAndQueryTargetProperty";
    struct wdf_client *client = wdf_client(DriverGlobals);
    ULONG size = 0;
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    struct wdf_target *target = target_from(DriverGlobals, IoTarget, call);
    wdf_require(client, PropertyMemory, call, "PropertyMemory");
    *PropertyMemory = NULL;
    if (target->physical == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    NTSTATUS status = IoGetDeviceProperty(target->physical, DeviceProperty, 0, NULL, &size);
    /* What is longer the second time is read once more. */
    while (status == STATUS_BUFFER_TOO_SMALL) {
        ULONG capacity = size;
        NTSTATUS created;
        struct wdf_memory *memory = wdf_memory_create(client, PropertyMemoryAttributes, wdf_client_root(client),
                                                      PoolType, 0, capacity, &created);
        if (memory == NULL)
            return created;
        status = IoGetDeviceProperty(target->physical, DeviceProperty, capacity, memory->buffer, &size);
        if (NT_SUCCESS(status)) {
            memory->size = size;
            *PropertyMemory = (WDFMEMORY)wdf_handle(&memory->object);
            return STATUS_SUCCESS;
        }
        wdf_delete(&memory->object);
    }
    return status;
}
WDF_EXPORT(WdfIoTargetAllocAndQueryTargetProperty, PFN_WDFIOTARGETALLOCANDQUERYTARGETPROPERTY);

static NTSTATUS NTAPI interface_answered(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

NTSTATUS NTAPI kmdf_WdfIoTargetQueryForInterface(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                 LPCGUID InterfaceType, PINTERFACE Interface, USHORT Size,
                                                 USHORT Version, PVOID InterfaceSpecificData)
{
    static const char call[] = "WdfIoTargetQueryForInterface";
    KEVENT done;
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, call);
    struct wdf_target *target = target_from(DriverGlobals, IoTarget, call);
    if (InterfaceType == NULL || Interface == NULL)
        return STATUS_INVALID_PARAMETER;
    if (target->lower == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    PDEVICE_OBJECT top = IoGetAttachedDeviceReference(target->lower);
    PIRP irp = IoAllocateIrp(top->StackSize, FALSE);
    if (irp == NULL) {
        ObDereferenceObject(top);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
    next->MajorFunction = IRP_MJ_PNP;
    next->MinorFunction = IRP_MN_QUERY_INTERFACE;
    next->Parameters.QueryInterface.InterfaceType = InterfaceType;
    next->Parameters.QueryInterface.Size = Size;
    next->Parameters.QueryInterface.Version = Version;
    next->Parameters.QueryInterface.Interface = Interface;
    next->Parameters.QueryInterface.InterfaceSpecificData = InterfaceSpecificData;
    IoSetCompletionRoutine(irp, interface_answered, &done, TRUE, TRUE, TRUE);
    IoCallDriver(top, irp);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    NTSTATUS status = irp->IoStatus.Status;
    IoFreeIrp(irp);
    ObDereferenceObject(top);
    return status;
}
WDF_EXPORT(WdfIoTargetQueryForInterface, PFN_WDFIOTARGETQUERYFORINTERFACE);

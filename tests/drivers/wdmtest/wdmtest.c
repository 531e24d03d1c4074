/*
 * A WDM function driver for a root-enumerated device, with a device interface, a remove lock and a cancel-safe queue.
 * Values of its driver key make a step fail: FailAdd and FailStart (a status follows from them), RefuseRemove, Leak.
 */
#include <ntddk.h>

#define WDMTEST_TAG       'tmdW'
#define IOCTL_WDMTEST_SUM CTL_CODE(FILE_DEVICE_UNKNOWN, 0x900, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_WDMTEST_PIN CTL_CODE(FILE_DEVICE_UNKNOWN, 0x901, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* {8f6a1d52-5c1e-4b0e-9d3f-6a7c1e2b4d10} */
static const GUID InterfaceClass = { 0x8f6a1d52, 0x5c1e, 0x4b0e, { 0x9d, 0x3f, 0x6a, 0x7c, 0x1e, 0x2b, 0x4d, 0x10 } };

typedef struct _DEVICE {
    PDEVICE_OBJECT Self;
    PDEVICE_OBJECT Physical;
    PDEVICE_OBJECT Lower;
    IO_REMOVE_LOCK RemoveLock;
    UNICODE_STRING Interface;
    KSPIN_LOCK PinnedLock;
    LIST_ENTRY Pinned;
    volatile LONG Gone;
    IO_CSQ Queue;
} DEVICE;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static DRIVER_ADD_DEVICE AddDevice;
_Dispatch_type_(IRP_MJ_PNP) static DRIVER_DISPATCH DispatchPnp;
_Dispatch_type_(IRP_MJ_POWER) static DRIVER_DISPATCH DispatchPower;
_Dispatch_type_(IRP_MJ_CREATE) static DRIVER_DISPATCH DispatchOpen;
_Dispatch_type_(IRP_MJ_DEVICE_CONTROL) static DRIVER_DISPATCH DispatchControl;
static IO_COMPLETION_ROUTINE SignalEvent;
static IO_CSQ_INSERT_IRP PinInsert;
static IO_CSQ_REMOVE_IRP PinRemove;
static IO_CSQ_PEEK_NEXT_IRP PinPeek;
static IO_CSQ_ACQUIRE_LOCK PinAcquire;
static IO_CSQ_RELEASE_LOCK PinRelease;
static IO_CSQ_COMPLETE_CANCELED_IRP PinCanceled;

static NTSTATUS
Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

/* A DWORD of the driver key; 0 when it is not there. */
static ULONG
Setting(PDEVICE_OBJECT Physical, PCWSTR Name)
{
    UCHAR Buffer[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(ULONG)];
    PKEY_VALUE_PARTIAL_INFORMATION Information = (PKEY_VALUE_PARTIAL_INFORMATION)Buffer;
    UNICODE_STRING String;
    ULONG Length, Value = 0;
    HANDLE Key;

    if (!NT_SUCCESS(IoOpenDeviceRegistryKey(Physical, PLUGPLAY_REGKEY_DRIVER, KEY_READ, &Key)))
        return 0;
    RtlInitUnicodeString(&String, Name);
    if (NT_SUCCESS(ZwQueryValueKey(Key, &String, KeyValuePartialInformation, Information, sizeof(Buffer), &Length)) &&
        Information->Type == REG_DWORD && Information->DataLength == sizeof(ULONG))
        RtlCopyMemory(&Value, Information->Data, sizeof(Value));
    ZwClose(Key);
    return Value;
}

_Use_decl_annotations_
static VOID
PinInsert(PIO_CSQ Csq, PIRP Irp)
{
    DEVICE *Device = CONTAINING_RECORD(Csq, DEVICE, Queue);

    InsertTailList(&Device->Pinned, &Irp->Tail.Overlay.ListEntry);
}

_Use_decl_annotations_
static VOID
PinRemove(PIO_CSQ Csq, PIRP Irp)
{
    UNREFERENCED_PARAMETER(Csq);
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
}

_Use_decl_annotations_
static PIRP
PinPeek(PIO_CSQ Csq, PIRP Irp, PVOID PeekContext)
{
    DEVICE *Device = CONTAINING_RECORD(Csq, DEVICE, Queue);
    PLIST_ENTRY Next = Irp ? Irp->Tail.Overlay.ListEntry.Flink : Device->Pinned.Flink;

    UNREFERENCED_PARAMETER(PeekContext);
    return Next == &Device->Pinned ? NULL : CONTAINING_RECORD(Next, IRP, Tail.Overlay.ListEntry);
}

_Use_decl_annotations_
static VOID
PinAcquire(PIO_CSQ Csq, PKIRQL Irql)
{
    KeAcquireSpinLock(&CONTAINING_RECORD(Csq, DEVICE, Queue)->PinnedLock, Irql);
}

_Use_decl_annotations_
static VOID
PinRelease(PIO_CSQ Csq, KIRQL Irql)
{
    KeReleaseSpinLock(&CONTAINING_RECORD(Csq, DEVICE, Queue)->PinnedLock, Irql);
}

_Use_decl_annotations_
static VOID
PinCanceled(PIO_CSQ Csq, PIRP Irp)
{
    DEVICE *Device = CONTAINING_RECORD(Csq, DEVICE, Queue);

    Complete(Irp, STATUS_CANCELLED, 0);
    IoReleaseRemoveLock(&Device->RemoveLock, Irp);
}

static VOID
FlushPinned(DEVICE *Device)
{
    PIRP Irp;

    while ((Irp = IoCsqRemoveNextIrp(&Device->Queue, NULL)) != NULL) {
        Complete(Irp, STATUS_DELETE_PENDING, 0);
        IoReleaseRemoveLock(&Device->RemoveLock, Irp);
    }
}

_Use_decl_annotations_
static NTSTATUS
SignalEvent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    if (Irp->PendingReturned)
        KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS
ForwardAndWait(DEVICE *Device, PIRP Irp)
{
    KEVENT Event;
    NTSTATUS Status;

    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, SignalEvent, &Event, TRUE, TRUE, TRUE);
    Status = IoCallDriver(Device->Lower, Irp);
    if (Status == STATUS_PENDING) {
        KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
        Status = Irp->IoStatus.Status;
    }
    return Status;
}

static NTSTATUS
StartDevice(DEVICE *Device, PIRP Irp)
{
    NTSTATUS Status = ForwardAndWait(Device, Irp);

    if (NT_SUCCESS(Status) && Setting(Device->Physical, L"FailStart"))
        Status = STATUS_DEVICE_CONFIGURATION_ERROR;
    if (NT_SUCCESS(Status))
        Status = IoSetDeviceInterfaceState(&Device->Interface, TRUE);
    return Complete(Irp, Status, 0);
}

static NTSTATUS
RemoveDevice(DEVICE *Device, PIRP Irp)
{
    NTSTATUS Status;

    IoSetDeviceInterfaceState(&Device->Interface, FALSE);
    FlushPinned(Device);
    IoReleaseRemoveLockAndWait(&Device->RemoveLock, Irp);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(Irp);
    Status = IoCallDriver(Device->Lower, Irp);
    IoDetachDevice(Device->Lower);
    RtlFreeUnicodeString(&Device->Interface);
    IoDeleteDevice(Device->Self);
    return Status;
}

_Use_decl_annotations_
static NTSTATUS
DispatchPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    DEVICE *Device = (DEVICE *)DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status = IoAcquireRemoveLock(&Device->RemoveLock, Irp);

    if (!NT_SUCCESS(Status))
        return Complete(Irp, Status, 0);
    switch (Stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        Status = StartDevice(Device, Irp);
        break;
    case IRP_MN_REMOVE_DEVICE:
        return RemoveDevice(Device, Irp);
    case IRP_MN_QUERY_REMOVE_DEVICE:
        if (Setting(Device->Physical, L"RefuseRemove")) {
            Status = Complete(Irp, STATUS_DEVICE_BUSY, 0);
            break;
        }
        goto Succeed;
    case IRP_MN_SURPRISE_REMOVAL:
        InterlockedExchange(&Device->Gone, TRUE);
        FlushPinned(Device);
        goto Succeed;
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_STOP_DEVICE:
    Succeed:
        Irp->IoStatus.Status = STATUS_SUCCESS;
    /* Fall through. */
    default:
        IoSkipCurrentIrpStackLocation(Irp);
        Status = IoCallDriver(Device->Lower, Irp);
        break;
    }
    IoReleaseRemoveLock(&Device->RemoveLock, Irp);
    return Status;
}

_Use_decl_annotations_
static NTSTATUS
DispatchPower(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    DEVICE *Device = (DEVICE *)DeviceObject->DeviceExtension;

    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Device->Lower, Irp);
}

_Use_decl_annotations_
static NTSTATUS
DispatchOpen(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    DEVICE *Device = (DEVICE *)DeviceObject->DeviceExtension;

    /* What a file still has pinned goes with its last handle. */
    if (IoGetCurrentIrpStackLocation(Irp)->MajorFunction == IRP_MJ_CLEANUP)
        FlushPinned(Device);
    return Complete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS
Sum(PIRP Irp, PIO_STACK_LOCATION Stack)
{
    const UCHAR *Bytes = (const UCHAR *)Irp->AssociatedIrp.SystemBuffer;
    ULONG Total = 0;

    if (Stack->Parameters.DeviceIoControl.OutputBufferLength < sizeof(Total))
        return Complete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    for (ULONG i = 0; i < Stack->Parameters.DeviceIoControl.InputBufferLength; ++i)
        Total += Bytes[i];
    RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, &Total, sizeof(Total));
    return Complete(Irp, STATUS_SUCCESS, sizeof(Total));
}

_Use_decl_annotations_
static NTSTATUS
DispatchControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    DEVICE *Device = (DEVICE *)DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status = IoAcquireRemoveLock(&Device->RemoveLock, Irp);

    if (!NT_SUCCESS(Status))
        return Complete(Irp, Status, 0);
    switch (Stack->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_WDMTEST_SUM:
        Status = Sum(Irp, Stack);
        break;
    case IOCTL_WDMTEST_PIN:
        IoCsqInsertIrp(&Device->Queue, Irp, NULL);
        if (InterlockedCompareExchange(&Device->Gone, FALSE, FALSE))
            FlushPinned(Device);
        return STATUS_PENDING; /* the remove lock is given up with the IRP */
    default:
        Status = Complete(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
        break;
    }
    IoReleaseRemoveLock(&Device->RemoveLock, Irp);
    return Status;
}

_Use_decl_annotations_
static NTSTATUS
AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    PDEVICE_OBJECT Object;
    DEVICE *Device;
    NTSTATUS Status;

    if (Setting(PhysicalDeviceObject, L"FailAdd"))
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Setting(PhysicalDeviceObject, L"Leak") && !ExAllocatePool2(POOL_FLAG_NON_PAGED, 100, WDMTEST_TAG))
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = IoCreateDevice(DriverObject, sizeof(*Device), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE,
                            &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    Device = (DEVICE *)Object->DeviceExtension;
    Device->Self = Object;
    Device->Physical = PhysicalDeviceObject;
    IoInitializeRemoveLock(&Device->RemoveLock, WDMTEST_TAG, 0, 0);
    KeInitializeSpinLock(&Device->PinnedLock);
    InitializeListHead(&Device->Pinned);
    IoCsqInitialize(&Device->Queue, PinInsert, PinRemove, PinPeek, PinAcquire, PinRelease, PinCanceled);
    Status = IoRegisterDeviceInterface(PhysicalDeviceObject, &InterfaceClass, NULL, &Device->Interface);
    if (!NT_SUCCESS(Status))
        goto DeleteDevice;
    Device->Lower = IoAttachDeviceToDeviceStack(Object, PhysicalDeviceObject);
    if (!Device->Lower) {
        Status = STATUS_NO_SUCH_DEVICE;
        goto FreeInterface;
    }
    Object->Flags |= DO_BUFFERED_IO;
    Object->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;

FreeInterface:
    RtlFreeUnicodeString(&Device->Interface);
DeleteDevice:
    IoDeleteDevice(Object);
    return Status;
}

_Use_decl_annotations_
static VOID
Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

_Use_decl_annotations_
NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->MajorFunction[IRP_MJ_PNP] = DispatchPnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = DispatchPower;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = DispatchOpen;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = DispatchOpen;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = DispatchOpen;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = DispatchControl;
    return STATUS_SUCCESS;
}

/*
 * An ordinary KMDF function driver for a root-enumerated device: a parallel default queue, a sequential and a manual
 * queue behind it, file objects, a device interface, a timer, a work item, requests that are cancelable. Each PnP,
 * power and clean-up callback prints its name, so that a test sees their order. FailAdd, FailPrepare, FailEntry and
 * RefuseRemove in the driver key make a step fail.
 */
#include <ntddk.h>
#include <wdf.h>
#include "kmdftest.h"

/* {5e0c1f6e-4c0b-4a59-8d0e-9b0c6d1f7a31} */
static const GUID InterfaceClass = { 0x5e0c1f6e, 0x4c0b, 0x4a59, { 0x8d, 0x0e, 0x9b, 0x0c, 0x6d, 0x1f, 0x7a, 0x31 } };

typedef struct _DEVICE {
    WDFQUEUE Sequential;
    WDFQUEUE Manual;
    WDFTIMER Timer;
    WDFWORKITEM WorkItem;
    WDFSPINLOCK Lock;
    WDFREQUEST Timed;    /* Lock */
    WDFREQUEST Deferred; /* Lock */
    volatile LONG InHand;
    volatile LONG MostInHand;
    KMDFTEST_COUNTS Counts; /* interlocked */
} DEVICE;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(DEVICE, DeviceOf);

typedef struct _OPEN {
    volatile LONG Requests;
} OPEN;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(OPEN, OpenOf);

/* Every request has one, because the device asks for it; the framework clears it. */
typedef struct _WORK {
    ULONG Seen;
    DEVICE *Device;
} WORK;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(WORK, WorkOf);

DRIVER_INITIALIZE DriverEntry;
static EVT_WDF_DRIVER_DEVICE_ADD DeviceAdd;
static EVT_WDF_DRIVER_UNLOAD DriverUnload;
static EVT_WDF_OBJECT_CONTEXT_CLEANUP DriverCleanup;
static EVT_WDF_OBJECT_CONTEXT_CLEANUP DeviceCleanup;
static EVT_WDF_OBJECT_CONTEXT_DESTROY DeviceDestroy;
static EVT_WDF_OBJECT_CONTEXT_CLEANUP RequestCleanup;
static EVT_WDF_DEVICE_PREPARE_HARDWARE PrepareHardware;
static EVT_WDF_DEVICE_RELEASE_HARDWARE ReleaseHardware;
static EVT_WDF_DEVICE_D0_ENTRY D0Entry;
static EVT_WDF_DEVICE_D0_ENTRY_POST_INTERRUPTS_ENABLED D0EntryPostInterruptsEnabled;
static EVT_WDF_DEVICE_D0_EXIT D0Exit;
static EVT_WDF_DEVICE_D0_EXIT_PRE_INTERRUPTS_DISABLED D0ExitPreInterruptsDisabled;
static EVT_WDF_DEVICE_SELF_MANAGED_IO_INIT SelfManagedIoInit;
static EVT_WDF_DEVICE_SELF_MANAGED_IO_SUSPEND SelfManagedIoSuspend;
static EVT_WDF_DEVICE_SELF_MANAGED_IO_RESTART SelfManagedIoRestart;
static EVT_WDF_DEVICE_SELF_MANAGED_IO_FLUSH SelfManagedIoFlush;
static EVT_WDF_DEVICE_SELF_MANAGED_IO_CLEANUP SelfManagedIoCleanup;
static EVT_WDF_DEVICE_SURPRISE_REMOVAL SurpriseRemoval;
static EVT_WDF_DEVICE_QUERY_REMOVE QueryRemove;
static EVT_WDF_DEVICE_FILE_CREATE FileCreate;
static EVT_WDF_FILE_CLEANUP FileCleanup;
static EVT_WDF_FILE_CLOSE FileClose;
static EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL IoDeviceControl;
static EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL IoOne;
static EVT_WDF_IO_QUEUE_IO_READ IoRead;
static EVT_WDF_IO_QUEUE_IO_WRITE IoWrite;
static EVT_WDF_IO_QUEUE_IO_CANCELED_ON_QUEUE IoCanceledOnQueue;
static EVT_WDF_REQUEST_CANCEL TimedCancel;
static EVT_WDF_REQUEST_CANCEL KeptCancel;
static EVT_WDF_TIMER TimerFired;
static EVT_WDF_WORKITEM WorkItemRun;

#define SAY(what) DbgPrint("kmdftest: %s\n", what)

/* A DWORD of the driver key; 0 when it is not there. */
static ULONG
Setting(WDFDEVICE Device, PCWSTR Name)
{
    UNICODE_STRING String;
    WDFKEY Key;
    ULONG Value = 0;

    RtlInitUnicodeString(&String, Name);
    if (!NT_SUCCESS(WdfDeviceOpenRegistryKey(Device, PLUGPLAY_REGKEY_DRIVER, KEY_READ, WDF_NO_OBJECT_ATTRIBUTES, &Key)))
        return 0;
    if (!NT_SUCCESS(WdfRegistryQueryULong(Key, &String, &Value)))
        Value = 0;
    WdfRegistryClose(Key);
    return Value;
}

_Use_decl_annotations_
static NTSTATUS
PrepareHardware(WDFDEVICE Device, WDFCMRESLIST ResourcesRaw, WDFCMRESLIST ResourcesTranslated)
{
    SAY("PrepareHardware");
    /* A root-enumerated device has no resources, and both lists have as many as the device. */
    if (WdfCmResourceListGetCount(ResourcesRaw) != 0 || WdfCmResourceListGetCount(ResourcesTranslated) != 0 ||
        WdfCmResourceListGetDescriptor(ResourcesTranslated, 0) != NULL)
        return STATUS_INVALID_PARAMETER;
    return Setting(Device, L"FailPrepare") ? STATUS_DEVICE_HARDWARE_ERROR : STATUS_SUCCESS;
}

_Use_decl_annotations_
static NTSTATUS
ReleaseHardware(WDFDEVICE Device, WDFCMRESLIST ResourcesTranslated)
{
    UNREFERENCED_PARAMETER(Device);
    UNREFERENCED_PARAMETER(ResourcesTranslated);
    SAY("ReleaseHardware");
    return STATUS_SUCCESS;
}

_Use_decl_annotations_
static NTSTATUS
D0Entry(WDFDEVICE Device, WDF_POWER_DEVICE_STATE PreviousState)
{
    DbgPrint("kmdftest: D0Entry from %d\n", PreviousState);
    return Setting(Device, L"FailEntry") ? STATUS_DEVICE_POWER_FAILURE : STATUS_SUCCESS;
}

_Use_decl_annotations_
static NTSTATUS
D0EntryPostInterruptsEnabled(WDFDEVICE Device, WDF_POWER_DEVICE_STATE PreviousState)
{
    UNREFERENCED_PARAMETER(Device);
    UNREFERENCED_PARAMETER(PreviousState);
    SAY("D0EntryPostInterruptsEnabled");
    return STATUS_SUCCESS;
}

_Use_decl_annotations_
static NTSTATUS
D0ExitPreInterruptsDisabled(WDFDEVICE Device, WDF_POWER_DEVICE_STATE TargetState)
{
    UNREFERENCED_PARAMETER(Device);
    UNREFERENCED_PARAMETER(TargetState);
    SAY("D0ExitPreInterruptsDisabled");
    return STATUS_SUCCESS;
}

_Use_decl_annotations_
static NTSTATUS
D0Exit(WDFDEVICE Device, WDF_POWER_DEVICE_STATE TargetState)
{
    UNREFERENCED_PARAMETER(Device);
    DbgPrint("kmdftest: D0Exit to %d\n", TargetState);
    return STATUS_SUCCESS;
}

_Use_decl_annotations_
static NTSTATUS
SelfManagedIoInit(WDFDEVICE Device)
{
    UNREFERENCED_PARAMETER(Device);
    SAY("SelfManagedIoInit");
    return STATUS_SUCCESS;
}

_Use_decl_annotations_
static NTSTATUS
SelfManagedIoSuspend(WDFDEVICE Device)
{
    UNREFERENCED_PARAMETER(Device);
    SAY("SelfManagedIoSuspend");
    return STATUS_SUCCESS;
}

_Use_decl_annotations_
static NTSTATUS
SelfManagedIoRestart(WDFDEVICE Device)
{
    UNREFERENCED_PARAMETER(Device);
    SAY("SelfManagedIoRestart");
    return STATUS_SUCCESS;
}

_Use_decl_annotations_
static VOID
SelfManagedIoFlush(WDFDEVICE Device)
{
    UNREFERENCED_PARAMETER(Device);
    SAY("SelfManagedIoFlush");
}

_Use_decl_annotations_
static VOID
SelfManagedIoCleanup(WDFDEVICE Device)
{
    UNREFERENCED_PARAMETER(Device);
    SAY("SelfManagedIoCleanup");
}

_Use_decl_annotations_
static VOID
SurpriseRemoval(WDFDEVICE Device)
{
    UNREFERENCED_PARAMETER(Device);
    SAY("SurpriseRemoval");
}

_Use_decl_annotations_
static NTSTATUS
QueryRemove(WDFDEVICE Device)
{
    SAY("QueryRemove");
    return Setting(Device, L"RefuseRemove") ? STATUS_DEVICE_BUSY : STATUS_SUCCESS;
}

_Use_decl_annotations_
static VOID
DeviceCleanup(WDFOBJECT Object)
{
    UNREFERENCED_PARAMETER(Object);
    SAY("DeviceCleanup");
}

_Use_decl_annotations_
static VOID
DeviceDestroy(WDFOBJECT Object)
{
    UNREFERENCED_PARAMETER(Object);
    SAY("DeviceDestroy");
}

_Use_decl_annotations_
static VOID
RequestCleanup(WDFOBJECT Object)
{
    WORK *Work = WorkOf(Object);

    if (Work->Device != NULL)
        InterlockedIncrement((LONG *)&Work->Device->Counts.ContextsCleaned);
}

/* ---- files --------------------------------------------------------------------------------------------------------
 */

_Use_decl_annotations_
static VOID
FileCreate(WDFDEVICE Device, WDFREQUEST Request, WDFFILEOBJECT FileObject)
{
    InterlockedIncrement((LONG *)&DeviceOf(Device)->Counts.Creates);
    WdfRequestComplete(Request, OpenOf(FileObject)->Requests == 0 ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE);
}

_Use_decl_annotations_
static VOID
FileCleanup(WDFFILEOBJECT FileObject)
{
    InterlockedIncrement((LONG *)&DeviceOf(WdfFileObjectGetDevice(FileObject))->Counts.Cleanups);
}

_Use_decl_annotations_
static VOID
FileClose(WDFFILEOBJECT FileObject)
{
    InterlockedIncrement((LONG *)&DeviceOf(WdfFileObjectGetDevice(FileObject))->Counts.Closes);
}

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

static VOID
CompleteUlong(WDFREQUEST Request, ULONG Value)
{
    PULONG Output;
    NTSTATUS Status = WdfRequestRetrieveOutputBuffer(Request, sizeof(ULONG), (PVOID *)&Output, NULL);

    if (NT_SUCCESS(Status))
        *Output = Value;
    WdfRequestCompleteWithInformation(Request, Status, NT_SUCCESS(Status) ? sizeof(ULONG) : 0);
}

static VOID
Sum(WDFREQUEST Request)
{
    PUCHAR Input;
    size_t Length;
    ULONG Value = 0;
    NTSTATUS Status = WdfRequestRetrieveInputBuffer(Request, 1, (PVOID *)&Input, &Length);

    if (!NT_SUCCESS(Status)) {
        WdfRequestComplete(Request, Status);
        return;
    }
    for (size_t i = 0; i < Length; i++)
        Value += Input[i];
    CompleteUlong(Request, Value);
}

static VOID
Wake(DEVICE *Device, WDFREQUEST Request)
{
    PVOID From, To;
    size_t FromLength, ToLength;
    WDFREQUEST Waiting;
    NTSTATUS Status = WdfIoQueueRetrieveNextRequest(Device->Manual, &Waiting);

    if (NT_SUCCESS(Status)) {
        Status = WdfRequestRetrieveInputBuffer(Request, 1, &From, &FromLength);
        if (NT_SUCCESS(Status))
            Status = WdfRequestRetrieveOutputBuffer(Waiting, FromLength, &To, &ToLength);
        if (NT_SUCCESS(Status))
            RtlCopyMemory(To, From, FromLength);
        WdfRequestCompleteWithInformation(Waiting, Status, NT_SUCCESS(Status) ? FromLength : 0);
    }
    WdfRequestComplete(Request, Status);
}

/* The request waits in Timed. The timer's callback takes it from there under the lock, if it can still be unmarked;
 * else the cancel callback has it, which cannot get past the lock, and so cannot complete it, in between. */
static VOID
StartTimed(DEVICE *Device, WDFREQUEST Request)
{
    NTSTATUS Status;

    WdfSpinLockAcquire(Device->Lock);
    Status = Device->Timed == NULL ? STATUS_SUCCESS : STATUS_DEVICE_BUSY;
    if (NT_SUCCESS(Status))
        Device->Timed = Request;
    WdfSpinLockRelease(Device->Lock);
    if (!NT_SUCCESS(Status)) {
        WdfRequestComplete(Request, Status);
        return;
    }
    Status = WdfRequestMarkCancelableEx(Request, TimedCancel);
    if (!NT_SUCCESS(Status)) {
        WdfSpinLockAcquire(Device->Lock);
        Device->Timed = NULL;
        WdfSpinLockRelease(Device->Lock);
        WdfRequestComplete(Request, Status);
        return;
    }
    WdfTimerStart(Device->Timer, WDF_REL_TIMEOUT_IN_MS(5));
}

_Use_decl_annotations_
static VOID
TimerFired(WDFTIMER Timer)
{
    DEVICE *Device = DeviceOf(WdfTimerGetParentObject(Timer));
    WDFREQUEST Request;

    WdfSpinLockAcquire(Device->Lock);
    Request = Device->Timed;
    if (Request != NULL && WdfRequestUnmarkCancelable(Request) == STATUS_CANCELLED)
        Request = NULL;
    if (Request != NULL)
        Device->Timed = NULL;
    WdfSpinLockRelease(Device->Lock);
    if (Request != NULL)
        CompleteUlong(Request, KeGetCurrentIrql());
}

_Use_decl_annotations_
static VOID
TimedCancel(WDFREQUEST Request)
{
    DEVICE *Device = DeviceOf(WdfIoQueueGetDevice(WdfRequestGetIoQueue(Request)));

    WdfSpinLockAcquire(Device->Lock);
    Device->Timed = NULL;
    WdfSpinLockRelease(Device->Lock);
    InterlockedIncrement((LONG *)&Device->Counts.Canceled);
    WdfRequestComplete(Request, STATUS_CANCELLED);
}

_Use_decl_annotations_
static VOID
KeptCancel(WDFREQUEST Request)
{
    DEVICE *Device = DeviceOf(WdfIoQueueGetDevice(WdfRequestGetIoQueue(Request)));

    InterlockedIncrement((LONG *)&Device->Counts.Canceled);
    WdfRequestComplete(Request, STATUS_CANCELLED);
}

_Use_decl_annotations_
static VOID
WorkItemRun(WDFWORKITEM WorkItem)
{
    DEVICE *Device = DeviceOf(WdfWorkItemGetParentObject(WorkItem));
    WDFREQUEST Request;

    WdfSpinLockAcquire(Device->Lock);
    Request = Device->Deferred;
    Device->Deferred = NULL;
    WdfSpinLockRelease(Device->Lock);
    if (Request != NULL)
        CompleteUlong(Request, KeGetCurrentIrql());
}

static VOID
Defer(DEVICE *Device, WDFREQUEST Request)
{
    BOOLEAN IsFree;

    WdfSpinLockAcquire(Device->Lock);
    IsFree = Device->Deferred == NULL;
    if (IsFree)
        Device->Deferred = Request;
    WdfSpinLockRelease(Device->Lock);
    if (IsFree)
        WdfWorkItemEnqueue(Device->WorkItem);
    else
        WdfRequestComplete(Request, STATUS_DEVICE_BUSY);
}

static VOID
Fill(WDFREQUEST Request)
{
    WDFMEMORY Memory;
    PVOID Buffer;
    size_t Length;
    NTSTATUS Status = WdfRequestRetrieveOutputMemory(Request, &Memory);

    if (!NT_SUCCESS(Status)) {
        WdfRequestComplete(Request, Status);
        return;
    }
    Buffer = WdfMemoryGetBuffer(Memory, &Length);
    RtlFillMemory(Buffer, Length, 0xA5);
    WdfRequestCompleteWithInformation(Request, STATUS_SUCCESS, Length);
}

static VOID
GetCounts(DEVICE *Device, WDFREQUEST Request)
{
    KMDFTEST_COUNTS *Output;
    NTSTATUS Status = WdfRequestRetrieveOutputBuffer(Request, sizeof(*Output), (PVOID *)&Output, NULL);

    if (NT_SUCCESS(Status)) {
        *Output = Device->Counts;
        Output->FileRequests = (ULONG)OpenOf(WdfRequestGetFileObject(Request))->Requests;
    }
    WdfRequestCompleteWithInformation(Request, Status, NT_SUCCESS(Status) ? sizeof(*Output) : 0);
}

_Use_decl_annotations_
static VOID
IoDeviceControl(WDFQUEUE Queue, WDFREQUEST Request, size_t OutputBufferLength, size_t InputBufferLength,
                ULONG IoControlCode)
{
    DEVICE *Device = DeviceOf(WdfIoQueueGetDevice(Queue));
    WORK *Work = WorkOf(Request);
    NTSTATUS Status = STATUS_SUCCESS;

    UNREFERENCED_PARAMETER(OutputBufferLength);
    UNREFERENCED_PARAMETER(InputBufferLength);
    InterlockedIncrement(&OpenOf(WdfRequestGetFileObject(Request))->Requests);
    if (Work->Seen++ != 0) {
        WdfRequestComplete(Request, STATUS_INVALID_DEVICE_STATE);
        return;
    }
    Work->Device = Device;
    switch (IoControlCode) {
    case IOCTL_KMDFTEST_SUM:
        Sum(Request);
        return;
    case IOCTL_KMDFTEST_ONE:
        Status = WdfRequestForwardToIoQueue(Request, Device->Sequential);
        break;
    case IOCTL_KMDFTEST_WAIT:
        Status = WdfRequestForwardToIoQueue(Request, Device->Manual);
        break;
    case IOCTL_KMDFTEST_WAKE:
        Wake(Device, Request);
        return;
    case IOCTL_KMDFTEST_TIMER:
        StartTimed(Device, Request);
        return;
    case IOCTL_KMDFTEST_WORK:
        Defer(Device, Request);
        return;
    case IOCTL_KMDFTEST_COUNTS:
        GetCounts(Device, Request);
        return;
    case IOCTL_KMDFTEST_KEEP:
        Status = WdfRequestMarkCancelableEx(Request, KeptCancel);
        break;
    case IOCTL_KMDFTEST_FILL:
        Fill(Request);
        return;
    default:
        Status = STATUS_INVALID_DEVICE_REQUEST;
        break;
    }
    if (!NT_SUCCESS(Status))
        WdfRequestComplete(Request, Status);
}

_Use_decl_annotations_
static VOID
IoOne(WDFQUEUE Queue, WDFREQUEST Request, size_t OutputBufferLength, size_t InputBufferLength, ULONG IoControlCode)
{
    DEVICE *Device = DeviceOf(WdfIoQueueGetDevice(Queue));
    LONG InHand = InterlockedIncrement(&Device->InHand);

    UNREFERENCED_PARAMETER(OutputBufferLength);
    UNREFERENCED_PARAMETER(InputBufferLength);
    UNREFERENCED_PARAMETER(IoControlCode);
    if (InHand > Device->MostInHand)
        Device->MostInHand = InHand;
    YieldProcessor();
    InHand = Device->MostInHand;
    InterlockedDecrement(&Device->InHand);
    CompleteUlong(Request, (ULONG)InHand);
}

/* Length bytes that count up. */
_Use_decl_annotations_
static VOID
IoRead(WDFQUEUE Queue, WDFREQUEST Request, size_t Length)
{
    WDFMEMORY Memory;
    UCHAR Byte;
    NTSTATUS Status = WdfRequestRetrieveOutputMemory(Request, &Memory);

    UNREFERENCED_PARAMETER(Queue);
    for (size_t i = 0; NT_SUCCESS(Status) && i < Length; i++) {
        Byte = (UCHAR)i;
        Status = WdfMemoryCopyFromBuffer(Memory, i, &Byte, 1);
    }
    WdfRequestCompleteWithInformation(Request, Status, NT_SUCCESS(Status) ? Length : 0);
}

/* Bytes that count up, or the request fails. */
_Use_decl_annotations_
static VOID
IoWrite(WDFQUEUE Queue, WDFREQUEST Request, size_t Length)
{
    PUCHAR Data;
    NTSTATUS Status = WdfRequestRetrieveInputBuffer(Request, Length, (PVOID *)&Data, NULL);

    UNREFERENCED_PARAMETER(Queue);
    for (size_t i = 0; NT_SUCCESS(Status) && i < Length; i++)
        if (Data[i] != (UCHAR)i)
            Status = STATUS_DATA_ERROR;
    WdfRequestCompleteWithInformation(Request, Status, NT_SUCCESS(Status) ? Length : 0);
}

_Use_decl_annotations_
static VOID
IoCanceledOnQueue(WDFQUEUE Queue, WDFREQUEST Request)
{
    InterlockedIncrement((LONG *)&DeviceOf(WdfIoQueueGetDevice(Queue))->Counts.CanceledOnQueue);
    WdfRequestComplete(Request, STATUS_CANCELLED);
}

/* ---- the device ---------------------------------------------------------------------------------------------------
 */

static NTSTATUS
CreateQueues(WDFDEVICE Handle, DEVICE *Device)
{
    WDF_IO_QUEUE_CONFIG Config;
    NTSTATUS Status;

    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&Config, WdfIoQueueDispatchParallel);
    Config.EvtIoDeviceControl = IoDeviceControl;
    Config.EvtIoRead = IoRead;
    Config.EvtIoWrite = IoWrite;
    Status = WdfIoQueueCreate(Handle, &Config, WDF_NO_OBJECT_ATTRIBUTES, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    WDF_IO_QUEUE_CONFIG_INIT(&Config, WdfIoQueueDispatchSequential);
    Config.EvtIoDeviceControl = IoOne;
    Status = WdfIoQueueCreate(Handle, &Config, WDF_NO_OBJECT_ATTRIBUTES, &Device->Sequential);
    if (!NT_SUCCESS(Status))
        return Status;
    WDF_IO_QUEUE_CONFIG_INIT(&Config, WdfIoQueueDispatchManual);
    Config.EvtIoCanceledOnQueue = IoCanceledOnQueue;
    Config.PowerManaged = WdfFalse;
    return WdfIoQueueCreate(Handle, &Config, WDF_NO_OBJECT_ATTRIBUTES, &Device->Manual);
}

static NTSTATUS
CreateHelpers(WDFDEVICE Handle, DEVICE *Device)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDF_WORKITEM_CONFIG WorkItem;
    WDF_TIMER_CONFIG Timer;
    NTSTATUS Status;

    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ParentObject = Handle;
    Status = WdfSpinLockCreate(&Attributes, &Device->Lock);
    if (!NT_SUCCESS(Status))
        return Status;
    WDF_TIMER_CONFIG_INIT(&Timer, TimerFired);
    Timer.AutomaticSerialization = FALSE;
    Status = WdfTimerCreate(&Timer, &Attributes, &Device->Timer);
    if (!NT_SUCCESS(Status))
        return Status;
    WDF_WORKITEM_CONFIG_INIT(&WorkItem, WorkItemRun);
    WorkItem.AutomaticSerialization = FALSE;
    return WdfWorkItemCreate(&WorkItem, &Attributes, &Device->WorkItem);
}

static VOID
SetCallbacks(PWDFDEVICE_INIT DeviceInit)
{
    WDF_PNPPOWER_EVENT_CALLBACKS Callbacks;
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDF_FILEOBJECT_CONFIG Files;

    WDF_PNPPOWER_EVENT_CALLBACKS_INIT(&Callbacks);
    Callbacks.EvtDevicePrepareHardware = PrepareHardware;
    Callbacks.EvtDeviceReleaseHardware = ReleaseHardware;
    Callbacks.EvtDeviceD0Entry = D0Entry;
    Callbacks.EvtDeviceD0EntryPostInterruptsEnabled = D0EntryPostInterruptsEnabled;
    Callbacks.EvtDeviceD0Exit = D0Exit;
    Callbacks.EvtDeviceD0ExitPreInterruptsDisabled = D0ExitPreInterruptsDisabled;
    Callbacks.EvtDeviceSelfManagedIoInit = SelfManagedIoInit;
    Callbacks.EvtDeviceSelfManagedIoSuspend = SelfManagedIoSuspend;
    Callbacks.EvtDeviceSelfManagedIoRestart = SelfManagedIoRestart;
    Callbacks.EvtDeviceSelfManagedIoFlush = SelfManagedIoFlush;
    Callbacks.EvtDeviceSelfManagedIoCleanup = SelfManagedIoCleanup;
    Callbacks.EvtDeviceSurpriseRemoval = SurpriseRemoval;
    Callbacks.EvtDeviceQueryRemove = QueryRemove;
    WdfDeviceInitSetPnpPowerEventCallbacks(DeviceInit, &Callbacks);

    WDF_FILEOBJECT_CONFIG_INIT(&Files, FileCreate, FileClose, FileCleanup);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, OPEN);
    WdfDeviceInitSetFileObjectConfig(DeviceInit, &Files, &Attributes);

    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, WORK);
    Attributes.EvtCleanupCallback = RequestCleanup;
    WdfDeviceInitSetRequestAttributes(DeviceInit, &Attributes);
    WdfDeviceInitSetIoType(DeviceInit, WdfDeviceIoBuffered);
}

_Use_decl_annotations_
static NTSTATUS
DeviceAdd(WDFDRIVER Driver, PWDFDEVICE_INIT DeviceInit)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    DEVICE *Device;
    WDFDEVICE Handle;
    NTSTATUS Status;

    UNREFERENCED_PARAMETER(Driver);
    SAY("DeviceAdd");
    SetCallbacks(DeviceInit);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, DEVICE);
    Attributes.EvtCleanupCallback = DeviceCleanup;
    Attributes.EvtDestroyCallback = DeviceDestroy;
    Status = WdfDeviceCreate(&DeviceInit, &Attributes, &Handle);
    if (!NT_SUCCESS(Status))
        return Status;
    Device = DeviceOf(Handle);
    Status = CreateQueues(Handle, Device);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CreateHelpers(Handle, Device);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = WdfDeviceCreateDeviceInterface(Handle, &InterfaceClass, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    /* A failure here: the framework takes the device back, with all that belongs to it. */
    return Setting(Handle, L"FailAdd") ? STATUS_DEVICE_CONFIGURATION_ERROR : STATUS_SUCCESS;
}

_Use_decl_annotations_
static VOID
DriverUnload(WDFDRIVER Driver)
{
    UNREFERENCED_PARAMETER(Driver);
    SAY("DriverUnload");
}

_Use_decl_annotations_
static VOID
DriverCleanup(WDFOBJECT Driver)
{
    UNREFERENCED_PARAMETER(Driver);
    SAY("DriverCleanup");
}

_Use_decl_annotations_
NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDF_DRIVER_CONFIG Config;

    WDF_DRIVER_CONFIG_INIT(&Config, DeviceAdd);
    Config.EvtDriverUnload = DriverUnload;
    Config.DriverPoolTag = 'tfdK';
    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.EvtCleanupCallback = DriverCleanup;
    return WdfDriverCreate(DriverObject, RegistryPath, &Attributes, &Config, WDF_NO_HANDLE);
}

/*
 * A KMDF driver that does what none may: each IOCTL at its control device is one fault, named in kmdffault.h. It has no
 * device and no INF, so that a test can load it and nothing else.
 */
#include <ntddk.h>
#include <wdf.h>
#include "kmdffault.h"

typedef struct _TOKEN {
    NTSTATUS ChildStatus;
} TOKEN;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(TOKEN, TokenOf);

DRIVER_INITIALIZE DriverEntry;
static EVT_WDF_DRIVER_UNLOAD DriverUnload;
static EVT_WDF_OBJECT_CONTEXT_CLEANUP AddChildWhileDeleting;
static EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL IoDeviceControl;

static WDFMEMORY
NewMemory(WDFOBJECT Parent)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDFMEMORY Memory = NULL;

    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ParentObject = Parent;
    if (!NT_SUCCESS(WdfMemoryCreate(&Attributes, NonPagedPoolNx, 'tlfK', 64, &Memory, NULL)))
        return NULL;
    return Memory;
}

static WDFSPINLOCK
NewLock(WDFOBJECT Parent)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDFSPINLOCK Lock = NULL;

    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ParentObject = Parent;
    if (!NT_SUCCESS(WdfSpinLockCreate(&Attributes, &Lock)))
        return NULL;
    return Lock;
}

static VOID
CompleteStatus(WDFREQUEST Request, NTSTATUS Value)
{
    PULONG Output;
    NTSTATUS Status = WdfRequestRetrieveOutputBuffer(Request, sizeof(ULONG), (PVOID *)&Output, NULL);

    if (NT_SUCCESS(Status))
        *Output = (ULONG)Value;
    WdfRequestCompleteWithInformation(Request, Status, NT_SUCCESS(Status) ? sizeof(ULONG) : 0);
}

/* ---- handles ------------------------------------------------------------------------------------------------------
 */

static VOID
UseChildOfDeleted(WDFDEVICE Device)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDFOBJECT Parent;
    WDFMEMORY Child;
    size_t Size;

    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ParentObject = Device;
    if (!NT_SUCCESS(WdfObjectCreate(&Attributes, &Parent)))
        return;
    Child = NewMemory(Parent);
    WdfObjectDelete(Parent);
    WdfMemoryGetBuffer(Child, &Size);
}

static VOID
UseDeleted(WDFDEVICE Device)
{
    WDFMEMORY Memory = NewMemory(Device);
    size_t Size;

    WdfObjectDelete(Memory);
    WdfMemoryGetBuffer(Memory, &Size);
}

static VOID
DereferenceTwice(WDFDEVICE Device)
{
    WDFMEMORY Memory = NewMemory(Device);

    WdfObjectReference(Memory);
    WdfObjectDereference(Memory);
    WdfObjectDereference(Memory);
}

/* The parent's own cleanup callback: it is being deleted, and a new child would outlive it. */
_Use_decl_annotations_
static VOID
AddChildWhileDeleting(WDFOBJECT Object)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDFMEMORY Memory;

    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ParentObject = Object;
    TokenOf(Object)->ChildStatus = WdfMemoryCreate(&Attributes, NonPagedPoolNx, 'tlfK', 64, &Memory, NULL);
}

static NTSTATUS
DeletePending(WDFDEVICE Device)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDFOBJECT Parent;
    NTSTATUS Status;

    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, TOKEN);
    Attributes.ParentObject = Device;
    Attributes.EvtCleanupCallback = AddChildWhileDeleting;
    Status = WdfObjectCreate(&Attributes, &Parent);
    if (!NT_SUCCESS(Status))
        return Status;
    WdfObjectReference(Parent);
    WdfObjectDelete(Parent);
    Status = TokenOf(Parent)->ChildStatus;
    WdfObjectDereference(Parent);
    return Status;
}

/* ---- parameters ---------------------------------------------------------------------------------------------------
 */

static VOID
WrongSizeWithoutStatus(WDFREQUEST Request)
{
    WDF_REQUEST_PARAMETERS Parameters;

    WDF_REQUEST_PARAMETERS_INIT(&Parameters);
    Parameters.Size -= 8;
    WdfRequestGetParameters(Request, &Parameters);
}

static NTSTATUS
WrongSizeWithStatus(WDFDEVICE Device)
{
    WDF_IO_QUEUE_CONFIG Config;
    WDFQUEUE Queue;

    WDF_IO_QUEUE_CONFIG_INIT(&Config, WdfIoQueueDispatchManual);
    Config.Size += 8;
    return WdfIoQueueCreate(Device, &Config, WDF_NO_OBJECT_ATTRIBUTES, &Queue);
}

static VOID
PassiveMethodAtDispatch(WDFDEVICE Device)
{
    KIRQL Irql;
    WDFKEY Key;

    KeRaiseIrql(DISPATCH_LEVEL, &Irql);
    if (NT_SUCCESS(
            WdfDriverOpenParametersRegistryKey(WdfDeviceGetDriver(Device), KEY_READ, WDF_NO_OBJECT_ATTRIBUTES, &Key)))
        WdfRegistryClose(Key);
    KeLowerIrql(Irql);
}

/* ---- locks --------------------------------------------------------------------------------------------------------
 */

static VOID
LockTwice(WDFDEVICE Device)
{
    WDFSPINLOCK Lock = NewLock(Device);

    WdfSpinLockAcquire(Lock);
    WdfSpinLockAcquire(Lock);
}

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

static VOID
CompleteWithMemory(WDFREQUEST Request)
{
    WDFMEMORY Memory;

    if (NT_SUCCESS(WdfRequestRetrieveOutputMemory(Request, &Memory)))
        WdfObjectReference(Memory);
    WdfRequestComplete(Request, STATUS_SUCCESS);
}

/* Returns whether the request is still to be completed. */
static BOOLEAN
FaultOfObject(ULONG Fault, WDFDEVICE Device)
{
    WDFMEMORY Memory;

    switch (Fault) {
    case FaultWrongType:
        WdfIoQueueGetDevice((WDFQUEUE)NewMemory(Device));
        break;
    case FaultDeleted:
        UseDeleted(Device);
        break;
    case FaultMadeUp:
        WdfObjectDelete((WDFOBJECT)(ULONG_PTR)0x12340);
        break;
    case FaultNullHandle:
        WdfObjectDelete(NULL);
        break;
    case FaultNullParameter:
        WdfIoQueueCreate(Device, NULL, WDF_NO_OBJECT_ATTRIBUTES, NULL);
        break;
    case FaultChild:
        UseChildOfDeleted(Device);
        break;
    case FaultDereference:
        DereferenceTwice(Device);
        break;
    case FaultRecursiveLock:
        LockTwice(Device);
        break;
    case FaultForeignRelease:
        WdfSpinLockRelease(NewLock(Device));
        break;
    case FaultNoLock:
        WdfObjectAcquireLock(NewMemory(Device));
        break;
    case FaultDeleteDriver:
        WdfObjectDelete(WdfDeviceGetDriver(Device));
        break;
    case FaultLeakReference:
        Memory = NewMemory(WdfDeviceGetDriver(Device));
        WdfObjectReference(Memory);
        break;
    case FaultLeakHandle:
        NewMemory(NULL);
        NewLock(NULL);
        break;
    default:
        return FALSE;
    }
    return TRUE;
}

_Use_decl_annotations_
static VOID
IoDeviceControl(WDFQUEUE Queue, WDFREQUEST Request, size_t OutputBufferLength, size_t InputBufferLength,
                ULONG IoControlCode)
{
    WDFDEVICE Device = WdfIoQueueGetDevice(Queue);
    ULONG Fault = ((IoControlCode >> 2) & 0xFFF) - 0xB00;
    KIRQL Irql;

    UNREFERENCED_PARAMETER(InputBufferLength);
    if (Fault >= FaultCount) {
        WdfRequestComplete(Request, STATUS_INVALID_DEVICE_REQUEST);
        return;
    }
    if (FaultOfObject(Fault, Device)) {
        WdfRequestComplete(Request, STATUS_SUCCESS);
        return;
    }
    switch (Fault) {
    case FaultSizeStatus:
        CompleteStatus(Request, WrongSizeWithStatus(Device));
        return;
    case FaultDeletePending:
        CompleteStatus(Request, DeletePending(Device));
        return;
    case FaultSizeVoid:
        WrongSizeWithoutStatus(Request);
        break;
    case FaultIrql:
        PassiveMethodAtDispatch(Device);
        break;
    case FaultReturnIrql:
        KeRaiseIrql(DISPATCH_LEVEL, &Irql);
        break;
    case FaultReturnRegion:
        KeEnterCriticalRegion();
        break;
    case FaultCompleteTwice:
        WdfRequestComplete(Request, STATUS_SUCCESS);
        break;
    case FaultInformation:
        WdfRequestCompleteWithInformation(Request, STATUS_SUCCESS, OutputBufferLength + 1);
        return;
    case FaultRequestMemory:
        CompleteWithMemory(Request);
        return;
    case FaultNotImplemented:
        WdfDmaTransactionCancel(NULL);
        break;
    case FaultAssert:
        WDFVERIFY(Queue == NULL);
        break;
    default:
        break;
    }
    WdfRequestComplete(Request, STATUS_SUCCESS);
}

static NTSTATUS
CreateControlDevice(WDFDRIVER Driver)
{
    DECLARE_CONST_UNICODE_STRING(Sddl, L"D:P(A;;GA;;;SY)");
    DECLARE_CONST_UNICODE_STRING(Name, L"\\Device\\KmdfFault");
    DECLARE_CONST_UNICODE_STRING(Link, L"\\DosDevices\\KmdfFault");
    WDF_IO_QUEUE_CONFIG Config;
    PWDFDEVICE_INIT Init = WdfControlDeviceInitAllocate(Driver, &Sddl);
    WDFDEVICE Device;
    NTSTATUS Status;

    if (Init == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = WdfDeviceInitAssignName(Init, &Name);
    if (NT_SUCCESS(Status))
        Status = WdfDeviceCreate(&Init, WDF_NO_OBJECT_ATTRIBUTES, &Device);
    if (!NT_SUCCESS(Status)) {
        WdfDeviceInitFree(Init);
        return Status;
    }
    Status = WdfDeviceCreateSymbolicLink(Device, &Link);
    if (NT_SUCCESS(Status)) {
        WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&Config, WdfIoQueueDispatchParallel);
        Config.EvtIoDeviceControl = IoDeviceControl;
        Status = WdfIoQueueCreate(Device, &Config, WDF_NO_OBJECT_ATTRIBUTES, NULL);
    }
    if (!NT_SUCCESS(Status)) {
        WdfObjectDelete(Device);
        return Status;
    }
    WdfControlFinishInitializing(Device);
    return STATUS_SUCCESS;
}

_Use_decl_annotations_
static VOID
DriverUnload(WDFDRIVER Driver)
{
    UNREFERENCED_PARAMETER(Driver);
    DbgPrint("kmdffault: DriverUnload\n");
}

_Use_decl_annotations_
NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG Config;
    WDFDRIVER Driver;
    NTSTATUS Status;

    WDF_DRIVER_CONFIG_INIT(&Config, WDF_NO_EVENT_CALLBACK);
    Config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    Config.EvtDriverUnload = DriverUnload;
    Status = WdfDriverCreate(DriverObject, RegistryPath, WDF_NO_OBJECT_ATTRIBUTES, &Config, &Driver);
    if (!NT_SUCCESS(Status))
        return Status;
    return CreateControlDevice(Driver);
}

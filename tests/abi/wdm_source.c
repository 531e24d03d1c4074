/*
 * A driver's source as Windows drivers are written: annotations, role types, alignments, sections, old and new idioms.
 * It must compile without a warning, as C and C++, for Windows and Linux; nothing runs it.
 */
#include <initguid.h>
#include <ntddk.h>
#include <wdmguid.h>
#include <ntstrsafe.h>
#include <ntintsafe.h>
#include <wmilib.h>
#include <specstrings.h>
#include <driverspecs.h>

#define POOL_TAG 0x65747354

DEFINE_GUID(GUID_DEVINTERFACE_EXAMPLE, 0x3a1c5e90, 0x1111, 0x4222, 0x83, 0x33, 1, 2, 3, 4, 5, 6);

#define IOCTL_EXAMPLE CTL_CODE(FILE_DEVICE_NETWORK, 0x800, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS)

typedef struct _DEVICE_EXTENSION {
    PDEVICE_OBJECT NextLower;
    PDEVICE_OBJECT Pdo;
    _Guarded_by_(Lock) LIST_ENTRY Queue;
    KSPIN_LOCK Lock;
    IO_REMOVE_LOCK RemoveLock;
    IO_CSQ Csq;
    KTIMER Timer;
    KDPC Dpc;
    DECLSPEC_ALIGN(16) SLIST_HEADER Free;
    NPAGED_LOOKASIDE_LIST Lookaside;
    volatile LONG References;
    _Field_size_bytes_(Size) PUCHAR Buffer;
    ULONG Size;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

C_ASSERT(FIELD_OFFSET(DEVICE_EXTENSION, Free) % 16 == 0);

EXTERN_C_START
DRIVER_INITIALIZE DriverEntry;
EXTERN_C_END
static DRIVER_UNLOAD ExampleUnload;
static DRIVER_ADD_DEVICE ExampleAddDevice;
static __drv_dispatchType(IRP_MJ_PNP) DRIVER_DISPATCH ExamplePnp;
_Dispatch_type_(IRP_MJ_DEVICE_CONTROL) static DRIVER_DISPATCH ExampleControl;
static IO_COMPLETION_ROUTINE ExampleCompletion;
static KDEFERRED_ROUTINE ExampleDpc;
static KSTART_ROUTINE ExampleThread;
static DRIVER_CANCEL ExampleCancel;
static VOID ExampleAssertions(ULONG value);

_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
_Success_(return != FALSE)
static FORCEINLINE BOOLEAN
ExampleCopy(_In_reads_bytes_(Length) const UCHAR *Source, _In_ ULONG Length, _Out_writes_bytes_to_(Size, *Used) PUCHAR Target,
            _In_ ULONG Size, _Out_ PULONG Used)
{
    *Used = 0;
    if (Length > Size)
        return FALSE;
    RtlCopyMemory(Target, Source, Length);
    *Used = Length;
    return TRUE;
}

_Use_decl_annotations_
static VOID
ExampleDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeferredContext;
    PSLIST_ENTRY entry;
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    NT_ASSERT(KeGetCurrentIrql() == DISPATCH_LEVEL);
    KeAcquireSpinLockAtDpcLevel(&extension->Lock);
    while (!IsListEmpty(&extension->Queue)) {
        PIRP irp = CONTAINING_RECORD(RemoveHeadList(&extension->Queue), IRP, Tail.Overlay.ListEntry);
        if (IoSetCancelRoutine(irp, NULL) == NULL)
            continue;
        irp->IoStatus.Status = STATUS_CANCELLED;
        irp->IoStatus.Information = 0;
        IoCompleteRequest(irp, IO_NO_INCREMENT);
    }
    KeReleaseSpinLockFromDpcLevel(&extension->Lock);
    while ((entry = InterlockedPopEntrySList(&extension->Free)) != NULL)
        ExFreeToNPagedLookasideList(&extension->Lookaside, entry);
    (VOID)InterlockedDecrement(&extension->References);
    InterlockedExchangePointer((PVOID volatile *)&extension->Buffer, NULL);
}

_Use_decl_annotations_
static VOID
ExampleCancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
}

_Use_decl_annotations_
static NTSTATUS
ExampleCompletion(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    if (Irp->PendingReturned)
        KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

_Use_decl_annotations_
static NTSTATUS
ExamplePnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    KEVENT event;
    NTSTATUS status;

    PAGED_CODE();
    status = IoAcquireRemoveLock(&extension->RemoveLock, Irp);
    if (!NT_SUCCESS(status)) {
        Irp->IoStatus.Status = status;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return status;
    }
    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        IoCopyCurrentIrpStackLocationToNext(Irp);
        IoSetCompletionRoutine(Irp, ExampleCompletion, &event, TRUE, TRUE, TRUE);
        status = IoCallDriver(extension->NextLower, Irp);
        if (status == STATUS_PENDING) {
            (VOID)KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
            status = Irp->IoStatus.Status;
        }
        IoReleaseRemoveLock(&extension->RemoveLock, Irp);
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return status;
    case IRP_MN_REMOVE_DEVICE:
        IoReleaseRemoveLockAndWait(&extension->RemoveLock, Irp);
        IoSkipCurrentIrpStackLocation(Irp);
        status = IoCallDriver(extension->NextLower, Irp);
        IoDetachDevice(extension->NextLower);
        IoDeleteDevice(DeviceObject);
        return status;
    default:
        IoSkipCurrentIrpStackLocation(Irp);
        status = IoCallDriver(extension->NextLower, Irp);
        IoReleaseRemoveLock(&extension->RemoveLock, Irp);
        return status;
    }
}

_Use_decl_annotations_
static NTSTATUS
ExampleControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    ULONG used = 0, total;
    NTSTATUS status = STATUS_INVALID_DEVICE_REQUEST;
    KLOCK_QUEUE_HANDLE lock;

    if (stack->Parameters.DeviceIoControl.IoControlCode == IOCTL_EXAMPLE) {
        status = RtlULongAdd(stack->Parameters.DeviceIoControl.InputBufferLength, sizeof(ULONG), &total);
        if (NT_SUCCESS(status)) {
            KeAcquireInStackQueuedSpinLock(&extension->Lock, &lock);
            if (!ExampleCopy((const UCHAR *)Irp->AssociatedIrp.SystemBuffer, total, extension->Buffer, extension->Size, &used))
                status = STATUS_BUFFER_TOO_SMALL;
            KeReleaseInStackQueuedSpinLock(&lock);
        }
    }
    Irp->IoStatus.Status = status;
    Irp->IoStatus.Information = used;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return status;
}

_Use_decl_annotations_
static VOID
ExampleThread(PVOID StartContext)
{
    LARGE_INTEGER interval;
    UNREFERENCED_PARAMETER(StartContext);
    interval.QuadPart = Int32x32To64(-10000, 50);
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

_Use_decl_annotations_
static NTSTATUS
ExampleAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    PDEVICE_OBJECT device = NULL;
    PDEVICE_EXTENSION extension;
    HANDLE thread;
    KIRQL irql;
    WCHAR text[64];
    DECLARE_CONST_UNICODE_STRING(name, L"\\Device\\Example");
    OBJECT_ATTRIBUTES attributes;
    LARGE_INTEGER due;
    NTSTATUS status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), (PUNICODE_STRING)&name, FILE_DEVICE_NETWORK,
                                     FILE_DEVICE_SECURE_OPEN, FALSE, &device);
    if (!NT_SUCCESS(status))
        goto Exit;
    extension = (PDEVICE_EXTENSION)device->DeviceExtension;
    RtlZeroMemory(extension, sizeof(*extension));
    extension->Pdo = PhysicalDeviceObject;
    InitializeListHead(&extension->Queue);
    KeInitializeSpinLock(&extension->Lock);
    IoInitializeRemoveLock(&extension->RemoveLock, POOL_TAG, 0, 0);
    KeInitializeTimer(&extension->Timer);
    KeInitializeDpc(&extension->Dpc, ExampleDpc, extension);
    InitializeSListHead(&extension->Free);
    ExInitializeNPagedLookasideList(&extension->Lookaside, NULL, NULL, 0, 64, POOL_TAG, 0);
    extension->Buffer = (PUCHAR)ExAllocatePoolZero(NonPagedPoolNx, PAGE_SIZE, POOL_TAG);
    extension->NextLower = IoAttachDeviceToDeviceStack(device, PhysicalDeviceObject);
    if (extension->NextLower == NULL || extension->Buffer == NULL) {
        status = STATUS_INSUFFICIENT_RESOURCES;
        goto Exit;
    }
    due.QuadPart = -10 * 1000 * 1000;
    KeSetTimer(&extension->Timer, due, &extension->Dpc);
    KeAcquireSpinLock(&extension->Lock, &irql);
    KeReleaseSpinLock(&extension->Lock, irql);
    InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
    status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, &attributes, NULL, NULL, ExampleThread, NULL);
    if (NT_SUCCESS(status))
        ZwClose(thread);
    status = RtlStringCbPrintfW(text, sizeof(text), L"%s %u", L"Example", 1u);
    DbgPrintEx(DPFLTR_IHVNETWORK_ID, DPFLTR_INFO_LEVEL, "%ws %wZ\n", text, &name);
    KdPrint(("%s\n", "checked"));
    SetFlag(device->Flags, DO_DIRECT_IO | DO_POWER_PAGABLE);
    ClearFlag(device->Flags, DO_DEVICE_INITIALIZING);
Exit:
    if (!NT_SUCCESS(status) && device != NULL)
        IoDeleteDevice(device);
    return status;
}

_Use_decl_annotations_
static VOID
ExampleUnload(PDRIVER_OBJECT DriverObject)
{
    PAGED_CODE();
    UNREFERENCED_PARAMETER(DriverObject);
}

EXTERN_C
_Use_decl_annotations_
NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    ExInitializeDriverRuntime(DrvRtPoolNxOptIn);
    ExampleAssertions(5);
    DriverObject->DriverUnload = ExampleUnload;
    DriverObject->DriverExtension->AddDevice = ExampleAddDevice;
    DriverObject->MajorFunction[IRP_MJ_PNP] = ExamplePnp;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = ExampleControl;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = NULL;
    IoSetCancelRoutine((PIRP)NULL, ExampleCancel);
    return STATUS_SUCCESS;
}

static VOID ExampleAssertions(ULONG value)
{
    ASSERT(value != 0);
    ASSERTMSG("value", value != 1);
    NT_ASSERT(value);
    RTL_SOFT_ASSERT(value != 2);
    if (NT_VERIFY(value != 3))
        NT_FRE_ASSERT(value != 4);
    KdPrintEx((DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "%u\n", value));
}

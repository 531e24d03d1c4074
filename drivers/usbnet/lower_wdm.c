/*
 * The WDM lower edge: URBs in IRPs, sent to the next lower device object. See lower.h.
 */
#include <ndis.h>
#include <usb.h>
#include <usbioctl.h>
#include <usbdlib.h>
#include "lower.h"
#include "lower_usb.h"
#include "util.h"

#define LOWER_TAG 'wLsU'

struct _LOWER_EDGE {
    PDEVICE_OBJECT Device; /* the next lower device object */
    UCHAR *Configuration;
    ULONG ConfigurationLength;
    USBD_CONFIGURATION_HANDLE ConfigurationHandle;
    UCHAR ControlInterface;
    UCHAR DataInterface;
    struct {
        USBD_PIPE_HANDLE Handle;
        ULONG MaxPacketSize;
    } Pipes[LowerPipeCount];
};

struct _LOWER_TRANSFER {
    LOWER_EDGE *Lower;
    LOWER_PIPE Pipe;
    VOID *Buffer;
    LOWER_COMPLETE *Complete;
    VOID *Context;
    IRP *Irp;
    URB Urb;
};

NTSTATUS
LowerDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

VOID
LowerDriverUnload(VOID)
{
}

static VOID *
Allocate(SIZE_T Size)
{
    VOID *Memory = ExAllocatePoolWithTag(NonPagedPoolNx, Size, LOWER_TAG);
    if (Memory)
        RtlZeroMemory(Memory, Size);
    return Memory;
}

static IO_COMPLETION_ROUTINE SignalEvent;
_Use_decl_annotations_
static NTSTATUS
SignalEvent(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    KeSetEvent((KEVENT *)Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID
PrepareIrp(IRP *Irp, URB *Urb, PIO_COMPLETION_ROUTINE Completion, VOID *Context)
{
    IO_STACK_LOCATION *Stack = IoGetNextIrpStackLocation(Irp);

    Stack->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    Stack->Parameters.DeviceIoControl.IoControlCode = IOCTL_INTERNAL_USB_SUBMIT_URB;
    Stack->Parameters.Others.Argument1 = Urb;
    IoSetCompletionRoutine(Irp, Completion, Context, TRUE, TRUE, TRUE);
}

/* Sends a URB and waits. A device that does not answer in time has its request cancelled. */
static NTSTATUS
SendUrb(LOWER_EDGE *Lower, URB *Urb)
{
    LARGE_INTEGER Patience = { .QuadPart = -10000LL * CONTROL_PATIENCE_MS };
    BOOLEAN TimedOut = FALSE;
    KEVENT Done;
    NTSTATUS Status;
    IRP *Irp;

    Irp = IoAllocateIrp(Lower->Device->StackSize, FALSE);
    if (!Irp)
        return STATUS_INSUFFICIENT_RESOURCES;
    KeInitializeEvent(&Done, NotificationEvent, FALSE);
    PrepareIrp(Irp, Urb, SignalEvent, &Done);
    IoCallDriver(Lower->Device, Irp);
    if (KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, &Patience) == STATUS_TIMEOUT) {
        TimedOut = TRUE;
        IoCancelIrp(Irp);
        KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
    }
    Status = LowerStatus(Irp->IoStatus.Status, Urb->UrbHeader.Status);
    IoFreeIrp(Irp);
    return TimedOut && Status == STATUS_CANCELLED ? STATUS_IO_TIMEOUT : Status;
}

static NTSTATUS
GetDescriptor(LOWER_EDGE *Lower, UCHAR Type, UCHAR Index, USHORT Language, VOID *Buffer, ULONG Size, ULONG *Length)
{
    URB Urb = { 0 };
    NTSTATUS Status;

    UsbBuildGetDescriptorRequest(&Urb, sizeof(Urb.UrbControlDescriptorRequest), Type, Index, Language, Buffer, NULL,
                                 Size, NULL);
    Status = SendUrb(Lower, &Urb);
    *Length = Smaller(Urb.UrbControlDescriptorRequest.TransferBufferLength, Size);
    return Status;
}

NTSTATUS
LowerOpen(NDIS_HANDLE MiniportAdapterHandle, LOWER_EDGE **Lower)
{
    PDEVICE_OBJECT Next;

    NdisMGetDeviceProperty(MiniportAdapterHandle, NULL, NULL, &Next, NULL, NULL);
    *Lower = Allocate(sizeof(**Lower));
    if (!*Lower)
        return STATUS_INSUFFICIENT_RESOURCES;
    (*Lower)->Device = Next;
    return STATUS_SUCCESS;
}

/* Takes the pipes of an interface into use; those of another kind stay as they are. */
static VOID
TakePipes(LOWER_EDGE *Lower, const USBD_INTERFACE_INFORMATION *Interface)
{
    if (Interface->InterfaceNumber == Lower->DataInterface) {
        Lower->Pipes[LowerPipeIn].Handle = NULL;
        Lower->Pipes[LowerPipeOut].Handle = NULL;
    }
    for (ULONG i = 0; i < Interface->NumberOfPipes; ++i) {
        const USBD_PIPE_INFORMATION *Information = &Interface->Pipes[i];
        BOOLEAN In = USBD_PIPE_DIRECTION_IN(Information) != 0;
        LOWER_PIPE Pipe;
        if (Interface->InterfaceNumber == Lower->DataInterface && Information->PipeType == UsbdPipeTypeBulk)
            Pipe = In ? LowerPipeIn : LowerPipeOut;
        else if (Interface->InterfaceNumber == Lower->ControlInterface &&
                 Information->PipeType == UsbdPipeTypeInterrupt && In)
            Pipe = LowerPipeNotify;
        else
            continue;
        Lower->Pipes[Pipe].Handle = Information->PipeHandle;
        Lower->Pipes[Pipe].MaxPacketSize = Information->MaximumPacketSize;
    }
}

static VOID
Unconfigure(LOWER_EDGE *Lower)
{
    URB Urb = { 0 };

    UsbBuildSelectConfigurationRequest(&Urb, sizeof(struct _URB_SELECT_CONFIGURATION), NULL);
    SendUrb(Lower, &Urb);
}

VOID
LowerClose(LOWER_EDGE *Lower)
{
    if (Lower->ConfigurationHandle)
        Unconfigure(Lower);
    if (Lower->Configuration)
        ExFreePoolWithTag(Lower->Configuration, LOWER_TAG);
    ExFreePoolWithTag(Lower, LOWER_TAG);
}

NTSTATUS
LowerGetConfiguration(LOWER_EDGE *Lower, const UCHAR **Descriptor, ULONG *Length)
{
    USB_CONFIGURATION_DESCRIPTOR Header;
    NTSTATUS Status;

    Status = GetDescriptor(Lower, USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0, &Header, sizeof(Header), Length);
    if (!NT_SUCCESS(Status))
        return Status;
    if (*Length < sizeof(Header) || Header.wTotalLength < sizeof(Header))
        return STATUS_DEVICE_CONFIGURATION_ERROR;

    Lower->Configuration = Allocate(Header.wTotalLength);
    if (!Lower->Configuration)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = GetDescriptor(Lower, USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0, Lower->Configuration, Header.wTotalLength,
                           Length);
    if (!NT_SUCCESS(Status))
        return Status;
    /* The device could answer otherwise this time; what the USBD functions read must be inside what it sent. */
    if (*Length != Header.wTotalLength ||
        ((USB_CONFIGURATION_DESCRIPTOR *)Lower->Configuration)->wTotalLength != Header.wTotalLength)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Lower->ConfigurationLength = *Length;
    *Descriptor = Lower->Configuration;
    return STATUS_SUCCESS;
}

NTSTATUS
LowerGetString(LOWER_EDGE *Lower, UCHAR Index, UCHAR *Buffer, ULONG Size, ULONG *Length)
{
    UCHAR Languages[4];
    USHORT Language = LANGUAGE_US_ENGLISH;
    NTSTATUS Status;

    Status = GetDescriptor(Lower, USB_STRING_DESCRIPTOR_TYPE, 0, 0, Languages, sizeof(Languages), Length);
    if (NT_SUCCESS(Status) && *Length == sizeof(Languages))
        Language = (USHORT)(Languages[2] | Languages[3] << 8);
    return GetDescriptor(Lower, USB_STRING_DESCRIPTOR_TYPE, Index, Language, Buffer, Size, Length);
}

NTSTATUS
LowerConfigure(LOWER_EDGE *Lower, UCHAR ControlInterface, UCHAR DataInterface)
{
    USB_CONFIGURATION_DESCRIPTOR *Configuration = (USB_CONFIGURATION_DESCRIPTOR *)Lower->Configuration;
    USBD_INTERFACE_LIST_ENTRY Interfaces[3] = { 0 };
    NTSTATUS Status;
    URB *Urb;

    Lower->ControlInterface = ControlInterface;
    Lower->DataInterface = DataInterface;
    Interfaces[0].InterfaceDescriptor =
        USBD_ParseConfigurationDescriptorEx(Configuration, Configuration, ControlInterface, 0, -1, -1, -1);
    Interfaces[1].InterfaceDescriptor =
        USBD_ParseConfigurationDescriptorEx(Configuration, Configuration, DataInterface, 0, -1, -1, -1);
    if (!Interfaces[0].InterfaceDescriptor || !Interfaces[1].InterfaceDescriptor)
        return STATUS_DEVICE_CONFIGURATION_ERROR;

    Urb = USBD_CreateConfigurationRequestEx(Configuration, Interfaces);
    if (!Urb)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = SendUrb(Lower, Urb);
    if (NT_SUCCESS(Status)) {
        Lower->ConfigurationHandle = Urb->UrbSelectConfiguration.ConfigurationHandle;
        TakePipes(Lower, Interfaces[0].Interface);
        TakePipes(Lower, Interfaces[1].Interface);
    }
    ExFreePool(Urb);
    return Status;
}

NTSTATUS
LowerSelectData(LOWER_EDGE *Lower, UCHAR Alternate)
{
    USB_CONFIGURATION_DESCRIPTOR *Configuration = (USB_CONFIGURATION_DESCRIPTOR *)Lower->Configuration;
    USB_INTERFACE_DESCRIPTOR *Descriptor;
    USHORT Size;
    NTSTATUS Status;
    URB *Urb;

    Descriptor =
        USBD_ParseConfigurationDescriptorEx(Configuration, Configuration, Lower->DataInterface, Alternate, -1, -1, -1);
    if (!Descriptor)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Size = GET_SELECT_INTERFACE_REQUEST_SIZE(Descriptor->bNumEndpoints);
    Urb = Allocate(Size);
    if (!Urb)
        return STATUS_INSUFFICIENT_RESOURCES;
    UsbBuildSelectInterfaceRequest(Urb, Size, Lower->ConfigurationHandle, Lower->DataInterface, Alternate);
    Urb->UrbSelectInterface.Interface.Length = GET_USBD_INTERFACE_SIZE(Descriptor->bNumEndpoints);
    Urb->UrbSelectInterface.Interface.NumberOfPipes = Descriptor->bNumEndpoints;
    Status = SendUrb(Lower, Urb);
    if (NT_SUCCESS(Status))
        TakePipes(Lower, &Urb->UrbSelectInterface.Interface);
    ExFreePoolWithTag(Urb, LOWER_TAG);
    return Status;
}

BOOLEAN
LowerPipeExists(const LOWER_EDGE *Lower, LOWER_PIPE Pipe, ULONG *MaxPacketSize)
{
    if (MaxPacketSize)
        *MaxPacketSize = Lower->Pipes[Pipe].MaxPacketSize;
    return Lower->Pipes[Pipe].Handle != NULL;
}

NTSTATUS
LowerControl(LOWER_EDGE *Lower, const LOWER_REQUEST *Request, VOID *Buffer, ULONG *Length)
{
    URB Urb = { 0 };
    NTSTATUS Status;

    UsbBuildVendorRequest(&Urb, URB_FUNCTION_CLASS_INTERFACE, sizeof(Urb.UrbControlVendorClassRequest),
                          Request->In ? USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK : 0, 0, Request->Request,
                          Request->Value, Request->Interface, Buffer, NULL, *Length, NULL);
    Status = SendUrb(Lower, &Urb);
    *Length = Smaller(Urb.UrbControlVendorClassRequest.TransferBufferLength, *Length);
    return Status;
}

NTSTATUS
LowerCreateTransfer(LOWER_EDGE *Lower, LOWER_PIPE Pipe, VOID *Buffer, ULONG Size, LOWER_COMPLETE *Complete,
                    VOID *Context, LOWER_TRANSFER **Transfer)
{
    UNREFERENCED_PARAMETER(Size);
    *Transfer = Allocate(sizeof(**Transfer));
    if (!*Transfer)
        return STATUS_INSUFFICIENT_RESOURCES;
    (*Transfer)->Irp = IoAllocateIrp(Lower->Device->StackSize, FALSE);
    if (!(*Transfer)->Irp) {
        ExFreePoolWithTag(*Transfer, LOWER_TAG);
        *Transfer = NULL;
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    (*Transfer)->Lower = Lower;
    (*Transfer)->Pipe = Pipe;
    (*Transfer)->Buffer = Buffer;
    (*Transfer)->Complete = Complete;
    (*Transfer)->Context = Context;
    return STATUS_SUCCESS;
}

VOID
LowerDeleteTransfer(LOWER_TRANSFER *Transfer)
{
    if (!Transfer)
        return;
    IoFreeIrp(Transfer->Irp);
    ExFreePoolWithTag(Transfer, LOWER_TAG);
}

static IO_COMPLETION_ROUTINE TransferComplete;
_Use_decl_annotations_
static NTSTATUS
TransferComplete(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    LOWER_TRANSFER *Transfer = (LOWER_TRANSFER *)Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    Transfer->Complete(Transfer->Context, LowerStatus(Irp->IoStatus.Status, Transfer->Urb.UrbHeader.Status),
                       Transfer->Urb.UrbBulkOrInterruptTransfer.TransferBufferLength);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

VOID
LowerSubmit(LOWER_TRANSFER *Transfer, ULONG Length)
{
    LOWER_EDGE *Lower = Transfer->Lower;

    UsbBuildInterruptOrBulkTransferRequest(
        &Transfer->Urb, sizeof(Transfer->Urb.UrbBulkOrInterruptTransfer), Lower->Pipes[Transfer->Pipe].Handle,
        Transfer->Buffer, NULL, Length,
        Transfer->Pipe == LowerPipeOut ? 0 : USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK, NULL);
    IoReuseIrp(Transfer->Irp, STATUS_SUCCESS);
    PrepareIrp(Transfer->Irp, &Transfer->Urb, TransferComplete, Transfer);
    IoCallDriver(Lower->Device, Transfer->Irp);
}

static NTSTATUS
PipeRequest(LOWER_EDGE *Lower, USHORT Function, LOWER_PIPE Pipe)
{
    URB Urb = { 0 };

    if (!Lower->Pipes[Pipe].Handle)
        return STATUS_INVALID_DEVICE_STATE;
    Urb.UrbHeader.Length = sizeof(Urb.UrbPipeRequest);
    Urb.UrbHeader.Function = Function;
    Urb.UrbPipeRequest.PipeHandle = Lower->Pipes[Pipe].Handle;
    return SendUrb(Lower, &Urb);
}

VOID
LowerAbortPipe(LOWER_EDGE *Lower, LOWER_PIPE Pipe)
{
    PipeRequest(Lower, URB_FUNCTION_ABORT_PIPE, Pipe);
}

VOID
LowerAbortUntil(LOWER_EDGE *Lower, LOWER_PIPE Pipe, KEVENT *Idle)
{
    LARGE_INTEGER Interval = { .QuadPart = -10000LL * ABORT_INTERVAL_MS };

    do {
        LowerAbortPipe(Lower, Pipe);
    } while (KeWaitForSingleObject(Idle, Executive, KernelMode, FALSE, &Interval) == STATUS_TIMEOUT);
}

NTSTATUS
LowerResetPipe(LOWER_EDGE *Lower, LOWER_PIPE Pipe)
{
    return PipeRequest(Lower, URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL, Pipe);
}

/*
 * The KMDF lower edge: a miniport device object of the framework, with a USB I/O target beneath it. See lower.h.
 *
 * NDIS keeps the dispatch routines, Plug and Play and power; the framework sends requests, no more: "Creating KMDF
 * Miniport Drivers".
 */
#include <ndis.h>
#include <usb.h>
#include <usbdlib.h>
#include <wdf.h>
#include <wdfminiport.h>
#include <wdfusb.h>
#include "lower.h"
#include "lower_usb.h"
#include "util.h"

#define LOWER_TAG     'kLsU'
#define STRING_HEADER 2
#define MAX_STRING    126 /* characters of a string descriptor */

/* The context of the framework's device object. */
struct _LOWER_EDGE {
    WDFDEVICE Device;
    WDFUSBDEVICE Usb;
    WDFMEMORY Configuration;
    UCHAR ControlInterface;
    UCHAR DataInterface;
    struct {
        WDFUSBPIPE Pipe;
        ULONG MaxPacketSize;
    } Pipes[LowerPipeCount];
};
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(LOWER_EDGE, EdgeOf)

/* The context of the framework's request object. */
struct _LOWER_TRANSFER {
    LOWER_EDGE *Lower;
    LOWER_PIPE Pipe;
    WDFREQUEST Request;
    WDFMEMORY Memory;
    LOWER_COMPLETE *Complete;
    VOID *Context;
};
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(LOWER_TRANSFER, TransferOf)

NTSTATUS
LowerDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG Config;

    WDF_DRIVER_CONFIG_INIT(&Config, WDF_NO_EVENT_CALLBACK);
    Config.DriverInitFlags |= WdfDriverInitNoDispatchOverride;
    Config.DriverPoolTag = LOWER_TAG;
    return WdfDriverCreate(DriverObject, RegistryPath, WDF_NO_OBJECT_ATTRIBUTES, &Config, NULL);
}

VOID
LowerDriverUnload(VOID)
{
    WdfDriverMiniportUnload(WdfGetDriver());
}

/* A synchronous call: with a deadline, and with a request of its own, which knows the USB status afterwards. */
typedef struct _CALL {
    WDFREQUEST Request;
    WDF_REQUEST_SEND_OPTIONS Options;
} CALL;

static NTSTATUS
BeginCall(LOWER_EDGE *Lower, CALL *Call)
{
    WDF_OBJECT_ATTRIBUTES Attributes;

    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ParentObject = Lower->Usb;
    WDF_REQUEST_SEND_OPTIONS_INIT(&Call->Options, WDF_REQUEST_SEND_OPTION_SYNCHRONOUS);
    WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT(&Call->Options, WDF_REL_TIMEOUT_IN_MS(CONTROL_PATIENCE_MS));
    return WdfRequestCreate(&Attributes, WdfUsbTargetDeviceGetIoTarget(Lower->Usb), &Call->Request);
}

static NTSTATUS
EndCall(CALL *Call, NTSTATUS Status)
{
    WDF_REQUEST_COMPLETION_PARAMS Params;
    USBD_STATUS UsbdStatus = USBD_STATUS_SUCCESS;

    WDF_REQUEST_COMPLETION_PARAMS_INIT(&Params);
    WdfRequestGetCompletionParams(Call->Request, &Params);
    if (Params.Type == WdfRequestTypeUsb && Params.Parameters.Usb.Completion)
        UsbdStatus = Params.Parameters.Usb.Completion->UsbdStatus;
    WdfObjectDelete(Call->Request);
    return Status == STATUS_IO_TIMEOUT ? Status : LowerStatus(Status, UsbdStatus);
}

NTSTATUS
LowerOpen(NDIS_HANDLE MiniportAdapterHandle, LOWER_EDGE **Lower)
{
    WDF_USB_DEVICE_CREATE_CONFIG Config;
    WDF_OBJECT_ATTRIBUTES Attributes;
    PDEVICE_OBJECT Physical, Functional, Next;
    WDFDEVICE Device;
    NTSTATUS Status;

    NdisMGetDeviceProperty(MiniportAdapterHandle, &Physical, &Functional, &Next, NULL, NULL);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, LOWER_EDGE);
    Status = WdfDeviceMiniportCreate(WdfGetDriver(), &Attributes, Functional, Next, Physical, &Device);
    if (!NT_SUCCESS(Status))
        return Status;
    *Lower = EdgeOf(Device);
    (*Lower)->Device = Device;

    WDF_USB_DEVICE_CREATE_CONFIG_INIT(&Config, USBD_CLIENT_CONTRACT_VERSION_602);
    Status = WdfUsbTargetDeviceCreateWithParameters(Device, &Config, WDF_NO_OBJECT_ATTRIBUTES, &(*Lower)->Usb);
    if (!NT_SUCCESS(Status))
        WdfObjectDelete(Device);
    return LowerStatus(Status, USBD_STATUS_SUCCESS);
}

VOID
LowerClose(LOWER_EDGE *Lower)
{
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params;

    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_DECONFIG(&Params);
    if (WdfUsbTargetDeviceWdmGetConfigurationHandle(Lower->Usb))
        (VOID) WdfUsbTargetDeviceSelectConfig(Lower->Usb, WDF_NO_OBJECT_ATTRIBUTES, &Params);
    /* With it go the USB target, its pipes, the memory, and the context that Lower is. */
    WdfObjectDelete(Lower->Device);
}

NTSTATUS
LowerGetConfiguration(LOWER_EDGE *Lower, const UCHAR **Descriptor, ULONG *Length)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    USHORT Size = 0, Needed;
    VOID *Buffer;
    NTSTATUS Status;

    Status = WdfUsbTargetDeviceRetrieveConfigDescriptor(Lower->Usb, NULL, &Size);
    if (Status != STATUS_BUFFER_TOO_SMALL)
        return NT_SUCCESS(Status) ? STATUS_DEVICE_CONFIGURATION_ERROR : Status;
    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ParentObject = Lower->Device;
    Status = WdfMemoryCreate(&Attributes, NonPagedPoolNx, LOWER_TAG, Size, &Lower->Configuration, &Buffer);
    if (!NT_SUCCESS(Status))
        return Status;
    Needed = Size;
    Status = WdfUsbTargetDeviceRetrieveConfigDescriptor(Lower->Usb, Buffer, &Needed);
    if (!NT_SUCCESS(Status))
        return Status;
    *Descriptor = (const UCHAR *)Buffer;
    *Length = Smaller(Needed, Size);
    return STATUS_SUCCESS;
}

NTSTATUS
LowerGetString(LOWER_EDGE *Lower, UCHAR Index, UCHAR *Buffer, ULONG Size, ULONG *Length)
{
    USHORT Text[MAX_STRING];
    USHORT Count = MAX_STRING;
    CALL Call;
    NTSTATUS Status;

    Status = BeginCall(Lower, &Call);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = WdfUsbTargetDeviceQueryString(Lower->Usb, Call.Request, &Call.Options, Text, &Count, Index,
                                           LANGUAGE_US_ENGLISH);
    Status = EndCall(&Call, Status);
    if (!NT_SUCCESS(Status))
        return Status;
    Count = (USHORT)Smaller(Count, MAX_STRING);
    *Length = Smaller(STRING_HEADER + Count * sizeof(Text[0]), Size);
    if (*Length < STRING_HEADER)
        return STATUS_BUFFER_TOO_SMALL;
    Buffer[0] = (UCHAR)*Length;
    Buffer[1] = USB_STRING_DESCRIPTOR_TYPE;
    RtlCopyMemory(Buffer + STRING_HEADER, Text, *Length - STRING_HEADER);
    return STATUS_SUCCESS;
}

static WDFUSBINTERFACE
FindInterface(LOWER_EDGE *Lower, UCHAR Number)
{
    UCHAR Count = WdfUsbTargetDeviceGetNumInterfaces(Lower->Usb);

    for (UCHAR i = 0; i < Count; ++i) {
        WDFUSBINTERFACE Interface = WdfUsbTargetDeviceGetInterface(Lower->Usb, i);
        if (WdfUsbInterfaceGetInterfaceNumber(Interface) == Number)
            return Interface;
    }
    return NULL;
}

/* Takes the pipes of an interface into use; those of another kind stay as they are. */
static VOID
TakePipes(LOWER_EDGE *Lower, WDFUSBINTERFACE Interface)
{
    BOOLEAN IsData = WdfUsbInterfaceGetInterfaceNumber(Interface) == Lower->DataInterface;
    UCHAR Count = WdfUsbInterfaceGetNumConfiguredPipes(Interface);

    if (IsData) {
        Lower->Pipes[LowerPipeIn].Pipe = NULL;
        Lower->Pipes[LowerPipeOut].Pipe = NULL;
    }
    for (UCHAR i = 0; i < Count; ++i) {
        WDF_USB_PIPE_INFORMATION Information;
        WDFUSBPIPE UsbPipe;
        BOOLEAN In;
        LOWER_PIPE Pipe;
        WDF_USB_PIPE_INFORMATION_INIT(&Information);
        UsbPipe = WdfUsbInterfaceGetConfiguredPipe(Interface, i, &Information);
        In = WDF_USB_PIPE_DIRECTION_IN(Information.EndpointAddress);
        if (IsData && Information.PipeType == WdfUsbPipeTypeBulk)
            Pipe = In ? LowerPipeIn : LowerPipeOut;
        else if (!IsData && Information.PipeType == WdfUsbPipeTypeInterrupt && In)
            Pipe = LowerPipeNotify;
        else
            continue;
        Lower->Pipes[Pipe].Pipe = UsbPipe;
        Lower->Pipes[Pipe].MaxPacketSize = Information.MaximumPacketSize;
        /* The length of a read is agreed on with the device, which keeps to it. */
        WdfUsbTargetPipeSetNoMaximumPacketSizeCheck(UsbPipe);
    }
}

NTSTATUS
LowerConfigure(LOWER_EDGE *Lower, UCHAR ControlInterface, UCHAR DataInterface)
{
    WDF_USB_INTERFACE_SETTING_PAIR Pairs[2] = { { FindInterface(Lower, ControlInterface), 0 },
                                                { FindInterface(Lower, DataInterface), 0 } };
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params;
    NTSTATUS Status;

    if (!Pairs[0].UsbInterface || !Pairs[1].UsbInterface)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Lower->ControlInterface = ControlInterface;
    Lower->DataInterface = DataInterface;
    RtlZeroMemory(Lower->Pipes, sizeof(Lower->Pipes));
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_MULTIPLE_INTERFACES(&Params, RTL_NUMBER_OF(Pairs), Pairs);
    Status = WdfUsbTargetDeviceSelectConfig(Lower->Usb, WDF_NO_OBJECT_ATTRIBUTES, &Params);
    if (NT_SUCCESS(Status)) {
        TakePipes(Lower, Pairs[0].UsbInterface);
        TakePipes(Lower, Pairs[1].UsbInterface);
    }
    return LowerStatus(Status, USBD_STATUS_SUCCESS);
}

NTSTATUS
LowerSelectData(LOWER_EDGE *Lower, UCHAR Alternate)
{
    WDFUSBINTERFACE Interface = FindInterface(Lower, Lower->DataInterface);
    WDF_USB_INTERFACE_SELECT_SETTING_PARAMS Params;
    NTSTATUS Status;

    if (!Interface)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_SETTING(&Params, Alternate);
    Status = WdfUsbInterfaceSelectSetting(Interface, WDF_NO_OBJECT_ATTRIBUTES, &Params);
    if (NT_SUCCESS(Status))
        TakePipes(Lower, Interface);
    return LowerStatus(Status, USBD_STATUS_SUCCESS);
}

BOOLEAN
LowerPipeExists(const LOWER_EDGE *Lower, LOWER_PIPE Pipe, ULONG *MaxPacketSize)
{
    if (MaxPacketSize)
        *MaxPacketSize = Lower->Pipes[Pipe].MaxPacketSize;
    return Lower->Pipes[Pipe].Pipe != NULL;
}

NTSTATUS
LowerControl(LOWER_EDGE *Lower, const LOWER_REQUEST *Request, VOID *Buffer, ULONG *Length)
{
    WDF_USB_CONTROL_SETUP_PACKET Setup;
    WDF_MEMORY_DESCRIPTOR Memory;
    ULONG Transferred = 0;
    CALL Call;
    NTSTATUS Status;

    WDF_USB_CONTROL_SETUP_PACKET_INIT_CLASS(&Setup, Request->In ? BmRequestDeviceToHost : BmRequestHostToDevice,
                                            BmRequestToInterface, Request->Request, Request->Value, Request->Interface);
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&Memory, Buffer, *Length);
    Status = BeginCall(Lower, &Call);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = WdfUsbTargetDeviceSendControlTransferSynchronously(Lower->Usb, Call.Request, &Call.Options, &Setup,
                                                                *Length ? &Memory : NULL, &Transferred);
    *Length = Smaller(Transferred, *Length);
    return EndCall(&Call, Status);
}

NTSTATUS
LowerCreateTransfer(LOWER_EDGE *Lower, LOWER_PIPE Pipe, VOID *Buffer, ULONG Size, LOWER_COMPLETE *Complete,
                    VOID *Context, LOWER_TRANSFER **Transfer)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDFREQUEST Request;
    NTSTATUS Status;

    /* The pipe need not exist yet; its requests go through the same device objects as the device's. */
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, LOWER_TRANSFER);
    Attributes.ParentObject = Lower->Usb;
    Status = WdfRequestCreate(&Attributes, WdfUsbTargetDeviceGetIoTarget(Lower->Usb), &Request);
    if (!NT_SUCCESS(Status))
        return Status;
    *Transfer = TransferOf(Request);
    (*Transfer)->Lower = Lower;
    (*Transfer)->Pipe = Pipe;
    (*Transfer)->Request = Request;
    (*Transfer)->Complete = Complete;
    (*Transfer)->Context = Context;
    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ParentObject = Request;
    Status = WdfMemoryCreatePreallocated(&Attributes, Buffer, Size, &(*Transfer)->Memory);
    if (!NT_SUCCESS(Status)) {
        WdfObjectDelete(Request);
        *Transfer = NULL;
    }
    return Status;
}

VOID
LowerDeleteTransfer(LOWER_TRANSFER *Transfer)
{
    if (Transfer)
        WdfObjectDelete(Transfer->Request);
}

static EVT_WDF_REQUEST_COMPLETION_ROUTINE TransferComplete;
_Use_decl_annotations_
static VOID
TransferComplete(WDFREQUEST Request, WDFIOTARGET Target, PWDF_REQUEST_COMPLETION_PARAMS Params, WDFCONTEXT Context)
{
    LOWER_TRANSFER *Transfer = (LOWER_TRANSFER *)Context;
    const WDF_USB_REQUEST_COMPLETION_PARAMS *Completion = Params->Parameters.Usb.Completion;
    size_t Length = Transfer->Pipe == LowerPipeOut ? Completion->Parameters.PipeWrite.Length
                                                   : Completion->Parameters.PipeRead.Length;

    UNREFERENCED_PARAMETER(Request);
    UNREFERENCED_PARAMETER(Target);
    Transfer->Complete(Transfer->Context, LowerStatus(Params->IoStatus.Status, Completion->UsbdStatus), (ULONG)Length);
}

VOID
LowerSubmit(LOWER_TRANSFER *Transfer, ULONG Length)
{
    WDFUSBPIPE Pipe = Transfer->Lower->Pipes[Transfer->Pipe].Pipe;
    WDFMEMORY_OFFSET Part = { .BufferLength = Length };
    /* A length of zero would stand for the whole memory. */
    WDFMEMORY Memory = Length ? Transfer->Memory : NULL;
    WDF_REQUEST_REUSE_PARAMS Reuse;
    NTSTATUS Status;

    WDF_REQUEST_REUSE_PARAMS_INIT(&Reuse, WDF_REQUEST_REUSE_NO_FLAGS, STATUS_SUCCESS);
    Status = WdfRequestReuse(Transfer->Request, &Reuse);
    if (NT_SUCCESS(Status))
        Status = Transfer->Pipe == LowerPipeOut
                     ? WdfUsbTargetPipeFormatRequestForWrite(Pipe, Transfer->Request, Memory, Memory ? &Part : NULL)
                     : WdfUsbTargetPipeFormatRequestForRead(Pipe, Transfer->Request, Memory, Memory ? &Part : NULL);
    if (NT_SUCCESS(Status)) {
        WdfRequestSetCompletionRoutine(Transfer->Request, TransferComplete, Transfer);
        if (WdfRequestSend(Transfer->Request, WdfUsbTargetPipeGetIoTarget(Pipe), WDF_NO_SEND_OPTIONS))
            return;
        Status = WdfRequestGetStatus(Transfer->Request);
    }
    Transfer->Complete(Transfer->Context, LowerStatus(Status, USBD_STATUS_SUCCESS), 0);
}

VOID
LowerAbortPipe(LOWER_EDGE *Lower, LOWER_PIPE Pipe)
{
    WDF_REQUEST_SEND_OPTIONS Options;

    if (!Lower->Pipes[Pipe].Pipe)
        return;
    WDF_REQUEST_SEND_OPTIONS_INIT(&Options, WDF_REQUEST_SEND_OPTION_SYNCHRONOUS);
    WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT(&Options, WDF_REL_TIMEOUT_IN_MS(CONTROL_PATIENCE_MS));
    (VOID) WdfUsbTargetPipeAbortSynchronously(Lower->Pipes[Pipe].Pipe, WDF_NO_HANDLE, &Options);
}

VOID
LowerAbortUntil(LOWER_EDGE *Lower, LOWER_PIPE Pipe, KEVENT *Idle)
{
    LARGE_INTEGER Interval = { .QuadPart = WDF_REL_TIMEOUT_IN_MS(ABORT_INTERVAL_MS) };

    do {
        LowerAbortPipe(Lower, Pipe);
    } while (KeWaitForSingleObject(Idle, Executive, KernelMode, FALSE, &Interval) == STATUS_TIMEOUT);
}

NTSTATUS
LowerResetPipe(LOWER_EDGE *Lower, LOWER_PIPE Pipe)
{
    WDFUSBPIPE UsbPipe = Lower->Pipes[Pipe].Pipe;
    WDFIOTARGET Target;
    CALL Call;
    NTSTATUS Status;

    if (!UsbPipe)
        return STATUS_INVALID_DEVICE_STATE;
    Status = BeginCall(Lower, &Call);
    if (!NT_SUCCESS(Status))
        return Status;
    /* A pipe is reset while its target is stopped; what is sent meanwhile waits. */
    Target = WdfUsbTargetPipeGetIoTarget(UsbPipe);
    WdfIoTargetStop(Target, WdfIoTargetCancelSentIo);
    Call.Options.Flags |= WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE;
    Status = WdfUsbTargetPipeResetSynchronously(UsbPipe, Call.Request, &Call.Options);
    Status = EndCall(&Call, Status);
    (VOID) WdfIoTargetStart(Target);
    return Status;
}

/*
 * Pipes: reading, writing, aborting and resetting, each formatted for a request or built, sent and awaited in one call.
 * A read or write is a bulk-or-interrupt URB inside the request, of which each send sets the same few members.
 * "Working with USB Pipes"
 */
#include "wdf/usb_target.h"

static void pipe_dispose(struct wdf_object *object)
{
    wdf_target_dispose((struct wdf_target *)object);
}

static void pipe_destroy(struct wdf_object *object)
{
    wdf_target_destroy((struct wdf_target *)object);
}

const struct wdf_type wdf_usb_pipe_type = {.name = "WDFUSBPIPE",
                                           .base = &wdf_target_type,
                                           .flags = WDF_TYPE_PASSIVE | WDF_TYPE_NO_DELETE | WDF_TYPE_NO_PARENT,
                                           .dispose = pipe_dispose,
                                           .destroy = pipe_destroy};

static struct wdf_usb_pipe *pipe_from(PWDF_DRIVER_GLOBALS globals, WDFUSBPIPE handle, const char *call)
{
    return wdf_from_handle(globals, handle, &wdf_usb_pipe_type, call);
}

/* ---- reading and writing ------------------------------------------------------------------------------------------
 */

static void NTAPI finish_transfer(struct wdf_request *request)
{
    bool was_sent = request->sent_urb != NULL;
    request->usb.UsbdStatus = was_sent ? request->urb.bulk.Hdr.Status : USBD_STATUS_CANCELED;
    /* PipeRead and PipeWrite have the same layout. */
    request->usb.Parameters.PipeRead.Length = was_sent ? request->urb.bulk.TransferBufferLength : 0;
}

static NTSTATUS NTAPI check_transfer(const struct wdf_usb_pipe *pipe, bool in, size_t length)
{
    const WDF_USB_PIPE_INFORMATION *information = &pipe->information;
    if (information->PipeType != WdfUsbPipeTypeBulk && information->PipeType != WdfUsbPipeTypeInterrupt)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (WDF_USB_PIPE_DIRECTION_IN(information->EndpointAddress) != in)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (in && !pipe->any_size && information->MaximumPacketSize != 0 && length % information->MaximumPacketSize != 0)
        return STATUS_INVALID_BUFFER_SIZE;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI wdf_usb_format_transfer(struct wdf_request *request, struct wdf_usb_pipe *pipe, bool in,
                                       const struct wdf_span *span)
{
    struct _URB_BULK_OR_INTERRUPT_TRANSFER *urb = &request->urb.bulk;
    NTSTATUS status = check_transfer(pipe, in, span->length);
    if (NT_SUCCESS(status))
        status = wdf_usb_format(request, &pipe->target, &request->urb.urb,
                                in ? WdfUsbRequestTypePipeRead : WdfUsbRequestTypePipeWrite, finish_transfer);
    if (!NT_SUCCESS(status))
        return status;
    wdf_request_hold(request, 0, span);
    urb->Hdr.Length = sizeof(*urb);
    urb->Hdr.Function = URB_FUNCTION_BULK_OR_INTERRUPT_TRANSFER;
    urb->Hdr.Status = 0;
    urb->Hdr.UsbdDeviceHandle = NULL;
    urb->Hdr.UsbdFlags = 0;
    urb->PipeHandle = pipe->handle;
    urb->TransferFlags = in ? USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK : USBD_TRANSFER_DIRECTION_OUT;
    urb->TransferBufferLength = (ULONG)span->length;
    urb->TransferBuffer = span->buffer;
    urb->TransferBufferMDL = span->buffer == NULL ? span->mdl : NULL;
    urb->UrbLink = NULL;
    request->usb.Parameters.PipeRead.Buffer =
        span->memory != NULL ? (WDFMEMORY)wdf_handle(&span->memory->object) : NULL;
    request->usb.Parameters.PipeRead.Offset = span->offset;
    request->usb.Parameters.PipeRead.Length = 0;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI format_call(PWDF_DRIVER_GLOBALS globals, WDFUSBPIPE handle, WDFREQUEST request_handle,
                                  WDFMEMORY memory, PWDFMEMORY_OFFSET offset, bool in, const char *call)
{
    struct wdf_span span;
    wdf_require_irql(wdf_client(globals), DISPATCH_LEVEL, call);
    struct wdf_usb_pipe *pipe = pipe_from(globals, handle, call);
    struct wdf_request *request = wdf_from_handle(globals, request_handle, &wdf_request_type, call);
    NTSTATUS status =
        wdf_span_from_memory(wdf_from_optional_handle(globals, memory, &wdf_memory_type, call), offset, &span);
    return NT_SUCCESS(status) ? wdf_usb_format_transfer(request, pipe, in, &span) : status;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeFormatRequestForRead(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                         WDFREQUEST Request, WDFMEMORY ReadMemory,
                                                         PWDFMEMORY_OFFSET ReadOffset)
{
    return format_call(DriverGlobals, Pipe, Request, ReadMemory, ReadOffset, true,
                       "WdfUsbTargetPipeFormatRequestForRead");
}
WDF_EXPORT(WdfUsbTargetPipeFormatRequestForRead, PFN_WDFUSBTARGETPIPEFORMATREQUESTFORREAD);

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeFormatRequestForWrite(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                          WDFREQUEST Request, WDFMEMORY WriteMemory,
                                                          PWDFMEMORY_OFFSET WriteOffset)
{
    return format_call(DriverGlobals, Pipe, Request, WriteMemory, WriteOffset, false,
                       "WdfUsbTargetPipeFormatRequestForWrite");
}
WDF_EXPORT(WdfUsbTargetPipeFormatRequestForWrite, PFN_WDFUSBTARGETPIPEFORMATREQUESTFORWRITE);

static NTSTATUS transfer_synchronously(PWDF_DRIVER_GLOBALS globals, WDFUSBPIPE handle, WDFREQUEST request,
                                       PWDF_REQUEST_SEND_OPTIONS options, PWDF_MEMORY_DESCRIPTOR descriptor,
                                       PULONG bytes, bool in, const char *call)
{
    struct wdf_sync sync;
    struct wdf_span span;
    struct wdf_usb_pipe *pipe = pipe_from(globals, handle, call);
    if (bytes != NULL)
        *bytes = 0;
    NTSTATUS status = wdf_usb_require_passive();
    if (NT_SUCCESS(status))
        status = wdf_usb_span(globals, descriptor, &span, call);
    if (!NT_SUCCESS(status))
        return status;
    status = wdf_sync_begin(&sync, &pipe->target, request, options, call);
    if (NT_SUCCESS(status))
        status = wdf_usb_format_transfer(sync.request, pipe, in, &span);
    return wdf_usb_sync_finish(&sync, status, false, bytes);
}

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeReadSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                      WDFREQUEST Request, PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                      PWDF_MEMORY_DESCRIPTOR MemoryDescriptor, PULONG BytesRead)
{
    return transfer_synchronously(DriverGlobals, Pipe, Request, RequestOptions, MemoryDescriptor, BytesRead, true,
                                  "WdfUsbTargetPipeReadSynchronously");
}
WDF_EXPORT(WdfUsbTargetPipeReadSynchronously, PFN_WDFUSBTARGETPIPEREADSYNCHRONOUSLY);

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeWriteSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                       WDFREQUEST Request, PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                       PWDF_MEMORY_DESCRIPTOR MemoryDescriptor, PULONG BytesWritten)
{
    return transfer_synchronously(DriverGlobals, Pipe, Request, RequestOptions, MemoryDescriptor, BytesWritten, false,
                                  "WdfUsbTargetPipeWriteSynchronously");
}
WDF_EXPORT(WdfUsbTargetPipeWriteSynchronously, PFN_WDFUSBTARGETPIPEWRITESYNCHRONOUSLY);

/* ---- abort and reset ----------------------------------------------------------------------------------------------
 */

static void NTAPI finish_pipe_request(struct wdf_request *request)
{
    request->usb.UsbdStatus = request->sent_urb != NULL ? request->urb.pipe.Hdr.Status : USBD_STATUS_CANCELED;
}

static NTSTATUS format_pipe_request(struct wdf_request *request, struct wdf_usb_pipe *pipe, USHORT function)
{
    struct _URB_PIPE_REQUEST *urb = &request->urb.pipe;
    NTSTATUS status =
        wdf_usb_format(request, &pipe->target, &request->urb.urb,
                       function == URB_FUNCTION_ABORT_PIPE ? WdfUsbRequestTypePipeAbort : WdfUsbRequestTypePipeReset,
                       finish_pipe_request);
    if (!NT_SUCCESS(status))
        return status;
    RtlZeroMemory(urb, sizeof(*urb));
    urb->Hdr.Length = sizeof(*urb);
    urb->Hdr.Function = function;
    urb->PipeHandle = pipe->handle;
    return STATUS_SUCCESS;
}

/* Drivers stop the pipe first, so the target's state does not hold these back. */
static NTSTATUS pipe_request_synchronously(struct wdf_usb_pipe *pipe, WDFREQUEST request,
                                           PWDF_REQUEST_SEND_OPTIONS options, USHORT function, const char *call)
{
    struct wdf_sync sync;
    NTSTATUS status = wdf_usb_require_passive();
    if (!NT_SUCCESS(status))
        return status;
    status = wdf_sync_begin(&sync, &pipe->target, request, options, call);
    if (NT_SUCCESS(status))
        status = format_pipe_request(sync.request, pipe, function);
    return wdf_usb_sync_finish(&sync, status, true, NULL);
}

NTSTATUS wdf_usb_reset_pipe(struct wdf_usb_pipe *pipe)
{
    URB urb = {0};
    urb.UrbPipeRequest.Hdr.Length = sizeof(urb.UrbPipeRequest);
    urb.UrbPipeRequest.Hdr.Function = URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL;
    urb.UrbPipeRequest.PipeHandle = pipe->handle;
    return wdf_usb_send_urb(&pipe->target, &urb);
}

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeAbortSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                       WDFREQUEST Request, PWDF_REQUEST_SEND_OPTIONS RequestOptions)
{
    static const char call[] = "WdfUsbTargetPipeAbortSynchronously";
    return pipe_request_synchronously(pipe_from(DriverGlobals, Pipe, call), Request, RequestOptions,
                                      URB_FUNCTION_ABORT_PIPE, call);
}
WDF_EXPORT(WdfUsbTargetPipeAbortSynchronously, PFN_WDFUSBTARGETPIPEABORTSYNCHRONOUSLY);

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeResetSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                       WDFREQUEST Request, PWDF_REQUEST_SEND_OPTIONS RequestOptions)
{
    static const char call[] = "WdfUsbTargetPipeResetSynchronously";
    struct wdf_usb_pipe *pipe = pipe_from(DriverGlobals, Pipe, call);
    wdf_target_cancel_all(&pipe->target);
    return pipe_request_synchronously(pipe, Request, RequestOptions, URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL,
                                      call);
}
WDF_EXPORT(WdfUsbTargetPipeResetSynchronously, PFN_WDFUSBTARGETPIPERESETSYNCHRONOUSLY);

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeFormatRequestForAbort(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                          WDFREQUEST Request)
{
    static const char call[] = "WdfUsbTargetPipeFormatRequestForAbort";
    return format_pipe_request(wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call),
                               pipe_from(DriverGlobals, Pipe, call), URB_FUNCTION_ABORT_PIPE);
}
WDF_EXPORT(WdfUsbTargetPipeFormatRequestForAbort, PFN_WDFUSBTARGETPIPEFORMATREQUESTFORABORT);

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeFormatRequestForReset(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                          WDFREQUEST Request)
{
    static const char call[] = "WdfUsbTargetPipeFormatRequestForReset";
    return format_pipe_request(wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call),
                               pipe_from(DriverGlobals, Pipe, call), URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL);
}
WDF_EXPORT(WdfUsbTargetPipeFormatRequestForReset, PFN_WDFUSBTARGETPIPEFORMATREQUESTFORRESET);

/* ---- facts --------------------------------------------------------------------------------------------------------
 */

VOID NTAPI kmdf_WdfUsbTargetPipeGetInformation(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                               PWDF_USB_PIPE_INFORMATION PipeInformation)
{
    static const char call[] = "WdfUsbTargetPipeGetInformation";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_usb_pipe *pipe = pipe_from(DriverGlobals, Pipe, call);
    wdf_require(client, PipeInformation, call, "PipeInformation");
    wdf_require_size(client, PipeInformation->Size, sizeof(*PipeInformation), call, "WDF_USB_PIPE_INFORMATION");
    *PipeInformation = pipe->information;
    PipeInformation->Size = sizeof(*PipeInformation);
}
WDF_EXPORT(WdfUsbTargetPipeGetInformation, PFN_WDFUSBTARGETPIPEGETINFORMATION);

static bool is_data_pipe(const struct wdf_usb_pipe *pipe)
{
    return pipe->information.PipeType != WdfUsbPipeTypeControl;
}

BOOLEAN NTAPI kmdf_WdfUsbTargetPipeIsInEndpoint(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe)
{
    struct wdf_usb_pipe *pipe = pipe_from(DriverGlobals, Pipe, "WdfUsbTargetPipeIsInEndpoint");
    return is_data_pipe(pipe) && WDF_USB_PIPE_DIRECTION_IN(pipe->information.EndpointAddress);
}
WDF_EXPORT(WdfUsbTargetPipeIsInEndpoint, PFN_WDFUSBTARGETPIPEISINENDPOINT);

BOOLEAN NTAPI kmdf_WdfUsbTargetPipeIsOutEndpoint(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe)
{
    struct wdf_usb_pipe *pipe = pipe_from(DriverGlobals, Pipe, "WdfUsbTargetPipeIsOutEndpoint");
    return is_data_pipe(pipe) && WDF_USB_PIPE_DIRECTION_OUT(pipe->information.EndpointAddress);
}
WDF_EXPORT(WdfUsbTargetPipeIsOutEndpoint, PFN_WDFUSBTARGETPIPEISOUTENDPOINT);

WDF_USB_PIPE_TYPE NTAPI kmdf_WdfUsbTargetPipeGetType(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe)
{
    return pipe_from(DriverGlobals, Pipe, "WdfUsbTargetPipeGetType")->information.PipeType;
}
WDF_EXPORT(WdfUsbTargetPipeGetType, PFN_WDFUSBTARGETPIPEGETTYPE);

VOID NTAPI kmdf_WdfUsbTargetPipeSetNoMaximumPacketSizeCheck(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe)
{
    pipe_from(DriverGlobals, Pipe, "WdfUsbTargetPipeSetNoMaximumPacketSizeCheck")->any_size = true;
}
WDF_EXPORT(WdfUsbTargetPipeSetNoMaximumPacketSizeCheck, PFN_WDFUSBTARGETPIPESETNOMAXIMUMPACKETSIZECHECK);

USBD_PIPE_HANDLE NTAPI kmdf_WdfUsbTargetPipeWdmGetPipeHandle(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE UsbPipe)
{
    return pipe_from(DriverGlobals, UsbPipe, "WdfUsbTargetPipeWdmGetPipeHandle")->handle;
}
WDF_EXPORT(WdfUsbTargetPipeWdmGetPipeHandle, PFN_WDFUSBTARGETPIPEWDMGETPIPEHANDLE);

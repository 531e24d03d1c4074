/*
 * Requests for general I/O targets: read, write, device control, internal device control and internal requests with
 * arguments of the stack's own kind, formatted to be sent later or built, sent and awaited in one call.
 *
 * The driver gives buffers as memory objects; the lower driver gets them as its device object's flags, or the control
 * code's method, ask for: kernel memory can stand in for a system buffer, except for METHOD_BUFFERED, where input and
 * output share one. "Sending I/O Requests to General I/O Targets"
 */
#include "wdf/target.h"

/* ---- synchronous requests -----------------------------------------------------------------------------------------
 */

#define SYNC_FLAGS                                                                                                     \
    (WDF_REQUEST_SEND_OPTION_TIMEOUT | WDF_REQUEST_SEND_OPTION_SYNCHRONOUS |                                           \
     WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE)

NTSTATUS wdf_sync_begin(struct wdf_sync *sync, struct wdf_target *target, WDFREQUEST request,
                        const WDF_REQUEST_SEND_OPTIONS *options, const char *call)
{
    struct wdf_client *client = target->object.client;
    NTSTATUS status;
    *sync = (struct wdf_sync){.target = target, .flags = WDF_REQUEST_SEND_OPTION_SYNCHRONOUS};
    if (options != NULL) {
        if (!wdf_size_is(client, options->Size, sizeof(*options), call, "WDF_REQUEST_SEND_OPTIONS"))
            return STATUS_INFO_LENGTH_MISMATCH;
        if (options->Flags & ~SYNC_FLAGS)
            return STATUS_INVALID_PARAMETER;
        sync->flags |= options->Flags;
        sync->timeout = options->Timeout;
    }
    if (target->lower == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    sync->request = wdf_from_optional_handle(&client->globals, request, &wdf_request_type, call);
    if (sync->request != NULL)
        return STATUS_SUCCESS;
    sync->request = wdf_request_create(client, NULL, wdf_client_root(client), target, &status);
    if (sync->request == NULL)
        return status;
    sync->own = true;
    return STATUS_SUCCESS;
}

NTSTATUS wdf_sync_send(struct wdf_sync *sync)
{
    wdf_target_send(sync->request, sync->target, sync->flags, sync->timeout);
    return wdf_request_status(sync->request);
}

void wdf_sync_end(struct wdf_sync *sync)
{
    if (sync->request == NULL)
        return;
    if (sync->own)
        wdf_delete(&sync->request->object);
    else
        wdf_request_release_memory(sync->request);
}

static NTSTATUS send_and_end(struct wdf_sync *sync, NTSTATUS status, PULONG_PTR information)
{
    if (information != NULL)
        *information = 0;
    if (NT_SUCCESS(status)) {
        status = wdf_sync_send(sync);
        if (information != NULL && sync->request->irp != NULL)
            *information = sync->request->irp->IoStatus.Information;
    }
    wdf_sync_end(sync);
    return status;
}

/* ---- read and write -----------------------------------------------------------------------------------------------
 */

/* Gives the IRP a span as flags of the device object, or method, ask for it. */
static NTSTATUS NTAPI attach(struct wdf_request *request, const struct wdf_span *span, ULONG device_flags)
{
    PIRP irp = request->irp;
    void *buffer = span->buffer;
    if (span->length == 0)
        return STATUS_SUCCESS;
    if (device_flags & DO_DIRECT_IO && !(device_flags & DO_BUFFERED_IO)) {
        irp->MdlAddress = span->mdl != NULL ? span->mdl : wdf_request_mdl(request, span->buffer, span->length);
        return irp->MdlAddress != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    if (buffer == NULL)
        buffer = MmGetSystemAddressForMdlSafe(span->mdl, NormalPagePriority | MdlMappingNoExecute);
    if (buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (device_flags & DO_BUFFERED_IO)
        irp->AssociatedIrp.SystemBuffer = buffer;
    else
        irp->UserBuffer = buffer;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI unformat(struct wdf_request *request, NTSTATUS status)
{
    if (!NT_SUCCESS(status)) {
        request->formatted = false;
        wdf_request_release_memory(request);
    }
    return status;
}

static NTSTATUS NTAPI format_transfer(struct wdf_request *request, struct wdf_target *target, UCHAR major,
                                      const struct wdf_span *span, const LONGLONG *offset)
{
    PIO_STACK_LOCATION next;
    NTSTATUS status = wdf_request_prepare(request, target, &next);
    if (!NT_SUCCESS(status))
        return status;
    wdf_request_hold(request, 0, span);
    wdf_request_hold(request, 1, &(struct wdf_span){0});
    next->MajorFunction = major;
    next->Parameters.Read.Length = (ULONG)span->length; /* Parameters.Write has the same layout */
    next->Parameters.Read.ByteOffset.QuadPart = offset != NULL ? *offset : 0;
    request->params.Type = (WDF_REQUEST_TYPE)major;
    request->params.Parameters.Read.Buffer = span->memory != NULL ? (WDFMEMORY)wdf_handle(&span->memory->object) : NULL;
    request->params.Parameters.Read.Offset = span->offset;
    request->params.Parameters.Read.Length = 0;
    return unformat(request, attach(request, span, target->lower->Flags));
}

static NTSTATUS NTAPI format_transfer_call(PWDF_DRIVER_GLOBALS globals, WDFIOTARGET handle, WDFREQUEST request_handle,
                                           UCHAR major, WDFMEMORY memory, PWDFMEMORY_OFFSET part, PLONGLONG offset,
                                           const char *call)
{
    wdf_require_irql(wdf_client(globals), DISPATCH_LEVEL, call);
    struct wdf_target *target = wdf_from_handle(globals, handle, &wdf_target_type, call);
    struct wdf_request *request = wdf_from_handle(globals, request_handle, &wdf_request_type, call);
    struct wdf_span span;
    NTSTATUS status =
        wdf_span_from_memory(wdf_from_optional_handle(globals, memory, &wdf_memory_type, call), part, &span);
    return NT_SUCCESS(status) ? format_transfer(request, target, major, &span, offset) : status;
}

NTSTATUS NTAPI kmdf_WdfIoTargetFormatRequestForRead(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                    WDFREQUEST Request, WDFMEMORY OutputBuffer,
                                                    PWDFMEMORY_OFFSET OutputBufferOffset, PLONGLONG DeviceOffset)
{
    return format_transfer_call(DriverGlobals, IoTarget, Request, IRP_MJ_READ, OutputBuffer, OutputBufferOffset,
                                DeviceOffset, "WdfIoTargetFormatRequestForRead");
}
WDF_EXPORT(WdfIoTargetFormatRequestForRead, PFN_WDFIOTARGETFORMATREQUESTFORREAD);

NTSTATUS NTAPI kmdf_WdfIoTargetFormatRequestForWrite(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                     WDFREQUEST Request, WDFMEMORY InputBuffer,
                                                     PWDFMEMORY_OFFSET InputBufferOffset, PLONGLONG DeviceOffset)
{
    return format_transfer_call(DriverGlobals, IoTarget, Request, IRP_MJ_WRITE, InputBuffer, InputBufferOffset,
                                DeviceOffset, "WdfIoTargetFormatRequestForWrite");
}
WDF_EXPORT(WdfIoTargetFormatRequestForWrite, PFN_WDFIOTARGETFORMATREQUESTFORWRITE);

static NTSTATUS transfer_synchronously(PWDF_DRIVER_GLOBALS globals, WDFIOTARGET handle, WDFREQUEST request, UCHAR major,
                                       PWDF_MEMORY_DESCRIPTOR descriptor, PLONGLONG offset,
                                       PWDF_REQUEST_SEND_OPTIONS options, PULONG_PTR bytes, const char *call)
{
    struct wdf_sync sync;
    struct wdf_span span;
    wdf_require_irql(wdf_client(globals), PASSIVE_LEVEL, call);
    struct wdf_target *target = wdf_from_handle(globals, handle, &wdf_target_type, call);
    NTSTATUS status = wdf_span_from_descriptor(globals, descriptor, &span, call);
    if (!NT_SUCCESS(status))
        return status;
    status = wdf_sync_begin(&sync, target, request, options, call);
    if (NT_SUCCESS(status))
        status = format_transfer(sync.request, target, major, &span, offset);
    return send_and_end(&sync, status, bytes);
}

NTSTATUS NTAPI kmdf_WdfIoTargetSendReadSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                     WDFREQUEST Request, PWDF_MEMORY_DESCRIPTOR OutputBuffer,
                                                     PLONGLONG DeviceOffset, PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                     PULONG_PTR BytesRead)
{
    return transfer_synchronously(DriverGlobals, IoTarget, Request, IRP_MJ_READ, OutputBuffer, DeviceOffset,
                                  RequestOptions, BytesRead, "WdfIoTargetSendReadSynchronously");
}
WDF_EXPORT(WdfIoTargetSendReadSynchronously, PFN_WDFIOTARGETSENDREADSYNCHRONOUSLY);

NTSTATUS NTAPI kmdf_WdfIoTargetSendWriteSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                      WDFREQUEST Request, PWDF_MEMORY_DESCRIPTOR InputBuffer,
                                                      PLONGLONG DeviceOffset, PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                      PULONG_PTR BytesWritten)
{
    return transfer_synchronously(DriverGlobals, IoTarget, Request, IRP_MJ_WRITE, InputBuffer, DeviceOffset,
                                  RequestOptions, BytesWritten, "WdfIoTargetSendWriteSynchronously");
}
WDF_EXPORT(WdfIoTargetSendWriteSynchronously, PFN_WDFIOTARGETSENDWRITESYNCHRONOUSLY);

/* ---- device control -----------------------------------------------------------------------------------------------
 */

static void *span_address(const struct wdf_span *span)
{
    if (span->buffer != NULL || span->mdl == NULL)
        return span->buffer;
    return MmGetSystemAddressForMdlSafe(span->mdl, NormalPagePriority | MdlMappingNoExecute);
}

static NTSTATUS attach_buffered(struct wdf_request *request, const struct wdf_span *input,
                                const struct wdf_span *output)
{
    size_t size = input->length > output->length ? input->length : output->length;
    if (size == 0)
        return STATUS_SUCCESS;
    void *system_buffer = wdf_request_system_buffer(request, size);
    if (system_buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (input->length != 0)
        RtlCopyMemory(system_buffer, span_address(input), input->length);
    RtlZeroMemory((UCHAR *)system_buffer + input->length, size - input->length);
    request->irp->AssociatedIrp.SystemBuffer = system_buffer;
    request->copy_back = output->length != 0 ? span_address(output) : NULL;
    request->copy_back_size = output->length;
    return STATUS_SUCCESS;
}

static NTSTATUS attach_by_method(struct wdf_request *request, PIO_STACK_LOCATION next, ULONG method,
                                 const struct wdf_span *input, const struct wdf_span *output)
{
    switch (method) {
    case METHOD_BUFFERED:
        return attach_buffered(request, input, output);
    case METHOD_NEITHER:
        next->Parameters.DeviceIoControl.Type3InputBuffer = span_address(input);
        request->irp->UserBuffer = span_address(output);
        return STATUS_SUCCESS;
    default:
        request->irp->AssociatedIrp.SystemBuffer = span_address(input);
        return attach(request, output, DO_DIRECT_IO);
    }
}

struct control {
    UCHAR major;
    ULONG code;
    struct wdf_span input, output;
};

static NTSTATUS format_control(struct wdf_request *request, struct wdf_target *target, const struct control *control)
{
    PIO_STACK_LOCATION next;
    NTSTATUS status = wdf_request_prepare(request, target, &next);
    if (!NT_SUCCESS(status))
        return status;
    wdf_request_hold(request, 0, &control->input);
    wdf_request_hold(request, 1, &control->output);
    next->MajorFunction = control->major;
    next->Parameters.DeviceIoControl.IoControlCode = control->code;
    next->Parameters.DeviceIoControl.InputBufferLength = (ULONG)control->input.length;
    next->Parameters.DeviceIoControl.OutputBufferLength = (ULONG)control->output.length;
    WDF_REQUEST_COMPLETION_PARAMS *params = &request->params;
    params->Type = (WDF_REQUEST_TYPE)control->major;
    RtlZeroMemory(&params->Parameters, sizeof(params->Parameters));
    params->Parameters.Ioctl.IoControlCode = control->code;
    if (control->input.memory != NULL)
        params->Parameters.Ioctl.Input.Buffer = (WDFMEMORY)wdf_handle(&control->input.memory->object);
    params->Parameters.Ioctl.Input.Offset = control->input.offset;
    if (control->output.memory != NULL)
        params->Parameters.Ioctl.Output.Buffer = (WDFMEMORY)wdf_handle(&control->output.memory->object);
    params->Parameters.Ioctl.Output.Offset = control->output.offset;
    return unformat(request, attach_by_method(request, next, METHOD_FROM_CTL_CODE(control->code), &control->input,
                                              &control->output));
}

static NTSTATUS format_control_call(PWDF_DRIVER_GLOBALS globals, WDFIOTARGET handle, WDFREQUEST request_handle,
                                    struct control *control, WDFMEMORY input, PWDFMEMORY_OFFSET input_part,
                                    WDFMEMORY output, PWDFMEMORY_OFFSET output_part, const char *call)
{
    wdf_require_irql(wdf_client(globals), DISPATCH_LEVEL, call);
    struct wdf_target *target = wdf_from_handle(globals, handle, &wdf_target_type, call);
    struct wdf_request *request = wdf_from_handle(globals, request_handle, &wdf_request_type, call);
    NTSTATUS status = wdf_span_from_memory(wdf_from_optional_handle(globals, input, &wdf_memory_type, call), input_part,
                                           &control->input);
    if (NT_SUCCESS(status))
        status = wdf_span_from_memory(wdf_from_optional_handle(globals, output, &wdf_memory_type, call), output_part,
                                      &control->output);
    return NT_SUCCESS(status) ? format_control(request, target, control) : status;
}

NTSTATUS NTAPI kmdf_WdfIoTargetFormatRequestForIoctl(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                     WDFREQUEST Request, ULONG IoctlCode, WDFMEMORY InputBuffer,
                                                     PWDFMEMORY_OFFSET InputBufferOffset, WDFMEMORY OutputBuffer,
                                                     PWDFMEMORY_OFFSET OutputBufferOffset)
{
    struct control control = {.major = IRP_MJ_DEVICE_CONTROL, .code = IoctlCode};
    return format_control_call(DriverGlobals, IoTarget, Request, &control, InputBuffer, InputBufferOffset, OutputBuffer,
                               OutputBufferOffset, "WdfIoTargetFormatRequestForIoctl");
}
WDF_EXPORT(WdfIoTargetFormatRequestForIoctl, PFN_WDFIOTARGETFORMATREQUESTFORIOCTL);

NTSTATUS NTAPI kmdf_WdfIoTargetFormatRequestForInternalIoctl(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                             WDFREQUEST Request, ULONG IoctlCode, WDFMEMORY InputBuffer,
                                                             PWDFMEMORY_OFFSET InputBufferOffset,
                                                             WDFMEMORY OutputBuffer,
                                                             PWDFMEMORY_OFFSET OutputBufferOffset)
{
    struct control control = {.major = IRP_MJ_INTERNAL_DEVICE_CONTROL, .code = IoctlCode};
    return format_control_call(DriverGlobals, IoTarget, Request, &control, InputBuffer, InputBufferOffset, OutputBuffer,
                               OutputBufferOffset, "WdfIoTargetFormatRequestForInternalIoctl");
}
WDF_EXPORT(WdfIoTargetFormatRequestForInternalIoctl, PFN_WDFIOTARGETFORMATREQUESTFORINTERNALIOCTL);

static NTSTATUS control_synchronously(PWDF_DRIVER_GLOBALS globals, WDFIOTARGET handle, WDFREQUEST request,
                                      struct control *control, PWDF_MEMORY_DESCRIPTOR input,
                                      PWDF_MEMORY_DESCRIPTOR output, PWDF_REQUEST_SEND_OPTIONS options,
                                      PULONG_PTR bytes, const char *call)
{
    struct wdf_sync sync;
    wdf_require_irql(wdf_client(globals), PASSIVE_LEVEL, call);
    struct wdf_target *target = wdf_from_handle(globals, handle, &wdf_target_type, call);
    NTSTATUS status = wdf_span_from_descriptor(globals, input, &control->input, call);
    if (NT_SUCCESS(status))
        status = wdf_span_from_descriptor(globals, output, &control->output, call);
    if (!NT_SUCCESS(status))
        return status;
    status = wdf_sync_begin(&sync, target, request, options, call);
    if (NT_SUCCESS(status))
        status = format_control(sync.request, target, control);
    return send_and_end(&sync, status, bytes);
}

NTSTATUS NTAPI kmdf_WdfIoTargetSendIoctlSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                      WDFREQUEST Request, ULONG IoctlCode,
                                                      PWDF_MEMORY_DESCRIPTOR InputBuffer,
                                                      PWDF_MEMORY_DESCRIPTOR OutputBuffer,
                                                      PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                      PULONG_PTR BytesReturned)
{
    struct control control = {.major = IRP_MJ_DEVICE_CONTROL, .code = IoctlCode};
    return control_synchronously(DriverGlobals, IoTarget, Request, &control, InputBuffer, OutputBuffer, RequestOptions,
                                 BytesReturned, "WdfIoTargetSendIoctlSynchronously");
}
WDF_EXPORT(WdfIoTargetSendIoctlSynchronously, PFN_WDFIOTARGETSENDIOCTLSYNCHRONOUSLY);

NTSTATUS NTAPI kmdf_WdfIoTargetSendInternalIoctlSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget,
                                                              WDFREQUEST Request, ULONG IoctlCode,
                                                              PWDF_MEMORY_DESCRIPTOR InputBuffer,
                                                              PWDF_MEMORY_DESCRIPTOR OutputBuffer,
                                                              PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                              PULONG_PTR BytesReturned)
{
    struct control control = {.major = IRP_MJ_INTERNAL_DEVICE_CONTROL, .code = IoctlCode};
    return control_synchronously(DriverGlobals, IoTarget, Request, &control, InputBuffer, OutputBuffer, RequestOptions,
                                 BytesReturned, "WdfIoTargetSendInternalIoctlSynchronously");
}
WDF_EXPORT(WdfIoTargetSendInternalIoctlSynchronously, PFN_WDFIOTARGETSENDINTERNALIOCTLSYNCHRONOUSLY);

/* ---- internal requests with other arguments -----------------------------------------------------------------------
 */

/* Arguments 1, 2 and 4; the third is where the control code lies. */
static NTSTATUS format_others(struct wdf_request *request, struct wdf_target *target, ULONG code,
                              const struct wdf_span spans[3])
{
    PIO_STACK_LOCATION next;
    NTSTATUS status = wdf_request_prepare(request, target, &next);
    if (!NT_SUCCESS(status))
        return status;
    for (unsigned i = 0; i < 3; i++)
        wdf_request_hold(request, i, &spans[i]);
    next->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    next->Parameters.Others.Argument1 = span_address(&spans[0]);
    next->Parameters.Others.Argument2 = span_address(&spans[1]);
    next->Parameters.Others.Argument3 = NULL;
    next->Parameters.Others.Argument4 = span_address(&spans[2]);
    next->Parameters.DeviceIoControl.IoControlCode = code;
    WDF_REQUEST_COMPLETION_PARAMS *params = &request->params;
    params->Type = WdfRequestTypeOther;
    params->Parameters.Others.Argument1.Ptr = next->Parameters.Others.Argument1;
    params->Parameters.Others.Argument2.Ptr = next->Parameters.Others.Argument2;
    params->Parameters.Others.Argument3.Value = code;
    params->Parameters.Others.Argument4.Ptr = next->Parameters.Others.Argument4;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfIoTargetFormatRequestForInternalIoctlOthers(
    PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget, WDFREQUEST Request, ULONG IoctlCode, WDFMEMORY OtherArg1,
    PWDFMEMORY_OFFSET OtherArg1Offset, WDFMEMORY OtherArg2, PWDFMEMORY_OFFSET OtherArg2Offset, WDFMEMORY OtherArg4,
    PWDFMEMORY_OFFSET OtherArg4Offset)
{
    static const char call[] = "WdfIoTargetFormatRequestForInternalIoctlOthers";
    WDFMEMORY arguments[3] = {OtherArg1, OtherArg2, OtherArg4};
    PWDFMEMORY_OFFSET parts[3] = {OtherArg1Offset, OtherArg2Offset, OtherArg4Offset};
    struct wdf_span spans[3];
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, call);
    struct wdf_target *target = wdf_from_handle(DriverGlobals, IoTarget, &wdf_target_type, call);
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call);
    for (unsigned i = 0; i < 3; i++) {
        struct wdf_memory *memory = wdf_from_optional_handle(DriverGlobals, arguments[i], &wdf_memory_type, call);
        NTSTATUS status = wdf_span_from_memory(memory, parts[i], &spans[i]);
        if (!NT_SUCCESS(status))
            return status;
    }
    return format_others(request, target, IoctlCode, spans);
}
WDF_EXPORT(WdfIoTargetFormatRequestForInternalIoctlOthers, PFN_WDFIOTARGETFORMATREQUESTFORINTERNALIOCTLOTHERS);

NTSTATUS NTAPI kmdf_WdfIoTargetSendInternalIoctlOthersSynchronously(
    PWDF_DRIVER_GLOBALS DriverGlobals, WDFIOTARGET IoTarget, WDFREQUEST Request, ULONG IoctlCode,
    PWDF_MEMORY_DESCRIPTOR OtherArg1, PWDF_MEMORY_DESCRIPTOR OtherArg2, PWDF_MEMORY_DESCRIPTOR OtherArg4,
    PWDF_REQUEST_SEND_OPTIONS RequestOptions, PULONG_PTR BytesReturned)
{
    static const char call[] = "WdfIoTargetSendInternalIoctlOthersSynchronously";
    PWDF_MEMORY_DESCRIPTOR arguments[3] = {OtherArg1, OtherArg2, OtherArg4};
    struct wdf_span spans[3];
    struct wdf_sync sync;
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, call);
    struct wdf_target *target = wdf_from_handle(DriverGlobals, IoTarget, &wdf_target_type, call);
    for (unsigned i = 0; i < 3; i++) {
        NTSTATUS status = wdf_span_from_descriptor(DriverGlobals, arguments[i], &spans[i], call);
        if (!NT_SUCCESS(status))
            return status;
    }
    NTSTATUS status = wdf_sync_begin(&sync, target, Request, RequestOptions, call);
    if (NT_SUCCESS(status))
        status = format_others(sync.request, target, IoctlCode, spans);
    return send_and_end(&sync, status, BytesReturned);
}
WDF_EXPORT(WdfIoTargetSendInternalIoctlOthersSynchronously, PFN_WDFIOTARGETSENDINTERNALIOCTLOTHERSSYNCHRONOUSLY);

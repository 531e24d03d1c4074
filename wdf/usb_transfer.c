/*
 * What goes to a USB device as a whole: control transfers on the default pipe, URBs of the driver's own, and requests
 * to its port; and what these share with pipes. "Working with USB Devices"
 */
#include "wdf/usb_target.h"

static struct wdf_usb_device *device_from(PWDF_DRIVER_GLOBALS globals, WDFUSBDEVICE handle, const char *call)
{
    return wdf_from_handle(globals, handle, &wdf_usb_device_type, call);
}

/* ---- shared -------------------------------------------------------------------------------------------------------
 */

NTSTATUS NTAPI wdf_usb_format(struct wdf_request *request, struct wdf_target *target, PURB urb,
                              WDF_USB_REQUEST_TYPE type, void(NTAPI *finish)(struct wdf_request *request))
{
    PIO_STACK_LOCATION next;
    NTSTATUS status = wdf_request_prepare(request, target, &next);
    if (!NT_SUCCESS(status))
        return status;
    next->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    next->Parameters.DeviceIoControl.IoControlCode = IOCTL_INTERNAL_USB_SUBMIT_URB;
    next->Parameters.Others.Argument1 = urb;
    request->sent_urb = urb;
    request->params.Type = WdfRequestTypeUsb;
    request->params.Parameters.Usb.Completion = &request->usb;
    request->usb.Type = type;
    request->usb.UsbdStatus = USBD_STATUS_PENDING;
    request->finish_usb = finish;
    return STATUS_SUCCESS;
}

static void NTAPI finish_plain(struct wdf_request *request)
{
    request->usb.UsbdStatus = request->sent_urb != NULL ? request->sent_urb->UrbHeader.Status : USBD_STATUS_CANCELED;
}

static void NTAPI finish_without_urb(struct wdf_request *request)
{
    request->usb.UsbdStatus = USBD_STATUS_SUCCESS;
}

NTSTATUS wdf_usb_format_control_code(struct wdf_request *request, struct wdf_target *target, ULONG code, PVOID argument)
{
    PIO_STACK_LOCATION next;
    NTSTATUS status = wdf_request_prepare(request, target, &next);
    if (!NT_SUCCESS(status))
        return status;
    next->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    next->Parameters.DeviceIoControl.IoControlCode = code;
    next->Parameters.Others.Argument1 = argument;
    request->params.Type = WdfRequestTypeUsb;
    request->params.Parameters.Usb.Completion = &request->usb;
    request->usb.Type = WdfUsbRequestTypeNoFormat;
    request->finish_usb = finish_without_urb;
    return STATUS_SUCCESS;
}

NTSTATUS wdf_usb_span(PWDF_DRIVER_GLOBALS globals, const WDF_MEMORY_DESCRIPTOR *descriptor, struct wdf_span *span,
                      const char *call)
{
    NTSTATUS status = wdf_span_from_descriptor(globals, descriptor, span, call);
    return status == STATUS_INVALID_PARAMETER ? STATUS_INVALID_DEVICE_REQUEST : status;
}

static ULONG moved(const struct wdf_request *request)
{
    if (request->sent_urb == NULL)
        return 0;
    switch (request->usb.Type) {
    case WdfUsbRequestTypeDeviceString:
        return request->urb.descriptor.TransferBufferLength;
    case WdfUsbRequestTypeDeviceControlTransfer:
        return request->urb.control.TransferBufferLength;
    case WdfUsbRequestTypePipeRead:
    case WdfUsbRequestTypePipeWrite:
        return request->urb.bulk.TransferBufferLength;
    default:
        return 0;
    }
}

NTSTATUS wdf_usb_sync_finish(struct wdf_sync *sync, NTSTATUS status, bool force, PULONG bytes)
{
    if (bytes != NULL)
        *bytes = 0;
    if (NT_SUCCESS(status)) {
        if (force)
            sync->flags |= WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE;
        if (wdf_target_send(sync->request, sync->target, sync->flags, sync->timeout) && bytes != NULL)
            *bytes = moved(sync->request);
        status = wdf_request_status(sync->request);
    }
    wdf_sync_end(sync);
    return status;
}

NTSTATUS wdf_usb_send_urb(struct wdf_target *target, PURB urb)
{
    struct wdf_sync sync;
    NTSTATUS status = wdf_sync_begin(&sync, target, NULL, NULL, "the framework");
    if (NT_SUCCESS(status)) {
        sync.request->internal = true;
        sync.flags |= WDF_REQUEST_SEND_OPTION_TIMEOUT;
        sync.timeout = WDF_USB_PATIENCE;
        status = wdf_usb_format(sync.request, target, urb, WdfUsbRequestTypeDeviceUrb, finish_plain);
    }
    return wdf_usb_sync_finish(&sync, status, true, NULL);
}

/* ---- control transfers --------------------------------------------------------------------------------------------
 */

static void NTAPI finish_control(struct wdf_request *request)
{
    finish_plain(request);
    request->usb.Parameters.DeviceControlTransfer.Length =
        request->sent_urb != NULL ? request->urb.control.TransferBufferLength : 0;
}

static NTSTATUS format_control(struct wdf_request *request, struct wdf_usb_device *device,
                               const WDF_USB_CONTROL_SETUP_PACKET *packet, const struct wdf_span *span)
{
    struct _URB_CONTROL_TRANSFER *urb = &request->urb.control;
    if (span->length > MAXUSHORT)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = wdf_usb_format(request, &device->target, &request->urb.urb,
                                     WdfUsbRequestTypeDeviceControlTransfer, finish_control);
    if (!NT_SUCCESS(status))
        return status;
    wdf_request_hold(request, 0, span);
    RtlZeroMemory(urb, sizeof(*urb));
    urb->Hdr.Length = sizeof(*urb);
    urb->Hdr.Function = URB_FUNCTION_CONTROL_TRANSFER;
    urb->TransferFlags = USBD_DEFAULT_PIPE_TRANSFER;
    if (packet->Packet.bm.Request.Dir == BmRequestDeviceToHost)
        urb->TransferFlags |= USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK;
    urb->TransferBuffer = span->buffer;
    urb->TransferBufferMDL = span->buffer == NULL ? span->mdl : NULL;
    urb->TransferBufferLength = (ULONG)span->length;
    WDF_USB_CONTROL_SETUP_PACKET setup = *packet;
    setup.Packet.wLength = (USHORT)span->length;
    RtlCopyMemory(urb->SetupPacket, setup.Generic.Bytes, sizeof(urb->SetupPacket));
    request->usb.Parameters.DeviceControlTransfer.Buffer =
        span->memory != NULL ? (WDFMEMORY)wdf_handle(&span->memory->object) : NULL;
    request->usb.Parameters.DeviceControlTransfer.SetupPacket = setup;
    request->usb.Parameters.DeviceControlTransfer.Length = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceFormatRequestForControlTransfer(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                      WDFUSBDEVICE UsbDevice, WDFREQUEST Request,
                                                                      PWDF_USB_CONTROL_SETUP_PACKET SetupPacket,
                                                                      WDFMEMORY TransferMemory,
                                                                      PWDFMEMORY_OFFSET TransferOffset)
{
    static const char call[] = "WdfUsbTargetDeviceFormatRequestForControlTransfer";
    struct wdf_span span;
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, call);
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call);
    wdf_require(wdf_client(DriverGlobals), SetupPacket, call, "SetupPacket");
    NTSTATUS status = wdf_span_from_memory(
        wdf_from_optional_handle(DriverGlobals, TransferMemory, &wdf_memory_type, call), TransferOffset, &span);
    return NT_SUCCESS(status) ? format_control(request, device, SetupPacket, &span) : status;
}
WDF_EXPORT(WdfUsbTargetDeviceFormatRequestForControlTransfer, PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORCONTROLTRANSFER);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceSendControlTransferSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                       WDFUSBDEVICE UsbDevice, WDFREQUEST Request,
                                                                       PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                                       PWDF_USB_CONTROL_SETUP_PACKET SetupPacket,
                                                                       PWDF_MEMORY_DESCRIPTOR MemoryDescriptor,
                                                                       PULONG BytesTransferred)
{
    static const char call[] = "WdfUsbTargetDeviceSendControlTransferSynchronously";
    struct wdf_sync sync;
    struct wdf_span span;
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, call);
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_require(wdf_client(DriverGlobals), SetupPacket, call, "SetupPacket");
    if (BytesTransferred != NULL)
        *BytesTransferred = 0;
    NTSTATUS status = wdf_usb_span(DriverGlobals, MemoryDescriptor, &span, call);
    if (!NT_SUCCESS(status))
        return status;
    status = wdf_sync_begin(&sync, &device->target, Request, RequestOptions, call);
    if (NT_SUCCESS(status))
        status = format_control(sync.request, device, SetupPacket, &span);
    return wdf_usb_sync_finish(&sync, status, false, BytesTransferred);
}
WDF_EXPORT(WdfUsbTargetDeviceSendControlTransferSynchronously, PFN_WDFUSBTARGETDEVICESENDCONTROLTRANSFERSYNCHRONOUSLY);

/* ---- URBs of the driver's -----------------------------------------------------------------------------------------
 */

static NTSTATUS format_urb(struct wdf_request *request, struct wdf_target *target, PURB urb,
                           const struct wdf_span *span, WDF_USB_REQUEST_TYPE type)
{
    NTSTATUS status = wdf_usb_format(request, target, urb, type, finish_plain);
    if (!NT_SUCCESS(status))
        return status;
    wdf_request_hold(request, 0, span);
    /* DeviceUrb.Buffer and PipeUrb.Buffer are in the same place. */
    request->usb.Parameters.DeviceUrb.Buffer =
        span->memory != NULL ? (WDFMEMORY)wdf_handle(&span->memory->object) : NULL;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceFormatRequestForUrb(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                          WDFREQUEST Request, WDFMEMORY UrbMemory,
                                                          PWDFMEMORY_OFFSET UrbMemoryOffset)
{
    static const char call[] = "WdfUsbTargetDeviceFormatRequestForUrb";
    struct wdf_span span;
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, call);
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call);
    NTSTATUS status = wdf_usb_urb_from_memory(DriverGlobals, device, UrbMemory, UrbMemoryOffset, &span, call);
    return NT_SUCCESS(status) ? format_urb(request, &device->target, span.buffer, &span, WdfUsbRequestTypeDeviceUrb)
                              : status;
}
WDF_EXPORT(WdfUsbTargetDeviceFormatRequestForUrb, PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORURB);

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeFormatRequestForUrb(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE PIPE,
                                                        WDFREQUEST Request, WDFMEMORY UrbMemory,
                                                        PWDFMEMORY_OFFSET UrbMemoryOffset)
{
    static const char call[] = "WdfUsbTargetPipeFormatRequestForUrb";
    struct wdf_span span;
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, call);
    struct wdf_usb_pipe *pipe = wdf_from_handle(DriverGlobals, PIPE, &wdf_usb_pipe_type, call);
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call);
    NTSTATUS status =
        wdf_usb_urb_from_memory(DriverGlobals, pipe->interface->device, UrbMemory, UrbMemoryOffset, &span, call);
    return NT_SUCCESS(status) ? format_urb(request, &pipe->target, span.buffer, &span, WdfUsbRequestTypePipeUrb)
                              : status;
}
WDF_EXPORT(WdfUsbTargetPipeFormatRequestForUrb, PFN_WDFUSBTARGETPIPEFORMATREQUESTFORURB);

static NTSTATUS send_urb_synchronously(struct wdf_target *target, WDFREQUEST request, PWDF_REQUEST_SEND_OPTIONS options,
                                       PURB urb, WDF_USB_REQUEST_TYPE type, const char *call)
{
    struct wdf_sync sync;
    wdf_require(target->object.client, urb, call, "Urb");
    NTSTATUS status = wdf_usb_require_passive();
    if (!NT_SUCCESS(status))
        return status;
    if (urb->UrbHeader.Length < sizeof(struct _URB_HEADER))
        return STATUS_INVALID_PARAMETER;
    status = wdf_sync_begin(&sync, target, request, options, call);
    if (NT_SUCCESS(status))
        status = format_urb(sync.request, target, urb, &(struct wdf_span){0}, type);
    return wdf_usb_sync_finish(&sync, status, false, NULL);
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceSendUrbSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                           WDFREQUEST Request, PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                           PURB Urb)
{
    static const char call[] = "WdfUsbTargetDeviceSendUrbSynchronously";
    return send_urb_synchronously(&device_from(DriverGlobals, UsbDevice, call)->target, Request, RequestOptions, Urb,
                                  WdfUsbRequestTypeDeviceUrb, call);
}
WDF_EXPORT(WdfUsbTargetDeviceSendUrbSynchronously, PFN_WDFUSBTARGETDEVICESENDURBSYNCHRONOUSLY);

NTSTATUS NTAPI kmdf_WdfUsbTargetPipeSendUrbSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBPIPE Pipe,
                                                         WDFREQUEST Request, PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                         PURB Urb)
{
    static const char call[] = "WdfUsbTargetPipeSendUrbSynchronously";
    struct wdf_usb_pipe *pipe = wdf_from_handle(DriverGlobals, Pipe, &wdf_usb_pipe_type, call);
    return send_urb_synchronously(&pipe->target, Request, RequestOptions, Urb, WdfUsbRequestTypePipeUrb, call);
}
WDF_EXPORT(WdfUsbTargetPipeSendUrbSynchronously, PFN_WDFUSBTARGETPIPESENDURBSYNCHRONOUSLY);

/* ---- the port -----------------------------------------------------------------------------------------------------
 */

/* Asks for something that is done to the port, whatever the target's state: drivers stop it first. */
static NTSTATUS ask_port(struct wdf_usb_device *device, ULONG code, PVOID argument, const char *call)
{
    struct wdf_sync sync;
    NTSTATUS status = wdf_usb_require_passive();
    if (!NT_SUCCESS(status))
        return status;
    status = wdf_sync_begin(&sync, &device->target, NULL, NULL, call);
    if (NT_SUCCESS(status))
        status = wdf_usb_format_control_code(sync.request, &device->target, code, argument);
    return wdf_usb_sync_finish(&sync, status, true, NULL);
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceIsConnectedSynchronous(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice)
{
    static const char call[] = "WdfUsbTargetDeviceIsConnectedSynchronous";
    ULONG port = 0;
    NTSTATUS status =
        ask_port(device_from(DriverGlobals, UsbDevice, call), IOCTL_INTERNAL_USB_GET_PORT_STATUS, &port, call);
    if (!NT_SUCCESS(status))
        return status;
    return port & USBD_PORT_CONNECTED ? STATUS_SUCCESS : STATUS_DEVICE_DOES_NOT_EXIST;
}
WDF_EXPORT(WdfUsbTargetDeviceIsConnectedSynchronous, PFN_WDFUSBTARGETDEVICEISCONNECTEDSYNCHRONOUS);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceResetPortSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice)
{
    static const char call[] = "WdfUsbTargetDeviceResetPortSynchronously";
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_target_cancel_all(&device->target);
    return ask_port(device, IOCTL_INTERNAL_USB_RESET_PORT, NULL, call);
}
WDF_EXPORT(WdfUsbTargetDeviceResetPortSynchronously, PFN_WDFUSBTARGETDEVICERESETPORTSYNCHRONOUSLY);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceCyclePortSynchronously(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice)
{
    static const char call[] = "WdfUsbTargetDeviceCyclePortSynchronously";
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_target_cancel_all(&device->target);
    return ask_port(device, IOCTL_INTERNAL_USB_CYCLE_PORT, NULL, call);
}
WDF_EXPORT(WdfUsbTargetDeviceCyclePortSynchronously, PFN_WDFUSBTARGETDEVICECYCLEPORTSYNCHRONOUSLY);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceFormatRequestForCyclePort(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                WDFUSBDEVICE UsbDevice, WDFREQUEST Request)
{
    static const char call[] = "WdfUsbTargetDeviceFormatRequestForCyclePort";
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call);
    return wdf_usb_format_control_code(request, &device->target, IOCTL_INTERNAL_USB_CYCLE_PORT, NULL);
}
WDF_EXPORT(WdfUsbTargetDeviceFormatRequestForCyclePort, PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORCYCLEPORT);

/*
 * URBs. A request is refused with the documented pair of codes before anything reaches the device when its length does
 * not fit its function, a handle is not one of ours, or its buffer is missing. What passes becomes one transfer: bulk
 * and interrupt requests on their pipe, all other functions as the control request that they stand for.
 */
#include "usb/stack.h"
#include <string.h>

static NTSTATUS fail_urb(PURB urb, PIRP irp, USBD_STATUS status)
{
    urb->UrbHeader.Status = status;
    return usb_complete_irp(irp, usb_nt_status(status), 0);
}

/* ---- handles ------------------------------------------------------------------------------------------------------
 */

enum { PIPE_MARK = 0x5B000000 };

USBD_PIPE_HANDLE usb_pipe_handle(struct usb_pipe *pipe)
{
    ULONG_PTR handle = (ULONG_PTR)PIPE_MARK | (pipe->generation & 0xFFFF) << 8 | usb_pipe_index(pipe->address);
    __atomic_store_n(&pipe->handle, handle, __ATOMIC_RELEASE);
    return (USBD_PIPE_HANDLE)handle;
}

struct usb_pipe *usb_pipe_from_handle(struct usb_extension *pdo, USBD_PIPE_HANDLE handle)
{
    ULONG_PTR number = (ULONG_PTR)handle;
    unsigned index = number & 0xFF;
    if ((number & ~(ULONG_PTR)0xFFFFFF) != PIPE_MARK || index >= USB_MAX_PIPES)
        return NULL;
    struct usb_pipe *pipe = &pdo->device->pipes[index];
    if (__atomic_load_n(&pipe->handle, __ATOMIC_ACQUIRE) != number)
        return NULL;
    if (index != 0 && !(pdo->function.interfaces >> pipe->interface_number & 1))
        return NULL;
    return pipe;
}

/* ---- buffers ------------------------------------------------------------------------------------------------------
 */

/* The pieces of a chain of MDLs that hold LENGTH bytes. */
static USBD_STATUS map_chain(struct usb_transfer *transfer, PMDL mdl, ULONG length)
{
    ULONG count = 0, left = length;
    for (PMDL m = mdl; m != NULL && left != 0; m = m->Next, count++)
        left -= min(left, MmGetMdlByteCount(m));
    if (left != 0)
        return USBD_STATUS_INVALID_PARAMETER;
    transfer->segments = transfer->inline_segments;
    if (count > RTL_NUMBER_OF(transfer->inline_segments)) {
        transfer->segments = ExAllocatePoolWithTag(NonPagedPoolNx, count * sizeof(*transfer->segments), USB_TAG);
        if (transfer->segments == NULL)
            return USBD_STATUS_INSUFFICIENT_RESOURCES;
    }
    transfer->segment_count = count;
    left = length;
    for (ULONG i = 0; i < count; i++, mdl = mdl->Next) {
        PUCHAR data = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
        if (data == NULL)
            return USBD_STATUS_INSUFFICIENT_RESOURCES;
        ULONG part = min(left, MmGetMdlByteCount(mdl));
        transfer->segments[i] = (struct usb_segment){data, part};
        left -= part;
    }
    if (count == 1)
        transfer->buffer = transfer->segments[0].data;
    return USBD_STATUS_SUCCESS;
}

/* A transfer's buffer: a virtual address when there is one, else the MDL ("_URB_BULK_OR_INTERRUPT_TRANSFER structure").
 */
static USBD_STATUS map_buffer(struct usb_transfer *transfer, PVOID buffer, PMDL mdl, ULONG length)
{
    transfer->length = length;
    if (length == 0)
        return USBD_STATUS_SUCCESS;
    if (buffer != NULL) {
        transfer->buffer = buffer;
        return USBD_STATUS_SUCCESS;
    }
    if (mdl == NULL || MmGetMdlByteCount(mdl) < length)
        return USBD_STATUS_INVALID_PARAMETER;
    transfer->buffer = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    return transfer->buffer != NULL ? USBD_STATUS_SUCCESS : USBD_STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS start_transfer(struct usb_extension *pdo, struct usb_pipe *pipe, struct usb_transfer *transfer)
{
    PIRP irp = transfer->irp;
    PURB urb = transfer->urb;
    urb->UrbHeader.Status = USBD_STATUS_PENDING;
    NTSTATUS status = usb_transfer_submit(pdo->device, pipe, transfer);
    if (status == STATUS_PENDING)
        return status;
    USBD_STATUS usbd_status = transfer->status;
    usb_transfer_free(pdo->device, transfer);
    return fail_urb(urb, irp, usbd_status);
}

/* ---- bulk and interrupt -------------------------------------------------------------------------------------------
 */

static void finish_bulk(struct usb_transfer *transfer)
{
    struct usb_device *device = transfer->pipe->device;
    PIRP irp = transfer->irp;
    PURB urb = transfer->urb;
    struct _URB_BULK_OR_INTERRUPT_TRANSFER *request = &urb->UrbBulkOrInterruptTransfer;
    USBD_STATUS status = transfer->status;

    if (status == USBD_STATUS_SUCCESS && transfer->is_in && transfer->actual < transfer->length &&
        !(request->TransferFlags & USBD_SHORT_TRANSFER_OK))
        status = USBD_STATUS_ERROR_SHORT_TRANSFER;
    request->TransferBufferLength = transfer->actual;
    request->Hdr.Status = status;
    __atomic_fetch_add(&device->transfers, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(transfer->is_in ? &device->bytes_in : &device->bytes_out, transfer->actual, __ATOMIC_RELAXED);
    usb_transfer_free(device, transfer);
    usb_complete_irp(irp, usb_nt_status(status), 0);
}

static NTSTATUS submit_bulk(struct usb_extension *pdo, PURB urb, PIRP irp, bool is_chained)
{
    struct _URB_BULK_OR_INTERRUPT_TRANSFER *request = &urb->UrbBulkOrInterruptTransfer;
    if (request->Hdr.Length < sizeof(*request))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    struct usb_pipe *pipe = usb_pipe_from_handle(pdo, request->PipeHandle);
    if (pipe == NULL)
        return fail_urb(urb, irp, usb_pdo_is_gone(pdo) ? USBD_STATUS_DEVICE_GONE : USBD_STATUS_INVALID_PIPE_HANDLE);
    if (pipe->type != USB_ENDPOINT_TYPE_BULK && pipe->type != USB_ENDPOINT_TYPE_INTERRUPT)
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);

    struct usb_transfer *transfer = usb_transfer_allocate(pdo->device);
    if (transfer == NULL)
        return fail_urb(urb, irp, USBD_STATUS_INSUFFICIENT_RESOURCES);
    transfer->kind = pipe->type == USB_ENDPOINT_TYPE_BULK ? USB_TRANSFER_BULK : USB_TRANSFER_INTERRUPT;
    transfer->endpoint = pipe->address;
    transfer->is_in = (pipe->address & USB_ENDPOINT_DIRECTION_MASK) != 0;
    transfer->irp = irp;
    transfer->urb = urb;
    transfer->finish = finish_bulk;

    USBD_STATUS status;
    if (is_chained) {
        transfer->length = request->TransferBufferLength;
        status = transfer->length == 0 ? USBD_STATUS_SUCCESS
                                       : map_chain(transfer, request->TransferBufferMDL, transfer->length);
    } else {
        status =
            map_buffer(transfer, request->TransferBuffer, request->TransferBufferMDL, request->TransferBufferLength);
    }
    /* The endpoint decides the direction, as on Windows; the flag is set to agree for drivers that look at it. */
    request->TransferFlags = (request->TransferFlags & ~USBD_TRANSFER_DIRECTION) | transfer->is_in;
    if (status != USBD_STATUS_SUCCESS) {
        usb_transfer_free(pdo->device, transfer);
        return fail_urb(urb, irp, status);
    }
    return start_transfer(pdo, pipe, transfer);
}

/* ---- control ------------------------------------------------------------------------------------------------------
 */

/* What a URB function stands for on the wire, and where its fields are. */
struct control_request {
    UCHAR request_type, request;
    USHORT value, index;
    ULONG length;
    PVOID buffer;
    PMDL mdl;
    PULONG actual; /* where TransferBufferLength is returned, or NULL */

    ULONG timeout_ms; /* 0 none */
};

static void finish_control(struct usb_transfer *transfer)
{
    struct usb_device *device = transfer->pipe->device;
    PIRP irp = transfer->irp;
    PURB urb = transfer->urb;
    PULONG actual = transfer->context;
    USBD_STATUS status = transfer->status;
    if (actual != NULL)
        *actual = transfer->actual;
    urb->UrbHeader.Status = status;
    __atomic_fetch_add(&device->transfers, 1, __ATOMIC_RELAXED);
    usb_transfer_free(device, transfer);
    usb_complete_irp(irp, usb_nt_status(status), 0);
}

static NTSTATUS submit_control(struct usb_extension *pdo, PURB urb, PIRP irp, const struct control_request *request)
{
    if (request->length > 0xFFFF)
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    struct usb_transfer *transfer = usb_transfer_allocate(pdo->device);
    if (transfer == NULL)
        return fail_urb(urb, irp, USBD_STATUS_INSUFFICIENT_RESOURCES);
    USBD_STATUS status = map_buffer(transfer, request->buffer, request->mdl, request->length);
    if (status != USBD_STATUS_SUCCESS) {
        usb_transfer_free(pdo->device, transfer);
        return fail_urb(urb, irp, status);
    }
    USB_DEFAULT_PIPE_SETUP_PACKET setup = {
        .bmRequestType.B = request->request_type, .bRequest = request->request, .wLength = (USHORT)request->length};
    setup.wValue.W = request->value;
    setup.wIndex.W = request->index;
    memcpy(transfer->setup, &setup, sizeof(setup));
    transfer->kind = USB_TRANSFER_CONTROL;
    transfer->is_in = request->request_type >> 7;
    transfer->irp = irp;
    transfer->urb = urb;
    transfer->context = request->actual;
    transfer->finish = finish_control;
    if (request->timeout_ms != 0)
        transfer->deadline = ke_now() + request->timeout_ms * 10000ll;
    return start_transfer(pdo, &pdo->device->pipes[0], transfer);
}

static UCHAR request_type(UCHAR direction, UCHAR type, UCHAR recipient)
{
    return (UCHAR)(direction << 7 | type << 5 | recipient);
}

static NTSTATUS control_transfer(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    bool is_ex = urb->UrbHeader.Function == URB_FUNCTION_CONTROL_TRANSFER_EX;
    struct _URB_CONTROL_TRANSFER *request = &urb->UrbControlTransfer;
    if (request->Hdr.Length < (is_ex ? sizeof(urb->UrbControlTransferEx) : sizeof(*request)))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    const UCHAR *packet = is_ex ? urb->UrbControlTransferEx.SetupPacket : request->SetupPacket;
    USB_DEFAULT_PIPE_SETUP_PACKET setup;
    memcpy(&setup, packet, sizeof(setup));
    /* A NULL handle is the default pipe when the flag says so; else it must be a handle. */
    if (!(request->TransferFlags & USBD_DEFAULT_PIPE_TRANSFER) &&
        usb_pipe_from_handle(pdo, request->PipeHandle) != &pdo->device->pipes[0])
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PIPE_HANDLE);
    struct control_request control = {
        .request_type = setup.bmRequestType.B,
        .request = setup.bRequest,
        .value = setup.wValue.W,
        .index = setup.wIndex.W,
        .length = request->TransferBufferLength,
        .buffer = request->TransferBuffer,
        .mdl = request->TransferBufferMDL,
        .actual = &request->TransferBufferLength,
        .timeout_ms = is_ex ? urb->UrbControlTransferEx.Timeout : USB_CONTROL_TIMEOUT_MS,
    };
    return submit_control(pdo, urb, irp, &control);
}

static NTSTATUS descriptor_request(struct usb_extension *pdo, PURB urb, PIRP irp, UCHAR direction, UCHAR recipient)
{
    struct _URB_CONTROL_DESCRIPTOR_REQUEST *request = &urb->UrbControlDescriptorRequest;
    if (request->Hdr.Length < sizeof(*request))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    struct control_request control = {
        .request_type = request_type(direction, BMREQUEST_STANDARD, recipient),
        .request = direction ? USB_REQUEST_GET_DESCRIPTOR : USB_REQUEST_SET_DESCRIPTOR,
        .value = USB_DESCRIPTOR_MAKE_TYPE_AND_INDEX(request->DescriptorType, request->Index),
        .index = request->LanguageId,
        .length = request->TransferBufferLength,
        .buffer = request->TransferBuffer,
        .mdl = request->TransferBufferMDL,
        .actual = &request->TransferBufferLength,
        .timeout_ms = USB_CONTROL_TIMEOUT_MS,
    };
    return submit_control(pdo, urb, irp, &control);
}

/* A function of a composite device sees a configuration with its own interfaces only, as the generic parent shows it
 * ("Descriptors on USB composite devices"). */
static NTSTATUS function_configuration(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    struct _URB_CONTROL_DESCRIPTOR_REQUEST *request = &urb->UrbControlDescriptorRequest;
    struct usb_device *device = pdo->device;
    struct usb_transfer place = {0};
    USBD_STATUS status =
        map_buffer(&place, request->TransferBuffer, request->TransferBufferMDL, request->TransferBufferLength);
    if (status != USBD_STATUS_SUCCESS)
        return fail_urb(urb, irp, status);
    UCHAR *copy = ExAllocatePoolWithTag(NonPagedPoolNx, device->configuration_size, USB_TAG);
    if (copy == NULL)
        return fail_urb(urb, irp, USBD_STATUS_INSUFFICIENT_RESOURCES);
    ULONG size = (ULONG)usb_filter_configuration(device->configuration_data, pdo->function.interfaces, copy);
    request->TransferBufferLength = min(size, request->TransferBufferLength);
    if (request->TransferBufferLength != 0)
        memcpy(place.buffer, copy, request->TransferBufferLength);
    ExFreePoolWithTag(copy, USB_TAG);
    urb->UrbHeader.Status = USBD_STATUS_SUCCESS;
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS get_device_descriptor(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    struct _URB_CONTROL_DESCRIPTOR_REQUEST *request = &urb->UrbControlDescriptorRequest;
    if (pdo->kind == USB_EXTENSION_FUNCTION && request->Hdr.Length >= sizeof(*request) && !usb_pdo_is_gone(pdo) &&
        request->DescriptorType == USB_CONFIGURATION_DESCRIPTOR_TYPE && request->Index == 0)
        return function_configuration(pdo, urb, irp);
    return descriptor_request(pdo, urb, irp, BMREQUEST_DEVICE_TO_HOST, BMREQUEST_TO_DEVICE);
}

static NTSTATUS status_request(struct usb_extension *pdo, PURB urb, PIRP irp, UCHAR recipient)
{
    struct _URB_CONTROL_GET_STATUS_REQUEST *request = &urb->UrbControlGetStatusRequest;
    if (request->Hdr.Length < sizeof(*request) || request->TransferBufferLength != sizeof(USHORT))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    struct control_request control = {
        .request_type = request_type(BMREQUEST_DEVICE_TO_HOST, BMREQUEST_STANDARD, recipient),
        .request = USB_REQUEST_GET_STATUS,
        .index = request->Index,
        .length = sizeof(USHORT),
        .buffer = request->TransferBuffer,
        .mdl = request->TransferBufferMDL,
        .actual = &request->TransferBufferLength,
        .timeout_ms = USB_CONTROL_TIMEOUT_MS,
    };
    return submit_control(pdo, urb, irp, &control);
}

static NTSTATUS feature_request(struct usb_extension *pdo, PURB urb, PIRP irp, UCHAR code, UCHAR recipient)
{
    struct _URB_CONTROL_FEATURE_REQUEST *request = &urb->UrbControlFeatureRequest;
    if (request->Hdr.Length < sizeof(*request))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    struct control_request control = {
        .request_type = request_type(BMREQUEST_HOST_TO_DEVICE, BMREQUEST_STANDARD, recipient),
        .request = code,
        .value = request->FeatureSelector,
        .index = request->Index,
        .timeout_ms = USB_CONTROL_TIMEOUT_MS,
    };
    return submit_control(pdo, urb, irp, &control);
}

static NTSTATUS class_request(struct usb_extension *pdo, PURB urb, PIRP irp, UCHAR type, UCHAR recipient)
{
    struct _URB_CONTROL_VENDOR_OR_CLASS_REQUEST *request = &urb->UrbControlVendorClassRequest;
    if (request->Hdr.Length < sizeof(*request))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    UCHAR direction = request->TransferFlags & USBD_TRANSFER_DIRECTION_IN ? 1 : 0;
    struct control_request control = {
        .request_type = request_type(direction, type, recipient),
        .request = request->Request,
        .value = request->Value,
        .index = request->Index,
        .length = request->TransferBufferLength,
        .buffer = request->TransferBuffer,
        .mdl = request->TransferBufferMDL,
        .actual = &request->TransferBufferLength,
        .timeout_ms = USB_CONTROL_TIMEOUT_MS,
    };
    return submit_control(pdo, urb, irp, &control);
}

static NTSTATUS get_configuration(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    struct _URB_CONTROL_GET_CONFIGURATION_REQUEST *request = &urb->UrbControlGetConfigurationRequest;
    if (request->Hdr.Length < sizeof(*request) || request->TransferBufferLength != 1)
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    struct control_request control = {
        .request_type = request_type(BMREQUEST_DEVICE_TO_HOST, BMREQUEST_STANDARD, BMREQUEST_TO_DEVICE),
        .request = USB_REQUEST_GET_CONFIGURATION,
        .length = 1,
        .buffer = request->TransferBuffer,
        .mdl = request->TransferBufferMDL,
        .actual = &request->TransferBufferLength,
        .timeout_ms = USB_CONTROL_TIMEOUT_MS,
    };
    return submit_control(pdo, urb, irp, &control);
}

static NTSTATUS get_interface(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    struct _URB_CONTROL_GET_INTERFACE_REQUEST *request = &urb->UrbControlGetInterfaceRequest;
    if (request->Hdr.Length < sizeof(*request) || request->TransferBufferLength != 1)
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    struct control_request control = {
        .request_type = request_type(BMREQUEST_DEVICE_TO_HOST, BMREQUEST_STANDARD, BMREQUEST_TO_INTERFACE),
        .request = USB_REQUEST_GET_INTERFACE,
        .index = request->Interface,
        .length = 1,
        .buffer = request->TransferBuffer,
        .mdl = request->TransferBufferMDL,
        .actual = &request->TransferBufferLength,
        .timeout_ms = USB_CONTROL_TIMEOUT_MS,
    };
    return submit_control(pdo, urb, irp, &control);
}

/* Microsoft OS 1.0 descriptors: the vendor request whose code the string descriptor 0xEE names ("Microsoft OS 1.0
 * Descriptors Specification"). The hub read that code when it enumerated the device. */
static NTSTATUS get_ms_descriptor(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    struct _URB_OS_FEATURE_DESCRIPTOR_REQUEST *request = &urb->UrbOSFeatureDescriptorRequest;
    if (request->Hdr.Length < sizeof(*request) || request->Recipient > BMREQUEST_TO_INTERFACE)
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    if (!pdo->device->has_ms_code)
        return fail_urb(urb, irp, USBD_STATUS_NOT_SUPPORTED);
    struct control_request control = {
        .request_type = request_type(BMREQUEST_DEVICE_TO_HOST, BMREQUEST_VENDOR, request->Recipient),
        .request = pdo->device->ms_code,
        .value = (USHORT)(request->InterfaceNumber << 8 | request->MS_PageIndex),
        .index = request->MS_FeatureDescriptorIndex,
        .length = request->TransferBufferLength,
        .buffer = request->TransferBuffer,
        .mdl = request->TransferBufferMDL,
        .actual = &request->TransferBufferLength,
        .timeout_ms = USB_CONTROL_TIMEOUT_MS,
    };
    return submit_control(pdo, urb, irp, &control);
}

/* ---- pipes --------------------------------------------------------------------------------------------------------
 */

struct abort_request {
    struct usb_idle_waiter waiter;
    PURB urb;
    PIRP irp;
};

static void abort_finished(struct usb_idle_waiter *waiter)
{
    struct abort_request *abort = CONTAINING_RECORD(waiter, struct abort_request, waiter);
    PIRP irp = abort->irp;
    abort->urb->UrbHeader.Status = USBD_STATUS_SUCCESS;
    ExFreePoolWithTag(abort, USB_TAG);
    usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS abort_pipe(struct usb_pipe *pipe, PURB urb, PIRP irp)
{
    struct abort_request *abort = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*abort), USB_TAG);
    if (abort == NULL)
        return fail_urb(urb, irp, USBD_STATUS_INSUFFICIENT_RESOURCES);
    *abort = (struct abort_request){{.ready = abort_finished}, urb, irp};
    IoMarkIrpPending(irp);
    urb->UrbHeader.Status = USBD_STATUS_PENDING;
    usb_pipe_abort(pipe, &abort->waiter);
    return STATUS_PENDING;
}

/* The halt on the host's side ends; transfers may go again. */
static USBD_STATUS resume_pipe(struct usb_pipe *pipe)
{
    KIRQL irql;
    KeAcquireSpinLock(&pipe->lock, &irql);
    bool is_busy = pipe->pending_count != 0;
    if (!is_busy)
        pipe->is_halted = false;
    KeReleaseSpinLock(&pipe->lock, irql);
    return is_busy ? USBD_STATUS_ERROR_BUSY : USBD_STATUS_SUCCESS;
}

static bool is_busy(struct usb_pipe *pipe)
{
    KIRQL irql;
    KeAcquireSpinLock(&pipe->lock, &irql);
    bool result = pipe->pending_count != 0;
    KeReleaseSpinLock(&pipe->lock, irql);
    return result;
}

static void finish_clear_stall(struct usb_transfer *transfer)
{
    struct usb_device *device = transfer->pipe->device;
    PIRP irp = transfer->irp;
    PURB urb = transfer->urb;
    USBD_STATUS status = transfer->status;
    if (status == USBD_STATUS_SUCCESS && urb->UrbHeader.Function == URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL)
        resume_pipe(transfer->context);
    urb->UrbHeader.Status = status;
    usb_transfer_free(device, transfer);
    usb_complete_irp(irp, usb_nt_status(status), 0);
}

static NTSTATUS clear_stall(struct usb_extension *pdo, struct usb_pipe *pipe, PURB urb, PIRP irp)
{
    struct usb_transfer *transfer = usb_transfer_allocate(pdo->device);
    if (transfer == NULL)
        return fail_urb(urb, irp, USBD_STATUS_INSUFFICIENT_RESOURCES);
    USB_DEFAULT_PIPE_SETUP_PACKET setup = {.bmRequestType.B = BMREQUEST_TO_ENDPOINT,
                                           .bRequest = USB_REQUEST_CLEAR_FEATURE};
    setup.wValue.W = USB_FEATURE_ENDPOINT_STALL;
    setup.wIndex.W = pipe->address;
    memcpy(transfer->setup, &setup, sizeof(setup));
    transfer->kind = USB_TRANSFER_CLEAR_HALT;
    transfer->irp = irp;
    transfer->urb = urb;
    transfer->context = pipe;
    transfer->finish = finish_clear_stall;
    transfer->deadline = ke_now() + USB_CONTROL_TIMEOUT_MS * 10000ll;
    return start_transfer(pdo, &pdo->device->pipes[0], transfer);
}

static NTSTATUS pipe_request(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    if (urb->UrbHeader.Length < sizeof(urb->UrbPipeRequest))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    struct usb_pipe *pipe = usb_pipe_from_handle(pdo, urb->UrbPipeRequest.PipeHandle);
    if (pipe == NULL || pipe == &pdo->device->pipes[0])
        return fail_urb(urb, irp, usb_pdo_is_gone(pdo) ? USBD_STATUS_DEVICE_GONE : USBD_STATUS_INVALID_PIPE_HANDLE);
    if (urb->UrbHeader.Function == URB_FUNCTION_ABORT_PIPE)
        return abort_pipe(pipe, urb, irp);
    if (usb_pdo_is_gone(pdo))
        return fail_urb(urb, irp, USBD_STATUS_DEVICE_GONE);
    if (urb->UrbHeader.Function == URB_FUNCTION_SYNC_CLEAR_STALL)
        return clear_stall(pdo, pipe, urb, irp);
    if (urb->UrbHeader.Function == URB_FUNCTION_SYNC_RESET_PIPE)
        return fail_urb(urb, irp, resume_pipe(pipe));
    if (is_busy(pipe))
        return fail_urb(urb, irp, USBD_STATUS_ERROR_BUSY);
    return clear_stall(pdo, pipe, urb, irp);
}

/* ---- the rest -----------------------------------------------------------------------------------------------------
 */

static NTSTATUS frame_number(PURB urb, PIRP irp)
{
    if (urb->UrbHeader.Length < sizeof(urb->UrbGetCurrentFrameNumber))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    urb->UrbGetCurrentFrameNumber.FrameNumber = (ULONG)(ke_now() / 10000);
    urb->UrbHeader.Status = USBD_STATUS_SUCCESS;
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

struct passive_request {
    struct usb_extension *pdo;
    PURB urb;
    PIRP irp;
    PIO_WORKITEM item;
};

static NTSTATUS do_select(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    USBD_STATUS status = urb->UrbHeader.Function == URB_FUNCTION_SELECT_CONFIGURATION
                             ? usb_select_configuration(pdo, urb)
                             : usb_select_interface(pdo, urb);
    return fail_urb(urb, irp, status);
}

static VOID NTAPI select_later(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    struct passive_request request = *(struct passive_request *)Context;
    ExFreePoolWithTag(Context, USB_TAG);
    do_select(request.pdo, request.urb, request.irp);
    IoFreeWorkItem(request.item);
}

/* Selecting talks to the device and waits for it. Above PASSIVE_LEVEL it goes to a work item and stays pending. */
static NTSTATUS select_request(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    if (KeGetCurrentIrql() == PASSIVE_LEVEL)
        return do_select(pdo, urb, irp);
    struct passive_request *request = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*request), USB_TAG);
    PIO_WORKITEM item = request != NULL ? IoAllocateWorkItem(pdo->self) : NULL;
    if (item == NULL) {
        if (request != NULL)
            ExFreePoolWithTag(request, USB_TAG);
        return fail_urb(urb, irp, USBD_STATUS_INSUFFICIENT_RESOURCES);
    }
    *request = (struct passive_request){pdo, urb, irp, item};
    IoMarkIrpPending(irp);
    urb->UrbHeader.Status = USBD_STATUS_PENDING;
    IoQueueWorkItem(item, select_later, DelayedWorkQueue, request);
    return STATUS_PENDING;
}

static NTSTATUS dispatch_control(struct usb_extension *pdo, PURB urb, PIRP irp)
{
    enum { IN = BMREQUEST_DEVICE_TO_HOST, OUT = BMREQUEST_HOST_TO_DEVICE };
    enum { DEVICE = BMREQUEST_TO_DEVICE, INTERFACE, ENDPOINT, OTHER };
    enum { SET = USB_REQUEST_SET_FEATURE, CLEAR = USB_REQUEST_CLEAR_FEATURE };
    switch (urb->UrbHeader.Function) {
    case URB_FUNCTION_CONTROL_TRANSFER:
    case URB_FUNCTION_CONTROL_TRANSFER_EX:
        return control_transfer(pdo, urb, irp);
    case URB_FUNCTION_GET_DESCRIPTOR_FROM_DEVICE:
        return get_device_descriptor(pdo, urb, irp);
    case URB_FUNCTION_GET_DESCRIPTOR_FROM_INTERFACE:
        return descriptor_request(pdo, urb, irp, IN, INTERFACE);
    case URB_FUNCTION_GET_DESCRIPTOR_FROM_ENDPOINT:
        return descriptor_request(pdo, urb, irp, IN, ENDPOINT);
    case URB_FUNCTION_SET_DESCRIPTOR_TO_DEVICE:
        return descriptor_request(pdo, urb, irp, OUT, DEVICE);
    case URB_FUNCTION_SET_DESCRIPTOR_TO_INTERFACE:
        return descriptor_request(pdo, urb, irp, OUT, INTERFACE);
    case URB_FUNCTION_SET_DESCRIPTOR_TO_ENDPOINT:
        return descriptor_request(pdo, urb, irp, OUT, ENDPOINT);
    case URB_FUNCTION_GET_STATUS_FROM_DEVICE:
        return status_request(pdo, urb, irp, DEVICE);
    case URB_FUNCTION_GET_STATUS_FROM_INTERFACE:
        return status_request(pdo, urb, irp, INTERFACE);
    case URB_FUNCTION_GET_STATUS_FROM_ENDPOINT:
        return status_request(pdo, urb, irp, ENDPOINT);
    case URB_FUNCTION_GET_STATUS_FROM_OTHER:
        return status_request(pdo, urb, irp, OTHER);
    case URB_FUNCTION_SET_FEATURE_TO_DEVICE:
        return feature_request(pdo, urb, irp, SET, DEVICE);
    case URB_FUNCTION_SET_FEATURE_TO_INTERFACE:
        return feature_request(pdo, urb, irp, SET, INTERFACE);
    case URB_FUNCTION_SET_FEATURE_TO_ENDPOINT:
        return feature_request(pdo, urb, irp, SET, ENDPOINT);
    case URB_FUNCTION_SET_FEATURE_TO_OTHER:
        return feature_request(pdo, urb, irp, SET, OTHER);
    case URB_FUNCTION_CLEAR_FEATURE_TO_DEVICE:
        return feature_request(pdo, urb, irp, CLEAR, DEVICE);
    case URB_FUNCTION_CLEAR_FEATURE_TO_INTERFACE:
        return feature_request(pdo, urb, irp, CLEAR, INTERFACE);
    case URB_FUNCTION_CLEAR_FEATURE_TO_ENDPOINT:
        return feature_request(pdo, urb, irp, CLEAR, ENDPOINT);
    case URB_FUNCTION_CLEAR_FEATURE_TO_OTHER:
        return feature_request(pdo, urb, irp, CLEAR, OTHER);
    case URB_FUNCTION_VENDOR_DEVICE:
        return class_request(pdo, urb, irp, BMREQUEST_VENDOR, DEVICE);
    case URB_FUNCTION_VENDOR_INTERFACE:
        return class_request(pdo, urb, irp, BMREQUEST_VENDOR, INTERFACE);
    case URB_FUNCTION_VENDOR_ENDPOINT:
        return class_request(pdo, urb, irp, BMREQUEST_VENDOR, ENDPOINT);
    case URB_FUNCTION_VENDOR_OTHER:
        return class_request(pdo, urb, irp, BMREQUEST_VENDOR, OTHER);
    case URB_FUNCTION_CLASS_DEVICE:
        return class_request(pdo, urb, irp, BMREQUEST_CLASS, DEVICE);
    case URB_FUNCTION_CLASS_INTERFACE:
        return class_request(pdo, urb, irp, BMREQUEST_CLASS, INTERFACE);
    case URB_FUNCTION_CLASS_ENDPOINT:
        return class_request(pdo, urb, irp, BMREQUEST_CLASS, ENDPOINT);
    case URB_FUNCTION_CLASS_OTHER:
        return class_request(pdo, urb, irp, BMREQUEST_CLASS, OTHER);
    case URB_FUNCTION_GET_CONFIGURATION:
        return get_configuration(pdo, urb, irp);
    case URB_FUNCTION_GET_INTERFACE:
        return get_interface(pdo, urb, irp);
    case URB_FUNCTION_GET_MS_FEATURE_DESCRIPTOR:
        return get_ms_descriptor(pdo, urb, irp);
    case URB_FUNCTION_ISOCH_TRANSFER:
    case URB_FUNCTION_ISOCH_TRANSFER_USING_CHAINED_MDL:
    case URB_FUNCTION_OPEN_STATIC_STREAMS:
    case URB_FUNCTION_CLOSE_STATIC_STREAMS:
    case URB_FUNCTION_GET_ISOCH_PIPE_TRANSFER_PATH_DELAYS:
    case URB_FUNCTION_TAKE_FRAME_LENGTH_CONTROL:
    case URB_FUNCTION_RELEASE_FRAME_LENGTH_CONTROL:
    case URB_FUNCTION_GET_FRAME_LENGTH:
    case URB_FUNCTION_SET_FRAME_LENGTH:
        return fail_urb(urb, irp, USBD_STATUS_NOT_SUPPORTED);
    default:
        return fail_urb(urb, irp, USBD_STATUS_INVALID_URB_FUNCTION);
    }
}

NTSTATUS usb_submit_urb(struct usb_extension *pdo, PIRP irp)
{
    PURB urb = IoGetCurrentIrpStackLocation(irp)->Parameters.Others.Argument1;
    if (urb == NULL)
        return usb_complete_irp(irp, STATUS_INVALID_PARAMETER, 0);
    if (urb->UrbHeader.Length < sizeof(urb->UrbHeader))
        return fail_urb(urb, irp, USBD_STATUS_INVALID_PARAMETER);
    if (usb_pdo_is_gone(pdo) && urb->UrbHeader.Function != URB_FUNCTION_ABORT_PIPE)
        return fail_urb(urb, irp, USBD_STATUS_DEVICE_GONE);
    switch (urb->UrbHeader.Function) {
    case URB_FUNCTION_BULK_OR_INTERRUPT_TRANSFER:
        return submit_bulk(pdo, urb, irp, false);
    case URB_FUNCTION_BULK_OR_INTERRUPT_TRANSFER_USING_CHAINED_MDL:
        return submit_bulk(pdo, urb, irp, true);
    case URB_FUNCTION_SELECT_CONFIGURATION:
    case URB_FUNCTION_SELECT_INTERFACE:
        return select_request(pdo, urb, irp);
    case URB_FUNCTION_ABORT_PIPE:
    case URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL:
    case URB_FUNCTION_SYNC_RESET_PIPE:
    case URB_FUNCTION_SYNC_CLEAR_STALL:
        return pipe_request(pdo, urb, irp);
    case URB_FUNCTION_GET_CURRENT_FRAME_NUMBER:
        return frame_number(urb, irp);
    default:
        return dispatch_control(pdo, urb, irp);
    }
}

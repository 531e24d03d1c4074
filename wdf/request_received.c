/*
 * Received requests: their parameters and buffers, cancellation while the driver holds them, and completion.
 *
 * Where a request's buffers are depends on its major function, on the method that its control code names and on the
 * flags of the device object that it came to; the memory objects and MDLs that describe them are made when the driver
 * first asks and go when the request is completed.
 *
 * "Accessing Data Buffers in Framework-Based Drivers", "Canceling I/O Requests", "Completing I/O Requests"
 */
#include "ntoskrnl/mm/mm.h"
#include "wdf/target.h"

#define LOCK_TAG 0x6C6B6457 /* 'Wdkl' */

/* A buffer that the driver locked. */
struct wdf_locked_buffer {
    struct wdf_locked_buffer *next;
    PMDL mdl;
};

static struct wdf_request *request_from(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, const char *call)
{
    return wdf_from_handle(globals, handle, &wdf_request_type, call);
}

struct wdf_request *wdf_request_receive(struct wdf_object *device, struct wdf_object *parent,
                                        const WDF_OBJECT_ATTRIBUTES *attributes, PIRP irp,
                                        const struct wdf_request_owner *owner, NTSTATUS *status)
{
    struct wdf_request *request = wdf_request_create(device->client, attributes, parent, NULL, status);
    if (request == NULL)
        return NULL;
    request->origin = WDF_REQUEST_RECEIVED;
    request->irp = irp;
    request->owner = owner;
    request->device = device;
    return request;
}

WDF_REQUEST_TYPE wdf_request_kind(const struct wdf_request *request)
{
    return (WDF_REQUEST_TYPE)IoGetCurrentIrpStackLocation(request->irp)->MajorFunction;
}

/* ---- cancellation -------------------------------------------------------------------------------------------------
 */

static VOID NTAPI irp_cancelled(PDEVICE_OBJECT device, PIRP irp)
{
    struct wdf_request *request = irp->Tail.Overlay.DriverContext[0];
    UNREFERENCED_PARAMETER(device);
    wdf_reference(&request->object);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    request->cancel(request);
    wdf_dereference(&request->object);
}

bool wdf_request_set_cancel(struct wdf_request *request, void (*cancel)(struct wdf_request *request))
{
    PIRP irp = request->irp;
    request->cancel = cancel;
    irp->Tail.Overlay.DriverContext[0] = request;
    IoSetCancelRoutine(irp, irp_cancelled);
    /* Cancelled before, with nobody to call: unless the canceller has just taken the routine. */
    return !*(volatile BOOLEAN *)&irp->Cancel || IoSetCancelRoutine(irp, NULL) == NULL;
}

bool wdf_request_clear_cancel(struct wdf_request *request)
{
    return IoSetCancelRoutine(request->irp, NULL) != NULL;
}

static void call_evt_cancel(struct wdf_request *request, PFN_WDF_REQUEST_CANCEL evt_cancel)
{
    struct wdf_client *client = request->object.client;
    struct wdf_callback_lock *lock =
        request->owner->callback_lock != NULL ? request->owner->callback_lock(request) : NULL;
    struct wdf_callback_lock_state held;
    /* A driver that holds the lock has asked for this call by WdfRequestMarkCancelable. */
    bool acquire = lock != NULL && !wdf_callback_lock_is_mine(lock);
    if (acquire)
        wdf_callback_lock_acquire(lock, &held);
    struct wdf_callback_state state = wdf_callback_enter();
    evt_cancel((WDFREQUEST)wdf_handle(&request->object));
    wdf_callback_leave(client, state, (const void *)evt_cancel, "EvtRequestCancel");
    if (acquire)
        wdf_callback_lock_release(lock, &held);
}

static void cancel_driver_owned(struct wdf_request *request)
{
    PFN_WDF_REQUEST_CANCEL evt_cancel = request->evt_cancel;
    /* In this order: WdfRequestUnmarkCancelable may look from another processor. */
    __atomic_store_n(&request->cancel_called, true, __ATOMIC_RELEASE);
    __atomic_store_n(&request->evt_cancel, NULL, __ATOMIC_RELEASE);
    call_evt_cancel(request, evt_cancel);
}

/* STATUS_CANCELLED: it is cancelled already, and EvtRequestCancel will not be called. */
static NTSTATUS mark_cancelable(PWDF_DRIVER_GLOBALS globals, struct wdf_request *request,
                                PFN_WDF_REQUEST_CANCEL evt_cancel, const char *call)
{
    wdf_require_irql(wdf_client(globals), DISPATCH_LEVEL, call);
    wdf_require(wdf_client(globals), (const void *)evt_cancel, call, "EvtRequestCancel");
    if (request->origin != WDF_REQUEST_RECEIVED || !request->driver_owned || request->evt_cancel != NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    request->evt_cancel = evt_cancel;
    if (wdf_request_set_cancel(request, cancel_driver_owned))
        return STATUS_SUCCESS;
    request->evt_cancel = NULL;
    request->cancel_called = true;
    return STATUS_CANCELLED;
}

VOID NTAPI kmdf_WdfRequestMarkCancelable(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                         PFN_WDF_REQUEST_CANCEL EvtRequestCancel)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestMarkCancelable");
    if (mark_cancelable(DriverGlobals, request, EvtRequestCancel, "WdfRequestMarkCancelable") != STATUS_CANCELLED)
        return;
    wdf_reference(&request->object);
    call_evt_cancel(request, EvtRequestCancel);
    wdf_dereference(&request->object);
}
WDF_EXPORT(WdfRequestMarkCancelable, PFN_WDFREQUESTMARKCANCELABLE);

NTSTATUS NTAPI kmdf_WdfRequestMarkCancelableEx(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                               PFN_WDF_REQUEST_CANCEL EvtRequestCancel)
{
    return mark_cancelable(DriverGlobals, request_from(DriverGlobals, Request, "WdfRequestMarkCancelableEx"),
                           EvtRequestCancel, "WdfRequestMarkCancelableEx");
}
WDF_EXPORT(WdfRequestMarkCancelableEx, PFN_WDFREQUESTMARKCANCELABLEEX);

NTSTATUS NTAPI kmdf_WdfRequestUnmarkCancelable(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestUnmarkCancelable");
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, "WdfRequestUnmarkCancelable");
    if (request->origin != WDF_REQUEST_RECEIVED || !request->driver_owned)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (__atomic_load_n(&request->evt_cancel, __ATOMIC_ACQUIRE) == NULL)
        return __atomic_load_n(&request->cancel_called, __ATOMIC_ACQUIRE) ? STATUS_CANCELLED : STATUS_INVALID_PARAMETER;
    if (!wdf_request_clear_cancel(request))
        return STATUS_CANCELLED;
    request->evt_cancel = NULL;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfRequestUnmarkCancelable, PFN_WDFREQUESTUNMARKCANCELABLE);

BOOLEAN NTAPI kmdf_WdfRequestIsCanceled(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestIsCanceled");
    return request->irp != NULL && request->evt_cancel == NULL && *(volatile BOOLEAN *)&request->irp->Cancel;
}
WDF_EXPORT(WdfRequestIsCanceled, PFN_WDFREQUESTISCANCELED);

/* ---- parameters ---------------------------------------------------------------------------------------------------
 */

VOID NTAPI kmdf_WdfRequestGetParameters(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                        PWDF_REQUEST_PARAMETERS Parameters)
{
    static const char call[] = "WdfRequestGetParameters";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_request *request = request_from(DriverGlobals, Request, call);
    wdf_require(client, Parameters, call, "Parameters");
    wdf_require_size(client, Parameters->Size, sizeof(*Parameters), call, "WDF_REQUEST_PARAMETERS");
    if (request->irp == NULL || request->origin != WDF_REQUEST_RECEIVED)
        wdf_violation(client, WDF_REQUEST_FATAL_ERROR, WDF_REQUEST_FATAL_ERROR_NULL_IRP, (ULONG_PTR)Request, 0, call,
                      "the driver made the request or has completed it: it has no stack location of the driver's");
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(request->irp);
    Parameters->Type = (WDF_REQUEST_TYPE)stack->MajorFunction;
    Parameters->MinorFunction = stack->MinorFunction;
    RtlZeroMemory(&Parameters->Parameters, sizeof(Parameters->Parameters));
    switch (stack->MajorFunction) {
    case IRP_MJ_CREATE:
        Parameters->Parameters.Create.SecurityContext = stack->Parameters.Create.SecurityContext;
        Parameters->Parameters.Create.Options = stack->Parameters.Create.Options;
        Parameters->Parameters.Create.FileAttributes = stack->Parameters.Create.FileAttributes;
        Parameters->Parameters.Create.ShareAccess = stack->Parameters.Create.ShareAccess;
        Parameters->Parameters.Create.EaLength = stack->Parameters.Create.EaLength;
        break;
    case IRP_MJ_READ:
        Parameters->Parameters.Read.Length = stack->Parameters.Read.Length;
        Parameters->Parameters.Read.Key = stack->Parameters.Read.Key;
        Parameters->Parameters.Read.DeviceOffset = stack->Parameters.Read.ByteOffset.QuadPart;
        break;
    case IRP_MJ_WRITE:
        Parameters->Parameters.Write.Length = stack->Parameters.Write.Length;
        Parameters->Parameters.Write.Key = stack->Parameters.Write.Key;
        Parameters->Parameters.Write.DeviceOffset = stack->Parameters.Write.ByteOffset.QuadPart;
        break;
    case IRP_MJ_DEVICE_CONTROL:
    case IRP_MJ_INTERNAL_DEVICE_CONTROL:
        Parameters->Parameters.DeviceIoControl.OutputBufferLength =
            stack->Parameters.DeviceIoControl.OutputBufferLength;
        Parameters->Parameters.DeviceIoControl.InputBufferLength = stack->Parameters.DeviceIoControl.InputBufferLength;
        Parameters->Parameters.DeviceIoControl.IoControlCode = stack->Parameters.DeviceIoControl.IoControlCode;
        Parameters->Parameters.DeviceIoControl.Type3InputBuffer = stack->Parameters.DeviceIoControl.Type3InputBuffer;
        if (stack->MajorFunction == IRP_MJ_DEVICE_CONTROL)
            break;
        /* Internal requests may carry arguments of their stack's own kind: all eight bytes of each. */
        Parameters->Parameters.Others.Arg1 = stack->Parameters.Others.Argument1;
        Parameters->Parameters.Others.Arg2 = stack->Parameters.Others.Argument2;
        Parameters->Parameters.Others.Arg4 = stack->Parameters.Others.Argument4;
        break;
    default:
        Parameters->Parameters.Others.Arg1 = stack->Parameters.Others.Argument1;
        Parameters->Parameters.Others.Arg2 = stack->Parameters.Others.Argument2;
        Parameters->Parameters.Others.IoControlCode = (ULONG)(ULONG_PTR)stack->Parameters.Others.Argument3;
        Parameters->Parameters.Others.Arg4 = stack->Parameters.Others.Argument4;
        break;
    }
}
WDF_EXPORT(WdfRequestGetParameters, PFN_WDFREQUESTGETPARAMETERS);

KPROCESSOR_MODE NTAPI kmdf_WdfRequestGetRequestorMode(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestGetRequestorMode");
    return request->irp != NULL ? request->irp->RequestorMode : KernelMode;
}
WDF_EXPORT(WdfRequestGetRequestorMode, PFN_WDFREQUESTGETREQUESTORMODE);

ULONG NTAPI kmdf_WdfRequestGetRequestorProcessId(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestGetRequestorProcessId");
    return request->irp != NULL ? IoGetRequestorProcessId(request->irp) : 0;
}
WDF_EXPORT(WdfRequestGetRequestorProcessId, PFN_WDFREQUESTGETREQUESTORPROCESSID);

BOOLEAN NTAPI kmdf_WdfRequestIsFrom32BitProcess(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestIsFrom32BitProcess");
    return request->irp != NULL && IoIs32bitProcess(request->irp);
}
WDF_EXPORT(WdfRequestIsFrom32BitProcess, PFN_WDFREQUESTISFROM32BITPROCESS);

/* ---- buffers ------------------------------------------------------------------------------------------------------
 */

enum direction { INPUT, OUTPUT };

/* How the requests of a device object carry their data: METHOD_BUFFERED, METHOD_IN_DIRECT or METHOD_NEITHER. */
static ULONG transfer_method(PIO_STACK_LOCATION stack)
{
    if (stack->MajorFunction == IRP_MJ_DEVICE_CONTROL || stack->MajorFunction == IRP_MJ_INTERNAL_DEVICE_CONTROL)
        return METHOD_FROM_CTL_CODE(stack->Parameters.DeviceIoControl.IoControlCode);
    if (stack->DeviceObject->Flags & DO_BUFFERED_IO)
        return METHOD_BUFFERED;
    return stack->DeviceObject->Flags & DO_DIRECT_IO ? METHOD_IN_DIRECT : METHOD_NEITHER;
}

static NTSTATUS buffer_length(PIO_STACK_LOCATION stack, enum direction direction, size_t *length)
{
    switch (stack->MajorFunction) {
    case IRP_MJ_READ:
        *length = stack->Parameters.Read.Length;
        return direction == OUTPUT ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
    case IRP_MJ_WRITE:
        *length = stack->Parameters.Write.Length;
        return direction == INPUT ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
    case IRP_MJ_DEVICE_CONTROL:
    case IRP_MJ_INTERNAL_DEVICE_CONTROL:
        *length = direction == INPUT ? stack->Parameters.DeviceIoControl.InputBufferLength
                                     : stack->Parameters.DeviceIoControl.OutputBufferLength;
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}

/* The address of neither buffered nor direct I/O. */
static void *raw_address(PIRP irp, PIO_STACK_LOCATION stack, enum direction direction)
{
    bool is_control = stack->MajorFunction != IRP_MJ_READ && stack->MajorFunction != IRP_MJ_WRITE;
    return is_control && direction == INPUT ? stack->Parameters.DeviceIoControl.Type3InputBuffer : irp->UserBuffer;
}

static NTSTATUS find_buffer(struct wdf_request *request, enum direction direction, struct wdf_span *span)
{
    PIRP irp = request->irp;
    *span = (struct wdf_span){0};
    if (irp == NULL)
        return STATUS_INTERNAL_ERROR;
    if (request->origin != WDF_REQUEST_RECEIVED)
        return STATUS_INVALID_DEVICE_REQUEST;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status = buffer_length(stack, direction, &span->length);
    if (!NT_SUCCESS(status))
        return status;
    if (span->length == 0)
        return STATUS_BUFFER_TOO_SMALL;
    ULONG method = transfer_method(stack);
    bool is_control = stack->MajorFunction != IRP_MJ_READ && stack->MajorFunction != IRP_MJ_WRITE;
    if (method == METHOD_BUFFERED || (method != METHOD_NEITHER && is_control && direction == INPUT)) {
        span->buffer = irp->AssociatedIrp.SystemBuffer;
    } else if (method != METHOD_NEITHER) {
        span->mdl = irp->MdlAddress;
        if (span->mdl == NULL)
            return STATUS_INVALID_DEVICE_REQUEST;
        span->buffer = MmGetSystemAddressForMdlSafe(span->mdl, NormalPagePriority | MdlMappingNoExecute);
        return span->buffer != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    } else {
        /* Only what comes from kernel mode may be used as it is. */
        if (stack->MajorFunction != IRP_MJ_INTERNAL_DEVICE_CONTROL && irp->RequestorMode != KernelMode)
            return STATUS_INVALID_DEVICE_REQUEST;
        span->buffer = raw_address(irp, stack, direction);
    }
    return span->buffer != NULL ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
}

static NTSTATUS retrieve_buffer(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, enum direction direction,
                                size_t minimum, PVOID *buffer, size_t *length, const char *call)
{
    struct wdf_request *request = request_from(globals, handle, call);
    struct wdf_span span;
    wdf_require(wdf_client(globals), buffer, call, "Buffer");
    *buffer = NULL;
    if (length != NULL)
        *length = 0;
    NTSTATUS status = find_buffer(request, direction, &span);
    if (!NT_SUCCESS(status))
        return status;
    if (length != NULL)
        *length = span.length;
    if (span.length < minimum)
        return STATUS_BUFFER_TOO_SMALL;
    *buffer = span.buffer;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfRequestRetrieveInputBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                  size_t MinimumRequiredLength, PVOID *Buffer, size_t *Length)
{
    return retrieve_buffer(DriverGlobals, Request, INPUT, MinimumRequiredLength, Buffer, Length,
                           "WdfRequestRetrieveInputBuffer");
}
WDF_EXPORT(WdfRequestRetrieveInputBuffer, PFN_WDFREQUESTRETRIEVEINPUTBUFFER);

NTSTATUS NTAPI kmdf_WdfRequestRetrieveOutputBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                   size_t MinimumRequiredSize, PVOID *Buffer, size_t *Length)
{
    return retrieve_buffer(DriverGlobals, Request, OUTPUT, MinimumRequiredSize, Buffer, Length,
                           "WdfRequestRetrieveOutputBuffer");
}
WDF_EXPORT(WdfRequestRetrieveOutputBuffer, PFN_WDFREQUESTRETRIEVEOUTPUTBUFFER);

static NTSTATUS retrieve_memory(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, enum direction direction,
                                WDFMEMORY *memory, const char *call)
{
    struct wdf_request *request = request_from(globals, handle, call);
    struct wdf_memory **kept = direction == INPUT ? &request->input : &request->output;
    struct wdf_span span;
    wdf_require(wdf_client(globals), memory, call, "Memory");
    *memory = NULL;
    NTSTATUS status = find_buffer(request, direction, &span);
    if (!NT_SUCCESS(status))
        return status;
    if (*kept == NULL) {
        *kept = wdf_memory_wrap(wdf_client(globals), NULL, &request->object, span.buffer, span.length, &status);
        if (*kept == NULL)
            return status;
        (*kept)->mdl = span.mdl;
    }
    *memory = (WDFMEMORY)wdf_handle(&(*kept)->object);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfRequestRetrieveInputMemory(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                  WDFMEMORY *Memory)
{
    return retrieve_memory(DriverGlobals, Request, INPUT, Memory, "WdfRequestRetrieveInputMemory");
}
WDF_EXPORT(WdfRequestRetrieveInputMemory, PFN_WDFREQUESTRETRIEVEINPUTMEMORY);

NTSTATUS NTAPI kmdf_WdfRequestRetrieveOutputMemory(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                   WDFMEMORY *Memory)
{
    return retrieve_memory(DriverGlobals, Request, OUTPUT, Memory, "WdfRequestRetrieveOutputMemory");
}
WDF_EXPORT(WdfRequestRetrieveOutputMemory, PFN_WDFREQUESTRETRIEVEOUTPUTMEMORY);

static NTSTATUS retrieve_mdl(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, enum direction direction, PMDL *mdl,
                             const char *call)
{
    struct wdf_request *request = request_from(globals, handle, call);
    PMDL *kept = direction == INPUT ? &request->input_mdl : &request->output_mdl;
    struct wdf_span span;
    wdf_require(wdf_client(globals), mdl, call, "Mdl");
    *mdl = NULL;
    NTSTATUS status = find_buffer(request, direction, &span);
    if (!NT_SUCCESS(status))
        return status;
    if (span.mdl == NULL && *kept == NULL) {
        *kept = IoAllocateMdl(span.buffer, (ULONG)span.length, FALSE, FALSE, NULL);
        if (*kept == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        MmBuildMdlForNonPagedPool(*kept);
    }
    *mdl = span.mdl != NULL ? span.mdl : *kept;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfRequestRetrieveInputWdmMdl(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, PMDL *Mdl)
{
    return retrieve_mdl(DriverGlobals, Request, INPUT, Mdl, "WdfRequestRetrieveInputWdmMdl");
}
WDF_EXPORT(WdfRequestRetrieveInputWdmMdl, PFN_WDFREQUESTRETRIEVEINPUTWDMMDL);

NTSTATUS NTAPI kmdf_WdfRequestRetrieveOutputWdmMdl(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, PMDL *Mdl)
{
    return retrieve_mdl(DriverGlobals, Request, OUTPUT, Mdl, "WdfRequestRetrieveOutputWdmMdl");
}
WDF_EXPORT(WdfRequestRetrieveOutputWdmMdl, PFN_WDFREQUESTRETRIEVEOUTPUTWDMMDL);

static NTSTATUS retrieve_unsafe(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, enum direction direction,
                                size_t minimum, PVOID *buffer, size_t *length, const char *call)
{
    struct wdf_request *request = request_from(globals, handle, call);
    size_t size = 0;
    wdf_require(wdf_client(globals), buffer, call, direction == INPUT ? "InputBuffer" : "OutputBuffer");
    *buffer = NULL;
    if (length != NULL)
        *length = 0;
    if (request->irp == NULL || request->origin != WDF_REQUEST_RECEIVED || !request->in_caller_context)
        return STATUS_INVALID_DEVICE_REQUEST;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(request->irp);
    if (stack->MajorFunction == IRP_MJ_INTERNAL_DEVICE_CONTROL || transfer_method(stack) != METHOD_NEITHER ||
        !NT_SUCCESS(buffer_length(stack, direction, &size)))
        return STATUS_INVALID_DEVICE_REQUEST;
    if (size < minimum)
        return STATUS_BUFFER_TOO_SMALL;
    if (length != NULL)
        *length = size;
    *buffer = raw_address(request->irp, stack, direction);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfRequestRetrieveUnsafeUserInputBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                            size_t MinimumRequiredLength, PVOID *InputBuffer,
                                                            size_t *Length)
{
    return retrieve_unsafe(DriverGlobals, Request, INPUT, MinimumRequiredLength, InputBuffer, Length,
                           "WdfRequestRetrieveUnsafeUserInputBuffer");
}
WDF_EXPORT(WdfRequestRetrieveUnsafeUserInputBuffer, PFN_WDFREQUESTRETRIEVEUNSAFEUSERINPUTBUFFER);

NTSTATUS NTAPI kmdf_WdfRequestRetrieveUnsafeUserOutputBuffer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                             size_t MinimumRequiredLength, PVOID *OutputBuffer,
                                                             size_t *Length)
{
    return retrieve_unsafe(DriverGlobals, Request, OUTPUT, MinimumRequiredLength, OutputBuffer, Length,
                           "WdfRequestRetrieveUnsafeUserOutputBuffer");
}
WDF_EXPORT(WdfRequestRetrieveUnsafeUserOutputBuffer, PFN_WDFREQUESTRETRIEVEUNSAFEUSEROUTPUTBUFFER);

/* Keeps the MDL of a locked buffer for as long as the request. */
static NTSTATUS lock_buffer(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, PVOID buffer, size_t length,
                            LOCK_OPERATION operation, WDFMEMORY *memory, const char *call)
{
    struct wdf_client *client = wdf_client(globals);
    struct wdf_request *request = request_from(globals, handle, call);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    wdf_require_irql(client, APC_LEVEL, call);
    wdf_require(client, memory, call, "MemoryObject");
    wdf_require(client, buffer, call, "Buffer");
    *memory = NULL;
    if (length == 0)
        return STATUS_INVALID_USER_BUFFER;
    if (request->irp == NULL || request->origin != WDF_REQUEST_RECEIVED || length > MAXULONG)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (!mm_probe(buffer, length, operation != IoReadAccess))
        return STATUS_ACCESS_VIOLATION;
    struct wdf_locked_buffer *locked = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*locked), LOCK_TAG);
    if (locked == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    locked->mdl = IoAllocateMdl(buffer, (ULONG)length, FALSE, FALSE, NULL);
    if (locked->mdl == NULL) {
        ExFreePoolWithTag(locked, LOCK_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    MmProbeAndLockPages(locked->mdl, KernelMode, operation);
    locked->next = request->locked;
    request->locked = locked;
    void *address = MmGetSystemAddressForMdlSafe(locked->mdl, NormalPagePriority | MdlMappingNoExecute);
    struct wdf_memory *object =
        address != NULL ? wdf_memory_wrap(client, NULL, &request->object, address, length, &status) : NULL;
    if (object == NULL)
        return status;
    object->mdl = locked->mdl;
    *memory = (WDFMEMORY)wdf_handle(&object->object);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfRequestProbeAndLockUserBufferForRead(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                            PVOID Buffer, size_t Length, WDFMEMORY *MemoryObject)
{
    return lock_buffer(DriverGlobals, Request, Buffer, Length, IoReadAccess, MemoryObject,
                       "WdfRequestProbeAndLockUserBufferForRead");
}
WDF_EXPORT(WdfRequestProbeAndLockUserBufferForRead, PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORREAD);

NTSTATUS NTAPI kmdf_WdfRequestProbeAndLockUserBufferForWrite(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                             PVOID Buffer, size_t Length, WDFMEMORY *MemoryObject)
{
    return lock_buffer(DriverGlobals, Request, Buffer, Length, IoWriteAccess, MemoryObject,
                       "WdfRequestProbeAndLockUserBufferForWrite");
}
WDF_EXPORT(WdfRequestProbeAndLockUserBufferForWrite, PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORWRITE);

/* ---- completion ---------------------------------------------------------------------------------------------------
 */

/* The buffer is the originator's again. Who still holds a reference on the object finds it empty; with the verifier on,
 * that is the violation that its page describes. */
static void drop_memory(struct wdf_request *request, struct wdf_memory **memory)
{
    struct wdf_memory *object = *memory;
    if (object == NULL)
        return;
    *memory = NULL;
    LONG references = object->object.references;
    if (request->object.client->verifier.on && references > 1)
        wdf_violation(request->object.client, WDF_VERIFIER_FATAL_ERROR, (ULONG_PTR)wdf_handle(&request->object),
                      (ULONG_PTR)(references - 1), 0, "WdfRequestComplete",
                      "a memory object of the request's buffer is still referenced");
    object->size = 0;
    wdf_delete(&object->object);
}

void wdf_request_end_received(struct wdf_request *request)
{
    wdf_request_release_memory(request);
    drop_memory(request, &request->input);
    drop_memory(request, &request->output);
    wdf_request_free_received(request);
}

void wdf_request_free_received(struct wdf_request *request)
{
    if (request->input_mdl != NULL)
        IoFreeMdl(request->input_mdl);
    if (request->output_mdl != NULL)
        IoFreeMdl(request->output_mdl);
    request->input_mdl = request->output_mdl = NULL;
    while (request->locked != NULL) {
        struct wdf_locked_buffer *locked = request->locked;
        request->locked = locked->next;
        MmUnlockPages(locked->mdl);
        IoFreeMdl(locked->mdl);
        ExFreePoolWithTag(locked, LOCK_TAG);
    }
}

void wdf_request_complete(struct wdf_request *request, NTSTATUS status, CCHAR boost)
{
    PIRP irp = request->irp;
    if (request->owner->leaving != NULL)
        request->owner->leaving(request);
    wdf_request_end_received(request);
    request->completed = true;
    request->driver_owned = false;
    request->irp = NULL;
    request->status = status;
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, boost);
    request->owner->finished(request);
    wdf_delete(&request->object);
}

/* What the bug check's third parameter points to. */
struct length_mismatch {
    WDFREQUEST request;
    PIRP irp;
    ULONG output_length;
    ULONG_PTR information;
    UCHAR major_function;
};

static void check_information(struct wdf_request *request, NTSTATUS status, const char *call)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(request->irp);
    ULONG_PTR information = request->irp->IoStatus.Information;
    size_t length;
    if (!NT_SUCCESS(status) || stack->MajorFunction == IRP_MJ_INTERNAL_DEVICE_CONTROL ||
        transfer_method(stack) != METHOD_BUFFERED || !NT_SUCCESS(buffer_length(stack, OUTPUT, &length)) ||
        information <= length)
        return;
    struct length_mismatch data = {(WDFREQUEST)wdf_handle(&request->object), request->irp, (ULONG)length, information,
                                   stack->MajorFunction};
    wdf_violation(request->object.client, WDF_REQUEST_FATAL_ERROR, WDF_REQUEST_FATAL_ERROR_INFORMATION_LENGTH_MISMATCH,
                  (ULONG_PTR)&data, 0, call, "%llu bytes are said to be in an output buffer of %zu",
                  (unsigned long long)information, length);
}

static void complete(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, NTSTATUS status, CCHAR boost,
                     const ULONG_PTR *information, const char *call)
{
    struct wdf_client *client = wdf_client(globals);
    struct wdf_request *request = request_from(globals, handle, call);
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    if (request->origin != WDF_REQUEST_RECEIVED || request->irp == NULL)
        wdf_violation(client, WDF_REQUEST_FATAL_ERROR, WDF_REQUEST_FATAL_ERROR_NULL_IRP, (ULONG_PTR)handle, 0, call,
                      request->origin != WDF_REQUEST_RECEIVED
                          ? "the driver made the request: it is deleted by WdfObjectDelete, not completed"
                          : "the request has been completed before");
    if (wdf_request_place(request) != WDF_REQUEST_IDLE)
        wdf_violation(client, WDF_REQUEST_FATAL_ERROR, WDF_REQUEST_FATAL_ERROR_REQUEST_ALREADY_SENT, (ULONG_PTR)handle,
                      0, call, "the request is still with an I/O target");
    if (information != NULL)
        request->irp->IoStatus.Information = *information;
    check_information(request, status, call);
    wdf_request_complete(request, status, boost);
}

/* The boost that the I/O manager's page names for a device's kind. "Specifying Priority Boosts When Completing I/O
 * Requests" */
static CCHAR default_boost(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, const char *call)
{
    struct wdf_request *request = request_from(globals, handle, call);
    if (request->irp == NULL || request->origin != WDF_REQUEST_RECEIVED)
        return IO_NO_INCREMENT;
    switch (IoGetCurrentIrpStackLocation(request->irp)->DeviceObject->DeviceType) {
    case FILE_DEVICE_SERIAL_PORT:
        return IO_SERIAL_INCREMENT;
    case FILE_DEVICE_KEYBOARD:
        return IO_KEYBOARD_INCREMENT;
    case FILE_DEVICE_MOUSE:
        return IO_MOUSE_INCREMENT;
    case FILE_DEVICE_SOUND:
        return IO_SOUND_INCREMENT;
    case FILE_DEVICE_NETWORK:
        return IO_NETWORK_INCREMENT;
    default:
        return IO_NO_INCREMENT;
    }
}

VOID NTAPI kmdf_WdfRequestComplete(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, NTSTATUS Status)
{
    CCHAR boost = default_boost(DriverGlobals, Request, "WdfRequestComplete");
    complete(DriverGlobals, Request, Status, boost, NULL, "WdfRequestComplete");
}
WDF_EXPORT(WdfRequestComplete, PFN_WDFREQUESTCOMPLETE);

VOID NTAPI kmdf_WdfRequestCompleteWithPriorityBoost(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                    NTSTATUS Status, CCHAR PriorityBoost)
{
    complete(DriverGlobals, Request, Status, PriorityBoost, NULL, "WdfRequestCompleteWithPriorityBoost");
}
WDF_EXPORT(WdfRequestCompleteWithPriorityBoost, PFN_WDFREQUESTCOMPLETEWITHPRIORITYBOOST);

VOID NTAPI kmdf_WdfRequestCompleteWithInformation(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                  NTSTATUS Status, ULONG_PTR Information)
{
    CCHAR boost = default_boost(DriverGlobals, Request, "WdfRequestCompleteWithInformation");
    complete(DriverGlobals, Request, Status, boost, &Information, "WdfRequestCompleteWithInformation");
}
WDF_EXPORT(WdfRequestCompleteWithInformation, PFN_WDFREQUESTCOMPLETEWITHINFORMATION);

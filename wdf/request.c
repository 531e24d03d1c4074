/*
 * Request objects: making them, giving them an IRP, formatting in general, reuse, and what a driver may ask of any
 * request. Received requests and their buffers are in request_received.c; sending is in target.c.
 *
 * A created request has an IRP of its own with as many stack locations as its first target needs: none for the driver
 * itself, as documented. What formatting needs beyond that (system buffer, MDL, URB) stays with the request, so that
 * sending it again allocates nothing.
 *
 * "Creating Framework Request Objects", "Reusing Framework Request Objects"
 */
#include "wdf/device.h"
#include "wdf/target.h"

#define REQUEST_TAG 0x71726457 /* 'Wdrq' */

static void request_dispose(struct wdf_object *object);
static void request_destroy(struct wdf_object *object);

const struct wdf_type wdf_request_type = {.name = "WDFREQUEST", .dispose = request_dispose, .destroy = request_destroy};

static struct wdf_request *request_from(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, const char *call)
{
    return wdf_from_handle(globals, handle, &wdf_request_type, call);
}

/* ---- objects ------------------------------------------------------------------------------------------------------
 */

struct wdf_request *wdf_request_create(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes,
                                       struct wdf_object *default_parent, struct wdf_target *target, NTSTATUS *status)
{
    struct wdf_request *request = (struct wdf_request *)wdf_object_create(client, &wdf_request_type, sizeof(*request),
                                                                          attributes, default_parent, status);
    if (request == NULL)
        return NULL;
    request->origin = WDF_REQUEST_CREATED;
    request->params.Size = sizeof(request->params);
    request->params.Type = WdfRequestTypeNoFormat;
    if (target == NULL)
        return request;
    request->irp = IoAllocateIrp(target->stack_size, FALSE);
    if (request->irp != NULL) {
        request->frees_irp = true;
        return request;
    }
    wdf_object_abandon(&request->object);
    *status = STATUS_INSUFFICIENT_RESOURCES;
    return NULL;
}

void NTAPI wdf_request_release_memory(struct wdf_request *request)
{
    for (unsigned i = 0; i < RTL_NUMBER_OF(request->memory); i++) {
        if (__atomic_load_n(&request->memory[i], __ATOMIC_RELAXED) == NULL)
            continue;
        /* Who deletes a request and who finishes it may both come here. */
        struct wdf_memory *memory = __atomic_exchange_n(&request->memory[i], NULL, __ATOMIC_ACQ_REL);
        if (memory != NULL)
            wdf_dereference(&memory->object);
    }
}

void NTAPI wdf_request_hold(struct wdf_request *request, unsigned index, const struct wdf_span *span)
{
    if (span->memory == request->memory[index])
        return;
    if (request->memory[index] != NULL)
        wdf_dereference(&request->memory[index]->object);
    if (span->memory != NULL)
        wdf_reference(&span->memory->object);
    request->memory[index] = span->memory;
}

/* Memory is often a child of its request, and then the two would keep each other. What is under way keeps its memory
 * until it is back (target.c). */
static void request_dispose(struct wdf_object *object)
{
    struct wdf_request *request = (struct wdf_request *)object;
    if (wdf_request_place(request) == WDF_REQUEST_IDLE)
        wdf_request_release_memory(request);
}

static void request_destroy(struct wdf_object *object)
{
    struct wdf_request *request = (struct wdf_request *)object;
    wdf_request_release_memory(request);
    wdf_request_free_received(request);
    if (request->mdl != NULL)
        IoFreeMdl(request->mdl);
    if (request->system_buffer != NULL)
        ExFreePoolWithTag(request->system_buffer, REQUEST_TAG);
    if (request->irp != NULL && request->frees_irp)
        IoFreeIrp(request->irp);
    if (request->target != NULL)
        wdf_dereference(&request->target->object);
}

NTSTATUS NTAPI kmdf_WdfRequestCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_OBJECT_ATTRIBUTES RequestAttributes,
                                     WDFIOTARGET IoTarget, WDFREQUEST *Request)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfRequestCreate");
    wdf_require(client, Request, "WdfRequestCreate", "Request");
    *Request = NULL;
    struct wdf_target *target = wdf_from_optional_handle(DriverGlobals, IoTarget, &wdf_target_type, "WdfRequestCreate");
    if (target != NULL && target->lower == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    struct wdf_request *request =
        wdf_request_create(client, RequestAttributes, wdf_client_root(client), target, &status);
    if (request == NULL)
        return status;
    *Request = (WDFREQUEST)wdf_handle(&request->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfRequestCreate, PFN_WDFREQUESTCREATE);

NTSTATUS NTAPI kmdf_WdfRequestCreateFromIrp(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_OBJECT_ATTRIBUTES RequestAttributes,
                                            PIRP Irp, BOOLEAN RequestFreesIrp, WDFREQUEST *Request)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfRequestCreateFromIrp");
    wdf_require(client, Irp, "WdfRequestCreateFromIrp", "Irp");
    wdf_require(client, Request, "WdfRequestCreateFromIrp", "Request");
    *Request = NULL;
    struct wdf_request *request = wdf_request_create(client, RequestAttributes, wdf_client_root(client), NULL, &status);
    if (request == NULL)
        return status;
    request->origin = WDF_REQUEST_FROM_IRP;
    request->irp = Irp;
    request->frees_irp = RequestFreesIrp;
    *Request = (WDFREQUEST)wdf_handle(&request->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfRequestCreateFromIrp, PFN_WDFREQUESTCREATEFROMIRP);

/* ---- reuse --------------------------------------------------------------------------------------------------------
 */

static void NTAPI forget_format(struct wdf_request *request)
{
    wdf_request_release_memory(request);
    request->formatted = false;
    request->copy_back = NULL;
    request->sent_urb = NULL;
    request->params.Type = WdfRequestTypeNoFormat;
}

void NTAPI wdf_request_reuse(struct wdf_request *request, NTSTATUS status)
{
    forget_format(request);
    request->completion = NULL;
    request->status = status;
    if (request->irp == NULL)
        return;
    if (request->origin == WDF_REQUEST_CREATED) {
        IoReuseIrp(request->irp, status);
    } else {
        request->irp->IoStatus.Status = status;
        request->irp->IoStatus.Information = 0;
        request->irp->Cancel = FALSE;
    }
}

static NTSTATUS NTAPI __attribute__((noinline))
wrong_reuse_size(struct wdf_client *client, const WDF_REQUEST_REUSE_PARAMS *params)
{
    wdf_size_is(client, params->Size, sizeof(*params), "WdfRequestReuse", "WDF_REQUEST_REUSE_PARAMS");
    return STATUS_INFO_LENGTH_MISMATCH;
}

NTSTATUS NTAPI kmdf_WdfRequestReuse(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                    PWDF_REQUEST_REUSE_PARAMS ReuseParams)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfRequestReuse");
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestReuse");
    wdf_require(client, ReuseParams, "WdfRequestReuse", "ReuseParams");
    if (ReuseParams->Size != sizeof(*ReuseParams))
        return wrong_reuse_size(client, ReuseParams);
    if (ReuseParams->Flags & ~WDF_REQUEST_REUSE_SET_NEW_IRP)
        return STATUS_INVALID_PARAMETER;
    bool has_new = ReuseParams->Flags & WDF_REQUEST_REUSE_SET_NEW_IRP;
    if (wdf_request_place(request) != WDF_REQUEST_IDLE || request->completed ||
        (has_new && request->origin != WDF_REQUEST_FROM_IRP))
        return STATUS_WDF_REQUEST_INVALID_STATE;
    if (has_new) {
        if (request->irp != NULL && request->irp != ReuseParams->NewIrp && request->frees_irp)
            IoFreeIrp(request->irp);
        request->irp = ReuseParams->NewIrp;
        request->frees_irp = false; /* the driver's again, as the page of WdfRequestCreateFromIrp shows */
    }
    wdf_request_reuse(request, ReuseParams->Status);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfRequestReuse, PFN_WDFREQUESTREUSE);

/* ---- formatting ---------------------------------------------------------------------------------------------------
 */

static bool has_room(const struct wdf_request *request, const struct wdf_target *target)
{
    return request->irp->CurrentLocation > target->stack_size;
}

NTSTATUS NTAPI wdf_request_prepare(struct wdf_request *request, struct wdf_target *target, PIO_STACK_LOCATION *next)
{
    if (wdf_request_place(request) != WDF_REQUEST_IDLE || request->completed ||
        (request->origin == WDF_REQUEST_RECEIVED && !request->driver_owned))
        return STATUS_INVALID_DEVICE_REQUEST;
    if (target->lower == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    if (request->irp == NULL) {
        request->irp = IoAllocateIrp(target->stack_size, FALSE);
        if (request->irp == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        request->frees_irp = true;
    }
    if (!has_room(request, target))
        return STATUS_REQUEST_NOT_ACCEPTED;
    if (request->origin == WDF_REQUEST_CREATED) {
        request->irp->Cancel = FALSE;
        request->irp->AssociatedIrp.SystemBuffer = NULL;
        request->irp->MdlAddress = NULL;
        request->irp->UserBuffer = NULL;
    }
    request->copy_back = NULL;
    request->sent_urb = NULL;
    request->params.Type = WdfRequestTypeNoFormat;
    request->formatted = true;
    *next = IoGetNextIrpStackLocation(request->irp);
    RtlZeroMemory(*next, sizeof(**next));
    return STATUS_SUCCESS;
}

PMDL NTAPI wdf_request_mdl(struct wdf_request *request, void *buffer, size_t length)
{
    ULONG pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(buffer, length);
    if (request->mdl != NULL && pages > request->mdl_pages) {
        IoFreeMdl(request->mdl);
        request->mdl = NULL;
    }
    if (request->mdl == NULL) {
        request->mdl = IoAllocateMdl(buffer, (ULONG)length, FALSE, FALSE, NULL);
        if (request->mdl == NULL)
            return NULL;
        request->mdl_pages = pages;
    }
    MmPrepareMdlForReuse(request->mdl);
    MmInitializeMdl(request->mdl, buffer, length);
    MmBuildMdlForNonPagedPool(request->mdl);
    return request->mdl;
}

void *wdf_request_system_buffer(struct wdf_request *request, size_t size)
{
    if (request->system_buffer != NULL && request->system_buffer_size < size) {
        ExFreePoolWithTag(request->system_buffer, REQUEST_TAG);
        request->system_buffer = NULL;
    }
    if (request->system_buffer == NULL) {
        request->system_buffer = ExAllocatePoolWithTag(NonPagedPoolNx, size, REQUEST_TAG);
        request->system_buffer_size = size;
    }
    return request->system_buffer;
}

NTSTATUS NTAPI wdf_span_from_memory(struct wdf_memory *memory, const WDFMEMORY_OFFSET *offset, struct wdf_span *span)
{
    *span = (struct wdf_span){.memory = memory};
    if (memory == NULL)
        return STATUS_SUCCESS;
    span->length = memory->size;
    if (offset != NULL) {
        if (offset->BufferOffset > memory->size)
            return STATUS_INTEGER_OVERFLOW;
        span->offset = offset->BufferOffset;
        span->length = offset->BufferLength != 0 ? offset->BufferLength : memory->size - offset->BufferOffset;
        if (span->length > memory->size - span->offset)
            return STATUS_INVALID_DEVICE_REQUEST;
    }
    if (span->length > MAXULONG)
        return STATUS_INVALID_BUFFER_SIZE;
    span->buffer = (UCHAR *)memory->buffer + span->offset;
    return STATUS_SUCCESS;
}

NTSTATUS wdf_span_from_descriptor(PWDF_DRIVER_GLOBALS globals, const WDF_MEMORY_DESCRIPTOR *descriptor,
                                  struct wdf_span *span, const char *call)
{
    *span = (struct wdf_span){0};
    if (descriptor == NULL)
        return STATUS_SUCCESS;
    switch (descriptor->Type) {
    case WdfMemoryDescriptorTypeBuffer:
        span->buffer = descriptor->u.BufferType.Buffer;
        span->length = descriptor->u.BufferType.Length;
        return span->buffer != NULL || span->length == 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    case WdfMemoryDescriptorTypeMdl:
        span->mdl = descriptor->u.MdlType.Mdl;
        span->length = descriptor->u.MdlType.BufferLength;
        return span->mdl != NULL && span->length <= wdf_mdl_length(span->mdl) ? STATUS_SUCCESS
                                                                              : STATUS_INVALID_PARAMETER;
    case WdfMemoryDescriptorTypeHandle:
        return wdf_span_from_memory(wdf_from_handle(globals, descriptor->u.HandleType.Memory, &wdf_memory_type, call),
                                    descriptor->u.HandleType.Offsets, span);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

size_t wdf_mdl_length(PMDL mdl)
{
    size_t length = 0;
    for (; mdl != NULL; mdl = mdl->Next)
        length += MmGetMdlByteCount(mdl);
    return length;
}

NTSTATUS NTAPI kmdf_WdfRequestChangeTarget(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, WDFIOTARGET IoTarget)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestChangeTarget");
    struct wdf_target *target = wdf_from_handle(DriverGlobals, IoTarget, &wdf_target_type, "WdfRequestChangeTarget");
    if (wdf_request_place(request) != WDF_REQUEST_IDLE || request->completed)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (target->lower == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    if (request->irp == NULL) {
        request->irp = IoAllocateIrp(target->stack_size, FALSE);
        request->frees_irp = request->irp != NULL;
        return request->irp != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    return has_room(request, target) ? STATUS_SUCCESS : STATUS_REQUEST_NOT_ACCEPTED;
}
WDF_EXPORT(WdfRequestChangeTarget, PFN_WDFREQUESTCHANGETARGET);

/* For the two methods that copy a stack location: they have no status, so that a mistake is a violation. */
static PIO_STACK_LOCATION next_location(PWDF_DRIVER_GLOBALS globals, struct wdf_request *request, const char *call)
{
    struct wdf_client *client = wdf_client(globals);
    ULONG_PTR handle = (ULONG_PTR)wdf_handle(&request->object);
    if (request->irp == NULL)
        wdf_violation(client, WDF_REQUEST_FATAL_ERROR, 2, handle, 0, call, "the request has no IRP");
    if (wdf_request_place(request) != WDF_REQUEST_IDLE)
        wdf_violation(client, WDF_REQUEST_FATAL_ERROR, 3, handle, 0, call, "the request is with a target");
    if (request->irp->CurrentLocation <= 1)
        wdf_violation(client, WDF_REQUEST_FATAL_ERROR, 1, (ULONG_PTR)request->irp, 0, call,
                      "the IRP has no more stack locations");
    request->formatted = true;
    request->copy_back = NULL;
    request->sent_urb = NULL;
    request->params.Type = WdfRequestTypeNoFormat;
    return IoGetNextIrpStackLocation(request->irp);
}

VOID NTAPI kmdf_WdfRequestFormatRequestUsingCurrentType(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    static const char call[] = "WdfRequestFormatRequestUsingCurrentType";
    struct wdf_request *request = request_from(DriverGlobals, Request, call);
    PIO_STACK_LOCATION next = next_location(DriverGlobals, request, call);
    if (request->irp->CurrentLocation > request->irp->StackCount)
        wdf_violation(wdf_client(DriverGlobals), WDF_REQUEST_FATAL_ERROR, 1, (ULONG_PTR)request->irp, 0, call,
                      "the request was not received: it has no current stack location");
    *next = *IoGetCurrentIrpStackLocation(request->irp);
    next->Control = 0;
    next->CompletionRoutine = NULL;
    next->Context = NULL;
    request->params.Type = wdf_request_kind(request);
}
WDF_EXPORT(WdfRequestFormatRequestUsingCurrentType, PFN_WDFREQUESTFORMATREQUESTUSINGCURRENTTYPE);

VOID NTAPI kmdf_WdfRequestWdmFormatUsingStackLocation(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                      PIO_STACK_LOCATION Stack)
{
    static const char call[] = "WdfRequestWdmFormatUsingStackLocation";
    struct wdf_request *request = request_from(DriverGlobals, Request, call);
    wdf_require(wdf_client(DriverGlobals), Stack, call, "Stack");
    PIO_STACK_LOCATION next = next_location(DriverGlobals, request, call);
    *next = *Stack;
    next->Control = 0;
    next->CompletionRoutine = NULL;
    next->Context = NULL;
}
WDF_EXPORT(WdfRequestWdmFormatUsingStackLocation, PFN_WDFREQUESTWDMFORMATUSINGSTACKLOCATION);

/* ---- sending and its outcome --------------------------------------------------------------------------------------
 */

/* "Send and forget" is for received requests, and not for targets with a file object of their own: the originator's
 * file object would no longer be the one that the request carries. */
static NTSTATUS NTAPI __attribute__((noinline))
send_and_forget(struct wdf_request *request, struct wdf_target *target, ULONG flags)
{
    PIRP irp = request->irp;
    if (flags != WDF_REQUEST_SEND_OPTION_SEND_AND_FORGET)
        return STATUS_INVALID_PARAMETER;
    if (request->origin != WDF_REQUEST_RECEIVED || target->file != NULL || target->lower == NULL ||
        !request->driver_owned || request->params.Type == WdfRequestTypeUsb)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (request->formatted && irp->CurrentLocation <= target->stack_size)
        return STATUS_REQUEST_NOT_ACCEPTED;
    if (!request->formatted)
        IoSkipCurrentIrpStackLocation(irp);
    if (request->owner->leaving != NULL)
        request->owner->leaving(request);
    request->driver_owned = false;
    request->completed = true;
    request->irp = NULL;
    request->status = STATUS_PENDING;
    wdf_request_end_received(request);
    IoCallDriver(target->lower, irp);
    request->owner->finished(request);
    wdf_delete(&request->object);
    return STATUS_SUCCESS;
}

BOOLEAN NTAPI kmdf_WdfRequestSend(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, WDFIOTARGET Target,
                                  PWDF_REQUEST_SEND_OPTIONS Options)
{
    static const char call[] = "WdfRequestSend";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_request *request = request_from(DriverGlobals, Request, call);
    struct wdf_target *target = wdf_from_handle(DriverGlobals, Target, &wdf_target_type, call);
    ULONG flags = Options != NULL ? Options->Flags : 0;
    wdf_require_irql(client, flags & WDF_REQUEST_SEND_OPTION_SYNCHRONOUS ? PASSIVE_LEVEL : DISPATCH_LEVEL, call);
    if (Options == NULL)
        return wdf_target_send(request, target, 0, 0);
    if (Options->Size != sizeof(*Options)) {
        request->status = STATUS_INFO_LENGTH_MISMATCH;
    } else if (flags & ~(WDF_REQUEST_SEND_OPTION_TIMEOUT | WDF_REQUEST_SEND_OPTION_SYNCHRONOUS |
                         WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE | WDF_REQUEST_SEND_OPTION_SEND_AND_FORGET)) {
        request->status = STATUS_INVALID_PARAMETER;
    } else if (flags & WDF_REQUEST_SEND_OPTION_SEND_AND_FORGET) {
        NTSTATUS status = wdf_request_place(request) == WDF_REQUEST_IDLE && request->irp != NULL
                              ? send_and_forget(request, target, flags)
                              : STATUS_INVALID_DEVICE_REQUEST;
        if (NT_SUCCESS(status))
            return TRUE;
        request->status = status;
    } else {
        return wdf_target_send(request, target, flags, Options->Timeout);
    }
    if (request->irp != NULL && wdf_request_place(request) == WDF_REQUEST_IDLE)
        request->irp->IoStatus.Status = request->status;
    return FALSE;
}
WDF_EXPORT(WdfRequestSend, PFN_WDFREQUESTSEND);

NTSTATUS NTAPI kmdf_WdfRequestGetStatus(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    return wdf_request_status(request_from(DriverGlobals, Request, "WdfRequestGetStatus"));
}
WDF_EXPORT(WdfRequestGetStatus, PFN_WDFREQUESTGETSTATUS);

BOOLEAN NTAPI kmdf_WdfRequestCancelSentRequest(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, "WdfRequestCancelSentRequest");
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestCancelSentRequest");
    wdf_reference(&request->object);
    bool delivered = wdf_target_cancel(request);
    wdf_dereference(&request->object);
    return delivered;
}
WDF_EXPORT(WdfRequestCancelSentRequest, PFN_WDFREQUESTCANCELSENTREQUEST);

VOID NTAPI kmdf_WdfRequestSetCompletionRoutine(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                               PFN_WDF_REQUEST_COMPLETION_ROUTINE CompletionRoutine,
                                               WDFCONTEXT CompletionContext)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestSetCompletionRoutine");
    if (wdf_request_place(request) != WDF_REQUEST_IDLE)
        wdf_request_sent_violation(request, "WdfRequestSetCompletionRoutine");
    request->completion = CompletionRoutine;
    request->completion_context = CompletionContext;
}
WDF_EXPORT(WdfRequestSetCompletionRoutine, PFN_WDFREQUESTSETCOMPLETIONROUTINE);

VOID NTAPI kmdf_WdfRequestGetCompletionParams(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                              PWDF_REQUEST_COMPLETION_PARAMS Params)
{
    static const char call[] = "WdfRequestGetCompletionParams";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_request *request = request_from(DriverGlobals, Request, call);
    wdf_require(client, Params, call, "Params");
    wdf_require_size(client, Params->Size, sizeof(*Params), call, "WDF_REQUEST_COMPLETION_PARAMS");
    *Params = request->params;
}
WDF_EXPORT(WdfRequestGetCompletionParams, PFN_WDFREQUESTGETCOMPLETIONPARAMS);

/* The timer is part of the request. */
NTSTATUS NTAPI kmdf_WdfRequestAllocateTimer(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    request_from(DriverGlobals, Request, "WdfRequestAllocateTimer");
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfRequestAllocateTimer, PFN_WDFREQUESTALLOCATETIMER);

VOID NTAPI kmdf_WdfRequestSetInformation(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request, ULONG_PTR Information)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestSetInformation");
    if (request->irp != NULL)
        request->irp->IoStatus.Information = Information;
}
WDF_EXPORT(WdfRequestSetInformation, PFN_WDFREQUESTSETINFORMATION);

ULONG_PTR NTAPI kmdf_WdfRequestGetInformation(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    struct wdf_request *request = request_from(DriverGlobals, Request, "WdfRequestGetInformation");
    return request->irp != NULL ? request->irp->IoStatus.Information : 0;
}
WDF_EXPORT(WdfRequestGetInformation, PFN_WDFREQUESTGETINFORMATION);

PIRP NTAPI kmdf_WdfRequestWdmGetIrp(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    return request_from(DriverGlobals, Request, "WdfRequestWdmGetIrp")->irp;
}
WDF_EXPORT(WdfRequestWdmGetIrp, PFN_WDFREQUESTWDMGETIRP);

BOOLEAN NTAPI kmdf_WdfRequestIsReserved(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request)
{
    return request_from(DriverGlobals, Request, "WdfRequestIsReserved")->reserved;
}
WDF_EXPORT(WdfRequestIsReserved, PFN_WDFREQUESTISRESERVED);

/* Requests go to a parent's queue from a device that a bus driver has made for a child and given leave to do so by
 * WdfPdoInitAllowForwardingRequestToParent. There are no such devices (pdo.c), so what is left are the documented
 * failures. */
NTSTATUS NTAPI kmdf_WdfRequestForwardToParentDeviceIoQueue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFREQUEST Request,
                                                           WDFQUEUE ParentDeviceQueue,
                                                           PWDF_REQUEST_FORWARD_OPTIONS ForwardOptions)
{
    static const char call[] = "WdfRequestForwardToParentDeviceIoQueue";
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    request_from(DriverGlobals, Request, call);
    wdf_from_handle(DriverGlobals, ParentDeviceQueue, &wdf_queue_type, call);
    wdf_require(client, ForwardOptions, call, "ForwardOptions");
    if (!wdf_size_is(client, ForwardOptions->Size, sizeof(*ForwardOptions), call, "WDF_REQUEST_FORWARD_OPTIONS"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (ForwardOptions->Flags != WDF_REQUEST_FORWARD_OPTION_SEND_AND_FORGET)
        return STATUS_INVALID_PARAMETER;
    return STATUS_INVALID_DEVICE_REQUEST;
}
WDF_EXPORT(WdfRequestForwardToParentDeviceIoQueue, PFN_WDFREQUESTFORWARDTOPARENTDEVICEIOQUEUE);

/*
 * Requests: received ones (their parameters, buffers by each method, cancellation, completion), as a queue would hand
 * them to a driver, and forwarding them; and created ones and those from IRPs.
 */
#include "wdf/request.h"
#include "wdf_io_test.h"

#define CODE(method) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, method, FILE_ANY_ACCESS)

/* ---- a received request -------------------------------------------------------------------------------------------
 */

static struct {
    PIRP irp;
    WDFREQUEST request;
    struct wdf_request *object;
    unsigned finished;
    unsigned completed; /* the IRP came back to its originator */
    IO_STATUS_BLOCK outcome;
    UCHAR system_buffer[64];
} got;

static void finished(struct wdf_request *request)
{
    assert_ptr_equal(request, got.object);
    got.finished++;
}

static const struct wdf_request_owner owner = {.finished = finished};

static NTSTATUS NTAPI originator(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    (void)device;
    (void)context;
    got.completed++;
    got.outcome = irp->IoStatus;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* An IRP with one location for the driver and one for the lower one, and the request that a queue would make of it. */
static PIO_STACK_LOCATION receive(UCHAR major, ULONG code, ULONG input, ULONG output)
{
    NTSTATUS status;
    memset(&got, 0, sizeof(got));
    got.irp = IoAllocateIrp(3, FALSE);
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(got.irp);
    stack->MajorFunction = major;
    if (major == IRP_MJ_READ || major == IRP_MJ_WRITE) {
        stack->Parameters.Read.Length = input + output;
    } else {
        stack->Parameters.DeviceIoControl.IoControlCode = code;
        stack->Parameters.DeviceIoControl.InputBufferLength = input;
        stack->Parameters.DeviceIoControl.OutputBufferLength = output;
    }
    got.irp->AssociatedIrp.SystemBuffer = got.system_buffer;
    IoSetCompletionRoutine(got.irp, originator, NULL, TRUE, TRUE, TRUE);
    IoSetNextIrpStackLocation(got.irp); /* as IoCallDriver does */
    stack->DeviceObject = lower.self;
    struct wdf_object *device = wdf_lookup(lower.wdf);
    got.object = wdf_request_receive(device, device, NULL, got.irp, &owner, &status);
    assert_non_null(got.object);
    got.object->driver_owned = true;
    got.request = (WDFREQUEST)wdf_handle(&got.object->object);
    return stack;
}

static void end(NTSTATUS status, ULONG_PTR information)
{
    WdfRequestCompleteWithInformation(got.request, status, information);
    assert_int_equal(got.completed, 1);
    assert_int_equal(got.finished, 1);
    assert_int_equal(got.outcome.Status, status);
    assert_int_equal(got.outcome.Information, information);
    assert_null(wdf_lookup(got.request));
    IoFreeIrp(got.irp);
}

static void parameters_are_those_of_the_stack_location(void **state)
{
    (void)state;
    WDF_REQUEST_PARAMETERS parameters;
    receive(IRP_MJ_DEVICE_CONTROL, CODE(METHOD_BUFFERED), 8, 16);
    WDF_REQUEST_PARAMETERS_INIT(&parameters);
    WdfRequestGetParameters(got.request, &parameters);
    assert_int_equal(parameters.Type, WdfRequestTypeDeviceControl);
    assert_int_equal(parameters.Parameters.DeviceIoControl.IoControlCode, CODE(METHOD_BUFFERED));
    assert_int_equal(parameters.Parameters.DeviceIoControl.InputBufferLength, 8);
    assert_int_equal(parameters.Parameters.DeviceIoControl.OutputBufferLength, 16);
    assert_ptr_equal(WdfRequestWdmGetIrp(got.request), got.irp);
    assert_int_equal(WdfRequestGetRequestorMode(got.request), KernelMode);
    assert_false(WdfRequestIsFrom32BitProcess(got.request));
    assert_false(WdfRequestIsReserved(got.request));
    end(STATUS_SUCCESS, 0);

    PIO_STACK_LOCATION stack = receive(IRP_MJ_WRITE, 0, 24, 0);
    stack->Parameters.Write.ByteOffset.QuadPart = 77;
    WdfRequestGetParameters(got.request, &parameters);
    assert_int_equal(parameters.Type, WdfRequestTypeWrite);
    assert_int_equal(parameters.Parameters.Write.Length, 24);
    assert_int_equal(parameters.Parameters.Write.DeviceOffset, 77);
    end(STATUS_UNSUCCESSFUL, 0);
}

static void buffered_requests_have_one_buffer(void **state)
{
    (void)state;
    PVOID buffer;
    size_t length;
    WDFMEMORY input, output, again;
    PMDL mdl;
    receive(IRP_MJ_DEVICE_CONTROL, CODE(METHOD_BUFFERED), 8, 16);
    assert_int_equal(WdfRequestRetrieveInputBuffer(got.request, 8, &buffer, &length), STATUS_SUCCESS);
    assert_ptr_equal(buffer, got.system_buffer);
    assert_int_equal(length, 8);
    assert_int_equal(WdfRequestRetrieveInputBuffer(got.request, 9, &buffer, NULL), STATUS_BUFFER_TOO_SMALL);
    assert_null(buffer);
    assert_int_equal(WdfRequestRetrieveOutputBuffer(got.request, 16, &buffer, NULL), STATUS_SUCCESS);
    assert_int_equal(WdfRequestRetrieveInputMemory(got.request, &input), STATUS_SUCCESS);
    assert_int_equal(WdfRequestRetrieveOutputMemory(got.request, &output), STATUS_SUCCESS);
    assert_int_equal(WdfRequestRetrieveOutputMemory(got.request, &again), STATUS_SUCCESS);
    assert_ptr_equal(output, again);
    assert_ptr_equal(WdfMemoryGetBuffer(output, &length), got.system_buffer);
    assert_int_equal(length, 16);
    assert_int_equal(WdfRequestRetrieveOutputWdmMdl(got.request, &mdl), STATUS_SUCCESS);
    assert_int_equal(MmGetMdlByteCount(mdl), 16);
    assert_int_equal(WdfRequestRetrieveUnsafeUserInputBuffer(got.request, 0, &buffer, NULL),
                     STATUS_INVALID_DEVICE_REQUEST);
    end(STATUS_SUCCESS, 16);
    assert_null(wdf_lookup(input));

    receive(IRP_MJ_DEVICE_CONTROL, CODE(METHOD_BUFFERED), 0, 0);
    assert_int_equal(WdfRequestRetrieveInputBuffer(got.request, 0, &buffer, NULL), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(WdfRequestRetrieveOutputMemory(got.request, &output), STATUS_BUFFER_TOO_SMALL);
    end(STATUS_SUCCESS, 0);
}

static void direct_requests_have_an_mdl(void **state)
{
    (void)state;
    UCHAR data[32];
    PVOID buffer;
    PMDL mdl, whole = IoAllocateMdl(data, sizeof(data), FALSE, FALSE, NULL);
    MmBuildMdlForNonPagedPool(whole);
    lower.self->Flags |= DO_DIRECT_IO;
    receive(IRP_MJ_READ, 0, 0, sizeof(data));
    got.irp->MdlAddress = whole;
    assert_int_equal(WdfRequestRetrieveOutputBuffer(got.request, 1, &buffer, NULL), STATUS_SUCCESS);
    assert_ptr_equal(buffer, data);
    assert_int_equal(WdfRequestRetrieveOutputWdmMdl(got.request, &mdl), STATUS_SUCCESS);
    assert_ptr_equal(mdl, whole);
    /* A read has no input. */
    assert_int_equal(WdfRequestRetrieveInputBuffer(got.request, 0, &buffer, NULL), STATUS_INVALID_DEVICE_REQUEST);
    end(STATUS_SUCCESS, 5);
    IoFreeMdl(whole);
    lower.self->Flags &= ~DO_DIRECT_IO;
}

static void neither_is_for_the_callers_context(void **state)
{
    (void)state;
    UCHAR data[16] = {0};
    PVOID buffer;
    size_t length;
    WDFMEMORY memory;
    PIO_STACK_LOCATION stack = receive(IRP_MJ_DEVICE_CONTROL, CODE(METHOD_NEITHER), sizeof(data), 0);
    stack->Parameters.DeviceIoControl.Type3InputBuffer = data;
    got.irp->RequestorMode = UserMode;
    assert_int_equal(WdfRequestRetrieveInputBuffer(got.request, 1, &buffer, NULL), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(WdfRequestRetrieveUnsafeUserInputBuffer(got.request, 1, &buffer, &length),
                     STATUS_INVALID_DEVICE_REQUEST);
    got.object->in_caller_context = true;
    assert_int_equal(WdfRequestRetrieveUnsafeUserInputBuffer(got.request, 17, &buffer, &length),
                     STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(WdfRequestRetrieveUnsafeUserInputBuffer(got.request, 1, &buffer, &length), STATUS_SUCCESS);
    assert_ptr_equal(buffer, data);
    assert_int_equal(length, sizeof(data));
    assert_int_equal(WdfRequestProbeAndLockUserBufferForRead(got.request, buffer, 0, &memory),
                     STATUS_INVALID_USER_BUFFER);
    assert_int_equal(WdfRequestProbeAndLockUserBufferForWrite(got.request, (PVOID)(ULONG_PTR)0x1000, 16, &memory),
                     STATUS_ACCESS_VIOLATION);
    assert_int_equal(WdfRequestProbeAndLockUserBufferForRead(got.request, buffer, length, &memory), STATUS_SUCCESS);
    ((UCHAR *)WdfMemoryGetBuffer(memory, NULL))[3] = 9;
    assert_int_equal(data[3], 9);
    end(STATUS_SUCCESS, 0);

    stack = receive(IRP_MJ_DEVICE_CONTROL, CODE(METHOD_NEITHER), sizeof(data), 0);
    stack->Parameters.DeviceIoControl.Type3InputBuffer = data;
    assert_int_equal(WdfRequestRetrieveInputBuffer(got.request, 1, &buffer, NULL), STATUS_SUCCESS); /* from a driver */
    end(STATUS_SUCCESS, 0);
}

/* ---- cancellation -------------------------------------------------------------------------------------------------
 */

static unsigned cancelled;

static VOID NTAPI on_cancel(WDFREQUEST request)
{
    cancelled++;
    WdfRequestComplete(request, STATUS_CANCELLED);
}

static VOID NTAPI on_cancel_later(WDFREQUEST request)
{
    (void)request;
    cancelled++;
}

static void a_request_is_cancelable_while_marked(void **state)
{
    (void)state;
    cancelled = 0;
    receive(IRP_MJ_READ, 0, 0, 8);
    assert_int_equal(WdfRequestUnmarkCancelable(got.request), STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfRequestMarkCancelableEx(got.request, on_cancel), STATUS_SUCCESS);
    assert_int_equal(WdfRequestMarkCancelableEx(got.request, on_cancel), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(WdfRequestUnmarkCancelable(got.request), STATUS_SUCCESS);
    assert_false(IoCancelIrp(got.irp));
    assert_true(WdfRequestIsCanceled(got.request));
    assert_int_equal(WdfRequestMarkCancelableEx(got.request, on_cancel), STATUS_CANCELLED);
    assert_int_equal(cancelled, 0);
    end(STATUS_CANCELLED, 0);

    receive(IRP_MJ_READ, 0, 0, 8);
    WdfRequestMarkCancelable(got.request, on_cancel);
    assert_true(IoCancelIrp(got.irp));
    assert_int_equal(cancelled, 1);
    assert_int_equal(got.outcome.Status, STATUS_CANCELLED);
    assert_int_equal(got.finished, 1);
    IoFreeIrp(got.irp);

    receive(IRP_MJ_READ, 0, 0, 8);
    assert_false(IoCancelIrp(got.irp));
    WdfRequestMarkCancelable(got.request, on_cancel); /* at once */
    assert_int_equal(cancelled, 2);
    assert_int_equal(got.completed, 1);
    IoFreeIrp(got.irp);

    receive(IRP_MJ_READ, 0, 0, 8);
    assert_int_equal(WdfRequestMarkCancelableEx(got.request, on_cancel_later), STATUS_SUCCESS);
    assert_true(IoCancelIrp(got.irp));
    assert_int_equal(WdfRequestUnmarkCancelable(got.request), STATUS_CANCELLED);
    end(STATUS_CANCELLED, 0);
}

/* ---- forwarding ---------------------------------------------------------------------------------------------------
 */

static void received_requests_go_on(void **state)
{
    (void)state;
    struct outcome outcome;
    WDF_REQUEST_SEND_OPTIONS options;
    lower.mode = LOWER_HOLD;
    receive(IRP_MJ_READ, 0, 0, 8);
    WdfRequestFormatRequestUsingCurrentType(got.request);
    outcome_prepare(&outcome, got.request);
    assert_true(WdfRequestSend(got.request, lower.target, NULL));
    assert_int_equal(lower.received, 1);
    lower_release(STATUS_DEVICE_NOT_READY, 3);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.status, STATUS_DEVICE_NOT_READY);
    assert_int_equal(WdfRequestGetInformation(got.request), 3);
    end(STATUS_DEVICE_NOT_READY, 3);

    /* Send and forget: the originator hears of the lower driver's completion, the driver of nothing. */
    receive(IRP_MJ_READ, 0, 0, 8);
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, WDF_REQUEST_SEND_OPTION_SEND_AND_FORGET |
                                                WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE);
    assert_false(WdfRequestSend(got.request, lower.target, &options));
    assert_int_equal(WdfRequestGetStatus(got.request), STATUS_INVALID_PARAMETER);
    options.Flags = WDF_REQUEST_SEND_OPTION_SEND_AND_FORGET;
    options.Size++;
    assert_false(WdfRequestSend(got.request, lower.target, &options));
    assert_int_equal(WdfRequestGetStatus(got.request), STATUS_INFO_LENGTH_MISMATCH);
    options.Size--;
    WdfRequestFormatRequestUsingCurrentType(got.request);
    assert_true(WdfRequestSend(got.request, lower.target, &options));
    assert_int_equal(got.finished, 1);
    assert_null(wdf_lookup(got.request));
    lower_release(STATUS_SUCCESS, 8);
    assert_int_equal(got.completed, 1);
    IoFreeIrp(got.irp);

    /* Waiting in a stopped target it is cancelled by its originator. */
    receive(IRP_MJ_READ, 0, 0, 8);
    WdfIoTargetStop(lower.target, WdfIoTargetLeaveSentIoPending);
    WdfRequestFormatRequestUsingCurrentType(got.request);
    outcome_prepare(&outcome, got.request);
    assert_true(WdfRequestSend(got.request, lower.target, NULL));
    assert_int_equal(outcome.calls, 0);
    assert_true(IoCancelIrp(got.irp));
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.status, STATUS_CANCELLED);
    end(STATUS_CANCELLED, 0);
    assert_int_equal(WdfIoTargetStart(lower.target), STATUS_SUCCESS);
}

/* ---- created requests ---------------------------------------------------------------------------------------------
 */

static void created_requests_are_checked(void **state)
{
    (void)state;
    WDFREQUEST request, small;
    WDF_REQUEST_REUSE_PARAMS params;
    PVOID buffer;
    WDF_REQUEST_SEND_OPTIONS options;
    assert_int_equal(WdfRequestCreate(WDF_NO_OBJECT_ATTRIBUTES, NULL, &request), STATUS_SUCCESS);
    assert_null(WdfRequestWdmGetIrp(request));
    assert_int_equal(WdfRequestChangeTarget(request, lower.target), STATUS_SUCCESS);
    assert_non_null(WdfRequestWdmGetIrp(request));
    assert_int_equal(WdfRequestRetrieveInputBuffer(request, 0, &buffer, NULL), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(WdfRequestMarkCancelableEx(request, on_cancel), STATUS_INVALID_DEVICE_REQUEST);
    WDF_REQUEST_REUSE_PARAMS_INIT(&params, WDF_REQUEST_REUSE_NO_FLAGS, STATUS_NOT_SUPPORTED);
    WDF_REQUEST_REUSE_PARAMS_SET_NEW_IRP(&params, WdfRequestWdmGetIrp(request));
    assert_int_equal(WdfRequestReuse(request, &params), STATUS_WDF_REQUEST_INVALID_STATE);
    params.Flags = 0;
    assert_int_equal(WdfRequestReuse(request, &params), STATUS_SUCCESS);
    assert_int_equal(WdfRequestGetStatus(request), STATUS_NOT_SUPPORTED);
    params.Size--;
    assert_int_equal(WdfRequestReuse(request, &params), STATUS_INFO_LENGTH_MISMATCH);
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL), STATUS_SUCCESS);
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, WDF_REQUEST_SEND_OPTION_SEND_AND_FORGET);
    assert_false(WdfRequestSend(request, lower.target, &options));
    assert_int_equal(WdfRequestGetStatus(request), STATUS_INVALID_DEVICE_REQUEST);
    WdfObjectDelete(request);

    /* An IRP with too few stack locations for a target. */
    PIRP irp = IoAllocateIrp(1, FALSE), other = IoAllocateIrp(2, FALSE);
    assert_int_equal(WdfRequestCreateFromIrp(WDF_NO_OBJECT_ATTRIBUTES, irp, TRUE, &small), STATUS_SUCCESS);
    assert_int_equal(WdfRequestChangeTarget(small, lower.target), STATUS_SUCCESS);
    WDFIOTARGET deep;
    WDF_IO_TARGET_OPEN_PARAMS open;
    assert_int_equal(WdfIoTargetCreate(lower.wdf, WDF_NO_OBJECT_ATTRIBUTES, &deep), STATUS_SUCCESS);
    WDF_IO_TARGET_OPEN_PARAMS_INIT_EXISTING_DEVICE(&open, lower.self);
    assert_int_equal(WdfIoTargetOpen(deep, &open), STATUS_SUCCESS);
    assert_int_equal(WdfRequestChangeTarget(small, deep), STATUS_REQUEST_NOT_ACCEPTED);
    assert_int_equal(WdfIoTargetFormatRequestForRead(deep, small, NULL, NULL, NULL), STATUS_REQUEST_NOT_ACCEPTED);
    WDF_REQUEST_REUSE_PARAMS_INIT(&params, 0, STATUS_SUCCESS);
    WDF_REQUEST_REUSE_PARAMS_SET_NEW_IRP(&params, other);
    assert_int_equal(WdfRequestReuse(small, &params), STATUS_SUCCESS);
    assert_ptr_equal(WdfRequestWdmGetIrp(small), other);
    assert_int_equal(WdfRequestChangeTarget(small, deep), STATUS_SUCCESS);
    WdfObjectDelete(small);
    IoFreeIrp(other);
    WdfObjectDelete(deep);
}

static void a_stack_location_is_sent_as_it_is(void **state)
{
    (void)state;
    IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_FLUSH_BUFFERS};
    WDFREQUEST request = new_request();
    WDF_REQUEST_SEND_OPTIONS options;
    lower.information = 6;
    WdfRequestWdmFormatUsingStackLocation(request, &stack);
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, WDF_REQUEST_SEND_OPTION_SYNCHRONOUS);
    assert_true(WdfRequestSend(request, lower.target, &options));
    assert_int_equal(WdfRequestGetStatus(request), STATUS_SUCCESS);
    assert_int_equal(WdfRequestGetInformation(request), 6);
    WdfObjectDelete(request);
}

int main(void)
{
    wdf_test_boot();
#define TEST(f) cmocka_unit_test_setup_teardown(f, lower_start, lower_stop)
    const struct CMUnitTest tests[] = {
        TEST(parameters_are_those_of_the_stack_location),
        TEST(buffered_requests_have_one_buffer),
        TEST(direct_requests_have_an_mdl),
        TEST(neither_is_for_the_callers_context),
        TEST(a_request_is_cancelable_while_marked),
        TEST(received_requests_go_on),
        TEST(created_requests_are_checked),
        TEST(a_stack_location_is_sent_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, wdf_test_halt);
}

/*
 * General I/O targets over a lower driver of the test's: how buffers reach it by each method, what comes back,
 * time-outs, cancellation, the states of a target and what they do with requests, and remote targets.
 */
#include "wdf/wdf.h"
#include "wdf_io_test.h"

#define CODE(method) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, method, FILE_ANY_ACCESS)

static struct {
    UCHAR major;
    ULONG length, code, input_length, output_length;
    LONGLONG offset;
    void *system_buffer, *user_buffer, *type3, *arguments[4];
    PMDL mdl;
    PFILE_OBJECT file;
    UCHAR first_input;
} seen;

static void look(PIRP irp, PIO_STACK_LOCATION stack)
{
    memset(&seen, 0, sizeof(seen));
    seen.major = stack->MajorFunction;
    seen.length = stack->Parameters.Read.Length;
    seen.offset = stack->Parameters.Read.ByteOffset.QuadPart;
    seen.code = stack->Parameters.DeviceIoControl.IoControlCode;
    seen.input_length = stack->Parameters.DeviceIoControl.InputBufferLength;
    seen.output_length = stack->Parameters.DeviceIoControl.OutputBufferLength;
    seen.type3 = stack->Parameters.DeviceIoControl.Type3InputBuffer;
    seen.arguments[0] = stack->Parameters.Others.Argument1;
    seen.arguments[1] = stack->Parameters.Others.Argument2;
    seen.arguments[3] = stack->Parameters.Others.Argument4;
    seen.system_buffer = irp->AssociatedIrp.SystemBuffer;
    seen.user_buffer = irp->UserBuffer;
    seen.mdl = irp->MdlAddress;
    seen.file = stack->FileObject;
    if (seen.system_buffer != NULL)
        seen.first_input = *(UCHAR *)seen.system_buffer;
    if (seen.system_buffer != NULL && stack->MajorFunction == IRP_MJ_DEVICE_CONTROL)
        memcpy(seen.system_buffer, "answer", 6 < seen.output_length ? 6 : seen.output_length);
}

static void send_synchronously(WDFREQUEST request, ULONG flags)
{
    WDF_REQUEST_SEND_OPTIONS options;
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, WDF_REQUEST_SEND_OPTION_SYNCHRONOUS | flags);
    assert_true(WdfRequestSend(request, lower.target, &options));
}

/* ---- buffers ------------------------------------------------------------------------------------------------------
 */

static void transfers_use_the_lower_devices_method(void **state)
{
    (void)state;
    UCHAR buffer[64];
    WDF_MEMORY_DESCRIPTOR descriptor;
    LONGLONG offset = 0x1234;
    ULONG_PTR bytes;
    lower.inspect = look;
    lower.information = 10;
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&descriptor, buffer, sizeof(buffer));

    assert_int_equal(WdfIoTargetSendReadSynchronously(lower.target, NULL, &descriptor, &offset, NULL, &bytes),
                     STATUS_SUCCESS);
    assert_int_equal(bytes, 10);
    assert_int_equal(seen.major, IRP_MJ_READ);
    assert_int_equal(seen.length, sizeof(buffer));
    assert_int_equal(seen.offset, offset);
    assert_ptr_equal(seen.user_buffer, buffer);
    assert_null(seen.mdl);

    lower.device->Flags |= DO_BUFFERED_IO;
    assert_int_equal(WdfIoTargetSendWriteSynchronously(lower.target, NULL, &descriptor, NULL, NULL, NULL),
                     STATUS_SUCCESS);
    assert_int_equal(seen.major, IRP_MJ_WRITE);
    assert_ptr_equal(seen.system_buffer, buffer);

    lower.device->Flags = (lower.device->Flags & ~DO_BUFFERED_IO) | DO_DIRECT_IO;
    assert_int_equal(WdfIoTargetSendReadSynchronously(lower.target, NULL, &descriptor, NULL, NULL, NULL),
                     STATUS_SUCCESS);
    assert_non_null(seen.mdl);
    assert_null(seen.system_buffer);
    lower.device->Flags &= ~DO_DIRECT_IO;

    /* Without a buffer: a transfer of nothing. */
    assert_int_equal(WdfIoTargetSendReadSynchronously(lower.target, NULL, NULL, NULL, NULL, NULL), STATUS_SUCCESS);
    assert_int_equal(seen.length, 0);
}

static void control_codes_say_how_buffers_go(void **state)
{
    (void)state;
    UCHAR input[8] = {0x77}, output[16] = {0};
    WDF_MEMORY_DESCRIPTOR in, out;
    ULONG_PTR bytes;
    lower.inspect = look;
    lower.information = 4;
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&in, input, sizeof(input));
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&out, output, sizeof(output));

    assert_int_equal(
        WdfIoTargetSendIoctlSynchronously(lower.target, NULL, CODE(METHOD_BUFFERED), &in, &out, NULL, &bytes),
        STATUS_SUCCESS);
    assert_int_equal(seen.first_input, 0x77);
    assert_int_equal(seen.input_length, sizeof(input));
    assert_int_equal(seen.output_length, sizeof(output));
    assert_int_equal(bytes, 4);
    assert_memory_equal(output, "answ\0\0", 6); /* as many as the lower driver says */
    assert_int_equal(input[0], 0x77);

    assert_int_equal(
        WdfIoTargetSendIoctlSynchronously(lower.target, NULL, CODE(METHOD_OUT_DIRECT), &in, &out, NULL, NULL),
        STATUS_SUCCESS);
    assert_ptr_equal(seen.system_buffer, input);
    assert_non_null(seen.mdl);

    assert_int_equal(
        WdfIoTargetSendInternalIoctlSynchronously(lower.target, NULL, CODE(METHOD_NEITHER), &in, &out, NULL, NULL),
        STATUS_SUCCESS);
    assert_int_equal(seen.major, IRP_MJ_INTERNAL_DEVICE_CONTROL);
    assert_ptr_equal(seen.type3, input);
    assert_ptr_equal(seen.user_buffer, output);

    assert_int_equal(WdfIoTargetSendInternalIoctlOthersSynchronously(lower.target, NULL, CODE(METHOD_NEITHER), &in,
                                                                     &out, NULL, NULL, NULL),
                     STATUS_SUCCESS);
    assert_ptr_equal(seen.arguments[0], input);
    assert_ptr_equal(seen.arguments[1], output);
    assert_null(seen.arguments[3]);
    assert_int_equal(seen.code, CODE(METHOD_NEITHER));
}

static void formatted_requests_tell_what_came_of_them(void **state)
{
    (void)state;
    UCHAR buffer[32];
    WDFMEMORY memory = new_memory(buffer, sizeof(buffer));
    WDFREQUEST request = new_request();
    WDFMEMORY_OFFSET part = {8, 16};
    struct outcome outcome;
    lower.inspect = look;
    lower.information = 12;
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, memory, &part, NULL), STATUS_SUCCESS);
    outcome_prepare(&outcome, request);
    assert_true(WdfRequestSend(request, lower.target, NULL));
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.status, STATUS_SUCCESS);
    assert_ptr_equal(outcome.target, lower.target);
    assert_int_equal(outcome.params.Type, WdfRequestTypeRead);
    assert_ptr_equal(outcome.params.Parameters.Read.Buffer, memory);
    assert_int_equal(outcome.params.Parameters.Read.Length, 12);
    assert_int_equal(outcome.params.Parameters.Read.Offset, 8);
    assert_ptr_equal(seen.user_buffer, buffer + 8);
    assert_int_equal(seen.length, 16);
    assert_int_equal(WdfRequestGetInformation(request), 12);

    /* Not formatted again, and not sent again. */
    assert_false(WdfRequestSend(request, lower.target, NULL));
    assert_int_equal(WdfRequestGetStatus(request), STATUS_WDF_REQUEST_INVALID_STATE);
    reuse(request);
    part.BufferLength = 25;
    assert_int_equal(WdfIoTargetFormatRequestForWrite(lower.target, request, memory, &part, NULL),
                     STATUS_INVALID_DEVICE_REQUEST);
    part.BufferOffset = 33;
    assert_int_equal(WdfIoTargetFormatRequestForWrite(lower.target, request, memory, &part, NULL),
                     STATUS_INTEGER_OVERFLOW);

    lower.status = STATUS_DEVICE_BUSY;
    lower.information = 0;
    assert_int_equal(
        WdfIoTargetFormatRequestForIoctl(lower.target, request, CODE(METHOD_BUFFERED), memory, NULL, NULL, NULL),
        STATUS_SUCCESS);
    send_synchronously(request, 0);
    assert_int_equal(WdfRequestGetStatus(request), STATUS_DEVICE_BUSY);
    WDF_REQUEST_COMPLETION_PARAMS params;
    WDF_REQUEST_COMPLETION_PARAMS_INIT(&params);
    WdfRequestGetCompletionParams(request, &params);
    assert_int_equal(params.Type, WdfRequestTypeDeviceControl);
    assert_int_equal(params.IoStatus.Status, STATUS_DEVICE_BUSY);
    assert_int_equal(params.Parameters.Ioctl.IoControlCode, CODE(METHOD_BUFFERED));
    WdfObjectDelete(request);
    WdfObjectDelete(memory);
}

/* A memory object that a request was formatted with lives until the request is formatted anew, reused or deleted. */
static void requests_hold_their_memory(void **state)
{
    (void)state;
    UCHAR *buffer;
    WDFMEMORY memory;
    WDFREQUEST request = new_request();
    assert_int_equal(WdfMemoryCreate(NULL, NonPagedPoolNx, 'tseT', 64, &memory, (PVOID *)&buffer), STATUS_SUCCESS);
    assert_int_equal(WdfIoTargetFormatRequestForWrite(lower.target, request, memory, NULL, NULL), STATUS_SUCCESS);
    WdfObjectDelete(memory);
    buffer[63] = 1; /* ASan tells if it is gone */
    send_synchronously(request, 0);
    reuse(request);
    WdfObjectDelete(request);
}

/* Deleted while it is out, with memory that is its child: nothing is left of either once it is back. */
static void a_request_is_deleted_while_it_is_out(void **state)
{
    (void)state;
    WDFREQUEST request = new_request();
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFMEMORY memory;
    UCHAR *buffer;
    struct outcome outcome;
    size_t before = wdf_client(WdfDriverGlobals)->object_count;
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ParentObject = request;
    assert_int_equal(WdfMemoryCreate(&attributes, NonPagedPoolNx, 'tseT', 64, &memory, (PVOID *)&buffer),
                     STATUS_SUCCESS);
    assert_int_equal(WdfIoTargetFormatRequestForWrite(lower.target, request, memory, NULL, NULL), STATUS_SUCCESS);
    outcome_prepare(&outcome, request);
    lower.mode = LOWER_HOLD;
    assert_true(WdfRequestSend(request, lower.target, NULL));
    WdfObjectDelete(request);
    buffer[63] = 1; /* the lower driver has it still */
    lower_release(STATUS_SUCCESS, 0);
    assert_int_equal(wdf_client(WdfDriverGlobals)->object_count, before - 1);
}

/* ---- time-outs and cancellation -----------------------------------------------------------------------------------
 */

static void a_synchronous_request_times_out(void **state)
{
    (void)state;
    WDF_REQUEST_SEND_OPTIONS options;
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, WDF_REQUEST_SEND_OPTION_SYNCHRONOUS);
    WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT(&options, WDF_REL_TIMEOUT_IN_MS(5));
    lower.mode = LOWER_HOLD;
    assert_int_equal(WdfIoTargetSendReadSynchronously(lower.target, NULL, NULL, NULL, &options, NULL),
                     STATUS_IO_TIMEOUT);
    assert_int_equal(lower.held_count, 0);
    options.Size--;
    assert_int_equal(WdfIoTargetSendReadSynchronously(lower.target, NULL, NULL, NULL, &options, NULL),
                     STATUS_INFO_LENGTH_MISMATCH);
    assert_int_equal(lower.received, 1);
}

static void an_asynchronous_request_times_out(void **state)
{
    (void)state;
    WDFREQUEST request = new_request();
    struct outcome outcome;
    WDF_REQUEST_SEND_OPTIONS options;
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, 0);
    WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT(&options, WDF_REL_TIMEOUT_IN_MS(5));
    lower.mode = LOWER_HOLD;
    assert_int_equal(WdfRequestAllocateTimer(request), STATUS_SUCCESS);
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL), STATUS_SUCCESS);
    outcome_prepare(&outcome, request);
    assert_true(WdfRequestSend(request, lower.target, &options));
    outcome_wait(&outcome);
    assert_int_equal(outcome.status, STATUS_IO_TIMEOUT);
    assert_int_equal(outcome.params.IoStatus.Status, STATUS_IO_TIMEOUT);

    /* In time: the timer is taken back. */
    lower.mode = LOWER_COMPLETE;
    WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT(&options, WDF_REL_TIMEOUT_IN_SEC(3600));
    reuse(request);
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL), STATUS_SUCCESS);
    outcome_prepare(&outcome, request);
    assert_true(WdfRequestSend(request, lower.target, &options));
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.status, STATUS_SUCCESS);
    WdfObjectDelete(request);
}

static void a_sent_request_is_cancelled(void **state)
{
    (void)state;
    WDFREQUEST request = new_request();
    struct outcome outcome;
    assert_false(WdfRequestCancelSentRequest(request));
    lower.mode = LOWER_HOLD;
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL), STATUS_SUCCESS);
    outcome_prepare(&outcome, request);
    assert_true(WdfRequestSend(request, lower.target, NULL));
    assert_int_equal(outcome.calls, 0);
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL),
                     STATUS_INVALID_DEVICE_REQUEST);
    assert_true(WdfRequestCancelSentRequest(request));
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.status, STATUS_CANCELLED);
    assert_false(WdfRequestCancelSentRequest(request));
    WdfObjectDelete(request);
}

/* ---- states -------------------------------------------------------------------------------------------------------
 */

static void a_stopped_target_keeps_requests(void **state)
{
    (void)state;
    WDFREQUEST first = new_request(), second = new_request(), third = new_request();
    struct outcome outcomes[3];
    assert_int_equal(WdfIoTargetGetState(lower.target), WdfIoTargetStarted);
    WdfIoTargetStop(lower.target, WdfIoTargetLeaveSentIoPending);
    assert_int_equal(WdfIoTargetGetState(lower.target), WdfIoTargetStopped);
    WDFREQUEST requests[3] = {first, second, third};
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, requests[i], NULL, NULL, NULL), STATUS_SUCCESS);
        outcome_prepare(&outcomes[i], requests[i]);
    }
    assert_true(WdfRequestSend(first, lower.target, NULL));
    assert_true(WdfRequestSend(second, lower.target, NULL));
    assert_int_equal(lower.received, 0);
    send_synchronously(third, WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE);
    assert_int_equal(lower.received, 1);
    assert_true(WdfRequestCancelSentRequest(second));
    assert_int_equal(outcomes[1].status, STATUS_CANCELLED);
    assert_int_equal(WdfIoTargetStart(lower.target), STATUS_SUCCESS);
    assert_int_equal(lower.received, 2);
    assert_int_equal(outcomes[0].calls, 1);
    assert_int_equal(outcomes[0].status, STATUS_SUCCESS);
    for (unsigned i = 0; i < 3; i++)
        WdfObjectDelete(requests[i]);
}

static void stopping_cancels_what_was_sent(void **state)
{
    (void)state;
    WDFREQUEST request = new_request();
    struct outcome outcome;
    lower.mode = LOWER_HOLD;
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL), STATUS_SUCCESS);
    outcome_prepare(&outcome, request);
    assert_true(WdfRequestSend(request, lower.target, NULL));
    WdfIoTargetStop(lower.target, WdfIoTargetCancelSentIo);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.status, STATUS_CANCELLED);
    assert_int_equal(WdfIoTargetStart(lower.target), STATUS_SUCCESS);

    /* Purged: nothing goes in. */
    reuse(request);
    WdfIoTargetPurge(lower.target, WdfIoTargetPurgeIoAndWait);
    assert_int_equal(WdfIoTargetGetState(lower.target), WdfIoTargetPurged);
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL), STATUS_SUCCESS);
    assert_false(WdfRequestSend(request, lower.target, NULL));
    assert_int_equal(WdfRequestGetStatus(request), STATUS_INVALID_DEVICE_STATE);
    assert_int_equal(WdfIoTargetStart(lower.target), STATUS_SUCCESS);
    WdfObjectDelete(request);
}

static VOID NTAPI release_later(PVOID context)
{
    LARGE_INTEGER moment = {.QuadPart = -10LL * 1000 * 5};
    (void)context;
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    lower_release(STATUS_SUCCESS, 0);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static void stopping_waits_for_what_was_sent(void **state)
{
    (void)state;
    WDFREQUEST request = new_request();
    struct outcome outcome;
    HANDLE thread;
    lower.mode = LOWER_HOLD;
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL), STATUS_SUCCESS);
    outcome_prepare(&outcome, request);
    assert_true(WdfRequestSend(request, lower.target, NULL));
    assert_int_equal(PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, release_later, NULL),
                     STATUS_SUCCESS);
    WdfIoTargetStop(lower.target, WdfIoTargetWaitForSentIoToComplete);
    assert_int_equal(outcome.calls, 1); /* its completion routine has returned */
    assert_int_equal(outcome.status, STATUS_SUCCESS);
    ZwWaitForSingleObject(thread, FALSE, NULL);
    ZwClose(thread);
    assert_int_equal(WdfIoTargetStart(lower.target), STATUS_SUCCESS);
    WdfObjectDelete(request);
}

/* The device goes while a request is out: it is cancelled, and its handle lives on. */
static void deleting_a_target_cancels_requests(void **state)
{
    (void)state;
    WDFREQUEST request = new_request();
    struct outcome outcome;
    lower.mode = LOWER_HOLD;
    assert_int_equal(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL), STATUS_SUCCESS);
    outcome_prepare(&outcome, request);
    assert_true(WdfRequestSend(request, lower.target, NULL));
    WdfObjectDelete(lower.wdf);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.status, STATUS_CANCELLED);
    WdfObjectDelete(request);
    assert_int_equal(
        WdfDeviceMiniportCreate(WdfGetDriver(), WDF_NO_OBJECT_ATTRIBUTES, lower.self, lower.device, NULL, &lower.wdf),
        STATUS_SUCCESS);
}

/* ---- remote targets -----------------------------------------------------------------------------------------------
 */

static void a_remote_target_is_a_device_object(void **state)
{
    (void)state;
    WDFIOTARGET remote;
    WDF_IO_TARGET_OPEN_PARAMS params;
    assert_int_equal(WdfIoTargetCreate(lower.wdf, WDF_NO_OBJECT_ATTRIBUTES, &remote), STATUS_SUCCESS);
    assert_int_equal(WdfIoTargetGetState(remote), WdfIoTargetClosed);
    assert_ptr_equal(WdfIoTargetGetDevice(remote), lower.wdf);
    assert_int_equal(WdfIoTargetSendReadSynchronously(remote, NULL, NULL, NULL, NULL, NULL),
                     STATUS_INVALID_DEVICE_STATE);
    assert_int_equal(WdfIoTargetStart(remote), STATUS_INVALID_DEVICE_STATE);
    WDF_IO_TARGET_OPEN_PARAMS_INIT_EXISTING_DEVICE(&params, lower.device);
    params.Size++;
    assert_int_equal(WdfIoTargetOpen(remote, &params), STATUS_INFO_LENGTH_MISMATCH);
    params.Size--;
    assert_int_equal(WdfIoTargetOpen(remote, &params), STATUS_SUCCESS);
    assert_int_equal(WdfIoTargetOpen(remote, &params), STATUS_INVALID_DEVICE_STATE);
    assert_int_equal(WdfIoTargetGetState(remote), WdfIoTargetStarted);
    assert_ptr_equal(WdfIoTargetWdmGetTargetDeviceObject(remote), lower.device);
    assert_null(WdfIoTargetWdmGetTargetFileObject(remote));
    assert_int_equal(WdfIoTargetSendReadSynchronously(remote, NULL, NULL, NULL, NULL, NULL), STATUS_SUCCESS);
    WdfIoTargetClose(remote);
    assert_int_equal(WdfIoTargetGetState(remote), WdfIoTargetClosed);
    assert_null(WdfIoTargetWdmGetTargetDeviceObject(remote));
    WdfObjectDelete(remote);
}

static void a_remote_target_is_opened_by_name(void **state)
{
    (void)state;
    WDFIOTARGET remote;
    WDF_IO_TARGET_OPEN_PARAMS params;
    UNICODE_STRING name;
    assert_int_equal(WdfIoTargetCreate(lower.wdf, WDF_NO_OBJECT_ATTRIBUTES, &remote), STATUS_SUCCESS);
    RtlInitUnicodeString(&name, L"\\Device\\NoSuchDevice");
    WDF_IO_TARGET_OPEN_PARAMS_INIT_OPEN_BY_NAME(&params, &name, FILE_READ_ACCESS);
    assert_int_equal(WdfIoTargetOpen(remote, &params), STATUS_NOT_FOUND);
    RtlInitUnicodeString(&name, L"\\Device\\WdfLower");
    WDF_IO_TARGET_OPEN_PARAMS_INIT_OPEN_BY_NAME(&params, &name, FILE_READ_ACCESS);
    assert_int_equal(WdfIoTargetOpen(remote, &params), STATUS_SUCCESS);
    assert_int_equal(params.FileInformation, FILE_OPENED);
    assert_non_null(WdfIoTargetWdmGetTargetFileHandle(remote));
    lower.inspect = look;
    assert_int_equal(WdfIoTargetSendReadSynchronously(remote, NULL, NULL, NULL, NULL, NULL), STATUS_SUCCESS);
    assert_ptr_equal(seen.file, WdfIoTargetWdmGetTargetFileObject(remote));
    WdfIoTargetCloseForQueryRemove(remote);
    assert_int_equal(WdfIoTargetGetState(remote), WdfIoTargetClosedForQueryRemove);
    WDF_IO_TARGET_OPEN_PARAMS_INIT_REOPEN(&params);
    assert_int_equal(WdfIoTargetOpen(remote, &params), STATUS_SUCCESS);
    assert_int_equal(WdfIoTargetSendReadSynchronously(remote, NULL, NULL, NULL, NULL, NULL), STATUS_SUCCESS);
    WdfObjectDelete(remote);
}

int main(void)
{
    wdf_test_boot();
#define TEST(f) cmocka_unit_test_setup_teardown(f, lower_start, lower_stop)
    const struct CMUnitTest tests[] = {
        TEST(transfers_use_the_lower_devices_method),    TEST(control_codes_say_how_buffers_go),
        TEST(formatted_requests_tell_what_came_of_them), TEST(requests_hold_their_memory),
        TEST(a_request_is_deleted_while_it_is_out),      TEST(a_synchronous_request_times_out),
        TEST(an_asynchronous_request_times_out),         TEST(a_sent_request_is_cancelled),
        TEST(a_stopped_target_keeps_requests),           TEST(stopping_cancels_what_was_sent),
        TEST(stopping_waits_for_what_was_sent),          TEST(deleting_a_target_cancels_requests),
        TEST(a_remote_target_is_a_device_object),        TEST(a_remote_target_is_opened_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, wdf_test_halt);
}

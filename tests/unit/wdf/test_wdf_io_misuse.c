/*
 * Mistakes with requests and I/O targets that end in WDF_VIOLATION, each in a child process.
 */
#include "wdf_io_test.h"
#include "tests/unit/ke/bugcheck_child.h"

#define VIOLATION      "bug check 0x0000010D: WDF_VIOLATION"
#define VERIFIER       "Parameter 1: 0x0000000000000003"
#define NULL_PARAMETER "Parameter 1: 0x0000000000000004"
#define BAD_HANDLE     "Parameter 1: 0x0000000000000005"
#define REQUEST_ERROR  "Parameter 1: 0x0000000000000006"
#define NO_LOCATION    "Parameter 2: 0x0000000000000001"
#define NO_IRP         "Parameter 2: 0x0000000000000002"
#define ALREADY_SENT   "Parameter 2: 0x0000000000000003"

static void begin(void)
{
    wdf_test_boot();
    if (lower_start(NULL) != 0)
        abort();
}

static WDFREQUEST make_request(void)
{
    WDFREQUEST request;
    if (!NT_SUCCESS(WdfRequestCreate(WDF_NO_OBJECT_ATTRIBUTES, lower.target, &request)))
        abort();
    return request;
}

static void sent_twice(void)
{
    begin();
    WDFREQUEST request = make_request();
    lower.mode = LOWER_HOLD;
    if (!NT_SUCCESS(WdfIoTargetFormatRequestForRead(lower.target, request, NULL, NULL, NULL)) ||
        !WdfRequestSend(request, lower.target, NULL))
        abort();
    WdfRequestSend(request, lower.target, NULL);
}

static void completed_though_created(void)
{
    begin();
    WdfRequestComplete(make_request(), STATUS_SUCCESS);
}

static void formatted_without_irp(void)
{
    WDFREQUEST request;
    IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_READ};
    begin();
    if (!NT_SUCCESS(WdfRequestCreate(WDF_NO_OBJECT_ATTRIBUTES, NULL, &request)))
        abort();
    WdfRequestWdmFormatUsingStackLocation(request, &stack);
}

static void no_current_location(void)
{
    begin();
    WdfRequestFormatRequestUsingCurrentType(make_request());
}

static void awaited_at_dispatch_level(void)
{
    begin();
    KfRaiseIrql(DISPATCH_LEVEL);
    WdfIoTargetSendReadSynchronously(lower.target, NULL, NULL, NULL, NULL, NULL);
}

static void stopped_at_dispatch_level(void)
{
    begin();
    KfRaiseIrql(DISPATCH_LEVEL);
    WdfIoTargetStop(lower.target, WdfIoTargetCancelSentIo);
}

static void stopped_somehow(void)
{
    begin();
    WdfIoTargetStop(lower.target, WdfIoTargetSentIoUndefined);
}

static void request_for_target(void)
{
    begin();
    WdfIoTargetStart((WDFIOTARGET)make_request());
}

static void no_cancel_callback(void)
{
    begin();
    WdfRequestMarkCancelable(make_request(), NULL);
}

static void local_target_deleted(void)
{
    begin();
    WdfObjectDelete(lower.target);
}

static void requests_and_targets(void **state)
{
    (void)state;
    expect_bugcheck(sent_twice, VIOLATION, REQUEST_ERROR, ALREADY_SENT, "wdftest, WdfRequestSend", NULL);
    expect_bugcheck(completed_though_created, VIOLATION, REQUEST_ERROR, NO_IRP, "WdfRequestComplete", "WdfObjectDelete",
                    NULL);
    expect_bugcheck(formatted_without_irp, VIOLATION, REQUEST_ERROR, NO_IRP, "WdfRequestWdmFormatUsingStackLocation",
                    NULL);
    expect_bugcheck(no_current_location, VIOLATION, REQUEST_ERROR, NO_LOCATION,
                    "WdfRequestFormatRequestUsingCurrentType", NULL);
    expect_bugcheck(awaited_at_dispatch_level, VIOLATION, "WdfIoTargetSendReadSynchronously", NULL);
    expect_bugcheck(stopped_at_dispatch_level, VIOLATION, "WdfIoTargetStop", NULL);
    expect_bugcheck(stopped_somehow, VIOLATION, VERIFIER, "WdfIoTargetStop", NULL);
    expect_bugcheck(request_for_target, VIOLATION, BAD_HANDLE, "WdfIoTargetStart",
                    "of a WDFREQUEST where that of a WDFIOTARGET", NULL);
    expect_bugcheck(no_cancel_callback, VIOLATION, NULL_PARAMETER, "WdfRequestMarkCancelable", "EvtRequestCancel",
                    NULL);
    expect_bugcheck(local_target_deleted, VIOLATION, "WdfObjectDelete", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(requests_and_targets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

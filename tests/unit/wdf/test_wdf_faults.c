/*
 * What no framework driver may do, done by a driver image in both forms: each fault ends in bug check WDF_VIOLATION
 * with the parameters of its page and a report that names the driver and the call, in a process of its own; and what
 * comes back with a status instead, or is nobody's fault, does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <ntifs.h>
#include <wdf.h>
#include "include/ndiskit/ndiskit.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/io/io.h"
#include "tests/drivers/kmdffault/kmdffault.h"
#include "tests/unit/sanitizer.h"

#define PE  "tests/drivers/kmdffault/kmdffault.sys"
#define ELF "tests/drivers/kmdffault/kmdffault.so"

static const char *driver_path;
static bool verifier; /* the framework's, which is off unless the driver's key says so */

/* Boots, commits the fault, unloads the driver and shuts down. Returns the exit status: 0 when nothing stopped it. */
static int commit(enum KMDFFAULT fault)
{
    struct ndiskit_error error;
    struct ndiskit_leaks leaks;
    PFILE_OBJECT file;
    ULONG value = 0, bytes = 0;
    NTSTATUS status;

    if (ndiskit_boot(NULL, &error) != 0)
        return 99;
    if (verifier)
        cm_write_dword(CM_SERVICES "\\kmdffault\\Parameters\\Wdf", "VerifierOn", 1);
    if (ndiskit_load_driver(driver_path, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 100;
    }
    if (!NT_SUCCESS(io_open_file(KMDFFAULT_LINK, &file)))
        return 101;
    status = io_device_control(file, KMDFFAULT_CODE(fault), NULL, 0, &value, sizeof(value), &bytes);
    fprintf(stderr, "status 0x%08x, value 0x%08x, %u bytes\n", (unsigned)status, (unsigned)value, (unsigned)bytes);
    io_close_file(file);
    if (ndiskit_unload_driver("kmdffault", &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 102;
    }
    if (ndiskit_shutdown(&leaks, &error) != 0)
        return 103;
    return leaks.pool_blocks + leaks.device_objects + leaks.system_blocks + leaks.threads ? 104 : 0;
}

/* What a process that commits the fault writes to stderr. */
static const char *run(enum KMDFFAULT fault, int *status)
{
    static char output[1 << 16];
    size_t length = 0;
    int fds[2], wait_status;
    ssize_t n;

    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]);
        close(fds[1]);
        alarm(60);
        _exit(commit(fault));
    }
    close(fds[1]);
    while ((n = read(fds[0], output + length, sizeof(output) - 1 - length)) > 0)
        length += (size_t)n;
    output[length] = '\0';
    close(fds[0]);
    assert_int_equal(waitpid(child, &wait_status, 0), child);
    if (!WIFEXITED(wait_status))
        print_error("the process ended by a signal, wait status 0x%x:\n%s\n", wait_status, output);
    assert_true(WIFEXITED(wait_status));
    *status = WEXITSTATUS(wait_status);
    return output;
}

static void contains(const char *output, const char *text)
{
    if (strstr(output, text) == NULL) {
        print_error("not in the output: %s\n%s\n", text, output);
        fail();
    }
}

static unsigned long long parameter(const char *output, int number)
{
    char name[32];
    const char *found;

    snprintf(name, sizeof(name), "Parameter %d: 0x", number);
    found = strstr(output, name);
    if (found == NULL)
        fail_msg("no %s in\n%s", name, output);
    return strtoull(found + strlen(name), NULL, 16);
}

/* The report of a WDF_VIOLATION whose first parameter is code, which says "kmdffault, CALL: " and then TEXT. */
static const char *violation(enum KMDFFAULT fault, ULONG code, const char *call, const char *text)
{
    char who[160];
    int status;
    const char *output = run(fault, &status);

    if (status != 3)
        print_error("exit status %d:\n%s\n", status, output);
    assert_int_equal(status, 3);
    contains(output, "bug check 0x0000010D: WDF_VIOLATION");
    assert_int_equal(parameter(output, 1), code);
    snprintf(who, sizeof(who), "kmdffault, %s: ", call);
    contains(output, who);
    contains(output, text);
    return output;
}

/* ---- handles ------------------------------------------------------------------------------------------------------
 */

static void test_wrong_type(void **state)
{
    const char *output = violation(FaultWrongType, WDF_INVALID_HANDLE, "WdfIoQueueGetDevice", "WDFMEMORY");

    (void)state;
    contains(output, "WDFQUEUE");
    assert_true(parameter(output, 2) != 0); /* the handle */
}

static void test_deleted_handle(void **state)
{
    (void)state;
    assert_true(parameter(violation(FaultDeleted, WDF_INVALID_HANDLE, "WdfMemoryGetBuffer", "deleted"), 2) != 0);
}

static void test_made_up_handle(void **state)
{
    (void)state;
    assert_int_equal(parameter(violation(FaultMadeUp, WDF_INVALID_HANDLE, "WdfObjectDelete", ""), 2), 0x12340);
}

/* "A NULL parameter was passed to a function that required a non-NULL value": parameter 3 is the caller's address. */
static void test_null(void **state)
{
    (void)state;
    violation(FaultNullHandle, WDF_REQUIRED_PARAMETER_IS_NULL, "WdfObjectDelete", "NULL");
    assert_true(
        parameter(violation(FaultNullParameter, WDF_REQUIRED_PARAMETER_IS_NULL, "WdfIoQueueCreate", "NULL"), 3) != 0);
}

/* A child goes with its parent, and its handle with it. */
static void test_child_of_deleted_parent(void **state)
{
    (void)state;
    violation(FaultChild, WDF_INVALID_HANDLE, "WdfMemoryGetBuffer", "");
}

/* "A driver attempted to delete a framework object incorrectly by calling WdfObjectDereference" */
static void test_dereference(void **state)
{
    (void)state;
    assert_true(parameter(violation(FaultDereference, WDF_OBJECT_ERROR, "WdfObjectDereference", ""), 2) != 0);
}

static void test_delete_driver(void **state)
{
    (void)state;
    violation(FaultDeleteDriver, WDF_OBJECT_ERROR, "WdfObjectDelete", "WDFDRIVER");
}

/* ---- parameters ---------------------------------------------------------------------------------------------------
 */

static void test_wrong_size(void **state)
{
    int status;
    const char *output;
    char expected[64];

    (void)state;
    violation(FaultSizeVoid, WDF_VERIFIER_FATAL_ERROR, "WdfRequestGetParameters", "WDF_REQUEST_PARAMETERS");
    output = run(FaultSizeStatus, &status);
    assert_int_equal(status, 0);
    snprintf(expected, sizeof(expected), "value 0x%08x", (unsigned)STATUS_INFO_LENGTH_MISMATCH);
    contains(output, expected);
}

static void test_wrong_irql(void **state)
{
    const char *output =
        violation(FaultIrql, WDF_VERIFIER_FATAL_ERROR, "WdfDriverOpenParametersRegistryKey", "called at IRQL 2");

    (void)state;
    assert_int_equal(parameter(output, 2), DISPATCH_LEVEL);
}

/* ---- locks and callbacks ------------------------------------------------------------------------------------------
 */

static void test_locks(void **state)
{
    const char *output;

    (void)state;
    violation(FaultRecursiveLock, WDF_RECURSIVE_LOCK, "WdfSpinLockAcquire", "");
    output = violation(FaultForeignRelease, WDF_INVALID_LOCK_OPERATION, "WdfSpinLockRelease", "");
    assert_true(parameter(output, 2) != 0);
    assert_int_equal(parameter(output, 3), 1);
    output = violation(FaultNoLock, WDF_INVALID_LOCK_OPERATION, "WdfObjectAcquireLock", "");
    assert_true(parameter(output, 2) != 0);
    assert_int_equal(parameter(output, 3), 0);
}

static void test_callback_returns_wrong(void **state)
{
    const char *output = violation(FaultReturnIrql, WDF_VERIFIER_IRQL_MISMATCH, "EvtIoDeviceControl", "returned at");

    (void)state;
    assert_int_equal(parameter(output, 2), PASSIVE_LEVEL);
    assert_int_equal(parameter(output, 3), DISPATCH_LEVEL);
    output = violation(FaultReturnRegion, WDF_VERIFIER_CRITICAL_REGION_LEAK, "EvtIoDeviceControl", "critical region");
    contains(output, "IoDeviceControl"); /* parameter 2, as a symbol */
}

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

static void test_request_completed_twice(void **state)
{
    int status;
    const char *output = run(FaultCompleteTwice, &status);

    (void)state;
    assert_int_equal(status, 3);
    contains(output, "bug check 0x0000010D: WDF_VIOLATION");
    contains(output, "kmdffault, WdfRequestComplete: ");
}

/* "The driver has completed a framework request, but has written more bytes to the output buffer than are specified" */
static void test_too_much_information(void **state)
{
    const char *output = violation(FaultInformation, WDF_REQUEST_FATAL_ERROR, "WdfRequestCompleteWithInformation", "");

    (void)state;
    assert_int_equal(parameter(output, 2), WDF_REQUEST_FATAL_ERROR_INFORMATION_LENGTH_MISMATCH);
    assert_true(parameter(output, 3) != 0);
}

/* "... there are outstanding references to the input buffer, the output buffer, or both": a check of the framework's
 * verifier. Without it the object stays, without its buffer, and is found when the driver unloads. */
static void test_reference_on_request_memory(void **state)
{
    const char *output;

    (void)state;
    verifier = true;
    output = violation(FaultRequestMemory, WDF_VERIFIER_FATAL_ERROR, "WdfRequestComplete", "");
    verifier = false;
    assert_true(parameter(output, 2) != 0);
    assert_int_equal(parameter(output, 3), 1);
    violation(FaultRequestMemory, WDF_OBJECT_ERROR, "WdfVersionUnbind", "WDFMEMORY");
}

/* ---- functions that are not there ---------------------------------------------------------------------------------
 */

static void test_not_implemented(void **state)
{
    int status;
    const char *output = run(FaultNotImplemented, &status);

    (void)state;
    assert_int_equal(status, 3);
    contains(output, "WdfDmaTransactionCancel");
    contains(output, "kmdffault");
}

/* ---- the end of the driver ----------------------------------------------------------------------------------------
 */

static void test_no_child_while_deleting(void **state)
{
    char expected[64];
    int status;
    const char *output = run(FaultDeletePending, &status);

    (void)state;
    assert_int_equal(status, 0);
    snprintf(expected, sizeof(expected), "value 0x%08x", (unsigned)STATUS_DELETE_PENDING);
    contains(output, expected);
}

static void test_unload_with_reference(void **state)
{
    (void)state;
    assert_true(parameter(violation(FaultLeakReference, WDF_OBJECT_ERROR, "WdfVersionUnbind", "WDFMEMORY"), 2) != 0);
}

/* Objects that have the driver as their parent go with it. */
static void test_unload_with_objects(void **state)
{
    int status;
    const char *output = run(FaultLeakHandle, &status);

    (void)state;
    if (status != 0)
        print_error("exit status %d:\n%s\n", status, output);
    assert_int_equal(status, 0);
    contains(output, "status 0x00000000");
}

static void test_no_fault(void **state)
{
    int status;
    const char *output = run(FaultNone, &status);

    (void)state;
    if (status != 0)
        print_error("exit status %d:\n%s\n", status, output);
    assert_int_equal(status, 0);
    contains(output, "kmdffault: DriverUnload");
}

#ifndef SANITIZE_THREAD
static int use_pe(void **state)
{
    (void)state;
    driver_path = PE;
    return 0;
}
#endif

static int use_elf(void **state)
{
    (void)state;
    driver_path = ELF;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_fault),
        cmocka_unit_test(test_wrong_type),
        cmocka_unit_test(test_deleted_handle),
        cmocka_unit_test(test_made_up_handle),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_child_of_deleted_parent),
        cmocka_unit_test(test_dereference),
        cmocka_unit_test(test_delete_driver),
        cmocka_unit_test(test_wrong_size),
        cmocka_unit_test(test_wrong_irql),
        cmocka_unit_test(test_locks),
        cmocka_unit_test(test_callback_returns_wrong),
        cmocka_unit_test(test_request_completed_twice),
        cmocka_unit_test(test_too_much_information),
        cmocka_unit_test(test_reference_on_request_memory),
        cmocka_unit_test(test_not_implemented),
        cmocka_unit_test(test_no_child_while_deleting),
        cmocka_unit_test(test_unload_with_reference),
        cmocka_unit_test(test_unload_with_objects),
    };
    int failed = 0;

#ifndef SANITIZE_THREAD
    failed += cmocka_run_group_tests_name("KMDF faults, PE", tests, use_pe, NULL);
#endif
    failed += cmocka_run_group_tests_name("KMDF faults, ELF", tests, use_elf, NULL);
    return failed;
}

/*
 * Misuse of ke that Windows answers with a bug check: code, name, and what the report says.
 */
#include "tests/unit/ke/bugcheck_child.h"

static void raise_to_lower(void)
{
    KeRaiseIrqlToDpcLevel();
    KfRaiseIrql(APC_LEVEL);
}

static void lower_to_higher(void)
{
    KeLowerIrql(DISPATCH_LEVEL);
}

static void wait_at_dispatch(void)
{
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KeRaiseIrqlToDpcLevel();
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
}

static NTAPI VOID waiting_dpc(PKDPC dpc, PVOID context, PVOID a, PVOID b)
{
    (void)dpc, (void)a, (void)b;
    KeWaitForSingleObject(context, Executive, KernelMode, FALSE, NULL);
}

static void wait_in_dpc(void)
{
    KEVENT event;
    KDPC dpc;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KeInitializeDpc(&dpc, waiting_dpc, &event);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeInsertQueueDpc(&dpc, NULL, NULL);
    KeLowerIrql(old);
}

static NTAPI VOID lowering_dpc(PKDPC dpc, PVOID context, PVOID a, PVOID b)
{
    (void)dpc, (void)context, (void)a, (void)b;
    KfRaiseIrql(DISPATCH_LEVEL + 1);
}

static void dpc_returns_elsewhere(void)
{
    KDPC dpc;
    KeInitializeDpc(&dpc, lowering_dpc, NULL);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeInsertQueueDpc(&dpc, NULL, NULL);
    KeLowerIrql(old);
}

static void acquire_twice(void)
{
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLockRaiseToDpc(&lock);
    KeAcquireSpinLockAtDpcLevel(&lock);
}

static void release_unowned(void)
{
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeReleaseSpinLock(&lock, old);
}

static void acquire_too_low(void)
{
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLockAtDpcLevel(&lock);
}

static void delay_at_dispatch(void)
{
    LARGE_INTEGER interval = {.QuadPart = -10000};
    KeRaiseIrqlToDpcLevel();
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

static void uninitialized_event(void)
{
    KEVENT event;
    memset(&event, 0, sizeof(event));
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
}

static void too_many_objects(void)
{
    KEVENT event;
    PVOID objects[THREAD_WAIT_OBJECTS + 1];
    KeInitializeEvent(&event, NotificationEvent, TRUE);
    for (size_t i = 0; i < THREAD_WAIT_OBJECTS + 1; i++)
        objects[i] = &event;
    KeWaitForMultipleObjects(THREAD_WAIT_OBJECTS + 1, objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL);
}

static void leave_region(void)
{
    KeLeaveCriticalRegion();
}

static void holder_ends(void *context)
{
    KeWaitForSingleObject(context, Executive, KernelMode, FALSE, NULL);
}

static void thread_ends_with_mutex(void)
{
    static KMUTEX mutex;
    unsigned long thread;
    KeInitializeMutex(&mutex, 0);
    if (ke_thread_create_joinable("holder", holder_ends, &mutex, &thread) == STATUS_SUCCESS)
        ke_thread_join(thread);
}

static NTAPI VOID callback(PVOID buffer, ULONG length)
{
    fprintf(stderr, "callback %s %u at %u\n", (const char *)buffer, length, KeGetCurrentIrql());
    KeBugCheck(0xE2);
}

static void with_callback(void)
{
    static KBUGCHECK_CALLBACK_RECORD record;
    static char buffer[] = "buffer";
    if (KeRegisterBugCheckCallback(&record, callback, buffer, sizeof(buffer), (PUCHAR) "component") &&
        !KeRegisterBugCheckCallback(&record, callback, buffer, sizeof(buffer), (PUCHAR) "component")) {
        ke_trace("event number %d", 42);
        KeBugCheckEx(0xDEADDEAD, 1, 2, 0x33, 0x4444);
    }
}

static void test_irql(void **state)
{
    (void)state;
    expect_bugcheck(raise_to_lower, "bug check 0x00000009: IRQL_NOT_GREATER_OR_EQUAL",
                    "raising the IRQL to 1 while it is 2", "IRQL:        2 (DISPATCH_LEVEL)", NULL);
    expect_bugcheck(lower_to_higher, "bug check 0x0000000A: IRQL_NOT_LESS_OR_EQUAL", "lowering the IRQL to 2", NULL);
}

static void test_waits(void **state)
{
    (void)state;
    expect_bugcheck(wait_at_dispatch, "bug check 0x0000000A", "KeWaitForSingleObject would wait at IRQL 2", NULL);
    expect_bugcheck(wait_in_dpc, "bug check 0x000000B8: ATTEMPTED_SWITCH_FROM_DPC", ", in a DPC", NULL);
    expect_bugcheck(delay_at_dispatch, "bug check 0x0000000A", "KeDelayExecutionThread was called at IRQL 2", NULL);
    expect_bugcheck(uninitialized_event, "bug check 0x00000139", "was never initialized", NULL);
    expect_bugcheck(too_many_objects, "bug check 0x0000000C: MAXIMUM_WAIT_OBJECTS_EXCEEDED",
                    "4 objects; 3 are possible without a WaitBlockArray", NULL);
}

static void test_dpc_return(void **state)
{
    (void)state;
    expect_bugcheck(dpc_returns_elsewhere, "bug check 0x000000C8: IRQL_UNEXPECTED_VALUE",
                    "a DPC routine returned at IRQL 3; it was called at IRQL 2", NULL);
}

static void test_spin_locks(void **state)
{
    (void)state;
    expect_bugcheck(acquire_twice, "bug check 0x0000000F: SPIN_LOCK_ALREADY_OWNED", NULL);
    expect_bugcheck(release_unowned, "bug check 0x00000010: SPIN_LOCK_NOT_OWNED", NULL);
    expect_bugcheck(acquire_too_low, "bug check 0x00000009", "needs DISPATCH_LEVEL or above", NULL);
}

static void test_threads(void **state)
{
    (void)state;
    expect_bugcheck(leave_region, "bug check 0x00000001: APC_INDEX_MISMATCH", NULL);
    expect_bugcheck(thread_ends_with_mutex, "bug check 0x4000008A: THREAD_TERMINATE_HELD_MUTEX",
                    "thread \"holder\" ends", NULL);
}

static void test_report(void **state)
{
    (void)state;
    expect_bugcheck(with_callback, "bug check 0xDEADDEAD: MANUALLY_INITIATED_CRASH1", "Parameter 1: 0x0000000000000001",
                    "Parameter 4: 0x0000000000004444", "Driver:      none on the stack", "Stack:\n", "with_callback",
                    "event number 42", "Bug check callback of component", "callback buffer 7 at 15",
                    "0x000000E2: MANUALLY_INITIATED_CRASH, while the first one was reported", NULL);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(ke_bugcheck_name(0xD1), "DRIVER_IRQL_NOT_LESS_OR_EQUAL");
    assert_string_equal(ke_bugcheck_name(0x1), "APC_INDEX_MISMATCH");
    assert_string_equal(ke_bugcheck_name(0xC000021A), "WINLOGON_FATAL_ERROR");
    assert_string_equal(ke_bugcheck_name(0x12345), "UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irql),    cmocka_unit_test(test_waits),  cmocka_unit_test(test_dpc_return),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_report), cmocka_unit_test(test_spin_locks),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

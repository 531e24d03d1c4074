/*
 * System threads as objects, the System process, and callback objects, which ps gives to ex.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <ntifs.h>
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/ps/ps.h"

struct worker {
    KEVENT go;
    PETHREAD self;
    HANDLE id;
    KIRQL irql;
    int steps;
};

static NTAPI VOID work(PVOID context)
{
    struct worker *w = context;
    w->self = PsGetCurrentThread();
    w->id = PsGetCurrentThreadId();
    w->irql = KeGetCurrentIrql();
    KeWaitForSingleObject(&w->go, Executive, KernelMode, FALSE, NULL);
    w->steps = 1;
    PsTerminateSystemThread(STATUS_CANCELLED);
    w->steps = 2; /* not reached */
}

static NTAPI VOID return_at_once(PVOID context)
{
    ++*(int *)context;
}

static void test_thread(void **state)
{
    (void)state;
    struct worker w = {0};
    HANDLE handle;
    CLIENT_ID client;
    PVOID thread;
    KeInitializeEvent(&w.go, NotificationEvent, FALSE);
    LONG threads = ob_type_object_count(ob_types.thread), handles = ob_handle_count();
    assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, &client, work, &w), STATUS_SUCCESS);
    assert_int_equal(ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType, KernelMode, &thread, NULL),
                     STATUS_SUCCESS);
    assert_int_equal(ZwClose(handle), STATUS_SUCCESS);
    assert_false(PsIsThreadTerminating(thread));
    KeSetEvent(&w.go, IO_NO_INCREMENT, FALSE);
    assert_int_equal(KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    assert_int_equal(w.steps, 1);
    assert_ptr_equal(w.self, thread);
    assert_ptr_equal(w.id, client.UniqueThread);
    assert_ptr_equal(PsGetThreadId(thread), client.UniqueThread);
    assert_ptr_equal(client.UniqueProcess, PsGetCurrentProcessId());
    assert_int_equal(w.irql, PASSIVE_LEVEL);
    assert_int_equal(PsGetThreadExitStatus(thread), STATUS_CANCELLED);
    assert_true(PsIsThreadTerminating(thread));
    ObDereferenceObject(thread);
    assert_int_equal(ob_handle_count(), handles);
    /* The thread's own reference goes a moment after it is signalled: creating another one joins it. */
    int runs = 0;
    assert_int_equal(PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, return_at_once, &runs), STATUS_SUCCESS);
    LARGE_INTEGER forever = {.QuadPart = -600 * 10000000LL};
    assert_int_equal(ZwWaitForSingleObject(handle, FALSE, &forever), STATUS_SUCCESS);
    assert_int_equal(runs, 1);
    ZwClose(handle);
    assert_true(ob_type_object_count(ob_types.thread) <= threads + 1);
}

static void test_host_thread(void **state)
{
    (void)state;
    PETHREAD self = PsGetCurrentThread();
    assert_ptr_equal(self, KeGetCurrentThread());
    assert_ptr_equal(ob_type_of(self), ob_types.thread);
    ObReferenceObject(self);
    assert_int_equal(ob_reference_count(self), 2);
    ObDereferenceObject(self);
    assert_int_equal(PsTerminateSystemThread(STATUS_SUCCESS), STATUS_INVALID_PARAMETER);
    assert_true(PsIsSystemThread(self));
}

static void test_process(void **state)
{
    (void)state;
    PEPROCESS process;
    assert_int_equal(PsLookupProcessByProcessId(PsGetCurrentProcessId(), &process), STATUS_SUCCESS);
    assert_ptr_equal(process, PsGetCurrentProcess());
    ObDereferenceObject(process);
    assert_int_equal(PsLookupProcessByProcessId((HANDLE)12344, &process), STATUS_INVALID_CID);
    ULONG major = 0, minor = 1, build = 0;
    PsGetVersion(&major, &minor, &build, NULL);
    assert_int_equal(major, 10);
    assert_int_equal(minor, 0);
    assert_int_equal(build, KE_WINDOWS_BUILD);
}

static struct {
    int calls;
    PVOID context, argument1, argument2;
} seen;

static NTAPI VOID notified(PVOID context, PVOID argument1, PVOID argument2)
{
    seen.calls++;
    seen.context = context;
    seen.argument1 = argument1;
    seen.argument2 = argument2;
}

static void test_callbacks(void **state)
{
    (void)state;
    OBJECT_ATTRIBUTES attributes;
    PCALLBACK_OBJECT callback, again;
    int x, y, z;
    UNICODE_STRING power = RTL_CONSTANT_STRING(L"\\Callback\\PowerState");
    InitializeObjectAttributes(&attributes, &power, OBJ_CASE_INSENSITIVE, NULL, NULL);
    assert_int_equal(ExCreateCallback(&callback, &attributes, FALSE, TRUE), STATUS_SUCCESS); /* the system's */
    ObDereferenceObject(callback);

    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Callback\\NdiskitTest");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    assert_false(NT_SUCCESS(ExCreateCallback(&callback, &attributes, FALSE, FALSE)));
    assert_int_equal(ExCreateCallback(&callback, &attributes, TRUE, FALSE), STATUS_SUCCESS);
    assert_int_equal(ExCreateCallback(&again, &attributes, FALSE, FALSE), STATUS_SUCCESS);
    assert_ptr_equal(callback, again);
    PVOID registration = ExRegisterCallback(callback, notified, &x);
    assert_non_null(registration);
    assert_null(ExRegisterCallback(callback, notified, NULL)); /* one only */
    KIRQL old = KeRaiseIrqlToDpcLevel();
    ExNotifyCallback(again, &y, &z);
    KeLowerIrql(old);
    assert_int_equal(seen.calls, 1);
    assert_ptr_equal(seen.context, &x);
    assert_ptr_equal(seen.argument1, &y);
    assert_ptr_equal(seen.argument2, &z);
    ExUnregisterCallback(registration);
    ExNotifyCallback(again, &y, &z);
    assert_int_equal(seen.calls, 1);
    ObDereferenceObject(again);
    ObDereferenceObject(callback);
}

static int setup(void **state)
{
    (void)state;
    ke_initialize();
    ex_initialize();
    ob_initialize();
    ps_initialize();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ps_shutdown();
    ex_shutdown();
    ke_shutdown();
    return ke_thread_count() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thread),
        cmocka_unit_test(test_host_thread),
        cmocka_unit_test(test_process),
        cmocka_unit_test(test_callbacks),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

/*
 * Drivers that break the framework's rules: each mistake ends in bug check 0x10D (WDF_VIOLATION) with the parameters of
 * its page, and names the driver and the call. A child process for each.
 */
#include "wdf_test.h"
#include "tests/unit/ke/bugcheck_child.h"

#define VIOLATION "bug check 0x0000010D: WDF_VIOLATION"

/* Parameter 1: which violation. */
#define RECURSIVE_LOCK "Parameter 1: 0x0000000000000002"
#define VERIFIER       "Parameter 1: 0x0000000000000003"
#define NULL_PARAMETER "Parameter 1: 0x0000000000000004"
#define BAD_HANDLE     "Parameter 1: 0x0000000000000005"
#define OBJECT_ERROR   "Parameter 1: 0x0000000000000007"
#define LOCK_OPERATION "Parameter 1: 0x000000000000000b"
#define IRQL_MISMATCH  "Parameter 1: 0x000000000000000e"
#define REGION_LEAK    "Parameter 1: 0x000000000000000f"

static void start(void)
{
    wdf_test_boot();
    wdf_test_start();
}

static WDFOBJECT make_object(void)
{
    WDFOBJECT object;
    if (!NT_SUCCESS(WdfObjectCreate(NULL, &object)))
        abort();
    return object;
}

/* ---- handles --------------------------------------------------------------------------------------------------------
 */

static void wrong_type(void)
{
    start();
    WdfMemoryGetBuffer((WDFMEMORY)make_object(), NULL);
}

static void deleted_handle(void)
{
    start();
    WDFOBJECT object = make_object();
    WdfObjectDelete(object);
    make_object(); /* takes the same slot */
    WdfObjectReference(object);
}

static void made_up_handle(void)
{
    start();
    WdfObjectDelete((WDFOBJECT)&wdf_test);
}

static void null_handle(void)
{
    start();
    WdfObjectDelete(NULL);
}

static void foreign_handle(void)
{
    static WCHAR path[] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\other",
                 library[] = L"KmdfLibrary";
    static WDFFUNC *table;
    static WDF_BIND_INFO info = {sizeof(info), library, {1, 15, 0}, 444, (WDFFUNC *)&table, NULL};
    PWDF_DRIVER_GLOBALS globals;
    UNICODE_STRING name;
    start();
    RtlInitUnicodeString(&name, path);
    if (!NT_SUCCESS(WdfVersionBind(&wdf_test.object, &name, &info, &globals)))
        abort();
    ((PFN_WDFOBJECTREFERENCEACTUAL)table[WdfObjectReferenceActualTableIndex])(globals, make_object(), NULL, 0, NULL);
}

static void bad_parent(void)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object;
    start();
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ParentObject = (WDFOBJECT)(ULONG_PTR)0x12345670;
    WdfObjectCreate(&attributes, &object);
}

static void not_a_context(void)
{
    static ULONG nothing[64];
    start();
    WdfObjectContextGetObject(&nothing[32]);
}

static void handles(void **state)
{
    (void)state;
    expect_bugcheck(wrong_type, VIOLATION, BAD_HANDLE, "wdftest, WdfMemoryGetBuffer",
                    "of a WDFOBJECT where that of a WDFMEMORY", NULL);
    expect_bugcheck(deleted_handle, VIOLATION, BAD_HANDLE, "wdftest, WdfObjectReference", "it was deleted", NULL);
    expect_bugcheck(made_up_handle, VIOLATION, BAD_HANDLE, "wdftest, WdfObjectDelete", "never was one", NULL);
    expect_bugcheck(null_handle, VIOLATION, NULL_PARAMETER, "wdftest, WdfObjectDelete", "is NULL", NULL);
    expect_bugcheck(foreign_handle, VIOLATION, BAD_HANDLE, "other, WdfObjectReference", "of another driver, wdftest",
                    NULL);
    expect_bugcheck(bad_parent, VIOLATION, BAD_HANDLE, "ParentObject", "Parameter 2: 0x0000000012345670", NULL);
    expect_bugcheck(not_a_context, VIOLATION, BAD_HANDLE, "WdfObjectContextGetObject", NULL);
}

/* ---- life -----------------------------------------------------------------------------------------------------------
 */

static void too_many_dereferences(void)
{
    start();
    WdfObjectDereference(make_object());
}

static void driver_deletes_the_driver(void)
{
    start();
    WdfObjectDelete(WdfGetDriver());
}

static void leaked_reference(void)
{
    start();
    WdfObjectReference(make_object());
    wdf_test_stop();
}

/* With TrackHandles the report says who took the reference that is left. */
static void tracked_reference(void)
{
    static const WCHAR *const keys[] = {
        L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\wdftest",
        L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\wdftest\\Parameters",
        L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\wdftest\\Parameters\\Wdf"};
    static WCHAR names[] = L"WDFQUEUE\0WDFOBJECT\0";
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE key = NULL;
    ULONG on = 1;
    wdf_test_boot();
    for (int i = 0; i < 3; i++) {
        RtlInitUnicodeString(&name, keys[i]);
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, NULL, NULL);
        if (!NT_SUCCESS(ZwCreateKey(&key, KEY_ALL_ACCESS, &attributes, 0, NULL, REG_OPTION_VOLATILE, NULL)))
            abort();
    }
    RtlInitUnicodeString(&name, L"VerifierOn");
    ZwSetValueKey(key, &name, 0, REG_DWORD, &on, sizeof(on));
    RtlInitUnicodeString(&name, L"TrackHandles");
    ZwSetValueKey(key, &name, 0, REG_MULTI_SZ, names, sizeof(names));
    wdf_test_start();
    WDFOBJECT object = make_object();
    WdfObjectReferenceWithTag(object, (PVOID)0x1111);
    WdfObjectReferenceWithTag(object, (PVOID)0x2222);
    WdfObjectDereferenceWithTag(object, (PVOID)0x2222);
    wdf_test_stop();
}

static void child_outlives_its_parent(void)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFMEMORY child;
    start();
    WDFOBJECT parent = make_object();
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ParentObject = parent;
    if (!NT_SUCCESS(WdfMemoryCreate(&attributes, NonPagedPoolNx, 0, 8, &child, NULL)))
        abort();
    WdfObjectReference(child);
    WdfObjectDelete(parent);
    wdf_test_stop();
}

static void unload_in_the_wrong_mode(void)
{
    wdf_test_boot();
    wdf_test_prepare(WdfDriverInitNonPnpDriver);
    if (!NT_SUCCESS(wdf_test_load()))
        abort();
    wdf_test_stop();
}

static void object_before_the_driver(void)
{
    static WCHAR library[] = L"KmdfLibrary";
    static WDF_BIND_INFO info = {sizeof(info), library, {1, 15, 0}, 444, (WDFFUNC *)&WdfFunctions, NULL};
    wdf_test_boot();
    wdf_test_prepare(0);
    if (!NT_SUCCESS(WdfVersionBind(&wdf_test.object, &wdf_test.path, &info, &WdfDriverGlobals)))
        abort();
    make_object();
}

static void call_after_unbind(void)
{
    start();
    wdf_test_stop();
    make_object();
}

static void not_implemented(void)
{
    start();
    ((VOID(NTAPI *)(PWDF_DRIVER_GLOBALS))WdfFunctions[WdfCxDeviceInitAllocateTableIndex])(WdfDriverGlobals);
}

static void lives(void **state)
{
    (void)state;
    expect_bugcheck(too_many_dereferences, VIOLATION, OBJECT_ERROR, "wdftest, WdfObjectDereference", NULL);
    expect_bugcheck(driver_deletes_the_driver, VIOLATION, OBJECT_ERROR, "wdftest, WdfObjectDelete", "WDFDRIVER", NULL);
    expect_bugcheck(leaked_reference, VIOLATION, OBJECT_ERROR, "wdftest", "unloads with 2 live framework objects",
                    "WDFOBJECT", NULL);
    expect_bugcheck(tracked_reference, VIOLATION, OBJECT_ERROR, "WDFOBJECT", "1 with tag 0x1111, last at",
                    "test_wdf_misuse.c", NULL);
    expect_bugcheck(child_outlives_its_parent, VIOLATION, OBJECT_ERROR, "wdftest", "WDFMEMORY", NULL);
    expect_bugcheck(unload_in_the_wrong_mode, VIOLATION, OBJECT_ERROR, "wdftest, WdfDriverMiniportUnload", NULL);
    expect_bugcheck(object_before_the_driver, VIOLATION, "has not called WdfDriverCreate", NULL);
    expect_bugcheck(call_after_unbind, "WdfObjectCreate (KMDF function 207) after WdfVersionUnbind", NULL);
    expect_bugcheck(not_implemented, "wdftest called WdfCxDeviceInitAllocate", "does not implement", NULL);
}

/* ---- parameters and IRQL --------------------------------------------------------------------------------------------
 */

static void null_output(void)
{
    start();
    WdfObjectCreate(NULL, NULL);
}

static void null_config(void)
{
    start();
    WdfDriverCreate(&wdf_test.object, &wdf_test.path, NULL, NULL, NULL);
}

static void irql_too_high(void)
{
    WDFCOLLECTION collection;
    KIRQL irql;
    start();
    KeRaiseIrql(DISPATCH_LEVEL + 1, &irql);
    WdfCollectionCreate(NULL, &collection);
}

static void paged_at_dispatch(void)
{
    WDFMEMORY memory;
    KIRQL irql;
    start();
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfMemoryCreate(NULL, PagedPool, 0, 8, &memory, NULL);
}

static VOID NTAPI raise_and_stay(WDFOBJECT object)
{
    KIRQL irql;
    (void)object;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
}

static VOID NTAPI enter_and_stay(WDFOBJECT object)
{
    (void)object;
    KeEnterCriticalRegion();
}

static void with_cleanup(PFN_WDF_OBJECT_CONTEXT_CLEANUP cleanup)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object;
    start();
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.EvtCleanupCallback = cleanup;
    if (!NT_SUCCESS(WdfObjectCreate(&attributes, &object)))
        abort();
    WdfObjectDelete(object);
}

static void callback_changes_irql(void)
{
    with_cleanup(raise_and_stay);
}

static void callback_stays_in_a_region(void)
{
    with_cleanup(enter_and_stay);
}

static void remove_what_is_not_there(void)
{
    WDFCOLLECTION collection;
    start();
    if (!NT_SUCCESS(WdfCollectionCreate(NULL, &collection)))
        abort();
    WdfCollectionRemoveItem(collection, 3);
}

static void own_bug_check(void)
{
    start();
    WdfVerifierKeBugCheck(0xE2, 0x11, 0x22, 0x33, 0x44);
}

static void parameters(void **state)
{
    (void)state;
    expect_bugcheck(null_output, VIOLATION, NULL_PARAMETER, "wdftest, WdfObjectCreate: Object is NULL", NULL);
    expect_bugcheck(null_config, VIOLATION, NULL_PARAMETER, "WdfDriverCreate: DriverConfig is NULL", NULL);
    expect_bugcheck(irql_too_high, VIOLATION, VERIFIER, "WdfCollectionCreate: called at IRQL 3", NULL);
    expect_bugcheck(paged_at_dispatch, VIOLATION, VERIFIER, "WdfMemoryCreate: called at IRQL 2", NULL);
    expect_bugcheck(callback_changes_irql, VIOLATION, IRQL_MISMATCH, "EvtCleanupCallback",
                    "Parameter 2: 0x0000000000000000", "Parameter 3: 0x0000000000000002", NULL);
    expect_bugcheck(callback_stays_in_a_region, VIOLATION, REGION_LEAK, "EvtCleanupCallback", NULL);
    expect_bugcheck(remove_what_is_not_there, VIOLATION, "WdfCollectionRemoveItem", NULL);
    expect_bugcheck(own_bug_check, "0x000000E2", "Parameter 4: 0x0000000000000044", NULL);
}

/* ---- locks ----------------------------------------------------------------------------------------------------------
 */

static void spin_lock_twice(void)
{
    WDFSPINLOCK lock;
    start();
    if (!NT_SUCCESS(WdfSpinLockCreate(NULL, &lock)))
        abort();
    WdfSpinLockAcquire(lock);
    WdfSpinLockAcquire(lock);
}

static void spin_lock_of_another(void)
{
    WDFSPINLOCK lock;
    start();
    if (!NT_SUCCESS(WdfSpinLockCreate(NULL, &lock)))
        abort();
    WdfSpinLockRelease(lock);
}

static void wait_lock_twice(void)
{
    WDFWAITLOCK lock;
    start();
    if (!NT_SUCCESS(WdfWaitLockCreate(NULL, &lock)))
        abort();
    WdfWaitLockAcquire(lock, NULL);
    WdfWaitLockAcquire(lock, NULL);
}

static void wait_lock_not_held(void)
{
    WDFWAITLOCK lock;
    start();
    if (!NT_SUCCESS(WdfWaitLockCreate(NULL, &lock)))
        abort();
    WdfWaitLockRelease(lock);
}

static void wait_at_dispatch(void)
{
    WDFWAITLOCK lock;
    LONGLONG zero = 0;
    KIRQL irql;
    start();
    if (!NT_SUCCESS(WdfWaitLockCreate(NULL, &lock)))
        abort();
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfWaitLockAcquire(lock, &zero);
}

static void object_without_a_lock(void)
{
    start();
    WdfObjectAcquireLock(make_object());
}

static void locks(void **state)
{
    (void)state;
    expect_bugcheck(spin_lock_twice, VIOLATION, RECURSIVE_LOCK, "wdftest, WdfSpinLockAcquire", NULL);
    expect_bugcheck(spin_lock_of_another, VIOLATION, LOCK_OPERATION, "wdftest, WdfSpinLockRelease",
                    "Parameter 3: 0x0000000000000001", NULL);
    expect_bugcheck(wait_lock_twice, VIOLATION, RECURSIVE_LOCK, "wdftest, WdfWaitLockAcquire", NULL);
    expect_bugcheck(wait_lock_not_held, VIOLATION, LOCK_OPERATION, "wdftest, WdfWaitLockRelease", NULL);
    expect_bugcheck(wait_at_dispatch, VIOLATION, VERIFIER, "WdfWaitLockAcquire: called at IRQL 2", NULL);
    expect_bugcheck(object_without_a_lock, VIOLATION, LOCK_OPERATION, "wdftest, WdfObjectAcquireLock",
                    "Parameter 3: 0x0000000000000000", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles),
        cmocka_unit_test(lives),
        cmocka_unit_test(parameters),
        cmocka_unit_test(locks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The framework's small objects: memory, lookaside lists, strings, collections, spin locks and wait locks; and the
 * options of its verifier.
 */
#include <stdio.h>
#include <stdlib.h>
#include "wdf_test.h"

static int setup(void **state)
{
    (void)state;
    wdf_test_start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wdf_test_stop();
    return 0;
}

static int boot(void **state)
{
    (void)state;
    wdf_test_boot();
    return 0;
}

/* ---- memory ---------------------------------------------------------------------------------------------------------
 */

static void memory_from_pool(void **state)
{
    WDFMEMORY memory;
    PVOID buffer;
    size_t size = 0;
    UCHAR bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8}, back[8];
    (void)state;
    assert_int_equal(WdfMemoryCreate(NULL, NonPagedPoolNx, 0, 0, &memory, NULL), STATUS_INVALID_PARAMETER);
    assert_null(memory);
    assert_int_equal(WdfMemoryCreate(NULL, NonPagedPoolNx, 'tset', 100, &memory, &buffer), STATUS_SUCCESS);
    assert_ptr_equal(WdfMemoryGetBuffer(memory, &size), buffer);
    assert_int_equal(size, 100);
    assert_int_equal((uintptr_t)buffer % 16, 0);

    assert_int_equal(WdfMemoryCopyFromBuffer(memory, 92, bytes, 8), STATUS_SUCCESS);
    assert_int_equal(WdfMemoryCopyFromBuffer(memory, 93, bytes, 8), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(WdfMemoryCopyFromBuffer(memory, 100, bytes, 1), STATUS_INVALID_BUFFER_SIZE);
    assert_int_equal(WdfMemoryCopyFromBuffer(memory, SIZE_MAX, bytes, 8), STATUS_INVALID_BUFFER_SIZE);
    assert_int_equal(WdfMemoryCopyFromBuffer(memory, 8, bytes, SIZE_MAX - 4), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(WdfMemoryCopyFromBuffer(memory, 0, bytes, 0), STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfMemoryCopyToBuffer(memory, 92, back, 8), STATUS_SUCCESS);
    assert_memory_equal(back, bytes, 8);
    assert_int_equal(WdfMemoryCopyToBuffer(memory, 93, back, 8), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(WdfMemoryCopyToBuffer(memory, SIZE_MAX, back, 8), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(WdfMemoryCopyToBuffer(memory, 8, back, SIZE_MAX - 4), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(WdfMemoryCopyToBuffer(memory, 0, back, 0), STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfMemoryAssignBuffer(memory, bytes, 8), STATUS_INVALID_PARAMETER);
    WdfObjectDelete(memory);

    assert_int_equal(WdfMemoryCreate(NULL, NonPagedPoolNx, 0, PAGE_SIZE, &memory, &buffer), STATUS_SUCCESS);
    assert_int_equal((uintptr_t)buffer % PAGE_SIZE, 0);
}

static void memory_over_a_buffer(void **state)
{
    UCHAR first[16], second[32];
    WDFMEMORY memory;
    size_t size;
    (void)state;
    assert_int_equal(WdfMemoryCreatePreallocated(NULL, first, 0, &memory), STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfMemoryCreatePreallocated(NULL, first, sizeof(first), &memory), STATUS_SUCCESS);
    assert_ptr_equal(WdfMemoryGetBuffer(memory, NULL), first);
    assert_int_equal(WdfMemoryAssignBuffer(memory, second, 0), STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfMemoryAssignBuffer(memory, second, sizeof(second)), STATUS_SUCCESS);
    assert_ptr_equal(WdfMemoryGetBuffer(memory, &size), second);
    assert_int_equal(size, sizeof(second));
}

static KIRQL cleanup_irql;

static VOID NTAPI note_irql(WDFOBJECT object)
{
    (void)object;
    cleanup_irql = KeGetCurrentIrql();
}

/* "EVT_WDF_OBJECT_CONTEXT_CLEANUP": memory from paged pool is cleaned up at PASSIVE_LEVEL. */
static void paged_memory_is_cleaned_up_at_passive(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFMEMORY memory;
    KIRQL irql;
    (void)state;
    for (int paged = 0; paged < 2; paged++) {
        WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
        attributes.EvtCleanupCallback = note_irql;
        assert_int_equal(WdfMemoryCreate(&attributes, paged ? PagedPool : NonPagedPoolNx, 0, 8, &memory, NULL),
                         STATUS_SUCCESS);
        cleanup_irql = HIGH_LEVEL;
        KeRaiseIrql(DISPATCH_LEVEL, &irql);
        WdfObjectDelete(memory);
        KeLowerIrql(irql);
        ex_flush_work_items();
        assert_int_equal(cleanup_irql, paged ? PASSIVE_LEVEL : DISPATCH_LEVEL);
    }
}

static void lookaside(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFLOOKASIDE list;
    WDFMEMORY a, b;
    size_t size;
    (void)state;
    assert_int_equal(WdfLookasideListCreate(NULL, 0, NonPagedPoolNx, NULL, 0, &list), STATUS_INVALID_PARAMETER);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.Size++;
    assert_int_equal(WdfLookasideListCreate(NULL, 8, NonPagedPoolNx, &attributes, 0, &list),
                     STATUS_INFO_LENGTH_MISMATCH);
    attributes.Size--;
    attributes.EvtCleanupCallback = note_irql;
    assert_int_equal(WdfLookasideListCreate(NULL, 200, NonPagedPoolNx, &attributes, 'kool', &list), STATUS_SUCCESS);
    assert_int_equal(WdfMemoryCreateFromLookaside(list, &a), STATUS_SUCCESS);
    assert_int_equal(WdfMemoryCreateFromLookaside(list, &b), STATUS_SUCCESS);
    memset(WdfMemoryGetBuffer(a, &size), 0x11, 200);
    assert_int_equal(size, 200);
    memset(WdfMemoryGetBuffer(b, NULL), 0x22, 200);
    cleanup_irql = HIGH_LEVEL;
    WdfObjectDelete(a);
    assert_int_equal(cleanup_irql, PASSIVE_LEVEL);
    /* The list goes first; the memory object that is left keeps what it needs. */
    WdfObjectDelete(list);
    assert_int_equal(((UCHAR *)WdfMemoryGetBuffer(b, NULL))[199], 0x22);
    WdfObjectDelete(b);
}

/* ---- strings --------------------------------------------------------------------------------------------------------
 */

static void strings(void **state)
{
    UNICODE_STRING text = RTL_CONSTANT_STRING(L"eth0"), odd = {3, 4, text.Buffer}, out;
    WDFSTRING string;
    KIRQL irql;
    (void)state;
    assert_int_equal(WdfStringCreate(&text, NULL, &string), STATUS_SUCCESS);
    WdfStringGetUnicodeString(string, &out);
    assert_int_equal(out.Length, 8);
    assert_ptr_not_equal(out.Buffer, text.Buffer);
    assert_memory_equal(out.Buffer, L"eth0", 10);
    WdfObjectDelete(string);

    assert_int_equal(WdfStringCreate(NULL, NULL, &string), STATUS_SUCCESS);
    WdfStringGetUnicodeString(string, &out);
    assert_int_equal(out.Length, 0);
    assert_int_equal(WdfDriverRetrieveVersionString(WdfGetDriver(), string), STATUS_SUCCESS);
    WdfStringGetUnicodeString(string, &out);
    assert_true(out.Length > 0);
    assert_int_equal(out.Buffer[out.Length / 2], 0);

    assert_int_equal(WdfStringCreate(&odd, NULL, &string), STATUS_INVALID_PARAMETER);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    assert_int_equal(WdfStringCreate(&text, NULL, &string), STATUS_INVALID_DEVICE_REQUEST);
    KeLowerIrql(irql);
}

/* ---- collections ----------------------------------------------------------------------------------------------------
 */

static void collections(void **state)
{
    WDFCOLLECTION collection;
    WDFOBJECT objects[4];
    (void)state;
    assert_int_equal(WdfCollectionCreate(NULL, &collection), STATUS_SUCCESS);
    assert_int_equal(WdfCollectionGetCount(collection), 0);
    assert_null(WdfCollectionGetFirstItem(collection));
    assert_null(WdfCollectionGetLastItem(collection));
    assert_null(WdfCollectionGetItem(collection, 0));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(WdfObjectCreate(NULL, &objects[i]), STATUS_SUCCESS);
        assert_int_equal(WdfCollectionAdd(collection, objects[i]), STATUS_SUCCESS);
        /* The collection alone keeps them from here on. */
        WdfObjectDelete(objects[i]);
    }
    assert_int_equal(WdfCollectionGetCount(collection), 4);
    assert_ptr_equal(WdfCollectionGetFirstItem(collection), objects[0]);
    assert_ptr_equal(WdfCollectionGetLastItem(collection), objects[3]);
    assert_ptr_equal(WdfCollectionGetItem(collection, 2), objects[2]);
    assert_null(WdfCollectionGetItem(collection, 4));
    WdfCollectionRemove(collection, objects[1]);
    assert_ptr_equal(WdfCollectionGetItem(collection, 1), objects[2]);
    WdfCollectionRemoveItem(collection, 0);
    assert_ptr_equal(WdfCollectionGetFirstItem(collection), objects[2]);
    assert_int_equal(WdfCollectionGetCount(collection), 2);
    WdfObjectDelete(collection);
}

static void collection_of_itself(void **state)
{
    WDFCOLLECTION collection;
    (void)state;
    assert_int_equal(WdfCollectionCreate(NULL, &collection), STATUS_SUCCESS);
    assert_int_equal(WdfCollectionAdd(collection, collection), STATUS_SUCCESS);
    WdfObjectDelete(collection);
}

/* ---- locks ----------------------------------------------------------------------------------------------------------
 */

static struct {
    WDFSPINLOCK spin;
    WDFWAITLOCK wait;
    int counts[2];
} locked;

static void count_up(void *context)
{
    (void)context;
    for (int i = 0; i < 5000; i++) {
        WdfSpinLockAcquire(locked.spin);
        locked.counts[0]++;
        WdfSpinLockRelease(locked.spin);
        if (WdfWaitLockAcquire(locked.wait, NULL) != STATUS_SUCCESS)
            abort();
        locked.counts[1]++;
        WdfWaitLockRelease(locked.wait);
    }
}

static void locks(void **state)
{
    unsigned long threads[3];
    (void)state;
    memset(&locked, 0, sizeof(locked));
    assert_int_equal(WdfSpinLockCreate(NULL, &locked.spin), STATUS_SUCCESS);
    assert_int_equal(WdfWaitLockCreate(NULL, &locked.wait), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ke_thread_create_joinable("count", count_up, NULL, &threads[i]), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++)
        ke_thread_join(threads[i]);
    assert_int_equal(locked.counts[0], 15000);
    assert_int_equal(locked.counts[1], 15000);

    WdfSpinLockAcquire(locked.spin);
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    WdfSpinLockRelease(locked.spin);
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

static void try_lock(void *context)
{
    LONGLONG now = 0, soon = WDF_REL_TIMEOUT_IN_MS(1);
    NTSTATUS *status = context;
    status[0] = WdfWaitLockAcquire(locked.wait, &now);
    status[1] = WdfWaitLockAcquire(locked.wait, &soon);
}

static void wait_lock_times_out(void **state)
{
    NTSTATUS status[2] = {1, 1};
    unsigned long thread;
    (void)state;
    assert_int_equal(WdfWaitLockCreate(NULL, &locked.wait), STATUS_SUCCESS);
    assert_int_equal(WdfWaitLockAcquire(locked.wait, NULL), STATUS_SUCCESS);
    assert_true(KeAreApcsDisabled());
    assert_int_equal(ke_thread_create_joinable("try", try_lock, status, &thread), STATUS_SUCCESS);
    ke_thread_join(thread);
    assert_int_equal(status[0], STATUS_TIMEOUT);
    assert_int_equal(status[1], STATUS_TIMEOUT);
    WdfWaitLockRelease(locked.wait);
    assert_false(KeAreApcsDisabled());
}

/* ---- verifier -------------------------------------------------------------------------------------------------------
 */

static HANDLE create_key(const WCHAR *path)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE key;
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    assert_int_equal(ZwCreateKey(&key, KEY_ALL_ACCESS, &attributes, 0, NULL, REG_OPTION_VOLATILE, NULL),
                     STATUS_SUCCESS);
    return key;
}

static void set_number(HANDLE key, const WCHAR *name, ULONG value)
{
    UNICODE_STRING text;
    RtlInitUnicodeString(&text, name);
    assert_int_equal(ZwSetValueKey(key, &text, 0, REG_DWORD, &value, sizeof(value)), STATUS_SUCCESS);
}

static void verifier_options(void **state)
{
    WDFOBJECT objects[3];
    (void)state;
    assert_int_equal(WdfDriverGlobals->DriverFlags, 0);
    wdf_test_stop();
    HANDLE service = create_key(wdf_test_path);
    HANDLE parameters = create_key(L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\wdftest\\Parameters");
    HANDLE options = create_key(L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\wdftest\\Parameters\\Wdf");
    set_number(options, L"VerifierOn", 1);
    set_number(options, L"VerifierAllocateFailCount", 3);
    set_number(options, L"DbgBreakOnError", 0);
    wdf_test_start();
    assert_int_equal(WdfDriverGlobals->DriverFlags, WdfVerifyOn | WdfVerifierOn);
    WdfVerifierDbgBreakPoint(); /* nothing happens: DbgBreakOnError is 0 */
    /* The driver object was the first allocation. */
    assert_int_equal(WdfObjectCreate(NULL, &objects[0]), STATUS_SUCCESS);
    assert_int_equal(WdfObjectCreate(NULL, &objects[1]), STATUS_SUCCESS);
    assert_int_equal(WdfObjectCreate(NULL, &objects[2]), STATUS_INSUFFICIENT_RESOURCES);
    assert_int_equal(WdfObjectCreate(NULL, &objects[2]), STATUS_INSUFFICIENT_RESOURCES);
    wdf_test_stop();
    assert_int_equal(ZwDeleteKey(options), STATUS_SUCCESS);
    assert_int_equal(ZwDeleteKey(parameters), STATUS_SUCCESS);
    assert_int_equal(ZwDeleteKey(service), STATUS_SUCCESS);
    ZwClose(options);
    ZwClose(parameters);
    ZwClose(service);
    wdf_test_start();
}

#define SMALL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SMALL_TEST(memory_from_pool),
        SMALL_TEST(memory_over_a_buffer),
        SMALL_TEST(paged_memory_is_cleaned_up_at_passive),
        SMALL_TEST(lookaside),
        SMALL_TEST(strings),
        SMALL_TEST(collections),
        SMALL_TEST(collection_of_itself),
        SMALL_TEST(locks),
        SMALL_TEST(wait_lock_times_out),
        SMALL_TEST(verifier_options),
    };
    return cmocka_run_group_tests(tests, boot, wdf_test_halt);
}

/*
 * The tree of framework objects: contexts, references, the order and IRQL of the callbacks at deletion, and what
 * creation refuses.
 */
#include <stdio.h>
#include <stdlib.h>
#include "wdf_test.h"

typedef struct _NAME_CONTEXT {
    char name;
    ULONG cleanup_irql, destroy_irql;
} NAME_CONTEXT;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(NAME_CONTEXT, GetName)

typedef struct _OTHER_CONTEXT {
    ULONG values[5];
} OTHER_CONTEXT;
WDF_DECLARE_CONTEXT_TYPE(OTHER_CONTEXT)

/* "a" when a is cleaned up, "A" when it is destroyed, in their order. */
static struct {
    char text[256];
    size_t length;
    WDFOBJECT to_dereference;
    KIRQL worst_cleanup_irql, worst_destroy_irql;
} seen;

/* A child that a work item deletes may be destroyed while its parent is cleaned up. */
static KSPIN_LOCK seen_lock;

static void note(char c, KIRQL *worst)
{
    KIRQL irql;

    KeAcquireSpinLock(&seen_lock, &irql);
    seen.text[seen.length++] = c;
    seen.text[seen.length] = 0;
    *worst = max(*worst, irql);
    KeReleaseSpinLock(&seen_lock, irql);
}

static VOID NTAPI cleanup(WDFOBJECT object)
{
    note(GetName(object)->name, &seen.worst_cleanup_irql);
    if (object == seen.to_dereference)
        WdfObjectDereference(object);
}

static VOID NTAPI destroy(WDFOBJECT object)
{
    note((char)(GetName(object)->name - 'a' + 'A'), &seen.worst_destroy_irql);
}

static void named_attributes(WDF_OBJECT_ATTRIBUTES *attributes, WDFOBJECT parent)
{
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(attributes, NAME_CONTEXT);
    attributes->EvtCleanupCallback = cleanup;
    attributes->EvtDestroyCallback = destroy;
    attributes->ParentObject = parent;
}

static WDFOBJECT make(char name, WDFOBJECT parent)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object;
    named_attributes(&attributes, parent);
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_SUCCESS);
    GetName(object)->name = name;
    return object;
}

static int setup(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    wdf_test_start();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wdf_test_stop();
    return WdfDriverGlobals == NULL ? 0 : -1;
}

static int boot(void **state)
{
    (void)state;
    wdf_test_boot();
    return 0;
}

static void contexts_by_type(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    OTHER_CONTEXT *other = NULL, *again = NULL;
    (void)state;
    WDFOBJECT object = make('a', NULL);
    NAME_CONTEXT *name = GetName(object);
    assert_non_null(name);
    assert_int_equal((uintptr_t)name % 16, 0);
    assert_ptr_equal(WdfObjectGetTypedContext(object, NAME_CONTEXT), name);
    assert_null(WdfObjectGet_OTHER_CONTEXT(object));
    assert_ptr_equal(WdfObjectContextGetObject(name), object);

    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, OTHER_CONTEXT);
    attributes.ContextSizeOverride = sizeof(OTHER_CONTEXT) + 100;
    assert_int_equal(WdfObjectAllocateContext(object, &attributes, (PVOID *)&other), STATUS_SUCCESS);
    assert_ptr_equal(WdfObjectGet_OTHER_CONTEXT(object), other);
    assert_ptr_equal(WdfObjectContextGetObject(other), object);
    for (size_t i = 0; i < sizeof(OTHER_CONTEXT) + 100; i++)
        assert_int_equal(((UCHAR *)other)[i], 0);
    memset(other, 0x5a, sizeof(OTHER_CONTEXT) + 100);
    assert_int_equal(WdfObjectAllocateContext(object, &attributes, (PVOID *)&again), STATUS_OBJECT_NAME_EXISTS);
    assert_ptr_equal(again, other);
    WdfObjectDelete(object);
    assert_string_equal(seen.text, "aA");
}

static void context_refusals(void **state)
{
    WDF_OBJECT_CONTEXT_TYPE_INFO empty = {sizeof(empty), (PCHAR) "EMPTY", 0, &empty, NULL};
    WDF_OBJECT_CONTEXT_TYPE_INFO old = {sizeof(old) - 8, (PCHAR) "OLD", 4, &old, NULL};
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object;
    (void)state;
    WDFOBJECT live = make('a', NULL);

    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ContextTypeInfo = &empty;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_WDF_OBJECT_ATTRIBUTES_INVALID);
    attributes.ContextTypeInfo = &old;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_INFO_LENGTH_MISMATCH);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, OTHER_CONTEXT);
    attributes.ContextSizeOverride = sizeof(OTHER_CONTEXT) - 1;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_WDF_OBJECT_ATTRIBUTES_INVALID);
    attributes.ContextTypeInfo = NULL;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_WDF_OBJECT_ATTRIBUTES_INVALID);
    attributes.ContextSizeOverride = SIZE_MAX - 8;
    attributes.ContextTypeInfo = WDF_GET_CONTEXT_TYPE_INFO(OTHER_CONTEXT);
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_INSUFFICIENT_RESOURCES);
    assert_null(object);

    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    assert_int_equal(WdfObjectAllocateContext(live, &attributes, NULL), STATUS_OBJECT_NAME_INVALID);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, OTHER_CONTEXT);
    attributes.ParentObject = live;
    assert_int_equal(WdfObjectAllocateContext(live, &attributes, NULL), STATUS_WDF_PARENT_ASSIGNMENT_NOT_ALLOWED);
}

WDF_DECLARE_CUSTOM_TYPE(CONTROL_PIPE)
WDF_DECLARE_CUSTOM_TYPE(BULK_PIPE)

/* "Framework Object Custom Types" */
static void custom_types(void **state)
{
    (void)state;
    WDFOBJECT object = make('a', NULL);
    assert_false(WdfObjectIsCustomType(object, BULK_PIPE));
    assert_int_equal(WdfObjectAddCustomTypeWithData(object, BULK_PIPE, 0x81, NULL, destroy), STATUS_SUCCESS);
    assert_int_equal(WdfObjectAddCustomType(object, BULK_PIPE), STATUS_OBJECT_NAME_EXISTS);
    assert_true(WdfObjectIsCustomType(object, BULK_PIPE));
    assert_int_equal(WdfObjectGetCustomTypeData(object, BULK_PIPE), 0x81);
    assert_int_equal(WdfObjectAddCustomType(object, CONTROL_PIPE), STATUS_SUCCESS);
    assert_int_equal(WdfObjectGetCustomTypeData(object, CONTROL_PIPE), 0);
    WdfObjectDelete(object);
    assert_string_equal(seen.text, "aAA");
}

static void attribute_refusals(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object;
    WDFMEMORY memory;
    (void)state;
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.Size--;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_INFO_LENGTH_MISMATCH);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ExecutionLevel = WdfExecutionLevelInvalid;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_WDF_OBJECT_ATTRIBUTES_INVALID);
    attributes.ExecutionLevel = WdfExecutionLevelDispatch + 1;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_WDF_OBJECT_ATTRIBUTES_INVALID);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.SynchronizationScope = WdfSynchronizationScopeNone + 1;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_WDF_OBJECT_ATTRIBUTES_INVALID);
    attributes.SynchronizationScope = WdfSynchronizationScopeDevice;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_WDF_SYNCHRONIZATION_SCOPE_INVALID);
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ExecutionLevel = WdfExecutionLevelPassive;
    assert_int_equal(WdfMemoryCreate(&attributes, NonPagedPoolNx, 0, 8, &memory, NULL),
                     STATUS_WDF_EXECUTION_LEVEL_INVALID);
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_SUCCESS);
}

/* Every EvtCleanupCallback of a tree before any EvtDestroyCallback, children before parents in both. */
static void order_of_deletion(void **state)
{
    (void)state;
    WDFOBJECT a = make('a', NULL), b = make('b', a), c = make('c', b);
    (void)c;
    WdfObjectDelete(a);
    assert_string_equal(seen.text, "cbaCBA");
}

static void siblings_before_parent(void **state)
{
    (void)state;
    WDFOBJECT a = make('a', NULL);
    make('b', a);
    make('c', a);
    WdfObjectDelete(a);
    assert_int_equal(seen.length, 6);
    assert_int_equal(seen.text[2], 'a');
    assert_int_equal(seen.text[5], 'A');
    assert_non_null(strchr(seen.text, 'B'));
    assert_true(strchr(seen.text, 'B') > strchr(seen.text, 'a'));
}

static void reference_keeps_an_object(void **state)
{
    (void)state;
    WDFOBJECT a = make('a', NULL), b = make('b', a);
    WdfObjectReferenceWithTag(b, (PVOID)0x31676174);
    WdfObjectDelete(a);
    /* The child outlives the deletion, and with it its parent: the handles stay valid for both. */
    assert_string_equal(seen.text, "ba");
    assert_int_equal(GetName(b)->name, 'b');
    assert_int_equal(GetName(a)->name, 'a');
    WdfObjectDereferenceWithTag(b, (PVOID)0x31676174);
    assert_string_equal(seen.text, "baBA");
}

static void cleanup_drops_the_drivers_reference(void **state)
{
    (void)state;
    WDFOBJECT a = make('a', NULL);
    WdfObjectReference(a);
    seen.to_dereference = a;
    WdfObjectDelete(a);
    assert_string_equal(seen.text, "aA");
}

static void deletion_twice_is_once(void **state)
{
    (void)state;
    WDFOBJECT a = make('a', NULL);
    WdfObjectReference(a);
    WdfObjectDelete(a);
    WdfObjectDelete(a);
    assert_string_equal(seen.text, "a");
    WdfObjectDereference(a);
    assert_string_equal(seen.text, "aA");
}

static void no_children_of_the_dying(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT child;
    PVOID context;
    (void)state;
    WDFOBJECT a = make('a', NULL);
    WdfObjectReference(a);
    WdfObjectDelete(a);
    named_attributes(&attributes, a);
    assert_int_equal(WdfObjectCreate(&attributes, &child), STATUS_DELETE_PENDING);
    assert_null(child);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, OTHER_CONTEXT);
    assert_int_equal(WdfObjectAllocateContext(a, &attributes, &context), STATUS_DELETE_PENDING);
    WdfObjectDereference(a);
}

/* General objects are cleaned up at the IRQL of the deletion, unless their execution level is passive. */
static void irql_of_callbacks(void **state)
{
    KIRQL irql;
    (void)state;
    WDFOBJECT a = make('a', NULL);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfObjectDelete(a);
    KeLowerIrql(irql);
    assert_string_equal(seen.text, "aA");
    assert_int_equal(seen.worst_cleanup_irql, DISPATCH_LEVEL);
    assert_int_equal(seen.worst_destroy_irql, DISPATCH_LEVEL);
}

static void passive_object_is_deleted_by_a_work_item(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object;
    KIRQL irql;
    (void)state;
    WDFOBJECT parent = make('p', NULL);
    named_attributes(&attributes, parent);
    attributes.ExecutionLevel = WdfExecutionLevelPassive;
    assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_SUCCESS);
    GetName(object)->name = 'x';
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfObjectDelete(parent);
    KeLowerIrql(irql);
    ex_flush_work_items();
    assert_string_equal(seen.text, "xpXP");
    assert_int_equal(seen.worst_cleanup_irql, PASSIVE_LEVEL);
    assert_int_equal(seen.worst_destroy_irql, PASSIVE_LEVEL);
}

static void passive_object_is_destroyed_by_a_work_item(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFSTRING string;
    KIRQL irql;
    (void)state;
    named_attributes(&attributes, NULL);
    assert_int_equal(WdfStringCreate(NULL, &attributes, &string), STATUS_SUCCESS);
    GetName(string)->name = 's';
    WdfObjectReference(string);
    WdfObjectDelete(string);
    assert_string_equal(seen.text, "s");
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfObjectDereference(string);
    KeLowerIrql(irql);
    ex_flush_work_items();
    assert_string_equal(seen.text, "sS");
    assert_int_equal(seen.worst_destroy_irql, PASSIVE_LEVEL);
}

/* A child whose deletion waits for its work item, or runs in it, when the parent is deleted: still the child first. */
static void parent_overtakes_a_deferred_child(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFSTRING string;
    KIRQL irql;
    (void)state;
    for (int i = 0; i < 300; i++) {
        memset(&seen, 0, sizeof(seen));
        WDFOBJECT parent = make('p', NULL);
        named_attributes(&attributes, parent);
        assert_int_equal(WdfStringCreate(NULL, &attributes, &string), STATUS_SUCCESS);
        GetName(string)->name = 's';
        KeRaiseIrql(DISPATCH_LEVEL, &irql);
        WdfObjectDelete(string);
        KeLowerIrql(irql);
        WdfObjectDelete(parent);
        ex_flush_work_items();
        assert_int_equal(seen.length, 4);
        assert_true(strchr(seen.text, 's') < strchr(seen.text, 'p'));
        assert_true(strchr(seen.text, 'S') < strchr(seen.text, 'P'));
    }
}

/* The unload waits for what a work item still deletes. */
static void unload_waits_for_deletions(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFSTRING string;
    KIRQL irql;
    (void)state;
    named_attributes(&attributes, NULL);
    assert_int_equal(WdfStringCreate(NULL, &attributes, &string), STATUS_SUCCESS);
    GetName(string)->name = 's';
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfObjectDelete(string);
    KeLowerIrql(irql);
    wdf_test_stop();
    assert_string_equal(seen.text, "sS");
    wdf_test_start();
}

/* Deep and wide trees: neither recursion nor handles run out. */
static void big_trees(void **state)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT top, object;
    (void)state;
    assert_int_equal(WdfObjectCreate(NULL, &top), STATUS_SUCCESS);
    object = top;
    for (int i = 0; i < 20000; i++) {
        WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
        attributes.ParentObject = object;
        assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_SUCCESS);
    }
    WdfObjectDelete(top);

    assert_int_equal(WdfObjectCreate(NULL, &top), STATUS_SUCCESS);
    for (int i = 0; i < 50000; i++) {
        WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
        attributes.ParentObject = top;
        assert_int_equal(WdfObjectCreate(&attributes, &object), STATUS_SUCCESS);
    }
    WdfObjectDelete(top);
}

/* Handles are never the same again, and never an address. */
static void handles_are_not_reused(void **state)
{
    WDFOBJECT last = NULL, object;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(WdfObjectCreate(NULL, &object), STATUS_SUCCESS);
        assert_ptr_not_equal(object, last);
        assert_int_equal((uintptr_t)object & 15, 0);
        assert_true((uintptr_t)object >> 60 == 5);
        last = object;
        WdfObjectDelete(object);
    }
}

struct racer {
    WDFOBJECT shared;
    int rounds;
};

static void race(void *context)
{
    struct racer *racer = context;
    WDF_OBJECT_ATTRIBUTES attributes;
    WDFOBJECT object;
    for (int i = 0; i < racer->rounds; i++) {
        WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, OTHER_CONTEXT);
        attributes.ParentObject = racer->shared;
        WdfObjectReference(racer->shared);
        if (NT_SUCCESS(WdfObjectCreate(&attributes, &object))) {
            WdfObjectGet_OTHER_CONTEXT(object)->values[0] = (ULONG)i;
            WdfObjectReference(object);
            WdfObjectDelete(object);
            if (WdfObjectGet_OTHER_CONTEXT(object)->values[0] != (ULONG)i)
                abort();
            WdfObjectDereference(object);
        }
        WdfObjectDereference(racer->shared);
    }
}

static void threads(void **state)
{
    struct racer racer = {make('r', NULL), 2000};
    unsigned long host[4];
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(ke_thread_create_joinable("race", race, &racer, &host[i]), STATUS_SUCCESS);
    for (int i = 0; i < 4; i++)
        ke_thread_join(host[i]);
    WdfObjectDelete(racer.shared);
    assert_string_equal(seen.text, "rR");
}

static void driver_object_is_the_root(void **state)
{
    (void)state;
    wdf_test_stop();
    memset(&seen, 0, sizeof(seen));
    wdf_test_prepare(WdfDriverInitNoDispatchOverride);
    named_attributes(&wdf_test.attributes, NULL);
    assert_int_equal(wdf_test_load(), STATUS_SUCCESS);
    GetName(wdf_test.driver)->name = 'd';
    make('a', NULL);
    wdf_test_stop();
    assert_string_equal(seen.text, "adAD");
    assert_int_equal(seen.worst_cleanup_irql, PASSIVE_LEVEL);
    wdf_test_start();
}

#define OBJECT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OBJECT_TEST(contexts_by_type),
        OBJECT_TEST(context_refusals),
        OBJECT_TEST(custom_types),
        OBJECT_TEST(attribute_refusals),
        OBJECT_TEST(order_of_deletion),
        OBJECT_TEST(siblings_before_parent),
        OBJECT_TEST(reference_keeps_an_object),
        OBJECT_TEST(cleanup_drops_the_drivers_reference),
        OBJECT_TEST(deletion_twice_is_once),
        OBJECT_TEST(no_children_of_the_dying),
        OBJECT_TEST(irql_of_callbacks),
        OBJECT_TEST(passive_object_is_deleted_by_a_work_item),
        OBJECT_TEST(passive_object_is_destroyed_by_a_work_item),
        OBJECT_TEST(parent_overtakes_a_deferred_child),
        OBJECT_TEST(unload_waits_for_deletions),
        OBJECT_TEST(big_trees),
        OBJECT_TEST(handles_are_not_reused),
        OBJECT_TEST(threads),
        OBJECT_TEST(driver_object_is_the_root),
    };
    return cmocka_run_group_tests(tests, boot, wdf_test_halt);
}

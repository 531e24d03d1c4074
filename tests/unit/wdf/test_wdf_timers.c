/*
 * Framework timers, work items and DPCs: their callbacks' IRQL, repetition, stopping, automatic serialization, deletion
 * while they run, and what their creation refuses.
 */
#include "wdf_io_test.h"
#include "tests/unit/ke/bugcheck_child.h"

#define VIOLATION "bug check 0x0000010D: WDF_VIOLATION"

static LARGE_INTEGER deadline = {.QuadPart = -10LL * 10000000};

static struct {
    KEVENT event;
    volatile LONG calls;
    KIRQL irql;
    WDFOBJECT object;
    volatile LONG inside, overlap;
} seen;

static void reset(void)
{
    memset(&seen, 0, sizeof(seen));
    KeInitializeEvent(&seen.event, SynchronizationEvent, FALSE);
}

static void await_call(void)
{
    assert_int_equal(KeWaitForSingleObject(&seen.event, Executive, KernelMode, FALSE, &deadline), STATUS_SUCCESS);
}

static void note(WDFOBJECT object)
{
    seen.irql = KeGetCurrentIrql();
    seen.object = object;
    InterlockedIncrement(&seen.calls);
    KeSetEvent(&seen.event, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI on_timer(WDFTIMER Timer)
{
    note(Timer);
}

static VOID NTAPI on_work(WDFWORKITEM WorkItem)
{
    note(WorkItem);
}

static VOID NTAPI on_dpc(WDFDPC Dpc)
{
    note(Dpc);
}

static WDF_OBJECT_ATTRIBUTES below(WDFOBJECT parent)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    WDF_OBJECT_ATTRIBUTES_INIT(&attributes);
    attributes.ParentObject = parent;
    return attributes;
}

/* ---- timers
 * ---------------------------------------------------------------------------------------------------------- */

static void one_shot_timer(void **state)
{
    WDF_TIMER_CONFIG config;
    WDFTIMER timer;
    WDF_OBJECT_ATTRIBUTES attributes = below(lower.wdf);
    (void)state;
    reset();
    WDF_TIMER_CONFIG_INIT(&config, on_timer);
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_SUCCESS);
    assert_ptr_equal(WdfTimerGetParentObject(timer), lower.wdf);
    assert_false(WdfTimerStop(timer, FALSE));
    assert_false(WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_SEC(3600)));
    assert_true(WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_MS(1)));
    await_call();
    assert_int_equal(seen.irql, DISPATCH_LEVEL);
    assert_ptr_equal(seen.object, timer);
    assert_false(WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_SEC(3600)));
    assert_true(WdfTimerStop(timer, TRUE));
    assert_int_equal(seen.calls, 1);
    WdfObjectDelete(timer);
}

static void periodic_timer(void **state)
{
    WDF_TIMER_CONFIG config;
    WDFTIMER timer;
    WDF_OBJECT_ATTRIBUTES attributes = below(lower.wdf);
    (void)state;
    reset();
    WDF_TIMER_CONFIG_INIT_PERIODIC(&config, on_timer, 1);
    config.TolerableDelay = 1;
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_SUCCESS);
    WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_MS(1));
    for (int i = 0; i < 3; i++)
        await_call();
    assert_true(WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_MS(1))); /* a periodic one stays in the queue */
    assert_true(WdfTimerStop(timer, TRUE));
    LONG calls = seen.calls;
    KeClearEvent(&seen.event);
    assert_true(calls >= 3);
    assert_false(WdfTimerStop(timer, TRUE));
    assert_int_equal(seen.calls, calls);
    /* Deleted while it runs: no call comes after. */
    WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_MS(1));
    await_call();
    WdfObjectDelete(timer);
    calls = seen.calls;
    KeFlushQueuedDpcs();
    assert_int_equal(seen.calls, calls);
}

static void passive_timer(void **state)
{
    WDF_TIMER_CONFIG config;
    WDFTIMER timer;
    WDF_OBJECT_ATTRIBUTES attributes = below(lower.wdf);
    (void)state;
    reset();
    WDF_TIMER_CONFIG_INIT_PERIODIC(&config, on_timer, 1);
    attributes.ExecutionLevel = WdfExecutionLevelPassive;
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_SUCCESS);
    WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_MS(1));
    await_call();
    await_call();
    assert_int_equal(seen.irql, PASSIVE_LEVEL);
    WdfTimerStop(timer, TRUE);
    WdfObjectDelete(timer);
}

static void high_resolution_timer(void **state)
{
    WDF_TIMER_CONFIG config;
    WDFTIMER timer;
    WDF_OBJECT_ATTRIBUTES attributes = below(lower.wdf);
    (void)state;
    reset();
    WDF_TIMER_CONFIG_INIT(&config, on_timer);
    config.UseHighResolutionTimer = WdfTrue;
    config.TolerableDelay = 1;
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_INVALID_PARAMETER);
    config.TolerableDelay = 0;
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_SUCCESS);
    assert_false(WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_MS(1)));
    await_call();
    assert_int_equal(seen.irql, DISPATCH_LEVEL);
    WdfObjectDelete(timer);
}

static void refused_timers(void **state)
{
    WDF_TIMER_CONFIG config;
    WDFTIMER timer;
    WDF_OBJECT_ATTRIBUTES attributes = below(NULL);
    (void)state;
    WDF_TIMER_CONFIG_INIT(&config, on_timer);
    assert_int_equal(WdfTimerCreate(&config, NULL, &timer), STATUS_WDF_PARENT_NOT_SPECIFIED);
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_WDF_PARENT_NOT_SPECIFIED);
    attributes = below(WdfGetDriver());
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_INVALID_DEVICE_REQUEST);
    attributes = below(lower.wdf);
    config.Size--;
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_INFO_LENGTH_MISMATCH);
    WDF_TIMER_CONFIG_INIT(&config, NULL);
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_INVALID_PARAMETER);

    /* A device of passive level has no callbacks that a timer's DPC could be serialised with. */
    WDFDEVICE device;
    WDF_OBJECT_ATTRIBUTES passive;
    WDF_OBJECT_ATTRIBUTES_INIT(&passive);
    passive.ExecutionLevel = WdfExecutionLevelPassive;
    assert_int_equal(WdfDeviceMiniportCreate(WdfGetDriver(), &passive, lower.self, lower.device, NULL, &device),
                     STATUS_SUCCESS);
    WDF_TIMER_CONFIG_INIT(&config, on_timer);
    attributes = below(device);
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_WDF_INCOMPATIBLE_EXECUTION_LEVEL);
    config.AutomaticSerialization = FALSE;
    assert_int_equal(WdfTimerCreate(&config, &attributes, &timer), STATUS_SUCCESS);
    WdfObjectDelete(device);
}

/* ---- work items and DPCs
 * --------------------------------------------------------------------------------------------- */

static void work_item(void **state)
{
    WDF_WORKITEM_CONFIG config;
    WDFWORKITEM item;
    WDF_OBJECT_ATTRIBUTES attributes = below(lower.wdf);
    KIRQL irql;
    (void)state;
    reset();
    WDF_WORKITEM_CONFIG_INIT(&config, on_work);
    assert_int_equal(WdfWorkItemCreate(&config, NULL, &item), STATUS_WDF_PARENT_NOT_SPECIFIED);
    assert_int_equal(WdfWorkItemCreate(&config, &attributes, &item), STATUS_SUCCESS);
    assert_ptr_equal(WdfWorkItemGetParentObject(item), lower.wdf);
    WdfWorkItemFlush(item); /* nothing to wait for */
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfWorkItemEnqueue(item);
    KeLowerIrql(irql);
    WdfWorkItemFlush(item);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.irql, PASSIVE_LEVEL);
    WdfWorkItemEnqueue(item);
    WdfObjectDelete(item); /* waits for it */
    assert_int_equal(seen.calls, 2);
}

static void dpc(void **state)
{
    WDF_DPC_CONFIG config;
    WDFDPC dpc;
    WDF_OBJECT_ATTRIBUTES attributes = below(lower.wdf);
    KIRQL irql;
    (void)state;
    reset();
    WDF_DPC_CONFIG_INIT(&config, on_dpc);
    assert_int_equal(WdfDpcCreate(&config, NULL, &dpc), STATUS_WDF_PARENT_NOT_SPECIFIED);
    assert_int_equal(WdfDpcCreate(&config, &attributes, &dpc), STATUS_SUCCESS);
    assert_ptr_equal(WdfDpcGetParentObject(dpc), lower.wdf);
    assert_non_null(WdfDpcWdmGetDpc(dpc));
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    assert_true(WdfDpcEnqueue(dpc));
    assert_false(WdfDpcEnqueue(dpc));
    assert_true(WdfDpcCancel(dpc, FALSE));
    assert_false(WdfDpcCancel(dpc, FALSE));
    assert_true(WdfDpcEnqueue(dpc));
    KeLowerIrql(irql);
    await_call();
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.irql, DISPATCH_LEVEL);
    assert_false(WdfDpcCancel(dpc, TRUE));
    WdfObjectDelete(dpc);
}

/* ---- automatic serialization
 * ------------------------------------------------------------------------------------------ */

static VOID NTAPI overlapping_dpc(WDFDPC Dpc)
{
    if (InterlockedIncrement(&seen.inside) != 1)
        seen.overlap = 1;
    for (int i = 0; i < 1000; i++)
        YieldProcessor();
    InterlockedDecrement(&seen.inside);
    note(Dpc);
}

static VOID NTAPI overlapping_timer(WDFTIMER Timer)
{
    overlapping_dpc((WDFDPC)Timer);
}

static void serialization(void **state)
{
    WDFDEVICE device;
    WDFTIMER timers[3];
    WDFDPC dpc;
    WDF_TIMER_CONFIG config;
    WDF_DPC_CONFIG dpc_config;
    WDF_WORKITEM_CONFIG work_config;
    WDFWORKITEM item;
    WDF_OBJECT_ATTRIBUTES attributes = below(NULL);
    (void)state;
    reset();
    attributes.SynchronizationScope = WdfSynchronizationScopeDevice;
    assert_int_equal(WdfDeviceMiniportCreate(WdfGetDriver(), &attributes, lower.self, lower.device, NULL, &device),
                     STATUS_SUCCESS);
    attributes = below(device);
    WDF_WORKITEM_CONFIG_INIT(&work_config, on_work);
    assert_int_equal(WdfWorkItemCreate(&work_config, &attributes, &item), STATUS_WDF_INCOMPATIBLE_EXECUTION_LEVEL);
    work_config.AutomaticSerialization = FALSE;
    assert_int_equal(WdfWorkItemCreate(&work_config, &attributes, &item), STATUS_SUCCESS);
    WDF_TIMER_CONFIG_INIT_PERIODIC(&config, overlapping_timer, 1);
    for (size_t i = 0; i < RTL_NUMBER_OF(timers); i++) {
        assert_int_equal(WdfTimerCreate(&config, &attributes, &timers[i]), STATUS_SUCCESS);
        WdfTimerStart(timers[i], WDF_REL_TIMEOUT_IN_MS(1));
    }
    WDF_DPC_CONFIG_INIT(&dpc_config, overlapping_dpc);
    assert_int_equal(WdfDpcCreate(&dpc_config, &attributes, &dpc), STATUS_SUCCESS);
    for (int i = 0; i < 20; i++) {
        WdfDpcEnqueue(dpc);
        await_call();
    }
    WdfObjectDelete(device);
    assert_int_equal(seen.overlap, 0);
}

/* ---- misuse
 * ---------------------------------------------------------------------------------------------------------- */

static WDFTIMER a_timer(PFN_WDF_TIMER routine)
{
    WDF_TIMER_CONFIG config;
    WDFTIMER timer;
    wdf_test_boot();
    if (lower_start(NULL) != 0)
        abort();
    WDF_OBJECT_ATTRIBUTES attributes = below(lower.wdf);
    WDF_TIMER_CONFIG_INIT(&config, routine);
    if (WdfTimerCreate(&config, &attributes, &timer) != STATUS_SUCCESS)
        abort();
    return timer;
}

static void waits_at_dispatch_level(void)
{
    WDFTIMER timer = a_timer(on_timer);
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    WdfTimerStop(timer, TRUE);
}

static VOID NTAPI raising_timer(WDFTIMER Timer)
{
    KIRQL irql;
    (void)Timer;
    KeRaiseIrql(DISPATCH_LEVEL + 1, &irql);
}

static void returns_at_another_irql(void)
{
    LARGE_INTEGER second = {.QuadPart = -10000000};
    WDFTIMER timer = a_timer(raising_timer);
    WdfTimerStart(timer, WDF_REL_TIMEOUT_IN_MS(1));
    KeDelayExecutionThread(KernelMode, FALSE, &second);
}

static void wrong_handle(void)
{
    WDFTIMER timer = a_timer(on_timer);
    WdfWorkItemEnqueue((WDFWORKITEM)timer);
}

static void misuse(void **state)
{
    (void)state;
    expect_bugcheck(waits_at_dispatch_level, VIOLATION, "WdfTimerStop", NULL);
    expect_bugcheck(returns_at_another_irql, VIOLATION, "EvtTimerFunc", NULL);
    expect_bugcheck(wrong_handle, VIOLATION, "WdfWorkItemEnqueue", "WDFTIMER", NULL);
}

static int boot(void **state)
{
    (void)state;
    wdf_test_boot();
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, lower_start, lower_stop)

int main(void)
{
    const struct CMUnitTest children[] = {cmocka_unit_test(misuse)};
    const struct CMUnitTest tests[] = {
        TEST(one_shot_timer), TEST(periodic_timer), TEST(passive_timer), TEST(high_resolution_timer),
        TEST(refused_timers), TEST(work_item),      TEST(dpc),           TEST(serialization),
    };
    int failed = cmocka_run_group_tests(children, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, boot, wdf_test_halt);
}

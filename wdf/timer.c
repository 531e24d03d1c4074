/*
 * Framework timers over kernel timers. The callback runs in the timer's DPC or, for a timer of passive execution level,
 * in a work item that the DPC queues; then a period that ends while the work item waits is not counted twice.
 *
 * Public pages: "Using Timers", "WdfTimerCreate function", "EVT_WDF_TIMER callback function".
 */
#include "wdf/device.h"

struct wdf_timer {
    struct wdf_object object;
    WDF_TIMER_CONFIG config;
    struct wdf_callback_lock *lock;
    PEX_TIMER ex_timer; /* high resolution; else the kernel timer */
    KTIMER timer;
    KDPC dpc;
    KEVENT idle; /* no callback runs or is queued */
    WORK_QUEUE_ITEM work;
    KSPIN_LOCK state_lock;
    LONG running; /* callbacks that run or are queued as work; under state_lock */
    bool queued, stopped;
    PKTHREAD callback_thread; /* atomic: only its own thread finds itself there */
    bool deleted_by_itself;
};

static void timer_call(struct wdf_timer *timer)
{
    struct wdf_client *client = timer->object.client;
    struct wdf_callback_lock_state held;
    wdf_callback_lock_acquire(timer->lock, &held);
    struct wdf_callback_state state = wdf_callback_enter();
    PKTHREAD before = __atomic_exchange_n(&timer->callback_thread, KeGetCurrentThread(), __ATOMIC_RELAXED);
    timer->config.EvtTimerFunc((WDFTIMER)wdf_handle(&timer->object));
    __atomic_store_n(&timer->callback_thread, before, __ATOMIC_RELAXED);
    wdf_callback_leave(client, state, (const void *)timer->config.EvtTimerFunc, "EvtTimerFunc");
    wdf_callback_lock_release(timer->lock, &held);
}

/* Who deletes the timer waits for idle, and may count on no reference being left then. */
static void timer_end(struct wdf_timer *timer)
{
    bool last = timer->deleted_by_itself;
    KIRQL irql;
    if (!last)
        wdf_dereference(&timer->object);
    KeAcquireSpinLock(&timer->state_lock, &irql);
    if (--timer->running == 0)
        KeSetEvent(&timer->idle, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&timer->state_lock, irql);
    if (last)
        wdf_dereference(&timer->object);
}

static VOID NTAPI timer_work(PVOID context)
{
    struct wdf_timer *timer = context;
    KIRQL irql;
    KeAcquireSpinLock(&timer->state_lock, &irql);
    timer->queued = false;
    KeReleaseSpinLock(&timer->state_lock, irql);
    timer_call(timer);
    timer_end(timer);
}

/* At DISPATCH_LEVEL. */
static void timer_expired(struct wdf_timer *timer)
{
    bool passive = timer->object.execution_level == WdfExecutionLevelPassive;
    KIRQL irql;
    KeAcquireSpinLock(&timer->state_lock, &irql);
    bool run = !timer->stopped && !(passive && timer->queued);
    if (run) {
        wdf_reference(&timer->object);
        if (timer->running++ == 0)
            KeClearEvent(&timer->idle);
        timer->queued = passive;
    }
    KeReleaseSpinLock(&timer->state_lock, irql);
    if (!run)
        return;
    if (passive) {
        ExInitializeWorkItem(&timer->work, timer_work, timer);
        ExQueueWorkItem(&timer->work, DelayedWorkQueue);
        return;
    }
    timer_call(timer);
    timer_end(timer);
}

static VOID NTAPI timer_dpc(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(argument1);
    UNREFERENCED_PARAMETER(argument2);
    timer_expired(context);
}

static VOID NTAPI ex_timer_callback(PEX_TIMER ex_timer, PVOID context)
{
    UNREFERENCED_PARAMETER(ex_timer);
    timer_expired(context);
}

static bool timer_cancel(struct wdf_timer *timer)
{
    if (timer->ex_timer != NULL)
        return ExCancelTimer(timer->ex_timer, NULL);
    return KeCancelTimer(&timer->timer);
}

/* No expiration from now on, and none that runs: but not from the callback itself, which would wait for itself. */
static void timer_dispose(struct wdf_object *object)
{
    struct wdf_timer *timer = (struct wdf_timer *)object;
    KIRQL irql;
    KeAcquireSpinLock(&timer->state_lock, &irql);
    timer->stopped = true;
    KeReleaseSpinLock(&timer->state_lock, irql);
    timer_cancel(timer);
    if (__atomic_load_n(&timer->callback_thread, __ATOMIC_RELAXED) == KeGetCurrentThread()) {
        timer->deleted_by_itself = true;
        return;
    }
    KeFlushQueuedDpcs();
    KeWaitForSingleObject(&timer->idle, Executive, KernelMode, FALSE, NULL);
    KeAcquireSpinLock(&timer->state_lock, &irql); /* until it has been let go of */
    KeReleaseSpinLock(&timer->state_lock, irql);
}

static void timer_destroy(struct wdf_object *object)
{
    struct wdf_timer *timer = (struct wdf_timer *)object;
    if (timer->ex_timer != NULL)
        ExDeleteTimer(timer->ex_timer, TRUE, TRUE, NULL);
}

static const struct wdf_type timer_type = {
    .name = "WDFTIMER",
    .flags = WDF_TYPE_PASSIVE | WDF_TYPE_PARENT_REQUIRED | WDF_TYPE_EXECUTION_LEVEL,
    .dispose = timer_dispose,
    .destroy = timer_destroy,
};

/* Older versions end before the last members. */
static bool timer_config_copy(struct wdf_client *client, const WDF_TIMER_CONFIG *config, WDF_TIMER_CONFIG *copy)
{
    RtlZeroMemory(copy, sizeof(*copy));
    if (config->Size != FIELD_OFFSET(WDF_TIMER_CONFIG, TolerableDelay) &&
        config->Size != FIELD_OFFSET(WDF_TIMER_CONFIG, UseHighResolutionTimer) &&
        !wdf_size_is(client, config->Size, sizeof(*config), "WdfTimerCreate", "WDF_TIMER_CONFIG"))
        return false;
    RtlCopyMemory(copy, config, config->Size);
    return true;
}

/* What automatic serialization and the execution levels of the timer and the objects above allow. */
static NTSTATUS timer_levels(struct wdf_timer *timer, const WDF_OBJECT_ATTRIBUTES *attributes)
{
    struct wdf_device *device = wdf_device_above(timer->object.parent);
    bool passive = attributes->ExecutionLevel == WdfExecutionLevelPassive;
    if (device == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    timer->object.execution_level = passive ? WdfExecutionLevelPassive : WdfExecutionLevelDispatch;
    if (!timer->config.AutomaticSerialization)
        return STATUS_SUCCESS;
    if (!passive && device->object.execution_level == WdfExecutionLevelPassive)
        return STATUS_WDF_INCOMPATIBLE_EXECUTION_LEVEL;
    timer->lock = wdf_synchronization(timer->object.parent);
    if (passive && timer->lock != NULL && timer->object.parent->execution_level != WdfExecutionLevelPassive)
        return STATUS_WDF_INCOMPATIBLE_EXECUTION_LEVEL;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfTimerCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_TIMER_CONFIG Config,
                                   PWDF_OBJECT_ATTRIBUTES Attributes, WDFTIMER *Timer)
{
    static const char call[] = "WdfTimerCreate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    WDF_TIMER_CONFIG config;
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    wdf_require(client, Config, call, "Config");
    wdf_require(client, Timer, call, "Timer");
    *Timer = NULL;
    if (!timer_config_copy(client, Config, &config))
        return STATUS_INFO_LENGTH_MISMATCH;
    bool high_resolution = config.UseHighResolutionTimer == WdfTrue;
    if (config.EvtTimerFunc == NULL || (LONG)config.Period < 0 || (high_resolution && config.TolerableDelay != 0) ||
        (config.TolerableDelay > MAXLONG && config.TolerableDelay != TolerableDelayUnlimited))
        return STATUS_INVALID_PARAMETER;
    struct wdf_timer *timer = (void *)wdf_object_create(client, &timer_type, sizeof(*timer), Attributes, NULL, &status);
    if (timer == NULL)
        return status;
    timer->config = config;
    KeInitializeEvent(&timer->idle, NotificationEvent, TRUE);
    KeInitializeSpinLock(&timer->state_lock);
    KeInitializeTimer(&timer->timer);
    KeInitializeDpc(&timer->dpc, timer_dpc, timer);
    status = timer_levels(timer, Attributes);
    if (NT_SUCCESS(status) && high_resolution) {
        timer->ex_timer = ExAllocateTimer(ex_timer_callback, timer, EX_TIMER_HIGH_RESOLUTION);
        if (timer->ex_timer == NULL)
            status = STATUS_INSUFFICIENT_RESOURCES;
    }
    if (!NT_SUCCESS(status)) {
        wdf_object_abandon(&timer->object);
        return status;
    }
    *Timer = (WDFTIMER)wdf_handle(&timer->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfTimerCreate, PFN_WDFTIMERCREATE);

BOOLEAN NTAPI kmdf_WdfTimerStart(PWDF_DRIVER_GLOBALS DriverGlobals, WDFTIMER Timer, LONGLONG DueTime)
{
    static const char call[] = "WdfTimerStart";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_timer *timer = wdf_from_handle(DriverGlobals, Timer, &timer_type, call);
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    KIRQL irql;
    KeAcquireSpinLock(&timer->state_lock, &irql);
    bool deleting = wdf_is_deleting(&timer->object);
    timer->stopped = timer->stopped && deleting;
    bool was_set = false;
    if (!timer->stopped && timer->ex_timer != NULL) {
        if (DueTime > 0)
            wdf_violation(client, WDF_OBJECT_ERROR, (ULONG_PTR)Timer, 0, 0, call,
                          "a high-resolution timer takes a relative (negative) DueTime");
        was_set = ExSetTimer(timer->ex_timer, DueTime, (LONGLONG)timer->config.Period * WDF_TIMEOUT_TO_MS, NULL);
    } else if (!timer->stopped) {
        was_set = KeSetCoalescableTimer(
            &timer->timer, (LARGE_INTEGER){.QuadPart = DueTime}, timer->config.Period,
            timer->config.TolerableDelay == TolerableDelayUnlimited ? 0 : timer->config.TolerableDelay, &timer->dpc);
    }
    KeReleaseSpinLock(&timer->state_lock, irql);
    return was_set;
}
WDF_EXPORT(WdfTimerStart, PFN_WDFTIMERSTART);

BOOLEAN NTAPI kmdf_WdfTimerStop(PWDF_DRIVER_GLOBALS DriverGlobals, WDFTIMER Timer, BOOLEAN Wait)
{
    static const char call[] = "WdfTimerStop";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_timer *timer = wdf_from_handle(DriverGlobals, Timer, &timer_type, call);
    wdf_require_irql(client, Wait ? PASSIVE_LEVEL : DISPATCH_LEVEL, call);
    if (Wait && __atomic_load_n(&timer->callback_thread, __ATOMIC_RELAXED) == KeGetCurrentThread())
        wdf_violation(client, WDF_OBJECT_ERROR, (ULONG_PTR)Timer, 0, 0, call,
                      "called with Wait from the timer's own EvtTimerFunc, which would wait for itself");
    bool was_set = timer_cancel(timer);
    if (Wait) {
        KeFlushQueuedDpcs();
        KeWaitForSingleObject(&timer->idle, Executive, KernelMode, FALSE, NULL);
    }
    return was_set;
}
WDF_EXPORT(WdfTimerStop, PFN_WDFTIMERSTOP);

WDFOBJECT NTAPI kmdf_WdfTimerGetParentObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFTIMER Timer)
{
    struct wdf_timer *timer = wdf_from_handle(DriverGlobals, Timer, &timer_type, "WdfTimerGetParentObject");
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, "WdfTimerGetParentObject");
    return wdf_handle(timer->object.parent);
}
WDF_EXPORT(WdfTimerGetParentObject, PFN_WDFTIMERGETPARENTOBJECT);

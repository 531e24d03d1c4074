/*
 * Framework work items. One that is queued again while its callback runs is queued again: the two callbacks may
 * overlap, as the page of WdfWorkItemEnqueue says.
 *
 * Public pages: "Using Framework Work Items", "WdfWorkItemCreate function".
 */
#include "wdf/device.h"

struct wdf_work_item {
    struct wdf_object object;
    WDF_WORKITEM_CONFIG config;
    struct wdf_callback_lock *lock;
    KSPIN_LOCK state_lock;
    WORK_QUEUE_ITEM work;
    KEVENT idle;
    LONG running; /* callbacks queued or running; under state_lock */
    bool queued;
    PKTHREAD callback_thread;
    bool deleted_by_itself;
};

static VOID NTAPI run(PVOID context)
{
    struct wdf_work_item *item = context;
    struct wdf_client *client = item->object.client;
    struct wdf_callback_lock_state held;
    KIRQL irql;
    KeAcquireSpinLock(&item->state_lock, &irql);
    item->queued = false;
    KeReleaseSpinLock(&item->state_lock, irql);
    wdf_callback_lock_acquire(item->lock, &held);
    struct wdf_callback_state state = wdf_callback_enter();
    __atomic_store_n(&item->callback_thread, KeGetCurrentThread(), __ATOMIC_RELAXED);
    item->config.EvtWorkItemFunc((WDFWORKITEM)wdf_handle(&item->object));
    __atomic_store_n(&item->callback_thread, NULL, __ATOMIC_RELAXED);
    wdf_callback_leave(client, state, (const void *)item->config.EvtWorkItemFunc, "EvtWorkItem");
    wdf_callback_lock_release(item->lock, &held);
    /* Who deletes it waits for idle, and may count on no reference being left then. */
    bool last = item->deleted_by_itself;
    if (!last)
        wdf_dereference(&item->object);
    KeAcquireSpinLock(&item->state_lock, &irql);
    if (--item->running == 0)
        KeSetEvent(&item->idle, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&item->state_lock, irql);
    if (last)
        wdf_dereference(&item->object);
}

/* A work item may delete itself in its callback. */
static void dispose(struct wdf_object *object)
{
    struct wdf_work_item *item = (struct wdf_work_item *)object;
    KIRQL irql;
    if (__atomic_load_n(&item->callback_thread, __ATOMIC_RELAXED) == KeGetCurrentThread()) {
        item->deleted_by_itself = true;
        return;
    }
    KeWaitForSingleObject(&item->idle, Executive, KernelMode, FALSE, NULL);
    KeAcquireSpinLock(&item->state_lock, &irql); /* until it has been let go of */
    KeReleaseSpinLock(&item->state_lock, irql);
}

static const struct wdf_type work_item_type = {
    .name = "WDFWORKITEM",
    .flags = WDF_TYPE_PASSIVE | WDF_TYPE_PARENT_REQUIRED,
    .dispose = dispose,
};

NTSTATUS NTAPI kmdf_WdfWorkItemCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_WORKITEM_CONFIG Config,
                                      PWDF_OBJECT_ATTRIBUTES Attributes, WDFWORKITEM *WorkItem)
{
    static const char call[] = "WdfWorkItemCreate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    wdf_require(client, Config, call, "Config");
    wdf_require(client, WorkItem, call, "WorkItem");
    *WorkItem = NULL;
    if (!wdf_size_is(client, Config->Size, sizeof(*Config), call, "WDF_WORKITEM_CONFIG"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Config->EvtWorkItemFunc == NULL)
        return STATUS_INVALID_PARAMETER;
    struct wdf_work_item *item =
        (void *)wdf_object_create(client, &work_item_type, sizeof(*item), Attributes, NULL, &status);
    if (item == NULL)
        return status;
    item->config = *Config;
    KeInitializeEvent(&item->idle, NotificationEvent, TRUE);
    KeInitializeSpinLock(&item->state_lock);
    if (wdf_device_above(item->object.parent) == NULL)
        status = STATUS_INVALID_DEVICE_REQUEST;
    else if (Config->AutomaticSerialization) {
        /* Without a synchronization scope there is nothing to serialise with, and no level is wrong. */
        item->lock = wdf_synchronization(item->object.parent);
        if (item->lock != NULL && item->object.parent->execution_level != WdfExecutionLevelPassive)
            status = STATUS_WDF_INCOMPATIBLE_EXECUTION_LEVEL;
    }
    if (!NT_SUCCESS(status)) {
        wdf_object_abandon(&item->object);
        return status;
    }
    *WorkItem = (WDFWORKITEM)wdf_handle(&item->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfWorkItemCreate, PFN_WDFWORKITEMCREATE);

VOID NTAPI kmdf_WdfWorkItemEnqueue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFWORKITEM WorkItem)
{
    static const char call[] = "WdfWorkItemEnqueue";
    struct wdf_work_item *item = wdf_from_handle(DriverGlobals, WorkItem, &work_item_type, call);
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, call);
    KIRQL irql;
    KeAcquireSpinLock(&item->state_lock, &irql);
    bool queue = !item->queued && !wdf_is_deleting(&item->object);
    if (queue) {
        wdf_reference(&item->object);
        item->queued = true;
        if (item->running++ == 0)
            KeClearEvent(&item->idle);
        ExInitializeWorkItem(&item->work, run, item);
        ExQueueWorkItem(&item->work, DelayedWorkQueue);
    }
    KeReleaseSpinLock(&item->state_lock, irql);
}
WDF_EXPORT(WdfWorkItemEnqueue, PFN_WDFWORKITEMENQUEUE);

VOID NTAPI kmdf_WdfWorkItemFlush(PWDF_DRIVER_GLOBALS DriverGlobals, WDFWORKITEM WorkItem)
{
    static const char call[] = "WdfWorkItemFlush";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_work_item *item = wdf_from_handle(DriverGlobals, WorkItem, &work_item_type, call);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    if (__atomic_load_n(&item->callback_thread, __ATOMIC_RELAXED) == KeGetCurrentThread())
        wdf_violation(client, WDF_OBJECT_ERROR, (ULONG_PTR)WorkItem, 0, 0, call,
                      "called from the work item's own EvtWorkItem, which would wait for itself");
    KeWaitForSingleObject(&item->idle, Executive, KernelMode, FALSE, NULL);
}
WDF_EXPORT(WdfWorkItemFlush, PFN_WDFWORKITEMFLUSH);

WDFOBJECT NTAPI kmdf_WdfWorkItemGetParentObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFWORKITEM WorkItem)
{
    struct wdf_work_item *item =
        wdf_from_handle(DriverGlobals, WorkItem, &work_item_type, "WdfWorkItemGetParentObject");
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, "WdfWorkItemGetParentObject");
    return wdf_handle(item->object.parent);
}
WDF_EXPORT(WdfWorkItemGetParentObject, PFN_WDFWORKITEMGETPARENTOBJECT);

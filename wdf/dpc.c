/*
 * Framework DPC objects.
 *
 * Public pages: "Creating DPC Objects", "WdfDpcCreate function".
 */
#include "wdf/device.h"

struct wdf_dpc {
    struct wdf_object object;
    WDF_DPC_CONFIG config;
    struct wdf_callback_lock *lock;
    KDPC dpc;
};

static VOID NTAPI run(PKDPC kdpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct wdf_dpc *dpc = context;
    struct wdf_callback_lock_state held;
    UNREFERENCED_PARAMETER(kdpc);
    UNREFERENCED_PARAMETER(argument1);
    UNREFERENCED_PARAMETER(argument2);
    wdf_callback_lock_acquire(dpc->lock, &held);
    struct wdf_callback_state state = wdf_callback_enter();
    dpc->config.EvtDpcFunc((WDFDPC)wdf_handle(&dpc->object));
    wdf_callback_leave(dpc->object.client, state, (const void *)dpc->config.EvtDpcFunc, "EvtDpcFunc");
    wdf_callback_lock_release(dpc->lock, &held);
}

static void dispose(struct wdf_object *object)
{
    struct wdf_dpc *dpc = (struct wdf_dpc *)object;
    KeRemoveQueueDpc(&dpc->dpc);
    KeFlushQueuedDpcs();
}

static const struct wdf_type dpc_type = {
    .name = "WDFDPC",
    .flags = WDF_TYPE_PASSIVE | WDF_TYPE_PARENT_REQUIRED,
    .dispose = dispose,
};

NTSTATUS NTAPI kmdf_WdfDpcCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_DPC_CONFIG Config,
                                 PWDF_OBJECT_ATTRIBUTES Attributes, WDFDPC *Dpc)
{
    static const char call[] = "WdfDpcCreate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    wdf_require(client, Config, call, "Config");
    wdf_require(client, Dpc, call, "Dpc");
    *Dpc = NULL;
    if (!wdf_size_is(client, Config->Size, sizeof(*Config), call, "WDF_DPC_CONFIG"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Config->EvtDpcFunc == NULL)
        return STATUS_INVALID_PARAMETER;
    struct wdf_dpc *dpc = (void *)wdf_object_create(client, &dpc_type, sizeof(*dpc), Attributes, NULL, &status);
    if (dpc == NULL)
        return status;
    dpc->config = *Config;
    KeInitializeDpc(&dpc->dpc, run, dpc);
    struct wdf_device *device = wdf_device_above(dpc->object.parent);
    if (device == NULL)
        status = STATUS_INVALID_DEVICE_REQUEST;
    else if (Config->AutomaticSerialization && device->object.execution_level == WdfExecutionLevelPassive)
        status = STATUS_WDF_INCOMPATIBLE_EXECUTION_LEVEL;
    else if (Config->AutomaticSerialization)
        dpc->lock = wdf_synchronization(dpc->object.parent);
    if (!NT_SUCCESS(status)) {
        wdf_object_abandon(&dpc->object);
        return status;
    }
    *Dpc = (WDFDPC)wdf_handle(&dpc->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDpcCreate, PFN_WDFDPCCREATE);

BOOLEAN NTAPI kmdf_WdfDpcEnqueue(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDPC Dpc)
{
    struct wdf_dpc *dpc = wdf_from_handle(DriverGlobals, Dpc, &dpc_type, "WdfDpcEnqueue");
    return !wdf_is_deleting(&dpc->object) && KeInsertQueueDpc(&dpc->dpc, NULL, NULL);
}
WDF_EXPORT(WdfDpcEnqueue, PFN_WDFDPCENQUEUE);

BOOLEAN NTAPI kmdf_WdfDpcCancel(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDPC Dpc, BOOLEAN Wait)
{
    struct wdf_dpc *dpc = wdf_from_handle(DriverGlobals, Dpc, &dpc_type, "WdfDpcCancel");
    if (Wait)
        wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, "WdfDpcCancel");
    bool queued = KeRemoveQueueDpc(&dpc->dpc);
    if (Wait)
        KeFlushQueuedDpcs();
    return queued;
}
WDF_EXPORT(WdfDpcCancel, PFN_WDFDPCCANCEL);

WDFOBJECT NTAPI kmdf_WdfDpcGetParentObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDPC Dpc)
{
    struct wdf_dpc *dpc = wdf_from_handle(DriverGlobals, Dpc, &dpc_type, "WdfDpcGetParentObject");
    return wdf_handle(dpc->object.parent);
}
WDF_EXPORT(WdfDpcGetParentObject, PFN_WDFDPCGETPARENTOBJECT);

PKDPC NTAPI kmdf_WdfDpcWdmGetDpc(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDPC Dpc)
{
    struct wdf_dpc *dpc = wdf_from_handle(DriverGlobals, Dpc, &dpc_type, "WdfDpcWdmGetDpc");
    return &dpc->dpc;
}
WDF_EXPORT(WdfDpcWdmGetDpc, PFN_WDFDPCWDMGETDPC);

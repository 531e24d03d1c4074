/*
 * An adapter's stack as a whole: started, paused, restarted and stopped in the documented order, and the events that
 * run along it. Starting: filters attach from below, protocols bind, then everything restarts from below. Pausing:
 * protocols, filters from above, the miniport. All of it at PASSIVE_LEVEL with the adapter's operation lock held.
 *
 * Pages: "Driver Stack Management", "Starting a Driver Stack", "Pausing a Driver Stack", "Restarting a Driver Stack",
 * "Stopping a Driver Stack".
 */
#include <ndis.h>

#include "ndis/core.h"

/* ---- pause
 * -------------------------------------------------------------------------------------------------------------- */

static void pause_binding(struct ndis_binding *binding, ULONG reason)
{
    NDIS_PROTOCOL_PAUSE_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_PROTOCOL_PAUSE_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_PROTOCOL_PAUSE_PARAMETERS_REVISION_1},
        .PauseReason = reason,
    };
    NET_PNP_EVENT_NOTIFICATION event = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_PNP_EVENT_NOTIFICATION_REVISION_1,
                   NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1},
        .NetPnPEvent = {.NetEvent = NetEventPause, .Buffer = &parameters, .BufferLength = sizeof(parameters)},
    };

    if (binding->state != NDIS_BINDING_RUNNING)
        return;
    binding->state = NDIS_BINDING_PAUSING;
    ndis_binding_net_event(binding, &event);
    /* The protocol promises this; without it the miniport would be paused with packets of its own outstanding. */
    ndis_flow_drain(&binding->sends, "a sent packet", binding->protocol->name);
    binding->state = NDIS_BINDING_PAUSED;
}

static void pause_miniport(struct ndis_adapter *adapter, ULONG reason)
{
    const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *chars = &adapter->driver->chars;
    NDIS_MINIPORT_PAUSE_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_MINIPORT_PAUSE_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_MINIPORT_PAUSE_PARAMETERS_REVISION_1},
        .PauseReason = reason,
    };
    LONGLONG begin = io_phase_begin();
    NDIS_STATUS status;

    ndis_path_close(adapter, reason == NDIS_PAUSE_LOW_POWER ? NDIS_STATUS_LOW_POWER_STATE : NDIS_STATUS_PAUSED);
    KeClearEvent(&adapter->transition);
    adapter->transition_completed = false;
    ndis_adapter_event(adapter, NDIS_EVENT_PAUSE);
    status = chars->PauseHandler(adapter->miniport_context, &parameters);
    ke_check_irql(PASSIVE_LEVEL, (const void *)chars->PauseHandler, "MiniportPause");
    if (status == NDIS_STATUS_PENDING)
        KeWaitForSingleObject(&adapter->transition, Executive, KernelMode, FALSE, NULL);
    else if (status != NDIS_STATUS_SUCCESS)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter, "MiniportPause of %s returned 0x%08X; a pause cannot fail",
                      adapter->driver->name, status);
    adapter->transition_completed = true;
    io_phase_end("MiniportPause", adapter->instance_path, begin, NDIS_STATUS_SUCCESS);
    ndis_adapter_event(adapter, NDIS_EVENT_PAUSE_OK);
    ndis_path_retire(adapter);
}

void ndis_stack_pause(struct ndis_adapter *adapter, ULONG reason)
{
    if (adapter->state != NDIS_ADAPTER_RUNNING)
        return;
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink)
        pause_binding(CONTAINING_RECORD(entry, struct ndis_binding, link), reason);
    for (LIST_ENTRY *entry = adapter->filters.Blink; entry != &adapter->filters; entry = entry->Blink)
        ndis_filter_pause(CONTAINING_RECORD(entry, struct ndis_filter, link), reason);
    pause_miniport(adapter, reason);
}

/* ---- restart
 * ------------------------------------------------------------------------------------------------------------ */

/* What travels up the stack: each driver may change it for those above. */
#define RESTART_ATTRIBUTES_SIZE (FIELD_OFFSET(NDIS_RESTART_ATTRIBUTES, Data) + sizeof(NDIS_RESTART_GENERAL_ATTRIBUTES))

static PNDIS_RESTART_ATTRIBUTES make_attributes(const struct ndis_adapter *adapter)
{
    const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES *general = &adapter->general;
    PNDIS_RESTART_ATTRIBUTES attributes = ExAllocatePool2(POOL_FLAG_NON_PAGED, RESTART_ATTRIBUTES_SIZE, NDIS_TAG);

    if (attributes == NULL)
        return NULL;
    attributes->Oid = OID_GEN_MINIPORT_RESTART_ATTRIBUTES;
    attributes->DataLength = sizeof(NDIS_RESTART_GENERAL_ATTRIBUTES);
    *(NDIS_RESTART_GENERAL_ATTRIBUTES *)attributes->Data = (NDIS_RESTART_GENERAL_ATTRIBUTES){
        .Header = {NDIS_OBJECT_TYPE_RESTART_GENERAL_ATTRIBUTES, NDIS_RESTART_GENERAL_ATTRIBUTES_REVISION_2,
                   NDIS_SIZEOF_RESTART_GENERAL_ATTRIBUTES_REVISION_2},
        .MtuSize = general->MtuSize,
        .MaxXmitLinkSpeed = general->MaxXmitLinkSpeed,
        .MaxRcvLinkSpeed = general->MaxRcvLinkSpeed,
        .LookaheadSize = general->LookaheadSize,
        .MacOptions = general->MacOptions,
        .SupportedPacketFilters = general->SupportedPacketFilters,
        .MaxMulticastListSize = general->MaxMulticastListSize,
        .RecvScaleCapabilities = general->RecvScaleCapabilities,
        .AccessType = general->AccessType,
        .ConnectionType = general->ConnectionType,
        .SupportedStatistics = general->SupportedStatistics,
        .DataBackFillSize = general->DataBackFillSize,
        .ContextBackFillSize = general->ContextBackFillSize,
        .SupportedOidList = general->SupportedOidList,
        .SupportedOidListLength = general->SupportedOidListLength,
    };
    return attributes;
}

static NDIS_STATUS restart_miniport(struct ndis_adapter *adapter, PNDIS_RESTART_ATTRIBUTES attributes)
{
    const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *chars = &adapter->driver->chars;
    NDIS_MINIPORT_RESTART_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_MINIPORT_RESTART_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_MINIPORT_RESTART_PARAMETERS_REVISION_1},
        .RestartAttributes = attributes,
    };
    LONGLONG begin = io_phase_begin();
    NDIS_STATUS status;

    KeClearEvent(&adapter->transition);
    adapter->transition_completed = false;
    ndis_adapter_event(adapter, NDIS_EVENT_RESTART);
    status = chars->RestartHandler(adapter->miniport_context, &parameters);
    ke_check_irql(PASSIVE_LEVEL, (const void *)chars->RestartHandler, "MiniportRestart");
    if (status == NDIS_STATUS_PENDING) {
        KeWaitForSingleObject(&adapter->transition, Executive, KernelMode, FALSE, NULL);
        status = adapter->transition_status;
    }
    adapter->transition_completed = true;
    io_phase_end("MiniportRestart", adapter->instance_path, begin, status);
    __atomic_store_n(&adapter->status, status, __ATOMIC_RELAXED);
    if (status != NDIS_STATUS_SUCCESS)
        ndis_adapter_event(adapter, NDIS_EVENT_RESTART_FAILED);
    return status;
}

static void restart_binding(struct ndis_binding *binding, PNDIS_RESTART_ATTRIBUTES attributes)
{
    struct ndis_adapter *adapter = binding->adapter;
    NDIS_PROTOCOL_RESTART_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_PROTOCOL_RESTART_PARAMETERS, NDIS_PROTOCOL_RESTART_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_PROTOCOL_RESTART_PARAMETERS_REVISION_1},
        .RestartAttributes = attributes,
        .BoundIfIndex = adapter->if_index,
        .BoundIfNetluid = adapter->luid,
    };
    NET_PNP_EVENT_NOTIFICATION event = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_PNP_EVENT_NOTIFICATION_REVISION_1,
                   NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1},
        .NetPnPEvent = {.NetEvent = NetEventRestart, .Buffer = &parameters, .BufferLength = sizeof(parameters)},
    };

    if (binding->state != NDIS_BINDING_PAUSED)
        return;
    binding->state = NDIS_BINDING_RESTARTING;
    binding->state =
        ndis_binding_net_event(binding, &event) == NDIS_STATUS_SUCCESS ? NDIS_BINDING_RUNNING : NDIS_BINDING_PAUSED;
}

static NDIS_STATUS restart_layers(struct ndis_adapter *adapter, PNDIS_RESTART_ATTRIBUTES attributes)
{
    NDIS_STATUS status = restart_miniport(adapter, attributes);

    if (status != NDIS_STATUS_SUCCESS)
        return status;
    for (LIST_ENTRY *entry = adapter->filters.Flink; entry != &adapter->filters; entry = entry->Flink) {
        status = ndis_filter_restart(CONTAINING_RECORD(entry, struct ndis_filter, link), attributes);
        if (status != NDIS_STATUS_SUCCESS)
            break;
    }
    /* The way is open in both directions before the first protocol hears of it: it may send from inside its handler. */
    if (status == NDIS_STATUS_SUCCESS)
        ndis_path_build(adapter);
    ndis_adapter_event(adapter, NDIS_EVENT_RESTART_OK);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink)
        restart_binding(CONTAINING_RECORD(entry, struct ndis_binding, link), attributes);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS ndis_stack_restart(struct ndis_adapter *adapter)
{
    PNDIS_RESTART_ATTRIBUTES attributes;
    NDIS_STATUS status;

    if (adapter->state != NDIS_ADAPTER_PAUSED || adapter->low_power || adapter->removing)
        return NDIS_STATUS_INVALID_STATE;
    attributes = make_attributes(adapter);
    if (attributes == NULL)
        return NDIS_STATUS_RESOURCES;
    status = restart_layers(adapter, attributes);
    if (status != NDIS_STATUS_SUCCESS)
        ndis_report("%s: the stack of %s did not restart: status 0x%08X", adapter->instance_path, adapter->driver->name,
                    status);
    ExFreePoolWithTag(attributes, NDIS_TAG);
    ndis_notify_change();
    return status;
}

/* ---- start and stop
 * ----------------------------------------------------------------------------------------------------- */

void ndis_stack_start(struct ndis_adapter *adapter)
{
    ndis_attach_all(adapter);
    ndis_bind_all(adapter);
    ndis_stack_restart(adapter);
}

void ndis_stack_stop(struct ndis_adapter *adapter, ULONG reason)
{
    adapter->removing = true;
    ndis_stack_pause(adapter, reason);
    while (!IsListEmpty(&adapter->bindings))
        ndis_unbind(CONTAINING_RECORD(adapter->bindings.Flink, struct ndis_binding, link));
    while (!IsListEmpty(&adapter->filters))
        ndis_detach(CONTAINING_RECORD(adapter->filters.Blink, struct ndis_filter, link));
}

/* ---- events
 * ------------------------------------------------------------------------------------------------------------- */

NDIS_STATUS ndis_stack_net_event(struct ndis_adapter *adapter, struct ndis_filter *above,
                                 PNET_PNP_EVENT_NOTIFICATION event)
{
    LIST_ENTRY *entry = above == NULL ? adapter->filters.Flink : above->link.Flink;
    NDIS_STATUS result = NDIS_STATUS_SUCCESS;

    /* A filter passes the event on with NdisFNetPnPEvent, which comes back here for what is above it. */
    for (; entry != &adapter->filters; entry = entry->Flink) {
        struct ndis_filter *filter = CONTAINING_RECORD(entry, struct ndis_filter, link);
        if (filter->driver->chars.NetPnPEventHandler != NULL)
            return filter->driver->chars.NetPnPEventHandler(filter->context, event);
    }
    for (entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink) {
        struct ndis_binding *binding = CONTAINING_RECORD(entry, struct ndis_binding, link);
        NDIS_STATUS status = ndis_binding_net_event(binding, event);
        if (status != NDIS_STATUS_SUCCESS && status != NDIS_STATUS_NOT_SUPPORTED && result == NDIS_STATUS_SUCCESS)
            result = status;
    }
    return result;
}

void ndis_stack_device_event(struct ndis_adapter *adapter, struct ndis_filter *below, PNET_DEVICE_PNP_EVENT event)
{
    LIST_ENTRY *entry = below == NULL ? adapter->filters.Blink : below->link.Blink;

    /* A filter passes the event on with NdisFDevicePnPEventNotify. */
    for (; entry != &adapter->filters; entry = entry->Blink) {
        struct ndis_filter *filter = CONTAINING_RECORD(entry, struct ndis_filter, link);
        if (filter->driver->chars.DevicePnPEventNotifyHandler != NULL) {
            filter->driver->chars.DevicePnPEventNotifyHandler(filter->context, event);
            return;
        }
    }
    if (!adapter->initialized)
        return;
    adapter->driver->chars.DevicePnPEventNotifyHandler(adapter->miniport_context, event);
    ke_check_irql(PASSIVE_LEVEL, (const void *)adapter->driver->chars.DevicePnPEventNotifyHandler,
                  "MiniportDevicePnPEventNotify");
}

void ndis_device_event(struct ndis_adapter *adapter, NDIS_DEVICE_PNP_EVENT code, void *buffer, ULONG length)
{
    NET_DEVICE_PNP_EVENT event = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_DEVICE_PNP_EVENT_REVISION_1,
                   NDIS_SIZEOF_NET_DEVICE_PNP_EVENT_REVISION_1},
        .DevicePnPEvent = code,
        .InformationBuffer = buffer,
        .InformationBufferLength = length,
    };
    ndis_stack_device_event(adapter, NULL, &event);
}

NDIS_STATUS NTAPI NdisMNetPnPEvent(NDIS_HANDLE MiniportAdapterHandle,
                                   PNET_PNP_EVENT_NOTIFICATION NetPnPEventNotification)
{
    struct ndis_adapter *adapter = ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMNetPnPEvent");
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    return ndis_stack_net_event(adapter, NULL, NetPnPEventNotification);
}
NT_EXPORT(NdisMNetPnPEvent);

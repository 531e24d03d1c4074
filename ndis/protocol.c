/*
 * Protocol drivers and their bindings. Registration binds the driver to every adapter that is there, and every adapter
 * that starts is offered to every protocol, always on the NDIS worker thread or in a Plug and Play operation. The
 * BindContext, UnbindContext and binding handle that a protocol sees are one object, struct ndis_binding.
 *
 * Pages: "Writing NDIS Protocol Drivers", "Binding to an Adapter", "Unbinding from an Adapter",
 * "NDIS_PROTOCOL_DRIVER_CHARACTERISTICS structure".
 */
#include <stdio.h>
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"

/* ---- bind parameters
 * ---------------------------------------------------------------------------------------------------- */

static void fill_bind_header(const struct ndis_protocol *protocol, NDIS_OBJECT_HEADER *header)
{
    UCHAR minor = protocol->chars.MinorNdisVersion;

    header->Type = NDIS_OBJECT_TYPE_BIND_PARAMETERS;
    if (minor >= 30) {
        header->Revision = NDIS_BIND_PARAMETERS_REVISION_4;
        header->Size = NDIS_SIZEOF_BIND_PARAMETERS_REVISION_4;
    } else if (minor >= 20) {
        header->Revision = NDIS_BIND_PARAMETERS_REVISION_3;
        header->Size = NDIS_SIZEOF_BIND_PARAMETERS_REVISION_3;
    } else if (minor >= 1) {
        header->Revision = NDIS_BIND_PARAMETERS_REVISION_2;
        header->Size = NDIS_SIZEOF_BIND_PARAMETERS_REVISION_2;
    } else {
        header->Revision = NDIS_BIND_PARAMETERS_REVISION_1;
        header->Size = NDIS_SIZEOF_BIND_PARAMETERS_REVISION_1;
    }
}

static void fill_bind_parameters(struct ndis_adapter *adapter, const struct ndis_protocol *protocol,
                                 NDIS_BIND_PARAMETERS *parameters)
{
    const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES *general = &adapter->general;
    NDIS_LINK_STATE link = ndis_link_state(adapter);

    *parameters = (NDIS_BIND_PARAMETERS){
        .ProtocolSection = &adapter->name,
        .AdapterName = &adapter->name,
        .PhysicalDeviceObject = adapter->pdo,
        .MediaType = general->MediaType,
        .MtuSize = general->MtuSize,
        .MaxXmitLinkSpeed = general->MaxXmitLinkSpeed,
        .XmitLinkSpeed = link.XmitLinkSpeed,
        .MaxRcvLinkSpeed = general->MaxRcvLinkSpeed,
        .RcvLinkSpeed = link.RcvLinkSpeed,
        .MediaConnectState = link.MediaConnectState,
        .MediaDuplexState = link.MediaDuplexState,
        .LookaheadSize = general->LookaheadSize,
        .PowerManagementCapabilities = general->PowerManagementCapabilities,
        .SupportedPacketFilters = general->SupportedPacketFilters,
        .MaxMulticastListSize = general->MaxMulticastListSize,
        .MacAddressLength = general->MacAddressLength,
        .PhysicalMediumType = general->PhysicalMediumType,
        .RcvScaleCapabilities = general->RecvScaleCapabilities,
        .BoundIfNetluid = adapter->luid,
        .BoundIfIndex = adapter->if_index,
        .LowestIfNetluid = adapter->luid,
        .LowestIfIndex = adapter->if_index,
        .AccessType = general->AccessType,
        .DirectionType = general->DirectionType,
        .ConnectionType = general->ConnectionType,
        .IfType = general->IfType,
        .IfConnectorPresent = general->IfConnectorPresent,
        .DataBackFillSize = general->DataBackFillSize,
        .ContextBackFillSize = general->ContextBackFillSize,
        .MacOptions = general->MacOptions,
        .CompartmentId = 1, /* the default compartment */
        .DefaultOffloadConfiguration = adapter->offload_default,
        .BoundAdapterName = &adapter->name,
        .PowerManagementCapabilitiesEx = general->PowerManagementCapabilitiesEx,
    };
    memcpy(parameters->CurrentMacAddress, general->CurrentMacAddress, sizeof(parameters->CurrentMacAddress));
    fill_bind_header(protocol, &parameters->Header);
}

/* ---- bind and unbind: operation lock held, stack paused
 * -------------------------------------------------------------------- */

void ndis_binding_free(struct ndis_binding *binding)
{
    if (binding->multicast != NULL)
        ExFreePoolWithTag(binding->multicast, NDIS_TAG);
    if (binding->frame_types != NULL)
        ExFreePoolWithTag(binding->frame_types, NDIS_TAG);
    binding->object.magic = 0;
    ExFreePoolWithTag(binding, NDIS_TAG);
}

static struct ndis_binding *make_binding(struct ndis_adapter *adapter, struct ndis_protocol *protocol)
{
    struct ndis_binding *binding = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*binding), NDIS_TAG);

    if (binding == NULL)
        return NULL;
    binding->object = (struct ndis_object){{NDIS_KIND_BINDING, 1, sizeof(*binding)}, NDIS_OBJECT_MAGIC};
    binding->adapter = adapter;
    binding->protocol = protocol;
    binding->send_complete = protocol->chars.SendNetBufferListsCompleteHandler;
    binding->receive = protocol->chars.ReceiveNetBufferListsHandler;
    binding->state = NDIS_BINDING_OPENING;
    KeInitializeEvent(&binding->event_done, NotificationEvent, FALSE);
    KeInitializeEvent(&binding->bind_done, NotificationEvent, FALSE);
    return binding;
}

static bool already_bound(struct ndis_adapter *adapter, struct ndis_protocol *protocol)
{
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink)
        if (CONTAINING_RECORD(entry, struct ndis_binding, link)->protocol == protocol)
            return true;
    return false;
}

bool ndis_bind(struct ndis_adapter *adapter, struct ndis_protocol *protocol)
{
    NDIS_BIND_PARAMETERS parameters;
    struct ndis_binding *binding;
    NDIS_STATUS status;

    if (!adapter->initialized || adapter->removing || adapter->low_power || protocol->deregistering ||
        already_bound(adapter, protocol))
        return false;
    binding = make_binding(adapter, protocol);
    if (binding == NULL)
        return false;
    fill_bind_parameters(adapter, protocol, &parameters);
    status = protocol->chars.BindAdapterHandlerEx(protocol->context, binding, &parameters);
    ke_check_irql(PASSIVE_LEVEL, (const void *)protocol->chars.BindAdapterHandlerEx, "ProtocolBindAdapterEx");
    if (status == NDIS_STATUS_PENDING) {
        KeWaitForSingleObject(&binding->bind_done, Executive, KernelMode, FALSE, NULL);
        status = binding->bind_status;
    }
    KeClearEvent(&binding->bind_done);
    ke_trace("NDIS: protocol %s bound to %s: status 0x%08X", protocol->name, adapter->instance_path, status);
    if (status == NDIS_STATUS_SUCCESS && binding->open) {
        binding->state = NDIS_BINDING_PAUSED;
        return true;
    }
    if (binding->open)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, binding,
                      "ProtocolBindAdapterEx of %s failed (0x%08X) without closing the adapter that it opened",
                      protocol->name, status);
    if (status == NDIS_STATUS_SUCCESS)
        ndis_report("ProtocolBindAdapterEx of %s succeeded without opening adapter %s", protocol->name,
                    adapter->instance_path);
    ndis_binding_free(binding);
    return false;
}

void ndis_unbind(struct ndis_binding *binding)
{
    struct ndis_protocol *protocol = binding->protocol;
    struct ndis_adapter *adapter = binding->adapter;
    NDIS_STATUS status;

    binding->state = NDIS_BINDING_CLOSING;
    KeClearEvent(&binding->bind_done);
    status = protocol->chars.UnbindAdapterHandlerEx(binding, binding->context);
    ke_check_irql(PASSIVE_LEVEL, (const void *)protocol->chars.UnbindAdapterHandlerEx, "ProtocolUnbindAdapterEx");
    if (status == NDIS_STATUS_PENDING)
        KeWaitForSingleObject(&binding->bind_done, Executive, KernelMode, FALSE, NULL);
    if (binding->open)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, binding,
                      "ProtocolUnbindAdapterEx of %s returned without closing the adapter (NdisCloseAdapterEx)",
                      protocol->name);
    ke_trace("NDIS: protocol %s unbound from %s", protocol->name, adapter->instance_path);
    ndis_binding_free(binding);
    ndis_request_aggregate(adapter);
}

static struct ndis_protocol *next_protocol(struct ndis_protocol *previous)
{
    LIST_ENTRY *link = ndis_next_held(&ndis.protocols, previous == NULL ? NULL : &previous->link,
                                      (ptrdiff_t)offsetof(struct ndis_protocol, references) -
                                          (ptrdiff_t)offsetof(struct ndis_protocol, link));
    return link == NULL ? NULL : CONTAINING_RECORD(link, struct ndis_protocol, link);
}

void ndis_bind_all(struct ndis_adapter *adapter)
{
    struct ndis_protocol *protocol = NULL;

    while ((protocol = next_protocol(protocol)) != NULL)
        ndis_bind(adapter, protocol);
}

/* ---- events
 * --------------------------------------------------------------------------------------------------------------- */

NDIS_STATUS ndis_binding_net_event(struct ndis_binding *binding, PNET_PNP_EVENT_NOTIFICATION event)
{
    NET_PNP_EVENT_HANDLER handler = binding->protocol->chars.NetPnPEventHandler;
    NDIS_STATUS status;

    if (handler == NULL)
        return NDIS_STATUS_SUCCESS;
    KeClearEvent(&binding->event_done);
    status = handler(binding->context, event);
    ke_check_irql(PASSIVE_LEVEL, (const void *)handler, "ProtocolNetPnPEvent");
    if (status == NDIS_STATUS_PENDING) {
        KeWaitForSingleObject(&binding->event_done, Executive, KernelMode, FALSE, NULL);
        status = binding->event_status;
    }
    return status;
}

VOID NTAPI NdisCompleteNetPnPEvent(NDIS_HANDLE NdisBindingHandle, PNET_PNP_EVENT_NOTIFICATION NetPnPEventNotification,
                                   NDIS_STATUS Status)
{
    struct ndis_binding *binding = ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisCompleteNetPnPEvent");
    UNREFERENCED_PARAMETER(NetPnPEventNotification);
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    binding->event_status = Status;
    KeSetEvent(&binding->event_done, IO_NO_INCREMENT, FALSE);
}
NT_EXPORT(NdisCompleteNetPnPEvent);

/* ---- open and close
 * ------------------------------------------------------------------------------------------------------- */

static bool select_medium(const struct ndis_adapter *adapter, const NDIS_OPEN_PARAMETERS *parameters)
{
    for (UINT i = 0; i < parameters->MediumArraySize; i++)
        if (parameters->MediumArray[i] == adapter->general.MediaType) {
            *parameters->SelectedMediumIndex = i;
            return true;
        }
    return false;
}

NDIS_STATUS NTAPI NdisOpenAdapterEx(NDIS_HANDLE NdisProtocolHandle, NDIS_HANDLE ProtocolBindingContext,
                                    PNDIS_OPEN_PARAMETERS OpenParameters, NDIS_HANDLE BindContext,
                                    PNDIS_HANDLE NdisBindingHandle)
{
    struct ndis_protocol *protocol = ndis_check_handle(NdisProtocolHandle, NDIS_KIND_PROTOCOL, "NdisOpenAdapterEx");
    struct ndis_binding *binding = ndis_check_handle(BindContext, NDIS_KIND_BINDING, "NdisOpenAdapterEx");
    struct ndis_adapter *adapter = binding->adapter;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (OpenParameters == NULL || NdisBindingHandle == NULL ||
        !ndis_header_valid(&OpenParameters->Header, NDIS_OBJECT_TYPE_OPEN_PARAMETERS, NDIS_OPEN_PARAMETERS_REVISION_1,
                           NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1) ||
        OpenParameters->MediumArray == NULL || OpenParameters->SelectedMediumIndex == NULL)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (binding->protocol != protocol || binding->state != NDIS_BINDING_OPENING || binding->open)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (OpenParameters->AdapterName == NULL ||
        !RtlEqualUnicodeString(OpenParameters->AdapterName, &adapter->name, TRUE))
        return NDIS_STATUS_ADAPTER_NOT_FOUND;
    if (!select_medium(adapter, OpenParameters))
        return NDIS_STATUS_UNSUPPORTED_MEDIA;
    if (OpenParameters->FrameTypeArray != NULL && OpenParameters->FrameTypeArraySize != 0) {
        size_t size = OpenParameters->FrameTypeArraySize * sizeof(NET_FRAME_TYPE);
        binding->frame_types = ExAllocatePool2(POOL_FLAG_NON_PAGED, size, NDIS_TAG);
        if (binding->frame_types == NULL)
            return NDIS_STATUS_RESOURCES;
        memcpy(binding->frame_types, OpenParameters->FrameTypeArray, size);
        binding->frame_type_count = OpenParameters->FrameTypeArraySize;
    }
    binding->context = ProtocolBindingContext;
    *NdisBindingHandle = binding;
    ke_lock(&adapter->list_lock);
    InsertTailList(&adapter->bindings, &binding->link);
    adapter->open_bindings++;
    adapter->several_bindings = adapter->open_bindings > 1;
    binding->open = true;
    ke_unlock(&adapter->list_lock);
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisOpenAdapterEx);

static bool is_quiet(struct ndis_binding *binding)
{
    return ndis_flow_balance(&binding->sends) == 0 && ndis_flow_balance(&binding->receives) == 0 &&
           __atomic_load_n(&binding->requests, __ATOMIC_ACQUIRE) == 0 &&
           __atomic_load_n(&binding->callers, __ATOMIC_ACQUIRE) == 0;
}

static void wait_quiet(struct ndis_binding *binding)
{
    LONGLONG begin = ke_now();
    bool reported = false;

    ndis_flow_drain(&binding->sends, "a sent packet", binding->protocol->name);
    ndis_flow_drain(&binding->receives, "a received packet", binding->protocol->name);
    while (!is_quiet(binding))
        ndis_patience(begin, &reported, "an OID request", binding->protocol->name);
}

static void closed(struct ndis_binding *binding)
{
    __atomic_store_n(&binding->open, false, __ATOMIC_RELEASE);
}

/* The protocol still owns packets or requests: it hears of the end of NdisCloseAdapterEx when it has none. */
static VOID NTAPI close_later(PVOID context)
{
    struct ndis_binding *binding = context;
    CLOSE_ADAPTER_COMPLETE_HANDLER_EX complete = binding->protocol->chars.CloseAdapterCompleteHandlerEx;
    NDIS_HANDLE protocol_context = binding->context;

    wait_quiet(binding);
    closed(binding);
    complete(protocol_context); /* the binding may be gone once this is called */
}

NDIS_STATUS NTAPI NdisCloseAdapterEx(NDIS_HANDLE NdisBindingHandle)
{
    struct ndis_binding *binding = ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisCloseAdapterEx");
    struct ndis_adapter *adapter = binding->adapter;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (!binding->open || binding->closing ||
        (binding->state != NDIS_BINDING_CLOSING && binding->state != NDIS_BINDING_OPENING))
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, binding,
                      "NdisCloseAdapterEx: protocol %s may close a binding once, and only while it binds or unbinds",
                      binding->protocol->name);
    binding->closing = true;
    ke_lock(&adapter->list_lock);
    RemoveEntryList(&binding->link);
    adapter->open_bindings--;
    adapter->several_bindings = adapter->open_bindings > 1;
    ke_unlock(&adapter->list_lock);
    if (is_quiet(binding)) {
        closed(binding);
        return NDIS_STATUS_SUCCESS;
    }
    ExInitializeWorkItem(&binding->close_work, close_later, binding);
    ExQueueWorkItem(&binding->close_work, DelayedWorkQueue);
    return NDIS_STATUS_PENDING;
}
NT_EXPORT(NdisCloseAdapterEx);

VOID NTAPI NdisCompleteBindAdapterEx(NDIS_HANDLE BindAdapterContext, NDIS_STATUS Status)
{
    struct ndis_binding *binding =
        ndis_check_handle(BindAdapterContext, NDIS_KIND_BINDING, "NdisCompleteBindAdapterEx");
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    binding->bind_status = Status;
    KeSetEvent(&binding->bind_done, IO_NO_INCREMENT, FALSE);
}
NT_EXPORT(NdisCompleteBindAdapterEx);

VOID NTAPI NdisCompleteUnbindAdapterEx(NDIS_HANDLE UnbindContext)
{
    struct ndis_binding *binding = ndis_check_handle(UnbindContext, NDIS_KIND_BINDING, "NdisCompleteUnbindAdapterEx");
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    KeSetEvent(&binding->bind_done, IO_NO_INCREMENT, FALSE);
}
NT_EXPORT(NdisCompleteUnbindAdapterEx);

/* ---- operations on all adapters of a protocol
 * ------------------------------------------------------------------------------- */

static struct ndis_adapter *next_adapter(struct ndis_adapter *previous)
{
    struct ndis_adapter *found = NULL;
    LIST_ENTRY *entry;

    ke_lock(&ndis.lock);
    /* From the start again when `previous` has gone meanwhile: what is done for each adapter may be done twice. */
    entry = previous == NULL || !previous->listed ? ndis.adapters.Flink : previous->link.Flink;
    if (entry != &ndis.adapters) {
        found = CONTAINING_RECORD(entry, struct ndis_adapter, link);
        ndis_adapter_reference(found);
    }
    ke_unlock(&ndis.lock);
    if (previous != NULL)
        ndis_adapter_release(previous);
    return found;
}

/* Binds a protocol to one adapter that may be running: the stack pauses for it ("Pausing a Driver Stack"). */
static void bind_running(struct ndis_adapter *adapter, struct ndis_protocol *protocol)
{
    ndis_adapter_lock(adapter);
    if (adapter->initialized && !adapter->removing && !adapter->start_pending && !adapter->low_power &&
        !already_bound(adapter, protocol)) {
        ndis_stack_pause(adapter, NDIS_PAUSE_BIND_PROTOCOL);
        ndis_bind(adapter, protocol);
        ndis_stack_restart(adapter);
    }
    ndis_adapter_unlock(adapter);
}

static void release_protocol(struct ndis_protocol *protocol)
{
    ke_lock(&ndis.lock);
    protocol->references--;
    ke_unlock(&ndis.lock);
    ndis_notify_change();
}

static void bind_protocol(void *context)
{
    struct ndis_protocol *protocol = context;
    struct ndis_adapter *adapter = NULL;

    while ((adapter = next_adapter(adapter)) != NULL)
        if (!protocol->deregistering)
            bind_running(adapter, protocol);
    release_protocol(protocol);
}

static void queue_bind(struct ndis_protocol *protocol)
{
    ke_lock(&ndis.lock);
    protocol->references++;
    ke_unlock(&ndis.lock);
    if (!ndis_worker_queue(bind_protocol, protocol))
        release_protocol(protocol);
}

VOID NTAPI NdisReEnumerateProtocolBindings(NDIS_HANDLE NdisProtocolHandle)
{
    struct ndis_protocol *protocol =
        ndis_check_handle(NdisProtocolHandle, NDIS_KIND_PROTOCOL, "NdisReEnumerateProtocolBindings");
    queue_bind(protocol);
}
NT_EXPORT(NdisReEnumerateProtocolBindings);

static struct ndis_binding *binding_of(struct ndis_adapter *adapter, const struct ndis_protocol *protocol,
                                       const struct ndis_binding *wanted)
{
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink) {
        struct ndis_binding *binding = CONTAINING_RECORD(entry, struct ndis_binding, link);
        if (binding->protocol == protocol || binding == wanted)
            return binding;
    }
    return NULL;
}

static void unbind_running(struct ndis_adapter *adapter, const struct ndis_protocol *protocol,
                           const struct ndis_binding *wanted)
{
    struct ndis_binding *binding;

    ndis_adapter_lock(adapter);
    binding = binding_of(adapter, protocol, wanted);
    if (binding != NULL) {
        ndis_stack_pause(adapter, NDIS_PAUSE_UNBIND_PROTOCOL);
        ndis_unbind(binding);
        ndis_stack_restart(adapter);
    }
    ndis_adapter_unlock(adapter);
}

static void unbind_one(void *context)
{
    struct ndis_adapter *adapter = NULL;

    while ((adapter = next_adapter(adapter)) != NULL)
        unbind_running(adapter, NULL, context);
}

NDIS_STATUS NTAPI NdisUnbindAdapter(NDIS_HANDLE NdisBindingHandle)
{
    struct ndis_binding *binding = ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisUnbindAdapter");
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return ndis_worker_queue(unbind_one, binding) ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
}
NT_EXPORT(NdisUnbindAdapter);

/* ---- registration
 * ---------------------------------------------------------------------------------------------------------- */

static NDIS_STATUS check_characteristics(const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS *chars)
{
    UCHAR minor = chars->MinorNdisVersion;

    if (!ndis_header_valid(&chars->Header, NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS,
                           NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1,
                           NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if (chars->MajorNdisVersion != 6 || (minor != 0 && minor != 1 && minor != 20 && minor != 30))
        return NDIS_STATUS_BAD_VERSION;
    if (chars->Header.Revision >= NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2 &&
        chars->Header.Size < NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if (chars->Name.Buffer == NULL || chars->Name.Length == 0 || chars->BindAdapterHandlerEx == NULL ||
        chars->UnbindAdapterHandlerEx == NULL || chars->OpenAdapterCompleteHandlerEx == NULL ||
        chars->CloseAdapterCompleteHandlerEx == NULL || chars->NetPnPEventHandler == NULL ||
        chars->OidRequestCompleteHandler == NULL || chars->StatusHandlerEx == NULL ||
        chars->ReceiveNetBufferListsHandler == NULL || chars->SendNetBufferListsCompleteHandler == NULL)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI NdisRegisterProtocolDriver(NDIS_HANDLE ProtocolDriverContext,
                                             PNDIS_PROTOCOL_DRIVER_CHARACTERISTICS ProtocolCharacteristics,
                                             PNDIS_HANDLE NdisProtocolHandle)
{
    struct ndis_protocol *protocol;
    NDIS_STATUS status;
    size_t size;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (ProtocolCharacteristics == NULL || NdisProtocolHandle == NULL)
        return NDIS_STATUS_INVALID_PARAMETER;
    *NdisProtocolHandle = NULL;
    status = check_characteristics(ProtocolCharacteristics);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    protocol = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*protocol), NDIS_TAG);
    if (protocol == NULL)
        return NDIS_STATUS_RESOURCES;
    protocol->object = (struct ndis_object){{NDIS_KIND_PROTOCOL, 1, sizeof(*protocol)}, NDIS_OBJECT_MAGIC};
    protocol->context = ProtocolDriverContext;
    size = ProtocolCharacteristics->Header.Size;
    memcpy(&protocol->chars, ProtocolCharacteristics, size < sizeof(protocol->chars) ? size : sizeof(protocol->chars));
    if (ProtocolCharacteristics->Header.Revision < NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2)
        protocol->chars.DirectOidRequestCompleteHandler = NULL;
    protocol->chars.Name = (NDIS_STRING){0};
    ndis_to_utf8(&ProtocolCharacteristics->Name, protocol->name, sizeof(protocol->name));
    protocol->driver = io_driver_from_address((const void *)ProtocolCharacteristics->BindAdapterHandlerEx);
    *NdisProtocolHandle = protocol;
    if (protocol->chars.SetOptionsHandler != NULL) {
        status = protocol->chars.SetOptionsHandler(protocol, ProtocolDriverContext);
        if (status != NDIS_STATUS_SUCCESS) {
            *NdisProtocolHandle = NULL;
            ExFreePoolWithTag(protocol, NDIS_TAG);
            return status;
        }
    }
    ke_lock(&ndis.lock);
    InsertTailList(&ndis.protocols, &protocol->link);
    ke_unlock(&ndis.lock);
    queue_bind(protocol);
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisRegisterProtocolDriver);

static void wait_unreferenced(struct ndis_protocol *protocol)
{
    for (;;) {
        uint32_t seen = __atomic_load_n(&ndis.changes, __ATOMIC_SEQ_CST);
        bool referenced;

        ke_lock(&ndis.lock);
        referenced = protocol->references != 0;
        if (!referenced)
            RemoveEntryList(&protocol->link);
        ke_unlock(&ndis.lock);
        if (!referenced)
            return;
        ke_wait_on_address(&ndis.changes, seen, KE_FOREVER);
    }
}

VOID NTAPI NdisDeregisterProtocolDriver(NDIS_HANDLE NdisProtocolHandle)
{
    struct ndis_protocol *protocol =
        ndis_check_handle(NdisProtocolHandle, NDIS_KIND_PROTOCOL, "NdisDeregisterProtocolDriver");
    struct ndis_adapter *adapter = NULL;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    protocol->deregistering = true;
    while ((adapter = next_adapter(adapter)) != NULL)
        unbind_running(adapter, protocol, NULL);
    wait_unreferenced(protocol);
    protocol->object.magic = 0;
    ExFreePoolWithTag(protocol, NDIS_TAG);
}
NT_EXPORT(NdisDeregisterProtocolDriver);

NDIS_STATUS NTAPI NdisIfQueryBindingIfIndex(NDIS_HANDLE NdisBindingHandle, PNET_IFINDEX pBoundIfIndex,
                                            PNET_LUID pBoundIfNetLuid, PNET_IFINDEX pLowestIfIndex,
                                            PNET_LUID pLowestIfNetLuid)
{
    struct ndis_binding *binding = ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisIfQueryBindingIfIndex");
    *pBoundIfIndex = *pLowestIfIndex = binding->adapter->if_index;
    *pBoundIfNetLuid = *pLowestIfNetLuid = binding->adapter->luid;
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisIfQueryBindingIfIndex);

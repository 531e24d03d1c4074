/*
 * One miniport adapter: its operational state, its attributes, and the calls that move it: MiniportInitializeEx and
 * MiniportHaltEx here, MiniportPause and MiniportRestart in stack.c. The states of "Adapter States of a Miniport
 * Driver" and what may happen in each are one table.
 */
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"

/* ---- state machine
 * ----------------------------------------------------------------------------------------------------- */

#define NO (-1)
/* Rows: state. Columns: event, in the order of enum ndis_adapter_event. */
static const signed char transitions[][NDIS_EVENT_SHUTDOWN + 1] = {
    /*                            initialize                 ok                   failed               restart ok failed
       pause                 ok                   halt                 shutdown */
    [NDIS_ADAPTER_HALTED] = {NDIS_ADAPTER_INITIALIZING, NO, NO, NO, NO, NO, NO, NO, NO, NO},
    [NDIS_ADAPTER_INITIALIZING] = {NO, NDIS_ADAPTER_PAUSED, NDIS_ADAPTER_HALTED, NO, NO, NO, NO, NO, NO, NO},
    [NDIS_ADAPTER_PAUSED] = {NO, NO, NO, NDIS_ADAPTER_RESTARTING, NO, NO, NO, NO, NDIS_ADAPTER_HALTED,
                             NDIS_ADAPTER_SHUTDOWN},
    [NDIS_ADAPTER_RESTARTING] = {NO, NO, NO, NO, NDIS_ADAPTER_RUNNING, NDIS_ADAPTER_PAUSED, NO, NO, NO,
                                 NDIS_ADAPTER_SHUTDOWN},
    [NDIS_ADAPTER_RUNNING] = {NO, NO, NO, NO, NO, NO, NDIS_ADAPTER_PAUSING, NO, NO, NDIS_ADAPTER_SHUTDOWN},
    [NDIS_ADAPTER_PAUSING] = {NO, NO, NO, NO, NO, NO, NO, NDIS_ADAPTER_PAUSED, NO, NDIS_ADAPTER_SHUTDOWN},
    [NDIS_ADAPTER_SHUTDOWN] = {NO, NO, NO, NO, NO, NO, NO, NO, NDIS_ADAPTER_HALTED, NO},
};

const char *ndis_adapter_state_name(enum ndis_adapter_state state)
{
    static const char *const names[] = {"Halted",  "Initializing", "Paused",  "Restarting",
                                        "Running", "Pausing",      "Shutdown"};
    return (size_t)state < ARRAYSIZE(names) ? names[state] : "?";
}

static const char *const event_names[] = {
    "initialize", "initialized", "initialize failed", "restart", "restarted", "restart failed", "pause",
    "paused",     "halt",        "shutdown"};

void ndis_adapter_event(struct ndis_adapter *adapter, enum ndis_adapter_event event)
{
    enum ndis_adapter_state old = adapter->state;
    signed char next = transitions[old][event];

    if (next == NO)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter, "adapter %s: event \"%s\" is not allowed in state %s",
                      adapter->instance_path, event_names[event], ndis_adapter_state_name(old));
    __atomic_store_n(&adapter->state, (enum ndis_adapter_state)next, __ATOMIC_RELEASE);
    ke_trace("NDIS: %s: %s -> %s", adapter->instance_path, ndis_adapter_state_name(old),
             ndis_adapter_state_name((enum ndis_adapter_state)next));
    ndis_notify_change();
}

/* ---- life
 * -------------------------------------------------------------------------------------------------------------- */

void ndis_adapter_reference(struct ndis_adapter *adapter)
{
    __atomic_fetch_add(&adapter->references, 1, __ATOMIC_RELAXED);
}

static void free_attributes(struct ndis_adapter *adapter)
{
    if (adapter->supported_oids != NULL)
        ExFreePoolWithTag(adapter->supported_oids, NDIS_TAG);
    if (adapter->offload_default != NULL)
        ExFreePoolWithTag(adapter->offload_default, NDIS_TAG);
    if (adapter->offload_hardware != NULL)
        ExFreePoolWithTag(adapter->offload_hardware, NDIS_TAG);
    adapter->supported_oids = NULL;
    adapter->offload_default = adapter->offload_hardware = NULL;
    adapter->has_registration = adapter->has_general = false;
    adapter->has_pnp_capabilities = adapter->has_pm_capabilities = adapter->has_rss = false;
}

void ndis_adapter_release(struct ndis_adapter *adapter)
{
    if (__atomic_sub_fetch(&adapter->references, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    free_attributes(adapter);
    adapter->object.magic = 0;
    ExFreePoolWithTag(adapter, NDIS_TAG);
}

void ndis_adapter_lock(struct ndis_adapter *adapter)
{
    KeWaitForSingleObject(&adapter->operation, Executive, KernelMode, FALSE, NULL);
}

void ndis_adapter_unlock(struct ndis_adapter *adapter)
{
    KeSetEvent(&adapter->operation, IO_NO_INCREMENT, FALSE);
}

/* ---- attributes
 * -------------------------------------------------------------------------------------------------------- */

static NDIS_STATUS set_add_device(struct ndis_adapter *adapter, const NDIS_MINIPORT_ADAPTER_ATTRIBUTES *attributes)
{
    if (!adapter->in_add_device)
        return NDIS_STATUS_INVALID_STATE;
    if (attributes->AddDeviceRegistrationAttributes.Header.Size <
        NDIS_SIZEOF_MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES_REVISION_1)
        return NDIS_STATUS_INVALID_LENGTH;
    adapter->add_device_context = attributes->AddDeviceRegistrationAttributes.MiniportAddDeviceContext;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS set_registration(struct ndis_adapter *adapter,
                                    const NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES *attributes)
{
    if (!adapter->in_initialize)
        return NDIS_STATUS_INVALID_STATE;
    if (attributes->Header.Size < NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1)
        return NDIS_STATUS_INVALID_LENGTH;
    if (adapter->has_registration)
        return NDIS_STATUS_INVALID_STATE;
    adapter->miniport_context = attributes->MiniportAdapterContext;
    adapter->attribute_flags = attributes->AttributeFlags;
    adapter->check_for_hang = attributes->CheckForHangTimeInSeconds;
    adapter->interface_type = attributes->InterfaceType;
    adapter->has_registration = true;
    return NDIS_STATUS_SUCCESS;
}

/* Copies a structure that begins with a header, as much as both sides know. */
static bool copy_versioned(void *to, size_t capacity, const void *from, UCHAR type)
{
    const NDIS_OBJECT_HEADER *header = from;

    if (header == NULL || header->Type != type || header->Size < sizeof(*header))
        return false;
    memset(to, 0, capacity);
    memcpy(to, from, header->Size < capacity ? header->Size : capacity);
    return true;
}

static NDIS_STATUS check_general(const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES *attributes)
{
    if (attributes->Header.Size < NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1)
        return NDIS_STATUS_INVALID_LENGTH;
    if (attributes->MacAddressLength > NDIS_MAX_PHYS_ADDRESS_LENGTH || attributes->MtuSize == 0)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (attributes->MediaType == NdisMedium802_3 && attributes->MacAddressLength != 6)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (attributes->SupportedOidListLength % sizeof(NDIS_OID) != 0 ||
        (attributes->SupportedOidListLength != 0 && attributes->SupportedOidList == NULL))
        return NDIS_STATUS_INVALID_PARAMETER;
    return NDIS_STATUS_SUCCESS;
}

/* Before MiniportInitializeEx ends: what the miniport indicates from there on is newer. */
static void set_initial_link(struct ndis_adapter *adapter)
{
    ke_lock(&adapter->list_lock);
    adapter->link_state = (NDIS_LINK_STATE){
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_LINK_STATE_REVISION_1, NDIS_SIZEOF_LINK_STATE_REVISION_1},
        .MediaConnectState = adapter->general.MediaConnectState,
        .MediaDuplexState = adapter->general.MediaDuplexState,
        .XmitLinkSpeed = adapter->general.XmitLinkSpeed,
        .RcvLinkSpeed = adapter->general.RcvLinkSpeed,
        .PauseFunctions = NdisPauseFunctionsUnknown,
        .AutoNegotiationFlags = adapter->general.AutoNegotiationFlags,
    };
    ke_unlock(&adapter->list_lock);
}

static NDIS_STATUS set_general(struct ndis_adapter *adapter, const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES *attributes)
{
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES *general = &adapter->general;
    NDIS_STATUS status;
    NDIS_OID *oids;

    if (!adapter->in_initialize || !adapter->has_registration)
        return NDIS_STATUS_INVALID_STATE;
    status = check_general(attributes);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    oids = ExAllocatePool2(POOL_FLAG_NON_PAGED, attributes->SupportedOidListLength + sizeof(*oids), NDIS_TAG);
    if (oids == NULL)
        return NDIS_STATUS_RESOURCES;
    if (attributes->SupportedOidListLength != 0)
        memcpy(oids, attributes->SupportedOidList, attributes->SupportedOidListLength);
    if (adapter->supported_oids != NULL)
        ExFreePoolWithTag(adapter->supported_oids, NDIS_TAG);
    adapter->supported_oids = oids;

    ke_lock(&adapter->list_lock); /* ndis_get_adapters reads along */
    memset(general, 0, sizeof(*general));
    memcpy(general, attributes,
           attributes->Header.Size < sizeof(*general) ? attributes->Header.Size : sizeof(*general));
    ke_unlock(&adapter->list_lock);
    general->SupportedOidList = oids;
    if (attributes->Header.Revision < NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2)
        general->PowerManagementCapabilitiesEx = NULL;
    adapter->has_pm_capabilities = copy_versioned(&adapter->pm_capabilities, sizeof(adapter->pm_capabilities),
                                                  general->PowerManagementCapabilitiesEx, NDIS_OBJECT_TYPE_DEFAULT);
    adapter->has_rss = copy_versioned(&adapter->rss_capabilities, sizeof(adapter->rss_capabilities),
                                      general->RecvScaleCapabilities, NDIS_OBJECT_TYPE_RSS_CAPABILITIES);
    adapter->has_pnp_capabilities = general->PowerManagementCapabilities != NULL;
    if (adapter->has_pnp_capabilities)
        adapter->pnp_capabilities = *general->PowerManagementCapabilities;
    /* The driver's structures may be on its stack; from here on the members point to our copies. */
    general->PowerManagementCapabilities = adapter->has_pnp_capabilities ? &adapter->pnp_capabilities : NULL;
    general->PowerManagementCapabilitiesEx = adapter->has_pm_capabilities ? &adapter->pm_capabilities : NULL;
    general->RecvScaleCapabilities = adapter->has_rss ? &adapter->rss_capabilities : NULL;
    adapter->has_general = true;
    set_initial_link(adapter);
    return NDIS_STATUS_SUCCESS;
}

static NDIS_OFFLOAD *copy_offload(const NDIS_OFFLOAD *offload)
{
    NDIS_OFFLOAD *copy;

    if (offload == NULL)
        return NULL;
    copy = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*copy), NDIS_TAG);
    if (copy != NULL && !copy_versioned(copy, sizeof(*copy), offload, NDIS_OBJECT_TYPE_OFFLOAD)) {
        ExFreePoolWithTag(copy, NDIS_TAG);
        copy = NULL;
    }
    return copy;
}

static NDIS_STATUS set_offload(struct ndis_adapter *adapter, const NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES *attributes)
{
    if (!adapter->in_initialize || !adapter->has_registration || adapter->offload_default != NULL)
        return NDIS_STATUS_INVALID_STATE;
    if (attributes->Header.Size < NDIS_SIZEOF_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1)
        return NDIS_STATUS_INVALID_LENGTH;
    adapter->offload_default = copy_offload(attributes->DefaultOffloadConfiguration);
    adapter->offload_hardware = copy_offload(attributes->HardwareOffloadCapabilities);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI NdisMSetMiniportAttributes(NDIS_HANDLE NdisMiniportHandle,
                                             PNDIS_MINIPORT_ADAPTER_ATTRIBUTES MiniportAttributes)
{
    struct ndis_adapter *adapter =
        ndis_check_handle(NdisMiniportHandle, NDIS_KIND_ADAPTER, "NdisMSetMiniportAttributes");
    const NDIS_OBJECT_HEADER *header;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (MiniportAttributes == NULL)
        return NDIS_STATUS_INVALID_PARAMETER;
    header = &MiniportAttributes->AddDeviceRegistrationAttributes.Header;
    if (header->Revision < 1)
        return NDIS_STATUS_BAD_VERSION;
    switch (header->Type) {
    case NDIS_OBJECT_TYPE_MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES:
        return set_add_device(adapter, MiniportAttributes);
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES:
        return set_registration(adapter, &MiniportAttributes->RegistrationAttributes);
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES:
        return set_general(adapter, &MiniportAttributes->GeneralAttributes);
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES:
        return set_offload(adapter, &MiniportAttributes->OffloadAttributes);
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES:
        return adapter->in_initialize && adapter->has_registration ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_STATE;
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_NATIVE_802_11_ATTRIBUTES:
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_NDK_ATTRIBUTES:
        return NDIS_STATUS_NOT_SUPPORTED;
    default:
        return NDIS_STATUS_INVALID_PARAMETER;
    }
}
NT_EXPORT(NdisMSetMiniportAttributes);

/* ---- initialize and halt
 * --------------------------------------------------------------------------------------------------- */

/* Descriptors for packets that are looped back; the data stay the sender's. */
static void make_loopback_pool(struct ndis_adapter *adapter)
{
    NET_BUFFER_LIST_POOL_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
        .fAllocateNetBuffer = TRUE,
        .PoolTag = NDIS_TAG,
    };
    adapter->loopback_pool = NdisAllocateNetBufferListPool(adapter, &parameters);
}

NDIS_STATUS ndis_adapter_initialize(struct ndis_adapter *adapter)
{
    const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *chars = &adapter->driver->chars;
    NDIS_MINIPORT_INIT_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_INIT_PARAMETERS, NDIS_MINIPORT_INIT_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_MINIPORT_INIT_PARAMETERS_REVISION_1},
        .MiniportAddDeviceContext = adapter->add_device_context,
        .IfIndex = adapter->if_index,
        .NetLuid = adapter->luid,
    };
    NDIS_STATUS status;

    if (adapter->resources_translated != NULL)
        parameters.AllocatedResources = &adapter->resources_translated->List[0].PartialResourceList;
    free_attributes(adapter);
    ndis_adapter_event(adapter, NDIS_EVENT_INITIALIZE);
    adapter->in_initialize = true;
    status = NDIS_PHASE("MiniportInitializeEx", adapter->instance_path,
                        chars->InitializeHandlerEx(adapter, adapter->driver->context, &parameters));
    ke_check_irql(PASSIVE_LEVEL, (const void *)chars->InitializeHandlerEx, "MiniportInitializeEx");
    adapter->in_initialize = false;
    __atomic_store_n(&adapter->status, status, __ATOMIC_RELAXED);
    if (status == NDIS_STATUS_PENDING)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter, "MiniportInitializeEx of %s returned NDIS_STATUS_PENDING",
                      adapter->driver->name);
    if (status != NDIS_STATUS_SUCCESS) {
        free_attributes(adapter);
        ndis_adapter_event(adapter, NDIS_EVENT_INITIALIZE_FAILED);
        return status;
    }
    if (!adapter->has_registration || !adapter->has_general)
        ndis_bugcheck(
            BUGCODE_NDIS_DRIVER, adapter,
            "MiniportInitializeEx of %s succeeded without giving NdisMSetMiniportAttributes its %s attributes",
            adapter->driver->name, adapter->has_registration ? "general" : "registration");
    adapter->packet_filter = 0;
    adapter->lookahead = adapter->general.LookaheadSize;
    make_loopback_pool(adapter);
    ndis_path_close(adapter, NDIS_STATUS_PAUSED);
    ndis_request_queue_close(&adapter->requests, false);
    adapter->initialized = true;
    ndis_adapter_event(adapter, NDIS_EVENT_INITIALIZE_OK);
    ndis_watch_start(adapter);
    return NDIS_STATUS_SUCCESS;
}

void ndis_adapter_halt(struct ndis_adapter *adapter, NDIS_HALT_ACTION action)
{
    const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *chars = &adapter->driver->chars;

    if (!adapter->initialized)
        return;
    ndis_request_queue_close(&adapter->requests, true);
    ndis_request_queue_drain(&adapter->requests, adapter->instance_path);
    ndis_watch_stop(adapter);
    adapter->initialized = false;
    NDIS_PHASE("MiniportHaltEx", adapter->instance_path, ({
                   chars->HaltHandlerEx(adapter->miniport_context, action);
                   NDIS_STATUS_SUCCESS;
               }));
    ke_check_irql(PASSIVE_LEVEL, (const void *)chars->HaltHandlerEx, "MiniportHaltEx");
    adapter->running_top = (struct ndis_down){0};
    if (adapter->loopback_pool != NULL)
        NdisFreeNetBufferListPool(adapter->loopback_pool);
    adapter->loopback_pool = NULL;
    ke_lock(&adapter->list_lock);
    adapter->link_state.MediaConnectState = MediaConnectStateUnknown;
    ke_unlock(&adapter->list_lock);
    ndis_adapter_event(adapter, NDIS_EVENT_HALT);
    free_attributes(adapter);
}

/* ---- completions of pended operations
 * --------------------------------------------------------------------------------------- */

static void complete_transition(struct ndis_adapter *adapter, enum ndis_adapter_state expected, NDIS_STATUS status,
                                const char *function)
{
    if (adapter->state != expected || __atomic_exchange_n(&adapter->transition_completed, true, __ATOMIC_ACQ_REL))
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter, "%s: adapter %s is %s and has no such operation pending", function,
                      adapter->instance_path, ndis_adapter_state_name(adapter->state));
    adapter->transition_status = status;
    KeSetEvent(&adapter->transition, IO_NO_INCREMENT, FALSE);
}

VOID NTAPI NdisMPauseComplete(NDIS_HANDLE MiniportAdapterHandle)
{
    struct ndis_adapter *adapter = ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMPauseComplete");
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    complete_transition(adapter, NDIS_ADAPTER_PAUSING, NDIS_STATUS_SUCCESS, "NdisMPauseComplete");
}
NT_EXPORT(NdisMPauseComplete);

VOID NTAPI NdisMRestartComplete(NDIS_HANDLE MiniportAdapterHandle, NDIS_STATUS Status)
{
    struct ndis_adapter *adapter = ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMRestartComplete");
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    complete_transition(adapter, NDIS_ADAPTER_RESTARTING, Status, "NdisMRestartComplete");
}
NT_EXPORT(NdisMRestartComplete);

/* ---- queries by the miniport
 * --------------------------------------------------------------------------------------------------- */

VOID NTAPI NdisMGetDeviceProperty(NDIS_HANDLE MiniportAdapterHandle, PDEVICE_OBJECT *PhysicalDeviceObject,
                                  PDEVICE_OBJECT *FunctionalDeviceObject, PDEVICE_OBJECT *NextDeviceObject,
                                  PCM_RESOURCE_LIST *AllocatedResources,
                                  PCM_RESOURCE_LIST *AllocatedResourcesTranslated)
{
    struct ndis_adapter *adapter =
        ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMGetDeviceProperty");

    if (PhysicalDeviceObject != NULL)
        *PhysicalDeviceObject = adapter->pdo;
    if (FunctionalDeviceObject != NULL)
        *FunctionalDeviceObject = adapter->fdo;
    if (NextDeviceObject != NULL)
        *NextDeviceObject = adapter->next;
    if (AllocatedResources != NULL)
        *AllocatedResources = adapter->resources;
    if (AllocatedResourcesTranslated != NULL)
        *AllocatedResourcesTranslated = adapter->resources_translated;
}
NT_EXPORT(NdisMGetDeviceProperty);

/* The caller frees the buffer with NdisFreeMemory(Buffer, 0, 0). */
static NDIS_STATUS copy_name(const UNICODE_STRING *from, PNDIS_STRING to)
{
    to->Buffer = NdisAllocateMemoryWithTagPriority(NULL, from->Length + sizeof(WCHAR), NDIS_TAG, NormalPoolPriority);
    if (to->Buffer == NULL)
        return NDIS_STATUS_RESOURCES;
    memcpy(to->Buffer, from->Buffer, from->Length);
    to->Buffer[from->Length / sizeof(WCHAR)] = 0;
    to->Length = from->Length;
    to->MaximumLength = (USHORT)(from->Length + sizeof(WCHAR));
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI NdisMQueryAdapterInstanceName(PNDIS_STRING pAdapterInstanceName, NDIS_HANDLE MiniportHandle)
{
    struct ndis_adapter *adapter =
        ndis_check_handle(MiniportHandle, NDIS_KIND_ADAPTER, "NdisMQueryAdapterInstanceName");
    return copy_name(&adapter->instance_name, pAdapterInstanceName);
}
NT_EXPORT(NdisMQueryAdapterInstanceName);

NDIS_STATUS NTAPI NdisQueryAdapterInstanceName(PNDIS_STRING pAdapterInstanceName, NDIS_HANDLE NdisBindingHandle)
{
    struct ndis_binding *binding =
        ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisQueryAdapterInstanceName");
    return copy_name(&binding->adapter->instance_name, pAdapterInstanceName);
}
NT_EXPORT(NdisQueryAdapterInstanceName);

/* Like NdisQueryAdapterInstanceName, before the adapter is open: BindingContext is the BindContext of the bind call. */
NDIS_STATUS NTAPI NdisQueryBindInstanceName(PNDIS_STRING pAdapterInstanceName, NDIS_HANDLE BindingContext)
{
    struct ndis_binding *binding = ndis_check_handle(BindingContext, NDIS_KIND_BINDING, "NdisQueryBindInstanceName");
    return copy_name(&binding->adapter->instance_name, pAdapterInstanceName);
}
NT_EXPORT(NdisQueryBindInstanceName);

/* The bus drivers that a WDM lower edge stands on have no configuration space that a function driver reads this way. */
ULONG NTAPI NdisMGetBusData(NDIS_HANDLE NdisMiniportHandle, ULONG WhichSpace, ULONG Offset, PVOID Buffer, ULONG Length)
{
    ndis_check_handle(NdisMiniportHandle, NDIS_KIND_ADAPTER, "NdisMGetBusData");
    UNREFERENCED_PARAMETER(WhichSpace);
    UNREFERENCED_PARAMETER(Offset);
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    return 0;
}
NT_EXPORT(NdisMGetBusData);

ULONG NTAPI NdisMSetBusData(NDIS_HANDLE NdisMiniportHandle, ULONG WhichSpace, ULONG Offset, PVOID Buffer, ULONG Length)
{
    ndis_check_handle(NdisMiniportHandle, NDIS_KIND_ADAPTER, "NdisMSetBusData");
    UNREFERENCED_PARAMETER(WhichSpace);
    UNREFERENCED_PARAMETER(Offset);
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(Length);
    return 0;
}
NT_EXPORT(NdisMSetBusData);

/* The miniport gives up: Plug and Play asks for the device's state, hears PNP_DEVICE_FAILED, and removes it. */
NDIS_STATUS NTAPI NdisMRemoveMiniport(NDIS_HANDLE MiniportHandle)
{
    struct ndis_adapter *adapter = ndis_check_handle(MiniportHandle, NDIS_KIND_ADAPTER, "NdisMRemoveMiniport");

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    adapter->failed = true;
    IoInvalidateDeviceState(adapter->pdo);
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisMRemoveMiniport);

/* ---- for the layers above
 * ------------------------------------------------------------------------------------------------------ */

static void describe(struct ndis_adapter *adapter, struct ndis_adapter_info *info)
{
    memset(info, 0, sizeof(*info));
    ndis_to_utf8(&adapter->name, info->name, sizeof(info->name));
    memcpy(info->friendly, adapter->friendly, sizeof(info->friendly) - 1);
    memcpy(info->instance_path, adapter->instance_path, sizeof(info->instance_path));
    memcpy(info->service, adapter->driver->name, sizeof(info->service));
    info->physical_device = adapter->pdo;
    info->state = __atomic_load_n(&adapter->state, __ATOMIC_ACQUIRE);
    info->ndis_major = adapter->driver->chars.MajorNdisVersion;
    info->ndis_minor = adapter->driver->chars.MinorNdisVersion;
    info->if_index = adapter->if_index;
    info->status = __atomic_load_n(&adapter->status, __ATOMIC_RELAXED);
    info->resets = adapter->resets;
    info->hung_sends = adapter->hung_sends;
    info->hung_requests = adapter->hung_requests;
    ke_lock(&adapter->list_lock);
    info->mac_length = adapter->general.MacAddressLength;
    memcpy(info->mac, adapter->general.CurrentMacAddress, sizeof(info->mac));
    info->mtu = adapter->general.MtuSize;
    info->connected = adapter->link_state.MediaConnectState == MediaConnectStateConnected;
    info->transmit_speed = adapter->link_state.XmitLinkSpeed;
    info->receive_speed = adapter->link_state.RcvLinkSpeed;
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink) {
        struct ndis_binding *binding = CONTAINING_RECORD(entry, struct ndis_binding, link);
        info->bindings += binding->open;
        info->sends_in_flight += (unsigned long long)ndis_flow_balance(&binding->sends);
        info->receives_in_flight += (unsigned long long)ndis_flow_balance(&binding->receives);
    }
    for (LIST_ENTRY *entry = adapter->filters.Flink; entry != &adapter->filters; entry = entry->Flink)
        info->filters++;
    ke_unlock(&adapter->list_lock);
}

/* The adapter of a physical device object (NULL: the first after `previous`), referenced. */
static struct ndis_adapter *find(PDEVICE_OBJECT physical_device, struct ndis_adapter *previous)
{
    struct ndis_adapter *found = NULL;
    bool passed = previous == NULL;

    ke_lock(&ndis.lock);
    for (LIST_ENTRY *entry = ndis.adapters.Flink; entry != &ndis.adapters && found == NULL; entry = entry->Flink) {
        struct ndis_adapter *adapter = CONTAINING_RECORD(entry, struct ndis_adapter, link);
        if (passed && (physical_device == NULL || adapter->pdo == physical_device)) {
            found = adapter;
            ndis_adapter_reference(found);
        }
        passed = passed || adapter == previous;
    }
    ke_unlock(&ndis.lock);
    if (previous != NULL)
        ndis_adapter_release(previous);
    return found;
}

size_t ndis_get_adapters(struct ndis_adapter_info *adapters, size_t max)
{
    struct ndis_adapter *adapter = NULL;
    size_t count = 0;

    while ((adapter = find(NULL, adapter)) != NULL) {
        if (count < max)
            describe(adapter, &adapters[count]);
        count++;
    }
    return count;
}

bool ndis_find_adapter(PDEVICE_OBJECT physical_device, struct ndis_adapter_info *info)
{
    struct ndis_adapter *adapter = find(physical_device, NULL);

    if (adapter == NULL)
        return false;
    describe(adapter, info);
    ndis_adapter_release(adapter);
    return true;
}

bool ndis_wait_adapter(PDEVICE_OBJECT physical_device, enum ndis_adapter_state state, bool link, LONGLONG timeout,
                       struct ndis_adapter_info *info)
{
    LONGLONG deadline = timeout < 0 ? KE_FOREVER : ke_now() + timeout;
    struct ndis_adapter_info found;

    for (;;) {
        uint32_t seen = __atomic_load_n(&ndis.changes, __ATOMIC_SEQ_CST);
        struct ndis_adapter *adapter = NULL;

        while ((adapter = find(physical_device, adapter)) != NULL) {
            describe(adapter, &found);
            if (found.state == state && (!link || found.connected)) {
                ndis_adapter_release(adapter);
                if (info != NULL)
                    *info = found;
                return true;
            }
            if (physical_device != NULL) {
                ndis_adapter_release(adapter);
                break;
            }
        }
        if (!ke_wait_on_address(&ndis.changes, seen, deadline) && ke_now() >= deadline)
            return false;
    }
}

static NDIS_STATUS outside_request(PDEVICE_OBJECT physical_device, NDIS_REQUEST_TYPE type, NDIS_OID oid, void *buffer,
                                   size_t size, size_t *written)
{
    struct ndis_adapter *adapter = find(physical_device, NULL);
    NDIS_STATUS status;
    ULONG done = 0;

    if (adapter == NULL)
        return NDIS_STATUS_ADAPTER_NOT_FOUND;
    status = ndis_simple_request(adapter, type, oid, buffer, (ULONG)size, &done);
    ndis_adapter_release(adapter);
    if (written != NULL)
        *written = done;
    return status;
}

NDIS_STATUS ndis_query(PDEVICE_OBJECT physical_device, NDIS_OID oid, void *buffer, size_t size, size_t *written)
{
    return outside_request(physical_device, NdisRequestQueryInformation, oid, buffer, size, written);
}

NDIS_STATUS ndis_set(PDEVICE_OBJECT physical_device, NDIS_OID oid, void *buffer, size_t size)
{
    return outside_request(physical_device, NdisRequestSetInformation, oid, buffer, size, NULL);
}

void ndis_system_shutdown(void)
{
    struct ndis_adapter *adapter = NULL;

    while ((adapter = find(NULL, adapter)) != NULL) {
        if (adapter->initialized && adapter->state != NDIS_ADAPTER_SHUTDOWN && !adapter->surprise_removed) {
            adapter->driver->chars.ShutdownHandlerEx(adapter->miniport_context, NdisShutdownPowerOff);
            ke_check_irql(PASSIVE_LEVEL, (const void *)adapter->driver->chars.ShutdownHandlerEx, "MiniportShutdownEx");
        }
    }
}

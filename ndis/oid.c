/*
 * OID requests that NDIS answers itself, from what the miniport said in its attributes and indicated since, so that an
 * NDIS 6 miniport never sees them. Which ones is documented on the page of each OID ("NDIS handles this OID ...").
 * Legacy counters are taken out of the miniport's OID_GEN_STATISTICS.
 */
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"

static NDIS_STATUS answer(PNDIS_OID_REQUEST request, const void *data, ULONG size)
{
    struct _QUERY *query = (struct _QUERY *)&request->DATA.QUERY_INFORMATION;

    query->BytesNeeded = size;
    if (query->InformationBufferLength < size || (query->InformationBuffer == NULL && size != 0)) {
        query->BytesWritten = 0;
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    }
    if (size != 0)
        memcpy(query->InformationBuffer, data, size);
    query->BytesWritten = size;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS answer_ulong(PNDIS_OID_REQUEST request, ULONG value)
{
    return answer(request, &value, sizeof(value));
}

/* A counter may be asked for with four bytes or with eight. */
static NDIS_STATUS answer_counter(PNDIS_OID_REQUEST request, ULONG64 value)
{
    if (request->DATA.QUERY_INFORMATION.InformationBufferLength >= sizeof(value))
        return answer(request, &value, sizeof(value));
    return answer_ulong(request, (ULONG)value);
}

/* ---- counters
 * ------------------------------------------------------------------------------------------------------------------ */

static const struct counter {
    NDIS_OID oid;
    size_t member[3]; /* of NDIS_STATISTICS_INFO, added up; 0: none */
} counters[] = {
#define AT(member) offsetof(NDIS_STATISTICS_INFO, member)
    {OID_GEN_XMIT_OK, {AT(ifHCOutUcastPkts), AT(ifHCOutMulticastPkts), AT(ifHCOutBroadcastPkts)}},
    {OID_GEN_RCV_OK, {AT(ifHCInUcastPkts), AT(ifHCInMulticastPkts), AT(ifHCInBroadcastPkts)}},
    {OID_GEN_XMIT_ERROR, {AT(ifOutErrors)}},
    {OID_GEN_RCV_ERROR, {AT(ifInErrors)}},
    {OID_GEN_RCV_NO_BUFFER, {AT(ifInDiscards)}},
    {OID_GEN_RCV_DISCARDS, {AT(ifInDiscards)}},
    {OID_GEN_XMIT_DISCARDS, {AT(ifOutDiscards)}},
    {OID_GEN_BYTES_RCV, {AT(ifHCInOctets)}},
    {OID_GEN_BYTES_XMIT, {AT(ifHCOutOctets)}},
    {OID_GEN_DIRECTED_BYTES_XMIT, {AT(ifHCOutUcastOctets)}},
    {OID_GEN_DIRECTED_FRAMES_XMIT, {AT(ifHCOutUcastPkts)}},
    {OID_GEN_MULTICAST_BYTES_XMIT, {AT(ifHCOutMulticastOctets)}},
    {OID_GEN_MULTICAST_FRAMES_XMIT, {AT(ifHCOutMulticastPkts)}},
    {OID_GEN_BROADCAST_BYTES_XMIT, {AT(ifHCOutBroadcastOctets)}},
    {OID_GEN_BROADCAST_FRAMES_XMIT, {AT(ifHCOutBroadcastPkts)}},
    {OID_GEN_DIRECTED_BYTES_RCV, {AT(ifHCInUcastOctets)}},
    {OID_GEN_DIRECTED_FRAMES_RCV, {AT(ifHCInUcastPkts)}},
    {OID_GEN_MULTICAST_BYTES_RCV, {AT(ifHCInMulticastOctets)}},
    {OID_GEN_MULTICAST_FRAMES_RCV, {AT(ifHCInMulticastPkts)}},
    {OID_GEN_BROADCAST_BYTES_RCV, {AT(ifHCInBroadcastOctets)}},
    {OID_GEN_BROADCAST_FRAMES_RCV, {AT(ifHCInBroadcastPkts)}},
#undef AT
};

static const struct counter *find_counter(NDIS_OID oid)
{
    for (size_t i = 0; i < ARRAYSIZE(counters); i++)
        if (counters[i].oid == oid)
            return &counters[i];
    return NULL;
}

/*
 * The miniport's queue is ours while this runs (the original request is current), so the inner request goes straight to
 * the miniport.
 */
static NDIS_STATUS translate_counter(struct ndis_adapter *adapter, const struct counter *counter,
                                     PNDIS_OID_REQUEST request)
{
    NDIS_STATISTICS_INFO statistics = {0};
    KEVENT done;
    NDIS_STATUS late = NDIS_STATUS_FAILURE, status;
    NDIS_OID_REQUEST inner = {
        .Header = {NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1, NDIS_SIZEOF_OID_REQUEST_REVISION_1},
        .RequestType = NdisRequestQueryInformation,
        .DATA.QUERY_INFORMATION = {.Oid = OID_GEN_STATISTICS,
                                   .InformationBuffer = &statistics,
                                   .InformationBufferLength = sizeof(statistics)},
    };
    struct ndis_request_state *state = ndis_request_state(&inner);
    ULONG64 sum = 0;

    statistics.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    statistics.Header.Revision = NDIS_STATISTICS_INFO_REVISION_1;
    statistics.Header.Size = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    state->event = &done;
    state->event_status = &late;
    state->flags = NDIS_REQUEST_INNER;
    state->signature = NDIS_REQUEST_SIGNATURE;
    state->adapter = adapter;
    status = adapter->driver->chars.OidRequestHandler(adapter->miniport_context, &inner);
    ke_check_irql(PASSIVE_LEVEL, (const void *)adapter->driver->chars.OidRequestHandler, "MiniportOidRequest");
    if (status == NDIS_STATUS_PENDING) {
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
        status = late;
    }
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    for (unsigned i = 0; i < ARRAYSIZE(counter->member) && counter->member[i] != 0; i++)
        sum += *(const ULONG64 *)((const char *)&statistics + counter->member[i]);
    return answer_counter(request, sum);
}

/* ---- link and capabilities
 * --------------------------------------------------------------------------------------------------------- */

/* In units of 100 bits per second, as OID_GEN_LINK_SPEED has it. */
static ULONG legacy_speed(struct ndis_adapter *adapter)
{
    ULONG64 speed = ndis_link_state(adapter).XmitLinkSpeed;
    if (speed == NDIS_LINK_SPEED_UNKNOWN)
        speed = adapter->general.MaxXmitLinkSpeed;
    speed /= 100;
    return speed > 0xFFFFFFFFu ? 0xFFFFFFFFu : (ULONG)speed;
}

static NDIS_STATUS answer_link_speed(struct ndis_adapter *adapter, PNDIS_OID_REQUEST request)
{
    NDIS_LINK_STATE link = ndis_link_state(adapter);
    NDIS_LINK_SPEED speed = {.XmitLinkSpeed = link.XmitLinkSpeed, .RcvLinkSpeed = link.RcvLinkSpeed};
    return answer(request, &speed, sizeof(speed));
}

static NDIS_STATUS answer_link_state(struct ndis_adapter *adapter, PNDIS_OID_REQUEST request)
{
    NDIS_LINK_STATE link = ndis_link_state(adapter);
    return answer(request, &link, NDIS_SIZEOF_LINK_STATE_REVISION_1);
}

static NDIS_STATUS answer_supported_list(struct ndis_adapter *adapter, PNDIS_OID_REQUEST request)
{
    return answer(request, adapter->supported_oids, adapter->general.SupportedOidListLength);
}

static NDIS_STATUS answer_versioned(PNDIS_OID_REQUEST request, bool present, const void *structure)
{
    const NDIS_OBJECT_HEADER *header = structure;
    if (!present)
        return NDIS_STATUS_NOT_SUPPORTED;
    return answer(request, structure, header->Size);
}

static bool query(struct ndis_adapter *adapter, PNDIS_OID_REQUEST request, NDIS_STATUS *status)
{
    const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES *general = &adapter->general;
    const struct counter *counter;

    switch (request->DATA.QUERY_INFORMATION.Oid) {
    case OID_GEN_SUPPORTED_LIST:
        *status = answer_supported_list(adapter, request);
        return true;
    case OID_GEN_MEDIA_SUPPORTED:
    case OID_GEN_MEDIA_IN_USE:
        *status = answer_ulong(request, general->MediaType);
        return true;
    case OID_GEN_PHYSICAL_MEDIUM:
    case OID_GEN_PHYSICAL_MEDIUM_EX:
        *status = answer_ulong(request, general->PhysicalMediumType);
        return true;
    case OID_GEN_MAXIMUM_LOOKAHEAD:
        *status = answer_ulong(request, general->LookaheadSize);
        return true;
    case OID_GEN_CURRENT_LOOKAHEAD:
        *status = answer_ulong(request, adapter->lookahead);
        return true;
    case OID_GEN_CURRENT_PACKET_FILTER:
        *status = answer_ulong(request, adapter->packet_filter);
        return true;
    case OID_GEN_MAXIMUM_FRAME_SIZE:
        *status = answer_ulong(request, general->MtuSize);
        return true;
    case OID_GEN_LINK_SPEED:
        *status = answer_ulong(request, legacy_speed(adapter));
        return true;
    case OID_GEN_LINK_SPEED_EX:
        *status = answer_link_speed(adapter, request);
        return true;
    case OID_GEN_LINK_STATE:
        *status = answer_link_state(adapter, request);
        return true;
    case OID_GEN_MEDIA_CONNECT_STATUS:
        *status = answer_ulong(request, ndis_link_state(adapter).MediaConnectState == MediaConnectStateDisconnected
                                            ? NdisMediaStateDisconnected
                                            : NdisMediaStateConnected);
        return true;
    case OID_GEN_MEDIA_CONNECT_STATUS_EX:
        *status = answer_ulong(request, ndis_link_state(adapter).MediaConnectState);
        return true;
    case OID_GEN_MEDIA_DUPLEX_STATE:
        *status = answer_ulong(request, ndis_link_state(adapter).MediaDuplexState);
        return true;
    case OID_GEN_MAC_OPTIONS:
        *status = answer_ulong(request, general->MacOptions);
        return true;
    case OID_GEN_DRIVER_VERSION:
        *status = answer(
            request,
            &(USHORT){(USHORT)(adapter->driver->chars.MajorNdisVersion << 8 | adapter->driver->chars.MinorNdisVersion)},
            sizeof(USHORT));
        return true;
    case OID_PNP_CAPABILITIES:
        *status = adapter->has_pnp_capabilities
                      ? answer(request, &adapter->pnp_capabilities, sizeof(adapter->pnp_capabilities))
                      : NDIS_STATUS_NOT_SUPPORTED;
        return true;
    case OID_PM_CURRENT_CAPABILITIES:
    case OID_PM_HARDWARE_CAPABILITIES:
        *status = answer_versioned(request, adapter->has_pm_capabilities, &adapter->pm_capabilities);
        return true;
    case OID_GEN_RECEIVE_SCALE_CAPABILITIES:
        *status = answer_versioned(request, adapter->has_rss, &adapter->rss_capabilities);
        return true;
    case OID_TCP_OFFLOAD_CURRENT_CONFIG:
        *status = answer_versioned(request, adapter->offload_default != NULL, adapter->offload_default);
        return true;
    case OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES:
        *status = answer_versioned(request, adapter->offload_hardware != NULL, adapter->offload_hardware);
        return true;
    default:
        counter = find_counter(request->DATA.QUERY_INFORMATION.Oid);
        if (counter == NULL)
            return false;
        *status = translate_counter(adapter, counter, request);
        return true;
    }
}

/* What NDIS knows of the binding itself; needs no other layer and is answered at any IRQL. */
static bool query_binding(struct ndis_binding *binding, PNDIS_OID_REQUEST request, NDIS_STATUS *status)
{
    switch (request->DATA.QUERY_INFORMATION.Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
        *status = answer_ulong(request, binding->packet_filter);
        return true;
    case OID_GEN_CURRENT_LOOKAHEAD:
        *status = answer_ulong(request, binding->lookahead != 0 ? binding->lookahead : binding->adapter->lookahead);
        return true;
    case OID_802_3_MULTICAST_LIST:
        ke_lock(&binding->adapter->list_lock);
        *status = answer(request, binding->multicast, binding->multicast_size);
        ke_unlock(&binding->adapter->list_lock);
        return true;
    default:
        return false;
    }
}

/* What a set changes in NDIS's own picture, before the miniport sees it. */
static bool set(struct ndis_adapter *adapter, PNDIS_OID_REQUEST request, NDIS_STATUS *status)
{
    const struct _SET *data = (const struct _SET *)&request->DATA.SET_INFORMATION;

    switch (data->Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
        if (data->InformationBufferLength < sizeof(ULONG) || data->InformationBuffer == NULL) {
            *status = NDIS_STATUS_INVALID_LENGTH;
            return true;
        }
        if ((*(ULONG *)data->InformationBuffer & ~adapter->general.SupportedPacketFilters) != 0) {
            *status = NDIS_STATUS_NOT_SUPPORTED;
            return true;
        }
        adapter->packet_filter = *(ULONG *)data->InformationBuffer;
        return false;
    default:
        return false;
    }
}

bool ndis_oid_intercept(struct ndis_adapter *adapter, struct ndis_binding *binding, PNDIS_OID_REQUEST request,
                        NDIS_STATUS *status)
{
    bool is_query =
        request->RequestType == NdisRequestQueryInformation || request->RequestType == NdisRequestQueryStatistics;

    if (binding != NULL)
        return is_query && query_binding(binding, request, status);
    if (is_query)
        return query(adapter, request, status);
    if (request->RequestType == NdisRequestSetInformation)
        return set(adapter, request, status);
    return false;
}

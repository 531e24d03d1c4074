/*
 * An NDIS 6.30 protocol driver in general: what the stack and the TAP device share. The page "Writing NDIS Protocol
 * Drivers" of the driver documentation gives the order of calls. A binding opens its adapter, sets the packet filter,
 * and then follows NetEventRestart and NetEventPause. Received frames are copied by the edge inside the call, so that
 * the miniport has its buffers back at once. Frames to send come from a per-binding stock, made as needed up to a
 * limit, which bounds what can pile up above a slow device.
 */
#include <stdlib.h>
#include <string.h>
#include <ndis.h>

#include "ntoskrnl/ke/ke.h"
#include "upper/protocol.h"

#define UPPER_TAG      'pUkN'
#define FRAME_LIMIT    1024
#define FRAME_OVERHEAD 18 /* Ethernet header and VLAN tag */
#define RECEIVE_BATCH  64
#define PACKET_FILTER  (NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST | NDIS_PACKET_TYPE_ALL_MULTICAST)

struct upper_protocol {
    const struct upper_protocol_ops *ops;
    NDIS_HANDLE handle;
};

struct send_frame {
    struct upper_frame frame;
    NET_BUFFER_LIST *nbl;
    MDL *mdl;
};

struct upper_binding {
    struct upper_protocol *protocol;
    NDIS_HANDLE handle;
    NDIS_HANDLE pool;
    void *context;
    uint32_t frame_size;
    KEVENT request_done; /* open, close and OID requests, one at a time */
    NDIS_STATUS request_status;

    struct ke_lock lock; /* the following */
    bool running;
    bool connected;
    bool has_heard; /* of the link, since the adapter was opened */
    bool told_up;
    struct upper_frame *free_frames;
    unsigned frames;                     /* that exist */
    unsigned in_flight;                  /* with NDIS */
    PNET_PNP_EVENT_NOTIFICATION pausing; /* a NetEventPause that waits for in_flight to become 0 */
};

/* ---- waiting for a pending call -------------------------------------------------------------------------------------
 */

static NDIS_STATUS wait_if_pending(struct upper_binding *binding, NDIS_STATUS status)
{
    if (status != NDIS_STATUS_PENDING)
        return status;
    KeWaitForSingleObject(&binding->request_done, Executive, KernelMode, FALSE, NULL);
    return binding->request_status;
}

static void finish_request(struct upper_binding *binding, NDIS_STATUS status)
{
    binding->request_status = status;
    KeSetEvent(&binding->request_done, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI open_complete(NDIS_HANDLE context, NDIS_STATUS status)
{
    finish_request(context, status);
}

static VOID NTAPI close_complete(NDIS_HANDLE context)
{
    finish_request(context, NDIS_STATUS_SUCCESS);
}

static VOID NTAPI oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST request, NDIS_STATUS status)
{
    UNREFERENCED_PARAMETER(request);
    finish_request(context, status);
}

static NDIS_STATUS set_packet_filter(struct upper_binding *binding, ULONG filter)
{
    NDIS_OID_REQUEST request = {
        .Header = {.Type = NDIS_OBJECT_TYPE_OID_REQUEST,
                   .Revision = NDIS_OID_REQUEST_REVISION_1,
                   .Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1},
        .RequestType = NdisRequestSetInformation,
        .DATA.SET_INFORMATION = {.Oid = OID_GEN_CURRENT_PACKET_FILTER,
                                 .InformationBuffer = &filter,
                                 .InformationBufferLength = sizeof(filter)},
    };
    KeClearEvent(&binding->request_done);
    return wait_if_pending(binding, NdisOidRequest(binding->handle, &request));
}

/* ---- link state
 * ------------------------------------------------------------------------------------------------------ */

/* Tells the edge when what it should know has changed. NDIS calls the handlers that lead here one at a time. */
static void tell_link(struct upper_binding *binding)
{
    bool up, changed;

    ke_lock(&binding->lock);
    up = binding->running && binding->connected;
    changed = up != binding->told_up;
    binding->told_up = up;
    ke_unlock(&binding->lock);
    if (changed && binding->context != NULL)
        binding->protocol->ops->link(binding->context, up);
}

static VOID NTAPI status_ex(NDIS_HANDLE context, PNDIS_STATUS_INDICATION indication)
{
    struct upper_binding *binding = context;

    if (indication->StatusCode != NDIS_STATUS_LINK_STATE ||
        indication->StatusBufferSize < NDIS_SIZEOF_LINK_STATE_REVISION_1)
        return;
    ke_lock(&binding->lock);
    binding->has_heard = true;
    binding->connected =
        ((const NDIS_LINK_STATE *)indication->StatusBuffer)->MediaConnectState == MediaConnectStateConnected;
    ke_unlock(&binding->lock);
    tell_link(binding);
}

/* The link may have come up after NDIS wrote down the parameters of the binding and before it was open for status. */
static void query_link(struct upper_binding *binding)
{
    NDIS_LINK_STATE state = {.MediaConnectState = MediaConnectStateUnknown};
    NDIS_OID_REQUEST request = {
        .Header = {.Type = NDIS_OBJECT_TYPE_OID_REQUEST,
                   .Revision = NDIS_OID_REQUEST_REVISION_1,
                   .Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1},
        .RequestType = NdisRequestQueryInformation,
        .DATA.QUERY_INFORMATION = {.Oid = OID_GEN_LINK_STATE,
                                   .InformationBuffer = &state,
                                   .InformationBufferLength = sizeof(state)},
    };
    KeClearEvent(&binding->request_done);
    if (wait_if_pending(binding, NdisOidRequest(binding->handle, &request)) != NDIS_STATUS_SUCCESS)
        return;
    ke_lock(&binding->lock);
    if (!binding->has_heard)
        binding->connected = state.MediaConnectState == MediaConnectStateConnected;
    ke_unlock(&binding->lock);
}

/* ---- frames to send
 * -------------------------------------------------------------------------------------------------- */

static void free_frame(struct send_frame *frame)
{
    if (frame->nbl != NULL)
        NdisFreeNetBufferList(frame->nbl);
    if (frame->mdl != NULL)
        NdisFreeMdl(frame->mdl);
    if (frame->frame.data != NULL)
        ExFreePoolWithTag(frame->frame.data, UPPER_TAG);
    ExFreePoolWithTag(frame, UPPER_TAG);
}

static struct upper_frame *make_frame(struct upper_binding *binding)
{
    struct send_frame *frame = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*frame), UPPER_TAG);
    if (frame == NULL)
        return NULL;
    frame->frame.capacity = binding->frame_size;
    frame->frame.data = ExAllocatePool2(POOL_FLAG_NON_PAGED, binding->frame_size, UPPER_TAG);
    if (frame->frame.data != NULL)
        frame->mdl = NdisAllocateMdl(binding->handle, frame->frame.data, binding->frame_size);
    if (frame->mdl != NULL)
        frame->nbl = NdisAllocateNetBufferAndNetBufferList(binding->pool, 0, 0, frame->mdl, 0, 0);
    if (frame->nbl == NULL) {
        free_frame(frame);
        return NULL;
    }
    frame->nbl->SourceHandle = binding->handle;
    NET_BUFFER_LIST_PROTOCOL_RESERVED(frame->nbl)[0] = frame;
    return &frame->frame;
}

struct upper_frame *upper_frame_get(struct upper_binding *binding)
{
    struct upper_frame *frame;
    bool make;

    ke_lock(&binding->lock);
    frame = binding->running ? binding->free_frames : NULL;
    if (frame != NULL)
        binding->free_frames = frame->next;
    make = frame == NULL && binding->running && binding->frames < FRAME_LIMIT;
    if (make)
        binding->frames++;
    ke_unlock(&binding->lock);
    if (make) {
        frame = make_frame(binding);
        if (frame == NULL) {
            ke_lock(&binding->lock);
            binding->frames--;
            ke_unlock(&binding->lock);
        }
    }
    return frame;
}

void upper_frame_put(struct upper_binding *binding, struct upper_frame *frame)
{
    ke_lock(&binding->lock);
    frame->next = binding->free_frames;
    binding->free_frames = frame;
    ke_unlock(&binding->lock);
}

void upper_frame_send(struct upper_binding *binding, struct upper_frame *frames)
{
    NET_BUFFER_LIST *chain = NULL, **end = &chain;
    unsigned count = 0;
    bool running;

    for (struct upper_frame *frame = frames; frame != NULL; frame = frame->next, count++) {
        NET_BUFFER_LIST *nbl = CONTAINING_RECORD(frame, struct send_frame, frame)->nbl;
        NET_BUFFER_DATA_LENGTH(NET_BUFFER_LIST_FIRST_NB(nbl)) = frame->length;
        NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_SUCCESS;
        NET_BUFFER_LIST_NEXT_NBL(nbl) = NULL;
        *end = nbl;
        end = &NET_BUFFER_LIST_NEXT_NBL(nbl);
    }
    ke_lock(&binding->lock);
    running = binding->running;
    if (running)
        binding->in_flight += count;
    ke_unlock(&binding->lock);
    if (running) {
        NdisSendNetBufferLists(binding->handle, chain, NDIS_DEFAULT_PORT_NUMBER, 0);
        return;
    }
    while (frames != NULL) {
        struct upper_frame *next = frames->next;
        upper_frame_put(binding, frames);
        frames = next;
    }
}

static VOID NTAPI send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags)
{
    struct upper_binding *binding = context;
    PNET_PNP_EVENT_NOTIFICATION paused = NULL;

    UNREFERENCED_PARAMETER(flags);
    ke_lock(&binding->lock);
    for (; chain != NULL; chain = NET_BUFFER_LIST_NEXT_NBL(chain)) {
        struct send_frame *frame = NET_BUFFER_LIST_PROTOCOL_RESERVED(chain)[0];
        frame->frame.next = binding->free_frames;
        binding->free_frames = &frame->frame;
        binding->in_flight--;
    }
    if (binding->in_flight == 0) {
        paused = binding->pausing;
        binding->pausing = NULL;
    }
    ke_unlock(&binding->lock);
    if (paused != NULL)
        NdisCompleteNetPnPEvent(binding->handle, paused, NDIS_STATUS_SUCCESS);
}

/* ---- received frames
 * -------------------------------------------------------------------------------------------------- */

/* A frame that lies in several MDLs is gathered in memory of its own, freed by the caller. */
static const uint8_t *frame_data(NET_BUFFER *net_buffer, void **gathered)
{
    ULONG length = NET_BUFFER_DATA_LENGTH(net_buffer);
    const uint8_t *data = NdisGetDataBuffer(net_buffer, length, NULL, 1, 0);

    *gathered = NULL;
    if (data != NULL || length == 0)
        return data;
    *gathered = malloc(length);
    return *gathered == NULL ? NULL : NdisGetDataBuffer(net_buffer, length, *gathered, 1, 0);
}

static VOID NTAPI receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count, ULONG flags)
{
    struct upper_binding *binding = context;
    const struct upper_protocol_ops *ops = binding->protocol->ops;
    struct upper_received batch[RECEIVE_BATCH];
    void *gathered[RECEIVE_BATCH];
    size_t n = 0;

    UNREFERENCED_PARAMETER(port);
    UNREFERENCED_PARAMETER(count);
    for (NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) {
        NET_BUFFER *net_buffer = NET_BUFFER_LIST_FIRST_NB(nbl);
        batch[n].data = frame_data(net_buffer, &gathered[n]);
        batch[n].length = NET_BUFFER_DATA_LENGTH(net_buffer);
        if (batch[n].data != NULL)
            n++;
        if (n == RECEIVE_BATCH || (n > 0 && NET_BUFFER_LIST_NEXT_NBL(nbl) == NULL)) {
            ops->receive(binding->context, batch, n);
            while (n > 0)
                free(gathered[--n]);
        }
    }
    if (!NDIS_TEST_RECEIVE_CANNOT_PEND(flags))
        NdisReturnNetBufferLists(binding->handle, chain,
                                 NDIS_TEST_RECEIVE_AT_DISPATCH_LEVEL(flags) ? NDIS_RETURN_FLAGS_DISPATCH_LEVEL : 0);
}

/* ---- binding
 * ------------------------------------------------------------------------------------------------------------ */

static void describe(const NDIS_BIND_PARAMETERS *parameters, struct upper_adapter *adapter)
{
    memset(adapter, 0, sizeof(*adapter));
    for (size_t i = 0; i < parameters->AdapterName->Length / sizeof(WCHAR) && i + 1 < sizeof(adapter->name); i++)
        adapter->name[i] = (char)parameters->AdapterName->Buffer[i];
    memcpy(adapter->mac, parameters->CurrentMacAddress, sizeof(adapter->mac));
    adapter->mtu = parameters->MtuSize;
}

static NDIS_STATUS open_adapter(struct upper_binding *binding, NDIS_HANDLE bind_context,
                                const NDIS_BIND_PARAMETERS *parameters)
{
    NDIS_MEDIUM media[] = {NdisMedium802_3};
    NET_FRAME_TYPE frame_types[] = {NDIS_ETH_TYPE_IPV4, NDIS_ETH_TYPE_ARP, NDIS_ETH_TYPE_IPV6};
    UINT selected;
    NDIS_OPEN_PARAMETERS open = {
        .Header = {.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS,
                   .Revision = NDIS_OPEN_PARAMETERS_REVISION_1,
                   .Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1},
        .AdapterName = parameters->AdapterName,
        .MediumArray = media,
        .MediumArraySize = RTL_NUMBER_OF(media),
        .SelectedMediumIndex = &selected,
        .FrameTypeArray = frame_types,
        .FrameTypeArraySize = RTL_NUMBER_OF(frame_types),
    };
    return wait_if_pending(
        binding, NdisOpenAdapterEx(binding->protocol->handle, binding, &open, bind_context, &binding->handle));
}

static void close_adapter(struct upper_binding *binding)
{
    KeClearEvent(&binding->request_done);
    wait_if_pending(binding, NdisCloseAdapterEx(binding->handle));
}

static void free_binding(struct upper_binding *binding)
{
    while (binding->free_frames != NULL) {
        struct upper_frame *next = binding->free_frames->next;
        free_frame(CONTAINING_RECORD(binding->free_frames, struct send_frame, frame));
        binding->free_frames = next;
    }
    if (binding->pool != NULL)
        NdisFreeNetBufferListPool(binding->pool);
    ExFreePoolWithTag(binding, UPPER_TAG);
}

static NDIS_STATUS NTAPI bind_adapter(NDIS_HANDLE driver_context, NDIS_HANDLE bind_context,
                                      PNDIS_BIND_PARAMETERS parameters)
{
    struct upper_protocol *protocol = driver_context;
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {.Header = {.Type = NDIS_OBJECT_TYPE_DEFAULT,
                                                       .Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                                                       .Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
                                            .ProtocolId = NDIS_PROTOCOL_ID_DEFAULT,
                                            .fAllocateNetBuffer = TRUE,
                                            .PoolTag = UPPER_TAG};
    struct upper_adapter adapter;
    NDIS_STATUS status = NDIS_STATUS_RESOURCES;

    if (parameters->MediaType != NdisMedium802_3)
        return NDIS_STATUS_UNSUPPORTED_MEDIA;
    struct upper_binding *binding = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*binding), UPPER_TAG);
    if (binding == NULL)
        return NDIS_STATUS_RESOURCES;
    binding->protocol = protocol;
    KeInitializeEvent(&binding->request_done, SynchronizationEvent, FALSE);
    binding->frame_size = parameters->MtuSize + FRAME_OVERHEAD;
    binding->connected = parameters->MediaConnectState == MediaConnectStateConnected;
    binding->pool = NdisAllocateNetBufferListPool(NULL, &pool);
    if (binding->pool == NULL)
        goto free;
    describe(parameters, &adapter);
    /* The edge's context must be there before the first frame can be. */
    status = NDIS_STATUS_NOT_ACCEPTED;
    binding->context = protocol->ops->bind(binding, &adapter);
    if (binding->context == NULL)
        goto free;
    status = open_adapter(binding, bind_context, parameters);
    if (status != NDIS_STATUS_SUCCESS)
        goto unbind;
    status = set_packet_filter(binding, PACKET_FILTER);
    if (status == NDIS_STATUS_SUCCESS) {
        query_link(binding);
        return NDIS_STATUS_SUCCESS;
    }
    close_adapter(binding);
unbind:
    protocol->ops->unbind(binding->context);
free:
    free_binding(binding);
    return status;
}

static NDIS_STATUS NTAPI unbind_adapter(NDIS_HANDLE unbind_context, NDIS_HANDLE context)
{
    struct upper_binding *binding = context;

    UNREFERENCED_PARAMETER(unbind_context);
    /* A device that is gone cannot take it; the adapter is closed all the same. */
    (void)set_packet_filter(binding, 0);
    close_adapter(binding);
    binding->protocol->ops->unbind(binding->context);
    free_binding(binding);
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS restart(struct upper_binding *binding)
{
    ke_lock(&binding->lock);
    binding->running = true;
    ke_unlock(&binding->lock);
    tell_link(binding);
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS pause(struct upper_binding *binding, PNET_PNP_EVENT_NOTIFICATION event)
{
    bool wait;

    ke_lock(&binding->lock);
    binding->running = false;
    ke_unlock(&binding->lock);
    tell_link(binding);
    ke_lock(&binding->lock);
    wait = binding->in_flight != 0;
    if (wait)
        binding->pausing = event;
    ke_unlock(&binding->lock);
    return wait ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS NTAPI net_pnp_event(NDIS_HANDLE context, PNET_PNP_EVENT_NOTIFICATION event)
{
    switch (event->NetPnPEvent.NetEvent) {
    case NetEventRestart:
        return restart(context);
    case NetEventPause:
        return pause(context, event);
    case NetEventSetPower:
    case NetEventQueryPower:
    case NetEventQueryRemoveDevice:
    case NetEventCancelRemoveDevice:
    case NetEventReconfigure:
    case NetEventBindList:
    case NetEventBindsComplete:
    case NetEventPnPCapabilities:
        return NDIS_STATUS_SUCCESS;
    default:
        return NDIS_STATUS_NOT_SUPPORTED;
    }
}

int32_t upper_protocol_register(const struct upper_protocol_ops *ops, struct upper_protocol **protocol)
{
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS characteristics = {
        .Header = {.Type = NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS,
                   .Revision = NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
                   .Size = NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2},
        .MajorNdisVersion = 6,
        .MinorNdisVersion = 30,
        .MajorDriverVersion = 1,
        .BindAdapterHandlerEx = bind_adapter,
        .UnbindAdapterHandlerEx = unbind_adapter,
        .OpenAdapterCompleteHandlerEx = open_complete,
        .CloseAdapterCompleteHandlerEx = close_complete,
        .NetPnPEventHandler = net_pnp_event,
        .OidRequestCompleteHandler = oid_complete,
        .StatusHandlerEx = status_ex,
        .ReceiveNetBufferListsHandler = receive,
        .SendNetBufferListsCompleteHandler = send_complete,
    };
    WCHAR name[32];
    size_t length;

    for (length = 0; ops->name[length] != '\0' && length < RTL_NUMBER_OF(name); length++)
        name[length] = (WCHAR)ops->name[length];
    characteristics.Name = (NDIS_STRING){(USHORT)(length * sizeof(WCHAR)), (USHORT)sizeof(name), name};

    *protocol = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(**protocol), UPPER_TAG);
    if (*protocol == NULL)
        return NDIS_STATUS_RESOURCES;
    (*protocol)->ops = ops;
    /* NDIS may bind before the call returns, and stores the handle first. */
    NDIS_STATUS status = NdisRegisterProtocolDriver(*protocol, &characteristics, &(*protocol)->handle);
    if (status != NDIS_STATUS_SUCCESS) {
        ExFreePoolWithTag(*protocol, UPPER_TAG);
        *protocol = NULL;
    }
    return status;
}

void upper_protocol_unregister(struct upper_protocol *protocol)
{
    NdisDeregisterProtocolDriver(protocol->handle);
    ExFreePoolWithTag(protocol, UPPER_TAG);
}

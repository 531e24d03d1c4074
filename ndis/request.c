/*
 * OID requests on their way through a stack. A request of a protocol, a filter module or NDIS itself goes to the next
 * lower filter module that registered FilterOidRequest, at last to the miniport; each of these gets one request at a
 * time, at PASSIVE_LEVEL, the others wait in its queue. Direct requests are not queued. Whoever completes a request
 * late calls Ndis[MF]OidRequestComplete, which finds the source in the request itself.
 *
 * What several bindings set (packet filter, multicast list, lookahead) reaches the miniport as the union of their
 * wishes.
 *
 * Pages: "OID Requests for an Adapter", "Miniport Adapter OID Request Serialization", "Direct OID Request Interface".
 */
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"

static void run_waiting(void *context);
static VOID NTAPI run_waiting_work(PVOID context)
{
    run_waiting(context);
}

void ndis_request_queue_initialize(struct ndis_request_queue *queue)
{
    InitializeListHead(&queue->waiting);
    ExInitializeWorkItem(&queue->work, run_waiting_work, queue);
}

void ndis_request_queue_close(struct ndis_request_queue *queue, bool closed)
{
    ke_lock(&queue->lock);
    queue->closed = closed;
    ke_unlock(&queue->lock);
}

static bool queue_busy(struct ndis_request_queue *queue)
{
    bool busy;
    ke_lock(&queue->lock);
    busy = queue->outstanding != 0 || queue->scheduled;
    ke_unlock(&queue->lock);
    return busy;
}

void ndis_request_queue_drain(struct ndis_request_queue *queue, const char *whose)
{
    LONGLONG begin = ke_now();
    bool reported = false;

    while (queue_busy(queue))
        ndis_patience(begin, &reported, "an OID request", whose);
}

/* ---- what a request asks for
 * ------------------------------------------------------------------------------------------------- */

static bool is_set_of(const NDIS_OID_REQUEST *request, NDIS_OID oid)
{
    return request->RequestType == NdisRequestSetInformation && request->DATA.SET_INFORMATION.Oid == oid;
}

static ULONG union_filter(struct ndis_adapter *adapter, const struct ndis_binding *except, ULONG filter)
{
    ke_lock(&adapter->list_lock);
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink) {
        struct ndis_binding *binding = CONTAINING_RECORD(entry, struct ndis_binding, link);
        if (binding != except)
            filter |= __atomic_load_n(&binding->packet_filter, __ATOMIC_RELAXED);
    }
    ke_unlock(&adapter->list_lock);
    return filter & ~(ULONG)(NDIS_PACKET_TYPE_ALL_LOCAL | NDIS_PACKET_TYPE_NO_LOCAL); /* for NDIS's loopback only */
}

/* All multicast addresses that bindings want, those of `own` replaced by the given list. NULL when out of memory. */
static unsigned char *union_multicast(struct ndis_adapter *adapter, const struct ndis_binding *own, const void *list,
                                      ULONG size, ULONG *total)
{
    unsigned char *all;
    ULONG capacity = size, length;

    ke_lock(&adapter->list_lock);
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink)
        capacity += CONTAINING_RECORD(entry, struct ndis_binding, link)->multicast_size;
    ke_unlock(&adapter->list_lock);
    all = ExAllocatePool2(POOL_FLAG_NON_PAGED, capacity + 6, NDIS_TAG);
    if (all == NULL)
        return NULL;
    if (size != 0)
        memcpy(all, list, size);
    length = size;
    ke_lock(&adapter->list_lock);
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink) {
        struct ndis_binding *binding = CONTAINING_RECORD(entry, struct ndis_binding, link);
        for (ULONG i = 0; binding != own && i + 6 <= binding->multicast_size && length + 6 <= capacity; i += 6) {
            bool known = false;
            for (ULONG j = 0; j < length && !known; j += 6)
                known = memcmp(all + j, binding->multicast + i, 6) == 0;
            if (known)
                continue;
            memcpy(all + length, binding->multicast + i, 6);
            length += 6;
        }
    }
    ke_unlock(&adapter->list_lock);
    *total = length;
    return all;
}

static void replace_buffer(PNDIS_OID_REQUEST request, void *buffer, ULONG length)
{
    struct ndis_request_state *state = ndis_request_state(request);

    state->saved_buffer = request->DATA.SET_INFORMATION.InformationBuffer;
    state->saved_length = request->DATA.SET_INFORMATION.InformationBufferLength;
    request->DATA.SET_INFORMATION.InformationBuffer = buffer;
    request->DATA.SET_INFORMATION.InformationBufferLength = length;
}

/* Puts the union in place of a binding's own wish before the request goes down. */
static NDIS_STATUS aggregate(struct ndis_binding *binding, PNDIS_OID_REQUEST request)
{
    struct ndis_request_state *state = ndis_request_state(request);
    struct ndis_adapter *adapter = binding->adapter;
    void *buffer = request->DATA.SET_INFORMATION.InformationBuffer;
    ULONG length = request->DATA.SET_INFORMATION.InformationBufferLength;

    if (is_set_of(request, OID_GEN_CURRENT_PACKET_FILTER) || is_set_of(request, OID_GEN_CURRENT_LOOKAHEAD)) {
        if (buffer == NULL || length < sizeof(ULONG)) {
            request->DATA.SET_INFORMATION.BytesNeeded = sizeof(ULONG);
            return NDIS_STATUS_INVALID_LENGTH;
        }
        memcpy(&state->aggregate, buffer, sizeof(ULONG));
        if (is_set_of(request, OID_GEN_CURRENT_PACKET_FILTER))
            state->aggregate = union_filter(adapter, binding, state->aggregate);
        else if (state->aggregate > adapter->general.LookaheadSize && adapter->general.LookaheadSize != 0)
            return NDIS_STATUS_INVALID_DATA;
        replace_buffer(request, &state->aggregate, sizeof(ULONG));
    } else if (is_set_of(request, OID_802_3_MULTICAST_LIST)) {
        unsigned char *all;
        ULONG total;

        if (length % 6 != 0 || (length != 0 && buffer == NULL))
            return NDIS_STATUS_INVALID_LENGTH;
        all = union_multicast(adapter, binding, buffer, length, &total);
        if (all == NULL)
            return NDIS_STATUS_RESOURCES;
        if (total > adapter->general.MaxMulticastListSize * 6) {
            ExFreePoolWithTag(all, NDIS_TAG);
            return NDIS_STATUS_MULTICAST_FULL;
        }
        state->flags |= NDIS_REQUEST_OWNS_BUFFER;
        replace_buffer(request, all, total);
    }
    return NDIS_STATUS_SUCCESS;
}

static void remember_multicast(struct ndis_binding *binding, const void *list, ULONG size)
{
    unsigned char *copy = ExAllocatePool2(POOL_FLAG_NON_PAGED, size + 1, NDIS_TAG), *old;

    if (copy == NULL)
        return;
    if (size != 0)
        memcpy(copy, list, size);
    ke_lock(&binding->adapter->list_lock);
    old = binding->multicast;
    binding->multicast = copy;
    binding->multicast_size = size;
    ke_unlock(&binding->adapter->list_lock);
    if (old != NULL)
        ExFreePoolWithTag(old, NDIS_TAG);
}

/* The request has come back to its source: the driver's buffer returns, and a successful wish is remembered. */
static void settle(PNDIS_OID_REQUEST request, NDIS_STATUS status)
{
    struct ndis_request_state *state = ndis_request_state(request);
    struct ndis_binding *binding = (struct ndis_binding *)state->source;
    void *used = request->DATA.SET_INFORMATION.InformationBuffer;

    if (binding == NULL || binding->object.Header.Type != NDIS_KIND_BINDING || state->saved_buffer == NULL)
        return;
    if (status == NDIS_STATUS_SUCCESS && is_set_of(request, OID_GEN_CURRENT_PACKET_FILTER))
        __atomic_store_n(&binding->packet_filter, *(ULONG UNALIGNED *)state->saved_buffer, __ATOMIC_RELAXED);
    else if (status == NDIS_STATUS_SUCCESS && is_set_of(request, OID_GEN_CURRENT_LOOKAHEAD))
        memcpy(&binding->lookahead, state->saved_buffer, sizeof(ULONG));
    else if (status == NDIS_STATUS_SUCCESS && is_set_of(request, OID_802_3_MULTICAST_LIST))
        remember_multicast(binding, state->saved_buffer, state->saved_length);
    request->DATA.SET_INFORMATION.InformationBuffer = state->saved_buffer;
    request->DATA.SET_INFORMATION.InformationBufferLength = state->saved_length;
    if (request->DATA.SET_INFORMATION.BytesRead > state->saved_length)
        request->DATA.SET_INFORMATION.BytesRead = state->saved_length;
    if (state->flags & NDIS_REQUEST_OWNS_BUFFER)
        ExFreePoolWithTag(used, NDIS_TAG);
    state->saved_buffer = NULL;
}

/* ---- completion to the source
 * ---------------------------------------------------------------------------------------------------- */

static void tell_source(PNDIS_OID_REQUEST request, NDIS_STATUS status)
{
    struct ndis_request_state *state = ndis_request_state(request);
    struct ndis_object *source = state->source;
    bool direct = (state->flags & NDIS_REQUEST_DIRECT) != 0;

    settle(request, status);
    if (source == NULL) {
        PKEVENT event = state->event;
        *state->event_status = status;
        KeSetEvent(event, IO_NO_INCREMENT, FALSE);
    } else if (source->Header.Type == NDIS_KIND_BINDING) {
        struct ndis_binding *binding = (struct ndis_binding *)source;
        const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS *chars = &binding->protocol->chars;
        if (!direct)
            chars->OidRequestCompleteHandler(binding->context, request, status);
        else if (chars->DirectOidRequestCompleteHandler != NULL)
            chars->DirectOidRequestCompleteHandler(binding->context, request, status);
        __atomic_fetch_sub(&binding->requests, 1, __ATOMIC_RELEASE);
    } else {
        struct ndis_filter *filter = (struct ndis_filter *)source;
        const NDIS_FILTER_DRIVER_CHARACTERISTICS *chars = &filter->driver->chars;
        if (!direct)
            chars->OidRequestCompleteHandler(filter->context, request, status);
        else if (chars->DirectOidRequestCompleteHandler != NULL)
            chars->DirectOidRequestCompleteHandler(filter->context, request, status);
    }
}

/* ---- one queue
 * -------------------------------------------------------------------------------------------------------------------
 */

/* Gives the request to the layer that the queue belongs to. */
static NDIS_STATUS call_layer(PNDIS_OID_REQUEST request)
{
    struct ndis_request_state *state = ndis_request_state(request);
    struct ndis_adapter *adapter = state->adapter;
    struct ndis_filter *filter = state->target;
    const void *routine;
    NDIS_STATUS status;

    if (filter != NULL) {
        routine = (const void *)filter->driver->chars.OidRequestHandler;
        status = filter->driver->chars.OidRequestHandler(filter->context, request);
        ke_check_irql(PASSIVE_LEVEL, routine, "FilterOidRequest");
        return status;
    }
    if (ndis_oid_intercept(adapter, NULL, request, &status))
        return status;
    routine = (const void *)adapter->driver->chars.OidRequestHandler;
    status = adapter->driver->chars.OidRequestHandler(adapter->miniport_context, request);
    ke_check_irql(PASSIVE_LEVEL, routine, "MiniportOidRequest");
    return status;
}

static void schedule_locked(struct ndis_request_queue *queue)
{
    if (queue->scheduled || queue->current != NULL || IsListEmpty(&queue->waiting))
        return;
    queue->scheduled = true;
    ExQueueWorkItem(&queue->work, DelayedWorkQueue);
}

/* The layer is done with `request`; the next one may go. */
static void finish(struct ndis_request_queue *queue, PNDIS_OID_REQUEST request, const char *function)
{
    ke_lock(&queue->lock);
    if (queue->current != request) {
        ke_unlock(&queue->lock);
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, request, "%s: OID request %p is not pending (completed twice?)", function,
                      (void *)request);
    }
    queue->current = NULL;
    queue->reported = false;
    queue->outstanding--;
    schedule_locked(queue);
    ke_unlock(&queue->lock);
}

static void run_waiting(void *context)
{
    struct ndis_request_queue *queue = context;

    for (;;) {
        PNDIS_OID_REQUEST request;
        struct ndis_request_state *state;
        NDIS_STATUS status;

        ke_lock(&queue->lock);
        if (queue->current != NULL || IsListEmpty(&queue->waiting)) {
            queue->scheduled = false;
            ke_unlock(&queue->lock);
            return;
        }
        state = CONTAINING_RECORD(RemoveHeadList(&queue->waiting), struct ndis_request_state, link);
        request = CONTAINING_RECORD((void *)state, NDIS_OID_REQUEST, NdisReserved);
        queue->current = request;
        queue->current_since = ke_now();
        ke_unlock(&queue->lock);
        status = call_layer(request);
        if (status == NDIS_STATUS_PENDING)
            continue;
        finish(queue, request, "OID request");
        tell_source(request, status);
    }
}

/* A place in the queue: from here on the layer stays until the request is finished. False when it takes no more. */
static bool claim(struct ndis_request_queue *queue)
{
    bool claimed;

    ke_lock(&queue->lock);
    claimed = !queue->closed;
    queue->outstanding += claimed;
    ke_unlock(&queue->lock);
    return claimed;
}

static void disclaim(struct ndis_request_queue *queue)
{
    ke_lock(&queue->lock);
    queue->outstanding--;
    ke_unlock(&queue->lock);
}

/* The queue has been claimed. */
static NDIS_STATUS submit(struct ndis_request_queue *queue, PNDIS_OID_REQUEST request)
{
    struct ndis_request_state *state = ndis_request_state(request);
    NDIS_STATUS status;

    ke_lock(&queue->lock);
    if (queue->current != NULL || !IsListEmpty(&queue->waiting) || ke_irql() > PASSIVE_LEVEL) {
        InsertTailList(&queue->waiting, &state->link);
        schedule_locked(queue);
        ke_unlock(&queue->lock);
        return NDIS_STATUS_PENDING;
    }
    queue->current = request;
    queue->current_since = ke_now();
    ke_unlock(&queue->lock);
    status = call_layer(request);
    if (status != NDIS_STATUS_PENDING)
        finish(queue, request, "OID request");
    return status;
}

/* ---- down the stack
 * ---------------------------------------------------------------------------------------------------------------- */

/*
 * The next layer below `above` (NULL: below the top of the stack) that handles requests, claimed; target is NULL for
 * the miniport. A module that is about to be detached is passed by. NULL when the miniport takes no requests.
 */
static struct ndis_request_queue *claim_layer(struct ndis_adapter *adapter, struct ndis_filter *above, bool direct,
                                              struct ndis_filter **target)
{
    struct ndis_request_queue *queue = NULL;

    *target = NULL;
    ke_lock(&adapter->list_lock);
    for (LIST_ENTRY *entry = above == NULL ? adapter->filters.Blink : above->link.Blink;
         entry != &adapter->filters && queue == NULL; entry = entry->Blink) {
        struct ndis_filter *filter = CONTAINING_RECORD(entry, struct ndis_filter, link);
        const NDIS_FILTER_DRIVER_CHARACTERISTICS *chars = &filter->driver->chars;
        bool handles = direct ? chars->DirectOidRequestHandler != NULL : chars->OidRequestHandler != NULL;
        if (handles && claim(&filter->requests)) {
            queue = &filter->requests;
            *target = filter;
        }
    }
    ke_unlock(&adapter->list_lock);
    if (queue == NULL && claim(&adapter->requests))
        queue = &adapter->requests;
    return queue;
}

static NDIS_STATUS send_down(struct ndis_adapter *adapter, struct ndis_filter *above, PNDIS_OID_REQUEST request)
{
    struct ndis_request_state *state = ndis_request_state(request);

    state->adapter = adapter;
    state->signature = NDIS_REQUEST_SIGNATURE;
    state->queue = claim_layer(adapter, above, false, &state->target);
    return state->queue == NULL ? NDIS_STATUS_ADAPTER_NOT_READY : submit(state->queue, request);
}

static NDIS_STATUS send_direct(struct ndis_adapter *adapter, struct ndis_filter *above, PNDIS_OID_REQUEST request)
{
    struct ndis_request_state *state = ndis_request_state(request);
    MINIPORT_DIRECT_OID_REQUEST_HANDLER handler = adapter->driver->chars.DirectOidRequestHandler;
    struct ndis_request_queue *queue;
    void *context = adapter->miniport_context;
    NDIS_STATUS status;

    state->adapter = adapter;
    state->signature = NDIS_REQUEST_SIGNATURE;
    state->flags |= NDIS_REQUEST_DIRECT;
    queue = state->queue = claim_layer(adapter, above, true, &state->target);
    if (queue == NULL)
        return NDIS_STATUS_ADAPTER_NOT_READY;
    if (state->target != NULL) {
        handler = state->target->driver->chars.DirectOidRequestHandler;
        context = state->target->context;
    }
    status = handler == NULL ? NDIS_STATUS_NOT_SUPPORTED : handler(context, request);
    if (status != NDIS_STATUS_PENDING)
        disclaim(queue);
    return status;
}

static bool request_valid(const NDIS_OID_REQUEST *request)
{
    return request != NULL && ndis_header_valid(&request->Header, NDIS_OBJECT_TYPE_OID_REQUEST,
                                                NDIS_OID_REQUEST_REVISION_1, NDIS_SIZEOF_OID_REQUEST_REVISION_1);
}

static void begin(PNDIS_OID_REQUEST request, struct ndis_object *source)
{
    struct ndis_request_state *state = ndis_request_state(request);
    memset(state, 0, sizeof(*state));
    state->source = source;
}

/* ---- protocols
 * -----------------------------------------------------------------------------------------------------------------------
 */

NDIS_STATUS NTAPI NdisOidRequest(NDIS_HANDLE NdisBindingHandle, PNDIS_OID_REQUEST OidRequest)
{
    struct ndis_binding *binding = ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisOidRequest");
    NDIS_STATUS status;

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (!request_valid(OidRequest))
        return NDIS_STATUS_INVALID_PARAMETER;
    if (!binding->open || binding->closing)
        return NDIS_STATUS_CLOSING;
    if (binding->adapter->low_power)
        return NDIS_STATUS_LOW_POWER_STATE; /* "Handling a Set Power Request": only OID_PNP_SET_POWER, and that is ours
                                             */
    if (ndis_oid_intercept(binding->adapter, binding, OidRequest, &status))
        return status;
    begin(OidRequest, &binding->object);
    OidRequest->RequestHandle = binding;
    status = aggregate(binding, OidRequest);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    __atomic_fetch_add(&binding->requests, 1, __ATOMIC_ACQUIRE);
    status = send_down(binding->adapter, NULL, OidRequest);
    if (status != NDIS_STATUS_PENDING) {
        settle(OidRequest, status);
        __atomic_fetch_sub(&binding->requests, 1, __ATOMIC_RELEASE);
    }
    return status;
}
NT_EXPORT(NdisOidRequest);

NDIS_STATUS NTAPI NdisDirectOidRequest(NDIS_HANDLE NdisBindingHandle, PNDIS_OID_REQUEST OidRequest)
{
    struct ndis_binding *binding = ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisDirectOidRequest");
    NDIS_STATUS status;

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (!request_valid(OidRequest) || binding->protocol->chars.DirectOidRequestCompleteHandler == NULL)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (!binding->open || binding->closing)
        return NDIS_STATUS_CLOSING;
    begin(OidRequest, &binding->object);
    OidRequest->RequestHandle = binding;
    __atomic_fetch_add(&binding->requests, 1, __ATOMIC_ACQUIRE);
    status = send_direct(binding->adapter, NULL, OidRequest);
    if (status != NDIS_STATUS_PENDING)
        __atomic_fetch_sub(&binding->requests, 1, __ATOMIC_RELEASE);
    return status;
}
NT_EXPORT(NdisDirectOidRequest);

/* Takes the requests of `source` with that id that still wait off the queue. */
static void take_waiting(struct ndis_request_queue *queue, const struct ndis_object *source, PVOID id,
                         LIST_ENTRY *taken)
{
    LIST_ENTRY *entry;

    ke_lock(&queue->lock);
    for (entry = queue->waiting.Flink; entry != &queue->waiting;) {
        struct ndis_request_state *state = CONTAINING_RECORD(entry, struct ndis_request_state, link);
        PNDIS_OID_REQUEST request = CONTAINING_RECORD((void *)state, NDIS_OID_REQUEST, NdisReserved);
        entry = entry->Flink;
        if (state->source == source && request->RequestId == id) {
            RemoveEntryList(&state->link);
            InsertTailList(taken, &state->link);
            queue->outstanding--;
        }
    }
    ke_unlock(&queue->lock);
}

/* Requests that still wait are aborted by NDIS; for one that the layer has, its cancel handler is called. */
static void cancel(struct ndis_adapter *adapter, struct ndis_filter *above, struct ndis_object *source, PVOID id,
                   bool direct)
{
    const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *miniport = &adapter->driver->chars;
    MINIPORT_CANCEL_OID_REQUEST_HANDLER handler =
        direct ? miniport->CancelDirectOidRequestHandler : miniport->CancelOidRequestHandler;
    void *context = adapter->miniport_context;
    struct ndis_filter *target;
    struct ndis_request_queue *queue = claim_layer(adapter, above, direct, &target);
    LIST_ENTRY taken;

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (queue == NULL)
        return;
    InitializeListHead(&taken);
    if (!direct)
        take_waiting(queue, source, id, &taken);
    while (!IsListEmpty(&taken)) {
        struct ndis_request_state *state = CONTAINING_RECORD(RemoveHeadList(&taken), struct ndis_request_state, link);
        tell_source(CONTAINING_RECORD((void *)state, NDIS_OID_REQUEST, NdisReserved), NDIS_STATUS_REQUEST_ABORTED);
    }
    if (target != NULL) {
        handler = direct ? target->driver->chars.CancelDirectOidRequestHandler
                         : target->driver->chars.CancelOidRequestHandler;
        context = target->context;
    }
    if (handler != NULL)
        handler(context, id);
    disclaim(queue);
}

VOID NTAPI NdisCancelOidRequest(NDIS_HANDLE NdisBindingHandle, PVOID RequestId)
{
    struct ndis_binding *binding = ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisCancelOidRequest");
    cancel(binding->adapter, NULL, &binding->object, RequestId, false);
}
NT_EXPORT(NdisCancelOidRequest);

VOID NTAPI NdisCancelDirectOidRequest(NDIS_HANDLE NdisBindingHandle, PVOID RequestId)
{
    struct ndis_binding *binding =
        ndis_check_handle(NdisBindingHandle, NDIS_KIND_BINDING, "NdisCancelDirectOidRequest");
    cancel(binding->adapter, NULL, &binding->object, RequestId, true);
}
NT_EXPORT(NdisCancelDirectOidRequest);

/* ---- filters
 * ---------------------------------------------------------------------------------------------------------------------------
 */

NDIS_STATUS NTAPI NdisFOidRequest(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFOidRequest");

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (!request_valid(OidRequest))
        return NDIS_STATUS_INVALID_PARAMETER;
    begin(OidRequest, &filter->object);
    return send_down(filter->adapter, filter, OidRequest);
}
NT_EXPORT(NdisFOidRequest);

NDIS_STATUS NTAPI NdisFDirectOidRequest(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFDirectOidRequest");

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (!request_valid(OidRequest))
        return NDIS_STATUS_INVALID_PARAMETER;
    begin(OidRequest, &filter->object);
    return send_direct(filter->adapter, filter, OidRequest);
}
NT_EXPORT(NdisFDirectOidRequest);

VOID NTAPI NdisFCancelOidRequest(NDIS_HANDLE NdisFilterHandle, PVOID RequestId)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFCancelOidRequest");
    cancel(filter->adapter, filter, &filter->object, RequestId, false);
}
NT_EXPORT(NdisFCancelOidRequest);

VOID NTAPI NdisFCancelDirectOidRequest(NDIS_HANDLE NdisFilterHandle, PVOID RequestId)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFCancelDirectOidRequest");
    cancel(filter->adapter, filter, &filter->object, RequestId, true);
}
NT_EXPORT(NdisFCancelDirectOidRequest);

/* ---- completion by drivers
 * ---------------------------------------------------------------------------------------------------------------- */

static void complete(PNDIS_OID_REQUEST request, NDIS_STATUS status, struct ndis_request_queue *queue,
                     const char *function)
{
    struct ndis_request_state *state;

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (request == NULL || ndis_request_state(request)->signature != NDIS_REQUEST_SIGNATURE)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, request, "%s: %p is not an OID request that NDIS sent", function,
                      (void *)request);
    if (status == NDIS_STATUS_PENDING)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, request, "%s: completed with NDIS_STATUS_PENDING", function);
    state = ndis_request_state(request);
    if ((state->flags & NDIS_REQUEST_INNER) != 0) {
        /* Part of a request that is current itself. */
    } else if ((state->flags & NDIS_REQUEST_DIRECT) == 0) {
        finish(queue, request, function);
    } else {
        disclaim(queue);
    }
    tell_source(request, status);
}

VOID NTAPI NdisMOidRequestComplete(NDIS_HANDLE MiniportAdapterHandle, PNDIS_OID_REQUEST OidRequest, NDIS_STATUS Status)
{
    struct ndis_adapter *adapter =
        ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMOidRequestComplete");
    complete(OidRequest, Status, &adapter->requests, "NdisMOidRequestComplete");
}
NT_EXPORT(NdisMOidRequestComplete);

VOID NTAPI NdisMDirectOidRequestComplete(NDIS_HANDLE MiniportAdapterHandle, PNDIS_OID_REQUEST OidRequest,
                                         NDIS_STATUS Status)
{
    struct ndis_adapter *adapter =
        ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMDirectOidRequestComplete");
    complete(OidRequest, Status, &adapter->requests, "NdisMDirectOidRequestComplete");
}
NT_EXPORT(NdisMDirectOidRequestComplete);

VOID NTAPI NdisFOidRequestComplete(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest, NDIS_STATUS Status)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFOidRequestComplete");
    complete(OidRequest, Status, &filter->requests, "NdisFOidRequestComplete");
}
NT_EXPORT(NdisFOidRequestComplete);

VOID NTAPI NdisFDirectOidRequestComplete(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest, NDIS_STATUS Status)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFDirectOidRequestComplete");
    complete(OidRequest, Status, &filter->requests, "NdisFDirectOidRequestComplete");
}
NT_EXPORT(NdisFDirectOidRequestComplete);

/* ---- requests of NDIS itself
 * ---------------------------------------------------------------------------------------------------------------- */

NDIS_STATUS ndis_request_wait(struct ndis_adapter *adapter, PNDIS_OID_REQUEST request)
{
    struct ndis_request_state *state = ndis_request_state(request);
    NDIS_STATUS status, late = NDIS_STATUS_FAILURE;
    KEVENT done;

    KeInitializeEvent(&done, NotificationEvent, FALSE);
    begin(request, NULL);
    state->event = &done;
    state->event_status = &late;
    status = send_down(adapter, NULL, request);
    if (status != NDIS_STATUS_PENDING)
        return status;
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    return late;
}

NDIS_STATUS ndis_simple_request(struct ndis_adapter *adapter, NDIS_REQUEST_TYPE type, NDIS_OID oid, void *buffer,
                                ULONG size, ULONG *written)
{
    NDIS_OID_REQUEST request = {
        .Header = {NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1, NDIS_SIZEOF_OID_REQUEST_REVISION_1},
        .RequestType = type,
        .DATA.QUERY_INFORMATION = {.Oid = oid, .InformationBuffer = buffer, .InformationBufferLength = size},
    };
    NDIS_STATUS status = ndis_request_wait(adapter, &request);

    if (written != NULL)
        *written = status == NDIS_STATUS_SUCCESS ? request.DATA.QUERY_INFORMATION.BytesWritten
                                                 : request.DATA.QUERY_INFORMATION.BytesNeeded;
    return status;
}

void ndis_request_aggregate(struct ndis_adapter *adapter)
{
    ULONG filter, total = 0;
    unsigned char *multicast;

    if (!adapter->initialized || adapter->surprise_removed || adapter->removing || adapter->low_power)
        return;
    filter = union_filter(adapter, NULL, 0);
    ndis_simple_request(adapter, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter),
                        NULL);
    if (adapter->general.MediaType != NdisMedium802_3 || adapter->general.MaxMulticastListSize == 0)
        return;
    multicast = union_multicast(adapter, NULL, NULL, 0, &total);
    if (multicast == NULL)
        return;
    ndis_simple_request(adapter, NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, multicast, total, NULL);
    ExFreePoolWithTag(multicast, NDIS_TAG);
}

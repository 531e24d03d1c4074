/*
 * The data path. A protocol's send goes through the filter modules that registered a send handler to the miniport; its
 * completion, and received packets, come back the same way. When a stack restarts, ndis_path_build gives each layer the
 * handler and the context of its neighbour; a packet then costs one indirect call for each layer that wants it, one
 * walk along the chain to count it, and one addition to a counter that no other thread writes. A stack that is not
 * running has another entry: sends are completed with the reason, received packets go back at once.
 *
 * Pages: "Send and Receive Operations", "NdisSendNetBufferLists function", "ProtocolReceiveNetBufferLists".
 */
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"

static inline __attribute__((always_inline)) ULONG chain_length(const NET_BUFFER_LIST *chain)
{
    ULONG count = 0;
    for (; chain != NULL; chain = NET_BUFFER_LIST_NEXT_NBL(chain))
        count++;
    return count;
}

/* A driver's routine must return at the IRQL at which it was called. */
#define CALL_CHECKED(what_, routine_, ...)                                                                             \
    do {                                                                                                               \
        KIRQL irql_ = ke_irql();                                                                                       \
        (routine_)(__VA_ARGS__);                                                                                       \
        if (__builtin_expect(ke_irql() != irql_, 0))                                                                   \
            ke_check_irql(irql_, (const void *)(routine_), (what_));                                                   \
    } while (0)

static inline __attribute__((always_inline)) void check(NDIS_HANDLE handle, enum ndis_object_type type,
                                                        const char *function)
{
    const struct ndis_object *object = handle;
    if (__builtin_expect(object == NULL || object->magic != NDIS_OBJECT_MAGIC || object->Header.Type != type, 0))
        ndis_check_handle(handle, type, function);
}

/* ---- verification: who has each packet -------------------------------------------------------------------------- */

/* NdisReserved[1] of a NET_BUFFER_LIST while verification is on. */
enum { NBL_IDLE = 0, NBL_SENT = 0x53454E54, NBL_RECEIVED = 0x52435644 };

static void verify_move(PNET_BUFFER_LIST chain, uintptr_t from, uintptr_t to, const char *function, const char *misuse)
{
    for (; chain != NULL; chain = NET_BUFFER_LIST_NEXT_NBL(chain)) {
        uintptr_t is = (uintptr_t)chain->NdisReserved[1];
        if (is != from && (from != NBL_IDLE || is == NBL_SENT || is == NBL_RECEIVED))
            ndis_bugcheck(BUGCODE_NDIS_DRIVER, chain, "%s: NET_BUFFER_LIST %p %s", function, (void *)chain, misuse);
        chain->NdisReserved[1] = (PVOID)to;
    }
}

/* ---- top: between bindings and the layer below ----------------------------------------------------------------------
 */

/* Completed sends arrive at the top: to the binding that sent each. A chain may hold packets of several. */
static VOID NTAPI top_send_complete(NDIS_HANDLE adapter, PNET_BUFFER_LIST chain, ULONG flags)
{
    UNREFERENCED_PARAMETER(adapter);
    while (chain != NULL) {
        struct ndis_binding *binding = chain->SourceHandle;
        PNET_BUFFER_LIST last = chain, next;
        ULONG count = 1;

        check(binding, NDIS_KIND_BINDING, "NdisMSendNetBufferListsComplete (NET_BUFFER_LIST.SourceHandle)");
        while ((next = NET_BUFFER_LIST_NEXT_NBL(last)) != NULL && next->SourceHandle == binding) {
            last = next;
            count++;
        }
        NET_BUFFER_LIST_NEXT_NBL(last) = NULL;
        if (__builtin_expect(ndis.verify, 0))
            verify_move(chain, NBL_SENT, NBL_IDLE, "NdisMSendNetBufferListsComplete",
                        "was completed though it is not being sent (completed twice?)");
        CALL_CHECKED("ProtocolSendNetBufferListsComplete", binding->send_complete, binding->context, chain, flags);
        ndis_flow_out(&binding->sends, count);
        chain = next;
    }
}

/* First bytes of a packet's data, for the destination address: NULL when shorter or not in one piece. */
static const UCHAR *packet_bytes(const NET_BUFFER_LIST *nbl, ULONG size)
{
    const NET_BUFFER *nb = NET_BUFFER_LIST_FIRST_NB(nbl);
    PMDL mdl;
    PUCHAR start;

    if (nb == NULL || NET_BUFFER_DATA_LENGTH(nb) < size)
        return NULL;
    mdl = NET_BUFFER_CURRENT_MDL(nb);
    if (mdl == NULL || MmGetMdlByteCount(mdl) - NET_BUFFER_CURRENT_MDL_OFFSET(nb) < size)
        return NULL;
    start = MmGetSystemAddressForMdlSafe(mdl, LowPagePriority);
    return start == NULL ? NULL : start + NET_BUFFER_CURRENT_MDL_OFFSET(nb);
}

static bool frame_type_wanted(const struct ndis_binding *binding, const NET_BUFFER_LIST *nbl)
{
    USHORT type = (USHORT)(ULONG_PTR)NET_BUFFER_LIST_INFO(nbl, NetBufferListFrameType); /* network byte order */
    if (binding->frame_type_count == 0 || type == 0)
        return true;
    for (unsigned i = 0; i < binding->frame_type_count; i++)
        if ((USHORT)((type << 8) | (type >> 8)) == binding->frame_types[i])
            return true;
    return false;
}

static bool in_multicast_list(const struct ndis_binding *binding, const UCHAR *destination)
{
    bool found = false;

    ke_lock(&binding->adapter->list_lock);
    for (ULONG i = 0; i + 6 <= binding->multicast_size && !found; i += 6)
        found = memcmp(destination, binding->multicast + i, 6) == 0;
    ke_unlock(&binding->adapter->list_lock);
    return found;
}

/* Whether the packet filter of a binding lets the packet through. The miniport filters for the union of all bindings.
 */
static bool wanted(const struct ndis_binding *binding, const NET_BUFFER_LIST *nbl)
{
    const struct ndis_adapter *adapter = binding->adapter;
    ULONG filter = __atomic_load_n(&binding->packet_filter, __ATOMIC_RELAXED);
    const UCHAR *destination;

    if (filter == 0 || !frame_type_wanted(binding, nbl))
        return false;
    if ((filter & NDIS_PACKET_TYPE_PROMISCUOUS) != 0 || adapter->general.MediaType != NdisMedium802_3)
        return true;
    destination = packet_bytes(nbl, 6);
    if (destination == NULL)
        return true;
    if ((destination[0] & 1) == 0)
        return (filter & NDIS_PACKET_TYPE_DIRECTED) != 0 &&
               memcmp(destination, adapter->general.CurrentMacAddress, 6) == 0;
    if (memcmp(destination, "\xff\xff\xff\xff\xff\xff", 6) == 0)
        return (filter & NDIS_PACKET_TYPE_BROADCAST) != 0;
    if ((filter & NDIS_PACKET_TYPE_ALL_MULTICAST) != 0)
        return true;
    return (filter & NDIS_PACKET_TYPE_MULTICAST) != 0 && in_multicast_list(binding, destination);
}

/* A run of packets that the binding wants, or does not want: its length, and the rest behind it. */
static ULONG split_run(const struct ndis_binding *binding, PNET_BUFFER_LIST run, PNET_BUFFER_LIST *last,
                       bool *is_wanted)
{
    PNET_BUFFER_LIST next;
    ULONG count = 1;

    *is_wanted = wanted(binding, run);
    while ((next = NET_BUFFER_LIST_NEXT_NBL(run)) != NULL && wanted(binding, next) == *is_wanted) {
        run = next;
        count++;
    }
    *last = run;
    return count;
}

/* Indicates with NDIS_RECEIVE_FLAGS_RESOURCES what one binding wants of a chain that stays whole. */
static void lend(struct ndis_binding *binding, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags)
{
    while (chain != NULL) {
        PNET_BUFFER_LIST last, next;
        bool is_wanted;
        ULONG count = split_run(binding, chain, &last, &is_wanted);

        next = NET_BUFFER_LIST_NEXT_NBL(last);
        if (is_wanted) {
            NET_BUFFER_LIST_NEXT_NBL(last) = NULL;
            CALL_CHECKED("ProtocolReceiveNetBufferLists", binding->receive, binding->context, chain, port, count,
                         flags | NDIS_RECEIVE_FLAGS_RESOURCES);
            NET_BUFFER_LIST_NEXT_NBL(last) = next;
        }
        chain = next;
    }
}

static void give(struct ndis_binding *binding, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count, ULONG flags)
{
    if (__builtin_expect(ndis.verify, 0))
        verify_move(chain, NBL_IDLE, NBL_RECEIVED, "NdisMIndicateReceiveNetBufferLists",
                    "was indicated while it is still with a protocol");
    ndis_flow_in(&binding->receives, count);
    CALL_CHECKED("ProtocolReceiveNetBufferLists", binding->receive, binding->context, chain, port, count, flags);
}

static ULONG return_flags(ULONG receive_flags)
{
    return (receive_flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL) != 0 ? NDIS_RETURN_FLAGS_DISPATCH_LEVEL : 0;
}

/*
 * Several bindings, or one with wishes: only one can own a packet, so every binding but the last gets it on loan
 * (NDIS_RECEIVE_FLAGS_RESOURCES: the protocol copies what it keeps), and what the last one does not want goes back.
 */
static void deliver_selected(struct ndis_adapter *adapter, const struct ndis_receivers *receivers,
                             PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags)
{
    bool lent = (flags & NDIS_RECEIVE_FLAGS_RESOURCES) != 0;
    unsigned borrowers = lent ? receivers->count : receivers->count - 1;
    struct ndis_binding *owner;

    for (unsigned i = 0; i < borrowers; i++)
        lend(receivers->binding[i], chain, port, flags);
    if (lent)
        return;
    owner = receivers->binding[receivers->count - 1];
    while (chain != NULL) {
        PNET_BUFFER_LIST last, next;
        bool is_wanted;
        ULONG count = split_run(owner, chain, &last, &is_wanted);

        next = NET_BUFFER_LIST_NEXT_NBL(last);
        NET_BUFFER_LIST_NEXT_NBL(last) = NULL;
        if (is_wanted)
            give(owner, chain, port, count, flags);
        else
            adapter->top->return_lists(adapter->top->return_context, chain, return_flags(flags));
        chain = next;
    }
}

/* Received packets arrive at the top. */
static VOID NTAPI top_receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count,
                              ULONG flags)
{
    struct ndis_adapter *adapter = context;
    const struct ndis_receivers *receivers = __atomic_load_n(&adapter->receivers, __ATOMIC_ACQUIRE);
    ULONG length = chain_length(chain);

    if (__builtin_expect(length != count, 0))
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter,
                      "NdisMIndicateReceiveNetBufferLists: NumberOfNetBufferLists is %u, but the chain has %u", count,
                      length);
    if (receivers == NULL || receivers->count == 0) {
        if ((flags & NDIS_RECEIVE_FLAGS_RESOURCES) == 0)
            adapter->top->return_lists(adapter->top->return_context, chain, return_flags(flags));
        return;
    }
    if (receivers->count > 1 || receivers->binding[0]->frame_type_count != 0 ||
        __atomic_load_n(&receivers->binding[0]->packet_filter, __ATOMIC_RELAXED) == 0) {
        deliver_selected(adapter, receivers, chain, port, flags);
        return;
    }
    if ((flags & NDIS_RECEIVE_FLAGS_RESOURCES) == 0)
        give(receivers->binding[0], chain, port, count, flags);
    else
        CALL_CHECKED("ProtocolReceiveNetBufferLists", receivers->binding[0]->receive, receivers->binding[0]->context,
                     chain, port, count, flags);
}

/* ---- a stack that does not run --------------------------------------------------------------------------------------
 */

static VOID NTAPI refuse_send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags)
{
    struct ndis_adapter *adapter = context;
    UNREFERENCED_PARAMETER(port);
    for (PNET_BUFFER_LIST nbl = chain; nbl != NULL; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl))
        NET_BUFFER_LIST_STATUS(nbl) = adapter->reject_status;
    top_send_complete(adapter, chain,
                      (flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL) != 0 ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0);
}

static VOID NTAPI refuse_receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count,
                                 ULONG flags)
{
    struct ndis_adapter *adapter = context;
    UNREFERENCED_PARAMETER(port);
    UNREFERENCED_PARAMETER(count);
    if ((flags & NDIS_RECEIVE_FLAGS_RESOURCES) == 0)
        adapter->driver->chars.ReturnNetBufferListsHandler(adapter->miniport_context, chain, return_flags(flags));
}

/* ---- wiring ---------------------------------------------------------------------------------------------------------
 */

/* What the layer above `filter` (NULL: above the miniport) calls to go down from there. */
static void wire_down(struct ndis_adapter *adapter, struct ndis_filter *filter, struct ndis_down *down)
{
    const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *miniport = &adapter->driver->chars;

    if (filter == NULL) {
        *down = (struct ndis_down){
            .send = miniport->SendNetBufferListsHandler,
            .send_context = adapter->miniport_context,
            .return_lists = miniport->ReturnNetBufferListsHandler,
            .return_context = adapter->miniport_context,
            .cancel = miniport->CancelSendHandler,
            .cancel_context = adapter->miniport_context,
        };
        return;
    }
    *down = filter->down;
    if (filter->handlers.SendNetBufferListsHandler != NULL) {
        down->send = filter->handlers.SendNetBufferListsHandler;
        down->send_context = filter->context;
    }
    if (filter->handlers.ReturnNetBufferListsHandler != NULL) {
        down->return_lists = filter->handlers.ReturnNetBufferListsHandler;
        down->return_context = filter->context;
    }
    if (filter->handlers.CancelSendNetBufferListsHandler != NULL) {
        down->cancel = filter->handlers.CancelSendNetBufferListsHandler;
        down->cancel_context = filter->context;
    }
}

static void wire_up(struct ndis_filter *filter, struct ndis_up *up)
{
    *up = filter->up;
    if (filter->handlers.ReceiveNetBufferListsHandler != NULL) {
        up->receive = filter->handlers.ReceiveNetBufferListsHandler;
        up->receive_context = filter->context;
    }
    if (filter->handlers.SendNetBufferListsCompleteHandler != NULL) {
        up->send_complete = filter->handlers.SendNetBufferListsCompleteHandler;
        up->send_complete_context = filter->context;
    }
}

/* Connects every layer of a paused stack with its neighbours. */
static void wire(struct ndis_adapter *adapter)
{
    struct ndis_filter *below = NULL;

    for (LIST_ENTRY *entry = adapter->filters.Flink; entry != &adapter->filters; entry = entry->Flink) {
        struct ndis_filter *filter = CONTAINING_RECORD(entry, struct ndis_filter, link);
        wire_down(adapter, below, &filter->down);
        below = filter;
    }
    wire_down(adapter, below, &adapter->running_top);
    adapter->running_up = (struct ndis_up){
        .receive = top_receive,
        .receive_context = adapter,
        .send_complete = top_send_complete,
        .send_complete_context = adapter,
    };
    for (LIST_ENTRY *entry = adapter->filters.Blink; entry != &adapter->filters; entry = entry->Blink) {
        struct ndis_filter *filter = CONTAINING_RECORD(entry, struct ndis_filter, link);
        filter->up = adapter->running_up;
        wire_up(filter, &adapter->running_up);
    }
}

static struct ndis_receivers *make_receivers(struct ndis_adapter *adapter)
{
    struct ndis_receivers *receivers;
    unsigned count = 0;

    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink)
        count++;
    receivers =
        ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*receivers) + count * sizeof(receivers->binding[0]), NDIS_TAG);
    if (receivers == NULL)
        return NULL;
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink) {
        struct ndis_binding *binding = CONTAINING_RECORD(entry, struct ndis_binding, link);
        if (binding->open)
            receivers->binding[receivers->count++] = binding;
    }
    return receivers;
}

void ndis_path_build(struct ndis_adapter *adapter)
{
    wire(adapter);
    __atomic_store_n(&adapter->receivers, make_receivers(adapter), __ATOMIC_RELEASE);
    __atomic_store_n(&adapter->up, &adapter->running_up, __ATOMIC_RELEASE);
    __atomic_store_n(&adapter->top, &adapter->running_top, __ATOMIC_RELEASE);
}

/*
 * Completions and returns still find their way; only what starts anew is refused. Bindings may send and receive again
 * when the path is built the next time. The list of receivers goes only once the miniport cannot be inside an
 * indication any more: ndis_path_retire.
 */
void ndis_path_close(struct ndis_adapter *adapter, NDIS_STATUS reject_status)
{
    if (adapter->running_top.return_lists == NULL)
        wire(adapter);
    adapter->reject_status = reject_status;
    adapter->rejecting_top = adapter->running_top;
    adapter->rejecting_top.send = refuse_send;
    adapter->rejecting_top.send_context = adapter;
    adapter->refusing_up = adapter->running_up;
    adapter->refusing_up.receive = refuse_receive;
    adapter->refusing_up.receive_context = adapter;
    __atomic_store_n(&adapter->top, &adapter->rejecting_top, __ATOMIC_RELEASE);
    __atomic_store_n(&adapter->up, &adapter->refusing_up, __ATOMIC_RELEASE);
}

void ndis_path_retire(struct ndis_adapter *adapter)
{
    struct ndis_receivers *receivers = __atomic_exchange_n(&adapter->receivers, NULL, __ATOMIC_ACQ_REL);
    if (receivers != NULL)
        ExFreePoolWithTag(receivers, NDIS_TAG);
}

/* ---- loopback
 * --------------------------------------------------------------------------------------------------------- */

static void loop_back_one(struct ndis_adapter *adapter, struct ndis_binding *sender, NDIS_HANDLE pool,
                          PNET_BUFFER_LIST sent, PNET_BUFFER nb, ULONG flags)
{
    const struct ndis_receivers *receivers = adapter->receivers;
    PNET_BUFFER_LIST copy = NdisAllocateNetBufferAndNetBufferList(
        pool, 0, 0, NET_BUFFER_FIRST_MDL(nb), NET_BUFFER_DATA_OFFSET(nb), NET_BUFFER_DATA_LENGTH(nb));
    if (copy == NULL)
        return;
    copy->SourceHandle = adapter;
    NdisSetNblFlag(copy, NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET);
    NET_BUFFER_LIST_INFO(copy, NetBufferListFrameType) = NET_BUFFER_LIST_INFO(sent, NetBufferListFrameType);
    for (unsigned i = 0; receivers != NULL && i < receivers->count; i++) {
        struct ndis_binding *binding = receivers->binding[i];
        if ((binding == sender && (flags & NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK) == 0) ||
            (binding->packet_filter & NDIS_PACKET_TYPE_NO_LOCAL) != 0)
            continue;
        lend(binding, copy, NDIS_DEFAULT_PORT_NUMBER,
             (flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL) != 0 ? NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL : 0);
    }
    NdisFreeNetBufferList(copy);
}

/*
 * A sent packet is also received by the other bindings whose packet filters match it, and by the sender when it asked
 * with NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK. On loan, above the filters, before the miniport has it.
 */
static __attribute__((noinline)) void loop_back(struct ndis_binding *sender, PNET_BUFFER_LIST chain, ULONG flags)
{
    struct ndis_adapter *adapter = sender->adapter;

    if (adapter->loopback_pool == NULL)
        return;
    for (; chain != NULL; chain = NET_BUFFER_LIST_NEXT_NBL(chain))
        for (PNET_BUFFER nb = NET_BUFFER_LIST_FIRST_NB(chain); nb != NULL; nb = NET_BUFFER_NEXT_NB(nb))
            loop_back_one(adapter, sender, adapter->loopback_pool, chain, nb, flags);
}

/* ---- what drivers call: protocols
 * ------------------------------------------------------------------------------------ */

VOID NTAPI NdisSendNetBufferLists(NDIS_HANDLE NdisBindingHandle, PNET_BUFFER_LIST NetBufferLists,
                                  NDIS_PORT_NUMBER PortNumber, ULONG SendFlags)
{
    struct ndis_binding *binding = NdisBindingHandle;
    const struct ndis_down *top;
    ULONG count = 0;

    check(binding, NDIS_KIND_BINDING, "NdisSendNetBufferLists");
    for (PNET_BUFFER_LIST nbl = NetBufferLists; nbl != NULL; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) {
        if (__builtin_expect(nbl->SourceHandle != binding, 0))
            ndis_bugcheck(BUGCODE_NDIS_DRIVER, nbl,
                          "NdisSendNetBufferLists: SourceHandle of NET_BUFFER_LIST %p is not the binding's handle",
                          (void *)nbl);
        count++;
    }
    if (__builtin_expect(ndis.verify, 0))
        verify_move(NetBufferLists, NBL_IDLE, NBL_SENT, "NdisSendNetBufferLists", "is already being sent");
    ndis_flow_in(&binding->sends, count);
    top = __atomic_load_n(&binding->adapter->top, __ATOMIC_ACQUIRE);
    if (__builtin_expect((SendFlags & NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK) != 0 || binding->adapter->several_bindings,
                         0) &&
        top == &binding->adapter->running_top)
        loop_back(binding, NetBufferLists, SendFlags);
    CALL_CHECKED("MiniportSendNetBufferLists", top->send, top->send_context, NetBufferLists, PortNumber,
                 SendFlags & ~(ULONG)NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK);
}
NT_EXPORT(NdisSendNetBufferLists);

VOID NTAPI NdisReturnNetBufferLists(NDIS_HANDLE NdisBindingHandle, PNET_BUFFER_LIST NetBufferLists, ULONG ReturnFlags)
{
    struct ndis_binding *binding = NdisBindingHandle;
    const struct ndis_down *top;
    ULONG count;

    check(binding, NDIS_KIND_BINDING, "NdisReturnNetBufferLists");
    count = chain_length(NetBufferLists);
    if (__builtin_expect(ndis.verify, 0))
        verify_move(NetBufferLists, NBL_RECEIVED, NBL_IDLE, "NdisReturnNetBufferLists",
                    "was returned though the protocol does not own it (returned twice, or received with "
                    "NDIS_RECEIVE_FLAGS_RESOURCES)");
    top = __atomic_load_n(&binding->adapter->top, __ATOMIC_ACQUIRE);
    CALL_CHECKED("MiniportReturnNetBufferLists", top->return_lists, top->return_context, NetBufferLists, ReturnFlags);
    ndis_flow_out(&binding->receives, count);
}
NT_EXPORT(NdisReturnNetBufferLists);

VOID NTAPI NdisCancelSendNetBufferLists(NDIS_HANDLE NdisBindingHandle, PVOID CancelId)
{
    struct ndis_binding *binding = NdisBindingHandle;
    const struct ndis_down *top;

    check(binding, NDIS_KIND_BINDING, "NdisCancelSendNetBufferLists");
    top = __atomic_load_n(&binding->adapter->top, __ATOMIC_ACQUIRE);
    if (top->cancel != NULL)
        CALL_CHECKED("MiniportCancelSend", top->cancel, top->cancel_context, CancelId);
}
NT_EXPORT(NdisCancelSendNetBufferLists);

UCHAR NTAPI NdisGeneratePartialCancelId(VOID)
{
    return __atomic_add_fetch(&ndis.next_cancel_id, 1, __ATOMIC_RELAXED);
}
NT_EXPORT(NdisGeneratePartialCancelId);

/* ---- miniports
 * -------------------------------------------------------------------------------------------------------- */

VOID NTAPI NdisMSendNetBufferListsComplete(NDIS_HANDLE MiniportAdapterHandle, PNET_BUFFER_LIST NetBufferList,
                                           ULONG SendCompleteFlags)
{
    struct ndis_adapter *adapter = MiniportAdapterHandle;
    const struct ndis_up *up;

    check(adapter, NDIS_KIND_ADAPTER, "NdisMSendNetBufferListsComplete");
    up = __atomic_load_n(&adapter->up, __ATOMIC_ACQUIRE);
    up->send_complete(up->send_complete_context, NetBufferList, SendCompleteFlags);
}
NT_EXPORT(NdisMSendNetBufferListsComplete);

VOID NTAPI NdisMIndicateReceiveNetBufferLists(NDIS_HANDLE MiniportAdapterHandle, PNET_BUFFER_LIST NetBufferList,
                                              NDIS_PORT_NUMBER PortNumber, ULONG NumberOfNetBufferLists,
                                              ULONG ReceiveFlags)
{
    struct ndis_adapter *adapter = MiniportAdapterHandle;
    const struct ndis_up *up;

    check(adapter, NDIS_KIND_ADAPTER, "NdisMIndicateReceiveNetBufferLists");
    if (__builtin_expect(NetBufferList == NULL, 0))
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter, "NdisMIndicateReceiveNetBufferLists: no NET_BUFFER_LIST");
    if (__builtin_expect((ReceiveFlags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL) != 0 && ke_irql() != DISPATCH_LEVEL, 0))
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter,
                      "NdisMIndicateReceiveNetBufferLists: NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL at IRQL %u", ke_irql());
    up = __atomic_load_n(&adapter->up, __ATOMIC_ACQUIRE);
    up->receive(up->receive_context, NetBufferList, PortNumber, NumberOfNetBufferLists, ReceiveFlags);
}
NT_EXPORT(NdisMIndicateReceiveNetBufferLists);

/* ---- filters
 * ----------------------------------------------------------------------------------------------------------- */

VOID NTAPI NdisFSendNetBufferLists(NDIS_HANDLE NdisFilterHandle, PNET_BUFFER_LIST NetBufferList,
                                   NDIS_PORT_NUMBER PortNumber, ULONG SendFlags)
{
    struct ndis_filter *filter = NdisFilterHandle;
    check(filter, NDIS_KIND_FILTER, "NdisFSendNetBufferLists");
    CALL_CHECKED("MiniportSendNetBufferLists", filter->down.send, filter->down.send_context, NetBufferList, PortNumber,
                 SendFlags);
}
NT_EXPORT(NdisFSendNetBufferLists);

VOID NTAPI NdisFSendNetBufferListsComplete(NDIS_HANDLE NdisFilterHandle, PNET_BUFFER_LIST NetBufferList,
                                           ULONG SendCompleteFlags)
{
    struct ndis_filter *filter = NdisFilterHandle;
    check(filter, NDIS_KIND_FILTER, "NdisFSendNetBufferListsComplete");
    filter->up.send_complete(filter->up.send_complete_context, NetBufferList, SendCompleteFlags);
}
NT_EXPORT(NdisFSendNetBufferListsComplete);

VOID NTAPI NdisFIndicateReceiveNetBufferLists(NDIS_HANDLE NdisFilterHandle, PNET_BUFFER_LIST NetBufferLists,
                                              NDIS_PORT_NUMBER PortNumber, ULONG NumberOfNetBufferLists,
                                              ULONG ReceiveFlags)
{
    struct ndis_filter *filter = NdisFilterHandle;
    check(filter, NDIS_KIND_FILTER, "NdisFIndicateReceiveNetBufferLists");
    filter->up.receive(filter->up.receive_context, NetBufferLists, PortNumber, NumberOfNetBufferLists, ReceiveFlags);
}
NT_EXPORT(NdisFIndicateReceiveNetBufferLists);

VOID NTAPI NdisFReturnNetBufferLists(NDIS_HANDLE NdisFilterHandle, PNET_BUFFER_LIST NetBufferLists, ULONG ReturnFlags)
{
    struct ndis_filter *filter = NdisFilterHandle;
    check(filter, NDIS_KIND_FILTER, "NdisFReturnNetBufferLists");
    CALL_CHECKED("MiniportReturnNetBufferLists", filter->down.return_lists, filter->down.return_context, NetBufferLists,
                 ReturnFlags);
}
NT_EXPORT(NdisFReturnNetBufferLists);

VOID NTAPI NdisFCancelSendNetBufferLists(NDIS_HANDLE NdisFilterHandle, PVOID CancelId)
{
    struct ndis_filter *filter = NdisFilterHandle;
    check(filter, NDIS_KIND_FILTER, "NdisFCancelSendNetBufferLists");
    if (filter->down.cancel != NULL)
        CALL_CHECKED("MiniportCancelSend", filter->down.cancel, filter->down.cancel_context, CancelId);
}
NT_EXPORT(NdisFCancelSendNetBufferLists);

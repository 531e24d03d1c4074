/*
 * A miniport, a protocol and a filter driver inside the test process, each of which writes down how it is called, and a
 * root-enumerated device for the miniport. The tests of NDIS's core choose their behaviour through struct core_test.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ndis.h>

#include "include/ndiskit/ndiskit.h"
#include "ndis/ndis.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/pnp/pnp.h"

#define CORE_SECONDS(n) ((LONGLONG)(n)*10000000)
#define CORE_TAG        'tseT'

/* cmocka's assertions work in the test's thread only. */
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

static struct core_test {
    struct ke_lock lock;
    char log[4096];
    /* miniport */
    NDIS_HANDLE miniport_driver, adapter, pool;
    NDIS_STATUS initialize_status, restart_status;
    bool pend_pause, pend_restart, pend_oid, hold_sends, no_power_management, keep_returned;
    ULONG extra_attributes, wrong_count;
    MINIPORT_RESET_HANDLER reset_handler;
    PNDIS_OID_REQUEST pended_oid;
    PNET_BUFFER_LIST held;
    ULONG packet_filter, lookahead, multicast_bytes;
    LONG sends_seen, returns_seen, oids_seen;
    LONG oids_running, oids_overlap;
    NDIS_STATUS (*oid_hook)(PNDIS_OID_REQUEST request);
    /* protocols */
    struct core_protocol *protocols[2];
    /* filter */
    NDIS_HANDLE filter_driver, filter;
    bool filter_data; /* the filter takes part in the data path */
    LONG filter_sends, filter_completes, filter_receives, filter_returns, filter_status, filter_oids;
} t;

static inline void say(const char *format, ...)
{
    char text[128];
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ke_lock(&t.lock);
    length = strlen(t.log);
    snprintf(t.log + length, sizeof(t.log) - length, "%s%s", length != 0 ? " " : "", text);
    ke_unlock(&t.lock);
}

/* Whether that has been written down; `wait_for` waits until it has. */
static inline bool logged(const char *text)
{
    bool found;
    ke_lock(&t.lock);
    found = strstr(t.log, text) != NULL;
    ke_unlock(&t.lock);
    return found;
}

static inline void wait_for(const char *text)
{
    LARGE_INTEGER interval = {.QuadPart = -1000};
    while (!logged(text))
        KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

static inline void forget(void)
{
    ke_lock(&t.lock);
    t.log[0] = 0;
    ke_unlock(&t.lock);
}

/* ---- the miniport ---------------------------------------------------------------------------------------------------
 */

static const UCHAR core_mac[6] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};
static NDIS_OID core_oids[] = {OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_STATISTICS, OID_802_3_MULTICAST_LIST};

static NDIS_STATUS core_set_attributes(NDIS_HANDLE adapter)
{
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES registration = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
                   NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
                   NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1},
        .MiniportAdapterContext = &t,
        .AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_NDIS_WDM | NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK |
                          (t.no_power_management ? 0 : NDIS_MINIPORT_ATTRIBUTES_NO_HALT_ON_SUSPEND) |
                          t.extra_attributes,
        .InterfaceType = NdisInterfacePNPBus,
    };
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
                   NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2,
                   NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2},
        .MediaType = NdisMedium802_3,
        .MtuSize = 1500,
        .MaxXmitLinkSpeed = 1000000000,
        .XmitLinkSpeed = NDIS_LINK_SPEED_UNKNOWN,
        .MaxRcvLinkSpeed = 1000000000,
        .RcvLinkSpeed = NDIS_LINK_SPEED_UNKNOWN,
        .MediaConnectState = MediaConnectStateDisconnected,
        .MediaDuplexState = MediaDuplexStateFull,
        .LookaheadSize = 1500,
        .MacOptions = NDIS_MAC_OPTION_NO_LOOPBACK,
        .SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST | NDIS_PACKET_TYPE_MULTICAST |
                                  NDIS_PACKET_TYPE_ALL_MULTICAST | NDIS_PACKET_TYPE_PROMISCUOUS,
        .MaxMulticastListSize = 4,
        .MacAddressLength = 6,
        .AccessType = NET_IF_ACCESS_BROADCAST,
        .DirectionType = NET_IF_DIRECTION_SENDRECEIVE,
        .ConnectionType = NET_IF_CONNECTION_DEDICATED,
        .IfType = IF_TYPE_ETHERNET_CSMACD,
        .IfConnectorPresent = TRUE,
        .SupportedOidList = core_oids,
        .SupportedOidListLength = sizeof(core_oids),
    };
    NDIS_STATUS status;

    memcpy(general.PermanentMacAddress, core_mac, 6);
    memcpy(general.CurrentMacAddress, core_mac, 6);
    CHECK(NdisMSetMiniportAttributes(adapter, (PNDIS_MINIPORT_ADAPTER_ATTRIBUTES)&general) ==
          NDIS_STATUS_INVALID_STATE); /* registration attributes come first */
    status = NdisMSetMiniportAttributes(adapter, (PNDIS_MINIPORT_ADAPTER_ATTRIBUTES)&registration);
    if (status == NDIS_STATUS_SUCCESS)
        status = NdisMSetMiniportAttributes(adapter, (PNDIS_MINIPORT_ADAPTER_ATTRIBUTES)&general);
    return status;
}

static NDIS_STATUS NTAPI core_initialize(NDIS_HANDLE adapter, NDIS_HANDLE context,
                                         PNDIS_MINIPORT_INIT_PARAMETERS parameters)
{
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
        .fAllocateNetBuffer = TRUE,
        .PoolTag = CORE_TAG,
    };

    say("initialize");
    CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && context == (NDIS_HANDLE)&core_mac);
    CHECK(parameters->Header.Type == NDIS_OBJECT_TYPE_MINIPORT_INIT_PARAMETERS);
    if (t.initialize_status != NDIS_STATUS_SUCCESS)
        return t.initialize_status;
    t.adapter = adapter;
    CHECK(core_set_attributes(adapter) == NDIS_STATUS_SUCCESS);
    t.pool = NdisAllocateNetBufferListPool(adapter, &pool);
    CHECK(t.pool != NULL);
    return NDIS_STATUS_SUCCESS;
}

static VOID NTAPI core_halt(NDIS_HANDLE context, NDIS_HALT_ACTION action)
{
    CHECK(context == &t && KeGetCurrentIrql() == PASSIVE_LEVEL);
    say("halt(%d)", action);
    NdisFreeNetBufferListPool(t.pool);
    t.adapter = NULL;
}

static VOID NTAPI core_unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    say("unload");
    NdisMDeregisterMiniportDriver(t.miniport_driver);
}

static NDIS_STATUS NTAPI core_pause(NDIS_HANDLE context, PNDIS_MINIPORT_PAUSE_PARAMETERS parameters)
{
    CHECK(context == &t);
    say("pause(%x)", parameters->PauseReason);
    return t.pend_pause ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS NTAPI core_restart(NDIS_HANDLE context, PNDIS_MINIPORT_RESTART_PARAMETERS parameters)
{
    CHECK(context == &t && parameters->RestartAttributes->Oid == OID_GEN_MINIPORT_RESTART_ATTRIBUTES);
    say("restart");
    return t.pend_restart ? NDIS_STATUS_PENDING : t.restart_status;
}

static void core_record_set(PNDIS_OID_REQUEST request)
{
    void *buffer = request->DATA.SET_INFORMATION.InformationBuffer;
    UINT length = request->DATA.SET_INFORMATION.InformationBufferLength;

    if (request->DATA.SET_INFORMATION.Oid == OID_GEN_CURRENT_PACKET_FILTER)
        __atomic_store_n(&t.packet_filter, *(ULONG *)buffer, __ATOMIC_SEQ_CST);
    else if (request->DATA.SET_INFORMATION.Oid == OID_GEN_CURRENT_LOOKAHEAD)
        t.lookahead = *(ULONG *)buffer;
    else if (request->DATA.SET_INFORMATION.Oid == OID_802_3_MULTICAST_LIST)
        t.multicast_bytes = length;
    request->DATA.SET_INFORMATION.BytesRead = length;
}

static NDIS_STATUS core_query(PNDIS_OID_REQUEST request)
{
    NDIS_STATISTICS_INFO *statistics = request->DATA.QUERY_INFORMATION.InformationBuffer;

    if (request->DATA.QUERY_INFORMATION.Oid != OID_GEN_STATISTICS)
        return NDIS_STATUS_NOT_SUPPORTED;
    statistics->ifHCOutUcastPkts = 40;
    statistics->ifHCOutBroadcastPkts = 2;
    request->DATA.QUERY_INFORMATION.BytesWritten = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS NTAPI core_oid(NDIS_HANDLE context, PNDIS_OID_REQUEST request)
{
    NDIS_STATUS status = NDIS_STATUS_SUCCESS;

    CHECK(context == &t && KeGetCurrentIrql() == PASSIVE_LEVEL);
    if (__atomic_add_fetch(&t.oids_running, 1, __ATOMIC_SEQ_CST) > 1)
        t.oids_overlap++;
    __atomic_add_fetch(&t.oids_seen, 1, __ATOMIC_SEQ_CST);
    if (t.oid_hook != NULL)
        status = t.oid_hook(request);
    else if (request->RequestType == NdisRequestSetInformation)
        core_record_set(request);
    else
        status = core_query(request);
    __atomic_sub_fetch(&t.oids_running, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&t.pend_oid, __ATOMIC_SEQ_CST)) {
        __atomic_store_n(&t.pended_oid, request, __ATOMIC_SEQ_CST);
        return NDIS_STATUS_PENDING;
    }
    return status;
}

static VOID NTAPI core_send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags)
{
    UNREFERENCED_PARAMETER(port);
    CHECK(context == &t);
    for (PNET_BUFFER_LIST nbl = chain; nbl != NULL; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) {
        __atomic_add_fetch(&t.sends_seen, 1, __ATOMIC_SEQ_CST);
        NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_SUCCESS;
    }
    if (t.hold_sends)
        t.held = chain;
    else
        NdisMSendNetBufferListsComplete(
            t.adapter, chain, NDIS_TEST_SEND_AT_DISPATCH_LEVEL(flags) ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0);
}

static VOID NTAPI core_return(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags)
{
    UNREFERENCED_PARAMETER(flags);
    CHECK(context == &t);
    while (chain != NULL && !t.keep_returned) {
        PNET_BUFFER_LIST next = NET_BUFFER_LIST_NEXT_NBL(chain);
        PMDL mdl = NET_BUFFER_FIRST_MDL(NET_BUFFER_LIST_FIRST_NB(chain));
        NdisFreeNetBufferList(chain);
        NdisFreeMdl(mdl);
        __atomic_add_fetch(&t.returns_seen, 1, __ATOMIC_SEQ_CST);
        chain = next;
    }
}

static VOID NTAPI core_cancel_send(NDIS_HANDLE context, PVOID id)
{
    UNREFERENCED_PARAMETER(context);
    say("cancel-send(%lx)", (unsigned long)(ULONG_PTR)id);
    if (t.held != NULL) {
        PNET_BUFFER_LIST held = t.held;
        t.held = NULL;
        for (PNET_BUFFER_LIST nbl = held; nbl != NULL; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl))
            NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_SEND_ABORTED;
        NdisMSendNetBufferListsComplete(t.adapter, held, 0);
    }
}

static VOID NTAPI core_pnp_event(NDIS_HANDLE context, PNET_DEVICE_PNP_EVENT event)
{
    CHECK(context == &t);
    say("pnp(%d)", event->DevicePnPEvent);
}

static VOID NTAPI core_shutdown(NDIS_HANDLE context, NDIS_SHUTDOWN_ACTION action)
{
    UNREFERENCED_PARAMETER(context);
    say("shutdown(%d)", action);
}

static VOID NTAPI core_cancel_oid(NDIS_HANDLE context, PVOID id)
{
    UNREFERENCED_PARAMETER(context);
    say("cancel-oid(%lx)", (unsigned long)(ULONG_PTR)id);
}

static NDIS_STATUS NTAPI core_direct_oid(NDIS_HANDLE context, PNDIS_OID_REQUEST request)
{
    UNREFERENCED_PARAMETER(request);
    CHECK(context == &t);
    say("direct");
    return NDIS_STATUS_SUCCESS;
}

static VOID NTAPI core_cancel_direct_oid(NDIS_HANDLE context, PVOID id)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(id);
}

static inline NDIS_MINIPORT_DRIVER_CHARACTERISTICS core_characteristics(void)
{
    return (NDIS_MINIPORT_DRIVER_CHARACTERISTICS){
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
                   NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2},
        .MajorNdisVersion = 6,
        .MinorNdisVersion = 30,
        .Flags = NDIS_WDM_DRIVER,
        .InitializeHandlerEx = core_initialize,
        .HaltHandlerEx = core_halt,
        .UnloadHandler = core_unload,
        .PauseHandler = core_pause,
        .RestartHandler = core_restart,
        .OidRequestHandler = core_oid,
        .SendNetBufferListsHandler = core_send,
        .ReturnNetBufferListsHandler = core_return,
        .CancelSendHandler = core_cancel_send,
        .DevicePnPEventNotifyHandler = core_pnp_event,
        .ShutdownHandlerEx = core_shutdown,
        .CancelOidRequestHandler = core_cancel_oid,
        .ResetHandlerEx = t.reset_handler,
        .DirectOidRequestHandler = core_direct_oid,
        .CancelDirectOidRequestHandler = core_cancel_direct_oid,
    };
}

static inline NTSTATUS NTAPI core_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS characteristics = core_characteristics();
    return NdisMRegisterMiniportDriver(driver, path, (NDIS_HANDLE)&core_mac, &characteristics, &t.miniport_driver);
}

/* Indicates `count` received frames with the given destination address. */
static inline void core_receive(const UCHAR *destination, unsigned count, ULONG flags)
{
    static UCHAR frame[64];
    PNET_BUFFER_LIST first = NULL;

    memcpy(frame, destination, 6);
    for (unsigned i = 0; i < count; i++) {
        PMDL mdl = NdisAllocateMdl(t.adapter, frame, sizeof(frame));
        PNET_BUFFER_LIST nbl = NdisAllocateNetBufferAndNetBufferList(t.pool, 0, 0, mdl, 0, sizeof(frame));
        CHECK(nbl != NULL);
        nbl->SourceHandle = t.adapter;
        NET_BUFFER_LIST_NEXT_NBL(nbl) = first;
        first = nbl;
    }
    NdisMIndicateReceiveNetBufferLists(t.adapter, first, 0, t.wrong_count != 0 ? t.wrong_count : count, flags);
    if ((flags & NDIS_RECEIVE_FLAGS_RESOURCES) != 0)
        core_return(&t, first, 0);
}

static inline void core_link(NDIS_MEDIA_CONNECT_STATE connect)
{
    NDIS_LINK_STATE state = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_LINK_STATE_REVISION_1, NDIS_SIZEOF_LINK_STATE_REVISION_1},
        .MediaConnectState = connect,
        .MediaDuplexState = MediaDuplexStateFull,
        .XmitLinkSpeed = 100000000,
        .RcvLinkSpeed = 100000000,
    };
    NDIS_STATUS_INDICATION indication = {
        .Header = {NDIS_OBJECT_TYPE_STATUS_INDICATION, NDIS_STATUS_INDICATION_REVISION_1,
                   NDIS_SIZEOF_STATUS_INDICATION_REVISION_1},
        .SourceHandle = t.adapter,
        .StatusCode = NDIS_STATUS_LINK_STATE,
        .StatusBuffer = &state,
        .StatusBufferSize = sizeof(state),
    };
    NdisMIndicateStatusEx(t.adapter, &indication);
}

/* ---- a protocol ------------------------------------------------------------------------------------------------- */

struct core_protocol {
    const char *name;
    NDIS_HANDLE driver, binding, pool, unbind_context;
    NDIS_STATUS bind_status;
    bool pend_pause, keep, pend_close; /* keep: received packets stay with the protocol */
    PNET_PNP_EVENT_NOTIFICATION pended_event;
    PNET_BUFFER_LIST kept;
    LONG received, lent, completed, loopback;
    NDIS_STATUS last_status;
    KEVENT done; /* an OID request */
    NDIS_STATUS done_status;
    LONG link_up, reset_starts, reset_ends;
    bool wrong_source;
    /* A protocol that sends from threads of its own lets go of the binding while it is paused. */
    LONG gate; /* users of the binding; CORE_GATE_CLOSED beside them while it is paused */
};
#define CORE_GATE_CLOSED 0x1000000

static NDIS_STATUS NTAPI core_bind(NDIS_HANDLE context, NDIS_HANDLE bind_context, PNDIS_BIND_PARAMETERS parameters)
{
    struct core_protocol *p = context;
    NDIS_MEDIUM media[] = {NdisMedium802_5, NdisMedium802_3};
    UINT selected = 99;
    NDIS_OPEN_PARAMETERS open = {
        .Header = {NDIS_OBJECT_TYPE_OPEN_PARAMETERS, NDIS_OPEN_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1},
        .AdapterName = parameters->AdapterName,
        .MediumArray = media,
        .MediumArraySize = 2,
        .SelectedMediumIndex = &selected,
    };
    NDIS_STATUS status;

    say("%s:bind", p->name);
    CHECK(memcmp(parameters->CurrentMacAddress, core_mac, 6) == 0 && parameters->MtuSize == 1500);
    if (p->bind_status != NDIS_STATUS_SUCCESS)
        return p->bind_status;
    status = NdisOpenAdapterEx(p->driver, p, &open, bind_context, &p->binding);
    CHECK(status != NDIS_STATUS_SUCCESS || selected == 1);
    return status;
}

static NDIS_STATUS NTAPI core_unbind(NDIS_HANDLE unbind_context, NDIS_HANDLE context)
{
    struct core_protocol *p = context;
    NDIS_STATUS status;

    say("%s:unbind", p->name);
    p->unbind_context = unbind_context;
    status = NdisCloseAdapterEx(p->binding);
    CHECK((status == NDIS_STATUS_PENDING) == p->pend_close);
    return status;
}

static VOID NTAPI core_open_complete(NDIS_HANDLE context, NDIS_STATUS status)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(status);
}

static VOID NTAPI core_close_complete(NDIS_HANDLE context)
{
    struct core_protocol *p = context;
    say("%s:closed", p->name);
    NdisCompleteUnbindAdapterEx(p->unbind_context);
}

static NDIS_STATUS NTAPI core_net_event(NDIS_HANDLE context, PNET_PNP_EVENT_NOTIFICATION event)
{
    struct core_protocol *p = context;

    say("%s:event(%d)", p->name, event->NetPnPEvent.NetEvent);
    if (event->NetPnPEvent.NetEvent == NetEventPause) {
        LARGE_INTEGER interval = {.QuadPart = -1000};
        __atomic_fetch_or(&p->gate, CORE_GATE_CLOSED, __ATOMIC_SEQ_CST);
        while (__atomic_load_n(&p->gate, __ATOMIC_SEQ_CST) != CORE_GATE_CLOSED)
            KeDelayExecutionThread(KernelMode, FALSE, &interval);
    } else if (event->NetPnPEvent.NetEvent == NetEventRestart) {
        __atomic_fetch_and(&p->gate, ~CORE_GATE_CLOSED, __ATOMIC_SEQ_CST);
    }
    if (event->NetPnPEvent.NetEvent == NetEventPause && p->pend_pause) {
        __atomic_store_n(&p->pended_event, event, __ATOMIC_SEQ_CST);
        return NDIS_STATUS_PENDING;
    }
    return NDIS_STATUS_SUCCESS;
}

static VOID NTAPI core_oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST request, NDIS_STATUS status)
{
    struct core_protocol *p = context;
    UNREFERENCED_PARAMETER(request);
    p->done_status = status;
    KeSetEvent(&p->done, 0, FALSE);
}

static VOID NTAPI core_status(NDIS_HANDLE context, PNDIS_STATUS_INDICATION indication)
{
    struct core_protocol *p = context;
    __atomic_add_fetch(&p->reset_starts, indication->StatusCode == NDIS_STATUS_RESET_START, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&p->reset_ends, indication->StatusCode == NDIS_STATUS_RESET_END, __ATOMIC_SEQ_CST);
    if (indication->StatusCode == NDIS_STATUS_LINK_STATE)
        p->link_up += ((NDIS_LINK_STATE *)indication->StatusBuffer)->MediaConnectState == MediaConnectStateConnected;
}

static VOID NTAPI core_received(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count,
                                ULONG flags)
{
    struct core_protocol *p = context;
    ULONG length = 0;

    UNREFERENCED_PARAMETER(port);
    for (PNET_BUFFER_LIST nbl = chain; nbl != NULL; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) {
        length++;
        p->loopback += NdisTestNblFlag(nbl, NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET);
    }
    CHECK(length == count);
    __atomic_add_fetch(&p->received, (LONG)count, __ATOMIC_SEQ_CST);
    if ((flags & NDIS_RECEIVE_FLAGS_RESOURCES) != 0)
        p->lent += (LONG)count;
    else if (p->keep)
        p->kept = chain;
    else
        NdisReturnNetBufferLists(p->binding, chain, 0);
}

static VOID NTAPI core_send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags)
{
    struct core_protocol *p = context;

    UNREFERENCED_PARAMETER(flags);
    while (chain != NULL) {
        PNET_BUFFER_LIST next = NET_BUFFER_LIST_NEXT_NBL(chain);
        PMDL mdl = NET_BUFFER_FIRST_MDL(NET_BUFFER_LIST_FIRST_NB(chain));
        __atomic_store_n(&p->last_status, NET_BUFFER_LIST_STATUS(chain), __ATOMIC_SEQ_CST);
        NdisFreeNetBufferList(chain);
        NdisFreeMdl(mdl);
        __atomic_add_fetch(&p->completed, 1, __ATOMIC_SEQ_CST);
        chain = next;
    }
}

static inline NDIS_PROTOCOL_DRIVER_CHARACTERISTICS core_protocol_characteristics(void)
{
    static WCHAR name[] = L"CORETEST";
    return (NDIS_PROTOCOL_DRIVER_CHARACTERISTICS){
        .Header = {NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS, NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
                   NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2},
        .MajorNdisVersion = 6,
        .MinorNdisVersion = 30,
        .Name = {sizeof(name) - sizeof(WCHAR), sizeof(name), name},
        .BindAdapterHandlerEx = core_bind,
        .UnbindAdapterHandlerEx = core_unbind,
        .OpenAdapterCompleteHandlerEx = core_open_complete,
        .CloseAdapterCompleteHandlerEx = core_close_complete,
        .NetPnPEventHandler = core_net_event,
        .OidRequestCompleteHandler = core_oid_complete,
        .StatusHandlerEx = core_status,
        .ReceiveNetBufferListsHandler = core_received,
        .SendNetBufferListsCompleteHandler = core_send_complete,
        .DirectOidRequestCompleteHandler = core_oid_complete,
    };
}

/* For threads that send on their own: false while the binding is paused or gone. */
static inline bool core_enter(struct core_protocol *p)
{
    LONG gate = __atomic_load_n(&p->gate, __ATOMIC_SEQ_CST);
    while (gate < CORE_GATE_CLOSED)
        if (__atomic_compare_exchange_n(&p->gate, &gate, gate + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return true;
    return false;
}

static inline void core_leave(struct core_protocol *p)
{
    __atomic_fetch_sub(&p->gate, 1, __ATOMIC_SEQ_CST);
}

static inline void core_register_protocol(struct core_protocol *p, const char *name)
{
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS characteristics = core_protocol_characteristics();
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
        .fAllocateNetBuffer = TRUE,
        .PoolTag = CORE_TAG,
    };

    p->name = name;
    p->gate = CORE_GATE_CLOSED;
    KeInitializeEvent(&p->done, SynchronizationEvent, FALSE);
    assert_int_equal(NdisRegisterProtocolDriver(p, &characteristics, &p->driver), NDIS_STATUS_SUCCESS);
    p->pool = NdisAllocateNetBufferListPool(p->driver, &pool);
    assert_non_null(p->pool);
    assert_true(ndis_wait_idle(CORE_SECONDS(10)));
}

static inline void core_deregister_protocol(struct core_protocol *p)
{
    NdisDeregisterProtocolDriver(p->driver);
    NdisFreeNetBufferListPool(p->pool);
}

/* An OID request of the protocol, waited for. */
static inline NDIS_STATUS core_request(struct core_protocol *p, NDIS_REQUEST_TYPE type, NDIS_OID oid, void *buffer,
                                       UINT size, UINT *written)
{
    NDIS_OID_REQUEST request = {
        .Header = {NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1, NDIS_SIZEOF_OID_REQUEST_REVISION_1},
        .RequestType = type,
        .DATA.QUERY_INFORMATION = {.Oid = oid, .InformationBuffer = buffer, .InformationBufferLength = size},
    };
    NDIS_STATUS status = NdisOidRequest(p->binding, &request);

    if (status == NDIS_STATUS_PENDING) {
        KeWaitForSingleObject(&p->done, Executive, KernelMode, FALSE, NULL);
        status = p->done_status;
    }
    if (written != NULL)
        *written = status == NDIS_STATUS_SUCCESS ? request.DATA.QUERY_INFORMATION.BytesWritten
                                                 : request.DATA.QUERY_INFORMATION.BytesNeeded;
    return status;
}

static inline NDIS_STATUS core_set_filter(struct core_protocol *p, ULONG filter)
{
    return core_request(p, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter), NULL);
}

/* Sends `count` frames as one chain. */
static inline void core_transmit(struct core_protocol *p, const UCHAR *destination, unsigned count, ULONG flags)
{
    static __thread UCHAR frame[64];
    PNET_BUFFER_LIST first = NULL;

    memcpy(frame, destination, 6);
    for (unsigned i = 0; i < count; i++) {
        PMDL mdl = NdisAllocateMdl(p->driver, frame, sizeof(frame));
        PNET_BUFFER_LIST nbl = NdisAllocateNetBufferAndNetBufferList(p->pool, 0, 0, mdl, 0, sizeof(frame));
        CHECK(nbl != NULL);
        nbl->SourceHandle = p->wrong_source ? NULL : p->binding;
        NDIS_SET_NET_BUFFER_LIST_CANCEL_ID(nbl, (PVOID)0x1234);
        NET_BUFFER_LIST_NEXT_NBL(nbl) = first;
        first = nbl;
    }
    NdisSendNetBufferLists(p->binding, first, NDIS_DEFAULT_PORT_NUMBER, flags);
}

/* ---- a filter --------------------------------------------------------------------------------------------------- */

static NDIS_STATUS NTAPI core_attach(NDIS_HANDLE filter, NDIS_HANDLE context, PNDIS_FILTER_ATTACH_PARAMETERS parameters)
{
    NDIS_FILTER_ATTRIBUTES attributes = {
        .Header = {NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES, NDIS_FILTER_ATTRIBUTES_REVISION_1,
                   NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1},
    };
    CHECK(context == &t && parameters->MiniportMediaType == NdisMedium802_3);
    say("attach");
    t.filter = filter;
    return NdisFSetAttributes(filter, &t, &attributes);
}

static VOID NTAPI core_detach(NDIS_HANDLE context)
{
    CHECK(context == &t);
    say("detach");
}

static NDIS_STATUS NTAPI core_filter_restart(NDIS_HANDLE context, PNDIS_FILTER_RESTART_PARAMETERS parameters)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(parameters);
    say("filter-restart");
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS NTAPI core_filter_pause(NDIS_HANDLE context, PNDIS_FILTER_PAUSE_PARAMETERS parameters)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(parameters);
    say("filter-pause");
    return NDIS_STATUS_SUCCESS;
}

static VOID NTAPI core_filter_send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags)
{
    UNREFERENCED_PARAMETER(context);
    __atomic_add_fetch(&t.filter_sends, 1, __ATOMIC_SEQ_CST);
    NdisFSendNetBufferLists(t.filter, chain, port, flags);
}

static VOID NTAPI core_filter_send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags)
{
    UNREFERENCED_PARAMETER(context);
    __atomic_add_fetch(&t.filter_completes, 1, __ATOMIC_SEQ_CST);
    NdisFSendNetBufferListsComplete(t.filter, chain, flags);
}

static VOID NTAPI core_filter_receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count,
                                      ULONG flags)
{
    UNREFERENCED_PARAMETER(context);
    __atomic_add_fetch(&t.filter_receives, 1, __ATOMIC_SEQ_CST);
    NdisFIndicateReceiveNetBufferLists(t.filter, chain, port, count, flags);
}

static VOID NTAPI core_filter_return(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags)
{
    UNREFERENCED_PARAMETER(context);
    __atomic_add_fetch(&t.filter_returns, 1, __ATOMIC_SEQ_CST);
    NdisFReturnNetBufferLists(t.filter, chain, flags);
}

static VOID NTAPI core_filter_status(NDIS_HANDLE context, PNDIS_STATUS_INDICATION indication)
{
    UNREFERENCED_PARAMETER(context);
    __atomic_add_fetch(&t.filter_status, 1, __ATOMIC_SEQ_CST);
    NdisFIndicateStatus(t.filter, indication);
}

/* Clones what comes down, as documented, and completes the original when the clone is done. */
static NDIS_STATUS NTAPI core_filter_oid(NDIS_HANDLE context, PNDIS_OID_REQUEST request)
{
    PNDIS_OID_REQUEST clone;
    NDIS_STATUS status;

    UNREFERENCED_PARAMETER(context);
    __atomic_add_fetch(&t.filter_oids, 1, __ATOMIC_SEQ_CST);
    CHECK(NdisAllocateCloneOidRequest(t.filter, request, CORE_TAG, &clone) == NDIS_STATUS_SUCCESS);
    *(PNDIS_OID_REQUEST *)clone->SourceReserved = request;
    status = NdisFOidRequest(t.filter, clone);
    if (status != NDIS_STATUS_PENDING) {
        request->DATA.QUERY_INFORMATION.BytesWritten = clone->DATA.QUERY_INFORMATION.BytesWritten;
        request->DATA.QUERY_INFORMATION.BytesNeeded = clone->DATA.QUERY_INFORMATION.BytesNeeded;
        NdisFreeCloneOidRequest(t.filter, clone);
    }
    return status;
}

static VOID NTAPI core_filter_oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST clone, NDIS_STATUS status)
{
    PNDIS_OID_REQUEST request = *(PNDIS_OID_REQUEST *)clone->SourceReserved;

    UNREFERENCED_PARAMETER(context);
    request->DATA.QUERY_INFORMATION.BytesWritten = clone->DATA.QUERY_INFORMATION.BytesWritten;
    request->DATA.QUERY_INFORMATION.BytesNeeded = clone->DATA.QUERY_INFORMATION.BytesNeeded;
    NdisFreeCloneOidRequest(t.filter, clone);
    NdisFOidRequestComplete(t.filter, request, status);
}

static inline NDIS_FILTER_DRIVER_CHARACTERISTICS core_filter_characteristics(bool data)
{
    static WCHAR name[] = L"COREFILTER";
    UNICODE_STRING string = {sizeof(name) - sizeof(WCHAR), sizeof(name), name};
    return (NDIS_FILTER_DRIVER_CHARACTERISTICS){
        .Header = {NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS, NDIS_FILTER_CHARACTERISTICS_REVISION_2,
                   NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_2},
        .MajorNdisVersion = 6,
        .MinorNdisVersion = 30,
        .FriendlyName = string,
        .UniqueName = string,
        .ServiceName = string,
        .AttachHandler = core_attach,
        .DetachHandler = core_detach,
        .RestartHandler = core_filter_restart,
        .PauseHandler = core_filter_pause,
        .SendNetBufferListsHandler = data ? core_filter_send : NULL,
        .SendNetBufferListsCompleteHandler = data ? core_filter_send_complete : NULL,
        .ReceiveNetBufferListsHandler = data ? core_filter_receive : NULL,
        .ReturnNetBufferListsHandler = data ? core_filter_return : NULL,
        .OidRequestHandler = core_filter_oid,
        .OidRequestCompleteHandler = core_filter_oid_complete,
        .StatusHandler = core_filter_status,
    };
}

static VOID NTAPI core_filter_unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    NdisFDeregisterFilterDriver(t.filter_driver);
}

static inline NTSTATUS NTAPI core_filter_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    NDIS_FILTER_DRIVER_CHARACTERISTICS characteristics = core_filter_characteristics(t.filter_data);
    UNREFERENCED_PARAMETER(path);
    driver->DriverUnload = core_filter_unload;
    return NdisFRegisterFilterDriver(driver, &t, &characteristics, &t.filter_driver);
}

static inline PDRIVER_OBJECT core_load_filter(bool data)
{
    PDRIVER_OBJECT driver;
    t.filter_data = data;
    assert_int_equal(io_create_driver("corefilter", NULL, core_filter_entry, &driver), STATUS_SUCCESS);
    assert_true(ndis_wait_idle(CORE_SECONDS(10)));
    return driver;
}

/* ---- the system around them ------------------------------------------------------------------------------------- */

static inline bool core_lookup(const struct pnp_ids *ids, struct pnp_match *match)
{
    if (strstr(ids->hardware_ids, "CORETEST") == NULL && strstr(ids->instance_path, "CORETEST") == NULL)
        return false;
    snprintf(match->service, sizeof(match->service), "coretest");
    snprintf(match->driver_key, sizeof(match->driver_key), "{4D36E972-E325-11CE-BFC1-08002BE10318}\\0007");
    snprintf(match->description, sizeof(match->description), "Core test adapter");
    return true;
}

static inline int core_setup(void **state)
{
    UNREFERENCED_PARAMETER(state);
    memset(&t, 0, sizeof(t));
    if (ndiskit_boot(NULL, NULL) != 0)
        return -1;
    pnp_register_builtin("coretest", core_entry);
    pnp_set_driver_lookup(core_lookup);
    return 0;
}

static inline int core_teardown(void **state)
{
    struct ndiskit_leaks leaks;
    int status;

    UNREFERENCED_PARAMETER(state);
    status = ndiskit_shutdown(&leaks, NULL);
    pnp_unregister_builtin("coretest");
    if (status != 0 || leaks.system_blocks != 0 || leaks.threads != 0) {
        fprintf(stderr, "shutdown %d, %zu blocks (%zu bytes) and %u threads left\n", status, leaks.system_blocks,
                leaks.system_bytes, leaks.threads);
        return -1;
    }
    return 0;
}

/* Plugs the device in and waits for its stack to run. */
static inline PDEVICE_OBJECT core_plug(void)
{
    PDEVICE_OBJECT pdo;

    assert_int_equal(pnp_create_root_device("ROOT\\CORETEST", &pdo), STATUS_SUCCESS);
    assert_true(ndis_wait_adapter(pdo, NDIS_ADAPTER_RUNNING, false, CORE_SECONDS(10), NULL));
    assert_true(ndis_wait_idle(CORE_SECONDS(10)));
    assert_true(pnp_wait_idle(CORE_SECONDS(10))); /* the stack may run before IRP_MN_START_DEVICE is complete */
    return pdo;
}

static inline void core_unplug(PDEVICE_OBJECT pdo)
{
    pnp_unplug_root_device(pdo);
    assert_true(pnp_wait_idle(CORE_SECONDS(10)));
    ObDereferenceObject(pdo);
}

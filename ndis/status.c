/*
 * Status indications: from a miniport through the filter modules that want them to every binding. NDIS itself keeps the
 * last link state, which answers OID_GEN_LINK_STATE and its relations and tells waiters that the link is up.
 * Page: "NdisMIndicateStatusEx function", "NDIS_STATUS_LINK_STATE", "Adapter Status Indications".
 */
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"

/* The next open binding, with a claim that keeps it from closing; releases the claim on `previous`. */
static struct ndis_binding *next_binding(struct ndis_adapter *adapter, struct ndis_binding *previous)
{
    struct ndis_binding *found = NULL;
    LIST_ENTRY *entry;

    ke_lock(&adapter->list_lock);
    /* One that closed meanwhile is off the list; its neighbours are then unknown, and the walk ends. */
    entry = previous == NULL ? adapter->bindings.Flink : previous->closing ? &adapter->bindings : previous->link.Flink;
    if (entry != &adapter->bindings) {
        found = CONTAINING_RECORD(entry, struct ndis_binding, link);
        found->callers++;
    }
    if (previous != NULL)
        __atomic_fetch_sub(&previous->callers, 1, __ATOMIC_RELEASE);
    ke_unlock(&adapter->list_lock);
    return found;
}

static void indicate_to_bindings(struct ndis_adapter *adapter, PNDIS_STATUS_INDICATION indication)
{
    struct ndis_binding *binding = NULL;

    while ((binding = next_binding(adapter, binding)) != NULL) {
        STATUS_HANDLER_EX handler = binding->protocol->chars.StatusHandlerEx;
        KIRQL irql = ke_irql();

        /* NDIS_STATUS_INDICATION_REQUIRED and its kin are for the source of one request. */
        if (indication->DestinationHandle != NULL && indication->DestinationHandle != binding)
            continue;
        handler(binding->context, indication);
        ke_check_irql(irql, (const void *)handler, "ProtocolStatusEx");
    }
}

/* The next module above `above` (NULL: above the miniport) that wants indications, with a claim that keeps it attached.
 */
static struct ndis_filter *claim_filter(struct ndis_adapter *adapter, struct ndis_filter *above)
{
    struct ndis_filter *found = NULL;

    ke_lock(&adapter->list_lock);
    for (LIST_ENTRY *entry = above == NULL ? adapter->filters.Flink : above->link.Flink;
         entry != &adapter->filters && found == NULL; entry = entry->Flink) {
        struct ndis_filter *filter = CONTAINING_RECORD(entry, struct ndis_filter, link);
        if (filter->driver->chars.StatusHandler != NULL) {
            found = filter;
            found->callers++;
        }
    }
    ke_unlock(&adapter->list_lock);
    return found;
}

void ndis_status_indicate(struct ndis_adapter *adapter, struct ndis_filter *above, PNDIS_STATUS_INDICATION indication)
{
    struct ndis_filter *filter = claim_filter(adapter, above);

    if (filter == NULL) {
        indicate_to_bindings(adapter, indication);
        return;
    }
    /* It passes the indication on with NdisFIndicateStatus. */
    filter->driver->chars.StatusHandler(filter->context, indication);
    __atomic_fetch_sub(&filter->callers, 1, __ATOMIC_RELEASE);
}

NDIS_LINK_STATE ndis_link_state(struct ndis_adapter *adapter)
{
    ke_lock(&adapter->list_lock);
    NDIS_LINK_STATE state = adapter->link_state;
    ke_unlock(&adapter->list_lock);
    return state;
}

static void note_link_state(struct ndis_adapter *adapter, const NDIS_STATUS_INDICATION *indication)
{
    const NDIS_LINK_STATE *state = indication->StatusBuffer;

    if (state == NULL || indication->StatusBufferSize < NDIS_SIZEOF_LINK_STATE_REVISION_1 ||
        state->Header.Size < NDIS_SIZEOF_LINK_STATE_REVISION_1)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter,
                      "NdisMIndicateStatusEx: NDIS_STATUS_LINK_STATE needs an NDIS_LINK_STATE of %zu bytes, has %u",
                      (size_t)NDIS_SIZEOF_LINK_STATE_REVISION_1, indication->StatusBufferSize);
    ke_lock(&adapter->list_lock);
    memcpy(&adapter->link_state, state, NDIS_SIZEOF_LINK_STATE_REVISION_1);
    adapter->link_state.Header.Size = NDIS_SIZEOF_LINK_STATE_REVISION_1;
    ke_unlock(&adapter->list_lock);
    ke_trace("NDIS: %s: link %s", adapter->instance_path,
             state->MediaConnectState == MediaConnectStateConnected ? "up" : "down");
    ndis_notify_change();
}

static void note_offload(struct ndis_adapter *adapter, const NDIS_STATUS_INDICATION *indication)
{
    const NDIS_OFFLOAD *offload = indication->StatusBuffer;

    if (offload != NULL && adapter->offload_default != NULL &&
        indication->StatusBufferSize >= sizeof(NDIS_OBJECT_HEADER))
        memcpy(adapter->offload_default, offload,
               indication->StatusBufferSize < sizeof(*offload) ? indication->StatusBufferSize : sizeof(*offload));
}

VOID NTAPI NdisMIndicateStatusEx(NDIS_HANDLE MiniportAdapterHandle, PNDIS_STATUS_INDICATION StatusIndication)
{
    struct ndis_adapter *adapter = ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMIndicateStatusEx");

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (StatusIndication == NULL ||
        !ndis_header_valid(&StatusIndication->Header, NDIS_OBJECT_TYPE_STATUS_INDICATION,
                           NDIS_STATUS_INDICATION_REVISION_1, NDIS_SIZEOF_STATUS_INDICATION_REVISION_1))
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter,
                      "NdisMIndicateStatusEx: the header of NDIS_STATUS_INDICATION is wrong");
    if (StatusIndication->StatusCode == NDIS_STATUS_LINK_STATE)
        note_link_state(adapter, StatusIndication);
    else if (StatusIndication->StatusCode == NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG)
        note_offload(adapter, StatusIndication);
    ndis_status_indicate(adapter, NULL, StatusIndication);
}
NT_EXPORT(NdisMIndicateStatusEx);

VOID NTAPI NdisFIndicateStatus(NDIS_HANDLE NdisFilterHandle, PNDIS_STATUS_INDICATION StatusIndication)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFIndicateStatus");

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ndis_status_indicate(filter->adapter, filter, StatusIndication);
}
NT_EXPORT(NdisFIndicateStatus);

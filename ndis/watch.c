/*
 * The watch over a miniport, once a second: sends that make no progress, an OID request that is not completed, and
 * MiniportCheckForHangEx where the driver has one. Nothing is stamped on a packet: a binding has a hung send when it
 * has packets outstanding and none came back since the deadline began. What hangs is reported, and the miniport is
 * reset if it can be.
 *
 * Pages: "Miniport Adapter Check-for-Hang and Reset Operations", "MINIPORT_RESET callback function".
 */
#include <ndis.h>

#include "ndis/core.h"

#define SECOND        10000000LL
#define SEND_DEADLINE (10 * SECOND)
#define OID_DEADLINE  (10 * SECOND)

/* ---- reset
 * ------------------------------------------------------------------------------------------------------------------------
 */

static void indicate_reset(struct ndis_adapter *adapter, NDIS_STATUS code, NDIS_STATUS result)
{
    NDIS_STATUS_INDICATION indication = {
        .Header = {NDIS_OBJECT_TYPE_STATUS_INDICATION, NDIS_STATUS_INDICATION_REVISION_1,
                   NDIS_SIZEOF_STATUS_INDICATION_REVISION_1},
        .SourceHandle = adapter,
        .StatusCode = code,
        .StatusBuffer = code == NDIS_STATUS_RESET_END ? &result : NULL,
        .StatusBufferSize = code == NDIS_STATUS_RESET_END ? sizeof(result) : 0,
    };
    ndis_status_indicate(adapter, NULL, &indication);
}

static void restore_addressing(struct ndis_adapter *adapter)
{
    ULONG lookahead = adapter->lookahead;

    ndis_simple_request(adapter, NdisRequestSetInformation, OID_GEN_CURRENT_LOOKAHEAD, &lookahead, sizeof(lookahead),
                        NULL);
    ndis_request_aggregate(adapter);
}

/* PASSIVE_LEVEL. */
static void reset(struct ndis_adapter *adapter)
{
    MINIPORT_RESET_HANDLER handler = adapter->driver->chars.ResetHandlerEx;
    BOOLEAN addressing = FALSE;
    NDIS_STATUS status;

    if (handler == NULL || __atomic_exchange_n(&adapter->resetting, true, __ATOMIC_ACQ_REL))
        return;
    adapter->resets++;
    ke_trace("NDIS: resetting %s", adapter->instance_path);
    indicate_reset(adapter, NDIS_STATUS_RESET_START, NDIS_STATUS_SUCCESS);
    KeClearEvent(&adapter->reset_done);
    status = handler(adapter->miniport_context, &addressing);
    ke_check_irql(PASSIVE_LEVEL, (const void *)handler, "MiniportResetEx");
    if (status == NDIS_STATUS_PENDING) {
        KeWaitForSingleObject(&adapter->reset_done, Executive, KernelMode, FALSE, NULL);
        status = adapter->reset_status;
        addressing = adapter->reset_addressing;
    }
    __atomic_store_n(&adapter->resetting, false, __ATOMIC_RELEASE);
    indicate_reset(adapter, NDIS_STATUS_RESET_END, status);
    if (status == NDIS_STATUS_SUCCESS && addressing)
        restore_addressing(adapter);
    else if (status == NDIS_STATUS_HARD_ERRORS)
        NdisMRemoveMiniport(adapter);
}

VOID NTAPI NdisMResetComplete(NDIS_HANDLE MiniportAdapterHandle, NDIS_STATUS Status, BOOLEAN AddressingReset)
{
    struct ndis_adapter *adapter = ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMResetComplete");

    if (!__atomic_load_n(&adapter->resetting, __ATOMIC_ACQUIRE))
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter, "NdisMResetComplete: adapter %s is not being reset",
                      adapter->instance_path);
    adapter->reset_status = Status;
    adapter->reset_addressing = AddressingReset;
    KeSetEvent(&adapter->reset_done, IO_NO_INCREMENT, FALSE);
}
NT_EXPORT(NdisMResetComplete);

/* ---- what may hang
 * ------------------------------------------------------------------------------------------------------------------ */

/* Whether packets are outstanding and none was completed for the deadline. */
static bool sends_hang(struct ndis_adapter *adapter, LONGLONG now)
{
    int64_t out = 0, balance = 0;

    ke_lock(&adapter->list_lock);
    for (LIST_ENTRY *entry = adapter->bindings.Flink; entry != &adapter->bindings; entry = entry->Flink) {
        struct ndis_binding *binding = CONTAINING_RECORD(entry, struct ndis_binding, link);
        out += ndis_flow_total_out(&binding->sends);
        balance += ndis_flow_balance(&binding->sends);
    }
    ke_unlock(&adapter->list_lock);
    if (balance <= 0 || out != adapter->watch_out) {
        adapter->watch_out = out;
        adapter->watch_progress = now;
        adapter->send_reported = false;
    }
    return now - adapter->watch_progress > SEND_DEADLINE && !adapter->send_reported;
}

static bool request_hangs(struct ndis_adapter *adapter, LONGLONG now, NDIS_OID *oid)
{
    struct ndis_request_queue *queue = &adapter->requests;
    LONGLONG deadline = OID_DEADLINE;
    bool hangs = false;

    ke_lock(&queue->lock);
    if (queue->current != NULL && !queue->reported) {
        if (queue->current->Timeout != NDIS_OID_REQUEST_TIMEOUT_INFINITE)
            deadline = queue->current->Timeout * SECOND;
        hangs = now - queue->current_since > deadline;
        queue->reported = hangs;
        *oid = queue->current->DATA.QUERY_INFORMATION.Oid;
    }
    ke_unlock(&queue->lock);
    return hangs;
}

static bool driver_says_hung(struct ndis_adapter *adapter, LONGLONG now)
{
    MINIPORT_CHECK_FOR_HANG_HANDLER handler = adapter->driver->chars.CheckForHangHandlerEx;
    LONGLONG interval = (adapter->check_for_hang != 0 ? adapter->check_for_hang : 2) * SECOND;
    BOOLEAN hung;

    if (handler == NULL || now - adapter->hang_checked < interval)
        return false;
    adapter->hang_checked = now;
    hung = handler(adapter->miniport_context);
    ke_check_irql(PASSIVE_LEVEL, (const void *)handler, "MiniportCheckForHangEx");
    return hung != FALSE;
}

/* Work item, PASSIVE_LEVEL. */
static VOID NTAPI look(PVOID context)
{
    struct ndis_adapter *adapter = context;
    LONGLONG now = ke_now();
    bool hung = false;
    NDIS_OID oid = 0;

    if (sends_hang(adapter, now)) {
        adapter->send_reported = true;
        adapter->hung_sends++;
        ndis_report("%s: %s completed none of its outstanding sends for 10 s", adapter->instance_path,
                    adapter->driver->name);
        hung = true;
    }
    if (request_hangs(adapter, now, &oid)) {
        adapter->hung_requests++;
        ndis_report("%s: %s does not complete OID request 0x%08X", adapter->instance_path, adapter->driver->name, oid);
        hung = true;
    }
    if (driver_says_hung(adapter, now) || hung)
        reset(adapter);
    __atomic_store_n(&adapter->watch_busy, 0, __ATOMIC_RELEASE);
}

/* NDIS_REQUEST_RESET by the miniport itself. */
VOID NTAPI NdisMResetMiniport(NDIS_HANDLE MiniportAdapterHandle)
{
    struct ndis_adapter *adapter = ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMResetMiniport");

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    __atomic_store_n(&adapter->reset_wanted, true, __ATOMIC_RELEASE);
    KeInsertQueueDpc(&adapter->watch_dpc, NULL, NULL);
}
NT_EXPORT(NdisMResetMiniport);

static VOID NTAPI reset_now(PVOID context)
{
    struct ndis_adapter *adapter = context;

    if (__atomic_exchange_n(&adapter->reset_wanted, false, __ATOMIC_ACQ_REL))
        reset(adapter);
    look(context);
}

/* A driver that looks fine costs one DPC a second. */
static VOID NTAPI tick(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct ndis_adapter *adapter = context;

    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(argument1);
    UNREFERENCED_PARAMETER(argument2);
    if (!adapter->watch_active || __atomic_exchange_n(&adapter->watch_busy, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    ExInitializeWorkItem(&adapter->watch_work, reset_now, adapter);
    ExQueueWorkItem(&adapter->watch_work, DelayedWorkQueue);
}

void ndis_watch_initialize(struct ndis_adapter *adapter)
{
    KeInitializeTimer(&adapter->watch_timer);
    KeInitializeDpc(&adapter->watch_dpc, tick, adapter);
    KeInitializeEvent(&adapter->reset_done, NotificationEvent, FALSE);
}

void ndis_watch_start(struct ndis_adapter *adapter)
{
    LARGE_INTEGER due = {.QuadPart = -SECOND};

    adapter->watch_progress = adapter->hang_checked = ke_now();
    adapter->watch_active = true;
    KeSetTimerEx(&adapter->watch_timer, due, 1000, &adapter->watch_dpc);
}

void ndis_watch_stop(struct ndis_adapter *adapter)
{
    LARGE_INTEGER interval = {.QuadPart = -2500};

    adapter->watch_active = false;
    KeCancelTimer(&adapter->watch_timer);
    ke_flush_dpcs();
    while (__atomic_load_n(&adapter->watch_busy, __ATOMIC_ACQUIRE) != 0)
        KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

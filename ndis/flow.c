/*
 * Counting packets in flight. NDIS must know when a binding has no packet outstanding (before it closes, and to see
 * that a paused protocol kept its promise), but a counter that all processors write would cost more than the rest of
 * the send path. So each thread adds to a slot of its own, and only a waiter reads them all. The waiter asks again
 * instead of being woken: a wake-up would need one more read for each packet, of memory that the waiter may already
 * free.
 */
#include "ndis/core.h"

#define FLOW_PATIENCE (10LL * 10000000) /* 10 s */
#define FLOW_INTERVAL (10000 / 4)       /* 0.25 ms */

__thread unsigned ndis_slot __attribute__((tls_model("initial-exec")));

unsigned NTAPI ndis_slot_assign(void)
{
    unsigned slot = (unsigned)__atomic_fetch_add(&ndis.next_slot, 1, __ATOMIC_RELAXED) % NDIS_MAX_SLOTS;
    ndis_slot = slot + 1;
    return slot;
}

int64_t ndis_flow_total_out(const struct ndis_flow *flow)
{
    int64_t out = 0;
    for (unsigned i = 0; i < NDIS_MAX_SLOTS; i++)
        out += __atomic_load_n(&flow->slot[i].out, __ATOMIC_ACQUIRE);
    return out;
}

int64_t ndis_flow_balance(const struct ndis_flow *flow)
{
    /* `out` first: a packet that leaves while this runs must not look like one that never came. */
    int64_t balance = -ndis_flow_total_out(flow);
    for (unsigned i = 0; i < NDIS_MAX_SLOTS; i++)
        balance += __atomic_load_n(&flow->slot[i].in, __ATOMIC_RELAXED);
    return balance;
}

void ndis_patience(LONGLONG begin, bool *reported, const char *what, const char *whose)
{
    LARGE_INTEGER interval = {.QuadPart = -FLOW_INTERVAL};
    LONGLONG waited = ke_now() - begin;

    if (waited > 6 * FLOW_PATIENCE)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, NULL, "%s: %s outstanding for a minute: it will never be completed", whose,
                      what);
    if (waited > FLOW_PATIENCE && !*reported) {
        ndis_report("%s: %s outstanding for 10 s; still waiting for it", whose, what);
        *reported = true;
    }
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

void ndis_flow_drain(struct ndis_flow *flow, const char *what, const char *whose)
{
    LONGLONG begin = ke_now();
    bool reported = false;

    while (ndis_flow_balance(flow) != 0)
        ndis_patience(begin, &reported, what, whose);
}

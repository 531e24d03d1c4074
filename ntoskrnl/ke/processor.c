/*
 * Virtual processors. On Windows a driver at DISPATCH_LEVEL keeps its processor to itself: no other thread runs there,
 * and per-processor data needs no lock. Here a host thread that raises to DISPATCH_LEVEL claims one of N virtual
 * processors and keeps it until it lowers; then the DPCs that were queued to the processor run, on the lowering thread,
 * as Windows runs them when the dispatch interrupt is no longer masked.
 *
 * Claiming is one compare-and-swap when the processor that the thread owned last is free. Each processor also has a DPC
 * thread, for DPCs that are queued while nobody owns it. The protocol that no DPC is forgotten by: who queues publishes
 * the DPC first and looks at the processor's state afterwards; who gives a processor up changes the state first and
 * looks at the queue afterwards. One of the two sees the other.
 */
#include <stdlib.h>
#include <stdio.h>
#include <unistd.h>
#include "ntoskrnl/arch/arch.h"
#include "ntoskrnl/ke/state.h"

#define CLAIM_SPINS 64
#define DPC_BUDGET  256 /* that a thread runs as it lowers; see ke_lower_slow */

struct ke_state ke = {.threads = {&ke.threads, &ke.threads}};
__thread struct ke_thread_state ke_this __attribute__((tls_model("initial-exec")));

static void own(struct ke_processor *processor)
{
    ke_this.processor = processor;
    if (ke_this.last != processor) {
        ke_this.last = processor;
        arch_set_processor(processor->number);
    }
}

static bool claim_free(struct ke_processor *processor)
{
    uint32_t expected = 0;
    return __atomic_compare_exchange_n(&processor->state, &expected, KE_PROCESSOR_OWNED, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

/* For a thread that may own no other: takes it even when it is reserved, which satisfies the reservation. */
static bool claim_reserved(struct ke_processor *processor)
{
    uint32_t state = __atomic_load_n(&processor->state, __ATOMIC_RELAXED);
    return (state & KE_PROCESSOR_OWNED) == 0 &&
           __atomic_compare_exchange_n(&processor->state, &state, KE_PROCESSOR_OWNED, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

static bool may_own(unsigned number)
{
    return ke_this.affinity == 0 || (ke_this.affinity >> number & 1) != 0;
}

static struct ke_processor *claim_any(bool single)
{
    for (unsigned i = 0; i < ke.processor_count; i++) {
        struct ke_processor *processor = &ke.processors[i];
        if (may_own(i) && (single ? claim_reserved(processor) : claim_free(processor)))
            return processor;
    }
    return NULL;
}

static struct ke_processor *claim_waiting(void)
{
    bool restricted = ke_this.affinity != 0;
    bool single = restricted && (ke_this.affinity & (ke_this.affinity - 1)) == 0;
    struct ke_processor *processor;
    for (int i = 0; i < CLAIM_SPINS; i++) {
        if ((processor = claim_any(single)) != NULL)
            return processor;
        __builtin_ia32_pause();
    }
    __atomic_fetch_add(&ke.claim_waiters, 1, __ATOMIC_SEQ_CST);
    if (restricted)
        __atomic_fetch_add(&ke.restricted_waiters, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t sequence = __atomic_load_n(&ke.claim_sequence, __ATOMIC_SEQ_CST);
        if (single)
            __atomic_fetch_or(&ke.processors[__builtin_ctzll(ke_this.affinity)].state, KE_PROCESSOR_RESERVED,
                              __ATOMIC_SEQ_CST);
        if ((processor = claim_any(single)) != NULL)
            break;
        ke_wait_on_address(&ke.claim_sequence, sequence, KE_FOREVER);
    }
    if (restricted)
        __atomic_fetch_sub(&ke.restricted_waiters, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_sub(&ke.claim_waiters, 1, __ATOMIC_SEQ_CST);
    return processor;
}

static void release(struct ke_processor *processor)
{
    __atomic_fetch_sub(&processor->state, KE_PROCESSOR_OWNED, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ke.claim_waiters, __ATOMIC_SEQ_CST) == 0)
        return;
    __atomic_fetch_add(&ke.claim_sequence, 1, __ATOMIC_SEQ_CST);
    ke_wake_address(&ke.claim_sequence, __atomic_load_n(&ke.restricted_waiters, __ATOMIC_SEQ_CST) != 0 ? INT32_MAX : 1);
}

bool ke_processor_try_claim(struct ke_processor *processor)
{
    if (!may_own(processor->number) || !claim_free(processor))
        return false;
    own(processor);
    ke_this.irql = DISPATCH_LEVEL;
    return true;
}

void NTAPI ke_raise_slow(KIRQL new_irql)
{
    if (ke_this.thread == NULL) {
        ke_initialize();
        ke_current_thread();
    }
    struct ke_processor *last = ke_this.last;
    own(last != NULL && last->number < ke.processor_count && claim_free(last) ? last : claim_waiting());
    ke_this.irql = new_irql;
}

static bool has_dpcs(struct ke_processor *processor)
{
    return __atomic_load_n(&processor->dpcs.depth, __ATOMIC_SEQ_CST) != 0;
}

/*
 * DPCs that queue DPCs, as a driver's completion does that sends again at once to a device that answers at once, could
 * hold the lowering thread for ever. On Windows they would: there the processor belongs to nobody in particular. Here
 * the thread has other work, so after a while it leaves the rest to the processor's DPC thread.
 */
void NTAPI ke_lower_slow(KIRQL new_irql)
{
    struct ke_processor *processor = ke_this.processor;
    unsigned budget = DPC_BUDGET;
    for (;;) {
        ke_this.irql = DISPATCH_LEVEL;
        if (has_dpcs(processor))
            ke_dpc_drain(processor, &budget);
        ke_this.irql = new_irql;
        ke_this.processor = NULL;
        release(processor);
        if (!has_dpcs(processor))
            return;
        if (budget == 0) {
            ke_processor_kick(processor);
            return;
        }
        if (!ke_processor_try_claim(processor))
            return;
    }
}

void ke_processor_kick(struct ke_processor *processor)
{
    if (__atomic_exchange_n(&processor->dpc_signal, 1, __ATOMIC_SEQ_CST) == 0)
        ke_wake_address(&processor->dpc_signal, 1);
}

static void dpc_thread(void *context)
{
    struct ke_processor *processor = context;
    ke_set_affinity((KAFFINITY)1 << processor->number);
    for (;;) {
        while (__atomic_load_n(&processor->dpc_signal, __ATOMIC_SEQ_CST) == 0)
            ke_wait_on_address(&processor->dpc_signal, 0, KE_FOREVER);
        __atomic_store_n(&processor->dpc_signal, 0, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&ke.stopping, __ATOMIC_SEQ_CST))
            return;
        ke_dpc_run_threaded(processor);
        /* When somebody owns the processor, he will run them. */
        if (has_dpcs(processor) && ke_processor_try_claim(processor))
            ke_lower(PASSIVE_LEVEL);
    }
}

KAFFINITY ke_set_affinity(KAFFINITY affinity)
{
    KAFFINITY old = ke_this.affinity;
    ke_this.affinity = affinity;
    if (ke_this.processor == NULL && affinity != 0 && (ke_this.last == NULL || !may_own(ke_this.last->number))) {
        ke_this.last = &ke.processors[__builtin_ctzll(affinity)];
        arch_set_processor(ke_this.last->number);
    }
    return old;
}

ULONG ke_processor_number(void)
{
    return ke_this.last != NULL ? ke_this.last->number : 0;
}

unsigned ke_processor_count(void)
{
    return ke.processor_count;
}

void ke_set_processor_count(unsigned count)
{
    ke.requested_processors = count;
}

static unsigned choose_processor_count(void)
{
    long count = ke.requested_processors;
    const char *setting = getenv("NDISKIT_PROCESSORS");
    if (count == 0 && setting != NULL)
        count = strtol(setting, NULL, 10);
    if (count <= 0) {
        count = sysconf(_SC_NPROCESSORS_ONLN);
        if (count < 2)
            count = 2;
    }
    return count > KE_MAX_PROCESSORS ? KE_MAX_PROCESSORS : (unsigned)count;
}

void ke_processors_start(void)
{
    ke.processor_count = choose_processor_count();
    for (unsigned i = 0; i < ke.processor_count; i++)
        ke.processors[i] = (struct ke_processor){.number = i};
    for (unsigned i = 0; i < ke.processor_count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "dpc/%u", i);
        if (!NT_SUCCESS(ke_thread_create_joinable(name, dpc_thread, &ke.processors[i], &ke.processors[i].dpc_thread)))
            ke_bugcheck_text(PHASE0_INITIALIZATION_FAILED, i, 0, 0, 0, NULL,
                             "the host refuses to start another thread");
    }
}

void ke_processors_stop(void)
{
    for (unsigned i = 0; i < ke.processor_count; i++)
        ke_processor_kick(&ke.processors[i]);
    for (unsigned i = 0; i < ke.processor_count; i++)
        ke_thread_join(ke.processors[i].dpc_thread);
}

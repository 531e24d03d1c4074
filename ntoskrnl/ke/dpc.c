/*
 * Deferred procedure calls: work that a driver wants to have done at DISPATCH_LEVEL soon, typically from an interrupt,
 * here mostly from timers and completions. Each processor has a queue. A DPC that is queued by code below
 * DISPATCH_LEVEL runs before KeInsertQueueDpc returns when a processor is free, as it does on Windows; else it runs
 * when the owner of its processor lowers, or on the processor's DPC thread.
 *
 * KDPC.DpcData tells whether, and in whose queue, the object is; it changes under that processor's lock only.
 */
#include <stdio.h>
#include "ntoskrnl/ke/state.h"

enum { DPC_OBJECT = 19, THREADED_DPC_OBJECT = 24 }; /* KDPC.Type, as a debugger shows it */

static void initialize(PRKDPC dpc, UCHAR type, PKDEFERRED_ROUTINE routine, PVOID context)
{
    dpc->Type = type;
    dpc->Importance = MediumImportance;
    dpc->Number = 0;
    dpc->DpcListEntry.Next = NULL;
    dpc->ProcessorHistory = 0;
    dpc->DeferredRoutine = routine;
    dpc->DeferredContext = context;
    dpc->DpcData = NULL;
}

VOID NTAPI KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
    initialize(Dpc, DPC_OBJECT, DeferredRoutine, DeferredContext);
}
NT_EXPORT(KeInitializeDpc);

VOID NTAPI KeInitializeThreadedDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
    initialize(Dpc, THREADED_DPC_OBJECT, DeferredRoutine, DeferredContext);
}
NT_EXPORT(KeInitializeThreadedDpc);

VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance)
{
    Dpc->Importance = (UCHAR)Importance;
}
NT_EXPORT(KeSetImportanceDpc);

/* KDPC.Number: 0 for the current processor, else the target's number plus 1. */
VOID NTAPI KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number)
{
    if ((UCHAR)Number >= ke.processor_count)
        ke_bugcheck(TIMER_OR_DPC_INVALID, 3, (ULONG_PTR)Dpc, (UCHAR)Number, ke.processor_count, NULL);
    Dpc->Number = (USHORT)((UCHAR)Number + 1);
}
NT_EXPORT(KeSetTargetProcessorDpc);

NTSTATUS NTAPI KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcNumber->Group != 0 || ProcNumber->Number >= ke.processor_count || ProcNumber->Reserved != 0)
        return STATUS_INVALID_PARAMETER;
    Dpc->Number = (USHORT)(ProcNumber->Number + 1);
    return STATUS_SUCCESS;
}
NT_EXPORT(KeSetTargetProcessorDpcEx);

static struct ke_dpc_queue *queue_of(struct ke_processor *processor, const KDPC *dpc)
{
    return dpc->Type == THREADED_DPC_OBJECT ? &processor->threaded : &processor->dpcs;
}

static PKDPC next_of(const KDPC *dpc)
{
    return dpc->DpcListEntry.Next != NULL ? CONTAINING_RECORD(dpc->DpcListEntry.Next, KDPC, DpcListEntry) : NULL;
}

static void set_depth(struct ke_dpc_queue *queue, uint32_t depth)
{
    __atomic_store_n(&queue->depth, depth, __ATOMIC_SEQ_CST);
}

static void push(struct ke_dpc_queue *queue, PKDPC dpc)
{
    if (dpc->Importance == HighImportance || queue->head == NULL) {
        dpc->DpcListEntry.Next = queue->head != NULL ? &queue->head->DpcListEntry : NULL;
        if (queue->head == NULL)
            queue->tail = dpc;
        queue->head = dpc;
    } else {
        dpc->DpcListEntry.Next = NULL;
        queue->tail->DpcListEntry.Next = &dpc->DpcListEntry;
        queue->tail = dpc;
    }
    set_depth(queue, queue->depth + 1);
}

static bool unlink(struct ke_dpc_queue *queue, PKDPC dpc)
{
    PKDPC previous = NULL;
    for (PKDPC d = queue->head; d != NULL; previous = d, d = next_of(d)) {
        if (d != dpc)
            continue;
        if (previous != NULL)
            previous->DpcListEntry.Next = d->DpcListEntry.Next;
        else
            queue->head = next_of(d);
        if (queue->tail == d)
            queue->tail = previous;
        set_depth(queue, queue->depth - 1);
        return true;
    }
    return false;
}

static struct ke_processor *target_of(const KDPC *dpc)
{
    if (dpc->Number != 0)
        return &ke.processors[(dpc->Number - 1) % ke.processor_count];
    if (ke_this.last != NULL && ke_this.last->number < ke.processor_count)
        return ke_this.last;
    return &ke.processors[0];
}

static bool insert(PKDPC dpc, PVOID argument1, PVOID argument2, struct ke_processor *processor)
{
    bool queued = false;
    ke_lock(&processor->dpc_lock);
    PVOID expected = NULL;
    if (__atomic_compare_exchange_n(&dpc->DpcData, &expected, processor, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
        dpc->SystemArgument1 = argument1;
        dpc->SystemArgument2 = argument2;
        push(queue_of(processor, dpc), dpc);
        if (dpc->Type == THREADED_DPC_OBJECT)
            __atomic_fetch_add(&processor->threaded_pending, 1, __ATOMIC_SEQ_CST);
        queued = true;
    }
    ke_unlock(&processor->dpc_lock);
    return queued;
}

bool ke_dpc_queue(PKDPC dpc, PVOID argument1, PVOID argument2, struct ke_processor **kick)
{
    struct ke_processor *processor = target_of(dpc);
    *kick = NULL;
    if (!insert(dpc, argument1, argument2, processor))
        return false;
    if (dpc->Type == THREADED_DPC_OBJECT || processor != ke_this.processor)
        *kick = processor;
    return true;
}

static bool is_owned(struct ke_processor *processor)
{
    return (__atomic_load_n(&processor->state, __ATOMIC_SEQ_CST) & KE_PROCESSOR_OWNED) != 0;
}

BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    if (ke_this.thread == NULL)
        ke_current_thread();
    struct ke_processor *processor = target_of(Dpc);
    bool threaded = Dpc->Type == THREADED_DPC_OBJECT;
    bool at_once = !threaded && ke_this.processor == NULL && Dpc->Importance != LowImportance;
    /* Dpc belongs to its routine from here on: it may have run and be freed before insert returns. */
    if (!insert(Dpc, SystemArgument1, SystemArgument2, processor))
        return FALSE;
    if (threaded) {
        ke_processor_kick(processor);
    } else if (at_once) {
        KIRQL old = ke_this.irql;
        if (ke_processor_try_claim(processor))
            ke_lower(old);
        else if (!is_owned(processor))
            ke_processor_kick(processor);
    } else if (processor != ke_this.processor && !is_owned(processor)) {
        ke_processor_kick(processor);
    }
    return TRUE;
}
NT_EXPORT(KeInsertQueueDpc);

static void threaded_done(struct ke_processor *processor)
{
    __atomic_fetch_sub(&processor->threaded_pending, 1, __ATOMIC_SEQ_CST);
    ke_wake_address(&processor->threaded_pending, INT32_MAX);
}

BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc)
{
    struct ke_processor *processor = __atomic_load_n(&Dpc->DpcData, __ATOMIC_ACQUIRE);
    if (processor == NULL)
        return FALSE;
    bool removed = false;
    ke_lock(&processor->dpc_lock);
    if (__atomic_load_n(&Dpc->DpcData, __ATOMIC_RELAXED) == processor && unlink(queue_of(processor, Dpc), Dpc)) {
        __atomic_store_n(&Dpc->DpcData, NULL, __ATOMIC_RELEASE);
        removed = true;
    }
    ke_unlock(&processor->dpc_lock);
    if (removed && Dpc->Type == THREADED_DPC_OBJECT)
        threaded_done(processor);
    return removed;
}
NT_EXPORT(KeRemoveQueueDpc);

/* With WaitIfActive, a DPC that is running has ended when this returns. */
BOOLEAN NTAPI KeRemoveQueueDpcEx(PRKDPC Dpc, BOOLEAN WaitIfActive)
{
    KIRQL limit = WaitIfActive ? APC_LEVEL : HIGH_LEVEL;
    KE_REQUIRE_IRQL_AT_MOST(limit);
    BOOLEAN removed = KeRemoveQueueDpc(Dpc);
    if (!removed && WaitIfActive)
        ke_flush_dpcs();
    return removed;
}
NT_EXPORT(KeRemoveQueueDpcEx);

struct call {
    PKDPC dpc;
    PKDEFERRED_ROUTINE routine;
    PVOID context, argument1, argument2;
};

/* Takes the first DPC off; from then on the object is its owner's, who may queue or free it. */
static bool pop(struct ke_processor *processor, struct ke_dpc_queue *queue, struct call *call)
{
    ke_lock(&processor->dpc_lock);
    PKDPC dpc = queue->head;
    if (dpc != NULL) {
        *call =
            (struct call){dpc, dpc->DeferredRoutine, dpc->DeferredContext, dpc->SystemArgument1, dpc->SystemArgument2};
        queue->head = next_of(dpc);
        if (queue->head == NULL)
            queue->tail = NULL;
        queue->taken++;
        set_depth(queue, queue->depth - 1);
        __atomic_store_n(&dpc->DpcData, NULL, __ATOMIC_RELEASE);
    }
    ke_unlock(&processor->dpc_lock);
    return dpc != NULL;
}

void ke_dpc_drain(struct ke_processor *processor, unsigned *budget)
{
    struct call call;
    struct _KTHREAD *thread = ke_this.thread;
    while (*budget > 0 && pop(processor, &processor->dpcs, &call)) {
        --*budget;
        SHORT regions = thread->critical_regions;
        ke_this.in_dpc = 1;
        call.routine(call.dpc, call.context, call.argument1, call.argument2);
        ke_check_irql(DISPATCH_LEVEL, call.routine, "a DPC routine");
        ke_this.in_dpc = 0;
        if (thread->critical_regions != regions)
            ke_bugcheck(TIMER_OR_DPC_INVALID, 4, (ULONG_PTR)call.routine, (ULONG_PTR)-regions,
                        (ULONG_PTR)-thread->critical_regions, NULL);
    }
}

void ke_dpc_run_threaded(struct ke_processor *processor)
{
    struct call call;
    while (pop(processor, &processor->threaded, &call)) {
        call.routine(call.dpc, call.context, call.argument1, call.argument2);
        ke_check_irql(PASSIVE_LEVEL, call.routine, "a threaded DPC routine");
        threaded_done(processor);
    }
}

static void flush_threaded(struct ke_processor *processor)
{
    uint32_t pending;
    while ((pending = __atomic_load_n(&processor->threaded_pending, __ATOMIC_SEQ_CST)) != 0)
        ke_wait_on_address(&processor->threaded_pending, pending, KE_FOREVER);
}

/* Who owns the processor is not in the middle of a DPC of somebody else, and runs what is queued as it leaves: all of
 * it, or as much as a thread that lowers runs at a time. */
static void flush_queue(struct ke_processor *processor)
{
    uint64_t target = 0;
    bool is_first = true, is_done;

    do {
        KIRQL irql = ke_raise(DISPATCH_LEVEL);
        ke_lock(&processor->dpc_lock);
        if (is_first)
            target = processor->dpcs.taken + processor->dpcs.depth;
        is_first = false;
        is_done = processor->dpcs.taken >= target || processor->dpcs.depth == 0;
        ke_unlock(&processor->dpc_lock);
        ke_lower(irql);
    } while (!is_done);
}

void ke_flush_dpcs(void)
{
    if (ke_this.thread == NULL)
        ke_current_thread();
    for (unsigned i = 0; i < ke.processor_count; i++) {
        KAFFINITY old = ke_set_affinity((KAFFINITY)1 << i);
        flush_queue(&ke.processors[i]);
        ke_set_affinity(old);
        flush_threaded(&ke.processors[i]);
    }
}

VOID NTAPI KeFlushQueuedDpcs(VOID)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    ke_flush_dpcs();
}
NT_EXPORT(KeFlushQueuedDpcs);

LOGICAL NTAPI KeIsExecutingDpc(VOID)
{
    return ke_this.in_dpc;
}
NT_EXPORT(KeIsExecutingDpc);

LOGICAL NTAPI KeShouldYieldProcessor(VOID)
{
    return FALSE;
}
NT_EXPORT(KeShouldYieldProcessor);

/* No DPC is stopped for its length: a limit of 0 says so ("KDPC_WATCHDOG_INFORMATION structure"). */
NTSTATUS NTAPI KeQueryDpcWatchdogInformation(PKDPC_WATCHDOG_INFORMATION WatchdogInformation)
{
    if (ke_this.irql < DISPATCH_LEVEL)
        return STATUS_UNSUCCESSFUL;
    *WatchdogInformation = (KDPC_WATCHDOG_INFORMATION){0};
    return STATUS_SUCCESS;
}
NT_EXPORT(KeQueryDpcWatchdogInformation);

static void forget(struct ke_dpc_queue *queue)
{
    for (PKDPC d = queue->head, next; d != NULL; d = next) {
        next = next_of(d);
        d->DpcData = NULL;
    }
    *queue = (struct ke_dpc_queue){0};
}

void ke_dpc_forget_all(void)
{
    for (unsigned i = 0; i < ke.processor_count; i++) {
        forget(&ke.processors[i].dpcs);
        forget(&ke.processors[i].threaded);
    }
}

static bool find(const struct ke_dpc_queue *queue, const char *base, size_t size, char *text, size_t text_size)
{
    for (const KDPC *d = queue->head; d != NULL; d = next_of(d)) {
        if ((size_t)((const char *)d - base) < size || (size_t)((const char *)d->DeferredRoutine - base) < size) {
            snprintf(text, text_size, "queued DPC %p with routine %p", (const void *)d, (void *)d->DeferredRoutine);
            return true;
        }
    }
    return false;
}

bool ke_dpc_find(const char *base, size_t size, char *text, size_t text_size)
{
    bool found = false;
    for (unsigned i = 0; i < ke.processor_count && !found; i++) {
        struct ke_processor *processor = &ke.processors[i];
        ke_lock(&processor->dpc_lock);
        found = find(&processor->dpcs, base, size, text, text_size) ||
                find(&processor->threaded, base, size, text, text_size);
        ke_unlock(&processor->dpc_lock);
    }
    return found;
}

bool ke_find_active(const void *base, size_t size, char *text, size_t text_size)
{
    return ke_dpc_find(base, size, text, text_size) || ke_timer_find(base, size, text, text_size);
}

/*
 * Work items: what a driver cannot do at DISPATCH_LEVEL it hands to system threads, which run it at PASSIVE_LEVEL.
 * Items may wait for each other, so that when all workers are busy and another item comes, another worker is started,
 * up to a limit that only a deadlock would reach; idle ones stay.
 */
#include <stdlib.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

enum { MAX_WORKERS = 64 };

static struct {
    struct ke_lock lock;
    bool running, stopping;
    LIST_ENTRY urgent, normal; /* HyperCriticalWorkQueue and CriticalWorkQueue; the others */
    unsigned workers;
    unsigned long threads[MAX_WORKERS];
    uint32_t signal;  /* changes when an item comes */
    uint32_t pending; /* queued or running */
    uint32_t done;    /* changes when pending becomes 0 */
} work;

static PWORK_QUEUE_ITEM next_item(void)
{
    LIST_ENTRY *queue = !IsListEmpty(&work.urgent) ? &work.urgent : &work.normal;
    if (IsListEmpty(queue))
        return NULL;
    PWORK_QUEUE_ITEM item = CONTAINING_RECORD(RemoveHeadList(queue), WORK_QUEUE_ITEM, List);
    item->List.Flink = NULL; /* not queued any more: the routine may queue or free it */
    return item;
}

static void run(PWORK_QUEUE_ITEM item)
{
    PWORKER_THREAD_ROUTINE routine = item->WorkerRoutine;
    PVOID parameter = item->Parameter;
    routine(parameter);
    if (ke_irql() != PASSIVE_LEVEL)
        ke_bugcheck_text(WORKER_THREAD_RETURNED_AT_BAD_IRQL, (ULONG_PTR)routine, ke_irql(), (ULONG_PTR)parameter,
                         (ULONG_PTR)item, NULL, "a work item's routine returned at IRQL %u", ke_irql());
    if (KeAreApcsDisabled())
        ke_bugcheck_text(APC_INDEX_MISMATCH, (ULONG_PTR)routine, 0, 0, 0, NULL,
                         "a work item's routine returned without leaving a critical or guarded region");
}

static void finished(void)
{
    if (__atomic_sub_fetch(&work.pending, 1, __ATOMIC_SEQ_CST) != 0)
        return;
    __atomic_fetch_add(&work.done, 1, __ATOMIC_SEQ_CST);
    ke_wake_address(&work.done, INT32_MAX);
}

static void worker(void *context)
{
    (void)context;
    ke_lock(&work.lock);
    for (;;) {
        PWORK_QUEUE_ITEM item = next_item();
        if (item != NULL) {
            ke_unlock(&work.lock);
            run(item);
            finished();
            ke_lock(&work.lock);
            continue;
        }
        if (work.stopping)
            break;
        uint32_t signal = __atomic_load_n(&work.signal, __ATOMIC_SEQ_CST);
        ke_unlock(&work.lock);
        ke_wait_on_address(&work.signal, signal, KE_FOREVER);
        ke_lock(&work.lock);
    }
    ke_unlock(&work.lock);
}

/* Under no lock: starting a thread takes time, and a DPC may have asked for it. */
static void start_worker(unsigned slot)
{
    if (NT_SUCCESS(ke_thread_create_joinable("worker", worker, NULL, &work.threads[slot])))
        return;
    ke_trace("ex: the host refuses to start worker thread %u", slot);
    if (slot == 0)
        ke_bugcheck_text(PHASE0_INITIALIZATION_FAILED, 0, 0, 0, 0, NULL, "the host refuses to start a worker thread");
    work.threads[slot] = 0;
}

void ex_initialize(void)
{
    ke_lock(&work.lock);
    bool start = !work.running;
    if (start) {
        InitializeListHead(&work.urgent);
        InitializeListHead(&work.normal);
        work.running = true;
        work.stopping = false;
        work.workers = 1;
    }
    ke_unlock(&work.lock);
    if (start)
        start_worker(0);
}

void ex_shutdown(void)
{
    ke_lock(&work.lock);
    bool stop = work.running;
    work.stopping = true;
    ke_unlock(&work.lock);
    if (!stop)
        return;
    __atomic_fetch_add(&work.signal, 1, __ATOMIC_SEQ_CST);
    ke_wake_address(&work.signal, INT32_MAX);
    for (unsigned i = 0; i < work.workers; i++) {
        if (work.threads[i] != 0)
            ke_thread_join(work.threads[i]);
        work.threads[i] = 0;
    }
    ex_pool_trim();
    ke_lock(&work.lock);
    work.running = false;
    work.workers = 0;
    ke_unlock(&work.lock);
}

#undef ExQueueWorkItem
VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (WorkItem->WorkerRoutine == NULL)
        ke_bugcheck_text(WORKER_INVALID, 7, (ULONG_PTR)WorkItem, (ULONG_PTR)QueueType, 0, NULL,
                         "work item %p has no routine", (void *)WorkItem);
    unsigned slot = MAX_WORKERS;
    ke_lock(&work.lock);
    if (!work.running)
        ke_bugcheck_text(WORKER_INVALID, 5, (ULONG_PTR)WorkItem, (ULONG_PTR)QueueType, 0, NULL,
                         "work item %p is queued while there are no worker threads", (void *)WorkItem);
    if (WorkItem->List.Flink != NULL)
        ke_bugcheck_text(WORKER_INVALID, 1, (ULONG_PTR)WorkItem, (ULONG_PTR)QueueType, 0, NULL,
                         "work item %p is queued already, or was never initialized", (void *)WorkItem);
    bool urgent = QueueType == CriticalWorkQueue || QueueType == HyperCriticalWorkQueue;
    InsertTailList(urgent ? &work.urgent : &work.normal, &WorkItem->List);
    unsigned pending = __atomic_add_fetch(&work.pending, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&work.signal, 1, __ATOMIC_SEQ_CST);
    /* Every item that is pending has a worker of its own, unless the limit is reached. */
    if (pending > work.workers && work.workers < MAX_WORKERS && !work.stopping)
        slot = work.workers++;
    ke_unlock(&work.lock);
    if (slot != MAX_WORKERS)
        start_worker(slot);
    ke_wake_address(&work.signal, 1);
}
NT_EXPORT(ExQueueWorkItem);

void ex_flush_work_items(void)
{
    for (;;) {
        uint32_t done = __atomic_load_n(&work.done, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&work.pending, __ATOMIC_SEQ_CST) == 0)
            return;
        ke_wait_on_address(&work.done, done, KE_FOREVER);
    }
}

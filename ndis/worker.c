/*
 * The NDIS worker: one system thread that starts stacks and binds protocols, so that none of that happens inside a
 * driver's DriverEntry or on the Plug and Play thread. Windows does the same with its NDIS work items.
 */
#include <ndis.h>

#include "ndis/core.h"

static struct ndis_work *next_work(void)
{
    struct ndis_worker *worker = &ndis.worker;
    struct ndis_work *work = NULL;

    ke_lock(&worker->lock);
    worker->busy = !IsListEmpty(&worker->queue);
    if (worker->busy)
        work = CONTAINING_RECORD(RemoveHeadList(&worker->queue), struct ndis_work, link);
    ke_unlock(&worker->lock);
    return work;
}

static void run(void *context)
{
    struct ndis_worker *worker = &ndis.worker;
    struct ndis_work *work;

    UNREFERENCED_PARAMETER(context);
    for (;;) {
        KeWaitForSingleObject(&worker->wake, Executive, KernelMode, FALSE, NULL);
        while ((work = next_work()) != NULL) {
            work->routine(work->context);
            ExFreePoolWithTag(work, NDIS_TAG);
        }
        ndis_notify_change();
        if (__atomic_load_n(&worker->stop, __ATOMIC_ACQUIRE))
            return;
    }
}

bool ndis_worker_queue(void (*routine)(void *context), void *context)
{
    struct ndis_worker *worker = &ndis.worker;
    struct ndis_work *work = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*work), NDIS_TAG);

    if (work == NULL)
        return false;
    work->routine = routine;
    work->context = context;
    ke_lock(&worker->lock);
    worker->busy = true;
    InsertTailList(&worker->queue, &work->link);
    ke_unlock(&worker->lock);
    KeSetEvent(&worker->wake, IO_NO_INCREMENT, FALSE);
    return true;
}

void ndis_worker_initialize(void)
{
    struct ndis_worker *worker = &ndis.worker;

    InitializeListHead(&worker->queue);
    KeInitializeEvent(&worker->wake, SynchronizationEvent, FALSE);
    worker->started = NT_SUCCESS(ke_thread_create_joinable("ndis worker", run, NULL, &worker->host_thread));
}

void ndis_worker_stop(void)
{
    struct ndis_worker *worker = &ndis.worker;

    if (!worker->started)
        return;
    __atomic_store_n(&worker->stop, true, __ATOMIC_RELEASE);
    KeSetEvent(&worker->wake, IO_NO_INCREMENT, FALSE);
    ke_thread_join(worker->host_thread);
    worker->started = false;
}

bool ndis_wait_idle(LONGLONG timeout)
{
    LONGLONG deadline = timeout < 0 ? KE_FOREVER : ke_now() + timeout;

    for (;;) {
        uint32_t seen = __atomic_load_n(&ndis.changes, __ATOMIC_SEQ_CST);
        bool busy;

        ke_lock(&ndis.worker.lock);
        busy = ndis.worker.busy;
        ke_unlock(&ndis.worker.lock);
        if (!busy)
            return true;
        if (!ke_wait_on_address(&ndis.changes, seen, deadline))
            return false;
    }
}

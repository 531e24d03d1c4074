/*
 * Work items: a driver at DISPATCH_LEVEL has a function of its own called at PASSIVE_LEVEL on a system worker thread.
 * As with IoQueueWorkItem, the device object is referenced until the function has returned. The function may free the
 * item. Pages: "NdisQueueIoWorkItem function", "NdisScheduleWorkItem".
 */
#include "ndis/services.h"
#include "ndis/net_buffer.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

struct ndis_work_item {
    WORK_QUEUE_ITEM item;
    PDEVICE_OBJECT device;
    NDIS_IO_WORKITEM_ROUTINE routine;
    PVOID context;
    uint32_t queued;
    uint32_t running; /* calls of the routine that have not returned; futex word */
};

/* The work item whose routine this thread calls; NULL again when the routine has freed it. */
static __thread struct ndis_work_item *current;

static VOID NTAPI run_work_item(PVOID parameter)
{
    struct ndis_work_item *work = parameter;
    PDEVICE_OBJECT device = work->device;
    NDIS_IO_WORKITEM_ROUTINE routine = work->routine;
    PVOID context = work->context;
    __atomic_fetch_add(&work->running, 1, __ATOMIC_ACQ_REL);
    __atomic_store_n(&work->queued, 0, __ATOMIC_RELEASE);
    current = work;
    routine(context, work);
    ke_check_irql(PASSIVE_LEVEL, (const void *)routine, "NDIS work item routine");
    if (current == work) {
        __atomic_fetch_sub(&work->running, 1, __ATOMIC_ACQ_REL);
        ke_wake_address(&work->running, 1); /* the word may be free memory by now, which only costs a look in vain */
    }
    current = NULL;
    if (device)
        ObDereferenceObject(device);
}

NDIS_HANDLE NTAPI NdisAllocateIoWorkItem(NDIS_HANDLE NdisObjectHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct ndis_work_item *work = ex_pool_allocate(0, sizeof(*work), NDIS_LIBRARY_TAG, __builtin_return_address(0));
    if (!work)
        return NULL;
    work->device = ndis_handle_device(NdisObjectHandle);
    ExInitializeWorkItem(&work->item, run_work_item, work);
    return work;
}
NT_EXPORT(NdisAllocateIoWorkItem);

VOID NTAPI NdisQueueIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle, NDIS_IO_WORKITEM_ROUTINE Routine,
                               PVOID WorkItemContext)
{
    struct ndis_work_item *work = NdisIoWorkItemHandle;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (__atomic_exchange_n(&work->queued, 1, __ATOMIC_ACQ_REL))
        ke_bugcheck_text(WORKER_INVALID, 0x1, (ULONG_PTR)work, (ULONG_PTR)Routine,
                         (ULONG_PTR)__builtin_return_address(0), NULL,
                         "NdisQueueIoWorkItem: the work item is queued already; its routine has not been called yet");
    work->routine = Routine;
    work->context = WorkItemContext;
    if (work->device)
        ObReferenceObject(work->device);
    ExQueueWorkItem(&work->item, DelayedWorkQueue);
}
NT_EXPORT(NdisQueueIoWorkItem);

/* A routine's last act may be to tell the thread that frees the item that it has ended; it returns a moment later, and
 * the driver must not be unloaded before. */
static void wait_for_routine(struct ndis_work_item *work)
{
    uint32_t running, own = current == work;
    while ((running = __atomic_load_n(&work->running, __ATOMIC_ACQUIRE)) > own)
        ke_wait_on_address(&work->running, running, KE_FOREVER);
    if (own)
        current = NULL;
}

VOID NTAPI NdisFreeIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle)
{
    struct ndis_work_item *work = NdisIoWorkItemHandle;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (__atomic_load_n(&work->queued, __ATOMIC_ACQUIRE))
        ke_bugcheck_text(WORKER_INVALID, 0x0, (ULONG_PTR)work, (ULONG_PTR)work->routine,
                         (ULONG_PTR)__builtin_return_address(0), NULL,
                         "NdisFreeIoWorkItem: the work item is still queued");
    wait_for_routine(work);
    ex_pool_free(work, NDIS_LIBRARY_TAG, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeIoWorkItem);

static VOID NTAPI run_legacy(PVOID parameter)
{
    PNDIS_WORK_ITEM work = parameter;
    NDIS_PROC routine = work->Routine;
    routine(work, work->Context);
    ke_check_irql(PASSIVE_LEVEL, (const void *)routine, "NDIS work item routine");
}

NDIS_STATUS NTAPI NdisScheduleWorkItem(PNDIS_WORK_ITEM WorkItem)
{
    _Static_assert(sizeof(WORK_QUEUE_ITEM) <= sizeof(WorkItem->WrapperReserved),
                   "the item lies in the driver's memory");
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    PWORK_QUEUE_ITEM item = (PWORK_QUEUE_ITEM)WorkItem->WrapperReserved;
    ExInitializeWorkItem(item, run_legacy, WorkItem);
    ExQueueWorkItem(item, CriticalWorkQueue);
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisScheduleWorkItem);

/*
 * I/O work items: a worker routine runs at PASSIVE_LEVEL on a system thread, and the device object (so the driver)
 * stays until the routine has returned. The queue itself is the executive's (ExQueueWorkItem).
 *
 * Public pages: "System Worker Threads", "IoQueueWorkItemEx", "IoInitializeWorkItem".
 */
#include "ntoskrnl/io/io_internal.h"

struct _IO_WORKITEM {
    WORK_QUEUE_ITEM item;
    PVOID object; /* device or driver object */
    union {
        PIO_WORKITEM_ROUTINE routine;
        PIO_WORKITEM_ROUTINE_EX routine_ex;
    };
    PVOID context;
    bool extended;
    LONG queued;
};

ULONG NTAPI IoSizeofWorkItem(VOID)
{
    return sizeof(struct _IO_WORKITEM);
}
NT_EXPORT(IoSizeofWorkItem);

VOID NTAPI IoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem)
{
    RtlZeroMemory(IoWorkItem, sizeof(*IoWorkItem));
    IoWorkItem->object = IoObject;
}
NT_EXPORT(IoInitializeWorkItem);

VOID NTAPI IoUninitializeWorkItem(PIO_WORKITEM IoWorkItem)
{
    if (IoWorkItem->queued)
        ke_bugcheck_text(DRIVER_VERIFIER_DETECTED_VIOLATION, (ULONG_PTR)IoWorkItem, (ULONG_PTR)IoWorkItem->routine, 0,
                         0, NULL, "a work item is freed while it is queued");
}
NT_EXPORT(IoUninitializeWorkItem);

PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
    PIO_WORKITEM item = ex_pool_allocate(0, sizeof(*item), IO_TAG_WORK, __builtin_return_address(0));

    if (item != NULL)
        IoInitializeWorkItem(DeviceObject, item);
    return item;
}
NT_EXPORT(IoAllocateWorkItem);

VOID NTAPI IoFreeWorkItem(PIO_WORKITEM IoWorkItem)
{
    IoUninitializeWorkItem(IoWorkItem);
    ExFreePoolWithTag(IoWorkItem, IO_TAG_WORK);
}
NT_EXPORT(IoFreeWorkItem);

static VOID NTAPI run(PVOID parameter)
{
    PIO_WORKITEM item = parameter;
    PVOID object = item->object, context = item->context;
    PIO_WORKITEM_ROUTINE routine = item->routine;
    PIO_WORKITEM_ROUTINE_EX routine_ex = item->routine_ex;
    bool extended = item->extended;

    /* From here on the driver may free the item or queue it again, from within its routine too. */
    InterlockedExchange(&item->queued, 0);
    if (extended)
        routine_ex(object, context, item);
    else
        routine(object, context);
    ke_check_irql(PASSIVE_LEVEL, extended ? (const void *)routine_ex : (const void *)routine, "the work item routine");
    ObDereferenceObject(object);
}

static void claim(PIO_WORKITEM item)
{
    if (InterlockedExchange(&item->queued, 1))
        ke_bugcheck_text(WORKER_INVALID, 0, (ULONG_PTR)item, (ULONG_PTR)item->routine, 0, NULL,
                         "a work item is queued that is queued already");
}

static void queue(PIO_WORKITEM item, WORK_QUEUE_TYPE type, PVOID context)
{
    item->context = context;
    ObReferenceObject(item->object);
    ExInitializeWorkItem(&item->item, run, item);
    ExQueueWorkItem(&item->item, type);
}

VOID NTAPI IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, WORK_QUEUE_TYPE QueueType,
                           PVOID Context)
{
    claim(IoWorkItem);
    IoWorkItem->routine = WorkerRoutine;
    IoWorkItem->extended = false;
    queue(IoWorkItem, QueueType, Context);
}
NT_EXPORT(IoQueueWorkItem);

VOID NTAPI IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine, WORK_QUEUE_TYPE QueueType,
                             PVOID Context)
{
    claim(IoWorkItem);
    IoWorkItem->routine_ex = WorkerRoutine;
    IoWorkItem->extended = true;
    queue(IoWorkItem, QueueType, Context);
}
NT_EXPORT(IoQueueWorkItemEx);

/* False when the item is queued already. */
BOOLEAN NTAPI IoTryQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                                 WORK_QUEUE_TYPE QueueType, PVOID Context)
{
    if (InterlockedExchange(&IoWorkItem->queued, 1))
        return FALSE;
    IoWorkItem->routine_ex = WorkerRoutine;
    IoWorkItem->extended = true;
    queue(IoWorkItem, QueueType, Context);
    return TRUE;
}
NT_EXPORT(IoTryQueueWorkItem);

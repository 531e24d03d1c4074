/*
 * Device queues: how a driver that works on one IRP at a time keeps the others. A queue is idle, busy with nothing
 * waiting, or busy with entries that wait; inserting into an idle one makes it busy and inserts nothing, which tells
 * the caller to start the request itself. IoStartPacket is built on it. Page: "Managing Device Queues".
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

#define DEVICE_QUEUE_OBJECT 20 /* KOBJECTS.DeviceQueueObject */

VOID NTAPI KeInitializeDeviceQueue(PKDEVICE_QUEUE DeviceQueue)
{
    DeviceQueue->Type = DEVICE_QUEUE_OBJECT;
    DeviceQueue->Size = sizeof(*DeviceQueue);
    InitializeListHead(&DeviceQueue->DeviceListHead);
    KeInitializeSpinLock(&DeviceQueue->Lock);
    DeviceQueue->Busy = FALSE;
}
NT_EXPORT(KeInitializeDeviceQueue);

/* Inserts before the first entry with a higher key; with the highest key, at the end. */
static BOOLEAN insert(PKDEVICE_QUEUE queue, PKDEVICE_QUEUE_ENTRY entry, ULONG key)
{
    PLIST_ENTRY before = &queue->DeviceListHead;
    KLOCK_QUEUE_HANDLE lock;

    KeAcquireInStackQueuedSpinLock(&queue->Lock, &lock);
    entry->SortKey = key;
    entry->Inserted = queue->Busy;
    queue->Busy = TRUE;
    if (entry->Inserted) {
        while (before->Blink != &queue->DeviceListHead &&
               CONTAINING_RECORD(before->Blink, KDEVICE_QUEUE_ENTRY, DeviceListEntry)->SortKey > key)
            before = before->Blink;
        InsertTailList(before, &entry->DeviceListEntry);
    }
    BOOLEAN inserted = entry->Inserted;
    KeReleaseInStackQueuedSpinLock(&lock);
    return inserted;
}

BOOLEAN NTAPI KeInsertDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry)
{
    return insert(DeviceQueue, DeviceQueueEntry, MAXULONG);
}
NT_EXPORT(KeInsertDeviceQueue);

BOOLEAN NTAPI KeInsertByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry, ULONG SortKey)
{
    return insert(DeviceQueue, DeviceQueueEntry, SortKey);
}
NT_EXPORT(KeInsertByKeyDeviceQueue);

/* The first entry whose key is at least KEY, or else the first of all. An empty queue becomes idle. */
static PKDEVICE_QUEUE_ENTRY remove_next(PKDEVICE_QUEUE queue, ULONG key)
{
    PKDEVICE_QUEUE_ENTRY entry = NULL;
    KLOCK_QUEUE_HANDLE lock;

    KeAcquireInStackQueuedSpinLock(&queue->Lock, &lock);
    if (IsListEmpty(&queue->DeviceListHead)) {
        queue->Busy = FALSE;
    } else {
        PLIST_ENTRY link = queue->DeviceListHead.Flink;
        while (link != &queue->DeviceListHead &&
               CONTAINING_RECORD(link, KDEVICE_QUEUE_ENTRY, DeviceListEntry)->SortKey < key)
            link = link->Flink;
        if (link == &queue->DeviceListHead)
            link = link->Flink;
        RemoveEntryList(link);
        entry = CONTAINING_RECORD(link, KDEVICE_QUEUE_ENTRY, DeviceListEntry);
        entry->Inserted = FALSE;
    }
    KeReleaseInStackQueuedSpinLock(&lock);
    return entry;
}

PKDEVICE_QUEUE_ENTRY NTAPI KeRemoveDeviceQueue(PKDEVICE_QUEUE DeviceQueue)
{
    return remove_next(DeviceQueue, 0);
}
NT_EXPORT(KeRemoveDeviceQueue);

PKDEVICE_QUEUE_ENTRY NTAPI KeRemoveByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, ULONG SortKey)
{
    return remove_next(DeviceQueue, SortKey);
}
NT_EXPORT(KeRemoveByKeyDeviceQueue);

BOOLEAN NTAPI KeRemoveEntryDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry)
{
    KLOCK_QUEUE_HANDLE lock;

    KeAcquireInStackQueuedSpinLock(&DeviceQueue->Lock, &lock);
    BOOLEAN inserted = DeviceQueueEntry->Inserted;
    if (inserted) {
        RemoveEntryList(&DeviceQueueEntry->DeviceListEntry);
        DeviceQueueEntry->Inserted = FALSE;
    }
    KeReleaseInStackQueuedSpinLock(&lock);
    return inserted;
}
NT_EXPORT(KeRemoveEntryDeviceQueue);

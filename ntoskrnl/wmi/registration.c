/*
 * WMI providers. A driver registers a device object; WMI asks it, on a system thread as on Windows, which blocks it has
 * (IRP_MN_REGINFO_EX), and the device stack must stay until that request is over, which deregistering waits for.
 * ndiskit has no data consumer in user mode, so that no block is ever opened and events end here. Public pages:
 * "IoWMIRegistrationControl function (wdm.h)", "IoWMIWriteEvent function (wdm.h)", "IRP_MN_REGINFO_EX".
 */
#include <wmistr.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

enum { WMI_TAG = 'pimW', REGINFO_SIZE = 4096, REGINFO_LIMIT = 64 * 1024, LARGEST_EVENT = 64 * 1024 };

struct provider {
    LIST_ENTRY entry;
    PDEVICE_OBJECT device;
    ULONG id;
    EX_RUNDOWN_REF requests; /* held while a request is in the device stack */
    LONG references;         /* the list's, and one for each queued request */
};

struct reginfo_work {
    WORK_QUEUE_ITEM item;
    struct provider *provider;
    ULONG action; /* WMIREGISTER or WMIUPDATE */
};

static struct {
    KSPIN_LOCK lock;
    LIST_ENTRY providers; /* all zero until the first is registered */
    ULONG last_id;
} wmi;

static void dereference(struct provider *provider)
{
    if (InterlockedDecrement(&provider->references) == 0)
        ExFreePoolWithTag(provider, WMI_TAG);
}

/* With the lock held. */
static struct provider *find(PDEVICE_OBJECT device)
{
    if (wmi.providers.Flink == NULL)
        InitializeListHead(&wmi.providers);
    for (PLIST_ENTRY entry = wmi.providers.Flink; entry != &wmi.providers; entry = entry->Flink) {
        struct provider *provider = CONTAINING_RECORD(entry, struct provider, entry);
        if (provider->device == device)
            return provider;
    }
    return NULL;
}

static NTAPI NTSTATUS request_done(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Sends one IRP_MN_REGINFO_EX to the top of the device's stack and waits for it. */
static NTSTATUS send_reginfo(PDEVICE_OBJECT device, ULONG action, void *buffer, ULONG size, ULONG_PTR *information)
{
    KEVENT done;
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    PDEVICE_OBJECT top = IoGetAttachedDeviceReference(device);
    PIRP irp = IoAllocateIrp(top->StackSize, FALSE);
    if (irp != NULL) {
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
        next->MajorFunction = IRP_MJ_SYSTEM_CONTROL;
        next->MinorFunction = IRP_MN_REGINFO_EX;
        next->Parameters.WMI.ProviderId = (ULONG_PTR)device;
        next->Parameters.WMI.DataPath = (PVOID)(ULONG_PTR)action;
        next->Parameters.WMI.BufferSize = size;
        next->Parameters.WMI.Buffer = buffer;
        IoSetCompletionRoutine(irp, request_done, &done, TRUE, TRUE, TRUE);
        irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
        irp->Tail.Overlay.Thread = PsGetCurrentThread();
        IoCallDriver(top, irp);
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
        status = irp->IoStatus.Status;
        *information = irp->IoStatus.Information;
        IoFreeIrp(irp);
    }
    ObDereferenceObject(top);
    return status;
}

/* The reply is the driver's: nothing in it is used before its sizes are known to fit. */
static void trace_blocks(const struct provider *provider, const WMIREGINFOW *info, ULONG_PTR size)
{
    ULONG room = size < sizeof(*info) ? 0 : (ULONG)((size - sizeof(*info)) / sizeof(WMIREGGUIDW));
    if (size < sizeof(*info) || info->BufferSize > size || info->GuidCount > room)
        ke_trace("WMI: provider %u answered IRP_MN_REGINFO_EX with a malformed WMIREGINFO", provider->id);
    else
        ke_trace("WMI: provider %u has %u blocks", provider->id, info->GuidCount);
}

static void query_reginfo(struct provider *provider, ULONG action)
{
    ULONG size = REGINFO_SIZE;
    for (int attempt = 0; attempt < 2; attempt++) {
        ULONG_PTR information = 0;
        WMIREGINFOW *info = ExAllocatePool2(POOL_FLAG_NON_PAGED, size, WMI_TAG);
        if (info == NULL)
            return;
        NTSTATUS status = send_reginfo(provider->device, action, info, size, &information);
        ULONG wanted = status == STATUS_BUFFER_TOO_SMALL && information == sizeof(ULONG) ? info->BufferSize : 0;
        if (NT_SUCCESS(status))
            trace_blocks(provider, info, information < size ? information : size);
        ExFreePoolWithTag(info, WMI_TAG);
        if (wanted <= size || wanted > REGINFO_LIMIT)
            return;
        size = wanted;
    }
}

static NTAPI VOID reginfo_worker(PVOID Parameter)
{
    struct reginfo_work *work = Parameter;
    if (ExAcquireRundownProtection(&work->provider->requests)) {
        query_reginfo(work->provider, work->action);
        ExReleaseRundownProtection(&work->provider->requests);
    }
    dereference(work->provider);
    ExFreePoolWithTag(work, WMI_TAG);
}

static NTSTATUS queue_reginfo(struct provider *provider, ULONG action)
{
    struct reginfo_work *work = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*work), WMI_TAG);
    if (work == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    InterlockedIncrement(&provider->references);
    work->provider = provider;
    work->action = action;
    ExInitializeWorkItem(&work->item, reginfo_worker, work);
    ExQueueWorkItem(&work->item, DelayedWorkQueue);
    return STATUS_SUCCESS;
}

static NTSTATUS add(PDEVICE_OBJECT device)
{
    KIRQL irql;
    struct provider *provider = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*provider), WMI_TAG);
    if (provider == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    provider->device = device;
    provider->references = 1;
    ExInitializeRundownProtection(&provider->requests);
    KeAcquireSpinLock(&wmi.lock, &irql);
    bool registered = find(device) != NULL;
    if (!registered) {
        provider->id = ++wmi.last_id;
        InsertTailList(&wmi.providers, &provider->entry);
        InterlockedIncrement(&provider->references);
    }
    KeReleaseSpinLock(&wmi.lock, irql);
    NTSTATUS status = registered ? STATUS_OBJECT_NAME_EXISTS : queue_reginfo(provider, WMIREGISTER);
    dereference(provider);
    return status;
}

static NTSTATUS remove_provider(PDEVICE_OBJECT device)
{
    KIRQL irql;
    KeAcquireSpinLock(&wmi.lock, &irql);
    struct provider *provider = find(device);
    if (provider != NULL)
        RemoveEntryList(&provider->entry);
    KeReleaseSpinLock(&wmi.lock, irql);
    if (provider == NULL)
        return STATUS_INVALID_PARAMETER;
    ExWaitForRundownProtectionRelease(&provider->requests);
    dereference(provider);
    return STATUS_SUCCESS;
}

static NTSTATUS update(PDEVICE_OBJECT device)
{
    KIRQL irql;
    KeAcquireSpinLock(&wmi.lock, &irql);
    struct provider *provider = find(device);
    if (provider != NULL)
        InterlockedIncrement(&provider->references);
    KeReleaseSpinLock(&wmi.lock, irql);
    if (provider == NULL)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = queue_reginfo(provider, WMIUPDATE);
    dereference(provider);
    return status;
}

NTSTATUS NTAPI IoWMIRegistrationControl(PDEVICE_OBJECT DeviceObject, ULONG Action)
{
    NTSTATUS status;
    switch (Action) {
    case WMIREG_ACTION_REGISTER:
        return add(DeviceObject);
    case WMIREG_ACTION_DEREGISTER:
        return remove_provider(DeviceObject);
    case WMIREG_ACTION_REREGISTER:
        status = remove_provider(DeviceObject);
        return NT_SUCCESS(status) ? add(DeviceObject) : status;
    case WMIREG_ACTION_UPDATE_GUIDS:
        return update(DeviceObject);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}
NT_EXPORT(IoWMIRegistrationControl);

/* WMI owns the event once it says success. */
NTSTATUS NTAPI IoWMIWriteEvent(PVOID WnodeEventItem)
{
    PWNODE_HEADER wnode = WnodeEventItem;
    if (wnode->BufferSize < sizeof(*wnode))
        return STATUS_INVALID_PARAMETER;
    if (wnode->BufferSize > LARGEST_EVENT)
        return STATUS_BUFFER_OVERFLOW;
    ExFreePool(wnode);
    return STATUS_SUCCESS;
}
NT_EXPORT(IoWMIWriteEvent);

ULONG NTAPI IoWMIDeviceObjectToProviderId(PDEVICE_OBJECT DeviceObject)
{
    KIRQL irql;
    KeAcquireSpinLock(&wmi.lock, &irql);
    struct provider *provider = find(DeviceObject);
    ULONG id = provider != NULL ? provider->id : 0;
    KeReleaseSpinLock(&wmi.lock, irql);
    return id;
}
NT_EXPORT(IoWMIDeviceObjectToProviderId);

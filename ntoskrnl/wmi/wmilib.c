/*
 * The WMI library. It takes apart the IRP_MJ_SYSTEM_CONTROL requests of drivers that describe their blocks in a
 * WMILIB_CONTEXT, calls their callbacks, and puts what they answer into the WNODE that came with the request. Offsets
 * and sizes in a WNODE come from outside: each is checked against the buffer before use. Public pages:
 * "WmiSystemControl function (wmilib.h)", "WmiCompleteRequest function (wmilib.h)", and the DpWmi... callbacks' pages.
 */
#include <wmilib.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

#define EXPORT(function_) NT_EXPORT_AS("wmilib.sys", #function_, function_)

enum { WMILIB_TAG = 'bLmW' };

static ULONG align8(ULONG value)
{
    return (value + 7) & ~7u;
}

static bool find_guid(PWMILIB_CONTEXT library, LPCGUID guid, ULONG *index)
{
    for (*index = 0; *index < library->GuidCount; (*index)++)
        if (IsEqualGUID(library->GuidList[*index].Guid, guid))
            return true;
    return false;
}

/* Copies a counted string, as WMI strings are: a USHORT length, then the text. Returns the space that it takes. */
static ULONG put_string(UCHAR *buffer, ULONG offset, PCUNICODE_STRING string)
{
    USHORT length = string != NULL ? string->Length : 0;
    if (buffer != NULL) {
        memcpy(buffer + offset, &length, sizeof(length));
        if (length != 0)
            memcpy(buffer + offset + sizeof(length), string->Buffer, length);
    }
    return (ULONG)sizeof(length) + length;
}

/* IRP_MN_REGINFO(_EX): a WMIREGINFO with an entry for each GUID, then the names. */
static NTSTATUS reginfo(PWMILIB_CONTEXT library, PDEVICE_OBJECT device, PIRP irp, PIO_STACK_LOCATION stack)
{
    ULONG flags = 0;
    UNICODE_STRING name = {0}, mof = {0}, *path = NULL;
    PDEVICE_OBJECT pdo = NULL;
    NTSTATUS status = library->QueryWmiRegInfo(device, &flags, &name, &path, &mof, &pdo);
    if (!NT_SUCCESS(status))
        return status;
    ULONG names = (ULONG)(sizeof(WMIREGINFOW) + library->GuidCount * sizeof(WMIREGGUIDW));
    ULONG mof_offset = names + put_string(NULL, 0, &name), path_offset = mof_offset + put_string(NULL, 0, &mof);
    ULONG size = path_offset + put_string(NULL, 0, path);
    WMIREGINFOW *info = stack->Parameters.WMI.Buffer;
    if (size > stack->Parameters.WMI.BufferSize) {
        bool fits = stack->Parameters.WMI.BufferSize >= sizeof(ULONG);
        if (fits)
            info->BufferSize = size;
        irp->IoStatus.Information = fits ? sizeof(ULONG) : 0;
        status = STATUS_BUFFER_TOO_SMALL;
    } else {
        *info = (WMIREGINFOW){.BufferSize = size,
                              .MofResourceName = mof_offset,
                              .RegistryPath = path_offset,
                              .GuidCount = library->GuidCount};
        for (ULONG i = 0; i < library->GuidCount; i++) {
            WMIREGGUIDW *entry = &info->WmiRegGuid[i];
            *entry = (WMIREGGUIDW){.Guid = *library->GuidList[i].Guid,
                                   .Flags = library->GuidList[i].Flags | flags,
                                   .InstanceCount = library->GuidList[i].InstanceCount};
            if (entry->Flags & WMIREG_FLAG_INSTANCE_PDO)
                entry->Pdo = (ULONG_PTR)pdo;
            else if (entry->Flags & WMIREG_FLAG_INSTANCE_BASENAME)
                entry->BaseNameOffset = names;
        }
        put_string((UCHAR *)info, names, &name);
        put_string((UCHAR *)info, mof_offset, &mof);
        put_string((UCHAR *)info, path_offset, path);
        irp->IoStatus.Information = size;
    }
    if (name.Buffer != NULL && (flags & WMIREG_FLAG_INSTANCE_BASENAME))
        ExFreePool(name.Buffer);
    if ((flags & WMIREG_FLAG_INSTANCE_PDO) && pdo != NULL && status != STATUS_SUCCESS)
        ObDereferenceObject(pdo);
    return status;
}

/* Where the instances start in the answer to IRP_MN_QUERY_ALL_DATA. */
static ULONG data_offset(ULONG count)
{
    return align8((ULONG)(FIELD_OFFSET(WNODE_ALL_DATA, OffsetInstanceDataAndLength) +
                          count * sizeof(OFFSETINSTANCEDATAANDLENGTH)));
}

/*
 * A request on its way to a callback. The callback may complete the IRP, after which nothing of it may be touched:
 * `called` says that it was the callback's.
 */
struct request {
    PWMILIB_CONTEXT library;
    PDEVICE_OBJECT device;
    PIRP irp;
    PVOID wnode;
    ULONG size;
    ULONG index; /* of the GUID */
    UCHAR minor;
    bool called;
};

/* IRP_MN_QUERY_ALL_DATA: lengths of the instances stand in the WNODE, the data behind them. The callback fills plain
 * lengths; WmiCompleteRequest turns them into offsets and lengths. */
static NTSTATUS query_all(struct request *r)
{
    WNODE_ALL_DATA *wnode = r->wnode;
    ULONG count = r->library->GuidList[r->index].InstanceCount;
    ULONG data = data_offset(count);
    bool fits = data < r->size;
    if (fits) {
        memset((UCHAR *)wnode + FIELD_OFFSET(WNODE_ALL_DATA, DataBlockOffset), 0,
               data - FIELD_OFFSET(WNODE_ALL_DATA, DataBlockOffset));
        wnode->InstanceCount = count;
        wnode->DataBlockOffset = data;
        wnode->WnodeHeader.Flags &= ~(ULONG)WNODE_FLAG_FIXED_INSTANCE_SIZE;
    }
    r->called = true;
    return r->library->QueryWmiDataBlock(r->device, r->irp, r->index, 0, count, fits ? &wnode->FixedInstanceSize : NULL,
                                         fits ? r->size - data : 0, fits ? (UCHAR *)wnode + data : NULL);
}

/* Only instances with static names are asked for by number. */
static bool has_instance(const struct request *r, ULONG instance)
{
    const WNODE_HEADER *wnode = r->wnode;
    return (wnode->Flags & WNODE_FLAG_STATIC_INSTANCE_NAMES) && instance < r->library->GuidList[r->index].InstanceCount;
}

static bool has_data(const struct request *r, ULONG offset, ULONG length)
{
    return offset <= r->size && length <= r->size - offset;
}

static NTSTATUS query_single(struct request *r)
{
    WNODE_SINGLE_INSTANCE *wnode = r->wnode;
    if (r->size < FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData) || !has_data(r, wnode->DataBlockOffset, 0))
        return STATUS_INVALID_PARAMETER;
    if (!has_instance(r, wnode->InstanceIndex))
        return STATUS_WMI_INSTANCE_NOT_FOUND;
    ULONG room = r->size - wnode->DataBlockOffset;
    r->called = true;
    return r->library->QueryWmiDataBlock(r->device, r->irp, r->index, wnode->InstanceIndex, 1,
                                         room ? &wnode->SizeDataBlock : NULL, room,
                                         room ? (UCHAR *)wnode + wnode->DataBlockOffset : NULL);
}

static NTSTATUS change_instance(struct request *r)
{
    WNODE_SINGLE_INSTANCE *wnode = r->wnode;
    if (r->library->SetWmiDataBlock == NULL)
        return STATUS_WMI_READ_ONLY;
    if (r->size < FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData) ||
        !has_data(r, wnode->DataBlockOffset, wnode->SizeDataBlock))
        return STATUS_INVALID_PARAMETER;
    if (!has_instance(r, wnode->InstanceIndex))
        return STATUS_WMI_INSTANCE_NOT_FOUND;
    r->called = true;
    return r->library->SetWmiDataBlock(r->device, r->irp, r->index, wnode->InstanceIndex, wnode->SizeDataBlock,
                                       (UCHAR *)wnode + wnode->DataBlockOffset);
}

static NTSTATUS change_item(struct request *r)
{
    WNODE_SINGLE_ITEM *wnode = r->wnode;
    if (r->library->SetWmiDataItem == NULL)
        return STATUS_WMI_READ_ONLY;
    if (r->size < FIELD_OFFSET(WNODE_SINGLE_ITEM, VariableData) ||
        !has_data(r, wnode->DataBlockOffset, wnode->SizeDataItem))
        return STATUS_INVALID_PARAMETER;
    if (!has_instance(r, wnode->InstanceIndex))
        return STATUS_WMI_INSTANCE_NOT_FOUND;
    r->called = true;
    return r->library->SetWmiDataItem(r->device, r->irp, r->index, wnode->InstanceIndex, wnode->ItemId,
                                      wnode->SizeDataItem, (UCHAR *)wnode + wnode->DataBlockOffset);
}

static NTSTATUS execute_method(struct request *r)
{
    WNODE_METHOD_ITEM *wnode = r->wnode;
    if (r->library->ExecuteWmiMethod == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (r->size < FIELD_OFFSET(WNODE_METHOD_ITEM, VariableData) ||
        !has_data(r, wnode->DataBlockOffset, wnode->SizeDataBlock))
        return STATUS_INVALID_PARAMETER;
    if (!has_instance(r, wnode->InstanceIndex))
        return STATUS_WMI_INSTANCE_NOT_FOUND;
    r->called = true;
    return r->library->ExecuteWmiMethod(r->device, r->irp, r->index, wnode->InstanceIndex, wnode->MethodId,
                                        wnode->SizeDataBlock, r->size - wnode->DataBlockOffset,
                                        (UCHAR *)wnode + wnode->DataBlockOffset);
}

static NTSTATUS control(struct request *r)
{
    if (r->library->WmiFunctionControl == NULL)
        return STATUS_SUCCESS;
    bool events = r->minor == IRP_MN_ENABLE_EVENTS || r->minor == IRP_MN_DISABLE_EVENTS;
    bool enable = r->minor == IRP_MN_ENABLE_EVENTS || r->minor == IRP_MN_ENABLE_COLLECTION;
    r->called = true;
    return r->library->WmiFunctionControl(r->device, r->irp, r->index, events ? WmiEventControl : WmiDataBlockControl,
                                          enable);
}

static NTSTATUS dispatch(struct request *r)
{
    if (r->size < sizeof(WNODE_HEADER))
        return STATUS_BUFFER_TOO_SMALL;
    switch (r->minor) {
    case IRP_MN_QUERY_ALL_DATA:
        return query_all(r);
    case IRP_MN_QUERY_SINGLE_INSTANCE:
        return query_single(r);
    case IRP_MN_CHANGE_SINGLE_INSTANCE:
        return change_instance(r);
    case IRP_MN_CHANGE_SINGLE_ITEM:
        return change_item(r);
    case IRP_MN_EXECUTE_METHOD:
        return execute_method(r);
    default:
        return control(r);
    }
}

NTSTATUS NTAPI WmiSystemControl(PWMILIB_CONTEXT WmiLibInfo, PDEVICE_OBJECT DeviceObject, PIRP Irp,
                                PSYSCTL_IRP_DISPOSITION IrpDisposition)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    struct request request = {
        WmiLibInfo, DeviceObject,         Irp,  stack->Parameters.WMI.Buffer, stack->Parameters.WMI.BufferSize,
        0,          stack->MinorFunction, false};
    NTSTATUS status;
    if (request.minor > IRP_MN_EXECUTE_METHOD && request.minor != IRP_MN_REGINFO_EX) {
        *IrpDisposition = IrpNotWmi;
        return STATUS_SUCCESS;
    }
    if (stack->Parameters.WMI.ProviderId != (ULONG_PTR)DeviceObject) {
        *IrpDisposition = IrpForward;
        return STATUS_SUCCESS;
    }
    if (request.minor == IRP_MN_REGINFO || request.minor == IRP_MN_REGINFO_EX)
        status = reginfo(WmiLibInfo, DeviceObject, Irp, stack);
    else if (!find_guid(WmiLibInfo, stack->Parameters.WMI.DataPath, &request.index))
        status = STATUS_WMI_GUID_NOT_FOUND;
    else
        status = dispatch(&request);
    *IrpDisposition = request.called ? IrpProcessed : IrpNotCompleted;
    if (!request.called)
        Irp->IoStatus.Status = status;
    return status;
}
EXPORT(WmiSystemControl);

/* The driver's lengths become offsets and lengths, from the last to the first because they share their place. */
static ULONG finish_all(WNODE_ALL_DATA *wnode)
{
    ULONG *lengths = &wnode->FixedInstanceSize, offset = wnode->DataBlockOffset, end = offset;
    for (ULONG i = 0; i < wnode->InstanceCount; i++) {
        end = offset + lengths[i];
        offset = align8(end);
    }
    ULONG start = offset;
    for (ULONG i = wnode->InstanceCount; i-- > 0;) {
        ULONG length = lengths[i];
        start -= align8(length);
        wnode->OffsetInstanceDataAndLength[i] = (OFFSETINSTANCEDATAANDLENGTH){start, length};
    }
    return end;
}

/* How much of the buffer the answer takes; *needed when the driver's data did not fit. */
static ULONG finish(UCHAR minor, void *buffer, ULONG size, ULONG used, bool too_small)
{
    PWNODE_HEADER header = buffer;
    ULONG data = 0, total = sizeof(WNODE_HEADER);
    if (minor == IRP_MN_QUERY_ALL_DATA) {
        WNODE_ALL_DATA *all = buffer;
        /* query_all prepared the block, unless it was too small even for the lengths. */
        bool prepared = size > sizeof(*all) && all->InstanceCount <= size / sizeof(OFFSETINSTANCEDATAANDLENGTH) &&
                        all->DataBlockOffset == data_offset(all->InstanceCount) && all->DataBlockOffset < size;
        data = prepared ? all->DataBlockOffset : (ULONG)sizeof(*all);
        total = prepared && !too_small ? finish_all(all) : data + used;
    } else if (minor == IRP_MN_QUERY_SINGLE_INSTANCE) {
        WNODE_SINGLE_INSTANCE *single = buffer;
        total = single->DataBlockOffset + used;
        if (!too_small)
            single->SizeDataBlock = used;
    } else if (minor == IRP_MN_EXECUTE_METHOD) {
        WNODE_METHOD_ITEM *item = buffer;
        total = item->DataBlockOffset + used;
        if (!too_small)
            item->SizeDataBlock = used;
    } else {
        return 0; /* nothing comes back */
    }
    if (!too_small) {
        header->BufferSize = total;
        return total;
    }
    header->Flags |= WNODE_FLAG_TOO_SMALL;
    header->BufferSize = sizeof(WNODE_TOO_SMALL);
    ((WNODE_TOO_SMALL *)buffer)->SizeNeeded = total;
    return sizeof(WNODE_TOO_SMALL);
}

NTSTATUS NTAPI WmiCompleteRequest(PDEVICE_OBJECT DeviceObject, PIRP Irp, NTSTATUS Status, ULONG BufferUsed,
                                  CCHAR PriorityBoost)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG size = stack->Parameters.WMI.BufferSize, used = 0;
    bool too_small = Status == STATUS_BUFFER_TOO_SMALL;
    bool answers = NT_SUCCESS(Status) || too_small;
    if (answers && size >= sizeof(WNODE_TOO_SMALL)) {
        used = finish(stack->MinorFunction, stack->Parameters.WMI.Buffer, size, BufferUsed, too_small);
        if (too_small)
            Status = STATUS_SUCCESS;
    }
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = used;
    IoCompleteRequest(Irp, PriorityBoost);
    return Status;
}
EXPORT(WmiCompleteRequest);

/* Both the event's buffer and the WNODE made of it are WMI's from here on. */
NTSTATUS NTAPI WmiFireEvent(PDEVICE_OBJECT DeviceObject, LPCGUID Guid, ULONG InstanceIndex, ULONG EventDataSize,
                            PVOID EventData)
{
    ULONG data = align8(FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData));
    WNODE_SINGLE_INSTANCE *event = NULL;
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (EventDataSize <= MAXULONG - data)
        event = ExAllocatePool2(POOL_FLAG_NON_PAGED, (SIZE_T)data + EventDataSize, WMILIB_TAG);
    if (event != NULL) {
        event->WnodeHeader.BufferSize = data + EventDataSize;
        event->WnodeHeader.ProviderId = IoWMIDeviceObjectToProviderId(DeviceObject);
        event->WnodeHeader.Guid = *Guid;
        event->WnodeHeader.Flags =
            WNODE_FLAG_SINGLE_INSTANCE | WNODE_FLAG_EVENT_ITEM | WNODE_FLAG_STATIC_INSTANCE_NAMES;
        KeQuerySystemTime(&event->WnodeHeader.TimeStamp);
        event->InstanceIndex = InstanceIndex;
        event->DataBlockOffset = data;
        event->SizeDataBlock = EventDataSize;
        if (EventDataSize != 0)
            memcpy((UCHAR *)event + data, EventData, EventDataSize);
        status = IoWMIWriteEvent(event);
        if (!NT_SUCCESS(status))
            ExFreePoolWithTag(event, WMILIB_TAG);
    }
    if (EventData != NULL)
        ExFreePool(EventData);
    return status;
}
EXPORT(WmiFireEvent);

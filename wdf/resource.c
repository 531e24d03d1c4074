/*
 * WDFCMRESLIST: the hardware resources that Plug and Play assigned to a device, as an array of descriptors. A driver
 * looks at them in EvtDevicePrepareHardware, where it may change nothing, and may take out what it had asked for itself
 * in EvtDeviceRemoveAddedResources. "Hardware Resources for Framework-Based Drivers", "Modifying a Resource List"
 */
#include "wdf/resource.h"

#define TAG 'srdW'

struct wdf_cm_list {
    struct wdf_object object;
    CM_PARTIAL_RESOURCE_DESCRIPTOR *descriptors;
    ULONG count, capacity;
    unsigned allowed;
};

static void cm_list_destroy(struct wdf_object *object)
{
    struct wdf_cm_list *list = (struct wdf_cm_list *)object;
    if (list->descriptors != NULL)
        ExFreePoolWithTag(list->descriptors, TAG);
}

const struct wdf_type wdf_cm_list_type = {
    .name = "WDFCMRESLIST", .flags = WDF_TYPE_NO_DELETE, .destroy = cm_list_destroy};

/* Data of the device's own may follow the last descriptor of each part ("CM_PARTIAL_RESOURCE_DESCRIPTOR structure"). */
static const CM_FULL_RESOURCE_DESCRIPTOR *next_part(const CM_FULL_RESOURCE_DESCRIPTOR *part)
{
    const CM_PARTIAL_RESOURCE_LIST *partial = &part->PartialResourceList;
    const CM_PARTIAL_RESOURCE_DESCRIPTOR *end = &partial->PartialDescriptors[partial->Count];
    size_t data =
        partial->Count != 0 && end[-1].Type == CmResourceTypeDeviceSpecific ? end[-1].u.DeviceSpecificData.DataSize : 0;
    return (const CM_FULL_RESOURCE_DESCRIPTOR *)((const char *)end + data);
}

static bool reserve(struct wdf_cm_list *list, ULONG capacity)
{
    if (capacity <= list->capacity)
        return true;
    CM_PARTIAL_RESOURCE_DESCRIPTOR *descriptors =
        ExAllocatePoolWithTag(NonPagedPoolNx, capacity * sizeof(*descriptors), TAG);
    if (descriptors == NULL)
        return false;
    if (list->descriptors != NULL) {
        RtlCopyMemory(descriptors, list->descriptors, list->count * sizeof(*descriptors));
        ExFreePoolWithTag(list->descriptors, TAG);
    }
    list->descriptors = descriptors;
    list->capacity = capacity;
    return true;
}

struct wdf_object *wdf_cm_list_create(struct wdf_client *client, struct wdf_object *parent,
                                      const CM_RESOURCE_LIST *resources, unsigned allowed, NTSTATUS *status)
{
    struct wdf_object *object =
        wdf_object_create(client, &wdf_cm_list_type, sizeof(struct wdf_cm_list), NULL, parent, status);
    if (object == NULL)
        return NULL;
    struct wdf_cm_list *list = (struct wdf_cm_list *)object;
    const CM_FULL_RESOURCE_DESCRIPTOR *part = resources != NULL ? resources->List : NULL;
    list->allowed = allowed;
    for (ULONG i = 0; resources != NULL && i < resources->Count; i++, part = next_part(part)) {
        ULONG count = part->PartialResourceList.Count;
        if (!reserve(list, list->count + count)) {
            wdf_object_abandon(object);
            *status = STATUS_INSUFFICIENT_RESOURCES;
            return NULL;
        }
        RtlCopyMemory(&list->descriptors[list->count], part->PartialResourceList.PartialDescriptors,
                      count * sizeof(*list->descriptors));
        list->count += count;
    }
    return object;
}

ULONG NTAPI kmdf_WdfCmResourceListGetCount(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCMRESLIST List)
{
    struct wdf_cm_list *list = wdf_from_handle(DriverGlobals, List, &wdf_cm_list_type, "WdfCmResourceListGetCount");
    return list->count;
}
WDF_EXPORT(WdfCmResourceListGetCount, PFN_WDFCMRESOURCELISTGETCOUNT);

PCM_PARTIAL_RESOURCE_DESCRIPTOR NTAPI kmdf_WdfCmResourceListGetDescriptor(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                          WDFCMRESLIST List, ULONG Index)
{
    struct wdf_cm_list *list =
        wdf_from_handle(DriverGlobals, List, &wdf_cm_list_type, "WdfCmResourceListGetDescriptor");
    return Index < list->count ? &list->descriptors[Index] : NULL;
}
WDF_EXPORT(WdfCmResourceListGetDescriptor, PFN_WDFCMRESOURCELISTGETDESCRIPTOR);

static NTSTATUS insert(struct wdf_cm_list *list, const CM_PARTIAL_RESOURCE_DESCRIPTOR *descriptor, ULONG index)
{
    if (!(list->allowed & WDF_LIST_ADD))
        return STATUS_ACCESS_DENIED;
    if (index == WDF_INSERT_AT_END)
        index = list->count;
    if (index > list->count)
        return STATUS_ARRAY_BOUNDS_EXCEEDED;
    if (!reserve(list, list->count + 1))
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlMoveMemory(&list->descriptors[index + 1], &list->descriptors[index],
                  (list->count - index) * sizeof(*descriptor));
    list->descriptors[index] = *descriptor;
    list->count++;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfCmResourceListInsertDescriptor(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCMRESLIST List,
                                                      PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor, ULONG Index)
{
    static const char call[] = "WdfCmResourceListInsertDescriptor";
    struct wdf_cm_list *list = wdf_from_handle(DriverGlobals, List, &wdf_cm_list_type, call);
    wdf_require(wdf_client(DriverGlobals), Descriptor, call, "Descriptor");
    return insert(list, Descriptor, Index);
}
WDF_EXPORT(WdfCmResourceListInsertDescriptor, PFN_WDFCMRESOURCELISTINSERTDESCRIPTOR);

NTSTATUS NTAPI kmdf_WdfCmResourceListAppendDescriptor(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCMRESLIST List,
                                                      PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor)
{
    static const char call[] = "WdfCmResourceListAppendDescriptor";
    struct wdf_cm_list *list = wdf_from_handle(DriverGlobals, List, &wdf_cm_list_type, call);
    wdf_require(wdf_client(DriverGlobals), Descriptor, call, "Descriptor");
    return insert(list, Descriptor, WDF_INSERT_AT_END);
}
WDF_EXPORT(WdfCmResourceListAppendDescriptor, PFN_WDFCMRESOURCELISTAPPENDDESCRIPTOR);

/* What may not be removed, or is not there, stays: the methods have no status to say so. */
static void remove_at(struct wdf_cm_list *list, ULONG index, const char *call)
{
    if (!(list->allowed & WDF_LIST_REMOVE) || index >= list->count) {
        ke_trace("%s, %s: %s", list->object.client->globals.DriverName, call,
                 index >= list->count ? "no such descriptor" : "the list may not be changed here");
        return;
    }
    list->count--;
    RtlMoveMemory(&list->descriptors[index], &list->descriptors[index + 1],
                  (list->count - index) * sizeof(*list->descriptors));
}

VOID NTAPI kmdf_WdfCmResourceListRemove(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCMRESLIST List, ULONG Index)
{
    static const char call[] = "WdfCmResourceListRemove";
    remove_at(wdf_from_handle(DriverGlobals, List, &wdf_cm_list_type, call), Index, call);
}
WDF_EXPORT(WdfCmResourceListRemove, PFN_WDFCMRESOURCELISTREMOVE);

VOID NTAPI kmdf_WdfCmResourceListRemoveByDescriptor(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCMRESLIST List,
                                                    PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor)
{
    static const char call[] = "WdfCmResourceListRemoveByDescriptor";
    struct wdf_cm_list *list = wdf_from_handle(DriverGlobals, List, &wdf_cm_list_type, call);
    wdf_require(wdf_client(DriverGlobals), Descriptor, call, "Descriptor");
    ULONG index = 0;
    while (index < list->count &&
           RtlCompareMemory(&list->descriptors[index], Descriptor, sizeof(*Descriptor)) != sizeof(*Descriptor))
        index++;
    remove_at(list, index, call);
}
WDF_EXPORT(WdfCmResourceListRemoveByDescriptor, PFN_WDFCMRESOURCELISTREMOVEBYDESCRIPTOR);

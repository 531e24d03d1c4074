/*
 * Lightweight filter drivers and their modules: registration, attach and detach, pause and restart, and the events and
 * requests that modules pass on. Data handlers that a module leaves out do not exist for the data path (path.c): such a
 * module costs nothing there.
 *
 * Pages: "NDIS Filter Drivers", "Attaching a Filter Module", "NDIS_FILTER_DRIVER_CHARACTERISTICS structure".
 */
#include <stdio.h>
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"
#include "ntoskrnl/cm/cm.h"

/* ---- attach and detach: operation lock held, stack paused
 * ------------------------------------------------------------------- */

static void default_handlers(struct ndis_filter *filter)
{
    const NDIS_FILTER_DRIVER_CHARACTERISTICS *chars = &filter->driver->chars;

    filter->handlers = (NDIS_FILTER_PARTIAL_CHARACTERISTICS){
        .SendNetBufferListsHandler = chars->SendNetBufferListsHandler,
        .SendNetBufferListsCompleteHandler = chars->SendNetBufferListsCompleteHandler,
        .CancelSendNetBufferListsHandler = chars->CancelSendNetBufferListsHandler,
        .ReceiveNetBufferListsHandler = chars->ReceiveNetBufferListsHandler,
        .ReturnNetBufferListsHandler = chars->ReturnNetBufferListsHandler,
    };
}

static void fill_attach_header(const struct ndis_filter_driver *driver, NDIS_OBJECT_HEADER *header)
{
    UCHAR minor = driver->chars.MinorNdisVersion;

    header->Type = NDIS_OBJECT_TYPE_FILTER_ATTACH_PARAMETERS;
    if (minor >= 30) {
        header->Revision = NDIS_FILTER_ATTACH_PARAMETERS_REVISION_4;
        header->Size = NDIS_SIZEOF_FILTER_ATTACH_PARAMETERS_REVISION_4;
    } else if (minor >= 20) {
        header->Revision = NDIS_FILTER_ATTACH_PARAMETERS_REVISION_3;
        header->Size = NDIS_SIZEOF_FILTER_ATTACH_PARAMETERS_REVISION_3;
    } else if (minor >= 1) {
        header->Revision = NDIS_FILTER_ATTACH_PARAMETERS_REVISION_2;
        header->Size = NDIS_SIZEOF_FILTER_ATTACH_PARAMETERS_REVISION_2;
    } else {
        header->Revision = NDIS_FILTER_ATTACH_PARAMETERS_REVISION_1;
        header->Size = NDIS_SIZEOF_FILTER_ATTACH_PARAMETERS_REVISION_1;
    }
}

static void fill_attach_parameters(struct ndis_filter *filter, UNICODE_STRING *module_name,
                                   NDIS_FILTER_ATTACH_PARAMETERS *parameters)
{
    struct ndis_adapter *adapter = filter->adapter;
    const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES *general = &adapter->general;
    NDIS_LINK_STATE link = ndis_link_state(adapter);

    *parameters = (NDIS_FILTER_ATTACH_PARAMETERS){
        .IfIndex = filter->if_index,
        .NetLuid = filter->luid,
        .FilterModuleGuidName = module_name,
        .BaseMiniportIfIndex = adapter->if_index,
        .BaseMiniportInstanceName = &adapter->instance_name,
        .BaseMiniportName = &adapter->name,
        .MediaConnectState = link.MediaConnectState,
        .MediaDuplexState = link.MediaDuplexState,
        .XmitLinkSpeed = link.XmitLinkSpeed,
        .RcvLinkSpeed = link.RcvLinkSpeed,
        .MiniportMediaType = general->MediaType,
        .MiniportPhysicalMediaType = general->PhysicalMediumType,
        .DefaultOffloadConfiguration = adapter->offload_default,
        .MacAddressLength = general->MacAddressLength,
        .BaseMiniportNetLuid = adapter->luid,
        .LowerIfIndex = adapter->if_index,
        .LowerIfNetLuid = adapter->luid,
        .MiniportPhysicalDeviceObject = adapter->pdo,
        .BaseMiniportIfConnectorPresent = general->IfConnectorPresent,
    };
    memcpy(parameters->CurrentMacAddress, general->CurrentMacAddress, sizeof(parameters->CurrentMacAddress));
    fill_attach_header(filter->driver, &parameters->Header);
}

static struct ndis_filter *make_filter(struct ndis_adapter *adapter, struct ndis_filter_driver *driver)
{
    struct ndis_filter *filter = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*filter), NDIS_TAG);

    if (filter == NULL)
        return NULL;
    filter->object = (struct ndis_object){{NDIS_KIND_FILTER, 1, sizeof(*filter)}, NDIS_OBJECT_MAGIC};
    filter->driver = driver;
    filter->adapter = adapter;
    filter->if_index = __atomic_add_fetch(&ndis.next_if_index, 1, __ATOMIC_RELAXED);
    filter->luid = adapter->luid;
    snprintf(filter->module_name, sizeof(filter->module_name), "%s-%s-0000", adapter->guid, driver->unique_name);
    KeInitializeEvent(&filter->transition, NotificationEvent, FALSE);
    ndis_request_queue_initialize(&filter->requests);
    default_handlers(filter);
    return filter;
}

static void attach(struct ndis_adapter *adapter, struct ndis_filter_driver *driver)
{
    struct ndis_filter *filter = make_filter(adapter, driver);
    NDIS_FILTER_ATTACH_PARAMETERS parameters;
    UNICODE_STRING module_name;
    WCHAR name[160];
    NDIS_STATUS status;

    if (filter == NULL)
        return;
    module_name.Length = (USHORT)(cm_to_utf16(filter->module_name, name, ARRAYSIZE(name)) * sizeof(WCHAR));
    module_name.MaximumLength = sizeof(name);
    module_name.Buffer = name;
    fill_attach_parameters(filter, &module_name, &parameters);
    filter->in_attach = true;
    status = driver->chars.AttachHandler(filter, driver->context, &parameters);
    ke_check_irql(PASSIVE_LEVEL, (const void *)driver->chars.AttachHandler, "FilterAttach");
    filter->in_attach = false;
    ke_trace("NDIS: filter %s attached to %s: status 0x%08X", driver->name, adapter->instance_path, status);
    if (status == NDIS_STATUS_SUCCESS && !filter->attributes_set)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, filter, "FilterAttach of %s succeeded without calling NdisFSetAttributes",
                      driver->name);
    if (status != NDIS_STATUS_SUCCESS) {
        filter->object.magic = 0;
        ExFreePoolWithTag(filter, NDIS_TAG);
        return;
    }
    filter->state = NDIS_LAYER_PAUSED;
    ke_lock(&adapter->list_lock);
    InsertTailList(&adapter->filters, &filter->link);
    ke_unlock(&adapter->list_lock);
}

void ndis_detach(struct ndis_filter *filter)
{
    LONGLONG begin = ke_now();
    bool reported = false;

    ndis_request_queue_close(&filter->requests, true);
    ndis_request_queue_drain(&filter->requests, filter->driver->name);
    ke_lock(&filter->adapter->list_lock);
    RemoveEntryList(&filter->link);
    ke_unlock(&filter->adapter->list_lock);
    while (__atomic_load_n(&filter->callers, __ATOMIC_ACQUIRE) != 0)
        ndis_patience(begin, &reported, "a status indication", filter->driver->name);
    filter->driver->chars.DetachHandler(filter->context);
    ke_check_irql(PASSIVE_LEVEL, (const void *)filter->driver->chars.DetachHandler, "FilterDetach");
    ke_trace("NDIS: filter %s detached from %s", filter->driver->name, filter->adapter->instance_path);
    filter->object.magic = 0;
    ExFreePoolWithTag(filter, NDIS_TAG);
}

static struct ndis_filter *module_of(struct ndis_adapter *adapter, const struct ndis_filter_driver *driver)
{
    for (LIST_ENTRY *entry = adapter->filters.Flink; entry != &adapter->filters; entry = entry->Flink) {
        struct ndis_filter *filter = CONTAINING_RECORD(entry, struct ndis_filter, link);
        if (filter->driver == driver)
            return filter;
    }
    return NULL;
}

static struct ndis_filter_driver *next_driver(struct ndis_filter_driver *previous)
{
    LIST_ENTRY *link = ndis_next_held(&ndis.filter_drivers, previous == NULL ? NULL : &previous->link,
                                      (ptrdiff_t)offsetof(struct ndis_filter_driver, references) -
                                          (ptrdiff_t)offsetof(struct ndis_filter_driver, link));
    return link == NULL ? NULL : CONTAINING_RECORD(link, struct ndis_filter_driver, link);
}

void ndis_attach_all(struct ndis_adapter *adapter)
{
    struct ndis_filter_driver *driver = NULL;

    while ((driver = next_driver(driver)) != NULL)
        if (!driver->deregistering && module_of(adapter, driver) == NULL)
            attach(adapter, driver);
}

/* ---- pause and restart
 * -------------------------------------------------------------------------------------------------------- */

void ndis_filter_pause(struct ndis_filter *filter, ULONG reason)
{
    NDIS_FILTER_PAUSE_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_FILTER_PAUSE_PARAMETERS, NDIS_FILTER_PAUSE_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_FILTER_PAUSE_PARAMETERS_REVISION_1},
        .PauseReason = reason,
    };
    FILTER_PAUSE_HANDLER handler = filter->driver->chars.PauseHandler;
    NDIS_STATUS status;

    if (filter->state != NDIS_LAYER_RUNNING)
        return;
    filter->state = NDIS_LAYER_PAUSING;
    KeClearEvent(&filter->transition);
    status = handler(filter->context, &parameters);
    ke_check_irql(PASSIVE_LEVEL, (const void *)handler, "FilterPause");
    if (status == NDIS_STATUS_PENDING)
        KeWaitForSingleObject(&filter->transition, Executive, KernelMode, FALSE, NULL);
    filter->state = NDIS_LAYER_PAUSED;
}

static void set_module_options(struct ndis_filter *filter)
{
    FILTER_SET_FILTER_MODULE_OPTIONS_HANDLER handler = filter->driver->chars.SetFilterModuleOptionsHandler;

    default_handlers(filter);
    if (handler == NULL)
        return;
    filter->in_set_options = true;
    handler(filter->context);
    ke_check_irql(PASSIVE_LEVEL, (const void *)handler, "FilterSetModuleOptions");
    filter->in_set_options = false;
}

NDIS_STATUS ndis_filter_restart(struct ndis_filter *filter, PNDIS_RESTART_ATTRIBUTES attributes)
{
    struct ndis_adapter *adapter = filter->adapter;
    NDIS_FILTER_RESTART_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_FILTER_RESTART_PARAMETERS, NDIS_FILTER_RESTART_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_FILTER_RESTART_PARAMETERS_REVISION_1},
        .MiniportMediaType = adapter->general.MediaType,
        .MiniportPhysicalMediaType = adapter->general.PhysicalMediumType,
        .RestartAttributes = attributes,
        .LowerIfIndex = adapter->if_index,
        .LowerIfNetLuid = adapter->luid,
    };
    FILTER_RESTART_HANDLER handler = filter->driver->chars.RestartHandler;
    NDIS_STATUS status;

    set_module_options(filter);
    filter->state = NDIS_LAYER_RESTARTING;
    KeClearEvent(&filter->transition);
    status = handler(filter->context, &parameters);
    ke_check_irql(PASSIVE_LEVEL, (const void *)handler, "FilterRestart");
    if (status == NDIS_STATUS_PENDING) {
        KeWaitForSingleObject(&filter->transition, Executive, KernelMode, FALSE, NULL);
        status = filter->transition_status;
    }
    filter->state = status == NDIS_STATUS_SUCCESS ? NDIS_LAYER_RUNNING : NDIS_LAYER_PAUSED;
    return status;
}

static void complete_transition(NDIS_HANDLE handle, enum ndis_layer_state expected, NDIS_STATUS status,
                                const char *function)
{
    struct ndis_filter *filter = ndis_check_handle(handle, NDIS_KIND_FILTER, function);

    if (filter->state != expected)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, filter, "%s: filter module of %s has no such operation pending", function,
                      filter->driver->name);
    filter->transition_status = status;
    KeSetEvent(&filter->transition, IO_NO_INCREMENT, FALSE);
}

VOID NTAPI NdisFPauseComplete(NDIS_HANDLE NdisFilterHandle)
{
    complete_transition(NdisFilterHandle, NDIS_LAYER_PAUSING, NDIS_STATUS_SUCCESS, "NdisFPauseComplete");
}
NT_EXPORT(NdisFPauseComplete);

VOID NTAPI NdisFRestartComplete(NDIS_HANDLE NdisFilterHandle, NDIS_STATUS Status)
{
    complete_transition(NdisFilterHandle, NDIS_LAYER_RESTARTING, Status, "NdisFRestartComplete");
}
NT_EXPORT(NdisFRestartComplete);

static struct ndis_adapter *next_adapter(struct ndis_adapter *previous)
{
    struct ndis_adapter *found = NULL;
    LIST_ENTRY *entry;

    ke_lock(&ndis.lock);
    entry = previous == NULL || !previous->listed ? ndis.adapters.Flink : previous->link.Flink;
    if (entry != &ndis.adapters) {
        found = CONTAINING_RECORD(entry, struct ndis_adapter, link);
        ndis_adapter_reference(found);
    }
    ke_unlock(&ndis.lock);
    if (previous != NULL)
        ndis_adapter_release(previous);
    return found;
}

/* Pauses and restarts the stack of the adapter that still has the module. */
static void restart_stack_of(void *context)
{
    struct ndis_adapter *adapter = NULL;

    while ((adapter = next_adapter(adapter)) != NULL) {
        bool mine = false;
        ndis_adapter_lock(adapter);
        for (LIST_ENTRY *entry = adapter->filters.Flink; entry != &adapter->filters; entry = entry->Flink)
            mine = mine || CONTAINING_RECORD(entry, struct ndis_filter, link) == context;
        if (mine && adapter->state == NDIS_ADAPTER_RUNNING) {
            ndis_stack_pause(adapter, NDIS_PAUSE_FILTER_RESTART_STACK);
            ndis_stack_restart(adapter);
        }
        ndis_adapter_unlock(adapter);
    }
}

NDIS_STATUS NTAPI NdisFRestartFilter(NDIS_HANDLE NdisFilterHandle)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFRestartFilter");
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return ndis_worker_queue(restart_stack_of, filter) ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
}
NT_EXPORT(NdisFRestartFilter);

NDIS_STATUS NTAPI NdisFSetAttributes(NDIS_HANDLE NdisFilterHandle, NDIS_HANDLE FilterModuleContext,
                                     PNDIS_FILTER_ATTRIBUTES FilterAttributes)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFSetAttributes");

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (!filter->in_attach)
        return NDIS_STATUS_INVALID_STATE;
    if (FilterModuleContext == NULL || FilterAttributes == NULL ||
        !ndis_header_valid(&FilterAttributes->Header, NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES,
                           NDIS_FILTER_ATTRIBUTES_REVISION_1, NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1))
        return NDIS_STATUS_INVALID_PARAMETER;
    filter->context = FilterModuleContext;
    filter->attributes_set = true;
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisFSetAttributes);

/* ---- events
 * -------------------------------------------------------------------------------------------------------------------
 */

NDIS_STATUS NTAPI NdisFNetPnPEvent(NDIS_HANDLE NdisFilterHandle, PNET_PNP_EVENT_NOTIFICATION NetPnPEventNotification)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFNetPnPEvent");
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    return ndis_stack_net_event(filter->adapter, filter, NetPnPEventNotification);
}
NT_EXPORT(NdisFNetPnPEvent);

VOID NTAPI NdisFDevicePnPEventNotify(NDIS_HANDLE NdisFilterHandle, PNET_DEVICE_PNP_EVENT NetDevicePnPEvent)
{
    struct ndis_filter *filter = ndis_check_handle(NdisFilterHandle, NDIS_KIND_FILTER, "NdisFDevicePnPEventNotify");
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    ndis_stack_device_event(filter->adapter, filter, NetDevicePnPEvent);
}
NT_EXPORT(NdisFDevicePnPEventNotify);

/* ---- registration
 * -------------------------------------------------------------------------------------------------------------- */

static NDIS_STATUS check_characteristics(const NDIS_FILTER_DRIVER_CHARACTERISTICS *chars)
{
    UCHAR minor = chars->MinorNdisVersion;

    if (!ndis_header_valid(&chars->Header, NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
                           NDIS_FILTER_CHARACTERISTICS_REVISION_1,
                           NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if (chars->MajorNdisVersion != 6 || (minor != 0 && minor != 1 && minor != 20 && minor != 30))
        return NDIS_STATUS_BAD_VERSION;
    if (chars->Header.Revision >= NDIS_FILTER_CHARACTERISTICS_REVISION_2 &&
        chars->Header.Size < NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_2)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if (chars->AttachHandler == NULL || chars->DetachHandler == NULL || chars->RestartHandler == NULL ||
        chars->PauseHandler == NULL || chars->FriendlyName.Length == 0 || chars->UniqueName.Length == 0 ||
        chars->ServiceName.Length == 0)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    /* Whoever takes part in a direction of the data path takes part in both halves of it. */
    if ((chars->SendNetBufferListsHandler != NULL && chars->SendNetBufferListsCompleteHandler == NULL) ||
        (chars->ReceiveNetBufferListsHandler != NULL && chars->ReturnNetBufferListsHandler == NULL) ||
        (chars->OidRequestHandler != NULL && chars->OidRequestCompleteHandler == NULL))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    return NDIS_STATUS_SUCCESS;
}

static void attach_running(struct ndis_adapter *adapter, struct ndis_filter_driver *driver)
{
    ndis_adapter_lock(adapter);
    if (adapter->initialized && !adapter->removing && !adapter->start_pending && !adapter->low_power &&
        module_of(adapter, driver) == NULL) {
        ndis_stack_pause(adapter, NDIS_PAUSE_ATTACH_FILTER);
        attach(adapter, driver);
        ndis_stack_restart(adapter);
    }
    ndis_adapter_unlock(adapter);
}

static void release_driver(struct ndis_filter_driver *driver)
{
    ke_lock(&ndis.lock);
    driver->references--;
    ke_unlock(&ndis.lock);
    ndis_notify_change();
}

static void attach_everywhere(void *context)
{
    struct ndis_filter_driver *driver = context;
    struct ndis_adapter *adapter = NULL;

    while ((adapter = next_adapter(adapter)) != NULL)
        if (!driver->deregistering)
            attach_running(adapter, driver);
    release_driver(driver);
}

NDIS_STATUS NTAPI NdisFRegisterFilterDriver(PDRIVER_OBJECT DriverObject, NDIS_HANDLE FilterDriverContext,
                                            PNDIS_FILTER_DRIVER_CHARACTERISTICS FilterDriverCharacteristics,
                                            PNDIS_HANDLE NdisFilterDriverHandle)
{
    struct ndis_filter_driver *driver;
    NDIS_STATUS status;
    size_t size;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (DriverObject == NULL || FilterDriverCharacteristics == NULL || NdisFilterDriverHandle == NULL)
        return NDIS_STATUS_INVALID_PARAMETER;
    *NdisFilterDriverHandle = NULL;
    status = check_characteristics(FilterDriverCharacteristics);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    driver = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*driver), NDIS_TAG);
    if (driver == NULL)
        return NDIS_STATUS_RESOURCES;
    driver->object = (struct ndis_object){{NDIS_KIND_FILTER_DRIVER, 1, sizeof(*driver)}, NDIS_OBJECT_MAGIC};
    driver->driver = DriverObject;
    driver->context = FilterDriverContext;
    driver->references = 1;
    size = FilterDriverCharacteristics->Header.Size;
    memcpy(&driver->chars, FilterDriverCharacteristics, size < sizeof(driver->chars) ? size : sizeof(driver->chars));
    if (FilterDriverCharacteristics->Header.Revision < NDIS_FILTER_CHARACTERISTICS_REVISION_2)
        driver->chars.DirectOidRequestHandler = NULL;
    ndis_to_utf8(&FilterDriverCharacteristics->ServiceName, driver->name, sizeof(driver->name));
    ndis_to_utf8(&FilterDriverCharacteristics->UniqueName, driver->unique_name, sizeof(driver->unique_name));
    *NdisFilterDriverHandle = driver;
    if (driver->chars.SetOptionsHandler != NULL) {
        status = driver->chars.SetOptionsHandler(driver, FilterDriverContext);
        if (status != NDIS_STATUS_SUCCESS) {
            *NdisFilterDriverHandle = NULL;
            ExFreePoolWithTag(driver, NDIS_TAG);
            return status;
        }
    }
    ke_lock(&ndis.lock);
    InsertTailList(&ndis.filter_drivers, &driver->link);
    ke_unlock(&ndis.lock);
    if (!ndis_worker_queue(attach_everywhere, driver))
        release_driver(driver);
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisFRegisterFilterDriver);

static void detach_running(struct ndis_adapter *adapter, struct ndis_filter_driver *driver)
{
    struct ndis_filter *filter;

    ndis_adapter_lock(adapter);
    filter = module_of(adapter, driver);
    if (filter != NULL) {
        ndis_stack_pause(adapter, NDIS_PAUSE_DETACH_FILTER);
        ndis_detach(filter);
        ndis_stack_restart(adapter);
    }
    ndis_adapter_unlock(adapter);
}

VOID NTAPI NdisFDeregisterFilterDriver(NDIS_HANDLE NdisFilterDriverHandle)
{
    struct ndis_filter_driver *driver =
        ndis_check_handle(NdisFilterDriverHandle, NDIS_KIND_FILTER_DRIVER, "NdisFDeregisterFilterDriver");
    struct ndis_adapter *adapter = NULL;
    bool referenced = true;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    driver->deregistering = true;
    while ((adapter = next_adapter(adapter)) != NULL)
        detach_running(adapter, driver);
    while (referenced) {
        uint32_t seen = __atomic_load_n(&ndis.changes, __ATOMIC_SEQ_CST);

        ke_lock(&ndis.lock);
        referenced = driver->references != 0;
        if (!referenced)
            RemoveEntryList(&driver->link);
        ke_unlock(&ndis.lock);
        if (referenced)
            ke_wait_on_address(&ndis.changes, seen, KE_FOREVER);
    }
    driver->object.magic = 0;
    ExFreePoolWithTag(driver, NDIS_TAG);
}
NT_EXPORT(NdisFDeregisterFilterDriver);

/*
 * Miniport drivers: registration with its checks, the optional handlers, and the end of a driver. NDIS becomes the
 * driver's face towards the I/O and Plug and Play managers: it takes over AddDevice, DriverUnload and the dispatch
 * table, which is why an NDIS-WDM miniport never sees an IRP of its own device stack.
 *
 * Pages: "NdisMRegisterMiniportDriver function", "NDIS_MINIPORT_DRIVER_CHARACTERISTICS structure",
 * "NdisSetOptionalHandlers function", "Unloading a Driver".
 */
#include <stdio.h>
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"
#include "ndis/services.h"

struct ndis_miniport_driver *ndis_find_miniport_driver(PDRIVER_OBJECT driver, bool intermediate)
{
    struct ndis_miniport_driver *found = NULL;

    ke_lock(&ndis.lock);
    for (LIST_ENTRY *entry = ndis.miniports.Flink; entry != &ndis.miniports && found == NULL; entry = entry->Flink) {
        struct ndis_miniport_driver *candidate = CONTAINING_RECORD(entry, struct ndis_miniport_driver, link);
        if (candidate->driver == driver && ((candidate->chars.Flags & NDIS_INTERMEDIATE_DRIVER) != 0) == intermediate)
            found = candidate;
    }
    ke_unlock(&ndis.lock);
    return found;
}

/* The NDIS versions that exist up to the one we are. */
static bool version_known(UCHAR major, UCHAR minor)
{
    return major == 6 && (minor == 0 || minor == 1 || minor == 20 || minor == 30);
}

static bool handlers_present(const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *chars)
{
    return chars->InitializeHandlerEx != NULL && chars->HaltHandlerEx != NULL && chars->UnloadHandler != NULL &&
           chars->PauseHandler != NULL && chars->RestartHandler != NULL && chars->OidRequestHandler != NULL &&
           chars->SendNetBufferListsHandler != NULL && chars->ReturnNetBufferListsHandler != NULL &&
           chars->CancelSendHandler != NULL && chars->DevicePnPEventNotifyHandler != NULL &&
           chars->ShutdownHandlerEx != NULL && chars->CancelOidRequestHandler != NULL;
}

static NDIS_STATUS check_characteristics(const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *chars)
{
    const NDIS_OBJECT_HEADER *header = &chars->Header;

    if (!ndis_header_valid(header, NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
                           NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1,
                           NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if (!version_known(chars->MajorNdisVersion, chars->MinorNdisVersion))
        return NDIS_STATUS_BAD_VERSION;
    if (chars->MinorNdisVersion >= 1 && header->Revision >= NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2 &&
        header->Size < NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if ((chars->Flags & ~(ULONG)(NDIS_INTERMEDIATE_DRIVER | NDIS_WDM_DRIVER)) != 0)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if ((chars->CheckForHangHandlerEx != NULL) && chars->ResetHandlerEx == NULL)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    return handlers_present(chars) ? NDIS_STATUS_SUCCESS : NDIS_STATUS_BAD_CHARACTERISTICS;
}

static struct ndis_miniport_driver *any_registration(PDRIVER_OBJECT driver)
{
    struct ndis_miniport_driver *miniport = ndis_find_miniport_driver(driver, false);
    return miniport != NULL ? miniport : ndis_find_miniport_driver(driver, true);
}

/* DriverObject->DriverUnload of every miniport driver. */
static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    struct ndis_miniport_driver *miniport = any_registration(driver);
    MINIPORT_DRIVER_UNLOAD handler;
    char first[96];
    size_t pools;

    if (miniport == NULL)
        return;
    handler = miniport->chars.UnloadHandler; /* the handler ends the registration */
    handler(driver);
    ke_check_irql(PASSIVE_LEVEL, (const void *)handler, "MiniportDriverUnload");
    miniport = any_registration(driver);
    if (miniport != NULL)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, miniport,
                      "MiniportDriverUnload of %s returned without calling NdisMDeregisterMiniportDriver",
                      miniport->name);
    pools = ndis_library_find_pools(driver->DriverStart, driver->DriverSize, first, sizeof(first));
    if (pools != 0)
        ndis_report("the unloading driver leaves %zu packet descriptor pool(s) allocated: %s", pools, first);
}

static void take_over(struct ndis_miniport_driver *miniport)
{
    PDRIVER_OBJECT driver = miniport->driver;

    driver->DriverUnload = unload;
    if ((miniport->chars.Flags & NDIS_INTERMEDIATE_DRIVER) == 0)
        driver->DriverExtension->AddDevice = ndis_add_device;
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        driver->MajorFunction[i] = ndis_dispatch;
}

NDIS_STATUS NTAPI NdisMRegisterMiniportDriver(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                                              NDIS_HANDLE MiniportDriverContext,
                                              PNDIS_MINIPORT_DRIVER_CHARACTERISTICS MiniportDriverCharacteristics,
                                              PNDIS_HANDLE NdisMiniportDriverHandle)
{
    struct ndis_miniport_driver *miniport;
    NDIS_STATUS status;
    size_t size;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (DriverObject == NULL || RegistryPath == NULL || MiniportDriverCharacteristics == NULL ||
        NdisMiniportDriverHandle == NULL)
        return NDIS_STATUS_INVALID_PARAMETER;
    *NdisMiniportDriverHandle = NULL;
    status = check_characteristics(MiniportDriverCharacteristics);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    miniport = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*miniport), NDIS_TAG);
    if (miniport == NULL)
        return NDIS_STATUS_RESOURCES;
    miniport->object = (struct ndis_object){{NDIS_KIND_MINIPORT_DRIVER, 1, sizeof(*miniport)}, NDIS_OBJECT_MAGIC};
    miniport->driver = DriverObject;
    miniport->context = MiniportDriverContext;
    size = MiniportDriverCharacteristics->Header.Size;
    memcpy(&miniport->chars, MiniportDriverCharacteristics,
           size < sizeof(miniport->chars) ? size : sizeof(miniport->chars));
    if (MiniportDriverCharacteristics->Header.Revision < NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2)
        miniport->chars.DirectOidRequestHandler = NULL;
    snprintf(miniport->name, sizeof(miniport->name), "%s", io_driver_name(DriverObject));
    take_over(miniport);
    ke_lock(&ndis.lock);
    InsertTailList(&ndis.miniports, &miniport->link);
    ke_unlock(&ndis.lock);
    *NdisMiniportDriverHandle = miniport;

    if (miniport->chars.SetOptionsHandler != NULL) {
        miniport->registering = true;
        status = miniport->chars.SetOptionsHandler(miniport, MiniportDriverContext);
        ke_check_irql(PASSIVE_LEVEL, (const void *)miniport->chars.SetOptionsHandler, "MiniportSetOptions");
        miniport->registering = false;
        if (status != NDIS_STATUS_SUCCESS) {
            NdisMDeregisterMiniportDriver(miniport);
            *NdisMiniportDriverHandle = NULL;
            return status;
        }
    }
    ke_trace("NDIS: miniport driver %s registered for NDIS %u.%u", miniport->name, miniport->chars.MajorNdisVersion,
             miniport->chars.MinorNdisVersion);
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisMRegisterMiniportDriver);

VOID NTAPI NdisMDeregisterMiniportDriver(NDIS_HANDLE NdisMiniportDriverHandle)
{
    struct ndis_miniport_driver *miniport =
        ndis_check_handle(NdisMiniportDriverHandle, NDIS_KIND_MINIPORT_DRIVER, "NdisMDeregisterMiniportDriver");

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (miniport->adapters != 0)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, miniport, "NdisMDeregisterMiniportDriver: %s still has %d adapter(s)",
                      miniport->name, miniport->adapters);
    ke_lock(&ndis.lock);
    RemoveEntryList(&miniport->link);
    ke_unlock(&ndis.lock);
    /* A DriverEntry that fails later must not leave our entry points in its driver object. */
    miniport->driver->DriverExtension->AddDevice = NULL;
    miniport->object.magic = 0;
    ExFreePoolWithTag(miniport, NDIS_TAG);
}
NT_EXPORT(NdisMDeregisterMiniportDriver);

/*
 * Selective suspend is accepted and never used: NDIS may let a device idle, and decides when. Ours keeps devices awake,
 * so MiniportIdleNotification is not called and NdisMIdleNotificationConfirm and -Complete have nothing to answer.
 */
static NDIS_STATUS check_selective_suspend(const NDIS_MINIPORT_SS_CHARACTERISTICS *ss)
{
    return ss->Header.Revision >= NDIS_MINIPORT_SS_CHARACTERISTICS_REVISION_1 &&
                   ss->Header.Size >= NDIS_SIZEOF_MINIPORT_SS_CHARACTERISTICS_REVISION_1 &&
                   ss->IdleNotificationHandler != NULL && ss->CancelIdleNotificationHandler != NULL
               ? NDIS_STATUS_SUCCESS
               : NDIS_STATUS_BAD_CHARACTERISTICS;
}

VOID NTAPI NdisMIdleNotificationConfirm(NDIS_HANDLE MiniportAdapterHandle, DEVICE_POWER_STATE IdlePowerState)
{
    struct ndis_adapter *adapter =
        ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMIdleNotificationConfirm");
    UNREFERENCED_PARAMETER(IdlePowerState);
    ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter, "NdisMIdleNotificationConfirm: adapter %s has no idle notification",
                  adapter->instance_path);
}
NT_EXPORT(NdisMIdleNotificationConfirm);

VOID NTAPI NdisMIdleNotificationComplete(NDIS_HANDLE MiniportAdapterHandle)
{
    struct ndis_adapter *adapter =
        ndis_check_handle(MiniportAdapterHandle, NDIS_KIND_ADAPTER, "NdisMIdleNotificationComplete");
    ndis_bugcheck(BUGCODE_NDIS_DRIVER, adapter, "NdisMIdleNotificationComplete: adapter %s has no idle notification",
                  adapter->instance_path);
}
NT_EXPORT(NdisMIdleNotificationComplete);

static NDIS_STATUS set_miniport_options(struct ndis_miniport_driver *miniport, PNDIS_DRIVER_OPTIONAL_HANDLERS handlers)
{
    const NDIS_MINIPORT_PNP_CHARACTERISTICS *pnp = (const NDIS_MINIPORT_PNP_CHARACTERISTICS *)handlers;

    if (!miniport->registering)
        return NDIS_STATUS_INVALID_STATE;
    if (handlers->Header.Type == NDIS_OBJECT_TYPE_MINIPORT_SS_CHARACTERISTICS)
        return check_selective_suspend((const NDIS_MINIPORT_SS_CHARACTERISTICS *)handlers);
    if (handlers->Header.Type != NDIS_OBJECT_TYPE_MINIPORT_PNP_CHARACTERISTICS)
        return NDIS_STATUS_NOT_SUPPORTED;
    if (handlers->Header.Revision < NDIS_MINIPORT_PNP_CHARACTERISTICS_REVISION_1 ||
        handlers->Header.Size < NDIS_SIZEOF_MINIPORT_PNP_CHARACTERISTICS_REVISION_1 ||
        pnp->MiniportAddDeviceHandler == NULL || pnp->MiniportRemoveDeviceHandler == NULL)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    memcpy(&miniport->pnp, pnp, NDIS_SIZEOF_MINIPORT_PNP_CHARACTERISTICS_REVISION_1);
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS set_filter_options(struct ndis_filter *filter, PNDIS_DRIVER_OPTIONAL_HANDLERS handlers)
{
    const NDIS_FILTER_PARTIAL_CHARACTERISTICS *partial = (const NDIS_FILTER_PARTIAL_CHARACTERISTICS *)handlers;

    if (!filter->in_set_options)
        return NDIS_STATUS_INVALID_STATE;
    if (!ndis_header_valid(&handlers->Header, NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS,
                           NDIS_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1,
                           NDIS_SIZEOF_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if ((partial->SendNetBufferListsHandler == NULL) != (partial->SendNetBufferListsCompleteHandler == NULL) ||
        (partial->ReceiveNetBufferListsHandler == NULL) != (partial->ReturnNetBufferListsHandler == NULL))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    memcpy(&filter->handlers, partial, NDIS_SIZEOF_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI NdisSetOptionalHandlers(NDIS_HANDLE NdisHandle, PNDIS_DRIVER_OPTIONAL_HANDLERS OptionalHandlers)
{
    struct ndis_object *object = NdisHandle;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (object == NULL || object->magic != NDIS_OBJECT_MAGIC || OptionalHandlers == NULL)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (object->Header.Type == NDIS_KIND_MINIPORT_DRIVER)
        return set_miniport_options(NdisHandle, OptionalHandlers);
    if (object->Header.Type == NDIS_KIND_FILTER)
        return set_filter_options(NdisHandle, OptionalHandlers);
    return NDIS_STATUS_NOT_SUPPORTED;
}
NT_EXPORT(NdisSetOptionalHandlers);

/*
 * The framework driver object: the root of a driver's objects, and what the framework makes of the driver's
 * DRIVER_OBJECT. For an ordinary driver the framework takes AddDevice, all dispatch routines and DriverUnload; for a
 * miniport (WdfDriverInitNoDispatchOverride) all of them stay with the port driver, here NDIS, and the driver says
 * itself when it unloads: WdfDriverMiniportUnload.
 *
 * Public pages: "WdfDriverCreate method", "WDF_DRIVER_CONFIG structure", "WDF_DRIVER_INIT_FLAGS enumeration",
 * "WdfDriverMiniportUnload method", "Creating Kernel-Mode Driver Framework Miniport Drivers".
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/ex/ex.h"
#include "wdf/wdf.h"

static void driver_destroy(struct wdf_object *object)
{
    object->client->globals.Driver = NULL;
    object->client->driver = NULL;
}

const struct wdf_type wdf_driver_type = {
    .name = "WDFDRIVER",
    .flags = WDF_TYPE_NO_DELETE | WDF_TYPE_PASSIVE | WDF_TYPE_NO_PARENT | WDF_TYPE_EXECUTION_LEVEL |
             WDF_TYPE_SYNCHRONIZATION,
    .destroy = driver_destroy,
};

struct wdf_client *wdf_client_of(PDRIVER_OBJECT driver_object)
{
    struct wdf_client *found = NULL;
    ke_lock(&wdf_state.lock);
    for (LIST_ENTRY *entry = wdf_state.clients.Flink; entry != NULL && entry != &wdf_state.clients && found == NULL;
         entry = entry->Flink) {
        struct wdf_client *client = CONTAINING_RECORD(entry, struct wdf_client, entry);
        if (client->driver_object == driver_object)
            found = client;
    }
    ke_unlock(&wdf_state.lock);
    return found;
}

/* ---- unload ---------------------------------------------------------------------------------------------------------
 */

void wdf_driver_unload(struct wdf_client *client, bool run_callback, const char *call)
{
    struct wdf_driver *driver = client->driver;
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    if (driver == NULL || driver->unloading)
        return;
    driver->unloading = true;
    PFN_WDF_DRIVER_UNLOAD unload = driver->config.EvtDriverUnload;
    if (run_callback && unload != NULL) {
        struct wdf_callback_state before = wdf_callback_enter();
        unload((WDFDRIVER)driver->object.handle);
        wdf_callback_leave(client, before, (const void *)unload, "EvtDriverUnload");
    }
    wdf_delete_and_wait(&driver->object);
    wdf_wait_for_deletions(client);
}

/* DriverObject->DriverUnload of an ordinary driver, before its start-up code puts its own in front. */
static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    struct wdf_client *client = wdf_client_of(DriverObject);
    if (client != NULL)
        wdf_driver_unload(client, true, "DriverUnload");
}

VOID NTAPI kmdf_WdfDriverMiniportUnload(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_driver *driver = wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, "WdfDriverMiniportUnload");
    if (!driver->miniport)
        wdf_violation(client, WDF_OBJECT_ERROR, (ULONG_PTR)Driver, 0, 0, "WdfDriverMiniportUnload",
                      "the driver did not set WdfDriverInitNoDispatchOverride: the framework unloads it");
    wdf_driver_unload(client, true, "WdfDriverMiniportUnload");
}
WDF_EXPORT(WdfDriverMiniportUnload, PFN_WDFDRIVERMINIPORTUNLOAD);

/* ---- creation -------------------------------------------------------------------------------------------------------
 */

static NTSTATUS check_config(struct wdf_client *client, const WDF_DRIVER_CONFIG *config)
{
    const ULONG known = WdfDriverInitNonPnpDriver | WdfDriverInitNoDispatchOverride;
    if (!wdf_size_is(client, config->Size, sizeof(*config), "WdfDriverCreate", "WDF_DRIVER_CONFIG"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (config->DriverInitFlags & ~known)
        return STATUS_INVALID_PARAMETER;
    if ((config->DriverInitFlags & WdfDriverInitNonPnpDriver) && config->EvtDriverDeviceAdd != NULL)
        return STATUS_INVALID_PARAMETER;
    for (int i = 0; i < 4; i++) {
        if (config->DriverPoolTag >> (8 * i) & 0x80)
            return STATUS_INVALID_PARAMETER;
    }
    if (client->driver != NULL)
        return STATUS_DRIVER_INTERNAL_ERROR;
    return STATUS_SUCCESS;
}

/* Makes the framework the owner of the driver's WDM entry points. A driver that is not Plug and Play and has no
 * EvtDriverUnload cannot be unloaded, as on Windows without DriverUnload. */
static void take_over(struct wdf_client *client, const WDF_DRIVER_CONFIG *config)
{
    PDRIVER_OBJECT object = client->driver_object;
    bool pnp = !(config->DriverInitFlags & WdfDriverInitNonPnpDriver);
    client->globals.DisplaceDriverUnload = TRUE;
    if (pnp || config->EvtDriverUnload != NULL)
        object->DriverUnload = unload;
    if (pnp)
        object->DriverExtension->AddDevice = wdf_add_device;
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        object->MajorFunction[i] = wdf_dispatch;
}

NTSTATUS NTAPI kmdf_WdfDriverCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PDRIVER_OBJECT DriverObject,
                                    PCUNICODE_STRING RegistryPath, PWDF_OBJECT_ATTRIBUTES DriverAttributes,
                                    PWDF_DRIVER_CONFIG DriverConfig, WDFDRIVER *Driver)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require_irql(client, PASSIVE_LEVEL, "WdfDriverCreate");
    wdf_require(client, DriverObject, "WdfDriverCreate", "DriverObject");
    wdf_require(client, RegistryPath, "WdfDriverCreate", "RegistryPath");
    wdf_require(client, DriverConfig, "WdfDriverCreate", "DriverConfig");
    if (Driver != NULL)
        *Driver = NULL;
    NTSTATUS status = check_config(client, DriverConfig);
    if (!NT_SUCCESS(status))
        return status;
    if (DriverObject != client->driver_object)
        return STATUS_INVALID_PARAMETER;
    if (DriverConfig->DriverPoolTag != 0)
        client->globals.DriverTag = DriverConfig->DriverPoolTag;
    wdf_verifier_read_options(client);
    struct wdf_driver *driver =
        (void *)wdf_object_create(client, &wdf_driver_type, sizeof(*driver), DriverAttributes, NULL, &status);
    if (driver == NULL)
        return status;
    driver->config = *DriverConfig;
    driver->miniport = DriverConfig->DriverInitFlags & WdfDriverInitNoDispatchOverride;
    client->driver = driver;
    client->globals.Driver = (WDFDRIVER)driver->object.handle;
    if (!driver->miniport)
        take_over(client, DriverConfig);
    if (Driver != NULL)
        *Driver = client->globals.Driver;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfDriverCreate, PFN_WDFDRIVERCREATE);

/* ---- questions ------------------------------------------------------------------------------------------------------
 */

PWSTR NTAPI kmdf_WdfDriverGetRegistryPath(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver)
{
    struct wdf_driver *driver = wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, "WdfDriverGetRegistryPath");
    wdf_require_irql(driver->object.client, PASSIVE_LEVEL, "WdfDriverGetRegistryPath");
    return driver->object.client->registry_path.Buffer;
}
WDF_EXPORT(WdfDriverGetRegistryPath, PFN_WDFDRIVERGETREGISTRYPATH);

PDRIVER_OBJECT NTAPI kmdf_WdfDriverWdmGetDriverObject(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver)
{
    struct wdf_driver *driver = wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, "WdfDriverWdmGetDriverObject");
    return driver->object.client->driver_object;
}
WDF_EXPORT(WdfDriverWdmGetDriverObject, PFN_WDFDRIVERWDMGETDRIVEROBJECT);

WDFDRIVER NTAPI kmdf_WdfWdmDriverGetWdfDriverHandle(PWDF_DRIVER_GLOBALS DriverGlobals, PDRIVER_OBJECT DriverObject)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require(client, DriverObject, "WdfWdmDriverGetWdfDriverHandle", "DriverObject");
    return DriverObject == client->driver_object ? client->globals.Driver : NULL;
}
WDF_EXPORT(WdfWdmDriverGetWdfDriverHandle, PFN_WDFWDMDRIVERGETWDFDRIVERHANDLE);

enum { FRAMEWORK_MINOR = 33 };

NTSTATUS NTAPI kmdf_WdfDriverRetrieveVersionString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver,
                                                   WDFSTRING String)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, "WdfDriverRetrieveVersionString");
    struct wdf_string *string =
        wdf_from_handle(DriverGlobals, String, &wdf_string_type, "WdfDriverRetrieveVersionString");
    wdf_require_irql(client, PASSIVE_LEVEL, "WdfDriverRetrieveVersionString");
    UNICODE_STRING text = RTL_CONSTANT_STRING(L"Kernel Mode Driver Framework version 1.33");
    _Static_assert(FRAMEWORK_MINOR == 33, "the version in the string");
    return wdf_string_assign(string, &text);
}
WDF_EXPORT(WdfDriverRetrieveVersionString, PFN_WDFDRIVERRETRIEVEVERSIONSTRING);

BOOLEAN NTAPI kmdf_WdfDriverIsVersionAvailable(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver,
                                               PWDF_DRIVER_VERSION_AVAILABLE_PARAMS VersionAvailableParams)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, "WdfDriverIsVersionAvailable");
    wdf_require_irql(client, PASSIVE_LEVEL, "WdfDriverIsVersionAvailable");
    wdf_require(client, VersionAvailableParams, "WdfDriverIsVersionAvailable", "VersionAvailableParams");
    if (!wdf_size_is(client, VersionAvailableParams->Size, sizeof(*VersionAvailableParams),
                     "WdfDriverIsVersionAvailable", "WDF_DRIVER_VERSION_AVAILABLE_PARAMS"))
        return FALSE;
    return VersionAvailableParams->MajorVersion == 1 && VersionAvailableParams->MinorVersion <= FRAMEWORK_MINOR;
}
WDF_EXPORT(WdfDriverIsVersionAvailable, PFN_WDFDRIVERISVERSIONAVAILABLE);

/* ---- registry keys --------------------------------------------------------------------------------------------------
 */

/* registry.c */
NTSTATUS NTAPI kmdf_WdfRegistryCreateKey(PWDF_DRIVER_GLOBALS DriverGlobals, WDFKEY ParentKey, PCUNICODE_STRING KeyName,
                                         ACCESS_MASK DesiredAccess, ULONG CreateOptions, PULONG CreateDisposition,
                                         PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key);

/* A key below the driver's service key, made if it does not exist. */
static NTSTATUS open_below_service(struct wdf_client *client, PCUNICODE_STRING name, ACCESS_MASK access,
                                   PWDF_OBJECT_ATTRIBUTES attributes, WDFKEY *key)
{
    UNICODE_STRING path = {0, (USHORT)(client->registry_path.Length + name->Length + sizeof(WCHAR)), NULL};
    path.Buffer = ExAllocatePoolZero(PagedPool, path.MaximumLength, client->globals.DriverTag);
    if (path.Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlCopyUnicodeString(&path, &client->registry_path);
    RtlAppendUnicodeStringToString(&path, name);
    NTSTATUS status = kmdf_WdfRegistryCreateKey(&client->globals, NULL, &path, access, REG_OPTION_NON_VOLATILE, NULL,
                                                attributes, key);
    ExFreePool(path.Buffer);
    return status;
}

NTSTATUS NTAPI kmdf_WdfDriverOpenParametersRegistryKey(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver,
                                                       ACCESS_MASK DesiredAccess, PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                       WDFKEY *Key)
{
    static const UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Parameters");
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, "WdfDriverOpenParametersRegistryKey");
    wdf_require_irql(client, PASSIVE_LEVEL, "WdfDriverOpenParametersRegistryKey");
    wdf_require(client, Key, "WdfDriverOpenParametersRegistryKey", "Key");
    *Key = NULL;
    return open_below_service(client, &name, DesiredAccess, KeyAttributes, Key);
}
WDF_EXPORT(WdfDriverOpenParametersRegistryKey, PFN_WDFDRIVEROPENPARAMETERSREGISTRYKEY);

/* Windows keeps run-time state of drivers in a tree of its own; here it is a subkey of the service. */
NTSTATUS NTAPI kmdf_WdfDriverOpenPersistentStateRegistryKey(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDRIVER Driver,
                                                            ACCESS_MASK DesiredAccess,
                                                            PWDF_OBJECT_ATTRIBUTES KeyAttributes, WDFKEY *Key)
{
    static const UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\PersistentState");
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_from_handle(DriverGlobals, Driver, &wdf_driver_type, "WdfDriverOpenPersistentStateRegistryKey");
    wdf_require_irql(client, PASSIVE_LEVEL, "WdfDriverOpenPersistentStateRegistryKey");
    wdf_require(client, Key, "WdfDriverOpenPersistentStateRegistryKey", "Key");
    *Key = NULL;
    return open_below_service(client, &name, DesiredAccess, KeyAttributes, Key);
}
WDF_EXPORT(WdfDriverOpenPersistentStateRegistryKey, PFN_WDFDRIVEROPENPERSISTENTSTATEREGISTRYKEY);

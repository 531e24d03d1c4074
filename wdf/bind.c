/*
 * WDFLDR.SYS: how a driver image becomes a client of the framework, and stops being one.
 *
 * The start-up code in a KMDF driver calls WdfVersionBind before the driver's DriverEntry, with what it was built for:
 * a version and a place for the table of functions. Tables only ever grow, so that each version is served by the first
 * entries of one table. A driver for KMDF 1.13 or older has an array of its own to be filled; a newer one a pointer to
 * be set, to a copy that it may change (its start-up code puts itself in front of WdfDriverMiniportUnload). From 1.25
 * on a driver may have been built for more than it needs; it then learns how much there is.
 *
 * WdfVersionUnbind is where a driver must have given back every framework object. The layout of the structures and the
 * order of the calls are facts of Microsoft's start-up library; the rules on versions are from "Framework Library
 * Versioning" and "Building a WDF driver for multiple versions of Windows".
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "wdf/handle.h"

enum { NEWEST_MINOR = 33, POINTER_FORM_MINOR = 15, STUB_SIZE = 16, CLIENT_TAG = 0x72447846 /* FxDr */ };
/* Drivers for newer versions may call beyond the end without asking. */
enum { TABLE_ENTRIES = 512 };

extern const struct wdf_export __start_wdf_exports[] __attribute__((visibility("hidden")));
extern const struct wdf_export __stop_wdf_exports[] __attribute__((visibility("hidden")));
extern unsigned char wdf_stubs[] __attribute__((visibility("hidden")));

/* ---- tables ---------------------------------------------------------------------------------------------------------
 */

static bool is_client(const struct wdf_client *client)
{
    bool found = false;
    ke_lock(&wdf_state.lock);
    for (LIST_ENTRY *entry = wdf_state.clients.Flink; entry != NULL && entry != &wdf_state.clients && !found;
         entry = entry->Flink)
        found = CONTAINING_RECORD(entry, struct wdf_client, entry) == client;
    ke_unlock(&wdf_state.lock);
    return found;
}

/* Where the stubs go. */
_Noreturn __attribute__((used)) void NTAPI wdf_missing_function(PWDF_DRIVER_GLOBALS globals, ULONG index)
{
    bool bound = is_client(wdf_client(globals));
    ke_bugcheck_text(KMODE_EXCEPTION_NOT_HANDLED, (ULONG)STATUS_ENTRYPOINT_NOT_FOUND,
                     (ULONG_PTR)__builtin_return_address(0), index, 0, NULL,
                     bound ? "%s called %s (KMDF function %u), which ndiskit does not implement"
                           : "%s called %s (KMDF function %u) after WdfVersionUnbind",
                     bound ? globals->DriverName : "a driver", wdf_function_name(index), index);
}

static void fill_with_stubs(WDFFUNC *table, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        table[i] = (WDFFUNC)(void *)(wdf_stubs + i * STUB_SIZE);
}

static void fill_table(WDFFUNC *table)
{
    fill_with_stubs(table, TABLE_ENTRIES);
    for (const struct wdf_export *e = __start_wdf_exports; e < __stop_wdf_exports; e++)
        table[e->index] = e->function;
}

/* What unbound drivers of the pointer form are left with. */
static WDFFUNC *unbound_table(void)
{
    static WDFFUNC table[TABLE_ENTRIES];
    fill_with_stubs(table, TABLE_ENTRIES);
    return table;
}

static bool has_pointer_form(const WDF_BIND_INFO *info)
{
    return info->Version.Minor >= POINTER_FORM_MINOR;
}

static void hand_over_table(const WDF_BIND_INFO *info, WDFFUNC *table)
{
    if (has_pointer_form(info))
        *(WDFFUNC **)(void *)info->FuncTable = table;
    else
        memcpy(info->FuncTable, table, info->FuncCount * sizeof(*table));
}

/* ---- versions -------------------------------------------------------------------------------------------------------
 */

static bool is_kmdf_library(const WCHAR *component)
{
    static const char name[] = "KmdfLibrary";
    size_t i = 0;
    while (component != NULL && i < sizeof(name) && (component[i] | 0x20) == (name[i] | 0x20))
        i++;
    return i == sizeof(name);
}

/* Whether a driver for that version can run here. */
static NTSTATUS check_version(const WDF_BIND_INFO *info)
{
    const WDF_BIND_INFO2 *extended = info->Size >= sizeof(*extended) ? (const WDF_BIND_INFO2 *)info : NULL;
    bool newer = info->Version.Minor > NEWEST_MINOR;
    if (info->Version.Major != 1)
        return STATUS_REVISION_MISMATCH;
    if (newer && (extended == NULL || extended->MinimumVersionRequired == NULL ||
                  *extended->MinimumVersionRequired > NEWEST_MINOR))
        return STATUS_REVISION_MISMATCH;
    if (!newer && info->FuncCount > WDF_FUNCTION_COUNT)
        return STATUS_REVISION_MISMATCH;
    return STATUS_SUCCESS;
}

/* A driver for a newer framework than this one must ask before it calls what is new: it is told how much there is. The
 * sizes of structures stay unsaid, by a count of 0. */
static void tell_what_there_is(PWDF_BIND_INFO info)
{
    PWDF_BIND_INFO2 extended = (PWDF_BIND_INFO2)info;
    bool newer = info->Version.Minor > NEWEST_MINOR;
    if (info->Size < sizeof(*extended))
        return;
    if (extended->ClientVersionHigherThanFramework != NULL)
        *extended->ClientVersionHigherThanFramework = newer;
    if (newer && extended->FunctionTableCount != NULL)
        *extended->FunctionTableCount = WDF_FUNCTION_COUNT;
    if (newer && extended->StructTableCount != NULL)
        *extended->StructTableCount = 0;
}

/* ---- clients --------------------------------------------------------------------------------------------------------
 */

/* The last part of the registry path: the service's name. */
static void name_driver(struct wdf_client *client)
{
    const UNICODE_STRING *path = &client->registry_path;
    size_t count = path->Length / sizeof(WCHAR), start = count, length = 0;
    while (start > 0 && path->Buffer[start - 1] != L'\\')
        start--;
    for (size_t i = start; i < count && length < WDF_DRIVER_GLOBALS_NAME_LEN - 1; i++)
        client->globals.DriverName[length++] = path->Buffer[i] < 0x80 ? (CHAR)path->Buffer[i] : '?';
}

/* Four characters of the name, without a WDF in front. "WDF_DRIVER_CONFIG structure" */
static void choose_tag(struct wdf_client *client)
{
    const char *name = client->globals.DriverName;
    if (strncasecmp(name, "wdf", 3) == 0)
        name += 3;
    client->globals.DriverTag = CLIENT_TAG;
    if (strlen(name) >= 4)
        memcpy(&client->globals.DriverTag, name, 4);
}

static void free_client(struct wdf_client *client)
{
    ExFreePool(client->functions);
    ExFreePool(client->registry_path.Buffer);
    ExFreePool(client);
}

static struct wdf_client *create_client(PDRIVER_OBJECT driver, const UNICODE_STRING *path, PWDF_BIND_INFO info)
{
    struct wdf_client *client = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*client), CLIENT_TAG);
    PWCHAR text = ExAllocatePoolZero(NonPagedPoolNx, path->Length + sizeof(WCHAR), CLIENT_TAG);
    WDFFUNC *functions = ExAllocatePoolZero(NonPagedPoolNx, TABLE_ENTRIES * sizeof(WDFFUNC), CLIENT_TAG);
    if (client == NULL || text == NULL || functions == NULL) {
        if (client != NULL)
            ExFreePool(client);
        if (text != NULL)
            ExFreePool(text);
        if (functions != NULL)
            ExFreePool(functions);
        return NULL;
    }
    memcpy(text, path->Buffer, path->Length);
    client->registry_path = (UNICODE_STRING){path->Length, (USHORT)(path->Length + sizeof(WCHAR)), text};
    client->functions = functions;
    client->driver_object = driver;
    client->minor = info->Version.Minor;
    client->build = info->Version.Build;
    client->function_count = info->FuncCount;
    client->bind_info = info;
    InitializeListHead(&client->objects);
    name_driver(client);
    choose_tag(client);
    fill_table(functions);
    return client;
}

NTSTATUS NTAPI WdfVersionBind(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath, PWDF_BIND_INFO BindInfo,
                              PWDF_DRIVER_GLOBALS *Globals)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (DriverObject == NULL || RegistryPath == NULL || BindInfo == NULL || Globals == NULL ||
        BindInfo->Size < sizeof(*BindInfo) || BindInfo->FuncTable == NULL)
        return STATUS_INVALID_PARAMETER;
    *Globals = NULL;
    if (!is_kmdf_library(BindInfo->Component))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    NTSTATUS status = check_version(BindInfo);
    if (!NT_SUCCESS(status)) {
        DbgPrint("wdfldr: a driver was built for KMDF %u.%u with %u functions; this framework is 1.%d with %d\n",
                 BindInfo->Version.Major, BindInfo->Version.Minor, BindInfo->FuncCount, NEWEST_MINOR,
                 WDF_FUNCTION_COUNT);
        return status;
    }
    if (!wdf_handles_initialize())
        return STATUS_INSUFFICIENT_RESOURCES;
    struct wdf_client *client = create_client(DriverObject, RegistryPath, BindInfo);
    if (client == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    ke_lock(&wdf_state.lock);
    if (wdf_state.clients.Flink == NULL)
        InitializeListHead(&wdf_state.clients);
    InsertTailList(&wdf_state.clients, &client->entry);
    ke_unlock(&wdf_state.lock);
    hand_over_table(BindInfo, client->functions);
    tell_what_there_is(BindInfo);
    BindInfo->Module = client;
    *Globals = &client->globals;
    ke_trace("wdfldr: %s bound to KMDF 1.%u", client->globals.DriverName, client->minor);
    return STATUS_SUCCESS;
}
NT_EXPORT(WdfVersionBind);

/* The driver goes: what is left of its objects is a leak, however it came about. */
static void require_no_objects(struct wdf_client *client)
{
    char text[300], sites[160];
    size_t length = 0, count = 0;
    if (client->object_count == 0)
        return;
    const struct wdf_object *first = CONTAINING_RECORD(client->objects.Flink, struct wdf_object, all);
    for (LIST_ENTRY *entry = client->objects.Flink; entry != &client->objects && count < 4; entry = entry->Flink) {
        const struct wdf_object *object = CONTAINING_RECORD(entry, struct wdf_object, all);
        wdf_reference_log_describe(object, sites, sizeof(sites));
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %p with %d references%s%s%s",
                                   count++ != 0 ? ", " : "", object->type->name, object->handle,
                                   (int)object->references, sites[0] != 0 ? " (" : "", sites, sites[0] != 0 ? ")" : "");
        if (length >= sizeof(text))
            break;
    }
    wdf_violation(client, WDF_OBJECT_ERROR, (ULONG_PTR)first->handle, client->object_count, 0, "WdfVersionUnbind",
                  "the driver unloads with %u live framework objects: %s", client->object_count, text);
}

NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, PWDF_BIND_INFO BindInfo, PWDF_DRIVER_GLOBALS Globals)
{
    struct wdf_client *client = wdf_client(Globals);
    (void)RegistryPath;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (BindInfo == NULL || !is_client(client) || client->bind_info != BindInfo)
        return STATUS_INVALID_PARAMETER;
    /* Still there when DriverEntry has failed: its EvtDriverUnload is then not called. */
    wdf_driver_unload(client, false, "WdfVersionUnbind");
    require_no_objects(client);
    ke_lock(&wdf_state.lock);
    RemoveEntryList(&client->entry);
    ke_unlock(&wdf_state.lock);
    if (has_pointer_form(BindInfo))
        hand_over_table(BindInfo, unbound_table());
    else
        fill_with_stubs(BindInfo->FuncTable, BindInfo->FuncCount);
    BindInfo->Module = NULL;
    ke_trace("wdfldr: %s unbound", client->globals.DriverName);
    free_client(client);
    return STATUS_SUCCESS;
}
NT_EXPORT(WdfVersionUnbind);

/* Class extensions (SpbCx, GpioClx and their kind) are drivers of Microsoft's that serve buses; there are none here,
 * and the start-up code lets the driver fail to load. */
NTSTATUS NTAPI WdfVersionBindClass(PWDF_BIND_INFO BindInfo, PWDF_DRIVER_GLOBALS *Globals,
                                   PWDF_CLASS_BIND_INFO ClassBindInfo)
{
    char name[64] = "?";
    (void)BindInfo;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (Globals == NULL || ClassBindInfo == NULL || ClassBindInfo->Size < sizeof(*ClassBindInfo))
        return STATUS_INVALID_PARAMETER;
    for (size_t i = 0; ClassBindInfo->ClassName != NULL && i < sizeof(name) - 1; i++) {
        name[i] = ClassBindInfo->ClassName[i] < 0x80 ? (char)ClassBindInfo->ClassName[i] : '?';
        name[i + 1] = 0;
        if (name[i] == 0)
            break;
    }
    DbgPrint("wdfldr: %s needs the class extension %s, which ndiskit does not have\n",
             *Globals != NULL ? (*Globals)->DriverName : "a driver", name);
    return STATUS_OBJECT_NAME_NOT_FOUND;
}
NT_EXPORT(WdfVersionBindClass);

VOID NTAPI WdfVersionUnbindClass(PWDF_BIND_INFO BindInfo, PWDF_DRIVER_GLOBALS Globals,
                                 PWDF_CLASS_BIND_INFO ClassBindInfo)
{
    (void)BindInfo;
    (void)ClassBindInfo;
    wdf_violation(is_client(wdf_client(Globals)) ? wdf_client(Globals) : NULL, WDF_INVALID_HANDLE, (ULONG_PTR)Globals,
                  0, 0, "WdfVersionUnbindClass", "no class extension was bound");
}
NT_EXPORT(WdfVersionUnbindClass);

/* Not Plug and Play and without EvtDriverUnload: it stays until the machine is off. */
static bool stays_for_ever(const struct wdf_client *client)
{
    const struct wdf_driver *driver = client->driver;
    return driver != NULL && !driver->miniport && driver->config.EvtDriverUnload == NULL &&
           (driver->config.DriverInitFlags & WdfDriverInitNonPnpDriver);
}

unsigned wdf_shutdown(void)
{
    unsigned count = 0;
    LIST_ENTRY *clients = &wdf_state.clients;
    while (clients->Flink != NULL && !IsListEmpty(clients)) {
        struct wdf_client *client = CONTAINING_RECORD(RemoveHeadList(clients), struct wdf_client, entry);
        if (stays_for_ever(client))
            continue;
        fprintf(stderr,
                "ndiskit: %s is gone but never unbound from KMDF: a miniport driver must call "
                "WdfDriverMiniportUnload when it unloads\n",
                client->globals.DriverName);
        count++;
    }
    if (count == 0)
        wdf_handles_free();
    return count;
}

/*
 * Services: driver images in memory. A service is loaded when the first device needs it and unloaded when its last
 * device object is gone; what it then still holds of the pool is a leak, named and counted.
 *
 * Public pages: "PnP Driver's Unload Routine", bug check 0xCE (DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS),
 * bug check 0xC4 code 0x62 (a driver has forgotten to free its pool allocations before it unloaded).
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/pnp/pnp_internal.h"

static struct pnp_service *find_service(const char *name)
{
    for (PLIST_ENTRY entry = pnp_block.services.Flink; entry != &pnp_block.services; entry = entry->Flink) {
        struct pnp_service *service = CONTAINING_RECORD(entry, struct pnp_service, link);

        if (strcasecmp(service->name, name) == 0)
            return service;
    }
    return NULL;
}

static struct pnp_builtin *find_builtin(const char *service)
{
    for (PLIST_ENTRY entry = pnp_block.builtins.Flink; entry != &pnp_block.builtins; entry = entry->Flink) {
        struct pnp_builtin *builtin = CONTAINING_RECORD(entry, struct pnp_builtin, link);

        if (strcasecmp(builtin->service, service) == 0)
            return builtin;
    }
    return NULL;
}

void pnp_register_builtin(const char *service, PDRIVER_INITIALIZE entry)
{
    struct pnp_builtin *builtin = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*builtin), PNP_TAG), *old;

    if (builtin == NULL)
        return;
    snprintf(builtin->service, sizeof(builtin->service), "%s", service);
    builtin->entry = entry;
    ke_lock(&pnp_block.lock);
    old = find_builtin(service);
    if (old != NULL)
        old->entry = entry;
    else
        InsertTailList(&pnp_block.builtins, &builtin->link);
    ke_unlock(&pnp_block.lock);
    if (old != NULL)
        ExFreePoolWithTag(builtin, PNP_TAG);
}

void pnp_unregister_builtin(const char *service)
{
    struct pnp_builtin *builtin;

    ke_lock(&pnp_block.lock);
    builtin = find_builtin(service);
    if (builtin != NULL)
        RemoveEntryList(&builtin->link);
    ke_unlock(&pnp_block.lock);
    if (builtin != NULL)
        ExFreePoolWithTag(builtin, PNP_TAG);
}

void pnp_register_builtin_id(const char *id, const char *service)
{
    struct pnp_builtin_id *entry = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*entry), PNP_TAG);

    if (entry == NULL)
        return;
    snprintf(entry->id, sizeof(entry->id), "%s", id);
    snprintf(entry->service, sizeof(entry->service), "%s", service);
    ke_lock(&pnp_block.lock);
    InsertTailList(&pnp_block.builtin_ids, &entry->link);
    ke_unlock(&pnp_block.lock);
}

static bool match_list(const char *list, struct pnp_match *match)
{
    struct pnp_builtin *builtin;

    for (; *list; list += strlen(list) + 1) {
        for (PLIST_ENTRY entry = pnp_block.builtin_ids.Flink; entry != &pnp_block.builtin_ids; entry = entry->Flink) {
            struct pnp_builtin_id *id = CONTAINING_RECORD(entry, struct pnp_builtin_id, link);

            if (strcasecmp(id->id, list) == 0) {
                snprintf(match->service, sizeof(match->service), "%s", id->service);
                return true;
            }
        }
        builtin = strncasecmp(list, "ROOT\\", 5) == 0 ? find_builtin(list + 5) : NULL;
        if (builtin != NULL) {
            memcpy(match->service, builtin->service, sizeof(match->service));
            return true;
        }
    }
    return false;
}

bool pnp_builtin_match(const struct pnp_ids *ids, struct pnp_match *match)
{
    bool found;

    ke_lock(&pnp_block.lock);
    found = match_list(ids->hardware_ids, match) || match_list(ids->compatible_ids, match);
    ke_unlock(&pnp_block.lock);
    return found;
}

/*
 * Loading
 */

static NTSTATUS create_driver(struct pnp_service *service, PDRIVER_INITIALIZE entry, char *error, size_t error_size)
{
    struct io_image image = {0};
    char text[80];
    NTSTATUS status;

    if (service->image != NULL)
        image = (struct io_image){service->image->name, service->image->base, service->image->size, service->image};
    pnp_begin_step(service->name, "DriverEntry");
    status = io_create_driver(service->name, service->image ? &image : NULL, entry, &service->driver);
    pnp_end_step();
    if (!NT_SUCCESS(status))
        snprintf(error, error_size, "DriverEntry of driver %s failed with status %s", service->name,
                 pnp_status_text(status, text, sizeof(text)));
    return status;
}

static NTSTATUS load_image(struct pnp_service *service, char *error, size_t error_size)
{
    char key[160], path[1024];
    const char *file = path;
    NTSTATUS status;

    snprintf(key, sizeof(key), CM_SERVICES "\\%s", service->name);
    status = cm_read_string(key, "ImagePath", path, sizeof(path));
    if (!NT_SUCCESS(status)) {
        snprintf(error, error_size, "service %s has no driver image: no ImagePath in %s", service->name, key);
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (strncmp(file, "\\??\\", 4) == 0)
        file += 4;
    return ldr_load(file, &service->image, error, error_size);
}

/* False when this block was counted before: the next image may well lie at the same addresses as one that leaked. */
static bool note_leak(const void *address)
{
    struct pnp_leaked_blocks *leaked = &pnp_block.leaked;

    for (size_t i = 0; i < leaked->count; i++)
        if (leaked->blocks[i] == address)
            return false;
    if (leaked->count < RTL_NUMBER_OF(leaked->blocks))
        leaked->blocks[leaked->count++] = address;
    return true;
}

struct leak_scan {
    const struct pnp_service *service;
    size_t blocks, bytes;
};

static void count_leak_of(void *context, const void *caller, ULONG tag, size_t size, const void *address)
{
    struct leak_scan *scan = context;
    const struct ldr_image *image = scan->service->image;

    if ((ULONG_PTR)caller - (ULONG_PTR)image->base >= image->size || !note_leak(address))
        return;
    scan->blocks++;
    scan->bytes += size;
    ke_trace("%s leaked %zu bytes of pool at %p, tag '%.4s'", scan->service->name, size, address, (const char *)&tag);
}

static void check_leaks(const struct pnp_service *service)
{
    struct leak_scan scan = {.service = service};
    char first[128] = "";

    ex_pool_for_each(count_leak_of, &scan);
    ke_lock(&pnp_block.lock);
    pnp_block.leaks.blocks += scan.blocks;
    pnp_block.leaks.bytes += scan.bytes;
    ke_unlock(&pnp_block.lock);
    ke_flush_dpcs();
    if (ke_find_active(service->image->base, service->image->size, first, sizeof(first)))
        ke_bugcheck_text(DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS, (ULONG_PTR)service->image->base, 0, 0,
                         0, NULL, "%s was unloaded with %s", service->image->name, first);
}

static void drop_image(struct pnp_service *service)
{
    if (service->image == NULL)
        return;
    check_leaks(service);
    ldr_unload(service->image);
    service->image = NULL;
}

static NTSTATUS load(const char *name, struct pnp_service **result, char *error, size_t error_size,
                     enum pnp_problem *problem)
{
    struct pnp_service *service = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*service), PNP_TAG);
    struct pnp_builtin *builtin;
    PDRIVER_INITIALIZE entry = NULL;
    NTSTATUS status = STATUS_SUCCESS;

    *problem = PNP_PROBLEM_DRIVER_FAILED_LOAD;
    if (service == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    snprintf(service->name, sizeof(service->name), "%s", name);
    ke_lock(&pnp_block.lock);
    builtin = find_builtin(name);
    if (builtin != NULL)
        entry = builtin->entry;
    ke_unlock(&pnp_block.lock);
    if (entry == NULL) {
        status = load_image(service, error, error_size);
        if (NT_SUCCESS(status))
            entry = service->image->entry;
    }
    if (NT_SUCCESS(status)) {
        *problem = PNP_PROBLEM_FAILED_DRIVER_ENTRY;
        status = create_driver(service, entry, error, error_size);
    }
    if (!NT_SUCCESS(status)) {
        drop_image(service);
        ExFreePoolWithTag(service, PNP_TAG);
        return status;
    }
    InsertTailList(&pnp_block.services, &service->link);
    io_reinitialize_driver(service->driver);
    *result = service;
    return STATUS_SUCCESS;
}

struct pnp_service *pnp_service_get(const char *name, struct pnp_node *node, char *error, size_t error_size,
                                    NTSTATUS *status, enum pnp_problem *problem)
{
    struct pnp_service *service = find_service(name);

    UNREFERENCED_PARAMETER(node);
    *status = STATUS_SUCCESS;
    if (service == NULL)
        *status = load(name, &service, error, error_size, problem);
    if (service != NULL)
        service->users++;
    return service;
}

void pnp_service_put(struct pnp_service *service)
{
    service->users--;
}

/*
 * Unloading
 */

static bool unload(struct pnp_service *service)
{
    ULONG left = 0;

    NTSTATUS status;

    pnp_begin_step(service->name, "DriverUnload");
    status = io_unload_driver(service->driver, &left);
    pnp_end_step();
    if (!NT_SUCCESS(status))
        return false;
    ke_lock(&pnp_block.lock);
    pnp_block.leaks.devices += left;
    ke_unlock(&pnp_block.lock);
    RemoveEntryList(&service->link);
    drop_image(service);
    ExFreePoolWithTag(service, PNP_TAG);
    return true;
}

static bool is_idle(const struct pnp_service *service)
{
    return service->users == 0 && !service->permanent && service->driver->DeviceObject == NULL &&
           service->driver->DriverUnload != NULL;
}

void pnp_unload_idle_services(void)
{
    PLIST_ENTRY entry = pnp_block.services.Flink;

    while (entry != &pnp_block.services) {
        struct pnp_service *service = CONTAINING_RECORD(entry, struct pnp_service, link);

        /* An unload routine may change the list (a filter driver going with its miniport): start again after each. */
        entry = is_idle(service) && unload(service) ? pnp_block.services.Flink : entry->Flink;
    }
}

static void unload_idle_event(void *context)
{
    UNREFERENCED_PARAMETER(context);
    pnp_unload_idle_services();
}

void pnp_driver_idle(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    pnp_queue(unload_idle_event, NULL);
}

/* A driver without DriverUnload stays until the machine is off, which is now. Its image stays in memory if something of
 * it could still run. */
static void discard(struct pnp_service *service)
{
    char active[128];

    RemoveEntryList(&service->link);
    io_discard_driver(service->driver);
    if (service->image != NULL) {
        ke_flush_dpcs();
        if (!ke_find_active(service->image->base, service->image->size, active, sizeof(active)))
            ldr_unload(service->image);
    }
    ExFreePoolWithTag(service, PNP_TAG);
}

void pnp_services_shutdown(void)
{
    PLIST_ENTRY entry;

    /* The last one loaded goes first: it may depend on earlier ones. */
    while (!IsListEmpty(&pnp_block.services)) {
        struct pnp_service *service = CONTAINING_RECORD(pnp_block.services.Blink, struct pnp_service, link);

        if (!unload(service))
            discard(service);
    }
    while (!IsListEmpty(&pnp_block.builtins)) {
        entry = RemoveHeadList(&pnp_block.builtins);
        ExFreePoolWithTag(CONTAINING_RECORD(entry, struct pnp_builtin, link), PNP_TAG);
    }
    while (!IsListEmpty(&pnp_block.builtin_ids)) {
        entry = RemoveHeadList(&pnp_block.builtin_ids);
        ExFreePoolWithTag(CONTAINING_RECORD(entry, struct pnp_builtin_id, link), PNP_TAG);
    }
}

struct load_request {
    const char *name;
    PDRIVER_OBJECT driver;
    char *error;
    size_t error_size;
    NTSTATUS status;
};

static void load_event(void *context)
{
    struct load_request *request = context;
    enum pnp_problem problem;
    struct pnp_service *service = find_service(request->name);

    request->status = STATUS_IMAGE_ALREADY_LOADED;
    if (service == NULL)
        request->status = load(request->name, &service, request->error, request->error_size, &problem);
    else
        snprintf(request->error, request->error_size, "service %s is loaded already", request->name);
    if (NT_SUCCESS(request->status)) {
        service->permanent = true;
        request->driver = service->driver;
    }
}

NTSTATUS pnp_load_service(const char *service, PDRIVER_OBJECT *driver, char *error, size_t error_size)
{
    struct load_request request = {.name = service, .error = error, .error_size = error_size};

    pnp_run(load_event, &request);
    if (NT_SUCCESS(request.status) && driver != NULL)
        *driver = request.driver;
    return request.status;
}

static void unload_event(void *context)
{
    struct load_request *request = context;
    struct pnp_service *service = find_service(request->name);

    request->status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (service != NULL)
        request->status = service->users != 0 ? STATUS_DEVICE_BUSY
                          : unload(service)   ? STATUS_SUCCESS
                                              : STATUS_INVALID_DEVICE_REQUEST;
}

NTSTATUS pnp_unload_service(const char *service)
{
    struct load_request request = {.name = service};

    pnp_run(unload_event, &request);
    return request.status;
}

void pnp_get_leaks(struct pnp_leaks *leaks)
{
    ke_lock(&pnp_block.lock);
    *leaks = pnp_block.leaks;
    ke_unlock(&pnp_block.lock);
}

/* The service's name is the last part of its registry path. */
static bool service_of(PCUNICODE_STRING path, char *name, size_t size)
{
    size_t units = path->Length / sizeof(WCHAR), start = units;

    while (start > 0 && path->Buffer[start - 1] != L'\\')
        start--;
    return start < units && cm_to_utf8(path->Buffer + start, units - start, name, size) < size - 1;
}

NTSTATUS NTAPI ZwLoadDriver(PUNICODE_STRING DriverServiceName)
{
    char name[64], error[256];

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (!service_of(DriverServiceName, name, sizeof(name)))
        return STATUS_INVALID_PARAMETER;
    return pnp_load_service(name, NULL, error, sizeof(error));
}
NT_EXPORT(ZwLoadDriver);

NTSTATUS NTAPI ZwUnloadDriver(PUNICODE_STRING DriverServiceName)
{
    char name[64];

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (!service_of(DriverServiceName, name, sizeof(name)))
        return STATUS_INVALID_PARAMETER;
    return pnp_unload_service(name);
}
NT_EXPORT(ZwUnloadDriver);

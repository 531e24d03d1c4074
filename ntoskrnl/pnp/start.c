/*
 * Bringing a device up: the drivers for its stack are looked up and loaded, AddDevice is called from the lowest filter
 * to the highest, the device is started, and, being perhaps a bus, asked for its children. Each failure leaves the
 * device with a problem code and a sentence that says why.
 *
 * Public pages: "Adding a PnP Device to a Running System", "IRP_MN_START_DEVICE", "IRP_MN_QUERY_DEVICE_RELATIONS",
 * "IRP_MN_QUERY_PNP_DEVICE_STATE", "Understanding When Remove IRPs Are Issued" (8).
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/pnp/pnp_internal.h"

static bool look_up(struct pnp_node *node, struct pnp_match *match)
{
    struct pnp_ids ids = {node->device_id, node->hardware_ids, node->compatible_ids, node->instance_path};

    memset(match, 0, sizeof(*match));
    return (pnp_block.lookup != NULL && pnp_block.lookup(&ids, match)) || pnp_builtin_match(&ids, match);
}

static void remember_match(struct pnp_node *node, const struct pnp_match *match)
{
    char path[300];

    snprintf(path, sizeof(path), CM_ENUM "\\%s", node->instance_path);
    cm_write_string(path, "Service", match->service);
    if (match->driver_key[0])
        cm_write_string(path, "Driver", match->driver_key);
    if (match->description[0])
        cm_write_string(path, "DeviceDesc", match->description);
    ke_lock(&pnp_block.lock);
    memcpy(node->service, match->service, sizeof(node->service));
    memcpy(node->driver_key, match->driver_key, sizeof(node->driver_key));
    if (match->description[0])
        memcpy(node->description, match->description, sizeof(node->description));
    ke_unlock(&pnp_block.lock);
}

static NTSTATUS call_add_device(struct pnp_node *node, PDRIVER_OBJECT driver)
{
    PDRIVER_ADD_DEVICE add_device = driver->DriverExtension->AddDevice;
    char subject[sizeof(((struct io_phase *)0)->subject)];
    LONGLONG begin = io_phase_begin();
    NTSTATUS status;

    pnp_begin_step(io_driver_name(driver), "AddDevice for %s", node->instance_path);
    status = add_device(driver, node->pdo);
    pnp_end_step();

    ke_check_irql(PASSIVE_LEVEL, (const void *)add_device, "AddDevice");
    snprintf(subject, sizeof(subject), "%.*s", (int)sizeof(subject) - 1, node->instance_path);
    io_phase_end("AddDevice", subject, begin, status);
    return status;
}

/* Loads one service and lets it attach to the stack. */
static NTSTATUS add_driver(struct pnp_node *node, const char *name)
{
    enum pnp_problem problem;
    struct pnp_service *service;
    char error[256];
    NTSTATUS status;

    if (node->service_count == PNP_MAX_DRIVERS) {
        pnp_node_fail(node, PNP_PROBLEM_FAILED_ADD, STATUS_TOO_MANY_NODES, "more than %d drivers in one stack",
                      PNP_MAX_DRIVERS);
        return STATUS_TOO_MANY_NODES;
    }
    service = pnp_service_get(name, node, error, sizeof(error), &status, &problem);
    if (service == NULL) {
        pnp_node_fail(node, problem, status, "%s", error);
        return status;
    }
    node->services[node->service_count++] = service;
    if (service->driver->DriverExtension->AddDevice == NULL) {
        pnp_node_fail(node, PNP_PROBLEM_FAILED_ADD, STATUS_INVALID_DEVICE_REQUEST,
                      "driver %s has no AddDevice routine: its DriverEntry must set DriverExtension->AddDevice or "
                      "register with NDIS",
                      name);
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    status = call_add_device(node, service->driver);
    if (!NT_SUCCESS(status))
        pnp_node_fail(node, PNP_PROBLEM_FAILED_ADD, status, "AddDevice of driver %s failed with status %s", name,
                      pnp_status_text(status, error, sizeof(error)));
    return status;
}

static NTSTATUS add_list(struct pnp_node *node, const char *list)
{
    NTSTATUS status = STATUS_SUCCESS;

    for (; *list && NT_SUCCESS(status); list += strlen(list) + 1)
        status = add_driver(node, list);
    return status;
}

static bool add_drivers(struct pnp_node *node)
{
    struct pnp_match match;

    if (!look_up(node, &match)) {
        if (node->capabilities.RawDeviceOK)
            return true;
        if (match.reason[0])
            pnp_node_fail(node, PNP_PROBLEM_FAILED_INSTALL, STATUS_NO_SUCH_DEVICE, "%s", match.reason);
        else
            pnp_node_fail(node, PNP_PROBLEM_FAILED_INSTALL, STATUS_NO_SUCH_DEVICE,
                          "no driver package matches hardware id %.*s", PNP_MAX_ID - 1,
                          node->hardware_ids[0] ? node->hardware_ids : node->device_id);
        return false;
    }
    remember_match(node, &match);
    if (!NT_SUCCESS(add_list(node, match.lower_filters)) || !NT_SUCCESS(add_driver(node, match.service)) ||
        !NT_SUCCESS(add_list(node, match.upper_filters)))
        return false;
    pnp_node_set_state(node, PNP_STATE_DRIVERS_ADDED);
    return true;
}

static NTSTATUS start(struct pnp_node *node)
{
    ULONG_PTR requirements = 0;
    NTSTATUS status = pnp_send(node, IRP_MN_FILTER_RESOURCE_REQUIREMENTS, NULL, &requirements);

    if (NT_SUCCESS(status) && requirements != 0)
        ExFreePool((PVOID)requirements);
    return pnp_send_timed(node, IRP_MN_START_DEVICE, "StartDevice"); /* both resource lists NULL: it has none */
}

/* Names the innermost recorded step that failed, MiniportInitializeEx for example, where there is one. */
static void start_failed(struct pnp_node *node, NTSTATUS status, ULONG first_phase)
{
    char step[sizeof(((struct io_phase *)0)->name)] = "IRP_MN_START_DEVICE", text[80];
    NTSTATUS shown = status;
    struct io_phase phase;

    for (ULONG next = first_phase; io_phase_read(next, &phase, 1) == 1; next = phase.sequence + 1) {
        if (phase.status != STATUS_SUCCESS &&
            strncmp(phase.subject, node->instance_path, sizeof(phase.subject) - 1) == 0) {
            if (strcmp(phase.name, "StartDevice") != 0)
                memcpy(step, phase.name, sizeof(step));
            shown = phase.status;
            break;
        }
    }
    pnp_release_stack(node);
    pnp_node_fail(node, PNP_PROBLEM_FAILED_START, status, "%s of driver %s failed with status %s", step, node->service,
                  pnp_status_text(shown, text, sizeof(text)));
}

void pnp_bring_up(struct pnp_node *node)
{
    ULONG first_phase;
    NTSTATUS status;

    if (!node->identified && !NT_SUCCESS(pnp_identify(node)))
        return;
    pnp_node_clear_problem(node);
    if (node->service_count == 0 && !add_drivers(node)) {
        if (node->service_count != 0) /* some of them had attached */
            pnp_release_stack(node);
        return;
    }
    first_phase = io_phase_next();
    status = start(node);
    if (!NT_SUCCESS(status)) {
        start_failed(node, status, first_phase);
        return;
    }
    io_set_create_allowed(node->pdo, true);
    pnp_node_set_state(node, PNP_STATE_STARTED);
    pnp_query_capabilities(node);
    pnp_check_device_state(node);
    if (node->state == PNP_STATE_STARTED)
        pnp_enumerate(node);
}

void pnp_check_device_state(struct pnp_node *node)
{
    ULONG_PTR information = 0;
    PNP_DEVICE_STATE state;

    if (node->state != PNP_STATE_STARTED ||
        !NT_SUCCESS(pnp_send(node, IRP_MN_QUERY_PNP_DEVICE_STATE, NULL, &information)))
        return;
    state = (PNP_DEVICE_STATE)information;
    if (state & (PNP_DEVICE_FAILED | PNP_DEVICE_REMOVED)) {
        pnp_surprise_remove(node, true);
        pnp_node_fail(node, PNP_PROBLEM_FAILED_POST_START, STATUS_DEVICE_NOT_READY,
                      "driver %s reported that the device %s after it was started", node->service,
                      state & PNP_DEVICE_REMOVED ? "is gone" : "has failed");
    }
}

/* The child that PDO is. Bus drivers report their children in the same order each time, so the search begins at *from,
 * behind the one that was found last, and goes round. */
static struct pnp_node *child_of(struct pnp_node *parent, PLIST_ENTRY *from, PDEVICE_OBJECT pdo)
{
    PLIST_ENTRY entry = *from;

    do {
        if (entry != &parent->children) {
            struct pnp_node *child = CONTAINING_RECORD(entry, struct pnp_node, siblings);
            if (child->pdo == pdo) {
                *from = entry->Flink;
                return child;
            }
        }
        entry = entry->Flink;
    } while (entry != *from);
    return NULL;
}

/* Takes over the references of the bus driver's answer. */
static void merge_relations(struct pnp_node *node, PDEVICE_RELATIONS relations)
{
    PLIST_ENTRY from = node->children.Flink;

    for (ULONG i = 0; relations != NULL && i < relations->Count; i++) {
        PDEVICE_OBJECT pdo = relations->Objects[i];
        struct pnp_node *child = child_of(node, &from, pdo);

        if (child != NULL)
            child->reported = true;
        if (child != NULL || pnp_node_create(node, pdo) == NULL)
            ObDereferenceObject(pdo);
    }
}

/* The first child that a predicate picks; restarted after each, because handling one may change the list. */
static struct pnp_node *find_child(struct pnp_node *node, bool (*wanted)(const struct pnp_node *child))
{
    for (PLIST_ENTRY entry = node->children.Flink; entry != &node->children; entry = entry->Flink) {
        struct pnp_node *child = CONTAINING_RECORD(entry, struct pnp_node, siblings);

        if (wanted(child))
            return child;
    }
    return NULL;
}

static bool is_missing(const struct pnp_node *child)
{
    return !child->reported && child->state != PNP_STATE_SURPRISE_REMOVED;
}

static bool is_new(const struct pnp_node *child)
{
    return child->state == PNP_STATE_UNINITIALIZED && child->problem == PNP_PROBLEM_NONE && child->reported;
}

void pnp_enumerate(struct pnp_node *node)
{
    IO_STACK_LOCATION stack = {.Parameters.QueryDeviceRelations.Type = BusRelations};
    ULONG_PTR information = 0;
    struct pnp_node *child;

    if (!NT_SUCCESS(pnp_send(node, IRP_MN_QUERY_DEVICE_RELATIONS, &stack, &information)))
        return;
    for (PLIST_ENTRY entry = node->children.Flink; entry != &node->children; entry = entry->Flink)
        CONTAINING_RECORD(entry, struct pnp_node, siblings)->reported = false;
    merge_relations(node, (PDEVICE_RELATIONS)information);
    if (information != 0)
        ExFreePool((PVOID)information);
    while ((child = find_child(node, is_missing)) != NULL)
        pnp_surprise_remove(child, false);
    while ((child = find_child(node, is_new)) != NULL)
        pnp_bring_up(child);
}

/*
 * The PnP manager's start and end, and its requests from outside, each of which becomes an event on the PnP thread.
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/pnp/pnp_internal.h"

struct pnp_state_block pnp_block;

void pnp_set_driver_lookup(pnp_driver_lookup lookup)
{
    pnp_block.lookup = lookup;
}

/*
 * What the I/O manager's exports ask for. These may come at DISPATCH_LEVEL: the event holds a reference to the PDO.
 */
static void relations_event(void *context)
{
    struct pnp_node *node = pnp_node_of(context);

    if (node != NULL && node->state == PNP_STATE_STARTED)
        pnp_enumerate(node);
    ObDereferenceObject(context);
}

static void queue_for(PDEVICE_OBJECT pdo, void (*work)(void *context))
{
    ObReferenceObject(pdo);
    if (!pnp_queue(work, pdo))
        ObDereferenceObject(pdo);
}

static void invalidate_relations(PDEVICE_OBJECT pdo, DEVICE_RELATION_TYPE type)
{
    /* The other relations are asked for when they are needed, so that there is nothing to refresh. */
    if (type == BusRelations)
        queue_for(pdo, relations_event);
}

static void state_event(void *context)
{
    struct pnp_node *node = pnp_node_of(context);

    if (node != NULL)
        pnp_check_device_state(node);
    ObDereferenceObject(context);
}

static void invalidate_state(PDEVICE_OBJECT pdo)
{
    queue_for(pdo, state_event);
}

static void eject(struct pnp_node *node)
{
    if (NT_SUCCESS(pnp_orderly_remove(node, true, NULL, 0))) {
        pnp_node_fail(node, PNP_PROBLEM_HELD_FOR_EJECT, STATUS_SUCCESS, "the device was ejected");
        pnp_send_simple(node, IRP_MN_EJECT);
    }
}

static void eject_event(void *context)
{
    struct pnp_node *node = pnp_node_of(context);

    if (node != NULL)
        eject(node);
    ObDereferenceObject(context);
}

static void request_eject(PDEVICE_OBJECT pdo)
{
    queue_for(pdo, eject_event);
}

static bool instance_path(PDEVICE_OBJECT pdo, char *path, size_t size)
{
    struct pnp_node *node = io_device_node(pdo);

    if (node == NULL || !node->identified)
        return false;
    snprintf(path, size, "%s", node->instance_path);
    return true;
}

void pnp_initialize(void)
{
    static const struct io_pnp_callbacks callbacks = {
        .invalidate_relations = invalidate_relations,
        .invalidate_state = invalidate_state,
        .request_eject = request_eject,
        .driver_idle = pnp_driver_idle,
        .queue = pnp_queue,
        .instance_path = instance_path,
        .get_property = pnp_get_property,
    };
    pnp_driver_lookup lookup = pnp_block.lookup;
    struct pnp_leaked_blocks leaked = pnp_block.leaked;

    if (pnp_block.running)
        return;
    memset(&pnp_block, 0, sizeof(pnp_block));
    pnp_block.lookup = lookup; /* setup may come first */
    pnp_block.leaked = leaked;
    pnp_block.watchdog = 600000000;
    InitializeListHead(&pnp_block.services);
    InitializeListHead(&pnp_block.builtins);
    InitializeListHead(&pnp_block.builtin_ids);
    io_initialize();
    pnp_root_initialize();
    pnp_queue_initialize();
    io_set_pnp_callbacks(&callbacks);
    io_set_last_close_callback(pnp_last_close);
    pnp_block.running = true;
}

static void shutdown_event(void *context)
{
    struct pnp_node *root = pnp_block.root;

    UNREFERENCED_PARAMETER(context);
    while (!IsListEmpty(&root->children)) {
        struct pnp_node *child = CONTAINING_RECORD(root->children.Blink, struct pnp_node, siblings);

        if (NT_SUCCESS(pnp_orderly_remove(child, false, NULL, 0)))
            continue;
        pnp_root_forget(child->pdo);
        child->reported = false;
        pnp_surprise_remove(child, false);
        if (root->children.Blink == &child->siblings)
            break; /* somebody has it open */
    }
}

void pnp_shutdown(void)
{
    if (!pnp_block.running)
        return;
    pnp_run(shutdown_event, NULL);
    pnp_wait_idle(-1);
    if (!IsListEmpty(&pnp_block.root->children))
        ke_bugcheck_text(PNP_DETECTED_FATAL_ERROR, 0, 0, 0, 0, NULL,
                         "a device is still open at shutdown: close its files first");
    pnp_run((void (*)(void *))(void (*)(void))pnp_services_shutdown, NULL);
    pnp_wait_idle(-1);
    pnp_queue_stop();
    io_set_pnp_callbacks(NULL);
    io_set_last_close_callback(NULL);
    pnp_root_shutdown();
    pnp_block.running = false;
}

/*
 * Requests
 */
struct request {
    PDEVICE_OBJECT pdo;
    char *veto;
    size_t veto_size;
    NTSTATUS status;
};

static void query_remove_event(void *context)
{
    struct request *request = context;
    struct pnp_node *node = pnp_node_of(request->pdo);

    if (node == NULL) {
        request->status = STATUS_NO_SUCH_DEVICE;
        return;
    }
    request->status = pnp_orderly_remove(node, true, request->veto, request->veto_size);
    if (NT_SUCCESS(request->status))
        pnp_node_fail(node, PNP_PROBLEM_HELD_FOR_EJECT, STATUS_SUCCESS, "the device was removed in software");
}

NTSTATUS pnp_query_remove(PDEVICE_OBJECT physical_device, char *veto, size_t veto_size)
{
    struct request request = {.pdo = physical_device, .veto = veto, .veto_size = veto_size};

    pnp_run(query_remove_event, &request);
    return request.status;
}

static void enable_event(void *context)
{
    struct request *request = context;
    struct pnp_node *node = pnp_node_of(request->pdo);

    request->status = STATUS_NO_SUCH_DEVICE;
    if (node == NULL)
        return;
    if (node->state == PNP_STATE_REMOVED || node->state == PNP_STATE_INITIALIZED) {
        pnp_node_clear_problem(node);
        pnp_bring_up(node);
    }
    request->status = node->state == PNP_STATE_STARTED ? STATUS_SUCCESS
                      : NT_SUCCESS(node->status)       ? STATUS_UNSUCCESSFUL
                                                       : node->status;
}

NTSTATUS pnp_enable(PDEVICE_OBJECT physical_device)
{
    struct request request = {.pdo = physical_device};

    pnp_run(enable_event, &request);
    return request.status;
}

static void restart_event(void *context)
{
    struct request *request = context;
    struct pnp_node *node = pnp_node_of(request->pdo);

    request->status = STATUS_NO_SUCH_DEVICE;
    if (node == NULL || node->state != PNP_STATE_STARTED)
        return;
    request->status = pnp_send_simple(node, IRP_MN_QUERY_STOP_DEVICE);
    if (!NT_SUCCESS(request->status)) {
        pnp_send_simple(node, IRP_MN_CANCEL_STOP_DEVICE);
        return;
    }
    pnp_send_simple(node, IRP_MN_STOP_DEVICE);
    pnp_node_set_state(node, PNP_STATE_STOPPED);
    request->status = pnp_send_simple(node, IRP_MN_START_DEVICE);
    if (NT_SUCCESS(request->status)) {
        pnp_node_set_state(node, PNP_STATE_STARTED);
        return;
    }
    pnp_surprise_remove(node, true); /* "IRP_MN_SURPRISE_REMOVAL": a stopped device that fails to start again */
    pnp_node_fail(node, PNP_PROBLEM_FAILED_START, request->status,
                  "driver %s did not start the device again after IRP_MN_STOP_DEVICE: status 0x%08x", node->service,
                  (unsigned)request->status);
}

NTSTATUS pnp_stop_and_restart(PDEVICE_OBJECT physical_device)
{
    struct request request = {.pdo = physical_device};

    pnp_run(restart_event, &request);
    return request.status;
}

void pnp_reenumerate(PDEVICE_OBJECT device)
{
    IoInvalidateDeviceRelations(device, BusRelations);
}

static struct pnp_node *driverless(struct pnp_node *node)
{
    struct pnp_node *found = NULL;

    if (node->problem == PNP_PROBLEM_FAILED_INSTALL && node->identified)
        return node;
    for (PLIST_ENTRY entry = node->children.Flink; entry != &node->children && found == NULL; entry = entry->Flink)
        found = driverless(CONTAINING_RECORD(entry, struct pnp_node, siblings));
    return found;
}

static void retry_event(void *context)
{
    struct pnp_node *nodes[64], *node;
    size_t count = 0;

    UNREFERENCED_PARAMETER(context);
    while (count < RTL_NUMBER_OF(nodes) && (node = driverless(pnp_block.root)) != NULL) {
        pnp_node_clear_problem(node); /* so that the next search finds the next one */
        nodes[count++] = node;
    }
    for (size_t i = 0; i < count; i++)
        pnp_bring_up(nodes[i]);
}

void pnp_retry_driver_lookup(void)
{
    pnp_run(retry_event, NULL);
}

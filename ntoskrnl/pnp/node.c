/*
 * Device nodes: the PnP manager's view of each physical device, and how others look at it.
 *
 * Public pages: "Device Tree", "Device Manager Error Messages".
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/pnp/pnp_internal.h"

struct pnp_node *pnp_node_create(struct pnp_node *parent, PDEVICE_OBJECT pdo)
{
    struct pnp_node *node = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*node), PNP_TAG);

    if (node == NULL)
        return NULL;
    node->pdo = pdo;
    node->parent = parent;
    node->reported = true;
    InitializeListHead(&node->children);
    InitializeListHead(&node->siblings);
    ke_lock(&pnp_block.lock);
    if (parent != NULL)
        InsertTailList(&parent->children, &node->siblings);
    ke_unlock(&pnp_block.lock);
    io_set_device_node(pdo, node);
    io_set_create_allowed(pdo, false);
    pdo->Flags |= DO_BUS_ENUMERATED_DEVICE;
    return node;
}

void pnp_node_free(struct pnp_node *node)
{
    ke_lock(&pnp_block.lock);
    RemoveEntryList(&node->siblings);
    ke_unlock(&pnp_block.lock);
    io_set_device_node(node->pdo, NULL);
    ObDereferenceObject(node->pdo);
    ExFreePoolWithTag(node, PNP_TAG);
}

static struct pnp_node *next_node(struct pnp_node *node)
{
    if (!IsListEmpty(&node->children))
        return CONTAINING_RECORD(node->children.Flink, struct pnp_node, siblings);
    for (; node->parent != NULL; node = node->parent)
        if (node->siblings.Flink != &node->parent->children)
            return CONTAINING_RECORD(node->siblings.Flink, struct pnp_node, siblings);
    return NULL;
}

struct pnp_node *pnp_node_of(PDEVICE_OBJECT pdo)
{
    struct pnp_node *node;

    for (node = pnp_block.root; node != NULL; node = next_node(node))
        if (node->pdo == pdo)
            return node;
    return NULL;
}

static void fill_info(const struct pnp_node *node, struct pnp_device_info *info)
{
    memset(info, 0, sizeof(*info));
    snprintf(info->instance_path, sizeof(info->instance_path), "%s", node->instance_path);
    snprintf(info->hardware_id, sizeof(info->hardware_id), "%.*s", PNP_MAX_ID - 1, node->hardware_ids);
    memcpy(info->description, node->description, sizeof(info->description));
    memcpy(info->location, node->location, sizeof(info->location));
    memcpy(info->service, node->service, sizeof(info->service));
    memcpy(info->driver_key, node->driver_key, sizeof(info->driver_key));
    memcpy(info->reason, node->reason, sizeof(info->reason));
    info->state = node->state;
    info->problem = node->problem;
    info->status = node->status;
    info->physical_device = node->pdo;
}

static void tell_observer(const struct pnp_node *node)
{
    struct pnp_device_info info;

    if (pnp_block.observer == NULL)
        return;
    fill_info(node, &info);
    pnp_block.observer(&info, pnp_block.observer_context);
}

void pnp_node_set_state(struct pnp_node *node, enum pnp_state state)
{
    ke_lock(&pnp_block.lock);
    node->state = state;
    ke_unlock(&pnp_block.lock);
    ke_trace("pnp: %s is %s", node->instance_path, pnp_state_name(state));
    tell_observer(node);
}

void pnp_node_fail(struct pnp_node *node, enum pnp_problem problem, NTSTATUS status, const char *format, ...)
{
    va_list arguments;
    char reason[sizeof(node->reason)];

    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    ke_lock(&pnp_block.lock);
    node->problem = problem;
    node->status = status;
    memcpy(node->reason, reason, sizeof(reason));
    ke_unlock(&pnp_block.lock);
    ke_trace("pnp: %s has problem %d: %s", node->instance_path, problem, reason);
    tell_observer(node);
}

void pnp_node_clear_problem(struct pnp_node *node)
{
    ke_lock(&pnp_block.lock);
    node->problem = PNP_PROBLEM_NONE;
    node->status = STATUS_SUCCESS;
    node->reason[0] = '\0';
    ke_unlock(&pnp_block.lock);
}

const char *pnp_state_name(enum pnp_state state)
{
    static const char *const names[] = {
        [PNP_STATE_UNINITIALIZED] = "Uninitialized",
        [PNP_STATE_INITIALIZED] = "Initialized",
        [PNP_STATE_DRIVERS_ADDED] = "Drivers added",
        [PNP_STATE_STARTED] = "Started",
        [PNP_STATE_STOPPED] = "Stopped",
        [PNP_STATE_REMOVE_PENDING] = "Remove pending",
        [PNP_STATE_SURPRISE_REMOVED] = "Unplugged",
        [PNP_STATE_REMOVED] = "Removed",
    };

    return names[state];
}

bool pnp_get_device(PDEVICE_OBJECT physical_device, struct pnp_device_info *info)
{
    struct pnp_node *node;

    ke_lock(&pnp_block.lock);
    node = pnp_node_of(physical_device);
    if (node != NULL)
        fill_info(node, info);
    ke_unlock(&pnp_block.lock);
    return node != NULL;
}

bool pnp_find_device(const char *instance_path, struct pnp_device_info *info)
{
    struct pnp_node *node;

    ke_lock(&pnp_block.lock);
    for (node = pnp_block.root; node != NULL; node = next_node(node))
        if (strcasecmp(node->instance_path, instance_path) == 0)
            break;
    if (node != NULL)
        fill_info(node, info);
    ke_unlock(&pnp_block.lock);
    return node != NULL;
}

/* The callback may call anything, so that the nodes are copied first. */
void pnp_for_each_device(bool (*callback)(const struct pnp_device_info *info, void *context), void *context)
{
    struct pnp_device_info *infos = NULL;
    size_t count = 0, room = 0;
    struct pnp_node *node;

    do {
        room = count;
        if (infos != NULL)
            ExFreePoolWithTag(infos, PNP_TAG);
        infos = room ? ExAllocatePool2(POOL_FLAG_NON_PAGED, room * sizeof(*infos), PNP_TAG) : NULL;
        if (room && infos == NULL)
            return;
        count = 0;
        ke_lock(&pnp_block.lock);
        for (node = pnp_block.root; node != NULL; node = next_node(node)) {
            if (node == pnp_block.root)
                continue;
            if (count < room)
                fill_info(node, &infos[count]);
            count++;
        }
        ke_unlock(&pnp_block.lock);
    } while (count > room);
    for (size_t i = 0; i < count; i++)
        if (!callback(&infos[i], context))
            break;
    if (infos != NULL)
        ExFreePoolWithTag(infos, PNP_TAG);
}

PDEVICE_OBJECT pnp_parent(PDEVICE_OBJECT physical_device)
{
    struct pnp_node *node;
    PDEVICE_OBJECT parent = NULL;

    ke_lock(&pnp_block.lock);
    node = pnp_node_of(physical_device);
    if (node != NULL && node->parent != NULL && node->parent != pnp_block.root)
        parent = node->parent->pdo;
    ke_unlock(&pnp_block.lock);
    return parent;
}

void pnp_set_observer(void (*observer)(const struct pnp_device_info *info, void *context), void *context)
{
    pnp_block.observer_context = context;
    pnp_block.observer = observer;
}

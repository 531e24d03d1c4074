/*
 * Taking devices down. Orderly: every device of the subtree is asked, children first; one refusal cancels for all, else
 * all are removed. By surprise: all are told that they are gone, and each is removed when nobody has it open any more.
 *
 * Public pages: "Understanding When Remove IRPs Are Issued", "IRP_MN_QUERY_REMOVE_DEVICE",
 * "IRP_MN_CANCEL_REMOVE_DEVICE", "IRP_MN_SURPRISE_REMOVAL", "IRP_MN_REMOVE_DEVICE", "Handling an IRP_MN_QUERY_REMOVE_
 * DEVICE Request" (Windows fails the query when handles are open).
 */
#include <stdio.h>
#include <string.h>
#include <wdmguid.h>
#include "ntoskrnl/pnp/pnp_internal.h"

static bool has_drivers(const struct pnp_node *node)
{
    return node->state == PNP_STATE_STARTED || node->state == PNP_STATE_STOPPED ||
           node->state == PNP_STATE_DRIVERS_ADDED || node->state == PNP_STATE_REMOVE_PENDING;
}

/* IRP_MN_REMOVE_DEVICE, after which the function driver and the filters are off the stack. */
void pnp_release_stack(struct pnp_node *node)
{
    PDEVICE_OBJECT left;

    io_set_create_allowed(node->pdo, false);
    pnp_send_timed(node, IRP_MN_REMOVE_DEVICE, "RemoveDevice");
    left = node->pdo->AttachedDevice;
    if (left != NULL) {
        /* Verifier: "A driver has not detached or deleted its device objects in response to IRP_MN_REMOVE_DEVICE". */
        ke_trace("pnp: %s left device object %p attached to %s after IRP_MN_REMOVE_DEVICE",
                 io_driver_name(left->DriverObject), (void *)left, node->instance_path);
        IoDetachDevice(node->pdo); /* it is counted when its driver is unloaded */
    }
    io_remove_interfaces(node->pdo);
    while (node->service_count > 0)
        pnp_service_put(node->services[--node->service_count]);
    if (node->state != PNP_STATE_UNINITIALIZED)
        pnp_node_set_state(node, PNP_STATE_REMOVED);
    pnp_unload_idle_services();
}

/* Children's nodes vanish with their bus; the device itself stays when KEEP. */
static void remove_subtree(struct pnp_node *node, bool keep)
{
    while (!IsListEmpty(&node->children))
        remove_subtree(CONTAINING_RECORD(node->children.Flink, struct pnp_node, siblings), false);
    if (!keep && node->parent == pnp_block.root)
        pnp_root_forget(node->pdo);
    pnp_release_stack(node);
    if (!keep)
        pnp_node_free(node);
}

/*
 * Surprise
 */

static void tell_gone(struct pnp_node *node)
{
    for (PLIST_ENTRY entry = node->children.Flink; entry != &node->children; entry = entry->Flink)
        tell_gone(CONTAINING_RECORD(entry, struct pnp_node, siblings));
    if (node->state == PNP_STATE_SURPRISE_REMOVED)
        return;
    io_set_create_allowed(node->pdo, false);
    if (has_drivers(node))
        pnp_send_timed(node, IRP_MN_SURPRISE_REMOVAL, "SurpriseRemoval");
    pnp_node_set_state(node, PNP_STATE_SURPRISE_REMOVED);
    io_notify_target_device(node->pdo, &GUID_TARGET_DEVICE_REMOVE_COMPLETE);
    io_remove_interfaces(node->pdo);
}

static bool is_open(struct pnp_node *node)
{
    if (io_open_file_count(node->pdo) != 0)
        return true;
    for (PLIST_ENTRY entry = node->children.Flink; entry != &node->children; entry = entry->Flink)
        if (is_open(CONTAINING_RECORD(entry, struct pnp_node, siblings)))
            return true;
    return false;
}

void pnp_surprise_remove(struct pnp_node *node, bool keep)
{
    tell_gone(node);
    if (!is_open(node))
        remove_subtree(node, keep);
}

static bool finish_one(struct pnp_node *node)
{
    if (node->state == PNP_STATE_SURPRISE_REMOVED && !is_open(node)) {
        remove_subtree(node, node->reported);
        return true;
    }
    for (PLIST_ENTRY entry = node->children.Flink; entry != &node->children; entry = entry->Flink)
        if (finish_one(CONTAINING_RECORD(entry, struct pnp_node, siblings)))
            return true;
    return false;
}

/* The last file on a device was closed: whatever waited for that is removed now. */
void pnp_finish_removals(void *context)
{
    UNREFERENCED_PARAMETER(context);
    while (finish_one(pnp_block.root))
        ;
}

void pnp_last_close(PDEVICE_OBJECT pdo)
{
    UNREFERENCED_PARAMETER(pdo);
    pnp_queue(pnp_finish_removals, NULL);
}

/*
 * Orderly
 */

static void cancel_removal(struct pnp_node *node)
{
    if (node->state == PNP_STATE_REMOVE_PENDING) {
        pnp_send_simple(node, IRP_MN_CANCEL_REMOVE_DEVICE);
        pnp_node_set_state(node, PNP_STATE_STARTED);
        io_set_create_allowed(node->pdo, true);
        io_notify_target_device(node->pdo, &GUID_TARGET_DEVICE_REMOVE_CANCELLED);
    }
    for (PLIST_ENTRY entry = node->children.Flink; entry != &node->children; entry = entry->Flink)
        cancel_removal(CONTAINING_RECORD(entry, struct pnp_node, siblings));
}

static NTSTATUS query_one(struct pnp_node *node)
{
    NTSTATUS status;

    if (node->state != PNP_STATE_STARTED)
        return STATUS_SUCCESS;
    status = io_notify_target_device(node->pdo, &GUID_TARGET_DEVICE_QUERY_REMOVE);
    if (!NT_SUCCESS(status))
        return status;
    io_set_create_allowed(node->pdo, false);
    /* Also after a failure the drivers above the one that failed wait for the cancel IRP. */
    pnp_node_set_state(node, PNP_STATE_REMOVE_PENDING);
    status = pnp_send_simple(node, IRP_MN_QUERY_REMOVE_DEVICE);
    if (NT_SUCCESS(status) && io_open_file_count(node->pdo) != 0)
        status = STATUS_DEVICE_BUSY;
    return status;
}

static NTSTATUS query_subtree(struct pnp_node *node, char *veto, size_t veto_size)
{
    NTSTATUS status = STATUS_SUCCESS;

    for (PLIST_ENTRY entry = node->children.Flink; entry != &node->children && NT_SUCCESS(status); entry = entry->Flink)
        status = query_subtree(CONTAINING_RECORD(entry, struct pnp_node, siblings), veto, veto_size);
    if (!NT_SUCCESS(status))
        return status;
    status = query_one(node);
    if (!NT_SUCCESS(status) && veto != NULL)
        snprintf(veto, veto_size, "%s", node->instance_path);
    return status;
}

NTSTATUS pnp_orderly_remove(struct pnp_node *node, bool keep, char *veto, size_t veto_size)
{
    NTSTATUS status = query_subtree(node, veto, veto_size);

    if (!NT_SUCCESS(status)) {
        cancel_removal(node);
        return status;
    }
    io_notify_target_device(node->pdo, &GUID_TARGET_DEVICE_REMOVE_COMPLETE);
    remove_subtree(node, keep);
    return STATUS_SUCCESS;
}

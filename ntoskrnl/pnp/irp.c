/*
 * PnP IRPs: each starts with STATUS_NOT_SUPPORTED, as every driver in a stack relies on to see whether another one has
 * handled it.
 *
 * Public page: "Rules for Handling PnP IRPs" and the page of each minor function code.
 */
#include <stdio.h>
#include "ntoskrnl/pnp/pnp_internal.h"

static const char *minor_name(UCHAR minor)
{
    static const char *const names[] = {
        "IRP_MN_START_DEVICE",
        "IRP_MN_QUERY_REMOVE_DEVICE",
        "IRP_MN_REMOVE_DEVICE",
        "IRP_MN_CANCEL_REMOVE_DEVICE",
        "IRP_MN_STOP_DEVICE",
        "IRP_MN_QUERY_STOP_DEVICE",
        "IRP_MN_CANCEL_STOP_DEVICE",
        "IRP_MN_QUERY_DEVICE_RELATIONS",
        "IRP_MN_QUERY_INTERFACE",
        "IRP_MN_QUERY_CAPABILITIES",
        "IRP_MN_QUERY_RESOURCES",
        "IRP_MN_QUERY_RESOURCE_REQUIREMENTS",
        "IRP_MN_QUERY_DEVICE_TEXT",
        "IRP_MN_FILTER_RESOURCE_REQUIREMENTS",
        [IRP_MN_EJECT] = "IRP_MN_EJECT",
        [IRP_MN_QUERY_ID] = "IRP_MN_QUERY_ID",
        [IRP_MN_QUERY_PNP_DEVICE_STATE] = "IRP_MN_QUERY_PNP_DEVICE_STATE",
        [IRP_MN_QUERY_BUS_INFORMATION] = "IRP_MN_QUERY_BUS_INFORMATION",
        [IRP_MN_SURPRISE_REMOVAL] = "IRP_MN_SURPRISE_REMOVAL",
    };

    return minor < RTL_NUMBER_OF(names) && names[minor] != NULL ? names[minor] : "a PnP IRP";
}

NTSTATUS pnp_send(struct pnp_node *node, UCHAR minor, const IO_STACK_LOCATION *parameters, ULONG_PTR *information)
{
    IO_STACK_LOCATION stack = {0};
    NTSTATUS status;

    if (parameters != NULL)
        stack = *parameters;
    stack.MajorFunction = IRP_MJ_PNP;
    stack.MinorFunction = minor;
    pnp_begin_step(node->service, "%s for %s", minor_name(minor), node->instance_path);
    status = io_send_and_wait(node->pdo, &stack, STATUS_NOT_SUPPORTED, information);
    pnp_end_step();
    return status;
}

NTSTATUS pnp_send_simple(struct pnp_node *node, UCHAR minor)
{
    return pnp_send(node, minor, NULL, NULL);
}

NTSTATUS pnp_send_timed(struct pnp_node *node, UCHAR minor, const char *phase)
{
    char subject[sizeof(((struct io_phase *)0)->subject)];
    LONGLONG begin = io_phase_begin();
    NTSTATUS status = pnp_send_simple(node, minor);

    snprintf(subject, sizeof(subject), "%.*s", (int)sizeof(subject) - 1, node->instance_path);
    io_phase_end(phase, subject, begin, status);
    return status;
}

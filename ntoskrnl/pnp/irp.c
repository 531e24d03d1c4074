/*
 * PnP IRPs: each starts with STATUS_NOT_SUPPORTED, as every driver in a stack relies on to see whether another one has
 * handled it.
 *
 * Public page: "Rules for Handling PnP IRPs" and the page of each minor function code.
 */
#include <stdio.h>
#include "ntoskrnl/pnp/pnp_internal.h"

NTSTATUS pnp_send(struct pnp_node *node, UCHAR minor, const IO_STACK_LOCATION *parameters, ULONG_PTR *information)
{
    IO_STACK_LOCATION stack = {0};

    if (parameters != NULL)
        stack = *parameters;
    stack.MajorFunction = IRP_MJ_PNP;
    stack.MinorFunction = minor;
    return io_send_and_wait(node->pdo, &stack, STATUS_NOT_SUPPORTED, information);
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

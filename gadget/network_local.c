/*
 * Networks behind a gadget that need nothing outside: the echo, which sends each frame back with its MAC addresses
 * exchanged, and the sink, which swallows and counts, and from which a test injects frames.
 */
#include "gadget/gadget.h"
#include <string.h>

#define LOCAL_TAG 0x6E6C6E67 /* "gnln" */

struct local_network {
    struct gadget_network network; /* first */
    struct gadget_port *port;
    KSPIN_LOCK lock;
    struct gadget_sink_counts counts;
};

static NTSTATUS attach(struct gadget_network *network, struct gadget_port *port)
{
    ((struct local_network *)network)->port = port;
    return STATUS_SUCCESS;
}

static void detach(struct gadget_network *network)
{
    struct local_network *local = (struct local_network *)network;
    KIRQL irql;
    KeAcquireSpinLock(&local->lock, &irql);
    local->port = NULL;
    KeReleaseSpinLock(&local->lock, irql);
}

static void destroy(struct gadget_network *network)
{
    ExFreePoolWithTag(network, LOCAL_TAG);
}

static size_t echo_send(struct gadget_network *network, const struct gadget_frame *frames, size_t count)
{
    enum { BATCH = 64 };
    struct local_network *local = (struct local_network *)network;
    struct gadget_frame out[BATCH];
    UCHAR addresses[BATCH][12];
    size_t taken = 0;
    while (taken < count) {
        size_t n = count - taken < BATCH ? count - taken : BATCH;
        for (size_t i = 0; i < n; i++) {
            const struct gadget_frame *frame = &frames[taken + i];
            /* Six bytes each, as eight: a frame has at least 14. */
            ULONG64 to, from;
            memcpy(&to, frame->data, 8);
            memcpy(&from, frame->data + 6, 8);
            memcpy(addresses[i], &from, 8);
            memcpy(addresses[i] + 6, &to, 6);
            out[i] = (struct gadget_frame){frame->data, addresses[i], frame->length};
        }
        size_t accepted = local->port->receive(local->port, out, n);
        taken += accepted;
        if (accepted < n)
            break;
    }
    local->port->flush(local->port);
    return taken;
}

static size_t sink_send(struct gadget_network *network, const struct gadget_frame *frames, size_t count)
{
    struct local_network *local = (struct local_network *)network;
    struct gadget_sink_counts *c = &local->counts;
    KIRQL irql;
    KeAcquireSpinLock(&local->lock, &irql);
    for (size_t i = 0; i < count; i++) {
        c->frames++;
        c->bytes += frames[i].length;
    }
    const struct gadget_frame *last = &frames[count - 1];
    c->last_length = last->length;
    memcpy(c->last, last->data, last->length < sizeof(c->last) ? last->length : sizeof(c->last));
    KeReleaseSpinLock(&local->lock, irql);
    return count;
}

static struct gadget_network *create(const struct gadget_network_ops *ops, const char *name)
{
    struct local_network *local = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*local), LOCAL_TAG);
    if (local == NULL)
        return NULL;
    memset(local, 0, sizeof(*local));
    local->network = (struct gadget_network){ops, name};
    KeInitializeSpinLock(&local->lock);
    return &local->network;
}

struct gadget_network *gadget_network_echo(void)
{
    static const struct gadget_network_ops ops = {attach, echo_send, detach, destroy};
    return create(&ops, "echo");
}

struct gadget_network *gadget_network_sink(void)
{
    static const struct gadget_network_ops ops = {attach, sink_send, detach, destroy};
    return create(&ops, "sink");
}

void gadget_network_sink_counts(struct gadget_network *sink, struct gadget_sink_counts *counts)
{
    struct local_network *local = (struct local_network *)sink;
    KIRQL irql;
    KeAcquireSpinLock(&local->lock, &irql);
    *counts = local->counts;
    KeReleaseSpinLock(&local->lock, irql);
}

bool gadget_network_inject(struct gadget_network *sink, const void *frame, ULONG length)
{
    struct local_network *local = (struct local_network *)sink;
    struct gadget_port *port = local->port;
    struct gadget_frame f = {frame, NULL, length};
    if (port == NULL || port->receive(port, &f, 1) != 1)
        return false;
    port->flush(port);
    return true;
}

/*
 * The simulated device as a USB backend: takes transfers from the hub, hands control requests to control.c
 * and data to data.c, and plays the faults that the options ask for (stalls, silence, delays, leaving the port).
 */
#include "gadget/device.h"
#include <stdio.h>
#include <string.h>

static KDEFERRED_ROUTINE answer_delayed;

/* ---- options ------------------------------------------------------------------------------------------------------
 */

static void apply_defaults(struct gadget *g)
{
    static const UCHAR default_mac[6] = {0x02, 0x4E, 0x43, 0x4D, 0x00, 0x01};
    static const UCHAR none[6];
    static const ULONGLONG rates[] = {0, 12000000, 425000000, 3200000000ull};
    static const USHORT products[] = {GADGET_NCM_PRODUCT, GADGET_ECM_PRODUCT, GADGET_RNDIS_PRODUCT};
    struct gadget_options *o = &g->options;
    if (o->speed == UsbLowSpeed)
        o->speed = UsbHighSpeed; /* low speed has no bulk endpoints */
    ULONG block = o->speed == UsbFullSpeed ? 16384 : 32768;
    o->vendor = o->vendor != 0 ? o->vendor : GADGET_NCM_VENDOR;
    o->product = o->product != 0 ? o->product : products[o->device_class];
    if (memcmp(o->mac, none, 6) == 0)
        memcpy(o->mac, default_mac, 6);
    snprintf(g->serial, sizeof(g->serial), "%s", o->serial != NULL ? o->serial : "0001");
    o->serial = g->serial;
    o->ntb_in_size = o->ntb_in_size != 0 ? o->ntb_in_size : block;
    o->ntb_out_size = o->ntb_out_size != 0 ? o->ntb_out_size : block;
    o->in_divisor = o->in_divisor != 0 ? o->in_divisor : 4;
    o->in_alignment = o->in_alignment != 0 ? o->in_alignment : 4;
    o->out_divisor = o->out_divisor != 0 ? o->out_divisor : 4;
    o->out_alignment = o->out_alignment != 0 ? o->out_alignment : 4;
    o->max_segment = o->max_segment != 0 ? o->max_segment : 1514;
    o->multicast_filters = o->multicast_filters != 0 ? min(o->multicast_filters, 64) : 16;
    o->bit_rate = o->bit_rate != 0 ? o->bit_rate : rates[o->speed];
    g->max_packet = o->speed == UsbFullSpeed ? 64 : o->speed == UsbHighSpeed ? 512 : 1024;
    g->link_up = !o->link_down;
}

/* ---- submission ---------------------------------------------------------------------------------------------------
 */

static USHORT class_code_of(const struct usb_transfer *t)
{
    return t->kind == USB_TRANSFER_CONTROL && (t->setup[0] >> 5 & 3) == BMREQUEST_CLASS ? t->setup[1] | 0x100 : 0;
}

static void submit_control(struct gadget *g, struct usb_transfer *t, struct done_chain *done)
{
    if (g->options.ignore_request != 0 && class_code_of(t) == g->options.ignore_request) {
        queue_push(&g->held, t);
        return;
    }
    if (g->options.delay_100ns != 0) {
        queue_push(&g->delayed, t);
        if (g->delayed.first == t)
            KeSetTimer(&g->delay_timer, (LARGE_INTEGER){.QuadPart = -(LONGLONG)g->options.delay_100ns}, &g->delay_dpc);
        return;
    }
    done_add(done, t, gadget_control(g, t));
    gadget_notify_pump(g, done);
}

static void submit_data(struct gadget *g, struct usb_transfer *t, struct done_chain *done)
{
    bool *halted = t->endpoint == NCM_ENDPOINT_IN    ? &g->halted_in
                   : t->endpoint == NCM_ENDPOINT_OUT ? &g->halted_out
                                                     : &g->halted_notify;
    if (t->endpoint == NCM_ENDPOINT_IN && ++g->in_count == g->options.stall_in_at)
        *halted = true;
    if (t->endpoint == NCM_ENDPOINT_OUT && ++g->out_count == g->options.stall_out_at)
        *halted = true;
    if (*halted) {
        done_add(done, t, USBD_STATUS_STALL_PID);
    } else if (t->endpoint == NCM_ENDPOINT_IN) {
        queue_push(&g->in, t);
        gadget_in_submitted(g, done);
    } else if (t->endpoint == NCM_ENDPOINT_OUT) {
        queue_push(&g->out, t);
    } else if (t->endpoint == NCM_ENDPOINT_NOTIFY) {
        queue_push(&g->notify, t);
        gadget_notify_pump(g, done);
    } else {
        done_add(done, t, USBD_STATUS_DEV_NOT_RESPONDING);
    }
}

static void submit(struct usb_backend *backend, struct usb_transfer *chain)
{
    struct gadget *g = gadget_from_backend(backend);
    struct done_chain done;
    bool leaves = false;
    KIRQL irql;
    done_initialize(&done);
    KeAcquireSpinLock(&g->lock, &irql);
    while (chain != NULL) {
        struct usb_transfer *t = chain;
        chain = t->next;
        t->actual = 0;
        if (++g->transfer_count == g->options.remove_at)
            leaves = g->is_gone = true;
        if (g->is_gone)
            done_add(&done, t, USBD_STATUS_DEV_NOT_RESPONDING);
        else if (t->endpoint == 0)
            submit_control(g, t, &done);
        else
            submit_data(g, t, &done);
    }
    bool has_out = g->out.first != NULL || g->out_current != NULL;
    KeReleaseSpinLock(&g->lock, irql);
    usb_complete(backend, done.first);
    if (leaves)
        usb_disconnected(backend);
    else if (has_out)
        gadget_pump_out(g);
}

static VOID NTAPI answer_delayed(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    struct gadget *g = DeferredContext;
    struct done_chain done;
    done_initialize(&done);
    KeAcquireSpinLockAtDpcLevel(&g->lock);
    struct usb_transfer *t = queue_pop(&g->delayed);
    if (t != NULL) {
        done_add(&done, t, g->is_gone ? USBD_STATUS_DEV_NOT_RESPONDING : gadget_control(g, t));
        gadget_notify_pump(g, &done);
    }
    if (g->delayed.first != NULL)
        KeSetTimer(&g->delay_timer, (LARGE_INTEGER){.QuadPart = -(LONGLONG)g->options.delay_100ns}, &g->delay_dpc);
    KeReleaseSpinLockFromDpcLevel(&g->lock);
    usb_complete(&g->backend, done.first);
}

static void cancel(struct usb_backend *backend, struct usb_transfer *t)
{
    struct gadget *g = gadget_from_backend(backend);
    struct done_chain done;
    done_initialize(&done);
    KeAcquireSpinLockAtDpcLevel(&g->lock);
    if (queue_remove(&g->in, t) || queue_remove(&g->out, t) || queue_remove(&g->notify, t) ||
        queue_remove(&g->held, t) || queue_remove(&g->delayed, t)) {
        done_add(&done, t, USBD_STATUS_CANCELED);
    } else if (t == g->out_current && !g->out_busy) {
        g->out_current = NULL;
        g->frame_count = g->frame_next = 0;
        done_add(&done, t, USBD_STATUS_CANCELED);
    } else if (t == g->out_current) {
        g->out_cancelled = true;
    } else {
        gadget_cancel_in(g, t, &done);
    }
    KeReleaseSpinLockFromDpcLevel(&g->lock);
    usb_complete(backend, done.first);
}

/* ---- life ---------------------------------------------------------------------------------------------------------
 */

static NTSTATUS open_gadget(struct usb_backend *backend, char *error, size_t error_size)
{
    struct gadget *g = gadget_from_backend(backend);
    backend->speed = g->options.speed;
    NTSTATUS status = g->network->ops->attach(g->network, &g->port);
    g->is_attached = NT_SUCCESS(status);
    if (!g->is_attached)
        snprintf(error, error_size, "%s: the network \"%s\" behind the device cannot start (0x%08X)", backend->name,
                 g->network->name, (unsigned)status);
    return status;
}

static NTSTATUS reset(struct usb_backend *backend)
{
    struct gadget *g = gadget_from_backend(backend);
    KIRQL irql;
    KeAcquireSpinLock(&g->lock, &irql);
    bool is_gone = g->is_gone;
    g->configuration = g->alternate = 0;
    g->is_started = false;
    rndis_reset(g);
    g->halted_in = g->halted_out = g->halted_notify = false;
    g->notification_count = 0;
    gadget_data_reset(g);
    KeReleaseSpinLock(&g->lock, irql);
    return is_gone ? STATUS_NO_SUCH_DEVICE : STATUS_SUCCESS;
}

static void free_gadget(struct gadget *g)
{
    for (unsigned i = 0; i < GADGET_BACKLOG; i++)
        if (g->backlog[i].data != NULL)
            ExFreePoolWithTag(g->backlog[i].data, GADGET_TAG);
    if (g->assembly != NULL)
        ExFreePoolWithTag(g->assembly, GADGET_TAG);
    ExFreePoolWithTag(g, GADGET_TAG);
}

static void close_gadget(struct usb_backend *backend)
{
    struct gadget *g = gadget_from_backend(backend);
    KeCancelTimer(&g->delay_timer);
    KeFlushQueuedDpcs();
    if (g->is_attached)
        g->network->ops->detach(g->network);
    g->network->ops->destroy(g->network);
    free_gadget(g);
}

static const struct usb_backend_ops device_ops = {open_gadget, submit, cancel, reset, close_gadget};

void gadget_writable(struct gadget_port *port)
{
    gadget_pump_out(CONTAINING_RECORD(port, struct gadget, port));
}

struct usb_backend *gadget_create(const struct gadget_options *options, struct gadget_network *network)
{
    static const char *const names[] = {"ncm", "ecm", "rndis"};
    if (network == NULL)
        network = gadget_network_sink();
    struct gadget *g = network != NULL ? ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*g), GADGET_TAG) : NULL;
    if (g == NULL) {
        if (network != NULL)
            network->ops->destroy(network);
        return NULL;
    }
    memset(g, 0, sizeof(*g));
    if (options != NULL)
        g->options = *options;
    g->network = network;
    g->backend.ops = &device_ops;
    snprintf(g->backend.name, sizeof(g->backend.name), "sim:%s", names[g->options.device_class]);
    g->port = (struct gadget_port){gadget_receive, gadget_flush, gadget_writable};
    apply_defaults(g);
    KeInitializeSpinLock(&g->lock);
    KeInitializeTimer(&g->delay_timer);
    KeInitializeDpc(&g->delay_dpc, answer_delayed, g);
    struct transfer_queue *queues[] = {&g->in, &g->out, &g->notify, &g->held, &g->delayed};
    for (size_t i = 0; i < RTL_NUMBER_OF(queues); i++)
        queue_initialize(queues[i]);
    g->input_size = g->options.ntb_in_size;
    g->max_datagram = g->options.max_segment;
    memcpy(g->mac, g->options.mac, sizeof(g->mac));
    bool has_memory =
        (g->assembly = ExAllocatePoolWithTag(NonPagedPoolNx, g->options.ntb_out_size, GADGET_TAG)) != NULL;
    for (unsigned i = 0; i < GADGET_BACKLOG; i++)
        has_memory &=
            (g->backlog[i].data = ExAllocatePoolWithTag(NonPagedPoolNx, g->options.ntb_in_size, GADGET_TAG)) != NULL;
    if (!has_memory) {
        network->ops->destroy(network);
        free_gadget(g);
        return NULL;
    }
    return &g->backend;
}

void gadget_set_link(struct usb_backend *gadget, bool is_up)
{
    struct gadget *g = gadget_from_backend(gadget);
    struct done_chain done;
    KIRQL irql;
    done_initialize(&done);
    KeAcquireSpinLock(&g->lock, &irql);
    g->link_up = is_up;
    if (g->configuration != 0)
        gadget_notify_link(g);
    gadget_notify_pump(g, &done);
    KeReleaseSpinLock(&g->lock, irql);
    usb_complete(gadget, done.first);
}

void gadget_get_facts(struct usb_backend *gadget, struct gadget_facts *facts)
{
    struct gadget *g = gadget_from_backend(gadget);
    KIRQL irql;
    KeAcquireSpinLock(&g->lock, &irql);
    *facts = g->facts;
    memcpy(facts->mac, g->mac, sizeof(facts->mac));
    facts->configuration = g->configuration;
    facts->alternate_setting = g->alternate;
    facts->ntb_format = g->is_32;
    facts->crc_mode = g->has_crc;
    facts->packet_filter = g->packet_filter;
    facts->max_datagram_size = g->max_datagram;
    facts->multicast_count = g->multicast_count;
    memcpy(facts->multicast, g->multicast, sizeof(facts->multicast));
    facts->ntb_input_size = g->input_size;
    facts->ntb_input_max_datagrams = g->input_max_datagrams;
    KeReleaseSpinLock(&g->lock, irql);
}

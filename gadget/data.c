/*
 * Blocks and notifications of the simulated device. Towards the host, frames are collected in a block that is built
 * right in the memory of a waiting IN transfer when that has the agreed size, else in a backlog. From the host, blocks
 * are parsed in the OUT transfer's memory, and their frames offered to the network until it takes no more: then the
 * transfer waits, as a device does that answers NAK.
 */
#include "gadget/device.h"
#include <string.h>

/* ---- queues -------------------------------------------------------------------------------------------------------
 */

void queue_initialize(struct transfer_queue *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

void queue_push(struct transfer_queue *queue, struct usb_transfer *transfer)
{
    transfer->backend_next = NULL;
    *queue->last = transfer;
    queue->last = &transfer->backend_next;
}

struct usb_transfer *queue_pop(struct transfer_queue *queue)
{
    struct usb_transfer *transfer = queue->first;
    if (transfer != NULL && (queue->first = transfer->backend_next) == NULL)
        queue->last = &queue->first;
    return transfer;
}

bool queue_remove(struct transfer_queue *queue, struct usb_transfer *transfer)
{
    for (struct usb_transfer **at = &queue->first; *at != NULL; at = &(*at)->backend_next) {
        if (*at != transfer)
            continue;
        *at = transfer->backend_next;
        if (*at == NULL)
            queue->last = at;
        return true;
    }
    return false;
}

/* ---- to the host --------------------------------------------------------------------------------------------------
 */

/* Moves bytes of the oldest finished block into an IN transfer, packet by packet as the bus would. True when the
 * transfer is finished. */
static bool fill_from_backlog(struct gadget *g, struct usb_transfer *t, USBD_STATUS *status)
{
    struct gadget_block *block = &g->backlog[g->backlog_first];
    ULONG left = block->length - block->sent, room = t->length - t->actual;
    ULONG part = left < room ? left : room;
    *status = USBD_STATUS_SUCCESS;
    if (t->buffer == NULL && t->segment_count != 0) {
        /* Chained buffers: each piece in turn. */
        ULONG skip = t->actual, todo = part;
        const UCHAR *from = block->data + block->sent;
        for (ULONG i = 0; i < t->segment_count && todo != 0; i++) {
            ULONG length = t->segments[i].length;
            if (skip >= length) {
                skip -= length;
                continue;
            }
            ULONG n = length - skip < todo ? length - skip : todo;
            memcpy(t->segments[i].data + skip, from, n);
            from += n;
            todo -= n;
            skip = 0;
        }
    } else if (part != 0) {
        memcpy(t->buffer + t->actual, block->data + block->sent, part);
    }
    t->actual += part;
    block->sent += part;
    if (part < left && room % g->max_packet != 0)
        *status = USBD_STATUS_BABBLE_DETECTED; /* a packet came that is larger than what was left */
    if (part < left && *status == USBD_STATUS_SUCCESS)
        return true;
    bool ends = block_ends_transfer(g, block->length) || t->actual == t->length || *status != USBD_STATUS_SUCCESS;
    g->backlog_first = (g->backlog_first + 1) % GADGET_BACKLOG;
    g->backlog_count--;
    return ends;
}

static void drain_backlog(struct gadget *g, struct done_chain *done)
{
    while (g->backlog_count != 0 && g->in.first != NULL) {
        USBD_STATUS status;
        if (fill_from_backlog(g, g->in.first, &status)) {
            if (status == USBD_STATUS_BABBLE_DETECTED)
                g->halted_in = true;
            done_add(done, queue_pop(&g->in), status);
        }
    }
}

static bool begin_block(struct gadget *g)
{
    struct usb_transfer *t = g->in.first;
    /* A block may go straight into a transfer of the agreed size that nothing was written into yet. */
    if (g->backlog_count == 0 && t != NULL && t->buffer != NULL && t->actual == 0 && block_fits_transfer(g, t)) {
        g->building_in = queue_pop(&g->in);
        block_begin(g, t->buffer);
    } else if (g->backlog_count < GADGET_BACKLOG) {
        unsigned slot = (g->backlog_first + g->backlog_count) % GADGET_BACKLOG;
        g->building_in = NULL;
        block_begin(g, g->backlog[slot].data);
    } else {
        return false;
    }
    g->is_building = true;
    return true;
}

static void end_block(struct gadget *g, struct done_chain *done)
{
    ULONG length = block_finish(g);
    g->facts.ntbs_in++;
    g->is_building = false;
    if (g->building_in != NULL) {
        g->building_in->actual = length;
        done_add(done, g->building_in, USBD_STATUS_SUCCESS);
        g->building_in = NULL;
        return;
    }
    unsigned slot = (g->backlog_first + g->backlog_count) % GADGET_BACKLOG;
    g->backlog[slot].length = length;
    g->backlog[slot].sent = 0;
    g->backlog_count++;
    drain_backlog(g, done);
}

void gadget_in_submitted(struct gadget *g, struct done_chain *done)
{
    drain_backlog(g, done);
    /* What was collected while nothing was asked for goes out now. */
    if (g->in.first != NULL && g->is_building && g->building_in == NULL && g->block_frames != 0)
        end_block(g, done);
}

bool gadget_cancel_in(struct gadget *g, struct usb_transfer *transfer, struct done_chain *done)
{
    if (transfer == g->building_in) {
        end_block(g, done); /* what it has so far is a whole block */
        return true;
    }
    return false;
}

static bool is_multicast_wanted(const struct gadget *g, const UCHAR *to)
{
    if (memcmp(to, "\xFF\xFF\xFF\xFF\xFF\xFF", 6) == 0)
        return (g->packet_filter & NCM_FILTER_BROADCAST) != 0;
    if (g->packet_filter & NCM_FILTER_ALL_MULTICAST)
        return true;
    for (unsigned i = 0; g->packet_filter & NCM_FILTER_MULTICAST && i < g->multicast_count; i++)
        if (memcmp(to, g->multicast[i], 6) == 0)
            return true;
    return false;
}

static inline __attribute__((always_inline)) bool is_wanted(const struct gadget *g, const struct gadget_frame *frame)
{
    const UCHAR *to = frame->addresses != NULL ? frame->addresses : frame->data;
    if (!g->is_started || frame->length < 14 || frame->length > g->max_datagram)
        return false;
    if (g->packet_filter & NCM_FILTER_PROMISCUOUS)
        return true;
    if (!(to[0] & 1))
        return g->packet_filter & NCM_FILTER_DIRECTED && memcmp(to, g->mac, 6) == 0;
    return is_multicast_wanted(g, to);
}

/* Adds frames that the filter lets through, to as many blocks as they need; returns how many had room. */
static size_t add_frames(struct gadget *g, const struct gadget_frame *frames, size_t count, struct done_chain *done)
{
    size_t added = 0;
    bool is_fresh = false; /* the block is empty: what does not fit now never does */
    while (added < count) {
        if (!g->is_building) {
            if (!begin_block(g))
                break;
            is_fresh = true;
        }
        size_t n = block_add_frames(g, frames + added, count - added);
        added += n;
        if (added < count && n == 0 && is_fresh)
            break;
        if (added < count)
            end_block(g, done);
        is_fresh = false;
    }
    return added;
}

size_t gadget_receive(struct gadget_port *port, const struct gadget_frame *frames, size_t count)
{
    struct gadget *g = CONTAINING_RECORD(port, struct gadget, port);
    struct done_chain done;
    KIRQL irql;
    size_t taken = 0;
    done_initialize(&done);
    KeAcquireSpinLock(&g->lock, &irql);
    while (taken < count) {
        size_t run = 0, added;
        while (taken + run < count && is_wanted(g, &frames[taken + run]))
            run++;
        added = add_frames(g, frames + taken, run, &done);
        g->facts.frames_in += added;
        for (size_t i = 0; i < added; i++)
            g->facts.bytes_in += frames[taken + i].length;
        taken += added;
        if (added < run)
            break;
        if (taken < count) {
            g->facts.filtered++;
            taken++;
        }
    }
    KeReleaseSpinLock(&g->lock, irql);
    usb_complete(&g->backend, done.first);
    return taken;
}

void gadget_flush(struct gadget_port *port)
{
    struct gadget *g = CONTAINING_RECORD(port, struct gadget, port);
    struct done_chain done;
    KIRQL irql;
    done_initialize(&done);
    KeAcquireSpinLock(&g->lock, &irql);
    if (g->is_building && g->block_frames != 0 && (g->building_in != NULL || g->in.first != NULL))
        end_block(g, &done);
    KeReleaseSpinLock(&g->lock, irql);
    usb_complete(&g->backend, done.first);
}

void gadget_data_reset(struct gadget *g)
{
    /* Transfers that wait stay; the host takes them back before it changes settings. */
    if (g->is_building && g->building_in != NULL)
        queue_push(&g->in, g->building_in);
    g->is_building = false;
    g->building_in = NULL;
    g->backlog_count = 0;
    g->assembled = 0;
    g->sequence = 0;
}

/* ---- from the host ------------------------------------------------------------------------------------------------
 */

static void copy_from_transfer(const struct usb_transfer *t, UCHAR *out)
{
    if (t->buffer != NULL) {
        memcpy(out, t->buffer, t->length);
        return;
    }
    for (ULONG i = 0; i < t->segment_count; i++) {
        memcpy(out, t->segments[i].data, t->segments[i].length);
        out += t->segments[i].length;
    }
}

/* One more piece of a block. Returns the whole block when it is complete, NULL when more must come. */
static const UCHAR *collect(struct gadget *g, const struct usb_transfer *t, ULONG *size)
{
    bool is_last = t->length == 0 || t->length % g->max_packet != 0;
    ULONG limit = block_out_limit(g);
    if (t->length > limit - g->assembled) {
        gadget_error(g, "block from the host is larger than the device takes (%u)", (unsigned)limit);
        g->facts.bad_ntbs++;
        g->assembled = 0;
        return NULL;
    }
    is_last = is_last || (g->options.device_class != GADGET_ECM && g->assembled + t->length == limit);
    *size = g->assembled + t->length;
    if (*size == 0 && g->options.device_class == GADGET_ECM) {
        gadget_error(g, "an empty packet that ends no frame");
        g->facts.bad_ntbs++;
    }
    if (is_last && g->assembled == 0 && t->buffer != NULL)
        return t->buffer; /* the usual case: one transfer, parsed where it lies */
    if (t->length != 0)
        copy_from_transfer(t, g->assembly + g->assembled);
    g->assembled = is_last ? 0 : *size;
    return is_last && *size != 0 ? g->assembly : NULL;
}

static void parse_block(struct gadget *g, const UCHAR *block, ULONG size)
{
    const char *error = "";
    int count = block_parse(g, block, size, &error);
    g->frame_next = 0;
    g->frame_count = count > 0 ? (ULONG)count : 0;
    g->facts.ntbs_out++;
    if (count < 0) {
        g->facts.bad_ntbs++;
        gadget_error(g, "block from the host: %s", error);
    }
    for (int i = 0; i < count; i++)
        g->facts.bytes_out += g->frames[i].length;
    g->facts.frames_out += g->frame_count;
}

/* Makes the next OUT transfer current and parses what it completes. Under the lock. */
static bool next_out(struct gadget *g)
{
    if (g->out_current != NULL)
        return true;
    if (g->halted_out || (g->out_current = queue_pop(&g->out)) == NULL)
        return false;
    ULONG size;
    g->out_cancelled = false;
    g->frame_count = g->frame_next = 0;
    const UCHAR *block = collect(g, g->out_current, &size);
    if (block != NULL)
        parse_block(g, block, size);
    return true;
}

void gadget_pump_out(struct gadget *g)
{
    struct done_chain done;
    KIRQL irql;
    done_initialize(&done);
    KeAcquireSpinLock(&g->lock, &irql);
    g->out_again = true;
    while (!g->out_busy && next_out(g)) {
        if (g->frame_next < g->frame_count) {
            g->out_busy = true;
            g->out_again = false;
            const struct gadget_frame *frames = g->frames + g->frame_next;
            ULONG left = g->frame_count - g->frame_next;
            KeReleaseSpinLockFromDpcLevel(&g->lock);
            ULONG taken = (ULONG)g->network->ops->send(g->network, frames, left);
            KeAcquireSpinLockAtDpcLevel(&g->lock);
            g->out_busy = false;
            g->frame_next += taken;
            if (g->frame_next < g->frame_count && !g->out_cancelled) {
                if (g->out_again)
                    continue; /* room was made in the meantime */
                break;        /* NAK */
            }
        }
        struct usb_transfer *t = g->out_current;
        bool is_cancelled = g->frame_next < g->frame_count;
        g->out_current = NULL;
        g->frame_count = g->frame_next = 0;
        t->actual = is_cancelled ? 0 : t->length;
        done_add(&done, t, is_cancelled ? USBD_STATUS_CANCELED : USBD_STATUS_SUCCESS);
    }
    KeReleaseSpinLock(&g->lock, irql);
    usb_complete(&g->backend, done.first);
}

/* ---- notifications ------------------------------------------------------------------------------------------------
 */

void gadget_notify(struct gadget *g, const UCHAR *message, UCHAR length)
{
    for (ULONG i = 0; i <= g->options.duplicate_notifications; i++) {
        if (g->notification_count == NCM_MAX_NOTIFICATIONS)
            return;
        unsigned slot = (g->notification_first + g->notification_count++) % NCM_MAX_NOTIFICATIONS;
        memcpy(g->notifications[slot], message, length);
        g->notification_length[slot] = length;
    }
}

/* NCM 1.0, 7.1: ConnectionSpeedChange comes before the NetworkConnection that says "connected". */
void gadget_notify_link(struct gadget *g)
{
    if (g->options.device_class == GADGET_RNDIS) {
        rndis_indicate_link(g);
        return;
    }
    if (g->link_up) {
        UCHAR speed[16] = {0xA1, 0x2A, 0, 0, NCM_COMMUNICATION_INTERFACE, 0, 8, 0};
        ULONG rate = g->options.bit_rate > 0xFFFFFFFF ? 0xFFFFFFFF : (ULONG)g->options.bit_rate;
        memcpy(speed + 8, &rate, 4);
        memcpy(speed + 12, &rate, 4);
        gadget_notify(g, speed, sizeof(speed));
    }
    UCHAR connection[8] = {0xA1, 0x00, g->link_up, 0, NCM_COMMUNICATION_INTERFACE, 0, 0, 0};
    gadget_notify(g, connection, sizeof(connection));
}

void gadget_notify_pump(struct gadget *g, struct done_chain *done)
{
    while (g->notification_count != 0 && g->notify.first != NULL && !g->halted_notify) {
        struct usb_transfer *t = queue_pop(&g->notify);
        UCHAR length = g->notification_length[g->notification_first];
        t->actual = length < t->length ? length : t->length;
        memcpy(t->buffer, g->notifications[g->notification_first], t->actual);
        g->notification_first = (g->notification_first + 1) % NCM_MAX_NOTIFICATIONS;
        g->notification_count--;
        done_add(done, t, length > t->length ? USBD_STATUS_BABBLE_DETECTED : USBD_STATUS_SUCCESS);
    }
}

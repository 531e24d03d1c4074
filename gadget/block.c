/*
 * A block is a transfer of the bulk pipes, and each class of device has its own way to put frames into one: NCM in
 * transfer blocks (ntb.c), Remote NDIS in packet messages (rndis.c), ECM one by one as they are.
 */
#include "gadget/device.h"
#include <string.h>

ULONG block_out_limit(const struct gadget *g)
{
    return g->options.device_class == GADGET_ECM ? g->options.max_segment : g->options.ntb_out_size;
}

bool block_fits_transfer(const struct gadget *g, const struct usb_transfer *t)
{
    /* What ends an NTB depends on the agreed size; the others end with a packet that is not full. */
    return g->options.device_class == GADGET_NCM ? t->length == g->input_size : t->length >= g->input_size;
}

bool block_ends_transfer(const struct gadget *g, ULONG length)
{
    /* After an NTB comes a short or empty packet unless it has the full size: then there is neither (3.2.1). */
    return g->options.device_class != GADGET_NCM || length % g->max_packet != 0 || length < g->input_size;
}

void block_begin(struct gadget *g, UCHAR *data)
{
    struct ntb_rules rules = {g->is_32,
                              g->has_crc,
                              g->input_size,
                              g->max_datagram,
                              g->input_max_datagrams,
                              g->options.in_divisor,
                              g->options.in_remainder,
                              g->options.in_alignment};
    g->block = data;
    g->block_frames = 0;
    switch (g->options.device_class) {
    case GADGET_ECM:
        g->ecm_length = 0;
        break;
    case GADGET_RNDIS:
        rndis_begin(&g->rndis_builder, data, g->input_size, g->options.rndis_info);
        break;
    default:
        ntb_begin(&g->builder, data, g->input_size, &rules);
        break;
    }
}

size_t block_add_frames(struct gadget *g, const struct gadget_frame *frames, size_t count)
{
    size_t added;
    switch (g->options.device_class) {
    case GADGET_ECM:
        added = g->ecm_length == 0 && count != 0;
        if (added != 0) {
            g->ecm_length = frames->length;
            gadget_copy_frame(g->block, frames);
        }
        break;
    case GADGET_RNDIS:
        added = rndis_add_frames(&g->rndis_builder, frames, count);
        break;
    default:
        added = ntb_add_frames(&g->builder, frames, count);
        break;
    }
    g->block_frames += added;
    return added;
}

ULONG block_finish(struct gadget *g)
{
    ULONG every = g->options.ntb_fault_every > 1 ? g->options.ntb_fault_every : 1, length;
    bool is_spoilt = ++g->block_count % every == 0;
    switch (g->options.device_class) {
    case GADGET_ECM:
        return is_spoilt ? ntb_spoil_shape(g->options.ntb_fault, g->block, g->ecm_length, g->input_size, g->block_count)
                         : g->ecm_length;
    case GADGET_RNDIS:
        length = g->rndis_builder.used;
        return is_spoilt ? rndis_spoil(g->options.rndis_fault, g->block, length, g->input_size, g->block_count)
                         : length;
    default:
        length = ntb_finish(&g->builder, g->sequence++);
        return is_spoilt && g->options.ntb_fault != GADGET_NTB_OK
                   ? ntb_spoil(g->options.ntb_fault, g->block, length, g->input_size, g->is_32, g->block_count)
                   : length;
    }
}

static int parse_ecm(const struct gadget *g, const UCHAR *block, ULONG size, struct gadget_frame *frame,
                     const char **error)
{
    if (size < 14 || size > g->max_datagram) {
        *error = "a frame is shorter than its header or too long";
        return -1;
    }
    *frame = (struct gadget_frame){block, NULL, size};
    return 1;
}

int block_parse(struct gadget *g, const UCHAR *block, ULONG size, const char **error)
{
    struct rndis_rules messages = {g->options.ntb_out_size, g->max_datagram, RNDIS_MAX_PACKETS};
    struct ntb_rules rules = {g->is_32,
                              g->has_crc,
                              g->options.ntb_out_size,
                              g->max_datagram,
                              g->options.ntb_out_max_datagrams,
                              g->options.out_divisor,
                              g->options.out_remainder,
                              g->options.out_alignment};
    switch (g->options.device_class) {
    case GADGET_ECM:
        return parse_ecm(g, block, size, g->frames, error);
    case GADGET_RNDIS:
        return rndis_parse(block, size, &messages, g->frames, error);
    default:
        return ntb_parse(block, size, &rules, g->frames, NTB_MAX_DATAGRAMS, error);
    }
}

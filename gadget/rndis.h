/*
 * Remote NDIS packet messages on the device's side: a strict parser for what the host sends and a builder for what it
 * gets. Pure code over memory, as ntb.h. The messages are those of "Remote NDIS Specification", revision 1.1.
 */
#pragma once

#include "gadget/gadget.h"

enum {
    RNDIS_PACKET_HEADER = 44,
    RNDIS_MAX_PACKETS = 32,     /* MaxPacketsPerMessage: that the host may put into a transfer */
    RNDIS_ALIGNMENT_FACTOR = 3, /* PacketAlignmentFactor: messages begin at multiples of 8 bytes */
    RNDIS_PER_PACKET_INFO = 16, /* length of the 802.1Q record that options add to each message */
    RNDIS_INFO_IEEE_8021Q = 6,
};

struct rndis_rules {
    ULONG max_size;     /* of a transfer */
    ULONG max_datagram; /* without FCS */
    ULONG max_packets;  /* in a transfer */
};

/* Finds the frames of a transfer. Returns how many, or -1 with the reason; nothing is returned of a transfer of which
 * any part is wrong. FRAMES has room for rules->max_packets. */
int rndis_parse(const UCHAR *data, size_t size, const struct rndis_rules *rules, struct gadget_frame *frames,
                const char **error);

struct rndis_builder {
    UCHAR *data;
    ULONG capacity, used, count, last;
    bool has_info; /* per-packet information in each message */
};

void rndis_begin(struct rndis_builder *builder, UCHAR *data, ULONG capacity, bool has_info);
/* Adds frames in order; returns how many: fewer when the next one has no room any more. */
size_t rndis_add_frames(struct rndis_builder *builder, const struct gadget_frame *frames, size_t count);

/* Spoils a finished transfer in one way; returns its new length (at most CAPACITY). */
ULONG rndis_spoil(enum gadget_rndis_fault fault, UCHAR *data, ULONG length, ULONG capacity, ULONG seed);

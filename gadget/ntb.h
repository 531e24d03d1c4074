/*
 * NCM Transfer Blocks on the device's side: a strict parser for what the host sends and a builder for what it gets.
 * Pure code over memory, so that it can be fuzzed alone. Section numbers are those of "Universal Serial Bus
 * Communications Class Subclass Specification for Network Control Model Devices", revision 1.0.
 */
#pragma once

#include "gadget/gadget.h"

enum { NTB_MIN_SIZE = 2048, NTB_MAX_DATAGRAMS = 2048 };

struct ntb_rules {
    bool is_32, has_crc;
    ULONG max_size;      /* dwNtbInMaxSize, dwNtbOutMaxSize or what was agreed */
    ULONG max_datagram;  /* without FCS */
    ULONG max_datagrams; /* 0: no limit */
    USHORT divisor, remainder, alignment;
};

/* Finds the datagrams of a block. Returns how many, or -1 with the reason. Nothing is returned of a block of which any
 * part is wrong. FRAMES has room for MAX; more is an error. */
int ntb_parse(const UCHAR *data, size_t size, const struct ntb_rules *rules, struct gadget_frame *frames, size_t max,
              const char **error);

struct ntb_entry {
    ULONG index, length;
};

/* A block under construction: NTH, datagrams, and the NDP behind them when it is finished. */
struct ntb_builder {
    UCHAR *data;
    ULONG capacity, used, count;
    struct ntb_rules rules;
    struct ntb_entry entries[NTB_MAX_DATAGRAMS];
};

void ntb_begin(struct ntb_builder *builder, UCHAR *data, ULONG capacity, const struct ntb_rules *rules);
/* Adds frames in order; returns how many: fewer when the next one has no room any more. */
size_t ntb_add_frames(struct ntb_builder *builder, const struct gadget_frame *frames, size_t count);
static inline bool ntb_add(struct ntb_builder *builder, const struct gadget_frame *frame)
{
    return ntb_add_frames(builder, frame, 1) == 1;
}
/* Writes header and pointer table; returns the length of the block. */
ULONG ntb_finish(struct ntb_builder *builder, USHORT sequence);

/* Spoils a finished block in one way; returns its new length (at most CAPACITY). */
ULONG ntb_spoil(enum gadget_ntb_fault fault, UCHAR *data, ULONG length, ULONG capacity, bool is_32, ULONG seed);

/* The same for faults that any block can have: cut off, empty, garbage. */
ULONG ntb_spoil_shape(enum gadget_ntb_fault fault, UCHAR *data, ULONG length, ULONG capacity, ULONG seed);

/* IEEE 802.3 frame check sequence. */
ULONG ntb_crc(ULONG crc, const UCHAR *data, size_t size);

/*
 * The inside of the simulated device: its state, shared by descriptors (descriptors.c), requests (control.c,
 * rndis_control.c), data (data.c) and the classes' ways of putting frames into transfers (block.c). One spin lock
 * guards it; it is never held while the network or the hub is called. Transfers to give back are collected in a chain
 * and completed after the lock is released.
 */
#pragma once

#include "gadget/ntb.h"
#include "gadget/rndis.h"
#include "ntoskrnl/ke/ke.h"

#define GADGET_TAG 0x6D636E67 /* "gncm" */

#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif

enum {
    NCM_COMMUNICATION_INTERFACE = 0,
    NCM_DATA_INTERFACE = 1,
    NCM_ENDPOINT_NOTIFY = 0x81,
    NCM_ENDPOINT_IN = 0x82,
    NCM_ENDPOINT_OUT = 0x03,
    GADGET_BACKLOG = 8, /* blocks kept while the host asks for none */
    NCM_MAX_NOTIFICATIONS = 64,
    NCM_MAX_DESCRIPTOR = 512,
    RNDIS_MAX_RESPONSES = 16,
    RNDIS_MAX_RESPONSE = 128,
    RNDIS_SEND_COMMAND = 0x00,
    RNDIS_GET_RESPONSE = 0x01,
};

/* Capabilities (bmNetworkCapabilities, 5.2.1). */
enum {
    NCM_CAP_PACKET_FILTER = 0x01,
    NCM_CAP_NET_ADDRESS = 0x02,
    NCM_CAP_MAX_DATAGRAM = 0x08,
    NCM_CAP_CRC_MODE = 0x10,
    NCM_CAP_INPUT_SIZE_8 = 0x20,
};

/* Class requests (table 6-2). */
enum {
    NCM_SET_MULTICAST_FILTERS = 0x40,
    NCM_SET_PACKET_FILTER = 0x43,
    NCM_GET_STATISTIC = 0x44,
    NCM_GET_NTB_PARAMETERS = 0x80,
    NCM_GET_NET_ADDRESS = 0x81,
    NCM_SET_NET_ADDRESS = 0x82,
    NCM_GET_NTB_FORMAT = 0x83,
    NCM_SET_NTB_FORMAT = 0x84,
    NCM_GET_NTB_INPUT_SIZE = 0x85,
    NCM_SET_NTB_INPUT_SIZE = 0x86,
    NCM_GET_MAX_DATAGRAM_SIZE = 0x87,
    NCM_SET_MAX_DATAGRAM_SIZE = 0x88,
    NCM_GET_CRC_MODE = 0x89,
    NCM_SET_CRC_MODE = 0x8A,
};

/* Packet filter bits (ECM 1.2, table 8). */
enum {
    NCM_FILTER_PROMISCUOUS = 0x01,
    NCM_FILTER_ALL_MULTICAST = 0x02,
    NCM_FILTER_DIRECTED = 0x04,
    NCM_FILTER_BROADCAST = 0x08,
    NCM_FILTER_MULTICAST = 0x10,
};

struct transfer_queue {
    struct usb_transfer *first, **last;
};

struct gadget_block {
    UCHAR *data;
    ULONG length, sent; /* sent: bytes that have gone into transfers */
};

struct gadget {
    struct usb_backend backend; /* first */
    struct gadget_port port;
    struct gadget_network *network;
    struct gadget_options options;
    char serial[32];
    bool is_attached, is_gone, link_up;
    ULONG max_packet;
    KSPIN_LOCK lock;

    /* Settings of the host. */
    UCHAR configuration, alternate;
    bool is_started; /* frames go to the host */
    UCHAR mac[6];
    bool halted_in, halted_out, halted_notify, remote_wakeup;
    USHORT packet_filter, max_datagram, multicast_count;
    UCHAR multicast[64][6];
    bool is_32, has_crc;
    ULONG input_size;
    USHORT input_max_datagrams;

    /* Transfers that wait. */
    struct transfer_queue in, out, notify, held, delayed;
    KTIMER delay_timer;
    KDPC delay_dpc;
    ULONG transfer_count, in_count, out_count;

    /* To the host. */
    struct ntb_builder builder;
    struct rndis_builder rndis_builder;
    ULONG ecm_length;
    UCHAR *block; /* where the block is built */
    size_t block_frames;
    struct usb_transfer *building_in; /* the transfer that the builder writes into, else a backlog slot */
    bool is_building;
    struct gadget_block backlog[GADGET_BACKLOG];
    unsigned backlog_first, backlog_count;
    USHORT sequence;
    ULONG block_count;

    /* From the host. */
    bool out_busy, out_cancelled, out_again;
    struct usb_transfer *out_current;
    UCHAR *assembly;
    ULONG assembled;
    struct gadget_frame frames[NTB_MAX_DATAGRAMS];
    ULONG frame_count, frame_next;

    UCHAR notifications[NCM_MAX_NOTIFICATIONS][16];
    UCHAR notification_length[NCM_MAX_NOTIFICATIONS];
    unsigned notification_first, notification_count;

    /* Remote NDIS, control channel: messages that wait to be fetched. */
    UCHAR responses[RNDIS_MAX_RESPONSES][RNDIS_MAX_RESPONSE];
    ULONG response_length[RNDIS_MAX_RESPONSES];
    unsigned response_first, response_count;
    ULONG rndis_next_id;

    struct gadget_facts facts;
};

static inline struct gadget *gadget_from_backend(struct usb_backend *backend)
{
    return (struct gadget *)backend;
}

void queue_initialize(struct transfer_queue *queue);
void queue_push(struct transfer_queue *queue, struct usb_transfer *transfer);
struct usb_transfer *queue_pop(struct transfer_queue *queue);
bool queue_remove(struct transfer_queue *queue, struct usb_transfer *transfer);

/* Transfers to complete once the lock is released. */
struct done_chain {
    struct usb_transfer *first, **last;
};
static inline void done_initialize(struct done_chain *done)
{
    done->first = NULL;
    done->last = &done->first;
}
static inline void done_add(struct done_chain *done, struct usb_transfer *transfer, USBD_STATUS status)
{
    transfer->status = status;
    transfer->next = NULL;
    *done->last = transfer;
    done->last = &transfer->next;
}

/* Descriptors, with the fault that the options ask for. Return lengths. */
ULONG gadget_device_descriptor(const struct gadget *gadget, UCHAR *out);
ULONG gadget_configuration_descriptor(const struct gadget *gadget, UCHAR *out);
ULONG gadget_string_descriptor(const struct gadget *gadget, UCHAR index, UCHAR *out);
ULONG gadget_bos_descriptor(const struct gadget *gadget, UCHAR *out);

/* Answers a control transfer: fills actual and returns the status. Under the lock. */
USBD_STATUS gadget_control(struct gadget *gadget, struct usb_transfer *transfer);
UCHAR ncm_capabilities(const struct gadget *gadget);
/* The request is refused, for this reason; returns the status of a stall. */
USBD_STATUS gadget_stall(struct gadget *gadget, const USB_DEFAULT_PIPE_SETUP_PACKET *setup, const char *why);

/* Remote NDIS, control channel; under the lock. */
USBD_STATUS rndis_control(struct gadget *gadget, struct usb_transfer *transfer,
                          const USB_DEFAULT_PIPE_SETUP_PACKET *setup);
void rndis_reset(struct gadget *gadget);
void rndis_indicate_link(struct gadget *gadget);

/* Blocks; under the lock. One is built in memory of at least input_size bytes at a time. */
void block_begin(struct gadget *gadget, UCHAR *data);
size_t block_add_frames(struct gadget *gadget, const struct gadget_frame *frames, size_t count);
ULONG block_finish(struct gadget *gadget); /* with the fault that the options ask for; returns the length */
bool block_fits_transfer(const struct gadget *gadget, const struct usb_transfer *transfer);
bool block_ends_transfer(const struct gadget *gadget, ULONG length);
ULONG block_out_limit(const struct gadget *gadget); /* of a block from the host */
/* Frames of a block from the host into gadget->frames; how many, or -1 with the reason. */
int block_parse(struct gadget *gadget, const UCHAR *block, ULONG size, const char **error);

/* Data; under the lock. */
void gadget_data_reset(struct gadget *gadget);
void gadget_in_submitted(struct gadget *gadget, struct done_chain *done);
bool gadget_cancel_in(struct gadget *gadget, struct usb_transfer *transfer, struct done_chain *done);
void gadget_notify_link(struct gadget *gadget);
void gadget_notify(struct gadget *gadget, const UCHAR *message, UCHAR length);
void gadget_notify_pump(struct gadget *gadget, struct done_chain *done);
void gadget_error(struct gadget *gadget, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Not under the lock: takes OUT transfers as long as the network takes frames. */
void gadget_pump_out(struct gadget *gadget);
void gadget_writable(struct gadget_port *port);
size_t gadget_receive(struct gadget_port *port, const struct gadget_frame *frames, size_t count);
void gadget_flush(struct gadget_port *port);

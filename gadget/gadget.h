/*
 * Simulated USB devices, and the networks behind them. A gadget is a usb_backend: it sees setup packets and bulk data
 * exactly as device firmware would, and knows nothing of URBs or drivers. Options make it any size, speed and kind of
 * faulty, for tests; without options it is a well-behaved CDC-NCM 1.0 adapter at high speed. CDC-ECM and Remote NDIS
 * adapters are the same device with another class.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <wdm.h>
#include "usb/usb.h"

/* ---- the network behind a gadget ------------------------------------------------------------------------------------
 */

/* A frame without FCS, in someone else's memory; valid during the call that hands it over. ADDRESSES, when not NULL,
 * are 12 bytes that stand in place of the frame's first 12: so an echo needs no copy to exchange them. */
struct gadget_frame {
    const UCHAR *data;
    const UCHAR *addresses;
    ULONG length;
};

static inline void gadget_copy_frame(UCHAR *out, const struct gadget_frame *frame)
{
    if (frame->addresses != NULL && frame->length >= 12) {
        memcpy(out, frame->addresses, 12);
        memcpy(out + 12, frame->data + 12, frame->length - 12);
    } else {
        memcpy(out, frame->data, frame->length);
    }
}

struct gadget_network;

/* The gadget's side, given to attach. */
struct gadget_port {
    /* Takes frames towards the host; returns how many were taken. The rest did not fit: drop them, or offer them again
     * later. IRQL <= DISPATCH_LEVEL. */
    size_t (*receive)(struct gadget_port *port, const struct gadget_frame *frames, size_t count);
    /* No more frames will come right now: what is collected goes out. IRQL <= DISPATCH_LEVEL. */
    void (*flush)(struct gadget_port *port);
    /* The network, which took fewer frames than it was given, takes more now. IRQL <= DISPATCH_LEVEL. */
    void (*writable)(struct gadget_port *port);
};

struct gadget_network_ops {
    /* PASSIVE_LEVEL. The port is valid until detach returns. */
    NTSTATUS (*attach)(struct gadget_network *network, struct gadget_port *port);
    /* Frames from the host; returns how many were taken, in order. What was not taken is offered again at the next
     * chance: that is how a device says NAK. DISPATCH_LEVEL, never from inside port->receive of the same thread. */
    size_t (*send)(struct gadget_network *network, const struct gadget_frame *frames, size_t count);
    /* No call to the port after this returns. PASSIVE_LEVEL. */
    void (*detach)(struct gadget_network *network);
    /* Frees the network; after detach. PASSIVE_LEVEL. */
    void (*destroy)(struct gadget_network *network);
};

struct gadget_network {
    const struct gadget_network_ops *ops;
    const char *name; /* "slirp", "echo", "sink" */
};

/* Every frame comes back with its MAC addresses exchanged. */
struct gadget_network *gadget_network_echo(void);

/* Frames to it vanish; frames come only by gadget_network_inject. Counts what it saw and keeps a hash of it. */
struct gadget_network *gadget_network_sink(void);
struct gadget_sink_counts {
    ULONGLONG frames, bytes;
    ULONG last_length;
    UCHAR last[1600]; /* start of the last frame */
};
void gadget_network_sink_counts(struct gadget_network *sink, struct gadget_sink_counts *counts);
/* Offers a frame to the host. False when there was no room or no port. IRQL <= DISPATCH_LEVEL. */
bool gadget_network_inject(struct gadget_network *sink, const void *frame, ULONG length);

/* libslirp in a thread of its own: DHCP hands out 10.0.2.15/24, the gateway and host is 10.0.2.2 and answers ping; TCP
 * to 10.0.2.2 reaches 127.0.0.1 of this machine. No DNS, no IPv6, no access to other machines unless ALLOW_INTERNET. */
struct gadget_network *gadget_network_slirp(bool allow_internet);

/* A TAP interface of Linux, which is made when there is none of that name: the other end of the device's cable. NULL:
 * ERROR says why. Needs root or CAP_NET_ADMIN. */
struct gadget_network *gadget_network_tap(const char *name, char *error, size_t error_size);

/* ---- an HTTP server to have something to download
 * -------------------------------------------------------------------- */

struct gadget_http_server;
/* Serves SIZE deterministic bytes at every path of http://127.0.0.1:PORT/ (10.0.2.2:PORT from behind slirp). */
NTSTATUS gadget_http_start(ULONGLONG size, struct gadget_http_server **server, char *error, size_t error_size);
USHORT gadget_http_port(const struct gadget_http_server *server);
/* SHA-256 of the whole document. */
void gadget_http_digest(const struct gadget_http_server *server, UCHAR digest[32]);
ULONGLONG gadget_http_size(const struct gadget_http_server *server);
void gadget_http_stop(struct gadget_http_server *server);

/* ---- network adapters
 * --------------------------------------------------------------------------------------------------------
 */

/* 1209:0001 is the first of the ids that pid.codes reserves for private testing: no product can carry it, and this
 * device never leaves the process. */
#define GADGET_NCM_VENDOR    0x1209
#define GADGET_NCM_PRODUCT   0x0001
#define GADGET_ECM_PRODUCT   0x0002
#define GADGET_RNDIS_PRODUCT 0x0003

/* What is wrong with the device's descriptors. */
enum gadget_descriptor_fault {
    GADGET_DESCRIPTOR_OK,
    GADGET_DESCRIPTOR_DEVICE_SHORT,      /* 10 bytes of device descriptor */
    GADGET_DESCRIPTOR_DEVICE_TYPE,       /* bDescriptorType is wrong */
    GADGET_DESCRIPTOR_NO_CONFIGURATION,  /* bNumConfigurations 0 */
    GADGET_DESCRIPTOR_TOTAL_SHORT,       /* wTotalLength smaller than what follows */
    GADGET_DESCRIPTOR_TOTAL_LONG,        /* wTotalLength larger than what comes */
    GADGET_DESCRIPTOR_TOTAL_TINY,        /* wTotalLength 4 */
    GADGET_DESCRIPTOR_ZERO_LENGTH,       /* bLength 0 inside: a naive parser loops */
    GADGET_DESCRIPTOR_OVERRUN,           /* last bLength runs past the end */
    GADGET_DESCRIPTOR_ENDPOINT_COUNT,    /* bNumEndpoints says more than there are */
    GADGET_DESCRIPTOR_INTERFACE_COUNT,   /* bNumInterfaces says more than there are */
    GADGET_DESCRIPTOR_ENDPOINT_TWICE,    /* the same address twice in one setting */
    GADGET_DESCRIPTOR_ENDPOINT_ZERO,     /* endpoint address 0 */
    GADGET_DESCRIPTOR_PACKET_SIZE_ZERO,  /* wMaxPacketSize 0 on a bulk endpoint */
    GADGET_DESCRIPTOR_NO_NCM_FUNCTIONAL, /* valid USB, but no NCM functional descriptor: the driver's case */
    GADGET_DESCRIPTOR_NO_ETHERNET,       /* no Ethernet functional descriptor */
    GADGET_DESCRIPTOR_NO_UNION,          /* no Union functional descriptor */
    GADGET_DESCRIPTOR_NO_BULK_IN,        /* data interface without IN endpoint */
    GADGET_DESCRIPTOR_BAD_MAC_STRING,    /* iMACAddress names "not a mac" */
    GADGET_DESCRIPTOR_FAULTS,
};

/* What is wrong with the NTBs that it sends; the rest of each NTB is right. */
enum gadget_ntb_fault {
    GADGET_NTB_OK,
    GADGET_NTB_SIGNATURE,
    GADGET_NTB_HEADER_LENGTH,
    GADGET_NTB_BLOCK_LENGTH_LONG,  /* more than was sent */
    GADGET_NTB_BLOCK_LENGTH_SHORT, /* less than its own header */
    GADGET_NTB_NDP_INDEX_END,      /* beyond the block */
    GADGET_NTB_NDP_INDEX_HEADER,   /* inside the header */
    GADGET_NTB_NDP_INDEX_ODD,      /* not aligned */
    GADGET_NTB_NDP_SIGNATURE,
    GADGET_NTB_NDP_LENGTH_SHORT,
    GADGET_NTB_NDP_LENGTH_LONG,
    GADGET_NTB_NDP_LOOP,         /* wNextNdpIndex points to itself */
    GADGET_NTB_NDP_UNTERMINATED, /* no zero entry at the end */
    GADGET_NTB_DATAGRAM_INDEX,   /* beyond the block */
    GADGET_NTB_DATAGRAM_LENGTH,  /* runs past the block */
    GADGET_NTB_DATAGRAM_TINY,    /* 5 bytes: less than an Ethernet header */
    GADGET_NTB_DATAGRAM_HUGE,    /* more than wMaxSegmentSize */
    GADGET_NTB_DATAGRAM_HEADER,  /* points into the NTB header */
    GADGET_NTB_TRUNCATED,        /* cut in the middle */
    GADGET_NTB_ONE_BYTE,
    GADGET_NTB_EMPTY,        /* zero-length packet only */
    GADGET_NTB_GARBAGE,      /* pseudo-random bytes */
    GADGET_NTB_OTHER_FORMAT, /* NTB-32 when NTB-16 is agreed, and the other way round */
    GADGET_NTB_FAULTS,
};

enum gadget_class { GADGET_NCM, GADGET_ECM, GADGET_RNDIS };

/* What is wrong with the messages of a Remote NDIS device: first those on the control channel, then packet messages. */
enum gadget_rndis_fault {
    GADGET_RNDIS_OK,
    GADGET_RNDIS_NO_NOTIFICATION,   /* answers wait, but are not announced */
    GADGET_RNDIS_STALLS_WHEN_EMPTY, /* instead of answering a zero when there is no message */
    GADGET_RNDIS_CHATTER,           /* a KEEPALIVE and an INDICATE_STATUS of no known code before each answer */
    GADGET_RNDIS_NO_ANSWER,
    GADGET_RNDIS_WRONG_REQUEST_ID,
    GADGET_RNDIS_ANSWER_SHORT,     /* half of it */
    GADGET_RNDIS_ANSWER_LENGTH,    /* MessageLength is larger than what comes */
    GADGET_RNDIS_QUERY_OFFSET,     /* the information is outside the message */
    GADGET_RNDIS_QUERY_EMPTY,      /* no information */
    GADGET_RNDIS_MEDIUM,           /* not 802.3 */
    GADGET_RNDIS_TRANSFER_TINY,    /* MaxTransferSize 100 */
    GADGET_RNDIS_ALIGNMENT_HUGE,   /* PacketAlignmentFactor 31 */
    GADGET_RNDIS_FAILS_INITIALIZE, /* status RNDIS_STATUS_FAILURE */
    GADGET_RNDIS_MESSAGE_TYPE,
    GADGET_RNDIS_MESSAGE_LENGTH_SHORT,
    GADGET_RNDIS_MESSAGE_LENGTH_LONG,
    GADGET_RNDIS_MESSAGE_LENGTH_HUGE,
    GADGET_RNDIS_DATA_OFFSET,        /* so large that sums wrap around */
    GADGET_RNDIS_DATA_OFFSET_HEADER, /* into the header */
    GADGET_RNDIS_DATA_LENGTH,        /* beyond the message */
    GADGET_RNDIS_DATA_TINY,
    GADGET_RNDIS_OUT_OF_BAND, /* out-of-band data outside the message */
    GADGET_RNDIS_INFO,        /* per-packet information outside the message */
    GADGET_RNDIS_TRUNCATED,
    GADGET_RNDIS_ONE_BYTE,
    GADGET_RNDIS_GARBAGE,
    GADGET_RNDIS_FAULTS,
};

struct gadget_options {
    enum gadget_class device_class;
    USHORT vendor, product; /* 0: GADGET_NCM_VENDOR, and GADGET_NCM_PRODUCT, _ECM_ or _RNDIS_ by class */
    USB_DEVICE_SPEED speed; /* UsbLowSpeed (0) stands for the default, UsbHighSpeed */
    UCHAR mac[6];           /* of the host's adapter; all zero: 02:4E:43:4D:00:01 ("NCM") */
    const char *serial;     /* NULL: "0001" */
    bool use_association;   /* composite: bDeviceClass EF/02/01 with an interface association descriptor */
    bool rndis_info;        /* Remote NDIS: per-packet information in each message */
    bool no_ntb32;          /* bmNtbFormatsSupported 1 */
    bool no_crc_mode, no_net_address, no_max_datagram_size, no_packet_filter, no_input_size_8;
    ULONG ntb_in_size;                                /* 0: 16384 at full speed, else 32768 */
    ULONG ntb_out_size;                               /* the same */
    USHORT ntb_out_max_datagrams;                     /* 0: no limit */
    USHORT in_divisor, in_remainder, in_alignment;    /* 0: 4, 0, 4 */
    USHORT out_divisor, out_remainder, out_alignment; /* 0: 4, 0, 4 */
    USHORT max_segment;                               /* 0: 1514 */
    USHORT multicast_filters;                         /* perfect filters; 0: 16 */
    ULONGLONG bit_rate;                               /* of ConnectionSpeedChange; 0: by speed */
    bool link_down;                                   /* starts without NetworkConnection; see gadget_set_link */

    /* Faults. */
    enum gadget_descriptor_fault descriptor_fault;
    enum gadget_ntb_fault ntb_fault;
    enum gadget_rndis_fault rndis_fault;
    ULONG ntb_fault_every;           /* which NTBs, frames or messages: 0 or 1 each, n each n-th */
    USHORT stall_request;            /* class request code | 0x100 that always stalls */
    USHORT ignore_request;           /* class request code | 0x100 that is never answered */
    USHORT short_request;            /* class request code | 0x100 answered with one byte less */
    ULONG delay_100ns;               /* answers to control requests come so much later */
    ULONG stall_in_at, stall_out_at; /* the n-th bulk transfer stalls the endpoint; 0 never */
    ULONG remove_at;                 /* the device leaves at its n-th transfer of any kind; 0 never */
    ULONG duplicate_notifications;   /* each is sent so many extra times */
};

/* Remote NDIS: the device asks whether the host lives (REMOTE_NDIS_KEEPALIVE_MSG). IRQL <= DISPATCH_LEVEL. */
void gadget_rndis_keep_alive(struct usb_backend *gadget);

/* A gadget for usb_plug, with NETWORK behind it (which it then owns; NULL: a sink). OPTIONS may be NULL. NULL without
 * memory. PASSIVE_LEVEL. */
struct usb_backend *gadget_create(const struct gadget_options *options, struct gadget_network *network);

/* The cable behind the device: sends NetworkConnection (and, going up, ConnectionSpeedChange first).
 * IRQL <= DISPATCH_LEVEL. */
void gadget_set_link(struct usb_backend *gadget, bool is_up);

/* What the device has seen, for tests and reports. */
struct gadget_facts {
    UCHAR mac[6], configuration, alternate_setting;
    USHORT ntb_format, packet_filter, max_datagram_size, multicast_count, crc_mode;
    UCHAR multicast[16][6];
    ULONG ntb_input_size;
    USHORT ntb_input_max_datagrams;
    ULONGLONG ntbs_in, ntbs_out, frames_in, frames_out, bytes_in, bytes_out; /* in: to the host */
    ULONGLONG bad_ntbs;          /* from the host, refused by the strict parser */
    ULONGLONG filtered, dropped; /* frames to the host: by filter, for want of room */
    ULONGLONG stalls;            /* control requests refused */
    char last_error[128];        /* what was wrong with the last bad NTB or request */
    /* Remote NDIS */
    bool rndis_initialized;
    ULONGLONG rndis_commands;    /* messages from the host */
    ULONGLONG rndis_keep_alives; /* KEEPALIVE from the host */
    ULONGLONG rndis_kept_alive;  /* the host's answers to the device's */
};
void gadget_get_facts(struct usb_backend *gadget, struct gadget_facts *facts);

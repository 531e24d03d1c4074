/*
 * The USB/IP protocol, version 1.1.1, as Documentation/usb/usbip_protocol.rst of Linux describes it: messages as
 * structures, and the receiving side as a state machine. Everything here is pure: bytes in, facts out, no socket, no
 * lock, no allocation. Whatever comes from the network is checked here and nowhere else; who uses the results may trust
 * them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include "usb/usb.h"

#define USBIP_PORT "3240"

enum {
    USBIP_VERSION = 0x0111,
    USBIP_BUSID_SIZE = 32,
    USBIP_PATH_SIZE = 256,
    USBIP_OP_SIZE = 8,       /* version, code, status: starts every op message */
    USBIP_DEVICE_SIZE = 312, /* a device in the reply to import and in the list */
    USBIP_INTERFACE_SIZE = 4,
    USBIP_HEADER_SIZE = 48, /* of every message after the import */
    USBIP_MAX_DEVICES = 1024,
};

enum usbip_op { USBIP_OP_IMPORT = 3, USBIP_OP_DEVLIST = 5, USBIP_OP_REQUEST = 0x8000 };
enum usbip_command { USBIP_CMD_SUBMIT = 1, USBIP_CMD_UNLINK = 2, USBIP_RET_SUBMIT = 3, USBIP_RET_UNLINK = 4 };

/* ---- addresses ----------------------------------------------------------------------------------------------------
 */

struct usbip_address {
    char host[256];
    char port[6];
    char busid[USBIP_BUSID_SIZE]; /* "" in the address of a server */
};

/* "HOST[:PORT]/BUSID", or without HAS_BUSID "HOST[:PORT]"; an IPv6 address stands in brackets. False: ERROR says what
 * is wrong. */
bool usbip_parse_address(const char *text, bool has_busid, struct usbip_address *address, char *error, size_t size);

/* ---- before the import --------------------------------------------------------------------------------------------
 */

struct usbip_device {
    char path[USBIP_PATH_SIZE];
    char busid[USBIP_BUSID_SIZE];
    uint32_t busnum, devnum;
    USB_DEVICE_SPEED speed;
    uint16_t vendor, product, revision;
    uint8_t class_code, sub_class, protocol;
    uint8_t configuration, configurations, interfaces;
};

/* Requests; they return their length. BUSID is shorter than USBIP_BUSID_SIZE. */
size_t usbip_encode_devlist(uint8_t out[USBIP_OP_SIZE]);
size_t usbip_encode_import(uint8_t out[USBIP_OP_SIZE + USBIP_BUSID_SIZE], const char *busid);

/* The start of a reply to OP. False with a sentence in ERROR when it is none; *STATUS is not 0 when the server refused.
 */
bool usbip_decode_op(const uint8_t data[USBIP_OP_SIZE], enum usbip_op op, uint32_t *status, char *error, size_t size);
bool usbip_decode_device_count(const uint8_t data[4], uint32_t *count, char *error, size_t size);
/* Texts end with a zero and are printable ASCII afterwards. */
bool usbip_decode_device(const uint8_t data[USBIP_DEVICE_SIZE], struct usbip_device *device, char *error, size_t size);

/* ---- requests after the import ------------------------------------------------------------------------------------
 */

struct usbip_submit {
    uint32_t seqnum, devid;
    uint8_t endpoint; /* number, without the direction */
    bool is_in;
    uint32_t length;
    uint32_t interval;
    const uint8_t *setup; /* NULL for zeros */
};
void usbip_encode_submit(uint8_t out[USBIP_HEADER_SIZE], const struct usbip_submit *submit);
void usbip_encode_unlink(uint8_t out[USBIP_HEADER_SIZE], uint32_t seqnum, uint32_t devid, uint32_t target);

/* ---- answers ------------------------------------------------------------------------------------------------------
 */

/* A request that the server owes an answer to. */
struct usbip_expected {
    bool is_unlink;
    bool is_in;
    uint8_t endpoint;
    uint32_t length;                    /* most bytes that the answer may say it moved */
    const struct usb_segment *segments; /* where an IN answer's data goes; NULL: it is dropped */
    ULONG segment_count;
};

/* An answer that has come in whole, data included. */
struct usbip_answer {
    uint32_t seqnum;
    bool is_unlink;
    int32_t status;  /* 0, or a negative errno of Linux */
    uint32_t actual; /* bytes moved, at most the expected length */
};

struct usbip_receiver_ops {
    /* The request with this number, which is owed an answer; false when there is none. What it says stays valid until
     * done. */
    bool (*find)(void *context, uint32_t seqnum, struct usbip_expected *expected);
    void (*done)(void *context, const struct usbip_answer *answer);
};

struct usbip_receiver {
    const struct usbip_receiver_ops *ops;
    void *context;
    uint8_t header[USBIP_HEADER_SIZE];
    uint32_t have; /* bytes of the header */
    /* The answer whose data is coming in. */
    struct usbip_answer answer;
    struct usbip_expected expected;
    uint32_t left;   /* bytes of data to come */
    ULONG segment;   /* the next byte goes here */
    uint32_t offset; /* in that segment */
    bool has_failed; /* for good: the position in the stream is lost */
    char error[160]; /* then: what the server did */
};

void usbip_receiver_initialize(struct usbip_receiver *receiver, const struct usbip_receiver_ops *ops, void *context);
/* Takes SIZE bytes off the stream. False when the server broke the protocol; ERROR of the receiver says how. */
bool usbip_receive(struct usbip_receiver *receiver, const uint8_t *data, size_t size);
/* Where the data that comes next belongs, so that it can be read there without a copy: up to MAX parts. */
int usbip_receive_vector(const struct usbip_receiver *receiver, struct iovec *iov, int max);
/* SIZE bytes have been read into that vector. */
void usbip_received(struct usbip_receiver *receiver, size_t size);
/* The stream is inside a message. */
static inline bool usbip_is_inside(const struct usbip_receiver *receiver)
{
    return receiver->have != 0 || receiver->left != 0;
}

/* What a status of Linux means to the hub. */
USBD_STATUS usbip_usbd_status(int32_t status);

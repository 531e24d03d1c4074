/*
 * A USB/IP server for tests: exports one simulated gadget over a loopback socket, as usbipd exports a real device. It
 * is the other side of usb/usbip.c, written from the protocol's description alone and sharing no code with it, so that
 * each checks the other. On demand it breaks the protocol, at a given answer.
 */
#pragma once

#include <stdbool.h>
#include "gadget/gadget.h"
#include "usb/usb.h"

enum usbip_server_fault {
    USBIP_SERVER_OK,
    /* In the reply to the import: */
    USBIP_SERVER_OP_VERSION,
    USBIP_SERVER_OP_CODE,
    USBIP_SERVER_OP_REFUSED,
    USBIP_SERVER_OP_SHORT,      /* ends in the middle of the device */
    USBIP_SERVER_OP_CLOSE,      /* no reply at all */
    USBIP_SERVER_OP_BUSID,      /* another device's */
    USBIP_SERVER_OP_BUSID_LONG, /* no terminating zero */
    USBIP_SERVER_OP_SPEED,      /* 77 */
    USBIP_SERVER_OP_DEVNUM,     /* more than 16 bits */
    /* In the n-th answer after it: */
    USBIP_SERVER_SEQNUM,         /* of no request */
    USBIP_SERVER_COMMAND,        /* no answer's */
    USBIP_SERVER_SUBMIT_COMMAND, /* a request's */
    USBIP_SERVER_UNLINK_COMMAND, /* of an unlink, for a transfer */
    USBIP_SERVER_STATUS_POSITIVE,
    USBIP_SERVER_STATUS_HUGE, /* INT32_MIN */
    USBIP_SERVER_LENGTH_MORE, /* one byte more than asked for */
    USBIP_SERVER_LENGTH_HUGE, /* 0xFFFFFFFF */
    USBIP_SERVER_DIRECTION,
    USBIP_SERVER_ENDPOINT,
    USBIP_SERVER_PACKETS,    /* isochronous */
    USBIP_SERVER_TWICE,      /* the same answer again */
    USBIP_SERVER_CLOSE,      /* instead of the answer */
    USBIP_SERVER_CUT_HEADER, /* after 20 bytes of the header */
    USBIP_SERVER_CUT_DATA,   /* after the header and half of the data */
    USBIP_SERVER_GARBAGE,    /* pseudo-random bytes from here on */
    /* Not broken, only unusual: */
    USBIP_SERVER_ECHO_BASIC, /* direction and endpoint of the request in every answer */
    USBIP_SERVER_BYTEWISE,   /* headers leave byte by byte */
    USBIP_SERVER_FAULTS,
};

struct usbip_server_options {
    const char *busid; /* NULL: "1-1" */
    enum usbip_server_fault fault;
    unsigned fault_at; /* the n-th answer; 0 and 1: the first */
    bool too_late;     /* unlinks are answered "too late", before the answer that comes after all */
    bool no_unlink;    /* unlinks are never answered, and neither is what they were for */
    bool no_reset;     /* the port's reset is stalled, as by a server that does not know it */
    bool hold_in;      /* answers of bulk IN transfers are kept back until usbip_server_release */
};

struct usbip_server;

/* Exports GADGET, which it owns from then on, also on failure. NULL when there is no port. PASSIVE_LEVEL. */
struct usbip_server *usbip_server_start(const struct usbip_server_options *options, struct usb_backend *gadget);
unsigned usbip_server_port(const struct usbip_server *server);
/* The device is pulled out: the connection ends, and nothing is exported until it is put back. */
void usbip_server_pull(struct usbip_server *server);
void usbip_server_put_back(struct usbip_server *server);
void usbip_server_release(struct usbip_server *server);
void usbip_server_stop(struct usbip_server *server);

/* What the server has seen. */
struct usbip_server_facts {
    unsigned imports, submits, unlinks, unlinked, resets, answers;
    unsigned max_open; /* most transfers at one time */
    unsigned reads;    /* system calls that brought requests */
    char error[128];   /* the first thing that a client did wrong */
};
void usbip_server_get_facts(struct usbip_server *server, struct usbip_server_facts *facts);

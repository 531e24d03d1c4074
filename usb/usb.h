/*
 * The USB driver stack: what the hub (a builtin bus driver) offers to the layers above, and the interface that device
 * implementations stand behind, be they simulated (gadget/), remote (USB/IP) or local (libusb).
 *
 * A device is plugged in with usb_plug: the hub reads and checks its descriptors, reports a PDO with the documented
 * hardware ids, and turns the URBs that function drivers send to it into transfers for the backend. Transfers come back
 * through usb_complete, from any thread, and reach drivers at DISPATCH_LEVEL from one DPC for as many as are ready.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wdm.h>
#include <usb.h>

struct usb_device;
struct usb_backend;

/* ---- transfers ----------------------------------------------------------------------------------------------------
 */

enum usb_transfer_kind {
    USB_TRANSFER_CONTROL,
    USB_TRANSFER_BULK,
    USB_TRANSFER_INTERRUPT,
    /* The next three are control transfers with their setup packet filled in. A backend that owns the device's state
     * (libusb) does what the name says; any other forwards the setup packet. */
    USB_TRANSFER_SET_CONFIGURATION, /* wValue: bConfigurationValue or 0 */
    USB_TRANSFER_SET_INTERFACE,     /* wIndex: interface, wValue: alternate setting */
    USB_TRANSFER_CLEAR_HALT,        /* wIndex: endpoint address */
};

struct usb_segment {
    PUCHAR data;
    ULONG length;
};

/* One transfer. The hub owns the memory and gives it to the backend by submit; the backend gives it back exactly once
 * by usb_complete and touches it no more. */
struct usb_transfer {
    struct usb_transfer *next; /* in a chain: submit and usb_complete take and give several */
    UCHAR kind;                /* enum usb_transfer_kind */
    UCHAR endpoint;            /* bEndpointAddress; 0 for the default pipe */
    UCHAR is_in;               /* device to host: of the data stage for control transfers */
    UCHAR setup[8];
    ULONG length;
    PUCHAR buffer;                /* LENGTH bytes; NULL when segments hold them (chained MDLs) */
    struct usb_segment *segments; /* their lengths add up to LENGTH */
    ULONG segment_count;
    /* Answers. */
    ULONG actual;       /* bytes moved, at most LENGTH */
    USBD_STATUS status; /* USBD_STATUS_SUCCESS, _STALL_PID, _CANCELED, _DEV_NOT_RESPONDING, _BABBLE_DETECTED, ... */
    /* The backend's, from submit to usb_complete. */
    struct usb_transfer *backend_next;
    void *backend_data[3];
    /* The hub's. */
    struct usb_pipe *pipe;
    LIST_ENTRY pending;
    LONGLONG deadline; /* ke_now() at which it is cancelled; 0 for none */
    PIRP irp;
    PURB urb;
    void (*finish)(struct usb_transfer *transfer);
    void *context;
    ULONG capture_id;
    UCHAR cancel_claimed, is_done, timed_out;
    struct usb_segment inline_segments[4];
};

/* ---- backends -----------------------------------------------------------------------------------------------------
 */

struct usb_backend_ops {
    /* Gets the device ready for GET_DESCRIPTOR requests; sets backend->speed. On failure the text says why. Descriptors
     * are then read by control transfers, so that there is one validated way. PASSIVE_LEVEL. */
    NTSTATUS (*open)(struct usb_backend *backend, char *error, size_t error_size);
    /* Starts the transfers of a chain (linked by next, already detached from it when completed), in order, without
     * waiting. May complete them at once. IRQL <= DISPATCH_LEVEL. */
    void (*submit)(struct usb_backend *backend, struct usb_transfer *chain);
    /* Asks for a transfer back early: it completes with USBD_STATUS_CANCELED, or with what it came to before. It may
     * already have been given to usb_complete: then nothing is to be done. DISPATCH_LEVEL, with a lock of the hub held:
     * no waiting, no other call into the hub than usb_complete. */
    void (*cancel)(struct usb_backend *backend, struct usb_transfer *transfer);
    /* Resets the port: the device loses its configuration and state. No transfer is outstanding. PASSIVE_LEVEL. */
    NTSTATUS (*reset)(struct usb_backend *backend);
    /* The hub will not call again; no transfer is outstanding. Frees the backend. PASSIVE_LEVEL. */
    void (*close)(struct usb_backend *backend);
};

/* Embedded at the start of a backend's own structure. */
struct usb_backend {
    const struct usb_backend_ops *ops;
    char name[64];             /* for messages: "sim:ncm", "usbip:host/1-1" */
    USB_DEVICE_SPEED speed;    /* valid after open */
    struct usb_device *device; /* set by usb_plug before open */
    char gone_reason[200];     /* a sentence, written before usb_disconnected; "" when there is nothing to say */
};

/* Gives transfers back (linked by next, in the order of completion). Any IRQL <= DISPATCH_LEVEL, any thread, also from
 * inside submit and cancel. */
void usb_complete(struct usb_backend *backend, struct usb_transfer *chain);

/* The device has left its port: all that follows is a surprise removal. IRQL <= DISPATCH_LEVEL; at most once matters.
 */
void usb_disconnected(struct usb_backend *backend);

/* ---- the bus ------------------------------------------------------------------------------------------------------
 */

#define USB_HUB_HARDWARE_ID   "ROOT\\NDISKIT_USBHUB"
#define USB_HUB_SERVICE       "usbhub"
#define USB_COMPOSITE_ID      "USB\\COMPOSITE"
#define USB_COMPOSITE_SERVICE "usbccgp"

/* Registers the builtin services and creates the root-enumerated hub. After pnp_initialize. Idempotent;
 * PASSIVE_LEVEL. */
NTSTATUS usb_initialize(void);

/* Forgets the hub. pnp_shutdown must have removed every device. PASSIVE_LEVEL. */
void usb_shutdown(void);

/* Opens the backend, reads and checks the device's descriptors, and reports it to Plug and Play (pnp_wait_idle tells
 * when drivers are up). On failure the backend is closed and ERROR says what was wrong with which device. The caller
 * holds *DEVICE until usb_unplug. PASSIVE_LEVEL. */
NTSTATUS usb_plug(struct usb_backend *backend, struct usb_device **device, char *error, size_t error_size);

/* Pulls the device out (if it is not gone already) and drops the caller's hold on it. PASSIVE_LEVEL. */
void usb_unplug(struct usb_device *device);

/* Facts about a plugged device, for reports. */
struct usb_device_facts {
    char backend[64];
    USHORT vendor, product, revision;
    char manufacturer[64], product_name[64], serial[64]; /* UTF-8 */
    USB_DEVICE_SPEED speed;
    ULONG port;          /* 1.. */
    UCHAR configuration; /* chosen now, 0 for none */
    UCHAR interfaces;
    UCHAR endpoints;            /* open now, without the default pipe */
    UCHAR endpoint_address[30]; /* of those */
    bool is_gone;
    char gone_reason[200]; /* then: why, as the backend says it */
    PDEVICE_OBJECT pdo;    /* NULL until enumerated; not referenced */
    ULONGLONG transfers, bytes_in, bytes_out;
};
void usb_get_facts(struct usb_device *device, struct usb_device_facts *facts);
const char *usb_speed_name(USB_DEVICE_SPEED speed);

/* Transfers that no backend has given back, of all devices: for leak tests. */
ULONG usb_outstanding_transfers(void);

/* Records all transfers into a pcap file of link type LINKTYPE_USB_LINUX_MMAPPED until usb_capture_stop. */
NTSTATUS usb_capture_start(const char *path, char *error, size_t error_size);
void usb_capture_stop(void);

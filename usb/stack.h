/*
 * The inside of the USB stack: devices, pipes and the device extensions of the hub's and the generic parent's objects.
 *
 * Locks, outer to inner: usb_bus.lock (list of devices, and each device's configuration record), usb_pipe.lock (the
 * transfers in flight on one endpoint). Backends take their own inside. Completions take none: usb_complete pushes on a
 * list without a lock, and the device's DPC empties it.
 */
#pragma once

#include "usb/usb.h"
#include "ntoskrnl/ke/ke.h"
#include <usbbusif.h>
#include <usbdlib.h>
#include <usbioctl.h>

#define USB_TAG 0x64627355 /* "Usbd" */

#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif

enum {
    USB_MAX_INTERFACES = 32,
    USB_MAX_PIPES = 32, /* 16 endpoint numbers, two directions */
    USB_MAX_CONFIGURATIONS = 8,
    USB_MAX_FUNCTIONS = 16,
    USB_CONTROL_TIMEOUT_MS = 5000, /* for requests that name no time: what the USB stacks of Windows use */
};

/* ---- descriptors (descriptor.c: pure, for any bytes) --------------------------------------------------------------
 */

/* Checks what a device gave as its device descriptor. False with a sentence in ERROR. */
bool usb_check_device_descriptor(const void *data, size_t size, char *error, size_t error_size);

/* Checks a configuration descriptor of SIZE bytes with everything inside; false with a sentence in ERROR. */
bool usb_check_configuration(const void *data, size_t size, char *error, size_t error_size);

/* The check of USBD_ValidateConfigurationDescriptor. *OFFSET is where it failed. */
USBD_STATUS usb_validate_configuration(const UCHAR *data, size_t size, unsigned level, size_t *offset);

/* Descriptors of a checked configuration, by position. NULL when there is none. */
const USB_INTERFACE_DESCRIPTOR *usb_find_interface(const void *configuration, int number, int alternate);
const USB_ENDPOINT_DESCRIPTOR *usb_find_endpoint(const void *configuration, const USB_INTERFACE_DESCRIPTOR *interface,
                                                 unsigned index);

/* One function of a device: consecutive or united interfaces. */
struct usb_function_layout {
    UCHAR first;      /* bInterfaceNumber for &MI_ */
    ULONG interfaces; /* bit n: interface n belongs to it */
    UCHAR class_code, sub_class, protocol;
    UCHAR string; /* iFunction or iInterface */
};
/* Groups interfaces by interface association, else one each, in ascending order. CDC Union descriptors group when
 * USE_UNION. Returns the number of functions. */
unsigned usb_find_functions(const void *configuration, bool use_union, struct usb_function_layout *functions,
                            unsigned max);

/* Whether the hub adds USB\COMPOSITE ("Enumeration of USB composite devices"). */
bool usb_is_composite(const USB_DEVICE_DESCRIPTOR *device, const void *configuration);

/* Copies a configuration descriptor with only the interfaces in MASK; returns its length (at most the original's). */
size_t usb_filter_configuration(const void *configuration, ULONG mask, UCHAR *out);

/* ---- devices ------------------------------------------------------------------------------------------------------
 */

struct usb_pipe {
    KSPIN_LOCK lock;
    LIST_ENTRY pending; /* usb_transfer.pending */
    ULONG pending_count;
    LIST_ENTRY idle_waiters; /* struct usb_idle_waiter: run when pending gets empty */
    struct usb_device *device;
    bool is_open, is_halted;
    UCHAR address, type, interface_number;
    USHORT max_packet;
    UCHAR interval;
    ULONG generation; /* goes up at each open: stale handles are found */
    ULONG_PTR handle; /* what drivers hold while it is open, else 0; read without the lock */
    ULONG max_transfer;
};

/* Something to do once a pipe has no transfer left. */
struct usb_idle_waiter {
    LIST_ENTRY link;
    void (*ready)(struct usb_idle_waiter *waiter);
};

/*
 * Completions on their way to the drivers: a LIFO that any thread pushes to, emptied by a DPC, one at a time so that they
 * keep their order. Each direction has its own: what a driver does when data has come in must not hold up what has gone
 * out, on another processor.
 */
struct usb_delivery {
    struct usb_device *device;
    struct usb_transfer *done;
    LONG running;
    KDPC dpc;
};

struct usb_device {
    LIST_ENTRY link;
    LONG references;
    struct usb_backend *backend;
    volatile LONG is_gone; /* unplugged or disconnected */
    bool serial_is_id;     /* the serial number names the instance: usable, and no other device has it */
    bool is_listed;        /* in usb_bus.devices, which holds a reference */
    ULONG port;
    struct usb_extension *pdo; /* of the whole device, or NULL */

    USB_DEVICE_DESCRIPTOR descriptor;
    struct usb_configuration {
        UCHAR *data; /* checked */
        ULONG size;
    } configurations[USB_MAX_CONFIGURATIONS];
    unsigned configuration_count;
    const UCHAR *configuration_data; /* the one that is selected, else the first */
    ULONG configuration_size;
    WCHAR manufacturer[128], product[128], serial[128];
    bool has_container_id, has_ms_code;
    UCHAR ms_code; /* bMS_VendorCode of the Microsoft OS string descriptor */
    GUID container_id;

    KEVENT configure_lock; /* signalled when no selection or reset runs */
    UCHAR configuration;   /* value selected, 0 none */
    UCHAR alternates[USB_MAX_INTERFACES];
    struct usb_pipe pipes[USB_MAX_PIPES]; /* usb_pipe_index; 0 is the default pipe */

    struct usb_delivery deliveries[2]; /* [0]: OUT and control, [1]: IN */
    KTIMER timeout_timer; /* for control transfers */
    KDPC timeout_dpc;
    KSPIN_LOCK timeout_lock;
    LONGLONG timeout_due; /* 0: not armed */

    struct usb_transfer *free_transfers; /* under free_lock */
    KSPIN_LOCK free_lock;
    volatile LONG outstanding; /* transfers at the backend */
    ULONGLONG transfers, bytes_in, bytes_out;
};

enum usb_extension_kind { USB_EXTENSION_HUB, USB_EXTENSION_PDO, USB_EXTENSION_PARENT, USB_EXTENSION_FUNCTION };

/* Device extension of every device object of the stack: hub FDO, device PDO, generic parent FDO, function PDO. */
struct usb_extension {
    enum usb_extension_kind kind;
    PDEVICE_OBJECT self;
    PDEVICE_OBJECT lower;                /* FDOs: next lower; PDOs: NULL */
    PDEVICE_OBJECT physical;             /* FDOs: the PDO that they sit on */
    struct usb_device *device;           /* not for the hub */
    LIST_ENTRY sibling;                  /* function PDOs: in the parent's children */
    LIST_ENTRY children;                 /* generic parent */
    struct usb_function_layout function; /* PDO of the whole device: all its interfaces */
    bool is_started;
    bool is_present;     /* the device is in its port, as far as this PDO is concerned */
    bool is_unreported;  /* bus relations were answered without it: its removal is the last */
    UNICODE_STRING link; /* of the device interface, while it is enabled */
    DEVICE_POWER_STATE power_state;
    /* One slot each for requests that wait for an event; taken by exchange. */
    KSPIN_LOCK slot_lock;
    PIRP wait_wake, idle_notification;
    volatile LONG interface_references;
};

struct usb_bus {
    KSPIN_LOCK lock;
    bool is_initialized;
    LIST_ENTRY devices; /* usb_device.link */
    PDRIVER_OBJECT driver;
    PDEVICE_OBJECT hub_pdo; /* referenced from usb_initialize to usb_shutdown */
    LONG has_hub;           /* the hub's FDO exists */
    ULONG ports[8];         /* bitmap of port numbers in use */
};
extern struct usb_bus usb_bus;

void usb_device_reference(struct usb_device *device);
void usb_device_release(struct usb_device *device);

/* Reads and checks the descriptors of an opened device (enumerate.c). */
NTSTATUS usb_enumerate(struct usb_device *device, char *error, size_t error_size);

/* Tells Plug and Play that the root hub has lost or gained a device. IRQL <= DISPATCH_LEVEL. */
void usb_report_change(void);

static inline bool usb_is_gone(const struct usb_device *device)
{
    return __atomic_load_n(&device->is_gone, __ATOMIC_ACQUIRE) != 0;
}

/* The PDO's device is no more where it was: requests fail with USBD_STATUS_DEVICE_GONE. */
static inline bool usb_pdo_is_gone(const struct usb_extension *pdo)
{
    return !__atomic_load_n(&pdo->is_present, __ATOMIC_ACQUIRE) || usb_is_gone(pdo->device);
}

static inline void usb_pdo_lose(struct usb_extension *pdo)
{
    __atomic_store_n(&pdo->is_present, false, __ATOMIC_RELEASE);
}

/* ---- transfers (transfer.c) ---------------------------------------------------------------------------------------
 */

void usb_transfers_initialize(struct usb_device *device);
void usb_transfers_free(struct usb_device *device);

static inline unsigned usb_pipe_index(UCHAR address)
{
    return (address & USB_ENDPOINT_ADDRESS_MASK) | (address & USB_ENDPOINT_DIRECTION_MASK ? 16 : 0);
}

struct usb_transfer *usb_transfer_allocate(struct usb_device *device);
void usb_transfer_free(struct usb_device *device, struct usb_transfer *transfer);

/* Hands a filled transfer to the backend. When it has an IRP that is marked pending here and can be cancelled. Returns
 * STATUS_PENDING, or a failure with the USBD status in transfer->status when it was not started (finish is then not
 * called). IRQL <= DISPATCH_LEVEL. */
NTSTATUS usb_transfer_submit(struct usb_device *device, struct usb_pipe *pipe, struct usb_transfer *transfer);

/* Cancels everything pending on a pipe. WAITER (may be NULL) runs when the pipe is empty: at once, or at
 * DISPATCH_LEVEL later. */
void usb_pipe_abort(struct usb_pipe *pipe, struct usb_idle_waiter *waiter);
void usb_device_abort_all(struct usb_device *device);

/* A control transfer on the default pipe, waited for. DATA may be NULL when LENGTH is 0. PASSIVE_LEVEL. */
NTSTATUS usb_control(struct usb_device *device, enum usb_transfer_kind kind, UCHAR request_type, UCHAR request,
                     USHORT value, USHORT index, void *data, USHORT length, ULONG *actual, USBD_STATUS *status);

/* The NTSTATUS that goes with a USBD_STATUS. */
NTSTATUS usb_nt_status(USBD_STATUS status);

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

/* IRP_MJ_INTERNAL_DEVICE_CONTROL of a PDO. */
NTSTATUS usb_internal_control(struct usb_extension *pdo, PIRP irp);
/* IOCTL_INTERNAL_USB_SUBMIT_URB. */
NTSTATUS usb_submit_urb(struct usb_extension *pdo, PIRP irp);
/* URB_FUNCTION_SELECT_CONFIGURATION and _SELECT_INTERFACE, at PASSIVE_LEVEL. Fills urb and returns its USBD_STATUS. */
USBD_STATUS usb_select_configuration(struct usb_extension *pdo, PURB urb);
USBD_STATUS usb_select_interface(struct usb_extension *pdo, PURB urb);
/* Sets a configuration without opening pipes, for the generic parent. */
USBD_STATUS usb_set_configuration(struct usb_device *device, UCHAR value);
/* Aborts and closes the pipes of a set of interfaces and waits until nothing is pending on them. PASSIVE_LEVEL. */
void usb_close_pipes(struct usb_device *device, ULONG interfaces);
/* After a port reset: configuration and alternate settings as before. */
NTSTATUS usb_reset_device(struct usb_device *device);

/* Handles are numbers, not pointers: a driver can make nothing of them, and a stale or invented one is found. */
USBD_PIPE_HANDLE usb_pipe_handle(struct usb_pipe *pipe);
struct usb_pipe *usb_pipe_from_handle(struct usb_extension *pdo, USBD_PIPE_HANDLE handle);

NTSTATUS usb_query_bus_interface(struct usb_extension *pdo, PIRP irp);

/* IRP_MJ_PNP and IRP_MJ_POWER by kind of device object. */
NTSTATUS usb_pdo_pnp(struct usb_extension *pdo, PIRP irp);
NTSTATUS usb_pdo_power(struct usb_extension *pdo, PIRP irp);
NTSTATUS usb_hub_pnp(struct usb_extension *hub, PIRP irp);
NTSTATUS usb_parent_pnp(struct usb_extension *parent, PIRP irp);
/* Takes a PDO away for good: the last IRP_MN_REMOVE_DEVICE, or its bus is removed. */
void usb_delete_pdo(struct usb_extension *pdo);
/* IRP_MN_QUERY_DEVICE_RELATIONS answers: COUNT PDOs, each referenced here. */
NTSTATUS usb_bus_relations(struct usb_extension **children, ULONG count, PIRP irp);
NTSTATUS NTAPI usb_parent_driver_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path);
void usb_set_dispatch(PDRIVER_OBJECT driver);
NTSTATUS usb_complete_irp(PIRP irp, NTSTATUS status, ULONG_PTR information);
NTSTATUS usb_forward_irp(struct usb_extension *fdo, PIRP irp);
NTSTATUS usb_forward_and_wait(struct usb_extension *fdo, PIRP irp);
void usb_release_slots(struct usb_extension *pdo, NTSTATUS status);
/* Keeps an IRP in an empty slot until it is taken or cancelled. *WAITS is false when it is complete already. Returns
 * what the dispatch routine returns. */
NTSTATUS usb_pend_in_slot(struct usb_extension *pdo, PIRP *slot, PIRP irp, bool *waits);

/* A PDO of DRIVER for a device or one of its functions. */
NTSTATUS usb_create_pdo(PDRIVER_OBJECT driver, enum usb_extension_kind kind, struct usb_device *device,
                        const struct usb_function_layout *function, struct usb_extension **pdo);
/* IRP_MN_QUERY_ID, IRP_MN_QUERY_DEVICE_TEXT: a string from paged pool, or a failure. */
NTSTATUS usb_query_id(struct usb_extension *pdo, BUS_QUERY_ID_TYPE type, PWCHAR *id);
bool usb_serial_is_usable(const struct usb_device *device);
NTSTATUS usb_query_text(struct usb_extension *pdo, DEVICE_TEXT_TYPE type, PWCHAR *text);

/* Capture (capture.c): both are nothing while no capture runs. */
extern bool usb_capture_on;
void usb_capture_submit(struct usb_device *device, struct usb_transfer *transfer);
void usb_capture_complete(struct usb_device *device, struct usb_transfer *transfer);

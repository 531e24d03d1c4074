/*
 * What the files of the system layer share: the one system of this process and its devices.
 */
#pragma once

#include <ntifs.h>
#include "include/ndiskit/ndiskit.h"
#include "gadget/gadget.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/pnp/pnp.h"
#include "usb/usb.h"

struct ndiskit_device {
    LIST_ENTRY link;
    char spec[320];
    struct usb_device *usb; /* NULL for a root device, and once it is unplugged */
    unsigned number;        /* of a simulated device: 1.. */
    PDEVICE_OBJECT root;    /* referenced; NULL for a USB device, and once it is unplugged */
    char gone_reason[200];  /* of a USB device that left by itself */
    /* Of a device that is plugged in again when it comes back: while the thread runs, only it changes USB. */
    bool has_replug;
    unsigned long replug_thread;
    KEVENT replug_stop;
};

struct system_state {
    bool is_up;
    LIST_ENTRY devices;
    KEVENT usb_lock; /* signalled when nobody looks at, or changes, the USB of a device */
    struct ex_pool_usage pool_at_boot;
    unsigned threads_at_boot;
    char usb_capture[512]; /* file that is written; "" for none */
};
extern struct system_state system_state;

/* Fills ERROR (may be NULL) and returns STATUS as the API's functions return it. */
int system_fail(struct ndiskit_error *error, NTSTATUS status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A deadline of the API in 100 ns units. */
LONGLONG system_timeout(unsigned deadline_ms);

/* device.c: the PDO that DEVICE's driver is for: of a composite device, that of its first function with a driver. NULL
 * when it is not there (yet). Not referenced. */
PDEVICE_OBJECT system_function(struct ndiskit_device *device);
void system_forget_devices(void);
/* The facts of a USB device; false when it is not plugged in. */
bool system_usb_facts(struct ndiskit_device *device, struct usb_device_facts *facts);

/* backend.c: what a device specification names. NULL: ERROR says why not. */
struct usb_backend *system_make_backend(const char *spec, unsigned number, const struct ndiskit_plug_options *options,
                                        struct ndiskit_error *error);
/* Whether OPTIONS ask for a device that is not simulated to be plugged in again when it comes back. */
bool system_wants_replug(const char *spec, const struct ndiskit_plug_options *options);

/* replug.c */
NTSTATUS system_start_replug(struct ndiskit_device *device);
void system_stop_replug(struct ndiskit_device *device); /* also when none runs */

/* gadget_options.c: "NAME=VALUE,..." into OPTIONS. False: TEXT of ERROR says which one is wrong. */
bool system_parse_gadget_options(const char *text, struct gadget_options *options, struct ndiskit_error *error);

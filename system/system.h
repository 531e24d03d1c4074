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
    char spec[96];
    struct usb_device *usb; /* NULL for a root device, and once it is unplugged */
    unsigned number;        /* of a simulated device: 1.. */
    PDEVICE_OBJECT root;    /* referenced; NULL for a USB device, and once it is unplugged */
};

struct system_state {
    bool is_up;
    LIST_ENTRY devices;
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

/* gadget_options.c: "NAME=VALUE,..." into OPTIONS. False: TEXT of ERROR says which one is wrong. */
bool system_parse_gadget_options(const char *text, struct gadget_ncm_options *options, struct ndiskit_error *error);

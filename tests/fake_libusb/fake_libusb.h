/*
 * A stand-in for libusb in tests: its functions, defined by the test program and so found before the library's, with a
 * simulated gadget behind them as the one device. Strict where the library and Linux are: interfaces must be claimed,
 * a configuration is not changed under a driver, transfers are submitted once.
 */
#pragma once

#include <stdbool.h>
#include "usb/usb.h"

enum { FAKE_BUS = 3, FAKE_PORT = 2 }; /* "3-2" */

struct fake_libusb_options {
    bool no_access;      /* libusb_open is refused */
    bool no_init;        /* libusb_init fails */
    bool no_hotplug;     /* the platform has none */
    bool is_claimed;     /* another program has the data interface */
    bool has_twin;       /* a second such device in port 4, that nobody opens */
    bool not_configured; /* Linux has not selected a configuration */
};

/* Plugs GADGET, which it owns from then on, into the machine's port. */
void fake_libusb_plug(const struct fake_libusb_options *options, struct usb_backend *gadget);
/* It is pulled out; fake_libusb_put_back is for the same gadget. */
void fake_libusb_pull(void);
void fake_libusb_put_back(void);
/* Frees the gadget. Everything must be closed. */
void fake_libusb_end(void);

struct fake_libusb_facts {
    unsigned contexts, handles, transfers; /* that exist now */
    unsigned submits, cancels, resets, clear_halts, configurations;
    unsigned max_open;
    bool kernel_driver[2], claimed[2];
    char misuse[128]; /* the first thing that the backend did wrong */
};
void fake_libusb_get_facts(struct fake_libusb_facts *facts);

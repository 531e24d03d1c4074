/*
 * Devices on other machines, through USB/IP: the backend for the hub, and what a server exports.
 */
#pragma once

#include "usb/usbip_protocol.h"

/* A backend for usb_plug that imports the device at ADDRESS when it is opened. The end of the connection is the
 * device's removal. NULL without memory. */
struct usb_backend *usbip_create(const struct usbip_address *address);

struct usbip_interface {
    uint8_t class_code, sub_class, protocol;
};
/* Calls EACH for every device that the server exports. False with a sentence in ERROR when it cannot be asked.
 * PASSIVE_LEVEL, also before ke_initialize. */
bool usbip_list(const struct usbip_address *server,
                void (*each)(void *context, const struct usbip_device *device,
                             const struct usbip_interface *interfaces),
                void *context, char *error, size_t size);

/* ---- inside (usbip_connect.c) -------------------------------------------------------------------------------------
 */

enum { USBIP_CONNECT_TIMEOUT_MS = 10000 };

/* A connection on which DEVICE has been imported: a descriptor that does not block, or -1 with a sentence in ERROR. */
int usbip_import(const struct usbip_address *address, struct usbip_device *device, char *error, size_t size);

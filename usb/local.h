/*
 * Devices in the ports of this machine, through libusb: the backend for the hub, and what there is.
 */
#pragma once

#include "usb/usb.h"

struct usb_local_address {
    USHORT vendor, product;
    char location[32]; /* "BUS-PORT[.PORT...]"; "" for wherever it is */
};

/* "VID:PID[@BUS-PORT]" with hexadecimal ids, as lsusb prints them. False: ERROR says what is wrong. */
bool usb_local_parse_address(const char *text, struct usb_local_address *address, char *error, size_t size);

/* A backend for usb_plug. While it is open, it has the device for itself: drivers of Linux are detached from it, and
 * get it back at close. NULL without memory. */
struct usb_backend *usb_local_create(const struct usb_local_address *address);

struct usb_local_device {
    struct usb_local_address address;
    USB_DEVICE_SPEED speed;
    UCHAR class_code, sub_class, protocol;
    struct {
        UCHAR class_code, sub_class, protocol;
    } interfaces[32];
    unsigned interface_count;
    char manufacturer[64], product_name[64]; /* "" when they cannot be read, for want of permission for example */
};
/* Calls EACH for every device but hubs' root. False with a sentence in ERROR. PASSIVE_LEVEL, also before
 * ke_initialize. */
bool usb_local_list(void (*each)(void *context, const struct usb_local_device *device), void *context, char *error,
                    size_t size);

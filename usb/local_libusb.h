/*
 * What the two files that use libusb share.
 */
#pragma once

#include <libusb.h>
#include "usb/local.h"

void usb_local_get_address(libusb_device *device, struct usb_local_address *address);
USB_DEVICE_SPEED usb_local_speed(libusb_device *device);

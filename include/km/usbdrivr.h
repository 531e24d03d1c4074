/*
 * All that a USB client driver needs, by one name.
 */
#ifndef __USBDRIVR_H__
#define __USBDRIVR_H__

#include <usb.h>
#include <usbioctl.h>
#include <usbdlib.h>
#include <usbbusif.h>

#endif

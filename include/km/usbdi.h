/*
 * The USB driver interface under the header name of older kits: URBs and IOCTLs live in usb.h and usbioctl.h.
 */
#ifndef __USBDI_H__
#define __USBDI_H__

#include <usb.h>
#include <usbioctl.h>

#endif

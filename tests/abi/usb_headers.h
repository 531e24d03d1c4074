/* The headers that the USB lists are about. */
#ifdef ABI_ORACLE
#include <ntddk.h>
#include <usb.h>
#include <usbioctl.h>
#include <usbiodef.h>
#include <usbdlib.h>
#include <usbbusif.h>
#else
#include <ntddk.h>
#include <usbdrivr.h>
#endif

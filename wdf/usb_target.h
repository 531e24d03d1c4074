/*
 * USB targets: a device with its descriptors, its interfaces, and their pipes, each a target of its own. The framework
 * writes the URBs into the requests that carry them, so that sending one allocates nothing. "USB I/O Targets"
 */
#pragma once

#include "wdf/target.h"
#include <usbbusif.h>
#include <usbdlib.h>
#include <usbioctl.h>

struct wdf_usb_pipe;

struct wdf_usb_interface {
    struct wdf_object object;
    struct wdf_usb_device *device;
    UCHAR number;
    UCHAR setting_count;
    PUSB_INTERFACE_DESCRIPTOR settings[256]; /* by bAlternateSetting, contiguous from 0; into the device's descriptor */
    UCHAR configured_setting;
    UCHAR pipe_count;
    struct wdf_usb_pipe **pipes;
};

struct wdf_usb_device {
    struct wdf_target target;
    USBD_HANDLE usbd; /* with a contract version; NULL without */
    USB_BUS_INTERFACE_USBDI_V1 bus;
    bool has_bus;
    USB_DEVICE_DESCRIPTOR descriptor;
    PUSB_CONFIGURATION_DESCRIPTOR configuration; /* the first one, whole and checked */
    USBD_CONFIGURATION_HANDLE configuration_handle;
    UCHAR interface_count;
    struct wdf_usb_interface **interfaces;
};

struct wdf_usb_pipe {
    struct wdf_target target;
    struct wdf_usb_interface *interface;
    USBD_PIPE_HANDLE handle;
    WDF_USB_PIPE_INFORMATION information;
    bool any_size; /* read buffers need not be multiples of the maximum packet size */
};

extern const struct wdf_type wdf_usb_device_type, wdf_usb_interface_type, wdf_usb_pipe_type;

#define WDF_USB_TAG 0x62756457 /* 'Wdub' */

/* The time that the device has for what the framework asks by itself. */
#define WDF_USB_PATIENCE (-5LL * 10 * 1000 * 1000)

/* Formats REQUEST to carry URB to TARGET; FINISH reads the outcome. */
NTSTATUS NTAPI wdf_usb_format(struct wdf_request *request, struct wdf_target *target, PURB urb,
                              WDF_USB_REQUEST_TYPE type, void(NTAPI *finish)(struct wdf_request *request));
/* Formats an internal request of the USB stack's without a URB. */
NTSTATUS wdf_usb_format_control_code(struct wdf_request *request, struct wdf_target *target, ULONG code,
                                     PVOID argument);

/* Sends a URB for the framework itself and waits, whatever the target's state. PASSIVE_LEVEL. */
NTSTATUS wdf_usb_send_urb(struct wdf_target *target, PURB urb);

/* For methods that document it: STATUS_INVALID_DEVICE_REQUEST for another IRQL than PASSIVE_LEVEL. */
static inline NTSTATUS wdf_usb_require_passive(void)
{
    return KeGetCurrentIrql() == PASSIVE_LEVEL ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
}

/* wdf_sync_send and _end together; BYTES (may be NULL) gets what the transfer moved. FORCE: whatever the state. */
NTSTATUS wdf_usb_sync_finish(struct wdf_sync *sync, NTSTATUS status, bool force, PULONG bytes);

/* A buffer of USB transfers: its errors are those that the pages of wdfusb.h name. */
NTSTATUS wdf_usb_span(PWDF_DRIVER_GLOBALS globals, const WDF_MEMORY_DESCRIPTOR *descriptor, struct wdf_span *span,
                      const char *call);

/* A URB in a memory object that a driver made; STATUS_INVALID_PARAMETER when it is none. A violation when the device
 * has a contract version and the URB is not from WdfUsbTargetDeviceCreateUrb. */
NTSTATUS wdf_usb_urb_from_memory(PWDF_DRIVER_GLOBALS globals, struct wdf_usb_device *device, WDFMEMORY memory,
                                 const WDFMEMORY_OFFSET *offset, struct wdf_span *span, const char *call);

/* Builds the interface objects from the configuration descriptor. */
NTSTATUS wdf_usb_create_interfaces(struct wdf_usb_device *device);

/* The endpoint descriptor of an index of a setting, inside the configuration descriptor; or NULL. */
PUSB_ENDPOINT_DESCRIPTOR wdf_usb_find_endpoint(const struct wdf_usb_device *device, PUSB_INTERFACE_DESCRIPTOR interface,
                                               UCHAR index);

/* Formats a read (IN) or write of a pipe: a hot path. */
NTSTATUS NTAPI wdf_usb_format_transfer(struct wdf_request *request, struct wdf_usb_pipe *pipe, bool in,
                                       const struct wdf_span *span);

/* Resets the pipe and clears its stall, for the framework itself. PASSIVE_LEVEL. */
NTSTATUS wdf_usb_reset_pipe(struct wdf_usb_pipe *pipe);

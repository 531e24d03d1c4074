/*
 * Choosing a configuration and alternate settings. The device is told first (SET_CONFIGURATION, SET_INTERFACE); when it
 * agrees, a pipe is opened for each endpoint of the chosen settings and its handle goes into the driver's
 * USBD_INTERFACE_INFORMATION. Descriptors come from the checked copy that the hub read itself; of the one that the
 * driver passes only the configuration value counts, so that a driver cannot confuse the stack with it.
 */
#include "usb/stack.h"
#include <string.h>

enum { INTERFACE_MARK = 0x5C000000, CONFIGURATION_MARK = 0x5D000000 };

static USBD_CONFIGURATION_HANDLE configuration_handle(const struct usb_device *device)
{
    return (USBD_CONFIGURATION_HANDLE)(ULONG_PTR)(CONFIGURATION_MARK | device->configuration);
}

static void lock_configuration(struct usb_device *device)
{
    KeWaitForSingleObject(&device->configure_lock, Executive, KernelMode, FALSE, NULL);
}

static void unlock_configuration(struct usb_device *device)
{
    KeSetEvent(&device->configure_lock, IO_NO_INCREMENT, FALSE);
}

/* ---- pipes --------------------------------------------------------------------------------------------------------
 */

struct drain {
    struct usb_idle_waiter waiter;
    KEVENT event;
};

static void drained(struct usb_idle_waiter *waiter)
{
    KeSetEvent(&CONTAINING_RECORD(waiter, struct drain, waiter)->event, IO_NO_INCREMENT, FALSE);
}

static void drain_pipe(struct usb_pipe *pipe)
{
    struct drain drain = {.waiter.ready = drained};
    KeInitializeEvent(&drain.event, NotificationEvent, FALSE);
    usb_pipe_abort(pipe, &drain.waiter);
    KeWaitForSingleObject(&drain.event, Executive, KernelMode, FALSE, NULL);
}

void usb_close_pipes(struct usb_device *device, ULONG interfaces)
{
    for (unsigned i = 1; i < USB_MAX_PIPES; i++) {
        struct usb_pipe *pipe = &device->pipes[i];
        if (!pipe->is_open || !(interfaces >> pipe->interface_number & 1))
            continue;
        KIRQL irql;
        KeAcquireSpinLock(&pipe->lock, &irql);
        pipe->is_open = false;
        __atomic_store_n(&pipe->handle, 0, __ATOMIC_RELEASE);
        KeReleaseSpinLock(&pipe->lock, irql);
        drain_pipe(pipe);
    }
}

static USHORT packet_size(const struct usb_device *device, const USB_ENDPOINT_DESCRIPTOR *endpoint)
{
    USHORT size = endpoint->wMaxPacketSize & 0x7FF;
    UCHAR type = endpoint->bmAttributes & USB_ENDPOINT_TYPE_MASK;
    /* High-speed periodic endpoints may have up to three transactions in a microframe (USB 2.0, 9.6.6). */
    if (device->backend->speed == UsbHighSpeed &&
        (type == USB_ENDPOINT_TYPE_INTERRUPT || type == USB_ENDPOINT_TYPE_ISOCHRONOUS))
        size = (USHORT)(size * ((endpoint->wMaxPacketSize >> 11 & 3) + 1));
    return size;
}

static void open_pipe(struct usb_device *device, const USB_INTERFACE_DESCRIPTOR *interface,
                      const USB_ENDPOINT_DESCRIPTOR *endpoint, PUSBD_PIPE_INFORMATION information)
{
    static const USBD_PIPE_TYPE types[] = {UsbdPipeTypeControl, UsbdPipeTypeIsochronous, UsbdPipeTypeBulk,
                                           UsbdPipeTypeInterrupt};
    struct usb_pipe *pipe = &device->pipes[usb_pipe_index(endpoint->bEndpointAddress)];
    KIRQL irql;
    if (!(information->PipeFlags & USBD_PF_CHANGE_MAX_PACKET) || information->MaximumPacketSize == 0)
        information->MaximumPacketSize = packet_size(device, endpoint);
    if (information->MaximumTransferSize == 0)
        information->MaximumTransferSize = USBD_DEFAULT_MAXIMUM_TRANSFER_SIZE;
    KeAcquireSpinLock(&pipe->lock, &irql);
    pipe->address = endpoint->bEndpointAddress;
    pipe->type = endpoint->bmAttributes & USB_ENDPOINT_TYPE_MASK;
    pipe->interface_number = interface->bInterfaceNumber;
    pipe->max_packet = information->MaximumPacketSize;
    pipe->max_transfer = information->MaximumTransferSize;
    pipe->interval = endpoint->bInterval;
    pipe->generation++;
    pipe->is_halted = false;
    pipe->is_open = true;
    KeReleaseSpinLock(&pipe->lock, irql);

    information->EndpointAddress = endpoint->bEndpointAddress;
    information->Interval = endpoint->bInterval;
    information->PipeType = types[pipe->type];
    information->PipeHandle = usb_pipe_handle(pipe);
}

static void open_interface(struct usb_device *device, const USB_INTERFACE_DESCRIPTOR *interface,
                           PUSBD_INTERFACE_INFORMATION information)
{
    information->Class = interface->bInterfaceClass;
    information->SubClass = interface->bInterfaceSubClass;
    information->Protocol = interface->bInterfaceProtocol;
    information->Reserved = 0;
    information->InterfaceHandle =
        (USBD_INTERFACE_HANDLE)(ULONG_PTR)(INTERFACE_MARK | interface->bInterfaceNumber << 8 |
                                           interface->bAlternateSetting);
    information->NumberOfPipes = interface->bNumEndpoints;
    for (unsigned i = 0; i < interface->bNumEndpoints; i++)
        open_pipe(device, interface, usb_find_endpoint(device->configuration_data, interface, i),
                  &information->Pipes[i]);
}

/* ---- checks of the driver's request -------------------------------------------------------------------------------
 */

/* One entry of the list in a URB: it must name a setting of this function that exists and have room for its pipes. */
static USBD_STATUS check_entry(const struct usb_extension *pdo, const UCHAR *configuration,
                               const USBD_INTERFACE_INFORMATION *entry, size_t room)
{
    if (room < offsetof(USBD_INTERFACE_INFORMATION, Pipes) || entry->Length > room ||
        entry->Length < offsetof(USBD_INTERFACE_INFORMATION, Pipes))
        return USBD_STATUS_INVALID_PARAMETER;
    if (entry->InterfaceNumber >= USB_MAX_INTERFACES || !(pdo->function.interfaces >> entry->InterfaceNumber & 1))
        return USBD_STATUS_INTERFACE_NOT_FOUND;
    const USB_INTERFACE_DESCRIPTOR *interface =
        usb_find_interface(configuration, entry->InterfaceNumber, entry->AlternateSetting);
    if (interface == NULL)
        return USBD_STATUS_INTERFACE_NOT_FOUND;
    if (entry->Length < GET_USBD_INTERFACE_SIZE(interface->bNumEndpoints))
        return USBD_STATUS_BUFFER_TOO_SMALL;
    for (unsigned i = 0; i < interface->bNumEndpoints; i++)
        if (entry->Pipes[i].PipeFlags & ~(ULONG)0x7F)
            return USBD_STATUS_INVALID_PIPE_FLAGS;
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS check_list(const struct usb_extension *pdo, const UCHAR *configuration, PURB urb)
{
    PUCHAR at = (PUCHAR)&urb->UrbSelectConfiguration.Interface, end = (PUCHAR)urb + urb->UrbHeader.Length;
    ULONG seen = 0;
    while (at < end) {
        PUSBD_INTERFACE_INFORMATION entry = (PVOID)at;
        USBD_STATUS status = check_entry(pdo, configuration, entry, (size_t)(end - at));
        if (status != USBD_STATUS_SUCCESS)
            return status;
        if (seen & 1u << entry->InterfaceNumber)
            return USBD_STATUS_INVALID_PARAMETER;
        seen |= 1u << entry->InterfaceNumber;
        at += entry->Length;
    }
    return USBD_STATUS_SUCCESS;
}

static const struct usb_configuration *find_configuration(const struct usb_device *device, UCHAR value)
{
    for (unsigned i = 0; i < device->configuration_count; i++)
        if (((const USB_CONFIGURATION_DESCRIPTOR *)device->configurations[i].data)->bConfigurationValue == value)
            return &device->configurations[i];
    return NULL;
}

/* ---- the device's side --------------------------------------------------------------------------------------------
 */

static USBD_STATUS set_interface(struct usb_device *device, UCHAR number, UCHAR setting)
{
    USBD_STATUS status;
    usb_control(device, USB_TRANSFER_SET_INTERFACE, BMREQUEST_TO_INTERFACE, USB_REQUEST_SET_INTERFACE, setting, number,
                NULL, 0, NULL, &status);
    if (status == USBD_STATUS_SUCCESS)
        device->alternates[number] = setting;
    return status;
}

USBD_STATUS usb_set_configuration(struct usb_device *device, UCHAR value)
{
    USBD_STATUS status;
    const struct usb_configuration *configuration = find_configuration(device, value);
    if (value != 0 && configuration == NULL)
        return USBD_STATUS_INVALID_CONFIGURATION_DESCRIPTOR;
    usb_control(device, USB_TRANSFER_SET_CONFIGURATION, 0, USB_REQUEST_SET_CONFIGURATION, value, 0, NULL, 0, NULL,
                &status);
    if (status != USBD_STATUS_SUCCESS)
        return status;
    memset(device->alternates, 0, sizeof(device->alternates));
    device->configuration = value;
    if (configuration == NULL)
        configuration = &device->configurations[0];
    device->configuration_data = configuration->data;
    device->configuration_size = configuration->size;
    return USBD_STATUS_SUCCESS;
}

static void resume_after_reset(struct usb_pipe *pipe)
{
    KIRQL irql;
    KeAcquireSpinLock(&pipe->lock, &irql);
    pipe->is_halted = false;
    KeReleaseSpinLock(&pipe->lock, irql);
}

NTSTATUS usb_reset_device(struct usb_device *device)
{
    lock_configuration(device);
    for (unsigned i = 0; i < USB_MAX_PIPES; i++)
        drain_pipe(&device->pipes[i]);
    NTSTATUS status = usb_is_gone(device) ? STATUS_NO_SUCH_DEVICE : device->backend->ops->reset(device->backend);
    UCHAR alternates[USB_MAX_INTERFACES];
    memcpy(alternates, device->alternates, sizeof(alternates));
    if (NT_SUCCESS(status) && device->configuration != 0)
        status = usb_nt_status(usb_set_configuration(device, device->configuration));
    for (unsigned i = 0; i < USB_MAX_INTERFACES && NT_SUCCESS(status); i++)
        if (alternates[i] != 0)
            status = usb_nt_status(set_interface(device, (UCHAR)i, alternates[i]));
    for (unsigned i = 1; i < USB_MAX_PIPES; i++)
        resume_after_reset(&device->pipes[i]);
    unlock_configuration(device);
    return status;
}

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

static USBD_STATUS unconfigure(struct usb_extension *pdo)
{
    usb_close_pipes(pdo->device, pdo->function.interfaces);
    /* The generic parent keeps the device configured for its other functions. */
    return pdo->kind == USB_EXTENSION_FUNCTION ? USBD_STATUS_SUCCESS : usb_set_configuration(pdo->device, 0);
}

static USBD_STATUS apply_list(struct usb_extension *pdo, PURB urb)
{
    struct usb_device *device = pdo->device;
    PUCHAR end = (PUCHAR)urb + urb->UrbHeader.Length;
    for (PUCHAR at = (PUCHAR)&urb->UrbSelectConfiguration.Interface; at < end;) {
        PUSBD_INTERFACE_INFORMATION entry = (PVOID)at;
        at += entry->Length;
        const USB_INTERFACE_DESCRIPTOR *interface =
            usb_find_interface(device->configuration_data, entry->InterfaceNumber, entry->AlternateSetting);
        if (device->alternates[entry->InterfaceNumber] != entry->AlternateSetting) {
            USBD_STATUS status = set_interface(device, entry->InterfaceNumber, entry->AlternateSetting);
            if (status != USBD_STATUS_SUCCESS)
                return status;
        }
        open_interface(device, interface, entry);
    }
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS configure(struct usb_extension *pdo, const struct usb_configuration *configuration, PURB urb)
{
    struct usb_device *device = pdo->device;
    UCHAR value = ((const USB_CONFIGURATION_DESCRIPTOR *)configuration->data)->bConfigurationValue;
    USBD_STATUS status = USBD_STATUS_SUCCESS;
    usb_close_pipes(device, pdo->function.interfaces);
    if (pdo->kind != USB_EXTENSION_FUNCTION || device->configuration != value)
        status = usb_set_configuration(device, value);
    if (status == USBD_STATUS_SUCCESS)
        status = apply_list(pdo, urb);
    if (status != USBD_STATUS_SUCCESS)
        usb_close_pipes(device, pdo->function.interfaces);
    else
        urb->UrbSelectConfiguration.ConfigurationHandle = configuration_handle(device);
    return status;
}

USBD_STATUS usb_select_configuration(struct usb_extension *pdo, PURB urb)
{
    struct _URB_SELECT_CONFIGURATION *request = &urb->UrbSelectConfiguration;
    struct usb_device *device = pdo->device;
    if (request->Hdr.Length < offsetof(struct _URB_SELECT_CONFIGURATION, Interface))
        return USBD_STATUS_INVALID_PARAMETER;
    const USB_CONFIGURATION_DESCRIPTOR *wanted = request->ConfigurationDescriptor;
    const struct usb_configuration *configuration = NULL;
    USBD_STATUS status = USBD_STATUS_SUCCESS;
    if (usb_is_gone(device))
        return USBD_STATUS_DEVICE_GONE;
    if (wanted != NULL) {
        if (wanted->bLength < sizeof(*wanted) || wanted->bDescriptorType != USB_CONFIGURATION_DESCRIPTOR_TYPE)
            return USBD_STATUS_INVALID_CONFIGURATION_DESCRIPTOR;
        configuration = find_configuration(device, wanted->bConfigurationValue);
        if (configuration == NULL)
            return USBD_STATUS_INVALID_CONFIGURATION_DESCRIPTOR;
        status = check_list(pdo, configuration->data, urb);
        if (status != USBD_STATUS_SUCCESS)
            return status;
    }
    lock_configuration(device);
    status = configuration == NULL ? unconfigure(pdo) : configure(pdo, configuration, urb);
    unlock_configuration(device);
    return status;
}

USBD_STATUS usb_select_interface(struct usb_extension *pdo, PURB urb)
{
    struct _URB_SELECT_INTERFACE *request = &urb->UrbSelectInterface;
    struct usb_device *device = pdo->device;
    if (request->Hdr.Length < offsetof(struct _URB_SELECT_INTERFACE, Interface.Pipes))
        return USBD_STATUS_INVALID_PARAMETER;
    if (usb_is_gone(device))
        return USBD_STATUS_DEVICE_GONE;
    lock_configuration(device);
    USBD_STATUS status = USBD_STATUS_INVALID_PARAMETER;
    if (device->configuration != 0 && request->ConfigurationHandle == configuration_handle(device))
        status = check_entry(pdo, device->configuration_data, &request->Interface,
                             request->Hdr.Length - offsetof(struct _URB_SELECT_INTERFACE, Interface));
    if (status == USBD_STATUS_SUCCESS) {
        UCHAR number = request->Interface.InterfaceNumber;
        usb_close_pipes(device, 1u << number);
        status = set_interface(device, number, request->Interface.AlternateSetting);
        if (status == USBD_STATUS_SUCCESS)
            open_interface(device,
                           usb_find_interface(device->configuration_data, number, request->Interface.AlternateSetting),
                           &request->Interface);
    }
    unlock_configuration(device);
    return status;
}

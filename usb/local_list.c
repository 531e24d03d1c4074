/*
 * USB devices of this machine: their addresses as text, and what there is.
 */
#include "usb/local.h"
#include <libusb.h>
#include <stdio.h>
#include <string.h>
#include "usb/local_libusb.h"

/* ---- addresses ----------------------------------------------------------------------------------------------------
 */

static bool parse_id(const char **at, USHORT *id)
{
    unsigned digits = 0, value = 0;
    for (; digits < 5; digits++, (*at)++) {
        char c = **at;
        if (c >= '0' && c <= '9')
            value = value << 4 | (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            value = value << 4 | (unsigned)((c | 32) - 'a' + 10);
        else
            break;
    }
    *id = (USHORT)value;
    return digits >= 1 && digits <= 4;
}

bool usb_local_parse_address(const char *text, struct usb_local_address *address, char *error, size_t size)
{
    const char *at = text;
    memset(address, 0, sizeof(*address));
    bool is_ok = parse_id(&at, &address->vendor) && *at == ':';
    if (is_ok) {
        at++;
        is_ok = parse_id(&at, &address->product) && (*at == '@' || *at == '\0');
    }
    if (is_ok && *at == '@') {
        size_t length = strlen(++at);
        is_ok = length != 0 && length < sizeof(address->location) && strspn(at, "0123456789-.") == length;
        if (is_ok)
            memcpy(address->location, at, length + 1);
    }
    if (!is_ok)
        snprintf(error, size,
                 "libusb:%.60s is no device: write libusb:VID:PID or libusb:VID:PID@BUS-PORT with the numbers that "
                 "`ndiskit usb list` shows",
                 text);
    return is_ok;
}

void usb_local_get_address(libusb_device *device, struct usb_local_address *address)
{
    struct libusb_device_descriptor descriptor = {0};
    uint8_t ports[8];
    libusb_get_device_descriptor(device, &descriptor);
    address->vendor = descriptor.idVendor;
    address->product = descriptor.idProduct;
    int count = libusb_get_port_numbers(device, ports, sizeof(ports));
    size_t used =
        (size_t)snprintf(address->location, sizeof(address->location), "%u", (unsigned)libusb_get_bus_number(device));
    for (int i = 0; i < count && used < sizeof(address->location); i++)
        used += (size_t)snprintf(address->location + used, sizeof(address->location) - used, "%c%u", i == 0 ? '-' : '.',
                                 (unsigned)ports[i]);
}

USB_DEVICE_SPEED usb_local_speed(libusb_device *device)
{
    switch (libusb_get_device_speed(device)) {
    case LIBUSB_SPEED_LOW:
        return UsbLowSpeed;
    case LIBUSB_SPEED_FULL:
        return UsbFullSpeed;
    case LIBUSB_SPEED_SUPER:
    case LIBUSB_SPEED_SUPER_PLUS:
        return UsbSuperSpeed;
    default:
        return UsbHighSpeed;
    }
}

/* ---- the list -----------------------------------------------------------------------------------------------------
 */

/* Printable ASCII only: a device must not be able to play with the terminal. */
static void read_text(libusb_device_handle *handle, uint8_t index, char *text, size_t size)
{
    int length =
        index != 0 ? libusb_get_string_descriptor_ascii(handle, index, (unsigned char *)text, (int)size - 1) : 0;
    text[length > 0 ? length : 0] = '\0';
    for (char *c = text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

static void read_interfaces(libusb_device *device, struct usb_local_device *d)
{
    struct libusb_config_descriptor *configuration;
    if (libusb_get_active_config_descriptor(device, &configuration) != 0 &&
        libusb_get_config_descriptor(device, 0, &configuration) != 0)
        return;
    for (unsigned i = 0; i < configuration->bNumInterfaces && d->interface_count < RTL_NUMBER_OF(d->interfaces); i++) {
        const struct libusb_interface *interface = &configuration->interface[i];
        if (interface->num_altsetting == 0)
            continue;
        d->interfaces[d->interface_count].class_code = interface->altsetting[0].bInterfaceClass;
        d->interfaces[d->interface_count].sub_class = interface->altsetting[0].bInterfaceSubClass;
        d->interfaces[d->interface_count++].protocol = interface->altsetting[0].bInterfaceProtocol;
    }
    libusb_free_config_descriptor(configuration);
}

static void describe(libusb_device *device, struct usb_local_device *d)
{
    struct libusb_device_descriptor descriptor = {0};
    libusb_device_handle *handle;
    memset(d, 0, sizeof(*d));
    usb_local_get_address(device, &d->address);
    libusb_get_device_descriptor(device, &descriptor);
    d->speed = usb_local_speed(device);
    d->class_code = descriptor.bDeviceClass;
    d->sub_class = descriptor.bDeviceSubClass;
    d->protocol = descriptor.bDeviceProtocol;
    read_interfaces(device, d);
    if (libusb_open(device, &handle) != 0)
        return;
    read_text(handle, descriptor.iManufacturer, d->manufacturer, sizeof(d->manufacturer));
    read_text(handle, descriptor.iProduct, d->product_name, sizeof(d->product_name));
    libusb_close(handle);
}

bool usb_local_list(void (*each)(void *context, const struct usb_local_device *device), void *context, char *error,
                    size_t size)
{
    libusb_context *libusb = NULL;
    libusb_device **devices = NULL;
    int result = libusb_init(&libusb);
    ssize_t count = result == 0 ? libusb_get_device_list(libusb, &devices) : result;
    for (ssize_t i = 0; i < count; i++) {
        struct usb_local_device device;
        uint8_t port;
        if (libusb_get_port_numbers(devices[i], &port, 1) == 0)
            continue; /* a root hub: it is in no port */
        describe(devices[i], &device);
        each(context, &device);
    }
    if (count < 0)
        snprintf(error, size, "the USB devices of this machine cannot be listed: %s. Is there a /dev/bus/usb?",
                 libusb_strerror((int)count));
    if (devices != NULL)
        libusb_free_device_list(devices, 1);
    if (libusb != NULL)
        libusb_exit(libusb);
    return count >= 0;
}

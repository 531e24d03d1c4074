/*
 * Descriptors as devices write them. The hub reads a device's descriptors once, has them checked here, and all later
 * code walks them without fear: after usb_check_configuration each descriptor has a length of at least 2 that stays
 * inside, interfaces and endpoints have their full size, and numbers are in range. Nothing here calls the kernel, so
 * that the fuzzer runs exactly this code.
 */
#include "usb/stack.h"
#include <stdio.h>
#include <string.h>

struct walker {
    const UCHAR *data;
    size_t size, at;
};

/* The next descriptor, or NULL at the end or at one that does not fit (then at < size). */
static const USB_COMMON_DESCRIPTOR *next_descriptor(struct walker *walker)
{
    size_t left = walker->size - walker->at;
    if (left < sizeof(USB_COMMON_DESCRIPTOR))
        return NULL;
    const USB_COMMON_DESCRIPTOR *d = (const void *)(walker->data + walker->at);
    if (d->bLength < sizeof(*d) || d->bLength > left)
        return NULL;
    walker->at += d->bLength;
    return d;
}

static struct walker walk(const void *configuration)
{
    const USB_CONFIGURATION_DESCRIPTOR *c = configuration;
    return (struct walker){(const UCHAR *)configuration, c->wTotalLength, 0};
}

struct check {
    ULONG seen;                 /* interfaces */
    UCHAR owner[USB_MAX_PIPES]; /* interface number + 1 that has the endpoint */
    ULONG in_setting;           /* endpoint indices of this alternate setting */
    unsigned endpoints;         /* of this alternate setting */
    ULONG associated;
    UCHAR alternates[USB_MAX_INTERFACES][32]; /* bitmap of settings */
    const USB_INTERFACE_DESCRIPTOR *interface;
    int last_number;
};

static USBD_STATUS check_interface(struct check *check, const USB_INTERFACE_DESCRIPTOR *interface, unsigned level)
{
    if (interface->bLength < sizeof(*interface) || (level >= 3 && interface->bLength != sizeof(*interface)))
        return USBD_STATUS_BAD_INTERFACE_DESCRIPTOR;
    if (interface->bInterfaceNumber >= USB_MAX_INTERFACES)
        return USBD_STATUS_BAD_INTERFACE_DESCRIPTOR;
    UCHAR *bits = check->alternates[interface->bInterfaceNumber];
    UCHAR setting = interface->bAlternateSetting;
    if (bits[setting / 8] & 1 << setting % 8)
        return USBD_STATUS_BAD_INTERFACE_DESCRIPTOR;
    bits[setting / 8] |= 1 << setting % 8;
    if (level >= 3 && interface->bInterfaceNumber != check->last_number &&
        (interface->bInterfaceNumber != check->last_number + 1 || setting != 0))
        return USBD_STATUS_BAD_INTERFACE_DESCRIPTOR;
    check->last_number = interface->bInterfaceNumber;
    check->seen |= 1u << interface->bInterfaceNumber;
    check->interface = interface;
    check->in_setting = 0;
    check->endpoints = 0;
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS check_endpoint(struct check *check, const USB_ENDPOINT_DESCRIPTOR *endpoint, unsigned level)
{
    enum { AUDIO_ENDPOINT = 9 };
    if (check->interface == NULL || endpoint->bLength < sizeof(*endpoint))
        return USBD_STATUS_BAD_ENDPOINT_DESCRIPTOR;
    if (level >= 3 && endpoint->bLength != sizeof(*endpoint) && endpoint->bLength != AUDIO_ENDPOINT)
        return USBD_STATUS_BAD_ENDPOINT_DESCRIPTOR;
    UCHAR address = endpoint->bEndpointAddress;
    if ((address & USB_ENDPOINT_ADDRESS_MASK) == 0 || address & 0x70)
        return USBD_STATUS_BAD_ENDPOINT_ADDRESS;
    unsigned index = usb_pipe_index(address);
    UCHAR owner = check->interface->bInterfaceNumber + 1;
    if (check->in_setting & 1u << index || (check->owner[index] != 0 && check->owner[index] != owner))
        return USBD_STATUS_BAD_ENDPOINT_ADDRESS;
    check->in_setting |= 1u << index;
    check->owner[index] = owner;
    check->endpoints++;
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS check_association(struct check *check, const USB_INTERFACE_ASSOCIATION_DESCRIPTOR *d)
{
    if (d->bLength < sizeof(*d) || d->bInterfaceCount == 0 ||
        d->bFirstInterface + d->bInterfaceCount > USB_MAX_INTERFACES)
        return USBD_STATUS_BAD_INTERFACE_ASSOC_DESCRIPTOR;
    ULONG mask = (ULONG)(((1ull << d->bInterfaceCount) - 1) << d->bFirstInterface);
    if (check->associated & mask)
        return USBD_STATUS_BAD_INTERFACE_ASSOC_DESCRIPTOR;
    check->associated |= mask;
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS check_endpoint_count(const struct check *check)
{
    if (check->interface != NULL && check->endpoints != check->interface->bNumEndpoints)
        return USBD_STATUS_BAD_NUMBER_OF_ENDPOINTS;
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS check_one(struct check *check, const USB_COMMON_DESCRIPTOR *d, unsigned level)
{
    switch (d->bDescriptorType) {
    case USB_INTERFACE_DESCRIPTOR_TYPE: {
        USBD_STATUS status = level >= 3 ? check_endpoint_count(check) : USBD_STATUS_SUCCESS;
        return USBD_ERROR(status) ? status : check_interface(check, (const void *)d, level);
    }
    case USB_ENDPOINT_DESCRIPTOR_TYPE:
        return check_endpoint(check, (const void *)d, level);
    case USB_INTERFACE_ASSOCIATION_DESCRIPTOR_TYPE:
        return check_association(check, (const void *)d);
    case USB_CONFIGURATION_DESCRIPTOR_TYPE:
        return USBD_STATUS_BAD_DESCRIPTOR_TYPE;
    default:
        return USBD_STATUS_SUCCESS;
    }
}

USBD_STATUS usb_validate_configuration(const UCHAR *data, size_t size, unsigned level, size_t *offset)
{
    const USB_CONFIGURATION_DESCRIPTOR *c = (const void *)data;
    *offset = 0;
    if (size < sizeof(*c))
        return USBD_STATUS_BAD_CONFIG_DESC_LENGTH;
    if (c->bLength < sizeof(*c) || (level >= 3 && c->bLength != sizeof(*c)))
        return USBD_STATUS_BAD_DESCRIPTOR_BLEN;
    if (c->bDescriptorType != USB_CONFIGURATION_DESCRIPTOR_TYPE)
        return USBD_STATUS_BAD_DESCRIPTOR_TYPE;
    if (c->wTotalLength < c->bLength || c->wTotalLength > size)
        return USBD_STATUS_BAD_CONFIG_DESC_LENGTH;
    if (level < 2)
        return USBD_STATUS_SUCCESS;

    struct check check = {.last_number = -1};
    struct walker walker = {data, c->wTotalLength, c->bLength};
    USBD_STATUS status;
    while (*offset = walker.at, walker.at < walker.size) {
        const USB_COMMON_DESCRIPTOR *d = next_descriptor(&walker);
        if (d == NULL)
            return USBD_STATUS_BAD_DESCRIPTOR_BLEN;
        status = check_one(&check, d, level);
        if (USBD_ERROR(status))
            return status;
    }
    *offset = 0;
    if (level >= 3 && USBD_ERROR(status = check_endpoint_count(&check)))
        return status;
    if ((unsigned)__builtin_popcount(check.seen) != c->bNumInterfaces)
        return USBD_STATUS_BAD_NUMBER_OF_INTERFACES;
    if (check.associated & ~check.seen)
        return USBD_STATUS_BAD_INTERFACE_ASSOC_DESCRIPTOR;
    return USBD_STATUS_SUCCESS;
}

static const char *descriptor_error(USBD_STATUS status)
{
    switch (status) {
    case USBD_STATUS_BAD_CONFIG_DESC_LENGTH:
        return "wTotalLength does not agree with the bytes that the device sent";
    case USBD_STATUS_BAD_DESCRIPTOR_BLEN:
        return "a descriptor's bLength is too small or runs past the end";
    case USBD_STATUS_BAD_DESCRIPTOR_TYPE:
        return "a descriptor has the wrong bDescriptorType";
    case USBD_STATUS_BAD_INTERFACE_DESCRIPTOR:
        return "an interface descriptor is malformed or comes twice";
    case USBD_STATUS_BAD_ENDPOINT_DESCRIPTOR:
        return "an endpoint descriptor is malformed or belongs to no interface";
    case USBD_STATUS_BAD_ENDPOINT_ADDRESS:
        return "an endpoint address is invalid or used twice";
    case USBD_STATUS_BAD_INTERFACE_ASSOC_DESCRIPTOR:
        return "an interface association names interfaces that are missing or taken";
    case USBD_STATUS_BAD_NUMBER_OF_INTERFACES:
        return "bNumInterfaces does not agree with the interface descriptors";
    case USBD_STATUS_BAD_NUMBER_OF_ENDPOINTS:
        return "bNumEndpoints does not agree with the endpoint descriptors";
    default:
        return "it is malformed";
    }
}

/* What the levels of USBD_ValidateConfigurationDescriptor leave out but transfers rely on. */
static const char *check_for_transfers(const void *configuration)
{
    struct check check = {.last_number = -1};
    struct walker walker = walk(configuration);
    const USB_COMMON_DESCRIPTOR *d;
    while ((d = next_descriptor(&walker)) != NULL) {
        if (d->bDescriptorType == USB_INTERFACE_DESCRIPTOR_TYPE) {
            if (USBD_ERROR(check_endpoint_count(&check)))
                return descriptor_error(USBD_STATUS_BAD_NUMBER_OF_ENDPOINTS);
            check.interface = (const void *)d;
            check.endpoints = 0;
        } else if (d->bDescriptorType == USB_ENDPOINT_DESCRIPTOR_TYPE) {
            const USB_ENDPOINT_DESCRIPTOR *e = (const void *)d;
            check.endpoints++;
            if ((e->bmAttributes & USB_ENDPOINT_TYPE_MASK) != USB_ENDPOINT_TYPE_ISOCHRONOUS &&
                (e->wMaxPacketSize & 0x7FF) == 0)
                return "an endpoint's wMaxPacketSize is 0";
        }
    }
    return USBD_ERROR(check_endpoint_count(&check)) ? descriptor_error(USBD_STATUS_BAD_NUMBER_OF_ENDPOINTS) : NULL;
}

bool usb_check_configuration(const void *data, size_t size, char *error, size_t error_size)
{
    size_t offset;
    USBD_STATUS status = usb_validate_configuration(data, size, 2, &offset);
    const char *reason = NULL;
    if (USBD_ERROR(status))
        reason = descriptor_error(status);
    else if (((const USB_CONFIGURATION_DESCRIPTOR *)data)->bNumInterfaces == 0)
        reason = "it has no interface";
    else
        reason = check_for_transfers(data);
    if (reason == NULL)
        return true;
    snprintf(error, error_size, "configuration descriptor: %s (at byte %zu of %zu)", reason, offset, size);
    return false;
}

bool usb_check_device_descriptor(const void *data, size_t size, char *error, size_t error_size)
{
    const USB_DEVICE_DESCRIPTOR *d = data;
    if (size < sizeof(*d)) {
        snprintf(error, error_size, "device descriptor: %zu bytes instead of %zu", size, sizeof(*d));
        return false;
    }
    const char *reason = NULL;
    if (d->bLength < sizeof(*d))
        reason = "bLength is less than 18";
    else if (d->bDescriptorType != USB_DEVICE_DESCRIPTOR_TYPE)
        reason = "bDescriptorType is not 1";
    else if (d->bNumConfigurations == 0)
        reason = "the device has no configuration";
    else if (d->bMaxPacketSize0 == 0)
        reason = "bMaxPacketSize0 is 0";
    if (reason != NULL)
        snprintf(error, error_size, "device descriptor: %s", reason);
    return reason == NULL;
}

const USB_INTERFACE_DESCRIPTOR *usb_find_interface(const void *configuration, int number, int alternate)
{
    struct walker walker = walk(configuration);
    const USB_COMMON_DESCRIPTOR *d;
    while ((d = next_descriptor(&walker)) != NULL) {
        const USB_INTERFACE_DESCRIPTOR *i = (const void *)d;
        if (d->bDescriptorType == USB_INTERFACE_DESCRIPTOR_TYPE && (number < 0 || i->bInterfaceNumber == number) &&
            (alternate < 0 || i->bAlternateSetting == alternate))
            return i;
    }
    return NULL;
}

const USB_ENDPOINT_DESCRIPTOR *usb_find_endpoint(const void *configuration, const USB_INTERFACE_DESCRIPTOR *interface,
                                                 unsigned index)
{
    struct walker walker = walk(configuration);
    walker.at = (size_t)((const UCHAR *)interface - walker.data) + interface->bLength;
    const USB_COMMON_DESCRIPTOR *d;
    while ((d = next_descriptor(&walker)) != NULL && d->bDescriptorType != USB_INTERFACE_DESCRIPTOR_TYPE) {
        if (d->bDescriptorType == USB_ENDPOINT_DESCRIPTOR_TYPE && index-- == 0)
            return (const void *)d;
    }
    return NULL;
}

bool usb_is_composite(const USB_DEVICE_DESCRIPTOR *device, const void *configuration)
{
    const USB_CONFIGURATION_DESCRIPTOR *c = configuration;
    bool by_class = device->bDeviceClass == 0 || (device->bDeviceClass == USB_DEVICE_CLASS_MISCELLANEOUS &&
                                                  device->bDeviceSubClass == 2 && device->bDeviceProtocol == 1);
    return by_class && c->bNumInterfaces > 1 && device->bNumConfigurations == 1;
}

/* Interfaces that the CDC Union descriptor after INTERFACE names, itself included; 0 without one. (CDC 1.2, 5.2.3.2) */
static ULONG united_interfaces(const void *configuration, const USB_INTERFACE_DESCRIPTOR *interface)
{
    enum { CS_INTERFACE = 0x24, UNION = 0x06 };
    struct walker walker = walk(configuration);
    walker.at = (size_t)((const UCHAR *)interface - walker.data) + interface->bLength;
    const USB_COMMON_DESCRIPTOR *d;
    while ((d = next_descriptor(&walker)) != NULL && d->bDescriptorType != USB_INTERFACE_DESCRIPTOR_TYPE) {
        const UCHAR *bytes = (const UCHAR *)d;
        if (d->bDescriptorType != CS_INTERFACE || d->bLength < 5 || bytes[2] != UNION)
            continue;
        if (bytes[3] != interface->bInterfaceNumber)
            return 0;
        ULONG mask = 1u << bytes[3];
        for (unsigned i = 4; i < d->bLength; i++)
            if (bytes[i] < USB_MAX_INTERFACES)
                mask |= 1u << bytes[i];
        return mask;
    }
    return 0;
}

static ULONG all_interfaces(const void *configuration)
{
    ULONG mask = 0;
    struct walker walker = walk(configuration);
    const USB_COMMON_DESCRIPTOR *d;
    while ((d = next_descriptor(&walker)) != NULL)
        if (d->bDescriptorType == USB_INTERFACE_DESCRIPTOR_TYPE)
            mask |= 1u << ((const USB_INTERFACE_DESCRIPTOR *)d)->bInterfaceNumber;
    return mask;
}

static const USB_INTERFACE_ASSOCIATION_DESCRIPTOR *find_association(const void *configuration, UCHAR first)
{
    struct walker walker = walk(configuration);
    const USB_COMMON_DESCRIPTOR *d;
    while ((d = next_descriptor(&walker)) != NULL) {
        const USB_INTERFACE_ASSOCIATION_DESCRIPTOR *a = (const void *)d;
        if (d->bDescriptorType == USB_INTERFACE_ASSOCIATION_DESCRIPTOR_TYPE && a->bFirstInterface == first)
            return a;
    }
    return NULL;
}

unsigned usb_find_functions(const void *configuration, bool use_union, struct usb_function_layout *functions,
                            unsigned max)
{
    ULONG left = all_interfaces(configuration);
    unsigned count = 0;
    while (left != 0 && count < max) {
        int number = __builtin_ctz(left);
        const USB_INTERFACE_DESCRIPTOR *i = usb_find_interface(configuration, number, -1);
        const USB_INTERFACE_ASSOCIATION_DESCRIPTOR *a = find_association(configuration, (UCHAR)number);
        struct usb_function_layout *f = &functions[count++];
        *f = (struct usb_function_layout){(UCHAR)number,         1u << number,          i->bInterfaceClass,
                                          i->bInterfaceSubClass, i->bInterfaceProtocol, i->iInterface};
        ULONG united = use_union ? united_interfaces(configuration, i) : 0;
        if (united != 0) {
            f->interfaces = united & left;
        } else if (a != NULL) {
            f->interfaces = (ULONG)(((1ull << a->bInterfaceCount) - 1) << number) & left;
            f->class_code = a->bFunctionClass;
            f->sub_class = a->bFunctionSubClass;
            f->protocol = a->bFunctionProtocol;
            f->string = a->iFunction;
        }
        left &= ~f->interfaces;
    }
    return count;
}

size_t usb_filter_configuration(const void *configuration, ULONG mask, UCHAR *out)
{
    struct walker walker = walk(configuration);
    const USB_COMMON_DESCRIPTOR *d = next_descriptor(&walker);
    size_t size = d->bLength;
    bool is_kept = true;
    memcpy(out, d, size);
    while ((d = next_descriptor(&walker)) != NULL) {
        if (d->bDescriptorType == USB_INTERFACE_DESCRIPTOR_TYPE)
            is_kept = mask >> ((const USB_INTERFACE_DESCRIPTOR *)d)->bInterfaceNumber & 1;
        else if (d->bDescriptorType == USB_INTERFACE_ASSOCIATION_DESCRIPTOR_TYPE)
            is_kept = mask >> ((const USB_INTERFACE_ASSOCIATION_DESCRIPTOR *)d)->bFirstInterface & 1;
        if (is_kept) {
            memcpy(out + size, d, d->bLength);
            size += d->bLength;
        }
    }
    USB_CONFIGURATION_DESCRIPTOR *c = (USB_CONFIGURATION_DESCRIPTOR *)out;
    c->wTotalLength = (USHORT)size;
    c->bNumInterfaces = (UCHAR)__builtin_popcount(mask & all_interfaces(configuration));
    return size;
}

/*
 * Names of USB devices: hardware and compatible ids that INFs match, instance ids, container ids and texts, all made
 * from checked descriptors. Public pages: "Standard USB Identifiers", "Enumeration of USB composite devices",
 * "Enumeration of interfaces on USB composite devices", "How USB Devices are Assigned Container IDs".
 */
#include "usb/stack.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A list of strings under construction; MULTI_SZ when it has several. */
struct id_list {
    char text[512];
    size_t size;
};

static void __attribute__((format(printf, 2, 3))) add_id(struct id_list *list, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(list->text + list->size, sizeof(list->text) - list->size, format, arguments);
    va_end(arguments);
    if (n > 0 && (size_t)n + 2 <= sizeof(list->text) - list->size)
        list->size += (size_t)n + 1;
}

static NTSTATUS copy_wide(const char *text, size_t size, PWCHAR *id)
{
    PWCHAR copy = ExAllocatePoolWithTag(PagedPool, size * sizeof(WCHAR), USB_TAG);
    if (copy == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (size_t i = 0; i < size; i++)
        copy[i] = (UCHAR)text[i];
    *id = copy;
    return STATUS_SUCCESS;
}

/* The list with its second terminator. */
static NTSTATUS finish_list(struct id_list *list, PWCHAR *id)
{
    list->text[list->size++] = 0;
    return copy_wide(list->text, list->size, id);
}

static void add_class_ids(struct id_list *list, const char *prefix, UCHAR class_code, UCHAR sub_class, UCHAR protocol)
{
    add_id(list, "USB\\%s_%02X&SubClass_%02X&Prot_%02X", prefix, class_code, sub_class, protocol);
    add_id(list, "USB\\%s_%02X&SubClass_%02X", prefix, class_code, sub_class);
    add_id(list, "USB\\%s_%02X", prefix, class_code);
}

static NTSTATUS device_id(const struct usb_extension *pdo, PWCHAR *id)
{
    struct id_list list = {0};
    const USB_DEVICE_DESCRIPTOR *d = &pdo->device->descriptor;
    if (pdo->kind == USB_EXTENSION_FUNCTION)
        add_id(&list, "USB\\VID_%04X&PID_%04X&MI_%02X", d->idVendor, d->idProduct, pdo->function.first);
    else
        add_id(&list, "USB\\VID_%04X&PID_%04X", d->idVendor, d->idProduct);
    return copy_wide(list.text, list.size, id);
}

static NTSTATUS hardware_ids(const struct usb_extension *pdo, PWCHAR *id)
{
    struct id_list list = {0};
    const USB_DEVICE_DESCRIPTOR *d = &pdo->device->descriptor;
    if (pdo->kind == USB_EXTENSION_FUNCTION) {
        UCHAR first = pdo->function.first;
        add_id(&list, "USB\\VID_%04X&PID_%04X&REV_%04X&MI_%02X", d->idVendor, d->idProduct, d->bcdDevice, first);
        add_id(&list, "USB\\VID_%04X&PID_%04X&MI_%02X", d->idVendor, d->idProduct, first);
    } else {
        add_id(&list, "USB\\VID_%04X&PID_%04X&REV_%04X", d->idVendor, d->idProduct, d->bcdDevice);
        add_id(&list, "USB\\VID_%04X&PID_%04X", d->idVendor, d->idProduct);
    }
    return finish_list(&list, id);
}

/* "Standard USB Identifiers" takes the class of a single-function device from the device descriptor; devices that leave
 * the subclass to their interface there (all of CDC) are matched by the interface's, which is therefore listed first.
 */
static NTSTATUS compatible_ids(const struct usb_extension *pdo, PWCHAR *id)
{
    struct id_list list = {0};
    const struct usb_device *device = pdo->device;
    const USB_DEVICE_DESCRIPTOR *d = &device->descriptor;
    const struct usb_function_layout *f = &pdo->function;
    bool is_composite = pdo->kind == USB_EXTENSION_PDO && usb_is_composite(d, device->configurations[0].data);
    if (is_composite) {
        add_class_ids(&list, "DevClass", d->bDeviceClass, d->bDeviceSubClass, d->bDeviceProtocol);
        add_id(&list, USB_COMPOSITE_ID);
    } else {
        add_class_ids(&list, "Class", f->class_code, f->sub_class, f->protocol);
        if (pdo->kind == USB_EXTENSION_PDO && d->bDeviceClass != 0 &&
            (d->bDeviceClass != f->class_code || d->bDeviceSubClass != f->sub_class ||
             d->bDeviceProtocol != f->protocol))
            add_class_ids(&list, "Class", d->bDeviceClass, d->bDeviceSubClass, d->bDeviceProtocol);
    }
    return finish_list(&list, id);
}

/* A serial number may name the instance when it has only the characters that a device instance id allows. */
bool usb_serial_is_usable(const struct usb_device *device)
{
    if (device->serial[0] == 0)
        return false;
    for (const WCHAR *c = device->serial; *c != 0; c++)
        if (*c <= 0x20 || *c > 0x7F || *c == ',' || *c == '\\')
            return false;
    return true;
}

static NTSTATUS instance_id(const struct usb_extension *pdo, PWCHAR *id)
{
    struct id_list list = {0};
    char serial[RTL_NUMBER_OF(pdo->device->serial)] = "";
    if (pdo->device->serial_is_id)
        for (size_t i = 0; (serial[i] = (char)pdo->device->serial[i]) != 0; i++)
            ;
    else
        snprintf(serial, sizeof(serial), "%u", (unsigned)pdo->device->port);
    if (pdo->kind == USB_EXTENSION_FUNCTION)
        add_id(&list, "%s&%04X", serial, pdo->function.first);
    else
        add_id(&list, "%s", serial);
    return copy_wide(list.text, list.size, id);
}

/* A name-based identifier: all functions of a device share it, and it is the same in every run. */
static GUID container_from_name(const struct usb_device *device)
{
    ULONGLONG hash[2] = {0xCBF29CE484222325ull, 0x84222325CBF29CE4ull};
    UCHAR bytes[sizeof(device->serial) + 6];
    memcpy(bytes, &device->descriptor.idVendor, 6); /* idVendor, idProduct, bcdDevice */
    memcpy(bytes + 6, device->serial, sizeof(device->serial));
    for (size_t i = 0; i < sizeof(bytes); i++)
        for (int h = 0; h < 2; h++)
            hash[h] = (hash[h] ^ bytes[i]) * 0x100000001B3ull;
    GUID guid;
    memcpy(&guid, hash, sizeof(guid));
    guid.Data3 = (USHORT)((guid.Data3 & 0x0FFF) | 0x5000);
    guid.Data4[0] = (UCHAR)((guid.Data4[0] & 0x3F) | 0x80);
    return guid;
}

static NTSTATUS container_id(const struct usb_extension *pdo, PWCHAR *id)
{
    const struct usb_device *device = pdo->device;
    if (!device->has_container_id && !device->serial_is_id)
        return STATUS_NOT_SUPPORTED;
    GUID g = device->has_container_id ? device->container_id : container_from_name(device);
    struct id_list list = {0};
    add_id(&list, "{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", (unsigned)g.Data1, g.Data2, g.Data3, g.Data4[0],
           g.Data4[1], g.Data4[2], g.Data4[3], g.Data4[4], g.Data4[5], g.Data4[6], g.Data4[7]);
    return copy_wide(list.text, list.size, id);
}

NTSTATUS usb_query_id(struct usb_extension *pdo, BUS_QUERY_ID_TYPE type, PWCHAR *id)
{
    switch (type) {
    case BusQueryDeviceID:
        return device_id(pdo, id);
    case BusQueryHardwareIDs:
        return hardware_ids(pdo, id);
    case BusQueryCompatibleIDs:
        return compatible_ids(pdo, id);
    case BusQueryInstanceID:
        return instance_id(pdo, id);
    case BusQueryContainerID:
        return container_id(pdo, id);
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

NTSTATUS usb_query_text(struct usb_extension *pdo, DEVICE_TEXT_TYPE type, PWCHAR *text)
{
    struct id_list list = {0};
    const struct usb_device *device = pdo->device;
    if (type == DeviceTextLocationInformation) {
        if (pdo->kind == USB_EXTENSION_FUNCTION)
            add_id(&list, "%04u.0000.0000.%03u", (unsigned)device->port, pdo->function.first);
        else
            add_id(&list, "Port_#%04u.Hub_#0001", (unsigned)device->port);
        return copy_wide(list.text, list.size, text);
    }
    if (type != DeviceTextDescription)
        return STATUS_NOT_SUPPORTED;
    if (device->product[0] == 0) {
        add_id(&list, "%s",
               usb_is_composite(&device->descriptor, device->configurations[0].data) ? "USB Composite Device"
                                                                                     : "USB Device");
        return copy_wide(list.text, list.size, text);
    }
    PWCHAR copy = ExAllocatePoolWithTag(PagedPool, sizeof(device->product), USB_TAG);
    if (copy == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(copy, device->product, sizeof(device->product));
    *text = copy;
    return STATUS_SUCCESS;
}

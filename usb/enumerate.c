/*
 * Enumeration: what the hub asks a new device before anyone hears of it. Device descriptor, every configuration,
 * strings, the container id from the BOS descriptor, and the vendor code of Microsoft OS descriptors. A device that
 * answers nonsense is refused here with the reason; strings that cannot be read are merely missing, as on Windows.
 */
#include "usb/stack.h"
#include <stdio.h>
#include <string.h>

static NTSTATUS get_descriptor(struct usb_device *device, UCHAR type, UCHAR index, USHORT language, void *data,
                               USHORT length, ULONG *actual)
{
    return usb_control(device, USB_TRANSFER_CONTROL, BMREQUEST_DEVICE_TO_HOST << 7, USB_REQUEST_GET_DESCRIPTOR,
                       USB_DESCRIPTOR_MAKE_TYPE_AND_INDEX(type, index), language, data, length, actual, NULL);
}

static NTSTATUS refused(const struct usb_device *device, NTSTATUS status, const char *what, char *error,
                        size_t error_size)
{
    const char *why = status == STATUS_IO_TIMEOUT ? "the device did not answer"
                      : status == STATUS_NO_SUCH_DEVICE || status == STATUS_DEVICE_NOT_CONNECTED ? "the device is gone"
                                                                                                 : "the device stalled";
    snprintf(error, error_size, "%s: reading the %s failed: %s (0x%08X)", device->backend->name, what, why,
             (unsigned)status);
    return status;
}

static NTSTATUS read_configuration(struct usb_device *device, UCHAR index, char *error, size_t error_size)
{
    USB_CONFIGURATION_DESCRIPTOR head = {0};
    ULONG actual;
    char why[160];
    NTSTATUS status = get_descriptor(device, USB_CONFIGURATION_DESCRIPTOR_TYPE, index, 0, &head, sizeof(head), &actual);
    if (!NT_SUCCESS(status))
        return refused(device, status, "configuration descriptor", error, error_size);
    if (actual < sizeof(head) || head.wTotalLength < sizeof(head)) {
        snprintf(error, error_size, "%s: configuration descriptor: %u bytes, wTotalLength %u: at least 9 are needed",
                 device->backend->name, (unsigned)actual, head.wTotalLength);
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    }
    UCHAR *data = ExAllocatePoolWithTag(NonPagedPoolNx, head.wTotalLength, USB_TAG);
    if (data == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    status = get_descriptor(device, USB_CONFIGURATION_DESCRIPTOR_TYPE, index, 0, data, head.wTotalLength, &actual);
    if (!NT_SUCCESS(status)) {
        refused(device, status, "configuration descriptor", error, error_size);
    } else if (!usb_check_configuration(data, actual, why, sizeof(why))) {
        snprintf(error, error_size, "%s: %s", device->backend->name, why);
        status = STATUS_DEVICE_CONFIGURATION_ERROR;
    }
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(data, USB_TAG);
        return status;
    }
    device->configurations[device->configuration_count++] = (struct usb_configuration){data, actual};
    return STATUS_SUCCESS;
}

/* A string descriptor as text; empty when the device has none or answers nonsense. */
static void read_string(struct usb_device *device, UCHAR index, USHORT language, WCHAR *text, size_t max)
{
    UCHAR buffer[MAXIMUM_USB_STRING_LENGTH];
    ULONG actual;
    text[0] = 0;
    if (index == 0 || !NT_SUCCESS(get_descriptor(device, USB_STRING_DESCRIPTOR_TYPE, index, language, buffer,
                                                 sizeof(buffer), &actual)))
        return;
    if (actual < 2 || buffer[1] != USB_STRING_DESCRIPTOR_TYPE || buffer[0] < 2)
        return;
    size_t count = (min(actual, (ULONG)buffer[0]) - 2) / sizeof(WCHAR);
    count = min(count, max - 1);
    memcpy(text, buffer + 2, count * sizeof(WCHAR));
    text[count] = 0;
}

static USHORT read_language(struct usb_device *device)
{
    UCHAR buffer[MAXIMUM_USB_STRING_LENGTH];
    ULONG actual;
    if (!NT_SUCCESS(get_descriptor(device, USB_STRING_DESCRIPTOR_TYPE, 0, 0, buffer, sizeof(buffer), &actual)) ||
        actual < 4 || buffer[1] != USB_STRING_DESCRIPTOR_TYPE)
        return 0x0409;
    return (USHORT)(buffer[2] | buffer[3] << 8);
}

/* "Microsoft OS 1.0 Descriptors Specification": string 0xEE is "MSFT100" and the vendor code of the requests. */
static void read_ms_code(struct usb_device *device)
{
    static const WCHAR signature[] = MS_OS_STRING_SIGNATURE;
    UCHAR buffer[18];
    ULONG actual;
    if (NT_SUCCESS(get_descriptor(device, USB_STRING_DESCRIPTOR_TYPE, OS_STRING_DESCRIPTOR_INDEX, 0, buffer,
                                  sizeof(buffer), &actual)) &&
        actual == sizeof(buffer) && buffer[0] == sizeof(buffer) && buffer[1] == USB_STRING_DESCRIPTOR_TYPE &&
        memcmp(buffer + 2, signature, 14) == 0) {
        device->has_ms_code = true;
        device->ms_code = buffer[16];
    }
}

static void read_container_id(struct usb_device *device)
{
    UCHAR buffer[256];
    ULONG actual;
    if (device->descriptor.bcdUSB < 0x0201 ||
        !NT_SUCCESS(get_descriptor(device, USB_BOS_DESCRIPTOR_TYPE, 0, 0, buffer, sizeof(buffer), &actual)) ||
        actual < sizeof(USB_BOS_DESCRIPTOR) || buffer[0] < sizeof(USB_BOS_DESCRIPTOR) ||
        buffer[1] != USB_BOS_DESCRIPTOR_TYPE)
        return;
    for (ULONG at = buffer[0]; at + 3 <= actual && buffer[at] >= 3 && at + buffer[at] <= actual; at += buffer[at]) {
        const USB_DEVICE_CAPABILITY_CONTAINER_ID_DESCRIPTOR *c = (const void *)(buffer + at);
        if (c->bLength >= sizeof(*c) && c->bDescriptorType == USB_DEVICE_CAPABILITY_DESCRIPTOR_TYPE &&
            c->bDevCapabilityType == USB_DEVICE_CAPABILITY_CONTAINER_ID) {
            memcpy(&device->container_id, c->ContainerID, sizeof(GUID));
            device->has_container_id = true;
        }
    }
}

NTSTATUS usb_enumerate(struct usb_device *device, char *error, size_t error_size)
{
    ULONG actual = 0;
    char why[160];
    NTSTATUS status = get_descriptor(device, USB_DEVICE_DESCRIPTOR_TYPE, 0, 0, &device->descriptor,
                                     sizeof(device->descriptor), &actual);
    if (!NT_SUCCESS(status))
        return refused(device, status, "device descriptor", error, error_size);
    if (!usb_check_device_descriptor(&device->descriptor, actual, why, sizeof(why))) {
        snprintf(error, error_size, "%s: %s", device->backend->name, why);
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    }
    unsigned count = min(device->descriptor.bNumConfigurations, USB_MAX_CONFIGURATIONS);
    for (unsigned i = 0; i < count; i++) {
        status = read_configuration(device, (UCHAR)i, error, error_size);
        if (!NT_SUCCESS(status))
            return status;
    }
    device->configuration_data = device->configurations[0].data;
    device->configuration_size = device->configurations[0].size;

    USHORT language = read_language(device);
    read_string(device, device->descriptor.iManufacturer, language, device->manufacturer,
                RTL_NUMBER_OF(device->manufacturer));
    read_string(device, device->descriptor.iProduct, language, device->product, RTL_NUMBER_OF(device->product));
    read_string(device, device->descriptor.iSerialNumber, language, device->serial, RTL_NUMBER_OF(device->serial));
    read_ms_code(device);
    read_container_id(device);
    return STATUS_SUCCESS;
}

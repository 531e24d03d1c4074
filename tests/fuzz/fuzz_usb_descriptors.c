/*
 * Fuzzes what the hub and usbd.sys make of a device's descriptors. The first byte picks the device or the configuration
 * descriptor; a configuration that passes the check is then walked by everything that trusts the check.
 */
#include "usb/stack.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void walk_settings(const uint8_t *configuration)
{
    for (int number = 0; number < USB_MAX_INTERFACES; number++)
        for (int setting = 0; setting < 4; setting++) {
            const USB_INTERFACE_DESCRIPTOR *i = usb_find_interface(configuration, number, setting);
            if (i == NULL)
                continue;
            for (unsigned e = 0; e < i->bNumEndpoints; e++) {
                const USB_ENDPOINT_DESCRIPTOR *endpoint = usb_find_endpoint(configuration, i, e);
                assert(endpoint != NULL && usb_pipe_index(endpoint->bEndpointAddress) != 0);
            }
            assert(usb_find_endpoint(configuration, i, i->bNumEndpoints) == NULL);
        }
}

static void walk_functions(const uint8_t *configuration, size_t size)
{
    struct usb_function_layout functions[USB_MAX_FUNCTIONS];
    char error[200];
    for (int use_union = 0; use_union < 2; use_union++) {
        unsigned count = usb_find_functions(configuration, use_union, functions, USB_MAX_FUNCTIONS);
        ULONG seen = 0;
        assert(count != 0);
        for (unsigned f = 0; f < count; f++) {
            assert((functions[f].interfaces & seen) == 0 && functions[f].interfaces >> functions[f].first & 1);
            seen |= functions[f].interfaces;
            UCHAR *copy = malloc(size);
            size_t length = usb_filter_configuration(configuration, functions[f].interfaces, copy);
            assert(length <= size && ((USB_CONFIGURATION_DESCRIPTOR *)copy)->wTotalLength == length);
            usb_check_configuration(copy, length, error, sizeof(error));
            free(copy);
        }
    }
}

static void parse_as_driver(const uint8_t *data, size_t size)
{
    PVOID whole = (PVOID)data;
    for (LONG type = 0; type < 0x31; type++) {
        PVOID at = whole;
        PUSB_COMMON_DESCRIPTOR d;
        while ((d = USBD_ParseDescriptors(whole, (ULONG)size, at, type)) != NULL) {
            assert((uint8_t *)d >= data && (uint8_t *)d + d->bLength <= data + size);
            at = (PUCHAR)d + d->bLength;
        }
    }
    PUCHAR offset = NULL;
    for (USHORT level = 1; level <= 3; level++) {
        USBD_STATUS status = USBD_ValidateConfigurationDescriptor(whole, (ULONG)size, level, &offset, 0);
        assert(USBD_SUCCESS(status) || (offset >= data && offset <= data + size));
    }
}

static void parse_checked(const uint8_t *data, size_t size)
{
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)data;
    PUSB_INTERFACE_DESCRIPTOR i;
    PVOID at = c;
    while ((i = USBD_ParseConfigurationDescriptorEx(c, at, -1, -1, -1, -1, -1)) != NULL) {
        ULONG length = USBD_GetInterfaceLength(i, (PUCHAR)data + size);
        assert(length >= i->bLength && (uint8_t *)i + length <= data + size);
        at = (PUCHAR)i + i->bLength;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[200];
    USB_DEVICE_DESCRIPTOR device = {.bNumConfigurations = 1};
    if (size == 0)
        return 0;
    if (data[0] == 0) {
        usb_check_device_descriptor(data + 1, size - 1, error, sizeof(error));
        return 0;
    }
    data++, size--;
    parse_as_driver(data, size);
    if (!usb_check_configuration(data, size, error, sizeof(error)))
        return 0;
    walk_settings(data);
    walk_functions(data, size);
    parse_checked(data, size);
    usb_is_composite(&device, data);
    return 0;
}

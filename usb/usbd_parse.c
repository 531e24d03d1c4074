/*
 * usbd.sys: the parsers of descriptors. What they are given may come from anywhere, so every length is checked. Like
 * descriptor.c this calls nothing of the kernel and is fuzzed as it is.
 */
#include "usb/stack.h"
#include "ntoskrnl/arch/export.h"

PUSB_COMMON_DESCRIPTOR NTAPI USBD_ParseDescriptors(PVOID DescriptorBuffer, ULONG TotalLength, PVOID StartPosition,
                                                   LONG DescriptorType)
{
    PUCHAR at = StartPosition, end = (PUCHAR)DescriptorBuffer + TotalLength;
    if (at < (PUCHAR)DescriptorBuffer)
        return NULL;
    while (at < end && (size_t)(end - at) >= sizeof(USB_COMMON_DESCRIPTOR)) {
        PUSB_COMMON_DESCRIPTOR descriptor = (PUSB_COMMON_DESCRIPTOR)at;
        if (descriptor->bLength < sizeof(*descriptor) || descriptor->bLength > end - at)
            return NULL;
        if (descriptor->bDescriptorType == DescriptorType)
            return descriptor;
        at += descriptor->bLength;
    }
    return NULL;
}
NT_EXPORT(USBD_ParseDescriptors);

static bool matches(LONG wanted, UCHAR value)
{
    return wanted == -1 || wanted == value;
}

PUSB_INTERFACE_DESCRIPTOR NTAPI USBD_ParseConfigurationDescriptorEx(
    PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor, PVOID StartPosition, LONG InterfaceNumber,
    LONG AlternateSetting, LONG InterfaceClass, LONG InterfaceSubClass, LONG InterfaceProtocol)
{
    PVOID at = StartPosition;
    for (;;) {
        PUSB_INTERFACE_DESCRIPTOR i = (PVOID)USBD_ParseDescriptors(
            ConfigurationDescriptor, ConfigurationDescriptor->wTotalLength, at, USB_INTERFACE_DESCRIPTOR_TYPE);
        if (i == NULL)
            return NULL;
        if (i->bLength >= sizeof(*i) && matches(InterfaceNumber, i->bInterfaceNumber) &&
            matches(AlternateSetting, i->bAlternateSetting) && matches(InterfaceClass, i->bInterfaceClass) &&
            matches(InterfaceSubClass, i->bInterfaceSubClass) && matches(InterfaceProtocol, i->bInterfaceProtocol))
            return i;
        at = (PUCHAR)i + i->bLength;
    }
}
NT_EXPORT(USBD_ParseConfigurationDescriptorEx);

PUSB_INTERFACE_DESCRIPTOR NTAPI USBD_ParseConfigurationDescriptor(PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor,
                                                                  UCHAR InterfaceNumber, UCHAR AlternateSetting)
{
    return USBD_ParseConfigurationDescriptorEx(ConfigurationDescriptor, ConfigurationDescriptor, InterfaceNumber,
                                               AlternateSetting, -1, -1, -1);
}
NT_EXPORT(USBD_ParseConfigurationDescriptor);

ULONG NTAPI USBD_GetInterfaceLength(PUSB_INTERFACE_DESCRIPTOR InterfaceDescriptor, PUCHAR BufferEnd)
{
    PUCHAR start = (PUCHAR)InterfaceDescriptor, at = start;
    while (at < BufferEnd && (size_t)(BufferEnd - at) >= sizeof(USB_COMMON_DESCRIPTOR)) {
        PUSB_COMMON_DESCRIPTOR descriptor = (PUSB_COMMON_DESCRIPTOR)at;
        if (descriptor->bLength < sizeof(*descriptor) || descriptor->bLength > BufferEnd - at ||
            (at != start && descriptor->bDescriptorType == USB_INTERFACE_DESCRIPTOR_TYPE))
            break;
        at += descriptor->bLength;
    }
    return (ULONG)(at - start);
}
NT_EXPORT(USBD_GetInterfaceLength);

USBD_STATUS NTAPI USBD_ValidateConfigurationDescriptor(PUSB_CONFIGURATION_DESCRIPTOR ConfigDesc, ULONG BufferLength,
                                                       USHORT Level, PUCHAR *Offset, ULONG Tag)
{
    UNREFERENCED_PARAMETER(Tag); /* no memory is needed */
    size_t offset;
    if (Level < 1 || Level > 3)
        return USBD_STATUS_INVALID_PARAMETER;
    USBD_STATUS status = usb_validate_configuration((const UCHAR *)ConfigDesc, BufferLength, Level, &offset);
    if (status != USBD_STATUS_SUCCESS && Offset != NULL)
        *Offset = (PUCHAR)ConfigDesc + offset;
    return status;
}
NT_EXPORT(USBD_ValidateConfigurationDescriptor);

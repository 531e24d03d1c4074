/*
 * usbd.sys: the library that USB drivers import. Builders and parsers of descriptors and URBs; none of them talks to a
 * device. The descriptors they are given may come from anywhere, so every length is checked.
 */
#include "usb/stack.h"
#include "ntoskrnl/arch/export.h"
#include <string.h>

VOID NTAPI USBD_GetUSBDIVersion(PUSBD_VERSION_INFORMATION VersionInformation)
{
    VersionInformation->USBDI_Version = USBDI_VERSION;
    VersionInformation->Supported_USB_Version = 0x300;
}
NT_EXPORT(USBD_GetUSBDIVersion);

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

PURB NTAPI USBD_CreateConfigurationRequestEx(PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor,
                                             PUSBD_INTERFACE_LIST_ENTRY InterfaceList)
{
    size_t size = offsetof(struct _URB_SELECT_CONFIGURATION, Interface);
    for (PUSBD_INTERFACE_LIST_ENTRY entry = InterfaceList; entry->InterfaceDescriptor != NULL; entry++)
        size += GET_USBD_INTERFACE_SIZE(entry->InterfaceDescriptor->bNumEndpoints);
    /* A request with no or with small interfaces still has the size of its structure. */
    size_t allocated = max(size, sizeof(struct _URB_SELECT_CONFIGURATION));
    if (size > 0xFFFF)
        return NULL;
    PURB urb = ExAllocatePoolWithTag(NonPagedPoolNx, allocated, USB_TAG);
    if (urb == NULL)
        return NULL;
    memset(urb, 0, allocated);
    UsbBuildSelectConfigurationRequest(urb, size, ConfigurationDescriptor);
    PUCHAR at = (PUCHAR)&urb->UrbSelectConfiguration.Interface;
    for (PUSBD_INTERFACE_LIST_ENTRY entry = InterfaceList; entry->InterfaceDescriptor != NULL; entry++) {
        PUSBD_INTERFACE_INFORMATION information = (PVOID)at;
        information->Length = (USHORT)GET_USBD_INTERFACE_SIZE(entry->InterfaceDescriptor->bNumEndpoints);
        information->InterfaceNumber = entry->InterfaceDescriptor->bInterfaceNumber;
        information->AlternateSetting = entry->InterfaceDescriptor->bAlternateSetting;
        information->NumberOfPipes = entry->InterfaceDescriptor->bNumEndpoints;
        for (ULONG i = 0; i < information->NumberOfPipes; i++)
            information->Pipes[i].MaximumTransferSize = USBD_DEFAULT_MAXIMUM_TRANSFER_SIZE;
        entry->Interface = information;
        at += information->Length;
    }
    return urb;
}
NT_EXPORT(USBD_CreateConfigurationRequestEx);

PURB NTAPI USBD_CreateConfigurationRequest(PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor, PUSHORT Siz)
{
    USBD_INTERFACE_LIST_ENTRY list[USB_MAX_INTERFACES + 1] = {0};
    ULONG count = 0;
    PVOID at = ConfigurationDescriptor;
    PUSB_INTERFACE_DESCRIPTOR i;
    while (count < USB_MAX_INTERFACES && (i = USBD_ParseConfigurationDescriptorEx(ConfigurationDescriptor, at, -1, 0,
                                                                                  -1, -1, -1)) != NULL) {
        list[count++].InterfaceDescriptor = i;
        at = (PUCHAR)i + i->bLength;
    }
    PURB urb = USBD_CreateConfigurationRequestEx(ConfigurationDescriptor, list);
    *Siz = urb != NULL ? urb->UrbHeader.Length : 0;
    return urb;
}
NT_EXPORT(USBD_CreateConfigurationRequest);

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

static NTSTATUS query_hardware_key(PDEVICE_OBJECT device, PUNICODE_STRING name, PVOID buffer, ULONG size)
{
    ULONG needed, room = sizeof(KEY_VALUE_PARTIAL_INFORMATION) + size;
    HANDLE key;
    NTSTATUS status = IoOpenDeviceRegistryKey(device, PLUGPLAY_REGKEY_DEVICE, KEY_READ, &key);
    if (!NT_SUCCESS(status))
        return status;
    PKEY_VALUE_PARTIAL_INFORMATION information = ExAllocatePoolWithTag(PagedPool, room, USB_TAG);
    if (information == NULL) {
        ZwClose(key);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    status = ZwQueryValueKey(key, name, KeyValuePartialInformation, information, room, &needed);
    if (NT_SUCCESS(status) && information->DataLength > size)
        status = STATUS_BUFFER_TOO_SMALL;
    if (NT_SUCCESS(status))
        memcpy(buffer, information->Data, information->DataLength);
    ExFreePoolWithTag(information, USB_TAG);
    ZwClose(key);
    return status;
}

NTSTATUS NTAPI USBD_GetPdoRegistryParameter(PDEVICE_OBJECT PhysicalDeviceObject, PVOID Parameter, ULONG ParameterLength,
                                            PWCHAR KeyName, ULONG KeyNameLength)
{
    if (KeyNameLength > 0xFFFE || KeyNameLength < sizeof(WCHAR))
        return STATUS_INVALID_PARAMETER;
    /* KeyNameLength counts the terminator when there is one. */
    USHORT length = (USHORT)KeyNameLength;
    if (KeyName[length / sizeof(WCHAR) - 1] == 0)
        length -= sizeof(WCHAR);
    UNICODE_STRING name = {length, (USHORT)KeyNameLength, KeyName};
    return query_hardware_key(PhysicalDeviceObject, &name, Parameter, ParameterLength);
}
NT_EXPORT(USBD_GetPdoRegistryParameter);

/* Worst-case payload plus protocol overhead, in bits, with bit stuffing of one sixth (USB 2.0, 5.11.3). */
ULONG NTAPI USBD_CalculateUsbBandwidth(ULONG MaxPacketSize, UCHAR EndpointType, BOOLEAN LowSpeed)
{
    enum { ISOCHRONOUS_OVERHEAD = 9, INTERRUPT_OVERHEAD = 13, LOW_SPEED_OVERHEAD = 19, LOW_SPEED_FACTOR = 8 };
    ULONG overhead;
    if (EndpointType == UsbdPipeTypeIsochronous)
        overhead = ISOCHRONOUS_OVERHEAD;
    else if (EndpointType == UsbdPipeTypeInterrupt)
        overhead = LowSpeed ? LOW_SPEED_OVERHEAD : INTERRUPT_OVERHEAD;
    else
        return 0;
    ULONG bits = (MaxPacketSize + overhead) * 8 * 7 / 6;
    return LowSpeed ? bits * LOW_SPEED_FACTOR : bits;
}
NT_EXPORT(USBD_CalculateUsbBandwidth);

ULONG NTAPI USBD_QueryBusTime(PDEVICE_OBJECT RootHubPdo, PULONG CurrentFrame)
{
    UNREFERENCED_PARAMETER(RootHubPdo);
    *CurrentFrame = 0;
    return (ULONG)STATUS_NOT_SUPPORTED;
}
NT_EXPORT(USBD_QueryBusTime);

VOID NTAPI USBD_RegisterHcFilter(PDEVICE_OBJECT DeviceObject, PDEVICE_OBJECT FilterDeviceObject)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(FilterDeviceObject);
}
NT_EXPORT(USBD_RegisterHcFilter);

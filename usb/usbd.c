/*
 * usbd.sys: builders of URBs, and the rest of the library that USB drivers import. None of it talks to a device; the
 * parsers of descriptors are in usbd_parse.c.
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
    while (count < USB_MAX_INTERFACES &&
           (i = USBD_ParseConfigurationDescriptorEx(ConfigurationDescriptor, at, -1, 0, -1, -1, -1)) != NULL) {
        list[count++].InterfaceDescriptor = i;
        at = (PUCHAR)i + i->bLength;
    }
    PURB urb = USBD_CreateConfigurationRequestEx(ConfigurationDescriptor, list);
    *Siz = urb != NULL ? urb->UrbHeader.Length : 0;
    return urb;
}
NT_EXPORT(USBD_CreateConfigurationRequest);

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

/*
 * usbdex.lib: the part of the USB library that is linked into each driver, not exported by usbd.sys. This file sees
 * only what a driver sees (include/km) and imports only what real Windows exports: it finds out about the stack below
 * by IRP_MN_QUERY_INTERFACE for the documented USB_BUS_INTERFACE_USBDI_GUID, and its URBs are plain pool memory with a
 * header of its own in front. It is built twice: into usbdex.lib for PE drivers, and into ndiskit for drivers in ELF
 * form.
 *
 * What has no documented question (streams, chained MDLs, function suspend, time synchronisation) is answered with
 * "not supported", which drivers must be ready for on older stacks.
 */
#include <wdm.h>
#include <usb.h>
#include <usbdlib.h>
#include <usbbusif.h>

#define URB_MAGIC 0x78647375 /* 'usdx' */

struct USBD_HANDLE__ {
    PDEVICE_OBJECT Target;
    ULONG Tag;
    LONG Urbs; /* not yet freed */
    ULONG InterfaceVersion;
    ULONG UsbVersion;
    BOOLEAN IsHighSpeed;
};

struct urb_block {
    struct USBD_HANDLE__ *Owner;
    ULONG Magic;
    ULONG Reserved;
    URB Urb;
};

static const GUID UsbdiGuid = {0xb1a96a13, 0x3de0, 0x4574, {0x9b, 0x01, 0xc0, 0x8f, 0xea, 0xb3, 0x18, 0xd6}};

static void Zero(PVOID Memory, SIZE_T Size)
{
    volatile UCHAR *at = (volatile UCHAR *)Memory;
    while (Size-- != 0)
        *at++ = 0;
}

static BOOLEAN SameGuid(const GUID *A, const GUID *B)
{
    const ULONG *a = (const ULONG *)A, *b = (const ULONG *)B;
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

static NTSTATUS QueryUsbdi(PDEVICE_OBJECT Target, USHORT Version, USHORT Size, PVOID Interface)
{
    KEVENT event;
    IO_STATUS_BLOCK status;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    PIRP irp = IoBuildSynchronousFsdRequest(IRP_MJ_PNP, Target, NULL, 0, NULL, &event, &status);
    if (irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
    stack->MinorFunction = IRP_MN_QUERY_INTERFACE;
    stack->Parameters.QueryInterface.InterfaceType = &UsbdiGuid;
    stack->Parameters.QueryInterface.Size = Size;
    stack->Parameters.QueryInterface.Version = Version;
    stack->Parameters.QueryInterface.Interface = (PINTERFACE)Interface;
    stack->Parameters.QueryInterface.InterfaceSpecificData = NULL;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    NTSTATUS result = IoCallDriver(Target, irp);
    if (result == STATUS_PENDING) {
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
        result = status.Status;
    }
    return result;
}

NTSTATUS NTAPI USBD_CreateHandle(PDEVICE_OBJECT DeviceObject, PDEVICE_OBJECT TargetDeviceObject,
                                 ULONG USBDClientContractVersion, ULONG PoolTag, USBD_HANDLE *USBDHandle)
{
    USB_BUS_INTERFACE_USBDI_V1 usbdi;
    USBD_VERSION_INFORMATION version = {0, 0};
    if (KeGetCurrentIrql() != PASSIVE_LEVEL)
        return STATUS_INVALID_LEVEL;
    if (DeviceObject == NULL || TargetDeviceObject == NULL || USBDHandle == NULL || PoolTag == 0 ||
        USBDClientContractVersion != USBD_CLIENT_CONTRACT_VERSION_602)
        return STATUS_INVALID_PARAMETER;
    *USBDHandle = NULL;
    Zero(&usbdi, sizeof(usbdi));
    NTSTATUS status = QueryUsbdi(TargetDeviceObject, USB_BUSIF_USBDI_VERSION_1, sizeof(usbdi), &usbdi);
    if (!NT_SUCCESS(status))
        return status;
    USBD_HANDLE handle = (USBD_HANDLE)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*handle), PoolTag);
    if (handle != NULL) {
        ULONG capabilities = 0;
        usbdi.GetUSBDIVersion(usbdi.BusContext, &version, &capabilities);
        handle->Target = TargetDeviceObject;
        handle->Tag = PoolTag;
        handle->Urbs = 0;
        handle->InterfaceVersion = version.USBDI_Version;
        handle->UsbVersion = version.Supported_USB_Version;
        handle->IsHighSpeed = usbdi.IsDeviceHighSpeed(usbdi.BusContext);
        *USBDHandle = handle;
    }
    usbdi.InterfaceDereference(usbdi.BusContext);
    return handle != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

VOID NTAPI USBD_CloseHandle(USBD_HANDLE USBDHandle)
{
    NT_ASSERT(USBDHandle->Urbs == 0);
    ExFreePoolWithTag(USBDHandle, USBDHandle->Tag);
}

BOOLEAN NTAPI USBD_IsInterfaceVersionSupported(USBD_HANDLE USBDHandle, ULONG USBDInterfaceVersion)
{
    return USBDHandle != NULL && USBDInterfaceVersion != 0 && USBDInterfaceVersion <= USBDHandle->InterfaceVersion;
}

NTSTATUS NTAPI USBD_QueryUsbCapability(USBD_HANDLE USBDHandle, const GUID *CapabilityType, ULONG OutputBufferLength,
                                       PUCHAR OutputBuffer, PULONG ResultLength)
{
    static const GUID HighSpeed = {0x81a885a6, 0xf239, 0x42a2, {0x83, 0x97, 0xa5, 0xd9, 0x5b, 0xea, 0x69, 0x53}};
    static const GUID SelectiveSuspend = {0x755c630d, 0xc8a0, 0x4765, {0x94, 0x6f, 0x90, 0xcc, 0x70, 0x38, 0x56, 0xa4}};
    if (ResultLength != NULL)
        *ResultLength = 0;
    if (USBDHandle == NULL || CapabilityType == NULL || (OutputBuffer == NULL) != (OutputBufferLength == 0))
        return STATUS_INVALID_PARAMETER;
    if (SameGuid(CapabilityType, &HighSpeed))
        return USBDHandle->IsHighSpeed ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
    if (SameGuid(CapabilityType, &SelectiveSuspend))
        return STATUS_SUCCESS; /* every stack since Windows XP has IOCTL_INTERNAL_USB_SUBMIT_IDLE_NOTIFICATION */
    return STATUS_NOT_SUPPORTED;
}

static NTSTATUS AllocateUrb(USBD_HANDLE Handle, SIZE_T Size, PURB *Urb)
{
    SIZE_T total = FIELD_OFFSET(struct urb_block, Urb) + (Size > sizeof(URB) ? Size : sizeof(URB));
    struct urb_block *block = (struct urb_block *)ExAllocatePoolWithTag(NonPagedPoolNx, total, Handle->Tag);
    *Urb = NULL;
    if (block == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Zero(block, total);
    block->Owner = Handle;
    block->Magic = URB_MAGIC;
    InterlockedIncrement(&Handle->Urbs);
    *Urb = &block->Urb;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI USBD_UrbAllocate(USBD_HANDLE USBDHandle, PURB *Urb)
{
    if (USBDHandle == NULL || Urb == NULL)
        return STATUS_INVALID_PARAMETER;
    return AllocateUrb(USBDHandle, sizeof(URB), Urb);
}

NTSTATUS NTAPI USBD_IsochUrbAllocate(USBD_HANDLE USBDHandle, ULONG NumberOfIsochPackets, PURB *Urb)
{
    if (USBDHandle == NULL || Urb == NULL || NumberOfIsochPackets == 0 || NumberOfIsochPackets > 1024)
        return STATUS_INVALID_PARAMETER;
    return AllocateUrb(USBDHandle, GET_ISO_URB_SIZE(NumberOfIsochPackets), Urb);
}

VOID NTAPI USBD_UrbFree(USBD_HANDLE USBDHandle, PURB Urb)
{
    struct urb_block *block = CONTAINING_RECORD(Urb, struct urb_block, Urb);
    NT_ASSERT(block->Magic == URB_MAGIC && block->Owner == USBDHandle);
    block->Magic = 0;
    InterlockedDecrement(&USBDHandle->Urbs);
    ExFreePoolWithTag(block, USBDHandle->Tag);
}

static void FillInterface(PUSBD_INTERFACE_INFORMATION Information, const USB_INTERFACE_DESCRIPTOR *Descriptor)
{
    Information->Length = (USHORT)GET_USBD_INTERFACE_SIZE(Descriptor->bNumEndpoints);
    Information->InterfaceNumber = Descriptor->bInterfaceNumber;
    Information->AlternateSetting = Descriptor->bAlternateSetting;
    Information->NumberOfPipes = Descriptor->bNumEndpoints;
    for (ULONG i = 0; i < Information->NumberOfPipes; i++)
        Information->Pipes[i].MaximumTransferSize = USBD_DEFAULT_MAXIMUM_TRANSFER_SIZE;
}

NTSTATUS NTAPI USBD_SelectConfigUrbAllocateAndBuild(USBD_HANDLE USBDHandle,
                                                    PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor,
                                                    PUSBD_INTERFACE_LIST_ENTRY InterfaceList, PURB *Urb)
{
    PUSBD_INTERFACE_LIST_ENTRY entry;
    SIZE_T size = FIELD_OFFSET(struct _URB_SELECT_CONFIGURATION, Interface);
    if (USBDHandle == NULL || ConfigurationDescriptor == NULL || InterfaceList == NULL || Urb == NULL)
        return STATUS_INVALID_PARAMETER;
    for (entry = InterfaceList; entry->InterfaceDescriptor != NULL; entry++)
        size += GET_USBD_INTERFACE_SIZE(entry->InterfaceDescriptor->bNumEndpoints);
    if (size > 0xFFFF)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = AllocateUrb(USBDHandle, size, Urb);
    if (!NT_SUCCESS(status))
        return status;
    PURB urb = *Urb;
    UsbBuildSelectConfigurationRequest(urb, size, ConfigurationDescriptor);
    PUCHAR at = (PUCHAR)&urb->UrbSelectConfiguration.Interface;
    for (entry = InterfaceList; entry->InterfaceDescriptor != NULL; entry++) {
        entry->Interface = (PUSBD_INTERFACE_INFORMATION)at;
        FillInterface(entry->Interface, entry->InterfaceDescriptor);
        at += entry->Interface->Length;
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI USBD_SelectInterfaceUrbAllocateAndBuild(USBD_HANDLE USBDHandle,
                                                       USBD_CONFIGURATION_HANDLE ConfigurationHandle,
                                                       PUSBD_INTERFACE_LIST_ENTRY InterfaceListEntry, PURB *Urb)
{
    if (USBDHandle == NULL || ConfigurationHandle == NULL || InterfaceListEntry == NULL ||
        InterfaceListEntry->InterfaceDescriptor == NULL || Urb == NULL)
        return STATUS_INVALID_PARAMETER;
    const USB_INTERFACE_DESCRIPTOR *descriptor = InterfaceListEntry->InterfaceDescriptor;
    SIZE_T size =
        FIELD_OFFSET(struct _URB_SELECT_INTERFACE, Interface) + GET_USBD_INTERFACE_SIZE(descriptor->bNumEndpoints);
    NTSTATUS status = AllocateUrb(USBDHandle, size, Urb);
    if (!NT_SUCCESS(status))
        return status;
    PURB urb = *Urb;
    UsbBuildSelectInterfaceRequest(urb, size, ConfigurationHandle, descriptor->bInterfaceNumber,
                                   descriptor->bAlternateSetting);
    FillInterface(&urb->UrbSelectInterface.Interface, descriptor);
    InterfaceListEntry->Interface = &urb->UrbSelectInterface.Interface;
    return STATUS_SUCCESS;
}

VOID NTAPI USBD_AssignUrbToIoStackLocation(USBD_HANDLE USBDHandle, PIO_STACK_LOCATION IoStackLocation, PURB Urb)
{
    UNREFERENCED_PARAMETER(USBDHandle);
    IoStackLocation->Parameters.Others.Argument1 = Urb;
}

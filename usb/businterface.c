/*
 * The bus driver interface of a PDO (USB_BUS_INTERFACE_USBDI_GUID, versions 0 to 3): questions that a driver asks by a
 * call instead of a request, at IRQL <= DISPATCH_LEVEL. The context is the PDO, which the interface references.
 */
#include "usb/stack.h"
#include <string.h>

static const GUID usbdi_guid = {0xb1a96a13, 0x3de0, 0x4574, {0x9b, 0x01, 0xc0, 0x8f, 0xea, 0xb3, 0x18, 0xd6}};

static VOID NTAPI reference(PVOID Context)
{
    ObReferenceObject(((struct usb_extension *)Context)->self);
}

static VOID NTAPI dereference(PVOID Context)
{
    ObDereferenceObject(((struct usb_extension *)Context)->self);
}

static VOID NTAPI get_version(PVOID BusContext, PUSBD_VERSION_INFORMATION VersionInformation, PULONG HcdCapabilities)
{
    UNREFERENCED_PARAMETER(BusContext);
    if (VersionInformation != NULL)
        USBD_GetUSBDIVersion(VersionInformation);
    if (HcdCapabilities != NULL)
        *HcdCapabilities = 0;
}

static NTSTATUS NTAPI query_bus_time(PVOID BusContext, PULONG CurrentUsbFrame)
{
    UNREFERENCED_PARAMETER(BusContext);
    if (CurrentUsbFrame != NULL)
        *CurrentUsbFrame = (ULONG)(ke_now() / 10000);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI submit_iso_out_urb(PVOID BusContext, PURB Urb)
{
    UNREFERENCED_PARAMETER(BusContext);
    UNREFERENCED_PARAMETER(Urb);
    return STATUS_NOT_SUPPORTED;
}

static NTSTATUS NTAPI query_bus_information(PVOID BusContext, ULONG Level, PVOID BusInformationBuffer,
                                            PULONG BusInformationBufferLength, PULONG BusInformationActualLength)
{
    UNREFERENCED_PARAMETER(BusContext);
    ULONG needed = Level == 0 ? sizeof(USB_BUS_INFORMATION_LEVEL_0) : sizeof(USB_BUS_INFORMATION_LEVEL_1);
    if (Level > 1)
        return STATUS_NOT_SUPPORTED;
    if (BusInformationActualLength != NULL)
        *BusInformationActualLength = needed;
    if (*BusInformationBufferLength < needed) {
        *BusInformationBufferLength = needed;
        return STATUS_BUFFER_TOO_SMALL;
    }
    *BusInformationBufferLength = needed;
    memset(BusInformationBuffer, 0, needed);
    /* High speed carries 400 000 bits in a millisecond besides its overhead (USB 2.0, 5.5.4). */
    ((PUSB_BUS_INFORMATION_LEVEL_0)BusInformationBuffer)->TotalBandwidth = 400000;
    return STATUS_SUCCESS;
}

static BOOLEAN NTAPI is_device_high_speed(PVOID BusContext)
{
    struct usb_extension *pdo = BusContext;
    return pdo->device->backend->speed >= UsbHighSpeed;
}

static NTSTATUS NTAPI enum_log_entry(PVOID BusContext, ULONG DriverTag, ULONG EnumTag, ULONG P1, ULONG P2)
{
    UNREFERENCED_PARAMETER(BusContext);
    ke_trace("usb: driver log %08X %08X %08X %08X", (unsigned)DriverTag, (unsigned)EnumTag, (unsigned)P1, (unsigned)P2);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI query_bus_time_ex(PVOID BusContext, PULONG HighSpeedFrameCounter)
{
    UNREFERENCED_PARAMETER(BusContext);
    if (HighSpeedFrameCounter != NULL)
        *HighSpeedFrameCounter = (ULONG)(ke_now() / 1250);
    return STATUS_SUCCESS;
}

/* There is no PCI controller; what it says is "USB controller, xHCI programming interface". */
static NTSTATUS NTAPI query_controller_type(PVOID BusContext, PULONG HcdiOptionFlags, PUSHORT PciVendorId,
                                            PUSHORT PciDeviceId, PUCHAR PciClass, PUCHAR PciSubClass,
                                            PUCHAR PciRevisionId, PUCHAR PciProgIf)
{
    UNREFERENCED_PARAMETER(BusContext);
    if (HcdiOptionFlags != NULL)
        *HcdiOptionFlags = 0;
    if (PciVendorId != NULL)
        *PciVendorId = 0xFFFF;
    if (PciDeviceId != NULL)
        *PciDeviceId = 0xFFFF;
    if (PciClass != NULL)
        *PciClass = 0x0C;
    if (PciSubClass != NULL)
        *PciSubClass = 0x03;
    if (PciRevisionId != NULL)
        *PciRevisionId = 0;
    if (PciProgIf != NULL)
        *PciProgIf = 0x30;
    return STATUS_SUCCESS;
}

NTSTATUS usb_query_bus_interface(struct usb_extension *pdo, PIRP irp)
{
    static const USHORT sizes[] = {sizeof(USB_BUS_INTERFACE_USBDI_V0), sizeof(USB_BUS_INTERFACE_USBDI_V1),
                                   sizeof(USB_BUS_INTERFACE_USBDI_V2), sizeof(USB_BUS_INTERFACE_USBDI_V3)};
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    const GUID *guid = stack->Parameters.QueryInterface.InterfaceType;
    USHORT version = stack->Parameters.QueryInterface.Version;
    if (memcmp(guid, &usbdi_guid, sizeof(*guid)) != 0)
        return usb_complete_irp(irp, irp->IoStatus.Status, irp->IoStatus.Information);
    if (version >= RTL_NUMBER_OF(sizes))
        return usb_complete_irp(irp, STATUS_NOT_SUPPORTED, 0);
    if (stack->Parameters.QueryInterface.Interface == NULL || stack->Parameters.QueryInterface.Size < sizes[version])
        return usb_complete_irp(irp, STATUS_INVALID_PARAMETER, 0);
    USB_BUS_INTERFACE_USBDI_V3 interface = {
        .Size = sizes[version],
        .Version = version,
        .BusContext = pdo,
        .InterfaceReference = reference,
        .InterfaceDereference = dereference,
        .GetUSBDIVersion = get_version,
        .QueryBusTime = query_bus_time,
        .SubmitIsoOutUrb = submit_iso_out_urb,
        .QueryBusInformation = query_bus_information,
        .IsDeviceHighSpeed = is_device_high_speed,
        .EnumLogEntry = enum_log_entry,
        .QueryBusTimeEx = query_bus_time_ex,
        .QueryControllerType = query_controller_type,
    };
    memcpy(stack->Parameters.QueryInterface.Interface, &interface, sizes[version]);
    reference(pdo);
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

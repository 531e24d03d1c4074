/*
 * Direct-call interfaces of the USB bus driver. A client driver obtains one with IRP_MN_QUERY_INTERFACE for
 * USB_BUS_INTERFACE_USBDI_GUID; the functions work at IRQL <= DISPATCH_LEVEL until InterfaceDereference.
 */
#ifndef __USBBUSIF_H__
#define __USBBUSIF_H__

#include <wdm.h>
#include <usb.h>

#ifdef __cplusplus
extern "C" {
#endif

#define USB_BUSIFFN NTAPI

#define USB_BUSIF_USBDI_VERSION_0 0x0000
#define USB_BUSIF_USBDI_VERSION_1 0x0001
#define USB_BUSIF_USBDI_VERSION_2 0x0002
#define USB_BUSIF_USBDI_VERSION_3 0x0003

/* {B1A96A13-3DE0-4574-9B01-C08FEAB318D6} */
DEFINE_GUID(USB_BUS_INTERFACE_USBDI_GUID, 0xb1a96a13, 0x3de0, 0x4574, 0x9b, 0x01, 0xc0, 0x8f, 0xea, 0xb3, 0x18, 0xd6);

/* HcdCapabilities of GetUSBDIVersion. */
#define USB_HCD_CAPS_SUPPORTS_RT_THREADS 0x00000001

/* Versions of the driver interface and of USB. "USB_BUSIFFN_GETUSBDI_VERSION callback function" */
typedef VOID(USB_BUSIFFN *PUSB_BUSIFFN_GETUSBDI_VERSION)(_In_ PVOID BusContext,
                                                         _Out_opt_ PUSBD_VERSION_INFORMATION VersionInformation,
                                                         _Out_opt_ PULONG HcdCapabilities);
/* Current frame (1 ms). "USB_BUSIFFN_QUERY_BUS_TIME callback function" */
typedef NTSTATUS(USB_BUSIFFN *PUSB_BUSIFFN_QUERY_BUS_TIME)(_In_ PVOID BusContext, _Out_opt_ PULONG CurrentUsbFrame);
/* Isochronous output outside the IRP path. "USB_BUSIFFN_SUBMIT_ISO_OUT_URB callback function" */
typedef NTSTATUS(USB_BUSIFFN *PUSB_BUSIFFN_SUBMIT_ISO_OUT_URB)(_In_ PVOID BusContext, _In_ PURB Urb);
/* Bandwidth (level 0), and the controller's name (level 1). "USB_BUSIFFN_QUERY_BUS_INFORMATION callback function" */
typedef NTSTATUS(USB_BUSIFFN *PUSB_BUSIFFN_QUERY_BUS_INFORMATION)(_In_ PVOID BusContext, _In_ ULONG Level,
                                                                  _Inout_ PVOID BusInformationBuffer,
                                                                  _Inout_ PULONG BusInformationBufferLength,
                                                                  _Out_opt_ PULONG BusInformationActualLength);
/* TRUE at high speed. "USB_BUSIFFN_IS_DEVICE_HIGH_SPEED callback function" */
typedef BOOLEAN(USB_BUSIFFN *PUSB_BUSIFFN_IS_DEVICE_HIGH_SPEED)(_In_opt_ PVOID BusContext);
/* Writes into the enumeration log. "USB_BUSIFFN_ENUM_LOG_ENTRY callback function" */
typedef NTSTATUS(USB_BUSIFFN *PUSB_BUSIFFN_ENUM_LOG_ENTRY)(_In_ PVOID BusContext, _In_ ULONG DriverTag,
                                                           _In_ ULONG EnumTag, _In_ ULONG P1, _In_ ULONG P2);
/* Current microframe (125 us). "USB_BUSIFFN_QUERY_BUS_TIME_EX callback function" */
typedef NTSTATUS(USB_BUSIFFN *PUSB_BUSIFFN_QUERY_BUS_TIME_EX)(_In_opt_ PVOID BusContext,
                                                              _Out_opt_ PULONG HighSpeedFrameCounter);
/* The controller's flavour and PCI identity. "USB_BUSIFFN_QUERY_CONTROLLER_TYPE callback function" */
typedef NTSTATUS(USB_BUSIFFN *PUSB_BUSIFFN_QUERY_CONTROLLER_TYPE)(
    _In_opt_ PVOID BusContext, _Out_opt_ PULONG HcdiOptionFlags, _Out_opt_ PUSHORT PciVendorId,
    _Out_opt_ PUSHORT PciDeviceId, _Out_opt_ PUCHAR PciClass, _Out_opt_ PUCHAR PciSubClass,
    _Out_opt_ PUCHAR PciRevisionId, _Out_opt_ PUCHAR PciProgIf);

/* "USB_BUS_INFORMATION_LEVEL_0 structure": bits per second. */
typedef struct _USB_BUS_INFORMATION_LEVEL_0 {
    ULONG TotalBandwidth;
    ULONG ConsumedBandwidth;
} USB_BUS_INFORMATION_LEVEL_0, *PUSB_BUS_INFORMATION_LEVEL_0;

/* "USB_BUS_INFORMATION_LEVEL_1 structure": the controller's symbolic name follows. */
typedef struct _USB_BUS_INFORMATION_LEVEL_1 {
    ULONG TotalBandwidth;
    ULONG ConsumedBandwidth;
    ULONG ControllerNameLength;
    WCHAR ControllerNameUnicodeString[1];
} USB_BUS_INFORMATION_LEVEL_1, *PUSB_BUS_INFORMATION_LEVEL_1;

/* "USB_BUS_INTERFACE_USBDI_V0 structure" to V3: each adds to the end of the one before. */
typedef struct _USB_BUS_INTERFACE_USBDI_V0 {
    USHORT Size;
    USHORT Version;
    PVOID BusContext;
    PINTERFACE_REFERENCE InterfaceReference;
    PINTERFACE_DEREFERENCE InterfaceDereference;
    PUSB_BUSIFFN_GETUSBDI_VERSION GetUSBDIVersion;
    PUSB_BUSIFFN_QUERY_BUS_TIME QueryBusTime;
    PUSB_BUSIFFN_SUBMIT_ISO_OUT_URB SubmitIsoOutUrb;
    PUSB_BUSIFFN_QUERY_BUS_INFORMATION QueryBusInformation;
} USB_BUS_INTERFACE_USBDI_V0, *PUSB_BUS_INTERFACE_USBDI_V0;

typedef struct _USB_BUS_INTERFACE_USBDI_V1 {
    USHORT Size;
    USHORT Version;
    PVOID BusContext;
    PINTERFACE_REFERENCE InterfaceReference;
    PINTERFACE_DEREFERENCE InterfaceDereference;
    PUSB_BUSIFFN_GETUSBDI_VERSION GetUSBDIVersion;
    PUSB_BUSIFFN_QUERY_BUS_TIME QueryBusTime;
    PUSB_BUSIFFN_SUBMIT_ISO_OUT_URB SubmitIsoOutUrb;
    PUSB_BUSIFFN_QUERY_BUS_INFORMATION QueryBusInformation;
    PUSB_BUSIFFN_IS_DEVICE_HIGH_SPEED IsDeviceHighSpeed;
} USB_BUS_INTERFACE_USBDI_V1, *PUSB_BUS_INTERFACE_USBDI_V1;

typedef struct _USB_BUS_INTERFACE_USBDI_V2 {
    USHORT Size;
    USHORT Version;
    PVOID BusContext;
    PINTERFACE_REFERENCE InterfaceReference;
    PINTERFACE_DEREFERENCE InterfaceDereference;
    PUSB_BUSIFFN_GETUSBDI_VERSION GetUSBDIVersion;
    PUSB_BUSIFFN_QUERY_BUS_TIME QueryBusTime;
    PUSB_BUSIFFN_SUBMIT_ISO_OUT_URB SubmitIsoOutUrb;
    PUSB_BUSIFFN_QUERY_BUS_INFORMATION QueryBusInformation;
    PUSB_BUSIFFN_IS_DEVICE_HIGH_SPEED IsDeviceHighSpeed;
    PUSB_BUSIFFN_ENUM_LOG_ENTRY EnumLogEntry;
} USB_BUS_INTERFACE_USBDI_V2, *PUSB_BUS_INTERFACE_USBDI_V2;

typedef struct _USB_BUS_INTERFACE_USBDI_V3 {
    USHORT Size;
    USHORT Version;
    PVOID BusContext;
    PINTERFACE_REFERENCE InterfaceReference;
    PINTERFACE_DEREFERENCE InterfaceDereference;
    PUSB_BUSIFFN_GETUSBDI_VERSION GetUSBDIVersion;
    PUSB_BUSIFFN_QUERY_BUS_TIME QueryBusTime;
    PUSB_BUSIFFN_SUBMIT_ISO_OUT_URB SubmitIsoOutUrb;
    PUSB_BUSIFFN_QUERY_BUS_INFORMATION QueryBusInformation;
    PUSB_BUSIFFN_IS_DEVICE_HIGH_SPEED IsDeviceHighSpeed;
    PUSB_BUSIFFN_ENUM_LOG_ENTRY EnumLogEntry;
    PUSB_BUSIFFN_QUERY_BUS_TIME_EX QueryBusTimeEx;
    PUSB_BUSIFFN_QUERY_CONTROLLER_TYPE QueryControllerType;
} USB_BUS_INTERFACE_USBDI_V3, *PUSB_BUS_INTERFACE_USBDI_V3;

#ifdef __cplusplus
}
#endif

#endif

/*
 * The USB driver library. Two libraries stand behind this one header, as in the Windows kit:
 *
 * - usbd.sys exports the routines marked "usbd": they build and parse, and any driver may import them.
 * - usbdex.lib is linked into the driver: the routines marked "usbdex" (USBD_CreateHandle and what needs its handle).
 *   usbd.sys exports none of them. ndiskit builds that library from usb/usbdex.c over documented requests alone
 *   (IRP_MN_QUERY_INTERFACE for USB_BUS_INTERFACE_USBDI_GUID), so that the driver loads on Windows too.
 *
 * The Usb* macros and inline functions fill a URB in place.
 */
#ifndef __USBDLIB_H__
#define __USBDLIB_H__

#include <wdm.h>
#include <usb.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32) && !defined(_USBD_)
#define USBDAPI __declspec(dllimport)
#elif defined(_WIN32)
#define USBDAPI
#else
#define USBDAPI __attribute__((visibility("default")))
#endif
#ifdef _WIN32
#define USBDEXAPI
#else
#define USBDEXAPI __attribute__((visibility("default")))
#endif

/* "USBD_INTERFACE_LIST_ENTRY structure": one interface to select; the list ends with a NULL InterfaceDescriptor. Interface
 * points into the URB after USBD_CreateConfigurationRequestEx. */
typedef struct _USBD_INTERFACE_LIST_ENTRY {
    PUSB_INTERFACE_DESCRIPTOR InterfaceDescriptor;
    PUSBD_INTERFACE_INFORMATION Interface;
} USBD_INTERFACE_LIST_ENTRY, *PUSBD_INTERFACE_LIST_ENTRY;

#define GET_SELECT_CONFIGURATION_REQUEST_SIZE(totalInterfaces, totalPipes)                                             \
    (sizeof(struct _URB_SELECT_CONFIGURATION) + (((totalInterfaces) - 1) * sizeof(USBD_INTERFACE_INFORMATION)) +        \
     (((totalPipes) - (totalInterfaces)) * sizeof(USBD_PIPE_INFORMATION)))
#define GET_SELECT_INTERFACE_REQUEST_SIZE(totalPipes)                                                                  \
    (sizeof(struct _URB_SELECT_INTERFACE) + (((totalPipes) - 1) * sizeof(USBD_PIPE_INFORMATION)))
#define GET_USBD_INTERFACE_SIZE(numEndpoints)                                                                          \
    (sizeof(USBD_INTERFACE_INFORMATION) + (sizeof(USBD_PIPE_INFORMATION) * (numEndpoints)) -                           \
     sizeof(USBD_PIPE_INFORMATION))
#define GET_ISO_URB_SIZE(n) (sizeof(struct _URB_ISOCH_TRANSFER) + sizeof(USBD_ISO_PACKET_DESCRIPTOR) * (n))
#define URB_STATUS(urb) ((urb)->UrbHeader.Status)

/* "UsbBuildInterruptOrBulkTransferRequest macro" */
#define UsbBuildInterruptOrBulkTransferRequest(urb, length, pipeHandle, transferBuffer, transferBufferMDL,            \
                                               transferBufferLength, transferFlags, link)                             \
    do {                                                                                                               \
        (urb)->UrbHeader.Function = URB_FUNCTION_BULK_OR_INTERRUPT_TRANSFER;                                           \
        (urb)->UrbHeader.Length = (USHORT)(length);                                                                    \
        (urb)->UrbBulkOrInterruptTransfer.PipeHandle = (pipeHandle);                                                   \
        (urb)->UrbBulkOrInterruptTransfer.TransferBufferLength = (transferBufferLength);                               \
        (urb)->UrbBulkOrInterruptTransfer.TransferBufferMDL = (transferBufferMDL);                                     \
        (urb)->UrbBulkOrInterruptTransfer.TransferBuffer = (transferBuffer);                                           \
        (urb)->UrbBulkOrInterruptTransfer.TransferFlags = (transferFlags);                                             \
        (urb)->UrbBulkOrInterruptTransfer.UrbLink = (link);                                                            \
    } while (0)

/* Reads a descriptor; index and languageId matter for strings. */
#define UsbBuildGetDescriptorRequest(urb, length, descriptorType, descriptorIndex, languageId, transferBuffer,        \
                                     transferBufferMDL, transferBufferLength, link)                                   \
    do {                                                                                                               \
        (urb)->UrbHeader.Function = URB_FUNCTION_GET_DESCRIPTOR_FROM_DEVICE;                                           \
        (urb)->UrbHeader.Length = (USHORT)(length);                                                                    \
        (urb)->UrbControlDescriptorRequest.TransferBufferLength = (transferBufferLength);                              \
        (urb)->UrbControlDescriptorRequest.TransferBufferMDL = (transferBufferMDL);                                    \
        (urb)->UrbControlDescriptorRequest.TransferBuffer = (transferBuffer);                                          \
        (urb)->UrbControlDescriptorRequest.DescriptorType = (descriptorType);                                          \
        (urb)->UrbControlDescriptorRequest.Index = (descriptorIndex);                                                  \
        (urb)->UrbControlDescriptorRequest.LanguageId = (languageId);                                                  \
        (urb)->UrbControlDescriptorRequest.UrbLink = (link);                                                           \
    } while (0)

/* "UsbBuildGetStatusRequest macro": op is one of URB_FUNCTION_GET_STATUS_FROM_*. */
#define UsbBuildGetStatusRequest(urb, op, index, transferBuffer, transferBufferMDL, link)                              \
    do {                                                                                                               \
        (urb)->UrbHeader.Function = (op);                                                                              \
        (urb)->UrbHeader.Length = sizeof(struct _URB_CONTROL_GET_STATUS_REQUEST);                                      \
        (urb)->UrbControlGetStatusRequest.TransferBufferLength = sizeof(USHORT);                                       \
        (urb)->UrbControlGetStatusRequest.TransferBufferMDL = (transferBufferMDL);                                     \
        (urb)->UrbControlGetStatusRequest.TransferBuffer = (transferBuffer);                                           \
        (urb)->UrbControlGetStatusRequest.Index = (index);                                                             \
        (urb)->UrbControlGetStatusRequest.UrbLink = (link);                                                            \
    } while (0)

/* op is one of URB_FUNCTION_SET_FEATURE_TO_* or URB_FUNCTION_CLEAR_FEATURE_TO_*. */
#define UsbBuildFeatureRequest(urb, op, featureSelector, index, link)                                                  \
    do {                                                                                                               \
        (urb)->UrbHeader.Function = (op);                                                                              \
        (urb)->UrbHeader.Length = sizeof(struct _URB_CONTROL_FEATURE_REQUEST);                                         \
        (urb)->UrbControlFeatureRequest.FeatureSelector = (featureSelector);                                           \
        (urb)->UrbControlFeatureRequest.Index = (index);                                                               \
        (urb)->UrbControlFeatureRequest.UrbLink = (link);                                                              \
    } while (0)

#define UsbBuildSelectConfigurationRequest(urb, length, configurationDescriptor)                                       \
    do {                                                                                                               \
        (urb)->UrbHeader.Function = URB_FUNCTION_SELECT_CONFIGURATION;                                                 \
        (urb)->UrbHeader.Length = (USHORT)(length);                                                                    \
        (urb)->UrbSelectConfiguration.ConfigurationDescriptor = (configurationDescriptor);                             \
    } while (0)

#define UsbBuildSelectInterfaceRequest(urb, length, configurationHandle, interfaceNumber, alternateSetting)            \
    do {                                                                                                               \
        (urb)->UrbHeader.Function = URB_FUNCTION_SELECT_INTERFACE;                                                     \
        (urb)->UrbHeader.Length = (USHORT)(length);                                                                    \
        (urb)->UrbSelectInterface.Interface.AlternateSetting = (alternateSetting);                                     \
        (urb)->UrbSelectInterface.Interface.InterfaceNumber = (interfaceNumber);                                       \
        (urb)->UrbSelectInterface.ConfigurationHandle = (configurationHandle);                                         \
    } while (0)

/* cmd is one of URB_FUNCTION_VENDOR_* or URB_FUNCTION_CLASS_*. */
#define UsbBuildVendorRequest(urb, cmd, length, transferFlags, reservedbits, request, value, index, transferBuffer,    \
                              transferBufferMDL, transferBufferLength, link)                                           \
    do {                                                                                                               \
        (urb)->UrbHeader.Function = (cmd);                                                                             \
        (urb)->UrbHeader.Length = (USHORT)(length);                                                                    \
        (urb)->UrbControlVendorClassRequest.TransferBufferLength = (transferBufferLength);                             \
        (urb)->UrbControlVendorClassRequest.TransferBufferMDL = (transferBufferMDL);                                   \
        (urb)->UrbControlVendorClassRequest.TransferBuffer = (transferBuffer);                                         \
        (urb)->UrbControlVendorClassRequest.RequestTypeReservedBits = (reservedbits);                                  \
        (urb)->UrbControlVendorClassRequest.Request = (request);                                                       \
        (urb)->UrbControlVendorClassRequest.Value = (value);                                                           \
        (urb)->UrbControlVendorClassRequest.Index = (index);                                                           \
        (urb)->UrbControlVendorClassRequest.TransferFlags = (transferFlags);                                           \
        (urb)->UrbControlVendorClassRequest.UrbLink = (link);                                                          \
    } while (0)

#define UsbBuildOsFeatureDescriptorRequest(urb, length, interface, index, transferBuffer, transferBufferMDL,           \
                                           transferBufferLength, link)                                                 \
    do {                                                                                                               \
        (urb)->UrbHeader.Function = URB_FUNCTION_GET_MS_FEATURE_DESCRIPTOR;                                            \
        (urb)->UrbHeader.Length = (USHORT)(length);                                                                    \
        (urb)->UrbOSFeatureDescriptorRequest.TransferBufferLength = (transferBufferLength);                            \
        (urb)->UrbOSFeatureDescriptorRequest.TransferBufferMDL = (transferBufferMDL);                                  \
        (urb)->UrbOSFeatureDescriptorRequest.TransferBuffer = (transferBuffer);                                        \
        (urb)->UrbOSFeatureDescriptorRequest.InterfaceNumber = (interface);                                            \
        (urb)->UrbOSFeatureDescriptorRequest.MS_FeatureDescriptorIndex = (index);                                      \
        (urb)->UrbOSFeatureDescriptorRequest.UrbLink = (link);                                                         \
    } while (0)

/* ---- usbd: exported by usbd.sys ---- */

/* Version of the bus driver interface and of the USB specification behind it. IRQL <= DISPATCH_LEVEL.
 * "USBD_GetUSBDIVersion function" */
USBDAPI VOID NTAPI USBD_GetUSBDIVersion(_Out_ PUSBD_VERSION_INFORMATION VersionInformation);

/* First descriptor of DescriptorType at or after StartPosition in a buffer of TotalLength bytes, or NULL. Stops at a
 * descriptor that is shorter than two bytes or runs past the end. "USBD_ParseDescriptors function" */
USBDAPI PUSB_COMMON_DESCRIPTOR NTAPI USBD_ParseDescriptors(_In_ PVOID DescriptorBuffer, _In_ ULONG TotalLength,
                                                           _In_ PVOID StartPosition, _In_ LONG DescriptorType);

/* First interface descriptor at or after StartPosition that has all the values that are not -1, or NULL.
 * "USBD_ParseConfigurationDescriptorEx function" */
USBDAPI PUSB_INTERFACE_DESCRIPTOR NTAPI USBD_ParseConfigurationDescriptorEx(
    _In_ PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor, _In_ PVOID StartPosition, _In_ LONG InterfaceNumber,
    _In_ LONG AlternateSetting, _In_ LONG InterfaceClass, _In_ LONG InterfaceSubClass, _In_ LONG InterfaceProtocol);

/* As above with only the interface number and the setting. "USBD_ParseConfigurationDescriptor function (deprecated)" */
USBDAPI PUSB_INTERFACE_DESCRIPTOR NTAPI USBD_ParseConfigurationDescriptor(
    _In_ PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor, _In_ UCHAR InterfaceNumber, _In_ UCHAR AlternateSetting);

/* Allocates a select-configuration URB for the interfaces of InterfaceList and points the list into it; NULL without
 * memory. The caller frees it with ExFreePool. "USBD_CreateConfigurationRequestEx function" */
USBDAPI PURB NTAPI USBD_CreateConfigurationRequestEx(_In_ PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor,
                                                     _Inout_ PUSBD_INTERFACE_LIST_ENTRY InterfaceList);

/* The same for all interfaces in setting 0; *Siz gets the URB's length. "USBD_CreateConfigurationRequest function" */
USBDAPI PURB NTAPI USBD_CreateConfigurationRequest(_In_ PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor,
                                                   _Out_ PUSHORT Siz);

/* Bytes of an interface descriptor and all that belongs to it, up to the next interface descriptor or BufferEnd.
 * "USBD_GetInterfaceLength function" */
USBDAPI ULONG NTAPI USBD_GetInterfaceLength(_In_ PUSB_INTERFACE_DESCRIPTOR InterfaceDescriptor, _In_ PUCHAR BufferEnd);

/* Checks a configuration descriptor as read from a device; Level 1 to 3. On failure *Offset says where.
 * IRQL PASSIVE_LEVEL. "USBD_ValidateConfigurationDescriptor function" */
USBDAPI USBD_STATUS NTAPI USBD_ValidateConfigurationDescriptor(_In_ PUSB_CONFIGURATION_DESCRIPTOR ConfigDesc,
                                                               _In_ ULONG BufferLength, _In_ USHORT Level,
                                                               _Out_ PUCHAR *Offset, _In_opt_ ULONG Tag);

/* Value of the device's hardware key. IRQL PASSIVE_LEVEL. "USBD_GetPdoRegistryParameter function" */
USBDAPI NTSTATUS NTAPI USBD_GetPdoRegistryParameter(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _Inout_ PVOID Parameter,
                                                    _In_ ULONG ParameterLength, _In_ PWCHAR KeyName,
                                                    _In_ ULONG KeyNameLength);

/* Bandwidth in bits per millisecond, 0 for control and bulk. "USBD_CalculateUsbBandwidth function (deprecated)" */
USBDAPI ULONG NTAPI USBD_CalculateUsbBandwidth(_In_ ULONG MaxPacketSize, _In_ UCHAR EndpointType, _In_ BOOLEAN LowSpeed);

/* Obsolete since Windows XP: always fails. "USBD_QueryBusTime function (deprecated)" */
USBDAPI ULONG NTAPI USBD_QueryBusTime(_In_ PDEVICE_OBJECT RootHubPdo, _Out_ PULONG CurrentFrame);

/* Obsolete since Windows XP: does nothing. "USBD_RegisterHcFilter function (deprecated)" */
USBDAPI VOID NTAPI USBD_RegisterHcFilter(_In_ PDEVICE_OBJECT DeviceObject, _In_ PDEVICE_OBJECT FilterDeviceObject);

/* ---- usbdex: linked into the driver ---- */

#define USBD_CLIENT_CONTRACT_VERSION_INVALID 0xFFFFFFFF
#define USBD_CLIENT_CONTRACT_VERSION_602     0x602

#define USBD_INTERFACE_VERSION_600 0x600
#define USBD_INTERFACE_VERSION_602 0x602
#define USBD_INTERFACE_VERSION_603 0x603

typedef struct USBD_HANDLE__ *USBD_HANDLE;

/* Registers the driver with the USB stack below TargetDeviceObject. STATUS_INVALID_LEVEL above PASSIVE_LEVEL,
 * STATUS_INVALID_PARAMETER for a NULL object, a zero tag or an unknown contract. "USBD_CreateHandle function" */
USBDEXAPI NTSTATUS NTAPI USBD_CreateHandle(_In_ PDEVICE_OBJECT DeviceObject, _In_ PDEVICE_OBJECT TargetDeviceObject,
                                           _In_ ULONG USBDClientContractVersion, _In_ ULONG PoolTag,
                                           _Out_ USBD_HANDLE *USBDHandle);

/* Gives the handle back; every URB must have been freed. PASSIVE_LEVEL. "USBD_CloseHandle function" */
USBDEXAPI VOID NTAPI USBD_CloseHandle(_In_ USBD_HANDLE USBDHandle);

/* Whether the stack implements the interface version. PASSIVE_LEVEL. "USBD_IsInterfaceVersionSupported function" */
USBDEXAPI BOOLEAN NTAPI USBD_IsInterfaceVersionSupported(_In_ USBD_HANDLE USBDHandle, _In_ ULONG USBDInterfaceVersion);

/* Whether stack, controller and device have a capability. STATUS_NOT_SUPPORTED or STATUS_NOT_IMPLEMENTED if not.
 * PASSIVE_LEVEL. "USBD_QueryUsbCapability function" */
USBDEXAPI NTSTATUS NTAPI USBD_QueryUsbCapability(_In_ USBD_HANDLE USBDHandle, _In_ const GUID *CapabilityType,
                                                 _In_ ULONG OutputBufferLength, _Out_opt_ PUCHAR OutputBuffer,
                                                 _Out_opt_ PULONG ResultLength);

/* A zeroed URB for any request of fixed size; free with USBD_UrbFree. IRQL <= DISPATCH_LEVEL.
 * "USBD_UrbAllocate function" */
USBDEXAPI NTSTATUS NTAPI USBD_UrbAllocate(_In_ USBD_HANDLE USBDHandle, _Out_ PURB *Urb);

/* A zeroed URB with room for NumberOfIsochPackets packets. "USBD_IsochUrbAllocate function" */
USBDEXAPI NTSTATUS NTAPI USBD_IsochUrbAllocate(_In_ USBD_HANDLE USBDHandle, _In_ ULONG NumberOfIsochPackets,
                                               _Out_ PURB *Urb);

/* "USBD_SelectConfigUrbAllocateAndBuild function": as USBD_CreateConfigurationRequestEx; free with USBD_UrbFree. */
USBDEXAPI NTSTATUS NTAPI USBD_SelectConfigUrbAllocateAndBuild(_In_ USBD_HANDLE USBDHandle,
                                                              _In_ PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor,
                                                              _In_ PUSBD_INTERFACE_LIST_ENTRY InterfaceList,
                                                              _Out_ PURB *Urb);

/* "USBD_SelectInterfaceUrbAllocateAndBuild function" */
USBDEXAPI NTSTATUS NTAPI USBD_SelectInterfaceUrbAllocateAndBuild(_In_ USBD_HANDLE USBDHandle,
                                                                 _In_ USBD_CONFIGURATION_HANDLE ConfigurationHandle,
                                                                 _In_ PUSBD_INTERFACE_LIST_ENTRY InterfaceListEntry,
                                                                 _Out_ PURB *Urb);

/* Frees a URB of the four functions above. "USBD_UrbFree function" */
USBDEXAPI VOID NTAPI USBD_UrbFree(_In_ USBD_HANDLE USBDHandle, _In_ PURB Urb);

/* Puts a URB into an IRP's stack location as IOCTL_INTERNAL_USB_SUBMIT_URB expects it.
 * "USBD_AssignUrbToIoStackLocation function" */
USBDEXAPI VOID NTAPI USBD_AssignUrbToIoStackLocation(_In_ USBD_HANDLE USBDHandle,
                                                     _In_ PIO_STACK_LOCATION IoStackLocation, _In_ PURB Urb);

/* Capabilities for USBD_QueryUsbCapability and WdfUsbTargetDeviceQueryUsbCapability. A KMDF driver hands them to the
 * framework, so the values are part of the interface. */
DEFINE_GUID(GUID_USB_CAPABILITY_CHAINED_MDLS, 0xf5ceeb23, 0xad90, 0x458c,
            0x97, 0x9a, 0xd5, 0x9b, 0x3a, 0xd6, 0x88, 0x4f);
DEFINE_GUID(GUID_USB_CAPABILITY_STATIC_STREAMS, 0x09051e1f, 0x0dc9, 0x4e6b,
            0x8b, 0x12, 0x96, 0x0c, 0xbd, 0x81, 0xaa, 0x8f);
DEFINE_GUID(GUID_USB_CAPABILITY_SELECTIVE_SUSPEND, 0x755c630d, 0xc8a0, 0x4765,
            0x94, 0x6f, 0x90, 0xcc, 0x70, 0x38, 0x56, 0xa4);
DEFINE_GUID(GUID_USB_CAPABILITY_FUNCTION_SUSPEND, 0xf4563183, 0xd66e, 0x42bd,
            0xbd, 0x53, 0x1a, 0xc7, 0xb0, 0x4c, 0xd5, 0x9d);
DEFINE_GUID(GUID_USB_CAPABILITY_DEVICE_CONNECTION_HIGH_SPEED_COMPATIBLE, 0x81a885a6, 0xf239, 0x42a2,
            0x83, 0x97, 0xa5, 0xd9, 0x5b, 0xea, 0x69, 0x53);
DEFINE_GUID(GUID_USB_CAPABILITY_DEVICE_CONNECTION_SUPER_SPEED_COMPATIBLE, 0x8a2f776c, 0x9bd0, 0x4f29,
            0x97, 0x71, 0xc7, 0xa3, 0x88, 0x46, 0xd4, 0xc7);

#ifdef __cplusplus
}
#endif

#endif

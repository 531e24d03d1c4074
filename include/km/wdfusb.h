/*
 * KMDF USB targets: the device (WDFUSBDEVICE), its interfaces (WDFUSBINTERFACE) and, once a configuration is selected,
 * a pipe for each endpoint (WDFUSBPIPE). Devices and pipes are I/O targets too. The framework writes the URBs; a driver
 * that needs one of its own includes usb.h and usbdlib.h before wdf.h, or, as here, has them included.
 */
#ifndef _WDFUSB_H_
#define _WDFUSB_H_

#include <usb.h>
#include <usbdlib.h>
#include <wdfiotarget.h>

NDISKIT_EXTERN_C_BEGIN

/* "_WDF_USB_REQUEST_TYPE enumeration (wdfusb.h)" */
typedef enum _WDF_USB_REQUEST_TYPE {
    WdfUsbRequestTypeInvalid = 0,
    WdfUsbRequestTypeNoFormat,
    WdfUsbRequestTypeDeviceString,
    WdfUsbRequestTypeDeviceControlTransfer,
    WdfUsbRequestTypeDeviceUrb,
    WdfUsbRequestTypePipeWrite,
    WdfUsbRequestTypePipeRead,
    WdfUsbRequestTypePipeAbort,
    WdfUsbRequestTypePipeReset,
    WdfUsbRequestTypePipeUrb
} WDF_USB_REQUEST_TYPE;

/* "_WDF_USB_BMREQUEST_DIRECTION enumeration" */
typedef enum _WDF_USB_BMREQUEST_DIRECTION {
    BmRequestHostToDevice = 0,
    BmRequestDeviceToHost
} WDF_USB_BMREQUEST_DIRECTION;

/* "_WDF_USB_BMREQUEST_TYPE enumeration" */
typedef enum _WDF_USB_BMREQUEST_TYPE { BmRequestStandard = 0, BmRequestClass, BmRequestVendor } WDF_USB_BMREQUEST_TYPE;

/* "_WDF_USB_BMREQUEST_RECIPIENT enumeration" */
typedef enum _WDF_USB_BMREQUEST_RECIPIENT {
    BmRequestToDevice = 0,
    BmRequestToInterface,
    BmRequestToEndpoint,
    BmRequestToOther
} WDF_USB_BMREQUEST_RECIPIENT;

/* "_WDF_USB_DEVICE_TRAITS enumeration" */
typedef enum _WDF_USB_DEVICE_TRAITS {
    WDF_USB_DEVICE_TRAIT_SELF_POWERED = 0x00000001,
    WDF_USB_DEVICE_TRAIT_REMOTE_WAKE_CAPABLE = 0x00000002,
    WDF_USB_DEVICE_TRAIT_AT_HIGH_SPEED = 0x00000004
} WDF_USB_DEVICE_TRAITS;

/* "_WdfUsbTargetDeviceSelectConfigType enumeration" */
typedef enum _WdfUsbTargetDeviceSelectConfigType {
    WdfUsbTargetDeviceSelectConfigTypeInvalid = 0,
    WdfUsbTargetDeviceSelectConfigTypeDeconfig = 1,
    WdfUsbTargetDeviceSelectConfigTypeSingleInterface = 2,
    WdfUsbTargetDeviceSelectConfigTypeMultiInterface = 3,
    WdfUsbTargetDeviceSelectConfigTypeInterfacesPairs = 4,
    WdfUsbTargetDeviceSelectConfigTypeInterfacesDescriptor = 5,
    WdfUsbTargetDeviceSelectConfigTypeUrb = 6
} WdfUsbTargetDeviceSelectConfigType;

/* "_WdfUsbTargetDeviceSelectSettingType enumeration" */
typedef enum _WdfUsbTargetDeviceSelectSettingType {
    WdfUsbInterfaceSelectSettingTypeDescriptor = 0x10,
    WdfUsbInterfaceSelectSettingTypeSetting = 0x11,
    WdfUsbInterfaceSelectSettingTypeUrb = 0x12
} WdfUsbTargetDeviceSelectSettingType;

/* "_WDF_USB_PIPE_TYPE enumeration" */
typedef enum _WDF_USB_PIPE_TYPE {
    WdfUsbPipeTypeInvalid = 0,
    WdfUsbPipeTypeControl,
    WdfUsbPipeTypeIsochronous,
    WdfUsbPipeTypeBulk,
    WdfUsbPipeTypeInterrupt
} WDF_USB_PIPE_TYPE;

/* "_WDF_USB_CONTROL_SETUP_PACKET structure": the eight bytes of a setup packet. The framework sets wLength. */
typedef union _WDF_USB_CONTROL_SETUP_PACKET {
    struct {
        union {
#pragma pack(push, 1)
            struct {
                UCHAR Recipient : 2;
                UCHAR Reserved : 3;
                UCHAR Type : 2;
                UCHAR Dir : 1;
            } Request;
#pragma pack(pop)
            UCHAR Byte;
        } bm;
        UCHAR bRequest;
        union {
            struct {
                UCHAR LowByte;
                UCHAR HiByte;
            } Bytes;
            USHORT Value;
        } wValue;
        union {
            struct {
                UCHAR LowByte;
                UCHAR HiByte;
            } Bytes;
            USHORT Value;
        } wIndex;
        USHORT wLength;
    } Packet;
    struct {
        UCHAR Bytes[8];
    } Generic;
} WDF_USB_CONTROL_SETUP_PACKET, *PWDF_USB_CONTROL_SETUP_PACKET;

/* "WDF_USB_CONTROL_SETUP_PACKET_INIT function": a standard request. */
NDISKIT_INLINE VOID WDF_USB_CONTROL_SETUP_PACKET_INIT(_Out_ PWDF_USB_CONTROL_SETUP_PACKET Packet,
                                                      _In_ WDF_USB_BMREQUEST_DIRECTION Direction,
                                                      _In_ WDF_USB_BMREQUEST_RECIPIENT Recipient, _In_ UCHAR Request,
                                                      _In_ USHORT Value, _In_ USHORT Index)
{
    RtlZeroMemory(Packet, sizeof(*Packet));
    Packet->Packet.bm.Request.Dir = (UCHAR)(Direction & 1);
    Packet->Packet.bm.Request.Type = BmRequestStandard;
    Packet->Packet.bm.Request.Recipient = (UCHAR)(Recipient & 3);
    Packet->Packet.bRequest = Request;
    Packet->Packet.wValue.Value = Value;
    Packet->Packet.wIndex.Value = Index;
}

/* "WDF_USB_CONTROL_SETUP_PACKET_INIT_CLASS function" */
NDISKIT_INLINE VOID WDF_USB_CONTROL_SETUP_PACKET_INIT_CLASS(_Out_ PWDF_USB_CONTROL_SETUP_PACKET Packet,
                                                            _In_ WDF_USB_BMREQUEST_DIRECTION Direction,
                                                            _In_ WDF_USB_BMREQUEST_RECIPIENT Recipient,
                                                            _In_ UCHAR Request, _In_ USHORT Value, _In_ USHORT Index)
{
    WDF_USB_CONTROL_SETUP_PACKET_INIT(Packet, Direction, Recipient, Request, Value, Index);
    Packet->Packet.bm.Request.Type = BmRequestClass;
}

/* "WDF_USB_CONTROL_SETUP_PACKET_INIT_VENDOR function" */
NDISKIT_INLINE VOID WDF_USB_CONTROL_SETUP_PACKET_INIT_VENDOR(_Out_ PWDF_USB_CONTROL_SETUP_PACKET Packet,
                                                             _In_ WDF_USB_BMREQUEST_DIRECTION Direction,
                                                             _In_ WDF_USB_BMREQUEST_RECIPIENT Recipient,
                                                             _In_ UCHAR Request, _In_ USHORT Value, _In_ USHORT Index)
{
    WDF_USB_CONTROL_SETUP_PACKET_INIT(Packet, Direction, Recipient, Request, Value, Index);
    Packet->Packet.bm.Request.Type = BmRequestVendor;
}

/* "WDF_USB_CONTROL_SETUP_PACKET_INIT_FEATURE function" */
NDISKIT_INLINE VOID WDF_USB_CONTROL_SETUP_PACKET_INIT_FEATURE(_Out_ PWDF_USB_CONTROL_SETUP_PACKET Packet,
                                                              _In_ WDF_USB_BMREQUEST_RECIPIENT BmRequestRecipient,
                                                              _In_ USHORT FeatureSelector, _In_ USHORT Index,
                                                              _In_ BOOLEAN SetFeature)
{
    WDF_USB_CONTROL_SETUP_PACKET_INIT(Packet, BmRequestHostToDevice, BmRequestRecipient,
                                      SetFeature ? USB_REQUEST_SET_FEATURE : USB_REQUEST_CLEAR_FEATURE, FeatureSelector,
                                      Index);
}

/* "WDF_USB_CONTROL_SETUP_PACKET_INIT_GET_STATUS function" */
NDISKIT_INLINE VOID WDF_USB_CONTROL_SETUP_PACKET_INIT_GET_STATUS(_Out_ PWDF_USB_CONTROL_SETUP_PACKET Packet,
                                                                 _In_ WDF_USB_BMREQUEST_RECIPIENT BmRequestRecipient,
                                                                 _In_ USHORT Index)
{
    WDF_USB_CONTROL_SETUP_PACKET_INIT(Packet, BmRequestDeviceToHost, BmRequestRecipient, USB_REQUEST_GET_STATUS, 0,
                                      Index);
}

/* "_WDF_USB_DEVICE_INFORMATION structure" */
typedef struct _WDF_USB_DEVICE_INFORMATION {
    ULONG Size;
    USBD_VERSION_INFORMATION UsbdVersionInformation;
    ULONG HcdPortCapabilities;
    ULONG Traits; /* WDF_USB_DEVICE_TRAITS */
} WDF_USB_DEVICE_INFORMATION, *PWDF_USB_DEVICE_INFORMATION;

/* "WDF_USB_DEVICE_INFORMATION_INIT function" */
NDISKIT_INLINE VOID WDF_USB_DEVICE_INFORMATION_INIT(_Out_ PWDF_USB_DEVICE_INFORMATION Udi)
{
    RtlZeroMemory(Udi, sizeof(*Udi));
    Udi->Size = sizeof(*Udi);
}

/* "_WDF_USB_DEVICE_CREATE_CONFIG structure" */
typedef struct _WDF_USB_DEVICE_CREATE_CONFIG {
    ULONG Size;
    ULONG USBDClientContractVersion;
} WDF_USB_DEVICE_CREATE_CONFIG, *PWDF_USB_DEVICE_CREATE_CONFIG;

/* "WDF_USB_DEVICE_CREATE_CONFIG_INIT function" */
NDISKIT_INLINE VOID WDF_USB_DEVICE_CREATE_CONFIG_INIT(_Out_ PWDF_USB_DEVICE_CREATE_CONFIG Config,
                                                      _In_ ULONG USBDClientContractVersion)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->USBDClientContractVersion = USBDClientContractVersion;
}

/* "_WDF_USB_INTERFACE_SETTING_PAIR structure" */
typedef struct _WDF_USB_INTERFACE_SETTING_PAIR {
    WDFUSBINTERFACE UsbInterface;
    UCHAR SettingIndex;
} WDF_USB_INTERFACE_SETTING_PAIR, *PWDF_USB_INTERFACE_SETTING_PAIR;

/* "_WDF_USB_DEVICE_SELECT_CONFIG_PARAMS structure" */
typedef struct _WDF_USB_DEVICE_SELECT_CONFIG_PARAMS {
    ULONG Size;
    WdfUsbTargetDeviceSelectConfigType Type;
    union {
        struct {
            PUSB_CONFIGURATION_DESCRIPTOR ConfigurationDescriptor;
            PUSB_INTERFACE_DESCRIPTOR *InterfaceDescriptors;
            ULONG NumInterfaceDescriptors;
        } Descriptor;
        struct {
            PURB Urb;
        } Urb;
        struct {
            UCHAR NumberConfiguredPipes;
            WDFUSBINTERFACE ConfiguredUsbInterface;
        } SingleInterface;
        struct {
            UCHAR NumberInterfaces;
            PWDF_USB_INTERFACE_SETTING_PAIR Pairs;
            UCHAR NumberOfConfiguredInterfaces;
        } MultiInterface;
    } Types;
} WDF_USB_DEVICE_SELECT_CONFIG_PARAMS, *PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS;

/* "WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_DECONFIG function" */
NDISKIT_INLINE VOID WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_DECONFIG(_Out_ PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfUsbTargetDeviceSelectConfigTypeDeconfig;
}

/* "WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_SINGLE_INTERFACE function" */
NDISKIT_INLINE VOID
WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_SINGLE_INTERFACE(_Out_ PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfUsbTargetDeviceSelectConfigTypeSingleInterface;
}

/* "WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_MULTIPLE_INTERFACES function" */
NDISKIT_INLINE VOID WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_MULTIPLE_INTERFACES(
    _Out_ PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params, _In_opt_ UCHAR NumberInterfaces,
    _In_opt_ PWDF_USB_INTERFACE_SETTING_PAIR SettingPairs)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    if (SettingPairs != NULL && NumberInterfaces != 0) {
        Params->Type = WdfUsbTargetDeviceSelectConfigTypeInterfacesPairs;
        Params->Types.MultiInterface.NumberInterfaces = NumberInterfaces;
        Params->Types.MultiInterface.Pairs = SettingPairs;
    } else {
        Params->Type = WdfUsbTargetDeviceSelectConfigTypeMultiInterface;
    }
}

/* "WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_INTERFACES_DESCRIPTORS function" */
NDISKIT_INLINE VOID WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_INTERFACES_DESCRIPTORS(
    _Out_ PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params, _In_ PUSB_CONFIGURATION_DESCRIPTOR ConfigDescriptor,
    _In_ PUSB_INTERFACE_DESCRIPTOR *InterfaceDescriptors, _In_ ULONG NumInterfaceDescriptors)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfUsbTargetDeviceSelectConfigTypeInterfacesDescriptor;
    Params->Types.Descriptor.ConfigurationDescriptor = ConfigDescriptor;
    Params->Types.Descriptor.InterfaceDescriptors = InterfaceDescriptors;
    Params->Types.Descriptor.NumInterfaceDescriptors = NumInterfaceDescriptors;
}

/* "WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_URB function" */
NDISKIT_INLINE VOID WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_URB(_Out_ PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params,
                                                                 _In_ PURB Urb)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfUsbTargetDeviceSelectConfigTypeUrb;
    Params->Types.Urb.Urb = Urb;
}

/* "_WDF_USB_INTERFACE_SELECT_SETTING_PARAMS structure" */
typedef struct _WDF_USB_INTERFACE_SELECT_SETTING_PARAMS {
    ULONG Size;
    WdfUsbTargetDeviceSelectSettingType Type;
    union {
        struct {
            PUSB_INTERFACE_DESCRIPTOR InterfaceDescriptor;
        } Descriptor;
        struct {
            UCHAR SettingIndex;
        } Interface;
        struct {
            PURB Urb;
        } Urb;
    } Types;
} WDF_USB_INTERFACE_SELECT_SETTING_PARAMS, *PWDF_USB_INTERFACE_SELECT_SETTING_PARAMS;

/* "WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_DESCRIPTOR function" */
NDISKIT_INLINE VOID WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_DESCRIPTOR(
    _Out_ PWDF_USB_INTERFACE_SELECT_SETTING_PARAMS Params, _In_ PUSB_INTERFACE_DESCRIPTOR Interface)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfUsbInterfaceSelectSettingTypeDescriptor;
    Params->Types.Descriptor.InterfaceDescriptor = Interface;
}

/* "WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_SETTING function" */
NDISKIT_INLINE VOID WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_SETTING(
    _Out_ PWDF_USB_INTERFACE_SELECT_SETTING_PARAMS Params, _In_ UCHAR SettingIndex)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfUsbInterfaceSelectSettingTypeSetting;
    Params->Types.Interface.SettingIndex = SettingIndex;
}

/* "WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_URB function" */
NDISKIT_INLINE VOID
WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_URB(_Out_ PWDF_USB_INTERFACE_SELECT_SETTING_PARAMS Params, _In_ PURB Urb)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfUsbInterfaceSelectSettingTypeUrb;
    Params->Types.Urb.Urb = Urb;
}

/* "_WDF_USB_PIPE_INFORMATION structure" */
typedef struct _WDF_USB_PIPE_INFORMATION {
    ULONG Size;
    ULONG MaximumPacketSize;
    UCHAR EndpointAddress;
    UCHAR Interval;
    UCHAR SettingIndex;
    WDF_USB_PIPE_TYPE PipeType;
    ULONG MaximumTransferSize;
} WDF_USB_PIPE_INFORMATION, *PWDF_USB_PIPE_INFORMATION;

/* "WDF_USB_PIPE_INFORMATION_INIT function" */
NDISKIT_INLINE VOID WDF_USB_PIPE_INFORMATION_INIT(_Out_ PWDF_USB_PIPE_INFORMATION Info)
{
    RtlZeroMemory(Info, sizeof(*Info));
    Info->Size = sizeof(*Info);
}

/* "WDF_USB_PIPE_DIRECTION_IN function" */
NDISKIT_INLINE BOOLEAN WDF_USB_PIPE_DIRECTION_IN(_In_ UCHAR EndpointAddress)
{
    return USB_ENDPOINT_DIRECTION_IN(EndpointAddress) != 0;
}

/* "WDF_USB_PIPE_DIRECTION_OUT function" */
NDISKIT_INLINE BOOLEAN WDF_USB_PIPE_DIRECTION_OUT(_In_ UCHAR EndpointAddress)
{
    return USB_ENDPOINT_DIRECTION_OUT(EndpointAddress) != 0;
}

/* "EVT_WDF_USB_READER_COMPLETION_ROUTINE callback function" */
typedef _Function_class_(EVT_WDF_USB_READER_COMPLETION_ROUTINE) _IRQL_requires_same_ VOID NTAPI
    EVT_WDF_USB_READER_COMPLETION_ROUTINE(_In_ WDFUSBPIPE Pipe, _In_ WDFMEMORY Buffer, _In_ size_t NumBytesTransferred,
                                          _In_ WDFCONTEXT Context);
typedef EVT_WDF_USB_READER_COMPLETION_ROUTINE *PFN_WDF_USB_READER_COMPLETION_ROUTINE;

/* "EVT_WDF_USB_READERS_FAILED callback function": TRUE to reset the pipe and start the reader again. PASSIVE_LEVEL. */
typedef _Function_class_(EVT_WDF_USB_READERS_FAILED) _IRQL_requires_same_ BOOLEAN NTAPI
    EVT_WDF_USB_READERS_FAILED(_In_ WDFUSBPIPE Pipe, _In_ NTSTATUS Status, _In_ USBD_STATUS UsbdStatus);
typedef EVT_WDF_USB_READERS_FAILED *PFN_WDF_USB_READERS_FAILED;

/* "_WDF_USB_CONTINUOUS_READER_CONFIG structure" */
typedef struct _WDF_USB_CONTINUOUS_READER_CONFIG {
    ULONG Size;
    size_t TransferLength;
    size_t HeaderLength;
    size_t TrailerLength;
    UCHAR NumPendingReads;
    PWDF_OBJECT_ATTRIBUTES BufferAttributes;
    PFN_WDF_USB_READER_COMPLETION_ROUTINE EvtUsbTargetPipeReadComplete;
    WDFCONTEXT EvtUsbTargetPipeReadCompleteContext;
    PFN_WDF_USB_READERS_FAILED EvtUsbTargetPipeReadersFailed;
} WDF_USB_CONTINUOUS_READER_CONFIG, *PWDF_USB_CONTINUOUS_READER_CONFIG;

/* "WDF_USB_CONTINUOUS_READER_CONFIG_INIT function" */
NDISKIT_INLINE VOID
WDF_USB_CONTINUOUS_READER_CONFIG_INIT(_Out_ PWDF_USB_CONTINUOUS_READER_CONFIG Config,
                                      _In_ PFN_WDF_USB_READER_COMPLETION_ROUTINE EvtUsbTargetPipeReadComplete,
                                      _In_ WDFCONTEXT EvtUsbTargetPipeReadCompleteContext, _In_ size_t TransferLength)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->EvtUsbTargetPipeReadComplete = EvtUsbTargetPipeReadComplete;
    Config->EvtUsbTargetPipeReadCompleteContext = EvtUsbTargetPipeReadCompleteContext;
    Config->TransferLength = TransferLength;
}

/* "_WDF_USB_REQUEST_COMPLETION_PARAMS structure" */
typedef struct _WDF_USB_REQUEST_COMPLETION_PARAMS {
    USBD_STATUS UsbdStatus;
    WDF_USB_REQUEST_TYPE Type;
    union {
        struct {
            WDFMEMORY Buffer;
            USHORT LangID;
            UCHAR StringIndex;
            UCHAR RequiredSize;
        } DeviceString;
        struct {
            WDFMEMORY Buffer;
            WDF_USB_CONTROL_SETUP_PACKET SetupPacket;
            ULONG Length;
        } DeviceControlTransfer;
        struct {
            WDFMEMORY Buffer;
        } DeviceUrb;
        struct {
            WDFMEMORY Buffer;
            size_t Length;
            size_t Offset;
        } PipeWrite;
        struct {
            WDFMEMORY Buffer;
            size_t Length;
            size_t Offset;
        } PipeRead;
        struct {
            WDFMEMORY Buffer;
        } PipeUrb;
    } Parameters;
} WDF_USB_REQUEST_COMPLETION_PARAMS, *PWDF_USB_REQUEST_COMPLETION_PARAMS;

/* The handle of a USB device or pipe is that of an I/O target. "WdfUsbTargetDeviceGetIoTarget function" */
NDISKIT_INLINE WDFIOTARGET WdfUsbTargetDeviceGetIoTarget(_In_ WDFUSBDEVICE UsbDevice)
{
    return (WDFIOTARGET)UsbDevice;
}

/* "WdfUsbTargetPipeGetIoTarget function" */
NDISKIT_INLINE WDFIOTARGET WdfUsbTargetPipeGetIoTarget(_In_ WDFUSBPIPE Pipe)
{
    return (WDFIOTARGET)Pipe;
}

/* Opens the USB device below Device: reads its descriptors and makes its interface objects. "WdfUsbTargetDeviceCreate
 * function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICECREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                                  _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                  _Out_ WDFUSBDEVICE *UsbDevice);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceCreate(_In_ WDFDEVICE Device, _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                         _Out_ WDFUSBDEVICE *UsbDevice)
{
    return ((PFN_WDFUSBTARGETDEVICECREATE)WdfFunctions[WdfUsbTargetDeviceCreateTableIndex])(WdfDriverGlobals, Device,
                                                                                            Attributes, UsbDevice);
}

/* The same for a driver that tells the USB stack its contract version. "WdfUsbTargetDeviceCreateWithParameters
 * function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICECREATEWITHPARAMETERS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                _In_ WDFDEVICE Device,
                                                                _In_ PWDF_USB_DEVICE_CREATE_CONFIG Config,
                                                                _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                                _Out_ WDFUSBDEVICE *UsbDevice);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceCreateWithParameters(_In_ WDFDEVICE Device, _In_ PWDF_USB_DEVICE_CREATE_CONFIG Config,
                                       _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _Out_ WDFUSBDEVICE *UsbDevice)
{
    return ((PFN_WDFUSBTARGETDEVICECREATEWITHPARAMETERS)WdfFunctions[WdfUsbTargetDeviceCreateWithParametersTableIndex])(
        WdfDriverGlobals, Device, Config, Attributes, UsbDevice);
}

/* USB version and traits of the device. "WdfUsbTargetDeviceRetrieveInformation function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICERETRIEVEINFORMATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFUSBDEVICE UsbDevice,
                                                               _Out_ PWDF_USB_DEVICE_INFORMATION Information);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetDeviceRetrieveInformation(_In_ WDFUSBDEVICE UsbDevice, _Out_ PWDF_USB_DEVICE_INFORMATION Information)
{
    return ((PFN_WDFUSBTARGETDEVICERETRIEVEINFORMATION)WdfFunctions[WdfUsbTargetDeviceRetrieveInformationTableIndex])(
        WdfDriverGlobals, UsbDevice, Information);
}

/* Copies the device descriptor. "WdfUsbTargetDeviceGetDeviceDescriptor function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFUSBTARGETDEVICEGETDEVICEDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                           _In_ WDFUSBDEVICE UsbDevice,
                                                           _Out_ PUSB_DEVICE_DESCRIPTOR UsbDeviceDescriptor);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfUsbTargetDeviceGetDeviceDescriptor(_In_ WDFUSBDEVICE UsbDevice,
                                           _Out_ PUSB_DEVICE_DESCRIPTOR UsbDeviceDescriptor)
{
    ((PFN_WDFUSBTARGETDEVICEGETDEVICEDESCRIPTOR)WdfFunctions[WdfUsbTargetDeviceGetDeviceDescriptorTableIndex])(
        WdfDriverGlobals, UsbDevice, UsbDeviceDescriptor);
}

/* Copies the configuration descriptor with all that belongs to it; STATUS_BUFFER_TOO_SMALL with the length needed.
 * "WdfUsbTargetDeviceRetrieveConfigDescriptor function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICERETRIEVECONFIGDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                    _In_ WDFUSBDEVICE UsbDevice,
                                                                    _Out_opt_ PVOID ConfigDescriptor,
                                                                    _Inout_ PUSHORT ConfigDescriptorLength);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceRetrieveConfigDescriptor(_In_ WDFUSBDEVICE UsbDevice, _Out_opt_ PVOID ConfigDescriptor,
                                           _Inout_ PUSHORT ConfigDescriptorLength)
{
    return ((PFN_WDFUSBTARGETDEVICERETRIEVECONFIGDESCRIPTOR)
                WdfFunctions[WdfUsbTargetDeviceRetrieveConfigDescriptorTableIndex])(
        WdfDriverGlobals, UsbDevice, ConfigDescriptor, ConfigDescriptorLength);
}

/* Reads a string; lengths in characters. "WdfUsbTargetDeviceQueryString function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICEQUERYSTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ WDFUSBDEVICE UsbDevice, _In_opt_ WDFREQUEST Request,
                                                       _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                       _Out_opt_ PUSHORT String, _Inout_ PUSHORT NumCharacters,
                                                       _In_ UCHAR StringIndex, _In_opt_ USHORT LangID);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceQueryString(_In_ WDFUSBDEVICE UsbDevice, _In_opt_ WDFREQUEST Request,
                              _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _Out_opt_ PUSHORT String,
                              _Inout_ PUSHORT NumCharacters, _In_ UCHAR StringIndex, _In_opt_ USHORT LangID)
{
    return ((PFN_WDFUSBTARGETDEVICEQUERYSTRING)WdfFunctions[WdfUsbTargetDeviceQueryStringTableIndex])(
        WdfDriverGlobals, UsbDevice, Request, RequestOptions, String, NumCharacters, StringIndex, LangID);
}

/* Reads a string into a new memory object. "WdfUsbTargetDeviceAllocAndQueryString function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICEALLOCANDQUERYSTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFUSBDEVICE UsbDevice,
                                                               _In_opt_ PWDF_OBJECT_ATTRIBUTES StringMemoryAttributes,
                                                               _Out_ WDFMEMORY *StringMemory,
                                                               _Out_opt_ PUSHORT NumCharacters, _In_ UCHAR StringIndex,
                                                               _In_opt_ USHORT LangID);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceAllocAndQueryString(_In_ WDFUSBDEVICE UsbDevice,
                                      _In_opt_ PWDF_OBJECT_ATTRIBUTES StringMemoryAttributes,
                                      _Out_ WDFMEMORY *StringMemory, _Out_opt_ PUSHORT NumCharacters,
                                      _In_ UCHAR StringIndex, _In_opt_ USHORT LangID)
{
    return ((PFN_WDFUSBTARGETDEVICEALLOCANDQUERYSTRING)WdfFunctions[WdfUsbTargetDeviceAllocAndQueryStringTableIndex])(
        WdfDriverGlobals, UsbDevice, StringMemoryAttributes, StringMemory, NumCharacters, StringIndex, LangID);
}

/* Formats a request to read a string descriptor. "WdfUsbTargetDeviceFormatRequestForString function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORSTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFUSBDEVICE UsbDevice, _In_ WDFREQUEST Request,
                                                                  _In_ WDFMEMORY Memory,
                                                                  _In_opt_ PWDFMEMORY_OFFSET Offset,
                                                                  _In_ UCHAR StringIndex, _In_opt_ USHORT LangID);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetDeviceFormatRequestForString(_In_ WDFUSBDEVICE UsbDevice, _In_ WDFREQUEST Request, _In_ WDFMEMORY Memory,
                                         _In_opt_ PWDFMEMORY_OFFSET Offset, _In_ UCHAR StringIndex,
                                         _In_opt_ USHORT LangID)
{
    return (
        (PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORSTRING)WdfFunctions[WdfUsbTargetDeviceFormatRequestForStringTableIndex])(
        WdfDriverGlobals, UsbDevice, Request, Memory, Offset, StringIndex, LangID);
}

/* How many interfaces the configuration has. "WdfUsbTargetDeviceGetNumInterfaces function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    UCHAR(NTAPI *PFN_WDFUSBTARGETDEVICEGETNUMINTERFACES)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ WDFUSBDEVICE UsbDevice);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
UCHAR WdfUsbTargetDeviceGetNumInterfaces(_In_ WDFUSBDEVICE UsbDevice)
{
    return ((PFN_WDFUSBTARGETDEVICEGETNUMINTERFACES)WdfFunctions[WdfUsbTargetDeviceGetNumInterfacesTableIndex])(
        WdfDriverGlobals, UsbDevice);
}

/* Configures the device and makes its pipe objects, or unconfigures it. "WdfUsbTargetDeviceSelectConfig function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICESELECTCONFIG)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                        _In_ WDFUSBDEVICE UsbDevice,
                                                        _In_opt_ PWDF_OBJECT_ATTRIBUTES PipeAttributes,
                                                        _Inout_ PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceSelectConfig(_In_ WDFUSBDEVICE UsbDevice, _In_opt_ PWDF_OBJECT_ATTRIBUTES PipeAttributes,
                               _Inout_ PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params)
{
    return ((PFN_WDFUSBTARGETDEVICESELECTCONFIG)WdfFunctions[WdfUsbTargetDeviceSelectConfigTableIndex])(
        WdfDriverGlobals, UsbDevice, PipeAttributes, Params);
}

/* The configuration handle for URBs, or NULL. "WdfUsbTargetDeviceWdmGetConfigurationHandle function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    USBD_CONFIGURATION_HANDLE(NTAPI *PFN_WDFUSBTARGETDEVICEWDMGETCONFIGURATIONHANDLE)(
        _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBDEVICE UsbDevice);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
USBD_CONFIGURATION_HANDLE
WdfUsbTargetDeviceWdmGetConfigurationHandle(_In_ WDFUSBDEVICE UsbDevice)
{
    return ((PFN_WDFUSBTARGETDEVICEWDMGETCONFIGURATIONHANDLE)
                WdfFunctions[WdfUsbTargetDeviceWdmGetConfigurationHandleTableIndex])(WdfDriverGlobals, UsbDevice);
}

/* The bus's frame number. "WdfUsbTargetDeviceRetrieveCurrentFrameNumber function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICERETRIEVECURRENTFRAMENUMBER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                      _In_ WDFUSBDEVICE UsbDevice,
                                                                      _Out_ PULONG CurrentFrameNumber);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetDeviceRetrieveCurrentFrameNumber(_In_ WDFUSBDEVICE UsbDevice, _Out_ PULONG CurrentFrameNumber)
{
    return ((PFN_WDFUSBTARGETDEVICERETRIEVECURRENTFRAMENUMBER)
                WdfFunctions[WdfUsbTargetDeviceRetrieveCurrentFrameNumberTableIndex])(WdfDriverGlobals, UsbDevice,
                                                                                      CurrentFrameNumber);
}

/* A control transfer on the default pipe; waits. "WdfUsbTargetDeviceSendControlTransferSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICESENDCONTROLTRANSFERSYNCHRONOUSLY)(
        _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBDEVICE UsbDevice, _In_opt_ WDFREQUEST Request,
        _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _In_ PWDF_USB_CONTROL_SETUP_PACKET SetupPacket,
        _In_opt_ PWDF_MEMORY_DESCRIPTOR MemoryDescriptor, _Out_opt_ PULONG BytesTransferred);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceSendControlTransferSynchronously(_In_ WDFUSBDEVICE UsbDevice, _In_opt_ WDFREQUEST Request,
                                                   _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                   _In_ PWDF_USB_CONTROL_SETUP_PACKET SetupPacket,
                                                   _In_opt_ PWDF_MEMORY_DESCRIPTOR MemoryDescriptor,
                                                   _Out_opt_ PULONG BytesTransferred)
{
    return ((PFN_WDFUSBTARGETDEVICESENDCONTROLTRANSFERSYNCHRONOUSLY)
                WdfFunctions[WdfUsbTargetDeviceSendControlTransferSynchronouslyTableIndex])(
        WdfDriverGlobals, UsbDevice, Request, RequestOptions, SetupPacket, MemoryDescriptor, BytesTransferred);
}

/* Formats a control transfer on the default pipe. "WdfUsbTargetDeviceFormatRequestForControlTransfer function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORCONTROLTRANSFER)(
        _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBDEVICE UsbDevice, _In_ WDFREQUEST Request,
        _In_ PWDF_USB_CONTROL_SETUP_PACKET SetupPacket, _In_opt_ WDFMEMORY TransferMemory,
        _In_opt_ PWDFMEMORY_OFFSET TransferOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetDeviceFormatRequestForControlTransfer(_In_ WDFUSBDEVICE UsbDevice, _In_ WDFREQUEST Request,
                                                  _In_ PWDF_USB_CONTROL_SETUP_PACKET SetupPacket,
                                                  _In_opt_ WDFMEMORY TransferMemory,
                                                  _In_opt_ PWDFMEMORY_OFFSET TransferOffset)
{
    return ((PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORCONTROLTRANSFER)
                WdfFunctions[WdfUsbTargetDeviceFormatRequestForControlTransferTableIndex])(
        WdfDriverGlobals, UsbDevice, Request, SetupPacket, TransferMemory, TransferOffset);
}

/* Success while the device is plugged in. "WdfUsbTargetDeviceIsConnectedSynchronous function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICEISCONNECTEDSYNCHRONOUS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFUSBDEVICE UsbDevice);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceIsConnectedSynchronous(_In_ WDFUSBDEVICE UsbDevice)
{
    return (
        (PFN_WDFUSBTARGETDEVICEISCONNECTEDSYNCHRONOUS)WdfFunctions[WdfUsbTargetDeviceIsConnectedSynchronousTableIndex])(
        WdfDriverGlobals, UsbDevice);
}

/* Resets the device's port. The target must be stopped. "WdfUsbTargetDeviceResetPortSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICERESETPORTSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFUSBDEVICE UsbDevice);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceResetPortSynchronously(_In_ WDFUSBDEVICE UsbDevice)
{
    return (
        (PFN_WDFUSBTARGETDEVICERESETPORTSYNCHRONOUSLY)WdfFunctions[WdfUsbTargetDeviceResetPortSynchronouslyTableIndex])(
        WdfDriverGlobals, UsbDevice);
}

/* Has the device removed and enumerated anew. The target must be stopped. "WdfUsbTargetDeviceCyclePortSynchronously
 * function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICECYCLEPORTSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFUSBDEVICE UsbDevice);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceCyclePortSynchronously(_In_ WDFUSBDEVICE UsbDevice)
{
    return (
        (PFN_WDFUSBTARGETDEVICECYCLEPORTSYNCHRONOUSLY)WdfFunctions[WdfUsbTargetDeviceCyclePortSynchronouslyTableIndex])(
        WdfDriverGlobals, UsbDevice);
}

/* Formats a request for that. "WdfUsbTargetDeviceFormatRequestForCyclePort function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORCYCLEPORT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                     _In_ WDFUSBDEVICE UsbDevice,
                                                                     _In_ WDFREQUEST Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetDeviceFormatRequestForCyclePort(_In_ WDFUSBDEVICE UsbDevice, _In_ WDFREQUEST Request)
{
    return ((PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORCYCLEPORT)
                WdfFunctions[WdfUsbTargetDeviceFormatRequestForCyclePortTableIndex])(WdfDriverGlobals, UsbDevice,
                                                                                     Request);
}

/* Sends a URB of the driver's and waits. "WdfUsbTargetDeviceSendUrbSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICESENDURBSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                _In_ WDFUSBDEVICE UsbDevice,
                                                                _In_opt_ WDFREQUEST Request,
                                                                _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                                _In_ PURB Urb);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceSendUrbSynchronously(_In_ WDFUSBDEVICE UsbDevice, _In_opt_ WDFREQUEST Request,
                                       _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _In_ PURB Urb)
{
    return ((PFN_WDFUSBTARGETDEVICESENDURBSYNCHRONOUSLY)WdfFunctions[WdfUsbTargetDeviceSendUrbSynchronouslyTableIndex])(
        WdfDriverGlobals, UsbDevice, Request, RequestOptions, Urb);
}

/* Formats a request for a URB of the driver's. "WdfUsbTargetDeviceFormatRequestForUrb function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORURB)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFUSBDEVICE UsbDevice, _In_ WDFREQUEST Request,
                                                               _In_ WDFMEMORY UrbMemory,
                                                               _In_opt_ PWDFMEMORY_OFFSET UrbMemoryOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetDeviceFormatRequestForUrb(_In_ WDFUSBDEVICE UsbDevice, _In_ WDFREQUEST Request, _In_ WDFMEMORY UrbMemory,
                                      _In_opt_ PWDFMEMORY_OFFSET UrbMemoryOffset)
{
    return ((PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORURB)WdfFunctions[WdfUsbTargetDeviceFormatRequestForUrbTableIndex])(
        WdfDriverGlobals, UsbDevice, Request, UrbMemory, UrbMemoryOffset);
}

/* Whether stack, controller and device have a capability. "WdfUsbTargetDeviceQueryUsbCapability function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICEQUERYUSBCAPABILITY)(
        _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBDEVICE UsbDevice, _In_ CONST GUID *CapabilityType,
        _In_ ULONG CapabilityBufferLength, _Out_opt_ PVOID CapabilityBuffer, _Out_opt_ PULONG ResultLength);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetDeviceQueryUsbCapability(_In_ WDFUSBDEVICE UsbDevice, _In_ CONST GUID *CapabilityType,
                                     _In_ ULONG CapabilityBufferLength, _Out_opt_ PVOID CapabilityBuffer,
                                     _Out_opt_ PULONG ResultLength)
{
    return ((PFN_WDFUSBTARGETDEVICEQUERYUSBCAPABILITY)WdfFunctions[WdfUsbTargetDeviceQueryUsbCapabilityTableIndex])(
        WdfDriverGlobals, UsbDevice, CapabilityType, CapabilityBufferLength, CapabilityBuffer, ResultLength);
}

/* A URB of the USB stack's in a memory object. STATUS_INVALID_DEVICE_STATE without a contract version.
 * "WdfUsbTargetDeviceCreateUrb function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICECREATEURB)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ WDFUSBDEVICE UsbDevice,
                                                     _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                     _Out_ WDFMEMORY *UrbMemory, _Outptr_opt_ PURB *Urb);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetDeviceCreateUrb(_In_ WDFUSBDEVICE UsbDevice, _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                            _Out_ WDFMEMORY *UrbMemory, _Outptr_opt_ PURB *Urb)
{
    return ((PFN_WDFUSBTARGETDEVICECREATEURB)WdfFunctions[WdfUsbTargetDeviceCreateUrbTableIndex])(
        WdfDriverGlobals, UsbDevice, Attributes, UrbMemory, Urb);
}

/* The same for an isochronous transfer. "WdfUsbTargetDeviceCreateIsochUrb function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL) NTSTATUS(NTAPI *PFN_WDFUSBTARGETDEVICECREATEISOCHURB)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBDEVICE UsbDevice, _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
    _In_ ULONG NumberOfIsochPackets, _Out_ WDFMEMORY *UrbMemory, _Outptr_opt_ PURB *Urb);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetDeviceCreateIsochUrb(_In_ WDFUSBDEVICE UsbDevice, _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                 _In_ ULONG NumberOfIsochPackets, _Out_ WDFMEMORY *UrbMemory, _Outptr_opt_ PURB *Urb)
{
    return ((PFN_WDFUSBTARGETDEVICECREATEISOCHURB)WdfFunctions[WdfUsbTargetDeviceCreateIsochUrbTableIndex])(
        WdfDriverGlobals, UsbDevice, Attributes, NumberOfIsochPackets, UrbMemory, Urb);
}

/* What the pipe's endpoint is. "WdfUsbTargetPipeGetInformation function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFUSBTARGETPIPEGETINFORMATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBPIPE Pipe,
                                                    _Out_ PWDF_USB_PIPE_INFORMATION PipeInformation);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfUsbTargetPipeGetInformation(_In_ WDFUSBPIPE Pipe, _Out_ PWDF_USB_PIPE_INFORMATION PipeInformation)
{
    ((PFN_WDFUSBTARGETPIPEGETINFORMATION)WdfFunctions[WdfUsbTargetPipeGetInformationTableIndex])(WdfDriverGlobals, Pipe,
                                                                                                 PipeInformation);
}

/* Whether data come from the device. "WdfUsbTargetPipeIsInEndpoint function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    BOOLEAN(NTAPI *PFN_WDFUSBTARGETPIPEISINENDPOINT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBPIPE Pipe);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN WdfUsbTargetPipeIsInEndpoint(_In_ WDFUSBPIPE Pipe)
{
    return ((PFN_WDFUSBTARGETPIPEISINENDPOINT)WdfFunctions[WdfUsbTargetPipeIsInEndpointTableIndex])(WdfDriverGlobals,
                                                                                                    Pipe);
}

/* Whether data go to the device. "WdfUsbTargetPipeIsOutEndpoint function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    BOOLEAN(NTAPI *PFN_WDFUSBTARGETPIPEISOUTENDPOINT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBPIPE Pipe);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN WdfUsbTargetPipeIsOutEndpoint(_In_ WDFUSBPIPE Pipe)
{
    return ((PFN_WDFUSBTARGETPIPEISOUTENDPOINT)WdfFunctions[WdfUsbTargetPipeIsOutEndpointTableIndex])(WdfDriverGlobals,
                                                                                                      Pipe);
}

/* The pipe's type. "WdfUsbTargetPipeGetType function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    WDF_USB_PIPE_TYPE(NTAPI *PFN_WDFUSBTARGETPIPEGETTYPE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBPIPE Pipe);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
WDF_USB_PIPE_TYPE WdfUsbTargetPipeGetType(_In_ WDFUSBPIPE Pipe)
{
    return ((PFN_WDFUSBTARGETPIPEGETTYPE)WdfFunctions[WdfUsbTargetPipeGetTypeTableIndex])(WdfDriverGlobals, Pipe);
}

/* Read buffers need no longer be multiples of the maximum packet size. "WdfUsbTargetPipeSetNoMaximumPacketSizeCheck
 * function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFUSBTARGETPIPESETNOMAXIMUMPACKETSIZECHECK)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 _In_ WDFUSBPIPE Pipe);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfUsbTargetPipeSetNoMaximumPacketSizeCheck(_In_ WDFUSBPIPE Pipe)
{
    ((PFN_WDFUSBTARGETPIPESETNOMAXIMUMPACKETSIZECHECK)
         WdfFunctions[WdfUsbTargetPipeSetNoMaximumPacketSizeCheckTableIndex])(WdfDriverGlobals, Pipe);
}

/* Writes to the pipe and waits. "WdfUsbTargetPipeWriteSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPEWRITESYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            _In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                                            _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                            _In_opt_ PWDF_MEMORY_DESCRIPTOR MemoryDescriptor,
                                                            _Out_opt_ PULONG BytesWritten);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetPipeWriteSynchronously(_In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                   _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                   _In_opt_ PWDF_MEMORY_DESCRIPTOR MemoryDescriptor, _Out_opt_ PULONG BytesWritten)
{
    return ((PFN_WDFUSBTARGETPIPEWRITESYNCHRONOUSLY)WdfFunctions[WdfUsbTargetPipeWriteSynchronouslyTableIndex])(
        WdfDriverGlobals, Pipe, Request, RequestOptions, MemoryDescriptor, BytesWritten);
}

/* Formats a request to write to the pipe. "WdfUsbTargetPipeFormatRequestForWrite function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPEFORMATREQUESTFORWRITE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFUSBPIPE Pipe, _In_ WDFREQUEST Request,
                                                               _In_opt_ WDFMEMORY WriteMemory,
                                                               _In_opt_ PWDFMEMORY_OFFSET WriteOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetPipeFormatRequestForWrite(_In_ WDFUSBPIPE Pipe, _In_ WDFREQUEST Request, _In_opt_ WDFMEMORY WriteMemory,
                                      _In_opt_ PWDFMEMORY_OFFSET WriteOffset)
{
    return ((PFN_WDFUSBTARGETPIPEFORMATREQUESTFORWRITE)WdfFunctions[WdfUsbTargetPipeFormatRequestForWriteTableIndex])(
        WdfDriverGlobals, Pipe, Request, WriteMemory, WriteOffset);
}

/* Reads from the pipe and waits. "WdfUsbTargetPipeReadSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPEREADSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFUSBPIPE Pipe,
                                                           _In_opt_ WDFREQUEST Request,
                                                           _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                           _In_opt_ PWDF_MEMORY_DESCRIPTOR MemoryDescriptor,
                                                           _Out_opt_ PULONG BytesRead);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetPipeReadSynchronously(_In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                  _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                  _In_opt_ PWDF_MEMORY_DESCRIPTOR MemoryDescriptor, _Out_opt_ PULONG BytesRead)
{
    return ((PFN_WDFUSBTARGETPIPEREADSYNCHRONOUSLY)WdfFunctions[WdfUsbTargetPipeReadSynchronouslyTableIndex])(
        WdfDriverGlobals, Pipe, Request, RequestOptions, MemoryDescriptor, BytesRead);
}

/* Formats a request to read from the pipe. "WdfUsbTargetPipeFormatRequestForRead function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPEFORMATREQUESTFORREAD)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                              _In_ WDFUSBPIPE Pipe, _In_ WDFREQUEST Request,
                                                              _In_opt_ WDFMEMORY ReadMemory,
                                                              _In_opt_ PWDFMEMORY_OFFSET ReadOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetPipeFormatRequestForRead(_In_ WDFUSBPIPE Pipe, _In_ WDFREQUEST Request, _In_opt_ WDFMEMORY ReadMemory,
                                     _In_opt_ PWDFMEMORY_OFFSET ReadOffset)
{
    return ((PFN_WDFUSBTARGETPIPEFORMATREQUESTFORREAD)WdfFunctions[WdfUsbTargetPipeFormatRequestForReadTableIndex])(
        WdfDriverGlobals, Pipe, Request, ReadMemory, ReadOffset);
}

/* Has the framework read from the pipe whenever its target is started. "WdfUsbTargetPipeConfigContinuousReader
 * function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPECONFIGCONTINUOUSREADER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                _In_ WDFUSBPIPE Pipe,
                                                                _In_ PWDF_USB_CONTINUOUS_READER_CONFIG Config);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetPipeConfigContinuousReader(_In_ WDFUSBPIPE Pipe, _In_ PWDF_USB_CONTINUOUS_READER_CONFIG Config)
{
    return ((PFN_WDFUSBTARGETPIPECONFIGCONTINUOUSREADER)WdfFunctions[WdfUsbTargetPipeConfigContinuousReaderTableIndex])(
        WdfDriverGlobals, Pipe, Config);
}

/* Cancels all transfers of the pipe; waits. "WdfUsbTargetPipeAbortSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPEABORTSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            _In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                                            _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetPipeAbortSynchronously(_In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                   _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions)
{
    return ((PFN_WDFUSBTARGETPIPEABORTSYNCHRONOUSLY)WdfFunctions[WdfUsbTargetPipeAbortSynchronouslyTableIndex])(
        WdfDriverGlobals, Pipe, Request, RequestOptions);
}

/* Formats a request for that. "WdfUsbTargetPipeFormatRequestForAbort function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPEFORMATREQUESTFORABORT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFUSBPIPE Pipe, _In_ WDFREQUEST Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetPipeFormatRequestForAbort(_In_ WDFUSBPIPE Pipe, _In_ WDFREQUEST Request)
{
    return ((PFN_WDFUSBTARGETPIPEFORMATREQUESTFORABORT)WdfFunctions[WdfUsbTargetPipeFormatRequestForAbortTableIndex])(
        WdfDriverGlobals, Pipe, Request);
}

/* Resets the pipe and clears its stall; waits. The target must be stopped. "WdfUsbTargetPipeResetSynchronously
 * function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPERESETSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            _In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                                            _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetPipeResetSynchronously(_In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                   _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions)
{
    return ((PFN_WDFUSBTARGETPIPERESETSYNCHRONOUSLY)WdfFunctions[WdfUsbTargetPipeResetSynchronouslyTableIndex])(
        WdfDriverGlobals, Pipe, Request, RequestOptions);
}

/* Formats a request for that. "WdfUsbTargetPipeFormatRequestForReset function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPEFORMATREQUESTFORRESET)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFUSBPIPE Pipe, _In_ WDFREQUEST Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetPipeFormatRequestForReset(_In_ WDFUSBPIPE Pipe, _In_ WDFREQUEST Request)
{
    return ((PFN_WDFUSBTARGETPIPEFORMATREQUESTFORRESET)WdfFunctions[WdfUsbTargetPipeFormatRequestForResetTableIndex])(
        WdfDriverGlobals, Pipe, Request);
}

/* Sends a URB of the driver's and waits. "WdfUsbTargetPipeSendUrbSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPESENDURBSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                              _In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                                              _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                              _In_ PURB Urb);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbTargetPipeSendUrbSynchronously(_In_ WDFUSBPIPE Pipe, _In_opt_ WDFREQUEST Request,
                                     _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _In_ PURB Urb)
{
    return ((PFN_WDFUSBTARGETPIPESENDURBSYNCHRONOUSLY)WdfFunctions[WdfUsbTargetPipeSendUrbSynchronouslyTableIndex])(
        WdfDriverGlobals, Pipe, Request, RequestOptions, Urb);
}

/* Formats a request for a URB of the driver's. "WdfUsbTargetPipeFormatRequestForUrb function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBTARGETPIPEFORMATREQUESTFORURB)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFUSBPIPE PIPE, _In_ WDFREQUEST Request,
                                                             _In_ WDFMEMORY UrbMemory,
                                                             _In_opt_ PWDFMEMORY_OFFSET UrbMemoryOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfUsbTargetPipeFormatRequestForUrb(_In_ WDFUSBPIPE PIPE, _In_ WDFREQUEST Request, _In_ WDFMEMORY UrbMemory,
                                    _In_opt_ PWDFMEMORY_OFFSET UrbMemoryOffset)
{
    return ((PFN_WDFUSBTARGETPIPEFORMATREQUESTFORURB)WdfFunctions[WdfUsbTargetPipeFormatRequestForUrbTableIndex])(
        WdfDriverGlobals, PIPE, Request, UrbMemory, UrbMemoryOffset);
}

/* bInterfaceNumber. "WdfUsbInterfaceGetInterfaceNumber function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    UCHAR(NTAPI *PFN_WDFUSBINTERFACEGETINTERFACENUMBER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                        _In_ WDFUSBINTERFACE UsbInterface);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
UCHAR
WdfUsbInterfaceGetInterfaceNumber(_In_ WDFUSBINTERFACE UsbInterface)
{
    return ((PFN_WDFUSBINTERFACEGETINTERFACENUMBER)WdfFunctions[WdfUsbInterfaceGetInterfaceNumberTableIndex])(
        WdfDriverGlobals, UsbInterface);
}

/* Endpoints of a setting; 0 for one that does not exist. "WdfUsbInterfaceGetNumEndpoints function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    UCHAR(NTAPI *PFN_WDFUSBINTERFACEGETNUMENDPOINTS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ WDFUSBINTERFACE UsbInterface, _In_ UCHAR SettingIndex);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
UCHAR
WdfUsbInterfaceGetNumEndpoints(_In_ WDFUSBINTERFACE UsbInterface, _In_ UCHAR SettingIndex)
{
    return ((PFN_WDFUSBINTERFACEGETNUMENDPOINTS)WdfFunctions[WdfUsbInterfaceGetNumEndpointsTableIndex])(
        WdfDriverGlobals, UsbInterface, SettingIndex);
}

/* Copies the descriptor of a setting. "WdfUsbInterfaceGetDescriptor function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFUSBINTERFACEGETDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                  _In_ WDFUSBINTERFACE UsbInterface, _In_ UCHAR SettingIndex,
                                                  _Out_ PUSB_INTERFACE_DESCRIPTOR InterfaceDescriptor);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfUsbInterfaceGetDescriptor(_In_ WDFUSBINTERFACE UsbInterface, _In_ UCHAR SettingIndex,
                                  _Out_ PUSB_INTERFACE_DESCRIPTOR InterfaceDescriptor)
{
    ((PFN_WDFUSBINTERFACEGETDESCRIPTOR)WdfFunctions[WdfUsbInterfaceGetDescriptorTableIndex])(
        WdfDriverGlobals, UsbInterface, SettingIndex, InterfaceDescriptor);
}

/* Selects an alternate setting and makes new pipe objects. "WdfUsbInterfaceSelectSetting function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFUSBINTERFACESELECTSETTING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                      _In_ WDFUSBINTERFACE UsbInterface,
                                                      _In_opt_ PWDF_OBJECT_ATTRIBUTES PipesAttributes,
                                                      _In_ PWDF_USB_INTERFACE_SELECT_SETTING_PARAMS Params);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfUsbInterfaceSelectSetting(_In_ WDFUSBINTERFACE UsbInterface, _In_opt_ PWDF_OBJECT_ATTRIBUTES PipesAttributes,
                             _In_ PWDF_USB_INTERFACE_SELECT_SETTING_PARAMS Params)
{
    return ((PFN_WDFUSBINTERFACESELECTSETTING)WdfFunctions[WdfUsbInterfaceSelectSettingTableIndex])(
        WdfDriverGlobals, UsbInterface, PipesAttributes, Params);
}

/* What an endpoint of a setting is. "WdfUsbInterfaceGetEndpointInformation function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFUSBINTERFACEGETENDPOINTINFORMATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                           _In_ WDFUSBINTERFACE UsbInterface, _In_ UCHAR SettingIndex,
                                                           _In_ UCHAR EndpointIndex,
                                                           _Out_ PWDF_USB_PIPE_INFORMATION EndpointInfo);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfUsbInterfaceGetEndpointInformation(_In_ WDFUSBINTERFACE UsbInterface, _In_ UCHAR SettingIndex,
                                           _In_ UCHAR EndpointIndex, _Out_ PWDF_USB_PIPE_INFORMATION EndpointInfo)
{
    ((PFN_WDFUSBINTERFACEGETENDPOINTINFORMATION)WdfFunctions[WdfUsbInterfaceGetEndpointInformationTableIndex])(
        WdfDriverGlobals, UsbInterface, SettingIndex, EndpointIndex, EndpointInfo);
}

/* The interface object of an index, or NULL. "WdfUsbTargetDeviceGetInterface function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    WDFUSBINTERFACE(NTAPI *PFN_WDFUSBTARGETDEVICEGETINTERFACE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFUSBDEVICE UsbDevice, _In_ UCHAR InterfaceIndex);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
WDFUSBINTERFACE
WdfUsbTargetDeviceGetInterface(_In_ WDFUSBDEVICE UsbDevice, _In_ UCHAR InterfaceIndex)
{
    return ((PFN_WDFUSBTARGETDEVICEGETINTERFACE)WdfFunctions[WdfUsbTargetDeviceGetInterfaceTableIndex])(
        WdfDriverGlobals, UsbDevice, InterfaceIndex);
}

/* The setting selected now. "WdfUsbInterfaceGetConfiguredSettingIndex function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    UCHAR(NTAPI *PFN_WDFUSBINTERFACEGETCONFIGUREDSETTINGINDEX)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFUSBINTERFACE Interface);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
UCHAR
WdfUsbInterfaceGetConfiguredSettingIndex(_In_ WDFUSBINTERFACE Interface)
{
    return (
        (PFN_WDFUSBINTERFACEGETCONFIGUREDSETTINGINDEX)WdfFunctions[WdfUsbInterfaceGetConfiguredSettingIndexTableIndex])(
        WdfDriverGlobals, Interface);
}

/* How many pipe objects the interface has. "WdfUsbInterfaceGetNumConfiguredPipes function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    UCHAR(NTAPI *PFN_WDFUSBINTERFACEGETNUMCONFIGUREDPIPES)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                           _In_ WDFUSBINTERFACE UsbInterface);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
UCHAR
WdfUsbInterfaceGetNumConfiguredPipes(_In_ WDFUSBINTERFACE UsbInterface)
{
    return ((PFN_WDFUSBINTERFACEGETNUMCONFIGUREDPIPES)WdfFunctions[WdfUsbInterfaceGetNumConfiguredPipesTableIndex])(
        WdfDriverGlobals, UsbInterface);
}

/* The pipe object of an index, or NULL. "WdfUsbInterfaceGetConfiguredPipe function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    WDFUSBPIPE(NTAPI *PFN_WDFUSBINTERFACEGETCONFIGUREDPIPE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            _In_ WDFUSBINTERFACE UsbInterface, _In_ UCHAR PipeIndex,
                                                            _Out_opt_ PWDF_USB_PIPE_INFORMATION PipeInfo);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
WDFUSBPIPE
WdfUsbInterfaceGetConfiguredPipe(_In_ WDFUSBINTERFACE UsbInterface, _In_ UCHAR PipeIndex,
                                 _Out_opt_ PWDF_USB_PIPE_INFORMATION PipeInfo)
{
    return ((PFN_WDFUSBINTERFACEGETCONFIGUREDPIPE)WdfFunctions[WdfUsbInterfaceGetConfiguredPipeTableIndex])(
        WdfDriverGlobals, UsbInterface, PipeIndex, PipeInfo);
}

/* The pipe handle for URBs. "WdfUsbTargetPipeWdmGetPipeHandle function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    USBD_PIPE_HANDLE(NTAPI *PFN_WDFUSBTARGETPIPEWDMGETPIPEHANDLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFUSBPIPE UsbPipe);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
USBD_PIPE_HANDLE
WdfUsbTargetPipeWdmGetPipeHandle(_In_ WDFUSBPIPE UsbPipe)
{
    return ((PFN_WDFUSBTARGETPIPEWDMGETPIPEHANDLE)WdfFunctions[WdfUsbTargetPipeWdmGetPipeHandleTableIndex])(
        WdfDriverGlobals, UsbPipe);
}

/* How many alternate settings the interface has. "WdfUsbInterfaceGetNumSettings function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    UCHAR(NTAPI *PFN_WDFUSBINTERFACEGETNUMSETTINGS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFUSBINTERFACE UsbInterface);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
UCHAR WdfUsbInterfaceGetNumSettings(_In_ WDFUSBINTERFACE UsbInterface)
{
    return ((PFN_WDFUSBINTERFACEGETNUMSETTINGS)WdfFunctions[WdfUsbInterfaceGetNumSettingsTableIndex])(WdfDriverGlobals,
                                                                                                      UsbInterface);
}

NDISKIT_EXTERN_C_END

#endif

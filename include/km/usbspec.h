/*
 * Descriptors and requests of the Universal Serial Bus itself, as the USB 2.0 and 3.x specifications (chapter 9) define
 * them and under the names that Windows gives them. Everything here is in wire format: packed, little endian. A driver
 * gets these structures by URB_FUNCTION_GET_DESCRIPTOR_FROM_DEVICE and hands a configuration descriptor to
 * USBD_ParseConfigurationDescriptorEx. What a device wrote in them is not to be trusted: bLength first, always.
 */
#ifndef __USBSPEC_H__
#define __USBSPEC_H__

#include <ntdef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* bRequest of standard requests (USB 2.0, table 9-4; USB 3.1, table 9-5). */
#define USB_REQUEST_GET_STATUS            0x00
#define USB_REQUEST_CLEAR_FEATURE         0x01
#define USB_REQUEST_SET_FEATURE           0x03
#define USB_REQUEST_SET_ADDRESS           0x05
#define USB_REQUEST_GET_DESCRIPTOR        0x06
#define USB_REQUEST_SET_DESCRIPTOR        0x07
#define USB_REQUEST_GET_CONFIGURATION     0x08
#define USB_REQUEST_SET_CONFIGURATION     0x09
#define USB_REQUEST_GET_INTERFACE         0x0A
#define USB_REQUEST_SET_INTERFACE         0x0B
#define USB_REQUEST_SYNC_FRAME            0x0C
#define USB_REQUEST_GET_FIRMWARE_STATUS   0x1A
#define USB_REQUEST_SET_FIRMWARE_STATUS   0x1B
#define USB_REQUEST_SET_SEL               0x30
#define USB_REQUEST_ISOCH_DELAY           0x31

/* bmRequestType: direction, type, recipient. */
#define BMREQUEST_HOST_TO_DEVICE 0
#define BMREQUEST_DEVICE_TO_HOST 1

#define BMREQUEST_STANDARD 0
#define BMREQUEST_CLASS    1
#define BMREQUEST_VENDOR   2

#define BMREQUEST_TO_DEVICE    0
#define BMREQUEST_TO_INTERFACE 1
#define BMREQUEST_TO_ENDPOINT  2
#define BMREQUEST_TO_OTHER     3

/* Descriptor types (bDescriptorType). */
#define USB_DEVICE_DESCRIPTOR_TYPE                               0x01
#define USB_CONFIGURATION_DESCRIPTOR_TYPE                        0x02
#define USB_STRING_DESCRIPTOR_TYPE                               0x03
#define USB_INTERFACE_DESCRIPTOR_TYPE                            0x04
#define USB_ENDPOINT_DESCRIPTOR_TYPE                             0x05
#define USB_DEVICE_QUALIFIER_DESCRIPTOR_TYPE                     0x06
#define USB_OTHER_SPEED_CONFIGURATION_DESCRIPTOR_TYPE            0x07
#define USB_INTERFACE_POWER_DESCRIPTOR_TYPE                      0x08
#define USB_OTG_DESCRIPTOR_TYPE                                  0x09
#define USB_DEBUG_DESCRIPTOR_TYPE                                0x0A
#define USB_INTERFACE_ASSOCIATION_DESCRIPTOR_TYPE                0x0B
#define USB_BOS_DESCRIPTOR_TYPE                                  0x0F
#define USB_DEVICE_CAPABILITY_DESCRIPTOR_TYPE                    0x10
#define USB_SUPERSPEED_ENDPOINT_COMPANION_DESCRIPTOR_TYPE        0x30
#define USB_SUPERSPEEDPLUS_ISOCH_ENDPOINT_COMPANION_DESCRIPTOR_TYPE 0x31
#define USB_RESERVED_DESCRIPTOR_TYPE                             0x06
#define USB_CONFIG_POWER_DESCRIPTOR_TYPE                         0x07

#define USB_DESCRIPTOR_MAKE_TYPE_AND_INDEX(d, i) ((USHORT)((USHORT)(d) << 8 | (i)))

/* bEndpointAddress and bmAttributes of an endpoint. */
#define USB_ENDPOINT_DIRECTION_MASK 0x80
#define USB_ENDPOINT_ADDRESS_MASK   0x0F
#define USB_ENDPOINT_DIRECTION_OUT(addr) (!((addr) & USB_ENDPOINT_DIRECTION_MASK))
#define USB_ENDPOINT_DIRECTION_IN(addr)  ((addr) & USB_ENDPOINT_DIRECTION_MASK)

#define USB_ENDPOINT_TYPE_MASK        0x03
#define USB_ENDPOINT_TYPE_CONTROL     0x00
#define USB_ENDPOINT_TYPE_ISOCHRONOUS 0x01
#define USB_ENDPOINT_TYPE_BULK        0x02
#define USB_ENDPOINT_TYPE_INTERRUPT   0x03

#define USB_ENDPOINT_TYPE_BULK_RESERVED_MASK                0xFC
#define USB_ENDPOINT_TYPE_CONTROL_RESERVED_MASK             0xFC
#define USB_20_ENDPOINT_TYPE_INTERRUPT_RESERVED_MASK        0xFC
#define USB_30_ENDPOINT_TYPE_INTERRUPT_RESERVED_MASK        0xCC
#define USB_ENDPOINT_TYPE_ISOCHRONOUS_RESERVED_MASK         0xC0

/* bmAttributes of a configuration. */
#define USB_CONFIG_POWERED_MASK  0xC0
#define USB_CONFIG_BUS_POWERED   0x80
#define USB_CONFIG_SELF_POWERED  0x40
#define USB_CONFIG_REMOTE_WAKEUP 0x20
#define USB_CONFIG_RESERVED      0x1F

/* wValue of SET_FEATURE and CLEAR_FEATURE. */
#define USB_FEATURE_ENDPOINT_STALL    0x0000
#define USB_FEATURE_REMOTE_WAKEUP     0x0001
#define USB_FEATURE_TEST_MODE         0x0002
#define USB_FEATURE_FUNCTION_SUSPEND  0x0000
#define USB_FEATURE_U1_ENABLE         0x0030
#define USB_FEATURE_U2_ENABLE         0x0031
#define USB_FEATURE_LTM_ENABLE        0x0032

/* GET_STATUS answers. */
#define USB_GETSTATUS_SELF_POWERED          0x01
#define USB_GETSTATUS_REMOTE_WAKEUP_ENABLED 0x02
#define USB_GETSTATUS_U1_ENABLE             0x04
#define USB_GETSTATUS_U2_ENABLE             0x08
#define USB_GETSTATUS_LTM_ENABLE            0x10
#define USB_DEVICE_STATUS_SELF_POWERED      0x01
#define USB_DEVICE_STATUS_REMOTE_WAKEUP     0x02

/* Device classes (bDeviceClass, bInterfaceClass, bFunctionClass), as usb.org assigns them. */
#define USB_DEVICE_CLASS_RESERVED             0x00
#define USB_DEVICE_CLASS_AUDIO                0x01
#define USB_DEVICE_CLASS_COMMUNICATIONS       0x02
#define USB_DEVICE_CLASS_HUMAN_INTERFACE      0x03
#define USB_DEVICE_CLASS_MONITOR              0x04
#define USB_DEVICE_CLASS_PHYSICAL_INTERFACE   0x05
#define USB_DEVICE_CLASS_POWER                0x06
#define USB_DEVICE_CLASS_IMAGE                0x06
#define USB_DEVICE_CLASS_PRINTER              0x07
#define USB_DEVICE_CLASS_STORAGE              0x08
#define USB_DEVICE_CLASS_HUB                  0x09
#define USB_DEVICE_CLASS_CDC_DATA             0x0A
#define USB_DEVICE_CLASS_SMART_CARD           0x0B
#define USB_DEVICE_CLASS_CONTENT_SECURITY     0x0D
#define USB_DEVICE_CLASS_VIDEO                0x0E
#define USB_DEVICE_CLASS_PERSONAL_HEALTHCARE  0x0F
#define USB_DEVICE_CLASS_AUDIO_VIDEO          0x10
#define USB_DEVICE_CLASS_BILLBOARD            0x11
#define USB_DEVICE_CLASS_DIAGNOSTIC_DEVICE    0xDC
#define USB_DEVICE_CLASS_WIRELESS_CONTROLLER  0xE0
#define USB_DEVICE_CLASS_MISCELLANEOUS        0xEF
#define USB_DEVICE_CLASS_APPLICATION_SPECIFIC 0xFE
#define USB_DEVICE_CLASS_VENDOR_SPECIFIC      0xFF

/* Device capabilities inside the BOS descriptor. */
#define USB_DEVICE_CAPABILITY_WIRELESS_USB      0x01
#define USB_DEVICE_CAPABILITY_USB20_EXTENSION   0x02
#define USB_DEVICE_CAPABILITY_SUPERSPEED_USB    0x03
#define USB_DEVICE_CAPABILITY_CONTAINER_ID      0x04
#define USB_DEVICE_CAPABILITY_PLATFORM          0x05
#define USB_DEVICE_CAPABILITY_SUPERSPEEDPLUS_USB 0x0A

#define MAXIMUM_USB_STRING_LENGTH 255

/* "USB_DEVICE_SPEED enumeration": the speed that a device works at. */
typedef enum _USB_DEVICE_SPEED {
    UsbLowSpeed = 0,
    UsbFullSpeed,
    UsbHighSpeed,
    UsbSuperSpeed,
} USB_DEVICE_SPEED;

#pragma pack(push, 1)

/* First two bytes of every descriptor: the whole length in bytes, and the type. */
typedef struct _USB_COMMON_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
} USB_COMMON_DESCRIPTOR, *PUSB_COMMON_DESCRIPTOR;

/* "USB_DEVICE_DESCRIPTOR structure": 18 bytes; idVendor, idProduct and bcdDevice make the hardware ids. */
typedef struct _USB_DEVICE_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    USHORT bcdUSB;
    UCHAR bDeviceClass;
    UCHAR bDeviceSubClass;
    UCHAR bDeviceProtocol;
    UCHAR bMaxPacketSize0;
    USHORT idVendor;
    USHORT idProduct;
    USHORT bcdDevice;
    UCHAR iManufacturer;
    UCHAR iProduct;
    UCHAR iSerialNumber;
    UCHAR bNumConfigurations;
} USB_DEVICE_DESCRIPTOR, *PUSB_DEVICE_DESCRIPTOR;

/* What a high-speed capable device would report at the other speed. */
typedef struct _USB_DEVICE_QUALIFIER_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    USHORT bcdUSB;
    UCHAR bDeviceClass;
    UCHAR bDeviceSubClass;
    UCHAR bDeviceProtocol;
    UCHAR bMaxPacketSize0;
    UCHAR bNumConfigurations;
    UCHAR bReserved;
} USB_DEVICE_QUALIFIER_DESCRIPTOR, *PUSB_DEVICE_QUALIFIER_DESCRIPTOR;

/* "USB_CONFIGURATION_DESCRIPTOR structure": heads wTotalLength bytes of interfaces and endpoints. MaxPower: 2 mA units
 * (8 mA at SuperSpeed). */
typedef struct _USB_CONFIGURATION_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    USHORT wTotalLength;
    UCHAR bNumInterfaces;
    UCHAR bConfigurationValue;
    UCHAR iConfiguration;
    UCHAR bmAttributes;
    UCHAR MaxPower;
} USB_CONFIGURATION_DESCRIPTOR, *PUSB_CONFIGURATION_DESCRIPTOR;

/* "USB_INTERFACE_DESCRIPTOR structure": one alternate setting of one interface. */
typedef struct _USB_INTERFACE_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    UCHAR bInterfaceNumber;
    UCHAR bAlternateSetting;
    UCHAR bNumEndpoints;
    UCHAR bInterfaceClass;
    UCHAR bInterfaceSubClass;
    UCHAR bInterfaceProtocol;
    UCHAR iInterface;
} USB_INTERFACE_DESCRIPTOR, *PUSB_INTERFACE_DESCRIPTOR;

/* Interface Association Descriptor (USB ECN): consecutive interfaces that make one function. */
typedef struct _USB_INTERFACE_ASSOCIATION_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    UCHAR bFirstInterface;
    UCHAR bInterfaceCount;
    UCHAR bFunctionClass;
    UCHAR bFunctionSubClass;
    UCHAR bFunctionProtocol;
    UCHAR iFunction;
} USB_INTERFACE_ASSOCIATION_DESCRIPTOR, *PUSB_INTERFACE_ASSOCIATION_DESCRIPTOR;

/* "USB_ENDPOINT_DESCRIPTOR structure": bInterval counts frames or 2^(n-1) microframes, by speed. */
typedef struct _USB_ENDPOINT_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    UCHAR bEndpointAddress;
    UCHAR bmAttributes;
    USHORT wMaxPacketSize;
    UCHAR bInterval;
} USB_ENDPOINT_DESCRIPTOR, *PUSB_ENDPOINT_DESCRIPTOR;

/* "USB_STRING_DESCRIPTOR structure": UTF-16 without terminator, or, at index 0, language identifiers. */
typedef struct _USB_STRING_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    WCHAR bString[1];
} USB_STRING_DESCRIPTOR, *PUSB_STRING_DESCRIPTOR;

/* Binary device Object Store: heads wTotalLength bytes of device capability descriptors. */
typedef struct _USB_BOS_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    USHORT wTotalLength;
    UCHAR bNumDeviceCaps;
} USB_BOS_DESCRIPTOR, *PUSB_BOS_DESCRIPTOR;

typedef struct _USB_DEVICE_CAPABILITY_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    UCHAR bDevCapabilityType;
} USB_DEVICE_CAPABILITY_DESCRIPTOR, *PUSB_DEVICE_CAPABILITY_DESCRIPTOR;

typedef struct _USB_DEVICE_CAPABILITY_CONTAINER_ID_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    UCHAR bDevCapabilityType;
    UCHAR bReserved;
    UCHAR ContainerID[16];
} USB_DEVICE_CAPABILITY_CONTAINER_ID_DESCRIPTOR, *PUSB_DEVICE_CAPABILITY_CONTAINER_ID_DESCRIPTOR;

/* "USB_SUPERSPEED_ENDPOINT_COMPANION_DESCRIPTOR structure": follows each endpoint of a SuperSpeed device. */
typedef struct _USB_SUPERSPEED_ENDPOINT_COMPANION_DESCRIPTOR {
    UCHAR bLength;
    UCHAR bDescriptorType;
    UCHAR bMaxBurst;
    union {
        UCHAR AsUchar;
        struct {
            UCHAR MaxStreams : 5;
            UCHAR Reserved1 : 3;
        } Bulk;
        struct {
            UCHAR Mult : 2;
            UCHAR Reserved2 : 5;
            UCHAR SspCompanion : 1;
        } Isochronous;
    } bmAttributes;
    USHORT wBytesPerInterval;
} USB_SUPERSPEED_ENDPOINT_COMPANION_DESCRIPTOR, *PUSB_SUPERSPEED_ENDPOINT_COMPANION_DESCRIPTOR;

/* Status that a hub reports for a port. */
typedef struct _USB_HUB_DESCRIPTOR {
    UCHAR bDescriptorLength;
    UCHAR bDescriptorType;
    UCHAR bNumberOfPorts;
    USHORT wHubCharacteristics;
    UCHAR bPowerOnToPowerGood;
    UCHAR bHubControlCurrent;
    UCHAR bRemoveAndPowerMask[64];
} USB_HUB_DESCRIPTOR, *PUSB_HUB_DESCRIPTOR;

typedef union _BM_REQUEST_TYPE {
    struct _BM {
        UCHAR Recipient : 2;
        UCHAR Reserved : 3;
        UCHAR Type : 2;
        UCHAR Dir : 1;
    } s;
    UCHAR B;
} BM_REQUEST_TYPE, *PBM_REQUEST_TYPE;

/* The eight bytes that start every control transfer. */
typedef struct _USB_DEFAULT_PIPE_SETUP_PACKET {
    BM_REQUEST_TYPE bmRequestType;
    UCHAR bRequest;
    union _wValue {
        struct {
            UCHAR LowByte;
            UCHAR HiByte;
        };
        USHORT W;
    } wValue;
    union _wIndex {
        struct {
            UCHAR LowByte;
            UCHAR HiByte;
        };
        USHORT W;
    } wIndex;
    USHORT wLength;
} USB_DEFAULT_PIPE_SETUP_PACKET, *PUSB_DEFAULT_PIPE_SETUP_PACKET;

#pragma pack(pop)

C_ASSERT(sizeof(USB_DEVICE_DESCRIPTOR) == 18);
C_ASSERT(sizeof(USB_CONFIGURATION_DESCRIPTOR) == 9);
C_ASSERT(sizeof(USB_DEFAULT_PIPE_SETUP_PACKET) == 8);

#ifdef __cplusplus
}
#endif

#endif

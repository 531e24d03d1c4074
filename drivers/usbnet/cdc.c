/*
 * Descriptors and notifications of CDC network functions. See cdc.h.
 */
#include "cdc.h"
#include "util.h"

#define DESCRIPTOR_INTERFACE            4
#define DESCRIPTOR_ENDPOINT             5
#define DESCRIPTOR_CS_INTERFACE         0x24
#define SUBTYPE_UNION                   0x06
#define SUBTYPE_ETHERNET                0x0F
#define SUBTYPE_NCM                     0x1A
#define CLASS_COMMUNICATIONS            0x02
#define CLASS_DATA                      0x0A
#define CLASS_WIRELESS                  0xE0
#define CLASS_MISCELLANEOUS             0xEF
#define SUBCLASS_ABSTRACT_CONTROL       0x02
#define SUBCLASS_ETHERNET_NETWORKING    0x06
#define SUBCLASS_NETWORK_CONTROL_MODEL  0x0D
#define PROTOCOL_VENDOR                 0xFF
#define PROTOCOL_NETWORK_TRANSFER_BLOCK 0x01
#define LENGTH_UNION                    5
#define LENGTH_ETHERNET                 13
#define LENGTH_NCM                      6
#define LENGTH_INTERFACE                9
#define LENGTH_ENDPOINT                 7
#define ENDPOINT_TYPE_MASK              0x03
#define ENDPOINT_BULK                   0x02
#define ENDPOINT_IN                     0x80
#define MIN_SEGMENT_SIZE                576

#define NOTIFICATION_TYPE   0xA1 /* device to host, class, interface */
#define SPEED_CHANGE_LENGTH 16

/* What has been seen of a function so far. */
typedef struct _PARTS {
    BOOLEAN HasUnion, HasEthernet, HasNcm;
} PARTS;

/* The descriptor at *Offset, whole within Length, or NULL. *Offset moves behind it. */
static const UCHAR *
NextDescriptor(const UCHAR *Configuration, ULONG Length, ULONG *Offset)
{
    const UCHAR *Descriptor = Configuration + *Offset;
    ULONG Left = Length - *Offset;
    if (Left < 2 || Descriptor[0] < 2 || Descriptor[0] > Left)
        return NULL;
    *Offset += Descriptor[0];
    return Descriptor;
}

static BOOLEAN
IsInterface(const UCHAR *Descriptor)
{
    return Descriptor[1] == DESCRIPTOR_INTERFACE && Descriptor[0] >= LENGTH_INTERFACE;
}

static BOOLEAN
HasClass(const UCHAR *Interface, UCHAR Class, UCHAR SubClass, UCHAR Protocol)
{
    return Interface[5] == Class && Interface[6] == SubClass && Interface[7] == Protocol;
}

/* Remote NDIS is the Abstract Control Model with a protocol of the vendor's, or one of two codes assigned to it since.
 */
static CDC_KIND
ControlKind(const UCHAR *Interface)
{
    if (Interface[5] == CLASS_COMMUNICATIONS && Interface[6] == SUBCLASS_NETWORK_CONTROL_MODEL)
        return CdcNcm;
    if (Interface[5] == CLASS_COMMUNICATIONS && Interface[6] == SUBCLASS_ETHERNET_NETWORKING)
        return CdcEcm;
    if (HasClass(Interface, CLASS_COMMUNICATIONS, SUBCLASS_ABSTRACT_CONTROL, PROTOCOL_VENDOR) ||
        HasClass(Interface, CLASS_MISCELLANEOUS, 0x04, 0x01) || HasClass(Interface, CLASS_WIRELESS, 0x01, 0x03))
        return CdcRndis;
    return CdcNone;
}

/* The alternate setting of the data interface that has one bulk endpoint in each direction. */
static BOOLEAN
FindDataAlternate(const UCHAR *Configuration, ULONG Length, CDC_FUNCTION *Function)
{
    const UCHAR *Descriptor;
    ULONG Offset = 0;
    BOOLEAN InData = FALSE, HasIn = FALSE, HasOut = FALSE;

    while ((Descriptor = NextDescriptor(Configuration, Length, &Offset)) != NULL) {
        if (IsInterface(Descriptor)) {
            InData = Descriptor[2] == Function->DataInterface && Descriptor[5] == CLASS_DATA &&
                     (Function->Kind != CdcNcm || Descriptor[7] == PROTOCOL_NETWORK_TRANSFER_BLOCK);
            HasIn = HasOut = FALSE;
            if (InData)
                Function->DataAlternate = Descriptor[3];
        } else if (InData && Descriptor[1] == DESCRIPTOR_ENDPOINT && Descriptor[0] >= LENGTH_ENDPOINT &&
                   (Descriptor[3] & ENDPOINT_TYPE_MASK) == ENDPOINT_BULK) {
            if (Descriptor[2] & ENDPOINT_IN)
                HasIn = TRUE;
            else
                HasOut = TRUE;
            if (HasIn && HasOut)
                return TRUE;
        }
    }
    return FALSE;
}

static VOID
TakeFunctional(const UCHAR *Descriptor, CDC_FUNCTION *Function, PARTS *Parts)
{
    if (Descriptor[2] == SUBTYPE_UNION && Descriptor[0] >= LENGTH_UNION) {
        Function->DataInterface = Descriptor[4];
        Parts->HasUnion = Descriptor[3] == Function->ControlInterface;
    } else if (Descriptor[2] == SUBTYPE_ETHERNET && Descriptor[0] >= LENGTH_ETHERNET) {
        Function->MacAddressString = Descriptor[3];
        Function->MaxSegmentSize = Get16(Descriptor + 8);
        Function->MulticastFilters = Get16(Descriptor + 10) & 0x7FFF;
        Function->MulticastPerfectFilters = (Descriptor[11] & 0x80) == 0;
        Parts->HasEthernet = TRUE;
    } else if (Descriptor[2] == SUBTYPE_NCM && Descriptor[0] >= LENGTH_NCM) {
        Function->NetworkCapabilities = Descriptor[5];
        Parts->HasNcm = TRUE;
    }
}

static BOOLEAN
IsComplete(const UCHAR *Configuration, ULONG Length, CDC_FUNCTION *Function, const PARTS *Parts)
{
    if (Function->Kind == CdcNone)
        return FALSE;
    if (Function->Kind == CdcRndis) {
        /* Devices without a Union descriptor keep the order of the documented sample: the data interface follows. */
        if (!Parts->HasUnion)
            Function->DataInterface = (UCHAR)(Function->ControlInterface + 1);
    } else if (!Parts->HasUnion || !Parts->HasEthernet || (Function->Kind == CdcNcm && !Parts->HasNcm) ||
               Function->MacAddressString == 0 || Function->MaxSegmentSize < MIN_SEGMENT_SIZE) {
        return FALSE;
    }
    return Function->DataInterface != Function->ControlInterface && FindDataAlternate(Configuration, Length, Function);
}

NTSTATUS
CdcParseConfiguration(const UCHAR *Configuration, ULONG Length, CDC_FUNCTION *Function)
{
    PARTS Parts = { 0 };
    const UCHAR *Descriptor;
    ULONG Offset = 0;

    NdisZeroMemory(Function, sizeof(*Function));
    while ((Descriptor = NextDescriptor(Configuration, Length, &Offset)) != NULL) {
        if (IsInterface(Descriptor)) {
            if (IsComplete(Configuration, Length, Function, &Parts))
                return STATUS_SUCCESS;
            NdisZeroMemory(Function, sizeof(*Function));
            NdisZeroMemory(&Parts, sizeof(Parts));
            Function->Kind = ControlKind(Descriptor);
            Function->ControlInterface = Descriptor[2];
        } else if (Function->Kind != CdcNone && Descriptor[1] == DESCRIPTOR_CS_INTERFACE && Descriptor[0] >= 3) {
            TakeFunctional(Descriptor, Function, &Parts);
        }
    }
    return IsComplete(Configuration, Length, Function, &Parts) ? STATUS_SUCCESS : STATUS_DEVICE_CONFIGURATION_ERROR;
}

static int
HexDigit(USHORT Character)
{
    if (Character >= '0' && Character <= '9')
        return Character - '0';
    if (Character >= 'A' && Character <= 'F')
        return Character - 'A' + 10;
    if (Character >= 'a' && Character <= 'f')
        return Character - 'a' + 10;
    return -1;
}

NTSTATUS
CdcParseMacAddress(const UCHAR *StringDescriptor, ULONG Length, UCHAR *Address)
{
    if (Length < 2 + 12 * sizeof(USHORT) || StringDescriptor[0] < 2 + 12 * sizeof(USHORT))
        return STATUS_DEVICE_PROTOCOL_ERROR;
    for (ULONG i = 0; i < 6; ++i) {
        int High = HexDigit(Get16(StringDescriptor + 2 + i * 4));
        int Low = HexDigit(Get16(StringDescriptor + 4 + i * 4));
        if (High < 0 || Low < 0)
            return STATUS_DEVICE_PROTOCOL_ERROR;
        Address[i] = (UCHAR)(High << 4 | Low);
    }
    return (Address[0] & 1) == 0 ? STATUS_SUCCESS : STATUS_DEVICE_PROTOCOL_ERROR;
}

BOOLEAN
CdcParseNotification(const UCHAR *Bytes, ULONG Length, UCHAR ControlInterface, CDC_NOTIFICATION *Notification)
{
    NdisZeroMemory(Notification, sizeof(*Notification));
    if (Length < CDC_NOTIFICATION_HEADER || Bytes[0] != NOTIFICATION_TYPE || Get16(Bytes + 4) != ControlInterface)
        return FALSE;
    Notification->Code = Bytes[1];
    switch (Notification->Code) {
    case CDC_NETWORK_CONNECTION:
        Notification->Connected = Get16(Bytes + 2) != 0;
        return TRUE;
    case CDC_CONNECTION_SPEED_CHANGE:
        if (Length < SPEED_CHANGE_LENGTH)
            return FALSE;
        Notification->RxSpeed = Get32(Bytes + CDC_NOTIFICATION_HEADER);
        Notification->TxSpeed = Get32(Bytes + CDC_NOTIFICATION_HEADER + 4);
        return TRUE;
    default:
        return Notification->Code == CDC_RESPONSE_AVAILABLE;
    }
}

/*
 * OID requests. What NDIS answers from the general attributes does not arrive here. A set that needs the device is
 * completed from a work item, because a request may come at DISPATCH_LEVEL and a control transfer has to be waited for;
 * NDIS sends one request at a time.
 */
#include "usbnet.h"

NDIS_OID OidSupported[] = { OID_GEN_SUPPORTED_LIST,
                            OID_GEN_HARDWARE_STATUS,
                            OID_GEN_MEDIA_SUPPORTED,
                            OID_GEN_MEDIA_IN_USE,
                            OID_GEN_PHYSICAL_MEDIUM,
                            OID_GEN_MAXIMUM_LOOKAHEAD,
                            OID_GEN_CURRENT_LOOKAHEAD,
                            OID_GEN_MAXIMUM_FRAME_SIZE,
                            OID_GEN_MAXIMUM_TOTAL_SIZE,
                            OID_GEN_TRANSMIT_BUFFER_SPACE,
                            OID_GEN_RECEIVE_BUFFER_SPACE,
                            OID_GEN_TRANSMIT_BLOCK_SIZE,
                            OID_GEN_RECEIVE_BLOCK_SIZE,
                            OID_GEN_VENDOR_ID,
                            OID_GEN_VENDOR_DESCRIPTION,
                            OID_GEN_VENDOR_DRIVER_VERSION,
                            OID_GEN_DRIVER_VERSION,
                            OID_GEN_CURRENT_PACKET_FILTER,
                            OID_GEN_MAC_OPTIONS,
                            OID_GEN_MAXIMUM_SEND_PACKETS,
                            OID_GEN_LINK_STATE,
                            OID_GEN_STATISTICS,
                            OID_GEN_XMIT_OK,
                            OID_GEN_RCV_OK,
                            OID_GEN_XMIT_ERROR,
                            OID_GEN_RCV_ERROR,
                            OID_GEN_RCV_NO_BUFFER,
                            OID_GEN_INTERRUPT_MODERATION,
                            OID_802_3_PERMANENT_ADDRESS,
                            OID_802_3_CURRENT_ADDRESS,
                            OID_802_3_MULTICAST_LIST,
                            OID_802_3_MAXIMUM_LIST_SIZE,
                            OID_802_3_RCV_ERROR_ALIGNMENT,
                            OID_802_3_XMIT_ONE_COLLISION,
                            OID_802_3_XMIT_MORE_COLLISIONS,
                            OID_PNP_SET_POWER };
const ULONG OidSupportedSize = sizeof(OidSupported);

static const CHAR VendorDescription[] = "ndiskit USB network adapter";

typedef struct _STATISTICS {
    TRAFFIC Sent, Received;
} STATISTICS;

static VOID
ReadStatistics(ADAPTER *Adapter, STATISTICS *Statistics)
{
    KIRQL Irql;

    KeAcquireSpinLock(&Adapter->SendLock, &Irql);
    Statistics->Sent = Adapter->Sent;
    KeReleaseSpinLock(&Adapter->SendLock, Irql);
    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    Statistics->Received = Adapter->Received;
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
}

static VOID
FillStatistics(ADAPTER *Adapter, NDIS_STATISTICS_INFO *Info)
{
    STATISTICS Statistics;

    ReadStatistics(Adapter, &Statistics);
    *Info = (NDIS_STATISTICS_INFO){
        .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                    .Revision = NDIS_STATISTICS_INFO_REVISION_1,
                    .Size = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1 },
        .SupportedStatistics =
            NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV | NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_RCV |
            NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_RCV | NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV |
            NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS | NDIS_STATISTICS_FLAGS_VALID_RCV_ERROR |
            NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_XMIT | NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_XMIT |
            NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_XMIT | NDIS_STATISTICS_FLAGS_VALID_BYTES_XMIT |
            NDIS_STATISTICS_FLAGS_VALID_XMIT_ERROR | NDIS_STATISTICS_FLAGS_VALID_XMIT_DISCARDS |
            NDIS_STATISTICS_FLAGS_VALID_DIRECTED_BYTES_RCV | NDIS_STATISTICS_FLAGS_VALID_MULTICAST_BYTES_RCV |
            NDIS_STATISTICS_FLAGS_VALID_BROADCAST_BYTES_RCV | NDIS_STATISTICS_FLAGS_VALID_DIRECTED_BYTES_XMIT |
            NDIS_STATISTICS_FLAGS_VALID_MULTICAST_BYTES_XMIT | NDIS_STATISTICS_FLAGS_VALID_BROADCAST_BYTES_XMIT,
        .ifInDiscards = Statistics.Received.Discards,
        .ifInErrors = Statistics.Received.Errors,
        .ifHCInOctets = TrafficBytes(&Statistics.Received),
        .ifHCInUcastPkts = Statistics.Received.Frames[FrameUnicast],
        .ifHCInMulticastPkts = Statistics.Received.Frames[FrameMulticast],
        .ifHCInBroadcastPkts = Statistics.Received.Frames[FrameBroadcast],
        .ifHCOutOctets = TrafficBytes(&Statistics.Sent),
        .ifHCOutUcastPkts = Statistics.Sent.Frames[FrameUnicast],
        .ifHCOutMulticastPkts = Statistics.Sent.Frames[FrameMulticast],
        .ifHCOutBroadcastPkts = Statistics.Sent.Frames[FrameBroadcast],
        .ifOutErrors = Statistics.Sent.Errors,
        .ifOutDiscards = Statistics.Sent.Discards,
        .ifHCInUcastOctets = Statistics.Received.Bytes[FrameUnicast],
        .ifHCInMulticastOctets = Statistics.Received.Bytes[FrameMulticast],
        .ifHCInBroadcastOctets = Statistics.Received.Bytes[FrameBroadcast],
        .ifHCOutUcastOctets = Statistics.Sent.Bytes[FrameUnicast],
        .ifHCOutMulticastOctets = Statistics.Sent.Bytes[FrameMulticast],
        .ifHCOutBroadcastOctets = Statistics.Sent.Bytes[FrameBroadcast]
    };
}

/* Copies an answer, or says how much room it needs. */
static NDIS_STATUS
Answer(NDIS_OID_REQUEST *Request, const VOID *Data, ULONG Length)
{
    if (Request->DATA.QUERY_INFORMATION.InformationBufferLength < Length) {
        Request->DATA.QUERY_INFORMATION.BytesNeeded = Length;
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    }
    NdisMoveMemory(Request->DATA.QUERY_INFORMATION.InformationBuffer, Data, Length);
    Request->DATA.QUERY_INFORMATION.BytesWritten = Length;
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS
AnswerNumber(NDIS_OID_REQUEST *Request, ULONG Number)
{
    return Answer(Request, &Number, sizeof(Number));
}

/* Counters have 64 bits; a caller with room for 32 gets the lower half, and is told that there is more. */
static NDIS_STATUS
AnswerCounter(NDIS_OID_REQUEST *Request, ULONG64 Counter)
{
    ULONG Length =
        Request->DATA.QUERY_INFORMATION.InformationBufferLength >= sizeof(Counter) ? sizeof(Counter) : sizeof(ULONG);
    NDIS_STATUS Status = Answer(Request, &Counter, Length);
    Request->DATA.QUERY_INFORMATION.BytesNeeded = sizeof(Counter);
    return Status;
}

static NDIS_STATUS
Query(ADAPTER *Adapter, NDIS_OID_REQUEST *Request)
{
    NDIS_INTERRUPT_MODERATION_PARAMETERS Moderation = {
        .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                    .Revision = NDIS_INTERRUPT_MODERATION_PARAMETERS_REVISION_1,
                    .Size = NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1 },
        .InterruptModeration = NdisInterruptModerationNotSupported
    };
    NDIS_STATISTICS_INFO Info;
    STATISTICS Statistics;

    switch (Request->DATA.QUERY_INFORMATION.Oid) {
    case OID_GEN_HARDWARE_STATUS:
        return AnswerNumber(Request,
                            ReadNoFence(&Adapter->Removed) ? NdisHardwareStatusNotReady : NdisHardwareStatusReady);
    case OID_GEN_MAXIMUM_TOTAL_SIZE:
    case OID_GEN_TRANSMIT_BLOCK_SIZE:
    case OID_GEN_RECEIVE_BLOCK_SIZE:
        return AnswerNumber(Request, Adapter->MaxFrameSize);
    case OID_GEN_CURRENT_LOOKAHEAD:
        return AnswerNumber(Request,
                            Adapter->LookAhead ? Adapter->LookAhead : Adapter->MaxFrameSize - ETHERNET_HEADER_LENGTH);
    case OID_GEN_TRANSMIT_BUFFER_SPACE:
        return AnswerNumber(Request, Adapter->OutSize * Adapter->TransmitBufferCount);
    case OID_GEN_RECEIVE_BUFFER_SPACE:
        return AnswerNumber(Request, Adapter->InSize * Adapter->ReceiveBufferCount);
    case OID_GEN_VENDOR_ID:
        return AnswerNumber(Request, (ULONG)Adapter->PermanentAddress[0] << 16 |
                                         (ULONG)Adapter->PermanentAddress[1] << 8 | Adapter->PermanentAddress[2]);
    case OID_GEN_VENDOR_DESCRIPTION:
        return Answer(Request, VendorDescription, sizeof(VendorDescription));
    case OID_GEN_VENDOR_DRIVER_VERSION:
        return AnswerNumber(Request, USBNET_MAJOR_DRIVER_VERSION << 16 | USBNET_MINOR_DRIVER_VERSION);
    case OID_GEN_CURRENT_PACKET_FILTER:
        return AnswerNumber(Request, Adapter->PacketFilter);
    case OID_GEN_INTERRUPT_MODERATION:
        return Answer(Request, &Moderation, sizeof(Moderation));
    case OID_GEN_STATISTICS:
        FillStatistics(Adapter, &Info);
        return Answer(Request, &Info, sizeof(Info));
    case OID_GEN_XMIT_OK:
        ReadStatistics(Adapter, &Statistics);
        return AnswerCounter(Request, TrafficFrames(&Statistics.Sent));
    case OID_GEN_RCV_OK:
        ReadStatistics(Adapter, &Statistics);
        return AnswerCounter(Request, TrafficFrames(&Statistics.Received));
    case OID_GEN_XMIT_ERROR:
        ReadStatistics(Adapter, &Statistics);
        return AnswerCounter(Request, Statistics.Sent.Errors);
    case OID_GEN_RCV_ERROR:
        ReadStatistics(Adapter, &Statistics);
        return AnswerCounter(Request, Statistics.Received.Errors);
    case OID_GEN_RCV_NO_BUFFER:
        ReadStatistics(Adapter, &Statistics);
        return AnswerCounter(Request, Statistics.Received.Discards);
    case OID_802_3_PERMANENT_ADDRESS:
        return Answer(Request, Adapter->PermanentAddress, sizeof(Adapter->PermanentAddress));
    case OID_802_3_CURRENT_ADDRESS:
        return Answer(Request, Adapter->CurrentAddress, sizeof(Adapter->CurrentAddress));
    case OID_802_3_MULTICAST_LIST:
        return Answer(Request, Adapter->MulticastList, Adapter->MulticastCount * sizeof(Adapter->MulticastList[0]));
    case OID_802_3_MAXIMUM_LIST_SIZE:
        return AnswerNumber(Request, MULTICAST_LIST_LIMIT);
    case OID_802_3_RCV_ERROR_ALIGNMENT:
    case OID_802_3_XMIT_ONE_COLLISION:
    case OID_802_3_XMIT_MORE_COLLISIONS:
        /* A USB link has neither. */
        return AnswerNumber(Request, 0);
    default:
        return NDIS_STATUS_NOT_SUPPORTED;
    }
}

/* A set request's buffer, which must have Size bytes. */
static VOID *
SetBuffer(NDIS_OID_REQUEST *Request, ULONG Size)
{
    if (Request->DATA.SET_INFORMATION.InformationBufferLength < Size) {
        Request->DATA.SET_INFORMATION.BytesNeeded = Size;
        return NULL;
    }
    Request->DATA.SET_INFORMATION.BytesRead = Size;
    return Request->DATA.SET_INFORMATION.InformationBuffer;
}

static NDIS_STATUS
Defer(ADAPTER *Adapter, NDIS_OID_REQUEST *Request)
{
    Adapter->PendingRequest = Request;
    NdisQueueIoWorkItem(Adapter->RequestWorkItem, OidWork, Adapter);
    return NDIS_STATUS_PENDING;
}

static NDIS_STATUS
SetMulticastList(ADAPTER *Adapter, NDIS_OID_REQUEST *Request)
{
    ULONG Length = Request->DATA.SET_INFORMATION.InformationBufferLength;

    if (Length % sizeof(Adapter->MulticastList[0]) != 0)
        return NDIS_STATUS_INVALID_LENGTH;
    if (Length > sizeof(Adapter->MulticastList)) {
        Request->DATA.SET_INFORMATION.BytesNeeded = sizeof(Adapter->MulticastList);
        return NDIS_STATUS_MULTICAST_FULL;
    }
    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    NdisMoveMemory(Adapter->MulticastList, Request->DATA.SET_INFORMATION.InformationBuffer, Length);
    Adapter->MulticastCount = Length / sizeof(Adapter->MulticastList[0]);
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
    Request->DATA.SET_INFORMATION.BytesRead = Length;
    return Defer(Adapter, Request);
}

static NDIS_STATUS
Set(ADAPTER *Adapter, NDIS_OID_REQUEST *Request)
{
    ULONG *Value;

    switch (Request->DATA.SET_INFORMATION.Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
        Value = SetBuffer(Request, sizeof(*Value));
        if (!Value)
            return NDIS_STATUS_INVALID_LENGTH;
        if (*Value & ~SUPPORTED_PACKET_FILTERS)
            return NDIS_STATUS_NOT_SUPPORTED;
        WriteULongNoFence(&Adapter->PacketFilter, *Value);
        return Defer(Adapter, Request);
    case OID_GEN_CURRENT_LOOKAHEAD:
        Value = SetBuffer(Request, sizeof(*Value));
        if (!Value)
            return NDIS_STATUS_INVALID_LENGTH;
        Adapter->LookAhead = Smaller(*Value, Adapter->MaxFrameSize - ETHERNET_HEADER_LENGTH);
        return NDIS_STATUS_SUCCESS;
    case OID_802_3_MULTICAST_LIST:
        return SetMulticastList(Adapter, Request);
    case OID_PNP_SET_POWER:
        if (!SetBuffer(Request, sizeof(NDIS_DEVICE_POWER_STATE)))
            return NDIS_STATUS_INVALID_LENGTH;
        return Defer(Adapter, Request);
    case OID_GEN_INTERRUPT_MODERATION:
        return NDIS_STATUS_INVALID_DATA;
    default:
        return NDIS_STATUS_NOT_SUPPORTED;
    }
}

/* NDIS has paused the adapter. What the device forgets without power is set again when it comes back. */
static NDIS_STATUS
SetPower(ADAPTER *Adapter, NDIS_DEVICE_POWER_STATE State)
{
    NDIS_STATUS Status;

    if (State != NdisDeviceStateD0) {
        if (!Adapter->LowPower) {
            LinkStop(Adapter);
            DeviceStop(Adapter);
            Adapter->LowPower = TRUE;
        }
        return NDIS_STATUS_SUCCESS;
    }
    if (!Adapter->LowPower)
        return NDIS_STATUS_SUCCESS;
    Status = LowerConfigure(Adapter->Lower, Adapter->Function.ControlInterface, Adapter->Function.DataInterface);
    if (Status != NDIS_STATUS_SUCCESS)
        return Status;
    LinkStart(Adapter);
    Status = DeviceStart(Adapter);
    if (Status == NDIS_STATUS_SUCCESS)
        Status = Adapter->Framing->SetMulticast(Adapter);
    if (Status == NDIS_STATUS_SUCCESS) {
        Adapter->LowPower = FALSE;
        LinkAnnounce(Adapter);
    } else {
        LinkStop(Adapter);
        DeviceStop(Adapter);
    }
    return Status;
}

_Use_decl_annotations_
VOID
OidWork(PVOID WorkItemContext, NDIS_HANDLE NdisIoWorkItemHandle)
{
    ADAPTER *Adapter = (ADAPTER *)WorkItemContext;
    NDIS_OID_REQUEST *Request = Adapter->PendingRequest;
    NDIS_STATUS Status;

    UNREFERENCED_PARAMETER(NdisIoWorkItemHandle);
    switch (Request->DATA.SET_INFORMATION.Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
        Status = Adapter->Framing->SetPacketFilter(Adapter);
        break;
    case OID_802_3_MULTICAST_LIST:
        Status = Adapter->Framing->SetMulticast(Adapter);
        break;
    default:
        Status = SetPower(Adapter, *(NDIS_DEVICE_POWER_STATE *)Request->DATA.SET_INFORMATION.InformationBuffer);
        break;
    }
    NdisMOidRequestComplete(Adapter->Handle, Request, Status);
}

_Use_decl_annotations_
NDIS_STATUS
OidRequest(NDIS_HANDLE MiniportAdapterContext, PNDIS_OID_REQUEST NdisRequest)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;

    switch (NdisRequest->RequestType) {
    case NdisRequestQueryInformation:
    case NdisRequestQueryStatistics:
        return Query(Adapter, NdisRequest);
    case NdisRequestSetInformation:
        return Set(Adapter, NdisRequest);
    default:
        return NDIS_STATUS_NOT_SUPPORTED;
    }
}

_Use_decl_annotations_
VOID
OidCancel(NDIS_HANDLE MiniportAdapterContext, PVOID RequestId)
{
    /* A request waits for the device at the most, and each wait for that has a deadline of its own. */
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(RequestId);
}

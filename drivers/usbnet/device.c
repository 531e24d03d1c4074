/*
 * Bringing an NCM device up: what it is (descriptors, NTB parameters), how it is set (format, sizes, filters), and the
 * moment at which its data interface begins to exchange blocks.
 */
#include "usbnet.h"

/* NCM 1.0, table 6-6: a frame that carries a VLAN tag fits too. */
#define VLAN_TAG_LENGTH      4
#define MAX_ETHERNET_PAYLOAD 1500

VOID
DeviceFailed(ADAPTER *Adapter, NTSTATUS Status)
{
    if (Status == STATUS_DEVICE_NOT_CONNECTED || Status == STATUS_NO_SUCH_DEVICE || Status == STATUS_DELETE_PENDING)
        InterlockedExchange(&Adapter->Removed, TRUE);
}

static NTSTATUS
ClassRequest(ADAPTER *Adapter, BOOLEAN In, UCHAR Request, USHORT Value, VOID *Buffer, ULONG *Length)
{
    LOWER_REQUEST Setup = {
        .In = In, .Request = Request, .Value = Value, .Interface = Adapter->Function.ControlInterface
    };
    NTSTATUS Status;

    if (ReadNoFence(&Adapter->Removed))
        return STATUS_DEVICE_NOT_CONNECTED;
    Status = LowerControl(Adapter->Lower, &Setup, Buffer, Length);
    DeviceFailed(Adapter, Status);
    return Status;
}

static NTSTATUS
ClassSet(ADAPTER *Adapter, UCHAR Request, USHORT Value, VOID *Buffer, ULONG Length)
{
    return ClassRequest(Adapter, FALSE, Request, Value, Buffer, &Length);
}

static NTSTATUS
ReadMacAddress(ADAPTER *Adapter)
{
    UCHAR String[2 + 2 * 126];
    ULONG Length;
    NTSTATUS Status;

    Status = LowerGetString(Adapter->Lower, Adapter->Function.MacAddressString, String, sizeof(String), &Length);
    if (!NT_SUCCESS(Status))
        return Status;
    return NcmParseMacAddress(String, Length, Adapter->PermanentAddress);
}

static BOOLEAN
IsZeroAddress(const UCHAR *Address)
{
    static const UCHAR Zero[6];
    return NdisEqualMemory(Address, Zero, sizeof(Zero));
}

/* Alignments that the device asks for can leave no room for a frame of full length in its smallest block. */
static BOOLEAN
FrameFits(ADAPTER *Adapter)
{
    NCM_DATAGRAM Datagram;
    NCM_WRITER Writer;

    NcmWriterStart(&Writer, &Adapter->Parameters, Adapter->Is32, NULL, Adapter->OutSize, &Datagram, 1);
    return NcmWriterFits(&Writer, Adapter->MaxFrameSize);
}

/* A device that cannot be used is worth a line for whoever looks for the reason. */
static NDIS_STATUS
Refuse(const CHAR *Why, NTSTATUS Status)
{
    DbgPrintEx(DPFLTR_IHVNETWORK_ID, DPFLTR_ERROR_LEVEL, "usbnet: %s (status 0x%08X)\n", Why, Status);
    return Status;
}

static VOID
ChooseSizes(ADAPTER *Adapter)
{
    Adapter->Is32 = Adapter->NtbFormat == 32 && (Adapter->Parameters.Formats & NCM_NTB32_SUPPORTED);
    Adapter->InSize = Smaller(Adapter->Parameters.InMaxSize, RECEIVE_MAX_SIZE);
    Adapter->OutSize = Smaller(Adapter->Parameters.OutMaxSize, TRANSMIT_MAX_SIZE);
    Adapter->MaxFrameSize = Smaller(Adapter->Function.MaxSegmentSize, ETHERNET_HEADER_LENGTH + MAX_ETHERNET_PAYLOAD);
}

NDIS_STATUS
DeviceRead(ADAPTER *Adapter)
{
    const UCHAR *Configuration;
    UCHAR Answer[NCM_PARAMETERS_LENGTH];
    ULONG Length;
    NTSTATUS Status;

    Status = LowerGetConfiguration(Adapter->Lower, &Configuration, &Length);
    if (!NT_SUCCESS(Status))
        return Refuse("the configuration descriptor cannot be read", Status);
    Status = NcmParseConfiguration(Configuration, Length, &Adapter->Function);
    if (!NT_SUCCESS(Status))
        return Refuse("the configuration has no complete NCM function: control interface with Union, Ethernet and NCM "
                      "descriptors, data interface with bulk endpoints in both directions",
                      Status);
    Status = ReadMacAddress(Adapter);
    if (!NT_SUCCESS(Status))
        return Refuse("the string iMACAddress is no Ethernet address", Status);
    if (IsZeroAddress(Adapter->CurrentAddress) || !(Adapter->Function.NetworkCapabilities & NCM_CAPABILITY_NET_ADDRESS))
        NdisMoveMemory(Adapter->CurrentAddress, Adapter->PermanentAddress, sizeof(Adapter->CurrentAddress));
    Status = LowerConfigure(Adapter->Lower, Adapter->Function.ControlInterface, Adapter->Function.DataInterface);
    if (!NT_SUCCESS(Status))
        return Refuse("the device cannot be configured", Status);
    Length = sizeof(Answer);
    Status = ClassRequest(Adapter, TRUE, NCM_GET_NTB_PARAMETERS, 0, Answer, &Length);
    if (!NT_SUCCESS(Status))
        return Refuse("GET_NTB_PARAMETERS failed", Status);
    Status = NcmParseParameters(Answer, Length, &Adapter->Parameters);
    if (!NT_SUCCESS(Status))
        return Refuse("the answer to GET_NTB_PARAMETERS is not valid", Status);

    ChooseSizes(Adapter);
    if (!FrameFits(Adapter))
        return Refuse("no block that the device takes has room for a whole frame", STATUS_DEVICE_CONFIGURATION_ERROR);
    return NDIS_STATUS_SUCCESS;
}

/* The settings that NCM 1.0, section 7.2 wants before the data interface leaves its idle setting. */
static NTSTATUS
SetTransferParameters(ADAPTER *Adapter)
{
    UCHAR Size[4] = { (UCHAR)Adapter->InSize, (UCHAR)(Adapter->InSize >> 8), (UCHAR)(Adapter->InSize >> 16),
                      (UCHAR)(Adapter->InSize >> 24) };
    NTSTATUS Status;

    if (Adapter->Function.NetworkCapabilities & NCM_CAPABILITY_CRC_MODE) {
        Status = ClassSet(Adapter, NCM_SET_CRC_MODE, 0, NULL, 0);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (Adapter->Parameters.Formats & NCM_NTB32_SUPPORTED) {
        Status = ClassSet(Adapter, NCM_SET_NTB_FORMAT, Adapter->Is32 ? 1 : 0, NULL, 0);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Status = ClassSet(Adapter, NCM_SET_NTB_INPUT_SIZE, 0, Size, sizeof(Size));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Adapter->Function.NetworkCapabilities & NCM_CAPABILITY_MAX_DATAGRAM_SIZE) {
        USHORT MaxDatagram =
            (USHORT)Smaller((ULONG)Adapter->Function.MaxSegmentSize, Adapter->MaxFrameSize + VLAN_TAG_LENGTH);
        UCHAR Datagram[2] = { (UCHAR)MaxDatagram, (UCHAR)(MaxDatagram >> 8) };
        Status = ClassSet(Adapter, NCM_SET_MAX_DATAGRAM_SIZE, 0, Datagram, sizeof(Datagram));
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (!NdisEqualMemory(Adapter->CurrentAddress, Adapter->PermanentAddress, sizeof(Adapter->CurrentAddress)))
        return ClassSet(Adapter, NCM_SET_NET_ADDRESS, 0, Adapter->CurrentAddress, sizeof(Adapter->CurrentAddress));
    return STATUS_SUCCESS;
}

NDIS_STATUS
DeviceStart(ADAPTER *Adapter)
{
    NTSTATUS Status;

    Status = SetTransferParameters(Adapter);
    if (!NT_SUCCESS(Status))
        return Refuse("the device refuses the format and sizes of blocks", Status);
    Status = LowerSelectData(Adapter->Lower, Adapter->Function.DataAlternate);
    DeviceFailed(Adapter, Status);
    if (!NT_SUCCESS(Status))
        return Refuse("the data interface cannot be started", Status);
    if (!LowerPipeExists(Adapter->Lower, LowerPipeIn, NULL) ||
        !LowerPipeExists(Adapter->Lower, LowerPipeOut, &Adapter->OutMaxPacket) || Adapter->OutMaxPacket == 0)
        return Refuse("the data interface has no bulk pipes", STATUS_DEVICE_CONFIGURATION_ERROR);
    return NDIS_STATUS_SUCCESS;
}

VOID
DeviceStop(ADAPTER *Adapter)
{
    if (!ReadNoFence(&Adapter->Removed))
        DeviceFailed(Adapter, LowerSelectData(Adapter->Lower, 0));
}

NDIS_STATUS
DeviceSetPacketFilter(ADAPTER *Adapter)
{
    /* NCM 1.0, table 6-2 refers to ECM 1.2, table 8. */
    enum { Promiscuous = 0x01, AllMulticast = 0x02, Directed = 0x04, Broadcast = 0x08, Multicast = 0x10 };
    USHORT Filter = 0;

    if (!(Adapter->Function.NetworkCapabilities & NCM_CAPABILITY_PACKET_FILTER))
        return NDIS_STATUS_SUCCESS;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_PROMISCUOUS)
        Filter |= Promiscuous;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_ALL_MULTICAST)
        Filter |= AllMulticast;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_DIRECTED)
        Filter |= Directed;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_BROADCAST)
        Filter |= Broadcast;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_MULTICAST) {
        /* A device that cannot hold the list passes all multicast frames; receive.c drops what was not asked for. */
        Filter |= Adapter->MulticastCount <= Adapter->Function.MulticastFilters ? Multicast : AllMulticast;
    }
    return ClassSet(Adapter, NCM_SET_ETHERNET_PACKET_FILTER, Filter, NULL, 0);
}

NDIS_STATUS
DeviceSetMulticast(ADAPTER *Adapter)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (Adapter->Function.MulticastFilters != 0 && Adapter->MulticastCount <= Adapter->Function.MulticastFilters)
        Status = ClassSet(Adapter, NCM_SET_ETHERNET_MULTICAST_FILTERS, (USHORT)Adapter->MulticastCount,
                          Adapter->MulticastCount ? Adapter->MulticastList : NULL,
                          Adapter->MulticastCount * sizeof(Adapter->MulticastList[0]));
    return NT_SUCCESS(Status) ? DeviceSetPacketFilter(Adapter) : Status;
}

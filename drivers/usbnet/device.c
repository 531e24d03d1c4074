/*
 * Bringing a device up, as far as the classes have it in common: what it is (descriptors), and the moment at which its
 * data interface begins to exchange blocks. device_ncm.c, device_ecm.c and device_rndis.c have the rest.
 */
#include "usbnet.h"

VOID
DeviceFailed(ADAPTER *Adapter, NTSTATUS Status)
{
    if (Status == STATUS_DEVICE_NOT_CONNECTED || Status == STATUS_NO_SUCH_DEVICE || Status == STATUS_DELETE_PENDING)
        InterlockedExchange(&Adapter->Removed, TRUE);
}

NTSTATUS
DeviceRequest(ADAPTER *Adapter, BOOLEAN In, UCHAR Request, USHORT Value, VOID *Buffer, ULONG *Length)
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

NTSTATUS
DeviceSet(ADAPTER *Adapter, UCHAR Request, USHORT Value, VOID *Buffer, ULONG Length)
{
    return DeviceRequest(Adapter, FALSE, Request, Value, Buffer, &Length);
}

NTSTATUS
DeviceReadMacAddress(ADAPTER *Adapter)
{
    UCHAR String[2 + 2 * 126];
    ULONG Length;
    NTSTATUS Status;

    Status = LowerGetString(Adapter->Lower, Adapter->Function.MacAddressString, String, sizeof(String), &Length);
    if (NT_SUCCESS(Status))
        Status = CdcParseMacAddress(String, Length, Adapter->PermanentAddress);
    return NT_SUCCESS(Status) ? Status : DeviceRefuse("the string iMACAddress is no Ethernet address", Status);
}

/* A device that cannot be used is worth a line for whoever looks for the reason. */
NDIS_STATUS
DeviceRefuse(const CHAR *Why, NTSTATUS Status)
{
    DbgPrintEx(DPFLTR_IHVNETWORK_ID, DPFLTR_ERROR_LEVEL, "usbnet: %s (status 0x%08X)\n", Why, Status);
    return Status;
}

NDIS_STATUS
DeviceConfigure(ADAPTER *Adapter)
{
    const UCHAR *Configuration;
    ULONG Length;
    NTSTATUS Status;

    Status = LowerGetConfiguration(Adapter->Lower, &Configuration, &Length);
    if (!NT_SUCCESS(Status))
        return DeviceRefuse("the configuration descriptor cannot be read", Status);
    Status = CdcParseConfiguration(Configuration, Length, &Adapter->Function);
    if (!NT_SUCCESS(Status))
        return DeviceRefuse("the configuration has no complete network function: control interface of NCM, ECM or "
                            "Remote NDIS with its functional descriptors, data interface with bulk endpoints in both "
                            "directions",
                            Status);
    switch (Adapter->Function.Kind) {
    case CdcEcm:
        Adapter->Framing = &EcmFraming;
        break;
    case CdcRndis:
        Adapter->Framing = &RndisFraming;
        break;
    default:
        Adapter->Framing = &NcmFraming;
        break;
    }
    Status = LowerConfigure(Adapter->Lower, Adapter->Function.ControlInterface, Adapter->Function.DataInterface);
    DeviceFailed(Adapter, Status);
    return NT_SUCCESS(Status) ? NDIS_STATUS_SUCCESS : DeviceRefuse("the device cannot be configured", Status);
}

static BOOLEAN
IsZeroAddress(const UCHAR *Address)
{
    static const UCHAR Zero[6];
    return NdisEqualMemory(Address, Zero, sizeof(Zero));
}

NDIS_STATUS
DeviceRead(ADAPTER *Adapter)
{
    NDIS_STATUS Status = Adapter->Framing->Read(Adapter);

    if (Status != NDIS_STATUS_SUCCESS)
        return Status;
    /* The NetworkAddress keyword needs a device that receives frames to another address than its own. */
    if (IsZeroAddress(Adapter->CurrentAddress) || Adapter->Function.Kind != CdcNcm ||
        !(Adapter->Function.NetworkCapabilities & NCM_CAPABILITY_NET_ADDRESS))
        NdisMoveMemory(Adapter->CurrentAddress, Adapter->PermanentAddress, sizeof(Adapter->CurrentAddress));
    Adapter->ReceiveBufferCount = Adapter->InSize <= SMALL_BLOCK ? RECEIVE_BUFFERS_SMALL : RECEIVE_BUFFERS;
    Adapter->TransmitBufferCount = Adapter->OutSize <= SMALL_BLOCK ? TRANSMIT_BUFFERS_SMALL : TRANSMIT_BUFFERS;
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS
DeviceStart(ADAPTER *Adapter)
{
    NDIS_STATUS Status = Adapter->Framing->Start(Adapter);

    if (Status != NDIS_STATUS_SUCCESS)
        return Status;
    /* A data interface without an idle setting is at work since the device was configured. */
    if (Adapter->Function.DataAlternate != 0) {
        Status = LowerSelectData(Adapter->Lower, Adapter->Function.DataAlternate);
        DeviceFailed(Adapter, Status);
        if (!NT_SUCCESS(Status))
            return DeviceRefuse("the data interface cannot be started", Status);
    }
    if (!LowerPipeExists(Adapter->Lower, LowerPipeIn, NULL) ||
        !LowerPipeExists(Adapter->Lower, LowerPipeOut, &Adapter->OutMaxPacket) || Adapter->OutMaxPacket == 0)
        return DeviceRefuse("the data interface has no bulk pipes", STATUS_DEVICE_CONFIGURATION_ERROR);
    return NDIS_STATUS_SUCCESS;
}

VOID
DeviceStop(ADAPTER *Adapter)
{
    if (Adapter->Framing->Stop)
        Adapter->Framing->Stop(Adapter);
    if (Adapter->Function.DataAlternate != 0 && !ReadNoFence(&Adapter->Removed))
        DeviceFailed(Adapter, LowerSelectData(Adapter->Lower, 0));
}

NDIS_STATUS
DeviceSetEthernetFilter(ADAPTER *Adapter)
{
    USHORT Filter = 0;

    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_PROMISCUOUS)
        Filter |= CDC_FILTER_PROMISCUOUS;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_ALL_MULTICAST)
        Filter |= CDC_FILTER_ALL_MULTICAST;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_DIRECTED)
        Filter |= CDC_FILTER_DIRECTED;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_BROADCAST)
        Filter |= CDC_FILTER_BROADCAST;
    if (Adapter->PacketFilter & NDIS_PACKET_TYPE_MULTICAST) {
        /* A device that cannot hold the list passes all multicast frames; receive.c drops what was not asked for. */
        Filter |= Adapter->MulticastCount <= Adapter->Function.MulticastFilters ? CDC_FILTER_MULTICAST
                                                                                : CDC_FILTER_ALL_MULTICAST;
    }
    return DeviceSet(Adapter, CDC_SET_ETHERNET_PACKET_FILTER, Filter, NULL, 0);
}

NDIS_STATUS
DeviceSetEthernetMulticast(ADAPTER *Adapter)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (Adapter->Function.MulticastFilters != 0 && Adapter->MulticastCount <= Adapter->Function.MulticastFilters)
        Status = DeviceSet(Adapter, CDC_SET_ETHERNET_MULTICAST_FILTERS, (USHORT)Adapter->MulticastCount,
                           Adapter->MulticastCount ? Adapter->MulticastList : NULL,
                           Adapter->MulticastCount * sizeof(Adapter->MulticastList[0]));
    return NT_SUCCESS(Status) ? Adapter->Framing->SetPacketFilter(Adapter) : Status;
}

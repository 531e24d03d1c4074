/*
 * The adapter's life: MiniportInitializeEx to MiniportHaltEx, pause and restart, reset, shutdown and PnP events.
 */
#include "usbnet.h"

static NDIS_STATUS
ReadKeywords(ADAPTER *Adapter)
{
    static const NDIS_STRING NtbFormat = NDIS_STRING_CONST("NtbFormat");
    NDIS_CONFIGURATION_OBJECT Object = { .Header = { .Type = NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT,
                                                     .Revision = NDIS_CONFIGURATION_OBJECT_REVISION_1,
                                                     .Size = NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1 },
                                         .NdisHandle = Adapter->Handle };
    NDIS_CONFIGURATION_PARAMETER *Value;
    NDIS_HANDLE Configuration;
    NDIS_STATUS Status, AddressStatus;
    VOID *Address;
    UINT AddressLength;

    Status = NdisOpenConfigurationEx(&Object, &Configuration);
    if (Status != NDIS_STATUS_SUCCESS)
        return Status;

    NdisReadConfiguration(&Status, &Value, Configuration, (NDIS_STRING *)&NtbFormat, NdisParameterInteger);
    if (Status == NDIS_STATUS_SUCCESS &&
        (Value->ParameterData.IntegerData == 16 || Value->ParameterData.IntegerData == 32))
        Adapter->NtbFormat = Value->ParameterData.IntegerData;

    NdisReadNetworkAddress(&AddressStatus, &Address, &AddressLength, Configuration);
    if (AddressStatus == NDIS_STATUS_SUCCESS && AddressLength == sizeof(Adapter->CurrentAddress) &&
        !(((const UCHAR *)Address)[0] & 1))
        NdisMoveMemory(Adapter->CurrentAddress, Address, AddressLength);

    NdisCloseConfiguration(Configuration);
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS
SetRegistrationAttributes(ADAPTER *Adapter)
{
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES Attributes = {
        .Header = { .Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
                    .Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_2,
                    .Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_2 },
        .MiniportAdapterContext = Adapter,
        .AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_NDIS_WDM | NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK,
        .InterfaceType = NdisInterfacePNPBus
    };
    return NdisMSetMiniportAttributes(Adapter->Handle, (NDIS_MINIPORT_ADAPTER_ATTRIBUTES *)&Attributes);
}

static NDIS_STATUS
SetGeneralAttributes(ADAPTER *Adapter)
{
    NDIS_PM_CAPABILITIES PmCapabilities = { .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                                                        .Revision = NDIS_PM_CAPABILITIES_REVISION_2,
                                                        .Size = NDIS_SIZEOF_NDIS_PM_CAPABILITIES_REVISION_2 },
                                            .MinMagicPacketWakeUp = NdisDeviceStateUnspecified,
                                            .MinPatternWakeUp = NdisDeviceStateUnspecified,
                                            .MinLinkChangeWakeUp = NdisDeviceStateUnspecified };
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES Attributes = {
        .Header = { .Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
                    .Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2,
                    .Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2 },
        .MediaType = NdisMedium802_3,
        .PhysicalMediumType = NdisPhysicalMedium802_3,
        .MtuSize = Adapter->MaxFrameSize - ETHERNET_HEADER_LENGTH,
        .MaxXmitLinkSpeed = NDIS_LINK_SPEED_UNKNOWN,
        .MaxRcvLinkSpeed = NDIS_LINK_SPEED_UNKNOWN,
        .XmitLinkSpeed = NDIS_LINK_SPEED_UNKNOWN,
        .RcvLinkSpeed = NDIS_LINK_SPEED_UNKNOWN,
        .MediaConnectState = MediaConnectStateDisconnected,
        .MediaDuplexState = MediaDuplexStateFull,
        .LookaheadSize = Adapter->MaxFrameSize - ETHERNET_HEADER_LENGTH,
        .MacOptions = NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA | NDIS_MAC_OPTION_TRANSFERS_NOT_PEND |
                      NDIS_MAC_OPTION_NO_LOOPBACK | NDIS_MAC_OPTION_FULL_DUPLEX,
        .SupportedPacketFilters = SUPPORTED_PACKET_FILTERS,
        .MaxMulticastListSize = MULTICAST_LIST_LIMIT,
        .MacAddressLength = sizeof(Adapter->CurrentAddress),
        .AccessType = NET_IF_ACCESS_BROADCAST,
        .DirectionType = NET_IF_DIRECTION_SENDRECEIVE,
        .ConnectionType = NET_IF_CONNECTION_DEDICATED,
        .IfType = IF_TYPE_ETHERNET_CSMACD,
        .IfConnectorPresent = TRUE,
        .SupportedStatistics =
            NDIS_STATISTICS_XMIT_OK_SUPPORTED | NDIS_STATISTICS_RCV_OK_SUPPORTED |
            NDIS_STATISTICS_XMIT_ERROR_SUPPORTED | NDIS_STATISTICS_RCV_ERROR_SUPPORTED |
            NDIS_STATISTICS_RCV_NO_BUFFER_SUPPORTED | NDIS_STATISTICS_DIRECTED_BYTES_XMIT_SUPPORTED |
            NDIS_STATISTICS_DIRECTED_FRAMES_XMIT_SUPPORTED | NDIS_STATISTICS_MULTICAST_BYTES_XMIT_SUPPORTED |
            NDIS_STATISTICS_MULTICAST_FRAMES_XMIT_SUPPORTED | NDIS_STATISTICS_BROADCAST_BYTES_XMIT_SUPPORTED |
            NDIS_STATISTICS_BROADCAST_FRAMES_XMIT_SUPPORTED | NDIS_STATISTICS_DIRECTED_BYTES_RCV_SUPPORTED |
            NDIS_STATISTICS_DIRECTED_FRAMES_RCV_SUPPORTED | NDIS_STATISTICS_MULTICAST_BYTES_RCV_SUPPORTED |
            NDIS_STATISTICS_MULTICAST_FRAMES_RCV_SUPPORTED | NDIS_STATISTICS_BROADCAST_BYTES_RCV_SUPPORTED |
            NDIS_STATISTICS_BROADCAST_FRAMES_RCV_SUPPORTED | NDIS_STATISTICS_RCV_DISCARDS_SUPPORTED |
            NDIS_STATISTICS_XMIT_DISCARDS_SUPPORTED | NDIS_STATISTICS_BYTES_RCV_SUPPORTED |
            NDIS_STATISTICS_BYTES_XMIT_SUPPORTED,
        .SupportedPauseFunctions = NdisPauseFunctionsUnsupported,
        .AutoNegotiationFlags = NDIS_LINK_STATE_XMIT_LINK_SPEED_AUTO_NEGOTIATED |
                                NDIS_LINK_STATE_RCV_LINK_SPEED_AUTO_NEGOTIATED | NDIS_LINK_STATE_DUPLEX_AUTO_NEGOTIATED,
        .SupportedOidList = OidSupported,
        .SupportedOidListLength = OidSupportedSize,
        .PowerManagementCapabilitiesEx = &PmCapabilities
    };

    NdisMoveMemory(Attributes.PermanentMacAddress, Adapter->PermanentAddress, sizeof(Adapter->PermanentAddress));
    NdisMoveMemory(Attributes.CurrentMacAddress, Adapter->CurrentAddress, sizeof(Adapter->CurrentAddress));
    return NdisMSetMiniportAttributes(Adapter->Handle, (NDIS_MINIPORT_ADAPTER_ATTRIBUTES *)&Attributes);
}

_Use_decl_annotations_
NDIS_STATUS
AdapterInitialize(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE MiniportDriverContext,
                  PNDIS_MINIPORT_INIT_PARAMETERS MiniportInitParameters)
{
    ADAPTER *Adapter;
    NDIS_STATUS Status;

    UNREFERENCED_PARAMETER(MiniportDriverContext);
    UNREFERENCED_PARAMETER(MiniportInitParameters);

    Adapter =
        NdisAllocateMemoryWithTagPriority(MiniportAdapterHandle, sizeof(*Adapter), USBNET_TAG, NormalPoolPriority);
    if (!Adapter)
        return NDIS_STATUS_RESOURCES;
    NdisZeroMemory(Adapter, sizeof(*Adapter));
    Adapter->Handle = MiniportAdapterHandle;

    Status = SetRegistrationAttributes(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto FreeAdapter;
    Status = ReadKeywords(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto FreeAdapter;
    Status = LowerOpen(MiniportAdapterHandle, &Adapter->Lower);
    if (Status != NDIS_STATUS_SUCCESS)
        goto FreeAdapter;
    Status = DeviceConfigure(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto CloseLower;
    Adapter->RequestWorkItem = NdisAllocateIoWorkItem(MiniportAdapterHandle);
    Status = NDIS_STATUS_RESOURCES;
    if (!Adapter->RequestWorkItem)
        goto CloseLower;
    Status = LinkCreate(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto FreeWorkItem;
    /* A class may need its notifications to find out about the device. */
    LinkStart(Adapter);
    Status = DeviceRead(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto StopLink;
    Status = SetGeneralAttributes(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto StopLink;
    Status = ReceiveCreate(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto StopLink;
    Status = SendCreate(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto DeleteReceive;
    Status = DeviceStart(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        goto StopDevice;
    LinkAnnounce(Adapter);
    return NDIS_STATUS_SUCCESS;

StopDevice:
    LinkStop(Adapter);
    DeviceStop(Adapter);
    SendDelete(Adapter);
DeleteReceive:
    ReceiveDelete(Adapter);
StopLink:
    LinkStop(Adapter);
    LinkDelete(Adapter);
FreeWorkItem:
    NdisFreeIoWorkItem(Adapter->RequestWorkItem);
CloseLower:
    LowerClose(Adapter->Lower);
FreeAdapter:
    NdisFreeMemory(Adapter, 0, 0);
    return Status;
}

_Use_decl_annotations_
VOID
AdapterHalt(NDIS_HANDLE MiniportAdapterContext, NDIS_HALT_ACTION HaltAction)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;

    UNREFERENCED_PARAMETER(HaltAction);
    LinkStop(Adapter);
    DeviceStop(Adapter);
    SendDelete(Adapter);
    ReceiveDelete(Adapter);
    LinkDelete(Adapter);
    NdisFreeIoWorkItem(Adapter->RequestWorkItem);
    LowerClose(Adapter->Lower);
    NdisFreeMemory(Adapter, 0, 0);
}

_Use_decl_annotations_
NDIS_STATUS
AdapterPause(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_PAUSE_PARAMETERS PauseParameters)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;

    UNREFERENCED_PARAMETER(PauseParameters);
    SendStop(Adapter);
    ReceiveStop(Adapter);
    return NDIS_STATUS_SUCCESS;
}

_Use_decl_annotations_
NDIS_STATUS
AdapterRestart(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_RESTART_PARAMETERS RestartParameters)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;

    UNREFERENCED_PARAMETER(RestartParameters);
    SendStart(Adapter);
    ReceiveStart(Adapter);
    return NDIS_STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID
AdapterShutdown(NDIS_HANDLE MiniportAdapterContext, NDIS_SHUTDOWN_ACTION ShutdownAction)
{
    /* The bus resets the device; in a bug check no request could complete anyway. */
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(ShutdownAction);
}

_Use_decl_annotations_
NDIS_STATUS
AdapterReset(NDIS_HANDLE MiniportAdapterContext, PBOOLEAN AddressingReset)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;

    /* Both pipes are taken through abort and clear; filters and addresses in the device survive that. */
    *AddressingReset = FALSE;
    if (ReadNoFence(&Adapter->Removed))
        return NDIS_STATUS_HARD_ERRORS;
    InterlockedExchange(&Adapter->ResetPending, TRUE);
    LinkQueueWork(Adapter, LINK_REPAIR(LowerPipeOut) | LINK_REPAIR(LowerPipeIn));
    return NDIS_STATUS_PENDING;
}

_Use_decl_annotations_
VOID
AdapterPnPEvent(NDIS_HANDLE MiniportAdapterContext, PNET_DEVICE_PNP_EVENT NetDevicePnPEvent)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;

    if (NetDevicePnPEvent->DevicePnPEvent == NdisDevicePnPEventSurpriseRemoved)
        InterlockedExchange(&Adapter->Removed, TRUE);
}

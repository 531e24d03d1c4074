/*
 * loopnic: an NDIS 6.30 miniport with nothing below it. Every frame that is sent comes back as a received one with its
 * MAC addresses exchanged. It measures the NDIS layer alone: a send, its completion, a receive indication and its
 * return for each frame.
 */
#include <ndis.h>

#define LOOPNIC_TAG  'pooL'
#define FRAMES       512
#define MAX_FRAME    1514
#define FRAME_STRIDE 1536

typedef struct _ADAPTER {
    NDIS_HANDLE Handle;
    NDIS_HANDLE Pool;
    UCHAR *Memory;
    KSPIN_LOCK Lock; /* the following */
    NET_BUFFER_LIST *Free;
    ULONG Lost;
    ULONG PacketFilter;
} ADAPTER;

static NDIS_HANDLE DriverHandle;
static const UCHAR Address[6] = { 0x02, 'L', 'O', 'O', 'P', 0x01 };
static NDIS_OID SupportedOids[] = { OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_STATISTICS };

static NDIS_STATUS
SetAttributes(ADAPTER *Adapter)
{
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES Registration = {
        .Header = { .Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
                    .Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_2,
                    .Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_2 },
        .MiniportAdapterContext = Adapter,
        .AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_NDIS_WDM | NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK |
                          NDIS_MINIPORT_ATTRIBUTES_NO_HALT_ON_SUSPEND,
        .InterfaceType = NdisInterfacePNPBus
    };
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES General = {
        .Header = { .Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
                    .Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2,
                    .Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2 },
        .MediaType = NdisMedium802_3,
        .PhysicalMediumType = NdisPhysicalMedium802_3,
        .MtuSize = MAX_FRAME - 14,
        .MaxXmitLinkSpeed = 10000000000ULL,
        .XmitLinkSpeed = 10000000000ULL,
        .MaxRcvLinkSpeed = 10000000000ULL,
        .RcvLinkSpeed = 10000000000ULL,
        .MediaConnectState = MediaConnectStateConnected,
        .MediaDuplexState = MediaDuplexStateFull,
        .LookaheadSize = MAX_FRAME - 14,
        .MacOptions = NDIS_MAC_OPTION_NO_LOOPBACK,
        .SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST | NDIS_PACKET_TYPE_MULTICAST |
                                  NDIS_PACKET_TYPE_ALL_MULTICAST | NDIS_PACKET_TYPE_PROMISCUOUS,
        .MaxMulticastListSize = 32,
        .MacAddressLength = sizeof(Address),
        .AccessType = NET_IF_ACCESS_BROADCAST,
        .DirectionType = NET_IF_DIRECTION_SENDRECEIVE,
        .ConnectionType = NET_IF_CONNECTION_DEDICATED,
        .IfType = IF_TYPE_ETHERNET_CSMACD,
        .IfConnectorPresent = FALSE,
        .SupportedOidList = SupportedOids,
        .SupportedOidListLength = sizeof(SupportedOids)
    };
    NDIS_STATUS Status;

    NdisMoveMemory(General.PermanentMacAddress, Address, sizeof(Address));
    NdisMoveMemory(General.CurrentMacAddress, Address, sizeof(Address));
    Status = NdisMSetMiniportAttributes(Adapter->Handle, (NDIS_MINIPORT_ADAPTER_ATTRIBUTES *)&Registration);
    if (Status == NDIS_STATUS_SUCCESS)
        Status = NdisMSetMiniportAttributes(Adapter->Handle, (NDIS_MINIPORT_ADAPTER_ATTRIBUTES *)&General);
    return Status;
}

static VOID
DeleteAdapter(ADAPTER *Adapter)
{
    while (Adapter->Free) {
        NET_BUFFER_LIST *Frame = Adapter->Free;
        MDL *Mdl = NET_BUFFER_FIRST_MDL(NET_BUFFER_LIST_FIRST_NB(Frame));
        Adapter->Free = NET_BUFFER_LIST_NEXT_NBL(Frame);
        NdisFreeNetBufferList(Frame);
        NdisFreeMdl(Mdl);
    }
    if (Adapter->Pool)
        NdisFreeNetBufferListPool(Adapter->Pool);
    if (Adapter->Memory)
        NdisFreeMemory(Adapter->Memory, 0, 0);
    NdisFreeMemory(Adapter, 0, 0);
}

static BOOLEAN
CreateFrames(ADAPTER *Adapter)
{
    NET_BUFFER_LIST_POOL_PARAMETERS Parameters = {
        .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                    .Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                    .Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1 },
        .ProtocolId = NDIS_PROTOCOL_ID_DEFAULT,
        .fAllocateNetBuffer = TRUE,
        .PoolTag = LOOPNIC_TAG
    };

    Adapter->Pool = NdisAllocateNetBufferListPool(Adapter->Handle, &Parameters);
    Adapter->Memory =
        NdisAllocateMemoryWithTagPriority(Adapter->Handle, FRAMES * FRAME_STRIDE, LOOPNIC_TAG, NormalPoolPriority);
    if (!Adapter->Pool || !Adapter->Memory)
        return FALSE;
    for (ULONG i = 0; i < FRAMES; ++i) {
        MDL *Mdl = NdisAllocateMdl(Adapter->Handle, Adapter->Memory + i * FRAME_STRIDE, FRAME_STRIDE);
        NET_BUFFER_LIST *Frame = Mdl ? NdisAllocateNetBufferAndNetBufferList(Adapter->Pool, 0, 0, Mdl, 0, 0) : NULL;
        if (!Frame) {
            if (Mdl)
                NdisFreeMdl(Mdl);
            return FALSE;
        }
        Frame->SourceHandle = Adapter->Handle;
        NET_BUFFER_LIST_MINIPORT_RESERVED(Frame)[0] = Adapter->Memory + i * FRAME_STRIDE;
        NET_BUFFER_LIST_NEXT_NBL(Frame) = Adapter->Free;
        Adapter->Free = Frame;
    }
    return TRUE;
}

static MINIPORT_INITIALIZE Initialize;
_Use_decl_annotations_
static NDIS_STATUS
Initialize(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE MiniportDriverContext,
           PNDIS_MINIPORT_INIT_PARAMETERS MiniportInitParameters)
{
    ADAPTER *Adapter;
    NDIS_STATUS Status;

    UNREFERENCED_PARAMETER(MiniportDriverContext);
    UNREFERENCED_PARAMETER(MiniportInitParameters);
    Adapter =
        NdisAllocateMemoryWithTagPriority(MiniportAdapterHandle, sizeof(*Adapter), LOOPNIC_TAG, NormalPoolPriority);
    if (!Adapter)
        return NDIS_STATUS_RESOURCES;
    NdisZeroMemory(Adapter, sizeof(*Adapter));
    Adapter->Handle = MiniportAdapterHandle;
    KeInitializeSpinLock(&Adapter->Lock);
    Status = SetAttributes(Adapter);
    if (Status == NDIS_STATUS_SUCCESS && !CreateFrames(Adapter))
        Status = NDIS_STATUS_RESOURCES;
    if (Status != NDIS_STATUS_SUCCESS)
        DeleteAdapter(Adapter);
    return Status;
}

static MINIPORT_HALT Halt;
_Use_decl_annotations_
static VOID
Halt(NDIS_HANDLE MiniportAdapterContext, NDIS_HALT_ACTION HaltAction)
{
    UNREFERENCED_PARAMETER(HaltAction);
    DeleteAdapter((ADAPTER *)MiniportAdapterContext);
}

static MINIPORT_PAUSE Pause;
_Use_decl_annotations_
static NDIS_STATUS
Pause(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_PAUSE_PARAMETERS PauseParameters)
{
    /* Nothing is ever outstanding below: sends are completed, and frames indicated, inside MiniportSendNetBufferLists.
     */
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(PauseParameters);
    return NDIS_STATUS_SUCCESS;
}

static MINIPORT_RESTART Restart;
_Use_decl_annotations_
static NDIS_STATUS
Restart(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_RESTART_PARAMETERS RestartParameters)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(RestartParameters);
    return NDIS_STATUS_SUCCESS;
}

/* The frame, with its addresses exchanged, in a frame of our own. FALSE when it is too long or not in one piece. */
static FORCEINLINE BOOLEAN
CopyFrame(NET_BUFFER_LIST *Sent, NET_BUFFER_LIST *Frame)
{
    NET_BUFFER *From = NET_BUFFER_LIST_FIRST_NB(Sent), *To = NET_BUFFER_LIST_FIRST_NB(Frame);
    ULONG Length = NET_BUFFER_DATA_LENGTH(From);
    UCHAR *Data = (UCHAR *)NET_BUFFER_LIST_MINIPORT_RESERVED(Frame)[0];
    const UCHAR *Source;

    if (Length < 14 || Length > MAX_FRAME)
        return FALSE;
    Source = NdisGetDataBuffer(From, Length, NULL, 1, 0);
    if (!Source)
        return FALSE;
    NdisMoveMemory(Data, Source + 6, 6);
    NdisMoveMemory(Data + 6, Source, 6);
    NdisMoveMemory(Data + 12, Source + 12, Length - 12);
    NET_BUFFER_DATA_LENGTH(To) = Length;
    return TRUE;
}

static MINIPORT_SEND_NET_BUFFER_LISTS Send;
_Use_decl_annotations_
static VOID
Send(NDIS_HANDLE MiniportAdapterContext, PNET_BUFFER_LIST NetBufferLists, NDIS_PORT_NUMBER PortNumber, ULONG SendFlags)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;
    NET_BUFFER_LIST *Received = NULL, **End = &Received;
    BOOLEAN AtDispatch = NDIS_TEST_SEND_AT_DISPATCH_LEVEL(SendFlags);
    ULONG Count = 0;
    KIRQL Irql = DISPATCH_LEVEL;

    if (AtDispatch)
        KeAcquireSpinLockAtDpcLevel(&Adapter->Lock);
    else
        KeAcquireSpinLock(&Adapter->Lock, &Irql);
    *End = Adapter->Free;
    for (NET_BUFFER_LIST *List = NetBufferLists; List; List = NET_BUFFER_LIST_NEXT_NBL(List)) {
        NET_BUFFER_LIST_STATUS(List) = NDIS_STATUS_SUCCESS;
        if (*End && CopyFrame(List, *End)) {
            End = &NET_BUFFER_LIST_NEXT_NBL(*End);
            Count++;
        } else {
            Adapter->Lost++;
        }
    }
    Adapter->Free = *End;
    *End = NULL;
    if (AtDispatch)
        KeReleaseSpinLockFromDpcLevel(&Adapter->Lock);
    else
        KeReleaseSpinLock(&Adapter->Lock, Irql);

    NdisMSendNetBufferListsComplete(Adapter->Handle, NetBufferLists,
                                    AtDispatch ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0);
    if (Count)
        NdisMIndicateReceiveNetBufferLists(Adapter->Handle, Received, PortNumber, Count,
                                           AtDispatch ? NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL : 0);
}

static MINIPORT_RETURN_NET_BUFFER_LISTS Return;
_Use_decl_annotations_
static VOID
Return(NDIS_HANDLE MiniportAdapterContext, PNET_BUFFER_LIST NetBufferLists, ULONG ReturnFlags)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;
    NET_BUFFER_LIST *Last = NetBufferLists;
    KIRQL Irql;

    UNREFERENCED_PARAMETER(ReturnFlags);
    while (NET_BUFFER_LIST_NEXT_NBL(Last))
        Last = NET_BUFFER_LIST_NEXT_NBL(Last);
    KeAcquireSpinLock(&Adapter->Lock, &Irql);
    NET_BUFFER_LIST_NEXT_NBL(Last) = Adapter->Free;
    Adapter->Free = NetBufferLists;
    KeReleaseSpinLock(&Adapter->Lock, Irql);
}

static MINIPORT_OID_REQUEST OidRequest;
_Use_decl_annotations_
static NDIS_STATUS
OidRequest(NDIS_HANDLE MiniportAdapterContext, PNDIS_OID_REQUEST Request)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;

    if (Request->RequestType == NdisRequestSetInformation &&
        Request->DATA.SET_INFORMATION.Oid == OID_GEN_CURRENT_PACKET_FILTER &&
        Request->DATA.SET_INFORMATION.InformationBufferLength >= sizeof(ULONG)) {
        Adapter->PacketFilter = *(ULONG *)Request->DATA.SET_INFORMATION.InformationBuffer;
        Request->DATA.SET_INFORMATION.BytesRead = sizeof(ULONG);
        return NDIS_STATUS_SUCCESS;
    }
    return NDIS_STATUS_NOT_SUPPORTED;
}

static MINIPORT_CANCEL_SEND CancelSend;
_Use_decl_annotations_
static VOID
CancelSend(NDIS_HANDLE MiniportAdapterContext, PVOID CancelId)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(CancelId);
}

static MINIPORT_CANCEL_OID_REQUEST CancelOid;
_Use_decl_annotations_
static VOID
CancelOid(NDIS_HANDLE MiniportAdapterContext, PVOID RequestId)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(RequestId);
}

static MINIPORT_DEVICE_PNP_EVENT_NOTIFY PnPEvent;
_Use_decl_annotations_
static VOID
PnPEvent(NDIS_HANDLE MiniportAdapterContext, PNET_DEVICE_PNP_EVENT NetDevicePnPEvent)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(NetDevicePnPEvent);
}

static MINIPORT_SHUTDOWN Shutdown;
_Use_decl_annotations_
static VOID
Shutdown(NDIS_HANDLE MiniportAdapterContext, NDIS_SHUTDOWN_ACTION ShutdownAction)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(ShutdownAction);
}

static MINIPORT_UNLOAD Unload;
_Use_decl_annotations_
static VOID
Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    NdisMDeregisterMiniportDriver(DriverHandle);
}

DRIVER_INITIALIZE DriverEntry;
_Use_decl_annotations_
NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS Characteristics = {
        .Header = { .Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
                    .Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
                    .Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2 },
        .MajorNdisVersion = NDIS_MINIPORT_MAJOR_VERSION,
        .MinorNdisVersion = NDIS_MINIPORT_MINOR_VERSION,
        .MajorDriverVersion = 1,
        .InitializeHandlerEx = Initialize,
        .HaltHandlerEx = Halt,
        .UnloadHandler = Unload,
        .PauseHandler = Pause,
        .RestartHandler = Restart,
        .OidRequestHandler = OidRequest,
        .SendNetBufferListsHandler = Send,
        .ReturnNetBufferListsHandler = Return,
        .CancelSendHandler = CancelSend,
        .DevicePnPEventNotifyHandler = PnPEvent,
        .ShutdownHandlerEx = Shutdown,
        .CancelOidRequestHandler = CancelOid
    };

    ExInitializeDriverRuntime(DrvRtPoolNxOptIn);
    return NdisMRegisterMiniportDriver(DriverObject, RegistryPath, NULL, &Characteristics, &DriverHandle);
}

/*
 * Receive path. Several reads wait at the bulk IN pipe. A block that arrives is indicated in place: each datagram
 * becomes a NET_BUFFER_LIST whose data is its part of the block's MDL, and the buffer is read into again when the
 * protocols have returned the last of them. When few buffers are left at the device, the protocols are asked to copy
 * instead.
 */
#include "usbnet.h"

#define READ_BATCH 32 /* datagrams found in a block at a time */

static VOID
SubmitRead(RECEIVE_BUFFER *Buffer)
{
    LowerSubmit(Buffer->Transfer, Buffer->Adapter->InSize);
}

/* With the lock held: nothing is left at the device or with the protocols after a stop. */
static VOID
CheckDone(ADAPTER *Adapter)
{
    if (!Adapter->ReceiveRunning && Adapter->ReceiveReadingCount == 0 && Adapter->ReceiveLentCount == 0)
        KeSetEvent(&Adapter->ReceiveDone, IO_NO_INCREMENT, FALSE);
}

/* A buffer that is idle, or has come back, is read into again while the adapter runs. */
static VOID
ReadOrRest(RECEIVE_BUFFER *Buffer)
{
    ADAPTER *Adapter = Buffer->Adapter;
    BOOLEAN Read;

    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    if (Buffer->State == ReceiveLent)
        Adapter->ReceiveLentCount--;
    Read = Adapter->ReceiveRunning && !ReadNoFence(&Adapter->Removed);
    Buffer->State = Read ? ReceiveReading : ReceiveIdle;
    if (Read)
        Adapter->ReceiveReadingCount++;
    else
        CheckDone(Adapter);
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
    if (Read)
        SubmitRead(Buffer);
}

/* The free frames, for one block; what it does not use goes back with PutFrames. */
static NET_BUFFER_LIST *
TakeFrames(ADAPTER *Adapter)
{
    NET_BUFFER_LIST *Frames;

    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    Frames = Adapter->ReceiveFrames;
    Adapter->ReceiveFrames = NULL;
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
    return Frames;
}

/* With the lock held: the frames from First to Last are free. */
static VOID
PutFrames(ADAPTER *Adapter, NET_BUFFER_LIST *First, NET_BUFFER_LIST *Last)
{
    NET_BUFFER_LIST_NEXT_NBL(Last) = Adapter->ReceiveFrames;
    Adapter->ReceiveFrames = First;
}

/* With the lock held: what a block did not use of the frames that it took. */
static VOID
PutRest(ADAPTER *Adapter, NET_BUFFER_LIST *Rest)
{
    NET_BUFFER_LIST *Last = Rest;

    if (!Adapter->ReceiveFrames) {
        Adapter->ReceiveFrames = Rest;
    } else if (Rest) {
        /* Others have come back in the meantime. */
        while (NET_BUFFER_LIST_NEXT_NBL(Last))
            Last = NET_BUFFER_LIST_NEXT_NBL(Last);
        PutFrames(Adapter, Rest, Last);
    }
}

static NET_BUFFER_LIST *
CreateFrame(ADAPTER *Adapter)
{
    NET_BUFFER_LIST *Frame = NdisAllocateNetBufferAndNetBufferList(Adapter->ReceivePool, 0, 0, NULL, 0, 0);

    if (Frame)
        Frame->SourceHandle = Adapter->Handle;
    return Frame;
}

/*
 * Lays a frame over a datagram. Whatever the protocols changed in it when it was last theirs is undone: the place of
 * the data, and of the out-of-band information what describes a received Ethernet frame.
 */
static FORCEINLINE VOID
LayFrame(NET_BUFFER_LIST *Frame, RECEIVE_BUFFER *Buffer, const DATAGRAM *Datagram)
{
    NET_BUFFER *NetBuffer = NET_BUFFER_LIST_FIRST_NB(Frame);

    NET_BUFFER_FIRST_MDL(NetBuffer) = Buffer->Mdl;
    NET_BUFFER_CURRENT_MDL(NetBuffer) = Buffer->Mdl;
    NET_BUFFER_CURRENT_MDL_OFFSET(NetBuffer) = Datagram->Offset;
    NET_BUFFER_DATA_OFFSET(NetBuffer) = Datagram->Offset;
    NET_BUFFER_DATA_LENGTH(NetBuffer) = Datagram->Length;
    NET_BUFFER_LIST_MINIPORT_RESERVED(Frame)[0] = Buffer;
    NET_BUFFER_LIST_FLAGS(Frame) = 0;
    NET_BUFFER_LIST_STATUS(Frame) = NDIS_STATUS_SUCCESS;
    NET_BUFFER_LIST_INFO(Frame, TcpIpChecksumNetBufferListInfo) = NULL;
    NET_BUFFER_LIST_INFO(Frame, Ieee8021QNetBufferListInfo) = NULL;
    NET_BUFFER_LIST_INFO(Frame, NetBufferListFrameType) = NULL;
    NET_BUFFER_LIST_INFO(Frame, NetBufferListHashInfo) = NULL;
    NET_BUFFER_LIST_INFO(Frame, NetBufferListHashValue) = NULL;
    NET_BUFFER_LIST_INFO(Frame, NetBufferListFilteringInfo) = NULL;
}

static DECLSPEC_NOINLINE BOOLEAN
IsInMulticastList(ADAPTER *Adapter, const UCHAR *Address)
{
    BOOLEAN Found = FALSE;

    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    for (ULONG i = 0; i < Adapter->MulticastCount && !Found; ++i)
        Found = NdisEqualMemory(Adapter->MulticastList[i], Address, 6);
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
    return Found;
}

/* The packet filter, which not every device applies. */
static FORCEINLINE BOOLEAN
AcceptFrame(ADAPTER *Adapter, ULONG Filter, const UCHAR *Frame, FRAME_KIND Kind)
{
    if (Filter & NDIS_PACKET_TYPE_PROMISCUOUS)
        return TRUE;
    switch (Kind) {
    case FrameUnicast:
        return (Filter & NDIS_PACKET_TYPE_DIRECTED) && NdisEqualMemory(Frame, Adapter->CurrentAddress, 6);
    case FrameBroadcast:
        return (Filter & NDIS_PACKET_TYPE_BROADCAST) != 0;
    default:
        return (Filter & NDIS_PACKET_TYPE_ALL_MULTICAST) ||
               ((Filter & NDIS_PACKET_TYPE_MULTICAST) && IsInMulticastList(Adapter, Frame));
    }
}

/* The datagrams of a block as the first Count of a chain of frames, which is made longer when it is too short. */
static ULONG
ReadBlock(RECEIVE_BUFFER *Buffer, ULONG Length, NET_BUFFER_LIST **Frames, NET_BUFFER_LIST **Last, TRAFFIC *Traffic)
{
    ADAPTER *Adapter = Buffer->Adapter;
    ULONG Filter = ReadULongNoFence(&Adapter->PacketFilter);
    NET_BUFFER_LIST **Next = Frames;
    const FRAMING *Framing = Adapter->Framing;
    DATAGRAM Datagrams[READ_BATCH];
    BLOCK_READER Reader;
    BLOCK_READ Read;
    ULONG Count = 0, Found;

    if (!Framing->ReaderStart(&Reader, Buffer->Data, Length)) {
        Traffic->Errors++;
        return 0;
    }
    do {
        Read = Framing->ReaderNext(&Reader, Datagrams, READ_BATCH, &Found);
        for (ULONG i = 0; i < Found; ++i) {
            const DATAGRAM *Datagram = &Datagrams[i];
            const UCHAR *Frame = Buffer->Data + Datagram->Offset;
            FRAME_KIND Kind = FrameKind(Frame);
            if (Datagram->Length > Adapter->MaxFrameSize) {
                Traffic->Errors++;
                continue;
            }
            if (!AcceptFrame(Adapter, Filter, Frame, Kind))
                continue;
            TrafficCount(Traffic, Kind, Datagram->Length);
            if (!*Next && !(*Next = CreateFrame(Adapter))) {
                Traffic->Discards++;
                continue;
            }
            LayFrame(*Next, Buffer, Datagram);
            *Last = *Next;
            Next = &NET_BUFFER_LIST_NEXT_NBL(*Next);
            Count++;
        }
    } while (Read == BlockReadDatagram);
    if (Read == BlockReadMalformed)
        Traffic->Errors++;
    return Count;
}

static VOID
ReleaseFrames(RECEIVE_BUFFER *Buffer, LONG Count)
{
    if (InterlockedExchangeAdd(&Buffer->Lent, -Count) == Count)
        ReadOrRest(Buffer);
}

static VOID
ReadFailed(RECEIVE_BUFFER *Buffer, NTSTATUS Status)
{
    ADAPTER *Adapter = Buffer->Adapter;
    BOOLEAN Repair;

    DeviceFailed(Adapter, Status);
    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    Buffer->State = ReceiveIdle;
    Adapter->ReceiveReadingCount--;
    Adapter->Received.Errors += Status != STATUS_CANCELLED && !ReadNoFence(&Adapter->Removed);
    Adapter->ReceiveErrors++;
    /*
     * An abort that halts the pipe cancels the other reads too, and a repair starts all of them again. Without a halt
     * the read is tried again at once, but not for ever.
     */
    Repair = Adapter->ReceiveRunning && !ReadNoFence(&Adapter->Removed) && Status != STATUS_CANCELLED;
    if (Repair && Status != STATUS_DEVICE_DATA_ERROR && Adapter->ReceiveErrors < RECEIVE_ERROR_LIMIT) {
        Buffer->State = ReceiveReading;
        Adapter->ReceiveReadingCount++;
        NdisReleaseSpinLock(&Adapter->ReceiveLock);
        SubmitRead(Buffer);
        return;
    }
    CheckDone(Adapter);
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
    if (Repair)
        LinkQueueWork(Adapter, LINK_REPAIR(LowerPipeIn));
}

static LOWER_COMPLETE ReadComplete;
static VOID
ReadComplete(VOID *Context, NTSTATUS Status, ULONG Length)
{
    RECEIVE_BUFFER *Buffer = (RECEIVE_BUFFER *)Context;
    ADAPTER *Adapter = Buffer->Adapter;
    NET_BUFFER_LIST *Frames, *Last = NULL, *Rest;
    TRAFFIC Traffic = { 0 };
    ULONG Count;
    BOOLEAN Copy;

    if (!NT_SUCCESS(Status)) {
        ReadFailed(Buffer, Status);
        return;
    }
    Frames = TakeFrames(Adapter);
    Count = Length != 0 ? ReadBlock(Buffer, Length, &Frames, &Last, &Traffic) : 0;
    Rest = Frames;
    if (Count != 0) {
        Rest = NET_BUFFER_LIST_NEXT_NBL(Last);
        NET_BUFFER_LIST_NEXT_NBL(Last) = NULL;
    }

    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    PutRest(Adapter, Rest);
    Adapter->ReceiveErrors = 0;
    Buffer->State = ReceiveLent;
    Adapter->ReceiveReadingCount--;
    Adapter->ReceiveLentCount++;
    Copy = Adapter->ReceiveReadingCount < RECEIVE_BUFFERS_RESERVE;
    /* Pausing: what has arrived since is dropped. */
    if (Adapter->ReceiveRunning) {
        TrafficAdd(&Adapter->Received, &Traffic);
    } else if (Count != 0) {
        PutFrames(Adapter, Frames, Last);
        Count = 0;
    }
    NdisReleaseSpinLock(&Adapter->ReceiveLock);

    if (Count == 0) {
        ReadOrRest(Buffer);
    } else if (Copy) {
        NdisMIndicateReceiveNetBufferLists(Adapter->Handle, Frames, NDIS_DEFAULT_PORT_NUMBER, Count,
                                           NDIS_RECEIVE_FLAGS_RESOURCES);
        /* The protocols have kept the chain as it was ("ProtocolReceiveNetBufferLists"). */
        NdisAcquireSpinLock(&Adapter->ReceiveLock);
        PutFrames(Adapter, Frames, Last);
        NdisReleaseSpinLock(&Adapter->ReceiveLock);
        ReadOrRest(Buffer);
    } else {
        Buffer->Lent = (LONG)Count + 1;
        NdisMIndicateReceiveNetBufferLists(Adapter->Handle, Frames, NDIS_DEFAULT_PORT_NUMBER, Count, 0);
        ReleaseFrames(Buffer, 1);
    }
}

_Use_decl_annotations_
VOID
ReceiveReturn(NDIS_HANDLE MiniportAdapterContext, PNET_BUFFER_LIST NetBufferLists, ULONG ReturnFlags)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;

    UNREFERENCED_PARAMETER(ReturnFlags);
    while (NetBufferLists) {
        NET_BUFFER_LIST *First = NetBufferLists, *Last;
        RECEIVE_BUFFER *Buffer = NET_BUFFER_LIST_MINIPORT_RESERVED(First)[0];
        LONG Count = 0;
        /* Datagrams of one block mostly come back together: one interlocked operation for all of them. */
        do {
            Last = NetBufferLists;
            NetBufferLists = NET_BUFFER_LIST_NEXT_NBL(Last);
            Count++;
        } while (NetBufferLists && NET_BUFFER_LIST_MINIPORT_RESERVED(NetBufferLists)[0] == Buffer);
        NdisAcquireSpinLock(&Adapter->ReceiveLock);
        PutFrames(Adapter, First, Last);
        NdisReleaseSpinLock(&Adapter->ReceiveLock);
        ReleaseFrames(Buffer, Count);
    }
}

VOID
ReceiveResume(ADAPTER *Adapter)
{
    for (ULONG i = 0; i < Adapter->ReceiveBufferCount; ++i) {
        RECEIVE_BUFFER *Buffer = &Adapter->ReceiveBuffers[i];
        BOOLEAN Read;

        NdisAcquireSpinLock(&Adapter->ReceiveLock);
        Read = Adapter->ReceiveRunning && !ReadNoFence(&Adapter->Removed) && Buffer->State == ReceiveIdle;
        if (Read) {
            Buffer->State = ReceiveReading;
            Adapter->ReceiveReadingCount++;
        }
        NdisReleaseSpinLock(&Adapter->ReceiveLock);
        if (Read)
            SubmitRead(Buffer);
    }
}

VOID
ReceiveStart(ADAPTER *Adapter)
{
    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    KeClearEvent(&Adapter->ReceiveDone);
    Adapter->ReceiveRunning = TRUE;
    Adapter->ReceiveErrors = 0;
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
    ReceiveResume(Adapter);
}

VOID
ReceiveStop(ADAPTER *Adapter)
{
    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    Adapter->ReceiveRunning = FALSE;
    CheckDone(Adapter);
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
    LowerAbortUntil(Adapter->Lower, LowerPipeIn, &Adapter->ReceiveDone);
}

NDIS_STATUS
ReceiveCreate(ADAPTER *Adapter)
{
    NET_BUFFER_LIST_POOL_PARAMETERS Parameters = {
        .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                    .Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                    .Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1 },
        .ProtocolId = NDIS_PROTOCOL_ID_DEFAULT,
        .fAllocateNetBuffer = TRUE,
        .PoolTag = USBNET_TAG
    };

    NdisAllocateSpinLock(&Adapter->ReceiveLock);
    KeInitializeEvent(&Adapter->ReceiveDone, NotificationEvent, TRUE);
    Adapter->ReceivePool = NdisAllocateNetBufferListPool(Adapter->Handle, &Parameters);
    if (!Adapter->ReceivePool)
        goto Fail;
    for (ULONG i = 0; i < Adapter->ReceiveBufferCount; ++i) {
        RECEIVE_BUFFER *Buffer = &Adapter->ReceiveBuffers[i];
        Buffer->Adapter = Adapter;
        Buffer->Data =
            NdisAllocateMemoryWithTagPriority(Adapter->Handle, Adapter->InSize, USBNET_TAG, NormalPoolPriority);
        if (!Buffer->Data)
            goto Fail;
        Buffer->Mdl = NdisAllocateMdl(Adapter->Handle, Buffer->Data, Adapter->InSize);
        if (!Buffer->Mdl || !NT_SUCCESS(LowerCreateTransfer(Adapter->Lower, LowerPipeIn, Buffer->Data, Adapter->InSize,
                                                            ReadComplete, Buffer, &Buffer->Transfer)))
            goto Fail;
    }
    return NDIS_STATUS_SUCCESS;

Fail:
    ReceiveDelete(Adapter);
    return NDIS_STATUS_RESOURCES;
}

VOID
ReceiveDelete(ADAPTER *Adapter)
{
    for (ULONG i = 0; i < Adapter->ReceiveBufferCount; ++i) {
        RECEIVE_BUFFER *Buffer = &Adapter->ReceiveBuffers[i];
        LowerDeleteTransfer(Buffer->Transfer);
        if (Buffer->Mdl)
            NdisFreeMdl(Buffer->Mdl);
        if (Buffer->Data)
            NdisFreeMemory(Buffer->Data, 0, 0);
        NdisZeroMemory(Buffer, sizeof(*Buffer));
    }
    while (Adapter->ReceiveFrames) {
        NET_BUFFER_LIST *Frame = Adapter->ReceiveFrames;
        Adapter->ReceiveFrames = NET_BUFFER_LIST_NEXT_NBL(Frame);
        NdisFreeNetBufferList(Frame);
    }
    if (Adapter->ReceivePool)
        NdisFreeNetBufferListPool(Adapter->ReceivePool);
    NdisFreeSpinLock(&Adapter->ReceiveLock);
}

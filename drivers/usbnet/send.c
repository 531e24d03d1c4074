/*
 * Transmit path. NET_BUFFER_LISTs wait in a queue; whenever a transmit buffer is idle it takes as many datagrams as fit
 * and goes to the bulk OUT pipe as one block. A slow pipe thus makes large blocks, and an idle one adds no delay. A
 * list is completed with the block that carries its last datagram.
 */
#include "usbnet.h"

#define STOP_PATIENCE_MS 1000
#define FILL_BATCH       32 /* datagrams placed in a block at a time */

/* Of a list whose block has failed. */
static NDIS_STATUS
SendStatus(NTSTATUS Status)
{
    return Status == STATUS_CANCELLED ? NDIS_STATUS_SEND_ABORTED : NDIS_STATUS_FAILURE;
}

/* Why nothing can be sent. With the lock held. */
static NDIS_STATUS
StateStatus(ADAPTER *Adapter)
{
    if (!Adapter->SendRunning)
        return NDIS_STATUS_PAUSED;
    if (ReadNoFence(&Adapter->Removed) || !ReadNoFence(&Adapter->Connected))
        return NDIS_STATUS_MEDIA_DISCONNECTED;
    return NDIS_STATUS_SUCCESS;
}

/* Why a list cannot be sent at all. */
static FORCEINLINE NDIS_STATUS
ListStatus(const NET_BUFFER_LIST *NetBufferList, ULONG MaxFrameSize)
{
    const NET_BUFFER *NetBuffer = NET_BUFFER_LIST_FIRST_NB(NetBufferList);

    if (!NetBuffer)
        return NDIS_STATUS_INVALID_DATA;
    do {
        ULONG Length = NET_BUFFER_DATA_LENGTH(NetBuffer);
        if (Length < ETHERNET_HEADER_LENGTH || Length > MaxFrameSize)
            return NDIS_STATUS_INVALID_LENGTH;
        NetBuffer = NET_BUFFER_NEXT_NB(NetBuffer);
    } while (NetBuffer);
    return NDIS_STATUS_SUCCESS;
}

static FORCEINLINE BOOLEAN
CopyFrame(NET_BUFFER *NetBuffer, UCHAR *Destination)
{
    MDL *Mdl = NET_BUFFER_CURRENT_MDL(NetBuffer);
    ULONG Offset = NET_BUFFER_CURRENT_MDL_OFFSET(NetBuffer);
    ULONG Left = NET_BUFFER_DATA_LENGTH(NetBuffer);

    for (; Left; Mdl = Mdl->Next, Offset = 0) {
        UCHAR *Source;
        ULONG Length;
        if (!Mdl)
            return FALSE;
        Source = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority | MdlMappingNoExecute);
        if (!Source)
            return FALSE;
        Length = Smaller(MmGetMdlByteCount(Mdl) - Offset, Left);
        NdisMoveMemory(Destination, Source + Offset, Length);
        Destination += Length;
        Left -= Length;
    }
    return TRUE;
}

/* The datagram behind one: of the same list, or the first of the next. */
static FORCEINLINE NET_BUFFER *
NextDatagram(NET_BUFFER_LIST **List, NET_BUFFER *NetBuffer)
{
    NetBuffer = NET_BUFFER_NEXT_NB(NetBuffer);
    if (!NetBuffer) {
        *List = NET_BUFFER_LIST_NEXT_NBL(*List);
        NetBuffer = *List ? NET_BUFFER_LIST_FIRST_NB(*List) : NULL;
    }
    return NetBuffer;
}

/*
 * Moves datagrams from the queue into a block until it is full. The result is its length; lock held. The lists that end
 * in it are the first ones of the queue, and stay the chain that they are.
 */
static ULONG
FillBlock(ADAPTER *Adapter, TRANSMIT_BUFFER *Buffer)
{
    const FRAMING *Framing = Adapter->Framing;
    NET_BUFFER_LIST *List = Adapter->SendHead, *Last = NULL;
    NET_BUFFER *NetBuffer = Adapter->SendNext;
    ULONG Lengths[FILL_BATCH], Count, Placed;
    UCHAR *Places[FILL_BATCH];
    BLOCK_WRITER Writer;

    NdisZeroMemory(&Buffer->Traffic, sizeof(Buffer->Traffic));
    Framing->WriterStart(&Writer, Adapter, Buffer->Data, Buffer->Datagrams);

    do {
        NET_BUFFER_LIST *Ahead = List;
        NET_BUFFER *Datagram = NetBuffer;
        for (Count = 0; Count < FILL_BATCH && Datagram; Datagram = NextDatagram(&Ahead, Datagram))
            Lengths[Count++] = NET_BUFFER_DATA_LENGTH(Datagram);
        Placed = Framing->WriterReserve(&Writer, Lengths, Count, Places);
        for (ULONG i = 0; i < Placed; ++i) {
            NET_BUFFER_LIST *Of = List;
            if (CopyFrame(NetBuffer, Places[i])) {
                TrafficCount(&Buffer->Traffic, FrameKind(Places[i]), Lengths[i]);
            } else {
                /* The space is taken already: a frame of zeros goes nowhere. */
                NdisZeroMemory(Places[i], Lengths[i]);
                NET_BUFFER_LIST_STATUS(List) = NDIS_STATUS_RESOURCES;
                Buffer->Traffic.Discards++;
            }
            NetBuffer = NextDatagram(&List, NetBuffer);
            if (List != Of)
                Last = Of;
        }
    } while (NetBuffer && Placed == Count);

    Buffer->Completes = Last ? Adapter->SendHead : NULL;
    if (Last)
        NET_BUFFER_LIST_NEXT_NBL(Last) = NULL;
    Adapter->SendHead = List;
    Adapter->SendNext = NetBuffer;
    if (!List)
        Adapter->SendTail = &Adapter->SendHead;
    return Framing->WriterFinish(&Writer, Adapter->SendSequence++, Adapter->OutMaxPacket);
}

/*
 * Fills and submits blocks while there are datagrams and idle buffers. The lock is held, and given up for each
 * submission; hence no NDIS_SPIN_LOCK, which would keep the caller's IRQL in itself for another processor to overwrite.
 */
static VOID
Pump(ADAPTER *Adapter)
{
    if (Adapter->SendPumping)
        return;
    Adapter->SendPumping = TRUE;
    while (Adapter->SendHead && Adapter->TransmitIdle) {
        TRANSMIT_BUFFER *Buffer = Adapter->TransmitIdle;
        BOOLEAN IsFull;
        ULONG Length;
        Adapter->TransmitIdle = Buffer->Next;
        Adapter->TransmitBusy++;
        Length = FillBlock(Adapter, Buffer);
        IsFull = Buffer->EmptyPacket && Length % Adapter->OutMaxPacket == 0;
        Buffer->Status = STATUS_SUCCESS;
        Buffer->Pending = IsFull ? 2 : 1;
        KeReleaseSpinLockFromDpcLevel(&Adapter->SendLock);
        LowerSubmit(Buffer->Transfer, Length);
        if (IsFull)
            LowerSubmit(Buffer->EmptyPacket, 0);
        KeAcquireSpinLockAtDpcLevel(&Adapter->SendLock);
    }
    Adapter->SendPumping = FALSE;
}

/* Of a block and the empty packet behind it, the last that ends is told from the other; *Status becomes that of both.
 */
static BOOLEAN
IsLastOf(TRANSMIT_BUFFER *Buffer, NTSTATUS *Status)
{
    ADAPTER *Adapter = Buffer->Adapter;
    BOOLEAN IsLast;
    KIRQL Irql;

    KeAcquireSpinLock(&Adapter->SendLock, &Irql);
    if (NT_SUCCESS(Buffer->Status))
        Buffer->Status = *Status;
    *Status = Buffer->Status;
    IsLast = --Buffer->Pending == 0;
    KeReleaseSpinLock(&Adapter->SendLock, Irql);
    return IsLast;
}

static LOWER_COMPLETE WriteComplete;
static VOID
WriteComplete(VOID *Context, NTSTATUS Status, ULONG Length)
{
    TRANSMIT_BUFFER *Buffer = (TRANSMIT_BUFFER *)Context;
    ADAPTER *Adapter = Buffer->Adapter;
    NET_BUFFER_LIST *Completes = Buffer->Completes;
    KIRQL Irql;

    UNREFERENCED_PARAMETER(Length);
    DeviceFailed(Adapter, Status);
    if (Buffer->EmptyPacket && !IsLastOf(Buffer, &Status))
        return;
    for (NET_BUFFER_LIST *List = NT_SUCCESS(Status) ? NULL : Completes; List; List = NET_BUFFER_LIST_NEXT_NBL(List)) {
        if (NET_BUFFER_LIST_STATUS(List) == NDIS_STATUS_SUCCESS)
            NET_BUFFER_LIST_STATUS(List) = SendStatus(Status);
    }

    KeAcquireSpinLock(&Adapter->SendLock, &Irql);
    if (NT_SUCCESS(Status)) {
        TrafficAdd(&Adapter->Sent, &Buffer->Traffic);
    } else {
        Adapter->Sent.Errors += TrafficFrames(&Buffer->Traffic);
        Adapter->Sent.Discards += Buffer->Traffic.Discards;
    }
    Buffer->Next = Adapter->TransmitIdle;
    Adapter->TransmitIdle = Buffer;
    Adapter->TransmitBusy--;
    if (NT_SUCCESS(Status))
        Pump(Adapter);
    KeReleaseSpinLock(&Adapter->SendLock, Irql);

    if (Completes)
        NdisMSendNetBufferListsComplete(Adapter->Handle, Completes, 0);
    if (!NT_SUCCESS(Status)) {
        if (Status != STATUS_CANCELLED)
            LinkQueueWork(Adapter, LINK_REPAIR(LowerPipeOut));
        KeAcquireSpinLock(&Adapter->SendLock, &Irql);
        Pump(Adapter);
        KeReleaseSpinLock(&Adapter->SendLock, Irql);
    }

    KeAcquireSpinLock(&Adapter->SendLock, &Irql);
    if (!Adapter->SendRunning && Adapter->TransmitBusy == 0)
        KeSetEvent(&Adapter->SendIdle, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&Adapter->SendLock, Irql);
}

_Use_decl_annotations_
VOID
Send(NDIS_HANDLE MiniportAdapterContext, PNET_BUFFER_LIST NetBufferLists, NDIS_PORT_NUMBER PortNumber, ULONG SendFlags)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;
    NET_BUFFER_LIST *Refused = NULL, **RefusedEnd = &Refused, **Tail;
    ULONG MaxFrameSize = Adapter->MaxFrameSize;
    NDIS_STATUS State;
    BOOLEAN AtDispatch = NDIS_TEST_SEND_AT_DISPATCH_LEVEL(SendFlags);
    KIRQL Irql = DISPATCH_LEVEL;

    UNREFERENCED_PARAMETER(PortNumber);
    if (AtDispatch)
        KeAcquireSpinLockAtDpcLevel(&Adapter->SendLock);
    else
        KeAcquireSpinLock(&Adapter->SendLock, &Irql);
    State = StateStatus(Adapter);
    Tail = Adapter->SendTail;
    for (NET_BUFFER_LIST *List = NetBufferLists; List; List = NET_BUFFER_LIST_NEXT_NBL(List)) {
        NDIS_STATUS Status = State == NDIS_STATUS_SUCCESS ? ListStatus(List, MaxFrameSize) : State;
        NET_BUFFER_LIST_STATUS(List) = Status;
        if (Status == NDIS_STATUS_SUCCESS) {
            *Tail = List;
            Tail = &NET_BUFFER_LIST_NEXT_NBL(List);
        } else {
            Adapter->Sent.Discards++;
            *RefusedEnd = List;
            RefusedEnd = &NET_BUFFER_LIST_NEXT_NBL(List);
        }
    }
    *Tail = NULL;
    *RefusedEnd = NULL;
    Adapter->SendTail = Tail;
    if (!Adapter->SendNext && Adapter->SendHead)
        Adapter->SendNext = NET_BUFFER_LIST_FIRST_NB(Adapter->SendHead);
    Pump(Adapter);
    if (AtDispatch)
        KeReleaseSpinLockFromDpcLevel(&Adapter->SendLock);
    else
        KeReleaseSpinLock(&Adapter->SendLock, Irql);

    if (Refused)
        NdisMSendNetBufferListsComplete(Adapter->Handle, Refused,
                                        AtDispatch ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0);
}

/* Takes from the queue the lists that Match selects and that no block carries a part of yet. */
static NET_BUFFER_LIST *
TakeQueued(ADAPTER *Adapter, PVOID CancelId, BOOLEAN All, NDIS_STATUS Status)
{
    NET_BUFFER_LIST *Taken = NULL, **TakenEnd = &Taken, **Link;
    KIRQL Irql;

    KeAcquireSpinLock(&Adapter->SendLock, &Irql);
    for (Link = &Adapter->SendHead; *Link;) {
        NET_BUFFER_LIST *List = *Link;
        BOOLEAN Begun = List == Adapter->SendHead && Adapter->SendNext != NET_BUFFER_LIST_FIRST_NB(List);
        if (!All && (Begun || NDIS_GET_NET_BUFFER_LIST_CANCEL_ID(List) != CancelId)) {
            Link = &NET_BUFFER_LIST_NEXT_NBL(List);
            continue;
        }
        *Link = NET_BUFFER_LIST_NEXT_NBL(List);
        NET_BUFFER_LIST_NEXT_NBL(List) = NULL;
        NET_BUFFER_LIST_STATUS(List) = Status;
        Adapter->Sent.Discards++;
        *TakenEnd = List;
        TakenEnd = &NET_BUFFER_LIST_NEXT_NBL(List);
        if (Link == &Adapter->SendHead)
            Adapter->SendNext = *Link ? NET_BUFFER_LIST_FIRST_NB(*Link) : NULL;
    }
    Adapter->SendTail = Link;
    KeReleaseSpinLock(&Adapter->SendLock, Irql);
    return Taken;
}

_Use_decl_annotations_
VOID
SendCancel(NDIS_HANDLE MiniportAdapterContext, PVOID CancelId)
{
    ADAPTER *Adapter = (ADAPTER *)MiniportAdapterContext;
    NET_BUFFER_LIST *Taken = TakeQueued(Adapter, CancelId, FALSE, NDIS_STATUS_SEND_ABORTED);

    if (Taken)
        NdisMSendNetBufferListsComplete(Adapter->Handle, Taken, 0);
}

VOID
SendStart(ADAPTER *Adapter)
{
    KIRQL Irql;

    KeAcquireSpinLock(&Adapter->SendLock, &Irql);
    KeClearEvent(&Adapter->SendIdle);
    Adapter->SendRunning = TRUE;
    KeReleaseSpinLock(&Adapter->SendLock, Irql);
}

VOID
SendStop(ADAPTER *Adapter)
{
    LARGE_INTEGER Patience = { .QuadPart = -10000LL * STOP_PATIENCE_MS };
    NET_BUFFER_LIST *Taken;
    KIRQL Irql;

    KeAcquireSpinLock(&Adapter->SendLock, &Irql);
    Adapter->SendRunning = FALSE;
    if (Adapter->TransmitBusy == 0)
        KeSetEvent(&Adapter->SendIdle, IO_NO_INCREMENT, FALSE);
    KeReleaseSpinLock(&Adapter->SendLock, Irql);

    Taken = TakeQueued(Adapter, NULL, TRUE, NDIS_STATUS_PAUSED);
    if (Taken)
        NdisMSendNetBufferListsComplete(Adapter->Handle, Taken, 0);

    /* What is at the device is given the time to leave; a device that takes nothing any more does not hold up a pause.
     */
    if (KeWaitForSingleObject(&Adapter->SendIdle, Executive, KernelMode, FALSE, &Patience) == STATUS_TIMEOUT)
        LowerAbortUntil(Adapter->Lower, LowerPipeOut, &Adapter->SendIdle);
}

NDIS_STATUS
SendCreate(ADAPTER *Adapter)
{
    KeInitializeSpinLock(&Adapter->SendLock);
    KeInitializeEvent(&Adapter->SendIdle, NotificationEvent, TRUE);
    Adapter->SendTail = &Adapter->SendHead;
    Adapter->TransmitMaxDatagrams = Smaller(TRANSMIT_MAX_DATAGRAMS, Adapter->OutSize / ETHERNET_HEADER_LENGTH);
    for (ULONG i = 0; i < Adapter->TransmitBufferCount; ++i) {
        TRANSMIT_BUFFER *Buffer = &Adapter->TransmitBuffers[i];
        Buffer->Adapter = Adapter;
        Buffer->Data =
            NdisAllocateMemoryWithTagPriority(Adapter->Handle, Adapter->OutSize, USBNET_TAG, NormalPoolPriority);
        Buffer->Datagrams = NdisAllocateMemoryWithTagPriority(
            Adapter->Handle, Adapter->TransmitMaxDatagrams * sizeof(*Buffer->Datagrams), USBNET_TAG,
            NormalPoolPriority);
        if (!Buffer->Data || !Buffer->Datagrams ||
            !NT_SUCCESS(LowerCreateTransfer(Adapter->Lower, LowerPipeOut, Buffer->Data, Adapter->OutSize, WriteComplete,
                                            Buffer, &Buffer->Transfer)) ||
            (Adapter->Framing->EndsWithEmptyPacket &&
             !NT_SUCCESS(LowerCreateTransfer(Adapter->Lower, LowerPipeOut, Buffer->Data, Adapter->OutSize,
                                             WriteComplete, Buffer, &Buffer->EmptyPacket)))) {
            SendDelete(Adapter);
            return NDIS_STATUS_RESOURCES;
        }
        Buffer->Next = Adapter->TransmitIdle;
        Adapter->TransmitIdle = Buffer;
    }
    return NDIS_STATUS_SUCCESS;
}

VOID
SendDelete(ADAPTER *Adapter)
{
    for (ULONG i = 0; i < Adapter->TransmitBufferCount; ++i) {
        TRANSMIT_BUFFER *Buffer = &Adapter->TransmitBuffers[i];
        LowerDeleteTransfer(Buffer->EmptyPacket);
        LowerDeleteTransfer(Buffer->Transfer);
        if (Buffer->Datagrams)
            NdisFreeMemory(Buffer->Datagrams, 0, 0);
        if (Buffer->Data)
            NdisFreeMemory(Buffer->Data, 0, 0);
        NdisZeroMemory(Buffer, sizeof(*Buffer));
    }
}

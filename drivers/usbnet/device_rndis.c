/*
 * Remote NDIS devices: the control channel, on which the host and the device exchange messages through class requests
 * and the interrupt pipe, and what of NDIS goes over it: filters, link state, reset, keep-alive.
 *
 * One exchange at a time has the channel. What the device sends of itself meanwhile is taken by the exchange that reads
 * it; at other times the work item of link.c fetches it.
 */
#include "usbnet.h"

#define CONTROL_TIMEOUT_MS    10000 /* ControlTimeoutPeriod of Remote NDIS over USB */
#define KEEPALIVE_PERIOD_MS   5000  /* KeepAliveTimeoutPeriod */
#define POLL_INTERVAL_MS      100   /* a lost notification costs that much */
#define MAX_UNASKED           32    /* messages that are fetched in a row without anyone having asked */
#define LINK_SPEED_UNIT       100   /* bit/s, of OID_GEN_LINK_SPEED */
#define MIN_PAYLOAD           576
#define PACKET_HEADER         44
#define RECEIVE_SIZE          16384 /* the most that the documentation lets a host ask a full-speed device for */
#define OID_MEDIA_CONNECTED   0
#define MULTICAST_LIST_LENGTH (sizeof(((ADAPTER *)NULL)->MulticastList))

C_ASSERT(MULTICAST_LIST_LENGTH <= RNDIS_CONTROL_LENGTH - RNDIS_REQUEST_HEADER);

static VOID
Acquire(RNDIS_CHANNEL *Channel)
{
    KeWaitForSingleObject(&Channel->Free, Executive, KernelMode, FALSE, NULL);
}

static VOID
Release(RNDIS_CHANNEL *Channel)
{
    KeSetEvent(&Channel->Free, IO_NO_INCREMENT, FALSE);
}

static VOID
RndisResponseAvailable(ADAPTER *Adapter)
{
    if (ReadAcquire(&Adapter->Rndis.Waiting))
        KeSetEvent(&Adapter->Rndis.Available, IO_NO_INCREMENT, FALSE);
    else
        LinkQueueWork(Adapter, LINK_SERVE);
}

/* What the device says without having been asked. */
static VOID
TakeUnasked(ADAPTER *Adapter, const RNDIS_MESSAGE *Message)
{
    UCHAR Reply[16];

    if (Message->Type == RNDIS_KEEPALIVE_MSG) {
        ULONG Length = RndisWriteKeepAliveComplete(Reply, Message->RequestId);
        DeviceSet(Adapter, RNDIS_SEND_ENCAPSULATED_COMMAND, 0, Reply, Length);
    } else if (Message->Type == RNDIS_INDICATE_STATUS_MSG && Message->Status == RNDIS_STATUS_MEDIA_CONNECT) {
        Adapter->Rndis.SpeedUnknown = TRUE;
        LinkSetConnected(Adapter, TRUE);
    } else if (Message->Type == RNDIS_INDICATE_STATUS_MSG && Message->Status == RNDIS_STATUS_MEDIA_DISCONNECT) {
        LinkSetConnected(Adapter, FALSE);
    }
}

/* Fetches one message; FALSE when the device has none. The channel is acquired. */
static BOOLEAN
Fetch(ADAPTER *Adapter, RNDIS_MESSAGE *Message)
{
    ULONG Length = sizeof(Adapter->Rndis.Answer);
    NTSTATUS Status = DeviceRequest(Adapter, TRUE, RNDIS_GET_ENCAPSULATED_RESPONSE, 0, Adapter->Rndis.Answer, &Length);

    /* A device without a message should answer a zero, but some stall. */
    if (!NT_SUCCESS(Status) || !RndisParse(Adapter->Rndis.Answer, Length, Message))
        return FALSE;
    InterlockedExchange(&Adapter->Rndis.Heard, TRUE);
    return TRUE;
}

static BOOLEAN
IsAnswer(const RNDIS_MESSAGE *Message, ULONG Type, ULONG RequestId)
{
    if (Message->Type != (Type | RNDIS_COMPLETION))
        return FALSE;
    return Type == RNDIS_RESET_MSG || Message->RequestId == RequestId;
}

static NTSTATUS
AwaitAnswer(ADAPTER *Adapter, ULONG Type, ULONG RequestId, RNDIS_MESSAGE *Message)
{
    LARGE_INTEGER Interval = { .QuadPart = -10000LL * POLL_INTERVAL_MS };

    for (ULONG Waited = 0; Waited < CONTROL_TIMEOUT_MS;) {
        if (KeWaitForSingleObject(&Adapter->Rndis.Available, Executive, KernelMode, FALSE, &Interval) == STATUS_TIMEOUT)
            Waited += POLL_INTERVAL_MS;
        else
            Waited++; /* notifications without an end must not be waited for without an end */
        while (Fetch(Adapter, Message)) {
            if (IsAnswer(Message, Type, RequestId))
                return STATUS_SUCCESS;
            TakeUnasked(Adapter, Message);
            if (++Waited >= CONTROL_TIMEOUT_MS)
                break;
        }
        if (ReadNoFence(&Adapter->Removed))
            return STATUS_DEVICE_NOT_CONNECTED;
    }
    return STATUS_IO_TIMEOUT;
}

/* Sends the message of Length bytes in Command and waits for the answer. The channel is acquired. */
static NTSTATUS
Exchange(ADAPTER *Adapter, ULONG Length, RNDIS_MESSAGE *Message)
{
    RNDIS_CHANNEL *Channel = &Adapter->Rndis;
    NTSTATUS Status;

    KeClearEvent(&Channel->Available);
    InterlockedExchange(&Channel->Waiting, TRUE);
    Status = DeviceSet(Adapter, RNDIS_SEND_ENCAPSULATED_COMMAND, 0, Channel->Command, Length);
    if (NT_SUCCESS(Status))
        Status = AwaitAnswer(Adapter, Get32(Channel->Command), Channel->RequestId, Message);
    InterlockedExchange(&Channel->Waiting, FALSE);
    if (KeReadStateEvent(&Channel->Available))
        LinkQueueWork(Adapter, LINK_SERVE);
    if (!NT_SUCCESS(Status))
        return Status;
    return Message->Status == RNDIS_STATUS_SUCCESS ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static NTSTATUS
Query(ADAPTER *Adapter, NDIS_OID Oid, VOID *Information, ULONG Length)
{
    RNDIS_CHANNEL *Channel = &Adapter->Rndis;
    RNDIS_MESSAGE Message;
    NTSTATUS Status;

    Acquire(Channel);
    Status = Exchange(Adapter, RndisWriteQuery(Channel->Command, ++Channel->RequestId, Oid), &Message);
    if (NT_SUCCESS(Status) && Message.Query.Length < Length)
        Status = STATUS_DEVICE_PROTOCOL_ERROR;
    if (NT_SUCCESS(Status))
        NdisMoveMemory(Information, Channel->Answer + Message.Query.Offset, Length);
    Release(Channel);
    return Status;
}

static NTSTATUS
QueryNumber(ADAPTER *Adapter, NDIS_OID Oid, ULONG *Number)
{
    return Query(Adapter, Oid, Number, sizeof(*Number));
}

static NTSTATUS
Set(ADAPTER *Adapter, NDIS_OID Oid, const VOID *Information, ULONG Length)
{
    RNDIS_CHANNEL *Channel = &Adapter->Rndis;
    RNDIS_MESSAGE Message;
    NTSTATUS Status;

    Acquire(Channel);
    Status =
        Exchange(Adapter, RndisWriteSet(Channel->Command, ++Channel->RequestId, Oid, Information, Length), &Message);
    Release(Channel);
    return Status;
}

static NDIS_STATUS
Initialize(ADAPTER *Adapter)
{
    RNDIS_CHANNEL *Channel = &Adapter->Rndis;
    RNDIS_MESSAGE Message;
    NTSTATUS Status;

    Acquire(Channel);
    Status = Exchange(Adapter, RndisWriteInitialize(Channel->Command, ++Channel->RequestId, RECEIVE_SIZE), &Message);
    Channel->Initialized = NT_SUCCESS(Status);
    Release(Channel);
    if (!NT_SUCCESS(Status))
        return DeviceRefuse("the device does not answer INITIALIZE as an Ethernet device of Remote NDIS", Status);
    Channel->MaxPackets = Message.Initialize.MaxPackets;
    Channel->Alignment = Message.Initialize.Alignment;
    Adapter->InSize = RECEIVE_SIZE;
    Adapter->OutSize = Smaller(Message.Initialize.MaxTransferSize, TRANSMIT_MAX_SIZE);
    return NDIS_STATUS_SUCCESS;
}

static KDEFERRED_ROUTINE KeepAliveDue;
_Use_decl_annotations_
static VOID
KeepAliveDue(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    LinkQueueWork((ADAPTER *)DeferredContext, LINK_KEEP_ALIVE);
}

static NDIS_STATUS
RndisRead(ADAPTER *Adapter)
{
    RNDIS_CHANNEL *Channel = &Adapter->Rndis;
    ULONG Payload;
    NDIS_STATUS Status;

    KeInitializeEvent(&Channel->Free, SynchronizationEvent, TRUE);
    KeInitializeEvent(&Channel->Available, SynchronizationEvent, FALSE);
    KeInitializeTimer(&Channel->KeepAliveTimer);
    KeInitializeDpc(&Channel->KeepAliveDpc, KeepAliveDue, Adapter);
    Status = Initialize(Adapter);
    if (Status != NDIS_STATUS_SUCCESS)
        return Status;
    Status = Query(Adapter, OID_802_3_PERMANENT_ADDRESS, Adapter->PermanentAddress, sizeof(Adapter->PermanentAddress));
    if (!NT_SUCCESS(Status) || (Adapter->PermanentAddress[0] & 1))
        return DeviceRefuse("OID_802_3_PERMANENT_ADDRESS is no Ethernet address", STATUS_DEVICE_PROTOCOL_ERROR);
    if (!NT_SUCCESS(QueryNumber(Adapter, OID_GEN_MAXIMUM_FRAME_SIZE, &Payload)) || Payload > MAX_ETHERNET_PAYLOAD)
        Payload = MAX_ETHERNET_PAYLOAD;
    if (!NT_SUCCESS(QueryNumber(Adapter, OID_802_3_MAXIMUM_LIST_SIZE, &Channel->MulticastLimit)))
        Channel->MulticastLimit = 0;
    if (Payload < MIN_PAYLOAD || Adapter->OutSize < PACKET_HEADER + ETHERNET_HEADER_LENGTH + Payload)
        return DeviceRefuse("no message that the device takes has room for a whole frame",
                            STATUS_DEVICE_CONFIGURATION_ERROR);
    Adapter->MaxFrameSize = ETHERNET_HEADER_LENGTH + Payload;
    return NDIS_STATUS_SUCCESS;
}

static VOID
ReadSpeed(ADAPTER *Adapter)
{
    ULONG Speed;

    Adapter->Rndis.SpeedUnknown = FALSE;
    if (NT_SUCCESS(QueryNumber(Adapter, OID_GEN_LINK_SPEED, &Speed)))
        LinkSetSpeed(Adapter, (ULONG64)Speed * LINK_SPEED_UNIT, (ULONG64)Speed * LINK_SPEED_UNIT);
}

static NDIS_STATUS
RndisStart(ADAPTER *Adapter)
{
    LARGE_INTEGER Due = { .QuadPart = -10000LL * KEEPALIVE_PERIOD_MS };
    ULONG State, OldOutSize = Adapter->OutSize;
    NDIS_STATUS Status;

    /* After a halt, which a sleep brings, the device begins anew; buffers keep the size that they were made with. */
    if (!Adapter->Rndis.Initialized) {
        Status = Initialize(Adapter);
        if (Status != NDIS_STATUS_SUCCESS)
            return Status;
        if (Adapter->OutSize < OldOutSize)
            return DeviceRefuse("the device takes less than before", STATUS_DEVICE_CONFIGURATION_ERROR);
        Adapter->OutSize = OldOutSize;
    }
    ReadSpeed(Adapter);
    if (!NT_SUCCESS(QueryNumber(Adapter, OID_GEN_MEDIA_CONNECT_STATUS, &State)))
        State = OID_MEDIA_CONNECTED;
    LinkSetConnected(Adapter, State == OID_MEDIA_CONNECTED);
    KeSetTimerEx(&Adapter->Rndis.KeepAliveTimer, Due, KEEPALIVE_PERIOD_MS, &Adapter->Rndis.KeepAliveDpc);
    return ReadNoFence(&Adapter->Removed) ? NDIS_STATUS_ADAPTER_REMOVED : NDIS_STATUS_SUCCESS;
}

static VOID
RndisStop(ADAPTER *Adapter)
{
    RNDIS_CHANNEL *Channel = &Adapter->Rndis;

    KeCancelTimer(&Channel->KeepAliveTimer);
    KeFlushQueuedDpcs();
    /* There is no answer to a HALT. */
    Acquire(Channel);
    if (Channel->Initialized && !ReadNoFence(&Adapter->Removed))
        DeviceSet(Adapter, RNDIS_SEND_ENCAPSULATED_COMMAND, 0, Channel->Command,
                  RndisWriteHalt(Channel->Command, ++Channel->RequestId));
    Channel->Initialized = FALSE;
    Release(Channel);
}

/* The bits of an NDIS packet filter are those of Remote NDIS. */
static NDIS_STATUS
RndisSetPacketFilter(ADAPTER *Adapter)
{
    ULONG Filter = Adapter->PacketFilter;

    if ((Filter & NDIS_PACKET_TYPE_MULTICAST) && Adapter->MulticastCount > Adapter->Rndis.MulticastLimit)
        Filter = (Filter & ~NDIS_PACKET_TYPE_MULTICAST) | NDIS_PACKET_TYPE_ALL_MULTICAST;
    return Set(Adapter, OID_GEN_CURRENT_PACKET_FILTER, &Filter, sizeof(Filter));
}

static NDIS_STATUS
RndisSetMulticast(ADAPTER *Adapter)
{
    /* A device that does not take the list, although it has room for it, is asked for all multicast frames. */
    if (Adapter->MulticastCount <= Adapter->Rndis.MulticastLimit &&
        !NT_SUCCESS(Set(Adapter, OID_802_3_MULTICAST_LIST, Adapter->MulticastList,
                        Adapter->MulticastCount * sizeof(Adapter->MulticastList[0]))))
        Adapter->Rndis.MulticastLimit = 0;
    return RndisSetPacketFilter(Adapter);
}

static NDIS_STATUS
RndisReset(ADAPTER *Adapter, BOOLEAN *AddressingReset)
{
    RNDIS_CHANNEL *Channel = &Adapter->Rndis;
    RNDIS_MESSAGE Message;
    NTSTATUS Status;

    Acquire(Channel);
    Status = Exchange(Adapter, RndisWriteReset(Channel->Command), &Message);
    Release(Channel);
    *AddressingReset = NT_SUCCESS(Status) && Message.AddressingReset;
    return Status;
}

static VOID
RndisServe(ADAPTER *Adapter)
{
    RNDIS_MESSAGE Message;

    Acquire(&Adapter->Rndis);
    for (ULONG i = 0; i < MAX_UNASKED && Fetch(Adapter, &Message); ++i)
        TakeUnasked(Adapter, &Message);
    Release(&Adapter->Rndis);
    if (Adapter->Rndis.SpeedUnknown)
        ReadSpeed(Adapter);
}

/* A device that is silent is asked whether it lives; one that does not, or says no, is reset. */
static VOID
RndisKeepAlive(ADAPTER *Adapter)
{
    RNDIS_CHANNEL *Channel = &Adapter->Rndis;
    ULONG64 Frames, Before = Channel->FramesHeard;
    RNDIS_MESSAGE Message;
    BOOLEAN AddressingReset;
    NTSTATUS Status;

    NdisAcquireSpinLock(&Adapter->ReceiveLock);
    Frames = TrafficFrames(&Adapter->Received);
    NdisReleaseSpinLock(&Adapter->ReceiveLock);
    Channel->FramesHeard = Frames;
    if (InterlockedExchange(&Channel->Heard, FALSE) || Frames != Before)
        return;
    Acquire(Channel);
    Status = Exchange(Adapter, RndisWriteKeepAlive(Channel->Command, ++Channel->RequestId), &Message);
    Release(Channel);
    if (NT_SUCCESS(Status) || ReadNoFence(&Adapter->Removed))
        return;
    Status = RndisReset(Adapter, &AddressingReset);
    if (NT_SUCCESS(Status) && AddressingReset)
        Status = RndisSetMulticast(Adapter);
    if (!NT_SUCCESS(Status)) {
        DeviceRefuse("the device answers neither KEEPALIVE nor RESET", Status);
        LinkSetConnected(Adapter, FALSE);
    }
}

static BOOLEAN
ReaderStart(BLOCK_READER *Reader, const UCHAR *Buffer, ULONG Length)
{
    return RndisReaderStart(&Reader->Rndis, Buffer, Length);
}

static BLOCK_READ
ReaderNext(BLOCK_READER *Reader, DATAGRAM *Datagrams, ULONG Max, ULONG *Count)
{
    BLOCK_READ Read = BlockReadDatagram;

    for (*Count = 0; *Count < Max; ++*Count) {
        Read = RndisReaderNext(&Reader->Rndis, &Datagrams[*Count]);
        if (Read != BlockReadDatagram)
            break;
    }
    return Read;
}

static VOID
WriterStart(BLOCK_WRITER *Writer, const ADAPTER *Adapter, UCHAR *Buffer, DATAGRAM *Datagrams)
{
    UNREFERENCED_PARAMETER(Datagrams);
    RndisWriterStart(&Writer->Rndis, Buffer, Adapter->OutSize, Adapter->Rndis.MaxPackets, Adapter->Rndis.Alignment);
}

static ULONG
WriterReserve(BLOCK_WRITER *Writer, const ULONG *Lengths, ULONG Count, UCHAR **Places)
{
    ULONG Placed = 0;

    while (Placed < Count && (Places[Placed] = RndisWriterReserve(&Writer->Rndis, Lengths[Placed])) != NULL)
        ++Placed;
    return Placed;
}

static ULONG
WriterFinish(BLOCK_WRITER *Writer, USHORT Sequence, ULONG MaxPacketSize)
{
    UNREFERENCED_PARAMETER(Sequence);
    return RndisWriterFinish(&Writer->Rndis, MaxPacketSize);
}

const FRAMING RndisFraming = { .Read = RndisRead,
                               .Start = RndisStart,
                               .Stop = RndisStop,
                               .SetPacketFilter = RndisSetPacketFilter,
                               .SetMulticast = RndisSetMulticast,
                               .Reset = RndisReset,
                               .Serve = RndisServe,
                               .KeepAlive = RndisKeepAlive,
                               .ResponseAvailable = RndisResponseAvailable,
                               .ReaderStart = ReaderStart,
                               .ReaderNext = ReaderNext,
                               .WriterStart = WriterStart,
                               .WriterReserve = WriterReserve,
                               .WriterFinish = WriterFinish };

/*
 * Remote NDIS messages. See rndis.h. Offsets in a message count from its third field, at OFFSET_BASE.
 */
#include "rndis.h"
#include "util.h"

#define OFFSET_BASE          8
#define MESSAGE_HEADER       8
#define RNDIS_MAJOR_VERSION  1
#define RNDIS_MINOR_VERSION  0
#define MEDIUM_802_3         0
#define MAX_ALIGNMENT_FACTOR 7

#define LENGTH_INITIALIZE          24
#define LENGTH_INITIALIZE_COMPLETE 52
#define LENGTH_HALT                12
#define LENGTH_RESET               12
#define LENGTH_RESET_COMPLETE      16
#define LENGTH_KEEPALIVE           12
#define LENGTH_KEEPALIVE_COMPLETE  16
#define LENGTH_QUERY_COMPLETE      24
#define LENGTH_SET_COMPLETE        16
#define LENGTH_INDICATE_STATUS     20
#define LENGTH_PACKET              44
#define LENGTH_NOTIFICATION        8

static ULONG
WriteHeader(UCHAR *Buffer, ULONG Type, ULONG Length, ULONG Third)
{
    Put32(Buffer, Type);
    Put32(Buffer + 4, Length);
    Put32(Buffer + 8, Third);
    return Length;
}

ULONG
RndisWriteInitialize(UCHAR *Buffer, ULONG RequestId, ULONG MaxTransferSize)
{
    Put32(Buffer + 12, RNDIS_MAJOR_VERSION);
    Put32(Buffer + 16, RNDIS_MINOR_VERSION);
    Put32(Buffer + 20, MaxTransferSize);
    return WriteHeader(Buffer, RNDIS_INITIALIZE_MSG, LENGTH_INITIALIZE, RequestId);
}

ULONG
RndisWriteHalt(UCHAR *Buffer, ULONG RequestId)
{
    return WriteHeader(Buffer, RNDIS_HALT_MSG, LENGTH_HALT, RequestId);
}

ULONG
RndisWriteReset(UCHAR *Buffer)
{
    return WriteHeader(Buffer, RNDIS_RESET_MSG, LENGTH_RESET, 0);
}

ULONG
RndisWriteKeepAlive(UCHAR *Buffer, ULONG RequestId)
{
    return WriteHeader(Buffer, RNDIS_KEEPALIVE_MSG, LENGTH_KEEPALIVE, RequestId);
}

ULONG
RndisWriteKeepAliveComplete(UCHAR *Buffer, ULONG RequestId)
{
    Put32(Buffer + 12, RNDIS_STATUS_SUCCESS);
    return WriteHeader(Buffer, RNDIS_KEEPALIVE_MSG | RNDIS_COMPLETION, LENGTH_KEEPALIVE_COMPLETE, RequestId);
}

static ULONG
WriteRequest(UCHAR *Buffer, ULONG Type, ULONG RequestId, NDIS_OID Oid, const VOID *Information, ULONG Length)
{
    Put32(Buffer + 12, Oid);
    Put32(Buffer + 16, Length);
    Put32(Buffer + 20, Length ? RNDIS_REQUEST_HEADER - OFFSET_BASE : 0);
    Put32(Buffer + 24, 0);
    if (Length)
        NdisMoveMemory(Buffer + RNDIS_REQUEST_HEADER, Information, Length);
    return WriteHeader(Buffer, Type, RNDIS_REQUEST_HEADER + Length, RequestId);
}

ULONG
RndisWriteQuery(UCHAR *Buffer, ULONG RequestId, NDIS_OID Oid)
{
    return WriteRequest(Buffer, RNDIS_QUERY_MSG, RequestId, Oid, NULL, 0);
}

ULONG
RndisWriteSet(UCHAR *Buffer, ULONG RequestId, NDIS_OID Oid, const VOID *Information, ULONG Length)
{
    return WriteRequest(Buffer, RNDIS_SET_MSG, RequestId, Oid, Information, Length);
}

static BOOLEAN
ParseInitialize(const UCHAR *Bytes, RNDIS_MESSAGE *Message)
{
    ULONG Factor = Get32(Bytes + 40);

    Message->Initialize.Medium = Get32(Bytes + 28);
    Message->Initialize.MaxPackets = Get32(Bytes + 32);
    Message->Initialize.MaxTransferSize = Get32(Bytes + 36);
    if (Message->Initialize.MaxPackets == 0)
        Message->Initialize.MaxPackets = 1;
    /* The factor is a power of two; one that is out of bounds is taken for the largest, which suits the smaller ones.
     */
    Message->Initialize.Alignment = 1u << (Factor <= MAX_ALIGNMENT_FACTOR ? Factor : MAX_ALIGNMENT_FACTOR);
    return Message->Initialize.Medium == MEDIUM_802_3;
}

static BOOLEAN
ParseQuery(const UCHAR *Bytes, ULONG Length, RNDIS_MESSAGE *Message)
{
    ULONG InformationLength = Get32(Bytes + 16), Offset = Get32(Bytes + 20);

    if (InformationLength != 0 && (Offset > Length - OFFSET_BASE || InformationLength > Length - OFFSET_BASE - Offset))
        return FALSE;
    Message->Query.Offset = InformationLength != 0 ? OFFSET_BASE + Offset : 0;
    Message->Query.Length = InformationLength;
    return TRUE;
}

/* The least length of a message of this type, or 0 when the device may not send it. */
static ULONG
MinLength(ULONG Type)
{
    switch (Type) {
    case RNDIS_INITIALIZE_MSG | RNDIS_COMPLETION:
        return LENGTH_INITIALIZE_COMPLETE;
    case RNDIS_QUERY_MSG | RNDIS_COMPLETION:
        return LENGTH_QUERY_COMPLETE;
    case RNDIS_SET_MSG | RNDIS_COMPLETION:
        return LENGTH_SET_COMPLETE;
    case RNDIS_RESET_MSG | RNDIS_COMPLETION:
        return LENGTH_RESET_COMPLETE;
    case RNDIS_KEEPALIVE_MSG | RNDIS_COMPLETION:
        return LENGTH_KEEPALIVE_COMPLETE;
    case RNDIS_KEEPALIVE_MSG:
        return LENGTH_KEEPALIVE;
    case RNDIS_INDICATE_STATUS_MSG:
        return LENGTH_INDICATE_STATUS;
    default:
        return 0;
    }
}

BOOLEAN
RndisParse(const UCHAR *Bytes, ULONG Length, RNDIS_MESSAGE *Message)
{
    ULONG MessageLength, Least;

    NdisZeroMemory(Message, sizeof(*Message));
    if (Length < MESSAGE_HEADER)
        return FALSE;
    Message->Type = Get32(Bytes);
    MessageLength = Get32(Bytes + 4);
    Least = MinLength(Message->Type);
    if (Least == 0 || MessageLength < Least || MessageLength > Length)
        return FALSE;

    switch (Message->Type) {
    case RNDIS_INDICATE_STATUS_MSG:
        Message->Status = Get32(Bytes + 8);
        return TRUE;
    case RNDIS_RESET_MSG | RNDIS_COMPLETION:
        Message->Status = Get32(Bytes + 8);
        Message->AddressingReset = Get32(Bytes + 12) != 0;
        return TRUE;
    case RNDIS_KEEPALIVE_MSG:
        Message->RequestId = Get32(Bytes + 8);
        return TRUE;
    default:
        Message->RequestId = Get32(Bytes + 8);
        Message->Status = Get32(Bytes + 12);
        break;
    }
    if (Message->Status != RNDIS_STATUS_SUCCESS)
        return TRUE;
    if (Message->Type == (RNDIS_INITIALIZE_MSG | RNDIS_COMPLETION))
        return ParseInitialize(Bytes, Message);
    if (Message->Type == (RNDIS_QUERY_MSG | RNDIS_COMPLETION))
        return ParseQuery(Bytes, MessageLength, Message);
    return TRUE;
}

BOOLEAN
RndisIsResponseAvailable(const UCHAR *Notification, ULONG Length)
{
    return Length >= LENGTH_NOTIFICATION && Get32(Notification) == 1;
}

BOOLEAN
RndisReaderStart(RNDIS_READER *Reader, const UCHAR *Buffer, ULONG Length)
{
    Reader->Buffer = Buffer;
    Reader->Length = Length;
    Reader->Offset = 0;
    return Length >= LENGTH_PACKET;
}

/* TRUE when a part of a message, at Offset from its third field, lies behind the header and inside the message. */
static BOOLEAN
IsInside(ULONG Offset, ULONG Length, ULONG MessageLength)
{
    ULONG End = MessageLength - OFFSET_BASE;

    return Offset >= LENGTH_PACKET - OFFSET_BASE && Offset <= End && Length <= End - Offset;
}

/* The one place where a packet message is checked. Out-of-band data and per-packet information are walked past. */
static BLOCK_READ
ReadPacket(const UCHAR *Message, ULONG MessageLength, DATAGRAM *Datagram)
{
    ULONG DataOffset = Get32(Message + 8), DataLength = Get32(Message + 12);
    ULONG OutOfBandOffset = Get32(Message + 16), OutOfBandLength = Get32(Message + 20);
    ULONG InfoOffset = Get32(Message + 28), InfoLength = Get32(Message + 32);

    if (!IsInside(DataOffset, DataLength, MessageLength) || DataLength < ETHERNET_HEADER_LENGTH)
        return BlockReadMalformed;
    if (OutOfBandLength != 0 && !IsInside(OutOfBandOffset, OutOfBandLength, MessageLength))
        return BlockReadMalformed;
    if (InfoLength != 0 && !IsInside(InfoOffset, InfoLength, MessageLength))
        return BlockReadMalformed;
    Datagram->Offset = OFFSET_BASE + DataOffset;
    Datagram->Length = DataLength;
    return BlockReadDatagram;
}

BLOCK_READ
RndisReaderNext(RNDIS_READER *Reader, DATAGRAM *Datagram)
{
    const UCHAR *Message = Reader->Buffer + Reader->Offset;
    ULONG Left = Reader->Length - Reader->Offset, MessageLength, Begin = Reader->Offset;
    BLOCK_READ Read;

    /* What is shorter than a header, or has no type, pads the transfer. */
    if (Left < MESSAGE_HEADER || Get32(Message) == 0)
        return BlockReadEnd;
    MessageLength = Get32(Message + 4);
    if (Get32(Message) != RNDIS_PACKET_MSG || MessageLength < LENGTH_PACKET || MessageLength > Left)
        return BlockReadMalformed;
    Reader->Offset += MessageLength;
    Read = ReadPacket(Message, MessageLength, Datagram);
    if (Read == BlockReadDatagram)
        Datagram->Offset += Begin;
    return Read;
}

VOID
RndisWriterStart(RNDIS_WRITER *Writer, UCHAR *Buffer, ULONG Capacity, ULONG MaxPackets, ULONG Alignment)
{
    Writer->Buffer = Buffer;
    Writer->Capacity = Capacity;
    Writer->Alignment = Alignment;
    Writer->MaxPackets = MaxPackets;
    Writer->Count = 0;
    Writer->Last = 0;
    Writer->Length = 0;
}

UCHAR *
RndisWriterReserve(RNDIS_WRITER *Writer, ULONG Length)
{
    ULONG Begin = AlignUp(Writer->Length, Writer->Alignment);
    UCHAR *Message;

    if (Writer->Count == Writer->MaxPackets || Length > Writer->Capacity || Begin > Writer->Capacity - Length ||
        LENGTH_PACKET > Writer->Capacity - Length - Begin)
        return NULL;
    if (Writer->Count != 0) {
        /* The message before it takes the padding into its length. */
        Put32(Writer->Buffer + Writer->Last + 4, Begin - Writer->Last);
        NdisZeroMemory(Writer->Buffer + Writer->Length, Begin - Writer->Length);
    }
    Message = Writer->Buffer + Begin;
    NdisZeroMemory(Message, LENGTH_PACKET);
    WriteHeader(Message, RNDIS_PACKET_MSG, LENGTH_PACKET + Length, LENGTH_PACKET - OFFSET_BASE);
    Put32(Message + 12, Length);
    Writer->Count++;
    Writer->Last = Begin;
    Writer->Length = Begin + LENGTH_PACKET + Length;
    return Message + LENGTH_PACKET;
}

ULONG
RndisWriterFinish(RNDIS_WRITER *Writer, ULONG MaxPacketSize)
{
    ULONG Length = Writer->Length;

    /* The byte belongs to the last message, for devices that take each byte for a part of one. */
    if (Length % MaxPacketSize == 0 && Length < Writer->Capacity) {
        Writer->Buffer[Length++] = 0;
        if (Writer->Count != 0)
            Put32(Writer->Buffer + Writer->Last + 4, Length - Writer->Last);
    }
    return Length;
}

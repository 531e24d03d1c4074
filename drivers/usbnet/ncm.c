/*
 * CDC-NCM framing. See ncm.h. Multi-byte fields are little-endian and unaligned on the wire.
 */
#include "ncm.h"
#include "util.h"

#define NTH16_SIGNATURE     0x484D434E /* "NCMH" */
#define NTH32_SIGNATURE     0x686D636E /* "ncmh" */
#define NDP16_SIGNATURE     0x304D434E /* "NCM0" */
#define NDP16_CRC_SIGNATURE 0x314D434E /* "NCM1" */
#define NDP32_SIGNATURE     0x306D636E /* "ncm0" */
#define NDP32_CRC_SIGNATURE 0x316D636E /* "ncm1" */

#define NTH16_LENGTH     12
#define NTH32_LENGTH     16
#define NDP16_HEADER     8
#define NDP32_HEADER     16
#define NDP16_MIN_LENGTH 16
#define NDP32_MIN_LENGTH 32
#define NDP16_ENTRY      4
#define NDP32_ENTRY      8
#define NDP_CHAIN_LIMIT  64
#define NTB_MIN_IN_SIZE  2048 /* NCM 1.0, table 6-3 */
#define NTB_MIN_OUT_SIZE 2048
#define CRC_LENGTH       4
#define ALIGNMENT_MIN    4

static BOOLEAN
IsPowerOfTwo(ULONG Value)
{
    return Value != 0 && (Value & (Value - 1)) == 0;
}

NTSTATUS
NcmParseParameters(const UCHAR *Answer, ULONG Length, NCM_PARAMETERS *Parameters)
{
    if (Length < NCM_PARAMETERS_LENGTH || Get16(Answer) < NCM_PARAMETERS_LENGTH)
        return STATUS_DEVICE_PROTOCOL_ERROR;
    Parameters->Formats = Get16(Answer + 2);
    Parameters->InMaxSize = Get32(Answer + 4);
    Parameters->OutMaxSize = Get32(Answer + 16);
    Parameters->OutDivisor = Get16(Answer + 20);
    Parameters->OutRemainder = Get16(Answer + 22);
    Parameters->OutAlignment = Get16(Answer + 24);
    Parameters->OutMaxDatagrams = Get16(Answer + 26);

    if ((Parameters->Formats & NCM_NTB16_SUPPORTED) == 0 || Parameters->InMaxSize < NTB_MIN_IN_SIZE ||
        Parameters->OutMaxSize < NTB_MIN_OUT_SIZE)
        return STATUS_DEVICE_PROTOCOL_ERROR;

    /*
     * Section 6.2.1 asks for a divisor that is not zero, a remainder below it, and an alignment that is a power of two
     * of at least 4. Where a device breaks that, the values that suit every receiver are used instead of refusing it.
     */
    if (!IsPowerOfTwo(Parameters->OutAlignment) || Parameters->OutAlignment < ALIGNMENT_MIN ||
        Parameters->OutAlignment > 512)
        Parameters->OutAlignment = ALIGNMENT_MIN;
    if (Parameters->OutDivisor == 0 || Parameters->OutDivisor > 512 ||
        Parameters->OutRemainder >= Parameters->OutDivisor) {
        Parameters->OutDivisor = ALIGNMENT_MIN;
        Parameters->OutRemainder = 0;
    }
    return STATUS_SUCCESS;
}

/* Enters the NDP at Offset: the one place where its position, signature and length are checked. */
static FORCEINLINE BOOLEAN
EnterNdp(NCM_READER *Reader, ULONG Offset)
{
    ULONG MinLength = Reader->Is32 ? NDP32_MIN_LENGTH : NDP16_MIN_LENGTH;
    const UCHAR *Ndp;
    ULONG Signature, NdpLength;

    if (Reader->NdpsLeft-- == 0 || Offset % ALIGNMENT_MIN != 0 || Reader->Length < MinLength ||
        Offset > Reader->Length - MinLength)
        return FALSE;
    Ndp = Reader->Buffer + Offset;
    Signature = Get32(Ndp);
    NdpLength = Get16(Ndp + 4);
    if (NdpLength < MinLength || NdpLength > Reader->Length - Offset)
        return FALSE;
    if (Reader->Is32) {
        if (Signature != NDP32_SIGNATURE && Signature != NDP32_CRC_SIGNATURE)
            return FALSE;
        Reader->HasCrc = Signature == NDP32_CRC_SIGNATURE;
        Reader->NextNdp = Get32(Ndp + 8);
        Reader->EntryOffset = Offset + NDP32_HEADER;
    } else {
        if (Signature != NDP16_SIGNATURE && Signature != NDP16_CRC_SIGNATURE)
            return FALSE;
        Reader->HasCrc = Signature == NDP16_CRC_SIGNATURE;
        Reader->NextNdp = Get16(Ndp + 6);
        Reader->EntryOffset = Offset + NDP16_HEADER;
    }
    Reader->EntryEnd = Offset + NdpLength;
    return TRUE;
}

BOOLEAN
NcmReaderStart(NCM_READER *Reader, const UCHAR *Buffer, ULONG Length)
{
    ULONG HeaderLength, BlockLength, NdpIndex;

    NdisZeroMemory(Reader, sizeof(*Reader));
    if (Length < NTH16_LENGTH)
        return FALSE;
    Reader->Buffer = Buffer;
    Reader->NdpsLeft = NDP_CHAIN_LIMIT;
    Reader->Is32 = Get32(Buffer) == NTH32_SIGNATURE;
    if (Reader->Is32) {
        if (Length < NTH32_LENGTH)
            return FALSE;
        HeaderLength = NTH32_LENGTH;
        BlockLength = Get32(Buffer + 8);
        NdpIndex = Get32(Buffer + 12);
    } else if (Get32(Buffer) == NTH16_SIGNATURE) {
        HeaderLength = NTH16_LENGTH;
        BlockLength = Get16(Buffer + 8);
        NdpIndex = Get16(Buffer + 10);
    } else {
        return FALSE;
    }
    /* A length of zero stands for a block that a short packet ended (NCM 1.0, table 3-1). */
    if (BlockLength == 0)
        BlockLength = Length;
    if (Get16(Buffer + 4) != HeaderLength || BlockLength > Length || BlockLength < HeaderLength ||
        NdpIndex < HeaderLength)
        return FALSE;
    Reader->Length = BlockLength;
    Reader->DatagramsLeft = BlockLength / ETHERNET_HEADER_LENGTH;
    return EnterNdp(Reader, NdpIndex);
}

static FORCEINLINE BLOCK_READ
Next(NCM_READER *Reader, DATAGRAM *Datagram)
{
    ULONG EntryLength = Reader->Is32 ? NDP32_ENTRY : NDP16_ENTRY;

    for (;;) {
        if (Reader->EntryEnd - Reader->EntryOffset >= EntryLength) {
            const UCHAR *Entry = Reader->Buffer + Reader->EntryOffset;
            Datagram->Offset = Reader->Is32 ? Get32(Entry) : Get16(Entry);
            Datagram->Length = Reader->Is32 ? Get32(Entry + 4) : Get16(Entry + 2);
            Reader->EntryOffset += EntryLength;
            if (Datagram->Offset != 0 && Datagram->Length != 0) {
                if (Reader->DatagramsLeft-- == 0 || Datagram->Offset > Reader->Length ||
                    Datagram->Length > Reader->Length - Datagram->Offset)
                    return BlockReadMalformed;
                if (Reader->HasCrc)
                    Datagram->Length = Datagram->Length > CRC_LENGTH ? Datagram->Length - CRC_LENGTH : 0;
                return Datagram->Length >= ETHERNET_HEADER_LENGTH ? BlockReadDatagram : BlockReadMalformed;
            }
        }
        /* A null entry, or the end of the table, ends this NDP. */
        if (Reader->NextNdp == 0)
            return BlockReadEnd;
        if (!EnterNdp(Reader, Reader->NextNdp))
            return BlockReadMalformed;
    }
}

BLOCK_READ
NcmReaderNext(NCM_READER *Reader, DATAGRAM *Datagram)
{
    return Next(Reader, Datagram);
}

BLOCK_READ
NcmReaderMore(NCM_READER *Reader, DATAGRAM *Datagrams, ULONG Max, ULONG *Count)
{
    NCM_READER Local = *Reader; /* in registers: the datagrams could otherwise lie over it */
    BLOCK_READ Read = BlockReadDatagram;
    ULONG i;

    for (i = 0; i < Max; ++i) {
        Read = Next(&Local, &Datagrams[i]);
        if (Read != BlockReadDatagram)
            break;
    }
    *Reader = Local;
    *Count = i;
    return Read;
}

/* The length of an NDP for Count datagrams and the null entry that ends it. */
static ULONG
NdpLength(const NCM_WRITER *Writer, ULONG Count)
{
    return Writer->Is32 ? NDP32_HEADER + (Count + 1) * NDP32_ENTRY : NDP16_HEADER + (Count + 1) * NDP16_ENTRY;
}

VOID
NcmWriterStart(NCM_WRITER *Writer, const NCM_PARAMETERS *Parameters, BOOLEAN Is32, UCHAR *Buffer, ULONG Capacity,
               DATAGRAM *Datagrams, ULONG MaxDatagrams)
{
    Writer->Buffer = Buffer;
    /* The block length of a 16-bit header. */
    Writer->Capacity = Is32 ? Capacity : Smaller(Capacity, MAXUSHORT);
    Writer->Offset = Is32 ? NTH32_LENGTH : NTH16_LENGTH;
    Writer->Count = 0;
    Writer->MaxDatagrams = MaxDatagrams;
    if (Parameters->OutMaxDatagrams != 0 && Parameters->OutMaxDatagrams < MaxDatagrams)
        Writer->MaxDatagrams = Parameters->OutMaxDatagrams;
    Writer->Divisor = Parameters->OutDivisor;
    Writer->Remainder = Parameters->OutRemainder;
    Writer->Alignment = Parameters->OutAlignment;
    Writer->Is32 = Is32;
    Writer->Datagrams = Datagrams;
    Writer->Room = Writer->Capacity - Smaller(Writer->Capacity, NdpLength(Writer, 1));
}

/* Most divisors are powers of two, and a division costs more than copying a short datagram. */
static FORCEINLINE ULONG
Modulo(ULONG Value, ULONG Divisor)
{
    return (Divisor & (Divisor - 1)) == 0 ? Value & (Divisor - 1) : Value % Divisor;
}

/*
 * Where a datagram of Length bytes would begin, or 0 when it does not fit. What is aligned is the payload behind the
 * Ethernet header (NCM 1.0, section 3.3.4).
 */
static FORCEINLINE ULONG
Place(const NCM_WRITER *Writer, ULONG Length)
{
    ULONG Misfit = Modulo(Writer->Offset + ETHERNET_HEADER_LENGTH, Writer->Divisor);
    ULONG Offset = Writer->Offset + Modulo(Writer->Remainder + Writer->Divisor - Misfit, Writer->Divisor);

    if (Writer->Count == Writer->MaxDatagrams || Length > Writer->Capacity ||
        AlignUp(Offset + Length, Writer->Alignment) > Writer->Room)
        return 0;
    return Offset;
}

BOOLEAN
NcmWriterFits(const NCM_WRITER *Writer, ULONG Length)
{
    return Place(Writer, Length) != 0;
}

static FORCEINLINE UCHAR *
Reserve(NCM_WRITER *Writer, ULONG Length)
{
    ULONG Offset = Place(Writer, Length);

    if (Offset == 0)
        return NULL;
    /* Bytes between datagrams would otherwise carry old frames to the device. Volatile: few, not worth a call of
     * memset.
     */
    for (ULONG Gap = Writer->Offset; Gap < Offset; ++Gap)
        ((volatile UCHAR *)Writer->Buffer)[Gap] = 0;
    Writer->Datagrams[Writer->Count].Offset = Offset;
    Writer->Datagrams[Writer->Count].Length = Length;
    Writer->Count++;
    Writer->Room -= Smaller(Writer->Room, Writer->Is32 ? NDP32_ENTRY : NDP16_ENTRY);
    Writer->Offset = Offset + Length;
    return Writer->Buffer + Offset;
}

UCHAR *
NcmWriterReserve(NCM_WRITER *Writer, ULONG Length)
{
    return Reserve(Writer, Length);
}

ULONG
NcmWriterReserveMore(NCM_WRITER *Writer, const ULONG *Lengths, ULONG Count, UCHAR **Places)
{
    NCM_WRITER Local = *Writer; /* in registers: the datagrams could otherwise lie over it */
    ULONG Placed;

    for (Placed = 0; Placed < Count; ++Placed) {
        Places[Placed] = Reserve(&Local, Lengths[Placed]);
        if (!Places[Placed])
            break;
    }
    *Writer = Local;
    return Placed;
}

ULONG
NcmWriterFinish(NCM_WRITER *Writer, USHORT Sequence, ULONG MaxPacketSize)
{
    ULONG NdpIndex = AlignUp(Writer->Offset, Writer->Alignment);
    ULONG Length = NdpLength(Writer, Writer->Count);
    ULONG BlockLength = NdpIndex + Length;
    UCHAR *Header = Writer->Buffer, *Ndp = Writer->Buffer + NdpIndex, *Entry;

    NdisZeroMemory(Writer->Buffer + Writer->Offset, NdpIndex - Writer->Offset);
    NdisZeroMemory(Ndp, Length);
    if (BlockLength % MaxPacketSize == 0 && BlockLength < Writer->Capacity)
        Writer->Buffer[BlockLength++] = 0;

    if (Writer->Is32) {
        Put32(Header, NTH32_SIGNATURE);
        Put16(Header + 4, NTH32_LENGTH);
        Put16(Header + 6, Sequence);
        Put32(Header + 8, BlockLength);
        Put32(Header + 12, NdpIndex);
        Put32(Ndp, NDP32_SIGNATURE);
        Put16(Ndp + 4, Length);
        Entry = Ndp + NDP32_HEADER;
        for (ULONG i = 0; i < Writer->Count; ++i, Entry += NDP32_ENTRY) {
            Put32(Entry, Writer->Datagrams[i].Offset);
            Put32(Entry + 4, Writer->Datagrams[i].Length);
        }
    } else {
        Put32(Header, NTH16_SIGNATURE);
        Put16(Header + 4, NTH16_LENGTH);
        Put16(Header + 6, Sequence);
        Put16(Header + 8, BlockLength);
        Put16(Header + 10, NdpIndex);
        Put32(Ndp, NDP16_SIGNATURE);
        Put16(Ndp + 4, Length);
        Entry = Ndp + NDP16_HEADER;
        for (ULONG i = 0; i < Writer->Count; ++i, Entry += NDP16_ENTRY) {
            Put16(Entry, Writer->Datagrams[i].Offset);
            Put16(Entry + 2, Writer->Datagrams[i].Length);
        }
    }
    return BlockLength;
}

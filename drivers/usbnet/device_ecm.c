/*
 * CDC-ECM devices: they have no settings but the filters, and all limits are in their descriptors.
 */
#include "usbnet.h"

/* Reads are as long as full packets at every speed. */
#define READ_GRANULE 1024

static NDIS_STATUS
EcmRead(ADAPTER *Adapter)
{
    Adapter->InSize = Smaller(AlignUp(Adapter->Function.MaxSegmentSize, READ_GRANULE), RECEIVE_MAX_SIZE);
    Adapter->MaxFrameSize = Smaller(Adapter->Function.MaxSegmentSize, ETHERNET_HEADER_LENGTH + MAX_ETHERNET_PAYLOAD);
    Adapter->OutSize = Adapter->MaxFrameSize;
    return DeviceReadMacAddress(Adapter);
}

static NDIS_STATUS
EcmStart(ADAPTER *Adapter)
{
    UNREFERENCED_PARAMETER(Adapter);
    return NDIS_STATUS_SUCCESS;
}

/* A device without the request, which ECM 1.2 (table 6) leaves optional, passes everything; receive.c filters then. */
static NDIS_STATUS
EcmSetPacketFilter(ADAPTER *Adapter)
{
    NTSTATUS Status = DeviceSetEthernetFilter(Adapter);

    return Status == STATUS_DEVICE_DATA_ERROR ? NDIS_STATUS_SUCCESS : Status;
}

static BOOLEAN
ReaderStart(BLOCK_READER *Reader, const UCHAR *Buffer, ULONG Length)
{
    return EcmReaderStart(&Reader->Ecm, Buffer, Length);
}

static BLOCK_READ
ReaderNext(BLOCK_READER *Reader, DATAGRAM *Datagrams, ULONG Max, ULONG *Count)
{
    BLOCK_READ Read = BlockReadDatagram;

    for (*Count = 0; *Count < Max; ++*Count) {
        Read = EcmReaderNext(&Reader->Ecm, &Datagrams[*Count]);
        if (Read != BlockReadDatagram)
            break;
    }
    return Read;
}

static VOID
WriterStart(BLOCK_WRITER *Writer, const ADAPTER *Adapter, UCHAR *Buffer, DATAGRAM *Datagrams)
{
    UNREFERENCED_PARAMETER(Datagrams);
    EcmWriterStart(&Writer->Ecm, Buffer, Adapter->OutSize);
}

static ULONG
WriterReserve(BLOCK_WRITER *Writer, const ULONG *Lengths, ULONG Count, UCHAR **Places)
{
    ULONG Placed = 0;

    while (Placed < Count && (Places[Placed] = EcmWriterReserve(&Writer->Ecm, Lengths[Placed])) != NULL)
        ++Placed;
    return Placed;
}

static ULONG
WriterFinish(BLOCK_WRITER *Writer, USHORT Sequence, ULONG MaxPacketSize)
{
    UNREFERENCED_PARAMETER(Sequence);
    UNREFERENCED_PARAMETER(MaxPacketSize);
    return EcmWriterFinish(&Writer->Ecm);
}

const FRAMING EcmFraming = { .EndsWithEmptyPacket = TRUE,
                             .Read = EcmRead,
                             .Start = EcmStart,
                             .SetPacketFilter = EcmSetPacketFilter,
                             .SetMulticast = DeviceSetEthernetMulticast,
                             .ReaderStart = ReaderStart,
                             .ReaderNext = ReaderNext,
                             .WriterStart = WriterStart,
                             .WriterReserve = WriterReserve,
                             .WriterFinish = WriterFinish };

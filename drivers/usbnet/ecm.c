/*
 * CDC-ECM framing. See ecm.h.
 */
#include "ecm.h"

BOOLEAN
EcmReaderStart(ECM_READER *Reader, const UCHAR *Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(Buffer);
    Reader->Length = Length;
    return Length >= ETHERNET_HEADER_LENGTH;
}

BLOCK_READ
EcmReaderNext(ECM_READER *Reader, DATAGRAM *Datagram)
{
    if (Reader->Length == 0)
        return BlockReadEnd;
    Datagram->Offset = 0;
    Datagram->Length = Reader->Length;
    Reader->Length = 0;
    return BlockReadDatagram;
}

VOID
EcmWriterStart(ECM_WRITER *Writer, UCHAR *Buffer, ULONG Capacity)
{
    Writer->Buffer = Buffer;
    Writer->Capacity = Capacity;
    Writer->Length = 0;
}

UCHAR *
EcmWriterReserve(ECM_WRITER *Writer, ULONG Length)
{
    if (Writer->Length != 0 || Length > Writer->Capacity)
        return NULL;
    Writer->Length = Length;
    return Writer->Buffer;
}

ULONG
EcmWriterFinish(const ECM_WRITER *Writer)
{
    return Writer->Length;
}

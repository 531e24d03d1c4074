/*
 * CDC-ECM framing: a block is one frame and nothing else; its length is that of the transfer, which a packet that is
 * not full ends (ECM 1.2, section 3.3.1): an empty one where the last is full. Pure functions, as in ncm.h.
 */
#pragma once

#include "block.h"

typedef struct _ECM_READER {
    ULONG Length; /* of the frame; 0 once it has been read */
} ECM_READER;

BOOLEAN
EcmReaderStart(_Out_ ECM_READER *Reader, _In_reads_bytes_(Length) const UCHAR *Buffer, ULONG Length);
BLOCK_READ
EcmReaderNext(_Inout_ ECM_READER *Reader, _Out_ DATAGRAM *Datagram);

typedef struct _ECM_WRITER {
    UCHAR *Buffer;
    ULONG Capacity;
    ULONG Length; /* of the frame; 0 while there is none */
} ECM_WRITER;

VOID
EcmWriterStart(_Out_ ECM_WRITER *Writer, UCHAR *Buffer, ULONG Capacity);
UCHAR *
EcmWriterReserve(_Inout_ ECM_WRITER *Writer, ULONG Length);
ULONG
EcmWriterFinish(_In_ const ECM_WRITER *Writer);

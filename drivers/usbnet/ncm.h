/*
 * CDC-NCM framing: USB network transfer blocks (NTBs) as the Network Control Model 1.0 specification lays them out. No
 * I/O happens here: these are pure functions over buffers, so that they can be tested and fuzzed outside a driver. All
 * that comes from the device is hostile.
 */
#pragma once

#include "block.h"

#define NCM_NTB16_SUPPORTED 0x0001
#define NCM_NTB32_SUPPORTED 0x0002

/* Class-specific requests (NCM 1.0, table 6-2). */
#define NCM_GET_NTB_PARAMETERS    0x80
#define NCM_SET_NET_ADDRESS       0x82
#define NCM_SET_NTB_FORMAT        0x84
#define NCM_SET_NTB_INPUT_SIZE    0x86
#define NCM_SET_MAX_DATAGRAM_SIZE 0x88
#define NCM_SET_CRC_MODE          0x8A

/* bmNetworkCapabilities of the NCM functional descriptor (NCM 1.0, table 5-2). */
#define NCM_CAPABILITY_PACKET_FILTER     0x01
#define NCM_CAPABILITY_NET_ADDRESS       0x02
#define NCM_CAPABILITY_MAX_DATAGRAM_SIZE 0x08
#define NCM_CAPABILITY_CRC_MODE          0x10

/* The device's answer to GET_NTB_PARAMETERS (NCM 1.0, table 6-3), checked and in host order. */
typedef struct _NCM_PARAMETERS {
    USHORT Formats;
    ULONG InMaxSize;
    ULONG OutMaxSize;
    USHORT OutDivisor;
    USHORT OutRemainder;
    USHORT OutAlignment;
    USHORT OutMaxDatagrams; /* 0: no limit */
} NCM_PARAMETERS;

#define NCM_PARAMETERS_LENGTH 28

/* A walk over the datagrams of a received NTB. */
typedef struct _NCM_READER {
    const UCHAR *Buffer;
    ULONG Length;      /* of the block, never beyond what was received */
    ULONG EntryOffset; /* of the next datagram pointer entry */
    ULONG EntryEnd;    /* end of the current NDP */
    ULONG NextNdp;
    ULONG NdpsLeft;      /* bounds a chain of NDPs that leads back to itself */
    ULONG DatagramsLeft; /* bounds pointers that lie over one another */
    BOOLEAN Is32;
    BOOLEAN HasCrc;
} NCM_READER;

/* An NTB under construction. The datagram pointers are written behind the datagrams when it is finished. */
typedef struct _NCM_WRITER {
    UCHAR *Buffer;
    ULONG Capacity;
    ULONG Offset;
    ULONG Count;
    ULONG MaxDatagrams;
    USHORT Divisor;
    USHORT Remainder;
    USHORT Alignment;
    BOOLEAN Is32;
    ULONG Room; /* for datagrams, when one more has its pointer */
    DATAGRAM *Datagrams;
} NCM_WRITER;

/* Checks and converts an answer to GET_NTB_PARAMETERS. */
NTSTATUS
NcmParseParameters(_In_reads_bytes_(Length) const UCHAR *Answer, ULONG Length, _Out_ NCM_PARAMETERS *Parameters);

/* Begins to read a block of Length received bytes; FALSE when its header or first NDP is not valid. */
BOOLEAN
NcmReaderStart(_Out_ NCM_READER *Reader, _In_reads_bytes_(Length) const UCHAR *Buffer, ULONG Length);

/* The next datagram of at least an Ethernet header. Malformed ends the block: nothing behind it can be trusted. */
BLOCK_READ
NcmReaderNext(_Inout_ NCM_READER *Reader, _Out_ DATAGRAM *Datagram);

/* The same for the next datagrams: *Count of them, at most Max. Whatever else ends the block is behind them. */
BLOCK_READ
NcmReaderMore(_Inout_ NCM_READER *Reader, _Out_writes_to_(Max, *Count) DATAGRAM *Datagrams, ULONG Max,
              _Out_ ULONG *Count);

/* Begins an NTB in a buffer of Capacity bytes. Datagrams has room for MaxDatagrams entries. */
VOID
NcmWriterStart(_Out_ NCM_WRITER *Writer, _In_ const NCM_PARAMETERS *Parameters, BOOLEAN Is32, UCHAR *Buffer,
               ULONG Capacity, DATAGRAM *Datagrams, ULONG MaxDatagrams);

/* Whether a datagram of Length bytes fits still. */
BOOLEAN
NcmWriterFits(_In_ const NCM_WRITER *Writer, ULONG Length);

/* Room for one more datagram of Length bytes, to be filled by the caller; NULL when the block is full. */
UCHAR *
NcmWriterReserve(_Inout_ NCM_WRITER *Writer, ULONG Length);

/* The same for datagrams of these lengths; the result is how many found room. */
ULONG
NcmWriterReserveMore(_Inout_ NCM_WRITER *Writer, _In_reads_(Count) const ULONG *Lengths, ULONG Count,
                     _Out_writes_(Count) UCHAR **Places);

/*
 * Completes the headers. The result is the number of bytes to send; it is never a multiple of MaxPacketSize unless the
 * block is as long as the device's limit, so that the transfer ends with a short packet (NCM 1.0, section 3.2.2).
 */
ULONG
NcmWriterFinish(_Inout_ NCM_WRITER *Writer, USHORT Sequence, ULONG MaxPacketSize);

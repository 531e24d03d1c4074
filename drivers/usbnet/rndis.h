/*
 * Remote NDIS messages: those of the control channel, and the packet messages that the bulk pipes carry, several in a
 * transfer. Pure functions over buffers, as in ncm.h; all that comes from the device is hostile.
 */
#pragma once

#include "block.h"

/* Class requests that carry control messages (CDC 1.2, table 19). */
#define RNDIS_SEND_ENCAPSULATED_COMMAND 0x00
#define RNDIS_GET_ENCAPSULATED_RESPONSE 0x01

#define RNDIS_PACKET_MSG          0x00000001
#define RNDIS_INITIALIZE_MSG      0x00000002
#define RNDIS_HALT_MSG            0x00000003
#define RNDIS_QUERY_MSG           0x00000004
#define RNDIS_SET_MSG             0x00000005
#define RNDIS_RESET_MSG           0x00000006
#define RNDIS_INDICATE_STATUS_MSG 0x00000007
#define RNDIS_KEEPALIVE_MSG       0x00000008
#define RNDIS_COMPLETION          0x80000000 /* added to what it answers */

#define RNDIS_STATUS_SUCCESS          0x00000000
#define RNDIS_STATUS_MEDIA_CONNECT    0x4001000B
#define RNDIS_STATUS_MEDIA_DISCONNECT 0x4001000C

/* The length that a host asks GET_ENCAPSULATED_RESPONSE for at least, and that answers have at most. */
#define RNDIS_CONTROL_LENGTH 1024
/* What SET_MSG and QUERY_MSG have before their information buffer. */
#define RNDIS_REQUEST_HEADER 28

/* ---- control channel: each Write returns the length of a message in a buffer of RNDIS_CONTROL_LENGTH bytes ---- */

ULONG
RndisWriteInitialize(_Out_ UCHAR *Buffer, ULONG RequestId, ULONG MaxTransferSize);
ULONG
RndisWriteHalt(_Out_ UCHAR *Buffer, ULONG RequestId);
ULONG
RndisWriteReset(_Out_ UCHAR *Buffer);
ULONG
RndisWriteKeepAlive(_Out_ UCHAR *Buffer, ULONG RequestId);
ULONG
RndisWriteKeepAliveComplete(_Out_ UCHAR *Buffer, ULONG RequestId);
ULONG
RndisWriteQuery(_Out_ UCHAR *Buffer, ULONG RequestId, NDIS_OID Oid);
/* Length is at most RNDIS_CONTROL_LENGTH - RNDIS_REQUEST_HEADER. */
ULONG
RndisWriteSet(_Out_ UCHAR *Buffer, ULONG RequestId, NDIS_OID Oid, _In_reads_bytes_(Length) const VOID *Information,
              ULONG Length);

/* A message that the device sent on the control channel. */
typedef struct _RNDIS_MESSAGE {
    ULONG Type;
    ULONG RequestId; /* of completions but that of a reset, and of a keep-alive */
    ULONG Status;    /* of completions, and of INDICATE_STATUS */
    union {
        struct {
            ULONG Medium;
            ULONG MaxPackets; /* in one transfer to the device; at least 1 */
            ULONG MaxTransferSize;
            ULONG Alignment; /* of messages in a transfer to the device, in bytes */
        } Initialize;
        struct {
            ULONG Offset; /* in the message */
            ULONG Length;
        } Query;
        BOOLEAN AddressingReset;
    };
} RNDIS_MESSAGE;

/*
 * Takes apart an answer of Length bytes to GET_ENCAPSULATED_RESPONSE; FALSE when it is malformed or of an unknown type.
 * A device with nothing to say answers a single zero, which is no message either.
 */
BOOLEAN
RndisParse(_In_reads_bytes_(Length) const UCHAR *Bytes, ULONG Length, _Out_ RNDIS_MESSAGE *Message);

/* RESPONSE_AVAILABLE as Remote NDIS has it. */
BOOLEAN
RndisIsResponseAvailable(_In_reads_bytes_(Length) const UCHAR *Notification, ULONG Length);

/* ---- packet messages ---- */

typedef struct _RNDIS_READER {
    const UCHAR *Buffer;
    ULONG Length;
    ULONG Offset; /* of the next message */
} RNDIS_READER;

BOOLEAN
RndisReaderStart(_Out_ RNDIS_READER *Reader, _In_reads_bytes_(Length) const UCHAR *Buffer, ULONG Length);
BLOCK_READ
RndisReaderNext(_Inout_ RNDIS_READER *Reader, _Out_ DATAGRAM *Datagram);

typedef struct _RNDIS_WRITER {
    UCHAR *Buffer;
    ULONG Capacity;
    ULONG Alignment;
    ULONG MaxPackets;
    ULONG Count;
    ULONG Last;   /* where the last message begins */
    ULONG Length; /* of all messages, without what pads the last one */
} RNDIS_WRITER;

VOID
RndisWriterStart(_Out_ RNDIS_WRITER *Writer, UCHAR *Buffer, ULONG Capacity, ULONG MaxPackets, ULONG Alignment);
/* Room for one more datagram of Length bytes, to be filled by the caller; NULL when the block is full. */
UCHAR *
RndisWriterReserve(_Inout_ RNDIS_WRITER *Writer, ULONG Length);
/* The number of bytes to send, no multiple of MaxPacketSize unless it is the device's limit: one more byte ends it. */
ULONG
RndisWriterFinish(_Inout_ RNDIS_WRITER *Writer, ULONG MaxPacketSize);

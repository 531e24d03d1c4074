/*
 * What differs between the classes of USB network devices, as a table of operations: how a device of the class is
 * asked for its limits, started and told its filters, and how blocks hold datagrams. device_ncm.c, device_ecm.c and
 * device_rndis.c have one each; the rest of the driver is common.
 */
#pragma once

#include "cdc.h"
#include "ecm.h"
#include "ncm.h"
#include "rndis.h"

typedef struct _ADAPTER ADAPTER;

typedef union _BLOCK_READER {
    NCM_READER Ncm;
    ECM_READER Ecm;
    RNDIS_READER Rndis;
} BLOCK_READER;

typedef union _BLOCK_WRITER {
    NCM_WRITER Ncm;
    ECM_WRITER Ecm;
    RNDIS_WRITER Rndis;
} BLOCK_WRITER;

typedef struct _FRAMING {
    /* A transfer to the device whose last packet is full is followed by an empty one. */
    BOOLEAN EndsWithEmptyPacket;

    /* ---- PASSIVE_LEVEL ---- */

    /* Limits and permanent address of a configured device: InSize, OutSize, MaxFrameSize, PermanentAddress. */
    NDIS_STATUS (*Read)(_Inout_ ADAPTER *Adapter);
    /* All that goes before the data interface leaves its idle setting. */
    NDIS_STATUS (*Start)(_Inout_ ADAPTER *Adapter);
    /* NULL, or what precedes the data interface's return to its idle setting; not when the device is gone. */
    VOID (*Stop)(_Inout_ ADAPTER *Adapter);
    NDIS_STATUS (*SetPacketFilter)(_Inout_ ADAPTER *Adapter);
    NDIS_STATUS (*SetMulticast)(_Inout_ ADAPTER *Adapter);
    /* NULL, or the class's own reset; *AddressingReset when the device has lost its filters by it. */
    NDIS_STATUS (*Reset)(_Inout_ ADAPTER *Adapter, _Out_ BOOLEAN *AddressingReset);
    /* NULL, or fetches what the device has announced with RESPONSE_AVAILABLE. */
    VOID (*Serve)(_Inout_ ADAPTER *Adapter);
    VOID (*KeepAlive)(_Inout_ ADAPTER *Adapter);

    /* ---- IRQL <= DISPATCH_LEVEL ---- */

    /* NULL, or RESPONSE_AVAILABLE came. */
    VOID (*ResponseAvailable)(_Inout_ ADAPTER *Adapter);

    /* Begins to read a block of Length received bytes; FALSE when nothing of it is valid. */
    BOOLEAN (*ReaderStart)(_Out_ BLOCK_READER *Reader, _In_reads_bytes_(Length) const UCHAR *Buffer, ULONG Length);
    /*
     * The next datagrams of at least an Ethernet header: *Count of them, at most Max. BlockReadDatagram: there may be
     * more; else the block ends behind these.
     */
    BLOCK_READ (*ReaderNext)(_Inout_ BLOCK_READER *Reader, _Out_ DATAGRAM *Datagrams, ULONG Max, _Out_ ULONG *Count);

    /* Begins a block in a buffer of OutSize bytes. Datagrams has room for TransmitMaxDatagrams entries. */
    VOID (*WriterStart)(_Out_ BLOCK_WRITER *Writer, _In_ const ADAPTER *Adapter, UCHAR *Buffer, DATAGRAM *Datagrams);
    /* Room for the next datagrams of these lengths, to be filled by the caller; the result is for how many. */
    ULONG(*WriterReserve)
    (_Inout_ BLOCK_WRITER *Writer, _In_reads_(Count) const ULONG *Lengths, ULONG Count,
     _Out_writes_(Count) UCHAR **Places);
    /* Completes the block; the result is the number of bytes to send. */
    ULONG (*WriterFinish)(_Inout_ BLOCK_WRITER *Writer, USHORT Sequence, ULONG MaxPacketSize);
} FRAMING;

extern const FRAMING NcmFraming;
extern const FRAMING EcmFraming;
extern const FRAMING RndisFraming;

/*
 * CDC-NCM devices: NTB parameters, and the format and sizes that are agreed on before blocks are exchanged.
 */
#include "usbnet.h"

/* NCM 1.0, table 6-6: a frame that carries a VLAN tag fits too. */
#define VLAN_TAG_LENGTH 4

/* Alignments that the device asks for can leave no room for a frame of full length in its smallest block. */
static BOOLEAN
FrameFits(ADAPTER *Adapter)
{
    DATAGRAM Datagram;
    NCM_WRITER Writer;

    NcmWriterStart(&Writer, &Adapter->Parameters, Adapter->Is32, NULL, Adapter->OutSize, &Datagram, 1);
    return NcmWriterFits(&Writer, Adapter->MaxFrameSize);
}

static NDIS_STATUS
NcmRead(ADAPTER *Adapter)
{
    UCHAR Answer[NCM_PARAMETERS_LENGTH];
    ULONG Length = sizeof(Answer);
    NTSTATUS Status;

    Status = DeviceReadMacAddress(Adapter);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = DeviceRequest(Adapter, TRUE, NCM_GET_NTB_PARAMETERS, 0, Answer, &Length);
    if (!NT_SUCCESS(Status))
        return DeviceRefuse("GET_NTB_PARAMETERS failed", Status);
    Status = NcmParseParameters(Answer, Length, &Adapter->Parameters);
    if (!NT_SUCCESS(Status))
        return DeviceRefuse("the answer to GET_NTB_PARAMETERS is not valid", Status);

    Adapter->Is32 = Adapter->NtbFormat == 32 && (Adapter->Parameters.Formats & NCM_NTB32_SUPPORTED);
    Adapter->InSize = Smaller(Adapter->Parameters.InMaxSize, RECEIVE_MAX_SIZE);
    Adapter->OutSize = Smaller(Adapter->Parameters.OutMaxSize, TRANSMIT_MAX_SIZE);
    Adapter->MaxFrameSize = Smaller(Adapter->Function.MaxSegmentSize, ETHERNET_HEADER_LENGTH + MAX_ETHERNET_PAYLOAD);
    if (!FrameFits(Adapter))
        return DeviceRefuse("no block that the device takes has room for a whole frame",
                            STATUS_DEVICE_CONFIGURATION_ERROR);
    return NDIS_STATUS_SUCCESS;
}

/* The settings that NCM 1.0, section 7.2 wants before the data interface leaves its idle setting. */
static NTSTATUS
SetTransferParameters(ADAPTER *Adapter)
{
    UCHAR Size[4];
    NTSTATUS Status;

    if (Adapter->Function.NetworkCapabilities & NCM_CAPABILITY_CRC_MODE) {
        Status = DeviceSet(Adapter, NCM_SET_CRC_MODE, 0, NULL, 0);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (Adapter->Parameters.Formats & NCM_NTB32_SUPPORTED) {
        Status = DeviceSet(Adapter, NCM_SET_NTB_FORMAT, Adapter->Is32 ? 1 : 0, NULL, 0);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Put32(Size, Adapter->InSize);
    Status = DeviceSet(Adapter, NCM_SET_NTB_INPUT_SIZE, 0, Size, sizeof(Size));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Adapter->Function.NetworkCapabilities & NCM_CAPABILITY_MAX_DATAGRAM_SIZE) {
        UCHAR Datagram[2];
        Put16(Datagram, Smaller(Adapter->Function.MaxSegmentSize, Adapter->MaxFrameSize + VLAN_TAG_LENGTH));
        Status = DeviceSet(Adapter, NCM_SET_MAX_DATAGRAM_SIZE, 0, Datagram, sizeof(Datagram));
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (!NdisEqualMemory(Adapter->CurrentAddress, Adapter->PermanentAddress, sizeof(Adapter->CurrentAddress)))
        return DeviceSet(Adapter, NCM_SET_NET_ADDRESS, 0, Adapter->CurrentAddress, sizeof(Adapter->CurrentAddress));
    return STATUS_SUCCESS;
}

static NDIS_STATUS
NcmStart(ADAPTER *Adapter)
{
    NTSTATUS Status = SetTransferParameters(Adapter);

    return NT_SUCCESS(Status) ? NDIS_STATUS_SUCCESS
                              : DeviceRefuse("the device refuses the format and sizes of blocks", Status);
}

static NDIS_STATUS
NcmSetPacketFilter(ADAPTER *Adapter)
{
    if (!(Adapter->Function.NetworkCapabilities & NCM_CAPABILITY_PACKET_FILTER))
        return NDIS_STATUS_SUCCESS;
    return DeviceSetEthernetFilter(Adapter);
}

static BOOLEAN
ReaderStart(BLOCK_READER *Reader, const UCHAR *Buffer, ULONG Length)
{
    return NcmReaderStart(&Reader->Ncm, Buffer, Length);
}

static BLOCK_READ
ReaderNext(BLOCK_READER *Reader, DATAGRAM *Datagrams, ULONG Max, ULONG *Count)
{
    return NcmReaderMore(&Reader->Ncm, Datagrams, Max, Count);
}

static VOID
WriterStart(BLOCK_WRITER *Writer, const ADAPTER *Adapter, UCHAR *Buffer, DATAGRAM *Datagrams)
{
    NcmWriterStart(&Writer->Ncm, &Adapter->Parameters, Adapter->Is32, Buffer, Adapter->OutSize, Datagrams,
                   Adapter->TransmitMaxDatagrams);
}

static ULONG
WriterReserve(BLOCK_WRITER *Writer, const ULONG *Lengths, ULONG Count, UCHAR **Places)
{
    return NcmWriterReserveMore(&Writer->Ncm, Lengths, Count, Places);
}

static ULONG
WriterFinish(BLOCK_WRITER *Writer, USHORT Sequence, ULONG MaxPacketSize)
{
    return NcmWriterFinish(&Writer->Ncm, Sequence, MaxPacketSize);
}

const FRAMING NcmFraming = { .Read = NcmRead,
                             .Start = NcmStart,
                             .SetPacketFilter = NcmSetPacketFilter,
                             .SetMulticast = DeviceSetEthernetMulticast,
                             .ReaderStart = ReaderStart,
                             .ReaderNext = ReaderNext,
                             .WriterStart = WriterStart,
                             .WriterReserve = WriterReserve,
                             .WriterFinish = WriterFinish };

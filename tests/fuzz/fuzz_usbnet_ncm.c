/*
 * Fuzzes what usbnet makes of a device: configuration descriptors, NTB parameters, MAC strings and received NTBs; and
 * writes NTBs of fuzzed shape, which its own reader must take apart into the same datagrams. The first byte picks one
 * of them.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/usbnet/cdc.h"
#include "drivers/usbnet/ncm.h"

static void read_block(const uint8_t *data, ULONG length)
{
    NCM_READER reader;
    DATAGRAM datagram;
    ULONG count = 0;

    if (!NcmReaderStart(&reader, data, length))
        return;
    while (NcmReaderNext(&reader, &datagram) == BlockReadDatagram) {
        assert(datagram.Length >= ETHERNET_HEADER_LENGTH);
        assert(datagram.Offset <= length && datagram.Length <= length - datagram.Offset);
        count++;
    }
    /* However NDPs lead back to one another, no block yields more than would fit into it side by side. */
    assert(count <= length / ETHERNET_HEADER_LENGTH);
}

static void write_block(const uint8_t *data, size_t size)
{
    static UCHAR buffer[65535];
    DATAGRAM datagrams[256], read;
    NCM_PARAMETERS parameters;
    NCM_WRITER writer;
    NCM_READER reader;
    ULONG count = 0, capacity, length;

    if (size < NCM_PARAMETERS_LENGTH + 2 || NcmParseParameters(data, (ULONG)size, &parameters) != STATUS_SUCCESS)
        return;
    capacity = parameters.OutMaxSize < sizeof(buffer) ? parameters.OutMaxSize : sizeof(buffer);
    NcmWriterStart(&writer, &parameters, data[size - 1] & 1, buffer, capacity, datagrams, 256);
    for (size_t i = NCM_PARAMETERS_LENGTH; i + 1 < size; i += 2) {
        ULONG frame = ETHERNET_HEADER_LENGTH + (data[i] | data[i + 1] << 8) % 1501;
        UCHAR *place = NcmWriterReserve(&writer, frame);
        if (place == NULL)
            break;
        assert(((ULONG)(place - buffer) + ETHERNET_HEADER_LENGTH) % parameters.OutDivisor == parameters.OutRemainder);
        memset(place, (int)count, frame);
        count++;
    }
    if (count == 0)
        return;
    length = NcmWriterFinish(&writer, 7, 512);
    assert(length <= capacity && (length % 512 != 0 || length == capacity));
    assert(NcmReaderStart(&reader, buffer, length));
    for (ULONG i = 0; i < count; i++) {
        BLOCK_READ result = NcmReaderNext(&reader, &read);
        assert(result == BlockReadDatagram && read.Offset == datagrams[i].Offset && read.Length == datagrams[i].Length);
        assert(buffer[read.Offset] == (UCHAR)i && buffer[read.Offset + read.Length - 1] == (UCHAR)i);
    }
    assert(NcmReaderNext(&reader, &read) == BlockReadEnd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CDC_FUNCTION function;
    UCHAR address[6], *copy;

    if (size < 1)
        return 0;
    /* A copy of exactly that size, so that a read beyond its end is seen. */
    copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        read_block(copy, (ULONG)size - 1);
        break;
    case 1:
        CdcParseConfiguration(copy, (ULONG)size - 1, &function);
        break;
    case 2:
        write_block(copy, size - 1);
        break;
    case 3:
        CdcParseMacAddress(copy, (ULONG)size - 1, address);
        break;
    }
    free(copy);
    return 0;
}

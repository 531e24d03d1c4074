/*
 * Fuzzes what usbnet makes of a Remote NDIS device: messages of the control channel, notifications, transfers with
 * packet messages, and the descriptors that announce such a function; and writes transfers of fuzzed shape, which its
 * own reader and the simulated device's strict one must take apart into the same datagrams. The first byte picks one of
 * them.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/usbnet/cdc.h"
#include "drivers/usbnet/rndis.h"
#include "gadget/rndis.h"

#define MAX_PACKETS 64

static void read_message(const uint8_t *data, ULONG length)
{
    RNDIS_MESSAGE message;

    if (!RndisParse(data, length, &message) || message.Status != RNDIS_STATUS_SUCCESS)
        return;
    if (message.Type == (RNDIS_INITIALIZE_MSG | RNDIS_COMPLETION)) {
        ULONG alignment = message.Initialize.Alignment;
        assert(alignment != 0 && alignment <= 128 && (alignment & (alignment - 1)) == 0);
        assert(message.Initialize.MaxPackets != 0);
    } else if (message.Type == (RNDIS_QUERY_MSG | RNDIS_COMPLETION)) {
        assert(message.Query.Length <= length && message.Query.Offset <= length - message.Query.Length);
    }
}

static void read_block(const uint8_t *data, ULONG length)
{
    RNDIS_READER reader;
    DATAGRAM datagram;
    ULONG end = 0;

    if (!RndisReaderStart(&reader, data, length))
        return;
    while (RndisReaderNext(&reader, &datagram) == BlockReadDatagram) {
        assert(datagram.Length >= ETHERNET_HEADER_LENGTH);
        assert(datagram.Offset <= length && datagram.Length <= length - datagram.Offset);
        /* Datagrams do not overlap, as messages do not. */
        assert(datagram.Offset >= end);
        end = datagram.Offset + datagram.Length;
    }
}

static void check_written(const UCHAR *buffer, ULONG length, const DATAGRAM *written, ULONG count, ULONG alignment)
{
    struct rndis_rules rules = {length, 1514, count};
    struct gadget_frame frames[MAX_PACKETS];
    const char *error;
    RNDIS_READER reader;
    DATAGRAM read;

    assert(RndisReaderStart(&reader, buffer, length));
    for (ULONG i = 0; i < count; i++) {
        assert(RndisReaderNext(&reader, &read) == BlockReadDatagram);
        assert(read.Offset == written[i].Offset && read.Length == written[i].Length);
        assert(buffer[read.Offset] == (UCHAR)i && buffer[read.Offset + read.Length - 1] == (UCHAR)i);
    }
    assert(RndisReaderNext(&reader, &read) == BlockReadEnd);
    if (alignment % 8 != 0)
        return;
    assert(rndis_parse(buffer, length, &rules, frames, &error) == (int)count);
    for (ULONG i = 0; i < count; i++)
        assert(frames[i].data == buffer + written[i].Offset && frames[i].length == written[i].Length);
}

static void write_block(const uint8_t *data, size_t size)
{
    static UCHAR buffer[32768];
    DATAGRAM written[MAX_PACKETS];
    RNDIS_WRITER writer;
    ULONG count = 0, capacity, alignment, length;

    if (size < 4)
        return;
    capacity = 1558 + (ULONG)(data[0] | data[1] << 8) % (sizeof(buffer) - 1558);
    alignment = 1u << data[2] % 8;
    RndisWriterStart(&writer, buffer, capacity, 1 + data[3] % MAX_PACKETS, alignment);
    for (size_t i = 4; i + 1 < size; i += 2) {
        ULONG frame = ETHERNET_HEADER_LENGTH + (data[i] | data[i + 1] << 8) % 1501;
        UCHAR *place = RndisWriterReserve(&writer, frame);
        if (place == NULL)
            break;
        memset(place, (int)count, frame);
        written[count++] = (DATAGRAM){(ULONG)(place - buffer), frame};
    }
    if (count == 0)
        return;
    length = RndisWriterFinish(&writer, 512);
    assert(length <= capacity && (length % 512 != 0 || length == capacity));
    check_written(buffer, length, written, count, alignment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gadget_frame frames[32];
    struct rndis_rules rules = {32768, 1514, 32};
    CDC_FUNCTION function;
    const char *error;
    UCHAR *copy;

    if (size < 1)
        return 0;
    /* A copy of exactly that size, so that a read beyond its end is seen. */
    copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    switch (data[0] % 6) {
    case 0:
        read_block(copy, (ULONG)size - 1);
        break;
    case 1:
        read_message(copy, (ULONG)size - 1);
        break;
    case 2:
        write_block(copy, size - 1);
        break;
    case 3:
        CdcParseConfiguration(copy, (ULONG)size - 1, &function);
        break;
    case 4:
        RndisIsResponseAvailable(copy, (ULONG)size - 1);
        break;
    case 5:
        rndis_parse(copy, size - 1, &rules, frames, &error);
        break;
    }
    free(copy);
    return 0;
}

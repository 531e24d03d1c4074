/*
 * Fuzzes what usbnet makes of a CDC-ECM device: configuration descriptors, of which a complete function must keep what
 * the rest of the driver relies on, notifications, MAC strings, and transfers of one frame. The first byte picks one.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/usbnet/cdc.h"
#include "drivers/usbnet/ecm.h"

static void read_configuration(const uint8_t *data, ULONG length)
{
    CDC_FUNCTION function;

    if (CdcParseConfiguration(data, length, &function) != STATUS_SUCCESS)
        return;
    assert(function.Kind != CdcNone && function.ControlInterface != function.DataInterface);
    if (function.Kind != CdcRndis)
        assert(function.MaxSegmentSize >= 576 && function.MacAddressString != 0);
}

static void read_block(const uint8_t *data, ULONG length)
{
    ECM_READER reader;
    DATAGRAM datagram;

    if (!EcmReaderStart(&reader, data, length)) {
        assert(length < ETHERNET_HEADER_LENGTH);
        return;
    }
    assert(EcmReaderNext(&reader, &datagram) == BlockReadDatagram);
    assert(datagram.Offset == 0 && datagram.Length == length);
    assert(EcmReaderNext(&reader, &datagram) == BlockReadEnd);
}

static void write_block(const uint8_t *data, size_t size)
{
    static UCHAR buffer[1514];
    ECM_WRITER writer;
    ULONG length;

    if (size < 2)
        return;
    length = data[0] | (ULONG)data[1] << 8;
    EcmWriterStart(&writer, buffer, sizeof(buffer));
    if (length == 0)
        return;
    if (EcmWriterReserve(&writer, length) == NULL) {
        assert(length > sizeof(buffer));
        return;
    }
    assert(EcmWriterReserve(&writer, 14) == NULL); /* one frame, no more */
    assert(EcmWriterFinish(&writer) == length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CDC_NOTIFICATION notification;
    UCHAR address[6], *copy;

    if (size < 1)
        return 0;
    /* A copy of exactly that size, so that a read beyond its end is seen. */
    copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        read_configuration(copy, (ULONG)size - 1);
        break;
    case 1:
        CdcParseNotification(copy, (ULONG)size - 1, 0, &notification);
        break;
    case 2:
        if (CdcParseMacAddress(copy, (ULONG)size - 1, address) == STATUS_SUCCESS)
            assert(!(address[0] & 1));
        break;
    case 3:
        read_block(copy, (ULONG)size - 1);
        break;
    case 4:
        write_block(copy, size - 1);
        break;
    }
    free(copy);
    return 0;
}

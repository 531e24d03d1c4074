/*
 * What the framings have in common: a transfer of the bulk pipes is a block, and a block holds datagrams, which are
 * Ethernet frames without their check sequence.
 */
#pragma once

#include <ndis.h>

#define ETHERNET_HEADER_LENGTH 14

/* Where a datagram lies in a block. */
typedef struct _DATAGRAM {
    ULONG Offset;
    ULONG Length;
} DATAGRAM;

/* Malformed ends the block: nothing behind it can be trusted. */
typedef enum _BLOCK_READ { BlockReadDatagram, BlockReadEnd, BlockReadMalformed } BLOCK_READ;

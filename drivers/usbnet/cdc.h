/*
 * What a configuration descriptor says about a network function of the USB communications class: CDC-NCM, CDC-ECM, or
 * Remote NDIS; and the notifications that the first two send. Pure functions over what the device sent, which is
 * hostile.
 */
#pragma once

#include "block.h"

/* Class requests that ECM 1.2 (table 6) defines and NCM takes over. */
#define CDC_SET_ETHERNET_MULTICAST_FILTERS 0x40
#define CDC_SET_ETHERNET_PACKET_FILTER     0x43

/* Packet filter bits of SET_ETHERNET_PACKET_FILTER (ECM 1.2, table 8). */
#define CDC_FILTER_PROMISCUOUS   0x01
#define CDC_FILTER_ALL_MULTICAST 0x02
#define CDC_FILTER_DIRECTED      0x04
#define CDC_FILTER_BROADCAST     0x08
#define CDC_FILTER_MULTICAST     0x10

/* Notifications on the interrupt pipe (CDC 1.2, table 20); their last header field is the length of what follows. */
#define CDC_NOTIFICATION_HEADER     8
#define CDC_NETWORK_CONNECTION      0x00
#define CDC_RESPONSE_AVAILABLE      0x01
#define CDC_CONNECTION_SPEED_CHANGE 0x2A

typedef enum _CDC_KIND { CdcNone, CdcNcm, CdcEcm, CdcRndis } CDC_KIND;

/* The parts of a configuration that make one network function. */
typedef struct _CDC_FUNCTION {
    CDC_KIND Kind;
    UCHAR ControlInterface;
    UCHAR DataInterface;
    UCHAR DataAlternate;       /* the alternate setting that has the bulk endpoints */
    UCHAR MacAddressString;    /* iMACAddress; NCM and ECM only, as all that follows */
    UCHAR NetworkCapabilities; /* NCM only */
    UCHAR MulticastPerfectFilters;
    USHORT MulticastFilters; /* wNumberMCFilters without its top bit */
    USHORT MaxSegmentSize;
} CDC_FUNCTION;

/* Finds the first complete network function in a configuration descriptor of Length bytes. */
NTSTATUS
CdcParseConfiguration(_In_reads_bytes_(Length) const UCHAR *Configuration, ULONG Length, _Out_ CDC_FUNCTION *Function);

/* Twelve hexadecimal digits of a string descriptor (header included) become an Ethernet address. */
NTSTATUS
CdcParseMacAddress(_In_reads_bytes_(Length) const UCHAR *StringDescriptor, ULONG Length,
                   _Out_writes_bytes_(6) UCHAR *Address);

typedef struct _CDC_NOTIFICATION {
    UCHAR Code;
    BOOLEAN Connected;      /* CDC_NETWORK_CONNECTION */
    ULONG RxSpeed, TxSpeed; /* CDC_CONNECTION_SPEED_CHANGE: bit/s */
} CDC_NOTIFICATION;

/* Checks a notification of Length received bytes; FALSE when it is malformed, or from another interface. */
BOOLEAN
CdcParseNotification(_In_reads_bytes_(Length) const UCHAR *Bytes, ULONG Length, UCHAR ControlInterface,
                     _Out_ CDC_NOTIFICATION *Notification);

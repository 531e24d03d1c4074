/*
 * Native 802.11: what Ethernet-like miniports and filters meet of it. Pages: "DOT11_EXTSTA_RECV_CONTEXT structure",
 * "DOT11_CURRENT_OPERATION_MODE structure", "OID_DOT11_CURRENT_OPERATION_MODE".
 */
#pragma once

#include <ndis/types.h>
#include <ndis/objectheader.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DOT11_OPERATION_MODE_UNKNOWN            0x00000000
#define DOT11_OPERATION_MODE_STATION            0x00000001
#define DOT11_OPERATION_MODE_AP                 0x00000002
#define DOT11_OPERATION_MODE_EXTENSIBLE_STATION 0x00000004
#define DOT11_OPERATION_MODE_EXTENSIBLE_AP      0x00000008
#define DOT11_OPERATION_MODE_WFD_DEVICE         0x00000010
#define DOT11_OPERATION_MODE_WFD_GROUP_OWNER    0x00000020
#define DOT11_OPERATION_MODE_WFD_CLIENT         0x00000040
#define DOT11_OPERATION_MODE_MANUFACTURING      0x40000000
#define DOT11_OPERATION_MODE_NETWORK_MONITOR    0x80000000

typedef struct _DOT11_CURRENT_OPERATION_MODE {
    ULONG uReserved;
    ULONG uCurrentOpMode; /* DOT11_OPERATION_MODE_Xxx */
} DOT11_CURRENT_OPERATION_MODE, *PDOT11_CURRENT_OPERATION_MODE;

#define DOT11_RECV_FLAG_RAW_PACKET             0x00000001
#define DOT11_RECV_FLAG_RAW_PACKET_FCS_FAILURE 0x00000002
#define DOT11_RECV_FLAG_RAW_PACKET_TIMESTAMP   0x00000004

/* Out-of-band information of a received frame (MediaSpecificInformation). */
typedef struct DOT11_EXTSTA_RECV_CONTEXT {
    NDIS_OBJECT_HEADER Header;
    ULONG uReceiveFlags; /* DOT11_RECV_FLAG_Xxx */
    ULONG uPhyId;
    ULONG uChCenterFrequency; /* MHz */
    USHORT usNumberOfMPDUsReceived;
    LONG lRSSI;       /* dBm */
    UCHAR ucDataRate; /* index into the rate table, units of 500 kbit/s */
    ULONG uSizeMediaSpecificInfo;
    PVOID pvMediaSpecificInfo;
    ULONGLONG ullTimestamp; /* microseconds of the receiver's clock */
} DOT11_EXTSTA_RECV_CONTEXT, *PDOT11_EXTSTA_RECV_CONTEXT;
#define DOT11_EXTSTA_RECV_CONTEXT_REVISION_1 1

#ifdef __cplusplus
}
#endif

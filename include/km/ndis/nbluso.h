/*
 * UDP segmentation offload of one NET_BUFFER_LIST. Stored in NET_BUFFER_LIST_INFO(nbl, UdpSegmentationOffloadInfo),
 * NDIS 6.83. Page: "NDIS_UDP_SEGMENTATION_OFFLOAD_NET_BUFFER_LIST_INFO structure".
 */
#pragma once

#include <ndis/types.h>
#include <ndis/version.h>

#ifdef __cplusplus
extern "C" {
#endif

#if NDIS_SUPPORT_NDIS683

#define NDIS_UDP_SEGMENTATION_OFFLOAD_IPV4 0
#define NDIS_UDP_SEGMENTATION_OFFLOAD_IPV6 1

typedef struct _NDIS_UDP_SEGMENTATION_OFFLOAD_NET_BUFFER_LIST_INFO {
    union {
        struct {
            ULONG MSS : 20;             /* bytes */
            ULONG UdpHeaderOffset : 10; /* bytes from the frame's start */
            ULONG Reserved : 1;
            ULONG IPVersion : 1;
        } Transmit;
        PVOID Value;
    };
} NDIS_UDP_SEGMENTATION_OFFLOAD_NET_BUFFER_LIST_INFO, *PNDIS_UDP_SEGMENTATION_OFFLOAD_NET_BUFFER_LIST_INFO;

#endif

#ifdef __cplusplus
}
#endif

/*
 * Receive segment coalescing: how many TCP segments a received NET_BUFFER_LIST was made from. Stored in
 * NET_BUFFER_LIST_INFO(nbl, TcpRecvSegCoalesceInfo), NDIS 6.30. Page: "NDIS_RSC_NBL_INFO structure".
 */
#pragma once

#include <ndis/nbl.h>

#ifdef __cplusplus
extern "C" {
#endif

#if NDIS_SUPPORT_NDIS630

typedef union _NDIS_RSC_NBL_INFO {
    struct {
        USHORT CoalescedSegCount; /* 0 when nothing was coalesced */
        USHORT DupAckCount;
    } Info;
    PVOID Value;
} NDIS_RSC_NBL_INFO, *PNDIS_RSC_NBL_INFO;

#define NET_BUFFER_LIST_COALESCED_SEG_COUNT(_NBL)                                                                      \
    (((PNDIS_RSC_NBL_INFO) & ((_NBL)->NetBufferListInfo[TcpRecvSegCoalesceInfo]))->Info.CoalescedSegCount)
#define NET_BUFFER_LIST_DUP_ACK_COUNT(_NBL)                                                                            \
    (((PNDIS_RSC_NBL_INFO) & ((_NBL)->NetBufferListInfo[TcpRecvSegCoalesceInfo]))->Info.DupAckCount)

#endif

#ifdef __cplusplus
}
#endif

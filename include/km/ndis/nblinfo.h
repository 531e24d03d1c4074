/*
 * Out-of-band information of a NET_BUFFER_LIST: the indices of its NetBufferListInfo array. Later NDIS versions append
 * entries, so a driver's MaxNetBufferListInfo depends on the version that it is compiled for.
 * Page: "NDIS_NET_BUFFER_LIST_INFO enumeration".
 */
#pragma once

#include <ndis/version.h>

typedef enum _NDIS_NET_BUFFER_LIST_INFO {
    TcpIpChecksumNetBufferListInfo, /* NDIS_TCP_IP_CHECKSUM_NET_BUFFER_LIST_INFO */
    TcpOffloadBytesTransferred = TcpIpChecksumNetBufferListInfo,
    IPsecOffloadV1NetBufferListInfo,
    IPsecOffloadV2NetBufferListInfo = IPsecOffloadV1NetBufferListInfo,
    TcpLargeSendNetBufferListInfo, /* NDIS_TCP_LARGE_SEND_OFFLOAD_NET_BUFFER_LIST_INFO */
    TcpReceiveNoPush = TcpLargeSendNetBufferListInfo,
    ClassificationHandleNetBufferListInfo,
    Ieee8021QNetBufferListInfo, /* NDIS_NET_BUFFER_LIST_8021Q_INFO */
    NetBufferListCancelId,      /* ULONG_PTR, see NdisCancelSendNetBufferLists */
    MediaSpecificInformation,
    NetBufferListFrameType, /* USHORT, EtherType in network byte order */
    NetBufferListProtocolId = NetBufferListFrameType,
    NetBufferListHashValue, /* ULONG, receive side scaling */
    NetBufferListHashInfo,  /* ULONG, hash function and type, see hashtypes.h */
    WfpNetBufferListInfo,
#if NDIS_SUPPORT_NDIS61
    IPsecOffloadV2TunnelNetBufferListInfo,
    IPsecOffloadV2HeaderNetBufferListInfo,
#endif
#if NDIS_SUPPORT_NDIS620
    NetBufferListCorrelationId,
    NetBufferListFilteringInfo,
    MediaSpecificInformationEx,
    NblOriginalInterfaceIfIndex,
    NblReAuthWfpFlowContext = NblOriginalInterfaceIfIndex,
    TcpReceiveBytesTransferred,
    NrtNameResolutionId = TcpReceiveBytesTransferred,
#endif
#if NDIS_SUPPORT_NDIS684
    UdpRecvSegCoalesceOffloadInfo = TcpReceiveBytesTransferred,
#endif
#if NDIS_SUPPORT_NDIS630
    SwitchForwardingReserved,
    SwitchForwardingDetail,
    VirtualSubnetInfo,
    IMReserved,
    TcpRecvSegCoalesceInfo, /* NDIS_RSC_NBL_INFO */
    RscTcpTimestampDelta,
    TcpSendOffloadsSupplementalNetBufferListInfo = RscTcpTimestampDelta,
#endif
#if NDIS_SUPPORT_NDIS683
    UdpSegmentationOffloadInfo = TcpRecvSegCoalesceInfo, /* NDIS_UDP_SEGMENTATION_OFFLOAD_NET_BUFFER_LIST_INFO */
#endif
#if NDIS_SUPPORT_NDIS650
    GftOffloadInformation,
    GftFlowEntryId,
#endif
#if NDIS_SUPPORT_NDIS680
    NetBufferListInfoReserved3,
#endif
#if NDIS_SUPPORT_NDIS682
    NetBufferListInfoReserved4,
#endif
    MaxNetBufferListInfo
} NDIS_NET_BUFFER_LIST_INFO,
    *PNDIS_NET_BUFFER_LIST_INFO;

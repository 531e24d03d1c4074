/*
 * Layouts of NDIS 6 that follow from the public documentation's field orders and types under the Windows x64 rules, and
 * the offsets that public debugger listings of the packet descriptors show. The page is named at each block; 6.30 is
 * the version.
 */
#include "ndis_headers.h"

#define SIZE(type, bytes)          _Static_assert(sizeof(type) == (bytes), #type)
#define OFFSET(type, field, bytes) _Static_assert(__builtin_offsetof(type, field) == (bytes), #type "." #field)

/* "NET_BUFFER structure", "NET_BUFFER_DATA structure": pointers, ULONGs and the union with SIZE_T, aligned as
 * SLIST_HEADER. */
OFFSET(NET_BUFFER, Next, 0x00);
OFFSET(NET_BUFFER, CurrentMdl, 0x08);
OFFSET(NET_BUFFER, CurrentMdlOffset, 0x10);
OFFSET(NET_BUFFER, DataLength, 0x18);
OFFSET(NET_BUFFER, stDataLength, 0x18);
OFFSET(NET_BUFFER, MdlChain, 0x20);
OFFSET(NET_BUFFER, DataOffset, 0x28);
OFFSET(NET_BUFFER, ChecksumBias, 0x30);
OFFSET(NET_BUFFER, NdisPoolHandle, 0x38);
OFFSET(NET_BUFFER, NdisReserved, 0x40);
OFFSET(NET_BUFFER, ProtocolReserved, 0x50);
OFFSET(NET_BUFFER, MiniportReserved, 0x80);
OFFSET(NET_BUFFER, DataPhysicalAddress, 0xA0);
OFFSET(NET_BUFFER, ScatterGatherList, 0xA8);
SIZE(NET_BUFFER, 0xB0);
SIZE(NET_BUFFER_DATA, 0x30);
SIZE(NET_BUFFER_HEADER, 0x30);

/* "NET_BUFFER_LIST structure". */
OFFSET(NET_BUFFER_LIST, Next, 0x00);
OFFSET(NET_BUFFER_LIST, FirstNetBuffer, 0x08);
OFFSET(NET_BUFFER_LIST, Context, 0x10);
OFFSET(NET_BUFFER_LIST, ParentNetBufferList, 0x18);
OFFSET(NET_BUFFER_LIST, NdisPoolHandle, 0x20);
OFFSET(NET_BUFFER_LIST, NdisReserved, 0x30);
OFFSET(NET_BUFFER_LIST, ProtocolReserved, 0x40);
OFFSET(NET_BUFFER_LIST, MiniportReserved, 0x60);
OFFSET(NET_BUFFER_LIST, Scratch, 0x70);
OFFSET(NET_BUFFER_LIST, SourceHandle, 0x78);
OFFSET(NET_BUFFER_LIST, NblFlags, 0x80);
OFFSET(NET_BUFFER_LIST, ChildRefCount, 0x84);
OFFSET(NET_BUFFER_LIST, Flags, 0x88);
OFFSET(NET_BUFFER_LIST, Status, 0x8C);
OFFSET(NET_BUFFER_LIST, NetBufferListInfo, 0x90);

/* "NDIS_NET_BUFFER_LIST_INFO enumeration": the order of the members, each as of the version that added it. */
_Static_assert(TcpIpChecksumNetBufferListInfo == 0, "");
_Static_assert(TcpLargeSendNetBufferListInfo == 2, "");
_Static_assert(Ieee8021QNetBufferListInfo == 4, "");
_Static_assert(NetBufferListCancelId == 5, "");
_Static_assert(NetBufferListFrameType == 7, "");
_Static_assert(NetBufferListHashValue == 8, "");
_Static_assert(NetBufferListHashInfo == 9, "");
_Static_assert(NetBufferListFilteringInfo == 14, "");
_Static_assert(MediaSpecificInformationEx == 15, "");
_Static_assert(TcpRecvSegCoalesceInfo == 22, "");
_Static_assert(MaxNetBufferListInfo == 24, "");

/* "NET_BUFFER_LIST_CONTEXT structure": the data begins at the next multiple of MEMORY_ALLOCATION_ALIGNMENT. */
OFFSET(NET_BUFFER_LIST_CONTEXT, Size, 0x08);
OFFSET(NET_BUFFER_LIST_CONTEXT, Offset, 0x0A);
OFFSET(NET_BUFFER_LIST_CONTEXT, ContextData, 0x10);
SIZE(NET_BUFFER_LIST_CONTEXT, 0x10);
SIZE(NET_BUFFER_SHARED_MEMORY, 0x20);

/* "NET_BUFFER_LIST_POOL_PARAMETERS structure", "NdisAllocateNetBufferPool function". */
OFFSET(NET_BUFFER_LIST_POOL_PARAMETERS, ProtocolId, 4);
OFFSET(NET_BUFFER_LIST_POOL_PARAMETERS, fAllocateNetBuffer, 5);
OFFSET(NET_BUFFER_LIST_POOL_PARAMETERS, ContextSize, 6);
OFFSET(NET_BUFFER_LIST_POOL_PARAMETERS, PoolTag, 8);
OFFSET(NET_BUFFER_LIST_POOL_PARAMETERS, DataSize, 12);
_Static_assert(NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1 == 16, "");
_Static_assert(NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1 == 12, "");

/* "NDIS_OID_REQUEST structure": 16 pointers for NDIS, two each for the miniport and the source. */
OFFSET(NDIS_OID_REQUEST, RequestType, 4);
OFFSET(NDIS_OID_REQUEST, PortNumber, 8);
OFFSET(NDIS_OID_REQUEST, Timeout, 12);
OFFSET(NDIS_OID_REQUEST, RequestId, 16);
OFFSET(NDIS_OID_REQUEST, RequestHandle, 24);
OFFSET(NDIS_OID_REQUEST, DATA, 32);
OFFSET(NDIS_OID_REQUEST, DATA.QUERY_INFORMATION.InformationBuffer, 40);
OFFSET(NDIS_OID_REQUEST, DATA.QUERY_INFORMATION.InformationBufferLength, 48);
OFFSET(NDIS_OID_REQUEST, DATA.METHOD_INFORMATION.BytesNeeded, 68);
OFFSET(NDIS_OID_REQUEST, NdisReserved, 72);
OFFSET(NDIS_OID_REQUEST, MiniportReserved, 200);
OFFSET(NDIS_OID_REQUEST, SourceReserved, 216);
OFFSET(NDIS_OID_REQUEST, SupportedRevision, 232);
SIZE(NDIS_OID_REQUEST, 240);

/* "NDIS_TCP_IP_CHECKSUM_NET_BUFFER_LIST_INFO structure" and the other out-of-band unions: each as large as a pointer.
 */
SIZE(NDIS_TCP_IP_CHECKSUM_NET_BUFFER_LIST_INFO, 8);
SIZE(NDIS_TCP_LARGE_SEND_OFFLOAD_NET_BUFFER_LIST_INFO, 8);
SIZE(NDIS_NET_BUFFER_LIST_8021Q_INFO, 8);
SIZE(NDIS_RSC_NBL_INFO, 8);

/* "NDIS_LINK_STATE structure", "NDIS_STATISTICS_INFO structure", "NDIS_OBJECT_HEADER structure". */
SIZE(NDIS_OBJECT_HEADER, 4);
SIZE(NDIS_LINK_STATE, 40);
OFFSET(NDIS_LINK_STATE, XmitLinkSpeed, 16);
SIZE(NDIS_STATISTICS_INFO, 152);
OFFSET(NDIS_STATISTICS_INFO, ifInDiscards, 8);

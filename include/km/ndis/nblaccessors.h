/*
 * Access to the members of NET_BUFFER and NET_BUFFER_LIST. Each macro names one member and can be read and assigned;
 * none calls into NDIS. Any IRQL. Pages: "NET_BUFFER_LIST_FIRST_NB macro" and its siblings.
 */
#pragma once

#include <ndis/nbl.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NET_BUFFER_NEXT_NB(_NB)            ((_NB)->Next)
#define NET_BUFFER_FIRST_MDL(_NB)          ((_NB)->MdlChain)
#define NET_BUFFER_DATA_LENGTH(_NB)        ((_NB)->DataLength)
#define NET_BUFFER_DATA_OFFSET(_NB)        ((_NB)->DataOffset)
#define NET_BUFFER_CURRENT_MDL(_NB)        ((_NB)->CurrentMdl)
#define NET_BUFFER_CURRENT_MDL_OFFSET(_NB) ((_NB)->CurrentMdlOffset)
#define NET_BUFFER_PROTOCOL_RESERVED(_NB)  ((_NB)->ProtocolReserved)
#define NET_BUFFER_MINIPORT_RESERVED(_NB)  ((_NB)->MiniportReserved)
#define NET_BUFFER_CHECKSUM_BIAS(_NB)      ((_NB)->ChecksumBias)
#if NDIS_SUPPORT_NDIS61
#define NET_BUFFER_DATA_PHYSICAL_ADDRESS(_NB) ((_NB)->DataPhysicalAddress)
#endif
#if NDIS_SUPPORT_NDIS620
#define NET_BUFFER_FIRST_SHARED_MEM_INFO(_NB)    ((_NB)->SharedMemoryInfo)
#define NET_BUFFER_SHARED_MEM_NEXT_SEGMENT(_SHI) ((_SHI)->NextSharedMemorySegment)
#define NET_BUFFER_SHARED_MEM_FLAGS(_SHI)        ((_SHI)->SharedMemoryFlags)
#define NET_BUFFER_SHARED_MEM_HANDLE(_SHI)       ((_SHI)->SharedMemoryHandle)
#define NET_BUFFER_SHARED_MEM_OFFSET(_SHI)       ((_SHI)->SharedMemoryOffset)
#define NET_BUFFER_SHARED_MEM_LENGTH(_SHI)       ((_SHI)->SharedMemoryLength)
#define NET_BUFFER_SCATTER_GATHER_LIST(_NB)      ((_NB)->ScatterGatherList)
#endif

#define NET_BUFFER_LIST_NEXT_NBL(_NBL)          ((_NBL)->Next)
#define NET_BUFFER_LIST_FIRST_NB(_NBL)          ((_NBL)->FirstNetBuffer)
#define NET_BUFFER_LIST_FLAGS(_NBL)             ((_NBL)->Flags)
#define NET_BUFFER_LIST_NBL_FLAGS(_NBL)         ((_NBL)->NblFlags)
#define NET_BUFFER_LIST_PROTOCOL_RESERVED(_NBL) ((_NBL)->ProtocolReserved)
#define NET_BUFFER_LIST_MINIPORT_RESERVED(_NBL) ((_NBL)->MiniportReserved)
#define NET_BUFFER_LIST_STATUS(_NBL)            ((_NBL)->Status)
#define NET_BUFFER_LIST_INFO(_NBL, _Id)         ((_NBL)->NetBufferListInfo[(_Id)])

/* The context that was pushed last, and the bytes of its whole context space (used and not). */
#define NET_BUFFER_LIST_CONTEXT_DATA_START(_NBL) ((PUCHAR)(((_NBL)->Context) + 1) + (_NBL)->Context->Offset)
#define NET_BUFFER_LIST_CONTEXT_DATA_SIZE(_NBL)  ((_NBL)->Context->Size)

/* Bits of NblFlags. TestFlag: any of the bits; TestFlags: all of them. */
#define NdisTestNblFlag(_NBL, _F)  (((_NBL)->NblFlags & (_F)) != 0)
#define NdisTestNblFlags(_NBL, _F) (((_NBL)->NblFlags & (_F)) == (_F))
#define NdisSetNblFlag(_NBL, _F)   ((_NBL)->NblFlags |= (_F))
#define NdisClearNblFlag(_NBL, _F) ((_NBL)->NblFlags &= ~(_F))

/* Which protocol allocated a NET_BUFFER_LIST: NDIS_PROTOCOL_ID_Xxx, in the low byte of its out-of-band entry. */
#define NDIS_PROTOCOL_ID_DEFAULT 0x00
#define NDIS_PROTOCOL_ID_TCP_IP  0x02
#define NDIS_PROTOCOL_ID_IPX     0x06
#define NDIS_PROTOCOL_ID_NBF     0x07
#define NDIS_PROTOCOL_ID_MAX     0x0F
#define NDIS_PROTOCOL_ID_MASK    0x0F
#define NdisSetNetBufferListProtocolId(_NBL, _ProtocolId)                                                              \
    *((PUCHAR)(&NET_BUFFER_LIST_INFO(_NBL, NetBufferListProtocolId))) = (_ProtocolId)

#ifdef __cplusplus
}
#endif

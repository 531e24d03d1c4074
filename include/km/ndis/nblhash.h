/*
 * The receive side scaling hash of a received NET_BUFFER_LIST. Pages: "NET_BUFFER_LIST_SET_HASH_VALUE macro" and its
 * siblings, "Indicating RSS Receive Data".
 */
#pragma once

#include <ndis/nbl.h>
#include <ndis/hashtypes.h>

#define NET_BUFFER_LIST_GET_HASH_TYPE(_NBL)                                                                            \
    (PtrToUlong((_NBL)->NetBufferListInfo[NetBufferListHashInfo]) & NDIS_HASH_TYPE_MASK)
#define NET_BUFFER_LIST_GET_HASH_FUNCTION(_NBL)                                                                        \
    (PtrToUlong((_NBL)->NetBufferListInfo[NetBufferListHashInfo]) & NDIS_HASH_FUNCTION_MASK)
#define NET_BUFFER_LIST_GET_HASH_VALUE(_NBL) (PtrToUlong((_NBL)->NetBufferListInfo[NetBufferListHashValue]))

/* Each setter leaves the other half of the hash information as it was. */
#define NET_BUFFER_LIST_SET_HASH_TYPE(_NBL, _HashType)                                                                 \
    ((_NBL)->NetBufferListInfo[NetBufferListHashInfo] =                                                                \
         UlongToPtr((PtrToUlong((_NBL)->NetBufferListInfo[NetBufferListHashInfo]) & ~NDIS_HASH_TYPE_MASK) |            \
                    ((_HashType)&NDIS_HASH_TYPE_MASK)))
#define NET_BUFFER_LIST_SET_HASH_FUNCTION(_NBL, _HashFunction)                                                         \
    ((_NBL)->NetBufferListInfo[NetBufferListHashInfo] =                                                                \
         UlongToPtr((PtrToUlong((_NBL)->NetBufferListInfo[NetBufferListHashInfo]) & ~NDIS_HASH_FUNCTION_MASK) |        \
                    ((_HashFunction)&NDIS_HASH_FUNCTION_MASK)))
#define NET_BUFFER_LIST_SET_HASH_VALUE(_NBL, _HashValue)                                                               \
    ((_NBL)->NetBufferListInfo[NetBufferListHashValue] = UlongToPtr(_HashValue))

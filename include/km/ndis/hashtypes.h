/*
 * Receive side scaling: numbers of hash functions and hash types, and how both share one ULONG (function in the low
 * byte). Pages: "RSS Hashing Functions", "RSS Hashing Types", "NDIS_RSS_HASH_INFO_FROM_TYPE_AND_FUNC macro".
 */
#pragma once

#define NdisHashFunctionToeplitz  0x00000001
#define NdisHashFunctionReserved1 0x00000002
#define NdisHashFunctionReserved2 0x00000004
#define NdisHashFunctionReserved3 0x00000008

#define NDIS_HASH_FUNCTION_MASK 0x000000FF
#define NDIS_HASH_TYPE_MASK     0x00FFFF00

#define NDIS_HASH_IPV4        0x00000100
#define NDIS_HASH_TCP_IPV4    0x00000200
#define NDIS_HASH_IPV6        0x00000400
#define NDIS_HASH_IPV6_EX     0x00000800
#define NDIS_HASH_TCP_IPV6    0x00001000
#define NDIS_HASH_TCP_IPV6_EX 0x00002000
#define NDIS_HASH_UDP_IPV4    0x00004000
#define NDIS_HASH_UDP_IPV6    0x00008000
#define NDIS_HASH_UDP_IPV6_EX 0x00010000

#define NDIS_RSS_HASH_FUNC_FROM_HASH_INFO(HashInfo)                   ((HashInfo) & (NDIS_HASH_FUNCTION_MASK))
#define NDIS_RSS_HASH_TYPE_FROM_HASH_INFO(HashInfo)                   ((HashInfo) & (NDIS_HASH_TYPE_MASK))
#define NDIS_RSS_HASH_INFO_FROM_TYPE_AND_FUNC(HashType, HashFunction) ((HashType) | (HashFunction))

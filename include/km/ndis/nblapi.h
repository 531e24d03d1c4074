/*
 * Allocation of NET_BUFFER_LISTs and NET_BUFFERs from pools, derived lists (clones, fragments, reassembled lists), and
 * moving the start and reading the contents of a NET_BUFFER's data. Every function may be called at IRQL <=
 * DISPATCH_LEVEL unless said otherwise. Each is described on the page "<name> function".
 */
#pragma once

#include <ndis/types.h>
#include <ndis/version.h>
#include <ndis/objectheader.h>
#include <ndis/nbl.h>
#include <ndis/nblaccessors.h>
#include <ndis/mdlapi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _NET_BUFFER_LIST_POOL_PARAMETERS {
    NDIS_OBJECT_HEADER Header; /* NDIS_OBJECT_TYPE_DEFAULT */
    UCHAR ProtocolId;          /* NDIS_PROTOCOL_ID_DEFAULT but for protocol drivers */
    BOOLEAN fAllocateNetBuffer;
    USHORT ContextSize; /* bytes of context space preallocated; a multiple of MEMORY_ALLOCATION_ALIGNMENT */
    ULONG PoolTag;
    ULONG DataSize; /* bytes of data preallocated with each NET_BUFFER; needs fAllocateNetBuffer */
#if NDIS_SUPPORT_NDIS684
    ULONG Flags;
#endif
} NET_BUFFER_LIST_POOL_PARAMETERS, *PNET_BUFFER_LIST_POOL_PARAMETERS;

#define NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1 1
#define NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1                                                         \
    RTL_SIZEOF_THROUGH_FIELD(NET_BUFFER_LIST_POOL_PARAMETERS, DataSize)
#if NDIS_SUPPORT_NDIS684
#define NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_2 2
#define NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_2                                                         \
    RTL_SIZEOF_THROUGH_FIELD(NET_BUFFER_LIST_POOL_PARAMETERS, Flags)
#define NET_BUFFER_LIST_POOL_FLAG_VERIFY 0x00000001
#endif

typedef struct _NET_BUFFER_POOL_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG PoolTag;
    ULONG DataSize;
#if NDIS_SUPPORT_NDIS684
    ULONG Flags;
#endif
} NET_BUFFER_POOL_PARAMETERS, *PNET_BUFFER_POOL_PARAMETERS;

#define NET_BUFFER_POOL_PARAMETERS_REVISION_1             1
#define NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NET_BUFFER_POOL_PARAMETERS, DataSize)
#if NDIS_SUPPORT_NDIS684
#define NET_BUFFER_POOL_PARAMETERS_REVISION_2             2
#define NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_2 RTL_SIZEOF_THROUGH_FIELD(NET_BUFFER_POOL_PARAMETERS, Flags)
#endif

/*
 * A driver's own allocator of MDLs for retreat operations. *BufferSize is in bytes, in: needed, out: allocated (at
 * least as many). NULL fails the operation. Pages: "NET_BUFFER_ALLOCATE_MDL callback function", "NET_BUFFER_FREE_MDL
 * callback function".
 */
typedef PMDL(NTAPI NET_BUFFER_ALLOCATE_MDL)(_Inout_ PULONG BufferSize);
typedef NET_BUFFER_ALLOCATE_MDL(*NET_BUFFER_ALLOCATE_MDL_HANDLER);
typedef VOID(NTAPI NET_BUFFER_FREE_MDL)(_In_ PMDL Mdl);
typedef NET_BUFFER_FREE_MDL(*NET_BUFFER_FREE_MDL_HANDLER);

/* NULL when the parameters are invalid or memory is short. */
NDISAPI NDIS_HANDLE NTAPI NdisAllocateNetBufferListPool(_In_opt_ NDIS_HANDLE NdisHandle,
                                                        _In_ PNET_BUFFER_LIST_POOL_PARAMETERS Parameters);

/* Every list of the pool must have been freed before. */
NDISAPI VOID NTAPI NdisFreeNetBufferListPool(_In_ NDIS_HANDLE PoolHandle);

NDISAPI NDIS_HANDLE NTAPI NdisAllocateNetBufferPool(_In_opt_ NDIS_HANDLE NdisHandle,
                                                    _In_ PNET_BUFFER_POOL_PARAMETERS Parameters);
NDISAPI VOID NTAPI NdisFreeNetBufferPool(_In_ NDIS_HANDLE PoolHandle);

/*
 * ContextSize and ContextBackFill are in bytes, multiples of MEMORY_ALLOCATION_ALIGNMENT: used context space for the
 * caller, and room below it for drivers that the list travels to. Next, Status, the information array and the reserved
 * areas are zero in a list from a pool.
 */
NDISAPI PNET_BUFFER_LIST NTAPI NdisAllocateNetBufferList(_In_ NDIS_HANDLE PoolHandle, _In_ USHORT ContextSize,
                                                         _In_ USHORT ContextBackFill);

/* The pool has fAllocateNetBuffer TRUE and DataSize 0; the list's one NET_BUFFER describes the MDL chain. */
NDISAPI PNET_BUFFER_LIST NTAPI NdisAllocateNetBufferAndNetBufferList(_In_ NDIS_HANDLE PoolHandle,
                                                                     _In_ USHORT ContextSize,
                                                                     _In_ USHORT ContextBackFill,
                                                                     _In_opt_ PMDL MdlChain, _In_ ULONG DataOffset,
                                                                     _In_ SIZE_T DataLength);

/* Frees a list and what was preallocated with it; contexts that drivers pushed must have been freed. */
NDISAPI VOID NTAPI NdisFreeNetBufferList(_In_ PNET_BUFFER_LIST NetBufferList);

NDISAPI PNET_BUFFER NTAPI NdisAllocateNetBuffer(_In_ NDIS_HANDLE PoolHandle, _In_opt_ PMDL MdlChain,
                                                _In_ ULONG DataOffset, _In_ SIZE_T DataLength);

/* With an MDL and DataSize bytes of data, as the pool was created; DataLength is 0 and DataOffset is DataSize. */
NDISAPI PNET_BUFFER NTAPI NdisAllocateNetBufferMdlAndData(_In_ NDIS_HANDLE PoolHandle);
NDISAPI VOID NTAPI NdisFreeNetBuffer(_In_ PNET_BUFFER NetBuffer);

NDISAPI NDIS_HANDLE NTAPI NdisGetPoolFromNetBufferList(_In_ PNET_BUFFER_LIST NetBufferList);
NDISAPI NDIS_HANDLE NTAPI NdisGetPoolFromNetBuffer(_In_ PNET_BUFFER NetBuffer);
NDISAPI UCHAR NTAPI NdisGetNetBufferListProtocolId(_In_ PNET_BUFFER_LIST NetBufferList);

/* NDIS_STATUS_SUCCESS, NDIS_STATUS_RESOURCES, NDIS_STATUS_FAILURE (the sizes are not multiples of a pointer's size). */
NDISAPI NDIS_STATUS NTAPI NdisAllocateNetBufferListContext(_In_ PNET_BUFFER_LIST NetBufferList, _In_ USHORT ContextSize,
                                                           _In_ USHORT ContextBackFill, _In_ ULONG PoolTag);
NDISAPI VOID NTAPI NdisFreeNetBufferListContext(_In_ PNET_BUFFER_LIST NetBufferList, _In_ USHORT ContextSize);

/* Flags of NdisAllocateCloneNetBufferList and NdisFreeCloneNetBufferList. */
#define NDIS_CLONE_FLAGS_RESERVED          0x00000001
#define NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS 0x00000002

/* A list of its own over the same data. Without pools NDIS uses its own. The caller maintains ChildRefCount. */
NDISAPI PNET_BUFFER_LIST NTAPI NdisAllocateCloneNetBufferList(_In_ PNET_BUFFER_LIST OriginalNetBufferList,
                                                              _In_opt_ NDIS_HANDLE NetBufferListPoolHandle,
                                                              _In_opt_ NDIS_HANDLE NetBufferPoolHandle,
                                                              _In_ ULONG AllocateCloneFlags);
NDISAPI VOID NTAPI NdisFreeCloneNetBufferList(_In_ PNET_BUFFER_LIST CloneNetBufferList, _In_ ULONG FreeCloneFlags);

/* Each frame of the original, from StartOffset on, cut in NET_BUFFERs of at most MaximumLength bytes; NULL on failure.
 */
NDISAPI PNET_BUFFER_LIST NTAPI NdisAllocateFragmentNetBufferList(_In_ PNET_BUFFER_LIST OriginalNetBufferList,
                                                                 _In_opt_ NDIS_HANDLE NetBufferListPool,
                                                                 _In_opt_ NDIS_HANDLE NetBufferPool,
                                                                 _In_ ULONG StartOffset, _In_ ULONG MaximumLength,
                                                                 _In_ ULONG DataOffsetDelta, _In_ ULONG DataBackFill,
                                                                 _In_ ULONG AllocateFragmentFlags);
NDISAPI VOID NTAPI NdisFreeFragmentNetBufferList(_In_ PNET_BUFFER_LIST FragmentNetBufferList,
                                                 _In_ ULONG DataOffsetDelta, _In_ ULONG FreeFragmentFlags);

/* All frames of the list as one frame, each without its first StartOffset bytes; NULL on failure. */
NDISAPI PNET_BUFFER_LIST NTAPI NdisAllocateReassembledNetBufferList(
    _In_ PNET_BUFFER_LIST FragmentNetBufferList, _In_opt_ NDIS_HANDLE NetBufferAndNetBufferListPoolHandle,
    _In_ ULONG StartOffset, _In_ ULONG DataOffsetDelta, _In_ ULONG DataBackFill, _In_ ULONG AllocateReassembleFlags);
NDISAPI VOID NTAPI NdisFreeReassembledNetBufferList(_In_ PNET_BUFFER_LIST ReassembledNetBufferList,
                                                    _In_ ULONG DataOffsetDelta, _In_ ULONG FreeReassembleFlags);

/*
 * Moves the start of the data DataOffsetDelta bytes towards the front; where the unused space is too small, a new MDL
 * with DataOffsetDelta + DataBackFill bytes is put before the chain. NDIS_STATUS_SUCCESS or NDIS_STATUS_RESOURCES.
 */
NDISAPI NDIS_STATUS NTAPI NdisRetreatNetBufferDataStart(_In_ PNET_BUFFER NetBuffer, _In_ ULONG DataOffsetDelta,
                                                        _In_ ULONG DataBackFill,
                                                        _In_opt_ NET_BUFFER_ALLOCATE_MDL_HANDLER AllocateMdlHandler);

/* Moves it towards the end. FreeMdl: free the MDLs that a retreat had added and that hold no data any more. */
NDISAPI VOID NTAPI NdisAdvanceNetBufferDataStart(_In_ PNET_BUFFER NetBuffer, _In_ ULONG DataOffsetDelta,
                                                 _In_ BOOLEAN FreeMdl,
                                                 _In_opt_ NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler);

/* The same for each NET_BUFFER of a list; a retreat that fails leaves every one as it was. */
NDISAPI NDIS_STATUS NTAPI NdisRetreatNetBufferListDataStart(_In_ PNET_BUFFER_LIST NetBufferList,
                                                            _In_ ULONG DataOffsetDelta, _In_ ULONG DataBackFill,
                                                            _In_opt_ NET_BUFFER_ALLOCATE_MDL_HANDLER AllocateMdlHandler,
                                                            _In_opt_ NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler);
NDISAPI VOID NTAPI NdisAdvanceNetBufferListDataStart(_In_ PNET_BUFFER_LIST NetBufferList, _In_ ULONG DataOffsetDelta,
                                                     _In_ BOOLEAN FreeMdl,
                                                     _In_opt_ NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler);

/* Sets CurrentMdl and CurrentMdlOffset from MdlChain and DataOffset. */
NDISAPI VOID NTAPI NdisAdjustNetBufferCurrentMdl(_In_ PNET_BUFFER NetBuffer);

/*
 * The first BytesNeeded bytes of the data in one piece, at an address of the form n * AlignMultiple + AlignOffset: in
 * place, or copied to Storage. NULL: the data is shorter, or not in one piece (or misaligned) and there is no Storage.
 */
NDISAPI PVOID NTAPI NdisGetDataBuffer(_In_ PNET_BUFFER NetBuffer, _In_ ULONG BytesNeeded,
                                      _Out_writes_bytes_all_opt_(BytesNeeded) PVOID Storage, _In_ UINT AlignMultiple,
                                      _In_ UINT AlignOffset);

/* Offsets count from the data's start; *BytesCopied is less than asked where either ends. */
NDISAPI NDIS_STATUS NTAPI NdisCopyFromNetBufferToNetBuffer(_In_ PNET_BUFFER Destination, _In_ ULONG DestinationOffset,
                                                           _In_ ULONG BytesToCopy, _In_ PNET_BUFFER const Source,
                                                           _In_ ULONG SourceOffset, _Out_ PULONG BytesCopied);

/* Physical pages that the data touches. */
NDISAPI ULONG NTAPI NdisQueryNetBufferPhysicalCount(_In_ PNET_BUFFER NetBuffer);

/* Out-of-band information that has a meaning for a copy of the data. */
NDISAPI VOID NTAPI NdisCopySendNetBufferListInfo(_In_ PNET_BUFFER_LIST DestNetBufferList,
                                                 _In_ PNET_BUFFER_LIST SrcNetBufferList);
NDISAPI VOID NTAPI NdisCopyReceiveNetBufferListInfo(_In_ PNET_BUFFER_LIST DestNetBufferList,
                                                    _In_ PNET_BUFFER_LIST SrcNetBufferList);

#ifdef __cplusplus
}
#endif

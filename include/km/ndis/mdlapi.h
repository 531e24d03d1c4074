/*
 * MDLs as NDIS hands them out: an MDL for nonpaged, already mapped memory of the driver's own. Pages:
 * "NdisAllocateMdl function", "NdisFreeMdl function", "NdisAdjustMdlLength macro", "NdisQueryMdl macro".
 */
#pragma once

#include <ndis/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Allocates an MDL that describes Length bytes of nonpaged memory at VirtualAddress; its page array is filled in.
 * NULL when memory is short. IRQL <= DISPATCH_LEVEL.
 */
NDISAPI PMDL NTAPI NdisAllocateMdl(_In_ NDIS_HANDLE NdisHandle, _In_reads_bytes_(Length) PVOID VirtualAddress,
                                   _In_ UINT Length);

/* Frees an MDL from NdisAllocateMdl, not the memory that it describes. IRQL <= DISPATCH_LEVEL. */
NDISAPI VOID NTAPI NdisFreeMdl(_In_ PMDL Mdl);

#define NDIS_MDL_LINKAGE(_Mdl)                ((_Mdl)->Next)
#define NdisGetNextMdl(_CurrentMdl, _NextMdl) (*(_NextMdl) = (_CurrentMdl)->Next)
#define NdisAdjustMdlLength(_Mdl, _Length)    (((_Mdl)->ByteCount) = (_Length))
#define NdisBufferLength(_Mdl)                MmGetMdlByteCount(_Mdl)
#define NdisBufferVirtualAddress(_Mdl)        MmGetSystemAddressForMdlSafe((_Mdl), HighPagePriority)

/* Address (NULL when it cannot be mapped) and length of an MDL's memory; VirtualAddress may be NULL. */
#define NdisQueryMdl(_Mdl, _VirtualAddress, _Length, _Priority)                                                        \
    {                                                                                                                  \
        if (ARGUMENT_PRESENT(_VirtualAddress)) {                                                                       \
            *(PVOID *)(_VirtualAddress) = MmGetSystemAddressForMdlSafe((_Mdl), (MM_PAGE_PRIORITY)(_Priority));         \
        }                                                                                                              \
        *(_Length) = MmGetMdlByteCount(_Mdl);                                                                          \
    }
#define NdisQueryMdlOffset(_Mdl, _Offset, _Length)                                                                     \
    {                                                                                                                  \
        *(_Offset) = MmGetMdlByteOffset(_Mdl);                                                                         \
        *(_Length) = MmGetMdlByteCount(_Mdl);                                                                          \
    }
#define NDIS_MDL_TO_SPAN_PAGES(_Mdl)                                                                                   \
    (MmGetMdlByteCount(_Mdl) == 0                                                                                      \
         ? 1                                                                                                           \
         : ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(_Mdl), MmGetMdlByteCount(_Mdl)))

#ifdef __cplusplus
}
#endif

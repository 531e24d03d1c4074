/*
 * NdisAllocateMdl and NdisFreeMdl: an MDL for memory of the driver's own, ready to be chained into a NET_BUFFER.
 * NdisQueryMdl and its relations are macros over the MDL itself (ndis/mdlapi.h).
 */
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

PMDL NTAPI NdisAllocateMdl(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, UINT Length)
{
    (void)NdisHandle;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    PMDL mdl = IoAllocateMdl(VirtualAddress, Length, FALSE, FALSE, NULL);
    if (!mdl)
        return NULL;
    MmBuildMdlForNonPagedPool(mdl);
    mdl->Next = NULL;
    return mdl;
}
NT_EXPORT(NdisAllocateMdl);

VOID NTAPI NdisFreeMdl(PMDL Mdl)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    IoFreeMdl(Mdl);
}
NT_EXPORT(NdisFreeMdl);

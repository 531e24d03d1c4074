/*
 * Clones of OID requests, which filter and intermediate drivers send down in place of the request that they were given:
 * the clone has room of its own for what NDIS and the source keep in a request, and shares the information buffer.
 * Pages: "NdisAllocateCloneOidRequest function", "Filtering OID Requests in an NDIS Filter Driver".
 */
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"

NDIS_STATUS NTAPI NdisAllocateCloneOidRequest(NDIS_HANDLE SourceHandle, PNDIS_OID_REQUEST OidRequest, UINT PoolTag,
                                              PNDIS_OID_REQUEST *ClonedOidRequest)
{
    NDIS_OID_REQUEST *clone;

    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (SourceHandle == NULL || OidRequest == NULL || ClonedOidRequest == NULL ||
        !ndis_header_valid(&OidRequest->Header, NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1,
                           NDIS_SIZEOF_OID_REQUEST_REVISION_1))
        return NDIS_STATUS_INVALID_PARAMETER;
    clone = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*clone), PoolTag);
    if (clone == NULL)
        return NDIS_STATUS_RESOURCES;
    memcpy(clone, OidRequest, OidRequest->Header.Size < sizeof(*clone) ? OidRequest->Header.Size : sizeof(*clone));
    memset(clone->NdisReserved, 0, sizeof(clone->NdisReserved));
    memset(clone->MiniportReserved, 0, sizeof(clone->MiniportReserved));
    memset(clone->SourceReserved, 0, sizeof(clone->SourceReserved));
    *ClonedOidRequest = clone;
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisAllocateCloneOidRequest);

VOID NTAPI NdisFreeCloneOidRequest(NDIS_HANDLE SourceHandle, PNDIS_OID_REQUEST Request)
{
    UNREFERENCED_PARAMETER(SourceHandle);
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ExFreePool(Request);
}
NT_EXPORT(NdisFreeCloneOidRequest);

/*
 * Lists derived from another list's data without copying it: a clone describes the same frames, a fragment list cuts
 * each frame in pieces, a reassembled list joins the frames to one. Their MDLs are partial MDLs of the original's, so
 * that each may be extended, advanced and freed on its own; the original must outlive them. They have no initial
 * context. The driver that makes them counts children in ChildRefCount itself. Page: "Derived NET_BUFFER_LIST
 * Structures".
 */
#include "ndis/services.h"
#include "ndis/net_buffer.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

static void free_mdls(PMDL mdl)
{
    while (mdl) {
        PMDL next = mdl->Next;
        IoFreeMdl(mdl);
        mdl = next;
    }
}

/* The link that ends a chain. */
static PMDL *chain_end(PMDL *link)
{
    while (*link)
        link = &(*link)->Next;
    return link;
}

/* Appends to *link partial MDLs for length bytes of the buffer's data from offset on. On failure, those made stay in
 * the chain. */
static bool append_partial(PMDL *link, PNET_BUFFER source, ULONG offset, ULONG length)
{
    ULONG at = source->CurrentMdlOffset + offset;
    for (PMDL mdl = ndis_mdl_seek(source->CurrentMdl, &at); length; mdl = mdl->Next) {
        if (!mdl)
            return false;
        ULONG part = ndis_min(mdl->ByteCount - at, length);
        if (part) {
            PVOID address = (char *)MmGetMdlVirtualAddress(mdl) + at;
            PMDL partial = IoAllocateMdl(address, part, FALSE, FALSE, NULL);
            if (!partial)
                return false;
            IoBuildPartialMdl(mdl, partial, address, part);
            partial->Next = NULL;
            *link = partial;
            link = &partial->Next;
        }
        length -= part;
        at = 0;
    }
    return true;
}

/* A list without NET_BUFFERs, except for a preallocated one, which *spare then is. */
static PNET_BUFFER_LIST derive(PNET_BUFFER_LIST original, NDIS_HANDLE list_pool, PNET_BUFFER *spare)
{
    PNET_BUFFER_LIST list = ndis_list_allocate_bare(list_pool);
    if (!list)
        return NULL;
    *spare = ndis_list_pool_has_net_buffer(list_pool) ? list->FirstNetBuffer : NULL;
    list->FirstNetBuffer = NULL;
    list->ParentNetBufferList = original;
    list->NblFlags = original->NblFlags;
    return list;
}

static PNET_BUFFER next_buffer(PNET_BUFFER *spare, NDIS_HANDLE buffer_pool)
{
    PNET_BUFFER buffer = *spare;
    *spare = NULL;
    return buffer ? buffer : NdisAllocateNetBuffer(buffer_pool, NULL, 0, 0);
}

/* Frees a derived list; a retreat by delta bytes is undone first, and MDLs are freed unless they are the original's. */
static void free_derived(PNET_BUFFER_LIST list, ULONG delta, bool keep_mdls)
{
    PNET_BUFFER next;
    for (PNET_BUFFER buffer = list->FirstNetBuffer; buffer; buffer = next) {
        next = buffer->Next;
        if (delta)
            NdisAdvanceNetBufferDataStart(buffer, delta, TRUE, NULL);
        if (!keep_mdls)
            free_mdls(buffer->MdlChain);
        if (!ndis_list_owns_net_buffer(list, buffer))
            NdisFreeNetBuffer(buffer);
    }
    NdisFreeNetBufferList(list);
}

PNET_BUFFER_LIST NTAPI NdisAllocateCloneNetBufferList(PNET_BUFFER_LIST OriginalNetBufferList,
                                                      NDIS_HANDLE NetBufferListPoolHandle,
                                                      NDIS_HANDLE NetBufferPoolHandle, ULONG AllocateCloneFlags)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    bool keep_mdls = AllocateCloneFlags & NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS;
    NDIS_HANDLE buffer_pool = NetBufferPoolHandle ? NetBufferPoolHandle : ndis_default_buffer_pool();
    NDIS_HANDLE list_pool = NetBufferListPoolHandle ? NetBufferListPoolHandle
                            : NetBufferPoolHandle   ? ndis_default_list_pool()
                                                    : ndis_default_pair_pool();
    PNET_BUFFER spare;
    PNET_BUFFER_LIST clone = derive(OriginalNetBufferList, list_pool, &spare);
    if (!clone)
        return NULL;
    PNET_BUFFER *link = &clone->FirstNetBuffer;
    for (PNET_BUFFER source = OriginalNetBufferList->FirstNetBuffer; source; source = source->Next) {
        PNET_BUFFER buffer = next_buffer(&spare, buffer_pool);
        if (!buffer)
            goto fail;
        *link = buffer;
        link = &buffer->Next;
        if (keep_mdls) {
            ndis_net_buffer_set(buffer, source->MdlChain, source->DataOffset, source->stDataLength);
            continue;
        }
        PMDL chain = NULL;
        bool complete = append_partial(&chain, source, 0, source->DataLength);
        ndis_net_buffer_set(buffer, chain, 0, source->stDataLength);
        if (!complete)
            goto fail;
    }
    return clone;
fail:
    free_derived(clone, 0, keep_mdls);
    return NULL;
}
NT_EXPORT(NdisAllocateCloneNetBufferList);

VOID NTAPI NdisFreeCloneNetBufferList(PNET_BUFFER_LIST CloneNetBufferList, ULONG FreeCloneFlags)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    free_derived(CloneNetBufferList, 0, FreeCloneFlags & NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS);
}
NT_EXPORT(NdisFreeCloneNetBufferList);

PNET_BUFFER_LIST NTAPI NdisAllocateFragmentNetBufferList(PNET_BUFFER_LIST OriginalNetBufferList,
                                                         NDIS_HANDLE NetBufferListPool, NDIS_HANDLE NetBufferPool,
                                                         ULONG StartOffset, ULONG MaximumLength, ULONG DataOffsetDelta,
                                                         ULONG DataBackFill, ULONG AllocateFragmentFlags)
{
    (void)AllocateFragmentFlags;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (!MaximumLength)
        return NULL;
    NDIS_HANDLE buffer_pool = NetBufferPool ? NetBufferPool : ndis_default_buffer_pool();
    PNET_BUFFER spare;
    PNET_BUFFER_LIST list =
        derive(OriginalNetBufferList, NetBufferListPool ? NetBufferListPool : ndis_default_list_pool(), &spare);
    if (!list)
        return NULL;
    PNET_BUFFER *link = &list->FirstNetBuffer;
    for (PNET_BUFFER source = OriginalNetBufferList->FirstNetBuffer; source; source = source->Next) {
        for (ULONG offset = StartOffset; offset < source->DataLength;) {
            ULONG length = ndis_min(MaximumLength, source->DataLength - offset);
            PNET_BUFFER buffer = next_buffer(&spare, buffer_pool);
            if (!buffer)
                goto fail;
            PMDL chain = NULL;
            bool complete = append_partial(&chain, source, offset, length);
            ndis_net_buffer_set(buffer, chain, 0, length);
            if (!complete ||
                NdisRetreatNetBufferDataStart(buffer, DataOffsetDelta, DataBackFill, NULL) != NDIS_STATUS_SUCCESS) {
                free_mdls(chain);
                if (!ndis_list_owns_net_buffer(list, buffer))
                    NdisFreeNetBuffer(buffer);
                goto fail;
            }
            *link = buffer;
            link = &buffer->Next;
            offset += length;
        }
    }
    return list;
fail:
    free_derived(list, DataOffsetDelta, false);
    return NULL;
}
NT_EXPORT(NdisAllocateFragmentNetBufferList);

VOID NTAPI NdisFreeFragmentNetBufferList(PNET_BUFFER_LIST FragmentNetBufferList, ULONG DataOffsetDelta,
                                         ULONG FreeFragmentFlags)
{
    (void)FreeFragmentFlags;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    free_derived(FragmentNetBufferList, DataOffsetDelta, false);
}
NT_EXPORT(NdisFreeFragmentNetBufferList);

PNET_BUFFER_LIST NTAPI NdisAllocateReassembledNetBufferList(PNET_BUFFER_LIST FragmentNetBufferList,
                                                            NDIS_HANDLE NetBufferAndNetBufferListPoolHandle,
                                                            ULONG StartOffset, ULONG DataOffsetDelta,
                                                            ULONG DataBackFill, ULONG AllocateReassembleFlags)
{
    (void)AllocateReassembleFlags;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    NDIS_HANDLE pool =
        NetBufferAndNetBufferListPoolHandle ? NetBufferAndNetBufferListPoolHandle : ndis_default_pair_pool();
    if (!ndis_list_pool_has_net_buffer(pool))
        return NULL;
    PNET_BUFFER buffer;
    PNET_BUFFER_LIST list = derive(FragmentNetBufferList, pool, &buffer);
    if (!list)
        return NULL;
    list->FirstNetBuffer = buffer;
    PMDL chain = NULL;
    SIZE_T total = 0;
    bool complete = true;
    for (PNET_BUFFER source = FragmentNetBufferList->FirstNetBuffer; source && complete; source = source->Next) {
        if (source->DataLength <= StartOffset)
            continue;
        ULONG length = source->DataLength - StartOffset;
        complete = length <= MAXULONG - total && append_partial(chain_end(&chain), source, StartOffset, length);
        total += length;
    }
    ndis_net_buffer_set(buffer, chain, 0, complete ? total : 0);
    if (complete && NdisRetreatNetBufferDataStart(buffer, DataOffsetDelta, DataBackFill, NULL) == NDIS_STATUS_SUCCESS)
        return list;
    free_derived(list, 0, false);
    return NULL;
}
NT_EXPORT(NdisAllocateReassembledNetBufferList);

VOID NTAPI NdisFreeReassembledNetBufferList(PNET_BUFFER_LIST ReassembledNetBufferList, ULONG DataOffsetDelta,
                                            ULONG FreeReassembleFlags)
{
    (void)FreeReassembleFlags;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    free_derived(ReassembledNetBufferList, DataOffsetDelta, false);
}
NT_EXPORT(NdisFreeReassembledNetBufferList);

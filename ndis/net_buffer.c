/*
 * The data of a NET_BUFFER: DataLength bytes from DataOffset on in a chain of MDLs, with CurrentMdl and
 * CurrentMdlOffset as a shortcut to the first of them. A driver that adds a header retreats the start into the unused
 * space before the data, or, where that is too small, into a new MDL in front of the chain; on the way back it advances
 * the start again.
 *
 * The MDL that a retreat puts in front holds exactly the bytes that were missing, plus the backfill: the unused space
 * of the old chain lies between the two and becomes data. Such an MDL is marked with MDL_NETWORK_HEADER, and an advance
 * frees marked MDLs only, so that it never frees what the owner of the packet put into the chain.
 * Pages: "Retreat and Advance Operations", "NdisGetDataBuffer function".
 */
#include <string.h>
#include "ndis/services.h"
#include "ndis/net_buffer.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

VOID NTAPI NdisAdjustNetBufferCurrentMdl(PNET_BUFFER NetBuffer)
{
    NetBuffer->CurrentMdlOffset = NetBuffer->DataOffset;
    NetBuffer->CurrentMdl = ndis_mdl_seek(NetBuffer->MdlChain, &NetBuffer->CurrentMdlOffset);
}
NT_EXPORT(NdisAdjustNetBufferCurrentMdl);

/* The default allocator of a retreat: an MDL with its memory behind it, in one block. */
static PMDL allocate_header_mdl(ULONG size, const void *caller)
{
    size_t mdl_size = (sizeof(MDL) + sizeof(PFN_NUMBER) * (BYTES_TO_PAGES((size_t)size) + 1) + 15) & ~(size_t)15;
    char *block = ex_pool_allocate(0, mdl_size + size, NDIS_LIBRARY_TAG, caller);
    if (!block)
        return NULL;
    PMDL mdl = (PMDL)block;
    MmInitializeMdl(mdl, block + mdl_size, size);
    MmBuildMdlForNonPagedPool(mdl);
    return mdl;
}

static __attribute__((noinline)) NDIS_STATUS NTAPI retreat_into_new_mdl(PNET_BUFFER buffer, ULONG delta,
                                                                        ULONG back_fill,
                                                                        NET_BUFFER_ALLOCATE_MDL_HANDLER allocate,
                                                                        const void *caller)
{
    ULONG missing = delta - buffer->DataOffset;
    if (missing > MAXULONG - back_fill || delta > MAXULONG - buffer->DataLength)
        return NDIS_STATUS_RESOURCES;
    ULONG wanted = missing + back_fill, size = wanted;
    PMDL mdl = allocate ? allocate(&size) : allocate_header_mdl(size, caller);
    if (!mdl)
        return NDIS_STATUS_RESOURCES;
    if (size < wanted || mdl->ByteCount < wanted)
        ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x24, (ULONG_PTR)mdl, mdl->ByteCount, wanted, NULL,
                         "NetAllocateMdl returned an MDL of %u bytes where %u were asked for", mdl->ByteCount, wanted);
    mdl->MdlFlags |= MDL_NETWORK_HEADER;
    mdl->Next = buffer->MdlChain;
    buffer->MdlChain = mdl;
    buffer->CurrentMdl = mdl;
    buffer->DataOffset = buffer->CurrentMdlOffset = mdl->ByteCount - missing;
    buffer->stDataLength += delta;
    return NDIS_STATUS_SUCCESS;
}

static inline NDIS_STATUS retreat(PNET_BUFFER buffer, ULONG delta, ULONG back_fill,
                                  NET_BUFFER_ALLOCATE_MDL_HANDLER allocate, const void *caller)
{
    if (__builtin_expect(buffer->DataOffset < delta, 0))
        return retreat_into_new_mdl(buffer, delta, back_fill, allocate, caller);
    buffer->DataOffset -= delta;
    buffer->stDataLength += delta;
    if (buffer->CurrentMdl && buffer->CurrentMdlOffset >= delta)
        buffer->CurrentMdlOffset -= delta;
    else
        NdisAdjustNetBufferCurrentMdl(buffer);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI NdisRetreatNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta, ULONG DataBackFill,
                                                NET_BUFFER_ALLOCATE_MDL_HANDLER AllocateMdlHandler)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return retreat(NetBuffer, DataOffsetDelta, DataBackFill, AllocateMdlHandler, __builtin_return_address(0));
}
NT_EXPORT(NdisRetreatNetBufferDataStart);

/* Frees the marked MDLs at the front that hold nothing but unused space. */
static __attribute__((noinline)) void NTAPI free_unused_headers(PNET_BUFFER buffer,
                                                                NET_BUFFER_FREE_MDL_HANDLER free_mdl)
{
    PMDL mdl;
    while ((mdl = buffer->MdlChain) && (mdl->MdlFlags & MDL_NETWORK_HEADER) && buffer->DataOffset >= mdl->ByteCount) {
        buffer->MdlChain = mdl->Next;
        buffer->DataOffset -= mdl->ByteCount;
        mdl->Next = NULL;
        mdl->MdlFlags &= ~MDL_NETWORK_HEADER;
        if (free_mdl)
            free_mdl(mdl);
        else
            ex_pool_free(mdl, NDIS_LIBRARY_TAG, free_unused_headers);
    }
    NdisAdjustNetBufferCurrentMdl(buffer);
}

static _Noreturn __attribute__((noinline)) void NTAPI advanced_too_far(PNET_BUFFER buffer, ULONG delta,
                                                                       const char *function)
{
    ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x24, (ULONG_PTR)buffer, delta, buffer->DataLength, NULL,
                     "%s: the data has only %u bytes, its start cannot advance by %u", function, buffer->DataLength,
                     delta);
}

static inline void advance(PNET_BUFFER buffer, ULONG delta, BOOLEAN free_unused, NET_BUFFER_FREE_MDL_HANDLER free_mdl,
                           const char *function)
{
    if (__builtin_expect(delta > buffer->DataLength, 0))
        advanced_too_far(buffer, delta, function);
    buffer->DataOffset += delta;
    buffer->stDataLength -= delta;
    if (free_unused && buffer->MdlChain && (buffer->MdlChain->MdlFlags & MDL_NETWORK_HEADER)) {
        free_unused_headers(buffer, free_mdl);
        return;
    }
    buffer->CurrentMdlOffset += delta;
    buffer->CurrentMdl = ndis_mdl_seek(buffer->CurrentMdl, &buffer->CurrentMdlOffset);
}

VOID NTAPI NdisAdvanceNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta, BOOLEAN FreeMdl,
                                         NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    advance(NetBuffer, DataOffsetDelta, FreeMdl, FreeMdlHandler, __func__);
}
NT_EXPORT(NdisAdvanceNetBufferDataStart);

NDIS_STATUS NTAPI NdisRetreatNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta,
                                                    ULONG DataBackFill,
                                                    NET_BUFFER_ALLOCATE_MDL_HANDLER AllocateMdlHandler,
                                                    NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    const void *caller = __builtin_return_address(0);
    for (PNET_BUFFER buffer = NetBufferList->FirstNetBuffer; buffer; buffer = buffer->Next) {
        NDIS_STATUS status = retreat(buffer, DataOffsetDelta, DataBackFill, AllocateMdlHandler, caller);
        if (status == NDIS_STATUS_SUCCESS)
            continue;
        for (PNET_BUFFER done = NetBufferList->FirstNetBuffer; done != buffer; done = done->Next)
            advance(done, DataOffsetDelta, TRUE, FreeMdlHandler, __func__);
        return status;
    }
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisRetreatNetBufferListDataStart);

VOID NTAPI NdisAdvanceNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta, BOOLEAN FreeMdl,
                                             NET_BUFFER_FREE_MDL_HANDLER FreeMdlHandler)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    for (PNET_BUFFER buffer = NetBufferList->FirstNetBuffer; buffer; buffer = buffer->Next)
        advance(buffer, DataOffsetDelta, FreeMdl, FreeMdlHandler, __func__);
}
NT_EXPORT(NdisAdvanceNetBufferListDataStart);

/* Copies to storage what begins in CurrentMdl and ends behind it, or is misaligned. */
static __attribute__((noinline)) PVOID NTAPI gather(PNET_BUFFER buffer, ULONG bytes, char *storage)
{
    ULONG offset = buffer->CurrentMdlOffset, copied = 0;
    for (PMDL mdl = ndis_mdl_seek(buffer->CurrentMdl, &offset); mdl && copied < bytes; mdl = mdl->Next) {
        char *address = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority | MdlMappingNoExecute);
        if (!address)
            return NULL;
        ULONG part = ndis_min(mdl->ByteCount - offset, bytes - copied);
        memcpy(storage + copied, address + offset, part);
        copied += part;
        offset = 0;
    }
    return copied == bytes ? storage : NULL;
}

PVOID NTAPI NdisGetDataBuffer(PNET_BUFFER NetBuffer, ULONG BytesNeeded, PVOID Storage, UINT AlignMultiple,
                              UINT AlignOffset)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (BytesNeeded > NetBuffer->DataLength || !NetBuffer->CurrentMdl)
        return NULL;
    PMDL mdl = NetBuffer->CurrentMdl;
    ULONG offset = NetBuffer->CurrentMdlOffset;
    if (offset <= mdl->ByteCount && BytesNeeded <= mdl->ByteCount - offset) {
        char *address = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority | MdlMappingNoExecute);
        if (!address)
            return NULL;
        address += offset;
        if (AlignMultiple <= 1 || (((ULONG_PTR)address - AlignOffset) & (AlignMultiple - 1)) == 0)
            return address;
    }
    return Storage ? gather(NetBuffer, BytesNeeded, Storage) : NULL;
}
NT_EXPORT(NdisGetDataBuffer);

/* A place in an MDL chain while copying. */
struct cursor {
    PMDL mdl;
    ULONG offset;
};

/* The bytes that lie in one piece at the cursor; *address NULL when they cannot be mapped. 0: the chain ends. */
static ULONG cursor_span(struct cursor *cursor, char **address)
{
    cursor->mdl = ndis_mdl_seek(cursor->mdl, &cursor->offset);
    if (!cursor->mdl || cursor->offset >= cursor->mdl->ByteCount)
        return 0;
    *address = MmGetSystemAddressForMdlSafe(cursor->mdl, NormalPagePriority | MdlMappingNoExecute);
    if (*address)
        *address += cursor->offset;
    return cursor->mdl->ByteCount - cursor->offset;
}

NDIS_STATUS NTAPI NdisCopyFromNetBufferToNetBuffer(PNET_BUFFER Destination, ULONG DestinationOffset, ULONG BytesToCopy,
                                                   PNET_BUFFER const Source, ULONG SourceOffset, PULONG BytesCopied)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    *BytesCopied = 0;
    if (SourceOffset >= Source->DataLength || DestinationOffset > MAXULONG - Destination->CurrentMdlOffset ||
        SourceOffset > MAXULONG - Source->CurrentMdlOffset)
        return NDIS_STATUS_SUCCESS;
    ULONG left = ndis_min(BytesToCopy, Source->DataLength - SourceOffset);
    struct cursor to = {Destination->CurrentMdl, Destination->CurrentMdlOffset + DestinationOffset};
    struct cursor from = {Source->CurrentMdl, Source->CurrentMdlOffset + SourceOffset};
    while (left) {
        char *target = NULL, *origin = NULL;
        ULONG part = cursor_span(&to, &target), available = cursor_span(&from, &origin);
        part = ndis_min(ndis_min(part, available), left);
        if (!part)
            break;
        if (!target || !origin)
            return NDIS_STATUS_RESOURCES;
        memcpy(target, origin, part);
        to.offset += part;
        from.offset += part;
        *BytesCopied += part;
        left -= part;
    }
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisCopyFromNetBufferToNetBuffer);

ULONG NTAPI NdisQueryNetBufferPhysicalCount(PNET_BUFFER NetBuffer)
{
    ULONG left = NetBuffer->DataLength, pages = 0, offset = NetBuffer->CurrentMdlOffset;
    for (PMDL mdl = ndis_mdl_seek(NetBuffer->CurrentMdl, &offset); mdl && left; mdl = mdl->Next) {
        ULONG part = ndis_min(mdl->ByteCount - offset, left);
        if (part)
            pages += ADDRESS_AND_SIZE_TO_SPAN_PAGES((char *)MmGetMdlVirtualAddress(mdl) + offset, part);
        left -= part;
        offset = 0;
    }
    return pages;
}
NT_EXPORT(NdisQueryNetBufferPhysicalCount);

/*
 * Pools of NET_BUFFER_LISTs and NET_BUFFERs. A driver allocates its packet descriptors here and nowhere else, usually
 * one or more for each packet, so everything that a descriptor needs lies in one object of the pool's cache
 * (ndis/object_cache.h), built when the object is made: the list, its context space, and, as the pool's parameters ask
 * for, a NET_BUFFER, an MDL and the data. Allocation only brings back what drivers may have changed.
 *
 * NdisReserved of both structures is left to the core; the pool keeps its own state in front of the object.
 * Pages: "NdisAllocateNetBufferListPool function", "NET_BUFFER_LIST_POOL_PARAMETERS structure".
 */
#include <emmintrin.h>
#include <string.h>
#include <stdio.h>
#include "ndis/services.h"
#include "ndis/object_cache.h"
#include "ndis/net_buffer.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"

#define LIST_POOL   0x4c42504eu /* "NPBL" */
#define BUFFER_POOL 0x4642504eu /* "NPBF" */

/*
 * Context space beyond what the owner asked for, so that the drivers that a list visits rarely allocate. "NDIS
 * estimates the required context data space": page "NET_BUFFER_LIST_CONTEXT structure".
 */
#define CONTEXT_RESERVE 64

#define ROUND_UP_16(value) (((value) + 15) & ~(size_t)15)

struct ndis_pool {
    struct ndis_cache cache;
    uint32_t kind;
    UCHAR protocol_id;
    bool has_net_buffer;
    USHORT context_size; /* the owner's default */
    USHORT context_space;
    ULONG data_size;
    uint32_t context_offset, net_buffer_offset, mdl_offset, data_offset; /* in an object; 0: it has none */
    LIST_ENTRY all;
};

static struct {
    struct ke_lock lock;
    LIST_ENTRY pools;
    bool initialized;
    NDIS_HANDLE list_pool; /* for derived lists whose creator names no pool */
    NDIS_HANDLE buffer_pool;
    NDIS_HANDLE pair_pool; /* a list with its NET_BUFFER */
} state;

/* sizeof(NET_BUFFER_LIST) is the newest version's: a driver of an older one sees a shorter array of information. */
_Static_assert(sizeof(NET_BUFFER_LIST) % 16 == 0, "cleared in units of 16 bytes");
_Static_assert(sizeof(NET_BUFFER) % 16 == 0, "cleared in units of 16 bytes");

/*
 * Zeroes [from, to) of an object, both multiples of 16. Stores only: a call to memset would save ten registers, and a
 * string instruction costs more to start than the whole loop; the barrier keeps compilers from recognising either.
 */
static inline __attribute__((always_inline)) void clear(void *object, size_t from, size_t to)
{
    char *start = object;
#pragma GCC unroll 32
    for (size_t at = from; at < to; at += 16) {
        _mm_store_si128((__m128i *)(start + at), _mm_setzero_si128());
        __asm__ volatile("" ::: "memory");
    }
}

static void lay_out(struct ndis_pool *pool, size_t *size)
{
    if (pool->kind == LIST_POOL) {
        pool->context_offset = (uint32_t)*size;
        *size += ROUND_UP_16(sizeof(NET_BUFFER_LIST_CONTEXT)) + pool->context_space;
    }
    if (pool->has_net_buffer) {
        pool->net_buffer_offset = (uint32_t)*size;
        *size += sizeof(NET_BUFFER);
    }
    if (pool->data_size) {
        pool->mdl_offset = (uint32_t)*size;
        *size = ROUND_UP_16(*size + sizeof(MDL) + sizeof(PFN_NUMBER) * (BYTES_TO_PAGES(pool->data_size) + 1));
        pool->data_offset = (uint32_t)*size;
        *size += ROUND_UP_16(pool->data_size);
    }
}

static inline PNET_BUFFER object_net_buffer(struct ndis_pool *pool, void *object)
{
    return (PNET_BUFFER)((char *)object + (pool->kind == LIST_POOL ? pool->net_buffer_offset : 0));
}

static void construct(struct ndis_cache *cache, void *object)
{
    struct ndis_pool *pool = CONTAINING_RECORD(cache, struct ndis_pool, cache);
    if (pool->kind == LIST_POOL) {
        PNET_BUFFER_LIST list = object;
        memset(list, 0, sizeof(*list));
        PNET_BUFFER_LIST_CONTEXT context = (PNET_BUFFER_LIST_CONTEXT)((char *)object + pool->context_offset);
        memset(context, 0, sizeof(*context) + pool->context_space);
        context->Size = pool->context_space;
    }
    if (pool->has_net_buffer || pool->kind == BUFFER_POOL)
        memset(object_net_buffer(pool, object), 0, sizeof(NET_BUFFER));
    if (pool->data_size) {
        PMDL mdl = (PMDL)((char *)object + pool->mdl_offset);
        char *data = (char *)object + pool->data_offset;
        memset(data, 0, pool->data_size);
        MmInitializeMdl(mdl, data, pool->data_size);
        MmBuildMdlForNonPagedPool(mdl);
    }
}

static struct ndis_pool *create_pool(uint32_t kind, size_t head, struct ndis_pool prototype, ULONG tag,
                                     const void *caller)
{
    struct ndis_pool *pool = ex_pool_allocate(0, sizeof(*pool), tag, caller);
    if (!pool)
        return NULL;
    *pool = prototype;
    pool->kind = kind;
    size_t size = head;
    lay_out(pool, &size);
    if (!ndis_cache_create(&pool->cache, size, tag, caller, construct)) {
        ex_pool_free(pool, tag, caller);
        return NULL;
    }
    ke_lock(&state.lock);
    if (!state.pools.Flink)
        InitializeListHead(&state.pools);
    InsertTailList(&state.pools, &pool->all);
    ke_unlock(&state.lock);
    return pool;
}

static void destroy_pool(NDIS_HANDLE handle, uint32_t kind, const char *function, const void *caller)
{
    struct ndis_pool *pool = handle;
    if (!pool || pool->kind != kind)
        ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x21, (ULONG_PTR)handle, (ULONG_PTR)caller, 0, NULL,
                         "%s: %p is not the handle of a pool of that kind", function, handle);
    size_t in_use = ndis_cache_destroy(&pool->cache);
    if (in_use)
        ke_bugcheck_text(
            BUGCODE_NDIS_DRIVER, 0x27, (ULONG_PTR)handle, in_use, (ULONG_PTR)caller, NULL,
            "%s: %zu structures of the pool are still allocated; free or wait for all before freeing the pool",
            function, in_use);
    ke_lock(&state.lock);
    RemoveEntryList(&pool->all);
    ke_unlock(&state.lock);
    pool->kind = 0;
    ex_pool_free(pool, pool->cache.tag, caller);
}

static bool valid_header(const NDIS_OBJECT_HEADER *header, size_t size)
{
    return header->Type == NDIS_OBJECT_TYPE_DEFAULT && header->Revision >= 1 && header->Size >= size;
}

static NDIS_HANDLE create_list_pool(PNET_BUFFER_LIST_POOL_PARAMETERS parameters, const void *caller)
{
    if (!parameters || !valid_header(&parameters->Header, NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1) ||
        parameters->ContextSize % MEMORY_ALLOCATION_ALIGNMENT ||
        parameters->ContextSize > MAXUSHORT - CONTEXT_RESERVE ||
        (parameters->DataSize && !parameters->fAllocateNetBuffer) || parameters->DataSize > MAXLONG / 2)
        return NULL;
    struct ndis_pool prototype = {
        .protocol_id = parameters->ProtocolId & NDIS_PROTOCOL_ID_MASK,
        .has_net_buffer = parameters->fAllocateNetBuffer != 0,
        .context_size = parameters->ContextSize,
        .context_space = parameters->ContextSize + CONTEXT_RESERVE,
        .data_size = parameters->DataSize,
    };
    return create_pool(LIST_POOL, sizeof(NET_BUFFER_LIST), prototype, parameters->PoolTag, caller);
}

NDIS_HANDLE NTAPI NdisAllocateNetBufferListPool(NDIS_HANDLE NdisHandle, PNET_BUFFER_LIST_POOL_PARAMETERS Parameters)
{
    (void)NdisHandle;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return create_list_pool(Parameters, __builtin_return_address(0));
}
NT_EXPORT(NdisAllocateNetBufferListPool);

VOID NTAPI NdisFreeNetBufferListPool(NDIS_HANDLE PoolHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    destroy_pool(PoolHandle, LIST_POOL, __func__, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeNetBufferListPool);

static NDIS_HANDLE create_buffer_pool(PNET_BUFFER_POOL_PARAMETERS parameters, const void *caller)
{
    if (!parameters || !valid_header(&parameters->Header, NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1) ||
        parameters->DataSize > MAXLONG / 2)
        return NULL;
    struct ndis_pool prototype = {.data_size = parameters->DataSize};
    return create_pool(BUFFER_POOL, sizeof(NET_BUFFER), prototype, parameters->PoolTag, caller);
}

NDIS_HANDLE NTAPI NdisAllocateNetBufferPool(NDIS_HANDLE NdisHandle, PNET_BUFFER_POOL_PARAMETERS Parameters)
{
    (void)NdisHandle;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return create_buffer_pool(Parameters, __builtin_return_address(0));
}
NT_EXPORT(NdisAllocateNetBufferPool);

VOID NTAPI NdisFreeNetBufferPool(NDIS_HANDLE PoolHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    destroy_pool(PoolHandle, BUFFER_POOL, __func__, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeNetBufferPool);

static inline __attribute__((always_inline)) void reset_net_buffer(struct ndis_pool *pool, void *object,
                                                                   PNET_BUFFER buffer)
{
    clear(buffer, 0, sizeof(NET_BUFFER));
    buffer->NdisPoolHandle = pool;
    if (pool->data_size) {
        PMDL mdl = (PMDL)((char *)object + pool->mdl_offset);
        mdl->Next = NULL;
        mdl->ByteCount = pool->data_size;
        buffer->MdlChain = buffer->CurrentMdl = mdl;
        buffer->DataOffset = buffer->CurrentMdlOffset = pool->data_size;
    }
}

static inline __attribute__((always_inline)) PNET_BUFFER_LIST allocate_list(struct ndis_pool *pool)
{
    void *object = ndis_cache_get(&pool->cache);
    if (!object)
        return NULL;
    PNET_BUFFER_LIST list = object;
    clear(list, 0, sizeof(NET_BUFFER_LIST));
    list->NdisPoolHandle = pool;
    list->NetBufferListInfo[NetBufferListProtocolId] = (PVOID)(ULONG_PTR)pool->protocol_id;
    if (pool->has_net_buffer) {
        list->FirstNetBuffer = object_net_buffer(pool, object);
        reset_net_buffer(pool, object, list->FirstNetBuffer);
    }
    return list;
}

static inline PNET_BUFFER_LIST_CONTEXT object_context(struct ndis_pool *pool, PNET_BUFFER_LIST list)
{
    return (PNET_BUFFER_LIST_CONTEXT)((char *)list + pool->context_offset);
}

/* A context of its own where the preallocated space does not do; not for each packet. */
static bool push_context(PNET_BUFFER_LIST list, size_t size, size_t back_fill, ULONG tag, const void *caller)
{
    size_t space = size + back_fill;
    if (space > MAXUSHORT)
        return false;
    PNET_BUFFER_LIST_CONTEXT context = ex_pool_allocate(0, sizeof(*context) + space, tag, caller);
    if (!context)
        return false;
    context->Next = list->Context;
    context->Size = (USHORT)space;
    context->Offset = (USHORT)back_fill;
    list->Context = context;
    return true;
}

static __attribute__((noinline)) PNET_BUFFER_LIST NTAPI allocate_list_wide_context(struct ndis_pool *pool,
                                                                                   PNET_BUFFER_LIST list, USHORT size,
                                                                                   USHORT back_fill, const void *caller)
{
    if (push_context(list, size, back_fill, pool->cache.tag, caller))
        return list;
    ndis_cache_put(&pool->cache, list, __func__);
    return NULL;
}

/* With the context space that its owner wants: used bytes at the end of the preallocated space. */
static inline __attribute__((always_inline)) PNET_BUFFER_LIST allocate_list_with_context(struct ndis_pool *pool,
                                                                                         USHORT size, USHORT back_fill,
                                                                                         const void *caller)
{
    PNET_BUFFER_LIST list = allocate_list(pool);
    if (!list)
        return NULL;
    PNET_BUFFER_LIST_CONTEXT context = object_context(pool, list);
    context->Next = NULL;
    context->Size = pool->context_space;
    context->Offset = pool->context_space;
    list->Context = context;
    if (__builtin_expect((size_t)size + back_fill > pool->context_space, 0))
        return allocate_list_wide_context(pool, list, size, back_fill, caller);
    context->Offset -= size;
    return list;
}

static inline struct ndis_pool *pool_of(NDIS_HANDLE handle, uint32_t kind, const char *function)
{
    struct ndis_pool *pool = handle;
    if (__builtin_expect(!pool || pool->kind != kind, 0))
        ndis_pool_bad_handle(handle, function);
    return pool;
}

_Noreturn void NTAPI ndis_pool_bad_handle(NDIS_HANDLE handle, const char *function)
{
    ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x21, (ULONG_PTR)handle, (ULONG_PTR)__builtin_return_address(0), 0, NULL,
                     "%s: %p is not the handle of a pool of the right kind", function, handle);
}

PNET_BUFFER_LIST NTAPI NdisAllocateNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize, USHORT ContextBackFill)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct ndis_pool *pool = pool_of(PoolHandle, LIST_POOL, __func__);
    return allocate_list_with_context(pool, ContextSize, ContextBackFill, __builtin_return_address(0));
}
NT_EXPORT(NdisAllocateNetBufferList);

PNET_BUFFER_LIST NTAPI NdisAllocateNetBufferAndNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
                                                             USHORT ContextBackFill, PMDL MdlChain, ULONG DataOffset,
                                                             SIZE_T DataLength)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct ndis_pool *pool = pool_of(PoolHandle, LIST_POOL, __func__);
    if (!pool->has_net_buffer || pool->data_size)
        return NULL;
    PNET_BUFFER_LIST list = allocate_list_with_context(pool, ContextSize, ContextBackFill, __builtin_return_address(0));
    if (list)
        ndis_net_buffer_set(list->FirstNetBuffer, MdlChain, DataOffset, DataLength);
    return list;
}
NT_EXPORT(NdisAllocateNetBufferAndNetBufferList);

PNET_BUFFER_LIST ndis_list_allocate_bare(NDIS_HANDLE pool_handle)
{
    return allocate_list(pool_of(pool_handle, LIST_POOL, __func__));
}

/* Frees the contexts that lie above the preallocated one: the wide one of the allocation, and what drivers forgot. */
static __attribute__((noinline)) void NTAPI free_contexts(struct ndis_pool *pool, PNET_BUFFER_LIST list)
{
    PNET_BUFFER_LIST_CONTEXT preallocated = object_context(pool, list);
    while (list->Context && list->Context != preallocated) {
        PNET_BUFFER_LIST_CONTEXT context = list->Context;
        list->Context = context->Next;
        ex_pool_free(context, 0, __builtin_return_address(0));
    }
}

VOID NTAPI NdisFreeNetBufferList(PNET_BUFFER_LIST NetBufferList)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct ndis_pool *pool = pool_of(NetBufferList->NdisPoolHandle, LIST_POOL, __func__);
    if (__builtin_expect(NetBufferList->Context && NetBufferList->Context != object_context(pool, NetBufferList), 0))
        free_contexts(pool, NetBufferList);
    ndis_cache_put(&pool->cache, NetBufferList, __func__);
}
NT_EXPORT(NdisFreeNetBufferList);

PNET_BUFFER NTAPI NdisAllocateNetBuffer(NDIS_HANDLE PoolHandle, PMDL MdlChain, ULONG DataOffset, SIZE_T DataLength)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct ndis_pool *pool = pool_of(PoolHandle, BUFFER_POOL, __func__);
    PNET_BUFFER buffer = ndis_cache_get(&pool->cache);
    if (!buffer)
        return NULL;
    reset_net_buffer(pool, buffer, buffer);
    ndis_net_buffer_set(buffer, MdlChain, DataOffset, DataLength);
    return buffer;
}
NT_EXPORT(NdisAllocateNetBuffer);

PNET_BUFFER NTAPI NdisAllocateNetBufferMdlAndData(NDIS_HANDLE PoolHandle)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct ndis_pool *pool = pool_of(PoolHandle, BUFFER_POOL, __func__);
    if (!pool->data_size)
        return NULL;
    PNET_BUFFER buffer = ndis_cache_get(&pool->cache);
    if (buffer)
        reset_net_buffer(pool, buffer, buffer);
    return buffer;
}
NT_EXPORT(NdisAllocateNetBufferMdlAndData);

VOID NTAPI NdisFreeNetBuffer(PNET_BUFFER NetBuffer)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct ndis_pool *pool = pool_of(NetBuffer->NdisPoolHandle, BUFFER_POOL, __func__);
    ndis_cache_put(&pool->cache, NetBuffer, __func__);
}
NT_EXPORT(NdisFreeNetBuffer);

bool ndis_list_owns_net_buffer(PNET_BUFFER_LIST list, PNET_BUFFER buffer)
{
    return buffer->NdisPoolHandle == list->NdisPoolHandle;
}

NDIS_HANDLE NTAPI NdisGetPoolFromNetBufferList(PNET_BUFFER_LIST NetBufferList)
{
    return NetBufferList->NdisPoolHandle;
}
NT_EXPORT(NdisGetPoolFromNetBufferList);

NDIS_HANDLE NTAPI NdisGetPoolFromNetBuffer(PNET_BUFFER NetBuffer)
{
    return NetBuffer->NdisPoolHandle;
}
NT_EXPORT(NdisGetPoolFromNetBuffer);

UCHAR NTAPI NdisGetNetBufferListProtocolId(PNET_BUFFER_LIST NetBufferList)
{
    return (UCHAR)(ULONG_PTR)NetBufferList->NetBufferListInfo[NetBufferListProtocolId] & NDIS_PROTOCOL_ID_MASK;
}
NT_EXPORT(NdisGetNetBufferListProtocolId);

/*
 * Contexts are a stack: the used bytes of each lie at its end, so that a push moves Offset down and a pop moves it up;
 * a push that does not fit opens a new context, which the pop that empties it closes again.
 */
NDIS_STATUS NTAPI NdisAllocateNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize,
                                                   USHORT ContextBackFill, ULONG PoolTag)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (ContextSize % sizeof(PVOID) || ContextBackFill % sizeof(PVOID))
        return NDIS_STATUS_FAILURE;
    PNET_BUFFER_LIST_CONTEXT context = NetBufferList->Context;
    if (context && context->Offset >= ContextSize) {
        context->Offset -= ContextSize;
        return NDIS_STATUS_SUCCESS;
    }
    return push_context(NetBufferList, ContextSize, ContextBackFill, PoolTag, __builtin_return_address(0))
               ? NDIS_STATUS_SUCCESS
               : NDIS_STATUS_RESOURCES;
}
NT_EXPORT(NdisAllocateNetBufferListContext);

VOID NTAPI NdisFreeNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    PNET_BUFFER_LIST_CONTEXT context = NetBufferList->Context;
    if (!context || ContextSize > context->Size - context->Offset)
        ke_bugcheck_text(
            BUGCODE_NDIS_DRIVER, 0x1E, (ULONG_PTR)NetBufferList, ContextSize, (ULONG_PTR)__builtin_return_address(0),
            NULL,
            "NdisFreeNetBufferListContext: %u bytes are to be freed, but the top context has only %u in use; free "
            "contexts in reverse order of their allocation, with the same sizes",
            ContextSize, context ? context->Size - context->Offset : 0);
    context->Offset += ContextSize;
    struct ndis_pool *pool = NetBufferList->NdisPoolHandle;
    if (context->Offset == context->Size && context != object_context(pool, NetBufferList)) {
        NetBufferList->Context = context->Next;
        ex_pool_free(context, 0, __builtin_return_address(0));
    }
}
NT_EXPORT(NdisFreeNetBufferListContext);

/*
 * Out-of-band entries that keep their meaning when a driver passes on its own copy of a list. The pages of the two
 * functions list them; coalescing, forwarding and time stamp entries are among the "private NDIS information" that they
 * mention.
 */
static void copy_info(PNET_BUFFER_LIST to, PNET_BUFFER_LIST from, const UCHAR *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to->NetBufferListInfo[ids[i]] = from->NetBufferListInfo[ids[i]];
}

VOID NTAPI NdisCopySendNetBufferListInfo(PNET_BUFFER_LIST DestNetBufferList, PNET_BUFFER_LIST SrcNetBufferList)
{
    static const UCHAR ids[] = {
        TcpIpChecksumNetBufferListInfo,
        IPsecOffloadV1NetBufferListInfo,
        TcpLargeSendNetBufferListInfo,
        Ieee8021QNetBufferListInfo,
        MediaSpecificInformation,
        MediaSpecificInformationEx,
        NetBufferListCancelId,
        NetBufferListProtocolId,
        IPsecOffloadV2TunnelNetBufferListInfo,
        IPsecOffloadV2HeaderNetBufferListInfo,
        VirtualSubnetInfo,
        NetBufferListFilteringInfo,
        NetBufferListHashValue,
        NetBufferListHashInfo,
        TcpSendOffloadsSupplementalNetBufferListInfo,
        UdpSegmentationOffloadInfo,
        SwitchForwardingReserved,
        SwitchForwardingDetail,
        WfpNetBufferListInfo,
    };
    copy_info(DestNetBufferList, SrcNetBufferList, ids, sizeof(ids));
}
NT_EXPORT(NdisCopySendNetBufferListInfo);

VOID NTAPI NdisCopyReceiveNetBufferListInfo(PNET_BUFFER_LIST DestNetBufferList, PNET_BUFFER_LIST SrcNetBufferList)
{
    static const UCHAR ids[] = {
        TcpIpChecksumNetBufferListInfo,
        IPsecOffloadV1NetBufferListInfo,
        TcpReceiveNoPush,
        Ieee8021QNetBufferListInfo,
        MediaSpecificInformation,
        MediaSpecificInformationEx,
        NetBufferListFrameType,
        NetBufferListHashValue,
        NetBufferListHashInfo,
        IPsecOffloadV2TunnelNetBufferListInfo,
        IPsecOffloadV2HeaderNetBufferListInfo,
        VirtualSubnetInfo,
        NetBufferListFilteringInfo,
        TcpRecvSegCoalesceInfo,
        RscTcpTimestampDelta,
        SwitchForwardingReserved,
        SwitchForwardingDetail,
        WfpNetBufferListInfo,
    };
    copy_info(DestNetBufferList, SrcNetBufferList, ids, sizeof(ids));
}
NT_EXPORT(NdisCopyReceiveNetBufferListInfo);

/* ---- the library's own pools ------------------------------------------------------------------------------------ */

NTSTATUS ndis_net_buffer_initialize(void)
{
    if (state.initialized)
        return STATUS_SUCCESS;
    NET_BUFFER_LIST_POOL_PARAMETERS list = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
        .PoolTag = NDIS_LIBRARY_TAG,
    };
    NET_BUFFER_LIST_POOL_PARAMETERS pair = list;
    pair.fAllocateNetBuffer = TRUE;
    NET_BUFFER_POOL_PARAMETERS buffer = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1},
        .PoolTag = NDIS_LIBRARY_TAG,
    };
    state.list_pool = create_list_pool(&list, ndis_net_buffer_initialize);
    state.pair_pool = create_list_pool(&pair, ndis_net_buffer_initialize);
    state.buffer_pool = create_buffer_pool(&buffer, ndis_net_buffer_initialize);
    state.initialized = true;
    if (state.list_pool && state.pair_pool && state.buffer_pool)
        return STATUS_SUCCESS;
    ndis_net_buffer_shutdown();
    return STATUS_INSUFFICIENT_RESOURCES;
}

void ndis_net_buffer_shutdown(void)
{
    if (!state.initialized)
        return;
    if (state.list_pool)
        NdisFreeNetBufferListPool(state.list_pool);
    if (state.pair_pool)
        NdisFreeNetBufferListPool(state.pair_pool);
    if (state.buffer_pool)
        NdisFreeNetBufferPool(state.buffer_pool);
    state.list_pool = state.pair_pool = state.buffer_pool = NULL;
    state.initialized = false;
}

NDIS_HANDLE ndis_default_list_pool(void)
{
    return state.list_pool;
}

NDIS_HANDLE ndis_default_pair_pool(void)
{
    return state.pair_pool;
}

NDIS_HANDLE ndis_default_buffer_pool(void)
{
    return state.buffer_pool;
}

bool ndis_list_pool_has_net_buffer(NDIS_HANDLE pool_handle)
{
    struct ndis_pool *pool = pool_of(pool_handle, LIST_POOL, __func__);
    return pool->has_net_buffer && !pool->data_size;
}

size_t ndis_library_find_pools(const void *base, size_t size, char *text, size_t text_size)
{
    size_t found = 0;
    ke_lock(&state.lock);
    if (state.pools.Flink) {
        for (PLIST_ENTRY entry = state.pools.Flink; entry != &state.pools; entry = entry->Flink) {
            struct ndis_pool *pool = CONTAINING_RECORD(entry, struct ndis_pool, all);
            if ((size_t)((const char *)pool->cache.caller - (const char *)base) >= size)
                continue;
            char tag[5];
            if (!found++ && text_size)
                snprintf(text, text_size, "%s pool %p, tag '%s', %zu allocated",
                         pool->kind == LIST_POOL ? "NET_BUFFER_LIST" : "NET_BUFFER", (void *)pool,
                         ex_pool_tag_text(pool->cache.tag, tag), ndis_cache_in_use(&pool->cache));
        }
    }
    ke_unlock(&state.lock);
    return found;
}

/*
 * What the tests of the NDIS library share: a system of ke and ex without adapters, and MDL chains of given lengths
 * over numbered bytes.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "ndis/net_buffer.h"
#include "ndis/object_cache.h"
#include "ndis/services.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

#define TAG 'tseT'

static inline NET_BUFFER_LIST_POOL_PARAMETERS list_pool_parameters(BOOLEAN with_net_buffer, USHORT context, ULONG data)
{
    return (NET_BUFFER_LIST_POOL_PARAMETERS){
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
        .ProtocolId = NDIS_PROTOCOL_ID_DEFAULT,
        .fAllocateNetBuffer = with_net_buffer,
        .ContextSize = context,
        .PoolTag = TAG,
        .DataSize = data,
    };
}

static inline NET_BUFFER_POOL_PARAMETERS buffer_pool_parameters(ULONG data)
{
    return (NET_BUFFER_POOL_PARAMETERS){
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1},
        .PoolTag = TAG,
        .DataSize = data,
    };
}

static inline NDIS_HANDLE make_list_pool(BOOLEAN with_net_buffer, USHORT context, ULONG data)
{
    NET_BUFFER_LIST_POOL_PARAMETERS parameters = list_pool_parameters(with_net_buffer, context, data);
    NDIS_HANDLE pool = NdisAllocateNetBufferListPool(NULL, &parameters);
    assert_non_null(pool);
    return pool;
}

static inline NDIS_HANDLE make_buffer_pool(ULONG data)
{
    NET_BUFFER_POOL_PARAMETERS parameters = buffer_pool_parameters(data);
    NDIS_HANDLE pool = NdisAllocateNetBufferPool(NULL, &parameters);
    assert_non_null(pool);
    return pool;
}

/* A chain of MDLs over one array of bytes 0, 1, 2, ..., with a gap of 3 bytes between the memory of any two, so that no
 * two are contiguous. */
struct chain {
    PMDL mdls[8];
    unsigned count;
    UCHAR memory[4096];
};

static inline PMDL make_chain(struct chain *chain, const unsigned *lengths, unsigned count)
{
    size_t at = 0;
    UCHAR value = 0;
    memset(chain->memory, 0xEE, sizeof(chain->memory));
    chain->count = count;
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < lengths[i]; k++)
            chain->memory[at + k] = value++;
        chain->mdls[i] = NdisAllocateMdl(NULL, chain->memory + at, lengths[i]);
        assert_non_null(chain->mdls[i]);
        if (i)
            chain->mdls[i - 1]->Next = chain->mdls[i];
        at += lengths[i] + 3;
    }
    return chain->mdls[0];
}

static inline void free_chain(struct chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++)
        NdisFreeMdl(chain->mdls[i]);
}

/* Checks the data of a NET_BUFFER: count bytes, beginning with that number. */
static inline void assert_data(PNET_BUFFER buffer, UCHAR first, ULONG count)
{
    UCHAR storage[4096];
    assert_int_equal(buffer->DataLength, count);
    ULONG offset = buffer->DataOffset;
    PMDL mdl = ndis_mdl_seek(buffer->MdlChain, &offset);
    assert_ptr_equal(buffer->CurrentMdl, mdl);
    assert_int_equal(buffer->CurrentMdlOffset, offset);
    if (!count)
        return;
    UCHAR *data = NdisGetDataBuffer(buffer, count, storage, 1, 0);
    assert_non_null(data);
    for (ULONG i = 0; i < count; i++)
        assert_int_equal(data[i], (UCHAR)(first + i));
}

static inline int start_system(void **state)
{
    (void)state;
    ke_initialize();
    ex_initialize();
    return ndis_library_initialize() == STATUS_SUCCESS ? 0 : -1;
}

static inline int stop_system(void **state)
{
    (void)state;
    ndis_library_shutdown();
    ex_shutdown();
    ke_shutdown();
    return 0;
}

/* Bytes of pool in use, for tests that everything is freed. */
static inline size_t pool_bytes(void)
{
    struct ex_pool_usage usage;
    ex_pool_get_usage(&usage);
    return usage.bytes;
}

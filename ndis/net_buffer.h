/*
 * What the parts of the library share about NET_BUFFERs: the pools that NDIS keeps for itself and the first MDL with
 * data.
 */
#pragma once

#include <stdbool.h>
#include <ndis.h>

#define NDIS_LIBRARY_TAG 0x7369444eu /* "NDis" */

/* The pools for derived lists; see ndis_library_initialize. */
NTSTATUS ndis_net_buffer_initialize(void);
void ndis_net_buffer_shutdown(void);

NDIS_HANDLE ndis_default_list_pool(void);
NDIS_HANDLE ndis_default_pair_pool(void);
NDIS_HANDLE ndis_default_buffer_pool(void);

/* A list without context, as derived lists are; with its preallocated NET_BUFFER if the pool has them. NULL: no memory.
 */
PNET_BUFFER_LIST ndis_list_allocate_bare(NDIS_HANDLE pool);

/* Whether the pool's lists come with a NET_BUFFER that has no data of its own. */
bool ndis_list_pool_has_net_buffer(NDIS_HANDLE pool);

/* Whether the NET_BUFFER was preallocated with the list and is freed with it. */
bool ndis_list_owns_net_buffer(PNET_BUFFER_LIST list, PNET_BUFFER buffer);

_Noreturn void NTAPI ndis_pool_bad_handle(NDIS_HANDLE handle, const char *function);

static inline ULONG ndis_min(ULONG a, ULONG b)
{
    return a < b ? a : b;
}

/* Where the byte at offset lies, counted from the start of mdl. The end of one MDL is the start of the next; only at
 * the end of the whole chain is *offset the MDL's length. mdl NULL: NULL. */
static inline PMDL ndis_mdl_seek(PMDL mdl, ULONG *offset)
{
    while (mdl && *offset >= mdl->ByteCount && mdl->Next) {
        *offset -= mdl->ByteCount;
        mdl = mdl->Next;
    }
    return mdl;
}

static inline void ndis_net_buffer_set(PNET_BUFFER buffer, PMDL chain, ULONG data_offset, SIZE_T data_length)
{
    buffer->MdlChain = chain;
    buffer->DataOffset = data_offset;
    buffer->stDataLength = data_length;
    buffer->CurrentMdlOffset = data_offset;
    buffer->CurrentMdl = ndis_mdl_seek(chain, &buffer->CurrentMdlOffset);
}

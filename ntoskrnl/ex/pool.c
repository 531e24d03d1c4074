/*
 * Pool. Drivers allocate everything from tagged pools. Each block has a header in front that records size, tag, kind
 * and who allocated it, so that leaks, wrong tags, double frees and overruns are named after the driver that made them.
 * The memory is malloc's, hence scales with threads and is checked by AddressSanitizer. Blocks in use stand in lists,
 * several, so that threads seldom meet at the same lock; freed blocks rest for a while in a ring before their memory is
 * used again, so that freeing one twice is recognised as that.
 *
 * Blocks of PAGE_SIZE or more are page-aligned, as Windows guarantees; the header then ends the page in front.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

#if defined(__SANITIZE_ADDRESS__)
#define POOL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_ASAN 1
#endif
#endif
#ifdef POOL_ASAN
#include <sanitizer/asan_interface.h>
#endif

/* Parameter 1 of BAD_POOL_CALLER ("Bug Check 0xC2: BAD_POOL_CALLER") */
enum {
    ZERO_BYTES = 0x0,
    ALREADY_FREED = 0x7,
    ALLOCATED_AT_BAD_IRQL = 0x8,
    FREED_AT_BAD_IRQL = 0x9,
    WRONG_TAG = 0xA,
    NEVER_IN_POOL = 0x46,
    TAG_ZERO = 0x9B
};

enum { SHARDS = 16, RESTING_BLOCKS = 32, LARGEST_RESTING = 2048, CACHE_LINE = 64, TAIL = 8 };

#define MAGIC_USED    0x7b10cb10cca110c8ull
#define MAGIC_FREE    0xf4eeb10cf4eeb10cull
#define LARGEST_BLOCK (1ull << 36)
#define TAIL_BYTE     0xb5

struct header {
    LIST_ENTRY link; /* in its shard */
    uint64_t magic;  /* xor its own address, so that a copy of a header is none */
    size_t size;     /* as requested */
    ULONG tag;
    USHORT shard;
    UCHAR is_paged;
    uint32_t front;     /* bytes from the host's block to the driver's */
    const void *caller; /* who allocated it; once freed: who freed it */
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct header) == 64, "the header keeps blocks aligned");

struct shard {
    struct ke_lock lock;
    LIST_ENTRY blocks;
    size_t bytes, count;
    struct header *resting[RESTING_BLOCKS];
    unsigned next_resting;
} __attribute__((aligned(128)));

static struct {
    struct shard shards[SHARDS];
} pool;

static struct header *header_of(const void *block)
{
    return (struct header *)((char *)block - sizeof(struct header));
}

static void *block_of(struct header *header)
{
    return header + 1;
}

static uint64_t magic(const struct header *header, uint64_t value)
{
    return value ^ (uintptr_t)header;
}

const char *ex_pool_tag_text(ULONG tag, char text[5])
{
    for (int i = 0; i < 4; i++) {
        char c = (char)(tag >> 8 * i);
        text[i] = c >= ' ' && c < 0x7f ? c : '.';
    }
    text[4] = 0;
    return text;
}

/* By processor, as a thread below DISPATCH_LEVEL also has one that it owned last. */
static struct shard *own_shard(void)
{
    return &pool.shards[ke_processor_number() % SHARDS];
}

static size_t tail_size(void)
{
#ifdef POOL_ASAN
    return 0; /* AddressSanitizer guards the end to the byte */
#else
    return TAIL;
#endif
}

static void add(struct header *header, struct shard *shard)
{
    header->shard = (USHORT)(shard - pool.shards);
    ke_lock(&shard->lock);
    if (shard->blocks.Flink == NULL)
        InitializeListHead(&shard->blocks);
    InsertTailList(&shard->blocks, &header->link);
    shard->bytes += header->size;
    shard->count++;
    ke_unlock(&shard->lock);
}

void *ex_pool_allocate(unsigned flags, size_t size, ULONG tag, const void *caller)
{
    size_t alignment = size >= PAGE_SIZE ? PAGE_SIZE : (flags & EX_POOL_CACHE_ALIGNED) != 0 ? CACHE_LINE : 16;
    size_t front = alignment > sizeof(struct header) ? alignment : sizeof(struct header);
    size_t total = front + size + tail_size();
    if (size > LARGEST_BLOCK || total < size)
        return NULL;
    char *memory = NULL;
    if (alignment > 16) {
        if (posix_memalign((void **)&memory, alignment, total) != 0)
            return NULL;
        if ((flags & EX_POOL_UNINITIALIZED) == 0)
            memset(memory + front, 0, size);
    } else {
        memory = (flags & EX_POOL_UNINITIALIZED) != 0 ? malloc(total) : calloc(1, total);
        if (memory == NULL)
            return NULL;
    }
    struct header *header = header_of(memory + front);
    *header = (struct header){.magic = magic(header, MAGIC_USED),
                              .size = size,
                              .tag = tag,
                              .is_paged = (flags & EX_POOL_PAGED) != 0,
                              .front = (uint32_t)front,
                              .caller = caller};
    memset((char *)block_of(header) + size, TAIL_BYTE, tail_size());
    add(header, own_shard());
    return block_of(header);
}

static _Noreturn void bad_free(ULONG_PTR kind, const void *block, ULONG tag, const void *caller, const char *what)
{
    char text[5];
    ke_bugcheck_text(BAD_POOL_CALLER, kind, (ULONG_PTR)caller, tag, (ULONG_PTR)block, NULL,
                     "freeing %p with tag '%s': %s", block, ex_pool_tag_text(tag, text), what);
}

static _Noreturn void double_free(const struct header *header, const void *block, const void *caller)
{
    char tag[5], text[200];
    snprintf(text, sizeof(text), "the block of %zu bytes with tag '%s' was already freed by the code at %p",
             header->size, ex_pool_tag_text(header->tag, tag), header->caller);
    ke_bugcheck_text(BAD_POOL_CALLER, ALREADY_FREED, (ULONG_PTR)header->caller, header->tag, (ULONG_PTR)block, NULL,
                     "freeing %p at %p: %s", block, caller, text);
}

static void check_readable(const struct header *header, const void *block, ULONG tag, const void *caller)
{
    if (((uintptr_t)block & 15) != 0 || (uintptr_t)block < PAGE_SIZE)
        bad_free(NEVER_IN_POOL, block, tag, caller, "this address was never in any pool");
#ifdef POOL_ASAN
    if (__asan_region_is_poisoned((void *)header, sizeof(*header)) != NULL) {
        __asan_describe_address((void *)block);
        bad_free(ALREADY_FREED, block, tag, caller, "it was already freed, or was never in any pool");
    }
#else
    (void)header;
#endif
}

static void check_tail(const struct header *header, const void *block)
{
    const unsigned char *tail = (const unsigned char *)block + header->size;
    char tag[5];
    for (size_t i = 0; i < tail_size(); i++) {
        if (tail[i] != TAIL_BYTE)
            ke_bugcheck_text(
                BAD_POOL_HEADER, 0x20, (ULONG_PTR)block, header->size, header->tag, NULL,
                "the block of %zu bytes with tag '%s' that the code at %p allocated was written beyond its end",
                header->size, ex_pool_tag_text(header->tag, tag), header->caller);
    }
}

/* The block's memory goes back to the host, at once under AddressSanitizer, which has its own quarantine, else later.
 */
static void retire(struct header *header, struct shard *shard)
{
    struct header *old = header;
#ifndef POOL_ASAN
    if (header->size <= LARGEST_RESTING) {
        old = shard->resting[shard->next_resting];
        shard->resting[shard->next_resting] = header;
        shard->next_resting = (shard->next_resting + 1) % RESTING_BLOCKS;
    }
#endif
    ke_unlock(&shard->lock);
    if (old != NULL)
        free((char *)block_of(old) - old->front);
}

void ex_pool_free(void *block, ULONG tag, const void *caller)
{
    struct header *header = header_of(block);
    check_readable(header, block, tag, caller);
    uint64_t expected = magic(header, MAGIC_USED);
    /* Two threads that free the same block at once must not both succeed. */
    if (!__atomic_compare_exchange_n(&header->magic, &expected, magic(header, MAGIC_FREE), false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED)) {
        if (expected == magic(header, MAGIC_FREE))
            double_free(header, block, caller);
        bad_free(NEVER_IN_POOL, block, tag, caller,
                 "this is not the start of a pool block, or its header was overwritten, or it was freed long ago");
    }
    if (tag != 0 && tag != header->tag) {
        char theirs[5], ours[5];
        ke_bugcheck_text(BAD_POOL_CALLER, WRONG_TAG, (ULONG_PTR)block, header->tag, tag, NULL,
                         "freeing %p with tag '%s'; the code at %p allocated it with tag '%s'", block,
                         ex_pool_tag_text(tag, ours), header->caller, ex_pool_tag_text(header->tag, theirs));
    }
    if (ke_irql() > (header->is_paged ? APC_LEVEL : DISPATCH_LEVEL))
        ke_bugcheck_text(BAD_POOL_CALLER, FREED_AT_BAD_IRQL, ke_irql(), header->is_paged, (ULONG_PTR)block, NULL,
                         "freeing %s pool at IRQL %u", header->is_paged ? "paged" : "nonpaged", ke_irql());
    check_tail(header, block);
    struct shard *shard = &pool.shards[header->shard];
    ke_lock(&shard->lock);
    RemoveEntryList(&header->link);
    shard->bytes -= header->size;
    shard->count--;
    header->caller = caller;
    retire(header, shard);
}

void ex_pool_trim(void)
{
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *shard = &pool.shards[i];
        for (unsigned slot = 0; slot < RESTING_BLOCKS; slot++) {
            ke_lock(&shard->lock);
            struct header *header = shard->resting[slot];
            shard->resting[slot] = NULL;
            ke_unlock(&shard->lock);
            if (header != NULL)
                free((char *)block_of(header) - header->front);
        }
    }
}

void ex_pool_get_usage(struct ex_pool_usage *usage)
{
    *usage = (struct ex_pool_usage){0};
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *shard = &pool.shards[i];
        ke_lock(&shard->lock);
        usage->bytes += shard->bytes;
        usage->blocks += shard->count;
        ke_unlock(&shard->lock);
    }
}

void ex_pool_for_each(void (*each)(void *context, const void *caller, ULONG tag, size_t size, const void *address),
                      void *context)
{
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *shard = &pool.shards[i];
        ke_lock(&shard->lock);
        for (LIST_ENTRY *entry = shard->blocks.Flink; entry != NULL && entry != &shard->blocks; entry = entry->Flink) {
            struct header *header = CONTAINING_RECORD(entry, struct header, link);
            each(context, header->caller, header->tag, header->size, block_of(header));
        }
        ke_unlock(&shard->lock);
    }
}

struct search {
    const char *address;
    const void *caller, *block;
    ULONG tag;
    size_t size;
};

static void compare(void *context, const void *caller, ULONG tag, size_t size, const void *address)
{
    struct search *search = context;
    if ((size_t)(search->address - (const char *)address) < (size != 0 ? size : 1))
        *search = (struct search){search->address, caller, address, tag, size};
}

bool ex_pool_find(const void *address, const void **caller, ULONG *tag, size_t *size, const void **block)
{
    struct search search = {.address = address};
    ex_pool_for_each(compare, &search);
    *caller = search.caller;
    *tag = search.tag;
    *size = search.size;
    *block = search.block;
    return search.block != NULL;
}

/* ---- what drivers call ----------------------------------------------------------------------------------------------
 */

static unsigned flags_of(POOL_TYPE type)
{
    enum { PAGED_BIT = 1, CACHE_ALIGNED_BIT = 4 };
    return ((type & PAGED_BIT) != 0 ? EX_POOL_PAGED : 0) |
           ((type & CACHE_ALIGNED_BIT) != 0 ? EX_POOL_CACHE_ALIGNED : 0);
}

static void *allocate(unsigned flags, POOL_TYPE type, SIZE_T size, ULONG tag, const void *caller)
{
    KIRQL limit = (flags & EX_POOL_PAGED) != 0 ? APC_LEVEL : DISPATCH_LEVEL;
    if (__builtin_expect(ke_irql() > limit, 0))
        ke_bugcheck_text(BAD_POOL_CALLER, ALLOCATED_AT_BAD_IRQL, ke_irql(), (ULONG_PTR)type, size, NULL,
                         "allocating %zu bytes of %s pool at IRQL %u", (size_t)size,
                         (flags & EX_POOL_PAGED) != 0 ? "paged" : "nonpaged", ke_irql());
    if (__builtin_expect(tag == 0, 0))
        ke_bugcheck_text(BAD_POOL_CALLER, TAG_ZERO, (ULONG_PTR)type, size, (ULONG_PTR)caller, NULL,
                         "allocating %zu bytes of pool with tag 0", (size_t)size);
    return ex_pool_allocate(flags, size, tag, caller);
}

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    enum { RAISE_ON_FAILURE = 16 }; /* POOL_RAISE_IF_ALLOCATION_FAILURE, POOL_COLD_ALLOCATION has no effect */
    PVOID block =
        allocate(flags_of(PoolType) | EX_POOL_UNINITIALIZED, PoolType, NumberOfBytes, Tag, __builtin_return_address(0));
    if (block == NULL && (PoolType & RAISE_ON_FAILURE) != 0)
        ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
    return block;
}
NT_EXPORT(ExAllocatePoolWithTag);

#undef ExAllocatePool
PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes)
{
    return allocate(flags_of(PoolType) | EX_POOL_UNINITIALIZED, PoolType, NumberOfBytes, 'enoN',
                    __builtin_return_address(0));
}
NT_EXPORT(ExAllocatePool);

PVOID NTAPI ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag,
                                          EX_POOL_PRIORITY Priority)
{
    (void)Priority;
    return allocate(flags_of(PoolType) | EX_POOL_UNINITIALIZED, PoolType, NumberOfBytes, Tag,
                    __builtin_return_address(0));
}
NT_EXPORT(ExAllocatePoolWithTagPriority);

/* There are no processes to charge; the function still raises when it fails, unless told not to. */
PVOID NTAPI ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    enum { QUOTA_FAIL_INSTEAD_OF_RAISE = 8 };
    PVOID block =
        allocate(flags_of(PoolType) | EX_POOL_UNINITIALIZED, PoolType, NumberOfBytes, Tag, __builtin_return_address(0));
    if (block == NULL && (PoolType & QUOTA_FAIL_INSTEAD_OF_RAISE) == 0)
        ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
    return block;
}
NT_EXPORT(ExAllocatePoolWithQuotaTag);

static PVOID allocate_by_flags(POOL_FLAGS flags, SIZE_T size, ULONG tag, const void *caller)
{
    const POOL_FLAGS kinds = POOL_FLAG_PAGED | POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE;
    POOL_FLAGS kind = flags & kinds;
    unsigned own = (kind == POOL_FLAG_PAGED ? EX_POOL_PAGED : 0) |
                   ((flags & POOL_FLAG_UNINITIALIZED) != 0 ? EX_POOL_UNINITIALIZED : 0) |
                   ((flags & POOL_FLAG_CACHE_ALIGNED) != 0 ? EX_POOL_CACHE_ALIGNED : 0);
    /* "ExAllocatePool2 function": exactly one pool, and a tag, or the call fails. */
    bool valid = kind != 0 && (kind & (kind - 1)) == 0 && tag != 0;
    PVOID block = valid ? allocate(own, kind == POOL_FLAG_PAGED ? PagedPool : NonPagedPoolNx, size, tag, caller) : NULL;
    if (block == NULL && (flags & POOL_FLAG_RAISE_ON_FAILURE) != 0)
        ExRaiseStatus(valid ? STATUS_INSUFFICIENT_RESOURCES : STATUS_INVALID_PARAMETER);
    return block;
}

PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    return allocate_by_flags(Flags, NumberOfBytes, Tag, __builtin_return_address(0));
}
NT_EXPORT(ExAllocatePool2);

/* Of the extended parameters only optional ones may be left out of account: priority is one. Secure pools are not. */
PVOID NTAPI ExAllocatePool3(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag,
                            PCPOOL_EXTENDED_PARAMETER ExtendedParameters, ULONG ExtendedParametersCount)
{
    for (ULONG i = 0; i < ExtendedParametersCount; i++) {
        if (!ExtendedParameters[i].Optional && ExtendedParameters[i].Type != PoolExtendedParameterPriority)
            return NULL;
    }
    return allocate_by_flags(Flags, NumberOfBytes, Tag, __builtin_return_address(0));
}
NT_EXPORT(ExAllocatePool3);

#undef ExFreePool
VOID NTAPI ExFreePool(PVOID P)
{
    ex_pool_free(P, 0, __builtin_return_address(0));
}
NT_EXPORT(ExFreePool);

VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    ex_pool_free(P, Tag, __builtin_return_address(0));
}
NT_EXPORT(ExFreePoolWithTag);

VOID NTAPI ExFreePool2(PVOID P, ULONG Tag, PCPOOL_EXTENDED_PARAMETER ExtendedParameters, ULONG ExtendedParametersCount)
{
    (void)ExtendedParameters, (void)ExtendedParametersCount;
    ex_pool_free(P, Tag, __builtin_return_address(0));
}
NT_EXPORT(ExFreePool2);

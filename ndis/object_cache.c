/*
 * The slow side of object caches: slabs, the depot, and the magazines' life, which ends with their thread or is passed
 * on when another cache takes over the index of one that was destroyed. The design is Bonwick and Adams, "Magazines and
 * Vmem" (2001), with one magazine for each thread and an exchange of halves instead of two magazines.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "ndis/object_cache.h"
#include "ntoskrnl/ex/ex.h"

#define SLAB_ALIGNMENT     64
#define SLAB_FIRST_OBJECTS 8
#define SLAB_MAXIMUM_BYTES (64 * 1024)
#define EXCHANGE           (NDIS_MAGAZINE_SIZE / 2)

struct ndis_slab {
    struct ndis_slab *next;
};

/* Indices of caches, and the one lock that orders their end with the end of threads. Taken before a cache's lock. */
static struct {
    struct ke_lock lock;
    pthread_once_t once;
    pthread_key_t key;
    uint64_t last_serial;
    bool *used;
    uint32_t capacity;
} state = {.once = PTHREAD_ONCE_INIT};

__thread struct ndis_thread_magazines ndis_thread_magazines;

static void depot_push(struct ndis_cache *cache, void *object)
{
    struct ndis_object_header *header = ndis_object_header(object);
    header->next = cache->depot;
    cache->depot = header;
    cache->depot_count++;
}

static void *depot_pop(struct ndis_cache *cache)
{
    struct ndis_object_header *header = cache->depot;
    cache->depot = header->next;
    cache->depot_count--;
    return header + 1;
}

static void unlink_magazine(struct ndis_magazine *magazine)
{
    struct ndis_magazine **link = &magazine->cache->magazines;
    while (*link != magazine)
        link = &(*link)->next;
    *link = magazine->next;
}

/* A thread ends: what its magazines hold goes back to the caches that still exist. */
static void release_thread(void *unused)
{
    (void)unused;
    ke_lock(&state.lock);
    for (uint32_t i = 0; i < ndis_thread_magazines.capacity; i++) {
        struct ndis_magazine *magazine = ndis_thread_magazines.magazines[i];
        if (!magazine)
            continue;
        if (magazine->serial) {
            ke_lock(&magazine->cache->lock);
            for (uint32_t k = 0; k < magazine->count; k++)
                depot_push(magazine->cache, magazine->objects[k]);
            unlink_magazine(magazine);
            ke_unlock(&magazine->cache->lock);
        }
        free(magazine);
    }
    ke_unlock(&state.lock);
    free(ndis_thread_magazines.magazines);
    ndis_thread_magazines = (struct ndis_thread_magazines){0};
}

static void create_key(void)
{
    pthread_key_create(&state.key, release_thread);
}

static bool reserve_index(uint32_t *index)
{
    for (uint32_t i = 0; i < state.capacity; i++) {
        if (!state.used[i]) {
            state.used[i] = true;
            *index = i;
            return true;
        }
    }
    uint32_t capacity = state.capacity ? state.capacity * 2 : 64;
    bool *used = realloc(state.used, capacity * sizeof(bool));
    if (!used)
        return false;
    memset(used + state.capacity, 0, (capacity - state.capacity) * sizeof(bool));
    *index = state.capacity;
    used[*index] = true;
    state.used = used;
    state.capacity = capacity;
    return true;
}

bool ndis_cache_create(struct ndis_cache *cache, size_t object_size, ULONG tag, const void *caller,
                       void (*construct)(struct ndis_cache *cache, void *object))
{
    pthread_once(&state.once, create_key);
    memset(cache, 0, sizeof(*cache));
    cache->object_size = (uint32_t)((object_size + 15) & ~(size_t)15);
    cache->tag = tag;
    cache->caller = caller;
    cache->construct = construct;
    cache->next_slab_objects = SLAB_FIRST_OBJECTS;
    ke_lock(&state.lock);
    bool reserved = reserve_index(&cache->index);
    cache->serial = ++state.last_serial;
    ke_unlock(&state.lock);
    return reserved;
}

static size_t in_use_locked(struct ndis_cache *cache)
{
    size_t free_objects = cache->depot_count;
    for (struct ndis_magazine *magazine = cache->magazines; magazine; magazine = magazine->next)
        free_objects += __atomic_load_n(&magazine->count, __ATOMIC_RELAXED);
    return cache->object_count - free_objects;
}

size_t ndis_cache_in_use(struct ndis_cache *cache)
{
    ke_lock(&cache->lock);
    size_t in_use = in_use_locked(cache);
    ke_unlock(&cache->lock);
    return in_use;
}

size_t ndis_cache_destroy(struct ndis_cache *cache)
{
    ke_lock(&state.lock);
    ke_lock(&cache->lock);
    size_t in_use = in_use_locked(cache);
    if (!in_use) {
        for (struct ndis_magazine *magazine = cache->magazines; magazine; magazine = magazine->next) {
            __atomic_store_n(&magazine->count, 0, __ATOMIC_RELAXED);
            __atomic_store_n(&magazine->serial, 0, __ATOMIC_RELAXED);
        }
        state.used[cache->index] = false;
    }
    ke_unlock(&cache->lock);
    ke_unlock(&state.lock);
    if (in_use)
        return in_use;
    while (cache->slabs) {
        struct ndis_slab *slab = cache->slabs;
        cache->slabs = slab->next;
        ex_pool_free(slab, cache->tag, cache->caller);
    }
    return 0;
}

/* The calling thread's magazine for a cache, made or taken over; NULL when memory is short. */
static struct ndis_magazine *attach_magazine(struct ndis_cache *cache)
{
    struct ndis_thread_magazines *table = &ndis_thread_magazines;
    if (cache->index >= table->capacity) {
        uint32_t capacity = table->capacity ? table->capacity : 16;
        while (capacity <= cache->index)
            capacity *= 2;
        struct ndis_magazine **grown = realloc(table->magazines, capacity * sizeof(*grown));
        if (!grown)
            return NULL;
        memset(grown + table->capacity, 0, (capacity - table->capacity) * sizeof(*grown));
        table->magazines = grown;
        table->capacity = capacity;
        pthread_setspecific(state.key, table);
    }
    struct ndis_magazine *magazine = table->magazines[cache->index];
    if (!magazine) {
        magazine = calloc(1, sizeof(*magazine));
        if (!magazine)
            return NULL;
        table->magazines[cache->index] = magazine;
    }
    ke_lock(&cache->lock);
    magazine->cache = cache;
    magazine->count = 0;
    __atomic_store_n(&magazine->serial, cache->serial, __ATOMIC_RELAXED);
    magazine->next = cache->magazines;
    cache->magazines = magazine;
    ke_unlock(&cache->lock);
    return magazine;
}

/* One more slab for the depot; called without the lock, which the pool allocator must not meet. */
static bool add_slab(struct ndis_cache *cache)
{
    ke_lock(&cache->lock);
    uint32_t objects = cache->next_slab_objects;
    ke_unlock(&cache->lock);
    size_t stride =
        (cache->object_size + sizeof(struct ndis_object_header) + SLAB_ALIGNMENT - 1) & -(size_t)SLAB_ALIGNMENT;
    size_t bytes = sizeof(struct ndis_slab) + SLAB_ALIGNMENT + objects * stride;
    struct ndis_slab *slab = ex_pool_allocate(EX_POOL_UNINITIALIZED, bytes, cache->tag, cache->caller);
    if (!slab)
        return false;
    uintptr_t base = ((uintptr_t)(slab + 1) + SLAB_ALIGNMENT - 1) & -(uintptr_t)SLAB_ALIGNMENT;
    for (uint32_t i = 0; i < objects; i++) {
        struct ndis_object_header *header = (struct ndis_object_header *)(base + i * stride);
        header->state = NDIS_OBJECT_FREE;
        if (cache->construct)
            cache->construct(cache, header + 1);
        ndis_cache_poison(header + 1, cache->object_size);
    }
    ke_lock(&cache->lock);
    slab->next = cache->slabs;
    cache->slabs = slab;
    cache->object_count += objects;
    for (uint32_t i = objects; i-- > 0;)
        depot_push(cache, (struct ndis_object_header *)(base + i * stride) + 1);
    if (objects * 2 * stride <= SLAB_MAXIMUM_BYTES)
        cache->next_slab_objects = objects * 2;
    ke_unlock(&cache->lock);
    return true;
}

void *NTAPI ndis_cache_get_slow(struct ndis_cache *cache)
{
    struct ndis_magazine *magazine = ndis_cache_magazine(cache);
    if (!magazine)
        magazine = attach_magazine(cache);
    for (;;) {
        void *object = NULL;
        ke_lock(&cache->lock);
        if (cache->depot)
            object = depot_pop(cache);
        if (object && magazine) {
            uint32_t count = magazine->count;
            while (count < EXCHANGE && cache->depot)
                magazine->objects[count++] = depot_pop(cache);
            __atomic_store_n(&magazine->count, count, __ATOMIC_RELAXED);
        }
        ke_unlock(&cache->lock);
        if (object)
            return object;
        if (!add_slab(cache))
            return NULL;
    }
}

void NTAPI ndis_cache_put_slow(struct ndis_cache *cache, void *object)
{
    struct ndis_magazine *magazine = ndis_cache_magazine(cache);
    if (!magazine)
        magazine = attach_magazine(cache);
    ke_lock(&cache->lock);
    if (magazine) {
        uint32_t count = magazine->count;
        while (count > EXCHANGE)
            depot_push(cache, magazine->objects[--count]);
        magazine->objects[count++] = object;
        __atomic_store_n(&magazine->count, count, __ATOMIC_RELAXED);
    } else {
        depot_push(cache, object);
    }
    ke_unlock(&cache->lock);
}

_Noreturn void NTAPI ndis_cache_bad_free(const void *object, const char *function)
{
    ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x1E, (ULONG_PTR)object, (ULONG_PTR)__builtin_return_address(0), 0, NULL,
                     "%s: %p is not allocated: it was freed twice, or is no structure of an NDIS pool", function,
                     object);
}

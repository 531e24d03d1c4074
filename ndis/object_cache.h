/*
 * Objects of one size, allocated and freed once or more for each packet: what NET_BUFFER_LIST and NET_BUFFER pools are
 * made of. Each thread keeps a magazine of free objects for each cache and takes from it without a lock, an atomic
 * operation or a shared cache line; full and empty magazines exchange half a load with the cache's depot, under its
 * lock. That works because nothing of ndiskit interrupts a thread in the middle: DPCs run on threads of their own or
 * inside KeLowerIrql.
 *
 * Objects are constructed once, when their slab is made, and keep that state while they are free.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wdm.h>
#include "ntoskrnl/ke/ke.h"

#define NDIS_MAGAZINE_SIZE 128

#define NDIS_OBJECT_FREE   0x65657246u /* "Free" */
#define NDIS_OBJECT_IN_USE 0x64657355u /* "Used" */

/* Lies directly in front of each object. */
struct ndis_object_header {
    struct ndis_object_header *next; /* in the depot */
    uint32_t state;
    uint32_t reserved;
};

struct ndis_cache;

struct ndis_magazine {
    uint64_t serial; /* of the cache that it serves; 0: none */
    uint32_t count;
    uint32_t index;
    struct ndis_cache *cache;
    struct ndis_magazine *next; /* of the same cache */
    void *objects[NDIS_MAGAZINE_SIZE];
};

struct ndis_cache {
    uint64_t serial;
    uint32_t index; /* in each thread's table of magazines */
    uint32_t object_size;
    ULONG tag;
    const void *caller; /* whose allocation the memory is, in the leak report */
    void (*construct)(struct ndis_cache *cache, void *object);
    struct ke_lock lock; /* of all that follows */
    struct ndis_magazine *magazines;
    struct ndis_object_header *depot;
    struct ndis_slab *slabs;
    size_t depot_count;
    size_t object_count;
    uint32_t next_slab_objects;
};

struct ndis_thread_magazines {
    uint32_t capacity;
    struct ndis_magazine **magazines;
};
extern __thread struct ndis_thread_magazines ndis_thread_magazines
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* Objects of object_size bytes, aligned to 16. construct may be NULL. false: out of memory. */
bool ndis_cache_create(struct ndis_cache *cache, size_t object_size, ULONG tag, const void *caller,
                       void (*construct)(struct ndis_cache *cache, void *object));

/* Frees all memory. Returns how many objects were still in use; then nothing is freed and the cache stays. */
size_t ndis_cache_destroy(struct ndis_cache *cache);

/* Objects in use: exact while no other thread allocates or frees. */
size_t ndis_cache_in_use(struct ndis_cache *cache);

/* The parts of get and put that are not inlined. */
void *NTAPI ndis_cache_get_slow(struct ndis_cache *cache);
void NTAPI ndis_cache_put_slow(struct ndis_cache *cache, void *object);
/* Bug check: object, freed by the function named, is not in use (freed twice) or no object at all. */
_Noreturn void NTAPI ndis_cache_bad_free(const void *object, const char *function);

#if defined(__SANITIZE_ADDRESS__)
#define NDIS_CACHE_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NDIS_CACHE_POISON 1
#endif
#endif
#ifdef NDIS_CACHE_POISON
#include <sanitizer/asan_interface.h>
#define ndis_cache_poison(object, size)   __asan_poison_memory_region(object, size)
#define ndis_cache_unpoison(object, size) __asan_unpoison_memory_region(object, size)
#else
#define ndis_cache_poison(object, size)   ((void)(object), (void)(size))
#define ndis_cache_unpoison(object, size) ((void)(object), (void)(size))
#endif

static inline struct ndis_object_header *ndis_object_header(const void *object)
{
    return (struct ndis_object_header *)object - 1;
}

static inline struct ndis_magazine *ndis_cache_magazine(struct ndis_cache *cache)
{
    if (cache->index >= ndis_thread_magazines.capacity)
        return NULL;
    struct ndis_magazine *magazine = ndis_thread_magazines.magazines[cache->index];
    if (!magazine || __atomic_load_n(&magazine->serial, __ATOMIC_RELAXED) != cache->serial)
        return NULL;
    return magazine;
}

/* NULL: out of memory. IRQL <= DISPATCH_LEVEL. */
static inline void *ndis_cache_get(struct ndis_cache *cache)
{
    struct ndis_magazine *magazine = ndis_cache_magazine(cache);
    void *object;
    if (__builtin_expect(magazine && magazine->count, 1)) {
        uint32_t count = magazine->count - 1;
        object = magazine->objects[count];
        __atomic_store_n(&magazine->count, count, __ATOMIC_RELAXED);
    } else {
        object = ndis_cache_get_slow(cache);
        if (!object)
            return NULL;
    }
    ndis_cache_unpoison(object, cache->object_size);
    ndis_object_header(object)->state = NDIS_OBJECT_IN_USE;
    return object;
}

/* IRQL <= DISPATCH_LEVEL. function is the exported name, for the report of a double free. */
static inline void ndis_cache_put(struct ndis_cache *cache, void *object, const char *function)
{
    struct ndis_object_header *header = ndis_object_header(object);
    if (__builtin_expect(header->state != NDIS_OBJECT_IN_USE, 0))
        ndis_cache_bad_free(object, function);
    header->state = NDIS_OBJECT_FREE;
    ndis_cache_poison(object, cache->object_size);
    struct ndis_magazine *magazine = ndis_cache_magazine(cache);
    if (__builtin_expect(magazine && magazine->count < NDIS_MAGAZINE_SIZE, 1)) {
        uint32_t count = magazine->count;
        magazine->objects[count] = object;
        __atomic_store_n(&magazine->count, count + 1, __ATOMIC_RELAXED);
    } else {
        ndis_cache_put_slow(cache, object);
    }
}

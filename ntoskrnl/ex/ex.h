/*
 * ex: the executive's services to drivers: tagged pool, lookaside lists, work items, fast mutexes, resources, push
 * locks, rundown protection, callbacks, timers with callbacks. What drivers call is in wdm.h; here is what the layers
 * above use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wdm.h>

/* Starts the system worker threads. After ke_initialize; idempotent. */
void ex_initialize(void);
/* Runs the work items that are queued, then ends and joins the workers. Before ke_shutdown; the pool stays usable. */
void ex_shutdown(void);

/* ---- pool -----------------------------------------------------------------------------------------------------------
 */

struct ex_pool_usage {
    size_t bytes; /* as requested */
    size_t blocks;
};
void ex_pool_get_usage(struct ex_pool_usage *usage);

/* Gives back to the host the freed blocks that are kept for a while so that freeing one twice is recognised: for tests
 * that measure the host's heap. */
void ex_pool_trim(void);

/* ex_pool_allocate flags */
#define EX_POOL_PAGED         0x1
#define EX_POOL_UNINITIALIZED 0x2 /* else zeroed */
#define EX_POOL_CACHE_ALIGNED 0x4

/* NonPaged, zeroed memory unless flags say otherwise, at IRQL <= DISPATCH_LEVEL (paged: APC_LEVEL), 16-byte aligned,
 * page-aligned from PAGE_SIZE on. caller is what a leak is reported against: pass __builtin_return_address(0) of the
 * exported function. NULL when the host has no memory. */
void *ex_pool_allocate(unsigned flags, size_t size, ULONG tag, const void *caller);
/* tag 0 frees whatever its tag. Bug checks 0xC2 for a block that is none, or is free already. */
void ex_pool_free(void *block, ULONG tag, const void *caller);

/* Calls each with every block that is allocated; each must not allocate or free pool. */
void ex_pool_for_each(void (*each)(void *context, const void *caller, ULONG tag, size_t size, const void *address),
                      void *context);

/* The block that holds address, for reports. False when there is none. Slow. */
bool ex_pool_find(const void *address, const void **caller, ULONG *tag, size_t *size, const void **block);

/* A tag as four characters and a terminator, unprintable ones as dots. */
const char *ex_pool_tag_text(ULONG tag, char text[5]);

/* ---- work items
 * ------------------------------------------------------------------------------------------------------ */

/* Returns when every work item queued before has run. PASSIVE_LEVEL, not on a worker thread. */
void ex_flush_work_items(void);

/* ---- callback objects
 * ------------------------------------------------------------------------------------------------ */

/* Callback objects are named objects, which the object manager makes. It lies above ex, so that whoever sits above both
 * (ps) hands the operations down. */
struct ex_callback_ops {
    /* Opens the callback object that attributes name, or with create makes one, whose body of body_size bytes is zeroed
     * when *is_new. *body is referenced. */
    NTSTATUS (*open)(POBJECT_ATTRIBUTES attributes, bool create, size_t body_size, void **body, bool *is_new);
    void (*reference)(void *body);
    void (*dereference)(void *body);
};
void ex_set_callback_ops(const struct ex_callback_ops *ops);

/*
 * What ke's own files share: the one state struct, processors, and the dispatcher.
 */
#pragma once

#include <pthread.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

#define KE_MAX_PROCESSORS 64

/* ke_processor.state */
#define KE_PROCESSOR_OWNED 1u
#define KE_PROCESSOR_RESERVED                                                                                          \
    2u /* a thread waits for just this processor: others leave it alone when it becomes free */

struct ke_dpc_queue {
    PKDPC head, tail;
    uint32_t depth; /* written under dpc_lock, read without */
    uint64_t taken; /* that have begun to run, ever */
};

struct ke_processor {
    uint32_t state;
    uint32_t number;
    uint32_t dpc_signal; /* the DPC thread sleeps here while it is 0 */
    struct ke_lock dpc_lock;
    struct ke_dpc_queue dpcs;
    struct ke_dpc_queue threaded;
    uint32_t threaded_pending; /* queued or running */
    unsigned long dpc_thread;
} __attribute__((aligned(128)));

struct ke_wait_block {
    LIST_ENTRY link; /* in DISPATCHER_HEADER.WaitListHead */
    DISPATCHER_HEADER *object;
    struct ke_waiter *waiter;
};

struct ke_waiter {
    struct _KTHREAD *thread;
    struct ke_wait_block *blocks;
    unsigned count;
    bool all;
};

struct ke_state {
    uint32_t initialized;
    UCHAR processor_features[64]; /* ExIsProcessorFeaturePresent of each: asking the processor may be slow */
    unsigned requested_processors;
    unsigned processor_count;
    struct ke_processor processors[KE_MAX_PROCESSORS];

    /* Threads that found every processor taken sleep until the sequence moves on. */
    uint32_t claim_sequence;
    uint32_t claim_waiters;
    uint32_t restricted_waiters;
    uint32_t next_processor;

    struct ke_lock dispatcher;  /* every dispatcher object and the timer heap */
    struct _KTHREAD *wake_list; /* threads to wake when the lock is dropped */

    struct {
        PKTIMER *heap;
        size_t count, capacity;
        uint32_t word; /* changes when the timer thread must look again */
        unsigned long thread;
    } timers;
    bool stopping;

    struct ke_lock thread_lock;
    const struct ke_thread_ops *thread_ops;
    LIST_ENTRY threads;
    uint32_t thread_count; /* changed atomically; ke_shutdown sleeps on it */
    uint32_t next_client_id;
    pthread_key_t thread_key;
    bool thread_key_made;
    pthread_t *zombies; /* ended, not yet joined */
    size_t zombie_count, zombie_capacity;

    LIST_ENTRY bugcheck_callbacks, bugcheck_reason_callbacks;
    struct ke_lock bugcheck_lock;
};
extern struct ke_state ke __attribute__((visibility("hidden")));

static inline struct ke_processor *ke_current_processor(void)
{
    return ke_this.processor;
}

/* processor.c */
bool ke_processor_try_claim(struct ke_processor *processor); /* for the calling thread, which gets DISPATCH_LEVEL */
void ke_processor_kick(struct ke_processor *processor);      /* somebody should run its DPCs */
void ke_processors_start(void);
void ke_processors_stop(void);
KAFFINITY ke_set_affinity(KAFFINITY affinity); /* of the calling thread; returns the previous one */

/* dpc.c */
/* Runs the DPCs of the processor that the thread owns, at most *budget, which it lessens. */
void ke_dpc_drain(struct ke_processor *processor, unsigned *budget);
void ke_dpc_run_threaded(struct ke_processor *processor);
/* Queues without running it here: *kick, when not NULL, must be kicked after the caller has dropped its locks. */
bool ke_dpc_queue(PKDPC dpc, PVOID argument1, PVOID argument2, struct ke_processor **kick);
void ke_dpc_forget_all(void);
bool ke_dpc_find(const char *base, size_t size, char *text, size_t text_size);

/* wait.c. Under the dispatcher lock: ends the waits that an object which became signalled ends. The waiters run when
 * the lock is dropped; from then on the object may be gone. */
void ke_wake_waiters(DISPATCHER_HEADER *object);
void ke_dispatcher_unlock(void);
void ke_require_initialized(const DISPATCHER_HEADER *object, const void *caller);

/* mutex.c: under the dispatcher lock */
void ke_mutex_acquire(PKMUTANT mutex, struct _KTHREAD *thread);

/* timer.c */
void ke_timers_start(void);
void ke_timers_stop(void);
bool ke_timer_find(const char *base, size_t size, char *text, size_t text_size);

/* thread.c */
void ke_threads_initialize(void);
void ke_threads_reap(void);
void ke_threads_wait(void); /* for threads that drivers started */

/* clock.c */
void ke_fill_shared_user_data(void *page);

/*
 * ke: the kernel's lowest layer: virtual processors and IRQL, spin locks, DPCs, dispatcher objects and waits, time, and
 * the bug check. It alone talks to pthreads, futexes and clocks, so that another scheduler or a virtual clock can take
 * their place without any other subsystem noticing. What drivers call (KeSetEvent, KeWaitForSingleObject, ...) is
 * declared in wdm.h; here is what the layers above use besides.
 */
#pragma once

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wdm.h>

/* ---- life of the system -------------------------------------------------------------------------------------------
 */

/* Virtual processors to make at the next ke_initialize: 1 to 64. Default: NDISKIT_PROCESSORS in the environment, else
 * the host's number of CPUs, but at least 2. 0 returns to the default. */
void ke_set_processor_count(unsigned count);

/* Makes processors, the timer thread and the trap handlers. Idempotent; any thread, at PASSIVE_LEVEL. */
void ke_initialize(void);

/* Ends and joins all threads of ke and those that drivers started. Waits a few seconds for threads of drivers that
 * still run, and names them on stderr if that was in vain. Whatever else uses the system must have ended. Armed timers
 * and queued DPCs are forgotten. ke_initialize may follow. */
void ke_shutdown(void);

bool ke_is_initialized(void);

/* Threads that drivers have started and that have not ended: for leak tests. Neither host threads nor those that
 * somebody joins (ke_thread_create_joinable) are counted. */
unsigned ke_thread_count(void);

/* ---- threads ------------------------------------------------------------------------------------------------------
 */

/* A thread object. Waitable: signalled when the thread ends. Drivers hold it as PKTHREAD and PETHREAD. */
struct _KTHREAD {
    DISPATCHER_HEADER Header;
    uint32_t wake_pending; /* under the dispatcher lock: the wait is over, wake follows */
    struct _KTHREAD *wake_next;
    uint32_t wake;       /* futex word: 0 while the thread waits, else 1 */
    int32_t wait_status; /* why it was woken */
    uint32_t client_id;  /* PsGetThreadId: a multiple of 4 */
    KPRIORITY priority;
    SHORT critical_regions; /* nesting of KeEnterCriticalRegion */
    SHORT guarded_regions;
    LIST_ENTRY owned_mutexes; /* by KMUTANT.MutantListEntry, under the dispatcher lock */
    LIST_ENTRY all_threads;
    NTSTATUS exit_status;
    bool is_system;   /* made by ke_thread_create */
    bool is_joinable; /* its creator joins it; others are joined by ke */
    char name[32];
    unsigned long host_thread; /* pthread_t */
    int host_tid;
    void *stack_base, *stack_limit;
    void (*start)(void *context);
    void *context;
    void *exit_jump; /* where ke_thread_exit goes */
    size_t prefix;   /* as ke_thread_ops had it */
    void (*release)(struct _KTHREAD *thread);
};

/* How thread objects are made: ps replaces the default, plain memory, by object manager objects. */
struct ke_thread_ops {
    size_t prefix;                            /* bytes that ke allocates in front of the _KTHREAD */
    void (*adopt)(void *storage);             /* makes storage + prefix an object with one reference */
    void (*release)(struct _KTHREAD *thread); /* drops the reference that the running thread holds on itself */
};
/* NULL returns to the default. Detaches the calling thread, which becomes an NT thread again at its next need. */
void ke_set_thread_ops(const struct ke_thread_ops *ops);
/* A new thread object for ke_thread_create, with one reference; NULL when out of memory. */
struct _KTHREAD *ke_thread_allocate(void);
/* Frees the storage (prefix included) of a thread object whose last reference is gone. */
void ke_thread_free_storage(void *storage);

/* The calling thread's object. A host thread that has none becomes an NT thread here. Any IRQL. */
struct _KTHREAD *ke_current_thread(void);

/* Ends the NT identity of a host thread before the host thread itself ends. */
void ke_detach_thread(void);

/* Starts a system thread at PASSIVE_LEVEL. thread is a new object from ke_thread_allocate, whose reference the running
 * thread takes over, or NULL. name may be NULL. STATUS_INSUFFICIENT_RESOURCES when the host refuses; the reference is
 * then dropped. */
NTSTATUS ke_thread_create(struct _KTHREAD *thread, const char *name, void (*start)(void *context), void *context);
/* The same for threads of ndiskit that are ended by joining: *host_thread (a pthread_t) is for ke_thread_join. */
NTSTATUS ke_thread_create_joinable(const char *name, void (*start)(void *context), void *context,
                                   unsigned long *host_thread);
void ke_thread_join(unsigned long host_thread);
/* Ends the calling thread, which ke_thread_create has made; PASSIVE_LEVEL. */
_Noreturn void ke_thread_exit(NTSTATUS status);

void ke_thread_set_name(struct _KTHREAD *thread, const char *name);

/* Calls each with every NT thread, under a lock. */
void ke_for_each_thread(void (*each)(struct _KTHREAD *thread, void *context), void *context);

/* ---- IRQL ---------------------------------------------------------------------------------------------------------
 */

/* Bug check 0xC8 (IRQL_UNEXPECTED_VALUE), naming what (for example "MiniportSendNetBufferLists") and its routine,
 * unless the IRQL is expected. For callers of driver routines, right after the call. */
void ke_check_irql(KIRQL expected, const void *routine, const char *what);

/* Bug check 0xA unless the IRQL is at most limit: function is the exported name, caller its return address. */
#define KE_REQUIRE_IRQL_AT_MOST(limit)                                                                                 \
    do {                                                                                                               \
        if (__builtin_expect(ke_irql() > (limit), 0))                                                                  \
            ke_irql_violation(__func__, (limit), __builtin_return_address(0));                                         \
    } while (0)
_Noreturn void NTAPI ke_irql_violation(const char *function, KIRQL limit, const void *caller);

/* ---- DPCs ---------------------------------------------------------------------------------------------------------
 */

/* Returns when every DPC queued before has run: KeFlushQueuedDpcs. PASSIVE_LEVEL. */
void ke_flush_dpcs(void);

/* A queued DPC, or an armed timer, that lies in [base, base + size) or whose routine does: for driver unload and the
 * verifier. Describes it in text ("timer 0x... with DPC routine 0x..."). False when there is none. */
bool ke_find_active(const void *base, size_t size, char *text, size_t text_size);

/* ---- time (100 ns units) ------------------------------------------------------------------------------------------
 */

#define KE_WINDOWS_BUILD  19041  /* the Windows 10 whose behaviour is followed */
#define KE_TIME_INCREMENT 156250 /* what KeQueryTimeIncrement returns: 15.625 ms */
#define KE_FOREVER        INT64_MAX

LONGLONG ke_now(void);         /* interrupt time: since boot */
LONGLONG ke_system_time(void); /* since 1601, UTC */

/* The absolute interrupt time that a WDM due time (negative: relative; else absolute system time) stands for. */
LONGLONG ke_deadline(LONGLONG due_time);

/* Waits for host descriptors, as poll(2) does; timeout in 100 ns units, -1 for ever. PASSIVE_LEVEL. */
int ke_poll(struct pollfd *fds, nfds_t count, LONGLONG timeout);

/* ---- waiting on an address: what locks of ke and ex are made of
 * ------------------------------------------------------ */

/* Sleeps while *word equals expected, at the latest until deadline (KE_FOREVER). Returns false when the deadline
 * passed; may return early otherwise. Any IRQL. */
bool ke_wait_on_address(const uint32_t *word, uint32_t expected, LONGLONG deadline);
void ke_wake_address(const uint32_t *word, int count);

/* A lock for ndiskit's own state: any IRQL, never held across a call into a driver or across KeInsertQueueDpc and
 * KeLowerIrql below DISPATCH_LEVEL, which may run DPCs. Zero-initialised is unlocked. */
struct ke_lock {
    uint32_t word; /* 0 free, 1 held, 2 held with sleepers */
};
void ke_lock_slow(struct ke_lock *lock);
void ke_unlock_slow(struct ke_lock *lock);

static inline void ke_lock(struct ke_lock *lock)
{
    uint32_t expected = 0;
    if (!__atomic_compare_exchange_n(&lock->word, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        ke_lock_slow(lock);
}

static inline void ke_unlock(struct ke_lock *lock)
{
    if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) != 1)
        ke_unlock_slow(lock);
}

/* ---- bug check, debug output, trace
 * ---------------------------------------------------------------------------------- */

/* Prints the report (see bugcheck.c) to stderr, runs the registered bug check callbacks and ends the process with
 * status 3. at is the context of the fault, or NULL for the caller. Any IRQL, any thread; not in a signal handler. */
_Noreturn void ke_bugcheck(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4, const CONTEXT *at);
/* The same, with a sentence for the report that says more than the parameters can: printf-like. */
_Noreturn void ke_bugcheck_text(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4, const CONTEXT *at,
                                const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Symbolic name of a bug check code: "IRQL_NOT_LESS_OR_EQUAL"; "UNKNOWN" when not in the table. */
const char *ke_bugcheck_name(ULONG code);

/* How an address is written in the report: "usbnet.sys!TxSend+0x12 (tx.c:123)". Set by ldr; without it ELF symbols are
 * used. */
typedef void ke_symbolizer(void *pc, char *buffer, size_t size);
void ke_set_bugcheck_symbolizer(ke_symbolizer *symbolizer);

/* One event in the ring of last events, which a bug check prints. printf-like; cheap, but not for each packet. Any
 * IRQL. */
void ke_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Where DbgPrint goes: text is one complete message without prefix, with its newline if it had one. NULL: stderr with
 * the prefix "DbgPrint: ". */
typedef void ke_debug_output(const char *text);
void ke_set_debug_output(ke_debug_output *output);

/* ---- processors (internals that must be inlined)
 * --------------------------------------------------------------------- */

struct ke_processor;

/* What each host thread knows of its own IRQL, without going through its KTHREAD. */
struct ke_thread_state {
    KIRQL irql;
    UCHAR in_dpc;
    struct ke_processor *processor; /* owned; NULL below DISPATCH_LEVEL */
    struct ke_processor *last;      /* owned last: preferred next */
    KAFFINITY affinity;             /* processors that this thread may own; 0: any */
    struct _KTHREAD *thread;        /* NULL: not yet an NT thread */
};
extern __thread struct ke_thread_state ke_this __attribute__((tls_model("initial-exec"), visibility("hidden")));

static inline KIRQL ke_irql(void)
{
    return ke_this.irql;
}

static inline bool ke_in_dpc(void)
{
    return ke_this.in_dpc != 0;
}

/* Number of the processor that this thread owns, or owned last. */
ULONG ke_processor_number(void);
unsigned ke_processor_count(void);

void NTAPI ke_raise_slow(KIRQL new_irql);
void NTAPI ke_lower_slow(KIRQL new_irql);

static inline __attribute__((always_inline)) KIRQL ke_raise(KIRQL new_irql)
{
    KIRQL old = ke_this.irql;
    if (__builtin_expect((old < DISPATCH_LEVEL) & (new_irql >= DISPATCH_LEVEL), 0))
        ke_raise_slow(new_irql);
    else
        ke_this.irql = new_irql;
    return old;
}

static inline __attribute__((always_inline)) void ke_lower(KIRQL new_irql)
{
    if (__builtin_expect((ke_this.irql >= DISPATCH_LEVEL) & (new_irql < DISPATCH_LEVEL), 0))
        ke_lower_slow(new_irql);
    else
        ke_this.irql = new_irql;
}

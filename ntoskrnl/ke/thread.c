/*
 * Threads. An NT thread is a host thread with a KTHREAD. Those that ke starts are NT threads from birth; a host thread
 * that belongs to something else (the program's main thread, a library's) becomes one at the first call that needs it.
 * A thread of ke's ends by returning, or by ke_thread_exit, which jumps out of whatever driver code is on its stack
 * without unwinding it, as PsTerminateSystemThread does. Ended threads are joined by the next thread creation or by
 * ke_shutdown, so that their stacks do not pile up.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "ntoskrnl/arch/arch.h"
#include "ntoskrnl/ke/state.h"

enum { THREAD_OBJECT = 6 };
#define LONGEST_WAIT (5 * 10000000LL) /* of ke_shutdown, for drivers' threads */
enum { STACK_SIZE = 1 << 20, FIRST_CLIENT_ID = 8, NORMAL_PRIORITY = 8 };

static void default_adopt(void *storage)
{
    (void)storage;
}

static void default_release(struct _KTHREAD *thread)
{
    ke_thread_free_storage(thread);
}

static const struct ke_thread_ops default_ops = {0, default_adopt, default_release};

static const struct ke_thread_ops *ops(void)
{
    return ke.thread_ops != NULL ? ke.thread_ops : &default_ops;
}

/* The object is complete but for its adoption, which may need a current thread. */
static struct _KTHREAD *new_thread(void)
{
    size_t size = (ops()->prefix + sizeof(struct _KTHREAD) + 15) & ~(size_t)15;
    char *storage = aligned_alloc(16, size);
    if (storage == NULL)
        return NULL;
    memset(storage, 0, size);
    struct _KTHREAD *thread = (struct _KTHREAD *)(storage + ops()->prefix);
    thread->prefix = ops()->prefix;
    thread->release = ops()->release;
    thread->Header.Type = THREAD_OBJECT;
    thread->Header.Size = sizeof(struct _KTHREAD) / sizeof(LONG) > 255 ? 255 : sizeof(struct _KTHREAD) / sizeof(LONG);
    InitializeListHead(&thread->Header.WaitListHead);
    InitializeListHead(&thread->owned_mutexes);
    thread->client_id = FIRST_CLIENT_ID + 4 * __atomic_fetch_add(&ke.next_client_id, 1, __ATOMIC_RELAXED);
    thread->wake = 1;
    thread->priority = NORMAL_PRIORITY;
    thread->exit_status = STATUS_PENDING;
    return thread;
}

static void adopt(struct _KTHREAD *thread)
{
    ops()->adopt((char *)thread - thread->prefix);
}

struct _KTHREAD *ke_thread_allocate(void)
{
    struct _KTHREAD *thread = new_thread();
    if (thread != NULL)
        adopt(thread);
    return thread;
}

void ke_thread_free_storage(void *storage)
{
    free(storage);
}

/* On the thread itself. */
static void enter(struct _KTHREAD *thread)
{
    pthread_attr_t attributes;
    size_t size;
    void *base;
    thread->host_thread = (unsigned long)pthread_self();
    thread->host_tid = (int)syscall(SYS_gettid);
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        if (pthread_attr_getstack(&attributes, &base, &size) == 0) {
            thread->stack_limit = base;
            thread->stack_base = (char *)base + size;
        }
        pthread_attr_destroy(&attributes);
    }
    ke_lock(&ke.thread_lock);
    InsertTailList(&ke.threads, &thread->all_threads);
    uint32_t first = ke.next_processor++;
    ke_unlock(&ke.thread_lock);
    ke_this.thread = thread;
    ke_this.last = ke.processor_count != 0 ? &ke.processors[first % ke.processor_count] : NULL;
    arch_thread_attach(thread);
    if (ke_this.last != NULL)
        arch_set_processor(ke_this.last->number);
}

/* On the thread itself; gives up the running thread's own reference. */
static void leave(struct _KTHREAD *thread, NTSTATUS status)
{
    ke_lock(&ke.dispatcher);
    thread->exit_status = status;
    thread->Header.SignalState = 1;
    ke_wake_waiters(&thread->Header);
    ke_dispatcher_unlock();
    ke_lock(&ke.thread_lock);
    RemoveEntryList(&thread->all_threads);
    ke_unlock(&ke.thread_lock);
    thread->release(thread);
    arch_thread_detach();
    ke_this = (struct ke_thread_state){0};
}

struct _KTHREAD *ke_current_thread(void)
{
    struct _KTHREAD *thread = ke_this.thread;
    if (__builtin_expect(thread != NULL, 1))
        return thread;
    ke_threads_initialize();
    thread = new_thread();
    if (thread == NULL)
        ke_bugcheck_text(MEMORY_MANAGEMENT, 0, 0, 0, 0, NULL, "no memory for a thread object");
    pthread_getname_np(pthread_self(), thread->name, sizeof(thread->name));
    enter(thread);
    adopt(thread);
    pthread_setspecific(ke.thread_key, thread);
    return thread;
}

void ke_detach_thread(void)
{
    if (ke_this.thread == NULL || ke_this.thread->is_system)
        return;
    pthread_setspecific(ke.thread_key, NULL);
    if (ke_this.processor != NULL)
        ke_lower(PASSIVE_LEVEL);
    leave(ke_this.thread, STATUS_SUCCESS);
}

static void host_thread_ends(void *value)
{
    (void)value;
    ke_detach_thread();
}

void ke_threads_initialize(void)
{
    ke_lock(&ke.thread_lock);
    if (!ke.thread_key_made) {
        if (pthread_key_create(&ke.thread_key, host_thread_ends) != 0)
            ke_bugcheck_text(PHASE0_INITIALIZATION_FAILED, 0, 0, 0, 0, NULL, "no thread key left");
        ke.thread_key_made = true;
    }
    ke_unlock(&ke.thread_lock);
}

void ke_set_thread_ops(const struct ke_thread_ops *new_ops)
{
    ke_detach_thread();
    ke.thread_ops = new_ops;
}

/* From here on nothing of the thread but its host thread is left. */
static void become_zombie(bool joinable)
{
    ke_lock(&ke.thread_lock);
    if (!joinable) {
        __atomic_fetch_sub(&ke.thread_count, 1, __ATOMIC_SEQ_CST);
        if (ke.zombie_count == ke.zombie_capacity) {
            size_t capacity = ke.zombie_capacity != 0 ? 2 * ke.zombie_capacity : 16;
            pthread_t *zombies = realloc(ke.zombies, capacity * sizeof(*zombies));
            if (zombies == NULL)
                ke_bugcheck_text(MEMORY_MANAGEMENT, capacity, 0, 0, 0, NULL, "no memory for %zu ended threads",
                                 capacity);
            ke.zombies = zombies;
            ke.zombie_capacity = capacity;
        }
        ke.zombies[ke.zombie_count++] = pthread_self();
    }
    ke_unlock(&ke.thread_lock);
    ke_wake_address(&ke.thread_count, INT32_MAX);
}

static void name_running(struct _KTHREAD *thread, void *context)
{
    (void)context;
    if (thread->is_system && !thread->is_joinable)
        fprintf(stderr,
                "ndiskit: thread \"%s\" (id %u) still runs at shutdown: its driver did not wait for it to end\n",
                thread->name, thread->client_id);
}

void ke_threads_wait(void)
{
    LONGLONG deadline = ke_now() + LONGEST_WAIT;
    unsigned count;
    while ((count = ke_thread_count()) != 0) {
        if (!ke_wait_on_address(&ke.thread_count, count, deadline)) {
            ke_for_each_thread(name_running, NULL);
            return;
        }
    }
}

void ke_threads_reap(void)
{
    for (;;) {
        pthread_t zombie;
        ke_lock(&ke.thread_lock);
        bool any = ke.zombie_count > 0;
        if (any)
            zombie = ke.zombies[--ke.zombie_count];
        ke_unlock(&ke.thread_lock);
        if (!any)
            return;
        pthread_join(zombie, NULL);
    }
}

static void check_end(const struct _KTHREAD *thread)
{
    ke_check_irql(PASSIVE_LEVEL, (const void *)thread->start, "a system thread");
    if (!IsListEmpty(&thread->owned_mutexes))
        ke_bugcheck_text(THREAD_TERMINATE_HELD_MUTEX, (ULONG_PTR)thread,
                         (ULONG_PTR)CONTAINING_RECORD(thread->owned_mutexes.Flink, KMUTANT, MutantListEntry), 0, 0,
                         NULL, "thread \"%s\" ends while it holds a mutex", thread->name);
    if (thread->critical_regions != 0 || thread->guarded_regions != 0)
        ke_bugcheck_text(KERNEL_APC_PENDING_DURING_EXIT, 0, (ULONG_PTR)thread->critical_regions, 0,
                         (ULONG_PTR)thread->guarded_regions, NULL,
                         "thread \"%s\" ends inside a critical or guarded region", thread->name);
}

static void *thread_main(void *argument)
{
    struct _KTHREAD *thread = argument;
    bool joinable = thread->is_joinable;
    jmp_buf exit;
    char name[16];
    snprintf(name, sizeof(name), "%.15s", thread->name);
    pthread_setname_np(pthread_self(), name);
    prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    enter(thread);
    if (_setjmp(exit) == 0) {
        thread->exit_jump = &exit;
        thread->start(thread->context);
        ke_this.thread->exit_status = STATUS_SUCCESS;
    }
    check_end(ke_this.thread);
    leave(ke_this.thread, ke_this.thread->exit_status);
    become_zombie(joinable);
    return NULL;
}

_Noreturn void ke_thread_exit(NTSTATUS status)
{
    struct _KTHREAD *thread = ke_current_thread();
    thread->exit_status = status;
    _longjmp(*(jmp_buf *)thread->exit_jump, 1);
}

static NTSTATUS start(struct _KTHREAD *thread, const char *name, void (*routine)(void *context), void *context,
                      pthread_t *host_thread)
{
    ke_threads_reap();
    thread->is_system = true;
    thread->start = routine;
    thread->context = context;
    snprintf(thread->name, sizeof(thread->name), "%s", name != NULL ? name : "system");

    /* Signals that are not faults belong to the program's own threads. */
    sigset_t all_but_faults, old;
    sigfillset(&all_but_faults);
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGPROF};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigdelset(&all_but_faults, faults[i]);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    __atomic_fetch_add(&ke.thread_count, thread->is_joinable ? 0 : 1, __ATOMIC_SEQ_CST);
    pthread_sigmask(SIG_SETMASK, &all_but_faults, &old);
    int error = pthread_create(host_thread, &attributes, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
    if (error == 0)
        return STATUS_SUCCESS;
    __atomic_fetch_sub(&ke.thread_count, thread->is_joinable ? 0 : 1, __ATOMIC_SEQ_CST);
    thread->release(thread);
    return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS ke_thread_create(struct _KTHREAD *thread, const char *name, void (*routine)(void *context), void *context)
{
    pthread_t host_thread;
    if (thread == NULL && (thread = ke_thread_allocate()) == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    return start(thread, name, routine, context, &host_thread);
}

NTSTATUS ke_thread_create_joinable(const char *name, void (*routine)(void *context), void *context,
                                   unsigned long *host_thread)
{
    struct _KTHREAD *thread = ke_thread_allocate();
    if (thread == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    thread->is_joinable = true;
    return start(thread, name, routine, context, host_thread);
}

void ke_thread_join(unsigned long host_thread)
{
    pthread_join(host_thread, NULL);
}

void ke_thread_set_name(struct _KTHREAD *thread, const char *name)
{
    char host_name[16];
    ke_lock(&ke.thread_lock);
    snprintf(thread->name, sizeof(thread->name), "%s", name);
    ke_unlock(&ke.thread_lock);
    snprintf(host_name, sizeof(host_name), "%.15s", name);
    if (thread->host_thread != 0)
        pthread_setname_np(thread->host_thread, host_name);
}

void ke_for_each_thread(void (*each)(struct _KTHREAD *thread, void *context), void *context)
{
    ke_lock(&ke.thread_lock);
    for (PLIST_ENTRY entry = ke.threads.Flink; entry != &ke.threads; entry = entry->Flink)
        each(CONTAINING_RECORD(entry, struct _KTHREAD, all_threads), context);
    ke_unlock(&ke.thread_lock);
}

unsigned ke_thread_count(void)
{
    return __atomic_load_n(&ke.thread_count, __ATOMIC_SEQ_CST);
}

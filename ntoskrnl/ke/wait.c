/*
 * Dispatcher objects and waits. Events, semaphores, mutexes, timers and threads begin with a DISPATCHER_HEADER; a
 * thread waits for one or many of them, for any or for all, with or without a deadline. One lock protects them all, as
 * on Windows before it grew finer. Who signals an object decides which waiters go on, takes the signal on their behalf,
 * and wakes them: a woken thread needs no lock. It is woken only after the dispatcher lock is dropped, because the
 * object is often on its stack, or the first thing that it frees. Each thread sleeps on a word of its own KTHREAD.
 *
 * There are no APCs here, so that an alertable wait is a wait: nothing ever alerts it.
 */
#include "ntoskrnl/ke/state.h"

enum {
    EVENT_NOTIFICATION_OBJECT = 0,
    EVENT_SYNCHRONIZATION_OBJECT = 1,
    MUTANT_OBJECT = 2,
    SEMAPHORE_OBJECT = 5,
    TIMER_SYNCHRONIZATION_OBJECT = 9,
};

void ke_require_initialized(const DISPATCHER_HEADER *object, const void *caller)
{
    if (__builtin_expect(object->WaitListHead.Flink == NULL, 0))
        ke_bugcheck_text(KERNEL_SECURITY_CHECK_FAILURE, 3, (ULONG_PTR)object, 0, (ULONG_PTR)caller, NULL,
                         "the dispatcher object at %p was never initialized", (const void *)object);
}

static bool is_signalled(const DISPATCHER_HEADER *object, const struct _KTHREAD *thread)
{
    if (object->Type == MUTANT_OBJECT && ((const KMUTANT *)object)->OwnerThread == thread)
        return true;
    return object->SignalState > 0;
}

/* The wait takes from the object what waits take. */
static void take(DISPATCHER_HEADER *object, struct _KTHREAD *thread)
{
    switch (object->Type) {
    case EVENT_SYNCHRONIZATION_OBJECT:
    case TIMER_SYNCHRONIZATION_OBJECT:
        object->SignalState = 0;
        break;
    case SEMAPHORE_OBJECT:
        object->SignalState--;
        break;
    case MUTANT_OBJECT:
        ke_mutex_acquire((PKMUTANT)object, thread);
        break;
    default: /* notification objects stay as they are */
        break;
    }
}

static void unlink_waiter(struct ke_waiter *waiter)
{
    for (unsigned i = 0; i < waiter->count; i++)
        RemoveEntryList(&waiter->blocks[i].link);
}

/* Whether the wait is over; then its signals are taken. */
static bool satisfy(struct ke_waiter *waiter, NTSTATUS *status)
{
    unsigned i;
    if (waiter->all) {
        for (i = 0; i < waiter->count; i++) {
            if (!is_signalled(waiter->blocks[i].object, waiter->thread))
                return false;
        }
        for (i = 0; i < waiter->count; i++)
            take(waiter->blocks[i].object, waiter->thread);
        *status = STATUS_WAIT_0;
        return true;
    }
    for (i = 0; i < waiter->count; i++) {
        if (is_signalled(waiter->blocks[i].object, waiter->thread)) {
            take(waiter->blocks[i].object, waiter->thread);
            *status = STATUS_WAIT_0 + (NTSTATUS)i;
            return true;
        }
    }
    return false;
}

void ke_wake_waiters(DISPATCHER_HEADER *object)
{
    LIST_ENTRY *entry = object->WaitListHead.Flink;
    while (entry != &object->WaitListHead && object->SignalState > 0) {
        struct ke_waiter *waiter = CONTAINING_RECORD(entry, struct ke_wait_block, link)->waiter;
        NTSTATUS status;
        if (!satisfy(waiter, &status)) {
            entry = entry->Flink;
            continue;
        }
        /* The waiter may stand in this list more than once: start over after its blocks are gone. */
        unlink_waiter(waiter);
        struct _KTHREAD *thread = waiter->thread;
        thread->wait_status = status;
        thread->wake_pending = 1;
        thread->wake_next = ke.wake_list;
        ke.wake_list = thread;
        entry = object->WaitListHead.Flink;
    }
}

void ke_dispatcher_unlock(void)
{
    struct _KTHREAD *thread = ke.wake_list;
    ke.wake_list = NULL;
    ke_unlock(&ke.dispatcher);
    while (thread != NULL) {
        struct _KTHREAD *next = thread->wake_next;
        uint32_t *wake = &thread->wake;
        __atomic_store_n(wake, 1, __ATOMIC_RELEASE);
        ke_wake_address(wake, 1); /* the thread may have ended: the host looks at the address only */
        thread = next;
    }
}

static NTSTATUS sleep_until(struct ke_waiter *waiter, LONGLONG deadline)
{
    struct _KTHREAD *thread = waiter->thread;
    while (__atomic_load_n(&thread->wake, __ATOMIC_ACQUIRE) == 0) {
        if (ke_wait_on_address(&thread->wake, 0, deadline))
            continue;
        bool timed_out = false;
        ke_lock(&ke.dispatcher);
        if (!thread->wake_pending) {
            unlink_waiter(waiter);
            timed_out = true;
        }
        ke_dispatcher_unlock();
        if (timed_out)
            return STATUS_TIMEOUT;
        deadline = KE_FOREVER;
    }
    return thread->wait_status;
}

static NTSTATUS wait(struct ke_waiter *waiter, PLARGE_INTEGER timeout, const void *caller)
{
    NTSTATUS status;
    ke_lock(&ke.dispatcher);
    for (unsigned i = 0; i < waiter->count; i++)
        ke_require_initialized(waiter->blocks[i].object, caller);
    if (satisfy(waiter, &status)) {
        ke_dispatcher_unlock();
        return status;
    }
    if (timeout != NULL && timeout->QuadPart == 0) {
        ke_dispatcher_unlock();
        return STATUS_TIMEOUT;
    }
    for (unsigned i = 0; i < waiter->count; i++) {
        waiter->blocks[i].waiter = waiter;
        InsertTailList(&waiter->blocks[i].object->WaitListHead, &waiter->blocks[i].link);
    }
    waiter->thread->wake_pending = 0;
    __atomic_store_n(&waiter->thread->wake, 0, __ATOMIC_RELAXED);
    ke_dispatcher_unlock();
    return sleep_until(waiter, timeout != NULL ? ke_deadline(timeout->QuadPart) : KE_FOREVER);
}

/* Only a wait with a zero timeout, which is a test, may be made at DISPATCH_LEVEL, and none above. */
static void check_wait_irql(const char *function, const void *object, const LARGE_INTEGER *timeout, const void *caller)
{
    KIRQL limit = timeout != NULL && timeout->QuadPart == 0 ? DISPATCH_LEVEL : APC_LEVEL;
    if (__builtin_expect(ke_this.irql <= limit, 1))
        return;
    if (ke_this.in_dpc)
        ke_bugcheck_text(ATTEMPTED_SWITCH_FROM_DPC, (ULONG_PTR)ke_this.thread, 0, (ULONG_PTR)__builtin_frame_address(0),
                         0, NULL, "%s would wait in a DPC", function);
    ke_bugcheck_text(IRQL_NOT_LESS_OR_EQUAL, (ULONG_PTR)object, ke_this.irql, 0, (ULONG_PTR)caller, NULL,
                     "%s would wait at IRQL %u; it may be called at IRQL <= %u with this timeout", function,
                     ke_this.irql, limit);
}

NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                     PLARGE_INTEGER Timeout)
{
    (void)WaitReason, (void)WaitMode, (void)Alertable;
    check_wait_irql(__func__, Object, Timeout, __builtin_return_address(0));
    struct ke_wait_block block = {.object = Object};
    struct ke_waiter waiter = {.thread = ke_current_thread(), .blocks = &block, .count = 1};
    return wait(&waiter, Timeout, __builtin_return_address(0));
}
NT_EXPORT(KeWaitForSingleObject);
NT_EXPORT_AS(NT_IMAGE, "KeWaitForMutexObject", KeWaitForSingleObject);

NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
                                        KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
                                        PKWAIT_BLOCK WaitBlockArray)
{
    (void)WaitReason, (void)WaitMode, (void)Alertable;
    struct ke_wait_block blocks[MAXIMUM_WAIT_OBJECTS];
    ULONG limit = WaitBlockArray == NULL ? THREAD_WAIT_OBJECTS : MAXIMUM_WAIT_OBJECTS;
    check_wait_irql(__func__, Object, Timeout, __builtin_return_address(0));
    if (Count == 0 || Count > limit)
        ke_bugcheck_text(MAXIMUM_WAIT_OBJECTS_EXCEEDED, Count, limit, 0, (ULONG_PTR)__builtin_return_address(0), NULL,
                         "KeWaitForMultipleObjects was asked to wait for %u objects; %u are possible%s", Count, limit,
                         WaitBlockArray == NULL ? " without a WaitBlockArray" : "");
    for (ULONG i = 0; i < Count; i++)
        blocks[i].object = Object[i];
    struct ke_waiter waiter = {
        .thread = ke_current_thread(), .blocks = blocks, .count = Count, .all = WaitType == WaitAll};
    return wait(&waiter, Timeout, __builtin_return_address(0));
}
NT_EXPORT(KeWaitForMultipleObjects);

NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    (void)WaitMode, (void)Alertable;
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    uint32_t never = 0;
    LONGLONG deadline = ke_deadline(Interval->QuadPart);
    while (ke_now() < deadline && ke_wait_on_address(&never, 0, deadline))
        continue;
    return STATUS_SUCCESS;
}
NT_EXPORT(KeDelayExecutionThread);

/* ---- events ---------------------------------------------------------------------------------------------------------
 */

static void initialize_header(DISPATCHER_HEADER *header, UCHAR type, size_t size, LONG state)
{
    header->Type = type;
    header->Absolute = 0;
    header->Size = (UCHAR)(size / sizeof(LONG));
    header->Inserted = 0;
    header->SignalState = state;
    InitializeListHead(&header->WaitListHead);
}

VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    initialize_header(&Event->Header,
                      Type == NotificationEvent ? EVENT_NOTIFICATION_OBJECT : EVENT_SYNCHRONIZATION_OBJECT,
                      sizeof(*Event), State ? 1 : 0);
}
NT_EXPORT(KeInitializeEvent);

/* Sets the state under the lock; waiters take it. Returns the state before. */
static LONG set_state(DISPATCHER_HEADER *object, LONG state, const void *caller)
{
    ke_lock(&ke.dispatcher);
    ke_require_initialized(object, caller);
    LONG old = object->SignalState;
    object->SignalState = state;
    if (state > 0)
        ke_wake_waiters(object);
    ke_dispatcher_unlock();
    return old;
}

/* A caller that says Wait will wait next, and wants no other thread to run in between. Threads here run in parallel, so
   that there is nothing to hold back. */
LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    (void)Increment, (void)Wait;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return set_state(&Event->Header, 1, __builtin_return_address(0));
}
NT_EXPORT(KeSetEvent);

LONG NTAPI KeResetEvent(PRKEVENT Event)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return set_state(&Event->Header, 0, __builtin_return_address(0));
}
NT_EXPORT(KeResetEvent);

VOID NTAPI KeClearEvent(PRKEVENT Event)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    set_state(&Event->Header, 0, __builtin_return_address(0));
}
NT_EXPORT(KeClearEvent);

LONG NTAPI KePulseEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    (void)Increment, (void)Wait;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ke_lock(&ke.dispatcher);
    ke_require_initialized(&Event->Header, __builtin_return_address(0));
    LONG old = Event->Header.SignalState;
    Event->Header.SignalState = 1;
    ke_wake_waiters(&Event->Header);
    Event->Header.SignalState = 0;
    ke_dispatcher_unlock();
    return old;
}
NT_EXPORT(KePulseEvent);

static LONG read_state(DISPATCHER_HEADER *object)
{
    ke_lock(&ke.dispatcher);
    LONG state = object->SignalState;
    ke_dispatcher_unlock();
    return state;
}

LONG NTAPI KeReadStateEvent(PRKEVENT Event)
{
    return read_state(&Event->Header);
}
NT_EXPORT(KeReadStateEvent);

/* ---- semaphores -----------------------------------------------------------------------------------------------------
 */

VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    initialize_header(&Semaphore->Header, SEMAPHORE_OBJECT, sizeof(*Semaphore), Count);
    Semaphore->Limit = Limit;
}
NT_EXPORT(KeInitializeSemaphore);

LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait)
{
    (void)Increment, (void)Wait;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ke_lock(&ke.dispatcher);
    ke_require_initialized(&Semaphore->Header, __builtin_return_address(0));
    LONG old = Semaphore->Header.SignalState;
    bool exceeded = Adjustment < 0 || Adjustment > Semaphore->Limit - old;
    if (!exceeded) {
        Semaphore->Header.SignalState = old + Adjustment;
        ke_wake_waiters(&Semaphore->Header);
    }
    ke_dispatcher_unlock();
    if (exceeded)
        ExRaiseStatus(STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    return old;
}
NT_EXPORT(KeReleaseSemaphore);

LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE Semaphore)
{
    return read_state(&Semaphore->Header);
}
NT_EXPORT(KeReadStateSemaphore);

/* ---- mutexes --------------------------------------------------------------------------------------------------------
 */

/*
 * A mutex has an owner, who may acquire it again. Its signal state is 1 when free, 0 when owned, and lower by one for
 * each further acquisition. Owning one disables normal kernel APCs (ApcDisable), which KeAreApcsDisabled shows.
 */
VOID NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level)
{
    (void)Level;
    initialize_header(&Mutex->Header, MUTANT_OBJECT, sizeof(*Mutex), 1);
    InitializeListHead(&Mutex->MutantListEntry);
    Mutex->OwnerThread = NULL;
    Mutex->Abandoned = FALSE;
    Mutex->ApcDisable = 1;
}
NT_EXPORT(KeInitializeMutex);

void ke_mutex_acquire(PKMUTANT mutex, struct _KTHREAD *thread)
{
    if (--mutex->Header.SignalState != 0)
        return;
    mutex->OwnerThread = thread;
    if (mutex->ApcDisable)
        thread->critical_regions--;
    InsertTailList(&thread->owned_mutexes, &mutex->MutantListEntry);
}

LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait)
{
    (void)Wait;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct _KTHREAD *thread = ke_current_thread();
    ke_lock(&ke.dispatcher);
    ke_require_initialized(&Mutex->Header, __builtin_return_address(0));
    LONG old = Mutex->Header.SignalState;
    bool owned = Mutex->OwnerThread == thread;
    if (owned && ++Mutex->Header.SignalState == 1) {
        RemoveEntryList(&Mutex->MutantListEntry);
        Mutex->OwnerThread = NULL;
        if (Mutex->ApcDisable)
            thread->critical_regions++;
        ke_wake_waiters(&Mutex->Header);
    }
    ke_dispatcher_unlock();
    if (!owned)
        ExRaiseStatus(STATUS_MUTANT_NOT_OWNED);
    return old;
}
NT_EXPORT(KeReleaseMutex);

LONG NTAPI KeReadStateMutex(PRKMUTEX Mutex)
{
    return read_state(&Mutex->Header);
}
NT_EXPORT(KeReadStateMutex);

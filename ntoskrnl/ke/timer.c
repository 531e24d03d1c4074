/*
 * Timers. Armed timers stand in a binary heap by due time, under the dispatcher lock; one thread sleeps until the first
 * is due, then signals it at DISPATCH_LEVEL, lets its waiters go on and queues its DPC, which runs as that thread
 * lowers. Due times are kept to the microsecond, not rounded to clock ticks. Absolute due times are turned into
 * interrupt time when the timer is set. KTIMER.TimerListEntry, which nobody outside reads, holds the timer's place in
 * the heap.
 */
#include <stdio.h>
#include <stdlib.h>
#include "ntoskrnl/ke/state.h"

enum { TIMER_NOTIFICATION_OBJECT = 8, TIMER_SYNCHRONIZATION_OBJECT = 9 };
#define UNITS_PER_MILLISECOND 10000

static size_t place_of(const KTIMER *timer)
{
    return (size_t)(uintptr_t)timer->TimerListEntry.Flink;
}

static void put_at(size_t place, PKTIMER timer)
{
    ke.timers.heap[place] = timer;
    timer->TimerListEntry.Flink = (PLIST_ENTRY)(uintptr_t)place;
}

static LONGLONG due_of(size_t place)
{
    return (LONGLONG)ke.timers.heap[place]->DueTime.QuadPart;
}

static void move_up(size_t place)
{
    PKTIMER timer = ke.timers.heap[place];
    while (place > 0 && (LONGLONG)timer->DueTime.QuadPart < due_of((place - 1) / 2)) {
        put_at(place, ke.timers.heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put_at(place, timer);
}

static void move_down(size_t place)
{
    PKTIMER timer = ke.timers.heap[place];
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= ke.timers.count)
            break;
        if (child + 1 < ke.timers.count && due_of(child + 1) < due_of(child))
            child++;
        if (due_of(child) >= (LONGLONG)timer->DueTime.QuadPart)
            break;
        put_at(place, ke.timers.heap[child]);
        place = child;
    }
    put_at(place, timer);
}

static void arm(PKTIMER timer)
{
    if (ke.timers.count == ke.timers.capacity) {
        size_t capacity = ke.timers.capacity != 0 ? 2 * ke.timers.capacity : 64;
        PKTIMER *heap = realloc(ke.timers.heap, capacity * sizeof(*heap));
        if (heap == NULL)
            ke_bugcheck_text(MEMORY_MANAGEMENT, capacity, 0, 0, 0, NULL, "no memory for %zu armed timers", capacity);
        ke.timers.heap = heap;
        ke.timers.capacity = capacity;
    }
    timer->Header.Inserted = TRUE;
    put_at(ke.timers.count++, timer);
    move_up(ke.timers.count - 1);
    if (ke.timers.heap[0] == timer) {
        __atomic_fetch_add(&ke.timers.word, 1, __ATOMIC_SEQ_CST);
        ke_wake_address(&ke.timers.word, 1);
    }
}

static bool disarm(PKTIMER timer)
{
    if (!timer->Header.Inserted)
        return false;
    size_t place = place_of(timer);
    PKTIMER last = ke.timers.heap[--ke.timers.count];
    if (last != timer) {
        put_at(place, last);
        move_up(place);
        move_down(place_of(last));
    }
    timer->Header.Inserted = FALSE;
    return true;
}

VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    Timer->Header.Type = Type == NotificationTimer ? TIMER_NOTIFICATION_OBJECT : TIMER_SYNCHRONIZATION_OBJECT;
    Timer->Header.Absolute = 0;
    Timer->Header.Size = sizeof(*Timer) / sizeof(LONG);
    Timer->Header.Inserted = FALSE;
    Timer->Header.SignalState = 0;
    InitializeListHead(&Timer->Header.WaitListHead);
    Timer->DueTime.QuadPart = 0;
    Timer->Dpc = NULL;
    Timer->Period = 0;
}
NT_EXPORT(KeInitializeTimerEx);

VOID NTAPI KeInitializeTimer(PKTIMER Timer)
{
    KeInitializeTimerEx(Timer, NotificationTimer);
}
NT_EXPORT(KeInitializeTimer);

BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    LONGLONG deadline = ke_deadline(DueTime.QuadPart);
    ke_lock(&ke.dispatcher);
    ke_require_initialized(&Timer->Header, __builtin_return_address(0));
    bool was_armed = disarm(Timer);
    Timer->Header.SignalState = 0;
    Timer->DueTime.QuadPart = (ULONGLONG)deadline;
    Timer->Period = (ULONG)Period;
    Timer->Dpc = Dpc;
    arm(Timer);
    ke_dispatcher_unlock();
    return was_armed;
}
NT_EXPORT(KeSetTimerEx);

BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc)
{
    return KeSetTimerEx(Timer, DueTime, 0, Dpc);
}
NT_EXPORT(KeSetTimer);

/* The tolerance allows late expiration to save power; expiring in time is within it. */
BOOLEAN NTAPI KeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period, ULONG TolerableDelay, PKDPC Dpc)
{
    (void)TolerableDelay;
    return KeSetTimerEx(Timer, DueTime, (LONG)Period, Dpc);
}
NT_EXPORT(KeSetCoalescableTimer);

BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ke_lock(&ke.dispatcher);
    ke_require_initialized(&Timer->Header, __builtin_return_address(0));
    bool was_armed = disarm(Timer);
    ke_dispatcher_unlock();
    return was_armed;
}
NT_EXPORT(KeCancelTimer);

BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer)
{
    ke_lock(&ke.dispatcher);
    bool signalled = Timer->Header.SignalState > 0;
    ke_dispatcher_unlock();
    return signalled;
}
NT_EXPORT(KeReadStateTimer);

/* Under the dispatcher lock, at DISPATCH_LEVEL. Returns the processor whose DPC thread the caller must wake. */
static struct ke_processor *expire(PKTIMER timer, LONGLONG now)
{
    struct ke_processor *kick = NULL;
    PKDPC dpc = timer->Dpc;
    disarm(timer);
    if (timer->Period != 0) {
        LONGLONG period = (LONGLONG)timer->Period * UNITS_PER_MILLISECOND;
        LONGLONG next = (LONGLONG)timer->DueTime.QuadPart + period;
        timer->DueTime.QuadPart = (ULONGLONG)(next > now ? next : now + period);
        arm(timer);
    }
    timer->Header.SignalState = 1;
    ke_wake_waiters(&timer->Header);
    if (dpc != NULL)
        ke_dpc_queue(dpc, (PVOID)(uintptr_t)(ULONG)now, (PVOID)(uintptr_t)(now >> 32), &kick);
    return kick;
}

static void expire_due_timers(void)
{
    KIRQL old = ke_raise(DISPATCH_LEVEL);
    struct ke_processor *kicks[16];
    size_t kick_count;
    do {
        kick_count = 0;
        ke_lock(&ke.dispatcher);
        LONGLONG now = ke_now();
        while (ke.timers.count > 0 && due_of(0) <= now && kick_count < sizeof(kicks) / sizeof(kicks[0])) {
            struct ke_processor *kick = expire(ke.timers.heap[0], now);
            if (kick != NULL)
                kicks[kick_count++] = kick;
        }
        ke_dispatcher_unlock();
        for (size_t i = 0; i < kick_count; i++)
            ke_processor_kick(kicks[i]);
    } while (kick_count == sizeof(kicks) / sizeof(kicks[0]));
    ke_lower(old);
}

static void timer_thread(void *context)
{
    (void)context;
    while (!__atomic_load_n(&ke.stopping, __ATOMIC_SEQ_CST)) {
        ke_lock(&ke.dispatcher);
        uint32_t word = __atomic_load_n(&ke.timers.word, __ATOMIC_SEQ_CST);
        LONGLONG due = ke.timers.count > 0 ? due_of(0) : KE_FOREVER;
        ke_dispatcher_unlock();
        if (due <= ke_now())
            expire_due_timers();
        else if (!__atomic_load_n(&ke.stopping, __ATOMIC_SEQ_CST))
            ke_wait_on_address(&ke.timers.word, word, due);
    }
}

void ke_timers_start(void)
{
    if (!NT_SUCCESS(ke_thread_create_joinable("timer", timer_thread, NULL, &ke.timers.thread)))
        ke_bugcheck_text(PHASE0_INITIALIZATION_FAILED, 0, 0, 0, 0, NULL, "the host refuses to start another thread");
}

void ke_timers_stop(void)
{
    __atomic_fetch_add(&ke.timers.word, 1, __ATOMIC_SEQ_CST);
    ke_wake_address(&ke.timers.word, 1);
    ke_thread_join(ke.timers.thread);
    for (size_t i = 0; i < ke.timers.count; i++)
        ke.timers.heap[i]->Header.Inserted = FALSE;
    free(ke.timers.heap);
    ke.timers.heap = NULL;
    ke.timers.count = ke.timers.capacity = 0;
}

bool ke_timer_find(const char *base, size_t size, char *text, size_t text_size)
{
    bool found = false;
    ke_lock(&ke.dispatcher);
    for (size_t i = 0; i < ke.timers.count && !found; i++) {
        const KTIMER *timer = ke.timers.heap[i];
        const char *routine = timer->Dpc != NULL ? (const char *)timer->Dpc->DeferredRoutine : NULL;
        found = (size_t)((const char *)timer - base) < size || (size_t)(routine - base) < size;
        if (found)
            snprintf(text, text_size, "armed timer %p with DPC routine %p", (const void *)timer, (const void *)routine);
    }
    ke_dispatcher_unlock();
    return found;
}

/*
 * Timers of the Ex family: allocated by the system, with a callback at DISPATCH_LEVEL, and deletable from their own
 * callback. Each is a KTIMER, so that it can be waited for, with a DPC that calls the driver. Both of the timer's DPCs
 * have the same target processor, where DPCs run one after the other: the one that frees the timer is queued last, when
 * no other can be queued any more, so that no callback is left when it runs.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

enum { TAG = 'mTxE' };

struct _EX_TIMER {
    KTIMER timer; /* first: a PEX_TIMER may be waited for */
    KDPC expired, finished;
    PEXT_CALLBACK callback;
    PVOID context;
    bool deleting;
    PEXT_DELETE_CALLBACK delete_callback;
    PVOID delete_context;
    PKEVENT deleted; /* ExDeleteTimer waits */
};

static NTAPI VOID expired(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    PEX_TIMER timer = context;
    (void)dpc, (void)argument1, (void)argument2;
    if (timer->callback == NULL || __atomic_load_n(&timer->deleting, __ATOMIC_ACQUIRE))
        return;
    timer->callback(timer, timer->context);
    ke_check_irql(DISPATCH_LEVEL, (const void *)timer->callback, "an ExTimerCallback routine");
}

static NTAPI VOID finished(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    PEX_TIMER timer = context;
    PKEVENT deleted = timer->deleted;
    (void)dpc, (void)argument1, (void)argument2;
    if (timer->delete_callback != NULL)
        timer->delete_callback(timer->delete_context);
    ex_pool_free(timer, TAG, NULL);
    if (deleted != NULL)
        KeSetEvent(deleted, IO_NO_INCREMENT, FALSE);
}

PEX_TIMER NTAPI ExAllocateTimer(PEXT_CALLBACK Callback, PVOID CallbackContext, ULONG Attributes)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    const ULONG known = EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE | EX_TIMER_NOTIFICATION;
    if ((Attributes & ~known) != 0)
        return NULL;
    PEX_TIMER timer = ex_pool_allocate(0, sizeof(*timer), TAG, __builtin_return_address(0));
    if (timer == NULL)
        return NULL;
    KeInitializeTimerEx(&timer->timer,
                        (Attributes & EX_TIMER_NOTIFICATION) != 0 ? NotificationTimer : SynchronizationTimer);
    KeInitializeDpc(&timer->expired, expired, timer);
    KeInitializeDpc(&timer->finished, finished, timer);
    KeSetTargetProcessorDpc(&timer->expired, (CCHAR)ke_processor_number());
    KeSetTargetProcessorDpc(&timer->finished, (CCHAR)ke_processor_number());
    timer->callback = Callback;
    timer->context = CallbackContext;
    return timer;
}
NT_EXPORT(ExAllocateTimer);

/* Period is in 100 ns units; a KTIMER's is in milliseconds, and never less than one. */
BOOLEAN NTAPI ExSetTimer(PEX_TIMER Timer, LONGLONG DueTime, LONGLONG Period, PEXT_SET_PARAMETERS Parameters)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    (void)Parameters; /* a tolerable delay, which is not made use of */
    if (__atomic_load_n(&Timer->deleting, __ATOMIC_ACQUIRE))
        return FALSE;
    LARGE_INTEGER due = {.QuadPart = DueTime};
    LONG period = Period <= 0 ? 0 : Period < 10000 ? 1 : (LONG)(Period / 10000);
    return KeSetTimerEx(&Timer->timer, due, period, &Timer->expired);
}
NT_EXPORT(ExSetTimer);

BOOLEAN NTAPI ExCancelTimer(PEX_TIMER Timer, PVOID Parameters)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    (void)Parameters;
    return KeCancelTimer(&Timer->timer);
}
NT_EXPORT(ExCancelTimer);

/* Wait only makes sense together with Cancel ("ExDeleteTimer function"). */
BOOLEAN NTAPI ExDeleteTimer(PEX_TIMER Timer, BOOLEAN Cancel, BOOLEAN Wait, PEXT_DELETE_PARAMETERS Parameters)
{
    KIRQL limit = Wait ? APC_LEVEL : DISPATCH_LEVEL;
    KE_REQUIRE_IRQL_AT_MOST(limit);
    KEVENT deleted;
    (void)Cancel;
    KeInitializeEvent(&deleted, NotificationEvent, FALSE);
    if (Parameters != NULL) {
        Timer->delete_callback = Parameters->DeleteCallback;
        Timer->delete_context = Parameters->DeleteContext;
    }
    Timer->deleted = Wait ? &deleted : NULL;
    __atomic_store_n(&Timer->deleting, true, __ATOMIC_RELEASE);
    BOOLEAN was_armed = KeCancelTimer(&Timer->timer);
    KeRemoveQueueDpc(&Timer->expired);
    KeInsertQueueDpc(&Timer->finished, NULL, NULL);
    if (Wait)
        KeWaitForSingleObject(&deleted, Executive, KernelMode, FALSE, NULL);
    return was_armed;
}
NT_EXPORT(ExDeleteTimer);

/*
 * NDIS timer objects: a kernel timer with its DPC and the driver's function. Pages: "NdisAllocateTimerObject function",
 * "NdisSetTimerObject function", "NdisCancelTimerObject function".
 */
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

struct ndis_timer {
    NDIS_OBJECT_HEADER header;
    KTIMER timer;
    KDPC dpc;
    PNDIS_TIMER_FUNCTION function;
    PVOID default_context;
    PVOID context;
    bool periodic;
    ULONG tag;
};

static VOID NTAPI timer_dpc(PKDPC dpc, PVOID deferred_context, PVOID system_argument1, PVOID system_argument2)
{
    struct ndis_timer *timer = deferred_context;
    PNDIS_TIMER_FUNCTION function = timer->function;
    function(dpc, __atomic_load_n(&timer->context, __ATOMIC_ACQUIRE), system_argument1, system_argument2);
    ke_check_irql(DISPATCH_LEVEL, (const void *)function, "NetTimerCallback");
}

NDIS_STATUS NTAPI NdisAllocateTimerObject(NDIS_HANDLE NdisHandle, PNDIS_TIMER_CHARACTERISTICS TimerCharacteristics,
                                          PNDIS_HANDLE pTimerObject)
{
    (void)NdisHandle;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    *pTimerObject = NULL;
    if (TimerCharacteristics->Header.Type != NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS ||
        TimerCharacteristics->Header.Revision < NDIS_TIMER_CHARACTERISTICS_REVISION_1 ||
        TimerCharacteristics->Header.Size < NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1 ||
        !TimerCharacteristics->TimerFunction)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    struct ndis_timer *timer =
        ex_pool_allocate(0, sizeof(*timer), TimerCharacteristics->AllocationTag, __builtin_return_address(0));
    if (!timer)
        return NDIS_STATUS_RESOURCES;
    timer->header.Type = NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS;
    timer->function = TimerCharacteristics->TimerFunction;
    timer->default_context = timer->context = TimerCharacteristics->FunctionContext;
    timer->tag = TimerCharacteristics->AllocationTag;
    KeInitializeTimer(&timer->timer);
    KeInitializeDpc(&timer->dpc, timer_dpc, timer);
    *pTimerObject = timer;
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisAllocateTimerObject);

static BOOLEAN set_timer(struct ndis_timer *timer, LARGE_INTEGER due_time, LONG period, PVOID context, ULONG tolerance)
{
    __atomic_store_n(&timer->context, context ? context : timer->default_context, __ATOMIC_RELEASE);
    timer->periodic = period != 0;
    return KeSetCoalescableTimer(&timer->timer, due_time, (ULONG)period, tolerance, &timer->dpc);
}

BOOLEAN NTAPI NdisSetTimerObject(NDIS_HANDLE TimerObject, LARGE_INTEGER DueTime, LONG MillisecondsPeriod,
                                 PVOID FunctionContext)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return set_timer(TimerObject, DueTime, MillisecondsPeriod, FunctionContext, 0);
}
NT_EXPORT(NdisSetTimerObject);

BOOLEAN NTAPI NdisSetCoalescableTimerObject(NDIS_HANDLE TimerObject, LARGE_INTEGER DueTime, LONG MillisecondsPeriod,
                                            PVOID FunctionContext, ULONG Tolerance)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return set_timer(TimerObject, DueTime, MillisecondsPeriod, FunctionContext, Tolerance);
}
NT_EXPORT(NdisSetCoalescableTimerObject);

/* After a periodic timer its callback does not run any more; that waits, and so needs PASSIVE_LEVEL. */
BOOLEAN NTAPI NdisCancelTimerObject(NDIS_HANDLE TimerObject)
{
    struct ndis_timer *timer = TimerObject;
    if (timer->periodic)
        KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    else
        KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    BOOLEAN was_queued = KeCancelTimer(&timer->timer);
    if (timer->periodic)
        KeFlushQueuedDpcs();
    return was_queued;
}
NT_EXPORT(NdisCancelTimerObject);

VOID NTAPI NdisFreeTimerObject(NDIS_HANDLE TimerObject)
{
    struct ndis_timer *timer = TimerObject;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (KeCancelTimer(&timer->timer))
        ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x09, (ULONG_PTR)timer, (ULONG_PTR)timer->function,
                         (ULONG_PTR)__builtin_return_address(0), NULL,
                         "NdisFreeTimerObject: the timer is still set; call NdisCancelTimerObject before");
    ex_pool_free(timer, timer->tag, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeTimerObject);

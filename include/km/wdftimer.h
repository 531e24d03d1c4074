/*
 * Framework timers: one-shot or periodic, with the callback at DISPATCH_LEVEL or, for a timer of passive execution
 * level, at PASSIVE_LEVEL. "Using Timers"
 */
#ifndef _WDFTIMER_H_
#define _WDFTIMER_H_

#include <wdfobject.h>
#include <wdfcore.h>

NDISKIT_EXTERN_C_BEGIN

typedef VOID(NTAPI EVT_WDF_TIMER)(_In_ WDFTIMER Timer);
typedef EVT_WDF_TIMER *PFN_WDF_TIMER;

typedef struct _WDF_TIMER_CONFIG {
    ULONG Size;
    PFN_WDF_TIMER EvtTimerFunc;
    ULONG Period; /* milliseconds; 0 for one expiration */
    BOOLEAN AutomaticSerialization;
    ULONG TolerableDelay; /* milliseconds, or TolerableDelayUnlimited */
    WDF_TRI_STATE UseHighResolutionTimer;
} WDF_TIMER_CONFIG, *PWDF_TIMER_CONFIG;

#define TolerableDelayUnlimited ((ULONG)-1)

/* "WDF_TIMER_CONFIG_INIT function" */
NDISKIT_INLINE VOID WDF_TIMER_CONFIG_INIT(_Out_ PWDF_TIMER_CONFIG Config, _In_ PFN_WDF_TIMER EvtTimerFunc)
{
    RtlZeroMemory(Config, sizeof(WDF_TIMER_CONFIG));
    Config->Size = sizeof(WDF_TIMER_CONFIG);
    Config->EvtTimerFunc = EvtTimerFunc;
    Config->AutomaticSerialization = TRUE;
    Config->UseHighResolutionTimer = WdfFalse;
}

/* "WDF_TIMER_CONFIG_INIT_PERIODIC function" */
NDISKIT_INLINE VOID WDF_TIMER_CONFIG_INIT_PERIODIC(_Out_ PWDF_TIMER_CONFIG Config, _In_ PFN_WDF_TIMER EvtTimerFunc,
                                                   _In_ LONG Period)
{
    WDF_TIMER_CONFIG_INIT(Config, EvtTimerFunc);
    Config->Period = (ULONG)Period;
}

/* The parent is required: a device or an object below one. "WdfTimerCreate function" */
typedef NTSTATUS(NTAPI *PFN_WDFTIMERCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ PWDF_TIMER_CONFIG Config,
                                            _In_ PWDF_OBJECT_ATTRIBUTES Attributes, _Out_ WDFTIMER *Timer);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfTimerCreate(_In_ PWDF_TIMER_CONFIG Config,
                                                             _In_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                             _Out_ WDFTIMER *Timer)
{
    return ((PFN_WDFTIMERCREATE)WdfFunctions[WdfTimerCreateTableIndex])(WdfDriverGlobals, Config, Attributes, Timer);
}

/* TRUE when it was in the system's timer queue already. "WdfTimerStart function" */
typedef BOOLEAN(NTAPI *PFN_WDFTIMERSTART)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFTIMER Timer,
                                          _In_ LONGLONG DueTime);
NDISKIT_INLINE BOOLEAN WdfTimerStart(_In_ WDFTIMER Timer, _In_ LONGLONG DueTime)
{
    return ((PFN_WDFTIMERSTART)WdfFunctions[WdfTimerStartTableIndex])(WdfDriverGlobals, Timer, DueTime);
}

/* Wait TRUE: returns when no callback runs any more (PASSIVE_LEVEL). "WdfTimerStop function" */
typedef BOOLEAN(NTAPI *PFN_WDFTIMERSTOP)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFTIMER Timer,
                                         _In_ BOOLEAN Wait);
NDISKIT_INLINE BOOLEAN WdfTimerStop(_In_ WDFTIMER Timer, _In_ BOOLEAN Wait)
{
    return ((PFN_WDFTIMERSTOP)WdfFunctions[WdfTimerStopTableIndex])(WdfDriverGlobals, Timer, Wait);
}

/* "WdfTimerGetParentObject function" */
typedef WDFOBJECT(NTAPI *PFN_WDFTIMERGETPARENTOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFTIMER Timer);
NDISKIT_INLINE WDFOBJECT WdfTimerGetParentObject(_In_ WDFTIMER Timer)
{
    return ((PFN_WDFTIMERGETPARENTOBJECT)WdfFunctions[WdfTimerGetParentObjectTableIndex])(WdfDriverGlobals, Timer);
}

NDISKIT_EXTERN_C_END

#endif

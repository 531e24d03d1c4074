/*
 * Framework work items: a callback that a system worker thread makes at PASSIVE_LEVEL. "Using Framework Work Items"
 */
#ifndef _WDFWORKITEM_H_
#define _WDFWORKITEM_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef VOID(NTAPI EVT_WDF_WORKITEM)(_In_ WDFWORKITEM WorkItem);
typedef EVT_WDF_WORKITEM *PFN_WDF_WORKITEM;

typedef struct _WDF_WORKITEM_CONFIG {
    ULONG Size;
    PFN_WDF_WORKITEM EvtWorkItemFunc;
    BOOLEAN AutomaticSerialization;
} WDF_WORKITEM_CONFIG, *PWDF_WORKITEM_CONFIG;

/* "WDF_WORKITEM_CONFIG_INIT function" */
NDISKIT_INLINE VOID WDF_WORKITEM_CONFIG_INIT(_Out_ PWDF_WORKITEM_CONFIG Config, _In_ PFN_WDF_WORKITEM EvtWorkItemFunc)
{
    RtlZeroMemory(Config, sizeof(WDF_WORKITEM_CONFIG));
    Config->Size = sizeof(WDF_WORKITEM_CONFIG);
    Config->EvtWorkItemFunc = EvtWorkItemFunc;
    Config->AutomaticSerialization = TRUE;
}

/* "WdfWorkItemCreate function" */
typedef NTSTATUS(NTAPI *PFN_WDFWORKITEMCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ PWDF_WORKITEM_CONFIG Config,
                                               _In_ PWDF_OBJECT_ATTRIBUTES Attributes, _Out_ WDFWORKITEM *WorkItem);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfWorkItemCreate(_In_ PWDF_WORKITEM_CONFIG Config,
                                                                _In_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                                _Out_ WDFWORKITEM *WorkItem)
{
    return ((PFN_WDFWORKITEMCREATE)WdfFunctions[WdfWorkItemCreateTableIndex])(WdfDriverGlobals, Config, Attributes,
                                                                              WorkItem);
}

/* Nothing when it is queued already. "WdfWorkItemEnqueue function" */
typedef VOID(NTAPI *PFN_WDFWORKITEMENQUEUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFWORKITEM WorkItem);
NDISKIT_INLINE VOID WdfWorkItemEnqueue(_In_ WDFWORKITEM WorkItem)
{
    ((PFN_WDFWORKITEMENQUEUE)WdfFunctions[WdfWorkItemEnqueueTableIndex])(WdfDriverGlobals, WorkItem);
}

/* "WdfWorkItemGetParentObject function" */
typedef WDFOBJECT(NTAPI *PFN_WDFWORKITEMGETPARENTOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ WDFWORKITEM WorkItem);
NDISKIT_INLINE WDFOBJECT WdfWorkItemGetParentObject(_In_ WDFWORKITEM WorkItem)
{
    return ((PFN_WDFWORKITEMGETPARENTOBJECT)WdfFunctions[WdfWorkItemGetParentObjectTableIndex])(WdfDriverGlobals,
                                                                                                WorkItem);
}

/* Returns when the callback has run for every earlier enqueuing. "WdfWorkItemFlush function" */
typedef VOID(NTAPI *PFN_WDFWORKITEMFLUSH)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFWORKITEM WorkItem);
NDISKIT_INLINE VOID WdfWorkItemFlush(_In_ WDFWORKITEM WorkItem)
{
    ((PFN_WDFWORKITEMFLUSH)WdfFunctions[WdfWorkItemFlushTableIndex])(WdfDriverGlobals, WorkItem);
}

NDISKIT_EXTERN_C_END

#endif

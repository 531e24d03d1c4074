/*
 * Framework DPC objects: a callback at DISPATCH_LEVEL. "Creating DPC Objects"
 */
#ifndef _WDFDPC_H_
#define _WDFDPC_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef VOID(NTAPI EVT_WDF_DPC)(_In_ WDFDPC Dpc);
typedef EVT_WDF_DPC *PFN_WDF_DPC;

typedef struct _WDF_DPC_CONFIG {
    ULONG Size;
    PFN_WDF_DPC EvtDpcFunc;
    BOOLEAN AutomaticSerialization;
} WDF_DPC_CONFIG, *PWDF_DPC_CONFIG;

/* "WDF_DPC_CONFIG_INIT function" */
NDISKIT_INLINE VOID WDF_DPC_CONFIG_INIT(_Out_ PWDF_DPC_CONFIG Config, _In_ PFN_WDF_DPC EvtDpcFunc)
{
    RtlZeroMemory(Config, sizeof(WDF_DPC_CONFIG));
    Config->Size = sizeof(WDF_DPC_CONFIG);
    Config->EvtDpcFunc = EvtDpcFunc;
    Config->AutomaticSerialization = TRUE;
}

/* "WdfDpcCreate function" */
typedef NTSTATUS(NTAPI *PFN_WDFDPCCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ PWDF_DPC_CONFIG Config,
                                          _In_ PWDF_OBJECT_ATTRIBUTES Attributes, _Out_ WDFDPC *Dpc);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfDpcCreate(_In_ PWDF_DPC_CONFIG Config,
                                                           _In_ PWDF_OBJECT_ATTRIBUTES Attributes, _Out_ WDFDPC *Dpc)
{
    return ((PFN_WDFDPCCREATE)WdfFunctions[WdfDpcCreateTableIndex])(WdfDriverGlobals, Config, Attributes, Dpc);
}

/* FALSE when it is queued already. Any IRQL. "WdfDpcEnqueue function" */
typedef BOOLEAN(NTAPI *PFN_WDFDPCENQUEUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDPC Dpc);
NDISKIT_INLINE BOOLEAN WdfDpcEnqueue(_In_ WDFDPC Dpc)
{
    return ((PFN_WDFDPCENQUEUE)WdfFunctions[WdfDpcEnqueueTableIndex])(WdfDriverGlobals, Dpc);
}

/* TRUE when it was queued. Wait TRUE: PASSIVE_LEVEL. "WdfDpcCancel function" */
typedef BOOLEAN(NTAPI *PFN_WDFDPCCANCEL)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDPC Dpc, _In_ BOOLEAN Wait);
NDISKIT_INLINE BOOLEAN WdfDpcCancel(_In_ WDFDPC Dpc, _In_ BOOLEAN Wait)
{
    return ((PFN_WDFDPCCANCEL)WdfFunctions[WdfDpcCancelTableIndex])(WdfDriverGlobals, Dpc, Wait);
}

/* "WdfDpcGetParentObject function" */
typedef WDFOBJECT(NTAPI *PFN_WDFDPCGETPARENTOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDPC Dpc);
NDISKIT_INLINE WDFOBJECT WdfDpcGetParentObject(_In_ WDFDPC Dpc)
{
    return ((PFN_WDFDPCGETPARENTOBJECT)WdfFunctions[WdfDpcGetParentObjectTableIndex])(WdfDriverGlobals, Dpc);
}

/* "WdfDpcWdmGetDpc function" */
typedef PKDPC(NTAPI *PFN_WDFDPCWDMGETDPC)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDPC Dpc);
NDISKIT_INLINE PKDPC WdfDpcWdmGetDpc(_In_ WDFDPC Dpc)
{
    return ((PFN_WDFDPCWDMGETDPC)WdfFunctions[WdfDpcWdmGetDpcTableIndex])(WdfDriverGlobals, Dpc);
}

NDISKIT_EXTERN_C_END

#endif

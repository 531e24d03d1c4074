/*
 * The framework's own verifier as the driver can use it. "WdfVerifierDbgBreakPoint method", "WdfVerifierKeBugCheck
 * method"
 */
#ifndef _WDFVERIFIER_H_
#define _WDFVERIFIER_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef VOID(NTAPI *PFN_WDFVERIFIERDBGBREAKPOINT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals);

NDISKIT_INLINE VOID WdfVerifierDbgBreakPoint(VOID)
{
    ((PFN_WDFVERIFIERDBGBREAKPOINT)WdfFunctions[WdfVerifierDbgBreakPointTableIndex])(WdfDriverGlobals);
}

typedef VOID(NTAPI *PFN_WDFVERIFIERKEBUGCHECK)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ ULONG BugCheckCode,
                                               _In_ ULONG_PTR BugCheckParameter1, _In_ ULONG_PTR BugCheckParameter2,
                                               _In_ ULONG_PTR BugCheckParameter3, _In_ ULONG_PTR BugCheckParameter4);

NDISKIT_INLINE VOID WdfVerifierKeBugCheck(_In_ ULONG BugCheckCode, _In_ ULONG_PTR BugCheckParameter1,
                                          _In_ ULONG_PTR BugCheckParameter2, _In_ ULONG_PTR BugCheckParameter3,
                                          _In_ ULONG_PTR BugCheckParameter4)
{
    ((PFN_WDFVERIFIERKEBUGCHECK)WdfFunctions[WdfVerifierKeBugCheckTableIndex])(
        WdfDriverGlobals, BugCheckCode, BugCheckParameter1, BugCheckParameter2, BugCheckParameter3, BugCheckParameter4);
}

typedef PVOID(NTAPI *PFN_WDFGETTRIAGEINFO)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals);

NDISKIT_INLINE PVOID WdfGetTriageInfo(VOID)
{
    return ((PFN_WDFGETTRIAGEINFO)WdfFunctions[WdfGetTriageInfoTableIndex])(WdfDriverGlobals);
}

NDISKIT_EXTERN_C_END

#endif

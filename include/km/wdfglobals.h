/*
 * What the framework hands a driver when it binds: the driver's globals, which every method takes as a hidden first
 * parameter, and the table of methods. The driver's start-up code (see wdfldr.h) defines and fills both variables.
 */
#ifndef _WDFGLOBALS_H_
#define _WDFGLOBALS_H_

#include <wdftypes.h>
#include <wdffuncenum.h>

NDISKIT_EXTERN_C_BEGIN

#define WDF_DRIVER_GLOBALS_NAME_LEN 32

typedef struct _WDF_DRIVER_GLOBALS {
    WDFDRIVER Driver;
    ULONG DriverFlags;
    ULONG DriverTag; /* of the pool blocks that the framework allocates for the driver */
    CHAR DriverName[WDF_DRIVER_GLOBALS_NAME_LEN];
    BOOLEAN DisplaceDriverUnload; /* the start-up code's unload goes in front of the driver's */
} WDF_DRIVER_GLOBALS, *PWDF_DRIVER_GLOBALS;

typedef VOID(NTAPI *WDFFUNC)(VOID);

extern PWDF_DRIVER_GLOBALS WdfDriverGlobals;
#if KMDF_VERSION_MINOR >= 15
extern const WDFFUNC *WdfFunctions;
#else
extern WDFFUNC WdfFunctions[];
#endif

/* A driver may be built for a newer version than it needs (KMDF_MINIMUM_VERSION_REQUIRED); it then asks before it calls
 * what an older framework lacks. "Building a WDF driver for multiple versions of Windows" */
#if KMDF_VERSION_MINOR >= 25
extern BOOLEAN WdfClientVersionHigherThanFramework;
extern ULONG WdfFunctionCount;
#define WDF_IS_FUNCTION_AVAILABLE(_functionName)                                                                       \
    (!WdfClientVersionHigherThanFramework || (ULONG)_functionName##TableIndex < WdfFunctionCount)
#endif

NDISKIT_EXTERN_C_END

#endif

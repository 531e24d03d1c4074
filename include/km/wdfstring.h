/*
 * Strings as framework objects. "Using String Objects"
 */
#ifndef _WDFSTRING_H_
#define _WDFSTRING_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

/* ---- methods ------------------------------------------------------------------------------------------------------
 */

typedef NTSTATUS(NTAPI *PFN_WDFSTRINGCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                             _In_opt_ PCUNICODE_STRING UnicodeString,
                                             _In_opt_ PWDF_OBJECT_ATTRIBUTES StringAttributes, _Out_ WDFSTRING *String);

NDISKIT_INLINE NTSTATUS WdfStringCreate(_In_opt_ PCUNICODE_STRING UnicodeString,
                                        _In_opt_ PWDF_OBJECT_ATTRIBUTES StringAttributes, _Out_ WDFSTRING *String)
{
    return ((PFN_WDFSTRINGCREATE)WdfFunctions[WdfStringCreateTableIndex])(WdfDriverGlobals, UnicodeString,
                                                                          StringAttributes, String);
}

typedef VOID(NTAPI *PFN_WDFSTRINGGETUNICODESTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFSTRING String,
                                                   _Out_ PUNICODE_STRING UnicodeString);

NDISKIT_INLINE VOID WdfStringGetUnicodeString(_In_ WDFSTRING String, _Out_ PUNICODE_STRING UnicodeString)
{
    ((PFN_WDFSTRINGGETUNICODESTRING)WdfFunctions[WdfStringGetUnicodeStringTableIndex])(WdfDriverGlobals, String,
                                                                                       UnicodeString);
}

NDISKIT_EXTERN_C_END

#endif

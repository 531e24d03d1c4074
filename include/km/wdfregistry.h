/*
 * Registry keys as framework objects. All at PASSIVE_LEVEL. "Using the Registry in Framework-based Drivers"
 */
#ifndef _WDFREGISTRY_H_
#define _WDFREGISTRY_H_

#include <wdfobject.h>
#include <wdfmemory.h>

NDISKIT_EXTERN_C_BEGIN

/* "WdfRegistryOpenKey function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYOPENKEY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_opt_ WDFKEY ParentKey,
                                                _In_ PCUNICODE_STRING KeyName, _In_ ACCESS_MASK DesiredAccess,
                                                _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes, _Out_ WDFKEY *Key);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryOpenKey(_In_opt_ WDFKEY ParentKey,
                                                                 _In_ PCUNICODE_STRING KeyName,
                                                                 _In_ ACCESS_MASK DesiredAccess,
                                                                 _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes,
                                                                 _Out_ WDFKEY *Key)
{
    return ((PFN_WDFREGISTRYOPENKEY)WdfFunctions[WdfRegistryOpenKeyTableIndex])(WdfDriverGlobals, ParentKey, KeyName,
                                                                                DesiredAccess, KeyAttributes, Key);
}

/* "WdfRegistryCreateKey function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYCREATEKEY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_opt_ WDFKEY ParentKey,
                                                  _In_ PCUNICODE_STRING KeyName, _In_ ACCESS_MASK DesiredAccess,
                                                  _In_ ULONG CreateOptions, _Out_opt_ PULONG CreateDisposition,
                                                  _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes, _Out_ WDFKEY *Key);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryCreateKey(
    _In_opt_ WDFKEY ParentKey, _In_ PCUNICODE_STRING KeyName, _In_ ACCESS_MASK DesiredAccess, _In_ ULONG CreateOptions,
    _Out_opt_ PULONG CreateDisposition, _In_opt_ PWDF_OBJECT_ATTRIBUTES KeyAttributes, _Out_ WDFKEY *Key)
{
    return ((PFN_WDFREGISTRYCREATEKEY)WdfFunctions[WdfRegistryCreateKeyTableIndex])(
        WdfDriverGlobals, ParentKey, KeyName, DesiredAccess, CreateOptions, CreateDisposition, KeyAttributes, Key);
}

/* Closes the key and deletes the object. "WdfRegistryClose function" */
typedef VOID(NTAPI *PFN_WDFREGISTRYCLOSE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key);
NDISKIT_INLINE VOID WdfRegistryClose(_In_ WDFKEY Key)
{
    ((PFN_WDFREGISTRYCLOSE)WdfFunctions[WdfRegistryCloseTableIndex])(WdfDriverGlobals, Key);
}

/* "WdfRegistryWdmGetHandle function" */
typedef HANDLE(NTAPI *PFN_WDFREGISTRYWDMGETHANDLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key);
NDISKIT_INLINE HANDLE WdfRegistryWdmGetHandle(_In_ WDFKEY Key)
{
    return ((PFN_WDFREGISTRYWDMGETHANDLE)WdfFunctions[WdfRegistryWdmGetHandleTableIndex])(WdfDriverGlobals, Key);
}

/* Removes the key; on success the object is deleted. "WdfRegistryRemoveKey function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYREMOVEKEY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryRemoveKey(_In_ WDFKEY Key)
{
    return ((PFN_WDFREGISTRYREMOVEKEY)WdfFunctions[WdfRegistryRemoveKeyTableIndex])(WdfDriverGlobals, Key);
}

/* "WdfRegistryRemoveValue function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYREMOVEVALUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                    _In_ PCUNICODE_STRING ValueName);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryRemoveValue(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName)
{
    return ((PFN_WDFREGISTRYREMOVEVALUE)WdfFunctions[WdfRegistryRemoveValueTableIndex])(WdfDriverGlobals, Key,
                                                                                        ValueName);
}

/* "WdfRegistryQueryValue function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYQUERYVALUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                   _In_ PCUNICODE_STRING ValueName, _In_ ULONG ValueLength,
                                                   _Out_opt_ PVOID Value, _Out_opt_ PULONG ValueLengthQueried,
                                                   _Out_opt_ PULONG ValueType);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryQueryValue(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                                                                    _In_ ULONG ValueLength, _Out_opt_ PVOID Value,
                                                                    _Out_opt_ PULONG ValueLengthQueried,
                                                                    _Out_opt_ PULONG ValueType)
{
    return ((PFN_WDFREGISTRYQUERYVALUE)WdfFunctions[WdfRegistryQueryValueTableIndex])(
        WdfDriverGlobals, Key, ValueName, ValueLength, Value, ValueLengthQueried, ValueType);
}

/* "WdfRegistryQueryMemory function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYQUERYMEMORY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                    _In_ PCUNICODE_STRING ValueName, _In_ POOL_TYPE PoolType,
                                                    _In_opt_ PWDF_OBJECT_ATTRIBUTES MemoryAttributes,
                                                    _Out_ WDFMEMORY *Memory, _Out_opt_ PULONG ValueType);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryQueryMemory(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                                                                     _In_ POOL_TYPE PoolType,
                                                                     _In_opt_ PWDF_OBJECT_ATTRIBUTES MemoryAttributes,
                                                                     _Out_ WDFMEMORY *Memory,
                                                                     _Out_opt_ PULONG ValueType)
{
    return ((PFN_WDFREGISTRYQUERYMEMORY)WdfFunctions[WdfRegistryQueryMemoryTableIndex])(
        WdfDriverGlobals, Key, ValueName, PoolType, MemoryAttributes, Memory, ValueType);
}

/* Adds a string object for each string. "WdfRegistryQueryMultiString function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYQUERYMULTISTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                         _In_ PCUNICODE_STRING ValueName,
                                                         _In_opt_ PWDF_OBJECT_ATTRIBUTES StringsAttributes,
                                                         _In_ WDFCOLLECTION Collection);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS
WdfRegistryQueryMultiString(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                            _In_opt_ PWDF_OBJECT_ATTRIBUTES StringsAttributes, _In_ WDFCOLLECTION Collection)
{
    return ((PFN_WDFREGISTRYQUERYMULTISTRING)WdfFunctions[WdfRegistryQueryMultiStringTableIndex])(
        WdfDriverGlobals, Key, ValueName, StringsAttributes, Collection);
}

/* "WdfRegistryQueryUnicodeString function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYQUERYUNICODESTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                           _In_ PCUNICODE_STRING ValueName,
                                                           _Out_opt_ PUSHORT ValueByteLength,
                                                           _Inout_opt_ PUNICODE_STRING Value);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryQueryUnicodeString(_In_ WDFKEY Key,
                                                                            _In_ PCUNICODE_STRING ValueName,
                                                                            _Out_opt_ PUSHORT ValueByteLength,
                                                                            _Inout_opt_ PUNICODE_STRING Value)
{
    return ((PFN_WDFREGISTRYQUERYUNICODESTRING)WdfFunctions[WdfRegistryQueryUnicodeStringTableIndex])(
        WdfDriverGlobals, Key, ValueName, ValueByteLength, Value);
}

/* "WdfRegistryQueryString function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYQUERYSTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                    _In_ PCUNICODE_STRING ValueName, _In_ WDFSTRING String);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryQueryString(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                                                                     _In_ WDFSTRING String)
{
    return ((PFN_WDFREGISTRYQUERYSTRING)WdfFunctions[WdfRegistryQueryStringTableIndex])(WdfDriverGlobals, Key,
                                                                                        ValueName, String);
}

/* "WdfRegistryQueryULong function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYQUERYULONG)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                   _In_ PCUNICODE_STRING ValueName, _Out_ PULONG Value);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryQueryULong(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                                                                    _Out_ PULONG Value)
{
    return ((PFN_WDFREGISTRYQUERYULONG)WdfFunctions[WdfRegistryQueryULongTableIndex])(WdfDriverGlobals, Key, ValueName,
                                                                                      Value);
}

/* "WdfRegistryAssignValue function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYASSIGNVALUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                    _In_ PCUNICODE_STRING ValueName, _In_ ULONG ValueType,
                                                    _In_ ULONG ValueLength, _In_ PVOID Value);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryAssignValue(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                                                                     _In_ ULONG ValueType, _In_ ULONG ValueLength,
                                                                     _In_ PVOID Value)
{
    return ((PFN_WDFREGISTRYASSIGNVALUE)WdfFunctions[WdfRegistryAssignValueTableIndex])(
        WdfDriverGlobals, Key, ValueName, ValueType, ValueLength, Value);
}

/* "WdfRegistryAssignMemory function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYASSIGNMEMORY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                     _In_ PCUNICODE_STRING ValueName, _In_ ULONG ValueType,
                                                     _In_ WDFMEMORY Memory, _In_opt_ PWDFMEMORY_OFFSET MemoryOffsets);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryAssignMemory(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                                                                      _In_ ULONG ValueType, _In_ WDFMEMORY Memory,
                                                                      _In_opt_ PWDFMEMORY_OFFSET MemoryOffsets)
{
    return ((PFN_WDFREGISTRYASSIGNMEMORY)WdfFunctions[WdfRegistryAssignMemoryTableIndex])(
        WdfDriverGlobals, Key, ValueName, ValueType, Memory, MemoryOffsets);
}

/* "WdfRegistryAssignMultiString function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYASSIGNMULTISTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                          _In_ PCUNICODE_STRING ValueName,
                                                          _In_ WDFCOLLECTION StringsCollection);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryAssignMultiString(_In_ WDFKEY Key,
                                                                           _In_ PCUNICODE_STRING ValueName,
                                                                           _In_ WDFCOLLECTION StringsCollection)
{
    return ((PFN_WDFREGISTRYASSIGNMULTISTRING)WdfFunctions[WdfRegistryAssignMultiStringTableIndex])(
        WdfDriverGlobals, Key, ValueName, StringsCollection);
}

/* "WdfRegistryAssignUnicodeString function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYASSIGNUNICODESTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                            _In_ PCUNICODE_STRING ValueName,
                                                            _In_ PCUNICODE_STRING Value);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryAssignUnicodeString(_In_ WDFKEY Key,
                                                                             _In_ PCUNICODE_STRING ValueName,
                                                                             _In_ PCUNICODE_STRING Value)
{
    return ((PFN_WDFREGISTRYASSIGNUNICODESTRING)WdfFunctions[WdfRegistryAssignUnicodeStringTableIndex])(
        WdfDriverGlobals, Key, ValueName, Value);
}

/* "WdfRegistryAssignString function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYASSIGNSTRING)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                     _In_ PCUNICODE_STRING ValueName, _In_ WDFSTRING String);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryAssignString(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                                                                      _In_ WDFSTRING String)
{
    return ((PFN_WDFREGISTRYASSIGNSTRING)WdfFunctions[WdfRegistryAssignStringTableIndex])(WdfDriverGlobals, Key,
                                                                                          ValueName, String);
}

/* "WdfRegistryAssignULong function" */
typedef NTSTATUS(NTAPI *PFN_WDFREGISTRYASSIGNULONG)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFKEY Key,
                                                    _In_ PCUNICODE_STRING ValueName, _In_ ULONG Value);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfRegistryAssignULong(_In_ WDFKEY Key, _In_ PCUNICODE_STRING ValueName,
                                                                     _In_ ULONG Value)
{
    return ((PFN_WDFREGISTRYASSIGNULONG)WdfFunctions[WdfRegistryAssignULongTableIndex])(WdfDriverGlobals, Key,
                                                                                        ValueName, Value);
}

NDISKIT_EXTERN_C_END

#endif

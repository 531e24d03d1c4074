/*
 * Common buffers: memory that a device reads and writes by direct memory access for as long as the buffer lives. No bus
 * that ndiskit has gives a device a DMA adapter (a USB device has none), so these are declarations for drivers that
 * are built here for Windows.
 */
#ifndef _WDFCOMMONBUFFER_H_
#define _WDFCOMMONBUFFER_H_

#include <wdfdmaenabler.h>

NDISKIT_EXTERN_C_BEGIN

typedef struct _WDF_COMMON_BUFFER_CONFIG {
    ULONG Size;
    ULONG AlignmentRequirement; /* one of the FILE_XXX_ALIGNMENT values */
} WDF_COMMON_BUFFER_CONFIG, *PWDF_COMMON_BUFFER_CONFIG;

NDISKIT_INLINE VOID WDF_COMMON_BUFFER_CONFIG_INIT(_Out_ PWDF_COMMON_BUFFER_CONFIG Config,
                                                  _In_ ULONG AlignmentRequirement)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->AlignmentRequirement = AlignmentRequirement;
}

/* At PASSIVE_LEVEL. */
typedef NTSTATUS(NTAPI *PFN_WDFCOMMONBUFFERCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                   _In_ WDFDMAENABLER DmaEnabler, _In_ size_t Length,
                                                   _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                   _Out_ WDFCOMMONBUFFER *CommonBuffer);

NDISKIT_INLINE NTSTATUS WdfCommonBufferCreate(_In_ WDFDMAENABLER DmaEnabler, _In_ size_t Length,
                                              _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                              _Out_ WDFCOMMONBUFFER *CommonBuffer)
{
    return ((PFN_WDFCOMMONBUFFERCREATE)WdfFunctions[WdfCommonBufferCreateTableIndex])(WdfDriverGlobals, DmaEnabler,
                                                                                      Length, Attributes, CommonBuffer);
}

/* At PASSIVE_LEVEL. */
typedef NTSTATUS(NTAPI *PFN_WDFCOMMONBUFFERCREATEWITHCONFIG)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFDMAENABLER DmaEnabler, _In_ size_t Length,
                                                             _In_ PWDF_COMMON_BUFFER_CONFIG Config,
                                                             _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                             _Out_ WDFCOMMONBUFFER *CommonBuffer);

NDISKIT_INLINE NTSTATUS WdfCommonBufferCreateWithConfig(_In_ WDFDMAENABLER DmaEnabler, _In_ size_t Length,
                                                        _In_ PWDF_COMMON_BUFFER_CONFIG Config,
                                                        _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                        _Out_ WDFCOMMONBUFFER *CommonBuffer)
{
    return ((PFN_WDFCOMMONBUFFERCREATEWITHCONFIG)WdfFunctions[WdfCommonBufferCreateWithConfigTableIndex])(
        WdfDriverGlobals, DmaEnabler, Length, Config, Attributes, CommonBuffer);
}

typedef PVOID(NTAPI *PFN_WDFCOMMONBUFFERGETALIGNEDVIRTUALADDRESS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFCOMMONBUFFER CommonBuffer);

NDISKIT_INLINE PVOID WdfCommonBufferGetAlignedVirtualAddress(_In_ WDFCOMMONBUFFER CommonBuffer)
{
    return (
        (PFN_WDFCOMMONBUFFERGETALIGNEDVIRTUALADDRESS)WdfFunctions[WdfCommonBufferGetAlignedVirtualAddressTableIndex])(
        WdfDriverGlobals, CommonBuffer);
}

typedef PHYSICAL_ADDRESS(NTAPI *PFN_WDFCOMMONBUFFERGETALIGNEDLOGICALADDRESS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                             _In_ WDFCOMMONBUFFER CommonBuffer);

NDISKIT_INLINE PHYSICAL_ADDRESS WdfCommonBufferGetAlignedLogicalAddress(_In_ WDFCOMMONBUFFER CommonBuffer)
{
    return (
        (PFN_WDFCOMMONBUFFERGETALIGNEDLOGICALADDRESS)WdfFunctions[WdfCommonBufferGetAlignedLogicalAddressTableIndex])(
        WdfDriverGlobals, CommonBuffer);
}

typedef size_t(NTAPI *PFN_WDFCOMMONBUFFERGETLENGTH)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFCOMMONBUFFER CommonBuffer);

NDISKIT_INLINE size_t WdfCommonBufferGetLength(_In_ WDFCOMMONBUFFER CommonBuffer)
{
    return ((PFN_WDFCOMMONBUFFERGETLENGTH)WdfFunctions[WdfCommonBufferGetLengthTableIndex])(WdfDriverGlobals,
                                                                                            CommonBuffer);
}

NDISKIT_EXTERN_C_END

#endif

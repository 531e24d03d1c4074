/*
 * Memory objects: a buffer with a handle and a reference count, from pool, from a lookaside list, or given by the
 * driver; and the descriptions of buffers that synchronous requests take. "Using Memory Buffers"
 */
#ifndef _WDFMEMORY_H_
#define _WDFMEMORY_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

/* "WDF_MEMORY_DESCRIPTOR_TYPE enumeration" */
typedef enum _WDF_MEMORY_DESCRIPTOR_TYPE {
    WdfMemoryDescriptorTypeInvalid = 0,
    WdfMemoryDescriptorTypeBuffer,
    WdfMemoryDescriptorTypeMdl,
    WdfMemoryDescriptorTypeHandle,
} WDF_MEMORY_DESCRIPTOR_TYPE;

/* A part of a memory object's buffer. */
typedef struct _WDFMEMORY_OFFSET {
    size_t BufferOffset;
    size_t BufferLength; /* 0: to the buffer's end */
} WDFMEMORY_OFFSET, *PWDFMEMORY_OFFSET;

typedef struct _WDF_MEMORY_DESCRIPTOR {
    WDF_MEMORY_DESCRIPTOR_TYPE Type;
    union {
        struct {
            PVOID Buffer;
            ULONG Length;
        } BufferType;
        struct {
            PMDL Mdl;
            ULONG BufferLength;
        } MdlType;
        struct {
            WDFMEMORY Memory;
            PWDFMEMORY_OFFSET Offsets;
        } HandleType;
    } u;
} WDF_MEMORY_DESCRIPTOR, *PWDF_MEMORY_DESCRIPTOR;

/* "WDF_MEMORY_DESCRIPTOR_INIT_BUFFER function" */
NDISKIT_INLINE VOID WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(_Out_ PWDF_MEMORY_DESCRIPTOR Descriptor, _In_ PVOID Buffer,
                                                      _In_ ULONG BufferLength)
{
    RtlZeroMemory(Descriptor, sizeof(WDF_MEMORY_DESCRIPTOR));
    Descriptor->Type = WdfMemoryDescriptorTypeBuffer;
    Descriptor->u.BufferType.Buffer = Buffer;
    Descriptor->u.BufferType.Length = BufferLength;
}

/* "WDF_MEMORY_DESCRIPTOR_INIT_HANDLE function" */
NDISKIT_INLINE VOID WDF_MEMORY_DESCRIPTOR_INIT_HANDLE(_Out_ PWDF_MEMORY_DESCRIPTOR Descriptor, _In_ WDFMEMORY Memory,
                                                      _In_opt_ PWDFMEMORY_OFFSET Offsets)
{
    RtlZeroMemory(Descriptor, sizeof(WDF_MEMORY_DESCRIPTOR));
    Descriptor->Type = WdfMemoryDescriptorTypeHandle;
    Descriptor->u.HandleType.Memory = Memory;
    Descriptor->u.HandleType.Offsets = Offsets;
}

/* "WDF_MEMORY_DESCRIPTOR_INIT_MDL function" */
NDISKIT_INLINE VOID WDF_MEMORY_DESCRIPTOR_INIT_MDL(_Out_ PWDF_MEMORY_DESCRIPTOR Descriptor, _In_ PMDL Mdl,
                                                   _In_ ULONG BufferLength)
{
    RtlZeroMemory(Descriptor, sizeof(WDF_MEMORY_DESCRIPTOR));
    Descriptor->Type = WdfMemoryDescriptorTypeMdl;
    Descriptor->u.MdlType.Mdl = Mdl;
    Descriptor->u.MdlType.BufferLength = BufferLength;
}

/* ---- methods ------------------------------------------------------------------------------------------------------
 */

typedef NTSTATUS(NTAPI *PFN_WDFMEMORYCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                             _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _In_ POOL_TYPE PoolType,
                                             _In_opt_ ULONG PoolTag, _In_ size_t BufferSize, _Out_ WDFMEMORY *Memory,
                                             _Outptr_opt_ PVOID *Buffer);

NDISKIT_INLINE NTSTATUS WdfMemoryCreate(_In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _In_ POOL_TYPE PoolType,
                                        _In_opt_ ULONG PoolTag, _In_ size_t BufferSize, _Out_ WDFMEMORY *Memory,
                                        _Outptr_opt_ PVOID *Buffer)
{
    return ((PFN_WDFMEMORYCREATE)WdfFunctions[WdfMemoryCreateTableIndex])(WdfDriverGlobals, Attributes, PoolType,
                                                                          PoolTag, BufferSize, Memory, Buffer);
}

typedef NTSTATUS(NTAPI *PFN_WDFMEMORYCREATEPREALLOCATED)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _In_ PVOID Buffer,
                                                         _In_ size_t BufferSize, _Out_ WDFMEMORY *Memory);

NDISKIT_INLINE NTSTATUS WdfMemoryCreatePreallocated(_In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _In_ PVOID Buffer,
                                                    _In_ size_t BufferSize, _Out_ WDFMEMORY *Memory)
{
    return ((PFN_WDFMEMORYCREATEPREALLOCATED)WdfFunctions[WdfMemoryCreatePreallocatedTableIndex])(
        WdfDriverGlobals, Attributes, Buffer, BufferSize, Memory);
}

typedef PVOID(NTAPI *PFN_WDFMEMORYGETBUFFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFMEMORY Memory,
                                             _Out_opt_ size_t *BufferSize);

NDISKIT_INLINE PVOID WdfMemoryGetBuffer(_In_ WDFMEMORY Memory, _Out_opt_ size_t *BufferSize)
{
    return ((PFN_WDFMEMORYGETBUFFER)WdfFunctions[WdfMemoryGetBufferTableIndex])(WdfDriverGlobals, Memory, BufferSize);
}

typedef NTSTATUS(NTAPI *PFN_WDFMEMORYASSIGNBUFFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFMEMORY Memory,
                                                   _In_ PVOID Buffer, _In_ size_t BufferSize);

NDISKIT_INLINE NTSTATUS WdfMemoryAssignBuffer(_In_ WDFMEMORY Memory, _In_ PVOID Buffer, _In_ size_t BufferSize)
{
    return ((PFN_WDFMEMORYASSIGNBUFFER)WdfFunctions[WdfMemoryAssignBufferTableIndex])(WdfDriverGlobals, Memory, Buffer,
                                                                                      BufferSize);
}

typedef NTSTATUS(NTAPI *PFN_WDFMEMORYCOPYTOBUFFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFMEMORY SourceMemory,
                                                   _In_ size_t SourceOffset, _Out_ PVOID Buffer,
                                                   _In_ size_t NumBytesToCopyTo);

NDISKIT_INLINE NTSTATUS WdfMemoryCopyToBuffer(_In_ WDFMEMORY SourceMemory, _In_ size_t SourceOffset, _Out_ PVOID Buffer,
                                              _In_ size_t NumBytesToCopyTo)
{
    return ((PFN_WDFMEMORYCOPYTOBUFFER)WdfFunctions[WdfMemoryCopyToBufferTableIndex])(
        WdfDriverGlobals, SourceMemory, SourceOffset, Buffer, NumBytesToCopyTo);
}

typedef NTSTATUS(NTAPI *PFN_WDFMEMORYCOPYFROMBUFFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ WDFMEMORY DestinationMemory, _In_ size_t DestinationOffset,
                                                     _In_ PVOID Buffer, _In_ size_t NumBytesToCopyFrom);

NDISKIT_INLINE NTSTATUS WdfMemoryCopyFromBuffer(_In_ WDFMEMORY DestinationMemory, _In_ size_t DestinationOffset,
                                                _In_ PVOID Buffer, _In_ size_t NumBytesToCopyFrom)
{
    return ((PFN_WDFMEMORYCOPYFROMBUFFER)WdfFunctions[WdfMemoryCopyFromBufferTableIndex])(
        WdfDriverGlobals, DestinationMemory, DestinationOffset, Buffer, NumBytesToCopyFrom);
}

typedef NTSTATUS(NTAPI *PFN_WDFLOOKASIDELISTCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_opt_ PWDF_OBJECT_ATTRIBUTES LookasideAttributes,
                                                    _In_ size_t BufferSize, _In_ POOL_TYPE PoolType,
                                                    _In_opt_ PWDF_OBJECT_ATTRIBUTES MemoryAttributes,
                                                    _In_opt_ ULONG PoolTag, _Out_ WDFLOOKASIDE *Lookaside);

NDISKIT_INLINE NTSTATUS WdfLookasideListCreate(_In_opt_ PWDF_OBJECT_ATTRIBUTES LookasideAttributes,
                                               _In_ size_t BufferSize, _In_ POOL_TYPE PoolType,
                                               _In_opt_ PWDF_OBJECT_ATTRIBUTES MemoryAttributes, _In_opt_ ULONG PoolTag,
                                               _Out_ WDFLOOKASIDE *Lookaside)
{
    return ((PFN_WDFLOOKASIDELISTCREATE)WdfFunctions[WdfLookasideListCreateTableIndex])(
        WdfDriverGlobals, LookasideAttributes, BufferSize, PoolType, MemoryAttributes, PoolTag, Lookaside);
}

typedef NTSTATUS(NTAPI *PFN_WDFMEMORYCREATEFROMLOOKASIDE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                          _In_ WDFLOOKASIDE Lookaside, _Out_ WDFMEMORY *Memory);

NDISKIT_INLINE NTSTATUS WdfMemoryCreateFromLookaside(_In_ WDFLOOKASIDE Lookaside, _Out_ WDFMEMORY *Memory)
{
    return ((PFN_WDFMEMORYCREATEFROMLOOKASIDE)WdfFunctions[WdfMemoryCreateFromLookasideTableIndex])(WdfDriverGlobals,
                                                                                                    Lookaside, Memory);
}

NDISKIT_EXTERN_C_END

#endif

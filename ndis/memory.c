/*
 * Memory for NDIS drivers: nonpaged, charged to the driver that called, so that what it forgets is reported at unload.
 * The handle and the priority that callers pass have no effect here, as there is one pool and no shortage of it.
 * Pages: "NdisAllocateMemoryWithTagPriority function", "NdisFreeMemory function", "NdisAllocateGenericObject function".
 */
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

PVOID NTAPI NdisAllocateMemoryWithTagPriority(NDIS_HANDLE NdisHandle, UINT Length, ULONG Tag, EX_POOL_PRIORITY Priority)
{
    (void)NdisHandle;
    (void)Priority;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    return ex_pool_allocate(EX_POOL_UNINITIALIZED, Length, Tag, __builtin_return_address(0));
}
NT_EXPORT(NdisAllocateMemoryWithTagPriority);

NDIS_STATUS NTAPI NdisAllocateMemoryWithTag(PVOID *VirtualAddress, UINT Length, ULONG Tag)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    *VirtualAddress = ex_pool_allocate(EX_POOL_UNINITIALIZED, Length, Tag, __builtin_return_address(0));
    return *VirtualAddress ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FAILURE;
}
NT_EXPORT(NdisAllocateMemoryWithTag);

/* Whatever its tag: the caller gives none. Length and flags must be those of the allocation, which ours does not need.
 */
VOID NTAPI NdisFreeMemory(PVOID VirtualAddress, UINT Length, UINT MemoryFlags)
{
    (void)Length;
    (void)MemoryFlags;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ex_pool_free(VirtualAddress, 0, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeMemory);

VOID NTAPI NdisFreeMemoryWithTag(PVOID VirtualAddress, ULONG Tag)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ex_pool_free(VirtualAddress, Tag, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeMemoryWithTag);

VOID NTAPI NdisFreeMemoryWithTagPriority(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, ULONG Tag)
{
    (void)NdisHandle;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ex_pool_free(VirtualAddress, Tag, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeMemoryWithTagPriority);

PNDIS_GENERIC_OBJECT NTAPI NdisAllocateGenericObject(PDRIVER_OBJECT DriverObject, ULONG Tag, USHORT Size)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    if (Size < sizeof(NDIS_GENERIC_OBJECT))
        return NULL;
    PNDIS_GENERIC_OBJECT object = ex_pool_allocate(0, Size, Tag, __builtin_return_address(0));
    if (!object)
        return NULL;
    object->Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    object->Header.Revision = NDIS_GENERIC_OBJECT_REVISION_1;
    object->Header.Size = Size;
    object->Caller = __builtin_return_address(0);
    object->DriverObject = DriverObject;
    return object;
}
NT_EXPORT(NdisAllocateGenericObject);

VOID NTAPI NdisFreeGenericObject(PNDIS_GENERIC_OBJECT NdisObject)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    ex_pool_free(NdisObject, 0, __builtin_return_address(0));
}
NT_EXPORT(NdisFreeGenericObject);

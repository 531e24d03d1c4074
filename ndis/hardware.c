/*
 * Interrupts, ports, device memory and bus-master DMA, for miniports of bus devices. The devices that ndiskit has so
 * far sit behind a bus driver (USB) and own no such resource, so these functions fail as Windows fails them for a
 * device without the resource. A handle that a driver passes back can then only be a wrong one. Pages:
 * "NdisMRegisterInterruptEx function", "NdisMRegisterScatterGatherDma function", "NdisMMapIoSpace function".
 */
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

static _Noreturn void bad_handle(NDIS_HANDLE handle, const char *function)
{
    ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x21, (ULONG_PTR)handle, 0, 0, NULL,
                     "%s: %p was not returned by the function that registers or maps the resource", function, handle);
}

NDIS_STATUS NTAPI NdisMRegisterInterruptEx(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE MiniportInterruptContext,
                                           PNDIS_MINIPORT_INTERRUPT_CHARACTERISTICS MiniportInterruptCharacteristics,
                                           PNDIS_HANDLE NdisInterruptHandle)
{
    (void)MiniportAdapterHandle;
    (void)MiniportInterruptContext;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    *NdisInterruptHandle = NULL;
    if (MiniportInterruptCharacteristics->Header.Type != NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    return NDIS_STATUS_RESOURCE_CONFLICT;
}
NT_EXPORT(NdisMRegisterInterruptEx);

VOID NTAPI NdisMDeregisterInterruptEx(NDIS_HANDLE NdisInterruptHandle)
{
    bad_handle(NdisInterruptHandle, __func__);
}
NT_EXPORT(NdisMDeregisterInterruptEx);

BOOLEAN NTAPI NdisMSynchronizeWithInterruptEx(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId,
                                              MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER SynchronizeFunction,
                                              PVOID SynchronizeContext)
{
    (void)MessageId;
    (void)SynchronizeFunction;
    (void)SynchronizeContext;
    bad_handle(NdisInterruptHandle, __func__);
}
NT_EXPORT(NdisMSynchronizeWithInterruptEx);

ULONG NTAPI NdisMQueueDpc(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId, ULONG TargetProcessors,
                          PVOID MiniportDpcContext)
{
    (void)MessageId;
    (void)TargetProcessors;
    (void)MiniportDpcContext;
    bad_handle(NdisInterruptHandle, __func__);
}
NT_EXPORT(NdisMQueueDpc);

NDIS_STATUS NTAPI NdisMRegisterScatterGatherDma(NDIS_HANDLE MiniportAdapterHandle,
                                                PNDIS_SG_DMA_DESCRIPTION DmaDescription,
                                                PNDIS_HANDLE NdisMiniportDmaHandle)
{
    (void)MiniportAdapterHandle;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    *NdisMiniportDmaHandle = NULL;
    if (DmaDescription->Header.Type != NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION ||
        DmaDescription->Header.Revision < NDIS_SG_DMA_DESCRIPTION_REVISION_1)
        return NDIS_STATUS_BAD_VERSION;
    return NDIS_STATUS_NOT_SUPPORTED;
}
NT_EXPORT(NdisMRegisterScatterGatherDma);

VOID NTAPI NdisMDeregisterScatterGatherDma(NDIS_HANDLE NdisMiniportDmaHandle)
{
    bad_handle(NdisMiniportDmaHandle, __func__);
}
NT_EXPORT(NdisMDeregisterScatterGatherDma);

NDIS_STATUS NTAPI NdisMAllocateNetBufferSGList(NDIS_HANDLE NdisMiniportDmaHandle, PNET_BUFFER NetBuffer, PVOID Context,
                                               ULONG Flags, PVOID ScatterGatherListBuffer,
                                               ULONG ScatterGatherListBufferSize)
{
    (void)NetBuffer;
    (void)Context;
    (void)Flags;
    (void)ScatterGatherListBuffer;
    (void)ScatterGatherListBufferSize;
    bad_handle(NdisMiniportDmaHandle, __func__);
}
NT_EXPORT(NdisMAllocateNetBufferSGList);

VOID NTAPI NdisMFreeNetBufferSGList(NDIS_HANDLE NdisMiniportDmaHandle, PSCATTER_GATHER_LIST pSGL, PNET_BUFFER NetBuffer)
{
    (void)pSGL;
    (void)NetBuffer;
    bad_handle(NdisMiniportDmaHandle, __func__);
}
NT_EXPORT(NdisMFreeNetBufferSGList);

VOID NTAPI NdisMAllocateSharedMemory(NDIS_HANDLE MiniportAdapterHandle, ULONG Length, BOOLEAN Cached,
                                     PVOID *VirtualAddress, PHYSICAL_ADDRESS *PhysicalAddress)
{
    (void)MiniportAdapterHandle;
    (void)Length;
    (void)Cached;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    *VirtualAddress = NULL;
    PhysicalAddress->QuadPart = 0;
}
NT_EXPORT(NdisMAllocateSharedMemory);

NDIS_STATUS NTAPI NdisMAllocateSharedMemoryAsyncEx(NDIS_HANDLE MiniportDmaHandle, ULONG Length, BOOLEAN Cached,
                                                   PVOID Context)
{
    (void)Length;
    (void)Cached;
    (void)Context;
    bad_handle(MiniportDmaHandle, __func__);
}
NT_EXPORT(NdisMAllocateSharedMemoryAsyncEx);

VOID NTAPI NdisMFreeSharedMemory(NDIS_HANDLE MiniportAdapterHandle, ULONG Length, BOOLEAN Cached, PVOID VirtualAddress,
                                 PHYSICAL_ADDRESS PhysicalAddress)
{
    (void)Cached;
    ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x03, (ULONG_PTR)MiniportAdapterHandle, (ULONG_PTR)PhysicalAddress.QuadPart,
                     (ULONG_PTR)VirtualAddress, NULL,
                     "NdisMFreeSharedMemory: the %u bytes at %p are not from NdisMAllocateSharedMemory", Length,
                     VirtualAddress);
}
NT_EXPORT(NdisMFreeSharedMemory);

NDIS_STATUS NTAPI NdisMMapIoSpace(PVOID *VirtualAddress, NDIS_HANDLE MiniportAdapterHandle,
                                  PHYSICAL_ADDRESS PhysicalAddress, UINT Length)
{
    (void)MiniportAdapterHandle;
    (void)PhysicalAddress;
    (void)Length;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    *VirtualAddress = NULL;
    return NDIS_STATUS_RESOURCE_CONFLICT;
}
NT_EXPORT(NdisMMapIoSpace);

VOID NTAPI NdisMUnmapIoSpace(NDIS_HANDLE MiniportAdapterHandle, PVOID VirtualAddress, UINT Length)
{
    (void)MiniportAdapterHandle;
    (void)Length;
    bad_handle(VirtualAddress, __func__);
}
NT_EXPORT(NdisMUnmapIoSpace);

NDIS_STATUS NTAPI NdisMRegisterIoPortRange(PVOID *PortOffset, NDIS_HANDLE MiniportAdapterHandle, UINT InitialPort,
                                           UINT NumberOfPorts)
{
    (void)MiniportAdapterHandle;
    (void)InitialPort;
    (void)NumberOfPorts;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    *PortOffset = NULL;
    return NDIS_STATUS_RESOURCE_CONFLICT;
}
NT_EXPORT(NdisMRegisterIoPortRange);

VOID NTAPI NdisMDeregisterIoPortRange(NDIS_HANDLE MiniportAdapterHandle, UINT InitialPort, UINT NumberOfPorts,
                                      PVOID PortOffset)
{
    (void)MiniportAdapterHandle;
    (void)InitialPort;
    (void)NumberOfPorts;
    bad_handle(PortOffset, __func__);
}
NT_EXPORT(NdisMDeregisterIoPortRange);

/* In bytes, from the device object's AlignmentRequirement, which is one less. */
ULONG NTAPI NdisMGetDmaAlignment(NDIS_HANDLE MiniportAdapterHandle)
{
    PDEVICE_OBJECT device = ndis_handle_device(MiniportAdapterHandle);
    return device ? device->AlignmentRequirement + 1 : 1;
}
NT_EXPORT(NdisMGetDmaAlignment);

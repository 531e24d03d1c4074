/*
 * Processors, as drivers ask for them to spread receive queues. ndiskit has one group, one socket and one NUMA node,
 * whose cores are its virtual processors; receive side scaling may use all of them. Pages:
 * "NdisGetRssProcessorInformation function", "NdisGetProcessorInformationEx function", "NdisGroupActiveProcessorCount
 * function".
 */
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

CCHAR NTAPI NdisSystemProcessorCount(VOID)
{
    return (CCHAR)KeQueryActiveProcessorCountEx(0);
}
NT_EXPORT(NdisSystemProcessorCount);

ULONG NTAPI NdisSystemActiveProcessorCount(PKAFFINITY ActiveProcessors)
{
    if (ActiveProcessors)
        *ActiveProcessors = KeQueryActiveProcessors();
    return KeQueryActiveProcessorCountEx(0);
}
NT_EXPORT(NdisSystemActiveProcessorCount);

ULONG NTAPI NdisGroupActiveProcessorCount(USHORT Group)
{
    return KeQueryActiveProcessorCountEx(Group);
}
NT_EXPORT(NdisGroupActiveProcessorCount);

KAFFINITY NTAPI NdisGroupActiveProcessorMask(USHORT Group)
{
    return KeQueryGroupAffinity(Group);
}
NT_EXPORT(NdisGroupActiveProcessorMask);

ULONG NTAPI NdisGroupMaxProcessorCount(USHORT Group)
{
    return KeQueryMaximumProcessorCountEx(Group);
}
NT_EXPORT(NdisGroupMaxProcessorCount);

USHORT NTAPI NdisActiveGroupCount(VOID)
{
    return KeQueryActiveGroupCount();
}
NT_EXPORT(NdisActiveGroupCount);

USHORT NTAPI NdisMaxGroupCount(VOID)
{
    return KeQueryMaximumGroupCount();
}
NT_EXPORT(NdisMaxGroupCount);

ULONG NTAPI NdisCurrentProcessorIndex(VOID)
{
    return KeGetCurrentProcessorNumberEx(NULL);
}
NT_EXPORT(NdisCurrentProcessorIndex);

PROCESSOR_NUMBER NTAPI NdisCurrentGroupAndProcessor(VOID)
{
    PROCESSOR_NUMBER number;
    KeGetCurrentProcessorNumberEx(&number);
    return number;
}
NT_EXPORT(NdisCurrentGroupAndProcessor);

ULONG NTAPI NdisGetSharedDataAlignment(VOID)
{
    return KeGetRecommendedSharedDataAlignment();
}
NT_EXPORT(NdisGetSharedDataAlignment);

/* A processor is claimed for the moment that it is needed and not accounted for: it is idle as far as we can tell. */
VOID NTAPI NdisGetCurrentProcessorCpuUsage(PULONG pCpuUsage)
{
    *pCpuUsage = 0;
}
NT_EXPORT(NdisGetCurrentProcessorCpuUsage);

VOID NTAPI NdisGetCurrentProcessorCounts(PULONG pIdleCount, PULONG pKernelAndUser, PULONG pIndex)
{
    *pIdleCount = (ULONG)(ke_now() / KE_TIME_INCREMENT);
    *pKernelAndUser = 0;
    *pIndex = KeGetCurrentProcessorNumberEx(NULL);
}
NT_EXPORT(NdisGetCurrentProcessorCounts);

NDIS_STATUS NTAPI NdisGetProcessorInformationEx(NDIS_HANDLE NdisHandle,
                                                PNDIS_SYSTEM_PROCESSOR_INFO_EX SystemProcessorInfo, PSIZE_T Size)
{
    (void)NdisHandle;
    ULONG processors = KeQueryActiveProcessorCountEx(0);
    SIZE_T needed = sizeof(*SystemProcessorInfo) + processors * sizeof(NDIS_PROCESSOR_INFO_EX);
    SIZE_T given = *Size;
    *Size = needed;
    if (!SystemProcessorInfo || given < needed)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    RtlZeroMemory(SystemProcessorInfo, needed);
    *SystemProcessorInfo = (NDIS_SYSTEM_PROCESSOR_INFO_EX){
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_SYSTEM_PROCESSOR_INFO_EX_REVISION_1,
                   NDIS_SIZEOF_SYSTEM_PROCESSOR_INFO_EX_REVISION_1},
        .ProcessorVendor = NdisProcessorVendorUnknown,
        .NumSockets = 1,
        .NumCores = processors,
        .NumCoresPerSocket = processors,
        .MaxHyperThreadingProcsPerCore = 1,
        .ProcessorInfoOffset = sizeof(*SystemProcessorInfo),
        .NumberOfProcessors = processors,
        .ProcessorInfoEntrySize = sizeof(NDIS_PROCESSOR_INFO_EX),
    };
    PNDIS_PROCESSOR_INFO_EX entries = (PNDIS_PROCESSOR_INFO_EX)(SystemProcessorInfo + 1);
    for (ULONG i = 0; i < processors; i++) {
        entries[i].ProcNum.Number = (UCHAR)i;
        entries[i].CoreId = i;
    }
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisGetProcessorInformationEx);

NDIS_STATUS NTAPI NdisGetRssProcessorInformation(NDIS_HANDLE NdisHandle, PNDIS_RSS_PROCESSOR_INFO RssProcessorInfo,
                                                 PSIZE_T Size)
{
    (void)NdisHandle;
    ULONG processors = KeQueryActiveProcessorCountEx(0);
    SIZE_T needed = sizeof(*RssProcessorInfo) + processors * sizeof(NDIS_RSS_PROCESSOR);
    SIZE_T given = *Size;
    *Size = needed;
    if (!RssProcessorInfo || given < needed)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    RtlZeroMemory(RssProcessorInfo, needed);
    *RssProcessorInfo = (NDIS_RSS_PROCESSOR_INFO){
        .Header = {NDIS_OBJECT_TYPE_RSS_PROCESSOR_INFO, NDIS_RSS_PROCESSOR_INFO_REVISION_2,
                   NDIS_SIZEOF_RSS_PROCESSOR_INFO_REVISION_2},
        .MaxNumRssProcessors = processors,
        .RssProcessorArrayOffset = sizeof(*RssProcessorInfo),
        .RssProcessorCount = processors,
        .RssProcessorEntrySize = sizeof(NDIS_RSS_PROCESSOR),
        .RssMaxProcessor = {.Number = (UCHAR)(processors - 1)},
        .RssProfile = NdisRssProfileClosest,
    };
    PNDIS_RSS_PROCESSOR entries = (PNDIS_RSS_PROCESSOR)(RssProcessorInfo + 1);
    for (ULONG i = 0; i < processors; i++)
        entries[i].ProcNum.Number = (UCHAR)i;
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisGetRssProcessorInformation);

NDIS_STATUS NTAPI NdisGetHypervisorInfo(PNDIS_HYPERVISOR_INFO HypervisorInfo)
{
    if (HypervisorInfo->Header.Size < NDIS_SIZEOF_HYPERVISOR_INFO_REVISION_1)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    HypervisorInfo->Flags = 0;
    HypervisorInfo->PartitionType = NdisHypervisorPartitionTypeUnknown;
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisGetHypervisorInfo);

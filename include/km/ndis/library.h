/*
 * The services of the NDIS library that every kind of driver uses: memory, strings, locks, events, timers, work items,
 * configuration, time, processors, and the short names for Rtl functions. Where Windows has a macro, so have we: such a
 * name is not an import of the driver.
 */
#ifndef NDISKIT_NDIS_LIBRARY_H
#define NDISKIT_NDIS_LIBRARY_H

#include <ndis/common.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Memory. IRQL <= DISPATCH_LEVEL. Pages: "NdisAllocateMemoryWithTagPriority function" and siblings. */
#define NdisZeroMemory(Destination, Length)         RtlZeroMemory(Destination, Length)
#define NdisFillMemory(Destination, Length, Fill)   RtlFillMemory(Destination, Length, Fill)
#define NdisMoveMemory(Destination, Source, Length) RtlCopyMemory(Destination, Source, Length)
#define NdisEqualMemory(Source1, Source2, Length)   RtlEqualMemory(Source1, Source2, Length)
#define NdisZeroMappedMemory(Destination, Length)   RtlZeroMemory(Destination, Length)
#define NdisMoveMappedMemory(Destination, Source, Length) RtlCopyMemory(Destination, Source, Length)
#define NdisMoveToMappedMemory(Destination, Source, Length) NdisMoveMappedMemory(Destination, Source, Length)
#define NdisMoveFromMappedMemory(Destination, Source, Length) NdisMoveMappedMemory(Destination, Source, Length)
#define NdisRetrieveUlong(Destination, Source)      RtlRetrieveUlong(Destination, Source)
#define NdisStoreUlong(Destination, Value)          RtlStoreUlong(Destination, Value)

NDISAPI PVOID NTAPI NdisAllocateMemoryWithTagPriority(_In_ NDIS_HANDLE NdisHandle, _In_ UINT Length, _In_ ULONG Tag,
                                                      _In_ EX_POOL_PRIORITY Priority);
#if NDIS_SUPPORT_NDIS630 || !defined(NDISKIT_PE)
NDISAPI VOID NTAPI NdisFreeMemoryWithTagPriority(_In_ NDIS_HANDLE NdisHandle, _In_ PVOID VirtualAddress, _In_ ULONG Tag);
#endif
NDISAPI NDIS_STATUS NTAPI NdisAllocateMemoryWithTag(_Outptr_ PVOID *VirtualAddress, _In_ UINT Length, _In_ ULONG Tag);
NDISAPI VOID NTAPI NdisFreeMemoryWithTag(_In_ PVOID VirtualAddress, _In_ ULONG Tag);
NDISAPI VOID NTAPI NdisFreeMemory(_In_ PVOID VirtualAddress, _In_ UINT Length, _In_ UINT MemoryFlags);
#define NDIS_MEMORY_CONTIGUOUS 0x00000001
#define NDIS_MEMORY_NONCACHED  0x00000002
NDISAPI PNDIS_GENERIC_OBJECT NTAPI NdisAllocateGenericObject(_In_opt_ PDRIVER_OBJECT DriverObject, _In_ ULONG Tag,
                                                             _In_ USHORT Size);
NDISAPI VOID NTAPI NdisFreeGenericObject(_In_ PNDIS_GENERIC_OBJECT NdisObject);
NDISAPI NDIS_STATUS NTAPI NdisAllocateCloneOidRequest(_In_ NDIS_HANDLE SourceHandle, _In_ PNDIS_OID_REQUEST OidRequest,
                                                      _In_ UINT PoolTag, _Outptr_ PNDIS_OID_REQUEST *ClonedOidRequest);
NDISAPI VOID NTAPI NdisFreeCloneOidRequest(_In_ NDIS_HANDLE SourceHandle, _In_ PNDIS_OID_REQUEST Request);
#define NdisInitializeNPagedLookasideList(_L, _AR, _FR, _Fl, _S, _T, _D) \
    ExInitializeNPagedLookasideList(_L, _AR, _FR, _Fl, _S, _T, _D)
#define NdisDeleteNPagedLookasideList(_L)       ExDeleteNPagedLookasideList(_L)
#define NdisAllocateFromNPagedLookasideList(_L) ExAllocateFromNPagedLookasideList(_L)
#define NdisFreeToNPagedLookasideList(_L, _E)   ExFreeToNPagedLookasideList(_L, _E)
#define NdisGetPhysicalAddressHigh(_PhysicalAddress)  ((_PhysicalAddress).HighPart)
#define NdisSetPhysicalAddressHigh(_PhysicalAddress, _Value) (((_PhysicalAddress).HighPart) = (_Value))
#define NdisGetPhysicalAddressLow(_PhysicalAddress)   ((_PhysicalAddress).LowPart)
#define NdisSetPhysicalAddressLow(_PhysicalAddress, _Value) (((_PhysicalAddress).LowPart) = (_Value))
typedef PHYSICAL_ADDRESS NDIS_PHYSICAL_ADDRESS, *PNDIS_PHYSICAL_ADDRESS;
#define NDIS_PHYSICAL_ADDRESS_CONST(_Low, _High) {{(ULONG)(_Low), (LONG)(_High)}}
#ifndef NdisAdjustMdlLength
#define NdisAdjustMdlLength(_Mdl, _Length) (((_Mdl)->ByteCount) = (_Length))
#endif

/* ---- Strings. PASSIVE_LEVEL. */
#define NDIS_STRING_CONST(x) {sizeof(L##x) - sizeof(WCHAR), sizeof(L##x), (PWCH)L##x}
NDISAPI VOID NTAPI NdisInitializeString(_Out_ PNDIS_STRING Destination, _In_ PUCHAR Source);
#define NdisFreeString(String)                  NdisFreeMemory((String).Buffer, (String).MaximumLength, 0)
NDISAPI VOID NTAPI NdisInitUnicodeString(_Out_ PNDIS_STRING DestinationString, _In_opt_ PCWSTR SourceString);
NDISAPI VOID NTAPI NdisInitAnsiString(_Out_ PANSI_STRING DestinationString, _In_opt_ PCSTR SourceString);
NDISAPI BOOLEAN NTAPI NdisEqualString(_In_ PNDIS_STRING String1, _In_ PNDIS_STRING String2, _In_ BOOLEAN CaseInsensitive);
NDISAPI NDIS_STATUS NTAPI NdisAnsiStringToUnicodeString(_Inout_ PUNICODE_STRING DestinationString,
                                                        _In_ PANSI_STRING SourceString);
NDISAPI NDIS_STATUS NTAPI NdisUnicodeStringToAnsiString(_Inout_ PANSI_STRING DestinationString,
                                                        _In_ PUNICODE_STRING SourceString);
NDISAPI NDIS_STATUS NTAPI NdisUpcaseUnicodeString(_Out_ PUNICODE_STRING DestinationString,
                                                  _In_ PUNICODE_STRING SourceString);
#define NdisInitUnicodeString(_us, s)               RtlInitUnicodeString(_us, s)
#define NdisInitAnsiString(_as, s)                  RtlInitAnsiString(_as, s)
#define NdisEqualString(_String1, _String2, _CaseInsensitive) RtlEqualUnicodeString(_String1, _String2, _CaseInsensitive)
#define NdisEqualUnicodeString(_String1, _String2, _CaseInsensitive) \
    RtlEqualUnicodeString(_String1, _String2, _CaseInsensitive)
#define NdisAnsiStringToUnicodeString(_us, _as)     RtlAnsiStringToUnicodeString(_us, _as, FALSE)
#define NdisUnicodeStringToAnsiString(_as, _us)     RtlUnicodeStringToAnsiString(_as, _us, FALSE)
#define NdisUpcaseUnicodeString(_d, _s)             RtlUpcaseUnicodeString(_d, _s, FALSE)

/* ---- Spin locks. Pages: "NdisAcquireSpinLock function" and siblings. */
typedef struct _NDIS_SPIN_LOCK {
    KSPIN_LOCK SpinLock;
    KIRQL OldIrql;
} NDIS_SPIN_LOCK, *PNDIS_SPIN_LOCK;
NDISAPI VOID NTAPI NdisAllocateSpinLock(_Out_ PNDIS_SPIN_LOCK SpinLock);
NDISAPI VOID NTAPI NdisFreeSpinLock(_In_ PNDIS_SPIN_LOCK SpinLock);
NDISAPI VOID NTAPI NdisAcquireSpinLock(_In_ PNDIS_SPIN_LOCK SpinLock);
NDISAPI VOID NTAPI NdisReleaseSpinLock(_In_ PNDIS_SPIN_LOCK SpinLock);
NDISAPI VOID NTAPI NdisDprAcquireSpinLock(_In_ PNDIS_SPIN_LOCK SpinLock);
NDISAPI VOID NTAPI NdisDprReleaseSpinLock(_In_ PNDIS_SPIN_LOCK SpinLock);
#define NdisAllocateSpinLock(_SpinLock) KeInitializeSpinLock(&(_SpinLock)->SpinLock)
#define NdisFreeSpinLock(_SpinLock)     ((void)(_SpinLock))
#define NdisAcquireSpinLock(_SpinLock)  ((_SpinLock)->OldIrql = KeAcquireSpinLockRaiseToDpc(&(_SpinLock)->SpinLock))
#define NdisReleaseSpinLock(_SpinLock)  KeReleaseSpinLock(&(_SpinLock)->SpinLock, (_SpinLock)->OldIrql)
#define NdisDprAcquireSpinLock(_SpinLock) KeAcquireSpinLockAtDpcLevel(&(_SpinLock)->SpinLock)
#define NdisDprReleaseSpinLock(_SpinLock) KeReleaseSpinLockFromDpcLevel(&(_SpinLock)->SpinLock)

#define NDIS_INIT_MUTEX(_M_)     KeInitializeMutex(_M_, 0xFFFF)
#define NDIS_WAIT_FOR_MUTEX(_M_) KeWaitForSingleObject(_M_, Executive, KernelMode, FALSE, NULL)
#define NDIS_RELEASE_MUTEX(_M_)  KeReleaseMutex(_M_, FALSE)
typedef KMUTEX NDIS_MUTEX, *PNDIS_MUTEX;
#define NDIS_CURRENT_IRQL()                    KeGetCurrentIrql()
#define NDIS_RAISE_IRQL_TO_DISPATCH(_pIrql_)   KeRaiseIrql(DISPATCH_LEVEL, _pIrql_)
#define NDIS_LOWER_IRQL(_OldIrql_, _CurIrql_)  do { if ((_OldIrql_) != (_CurIrql_)) KeLowerIrql(_OldIrql_); } while (0)

/* ---- Interlocked operations and lists. Any IRQL. */
#define NdisInterlockedIncrement(Addend)  InterlockedIncrement(Addend)
#define NdisInterlockedDecrement(Addend)  InterlockedDecrement(Addend)
#define NdisInterlockedAddUlong(_Addend, _Increment, _SpinLock) \
    ExInterlockedAddUlong(_Addend, _Increment, &(_SpinLock)->SpinLock)
#define NdisInterlockedAddLargeStatistic(_Addend, _Increment) \
    ExInterlockedAddLargeStatistic((PLARGE_INTEGER)(_Addend), _Increment)
#define NdisInitializeListHead(_ListHead) InitializeListHead(_ListHead)
#define NdisInterlockedInsertHeadList(_ListHead, _ListEntry, _SpinLock) \
    ExInterlockedInsertHeadList(_ListHead, _ListEntry, &(_SpinLock)->SpinLock)
#define NdisInterlockedInsertTailList(_ListHead, _ListEntry, _SpinLock) \
    ExInterlockedInsertTailList(_ListHead, _ListEntry, &(_SpinLock)->SpinLock)
#define NdisInterlockedRemoveHeadList(_ListHead, _SpinLock) \
    ExInterlockedRemoveHeadList(_ListHead, &(_SpinLock)->SpinLock)
#define NdisInitializeSListHead(SListHead)  ExInitializeSListHead(SListHead)
#define NdisInterlockedPushEntrySList(SListHead, SListEntry, Lock) \
    ExInterlockedPushEntrySList(SListHead, SListEntry, &(Lock)->SpinLock)
#define NdisInterlockedPopEntrySList(SListHead, Lock) ExInterlockedPopEntrySList(SListHead, &(Lock)->SpinLock)
#define NdisQueryDepthSList(SListHead)      ExQueryDepthSList(SListHead)

/* ---- Read-write locks. Pages: "NdisAcquireRWLockRead function" (6.20), "NdisAcquireReadWriteLock function" (before). */
typedef union _NDIS_RW_LOCK_REFCOUNT {
    UINT RefCount;
    UCHAR cacheLine[16];
} NDIS_RW_LOCK_REFCOUNT;
#ifndef MAXIMUM_PROCESSORS
#define MAXIMUM_PROCESSORS 64
#endif
typedef struct _NDIS_RW_LOCK {
    union {
        struct {
            KSPIN_LOCK SpinLock;
            PVOID Context;
        };
        UCHAR Reserved[16];
    };
    union {
        NDIS_RW_LOCK_REFCOUNT RefCount[MAXIMUM_PROCESSORS];
        ULONG RefCountEx[sizeof(NDIS_RW_LOCK_REFCOUNT) / sizeof(ULONG) * MAXIMUM_PROCESSORS];
        struct {
            KSPIN_LOCK RefCountLock;
            volatile ULONG SharedRefCount;
            volatile BOOLEAN WriterWaiting;
        };
    };
} NDIS_RW_LOCK, *PNDIS_RW_LOCK;
typedef struct _LOCK_STATE {
    USHORT LockState;
    KIRQL OldIrql;
} LOCK_STATE, *PLOCK_STATE;
NDISAPI VOID NTAPI NdisInitializeReadWriteLock(_Out_ PNDIS_RW_LOCK Lock);
NDISAPI VOID NTAPI NdisAcquireReadWriteLock(_Inout_ PNDIS_RW_LOCK Lock, _In_ BOOLEAN fWrite, _Out_ PLOCK_STATE LockState);
NDISAPI VOID NTAPI NdisReleaseReadWriteLock(_Inout_ PNDIS_RW_LOCK Lock, _In_ PLOCK_STATE LockState);
NDISAPI VOID NTAPI NdisDprAcquireReadWriteLock(_Inout_ PNDIS_RW_LOCK Lock, _In_ BOOLEAN fWrite,
                                               _Out_ PLOCK_STATE LockState);
NDISAPI VOID NTAPI NdisDprReleaseReadWriteLock(_Inout_ PNDIS_RW_LOCK Lock, _In_ PLOCK_STATE LockState);
#if NDIS_SUPPORT_NDIS620
typedef struct _NDIS_RW_LOCK_EX NDIS_RW_LOCK_EX, *PNDIS_RW_LOCK_EX;
typedef struct _LOCK_STATE_EX {
    KIRQL OldIrql;
    UCHAR LockState;
    UCHAR Flags;
} LOCK_STATE_EX, *PLOCK_STATE_EX;
#define NDIS_RWL_AT_DISPATCH_LEVEL 1
NDISAPI PNDIS_RW_LOCK_EX NTAPI NdisAllocateRWLock(_In_ NDIS_HANDLE NdisHandle);
NDISAPI VOID NTAPI NdisFreeRWLock(_In_ PNDIS_RW_LOCK_EX Lock);
NDISAPI VOID NTAPI NdisAcquireRWLockRead(_In_ PNDIS_RW_LOCK_EX Lock, _Out_ PLOCK_STATE_EX LockState, _In_ UCHAR Flags);
NDISAPI VOID NTAPI NdisAcquireRWLockWrite(_In_ PNDIS_RW_LOCK_EX Lock, _Out_ PLOCK_STATE_EX LockState, _In_ UCHAR Flags);
NDISAPI VOID NTAPI NdisReleaseRWLock(_In_ PNDIS_RW_LOCK_EX Lock, _In_ PLOCK_STATE_EX LockState);
#endif

/* ---- Events and time. */
typedef struct _NDIS_EVENT {
    KEVENT Event;
} NDIS_EVENT, *PNDIS_EVENT;
NDISAPI VOID NTAPI NdisInitializeEvent(_Out_ PNDIS_EVENT Event);
NDISAPI VOID NTAPI NdisSetEvent(_In_ PNDIS_EVENT Event);
NDISAPI VOID NTAPI NdisResetEvent(_In_ PNDIS_EVENT Event);
/* PASSIVE_LEVEL; MsToWait 0 waits for ever. TRUE when the event was set. */
NDISAPI BOOLEAN NTAPI NdisWaitEvent(_In_ PNDIS_EVENT Event, _In_ UINT MsToWait);
NDISAPI VOID NTAPI NdisMSleep(_In_ ULONG MicrosecondsToSleep);
#define NdisStallExecution(MicroSecondsToStall) KeStallExecutionProcessor(MicroSecondsToStall)
NDISAPI VOID NTAPI NdisGetCurrentSystemTime(_Out_ PLARGE_INTEGER pCurrentTime);
#define NdisGetCurrentSystemTime(_pSystemTime) KeQuerySystemTime(_pSystemTime)
NDISAPI VOID NTAPI NdisGetSystemUpTime(_Out_ PULONG pSystemUpTime);
/* Milliseconds since boot. */
NDISAPI VOID NTAPI NdisGetSystemUpTimeEx(_Out_ PLARGE_INTEGER pSystemUpTime);

/* ---- Timers. Callbacks at DISPATCH_LEVEL. Page: "NdisAllocateTimerObject function". */
typedef VOID(NTAPI NDIS_TIMER_FUNCTION)(_In_ PVOID SystemSpecific1, _In_ PVOID FunctionContext,
                                        _In_ PVOID SystemSpecific2, _In_ PVOID SystemSpecific3);
typedef NDIS_TIMER_FUNCTION(*PNDIS_TIMER_FUNCTION);
#define NDIS_TIMER_CHARACTERISTICS_REVISION_1 1
typedef struct _NDIS_TIMER_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG AllocationTag;
    PNDIS_TIMER_FUNCTION TimerFunction;
    PVOID FunctionContext;
} NDIS_TIMER_CHARACTERISTICS, *PNDIS_TIMER_CHARACTERISTICS;
#define NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_TIMER_CHARACTERISTICS, FunctionContext)
NDISAPI NDIS_STATUS NTAPI NdisAllocateTimerObject(_In_ NDIS_HANDLE NdisHandle,
                                                  _In_ PNDIS_TIMER_CHARACTERISTICS TimerCharacteristics,
                                                  _Out_ PNDIS_HANDLE pTimerObject);
NDISAPI VOID NTAPI NdisFreeTimerObject(_In_ NDIS_HANDLE TimerObject);
NDISAPI BOOLEAN NTAPI NdisSetTimerObject(_In_ NDIS_HANDLE TimerObject, _In_ LARGE_INTEGER DueTime,
                                         _In_opt_ LONG MillisecondsPeriod, _In_opt_ PVOID FunctionContext);
NDISAPI BOOLEAN NTAPI NdisSetCoalescableTimerObject(_In_ NDIS_HANDLE TimerObject, _In_ LARGE_INTEGER DueTime,
                                                    _In_opt_ LONG MillisecondsPeriod, _In_opt_ PVOID FunctionContext,
                                                    _In_opt_ ULONG Tolerance);
NDISAPI BOOLEAN NTAPI NdisCancelTimerObject(_In_ NDIS_HANDLE TimerObject);

/* ---- Work items. Callbacks at PASSIVE_LEVEL. Page: "NdisQueueIoWorkItem function". */
typedef VOID(NTAPI NDIS_IO_WORKITEM)(_In_opt_ PVOID WorkItemContext, _In_ NDIS_HANDLE NdisIoWorkItemHandle);
typedef NDIS_IO_WORKITEM(*NDIS_IO_WORKITEM_ROUTINE);
typedef NDIS_IO_WORKITEM NDIS_IO_WORKITEM_FUNCTION;
NDISAPI NDIS_HANDLE NTAPI NdisAllocateIoWorkItem(_In_ NDIS_HANDLE NdisObjectHandle);
NDISAPI VOID NTAPI NdisQueueIoWorkItem(_In_ NDIS_HANDLE NdisIoWorkItemHandle, _In_ NDIS_IO_WORKITEM_ROUTINE Routine,
                                       _In_opt_ PVOID WorkItemContext);
NDISAPI VOID NTAPI NdisFreeIoWorkItem(_In_ NDIS_HANDLE NdisIoWorkItemHandle);
/* The older form, still used by 6.x drivers. */
struct _NDIS_WORK_ITEM;
typedef VOID(NTAPI NDIS_PROC_)(struct _NDIS_WORK_ITEM *WorkItem, PVOID Context);
typedef NDIS_PROC_(*NDIS_PROC);
typedef struct _NDIS_WORK_ITEM {
    PVOID Context;
    NDIS_PROC Routine;
    UCHAR WrapperReserved[8 * sizeof(PVOID)];
} NDIS_WORK_ITEM, *PNDIS_WORK_ITEM;
#define NdisInitializeWorkItem(_WI_, _R_, _C_) ((_WI_)->Context = (_C_), (_WI_)->Routine = (_R_))
NDISAPI NDIS_STATUS NTAPI NdisScheduleWorkItem(_In_ PNDIS_WORK_ITEM WorkItem);

/* ---- Configuration: the adapter's (or protocol's) registry key. PASSIVE_LEVEL. */
typedef enum _NDIS_PARAMETER_TYPE {
    NdisParameterInteger,
    NdisParameterHexInteger,
    NdisParameterString,
    NdisParameterMultiString,
    NdisParameterBinary
} NDIS_PARAMETER_TYPE, *PNDIS_PARAMETER_TYPE;
typedef struct {
    USHORT Length;
    PVOID Buffer;
} BINARY_DATA;
typedef struct _NDIS_CONFIGURATION_PARAMETER {
    NDIS_PARAMETER_TYPE ParameterType;
    union {
        ULONG IntegerData;
        NDIS_STRING StringData;
        BINARY_DATA BinaryData;
    } ParameterData;
} NDIS_CONFIGURATION_PARAMETER, *PNDIS_CONFIGURATION_PARAMETER;
#define NDIS_CONFIGURATION_OBJECT_REVISION_1 1
typedef struct _NDIS_CONFIGURATION_OBJECT {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE NdisHandle;
    ULONG Flags;
} NDIS_CONFIGURATION_OBJECT, *PNDIS_CONFIGURATION_OBJECT;
#define NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_CONFIGURATION_OBJECT, Flags)
#define NDIS_CONFIG_FLAG_FILTER_INSTANCE_CONFIGURATION 0x00000001
NDISAPI NDIS_STATUS NTAPI NdisOpenConfigurationEx(_In_ PNDIS_CONFIGURATION_OBJECT ConfigObject,
                                                  _Out_ PNDIS_HANDLE ConfigurationHandle);
NDISAPI VOID NTAPI NdisCloseConfiguration(_In_ NDIS_HANDLE ConfigurationHandle);
NDISAPI VOID NTAPI NdisReadConfiguration(_Out_ PNDIS_STATUS Status, _Out_ PNDIS_CONFIGURATION_PARAMETER *ParameterValue,
                                         _In_ NDIS_HANDLE ConfigurationHandle, _In_ PNDIS_STRING Keyword,
                                         _In_ NDIS_PARAMETER_TYPE ParameterType);
NDISAPI VOID NTAPI NdisWriteConfiguration(_Out_ PNDIS_STATUS Status, _In_ NDIS_HANDLE ConfigurationHandle,
                                          _In_ PNDIS_STRING Keyword, _In_ PNDIS_CONFIGURATION_PARAMETER ParameterValue);
NDISAPI VOID NTAPI NdisReadNetworkAddress(_Out_ PNDIS_STATUS Status, _Outptr_ PVOID *NetworkAddress,
                                          _Out_ PUINT NetworkAddressLength, _In_ NDIS_HANDLE ConfigurationHandle);
NDISAPI VOID NTAPI NdisOpenConfigurationKeyByName(_Out_ PNDIS_STATUS Status, _In_ NDIS_HANDLE ConfigurationHandle,
                                                  _In_ PNDIS_STRING SubKeyName, _Out_ PNDIS_HANDLE SubKeyHandle);
NDISAPI VOID NTAPI NdisOpenConfigurationKeyByIndex(_Out_ PNDIS_STATUS Status, _In_ NDIS_HANDLE ConfigurationHandle,
                                                   _In_ ULONG Index, _Out_ PNDIS_STRING KeyName,
                                                   _Out_ PNDIS_HANDLE KeyHandle);
NDISAPI VOID NTAPI NdisOpenProtocolConfiguration(_Out_ PNDIS_STATUS Status, _Out_ PNDIS_HANDLE ConfigurationHandle,
                                                 _In_ PNDIS_STRING ProtocolSection);

/* ---- Event log. IRQL <= DISPATCH_LEVEL. */
typedef ULONG NDIS_ERROR_CODE, *PNDIS_ERROR_CODE;
#define NDIS_ERROR_CODE_RESOURCE_CONFLICT               ((NDIS_ERROR_CODE)0xC0001388)
#define NDIS_ERROR_CODE_OUT_OF_RESOURCES                ((NDIS_ERROR_CODE)0xC0001389)
#define NDIS_ERROR_CODE_HARDWARE_FAILURE                ((NDIS_ERROR_CODE)0xC000138A)
#define NDIS_ERROR_CODE_ADAPTER_NOT_FOUND               ((NDIS_ERROR_CODE)0xC000138B)
#define NDIS_ERROR_CODE_INTERRUPT_CONNECT               ((NDIS_ERROR_CODE)0xC000138C)
#define NDIS_ERROR_CODE_DRIVER_FAILURE                  ((NDIS_ERROR_CODE)0xC000138D)
#define NDIS_ERROR_CODE_BAD_VERSION                     ((NDIS_ERROR_CODE)0xC000138E)
#define NDIS_ERROR_CODE_TIMEOUT                         ((NDIS_ERROR_CODE)0x8000138F)
#define NDIS_ERROR_CODE_NETWORK_ADDRESS                 ((NDIS_ERROR_CODE)0xC0001390)
#define NDIS_ERROR_CODE_UNSUPPORTED_CONFIGURATION       ((NDIS_ERROR_CODE)0xC0001391)
#define NDIS_ERROR_CODE_INVALID_VALUE_FROM_ADAPTER      ((NDIS_ERROR_CODE)0xC0001392)
#define NDIS_ERROR_CODE_MISSING_CONFIGURATION_PARAMETER ((NDIS_ERROR_CODE)0xC0001393)
#define NDIS_ERROR_CODE_BAD_IO_BASE_ADDRESS             ((NDIS_ERROR_CODE)0xC0001394)
#define NDIS_ERROR_CODE_RECEIVE_SPACE_SMALL             ((NDIS_ERROR_CODE)0x40001395)
#define NDIS_ERROR_CODE_ADAPTER_DISABLED                ((NDIS_ERROR_CODE)0x80001396)
#ifdef NDISKIT_PE
NDISAPI VOID NdisWriteErrorLogEntry(_In_ NDIS_HANDLE NdisAdapterHandle, _In_ NDIS_ERROR_CODE ErrorCode,
                                    _In_ ULONG NumberOfErrorValues, ...);
#else
NDISAPI VOID NTAPI NdisWriteErrorLogEntry(_In_ NDIS_HANDLE NdisAdapterHandle, _In_ NDIS_ERROR_CODE ErrorCode,
                                          _In_ ULONG NumberOfErrorValues, ...);
#endif
NDISAPI NDIS_STATUS NTAPI NdisWriteEventLogEntry(_In_ PVOID LogHandle, _In_ NDIS_STATUS EventCode,
                                                 _In_ ULONG UniqueEventValue, _In_ USHORT NumStrings,
                                                 _In_opt_ PVOID StringsList, _In_ ULONG DataSize, _In_opt_ PVOID Data);

/* ---- Processors. */
NDISAPI CCHAR NTAPI NdisSystemProcessorCount(VOID);
NDISAPI ULONG NTAPI NdisSystemActiveProcessorCount(_Out_opt_ PKAFFINITY ActiveProcessors);
#if NDIS_SUPPORT_NDIS620
struct _NDIS_SYSTEM_PROCESSOR_INFO_EX;
struct _NDIS_RSS_PROCESSOR_INFO;
NDISAPI ULONG NTAPI NdisGroupActiveProcessorCount(_In_ USHORT Group);
NDISAPI KAFFINITY NTAPI NdisGroupActiveProcessorMask(_In_ USHORT Group);
NDISAPI ULONG NTAPI NdisGroupMaxProcessorCount(_In_ USHORT Group);
NDISAPI USHORT NTAPI NdisActiveGroupCount(VOID);
NDISAPI USHORT NTAPI NdisMaxGroupCount(VOID);
NDISAPI ULONG NTAPI NdisCurrentProcessorIndex(VOID);
NDISAPI PROCESSOR_NUMBER NTAPI NdisCurrentGroupAndProcessor(VOID);
NDISAPI NDIS_STATUS NTAPI NdisGetProcessorInformationEx(_In_opt_ NDIS_HANDLE NdisHandle,
                                                        _Out_opt_ struct _NDIS_SYSTEM_PROCESSOR_INFO_EX *SystemProcessorInfo,
                                                        _Inout_ PSIZE_T Size);
NDISAPI NDIS_STATUS NTAPI NdisGetRssProcessorInformation(_In_ NDIS_HANDLE NdisHandle,
                                                         _Out_opt_ struct _NDIS_RSS_PROCESSOR_INFO *RssProcessorInfo,
                                                         _Inout_ PSIZE_T Size);
#endif
NDISAPI ULONG NTAPI NdisGetSharedDataAlignment(VOID);
NDISAPI VOID NTAPI NdisGetCurrentProcessorCpuUsage(_Out_ PULONG pCpuUsage);
NDISAPI VOID NTAPI NdisGetCurrentProcessorCounts(_Out_ PULONG pIdleCount, _Out_ PULONG pKernelAndUser,
                                                 _Out_ PULONG pIndex);
struct _NDIS_HYPERVISOR_INFO;
NDISAPI NDIS_STATUS NTAPI NdisGetHypervisorInfo(_Inout_ struct _NDIS_HYPERVISOR_INFO *HypervisorInfo);
NDISAPI PVOID NTAPI NdisGetRoutineAddress(_In_ PNDIS_STRING NdisRoutineName);

/* ---- Registers mapped by NdisMMapIoSpace. */
#define NdisReadRegisterUchar(Register, Data)   (*(Data) = READ_REGISTER_UCHAR((PUCHAR)(Register)))
#define NdisReadRegisterUshort(Register, Data)  (*(Data) = READ_REGISTER_USHORT((PUSHORT)(Register)))
#define NdisReadRegisterUlong(Register, Data)   (*(Data) = READ_REGISTER_ULONG((PULONG)(Register)))
#define NdisWriteRegisterUchar(Register, Data)  WRITE_REGISTER_UCHAR((PUCHAR)(Register), (Data))
#define NdisWriteRegisterUshort(Register, Data) WRITE_REGISTER_USHORT((PUSHORT)(Register), (Data))
#define NdisWriteRegisterUlong(Register, Data)  WRITE_REGISTER_ULONG((PULONG)(Register), (Data))

#ifdef __cplusplus
}
#endif

#endif

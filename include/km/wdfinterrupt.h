/*
 * Interrupts of a device, with the lock, the DPC or work item and the enable and disable callbacks that belong to each.
 * A miniport leaves interrupts to its port driver: WdfInterruptCreate refuses its device.
 */
#ifndef _WDFINTERRUPT_H_
#define _WDFINTERRUPT_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef enum _WDF_INTERRUPT_POLARITY {
    WdfInterruptPolarityUnknown = 0,
    WdfInterruptActiveHigh,
    WdfInterruptActiveLow
} WDF_INTERRUPT_POLARITY;

typedef enum _WDF_INTERRUPT_POLICY {
    WdfIrqPolicyMachineDefault = 0,
    WdfIrqPolicyAllCloseProcessors,
    WdfIrqPolicyOneCloseProcessor,
    WdfIrqPolicyAllProcessorsInMachine,
    WdfIrqPolicySpecifiedProcessors,
    WdfIrqPolicySpreadMessagesAcrossAllProcessors
} WDF_INTERRUPT_POLICY,
    *PWDF_INTERRUPT_POLICY;

typedef enum _WDF_INTERRUPT_PRIORITY {
    WdfIrqPriorityUndefined = 0,
    WdfIrqPriorityLow,
    WdfIrqPriorityNormal,
    WdfIrqPriorityHigh
} WDF_INTERRUPT_PRIORITY,
    *PWDF_INTERRUPT_PRIORITY;

/* At DIRQL (PASSIVE_LEVEL for passive-level handling), with the interrupt's lock held. */
typedef BOOLEAN NTAPI EVT_WDF_INTERRUPT_ISR(_In_ WDFINTERRUPT Interrupt, _In_ ULONG MessageID);
typedef EVT_WDF_INTERRUPT_ISR *PFN_WDF_INTERRUPT_ISR;

typedef BOOLEAN NTAPI EVT_WDF_INTERRUPT_SYNCHRONIZE(_In_ WDFINTERRUPT Interrupt, _In_ WDFCONTEXT Context);
typedef EVT_WDF_INTERRUPT_SYNCHRONIZE *PFN_WDF_INTERRUPT_SYNCHRONIZE;

typedef VOID NTAPI EVT_WDF_INTERRUPT_DPC(_In_ WDFINTERRUPT Interrupt, _In_ WDFOBJECT AssociatedObject);
typedef EVT_WDF_INTERRUPT_DPC *PFN_WDF_INTERRUPT_DPC;

typedef VOID NTAPI EVT_WDF_INTERRUPT_WORKITEM(_In_ WDFINTERRUPT Interrupt, _In_ WDFOBJECT AssociatedObject);
typedef EVT_WDF_INTERRUPT_WORKITEM *PFN_WDF_INTERRUPT_WORKITEM;

typedef NTSTATUS NTAPI EVT_WDF_INTERRUPT_ENABLE(_In_ WDFINTERRUPT Interrupt, _In_ WDFDEVICE AssociatedDevice);
typedef EVT_WDF_INTERRUPT_ENABLE *PFN_WDF_INTERRUPT_ENABLE;

typedef NTSTATUS NTAPI EVT_WDF_INTERRUPT_DISABLE(_In_ WDFINTERRUPT Interrupt, _In_ WDFDEVICE AssociatedDevice);
typedef EVT_WDF_INTERRUPT_DISABLE *PFN_WDF_INTERRUPT_DISABLE;

typedef struct _WDF_INTERRUPT_CONFIG {
    ULONG Size;
    WDFSPINLOCK SpinLock; /* the driver's, or NULL for one of the framework's own */
    WDF_TRI_STATE ShareVector;
    BOOLEAN FloatingSave;
    BOOLEAN AutomaticSerialization;
    PFN_WDF_INTERRUPT_ISR EvtInterruptIsr;
    PFN_WDF_INTERRUPT_DPC EvtInterruptDpc;
    PFN_WDF_INTERRUPT_ENABLE EvtInterruptEnable;
    PFN_WDF_INTERRUPT_DISABLE EvtInterruptDisable;
#if KMDF_VERSION_MINOR >= 11
    PFN_WDF_INTERRUPT_WORKITEM EvtInterruptWorkItem;
    PCM_PARTIAL_RESOURCE_DESCRIPTOR InterruptRaw;
    PCM_PARTIAL_RESOURCE_DESCRIPTOR InterruptTranslated;
    WDFWAITLOCK WaitLock;
    BOOLEAN PassiveHandling;
    WDF_TRI_STATE ReportInactiveOnPowerDown;
#endif
#if KMDF_VERSION_MINOR >= 13
    BOOLEAN CanWakeDevice;
#endif
} WDF_INTERRUPT_CONFIG, *PWDF_INTERRUPT_CONFIG;

NDISKIT_INLINE VOID WDF_INTERRUPT_CONFIG_INIT(_Out_ PWDF_INTERRUPT_CONFIG Configuration,
                                              _In_ PFN_WDF_INTERRUPT_ISR EvtInterruptIsr,
                                              _In_opt_ PFN_WDF_INTERRUPT_DPC EvtInterruptDpc)
{
    RtlZeroMemory(Configuration, sizeof(*Configuration));
    Configuration->Size = sizeof(*Configuration);
    Configuration->ShareVector = WdfUseDefault;
    Configuration->EvtInterruptIsr = EvtInterruptIsr;
    Configuration->EvtInterruptDpc = EvtInterruptDpc;
#if KMDF_VERSION_MINOR >= 11
    Configuration->ReportInactiveOnPowerDown = WdfUseDefault;
#endif
}

/* Group, which KMDF 1.9 added, starts eight bytes of its own, so that the structure's size tells it from the one
 * of 1.7. */
typedef struct _WDF_INTERRUPT_INFO {
    ULONG Size;
    ULONG64 Reserved1;
    KAFFINITY TargetProcessorSet;
    ULONG Reserved2;
    ULONG MessageNumber;
    ULONG Vector;
    KIRQL Irql;
    KINTERRUPT_MODE Mode;
    WDF_INTERRUPT_POLARITY Polarity;
    BOOLEAN MessageSignaled;
    UCHAR ShareDisposition;
    DECLSPEC_ALIGN(8) USHORT Group;
} WDF_INTERRUPT_INFO, *PWDF_INTERRUPT_INFO;

NDISKIT_INLINE VOID WDF_INTERRUPT_INFO_INIT(_Out_ PWDF_INTERRUPT_INFO Info)
{
    RtlZeroMemory(Info, sizeof(*Info));
    Info->Size = sizeof(*Info);
}

typedef struct _WDF_INTERRUPT_EXTENDED_POLICY {
    ULONG Size;
    WDF_INTERRUPT_POLICY Policy;
    WDF_INTERRUPT_PRIORITY Priority;
    GROUP_AFFINITY TargetProcessorSetAndGroup;
} WDF_INTERRUPT_EXTENDED_POLICY, *PWDF_INTERRUPT_EXTENDED_POLICY;

NDISKIT_INLINE VOID WDF_INTERRUPT_EXTENDED_POLICY_INIT(_Out_ PWDF_INTERRUPT_EXTENDED_POLICY ExtendedPolicy)
{
    RtlZeroMemory(ExtendedPolicy, sizeof(*ExtendedPolicy));
    ExtendedPolicy->Size = sizeof(*ExtendedPolicy);
    ExtendedPolicy->Policy = WdfIrqPolicyMachineDefault;
    ExtendedPolicy->Priority = WdfIrqPriorityUndefined;
}

typedef NTSTATUS(NTAPI *PFN_WDFINTERRUPTCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                                _In_ PWDF_INTERRUPT_CONFIG Configuration,
                                                _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                _Out_ WDFINTERRUPT *Interrupt);

NDISKIT_INLINE NTSTATUS WdfInterruptCreate(_In_ WDFDEVICE Device, _In_ PWDF_INTERRUPT_CONFIG Configuration,
                                           _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes, _Out_ WDFINTERRUPT *Interrupt)
{
    return ((PFN_WDFINTERRUPTCREATE)WdfFunctions[WdfInterruptCreateTableIndex])(WdfDriverGlobals, Device, Configuration,
                                                                                Attributes, Interrupt);
}

/* At any IRQL up to the interrupt's own, as are all below that name none. */
typedef BOOLEAN(NTAPI *PFN_WDFINTERRUPTQUEUEDPCFORISR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE BOOLEAN WdfInterruptQueueDpcForIsr(_In_ WDFINTERRUPT Interrupt)
{
    return ((PFN_WDFINTERRUPTQUEUEDPCFORISR)WdfFunctions[WdfInterruptQueueDpcForIsrTableIndex])(WdfDriverGlobals,
                                                                                                Interrupt);
}

typedef BOOLEAN(NTAPI *PFN_WDFINTERRUPTQUEUEWORKITEMFORISR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE BOOLEAN WdfInterruptQueueWorkItemForIsr(_In_ WDFINTERRUPT Interrupt)
{
    return ((PFN_WDFINTERRUPTQUEUEWORKITEMFORISR)WdfFunctions[WdfInterruptQueueWorkItemForIsrTableIndex])(
        WdfDriverGlobals, Interrupt);
}

typedef BOOLEAN(NTAPI *PFN_WDFINTERRUPTSYNCHRONIZE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFINTERRUPT Interrupt,
                                                    _In_ PFN_WDF_INTERRUPT_SYNCHRONIZE Callback,
                                                    _In_ WDFCONTEXT Context);

NDISKIT_INLINE BOOLEAN WdfInterruptSynchronize(_In_ WDFINTERRUPT Interrupt, _In_ PFN_WDF_INTERRUPT_SYNCHRONIZE Callback,
                                               _In_ WDFCONTEXT Context)
{
    return ((PFN_WDFINTERRUPTSYNCHRONIZE)WdfFunctions[WdfInterruptSynchronizeTableIndex])(WdfDriverGlobals, Interrupt,
                                                                                          Callback, Context);
}

typedef VOID(NTAPI *PFN_WDFINTERRUPTACQUIRELOCK)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE VOID WdfInterruptAcquireLock(_In_ WDFINTERRUPT Interrupt)
{
    ((PFN_WDFINTERRUPTACQUIRELOCK)WdfFunctions[WdfInterruptAcquireLockTableIndex])(WdfDriverGlobals, Interrupt);
}

/* At PASSIVE_LEVEL. */
typedef BOOLEAN(NTAPI *PFN_WDFINTERRUPTTRYTOACQUIRELOCK)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE BOOLEAN WdfInterruptTryToAcquireLock(_In_ WDFINTERRUPT Interrupt)
{
    return ((PFN_WDFINTERRUPTTRYTOACQUIRELOCK)WdfFunctions[WdfInterruptTryToAcquireLockTableIndex])(WdfDriverGlobals,
                                                                                                    Interrupt);
}

typedef VOID(NTAPI *PFN_WDFINTERRUPTRELEASELOCK)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE VOID WdfInterruptReleaseLock(_In_ WDFINTERRUPT Interrupt)
{
    ((PFN_WDFINTERRUPTRELEASELOCK)WdfFunctions[WdfInterruptReleaseLockTableIndex])(WdfDriverGlobals, Interrupt);
}

/* At PASSIVE_LEVEL. */
typedef VOID(NTAPI *PFN_WDFINTERRUPTENABLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE VOID WdfInterruptEnable(_In_ WDFINTERRUPT Interrupt)
{
    ((PFN_WDFINTERRUPTENABLE)WdfFunctions[WdfInterruptEnableTableIndex])(WdfDriverGlobals, Interrupt);
}

/* At PASSIVE_LEVEL. */
typedef VOID(NTAPI *PFN_WDFINTERRUPTDISABLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE VOID WdfInterruptDisable(_In_ WDFINTERRUPT Interrupt)
{
    ((PFN_WDFINTERRUPTDISABLE)WdfFunctions[WdfInterruptDisableTableIndex])(WdfDriverGlobals, Interrupt);
}

typedef PKINTERRUPT(NTAPI *PFN_WDFINTERRUPTWDMGETINTERRUPT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE PKINTERRUPT WdfInterruptWdmGetInterrupt(_In_ WDFINTERRUPT Interrupt)
{
    return ((PFN_WDFINTERRUPTWDMGETINTERRUPT)WdfFunctions[WdfInterruptWdmGetInterruptTableIndex])(WdfDriverGlobals,
                                                                                                  Interrupt);
}

typedef VOID(NTAPI *PFN_WDFINTERRUPTGETINFO)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFINTERRUPT Interrupt,
                                             _Inout_ PWDF_INTERRUPT_INFO Info);

NDISKIT_INLINE VOID WdfInterruptGetInfo(_In_ WDFINTERRUPT Interrupt, _Inout_ PWDF_INTERRUPT_INFO Info)
{
    ((PFN_WDFINTERRUPTGETINFO)WdfFunctions[WdfInterruptGetInfoTableIndex])(WdfDriverGlobals, Interrupt, Info);
}

typedef VOID(NTAPI *PFN_WDFINTERRUPTSETPOLICY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFINTERRUPT Interrupt,
                                               _In_ WDF_INTERRUPT_POLICY Policy, _In_ WDF_INTERRUPT_PRIORITY Priority,
                                               _In_ KAFFINITY TargetProcessorSet);

NDISKIT_INLINE VOID WdfInterruptSetPolicy(_In_ WDFINTERRUPT Interrupt, _In_ WDF_INTERRUPT_POLICY Policy,
                                          _In_ WDF_INTERRUPT_PRIORITY Priority, _In_ KAFFINITY TargetProcessorSet)
{
    ((PFN_WDFINTERRUPTSETPOLICY)WdfFunctions[WdfInterruptSetPolicyTableIndex])(WdfDriverGlobals, Interrupt, Policy,
                                                                               Priority, TargetProcessorSet);
}

typedef VOID(NTAPI *PFN_WDFINTERRUPTSETEXTENDEDPOLICY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ WDFINTERRUPT Interrupt,
                                                       _In_ PWDF_INTERRUPT_EXTENDED_POLICY PolicyAndGroup);

NDISKIT_INLINE VOID WdfInterruptSetExtendedPolicy(_In_ WDFINTERRUPT Interrupt,
                                                  _In_ PWDF_INTERRUPT_EXTENDED_POLICY PolicyAndGroup)
{
    ((PFN_WDFINTERRUPTSETEXTENDEDPOLICY)WdfFunctions[WdfInterruptSetExtendedPolicyTableIndex])(
        WdfDriverGlobals, Interrupt, PolicyAndGroup);
}

typedef WDFDEVICE(NTAPI *PFN_WDFINTERRUPTGETDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE WDFDEVICE WdfInterruptGetDevice(_In_ WDFINTERRUPT Interrupt)
{
    return ((PFN_WDFINTERRUPTGETDEVICE)WdfFunctions[WdfInterruptGetDeviceTableIndex])(WdfDriverGlobals, Interrupt);
}

typedef VOID(NTAPI *PFN_WDFINTERRUPTREPORTACTIVE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE VOID WdfInterruptReportActive(_In_ WDFINTERRUPT Interrupt)
{
    ((PFN_WDFINTERRUPTREPORTACTIVE)WdfFunctions[WdfInterruptReportActiveTableIndex])(WdfDriverGlobals, Interrupt);
}

typedef VOID(NTAPI *PFN_WDFINTERRUPTREPORTINACTIVE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFINTERRUPT Interrupt);

NDISKIT_INLINE VOID WdfInterruptReportInactive(_In_ WDFINTERRUPT Interrupt)
{
    ((PFN_WDFINTERRUPTREPORTINACTIVE)WdfFunctions[WdfInterruptReportInactiveTableIndex])(WdfDriverGlobals, Interrupt);
}

NDISKIT_EXTERN_C_END

#endif

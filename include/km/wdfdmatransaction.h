/*
 * DMA transactions: one request's data moved in as many transfers as the device and the bus need. Declarations: see
 * wdfcommonbuffer.h.
 */
#ifndef _WDFDMATRANSACTION_H_
#define _WDFDMATRANSACTION_H_

#include <wdfdmaenabler.h>

NDISKIT_EXTERN_C_BEGIN

/* "DMA_COMPLETION_STATUS enumeration": of the system's DMA interface, version 3. */
typedef enum { DmaComplete, DmaAborted, DmaError, DmaCancelled } DMA_COMPLETION_STATUS;

typedef BOOLEAN NTAPI EVT_WDF_PROGRAM_DMA(_In_ WDFDMATRANSACTION Transaction, _In_ WDFDEVICE Device,
                                          _In_ WDFCONTEXT Context, _In_ WDF_DMA_DIRECTION Direction,
                                          _In_ PSCATTER_GATHER_LIST SgList);
typedef EVT_WDF_PROGRAM_DMA *PFN_WDF_PROGRAM_DMA;

typedef BOOLEAN NTAPI EVT_WDF_DMA_TRANSACTION_CONFIGURE_DMA_CHANNEL(_In_ WDFDMATRANSACTION DmaTransaction,
                                                                    _In_ WDFDEVICE Device, _In_ PVOID Context,
                                                                    _In_opt_ PMDL Mdl, _In_ size_t Offset,
                                                                    _In_ size_t Length);
typedef EVT_WDF_DMA_TRANSACTION_CONFIGURE_DMA_CHANNEL *PFN_WDF_DMA_TRANSACTION_CONFIGURE_DMA_CHANNEL;

typedef VOID NTAPI EVT_WDF_DMA_TRANSACTION_DMA_TRANSFER_COMPLETE(_In_ WDFDMATRANSACTION Transaction,
                                                                 _In_ WDFDEVICE Device, _In_ WDFCONTEXT Context,
                                                                 _In_ WDF_DMA_DIRECTION Direction,
                                                                 _In_ DMA_COMPLETION_STATUS Status);
typedef EVT_WDF_DMA_TRANSACTION_DMA_TRANSFER_COMPLETE *PFN_WDF_DMA_TRANSACTION_DMA_TRANSFER_COMPLETE;

typedef VOID NTAPI EVT_WDF_RESERVE_DMA(_In_ WDFDMATRANSACTION DmaTransaction, _In_ PVOID Context);
typedef EVT_WDF_RESERVE_DMA *PFN_WDF_RESERVE_DMA;

typedef NTSTATUS(NTAPI *PFN_WDFDMATRANSACTIONCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ WDFDMAENABLER DmaEnabler,
                                                     _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                     _Out_ WDFDMATRANSACTION *DmaTransaction);

NDISKIT_INLINE NTSTATUS WdfDmaTransactionCreate(_In_ WDFDMAENABLER DmaEnabler,
                                                _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                _Out_ WDFDMATRANSACTION *DmaTransaction)
{
    return ((PFN_WDFDMATRANSACTIONCREATE)WdfFunctions[WdfDmaTransactionCreateTableIndex])(WdfDriverGlobals, DmaEnabler,
                                                                                          Attributes, DmaTransaction);
}

typedef NTSTATUS(NTAPI *PFN_WDFDMATRANSACTIONINITIALIZE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ WDFDMATRANSACTION DmaTransaction,
                                                         _In_ PFN_WDF_PROGRAM_DMA EvtProgramDmaFunction,
                                                         _In_ WDF_DMA_DIRECTION DmaDirection, _In_ PMDL Mdl,
                                                         _In_ PVOID VirtualAddress, _In_ size_t Length);

NDISKIT_INLINE NTSTATUS WdfDmaTransactionInitialize(_In_ WDFDMATRANSACTION DmaTransaction,
                                                    _In_ PFN_WDF_PROGRAM_DMA EvtProgramDmaFunction,
                                                    _In_ WDF_DMA_DIRECTION DmaDirection, _In_ PMDL Mdl,
                                                    _In_ PVOID VirtualAddress, _In_ size_t Length)
{
    return ((PFN_WDFDMATRANSACTIONINITIALIZE)WdfFunctions[WdfDmaTransactionInitializeTableIndex])(
        WdfDriverGlobals, DmaTransaction, EvtProgramDmaFunction, DmaDirection, Mdl, VirtualAddress, Length);
}

typedef NTSTATUS(NTAPI *PFN_WDFDMATRANSACTIONINITIALIZEUSINGOFFSET)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                    _In_ WDFDMATRANSACTION DmaTransaction,
                                                                    _In_ PFN_WDF_PROGRAM_DMA EvtProgramDmaFunction,
                                                                    _In_ WDF_DMA_DIRECTION DmaDirection, _In_ PMDL Mdl,
                                                                    _In_ size_t Offset, _In_ size_t Length);

NDISKIT_INLINE NTSTATUS WdfDmaTransactionInitializeUsingOffset(_In_ WDFDMATRANSACTION DmaTransaction,
                                                               _In_ PFN_WDF_PROGRAM_DMA EvtProgramDmaFunction,
                                                               _In_ WDF_DMA_DIRECTION DmaDirection, _In_ PMDL Mdl,
                                                               _In_ size_t Offset, _In_ size_t Length)
{
    return ((PFN_WDFDMATRANSACTIONINITIALIZEUSINGOFFSET)WdfFunctions[WdfDmaTransactionInitializeUsingOffsetTableIndex])(
        WdfDriverGlobals, DmaTransaction, EvtProgramDmaFunction, DmaDirection, Mdl, Offset, Length);
}

typedef NTSTATUS(NTAPI *PFN_WDFDMATRANSACTIONINITIALIZEUSINGREQUEST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                     _In_ WDFDMATRANSACTION DmaTransaction,
                                                                     _In_ WDFREQUEST Request,
                                                                     _In_ PFN_WDF_PROGRAM_DMA EvtProgramDmaFunction,
                                                                     _In_ WDF_DMA_DIRECTION DmaDirection);

NDISKIT_INLINE NTSTATUS WdfDmaTransactionInitializeUsingRequest(_In_ WDFDMATRANSACTION DmaTransaction,
                                                                _In_ WDFREQUEST Request,
                                                                _In_ PFN_WDF_PROGRAM_DMA EvtProgramDmaFunction,
                                                                _In_ WDF_DMA_DIRECTION DmaDirection)
{
    return (
        (PFN_WDFDMATRANSACTIONINITIALIZEUSINGREQUEST)WdfFunctions[WdfDmaTransactionInitializeUsingRequestTableIndex])(
        WdfDriverGlobals, DmaTransaction, Request, EvtProgramDmaFunction, DmaDirection);
}

typedef NTSTATUS(NTAPI *PFN_WDFDMATRANSACTIONEXECUTE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                      _In_ WDFDMATRANSACTION DmaTransaction,
                                                      _In_opt_ WDFCONTEXT Context);

NDISKIT_INLINE NTSTATUS WdfDmaTransactionExecute(_In_ WDFDMATRANSACTION DmaTransaction, _In_opt_ WDFCONTEXT Context)
{
    return ((PFN_WDFDMATRANSACTIONEXECUTE)WdfFunctions[WdfDmaTransactionExecuteTableIndex])(WdfDriverGlobals,
                                                                                            DmaTransaction, Context);
}

typedef NTSTATUS(NTAPI *PFN_WDFDMATRANSACTIONRELEASE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                      _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE NTSTATUS WdfDmaTransactionRelease(_In_ WDFDMATRANSACTION DmaTransaction)
{
    return ((PFN_WDFDMATRANSACTIONRELEASE)WdfFunctions[WdfDmaTransactionReleaseTableIndex])(WdfDriverGlobals,
                                                                                            DmaTransaction);
}

typedef BOOLEAN(NTAPI *PFN_WDFDMATRANSACTIONDMACOMPLETED)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                          _In_ WDFDMATRANSACTION DmaTransaction,
                                                          _Out_ NTSTATUS *Status);

NDISKIT_INLINE BOOLEAN WdfDmaTransactionDmaCompleted(_In_ WDFDMATRANSACTION DmaTransaction, _Out_ NTSTATUS *Status)
{
    return ((PFN_WDFDMATRANSACTIONDMACOMPLETED)WdfFunctions[WdfDmaTransactionDmaCompletedTableIndex])(
        WdfDriverGlobals, DmaTransaction, Status);
}

typedef BOOLEAN(NTAPI *PFN_WDFDMATRANSACTIONDMACOMPLETEDWITHLENGTH)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                    _In_ WDFDMATRANSACTION DmaTransaction,
                                                                    _In_ size_t TransferredLength,
                                                                    _Out_ NTSTATUS *Status);

NDISKIT_INLINE BOOLEAN WdfDmaTransactionDmaCompletedWithLength(_In_ WDFDMATRANSACTION DmaTransaction,
                                                               _In_ size_t TransferredLength, _Out_ NTSTATUS *Status)
{
    return (
        (PFN_WDFDMATRANSACTIONDMACOMPLETEDWITHLENGTH)WdfFunctions[WdfDmaTransactionDmaCompletedWithLengthTableIndex])(
        WdfDriverGlobals, DmaTransaction, TransferredLength, Status);
}

typedef BOOLEAN(NTAPI *PFN_WDFDMATRANSACTIONDMACOMPLETEDFINAL)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFDMATRANSACTION DmaTransaction,
                                                               _In_ size_t FinalTransferredLength,
                                                               _Out_ NTSTATUS *Status);

NDISKIT_INLINE BOOLEAN WdfDmaTransactionDmaCompletedFinal(_In_ WDFDMATRANSACTION DmaTransaction,
                                                          _In_ size_t FinalTransferredLength, _Out_ NTSTATUS *Status)
{
    return ((PFN_WDFDMATRANSACTIONDMACOMPLETEDFINAL)WdfFunctions[WdfDmaTransactionDmaCompletedFinalTableIndex])(
        WdfDriverGlobals, DmaTransaction, FinalTransferredLength, Status);
}

typedef size_t(NTAPI *PFN_WDFDMATRANSACTIONGETBYTESTRANSFERRED)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE size_t WdfDmaTransactionGetBytesTransferred(_In_ WDFDMATRANSACTION DmaTransaction)
{
    return ((PFN_WDFDMATRANSACTIONGETBYTESTRANSFERRED)WdfFunctions[WdfDmaTransactionGetBytesTransferredTableIndex])(
        WdfDriverGlobals, DmaTransaction);
}

typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONSETMAXIMUMLENGTH)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                           _In_ WDFDMATRANSACTION DmaTransaction,
                                                           _In_ size_t MaximumLength);

NDISKIT_INLINE VOID WdfDmaTransactionSetMaximumLength(_In_ WDFDMATRANSACTION DmaTransaction, _In_ size_t MaximumLength)
{
    ((PFN_WDFDMATRANSACTIONSETMAXIMUMLENGTH)WdfFunctions[WdfDmaTransactionSetMaximumLengthTableIndex])(
        WdfDriverGlobals, DmaTransaction, MaximumLength);
}

/* From KMDF 1.19. */
#if KMDF_VERSION_MINOR >= 19
typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONSETSINGLETRANSFERREQUIREMENT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                       _In_ WDFDMATRANSACTION DmaTransaction,
                                                                       _In_ BOOLEAN RequireSingleTransfer);

NDISKIT_INLINE VOID WdfDmaTransactionSetSingleTransferRequirement(_In_ WDFDMATRANSACTION DmaTransaction,
                                                                  _In_ BOOLEAN RequireSingleTransfer)
{
    ((PFN_WDFDMATRANSACTIONSETSINGLETRANSFERREQUIREMENT)
         WdfFunctions[WdfDmaTransactionSetSingleTransferRequirementTableIndex])(WdfDriverGlobals, DmaTransaction,
                                                                                RequireSingleTransfer);
}
#endif

typedef WDFREQUEST(NTAPI *PFN_WDFDMATRANSACTIONGETREQUEST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                           _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE WDFREQUEST WdfDmaTransactionGetRequest(_In_ WDFDMATRANSACTION DmaTransaction)
{
    return ((PFN_WDFDMATRANSACTIONGETREQUEST)WdfFunctions[WdfDmaTransactionGetRequestTableIndex])(WdfDriverGlobals,
                                                                                                  DmaTransaction);
}

typedef size_t(NTAPI *PFN_WDFDMATRANSACTIONGETCURRENTDMATRANSFERLENGTH)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                        _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE size_t WdfDmaTransactionGetCurrentDmaTransferLength(_In_ WDFDMATRANSACTION DmaTransaction)
{
    return ((PFN_WDFDMATRANSACTIONGETCURRENTDMATRANSFERLENGTH)
                WdfFunctions[WdfDmaTransactionGetCurrentDmaTransferLengthTableIndex])(WdfDriverGlobals, DmaTransaction);
}

typedef WDFDEVICE(NTAPI *PFN_WDFDMATRANSACTIONGETDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE WDFDEVICE WdfDmaTransactionGetDevice(_In_ WDFDMATRANSACTION DmaTransaction)
{
    return ((PFN_WDFDMATRANSACTIONGETDEVICE)WdfFunctions[WdfDmaTransactionGetDeviceTableIndex])(WdfDriverGlobals,
                                                                                                DmaTransaction);
}

typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONGETTRANSFERINFO)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                          _In_ WDFDMATRANSACTION DmaTransaction,
                                                          _Out_opt_ ULONG *MapRegisterCount,
                                                          _Out_opt_ ULONG *ScatterGatherElementCount);

NDISKIT_INLINE VOID WdfDmaTransactionGetTransferInfo(_In_ WDFDMATRANSACTION DmaTransaction,
                                                     _Out_opt_ ULONG *MapRegisterCount,
                                                     _Out_opt_ ULONG *ScatterGatherElementCount)
{
    ((PFN_WDFDMATRANSACTIONGETTRANSFERINFO)WdfFunctions[WdfDmaTransactionGetTransferInfoTableIndex])(
        WdfDriverGlobals, DmaTransaction, MapRegisterCount, ScatterGatherElementCount);
}

typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONSETCHANNELCONFIGURATIONCALLBACK)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDMATRANSACTION DmaTransaction,
    _In_opt_ PFN_WDF_DMA_TRANSACTION_CONFIGURE_DMA_CHANNEL ConfigureRoutine, _In_opt_ PVOID ConfigureContext);

NDISKIT_INLINE VOID WdfDmaTransactionSetChannelConfigurationCallback(
    _In_ WDFDMATRANSACTION DmaTransaction, _In_opt_ PFN_WDF_DMA_TRANSACTION_CONFIGURE_DMA_CHANNEL ConfigureRoutine,
    _In_opt_ PVOID ConfigureContext)
{
    ((PFN_WDFDMATRANSACTIONSETCHANNELCONFIGURATIONCALLBACK)
         WdfFunctions[WdfDmaTransactionSetChannelConfigurationCallbackTableIndex])(WdfDriverGlobals, DmaTransaction,
                                                                                   ConfigureRoutine, ConfigureContext);
}

typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONSETTRANSFERCOMPLETECALLBACK)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDMATRANSACTION DmaTransaction,
    _In_opt_ PFN_WDF_DMA_TRANSACTION_DMA_TRANSFER_COMPLETE DmaCompletionRoutine, _In_opt_ PVOID DmaCompletionContext);

NDISKIT_INLINE VOID WdfDmaTransactionSetTransferCompleteCallback(
    _In_ WDFDMATRANSACTION DmaTransaction, _In_opt_ PFN_WDF_DMA_TRANSACTION_DMA_TRANSFER_COMPLETE DmaCompletionRoutine,
    _In_opt_ PVOID DmaCompletionContext)
{
    ((PFN_WDFDMATRANSACTIONSETTRANSFERCOMPLETECALLBACK)
         WdfFunctions[WdfDmaTransactionSetTransferCompleteCallbackTableIndex])(
        WdfDriverGlobals, DmaTransaction, DmaCompletionRoutine, DmaCompletionContext);
}

typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONSETIMMEDIATEEXECUTION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                _In_ WDFDMATRANSACTION DmaTransaction,
                                                                _In_ BOOLEAN UseImmediateExecution);

NDISKIT_INLINE VOID WdfDmaTransactionSetImmediateExecution(_In_ WDFDMATRANSACTION DmaTransaction,
                                                           _In_ BOOLEAN UseImmediateExecution)
{
    ((PFN_WDFDMATRANSACTIONSETIMMEDIATEEXECUTION)WdfFunctions[WdfDmaTransactionSetImmediateExecutionTableIndex])(
        WdfDriverGlobals, DmaTransaction, UseImmediateExecution);
}

typedef NTSTATUS(NTAPI *PFN_WDFDMATRANSACTIONALLOCATERESOURCES)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDMATRANSACTION DmaTransaction, _In_ WDF_DMA_DIRECTION DmaDirection,
    _In_ ULONG RequiredMapRegisters, _In_ PFN_WDF_RESERVE_DMA EvtReserveDmaFunction, _In_ PVOID EvtReserveDmaContext);

NDISKIT_INLINE NTSTATUS WdfDmaTransactionAllocateResources(_In_ WDFDMATRANSACTION DmaTransaction,
                                                           _In_ WDF_DMA_DIRECTION DmaDirection,
                                                           _In_ ULONG RequiredMapRegisters,
                                                           _In_ PFN_WDF_RESERVE_DMA EvtReserveDmaFunction,
                                                           _In_ PVOID EvtReserveDmaContext)
{
    return ((PFN_WDFDMATRANSACTIONALLOCATERESOURCES)WdfFunctions[WdfDmaTransactionAllocateResourcesTableIndex])(
        WdfDriverGlobals, DmaTransaction, DmaDirection, RequiredMapRegisters, EvtReserveDmaFunction,
        EvtReserveDmaContext);
}

typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONSETDEVICEADDRESSOFFSET)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 _In_ WDFDMATRANSACTION DmaTransaction,
                                                                 _In_ ULONG Offset);

NDISKIT_INLINE VOID WdfDmaTransactionSetDeviceAddressOffset(_In_ WDFDMATRANSACTION DmaTransaction, _In_ ULONG Offset)
{
    ((PFN_WDFDMATRANSACTIONSETDEVICEADDRESSOFFSET)WdfFunctions[WdfDmaTransactionSetDeviceAddressOffsetTableIndex])(
        WdfDriverGlobals, DmaTransaction, Offset);
}

typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONFREERESOURCES)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                        _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE VOID WdfDmaTransactionFreeResources(_In_ WDFDMATRANSACTION DmaTransaction)
{
    ((PFN_WDFDMATRANSACTIONFREERESOURCES)WdfFunctions[WdfDmaTransactionFreeResourcesTableIndex])(WdfDriverGlobals,
                                                                                                 DmaTransaction);
}

typedef BOOLEAN(NTAPI *PFN_WDFDMATRANSACTIONCANCEL)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE BOOLEAN WdfDmaTransactionCancel(_In_ WDFDMATRANSACTION DmaTransaction)
{
    return ((PFN_WDFDMATRANSACTIONCANCEL)WdfFunctions[WdfDmaTransactionCancelTableIndex])(WdfDriverGlobals,
                                                                                          DmaTransaction);
}

typedef PVOID(NTAPI *PFN_WDFDMATRANSACTIONWDMGETTRANSFERCONTEXT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE PVOID WdfDmaTransactionWdmGetTransferContext(_In_ WDFDMATRANSACTION DmaTransaction)
{
    return ((PFN_WDFDMATRANSACTIONWDMGETTRANSFERCONTEXT)WdfFunctions[WdfDmaTransactionWdmGetTransferContextTableIndex])(
        WdfDriverGlobals, DmaTransaction);
}

typedef VOID(NTAPI *PFN_WDFDMATRANSACTIONSTOPSYSTEMTRANSFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFDMATRANSACTION DmaTransaction);

NDISKIT_INLINE VOID WdfDmaTransactionStopSystemTransfer(_In_ WDFDMATRANSACTION DmaTransaction)
{
    ((PFN_WDFDMATRANSACTIONSTOPSYSTEMTRANSFER)WdfFunctions[WdfDmaTransactionStopSystemTransferTableIndex])(
        WdfDriverGlobals, DmaTransaction);
}

NDISKIT_EXTERN_C_END

#endif

/*
 * I/O queues: what holds the requests that come to a device until the driver takes them or is called with them.
 * "Framework Queue Objects"
 */
#ifndef _WDFIO_H_
#define _WDFIO_H_

#include <wdfobject.h>
#include <wdfrequest.h>

NDISKIT_EXTERN_C_BEGIN

typedef enum _WDF_IO_QUEUE_DISPATCH_TYPE {
    WdfIoQueueDispatchInvalid = 0,
    WdfIoQueueDispatchSequential, /* one request at a time */
    WdfIoQueueDispatchParallel,   /* as soon as they come */
    WdfIoQueueDispatchManual,     /* the driver takes them */
    WdfIoQueueDispatchMax,
} WDF_IO_QUEUE_DISPATCH_TYPE;

typedef enum _WDF_IO_QUEUE_STATE {
    WdfIoQueueAcceptRequests = 0x01,
    WdfIoQueueDispatchRequests = 0x02,
    WdfIoQueueNoRequests = 0x04,       /* none in the queue */
    WdfIoQueueDriverNoRequests = 0x08, /* none delivered and not completed */
    WdfIoQueuePnpHeld = 0x10,          /* the device is not in its working state */
} WDF_IO_QUEUE_STATE;

typedef enum _WDF_IO_FORWARD_PROGRESS_ACTION {
    WdfIoForwardProgressActionInvalid = 0x0,
    WdfIoForwardProgressActionFailRequest,
    WdfIoForwardProgressActionUseReservedRequest,
} WDF_IO_FORWARD_PROGRESS_ACTION;

typedef enum _WDF_IO_FORWARD_PROGRESS_RESERVED_POLICY {
    WdfIoForwardProgressInvalidPolicy = 0x0,
    WdfIoForwardProgressReservedPolicyAlwaysUseReservedRequest,
    WdfIoForwardProgressReservedPolicyUseExamine,
    WdfIoForwardProgressReservedPolicyPagingIO,
} WDF_IO_FORWARD_PROGRESS_RESERVED_POLICY;

typedef VOID(NTAPI EVT_WDF_IO_QUEUE_IO_DEFAULT)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request);
typedef EVT_WDF_IO_QUEUE_IO_DEFAULT *PFN_WDF_IO_QUEUE_IO_DEFAULT;
typedef VOID(NTAPI EVT_WDF_IO_QUEUE_IO_STOP)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request, _In_ ULONG ActionFlags);
typedef EVT_WDF_IO_QUEUE_IO_STOP *PFN_WDF_IO_QUEUE_IO_STOP;
typedef VOID(NTAPI EVT_WDF_IO_QUEUE_IO_RESUME)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request);
typedef EVT_WDF_IO_QUEUE_IO_RESUME *PFN_WDF_IO_QUEUE_IO_RESUME;
typedef VOID(NTAPI EVT_WDF_IO_QUEUE_IO_READ)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request, _In_ size_t Length);
typedef EVT_WDF_IO_QUEUE_IO_READ *PFN_WDF_IO_QUEUE_IO_READ;
typedef VOID(NTAPI EVT_WDF_IO_QUEUE_IO_WRITE)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request, _In_ size_t Length);
typedef EVT_WDF_IO_QUEUE_IO_WRITE *PFN_WDF_IO_QUEUE_IO_WRITE;
typedef VOID(NTAPI EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request,
                                                       _In_ size_t OutputBufferLength, _In_ size_t InputBufferLength,
                                                       _In_ ULONG IoControlCode);
typedef EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL *PFN_WDF_IO_QUEUE_IO_DEVICE_CONTROL;
typedef VOID(NTAPI EVT_WDF_IO_QUEUE_IO_INTERNAL_DEVICE_CONTROL)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request,
                                                                _In_ size_t OutputBufferLength,
                                                                _In_ size_t InputBufferLength,
                                                                _In_ ULONG IoControlCode);
typedef EVT_WDF_IO_QUEUE_IO_INTERNAL_DEVICE_CONTROL *PFN_WDF_IO_QUEUE_IO_INTERNAL_DEVICE_CONTROL;
typedef VOID(NTAPI EVT_WDF_IO_QUEUE_IO_CANCELED_ON_QUEUE)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request);
typedef EVT_WDF_IO_QUEUE_IO_CANCELED_ON_QUEUE *PFN_WDF_IO_QUEUE_IO_CANCELED_ON_QUEUE;
typedef VOID(NTAPI EVT_WDF_IO_QUEUE_STATE)(_In_ WDFQUEUE Queue, _In_ WDFCONTEXT Context);
typedef EVT_WDF_IO_QUEUE_STATE *PFN_WDF_IO_QUEUE_STATE;
typedef NTSTATUS(NTAPI EVT_WDF_IO_ALLOCATE_RESOURCES_FOR_RESERVED_REQUEST)(_In_ WDFQUEUE Queue,
                                                                           _In_ WDFREQUEST Request);
typedef EVT_WDF_IO_ALLOCATE_RESOURCES_FOR_RESERVED_REQUEST *PFN_WDF_IO_ALLOCATE_RESOURCES_FOR_RESERVED_REQUEST;
typedef NTSTATUS(NTAPI EVT_WDF_IO_ALLOCATE_REQUEST_RESOURCES)(_In_ WDFQUEUE Queue, _In_ WDFREQUEST Request);
typedef EVT_WDF_IO_ALLOCATE_REQUEST_RESOURCES *PFN_WDF_IO_ALLOCATE_REQUEST_RESOURCES;
typedef WDF_IO_FORWARD_PROGRESS_ACTION(NTAPI EVT_WDF_IO_WDM_IRP_FOR_FORWARD_PROGRESS)(_In_ WDFQUEUE Queue,
                                                                                      _In_ PIRP Irp);
typedef EVT_WDF_IO_WDM_IRP_FOR_FORWARD_PROGRESS *PFN_WDF_IO_WDM_IRP_FOR_FORWARD_PROGRESS;

typedef struct _WDF_IO_QUEUE_CONFIG {
    ULONG Size;
    WDF_IO_QUEUE_DISPATCH_TYPE DispatchType;
    WDF_TRI_STATE PowerManaged;
    BOOLEAN AllowZeroLengthRequests;
    BOOLEAN DefaultQueue;
    PFN_WDF_IO_QUEUE_IO_DEFAULT EvtIoDefault;
    PFN_WDF_IO_QUEUE_IO_READ EvtIoRead;
    PFN_WDF_IO_QUEUE_IO_WRITE EvtIoWrite;
    PFN_WDF_IO_QUEUE_IO_DEVICE_CONTROL EvtIoDeviceControl;
    PFN_WDF_IO_QUEUE_IO_INTERNAL_DEVICE_CONTROL EvtIoInternalDeviceControl;
    PFN_WDF_IO_QUEUE_IO_STOP EvtIoStop;
    PFN_WDF_IO_QUEUE_IO_RESUME EvtIoResume;
    PFN_WDF_IO_QUEUE_IO_CANCELED_ON_QUEUE EvtIoCanceledOnQueue;
    union {
        struct {
            ULONG NumberOfPresentedRequests;
        } Parallel;
    } Settings;
#if KMDF_VERSION_MINOR >= 11
    WDFDRIVER Driver;
#endif
} WDF_IO_QUEUE_CONFIG, *PWDF_IO_QUEUE_CONFIG;

/* "WDF_IO_QUEUE_CONFIG_INIT function" */
NDISKIT_INLINE VOID WDF_IO_QUEUE_CONFIG_INIT(_Out_ PWDF_IO_QUEUE_CONFIG Config,
                                             _In_ WDF_IO_QUEUE_DISPATCH_TYPE DispatchType)
{
    RtlZeroMemory(Config, sizeof(WDF_IO_QUEUE_CONFIG));
    Config->Size = sizeof(WDF_IO_QUEUE_CONFIG);
    Config->PowerManaged = WdfUseDefault;
    Config->DispatchType = DispatchType;
    if (DispatchType == WdfIoQueueDispatchParallel)
        Config->Settings.Parallel.NumberOfPresentedRequests = (ULONG)-1;
}

/* "WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE function" */
NDISKIT_INLINE VOID WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(_Out_ PWDF_IO_QUEUE_CONFIG Config,
                                                           _In_ WDF_IO_QUEUE_DISPATCH_TYPE DispatchType)
{
    WDF_IO_QUEUE_CONFIG_INIT(Config, DispatchType);
    Config->DefaultQueue = TRUE;
}

typedef struct _WDF_IO_FORWARD_PROGRESS_RESERVED_POLICY_SETTINGS {
    union {
        struct {
            PFN_WDF_IO_WDM_IRP_FOR_FORWARD_PROGRESS EvtIoWdmIrpForForwardProgress;
        } ExaminePolicy;
    } Policy;
} WDF_IO_FORWARD_PROGRESS_RESERVED_POLICY_SETTINGS;

typedef struct _WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY {
    ULONG Size;
    ULONG TotalForwardProgressRequests;
    WDF_IO_FORWARD_PROGRESS_RESERVED_POLICY ForwardProgressReservedPolicy;
    WDF_IO_FORWARD_PROGRESS_RESERVED_POLICY_SETTINGS ForwardProgressReservePolicySettings;
    PFN_WDF_IO_ALLOCATE_RESOURCES_FOR_RESERVED_REQUEST EvtIoAllocateResourcesForReservedRequest;
    PFN_WDF_IO_ALLOCATE_REQUEST_RESOURCES EvtIoAllocateRequestResources;
} WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY, *PWDF_IO_QUEUE_FORWARD_PROGRESS_POLICY;

/* "WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY_DEFAULT_INIT function" */
NDISKIT_INLINE VOID WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY_DEFAULT_INIT(
    _Out_ PWDF_IO_QUEUE_FORWARD_PROGRESS_POLICY Policy, _In_ ULONG TotalForwardProgressRequests)
{
    RtlZeroMemory(Policy, sizeof(WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY));
    Policy->Size = sizeof(WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY);
    Policy->TotalForwardProgressRequests = TotalForwardProgressRequests;
    Policy->ForwardProgressReservedPolicy = WdfIoForwardProgressReservedPolicyAlwaysUseReservedRequest;
}

/* "WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY_EXAMINE_INIT function" */
NDISKIT_INLINE VOID WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY_EXAMINE_INIT(
    _Out_ PWDF_IO_QUEUE_FORWARD_PROGRESS_POLICY Policy, _In_ ULONG TotalForwardProgressRequests,
    _In_ PFN_WDF_IO_WDM_IRP_FOR_FORWARD_PROGRESS EvtIoWdmIrpForForwardProgress)
{
    WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY_DEFAULT_INIT(Policy, TotalForwardProgressRequests);
    Policy->ForwardProgressReservedPolicy = WdfIoForwardProgressReservedPolicyUseExamine;
    Policy->ForwardProgressReservePolicySettings.Policy.ExaminePolicy.EvtIoWdmIrpForForwardProgress =
        EvtIoWdmIrpForForwardProgress;
}

/* "WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY_PAGINGIO_INIT function" */
NDISKIT_INLINE VOID WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY_PAGINGIO_INIT(
    _Out_ PWDF_IO_QUEUE_FORWARD_PROGRESS_POLICY Policy, _In_ ULONG TotalForwardProgressRequests)
{
    WDF_IO_QUEUE_FORWARD_PROGRESS_POLICY_DEFAULT_INIT(Policy, TotalForwardProgressRequests);
    Policy->ForwardProgressReservedPolicy = WdfIoForwardProgressReservedPolicyPagingIO;
}

/* No requests in the queue, none with the driver. "WDF_IO_QUEUE_IDLE function" */
NDISKIT_INLINE BOOLEAN WDF_IO_QUEUE_IDLE(_In_ WDF_IO_QUEUE_STATE State)
{
    return (State & WdfIoQueueNoRequests) && (State & WdfIoQueueDriverNoRequests);
}

/* Accepts and dispatches. "WDF_IO_QUEUE_READY function" */
NDISKIT_INLINE BOOLEAN WDF_IO_QUEUE_READY(_In_ WDF_IO_QUEUE_STATE State)
{
    return (State & WdfIoQueueAcceptRequests) && (State & WdfIoQueueDispatchRequests);
}

/* Accepts, but neither dispatches nor has requests with the driver. "WDF_IO_QUEUE_STOPPED function" */
NDISKIT_INLINE BOOLEAN WDF_IO_QUEUE_STOPPED(_In_ WDF_IO_QUEUE_STATE State)
{
    return (State & WdfIoQueueAcceptRequests) && !(State & WdfIoQueueDispatchRequests) &&
           (State & WdfIoQueueDriverNoRequests);
}

/* "WDF_IO_QUEUE_DRAINED function" */
NDISKIT_INLINE BOOLEAN WDF_IO_QUEUE_DRAINED(_In_ WDF_IO_QUEUE_STATE State)
{
    return !(State & WdfIoQueueAcceptRequests) && (State & WdfIoQueueDispatchRequests) &&
           (State & WdfIoQueueNoRequests) && (State & WdfIoQueueDriverNoRequests);
}

/* "WDF_IO_QUEUE_PURGED function" */
NDISKIT_INLINE BOOLEAN WDF_IO_QUEUE_PURGED(_In_ WDF_IO_QUEUE_STATE State)
{
    return !(State & WdfIoQueueAcceptRequests) && (State & WdfIoQueueNoRequests) &&
           (State & WdfIoQueueDriverNoRequests);
}

/* "WdfIoQueueCreate function" */
typedef NTSTATUS(NTAPI *PFN_WDFIOQUEUECREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                              _In_ PWDF_IO_QUEUE_CONFIG Config,
                                              _In_opt_ PWDF_OBJECT_ATTRIBUTES QueueAttributes,
                                              _Out_opt_ WDFQUEUE *Queue);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfIoQueueCreate(_In_ WDFDEVICE Device, _In_ PWDF_IO_QUEUE_CONFIG Config,
                                                               _In_opt_ PWDF_OBJECT_ATTRIBUTES QueueAttributes,
                                                               _Out_opt_ WDFQUEUE *Queue)
{
    return ((PFN_WDFIOQUEUECREATE)WdfFunctions[WdfIoQueueCreateTableIndex])(WdfDriverGlobals, Device, Config,
                                                                            QueueAttributes, Queue);
}

/* "WdfIoQueueGetState function" */
typedef WDF_IO_QUEUE_STATE(NTAPI *PFN_WDFIOQUEUEGETSTATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                                          _Out_opt_ PULONG QueueRequests,
                                                          _Out_opt_ PULONG DriverRequests);
NDISKIT_INLINE WDF_IO_QUEUE_STATE WdfIoQueueGetState(_In_ WDFQUEUE Queue, _Out_opt_ PULONG QueueRequests,
                                                     _Out_opt_ PULONG DriverRequests)
{
    return ((PFN_WDFIOQUEUEGETSTATE)WdfFunctions[WdfIoQueueGetStateTableIndex])(WdfDriverGlobals, Queue, QueueRequests,
                                                                                DriverRequests);
}

/* "WdfIoQueueStart function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUESTART)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue);
NDISKIT_INLINE VOID WdfIoQueueStart(_In_ WDFQUEUE Queue)
{
    ((PFN_WDFIOQUEUESTART)WdfFunctions[WdfIoQueueStartTableIndex])(WdfDriverGlobals, Queue);
}

/* Accepts, but does not deliver. "WdfIoQueueStop function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUESTOP)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                        _In_opt_ PFN_WDF_IO_QUEUE_STATE StopComplete, _In_opt_ WDFCONTEXT Context);
NDISKIT_INLINE VOID WdfIoQueueStop(_In_ WDFQUEUE Queue, _In_opt_ PFN_WDF_IO_QUEUE_STATE StopComplete,
                                   _In_opt_ WDFCONTEXT Context)
{
    ((PFN_WDFIOQUEUESTOP)WdfFunctions[WdfIoQueueStopTableIndex])(WdfDriverGlobals, Queue, StopComplete, Context);
}

/* "WdfIoQueueStopSynchronously function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUESTOPSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue);
NDISKIT_INLINE VOID WdfIoQueueStopSynchronously(_In_ WDFQUEUE Queue)
{
    ((PFN_WDFIOQUEUESTOPSYNCHRONOUSLY)WdfFunctions[WdfIoQueueStopSynchronouslyTableIndex])(WdfDriverGlobals, Queue);
}

/* "WdfIoQueueGetDevice function" */
typedef WDFDEVICE(NTAPI *PFN_WDFIOQUEUEGETDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue);
NDISKIT_INLINE WDFDEVICE WdfIoQueueGetDevice(_In_ WDFQUEUE Queue)
{
    return ((PFN_WDFIOQUEUEGETDEVICE)WdfFunctions[WdfIoQueueGetDeviceTableIndex])(WdfDriverGlobals, Queue);
}

/* "WdfIoQueueRetrieveNextRequest function" */
typedef NTSTATUS(NTAPI *PFN_WDFIOQUEUERETRIEVENEXTREQUEST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                                           _Out_ WDFREQUEST *OutRequest);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfIoQueueRetrieveNextRequest(_In_ WDFQUEUE Queue,
                                                                            _Out_ WDFREQUEST *OutRequest)
{
    return ((PFN_WDFIOQUEUERETRIEVENEXTREQUEST)WdfFunctions[WdfIoQueueRetrieveNextRequestTableIndex])(
        WdfDriverGlobals, Queue, OutRequest);
}

/* "WdfIoQueueRetrieveRequestByFileObject function" */
typedef NTSTATUS(NTAPI *PFN_WDFIOQUEUERETRIEVEREQUESTBYFILEOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                   _In_ WDFQUEUE Queue, _In_ WDFFILEOBJECT FileObject,
                                                                   _Out_ WDFREQUEST *OutRequest);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfIoQueueRetrieveRequestByFileObject(_In_ WDFQUEUE Queue,
                                                                                    _In_ WDFFILEOBJECT FileObject,
                                                                                    _Out_ WDFREQUEST *OutRequest)
{
    return ((PFN_WDFIOQUEUERETRIEVEREQUESTBYFILEOBJECT)WdfFunctions[WdfIoQueueRetrieveRequestByFileObjectTableIndex])(
        WdfDriverGlobals, Queue, FileObject, OutRequest);
}

/* The found request has a reference more, and stays in the queue. "WdfIoQueueFindRequest function" */
typedef NTSTATUS(NTAPI *PFN_WDFIOQUEUEFINDREQUEST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                                   _In_opt_ WDFREQUEST FoundRequest, _In_opt_ WDFFILEOBJECT FileObject,
                                                   _Inout_opt_ PWDF_REQUEST_PARAMETERS Parameters,
                                                   _Out_ WDFREQUEST *OutRequest);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfIoQueueFindRequest(_In_ WDFQUEUE Queue,
                                                                    _In_opt_ WDFREQUEST FoundRequest,
                                                                    _In_opt_ WDFFILEOBJECT FileObject,
                                                                    _Inout_opt_ PWDF_REQUEST_PARAMETERS Parameters,
                                                                    _Out_ WDFREQUEST *OutRequest)
{
    return ((PFN_WDFIOQUEUEFINDREQUEST)WdfFunctions[WdfIoQueueFindRequestTableIndex])(
        WdfDriverGlobals, Queue, FoundRequest, FileObject, Parameters, OutRequest);
}

/* "WdfIoQueueRetrieveFoundRequest function" */
typedef NTSTATUS(NTAPI *PFN_WDFIOQUEUERETRIEVEFOUNDREQUEST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                                            _In_ WDFREQUEST FoundRequest, _Out_ WDFREQUEST *OutRequest);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfIoQueueRetrieveFoundRequest(_In_ WDFQUEUE Queue,
                                                                             _In_ WDFREQUEST FoundRequest,
                                                                             _Out_ WDFREQUEST *OutRequest)
{
    return ((PFN_WDFIOQUEUERETRIEVEFOUNDREQUEST)WdfFunctions[WdfIoQueueRetrieveFoundRequestTableIndex])(
        WdfDriverGlobals, Queue, FoundRequest, OutRequest);
}

/* "WdfIoQueueDrainSynchronously function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUEDRAINSYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue);
NDISKIT_INLINE VOID WdfIoQueueDrainSynchronously(_In_ WDFQUEUE Queue)
{
    ((PFN_WDFIOQUEUEDRAINSYNCHRONOUSLY)WdfFunctions[WdfIoQueueDrainSynchronouslyTableIndex])(WdfDriverGlobals, Queue);
}

/* Refuses new requests, delivers those that are there. "WdfIoQueueDrain function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUEDRAIN)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                         _In_opt_ PFN_WDF_IO_QUEUE_STATE DrainComplete, _In_opt_ WDFCONTEXT Context);
NDISKIT_INLINE VOID WdfIoQueueDrain(_In_ WDFQUEUE Queue, _In_opt_ PFN_WDF_IO_QUEUE_STATE DrainComplete,
                                    _In_opt_ WDFCONTEXT Context)
{
    ((PFN_WDFIOQUEUEDRAIN)WdfFunctions[WdfIoQueueDrainTableIndex])(WdfDriverGlobals, Queue, DrainComplete, Context);
}

/* "WdfIoQueuePurgeSynchronously function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUEPURGESYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue);
NDISKIT_INLINE VOID WdfIoQueuePurgeSynchronously(_In_ WDFQUEUE Queue)
{
    ((PFN_WDFIOQUEUEPURGESYNCHRONOUSLY)WdfFunctions[WdfIoQueuePurgeSynchronouslyTableIndex])(WdfDriverGlobals, Queue);
}

/* Refuses new requests, cancels those that are there. "WdfIoQueuePurge function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUEPURGE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                         _In_opt_ PFN_WDF_IO_QUEUE_STATE PurgeComplete, _In_opt_ WDFCONTEXT Context);
NDISKIT_INLINE VOID WdfIoQueuePurge(_In_ WDFQUEUE Queue, _In_opt_ PFN_WDF_IO_QUEUE_STATE PurgeComplete,
                                    _In_opt_ WDFCONTEXT Context)
{
    ((PFN_WDFIOQUEUEPURGE)WdfFunctions[WdfIoQueuePurgeTableIndex])(WdfDriverGlobals, Queue, PurgeComplete, Context);
}

/* Manual queues: called when the empty queue gets a request. "WdfIoQueueReadyNotify function" */
typedef NTSTATUS(NTAPI *PFN_WDFIOQUEUEREADYNOTIFY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                                   _In_opt_ PFN_WDF_IO_QUEUE_STATE QueueReady,
                                                   _In_opt_ WDFCONTEXT Context);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfIoQueueReadyNotify(_In_ WDFQUEUE Queue,
                                                                    _In_opt_ PFN_WDF_IO_QUEUE_STATE QueueReady,
                                                                    _In_opt_ WDFCONTEXT Context)
{
    return ((PFN_WDFIOQUEUEREADYNOTIFY)WdfFunctions[WdfIoQueueReadyNotifyTableIndex])(WdfDriverGlobals, Queue,
                                                                                      QueueReady, Context);
}

/* "WdfIoQueueAssignForwardProgressPolicy function" */
typedef NTSTATUS(NTAPI *PFN_WDFIOQUEUEASSIGNFORWARDPROGRESSPOLICY)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
    _In_ PWDF_IO_QUEUE_FORWARD_PROGRESS_POLICY ForwardProgressPolicy);
NDISKIT_INLINE _Must_inspect_result_ NTSTATUS WdfIoQueueAssignForwardProgressPolicy(
    _In_ WDFQUEUE Queue, _In_ PWDF_IO_QUEUE_FORWARD_PROGRESS_POLICY ForwardProgressPolicy)
{
    return ((PFN_WDFIOQUEUEASSIGNFORWARDPROGRESSPOLICY)WdfFunctions[WdfIoQueueAssignForwardProgressPolicyTableIndex])(
        WdfDriverGlobals, Queue, ForwardProgressPolicy);
}

/* Accepts, but does not deliver, and cancels those that are there. "WdfIoQueueStopAndPurge function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUESTOPANDPURGE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFQUEUE Queue,
                                                _In_opt_ PFN_WDF_IO_QUEUE_STATE StopAndPurgeComplete,
                                                _In_opt_ WDFCONTEXT Context);
NDISKIT_INLINE VOID WdfIoQueueStopAndPurge(_In_ WDFQUEUE Queue, _In_opt_ PFN_WDF_IO_QUEUE_STATE StopAndPurgeComplete,
                                           _In_opt_ WDFCONTEXT Context)
{
    ((PFN_WDFIOQUEUESTOPANDPURGE)WdfFunctions[WdfIoQueueStopAndPurgeTableIndex])(WdfDriverGlobals, Queue,
                                                                                 StopAndPurgeComplete, Context);
}

/* "WdfIoQueueStopAndPurgeSynchronously function" */
typedef VOID(NTAPI *PFN_WDFIOQUEUESTOPANDPURGESYNCHRONOUSLY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFQUEUE Queue);
NDISKIT_INLINE VOID WdfIoQueueStopAndPurgeSynchronously(_In_ WDFQUEUE Queue)
{
    ((PFN_WDFIOQUEUESTOPANDPURGESYNCHRONOUSLY)WdfFunctions[WdfIoQueueStopAndPurgeSynchronouslyTableIndex])(
        WdfDriverGlobals, Queue);
}

NDISKIT_EXTERN_C_END

#endif

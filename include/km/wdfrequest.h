/*
 * KMDF requests. A request object stands for one I/O request packet: one that the framework received for a queue of the
 * driver's, or one that the driver makes itself to send to an I/O target. What is public about it is the same for both;
 * each function says which of the two it is for.
 */
#ifndef _WDFREQUEST_H_
#define _WDFREQUEST_H_

#include <wdfmemory.h>

NDISKIT_EXTERN_C_BEGIN

/* "_WDF_REQUEST_TYPE enumeration (wdfrequest.h)": up to WdfRequestTypePnp the IRP's major function. */
typedef enum _WDF_REQUEST_TYPE {
    WdfRequestTypeCreate = 0x0,
    WdfRequestTypeCreateNamedPipe = 0x1,
    WdfRequestTypeClose = 0x2,
    WdfRequestTypeRead = 0x3,
    WdfRequestTypeWrite = 0x4,
    WdfRequestTypeQueryInformation = 0x5,
    WdfRequestTypeSetInformation = 0x6,
    WdfRequestTypeQueryEA = 0x7,
    WdfRequestTypeSetEA = 0x8,
    WdfRequestTypeFlushBuffers = 0x9,
    WdfRequestTypeQueryVolumeInformation = 0xa,
    WdfRequestTypeSetVolumeInformation = 0xb,
    WdfRequestTypeDirectoryControl = 0xc,
    WdfRequestTypeFileSystemControl = 0xd,
    WdfRequestTypeDeviceControl = 0xe,
    WdfRequestTypeDeviceControlInternal = 0xf,
    WdfRequestTypeShutdown = 0x10,
    WdfRequestTypeLockControl = 0x11,
    WdfRequestTypeCleanup = 0x12,
    WdfRequestTypeCreateMailSlot = 0x13,
    WdfRequestTypeQuerySecurity = 0x14,
    WdfRequestTypeSetSecurity = 0x15,
    WdfRequestTypePower = 0x16,
    WdfRequestTypeSystemControl = 0x17,
    WdfRequestTypeDeviceChange = 0x18,
    WdfRequestTypeQueryQuota = 0x19,
    WdfRequestTypeSetQuota = 0x1A,
    WdfRequestTypePnp = 0x1B,
    WdfRequestTypeOther = 0x1C,
    WdfRequestTypeUsb = 0x40,
    WdfRequestTypeNoFormat = 0xFF,
    WdfRequestTypeMax
} WDF_REQUEST_TYPE;

/* "_WDF_REQUEST_REUSE_FLAGS enumeration" */
typedef enum _WDF_REQUEST_REUSE_FLAGS {
    WDF_REQUEST_REUSE_NO_FLAGS = 0x00000000,
    WDF_REQUEST_REUSE_SET_NEW_IRP = 0x00000001
} WDF_REQUEST_REUSE_FLAGS;

/* "_WDF_REQUEST_STOP_ACTION_FLAGS enumeration (wdfrequest.h)" */
typedef enum _WDF_REQUEST_STOP_ACTION_FLAGS {
    WdfRequestStopActionInvalid = 0,
    WdfRequestStopActionSuspend = 0x01,
    WdfRequestStopActionPurge = 0x2,
    WdfRequestStopRequestCancelable = 0x10000000
} WDF_REQUEST_STOP_ACTION_FLAGS;

/* "_WDF_REQUEST_SEND_OPTIONS_FLAGS enumeration (wdfrequest.h)" */
typedef enum _WDF_REQUEST_SEND_OPTIONS_FLAGS {
    WDF_REQUEST_SEND_OPTION_TIMEOUT = 0x00000001,
    WDF_REQUEST_SEND_OPTION_SYNCHRONOUS = 0x00000002,
    WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE = 0x00000004,
    WDF_REQUEST_SEND_OPTION_SEND_AND_FORGET = 0x00000008,
    WDF_REQUEST_SEND_OPTION_IMPERSONATE_CLIENT = 0x00010000,
    WDF_REQUEST_SEND_OPTION_IMPERSONATION_IGNORE_FAILURE = 0x00020000
} WDF_REQUEST_SEND_OPTIONS_FLAGS;

/* "_WDF_REQUEST_FORWARD_OPTIONS_FLAGS enumeration" */
typedef enum _WDF_REQUEST_FORWARD_OPTIONS_FLAGS {
    WDF_REQUEST_FORWARD_OPTION_SEND_AND_FORGET = 0x00000001
} WDF_REQUEST_FORWARD_OPTIONS_FLAGS;

/* "_WDF_REQUEST_PARAMETERS structure" */
typedef struct _WDF_REQUEST_PARAMETERS {
    USHORT Size;
    UCHAR MinorFunction;
    WDF_REQUEST_TYPE Type;
    union {
        struct {
            PIO_SECURITY_CONTEXT SecurityContext;
            ULONG Options;
            USHORT POINTER_ALIGNMENT FileAttributes;
            USHORT ShareAccess;
            ULONG POINTER_ALIGNMENT EaLength;
        } Create;
        struct {
            size_t Length;
            ULONG POINTER_ALIGNMENT Key;
            LONGLONG DeviceOffset;
        } Read;
        struct {
            size_t Length;
            ULONG POINTER_ALIGNMENT Key;
            LONGLONG DeviceOffset;
        } Write;
        struct {
            size_t OutputBufferLength;
            size_t POINTER_ALIGNMENT InputBufferLength;
            ULONG POINTER_ALIGNMENT IoControlCode;
            PVOID Type3InputBuffer;
        } DeviceIoControl;
        struct {
            PVOID Arg1;
            PVOID Arg2;
            ULONG POINTER_ALIGNMENT IoControlCode;
            PVOID Arg4;
        } Others;
    } Parameters;
} WDF_REQUEST_PARAMETERS, *PWDF_REQUEST_PARAMETERS;

/* "WDF_REQUEST_PARAMETERS_INIT function" */
NDISKIT_INLINE VOID WDF_REQUEST_PARAMETERS_INIT(_Out_ PWDF_REQUEST_PARAMETERS Parameters)
{
    RtlZeroMemory(Parameters, sizeof(*Parameters));
    Parameters->Size = sizeof(*Parameters);
}

struct _WDF_USB_REQUEST_COMPLETION_PARAMS;

/* "_WDF_REQUEST_COMPLETION_PARAMS structure": which member of the union is filled goes by Type. */
typedef struct _WDF_REQUEST_COMPLETION_PARAMS {
    ULONG Size;
    WDF_REQUEST_TYPE Type;
    IO_STATUS_BLOCK IoStatus;
    union {
        struct {
            WDFMEMORY Buffer;
            size_t Length;
            size_t Offset;
        } Write;
        struct {
            WDFMEMORY Buffer;
            size_t Length;
            size_t Offset;
        } Read;
        struct {
            ULONG IoControlCode;
            struct {
                WDFMEMORY Buffer;
                size_t Offset;
            } Input;
            struct {
                WDFMEMORY Buffer;
                size_t Offset;
                size_t Length;
            } Output;
        } Ioctl;
        struct {
            union {
                PVOID Ptr;
                ULONG_PTR Value;
            } Argument1;
            union {
                PVOID Ptr;
                ULONG_PTR Value;
            } Argument2;
            union {
                PVOID Ptr;
                ULONG_PTR Value;
            } Argument3;
            union {
                PVOID Ptr;
                ULONG_PTR Value;
            } Argument4;
        } Others;
        struct {
            struct _WDF_USB_REQUEST_COMPLETION_PARAMS *Completion;
        } Usb;
    } Parameters;
} WDF_REQUEST_COMPLETION_PARAMS, *PWDF_REQUEST_COMPLETION_PARAMS;

/* "WDF_REQUEST_COMPLETION_PARAMS_INIT function" */
NDISKIT_INLINE VOID WDF_REQUEST_COMPLETION_PARAMS_INIT(_Out_ PWDF_REQUEST_COMPLETION_PARAMS Params)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfRequestTypeNoFormat;
}

/* "_WDF_REQUEST_REUSE_PARAMS structure" */
typedef struct _WDF_REQUEST_REUSE_PARAMS {
    ULONG Size;
    ULONG Flags;
    NTSTATUS Status;
    PIRP NewIrp;
} WDF_REQUEST_REUSE_PARAMS, *PWDF_REQUEST_REUSE_PARAMS;

/* "WDF_REQUEST_REUSE_PARAMS_INIT function" */
NDISKIT_INLINE VOID WDF_REQUEST_REUSE_PARAMS_INIT(_Out_ PWDF_REQUEST_REUSE_PARAMS Params, _In_ ULONG Flags,
                                                  _In_ NTSTATUS Status)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Flags = Flags;
    Params->Status = Status;
}

/* "WDF_REQUEST_REUSE_PARAMS_SET_NEW_IRP function" */
NDISKIT_INLINE VOID WDF_REQUEST_REUSE_PARAMS_SET_NEW_IRP(_Inout_ PWDF_REQUEST_REUSE_PARAMS Params, _In_ PIRP NewIrp)
{
    Params->Flags |= WDF_REQUEST_REUSE_SET_NEW_IRP;
    Params->NewIrp = NewIrp;
}

/* "_WDF_REQUEST_SEND_OPTIONS structure": Timeout in 100 ns, negative from now, positive a system time, 0 for none. */
typedef struct _WDF_REQUEST_SEND_OPTIONS {
    ULONG Size;
    ULONG Flags;
    LONGLONG Timeout;
} WDF_REQUEST_SEND_OPTIONS, *PWDF_REQUEST_SEND_OPTIONS;

/* "WDF_REQUEST_SEND_OPTIONS_INIT function" */
NDISKIT_INLINE VOID WDF_REQUEST_SEND_OPTIONS_INIT(_Out_ PWDF_REQUEST_SEND_OPTIONS Options, _In_ ULONG Flags)
{
    RtlZeroMemory(Options, sizeof(*Options));
    Options->Size = sizeof(*Options);
    Options->Flags = Flags;
}

/* "WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT function" */
NDISKIT_INLINE VOID WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT(_Inout_ PWDF_REQUEST_SEND_OPTIONS Options,
                                                         _In_ LONGLONG Timeout)
{
    Options->Flags |= WDF_REQUEST_SEND_OPTION_TIMEOUT;
    Options->Timeout = Timeout;
}

/* "_WDF_REQUEST_FORWARD_OPTIONS structure" */
typedef struct _WDF_REQUEST_FORWARD_OPTIONS {
    ULONG Size;
    ULONG Flags;
} WDF_REQUEST_FORWARD_OPTIONS, *PWDF_REQUEST_FORWARD_OPTIONS;

/* "WDF_REQUEST_FORWARD_OPTIONS_INIT function" */
NDISKIT_INLINE VOID WDF_REQUEST_FORWARD_OPTIONS_INIT(_Out_ PWDF_REQUEST_FORWARD_OPTIONS ForwardOptions)
{
    RtlZeroMemory(ForwardOptions, sizeof(*ForwardOptions));
    ForwardOptions->Size = sizeof(*ForwardOptions);
    ForwardOptions->Flags = WDF_REQUEST_FORWARD_OPTION_SEND_AND_FORGET;
}

/* "EVT_WDF_REQUEST_CANCEL callback function" */
typedef _Function_class_(EVT_WDF_REQUEST_CANCEL) _IRQL_requires_same_ _IRQL_requires_max_(DISPATCH_LEVEL)
VOID NTAPI EVT_WDF_REQUEST_CANCEL(_In_ WDFREQUEST Request);
typedef EVT_WDF_REQUEST_CANCEL *PFN_WDF_REQUEST_CANCEL;

/* "EVT_WDF_REQUEST_COMPLETION_ROUTINE callback function" */
typedef _Function_class_(EVT_WDF_REQUEST_COMPLETION_ROUTINE) _IRQL_requires_same_ VOID NTAPI
    EVT_WDF_REQUEST_COMPLETION_ROUTINE(_In_ WDFREQUEST Request, _In_ WDFIOTARGET Target,
                                       _In_ PWDF_REQUEST_COMPLETION_PARAMS Params, _In_ WDFCONTEXT Context);
typedef EVT_WDF_REQUEST_COMPLETION_ROUTINE *PFN_WDF_REQUEST_COMPLETION_ROUTINE;

/* Makes an empty request for the driver to format and send, with stack locations enough for IoTarget when one is
 * given. "WdfRequestCreate function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                          _In_opt_ PWDF_OBJECT_ATTRIBUTES RequestAttributes,
                                          _In_opt_ WDFIOTARGET IoTarget, _Out_ WDFREQUEST *Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestCreate(_In_opt_ PWDF_OBJECT_ATTRIBUTES RequestAttributes, _In_opt_ WDFIOTARGET IoTarget,
                 _Out_ WDFREQUEST *Request)
{
    return ((PFN_WDFREQUESTCREATE)WdfFunctions[WdfRequestCreateTableIndex])(WdfDriverGlobals, RequestAttributes,
                                                                            IoTarget, Request);
}

/* Makes a request from an IRP that the driver has by other ways. "WdfRequestCreateFromIrp function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTCREATEFROMIRP)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                 _In_opt_ PWDF_OBJECT_ATTRIBUTES RequestAttributes, _In_ PIRP Irp,
                                                 _In_ BOOLEAN RequestFreesIrp, _Out_ WDFREQUEST *Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestCreateFromIrp(_In_opt_ PWDF_OBJECT_ATTRIBUTES RequestAttributes, _In_ PIRP Irp, _In_ BOOLEAN RequestFreesIrp,
                        _Out_ WDFREQUEST *Request)
{
    return ((PFN_WDFREQUESTCREATEFROMIRP)WdfFunctions[WdfRequestCreateFromIrpTableIndex])(
        WdfDriverGlobals, RequestAttributes, Irp, RequestFreesIrp, Request);
}

/* Gets a completed request ready to be formatted and sent again. STATUS_WDF_REQUEST_INVALID_STATE for a new IRP where
 * none may be set. "WdfRequestReuse function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTREUSE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                         _In_ PWDF_REQUEST_REUSE_PARAMS ReuseParams);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestReuse(_In_ WDFREQUEST Request, _In_ PWDF_REQUEST_REUSE_PARAMS ReuseParams)
{
    return ((PFN_WDFREQUESTREUSE)WdfFunctions[WdfRequestReuseTableIndex])(WdfDriverGlobals, Request, ReuseParams);
}

/* Whether the request has stack locations enough for the target; STATUS_REQUEST_NOT_ACCEPTED if not.
 * "WdfRequestChangeTarget function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTCHANGETARGET)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestChangeTarget(_In_ WDFREQUEST Request, _In_ WDFIOTARGET IoTarget)
{
    return ((PFN_WDFREQUESTCHANGETARGET)WdfFunctions[WdfRequestChangeTargetTableIndex])(WdfDriverGlobals, Request,
                                                                                        IoTarget);
}

/* Copies the current stack location to the next one, so that a received request goes on unchanged.
 * "WdfRequestFormatRequestUsingCurrentType function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTFORMATREQUESTUSINGCURRENTTYPE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestFormatRequestUsingCurrentType(_In_ WDFREQUEST Request)
{
    ((PFN_WDFREQUESTFORMATREQUESTUSINGCURRENTTYPE)WdfFunctions[WdfRequestFormatRequestUsingCurrentTypeTableIndex])(
        WdfDriverGlobals, Request);
}

/* Copies a stack location of the driver's to the next one. "WdfRequestWdmFormatUsingStackLocation function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTWDMFORMATUSINGSTACKLOCATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                           _In_ WDFREQUEST Request, _In_ PIO_STACK_LOCATION Stack);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestWdmFormatUsingStackLocation(_In_ WDFREQUEST Request, _In_ PIO_STACK_LOCATION Stack)
{
    ((PFN_WDFREQUESTWDMFORMATUSINGSTACKLOCATION)WdfFunctions[WdfRequestWdmFormatUsingStackLocationTableIndex])(
        WdfDriverGlobals, Request, Stack);
}

/* Sends a formatted request. FALSE when it was not sent: WdfRequestGetStatus says why. "WdfRequestSend function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    BOOLEAN(NTAPI *PFN_WDFREQUESTSEND)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                       _In_ WDFIOTARGET Target, _In_opt_ PWDF_REQUEST_SEND_OPTIONS Options);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN
WdfRequestSend(_In_ WDFREQUEST Request, _In_ WDFIOTARGET Target, _In_opt_ PWDF_REQUEST_SEND_OPTIONS Options)
{
    return ((PFN_WDFREQUESTSEND)WdfFunctions[WdfRequestSendTableIndex])(WdfDriverGlobals, Request, Target, Options);
}

/* The status that the request was completed with, or why it was not sent. "WdfRequestGetStatus function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTGETSTATUS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestGetStatus(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTGETSTATUS)WdfFunctions[WdfRequestGetStatusTableIndex])(WdfDriverGlobals, Request);
}

/* Lets the request be cancelled while the driver holds it; calls EvtRequestCancel at once when it already is.
 * "WdfRequestMarkCancelable function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTMARKCANCELABLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                              _In_ PFN_WDF_REQUEST_CANCEL EvtRequestCancel);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestMarkCancelable(_In_ WDFREQUEST Request, _In_ PFN_WDF_REQUEST_CANCEL EvtRequestCancel)
{
    ((PFN_WDFREQUESTMARKCANCELABLE)WdfFunctions[WdfRequestMarkCancelableTableIndex])(WdfDriverGlobals, Request,
                                                                                     EvtRequestCancel);
}

/* The same, but STATUS_CANCELLED and no call when it already is; STATUS_INVALID_DEVICE_REQUEST when it is cancelable
 * already or not the driver's. "WdfRequestMarkCancelableEx function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTMARKCANCELABLEEX)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                    _In_ PFN_WDF_REQUEST_CANCEL EvtRequestCancel);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestMarkCancelableEx(_In_ WDFREQUEST Request, _In_ PFN_WDF_REQUEST_CANCEL EvtRequestCancel)
{
    return ((PFN_WDFREQUESTMARKCANCELABLEEX)WdfFunctions[WdfRequestMarkCancelableExTableIndex])(
        WdfDriverGlobals, Request, EvtRequestCancel);
}

/* Takes the cancel callback back; STATUS_CANCELLED when it was or will be called. "WdfRequestUnmarkCancelable
 * function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTUNMARKCANCELABLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestUnmarkCancelable(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTUNMARKCANCELABLE)WdfFunctions[WdfRequestUnmarkCancelableTableIndex])(WdfDriverGlobals,
                                                                                                Request);
}

/* Whether someone tried to cancel a request that is not cancelable. "WdfRequestIsCanceled function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    BOOLEAN(NTAPI *PFN_WDFREQUESTISCANCELED)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN WdfRequestIsCanceled(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTISCANCELED)WdfFunctions[WdfRequestIsCanceledTableIndex])(WdfDriverGlobals, Request);
}

/* Tries to cancel a request that was sent; TRUE when the cancellation was delivered. "WdfRequestCancelSentRequest
 * function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    BOOLEAN(NTAPI *PFN_WDFREQUESTCANCELSENTREQUEST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN WdfRequestCancelSentRequest(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTCANCELSENTREQUEST)WdfFunctions[WdfRequestCancelSentRequestTableIndex])(WdfDriverGlobals,
                                                                                                  Request);
}

/* Whether a 32-bit program made the request. "WdfRequestIsFrom32BitProcess function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    BOOLEAN(NTAPI *PFN_WDFREQUESTISFROM32BITPROCESS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN WdfRequestIsFrom32BitProcess(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTISFROM32BITPROCESS)WdfFunctions[WdfRequestIsFrom32BitProcessTableIndex])(WdfDriverGlobals,
                                                                                                    Request);
}

/* What to call when the request, sent asynchronously, has been completed; NULL for nothing.
 * "WdfRequestSetCompletionRoutine function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTSETCOMPLETIONROUTINE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                    _In_opt_ PFN_WDF_REQUEST_COMPLETION_ROUTINE CompletionRoutine,
                                                    _In_opt_ WDFCONTEXT CompletionContext);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestSetCompletionRoutine(_In_ WDFREQUEST Request,
                                    _In_opt_ PFN_WDF_REQUEST_COMPLETION_ROUTINE CompletionRoutine,
                                    _In_opt_ WDFCONTEXT CompletionContext)
{
    ((PFN_WDFREQUESTSETCOMPLETIONROUTINE)WdfFunctions[WdfRequestSetCompletionRoutineTableIndex])(
        WdfDriverGlobals, Request, CompletionRoutine, CompletionContext);
}

/* What came of a request that was sent and has been completed. "WdfRequestGetCompletionParams function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTGETCOMPLETIONPARAMS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                   _Out_ PWDF_REQUEST_COMPLETION_PARAMS Params);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestGetCompletionParams(_In_ WDFREQUEST Request, _Out_ PWDF_REQUEST_COMPLETION_PARAMS Params)
{
    ((PFN_WDFREQUESTGETCOMPLETIONPARAMS)WdfFunctions[WdfRequestGetCompletionParamsTableIndex])(WdfDriverGlobals,
                                                                                               Request, Params);
}

/* Allocates the timer that sending with a time-out needs. "WdfRequestAllocateTimer function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTALLOCATETIMER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestAllocateTimer(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTALLOCATETIMER)WdfFunctions[WdfRequestAllocateTimerTableIndex])(WdfDriverGlobals, Request);
}

/* Completes a received request; the handle is dead afterwards. "WdfRequestComplete function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTCOMPLETE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                        _In_ NTSTATUS Status);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestComplete(_In_ WDFREQUEST Request, _In_ NTSTATUS Status)
{
    ((PFN_WDFREQUESTCOMPLETE)WdfFunctions[WdfRequestCompleteTableIndex])(WdfDriverGlobals, Request, Status);
}

/* The same with a priority boost for the originating thread. "WdfRequestCompleteWithPriorityBoost function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTCOMPLETEWITHPRIORITYBOOST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ WDFREQUEST Request, _In_ NTSTATUS Status,
                                                         _In_ CCHAR PriorityBoost);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestCompleteWithPriorityBoost(_In_ WDFREQUEST Request, _In_ NTSTATUS Status, _In_ CCHAR PriorityBoost)
{
    ((PFN_WDFREQUESTCOMPLETEWITHPRIORITYBOOST)WdfFunctions[WdfRequestCompleteWithPriorityBoostTableIndex])(
        WdfDriverGlobals, Request, Status, PriorityBoost);
}

/* The same with the request's information, such as the bytes moved. "WdfRequestCompleteWithInformation function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTCOMPLETEWITHINFORMATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                       _In_ NTSTATUS Status, _In_ ULONG_PTR Information);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestCompleteWithInformation(_In_ WDFREQUEST Request, _In_ NTSTATUS Status, _In_ ULONG_PTR Information)
{
    ((PFN_WDFREQUESTCOMPLETEWITHINFORMATION)WdfFunctions[WdfRequestCompleteWithInformationTableIndex])(
        WdfDriverGlobals, Request, Status, Information);
}

/* The parameters of a received request. "WdfRequestGetParameters function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTGETPARAMETERS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                             _Out_ PWDF_REQUEST_PARAMETERS Parameters);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestGetParameters(_In_ WDFREQUEST Request, _Out_ PWDF_REQUEST_PARAMETERS Parameters)
{
    ((PFN_WDFREQUESTGETPARAMETERS)WdfFunctions[WdfRequestGetParametersTableIndex])(WdfDriverGlobals, Request,
                                                                                   Parameters);
}

/* The memory object of a received request's input buffer. "WdfRequestRetrieveInputMemory function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTRETRIEVEINPUTMEMORY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                       _Out_ WDFMEMORY *Memory);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestRetrieveInputMemory(_In_ WDFREQUEST Request, _Out_ WDFMEMORY *Memory)
{
    return ((PFN_WDFREQUESTRETRIEVEINPUTMEMORY)WdfFunctions[WdfRequestRetrieveInputMemoryTableIndex])(WdfDriverGlobals,
                                                                                                      Request, Memory);
}

/* The memory object of a received request's output buffer. "WdfRequestRetrieveOutputMemory function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTRETRIEVEOUTPUTMEMORY)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                        _Out_ WDFMEMORY *Memory);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestRetrieveOutputMemory(_In_ WDFREQUEST Request, _Out_ WDFMEMORY *Memory)
{
    return ((PFN_WDFREQUESTRETRIEVEOUTPUTMEMORY)WdfFunctions[WdfRequestRetrieveOutputMemoryTableIndex])(
        WdfDriverGlobals, Request, Memory);
}

/* A received request's input buffer. "WdfRequestRetrieveInputBuffer function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTRETRIEVEINPUTBUFFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                       _In_ size_t MinimumRequiredLength, _Outptr_ PVOID *Buffer,
                                                       _Out_opt_ size_t *Length);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestRetrieveInputBuffer(_In_ WDFREQUEST Request, _In_ size_t MinimumRequiredLength, _Outptr_ PVOID *Buffer,
                              _Out_opt_ size_t *Length)
{
    return ((PFN_WDFREQUESTRETRIEVEINPUTBUFFER)WdfFunctions[WdfRequestRetrieveInputBufferTableIndex])(
        WdfDriverGlobals, Request, MinimumRequiredLength, Buffer, Length);
}

/* A received request's output buffer. "WdfRequestRetrieveOutputBuffer function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTRETRIEVEOUTPUTBUFFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                        _In_ size_t MinimumRequiredSize, _Outptr_ PVOID *Buffer,
                                                        _Out_opt_ size_t *Length);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestRetrieveOutputBuffer(_In_ WDFREQUEST Request, _In_ size_t MinimumRequiredSize, _Outptr_ PVOID *Buffer,
                               _Out_opt_ size_t *Length)
{
    return ((PFN_WDFREQUESTRETRIEVEOUTPUTBUFFER)WdfFunctions[WdfRequestRetrieveOutputBufferTableIndex])(
        WdfDriverGlobals, Request, MinimumRequiredSize, Buffer, Length);
}

/* An MDL for a received request's input buffer. "WdfRequestRetrieveInputWdmMdl function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTRETRIEVEINPUTWDMMDL)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                       _Outptr_ PMDL *Mdl);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestRetrieveInputWdmMdl(_In_ WDFREQUEST Request, _Outptr_ PMDL *Mdl)
{
    return ((PFN_WDFREQUESTRETRIEVEINPUTWDMMDL)WdfFunctions[WdfRequestRetrieveInputWdmMdlTableIndex])(WdfDriverGlobals,
                                                                                                      Request, Mdl);
}

/* An MDL for a received request's output buffer. "WdfRequestRetrieveOutputWdmMdl function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTRETRIEVEOUTPUTWDMMDL)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                        _Outptr_ PMDL *Mdl);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestRetrieveOutputWdmMdl(_In_ WDFREQUEST Request, _Outptr_ PMDL *Mdl)
{
    return ((PFN_WDFREQUESTRETRIEVEOUTPUTWDMMDL)WdfFunctions[WdfRequestRetrieveOutputWdmMdlTableIndex])(
        WdfDriverGlobals, Request, Mdl);
}

/* The input buffer of a request that uses neither buffered nor direct I/O, in EvtIoInCallerContext.
 * "WdfRequestRetrieveUnsafeUserInputBuffer function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTRETRIEVEUNSAFEUSERINPUTBUFFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 _In_ WDFREQUEST Request,
                                                                 _In_ size_t MinimumRequiredLength,
                                                                 _Outptr_result_maybenull_ PVOID *InputBuffer,
                                                                 _Out_opt_ size_t *Length);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
NTSTATUS
WdfRequestRetrieveUnsafeUserInputBuffer(_In_ WDFREQUEST Request, _In_ size_t MinimumRequiredLength,
                                        _Outptr_result_maybenull_ PVOID *InputBuffer, _Out_opt_ size_t *Length)
{
    return (
        (PFN_WDFREQUESTRETRIEVEUNSAFEUSERINPUTBUFFER)WdfFunctions[WdfRequestRetrieveUnsafeUserInputBufferTableIndex])(
        WdfDriverGlobals, Request, MinimumRequiredLength, InputBuffer, Length);
}

/* The output buffer of a request that uses neither buffered nor direct I/O, in EvtIoInCallerContext.
 * "WdfRequestRetrieveUnsafeUserOutputBuffer function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTRETRIEVEUNSAFEUSEROUTPUTBUFFER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFREQUEST Request,
                                                                  _In_ size_t MinimumRequiredLength,
                                                                  _Outptr_result_maybenull_ PVOID *OutputBuffer,
                                                                  _Out_opt_ size_t *Length);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
NTSTATUS
WdfRequestRetrieveUnsafeUserOutputBuffer(_In_ WDFREQUEST Request, _In_ size_t MinimumRequiredLength,
                                         _Outptr_result_maybenull_ PVOID *OutputBuffer, _Out_opt_ size_t *Length)
{
    return (
        (PFN_WDFREQUESTRETRIEVEUNSAFEUSEROUTPUTBUFFER)WdfFunctions[WdfRequestRetrieveUnsafeUserOutputBufferTableIndex])(
        WdfDriverGlobals, Request, MinimumRequiredLength, OutputBuffer, Length);
}

/* Sets the request's information for its completion. "WdfRequestSetInformation function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTSETINFORMATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                              _In_ ULONG_PTR Information);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestSetInformation(_In_ WDFREQUEST Request, _In_ ULONG_PTR Information)
{
    ((PFN_WDFREQUESTSETINFORMATION)WdfFunctions[WdfRequestSetInformationTableIndex])(WdfDriverGlobals, Request,
                                                                                     Information);
}

/* The information that a lower driver or the driver itself set; 0 after completion. "WdfRequestGetInformation
 * function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    ULONG_PTR(NTAPI *PFN_WDFREQUESTGETINFORMATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
ULONG_PTR WdfRequestGetInformation(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTGETINFORMATION)WdfFunctions[WdfRequestGetInformationTableIndex])(WdfDriverGlobals, Request);
}

/* The framework file object of a received request, or NULL. "WdfRequestGetFileObject function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    WDFFILEOBJECT(NTAPI *PFN_WDFREQUESTGETFILEOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
WDFFILEOBJECT WdfRequestGetFileObject(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTGETFILEOBJECT)WdfFunctions[WdfRequestGetFileObjectTableIndex])(WdfDriverGlobals, Request);
}

/* Locks a buffer that the driver will read, for as long as the request lives. "WdfRequestProbeAndLockUserBufferForRead
 * function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORREAD)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 _In_ WDFREQUEST Request, _In_ PVOID Buffer,
                                                                 _In_ size_t Length, _Out_ WDFMEMORY *MemoryObject);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
NTSTATUS
WdfRequestProbeAndLockUserBufferForRead(_In_ WDFREQUEST Request, _In_ PVOID Buffer, _In_ size_t Length,
                                        _Out_ WDFMEMORY *MemoryObject)
{
    return (
        (PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORREAD)WdfFunctions[WdfRequestProbeAndLockUserBufferForReadTableIndex])(
        WdfDriverGlobals, Request, Buffer, Length, MemoryObject);
}

/* Locks a buffer that the driver will write, for as long as the request lives.
 * "WdfRequestProbeAndLockUserBufferForWrite function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORWRITE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFREQUEST Request, _In_ PVOID Buffer,
                                                                  _In_ size_t Length, _Out_ WDFMEMORY *MemoryObject);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
NTSTATUS
WdfRequestProbeAndLockUserBufferForWrite(_In_ WDFREQUEST Request, _In_ PVOID Buffer, _In_ size_t Length,
                                         _Out_ WDFMEMORY *MemoryObject)
{
    return (
        (PFN_WDFREQUESTPROBEANDLOCKUSERBUFFERFORWRITE)WdfFunctions[WdfRequestProbeAndLockUserBufferForWriteTableIndex])(
        WdfDriverGlobals, Request, Buffer, Length, MemoryObject);
}

/* KernelMode or UserMode. "WdfRequestGetRequestorMode function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    KPROCESSOR_MODE(NTAPI *PFN_WDFREQUESTGETREQUESTORMODE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                           _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
KPROCESSOR_MODE WdfRequestGetRequestorMode(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTGETREQUESTORMODE)WdfFunctions[WdfRequestGetRequestorModeTableIndex])(WdfDriverGlobals,
                                                                                                Request);
}

/* The process that made the request. "WdfRequestGetRequestorProcessId function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    ULONG(NTAPI *PFN_WDFREQUESTGETREQUESTORPROCESSID)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
#if KMDF_VERSION_MINOR >= 21
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
ULONG WdfRequestGetRequestorProcessId(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTGETREQUESTORPROCESSID)WdfFunctions[WdfRequestGetRequestorProcessIdTableIndex])(
        WdfDriverGlobals, Request);
}
#endif

/* Puts a received request into another queue of the same device. "WdfRequestForwardToIoQueue function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTFORWARDTOIOQUEUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                                    _In_ WDFQUEUE DestinationQueue);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestForwardToIoQueue(_In_ WDFREQUEST Request, _In_ WDFQUEUE DestinationQueue)
{
    return ((PFN_WDFREQUESTFORWARDTOIOQUEUE)WdfFunctions[WdfRequestForwardToIoQueueTableIndex])(
        WdfDriverGlobals, Request, DestinationQueue);
}

/* Puts a received request into a queue of the parent device. "WdfRequestForwardToParentDeviceIoQueue function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTFORWARDTOPARENTDEVICEIOQUEUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                _In_ WDFREQUEST Request,
                                                                _In_ WDFQUEUE ParentDeviceQueue,
                                                                _In_ PWDF_REQUEST_FORWARD_OPTIONS ForwardOptions);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestForwardToParentDeviceIoQueue(_In_ WDFREQUEST Request, _In_ WDFQUEUE ParentDeviceQueue,
                                       _In_ PWDF_REQUEST_FORWARD_OPTIONS ForwardOptions)
{
    return ((PFN_WDFREQUESTFORWARDTOPARENTDEVICEIOQUEUE)WdfFunctions[WdfRequestForwardToParentDeviceIoQueueTableIndex])(
        WdfDriverGlobals, Request, ParentDeviceQueue, ForwardOptions);
}

/* The queue that a request was delivered from, or NULL. "WdfRequestGetIoQueue function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    WDFQUEUE(NTAPI *PFN_WDFREQUESTGETIOQUEUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
WDFQUEUE WdfRequestGetIoQueue(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTGETIOQUEUE)WdfFunctions[WdfRequestGetIoQueueTableIndex])(WdfDriverGlobals, Request);
}

/* Puts a request back to the head of the manual queue that it came from. "WdfRequestRequeue function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFREQUESTREQUEUE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfRequestRequeue(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTREQUEUE)WdfFunctions[WdfRequestRequeueTableIndex])(WdfDriverGlobals, Request);
}

/* In EvtIoStop: the driver has stopped working on the request. "WdfRequestStopAcknowledge function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFREQUESTSTOPACKNOWLEDGE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request,
                                               _In_ BOOLEAN Requeue);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfRequestStopAcknowledge(_In_ WDFREQUEST Request, _In_ BOOLEAN Requeue)
{
    ((PFN_WDFREQUESTSTOPACKNOWLEDGE)WdfFunctions[WdfRequestStopAcknowledgeTableIndex])(WdfDriverGlobals, Request,
                                                                                       Requeue);
}

/* The IRP behind the request. "WdfRequestWdmGetIrp function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    PIRP(NTAPI *PFN_WDFREQUESTWDMGETIRP)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
PIRP WdfRequestWdmGetIrp(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTWDMGETIRP)WdfFunctions[WdfRequestWdmGetIrpTableIndex])(WdfDriverGlobals, Request);
}

/* Whether the request was set aside for low memory. "WdfRequestIsReserved function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    BOOLEAN(NTAPI *PFN_WDFREQUESTISRESERVED)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFREQUEST Request);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
BOOLEAN WdfRequestIsReserved(_In_ WDFREQUEST Request)
{
    return ((PFN_WDFREQUESTISRESERVED)WdfFunctions[WdfRequestIsReservedTableIndex])(WdfDriverGlobals, Request);
}

NDISKIT_EXTERN_C_END

#endif

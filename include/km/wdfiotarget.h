/*
 * KMDF I/O targets. An I/O target stands for the device object that a driver sends requests to: the next lower one of
 * its own device (the local target, from WdfDeviceGetIoTarget), any other (a remote target, made and opened here), or
 * one that knows more about its device, as USB targets do (wdfusb.h), whose handles these functions take too.
 */
#ifndef _WDFIOTARGET_H_
#define _WDFIOTARGET_H_

#include <wdfrequest.h>

NDISKIT_EXTERN_C_BEGIN

/* "_WDF_IO_TARGET_STATE enumeration (wdfiotarget.h)" */
typedef enum _WDF_IO_TARGET_STATE {
    WdfIoTargetStateUndefined = 0,
    WdfIoTargetStarted,
    WdfIoTargetStopped,
    WdfIoTargetClosedForQueryRemove,
    WdfIoTargetClosed,
    WdfIoTargetDeleted,
    WdfIoTargetPurged
} WDF_IO_TARGET_STATE,
    *PWDF_IO_TARGET_STATE;

/* "_WDF_IO_TARGET_OPEN_TYPE enumeration" */
typedef enum _WDF_IO_TARGET_OPEN_TYPE {
    WdfIoTargetOpenUndefined = 0,
    WdfIoTargetOpenUseExistingDevice = 1,
    WdfIoTargetOpenByName = 2,
    WdfIoTargetOpenReopen = 3,
    WdfIoTargetOpenLocalTargetByFile = 4
} WDF_IO_TARGET_OPEN_TYPE;

/* "_WDF_IO_TARGET_SENT_IO_ACTION enumeration (wdfiotarget.h)" */
typedef enum _WDF_IO_TARGET_SENT_IO_ACTION {
    WdfIoTargetSentIoUndefined = 0,
    WdfIoTargetCancelSentIo,
    WdfIoTargetWaitForSentIoToComplete,
    WdfIoTargetLeaveSentIoPending
} WDF_IO_TARGET_SENT_IO_ACTION;

/* "_WDF_IO_TARGET_PURGE_IO_ACTION enumeration" */
typedef enum _WDF_IO_TARGET_PURGE_IO_ACTION {
    WdfIoTargetPurgeIoUndefined = 0,
    WdfIoTargetPurgeIoAndWait = 1,
    WdfIoTargetPurgeIo = 2
} WDF_IO_TARGET_PURGE_IO_ACTION;

/* "EVT_WDF_IO_TARGET_QUERY_REMOVE callback function" */
typedef _Function_class_(EVT_WDF_IO_TARGET_QUERY_REMOVE) _IRQL_requires_same_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS NTAPI EVT_WDF_IO_TARGET_QUERY_REMOVE(_In_ WDFIOTARGET IoTarget);
typedef EVT_WDF_IO_TARGET_QUERY_REMOVE *PFN_WDF_IO_TARGET_QUERY_REMOVE;

/* "EVT_WDF_IO_TARGET_REMOVE_CANCELED callback function" */
typedef _Function_class_(EVT_WDF_IO_TARGET_REMOVE_CANCELED) _IRQL_requires_same_ _IRQL_requires_max_(PASSIVE_LEVEL)
VOID NTAPI EVT_WDF_IO_TARGET_REMOVE_CANCELED(_In_ WDFIOTARGET IoTarget);
typedef EVT_WDF_IO_TARGET_REMOVE_CANCELED *PFN_WDF_IO_TARGET_REMOVE_CANCELED;

/* "EVT_WDF_IO_TARGET_REMOVE_COMPLETE callback function" */
typedef _Function_class_(EVT_WDF_IO_TARGET_REMOVE_COMPLETE) _IRQL_requires_same_ _IRQL_requires_max_(PASSIVE_LEVEL)
VOID NTAPI EVT_WDF_IO_TARGET_REMOVE_COMPLETE(_In_ WDFIOTARGET IoTarget);
typedef EVT_WDF_IO_TARGET_REMOVE_COMPLETE *PFN_WDF_IO_TARGET_REMOVE_COMPLETE;

/* "_WDF_IO_TARGET_OPEN_PARAMS structure": which members count goes by Type. */
typedef struct _WDF_IO_TARGET_OPEN_PARAMS {
    ULONG Size;
    WDF_IO_TARGET_OPEN_TYPE Type;
    PFN_WDF_IO_TARGET_QUERY_REMOVE EvtIoTargetQueryRemove;
    PFN_WDF_IO_TARGET_REMOVE_CANCELED EvtIoTargetRemoveCanceled;
    PFN_WDF_IO_TARGET_REMOVE_COMPLETE EvtIoTargetRemoveComplete;
    PDEVICE_OBJECT TargetDeviceObject;
    PFILE_OBJECT TargetFileObject;
    UNICODE_STRING TargetDeviceName;
    ACCESS_MASK DesiredAccess;
    ULONG ShareAccess;
    ULONG FileAttributes;
    ULONG CreateDisposition;
    ULONG CreateOptions;
    PVOID EaBuffer;
    ULONG EaBufferLength;
    PLONGLONG AllocationSize;
    ULONG FileInformation;
    UNICODE_STRING FileName;
} WDF_IO_TARGET_OPEN_PARAMS, *PWDF_IO_TARGET_OPEN_PARAMS;

/* "WDF_IO_TARGET_OPEN_PARAMS_INIT_EXISTING_DEVICE function" */
NDISKIT_INLINE VOID WDF_IO_TARGET_OPEN_PARAMS_INIT_EXISTING_DEVICE(_Out_ PWDF_IO_TARGET_OPEN_PARAMS Params,
                                                                   _In_ PDEVICE_OBJECT DeviceObject)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfIoTargetOpenUseExistingDevice;
    Params->TargetDeviceObject = DeviceObject;
}

/* "WDF_IO_TARGET_OPEN_PARAMS_INIT_CREATE_BY_NAME function" */
NDISKIT_INLINE VOID WDF_IO_TARGET_OPEN_PARAMS_INIT_CREATE_BY_NAME(_Out_ PWDF_IO_TARGET_OPEN_PARAMS Params,
                                                                  _In_ PCUNICODE_STRING TargetDeviceName,
                                                                  _In_ ACCESS_MASK DesiredAccess)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfIoTargetOpenByName;
    Params->TargetDeviceName = *TargetDeviceName;
    Params->DesiredAccess = DesiredAccess;
    Params->CreateOptions = FILE_NON_DIRECTORY_FILE;
}

/* "WDF_IO_TARGET_OPEN_PARAMS_INIT_OPEN_BY_NAME function" */
NDISKIT_INLINE VOID WDF_IO_TARGET_OPEN_PARAMS_INIT_OPEN_BY_NAME(_Out_ PWDF_IO_TARGET_OPEN_PARAMS Params,
                                                                _In_ PCUNICODE_STRING TargetDeviceName,
                                                                _In_ ACCESS_MASK DesiredAccess)
{
    WDF_IO_TARGET_OPEN_PARAMS_INIT_CREATE_BY_NAME(Params, TargetDeviceName, DesiredAccess);
    Params->CreateDisposition = FILE_OPEN;
}

/* "WDF_IO_TARGET_OPEN_PARAMS_INIT_REOPEN function" */
NDISKIT_INLINE VOID WDF_IO_TARGET_OPEN_PARAMS_INIT_REOPEN(_Out_ PWDF_IO_TARGET_OPEN_PARAMS Params)
{
    RtlZeroMemory(Params, sizeof(*Params));
    Params->Size = sizeof(*Params);
    Params->Type = WdfIoTargetOpenReopen;
}

/* Makes a remote target, closed. STATUS_INVALID_DEVICE_REQUEST when the parent given does not lead to Device.
 * "WdfIoTargetCreate function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                           _In_opt_ PWDF_OBJECT_ATTRIBUTES IoTargetAttributes,
                                           _Out_ WDFIOTARGET *IoTarget);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetCreate(_In_ WDFDEVICE Device, _In_opt_ PWDF_OBJECT_ATTRIBUTES IoTargetAttributes,
                  _Out_ WDFIOTARGET *IoTarget)
{
    return ((PFN_WDFIOTARGETCREATE)WdfFunctions[WdfIoTargetCreateTableIndex])(WdfDriverGlobals, Device,
                                                                              IoTargetAttributes, IoTarget);
}

/* Opens a remote target and starts it. STATUS_INVALID_DEVICE_STATE when it is open, STATUS_INFO_LENGTH_MISMATCH for a
 * wrong size. "WdfIoTargetOpen function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETOPEN)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget,
                                         _In_ PWDF_IO_TARGET_OPEN_PARAMS OpenParams);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetOpen(_In_ WDFIOTARGET IoTarget, _In_ PWDF_IO_TARGET_OPEN_PARAMS OpenParams)
{
    return ((PFN_WDFIOTARGETOPEN)WdfFunctions[WdfIoTargetOpenTableIndex])(WdfDriverGlobals, IoTarget, OpenParams);
}

/* Closes a remote target until it is known whether its device goes. "WdfIoTargetCloseForQueryRemove function" */
typedef _IRQL_requires_max_(PASSIVE_LEVEL)
    VOID(NTAPI *PFN_WDFIOTARGETCLOSEFORQUERYREMOVE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _IRQL_requires_max_(PASSIVE_LEVEL)
VOID WdfIoTargetCloseForQueryRemove(_In_ WDFIOTARGET IoTarget)
{
    ((PFN_WDFIOTARGETCLOSEFORQUERYREMOVE)WdfFunctions[WdfIoTargetCloseForQueryRemoveTableIndex])(WdfDriverGlobals,
                                                                                                 IoTarget);
}

/* Closes a remote target: cancels what was sent to it and waits. "WdfIoTargetClose function" */
typedef _IRQL_requires_max_(PASSIVE_LEVEL)
    VOID(NTAPI *PFN_WDFIOTARGETCLOSE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _IRQL_requires_max_(PASSIVE_LEVEL)
VOID WdfIoTargetClose(_In_ WDFIOTARGET IoTarget)
{
    ((PFN_WDFIOTARGETCLOSE)WdfFunctions[WdfIoTargetCloseTableIndex])(WdfDriverGlobals, IoTarget);
}

/* Starts a stopped or purged target and sends what was queued meanwhile; STATUS_INVALID_DEVICE_STATE when its device
 * is gone. "WdfIoTargetStart function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETSTART)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfIoTargetStart(_In_ WDFIOTARGET IoTarget)
{
    return ((PFN_WDFIOTARGETSTART)WdfFunctions[WdfIoTargetStartTableIndex])(WdfDriverGlobals, IoTarget);
}

/* Stops a target: it queues requests until it is started. PASSIVE_LEVEL unless sent requests are left pending.
 * "WdfIoTargetStop function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFIOTARGETSTOP)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget,
                                     _In_ _Strict_type_match_ WDF_IO_TARGET_SENT_IO_ACTION Action);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfIoTargetStop(_In_ WDFIOTARGET IoTarget, _In_ _Strict_type_match_ WDF_IO_TARGET_SENT_IO_ACTION Action)
{
    ((PFN_WDFIOTARGETSTOP)WdfFunctions[WdfIoTargetStopTableIndex])(WdfDriverGlobals, IoTarget, Action);
}

/* Cancels all requests of a target and refuses new ones until it is started. PASSIVE_LEVEL when it is to wait.
 * "WdfIoTargetPurge function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    VOID(NTAPI *PFN_WDFIOTARGETPURGE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget,
                                      _In_ _Strict_type_match_ WDF_IO_TARGET_PURGE_IO_ACTION Action);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
VOID WdfIoTargetPurge(_In_ WDFIOTARGET IoTarget, _In_ _Strict_type_match_ WDF_IO_TARGET_PURGE_IO_ACTION Action)
{
    ((PFN_WDFIOTARGETPURGE)WdfFunctions[WdfIoTargetPurgeTableIndex])(WdfDriverGlobals, IoTarget, Action);
}

/* The target's state. "WdfIoTargetGetState function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    WDF_IO_TARGET_STATE(NTAPI *PFN_WDFIOTARGETGETSTATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                        _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
WDF_IO_TARGET_STATE WdfIoTargetGetState(_In_ WDFIOTARGET IoTarget)
{
    return ((PFN_WDFIOTARGETGETSTATE)WdfFunctions[WdfIoTargetGetStateTableIndex])(WdfDriverGlobals, IoTarget);
}

/* The framework device that the target belongs to. "WdfIoTargetGetDevice function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    WDFDEVICE(NTAPI *PFN_WDFIOTARGETGETDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
WDFDEVICE WdfIoTargetGetDevice(_In_ WDFIOTARGET IoTarget)
{
    return ((PFN_WDFIOTARGETGETDEVICE)WdfFunctions[WdfIoTargetGetDeviceTableIndex])(WdfDriverGlobals, IoTarget);
}

/* A property of the target's device; STATUS_BUFFER_TOO_SMALL with the length needed. "WdfIoTargetQueryTargetProperty
 * function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL) NTSTATUS(NTAPI *PFN_WDFIOTARGETQUERYTARGETPROPERTY)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_ DEVICE_REGISTRY_PROPERTY DeviceProperty,
    _In_ ULONG BufferLength, _Out_opt_ PVOID PropertyBuffer, _Out_ PULONG ResultLength);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetQueryTargetProperty(_In_ WDFIOTARGET IoTarget, _In_ DEVICE_REGISTRY_PROPERTY DeviceProperty,
                               _In_ ULONG BufferLength, _Out_opt_ PVOID PropertyBuffer, _Out_ PULONG ResultLength)
{
    return ((PFN_WDFIOTARGETQUERYTARGETPROPERTY)WdfFunctions[WdfIoTargetQueryTargetPropertyTableIndex])(
        WdfDriverGlobals, IoTarget, DeviceProperty, BufferLength, PropertyBuffer, ResultLength);
}

/* The same in a new memory object. "WdfIoTargetAllocAndQueryTargetProperty function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETALLOCANDQUERYTARGETPROPERTY)(
        _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_ DEVICE_REGISTRY_PROPERTY DeviceProperty,
        _In_ _Strict_type_match_ POOL_TYPE PoolType, _In_opt_ PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes,
        _Out_ WDFMEMORY *PropertyMemory);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetAllocAndQueryTargetProperty(_In_ WDFIOTARGET IoTarget, _In_ DEVICE_REGISTRY_PROPERTY DeviceProperty,
                                       _In_ _Strict_type_match_ POOL_TYPE PoolType,
                                       _In_opt_ PWDF_OBJECT_ATTRIBUTES PropertyMemoryAttributes,
                                       _Out_ WDFMEMORY *PropertyMemory)
{
    return ((PFN_WDFIOTARGETALLOCANDQUERYTARGETPROPERTY)WdfFunctions[WdfIoTargetAllocAndQueryTargetPropertyTableIndex])(
        WdfDriverGlobals, IoTarget, DeviceProperty, PoolType, PropertyMemoryAttributes, PropertyMemory);
}

/* Asks a remote target's drivers for a driver-defined interface. "WdfIoTargetQueryForInterface function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETQUERYFORINTERFACE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget,
                                                      _In_ LPCGUID InterfaceType, _Out_ PINTERFACE Interface,
                                                      _In_ USHORT Size, _In_ USHORT Version,
                                                      _In_opt_ PVOID InterfaceSpecificData);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetQueryForInterface(_In_ WDFIOTARGET IoTarget, _In_ LPCGUID InterfaceType, _Out_ PINTERFACE Interface,
                             _In_ USHORT Size, _In_ USHORT Version, _In_opt_ PVOID InterfaceSpecificData)
{
    return ((PFN_WDFIOTARGETQUERYFORINTERFACE)WdfFunctions[WdfIoTargetQueryForInterfaceTableIndex])(
        WdfDriverGlobals, IoTarget, InterfaceType, Interface, Size, Version, InterfaceSpecificData);
}

/* The device object that requests go to. "WdfIoTargetWdmGetTargetDeviceObject function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    PDEVICE_OBJECT(NTAPI *PFN_WDFIOTARGETWDMGETTARGETDEVICEOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                   _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
PDEVICE_OBJECT
WdfIoTargetWdmGetTargetDeviceObject(_In_ WDFIOTARGET IoTarget)
{
    return ((PFN_WDFIOTARGETWDMGETTARGETDEVICEOBJECT)WdfFunctions[WdfIoTargetWdmGetTargetDeviceObjectTableIndex])(
        WdfDriverGlobals, IoTarget);
}

/* The physical device object of the target's stack, or NULL. "WdfIoTargetWdmGetTargetPhysicalDevice function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    PDEVICE_OBJECT(NTAPI *PFN_WDFIOTARGETWDMGETTARGETPHYSICALDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                     _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
PDEVICE_OBJECT
WdfIoTargetWdmGetTargetPhysicalDevice(_In_ WDFIOTARGET IoTarget)
{
    return ((PFN_WDFIOTARGETWDMGETTARGETPHYSICALDEVICE)WdfFunctions[WdfIoTargetWdmGetTargetPhysicalDeviceTableIndex])(
        WdfDriverGlobals, IoTarget);
}

/* The file object that a remote target was opened with, or NULL. "WdfIoTargetWdmGetTargetFileObject function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    PFILE_OBJECT(NTAPI *PFN_WDFIOTARGETWDMGETTARGETFILEOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
PFILE_OBJECT
WdfIoTargetWdmGetTargetFileObject(_In_ WDFIOTARGET IoTarget)
{
    return ((PFN_WDFIOTARGETWDMGETTARGETFILEOBJECT)WdfFunctions[WdfIoTargetWdmGetTargetFileObjectTableIndex])(
        WdfDriverGlobals, IoTarget);
}

/* The handle of a remote target that was opened by name, or NULL. "WdfIoTargetWdmGetTargetFileHandle function" */
typedef _IRQL_requires_max_(DISPATCH_LEVEL)
    HANDLE(NTAPI *PFN_WDFIOTARGETWDMGETTARGETFILEHANDLE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ WDFIOTARGET IoTarget);
NDISKIT_INLINE _IRQL_requires_max_(DISPATCH_LEVEL)
HANDLE WdfIoTargetWdmGetTargetFileHandle(_In_ WDFIOTARGET IoTarget)
{
    return ((PFN_WDFIOTARGETWDMGETTARGETFILEHANDLE)WdfFunctions[WdfIoTargetWdmGetTargetFileHandleTableIndex])(
        WdfDriverGlobals, IoTarget);
}

/* Reads and waits. "WdfIoTargetSendReadSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL) NTSTATUS(NTAPI *PFN_WDFIOTARGETSENDREADSYNCHRONOUSLY)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request,
    _In_opt_ PWDF_MEMORY_DESCRIPTOR OutputBuffer, _In_opt_ PLONGLONG DeviceOffset,
    _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _Out_opt_ PULONG_PTR BytesRead);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetSendReadSynchronously(_In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request,
                                 _In_opt_ PWDF_MEMORY_DESCRIPTOR OutputBuffer, _In_opt_ PLONGLONG DeviceOffset,
                                 _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _Out_opt_ PULONG_PTR BytesRead)
{
    return ((PFN_WDFIOTARGETSENDREADSYNCHRONOUSLY)WdfFunctions[WdfIoTargetSendReadSynchronouslyTableIndex])(
        WdfDriverGlobals, IoTarget, Request, OutputBuffer, DeviceOffset, RequestOptions, BytesRead);
}

/* Formats a request to read. "WdfIoTargetFormatRequestForRead function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL) NTSTATUS(NTAPI *PFN_WDFIOTARGETFORMATREQUESTFORREAD)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request,
    _In_opt_ WDFMEMORY OutputBuffer, _In_opt_ PWDFMEMORY_OFFSET OutputBufferOffset, _In_opt_ PLONGLONG DeviceOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfIoTargetFormatRequestForRead(_In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request, _In_opt_ WDFMEMORY OutputBuffer,
                                _In_opt_ PWDFMEMORY_OFFSET OutputBufferOffset, _In_opt_ PLONGLONG DeviceOffset)
{
    return ((PFN_WDFIOTARGETFORMATREQUESTFORREAD)WdfFunctions[WdfIoTargetFormatRequestForReadTableIndex])(
        WdfDriverGlobals, IoTarget, Request, OutputBuffer, OutputBufferOffset, DeviceOffset);
}

/* Writes and waits. "WdfIoTargetSendWriteSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL) NTSTATUS(NTAPI *PFN_WDFIOTARGETSENDWRITESYNCHRONOUSLY)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request,
    _In_opt_ PWDF_MEMORY_DESCRIPTOR InputBuffer, _In_opt_ PLONGLONG DeviceOffset,
    _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _Out_opt_ PULONG_PTR BytesWritten);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetSendWriteSynchronously(_In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request,
                                  _In_opt_ PWDF_MEMORY_DESCRIPTOR InputBuffer, _In_opt_ PLONGLONG DeviceOffset,
                                  _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _Out_opt_ PULONG_PTR BytesWritten)
{
    return ((PFN_WDFIOTARGETSENDWRITESYNCHRONOUSLY)WdfFunctions[WdfIoTargetSendWriteSynchronouslyTableIndex])(
        WdfDriverGlobals, IoTarget, Request, InputBuffer, DeviceOffset, RequestOptions, BytesWritten);
}

/* Formats a request to write. "WdfIoTargetFormatRequestForWrite function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL) NTSTATUS(NTAPI *PFN_WDFIOTARGETFORMATREQUESTFORWRITE)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request,
    _In_opt_ WDFMEMORY InputBuffer, _In_opt_ PWDFMEMORY_OFFSET InputBufferOffset, _In_opt_ PLONGLONG DeviceOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfIoTargetFormatRequestForWrite(_In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request, _In_opt_ WDFMEMORY InputBuffer,
                                 _In_opt_ PWDFMEMORY_OFFSET InputBufferOffset, _In_opt_ PLONGLONG DeviceOffset)
{
    return ((PFN_WDFIOTARGETFORMATREQUESTFORWRITE)WdfFunctions[WdfIoTargetFormatRequestForWriteTableIndex])(
        WdfDriverGlobals, IoTarget, Request, InputBuffer, InputBufferOffset, DeviceOffset);
}

/* Sends a device control request and waits. "WdfIoTargetSendIoctlSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL) NTSTATUS(NTAPI *PFN_WDFIOTARGETSENDIOCTLSYNCHRONOUSLY)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request,
    _In_ ULONG IoctlCode, _In_opt_ PWDF_MEMORY_DESCRIPTOR InputBuffer, _In_opt_ PWDF_MEMORY_DESCRIPTOR OutputBuffer,
    _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _Out_opt_ PULONG_PTR BytesReturned);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetSendIoctlSynchronously(_In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request, _In_ ULONG IoctlCode,
                                  _In_opt_ PWDF_MEMORY_DESCRIPTOR InputBuffer,
                                  _In_opt_ PWDF_MEMORY_DESCRIPTOR OutputBuffer,
                                  _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _Out_opt_ PULONG_PTR BytesReturned)
{
    return ((PFN_WDFIOTARGETSENDIOCTLSYNCHRONOUSLY)WdfFunctions[WdfIoTargetSendIoctlSynchronouslyTableIndex])(
        WdfDriverGlobals, IoTarget, Request, IoctlCode, InputBuffer, OutputBuffer, RequestOptions, BytesReturned);
}

/* Formats a device control request. "WdfIoTargetFormatRequestForIoctl function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL) NTSTATUS(NTAPI *PFN_WDFIOTARGETFORMATREQUESTFORIOCTL)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request, _In_ ULONG IoctlCode,
    _In_opt_ WDFMEMORY InputBuffer, _In_opt_ PWDFMEMORY_OFFSET InputBufferOffset, _In_opt_ WDFMEMORY OutputBuffer,
    _In_opt_ PWDFMEMORY_OFFSET OutputBufferOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfIoTargetFormatRequestForIoctl(_In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request, _In_ ULONG IoctlCode,
                                 _In_opt_ WDFMEMORY InputBuffer, _In_opt_ PWDFMEMORY_OFFSET InputBufferOffset,
                                 _In_opt_ WDFMEMORY OutputBuffer, _In_opt_ PWDFMEMORY_OFFSET OutputBufferOffset)
{
    return ((PFN_WDFIOTARGETFORMATREQUESTFORIOCTL)WdfFunctions[WdfIoTargetFormatRequestForIoctlTableIndex])(
        WdfDriverGlobals, IoTarget, Request, IoctlCode, InputBuffer, InputBufferOffset, OutputBuffer,
        OutputBufferOffset);
}

/* Sends an internal device control request and waits. "WdfIoTargetSendInternalIoctlSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETSENDINTERNALIOCTLSYNCHRONOUSLY)(
        _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request,
        _In_ ULONG IoctlCode, _In_opt_ PWDF_MEMORY_DESCRIPTOR InputBuffer, _In_opt_ PWDF_MEMORY_DESCRIPTOR OutputBuffer,
        _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions, _Out_opt_ PULONG_PTR BytesReturned);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetSendInternalIoctlSynchronously(_In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request, _In_ ULONG IoctlCode,
                                          _In_opt_ PWDF_MEMORY_DESCRIPTOR InputBuffer,
                                          _In_opt_ PWDF_MEMORY_DESCRIPTOR OutputBuffer,
                                          _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                          _Out_opt_ PULONG_PTR BytesReturned)
{
    return ((PFN_WDFIOTARGETSENDINTERNALIOCTLSYNCHRONOUSLY)
                WdfFunctions[WdfIoTargetSendInternalIoctlSynchronouslyTableIndex])(
        WdfDriverGlobals, IoTarget, Request, IoctlCode, InputBuffer, OutputBuffer, RequestOptions, BytesReturned);
}

/* Formats an internal device control request. "WdfIoTargetFormatRequestForInternalIoctl function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETFORMATREQUESTFORINTERNALIOCTL)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                  _In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request,
                                                                  _In_ ULONG IoctlCode, _In_opt_ WDFMEMORY InputBuffer,
                                                                  _In_opt_ PWDFMEMORY_OFFSET InputBufferOffset,
                                                                  _In_opt_ WDFMEMORY OutputBuffer,
                                                                  _In_opt_ PWDFMEMORY_OFFSET OutputBufferOffset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfIoTargetFormatRequestForInternalIoctl(_In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request, _In_ ULONG IoctlCode,
                                         _In_opt_ WDFMEMORY InputBuffer, _In_opt_ PWDFMEMORY_OFFSET InputBufferOffset,
                                         _In_opt_ WDFMEMORY OutputBuffer, _In_opt_ PWDFMEMORY_OFFSET OutputBufferOffset)
{
    return (
        (PFN_WDFIOTARGETFORMATREQUESTFORINTERNALIOCTL)WdfFunctions[WdfIoTargetFormatRequestForInternalIoctlTableIndex])(
        WdfDriverGlobals, IoTarget, Request, IoctlCode, InputBuffer, InputBufferOffset, OutputBuffer,
        OutputBufferOffset);
}

/* Sends an internal device control request with arguments of the stack's own kind and waits.
 * "WdfIoTargetSendInternalIoctlOthersSynchronously function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETSENDINTERNALIOCTLOTHERSSYNCHRONOUSLY)(
        _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request,
        _In_ ULONG IoctlCode, _In_opt_ PWDF_MEMORY_DESCRIPTOR OtherArg1, _In_opt_ PWDF_MEMORY_DESCRIPTOR OtherArg2,
        _In_opt_ PWDF_MEMORY_DESCRIPTOR OtherArg4, _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
        _Out_opt_ PULONG_PTR BytesReturned);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL)
NTSTATUS
WdfIoTargetSendInternalIoctlOthersSynchronously(_In_ WDFIOTARGET IoTarget, _In_opt_ WDFREQUEST Request,
                                                _In_ ULONG IoctlCode, _In_opt_ PWDF_MEMORY_DESCRIPTOR OtherArg1,
                                                _In_opt_ PWDF_MEMORY_DESCRIPTOR OtherArg2,
                                                _In_opt_ PWDF_MEMORY_DESCRIPTOR OtherArg4,
                                                _In_opt_ PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                _Out_opt_ PULONG_PTR BytesReturned)
{
    return ((PFN_WDFIOTARGETSENDINTERNALIOCTLOTHERSSYNCHRONOUSLY)
                WdfFunctions[WdfIoTargetSendInternalIoctlOthersSynchronouslyTableIndex])(
        WdfDriverGlobals, IoTarget, Request, IoctlCode, OtherArg1, OtherArg2, OtherArg4, RequestOptions, BytesReturned);
}

/* Formats such a request. "WdfIoTargetFormatRequestForInternalIoctlOthers function" */
typedef _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
    NTSTATUS(NTAPI *PFN_WDFIOTARGETFORMATREQUESTFORINTERNALIOCTLOTHERS)(
        _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request,
        _In_ ULONG IoctlCode, _In_opt_ WDFMEMORY OtherArg1, _In_opt_ PWDFMEMORY_OFFSET OtherArg1Offset,
        _In_opt_ WDFMEMORY OtherArg2, _In_opt_ PWDFMEMORY_OFFSET OtherArg2Offset, _In_opt_ WDFMEMORY OtherArg4,
        _In_opt_ PWDFMEMORY_OFFSET OtherArg4Offset);
NDISKIT_INLINE _Must_inspect_result_ _IRQL_requires_max_(DISPATCH_LEVEL)
NTSTATUS
WdfIoTargetFormatRequestForInternalIoctlOthers(_In_ WDFIOTARGET IoTarget, _In_ WDFREQUEST Request, _In_ ULONG IoctlCode,
                                               _In_opt_ WDFMEMORY OtherArg1, _In_opt_ PWDFMEMORY_OFFSET OtherArg1Offset,
                                               _In_opt_ WDFMEMORY OtherArg2, _In_opt_ PWDFMEMORY_OFFSET OtherArg2Offset,
                                               _In_opt_ WDFMEMORY OtherArg4, _In_opt_ PWDFMEMORY_OFFSET OtherArg4Offset)
{
    return ((PFN_WDFIOTARGETFORMATREQUESTFORINTERNALIOCTLOTHERS)
                WdfFunctions[WdfIoTargetFormatRequestForInternalIoctlOthersTableIndex])(
        WdfDriverGlobals, IoTarget, Request, IoctlCode, OtherArg1, OtherArg1Offset, OtherArg2, OtherArg2Offset,
        OtherArg4, OtherArg4Offset);
}

NDISKIT_EXTERN_C_END

#endif

/*
 * An NDIS protocol driver written with KMDF: a driver without devices (WdfDriverInitNonPnpDriver) that binds to every
 * adapter and answers IOCTLs at a control device, as the monitors and configuration services of network packages do.
 * Each binding is a framework object, whose destruction callback says that the last user of the binding is gone.
 */
#include <ndis.h>
#include <wdf.h>
#include "kmdfproto.h"

typedef struct _DRIVER {
    NDIS_HANDLE Protocol;
    WDFCOLLECTION Bindings;
    WDFWAITLOCK Lock; /* of Bindings */
} DRIVER;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(DRIVER, DriverOf);

typedef struct _BINDING {
    WDFOBJECT Handle;
    NDIS_HANDLE Adapter;
    NDIS_STATUS Status; /* of the step that is under way */
    KEVENT Done;
} BINDING;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(BINDING, BindingOf);

typedef struct _OID_QUERY {
    NDIS_OID_REQUEST Oid;
    NDIS_STATUS Status;
    KEVENT Done;
} OID_QUERY;

DRIVER_INITIALIZE DriverEntry;
static EVT_WDF_DRIVER_UNLOAD DriverUnload;
static EVT_WDF_OBJECT_CONTEXT_DESTROY BindingDestroy;
static EVT_WDF_IO_QUEUE_IO_DEVICE_CONTROL IoDeviceControl;
static PROTOCOL_BIND_ADAPTER_EX BindAdapter;
static PROTOCOL_UNBIND_ADAPTER_EX UnbindAdapter;
static PROTOCOL_OPEN_ADAPTER_COMPLETE_EX OpenComplete;
static PROTOCOL_CLOSE_ADAPTER_COMPLETE_EX CloseComplete;
static PROTOCOL_OID_REQUEST_COMPLETE OidComplete;
static PROTOCOL_RECEIVE_NET_BUFFER_LISTS ReceiveNetBufferLists;
static PROTOCOL_SEND_NET_BUFFER_LISTS_COMPLETE SendComplete;
static PROTOCOL_STATUS_EX StatusIndication;
static PROTOCOL_NET_PNP_EVENT NetPnpEvent;

static NDIS_STATUS
WaitFor(BINDING *Binding, NDIS_STATUS Status)
{
    if (Status != NDIS_STATUS_PENDING)
        return Status;
    KeWaitForSingleObject(&Binding->Done, Executive, KernelMode, FALSE, NULL);
    return Binding->Status;
}

_Use_decl_annotations_
static VOID
OpenComplete(NDIS_HANDLE ProtocolBindingContext, NDIS_STATUS Status)
{
    BINDING *Binding = ProtocolBindingContext;

    Binding->Status = Status;
    KeSetEvent(&Binding->Done, IO_NO_INCREMENT, FALSE);
}

_Use_decl_annotations_
static VOID
CloseComplete(NDIS_HANDLE ProtocolBindingContext)
{
    OpenComplete(ProtocolBindingContext, NDIS_STATUS_SUCCESS);
}

_Use_decl_annotations_
static VOID
OidComplete(NDIS_HANDLE ProtocolBindingContext, PNDIS_OID_REQUEST OidRequest, NDIS_STATUS Status)
{
    OID_QUERY *Query = CONTAINING_RECORD(OidRequest, OID_QUERY, Oid);

    UNREFERENCED_PARAMETER(ProtocolBindingContext);
    Query->Status = Status;
    KeSetEvent(&Query->Done, IO_NO_INCREMENT, FALSE);
}

_Use_decl_annotations_
static VOID
ReceiveNetBufferLists(NDIS_HANDLE ProtocolBindingContext, PNET_BUFFER_LIST NetBufferLists, NDIS_PORT_NUMBER PortNumber,
                      ULONG NumberOfNetBufferLists, ULONG ReceiveFlags)
{
    BINDING *Binding = ProtocolBindingContext;

    UNREFERENCED_PARAMETER(PortNumber);
    UNREFERENCED_PARAMETER(NumberOfNetBufferLists);
    if (NDIS_TEST_RECEIVE_CAN_PEND(ReceiveFlags))
        NdisReturnNetBufferLists(Binding->Adapter, NetBufferLists, 0);
}

_Use_decl_annotations_
static VOID
SendComplete(NDIS_HANDLE ProtocolBindingContext, PNET_BUFFER_LIST NetBufferLists, ULONG SendCompleteFlags)
{
    UNREFERENCED_PARAMETER(ProtocolBindingContext);
    UNREFERENCED_PARAMETER(NetBufferLists);
    UNREFERENCED_PARAMETER(SendCompleteFlags);
}

_Use_decl_annotations_
static VOID
StatusIndication(NDIS_HANDLE ProtocolBindingContext, PNDIS_STATUS_INDICATION Indication)
{
    UNREFERENCED_PARAMETER(ProtocolBindingContext);
    UNREFERENCED_PARAMETER(Indication);
}

_Use_decl_annotations_
static NDIS_STATUS
NetPnpEvent(NDIS_HANDLE ProtocolBindingContext, PNET_PNP_EVENT_NOTIFICATION NetPnPEventNotification)
{
    UNREFERENCED_PARAMETER(ProtocolBindingContext);
    UNREFERENCED_PARAMETER(NetPnPEventNotification);
    return NDIS_STATUS_SUCCESS;
}

_Use_decl_annotations_
static NDIS_STATUS
BindAdapter(NDIS_HANDLE ProtocolDriverContext, NDIS_HANDLE BindContext, PNDIS_BIND_PARAMETERS BindParameters)
{
    DRIVER *Driver = ProtocolDriverContext;
    NET_FRAME_TYPE FrameTypes[] = { NDIS_ETH_TYPE_802_1X };
    NDIS_MEDIUM Media[] = { NdisMedium802_3 };
    WDF_OBJECT_ATTRIBUTES Attributes;
    NDIS_OPEN_PARAMETERS Open;
    WDFOBJECT Handle;
    BINDING *Binding;
    NDIS_STATUS Status;
    UINT Medium;

    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, BINDING);
    Attributes.EvtDestroyCallback = BindingDestroy;
    if (!NT_SUCCESS(WdfObjectCreate(&Attributes, &Handle)))
        return NDIS_STATUS_RESOURCES;
    Binding = BindingOf(Handle);
    Binding->Handle = Handle;
    KeInitializeEvent(&Binding->Done, SynchronizationEvent, FALSE);

    NdisZeroMemory(&Open, sizeof(Open));
    Open.Header.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS;
    Open.Header.Revision = NDIS_OPEN_PARAMETERS_REVISION_1;
    Open.Header.Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1;
    Open.AdapterName = BindParameters->AdapterName;
    Open.MediumArray = Media;
    Open.MediumArraySize = RTL_NUMBER_OF(Media);
    Open.SelectedMediumIndex = &Medium;
    Open.FrameTypeArray = FrameTypes;
    Open.FrameTypeArraySize = RTL_NUMBER_OF(FrameTypes);
    Status = WaitFor(Binding, NdisOpenAdapterEx(Driver->Protocol, Binding, &Open, BindContext, &Binding->Adapter));
    if (Status != NDIS_STATUS_SUCCESS) {
        WdfObjectDelete(Handle);
        return Status;
    }
    WdfWaitLockAcquire(Driver->Lock, NULL);
    if (!NT_SUCCESS(WdfCollectionAdd(Driver->Bindings, Handle)))
        Status = NDIS_STATUS_RESOURCES;
    WdfWaitLockRelease(Driver->Lock);
    if (Status != NDIS_STATUS_SUCCESS) {
        WaitFor(Binding, NdisCloseAdapterEx(Binding->Adapter));
        WdfObjectDelete(Handle);
    }
    return Status;
}

/* With the lock, so that no IOCTL has the binding in hand while it goes. */
_Use_decl_annotations_
static NDIS_STATUS
UnbindAdapter(NDIS_HANDLE UnbindContext, NDIS_HANDLE ProtocolBindingContext)
{
    BINDING *Binding = ProtocolBindingContext;
    DRIVER *Driver = DriverOf(WdfGetDriver());

    UNREFERENCED_PARAMETER(UnbindContext);
    WdfWaitLockAcquire(Driver->Lock, NULL);
    WdfCollectionRemove(Driver->Bindings, Binding->Handle);
    WdfWaitLockRelease(Driver->Lock);
    WaitFor(Binding, NdisCloseAdapterEx(Binding->Adapter));
    WdfObjectDelete(Binding->Handle);
    return NDIS_STATUS_SUCCESS;
}

_Use_decl_annotations_
static VOID
BindingDestroy(WDFOBJECT Object)
{
    UNREFERENCED_PARAMETER(Object);
    DbgPrint("kmdfproto: binding destroyed\n");
}

static NTSTATUS
QueryAddress(BINDING *Binding, PUCHAR Address)
{
    OID_QUERY Query;
    NDIS_STATUS Status;

    NdisZeroMemory(&Query, sizeof(Query));
    KeInitializeEvent(&Query.Done, NotificationEvent, FALSE);
    Query.Oid.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    Query.Oid.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    Query.Oid.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    Query.Oid.RequestType = NdisRequestQueryInformation;
    Query.Oid.DATA.QUERY_INFORMATION.Oid = OID_802_3_CURRENT_ADDRESS;
    Query.Oid.DATA.QUERY_INFORMATION.InformationBuffer = Address;
    Query.Oid.DATA.QUERY_INFORMATION.InformationBufferLength = 6;
    Status = NdisOidRequest(Binding->Adapter, &Query.Oid);
    if (Status == NDIS_STATUS_PENDING) {
        KeWaitForSingleObject(&Query.Done, Executive, KernelMode, FALSE, NULL);
        Status = Query.Status;
    }
    return Status == NDIS_STATUS_SUCCESS ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static NTSTATUS
CopyAddress(DRIVER *Driver, WDFREQUEST Request)
{
    UCHAR Address[6];
    PULONG Index;
    PVOID Output;
    WDFOBJECT Handle;
    NTSTATUS Status = WdfRequestRetrieveInputBuffer(Request, sizeof(ULONG), (PVOID *)&Index, NULL);

    if (NT_SUCCESS(Status))
        Status = WdfRequestRetrieveOutputBuffer(Request, sizeof(Address), &Output, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    /* The lock keeps the binding: NDIS's close of it waits for the query, and UnbindAdapter for the lock. */
    WdfWaitLockAcquire(Driver->Lock, NULL);
    Handle = WdfCollectionGetItem(Driver->Bindings, *Index);
    Status = Handle != NULL ? QueryAddress(BindingOf(Handle), Address) : STATUS_NO_SUCH_DEVICE;
    WdfWaitLockRelease(Driver->Lock);
    if (NT_SUCCESS(Status)) {
        RtlCopyMemory(Output, Address, sizeof(Address));
        WdfRequestSetInformation(Request, sizeof(Address));
    }
    return Status;
}

_Use_decl_annotations_
static VOID
IoDeviceControl(WDFQUEUE Queue, WDFREQUEST Request, size_t OutputBufferLength, size_t InputBufferLength,
                ULONG IoControlCode)
{
    DRIVER *Driver = DriverOf(WdfDeviceGetDriver(WdfIoQueueGetDevice(Queue)));
    PULONG Count;
    NTSTATUS Status;

    UNREFERENCED_PARAMETER(OutputBufferLength);
    UNREFERENCED_PARAMETER(InputBufferLength);
    switch (IoControlCode) {
    case IOCTL_KMDFPROTO_COUNT:
        Status = WdfRequestRetrieveOutputBuffer(Request, sizeof(ULONG), (PVOID *)&Count, NULL);
        if (NT_SUCCESS(Status)) {
            WdfWaitLockAcquire(Driver->Lock, NULL);
            *Count = WdfCollectionGetCount(Driver->Bindings);
            WdfWaitLockRelease(Driver->Lock);
            WdfRequestSetInformation(Request, sizeof(ULONG));
        }
        break;
    case IOCTL_KMDFPROTO_ADDRESS:
        Status = CopyAddress(Driver, Request);
        break;
    default:
        Status = STATUS_INVALID_DEVICE_REQUEST;
        break;
    }
    WdfRequestComplete(Request, Status);
}

static NTSTATUS
CreateControlDevice(WDFDRIVER Driver)
{
    DECLARE_CONST_UNICODE_STRING(Sddl, L"D:P(A;;GA;;;SY)(A;;GA;;;BA)");
    DECLARE_CONST_UNICODE_STRING(Name, L"\\Device\\KmdfProto");
    DECLARE_CONST_UNICODE_STRING(Link, L"\\DosDevices\\KmdfProto");
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDF_IO_QUEUE_CONFIG Config;
    PWDFDEVICE_INIT Init;
    WDFDEVICE Device;
    NTSTATUS Status;

    Init = WdfControlDeviceInitAllocate(Driver, &Sddl);
    if (Init == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    WdfDeviceInitSetExclusive(Init, FALSE);
    Status = WdfDeviceInitAssignName(Init, &Name);
    if (!NT_SUCCESS(Status)) {
        WdfDeviceInitFree(Init);
        return Status;
    }
    Status = WdfDeviceCreate(&Init, WDF_NO_OBJECT_ATTRIBUTES, &Device);
    if (!NT_SUCCESS(Status)) {
        WdfDeviceInitFree(Init);
        return Status;
    }
    Status = WdfDeviceCreateSymbolicLink(Device, &Link);
    if (!NT_SUCCESS(Status))
        goto Delete;
    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&Config, WdfIoQueueDispatchSequential);
    Config.EvtIoDeviceControl = IoDeviceControl;
    /* The callback waits for NDIS. */
    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    Attributes.ExecutionLevel = WdfExecutionLevelPassive;
    Status = WdfIoQueueCreate(Device, &Config, &Attributes, NULL);
    if (!NT_SUCCESS(Status))
        goto Delete;
    WdfControlFinishInitializing(Device);
    return STATUS_SUCCESS;

Delete:
    WdfObjectDelete(Device);
    return Status;
}

static NTSTATUS
RegisterProtocol(DRIVER *Driver)
{
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS Characteristics;
    NDIS_STRING Name = NDIS_STRING_CONST("KMDFPROTO");

    NdisZeroMemory(&Characteristics, sizeof(Characteristics));
    Characteristics.Header.Type = NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS;
    Characteristics.Header.Revision = NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2;
    Characteristics.Header.Size = NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2;
    Characteristics.MajorNdisVersion = 6;
    Characteristics.MinorNdisVersion = 30;
    Characteristics.Name = Name;
    Characteristics.BindAdapterHandlerEx = BindAdapter;
    Characteristics.UnbindAdapterHandlerEx = UnbindAdapter;
    Characteristics.OpenAdapterCompleteHandlerEx = OpenComplete;
    Characteristics.CloseAdapterCompleteHandlerEx = CloseComplete;
    Characteristics.OidRequestCompleteHandler = OidComplete;
    Characteristics.ReceiveNetBufferListsHandler = ReceiveNetBufferLists;
    Characteristics.SendNetBufferListsCompleteHandler = SendComplete;
    Characteristics.StatusHandlerEx = StatusIndication;
    Characteristics.NetPnPEventHandler = NetPnpEvent;
    return NdisRegisterProtocolDriver(Driver, &Characteristics, &Driver->Protocol);
}

/* The framework deletes the control device after this. */
_Use_decl_annotations_
static VOID
DriverUnload(WDFDRIVER Driver)
{
    NdisDeregisterProtocolDriver(DriverOf(Driver)->Protocol);
    DbgPrint("kmdfproto: unloaded with %lu bindings\n", WdfCollectionGetCount(DriverOf(Driver)->Bindings));
}

_Use_decl_annotations_
NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDF_DRIVER_CONFIG Config;
    WDFDRIVER Handle;
    DRIVER *Driver;
    NTSTATUS Status;

    WDF_DRIVER_CONFIG_INIT(&Config, WDF_NO_EVENT_CALLBACK);
    Config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    Config.EvtDriverUnload = DriverUnload;
    Config.DriverPoolTag = 'rpdK';
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, DRIVER);
    Status = WdfDriverCreate(DriverObject, RegistryPath, &Attributes, &Config, &Handle);
    if (!NT_SUCCESS(Status))
        return Status;
    Driver = DriverOf(Handle);
    Status = WdfCollectionCreate(WDF_NO_OBJECT_ATTRIBUTES, &Driver->Bindings);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = WdfWaitLockCreate(WDF_NO_OBJECT_ATTRIBUTES, &Driver->Lock);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CreateControlDevice(Handle);
    if (!NT_SUCCESS(Status))
        return Status;
    /* NDIS may call back from here on; its objects are the last thing to make. */
    return RegisterProtocol(Driver);
}

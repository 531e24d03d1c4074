/*
 * DriverEntry and unload.
 */
#include "usbnet.h"

NDIS_HANDLE DriverHandle;

static SET_OPTIONS SetOptions;
_Use_decl_annotations_
static NDIS_STATUS
SetOptions(NDIS_HANDLE NdisDriverHandle, NDIS_HANDLE DriverContext)
{
    UNREFERENCED_PARAMETER(NdisDriverHandle);
    UNREFERENCED_PARAMETER(DriverContext);
    return NDIS_STATUS_SUCCESS;
}

static MINIPORT_UNLOAD Unload;
_Use_decl_annotations_
static VOID
Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    NdisMDeregisterMiniportDriver(DriverHandle);
    LowerDriverUnload();
}

DRIVER_INITIALIZE DriverEntry;
_Use_decl_annotations_
NTSTATUS
DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS Characteristics = {
        .Header = { .Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
                    .Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
                    .Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2 },
        .MajorNdisVersion = NDIS_MINIPORT_MAJOR_VERSION,
        .MinorNdisVersion = NDIS_MINIPORT_MINOR_VERSION,
        .MajorDriverVersion = USBNET_MAJOR_DRIVER_VERSION,
        .MinorDriverVersion = USBNET_MINOR_DRIVER_VERSION,
        .SetOptionsHandler = SetOptions,
        .InitializeHandlerEx = AdapterInitialize,
        .HaltHandlerEx = AdapterHalt,
        .UnloadHandler = Unload,
        .PauseHandler = AdapterPause,
        .RestartHandler = AdapterRestart,
        .OidRequestHandler = OidRequest,
        .SendNetBufferListsHandler = Send,
        .ReturnNetBufferListsHandler = ReceiveReturn,
        .CancelSendHandler = SendCancel,
        .ResetHandlerEx = AdapterReset,
        .DevicePnPEventNotifyHandler = AdapterPnPEvent,
        .ShutdownHandlerEx = AdapterShutdown,
        .CancelOidRequestHandler = OidCancel
    };
    NTSTATUS Status;

    ExInitializeDriverRuntime(DrvRtPoolNxOptIn);
    Status = LowerDriverEntry(DriverObject, RegistryPath);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = NdisMRegisterMiniportDriver(DriverObject, RegistryPath, NULL, &Characteristics, &DriverHandle);
    if (Status != NDIS_STATUS_SUCCESS)
        LowerDriverUnload();
    return Status;
}

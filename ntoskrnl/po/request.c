/*
 * What drivers tell the power manager about themselves: power requests that keep the system or the display on, the
 * device that is busy, the IRP that woke the system. The system sleeps only when po_system_sleep says so, so that
 * requests have nothing to hold off; they are counted, because unbalanced ones are a driver's mistake.
 *
 * Public pages: "PoCreatePowerRequest", "PoSetPowerRequest", "PoClearPowerRequest", "PoStartDeviceBusy",
 * "PoSetSystemWake".
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/po/po_internal.h"

struct power_request {
    PDEVICE_OBJECT device; /* referenced */
    LONG counts[PowerRequestExecutionRequired + 1];
};

NTSTATUS NTAPI PoCreatePowerRequest(PVOID *PowerRequest, PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    struct power_request *request = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*request), PO_TAG);

    UNREFERENCED_PARAMETER(Context); /* a text for powercfg /requests */
    *PowerRequest = request;
    if (request == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    ObReferenceObject(DeviceObject);
    request->device = DeviceObject;
    return STATUS_SUCCESS;
}
NT_EXPORT(PoCreatePowerRequest);

static bool is_request_type(POWER_REQUEST_TYPE type)
{
    return type >= PowerRequestDisplayRequired && type <= PowerRequestExecutionRequired;
}

NTSTATUS NTAPI PoSetPowerRequest(PVOID PowerRequest, POWER_REQUEST_TYPE Type)
{
    struct power_request *request = PowerRequest;

    if (!is_request_type(Type))
        return STATUS_INVALID_PARAMETER;
    InterlockedIncrement(&request->counts[Type]);
    return STATUS_SUCCESS;
}
NT_EXPORT(PoSetPowerRequest);

NTSTATUS NTAPI PoClearPowerRequest(PVOID PowerRequest, POWER_REQUEST_TYPE Type)
{
    struct power_request *request = PowerRequest;

    if (!is_request_type(Type))
        return STATUS_INVALID_PARAMETER;
    if (InterlockedDecrement(&request->counts[Type]) >= 0)
        return STATUS_SUCCESS;
    InterlockedIncrement(&request->counts[Type]);
    return STATUS_INVALID_DEVICE_REQUEST;
}
NT_EXPORT(PoClearPowerRequest);

VOID NTAPI PoDeletePowerRequest(PVOID PowerRequest)
{
    struct power_request *request = PowerRequest;

    ObDereferenceObject(request->device);
    ExFreePoolWithTag(request, PO_TAG);
}
NT_EXPORT(PoDeletePowerRequest);

/* PoRegisterDeviceForIdleDetection gives out no idle counter, and these are for one. */
VOID NTAPI PoSetDeviceBusyEx(PULONG IdlePointer)
{
    if (IdlePointer != NULL)
        *IdlePointer = 0;
}
NT_EXPORT(PoSetDeviceBusyEx);

VOID NTAPI PoStartDeviceBusy(PULONG IdlePointer)
{
    PoSetDeviceBusyEx(IdlePointer);
}
NT_EXPORT(PoStartDeviceBusy);

VOID NTAPI PoEndDeviceBusy(PULONG IdlePointer)
{
    PoSetDeviceBusyEx(IdlePointer);
}
NT_EXPORT(PoEndDeviceBusy);

/*
 * Event tracing. A provider registers and asks whether anybody listens before it builds an event; ndiskit runs no trace
 * session, so that nobody does, and events written all the same end here, as they do on a Windows machine without a
 * session. Activity ids work. Public pages: "EtwRegister function (wdm.h)", "EtwActivityIdControl function (wdm.h)".
 */
#include <ntddk.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

enum { ETW_TAG = 'RwtE', REGISTERED = 0x52777445 };

/* A REGHANDLE is its address. */
struct registration {
    ULONG signature;
    GUID provider;
};

static bool is_registered(REGHANDLE handle)
{
    struct registration *registration = (struct registration *)handle;
    return registration != NULL && registration->signature == REGISTERED;
}

NTSTATUS NTAPI EtwRegister(LPCGUID ProviderId, PETWENABLECALLBACK EnableCallback, PVOID CallbackContext,
                           PREGHANDLE RegHandle)
{
    UNREFERENCED_PARAMETER(EnableCallback); /* called when a session enables the provider */
    UNREFERENCED_PARAMETER(CallbackContext);
    if (ProviderId == NULL || RegHandle == NULL)
        return STATUS_INVALID_PARAMETER;
    struct registration *registration = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*registration), ETW_TAG);
    if (registration == NULL)
        return STATUS_NO_MEMORY;
    *registration = (struct registration){REGISTERED, *ProviderId};
    *RegHandle = (REGHANDLE)registration;
    return STATUS_SUCCESS;
}
NT_EXPORT(EtwRegister);

NTSTATUS NTAPI EtwUnregister(REGHANDLE RegHandle)
{
    if (!is_registered(RegHandle))
        return STATUS_INVALID_HANDLE;
    ((struct registration *)RegHandle)->signature = 0;
    ExFreePoolWithTag((PVOID)RegHandle, ETW_TAG);
    return STATUS_SUCCESS;
}
NT_EXPORT(EtwUnregister);

BOOLEAN NTAPI EtwEventEnabled(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor)
{
    UNREFERENCED_PARAMETER(RegHandle);
    UNREFERENCED_PARAMETER(EventDescriptor);
    return FALSE;
}
NT_EXPORT(EtwEventEnabled);

BOOLEAN NTAPI EtwProviderEnabled(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword)
{
    UNREFERENCED_PARAMETER(RegHandle);
    UNREFERENCED_PARAMETER(Level);
    UNREFERENCED_PARAMETER(Keyword);
    return FALSE;
}
NT_EXPORT(EtwProviderEnabled);

static NTSTATUS write_event(REGHANDLE handle, const void *event)
{
    if (!is_registered(handle))
        return STATUS_INVALID_HANDLE;
    return event != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS NTAPI EtwWrite(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, LPCGUID ActivityId,
                        ULONG UserDataCount, PEVENT_DATA_DESCRIPTOR UserData)
{
    UNREFERENCED_PARAMETER(ActivityId);
    UNREFERENCED_PARAMETER(UserDataCount);
    UNREFERENCED_PARAMETER(UserData);
    return write_event(RegHandle, EventDescriptor);
}
NT_EXPORT(EtwWrite);

NTSTATUS NTAPI EtwWriteEx(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, ULONG64 Filter, ULONG Flags,
                          LPCGUID ActivityId, LPCGUID RelatedActivityId, ULONG UserDataCount,
                          PEVENT_DATA_DESCRIPTOR UserData)
{
    UNREFERENCED_PARAMETER(Filter);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(RelatedActivityId);
    return EtwWrite(RegHandle, EventDescriptor, ActivityId, UserDataCount, UserData);
}
NT_EXPORT(EtwWriteEx);

NTSTATUS NTAPI EtwWriteTransfer(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, LPCGUID ActivityId,
                                LPCGUID RelatedActivityId, ULONG UserDataCount, PEVENT_DATA_DESCRIPTOR UserData)
{
    UNREFERENCED_PARAMETER(RelatedActivityId);
    return EtwWrite(RegHandle, EventDescriptor, ActivityId, UserDataCount, UserData);
}
NT_EXPORT(EtwWriteTransfer);

NTSTATUS NTAPI EtwWriteString(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword, LPCGUID ActivityId, PCWSTR String)
{
    UNREFERENCED_PARAMETER(Level);
    UNREFERENCED_PARAMETER(Keyword);
    UNREFERENCED_PARAMETER(ActivityId);
    return write_event(RegHandle, String);
}
NT_EXPORT(EtwWriteString);

NTSTATUS NTAPI EtwSetInformation(REGHANDLE RegHandle, EVENT_INFO_CLASS InformationClass, PVOID EventInformation,
                                 ULONG InformationLength)
{
    UNREFERENCED_PARAMETER(EventInformation);
    UNREFERENCED_PARAMETER(InformationLength);
    if (!is_registered(RegHandle))
        return STATUS_INVALID_HANDLE;
    return InformationClass < MaxEventInfo ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
NT_EXPORT(EtwSetInformation);

/* The calling thread's activity. */
static __thread GUID activity;

NTSTATUS NTAPI EtwActivityIdControl(ULONG ControlCode, LPGUID ActivityId)
{
    GUID old = activity;
    switch (ControlCode) {
    case EVENT_ACTIVITY_CTRL_GET_ID:
        *ActivityId = old;
        return STATUS_SUCCESS;
    case EVENT_ACTIVITY_CTRL_SET_ID:
        activity = *ActivityId;
        return STATUS_SUCCESS;
    case EVENT_ACTIVITY_CTRL_CREATE_ID:
        return ExUuidCreate(ActivityId);
    case EVENT_ACTIVITY_CTRL_GET_SET_ID:
        activity = *ActivityId;
        *ActivityId = old;
        return STATUS_SUCCESS;
    case EVENT_ACTIVITY_CTRL_CREATE_SET_ID: {
        NTSTATUS status = ExUuidCreate(&activity);
        *ActivityId = old;
        return status;
    }
    default:
        return STATUS_INVALID_PARAMETER;
    }
}
NT_EXPORT(EtwActivityIdControl);

/*
 * Events and the clock, in the units that NDIS drivers use: milliseconds to wait and since boot, microseconds to sleep.
 * Pages: "NdisWaitEvent function", "NdisMSleep function", "NdisGetSystemUpTimeEx function".
 */
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"

#define UNITS_PER_MICROSECOND 10
#define UNITS_PER_MILLISECOND 10000

VOID NTAPI NdisInitializeEvent(PNDIS_EVENT Event)
{
    KeInitializeEvent(&Event->Event, NotificationEvent, FALSE);
}
NT_EXPORT(NdisInitializeEvent);

VOID NTAPI NdisSetEvent(PNDIS_EVENT Event)
{
    KeSetEvent(&Event->Event, IO_NO_INCREMENT, FALSE);
}
NT_EXPORT(NdisSetEvent);

VOID NTAPI NdisResetEvent(PNDIS_EVENT Event)
{
    KeClearEvent(&Event->Event);
}
NT_EXPORT(NdisResetEvent);

BOOLEAN NTAPI NdisWaitEvent(PNDIS_EVENT Event, UINT MsToWait)
{
    if (ke_irql() >= DISPATCH_LEVEL)
        ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0x14, ke_irql(), 0, 0, NULL,
                         "NdisWaitEvent was called at IRQL %u; it waits, and so needs PASSIVE_LEVEL", ke_irql());
    LARGE_INTEGER timeout = {.QuadPart = -(LONGLONG)MsToWait * UNITS_PER_MILLISECOND};
    NTSTATUS status = KeWaitForSingleObject(&Event->Event, Executive, KernelMode, FALSE, MsToWait ? &timeout : NULL);
    return status == STATUS_SUCCESS;
}
NT_EXPORT(NdisWaitEvent);

VOID NTAPI NdisMSleep(ULONG MicrosecondsToSleep)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    LARGE_INTEGER interval = {.QuadPart = -(LONGLONG)MicrosecondsToSleep * UNITS_PER_MICROSECOND};
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}
NT_EXPORT(NdisMSleep);

VOID NTAPI(NdisGetCurrentSystemTime)(PLARGE_INTEGER pCurrentTime)
{
    pCurrentTime->QuadPart = ke_system_time();
}
NT_EXPORT(NdisGetCurrentSystemTime);

/* Wraps after 49.7 days, as documented. */
VOID NTAPI NdisGetSystemUpTime(PULONG pSystemUpTime)
{
    *pSystemUpTime = (ULONG)(ke_now() / UNITS_PER_MILLISECOND);
}
NT_EXPORT(NdisGetSystemUpTime);

VOID NTAPI NdisGetSystemUpTimeEx(PLARGE_INTEGER pSystemUpTime)
{
    pSystemUpTime->QuadPart = ke_now() / UNITS_PER_MILLISECOND;
}
NT_EXPORT(NdisGetSystemUpTimeEx);

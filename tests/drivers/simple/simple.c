/* The least driver: its DriverEntry counts its calls in static data, which is fresh for every load. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

static LONG Calls = 40;
static LONG *volatile Relocated = &Calls;

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeMemoryBarrier();
    *Relocated += 1;
    if (KeGetCurrentIrql() != PASSIVE_LEVEL)
        return STATUS_UNSUCCESSFUL;
    return *Relocated;
}

/* A driver that imports from another one (tests/drivers/seh), and handles an exception that is raised in there. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

DECLSPEC_IMPORT LONG CatchStatus(NTSTATUS Status);
DECLSPEC_IMPORT void Fault(LONG Kind, PVOID Address);

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    if (CatchStatus(STATUS_DEVICE_BUSY) != STATUS_DEVICE_BUSY)
        return STATUS_UNSUCCESSFUL;
    __try {
        Fault(0, (PVOID)0x40);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return GetExceptionCode() == (ULONG)STATUS_ACCESS_VIOLATION ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
    }
    return STATUS_UNSUCCESSFUL;
}

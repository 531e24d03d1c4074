/* A driver with the commonest of mistakes, made in a function of its own so that the report has one to name. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

struct ADAPTER {
    ULONG Reserved[6];
    volatile ULONG Flags;
};

static DECLSPEC_NOINLINE void MarkReady(struct ADAPTER *Adapter)
{
    Adapter->Flags = 1;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    MarkReady((struct ADAPTER *)DriverObject);
    return STATUS_SUCCESS;
}

/* Imports functions that no Windows has. Loading names them; calling one, which this DriverEntry does, is a bug check.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

DECLSPEC_IMPORT ULONG NTAPI KeNoSuchFunction(ULONG Value);
DECLSPEC_IMPORT ULONG NTAPI ExNoSuchFunctionEither(ULONG Value);

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    /* The additions keep these from being tail calls, which would not show this function on the stack. */
    if (DriverObject == NULL)
        return (NTSTATUS)ExNoSuchFunctionEither(1) + 1;
    return (NTSTATUS)KeNoSuchFunction(2) + 1;
}

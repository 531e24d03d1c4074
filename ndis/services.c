/*
 * The library's own beginning and end, and NdisGetRoutineAddress, by which a driver asks whether this NDIS has a
 * function before it calls it. Page: "NdisGetRoutineAddress function".
 */
#include <string.h>
#include "ndis/net_buffer.h"
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/ke/ke.h"

NTSTATUS ndis_library_initialize(void)
{
    return ndis_net_buffer_initialize();
}

void ndis_library_shutdown(void)
{
    ndis_net_buffer_shutdown();
}

PVOID NTAPI NdisGetRoutineAddress(PNDIS_STRING NdisRoutineName)
{
    char name[128];
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (cm_to_utf8(NdisRoutineName->Buffer, NdisRoutineName->Length / sizeof(WCHAR), name, sizeof(name)) >=
        sizeof(name))
        return NULL;
    for (const struct nt_export *entry = nt_exports_begin(); entry != nt_exports_end(); entry++)
        if (!entry->is_data && !strcmp(entry->image, NT_IMAGE) && !strcmp(entry->name, name))
            return (PVOID)(ULONG_PTR)entry->address;
    return NULL;
}
NT_EXPORT(NdisGetRoutineAddress);

/*
 * Strings. NDIS_STRING is UNICODE_STRING, and the headers turn most of these calls into Rtl calls; the functions are
 * here for drivers that import them. Pages: "NdisInitializeString function", "NdisAnsiStringToUnicodeString function".
 */
#include <string.h>
#include "ndis/services.h"
#include "ndis/net_buffer.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

/* From ANSI, into memory that NdisFreeString frees. Buffer is NULL when there is none. */
VOID NTAPI NdisInitializeString(PNDIS_STRING Destination, PUCHAR Source)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    *Destination = (NDIS_STRING){0};
    size_t length = strlen((const char *)Source);
    if (length > UNICODE_STRING_MAX_CHARS - 1)
        return;
    PWCH buffer = ex_pool_allocate(0, (length + 1) * sizeof(WCHAR), NDIS_LIBRARY_TAG, __builtin_return_address(0));
    if (!buffer)
        return;
    Destination->Buffer = buffer;
    Destination->MaximumLength = (USHORT)((length + 1) * sizeof(WCHAR));
    ANSI_STRING source = {(USHORT)length, (USHORT)(length + 1), (PCHAR)Source};
    RtlAnsiStringToUnicodeString(Destination, &source, FALSE);
}
NT_EXPORT(NdisInitializeString);

VOID NTAPI(NdisInitUnicodeString)(PNDIS_STRING DestinationString, PCWSTR SourceString)
{
    RtlInitUnicodeString(DestinationString, SourceString);
}
NT_EXPORT(NdisInitUnicodeString);

VOID NTAPI(NdisInitAnsiString)(PANSI_STRING DestinationString, PCSTR SourceString)
{
    RtlInitAnsiString(DestinationString, SourceString);
}
NT_EXPORT(NdisInitAnsiString);

BOOLEAN NTAPI(NdisEqualString)(PNDIS_STRING String1, PNDIS_STRING String2, BOOLEAN CaseInsensitive)
{
    return RtlEqualUnicodeString(String1, String2, CaseInsensitive);
}
NT_EXPORT(NdisEqualString);

NDIS_STATUS NTAPI(NdisAnsiStringToUnicodeString)(PUNICODE_STRING DestinationString, PANSI_STRING SourceString)
{
    return RtlAnsiStringToUnicodeString(DestinationString, SourceString, FALSE);
}
NT_EXPORT(NdisAnsiStringToUnicodeString);

NDIS_STATUS NTAPI(NdisUnicodeStringToAnsiString)(PANSI_STRING DestinationString, PUNICODE_STRING SourceString)
{
    return RtlUnicodeStringToAnsiString(DestinationString, SourceString, FALSE);
}
NT_EXPORT(NdisUnicodeStringToAnsiString);

NDIS_STATUS NTAPI(NdisUpcaseUnicodeString)(PUNICODE_STRING DestinationString, PUNICODE_STRING SourceString)
{
    return RtlUpcaseUnicodeString(DestinationString, SourceString, FALSE);
}
NT_EXPORT(NdisUpcaseUnicodeString);

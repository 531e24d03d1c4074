/*
 * Counted strings. Lengths are bytes; a buffer need not end in a zero. Functions that allocate take paged pool and are
 * undone with RtlFreeUnicodeString or RtlFreeAnsiString. Public pages: "RtlInitUnicodeString function (wdm.h)" and its
 * companions.
 */
#include <string.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

enum { RTL_TAG = 'SltR', MAX_BYTES = 0xFFFE };

VOID NTAPI RtlInitString(PSTRING DestinationString, PCSZ SourceString)
{
    size_t length = SourceString ? strlen(SourceString) : 0;
    if (length > 0xFFFE)
        length = 0xFFFE;
    DestinationString->Length = (USHORT)length;
    DestinationString->MaximumLength = (USHORT)(SourceString ? length + 1 : 0);
    DestinationString->Buffer = (PCHAR)SourceString;
}
NT_EXPORT(RtlInitString);

VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString)
{
    RtlInitString(DestinationString, SourceString);
}
NT_EXPORT(RtlInitAnsiString);

VOID NTAPI RtlInitUTF8String(PUTF8_STRING DestinationString, PCSZ SourceString)
{
    RtlInitString(DestinationString, SourceString);
}
NT_EXPORT(RtlInitUTF8String);

NTSTATUS NTAPI RtlInitAnsiStringEx(PANSI_STRING DestinationString, PCSZ SourceString)
{
    if (SourceString && strlen(SourceString) > 0xFFFE)
        return STATUS_NAME_TOO_LONG;
    RtlInitString(DestinationString, SourceString);
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlInitAnsiStringEx);

/* A longer source is cut to what Length can hold, less room for the terminator. */
VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    size_t bytes = SourceString ? rtl_wcslen(SourceString) * sizeof(WCHAR) : 0;
    if (bytes > MAX_BYTES - sizeof(WCHAR))
        bytes = MAX_BYTES - sizeof(WCHAR);
    DestinationString->Length = (USHORT)bytes;
    DestinationString->MaximumLength = (USHORT)(SourceString ? bytes + sizeof(WCHAR) : 0);
    DestinationString->Buffer = (PWCH)SourceString;
}
NT_EXPORT(RtlInitUnicodeString);

NTSTATUS NTAPI RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    if (SourceString && rtl_wcslen(SourceString) > UNICODE_STRING_MAX_CHARS - 1)
        return STATUS_NAME_TOO_LONG;
    RtlInitUnicodeString(DestinationString, SourceString);
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlInitUnicodeStringEx);

static USHORT smaller(USHORT a, USHORT b)
{
    return a < b ? a : b;
}

VOID NTAPI RtlCopyString(PSTRING DestinationString, const STRING *SourceString)
{
    DestinationString->Length = 0;
    if (SourceString == NULL)
        return;
    DestinationString->Length = smaller(SourceString->Length, DestinationString->MaximumLength);
    memmove(DestinationString->Buffer, SourceString->Buffer, DestinationString->Length);
}
NT_EXPORT(RtlCopyString);

static void terminate(PUNICODE_STRING string)
{
    if (string->Length + sizeof(WCHAR) <= string->MaximumLength)
        string->Buffer[string->Length / sizeof(WCHAR)] = 0;
}

VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    DestinationString->Length = 0;
    if (SourceString == NULL)
        return;
    DestinationString->Length = smaller(SourceString->Length, DestinationString->MaximumLength);
    memmove(DestinationString->Buffer, SourceString->Buffer, DestinationString->Length);
    terminate(DestinationString);
}
NT_EXPORT(RtlCopyUnicodeString);

static NTSTATUS append(PUNICODE_STRING destination, const WCHAR *source, size_t bytes)
{
    if (bytes == 0)
        return STATUS_SUCCESS;
    if (destination->Length + bytes > destination->MaximumLength)
        return STATUS_BUFFER_TOO_SMALL;
    memmove((PCHAR)destination->Buffer + destination->Length, source, bytes);
    destination->Length = (USHORT)(destination->Length + bytes);
    terminate(destination);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
    return append(Destination, Source->Buffer, Source->Length);
}
NT_EXPORT(RtlAppendUnicodeStringToString);

NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source)
{
    return Source ? append(Destination, Source, rtl_wcslen(Source) * sizeof(WCHAR)) : STATUS_SUCCESS;
}
NT_EXPORT(RtlAppendUnicodeToString);

/* Comparison. */
LONG NTAPI RtlCompareUnicodeStrings(PCWCH String1, SIZE_T String1Length, PCWCH String2, SIZE_T String2Length,
                                    BOOLEAN CaseInSensitive)
{
    SIZE_T common = String1Length < String2Length ? String1Length : String2Length;
    for (SIZE_T i = 0; i < common; i++) {
        WCHAR a = String1[i], b = String2[i];
        if (a != b && CaseInSensitive) {
            a = rtl_upcase(a);
            b = rtl_upcase(b);
        }
        if (a != b)
            return (LONG)a - (LONG)b;
    }
    return String1Length < String2Length ? -1 : String1Length > String2Length;
}
NT_EXPORT(RtlCompareUnicodeStrings);

LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    return RtlCompareUnicodeStrings(String1->Buffer, String1->Length / sizeof(WCHAR), String2->Buffer,
                                    String2->Length / sizeof(WCHAR), CaseInSensitive);
}
NT_EXPORT(RtlCompareUnicodeString);

BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    return String1->Length == String2->Length && RtlCompareUnicodeString(String1, String2, CaseInSensitive) == 0;
}
NT_EXPORT(RtlEqualUnicodeString);

BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    SIZE_T length = String1->Length / sizeof(WCHAR);
    return String1->Length <= String2->Length &&
           RtlCompareUnicodeStrings(String1->Buffer, length, String2->Buffer, length, CaseInSensitive) == 0;
}
NT_EXPORT(RtlPrefixUnicodeString);

BOOLEAN NTAPI RtlSuffixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    SIZE_T length = String1->Length / sizeof(WCHAR), whole = String2->Length / sizeof(WCHAR);
    return length <= whole && RtlCompareUnicodeStrings(String1->Buffer, length, String2->Buffer + (whole - length),
                                                       length, CaseInSensitive) == 0;
}
NT_EXPORT(RtlSuffixUnicodeString);

CHAR NTAPI RtlUpperChar(CHAR Character)
{
    return Character >= 'a' && Character <= 'z' ? (CHAR)(Character - 32) : Character;
}
NT_EXPORT(RtlUpperChar);

VOID NTAPI RtlUpperString(PSTRING DestinationString, const STRING *SourceString)
{
    DestinationString->Length = smaller(SourceString->Length, DestinationString->MaximumLength);
    for (USHORT i = 0; i < DestinationString->Length; i++)
        DestinationString->Buffer[i] = RtlUpperChar(SourceString->Buffer[i]);
}
NT_EXPORT(RtlUpperString);

static LONG compare_bytes(const STRING *first, const STRING *second, USHORT length, BOOLEAN fold)
{
    for (USHORT i = 0; i < length; i++) {
        CHAR a = first->Buffer[i], b = second->Buffer[i];
        if (fold) {
            a = RtlUpperChar(a);
            b = RtlUpperChar(b);
        }
        if (a != b)
            return (LONG)(UCHAR)a - (LONG)(UCHAR)b;
    }
    return 0;
}

LONG NTAPI RtlCompareString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
    LONG order = compare_bytes(String1, String2, smaller(String1->Length, String2->Length), CaseInSensitive);
    return order ? order : (LONG)String1->Length - (LONG)String2->Length;
}
NT_EXPORT(RtlCompareString);

BOOLEAN NTAPI RtlEqualString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
    return String1->Length == String2->Length && RtlCompareString(String1, String2, CaseInSensitive) == 0;
}
NT_EXPORT(RtlEqualString);

BOOLEAN NTAPI RtlPrefixString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
    return String1->Length <= String2->Length && compare_bytes(String1, String2, String1->Length, CaseInSensitive) == 0;
}
NT_EXPORT(RtlPrefixString);

/* Case. */
WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter)
{
    return rtl_upcase(SourceCharacter);
}
NT_EXPORT(RtlUpcaseUnicodeChar);

WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR SourceCharacter)
{
    return rtl_downcase(SourceCharacter);
}
NT_EXPORT(RtlDowncaseUnicodeChar);

/* Readies `string` for `bytes` of text: allocates a terminated buffer, or checks that the caller's is large enough. */
static NTSTATUS make_room(STRING *string, size_t bytes, size_t terminator, BOOLEAN allocate, NTSTATUS too_small)
{
    if (bytes + terminator > 0xFFFF)
        return STATUS_INVALID_PARAMETER_2;
    if (!allocate)
        return bytes > string->MaximumLength ? too_small : STATUS_SUCCESS;
    string->Buffer = ExAllocatePoolWithTag(PagedPool, bytes + terminator, RTL_TAG);
    if (string->Buffer == NULL)
        return STATUS_NO_MEMORY;
    memset(string->Buffer, 0, bytes + terminator);
    string->MaximumLength = (USHORT)(bytes + terminator);
    return STATUS_SUCCESS;
}

static NTSTATUS map_case(PUNICODE_STRING destination, PCUNICODE_STRING source, BOOLEAN allocate, WCHAR (*map)(WCHAR))
{
    NTSTATUS status =
        make_room((STRING *)destination, source->Length, 0, allocate && source->Length, STATUS_BUFFER_OVERFLOW);
    if (!NT_SUCCESS(status) || status == STATUS_BUFFER_OVERFLOW)
        return status;
    for (USHORT i = 0; i < source->Length / sizeof(WCHAR); i++)
        destination->Buffer[i] = map(source->Buffer[i]);
    destination->Length = source->Length;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString,
                                      BOOLEAN AllocateDestinationString)
{
    return map_case(DestinationString, SourceString, AllocateDestinationString, rtl_upcase);
}
NT_EXPORT(RtlUpcaseUnicodeString);

NTSTATUS NTAPI RtlDowncaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString,
                                        BOOLEAN AllocateDestinationString)
{
    return map_case(DestinationString, SourceString, AllocateDestinationString, rtl_downcase);
}
NT_EXPORT(RtlDowncaseUnicodeString);

/* The x65599 hash: each character is added to 65599 times what came before. */
NTSTATUS NTAPI RtlHashUnicodeString(PCUNICODE_STRING String, BOOLEAN CaseInSensitive, ULONG HashAlgorithm,
                                    PULONG HashValue)
{
    if (String == NULL || HashValue == NULL || HashAlgorithm > HASH_STRING_ALGORITHM_X65599)
        return STATUS_INVALID_PARAMETER;
    ULONG hash = 0;
    for (USHORT i = 0; i < String->Length / sizeof(WCHAR); i++)
        hash = hash * 65599 + (CaseInSensitive ? rtl_upcase(String->Buffer[i]) : String->Buffer[i]);
    *HashValue = hash;
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlHashUnicodeString);

/* Conversion. */
static NTSTATUS to_wide(PUNICODE_STRING destination, const STRING *source, BOOLEAN allocate)
{
    size_t units = rtl_utf8_to_utf16(source->Buffer, source->Length, NULL, 0, NULL);
    size_t bytes = units * sizeof(WCHAR);
    NTSTATUS status = make_room((STRING *)destination, bytes, sizeof(WCHAR), allocate, STATUS_BUFFER_OVERFLOW);
    if (status != STATUS_SUCCESS)
        return status;
    rtl_utf8_to_utf16(source->Buffer, source->Length, destination->Buffer, units, NULL);
    destination->Length = (USHORT)bytes;
    terminate(destination);
    return STATUS_SUCCESS;
}

static NTSTATUS to_bytes(PSTRING destination, PCUNICODE_STRING source, BOOLEAN allocate)
{
    size_t units = source->Length / sizeof(WCHAR);
    size_t bytes = rtl_utf16_to_utf8(source->Buffer, units, NULL, 0, NULL);
    NTSTATUS status = make_room(destination, bytes, 1, allocate, STATUS_BUFFER_OVERFLOW);
    if (status == STATUS_BUFFER_OVERFLOW && destination->MaximumLength > 0) {
        /* What fits is converted, and the string is terminated ("RtlUnicodeStringToAnsiString function"). */
        size_t room = (size_t)destination->MaximumLength - 1, kept = 0;
        while (kept < units && rtl_utf16_to_utf8(source->Buffer, kept + 1, NULL, 0, NULL) <= room)
            kept++;
        bytes = rtl_utf16_to_utf8(source->Buffer, kept, destination->Buffer, room, NULL);
        destination->Length = (USHORT)bytes;
        destination->Buffer[bytes] = 0;
    }
    if (status != STATUS_SUCCESS)
        return status;
    rtl_utf16_to_utf8(source->Buffer, units, destination->Buffer, bytes, NULL);
    destination->Length = (USHORT)bytes;
    if (bytes < destination->MaximumLength)
        destination->Buffer[bytes] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString, const ANSI_STRING *SourceString,
                                            BOOLEAN AllocateDestinationString)
{
    return to_wide(DestinationString, SourceString, AllocateDestinationString);
}
NT_EXPORT(RtlAnsiStringToUnicodeString);

NTSTATUS NTAPI RtlUTF8StringToUnicodeString(PUNICODE_STRING DestinationString, PUTF8_STRING SourceString,
                                            BOOLEAN AllocateDestinationString)
{
    return to_wide(DestinationString, SourceString, AllocateDestinationString);
}
NT_EXPORT(RtlUTF8StringToUnicodeString);

NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString, PCUNICODE_STRING SourceString,
                                            BOOLEAN AllocateDestinationString)
{
    return to_bytes(DestinationString, SourceString, AllocateDestinationString);
}
NT_EXPORT(RtlUnicodeStringToAnsiString);

NTSTATUS NTAPI RtlUnicodeStringToUTF8String(PUTF8_STRING DestinationString, PCUNICODE_STRING SourceString,
                                            BOOLEAN AllocateDestinationString)
{
    return to_bytes(DestinationString, SourceString, AllocateDestinationString);
}
NT_EXPORT(RtlUnicodeStringToUTF8String);

ULONG NTAPI RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString)
{
    return (ULONG)rtl_utf16_to_utf8(UnicodeString->Buffer, UnicodeString->Length / sizeof(WCHAR), NULL, 0, NULL) + 1;
}
NT_EXPORT(RtlxUnicodeStringToAnsiSize);

ULONG NTAPI RtlxAnsiStringToUnicodeSize(const ANSI_STRING *AnsiString)
{
    size_t units = rtl_utf8_to_utf16(AnsiString->Buffer, AnsiString->Length, NULL, 0, NULL);
    return (ULONG)((units + 1) * sizeof(WCHAR));
}
NT_EXPORT(RtlxAnsiStringToUnicodeSize);

NTSTATUS NTAPI RtlUnicodeToUTF8N(PCHAR UTF8StringDestination, ULONG UTF8StringMaxByteCount,
                                 PULONG UTF8StringActualByteCount, PCWCH UnicodeStringSource,
                                 ULONG UnicodeStringByteCount)
{
    if (UnicodeStringSource == NULL)
        return STATUS_INVALID_PARAMETER_4;
    if (UTF8StringDestination == NULL && UTF8StringActualByteCount == NULL)
        return STATUS_INVALID_PARAMETER;
    if (UnicodeStringByteCount % sizeof(WCHAR))
        return STATUS_INVALID_PARAMETER_5;
    bool well_formed = true;
    size_t units = UnicodeStringByteCount / sizeof(WCHAR);
    size_t capacity = UTF8StringDestination ? UTF8StringMaxByteCount : 0;
    size_t bytes = rtl_utf16_to_utf8(UnicodeStringSource, units, UTF8StringDestination, capacity, &well_formed);
    if (UTF8StringDestination != NULL && bytes > capacity)
        return STATUS_BUFFER_TOO_SMALL;
    if (UTF8StringActualByteCount)
        *UTF8StringActualByteCount = (ULONG)bytes;
    return well_formed ? STATUS_SUCCESS : STATUS_SOME_NOT_MAPPED;
}
NT_EXPORT(RtlUnicodeToUTF8N);

NTSTATUS NTAPI RtlUTF8ToUnicodeN(PWSTR UnicodeStringDestination, ULONG UnicodeStringMaxByteCount,
                                 PULONG UnicodeStringActualByteCount, PCCH UTF8StringSource, ULONG UTF8StringByteCount)
{
    if (UTF8StringSource == NULL)
        return STATUS_INVALID_PARAMETER_4;
    if (UnicodeStringDestination == NULL && UnicodeStringActualByteCount == NULL)
        return STATUS_INVALID_PARAMETER;
    bool well_formed = true;
    size_t capacity = UnicodeStringDestination ? UnicodeStringMaxByteCount / sizeof(WCHAR) : 0;
    size_t units =
        rtl_utf8_to_utf16(UTF8StringSource, UTF8StringByteCount, UnicodeStringDestination, capacity, &well_formed);
    if (UnicodeStringDestination != NULL && units > capacity)
        return STATUS_BUFFER_TOO_SMALL;
    if (UnicodeStringActualByteCount)
        *UnicodeStringActualByteCount = (ULONG)(units * sizeof(WCHAR));
    return well_formed ? STATUS_SUCCESS : STATUS_SOME_NOT_MAPPED;
}
NT_EXPORT(RtlUTF8ToUnicodeN);

VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString)
{
    if (AnsiString->Buffer != NULL) {
        ExFreePoolWithTag(AnsiString->Buffer, 0);
        memset(AnsiString, 0, sizeof(*AnsiString));
    }
}
NT_EXPORT(RtlFreeAnsiString);
NT_EXPORT_AS(NT_IMAGE, "RtlFreeOemString", RtlFreeAnsiString);

VOID NTAPI RtlFreeUTF8String(PUTF8_STRING Utf8String)
{
    RtlFreeAnsiString(Utf8String);
}
NT_EXPORT(RtlFreeUTF8String);

VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString)
{
    RtlFreeAnsiString((PANSI_STRING)UnicodeString);
}
NT_EXPORT(RtlFreeUnicodeString);

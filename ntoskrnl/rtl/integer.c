/*
 * Integers and GUIDs from and to text. Base 0 means decimal, or what a prefix 0x, 0o or 0b says. Public pages:
 * "RtlUnicodeStringToInteger function (wdm.h)", "RtlIntegerToUnicodeString function", "RtlGUIDFromString function".
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

static int digit_value(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

static bool base_is_valid(ULONG base)
{
    return base == 0 || base == 2 || base == 8 || base == 10 || base == 16;
}

/* Reads blanks, a sign, a prefix and digits up to the first character that is none; the value wraps as on Windows. */
static size_t parse(const WCHAR *text, size_t length, ULONG base, ULONGLONG *value)
{
    size_t i = 0;
    while (i < length && text[i] <= ' ')
        i++;
    bool negative = i < length && text[i] == '-';
    if (i < length && (text[i] == '-' || text[i] == '+'))
        i++;
    if (base == 0) {
        base = 10;
        if (i + 1 < length && text[i] == '0') {
            WCHAR prefix = text[i + 1];
            base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 10;
            i += base != 10 ? 2 : 0;
        }
    }
    ULONGLONG result = 0;
    for (; i < length && (ULONG)digit_value(text[i]) < base; i++)
        result = result * base + (ULONG)digit_value(text[i]);
    *value = negative ? 0 - result : result;
    return i;
}

NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value)
{
    if (!base_is_valid(Base))
        return STATUS_INVALID_PARAMETER;
    ULONGLONG value;
    parse(String->Buffer, String->Length / sizeof(WCHAR), Base, &value);
    *Value = (ULONG)value;
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlUnicodeStringToInteger);

NTSTATUS NTAPI RtlUnicodeStringToInt64(PCUNICODE_STRING String, ULONG Base, PLONG64 Number, PWSTR *EndPointer)
{
    if (!base_is_valid(Base))
        return STATUS_INVALID_PARAMETER;
    ULONGLONG value;
    size_t end = parse(String->Buffer, String->Length / sizeof(WCHAR), Base, &value);
    *Number = (LONG64)value;
    if (EndPointer != NULL)
        *EndPointer = String->Buffer + end;
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlUnicodeStringToInt64);

NTSTATUS NTAPI RtlCharToInteger(PCSZ String, ULONG Base, PULONG Value)
{
    if (!base_is_valid(Base))
        return STATUS_INVALID_PARAMETER;
    WCHAR text[64];
    size_t length = 0;
    while (*String != 0 && (unsigned char)*String <= ' ')
        String++;
    for (; length < RTL_NUMBER_OF(text) && String[length] != 0; length++)
        text[length] = (unsigned char)String[length];
    ULONGLONG value;
    parse(text, length, Base, &value);
    *Value = (ULONG)value;
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlCharToInteger);

static NTSTATUS to_string(ULONGLONG value, ULONG base, PUNICODE_STRING string)
{
    if (!base_is_valid(base))
        return STATUS_INVALID_PARAMETER;
    if (base == 0)
        base = 10;
    WCHAR digits[64];
    size_t count = 0;
    do {
        ULONG digit = (ULONG)(value % base);
        digits[count++] = (WCHAR)(digit < 10 ? '0' + digit : 'A' + digit - 10);
        value /= base;
    } while (value != 0);
    if (count * sizeof(WCHAR) > string->MaximumLength)
        return STATUS_BUFFER_OVERFLOW;
    string->Length = (USHORT)(count * sizeof(WCHAR));
    for (size_t i = 0; i < count; i++)
        string->Buffer[i] = digits[count - 1 - i];
    if (string->Length + sizeof(WCHAR) <= string->MaximumLength)
        string->Buffer[count] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String)
{
    return to_string(Value, Base, String);
}
NT_EXPORT(RtlIntegerToUnicodeString);

NTSTATUS NTAPI RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base, PUNICODE_STRING String)
{
    return to_string(Value, Base, String);
}
NT_EXPORT(RtlInt64ToUnicodeString);

/* "{00112233-4455-6677-8899-AABBCCDDEEFF}": which byte of the structure each pair of digits is, 0xff for punctuation.
 */
enum { GUID_CHARACTERS = 38, NO_BYTE = 0xff };
static const UCHAR guid_bytes[] = {3,       2, 1, 0,       NO_BYTE, 5,  4,  NO_BYTE, 7,  6,
                                   NO_BYTE, 8, 9, NO_BYTE, 10,      11, 12, 13,      14, 15};

NTSTATUS NTAPI RtlStringFromGUID(REFGUID Guid, PUNICODE_STRING GuidString)
{
    enum { BYTES = (GUID_CHARACTERS + 1) * sizeof(WCHAR) };
    const UCHAR *bytes = (const UCHAR *)Guid;
    PWCH out = ExAllocatePoolWithTag(PagedPool, BYTES, 'SltR');
    if (out == NULL)
        return STATUS_NO_MEMORY;
    *GuidString = (UNICODE_STRING){BYTES - sizeof(WCHAR), BYTES, out};
    *out++ = '{';
    for (size_t i = 0; i < sizeof(guid_bytes); i++) {
        if (guid_bytes[i] == NO_BYTE) {
            *out++ = '-';
        } else {
            *out++ = (WCHAR) "0123456789ABCDEF"[bytes[guid_bytes[i]] >> 4];
            *out++ = (WCHAR) "0123456789ABCDEF"[bytes[guid_bytes[i]] & 15];
        }
    }
    *out++ = '}';
    *out = 0;
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlStringFromGUID);

NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING GuidString, GUID *Guid)
{
    if (GuidString->Length < GUID_CHARACTERS * sizeof(WCHAR))
        return STATUS_INVALID_PARAMETER;
    const WCHAR *in = GuidString->Buffer;
    GUID result;
    if (*in++ != '{')
        return STATUS_INVALID_PARAMETER;
    for (size_t i = 0; i < sizeof(guid_bytes); i++) {
        if (guid_bytes[i] == NO_BYTE) {
            if (*in++ != '-')
                return STATUS_INVALID_PARAMETER;
            continue;
        }
        int high = digit_value(in[0]), low = digit_value(in[1]);
        if (high > 15 || low > 15)
            return STATUS_INVALID_PARAMETER;
        ((UCHAR *)&result)[guid_bytes[i]] = (UCHAR)(high << 4 | low);
        in += 2;
    }
    if (*in != '}')
        return STATUS_INVALID_PARAMETER;
    *Guid = result;
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlGUIDFromString);

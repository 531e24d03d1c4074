/*
 * Safe strings: every function takes the size of the destination, always terminates it, and says when text did not fit
 * (STATUS_BUFFER_OVERFLOW, with the cut text in place). Cb functions count bytes, Cch characters, W text is 16 bits
 * wide. All of it is compiled into the driver, over _vsnprintf and _vsnwprintf. Any IRQL, PASSIVE_LEVEL when the format
 * takes wide text. Public page: "ntstrsafe.h header".
 */
#ifndef _NTSTRSAFE_H_INCLUDED_
#define _NTSTRSAFE_H_INCLUDED_

#include "ntdef.h"
#include "ntstatus.h"

#ifdef NDISKIT_PE
#include <stdio.h>
#define ndiskit_vsnprintf  _vsnprintf
#define ndiskit_vsnwprintf _vsnwprintf
#else
NDISKIT_EXTERN_C_BEGIN
/* As Windows' _vsnprintf and _vsnwprintf, with the argument list of a Linux function. */
DECLSPEC_IMPORT int ndiskit_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments);
DECLSPEC_IMPORT int ndiskit_vsnwprintf(WCHAR *buffer, size_t size, const WCHAR *format, va_list arguments);
NDISKIT_EXTERN_C_END
#endif

#define NTSTRSAFE_MAX_CCH                2147483647
#define NTSTRSAFE_MAX_LENGTH             (NTSTRSAFE_MAX_CCH - 1)
#define NTSTRSAFE_UNICODE_STRING_MAX_CCH (0xffff / sizeof(wchar_t))
#define STRSAFE_MAX_CCH                  NTSTRSAFE_MAX_CCH
#define STRSAFE_FILL_BEHIND_NULL         0x00000200
#define STRSAFE_IGNORE_NULLS             0x00000100
#define STRSAFE_FILL_ON_FAILURE          0x00000400
#define STRSAFE_NULL_ON_FAILURE          0x00000800
#define STRSAFE_NO_TRUNCATION            0x00001000
#define STRSAFE_ZERO_LENGTH_ON_FAILURE   0x00002000
#define STRSAFE_FILL_BYTE(x)             ((ULONG)(((x)&0x000000FF) | STRSAFE_FILL_BEHIND_NULL))
#define STRSAFE_FAILURE_BYTE(x)          ((ULONG)(((x)&0x000000FF) | STRSAFE_FILL_ON_FAILURE))

typedef char *NTSTRSAFE_PSTR;
typedef const char *NTSTRSAFE_PCSTR;
typedef wchar_t *NTSTRSAFE_PWSTR;
typedef const wchar_t *NTSTRSAFE_PCWSTR;

/*
 * One set for bytes (A) and one for 16-bit characters (W). In all of them sizes of zero or above NTSTRSAFE_MAX_CCH are
 * STATUS_INVALID_PARAMETER.
 */
#define NDISKIT_STRSAFE(X_, char_, pointer_, const_pointer_, format_function_)                                         \
    NDISKIT_INLINE NTSTATUS RtlStringCchLength##X_(const_pointer_ psz, size_t cchMax, size_t *pcchLength)              \
    {                                                                                                                  \
        size_t length = 0;                                                                                             \
        if (psz && cchMax <= NTSTRSAFE_MAX_CCH)                                                                        \
            while (length < cchMax && psz[length])                                                                     \
                length++;                                                                                              \
        if (!psz || cchMax > NTSTRSAFE_MAX_CCH || length == cchMax) {                                                  \
            if (pcchLength)                                                                                            \
                *pcchLength = 0;                                                                                       \
            return STATUS_INVALID_PARAMETER;                                                                           \
        }                                                                                                              \
        if (pcchLength)                                                                                                \
            *pcchLength = length;                                                                                      \
        return STATUS_SUCCESS;                                                                                         \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCbLength##X_(const_pointer_ psz, size_t cbMax, size_t *pcbLength)                 \
    {                                                                                                                  \
        size_t length = 0;                                                                                             \
        NTSTATUS status = RtlStringCchLength##X_(psz, cbMax / sizeof(char_), &length);                                 \
        if (pcbLength)                                                                                                 \
            *pcbLength = length * sizeof(char_);                                                                       \
        return status;                                                                                                 \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCchCopyNEx##X_(pointer_ pszDest, size_t cchDest, const_pointer_ pszSrc,           \
                                                    size_t cchToCopy, pointer_ *ppszDestEnd, size_t *pcchRemaining,    \
                                                    ULONG dwFlags)                                                     \
    {                                                                                                                  \
        size_t length = 0;                                                                                             \
        int cut;                                                                                                       \
        if (cchDest == 0 || cchDest > NTSTRSAFE_MAX_CCH || !pszDest || (!pszSrc && !(dwFlags & STRSAFE_IGNORE_NULLS))) \
            return STATUS_INVALID_PARAMETER;                                                                           \
        while (pszSrc && length < cchDest && length < cchToCopy && pszSrc[length])                                     \
            length++;                                                                                                  \
        cut = length == cchDest;                                                                                       \
        if (cut)                                                                                                       \
            length = dwFlags & (STRSAFE_NO_TRUNCATION | STRSAFE_NULL_ON_FAILURE) ? 0 : length - 1;                     \
        for (size_t i = 0; i < length; i++)                                                                            \
            pszDest[i] = pszSrc[i];                                                                                    \
        pszDest[length] = 0;                                                                                           \
        if (cut ? dwFlags & STRSAFE_FILL_ON_FAILURE : dwFlags & STRSAFE_FILL_BEHIND_NULL) {                            \
            size_t from = cut ? 0 : length + 1;                                                                        \
            memset(pszDest + from, (int)(dwFlags & 0xff), (cchDest - from) * sizeof(char_));                           \
            if (cut)                                                                                                   \
                pszDest[cchDest - 1] = 0;                                                                              \
        }                                                                                                              \
        if (ppszDestEnd)                                                                                               \
            *ppszDestEnd = pszDest + length;                                                                           \
        if (pcchRemaining)                                                                                             \
            *pcchRemaining = cchDest - length;                                                                         \
        return cut ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;                                                          \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCchCopyEx##X_(pointer_ pszDest, size_t cchDest, const_pointer_ pszSrc,            \
                                                   pointer_ *ppszDestEnd, size_t *pcchRemaining, ULONG dwFlags)        \
    {                                                                                                                  \
        return RtlStringCchCopyNEx##X_(pszDest, cchDest, pszSrc, (size_t)-1, ppszDestEnd, pcchRemaining, dwFlags);     \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCchCopy##X_(pointer_ pszDest, size_t cchDest, const_pointer_ pszSrc)              \
    {                                                                                                                  \
        return RtlStringCchCopyNEx##X_(pszDest, cchDest, pszSrc, (size_t)-1, NULL, NULL, 0);                           \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCchCopyN##X_(pointer_ pszDest, size_t cchDest, const_pointer_ pszSrc,             \
                                                  size_t cchToCopy)                                                    \
    {                                                                                                                  \
        return RtlStringCchCopyNEx##X_(pszDest, cchDest, pszSrc, cchToCopy, NULL, NULL, 0);                            \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCbCopy##X_(pointer_ pszDest, size_t cbDest, const_pointer_ pszSrc)                \
    {                                                                                                                  \
        return RtlStringCchCopyNEx##X_(pszDest, cbDest / sizeof(char_), pszSrc, (size_t)-1, NULL, NULL, 0);            \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCbCopyN##X_(pointer_ pszDest, size_t cbDest, const_pointer_ pszSrc,               \
                                                 size_t cbToCopy)                                                      \
    {                                                                                                                  \
        return RtlStringCchCopyNEx##X_(pszDest, cbDest / sizeof(char_), pszSrc, cbToCopy / sizeof(char_), NULL, NULL,  \
                                       0);                                                                             \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCbCopyEx##X_(pointer_ pszDest, size_t cbDest, const_pointer_ pszSrc,              \
                                                  pointer_ *ppszDestEnd, size_t *pcbRemaining, ULONG dwFlags)          \
    {                                                                                                                  \
        size_t remaining = 0;                                                                                          \
        NTSTATUS status = RtlStringCchCopyNEx##X_(pszDest, cbDest / sizeof(char_), pszSrc, (size_t)-1, ppszDestEnd,    \
                                                  &remaining, dwFlags);                                                \
        if (pcbRemaining)                                                                                              \
            *pcbRemaining = remaining * sizeof(char_) + cbDest % sizeof(char_);                                        \
        return status;                                                                                                 \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCchCatN##X_(pointer_ pszDest, size_t cchDest, const_pointer_ pszSrc,              \
                                                 size_t cchToAppend)                                                   \
    {                                                                                                                  \
        size_t length;                                                                                                 \
        NTSTATUS status = RtlStringCchLength##X_(pszDest, cchDest, &length);                                           \
        if (!NT_SUCCESS(status))                                                                                       \
            return status;                                                                                             \
        return RtlStringCchCopyNEx##X_(pszDest + length, cchDest - length, pszSrc, cchToAppend, NULL, NULL, 0);        \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCchCat##X_(pointer_ pszDest, size_t cchDest, const_pointer_ pszSrc)               \
    {                                                                                                                  \
        return RtlStringCchCatN##X_(pszDest, cchDest, pszSrc, (size_t)-1);                                             \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCbCat##X_(pointer_ pszDest, size_t cbDest, const_pointer_ pszSrc)                 \
    {                                                                                                                  \
        return RtlStringCchCatN##X_(pszDest, cbDest / sizeof(char_), pszSrc, (size_t)-1);                              \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCbCatN##X_(pointer_ pszDest, size_t cbDest, const_pointer_ pszSrc,                \
                                                size_t cbToAppend)                                                     \
    {                                                                                                                  \
        return RtlStringCchCatN##X_(pszDest, cbDest / sizeof(char_), pszSrc, cbToAppend / sizeof(char_));              \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCchVPrintfEx##X_(pointer_ pszDest, size_t cchDest, pointer_ *ppszDestEnd,         \
                                                      size_t *pcchRemaining, ULONG dwFlags, const_pointer_ pszFormat,  \
                                                      va_list argList)                                                 \
    {                                                                                                                  \
        int written;                                                                                                   \
        size_t length;                                                                                                 \
        if (cchDest == 0 || cchDest > NTSTRSAFE_MAX_CCH || !pszDest || !pszFormat)                                     \
            return STATUS_INVALID_PARAMETER;                                                                           \
        written = format_function_(pszDest, cchDest, pszFormat, argList);                                              \
        length = written < 0 || (size_t)written >= cchDest ? cchDest - 1 : (size_t)written;                            \
        if (length + 1 == cchDest && (size_t)written != length) {                                                      \
            pszDest[dwFlags & (STRSAFE_NO_TRUNCATION | STRSAFE_NULL_ON_FAILURE) ? 0 : length] = 0;                     \
            if (dwFlags & (STRSAFE_NO_TRUNCATION | STRSAFE_NULL_ON_FAILURE))                                           \
                length = 0;                                                                                            \
            written = -1;                                                                                              \
        }                                                                                                              \
        if (written >= 0 && (dwFlags & STRSAFE_FILL_BEHIND_NULL))                                                      \
            memset(pszDest + length + 1, (int)(dwFlags & 0xff), (cchDest - length - 1) * sizeof(char_));               \
        if (ppszDestEnd)                                                                                               \
            *ppszDestEnd = pszDest + length;                                                                           \
        if (pcchRemaining)                                                                                             \
            *pcchRemaining = cchDest - length;                                                                         \
        return written < 0 ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;                                                  \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCchVPrintf##X_(pointer_ pszDest, size_t cchDest, const_pointer_ pszFormat,        \
                                                    va_list argList)                                                   \
    {                                                                                                                  \
        return RtlStringCchVPrintfEx##X_(pszDest, cchDest, NULL, NULL, 0, pszFormat, argList);                         \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCbVPrintf##X_(pointer_ pszDest, size_t cbDest, const_pointer_ pszFormat,          \
                                                   va_list argList)                                                    \
    {                                                                                                                  \
        return RtlStringCchVPrintfEx##X_(pszDest, cbDest / sizeof(char_), NULL, NULL, 0, pszFormat, argList);          \
    }                                                                                                                  \
    NDISKIT_INLINE NTSTATUS RtlStringCbVPrintfEx##X_(pointer_ pszDest, size_t cbDest, pointer_ *ppszDestEnd,           \
                                                     size_t *pcbRemaining, ULONG dwFlags, const_pointer_ pszFormat,    \
                                                     va_list argList)                                                  \
    {                                                                                                                  \
        size_t remaining = 0;                                                                                          \
        NTSTATUS status = RtlStringCchVPrintfEx##X_(pszDest, cbDest / sizeof(char_), ppszDestEnd, &remaining, dwFlags, \
                                                    pszFormat, argList);                                               \
        if (pcbRemaining)                                                                                              \
            *pcbRemaining = remaining * sizeof(char_) + cbDest % sizeof(char_);                                        \
        return status;                                                                                                 \
    }                                                                                                                  \
    NDISKIT_VARIADIC NTSTATUS RtlStringCchPrintf##X_(pointer_ pszDest, size_t cchDest, const_pointer_ pszFormat, ...)  \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        NTSTATUS status;                                                                                               \
        va_start(arguments, pszFormat);                                                                                \
        status = RtlStringCchVPrintfEx##X_(pszDest, cchDest, NULL, NULL, 0, pszFormat, arguments);                     \
        va_end(arguments);                                                                                             \
        return status;                                                                                                 \
    }                                                                                                                  \
    NDISKIT_VARIADIC NTSTATUS RtlStringCbPrintf##X_(pointer_ pszDest, size_t cbDest, const_pointer_ pszFormat, ...)    \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        NTSTATUS status;                                                                                               \
        va_start(arguments, pszFormat);                                                                                \
        status = RtlStringCchVPrintfEx##X_(pszDest, cbDest / sizeof(char_), NULL, NULL, 0, pszFormat, arguments);      \
        va_end(arguments);                                                                                             \
        return status;                                                                                                 \
    }                                                                                                                  \
    NDISKIT_VARIADIC NTSTATUS RtlStringCchPrintfEx##X_(pointer_ pszDest, size_t cchDest, pointer_ *ppszDestEnd,        \
                                                       size_t *pcchRemaining, ULONG dwFlags, const_pointer_ pszFormat, \
                                                       ...)                                                            \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        NTSTATUS status;                                                                                               \
        va_start(arguments, pszFormat);                                                                                \
        status =                                                                                                       \
            RtlStringCchVPrintfEx##X_(pszDest, cchDest, ppszDestEnd, pcchRemaining, dwFlags, pszFormat, arguments);    \
        va_end(arguments);                                                                                             \
        return status;                                                                                                 \
    }                                                                                                                  \
    NDISKIT_VARIADIC NTSTATUS RtlStringCbPrintfEx##X_(pointer_ pszDest, size_t cbDest, pointer_ *ppszDestEnd,          \
                                                      size_t *pcbRemaining, ULONG dwFlags, const_pointer_ pszFormat,   \
                                                      ...)                                                             \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        NTSTATUS status;                                                                                               \
        va_start(arguments, pszFormat);                                                                                \
        status = RtlStringCbVPrintfEx##X_(pszDest, cbDest, ppszDestEnd, pcbRemaining, dwFlags, pszFormat, arguments);  \
        va_end(arguments);                                                                                             \
        return status;                                                                                                 \
    }

/* A variadic function cannot be forced inline. */
#define NDISKIT_VARIADIC __attribute__((unused)) static

NDISKIT_STRSAFE(A, char, NTSTRSAFE_PSTR, NTSTRSAFE_PCSTR, ndiskit_vsnprintf)
NDISKIT_STRSAFE(W, WCHAR, NTSTRSAFE_PWSTR, NTSTRSAFE_PCWSTR, ndiskit_vsnwprintf)

/* Counted strings: Length is set to what was written; no terminator. */
NDISKIT_INLINE NTSTATUS RtlUnicodeStringValidate(PCUNICODE_STRING SourceString)
{
    if (SourceString &&
        ((SourceString->Length | SourceString->MaximumLength) % sizeof(WCHAR) ||
         SourceString->Length > SourceString->MaximumLength || (!SourceString->Buffer && SourceString->MaximumLength)))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}
NDISKIT_INLINE NTSTATUS RtlUnicodeStringInit(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszSrc)
{
    size_t length = 0;
    memset(DestinationString, 0, sizeof(*DestinationString));
    if (!pszSrc)
        return STATUS_SUCCESS;
    while (length < NTSTRSAFE_UNICODE_STRING_MAX_CCH && pszSrc[length])
        length++;
    if (length == NTSTRSAFE_UNICODE_STRING_MAX_CCH)
        return STATUS_INVALID_PARAMETER;
    DestinationString->Length = (USHORT)(length * sizeof(WCHAR));
    DestinationString->MaximumLength = (USHORT)((length + 1) * sizeof(WCHAR));
    DestinationString->Buffer = (PWCH)pszSrc;
    return STATUS_SUCCESS;
}
/* Writes at most cchToCopy characters of pszSrc, up to its terminator, at character `at` of the destination. */
NDISKIT_INLINE NTSTATUS ndiskit_unicode_string_put(PUNICODE_STRING DestinationString, size_t at, const WCHAR *pszSrc,
                                                   size_t cchToCopy)
{
    size_t capacity = DestinationString->MaximumLength / sizeof(WCHAR);
    size_t i = 0;
    if (!NT_SUCCESS(RtlUnicodeStringValidate(DestinationString)))
        return STATUS_INVALID_PARAMETER;
    for (; i < cchToCopy && pszSrc[i] && at + i < capacity; i++)
        DestinationString->Buffer[at + i] = pszSrc[i];
    DestinationString->Length = (USHORT)((at + i) * sizeof(WCHAR));
    return i < cchToCopy && pszSrc[i] ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}
NDISKIT_INLINE NTSTATUS RtlUnicodeStringCchCopyStringN(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszSrc,
                                                       size_t cchToCopy)
{
    return ndiskit_unicode_string_put(DestinationString, 0, pszSrc, cchToCopy);
}
NDISKIT_INLINE NTSTATUS RtlUnicodeStringCbCopyStringN(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszSrc,
                                                      size_t cbToCopy)
{
    return ndiskit_unicode_string_put(DestinationString, 0, pszSrc, cbToCopy / sizeof(WCHAR));
}
NDISKIT_INLINE NTSTATUS RtlUnicodeStringCopyString(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszSrc)
{
    return ndiskit_unicode_string_put(DestinationString, 0, pszSrc, (size_t)-1);
}
NDISKIT_INLINE NTSTATUS RtlUnicodeStringCatString(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszSrc)
{
    return ndiskit_unicode_string_put(DestinationString, DestinationString->Length / sizeof(WCHAR), pszSrc, (size_t)-1);
}
NDISKIT_INLINE NTSTATUS ndiskit_unicode_string_put_counted(PUNICODE_STRING DestinationString, size_t at,
                                                           PCUNICODE_STRING SourceString)
{
    size_t room, length = SourceString->Length / sizeof(WCHAR), copied;
    if (!NT_SUCCESS(RtlUnicodeStringValidate(DestinationString)) || !NT_SUCCESS(RtlUnicodeStringValidate(SourceString)))
        return STATUS_INVALID_PARAMETER;
    room = DestinationString->MaximumLength / sizeof(WCHAR) - at;
    copied = length < room ? length : room;
    memmove(DestinationString->Buffer + at, SourceString->Buffer, copied * sizeof(WCHAR));
    DestinationString->Length = (USHORT)((at + copied) * sizeof(WCHAR));
    return copied < length ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}
NDISKIT_INLINE NTSTATUS RtlUnicodeStringCopy(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    return ndiskit_unicode_string_put_counted(DestinationString, 0, SourceString);
}
NDISKIT_INLINE NTSTATUS RtlUnicodeStringCat(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    return ndiskit_unicode_string_put_counted(DestinationString, DestinationString->Length / sizeof(WCHAR),
                                              SourceString);
}
NDISKIT_INLINE NTSTATUS RtlUnicodeStringVPrintf(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszFormat,
                                                va_list argList)
{
    size_t capacity = DestinationString->MaximumLength / sizeof(WCHAR);
    int written;
    if (!NT_SUCCESS(RtlUnicodeStringValidate(DestinationString)))
        return STATUS_INVALID_PARAMETER;
    if (capacity == 0)
        return pszFormat[0] ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
    written = ndiskit_vsnwprintf(DestinationString->Buffer, capacity, pszFormat, argList);
    DestinationString->Length = (USHORT)((written < 0 ? capacity : (size_t)written) * sizeof(WCHAR));
    return written < 0 ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}
NDISKIT_VARIADIC NTSTATUS RtlUnicodeStringPrintf(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszFormat, ...)
{
    va_list arguments;
    NTSTATUS status;
    va_start(arguments, pszFormat);
    status = RtlUnicodeStringVPrintf(DestinationString, pszFormat, arguments);
    va_end(arguments);
    return status;
}

#endif

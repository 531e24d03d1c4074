/*
 * rtl: the run-time library that kernel and drivers share: strings, formats, bitmaps, times, tables. Nothing here
 * waits or keeps state. Drivers see the WDK's declarations; this header is for ndiskit's other parts.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <wdm.h>

/* Where rtl_vformat puts its output. put_wide is what the result consists of: WCHARs or bytes. */
struct rtl_output {
    void *buffer;    /* of char or WCHAR; may be NULL when capacity is 0 */
    size_t capacity; /* characters that fit, terminator not included */
    size_t length;   /* characters produced; more than capacity when the result did not fit */
    bool wide;
};

/* The arguments of a format: Windows' variable arguments, or Linux' when a driver in ELF form formats its own. */
struct rtl_arguments {
    __builtin_ms_va_list ms;
    va_list sysv;
    bool is_sysv;
};

/*
 * Formats as the kernel's printf family does: flags, width, precision, h l ll I32 I64 I z w sizes, d i u x X o c C s S
 * p Z n
 * (%n is refused) and %% conversions; no floating point, as in the kernel. %s in a wide format means wide text, %S the
 * other kind; %Z takes a counted string. Any IRQL for bytes; wide text is converted to and from UTF-8.
 */
void rtl_vformat(struct rtl_output *output, const void *format, bool wide_format, struct rtl_arguments *arguments);

/* As _vsnprintf: the number of bytes written, or -1 when not all fitted, in which case no terminator is guaranteed by
 * Windows; here the buffer is always terminated, which is one byte fewer of text. */
int NTAPI rtl_vsnprintf(char *buffer, size_t size, const char *format, __builtin_ms_va_list arguments);

/* Upper and lower case of one UTF-16 unit, by Windows' simple case mapping of the basic multilingual plane. */
WCHAR rtl_upcase(WCHAR character);
WCHAR rtl_downcase(WCHAR character);

/* Converts UTF-8 to UTF-16 and back; returns the number of units needed and writes at most `capacity` of them. An
 * ill-formed sequence becomes U+FFFD and clears *well_formed (which may be NULL). No terminator. */
size_t rtl_utf8_to_utf16(const char *text, size_t bytes, WCHAR *out, size_t capacity, bool *well_formed);
size_t rtl_utf16_to_utf8(const WCHAR *text, size_t units, char *out, size_t capacity, bool *well_formed);

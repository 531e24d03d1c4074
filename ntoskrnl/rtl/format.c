/*
 * The kernel's printf family. Drivers print with Windows' conversions (%wZ, %Z, %ws, %S, %I64d), with Windows' variable
 * arguments, which are one word each, in memory, and into bytes or 16-bit characters; none of which Linux' C library
 * does. One engine serves DbgPrint, sprintf, swprintf and their kin. Public pages: "Format Specification Syntax: printf
 * and wprintf Functions", and "DbgPrint function (wdm.h)" for %wZ and %Z.
 */
#include <stdint.h>
#include <string.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

enum size_modifier { SIZE_DEFAULT, SIZE_CHAR, SIZE_SHORT, SIZE_LONG, SIZE_64, SIZE_WIDE };

struct conversion {
    bool left, plus, space, alternate, zero;
    int width;
    int precision; /* -1: none given */
    enum size_modifier size;
    unsigned type;
};

static void put(struct rtl_output *output, unsigned character)
{
    if (output->length < output->capacity) {
        if (output->wide)
            ((WCHAR *)output->buffer)[output->length] = (WCHAR)character;
        else
            ((char *)output->buffer)[output->length] = (char)character;
    }
    output->length++;
}

static void pad(struct rtl_output *output, int count, char character)
{
    while (count-- > 0)
        put(output, (unsigned char)character);
}

static uint64_t next_word(struct rtl_arguments *arguments, bool is_64)
{
    if (arguments->is_sysv)
        return is_64 ? va_arg(arguments->sysv, uint64_t) : va_arg(arguments->sysv, uint32_t);
    return is_64 ? __builtin_va_arg(arguments->ms, uint64_t) : __builtin_va_arg(arguments->ms, uint32_t);
}

static void *next_pointer(struct rtl_arguments *arguments)
{
    return (void *)(uintptr_t)next_word(arguments, true);
}

struct source {
    const void *text;
    bool wide;
};

static unsigned at(struct source source, size_t index)
{
    return source.wide ? ((const WCHAR *)source.text)[index] : ((const unsigned char *)source.text)[index];
}

static void put_field_start(struct rtl_output *output, const struct conversion *c, size_t length)
{
    if (!c->left && (size_t)(c->width > 0 ? c->width : 0) > length)
        pad(output, c->width - (int)length, c->zero ? '0' : ' ');
}

static void put_field_end(struct rtl_output *output, const struct conversion *c, size_t length)
{
    if (c->left && (size_t)(c->width > 0 ? c->width : 0) > length)
        pad(output, c->width - (int)length, ' ');
}

static void put_text(struct rtl_output *output, const struct conversion *c, struct source source, size_t length)
{
    if (source.wide == output->wide) {
        put_field_start(output, c, length);
        for (size_t i = 0; i < length; i++)
            put(output, at(source, i));
        put_field_end(output, c, length);
        return;
    }
    size_t converted = source.wide ? rtl_utf16_to_utf8(source.text, length, NULL, 0, NULL)
                                   : rtl_utf8_to_utf16(source.text, length, NULL, 0, NULL);
    put_field_start(output, c, converted);
    size_t room = output->length < output->capacity ? output->capacity - output->length : 0;
    if (source.wide)
        rtl_utf16_to_utf8(source.text, length, room ? (char *)output->buffer + output->length : NULL, room, NULL);
    else
        rtl_utf8_to_utf16(source.text, length, room ? (WCHAR *)output->buffer + output->length : NULL, room, NULL);
    output->length += converted;
    put_field_end(output, c, converted);
}

static void format_string(struct rtl_output *output, const struct conversion *c, struct source source)
{
    if (source.text == NULL)
        source = (struct source){"(null)", false};
    size_t limit = c->precision < 0 ? SIZE_MAX : (size_t)c->precision;
    size_t length = 0;
    while (length < limit && at(source, length) != 0)
        length++;
    put_text(output, c, source, length);
}

static void format_counted(struct rtl_output *output, const struct conversion *c, const void *counted, bool wide)
{
    const STRING *string = counted; /* UNICODE_STRING has the same layout */
    if (string == NULL || string->Buffer == NULL) {
        format_string(output, c, (struct source){NULL, false});
        return;
    }
    size_t length = wide ? string->Length / sizeof(WCHAR) : string->Length;
    if (c->precision >= 0 && (size_t)c->precision < length)
        length = (size_t)c->precision;
    put_text(output, c, (struct source){string->Buffer, wide}, length);
}

static void format_integer(struct rtl_output *output, struct conversion *c, uint64_t value, bool negative)
{
    char digits[24];
    int count = 0;
    unsigned base = c->type == 'x' || c->type == 'X' || c->type == 'p' ? 16 : c->type == 'o' ? 8 : 10;
    const char *alphabet = c->type == 'X' || c->type == 'p' ? "0123456789ABCDEF" : "0123456789abcdef";
    char prefix[3];
    int prefix_length = 0;
    if (negative || c->plus || c->space)
        prefix[prefix_length++] = negative ? '-' : c->plus ? '+' : ' ';
    if (c->alternate && value != 0 && base != 10) {
        prefix[prefix_length++] = '0';
        if (base == 16)
            prefix[prefix_length++] = c->type == 'X' ? 'X' : 'x';
    }
    for (; value != 0; value /= base)
        digits[count++] = alphabet[value % base];
    int zeroes = c->precision >= 0 ? c->precision - count : count == 0 ? 1 : 0;
    if (zeroes < 0)
        zeroes = 0;
    int blanks = c->width - prefix_length - zeroes - count;
    if (c->zero && !c->left && c->precision < 0 && blanks > 0) {
        zeroes += blanks;
        blanks = 0;
    }
    if (!c->left)
        pad(output, blanks, ' ');
    for (int i = 0; i < prefix_length; i++)
        put(output, (unsigned char)prefix[i]);
    pad(output, zeroes, '0');
    while (count > 0)
        put(output, (unsigned char)digits[--count]);
    if (c->left)
        pad(output, blanks, ' ');
}

static void format_signed(struct rtl_output *output, struct conversion *c, struct rtl_arguments *arguments)
{
    uint64_t word = next_word(arguments, c->size == SIZE_64);
    int64_t value = c->size == SIZE_64      ? (int64_t)word
                    : c->size == SIZE_SHORT ? (int16_t)word
                    : c->size == SIZE_CHAR  ? (int8_t)word
                                            : (int32_t)word;
    format_integer(output, c, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

static void format_unsigned(struct rtl_output *output, struct conversion *c, struct rtl_arguments *arguments)
{
    uint64_t word = next_word(arguments, c->size == SIZE_64);
    c->plus = c->space = false;
    format_integer(output, c,
                   c->size == SIZE_SHORT  ? (uint16_t)word
                   : c->size == SIZE_CHAR ? (uint8_t)word
                                          : word,
                   false);
}

/* The kind of text that %s and %c take: the format's own, %S and %C the other; h, l and w override. */
static bool takes_wide(const struct conversion *c, bool wide_format, bool other)
{
    if (c->size == SIZE_SHORT)
        return false;
    if (c->size == SIZE_LONG || c->size == SIZE_WIDE)
        return true;
    return wide_format != other;
}

static void convert(struct rtl_output *output, struct conversion *c, bool wide_format, struct rtl_arguments *arguments)
{
    switch (c->type) {
    case 'd':
    case 'i':
        format_signed(output, c, arguments);
        break;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        format_unsigned(output, c, arguments);
        break;
    case 'p':
        c->precision = 16;
        c->size = SIZE_64;
        format_unsigned(output, c, arguments);
        break;
    case 'c':
    case 'C': {
        WCHAR wide = (WCHAR)next_word(arguments, false);
        char narrow = (char)wide;
        bool is_wide = takes_wide(c, wide_format, c->type == 'C');
        put_text(output, c, (struct source){is_wide ? (void *)&wide : (void *)&narrow, is_wide}, 1);
        break;
    }
    case 's':
    case 'S':
        format_string(output, c, (struct source){next_pointer(arguments), takes_wide(c, wide_format, c->type == 'S')});
        break;
    case 'Z':
        format_counted(output, c, next_pointer(arguments), c->size == SIZE_WIDE || c->size == SIZE_LONG);
        break;
    default: /* %% and what the kernel does not know, which it prints as it stands */
        put(output, c->type);
        break;
    }
}

static size_t parse_number(struct source format, size_t i, int *number, struct rtl_arguments *arguments)
{
    if (at(format, i) == '*') {
        *number = (int)next_word(arguments, false);
        return i + 1;
    }
    int value = 0;
    for (; at(format, i) >= '0' && at(format, i) <= '9'; i++)
        if (value < 100000)
            value = value * 10 + (int)(at(format, i) - '0');
    *number = value;
    return i;
}

static size_t parse_size(struct source format, size_t i, enum size_modifier *size)
{
    switch (at(format, i)) {
    case 'h':
        if (at(format, i + 1) == 'h') {
            *size = SIZE_CHAR;
            return i + 2;
        }
        *size = SIZE_SHORT;
        return i + 1;
    case 'l':
        if (at(format, i + 1) == 'l') {
            *size = SIZE_64;
            return i + 2;
        }
        *size = SIZE_LONG; /* 32 bits on Windows */
        return i + 1;
    case 'I':
        if (at(format, i + 1) == '3' && at(format, i + 2) == '2') {
            *size = SIZE_DEFAULT;
            return i + 3;
        }
        *size = SIZE_64;
        return at(format, i + 1) == '6' && at(format, i + 2) == '4' ? i + 3 : i + 1;
    case 'z':
    case 'j':
    case 't':
        *size = SIZE_64;
        return i + 1;
    case 'w':
        *size = SIZE_WIDE;
        return i + 1;
    default:
        *size = SIZE_DEFAULT;
        return i;
    }
}

static size_t parse(struct source format, size_t i, struct conversion *c, struct rtl_arguments *arguments)
{
    *c = (struct conversion){.precision = -1};
    for (;; i++) {
        unsigned flag = at(format, i);
        if (flag == '-')
            c->left = true;
        else if (flag == '+')
            c->plus = true;
        else if (flag == ' ')
            c->space = true;
        else if (flag == '#')
            c->alternate = true;
        else if (flag == '0')
            c->zero = true;
        else
            break;
    }
    i = parse_number(format, i, &c->width, arguments);
    if (c->width < 0) {
        c->left = true;
        c->width = -c->width;
    }
    if (at(format, i) == '.')
        i = parse_number(format, i + 1, &c->precision, arguments);
    i = parse_size(format, i, &c->size);
    c->type = at(format, i);
    return c->type ? i + 1 : i;
}

void rtl_vformat(struct rtl_output *output, const void *format, bool wide_format, struct rtl_arguments *arguments)
{
    struct source source = {format, wide_format};
    output->length = 0;
    for (size_t i = 0; at(source, i) != 0;) {
        unsigned character = at(source, i++);
        if (character != '%') {
            put(output, character);
            continue;
        }
        struct conversion c;
        i = parse(source, i, &c, arguments);
        if (c.type != 0)
            convert(output, &c, wide_format, arguments);
    }
}

/*
 * The C functions over it. Windows' _snprintf and kin return -1 and leave no terminator when the text does not fit;
 * when it fits exactly they leave none either. `size` counts characters.
 */
static int finish(const struct rtl_output *output, size_t size)
{
    if (output->length < size) {
        if (output->wide)
            ((WCHAR *)output->buffer)[output->length] = 0;
        else
            ((char *)output->buffer)[output->length] = 0;
    }
    return output->length <= size ? (int)output->length : -1;
}

static int format_bytes(char *buffer, size_t size, const char *format, struct rtl_arguments *arguments)
{
    struct rtl_output output = {buffer, size, 0, false};
    rtl_vformat(&output, format, false, arguments);
    return finish(&output, size);
}

static int format_wide(WCHAR *buffer, size_t size, const WCHAR *format, struct rtl_arguments *arguments)
{
    struct rtl_output output = {buffer, size, 0, true};
    rtl_vformat(&output, format, true, arguments);
    return finish(&output, size);
}

int NTAPI rtl_vsnprintf(char *buffer, size_t size, const char *format, __builtin_ms_va_list arguments)
{
    if (size == 0)
        return -1;
    struct rtl_arguments list = {.is_sysv = false};
    __builtin_ms_va_copy(list.ms, arguments);
    int length = format_bytes(buffer, size, format, &list);
    buffer[size - 1] = 0;
    __builtin_ms_va_end(list.ms);
    return length < 0 || (size_t)length == size ? -1 : length;
}

/* For drivers in ELF form, whose own variadic functions have Linux' va_list (ntstrsafe.h, crt/stdio.h). */
__attribute__((visibility("default"))) int ndiskit_vsnprintf(char *buffer, size_t size, const char *format,
                                                             va_list arguments)
{
    struct rtl_arguments list = {.is_sysv = true};
    va_copy(list.sysv, arguments);
    int length = format_bytes(buffer, size, format, &list);
    va_end(list.sysv);
    return length;
}

__attribute__((visibility("default"))) int ndiskit_vsnwprintf(WCHAR *buffer, size_t size, const WCHAR *format,
                                                              va_list arguments)
{
    struct rtl_arguments list = {.is_sysv = true};
    va_copy(list.sysv, arguments);
    int length = format_wide(buffer, size, format, &list);
    va_end(list.sysv);
    return length;
}

__attribute__((visibility("default"))) int ndiskit_snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = ndiskit_vsnprintf(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

__attribute__((visibility("default"))) int ndiskit_snwprintf(WCHAR *buffer, size_t size, const WCHAR *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = ndiskit_vsnwprintf(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

static NTAPI int vsnprintf_(char *buffer, size_t size, const char *format, __builtin_ms_va_list arguments)
{
    struct rtl_arguments list = {.is_sysv = false};
    __builtin_ms_va_copy(list.ms, arguments);
    int length = format_bytes(buffer, size, format, &list);
    __builtin_ms_va_end(list.ms);
    return length;
}
NT_EXPORT_AS(NT_IMAGE, "_vsnprintf", vsnprintf_);

static NTAPI int vsnwprintf_(WCHAR *buffer, size_t size, const WCHAR *format, __builtin_ms_va_list arguments)
{
    struct rtl_arguments list = {.is_sysv = false};
    __builtin_ms_va_copy(list.ms, arguments);
    int length = format_wide(buffer, size, format, &list);
    __builtin_ms_va_end(list.ms);
    return length;
}
NT_EXPORT_AS(NT_IMAGE, "_vsnwprintf", vsnwprintf_);

enum { UNBOUNDED = 0x7fffffff };

static NTAPI int vsprintf_(char *buffer, const char *format, __builtin_ms_va_list arguments)
{
    return vsnprintf_(buffer, UNBOUNDED, format, arguments);
}
NT_EXPORT_AS(NT_IMAGE, "vsprintf", vsprintf_);

static NTAPI int snprintf_(char *buffer, size_t size, const char *format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    int length = vsnprintf_(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
NT_EXPORT_AS(NT_IMAGE, "_snprintf", snprintf_);

static NTAPI int sprintf_(char *buffer, const char *format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    int length = vsnprintf_(buffer, UNBOUNDED, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
NT_EXPORT_AS(NT_IMAGE, "sprintf", sprintf_);

static NTAPI int snwprintf_(WCHAR *buffer, size_t size, const WCHAR *format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    int length = vsnwprintf_(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
NT_EXPORT_AS(NT_IMAGE, "_snwprintf", snwprintf_);

static NTAPI int swprintf_(WCHAR *buffer, const WCHAR *format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    int length = vsnwprintf_(buffer, UNBOUNDED, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
NT_EXPORT_AS(NT_IMAGE, "swprintf", swprintf_);
NT_EXPORT_AS(NT_IMAGE, "_swprintf", swprintf_);

/* The secure forms: text that does not fit makes them fail with an empty string; _TRUNCATE cuts it instead. */
static int secure_result(struct rtl_output *output, size_t size)
{
    if (output->length < size)
        return finish(output, size);
    if (output->wide)
        ((WCHAR *)output->buffer)[0] = 0;
    else
        ((char *)output->buffer)[0] = 0;
    return -1;
}

static NTAPI int vsprintf_s_(char *buffer, size_t size, const char *format, __builtin_ms_va_list arguments)
{
    if (buffer == NULL || size == 0 || format == NULL)
        return -1;
    struct rtl_arguments list = {.is_sysv = false};
    __builtin_ms_va_copy(list.ms, arguments);
    struct rtl_output output = {buffer, size, 0, false};
    rtl_vformat(&output, format, false, &list);
    __builtin_ms_va_end(list.ms);
    return secure_result(&output, size);
}
NT_EXPORT_AS(NT_IMAGE, "vsprintf_s", vsprintf_s_);

static NTAPI int sprintf_s_(char *buffer, size_t size, const char *format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    int length = vsprintf_s_(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
NT_EXPORT_AS(NT_IMAGE, "sprintf_s", sprintf_s_);

static NTAPI int vswprintf_s_(WCHAR *buffer, size_t size, const WCHAR *format, __builtin_ms_va_list arguments)
{
    if (buffer == NULL || size == 0 || format == NULL)
        return -1;
    struct rtl_arguments list = {.is_sysv = false};
    __builtin_ms_va_copy(list.ms, arguments);
    struct rtl_output output = {buffer, size, 0, true};
    rtl_vformat(&output, format, true, &list);
    __builtin_ms_va_end(list.ms);
    return secure_result(&output, size);
}
NT_EXPORT_AS(NT_IMAGE, "vswprintf_s", vswprintf_s_);

static NTAPI int swprintf_s_(WCHAR *buffer, size_t size, const WCHAR *format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    int length = vswprintf_s_(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
NT_EXPORT_AS(NT_IMAGE, "swprintf_s", swprintf_s_);

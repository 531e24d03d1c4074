/*
 * UTF-8 and UTF-16, and upper and lower case. "ANSI" strings of the kernel are in the system's code page; a Windows
 * machine can be set to UTF-8 and this one is, so that one pair of conversions serves all. Case follows the simple
 * mapping of Unicode for the scripts that have case in the basic multilingual plane, as Windows' upcase table does.
 */
#include <stdint.h>

#include "ntoskrnl/rtl/rtl.h"

enum { REPLACEMENT = 0xFFFD };

/* Decodes one sequence; sets *used to the bytes that belong to it (at least one), returns -1 when it is ill formed. */
static int32_t decode(const unsigned char *text, size_t bytes, size_t *used)
{
    unsigned lead = text[0];
    unsigned length = lead < 0x80                   ? 1
                      : lead >= 0xC2 && lead < 0xE0 ? 2
                      : (lead & 0xF0) == 0xE0       ? 3
                      : lead >= 0xF0 && lead < 0xF5 ? 4
                                                    : 0;
    *used = 1;
    if (length == 1)
        return (int32_t)lead;
    if (length == 0)
        return -1;
    int32_t code = (int32_t)(lead & (0xFFu >> (length + 1)));
    for (unsigned i = 1; i < length; i++) {
        if (i >= bytes || (text[i] & 0xC0) != 0x80)
            return -1;
        code = code << 6 | (text[i] & 0x3F);
        *used = i + 1;
    }
    bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
        *used = 1;
        return -1;
    }
    return code;
}

size_t rtl_utf8_to_utf16(const char *text, size_t bytes, WCHAR *out, size_t capacity, bool *well_formed)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t units = 0;
    for (size_t i = 0; i < bytes;) {
        size_t used;
        int32_t code = decode(s + i, bytes - i, &used);
        i += used;
        if (code < 0) {
            code = REPLACEMENT;
            if (well_formed != NULL)
                *well_formed = false;
        }
        WCHAR pair[2] = {(WCHAR)code, 0};
        size_t count = 1;
        if (code >= 0x10000) {
            pair[0] = (WCHAR)(0xD800 + ((code - 0x10000) >> 10));
            pair[1] = (WCHAR)(0xDC00 + (code & 0x3FF));
            count = 2;
        }
        if (units + count <= capacity) /* half a pair is not written */
            for (size_t k = 0; k < count; k++)
                out[units + k] = pair[k];
        units += count;
    }
    return units;
}

size_t rtl_utf16_to_utf8(const WCHAR *text, size_t units, char *out, size_t capacity, bool *well_formed)
{
    size_t bytes = 0;
    for (size_t i = 0; i < units; i++) {
        uint32_t code = text[i];
        if (code >= 0xD800 && code < 0xDC00 && i + 1 < units && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (text[++i] - 0xDC00u);
        } else if (code >= 0xD800 && code < 0xE000) {
            code = REPLACEMENT;
            if (well_formed != NULL)
                *well_formed = false;
        }
        char sequence[4];
        size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        if (count == 1) {
            sequence[0] = (char)code;
        } else {
            for (size_t k = count - 1; k > 0; k--, code >>= 6)
                sequence[k] = (char)(0x80 | (code & 0x3F));
            sequence[0] = (char)((0xF00 >> count & 0xFF) | code);
        }
        if (bytes + count <= capacity)
            for (size_t k = 0; k < count; k++)
                out[bytes + k] = sequence[k];
        bytes += count;
    }
    return bytes;
}

/* Ranges of lower-case letters: `stride` 1 shifts the whole range by delta, 2 is alternating upper/lower pairs, of
 * which the odd (or even) member is lower case. */
struct case_range {
    WCHAR first, last;
    short delta; /* lower to upper */
    unsigned char stride;
};

static const struct case_range case_ranges[] = {
    {0x0061, 0x007A, -32, 1}, {0x00E0, 0x00F6, -32, 1}, {0x00F8, 0x00FE, -32, 1}, {0x00FF, 0x00FF, 121, 1},
    {0x0101, 0x012F, -1, 2},  {0x0133, 0x0137, -1, 2},  {0x013A, 0x0148, -1, 2},  {0x014B, 0x0177, -1, 2},
    {0x017A, 0x017E, -1, 2},  {0x0183, 0x0185, -1, 2},  {0x01CE, 0x01DC, -1, 2},  {0x01DF, 0x01EF, -1, 2},
    {0x01F9, 0x021F, -1, 2},  {0x0223, 0x0233, -1, 2},  {0x03AC, 0x03AC, -38, 1}, {0x03AD, 0x03AF, -37, 1},
    {0x03B1, 0x03C1, -32, 1}, {0x03C3, 0x03CB, -32, 1}, {0x03CC, 0x03CC, -64, 1}, {0x03CD, 0x03CE, -63, 1},
    {0x03D9, 0x03EF, -1, 2},  {0x0430, 0x044F, -32, 1}, {0x0450, 0x045F, -80, 1}, {0x0461, 0x0481, -1, 2},
    {0x048B, 0x04BF, -1, 2},  {0x04C2, 0x04CE, -1, 2},  {0x04D1, 0x052F, -1, 2},  {0x0561, 0x0586, -48, 1},
    {0x1E01, 0x1E95, -1, 2},  {0x1EA1, 0x1EFF, -1, 2},  {0x2170, 0x217F, -16, 1}, {0x24D0, 0x24E9, -26, 1},
    {0x2C30, 0x2C5E, -48, 1}, {0xFF41, 0xFF5A, -32, 1},
};

static WCHAR map_case(WCHAR character, bool up)
{
    if (character < 0x80) {
        WCHAR first = up ? 'a' : 'A';
        return character >= first && character <= first + 25 ? (WCHAR)(character ^ 0x20) : character;
    }
    for (size_t i = 0; i < sizeof(case_ranges) / sizeof(case_ranges[0]); i++) {
        const struct case_range *range = &case_ranges[i];
        int lower = up ? character : character - range->delta;
        if (lower >= range->first && lower <= range->last && (lower - range->first) % range->stride == 0)
            return (WCHAR)(up ? lower + range->delta : lower);
    }
    return character;
}

WCHAR rtl_upcase(WCHAR character)
{
    return map_case(character, true);
}

WCHAR rtl_downcase(WCHAR character)
{
    return map_case(character, false);
}

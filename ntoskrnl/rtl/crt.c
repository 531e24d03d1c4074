/*
 * The C library that ntoskrnl.exe exports. Compilers of PE drivers emit calls to memcpy and its kin, and drivers use
 * the rest. The names are Linux' own too, with another calling convention and, for wide text, another character: here
 * each has the prefix rtl_ and is exported under its C name.
 */
#include <emmintrin.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

#define EXPORT(name_, function_) NT_EXPORT_AS(NT_IMAGE, name_, function_)

enum { EINVAL_ = 22, ERANGE_ = 34, STRUNCATE_ = 80 };
#define TRUNCATE  ((size_t)-1)
#define UNLIMITED (TRUNCATE >> 1)

/*
 * Memory. Drivers copy and clear for each packet, mostly a few dozen bytes, and a call from here to Linux' memmove
 * saves and restores the ten vector registers that Windows' convention keeps. So small sizes are done here, with the
 * six registers that need no saving: the first and the last bytes overlap as needed, and everything is loaded before
 * anything is stored, which is right for overlapping memory too: Windows' memcpy tolerates that, and drivers depend on
 * it.
 */
#define LOAD(at_)      _mm_loadu_si128((const __m128i *)(at_))
#define STORE(at_, v_) _mm_storeu_si128((__m128i *)(at_), (v_))

static __attribute__((noinline)) NTAPI void *copy_large(void *destination, const void *source, size_t count)
{
    return memmove(destination, source, count);
}

static inline __attribute__((always_inline)) void copy_to_16(char *to, const char *from, size_t count)
{
    if (count >= 8) {
        uint64_t first, last;
        memcpy(&first, from, 8);
        memcpy(&last, from + count - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + count - 8, &last, 8);
    } else if (count >= 4) {
        uint32_t first, last;
        memcpy(&first, from, 4);
        memcpy(&last, from + count - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + count - 4, &last, 4);
    } else if (count != 0) {
        char first = from[0], middle = from[count / 2], last = from[count - 1];
        to[0] = first;
        to[count / 2] = middle;
        to[count - 1] = last;
    }
}

static NTAPI void *rtl_memcpy(void *destination, const void *source, size_t count)
{
    char *to = destination;
    const char *from = source;

    if (count > 96)
        return copy_large(destination, source, count);
    if (count > 64) {
        __m128i a = LOAD(from), b = LOAD(from + 16), c = LOAD(from + 32), d = LOAD(from + 48);
        __m128i e = LOAD(from + count - 32), f = LOAD(from + count - 16);
        STORE(to, a), STORE(to + 16, b), STORE(to + 32, c), STORE(to + 48, d);
        STORE(to + count - 32, e), STORE(to + count - 16, f);
    } else if (count > 32) {
        __m128i a = LOAD(from), b = LOAD(from + 16), c = LOAD(from + count - 32), d = LOAD(from + count - 16);
        STORE(to, a), STORE(to + 16, b), STORE(to + count - 32, c), STORE(to + count - 16, d);
    } else if (count > 16) {
        __m128i a = LOAD(from), b = LOAD(from + count - 16);
        STORE(to, a), STORE(to + count - 16, b);
    } else {
        copy_to_16(to, from, count);
    }
    return destination;
}
EXPORT("memcpy", rtl_memcpy);
EXPORT("memmove", rtl_memcpy);
EXPORT("RtlCopyMemory", rtl_memcpy);
EXPORT("RtlMoveMemory", rtl_memcpy);
EXPORT("RtlCopyMemoryNonTemporal", rtl_memcpy);

static __attribute__((noinline)) NTAPI void *set_large(void *destination, int value, size_t count)
{
    return memset(destination, value, count);
}

static inline __attribute__((always_inline)) void *set(char *to, int value, size_t count)
{
    __m128i v = _mm_set1_epi8((char)value);

    if (count > 256)
        return set_large(to, value, count);
    if (count >= 16) {
        for (size_t at = 0; at < count - 16; at += 16) {
            STORE(to + at, v);
            __asm__ volatile("" ::: "memory"); /* else this becomes the call that it replaces */
        }
        STORE(to + count - 16, v);
    } else {
        char bytes[16];
        STORE(bytes, v);
        copy_to_16(to, bytes, count);
    }
    return to;
}

static NTAPI void *rtl_memset(void *destination, int value, size_t count)
{
    return set(destination, value, count);
}
EXPORT("memset", rtl_memset);

static NTAPI void rtl_fill(void *destination, size_t count, UCHAR value)
{
    set(destination, value, count);
}
EXPORT("RtlFillMemory", rtl_fill);

static NTAPI void rtl_zero(void *destination, size_t count)
{
    set(destination, 0, count);
}
EXPORT("RtlZeroMemory", rtl_zero);

static NTAPI int rtl_memcmp(const void *first, const void *second, size_t count)
{
    return memcmp(first, second, count);
}
EXPORT("memcmp", rtl_memcmp);

static NTAPI void *rtl_memchr(const void *buffer, int value, size_t count)
{
    return memchr(buffer, value, count);
}
EXPORT("memchr", rtl_memchr);

static NTAPI int rtl_memcpy_s(void *destination, size_t size, const void *source, size_t count)
{
    if (count == 0)
        return 0;
    if (destination == NULL)
        return EINVAL_;
    if (source == NULL || size < count) {
        memset(destination, 0, size);
        return source == NULL ? EINVAL_ : ERANGE_;
    }
    memmove(destination, source, count);
    return 0;
}
EXPORT("memcpy_s", rtl_memcpy_s);
EXPORT("memmove_s", rtl_memcpy_s);

/* Bytes. */
static NTAPI size_t rtl_strlen(const char *string)
{
    return strlen(string);
}
EXPORT("strlen", rtl_strlen);

static NTAPI size_t rtl_strnlen(const char *string, size_t limit)
{
    return strnlen(string, limit);
}
EXPORT("strnlen", rtl_strnlen);

static NTAPI int rtl_strcmp(const char *first, const char *second)
{
    return strcmp(first, second);
}
EXPORT("strcmp", rtl_strcmp);

static NTAPI int rtl_strncmp(const char *first, const char *second, size_t count)
{
    return strncmp(first, second, count);
}
EXPORT("strncmp", rtl_strncmp);

static NTAPI int rtl_tolower(int character)
{
    return character >= 'A' && character <= 'Z' ? character + 32 : character;
}
EXPORT("tolower", rtl_tolower);

static NTAPI int rtl_toupper(int character)
{
    return character >= 'a' && character <= 'z' ? character - 32 : character;
}
EXPORT("toupper", rtl_toupper);

int NTAPI rtl_strnicmp(const char *first, const char *second, SIZE_T count)
{
    for (SIZE_T i = 0; i < count; i++) {
        int difference = rtl_tolower((unsigned char)first[i]) - rtl_tolower((unsigned char)second[i]);
        if (difference != 0 || first[i] == 0)
            return difference;
    }
    return 0;
}
EXPORT("_strnicmp", rtl_strnicmp);

int NTAPI rtl_stricmp(const char *first, const char *second)
{
    return rtl_strnicmp(first, second, MAXSIZE_T);
}
EXPORT("_stricmp", rtl_stricmp);

static NTAPI char *rtl_strcpy(char *destination, const char *source)
{
    return strcpy(destination, source);
}
EXPORT("strcpy", rtl_strcpy);

static NTAPI char *rtl_strncpy(char *destination, const char *source, size_t count)
{
    size_t i = 0;
    for (; i < count && source[i] != 0; i++)
        destination[i] = source[i];
    for (; i < count; i++)
        destination[i] = 0;
    return destination;
}
EXPORT("strncpy", rtl_strncpy);

static NTAPI char *rtl_strcat(char *destination, const char *source)
{
    strcpy(destination + strlen(destination), source);
    return destination;
}
EXPORT("strcat", rtl_strcat);

static NTAPI char *rtl_strncat(char *destination, const char *source, size_t count)
{
    size_t length = strlen(destination), add = strnlen(source, count);
    memcpy(destination + length, source, add);
    destination[length + add] = 0;
    return destination;
}
EXPORT("strncat", rtl_strncat);

static NTAPI char *rtl_strchr(const char *string, int character)
{
    return strchr(string, character);
}
EXPORT("strchr", rtl_strchr);

static NTAPI char *rtl_strrchr(const char *string, int character)
{
    return strrchr(string, character);
}
EXPORT("strrchr", rtl_strrchr);

static NTAPI char *rtl_strstr(const char *string, const char *pattern)
{
    return strstr(string, pattern);
}
EXPORT("strstr", rtl_strstr);

static NTAPI size_t rtl_strspn(const char *string, const char *set)
{
    return strspn(string, set);
}
EXPORT("strspn", rtl_strspn);

static NTAPI char *rtl_strlwr(char *string)
{
    for (char *s = string; *s != 0; s++)
        *s = (char)rtl_tolower((unsigned char)*s);
    return string;
}
EXPORT("_strlwr", rtl_strlwr);

static NTAPI char *rtl_strupr(char *string)
{
    for (char *s = string; *s != 0; s++)
        *s = (char)rtl_toupper((unsigned char)*s);
    return string;
}
EXPORT("_strupr", rtl_strupr);

static NTAPI char *rtl_strrev(char *string)
{
    for (size_t i = 0, j = strlen(string); i + 1 < j; i++) {
        char last = string[--j];
        string[j] = string[i];
        string[i] = last;
    }
    return string;
}
EXPORT("_strrev", rtl_strrev);

static NTAPI char *rtl_strset(char *string, int character)
{
    memset(string, character, strlen(string));
    return string;
}
EXPORT("_strset", rtl_strset);

static NTAPI int rtl_strncat_s(char *destination, size_t size, const char *source, size_t count)
{
    if (destination == NULL || size == 0)
        return EINVAL_;
    size_t length = strnlen(destination, size);
    if (source == NULL || length == size) {
        destination[0] = 0;
        return EINVAL_;
    }
    size_t add = strnlen(source, count == TRUNCATE ? size : count);
    if (add >= size - length) {
        if (count != TRUNCATE) {
            destination[0] = 0;
            return ERANGE_;
        }
        add = size - length - 1;
        memcpy(destination + length, source, add);
        destination[length + add] = 0;
        return STRUNCATE_;
    }
    memcpy(destination + length, source, add);
    destination[length + add] = 0;
    return 0;
}
EXPORT("strncat_s", rtl_strncat_s);

static NTAPI int rtl_strcat_s(char *destination, size_t size, const char *source)
{
    return rtl_strncat_s(destination, size, source, UNLIMITED);
}
EXPORT("strcat_s", rtl_strcat_s);

static NTAPI int rtl_strncpy_s(char *destination, size_t size, const char *source, size_t count)
{
    if (destination == NULL || size == 0)
        return EINVAL_;
    destination[0] = 0;
    return rtl_strncat_s(destination, size, source, count);
}
EXPORT("strncpy_s", rtl_strncpy_s);

static NTAPI int rtl_strcpy_s(char *destination, size_t size, const char *source)
{
    return rtl_strncpy_s(destination, size, source, UNLIMITED);
}
EXPORT("strcpy_s", rtl_strcpy_s);

/* 16-bit characters. */
SIZE_T NTAPI rtl_wcsnlen(const WCHAR *string, SIZE_T limit)
{
    SIZE_T length = 0;
    while (length < limit && string[length] != 0)
        length++;
    return length;
}
EXPORT("wcsnlen", rtl_wcsnlen);

SIZE_T NTAPI rtl_wcslen(const WCHAR *string)
{
    return rtl_wcsnlen(string, MAXSIZE_T);
}
EXPORT("wcslen", rtl_wcslen);

int NTAPI rtl_wcsncmp(const WCHAR *first, const WCHAR *second, SIZE_T count)
{
    for (SIZE_T i = 0; i < count; i++)
        if (first[i] != second[i] || first[i] == 0)
            return first[i] < second[i] ? -1 : first[i] > second[i];
    return 0;
}
EXPORT("wcsncmp", rtl_wcsncmp);

int NTAPI rtl_wcscmp(const WCHAR *first, const WCHAR *second)
{
    return rtl_wcsncmp(first, second, MAXSIZE_T);
}
EXPORT("wcscmp", rtl_wcscmp);

int NTAPI rtl_wcsnicmp(const WCHAR *first, const WCHAR *second, SIZE_T count)
{
    for (SIZE_T i = 0; i < count; i++) {
        int difference = rtl_downcase(first[i]) - rtl_downcase(second[i]);
        if (difference != 0 || first[i] == 0)
            return difference;
    }
    return 0;
}
EXPORT("_wcsnicmp", rtl_wcsnicmp);

int NTAPI rtl_wcsicmp(const WCHAR *first, const WCHAR *second)
{
    return rtl_wcsnicmp(first, second, MAXSIZE_T);
}
EXPORT("_wcsicmp", rtl_wcsicmp);

WCHAR *NTAPI rtl_wcscpy(WCHAR *destination, const WCHAR *source)
{
    memmove(destination, source, (rtl_wcslen(source) + 1) * sizeof(WCHAR));
    return destination;
}
EXPORT("wcscpy", rtl_wcscpy);

WCHAR *NTAPI rtl_wcsncpy(WCHAR *destination, const WCHAR *source, SIZE_T count)
{
    SIZE_T i = 0;
    for (; i < count && source[i] != 0; i++)
        destination[i] = source[i];
    for (; i < count; i++)
        destination[i] = 0;
    return destination;
}
EXPORT("wcsncpy", rtl_wcsncpy);

WCHAR *NTAPI rtl_wcscat(WCHAR *destination, const WCHAR *source)
{
    rtl_wcscpy(destination + rtl_wcslen(destination), source);
    return destination;
}
EXPORT("wcscat", rtl_wcscat);

static NTAPI WCHAR *rtl_wcsncat(WCHAR *destination, const WCHAR *source, SIZE_T count)
{
    SIZE_T length = rtl_wcslen(destination), add = rtl_wcsnlen(source, count);
    memcpy(destination + length, source, add * sizeof(WCHAR));
    destination[length + add] = 0;
    return destination;
}
EXPORT("wcsncat", rtl_wcsncat);

WCHAR *NTAPI rtl_wcschr(const WCHAR *string, WCHAR character)
{
    for (;; string++) {
        if (*string == character)
            return (WCHAR *)string;
        if (*string == 0)
            return NULL;
    }
}
EXPORT("wcschr", rtl_wcschr);

WCHAR *NTAPI rtl_wcsrchr(const WCHAR *string, WCHAR character)
{
    for (const WCHAR *s = string + rtl_wcslen(string); s >= string; s--)
        if (*s == character)
            return (WCHAR *)s;
    return NULL;
}
EXPORT("wcsrchr", rtl_wcsrchr);

WCHAR *NTAPI rtl_wcsstr(const WCHAR *string, const WCHAR *pattern)
{
    SIZE_T length = rtl_wcslen(pattern);
    for (;; string++) {
        if (rtl_wcsncmp(string, pattern, length) == 0)
            return (WCHAR *)string;
        if (*string == 0)
            return NULL;
    }
}
EXPORT("wcsstr", rtl_wcsstr);

static NTAPI SIZE_T rtl_wcsspn(const WCHAR *string, const WCHAR *set)
{
    SIZE_T length = 0;
    while (string[length] != 0 && rtl_wcschr(set, string[length]) != NULL)
        length++;
    return length;
}
EXPORT("wcsspn", rtl_wcsspn);

static NTAPI SIZE_T rtl_wcscspn(const WCHAR *string, const WCHAR *set)
{
    SIZE_T length = 0;
    while (string[length] != 0 && rtl_wcschr(set, string[length]) == NULL)
        length++;
    return length;
}
EXPORT("wcscspn", rtl_wcscspn);

static NTAPI WCHAR rtl_towlower(WCHAR character)
{
    return rtl_downcase(character);
}
EXPORT("towlower", rtl_towlower);

static NTAPI WCHAR rtl_towupper(WCHAR character)
{
    return rtl_upcase(character);
}
EXPORT("towupper", rtl_towupper);

static NTAPI WCHAR *rtl_wcslwr(WCHAR *string)
{
    for (WCHAR *s = string; *s != 0; s++)
        *s = rtl_downcase(*s);
    return string;
}
EXPORT("_wcslwr", rtl_wcslwr);

static NTAPI WCHAR *rtl_wcsupr(WCHAR *string)
{
    for (WCHAR *s = string; *s != 0; s++)
        *s = rtl_upcase(*s);
    return string;
}
EXPORT("_wcsupr", rtl_wcsupr);

static NTAPI WCHAR *rtl_wcsrev(WCHAR *string)
{
    for (SIZE_T i = 0, j = rtl_wcslen(string); i + 1 < j; i++) {
        WCHAR last = string[--j];
        string[j] = string[i];
        string[i] = last;
    }
    return string;
}
EXPORT("_wcsrev", rtl_wcsrev);

static NTAPI int rtl_wcsncat_s(WCHAR *destination, size_t size, const WCHAR *source, size_t count)
{
    if (destination == NULL || size == 0)
        return EINVAL_;
    size_t length = rtl_wcsnlen(destination, size);
    if (source == NULL || length == size) {
        destination[0] = 0;
        return EINVAL_;
    }
    size_t add = rtl_wcsnlen(source, count == TRUNCATE ? size : count);
    int result = 0;
    if (add >= size - length) {
        if (count != TRUNCATE) {
            destination[0] = 0;
            return ERANGE_;
        }
        add = size - length - 1;
        result = STRUNCATE_;
    }
    memcpy(destination + length, source, add * sizeof(WCHAR));
    destination[length + add] = 0;
    return result;
}
EXPORT("wcsncat_s", rtl_wcsncat_s);

static NTAPI int rtl_wcscat_s(WCHAR *destination, size_t size, const WCHAR *source)
{
    return rtl_wcsncat_s(destination, size, source, UNLIMITED);
}
EXPORT("wcscat_s", rtl_wcscat_s);

static NTAPI int rtl_wcsncpy_s(WCHAR *destination, size_t size, const WCHAR *source, size_t count)
{
    if (destination == NULL || size == 0)
        return EINVAL_;
    destination[0] = 0;
    return rtl_wcsncat_s(destination, size, source, count);
}
EXPORT("wcsncpy_s", rtl_wcsncpy_s);

static NTAPI int rtl_wcscpy_s(WCHAR *destination, size_t size, const WCHAR *source)
{
    return rtl_wcsncpy_s(destination, size, source, UNLIMITED);
}
EXPORT("wcscpy_s", rtl_wcscpy_s);

/* Numbers and characters. */
static NTAPI int rtl_atoi(const char *string)
{
    return (int)strtol(string, NULL, 10);
}
EXPORT("atoi", rtl_atoi);
EXPORT("atol", rtl_atoi);

static NTAPI LONG rtl_wtoi(const WCHAR *string)
{
    while (*string == ' ' || (*string >= 9 && *string <= 13))
        string++;
    bool negative = *string == '-';
    if (*string == '-' || *string == '+')
        string++;
    ULONG value = 0;
    for (; *string >= '0' && *string <= '9'; string++)
        value = value * 10 + (ULONG)(*string - '0');
    return (LONG)(negative ? 0 - value : value);
}
EXPORT("_wtoi", rtl_wtoi);
EXPORT("_wtol", rtl_wtoi);

static NTAPI int rtl_isdigit(int c)
{
    return c >= '0' && c <= '9';
}
EXPORT("isdigit", rtl_isdigit);

static NTAPI int rtl_isxdigit(int c)
{
    return rtl_isdigit(c) || (rtl_tolower(c) >= 'a' && rtl_tolower(c) <= 'f');
}
EXPORT("isxdigit", rtl_isxdigit);

static NTAPI int rtl_islower(int c)
{
    return c >= 'a' && c <= 'z';
}
EXPORT("islower", rtl_islower);

static NTAPI int rtl_isupper(int c)
{
    return c >= 'A' && c <= 'Z';
}
EXPORT("isupper", rtl_isupper);

static NTAPI int rtl_isprint(int c)
{
    return c >= 0x20 && c < 0x7F;
}
EXPORT("isprint", rtl_isprint);

static NTAPI int rtl_isspace(int c)
{
    return c == ' ' || (c >= 9 && c <= 13);
}
EXPORT("isspace", rtl_isspace);

/* Sorting and searching: heap sort, because a driver's comparison runs with Windows' convention, a kernel stack is
 * small, and the worst case must be as good as the best. */
typedef int(NTAPI *compare_function)(const void *first, const void *second);

static void swap(char *a, char *b, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        char byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

static void sift_down(char *base, size_t root, size_t count, size_t width, compare_function compare)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare(base + child * width, base + (child + 1) * width) < 0)
            child++;
        if (compare(base + root * width, base + child * width) >= 0)
            return;
        swap(base + root * width, base + child * width, width);
    }
}

static NTAPI void rtl_qsort(void *base, size_t count, size_t width, compare_function compare)
{
    for (size_t root = count / 2; root-- > 0;)
        sift_down(base, root, count, width, compare);
    for (size_t end = count; end-- > 1;) {
        swap(base, (char *)base + end * width, width);
        sift_down(base, 0, end, width, compare);
    }
}
EXPORT("qsort", rtl_qsort);

static NTAPI void *rtl_bsearch(const void *key, const void *base, size_t count, size_t width, compare_function compare)
{
    for (size_t low = 0, high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        const char *element = (const char *)base + middle * width;
        int order = compare(key, element);
        if (order == 0)
            return (void *)element;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
EXPORT("bsearch", rtl_bsearch);

/* One sequence for the whole system, as in the kernel; each step is atomic. */
static uint32_t random_state = 1;

static NTAPI int rtl_rand(void)
{
    uint32_t old = __atomic_load_n(&random_state, __ATOMIC_RELAXED), next;
    do
        next = old * 214013u + 2531011u;
    while (!__atomic_compare_exchange_n(&random_state, &old, next, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return (int)(next >> 16 & 0x7fff);
}
EXPORT("rand", rtl_rand);

static NTAPI void rtl_srand(unsigned seed)
{
    __atomic_store_n(&random_state, seed, __ATOMIC_RELAXED);
}
EXPORT("srand", rtl_srand);

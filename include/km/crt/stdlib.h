/*
 * Conversions, sorting and random numbers, as ntoskrnl.exe exports them.
 */
#ifndef _NDISKIT_CRT_STDLIB_
#define _NDISKIT_CRT_STDLIB_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

int __cdecl atoi(const char *string);
long __cdecl atol(const char *string);
int __cdecl _wtoi(const wchar_t *string);
long __cdecl _wtol(const wchar_t *string);
int __cdecl rand(void);
void __cdecl srand(unsigned int seed);
void __cdecl qsort(void *base, size_t count, size_t width, int(__cdecl *compare)(const void *, const void *));
void *__cdecl bsearch(const void *key, const void *base, size_t count, size_t width,
                      int(__cdecl *compare)(const void *, const void *));

#ifdef __cplusplus
}
#elif !defined(NOMINMAX)
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#endif

#endif

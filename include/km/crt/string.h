/*
 * The memory and string functions that ntoskrnl.exe exports, for drivers built as PE images, which have no C library.
 */
#ifndef _NDISKIT_CRT_STRING_
#define _NDISKIT_CRT_STRING_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *__cdecl memcpy(void *destination, const void *source, size_t count);
void *__cdecl memmove(void *destination, const void *source, size_t count);
void *__cdecl memset(void *destination, int value, size_t count);
int __cdecl memcmp(const void *first, const void *second, size_t count);
void *__cdecl memchr(const void *buffer, int value, size_t count);
size_t __cdecl strlen(const char *string);
size_t __cdecl strnlen(const char *string, size_t limit);
int __cdecl strcmp(const char *first, const char *second);
int __cdecl strncmp(const char *first, const char *second, size_t count);
int __cdecl _stricmp(const char *first, const char *second);
int __cdecl _strnicmp(const char *first, const char *second, size_t count);
char *__cdecl strcpy(char *destination, const char *source);
char *__cdecl strncpy(char *destination, const char *source, size_t count);
char *__cdecl strcat(char *destination, const char *source);
char *__cdecl strncat(char *destination, const char *source, size_t count);
char *__cdecl strchr(const char *string, int character);
char *__cdecl strrchr(const char *string, int character);
char *__cdecl strstr(const char *string, const char *pattern);
size_t __cdecl strspn(const char *string, const char *set);
char *__cdecl _strlwr(char *string);
char *__cdecl _strupr(char *string);
char *__cdecl _strrev(char *string);
char *__cdecl _strset(char *string, int character);
int __cdecl strcpy_s(char *destination, size_t size, const char *source);
int __cdecl strcat_s(char *destination, size_t size, const char *source);
int __cdecl strncpy_s(char *destination, size_t size, const char *source, size_t count);

size_t __cdecl wcslen(const wchar_t *string);
size_t __cdecl wcsnlen(const wchar_t *string, size_t limit);
int __cdecl wcscmp(const wchar_t *first, const wchar_t *second);
int __cdecl wcsncmp(const wchar_t *first, const wchar_t *second, size_t count);
int __cdecl _wcsicmp(const wchar_t *first, const wchar_t *second);
int __cdecl _wcsnicmp(const wchar_t *first, const wchar_t *second, size_t count);
wchar_t *__cdecl wcscpy(wchar_t *destination, const wchar_t *source);
wchar_t *__cdecl wcsncpy(wchar_t *destination, const wchar_t *source, size_t count);
wchar_t *__cdecl wcscat(wchar_t *destination, const wchar_t *source);
wchar_t *__cdecl wcsncat(wchar_t *destination, const wchar_t *source, size_t count);
wchar_t *__cdecl wcschr(const wchar_t *string, wchar_t character);
wchar_t *__cdecl wcsrchr(const wchar_t *string, wchar_t character);
wchar_t *__cdecl wcsstr(const wchar_t *string, const wchar_t *pattern);
size_t __cdecl wcsspn(const wchar_t *string, const wchar_t *set);
wchar_t *__cdecl _wcslwr(wchar_t *string);
wchar_t *__cdecl _wcsupr(wchar_t *string);
wchar_t *__cdecl _wcsrev(wchar_t *string);
int __cdecl wcscpy_s(wchar_t *destination, size_t size, const wchar_t *source);
int __cdecl wcscat_s(wchar_t *destination, size_t size, const wchar_t *source);
int __cdecl wcsncpy_s(wchar_t *destination, size_t size, const wchar_t *source, size_t count);

#ifdef __cplusplus
}
#endif

#endif

/*
 * Formatting into buffers, as ntoskrnl.exe exports it: no floating point, with %wZ and %Z.
 */
#ifndef _NDISKIT_CRT_STDIO_
#define _NDISKIT_CRT_STDIO_

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

int __cdecl sprintf(char *buffer, const char *format, ...);
int __cdecl vsprintf(char *buffer, const char *format, va_list arguments);
int __cdecl _snprintf(char *buffer, size_t size, const char *format, ...);
int __cdecl _vsnprintf(char *buffer, size_t size, const char *format, va_list arguments);
int __cdecl sprintf_s(char *buffer, size_t size, const char *format, ...);
int __cdecl vsprintf_s(char *buffer, size_t size, const char *format, va_list arguments);
int __cdecl swprintf(wchar_t *buffer, const wchar_t *format, ...);
int __cdecl _snwprintf(wchar_t *buffer, size_t size, const wchar_t *format, ...);
int __cdecl _vsnwprintf(wchar_t *buffer, size_t size, const wchar_t *format, va_list arguments);
int __cdecl swprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, ...);
int __cdecl vswprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, va_list arguments);

#ifdef __cplusplus
}
#endif

#endif

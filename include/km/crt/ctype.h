/*
 * Character classes of ASCII, as ntoskrnl.exe exports them.
 */
#ifndef _NDISKIT_CRT_CTYPE_
#define _NDISKIT_CRT_CTYPE_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

int __cdecl tolower(int character);
int __cdecl toupper(int character);
int __cdecl isdigit(int character);
int __cdecl isxdigit(int character);
int __cdecl islower(int character);
int __cdecl isupper(int character);
int __cdecl isprint(int character);
int __cdecl isspace(int character);
wchar_t __cdecl towlower(wchar_t character);
wchar_t __cdecl towupper(wchar_t character);

#ifdef __cplusplus
}
#endif

#endif

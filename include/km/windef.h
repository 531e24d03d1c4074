/*
 * The Win32 names of the base types, which some drivers use in kernel mode too.
 */
#ifndef _WINDEF_
#define _WINDEF_

#include "ntdef.h"

typedef ULONG DWORD, *PDWORD, *LPDWORD;
typedef USHORT WORD, *PWORD, *LPWORD;
typedef UCHAR BYTE, *PBYTE, *LPBYTE;
typedef int BOOL, *PBOOL, *LPBOOL;
typedef const void *LPCVOID;
#define MAKEWORD(a, b) ((WORD)(((BYTE)(a)) | (((WORD)((BYTE)(b))) << 8)))
#define MAKELONG(a, b) ((LONG)(((WORD)(a)) | (((DWORD)((WORD)(b))) << 16)))
#define LOWORD(l)      ((WORD)((ULONG_PTR)(l) & 0xffff))
#define HIWORD(l)      ((WORD)(((ULONG_PTR)(l) >> 16) & 0xffff))
#define LOBYTE(w)      ((BYTE)((ULONG_PTR)(w) & 0xff))
#define HIBYTE(w)      ((BYTE)(((ULONG_PTR)(w) >> 8) & 0xff))
#define MAX_PATH       260

#endif

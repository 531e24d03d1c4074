/*
 * Integer types of exact and of pointer size. Windows x64 is LLP64: LONG stays 32 bits wide, which on Linux makes it an
 * int.
 */
#ifndef _BASETSD_H_
#define _BASETSD_H_

#include "kmcompat.h"

#define POINTER_64 __ptr64
#define POINTER_32

typedef signed char INT8, *PINT8;
typedef signed short INT16, *PINT16;
typedef signed int INT32, *PINT32;
typedef signed __int64 INT64, *PINT64;
typedef unsigned char UINT8, *PUINT8;
typedef unsigned short UINT16, *PUINT16;
typedef unsigned int UINT32, *PUINT32;
typedef unsigned __int64 UINT64, *PUINT64;
typedef signed int LONG32, *PLONG32;
typedef unsigned int ULONG32, *PULONG32;
typedef unsigned int DWORD32, *PDWORD32;
typedef __int64 LONG64, *PLONG64;
typedef unsigned __int64 ULONG64, *PULONG64;
typedef unsigned __int64 DWORD64, *PDWORD64;

typedef __int64 INT_PTR, *PINT_PTR;
typedef unsigned __int64 UINT_PTR, *PUINT_PTR;
typedef __int64 LONG_PTR, *PLONG_PTR;
typedef unsigned __int64 ULONG_PTR, *PULONG_PTR;
typedef ULONG_PTR DWORD_PTR, *PDWORD_PTR;
typedef ULONG_PTR SIZE_T, *PSIZE_T;
typedef LONG_PTR SSIZE_T, *PSSIZE_T;
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;
typedef int HALF_PTR, *PHALF_PTR;
typedef unsigned int UHALF_PTR, *PUHALF_PTR;

#define MAXUINT8     ((UINT8) ~((UINT8)0))
#define MAXINT8      ((INT8)(MAXUINT8 >> 1))
#define MAXUINT16    ((UINT16) ~((UINT16)0))
#define MAXINT16     ((INT16)(MAXUINT16 >> 1))
#define MAXUINT32    ((UINT32) ~((UINT32)0))
#define MAXINT32     ((INT32)(MAXUINT32 >> 1))
#define MININT32     ((INT32)~MAXINT32)
#define MAXUINT64    ((UINT64) ~((UINT64)0))
#define MAXINT64     ((INT64)(MAXUINT64 >> 1))
#define MININT64     ((INT64)~MAXINT64)
#define MAXULONG32   ((ULONG32) ~((ULONG32)0))
#define MAXULONG64   ((ULONG64) ~((ULONG64)0))
#define MAXLONG64    ((LONG64)(MAXULONG64 >> 1))
#define MAXULONG_PTR ((ULONG_PTR) ~((ULONG_PTR)0))
#define MAXLONG_PTR  ((LONG_PTR)(MAXULONG_PTR >> 1))
#define MAXUINT_PTR  ((UINT_PTR) ~((UINT_PTR)0))
#define MAXSIZE_T    ((SIZE_T) ~((SIZE_T)0))

#define HandleToULong(h)  ((unsigned int)(ULONG_PTR)(h))
#define HandleToUlong(h)  HandleToULong(h)
#define HandleToLong(h)   ((int)(LONG_PTR)(h))
#define ULongToHandle(ul) ((void *)(ULONG_PTR)(ul))
#define UlongToHandle(ul) ULongToHandle(ul)
#define LongToHandle(l)   ((void *)(LONG_PTR)(l))
#define PtrToUlong(p)     ((unsigned int)(ULONG_PTR)(p))
#define PtrToULong(p)     PtrToUlong(p)
#define PtrToLong(p)      ((int)(LONG_PTR)(p))
#define PtrToUint(p)      ((unsigned int)(UINT_PTR)(p))
#define PtrToInt(p)       ((int)(INT_PTR)(p))
#define PtrToUshort(p)    ((unsigned short)(ULONG_PTR)(p))
#define PtrToShort(p)     ((short)(LONG_PTR)(p))
#define IntToPtr(i)       ((void *)(INT_PTR)(int)(i))
#define UIntToPtr(ui)     ((void *)(UINT_PTR)(unsigned int)(ui))
#define UintToPtr(ui)     UIntToPtr(ui)
#define LongToPtr(l)      ((void *)(LONG_PTR)(int)(l))
#define ULongToPtr(ul)    ((void *)(ULONG_PTR)(unsigned int)(ul))
#define UlongToPtr(ul)    ULongToPtr(ul)

#endif

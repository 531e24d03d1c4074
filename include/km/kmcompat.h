/*
 * What Microsoft's compiler has built in and gcc and clang on Linux do not: __int64, __declspec, calling conventions.
 * Every other header of this folder reaches this one first. On Linux, where wchar_t must be 16 bits wide
 * (-fshort-wchar), the Windows x64 calling convention is an attribute (NTAPI) and ndiskit's functions are found through
 * the dynamic linker; in a PE driver they are imports.
 */
#ifndef _NDISKIT_KMCOMPAT_
#define _NDISKIT_KMCOMPAT_

#if defined(_MSC_VER) || defined(__MINGW32__)
#define NDISKIT_PE 1
#endif

#include <stdarg.h>
#include <stddef.h>

#ifdef NDISKIT_PE

#ifndef NTAPI
#define NTAPI __stdcall
#endif
#ifndef FASTCALL
#define FASTCALL __fastcall
#endif
#ifndef DECLSPEC_IMPORT
#define DECLSPEC_IMPORT __declspec(dllimport)
#endif
#define NDISKIT_VA_LIST va_list

#else /* Linux */

#ifndef __x86_64__
#error "ndiskit's headers are for x86-64 only"
#endif
#if __SIZEOF_WCHAR_T__ != 2
#error "compile with -fshort-wchar: WCHAR is 16 bits wide on Windows"
#endif

/* `long` and not `long long`, so that SIZE_T, ULONG_PTR, ULONGLONG, size_t and uint64_t are one type, as on Windows. */
#ifdef __int64
#undef __int64
#endif
#define __int64 long
#define __int32 int
#define __int16 short
#define __int8 char

#define NTAPI    __attribute__((ms_abi))
#define FASTCALL __attribute__((ms_abi))
#undef __stdcall
#undef __cdecl
#undef __fastcall
#define __stdcall __attribute__((ms_abi))
#define __cdecl __attribute__((ms_abi))
#define __fastcall __attribute__((ms_abi))
#define __ptr64
#define __unaligned
#define __w64

#undef __forceinline
#define __forceinline __inline__ __attribute__((always_inline))
#ifndef __cplusplus
#ifndef __inline
#define __inline __inline__
#endif
#endif

#undef __declspec
#define __declspec(x) NDISKIT_DECLSPEC_##x
#define NDISKIT_DECLSPEC_align(n) __attribute__((aligned(n)))
#define NDISKIT_DECLSPEC_noreturn __attribute__((noreturn))
#define NDISKIT_DECLSPEC_noinline __attribute__((noinline))
#define NDISKIT_DECLSPEC_noalias
#define NDISKIT_DECLSPEC_restrict
#define NDISKIT_DECLSPEC_nothrow __attribute__((nothrow))
#define NDISKIT_DECLSPEC_novtable
#define NDISKIT_DECLSPEC_selectany  __attribute__((weak))
#define NDISKIT_DECLSPEC_deprecated __attribute__((deprecated))
#define NDISKIT_DECLSPEC_dllimport  __attribute__((visibility("default")))
#define NDISKIT_DECLSPEC_dllexport  __attribute__((visibility("default")))
#define NDISKIT_DECLSPEC_thread     __thread
#define NDISKIT_DECLSPEC_allocate(s)
#define NDISKIT_DECLSPEC_code_seg(s)
#define NDISKIT_DECLSPEC_uuid(s)

#define DECLSPEC_IMPORT __attribute__((visibility("default")))
#define NDISKIT_VA_LIST __builtin_ms_va_list

#endif

#ifdef __cplusplus
#define NDISKIT_EXTERN_C_BEGIN extern "C" {
#define NDISKIT_EXTERN_C_END   }
#else
#define NDISKIT_EXTERN_C_BEGIN
#define NDISKIT_EXTERN_C_END
#endif

/*
 * Functions defined in these headers: private to each translation unit, never a symbol of the driver.
 */
#ifdef NDISKIT_PE
#define NDISKIT_INLINE static __forceinline
#else
#define NDISKIT_INLINE static __inline__ __attribute__((always_inline, unused))
#endif

#endif

/*
 * GUIDs. DEFINE_GUID declares one; in the one source file that included initguid.h before it, it defines it.
 */
#ifndef GUID_DEFINED
#define GUID_DEFINED

#include "kmcompat.h"

typedef struct _GUID {
#ifdef NDISKIT_PE
    unsigned long Data1;
#else
    unsigned int Data1;
#endif
    unsigned short Data2;
    unsigned short Data3;
    unsigned char Data4[8];
} GUID;

#endif

#ifdef DEFINE_GUID
#undef DEFINE_GUID
#endif

#ifdef __cplusplus
#define NDISKIT_EXTERN_C_DECL extern "C"
#else
#define NDISKIT_EXTERN_C_DECL extern
#endif

#ifdef INITGUID
#ifdef NDISKIT_PE
#define NDISKIT_SELECTANY __declspec(selectany)
#else
#define NDISKIT_SELECTANY __attribute__((weak))
#endif
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)                                                   \
    NDISKIT_EXTERN_C_DECL const GUID name;                                                                             \
    NDISKIT_EXTERN_C_DECL_DEF const GUID NDISKIT_SELECTANY name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#ifdef __cplusplus
#define NDISKIT_EXTERN_C_DECL_DEF extern "C"
#else
#define NDISKIT_EXTERN_C_DECL_DEF
#endif
#else
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) NDISKIT_EXTERN_C_DECL const GUID name
#endif

#ifndef _GUIDDEF_H_
#define _GUIDDEF_H_

typedef GUID *LPGUID, *PGUID;
typedef const GUID *LPCGUID, *PCGUID;
typedef GUID IID, CLSID, FMTID;
typedef GUID UUID;
typedef IID *LPIID;
typedef CLSID *LPCLSID;

#ifdef __cplusplus
#define REFGUID const GUID &
#define REFIID  const IID &
NDISKIT_INLINE int IsEqualGUID(REFGUID rguid1, REFGUID rguid2)
{
    return !__builtin_memcmp(&rguid1, &rguid2, sizeof(GUID));
}
inline bool operator==(REFGUID a, REFGUID b)
{
    return IsEqualGUID(a, b);
}
inline bool operator!=(REFGUID a, REFGUID b)
{
    return !IsEqualGUID(a, b);
}
#else
#define REFGUID                     const GUID *
#define REFIID                      const IID *
#define IsEqualGUID(rguid1, rguid2) (!__builtin_memcmp(rguid1, rguid2, sizeof(GUID)))
#endif
#define InlineIsEqualGUID(rguid1, rguid2) IsEqualGUID(rguid1, rguid2)
#define IsEqualIID(riid1, riid2)          IsEqualGUID(riid1, riid2)

#endif

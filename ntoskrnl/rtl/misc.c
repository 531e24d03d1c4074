/*
 * Comparing memory, random numbers, checksums, the system's version, failed assertions.
 */
#include <stdint.h>
#include <string.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

/* The number of bytes that are equal from the start. */
SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length)
{
    const UCHAR *a = Source1, *b = Source2;
    SIZE_T i = 0;
    while (i < Length && a[i] == b[i])
        i++;
    return i;
}
NT_EXPORT(RtlCompareMemory);

SIZE_T NTAPI RtlCompareMemoryUlong(PVOID Source, SIZE_T Length, ULONG Pattern)
{
    const UCHAR *source = Source;
    SIZE_T i = 0;
    for (; i + sizeof(ULONG) <= Length; i += sizeof(ULONG))
        if (memcmp(source + i, &Pattern, sizeof(ULONG)) != 0)
            break;
    return i;
}
NT_EXPORT(RtlCompareMemoryUlong);

VOID NTAPI RtlPrefetchMemoryNonTemporal(PVOID Source, SIZE_T Length)
{
    for (SIZE_T i = 0; i < Length; i += SYSTEM_CACHE_ALIGNMENT_SIZE)
        __builtin_prefetch((char *)Source + i, 0, 0);
}
NT_EXPORT(RtlPrefetchMemoryNonTemporal);

/* Uniform in [0, MAXLONG-1]; the whole state is the caller's seed. The generator is splitmix64's mixing of the seed. */
ULONG NTAPI RtlRandomEx(PULONG Seed)
{
    *Seed += 0x9E3779B9u;
    uint64_t z = *Seed * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 30) * 0x94D049BB133111EBull;
    return (ULONG)((z ^ z >> 31) >> 16) % MAXLONG;
}
NT_EXPORT(RtlRandomEx);

ULONG NTAPI RtlRandom(PULONG Seed)
{
    return RtlRandomEx(Seed);
}
NT_EXPORT(RtlRandom);

/* IEEE 802.3. The table is not kept: these are not on a packet's path. */
ULONG NTAPI RtlCrc32(const VOID *Buffer, SIZE_T Size, ULONG InitialCrc)
{
    const UCHAR *bytes = Buffer;
    ULONG crc = ~InitialCrc;
    for (SIZE_T i = 0; i < Size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & (0 - (crc & 1)));
    }
    return ~crc;
}
NT_EXPORT(RtlCrc32);

static NTAPI ULONG compute_crc32(ULONG InitialCrc, const VOID *Buffer, ULONG Length)
{
    return RtlCrc32(Buffer, Length, InitialCrc);
}
NT_EXPORT_AS(NT_IMAGE, "RtlComputeCrc32", compute_crc32);

/* The polynomial of ECMA-182, reflected, as in the XZ format. */
ULONGLONG NTAPI RtlCrc64(const VOID *Buffer, SIZE_T Size, ULONGLONG InitialCrc)
{
    const UCHAR *bytes = Buffer;
    ULONGLONG crc = ~InitialCrc;
    for (SIZE_T i = 0; i < Size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xC96C5795D7870F42ull & (0 - (crc & 1)));
    }
    return ~crc;
}
NT_EXPORT(RtlCrc64);

/* What the system says that it is: Windows 10, version 22H2, a workstation. */
enum { MAJOR = 10, MINOR = 0, BUILD = 19045, PLATFORM_NT = 2 };

NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation)
{
    lpVersionInformation->dwMajorVersion = MAJOR;
    lpVersionInformation->dwMinorVersion = MINOR;
    lpVersionInformation->dwBuildNumber = BUILD;
    lpVersionInformation->dwPlatformId = PLATFORM_NT;
    memset(lpVersionInformation->szCSDVersion, 0, sizeof(lpVersionInformation->szCSDVersion));
    if (lpVersionInformation->dwOSVersionInfoSize == sizeof(RTL_OSVERSIONINFOEXW)) {
        PRTL_OSVERSIONINFOEXW extended = (PRTL_OSVERSIONINFOEXW)lpVersionInformation;
        extended->wServicePackMajor = 0;
        extended->wServicePackMinor = 0;
        extended->wSuiteMask = VER_SUITE_TERMINAL;
        extended->wProductType = VER_NT_WORKSTATION;
        extended->wReserved = 0;
    }
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlGetVersion);

/* Three bits for each type, in the order of the type's bit. */
ULONGLONG NTAPI VerSetConditionMask(ULONGLONG ConditionMask, ULONG TypeMask, UCHAR Condition)
{
    for (int bit = 0; bit < 8; bit++)
        if (TypeMask & (1u << bit))
            ConditionMask |= (ULONGLONG)(Condition & VER_CONDITION_MASK) << (bit * VER_NUM_BITS_PER_CONDITION_MASK);
    return ConditionMask;
}
NT_EXPORT(VerSetConditionMask);

static ULONG condition_of(ULONGLONG mask, ULONG type)
{
    return (ULONG)(mask >> (__builtin_ctz(type) * VER_NUM_BITS_PER_CONDITION_MASK)) & VER_CONDITION_MASK;
}

static bool holds(LONGLONG actual, LONGLONG wanted, ULONG condition)
{
    switch (condition) {
    case VER_EQUAL:
        return actual == wanted;
    case VER_GREATER:
        return actual > wanted;
    case VER_GREATER_EQUAL:
        return actual >= wanted;
    case VER_LESS:
        return actual < wanted;
    case VER_LESS_EQUAL:
        return actual <= wanted;
    default:
        return false;
    }
}

/* Major and minor version and service pack are compared as one number, each only when its bit is in the mask; with
 * only the first of them deciding unless equal ("RtlVerifyVersionInfo function (wdm.h)"). */
NTSTATUS NTAPI RtlVerifyVersionInfo(PRTL_OSVERSIONINFOEXW VersionInfo, ULONG TypeMask, ULONGLONG ConditionMask)
{
    static const ULONG ordered[] = {VER_MAJORVERSION, VER_MINORVERSION, VER_SERVICEPACKMAJOR, VER_SERVICEPACKMINOR};
    if (TypeMask == 0 || ConditionMask == 0)
        return STATUS_INVALID_PARAMETER;
    RTL_OSVERSIONINFOEXW system = {.dwOSVersionInfoSize = sizeof(system)};
    RtlGetVersion((PRTL_OSVERSIONINFOW)&system);
    LONGLONG actual = 0, wanted = 0;
    ULONG condition = 0;
    for (size_t i = 0; i < RTL_NUMBER_OF(ordered); i++) {
        LONGLONG is[] = {system.dwMajorVersion, system.dwMinorVersion, system.wServicePackMajor,
                         system.wServicePackMinor};
        LONGLONG want[] = {VersionInfo->dwMajorVersion, VersionInfo->dwMinorVersion, VersionInfo->wServicePackMajor,
                           VersionInfo->wServicePackMinor};
        bool asked = TypeMask & ordered[i];
        if (asked && condition == 0)
            condition = condition_of(ConditionMask, ordered[i]);
        actual = actual << 16 | (asked ? is[i] : 0);
        wanted = wanted << 16 | (asked ? (want[i] & 0xffff) : 0);
    }
    if (condition != 0 && !holds(actual, wanted, condition))
        return STATUS_REVISION_MISMATCH;
    struct {
        ULONG type;
        LONGLONG actual, wanted;
    } single[] = {{VER_BUILDNUMBER, system.dwBuildNumber, VersionInfo->dwBuildNumber},
                  {VER_PLATFORMID, system.dwPlatformId, VersionInfo->dwPlatformId},
                  {VER_PRODUCT_TYPE, system.wProductType, VersionInfo->wProductType}};
    for (size_t i = 0; i < RTL_NUMBER_OF(single); i++)
        if ((TypeMask & single[i].type) &&
            !holds(single[i].actual, single[i].wanted, condition_of(ConditionMask, single[i].type)))
            return STATUS_REVISION_MISMATCH;
    if (TypeMask & VER_SUITENAME) {
        USHORT common = system.wSuiteMask & VersionInfo->wSuiteMask;
        ULONG suites = condition_of(ConditionMask, VER_SUITENAME);
        if (suites == VER_AND ? common != VersionInfo->wSuiteMask : common == 0 && VersionInfo->wSuiteMask != 0)
            return STATUS_REVISION_MISMATCH;
    }
    return STATUS_SUCCESS;
}
NT_EXPORT(RtlVerifyVersionInfo);

/* 0x0A000000 is Windows 10; its low byte counts the releases, of which 22H2 has 0x0B's predecessor, 0x0A. */
BOOLEAN NTAPI RtlIsNtDdiVersionAvailable(ULONG Version)
{
    return (Version & 0xffff) <= 0x0A ? Version <= NTDDI_WIN10_FE : (Version & 0xffff0000) < NTDDI_WIN10;
}
NT_EXPORT(RtlIsNtDdiVersionAvailable);

/* Whether at least that service pack of exactly this version is installed: this version has none. */
BOOLEAN NTAPI RtlIsServicePackVersionInstalled(ULONG Version)
{
    return (Version & 0xffff0000) == NTDDI_WIN10 && (Version & 0xff00) == 0;
}
NT_EXPORT(RtlIsServicePackVersionInstalled);

enum { PRODUCT_PROFESSIONAL = 0x30 };

/* The edition, or 0 (PRODUCT_UNDEFINED) and FALSE for a caller of a system before Windows Vista. */
BOOLEAN NTAPI RtlGetProductInfo(ULONG OSMajorVersion, ULONG OSMinorVersion, ULONG SpMajorVersion, ULONG SpMinorVersion,
                                PULONG ReturnedProductType)
{
    UNREFERENCED_PARAMETER(OSMinorVersion);
    UNREFERENCED_PARAMETER(SpMajorVersion);
    UNREFERENCED_PARAMETER(SpMinorVersion);
    if (ReturnedProductType == NULL)
        return FALSE;
    *ReturnedProductType = OSMajorVersion >= 6 ? PRODUCT_PROFESSIONAL : 0;
    return OSMajorVersion >= 6;
}
NT_EXPORT(RtlGetProductInfo);

/* Extended processor state that the system saves for kernel code: x87, SSE and AVX when the machine has it. */
ULONG64 NTAPI RtlGetEnabledExtendedFeatures(ULONG64 FeatureMask)
{
    ULONG64 enabled = XSTATE_MASK_LEGACY;
    if (__builtin_cpu_supports("avx"))
        enabled |= XSTATE_MASK_AVX;
    return FeatureMask & enabled;
}
NT_EXPORT(RtlGetEnabledExtendedFeatures);

/* What ASSERT calls in a checked build: says which one failed, and breaks. */
VOID NTAPI RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PCHAR Message)
{
    DbgPrint("Assertion failed: %s%s%s, file %s, line %u\n", Message ? Message : "", Message ? ": " : "",
             FailedAssertion, FileName, LineNumber);
    DbgBreakPoint();
}
NT_EXPORT(RtlAssert);

/*
 * The executive's smaller services: time zones, timer resolution, processor features, UUIDs, the previous mode.
 */
#include <cpuid.h>
#include <ntddk.h>
#include <sys/random.h>
#include <time.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

#define UNITS_PER_SECOND     10000000LL
#define SECONDS_1601_TO_1970 11644473600LL

/* Local time minus UTC at that moment, in 100 ns units. */
static LONGLONG bias_at(LONGLONG system_time)
{
    time_t seconds = (time_t)(system_time / UNITS_PER_SECOND - SECONDS_1601_TO_1970);
    struct tm local;
    return localtime_r(&seconds, &local) != NULL ? (LONGLONG)local.tm_gmtoff * UNITS_PER_SECOND : 0;
}

VOID NTAPI ExSystemTimeToLocalTime(PLARGE_INTEGER SystemTime, PLARGE_INTEGER LocalTime)
{
    LocalTime->QuadPart = SystemTime->QuadPart + bias_at(SystemTime->QuadPart);
}
NT_EXPORT(ExSystemTimeToLocalTime);

VOID NTAPI ExLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime)
{
    LONGLONG guess = LocalTime->QuadPart - bias_at(LocalTime->QuadPart);
    SystemTime->QuadPart = LocalTime->QuadPart - bias_at(guess);
}
NT_EXPORT(ExLocalTimeToSystemTime);

/* Timers are always as fine as the host's; what is asked for is what is answered, within the range that Windows has. */
ULONG NTAPI ExSetTimerResolution(ULONG DesiredTime, BOOLEAN SetResolution)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    enum { FINEST = 5000 };
    if (!SetResolution)
        return KE_TIME_INCREMENT;
    return DesiredTime < FINEST ? FINEST : DesiredTime > KE_TIME_INCREMENT ? KE_TIME_INCREMENT : DesiredTime;
}
NT_EXPORT(ExSetTimerResolution);

VOID NTAPI ExQueryTimerResolution(PULONG MaximumTime, PULONG MinimumTime, PULONG CurrentTime)
{
    *MaximumTime = KE_TIME_INCREMENT;
    *MinimumTime = 5000;
    *CurrentTime = KE_TIME_INCREMENT;
}
NT_EXPORT(ExQueryTimerResolution);

/* PF_* numbers of "IsProcessorFeaturePresent function" */
BOOLEAN NTAPI ExIsProcessorFeaturePresent(ULONG ProcessorFeature)
{
    enum {
        COMPARE_EXCHANGE_DOUBLE = 2,
        MMX = 3,
        XMMI = 6,
        RDTSC = 8,
        PAE = 9,
        XMMI64 = 10,
        NX = 12,
        SSE3 = 13,
        COMPARE_EXCHANGE128 = 14,
        XSAVE = 17,
        RDRAND = 28,
        RDTSCP = 32,
        SSSE3 = 36,
        SSE4_1 = 37,
        SSE4_2 = 38,
        AVX = 39,
        AVX2 = 40,
        AVX512F = 41
    };
    unsigned a, b, c, d;
    switch (ProcessorFeature) {
    case COMPARE_EXCHANGE_DOUBLE: /* what every x64 processor has */
    case MMX:
    case XMMI:
    case RDTSC:
    case PAE:
    case XMMI64:
    case NX:
        return TRUE;
    case SSE3:
        return __builtin_cpu_supports("sse3") != 0;
    case SSSE3:
        return __builtin_cpu_supports("ssse3") != 0;
    case SSE4_1:
        return __builtin_cpu_supports("sse4.1") != 0;
    case SSE4_2:
        return __builtin_cpu_supports("sse4.2") != 0;
    case AVX:
        return __builtin_cpu_supports("avx") != 0;
    case AVX2:
        return __builtin_cpu_supports("avx2") != 0;
    case AVX512F:
        return __builtin_cpu_supports("avx512f") != 0;
    case COMPARE_EXCHANGE128:
        return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_CMPXCHG16B) != 0;
    case XSAVE:
        return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_OSXSAVE) != 0;
    case RDRAND:
        return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_RDRND) != 0;
    case RDTSCP:
        return __get_cpuid(0x80000001, &a, &b, &c, &d) && (d & 1u << 27) != 0;
    default:
        return FALSE;
    }
}
NT_EXPORT(ExIsProcessorFeaturePresent);

/* A random UUID (RFC 4122, version 4). */
NTSTATUS NTAPI ExUuidCreate(GUID *Uuid)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (getrandom(Uuid, sizeof(*Uuid), 0) != sizeof(*Uuid))
        return STATUS_RETRY;
    Uuid->Data3 = (USHORT)((Uuid->Data3 & 0x0fff) | 0x4000);
    Uuid->Data4[0] = (UCHAR)((Uuid->Data4[0] & 0x3f) | 0x80);
    return STATUS_SUCCESS;
}
NT_EXPORT(ExUuidCreate);

/* All code here is the kernel's; nothing calls in from a user-mode process. */
KPROCESSOR_MODE NTAPI ExGetPreviousMode(VOID)
{
    return KernelMode;
}
NT_EXPORT(ExGetPreviousMode);

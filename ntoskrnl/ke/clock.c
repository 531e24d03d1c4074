/*
 * Time. Windows drivers know interrupt time (100 ns since boot), system time (100 ns since 1601), ticks, and the
 * performance counter; they read most of them from the shared user data page. All are derived from one monotonic host
 * clock here, and every sleep of the system ends in ke_wait_on_address here, so that a virtual clock can replace this
 * file alone. System time is interrupt time plus an offset fixed at start: a host clock that is set later does not
 * disturb timers, as on Windows, where only absolute timers would notice.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "ntoskrnl/ke/state.h"

#define NANOSECONDS_PER_UNIT 100
#define UNITS_PER_SECOND     10000000LL
#define SECONDS_1601_TO_1970 11644473600LL

/* Field offsets of KUSER_SHARED_DATA, which is documented by the symbols of public images ("KUSER_SHARED_DATA"). */
enum {
    SHARED_TICK_COUNT_LOW_DEPRECATED = 0x000,
    SHARED_TICK_COUNT_MULTIPLIER = 0x004,
    SHARED_INTERRUPT_TIME = 0x008,
    SHARED_SYSTEM_TIME = 0x014,
    SHARED_TIME_ZONE_BIAS = 0x020,
    SHARED_NT_SYSTEM_ROOT = 0x030,
    SHARED_NT_BUILD_NUMBER = 0x260,
    SHARED_NT_PRODUCT_TYPE = 0x264,
    SHARED_PRODUCT_TYPE_IS_VALID = 0x268,
    SHARED_NT_MAJOR_VERSION = 0x26c,
    SHARED_NT_MINOR_VERSION = 0x270,
    SHARED_PROCESSOR_FEATURES = 0x274,
    SHARED_TICK_COUNT = 0x320,
    SHARED_QPC_FREQUENCY = 0x300,
    SHARED_ACTIVE_PROCESSOR_COUNT = 0x3c0,
};

static LONGLONG host_units(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (LONGLONG)t.tv_sec * UNITS_PER_SECOND + t.tv_nsec / NANOSECONDS_PER_UNIT;
}

LONGLONG ke_now(void)
{
    return host_units(CLOCK_MONOTONIC);
}

LONGLONG ke_system_time(void)
{
    static LONGLONG boot_time; /* system time at interrupt time 0 */
    LONGLONG boot = __atomic_load_n(&boot_time, __ATOMIC_RELAXED);
    if (boot == 0) {
        LONGLONG fresh = host_units(CLOCK_REALTIME) + SECONDS_1601_TO_1970 * UNITS_PER_SECOND - ke_now();
        if (__atomic_compare_exchange_n(&boot_time, &boot, fresh, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            boot = fresh;
    }
    return boot + ke_now();
}

LONGLONG ke_deadline(LONGLONG due_time)
{
    LONGLONG now = ke_now();
    LONGLONG delay = due_time < 0 ? (due_time == INT64_MIN ? INT64_MAX : -due_time) : due_time - ke_system_time();
    if (delay < 0)
        delay = 0;
    return delay > INT64_MAX - 1 - now ? KE_FOREVER : now + delay;
}

bool ke_wait_on_address(const uint32_t *word, uint32_t expected, LONGLONG deadline)
{
    struct timespec until, *limit = NULL;
    if (deadline != KE_FOREVER) {
        until.tv_sec = deadline / UNITS_PER_SECOND;
        until.tv_nsec = deadline % UNITS_PER_SECOND * NANOSECONDS_PER_UNIT;
        limit = &until;
    }
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, limit, NULL, FUTEX_BITSET_MATCH_ANY);
    return !(result == -1 && errno == ETIMEDOUT);
}

void ke_wake_address(const uint32_t *word, int count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

int ke_poll(struct pollfd *fds, nfds_t count, LONGLONG timeout)
{
    struct timespec wait = {.tv_sec = timeout / UNITS_PER_SECOND,
                            .tv_nsec = timeout % UNITS_PER_SECOND * NANOSECONDS_PER_UNIT};
    return ppoll(fds, count, timeout < 0 ? NULL : &wait, NULL);
}

VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    LONGLONG now = ke_system_time();
    CurrentTime->QuadPart = now;
}
NT_EXPORT(KeQuerySystemTime);

VOID NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime)
{
    CurrentTime->QuadPart = ke_system_time();
}
NT_EXPORT(KeQuerySystemTimePrecise);

ULONGLONG NTAPI KeQueryInterruptTime(VOID)
{
    return (ULONGLONG)ke_now();
}
NT_EXPORT(KeQueryInterruptTime);

ULONGLONG NTAPI KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp)
{
    LONGLONG now = ke_now();
    *QpcTimeStamp = (ULONG64)now;
    return (ULONGLONG)now;
}
NT_EXPORT(KeQueryInterruptTimePrecise);

ULONGLONG NTAPI KeQueryUnbiasedInterruptTime(VOID)
{
    return (ULONGLONG)ke_now();
}
NT_EXPORT(KeQueryUnbiasedInterruptTime);

ULONG64 NTAPI KeQueryUnbiasedInterruptTimePrecise(PULONG64 QpcTimeStamp)
{
    return KeQueryInterruptTimePrecise(QpcTimeStamp);
}
NT_EXPORT(KeQueryUnbiasedInterruptTimePrecise);

VOID NTAPI KeQueryTickCount(PLARGE_INTEGER CurrentCount)
{
    CurrentCount->QuadPart = ke_now() / KE_TIME_INCREMENT;
}
NT_EXPORT(KeQueryTickCount);

ULONG NTAPI KeQueryTimeIncrement(VOID)
{
    return KE_TIME_INCREMENT;
}
NT_EXPORT(KeQueryTimeIncrement);

LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
    LARGE_INTEGER counter;
    counter.QuadPart = ke_now();
    if (PerformanceFrequency != NULL)
        PerformanceFrequency->QuadPart = UNITS_PER_SECOND;
    return counter;
}
NT_EXPORT(KeQueryPerformanceCounter);
NT_EXPORT_AS("hal.dll", "KeQueryPerformanceCounter", KeQueryPerformanceCounter);

VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds)
{
    LONGLONG end = ke_now() + 10LL * MicroSeconds;
    while (ke_now() < end)
        __builtin_ia32_pause();
}
NT_EXPORT_AS("hal.dll", "KeStallExecutionProcessor", KeStallExecutionProcessor);

static void put(void *page, size_t offset, const void *value, size_t size)
{
    memcpy((char *)page + offset, value, size);
}

/* KSYSTEM_TIME: the high part is there twice, so that a reader can see that it was interrupted by an update. */
static void put_time(void *page, size_t offset, LONGLONG value)
{
    ULONG low = (ULONG)value;
    LONG high = (LONG)(value >> 32);
    put(page, offset, &low, sizeof(low));
    put(page, offset + 4, &high, sizeof(high));
    put(page, offset + 8, &high, sizeof(high));
}

void ke_fill_shared_user_data(void *page)
{
    static const WCHAR root[] = {'C', ':', '\\', 'W', 'i', 'n', 'd', 'o', 'w', 's', 0};
    /* Milliseconds per tick as an 8.24 fixed-point number, from which GetTickCount is computed. */
    const ULONG multiplier = (ULONG)(((ULONGLONG)KE_TIME_INCREMENT << 24) / 10000);
    const ULONG build = KE_WINDOWS_BUILD, product = 1, major = 10, minor = 0, processors = ke_processor_count();
    const UCHAR valid = 1;
    const LONGLONG frequency = UNITS_PER_SECOND;
    LONGLONG now = ke_now();
    ULONG low_ticks = (ULONG)(now / KE_TIME_INCREMENT);
    memset(page, 0, 4096);
    put(page, SHARED_TICK_COUNT_LOW_DEPRECATED, &low_ticks, sizeof(low_ticks));
    put(page, SHARED_TICK_COUNT_MULTIPLIER, &multiplier, sizeof(multiplier));
    put_time(page, SHARED_INTERRUPT_TIME, now);
    put_time(page, SHARED_SYSTEM_TIME, ke_system_time());
    put(page, SHARED_NT_SYSTEM_ROOT, root, sizeof(root));
    put(page, SHARED_NT_BUILD_NUMBER, &build, sizeof(build));
    put(page, SHARED_NT_PRODUCT_TYPE, &product, sizeof(product));
    put(page, SHARED_PRODUCT_TYPE_IS_VALID, &valid, sizeof(valid));
    put(page, SHARED_NT_MAJOR_VERSION, &major, sizeof(major));
    put(page, SHARED_NT_MINOR_VERSION, &minor, sizeof(minor));
    put(page, SHARED_PROCESSOR_FEATURES, ke.processor_features, sizeof(ke.processor_features));
    put(page, SHARED_QPC_FREQUENCY, &frequency, sizeof(frequency));
    put_time(page, SHARED_TICK_COUNT, now / KE_TIME_INCREMENT);
    put(page, SHARED_ACTIVE_PROCESSOR_COUNT, &processors, sizeof(processors));
}

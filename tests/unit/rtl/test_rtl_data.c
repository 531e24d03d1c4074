/*
 * Bitmaps, times, generic tables, one-time initialisation, safe integers, random numbers, checksums and versions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <ntddk.h>
#include <ntintsafe.h>

#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/ps/ps.h"

enum { BITS = 203 };

static unsigned next_random(unsigned *state)
{
    return (*state = *state * 1103515245u + 12345u) >> 8;
}

/* Every operation against the same on an array of bytes. */
static void bitmap_against_model(void **state)
{
    (void)state;
    ULONG words[(BITS + 31) / 32];
    UCHAR model[BITS] = {0};
    RTL_BITMAP map;
    unsigned seed = 1;
    RtlInitializeBitMap(&map, words, BITS);
    RtlClearAllBits(&map);
    for (int round = 0; round < 3000; round++) {
        ULONG start = next_random(&seed) % BITS, length = next_random(&seed) % (BITS - start) % 70 + 1, set = 0;
        bool value = next_random(&seed) & 1;
        (value ? RtlSetBits : RtlClearBits)(&map, start, length);
        memset(model + start, value, length);
        for (ULONG i = 0; i < BITS; i++) {
            assert_int_equal(RtlTestBit(&map, i), model[i]);
            set += model[i];
        }
        assert_int_equal(RtlNumberOfSetBits(&map), set);
        assert_int_equal(RtlNumberOfClearBits(&map), BITS - set);
        ULONG wanted = next_random(&seed) % 40 + 1, hint = next_random(&seed) % BITS, expected = 0xFFFFFFFF;
        for (ULONG k = 0; k < BITS && expected == 0xFFFFFFFF; k++) {
            ULONG at = (hint + k) % BITS, n = 0;
            while (n < wanted && at + n < BITS && !model[at + n])
                n++;
            if (n == wanted)
                expected = at;
        }
        assert_int_equal(RtlFindClearBits(&map, wanted, hint), expected);
        assert_int_equal(RtlAreBitsClear(&map, start, length), !value);
    }
}

static void bitmap_limits(void **state)
{
    (void)state;
    ULONG words[3] = {0, 0xAAAAAAAA, 0};
    RTL_BITMAP map;
    RTL_BITMAP_RUN runs[3];
    ULONG index;
    RtlInitializeBitMap(&map, words, 32);
    RtlSetBit(&map, 32); /* outside: nothing happens */
    RtlSetBits(&map, 30, 3);
    assert_int_equal(words[1], 0xAAAAAAAA);
    assert_int_equal(words[0], 0);
    RtlSetBits(&map, 4, 4);
    RtlSetBits(&map, 20, 2);
    assert_int_equal(RtlFindClearRuns(&map, runs, 3, TRUE), 3);
    assert_int_equal(runs[0].StartingIndex, 8);
    assert_int_equal(runs[0].NumberOfBits, 12);
    assert_int_equal(runs[1].StartingIndex, 22);
    assert_int_equal(runs[2].NumberOfBits, 4);
    assert_int_equal(RtlFindLongestRunClear(&map, &index), 12);
    assert_int_equal(index, 8);
    assert_int_equal(RtlFindNextForwardRunClear(&map, 5, &index), 12);
    assert_int_equal(RtlFindLastBackwardRunClear(&map, 21, &index), 12);
    assert_int_equal(index, 8);
    assert_int_equal(RtlFindClearBitsAndSet(&map, 12, 0), 8);
    assert_int_equal(RtlFindClearBits(&map, 33, 0), 0xFFFFFFFF);
    assert_int_equal(RtlFindMostSignificantBit(0x8000000000000000ull), 63);
    assert_int_equal(RtlFindLeastSignificantBit(0x100), 8);
    assert_int_equal(RtlFindLeastSignificantBit(0), -1);
}

/* Against the C library's calendar, a time a fortnight from 1601 to 2400. */
static void calendar(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 292194; day += 13) {
        int64_t seconds = day * 86400 + day * 37 % 86400;
        LARGE_INTEGER time = {.QuadPart = seconds * 10000000 + 1230000}, back;
        time_t unix_time = (time_t)(seconds - 11644473600ll);
        struct tm tm;
        TIME_FIELDS fields;
        gmtime_r(&unix_time, &tm);
        RtlTimeToTimeFields(&time, &fields);
        assert_int_equal(fields.Year, tm.tm_year + 1900);
        assert_int_equal(fields.Month, tm.tm_mon + 1);
        assert_int_equal(fields.Day, tm.tm_mday);
        assert_int_equal(fields.Hour, tm.tm_hour);
        assert_int_equal(fields.Minute, tm.tm_min);
        assert_int_equal(fields.Second, tm.tm_sec);
        assert_int_equal(fields.Milliseconds, 123);
        assert_int_equal(fields.Weekday, tm.tm_wday);
        assert_true(RtlTimeFieldsToTime(&fields, &back));
        assert_int_equal(back.QuadPart, time.QuadPart);
    }
    LARGE_INTEGER out;
    TIME_FIELDS february = {.Year = 2023, .Month = 2, .Day = 29};
    assert_false(RtlTimeFieldsToTime(&february, &out));
    february.Year = 2024;
    assert_true(RtlTimeFieldsToTime(&february, &out));
    february.Month = 13;
    assert_false(RtlTimeFieldsToTime(&february, &out));
}

/* Generic tables. */
static NTAPI RTL_GENERIC_COMPARE_RESULTS compare(PRTL_AVL_TABLE table, PVOID first, PVOID second)
{
    (void)table;
    int a = *(int *)first, b = *(int *)second;
    return a < b ? GenericLessThan : a > b ? GenericGreaterThan : GenericEqual;
}

static NTAPI PVOID allocate(PRTL_AVL_TABLE table, CLONG size)
{
    ++*(int *)table->TableContext;
    return malloc((size_t)size);
}

static NTAPI VOID release(PRTL_AVL_TABLE table, PVOID block)
{
    --*(int *)table->TableContext;
    free(block);
}

/* The height of a subtree, having checked that it is balanced as its nodes say. */
static int height(RTL_BALANCED_LINKS *n)
{
    if (n == NULL)
        return 0;
    int left = height(n->LeftChild), right = height(n->RightChild);
    assert_int_equal(right - left, n->Balance);
    assert_in_range(n->Balance + 1, 0, 2);
    assert_true(n->LeftChild == NULL || n->LeftChild->Parent == n);
    assert_true(n->RightChild == NULL || n->RightChild->Parent == n);
    return 1 + (left > right ? left : right);
}

static void generic_table(void **state)
{
    (void)state;
    enum { KEYS = 300 };
    bool present[KEYS] = {false};
    int blocks = 0;
    unsigned seed = 7, count = 0;
    RTL_AVL_TABLE table;
    BOOLEAN is_new;
    RtlInitializeGenericTableAvl(&table, compare, allocate, release, &blocks);
    assert_true(RtlIsGenericTableEmptyAvl(&table));
    for (int round = 0; round < 6000; round++) {
        int key = (int)(next_random(&seed) % KEYS);
        if (next_random(&seed) % 5 < (round < 3000 ? 3u : 2u)) {
            int *element = RtlInsertElementGenericTableAvl(&table, &key, sizeof(key), &is_new);
            assert_int_equal(*element, key);
            assert_int_equal(is_new, !present[key]);
            count += !present[key];
            present[key] = true;
        } else {
            assert_int_equal(RtlDeleteElementGenericTableAvl(&table, &key), present[key]);
            count -= present[key];
            present[key] = false;
        }
        assert_int_equal(RtlNumberGenericTableElementsAvl(&table), count);
        assert_int_equal(height(table.BalancedRoot.RightChild), table.DepthOfTree);
        assert_int_equal(blocks, count);
    }
    int at = -1;
    for (int *e = RtlEnumerateGenericTableAvl(&table, TRUE); e != NULL;
         e = RtlEnumerateGenericTableAvl(&table, FALSE)) {
        for (at++; at < *e; at++)
            assert_false(present[at]);
        assert_true(present[at]);
        assert_ptr_equal(RtlLookupElementGenericTableAvl(&table, &at), e);
    }
    for (int *e; (e = RtlGetElementGenericTableAvl(&table, 0)) != NULL;)
        assert_true(RtlDeleteElementGenericTableAvl(&table, e));
    assert_true(RtlIsGenericTableEmptyAvl(&table));
    assert_int_equal(table.DepthOfTree, 0);
    assert_int_equal(blocks, 0);
}

/* Many threads, one initialisation, one result. */
static LONG initialisations;
static RTL_RUN_ONCE once = RTL_RUN_ONCE_INIT;

static NTAPI ULONG initialise(PRTL_RUN_ONCE run_once, PVOID parameter, PVOID *context)
{
    (void)run_once;
    LARGE_INTEGER interval = {.QuadPart = -20000};
    InterlockedIncrement(&initialisations);
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
    *context = parameter;
    return TRUE;
}

static NTAPI VOID run(PVOID context)
{
    PVOID *result = context;
    if (!NT_SUCCESS(RtlRunOnceExecuteOnce(&once, initialise, &once, result)))
        *result = NULL;
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static void run_once(void **state)
{
    (void)state;
    PVOID results[8], threads[8];
    for (int i = 0; i < 8; i++) {
        HANDLE handle;
        assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, run, &results[i]),
                         STATUS_SUCCESS);
        assert_int_equal(ObReferenceObjectByHandle(handle, SYNCHRONIZE, NULL, KernelMode, &threads[i], NULL),
                         STATUS_SUCCESS);
        ZwClose(handle);
    }
    for (int i = 0; i < 8; i++) {
        KeWaitForSingleObject(threads[i], Executive, KernelMode, FALSE, NULL);
        ObDereferenceObject(threads[i]);
        assert_ptr_equal(results[i], &once);
    }
    assert_int_equal(initialisations, 1);
    RTL_RUN_ONCE again;
    RtlRunOnceInitialize(&again);
    assert_int_equal(RtlRunOnceBeginInitialize(&again, RTL_RUN_ONCE_CHECK_ONLY, NULL), STATUS_UNSUCCESSFUL);
    assert_int_equal(RtlRunOnceBeginInitialize(&again, 0, NULL), STATUS_PENDING);
    assert_int_equal(RtlRunOnceComplete(&again, RTL_RUN_ONCE_INIT_FAILED, NULL), STATUS_SUCCESS);
    assert_int_equal(RtlRunOnceBeginInitialize(&again, RTL_RUN_ONCE_ASYNC, NULL), STATUS_PENDING);
    assert_int_equal(RtlRunOnceBeginInitialize(&again, RTL_RUN_ONCE_ASYNC, NULL), STATUS_PENDING);
    assert_int_equal(RtlRunOnceComplete(&again, RTL_RUN_ONCE_ASYNC, &once), STATUS_SUCCESS);
    assert_int_equal(RtlRunOnceComplete(&again, RTL_RUN_ONCE_ASYNC, NULL), STATUS_OBJECT_NAME_COLLISION);
}

static void safe_integers(void **state)
{
    (void)state;
    ULONG ulong;
    SIZE_T size;
    USHORT ushort;
    LONG result;
    assert_int_equal(RtlULongAdd(0xFFFFFFFF, 1, &ulong), STATUS_INTEGER_OVERFLOW);
    assert_int_equal(ulong, ULONG_ERROR);
    assert_int_equal(RtlULongAdd(1, 2, &ulong), STATUS_SUCCESS);
    assert_int_equal(ulong, 3);
    assert_int_equal(RtlULongMult(0x10000, 0x10000, &ulong), STATUS_INTEGER_OVERFLOW);
    assert_int_equal(RtlULongSub(1, 2, &ulong), STATUS_INTEGER_OVERFLOW);
    assert_int_equal(RtlSizeTMult(SIZE_MAX / 2, 3, &size), STATUS_INTEGER_OVERFLOW);
    assert_int_equal(RtlSizeTAdd(SIZE_MAX, 0, &size), STATUS_SUCCESS);
    assert_int_equal(RtlULongToUShort(0x10000, &ushort), STATUS_INTEGER_OVERFLOW);
    assert_int_equal(RtlULongToLong(0x80000000, &result), STATUS_INTEGER_OVERFLOW);
    assert_int_equal(RtlLongToULong(-1, &ulong), STATUS_INTEGER_OVERFLOW);
}

static void random_numbers_spread(void **state)
{
    (void)state;
    ULONG seed = 42, same = 42, buckets[16] = {0};
    for (int i = 0; i < 16000; i++) {
        ULONG value = RtlRandomEx(&seed);
        assert_int_equal(value, RtlRandomEx(&same));
        assert_true(value < MAXLONG);
        buckets[value / (MAXLONG / 16 + 1)]++;
    }
    for (int i = 0; i < 16; i++)
        assert_in_range(buckets[i], 800, 1200);
}

static void checksums(void **state)
{
    (void)state;
    assert_int_equal(RtlCrc32("123456789", 9, 0), 0xCBF43926);
    assert_int_equal(RtlCrc32("56789", 5, RtlCrc32("1234", 4, 0)), 0xCBF43926);
    assert_true(RtlCrc64("123456789", 9, 0) == 0x995DC9BBDF1939FAull);
    assert_int_equal(RtlCompareMemory("abcdX", "abcdY", 5), 4);
    ULONG words[] = {5, 5, 6};
    assert_int_equal(RtlCompareMemoryUlong(words, sizeof(words), 5), 8);
}

static NTSTATUS verify(ULONG major, ULONG minor, ULONG build, ULONG types, UCHAR condition)
{
    RTL_OSVERSIONINFOEXW wanted = {.dwOSVersionInfoSize = sizeof(wanted),
                                   .dwMajorVersion = major,
                                   .dwMinorVersion = minor,
                                   .dwBuildNumber = build};
    return RtlVerifyVersionInfo(&wanted, types, VerSetConditionMask(0, types, condition));
}

static void versions(void **state)
{
    (void)state;
    RTL_OSVERSIONINFOEXW info = {.dwOSVersionInfoSize = sizeof(info)};
    assert_int_equal(RtlGetVersion((PRTL_OSVERSIONINFOW)&info), STATUS_SUCCESS);
    assert_int_equal(info.dwMajorVersion, 10);
    assert_int_equal(info.dwBuildNumber, 19045);
    assert_int_equal(info.wProductType, VER_NT_WORKSTATION);
    ULONG version = VER_MAJORVERSION | VER_MINORVERSION;
    assert_int_equal(verify(6, 3, 0, version, VER_GREATER_EQUAL), STATUS_SUCCESS);
    assert_int_equal(verify(10, 1, 0, version, VER_GREATER_EQUAL), STATUS_REVISION_MISMATCH);
    assert_int_equal(verify(10, 0, 0, version, VER_EQUAL), STATUS_SUCCESS);
    assert_int_equal(verify(0, 0, 17134, VER_BUILDNUMBER, VER_GREATER_EQUAL), STATUS_SUCCESS);
    assert_int_equal(verify(0, 0, 22000, VER_BUILDNUMBER, VER_GREATER_EQUAL), STATUS_REVISION_MISMATCH);
    assert_int_equal(verify(0, 0, 0, 0, VER_EQUAL), STATUS_INVALID_PARAMETER);
    assert_true(RtlIsNtDdiVersionAvailable(NTDDI_WIN8));
    assert_true(RtlIsNtDdiVersionAvailable(NTDDI_WIN10_RS5));
    assert_false(RtlIsNtDdiVersionAvailable(NTDDI_WIN10_CO));
}

/* The inline list functions of the header stop at a damaged list; here, that they keep a good one. */
static void lists(void **state)
{
    (void)state;
    LIST_ENTRY head, entries[4], *entry;
    InitializeListHead(&head);
    assert_true(IsListEmpty(&head));
    InsertTailList(&head, &entries[1]);
    InsertTailList(&head, &entries[2]);
    InsertHeadList(&head, &entries[0]);
    InsertTailList(&head, &entries[3]);
    assert_false(RemoveEntryList(&entries[1]));
    entry = RemoveTailList(&head);
    assert_ptr_equal(entry, &entries[3]);
    entry = RemoveHeadList(&head);
    assert_ptr_equal(entry, &entries[0]);
    assert_true(RemoveEntryList(&entries[2]));
    assert_true(IsListEmpty(&head));
}

static int setup(void **state)
{
    (void)state;
    ke_initialize();
    ex_initialize();
    ob_initialize();
    ps_initialize();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ke_shutdown();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bitmap_against_model),
        cmocka_unit_test(bitmap_limits),
        cmocka_unit_test(calendar),
        cmocka_unit_test(generic_table),
        cmocka_unit_test(run_once),
        cmocka_unit_test(safe_integers),
        cmocka_unit_test(random_numbers_spread),
        cmocka_unit_test(checksums),
        cmocka_unit_test(versions),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

/*
 * Bitmaps: an array of ULONGs, bit 0 the lowest bit of the first. The caller synchronises. Ranges outside the map are
 * refused or cut rather than followed, because the sizes come from drivers. Public pages: "RtlInitializeBitMap
 * function (wdm.h)" and its companions.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

enum { NOT_FOUND = 0xFFFFFFFF };

static bool is_set(const RTL_BITMAP *map, ULONG bit)
{
    return map->Buffer[bit / 32] >> (bit % 32) & 1;
}

static bool has_range(const RTL_BITMAP *map, ULONG start, ULONG length)
{
    return start < map->SizeOfBitMap && length <= map->SizeOfBitMap - start;
}

/* The first bit at or after `from` that has the value, else the size of the map. */
static ULONG find_next(const RTL_BITMAP *map, ULONG from, bool value)
{
    while (from < map->SizeOfBitMap) {
        ULONG word = map->Buffer[from / 32];
        ULONG match = (value ? word : ~word) >> (from % 32);
        if (match != 0) {
            ULONG bit = from + (ULONG)__builtin_ctz(match);
            return bit < map->SizeOfBitMap ? bit : map->SizeOfBitMap;
        }
        from = (from / 32 + 1) * 32;
    }
    return map->SizeOfBitMap;
}

static void fill(const RTL_BITMAP *map, ULONG start, ULONG length, bool value)
{
    while (length > 0) {
        ULONG offset = start % 32, count = length < 32 - offset ? length : 32 - offset;
        ULONG mask = (count == 32 ? 0xFFFFFFFFu : (1u << count) - 1) << offset;
        if (value)
            map->Buffer[start / 32] |= mask;
        else
            map->Buffer[start / 32] &= ~mask;
        start += count;
        length -= count;
    }
}

static ULONG count_set(const RTL_BITMAP *map)
{
    ULONG whole = map->SizeOfBitMap / 32, rest = map->SizeOfBitMap % 32, total = 0;
    for (ULONG i = 0; i < whole; i++)
        total += (ULONG)__builtin_popcount(map->Buffer[i]);
    if (rest)
        total += (ULONG)__builtin_popcount(map->Buffer[whole] & ((1u << rest) - 1));
    return total;
}

VOID NTAPI RtlInitializeBitMap(PRTL_BITMAP BitMapHeader, PULONG BitMapBuffer, ULONG SizeOfBitMap)
{
    BitMapHeader->SizeOfBitMap = SizeOfBitMap;
    BitMapHeader->Buffer = BitMapBuffer;
}
NT_EXPORT(RtlInitializeBitMap);

VOID NTAPI RtlClearBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    if (has_range(BitMapHeader, BitNumber, 1))
        fill(BitMapHeader, BitNumber, 1, false);
}
NT_EXPORT(RtlClearBit);

VOID NTAPI RtlSetBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    if (has_range(BitMapHeader, BitNumber, 1))
        fill(BitMapHeader, BitNumber, 1, true);
}
NT_EXPORT(RtlSetBit);

BOOLEAN NTAPI RtlTestBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    return has_range(BitMapHeader, BitNumber, 1) && is_set(BitMapHeader, BitNumber);
}
NT_EXPORT(RtlTestBit);

VOID NTAPI RtlClearAllBits(PRTL_BITMAP BitMapHeader)
{
    memset(BitMapHeader->Buffer, 0, (size_t)(BitMapHeader->SizeOfBitMap + 31) / 32 * 4);
}
NT_EXPORT(RtlClearAllBits);

VOID NTAPI RtlSetAllBits(PRTL_BITMAP BitMapHeader)
{
    memset(BitMapHeader->Buffer, 0xff, (size_t)(BitMapHeader->SizeOfBitMap + 31) / 32 * 4);
}
NT_EXPORT(RtlSetAllBits);

VOID NTAPI RtlClearBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToClear)
{
    if (has_range(BitMapHeader, StartingIndex, NumberToClear))
        fill(BitMapHeader, StartingIndex, NumberToClear, false);
}
NT_EXPORT(RtlClearBits);

VOID NTAPI RtlSetBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToSet)
{
    if (has_range(BitMapHeader, StartingIndex, NumberToSet))
        fill(BitMapHeader, StartingIndex, NumberToSet, true);
}
NT_EXPORT(RtlSetBits);

BOOLEAN NTAPI RtlAreBitsClear(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length)
{
    return Length != 0 && has_range(BitMapHeader, StartingIndex, Length) &&
           find_next(BitMapHeader, StartingIndex, true) >= StartingIndex + Length;
}
NT_EXPORT(RtlAreBitsClear);

BOOLEAN NTAPI RtlAreBitsSet(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length)
{
    return Length != 0 && has_range(BitMapHeader, StartingIndex, Length) &&
           find_next(BitMapHeader, StartingIndex, false) >= StartingIndex + Length;
}
NT_EXPORT(RtlAreBitsSet);

/* The first run of `length` bits with the value that starts in [from, to). */
static ULONG find_run(const RTL_BITMAP *map, ULONG length, ULONG from, ULONG to, bool value)
{
    for (ULONG start = find_next(map, from, value); start < to; start = find_next(map, start, value)) {
        ULONG end = find_next(map, start, !value);
        if (end - start >= length)
            return start;
        start = end;
    }
    return NOT_FOUND;
}

/* The search begins at the hint, and wraps. */
static ULONG find(const RTL_BITMAP *map, ULONG length, ULONG hint, bool value)
{
    if (hint >= map->SizeOfBitMap)
        hint = 0;
    if (length == 0)
        return hint & ~7u;
    if (length > map->SizeOfBitMap)
        return NOT_FOUND;
    ULONG start = find_run(map, length, hint, map->SizeOfBitMap, value);
    return start != NOT_FOUND ? start : find_run(map, length, 0, hint, value);
}

ULONG NTAPI RtlFindClearBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    return find(BitMapHeader, NumberToFind, HintIndex, false);
}
NT_EXPORT(RtlFindClearBits);

ULONG NTAPI RtlFindSetBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    return find(BitMapHeader, NumberToFind, HintIndex, true);
}
NT_EXPORT(RtlFindSetBits);

ULONG NTAPI RtlFindClearBitsAndSet(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    ULONG start = find(BitMapHeader, NumberToFind, HintIndex, false);
    if (start != NOT_FOUND)
        fill(BitMapHeader, start, NumberToFind, true);
    return start;
}
NT_EXPORT(RtlFindClearBitsAndSet);

ULONG NTAPI RtlFindSetBitsAndClear(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    ULONG start = find(BitMapHeader, NumberToFind, HintIndex, true);
    if (start != NOT_FOUND)
        fill(BitMapHeader, start, NumberToFind, false);
    return start;
}
NT_EXPORT(RtlFindSetBitsAndClear);

/* Keeps the array sorted by descending length while it is filled with the longest runs. */
static ULONG insert_longest(RTL_BITMAP_RUN *runs, ULONG count, ULONG capacity, RTL_BITMAP_RUN run)
{
    ULONG place = count;
    while (place > 0 && runs[place - 1].NumberOfBits < run.NumberOfBits)
        place--;
    if (place == capacity)
        return count;
    ULONG kept = count < capacity ? count : capacity - 1;
    memmove(runs + place + 1, runs + place, (kept - place) * sizeof(*runs));
    runs[place] = run;
    return kept + 1;
}

ULONG NTAPI RtlFindClearRuns(PRTL_BITMAP BitMapHeader, PRTL_BITMAP_RUN RunArray, ULONG SizeOfRunArray,
                             BOOLEAN LocateLongestRuns)
{
    ULONG count = 0;
    for (ULONG start = find_next(BitMapHeader, 0, false); start < BitMapHeader->SizeOfBitMap && SizeOfRunArray > 0;) {
        ULONG end = find_next(BitMapHeader, start, true);
        RTL_BITMAP_RUN run = {start, end - start};
        if (LocateLongestRuns)
            count = insert_longest(RunArray, count, SizeOfRunArray, run);
        else if (count < SizeOfRunArray)
            RunArray[count++] = run;
        else
            break;
        start = find_next(BitMapHeader, end, false);
    }
    return count;
}
NT_EXPORT(RtlFindClearRuns);

ULONG NTAPI RtlFindLongestRunClear(PRTL_BITMAP BitMapHeader, PULONG StartingIndex)
{
    RTL_BITMAP_RUN run = {0, 0};
    RtlFindClearRuns(BitMapHeader, &run, 1, TRUE);
    *StartingIndex = run.StartingIndex;
    return run.NumberOfBits;
}
NT_EXPORT(RtlFindLongestRunClear);

ULONG NTAPI RtlFindNextForwardRunClear(PRTL_BITMAP BitMapHeader, ULONG FromIndex, PULONG StartingRunIndex)
{
    ULONG start = find_next(BitMapHeader, FromIndex, false);
    *StartingRunIndex = start;
    return find_next(BitMapHeader, start, true) - start;
}
NT_EXPORT(RtlFindNextForwardRunClear);

ULONG NTAPI RtlFindFirstRunClear(PRTL_BITMAP BitMapHeader, PULONG StartingIndex)
{
    return RtlFindNextForwardRunClear(BitMapHeader, 0, StartingIndex);
}
NT_EXPORT(RtlFindFirstRunClear);

ULONG NTAPI RtlFindLastBackwardRunClear(PRTL_BITMAP BitMapHeader, ULONG FromIndex, PULONG StartingRunIndex)
{
    if (BitMapHeader->SizeOfBitMap == 0)
        return 0;
    ULONG last = FromIndex < BitMapHeader->SizeOfBitMap ? FromIndex : BitMapHeader->SizeOfBitMap - 1;
    while (last > 0 && is_set(BitMapHeader, last))
        last--;
    if (is_set(BitMapHeader, last)) {
        *StartingRunIndex = FromIndex;
        return 0;
    }
    ULONG first = last;
    while (first > 0 && !is_set(BitMapHeader, first - 1))
        first--;
    *StartingRunIndex = first;
    return last - first + 1;
}
NT_EXPORT(RtlFindLastBackwardRunClear);

ULONG NTAPI RtlNumberOfSetBits(PRTL_BITMAP BitMapHeader)
{
    return count_set(BitMapHeader);
}
NT_EXPORT(RtlNumberOfSetBits);

ULONG NTAPI RtlNumberOfClearBits(PRTL_BITMAP BitMapHeader)
{
    return BitMapHeader->SizeOfBitMap - count_set(BitMapHeader);
}
NT_EXPORT(RtlNumberOfClearBits);

ULONG NTAPI RtlNumberOfSetBitsUlongPtr(ULONG_PTR Target)
{
    return (ULONG)__builtin_popcountll(Target);
}
NT_EXPORT(RtlNumberOfSetBitsUlongPtr);

/* -1 when no bit is set. */
CCHAR NTAPI RtlFindMostSignificantBit(ULONGLONG Set)
{
    return Set ? (CCHAR)(63 - __builtin_clzll(Set)) : -1;
}
NT_EXPORT(RtlFindMostSignificantBit);

CCHAR NTAPI RtlFindLeastSignificantBit(ULONGLONG Set)
{
    return Set ? (CCHAR)__builtin_ctzll(Set) : -1;
}
NT_EXPORT(RtlFindLeastSignificantBit);

/*
 * Calendar times. System time counts 100 ns since 1 January 1601, a Monday. Public page: "RtlTimeToTimeFields function
 * (wdm.h)".
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

#define TICKS_PER_MILLISECOND 10000ll
#define MILLISECONDS_PER_DAY  86400000ll
#define TICKS_PER_SECOND      10000000ll
#define DAYS_PER_400_YEARS    146097ll
#define SECONDS_1601_TO_1970  11644473600ll
#define SECONDS_1601_TO_1980  11960006400ll

static bool is_leap(LONGLONG year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days before the month, January being 0. */
static LONGLONG days_before(LONGLONG year, int month)
{
    static const short days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return days[month] + (month >= 2 && is_leap(year));
}

/* Days from 1 January 1601 to 1 January of the year. */
static LONGLONG days_to_year(LONGLONG year)
{
    LONGLONG y = year - 1601;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

VOID NTAPI RtlTimeToTimeFields(PLARGE_INTEGER Time, PTIME_FIELDS TimeFields)
{
    LONGLONG milliseconds = Time->QuadPart / TICKS_PER_MILLISECOND;
    LONGLONG days = milliseconds / MILLISECONDS_PER_DAY, rest = milliseconds % MILLISECONDS_PER_DAY;
    TimeFields->Weekday = (CSHORT)((days + 1) % 7);
    LONGLONG year = 1601 + days * 400 / DAYS_PER_400_YEARS;
    while (days_to_year(year) > days)
        year--;
    while (days_to_year(year + 1) <= days)
        year++;
    days -= days_to_year(year);
    int month = 0;
    while (days_before(year, month + 1) <= days)
        month++;
    TimeFields->Year = (CSHORT)year;
    TimeFields->Month = (CSHORT)(month + 1);
    TimeFields->Day = (CSHORT)(days - days_before(year, month) + 1);
    TimeFields->Hour = (CSHORT)(rest / 3600000);
    TimeFields->Minute = (CSHORT)(rest / 60000 % 60);
    TimeFields->Second = (CSHORT)(rest / 1000 % 60);
    TimeFields->Milliseconds = (CSHORT)(rest % 1000);
}
NT_EXPORT(RtlTimeToTimeFields);

BOOLEAN NTAPI RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time)
{
    const TIME_FIELDS *f = TimeFields;
    if (f->Year < 1601 || f->Month < 1 || f->Month > 12 || f->Day < 1 ||
        f->Day > days_before(f->Year, f->Month) - days_before(f->Year, f->Month - 1) || f->Hour < 0 || f->Hour > 23 ||
        f->Minute < 0 || f->Minute > 59 || f->Second < 0 || f->Second > 59 || f->Milliseconds < 0 ||
        f->Milliseconds > 999)
        return FALSE;
    LONGLONG days = days_to_year(f->Year) + days_before(f->Year, f->Month - 1) + f->Day - 1;
    LONGLONG seconds = ((LONGLONG)f->Hour * 60 + f->Minute) * 60 + f->Second;
    Time->QuadPart = (days * MILLISECONDS_PER_DAY + seconds * 1000 + f->Milliseconds) * TICKS_PER_MILLISECOND;
    return TRUE;
}
NT_EXPORT(RtlTimeFieldsToTime);

static NTAPI BOOLEAN to_seconds_since_1970(PLARGE_INTEGER Time, PULONG ElapsedSeconds)
{
    LONGLONG seconds = Time->QuadPart / TICKS_PER_SECOND - SECONDS_1601_TO_1970;
    if (seconds < 0 || seconds > MAXULONG)
        return FALSE;
    *ElapsedSeconds = (ULONG)seconds;
    return TRUE;
}
NT_EXPORT_AS(NT_IMAGE, "RtlTimeToSecondsSince1970", to_seconds_since_1970);

static NTAPI VOID from_seconds_since_1970(ULONG ElapsedSeconds, PLARGE_INTEGER Time)
{
    Time->QuadPart = (ElapsedSeconds + SECONDS_1601_TO_1970) * TICKS_PER_SECOND;
}
NT_EXPORT_AS(NT_IMAGE, "RtlSecondsSince1970ToTime", from_seconds_since_1970);

static NTAPI BOOLEAN to_seconds_since_1980(PLARGE_INTEGER Time, PULONG ElapsedSeconds)
{
    LONGLONG seconds = Time->QuadPart / TICKS_PER_SECOND - SECONDS_1601_TO_1980;
    if (seconds < 0 || seconds > MAXULONG)
        return FALSE;
    *ElapsedSeconds = (ULONG)seconds;
    return TRUE;
}
NT_EXPORT_AS(NT_IMAGE, "RtlTimeToSecondsSince1980", to_seconds_since_1980);

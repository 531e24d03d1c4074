/*
 * What several files need: little-endian fields as USB devices send them, and the smaller of two lengths.
 */
#pragma once

#include <ndis.h>

static FORCEINLINE USHORT
Get16(_In_reads_bytes_(2) const UCHAR *Bytes)
{
    return (USHORT)(Bytes[0] | Bytes[1] << 8);
}

static FORCEINLINE ULONG
Get32(_In_reads_bytes_(4) const UCHAR *Bytes)
{
    return (ULONG)Get16(Bytes) | (ULONG)Get16(Bytes + 2) << 16;
}

static FORCEINLINE ULONG
Smaller(ULONG A, ULONG B)
{
    return A < B ? A : B;
}

static FORCEINLINE BOOLEAN
IsBroadcast(_In_reads_bytes_(6) const UCHAR *Address)
{
    return (Address[0] & Address[1] & Address[2] & Address[3] & Address[4] & Address[5]) == 0xFF;
}

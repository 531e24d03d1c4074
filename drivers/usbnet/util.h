/*
 * What several files need: little-endian fields as USB devices send and take them, and a little arithmetic.
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
    return (ULONG)Bytes[0] | (ULONG)Bytes[1] << 8 | (ULONG)Bytes[2] << 16 | (ULONG)Bytes[3] << 24;
}

static FORCEINLINE VOID
Put16(_Out_writes_bytes_(2) UCHAR *Bytes, ULONG Value)
{
    Bytes[0] = (UCHAR)Value;
    Bytes[1] = (UCHAR)(Value >> 8);
}

static FORCEINLINE VOID
Put32(_Out_writes_bytes_(4) UCHAR *Bytes, ULONG Value)
{
    Bytes[0] = (UCHAR)Value;
    Bytes[1] = (UCHAR)(Value >> 8);
    Bytes[2] = (UCHAR)(Value >> 16);
    Bytes[3] = (UCHAR)(Value >> 24);
}

static FORCEINLINE ULONG
AlignUp(ULONG Value, ULONG PowerOfTwo)
{
    return (Value + PowerOfTwo - 1) & ~(PowerOfTwo - 1);
}

static FORCEINLINE ULONG
Smaller(ULONG A, ULONG B)
{
    return A < B ? A : B;
}

/*
 * Counting frames by the kind of their destination, for NDIS_STATISTICS_INFO.
 */
#pragma once

#include <ndis.h>

typedef enum _FRAME_KIND { FrameUnicast, FrameMulticast, FrameBroadcast, FrameKinds } FRAME_KIND;

/* The counters of one direction. */
typedef struct _TRAFFIC {
    ULONG64 Frames[FrameKinds];
    ULONG64 Bytes[FrameKinds];
    ULONG64 Discards, Errors;
} TRAFFIC;

static FORCEINLINE FRAME_KIND
FrameKind(_In_reads_bytes_(6) const UCHAR *Address)
{
    if (!(Address[0] & 1))
        return FrameUnicast;
    if ((Address[0] & Address[1] & Address[2] & Address[3] & Address[4] & Address[5]) == 0xFF)
        return FrameBroadcast;
    return FrameMulticast;
}

static FORCEINLINE VOID
TrafficCount(_Inout_ TRAFFIC *Traffic, FRAME_KIND Kind, ULONG Length)
{
    Traffic->Frames[Kind]++;
    Traffic->Bytes[Kind] += Length;
}

static FORCEINLINE VOID
TrafficAdd(_Inout_ TRAFFIC *Total, _In_ const TRAFFIC *Part)
{
    for (FRAME_KIND Kind = FrameUnicast; Kind < FrameKinds; ++Kind) {
        Total->Frames[Kind] += Part->Frames[Kind];
        Total->Bytes[Kind] += Part->Bytes[Kind];
    }
    Total->Discards += Part->Discards;
    Total->Errors += Part->Errors;
}

static FORCEINLINE ULONG64
TrafficFrames(_In_ const TRAFFIC *Traffic)
{
    return Traffic->Frames[FrameUnicast] + Traffic->Frames[FrameMulticast] + Traffic->Frames[FrameBroadcast];
}

static FORCEINLINE ULONG64
TrafficBytes(_In_ const TRAFFIC *Traffic)
{
    return Traffic->Bytes[FrameUnicast] + Traffic->Bytes[FrameMulticast] + Traffic->Bytes[FrameBroadcast];
}

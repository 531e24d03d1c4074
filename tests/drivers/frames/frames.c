/*
 * Functions with frames of every kind that the unwinder has to undo: saved registers, small and large allocations, a
 * frame register, saved vector registers, no frame at all, tail calls. The test steps through them and unwinds at each
 * instruction.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

#define EXPORT   __declspec(dllexport)
#define NOINLINE __declspec(noinline)

static volatile LONG Sink;
static volatile double FloatSink;

static NOINLINE LONG Leaf(LONG A)
{
    return A * 3 + Sink;
}

static NOINLINE LONG ManyRegisters(LONG A)
{
    LONG b = Leaf(A), c = Leaf(b), d = Leaf(c), e = Leaf(d), f = Leaf(e), g = Leaf(f), h = Leaf(g);
    Sink = 0;
    return Leaf(A) + b + c * d + e * f + g * h;
}

static NOINLINE LONG LargeFrame(LONG A)
{
    volatile UCHAR buffer[20000];
    buffer[A & 0xfff] = (UCHAR)A;
    return Leaf(buffer[A & 0xfff]);
}

static NOINLINE LONG HugeFrame(LONG A)
{
    volatile UCHAR buffer[600000];
    buffer[A & 0xfff] = (UCHAR)A;
    return Leaf(buffer[A & 0xfff]) + LargeFrame(A);
}

static NOINLINE LONG FrameRegister(LONG A)
{
    volatile UCHAR *buffer = __builtin_alloca((SIZE_T)(A & 0xff) + 32);
    buffer[0] = (UCHAR)A;
    return Leaf(buffer[0]) + ManyRegisters(A);
}

static NOINLINE double FloatLeaf(double X)
{
    return X * 1.5 + FloatSink;
}

static NOINLINE LONG VectorRegisters(LONG A)
{
    double x = A, b = FloatLeaf(x), c = FloatLeaf(b), d = FloatLeaf(c), e = FloatLeaf(d), f = FloatLeaf(e);
    FloatSink = 0;
    return (LONG)(FloatLeaf(x) + b * c + d * e + f);
}

static NOINLINE LONG TailCall(LONG A)
{
    if (A & 1)
        Sink = 0;
    return Leaf(A + 1);
}

static NOINLINE LONG Guarded(LONG A)
{
    LONG value = 0;
    __try {
        value = ManyRegisters(A);
    } __finally {
        Sink = 0;
    }
    return value;
}

EXPORT LONG Frames(LONG A)
{
    return ManyRegisters(A) + LargeFrame(A) + HugeFrame(A) + FrameRegister(A) + VectorRegisters(A) + TailCall(A) +
           Guarded(A);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

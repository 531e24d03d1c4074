/*
 * Structured exception handling as a driver writes it. Each exported function is one form; the test calls it and
 * compares what it returns with what Windows' rules say. Faulting code stands in functions of its own, because clang
 * lets only calls raise.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

#define EXPORT    __declspec(dllexport)
#define NOINLINE  __declspec(noinline)
#define MY_STATUS ((NTSTATUS)0xE0001234)

typedef LONG DRIVER_CALLBACK(PVOID Context);
typedef LONG THROUGH_FUNCTION(DRIVER_CALLBACK *Callback, PVOID Context);

static volatile LONG Zero;
static LONG Trail; /* digits of the steps that were passed, in order */

static NOINLINE void Step(LONG Digit)
{
    Trail = Trail * 10 + Digit;
}

static NOINLINE void Raise(NTSTATUS Status)
{
    ExRaiseStatus(Status);
}

static NOINLINE LONG ReadFrom(volatile LONG *Address)
{
    return *Address;
}

static NOINLINE void WriteTo(volatile LONG *Address)
{
    *Address = 1;
}

static NOINLINE LONG Divide(LONG A, LONG B)
{
    LONG quotient;
    __asm__ volatile("cltd; idivl %2" : "=a"(quotient) : "a"(A), "r"(B) : "edx");
    return quotient;
}

static NOINLINE void IllegalInstruction(void)
{
    __asm__ volatile("ud2");
}

static NOINLINE void Breakpoint(void)
{
    __asm__ volatile("int3");
}

static NOINLINE void Assertion(void)
{
    __asm__ volatile("int $0x2c");
}

EXPORT LONG CatchStatus(NTSTATUS Status)
{
    __try {
        Raise(Status);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return GetExceptionCode();
    }
    return 0;
}

EXPORT LONG CatchNothing(void)
{
    LONG value = 1;
    __try {
        Step(1);
        value = 2;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        value = 3;
    }
    return value;
}

static LONG Remember(PEXCEPTION_POINTERS Pointers, PEXCEPTION_RECORD Record)
{
    *Record = *Pointers->ExceptionRecord;
    return EXCEPTION_EXECUTE_HANDLER;
}

/* What a filter sees of a fault of each kind. */
EXPORT LONG CatchFault(LONG Kind, PVOID Address, PEXCEPTION_RECORD Record)
{
    __try {
        switch (Kind) {
        case 0:
            ReadFrom(Address);
            break;
        case 1:
            WriteTo(Address);
            break;
        case 2:
            Divide(1, Zero);
            break;
        case 3:
            Divide((LONG)0x80000000, Zero - 1);
            break;
        case 4:
            IllegalInstruction();
            break;
        case 5:
            Breakpoint();
            break;
        case 6:
            Assertion();
            break;
        case 7:
            ((void (*)(void))Address)();
            break;
        case 8:
            ExRaiseAccessViolation();
            break;
        case 9:
            ExRaiseDatatypeMisalignment();
            break;
        case 10:
            RtlRaiseException(Record);
            break;
        }
    } __except (Remember(GetExceptionInformation(), Record)) {
        return GetExceptionCode();
    }
    return 0;
}

/* The same fault without a handler. */
EXPORT void Fault(LONG Kind, PVOID Address)
{
    switch (Kind) {
    case 0:
        ReadFrom(Address);
        break;
    case 1:
        WriteTo(Address);
        break;
    case 2:
        Divide(1, Zero);
        break;
    case 4:
        IllegalInstruction();
        break;
    case 5:
        Breakpoint();
        break;
    case 6:
        Assertion();
        break;
    case 7:
        ((void (*)(void))Address)();
        break;
    default:
        Raise(MY_STATUS);
    }
    Step(1);
}

EXPORT LONG FinallyInOrder(BOOLEAN RaiseIt)
{
    Trail = 0;
    __try {
        __try {
            __try {
                Step(1);
                if (RaiseIt)
                    Raise(MY_STATUS);
                Step(2);
            } __finally {
                Step(AbnormalTermination() ? 3 : 4);
            }
        } __finally {
            Step(AbnormalTermination() ? 5 : 6);
        }
        Step(7);
    } __except (Step(8), EXCEPTION_EXECUTE_HANDLER) {
        Step(9);
    }
    return Trail;
}

/* The inner filter declines, the outer one takes it; the finally between runs after both. */
EXPORT LONG NestedFilters(void)
{
    Trail = 0;
    __try {
        __try {
            __try {
                Raise(MY_STATUS);
            } __except (Step(1), EXCEPTION_CONTINUE_SEARCH) {
                Step(2);
            }
        } __finally {
            Step(3);
        }
    } __except (Step(4), GetExceptionCode() == MY_STATUS ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
        Step(5);
    }
    return Trail;
}

EXPORT LONG RaiseInHandler(void)
{
    Trail = 0;
    __try {
        __try {
            Raise(MY_STATUS);
        } __except (Step(1), EXCEPTION_EXECUTE_HANDLER) {
            Step(2);
            Raise(MY_STATUS + 1);
        }
    } __except (Step(3), EXCEPTION_EXECUTE_HANDLER) {
        Step((NTSTATUS)GetExceptionCode() == MY_STATUS + 1 ? 4 : 9);
    }
    return Trail;
}

static NOINLINE LONG FilterThatCatches(void)
{
    __try {
        Raise(MY_STATUS + 2);
    } __except (Step(1), EXCEPTION_EXECUTE_HANDLER) {
        Step(2);
    }
    return EXCEPTION_EXECUTE_HANDLER;
}

/* An exception that is raised and handled inside a filter. */
EXPORT LONG NestedInFilter(void)
{
    Trail = 0;
    __try {
        Raise(MY_STATUS);
    } __except (FilterThatCatches()) {
        Step((NTSTATUS)GetExceptionCode() == MY_STATUS ? 3 : 9);
    }
    return Trail;
}

static NOINLINE LONG FilterThatRaises(NTSTATUS Code)
{
    if (Code != MY_STATUS)
        return EXCEPTION_CONTINUE_SEARCH;
    Step(1);
    Raise(MY_STATUS + 3);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* An exception that escapes from a filter: the search for its handler comes by the same filter again. */
EXPORT LONG EscapeFromFilter(void)
{
    Trail = 0;
    __try {
        __try {
            Raise(MY_STATUS);
        } __except (FilterThatRaises(GetExceptionCode())) {
            Step(9);
        }
    } __except ((NTSTATUS)GetExceptionCode() == MY_STATUS + 3 ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
        Step(2);
    }
    return Trail;
}

/*
 * The store after the call keeps it apart from the call of the finally block: clang's scope table begins a range at the
 * very address that a preceding call returns to, which Windows' handler then takes as inside, and runs the outer block
 * twice.
 */
static NOINLINE void FinallyThatRaises(void)
{
    __try {
        __try {
            Raise(MY_STATUS);
            Zero = 0;
        } __finally {
            Step(1);
            Raise(MY_STATUS + 4);
        }
    } __finally {
        Step(2);
    }
}

/* A collided unwind: the second exception takes over from the first, and no finally block runs twice. */
EXPORT LONG Collided(void)
{
    Trail = 0;
    __try {
        __try {
            FinallyThatRaises();
        } __except ((NTSTATUS)GetExceptionCode() == MY_STATUS + 4 ? EXCEPTION_EXECUTE_HANDLER
                                                                  : EXCEPTION_CONTINUE_SEARCH) {
            Step(3);
        }
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        Step(9);
    }
    return Trail;
}

/* The handler of the second exception lies inside the frame that the first unwinding was heading for. */
EXPORT LONG CollidedBeyondTarget(void)
{
    Trail = 0;
    __try {
        __try {
            __try {
                Raise(MY_STATUS);
            } __finally {
                Step(1);
                Raise(MY_STATUS + 5);
            }
        } __except ((NTSTATUS)GetExceptionCode() == MY_STATUS ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
            Step(9);
        }
    } __except ((NTSTATUS)GetExceptionCode() == MY_STATUS + 5 ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
        Step(2);
    }
    return Trail;
}

/* A finally block that handles an exception of its own does not disturb the unwinding that runs it. */
EXPORT LONG CatchInFinally(void)
{
    Trail = 0;
    __try {
        __try {
            Raise(MY_STATUS);
        } __finally {
            Step(1);
            Step(CatchStatus(MY_STATUS + 6) == MY_STATUS + 6 ? 2 : 9);
        }
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        Step((NTSTATUS)GetExceptionCode() == MY_STATUS ? 3 : 9);
    }
    return Trail;
}

EXPORT LONG LeaveIt(LONG Stop)
{
    Trail = 0;
    __try {
        Step(1);
        if (Stop)
            __leave;
        Step(2);
    } __finally {
        Step(AbnormalTermination() ? 9 : 3);
    }
    return Trail;
}

static LONG Repair(PEXCEPTION_POINTERS Pointers, LONG *Target)
{
    /* ReadRax below loads through rax. */
    Pointers->ContextRecord->Rax = (ULONG_PTR)Target;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static NOINLINE LONG ReadRax(void)
{
    LONG value;
    __asm__ volatile("xorl %%eax, %%eax\n\tmovl 16(%%rax), %0" : "=r"(value) : : "rax");
    return value;
}

EXPORT LONG ContinueExecution(void)
{
    LONG target[5] = {0, 0, 0, 0, 4711};
    LONG value = 0;
    __try {
        value = ReadRax();
    } __except (Repair(GetExceptionInformation(), target)) {
        value = -1;
    }
    return value;
}

static NOINLINE LONG RaiseFromCallback(PVOID Context)
{
    volatile LONG large[3000];
    large[Zero] = *(LONG *)Context;
    __try {
        if (large[Zero] == 1)
            Raise(MY_STATUS);
        else
            ReadFrom((LONG *)0x20);
    } __finally {
        Step(1);
    }
    return 0;
}

/* The driver calls into the system, which calls back into the driver, where the exception is. Everything that a
   function may expect to survive a call must survive this one. */
EXPORT LONG ThroughSystem(THROUGH_FUNCTION *Through, LONG Kind, LONG A, LONG B, double X, double Y)
{
    LONG c = A * 3, d = B * 5, e = A - B, f = A ^ B, g = A + 7, h = B + 9;
    double u = X * 2, v = Y * 3, w = X + Y, z = X - Y, k = X * Y, l = X / Y;
    LONG code = 0;
    Trail = 0;
    __try {
        Through(RaiseFromCallback, &Kind);
    } __except (Step(2), EXCEPTION_EXECUTE_HANDLER) {
        code = GetExceptionCode();
    }
    if (c != A * 3 || d != B * 5 || e != A - B || f != (A ^ B) || g != A + 7 || h != B + 9)
        return -1;
    if (u != X * 2 || v != Y * 3 || w != X + Y || z != X - Y || k != X * Y || l != X / Y)
        return -2;
    if (Trail != 21)
        return -3;
    return code;
}

/* Integer and vector registers of the function that catches are those from before the call. */
EXPORT LONG RegistersSurvive(void)
{
    LONG code = 0;
    ULONG64 bx, r12, r13, r14, r15, lo6 = 0, lo15 = 0;
    __asm__ volatile("" : : : "memory");
    register ULONG64 keep12 __asm__("r12") = 0x1212, keep15 __asm__("r15") = 0x1515, keepbx __asm__("rbx") = 0xb;
    __asm__ volatile("" : "+r"(keep12), "+r"(keep15), "+r"(keepbx));
    r12 = keep12;
    r15 = keep15;
    bx = keepbx;
    r13 = r12 + 1;
    r14 = r15 + 1;
    double x6 = (double)(r12 + 6), x15 = (double)(r15 + 15);
    __try {
        Raise(MY_STATUS);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        code = GetExceptionCode();
    }
    lo6 = (ULONG64)x6;
    lo15 = (ULONG64)x15;
    if (r12 != 0x1212 || r13 != 0x1213 || r14 != 0x1516 || r15 != 0x1515 || bx != 0xb || lo6 != 0x1218 ||
        lo15 != 0x1524)
        return -1;
    return code;
}

EXPORT LONG CatchMany(LONG Count)
{
    LONG caught = 0;
    for (LONG i = 0; i < Count; i++) {
        if (CatchStatus(MY_STATUS + i % 3) == MY_STATUS + i % 3)
            caught++;
    }
    return caught;
}

/* Recursion without end: the guard page below the stack. */
EXPORT LONG Overflow(volatile LONG *Depth)
{
    volatile LONG frame[64];
    frame[Zero] = (*Depth)++;
    if (*Depth < 0)
        return 0;
    LONG result = Overflow(Depth) + frame[Zero];
    return result;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

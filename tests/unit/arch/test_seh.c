/*
 * Structured exceptions in a PE driver (tests/drivers/seh), in every form, and through frames of this program in
 * between; the instructions that are emulated for it (tests/drivers/cr8).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <cmocka.h>
#include "ntoskrnl/arch/arch.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ldr/ldr.h"

#define MY_STATUS ((NTSTATUS)0xE0001234)

static struct ldr_image *seh, *cr8;

static void *function(struct ldr_image *image, const char *name)
{
    const void *address = ldr_find_export(image->name, name);
    assert_non_null(address);
    return (void *)address;
}

#define CALL0(image, name)      ((LONG(NTAPI *)(void))function(image, name))()
#define CALL1(image, name, ...) ((LONG(NTAPI *)(LONG))function(image, name))(__VA_ARGS__)

static int load(void **state)
{
    char error[512];
    (void)state;
    ke_initialize();
    ke_current_thread();
    if (!NT_SUCCESS(ldr_load("tests/drivers/seh/seh.sys", &seh, error, sizeof(error))) ||
        !NT_SUCCESS(ldr_load("tests/drivers/cr8/cr8.sys", &cr8, error, sizeof(error)))) {
        print_error("%s\n", error);
        return -1;
    }
    return seh->entry(NULL, NULL) == STATUS_SUCCESS && cr8->entry(NULL, NULL) == STATUS_SUCCESS ? 0 : -1;
}

/* cmocka puts its own fault handlers in place around each test. */
static void start(void **state)
{
    (void)state;
    arch_take_signals();
}

static int unload(void **state)
{
    (void)state;
    ldr_unload(seh);
    ldr_unload(cr8);
    ke_shutdown();
    return 0;
}

static void test_raised_status_is_caught(void **state)
{
    start(state);
    assert_int_equal(CALL1(seh, "CatchStatus", MY_STATUS), MY_STATUS);
    assert_int_equal(CALL1(seh, "CatchStatus", STATUS_INSUFFICIENT_RESOURCES), STATUS_INSUFFICIENT_RESOURCES);
    assert_int_equal(CALL0(seh, "CatchNothing"), 2);
    assert_int_equal(CALL1(seh, "CatchMany", 300), 300);
    assert_int_equal(CALL0(seh, "RegistersSurvive"), MY_STATUS);
}

static void test_finally_and_nesting(void **state)
{
    start(state);
    assert_int_equal(CALL1(seh, "FinallyInOrder", FALSE), 12467);
    assert_int_equal(CALL1(seh, "FinallyInOrder", TRUE), 18359);
    assert_int_equal(CALL0(seh, "NestedFilters"), 1435);
    assert_int_equal(CALL0(seh, "RaiseInHandler"), 1234);
    assert_int_equal(CALL1(seh, "LeaveIt", 0), 123);
    assert_int_equal(CALL1(seh, "LeaveIt", 1), 13);
}

static void test_exceptions_inside_handlers(void **state)
{
    start(state);
    assert_int_equal(CALL0(seh, "NestedInFilter"), 123);
    assert_int_equal(CALL0(seh, "EscapeFromFilter"), 12);
    assert_int_equal(CALL0(seh, "CatchInFinally"), 123);
    assert_int_equal(CALL0(seh, "Collided"), 123);
    assert_int_equal(CALL0(seh, "CollidedBeyondTarget"), 12);
}

static NTSTATUS catch_fault(LONG kind, void *address, EXCEPTION_RECORD *record)
{
    return ((NTSTATUS(NTAPI *)(LONG, PVOID, PEXCEPTION_RECORD))function(seh, "CatchFault"))(kind, address, record);
}

static bool is_in_seh(const void *address)
{
    return ldr_image_from_address(address) == seh;
}

static void test_hardware_faults_become_exceptions(void **state)
{
    EXCEPTION_RECORD record;
    start(state);
    assert_int_equal(catch_fault(0, (void *)0x10, &record), STATUS_ACCESS_VIOLATION);
    assert_int_equal(record.NumberParameters, 2);
    assert_int_equal(record.ExceptionInformation[0], 0);
    assert_int_equal(record.ExceptionInformation[1], 0x10);
    assert_true(is_in_seh(record.ExceptionAddress));
    assert_int_equal(catch_fault(1, (void *)0x1238, &record), STATUS_ACCESS_VIOLATION);
    assert_int_equal(record.ExceptionInformation[0], 1);
    assert_int_equal(record.ExceptionInformation[1], 0x1238);
    assert_int_equal(catch_fault(2, NULL, &record), STATUS_INTEGER_DIVIDE_BY_ZERO);
    assert_true(is_in_seh(record.ExceptionAddress));
    assert_int_equal(catch_fault(3, NULL, &record), STATUS_INTEGER_OVERFLOW);
    assert_int_equal(catch_fault(4, NULL, &record), STATUS_ILLEGAL_INSTRUCTION);
    assert_int_equal(catch_fault(5, NULL, &record), STATUS_BREAKPOINT);
    assert_int_equal(*(const unsigned char *)record.ExceptionAddress, 0xcc);
    assert_int_equal(catch_fault(6, NULL, &record), STATUS_ASSERTION_FAILURE);
    /* A call to nowhere: the fault is at the bad address itself. */
    assert_int_equal(catch_fault(7, (void *)0x5000, &record), STATUS_ACCESS_VIOLATION);
    assert_int_equal(record.ExceptionInformation[0], 8);
    assert_ptr_equal(record.ExceptionAddress, (void *)0x5000);
    /* A non-canonical address, which the processor does not report. */
    assert_int_equal(catch_fault(0, (void *)0x8000000000000000ull, &record), STATUS_ACCESS_VIOLATION);
    assert_int_equal(record.ExceptionInformation[1], ~0ull);
    assert_int_equal(catch_fault(8, NULL, &record), STATUS_ACCESS_VIOLATION);
    assert_int_equal(catch_fault(9, NULL, &record), STATUS_DATATYPE_MISALIGNMENT);
    memset(&record, 0, sizeof(record));
    record.ExceptionCode = MY_STATUS;
    record.NumberParameters = 1;
    record.ExceptionInformation[0] = 99;
    assert_int_equal(catch_fault(10, NULL, &record), MY_STATUS);
    assert_int_equal(record.ExceptionInformation[0], 99);
    assert_true(is_in_seh(record.ExceptionAddress));
    assert_int_equal(CALL0(seh, "ContinueExecution"), 4711);
}

typedef LONG(NTAPI callback_function)(PVOID);

/* Between the driver's frames: the Windows ABI outside, System V inside, with registers of both in use. */
static __attribute__((noinline)) LONG inner(callback_function *callback, void *context, double a, double b)
{
    volatile double keep[8] = {a, b, a + b, a - b, a * b, a / b, a + 1, b + 1};
    LONG result = callback(context);
    return result + (LONG)(keep[0] + keep[7]);
}

static __attribute__((noinline)) LONG clobber(callback_function *callback, void *context)
{
    __asm__ volatile("xorps %%xmm6, %%xmm6\n\txorps %%xmm7, %%xmm7\n\txorps %%xmm8, %%xmm8\n\txorps %%xmm15, %%xmm15"
                     :
                     :
                     : "xmm6", "xmm7", "xmm8", "xmm15");
    __asm__ volatile("xorl %%ebx, %%ebx\n\txorl %%r12d, %%r12d\n\txorl %%r13d, %%r13d\n\txorl %%r14d, %%r14d\n\t"
                     "xorl %%r15d, %%r15d\n\txorl %%esi, %%esi\n\txorl %%edi, %%edi"
                     :
                     :
                     : "rbx", "r12", "r13", "r14", "r15", "rsi", "rdi");
    return inner(callback, context, 1.5, 2.5) + 1;
}

static LONG NTAPI through_system(callback_function *callback, PVOID context)
{
    return clobber(callback, context) + 1;
}

static void test_through_frames_of_the_system(void **state)
{
    typedef LONG(NTAPI through)(LONG(NTAPI *)(callback_function *, PVOID), LONG, LONG, LONG, double, double);
    through *call = (through *)function(seh, "ThroughSystem");
    start(state);
    assert_int_equal(call(through_system, 1, 12345, -777, 3.25, 0.5), MY_STATUS);
    assert_int_equal(call(through_system, 2, 12345, -777, 3.25, 0.5), STATUS_ACCESS_VIOLATION);
}

/* The stack as seen from a callback: driver frames on both sides of this program's. */
static void *walked[64];
static size_t walked_count;

static LONG NTAPI walk_from_here(callback_function *callback, PVOID context)
{
    (void)callback;
    (void)context;
    walked_count = arch_walk_stack(NULL, walked, 64);
    return 0;
}

static void test_stack_walk(void **state)
{
    typedef LONG(NTAPI through)(LONG(NTAPI *)(callback_function *, PVOID), LONG, LONG, LONG, double, double);
    char first[256], second[256];
    bool reached_main = false;
    start(state);
    ((through *)function(seh, "ThroughSystem"))(walk_from_here, 1, 1, 1, 1, 1);
    assert_true(walked_count > 4);
    ldr_symbolize(walked[0], first, sizeof(first));
    ldr_symbolize(walked[1], second, sizeof(second));
    assert_non_null(strstr(first, "walk_from_here"));
    assert_non_null(strstr(second, "seh.sys!ThroughSystem+0x"));
    assert_non_null(strstr(second, "(seh.c:"));
    for (size_t i = 2; i < walked_count; i++) {
        ldr_symbolize(walked[i], first, sizeof(first));
        reached_main |= strstr(first, "!main+0x") != NULL;
    }
    assert_true(reached_main);
}

static void test_symbolizer_missing(void **state)
{
    char text[256], path[4096];
    start(state);
    snprintf(path, sizeof(path), "%s", getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    ldr_symbolize((char *)seh->base + 0x1000, text, sizeof(text));
    setenv("PATH", path, 1);
    assert_string_equal(text, "seh.sys+0x1000");
    assert_false(ldr_symbolize((void *)0x42, text, sizeof(text)));
}

static void test_cr8(void **state)
{
    BOOLEAN(NTAPI * write)(ULONG64) = (BOOLEAN(NTAPI *)(ULONG64))function(cr8, "WriteCr8");
    ULONG64(NTAPI * read)(void) = (ULONG64(NTAPI *)(void))function(cr8, "ReadCr8");
    KIRQL old;
    start(state);
    assert_int_equal(read(), PASSIVE_LEVEL);
    KeRaiseIrql(APC_LEVEL, &old);
    assert_int_equal(read(), APC_LEVEL);
    KeLowerIrql(old);
    assert_true(write(DISPATCH_LEVEL));
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    assert_int_equal(read(), DISPATCH_LEVEL);
    assert_true(write(PASSIVE_LEVEL));
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

static LONG dpc_runs;

static VOID NTAPI count_dpc(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc, (void)context, (void)argument1, (void)argument2;
    dpc_runs++;
}

/* Lowering through cr8 has all the effects of lowering: a DPC queued meanwhile runs before the next instruction. */
static void test_cr8_runs_dpcs(void **state)
{
    BOOLEAN(NTAPI * write)(ULONG64) = (BOOLEAN(NTAPI *)(ULONG64))function(cr8, "WriteCr8");
    KDPC dpc;
    start(state);
    dpc_runs = 0;
    KeInitializeDpc(&dpc, count_dpc, NULL);
    assert_true(write(DISPATCH_LEVEL));
    KeInsertQueueDpc(&dpc, NULL, NULL);
    assert_int_equal(dpc_runs, 0);
    assert_true(write(PASSIVE_LEVEL));
    assert_int_equal(dpc_runs, 1);
}

static void test_gs(void **state)
{
    ULONG64(NTAPI * read)(ULONG) = (ULONG64(NTAPI *)(ULONG))function(cr8, "ReadGs");
    KIRQL old;
    start(state);
    assert_ptr_equal((void *)read(0x188), KeGetCurrentThread());
    assert_ptr_equal((void *)read(0x18), arch_processor_region());
    assert_ptr_equal((void *)read(0x20), (char *)arch_processor_region() + 0x180);
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    assert_int_equal(CALL0(cr8, "ReadGs32"), (LONG)KeGetCurrentProcessorNumberEx(NULL));
    assert_int_equal(CALL0(cr8, "ReadGs8") & 0xff, (LONG)KeGetCurrentProcessorNumberEx(NULL));
    KeLowerIrql(old);
}

static void test_shared_user_data(void **state)
{
    ULONG64(NTAPI * read)(ULONG) = (ULONG64(NTAPI *)(ULONG))function(cr8, "ReadShared");
    LARGE_INTEGER before, after;
    start(state);
    assert_int_equal(CALL1(cr8, "SharedForms", 0x26c), 0); /* NtMajorVersion */
    assert_int_equal((ULONG)read(0x26c), 10);
    KeQuerySystemTime(&before);
    ULONG64 now = read(0x14);
    KeQuerySystemTime(&after);
    assert_in_range(now, before.QuadPart - 156250 * 2, after.QuadPart);
    assert_true(read(0x08) != 0); /* interrupt time */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raised_status_is_caught),
        cmocka_unit_test(test_finally_and_nesting),
        cmocka_unit_test(test_exceptions_inside_handlers),
        cmocka_unit_test(test_hardware_faults_become_exceptions),
        cmocka_unit_test(test_through_frames_of_the_system),
        cmocka_unit_test(test_stack_walk),
        cmocka_unit_test(test_symbolizer_missing),
        cmocka_unit_test(test_cr8),
        cmocka_unit_test(test_cr8_runs_dpcs),
        cmocka_unit_test(test_gs),
        cmocka_unit_test(test_shared_user_data),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

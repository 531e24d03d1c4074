/*
 * Faults that nobody handles: each ends the process with a bug check that names the driver, its function and line.
 * Every case runs in a child process, which boots its own system.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sys/mman.h>
#include "ntoskrnl/arch/arch.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ldr/ldr.h"
#include "tests/unit/arch/child.h"

static struct child_result result;
static volatile uintptr_t bad_address = 0x10;

static void *function(const char *path, const char *name)
{
    char error[512];
    struct ldr_image *image;
    ke_initialize();
    ke_current_thread();
    if (!NT_SUCCESS(ldr_load(path, &image, error, sizeof(error)))) {
        fprintf(stderr, "%s\n", error);
        _exit(99);
    }
    return (void *)ldr_find_export(image->name, name);
}

struct fault {
    LONG kind;
    void *address;
    KIRQL irql;
};

static void run_fault(void *context)
{
    const struct fault *f = context;
    VOID(NTAPI * fault)(LONG, PVOID) = (VOID(NTAPI *)(LONG, PVOID))function("tests/drivers/seh/seh.sys", "Fault");
    KIRQL old;
    KeRaiseIrql(f->irql, &old);
    fault(f->kind, f->address);
}

static void expect_report(const char *const *texts)
{
    if (result.status != 3)
        print_error("%s\n", result.output);
    assert_int_equal(result.status, 3);
    for (; *texts != NULL; texts++) {
        if (strstr(result.output, *texts) == NULL)
            fail_msg("\"%s\" is not in the report:\n%s", *texts, result.output);
    }
}
#define EXPECT(...) expect_report((const char *const[]){__VA_ARGS__, NULL})

static void test_unhandled(void **state)
{
    (void)state;
    run_in_child(run_fault, &(struct fault){.kind = 0, .address = (void *)0x18}, &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "c0000005", "seh.sys!ReadFrom", "(seh.c:");
    run_in_child(run_fault, &(struct fault){.kind = 2}, &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "c0000094", "seh.sys!Divide");
    run_in_child(run_fault, &(struct fault){.kind = 4}, &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "c000001d", "seh.sys!IllegalInstruction");
    run_in_child(run_fault, &(struct fault){.kind = 5}, &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "80000003", "seh.sys!Breakpoint");
    run_in_child(run_fault, &(struct fault){.kind = 6}, &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "c0000420", "seh.sys!Assertion");
    run_in_child(run_fault, &(struct fault){.kind = 99}, &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "e0001234", "seh.sys!Raise");
    run_in_child(run_fault, &(struct fault){.kind = 99, .irql = DISPATCH_LEVEL}, &result);
    EXPECT("KMODE_EXCEPTION_NOT_HANDLED", "e0001234", "seh.sys!Raise");
    run_in_child(run_fault, &(struct fault){.kind = 7, .address = (void *)0x5000}, &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "c0000005", "seh.sys!Fault");
}

static void test_system_address(void **state)
{
    void *hole = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)state;
    run_in_child(run_fault, &(struct fault){.kind = 1, .address = hole}, &result);
    EXPECT("PAGE_FAULT_IN_NONPAGED_AREA", "seh.sys!WriteTo", "(seh.c:");
    run_in_child(run_fault, &(struct fault){.kind = 0, .address = (void *)0xffff900000000000ull}, &result);
    EXPECT("PAGE_FAULT_IN_NONPAGED_AREA", "ffff900000000000", "seh.sys!ReadFrom");
    munmap(hole, 65536);
}

static void test_at_dispatch_level(void **state)
{
    (void)state;
    run_in_child(run_fault, &(struct fault){.kind = 0, .address = (void *)0x18, .irql = DISPATCH_LEVEL}, &result);
    EXPECT("DRIVER_IRQL_NOT_LESS_OR_EQUAL", "seh.sys!ReadFrom", "(seh.c:");
}

static void run_overflow(void *context)
{
    volatile LONG depth = 0;
    (void)context;
    LONG(NTAPI * overflow)
    (volatile LONG *) = (LONG(NTAPI *)(volatile LONG *))function("tests/drivers/seh/seh.sys", "Overflow");
    overflow(&depth);
}

static void test_stack_overflow(void **state)
{
    (void)state;
    run_in_child(run_overflow, NULL, &result);
    EXPECT("UNEXPECTED_KERNEL_MODE_TRAP", "seh.sys!Overflow");
}

static void run_fast_fail(void *context)
{
    ((VOID(NTAPI *)(ULONG))function("tests/drivers/cr8/cr8.sys", "FastFail"))(*(ULONG *)context);
}

static void run_privileged(void *context)
{
    ((VOID(NTAPI *)(ULONG))function("tests/drivers/cr8/cr8.sys", "Privileged"))(*(ULONG *)context);
}

static void run_write_shared(void *context)
{
    (void)context;
    ((VOID(NTAPI *)(void))function("tests/drivers/cr8/cr8.sys", "WriteShared"))();
}

static void test_instructions(void **state)
{
    static const char *const names[] = {"cli", "hlt", "in al", "rdmsr", "cr3", "wbinvd"};
    (void)state;
    run_in_child(run_fast_fail, &(ULONG){3}, &result);
    EXPECT("KERNEL_SECURITY_CHECK_FAILURE", "0000000000000003", "cr8.sys!FastFail");
    for (ULONG kind = 0; kind < 6; kind++) {
        run_in_child(run_privileged, &kind, &result);
        EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "c0000096", "cr8.sys!Privileged", names[kind]);
    }
    run_in_child(run_write_shared, NULL, &result);
    EXPECT("ATTEMPTED_WRITE_TO_READONLY_MEMORY", "cr8.sys!WriteShared");
}

static void run_entry(void *context)
{
    char error[512];
    struct ldr_image *image;
    ke_initialize();
    ke_current_thread();
    if (!NT_SUCCESS(ldr_load(context, &image, error, sizeof(error)))) {
        fprintf(stderr, "%s\n", error);
        _exit(99);
    }
    image->entry(NULL, NULL);
}

static void test_missing_import(void **state)
{
    (void)state;
    run_in_child(run_entry, "tests/drivers/missing/missing.sys", &result);
    EXPECT("missing.sys imports ntoskrnl.exe!KeNoSuchFunction",
           "missing.sys imports ntoskrnl.exe!ExNoSuchFunctionEither",
           "missing.sys called ntoskrnl.exe!ExNoSuchFunctionEither", "KMODE_EXCEPTION_NOT_HANDLED", "c0000139",
           "missing.sys!DriverEntry");
}

static void test_driver_entry_faults(void **state)
{
    (void)state;
    run_in_child(run_entry, "tests/drivers/badptr/badptr.sys", &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "c0000005", "badptr.sys!MarkReady", "(badptr.c:13)",
           "badptr.sys!DriverEntry+0x");
    run_in_child(run_entry, "tests/drivers/badptr/badptr.so", &result);
    EXPECT("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "c0000005", "badptr.so!MarkReady", "(badptr.c:13)",
           "badptr.so!DriverEntry+0x");
}

/* A fault that has nothing to do with a driver goes to whoever handled the signal before. */
static void on_own_fault(int number)
{
    (void)number;
    _exit(77);
}

static void run_own_fault(void *context)
{
    (void)context;
    signal(SIGSEGV, on_own_fault);
    function("tests/drivers/seh/seh.sys", "Fault");
    *(volatile int *)bad_address = 1;
}

static void test_other_faults_are_chained(void **state)
{
    (void)state;
    run_in_child(run_own_fault, NULL, &result);
    assert_int_equal(result.status, 77);
}

/* The same in a call that a driver made: the driver's fault. */
static LONG NTAPI fault_for_driver(PVOID callback, PVOID context)
{
    (void)callback;
    (void)context;
    *(volatile int *)bad_address = 1;
    return 0;
}

static void run_on_behalf(void *context)
{
    typedef LONG(NTAPI through)(void *, LONG, LONG, LONG, double, double);
    (void)context;
    signal(SIGSEGV, on_own_fault);
    bad_address = 0x700000000000; /* of the system half */
    ((through *)function("tests/drivers/seh/seh.sys", "ThroughSystem"))(fault_for_driver, 1, 1, 1, 1, 1);
}

static void test_fault_on_behalf_of_driver(void **state)
{
    (void)state;
    run_in_child(run_on_behalf, NULL, &result);
    EXPECT("PAGE_FAULT_IN_NONPAGED_AREA", "fault_for_driver", "seh.sys!ThroughSystem");
}

/* libc's abort, as it does when a driver has damaged the heap. */
static LONG NTAPI abort_for_driver(PVOID callback, PVOID context)
{
    (void)callback;
    (void)context;
    abort();
}

static void run_abort(void *context)
{
    typedef LONG(NTAPI through)(void *, LONG, LONG, LONG, double, double);
    (void)context;
    ((through *)function("tests/drivers/seh/seh.sys", "ThroughSystem"))(abort_for_driver, 1, 1, 1, 1, 1);
}

static void test_abort_names_the_driver(void **state)
{
    (void)state;
    run_in_child(run_abort, NULL, &result);
    assert_int_equal(result.status, 128 + SIGABRT);
    assert_non_null(strstr(result.output, "ndiskit: aborted in a call from seh.sys+0x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unhandled),
        cmocka_unit_test(test_system_address),
        cmocka_unit_test(test_at_dispatch_level),
        cmocka_unit_test(test_stack_overflow),
        cmocka_unit_test(test_instructions),
        cmocka_unit_test(test_missing_import),
        cmocka_unit_test(test_driver_entry_faults),
        cmocka_unit_test(test_other_faults_are_chained),
        cmocka_unit_test(test_fault_on_behalf_of_driver),
        cmocka_unit_test(test_abort_names_the_driver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

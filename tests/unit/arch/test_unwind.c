/*
 * Unwinding at every instruction. A driver's functions (tests/drivers/frames) are executed one instruction at a time;
 * at each, in prologs and epilogs too, RtlVirtualUnwind must lead back to the call in this program with all
 * non-volatile registers as they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>
#include <cmocka.h>
#include "ntoskrnl/arch/arch.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ldr/ldr.h"

static struct {
    struct ldr_image *image;
    uintptr_t return_address, rsp;
    uint64_t rbx, rbp, rsi, rdi, r12, r13, r14, r15;
    unsigned steps, mismatches, most_frames, in_prologs;
    uintptr_t first_mismatch;
} walk;

static void to_context(CONTEXT *c, const ucontext_t *uc)
{
    static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                  REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    memset(c, 0, sizeof(*c));
    c->ContextFlags = CONTEXT_FULL;
    for (int i = 0; i < 16; i++)
        (&c->Rax)[i] = (ULONG64)uc->uc_mcontext.gregs[order[i]];
    c->Rip = (ULONG64)uc->uc_mcontext.gregs[REG_RIP];
    memcpy(&c->FltSave, uc->uc_mcontext.fpregs, sizeof(c->FltSave));
}

static bool is_in_driver(uintptr_t pc)
{
    return pc - (uintptr_t)walk.image->base < walk.image->size;
}

static bool is_double(const M128A *reg, double expected)
{
    return memcmp(reg, &expected, sizeof(expected)) == 0;
}

static void check_step(const ucontext_t *uc)
{
    CONTEXT c;
    unsigned frames = 0;
    to_context(&c, uc);
    uintptr_t pc = c.Rip;
    for (; is_in_driver(c.Rip) && frames < 20; frames++) {
        ULONG64 base, establisher;
        PVOID data;
        PRUNTIME_FUNCTION f = RtlLookupFunctionEntry(c.Rip, &base, NULL);
        if (f == NULL) {
            c.Rip = *(ULONG64 *)c.Rsp;
            c.Rsp += 8;
            continue;
        }
        PEXCEPTION_ROUTINE handler = RtlVirtualUnwind(UNW_FLAG_UHANDLER, base, c.Rip, f, &c, &data, &establisher, NULL);
        walk.in_prologs += frames == 0 && pc - base - f->BeginAddress < 8;
        if (handler != NULL && data == NULL)
            walk.mismatches++;
    }
    if (frames > walk.most_frames)
        walk.most_frames = frames;
    bool same = c.Rip == walk.return_address && c.Rsp == walk.rsp && c.Rbx == walk.rbx && c.Rbp == walk.rbp &&
                c.Rsi == walk.rsi && c.Rdi == walk.rdi && c.R12 == walk.r12 && c.R13 == walk.r13 && c.R14 == walk.r14 &&
                c.R15 == walk.r15;
    for (int i = 0; i < 10; i++)
        same = same && is_double(&c.FltSave.XmmRegisters[6 + i], 6 + i);
    if (!same && walk.mismatches++ == 0)
        walk.first_mismatch = pc - (uintptr_t)walk.image->base;
}

static void on_step(int number, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
    (void)number;
    (void)info;
    if (is_in_driver(pc)) {
        walk.steps++;
        check_step(uc);
    } else if (pc == walk.return_address) {
        uc->uc_mcontext.gregs[REG_EFL] &= ~0x100;
    }
}

/*
 * Calls function(argument) with the trap flag set and known values in the registers that it must keep; kept gets what
 * they are, from walk.return_address on.
 */
LONG step_through(void *function, LONG argument, uintptr_t *kept, const double values[10]);
__asm__(".text\n"
        "step_through:\n\t"
        "pushq %rbx\n\tpushq %rbp\n\tpushq %r12\n\tpushq %r13\n\tpushq %r14\n\tpushq %r15\n\tsubq $0x28, %rsp\n\t"
        "movsd (%rcx), %xmm6\n\tmovsd 8(%rcx), %xmm7\n\tmovsd 16(%rcx), %xmm8\n\tmovsd 24(%rcx), %xmm9\n\t"
        "movsd 32(%rcx), %xmm10\n\tmovsd 40(%rcx), %xmm11\n\tmovsd 48(%rcx), %xmm12\n\tmovsd 56(%rcx), %xmm13\n\t"
        "movsd 64(%rcx), %xmm14\n\tmovsd 72(%rcx), %xmm15\n\t"
        "movq %rdi, %r10\n\tmovl %esi, %ecx\n\t"
        "leaq step_return(%rip), %rax\n\tmovq %rax, (%rdx)\n\tmovq %rsp, 8(%rdx)\n\t"
        "movl $0x1b, %ebx\n\tmovl $0xb1, %ebp\n\tmovl $0x51, %esi\n\tmovl $0xd1, %edi\n\t"
        "movl $0x12, %r12d\n\tmovl $0x13, %r13d\n\tmovl $0x14, %r14d\n\tmovl $0x15, %r15d\n\t"
        "movq %rbx, 16(%rdx)\n\tmovq %rbp, 24(%rdx)\n\tmovq %rsi, 32(%rdx)\n\tmovq %rdi, 40(%rdx)\n\t"
        "movq %r12, 48(%rdx)\n\tmovq %r13, 56(%rdx)\n\tmovq %r14, 64(%rdx)\n\tmovq %r15, 72(%rdx)\n\t"
        "pushfq\n\torl $0x100, (%rsp)\n\tpopfq\n\t"
        "call *%r10\n"
        "step_return:\n\t"
        "nop\n\taddq $0x28, %rsp\n\t"
        "popq %r15\n\tpopq %r14\n\tpopq %r13\n\tpopq %r12\n\tpopq %rbp\n\tpopq %rbx\n\tret\n");

static void test_every_instruction(void **state)
{
    static const double values[10] = {6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO}, previous;
    char error[512];
    (void)state;
    ke_initialize();
    ke_current_thread();
    if (!NT_SUCCESS(ldr_load("tests/drivers/frames/frames.sys", &walk.image, error, sizeof(error))))
        fail_msg("%s", error);
    void *function = (void *)ldr_find_export("frames.sys", "Frames");
    LONG expected = ((LONG(NTAPI *)(LONG))function)(5);
    sigaction(SIGTRAP, &action, &previous);
    LONG result = step_through(function, 5, &walk.return_address, values);
    sigaction(SIGTRAP, &previous, NULL);
    assert_int_equal(result, expected);
    assert_in_range(walk.steps, 200, 100000);
    assert_true(walk.in_prologs > 20);
    assert_in_range(walk.most_frames, 3, 10);
    if (walk.mismatches != 0)
        fail_msg("%u of %u unwindings are wrong, first at frames.sys+0x%zx", walk.mismatches, walk.steps,
                 walk.first_mismatch);
    ldr_unload(walk.image);
    ke_shutdown();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_instruction)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

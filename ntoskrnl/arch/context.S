/*
 * The parts of exception handling that are about registers themselves: capturing and restoring a CONTEXT, the entries
 * of the functions that raise or unwind (which must see their caller's registers), the calls of language handlers
 * (recognised by the unwinder through their return addresses), and the places where a faulting thread goes on after
 * its signal handler.
 */
#define RIP_OFFSET   0xf8
#define RSP_OFFSET   0x98
#define FLAGS_OFFSET 0x44
#define CONTEXT_SIZE 0x4d0
#define CONTEXT_ALL  0x10000f /* AMD64 | control | integer | segments | floating point */

        .text

.macro FUNCTION name
        .globl  \name
        .type   \name, @function
\name:
        .cfi_startproc
.endm

.macro END name
        .cfi_endproc
        .size   \name, . - \name
.endm

/* Everything but Rip, Rsp and EFlags, into the CONTEXT at reg. */
.macro STORE_CONTEXT reg
        movl    $CONTEXT_ALL, 0x30(\reg)
        stmxcsr 0x34(\reg)
        movw    %cs, 0x38(\reg)
        movw    %ds, 0x3a(\reg)
        movw    %es, 0x3c(\reg)
        movw    %fs, 0x3e(\reg)
        movw    %gs, 0x40(\reg)
        movw    %ss, 0x42(\reg)
        movq    %rax, 0x78(\reg)
        movq    %rcx, 0x80(\reg)
        movq    %rdx, 0x88(\reg)
        movq    %rbx, 0x90(\reg)
        movq    %rbp, 0xa0(\reg)
        movq    %rsi, 0xa8(\reg)
        movq    %rdi, 0xb0(\reg)
        movq    %r8, 0xb8(\reg)
        movq    %r9, 0xc0(\reg)
        movq    %r10, 0xc8(\reg)
        movq    %r11, 0xd0(\reg)
        movq    %r12, 0xd8(\reg)
        movq    %r13, 0xe0(\reg)
        movq    %r14, 0xe8(\reg)
        movq    %r15, 0xf0(\reg)
        fxsave64 0x100(\reg)
.endm

/* VOID RtlCaptureContext(PCONTEXT ContextRecord) */
FUNCTION RtlCaptureContext
        pushfq
        .cfi_adjust_cfa_offset 8
        STORE_CONTEXT %rcx
        movl    (%rsp), %eax
        movl    %eax, FLAGS_OFFSET(%rcx)
        movq    8(%rsp), %rax
        movq    %rax, RIP_OFFSET(%rcx)
        leaq    16(%rsp), %rax
        movq    %rax, RSP_OFFSET(%rcx)
        movq    0x78(%rcx), %rax
        popfq
        .cfi_adjust_cfa_offset -8
        ret
END RtlCaptureContext

/*
 * void arch_restore_context(const CONTEXT *context), ms_abi: all of it; does not return. iretq takes the new stack
 * pointer from the old stack, so nothing is written below the new one, where the interrupted code may have a red
 * zone.
 */
        .hidden arch_restore_context
FUNCTION arch_restore_context
        testl   $8, 0x30(%rcx)
        jz      1f
        fxrstor64 0x100(%rcx)
        ldmxcsr 0x34(%rcx)
1:      xorl    %eax, %eax
        movw    %ss, %ax
        pushq   %rax
        pushq   RSP_OFFSET(%rcx)
        movl    FLAGS_OFFSET(%rcx), %eax
        andl    $~0x100, %eax
        pushq   %rax
        xorl    %eax, %eax
        movw    %cs, %ax
        pushq   %rax
        pushq   RIP_OFFSET(%rcx)
        movq    0x78(%rcx), %rax
        movq    0x88(%rcx), %rdx
        movq    0x90(%rcx), %rbx
        movq    0xa0(%rcx), %rbp
        movq    0xa8(%rcx), %rsi
        movq    0xb0(%rcx), %rdi
        movq    0xb8(%rcx), %r8
        movq    0xc0(%rcx), %r9
        movq    0xc8(%rcx), %r10
        movq    0xd0(%rcx), %r11
        movq    0xd8(%rcx), %r12
        movq    0xe0(%rcx), %r13
        movq    0xe8(%rcx), %r14
        movq    0xf0(%rcx), %r15
        movq    0x80(%rcx), %rcx
        iretq
END arch_restore_context

/*
 * Calls target(arguments as they came in rcx, rdx, r8, r9; fifth: the CONTEXT of the caller of name). The arguments
 * beyond the fourth of name, if any, are reached through that context's stack.
 */
.macro CAPTURING name target
FUNCTION \name
        pushfq
        .cfi_adjust_cfa_offset 8
        /* rsp is now a multiple of 16: a context, the fifth argument, home space */
        subq    $(CONTEXT_SIZE + 0x30), %rsp
        .cfi_adjust_cfa_offset (CONTEXT_SIZE + 0x30)
        movq    %rax, 0x28(%rsp)
        leaq    0x30(%rsp), %rax
        STORE_CONTEXT %rax
        movq    %rax, 0x20(%rsp)
        movq    0x28(%rsp), %r10
        movq    %r10, 0x78(%rax)
        movl    (CONTEXT_SIZE + 0x30)(%rsp), %r10d
        movl    %r10d, FLAGS_OFFSET(%rax)
        movq    (CONTEXT_SIZE + 0x38)(%rsp), %r10
        movq    %r10, RIP_OFFSET(%rax)
        leaq    (CONTEXT_SIZE + 0x40)(%rsp), %r10
        movq    %r10, RSP_OFFSET(%rax)
        call    \target
        /* Unwinding to no frame, or an exception that was continued by its handler, comes back here. */
        addq    $(CONTEXT_SIZE + 0x30), %rsp
        .cfi_adjust_cfa_offset -(CONTEXT_SIZE + 0x30)
        popfq
        .cfi_adjust_cfa_offset -8
        ret
END \name
.endm

CAPTURING RtlRaiseException arch_raise_exception
CAPTURING ExRaiseStatus arch_raise_status
CAPTURING ExRaiseAccessViolation arch_raise_access_violation
CAPTURING ExRaiseDatatypeMisalignment arch_raise_misalignment
CAPTURING RtlUnwindEx arch_unwind_ex
CAPTURING RtlUnwind arch_unwind
CAPTURING _local_unwind arch_local_unwind

/*
 * EXCEPTION_DISPOSITION name(record, frame, context, dispatch): calls the language handler of dispatch, and leaves
 * dispatch where the unwinder finds it when it passes this frame.
 */
.macro HANDLER_CALL name return
        .hidden \name
FUNCTION \name
        subq    $0x28, %rsp
        .cfi_adjust_cfa_offset 0x28
        movq    %r9, 0x20(%rsp)
        call    *0x30(%r9)
        .globl  \return
        .hidden \return
\return:
        addq    $0x28, %rsp
        .cfi_adjust_cfa_offset -0x28
        ret
END \name
.endm

HANDLER_CALL arch_call_exception_handler arch_exception_handler_return
HANDLER_CALL arch_call_unwind_handler arch_unwind_handler_return

/*
 * Where a signal handler sends the faulting thread: rsp points to a struct arch_fault. The unwinder knows the return
 * address.
 */
        .hidden arch_fault_entry
FUNCTION arch_fault_entry
        .cfi_undefined rip
        movq    %rsp, %rcx
        cld
        call    arch_fault_main
        .globl  arch_fault_return
        .hidden arch_fault_return
arch_fault_return:
        ud2
END arch_fault_entry

/*
 * A write to cr8 goes on here, so that lowering the IRQL may run DPCs on the thread's own stack. The handler has
 * pushed, below the red zone, the address after the instruction and the value written; every register is kept.
 */
        .hidden arch_write_cr8_entry
FUNCTION arch_write_cr8_entry
        .cfi_def_cfa rsp, 144
        .cfi_offset rip, -136
        pushfq
        .cfi_adjust_cfa_offset 8
        pushq   %rax
        .cfi_adjust_cfa_offset 8
        pushq   %rcx
        .cfi_adjust_cfa_offset 8
        pushq   %rdx
        .cfi_adjust_cfa_offset 8
        pushq   %rsi
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rsi, 0
        pushq   %rdi
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rdi, 0
        pushq   %r8
        .cfi_adjust_cfa_offset 8
        pushq   %r9
        .cfi_adjust_cfa_offset 8
        pushq   %r10
        .cfi_adjust_cfa_offset 8
        pushq   %r11
        .cfi_adjust_cfa_offset 8
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbx, 0
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        movq    (12 * 8)(%rbp), %rbx
        movl    arch_xsave_size(%rip), %eax
        subq    %rax, %rsp
        andq    $-64, %rsp
        cld
        /* The XSAVE header must be zero before xsave merges into it. */
        xorl    %eax, %eax
        leaq    512(%rsp), %rdi
        movl    $8, %ecx
        rep stosq
        movl    $0xe7, %eax
        xorl    %edx, %edx
        xsave64 (%rsp)
        movl    %ebx, %edi
        call    arch_write_cr8
        movl    $0xe7, %eax
        xorl    %edx, %edx
        xrstor64 (%rsp)
        movq    %rbp, %rsp
        .cfi_def_cfa_register rsp
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbp
        popq    %r11
        .cfi_adjust_cfa_offset -8
        popq    %r10
        .cfi_adjust_cfa_offset -8
        popq    %r9
        .cfi_adjust_cfa_offset -8
        popq    %r8
        .cfi_adjust_cfa_offset -8
        popq    %rdi
        .cfi_adjust_cfa_offset -8
        .cfi_restore rdi
        popq    %rsi
        .cfi_adjust_cfa_offset -8
        .cfi_restore rsi
        popq    %rdx
        .cfi_adjust_cfa_offset -8
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        popq    %rax
        .cfi_adjust_cfa_offset -8
        popfq
        .cfi_adjust_cfa_offset -8
        leaq    8(%rsp), %rsp
        .cfi_adjust_cfa_offset -8
        ret     $128
END arch_write_cr8_entry

/*
 * __chkstk: rax is the size of a frame larger than a page; touches each page of it, so that the guard page is met in
 * order. All registers are kept.
 */
FUNCTION __chkstk
        pushq   %rcx
        .cfi_adjust_cfa_offset 8
        pushq   %rax
        .cfi_adjust_cfa_offset 8
        leaq    24(%rsp), %rcx
1:      cmpq    $0x1000, %rax
        jb      2f
        subq    $0x1000, %rcx
        testb   %al, (%rcx)
        subq    $0x1000, %rax
        jmp     1b
2:      subq    %rax, %rcx
        testb   %al, (%rcx)
        popq    %rax
        .cfi_adjust_cfa_offset -8
        popq    %rcx
        .cfi_adjust_cfa_offset -8
        ret
END __chkstk

        .section .note.GNU-stack, "", @progbits

/*
 * Code that driver images jump to: the answer to a call of an import that ndiskit does not have, and the two
 * functions that Control Flow Guard calls through pointers in the image's load configuration. The guard functions
 * have their own calling convention (target in rcx, or rax for dispatch; all argument registers are kept), so they
 * are not C.
 */
        .text

/* r11: the struct ldr_missing of the import. */
        .globl  ldr_missing_entry
        .hidden ldr_missing_entry
        .type   ldr_missing_entry, @function
ldr_missing_entry:
        .cfi_startproc
        mov     (%rsp), %rdx
        mov     %r11, %rcx
        sub     $0x28, %rsp
        .cfi_adjust_cfa_offset 0x28
        call    ldr_missing_called
        ud2
        .cfi_endproc
        .size   ldr_missing_entry, . - ldr_missing_entry

        .globl  ldr_guard_check
        .hidden ldr_guard_check
        .type   ldr_guard_check, @function
ldr_guard_check:
        .cfi_startproc
        ret
        .cfi_endproc
        .size   ldr_guard_check, . - ldr_guard_check

        .globl  ldr_guard_dispatch
        .hidden ldr_guard_dispatch
        .type   ldr_guard_dispatch, @function
ldr_guard_dispatch:
        .cfi_startproc
        jmp     *%rax
        .cfi_endproc
        .size   ldr_guard_dispatch, . - ldr_guard_dispatch

        .section .note.GNU-stack, "", @progbits

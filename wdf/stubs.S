/*
 * What stands in a driver's function table where the framework has no function: one stub of 16 bytes for each index, which
 * passes the index behind the driver's globals (rcx) to wdf_missing_function.
 */
        .text
        .balign 16
        .globl  wdf_stubs
        .hidden wdf_stubs
        .hidden wdf_missing_function
        .type   wdf_stubs, @function
wdf_stubs:
        .cfi_startproc
        .set    index, 0
        .rept   512
        .balign 16
        movl    $index, %edx
        jmp     wdf_missing_function
        .set    index, index + 1
        .endr
        .balign 16
        .cfi_endproc
        .size   wdf_stubs, . - wdf_stubs
        .section .note.GNU-stack, "", @progbits

/*
 * arch: what the x64 processor and its trap handlers are to a Windows driver. A driver's image contains instructions
 * that only ring 0 may execute (mov cr8), addresses that only Windows maps (gs:[188h], the shared user data page) and
 * exception tables that only Windows' dispatcher reads. Faults are caught as signals, emulated when they are one of
 * these, and otherwise become a structured exception or a bug check exactly where Windows would make them one.
 *
 * This layer knows no scheduler: it calls upward only through the table given to arch_initialize.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wdm.h>

/*
 * Where the "user" half of the address space ends for fault classification. All memory that ndiskit hands to a driver,
 * every image and every stack lies above 4 GiB (Linux places nothing of a position-independent program below), so an
 * address below is what a driver gets from a null pointer plus an offset, or from a pointer truncated to 32 bits. On
 * Windows such an address belongs to the user half: touching it raises STATUS_ACCESS_VIOLATION, which __try can catch.
 * Any other unmapped address stands for a bad system address: bug check 0x50 at once.
 */
#define ARCH_USER_RANGE_END 0x100000000ull

struct arch_ops {
    /* The calling thread's IRQL. Called from signal handlers: must only read the thread's own state. */
    KIRQL (*read_irql)(void);
    /* mov cr8: raise or lower with all effects (runs DPCs, may block). Called on the faulting thread's own stack. */
    void (*write_irql)(KIRQL irql);
    /* Fills the 4 KiB image of KUSER_SHARED_DATA with current values. Called from signal handlers. */
    void (*fill_shared_user_data)(void *page);
    /* Reports and ends the process; at is the context of the fault. Called on a normal stack, not in a handler. */
    void (*bugcheck)(ULONG code, const ULONG_PTR parameters[4], const CONTEXT *at) __attribute__((noreturn));
    /* Adds to the ring of last events; may be NULL. Called from signal handlers. */
    void (*trace)(const char *format, ...);
};

/* Installs the handlers for SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP and SIGABRT, keeping the previous ones for faults
   that are not a driver's. ops stays referenced. Idempotent; any thread. */
void arch_initialize(const struct arch_ops *ops);

/* Takes the signals again when other code (a test framework, a language runtime) has replaced the handlers since;
   theirs become the ones that other faults go to. Called for each driver that is loaded. */
void arch_take_signals(void);

/* Gives the calling thread its processor control region (GS), the signal stack and stack bounds. kthread is what
   gs:[188h] reads. Idempotent for one thread; arch_thread_detach undoes it before the thread ends. */
void arch_thread_attach(void *kthread);
void arch_thread_detach(void);

/* The virtual processor that the calling thread owns now: gs:[1A4h] and gs:[184h]. */
void arch_set_processor(ULONG number);

/* The same fields for ndiskit's own code: the processor control region of this thread, NULL when not attached. */
void *arch_processor_region(void);

/* Registers a driver image, so that faults in it are a driver's and, for PE images, so that its .pdata is used for
   unwinding. functions is NULL for ELF images. name is copied. Fails only when the table (1024 images) is full. */
bool arch_add_image(const void *base, size_t size, const char *name, const RUNTIME_FUNCTION *functions,
                    size_t function_count);
void arch_remove_image(const void *base);

/* The image that holds address: base, size, name (valid until the image is removed), each where not NULL; false when it
   is in none. */
bool arch_find_image(const void *address, const void **base, size_t *size, const char **name);

/* Return addresses of the calling thread's stack (from == NULL) or of the stack at a context, innermost first, through
   PE frames (.pdata) and ELF frames (.eh_frame). Returns how many were written. Not for signal handlers. */
size_t arch_walk_stack(const CONTEXT *from, void **pcs, size_t max);

/* One step outward from an ELF frame (ndiskit's own, a library's, an ELF driver's), by its call frame information.
   Updates the non-volatile registers, Rip and Rsp of context. False at the end of the stack or when there is no
   information. */
bool arch_unwind_elf_frame(CONTEXT *context, bool is_call_site);

/* Name, offset and source line of an address in an ELF image, from its symbol table and DWARF. Empty strings and line 0
   for what is not known; false when the address is in no ELF image. */
struct arch_symbol {
    char module[64];
    char function[128];
    size_t offset;
    char file[256];
    int line;
};
bool arch_elf_symbol(const void *address, struct arch_symbol *symbol);

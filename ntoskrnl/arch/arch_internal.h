/* What the files of arch share. */
#pragma once

#include <stdint.h>
#include <ucontext.h>
#include "ntoskrnl/arch/arch.h"

/* One stage of a structured exception, as the caller of a language handler sees it (documented as DISPATCHER_CONTEXT),
   and what the unwinder keeps beside it, so that a collided unwind can go on where the interrupted one was. */
struct arch_dispatch {
    DISPATCHER_CONTEXT d;
    CONTEXT *caller; /* the context of the next frame outward */
};

/* The processor control region that GS points to. Only the documented fields, or those that every compiled driver uses.
 */
struct arch_region {
    uint8_t reserved0[0x18];
    void *self;                /* gs:[18h] */
    void *current_processor;   /* gs:[20h]: this + 180h */
    uint8_t reserved28[0x15c]; /* */
    uint8_t number;            /* gs:[184h], of older code */
    uint8_t reserved185[3];
    void *current_thread; /* gs:[188h] */
    uint8_t reserved190[0x14];
    uint32_t processor_number; /* gs:[1A4h] */
    uint8_t reserved1a8[0x1000 - 0x1a8];
};
_Static_assert(offsetof(struct arch_region, number) == 0x184, "gs:[184h]");
_Static_assert(offsetof(struct arch_region, current_thread) == 0x188, "gs:[188h]");
_Static_assert(offsetof(struct arch_region, processor_number) == 0x1a4, "gs:[1A4h]");

/* A load from the shared user data page under way: the instruction is stepped over with its base register redirected to
   a copy of the page. */
struct arch_step {
    bool active;
    int reg;           /* index into gregs */
    uint64_t original; /* its value before */
    uint64_t redirected;
    bool is_written;  /* the instruction writes it ... */
    bool is_implicit; /* ... by advancing it (string instructions) */
    unsigned width;   /* ... in so many bits */
};

struct arch_thread {
    struct arch_region region;
    uint8_t shared_user_data[4096] __attribute__((aligned(4096)));
    uintptr_t stack_low, stack_high;
    void *signal_stack;
    size_t signal_stack_size;
    struct arch_step step;
    int reporting; /* a bug check of this thread is being reported */
};

extern struct arch_state {
    const struct arch_ops *ops;
} arch;

/* NULL when the calling thread is not attached. Usable in signal handlers. */
struct arch_thread *arch_self(void);

struct arch_image {
    uintptr_t base;
    size_t size;
    const RUNTIME_FUNCTION *functions;
    size_t function_count;
    char name[64];
};
/* The registered image that holds address; usable in signal handlers. */
const struct arch_image *arch_image_of(uintptr_t address);

/* ---- emulate.c ------------------------------------------------------------ */

enum arch_emulation {
    ARCH_EMULATED,     /* done: the context is to be resumed */
    ARCH_NOT_EMULATED, /* an ordinary fault */
    ARCH_PRIVILEGED,   /* an instruction that drivers execute in ring 0 but that has no meaning here */
    ARCH_FAST_FAIL,    /* int 29h: rcx has the code */
    ARCH_ASSERTION,    /* int 2Ch */
    ARCH_UNSUPPORTED,  /* an access to the shared user data that cannot be emulated */
    ARCH_WRITE_SHARED, /* a write to the shared user data, which is read-only */
};
/* Looks at the instruction at a general protection fault; text gets its disassembly where that matters for a report. */
enum arch_emulation arch_emulate_protection_fault(ucontext_t *uc, char *text, size_t size);
/* A page fault in the shared user data page. */
enum arch_emulation arch_emulate_shared_user_data(ucontext_t *uc, uint64_t address, bool is_write, char *text,
                                                  size_t size);
/* The trap after the stepped-over instruction: true when it was ours. */
bool arch_step_finished(ucontext_t *uc);
/* Undoes a step whose instruction has faulted for another reason. */
void arch_step_abandon(ucontext_t *uc);
/* Whether the integer division at pc has a zero divisor (else its quotient overflows). */
bool arch_division_by_zero(const ucontext_t *uc);
size_t arch_instruction_bytes(uintptr_t pc);

#define ARCH_SHARED_USER_DATA 0xfffff78000000000ull

/* ---- unwind.c ------------------------------------------------------------ */

/* Reads a word of a stack, whatever a sanitizer thinks of it: saved registers lie between the variables that it
 * watches. */
uint64_t arch_peek(uintptr_t address);

/* What lies on the stack of a thread that has faulted: made by the signal handler, consumed by arch_fault_main. */
struct arch_fault {
    uint64_t home[4];
    CONTEXT *context;
    ULONG bugcheck; /* 0: dispatch the exception */
    ULONG_PTR parameters[4];
    EXCEPTION_RECORD record;
    uint64_t alignment;
    CONTEXT storage;
};

/*
 * One step outward from the frame in context, whatever kind it is. What the caller does with language handlers is its
 * own: for a PE frame that has one of kind, dispatch->d is filled and *handled is true. False at the end of the stack.
 */
enum arch_frame_kind {
    ARCH_FRAME_END,
    ARCH_FRAME_PLAIN,    /* stepped over */
    ARCH_FRAME_HANDLER,  /* stepped over; it has a language handler: dispatch is filled */
    ARCH_FRAME_NESTED,   /* the call of an exception handler: dispatch copies that call's */
    ARCH_FRAME_COLLIDED, /* the call of a termination handler: dispatch copies that call's */
};
enum arch_frame_kind arch_step_frame(CONTEXT *context, bool *is_call_site, ULONG handler_kind,
                                     struct arch_dispatch *dispatch);

/* ---- dispatch.c ------------------------------------------------------------ */

_Noreturn void NTAPI arch_fault_main(struct arch_fault *fault);
_Noreturn void arch_bugcheck(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4, const CONTEXT *at);

/* ---- context.S ------------------------------------------------------------ */

/* The offsets that context.S uses. */
_Static_assert(offsetof(CONTEXT, ContextFlags) == 0x30 && offsetof(CONTEXT, MxCsr) == 0x34 &&
                   offsetof(CONTEXT, EFlags) == 0x44 && offsetof(CONTEXT, Rax) == 0x78 &&
                   offsetof(CONTEXT, Rsp) == 0x98 && offsetof(CONTEXT, R15) == 0xf0 && offsetof(CONTEXT, Rip) == 0xf8 &&
                   offsetof(CONTEXT, FltSave) == 0x100 && sizeof(CONTEXT) == 0x4d0,
               "CONTEXT in context.S");
_Static_assert(offsetof(struct arch_dispatch, d.LanguageHandler) == 0x30, "DISPATCHER_CONTEXT in context.S");
_Static_assert(sizeof(struct arch_fault) % 16 == 0, "stack alignment in arch_fault_entry");

EXCEPTION_DISPOSITION NTAPI arch_call_exception_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                                        struct arch_dispatch *dispatch);
EXCEPTION_DISPOSITION NTAPI arch_call_unwind_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                                     struct arch_dispatch *dispatch);
extern const char arch_exception_handler_return[], arch_unwind_handler_return[], arch_fault_return[];
void arch_fault_entry(void);
void arch_write_cr8_entry(void);
extern uint32_t arch_xsave_size;

/*
 * Trap handlers. Windows' handlers for page faults, general protection, division, breakpoints and so on decide what a
 * fault means; here they are signal handlers that decide the same: emulate and go on, raise a structured exception, or
 * end in a bug check. Only the decision is made on the signal stack. The rest happens after the handler has returned,
 * on the thread's own stack, where the fault is just a call that nobody made: so filters, termination handlers and
 * reports may do anything.
 *
 * A fault belongs to a driver when its code is in a driver image, or when ndiskit's code faults in a call from a driver
 * (a bad pointer passed to KeSetEvent, say). Other faults go to whoever handled the signal before, such as a sanitizer;
 * when that is nobody, the thread of the system still ends with a bug check, because that says more than "Segmentation
 * fault".
 */
#include <cpuid.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ntoskrnl/arch/arch_internal.h"

#define TRAP_GENERAL_PROTECTION 13
#define TRAP_PAGE_FAULT         14
#define PAGE_FAULT_WRITE        2
#define PAGE_FAULT_EXECUTE      16
#define EMERGENCY_STACK_SIZE    (512u << 10)
#define STACK_RESERVE           (48u << 10) /* what reporting a fault needs of the thread's stack */
#define STACK_OVERFLOW_REACH    (1u << 20)  /* how far below its stack a thread with a huge frame may fault */
#define RED_ZONE                128

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

struct arch_state arch;

static struct {
    pthread_once_t once;
    pthread_mutex_t lock;
    struct sigaction previous[SIGNAL_COUNT];
    uint8_t *emergency_stack;
    int emergency_taken;
} traps = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- what a fault means
 * ---------------------------------------------------------------------------------------------- */

static void context_from_signal(CONTEXT *c, const ucontext_t *uc)
{
    const greg_t *g = uc->uc_mcontext.gregs;
    memset(c, 0, sizeof(*c));
    c->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    c->Rax = (DWORD64)g[REG_RAX];
    c->Rcx = (DWORD64)g[REG_RCX];
    c->Rdx = (DWORD64)g[REG_RDX];
    c->Rbx = (DWORD64)g[REG_RBX];
    c->Rsp = (DWORD64)g[REG_RSP];
    c->Rbp = (DWORD64)g[REG_RBP];
    c->Rsi = (DWORD64)g[REG_RSI];
    c->Rdi = (DWORD64)g[REG_RDI];
    c->R8 = (DWORD64)g[REG_R8];
    c->R9 = (DWORD64)g[REG_R9];
    c->R10 = (DWORD64)g[REG_R10];
    c->R11 = (DWORD64)g[REG_R11];
    c->R12 = (DWORD64)g[REG_R12];
    c->R13 = (DWORD64)g[REG_R13];
    c->R14 = (DWORD64)g[REG_R14];
    c->R15 = (DWORD64)g[REG_R15];
    c->Rip = (DWORD64)g[REG_RIP];
    c->EFlags = (ULONG)g[REG_EFL];
    c->SegCs = (USHORT)(g[REG_CSGSFS] & 0xffff);
    if (uc->uc_mcontext.fpregs != NULL) {
        memcpy(&c->FltSave, uc->uc_mcontext.fpregs, sizeof(c->FltSave));
        c->MxCsr = c->FltSave.MxCsr;
    }
}

static void raise_as(struct arch_fault *f, NTSTATUS code)
{
    f->record.ExceptionCode = code;
}

static void raise_access_violation(struct arch_fault *f, ULONG_PTR kind, ULONG_PTR address)
{
    raise_as(f, STATUS_ACCESS_VIOLATION);
    f->record.NumberParameters = 2;
    f->record.ExceptionInformation[0] = kind; /* 0 read, 1 write, 8 execute */
    f->record.ExceptionInformation[1] = address;
}

static void stop_with(struct arch_fault *f, ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4)
{
    f->bugcheck = code;
    f->parameters[0] = p1;
    f->parameters[1] = p2;
    f->parameters[2] = p3;
    f->parameters[3] = p4;
}

static bool is_stack_overflow(const struct arch_thread *t, uint64_t address, uint64_t rsp)
{
    if (t == NULL || t->stack_low == 0)
        return false;
    /* Just below the stack, by an access near the stack pointer: a push, a call, a prolog's probe, a local variable. */
    return address < t->stack_low + 4096 && t->stack_low - address <= STACK_OVERFLOW_REACH + 4096 &&
           rsp < t->stack_low + STACK_OVERFLOW_REACH;
}

/*
 * A page fault. Windows' rules: at DISPATCH_LEVEL or above no page fault can be served, so any is bug check 0xD1 (0xA
 * when the kernel's own code faults); below, a bad address of the system half is bug check 0x50 at once, because no
 * handler may hide it; and one of the user half raises STATUS_ACCESS_VIOLATION. ARCH_USER_RANGE_END says where the
 * halves meet here.
 */
static void judge_page_fault(struct arch_fault *f, const ucontext_t *uc, uint64_t address, bool in_driver)
{
    const greg_t *g = uc->uc_mcontext.gregs;
    uint64_t error = (uint64_t)g[REG_ERR];
    bool is_write = error & PAGE_FAULT_WRITE, is_execute = error & PAGE_FAULT_EXECUTE;
    KIRQL irql = arch.ops->read_irql();
    if (is_stack_overflow(arch_self(), address, (uint64_t)g[REG_RSP]))
        stop_with(f, UNEXPECTED_KERNEL_MODE_TRAP, 8 /* double fault */, address, arch_self()->stack_low,
                  (ULONG_PTR)g[REG_RSP]);
    else if (irql >= DISPATCH_LEVEL)
        stop_with(f, in_driver ? DRIVER_IRQL_NOT_LESS_OR_EQUAL : IRQL_NOT_LESS_OR_EQUAL, address, irql,
                  is_execute ? 8 : is_write, (ULONG_PTR)g[REG_RIP]);
    else if (address >= ARCH_USER_RANGE_END)
        stop_with(f, PAGE_FAULT_IN_NONPAGED_AREA, address,
                  is_execute ? 0x10
                  : is_write ? 2
                             : 0,
                  (ULONG_PTR)g[REG_RIP], 0);
    else
        raise_access_violation(f, is_execute ? 8 : is_write, address);
}

static void trace(const char *what, const char *text)
{
    if (arch.ops->trace != NULL)
        arch.ops->trace("%s: %s", what, text);
}

static void privileged(struct arch_fault *f, const char *text)
{
    trace("privileged instruction, which ndiskit has no hardware for", text);
    raise_as(f, STATUS_PRIVILEGED_INSTRUCTION);
    f->record.ExceptionFlags = EXCEPTION_NONCONTINUABLE;
    ULONG code =
        arch.ops->read_irql() >= DISPATCH_LEVEL ? KMODE_EXCEPTION_NOT_HANDLED : SYSTEM_THREAD_EXCEPTION_NOT_HANDLED;
    stop_with(f, code, (ULONG)STATUS_PRIVILEGED_INSTRUCTION, f->context->Rip, 0, 0);
}

/* Returns true when the fault has been emulated and the context is to be resumed. */
static bool judge_segv(struct arch_fault *f, ucontext_t *uc, const siginfo_t *info, bool in_driver)
{
    char text[128] = "";
    const greg_t *g = uc->uc_mcontext.gregs;
    uint64_t trap = (uint64_t)g[REG_TRAPNO];
    if (trap != TRAP_GENERAL_PROTECTION) {
        uint64_t address = trap == TRAP_PAGE_FAULT ? (uint64_t)g[REG_CR2] : (uint64_t)info->si_addr;
        if (address - ARCH_SHARED_USER_DATA >= 4096) {
            judge_page_fault(f, uc, address, in_driver);
            return false;
        }
        switch (arch_emulate_shared_user_data(uc, address, g[REG_ERR] & PAGE_FAULT_WRITE, text, sizeof(text))) {
        case ARCH_EMULATED:
            return true;
        case ARCH_WRITE_SHARED:
            trace("write to the shared user data page", text);
            stop_with(f, ATTEMPTED_WRITE_TO_READONLY_MEMORY, address, 0, 0, 0);
            return false;
        default:
            trace("access to the shared user data page in a form that is not emulated", text);
            judge_page_fault(f, uc, address, in_driver);
            return false;
        }
    }
    switch (arch_emulate_protection_fault(uc, text, sizeof(text))) {
    case ARCH_EMULATED:
        return true;
    case ARCH_FAST_FAIL:
        stop_with(f, KERNEL_SECURITY_CHECK_FAILURE, (ULONG)g[REG_RCX], (ULONG_PTR)f->context, (ULONG_PTR)&f->record, 0);
        raise_as(f, STATUS_STACK_BUFFER_OVERRUN);
        return false;
    case ARCH_ASSERTION:
        raise_as(f, STATUS_ASSERTION_FAILURE);
        return false;
    case ARCH_PRIVILEGED:
        privileged(f, text);
        return false;
    default:
        /* A non-canonical address: the processor does not tell which, and Windows reports -1. */
        raise_access_violation(f, 0, ~0ull);
        return false;
    }
}

static NTSTATUS floating_point_status(int code)
{
    switch (code) {
    case FPE_INTOVF:
        return STATUS_INTEGER_OVERFLOW;
    case FPE_FLTDIV:
        return STATUS_FLOAT_DIVIDE_BY_ZERO;
    case FPE_FLTOVF:
        return STATUS_FLOAT_OVERFLOW;
    case FPE_FLTUND:
        return STATUS_FLOAT_UNDERFLOW;
    case FPE_FLTRES:
        return STATUS_FLOAT_INEXACT_RESULT;
    default:
        return STATUS_FLOAT_INVALID_OPERATION;
    }
}

static bool judge(struct arch_fault *f, int number, ucontext_t *uc, const siginfo_t *info, bool in_driver)
{
    switch (number) {
    case SIGSEGV:
        return judge_segv(f, uc, info, in_driver);
    case SIGBUS:
        judge_page_fault(f, uc, (uint64_t)info->si_addr, in_driver);
        return false;
    case SIGILL:
        raise_as(f, STATUS_ILLEGAL_INSTRUCTION);
        return false;
    case SIGFPE:
        if (info->si_code == FPE_INTDIV)
            raise_as(f, arch_division_by_zero(uc) ? STATUS_INTEGER_DIVIDE_BY_ZERO : STATUS_INTEGER_OVERFLOW);
        else
            raise_as(f, floating_point_status(info->si_code));
        return false;
    default:
        /* int 3 leaves Rip behind it; Windows' record and context name the instruction itself. */
        raise_as(f, uc->uc_mcontext.gregs[REG_TRAPNO] == 3 ? STATUS_BREAKPOINT : STATUS_SINGLE_STEP);
        if (uc->uc_mcontext.gregs[REG_TRAPNO] == 3)
            f->context->Rip--;
        return false;
    }
}

/* ---- whose fault it is
 * ------------------------------------------------------------------------------------------------ */

/* The innermost address of driver code among the return addresses of the stack, 0 when there is none. Every word is
   looked at, because unwinding is not possible in a signal handler. */
static uintptr_t find_driver_on_stack(const struct arch_thread *t, uint64_t rsp)
{
    if (t == NULL || rsp < t->stack_low || rsp >= t->stack_high)
        return 0;
    for (uintptr_t at = rsp & ~7ull; at < t->stack_high; at += 8) {
        uintptr_t value = arch_peek(at);
        if (arch_image_of(value) != NULL)
            return value;
    }
    return 0;
}

static const struct sigaction *previous_action(int number)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (signals[i] == number)
            return &traps.previous[i];
    }
    return NULL;
}

static bool has_previous(int number)
{
    const struct sigaction *previous = previous_action(number);
    return (previous->sa_flags & SA_SIGINFO) || (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN);
}

static void chain(int number, siginfo_t *info, void *ucontext)
{
    const struct sigaction *previous = previous_action(number);
    if (previous->sa_flags & SA_SIGINFO) {
        previous->sa_sigaction(number, info, ucontext);
    } else if (has_previous(number)) {
        previous->sa_handler(number);
    } else {
        /* The instruction runs again, or the signal arrives again, and the default action ends the process. */
        signal(number, SIG_DFL);
        if (info->si_code <= 0 || number == SIGTRAP)
            raise(number);
    }
}

/* ---- the handler
 * ------------------------------------------------------------------------------------------------------ */

/* Where the rest happens: below the faulting frame, or on a stack of its own when that is exhausted or not a stack at
   all. NULL when another thread has that one: the report that it is writing ends the process. */
static uint8_t *place_for(const struct arch_thread *t, uint64_t rsp)
{
    uint64_t top = rsp - RED_ZONE;
    if (t == NULL || t->stack_low == 0 || (top > t->stack_low + STACK_RESERVE && top < t->stack_high))
        return (uint8_t *)top;
    if (traps.emergency_stack == NULL || __atomic_exchange_n(&traps.emergency_taken, 1, __ATOMIC_ACQ_REL))
        return NULL;
    return traps.emergency_stack + EMERGENCY_STACK_SIZE;
}

/*
 * abort(), most often libc's, which has found its heap damaged. Its locks may be held, so nothing but the name of the
 * driver that the thread was working for can be said.
 */
static void on_abort(const ucontext_t *uc)
{
    char line[192];
    uintptr_t address = find_driver_on_stack(arch_self(), (uint64_t)uc->uc_mcontext.gregs[REG_RSP]);
    const struct arch_image *image = arch_image_of(address);
    if (image == NULL)
        return;
    int length = snprintf(line, sizeof(line), "ndiskit: aborted in a call from %s+0x%zx\n", image->name,
                          (size_t)(address - image->base));
    if (write(STDERR_FILENO, line, (size_t)length) < 0)
        return;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    greg_t *g = uc->uc_mcontext.gregs;
    struct arch_thread *t = arch_self();
    if (number == SIGABRT)
        on_abort(uc);
    if (info->si_code <= 0) { /* sent by kill or raise: not a fault */
        chain(number, info, context);
        return;
    }
    if (number == SIGTRAP && arch_step_finished(uc))
        return;
    arch_step_abandon(uc);

    bool in_driver = arch_image_of((uint64_t)g[REG_RIP]) != NULL;
    bool is_shared_data =
        number == SIGSEGV && g[REG_TRAPNO] == TRAP_PAGE_FAULT && (uint64_t)g[REG_CR2] - ARCH_SHARED_USER_DATA < 4096;
    bool is_ours = in_driver || is_shared_data || find_driver_on_stack(t, (uint64_t)g[REG_RSP]) != 0;
    if ((!is_ours && (t == NULL || has_previous(number))) || (t != NULL && t->reporting)) {
        chain(number, info, context);
        return;
    }
    /* The judgement is written where it will be used, except that emulation leaves the stack alone. */
    struct arch_fault judged;
    memset(&judged, 0, sizeof(judged));
    judged.context = &judged.storage;
    context_from_signal(&judged.storage, uc);
    if (judge(&judged, number, uc, info, in_driver))
        return;
    uint8_t *top = place_for(t, (uint64_t)g[REG_RSP]);
    /* Handlers run on the thread's stack or not at all. */
    if (judged.bugcheck == 0 && top == traps.emergency_stack + EMERGENCY_STACK_SIZE) {
        trace("too little stack is left to dispatch an exception", "bug check instead");
        stop_with(&judged, UNEXPECTED_KERNEL_MODE_TRAP, 8, (ULONG)judged.record.ExceptionCode,
                  t != NULL ? t->stack_low : 0, (ULONG_PTR)g[REG_RSP]);
    }
    if (top == NULL) {
        pause();
        return;
    }
    struct arch_fault *f = (struct arch_fault *)(((uintptr_t)top - sizeof(*f)) & ~63ull);
    memcpy(f, &judged, sizeof(*f));
    f->context = &f->storage;
    f->record.ExceptionAddress = (PVOID)f->storage.Rip;
    if (f->bugcheck == KERNEL_SECURITY_CHECK_FAILURE) {
        f->parameters[1] = (ULONG_PTR)f->context;
        f->parameters[2] = (ULONG_PTR)&f->record;
    }
    g[REG_RSP] = (greg_t)f;
    g[REG_RIP] = (greg_t)arch_fault_entry;
    g[REG_EFL] &= ~0x500; /* no trap flag, direction forward */
}

void arch_take_signals(void)
{
    const struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    pthread_mutex_lock(&traps.lock);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction now;
        if (sigaction(signals[i], NULL, &now) != 0)
            continue;
        /* A framework that restores handlers with signal() gives ours back without its flags. */
        bool is_ours = now.sa_sigaction == on_fault;
        if (is_ours && (now.sa_flags & SA_SIGINFO) && (now.sa_flags & SA_ONSTACK))
            continue;
        if (!is_ours)
            traps.previous[i] = now;
        sigaction(signals[i], &action, NULL);
    }
    pthread_mutex_unlock(&traps.lock);
}

static void install(void)
{
    unsigned eax, ebx = 0, ecx, edx;
    __cpuid_count(0xd, 0, eax, ebx, ecx, edx);
    arch_xsave_size = (ebx + 63) & ~63u;
    void *stack = mmap(NULL, EMERGENCY_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    traps.emergency_stack = stack != MAP_FAILED ? stack : NULL;
    arch_take_signals();
}

void arch_initialize(const struct arch_ops *ops)
{
    arch.ops = ops;
    pthread_once(&traps.once, install);
}

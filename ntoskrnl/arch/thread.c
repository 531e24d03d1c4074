/*
 * What the processor holds for a thread: the control region that Windows code reaches through GS (KeGetCurrentThread is
 * one load from gs:[188h]), a stack for signal handlers, which must work when the thread's own is exhausted, and the
 * bounds of the latter, by which an exhausted stack is told from a wild pointer.
 */
#include <asm/prctl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "ntoskrnl/arch/arch_internal.h"

#define SIGNAL_STACK_SIZE 65536
#define HWCAP2_FSGSBASE   2

static __thread struct arch_thread *self_pointer __attribute__((tls_model("initial-exec")));

struct arch_thread *arch_self(void)
{
    return self_pointer;
}

void *arch_processor_region(void)
{
    return self_pointer != NULL ? &self_pointer->region : NULL;
}

static void set_gs(const void *base)
{
    if (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)
        __asm__ volatile("wrgsbase %0" : : "r"(base));
    else
        syscall(SYS_arch_prctl, ARCH_SET_GS, base);
}

static void find_stack(struct arch_thread *t)
{
    pthread_attr_t attributes;
    void *low = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &low, &size);
        pthread_attr_destroy(&attributes);
    }
    t->stack_low = (uintptr_t)low;
    t->stack_high = (uintptr_t)low + size;
}

/* A sanitizer may have given the thread a signal stack already: that one stays. */
static void set_signal_stack(struct arch_thread *t)
{
    stack_t old, stack = {.ss_size = SIGNAL_STACK_SIZE};
    if (sigaltstack(NULL, &old) == 0 && !(old.ss_flags & SS_DISABLE))
        return;
    stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack.ss_sp == MAP_FAILED)
        return;
    if (sigaltstack(&stack, NULL) != 0) {
        munmap(stack.ss_sp, stack.ss_size);
        return;
    }
    t->signal_stack = stack.ss_sp;
    t->signal_stack_size = stack.ss_size;
}

void arch_thread_attach(void *kthread)
{
    struct arch_thread *t = self_pointer;
    if (t == NULL) {
        t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (t == MAP_FAILED)
            abort();
        t->region.self = &t->region;
        t->region.current_processor = (uint8_t *)&t->region + 0x180;
        find_stack(t);
        set_signal_stack(t);
        self_pointer = t;
        set_gs(&t->region);
    }
    t->region.current_thread = kthread;
}

void arch_thread_detach(void)
{
    struct arch_thread *t = self_pointer;
    if (t == NULL)
        return;
    self_pointer = NULL;
    set_gs(NULL);
    if (t->signal_stack != NULL) {
        stack_t none = {.ss_flags = SS_DISABLE};
        sigaltstack(&none, NULL);
        munmap(t->signal_stack, t->signal_stack_size);
    }
    munmap(t, sizeof(*t));
}

void arch_set_processor(ULONG number)
{
    struct arch_thread *t = self_pointer;
    if (t == NULL)
        return;
    t->region.number = (uint8_t)number;
    t->region.processor_number = number;
}

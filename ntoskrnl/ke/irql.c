/*
 * Interrupt request levels. On x64 Windows the IRQL is the CR8 register; here it is a number of the host thread, and
 * the step from below DISPATCH_LEVEL to it, or back, takes or gives up a virtual processor (processor.c). Levels above
 * DISPATCH_LEVEL exclude nobody more, because there are no interrupts: the drivers' interrupt routines are not called
 * asynchronously.
 */
#include "ntoskrnl/arch/arch.h"
#include "ntoskrnl/ke/state.h"

#undef KeGetCurrentIrql
#undef KeRaiseIrql
#undef KeLowerIrql
#undef KfRaiseIrql

static _Noreturn NTAPI __attribute__((noinline)) void bad_raise(KIRQL new_irql, const void *caller)
{
    ke_bugcheck_text(IRQL_NOT_GREATER_OR_EQUAL, new_irql, ke_this.irql, 0, (ULONG_PTR)caller, NULL,
                     "raising the IRQL to %u while it is %u", new_irql, ke_this.irql);
}

static _Noreturn NTAPI __attribute__((noinline)) void bad_lower(KIRQL new_irql, const void *caller)
{
    ke_bugcheck_text(IRQL_NOT_LESS_OR_EQUAL, new_irql, ke_this.irql, 0, (ULONG_PTR)caller, NULL,
                     "lowering the IRQL to %u while it is %u", new_irql, ke_this.irql);
}

KIRQL NTAPI KeGetCurrentIrql(VOID)
{
    return ke_this.irql;
}
NT_EXPORT(KeGetCurrentIrql);

KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql)
{
    if (__builtin_expect(NewIrql < ke_this.irql, 0))
        bad_raise(NewIrql, __builtin_return_address(0));
    return ke_raise(NewIrql);
}
NT_EXPORT(KfRaiseIrql);

VOID NTAPI KeLowerIrql(KIRQL NewIrql)
{
    if (__builtin_expect(NewIrql > ke_this.irql, 0))
        bad_lower(NewIrql, __builtin_return_address(0));
    ke_lower(NewIrql);
}
NT_EXPORT(KeLowerIrql);

KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID)
{
    if (__builtin_expect(ke_this.irql > DISPATCH_LEVEL, 0))
        bad_raise(DISPATCH_LEVEL, __builtin_return_address(0));
    return ke_raise(DISPATCH_LEVEL);
}
NT_EXPORT(KeRaiseIrqlToDpcLevel);

void ke_check_irql(KIRQL expected, const void *routine, const char *what)
{
    KIRQL current = ke_this.irql;
    if (__builtin_expect(current == expected, 1))
        return;
    enum { UNIQUE_VALUE_CALLOUT = 2 };
    ke_bugcheck_text(IRQL_UNEXPECTED_VALUE, (ULONG_PTR)current << 16 | (ULONG_PTR)expected << 8 | UNIQUE_VALUE_CALLOUT,
                     (ULONG_PTR)routine, 0, 0, NULL, "%s returned at IRQL %u; it was called at IRQL %u", what, current,
                     expected);
}

_Noreturn void NTAPI ke_irql_violation(const char *function, KIRQL limit, const void *caller)
{
    ke_bugcheck_text(IRQL_NOT_LESS_OR_EQUAL, (ULONG_PTR)caller, ke_this.irql, 0, (ULONG_PTR)caller, NULL,
                     "%s was called at IRQL %u; it may be called at IRQL <= %u", function, ke_this.irql, limit);
}

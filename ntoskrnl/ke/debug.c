/*
 * Debug output. DbgPrint's format is Windows's (%wZ, %ws, %I64d ...), and so are its variable arguments, whose layout
 * differs from Linux's: rtl formats them. Messages go where ke_set_debug_output says, else to stderr. There is no
 * kernel debugger: a break point that a driver sets for one is a bug check.
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/ke/state.h"
#include "ntoskrnl/rtl/rtl.h"

enum { MESSAGE_SIZE = 512 }; /* "DbgPrint": at most 512 bytes a message */

BOOLEAN KdDebuggerEnabled __attribute__((visibility("default"))) = FALSE;
NT_EXPORT_DATA(KdDebuggerEnabled);
BOOLEAN KdDebuggerNotPresent __attribute__((visibility("default"))) = TRUE;
NT_EXPORT_DATA(KdDebuggerNotPresent);

static ke_debug_output *debug_output;

void ke_set_debug_output(ke_debug_output *output)
{
    __atomic_store_n(&debug_output, output, __ATOMIC_RELEASE);
}

static void to_stderr(const char *text)
{
    size_t length = strlen(text);
    fprintf(stderr, "DbgPrint: %s%s", text, length != 0 && text[length - 1] == '\n' ? "" : "\n");
}

static ULONG print(const char *prefix, const char *format, __builtin_ms_va_list arguments)
{
    char text[MESSAGE_SIZE + 1];
    size_t length = strnlen(prefix, MESSAGE_SIZE);
    memcpy(text, prefix, length);
    if (rtl_vsnprintf(text + length, sizeof(text) - length, format, arguments) < 0)
        text[MESSAGE_SIZE] = 0;
    ke_debug_output *output = __atomic_load_n(&debug_output, __ATOMIC_ACQUIRE);
    (output != NULL ? output : to_stderr)(text);
    return STATUS_SUCCESS;
}

ULONG NTAPI DbgPrint(PCSTR Format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, Format);
    ULONG status = print("", Format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}
NT_EXPORT(DbgPrint);

/* Windows filters by component and level in the debugger's masks; a developer here wants to see what his driver says.
 */
ULONG NTAPI DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
    (void)ComponentId, (void)Level;
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, Format);
    ULONG status = print("", Format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}
NT_EXPORT(DbgPrintEx);

ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCCH Format, NDISKIT_VA_LIST arglist)
{
    (void)ComponentId, (void)Level;
    return print("", Format, arglist);
}
NT_EXPORT(vDbgPrintEx);

ULONG NTAPI vDbgPrintExWithPrefix(PCCH Prefix, ULONG ComponentId, ULONG Level, PCCH Format, NDISKIT_VA_LIST arglist)
{
    (void)ComponentId, (void)Level;
    return print(Prefix, Format, arglist);
}
NT_EXPORT(vDbgPrintExWithPrefix);

static _Noreturn void break_point(const char *function, const void *caller)
{
    ke_bugcheck_text(KMODE_EXCEPTION_NOT_HANDLED, (ULONG)STATUS_BREAKPOINT, (ULONG_PTR)caller, 0, 0, NULL,
                     "%s was called and no debugger is attached", function);
}

VOID NTAPI DbgBreakPoint(VOID)
{
    break_point(__func__, __builtin_return_address(0));
}
NT_EXPORT(DbgBreakPoint);

VOID NTAPI DbgBreakPointWithStatus(ULONG Status)
{
    (void)Status;
    break_point(__func__, __builtin_return_address(0));
}
NT_EXPORT(DbgBreakPointWithStatus);

BOOLEAN NTAPI KdRefreshDebuggerNotPresent(VOID)
{
    return TRUE;
}
NT_EXPORT(KdRefreshDebuggerNotPresent);

/*
 * Structured exceptions: the search for a handler, frame by frame outward from where the exception was raised, and the
 * unwinding to the frame that takes it ("Exception dispatching" in the x64 pages of Microsoft's documentation). Both
 * ask each frame's language handler; frames of ndiskit have none and are passed. What no frame handles is a bug check,
 * as at the base of every system thread.
 *
 * Two cases make it subtle. A handler or filter may itself raise (nested exception): the new search passes the call of
 * that handler. And an exception inside a termination handler that an unwinding is running (collided unwind): the
 * frames that the first unwinding has passed are not to be asked again, so the search goes on where that one was.
 */
#include <string.h>
#include "ntoskrnl/arch/arch_internal.h"
#include "ntoskrnl/arch/export.h"

_Noreturn void NTAPI arch_restore_context(const CONTEXT *context);
void __asan_handle_no_return(void) __attribute__((weak));

VOID NTAPI arch_raise_exception(EXCEPTION_RECORD *record, void *unused2, void *unused3, void *unused4,
                                CONTEXT *context);
VOID NTAPI arch_raise_status(NTSTATUS status, void *unused2, void *unused3, void *unused4, CONTEXT *context);
VOID NTAPI arch_raise_access_violation(void *unused1, void *unused2, void *unused3, void *unused4, CONTEXT *context);
VOID NTAPI arch_raise_misalignment(void *unused1, void *unused2, void *unused3, void *unused4, CONTEXT *context);
VOID NTAPI arch_unwind_ex(void *target_frame, void *target_ip, EXCEPTION_RECORD *record, void *value, CONTEXT *context);
VOID NTAPI arch_unwind(void *target_frame, void *target_ip, EXCEPTION_RECORD *record, void *value, CONTEXT *context);
VOID NTAPI arch_local_unwind(void *target_frame, void *target_ip, void *unused3, void *unused4, CONTEXT *context);
void arch_write_cr8(KIRQL irql);

_Noreturn void arch_bugcheck(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4, const CONTEXT *at)
{
    const ULONG_PTR parameters[4] = {p1, p2, p3, p4};
    struct arch_thread *t = arch_self();
    if (t != NULL)
        t->reporting++;
    arch.ops->bugcheck(code, parameters, at);
}

void arch_write_cr8(KIRQL irql)
{
    arch.ops->write_irql(irql);
}

/* ---- the search
 * ------------------------------------------------------------------------------------------------------- */

enum search_result { SEARCH_ON, SEARCH_CONTINUE_EXECUTION };

/* Asks one frame's handler. frame is the context in that frame, outer that of its caller; both change when an unwinding
   that the search has run into lends its own. */
static enum search_result ask_handler(EXCEPTION_RECORD *record, CONTEXT *context, struct arch_dispatch *dispatch)
{
    switch (arch_call_exception_handler(record, (void *)dispatch->d.EstablisherFrame, context, dispatch)) {
    case ExceptionContinueExecution:
        if (record->ExceptionFlags & EXCEPTION_NONCONTINUABLE) {
            EXCEPTION_RECORD second = {
                .ExceptionCode = STATUS_NONCONTINUABLE_EXCEPTION,
                .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
                .ExceptionRecord = record,
            };
            RtlRaiseException(&second);
        }
        return SEARCH_CONTINUE_EXECUTION;
    case ExceptionContinueSearch:
    case ExceptionNestedException:
        return SEARCH_ON;
    default: {
        EXCEPTION_RECORD second = {
            .ExceptionCode = STATUS_INVALID_DISPOSITION,
            .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
            .ExceptionRecord = record,
        };
        RtlRaiseException(&second);
        return SEARCH_ON;
    }
    }
}

/* True when a handler wants execution to go on at context; false when nobody handles the exception. Does not return
   when a handler takes it: that handler unwinds. */
static bool search(EXCEPTION_RECORD *record, CONTEXT *context, bool is_call_site)
{
    CONTEXT outer = *context, frame;
    struct arch_dispatch dispatch;
    uintptr_t nested_frame = 0;
    for (;;) {
        frame = outer;
        enum arch_frame_kind kind = arch_step_frame(&outer, &is_call_site, UNW_FLAG_EHANDLER, &dispatch);
        switch (kind) {
        case ARCH_FRAME_END:
            return false;
        case ARCH_FRAME_PLAIN:
            break;
        case ARCH_FRAME_NESTED:
            record->ExceptionFlags |= EXCEPTION_NESTED_CALL;
            if (dispatch.d.EstablisherFrame > nested_frame)
                nested_frame = dispatch.d.EstablisherFrame;
            break;
        case ARCH_FRAME_COLLIDED:
            frame = *dispatch.d.ContextRecord;
            outer = *dispatch.caller;
            dispatch.d.TargetIp = 0;
            /* The same frame is asked, from the scope where the unwinding was. */
            __attribute__((fallthrough));
        case ARCH_FRAME_HANDLER:
            dispatch.d.ContextRecord = &frame;
            dispatch.caller = &outer;
            if (ask_handler(record, context, &dispatch) == SEARCH_CONTINUE_EXECUTION)
                return true;
            if (dispatch.d.EstablisherFrame >= nested_frame) {
                record->ExceptionFlags &= ~EXCEPTION_NESTED_CALL;
                nested_frame = 0;
            }
            break;
        }
    }
}

/* As the base of a system thread, or of a DPC, does with what nobody handled. */
static _Noreturn void unhandled(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    if (arch.ops->read_irql() >= DISPATCH_LEVEL)
        arch_bugcheck(KMODE_EXCEPTION_NOT_HANDLED, (ULONG)record->ExceptionCode, (ULONG_PTR)record->ExceptionAddress,
                      record->ExceptionInformation[0], record->ExceptionInformation[1], context);
    arch_bugcheck(SYSTEM_THREAD_EXCEPTION_NOT_HANDLED, (ULONG)record->ExceptionCode,
                  (ULONG_PTR)record->ExceptionAddress, (ULONG_PTR)record, (ULONG_PTR)context, context);
}

static _Noreturn void dispatch(EXCEPTION_RECORD *record, CONTEXT *context, bool is_call_site)
{
    if (!search(record, context, is_call_site))
        unhandled(record, context);
    RtlRestoreContext(context, NULL);
    __builtin_unreachable();
}

_Noreturn void NTAPI arch_fault_main(struct arch_fault *fault)
{
    if (fault->bugcheck != 0)
        arch_bugcheck(fault->bugcheck, fault->parameters[0], fault->parameters[1], fault->parameters[2],
                      fault->parameters[3], fault->context);
    dispatch(&fault->record, fault->context, false);
}

/* ---- raising
 * ------------------------------------------------------------------------------------------------------------ */

VOID NTAPI arch_raise_exception(EXCEPTION_RECORD *record, void *unused2, void *unused3, void *unused4, CONTEXT *context)
{
    (void)unused2, (void)unused3, (void)unused4;
    record->ExceptionAddress = (PVOID)context->Rip;
    dispatch(record, context, true);
}
NT_EXPORT(RtlRaiseException);

static _Noreturn void raise_code(NTSTATUS code, CONTEXT *context)
{
    EXCEPTION_RECORD record = {
        .ExceptionCode = code,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .ExceptionAddress = (PVOID)context->Rip,
    };
    dispatch(&record, context, true);
}

VOID NTAPI arch_raise_status(NTSTATUS status, void *unused2, void *unused3, void *unused4, CONTEXT *context)
{
    (void)unused2, (void)unused3, (void)unused4;
    raise_code(status, context);
}
NT_EXPORT(ExRaiseStatus);

VOID NTAPI arch_raise_access_violation(void *unused1, void *unused2, void *unused3, void *unused4, CONTEXT *context)
{
    (void)unused1, (void)unused2, (void)unused3, (void)unused4;
    raise_code(STATUS_ACCESS_VIOLATION, context);
}
NT_EXPORT(ExRaiseAccessViolation);

VOID NTAPI arch_raise_misalignment(void *unused1, void *unused2, void *unused3, void *unused4, CONTEXT *context)
{
    (void)unused1, (void)unused2, (void)unused3, (void)unused4;
    raise_code(STATUS_DATATYPE_MISALIGNMENT, context);
}
NT_EXPORT(ExRaiseDatatypeMisalignment);

/* ---- unwinding
 * ---------------------------------------------------------------------------------------------------------- */

static void raise_second(NTSTATUS code, EXCEPTION_RECORD *first)
{
    EXCEPTION_RECORD second = {
        .ExceptionCode = code,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .ExceptionRecord = first,
    };
    RtlRaiseException(&second);
}

/* Runs the termination handler of one frame. */
static void call_termination_handler(struct arch_dispatch *dispatch, EXCEPTION_RECORD *record, CONTEXT *frame,
                                     CONTEXT *outer, void *target_frame, void *target_ip, void *value)
{
    dispatch->d.ContextRecord = frame;
    dispatch->d.TargetIp = (DWORD64)target_ip;
    dispatch->caller = outer;
    frame->Rax = (DWORD64)value;
    if (dispatch->d.EstablisherFrame == (DWORD64)target_frame)
        record->ExceptionFlags |= EXCEPTION_TARGET_UNWIND;
    EXCEPTION_DISPOSITION disposition =
        arch_call_unwind_handler(record, (void *)dispatch->d.EstablisherFrame, frame, dispatch);
    record->ExceptionFlags &= ~(EXCEPTION_TARGET_UNWIND | EXCEPTION_COLLIDED_UNWIND);
    if (disposition != ExceptionContinueSearch)
        raise_second(STATUS_INVALID_DISPOSITION, record);
}

/* Unwinds to target_frame and goes on there at target_ip with value in rax; to the end of the stack when target_frame
 * is NULL. */
static void unwind(void *target_frame, void *target_ip, EXCEPTION_RECORD *record, void *value, CONTEXT *context)
{
    CONTEXT outer = *context, frame;
    EXCEPTION_RECORD own;
    struct arch_dispatch dispatch;
    bool is_call_site = true;
    if (record == NULL) {
        memset(&own, 0, sizeof(own));
        own.ExceptionCode = STATUS_UNWIND;
        own.ExceptionAddress = (PVOID)context->Rip;
        record = &own;
    }
    record->ExceptionFlags |= EXCEPTION_UNWINDING | (target_frame == NULL ? EXCEPTION_EXIT_UNWIND : 0);
    for (;;) {
        frame = outer;
        enum arch_frame_kind kind = arch_step_frame(&outer, &is_call_site, UNW_FLAG_UHANDLER, &dispatch);
        if (kind == ARCH_FRAME_END) {
            if (target_frame != NULL)
                raise_second(STATUS_INVALID_UNWIND_TARGET, record);
            return;
        }
        if (kind == ARCH_FRAME_COLLIDED) {
            frame = *dispatch.d.ContextRecord;
            outer = *dispatch.caller;
            record->ExceptionFlags |= EXCEPTION_COLLIDED_UNWIND;
        }
        if (kind == ARCH_FRAME_HANDLER || kind == ARCH_FRAME_COLLIDED)
            call_termination_handler(&dispatch, record, &frame, &outer, target_frame, target_ip, value);
        if (kind != ARCH_FRAME_NESTED && target_frame != NULL && dispatch.d.EstablisherFrame == (DWORD64)target_frame)
            break;
        if (kind != ARCH_FRAME_NESTED && target_frame != NULL && dispatch.d.EstablisherFrame > (DWORD64)target_frame)
            raise_second(STATUS_INVALID_UNWIND_TARGET, record);
    }
    frame.Rax = (DWORD64)value;
    if (record->ExceptionCode != STATUS_UNWIND_CONSOLIDATE)
        frame.Rip = (DWORD64)target_ip;
    RtlRestoreContext(&frame, record);
}

/* The fifth and sixth argument of RtlUnwindEx (a context to work in, a cache of lookups) are optimisations that are not
 * needed here. */
VOID NTAPI arch_unwind_ex(void *target_frame, void *target_ip, EXCEPTION_RECORD *record, void *value, CONTEXT *context)
{
    unwind(target_frame, target_ip, record, value, context);
}
NT_EXPORT(RtlUnwindEx);

VOID NTAPI arch_unwind(void *target_frame, void *target_ip, EXCEPTION_RECORD *record, void *value, CONTEXT *context)
{
    unwind(target_frame, target_ip, record, value, context);
}
NT_EXPORT(RtlUnwind);

VOID NTAPI arch_local_unwind(void *target_frame, void *target_ip, void *unused3, void *unused4, CONTEXT *context)
{
    (void)unused3, (void)unused4;
    unwind(target_frame, target_ip, NULL, NULL, context);
}

/* A record of STATUS_UNWIND_CONSOLIDATE asks for a call of its first parameter (language runtimes do their catch blocks
   so), which returns where to go on. */
VOID NTAPI RtlRestoreContext(PCONTEXT ContextRecord, PEXCEPTION_RECORD ExceptionRecord)
{
    typedef DWORD64(NTAPI consolidate)(EXCEPTION_RECORD *);
    if (ExceptionRecord != NULL && ExceptionRecord->ExceptionCode == STATUS_UNWIND_CONSOLIDATE &&
        ExceptionRecord->NumberParameters >= 1)
        ContextRecord->Rip = ((consolidate *)ExceptionRecord->ExceptionInformation[0])(ExceptionRecord);
    /* AddressSanitizer must forget the frames of ndiskit that are left behind without returning. */
    if (__asan_handle_no_return != NULL)
        __asan_handle_no_return();
    arch_restore_context(ContextRecord);
}
NT_EXPORT(RtlRestoreContext);
NT_EXPORT(RtlCaptureContext);

/*
 * The language handler of C: what __try, __except and __finally compile to. A function's scope table (documented as
 * SCOPE_TABLE) lists the guarded ranges from the inside out, with the filter and the address of the __except block, or
 * the code of the __finally block. In the search, filters are called; in the unwinding, __finally blocks.
 */
#include "ntoskrnl/arch/arch_internal.h"
#include "ntoskrnl/arch/export.h"

struct scope_table {
    uint32_t count;
    struct scope {
        uint32_t begin, end;
        uint32_t handler; /* filter, 1 for EXCEPTION_EXECUTE_HANDLER without one, or the __finally block */
        uint32_t target;  /* the __except block; 0 for __finally */
    } scopes[];
};

typedef LONG(NTAPI exception_filter)(EXCEPTION_POINTERS *pointers, PVOID frame);
typedef VOID(NTAPI termination_handler)(BOOLEAN abnormal, PVOID frame);

EXCEPTION_DISPOSITION NTAPI __C_specific_handler(PEXCEPTION_RECORD ExceptionRecord, PVOID EstablisherFrame,
                                                 PCONTEXT ContextRecord, PDISPATCHER_CONTEXT DispatcherContext);
VOID NTAPI _local_unwind(PVOID TargetFrame, PVOID TargetIp);
VOID NTAPI __chkstk(VOID);

static bool covers(const struct scope *scope, uint64_t offset)
{
    return offset >= scope->begin && offset < scope->end;
}

static EXCEPTION_DISPOSITION run_filters(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *d)
{
    const struct scope_table *table = d->HandlerData;
    uint64_t offset = d->ControlPc - d->ImageBase;
    for (uint32_t i = d->ScopeIndex; i < table->count; i++) {
        const struct scope *scope = &table->scopes[i];
        if (!covers(scope, offset) || scope->target == 0)
            continue;
        LONG verdict = EXCEPTION_EXECUTE_HANDLER;
        if (scope->handler != 1) {
            EXCEPTION_POINTERS pointers = {record, context};
            verdict = ((exception_filter *)(d->ImageBase + scope->handler))(&pointers, frame);
        }
        if (verdict < 0)
            return ExceptionContinueExecution;
        if (verdict > 0)
            RtlUnwindEx(frame, (void *)(d->ImageBase + scope->target), record,
                        (void *)(ULONG_PTR)(ULONG)record->ExceptionCode, d->ContextRecord, d->HistoryTable);
    }
    return ExceptionContinueSearch;
}

static void run_finally_blocks(const EXCEPTION_RECORD *record, void *frame, DISPATCHER_CONTEXT *d)
{
    const struct scope_table *table = d->HandlerData;
    uint64_t offset = d->ControlPc - d->ImageBase, target = d->TargetIp - d->ImageBase;
    bool is_target_frame = record->ExceptionFlags & EXCEPTION_TARGET_UNWIND;
    for (uint32_t i = d->ScopeIndex; i < table->count; i++) {
        const struct scope *scope = &table->scopes[i];
        if (!covers(scope, offset))
            continue;
        /* A scope that also holds the place to go on is not left. */
        if (is_target_frame && covers(scope, target))
            return;
        if (scope->target != 0) {
            /* An __except block: the unwinding's own, or one that declined. */
            if (is_target_frame && target == scope->target)
                return;
            continue;
        }
        /* First, so that an exception in the block does not run it again. */
        d->ScopeIndex = i + 1;
        ((termination_handler *)(d->ImageBase + scope->handler))(TRUE, frame);
    }
}

EXCEPTION_DISPOSITION NTAPI __C_specific_handler(PEXCEPTION_RECORD ExceptionRecord, PVOID EstablisherFrame,
                                                 PCONTEXT ContextRecord, PDISPATCHER_CONTEXT DispatcherContext)
{
    if (!(ExceptionRecord->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND)))
        return run_filters(ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext);
    run_finally_blocks(ExceptionRecord, EstablisherFrame, DispatcherContext);
    return ExceptionContinueSearch;
}
NT_EXPORT(__C_specific_handler);
NT_EXPORT(_local_unwind);
NT_EXPORT(__chkstk);

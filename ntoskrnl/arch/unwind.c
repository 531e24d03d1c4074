/*
 * Table-driven unwinding, as the "x64 exception handling" pages of Microsoft's documentation describe it: every
 * function of a PE image that touches the stack or a non-volatile register has an entry in .pdata, whose UNWIND_INFO
 * tells how to undo its prolog. Frames of ndiskit itself and of drivers in ELF form are stepped by their DWARF call
 * frame information (elf.c), so that an exception finds the handler of the driver that called into ndiskit which called
 * into the driver.
 */
#include <string.h>
#include "ntoskrnl/arch/arch_internal.h"
#include "ntoskrnl/arch/export.h"

enum unwind_op {
    UWOP_PUSH_NONVOL,
    UWOP_ALLOC_LARGE,
    UWOP_ALLOC_SMALL,
    UWOP_SET_FPREG,
    UWOP_SAVE_NONVOL,
    UWOP_SAVE_NONVOL_FAR,
    UWOP_EPILOG,
    UWOP_SPARE,
    UWOP_SAVE_XMM128,
    UWOP_SAVE_XMM128_FAR,
    UWOP_PUSH_MACHFRAME,
};

struct unwind_info {
    uint8_t version_flags;
    uint8_t prolog_size;
    uint8_t code_count;
    uint8_t frame_register_offset;
    struct unwind_code {
        uint8_t offset;
        uint8_t op_info;
    } codes[];
};

/* What one RtlVirtualUnwind works on. ok turns false when the stack that the tables describe is not the thread's. */
struct unwinding {
    uintptr_t base;
    CONTEXT *context;
    KNONVOLATILE_CONTEXT_POINTERS *pointers;
    uintptr_t low, high; /* of the stack; low == 0: not known */
    bool ok;
};

static DWORD64 *integer_register(CONTEXT *context, unsigned number)
{
    return &context->Rax + number; /* the fields from Rax to R15 are in the order of the register numbers */
}

static bool is_on_stack(struct unwinding *u, uintptr_t address, size_t size)
{
    if (u->low != 0 && (address < u->low || address > u->high - size))
        u->ok = false;
    if (address % 8 != 0)
        u->ok = false;
    return u->ok;
}

__attribute__((noinline, no_sanitize_address, no_sanitize_thread)) uint64_t arch_peek(uintptr_t address)
{
    return *(const volatile uint64_t *)address;
}

static uint64_t read_stack(struct unwinding *u, uintptr_t address)
{
    return is_on_stack(u, address, 8) ? arch_peek(address) : 0;
}

static void restore_integer(struct unwinding *u, unsigned number, uintptr_t address)
{
    *integer_register(u->context, number) = read_stack(u, address);
    if (u->pointers != NULL)
        u->pointers->IntegerContext[number] = (PDWORD64)address;
}

static void restore_xmm(struct unwinding *u, unsigned number, uintptr_t address)
{
    if (is_on_stack(u, address, 16)) {
        u->context->FltSave.XmmRegisters[number].Low = arch_peek(address);
        u->context->FltSave.XmmRegisters[number].High = (LONGLONG)arch_peek(address + 8);
    }
    if (u->pointers != NULL)
        u->pointers->FloatingContext[number] = (PM128A)address;
}

static const struct unwind_info *info_of(uintptr_t base, const RUNTIME_FUNCTION *function)
{
    return (const struct unwind_info *)(base + function->UnwindData);
}

static unsigned slots_of(const struct unwind_info *info, struct unwind_code code)
{
    unsigned version = info->version_flags & 7;
    switch (code.op_info & 15) {
    case UWOP_ALLOC_LARGE:
        return code.op_info >> 4 == 0 ? 2 : 3;
    case UWOP_SAVE_NONVOL:
    case UWOP_SAVE_XMM128:
        return 2;
    case UWOP_SAVE_NONVOL_FAR:
    case UWOP_SAVE_XMM128_FAR:
        return 3;
    case UWOP_EPILOG:
        return version >= 2 ? 1 : 2;
    case UWOP_SPARE:
        return version >= 2 ? 2 : 3;
    default:
        return 1;
    }
}

static uint32_t slot16(const struct unwind_code *code)
{
    uint16_t v;
    memcpy(&v, code, sizeof(v));
    return v;
}

static uint32_t slot32(const struct unwind_code *code)
{
    uint32_t v;
    memcpy(&v, code, sizeof(v));
    return v;
}

/* Undoes one prolog operation. Returns true when it was a machine frame, whose Rip and Rsp are then in the context. */
static bool undo(struct unwinding *u, const struct unwind_info *info, const struct unwind_code *code, uintptr_t frame)
{
    CONTEXT *c = u->context;
    unsigned operand = code->op_info >> 4;
    switch (code->op_info & 15) {
    case UWOP_PUSH_NONVOL:
        restore_integer(u, operand, c->Rsp);
        c->Rsp += 8;
        return false;
    case UWOP_ALLOC_LARGE:
        c->Rsp += operand == 0 ? slot16(code + 1) * 8ull : slot32(code + 1);
        return false;
    case UWOP_ALLOC_SMALL:
        c->Rsp += operand * 8ull + 8;
        return false;
    case UWOP_SET_FPREG:
        c->Rsp = *integer_register(c, info->frame_register_offset & 15) - (info->frame_register_offset >> 4) * 16ull;
        return false;
    case UWOP_SAVE_NONVOL:
        restore_integer(u, operand, frame + slot16(code + 1) * 8ull);
        return false;
    case UWOP_SAVE_NONVOL_FAR:
        restore_integer(u, operand, frame + slot32(code + 1));
        return false;
    case UWOP_SAVE_XMM128:
        restore_xmm(u, operand, frame + slot16(code + 1) * 16ull);
        return false;
    case UWOP_SAVE_XMM128_FAR:
        restore_xmm(u, operand, frame + slot32(code + 1));
        return false;
    case UWOP_PUSH_MACHFRAME: {
        uintptr_t at = c->Rsp + (operand != 0 ? 8 : 0); /* beyond an error code */
        c->Rip = read_stack(u, at);
        c->Rsp = read_stack(u, at + 24);
        return true;
    }
    default:
        return false;
    }
}

/*
 * The establisher frame: the value that rsp had after the prolog, and by which handlers reach the function's variables.
 * In a function with a frame register it follows from that register, unless its prolog has not set it yet.
 */
static uintptr_t establisher_frame(const CONTEXT *context, const struct unwind_info *info, uint32_t offset)
{
    unsigned reg = info->frame_register_offset & 15;
    if (reg == 0)
        return context->Rsp;
    bool is_set = offset >= info->prolog_size || (info->version_flags >> 3 & UNW_FLAG_CHAININFO);
    for (unsigned i = 0; !is_set && i < info->code_count; i += slots_of(info, info->codes[i]))
        is_set = (info->codes[i].op_info & 15) == UWOP_SET_FPREG && offset >= info->codes[i].offset;
    if (!is_set)
        return context->Rsp;
    return *integer_register((CONTEXT *)context, reg) - (info->frame_register_offset >> 4) * 16ull;
}

static bool in_function(uintptr_t base, const RUNTIME_FUNCTION *function, uintptr_t address)
{
    return address - base >= function->BeginAddress && address - base < function->EndAddress;
}

/*
 * An epilog must have one of a few forms (documented as such, because unwinders recognise it by decoding it): add rsp,
 * n or lea rsp, [frame + n]; pops of 8-byte registers; ret or a jump out of the function. When pc is in one, the rest
 * of it is carried out on the context. False, and nothing changed, when it is not.
 */
static bool finish_epilog(struct unwinding *u, const RUNTIME_FUNCTION *function, const struct unwind_info *info)
{
    const uint8_t *pc = (const uint8_t *)u->context->Rip;
    const uint8_t *end = (const uint8_t *)u->base + function->EndAddress;
    CONTEXT c = *u->context;
    unsigned frame_register = info->frame_register_offset & 15;
    uintptr_t rsp = c.Rsp;
    size_t left = (size_t)(end - pc);

    if (left >= 4 && pc[0] == 0x48 && pc[1] == 0x83 && pc[2] == 0xc4) { /* add rsp, imm8 */
        rsp += (uint64_t)(int8_t)pc[3];
        pc += 4;
    } else if (left >= 7 && pc[0] == 0x48 && pc[1] == 0x81 && pc[2] == 0xc4) { /* add rsp, imm32 */
        int32_t value;
        memcpy(&value, pc + 3, 4);
        rsp += (uint64_t)value;
        pc += 7;
    } else if (left >= 4 && (pc[0] & 0xfe) == 0x48 && pc[1] == 0x8d && frame_register != 0 && (pc[2] & 0x38) == 0x20 &&
               (unsigned)((pc[2] & 7) | (pc[0] & 1) << 3) == frame_register) {
        /* lea rsp, disp[frame register] */
        uintptr_t value = *integer_register(&c, frame_register);
        if (pc[2] >> 6 == 1) {
            rsp = value + (uint64_t)(int8_t)pc[3];
            pc += 4;
        } else if (pc[2] >> 6 == 2 && left >= 7) {
            int32_t displacement;
            memcpy(&displacement, pc + 3, 4);
            rsp = value + (uint64_t)displacement;
            pc += 7;
        } else {
            return false;
        }
    }
    struct {
        unsigned number;
        uintptr_t at;
    } pops[16];
    unsigned pop_count = 0;
    for (; pc < end && pop_count < 16; pop_count++, rsp += 8) {
        if ((pc[0] & 0xf8) == 0x58) {
            pops[pop_count].number = pc[0] & 7;
            pc += 1;
        } else if (end - pc >= 2 && (pc[0] & 0xfe) == 0x40 && (pc[1] & 0xf8) == 0x58) {
            pops[pop_count].number = (unsigned)((pc[0] & 1) << 3 | (pc[1] & 7));
            pc += 2;
        } else {
            break;
        }
        pops[pop_count].at = rsp;
    }
    left = (size_t)(end - pc);
    bool is_end = false;
    if (left >= 1 && (pc[0] == 0xc3 || pc[0] == 0xc2)) { /* ret */
        is_end = true;
    } else if (left >= 2 && pc[0] == 0xf3 && pc[1] == 0xc3) { /* rep ret */
        is_end = true;
    } else if (left >= 2 && pc[0] == 0xeb) { /* jmp rel8, out of the function or to its beginning */
        uintptr_t target = (uintptr_t)pc + 2 + (uint64_t)(int8_t)pc[1];
        is_end = !in_function(u->base, function, target) || target == u->base + function->BeginAddress;
    } else if (left >= 5 && pc[0] == 0xe9) { /* jmp rel32 */
        int32_t displacement;
        memcpy(&displacement, pc + 1, 4);
        uintptr_t target = (uintptr_t)pc + 5 + (uint64_t)displacement;
        is_end = !in_function(u->base, function, target) || target == u->base + function->BeginAddress;
    } else if (left >= 2 && pc[0] == 0xff &&
               (pc[1] & 0x38) == 0x20) { /* jmp indirect: through memory without rex ... */
        is_end = pc[1] >> 6 == 0;
    } else if (left >= 3 && (pc[0] & 0xf8) == 0x48 && pc[1] == 0xff && (pc[2] & 0x38) == 0x20) { /* ... or rex.w jmp */
        is_end = true;
    }
    if (!is_end)
        return false;
    for (unsigned i = 0; i < pop_count; i++)
        restore_integer(u, pops[i].number, pops[i].at);
    u->context->Rip = read_stack(u, rsp);
    u->context->Rsp = rsp + 8;
    return true;
}

static const RUNTIME_FUNCTION *chained(const struct unwind_info *info)
{
    return (const RUNTIME_FUNCTION *)&info->codes[(info->code_count + 1) & ~1];
}

static PEXCEPTION_ROUTINE virtual_unwind(struct unwinding *u, ULONG kind, const RUNTIME_FUNCTION *function,
                                         void **handler_data, uintptr_t *establisher)
{
    const struct unwind_info *info = info_of(u->base, function);
    uint32_t offset = (uint32_t)(u->context->Rip - u->base - function->BeginAddress);
    uintptr_t frame = establisher_frame(u->context, info, offset);
    bool is_past_prolog = offset >= info->prolog_size;
    *establisher = frame;
    /* Handlers do not cover prologs and epilogs. */
    if (is_past_prolog && finish_epilog(u, function, info))
        return NULL;

    bool has_machine_frame = false;
    for (int depth = 0; depth < 32; depth++) {
        for (unsigned i = 0; i < info->code_count && u->ok;) {
            unsigned slots = slots_of(info, info->codes[i]);
            /* In the prolog, only what has been executed is undone; a chained entry's prolog has all been. */
            if ((depth > 0 || offset >= info->codes[i].offset) && i + slots <= info->code_count)
                has_machine_frame |= undo(u, info, &info->codes[i], frame);
            i += slots;
        }
        if (!(info->version_flags >> 3 & UNW_FLAG_CHAININFO))
            break;
        function = chained(info);
        if (function->UnwindData & 1)
            function = (const RUNTIME_FUNCTION *)(u->base + (function->UnwindData & ~1u));
        info = info_of(u->base, function);
    }
    if (!has_machine_frame) {
        u->context->Rip = read_stack(u, u->context->Rsp);
        u->context->Rsp += 8;
    }
    /* A handler belongs to the primary entry, which a chain ends in. */
    if (!u->ok || !is_past_prolog || !(info->version_flags >> 3 & kind))
        return NULL;
    const uint32_t *handler = (const uint32_t *)&info->codes[(info->code_count + 1) & ~1];
    *handler_data = (void *)(handler + 1);
    return (PEXCEPTION_ROUTINE)(u->base + *handler);
}

static struct unwinding start_unwinding(uintptr_t base, CONTEXT *context)
{
    struct arch_thread *t = arch_self();
    struct unwinding u = {.base = base, .context = context, .ok = true};
    if (t != NULL && context->Rsp >= t->stack_low && context->Rsp < t->stack_high) {
        u.low = t->stack_low;
        u.high = t->stack_high;
    }
    return u;
}

PRUNTIME_FUNCTION NTAPI RtlLookupFunctionEntry(DWORD64 ControlPc, PDWORD64 ImageBase,
                                               PUNWIND_HISTORY_TABLE HistoryTable)
{
    (void)HistoryTable; /* a cache of lookups, which the binary search below does not need */
    const struct arch_image *image = arch_image_of(ControlPc);
    if (image == NULL || image->functions == NULL)
        return NULL;
    *ImageBase = image->base;
    size_t low = 0, high = image->function_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const RUNTIME_FUNCTION *f = &image->functions[middle];
        if (in_function(image->base, f, ControlPc)) {
            if (f->UnwindData & 1)
                f = (const RUNTIME_FUNCTION *)(image->base + (f->UnwindData & ~1u));
            return (PRUNTIME_FUNCTION)f;
        }
        if (ControlPc - image->base < f->BeginAddress)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
NT_EXPORT(RtlLookupFunctionEntry);

PEXCEPTION_ROUTINE NTAPI RtlVirtualUnwind(ULONG HandlerType, DWORD64 ImageBase, DWORD64 ControlPc,
                                          PRUNTIME_FUNCTION FunctionEntry, PCONTEXT ContextRecord, PVOID *HandlerData,
                                          PDWORD64 EstablisherFrame, PKNONVOLATILE_CONTEXT_POINTERS ContextPointers)
{
    uintptr_t establisher;
    struct unwinding u = start_unwinding(ImageBase, ContextRecord);
    u.pointers = ContextPointers;
    ContextRecord->Rip = ControlPc;
    *HandlerData = NULL;
    PEXCEPTION_ROUTINE handler = virtual_unwind(&u, HandlerType, FunctionEntry, HandlerData, &establisher);
    *EstablisherFrame = establisher;
    return handler;
}
NT_EXPORT(RtlVirtualUnwind);

/* A function without .pdata entry changes neither rsp nor non-volatile registers: its return address is on top of the
   stack. The same holds for an address that was never code, when it is where a call through a bad pointer went. */
static bool step_leaf(CONTEXT *context)
{
    struct unwinding u = start_unwinding(0, context);
    context->Rip = read_stack(&u, context->Rsp);
    context->Rsp += 8;
    return u.ok;
}

static enum arch_frame_kind step_pe_frame(CONTEXT *context, const struct arch_image *image, ULONG handler_kind,
                                          struct arch_dispatch *dispatch)
{
    DISPATCHER_CONTEXT *d = &dispatch->d;
    DWORD64 base = image->base;
    d->ControlPc = context->Rip;
    d->ImageBase = base;
    d->FunctionEntry = RtlLookupFunctionEntry(context->Rip, &base, NULL);
    d->EstablisherFrame = context->Rsp;
    if (d->FunctionEntry == NULL)
        return step_leaf(context) ? ARCH_FRAME_PLAIN : ARCH_FRAME_END;
    uintptr_t establisher;
    struct unwinding u = start_unwinding(base, context);
    d->LanguageHandler = virtual_unwind(&u, handler_kind, d->FunctionEntry, &d->HandlerData, &establisher);
    d->EstablisherFrame = establisher;
    d->ScopeIndex = 0;
    if (!u.ok)
        return ARCH_FRAME_END;
    return d->LanguageHandler != NULL ? ARCH_FRAME_HANDLER : ARCH_FRAME_PLAIN;
}

static enum arch_frame_kind step_any_frame(CONTEXT *context, bool is_call_site, ULONG handler_kind,
                                           struct arch_dispatch *dispatch)
{
    const struct arch_image *image = arch_image_of(context->Rip);
    if (image != NULL && image->functions != NULL)
        return step_pe_frame(context, image, handler_kind, dispatch);
    if (context->Rip == (uintptr_t)arch_exception_handler_return ||
        context->Rip == (uintptr_t)arch_unwind_handler_return) {
        bool is_unwind = context->Rip == (uintptr_t)arch_unwind_handler_return;
        *dispatch = **(struct arch_dispatch **)(context->Rsp + 0x20);
        if (!arch_unwind_elf_frame(context, true))
            return ARCH_FRAME_END;
        return is_unwind ? ARCH_FRAME_COLLIDED : ARCH_FRAME_NESTED;
    }
    if (arch_unwind_elf_frame(context, is_call_site))
        return ARCH_FRAME_PLAIN;
    return !is_call_site && step_leaf(context) ? ARCH_FRAME_PLAIN : ARCH_FRAME_END;
}

enum arch_frame_kind arch_step_frame(CONTEXT *context, bool *is_call_site, ULONG handler_kind,
                                     struct arch_dispatch *dispatch)
{
    memset(dispatch, 0, sizeof(*dispatch));
    if (context->Rip == (uintptr_t)arch_fault_return) {
        *context = *((const struct arch_fault *)context->Rsp)->context;
        *is_call_site = false;
        return ARCH_FRAME_PLAIN;
    }
    uintptr_t rsp = context->Rsp;
    enum arch_frame_kind kind = step_any_frame(context, *is_call_site, handler_kind, dispatch);
    *is_call_site = true;
    /* Frames lie one above the other: anything else is a damaged stack, or its end. */
    if (context->Rsp <= rsp || context->Rip == 0)
        return ARCH_FRAME_END;
    return kind;
}

size_t arch_walk_stack(const CONTEXT *from, void **pcs, size_t max)
{
    CONTEXT context;
    struct arch_dispatch unused;
    bool is_call_site = from == NULL;
    size_t count = 0;
    if (from != NULL) {
        context = *from;
    } else {
        RtlCaptureContext(&context);
        if (arch_step_frame(&context, &is_call_site, UNW_FLAG_NHANDLER, &unused) == ARCH_FRAME_END)
            return 0;
    }
    do {
        if (count == max)
            break;
        pcs[count++] = (void *)context.Rip;
    } while (arch_step_frame(&context, &is_call_site, UNW_FLAG_NHANDLER, &unused) != ARCH_FRAME_END);
    return count;
}

#define MAX_BACK_TRACE 256

/* The first frame is that of the caller. A hash is the sum of the addresses, as "RtlCaptureStackBackTrace" says. */
USHORT NTAPI RtlCaptureStackBackTrace(ULONG FramesToSkip, ULONG FramesToCapture, PVOID *BackTrace, PULONG BackTraceHash)
{
    void *pcs[MAX_BACK_TRACE];
    size_t count = arch_walk_stack(NULL, pcs, MAX_BACK_TRACE);
    ULONG hash = 0;
    USHORT captured = 0;
    /* 1: this function itself. */
    for (size_t i = 1 + (size_t)FramesToSkip; i < count && captured < FramesToCapture; i++) {
        BackTrace[captured++] = pcs[i];
        hash += (ULONG)(ULONG_PTR)pcs[i];
    }
    if (BackTraceHash != NULL)
        *BackTraceHash = hash;
    return captured;
}
NT_EXPORT(RtlCaptureStackBackTrace);

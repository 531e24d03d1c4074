/*
 * Instructions that kernel code executes and that fault in user space. mov cr8 is the IRQL: a read is answered here, a
 * write goes on as a call on the thread's own stack. A load from KUSER_SHARED_DATA at FFFFF780`00000000h, where nothing
 * can be mapped in user space, is executed by the processor itself, one single step with its base register redirected
 * to a copy of the page: so every form of load works, not a list of them. int 29h and int 2Ch are told apart from the
 * rest of general protection faults. Everything in this file runs in signal handlers.
 */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <Zydis/Zydis.h>
#include "ntoskrnl/arch/arch_internal.h"

#define TRAP_FLAG 0x100
#define RED_ZONE  128

uint32_t arch_xsave_size;

struct instruction {
    ZydisDecodedInstruction i;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* How many bytes may be read at pc: up to the end of its image or page. */
size_t arch_instruction_bytes(uintptr_t pc)
{
    const struct arch_image *image = arch_image_of(pc);
    size_t limit = image != NULL ? image->base + image->size - pc : 4096 - pc % 4096;
    return limit < ZYDIS_MAX_INSTRUCTION_LENGTH ? limit : ZYDIS_MAX_INSTRUCTION_LENGTH;
}

static bool decode(uintptr_t pc, struct instruction *instruction)
{
    ZydisDecoder decoder;
    if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
        return false;
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, (const void *)pc, arch_instruction_bytes(pc), &instruction->i,
                                               instruction->operands));
}

static void describe(const struct instruction *instruction, uintptr_t pc, char *text, size_t size)
{
    ZydisFormatter formatter;
    if (!ZYAN_SUCCESS(ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL)) ||
        !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &instruction->i, instruction->operands,
                                                      instruction->i.operand_count_visible, text, size, pc, NULL)))
        snprintf(text, size, "?");
}

/* Index into gregs of a general register of any width, -1 when it is none. */
static int greg_of(ZydisRegister reg)
{
    static const int gregs[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                  REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    ZydisRegister enclosing = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    if (enclosing < ZYDIS_REGISTER_RAX || enclosing > ZYDIS_REGISTER_R15)
        return -1;
    return gregs[enclosing - ZYDIS_REGISTER_RAX];
}

static enum arch_emulation emulate_cr8(ucontext_t *uc, const struct instruction *in)
{
    greg_t *gregs = uc->uc_mcontext.gregs;
    bool is_write = in->operands[0].reg.value == ZYDIS_REGISTER_CR8;
    int reg = greg_of(in->operands[is_write ? 1 : 0].reg.value);
    if (reg < 0)
        return ARCH_NOT_EMULATED;
    if (!is_write) {
        gregs[reg] = arch.ops->read_irql();
        gregs[REG_RIP] += in->i.length;
        return ARCH_EMULATED;
    }
    uint64_t value = (uint64_t)gregs[reg];
    uint64_t *stack = (uint64_t *)(gregs[REG_RSP] - RED_ZONE);
    *--stack = (uint64_t)gregs[REG_RIP] + in->i.length;
    *--stack = value;
    gregs[REG_RSP] = (greg_t)stack;
    gregs[REG_RIP] = (greg_t)arch_write_cr8_entry;
    return ARCH_EMULATED;
}

enum arch_emulation arch_emulate_protection_fault(ucontext_t *uc, char *text, size_t size)
{
    struct instruction in;
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
    if (!decode(pc, &in))
        return ARCH_NOT_EMULATED;
    if (in.i.mnemonic == ZYDIS_MNEMONIC_MOV && in.i.operand_count_visible == 2 &&
        in.operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER && in.operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
        (in.operands[0].reg.value == ZYDIS_REGISTER_CR8 || in.operands[1].reg.value == ZYDIS_REGISTER_CR8))
        return emulate_cr8(uc, &in);
    if (in.i.mnemonic == ZYDIS_MNEMONIC_INT && in.operands[0].imm.value.u == 0x29)
        return ARCH_FAST_FAIL;
    if (in.i.mnemonic == ZYDIS_MNEMONIC_INT && in.operands[0].imm.value.u == 0x2c)
        return ARCH_ASSERTION;
    describe(&in, pc, text, size);
    switch (in.i.mnemonic) {
    case ZYDIS_MNEMONIC_CLI:
    case ZYDIS_MNEMONIC_STI:
    case ZYDIS_MNEMONIC_IN:
    case ZYDIS_MNEMONIC_OUT:
    case ZYDIS_MNEMONIC_INSB:
    case ZYDIS_MNEMONIC_INSW:
    case ZYDIS_MNEMONIC_INSD:
    case ZYDIS_MNEMONIC_OUTSB:
    case ZYDIS_MNEMONIC_OUTSW:
    case ZYDIS_MNEMONIC_OUTSD:
    case ZYDIS_MNEMONIC_RDPMC:
    case ZYDIS_MNEMONIC_INT:
        return ARCH_PRIVILEGED;
    default:
        return in.i.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED ? ARCH_PRIVILEGED : ARCH_NOT_EMULATED;
    }
}

/*
 * A plain mov to a general register, which nearly every access is: done here, it costs one signal and not two. It is
 * also the only load that reaches the page without a base register (mov rax, [absolute]).
 */
static bool load_plain(ucontext_t *uc, const struct instruction *in, const uint8_t *page, size_t offset)
{
    const ZydisDecodedOperand *target = &in->operands[0];
    unsigned bytes = target->size / 8;
    uint64_t value = 0;
    if (in->i.mnemonic != ZYDIS_MNEMONIC_MOV || target->type != ZYDIS_OPERAND_TYPE_REGISTER || bytes > 8 ||
        offset + bytes > 4096)
        return false;
    int reg = greg_of(target->reg.value);
    if (reg < 0 || (target->reg.value >= ZYDIS_REGISTER_AH && target->reg.value <= ZYDIS_REGISTER_BH))
        return false;
    greg_t *to = &uc->uc_mcontext.gregs[reg];
    memcpy(&value, page + offset, bytes);
    if (bytes < 4)
        value |= (uint64_t)*to & ~((1ull << (bytes * 8)) - 1);
    *to = (greg_t)value;
    uc->uc_mcontext.gregs[REG_RIP] += in->i.length;
    return true;
}

static const ZydisDecodedOperand *find_memory_operand(const struct instruction *in, const greg_t *gregs,
                                                      uint64_t address)
{
    for (unsigned i = 0; i < in->i.operand_count; i++) {
        const ZydisDecodedOperand *o = &in->operands[i];
        if (o->type != ZYDIS_OPERAND_TYPE_MEMORY || o->mem.type != ZYDIS_MEMOP_TYPE_MEM)
            continue;
        uint64_t at = o->mem.disp.has_displacement ? (uint64_t)o->mem.disp.value : 0;
        if (o->mem.base != ZYDIS_REGISTER_NONE)
            at += greg_of(o->mem.base) >= 0 ? (uint64_t)gregs[greg_of(o->mem.base)] : 0;
        if (o->mem.index != ZYDIS_REGISTER_NONE && greg_of(o->mem.index) >= 0)
            at += (uint64_t)gregs[greg_of(o->mem.index)] * o->mem.scale;
        if (address - at < 64 || at - address < 64)
            return o;
    }
    return NULL;
}

/* Notes how the instruction uses its base register besides addressing; false when redirecting it would change the
 * result. */
static bool study_base_register(const struct instruction *in, const ZydisDecodedOperand *memory, int reg,
                                struct arch_step *step)
{
    for (unsigned i = 0; i < in->i.operand_count; i++) {
        const ZydisDecodedOperand *o = &in->operands[i];
        if (o != memory && o->type == ZYDIS_OPERAND_TYPE_MEMORY &&
            ((o->mem.base != ZYDIS_REGISTER_NONE && greg_of(o->mem.base) == reg) ||
             (o->mem.index != ZYDIS_REGISTER_NONE && greg_of(o->mem.index) == reg)))
            return false;
        if (o->type != ZYDIS_OPERAND_TYPE_REGISTER || greg_of(o->reg.value) != reg)
            continue;
        bool is_implicit = o->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN;
        if ((o->actions & ZYDIS_OPERAND_ACTION_MASK_READ) && !is_implicit)
            return false;
        if (o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) {
            step->is_written = true;
            step->is_implicit = is_implicit;
            step->width = o->size;
        }
    }
    return memory->mem.index == ZYDIS_REGISTER_NONE || greg_of(memory->mem.index) != reg;
}

enum arch_emulation arch_emulate_shared_user_data(ucontext_t *uc, uint64_t address, bool is_write, char *text,
                                                  size_t size)
{
    struct arch_thread *t = arch_self();
    struct instruction in;
    greg_t *gregs = uc->uc_mcontext.gregs;
    uintptr_t pc = (uintptr_t)gregs[REG_RIP];
    if (t == NULL || !decode(pc, &in))
        return ARCH_UNSUPPORTED;
    describe(&in, pc, text, size);
    if (is_write)
        return ARCH_WRITE_SHARED;
    const ZydisDecodedOperand *memory = find_memory_operand(&in, gregs, address);
    if (memory == NULL)
        return ARCH_UNSUPPORTED;
    arch.ops->fill_shared_user_data(t->shared_user_data);
    if (load_plain(uc, &in, t->shared_user_data, address - ARCH_SHARED_USER_DATA))
        return ARCH_EMULATED;

    bool has_base = memory->mem.base != ZYDIS_REGISTER_NONE;
    if (!has_base && memory->mem.index == ZYDIS_REGISTER_NONE)
        return ARCH_UNSUPPORTED;
    int reg = greg_of(has_base ? memory->mem.base : memory->mem.index);
    struct arch_step step = {.active = true, .reg = reg};
    if (reg < 0 || reg == REG_RSP || (!has_base && memory->mem.scale != 1) ||
        !study_base_register(&in, memory, reg, &step))
        return ARCH_UNSUPPORTED;
    step.original = (uint64_t)gregs[reg];
    step.redirected = step.original - ARCH_SHARED_USER_DATA + (uint64_t)t->shared_user_data;
    t->step = step;
    gregs[reg] = (greg_t)step.redirected;
    gregs[REG_EFL] |= TRAP_FLAG;
    return ARCH_EMULATED;
}

bool arch_step_finished(ucontext_t *uc)
{
    struct arch_thread *t = arch_self();
    if (t == NULL || !t->step.active)
        return false;
    struct arch_step *step = &t->step;
    greg_t *reg = &uc->uc_mcontext.gregs[step->reg];
    /* Unchanged, or advanced by a string instruction. */
    if (!step->is_written || step->is_implicit)
        *reg = (greg_t)(step->original + ((uint64_t)*reg - step->redirected));
    else if (step->width < 32) {
        uint64_t mask = (1ull << step->width) - 1;
        *reg = (greg_t)((step->original & ~mask) | ((uint64_t)*reg & mask));
    }
    uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    step->active = false;
    return true;
}

void arch_step_abandon(ucontext_t *uc)
{
    struct arch_thread *t = arch_self();
    if (t == NULL || !t->step.active)
        return;
    uc->uc_mcontext.gregs[t->step.reg] = (greg_t)t->step.original;
    uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    t->step.active = false;
}

bool arch_division_by_zero(const ucontext_t *uc)
{
    struct instruction in;
    const greg_t *gregs = uc->uc_mcontext.gregs;
    if (!decode((uintptr_t)gregs[REG_RIP], &in) ||
        (in.i.mnemonic != ZYDIS_MNEMONIC_DIV && in.i.mnemonic != ZYDIS_MNEMONIC_IDIV))
        return true;
    const ZydisDecodedOperand *divisor = &in.operands[0];
    uint64_t value = 0;
    if (divisor->type == ZYDIS_OPERAND_TYPE_REGISTER) {
        int reg = greg_of(divisor->reg.value);
        if (reg < 0)
            return true;
        value = (uint64_t)gregs[reg];
        if (divisor->reg.value >= ZYDIS_REGISTER_AH && divisor->reg.value <= ZYDIS_REGISTER_BH)
            value >>= 8;
    } else {
        /* The instruction has just read it, so it can be read. */
        uint64_t at = divisor->mem.disp.has_displacement ? (uint64_t)divisor->mem.disp.value : 0;
        if (divisor->mem.base == ZYDIS_REGISTER_RIP)
            at += (uint64_t)gregs[REG_RIP] + in.i.length;
        else if (divisor->mem.base != ZYDIS_REGISTER_NONE)
            at += (uint64_t)gregs[greg_of(divisor->mem.base)];
        if (divisor->mem.index != ZYDIS_REGISTER_NONE)
            at += (uint64_t)gregs[greg_of(divisor->mem.index)] * divisor->mem.scale;
        memcpy(&value, (const void *)at, divisor->size / 8);
    }
    return (divisor->size >= 64 ? value : value & ((1ull << divisor->size) - 1)) == 0;
}

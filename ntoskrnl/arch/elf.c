/*
 * Frames and symbols of ELF images: ndiskit itself, its libraries, and drivers in ELF form. An exception that a driver
 * raises inside a callback has to pass ndiskit's frames to reach the __try of the driver that called in. Their unwind
 * tables are DWARF call frame information, read with elfutils; functions with the Windows calling convention describe
 * there how they saved xmm6 to xmm15, which are restored as on Windows.
 */
#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ntoskrnl/arch/arch_internal.h"

/*
 * libdw is not thread-safe; exceptions through ELF frames and reports are rare enough for one lock. It checks for its
 * owner, because a fault inside libdw is reported by walking the stack again: then without ELF frames.
 */
static struct {
    pthread_mutex_t lock;
    Dwfl *dwfl;
    unsigned long long adds, removals; /* of the dynamic linker, when the modules were reported */
} elf = {.lock = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP};

static char *debug_path;
static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .debuginfo_path = &debug_path,
};

struct counters {
    unsigned long long adds, removals;
};

static int read_counters(struct dl_phdr_info *info, size_t size, void *context)
{
    struct counters *c = context;
    if (size < offsetof(struct dl_phdr_info, dlpi_subs) + sizeof(info->dlpi_subs))
        return 1;
    c->adds = info->dlpi_adds;
    c->removals = info->dlpi_subs;
    return 1;
}

static int report_object(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    Dwfl *dwfl = context;
    const char *path = info->dlpi_name;
    uintptr_t low = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_vaddr < low)
            low = info->dlpi_phdr[i].p_vaddr;
    }
    if (path == NULL || low == UINTPTR_MAX)
        return 0;
    if (path[0] == 0)
        path = "/proc/self/exe";
    if (access(path, R_OK) == 0) /* the vdso has no file */
        dwfl_report_elf(dwfl, path, path, -1, info->dlpi_addr, true);
    return 0;
}

/* The module of an address, after bringing the list of modules up to date. Called with the lock held. */
static Dwfl_Module *find_module(uintptr_t address)
{
    struct counters now = {0};
    dl_iterate_phdr(read_counters, &now);
    if (elf.dwfl == NULL || now.adds != elf.adds || now.removals != elf.removals) {
        /* Begun anew: a driver may be back at an old address with new code. */
        if (elf.dwfl != NULL)
            dwfl_end(elf.dwfl);
        elf.dwfl = dwfl_begin(&callbacks);
        if (elf.dwfl == NULL)
            return NULL;
        dwfl_report_begin(elf.dwfl);
        dl_iterate_phdr(report_object, elf.dwfl);
        dwfl_report_end(elf.dwfl, NULL, NULL);
        elf.adds = now.adds;
        elf.removals = now.removals;
    }
    return dwfl_addrmodule(elf.dwfl, address);
}

/* ---- DWARF expressions, of the kinds that compilers, assemblers and linkers put into .eh_frame
 * ------------------------- */

#define DWARF_REG_COUNT 33
#define DWARF_RSP       7
#define DWARF_RA        16
#define DWARF_XMM0      17
#define STACK_DEPTH     16

static DWORD64 *integer_register(CONTEXT *context, unsigned dwarf)
{
    static const uint8_t windows_number[16] = {0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};
    return dwarf < 16 ? &context->Rax + windows_number[dwarf] : dwarf == DWARF_RA ? &context->Rip : NULL;
}

struct evaluation {
    CONTEXT *context;
    uint64_t cfa;
    uint64_t stack[STACK_DEPTH];
    unsigned depth;
    bool is_value; /* the result is the value itself, not its address */
    bool ok;
};

static void push(struct evaluation *e, uint64_t value)
{
    if (e->depth == STACK_DEPTH)
        e->ok = false;
    else
        e->stack[e->depth++] = value;
}

static uint64_t pop(struct evaluation *e)
{
    if (e->depth == 0) {
        e->ok = false;
        return 0;
    }
    return e->stack[--e->depth];
}

static bool is_readable(uint64_t address)
{
    struct arch_thread *t = arch_self();
    return address % 8 == 0 && (t == NULL || (address >= t->stack_low && address + 8 <= t->stack_high));
}

static uint64_t read_word(struct evaluation *e, uint64_t address)
{
    if (!is_readable(address)) {
        e->ok = false;
        return 0;
    }
    return arch_peek(address);
}

static void push_register(struct evaluation *e, unsigned dwarf, uint64_t offset)
{
    const DWORD64 *reg = integer_register(e->context, dwarf);
    if (reg == NULL)
        e->ok = false;
    else
        push(e, *reg + offset);
}

static void evaluate_op(struct evaluation *e, const Dwarf_Op *op)
{
    uint64_t a;
    if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
        push_register(e, op->atom - DW_OP_breg0, op->number);
        return;
    }
    if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
        push(e, op->atom - DW_OP_lit0);
        return;
    }
    switch (op->atom) {
    case DW_OP_bregx:
        push_register(e, (unsigned)op->number, op->number2);
        break;
    case DW_OP_call_frame_cfa:
        push(e, e->cfa);
        break;
    case DW_OP_plus_uconst:
        push(e, pop(e) + op->number);
        break;
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
        push(e, op->number);
        break;
    case DW_OP_plus:
        a = pop(e);
        push(e, pop(e) + a);
        break;
    case DW_OP_minus:
        a = pop(e);
        push(e, pop(e) - a);
        break;
    case DW_OP_and:
        a = pop(e);
        push(e, pop(e) & a);
        break;
    case DW_OP_shl:
        a = pop(e);
        push(e, a < 64 ? pop(e) << a : 0);
        break;
    case DW_OP_ge: /* the lazy-binding stubs' test of how far they have got */
        a = pop(e);
        push(e, (int64_t)pop(e) >= (int64_t)a);
        break;
    case DW_OP_deref:
        push(e, read_word(e, pop(e)));
        break;
    case DW_OP_stack_value:
        e->is_value = true;
        break;
    default:
        e->ok = false;
    }
}

static bool evaluate(struct evaluation *e, const Dwarf_Op *ops, size_t count, uint64_t *result)
{
    e->depth = 0;
    e->is_value = false;
    e->ok = true;
    for (size_t i = 0; i < count && e->ok; i++)
        evaluate_op(e, &ops[i]);
    *result = e->ok ? pop(e) : 0;
    return e->ok;
}

/* ---- frames ------------------------------------------------------------ */

static bool restore_register(struct evaluation *e, Dwarf_Frame *frame, int reg, CONTEXT *outer)
{
    Dwarf_Op memory[3], *ops;
    size_t count;
    uint64_t result;
    if (dwarf_frame_register(frame, reg, memory, &ops, &count) != 0)
        return false;
    if (count == 0) /* unchanged when ops is NULL; otherwise undefined: only the return address matters then */
        return !(reg == DWARF_RA && ops != NULL);
    if (!evaluate(e, ops, count, &result))
        return false;
    if (reg >= DWARF_XMM0) {
        if (!is_readable(result) || !is_readable(result + 8))
            return false;
        outer->FltSave.XmmRegisters[reg - DWARF_XMM0].Low = arch_peek(result);
        outer->FltSave.XmmRegisters[reg - DWARF_XMM0].High = (LONGLONG)arch_peek(result + 8);
        return true;
    }
    *integer_register(outer, (unsigned)reg) = e->is_value ? result : read_word(e, result);
    return e->ok;
}

static bool step_with_cfi(CONTEXT *context, Dwarf_CFI *cfi, uint64_t pc)
{
    Dwarf_Frame *frame;
    Dwarf_Op *ops;
    size_t count;
    CONTEXT outer = *context;
    struct evaluation e = {.context = context};
    if (dwarf_cfi_addrframe(cfi, pc, &frame) != 0)
        return false;
    bool ok = dwarf_frame_cfa(frame, &ops, &count) == 0 && evaluate(&e, ops, count, &e.cfa);
    outer.Rsp = e.cfa;
    for (int reg = 0; reg < DWARF_REG_COUNT && ok; reg++) {
        if (reg != DWARF_RSP)
            ok = restore_register(&e, frame, reg, &outer);
    }
    free(frame);
    if (ok)
        *context = outer;
    return ok;
}

bool arch_unwind_elf_frame(CONTEXT *context, bool is_call_site)
{
    bool stepped = false;
    uintptr_t pc = context->Rip - (is_call_site ? 1 : 0);
    if (pthread_mutex_lock(&elf.lock) != 0)
        return false;
    Dwfl_Module *module = find_module(pc);
    if (module != NULL) {
        Dwarf_Addr bias;
        Dwarf_CFI *cfi = dwfl_module_eh_cfi(module, &bias);
        if (cfi != NULL)
            stepped = step_with_cfi(context, cfi, pc - bias);
        if (!stepped && (cfi = dwfl_module_dwarf_cfi(module, &bias)) != NULL)
            stepped = step_with_cfi(context, cfi, pc - bias);
    }
    pthread_mutex_unlock(&elf.lock);
    return stepped;
}

/* clang writes no table of which compilation unit an address is in, so without one each unit is asked. */
static void find_line(Dwfl_Module *module, uintptr_t address, struct arch_symbol *symbol)
{
    const char *file = NULL;
    Dwfl_Line *line = dwfl_module_getsrc(module, address);
    if (line != NULL)
        file = dwfl_lineinfo(line, NULL, &symbol->line, NULL, NULL, NULL);
    Dwarf_Addr bias;
    for (Dwarf_Die *unit = NULL; file == NULL && (unit = dwfl_module_nextcu(module, unit, &bias)) != NULL;) {
        if (dwarf_haspc(unit, address - bias) != 1)
            continue;
        Dwarf_Line *found = dwarf_getsrc_die(unit, address - bias);
        if (found == NULL || dwarf_lineno(found, &symbol->line) != 0)
            break;
        file = dwarf_linesrc(found, NULL, NULL);
    }
    if (file != NULL)
        snprintf(symbol->file, sizeof(symbol->file), "%.255s", file);
}

bool arch_elf_symbol(const void *address, struct arch_symbol *symbol)
{
    memset(symbol, 0, sizeof(*symbol));
    if (pthread_mutex_lock(&elf.lock) != 0)
        return false;
    Dwfl_Module *module = find_module((uintptr_t)address);
    if (module != NULL) {
        GElf_Off offset = 0;
        GElf_Sym unused;
        Dl_info object;
        const char *path = dladdr(address, &object) != 0 ? object.dli_fname : "";
        const char *slash = strrchr(path, '/');
        snprintf(symbol->module, sizeof(symbol->module), "%.63s", slash != NULL ? slash + 1 : path);
        const char *name = dwfl_module_addrinfo(module, (uintptr_t)address, &offset, &unused, NULL, NULL, NULL);
        if (name != NULL) {
            snprintf(symbol->function, sizeof(symbol->function), "%.127s", name);
            symbol->offset = offset;
        }
        find_line(module, (uintptr_t)address, symbol);
    }
    pthread_mutex_unlock(&elf.lock);
    return module != NULL;
}

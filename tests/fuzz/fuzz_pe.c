/*
 * The PE loader's parser on hostile files, and the unwinder on the exception tables that the parser has accepted: for
 * every function of such an image, a frame on a small stack is unwound from several addresses in it.
 */
#include <stdint.h>
#include <string.h>
#include "ntoskrnl/arch/arch_internal.h"
#include "ntoskrnl/ldr/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- what the unwinder asks of the rest of arch
 * ------------------------------------------------------------------------- */

const char arch_exception_handler_return[1], arch_unwind_handler_return[1], arch_fault_return[1];

static struct {
    struct arch_thread thread;
    struct arch_image image;
    uint64_t stack[512];
} fake;

struct arch_thread *arch_self(void)
{
    return &fake.thread;
}

const struct arch_image *arch_image_of(uintptr_t address)
{
    return address - fake.image.base < fake.image.size ? &fake.image : NULL;
}

bool arch_unwind_elf_frame(CONTEXT *context, bool is_call_site)
{
    (void)context;
    (void)is_call_site;
    return false;
}

VOID NTAPI RtlCaptureContext(PCONTEXT ContextRecord)
{
    memset(ContextRecord, 0, sizeof(*ContextRecord));
}

/* ------------------------------------------------------------------------------------------------------------------------
 */

static NTSTATUS bind(void *context, const char *dll, const char *name, unsigned ordinal, void *slot,
                     struct pe_error *error)
{
    uint64_t address = (uint64_t)context + ordinal + strlen(dll) + (name != NULL ? strlen(name) : 0);
    (void)error;
    memcpy(slot, &address, sizeof(address));
    return STATUS_SUCCESS;
}

static void unwind_function(const RUNTIME_FUNCTION *function)
{
    const uint32_t length = function->EndAddress - function->BeginAddress;
    const uint32_t offsets[] = {0, 1, 4, length / 2, length - 1};
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        CONTEXT context;
        void *data;
        DWORD64 establisher, base;
        memset(&context, 0, sizeof(context));
        context.Rsp = (DWORD64)(fake.stack + 64);
        context.Rbp = (DWORD64)(fake.stack + 128);
        context.Rip = fake.image.base + function->BeginAddress + (offsets[i] < length ? offsets[i] : 0);
        PRUNTIME_FUNCTION found = RtlLookupFunctionEntry(context.Rip, &base, NULL);
        if (found != NULL)
            RtlVirtualUnwind(UNW_FLAG_EHANDLER, base, context.Rip, found, &context, &data, &establisher, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[512];
    struct pe_error error = {STATUS_SUCCESS, text, sizeof(text)};
    static struct pe_image image;
    struct pe_load_config config;
    const RUNTIME_FUNCTION *functions;
    size_t count;
    if (!NT_SUCCESS(pe_map(data, size, &image, &error)))
        return 0;
    pe_pdb_name(&image, text, sizeof(text));
    pe_find_export(&image, "CatchStatus");
    if (NT_SUCCESS(pe_relocate(&image, &error)) && NT_SUCCESS(pe_for_each_import(&image, bind, image.base, &error)) &&
        NT_SUCCESS(pe_read_load_config(&image, &config, &error)) &&
        NT_SUCCESS(pe_check_functions(&image, &functions, &count, &error))) {
        fake.thread.stack_low = (uintptr_t)fake.stack;
        fake.thread.stack_high = (uintptr_t)(fake.stack + 512);
        fake.image.base = (uintptr_t)image.base;
        fake.image.size = image.size;
        fake.image.functions = functions;
        fake.image.function_count = count;
        for (size_t i = 0; i < count && i < 64; i++)
            unwind_function(&functions[i]);
    }
    pe_unmap(&image);
    return 0;
}

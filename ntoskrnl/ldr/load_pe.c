/*
 * Makes a PE driver image ready to run: relocated, its imports bound to ndiskit's exports, its security cookie random,
 * its Control Flow Guard checks satisfied, its pages protected, its exception table known to the unwinder. An import
 * that ndiskit does not have does not fail the load, because drivers import far more than they call: it is named, and
 * calling it is a bug check.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ldr/ldr_internal.h"

#define THUNK_SIZE     16
#define DEFAULT_COOKIE 0x00002b992ddfa232ull /* what the compiler's runtime initialises __security_cookie to */
#define MAX_MISSING    PE_MAX_IMPORTS

extern void ldr_missing_entry(void);
extern void ldr_guard_check(void);
extern void ldr_guard_dispatch(void);
_Noreturn void NTAPI ldr_missing_called(const struct ldr_missing *missing, void *caller);

/*
 * Windows refuses to load a driver with an import that it cannot find (STATUS_ENTRYPOINT_NOT_FOUND), so no documented
 * bug check says "a missing function was called". The nearest is an exception with that status that nobody handles:
 * KMODE_EXCEPTION_NOT_HANDLED with the status, the address after the call, and the names as the exception's
 * information.
 */
_Noreturn void NTAPI ldr_missing_called(const struct ldr_missing *missing, void *caller)
{
    ke_bugcheck_text(KMODE_EXCEPTION_NOT_HANDLED, (ULONG)STATUS_ENTRYPOINT_NOT_FOUND, (ULONG_PTR)caller,
                     (ULONG_PTR)missing->name, (ULONG_PTR)missing->image, NULL,
                     "%s called %s!%s, which ndiskit does not implement", missing->driver, missing->image,
                     missing->name);
}

static NTSTATUS add_missing(struct ldr_image *image, const char *dll, const char *name, void *slot,
                            struct pe_error *error)
{
    struct ldr_private *p = image->internal;
    /* The thunks' place is known before they exist: memory for as many as there can be, touched only as needed. */
    if (p->thunks == NULL) {
        p->thunks_size = MAX_MISSING * THUNK_SIZE;
        p->thunks = mmap(NULL, p->thunks_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        p->missing = calloc(MAX_MISSING, sizeof(*p->missing));
        if (p->thunks == MAP_FAILED || p->missing == NULL) {
            p->thunks = p->thunks == MAP_FAILED ? NULL : p->thunks;
            return pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "there is no memory for its imports");
        }
    }
    struct ldr_missing *m = &p->missing[p->missing_count];
    uint8_t *thunk = (uint8_t *)p->thunks + p->missing_count * THUNK_SIZE;
    m->entry = ldr_missing_entry;
    m->driver = image->name;
    m->image = strdup(dll);
    m->name = strdup(name);
    p->missing_count++;
    if (m->image == NULL || m->name == NULL)
        return pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "there is no memory for its imports");
    thunk[0] = 0x49; /* mov r11, m */
    thunk[1] = 0xbb;
    memcpy(thunk + 2, &m, sizeof(m));
    thunk[10] = 0x41; /* jmp [r11] */
    thunk[11] = 0xff;
    thunk[12] = 0x23;
    memcpy(slot, &thunk, sizeof(thunk));
    return STATUS_SUCCESS;
}

static NTSTATUS bind_import(void *context, const char *dll, const char *name, unsigned ordinal, void *slot,
                            struct pe_error *error)
{
    struct ldr_image *image = context;
    if (name == NULL)
        return pe_fail(
            error, STATUS_DRIVER_ORDINAL_NOT_FOUND,
            "it imports ordinal %u of %s: only imports by name are possible, because ordinals differ between "
            "versions of Windows",
            ordinal, dll);
    const void *address = ldr_find_export(dll, name);
    if (address == NULL)
        return add_missing(image, dll, name, slot, error);
    memcpy(slot, &address, sizeof(address));
    image->imports_bound++;
    return STATUS_SUCCESS;
}

static void name_missing(struct ldr_image *image)
{
    struct ldr_private *p = image->internal;
    image->imports_missing = p->missing_count;
    for (unsigned i = 0; i < p->missing_count; i++) {
        fprintf(
            stderr,
            "ndiskit: warning: %s imports %s!%s, which ndiskit does not implement: calling it will be a bug check\n",
            image->name, p->missing[i].image, p->missing[i].name);
        ke_trace("%s: import %s!%s is not implemented", image->name, p->missing[i].image, p->missing[i].name);
    }
}

/* A writable and executable section is refused by Windows under memory integrity (HVCI), so its driver's author wants
 * to know. */
static void note_writable_code(const struct ldr_image *image)
{
    const struct pe_image *pe = &image->internal->pe;
    for (unsigned i = 0; i < pe->section_count; i++) {
        uint32_t rights = pe->sections[i].characteristics;
        if ((rights & PE_SCN_MEM_WRITE) && (rights & PE_SCN_MEM_EXECUTE)) {
            fprintf(stderr,
                    "ndiskit: warning: section %.8s of %s is writable and executable: Windows with memory integrity on "
                    "does not load it\n",
                    pe->sections[i].name, image->name);
            ke_trace("%s: section %.8s is writable and executable", image->name, pe->sections[i].name);
        }
    }
}

static NTSTATUS apply_load_config(const struct pe_image *pe, struct pe_error *error)
{
    struct pe_load_config config;
    NTSTATUS status = pe_read_load_config(pe, &config, error);
    if (!NT_SUCCESS(status))
        return status;
    /* As on Windows, only a cookie that still has its compile-time value is replaced; its upper 16 bits stay clear. */
    if (config.security_cookie != NULL && *config.security_cookie == DEFAULT_COOKIE) {
        uint64_t cookie = 0;
        while (cookie == 0 || cookie == DEFAULT_COOKIE) {
            if (getrandom(&cookie, sizeof(cookie), 0) != sizeof(cookie))
                return pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "there are no random numbers for its cookie: %m");
            cookie &= 0x0000ffffffffffffull;
        }
        *config.security_cookie = cookie;
    }
    if (config.guard_check != NULL)
        *config.guard_check = (uint64_t)ldr_guard_check;
    if (config.guard_dispatch != NULL)
        *config.guard_dispatch = (uint64_t)ldr_guard_dispatch;
    return STATUS_SUCCESS;
}

NTSTATUS ldr_load_pe(struct ldr_image *image, const void *content, size_t size, struct pe_error *error)
{
    struct ldr_private *p = image->internal;
    const RUNTIME_FUNCTION *functions;
    size_t function_count;
    NTSTATUS status = pe_map(content, size, &p->pe, error);
    if (!NT_SUCCESS(status))
        return status;
    image->is_pe = TRUE;
    image->base = p->pe.base;
    image->size = p->pe.size;
    image->entry = (PDRIVER_INITIALIZE)(p->pe.base + p->pe.optional.entry);

    status = pe_relocate(&p->pe, error);
    if (NT_SUCCESS(status))
        status = pe_for_each_import(&p->pe, bind_import, image, error);
    if (NT_SUCCESS(status))
        status = apply_load_config(&p->pe, error);
    /* Last of what reads the image: in a hostile one, the steps before may have written anywhere. */
    if (NT_SUCCESS(status))
        status = pe_check_functions(&p->pe, &functions, &function_count, error);
    if (NT_SUCCESS(status))
        status = pe_protect(&p->pe, error);
    if (NT_SUCCESS(status) && p->thunks != NULL && mprotect(p->thunks, p->thunks_size, PROT_READ | PROT_EXEC) != 0)
        status = pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "its imports cannot be protected: %m");
    if (NT_SUCCESS(status) && !arch_add_image(image->base, image->size, image->name, functions, function_count))
        status = pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "too many images are loaded");
    if (!NT_SUCCESS(status)) {
        ldr_unload_pe(image);
        return status;
    }
    name_missing(image);
    note_writable_code(image);
    return STATUS_SUCCESS;
}

void ldr_unload_pe(struct ldr_image *image)
{
    struct ldr_private *p = image->internal;
    arch_remove_image(image->base);
    for (unsigned i = 0; i < p->missing_count; i++) {
        free(p->missing[i].image);
        free(p->missing[i].name);
    }
    free(p->missing);
    if (p->thunks != NULL)
        munmap(p->thunks, p->thunks_size);
    pe_unmap(&p->pe);
}

/*
 * What a driver image says about itself, for `ndiskit inspect`: the same parser as the loader's, but nothing is bound,
 * protected or run, so a driver can be looked at on any machine before it is trusted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "ntoskrnl/ldr/ldr_internal.h"

/* Appends one zeroed element to an array. NULL when there is no memory; the array is then unchanged. */
static void *append(void *array_pointer, size_t *count, size_t element_size)
{
    void **array = array_pointer;
    if ((*count & (*count - 1)) == 0) { /* full at each power of two */
        void *grown = realloc(*array, (*count == 0 ? 1 : *count * 2) * element_size);
        if (grown == NULL)
            return NULL;
        *array = grown;
    }
    void *element = (char *)*array + (*count)++ * element_size;
    memset(element, 0, element_size);
    return element;
}

static NTSTATUS add_import(struct ldr_facts *facts, const char *dll, const char *name, bool implemented,
                           struct pe_error *error)
{
    struct ldr_import_image *image = NULL;
    for (size_t i = 0; i < facts->image_count && image == NULL; i++) {
        if (strcasecmp(facts->images[i].name, dll) == 0)
            image = &facts->images[i];
    }
    if (image == NULL) {
        image = append(&facts->images, &facts->image_count, sizeof(*image));
        if (image == NULL || (image->name = strdup(dll)) == NULL)
            return pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "there is no memory");
    }
    struct ldr_import *import = append(&image->imports, &image->import_count, sizeof(*import));
    if (import == NULL || (import->name = strdup(name)) == NULL)
        return pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "there is no memory");
    import->implemented = implemented;
    facts->import_count++;
    facts->missing_count += !implemented;
    facts->imports_ndis |= strcasecmp(dll, "ndis.sys") == 0 || strncmp(name, "NdisM", 5) == 0;
    facts->imports_kmdf |= strcasecmp(dll, "wdfldr.sys") == 0 || strcmp(name, "WdfVersionBind") == 0;
    facts->imports_usbd |= strcasecmp(dll, "usbd.sys") == 0 || strncmp(name, "USBD_", 5) == 0;
    return STATUS_SUCCESS;
}

static NTSTATUS note_pe_import(void *context, const char *dll, const char *name, unsigned ordinal, void *slot,
                               struct pe_error *error)
{
    char number[16];
    (void)slot;
    snprintf(number, sizeof(number), "#%u", ordinal);
    return add_import(context, dll, name != NULL ? name : number, name != NULL && ldr_find_export(dll, name) != NULL,
                      error);
}

/* What the start-up code of a framework driver gives to WdfVersionBind: WDF_BIND_INFO, of which two forms exist. */
struct bind_info {
    uint32_t size;
    uint32_t padding;
    uint64_t component; /* address of the string L"KmdfLibrary" */
    uint32_t major, minor, build;
    uint32_t functions;
    uint64_t table, module;
};
enum { BIND_INFO_SIZE = 48, BIND_INFO2_SIZE = 88, MIN_FUNCTIONS = 100, MAX_FUNCTIONS = 1000 };

static bool is_bind_info(const struct bind_info *info)
{
    return (info->size == BIND_INFO_SIZE || info->size == BIND_INFO2_SIZE) && info->padding == 0 && info->major == 1 &&
           info->minor < 100 && info->functions >= MIN_FUNCTIONS && info->functions < MAX_FUNCTIONS;
}

static const uint8_t *find_component(const uint8_t *image, size_t size)
{
    static const uint16_t name[] = u"KmdfLibrary";
    return memmem(image, size, name, sizeof(name));
}

/* Looks for the structure in an image's data. component is the address that it must hold, or 0 when that is not known
 * before relocation, as in an ELF object. */
static void find_kmdf_version(const uint8_t *image, size_t size, uint64_t component, struct ldr_facts *facts)
{
    struct bind_info info;
    for (size_t at = 0; size >= sizeof(info) && at <= size - sizeof(info); at += 8) {
        memcpy(&info, image + at, sizeof(info));
        if (!is_bind_info(&info) || (component != 0 && info.component != component))
            continue;
        facts->kmdf_major = info.major;
        facts->kmdf_minor = info.minor;
        facts->kmdf_functions = info.functions;
        return;
    }
}

static NTSTATUS inspect_pe(const void *content, size_t size, struct ldr_facts *facts, struct pe_error *error)
{
    struct pe_image pe;
    struct pe_load_config config = {0};
    NTSTATUS status = pe_map(content, size, &pe, error);
    if (!NT_SUCCESS(status))
        return status;
    facts->is_pe = true;
    facts->image_size = pe.size;
    facts->entry = pe.optional.entry;
    facts->timestamp = pe.file.timestamp;
    facts->checksum = pe.optional.checksum;
    facts->subsystem = pe.optional.subsystem;
    facts->subsystem_major = pe.optional.major_subsystem;
    facts->subsystem_minor = pe.optional.minor_subsystem;
    facts->is_signed = pe.directories[PE_DIR_SECURITY].size != 0;
    for (unsigned i = 0; i < pe.section_count && NT_SUCCESS(status); i++) {
        const struct pe_section_header *from = &pe.sections[i];
        struct ldr_section *to = append(&facts->sections, &facts->section_count, sizeof(*to));
        if (to == NULL) {
            status = pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "there is no memory");
            break;
        }
        memcpy(to->name, from->name, sizeof(from->name));
        to->address = from->virtual_address;
        to->size = from->virtual_size;
        to->readable = from->characteristics & PE_SCN_MEM_READ;
        to->writable = from->characteristics & PE_SCN_MEM_WRITE;
        to->executable = from->characteristics & PE_SCN_MEM_EXECUTE;
    }
    pe_pdb_name(&pe, facts->pdb, sizeof(facts->pdb));
    if (NT_SUCCESS(status))
        status = pe_for_each_import(&pe, note_pe_import, facts, error);
    const uint8_t *component = facts->imports_kmdf ? find_component(pe.base, pe.size) : NULL;
    if (component != NULL)
        find_kmdf_version(pe.base, pe.size, pe.optional.image_base + (uint64_t)(component - pe.base), facts);
    /* The pointers of the load configuration are addresses, right only after relocation. */
    if (NT_SUCCESS(status))
        status = pe_relocate(&pe, error);
    if (NT_SUCCESS(status))
        status = pe_read_load_config(&pe, &config, error);
    facts->has_cfg = config.guard_check != NULL || config.guard_dispatch != NULL;
    facts->has_security_cookie = config.security_cookie != NULL;
    pe_unmap(&pe);
    return status;
}

struct elf_walk {
    struct ldr_facts *facts;
    struct pe_error *error;
    NTSTATUS status;
};

static void note_elf_import(void *context, const char *name, bool is_weak)
{
    struct elf_walk *w = context;
    bool exists = ldr_elf_symbol_objection(name) == NULL && ldr_elf_symbol_exists(name);
    if (NT_SUCCESS(w->status) && (exists || !is_weak))
        w->status = add_import(w->facts, "", name, exists, w->error);
}

static NTSTATUS inspect_elf(const void *content, size_t size, struct ldr_facts *facts, struct pe_error *error)
{
    struct elf_walk walk = {facts, error, STATUS_SUCCESS};
    NTSTATUS status = ldr_check_elf(content, size, &facts->image_size, error);
    if (NT_SUCCESS(status))
        status = ldr_for_each_undefined(content, size, note_elf_import, &walk, error);
    if (facts->imports_kmdf && find_component(content, size) != NULL)
        find_kmdf_version(content, size, 0, facts);
    return NT_SUCCESS(status) ? walk.status : status;
}

NTSTATUS ldr_inspect(const char *path, struct ldr_facts **result, char *error, size_t error_size)
{
    char text[1024] = "";
    struct pe_error reason = {STATUS_SUCCESS, text, sizeof(text)};
    void *content = NULL;
    size_t size = 0;
    *result = NULL;
    NTSTATUS status = ldr_read_file(path, &content, &size, &reason);
    struct ldr_facts *facts = calloc(1, sizeof(*facts));
    if (NT_SUCCESS(status) && facts == NULL)
        status = pe_fail(&reason, STATUS_INSUFFICIENT_RESOURCES, "there is no memory");
    if (NT_SUCCESS(status)) {
        facts->file_size = size;
        snprintf(facts->machine, sizeof(facts->machine), "x86-64");
        status = ldr_is_elf(content, size) ? inspect_elf(content, size, facts, &reason)
                                           : inspect_pe(content, size, facts, &reason);
    }
    free(content);
    if (NT_SUCCESS(status)) {
        *result = facts;
        return status;
    }
    if (facts != NULL)
        ldr_free_facts(facts);
    if (error_size != 0)
        snprintf(error, error_size, "cannot inspect %s: %s", path, text);
    return status;
}

void ldr_free_facts(struct ldr_facts *facts)
{
    for (size_t i = 0; i < facts->image_count; i++) {
        for (size_t j = 0; j < facts->images[i].import_count; j++)
            free(facts->images[i].imports[j].name);
        free(facts->images[i].imports);
        free(facts->images[i].name);
    }
    free(facts->images);
    free(facts->sections);
    free(facts);
}

/*
 * Reading a PE32+ image file. Windows' own loader refuses an image with a clear reason only in a checked build; here
 * each check has its sentence, because the reader of the message built the driver a minute ago. Headers are checked
 * against the file, then the sections are laid out in memory and everything else (relocations, imports, exception
 * table, load configuration) is checked against that layout. Nothing of the image is executed or trusted in this file.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ntoskrnl/ldr/pe.h"

NTSTATUS pe_fail(struct pe_error *error, NTSTATUS status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (error->size != 0)
        vsnprintf(error->text, error->size, format, arguments);
    va_end(arguments);
    error->status = status;
    return status;
}

static uint64_t round_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static NTSTATUS check_machine(uint16_t machine, struct pe_error *error)
{
    switch (machine) {
    case PE_MACHINE_AMD64:
        return STATUS_SUCCESS;
    case PE_MACHINE_I386:
        return pe_fail(error, STATUS_INVALID_IMAGE_WIN_32,
                       "it is a 32-bit x86 image: build the driver for x64 (--target=x86_64-pc-windows-msvc)");
    case PE_MACHINE_ARM64:
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is an ARM64 image: build the driver for x64 (--target=x86_64-pc-windows-msvc)");
    case PE_MACHINE_ARMNT:
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is a 32-bit ARM image: build the driver for x64 (--target=x86_64-pc-windows-msvc)");
    default:
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "its machine type is 0x%04x, not x64 (0x8664): build the driver for x64", machine);
    }
}

/* The headers, from the file. Leaves section headers to read_sections. */
static NTSTATUS read_headers(const uint8_t *file, size_t size, struct pe_image *image, uint64_t *section_table,
                             struct pe_error *error)
{
    uint32_t nt;
    if (size < 2 || file[0] != 'M' || file[1] != 'Z')
        return pe_fail(error, STATUS_INVALID_IMAGE_NOT_MZ,
                       "it is not a Windows driver image: it does not begin with \"MZ\"");
    if (size < 64)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is truncated: %zu bytes, less than a DOS header", size);
    memcpy(&nt, file + 60, sizeof(nt));
    if ((uint64_t)nt + 4 + sizeof(image->file) > size)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is truncated or corrupt: the PE header would be at offset 0x%x of a file of %zu bytes", nt,
                       size);
    if (memcmp(file + nt, "PE\0\0", 4) != 0)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is not a PE image: no \"PE\" signature at offset 0x%x (a DOS program?)", nt);
    memcpy(&image->file, file + nt + 4, sizeof(image->file));
    NTSTATUS status = check_machine(image->file.machine, error);
    if (!NT_SUCCESS(status))
        return status;

    uint64_t optional = (uint64_t)nt + 4 + sizeof(image->file);
    uint64_t optional_size = image->file.size_of_optional_header;
    if (optional_size < sizeof(image->optional) || optional + optional_size > size)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is truncated or corrupt: an optional header of %u bytes at offset 0x%x does not fit",
                       (unsigned)optional_size, (unsigned)optional);
    memcpy(&image->optional, file + optional, sizeof(image->optional));
    if (image->optional.magic != 0x20b)
        return pe_fail(error,
                       image->optional.magic == 0x10b ? STATUS_INVALID_IMAGE_WIN_32 : STATUS_INVALID_IMAGE_FORMAT,
                       "its optional header is of kind 0x%x, not PE32+ (0x20b)", image->optional.magic);
    uint32_t directories = image->optional.number_of_directories;
    if (directories > PE_DIR_COUNT)
        directories = PE_DIR_COUNT;
    if (sizeof(image->optional) + directories * sizeof(struct pe_data_directory) > optional_size)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is corrupt: %u data directories do not fit into an optional header of %u bytes", directories,
                       (unsigned)optional_size);
    memset(image->directories, 0, sizeof(image->directories));
    memcpy(image->directories, file + optional + sizeof(image->optional),
           directories * sizeof(struct pe_data_directory));
    *section_table = optional + optional_size;
    return STATUS_SUCCESS;
}

static NTSTATUS check_headers(size_t file_size, uint64_t section_table, struct pe_image *image, struct pe_error *error)
{
    const struct pe_optional_header *h = &image->optional;
    if (!(image->file.characteristics & PE_FILE_EXECUTABLE_IMAGE))
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is not linked: the file header does not call it an executable image");
    if (h->subsystem != PE_SUBSYSTEM_NATIVE)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is not a driver: its subsystem is %u, not native (1): link with /subsystem:native /driver",
                       h->subsystem);
    if (image->file.characteristics & PE_FILE_RELOCS_STRIPPED)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it has no relocations and can only be loaded at its own address: link it without /fixed");
    if (!is_power_of_two(h->section_alignment) || h->section_alignment < 4096)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "its sections are aligned to 0x%x bytes: x64 needs a power of two of at least 4096 (/align)",
                       h->section_alignment);
    if (!is_power_of_two(h->file_alignment) || h->file_alignment > h->section_alignment)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is corrupt: its file alignment is 0x%x",
                       h->file_alignment);
    if (h->size_of_image == 0 || h->size_of_image > PE_MAX_IMAGE_SIZE)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is corrupt: its size in memory would be %u bytes (at most %u are accepted)",
                       h->size_of_image, PE_MAX_IMAGE_SIZE);
    unsigned sections = image->file.number_of_sections;
    if (sections == 0 || sections > PE_MAX_SECTIONS)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is corrupt: it has %u sections (1 to %u are allowed)",
                       sections, PE_MAX_SECTIONS);
    uint64_t table_end = section_table + sections * sizeof(struct pe_section_header);
    if (table_end > file_size || table_end > h->size_of_headers)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is truncated or corrupt: its table of %u sections does not fit into its headers", sections);
    if (h->size_of_headers > file_size || h->size_of_headers > h->size_of_image)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "it is truncated or corrupt: headers of %u bytes in a file of %zu bytes", h->size_of_headers,
                       file_size);
    for (unsigned i = 0; i < PE_DIR_COUNT; i++) {
        const struct pe_data_directory *d = &image->directories[i];
        /* The security directory (the Authenticode signature) is at a file offset and is not mapped. */
        uint64_t limit = i == PE_DIR_SECURITY ? file_size : h->size_of_image;
        if (d->size != 0 && (uint64_t)d->address + d->size > limit)
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                           "it is corrupt: data directory %u (0x%x, %u bytes) lies outside of the image", i, d->address,
                           d->size);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS read_sections(const uint8_t *file, size_t file_size, uint64_t section_table, struct pe_image *image,
                              struct pe_error *error)
{
    uint64_t next = image->optional.size_of_headers;
    image->section_count = image->file.number_of_sections;
    memcpy(image->sections, file + section_table, image->section_count * sizeof(struct pe_section_header));
    for (unsigned i = 0; i < image->section_count; i++) {
        struct pe_section_header *s = &image->sections[i];
        if (s->virtual_size == 0)
            s->virtual_size = s->raw_size;
        if (s->virtual_address % image->optional.section_alignment != 0 || s->virtual_address < next)
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                           "it is corrupt: section %u (%.8s) at 0x%x is misaligned or overlaps what comes before it",
                           i + 1, s->name, s->virtual_address);
        next = (uint64_t)s->virtual_address + round_up(s->virtual_size, 4096);
        if (next > image->size)
            return pe_fail(
                error, STATUS_INVALID_IMAGE_FORMAT,
                "it is corrupt: section %u (%.8s, 0x%x + 0x%x bytes) reaches beyond the image of 0x%zx bytes", i + 1,
                s->name, s->virtual_address, s->virtual_size, image->size);
        if (s->raw_size != 0 && (uint64_t)s->raw_pointer + s->raw_size > file_size)
            return pe_fail(
                error, STATUS_INVALID_IMAGE_FORMAT,
                "it is truncated: section %u (%.8s) has its content at 0x%x to 0x%llx of a file of 0x%zx bytes", i + 1,
                s->name, s->raw_pointer, (unsigned long long)s->raw_pointer + s->raw_size, file_size);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS check_entry(const struct pe_image *image, struct pe_error *error)
{
    uint32_t entry = image->optional.entry;
    if (entry == 0)
        return pe_fail(error, STATUS_ENTRYPOINT_NOT_FOUND, "it has no entry point: link it with /entry:DriverEntry");
    for (unsigned i = 0; i < image->section_count; i++) {
        const struct pe_section_header *s = &image->sections[i];
        if (entry >= s->virtual_address && entry - s->virtual_address < s->virtual_size &&
            (s->characteristics & PE_SCN_MEM_EXECUTE))
            return STATUS_SUCCESS;
    }
    return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is corrupt: its entry point 0x%x is not in executable code",
                   entry);
}

NTSTATUS pe_map(const void *file, size_t file_size, struct pe_image *image, struct pe_error *error)
{
    uint64_t section_table = 0;
    memset(image, 0, sizeof(*image));
    image->file_size = file_size;
    NTSTATUS status = read_headers(file, file_size, image, &section_table, error);
    if (NT_SUCCESS(status))
        status = check_headers(file_size, section_table, image, error);
    if (!NT_SUCCESS(status))
        return status;
    image->size = round_up(image->optional.size_of_image, 4096);
    status = read_sections(file, file_size, section_table, image, error);
    if (NT_SUCCESS(status))
        status = check_entry(image, error);
    if (!NT_SUCCESS(status))
        return status;

    image->base = mmap(NULL, image->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (image->base == MAP_FAILED) {
        image->base = NULL;
        return pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "there is no memory for an image of %zu bytes",
                       image->size);
    }
    memcpy(image->base, file, image->optional.size_of_headers);
    for (unsigned i = 0; i < image->section_count; i++) {
        const struct pe_section_header *s = &image->sections[i];
        uint32_t size = s->raw_size < s->virtual_size ? s->raw_size : s->virtual_size;
        memcpy(image->base + s->virtual_address, (const uint8_t *)file + s->raw_pointer, size);
    }
    return STATUS_SUCCESS;
}

void pe_unmap(struct pe_image *image)
{
    if (image->base != NULL)
        munmap(image->base, image->size);
    image->base = NULL;
}

void *pe_at(const struct pe_image *image, uint64_t offset, uint64_t size)
{
    if (offset > image->size || size > image->size - offset)
        return NULL;
    return image->base + offset;
}

const char *pe_string(const struct pe_image *image, uint64_t offset, size_t max)
{
    if (offset >= image->size)
        return NULL;
    size_t rest = image->size - offset;
    const char *text = (const char *)image->base + offset;
    return memchr(text, 0, rest < max ? rest : max) != NULL ? text : NULL;
}

static uint16_t read16(const void *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static uint32_t read32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static uint64_t read64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

NTSTATUS pe_relocate(const struct pe_image *image, struct pe_error *error)
{
    struct pe_data_directory d = image->directories[PE_DIR_BASERELOC];
    uint64_t delta = (uint64_t)image->base - image->optional.image_base;
    for (uint64_t at = d.address, end = (uint64_t)d.address + d.size; at + 8 <= end;) {
        const uint8_t *block = pe_at(image, at, 8);
        uint32_t page = read32(block), size = read32(block + 4);
        if (size < 8 || size % 2 != 0 || at + size > end)
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                           "its relocations are corrupt: a block of %u bytes at 0x%llx", size, (unsigned long long)at);
        for (uint32_t i = 8; i < size; i += 2) {
            uint16_t entry = read16(block + i);
            unsigned kind = entry >> 12;
            if (kind == 0) /* padding */
                continue;
            uint8_t *target = pe_at(image, (uint64_t)page + (entry & 0xfff), 8);
            if (kind != 10 || target == NULL)
                return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                               "its relocations are corrupt: kind %u for address 0x%x (only DIR64, 10, is used on x64)",
                               kind, page + (entry & 0xfff));
            uint64_t value = read64(target) + delta;
            memcpy(target, &value, sizeof(value));
        }
        at += size;
    }
    return STATUS_SUCCESS;
}

/* total bounds the work that a table which overlaps itself can cause. */
static NTSTATUS import_dll(const struct pe_image *image, const struct pe_import_descriptor *d, unsigned *total,
                           pe_import_function *import, void *context, struct pe_error *error)
{
    char dll[64];
    const char *dll_in_image = pe_string(image, d->name, sizeof(dll));
    if (dll_in_image == NULL || dll_in_image[0] == 0)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "its imports are corrupt: the name of an imported image at 0x%x is too long or outside of the "
                       "image",
                       d->name);
    /* Copied, because in a hostile image the slots written below may be these very bytes. */
    snprintf(dll, sizeof(dll), "%s", dll_in_image);
    uint64_t lookup = d->lookup_table != 0 ? d->lookup_table : d->address_table;
    for (uint64_t i = 0;; i++) {
        const uint8_t *entry = pe_at(image, lookup + i * 8, 8);
        uint8_t *slot = pe_at(image, (uint64_t)d->address_table + i * 8, 8);
        if (entry == NULL || slot == NULL)
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                           "its imports are corrupt: the table for %s reaches beyond the image", dll);
        uint64_t value = read64(entry);
        if (value == 0)
            return STATUS_SUCCESS;
        if (++*total > PE_MAX_IMPORTS)
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "its imports are corrupt: more than %d functions",
                           PE_MAX_IMPORTS);
        const char *name = NULL;
        if (!(value >> 63)) {
            name = pe_string(image, (value & 0x7fffffff) + 2, 512);
            if (name == NULL || name[0] == 0)
                return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                               "its imports are corrupt: a name imported from %s at 0x%llx is outside of the image",
                               dll, (unsigned long long)value);
        }
        NTSTATUS status = import(context, dll, name, (unsigned)(value & 0xffff), slot, error);
        if (!NT_SUCCESS(status))
            return status;
    }
}

NTSTATUS pe_for_each_import(const struct pe_image *image, pe_import_function *import, void *context,
                            struct pe_error *error)
{
    uint32_t at = image->directories[PE_DIR_IMPORT].address;
    if (at == 0 || image->directories[PE_DIR_IMPORT].size == 0)
        return STATUS_SUCCESS;
    unsigned total = 0;
    for (uint64_t i = 0; i < PE_MAX_IMPORTS; i++) {
        struct pe_import_descriptor d;
        const void *from = pe_at(image, at + i * sizeof(d), sizeof(d));
        if (from == NULL)
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                           "its imports are corrupt: the import table at 0x%x has no end", at);
        memcpy(&d, from, sizeof(d));
        if (d.name == 0 || d.address_table == 0)
            return STATUS_SUCCESS;
        NTSTATUS status = import_dll(image, &d, &total, import, context, error);
        if (!NT_SUCCESS(status))
            return status;
    }
    return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "its imports are corrupt: too many imported images");
}

/* One UNWIND_INFO: its codes, and what follows them, lie in the image. Returns the chained entry, or NULL. */
static const uint8_t *check_unwind_info(const struct pe_image *image, uint32_t offset, bool *valid)
{
    const uint8_t *info = pe_at(image, offset, 4);
    *valid = false;
    if (info == NULL || offset % 4 != 0)
        return NULL;
    unsigned version = info[0] & 7, flags = info[0] >> 3;
    uint64_t end = 4 + ((info[2] + 1u) & ~1u) * 2u;
    if (version < 1 || version > 2)
        return NULL;
    if (flags & UNW_FLAG_CHAININFO)
        end += 12;
    else if (flags & (UNW_FLAG_EHANDLER | UNW_FLAG_UHANDLER))
        end += 4;
    if (pe_at(image, offset, end) == NULL)
        return NULL;
    if (flags & UNW_FLAG_CHAININFO) {
        *valid = true;
        return info + end - 12;
    }
    if (flags & (UNW_FLAG_EHANDLER | UNW_FLAG_UHANDLER)) {
        uint32_t handler = read32(info + end - 4);
        if (handler == 0 || handler >= image->size)
            return NULL;
    }
    *valid = true;
    return NULL;
}

NTSTATUS pe_check_functions(const struct pe_image *image, const RUNTIME_FUNCTION **functions, size_t *count,
                            struct pe_error *error)
{
    struct pe_data_directory d = image->directories[PE_DIR_EXCEPTION];
    *functions = NULL;
    *count = 0;
    if (d.size == 0)
        return STATUS_SUCCESS;
    if (d.size % 12 != 0 || d.address % 4 != 0)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "its exception table (.pdata) is corrupt: %u bytes at 0x%x",
                       d.size, d.address);
    uint32_t previous = 0;
    for (uint32_t i = 0; i < d.size / 12; i++) {
        const uint8_t *entry = image->base + d.address + i * 12;
        uint32_t begin = read32(entry), end = read32(entry + 4);
        bool valid = begin < end && end <= image->size && begin >= previous;
        previous = end;
        /* Chains are short in real images; the limit ends a cycle. */
        for (int depth = 0; valid && entry != NULL; depth++) {
            uint32_t unwind = read32(entry + 8);
            if (unwind & 1) { /* the entry of another piece of the same function */
                entry = pe_at(image, unwind & ~1u, 12);
                valid = entry != NULL && (unwind & 2) == 0 && (read32(entry + 8) & 1) == 0;
            } else {
                entry = check_unwind_info(image, unwind, &valid);
            }
            if (depth >= 32)
                valid = false;
        }
        if (!valid)
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                           "its exception table (.pdata) is corrupt: entry %u, for code 0x%x to 0x%x", i, begin, end);
    }
    *functions = (const RUNTIME_FUNCTION *)(image->base + d.address);
    *count = d.size / 12;
    return STATUS_SUCCESS;
}

/* A field of the load configuration that holds the (relocated) address of a pointer-sized variable of the image. */
static bool load_config_pointer(const struct pe_image *image, const uint8_t *config, uint32_t size, uint32_t field,
                                uint64_t **pointer)
{
    *pointer = NULL;
    if (field + 8 > size)
        return true;
    uint64_t address = read64(config + field);
    if (address == 0)
        return true;
    *pointer = pe_at(image, address - (uint64_t)image->base, 8);
    return *pointer != NULL && address % 8 == 0;
}

NTSTATUS pe_read_load_config(const struct pe_image *image, struct pe_load_config *config, struct pe_error *error)
{
    struct pe_data_directory d = image->directories[PE_DIR_LOAD_CONFIG];
    memset(config, 0, sizeof(*config));
    if (d.size < 4)
        return STATUS_SUCCESS;
    /* The structure states its own size; the directory's size is a historic constant in some images. */
    const uint8_t *at = pe_at(image, d.address, 4);
    uint32_t size = at != NULL ? read32(at) : 0;
    if (at == NULL || pe_at(image, d.address, size) == NULL)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "its load configuration is corrupt: %u bytes at 0x%x do not fit into the image", size,
                       d.address);
    if (!load_config_pointer(image, at, size, 88, &config->security_cookie) ||
        !load_config_pointer(image, at, size, 112, &config->guard_check) ||
        !load_config_pointer(image, at, size, 120, &config->guard_dispatch))
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                       "its load configuration is corrupt: a variable that it names is outside of the image");
    return STATUS_SUCCESS;
}

NTSTATUS pe_protect(const struct pe_image *image, struct pe_error *error)
{
    int failed = mprotect(image->base, image->size, PROT_READ);
    for (unsigned i = 0; i < image->section_count && !failed; i++) {
        const struct pe_section_header *s = &image->sections[i];
        int rights = PROT_READ;
        if (s->characteristics & PE_SCN_MEM_WRITE)
            rights |= PROT_WRITE;
        if (s->characteristics & PE_SCN_MEM_EXECUTE)
            rights |= PROT_EXEC;
        if (s->virtual_size != 0)
            failed = mprotect(image->base + s->virtual_address, round_up(s->virtual_size, 4096), rights);
    }
    if (failed)
        return pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "its pages cannot be protected: %m");
    return STATUS_SUCCESS;
}

void *pe_find_export(const struct pe_image *image, const char *name)
{
    struct pe_export_directory e;
    uint32_t at = image->directories[PE_DIR_EXPORT].address;
    const void *from = image->directories[PE_DIR_EXPORT].size != 0 ? pe_at(image, at, sizeof(e)) : NULL;
    if (from == NULL)
        return NULL;
    memcpy(&e, from, sizeof(e));
    const uint8_t *names = pe_at(image, e.names, (uint64_t)e.number_of_names * 4);
    const uint8_t *ordinals = pe_at(image, e.name_ordinals, (uint64_t)e.number_of_names * 2);
    const uint8_t *functions = pe_at(image, e.functions, (uint64_t)e.number_of_functions * 4);
    if (names == NULL || ordinals == NULL || functions == NULL)
        return NULL;
    for (uint32_t i = 0; i < e.number_of_names; i++) {
        const char *candidate = pe_string(image, read32(names + i * 4), 512);
        uint16_t index = read16(ordinals + i * 2);
        if (candidate == NULL || strcmp(candidate, name) != 0 || index >= e.number_of_functions)
            continue;
        /* An address inside the export directory is a forwarder's text, not code; drivers have none that matter. */
        uint32_t address = read32(functions + index * 4);
        return address - at < image->directories[PE_DIR_EXPORT].size ? NULL : pe_at(image, address, 1);
    }
    return NULL;
}

void pe_pdb_name(const struct pe_image *image, char *name, size_t size)
{
    struct pe_data_directory d = image->directories[PE_DIR_DEBUG];
    name[0] = 0;
    for (uint32_t i = 0; i + 28 <= d.size; i += 28) {
        const uint8_t *entry = pe_at(image, (uint64_t)d.address + i, 28);
        if (entry == NULL)
            return;
        uint32_t kind = read32(entry + 12), address = read32(entry + 20);
        const uint8_t *data = pe_at(image, address, 25);
        if (kind != 2 || data == NULL || memcmp(data, "RSDS", 4) != 0)
            continue;
        const char *path = pe_string(image, (uint64_t)address + 24, 4096);
        if (path != NULL)
            snprintf(name, size, "%s", path);
        return;
    }
}

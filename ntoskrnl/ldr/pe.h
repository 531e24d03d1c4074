/*
 * The PE32+ file format, as far as a driver image uses it (Microsoft's "PE Format" page). Structures are the file's own
 * layout; every access to one goes through a bounds check in pe.c, because the file is hostile input.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wdm.h>

#define PE_MACHINE_I386  0x14c
#define PE_MACHINE_AMD64 0x8664
#define PE_MACHINE_ARMNT 0x1c4
#define PE_MACHINE_ARM64 0xaa64

#define PE_FILE_RELOCS_STRIPPED  0x0001
#define PE_FILE_EXECUTABLE_IMAGE 0x0002

#define PE_SUBSYSTEM_NATIVE 1

#define PE_SCN_MEM_EXECUTE 0x20000000u
#define PE_SCN_MEM_READ    0x40000000u
#define PE_SCN_MEM_WRITE   0x80000000u

enum pe_directory {
    PE_DIR_EXPORT,
    PE_DIR_IMPORT,
    PE_DIR_RESOURCE,
    PE_DIR_EXCEPTION,
    PE_DIR_SECURITY,
    PE_DIR_BASERELOC,
    PE_DIR_DEBUG,
    PE_DIR_LOAD_CONFIG = 10,
    PE_DIR_COUNT = 16,
};

struct pe_file_header {
    uint16_t machine;
    uint16_t number_of_sections;
    uint32_t timestamp;
    uint32_t pointer_to_symbols;
    uint32_t number_of_symbols;
    uint16_t size_of_optional_header;
    uint16_t characteristics;
};

struct pe_data_directory {
    uint32_t address;
    uint32_t size;
};

struct pe_optional_header {
    uint16_t magic;
    uint8_t major_linker_version, minor_linker_version;
    uint32_t size_of_code, size_of_initialized_data, size_of_uninitialized_data;
    uint32_t entry;
    uint32_t base_of_code;
    uint64_t image_base;
    uint32_t section_alignment, file_alignment;
    uint16_t major_os, minor_os, major_image, minor_image, major_subsystem, minor_subsystem;
    uint32_t win32_version;
    uint32_t size_of_image, size_of_headers, checksum;
    uint16_t subsystem, dll_characteristics;
    uint64_t stack_reserve, stack_commit, heap_reserve, heap_commit;
    uint32_t loader_flags;
    uint32_t number_of_directories;
};

struct pe_section_header {
    char name[8];
    uint32_t virtual_size;
    uint32_t virtual_address;
    uint32_t raw_size;
    uint32_t raw_pointer;
    uint32_t relocations, line_numbers;
    uint16_t number_of_relocations, number_of_line_numbers;
    uint32_t characteristics;
};

struct pe_import_descriptor {
    uint32_t lookup_table;
    uint32_t timestamp;
    uint32_t forwarder;
    uint32_t name;
    uint32_t address_table;
};

struct pe_export_directory {
    uint32_t characteristics, timestamp;
    uint16_t major, minor;
    uint32_t name, ordinal_base, number_of_functions, number_of_names;
    uint32_t functions, names, name_ordinals;
};

_Static_assert(sizeof(struct pe_file_header) == 20, "PE file header");
_Static_assert(sizeof(struct pe_optional_header) == 112, "PE optional header without directories");
_Static_assert(sizeof(struct pe_section_header) == 40, "PE section header");
_Static_assert(sizeof(struct pe_import_descriptor) == 20, "PE import descriptor");
_Static_assert(sizeof(struct pe_export_directory) == 40, "PE export directory");

#define PE_MAX_SECTIONS   96
#define PE_MAX_IMAGE_SIZE (256u << 20)
#define PE_MAX_IMPORTS    16384

/* Where the sentence about what is wrong goes. */
struct pe_error {
    NTSTATUS status;
    char *text;
    size_t size;
};
NTSTATUS pe_fail(struct pe_error *error, NTSTATUS status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An image laid out in memory by its section table: every later access is by offset into it, checked against size. */
struct pe_image {
    uint8_t *base;
    size_t size; /* SizeOfImage rounded up to pages */
    size_t file_size;
    struct pe_file_header file;
    struct pe_optional_header optional;
    struct pe_data_directory directories[PE_DIR_COUNT];
    struct pe_section_header sections[PE_MAX_SECTIONS];
    unsigned section_count;
};

/* Checks the headers of a file in memory and lays its sections out in fresh read-write memory. */
NTSTATUS pe_map(const void *file, size_t file_size, struct pe_image *image, struct pe_error *error);
void pe_unmap(struct pe_image *image);

/* Bytes [offset, offset + size) of the image, or NULL when they are not all in it. */
void *pe_at(const struct pe_image *image, uint64_t offset, uint64_t size);
/* A terminated string of less than max bytes, or NULL. */
const char *pe_string(const struct pe_image *image, uint64_t offset, size_t max);

NTSTATUS pe_relocate(const struct pe_image *image, struct pe_error *error);
/* Calls import for each imported name, with the slot that takes its address. A status that import returns ends the
 * walk. */
typedef NTSTATUS pe_import_function(void *context, const char *dll, const char *name, unsigned ordinal, void *slot,
                                    struct pe_error *error);
NTSTATUS pe_for_each_import(const struct pe_image *image, pe_import_function *import, void *context,
                            struct pe_error *error);
/* Checks the exception directory, so that the unwinder may trust it. */
NTSTATUS pe_check_functions(const struct pe_image *image, const RUNTIME_FUNCTION **functions, size_t *count,
                            struct pe_error *error);
/* Security cookie and Control Flow Guard pointers of the load configuration. */
struct pe_load_config {
    uint64_t *security_cookie;
    uint64_t *guard_check;
    uint64_t *guard_dispatch;
};
NTSTATUS pe_read_load_config(const struct pe_image *image, struct pe_load_config *config, struct pe_error *error);
/* Gives every section its own access rights; what was laid out until now becomes final. */
NTSTATUS pe_protect(const struct pe_image *image, struct pe_error *error);
/* An export of the image by name, NULL when it has none or its export table is damaged. */
void *pe_find_export(const struct pe_image *image, const char *name);
/* The name of the symbol file, from the debug directory; "" when there is none. */
void pe_pdb_name(const struct pe_image *image, char *name, size_t size);

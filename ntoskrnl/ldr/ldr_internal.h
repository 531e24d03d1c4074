/* What the files of ldr share. */
#pragma once

#include "ntoskrnl/ldr/ldr.h"
#include "ntoskrnl/ldr/pe.h"

/* What an import that ndiskit does not have is bound to: a thunk that loads the address of this and jumps to entry. */
struct ldr_missing {
    void (*entry)(void);
    const char *driver;
    char *image;
    char *name;
};

struct ldr_private {
    struct pe_image pe;
    struct ldr_missing *missing;
    unsigned missing_count;
    void *thunks;
    size_t thunks_size;
    void *elf_handle;
    int elf_fd; /* of the private copy; -1 when loaded from its own path */
    char elf_copy[64];
};

/* One export of ndiskit; image may be an alias (hal.dll for ntoskrnl.exe). NULL when there is none. */
const void *ldr_own_export(const char *image, const char *name);

/* Reads a whole file. *content is for free(). */
NTSTATUS ldr_read_file(const char *path, void **content, size_t *size, struct pe_error *error);
bool ldr_is_elf(const void *content, size_t size);

NTSTATUS ldr_load_pe(struct ldr_image *image, const void *content, size_t size, struct pe_error *error);
void ldr_unload_pe(struct ldr_image *image);
NTSTATUS ldr_load_elf(struct ldr_image *image, const void *content, size_t size, struct pe_error *error);
void ldr_unload_elf(struct ldr_image *image);

/* An export of a loaded driver, by the driver's file name (any loaded driver when image is NULL). */
const void *ldr_driver_export(const char *image, const char *name);

/* Calls each with every undefined symbol that an ELF object expects others to define. */
typedef void ldr_symbol_function(void *context, const char *name, bool is_weak);
NTSTATUS ldr_for_each_undefined(const void *content, size_t size, ldr_symbol_function *each, void *context,
                                struct pe_error *error);
/* Checks that it is an x86-64 shared object; the size that its segments take in memory. */
NTSTATUS ldr_check_elf(const void *content, size_t size, size_t *image_size, struct pe_error *error);
/* Whether this process can bind name for an ELF driver. */
bool ldr_elf_symbol_exists(const char *name);
/* Why name, though it exists, must not be bound: NULL when it may. */
const char *ldr_elf_symbol_objection(const char *name);

bool ldr_symbolize_pe(const struct ldr_image *image, const void *address, char *buffer, size_t size);

/*
 * ldr: loads a driver image. A PE32+ image is mapped as Windows would map it (sections, relocations, imports bound by
 * name to ndiskit's exports, protections, security cookie, exception table); the same driver compiled for Linux is an
 * ELF shared object, loaded by the dynamic linker. Files are hostile input: every field is checked before use, and what
 * is wrong is said in one sentence.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wdm.h>
#include "ntoskrnl/arch/arch.h"

struct ldr_image {
    char name[64];   /* file name, e.g. "usbnet.sys" */
    char path[4096]; /* as given */
    void *base;
    size_t size; /* of the mapped image, in bytes */
    PDRIVER_INITIALIZE entry;
    BOOLEAN is_pe;
    unsigned imports_bound;   /* functions and variables found in ndiskit or in another loaded image */
    unsigned imports_missing; /* bound to a thunk that ends in a bug check */
    size_t file_size;
    struct ldr_private *internal;
};

/*
 * Loads the image in path, at PASSIVE_LEVEL. On success *image is the loaded image, freshly initialised each time (the
 * same file may be loaded several times at once); DriverEntry has not been called. On failure error holds one sentence
 * with the reason and the remedy and the status says the kind: STATUS_OBJECT_NAME_NOT_FOUND and STATUS_ACCESS_DENIED
 * (cannot be read), STATUS_INVALID_IMAGE_FORMAT, STATUS_INVALID_IMAGE_NOT_MZ, STATUS_INVALID_IMAGE_WIN_32,
 * STATUS_DRIVER_ORDINAL_NOT_FOUND, STATUS_ENTRYPOINT_NOT_FOUND, STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS ldr_load(const char *path, struct ldr_image **image, char *error, size_t error_size);

/* Unmaps an image: no code of it may run any more. PASSIVE_LEVEL. */
void ldr_unload(struct ldr_image *image);

/* The loaded image that holds address, or NULL. Any IRQL. */
struct ldr_image *ldr_image_from_address(const void *address);

/* "usbnet.sys!TxSend+0x12 (tx.c:123)", as much of it as is known. False when address is in no image at all (buffer then
   holds the bare number). Starts llvm-symbolizer for PE images with a PDB: for reports only. */
bool ldr_symbolize(const void *address, char *buffer, size_t size);

/* The address of an exported name: of ndiskit's image when image is one of its (ntoskrnl.exe, ndis.sys, ...; any of
   them when NULL) or of a loaded driver's export table. NULL when there is none. */
const void *ldr_find_export(const char *image, const char *name);

/* What `ndiskit inspect` reports about an image file, without running any of it. */
struct ldr_import {
    char *name;       /* "#12" for an ordinal */
    bool implemented; /* ndiskit exports it */
};
struct ldr_import_image {
    char *name; /* "ndis.sys"; "" for an ELF object, whose imports name no image */
    struct ldr_import *imports;
    size_t import_count;
};
struct ldr_section {
    char name[9];
    uint32_t address, size;
    bool readable, writable, executable;
};
struct ldr_facts {
    bool is_pe;
    char machine[16];  /* "x86-64" */
    size_t file_size;  /* bytes */
    size_t image_size; /* bytes */
    uint32_t entry;    /* offset of DriverEntry in the image */
    uint32_t timestamp;
    uint32_t checksum;
    unsigned subsystem, subsystem_major, subsystem_minor;
    bool has_cfg, has_security_cookie, is_signed;
    char pdb[256]; /* the symbol file named in the image; empty when none */
    bool imports_ndis, imports_kmdf, imports_usbd;
    unsigned kmdf_major, kmdf_minor; /* that the driver was built for; 0.0: none, or not found in the image */
    unsigned kmdf_functions;         /* in that version's table */
    struct ldr_section *sections;
    size_t section_count;
    struct ldr_import_image *images;
    size_t image_count;
    size_t import_count, missing_count;
};
NTSTATUS ldr_inspect(const char *path, struct ldr_facts **facts, char *error, size_t error_size);
void ldr_free_facts(struct ldr_facts *facts);

/*
 * Drivers in ELF form: the same sources compiled for Linux, so that sanitizers, fuzzers and gdb work on them. The
 * dynamic linker loads them and binds them to the exported functions of this program. Before it runs, the object's
 * symbol table is read to name what ndiskit does not implement: the dynamic linker would stop at the first such symbol
 * with a message that does not say whose driver needs what.
 */
#include <dlfcn.h>
#include <errno.h>
#include <gelf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ldr/ldr_internal.h"

static Elf *open_elf(const void *content, size_t size, struct pe_error *error)
{
    elf_version(EV_CURRENT);
    Elf *elf = elf_memory((char *)content, size);
    if (elf == NULL)
        pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is a corrupt ELF file: %s", elf_errmsg(-1));
    return elf;
}

static NTSTATUS check_segments(Elf *elf, size_t file_size, size_t *image_size, struct pe_error *error)
{
    size_t count;
    uint64_t end = 0;
    if (elf_getphdrnum(elf, &count) != 0 || count == 0 || count > 128)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is an ELF file without segments: link it with -shared");
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr p;
        if (gelf_getphdr(elf, (int)i, &p) == NULL || (p.p_type == PT_LOAD && p.p_offset + p.p_filesz > file_size))
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is truncated: segment %zu is not all in the file",
                           i);
        if (p.p_type == PT_INTERP)
            return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                           "it is a program, not a driver: link it with -shared and define DriverEntry");
        if (p.p_type == PT_LOAD && p.p_vaddr + p.p_memsz > end)
            end = p.p_vaddr + p.p_memsz;
    }
    if (end == 0 || end > PE_MAX_IMAGE_SIZE)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is corrupt: its size in memory would be %llu bytes",
                       (unsigned long long)end);
    *image_size = (end + 4095) & ~4095ull;
    return STATUS_SUCCESS;
}

NTSTATUS ldr_check_elf(const void *content, size_t size, size_t *image_size, struct pe_error *error)
{
    GElf_Ehdr header;
    Elf *elf = open_elf(content, size, error);
    if (elf == NULL)
        return error->status;
    NTSTATUS status;
    if (gelf_getehdr(elf, &header) == NULL)
        status = pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is a truncated ELF file: %s", elf_errmsg(-1));
    else if (header.e_machine != EM_X86_64 || header.e_ident[EI_CLASS] != ELFCLASS64)
        status =
            pe_fail(error, STATUS_INVALID_IMAGE_FORMAT,
                    "it is an ELF file for another processor (machine %u): compile it for x86-64", header.e_machine);
    else if (header.e_type != ET_DYN)
        status =
            pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is an ELF %s, not a shared object: link it with -shared",
                    header.e_type == ET_REL ? "object file" : "file of another kind");
    else
        status = check_segments(elf, size, image_size, error);
    elf_end(elf);
    return status;
}

NTSTATUS ldr_for_each_undefined(const void *content, size_t size, ldr_symbol_function *each, void *context,
                                struct pe_error *error)
{
    Elf *elf = open_elf(content, size, error);
    if (elf == NULL)
        return error->status;
    bool found = false;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == NULL || header.sh_type != SHT_DYNSYM || header.sh_entsize == 0)
            continue;
        Elf_Data *data = elf_getdata(section, NULL);
        found = data != NULL;
        for (size_t i = 1; data != NULL && i < header.sh_size / header.sh_entsize; i++) {
            GElf_Sym symbol;
            if (gelf_getsym(data, (int)i, &symbol) == NULL)
                break;
            const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
            if (symbol.st_shndx == SHN_UNDEF && name != NULL && name[0] != 0)
                each(context, name, GELF_ST_BIND(symbol.st_info) == STB_WEAK);
        }
    }
    elf_end(elf);
    if (!found)
        return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it has no dynamic symbol table: link it with -shared");
    return STATUS_SUCCESS;
}

bool ldr_elf_symbol_exists(const char *name)
{
    return dlsym(RTLD_DEFAULT, name) != NULL;
}

/* libc's wide-character functions take 32-bit characters: bound to them, a driver would silently read beyond its
 * strings. */
const char *ldr_elf_symbol_objection(const char *name)
{
    static const char *const prefixes[] = {"wcs",       "wmem",     "wprintf",  "fwprintf", "swprintf",
                                           "vswprintf", "towlower", "towupper", "_wcs"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return "it is libc's function for 32-bit characters: include the header of include/km that declares it";
    }
    return NULL;
}

struct undefined {
    struct ldr_image *image;
    char *list; /* names for the error message */
    size_t size, used;
    const char *objection;
};

static void check_symbol(void *context, const char *name, bool is_weak)
{
    struct undefined *u = context;
    const char *objection = ldr_elf_symbol_objection(name);
    if (objection == NULL && ldr_elf_symbol_exists(name)) {
        u->image->imports_bound++;
        return;
    }
    if (objection == NULL && is_weak)
        return;
    u->image->imports_missing++;
    if (objection != NULL)
        u->objection = objection;
    fprintf(stderr, "ndiskit: warning: %s imports %s, which ndiskit does not implement\n", u->image->name, name);
    ke_trace("%s: import %s is not implemented", u->image->name, name);
    if (u->used < u->size)
        u->used += (size_t)snprintf(u->list + u->used, u->size - u->used, "%s%s", u->used != 0 ? ", " : "", name);
}

static NTSTATUS check_symbols(struct ldr_image *image, const void *content, size_t size, struct pe_error *error)
{
    char list[512] = "";
    struct undefined u = {.image = image, .list = list, .size = sizeof(list)};
    NTSTATUS status = ldr_for_each_undefined(content, size, check_symbol, &u, error);
    if (!NT_SUCCESS(status))
        return status;
    if (image->imports_missing == 0)
        return STATUS_SUCCESS;
    /* Unlike a PE import, a symbol that the dynamic linker cannot bind cannot be left for later. */
    bool is_sanitizer = strstr(list, "__asan_") || strstr(list, "__tsan_") || strstr(list, "__ubsan_");
    const char *remedy = is_sanitizer ? ": it was compiled with a sanitizer that this ndiskit was not built with"
                                      : ": ndiskit does not implement them";
    return pe_fail(error, STATUS_ENTRYPOINT_NOT_FOUND, "%u of its symbols cannot be bound (%s)%s%s",
                   image->imports_missing, list, u.objection != NULL ? ": " : remedy,
                   u.objection != NULL ? u.objection : "");
}

/* A file of its own for the dynamic linker, which loads each file only once. The path names this process, so that gdb
   and symbolizers can open it too. */
static const char *make_copy(struct ldr_private *p, const char *name, const void *content, size_t size)
{
    p->elf_fd = memfd_create(name, MFD_CLOEXEC);
    for (size_t done = 0; p->elf_fd >= 0 && done < size;) {
        ssize_t put = write(p->elf_fd, (const char *)content + done, size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            close(p->elf_fd);
            p->elf_fd = -1;
        }
        done += put > 0 ? (size_t)put : 0;
    }
    if (p->elf_fd < 0)
        return NULL;
    snprintf(p->elf_copy, sizeof(p->elf_copy), "/proc/%d/fd/%d", (int)getpid(), p->elf_fd);
    return p->elf_copy;
}

static bool is_loaded(const char *path)
{
    void *handle = dlopen(path, RTLD_NOLOAD | RTLD_NOW);
    if (handle != NULL)
        dlclose(handle);
    return handle != NULL;
}

/* Held from looking whether the linker has a file to giving it that file. */
static struct ke_lock open_lock;

static NTSTATUS open_object(struct ldr_image *image, const void *content, size_t size, struct pe_error *error)
{
    struct ldr_private *p = image->internal;
    char *path = realpath(image->path, NULL);
    const char *use = path, *reason = NULL;
    ke_lock(&open_lock);
    if (path != NULL && is_loaded(path))
        use = make_copy(p, image->name, content, size);
    if (use == NULL)
        reason = strerror(errno);
    else if ((p->elf_handle = dlopen(use, RTLD_NOW | RTLD_LOCAL)) == NULL)
        reason = dlerror();
    ke_unlock(&open_lock);
    free(path);
    if (p->elf_handle != NULL)
        return STATUS_SUCCESS;
    if (p->elf_fd >= 0)
        close(p->elf_fd);
    p->elf_fd = -1;
    return pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "the dynamic linker refuses it: %s",
                   reason != NULL ? reason : "no reason given");
}

NTSTATUS ldr_load_elf(struct ldr_image *image, const void *content, size_t size, struct pe_error *error)
{
    struct ldr_private *p = image->internal;
    struct link_map *map;
    NTSTATUS status = ldr_check_elf(content, size, &image->size, error);
    if (NT_SUCCESS(status))
        status = check_symbols(image, content, size, error);
    if (NT_SUCCESS(status))
        status = open_object(image, content, size, error);
    if (!NT_SUCCESS(status))
        return status;
    /* A framework driver starts in the start-up code that is linked into it. */
    image->entry = (PDRIVER_INITIALIZE)dlsym(p->elf_handle, "FxDriverEntry");
    if (image->entry == NULL)
        image->entry = (PDRIVER_INITIALIZE)dlsym(p->elf_handle, "DriverEntry");
    if (image->entry == NULL)
        status = pe_fail(error, STATUS_ENTRYPOINT_NOT_FOUND,
                         "it does not export DriverEntry: define it with external linkage and default visibility");
    else if (dlinfo(p->elf_handle, RTLD_DI_LINKMAP, &map) != 0)
        status = pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "the dynamic linker does not tell where it is");
    else
        image->base = (void *)map->l_addr;
    if (NT_SUCCESS(status) && !arch_add_image(image->base, image->size, image->name, NULL, 0)) {
        status = pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "too many images are loaded");
        image->base = NULL;
    }
    if (!NT_SUCCESS(status))
        ldr_unload_elf(image);
    return status;
}

void ldr_unload_elf(struct ldr_image *image)
{
    struct ldr_private *p = image->internal;
    if (image->base != NULL)
        arch_remove_image(image->base);
    if (p->elf_handle != NULL)
        dlclose(p->elf_handle);
    if (p->elf_fd >= 0)
        close(p->elf_fd);
}

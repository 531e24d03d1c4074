/*
 * The list of loaded driver images, and loading one from a file of either form. Windows keeps this list in
 * PsLoadedModuleList; here it answers whose code an address is, and lets a driver import from another driver (an export
 * driver).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ldr/ldr_internal.h"

#define MAX_IMAGES    1024
#define MAX_FILE_SIZE (512u << 20)

/* Readers take no lock: a slot holds a complete image or NULL. */
static struct {
    struct ke_lock lock;
    struct ldr_image *images[MAX_IMAGES];
    unsigned used; /* slots beyond were never used */
} loaded;

static bool insert_image(struct ldr_image *image)
{
    bool inserted = false;
    ke_lock(&loaded.lock);
    for (unsigned i = 0; i < MAX_IMAGES && !inserted; i++) {
        if (loaded.images[i] != NULL)
            continue;
        __atomic_store_n(&loaded.images[i], image, __ATOMIC_RELEASE);
        if (i >= loaded.used)
            __atomic_store_n(&loaded.used, i + 1, __ATOMIC_RELEASE);
        inserted = true;
    }
    ke_unlock(&loaded.lock);
    return inserted;
}

static void remove_image(struct ldr_image *image)
{
    ke_lock(&loaded.lock);
    for (unsigned i = 0; i < loaded.used; i++) {
        if (loaded.images[i] == image)
            __atomic_store_n(&loaded.images[i], NULL, __ATOMIC_RELEASE);
    }
    ke_unlock(&loaded.lock);
}

struct ldr_image *ldr_image_from_address(const void *address)
{
    unsigned used = __atomic_load_n(&loaded.used, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < used; i++) {
        struct ldr_image *image = __atomic_load_n(&loaded.images[i], __ATOMIC_ACQUIRE);
        if (image != NULL && (uintptr_t)address - (uintptr_t)image->base < image->size)
            return image;
    }
    return NULL;
}

const void *ldr_driver_export(const char *name_of_image, const char *name)
{
    unsigned used = __atomic_load_n(&loaded.used, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < used; i++) {
        struct ldr_image *image = __atomic_load_n(&loaded.images[i], __ATOMIC_ACQUIRE);
        if (image == NULL || !image->is_pe || (name_of_image != NULL && strcasecmp(image->name, name_of_image) != 0))
            continue;
        const void *address = pe_find_export(&image->internal->pe, name);
        if (address != NULL)
            return address;
    }
    return NULL;
}

NTSTATUS ldr_read_file(const char *path, void **content, size_t *size, struct pe_error *error)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return pe_fail(error, errno == EACCES ? STATUS_ACCESS_DENIED : STATUS_OBJECT_NAME_NOT_FOUND,
                       "it cannot be read: %m");
    NTSTATUS status = STATUS_SUCCESS;
    char *buffer = NULL;
    size_t done = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        status = pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is not a file: give the path of a .sys or .so file");
    } else if (st.st_size > MAX_FILE_SIZE) {
        status = pe_fail(error, STATUS_INVALID_IMAGE_FORMAT, "it is larger than %u MiB", MAX_FILE_SIZE >> 20);
    } else if (st.st_size == 0) {
        status = pe_fail(error, STATUS_INVALID_IMAGE_NOT_MZ, "it is empty");
    } else if ((buffer = malloc((size_t)st.st_size)) == NULL) {
        status = pe_fail(error, STATUS_INSUFFICIENT_RESOURCES, "there is no memory for its %lld bytes",
                         (long long)st.st_size);
    }
    while (NT_SUCCESS(status) && done < (size_t)st.st_size) {
        ssize_t got = read(fd, buffer + done, (size_t)st.st_size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            status = pe_fail(error, STATUS_ACCESS_DENIED, "it cannot be read: %s",
                             got == 0 ? "it shrank meanwhile" : strerror(errno));
        else
            done += (size_t)got;
    }
    close(fd);
    if (!NT_SUCCESS(status)) {
        free(buffer);
        return status;
    }
    *content = buffer;
    *size = done;
    return STATUS_SUCCESS;
}

bool ldr_is_elf(const void *content, size_t size)
{
    return size >= 4 && memcmp(content, "\177ELF", 4) == 0;
}

/* Turns "it is ..." into a whole sentence that begins with the file's name. */
static NTSTATUS finish_error(const char *path, const struct pe_error *reason, char *error, size_t error_size)
{
    if (error_size != 0)
        snprintf(error, error_size, "cannot load %s: %s", path, reason->text);
    return reason->status;
}

static void symbolize_for_report(void *pc, char *buffer, size_t size)
{
    ldr_symbolize(pc, buffer, size);
}

NTSTATUS ldr_load(const char *path, struct ldr_image **result, char *error, size_t error_size)
{
    char text[1024] = "";
    struct pe_error reason = {STATUS_SUCCESS, text, sizeof(text)};
    void *content = NULL;
    size_t size = 0;
    *result = NULL;
    ke_set_bugcheck_symbolizer(symbolize_for_report);
    arch_take_signals();
    struct ldr_image *image = calloc(1, sizeof(*image));
    struct ldr_private *internal = calloc(1, sizeof(*internal));
    NTSTATUS status = STATUS_SUCCESS;
    if (image == NULL || internal == NULL)
        status = pe_fail(&reason, STATUS_INSUFFICIENT_RESOURCES, "there is no memory");
    if (NT_SUCCESS(status))
        status = ldr_read_file(path, &content, &size, &reason);
    if (!NT_SUCCESS(status))
        goto failed;

    const char *slash = strrchr(path, '/');
    snprintf(image->name, sizeof(image->name), "%s", slash != NULL ? slash + 1 : path);
    snprintf(image->path, sizeof(image->path), "%s", path);
    image->internal = internal;
    image->file_size = size;
    internal->elf_fd = -1;
    status = ldr_is_elf(content, size) ? ldr_load_elf(image, content, size, &reason)
                                       : ldr_load_pe(image, content, size, &reason);
    if (!NT_SUCCESS(status))
        goto failed;
    if (!insert_image(image)) {
        status = pe_fail(&reason, STATUS_INSUFFICIENT_RESOURCES, "too many images are loaded");
        image->is_pe ? ldr_unload_pe(image) : ldr_unload_elf(image);
        goto failed;
    }
    free(content);
    ke_trace("loaded %s at %p, %zu bytes, %u imports bound, %u missing", image->name, image->base, image->size,
             image->imports_bound, image->imports_missing);
    *result = image;
    return STATUS_SUCCESS;

failed:
    free(content);
    free(internal);
    free(image);
    return finish_error(path, &reason, error, error_size);
}

void ldr_unload(struct ldr_image *image)
{
    ke_trace("unloaded %s from %p", image->name, image->base);
    remove_image(image);
    if (image->is_pe)
        ldr_unload_pe(image);
    else
        ldr_unload_elf(image);
    free(image->internal);
    free(image);
}

/* Where MmGetSystemRoutineAddress looks: the exports of ntoskrnl.exe and hal.dll only, as documented. */
PVOID NTAPI MmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName)
{
    char name[256];
    size_t length = SystemRoutineName->Length / sizeof(WCHAR);
    if (length >= sizeof(name))
        return NULL;
    for (size_t i = 0; i < length; i++) {
        WCHAR c = SystemRoutineName->Buffer[i];
        if (c == 0 || c > 0x7e)
            return NULL;
        name[i] = (char)c;
    }
    name[length] = 0;
    return (PVOID)ldr_own_export("ntoskrnl.exe", name);
}
NT_EXPORT(MmGetSystemRoutineAddress);

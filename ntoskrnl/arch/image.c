/*
 * The table of driver images, as the fault handlers need it: readable in a signal handler, so without locks. Windows'
 * counterpart is the inverted function table, by which RtlLookupFunctionEntry finds the .pdata of an address.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/arch/arch_internal.h"
#include "ntoskrnl/arch/export.h"

#define MAX_IMAGES 1024

/* A slot is in use while its base is not 0; base is written last and cleared first. */
static struct {
    pthread_mutex_t lock;
    struct arch_image slots[MAX_IMAGES];
    unsigned used;
} images = {.lock = PTHREAD_MUTEX_INITIALIZER};

bool arch_add_image(const void *base, size_t size, const char *name, const RUNTIME_FUNCTION *functions,
                    size_t function_count)
{
    bool added = false;
    pthread_mutex_lock(&images.lock);
    for (unsigned i = 0; i < MAX_IMAGES && !added; i++) {
        struct arch_image *slot = &images.slots[i];
        if (__atomic_load_n(&slot->base, __ATOMIC_ACQUIRE) != 0)
            continue;
        slot->size = size;
        slot->functions = functions;
        slot->function_count = function_count;
        snprintf(slot->name, sizeof(slot->name), "%s", name);
        __atomic_store_n(&slot->base, (uintptr_t)base, __ATOMIC_RELEASE);
        if (i >= images.used)
            __atomic_store_n(&images.used, i + 1, __ATOMIC_RELEASE);
        added = true;
    }
    pthread_mutex_unlock(&images.lock);
    return added;
}

void arch_remove_image(const void *base)
{
    pthread_mutex_lock(&images.lock);
    for (unsigned i = 0; i < images.used; i++) {
        if (base != NULL && images.slots[i].base == (uintptr_t)base)
            __atomic_store_n(&images.slots[i].base, 0, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&images.lock);
}

const struct arch_image *arch_image_of(uintptr_t address)
{
    unsigned used = __atomic_load_n(&images.used, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < used; i++) {
        uintptr_t base = __atomic_load_n(&images.slots[i].base, __ATOMIC_ACQUIRE);
        if (base != 0 && address - base < images.slots[i].size)
            return &images.slots[i];
    }
    return NULL;
}

bool arch_find_image(const void *address, const void **base, size_t *size, const char **name)
{
    const struct arch_image *image = arch_image_of((uintptr_t)address);
    if (image == NULL)
        return false;
    if (base != NULL)
        *base = (const void *)image->base;
    if (size != NULL)
        *size = image->size;
    if (name != NULL)
        *name = image->name;
    return true;
}

PVOID NTAPI RtlPcToFileHeader(PVOID PcValue, PVOID *BaseOfImage)
{
    const struct arch_image *image = arch_image_of((uintptr_t)PcValue);
    *BaseOfImage = image != NULL ? (PVOID)image->base : NULL;
    return *BaseOfImage;
}
NT_EXPORT(RtlPcToFileHeader);

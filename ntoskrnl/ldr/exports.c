/*
 * The export tables of ndiskit's images. On Windows a driver binds to ntoskrnl.exe, hal.dll, ndis.sys, ... by name;
 * here all of them are one linker section of records, which is hashed once because thousands of imports are bound for
 * every load.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ldr/ldr_internal.h"

static struct {
    pthread_once_t once;
    const struct nt_export **buckets;
    size_t mask;
} exports = {.once = PTHREAD_ONCE_INIT};

static size_t hash_name(const char *name)
{
    size_t hash = 14695981039346656037ull;
    for (; *name != 0; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211ull;
    return hash;
}

static void build_table(void)
{
    size_t count = (size_t)(nt_exports_end() - nt_exports_begin());
    size_t size = 64;
    while (size < count * 2)
        size *= 2;
    exports.buckets = calloc(size, sizeof(*exports.buckets));
    if (exports.buckets == NULL)
        abort();
    exports.mask = size - 1;
    for (const struct nt_export *e = nt_exports_begin(); e < nt_exports_end(); e++) {
        size_t i = hash_name(e->name) & exports.mask;
        while (exports.buckets[i] != NULL)
            i = (i + 1) & exports.mask;
        exports.buckets[i] = e;
    }
}

/*
 * Windows moved functions between the kernel and the HAL over its versions (since Windows 10 version 2004 hal.dll only
 * forwards to ntoskrnl.exe), so an image that was linked against either finds them in both.
 */
static bool is_same_image(const char *exported_by, const char *wanted)
{
    if (wanted == NULL || strcasecmp(exported_by, wanted) == 0)
        return true;
    bool is_kernel = strcasecmp(exported_by, "ntoskrnl.exe") == 0 || strcasecmp(exported_by, "hal.dll") == 0;
    return is_kernel && (strcasecmp(wanted, "ntoskrnl.exe") == 0 || strcasecmp(wanted, "hal.dll") == 0);
}

const void *ldr_own_export(const char *image, const char *name)
{
    pthread_once(&exports.once, build_table);
    for (size_t i = hash_name(name) & exports.mask; exports.buckets[i] != NULL; i = (i + 1) & exports.mask) {
        const struct nt_export *e = exports.buckets[i];
        if (strcmp(e->name, name) == 0 && is_same_image(e->image, image))
            return e->address;
    }
    return NULL;
}

const void *ldr_find_export(const char *image, const char *name)
{
    const void *address = ldr_own_export(image, name);
    return address != NULL ? address : ldr_driver_export(image, name);
}

/*
 * Exports. A Windows image publishes names in its export table; ndiskit's images (ntoskrnl.exe, hal.dll, ndis.sys, ...)
 * are parts of one process, so each published function puts one record into a linker section instead. The PE loader's
 * import binding, the import libraries that drivers are linked with, and the coverage report all read that section:
 * there is no second list.
 *
 *   NT_EXPORT(KeSetEvent);                                     beside the definition; the image is that of the folder
 *   NT_EXPORT_AS("hal.dll", "KeStallExecutionProcessor", f);   another image, or a name that is not the C name
 *   NT_EXPORT_DATA(KeTickCount);                               a variable
 */
#pragma once

struct nt_export {
    const char *image;
    const char *name;
    const void *address;
    long is_data;
};

#define NT_EXPORT_RECORD_(image_, name_, address_, data_, line_)                                                       \
    __attribute__((section("nt_exports"), used)) static const struct nt_export nt_export_##line_ = {                   \
        image_, name_, (const void *)(address_), data_}
#define NT_EXPORT_EXPAND_(image_, name_, address_, data_, counter_)                                                    \
    NT_EXPORT_RECORD_(image_, name_, address_, data_, counter_)
#define NT_EXPORT_AS(image_, name_, symbol_) NT_EXPORT_EXPAND_(image_, name_, &symbol_, 0, __COUNTER__)
#define NT_EXPORT(symbol_)                   NT_EXPORT_AS(NT_IMAGE, #symbol_, symbol_)
#define NT_EXPORT_DATA(symbol_)              NT_EXPORT_EXPAND_(NT_IMAGE, #symbol_, &symbol_, 1, __COUNTER__)

extern const struct nt_export __start_nt_exports[] __attribute__((weak, visibility("hidden")));
extern const struct nt_export __stop_nt_exports[] __attribute__((weak, visibility("hidden")));

static inline const struct nt_export *nt_exports_begin(void)
{
    return __start_nt_exports;
}

static inline const struct nt_export *nt_exports_end(void)
{
    return __stop_nt_exports;
}

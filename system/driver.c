/*
 * Driver packages and drivers, for the API.
 */
#include <stdio.h>
#include <string.h>
#include "system/system.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/ldr/ldr.h"
#include "setup/setup.h"

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);

    return length >= tail && strcasecmp(text + length - tail, end) == 0;
}

int ndiskit_add_package(const char *path, enum ndiskit_form form, struct ndiskit_error *error)
{
    char text[512];
    bool elf = form == NDISKIT_FORM_ELF || (form == NDISKIT_FORM_ANY && ends_with(path, ".so"));

    setup_set_form(elf ? SETUP_FORM_ELF : SETUP_FORM_PE);
    if (!setup_add(path, text, sizeof(text)))
        return system_fail(error, STATUS_INVALID_PARAMETER, "%s", text);
    pnp_retry_driver_lookup();
    return 0;
}

int ndiskit_set_parameter(const char *keyword, const char *value, struct ndiskit_error *error)
{
    char assignment[512], text[512];

    if (snprintf(assignment, sizeof(assignment), "%s=%s", keyword, value) >= (int)sizeof(assignment))
        return system_fail(error, STATUS_INVALID_PARAMETER, "the value of %.64s is too long", keyword);
    if (!setup_set_keyword(assignment, text, sizeof(text)))
        return system_fail(error, STATUS_INVALID_PARAMETER, "%s", text);
    return 0;
}

int ndiskit_load_driver(const char *path, struct ndiskit_error *error)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path, *dot = strrchr(name, '.');
    char service[64], key[160], text[400];
    NTSTATUS status;

    snprintf(service, sizeof(service), "%.*s", (int)(dot ? dot - name : (ptrdiff_t)strlen(name)), name);
    snprintf(key, sizeof(key), CM_SERVICES "\\%s", service);
    status = cm_write_string(key, "ImagePath", path);
    if (!NT_SUCCESS(status))
        return system_fail(error, status, "%s is no name for a service", service);
    status = pnp_load_service(service, NULL, text, sizeof(text));
    if (!NT_SUCCESS(status))
        return system_fail(error, status, "%s", text);
    return 0;
}

int ndiskit_unload_driver(const char *service, struct ndiskit_error *error)
{
    NTSTATUS status = pnp_unload_service(service);

    if (status == STATUS_OBJECT_NAME_NOT_FOUND)
        return system_fail(error, status, "driver %s is not loaded", service);
    if (status == STATUS_DEVICE_BUSY)
        return system_fail(error, status, "driver %s has devices: remove them first", service);
    if (!NT_SUCCESS(status))
        return system_fail(error, status, "driver %s has no DriverUnload routine and stays until shutdown", service);
    return 0;
}

struct driver_list {
    struct ndiskit_driver_info *drivers;
    size_t count, max;
};

static void add_driver(PDRIVER_OBJECT driver, void *context)
{
    struct driver_list *list = context;
    const struct ldr_image *image = driver->DriverSection;
    struct ndiskit_driver_info *info;

    if (image == NULL) /* part of ndiskit */
        return;
    if (list->count++ >= list->max)
        return;
    info = &list->drivers[list->count - 1];
    memset(info, 0, sizeof(*info));
    snprintf(info->service, sizeof(info->service), "%s", io_driver_name(driver));
    snprintf(info->path, sizeof(info->path), "%.*s", (int)sizeof(info->path) - 1, image->path);
    info->is_pe = image->is_pe;
    info->file_size = image->file_size;
    info->imports = image->imports_bound;
}

size_t ndiskit_drivers(struct ndiskit_driver_info *drivers, size_t max)
{
    struct driver_list list = {.drivers = drivers, .max = max};

    io_for_each_driver(add_driver, &list);
    return list.count;
}

size_t ndiskit_phases(uint32_t from, struct ndiskit_phase *phases, size_t max)
{
    size_t total = 0;

    while (total < max) {
        struct io_phase phase;

        if (io_phase_read(from, &phase, 1) == 0)
            break;
        memcpy(phases[total].name, phase.name, sizeof(phase.name));
        memcpy(phases[total].subject, phase.subject, sizeof(phase.subject));
        phases[total].start_ns = phase.start * 100;
        phases[total].duration_ns = phase.duration * 100;
        phases[total].status = phase.status;
        phases[total].sequence = phase.sequence;
        from = phase.sequence + 1;
        total++;
    }
    return total;
}

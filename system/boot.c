/*
 * The system as a whole: the order in which its parts come up and go down, and what must be gone in the end.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "system/system.h"
#include "ndis/ndis.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/ldr/ldr.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/po/po.h"
#include "ntoskrnl/ps/ps.h"
#include "setup/setup.h"
#include "wdf/wdf.h"

struct system_state system_state;

int system_fail(struct ndiskit_error *error, NTSTATUS status, const char *format, ...)
{
    va_list arguments;

    if (error == NULL)
        return status;
    error->status = status;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return status;
}

LONGLONG system_timeout(unsigned deadline_ms)
{
    return deadline_ms == NDISKIT_FOREVER ? -1 : (LONGLONG)deadline_ms * 10000;
}

static void symbolize(void *pc, char *buffer, size_t size)
{
    ldr_symbolize(pc, buffer, size);
}

/* Pool in use, without what the registry holds: that is content, not a leak. */
static void measure_pool(struct ex_pool_usage *usage)
{
    size_t blocks, bytes;

    ex_pool_get_usage(usage);
    cm_get_usage(&blocks, &bytes);
    usage->blocks -= blocks;
    usage->bytes -= bytes;
}

int ndiskit_boot(const struct ndiskit_options *options, struct ndiskit_error *error)
{
    NTSTATUS status;

    if (system_state.is_up)
        return system_fail(error, STATUS_INVALID_DEVICE_STATE, "the system is up already: shut it down first");
    memset(&system_state, 0, sizeof(system_state));
    InitializeListHead(&system_state.devices);
    ke_set_processor_count(options ? options->processors : 0);
    ke_set_debug_output(options ? options->debug_output : NULL);
    ke_set_bugcheck_symbolizer(symbolize);
    ke_initialize();
    KeInitializeEvent(&system_state.usb_lock, SynchronizationEvent, TRUE);
    ex_initialize();
    ob_initialize();
    ps_initialize();
    cm_initialize();
    io_initialize();
    measure_pool(&system_state.pool_at_boot);
    system_state.threads_at_boot = ke_thread_count();
    pnp_initialize();
    po_initialize();
    ndis_initialize();
    setup_initialize();
    status = usb_initialize();
    if (!NT_SUCCESS(status))
        return system_fail(error, status, "the USB hub did not come up: status 0x%08x", (unsigned)status);
    pnp_wait_idle(-1);
    system_state.is_up = true;
    return 0;
}

/* A thread that has signalled its end still takes a moment to be gone. */
static unsigned count_threads(unsigned expected)
{
    LARGE_INTEGER millisecond = {.QuadPart = -10000};
    unsigned threads;

    for (int i = 0; (threads = ke_thread_count()) > expected && i < 1000; i++)
        KeDelayExecutionThread(KernelMode, FALSE, &millisecond);
    return threads;
}

int ndiskit_shutdown(struct ndiskit_leaks *leaks, struct ndiskit_error *error)
{
    struct ex_pool_usage pool;
    struct pnp_leaks left;
    unsigned registered, bound, threads;

    if (!system_state.is_up)
        return system_fail(error, STATUS_INVALID_DEVICE_STATE, "the system is not up");
    system_forget_devices();
    pnp_shutdown();
    usb_shutdown();
    registered = ndis_shutdown();
    bound = wdf_shutdown();
    setup_reset();
    po_shutdown();
    pnp_get_leaks(&left);
    ke_flush_dpcs();
    threads = count_threads(system_state.threads_at_boot); /* which also lets their objects go */
    measure_pool(&pool);
    io_shutdown();
    ps_shutdown();
    ex_shutdown();
    ke_shutdown();
    system_state.is_up = false;
    if (leaks != NULL)
        *leaks = (struct ndiskit_leaks){
            .pool_blocks = left.blocks,
            .pool_bytes = left.bytes,
            .device_objects = left.devices,
            .system_blocks = pool.blocks - system_state.pool_at_boot.blocks,
            .system_bytes = pool.bytes - system_state.pool_at_boot.bytes,
            .threads = threads - system_state.threads_at_boot,
        };
    if (registered != 0)
        return system_fail(error, STATUS_DEVICE_BUSY, "%u NDIS drivers had not deregistered at shutdown", registered);
    if (bound != 0)
        return system_fail(error, STATUS_DEVICE_BUSY, "%u framework drivers had not unbound at shutdown", bound);
    return 0;
}

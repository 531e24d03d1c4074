/*
 * Violations: where the framework stops a driver, always with bug check WDF_VIOLATION and the parameters that its page
 * documents, and with a sentence that names the driver, the call and what was wrong.
 *
 * On Windows some of these checks need the framework's verifier; here all of them are always on. What the page has no
 * code for (a call at too high an IRQL, a structure of the wrong size where no status can say so) is reported as
 * WDF_VERIFIER_FATAL_ERROR. "Bug Check 0x10D: WDF_VIOLATION", "Using KMDF Verifier"
 */
#include <stdio.h>
#include "wdf/wdf.h"

static const char *driver_name(const struct wdf_client *client)
{
    return client != NULL && client->globals.DriverName[0] != 0 ? client->globals.DriverName : "a driver";
}

_Noreturn void wdf_violation(const struct wdf_client *client, ULONG code, ULONG_PTR p2, ULONG_PTR p3, ULONG_PTR p4,
                             const char *call, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ke_bugcheck_text(WDF_VIOLATION, code, p2, p3, p4, NULL, "%s, %s: %s", driver_name(client), call, text);
}

_Noreturn void NTAPI wdf_irql_violation(const struct wdf_client *client, KIRQL max, const char *call,
                                        const void *caller)
{
    wdf_violation(client, WDF_VERIFIER_FATAL_ERROR, ke_irql(), max, (ULONG_PTR)caller, call,
                  "called at IRQL %u, but at most %u is allowed", ke_irql(), max);
}

_Noreturn void NTAPI wdf_null_violation(const struct wdf_client *client, const char *call, const char *parameter,
                                        const void *caller)
{
    wdf_violation(client, WDF_REQUIRED_PARAMETER_IS_NULL, 0, (ULONG_PTR)caller, 0, call, "%s is NULL", parameter);
}

void wdf_require_size(const struct wdf_client *client, ULONG size, size_t expected, const char *call,
                      const char *structure)
{
    if (size != expected)
        wdf_violation(client, WDF_VERIFIER_FATAL_ERROR, size, expected, 0, call,
                      "the Size of its %s is %u instead of %zu: initialize it with %s_INIT", structure, size, expected,
                      structure);
}

bool wdf_size_is(const struct wdf_client *client, ULONG size, size_t expected, const char *call, const char *structure)
{
    if (size == expected)
        return true;
    ke_trace("%s, %s: the Size of its %s is %u instead of %zu", driver_name(client), call, structure, size, expected);
    return false;
}

_Noreturn void NTAPI wdf_handle_violation(const struct wdf_client *client, const void *handle,
                                          const struct wdf_type *type, const char *call)
{
    const char *wanted = type != NULL ? type->name : "framework object";
    const struct wdf_object *object = wdf_lookup(handle);
    if (object == NULL)
        wdf_violation(client, WDF_INVALID_HANDLE, (ULONG_PTR)handle, 0, 0, call,
                      "%p is not the handle of a %s: it was deleted, or never was one", handle, wanted);
    if (object->client != client)
        wdf_violation(client, WDF_INVALID_HANDLE, (ULONG_PTR)handle, 0, 0, call,
                      "%p is the handle of a %s of another driver, %s", handle, object->type->name,
                      driver_name(object->client));
    wdf_violation(client, WDF_INVALID_HANDLE, (ULONG_PTR)handle, 0, 0, call,
                  "%p is the handle of a %s where that of a %s is needed", handle, object->type->name, wanted);
}

void NTAPI wdf_callback_violation(const struct wdf_client *client, struct wdf_callback_state before,
                                  const void *routine, const char *what)
{
    if (ke_irql() != before.irql)
        wdf_violation(client, WDF_VERIFIER_IRQL_MISMATCH, before.irql, ke_irql(), (ULONG_PTR)routine, what,
                      "returned at IRQL %u, but was called at %u", ke_irql(), before.irql);
    wdf_violation(client, WDF_VERIFIER_CRITICAL_REGION_LEAK, (ULONG_PTR)routine, 0, 0, what,
                  "returned inside of a critical region that it entered (a wait lock that is still held, perhaps)");
}

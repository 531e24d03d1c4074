/*
 * The NDIS library itself: its one state, handles, versions, and what every file needs to report misuse. A driver that
 * passes a handle of the wrong kind, or breaks a rule that NDIS relies on, ends in bug check 0x7C (BUGCODE_NDIS_DRIVER)
 * with a sentence that says which rule.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"
#include "ntoskrnl/cm/cm.h"

struct ndis_state ndis;

void ndis_initialize(void)
{
    if (ndis.initialized)
        return;
    memset(&ndis, 0, sizeof(ndis));
    InitializeListHead(&ndis.miniports);
    InitializeListHead(&ndis.adapters);
    InitializeListHead(&ndis.protocols);
    InitializeListHead(&ndis.filter_drivers);
    if (!NT_SUCCESS(ndis_library_initialize()))
        ke_bugcheck_text(BUGCODE_NDIS_DRIVER, 0, 0, 0, 0, NULL, "NDIS cannot start: no memory for its pools");
    ndis_worker_initialize();
    ndis.initialized = true;
}

static unsigned report_left(LIST_ENTRY *list, const char *kind, size_t link_offset, size_t name_offset)
{
    unsigned count = 0;
    for (LIST_ENTRY *entry = list->Flink; entry != list; entry = entry->Flink) {
        ndis_report("%s driver %s has not deregistered", kind, (const char *)entry - link_offset + name_offset);
        count++;
    }
    return count;
}

unsigned ndis_shutdown(void)
{
    unsigned left;

    if (!ndis.initialized)
        return 0;
    ndis_worker_stop();
    left = report_left(&ndis.miniports, "miniport", offsetof(struct ndis_miniport_driver, link),
                       offsetof(struct ndis_miniport_driver, name));
    left += report_left(&ndis.protocols, "protocol", offsetof(struct ndis_protocol, link),
                        offsetof(struct ndis_protocol, name));
    left += report_left(&ndis.filter_drivers, "filter", offsetof(struct ndis_filter_driver, link),
                        offsetof(struct ndis_filter_driver, name));
    ndis_library_shutdown();
    ndis.initialized = false;
    return left;
}

void ndis_set_verification(bool on)
{
    ndis.verify = on;
}

/* ---- reports
 * ---------------------------------------------------------------------------------------------------------- */

void ndis_report(const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ke_trace("NDIS: %s", text);
    fprintf(stderr, "ndis: %s\n", text);
}

void ndis_bugcheck(ULONG code, const void *object, const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ke_bugcheck_text(code, 0, (ULONG_PTR)object, 0, 0, NULL, "%s", text);
}

static const char *kind_name(unsigned type)
{
    switch (type) {
    case NDIS_KIND_MINIPORT_DRIVER:
        return "miniport driver";
    case NDIS_KIND_ADAPTER:
        return "miniport adapter";
    case NDIS_KIND_PROTOCOL:
        return "protocol driver";
    case NDIS_KIND_BINDING:
        return "binding";
    case NDIS_KIND_FILTER_DRIVER:
        return "filter driver";
    case NDIS_KIND_FILTER:
        return "filter module";
    case NDIS_KIND_DEVICE:
        return "control device";
    default:
        return "unknown object";
    }
}

void *ndis_check_handle(NDIS_HANDLE handle, enum ndis_object_type type, const char *function)
{
    struct ndis_object *object = handle;

    if (object == NULL)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, handle, "%s: the %s handle is NULL", function, kind_name(type));
    if (object->magic != NDIS_OBJECT_MAGIC)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, handle, "%s: %p is not a handle of NDIS (wanted: %s), or no longer one",
                      function, handle, kind_name(type));
    if (object->Header.Type != type)
        ndis_bugcheck(BUGCODE_NDIS_DRIVER, handle, "%s: wants the handle of a %s, but %p is that of a %s", function,
                      kind_name(type), handle, kind_name(object->Header.Type));
    return object;
}

/* ---- what a handle belongs to
 * ------------------------------------------------------------------------------------------ */

PDRIVER_OBJECT ndis_handle_driver(NDIS_HANDLE handle)
{
    struct ndis_object *object = handle;

    if (object == NULL)
        return NULL;
    if (object->Header.Type == NDIS_OBJECT_TYPE_DEFAULT)
        return ((NDIS_GENERIC_OBJECT *)handle)->DriverObject;
    if (object->magic != NDIS_OBJECT_MAGIC)
        return NULL;
    switch (object->Header.Type) {
    case NDIS_KIND_MINIPORT_DRIVER:
        return ((struct ndis_miniport_driver *)handle)->driver;
    case NDIS_KIND_ADAPTER:
        return ((struct ndis_adapter *)handle)->driver->driver;
    case NDIS_KIND_PROTOCOL:
        return ((struct ndis_protocol *)handle)->driver;
    case NDIS_KIND_BINDING:
        return ((struct ndis_binding *)handle)->protocol->driver;
    case NDIS_KIND_FILTER_DRIVER:
        return ((struct ndis_filter_driver *)handle)->driver;
    case NDIS_KIND_FILTER:
        return ((struct ndis_filter *)handle)->driver->driver;
    default:
        return NULL;
    }
}

PDEVICE_OBJECT ndis_handle_device(NDIS_HANDLE handle)
{
    struct ndis_object *object = handle;

    if (object == NULL || object->magic != NDIS_OBJECT_MAGIC)
        return NULL;
    if (object->Header.Type == NDIS_KIND_ADAPTER)
        return ((struct ndis_adapter *)handle)->fdo;
    if (object->Header.Type == NDIS_KIND_BINDING)
        return ((struct ndis_binding *)handle)->adapter->fdo;
    if (object->Header.Type == NDIS_KIND_FILTER)
        return ((struct ndis_filter *)handle)->adapter->fdo;
    return NULL;
}

/* Where NdisOpenConfigurationEx leads: the adapter's software key, or a driver's Parameters key. */
NDIS_STATUS ndis_configuration_key_path(NDIS_HANDLE handle, ULONG flags, char *path, size_t size)
{
    struct ndis_object *object = handle;
    const char *service;
    int length;

    if (object == NULL || object->magic != NDIS_OBJECT_MAGIC)
        return NDIS_STATUS_INVALID_PARAMETER;
    switch (object->Header.Type) {
    case NDIS_KIND_ADAPTER:
    case NDIS_KIND_BINDING: {
        struct ndis_adapter *adapter =
            object->Header.Type == NDIS_KIND_ADAPTER ? handle : ((struct ndis_binding *)handle)->adapter;
        if (adapter->driver_key[0] == 0)
            return NDIS_STATUS_FAILURE;
        snprintf(path, size, "%s", adapter->driver_key);
        return NDIS_STATUS_SUCCESS;
    }
    case NDIS_KIND_FILTER: {
        struct ndis_filter *filter = handle;
        if ((flags & NDIS_CONFIG_FLAG_FILTER_INSTANCE_CONFIGURATION) != 0) {
            snprintf(path, size, "%s\\%s\\Parameters\\Adapters\\%s", CM_SERVICES, filter->driver->name,
                     filter->adapter->guid);
            return NDIS_STATUS_SUCCESS;
        }
        service = filter->driver->name;
        break;
    }
    case NDIS_KIND_MINIPORT_DRIVER:
        service = ((struct ndis_miniport_driver *)handle)->name;
        break;
    case NDIS_KIND_PROTOCOL:
        service = ((struct ndis_protocol *)handle)->name;
        break;
    case NDIS_KIND_FILTER_DRIVER:
        service = ((struct ndis_filter_driver *)handle)->name;
        break;
    default:
        return NDIS_STATUS_INVALID_PARAMETER;
    }
    length = snprintf(path, size, "%s\\%s\\Parameters", CM_SERVICES, service);
    return length > 0 && (size_t)length < size ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FAILURE;
}

/* ---- small things
 * ------------------------------------------------------------------------------------------------------ */

bool ndis_header_valid(const NDIS_OBJECT_HEADER *header, UCHAR type, UCHAR minimum_revision, size_t minimum_size)
{
    return header->Type == type && header->Revision >= minimum_revision && header->Size >= minimum_size;
}

void ndis_to_utf8(const UNICODE_STRING *string, char *buffer, size_t size)
{
    if (string == NULL || string->Buffer == NULL) {
        buffer[0] = 0;
        return;
    }
    cm_to_utf8(string->Buffer, string->Length / sizeof(WCHAR), buffer, size);
}

void ndis_notify_change(void)
{
    __atomic_fetch_add(&ndis.changes, 1, __ATOMIC_SEQ_CST);
    ke_wake_address(&ndis.changes, 0x7FFFFFFF);
}

LIST_ENTRY *ndis_next_held(LIST_ENTRY *head, LIST_ENTRY *previous, ptrdiff_t count)
{
    LIST_ENTRY *found;

    ke_lock(&ndis.lock);
    found = previous == NULL ? head->Flink : previous->Flink;
    if (found != head)
        ++*(LONG *)((char *)found + count);
    if (previous != NULL)
        --*(LONG *)((char *)previous + count);
    ke_unlock(&ndis.lock);
    if (previous != NULL)
        ndis_notify_change();
    return found != head ? found : NULL;
}

/* NDIS 6.30, as on Windows 8 and Server 2012. */
UINT NTAPI NdisGetVersion(VOID)
{
    return NDIS_RUNTIME_VERSION_630;
}
NT_EXPORT(NdisGetVersion);

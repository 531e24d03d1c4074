/*
 * Names of the status codes that drivers fail with most, for messages to people.
 */
#include <stdio.h>
#include "ntoskrnl/pnp/pnp_internal.h"

#define NAME(status)                                                                                                   \
    {                                                                                                                  \
        status, #status                                                                                                \
    }

static const struct {
    NTSTATUS status;
    const char *name;
} names[] = {
    NAME(STATUS_UNSUCCESSFUL),
    NAME(STATUS_NOT_IMPLEMENTED),
    NAME(STATUS_INFO_LENGTH_MISMATCH),
    NAME(STATUS_INVALID_PARAMETER),
    NAME(STATUS_NO_SUCH_DEVICE),
    NAME(STATUS_INVALID_DEVICE_REQUEST),
    NAME(STATUS_NO_MEMORY),
    NAME(STATUS_ACCESS_DENIED),
    NAME(STATUS_BUFFER_TOO_SMALL),
    NAME(STATUS_OBJECT_NAME_INVALID),
    NAME(STATUS_OBJECT_NAME_NOT_FOUND),
    NAME(STATUS_OBJECT_NAME_COLLISION),
    NAME(STATUS_OBJECT_PATH_NOT_FOUND),
    NAME(STATUS_INSUFFICIENT_RESOURCES),
    NAME(STATUS_DEVICE_DATA_ERROR),
    NAME(STATUS_DEVICE_NOT_CONNECTED),
    NAME(STATUS_DEVICE_NOT_READY),
    NAME(STATUS_IO_TIMEOUT),
    NAME(STATUS_NOT_SUPPORTED),
    NAME(STATUS_CANCELLED),
    NAME(STATUS_DEVICE_CONFIGURATION_ERROR),
    NAME(STATUS_DEVICE_PROTOCOL_ERROR),
    NAME(STATUS_INVALID_DEVICE_STATE),
    NAME(STATUS_IO_DEVICE_ERROR),
    NAME(STATUS_NOT_FOUND),
    NAME(STATUS_NO_SUCH_FILE),
    NAME(STATUS_DEVICE_DOES_NOT_EXIST),
    NAME(STATUS_DEVICE_BUSY),
    NAME(STATUS_DELETE_PENDING),
    NAME(STATUS_REVISION_MISMATCH),
    NAME(STATUS_DEVICE_REMOVED),
};

const char *pnp_status_text(NTSTATUS status, char *text, size_t size)
{
    for (size_t i = 0; i < RTL_NUMBER_OF(names); i++) {
        if (names[i].status == status) {
            snprintf(text, size, "0x%08x (%s)", (unsigned)status, names[i].name);
            return text;
        }
    }
    snprintf(text, size, "0x%08x", (unsigned)status);
    return text;
}

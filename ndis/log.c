/*
 * Entries of the event log. ndiskit has none: they go to the debug output, where the person who debugs the driver
 * looks, and into the trace that a bug check prints. Pages: "NdisWriteErrorLogEntry function", "NdisWriteEventLogEntry
 * function".
 */
#include <stdio.h>
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/ke/ke.h"

static const char *error_code_name(NDIS_ERROR_CODE code)
{
    static const char *const names[] = {
        "resource conflict",
        "out of resources",
        "hardware failure",
        "adapter not found",
        "interrupt connect",
        "driver failure",
        "bad version",
        "timeout",
        "network address",
        "unsupported configuration",
        "invalid value from adapter",
        "missing configuration parameter",
        "bad I/O base address",
        "receive space small",
        "adapter disabled",
    };
    ULONG index = (code & 0xFFFF) - (NDIS_ERROR_CODE_RESOURCE_CONFLICT & 0xFFFF);
    return index < RTL_NUMBER_OF(names) ? names[index] : "driver defined";
}

static const char *driver_name(PDRIVER_OBJECT driver, char *buffer, size_t size)
{
    if (!driver)
        return "a driver";
    cm_to_utf8(driver->DriverName.Buffer, driver->DriverName.Length / sizeof(WCHAR), buffer, size);
    return buffer;
}

VOID NTAPI NdisWriteErrorLogEntry(NDIS_HANDLE NdisAdapterHandle, NDIS_ERROR_CODE ErrorCode, ULONG NumberOfErrorValues,
                                  ...)
{
    char name[128], values[256] = "";
    size_t at = 0;
    __builtin_ms_va_list arguments;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    __builtin_ms_va_start(arguments, NumberOfErrorValues);
    for (ULONG i = 0; i < NumberOfErrorValues && at < sizeof(values); i++)
        at += (size_t)snprintf(values + at, sizeof(values) - at, " 0x%x", __builtin_va_arg(arguments, ULONG));
    __builtin_ms_va_end(arguments);
    driver_name(ndis_handle_driver(NdisAdapterHandle), name, sizeof(name));
    ke_trace("event log: %s: 0x%08X (%s)%s", name, ErrorCode, error_code_name(ErrorCode), values);
    DbgPrint("%s logs error 0x%08X (%s)%s\n", name, ErrorCode, error_code_name(ErrorCode), values);
}
NT_EXPORT(NdisWriteErrorLogEntry);

/* The return values of the page: success, or NDIS_STATUS_BUFFER_TOO_SHORT when strings and data exceed one entry. */
NDIS_STATUS NTAPI NdisWriteEventLogEntry(PVOID LogHandle, NDIS_STATUS EventCode, ULONG UniqueEventValue,
                                         USHORT NumStrings, PVOID StringsList, ULONG DataSize, PVOID Data)
{
    char name[128], text[256];
    PWSTR *strings = StringsList;
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    (void)Data;
    driver_name(LogHandle, name, sizeof(name));
    ke_trace("event log: %s: 0x%08X (%u), %u strings, %u bytes", name, EventCode, UniqueEventValue, NumStrings,
             DataSize);
    DbgPrint("%s logs event 0x%08X (%u), %u bytes of data\n", name, EventCode, UniqueEventValue, DataSize);
    for (USHORT i = 0; strings && i < NumStrings; i++) {
        UNICODE_STRING string;
        RtlInitUnicodeString(&string, strings[i]);
        cm_to_utf8(string.Buffer, string.Length / sizeof(WCHAR), text, sizeof(text));
        DbgPrint("    %s\n", text);
    }
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisWriteEventLogEntry);

/*
 * The options of the framework's verifier, which are values under Parameters\Wdf of the driver's service key, and the
 * methods by which a driver stops in a debugger or for good. The verifier's checks themselves are always on here (see
 * violation.c). "Using KMDF Verifier", "Registry Values for Debugging Framework-based Drivers"
 */
#include <string.h>
#include "ntoskrnl/ex/ex.h"
#include "wdf/wdf.h"

enum { VALUE_SIZE = 512 };

struct value {
    KEY_VALUE_PARTIAL_INFORMATION information;
    UCHAR room[VALUE_SIZE];
};

static bool query(HANDLE key, const WCHAR *name, struct value *value)
{
    UNICODE_STRING text;
    ULONG length;
    RtlInitUnicodeString(&text, name);
    return NT_SUCCESS(
        ZwQueryValueKey(key, &text, KeyValuePartialInformation, &value->information, sizeof(*value), &length));
}

static ULONG query_number(HANDLE key, const WCHAR *name, ULONG missing)
{
    struct value value;
    ULONG number;
    if (!query(key, name, &value) || value.information.Type != REG_DWORD ||
        value.information.DataLength < sizeof(ULONG))
        return missing;
    memcpy(&number, value.information.Data, sizeof(number));
    return number;
}

/* Names of types, or "*", with blanks between them however they were separated. */
static void query_names(HANDLE key, const WCHAR *name, char *names, size_t size)
{
    struct value value;
    size_t length = 0;
    if (!query(key, name, &value) || (value.information.Type != REG_MULTI_SZ && value.information.Type != REG_SZ))
        return;
    const UCHAR *data = value.information.Data;
    for (ULONG i = 0; i + 1 < value.information.DataLength && length + 1 < size; i += sizeof(WCHAR))
        names[length++] = data[i + 1] == 0 && data[i] > ' ' ? (char)data[i] : ' ';
    while (length > 0 && names[length - 1] == ' ')
        length--;
    names[length] = 0;
}

static HANDLE open_options(struct wdf_client *client)
{
    static const WCHAR below[] = L"\\Parameters\\Wdf";
    HANDLE key = NULL;
    UNICODE_STRING path = {0, (USHORT)(client->registry_path.Length + sizeof(below)), NULL};
    path.Buffer = ExAllocatePoolZero(PagedPool, path.MaximumLength, client->globals.DriverTag);
    if (path.Buffer == NULL)
        return NULL;
    RtlCopyUnicodeString(&path, &client->registry_path);
    RtlAppendUnicodeToString(&path, below);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &path, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    if (!NT_SUCCESS(ZwOpenKey(&key, KEY_READ, &attributes)))
        key = NULL;
    ExFreePool(path.Buffer);
    return key;
}

void wdf_verifier_read_options(struct wdf_client *client)
{
    struct wdf_verifier *verifier = &client->verifier;
    HANDLE key = open_options(client);
    memset(verifier, 0, sizeof(*verifier));
    if (key == NULL)
        return;
    verifier->on = query_number(key, L"VerifierOn", 0) != 0;
    verifier->break_on_error = query_number(key, L"DbgBreakOnError", verifier->on) != 0;
    if (verifier->on || query_number(key, L"VerifyOn", 0) != 0)
        client->globals.DriverFlags |= WdfVerifyOn;
    if (verifier->on) {
        ULONG count = query_number(key, L"VerifierAllocateFailCount", MAXULONG);
        client->globals.DriverFlags |= WdfVerifierOn;
        verifier->count_allocations = count != MAXULONG;
        verifier->allocations_left = count > MAXLONG ? MAXLONG : (LONG)count;
        query_names(key, L"TrackHandles", verifier->track_handles, sizeof(verifier->track_handles));
    }
    ZwClose(key);
}

bool wdf_verifier_fails_allocation(struct wdf_client *client)
{
    if (!client->verifier.count_allocations)
        return false;
    /* Stays at zero: it must not wrap however often it is asked. */
    LONG left = __atomic_load_n(&client->verifier.allocations_left, __ATOMIC_RELAXED);
    while (left > 0 && !__atomic_compare_exchange_n(&client->verifier.allocations_left, &left, left - 1, true,
                                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
    return left <= 0;
}

/* Without a debugger, DbgBreakPoint ends in a bug check, as on Windows. */
VOID NTAPI kmdf_WdfVerifierDbgBreakPoint(PWDF_DRIVER_GLOBALS DriverGlobals)
{
    const struct wdf_client *client = wdf_client(DriverGlobals);
    if (client->verifier.break_on_error)
        DbgBreakPoint();
    else
        ke_trace("%s called WdfVerifierDbgBreakPoint", client->globals.DriverName);
}
WDF_EXPORT(WdfVerifierDbgBreakPoint, PFN_WDFVERIFIERDBGBREAKPOINT);

VOID NTAPI kmdf_WdfVerifierKeBugCheck(PWDF_DRIVER_GLOBALS DriverGlobals, ULONG BugCheckCode,
                                      ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
                                      ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4)
{
    ke_bugcheck_text(BugCheckCode, BugCheckParameter1, BugCheckParameter2, BugCheckParameter3, BugCheckParameter4, NULL,
                     "%s called WdfVerifierKeBugCheck", wdf_client(DriverGlobals)->globals.DriverName);
}
WDF_EXPORT(WdfVerifierKeBugCheck, PFN_WDFVERIFIERKEBUGCHECK);

/* What crash dump tools read is undocumented. What a driver may count on is a pointer that stays valid. */
PVOID NTAPI kmdf_WdfGetTriageInfo(PWDF_DRIVER_GLOBALS DriverGlobals)
{
    static const ULONG nothing[16];
    (void)DriverGlobals;
    return (PVOID)nothing;
}
WDF_EXPORT(WdfGetTriageInfo, PFN_WDFGETTRIAGEINFO);

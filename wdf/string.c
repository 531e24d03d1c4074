/*
 * String objects: a copy of a Unicode string, always terminated. "Using String Objects"
 */
#include <string.h>
#include "ntoskrnl/ex/ex.h"
#include "wdf/wdf.h"

static void string_destroy(struct wdf_object *object)
{
    struct wdf_string *string = (struct wdf_string *)object;
    if (string->string.Buffer != NULL)
        ExFreePool(string->string.Buffer);
}

const struct wdf_type wdf_string_type = {.name = "WDFSTRING", .flags = WDF_TYPE_PASSIVE, .destroy = string_destroy};

NTSTATUS wdf_string_assign(struct wdf_string *string, PCUNICODE_STRING text)
{
    PWCHAR buffer = NULL;
    if (text->Length % sizeof(WCHAR) != 0 || text->Length > UNICODE_STRING_MAX_BYTES - sizeof(WCHAR))
        return STATUS_INVALID_PARAMETER;
    if (!wdf_verifier_fails_allocation(string->object.client))
        buffer = ExAllocatePoolZero(PagedPool, text->Length + sizeof(WCHAR), string->object.client->globals.DriverTag);
    if (buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(buffer, text->Buffer, text->Length);
    if (string->string.Buffer != NULL)
        ExFreePool(string->string.Buffer);
    string->string = (UNICODE_STRING){text->Length, (USHORT)(text->Length + sizeof(WCHAR)), buffer};
    return STATUS_SUCCESS;
}

struct wdf_string *wdf_string_create(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes,
                                     struct wdf_object *default_parent, PCUNICODE_STRING text, NTSTATUS *status)
{
    struct wdf_string *string =
        (void *)wdf_object_create(client, &wdf_string_type, sizeof(*string), attributes, default_parent, status);
    if (string == NULL || text == NULL)
        return string;
    *status = wdf_string_assign(string, text);
    if (!NT_SUCCESS(*status)) {
        wdf_object_abandon(&string->object);
        return NULL;
    }
    return string;
}

NTSTATUS NTAPI kmdf_WdfStringCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PCUNICODE_STRING UnicodeString,
                                    PWDF_OBJECT_ATTRIBUTES StringAttributes, WDFSTRING *String)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require(client, String, "WdfStringCreate", "String");
    *String = NULL;
    if (ke_irql() != PASSIVE_LEVEL)
        return STATUS_INVALID_DEVICE_REQUEST;
    struct wdf_string *string =
        wdf_string_create(client, StringAttributes, wdf_client_root(client), UnicodeString, &status);
    if (string == NULL)
        return status;
    *String = (WDFSTRING)wdf_handle(&string->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfStringCreate, PFN_WDFSTRINGCREATE);

VOID NTAPI kmdf_WdfStringGetUnicodeString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFSTRING String,
                                          PUNICODE_STRING UnicodeString)
{
    struct wdf_string *string = wdf_from_handle(DriverGlobals, String, &wdf_string_type, "WdfStringGetUnicodeString");
    wdf_require_irql(string->object.client, PASSIVE_LEVEL, "WdfStringGetUnicodeString");
    wdf_require(string->object.client, UnicodeString, "WdfStringGetUnicodeString", "UnicodeString");
    *UnicodeString = string->string;
}
WDF_EXPORT(WdfStringGetUnicodeString, PFN_WDFSTRINGGETUNICODESTRING);

/*
 * A framework driver without a device, which uses objects from its DriverEntry to its unload and says so.
 */
#include <ntddk.h>
#include <wdf.h>

typedef struct _BIND_CONTEXT {
    ULONG Magic;
} BIND_CONTEXT;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(BIND_CONTEXT, GetBindContext)

DRIVER_INITIALIZE DriverEntry;
static EVT_WDF_DRIVER_UNLOAD EvtDriverUnload;
static EVT_WDF_OBJECT_CONTEXT_DESTROY EvtStringDestroy;

_Use_decl_annotations_ static VOID EvtDriverUnload(WDFDRIVER Driver)
{
    DbgPrint("kmdfbind: unload of %s\n", Driver == WdfGetDriver() ? WdfDriverGlobals->DriverName : "a stranger");
}

_Use_decl_annotations_ static VOID EvtStringDestroy(WDFOBJECT Object)
{
    DbgPrint("kmdfbind: destroyed %x\n", GetBindContext(Object)->Magic);
}

static NTSTATUS MakeString(VOID)
{
    WDF_OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING text;
    WDFSTRING string;
    NTSTATUS status;

    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&attributes, BIND_CONTEXT);
    attributes.EvtDestroyCallback = EvtStringDestroy;
    status = WdfStringCreate(NULL, &attributes, &string);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    GetBindContext(string)->Magic = 0xb1d0 + KMDF_VERSION_MINOR;
    status = WdfDriverRetrieveVersionString(WdfGetDriver(), string);
    if (NT_SUCCESS(status)) {
        WdfStringGetUnicodeString(string, &text);
        DbgPrint("kmdfbind: built for 1.%u, runs with %wZ\n", KMDF_VERSION_MINOR, &text);
    }
    return status;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG config;
    WDFDRIVER driver;
    NTSTATUS status;

    WDF_DRIVER_CONFIG_INIT(&config, WDF_NO_EVENT_CALLBACK);
    config.DriverInitFlags = WdfDriverInitNonPnpDriver;
    config.EvtDriverUnload = EvtDriverUnload;
    status = WdfDriverCreate(DriverObject, RegistryPath, WDF_NO_OBJECT_ATTRIBUTES, &config, &driver);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return MakeString();
}

/*
 * The System process, and the two services that ps hands to the layers below, which cannot reach the object manager
 * themselves: thread objects (ke) and callback objects (ex).
 */
#include <string.h>
#include <ntifs.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/ps/ps.h"

enum { SYSTEM_PROCESS_ID = 4 };

/* What a PEPROCESS points to. Waitable, though it never ends. */
struct _EPROCESS {
    DISPATCHER_HEADER Header;
    LARGE_INTEGER create_time;
};

PEPROCESS PsInitialSystemProcess __attribute__((visibility("default")));
NT_EXPORT_DATA(PsInitialSystemProcess);

static void adopt_thread(void *storage)
{
    ob_adopt(ob_types.thread, storage, ke_thread_free_storage);
}

static void release_thread(struct _KTHREAD *thread)
{
    ObDereferenceObject(thread);
}

static PVOID itself(PVOID body)
{
    return body;
}

static NTSTATUS open_callback(POBJECT_ATTRIBUTES attributes, bool create, size_t body_size, void **body, bool *is_new)
{
    *is_new = false;
    bool named = attributes != NULL && attributes->ObjectName != NULL && attributes->ObjectName->Length != 0;
    if (named) {
        NTSTATUS status = ob_lookup(attributes->ObjectName, attributes->RootDirectory, attributes->Attributes,
                                    ob_types.callback, 0, NULL, body);
        if (NT_SUCCESS(status) || !create)
            return status;
    } else if (!create) {
        return STATUS_UNSUCCESSFUL;
    }
    NTSTATUS status = ob_create(ob_types.callback, body_size, body);
    if (NT_SUCCESS(status) && named) {
        status = ob_insert_name(*body, attributes->ObjectName, attributes->RootDirectory, attributes->Attributes);
        if (!NT_SUCCESS(status))
            ObDereferenceObject(*body);
    }
    *is_new = NT_SUCCESS(status);
    return status;
}

static void reference(void *body)
{
    ObReferenceObject(body);
}

static void dereference(void *body)
{
    ObDereferenceObject(body);
}

static const struct ke_thread_ops thread_ops = {OB_HEADER_SIZE, adopt_thread, release_thread};
static const struct ex_callback_ops callback_ops = {open_callback, reference, dereference};

/* "Defined callback objects": they exist from the start, so that drivers open them without Create. */
static void create_system_callbacks(void)
{
    static const char *const names[] = {"\\Callback\\PowerState", "\\Callback\\SetSystemTime",
                                        "\\Callback\\ProcessorAdd"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        WCHAR text[64];
        size_t length = strlen(names[i]);
        for (size_t c = 0; c < length; c++)
            text[c] = (WCHAR)names[i][c];
        UNICODE_STRING name = {(USHORT)(2 * length), (USHORT)(2 * length), text};
        OBJECT_ATTRIBUTES attributes = {
            .Length = sizeof(attributes), .ObjectName = &name, .Attributes = OBJ_PERMANENT | OBJ_CASE_INSENSITIVE};
        PCALLBACK_OBJECT callback;
        if (NT_SUCCESS(ExCreateCallback(&callback, &attributes, TRUE, TRUE)))
            ObDereferenceObject(callback);
    }
}

void ps_initialize(void)
{
    static const struct ob_type_info thread_type = {
        .name = "Thread", .ops = {.waitable = itself}, .delete_at_dispatch = true};
    static const struct ob_type_info process_type = {.name = "Process", .ops = {.waitable = itself}};
    if (PsInitialSystemProcess != NULL)
        return;
    ob_set_type(ob_types.thread, &thread_type);
    ob_set_type(ob_types.process, &process_type);
    ke_set_thread_ops(&thread_ops);
    ex_set_callback_ops(&callback_ops);
    PVOID process;
    if (!NT_SUCCESS(ob_create(ob_types.process, sizeof(struct _EPROCESS), &process)))
        ke_bugcheck_text(PROCESS1_INITIALIZATION_FAILED, 0, 0, 0, 0, NULL, "no memory for the System process");
    PsInitialSystemProcess = process;
    PsInitialSystemProcess->Header.Type = 3; /* ProcessObject */
    InitializeListHead(&PsInitialSystemProcess->Header.WaitListHead);
    KeQuerySystemTime(&PsInitialSystemProcess->create_time);
    create_system_callbacks();
}

void ps_shutdown(void)
{
    if (PsInitialSystemProcess == NULL)
        return;
    ke_set_thread_ops(NULL);
    ObDereferenceObject(PsInitialSystemProcess);
    PsInitialSystemProcess = NULL;
}

#undef PsGetCurrentProcess
PEPROCESS NTAPI PsGetCurrentProcess(VOID)
{
    return PsInitialSystemProcess;
}
NT_EXPORT(PsGetCurrentProcess);
NT_EXPORT_AS(NT_IMAGE, "IoGetCurrentProcess", PsGetCurrentProcess);

HANDLE NTAPI PsGetCurrentProcessId(VOID)
{
    return (HANDLE)(ULONG_PTR)SYSTEM_PROCESS_ID;
}
NT_EXPORT(PsGetCurrentProcessId);

HANDLE NTAPI PsGetProcessId(PEPROCESS Process)
{
    (void)Process;
    return (HANDLE)(ULONG_PTR)SYSTEM_PROCESS_ID;
}
NT_EXPORT(PsGetProcessId);

LONGLONG NTAPI PsGetProcessCreateTimeQuadPart(PEPROCESS Process)
{
    return Process->create_time.QuadPart;
}
NT_EXPORT(PsGetProcessCreateTimeQuadPart);

NTSTATUS NTAPI PsLookupProcessByProcessId(HANDLE ProcessId, PEPROCESS *Process)
{
    if (ProcessId != (HANDLE)(ULONG_PTR)SYSTEM_PROCESS_ID)
        return STATUS_INVALID_CID;
    ObReferenceObject(PsInitialSystemProcess);
    *Process = PsInitialSystemProcess;
    return STATUS_SUCCESS;
}
NT_EXPORT(PsLookupProcessByProcessId);

/* There is one address space to be attached to. */
VOID NTAPI KeStackAttachProcess(PRKPROCESS PROCESS, PRKAPC_STATE ApcState)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    ApcState->Process = (PKPROCESS)PROCESS;
}
NT_EXPORT(KeStackAttachProcess);

VOID NTAPI KeUnstackDetachProcess(PRKAPC_STATE ApcState)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    (void)ApcState;
}
NT_EXPORT(KeUnstackDetachProcess);

BOOLEAN NTAPI PsGetVersion(PULONG MajorVersion, PULONG MinorVersion, PULONG BuildNumber, PUNICODE_STRING CSDVersion)
{
    if (MajorVersion != NULL)
        *MajorVersion = 10;
    if (MinorVersion != NULL)
        *MinorVersion = 0;
    if (BuildNumber != NULL)
        *BuildNumber = KE_WINDOWS_BUILD;
    if (CSDVersion != NULL)
        *CSDVersion = (UNICODE_STRING){0};
    return FALSE; /* a free build */
}
NT_EXPORT(PsGetVersion);

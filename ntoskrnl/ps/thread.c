/*
 * System threads for drivers: PsCreateSystemThread and its companions. A thread object has one reference of the running
 * thread and one of each handle, so that either may go first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <ntifs.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/ps/ps.h"

enum { TAG = 'rhTP' };

struct start {
    PKSTART_ROUTINE routine;
    PVOID context;
};

static void run(void *argument)
{
    struct start start = *(struct start *)argument;
    ex_pool_free(argument, TAG, NULL);
    start.routine(start.context);
}

NTSTATUS NTAPI PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                                    HANDLE ProcessHandle, PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine,
                                    PVOID StartContext)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    (void)ProcessHandle;
    ULONG attributes = ObjectAttributes != NULL ? ObjectAttributes->Attributes : OBJ_KERNEL_HANDLE;
    struct start *start = ex_pool_allocate(0, sizeof(*start), TAG, __builtin_return_address(0));
    if (start == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    *start = (struct start){StartRoutine, StartContext};
    struct _KTHREAD *thread = ke_thread_allocate();
    if (thread == NULL) {
        ex_pool_free(start, TAG, NULL);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    NTSTATUS status = ob_create_handle(thread, DesiredAccess, attributes, ThreadHandle);
    if (!NT_SUCCESS(status)) {
        ObDereferenceObject(thread);
        ex_pool_free(start, TAG, NULL);
        return status;
    }
    ObReferenceObject(thread);
    status = ke_thread_create(thread, "driver thread", run, start);
    if (NT_SUCCESS(status)) {
        if (ClientId != NULL)
            *ClientId = (CLIENT_ID){PsGetCurrentProcessId(), PsGetThreadId((PETHREAD)thread)};
    } else {
        ZwClose(*ThreadHandle);
        ex_pool_free(start, TAG, NULL);
    }
    ObDereferenceObject(thread);
    return status;
}
NT_EXPORT(PsCreateSystemThread);

/* Does not return when it succeeds. */
NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS ExitStatus)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (!ke_current_thread()->is_system)
        return STATUS_INVALID_PARAMETER;
    ke_thread_exit(ExitStatus);
}
NT_EXPORT(PsTerminateSystemThread);

#undef PsGetCurrentThread
PETHREAD NTAPI PsGetCurrentThread(VOID)
{
    return (PETHREAD)ke_current_thread();
}
NT_EXPORT(PsGetCurrentThread);

HANDLE NTAPI PsGetThreadId(PETHREAD Thread)
{
    return (HANDLE)(ULONG_PTR)((struct _KTHREAD *)Thread)->client_id;
}
NT_EXPORT(PsGetThreadId);

HANDLE NTAPI PsGetCurrentThreadId(VOID)
{
    return PsGetThreadId((PETHREAD)ke_current_thread());
}
NT_EXPORT(PsGetCurrentThreadId);

HANDLE NTAPI PsGetThreadProcessId(PETHREAD Thread)
{
    (void)Thread;
    return PsGetCurrentProcessId();
}
NT_EXPORT(PsGetThreadProcessId);

PEPROCESS NTAPI PsGetThreadProcess(PETHREAD Thread)
{
    (void)Thread;
    return PsInitialSystemProcess;
}
NT_EXPORT(PsGetThreadProcess);

struct search {
    ULONG client_id;
    struct _KTHREAD *found;
};

static void compare(struct _KTHREAD *thread, void *context)
{
    struct search *search = context;
    if (thread->client_id == search->client_id) {
        ObReferenceObject(thread);
        search->found = thread;
    }
}

NTSTATUS NTAPI PsLookupThreadByThreadId(HANDLE ThreadId, PETHREAD *Thread)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    struct search search = {(ULONG)(ULONG_PTR)ThreadId, NULL};
    ke_for_each_thread(compare, &search);
    *Thread = (PETHREAD)search.found;
    return search.found != NULL ? STATUS_SUCCESS : STATUS_INVALID_CID;
}
NT_EXPORT(PsLookupThreadByThreadId);

BOOLEAN NTAPI PsIsSystemThread(PETHREAD Thread)
{
    (void)Thread;
    return TRUE;
}
NT_EXPORT(PsIsSystemThread);

BOOLEAN NTAPI PsIsThreadTerminating(PETHREAD Thread)
{
    return __atomic_load_n(&((struct _KTHREAD *)Thread)->Header.SignalState, __ATOMIC_RELAXED) > 0;
}
NT_EXPORT(PsIsThreadTerminating);

NTSTATUS NTAPI PsGetThreadExitStatus(PETHREAD Thread)
{
    return __atomic_load_n(&((struct _KTHREAD *)Thread)->exit_status, __ATOMIC_RELAXED);
}
NT_EXPORT(PsGetThreadExitStatus);

/*
 * Callback objects: named lists of routines that one component notifies and others register with. \Callback\PowerState,
 * \Callback\SetSystemTime and \Callback\ProcessorAdd are the system's own. Routines run in the order of registration,
 * outside of the lock; unregistering waits until a routine that runs is done.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

enum { TAG = 'bClC' };

struct callback {
    struct ke_lock lock;
    LIST_ENTRY registrations;
    bool allow_multiple;
    uint32_t left; /* changes when a routine has returned */
};

struct registration {
    LIST_ENTRY link;
    struct callback *callback;
    PCALLBACK_FUNCTION routine;
    PVOID context;
    ULONG running;
    bool unregistering;
};

static const struct ex_callback_ops *callback_ops;

void ex_set_callback_ops(const struct ex_callback_ops *ops)
{
    callback_ops = ops;
}

NTSTATUS NTAPI ExCreateCallback(PCALLBACK_OBJECT *CallbackObject, POBJECT_ATTRIBUTES ObjectAttributes, BOOLEAN Create,
                                BOOLEAN AllowMultipleCallbacks)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    void *body;
    bool is_new;
    NTSTATUS status = callback_ops->open(ObjectAttributes, Create, sizeof(struct callback), &body, &is_new);
    if (!NT_SUCCESS(status))
        return status;
    if (is_new) {
        struct callback *callback = body;
        InitializeListHead(&callback->registrations);
        callback->allow_multiple = AllowMultipleCallbacks;
    }
    *CallbackObject = body;
    return STATUS_SUCCESS;
}
NT_EXPORT(ExCreateCallback);

PVOID NTAPI ExRegisterCallback(PCALLBACK_OBJECT CallbackObject, PCALLBACK_FUNCTION CallbackFunction,
                               PVOID CallbackContext)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    struct callback *callback = (struct callback *)CallbackObject;
    struct registration *registration = ex_pool_allocate(0, sizeof(*registration), TAG, __builtin_return_address(0));
    if (registration == NULL)
        return NULL;
    registration->callback = callback;
    registration->routine = CallbackFunction;
    registration->context = CallbackContext;
    ke_lock(&callback->lock);
    bool accepted = callback->allow_multiple || IsListEmpty(&callback->registrations);
    if (accepted)
        InsertTailList(&callback->registrations, &registration->link);
    ke_unlock(&callback->lock);
    if (!accepted) {
        ex_pool_free(registration, TAG, NULL);
        return NULL;
    }
    callback_ops->reference(callback);
    return registration;
}
NT_EXPORT(ExRegisterCallback);

VOID NTAPI ExUnregisterCallback(PVOID CallbackRegistration)
{
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    struct registration *registration = CallbackRegistration;
    struct callback *callback = registration->callback;
    ke_lock(&callback->lock);
    registration->unregistering = true;
    while (registration->running != 0) {
        uint32_t left = __atomic_load_n(&callback->left, __ATOMIC_SEQ_CST);
        ke_unlock(&callback->lock);
        ke_wait_on_address(&callback->left, left, KE_FOREVER);
        ke_lock(&callback->lock);
    }
    RemoveEntryList(&registration->link);
    ke_unlock(&callback->lock);
    ex_pool_free(registration, TAG, NULL);
    callback_ops->dereference(callback);
}
NT_EXPORT(ExUnregisterCallback);

VOID NTAPI ExNotifyCallback(PVOID CallbackObject, PVOID Argument1, PVOID Argument2)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    struct callback *callback = CallbackObject;
    KIRQL irql = ke_irql();
    ke_lock(&callback->lock);
    for (LIST_ENTRY *entry = callback->registrations.Flink; entry != &callback->registrations; entry = entry->Flink) {
        struct registration *registration = CONTAINING_RECORD(entry, struct registration, link);
        if (registration->unregistering)
            continue;
        registration->running++; /* keeps its place in the list */
        ke_unlock(&callback->lock);
        registration->routine(registration->context, Argument1, Argument2);
        ke_check_irql(irql, (const void *)registration->routine, "a callback routine");
        ke_lock(&callback->lock);
        registration->running--;
        if (registration->unregistering) {
            __atomic_fetch_add(&callback->left, 1, __ATOMIC_SEQ_CST);
            ke_wake_address(&callback->left, INT32_MAX);
        }
    }
    ke_unlock(&callback->lock);
}
NT_EXPORT(ExNotifyCallback);

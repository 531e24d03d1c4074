/*
 * Keys as objects: what a handle to a key is open on, and how the namespace continues below \Registry.
 */
#include "ntoskrnl/cm/tree.h"
#include "ntoskrnl/ob/ob.h"

NTSTATUS cm_make_object(struct cm_key *key, PVOID *body)
{
    NTSTATUS status = ob_create(ob_types.key, sizeof(struct cm_key_object), body);
    if (NT_SUCCESS(status))
        ((struct cm_key_object *)*body)->key = key;
    else
        cm_close(key);
    return status;
}

static NTSTATUS parse_key(PVOID body, struct ob_parse *parse, PVOID *result)
{
    struct cm_key_object *object = body;
    struct cm_parse_context *context = parse->context;
    struct cm_key *key;
    bool created = false;
    cm_lock();
    NTSTATUS status =
        cm_walk(object->key, parse->remaining, context != NULL && context->create ? CM_WALK_CREATE_LAST : CM_WALK_OPEN,
                context != NULL ? &context->how : NULL, &key, &created);
    cm_unlock();
    if (!NT_SUCCESS(status))
        return status;
    if (context != NULL)
        context->disposition = created ? REG_CREATED_NEW_KEY : REG_OPENED_EXISTING_KEY;
    return cm_make_object(key, result);
}

static void close_key(PVOID body, LONG handles_left)
{
    struct cm_key_object *object = body;
    if (handles_left != 0)
        return;
    cm_lock();
    cm_cancel_notifications(object->key, object);
    cm_unlock();
}

static void remove_key(PVOID body)
{
    cm_close(((struct cm_key_object *)body)->key);
}

static NTSTATUS query_key_name(PVOID body, POBJECT_NAME_INFORMATION information, ULONG length, PULONG return_length)
{
    struct cm_key *key = ((struct cm_key_object *)body)->key;
    NTSTATUS status = STATUS_SUCCESS;
    cm_lock();
    size_t size = cm_full_name(key, NULL);
    *return_length = (ULONG)(sizeof *information + size + sizeof(WCHAR));
    if (key->deleted) {
        status = STATUS_KEY_DELETED;
    } else if (information == NULL || length < *return_length || size > UNICODE_STRING_MAX_BYTES) {
        status = STATUS_INFO_LENGTH_MISMATCH;
    } else {
        PWSTR text = (PWSTR)(information + 1);
        cm_full_name(key, text);
        text[size / sizeof(WCHAR)] = 0;
        information->Name = (UNICODE_STRING){(USHORT)size, (USHORT)(size + sizeof(WCHAR)), text};
    }
    cm_unlock();
    return status;
}

void cm_create_object_type(void)
{
    ob_set_type(ob_types.key,
                &(struct ob_type_info){
                    .name = "Key",
                    .ops = {.parse = parse_key, .close = close_key, .remove = remove_key, .query_name = query_key_name},
                    .mapping = {KEY_READ, KEY_WRITE, KEY_EXECUTE, KEY_ALL_ACCESS},
                });
    UNICODE_STRING name;
    PVOID body;
    RtlInitUnicodeString(&name, L"\\REGISTRY");
    cm_reference(cm_root());
    if (!NT_SUCCESS(cm_make_object(cm_root(), &body)))
        return;
    ob_insert_name(body, &name, NULL, OBJ_PERMANENT);
    ObDereferenceObject(body);
}

NTSTATUS cm_open_handle(struct cm_key *key, ACCESS_MASK access, PHANDLE handle)
{
    PVOID body;
    *handle = NULL;
    cm_lock();
    bool deleted = key->deleted;
    cm_reference(key);
    cm_unlock();
    if (deleted) {
        cm_close(key);
        return STATUS_KEY_DELETED;
    }
    NTSTATUS status = cm_make_object(key, &body);
    if (!NT_SUCCESS(status))
        return status;
    status = ob_create_handle(body, access, OBJ_KERNEL_HANDLE, handle);
    ObDereferenceObject(body);
    return status;
}

NTSTATUS cm_from_handle(HANDLE handle, ACCESS_MASK access, struct cm_key **key)
{
    PVOID body;
    *key = NULL;
    NTSTATUS status = ObReferenceObjectByHandle(handle, access, ob_types.key, KernelMode, &body, NULL);
    if (!NT_SUCCESS(status))
        return status;
    *key = ((struct cm_key_object *)body)->key;
    cm_lock();
    cm_reference(*key);
    cm_unlock();
    ObDereferenceObject(body);
    return STATUS_SUCCESS;
}

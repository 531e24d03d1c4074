/*
 * Objects, types and reference counts.
 *
 * A driver keeps an object alive by counting references to it, and the count reaching zero is what runs the type's
 * removal: for a file object that is when IRP_MJ_CLOSE is sent, for a device when its memory goes. A dereference is
 * allowed at DISPATCH_LEVEL although the removal of most types is not; such a removal is put off to a system thread, as
 * Windows does with ObDereferenceObjectDeferDelete. A count that goes below what is possible is the driver's fault and
 * a bug check (0x18, REFERENCE_BY_POINTER).
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ob/object.h"

static struct {
    LONG initialized;
    FAST_MUTEX lock;
    KSPIN_LOCK deferred_lock;
    struct ob_header *deferred;
    WORK_QUEUE_ITEM deferred_work;
    bool deferred_queued;
    POBJECT_TYPE types;
} ob_state;

struct ob_types ob_types;

/* The types that drivers name; wdm.h makes "*IoFileObjectType" of these by macros of the same names. */
#undef IoFileObjectType
#undef IoDeviceObjectType
#undef IoDriverObjectType
#undef ExEventObjectType
#undef ExSemaphoreObjectType
#undef PsThreadType
#undef PsProcessType
#undef SeTokenObjectType
#undef CmKeyObjectType
POBJECT_TYPE IoFileObjectType __attribute__((visibility("default")));
NT_EXPORT_DATA(IoFileObjectType);
POBJECT_TYPE IoDeviceObjectType __attribute__((visibility("default")));
NT_EXPORT_DATA(IoDeviceObjectType);
POBJECT_TYPE IoDriverObjectType __attribute__((visibility("default")));
NT_EXPORT_DATA(IoDriverObjectType);
POBJECT_TYPE ExEventObjectType __attribute__((visibility("default")));
NT_EXPORT_DATA(ExEventObjectType);
POBJECT_TYPE ExSemaphoreObjectType __attribute__((visibility("default")));
NT_EXPORT_DATA(ExSemaphoreObjectType);
POBJECT_TYPE PsThreadType __attribute__((visibility("default")));
NT_EXPORT_DATA(PsThreadType);
POBJECT_TYPE PsProcessType __attribute__((visibility("default")));
NT_EXPORT_DATA(PsProcessType);
POBJECT_TYPE SeTokenObjectType __attribute__((visibility("default")));
NT_EXPORT_DATA(SeTokenObjectType);
POBJECT_TYPE CmKeyObjectType __attribute__((visibility("default")));
NT_EXPORT_DATA(CmKeyObjectType);

static void publish_types(void)
{
    IoFileObjectType = ob_types.file;
    IoDeviceObjectType = ob_types.device;
    IoDriverObjectType = ob_types.driver;
    ExEventObjectType = ob_types.event;
    ExSemaphoreObjectType = ob_types.semaphore;
    PsThreadType = ob_types.thread;
    PsProcessType = ob_types.process;
    SeTokenObjectType = ob_types.token;
    CmKeyObjectType = ob_types.key;
}

void ob_lock(void)
{
    ExAcquireFastMutex(&ob_state.lock);
}

void ob_unlock(void)
{
    ExReleaseFastMutex(&ob_state.lock);
}

static _Noreturn void bad_reference(PVOID body, struct ob_header *header, ULONG_PTR count)
{
    ULONG_PTR type = header->magic == OB_MAGIC ? (ULONG_PTR)header->type : 0;
    KeBugCheckEx(0x18 /* REFERENCE_BY_POINTER */, type, (ULONG_PTR)body, count, header->magic == OB_MAGIC_DEAD);
}

/*
 * Types
 */
POBJECT_TYPE ob_create_type(const struct ob_type_info *info)
{
    POBJECT_TYPE type = ExAllocatePoolWithTag(NonPagedPool, sizeof *type, OB_TAG);
    if (type == NULL)
        return NULL;
    *type = (struct _OBJECT_TYPE){.info = *info};
    ob_lock();
    type->next = ob_state.types;
    ob_state.types = type;
    ob_unlock();
    return type;
}

void ob_set_type(POBJECT_TYPE type, const struct ob_type_info *info)
{
    type->info = *info;
}

const char *ob_type_name(POBJECT_TYPE type)
{
    return type->info.name;
}

LONG ob_type_object_count(POBJECT_TYPE type)
{
    return __atomic_load_n(&type->objects, __ATOMIC_RELAXED);
}

POBJECT_TYPE ob_type_of(PVOID body)
{
    struct ob_header *header = ob_header(body);
    if (header->magic != OB_MAGIC)
        bad_reference(body, header, 0);
    return header->type;
}

LONG64 ob_reference_count(PVOID body)
{
    return __atomic_load_n(&ob_header(body)->references, __ATOMIC_RELAXED);
}

/*
 * Life
 */
static PVOID start_object(POBJECT_TYPE type, struct ob_header *header, void (*release)(void *storage))
{
    *header = (struct ob_header){.references = 1, .type = type, .release = release, .magic = OB_MAGIC};
    __atomic_fetch_add(&type->objects, 1, __ATOMIC_RELAXED);
    return ob_body(header);
}

static void free_object(void *storage)
{
    ExFreePoolWithTag(storage, OB_TAG);
}

NTSTATUS ob_create(POBJECT_TYPE type, SIZE_T body_size, PVOID *body)
{
    *body = NULL;
    struct ob_header *header = ExAllocatePoolWithTag(NonPagedPool, sizeof *header + body_size, OB_TAG);
    if (header == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(header + 1, body_size);
    *body = start_object(type, header, free_object);
    return STATUS_SUCCESS;
}

PVOID ob_adopt(POBJECT_TYPE type, void *storage, void (*release)(void *storage))
{
    return start_object(type, storage, release);
}

bool ob_try_reference(struct ob_header *header)
{
    LONG64 count = __atomic_load_n(&header->references, __ATOMIC_RELAXED);
    do {
        if (count <= 0)
            return false;
    } while (
        !__atomic_compare_exchange_n(&header->references, &count, count + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
    return true;
}

/* PASSIVE_LEVEL, or the type allows DISPATCH_LEVEL and there is no name. */
static void delete_object(struct ob_header *header)
{
    if (header->name != NULL) {
        ob_lock();
        ob_remove_name_locked(header);
        ob_unlock();
    }
    POBJECT_TYPE type = header->type;
    if (type->info.ops.remove != NULL)
        type->info.ops.remove(ob_body(header));
    header->magic = OB_MAGIC_DEAD;
    __atomic_fetch_sub(&type->objects, 1, __ATOMIC_RELAXED);
    header->release(header);
}

static void NTAPI delete_deferred(PVOID Parameter)
{
    (void)Parameter;
    KIRQL irql;
    KeAcquireSpinLock(&ob_state.deferred_lock, &irql);
    struct ob_header *header = ob_state.deferred;
    ob_state.deferred = NULL;
    ob_state.deferred_queued = false;
    KeReleaseSpinLock(&ob_state.deferred_lock, irql);
    while (header != NULL) {
        struct ob_header *next = header->next_deferred;
        delete_object(header);
        header = next;
    }
}

static void defer_delete(struct ob_header *header)
{
    KIRQL irql;
    KeAcquireSpinLock(&ob_state.deferred_lock, &irql);
    header->next_deferred = ob_state.deferred;
    ob_state.deferred = header;
    bool queue = !ob_state.deferred_queued;
    if (queue) {
        /* The item is free for use again as soon as its routine runs, and deferred_queued is cleared only there. */
        ob_state.deferred_queued = true;
        ExInitializeWorkItem(&ob_state.deferred_work, delete_deferred, NULL);
    }
    KeReleaseSpinLock(&ob_state.deferred_lock, irql);
    if (queue)
        ExQueueWorkItem(&ob_state.deferred_work, DelayedWorkQueue);
}

static LONG_PTR dereference(PVOID body, bool always_defer)
{
    struct ob_header *header = ob_header(body);
    if (header->magic != OB_MAGIC)
        bad_reference(body, header, 0);
    LONG64 left = __atomic_sub_fetch(&header->references, 1, __ATOMIC_ACQ_REL);
    if (left > 0)
        return (LONG_PTR)left;
    if (left < 0 || __atomic_load_n(&header->handles, __ATOMIC_RELAXED) != 0)
        bad_reference(body, header, (ULONG_PTR)left);
    bool here = KeGetCurrentIrql() == PASSIVE_LEVEL || (header->type->info.delete_at_dispatch && header->name == NULL);
    if (here && !always_defer)
        delete_object(header);
    else
        defer_delete(header);
    return 0;
}

/*
 * What drivers call
 */
LONG_PTR NTAPI ObfReferenceObject(PVOID Object)
{
    struct ob_header *header = ob_header(Object);
    LONG64 count = __atomic_add_fetch(&header->references, 1, __ATOMIC_RELAXED);
    if (header->magic != OB_MAGIC || count < 2)
        bad_reference(Object, header, (ULONG_PTR)count);
    return (LONG_PTR)count;
}
NT_EXPORT(ObfReferenceObject);

LONG_PTR NTAPI ObfDereferenceObject(PVOID Object)
{
    return dereference(Object, false);
}
NT_EXPORT(ObfDereferenceObject);

/* Tags only serve a debugger's reference tracing. */
LONG_PTR NTAPI ObfReferenceObjectWithTag(PVOID Object, ULONG Tag)
{
    (void)Tag;
    return ObfReferenceObject(Object);
}
NT_EXPORT(ObfReferenceObjectWithTag);

LONG_PTR NTAPI ObfDereferenceObjectWithTag(PVOID Object, ULONG Tag)
{
    (void)Tag;
    return dereference(Object, false);
}
NT_EXPORT(ObfDereferenceObjectWithTag);

VOID NTAPI ObDereferenceObjectDeferDelete(PVOID Object)
{
    dereference(Object, true);
}
NT_EXPORT(ObDereferenceObjectDeferDelete);

VOID NTAPI ObDereferenceObjectDeferDeleteWithTag(PVOID Object, ULONG Tag)
{
    (void)Tag;
    dereference(Object, true);
}
NT_EXPORT(ObDereferenceObjectDeferDeleteWithTag);

BOOLEAN NTAPI ObReferenceObjectSafe(PVOID Object)
{
    return ob_try_reference(ob_header(Object));
}
NT_EXPORT(ObReferenceObjectSafe);

NTSTATUS NTAPI ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
                                          KPROCESSOR_MODE AccessMode)
{
    (void)DesiredAccess; /* "not used" for kernel callers, and every caller here is one */
    if (ObjectType != NULL ? ob_type_of(Object) != ObjectType : AccessMode != KernelMode)
        return STATUS_OBJECT_TYPE_MISMATCH;
    ObfReferenceObject(Object);
    return STATUS_SUCCESS;
}
NT_EXPORT(ObReferenceObjectByPointer);

NTSTATUS NTAPI ObReferenceObjectByPointerWithTag(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
                                                 KPROCESSOR_MODE AccessMode, ULONG Tag)
{
    (void)Tag;
    return ObReferenceObjectByPointer(Object, DesiredAccess, ObjectType, AccessMode);
}
NT_EXPORT(ObReferenceObjectByPointerWithTag);

/*
 * Start
 */
static PVOID first_member(PVOID body)
{
    return body;
}

void ob_initialize(void)
{
    if (__atomic_exchange_n(&ob_state.initialized, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    ExInitializeFastMutex(&ob_state.lock);
    KeInitializeSpinLock(&ob_state.deferred_lock);
    static const struct {
        size_t offset;
        const char *name;
        bool waitable;
    } standard[] = {
        {offsetof(struct ob_types, directory), "Directory", false},
        {offsetof(struct ob_types, symbolic_link), "SymbolicLink", false},
        {offsetof(struct ob_types, device), "Device", false},
        {offsetof(struct ob_types, driver), "Driver", false},
        {offsetof(struct ob_types, file), "File", false},
        {offsetof(struct ob_types, event), "Event", true},
        {offsetof(struct ob_types, semaphore), "Semaphore", true},
        {offsetof(struct ob_types, mutant), "Mutant", true},
        {offsetof(struct ob_types, thread), "Thread", true},
        {offsetof(struct ob_types, process), "Process", true},
        {offsetof(struct ob_types, key), "Key", false},
        {offsetof(struct ob_types, callback), "Callback", false},
        {offsetof(struct ob_types, section), "Section", false},
        {offsetof(struct ob_types, token), "Token", false},
    };
    for (size_t i = 0; i < sizeof standard / sizeof *standard; i++) {
        struct ob_type_info info = {
            .name = standard[i].name,
            .mapping = {STANDARD_RIGHTS_READ, STANDARD_RIGHTS_WRITE, STANDARD_RIGHTS_EXECUTE,
                        STANDARD_RIGHTS_REQUIRED | SPECIFIC_RIGHTS_ALL},
            .delete_at_dispatch = standard[i].waitable,
            .ops.waitable = standard[i].waitable ? first_member : NULL,
        };
        *(POBJECT_TYPE *)((char *)&ob_types + standard[i].offset) = ob_create_type(&info);
    }
    publish_types();
    ob_create_handle_table();
    ob_create_namespace();
}

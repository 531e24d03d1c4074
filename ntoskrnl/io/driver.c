/*
 * Driver objects. A driver is known to the I/O manager by its DRIVER_OBJECT: entry points that DriverEntry fills in,
 * the list of its devices, and room for client extensions that libraries (class drivers, NDIS) keep with it.
 *
 * Public pages: "Introduction to Driver Objects", "DriverEntry's Required Responsibilities",
 * "Writing an Unload Routine", "IoAllocateDriverObjectExtension", "IoRegisterDriverReinitialization".
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/io/io_internal.h"

struct client_extension {
    SINGLE_LIST_ENTRY link;
    PVOID identifier;
    __attribute__((aligned(16))) UCHAR data[];
};

struct reinitialization {
    LIST_ENTRY link;
    PDRIVER_REINITIALIZE routine;
    PVOID context;
};

NTSTATUS NTAPI io_invalid_device_request(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    /* A power IRP that nobody handles must leave its status alone, or a driver above would take it for handled. */
    if (IoGetCurrentIrpStackLocation(irp)->MajorFunction == IRP_MJ_POWER)
        PoStartNextPowerIrp(irp);
    irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_INVALID_DEVICE_REQUEST;
}

static bool set_name(PUNICODE_STRING string, const char *prefix, const char *name)
{
    char text[160];
    size_t units = (size_t)snprintf(text, sizeof(text), "%s%s", prefix, name);

    string->Buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, (units + 1) * sizeof(WCHAR), IO_TAG_NAME);
    if (string->Buffer == NULL)
        return false;
    units = cm_to_utf16(text, string->Buffer, units + 1);
    string->Length = (USHORT)(units * sizeof(WCHAR));
    string->MaximumLength = (USHORT)(string->Length + sizeof(WCHAR));
    return true;
}

static void free_name(PUNICODE_STRING string)
{
    if (string->Buffer != NULL)
        ExFreePoolWithTag(string->Buffer, IO_TAG_NAME);
    string->Buffer = NULL;
}

/* The last reference to a driver object is gone. */
static void remove_driver(PVOID body)
{
    PDRIVER_OBJECT object = body;
    struct io_driver *driver = io_driver(object);
    PSINGLE_LIST_ENTRY entry;

    while ((entry = PopEntryList(&driver->client_extensions)) != NULL)
        ExFreePoolWithTag(CONTAINING_RECORD(entry, struct client_extension, link), IO_TAG_EXTENSION);
    while (!IsListEmpty(&driver->reinitializations))
        ExFreePoolWithTag(CONTAINING_RECORD(RemoveHeadList(&driver->reinitializations), struct reinitialization, link),
                          IO_TAG_EXTENSION);
    free_name(&object->DriverName);
    free_name(&driver->extension.ServiceKeyName);
}

void io_driver_initialize(void)
{
    static const struct ob_type_info type = {.name = "Driver", .ops = {.remove = remove_driver}};

    ob_set_type(ob_types.driver, &type);
}

static NTSTATUS create_object(const char *service, const struct io_image *image, PDRIVER_INITIALIZE entry,
                              PDRIVER_OBJECT *result)
{
    PDRIVER_OBJECT object;
    struct io_driver *driver;
    NTSTATUS status = ob_create(ob_types.driver, sizeof(*object) + sizeof(*driver), (PVOID *)&object);

    if (!NT_SUCCESS(status))
        return status;
    driver = (struct io_driver *)(object + 1);
    object->Type = IO_TYPE_DRIVER;
    object->Size = sizeof(*object);
    object->DriverExtension = &driver->extension;
    object->DriverInit = entry;
    object->Flags = image ? 0 : DRVO_BUILTIN_DRIVER;
    driver->extension.DriverObject = object;
    driver->object = object;
    InitializeListHead(&driver->reinitializations);
    InitializeListHead(&driver->link);
    snprintf(driver->name, sizeof(driver->name), "%s", service);
    snprintf(driver->image_name, sizeof(driver->image_name), "%s", image && image->name ? image->name : service);
    if (image != NULL) {
        object->DriverStart = image->base;
        object->DriverSize = (ULONG)image->size;
        object->DriverSection = image->section;
    }
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        object->MajorFunction[i] = io_invalid_device_request;
    if (!set_name(&object->DriverName, "\\Driver\\", service) ||
        !set_name(&driver->extension.ServiceKeyName, "", service)) {
        ObDereferenceObject(object);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    status = ob_insert_name(object, &object->DriverName, NULL, OBJ_PERMANENT | OBJ_CASE_INSENSITIVE);
    if (!NT_SUCCESS(status)) {
        ObDereferenceObject(object);
        return status;
    }
    *result = object;
    return STATUS_SUCCESS;
}

static void destroy_object(PDRIVER_OBJECT object)
{
    struct io_driver *driver = io_driver(object);
    KIRQL irql;

    KeAcquireSpinLock(&io_state.lock, &irql);
    RemoveEntryList(&driver->link);
    InitializeListHead(&driver->link);
    KeReleaseSpinLock(&io_state.lock, irql);
    ob_remove_name(object);
    ObDereferenceObject(object);
}

/* Device objects that a driver forgot. They are taken off their stacks, so that nothing calls into the image any more.
 */
static ULONG delete_left_devices(PDRIVER_OBJECT object)
{
    ULONG count = 0;

    for (;;) {
        PDEVICE_OBJECT device = object->DeviceObject;

        while (device != NULL && io_device(device)->delete_pending) /* its last close or detach will end it */
            device = device->NextDevice;
        if (device == NULL)
            return count;
        count++;
        ke_trace("%s left device object %p behind", io_driver_name(object), (void *)device);
        if (io_device(device)->attached_to != NULL)
            IoDetachDevice(io_device(device)->attached_to);
        IoDeleteDevice(device);
    }
}

static NTSTATUS call_entry(PDRIVER_OBJECT object)
{
    struct io_driver *driver = io_driver(object);
    UNICODE_STRING path;
    LONGLONG begin;
    NTSTATUS status;

    if (!set_name(&path, CM_SERVICES "\\", driver->name))
        return STATUS_INSUFFICIENT_RESOURCES;
    begin = io_phase_begin();
    status = object->DriverInit(object, &path);
    ke_check_irql(PASSIVE_LEVEL, (const void *)object->DriverInit, "DriverEntry");
    io_phase_end("DriverEntry", driver->name, begin, status);
    free_name(&path);
    return status;
}

NTSTATUS io_create_driver(const char *service, const struct io_image *image, PDRIVER_INITIALIZE entry,
                          PDRIVER_OBJECT *driver)
{
    PDRIVER_OBJECT object;
    KIRQL irql;
    NTSTATUS status = create_object(service, image, entry, &object);

    if (!NT_SUCCESS(status))
        return status;
    KeAcquireSpinLock(&io_state.lock, &irql);
    InsertTailList(&io_state.drivers, &io_driver(object)->link);
    KeReleaseSpinLock(&io_state.lock, irql);

    status = call_entry(object);
    if (!NT_SUCCESS(status)) {
        delete_left_devices(object);
        destroy_object(object);
        return status;
    }
    object->Flags |= DRVO_INITIALIZED;
    for (PDEVICE_OBJECT device = object->DeviceObject; device != NULL; device = device->NextDevice)
        device->Flags &= ~DO_DEVICE_INITIALIZING; /* what DriverEntry created is ready now */
    *driver = object;
    return STATUS_SUCCESS;
}

NTSTATUS io_unload_driver(PDRIVER_OBJECT object, ULONG *left_devices)
{
    struct io_driver *driver = io_driver(object);
    LONGLONG begin;
    ULONG left;

    if (object->DriverUnload == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    driver->unloading = true;
    begin = io_phase_begin();
    object->DriverUnload(object);
    ke_check_irql(PASSIVE_LEVEL, (const void *)object->DriverUnload, "DriverUnload");
    io_phase_end("DriverUnload", driver->name, begin, STATUS_SUCCESS);
    left = delete_left_devices(object);
    if (left_devices != NULL)
        *left_devices = left;
    destroy_object(object);
    return STATUS_SUCCESS;
}

void io_discard_driver(PDRIVER_OBJECT object)
{
    io_driver(object)->unloading = true;
    delete_left_devices(object);
    destroy_object(object);
}

void io_reinitialize_driver(PDRIVER_OBJECT object)
{
    struct io_driver *driver = io_driver(object);

    while (!IsListEmpty(&driver->reinitializations)) {
        struct reinitialization *entry =
            CONTAINING_RECORD(RemoveHeadList(&driver->reinitializations), struct reinitialization, link);

        driver->extension.Count++;
        entry->routine(object, entry->context, driver->extension.Count);
        ExFreePoolWithTag(entry, IO_TAG_EXTENSION);
    }
}

VOID NTAPI IoRegisterDriverReinitialization(PDRIVER_OBJECT DriverObject,
                                            PDRIVER_REINITIALIZE DriverReinitializationRoutine, PVOID Context)
{
    struct reinitialization *entry = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*entry), IO_TAG_EXTENSION);

    if (entry == NULL)
        return;
    entry->routine = DriverReinitializationRoutine;
    entry->context = Context;
    InsertTailList(&io_driver(DriverObject)->reinitializations, &entry->link);
}
NT_EXPORT(IoRegisterDriverReinitialization);

/* All drivers that boot starts are initialized when one that comes later asks: the routine runs at the same point. */
VOID NTAPI IoRegisterBootDriverReinitialization(PDRIVER_OBJECT DriverObject,
                                                PDRIVER_REINITIALIZE DriverReinitializationRoutine, PVOID Context)
{
    IoRegisterDriverReinitialization(DriverObject, DriverReinitializationRoutine, Context);
}
NT_EXPORT(IoRegisterBootDriverReinitialization);

const char *io_driver_name(PDRIVER_OBJECT driver)
{
    return io_driver(driver)->name;
}

PDRIVER_OBJECT io_driver_from_address(const void *address)
{
    PDRIVER_OBJECT found = NULL;
    PLIST_ENTRY entry;
    KIRQL irql;

    KeAcquireSpinLock(&io_state.lock, &irql);
    for (entry = io_state.drivers.Flink; entry != &io_state.drivers; entry = entry->Flink) {
        PDRIVER_OBJECT object = CONTAINING_RECORD(entry, struct io_driver, link)->object;

        if ((ULONG_PTR)address - (ULONG_PTR)object->DriverStart < object->DriverSize) {
            found = object;
            break;
        }
    }
    KeReleaseSpinLock(&io_state.lock, irql);
    return found;
}

void io_for_each_driver(void (*callback)(PDRIVER_OBJECT driver, void *context), void *context)
{
    PDRIVER_OBJECT drivers[256];
    size_t count = 0;
    KIRQL irql;

    KeAcquireSpinLock(&io_state.lock, &irql);
    for (PLIST_ENTRY entry = io_state.drivers.Flink; entry != &io_state.drivers && count < RTL_NUMBER_OF(drivers);
         entry = entry->Flink) {
        drivers[count] = CONTAINING_RECORD(entry, struct io_driver, link)->object;
        ObReferenceObject(drivers[count++]);
    }
    KeReleaseSpinLock(&io_state.lock, irql);
    for (size_t i = 0; i < count; i++) {
        callback(drivers[i], context);
        ObDereferenceObject(drivers[i]);
    }
}

static struct client_extension *find_extension(struct io_driver *driver, PVOID identifier)
{
    for (PSINGLE_LIST_ENTRY entry = driver->client_extensions.Next; entry != NULL; entry = entry->Next) {
        struct client_extension *extension = CONTAINING_RECORD(entry, struct client_extension, link);

        if (extension->identifier == identifier)
            return extension;
    }
    return NULL;
}

NTSTATUS NTAPI IoAllocateDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress,
                                               ULONG DriverObjectExtensionSize, PVOID *DriverObjectExtension)
{
    struct io_driver *driver = io_driver(DriverObject);
    struct client_extension *extension =
        ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*extension) + DriverObjectExtensionSize, IO_TAG_EXTENSION);
    bool collides;
    KIRQL irql;

    *DriverObjectExtension = NULL;
    if (extension == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    extension->identifier = ClientIdentificationAddress;
    KeAcquireSpinLock(&io_state.lock, &irql);
    collides = find_extension(driver, ClientIdentificationAddress) != NULL;
    if (!collides)
        PushEntryList(&driver->client_extensions, &extension->link);
    KeReleaseSpinLock(&io_state.lock, irql);
    if (collides) {
        ExFreePoolWithTag(extension, IO_TAG_EXTENSION);
        return STATUS_OBJECT_NAME_COLLISION;
    }
    *DriverObjectExtension = extension->data;
    return STATUS_SUCCESS;
}
NT_EXPORT(IoAllocateDriverObjectExtension);

PVOID NTAPI IoGetDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress)
{
    struct client_extension *extension;
    KIRQL irql;

    KeAcquireSpinLock(&io_state.lock, &irql);
    extension = find_extension(io_driver(DriverObject), ClientIdentificationAddress);
    KeReleaseSpinLock(&io_state.lock, irql);
    return extension ? extension->data : NULL;
}
NT_EXPORT(IoGetDriverObjectExtension);

/*
 * Device interfaces and PnP notification. An interface says "this device offers class {guid}": a symbolic link
 * \??\USB#VID_..#..#{guid} that opens the device's stack, made at registration's request and switched on and off with
 * the device. Whoever registered for the class hears of arrivals and removals on the PnP thread, at PASSIVE_LEVEL;
 * whoever has a file open on a device hears before the device is removed, and may refuse.
 *
 * Public pages: "Introduction to Device Interfaces", "Registering for Device Interface Change Notification",
 * "Registering for Target Device Change Notification", "IoRegisterDeviceInterface".
 */
#include <stdio.h>
#include <string.h>
#include <initguid.h>
#include <wdmguid.h>
#include "ntoskrnl/io/io_internal.h"

#define LINK_UNITS 360

struct io_interface {
    LIST_ENTRY link;
    PDEVICE_OBJECT device; /* PDO, referenced; NULL after the device is gone */
    GUID class;
    UNICODE_STRING name; /* \??\... without the reference string */
    WCHAR name_buffer[LINK_UNITS];
    ULONG hash; /* of the name, so that a search compares few names */
    bool enabled;
};

struct io_notification {
    LIST_ENTRY link;
    LONG references;
    bool dead;
    IO_NOTIFICATION_EVENT_CATEGORY category;
    GUID class;
    /* Of a target device registration: bottom of the stack. Referenced, unlike the file: who is asked whether the device
     * may go closes his file and stays registered, to hear what became of it. */
    PDEVICE_OBJECT device;
    PDRIVER_OBJECT driver;
    PDRIVER_NOTIFICATION_CALLBACK_ROUTINE callback;
    PVOID context;
    FAST_MUTEX busy; /* held during the callback: unregistering waits for it */
    PKTHREAD runner;
};

/* Held at PASSIVE_LEVEL, where objects go as soon as their last reference does. */
static void lock(void)
{
    KeEnterCriticalRegion();
    ExAcquireFastMutexUnsafe(&io_state.interface_lock);
}

static void unlock(void)
{
    ExReleaseFastMutexUnsafe(&io_state.interface_lock);
    KeLeaveCriticalRegion();
}

void io_interface_initialize(void)
{
    ExInitializeFastMutex(&io_state.interface_lock);
    InitializeListHead(&io_state.interfaces);
    InitializeListHead(&io_state.notifications);
}

static void guid_text(const GUID *guid, char text[40])
{
    snprintf(text, 40, "{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}", (unsigned)guid->Data1, guid->Data2,
             guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4],
             guid->Data4[5], guid->Data4[6], guid->Data4[7]);
}

/* "USB\VID_1&PID_2\3" and {guid} give "\??\USB#VID_1&PID_2#3#{guid}". */
static NTSTATUS link_name(PDEVICE_OBJECT device, const GUID *class, char *text, size_t size)
{
    char path[200], guid[40];

    if (io_state.pnp.instance_path == NULL || !io_state.pnp.instance_path(device, path, sizeof(path)))
        return STATUS_INVALID_DEVICE_REQUEST;
    for (char *c = path; *c; c++)
        if (*c == '\\')
            *c = '#';
    guid_text(class, guid);
    snprintf(text, size, "\\??\\%s#%s", path, guid);
    return STATUS_SUCCESS;
}

/* Of what stands before "\reference", if that is there; the first four characters are "\??\". */
static ULONG link_hash(PCUNICODE_STRING name)
{
    UNICODE_STRING head = *name;
    ULONG hash = 0;

    for (USHORT i = 4; i < name->Length / sizeof(WCHAR); i++) {
        if (name->Buffer[i] == L'\\') {
            head.Length = (USHORT)(i * sizeof(WCHAR));
            break;
        }
    }
    RtlHashUnicodeString(&head, TRUE, HASH_STRING_ALGORITHM_X65599, &hash);
    return hash;
}

/* Compares up to the end of the shorter: LINK may go on with "\reference". With the lock. */
static struct io_interface *find_interface(PCUNICODE_STRING name)
{
    ULONG hash = link_hash(name);

    for (PLIST_ENTRY entry = io_state.interfaces.Flink; entry != &io_state.interfaces; entry = entry->Flink) {
        struct io_interface *interface = CONTAINING_RECORD(entry, struct io_interface, link);
        UNICODE_STRING head = *name;

        if (interface->hash != hash)
            continue;
        if (head.Length > interface->name.Length && head.Buffer[interface->name.Length / sizeof(WCHAR)] == L'\\')
            head.Length = interface->name.Length;
        if (RtlEqualUnicodeString(&interface->name, &head, TRUE))
            return interface;
    }
    return NULL;
}

static NTSTATUS duplicate(PCUNICODE_STRING source, PCUNICODE_STRING suffix, PUNICODE_STRING result)
{
    USHORT suffix_bytes = suffix && suffix->Length ? (USHORT)(suffix->Length + sizeof(WCHAR)) : 0;
    USHORT length = (USHORT)(source->Length + suffix_bytes);

    result->Buffer = ExAllocatePool2(POOL_FLAG_PAGED, length + sizeof(WCHAR), IO_TAG_INTERFACE);
    if (result->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    result->Length = length;
    result->MaximumLength = (USHORT)(length + sizeof(WCHAR));
    RtlCopyMemory(result->Buffer, source->Buffer, source->Length);
    if (suffix_bytes) {
        result->Buffer[source->Length / sizeof(WCHAR)] = L'\\';
        RtlCopyMemory(&result->Buffer[source->Length / sizeof(WCHAR) + 1], suffix->Buffer, suffix->Length);
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI IoRegisterDeviceInterface(PDEVICE_OBJECT PhysicalDeviceObject, CONST GUID *InterfaceClassGuid,
                                         PUNICODE_STRING ReferenceString, PUNICODE_STRING SymbolicLinkName)
{
    struct io_interface *interface, *existing;
    char text[LINK_UNITS];
    NTSTATUS status;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    status = link_name(PhysicalDeviceObject, InterfaceClassGuid, text, sizeof(text));
    if (!NT_SUCCESS(status))
        return status;
    interface = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*interface), IO_TAG_INTERFACE);
    if (interface == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    interface->class = *InterfaceClassGuid;
    interface->name.Buffer = interface->name_buffer;
    interface->name.MaximumLength = sizeof(interface->name_buffer);
    interface->name.Length = (USHORT)(cm_to_utf16(text, interface->name_buffer, LINK_UNITS) * sizeof(WCHAR));
    interface->hash = link_hash(&interface->name);
    status = duplicate(&interface->name, ReferenceString, SymbolicLinkName);
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(interface, IO_TAG_INTERFACE);
        return status;
    }
    lock();
    existing = find_interface(&interface->name);
    if (existing == NULL) {
        ObReferenceObject(PhysicalDeviceObject);
        interface->device = PhysicalDeviceObject;
        InsertTailList(&io_state.interfaces, &interface->link);
    }
    unlock();
    if (existing != NULL)
        ExFreePoolWithTag(interface, IO_TAG_INTERFACE);
    return STATUS_SUCCESS;
}
NT_EXPORT(IoRegisterDeviceInterface);

/*
 * Notification
 */

static void release_notification(struct io_notification *notification)
{
    if (InterlockedDecrement(&notification->references) != 0)
        return;
    ObDereferenceObject(notification->driver);
    if (notification->device != NULL)
        ObDereferenceObject(notification->device);
    ExFreePoolWithTag(notification, IO_TAG_NOTIFY);
}

static NTSTATUS call_back(struct io_notification *notification, PVOID structure)
{
    NTSTATUS status = STATUS_SUCCESS;

    ExAcquireFastMutexUnsafe(&notification->busy);
    notification->runner = KeGetCurrentThread();
    if (!notification->dead) {
        status = notification->callback(structure, notification->context);
        ke_check_irql(PASSIVE_LEVEL, (const void *)notification->callback, "the PnP notification callback");
    }
    notification->runner = NULL;
    ExReleaseFastMutexUnsafe(&notification->busy);
    return status;
}

/* Calls every registration that MATCHES; stops at the first failure when it may refuse. */
static NTSTATUS notify(bool (*matches)(const struct io_notification *notification, const void *key), const void *key,
                       void *structure, bool may_refuse)
{
    struct io_notification *list[64];
    NTSTATUS status = STATUS_SUCCESS;
    size_t count = 0;

    lock();
    for (PLIST_ENTRY entry = io_state.notifications.Flink;
         entry != &io_state.notifications && count < RTL_NUMBER_OF(list); entry = entry->Flink) {
        struct io_notification *notification = CONTAINING_RECORD(entry, struct io_notification, link);

        if (matches(notification, key)) {
            InterlockedIncrement(&notification->references);
            list[count++] = notification;
        }
    }
    unlock();
    for (size_t i = 0; i < count; i++) {
        if (!may_refuse || NT_SUCCESS(status)) {
            NTSTATUS answer = call_back(list[i], structure);

            if (may_refuse)
                status = answer;
        }
        release_notification(list[i]);
    }
    return status;
}

static bool wants_class(const struct io_notification *notification, const void *class)
{
    return notification->category == EventCategoryDeviceInterfaceChange && IsEqualGUID(&notification->class, class);
}

static bool wants_device(const struct io_notification *notification, const void *device)
{
    return notification->category == EventCategoryTargetDeviceChange && notification->device == device;
}

static DEVICE_INTERFACE_CHANGE_NOTIFICATION interface_event(const GUID *class, PUNICODE_STRING name, bool arrived)
{
    return (DEVICE_INTERFACE_CHANGE_NOTIFICATION){
        .Version = 1,
        .Size = sizeof(DEVICE_INTERFACE_CHANGE_NOTIFICATION),
        .Event = arrived ? GUID_DEVICE_INTERFACE_ARRIVAL : GUID_DEVICE_INTERFACE_REMOVAL,
        .InterfaceClassGuid = *class,
        .SymbolicLinkName = name,
    };
}

struct queued_change {
    GUID class;
    bool arrived;
    UNICODE_STRING name;
    WCHAR buffer[LINK_UNITS];
};

static void deliver_change(void *context)
{
    struct queued_change *change = context;
    DEVICE_INTERFACE_CHANGE_NOTIFICATION event = interface_event(&change->class, &change->name, change->arrived);

    notify(wants_class, &change->class, &event, false);
    ExFreePoolWithTag(change, IO_TAG_NOTIFY);
}

static void queue_change(const struct io_interface *interface, bool arrived)
{
    struct queued_change *change = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*change), IO_TAG_NOTIFY);

    if (change == NULL)
        return;
    change->class = interface->class;
    change->arrived = arrived;
    memcpy(change->buffer, interface->name_buffer, sizeof(change->buffer));
    change->name = interface->name;
    change->name.Buffer = change->buffer;
    if (io_state.pnp.queue == NULL || !io_state.pnp.queue(deliver_change, change))
        ExFreePoolWithTag(change, IO_TAG_NOTIFY);
}

static NTSTATUS enable(struct io_interface *interface, bool on)
{
    char device_name[128];
    WCHAR buffer[128];
    UNICODE_STRING target = {.Buffer = buffer, .MaximumLength = sizeof(buffer)};
    NTSTATUS status;

    if (interface->enabled == on)
        return on ? STATUS_OBJECT_NAME_EXISTS : STATUS_OBJECT_NAME_NOT_FOUND;
    if (!on) {
        interface->enabled = false;
        return ob_delete_symbolic_link(&interface->name);
    }
    if (ob_name_utf8(interface->device, device_name, sizeof(device_name))[0] == '\0')
        return STATUS_INVALID_DEVICE_REQUEST; /* "IoCreateDevice": a PDO must have a name */
    target.Length = (USHORT)(cm_to_utf16(device_name, buffer, RTL_NUMBER_OF(buffer)) * sizeof(WCHAR));
    status = ob_create_symbolic_link(&interface->name, &target);
    interface->enabled = NT_SUCCESS(status);
    return status;
}

NTSTATUS NTAPI IoSetDeviceInterfaceState(PUNICODE_STRING SymbolicLinkName, BOOLEAN Enable)
{
    struct io_interface *interface;
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    lock();
    interface = find_interface(SymbolicLinkName);
    if (interface != NULL) {
        status = enable(interface, Enable);
        if (NT_SUCCESS(status) && status != STATUS_OBJECT_NAME_EXISTS)
            queue_change(interface, Enable);
    }
    unlock();
    return status;
}
NT_EXPORT(IoSetDeviceInterfaceState);

void io_remove_interfaces(PDEVICE_OBJECT physical_device)
{
    PLIST_ENTRY entry, next;

    lock();
    for (entry = io_state.interfaces.Flink; entry != &io_state.interfaces; entry = next) {
        struct io_interface *interface = CONTAINING_RECORD(entry, struct io_interface, link);

        next = entry->Flink;
        if (interface->device != physical_device)
            continue;
        if (interface->enabled) {
            enable(interface, false);
            queue_change(interface, false);
        }
        RemoveEntryList(&interface->link);
        ObDereferenceObject(interface->device);
        ExFreePoolWithTag(interface, IO_TAG_INTERFACE);
    }
    unlock();
}

NTSTATUS NTAPI IoGetDeviceInterfaces(CONST GUID *InterfaceClassGuid, PDEVICE_OBJECT PhysicalDeviceObject, ULONG Flags,
                                     PWSTR *SymbolicLinkList)
{
    SIZE_T units = 1;
    PWSTR out = NULL;

    lock();
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            *SymbolicLinkList = out = ExAllocatePool2(POOL_FLAG_PAGED, units * sizeof(WCHAR), IO_TAG_INTERFACE);
            if (out == NULL)
                break;
        }
        for (PLIST_ENTRY entry = io_state.interfaces.Flink; entry != &io_state.interfaces; entry = entry->Flink) {
            struct io_interface *interface = CONTAINING_RECORD(entry, struct io_interface, link);

            if (!IsEqualGUID(&interface->class, InterfaceClassGuid) ||
                (PhysicalDeviceObject != NULL && interface->device != PhysicalDeviceObject) ||
                (!interface->enabled && !(Flags & DEVICE_INTERFACE_INCLUDE_NONACTIVE)))
                continue;
            if (pass == 0) {
                units += interface->name.Length / sizeof(WCHAR) + 1;
            } else {
                memcpy(out, interface->name.Buffer, interface->name.Length);
                out += interface->name.Length / sizeof(WCHAR) + 1; /* the pool's zero terminates it */
            }
        }
    }
    unlock();
    return *SymbolicLinkList ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}
NT_EXPORT(IoGetDeviceInterfaces);

NTSTATUS io_interface_key(PCUNICODE_STRING symbolic_link, char *path, size_t size)
{
    char name[LINK_UNITS], guid[40];
    struct io_interface *interface;

    lock();
    interface = find_interface(symbolic_link);
    if (interface != NULL) {
        cm_to_utf8(interface->name.Buffer, interface->name.Length / sizeof(WCHAR), name, sizeof(name));
        guid_text(&interface->class, guid);
    }
    unlock();
    if (interface == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    snprintf(path, size, CM_CONTROL "\\DeviceClasses\\%s\\##?#%s", guid, name + 4);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI IoOpenDeviceInterfaceRegistryKey(PUNICODE_STRING SymbolicLinkName, ACCESS_MASK DesiredAccess,
                                                PHANDLE DeviceInterfaceKey)
{
    char path[640];
    struct cm_key *key;
    NTSTATUS status = io_interface_key(SymbolicLinkName, path, sizeof(path) - 32);

    if (!NT_SUCCESS(status))
        return status;
    strcat(path, "\\#\\Device Parameters");
    status = cm_create(NULL, path, &key);
    if (!NT_SUCCESS(status))
        return status;
    status = cm_open_handle(key, DesiredAccess, DeviceInterfaceKey);
    cm_close(key);
    return status;
}
NT_EXPORT(IoOpenDeviceInterfaceRegistryKey);

static size_t units_of(PCWSTR text)
{
    size_t units = 0;

    while (text[units])
        units++;
    return units;
}

/* An interface that is there when its class is registered for is announced at once, in the registering thread. */
static void announce_existing(struct io_notification *notification)
{
    PWSTR list, name;

    if (!NT_SUCCESS(IoGetDeviceInterfaces(&notification->class, NULL, 0, &list)))
        return;
    for (name = list; *name; name += units_of(name) + 1) {
        UNICODE_STRING string;
        DEVICE_INTERFACE_CHANGE_NOTIFICATION event;

        RtlInitUnicodeString(&string, name);
        event = interface_event(&notification->class, &string, true);
        call_back(notification, &event);
    }
    ExFreePoolWithTag(list, IO_TAG_INTERFACE);
}

NTSTATUS NTAPI IoRegisterPlugPlayNotification(IO_NOTIFICATION_EVENT_CATEGORY EventCategory, ULONG EventCategoryFlags,
                                              PVOID EventCategoryData, PDRIVER_OBJECT DriverObject,
                                              PDRIVER_NOTIFICATION_CALLBACK_ROUTINE CallbackRoutine, PVOID Context,
                                              PVOID *NotificationEntry)
{
    struct io_notification *notification;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (EventCategory != EventCategoryHardwareProfileChange && EventCategoryData == NULL)
        return STATUS_INVALID_PARAMETER;
    notification = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*notification), IO_TAG_NOTIFY);
    if (notification == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    notification->references = 2; /* the list's and ours */
    notification->category = EventCategory;
    notification->driver = DriverObject;
    notification->callback = CallbackRoutine;
    notification->context = Context;
    ExInitializeFastMutex(&notification->busy);
    ObReferenceObject(DriverObject);
    if (EventCategory == EventCategoryDeviceInterfaceChange) {
        notification->class = *(const GUID *)EventCategoryData;
    } else if (EventCategory == EventCategoryTargetDeviceChange) {
        notification->device = io_stack_bottom(((PFILE_OBJECT)EventCategoryData)->DeviceObject);
        ObReferenceObject(notification->device);
    }
    *NotificationEntry = notification;
    lock();
    InsertTailList(&io_state.notifications, &notification->link);
    unlock();
    if (EventCategory == EventCategoryDeviceInterfaceChange &&
        (EventCategoryFlags & PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES))
        announce_existing(notification);
    release_notification(notification);
    return STATUS_SUCCESS;
}
NT_EXPORT(IoRegisterPlugPlayNotification);

NTSTATUS NTAPI IoUnregisterPlugPlayNotificationEx(PVOID NotificationEntry)
{
    struct io_notification *notification = NotificationEntry;

    lock();
    RemoveEntryList(&notification->link);
    InitializeListHead(&notification->link);
    unlock();
    /* Waits for a callback in progress; one that unregisters itself does not wait for itself. */
    if (notification->runner == KeGetCurrentThread()) {
        notification->dead = true;
    } else {
        ExAcquireFastMutexUnsafe(&notification->busy);
        notification->dead = true;
        ExReleaseFastMutexUnsafe(&notification->busy);
    }
    release_notification(notification);
    return STATUS_SUCCESS;
}
NT_EXPORT(IoUnregisterPlugPlayNotificationEx);

NTSTATUS NTAPI IoUnregisterPlugPlayNotification(PVOID NotificationEntry)
{
    return IoUnregisterPlugPlayNotificationEx(NotificationEntry);
}
NT_EXPORT(IoUnregisterPlugPlayNotification);

NTSTATUS io_notify_target_device(PDEVICE_OBJECT physical_device, const GUID *event)
{
    bool may_refuse = IsEqualGUID(event, &GUID_TARGET_DEVICE_QUERY_REMOVE);
    TARGET_DEVICE_REMOVAL_NOTIFICATION structure = {.Version = 1, .Size = sizeof(structure), .Event = *event};

    return notify(wants_device, physical_device, &structure, may_refuse);
}

/* A custom notification of a driver to those that have its device open. */
static NTSTATUS report_change(PDEVICE_OBJECT device, PVOID structure)
{
    const TARGET_DEVICE_CUSTOM_NOTIFICATION *notification = structure;

    if (IsEqualGUID(&notification->Event, &GUID_TARGET_DEVICE_QUERY_REMOVE) ||
        IsEqualGUID(&notification->Event, &GUID_TARGET_DEVICE_REMOVE_CANCELLED) ||
        IsEqualGUID(&notification->Event, &GUID_TARGET_DEVICE_REMOVE_COMPLETE))
        return STATUS_INVALID_DEVICE_REQUEST;
    return notify(wants_device, device, structure, false);
}

struct queued_report {
    PDEVICE_OBJECT device;
    PDEVICE_CHANGE_COMPLETE_CALLBACK complete;
    PVOID context;
    UCHAR structure[];
};

static void deliver_report(void *context)
{
    struct queued_report *report = context;

    report_change(report->device, report->structure);
    if (report->complete != NULL)
        report->complete(report->context);
    ObDereferenceObject(report->device);
    ExFreePoolWithTag(report, IO_TAG_NOTIFY);
}

NTSTATUS NTAPI IoReportTargetDeviceChangeAsynchronous(PDEVICE_OBJECT PhysicalDeviceObject, PVOID NotificationStructure,
                                                      PDEVICE_CHANGE_COMPLETE_CALLBACK Callback, PVOID Context)
{
    const TARGET_DEVICE_CUSTOM_NOTIFICATION *notification = NotificationStructure;
    struct queued_report *report =
        ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*report) + notification->Size, IO_TAG_NOTIFY);

    if (report == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    report->device = PhysicalDeviceObject;
    report->complete = Callback;
    report->context = Context;
    memcpy(report->structure, NotificationStructure, notification->Size);
    ObReferenceObject(PhysicalDeviceObject);
    if (io_state.pnp.queue != NULL && io_state.pnp.queue(deliver_report, report))
        return STATUS_PENDING;
    ObDereferenceObject(PhysicalDeviceObject);
    ExFreePoolWithTag(report, IO_TAG_NOTIFY);
    return STATUS_INVALID_DEVICE_REQUEST;
}
NT_EXPORT(IoReportTargetDeviceChangeAsynchronous);

NTSTATUS NTAPI IoReportTargetDeviceChange(PDEVICE_OBJECT PhysicalDeviceObject, PVOID NotificationStructure)
{
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    return report_change(PhysicalDeviceObject, NotificationStructure);
}
NT_EXPORT(IoReportTargetDeviceChange);

/*
 * Files on device objects: what a control device sees when it is opened, asked, cancelled and closed, by name, by
 * handle and by pointer.
 */
#include "tests/unit/io/io_test.h"
#include "ntoskrnl/ob/ob.h"

#define IOCTL_ECHO  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_WAIT  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x802, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_WRITE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x803, METHOD_BUFFERED, FILE_WRITE_ACCESS)

static struct {
    PDRIVER_OBJECT driver;
    PDEVICE_OBJECT device;
    char log[256];
    NTSTATUS create_status;
    char file_name[64];
    PIRP held;
    KEVENT arrived;
} t;

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    PFILE_OBJECT file = stack->FileObject;
    NTSTATUS status = STATUS_SUCCESS;
    ULONG_PTR information = 0;

    (void)device;
    switch (stack->MajorFunction) {
    case IRP_MJ_CREATE:
        strcat(t.log, "create ");
        for (int i = 0; i < file->FileName.Length / 2; i++)
            t.file_name[i] = (char)file->FileName.Buffer[i];
        file->FsContext = &t;
        information = FILE_OPENED;
        status = t.create_status;
        break;
    case IRP_MJ_CLEANUP:
        strcat(t.log, "cleanup ");
        break;
    case IRP_MJ_CLOSE:
        strcat(t.log, "close ");
        break;
    case IRP_MJ_WRITE:
        strcat(t.log, "write ");
        information = stack->Parameters.Write.Length;
        break;
    case IRP_MJ_READ:
        strcat(t.log, "read ");
        memset(irp->AssociatedIrp.SystemBuffer, 'r', stack->Parameters.Read.Length);
        information = stack->Parameters.Read.Length;
        break;
    case IRP_MJ_DEVICE_CONTROL:
        strcat(t.log, "control ");
        if (stack->Parameters.DeviceIoControl.IoControlCode == IOCTL_WAIT) {
            IoMarkIrpPending(irp);
            t.held = irp;
            KeSetEvent(&t.arrived, 0, FALSE);
            return STATUS_PENDING;
        }
        information = stack->Parameters.DeviceIoControl.InputBufferLength;
        break;
    default:
        status = STATUS_INVALID_DEVICE_REQUEST;
        break;
    }
    return io_test_complete(irp, status, information);
}

static int setup(void **state)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\Control"),
                   link = RTL_CONSTANT_STRING(L"\\DosDevices\\Control");

    (void)state;
    memset(&t, 0, sizeof(t));
    io_test_boot();
    KeInitializeEvent(&t.arrived, NotificationEvent, FALSE);
    t.driver = io_test_driver("control", dispatch);
    assert_int_equal(IoCreateDevice(t.driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &t.device), STATUS_SUCCESS);
    t.device->Flags |= DO_BUFFERED_IO;
    assert_int_equal(IoCreateSymbolicLink(&link, &name), STATUS_SUCCESS);
    t.device->Flags &= ~DO_DEVICE_INITIALIZING;
    return 0;
}

static int teardown(void **state)
{
    UNICODE_STRING link = RTL_CONSTANT_STRING(L"\\DosDevices\\Control");

    (void)state;
    assert_int_equal(IoDeleteSymbolicLink(&link), STATUS_SUCCESS);
    if (t.device)
        IoDeleteDevice(t.device);
    assert_int_equal(io_unload_driver(t.driver, NULL), STATUS_SUCCESS);
    return 0;
}

static NTSTATUS open_handle(PCWSTR path, ULONG options, HANDLE *handle, ACCESS_MASK access)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;

    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL, NULL);
    return ZwCreateFile(handle, access, &attributes, &iosb, NULL, 0, 0, FILE_OPEN, options, NULL, 0);
}

static void test_handle_life(void **state)
{
    IO_STATUS_BLOCK iosb;
    char data[4] = "abcd", out[8] = "........";
    HANDLE handle;

    (void)state;
    assert_int_equal(open_handle(L"\\??\\control\\sub\\path", FILE_SYNCHRONOUS_IO_NONALERT, &handle,
                                 FILE_READ_DATA | FILE_WRITE_DATA | SYNCHRONIZE),
                     STATUS_SUCCESS);
    assert_string_equal(t.file_name, "\\sub\\path");
    assert_int_equal(ZwDeviceIoControlFile(handle, NULL, NULL, NULL, &iosb, IOCTL_ECHO, data, 4, out, 8),
                     STATUS_SUCCESS);
    assert_memory_equal(out, "abcd....", 8);
    assert_int_equal(iosb.Information, 4);
    assert_int_equal(ZwWriteFile(handle, NULL, NULL, NULL, &iosb, data, 4, NULL, NULL), STATUS_SUCCESS);
    assert_int_equal(ZwReadFile(handle, NULL, NULL, NULL, &iosb, out, 6, NULL, NULL), STATUS_SUCCESS);
    assert_memory_equal(out, "rrrrrr..", 8);
    assert_int_equal(t.device->ReferenceCount, 1);
    ZwClose(handle);
    assert_string_equal(t.log, "create control write read cleanup close ");
    assert_int_equal(t.device->ReferenceCount, 0);
}

/* A Zw caller is trusted: access is checked for user mode only. */
static void test_kernel_access_is_not_checked(void **state)
{
    IO_STATUS_BLOCK iosb;
    HANDLE handle;

    (void)state;
    assert_int_equal(open_handle(L"\\Device\\Control", FILE_SYNCHRONOUS_IO_NONALERT, &handle, FILE_READ_DATA),
                     STATUS_SUCCESS);
    assert_int_equal(ZwDeviceIoControlFile(handle, NULL, NULL, NULL, &iosb, IOCTL_ECHO, NULL, 0, NULL, 0),
                     STATUS_SUCCESS);
    assert_int_equal(ZwDeviceIoControlFile(handle, NULL, NULL, NULL, &iosb, IOCTL_WRITE, NULL, 0, NULL, 0),
                     STATUS_SUCCESS);
    ZwClose(handle);
}

static void test_asynchronous_with_event(void **state)
{
    IO_STATUS_BLOCK iosb = {.Status = 5};
    HANDLE handle, event;
    char out[4] = "....";
    PKEVENT object;

    (void)state;
    assert_int_equal(ZwCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
    assert_int_equal(open_handle(L"\\Device\\Control", 0, &handle, FILE_READ_DATA), STATUS_SUCCESS);
    assert_int_equal(ZwDeviceIoControlFile(handle, event, NULL, NULL, &iosb, IOCTL_WAIT, NULL, 0, out, 4),
                     STATUS_PENDING);
    ObReferenceObjectByHandle(event, 0, *ExEventObjectType, KernelMode, (PVOID *)&object, NULL);
    assert_int_equal(KeReadStateEvent(object), 0);
    assert_int_equal(iosb.Status, 5);
    memcpy(t.held->AssociatedIrp.SystemBuffer, "done", 4);
    io_test_complete(t.held, STATUS_SUCCESS, 4);
    assert_int_equal(KeReadStateEvent(object), 1);
    assert_int_equal(iosb.Status, STATUS_SUCCESS);
    assert_memory_equal(out, "done", 4);
    ObDereferenceObject(object);
    ZwClose(event);
    ZwClose(handle);
}

/* The driver completes while the caller waits in ZwDeviceIoControlFile on another thread. */
struct call {
    NTSTATUS result;
    KEVENT returned;
};

static void call_and_wait(void *context)
{
    IO_STATUS_BLOCK iosb = {0};
    struct call *call = context;
    HANDLE handle;

    if (NT_SUCCESS(open_handle(L"\\Device\\Control", FILE_SYNCHRONOUS_IO_NONALERT, &handle, FILE_READ_DATA))) {
        call->result = ZwDeviceIoControlFile(handle, NULL, NULL, NULL, &iosb, IOCTL_WAIT, NULL, 0, NULL, 0);
        ZwClose(handle);
    }
    KeSetEvent(&call->returned, 0, FALSE);
}

static void test_synchronous_waits(void **state)
{
    struct call call = {.result = STATUS_UNSUCCESSFUL};

    (void)state;
    KeInitializeEvent(&call.returned, NotificationEvent, FALSE);
    assert_int_equal(ke_thread_create(NULL, "caller", call_and_wait, &call), STATUS_SUCCESS);
    KeWaitForSingleObject(&t.arrived, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(KeReadStateEvent(&call.returned), 0);
    io_test_complete(t.held, STATUS_DEVICE_BUSY, 0);
    KeWaitForSingleObject(&call.returned, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(call.result, STATUS_DEVICE_BUSY);
}

static void test_failed_create_is_not_closed(void **state)
{
    HANDLE handle;

    (void)state;
    t.create_status = STATUS_ACCESS_DENIED;
    assert_int_equal(open_handle(L"\\Device\\Control", 0, &handle, FILE_READ_DATA), STATUS_ACCESS_DENIED);
    assert_string_equal(t.log, "create ");
    assert_int_equal(t.device->ReferenceCount, 0);
    assert_int_equal(open_handle(L"\\Device\\Nothing", 0, &handle, FILE_READ_DATA), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void test_device_pointer(void **state)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\Control");
    PDEVICE_OBJECT device, filter;
    PFILE_OBJECT file;

    (void)state;
    filter = io_test_device(t.driver, DO_BUFFERED_IO);
    assert_ptr_equal(IoAttachDeviceToDeviceStack(filter, t.device), t.device);
    assert_int_equal(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &device), STATUS_SUCCESS);
    assert_ptr_equal(device, filter); /* the top of the stack */
    assert_ptr_equal(file->DeviceObject, t.device);
    assert_string_equal(t.log, "create cleanup ");
    ObDereferenceObject(file);
    assert_string_equal(t.log, "create cleanup close ");
    IoDetachDevice(t.device);
    IoDeleteDevice(filter);
}

static void test_exclusive_device(void **state)
{
    PFILE_OBJECT first, second;

    (void)state;
    t.device->Flags |= DO_EXCLUSIVE;
    assert_int_equal(io_open_file("\\Device\\Control", &first), STATUS_SUCCESS);
    assert_int_equal(io_open_file("\\Device\\Control", &second), STATUS_ACCESS_DENIED);
    io_close_file(first);
    assert_int_equal(io_open_file("\\Device\\Control", &second), STATUS_SUCCESS);
    io_close_file(second);
}

/* Deleted while open: the name is free at once, the object goes with the last close. */
static void test_delete_while_open(void **state)
{
    PFILE_OBJECT file, none;
    LONG before = ob_type_object_count(ob_types.device);

    (void)state;
    assert_int_equal(io_open_file("\\Device\\Control", &file), STATUS_SUCCESS);
    IoDeleteDevice(t.device);
    t.device = NULL;
    assert_int_equal(io_open_file("\\Device\\Control", &none), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(ob_type_object_count(ob_types.device), before);
    assert_non_null(t.driver->DeviceObject);
    assert_int_equal(io_device_control(file, IOCTL_ECHO, "x", 1, NULL, 0, NULL), STATUS_SUCCESS);
    io_close_file(file);
    assert_null(t.driver->DeviceObject);
    assert_int_equal(ob_type_object_count(ob_types.device), before - 1);
}

static void test_names_collide(void **state)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\Control");
    PDEVICE_OBJECT device;

    (void)state;
    assert_int_equal(IoCreateDevice(t.driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
                     STATUS_OBJECT_NAME_COLLISION);
    assert_null(device);
}

static void test_driver_extensions(void **state)
{
    void *first, *second;
    static int id_one, id_two;

    (void)state;
    assert_int_equal(IoAllocateDriverObjectExtension(t.driver, &id_one, 100, &first), STATUS_SUCCESS);
    assert_int_equal(IoAllocateDriverObjectExtension(t.driver, &id_one, 100, &second), STATUS_OBJECT_NAME_COLLISION);
    assert_ptr_equal(IoGetDriverObjectExtension(t.driver, &id_one), first);
    assert_null(IoGetDriverObjectExtension(t.driver, &id_two));
    assert_int_equal((uintptr_t)first % 16, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_handle_life),
        TEST(test_kernel_access_is_not_checked),
        TEST(test_asynchronous_with_event),
        TEST(test_synchronous_waits),
        TEST(test_failed_create_is_not_closed),
        TEST(test_device_pointer),
        TEST(test_exclusive_device),
        TEST(test_delete_while_open),
        TEST(test_names_collide),
        TEST(test_driver_extensions),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, io_test_halt);
}

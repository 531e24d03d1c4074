/*
 * Devices that applications can open: control devices of a driver, and an adapter's own device with
 * IOCTL_NDIS_QUERY_GLOBAL_STATS.
 */
#include "core_drivers.h"

#define IOCTL_ADD CTL_CODE(FILE_DEVICE_NETWORK, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS)

static PDEVICE_OBJECT control;
static NDIS_HANDLE control_handle;

static NTSTATUS NTAPI add(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    ULONG *numbers = irp->AssociatedIrp.SystemBuffer, *sum = NdisGetDeviceReservedExtension(device);
    NTSTATUS status = STATUS_INVALID_DEVICE_REQUEST;

    CHECK(device == control);
    irp->IoStatus.Information = 0;
    if (stack->Parameters.DeviceIoControl.IoControlCode == IOCTL_ADD) {
        *sum += numbers[0];
        numbers[0] = *sum;
        irp->IoStatus.Information = sizeof(ULONG);
        status = STATUS_SUCCESS;
    }
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static void register_control(void)
{
    static WCHAR name[] = L"\\Device\\CoreControl", link[] = L"\\DosDevices\\CoreControl";
    UNICODE_STRING device_name = {sizeof(name) - 2, sizeof(name), name};
    UNICODE_STRING link_name = {sizeof(link) - 2, sizeof(link), link};
    PDRIVER_DISPATCH functions[IRP_MJ_MAXIMUM_FUNCTION + 1] = {[IRP_MJ_DEVICE_CONTROL] = add};
    NDIS_DEVICE_OBJECT_ATTRIBUTES attributes = {
        .Header = {NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1,
                   NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1},
        .DeviceName = &device_name,
        .SymbolicName = &link_name,
        .MajorFunctions = functions,
        .ExtensionSize = sizeof(ULONG),
    };

    assert_int_equal(NdisRegisterDeviceEx(t.miniport_driver, &attributes, &control, &control_handle),
                     NDIS_STATUS_SUCCESS);
    attributes.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    assert_int_equal(NdisRegisterDeviceEx(t.miniport_driver, &attributes, &control, &control_handle),
                     NDIS_STATUS_INVALID_PARAMETER);
}

static void test_control_device(void **state)
{
    ULONG number = 40, bytes = 0;
    PDEVICE_OBJECT pdo;
    PFILE_OBJECT file;

    (void)state;
    pdo = core_plug();
    register_control();
    assert_int_equal(io_open_file("\\??\\CoreControl", &file), STATUS_SUCCESS); /* IRP_MJ_CREATE needs no handler */
    assert_int_equal(io_device_control(file, IOCTL_ADD, &number, 4, &number, 4, &bytes), STATUS_SUCCESS);
    number = 2;
    assert_int_equal(io_device_control(file, IOCTL_ADD, &number, 4, &number, 4, &bytes), STATUS_SUCCESS);
    assert_int_equal(number, 42);
    assert_int_equal(bytes, 4);
    assert_int_equal(io_device_control(file, IOCTL_ADD + 4, &number, 4, &number, 4, &bytes),
                     STATUS_INVALID_DEVICE_REQUEST);
    io_close_file(file);
    NdisDeregisterDeviceEx(control_handle);
    assert_int_equal(io_open_file("\\??\\CoreControl", &file), STATUS_OBJECT_NAME_NOT_FOUND);
    core_unplug(pdo);
}

static void test_query_global_stats(void **state)
{
    struct ndis_adapter_info info;
    NDIS_OID oid = OID_GEN_MAXIMUM_FRAME_SIZE;
    ULONG value = 0, bytes = 0;
    PDEVICE_OBJECT pdo;
    PFILE_OBJECT file;

    (void)state;
    pdo = core_plug();
    assert_true(ndis_find_adapter(pdo, &info));
    assert_int_equal(io_open_file(info.name, &file), STATUS_SUCCESS);
    assert_int_equal(io_device_control(file, IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, 4, &value, 4, &bytes),
                     STATUS_SUCCESS);
    assert_int_equal(bytes, 4);
    assert_int_equal(value, 1500);
    assert_int_equal(io_device_control(file, IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, 4, &value, 2, &bytes),
                     STATUS_BUFFER_TOO_SMALL);
    oid = OID_GEN_VENDOR_ID; /* the miniport does not know it */
    assert_int_equal(io_device_control(file, IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, 4, &value, 4, &bytes),
                     STATUS_NOT_SUPPORTED);
    assert_int_equal(io_device_control(file, IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, 2, &value, 4, &bytes),
                     STATUS_INVALID_PARAMETER);
    io_close_file(file);
    core_unplug(pdo);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, core_setup, core_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_control_device), TEST(test_query_global_stats)};
    return cmocka_run_group_tests_name("NDIS devices", tests, NULL, NULL);
}

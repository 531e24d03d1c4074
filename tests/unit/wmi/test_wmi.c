/*
 * WMI: a driver with two blocks answers every request through the WMI library, small buffers and hostile WNODEs
 * included; registration asks it on a system thread, and deregistration waits for that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <wmilib.h>

#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/rtl/rtl.h"

static const GUID counters = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}}, settings = {9, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
static WMIGUIDREGINFO blocks[] = {{&counters, 3, 0}, {&settings, 1, WMIREG_FLAG_EXPENSIVE}};

static struct {
    PDRIVER_OBJECT driver;
    PDEVICE_OBJECT device;
    UCHAR setting[5];
    KEVENT asked;
    LONG reginfo_calls;
    bool enabled;
} test;

/* Instances of 5, 6 and 7 bytes, each on an 8-byte boundary. */
static NTAPI NTSTATUS query_block(PDEVICE_OBJECT device, PIRP irp, ULONG guid, ULONG instance, ULONG count,
                                  PULONG lengths, ULONG available, PUCHAR buffer)
{
    ULONG used = 0;
    for (ULONG i = 0; i < count; i++)
        used = ((used + 7) & ~7u) + 5 + instance + i;
    if (guid == 1)
        used = sizeof(test.setting);
    if (used > available)
        return WmiCompleteRequest(device, irp, STATUS_BUFFER_TOO_SMALL, used, IO_NO_INCREMENT);
    for (ULONG i = 0, at = 0; i < count; i++) {
        lengths[i] = guid == 1 ? (ULONG)sizeof(test.setting) : 5 + instance + i;
        memset(buffer + at, 'a' + (int)(instance + i), lengths[i]);
        if (guid == 1)
            memcpy(buffer + at, test.setting, sizeof(test.setting));
        at = (at + lengths[i] + 7) & ~7u;
    }
    return WmiCompleteRequest(device, irp, STATUS_SUCCESS, used, IO_NO_INCREMENT);
}

static NTAPI NTSTATUS set_block(PDEVICE_OBJECT device, PIRP irp, ULONG guid, ULONG instance, ULONG size, PUCHAR buffer)
{
    NTSTATUS status =
        guid == 1 && instance == 0 && size == sizeof(test.setting) ? STATUS_SUCCESS : STATUS_WMI_SET_FAILURE;
    if (NT_SUCCESS(status))
        memcpy(test.setting, buffer, size);
    return WmiCompleteRequest(device, irp, status, 0, IO_NO_INCREMENT);
}

static NTAPI NTSTATUS function_control(PDEVICE_OBJECT device, PIRP irp, ULONG guid, WMIENABLEDISABLECONTROL function,
                                       BOOLEAN enable)
{
    assert_int_equal(guid, 1);
    assert_int_equal(function, WmiDataBlockControl);
    test.enabled = enable;
    return WmiCompleteRequest(device, irp, STATUS_SUCCESS, 0, IO_NO_INCREMENT);
}

static NTAPI NTSTATUS query_reginfo(PDEVICE_OBJECT device, PULONG flags, PUNICODE_STRING name, PUNICODE_STRING *path,
                                    PUNICODE_STRING mof, PDEVICE_OBJECT *pdo)
{
    static UNICODE_STRING registry = RTL_CONSTANT_STRING(u"\\Registry\\Machine\\X");
    (void)mof;
    *flags = WMIREG_FLAG_INSTANCE_PDO;
    *path = &registry;
    *pdo = device;
    (void)name;
    ObReferenceObject(device);
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    InterlockedIncrement(&test.reginfo_calls);
    KeSetEvent(&test.asked, IO_NO_INCREMENT, FALSE);
    return STATUS_SUCCESS;
}

static WMILIB_CONTEXT library = {
    .GuidCount = RTL_NUMBER_OF(blocks),
    .GuidList = blocks,
    .QueryWmiRegInfo = query_reginfo,
    .QueryWmiDataBlock = query_block,
    .SetWmiDataBlock = set_block,
    .WmiFunctionControl = function_control,
};

static NTAPI NTSTATUS system_control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    SYSCTL_IRP_DISPOSITION disposition;
    NTSTATUS status = WmiSystemControl(&library, DeviceObject, Irp, &disposition);
    if (disposition == IrpNotCompleted)
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
    if (disposition == IrpNotWmi || disposition == IrpForward) {
        status = Irp->IoStatus.Status;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
    }
    return status;
}

static NTAPI NTSTATUS entry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    (void)RegistryPath;
    DriverObject->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = system_control;
    test.driver = DriverObject;
    return STATUS_SUCCESS;
}

static NTAPI NTSTATUS done(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    (void)DeviceObject, (void)Irp, (void)Context;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Sends one request; it never pends. */
static NTSTATUS request(UCHAR minor, const void *path, void *buffer, ULONG size, ULONG_PTR *information)
{
    PIRP irp = IoAllocateIrp(test.device->StackSize, FALSE);
    PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
    next->MajorFunction = IRP_MJ_SYSTEM_CONTROL;
    next->MinorFunction = minor;
    next->Parameters.WMI.ProviderId = (ULONG_PTR)test.device;
    next->Parameters.WMI.DataPath = (PVOID)path;
    next->Parameters.WMI.BufferSize = size;
    next->Parameters.WMI.Buffer = buffer;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    IoSetCompletionRoutine(irp, done, NULL, TRUE, TRUE, TRUE);
    IoCallDriver(test.device, irp);
    NTSTATUS status = irp->IoStatus.Status;
    *information = irp->IoStatus.Information;
    IoFreeIrp(irp);
    return status;
}

static void all_data(void **state)
{
    (void)state;
    _Alignas(8) UCHAR buffer[256] = {0};
    WNODE_ALL_DATA *all = (void *)buffer;
    ULONG_PTR information;
    assert_int_equal(request(IRP_MN_QUERY_ALL_DATA, &counters, buffer, sizeof(buffer), &information), STATUS_SUCCESS);
    assert_int_equal(all->InstanceCount, 3);
    for (ULONG i = 0; i < 3; i++) {
        assert_int_equal(all->OffsetInstanceDataAndLength[i].LengthInstanceData, 5 + i);
        assert_int_equal(all->OffsetInstanceDataAndLength[i].OffsetInstanceData % 8, 0);
        assert_int_equal(buffer[all->OffsetInstanceDataAndLength[i].OffsetInstanceData], 'a' + i);
    }
    const OFFSETINSTANCEDATAANDLENGTH *places = all->OffsetInstanceDataAndLength;
    ULONG last = places[2].OffsetInstanceData + 7;
    assert_int_equal(information, last);
    assert_int_equal(all->WnodeHeader.BufferSize, last);
    WNODE_TOO_SMALL *too_small = (void *)buffer;
    for (ULONG size = sizeof(WNODE_TOO_SMALL); size < last; size++) {
        memset(buffer, 0, sizeof(buffer));
        memset(buffer + size, 0xEE, sizeof(buffer) - size);
        assert_int_equal(request(IRP_MN_QUERY_ALL_DATA, &counters, buffer, size, &information), STATUS_SUCCESS);
        assert_true(too_small->WnodeHeader.Flags & WNODE_FLAG_TOO_SMALL);
        assert_int_equal(information, sizeof(WNODE_TOO_SMALL));
        assert_true(too_small->SizeNeeded > size);
        for (size_t i = size; i < sizeof(buffer); i++)
            assert_int_equal(buffer[i], 0xEE);
    }
}

static WNODE_SINGLE_INSTANCE *single(UCHAR *buffer, ULONG instance, ULONG offset, ULONG length)
{
    WNODE_SINGLE_INSTANCE *node = (void *)buffer;
    memset(buffer, 0, sizeof(*node));
    node->WnodeHeader.Flags = WNODE_FLAG_SINGLE_INSTANCE | WNODE_FLAG_STATIC_INSTANCE_NAMES;
    node->InstanceIndex = instance;
    node->DataBlockOffset = offset;
    node->SizeDataBlock = length;
    return node;
}

static void one_instance(void **state)
{
    (void)state;
    _Alignas(8) UCHAR buffer[128];
    ULONG_PTR information;
    WNODE_SINGLE_INSTANCE *node = single(buffer, 0, 64, 5);
    memcpy(buffer + 64, "speed", 5);
    assert_int_equal(request(IRP_MN_CHANGE_SINGLE_INSTANCE, &settings, buffer, sizeof(buffer), &information),
                     STATUS_SUCCESS);
    assert_memory_equal(test.setting, "speed", 5);
    single(buffer, 0, 72, 0);
    assert_int_equal(request(IRP_MN_QUERY_SINGLE_INSTANCE, &settings, buffer, sizeof(buffer), &information),
                     STATUS_SUCCESS);
    assert_int_equal(information, 77);
    assert_int_equal(node->SizeDataBlock, 5);
    assert_memory_equal(buffer + 72, "speed", 5);
    single(buffer, 3, 72, 0);
    assert_int_equal(request(IRP_MN_QUERY_SINGLE_INSTANCE, &counters, buffer, sizeof(buffer), &information),
                     STATUS_WMI_INSTANCE_NOT_FOUND);
    GUID unknown = {0};
    assert_int_equal(request(IRP_MN_QUERY_SINGLE_INSTANCE, &unknown, buffer, sizeof(buffer), &information),
                     STATUS_WMI_GUID_NOT_FOUND);
    assert_int_equal(request(IRP_MN_CHANGE_SINGLE_ITEM, &settings, buffer, sizeof(buffer), &information),
                     STATUS_WMI_READ_ONLY);
    assert_int_equal(request(IRP_MN_EXECUTE_METHOD, &settings, buffer, sizeof(buffer), &information),
                     STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(request(0x42, &settings, buffer, sizeof(buffer), &information), STATUS_NOT_SUPPORTED);
}

static void offsets_outside_the_buffer(void **state)
{
    (void)state;
    UCHAR *buffer = malloc(80); /* its end is ASan's */
    static const ULONG bad[][2] = {{81, 0}, {80, 5}, {76, 5}, {0xFFFFFFFF, 5}, {64, 0xFFFFFFFF}, {8, 0xFFFFFFF8}};
    ULONG_PTR information;
    for (size_t i = 0; i < RTL_NUMBER_OF(bad); i++) {
        single(buffer, 0, bad[i][0], bad[i][1]);
        assert_int_equal(request(IRP_MN_CHANGE_SINGLE_INSTANCE, &settings, buffer, 80, &information),
                         STATUS_INVALID_PARAMETER);
    }
    single(buffer, 0, 81, 0);
    assert_int_equal(request(IRP_MN_QUERY_SINGLE_INSTANCE, &settings, buffer, 80, &information),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(request(IRP_MN_QUERY_SINGLE_INSTANCE, &settings, buffer, 20, &information),
                     STATUS_BUFFER_TOO_SMALL);
    free(buffer);
}

static void collection(void **state)
{
    (void)state;
    WNODE_HEADER header = {0};
    ULONG_PTR information;
    assert_int_equal(request(IRP_MN_ENABLE_COLLECTION, &settings, &header, sizeof(header), &information),
                     STATUS_SUCCESS);
    assert_true(test.enabled);
    assert_int_equal(request(IRP_MN_DISABLE_COLLECTION, &settings, &header, sizeof(header), &information),
                     STATUS_SUCCESS);
    assert_false(test.enabled);
}

static void registration_information(void **state)
{
    (void)state;
    _Alignas(8) UCHAR buffer[512];
    WMIREGINFOW *info = (void *)buffer;
    ULONG_PTR information;
    assert_int_equal(request(IRP_MN_REGINFO_EX, NULL, buffer, 16, &information), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(information, sizeof(ULONG));
    ULONG size = info->BufferSize;
    assert_int_equal(request(IRP_MN_REGINFO_EX, NULL, buffer, size, &information), STATUS_SUCCESS);
    assert_int_equal(information, size);
    assert_int_equal(info->GuidCount, 2);
    assert_int_equal(info->WmiRegGuid[1].Flags, WMIREG_FLAG_EXPENSIVE | WMIREG_FLAG_INSTANCE_PDO);
    assert_true(info->WmiRegGuid[0].Pdo == (ULONG_PTR)test.device);
    ObDereferenceObject(test.device);
    USHORT length;
    memcpy(&length, buffer + info->RegistryPath, sizeof(length));
    assert_int_equal(length, 2 * rtl_wcslen(u"\\Registry\\Machine\\X"));
}

static void registering(void **state)
{
    (void)state;
    LONG before = test.reginfo_calls;
    KeClearEvent(&test.asked);
    assert_int_equal(IoWMIRegistrationControl(test.device, WMIREG_ACTION_DEREGISTER), STATUS_INVALID_PARAMETER);
    assert_int_equal(IoWMIRegistrationControl(test.device, WMIREG_ACTION_REGISTER), STATUS_SUCCESS);
    assert_int_equal(KeWaitForSingleObject(&test.asked, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    assert_int_equal(IoWMIRegistrationControl(test.device, WMIREG_ACTION_REGISTER), STATUS_OBJECT_NAME_EXISTS);
    assert_true(IoWMIDeviceObjectToProviderId(test.device) != 0);
    KeClearEvent(&test.asked);
    assert_int_equal(IoWMIRegistrationControl(test.device, WMIREG_ACTION_UPDATE_GUIDS), STATUS_SUCCESS);
    assert_int_equal(KeWaitForSingleObject(&test.asked, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    assert_int_equal(IoWMIRegistrationControl(test.device, WMIREG_ACTION_DEREGISTER), STATUS_SUCCESS);
    assert_int_equal(test.reginfo_calls, before + 2);
    assert_int_equal(IoWMIDeviceObjectToProviderId(test.device), 0);
    assert_int_equal(IoWMIRegistrationControl(test.device, 99), STATUS_INVALID_PARAMETER);
}

static void events(void **state)
{
    (void)state;
    struct ex_pool_usage before, after;
    ex_pool_get_usage(&before);
    void *data = ExAllocatePool2(POOL_FLAG_NON_PAGED, 12, 'tseT');
    assert_int_equal(WmiFireEvent(test.device, &counters, 0, 12, data), STATUS_SUCCESS);
    assert_int_equal(WmiFireEvent(test.device, &counters, 0, 0, NULL), STATUS_SUCCESS);
    ex_pool_get_usage(&after);
    assert_int_equal(before.blocks, after.blocks);
    REGHANDLE handle;
    assert_int_equal(EtwRegister(&counters, NULL, NULL, &handle), STATUS_SUCCESS);
    assert_false(EtwProviderEnabled(handle, 5, 0));
    assert_int_equal(EtwUnregister(handle), STATUS_SUCCESS);
    assert_int_equal(EtwUnregister(0), STATUS_INVALID_HANDLE);
    ex_pool_get_usage(&after);
    assert_int_equal(before.blocks, after.blocks);
}

static int setup(void **state)
{
    (void)state;
    ke_initialize();
    ex_initialize();
    io_initialize();
    KeInitializeEvent(&test.asked, SynchronizationEvent, FALSE);
    PDRIVER_OBJECT driver;
    if (!NT_SUCCESS(io_create_driver("wmitest", NULL, entry, &driver)))
        return -1;
    return !NT_SUCCESS(IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &test.device));
}

static int teardown(void **state)
{
    (void)state;
    IoDeleteDevice(test.device);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_data),
        cmocka_unit_test(one_instance),
        cmocka_unit_test(offsets_outside_the_buffer),
        cmocka_unit_test(collection),
        cmocka_unit_test(registration_information),
        cmocka_unit_test(registering),
        cmocka_unit_test(events),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

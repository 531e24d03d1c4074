/*
 * What Plug and Play sees of USB: ids, texts, capabilities, the bus interface, composite devices through the generic
 * parent, devices refused for their descriptors, and waits that end with the device.
 */
#include "usb_test.h"
#include <usbbusif.h>

static NTSTATUS send_pnp(PDEVICE_OBJECT target, PIO_STACK_LOCATION stack, ULONG_PTR *information)
{
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    PIRP irp = IoAllocateIrp(target->StackSize, FALSE);
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    *IoGetNextIrpStackLocation(irp) = *stack;
    IoSetCompletionRoutine(irp, client_completed, &event, TRUE, TRUE, TRUE);
    IoCallDriver(target, irp);
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    NTSTATUS status = irp->IoStatus.Status;
    if (information != NULL)
        *information = irp->IoStatus.Information;
    IoFreeIrp(irp);
    return status;
}

static void expect_text(PDEVICE_OBJECT pdo, PIO_STACK_LOCATION stack, const char *expected, size_t size)
{
    ULONG_PTR information;
    assert_int_equal(send_pnp(pdo, stack, &information), STATUS_SUCCESS);
    PWCHAR text = (PWCHAR)information;
    for (size_t i = 0; i < size; i++)
        assert_int_equal(text[i], (UCHAR)expected[i]);
    ExFreePool(text);
}

static void expect_id(PDEVICE_OBJECT pdo, BUS_QUERY_ID_TYPE type, const char *expected, size_t size)
{
    IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_PNP, .MinorFunction = IRP_MN_QUERY_ID};
    stack.Parameters.QueryId.IdType = type;
    expect_text(pdo, &stack, expected, size);
}

#define EXPECT_ID(pdo, type, text) expect_id((pdo), (type), (text), sizeof(text))

static void test_ids(void **state)
{
    (void)state;
    struct gadget_options options = {.vendor = 0x0525, .product = 0xA4A1, .serial = "S3RIAL"};
    usb_test_boot("USB\\VID_0525&PID_A4A1");
    struct usb_device *device = usb_test_plug(gadget_create(&options, NULL));
    assert_int_equal(client.count, 1);
    PDEVICE_OBJECT pdo = client.functions[0]->physical;
    EXPECT_ID(pdo, BusQueryDeviceID, "USB\\VID_0525&PID_A4A1");
    EXPECT_ID(pdo, BusQueryHardwareIDs, "USB\\VID_0525&PID_A4A1&REV_0100\0USB\\VID_0525&PID_A4A1\0");
    EXPECT_ID(pdo, BusQueryCompatibleIDs,
              "USB\\Class_02&SubClass_0D&Prot_00\0USB\\Class_02&SubClass_0D\0USB\\Class_02\0"
              "USB\\Class_02&SubClass_00&Prot_00\0USB\\Class_02&SubClass_00\0USB\\Class_02\0");
    EXPECT_ID(pdo, BusQueryInstanceID, "S3RIAL");
    IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_PNP, .MinorFunction = IRP_MN_QUERY_DEVICE_TEXT};
    stack.Parameters.QueryDeviceText.DeviceTextType = DeviceTextDescription;
    expect_text(pdo, &stack, "Simulated CDC-NCM adapter", sizeof("Simulated CDC-NCM adapter"));
    stack.Parameters.QueryDeviceText.DeviceTextType = DeviceTextLocationInformation;
    expect_text(pdo, &stack, "Port_#0001.Hub_#0001", sizeof("Port_#0001.Hub_#0001"));

    DEVICE_CAPABILITIES capabilities = {.Size = sizeof(capabilities), .Version = 1};
    stack = (IO_STACK_LOCATION){.MajorFunction = IRP_MJ_PNP, .MinorFunction = IRP_MN_QUERY_CAPABILITIES};
    stack.Parameters.DeviceCapabilities.Capabilities = &capabilities;
    assert_int_equal(send_pnp(pdo, &stack, NULL), STATUS_SUCCESS);
    assert_true(capabilities.Removable && capabilities.SurpriseRemovalOK && capabilities.UniqueID);
    assert_int_equal(capabilities.DeviceState[PowerSystemWorking], PowerDeviceD0);
    assert_int_equal(capabilities.Address, 1);

    ULONG_PTR information;
    stack = (IO_STACK_LOCATION){.MajorFunction = IRP_MJ_PNP, .MinorFunction = IRP_MN_QUERY_BUS_INFORMATION};
    assert_int_equal(send_pnp(pdo, &stack, &information), STATUS_SUCCESS);
    assert_int_equal(((PPNP_BUS_INFORMATION)information)->BusTypeGuid.Data1, 0x9D7DEBBC);
    ExFreePool((PVOID)information);
    usb_test_unplug(device);
    usb_test_shutdown();
}

static void test_two_devices(void **state)
{
    (void)state;
    struct gadget_options first = {.serial = "A"}, second = {.serial = "B"};
    usb_test_boot("USB\\VID_1209&PID_0001");
    struct usb_device *a = usb_test_plug(gadget_create(&first, NULL));
    struct usb_device *b = usb_test_plug(gadget_create(&second, NULL));
    assert_int_equal(client.count, 2);
    usb_test_unplug(a);
    assert_int_equal(client.count, 1);
    struct usb_device_facts facts;
    usb_get_facts(b, &facts);
    assert_int_equal(facts.port, 2);
    /* The free port is used again, and the same device finds its instance. */
    a = usb_test_plug(gadget_create(&first, NULL));
    usb_get_facts(a, &facts);
    assert_int_equal(facts.port, 1);
    assert_int_equal(client.count, 2);
    /* The hub itself is removed in order and comes back: so do the devices in its ports. */
    char veto[128];
    PDEVICE_OBJECT hub = pnp_parent(client.functions[0]->physical);
    ObReferenceObject(hub);
    assert_int_equal(pnp_query_remove(hub, veto, sizeof(veto)), STATUS_SUCCESS);
    assert_int_equal(client.count, 0);
    assert_int_equal(pnp_enable(hub), STATUS_SUCCESS);
    assert_true(pnp_wait_idle(-1));
    assert_int_equal(client.count, 2);
    ObDereferenceObject(hub);
    usb_test_unplug(a);
    usb_test_unplug(b);
    usb_test_shutdown();
}

static void test_composite(void **state)
{
    (void)state;
    struct gadget_options options = {.use_association = true};
    usb_test_boot("USB\\VID_1209&PID_0001&MI_00");
    struct gadget_network *network = gadget_network_sink();
    struct usb_device *device = usb_test_plug(gadget_create(&options, network));
    assert_int_equal(client.count, 1);
    struct function *f = client.functions[0];
    EXPECT_ID(f->physical, BusQueryDeviceID, "USB\\VID_1209&PID_0001&MI_00");
    EXPECT_ID(f->physical, BusQueryHardwareIDs,
              "USB\\VID_1209&PID_0001&REV_0100&MI_00\0USB\\VID_1209&PID_0001&MI_00\0");
    EXPECT_ID(f->physical, BusQueryCompatibleIDs,
              "USB\\Class_02&SubClass_0D&Prot_00\0USB\\Class_02&SubClass_0D\0USB\\Class_02\0");
    PDEVICE_OBJECT parent = pnp_parent(f->physical);
    struct pnp_device_info info;
    assert_true(pnp_get_device(parent, &info));
    assert_string_equal(info.service, USB_COMPOSITE_SERVICE);
    EXPECT_ID(parent, BusQueryCompatibleIDs,
              "USB\\DevClass_EF&SubClass_02&Prot_01\0USB\\DevClass_EF&SubClass_02\0USB\\DevClass_EF\0USB\\COMPOSITE\0");

    /* The function sees a configuration with its interfaces, and selects it without disturbing the others. */
    UCHAR descriptor[512];
    URB urb = {0};
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0,
                                 descriptor, NULL, sizeof(descriptor), NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)descriptor;
    assert_int_equal(c->bNumInterfaces, 2);
    USBD_INTERFACE_LIST_ENTRY list[3] = {
        {USBD_ParseConfigurationDescriptorEx(c, c, 0, 0, -1, -1, -1), NULL},
        {USBD_ParseConfigurationDescriptorEx(c, c, 1, 1, -1, -1, -1), NULL},
        {NULL, NULL},
    };
    PURB select = USBD_CreateConfigurationRequestEx(c, list);
    assert_int_equal(send_urb(f, select), STATUS_SUCCESS);
    assert_int_equal(list[1].Interface->NumberOfPipes, 2);
    ExFreePool(select);
    usb_test_unplug(device);
    assert_int_equal(client.count, 0);
    assert_int_equal(client.surprised, 1);
    usb_test_shutdown();
}

static void test_whole_package_wins(void **state)
{
    (void)state;
    /* A driver for the whole composite device keeps the generic parent out. */
    struct gadget_options options = {.use_association = true};
    usb_test_boot("USB\\VID_1209&PID_0001");
    struct usb_device *device = usb_test_plug(gadget_create(&options, NULL));
    assert_int_equal(client.count, 1);
    EXPECT_ID(client.functions[0]->physical, BusQueryDeviceID, "USB\\VID_1209&PID_0001");
    usb_test_unplug(device);
    usb_test_shutdown();
}

static void test_bus_interface(void **state)
{
    (void)state;
    static const UCHAR sizes[] = {sizeof(USB_BUS_INTERFACE_USBDI_V0), sizeof(USB_BUS_INTERFACE_USBDI_V1),
                                  sizeof(USB_BUS_INTERFACE_USBDI_V2), sizeof(USB_BUS_INTERFACE_USBDI_V3)};
    static const GUID guid = {0xb1a96a13, 0x3de0, 0x4574, {0x9b, 0x01, 0xc0, 0x8f, 0xea, 0xb3, 0x18, 0xd6}};
    struct gadget_options options = {.speed = UsbFullSpeed};
    usb_test_boot("USB\\VID_1209&PID_0001");
    struct usb_device *device = usb_test_plug(gadget_create(&options, NULL));
    PDEVICE_OBJECT pdo = client.functions[0]->physical;
    USB_BUS_INTERFACE_USBDI_V3 interface;
    IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_PNP, .MinorFunction = IRP_MN_QUERY_INTERFACE};
    stack.Parameters.QueryInterface.InterfaceType = &guid;
    stack.Parameters.QueryInterface.Interface = (PINTERFACE)&interface;
    for (USHORT version = 0; version < 4; version++) {
        memset(&interface, 0xCC, sizeof(interface));
        stack.Parameters.QueryInterface.Version = version;
        stack.Parameters.QueryInterface.Size = sizes[version];
        assert_int_equal(send_pnp(pdo, &stack, NULL), STATUS_SUCCESS);
        assert_int_equal(interface.Size, sizes[version]);
        assert_int_equal(interface.Version, version);
        if (version < 3)
            assert_int_equal(((UCHAR *)&interface)[sizes[version]], 0xCC);
        interface.InterfaceDereference(interface.BusContext);
    }
    assert_int_equal(send_pnp(pdo, &stack, NULL), STATUS_SUCCESS);
    assert_false(interface.IsDeviceHighSpeed(interface.BusContext));
    USBD_VERSION_INFORMATION versions;
    ULONG capabilities = 5, frame = 0;
    interface.GetUSBDIVersion(interface.BusContext, &versions, &capabilities);
    assert_int_equal(versions.USBDI_Version, USBDI_VERSION);
    assert_int_equal(capabilities, 0);
    assert_int_equal(interface.QueryBusTime(interface.BusContext, &frame), STATUS_SUCCESS);
    interface.InterfaceDereference(interface.BusContext);
    stack.Parameters.QueryInterface.Size = 8;
    assert_int_equal(send_pnp(pdo, &stack, NULL), STATUS_INVALID_PARAMETER);
    stack.Parameters.QueryInterface.Version = 9;
    assert_int_equal(send_pnp(pdo, &stack, NULL), STATUS_NOT_SUPPORTED);
    GUID other = {1, 2, 3, {4}};
    stack.Parameters.QueryInterface.InterfaceType = &other;
    assert_int_equal(send_pnp(pdo, &stack, NULL), STATUS_NOT_SUPPORTED);
    usb_test_unplug(device);
    usb_test_shutdown();
}

static void test_bad_descriptors(void **state)
{
    (void)state;
    static const struct {
        enum gadget_descriptor_fault fault;
        const char *reason; /* NULL: the hub accepts it, and it is the driver's to refuse */
    } cases[] = {
        {GADGET_DESCRIPTOR_DEVICE_SHORT, "10 bytes instead of 18"},
        {GADGET_DESCRIPTOR_DEVICE_TYPE, "bDescriptorType is not 1"},
        {GADGET_DESCRIPTOR_NO_CONFIGURATION, "no configuration"},
        {GADGET_DESCRIPTOR_TOTAL_SHORT, "bLength"},
        {GADGET_DESCRIPTOR_TOTAL_LONG, "wTotalLength"},
        {GADGET_DESCRIPTOR_TOTAL_TINY, "wTotalLength"},
        {GADGET_DESCRIPTOR_ZERO_LENGTH, "bLength"},
        {GADGET_DESCRIPTOR_OVERRUN, "bLength"},
        {GADGET_DESCRIPTOR_ENDPOINT_COUNT, "bNumEndpoints"},
        {GADGET_DESCRIPTOR_INTERFACE_COUNT, "bNumInterfaces"},
        {GADGET_DESCRIPTOR_ENDPOINT_TWICE, "endpoint address"},
        {GADGET_DESCRIPTOR_ENDPOINT_ZERO, "endpoint address"},
        {GADGET_DESCRIPTOR_PACKET_SIZE_ZERO, "wMaxPacketSize"},
        {GADGET_DESCRIPTOR_NO_NCM_FUNCTIONAL, NULL},
        {GADGET_DESCRIPTOR_NO_ETHERNET, NULL},
        {GADGET_DESCRIPTOR_NO_UNION, NULL},
        {GADGET_DESCRIPTOR_NO_BULK_IN, NULL},
        {GADGET_DESCRIPTOR_BAD_MAC_STRING, NULL},
    };
    usb_test_boot("USB\\VID_1209&PID_0001");
    for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
        struct gadget_options options = {.descriptor_fault = cases[i].fault};
        struct usb_device *device;
        char error[256] = "";
        NTSTATUS status = usb_plug(gadget_create(&options, NULL), &device, error, sizeof(error));
        if (cases[i].reason == NULL) {
            assert_int_equal(status, STATUS_SUCCESS);
            assert_true(pnp_wait_idle(-1));
            assert_int_equal(client.count, 1);
            usb_test_unplug(device);
            continue;
        }
        assert_int_equal(status, STATUS_DEVICE_CONFIGURATION_ERROR);
        assert_null(device);
        if (strstr(error, cases[i].reason) == NULL)
            fail_msg("fault %d: %s", cases[i].fault, error);
    }
    assert_int_equal(client.count, 0);
    usb_test_shutdown();
}

static unsigned idle_calls;
static KIRQL idle_irql;
static KEVENT idle_called;

static VOID NTAPI idle_callback(PVOID context)
{
    assert_ptr_equal(context, &idle_calls);
    idle_calls++;
    idle_irql = KeGetCurrentIrql();
    KeSetEvent(&idle_called, IO_NO_INCREMENT, FALSE);
}

static NTSTATUS send_idle(struct request *r, struct function *f, USB_IDLE_CALLBACK_INFO *info)
{
    KeInitializeEvent(&r->done, NotificationEvent, FALSE);
    r->irp = IoAllocateIrp(f->lower->StackSize, FALSE);
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(r->irp);
    stack->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    stack->Parameters.DeviceIoControl.IoControlCode = IOCTL_INTERNAL_USB_SUBMIT_IDLE_NOTIFICATION;
    stack->Parameters.DeviceIoControl.Type3InputBuffer = info;
    stack->Parameters.DeviceIoControl.InputBufferLength = sizeof(*info);
    IoSetCompletionRoutine(r->irp, request_completed, r, TRUE, TRUE, TRUE);
    return IoCallDriver(f->lower, r->irp);
}

static void test_idle_and_wake(void **state)
{
    (void)state;
    USB_IDLE_CALLBACK_INFO info = {idle_callback, &idle_calls};
    struct request first, second, wake;
    usb_test_boot("USB\\VID_1209&PID_0001");
    struct usb_device *device = usb_test_plug(gadget_create(NULL, NULL));
    struct function *f = client.functions[0];
    KeInitializeEvent(&idle_called, NotificationEvent, FALSE);
    idle_calls = 0;
    assert_int_equal(send_idle(&first, f, &info), STATUS_PENDING);
    KeWaitForSingleObject(&idle_called, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(idle_calls, 1);
    assert_int_equal(idle_irql, PASSIVE_LEVEL);
    assert_int_equal(send_idle(&second, f, &info), STATUS_DEVICE_BUSY);
    request_wait(&second);
    assert_true(IoCancelIrp(first.irp));
    assert_int_equal(request_wait(&first), STATUS_CANCELLED);

    /* A wait-wake that nothing ends is ended by the removal. */
    KeInitializeEvent(&wake.done, NotificationEvent, FALSE);
    wake.irp = IoAllocateIrp(f->lower->StackSize, FALSE);
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(wake.irp);
    stack->MajorFunction = IRP_MJ_POWER;
    stack->MinorFunction = IRP_MN_WAIT_WAKE;
    wake.irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    IoSetCompletionRoutine(wake.irp, request_completed, &wake, TRUE, TRUE, TRUE);
    assert_int_equal(PoCallDriver(f->lower, wake.irp), STATUS_PENDING);
    usb_test_unplug(device);
    assert_int_equal(request_wait(&wake), STATUS_CANCELLED);
    usb_test_shutdown();
}

static void test_other_controls(void **state)
{
    (void)state;
    usb_test_boot("USB\\VID_1209&PID_0001");
    struct usb_device *device = usb_test_plug(gadget_create(NULL, NULL));
    struct function *f = client.functions[0];
    USB_BUS_NOTIFICATION bus;
    USB_TOPOLOGY_ADDRESS address;
    PVOID handle = NULL;
    ULONG hubs = 0;
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_GET_BUS_INFO, &bus), STATUS_SUCCESS);
    assert_true(bus.TotalBandwidth != 0);
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_GET_TOPOLOGY_ADDRESS, &address), STATUS_SUCCESS);
    assert_int_equal(address.RootHubPortNumber, 1);
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_GET_HUB_COUNT, &hubs), STATUS_SUCCESS);
    assert_int_equal(hubs, 1);
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_GET_DEVICE_HANDLE, &handle), STATUS_SUCCESS);
    assert_non_null(handle);
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_GET_PORT_STATUS, NULL), STATUS_INVALID_PARAMETER);
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_GET_BUS_INFO, NULL), STATUS_INVALID_PARAMETER);
    assert_int_equal(send_control(f, USB_KERNEL_CTL(999), NULL), STATUS_NOT_SUPPORTED);
    /* Removed in order and enabled again: the PDO stays, for the device has not left. */
    char veto[128];
    PDEVICE_OBJECT physical = f->physical;
    assert_int_equal(pnp_query_remove(physical, veto, sizeof(veto)), STATUS_SUCCESS);
    assert_int_equal(client.count, 0);
    assert_int_equal(pnp_enable(physical), STATUS_SUCCESS);
    assert_int_equal(client.count, 1);
    assert_ptr_equal(client.functions[0]->physical, physical);
    usb_test_unplug(device);
    usb_test_shutdown();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),           cmocka_unit_test(test_two_devices),
        cmocka_unit_test(test_composite),     cmocka_unit_test(test_whole_package_wins),
        cmocka_unit_test(test_bus_interface), cmocka_unit_test(test_bad_descriptors),
        cmocka_unit_test(test_idle_and_wake), cmocka_unit_test(test_other_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

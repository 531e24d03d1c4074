/*
 * The library that drivers use: parsers and builders of usbd.sys on good and bad descriptors, and the part that is
 * linked into each driver (usbdex) on a real device stack.
 */
#include "usb_test.h"

/* A CDC-NCM configuration as a device would send it. */
static const UCHAR good[] = {
    9, 2,    75,   0,    2,  1,  0,    0xC0, 50,                               /* configuration */
    9, 4,    0,    0,    1,  2,  0x0D, 0,    0,                                /* interface 0 */
    5, 0x24, 0,    0x10, 1,  5,  0x24, 6,    0,  1,    6, 0x24, 0x1A, 0, 1, 0, /* functional descriptors */
    7, 5,    0x81, 3,    16, 0,  9,                                            /* interrupt */
    9, 4,    1,    0,    0,  10, 0,    1,    0,                                /* interface 1, setting 0 */
    9, 4,    1,    1,    2,  10, 0,    1,    0,                                /* interface 1, setting 1 */
    7, 5,    0x82, 2,    0,  2,  0,    7,    5,  0x03, 2, 0,    2,    0,       /* bulk */
    2, 0x30,
};
C_ASSERT(sizeof(good) == 75);

static void test_parse(void **state)
{
    (void)state;
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)good;
    PUSB_INTERFACE_DESCRIPTOR i = USBD_ParseConfigurationDescriptorEx(c, c, -1, -1, 10, -1, -1);
    assert_non_null(i);
    assert_int_equal(i->bInterfaceNumber, 1);
    assert_int_equal(i->bAlternateSetting, 0);
    i = USBD_ParseConfigurationDescriptorEx(c, (PUCHAR)i + i->bLength, 1, -1, -1, -1, -1);
    assert_int_equal(i->bAlternateSetting, 1);
    assert_ptr_equal(i, USBD_ParseConfigurationDescriptor(c, 1, 1));
    assert_null(USBD_ParseConfigurationDescriptorEx(c, c, 2, -1, -1, -1, -1));
    assert_null(USBD_ParseConfigurationDescriptorEx(c, c, 0, -1, 2, 0x0E, -1));
    assert_int_equal(USBD_GetInterfaceLength(i, (PUCHAR)good + sizeof(good)), 9 + 14 + 2);
    PUSB_COMMON_DESCRIPTOR d = USBD_ParseDescriptors(c, sizeof(good), c, USB_ENDPOINT_DESCRIPTOR_TYPE);
    assert_int_equal(((PUSB_ENDPOINT_DESCRIPTOR)d)->bEndpointAddress, 0x81);
    d = USBD_ParseDescriptors(c, sizeof(good), i, USB_ENDPOINT_DESCRIPTOR_TYPE);
    assert_int_equal(((PUSB_ENDPOINT_DESCRIPTOR)d)->bEndpointAddress, 0x82);
    assert_null(USBD_ParseDescriptors(c, 40, i, USB_ENDPOINT_DESCRIPTOR_TYPE));
    /* A length of zero ends the search instead of going on for ever. */
    UCHAR zero[sizeof(good)];
    memcpy(zero, good, sizeof(good));
    zero[9] = 0;
    assert_null(USBD_ParseDescriptors(zero, sizeof(zero), zero, USB_ENDPOINT_DESCRIPTOR_TYPE));
}

static void expect_invalid(const UCHAR *data, ULONG size, USHORT level, USBD_STATUS expected, size_t offset)
{
    PUCHAR at = NULL;
    assert_int_equal(USBD_ValidateConfigurationDescriptor((PVOID)data, size, level, &at, 0), expected);
    assert_int_equal(at - data, offset);
}

static void test_validate(void **state)
{
    (void)state;
    UCHAR bad[sizeof(good)];
    PUCHAR at;
    for (USHORT level = 1; level <= 3; level++)
        assert_int_equal(USBD_ValidateConfigurationDescriptor((PVOID)good, sizeof(good), level, &at, 0),
                         USBD_STATUS_SUCCESS);
    assert_int_equal(USBD_ValidateConfigurationDescriptor((PVOID)good, sizeof(good), 4, &at, 0),
                     USBD_STATUS_INVALID_PARAMETER);
    expect_invalid(good, sizeof(good) - 1, 1, USBD_STATUS_BAD_CONFIG_DESC_LENGTH, 0);
    static const struct {
        size_t index;
        UCHAR value;
        USHORT level; /* that finds it, and all above */
        USBD_STATUS status;
        size_t offset;
    } cases[] = {
        {0, 8, 1, USBD_STATUS_BAD_DESCRIPTOR_BLEN, 0},
        {1, 4, 1, USBD_STATUS_BAD_DESCRIPTOR_TYPE, 0},
        {2, 8, 1, USBD_STATUS_BAD_CONFIG_DESC_LENGTH, 0},
        {4, 3, 2, USBD_STATUS_BAD_NUMBER_OF_INTERFACES, 0},
        {9, 0, 2, USBD_STATUS_BAD_DESCRIPTOR_BLEN, 9},
        {36, 0x70, 2, USBD_STATUS_BAD_ENDPOINT_ADDRESS, 34},
        {68, 0x82, 2, USBD_STATUS_BAD_ENDPOINT_ADDRESS, 66},
        {53, 0, 2, USBD_STATUS_BAD_INTERFACE_DESCRIPTOR, 50}, /* setting 0 twice */
        {54, 3, 3, USBD_STATUS_BAD_NUMBER_OF_ENDPOINTS, 0},
        {73, 9, 2, USBD_STATUS_BAD_DESCRIPTOR_BLEN, 73},
    };
    for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
        memcpy(bad, good, sizeof(bad));
        bad[cases[i].index] = cases[i].value;
        for (USHORT level = 1; level <= 3; level++) {
            if (level >= cases[i].level)
                expect_invalid(bad, sizeof(bad), level, cases[i].status, cases[i].offset);
            else
                assert_int_equal(USBD_ValidateConfigurationDescriptor((PVOID)bad, sizeof(bad), level, &at, 0),
                                 USBD_STATUS_SUCCESS);
        }
    }
}

static void test_build(void **state)
{
    (void)state;
    USHORT size = 0;
    usb_test_boot("USB\\NONE");
    PURB urb = USBD_CreateConfigurationRequest((PVOID)good, &size);
    assert_non_null(urb);
    assert_int_equal(size, offsetof(struct _URB_SELECT_CONFIGURATION, Interface) + GET_USBD_INTERFACE_SIZE(1) +
                               GET_USBD_INTERFACE_SIZE(0));
    assert_int_equal(urb->UrbHeader.Length, size);
    assert_int_equal(urb->UrbHeader.Function, URB_FUNCTION_SELECT_CONFIGURATION);
    assert_int_equal(urb->UrbSelectConfiguration.Interface.NumberOfPipes, 1);
    assert_int_equal(urb->UrbSelectConfiguration.Interface.Pipes[0].MaximumTransferSize,
                     USBD_DEFAULT_MAXIMUM_TRANSFER_SIZE);
    ExFreePool(urb);
    assert_int_equal(USBD_CalculateUsbBandwidth(64, UsbdPipeTypeBulk, FALSE), 0);
    assert_int_equal(USBD_CalculateUsbBandwidth(8, UsbdPipeTypeInterrupt, FALSE), (8 + 13) * 8 * 7 / 6);
    usb_test_shutdown();
}

static void test_usbdex(void **state)
{
    (void)state;
    USBD_HANDLE handle = NULL;
    UCHAR descriptor[512];
    ULONG size;
    PURB urb, select;
    KIRQL irql;
    usb_test_boot("USB\\VID_1209&PID_0001");
    struct usb_device *device = usb_test_plug(gadget_create(NULL, NULL));
    struct function *f = client.functions[0];
    assert_int_equal(USBD_CreateHandle(f->self, f->lower, 0x600, 'tset', &handle), STATUS_INVALID_PARAMETER);
    assert_int_equal(USBD_CreateHandle(f->self, f->lower, USBD_CLIENT_CONTRACT_VERSION_602, 0, &handle),
                     STATUS_INVALID_PARAMETER);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    NTSTATUS status = USBD_CreateHandle(f->self, f->lower, USBD_CLIENT_CONTRACT_VERSION_602, 'tset', &handle);
    KeLowerIrql(irql);
    assert_int_equal(status, STATUS_INVALID_LEVEL);
    assert_int_equal(USBD_CreateHandle(f->self, f->lower, USBD_CLIENT_CONTRACT_VERSION_602, 'tset', &handle),
                     STATUS_SUCCESS);
    assert_true(USBD_IsInterfaceVersionSupported(handle, USBD_INTERFACE_VERSION_600));
    assert_false(USBD_IsInterfaceVersionSupported(handle, USBD_INTERFACE_VERSION_602));
    static const GUID high_speed = {0x81a885a6, 0xf239, 0x42a2, {0x83, 0x97, 0xa5, 0xd9, 0x5b, 0xea, 0x69, 0x53}};
    static const GUID streams = {0x09051e1f, 0x0dc9, 0x4e6b, {0x8b, 0x12, 0x96, 0x0c, 0xbd, 0x81, 0xaa, 0x8f}};
    assert_int_equal(USBD_QueryUsbCapability(handle, &high_speed, 0, NULL, NULL), STATUS_SUCCESS);
    assert_int_equal(USBD_QueryUsbCapability(handle, &streams, sizeof(size), (PUCHAR)&size, NULL),
                     STATUS_NOT_SUPPORTED);
    assert_int_equal(USBD_QueryUsbCapability(handle, &streams, 4, NULL, NULL), STATUS_INVALID_PARAMETER);

    assert_int_equal(USBD_UrbAllocate(handle, NULL), STATUS_INVALID_PARAMETER);
    assert_int_equal(USBD_UrbAllocate(handle, &urb), STATUS_SUCCESS);
    UsbBuildGetDescriptorRequest(urb, sizeof(urb->UrbControlDescriptorRequest), USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0,
                                 descriptor, NULL, sizeof(descriptor), NULL);
    assert_int_equal(send_urb(f, urb), STATUS_SUCCESS);
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)descriptor;
    USBD_INTERFACE_LIST_ENTRY list[] = {{USBD_ParseConfigurationDescriptor(c, 0, 0), NULL},
                                        {USBD_ParseConfigurationDescriptor(c, 1, 0), NULL},
                                        {NULL, NULL}};
    assert_int_equal(USBD_SelectConfigUrbAllocateAndBuild(handle, c, list, &select), STATUS_SUCCESS);
    assert_int_equal(send_urb(f, select), STATUS_SUCCESS);
    assert_non_null(list[0].Interface->Pipes[0].PipeHandle);
    USBD_CONFIGURATION_HANDLE configuration = select->UrbSelectConfiguration.ConfigurationHandle;
    USBD_UrbFree(handle, select);
    list[1].InterfaceDescriptor = USBD_ParseConfigurationDescriptor(c, 1, 1);
    assert_int_equal(USBD_SelectInterfaceUrbAllocateAndBuild(handle, configuration, &list[1], &select), STATUS_SUCCESS);
    assert_int_equal(send_urb(f, select), STATUS_SUCCESS);
    assert_int_equal(list[1].Interface->Pipes[1].PipeType, UsbdPipeTypeBulk);
    USBD_UrbFree(handle, select);
    USBD_UrbFree(handle, urb);
    USBD_CloseHandle(handle);
    usb_test_unplug(device);
    usb_test_shutdown();
}

/* The same from outside: a driver image with the library linked in, in both forms. */
static void test_usbdex_in_driver(void **state)
{
    (void)state;
    static const enum ndiskit_form forms[] = {NDISKIT_FORM_PE, NDISKIT_FORM_ELF};
    struct ndiskit_error error;
    struct ndiskit_leaks leaks;
    for (size_t i = 0; i < RTL_NUMBER_OF(forms); i++) {
        struct ndiskit_device *device;
        struct ndiskit_plug_options options = {.network = "none"};
        assert_int_equal(ndiskit_boot(NULL, &error), 0);
        if (ndiskit_add_package("tests/drivers/usbfunc/usbfunc.inf", forms[i], &error) != 0 ||
            ndiskit_plug("sim:ncm", &options, &device, &error) != 0 ||
            ndiskit_wait_started(device, 20000, &error) != 0 || ndiskit_unplug(device, &error) != 0)
            fail_msg("%s", error.text);
        assert_int_equal(ndiskit_shutdown(&leaks, &error), 0);
        assert_int_equal(leaks.pool_blocks, 0);
        assert_int_equal(leaks.device_objects, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),  cmocka_unit_test(test_validate),         cmocka_unit_test(test_build),
        cmocka_unit_test(test_usbdex), cmocka_unit_test(test_usbdex_in_driver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

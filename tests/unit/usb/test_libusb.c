/*
 * The libusb backend, over functions of libusb that this program defines itself (tests/fake_libusb) with a simulated
 * gadget behind them: what is said when there is no device or no permission, the reference driver with real traffic,
 * drivers of Linux detached and given back, cancelling, stalls, removal and return.
 */
#include "driver_test.h"
#include "tests/fake_libusb/fake_libusb.h"
#include "usb/local.h"

#define SPEC "libusb:1209:0001"

static void plug_gadget(const struct fake_libusb_options *options, const struct gadget_options *gadget,
                        struct gadget_network *network)
{
    fake_libusb_plug(options, gadget_create(gadget, network));
}

/* Nothing may be left open, and nothing may have been done that the library forbids. */
static void end_fake(void)
{
    struct fake_libusb_facts facts;
    fake_libusb_get_facts(&facts);
    assert_string_equal(facts.misuse, "");
    assert_int_equal(facts.contexts, 0);
    assert_int_equal(facts.handles, 0);
    assert_int_equal(facts.transfers, 0);
    fake_libusb_end();
}

static void test_addresses(void **state)
{
    static const char *const bad[] = {"",
                                      "1209",
                                      "1209:",
                                      ":1",
                                      "12090:1",
                                      "1209:00001",
                                      "1209:1@",
                                      "1209:1@1-2x",
                                      "1209:1 ",
                                      "g209:1",
                                      "1209:1:2",
                                      "0x1209:0x01",
                                      "1209:1@1-2,3",
                                      "1209:1@1-2.3.4.5.6.7.8.9.10.11.12.13.14"};
    struct usb_local_address a;
    char text[300];
    (void)state;
    assert_true(usb_local_parse_address("0bDa:8153", &a, text, sizeof(text)));
    assert_int_equal(a.vendor, 0x0BDA);
    assert_int_equal(a.product, 0x8153);
    assert_string_equal(a.location, "");
    assert_true(usb_local_parse_address("5:f@2-1.4", &a, text, sizeof(text)));
    assert_int_equal(a.vendor, 5);
    assert_int_equal(a.product, 15);
    assert_string_equal(a.location, "2-1.4");
    for (size_t i = 0; i < RTL_NUMBER_OF(bad); i++)
        if (usb_local_parse_address(bad[i], &a, text, sizeof(text)) || strstr(text, "VID:PID") == NULL)
            fail_msg("%s", bad[i]);
}

/* ---- what a user is told ------------------------------------------------------------------------------------------
 */

static void expect_failure(const struct fake_libusb_options *options, const char *spec, const char *const *messages)
{
    struct ndiskit_device *device;
    plug_gadget(options, NULL, NULL);
    assert_int_not_equal(ndiskit_plug(spec, NULL, &device, &error), 0);
    for (; *messages != NULL; messages++)
        if (strstr(error.text, *messages) == NULL)
            fail_msg("%s: '%s' is not in: %s", spec, *messages, error.text);
    end_fake();
}

static void test_failures(void **state)
{
    (void)state;
    boot();
    expect_failure(NULL, "libusb:1234:5678", (const char *[]){"no such device", "1209:0001@3-2", NULL});
    expect_failure(NULL, SPEC "@3-1", (const char *[]){"no such device", "1209:0001@3-2", NULL});
    expect_failure(&(struct fake_libusb_options){.has_twin = true}, SPEC,
                   (const char *[]){"2 such devices", "1209:0001@3-2, 1209:0001@3-4", NULL});
    expect_failure(&(struct fake_libusb_options){.no_access = true}, SPEC,
                   (const char *[]){"/etc/udev/rules.d/70-ndiskit.rules",
                                    "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"1209\", ATTR{idProduct}==\"0001\", "
                                    "MODE=\"0660\", TAG+=\"uaccess\"",
                                    "udevadm control --reload", NULL});
    expect_failure(&(struct fake_libusb_options){.is_claimed = true}, SPEC,
                   (const char *[]){"Resource busy", "another program", NULL});
    expect_failure(&(struct fake_libusb_options){.no_init = true}, SPEC,
                   (const char *[]){"libusb cannot be used", "/dev/bus/usb", NULL});
    expect_failure(NULL, SPEC ":1", (const char *[]){"VID:PID", NULL});
    shut_down();
}

static void note_device(void *context, const struct usb_local_device *device)
{
    unsigned *count = context;
    assert_int_equal(device->address.vendor, 0x1209);
    assert_string_equal(device->address.location, "3-2");
    assert_int_equal(device->interface_count, 2);
    assert_int_equal(device->interfaces[1].class_code, 10);
    assert_string_equal(device->product_name, "Adapter?[2J"); /* nothing for the terminal */
    assert_string_equal(device->manufacturer, "");
    ++*count;
}

static void test_list(void **state)
{
    unsigned count = 0;
    char text[200];
    (void)state;
    boot();
    plug_gadget(NULL, NULL, NULL);
    assert_true(usb_local_list(note_device, &count, text, sizeof(text)));
    assert_int_equal(count, 1); /* not the root hub */
    end_fake();
    plug_gadget(&(struct fake_libusb_options){.no_init = true}, NULL, NULL);
    assert_false(usb_local_list(note_device, &count, text, sizeof(text)));
    assert_non_null(strstr(text, "/dev/bus/usb"));
    end_fake();
    shut_down();
}

/* ---- the reference driver -----------------------------------------------------------------------------------------
 */

static void use_network(const struct fake_libusb_options *options, const struct gadget_options *gadget,
                        const char *spec, uint64_t size)
{
    struct ndiskit_device *device;
    struct fake_libusb_facts facts;
    char text[300];
    boot();
    plug_gadget(options, gadget, gadget_network_slirp(false));
    assert_true(upper_stack_start(text, sizeof(text)));
    ok(ndiskit_plug(spec, NULL, &device, &error));
    ok(ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error));
    pass_traffic(size);
    fake_libusb_get_facts(&facts);
    assert_true(facts.claimed[0] && facts.claimed[1]);
    assert_false(facts.kernel_driver[0] || facts.kernel_driver[1]);
    assert_true(facts.configurations != 0);
    assert_true(facts.max_open >= 8);
    if (gadget != NULL)
        assert_true(facts.clear_halts != 0);
    unplug(device);
    fake_libusb_get_facts(&facts);
    assert_true(facts.kernel_driver[0] && facts.kernel_driver[1]); /* Linux has them back */
    upper_stack_stop();
    end_fake();
    shut_down();
}

static void test_traffic(void **state)
{
    (void)state;
    use_network(NULL, NULL, SPEC, DOWNLOAD);
}

static void test_other_circumstances(void **state)
{
    (void)state;
    use_network(&(struct fake_libusb_options){.has_twin = true, .no_hotplug = true}, NULL, SPEC "@3-2", 1 << 20);
    use_network(&(struct fake_libusb_options){.not_configured = true}, NULL, SPEC, 1 << 20);
    use_network(NULL, &(struct gadget_options){.stall_in_at = 2, .stall_out_at = 2}, SPEC, 1 << 20);
}

static void pull_and_put_back(const struct fake_libusb_options *options)
{
    struct ndiskit_device *device;
    struct ndiskit_device_info info;
    boot();
    plug_gadget(options, NULL, gadget_network_echo());
    ok(ndiskit_plug(SPEC, &(struct ndiskit_plug_options){.options = "reconnect"}, &device, &error));
    for (int i = 0; i < 3; i++) {
        ok(ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error));
        fake_libusb_pull();
        assert_true(is_gone_in_time(device));
        assert_non_null(strstr(error.text, "pulled out"));
        fake_libusb_put_back();
        for (unsigned n = 0; ndiskit_device_info(device, &info, NULL) != 0 && n < DEADLINE_MS / 10; n++)
            sleep_ms(10);
    }
    ok(ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error));
    unplug(device);
    end_fake();
    shut_down();
}

static void test_pulled_and_put_back(void **state)
{
    (void)state;
    pull_and_put_back(NULL);
    pull_and_put_back(&(struct fake_libusb_options){.no_hotplug = true});
}

/* At each transfer of the start. */
static void test_device_leaves(void **state)
{
    (void)state;
    boot();
    for (ULONG at = 1; at < 40; at++) {
        struct ndiskit_device *device;
        plug_gadget(NULL, &(struct gadget_options){.remove_at = at}, gadget_network_echo());
        if (ndiskit_plug(SPEC, NULL, &device, &error) == 0) {
            ndiskit_wait_started(device, DEADLINE_MS, &error);
            unplug(device);
        }
        end_fake();
    }
    shut_down();
}

/* ---- cancelling ---------------------------------------------------------------------------------------------------
 */

static struct function *f;
static USBD_PIPE_HANDLE pipe_in;

static void set_filter(void)
{
    URB urb = {0};
    UsbBuildVendorRequest(&urb, URB_FUNCTION_CLASS_INTERFACE, sizeof(urb.UrbControlVendorClassRequest), 0, 0, 0x43,
                          0x0F, 0, NULL, NULL, 0, NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
}

static void select_data(void)
{
    UCHAR descriptor[512];
    URB urb = {0};
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0,
                                 descriptor, NULL, sizeof(descriptor), NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)descriptor;
    USBD_INTERFACE_LIST_ENTRY list[3] = {
        {USBD_ParseConfigurationDescriptorEx(c, c, 0, 0, -1, -1, -1), NULL},
        {USBD_ParseConfigurationDescriptorEx(c, c, 1, 1, -1, -1, -1), NULL},
        {NULL, NULL},
    };
    PURB select = USBD_CreateConfigurationRequestEx(c, list);
    assert_int_equal(send_urb(f, select), STATUS_SUCCESS);
    pipe_in = list[1].Interface->Pipes[0].PipeHandle;
    ExFreePool(select);
}

struct read {
    struct request request;
    URB urb;
    UCHAR data[2048];
};

/* Into one piece of memory, or by a chain of MDLs into two. */
static void start_read(struct read *r, bool in_pieces)
{
    memset(&r->urb, 0, sizeof(r->urb));
    UsbBuildInterruptOrBulkTransferRequest(&r->urb, sizeof(r->urb.UrbBulkOrInterruptTransfer), pipe_in, r->data, NULL,
                                           sizeof(r->data), USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK, NULL);
    if (in_pieces) {
        PMDL first = IoAllocateMdl(r->data, 20, FALSE, FALSE, NULL);
        first->Next = IoAllocateMdl(r->data + 20, sizeof(r->data) - 20, FALSE, FALSE, NULL);
        MmBuildMdlForNonPagedPool(first);
        MmBuildMdlForNonPagedPool(first->Next);
        r->urb.UrbHeader.Function = URB_FUNCTION_BULK_OR_INTERRUPT_TRANSFER_USING_CHAINED_MDL;
        r->urb.UrbBulkOrInterruptTransfer.TransferBuffer = NULL;
        r->urb.UrbBulkOrInterruptTransfer.TransferBufferMDL = first;
    }
    assert_int_equal(request_send(&r->request, f, &r->urb), STATUS_PENDING);
}

static NTSTATUS finish_read(struct read *r)
{
    NTSTATUS status = request_wait(&r->request);
    PMDL mdl = r->urb.UrbBulkOrInterruptTransfer.TransferBufferMDL;
    if (r->urb.UrbBulkOrInterruptTransfer.TransferBuffer == NULL) {
        IoFreeMdl(mdl->Next);
        IoFreeMdl(mdl);
    }
    return status;
}

static void test_cancel_races(void **state)
{
    static struct read *reads;
    static const UCHAR frame[64] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 8, 0};
    struct gadget_network *network;
    struct usb_local_address address;
    unsigned filled = 0, cancelled = 0;
    char text[200];
    (void)state;
    usb_test_boot("USB\\Class_02&SubClass_0D&Prot_00");
    network = gadget_network_sink();
    plug_gadget(NULL, NULL, network);
    assert_true(usb_local_parse_address("1209:1", &address, text, sizeof(text)));
    struct usb_device *device = usb_test_plug(usb_local_create(&address));
    assert_int_equal(client.count, 1);
    f = client.functions[0];
    select_data();
    set_filter();
    reads = ExAllocatePoolWithTag(NonPagedPoolNx, 8 * sizeof(*reads), 'tset');
    for (unsigned round = 0; round < RACES; round++) {
        unsigned count = 1 + round % 8;
        for (unsigned i = 0; i < count; i++)
            start_read(&reads[i], (i + round) % 2 != 0);
        for (unsigned i = 0; i < count; i++) {
            if ((round + i) % 3 != 0)
                gadget_network_inject(network, frame, sizeof(frame));
            IoCancelIrp(reads[(i * 5 + round) % count].request.irp);
        }
        for (unsigned i = 0; i < count; i++)
            IoCancelIrp(reads[i].request.irp);
        for (unsigned i = 0; i < count; i++) {
            NTSTATUS status = finish_read(&reads[i]);
            assert_true(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
            if (status == STATUS_SUCCESS)
                assert_memory_equal(reads[i].data, "NCMH", 4);
            filled += status == STATUS_SUCCESS;
            cancelled += status == STATUS_CANCELLED;
        }
    }
    assert_true(cancelled != 0);
    print_message("%u filled, %u cancelled\n", filled, cancelled);
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_RESET_PORT, NULL), STATUS_SUCCESS);
    ExFreePoolWithTag(reads, 'tset');
    usb_test_unplug(device);
    end_fake();
    usb_test_shutdown();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_traffic),
        cmocka_unit_test(test_other_circumstances),
        cmocka_unit_test(test_pulled_and_put_back),
        cmocka_unit_test(test_device_leaves),
        cmocka_unit_test(test_cancel_races),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

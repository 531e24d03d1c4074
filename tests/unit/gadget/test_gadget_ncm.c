/*
 * The simulated device itself, through a real bus: which requests it takes when, blocks that span transfers in both
 * directions, short and zero-length packets, filters, both formats, FCS, waiting when the host does not read,
 * notifications and delays.
 */
#include "tests/unit/usb/usb_test.h"
#include "gadget/ntb.h"

static struct gadget_network *network;
static struct usb_backend *gadget;
static struct usb_device *device;
static struct function *f;
static USBD_CONFIGURATION_HANDLE configuration;
static USBD_PIPE_HANDLE pipe_notify, pipe_in, pipe_out;

enum { BLOCK = 4096, PACKET = 512 };

static const UCHAR mac[6] = {0x02, 0x4E, 0x43, 0x4D, 0x00, 0x01};

static void start(const struct gadget_options *options, struct gadget_network *behind)
{
    UCHAR descriptor[512];
    URB urb = {0};
    usb_test_boot("USB\\VID_1209&PID_0001");
    network = behind != NULL ? behind : gadget_network_sink();
    gadget = gadget_create(options, network);
    device = usb_test_plug(gadget);
    f = client.functions[0];
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0,
                                 descriptor, NULL, sizeof(descriptor), NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)descriptor;
    USBD_INTERFACE_LIST_ENTRY list[] = {{USBD_ParseConfigurationDescriptor(c, 0, 0), NULL},
                                        {USBD_ParseConfigurationDescriptor(c, 1, 0), NULL},
                                        {NULL, NULL}};
    PURB select = USBD_CreateConfigurationRequestEx(c, list);
    assert_int_equal(send_urb(f, select), STATUS_SUCCESS);
    configuration = select->UrbSelectConfiguration.ConfigurationHandle;
    pipe_notify = list[0].Interface->Pipes[0].PipeHandle;
    ExFreePool(select);
}

static void select_setting(UCHAR setting)
{
    union {
        URB urb;
        UCHAR room[GET_SELECT_INTERFACE_REQUEST_SIZE(2)];
    } u = {0};
    UsbBuildSelectInterfaceRequest(&u.urb, sizeof(u.room), configuration, 1, setting);
    u.urb.UrbSelectInterface.Interface.Length = (USHORT)GET_USBD_INTERFACE_SIZE(2);
    assert_int_equal(send_urb(f, &u.urb), STATUS_SUCCESS);
    pipe_in = u.urb.UrbSelectInterface.Interface.Pipes[0].PipeHandle;
    pipe_out = u.urb.UrbSelectInterface.Interface.Pipes[1].PipeHandle;
}

static void stop(void)
{
    usb_test_unplug(device);
    usb_test_shutdown();
}

/* A class request to the communication interface; true when the device takes it. */
static bool request(UCHAR code, USHORT value, void *buffer, ULONG size, ULONG *actual)
{
    bool is_get =
        code == 0x44 || code == 0x80 || code == 0x81 || code == 0x83 || code == 0x85 || code == 0x87 || code == 0x89;
    URB urb = {0};
    UsbBuildVendorRequest(&urb, URB_FUNCTION_CLASS_INTERFACE, sizeof(urb.UrbControlVendorClassRequest),
                          is_get ? USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK : 0, 0, code, value, 0, buffer,
                          NULL, size, NULL);
    NTSTATUS status = send_urb(f, &urb);
    if (!NT_SUCCESS(status))
        assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_STALL_PID);
    if (actual != NULL)
        *actual = urb.UrbControlVendorClassRequest.TransferBufferLength;
    return NT_SUCCESS(status);
}

static NTSTATUS transfer(USBD_PIPE_HANDLE pipe, void *buffer, ULONG *size, USBD_STATUS *status)
{
    URB urb = {0};
    UsbBuildInterruptOrBulkTransferRequest(&urb, sizeof(urb.UrbBulkOrInterruptTransfer), pipe, buffer, NULL, *size,
                                           USBD_SHORT_TRANSFER_OK, NULL);
    NTSTATUS result = send_urb(f, &urb);
    *size = urb.UrbBulkOrInterruptTransfer.TransferBufferLength;
    if (status != NULL)
        *status = urb.UrbHeader.Status;
    return result;
}

static void send(const void *buffer, ULONG size)
{
    ULONG moved = size;
    assert_int_equal(transfer(pipe_out, (void *)buffer, &moved, NULL), STATUS_SUCCESS);
    assert_int_equal(moved, size);
}

static ULONG receive(void *buffer, ULONG size)
{
    assert_int_equal(transfer(pipe_in, buffer, &size, NULL), STATUS_SUCCESS);
    return size;
}

static struct gadget_facts facts(void)
{
    struct gadget_facts result;
    gadget_get_facts(gadget, &result);
    return result;
}

static void make_frame(UCHAR *frame, const UCHAR *to, ULONG length, UCHAR fill)
{
    memset(frame, fill, length);
    memcpy(frame, to, 6);
    memcpy(frame + 6, "\x02\0\0\0\0\x77", 6);
    frame[12] = 0x88;
    frame[13] = 0xB5;
}

static struct ntb_builder builder;

/* A block of COUNT frames of LENGTH bytes. */
static ULONG make_block(UCHAR *block, ULONG capacity, bool is_32, bool has_crc, unsigned count, ULONG length)
{
    struct ntb_rules rules = {is_32, has_crc, capacity, 1514, 0, 4, 0, 4};
    UCHAR frame[1514];
    make_frame(frame, mac, length, 0x5A);
    struct gadget_frame one = {frame, NULL, length};
    ntb_begin(&builder, block, capacity, &rules);
    for (unsigned i = 0; i < count; i++)
        assert_true(ntb_add(&builder, &one));
    return ntb_finish(&builder, 0);
}

static void test_request_rules(void **state)
{
    (void)state;
    UCHAR buffer[128];
    ULONG actual;
    const struct gadget_options options = {.ntb_in_size = 8192, .multicast_filters = 4};
    start(&options, NULL);
    assert_true(request(0x80, 0, buffer, 28, &actual));
    assert_int_equal(actual, 28);
    assert_int_equal(*(ULONG *)(buffer + 4), 8192);
    assert_true(request(0x85, 0, buffer, 8, &actual));
    assert_int_equal(actual, 8);
    assert_int_equal(*(ULONG *)buffer, 8192);
    /* Sizes: in range, with and without a limit of datagrams. */
    *(ULONG *)buffer = 4096;
    *(ULONG *)(buffer + 4) = 5;
    assert_true(request(0x86, 0, buffer, 8, NULL));
    assert_int_equal(facts().ntb_input_size, 4096);
    assert_int_equal(facts().ntb_input_max_datagrams, 5);
    assert_false(request(0x86, 0, buffer, 6, NULL));
    *(ULONG *)buffer = 8193;
    assert_false(request(0x86, 0, buffer, 4, NULL));
    *(ULONG *)buffer = 2047;
    assert_false(request(0x86, 0, buffer, 4, NULL));
    /* Format, CRC, address, datagram size. */
    assert_true(request(0x84, 1, NULL, 0, NULL));
    assert_false(request(0x84, 2, NULL, 0, NULL));
    assert_true(request(0x83, 0, buffer, 2, &actual));
    assert_int_equal(*(USHORT *)buffer, 1);
    assert_true(request(0x8A, 1, NULL, 0, NULL));
    assert_false(request(0x8A, 2, NULL, 0, NULL));
    assert_true(request(0x82, 0, (void *)"\x02\1\2\3\4\5", 6, NULL));
    assert_false(request(0x82, 0, (void *)"\x03\1\2\3\4\5", 6, NULL));
    assert_true(request(0x81, 0, buffer, 6, NULL));
    assert_memory_equal(buffer, "\x02\1\2\3\4\5", 6);
    *(USHORT *)buffer = 1000;
    assert_true(request(0x88, 0, buffer, 2, NULL));
    *(USHORT *)buffer = 1515;
    assert_false(request(0x88, 0, buffer, 2, NULL));
    assert_true(request(0x87, 0, buffer, 2, NULL));
    assert_int_equal(*(USHORT *)buffer, 1000);
    /* Multicast filters: as many as the descriptor promised. */
    memset(buffer, 1, sizeof(buffer));
    assert_true(request(0x40, 4, buffer, 24, NULL));
    assert_false(request(0x40, 5, buffer, 30, NULL));
    assert_false(request(0x40, 3, buffer, 24, NULL));
    assert_int_equal(facts().multicast_count, 4);
    assert_true(request(0x43, 0x1F, NULL, 0, NULL));
    assert_false(request(0x43, 0x20, NULL, 0, NULL));
    assert_true(request(0x44, 2, buffer, 4, &actual));
    assert_int_equal(actual, 4);
    assert_false(request(0x44, 40, buffer, 4, NULL));
    assert_false(request(0x77, 0, NULL, 0, NULL));
    /* In setting 1 only what setting 1 allows; back in setting 0 everything has its default (7.2). */
    select_setting(1);
    assert_false(request(0x84, 0, NULL, 0, NULL));
    assert_false(request(0x8A, 0, NULL, 0, NULL));
    assert_true(request(0x43, 0x0C, NULL, 0, NULL));
    assert_int_equal(facts().ntb_format, 1);
    select_setting(0);
    assert_int_equal(facts().ntb_format, 0);
    assert_int_equal(facts().crc_mode, 0);
    assert_int_equal(facts().ntb_input_size, 8192);
    assert_memory_equal(facts().mac, mac, 6);
    stop();
}

static void test_missing_capabilities(void **state)
{
    (void)state;
    UCHAR buffer[28];
    const struct gadget_options options = {.no_ntb32 = true,
                                               .no_crc_mode = true,
                                               .no_net_address = true,
                                               .no_max_datagram_size = true,
                                               .no_packet_filter = true,
                                               .no_input_size_8 = true,
                                               .short_request = 0x180};
    start(&options, NULL);
    ULONG actual;
    assert_true(request(0x80, 0, buffer, 28, &actual));
    assert_int_equal(actual, 27);
    assert_int_equal(buffer[2], 1);
    static const UCHAR refused[] = {0x81, 0x87, 0x89, 0x8A, 0x43};
    for (size_t i = 0; i < sizeof(refused); i++)
        assert_false(request(refused[i], 0, buffer, refused[i] < 0x8A && refused[i] != 0x43 ? 2 : 0, NULL));
    assert_false(request(0x84, 1, NULL, 0, NULL));
    *(ULONG *)buffer = 4096;
    assert_false(request(0x86, 0, buffer, 8, NULL));
    assert_true(request(0x86, 0, buffer, 4, NULL));
    stop();
}

static void test_blocks_from_host(void **state)
{
    (void)state;
    static UCHAR block[BLOCK];
    struct gadget_sink_counts counts;
    const struct gadget_options options = {.ntb_out_size = BLOCK};
    start(&options, NULL);
    select_setting(1);
    ULONG size = make_block(block, BLOCK, false, false, 4, 300);
    assert_true(size > 2 * PACKET && size % PACKET != 0);
    send(block, size);
    assert_int_equal(facts().frames_out, 4);
    /* In pieces of whole packets: the short one ends it. */
    send(block, PACKET);
    send(block + PACKET, PACKET);
    assert_int_equal(facts().frames_out, 4);
    send(block + 2 * PACKET, size - 2 * PACKET);
    assert_int_equal(facts().frames_out, 8);
    /* A block of just whole packets needs a zero-length packet. */
    unsigned count = 1;
    for (ULONG length = 60; (size = make_block(block, BLOCK, false, false, count, length)) % PACKET != 0; length += 4)
        assert_true(length < 1500);
    send(block, size);
    assert_int_equal(facts().frames_out, 8);
    send(block, 0);
    assert_int_equal(facts().frames_out, 9);
    gadget_network_sink_counts(network, &counts);
    assert_int_equal(counts.frames, 9);
    assert_int_equal(facts().bad_ntbs, 0);
    /* Too much is refused, and what comes next is taken. */
    for (int i = 0; i <= BLOCK / PACKET; i++)
        send(block, PACKET);
    assert_true(facts().bad_ntbs >= 1);
    send(block, 1);
    ULONG bad = (ULONG)facts().bad_ntbs;
    size = make_block(block, BLOCK, false, false, 2, 100);
    send(block, size);
    assert_int_equal(facts().frames_out, 11);
    assert_int_equal(facts().bad_ntbs, bad);
    block[0] = 'X';
    send(block, size);
    assert_int_equal(facts().bad_ntbs, bad + 1);
    assert_non_null(strstr(facts().last_error, "signature"));
    stop();
}

static void test_formats(void **state)
{
    (void)state;
    static UCHAR block[BLOCK], in[32768];
    struct gadget_frame frames[8];
    const char *error = "";
    for (int format = 0; format < 4; format++) {
        bool is_32 = format & 1, has_crc = format & 2;
        start(NULL, gadget_network_echo());
        assert_true(request(0x84, is_32, NULL, 0, NULL));
        assert_true(request(0x8A, has_crc, NULL, 0, NULL));
        select_setting(1);
        assert_true(request(0x43, 0x01, NULL, 0, NULL));
        ULONG size = make_block(block, BLOCK, is_32, has_crc, 5, 200);
        send(block, size);
        assert_int_equal(facts().bad_ntbs, 0);
        size = receive(in, sizeof(in));
        struct ntb_rules rules = {is_32, has_crc, sizeof(in), 1514, 0, 4, 0, 4};
        assert_int_equal(ntb_parse(in, size, &rules, frames, 8, &error), 5);
        assert_int_equal(frames[4].length, 200);
        assert_memory_equal(frames[4].data, "\x02\0\0\0\0\x77", 6);
        assert_memory_equal(frames[4].data + 6, mac, 6);
        stop();
    }
}

static void test_blocks_to_host(void **state)
{
    (void)state;
    static UCHAR frame[1514], in[8192];
    struct gadget_frame frames[8];
    const char *error = "";
    const struct gadget_options options = {.ntb_in_size = BLOCK};
    struct ntb_rules rules = {false, false, BLOCK, 1514, 0, 4, 0, 4};
    start(&options, NULL);
    select_setting(1);
    make_frame(frame, mac, sizeof(frame), 1);
    /* Read packet by packet: a block spans as many transfers as it needs, and the last is short. */
    assert_true(gadget_network_inject(network, frame, 1514));
    ULONG got = 0, part;
    do {
        part = receive(in + got, PACKET);
        got += part;
    } while (part == PACKET);
    assert_int_equal(ntb_parse(in, got, &rules, frames, 8, &error), 1);
    assert_int_equal(frames[0].length, 1514);
    /* A transfer that is no multiple of the packet size and too small: babble, and the pipe is halted. */
    assert_true(gadget_network_inject(network, frame, 1514));
    USBD_STATUS status;
    ULONG size = 700;
    assert_int_equal(transfer(pipe_in, in, &size, &status), STATUS_UNSUCCESSFUL);
    assert_int_equal(status, USBD_STATUS_BABBLE_DETECTED);
    size = 700;
    assert_int_equal(transfer(pipe_in, in, &size, &status), STATUS_UNSUCCESSFUL);
    assert_int_equal(status, USBD_STATUS_ENDPOINT_HALTED);
    URB reset = {0};
    reset.UrbHeader.Function = URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL;
    reset.UrbHeader.Length = sizeof(reset.UrbPipeRequest);
    reset.UrbPipeRequest.PipeHandle = pipe_in;
    assert_int_equal(send_urb(f, &reset), STATUS_SUCCESS);
    assert_true(gadget_network_inject(network, frame, 60));
    assert_int_equal(ntb_parse(in, receive(in, BLOCK), &rules, frames, 8, &error), 1);
    /* A larger transfer than the agreed size takes a block as well. */
    assert_true(gadget_network_inject(network, frame, 60));
    assert_int_equal(ntb_parse(in, receive(in, sizeof(in)), &rules, frames, 8, &error), 1);
    stop();
}

static void test_waiting(void **state)
{
    (void)state;
    static UCHAR block[BLOCK], in[BLOCK];
    const struct gadget_options options = {.ntb_in_size = BLOCK, .ntb_out_size = BLOCK};
    enum { TRANSFERS = 40 };
    static URB urbs[TRANSFERS];
    static struct request requests[TRANSFERS];
    start(&options, gadget_network_echo());
    select_setting(1);
    assert_true(request(0x43, 0x01, NULL, 0, NULL));
    ULONG size = make_block(block, BLOCK, false, false, 2, 1400);
    /* The host sends and does not read: the device takes what it can keep, and then no more. */
    for (int i = 0; i < TRANSFERS; i++) {
        UsbBuildInterruptOrBulkTransferRequest(&urbs[i], sizeof(urbs[i].UrbBulkOrInterruptTransfer), pipe_out, block,
                                               NULL, size, 0, NULL);
        request_send(&requests[i], f, &urbs[i]);
    }
    ke_flush_dpcs();
    ULONG waiting = usb_outstanding_transfers();
    assert_true(waiting > 20 && waiting < TRANSFERS);
    assert_int_equal(facts().dropped, 0);
    /* Cancelling one that waits in the middle does no harm; all other frames come out when the host reads. */
    assert_true(IoCancelIrp(requests[TRANSFERS - 2].irp));
    assert_int_equal(request_wait(&requests[TRANSFERS - 2]), STATUS_CANCELLED);
    struct gadget_frame frames[8];
    const char *error = "";
    struct ntb_rules rules = {false, false, BLOCK, 1514, 0, 4, 0, 4};
    int seen = 0;
    while (seen < 2 * (TRANSFERS - 1)) {
        int n = ntb_parse(in, receive(in, BLOCK), &rules, frames, 8, &error);
        assert_true(n > 0);
        seen += n;
    }
    assert_int_equal(seen, 2 * (TRANSFERS - 1));
    for (int i = 0; i < TRANSFERS; i++)
        if (i != TRANSFERS - 2)
            assert_int_equal(request_wait(&requests[i]), STATUS_SUCCESS);
    stop();
}

static void test_filters(void **state)
{
    (void)state;
    static const struct {
        const char *to;
        USHORT needs;
    } cases[] = {{"\x02\x4E\x43\x4D\x00\x01", 0x04},
                 {"\x02\x4E\x43\x4D\x00\x02", 0x01},
                 {"\xFF\xFF\xFF\xFF\xFF\xFF", 0x08},
                 {"\x01\0\x5E\0\0\1", 0x10},
                 {"\x01\0\x5E\0\0\2", 0x02}};
    UCHAR frame[64];
    start(NULL, NULL);
    select_setting(1);
    assert_true(request(0x40, 1, (void *)"\x01\0\x5E\0\0\1", 6, NULL));
    for (USHORT filter = 0; filter < 0x20; filter++) {
        assert_true(request(0x43, filter, NULL, 0, NULL));
        for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
            ULONGLONG before = facts().frames_in;
            make_frame(frame, (const UCHAR *)cases[i].to, sizeof(frame), 0);
            gadget_network_inject(network, frame, sizeof(frame));
            bool is_multicast = cases[i].needs == 0x10 || cases[i].needs == 0x02;
            bool expected = filter & (cases[i].needs | 0x01 | (is_multicast ? 0x02 : 0));
            assert_int_equal(facts().frames_in - before, expected);
        }
    }
    stop();
}

static void test_notifications_and_delay(void **state)
{
    (void)state;
    UCHAR message[16];
    ULONG size;
    const struct gadget_options options = {
        .duplicate_notifications = 2, .delay_100ns = 20000, .bit_rate = 1000000, .speed = UsbSuperSpeed};
    LONGLONG before;
    start(&options, NULL);
    before = ke_now();
    assert_true(request(0x43, 0x0C, NULL, 0, NULL));
    assert_true(ke_now() - before >= 20000);
    select_setting(1);
    for (int i = 0; i < 6; i++) {
        size = sizeof(message);
        assert_int_equal(transfer(pipe_notify, message, &size, NULL), STATUS_SUCCESS);
        assert_int_equal(message[1], i < 3 ? 0x2A : 0x00);
        if (i < 3)
            assert_int_equal(*(ULONG *)(message + 8), 1000000);
    }
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_rules),    cmocka_unit_test(test_missing_capabilities),
        cmocka_unit_test(test_blocks_from_host), cmocka_unit_test(test_formats),
        cmocka_unit_test(test_blocks_to_host),   cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_filters),          cmocka_unit_test(test_notifications_and_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * USB/IP: the parser on good and bad bytes, and the whole stack over a loopback connection to a server of our own that
 * exports a simulated gadget: the reference driver with real traffic, cancelling and its races, every way in which a
 * server can break the protocol at the answers of a driver's start, disappearance and return.
 */
#include "driver_test.h"
#include "tests/usbip/usbip_server.h"
#include "usb/usbip.h"
#include <arpa/inet.h>
#include <errno.h>

/* ---- addresses ----------------------------------------------------------------------------------------------------
 */

static void test_addresses(void **state)
{
    static const struct {
        const char *text, *host, *port, *busid;
    } good[] = {
        {"host/1-1", "host", "3240", "1-1"},
        {"10.0.0.7:3241/usbip-vudc.0", "10.0.0.7", "3241", "usbip-vudc.0"},
        {"[::1]/2-1.4", "::1", "3240", "2-1.4"},
        {"[fe80::1%eth0]:99/1-1", "fe80::1%eth0", "99", "1-1"},
        {"host/1234567890123456789012345678901", "host", "3240", "1234567890123456789012345678901"},
        {"host", "host", "3240", ""},
        {"[::1]:65535", "::1", "65535", ""},
    };
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"host", "names no device"},
        {"host/", "names no device"},
        {"host/12345678901234567890123456789012", "names no device"},
        {"/1-1", "names no host"},
        {":3240/1-1", "names no host"},
        {"[]/1-1", "names no host"},
        {"host:/1-1", "port"},
        {"host:0/1-1", "port"},
        {"host:65536/1-1", "port"},
        {"host:123456/1-1", "port"},
        {"host:x/1-1", "port"},
        {"[::1]:/1-1", "port"},
        {"::1/1-1", "brackets"},
        {"[::1/1-1", "[ADDRESS]"},
        {"[::1]x/1-1", "[ADDRESS]"},
    };
    struct usbip_address a;
    char error[300];
    (void)state;
    for (size_t i = 0; i < RTL_NUMBER_OF(good); i++) {
        if (!usbip_parse_address(good[i].text, good[i].busid[0] != '\0', &a, error, sizeof(error)))
            fail_msg("%s: %s", good[i].text, error);
        assert_string_equal(a.host, good[i].host);
        assert_string_equal(a.port, good[i].port);
        assert_string_equal(a.busid, good[i].busid);
    }
    for (size_t i = 0; i < RTL_NUMBER_OF(bad); i++) {
        assert_false(usbip_parse_address(bad[i].text, true, &a, error, sizeof(error)));
        if (strstr(error, bad[i].message) == NULL)
            fail_msg("%s: %s", bad[i].text, error);
    }
}

/* ---- the receiver -------------------------------------------------------------------------------------------------
 */

/* Three requests: 1 is an IN of 10 bytes in two pieces, 2 an OUT of 7, 3 an unlink. */
static struct {
    UCHAR data[10];
    struct usb_segment pieces[3];
    struct usbip_answer answers[4];
    unsigned count;
} heard;

static bool find_heard(void *context, uint32_t seqnum, struct usbip_expected *expected)
{
    (void)context;
    memset(expected, 0, sizeof(*expected));
    if (seqnum == 1)
        *expected = (struct usbip_expected){
            .is_in = true, .endpoint = 2, .length = 10, .segments = heard.pieces, .segment_count = 3};
    else if (seqnum == 2)
        *expected = (struct usbip_expected){.endpoint = 3, .length = 7};
    else if (seqnum == 3)
        expected->is_unlink = true;
    return seqnum >= 1 && seqnum <= 3;
}

static void hear(void *context, const struct usbip_answer *answer)
{
    (void)context;
    heard.answers[heard.count++ % 4] = *answer;
}

static const struct usbip_receiver_ops heard_ops = {find_heard, hear};

static void start_hearing(struct usbip_receiver *r)
{
    memset(&heard, 0, sizeof(heard));
    heard.pieces[0] = (struct usb_segment){heard.data, 4};
    heard.pieces[1] = (struct usb_segment){NULL, 0};
    heard.pieces[2] = (struct usb_segment){heard.data + 4, 6};
    usbip_receiver_initialize(r, &heard_ops, NULL);
}

static void put32(UCHAR *p, uint32_t value)
{
    value = htonl(value);
    memcpy(p, &value, 4);
}

static size_t make_answer(UCHAR *out, uint32_t command, uint32_t seqnum, int32_t status, uint32_t length)
{
    memset(out, 0, USBIP_HEADER_SIZE);
    put32(out, command);
    put32(out + 4, seqnum);
    put32(out + 20, (uint32_t)status);
    put32(out + 24, length);
    return USBIP_HEADER_SIZE;
}

static size_t make_stream(UCHAR *out)
{
    size_t size = make_answer(out, USBIP_RET_SUBMIT, 2, 0, 7);
    size += make_answer(out + size, USBIP_RET_SUBMIT, 1, -EREMOTEIO, 9);
    memcpy(out + size, "123456789", 9);
    size += 9;
    return size + make_answer(out + size, USBIP_RET_UNLINK, 3, -ECONNRESET, 0);
}

static void check_stream(const struct usbip_receiver *r)
{
    assert_false(usbip_is_inside(r));
    assert_int_equal(heard.count, 3);
    assert_int_equal(heard.answers[0].seqnum, 2);
    assert_int_equal(heard.answers[0].actual, 7);
    assert_int_equal(heard.answers[1].seqnum, 1);
    assert_int_equal(heard.answers[1].actual, 9);
    assert_int_equal(usbip_usbd_status(heard.answers[1].status), USBD_STATUS_SUCCESS);
    assert_memory_equal(heard.data, "123456789\0", 10);
    assert_true(heard.answers[2].is_unlink);
    assert_int_equal(heard.answers[2].status, -ECONNRESET);
}

/* Cut at every pair of places, and with the data read straight to its place at every place. */
static void test_receiver_in_pieces(void **state)
{
    UCHAR stream[256];
    size_t size = make_stream(stream);
    struct usbip_receiver r;
    (void)state;
    for (size_t first = 0; first <= size; first++)
        for (size_t second = first; second <= size; second += 5) {
            start_hearing(&r);
            assert_true(usbip_receive(&r, stream, first));
            assert_true(usbip_receive(&r, stream + first, second - first));
            assert_true(usbip_receive(&r, stream + second, size - second));
            check_stream(&r);
        }
    for (size_t first = 0; first <= size; first++) {
        struct iovec iov[4];
        start_hearing(&r);
        assert_true(usbip_receive(&r, stream, first));
        size_t at = first, direct = 0;
        int count = usbip_receive_vector(&r, iov, 4);
        for (int i = 0; i < count; i++) {
            memcpy(iov[i].iov_base, stream + at, iov[i].iov_len);
            at += iov[i].iov_len;
            direct += iov[i].iov_len;
        }
        if (direct != 0)
            usbip_received(&r, direct);
        assert_true(usbip_receive(&r, stream + at, size - at));
        check_stream(&r);
    }
}

static void test_receiver_refuses(void **state)
{
    static const struct {
        uint32_t command, seqnum;
        int32_t status;
        uint32_t length;
        unsigned at;
        uint32_t value; /* put there afterwards, when AT is not 0 */
        const char *message;
    } bad[] = {
        {0, 1, 0, 0, 0, 0, "command"},
        {USBIP_CMD_SUBMIT, 1, 0, 0, 0, 0, "command"},
        {USBIP_RET_SUBMIT, 0, 0, 0, 0, 0, "not open"},
        {USBIP_RET_SUBMIT, 4, 0, 0, 0, 0, "not open"},
        {USBIP_RET_SUBMIT, 3, 0, 0, 0, 0, "wrong kind"},
        {USBIP_RET_UNLINK, 1, 0, 0, 0, 0, "wrong kind"},
        {USBIP_RET_SUBMIT, 1, 1, 0, 0, 0, "no error number"},
        {USBIP_RET_SUBMIT, 1, -4096, 0, 0, 0, "no error number"},
        {USBIP_RET_UNLINK, 3, INT32_MIN, 0, 0, 0, "no error number"},
        {USBIP_RET_SUBMIT, 1, 0, 11, 0, 0, "room for 10"},
        {USBIP_RET_SUBMIT, 2, 0, 0xFFFFFFFF, 0, 0, "room for 7"},
        {USBIP_RET_SUBMIT, 1, 0, 0, 12, 2, "direction"},
        {USBIP_RET_SUBMIT, 2, 0, 0, 12, 1, "direction"},
        {USBIP_RET_SUBMIT, 1, 0, 0, 16, 3, "endpoint"},
        {USBIP_RET_SUBMIT, 1, 0, 0, 32, 1, "isochronous"},
    };
    struct usbip_receiver r;
    UCHAR header[USBIP_HEADER_SIZE];
    (void)state;
    for (size_t i = 0; i < RTL_NUMBER_OF(bad); i++) {
        start_hearing(&r);
        make_answer(header, bad[i].command, bad[i].seqnum, bad[i].status, bad[i].length);
        if (bad[i].at != 0)
            put32(header + bad[i].at, bad[i].value);
        assert_false(usbip_receive(&r, header, sizeof(header)));
        if (strstr(r.error, bad[i].message) == NULL)
            fail_msg("%zu: %s", i, r.error);
        assert_int_equal(heard.count, 0);
        assert_false(usbip_receive(&r, header, sizeof(header))); /* for good */
    }
    /* What the request had may be repeated. */
    start_hearing(&r);
    make_answer(header, USBIP_RET_SUBMIT, 1, 0, 0);
    put32(header + 12, 1);
    put32(header + 16, 2);
    put32(header + 32, 0xFFFFFFFF);
    assert_true(usbip_receive(&r, header, sizeof(header)));
    assert_int_equal(heard.count, 1);
}

/* ---- the reference driver over a connection -----------------------------------------------------------------------
 */

static struct usbip_server *serve(const struct usbip_server_options *options, struct gadget_network *network)
{
    struct usbip_server *server = usbip_server_start(options, gadget_create(NULL, network));
    assert_non_null(server);
    return server;
}

static int plug(const struct usbip_server *server, const char *options, struct ndiskit_device **device)
{
    char spec[64];
    struct ndiskit_plug_options o = {.options = options};
    snprintf(spec, sizeof(spec), "usbip:127.0.0.1:%u/1-1", usbip_server_port(server));
    return ndiskit_plug(spec, &o, device, &error);
}

/* What a client does wrong, the server notes. */
static void stop_server(struct usbip_server *server)
{
    struct usbip_server_facts facts;
    usbip_server_get_facts(server, &facts);
    assert_string_equal(facts.error, "");
    usbip_server_stop(server);
}

static void use_network(const struct usbip_server_options *options, uint64_t size)
{
    struct ndiskit_device *device;
    struct usbip_server_facts facts;
    char text[300];
    boot();
    struct usbip_server *server = serve(options, gadget_network_slirp(false));
    assert_true(upper_stack_start(text, sizeof(text)));
    ok(plug(server, NULL, &device));
    ok(ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error));
    pass_traffic(size);
    usbip_server_get_facts(server, &facts);
    assert_int_equal(facts.imports, 1);
    assert_true(facts.max_open >= 8);         /* many transfers are open at a time */
    assert_true(facts.reads < facts.answers); /* and leave together */
    unplug(device);
    upper_stack_stop();
    stop_server(server);
    shut_down();
}

static void test_traffic(void **state)
{
    (void)state;
    use_network(NULL, DOWNLOAD);
}

static void test_traffic_of_unusual_servers(void **state)
{
    (void)state;
    use_network(&(struct usbip_server_options){.fault = USBIP_SERVER_ECHO_BASIC}, 1 << 20);
    use_network(&(struct usbip_server_options){.fault = USBIP_SERVER_BYTEWISE}, 1 << 20);
    use_network(&(struct usbip_server_options){.too_late = true}, 1 << 20);
}

static void test_pulled_and_put_back(void **state)
{
    struct ndiskit_device *device;
    struct ndiskit_device_info info;
    (void)state;
    boot();
    struct usbip_server *server = serve(NULL, gadget_network_echo());
    ok(plug(server, "reconnect", &device));
    for (int i = 0; i < 3; i++) {
        ok(ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error));
        usbip_server_pull(server);
        assert_true(is_gone_in_time(device));
        assert_non_null(strstr(error.text, "the server closed the connection"));
        usbip_server_put_back(server);
        for (unsigned n = 0; ndiskit_device_info(device, &info, NULL) != 0 && n < DEADLINE_MS / 10; n++)
            sleep_ms(10);
    }
    ok(ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error));
    usbip_server_pull(server);
    assert_true(is_gone_in_time(device));
    unplug(device); /* while it is waited for */
    stop_server(server);
    shut_down();
}

/* Without being asked, nobody connects again. */
static void test_pulled_for_good(void **state)
{
    struct ndiskit_device *device;
    struct usbip_server_facts facts;
    (void)state;
    boot();
    struct usbip_server *server = serve(NULL, gadget_network_echo());
    ok(plug(server, NULL, &device));
    ok(ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error));
    usbip_server_pull(server);
    assert_true(is_gone_in_time(device));
    usbip_server_put_back(server);
    sleep_ms(1200);
    usbip_server_get_facts(server, &facts);
    assert_int_equal(facts.imports, 1);
    unplug(device);
    stop_server(server);
    shut_down();
}

/* ---- hostile servers ----------------------------------------------------------------------------------------------
 */

static void expect_no_plug(enum usbip_server_fault fault, const char *message)
{
    struct ndiskit_device *device;
    struct usbip_server *server = serve(&(struct usbip_server_options){.fault = fault}, NULL);
    assert_int_not_equal(plug(server, NULL, &device), 0);
    if (strstr(error.text, message) == NULL || strstr(error.text, "usbip:127.0.0.1:") == NULL)
        fail_msg("fault %d: %s", fault, error.text);
    stop_server(server);
}

static void test_bad_imports(void **state)
{
    (void)state;
    boot();
    expect_no_plug(USBIP_SERVER_OP_VERSION, "version 1.0.6");
    expect_no_plug(USBIP_SERVER_OP_CODE, "code 0x0005");
    expect_no_plug(USBIP_SERVER_OP_REFUSED, "another client");
    expect_no_plug(USBIP_SERVER_OP_SHORT, "closed the connection");
    expect_no_plug(USBIP_SERVER_OP_CLOSE, "closed the connection");
    expect_no_plug(USBIP_SERVER_OP_BUSID, "gives device 9-1");
    expect_no_plug(USBIP_SERVER_OP_BUSID_LONG, "has no end");
    expect_no_plug(USBIP_SERVER_OP_SPEED, "speed 77");
    expect_no_plug(USBIP_SERVER_OP_DEVNUM, "too large");
    shut_down();
}

/* A server that breaks the protocol at its n-th answer: the device is gone, with a reason, and nothing hangs or leaks.
 */
static bool break_at(enum usbip_server_fault fault, unsigned at)
{
    struct usbip_server_options options = {.fault = fault, .fault_at = at};
    struct usbip_server_facts facts;
    struct ndiskit_device *device;
    struct usbip_server *server = serve(&options, gadget_network_echo());
    bool is_reached = true;
    if (plug(server, NULL, &device) == 0) {
        int status = ndiskit_wait_started(device, DEADLINE_MS, &error);
        usbip_server_get_facts(server, &facts);
        is_reached = facts.answers >= at;
        if (is_reached && !is_gone_in_time(device))
            fail_msg("fault %d at %u is not noticed (start: %d)", fault, at, status);
        unplug(device);
    } else {
        assert_non_null(strstr(error.text, "descriptor")); /* the step that failed */
    }
    stop_server(server);
    return is_reached;
}

static void test_broken_protocol(void **state)
{
    static const unsigned places[] = {1, 2, 3, 5, 8, 11, 14, 17, 20};
    unsigned reached = 0;
    (void)state;
    boot();
    for (int fault = USBIP_SERVER_SEQNUM; fault <= USBIP_SERVER_GARBAGE; fault++)
        for (size_t i = 0; i < RTL_NUMBER_OF(places); i++)
            reached += break_at((enum usbip_server_fault)fault, places[i]);
    assert_true(reached >= (USBIP_SERVER_GARBAGE - USBIP_SERVER_SEQNUM + 1) * 6);
    shut_down();
}

/* The gadget leaves by itself, at each transfer of the start. */
static void test_device_leaves(void **state)
{
    (void)state;
    boot();
    for (ULONG at = 1; at < 40; at++) {
        struct gadget_options gadget = {.remove_at = at};
        struct ndiskit_device *device;
        struct usbip_server *server = usbip_server_start(NULL, gadget_create(&gadget, gadget_network_echo()));
        assert_non_null(server);
        if (plug(server, NULL, &device) == 0) {
            ndiskit_wait_started(device, DEADLINE_MS, &error);
            unplug(device);
        }
        stop_server(server);
    }
    shut_down();
}

static void test_connection_failures(void **state)
{
    struct ndiskit_device *device, *second;
    (void)state;
    boot();
    struct usbip_server *server = serve(&(struct usbip_server_options){.busid = "2-4"}, NULL);
    assert_int_not_equal(plug(server, NULL, &device), 0); /* 1-1 */
    assert_non_null(strstr(error.text, "does not export this device"));
    assert_non_null(strstr(error.text, "2-4 (1209:0001)"));
    usbip_server_pull(server);
    assert_int_not_equal(plug(server, NULL, &device), 0);
    assert_non_null(strstr(error.text, "usbip bind -b 1-1"));
    stop_server(server);

    assert_int_not_equal(ndiskit_plug("usbip:127.0.0.1:1/1-1", NULL, &device, &error), 0);
    assert_non_null(strstr(error.text, "Connection refused"));
    assert_non_null(strstr(error.text, "usbipd -D"));
    assert_int_not_equal(ndiskit_plug("usbip:[::1]:1/1-1", NULL, &device, &error), 0);
    assert_non_null(strstr(error.text, "usbip:::1:1/1-1"));
    assert_int_not_equal(ndiskit_plug("usbip:host.invalid/1-1", NULL, &device, &error), 0);
    assert_non_null(strstr(error.text, "cannot be resolved"));
    assert_int_not_equal(
        ndiskit_plug("usbip:host/1-1", &(struct ndiskit_plug_options){.options = "fast=1"}, &device, &error), 0);
    assert_non_null(strstr(error.text, "reconnect"));

    server = serve(NULL, gadget_network_echo());
    ok(plug(server, NULL, &device));
    assert_int_not_equal(plug(server, NULL, &second), 0);
    assert_non_null(strstr(error.text, "another client has it"));
    unplug(device);
    stop_server(server);
    shut_down();
}

/* ---- cancelling ---------------------------------------------------------------------------------------------------
 */

static struct {
    struct usbip_server *server;
    struct gadget_network *network;
    struct usb_device *device;
    struct function *f;
    USBD_PIPE_HANDLE in, out;
} remote;

static void select_data(void)
{
    UCHAR descriptor[512];
    URB urb = {0};
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0,
                                 descriptor, NULL, sizeof(descriptor), NULL);
    assert_int_equal(send_urb(remote.f, &urb), STATUS_SUCCESS);
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)descriptor;
    USBD_INTERFACE_LIST_ENTRY list[3] = {
        {USBD_ParseConfigurationDescriptorEx(c, c, 0, 0, -1, -1, -1), NULL},
        {USBD_ParseConfigurationDescriptorEx(c, c, 1, 1, -1, -1, -1), NULL},
        {NULL, NULL},
    };
    PURB select = USBD_CreateConfigurationRequestEx(c, list);
    assert_int_equal(send_urb(remote.f, select), STATUS_SUCCESS);
    remote.in = list[1].Interface->Pipes[0].PipeHandle;
    remote.out = list[1].Interface->Pipes[1].PipeHandle;
    ExFreePool(select);
}

static void start_remote(const struct usbip_server_options *options)
{
    struct usbip_address address = {.host = "127.0.0.1", .busid = "1-1"};
    usb_test_boot("USB\\Class_02&SubClass_0D&Prot_00");
    remote.network = gadget_network_sink();
    remote.server = usbip_server_start(options, gadget_create(NULL, remote.network));
    assert_non_null(remote.server);
    snprintf(address.port, sizeof(address.port), "%u", usbip_server_port(remote.server));
    remote.device = usb_test_plug(usbip_create(&address));
    assert_int_equal(client.count, 1);
    remote.f = client.functions[0];
    select_data();
}

static void stop_remote(void)
{
    usb_test_unplug(remote.device);
    stop_server(remote.server);
    usb_test_shutdown();
}

struct read {
    struct request request;
    URB urb;
    UCHAR data[2048];
};

static void start_read(struct read *r)
{
    memset(&r->urb, 0, sizeof(r->urb));
    UsbBuildInterruptOrBulkTransferRequest(&r->urb, sizeof(r->urb.UrbBulkOrInterruptTransfer), remote.in, r->data, NULL,
                                           sizeof(r->data), USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK, NULL);
    assert_int_equal(request_send(&r->request, remote.f, &r->urb), STATUS_PENDING);
}

static struct usbip_server_facts facts_when(unsigned submits)
{
    struct usbip_server_facts facts;
    for (unsigned i = 0; i < DEADLINE_MS; i++) {
        usbip_server_get_facts(remote.server, &facts);
        if (facts.submits >= submits)
            break;
        sleep_ms(1);
    }
    return facts;
}

static void cancel_one(const struct usbip_server_options *options, unsigned unlinked)
{
    static struct read r;
    struct usbip_server_facts facts;
    start_remote(options);
    usbip_server_get_facts(remote.server, &facts);
    start_read(&r);
    facts_when(facts.submits + 1);
    assert_true(IoCancelIrp(r.request.irp));
    assert_int_equal(request_wait(&r.request), STATUS_CANCELLED);
    assert_int_equal(r.urb.UrbHeader.Status, USBD_STATUS_CANCELED);
    usbip_server_get_facts(remote.server, &facts);
    assert_int_equal(facts.unlinks, 1);
    assert_int_equal(facts.unlinked, unlinked);
    /* The connection is as good as before. */
    UCHAR descriptor[18];
    URB urb = {0};
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), USB_DEVICE_DESCRIPTOR_TYPE, 0, 0,
                                 descriptor, NULL, sizeof(descriptor), NULL);
    assert_int_equal(send_urb(remote.f, &urb), STATUS_SUCCESS);
    stop_remote();
}

static void test_cancel(void **state)
{
    (void)state;
    cancel_one(NULL, 1);
}

/* "Too late", and then the answer, which nobody waits for any more. */
static void test_cancel_too_late(void **state)
{
    (void)state;
    cancel_one(&(struct usbip_server_options){.too_late = true}, 1);
}

/* The device has filled the transfer when it is cancelled: it succeeds, with its data. */
static void test_cancel_of_answered(void **state)
{
    static struct read r;
    static const UCHAR frame[64] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 8, 0};
    struct usbip_server_facts facts;
    (void)state;
    start_remote(&(struct usbip_server_options){.hold_in = true});
    usbip_server_get_facts(remote.server, &facts);
    start_read(&r);
    facts = facts_when(facts.submits + 1);
    /* The filter lets broadcasts pass only when the host says so. */
    URB urb = {0};
    UsbBuildVendorRequest(&urb, URB_FUNCTION_CLASS_INTERFACE, sizeof(urb.UrbControlVendorClassRequest), 0, 0, 0x43,
                          0x0F, 0, NULL, NULL, 0, NULL);
    assert_int_equal(send_urb(remote.f, &urb), STATUS_SUCCESS);
    assert_true(gadget_network_inject(remote.network, frame, sizeof(frame)));
    assert_true(IoCancelIrp(r.request.irp));
    assert_int_equal(request_wait(&r.request), STATUS_SUCCESS);
    assert_true(r.urb.UrbBulkOrInterruptTransfer.TransferBufferLength > sizeof(frame));
    assert_memory_equal(r.data, "NCMH", 4);
    usbip_server_get_facts(remote.server, &facts);
    assert_int_equal(facts.unlinks, 1);
    assert_int_equal(facts.unlinked, 0);
    stop_remote();
}

/* A server that keeps a cancelled transfer is given up after some seconds. */
static void test_cancel_ignored(void **state)
{
    static struct read r;
    struct usbip_server_facts seen;
    struct usb_device_facts facts;
    (void)state;
    start_remote(&(struct usbip_server_options){.no_unlink = true});
    usbip_server_get_facts(remote.server, &seen);
    start_read(&r);
    facts_when(seen.submits + 1);
    IoCancelIrp(r.request.irp);
    assert_int_equal(request_wait(&r.request), STATUS_NO_SUCH_DEVICE);
    assert_true(pnp_wait_idle(-1));
    usb_get_facts(remote.device, &facts);
    assert_true(facts.is_gone);
    assert_non_null(strstr(facts.gone_reason, "has not given back"));
    stop_remote();
}

/* Frames and cancelling at the same time, again and again: every transfer ends once, filled or cancelled. */
static void test_cancel_races(void **state)
{
    static struct read reads[8];
    static const UCHAR frame[64] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 8, 0};
    unsigned filled = 0, cancelled = 0;
    URB urb = {0};
    (void)state;
    start_remote(NULL);
    UsbBuildVendorRequest(&urb, URB_FUNCTION_CLASS_INTERFACE, sizeof(urb.UrbControlVendorClassRequest), 0, 0, 0x43,
                          0x0F, 0, NULL, NULL, 0, NULL);
    assert_int_equal(send_urb(remote.f, &urb), STATUS_SUCCESS);
    for (unsigned round = 0; round < RACES; round++) {
        unsigned count = 1 + round % 8;
        for (unsigned i = 0; i < count; i++)
            start_read(&reads[i]);
        for (unsigned i = 0; i < count; i++) {
            if ((round + i) % 3 != 0)
                gadget_network_inject(remote.network, frame, sizeof(frame));
            IoCancelIrp(reads[(i * 5 + round) % count].request.irp);
        }
        for (unsigned i = 0; i < count; i++)
            IoCancelIrp(reads[i].request.irp);
        for (unsigned i = 0; i < count; i++) {
            NTSTATUS status = request_wait(&reads[i].request);
            assert_true(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
            filled += status == STATUS_SUCCESS;
            cancelled += status == STATUS_CANCELLED;
        }
    }
    assert_true(cancelled != 0);
    print_message("%u filled, %u cancelled\n", filled, cancelled);
    stop_remote();
}

static void test_port_reset(void **state)
{
    struct usbip_server_facts facts;
    (void)state;
    for (int is_known = 0; is_known < 2; is_known++) {
        start_remote(&(struct usbip_server_options){.no_reset = !is_known});
        assert_int_equal(send_control(remote.f, IOCTL_INTERNAL_USB_RESET_PORT, NULL), STATUS_SUCCESS);
        usbip_server_get_facts(remote.server, &facts);
        assert_int_equal(facts.resets, is_known);
        stop_remote();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_receiver_in_pieces),
        cmocka_unit_test(test_receiver_refuses),
        cmocka_unit_test(test_traffic),
        cmocka_unit_test(test_traffic_of_unusual_servers),
        cmocka_unit_test(test_pulled_and_put_back),
        cmocka_unit_test(test_pulled_for_good),
        cmocka_unit_test(test_bad_imports),
        cmocka_unit_test(test_broken_protocol),
        cmocka_unit_test(test_device_leaves),
        cmocka_unit_test(test_connection_failures),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_too_late),
        cmocka_unit_test(test_cancel_of_answered),
        cmocka_unit_test(test_cancel_ignored),
        cmocka_unit_test(test_cancel_races),
        cmocka_unit_test(test_port_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

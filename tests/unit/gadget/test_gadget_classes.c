/*
 * The simulated CDC-ECM and Remote NDIS devices, through a real bus: what they refuse of a host, frames and messages
 * that span packets in both directions, and the control channel of Remote NDIS. What usbnet makes of them is tested
 * elsewhere.
 */
#include "tests/unit/usb/usb_test.h"
#include "gadget/rndis.h"

static struct gadget_network *network;
static struct usb_backend *gadget;
static struct usb_device *device;
static struct function *f;
static USBD_CONFIGURATION_HANDLE configuration;
static USBD_PIPE_HANDLE pipe_notify, pipe_in, pipe_out;

enum { SEND_COMMAND = 0, GET_RESPONSE = 1, SET_PACKET_FILTER = 0x43, GET_NTB_PARAMETERS = 0x80 };

static const UCHAR mac[6] = {0x02, 0x4E, 0x43, 0x4D, 0x00, 0x01};

static void start(const struct gadget_options *options, const char *id)
{
    UCHAR descriptor[512];
    URB urb = {0};
    usb_test_boot(id);
    network = gadget_network_sink();
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
    if (list[1].Interface->NumberOfPipes == 2) {
        pipe_in = list[1].Interface->Pipes[0].PipeHandle;
        pipe_out = list[1].Interface->Pipes[1].PipeHandle;
    }
    ExFreePool(select);
}

static void select_setting_1(void)
{
    union {
        URB urb;
        UCHAR room[GET_SELECT_INTERFACE_REQUEST_SIZE(2)];
    } u = {0};
    UsbBuildSelectInterfaceRequest(&u.urb, sizeof(u.room), configuration, 1, 1);
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

/* A class request to the communication interface; true when the device takes it. *SIZE becomes what was moved. */
static bool request(bool is_in, UCHAR code, USHORT value, void *buffer, ULONG *size)
{
    URB urb = {0};
    UsbBuildVendorRequest(&urb, URB_FUNCTION_CLASS_INTERFACE, sizeof(urb.UrbControlVendorClassRequest),
                          is_in ? USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK : 0, 0, code, value, 0, buffer,
                          NULL, *size, NULL);
    NTSTATUS status = send_urb(f, &urb);
    *size = urb.UrbControlVendorClassRequest.TransferBufferLength;
    return NT_SUCCESS(status);
}

static bool set(UCHAR code, USHORT value, void *buffer, ULONG size)
{
    return request(false, code, value, buffer, &size);
}

static ULONG move(USBD_PIPE_HANDLE pipe, void *buffer, ULONG size)
{
    URB urb = {0};
    UsbBuildInterruptOrBulkTransferRequest(&urb, sizeof(urb.UrbBulkOrInterruptTransfer), pipe, buffer, NULL, size,
                                           USBD_SHORT_TRANSFER_OK, NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    return urb.UrbBulkOrInterruptTransfer.TransferBufferLength;
}

static struct gadget_facts facts(void)
{
    struct gadget_facts result;
    gadget_get_facts(gadget, &result);
    return result;
}

static struct gadget_sink_counts sunk(void)
{
    struct gadget_sink_counts result;
    gadget_network_sink_counts(network, &result);
    return result;
}

static void make_frame(UCHAR *frame, const UCHAR *to, ULONG length, UCHAR fill)
{
    memset(frame, fill, length);
    memcpy(frame, to, 6);
    memcpy(frame + 6, "\x02\0\0\0\0\x77", 6);
}

/* ---- ECM ------------------------------------------------------------------------------------------------------------
 */

static void test_ecm_requests(void **state)
{
    (void)state;
    UCHAR buffer[32];
    ULONG size = 28;
    start(&(struct gadget_options){.device_class = GADGET_ECM}, "USB\\VID_1209&PID_0002");
    assert_true(set(SET_PACKET_FILTER, 0x0C, NULL, 0));
    assert_int_equal(facts().packet_filter, 0x0C);
    assert_false(set(SET_PACKET_FILTER, 0x20, NULL, 0));
    assert_false(request(true, GET_NTB_PARAMETERS, 0, buffer, &size)); /* NCM's */
    assert_false(set(SEND_COMMAND, 0, buffer, 12));                    /* Remote NDIS' */
    stop();
}

static void test_ecm_frames(void **state)
{
    (void)state;
    UCHAR frame[1514], back[2048];
    start(&(struct gadget_options){.device_class = GADGET_ECM}, "USB\\VID_1209&PID_0002");
    select_setting_1();
    assert_true(set(SET_PACKET_FILTER, 0x0C, NULL, 0));
    make_frame(frame, mac, sizeof(frame), 0x5A);
    /* A frame that fills its last packet ends with an empty one, and not before. */
    assert_int_equal(move(pipe_out, frame, 1024), 1024);
    assert_int_equal(sunk().frames, 0);
    assert_int_equal(move(pipe_out, frame, 0), 0);
    assert_int_equal(sunk().frames, 1);
    assert_int_equal(sunk().last_length, 1024);
    assert_int_equal(move(pipe_out, frame, 1514), 1514);
    assert_int_equal(sunk().last_length, 1514);
    assert_int_equal(facts().bad_ntbs, 0);
    /* Neither a runt nor an empty packet that ends nothing is a frame. */
    move(pipe_out, frame, 13);
    assert_int_equal(facts().bad_ntbs, 1);
    move(pipe_out, frame, 0);
    assert_int_equal(facts().bad_ntbs, 2);
    assert_int_equal(sunk().frames, 2);
    /* Towards the host each frame is a transfer. */
    assert_true(gadget_network_inject(network, frame, 60));
    assert_true(gadget_network_inject(network, frame, 1024));
    assert_int_equal(move(pipe_in, back, sizeof(back)), 60);
    assert_int_equal(move(pipe_in, back, sizeof(back)), 1024);
    assert_memory_equal(back, frame, 1024);
    stop();
}

/* ---- Remote NDIS ----------------------------------------------------------------------------------------------------
 */

static bool command(const ULONG *fields, ULONG count)
{
    ULONG message[32];
    memcpy(message, fields, count * 4);
    return set(SEND_COMMAND, 0, message, count * 4);
}

static ULONG response(ULONG *message)
{
    ULONG size = 1024;
    memset(message, 0, 1024);
    assert_true(request(true, GET_RESPONSE, 0, message, &size));
    return size;
}

static void initialize(ULONG max_transfer)
{
    ULONG message[256];
    UCHAR notification[16] = {0};
    assert_true(command((const ULONG[]){2, 24, 77, 1, 0, max_transfer}, 6));
    assert_int_equal(move(pipe_notify, notification, sizeof(notification)), 8);
    assert_memory_equal(notification, ((const UCHAR[]){1, 0, 0, 0, 0, 0, 0, 0}), 8);
    assert_int_equal(response(message), 52);
    assert_int_equal(message[0], 0x80000002);
    assert_int_equal(message[2], 77);
    assert_int_equal(message[3], 0);
    assert_int_equal(message[8], RNDIS_MAX_PACKETS);
    assert_int_equal(message[10], RNDIS_ALIGNMENT_FACTOR);
}

static void test_rndis_control(void **state)
{
    (void)state;
    ULONG message[256];
    start(&(struct gadget_options){.device_class = GADGET_RNDIS}, "USB\\VID_1209&PID_0003");
    assert_int_equal(response(message), 1);                                   /* nothing to say */
    assert_false(command((const ULONG[]){4, 28, 1, 0x00010106, 0, 0, 0}, 7)); /* before INITIALIZE */
    assert_false(command((const ULONG[]){2, 24, 1, 2, 0, 0x4000}, 6));        /* a version that there is not */
    initialize(0x4000);
    assert_false(command((const ULONG[]){4, 32, 2, 0x00010106, 0, 0, 0}, 7));       /* MessageLength */
    assert_false(command((const ULONG[]){5, 32, 2, 0x0001010E, 4, 40, 0, 0xB}, 8)); /* information outside */
    assert_false(command((const ULONG[]){9, 12, 2}, 3));
    /* OID_GEN_MAXIMUM_FRAME_SIZE, then one that the device does not have. */
    assert_true(command((const ULONG[]){4, 28, 3, 0x00010106, 0, 0, 0}, 7));
    assert_int_equal(response(message), 28);
    assert_int_equal(message[6], 1500);
    assert_true(command((const ULONG[]){4, 28, 4, 0xFF010106, 0, 0, 0}, 7));
    assert_int_equal(response(message), 24);
    assert_int_equal(message[3], 0xC00000BB);
    /* A filter, a keep-alive, and a reset, which takes the filter away. */
    assert_true(command((const ULONG[]){5, 32, 5, 0x0001010E, 4, 20, 0, 0xB}, 8));
    assert_int_equal(response(message), 16);
    assert_int_equal(facts().packet_filter, 0x1C);
    assert_true(command((const ULONG[]){8, 12, 6}, 3));
    assert_int_equal(response(message), 16);
    assert_int_equal(message[0], 0x80000008);
    assert_true(command((const ULONG[]){6, 12, 0}, 3));
    assert_int_equal(response(message), 16);
    assert_int_equal(message[3], 1);
    assert_int_equal(facts().packet_filter, 0);
    assert_true(command((const ULONG[]){3, 12, 7}, 3));
    assert_false(facts().rndis_initialized);
    stop();
}

static void test_rndis_packets(void **state)
{
    (void)state;
    static UCHAR transfer[16384], frame[1514];
    struct rndis_builder builder;
    ULONG message[256];
    start(&(struct gadget_options){.device_class = GADGET_RNDIS, .rndis_info = true}, "USB\\VID_1209&PID_0003");
    initialize(sizeof(transfer));
    make_frame(frame, mac, sizeof(frame), 0x3C);
    assert_true(gadget_network_inject(network, frame, 60)); /* taken and dropped: there is no filter yet */
    assert_true(command((const ULONG[]){5, 32, 5, 0x0001010E, 4, 20, 0, 0xB}, 8));
    response(message);
    /* Two messages in a transfer; the length of the first has the padding between them. */
    struct gadget_frame two[] = {{frame, NULL, 61}, {frame, NULL, 1514}};
    rndis_begin(&builder, transfer, sizeof(transfer), false);
    assert_int_equal(rndis_add_frames(&builder, two, 2), 2);
    assert_int_equal(((ULONG *)transfer)[1], 112);
    move(pipe_out, transfer, builder.used);
    assert_int_equal(sunk().frames, 2);
    assert_int_equal(sunk().last_length, 1514);
    assert_int_equal(facts().bad_ntbs, 0);
    ((ULONG *)transfer)[1] = 108; /* the second is not aligned now */
    move(pipe_out, transfer, builder.used);
    assert_int_equal(facts().bad_ntbs, 1);
    /* Towards the host, with per-packet information before the data. */
    assert_true(gadget_network_inject(network, frame, 60));
    ULONG size = move(pipe_in, transfer, sizeof(transfer));
    assert_int_equal(size, RNDIS_PACKET_HEADER + RNDIS_PER_PACKET_INFO + 60);
    assert_int_equal(((ULONG *)transfer)[2], 36 + RNDIS_PER_PACKET_INFO);
    assert_memory_equal(transfer + 8 + ((ULONG *)transfer)[2], frame, 60);
    assert_int_equal(facts().filtered, 1);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ecm_requests),
        cmocka_unit_test(test_ecm_frames),
        cmocka_unit_test(test_rndis_control),
        cmocka_unit_test(test_rndis_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

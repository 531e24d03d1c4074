/*
 * URBs through a real PDO to a simulated device: configuration, control, bulk and interrupt transfers, stalls,
 * cancelling, aborting, surprise removal, and the refusal of each malformed request with its pair of codes.
 */
#include "usb_test.h"

#define NCM_ID "USB\\Class_02&SubClass_0D&Prot_00"

static struct gadget_network *network;
static struct usb_backend *gadget;
static struct usb_device *device;
static struct function *f;

/* Handles after select. */
static USBD_CONFIGURATION_HANDLE configuration;
static USBD_PIPE_HANDLE pipe_notify, pipe_in, pipe_out;

static void start_with(const struct gadget_options *options, struct gadget_network *behind)
{
    usb_test_boot(NCM_ID);
    network = behind != NULL ? behind : gadget_network_sink();
    gadget = gadget_create(options, network);
    device = usb_test_plug(gadget);
    assert_int_equal(client.count, 1);
    f = client.functions[0];
    assert_true(f->is_started);
}

static void stop(void)
{
    usb_test_unplug(device);
    assert_int_equal(client.count, 0);
    usb_test_shutdown();
}

static NTSTATUS get_descriptor(UCHAR type, UCHAR index, void *buffer, ULONG size, ULONG *actual)
{
    URB urb = {0};
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), type, index, 0x0409, buffer, NULL, size,
                                 NULL);
    NTSTATUS status = send_urb(f, &urb);
    *actual = urb.UrbControlDescriptorRequest.TransferBufferLength;
    return status;
}

static UCHAR descriptor[512];

static void select(void)
{
    ULONG actual;
    assert_int_equal(get_descriptor(USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, descriptor, sizeof(descriptor), &actual),
                     STATUS_SUCCESS);
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)descriptor;
    assert_int_equal(c->wTotalLength, actual);
    USBD_INTERFACE_LIST_ENTRY list[3] = {
        {USBD_ParseConfigurationDescriptorEx(c, c, 0, 0, -1, -1, -1), NULL},
        {USBD_ParseConfigurationDescriptorEx(c, c, 1, 0, -1, -1, -1), NULL},
        {NULL, NULL},
    };
    PURB urb = USBD_CreateConfigurationRequestEx(c, list);
    assert_non_null(urb);
    assert_int_equal(send_urb(f, urb), STATUS_SUCCESS);
    assert_int_equal(urb->UrbHeader.Status, USBD_STATUS_SUCCESS);
    configuration = urb->UrbSelectConfiguration.ConfigurationHandle;
    assert_non_null(configuration);
    assert_int_equal(list[0].Interface->NumberOfPipes, 1);
    assert_int_equal(list[0].Interface->Class, USB_DEVICE_CLASS_COMMUNICATIONS);
    assert_int_equal(list[0].Interface->SubClass, 0x0D);
    assert_int_equal(list[0].Interface->Pipes[0].PipeType, UsbdPipeTypeInterrupt);
    assert_int_equal(list[0].Interface->Pipes[0].EndpointAddress, 0x81);
    assert_int_equal(list[0].Interface->Pipes[0].MaximumPacketSize, 16);
    pipe_notify = list[0].Interface->Pipes[0].PipeHandle;
    assert_int_equal(list[1].Interface->NumberOfPipes, 0);
    ExFreePool(urb);
}

static NTSTATUS select_setting(UCHAR setting, USBD_STATUS *status)
{
    union {
        URB urb;
        UCHAR room[GET_SELECT_INTERFACE_REQUEST_SIZE(2)];
    } u = {0};
    USHORT pipes = setting == 1 ? 2 : 0;
    UsbBuildSelectInterfaceRequest(&u.urb, GET_SELECT_INTERFACE_REQUEST_SIZE(pipes), configuration, 1, setting);
    u.urb.UrbSelectInterface.Interface.Length = (USHORT)GET_USBD_INTERFACE_SIZE(pipes);
    NTSTATUS result = send_urb(f, &u.urb);
    *status = u.urb.UrbHeader.Status;
    if (NT_SUCCESS(result) && setting == 1) {
        PUSBD_INTERFACE_INFORMATION i = &u.urb.UrbSelectInterface.Interface;
        assert_int_equal(i->NumberOfPipes, 2);
        assert_int_equal(i->Pipes[0].PipeType, UsbdPipeTypeBulk);
        assert_int_equal(i->Pipes[0].EndpointAddress, 0x82);
        assert_int_equal(i->Pipes[0].MaximumPacketSize, 512);
        assert_int_equal(i->Pipes[1].EndpointAddress, 0x03);
        pipe_in = i->Pipes[0].PipeHandle;
        pipe_out = i->Pipes[1].PipeHandle;
    }
    return result;
}

static void start_data(void)
{
    USBD_STATUS status;
    select();
    assert_int_equal(select_setting(1, &status), STATUS_SUCCESS);
}

static void build_transfer(PURB urb, USBD_PIPE_HANDLE pipe, void *buffer, ULONG size, ULONG flags)
{
    memset(urb, 0, sizeof(*urb));
    UsbBuildInterruptOrBulkTransferRequest(urb, sizeof(urb->UrbBulkOrInterruptTransfer), pipe, buffer, NULL, size,
                                           flags, NULL);
}

static NTSTATUS class_request(USHORT function, ULONG flags, UCHAR request, USHORT value, USHORT index, void *buffer,
                              ULONG size, URB *urb)
{
    memset(urb, 0, sizeof(*urb));
    UsbBuildVendorRequest(urb, function, sizeof(urb->UrbControlVendorClassRequest), flags, 0, request, value, index,
                          buffer, NULL, size, NULL);
    return send_urb(f, urb);
}

/* One NTB-16 with one frame, whose payload is aligned to 4 bytes. */
static ULONG build_ntb(UCHAR *out, const UCHAR *frame, USHORT length)
{
    enum { INDEX = 30 };
    USHORT total = (USHORT)(INDEX + length);
    const UCHAR head[INDEX] = {'N', 'C', 'M', 'H', 12, 0, 0,     0, (UCHAR)total,  (UCHAR)(total >> 8), 12, 0, 'N', 'C',
                               'M', '0', 16,  0,   0,  0, INDEX, 0, (UCHAR)length, (UCHAR)(length >> 8)};
    memcpy(out, head, sizeof(head));
    memcpy(out + sizeof(head), frame, length);
    return total;
}

static const UCHAR host_mac[6] = {0x02, 0x4E, 0x43, 0x4D, 0x00, 0x01};

static void fill_frame(UCHAR *frame, USHORT length)
{
    memset(frame, 0xA5, length);
    memcpy(frame, "\x02\x00\x00\x00\x00\x99", 6);
    memcpy(frame + 6, host_mac, 6);
    frame[12] = 0x88;
    frame[13] = 0xB5;
}

static void test_descriptors_and_configuration(void **state)
{
    (void)state;
    USB_DEVICE_DESCRIPTOR d;
    struct usb_device_facts facts;
    ULONG actual;
    UCHAR value = 0xFF;
    URB urb = {0};
    start_with(NULL, NULL);
    assert_int_equal(get_descriptor(USB_DEVICE_DESCRIPTOR_TYPE, 0, &d, sizeof(d), &actual), STATUS_SUCCESS);
    assert_int_equal(actual, 18);
    assert_int_equal(d.idVendor, GADGET_NCM_VENDOR);
    assert_int_equal(get_descriptor(USB_STRING_DESCRIPTOR_TYPE, 200, descriptor, 64, &actual), STATUS_UNSUCCESSFUL);
    start_data();
    usb_get_facts(device, &facts);
    assert_int_equal(facts.configuration, 1);
    assert_int_equal(facts.endpoints, 3);
    assert_string_equal(facts.product_name, "Simulated CDC-NCM adapter");

    urb.UrbHeader.Function = URB_FUNCTION_GET_CONFIGURATION;
    urb.UrbHeader.Length = sizeof(urb.UrbControlGetConfigurationRequest);
    urb.UrbControlGetConfigurationRequest.TransferBuffer = &value;
    urb.UrbControlGetConfigurationRequest.TransferBufferLength = 1;
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    assert_int_equal(value, 1);

    memset(&urb, 0, sizeof(urb));
    urb.UrbHeader.Function = URB_FUNCTION_GET_INTERFACE;
    urb.UrbHeader.Length = sizeof(urb.UrbControlGetInterfaceRequest);
    urb.UrbControlGetInterfaceRequest.TransferBuffer = &value;
    urb.UrbControlGetInterfaceRequest.TransferBufferLength = 1;
    urb.UrbControlGetInterfaceRequest.Interface = 1;
    value = 0xFF;
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    assert_int_equal(value, 1);

    /* NULL: unconfigured; the pipe handle is stale then. */
    memset(&urb, 0, sizeof(urb));
    UsbBuildSelectConfigurationRequest(&urb, sizeof(urb.UrbSelectConfiguration), NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    build_transfer(&urb, pipe_out, descriptor, 5, 0);
    assert_int_equal(send_urb(f, &urb), STATUS_INVALID_PARAMETER);
    assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_INVALID_PIPE_HANDLE);
    usb_get_facts(device, &facts);
    assert_int_equal(facts.configuration, 0);
    stop();
}

static void test_class_requests(void **state)
{
    (void)state;
    UCHAR parameters[28];
    ULONG size = 4096;
    struct gadget_facts facts;
    USBD_STATUS status;
    URB urb;
    start_with(NULL, NULL);
    select();
    assert_int_equal(class_request(URB_FUNCTION_CLASS_INTERFACE, USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK,
                                   0x80, 0, 0, parameters, sizeof(parameters), &urb),
                     STATUS_SUCCESS);
    assert_int_equal(urb.UrbControlVendorClassRequest.TransferBufferLength, 28);
    assert_int_equal(parameters[0], 28);
    assert_int_equal(class_request(URB_FUNCTION_CLASS_INTERFACE, 0, 0x86, 0, 0, &size, 4, &urb), STATUS_SUCCESS);
    gadget_get_facts(gadget, &facts);
    assert_int_equal(facts.ntb_input_size, 4096);
    /* Out of range, wrong interface, in alternate setting 1: stalls, each a success of the host's side of the story. */
    size = 100;
    assert_int_equal(class_request(URB_FUNCTION_CLASS_INTERFACE, 0, 0x86, 0, 0, &size, 4, &urb), STATUS_UNSUCCESSFUL);
    assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_STALL_PID);
    assert_int_equal(class_request(URB_FUNCTION_CLASS_INTERFACE, 0, 0x84, 1, 1, NULL, 0, &urb), STATUS_UNSUCCESSFUL);
    assert_int_equal(select_setting(1, &status), STATUS_SUCCESS);
    assert_int_equal(class_request(URB_FUNCTION_CLASS_INTERFACE, 0, 0x84, 1, 0, NULL, 0, &urb), STATUS_UNSUCCESSFUL);
    gadget_get_facts(gadget, &facts);
    assert_int_equal(facts.stalls >= 3, 1);
    assert_non_null(strstr(facts.last_error, "alternate setting 0"));
    /* The default pipe never stays halted. */
    assert_int_equal(class_request(URB_FUNCTION_CLASS_INTERFACE, 0, 0x43, 0x0C, 0, NULL, 0, &urb), STATUS_SUCCESS);
    stop();
}

static void test_control_transfer(void **state)
{
    (void)state;
    URB urb = {0};
    UCHAR buffer[18];
    const UCHAR setup[8] = {0x80, USB_REQUEST_GET_DESCRIPTOR, 0, USB_DEVICE_DESCRIPTOR_TYPE, 0, 0, 18, 0};
    start_with(NULL, NULL);
    urb.UrbHeader.Function = URB_FUNCTION_CONTROL_TRANSFER_EX;
    urb.UrbHeader.Length = sizeof(urb.UrbControlTransferEx);
    urb.UrbControlTransferEx.TransferFlags = USBD_DEFAULT_PIPE_TRANSFER | USBD_TRANSFER_DIRECTION_IN;
    urb.UrbControlTransferEx.TransferBuffer = buffer;
    urb.UrbControlTransferEx.TransferBufferLength = sizeof(buffer);
    urb.UrbControlTransferEx.Timeout = 1000;
    memcpy(urb.UrbControlTransferEx.SetupPacket, setup, sizeof(setup));
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    assert_int_equal(urb.UrbControlTransferEx.TransferBufferLength, 18);
    /* Without the flag a handle is needed. */
    urb.UrbControlTransferEx.TransferFlags = USBD_TRANSFER_DIRECTION_IN;
    assert_int_equal(send_urb(f, &urb), STATUS_INVALID_PARAMETER);
    assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_INVALID_PIPE_HANDLE);

    USHORT status = 0xFFFF;
    memset(&urb, 0, sizeof(urb));
    UsbBuildGetStatusRequest(&urb, URB_FUNCTION_GET_STATUS_FROM_DEVICE, 0, &status, NULL, NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    assert_int_equal(status, USB_GETSTATUS_SELF_POWERED);
    memset(&urb, 0, sizeof(urb));
    UsbBuildFeatureRequest(&urb, URB_FUNCTION_SET_FEATURE_TO_DEVICE, USB_FEATURE_REMOTE_WAKEUP, 0, NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    memset(&urb, 0, sizeof(urb));
    UsbBuildGetStatusRequest(&urb, URB_FUNCTION_GET_STATUS_FROM_DEVICE, 0, &status, NULL, NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    assert_int_equal(status, USB_GETSTATUS_SELF_POWERED | USB_GETSTATUS_REMOTE_WAKEUP_ENABLED);
    memset(&urb, 0, sizeof(urb));
    urb.UrbHeader.Function = URB_FUNCTION_GET_CURRENT_FRAME_NUMBER;
    urb.UrbHeader.Length = sizeof(urb.UrbGetCurrentFrameNumber);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    stop();
}

static void test_echo(void **state)
{
    (void)state;
    UCHAR frame[200], ntb[2048];
    static UCHAR in[32768];
    URB out_urb, in_urb;
    struct request in_request;
    start_with(NULL, gadget_network_echo());
    start_data();
    build_transfer(&in_urb, pipe_in, in, sizeof(in), USBD_TRANSFER_DIRECTION_IN | USBD_SHORT_TRANSFER_OK);
    assert_int_equal(request_send(&in_request, f, &in_urb), STATUS_PENDING);
    assert_int_equal(in_urb.UrbHeader.Status, USBD_STATUS_PENDING);
    fill_frame(frame, sizeof(frame));
    ULONG size = build_ntb(ntb, frame, sizeof(frame));
    build_transfer(&out_urb, pipe_out, ntb, size, 0);
    assert_int_equal(send_urb(f, &out_urb), STATUS_SUCCESS);
    assert_int_equal(out_urb.UrbBulkOrInterruptTransfer.TransferBufferLength, size);
    assert_int_equal(request_wait(&in_request), STATUS_SUCCESS);
    assert_int_equal(in_request.irql, DISPATCH_LEVEL);
    ULONG got = in_urb.UrbBulkOrInterruptTransfer.TransferBufferLength;
    assert_true(got > sizeof(frame));
    assert_memory_equal(in, "NCMH", 4);
    USHORT ndp, index, length;
    memcpy(&ndp, in + 10, 2);
    memcpy(&index, in + ndp + 8, 2);
    memcpy(&length, in + ndp + 10, 2);
    assert_int_equal(length, sizeof(frame));
    assert_memory_equal(in + index, frame + 6, 6);
    assert_memory_equal(in + index + 6, frame, 6);
    assert_memory_equal(in + index + 12, frame + 12, sizeof(frame) - 12);

    /* A frame that came while nothing was asked for is kept, and a short buffer without permission is an error. */
    assert_int_equal(send_urb(f, (build_transfer(&out_urb, pipe_out, ntb, size, 0), &out_urb)), STATUS_SUCCESS);
    build_transfer(&in_urb, pipe_in, in, sizeof(in), USBD_TRANSFER_DIRECTION_IN);
    assert_int_equal(send_urb(f, &in_urb), STATUS_UNSUCCESSFUL);
    assert_int_equal(in_urb.UrbHeader.Status, USBD_STATUS_ERROR_SHORT_TRANSFER);
    struct gadget_facts facts;
    gadget_get_facts(gadget, &facts);
    assert_int_equal(facts.frames_out, 2);
    assert_int_equal(facts.frames_in, 2);
    assert_int_equal(facts.bad_ntbs, 0);
    stop();
}

static PMDL make_mdl(void *buffer, ULONG size, PMDL next)
{
    PMDL mdl = IoAllocateMdl(buffer, size, FALSE, FALSE, NULL);
    assert_non_null(mdl);
    MmBuildMdlForNonPagedPool(mdl);
    mdl->Next = next;
    return mdl;
}

static void test_mdl_transfers(void **state)
{
    (void)state;
    UCHAR frame[100], ntb[256];
    struct gadget_sink_counts counts;
    URB urb;
    start_with(NULL, NULL);
    start_data();
    fill_frame(frame, sizeof(frame));
    ULONG size = build_ntb(ntb, frame, sizeof(frame));
    PMDL third = make_mdl(ntb + 90, size - 90, NULL), second = make_mdl(ntb + 33, 57, third),
         first = make_mdl(ntb, 33, second), whole = make_mdl(ntb, size, NULL);

    build_transfer(&urb, pipe_out, NULL, size, 0);
    urb.UrbBulkOrInterruptTransfer.TransferBufferMDL = whole;
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    build_transfer(&urb, pipe_out, NULL, size, 0);
    urb.UrbHeader.Function = URB_FUNCTION_BULK_OR_INTERRUPT_TRANSFER_USING_CHAINED_MDL;
    urb.UrbBulkOrInterruptTransfer.TransferBufferMDL = first;
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    gadget_network_sink_counts(network, &counts);
    assert_int_equal(counts.frames, 2);
    assert_int_equal(counts.last_length, sizeof(frame));
    assert_memory_equal(counts.last, frame, sizeof(frame));
    /* More asked for than the chain, or the one MDL, holds. */
    build_transfer(&urb, pipe_out, NULL, size + 1, 0);
    urb.UrbHeader.Function = URB_FUNCTION_BULK_OR_INTERRUPT_TRANSFER_USING_CHAINED_MDL;
    urb.UrbBulkOrInterruptTransfer.TransferBufferMDL = first;
    assert_int_equal(send_urb(f, &urb), STATUS_INVALID_PARAMETER);
    assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_INVALID_PARAMETER);
    build_transfer(&urb, pipe_out, NULL, size, 0);
    urb.UrbBulkOrInterruptTransfer.TransferBufferMDL = first;
    assert_int_equal(send_urb(f, &urb), STATUS_INVALID_PARAMETER);
    build_transfer(&urb, pipe_out, NULL, size, 0);
    assert_int_equal(send_urb(f, &urb), STATUS_INVALID_PARAMETER);
    IoFreeMdl(first);
    IoFreeMdl(second);
    IoFreeMdl(third);
    IoFreeMdl(whole);
    stop();
}

static void test_notifications(void **state)
{
    (void)state;
    UCHAR message[16];
    URB urb;
    start_with(NULL, NULL);
    start_data();
    build_transfer(&urb, pipe_notify, message, sizeof(message), USBD_SHORT_TRANSFER_OK | USBD_TRANSFER_DIRECTION_IN);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    assert_int_equal(urb.UrbBulkOrInterruptTransfer.TransferBufferLength, 16);
    assert_int_equal(message[1], 0x2A);
    build_transfer(&urb, pipe_notify, message, sizeof(message), USBD_SHORT_TRANSFER_OK | USBD_TRANSFER_DIRECTION_IN);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    assert_int_equal(urb.UrbBulkOrInterruptTransfer.TransferBufferLength, 8);
    assert_int_equal(message[1], 0x00);
    assert_int_equal(message[2], 1);
    struct request r;
    build_transfer(&urb, pipe_notify, message, sizeof(message), USBD_SHORT_TRANSFER_OK | USBD_TRANSFER_DIRECTION_IN);
    assert_int_equal(request_send(&r, f, &urb), STATUS_PENDING);
    gadget_set_link(gadget, false);
    assert_int_equal(request_wait(&r), STATUS_SUCCESS);
    assert_int_equal(message[2], 0);
    stop();
}

static void test_cancel_and_abort(void **state)
{
    (void)state;
    UCHAR buffers[4][64];
    URB urbs[4], urb = {0};
    struct request requests[4];
    start_with(NULL, NULL);
    start_data();
    for (int i = 0; i < 4; i++) {
        build_transfer(&urbs[i], pipe_in, buffers[i], sizeof(buffers[i]), USBD_SHORT_TRANSFER_OK);
        assert_int_equal(request_send(&requests[i], f, &urbs[i]), STATUS_PENDING);
    }
    assert_int_equal(usb_outstanding_transfers(), 4);
    assert_true(IoCancelIrp(requests[2].irp));
    assert_int_equal(request_wait(&requests[2]), STATUS_CANCELLED);
    assert_int_equal(urbs[2].UrbHeader.Status, USBD_STATUS_CANCELED);
    assert_int_equal(usb_outstanding_transfers(), 3);

    /* Reset is refused while transfers are pending; abort ends them before it completes itself. */
    urb.UrbHeader.Length = sizeof(urb.UrbPipeRequest);
    urb.UrbPipeRequest.PipeHandle = pipe_in;
    urb.UrbHeader.Function = URB_FUNCTION_SYNC_RESET_PIPE;
    assert_int_equal(send_urb(f, &urb), STATUS_DEVICE_BUSY);
    assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_ERROR_BUSY);
    urb.UrbHeader.Function = URB_FUNCTION_ABORT_PIPE;
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    assert_int_equal(usb_outstanding_transfers(), 0);
    for (int i = 0; i < 4; i++)
        if (i != 2)
            assert_int_equal(request_wait(&requests[i]), STATUS_CANCELLED);
    urb.UrbHeader.Function = URB_FUNCTION_SYNC_RESET_PIPE;
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    stop();
}

static void test_stall(void **state)
{
    (void)state;
    struct gadget_options options = {.stall_out_at = 1};
    UCHAR frame[64], ntb[128];
    URB urb, reset = {0};
    start_with(&options, NULL);
    start_data();
    fill_frame(frame, sizeof(frame));
    ULONG size = build_ntb(ntb, frame, sizeof(frame));
    build_transfer(&urb, pipe_out, ntb, size, 0);
    assert_int_equal(send_urb(f, &urb), STATUS_UNSUCCESSFUL);
    assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_STALL_PID);
    assert_true(USBD_HALTED(urb.UrbHeader.Status));
    build_transfer(&urb, pipe_out, ntb, size, 0);
    assert_int_equal(send_urb(f, &urb), STATUS_UNSUCCESSFUL);
    assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_ENDPOINT_HALTED);
    reset.UrbHeader.Function = URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL;
    reset.UrbHeader.Length = sizeof(reset.UrbPipeRequest);
    reset.UrbPipeRequest.PipeHandle = pipe_out;
    assert_int_equal(send_urb(f, &reset), STATUS_SUCCESS);
    build_transfer(&urb, pipe_out, ntb, size, 0);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    stop();
}

static void test_never_answered(void **state)
{
    (void)state;
    struct gadget_options options = {.ignore_request = 0x180};
    UCHAR buffer[28];
    URB urb = {0};
    struct request r;
    const UCHAR setup[8] = {0xA1, 0x80, 0, 0, 0, 0, 28, 0};
    start_with(&options, NULL);
    select();
    urb.UrbHeader.Function = URB_FUNCTION_CONTROL_TRANSFER_EX;
    urb.UrbHeader.Length = sizeof(urb.UrbControlTransferEx);
    urb.UrbControlTransferEx.TransferFlags = USBD_DEFAULT_PIPE_TRANSFER | USBD_TRANSFER_DIRECTION_IN;
    urb.UrbControlTransferEx.TransferBuffer = buffer;
    urb.UrbControlTransferEx.TransferBufferLength = sizeof(buffer);
    urb.UrbControlTransferEx.Timeout = 20;
    memcpy(urb.UrbControlTransferEx.SetupPacket, setup, sizeof(setup));
    /* Its own 20 ms count, though a request with the usual five seconds came before. */
    LONGLONG before = ke_now();
    assert_int_equal(send_urb(f, &urb), STATUS_IO_TIMEOUT);
    assert_true(ke_now() - before < 20000000);
    assert_int_equal(urb.UrbHeader.Status, USBD_STATUS_TIMEOUT);
    urb.UrbControlTransferEx.Timeout = 0;
    urb.UrbControlTransferEx.TransferBufferLength = sizeof(buffer);
    assert_int_equal(request_send(&r, f, &urb), STATUS_PENDING);
    assert_true(IoCancelIrp(r.irp));
    assert_int_equal(request_wait(&r), STATUS_CANCELLED);
    stop();
}

static void test_surprise_removal(void **state)
{
    (void)state;
    UCHAR buffers[3][64];
    URB urbs[3], urb;
    struct request requests[3];
    ULONG port = 0;
    start_with(NULL, NULL);
    start_data();
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_GET_PORT_STATUS, &port), STATUS_SUCCESS);
    assert_int_equal(port, USBD_PORT_CONNECTED | USBD_PORT_ENABLED);
    for (int i = 0; i < 3; i++) {
        build_transfer(&urbs[i], i == 2 ? pipe_notify : pipe_in, buffers[i], sizeof(buffers[i]), 0);
        if (i == 2) /* take the two that are waiting first */
            for (int n = 0; n < 2; n++) {
                build_transfer(&urb, pipe_notify, buffers[2], sizeof(buffers[2]), USBD_SHORT_TRANSFER_OK);
                assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
            }
        assert_int_equal(request_send(&requests[i], f, &urbs[i]), STATUS_PENDING);
    }
    ObReferenceObject(f->physical);
    struct function copy = *f;
    usb_disconnected(gadget);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(request_wait(&requests[i]), STATUS_NO_SUCH_DEVICE);
        assert_int_equal(urbs[i].UrbHeader.Status, USBD_STATUS_DEVICE_GONE);
    }
    assert_true(pnp_wait_idle(-1));
    assert_int_equal(client.surprised, 1);
    assert_int_equal(client.removed, 1);
    assert_int_equal(client.count, 0);
    ObDereferenceObject(copy.physical);
    usb_test_unplug(device);
    usb_test_shutdown();
}

static void test_removal_at_each_transfer(void **state)
{
    (void)state;
    char error[256];
    for (ULONG n = 1; n < 14; n++) {
        struct gadget_options options = {.remove_at = n};
        usb_test_boot(NCM_ID);
        NTSTATUS status = usb_plug(gadget_create(&options, NULL), &device, error, sizeof(error));
        if (NT_SUCCESS(status)) {
            assert_true(pnp_wait_idle(-1));
            for (int i = 0; i < 20 && client.count != 0; i++) {
                ULONG actual;
                f = client.functions[0];
                get_descriptor(USB_DEVICE_DESCRIPTOR_TYPE, 0, descriptor, 18, &actual);
                assert_true(pnp_wait_idle(-1));
            }
            assert_int_equal(client.count, 0);
            usb_test_unplug(device);
        } else {
            assert_non_null(strstr(error, "sim:ncm"));
        }
        usb_test_shutdown();
    }
}

static void expect_refusal(void *urb, USBD_STATUS status, NTSTATUS nt_status)
{
    assert_int_equal(send_urb(f, urb), nt_status);
    assert_int_equal(((PURB)urb)->UrbHeader.Status, status);
}

static void test_malformed_urbs(void **state)
{
    (void)state;
    UCHAR buffer[64];
    USBD_STATUS usbd_status;
    URB urb;
    start_with(NULL, NULL);
    start_data();
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_SUBMIT_URB, NULL), STATUS_INVALID_PARAMETER);
    memset(&urb, 0, sizeof(urb));
    urb.UrbHeader.Length = 4;
    expect_refusal(&urb, USBD_STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER);
    urb.UrbHeader.Length = sizeof(urb);
    urb.UrbHeader.Function = 0x1234;
    expect_refusal(&urb, USBD_STATUS_INVALID_URB_FUNCTION, STATUS_INVALID_PARAMETER);
    urb.UrbHeader.Function = URB_FUNCTION_ISOCH_TRANSFER;
    expect_refusal(&urb, USBD_STATUS_NOT_SUPPORTED, STATUS_NOT_SUPPORTED);
    /* Each function with its structure one byte too short. */
    static const struct {
        USHORT function, length;
    } shorts[] = {
        {URB_FUNCTION_SELECT_CONFIGURATION, offsetof(struct _URB_SELECT_CONFIGURATION, Interface)},
        {URB_FUNCTION_SELECT_INTERFACE, offsetof(struct _URB_SELECT_INTERFACE, Interface.Pipes)},
        {URB_FUNCTION_ABORT_PIPE, sizeof(struct _URB_PIPE_REQUEST)},
        {URB_FUNCTION_SYNC_RESET_PIPE_AND_CLEAR_STALL, sizeof(struct _URB_PIPE_REQUEST)},
        {URB_FUNCTION_CONTROL_TRANSFER, sizeof(struct _URB_CONTROL_TRANSFER)},
        {URB_FUNCTION_CONTROL_TRANSFER_EX, sizeof(struct _URB_CONTROL_TRANSFER_EX)},
        {URB_FUNCTION_BULK_OR_INTERRUPT_TRANSFER, sizeof(struct _URB_BULK_OR_INTERRUPT_TRANSFER)},
        {URB_FUNCTION_GET_DESCRIPTOR_FROM_DEVICE, sizeof(struct _URB_CONTROL_DESCRIPTOR_REQUEST)},
        {URB_FUNCTION_GET_STATUS_FROM_DEVICE, sizeof(struct _URB_CONTROL_GET_STATUS_REQUEST)},
        {URB_FUNCTION_SET_FEATURE_TO_DEVICE, sizeof(struct _URB_CONTROL_FEATURE_REQUEST)},
        {URB_FUNCTION_VENDOR_DEVICE, sizeof(struct _URB_CONTROL_VENDOR_OR_CLASS_REQUEST)},
        {URB_FUNCTION_GET_CONFIGURATION, sizeof(struct _URB_CONTROL_GET_CONFIGURATION_REQUEST)},
        {URB_FUNCTION_GET_INTERFACE, sizeof(struct _URB_CONTROL_GET_INTERFACE_REQUEST)},
        {URB_FUNCTION_GET_MS_FEATURE_DESCRIPTOR, sizeof(struct _URB_OS_FEATURE_DESCRIPTOR_REQUEST)},
        {URB_FUNCTION_GET_CURRENT_FRAME_NUMBER, sizeof(struct _URB_GET_CURRENT_FRAME_NUMBER)},
    };
    for (size_t i = 0; i < RTL_NUMBER_OF(shorts); i++) {
        memset(&urb, 0, sizeof(urb));
        urb.UrbHeader.Function = shorts[i].function;
        urb.UrbHeader.Length = shorts[i].length - 1;
        expect_refusal(&urb, USBD_STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER);
    }
    static const ULONG_PTR handles[] = {0, 1, 0x1234567890, (ULONG_PTR)-1};
    for (size_t i = 0; i < RTL_NUMBER_OF(handles); i++) {
        build_transfer(&urb, (USBD_PIPE_HANDLE)handles[i], buffer, sizeof(buffer), 0);
        expect_refusal(&urb, USBD_STATUS_INVALID_PIPE_HANDLE, STATUS_INVALID_PARAMETER);
    }
    /* A stale handle: the setting was chosen again. */
    USBD_PIPE_HANDLE old = pipe_out;
    assert_int_equal(select_setting(1, &usbd_status), STATUS_SUCCESS);
    assert_ptr_not_equal(old, pipe_out);
    build_transfer(&urb, old, buffer, sizeof(buffer), 0);
    expect_refusal(&urb, USBD_STATUS_INVALID_PIPE_HANDLE, STATUS_INVALID_PARAMETER);
    /* Settings that do not exist, a stale configuration handle, a list without room. */
    assert_int_equal(select_setting(7, &usbd_status), STATUS_INVALID_PARAMETER);
    assert_int_equal(usbd_status, USBD_STATUS_INTERFACE_NOT_FOUND);
    configuration = (PVOID)(ULONG_PTR)5;
    assert_int_equal(select_setting(1, &usbd_status), STATUS_INVALID_PARAMETER);
    assert_int_equal(usbd_status, USBD_STATUS_INVALID_PARAMETER);
    memset(&urb, 0, sizeof(urb));
    UsbBuildSelectConfigurationRequest(&urb, sizeof(urb.UrbSelectConfiguration), (PVOID)descriptor);
    urb.UrbSelectConfiguration.Interface.Length = 24;
    urb.UrbHeader.Length = (USHORT)offsetof(struct _URB_SELECT_CONFIGURATION, Interface) + 24;
    expect_refusal(&urb, USBD_STATUS_BUFFER_TOO_SMALL, STATUS_BUFFER_TOO_SMALL);
    urb.UrbSelectConfiguration.Interface.Length = 60000;
    expect_refusal(&urb, USBD_STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER);
    descriptor[5] = 9; /* bConfigurationValue */
    expect_refusal(&urb, USBD_STATUS_INVALID_CONFIGURATION_DESCRIPTOR, STATUS_INVALID_PARAMETER);
    stop();
}

static void test_reset_and_cycle(void **state)
{
    (void)state;
    UCHAR frame[64], ntb[128];
    URB urb;
    start_with(NULL, NULL);
    start_data();
    fill_frame(frame, sizeof(frame));
    ULONG size = build_ntb(ntb, frame, sizeof(frame));
    /* After a reset the same handles work, and the setting is as it was. */
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_RESET_PORT, NULL), STATUS_SUCCESS);
    build_transfer(&urb, pipe_out, ntb, size, 0);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    struct gadget_sink_counts counts;
    gadget_network_sink_counts(network, &counts);
    assert_int_equal(counts.frames, 1);
    /* A cycled port is a removal and an arrival. */
    assert_int_equal(send_control(f, IOCTL_INTERNAL_USB_CYCLE_PORT, NULL), STATUS_SUCCESS);
    assert_true(pnp_wait_idle(-1));
    assert_int_equal(client.surprised, 1);
    assert_int_equal(client.removed, 1);
    assert_int_equal(client.added, 2);
    assert_int_equal(client.count, 1);
    f = client.functions[0];
    start_data();
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptors_and_configuration),
        cmocka_unit_test(test_class_requests),
        cmocka_unit_test(test_control_transfer),
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_mdl_transfers),
        cmocka_unit_test(test_notifications),
        cmocka_unit_test(test_cancel_and_abort),
        cmocka_unit_test(test_stall),
        cmocka_unit_test(test_never_answered),
        cmocka_unit_test(test_surprise_removal),
        cmocka_unit_test(test_removal_at_each_transfer),
        cmocka_unit_test(test_malformed_urbs),
        cmocka_unit_test(test_reset_and_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

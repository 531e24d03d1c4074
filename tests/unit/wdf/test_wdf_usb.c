/*
 * USB targets over a device of the test's own behind the real bus driver: two interfaces, the first with an alternate
 * setting that has a bulk pair. Bulk data come back as they were sent; the test can make the device stall, hold an
 * answer, or be unplugged.
 */
#include <initguid.h>
#include "tests/unit/usb/usb_test.h"
#include "wdf/wdf.h"
#include "wdf_test.h"

#define DEVICE_ID "USB\\VID_1209&PID_00F0"

/* ---- the device ---------------------------------------------------------------------------------------------------
 */

static const UCHAR device_descriptor[] = {18,   1,    0x00, 0x02, 0xFF, 0, 0, 64, 0x09,
                                          0x12, 0xF0, 0x00, 0x00, 0x01, 1, 2, 0,  1};
static const UCHAR configuration_descriptor[] = {
    9, 2,    9 + 9 + 9 + 7 + 7 + 9 + 7,
    0, 2,    1,
    0, 0xE0, 50, /* self powered, remote wakeup */
    9, 4,    0,
    0, 0,    0xFF,
    0, 0,    0, /* interface 0, setting 0: nothing */
    9, 4,    0,
    1, 2,    0xFF,
    0, 0,    0, /* interface 0, setting 1 */
    7, 5,    0x82,
    2, 0x00, 0x02,
    0, /* bulk in, 512 */
    7, 5,    0x03,
    2, 0x00, 0x02,
    0, /* bulk out */
    9, 4,    1,
    0, 1,    0xFF,
    0, 0,    0, /* interface 1 */
    7, 5,    0x84,
    3, 0x08, 0x00,
    4, /* interrupt in, 8 */
};
static const UCHAR string_descriptor[] = {10, 3, 'n', 0, 'd', 0, 'i', 0, 's', 0};

static struct {
    struct usb_backend backend;
    KSPIN_LOCK lock;
    struct usb_transfer *reads; /* IN transfers that wait for data */
    UCHAR data[8][512];
    ULONG lengths[8];
    unsigned first, count;
    bool echoes, holds_control;
    unsigned stalls; /* IN transfers to come that fail */
    unsigned resets; /* CLEAR_HALT requests */
    struct usb_transfer *held;
    UCHAR last_setup[8];
} toy;

static void complete(struct usb_transfer *transfer, USBD_STATUS status, ULONG actual)
{
    transfer->next = NULL;
    transfer->status = status;
    transfer->actual = actual;
    usb_complete(&toy.backend, transfer);
}

static void answer(struct usb_transfer *transfer, const void *data, ULONG length)
{
    length = length < transfer->length ? length : transfer->length;
    memcpy(transfer->buffer, data, length);
    complete(transfer, USBD_STATUS_SUCCESS, length);
}

/* Gives waiting reads what there is: data, or failure. */
static void serve_reads(void)
{
    for (;;) {
        KIRQL irql;
        UCHAR data[512];
        ULONG length = 0;
        bool stall = false;
        KeAcquireSpinLock(&toy.lock, &irql);
        struct usb_transfer *transfer = toy.reads;
        if (transfer != NULL && toy.stalls > 0) {
            toy.stalls--;
            stall = true;
        } else if (transfer != NULL && toy.count > 0) {
            length = toy.lengths[toy.first];
            memcpy(data, toy.data[toy.first], length);
            toy.first = (toy.first + 1) % 8;
            toy.count--;
        } else {
            transfer = NULL;
        }
        if (transfer != NULL)
            toy.reads = transfer->backend_next;
        KeReleaseSpinLock(&toy.lock, irql);
        if (transfer == NULL)
            return;
        if (stall)
            complete(transfer, USBD_STATUS_STALL_PID, 0);
        else
            answer(transfer, data, length);
    }
}

static void toy_control(struct usb_transfer *transfer)
{
    UCHAR request = transfer->setup[1], value_high = transfer->setup[3];
    memcpy(toy.last_setup, transfer->setup, 8);
    if (transfer->kind == USB_TRANSFER_CLEAR_HALT)
        toy.resets++;
    if (transfer->kind != USB_TRANSFER_CONTROL || !transfer->is_in) {
        complete(transfer, USBD_STATUS_SUCCESS, transfer->kind == USB_TRANSFER_CONTROL ? transfer->length : 0);
    } else if ((transfer->setup[0] & 0x60) == 0x40) {
        if (toy.holds_control)
            toy.held = transfer;
        else
            answer(transfer, &transfer->setup[2], 2);
    } else if (request == 6 && value_high == 1) {
        answer(transfer, device_descriptor, sizeof(device_descriptor));
    } else if (request == 6 && value_high == 2) {
        answer(transfer, configuration_descriptor, sizeof(configuration_descriptor));
    } else if (request == 6 && value_high == 3 && transfer->setup[2] == 0) {
        answer(transfer, (const UCHAR[]){4, 3, 9, 4}, 4);
    } else if (request == 6 && value_high == 3 && transfer->setup[2] == 2) {
        answer(transfer, string_descriptor, sizeof(string_descriptor));
    } else if (request == 6 && value_high == 3 && transfer->setup[2] == 1) {
        answer(transfer, (const UCHAR[]){7, 3, 'x', 0, 'y'}, 5); /* nonsense */
    } else {
        complete(transfer, USBD_STATUS_STALL_PID, 0);
    }
}

static void toy_submit(struct usb_backend *backend, struct usb_transfer *chain)
{
    (void)backend;
    while (chain != NULL) {
        struct usb_transfer *transfer = chain;
        KIRQL irql;
        chain = chain->next;
        if (transfer->endpoint == 0) {
            toy_control(transfer);
            continue;
        }
        KeAcquireSpinLock(&toy.lock, &irql);
        if (transfer->is_in) {
            struct usb_transfer **end = &toy.reads;
            while (*end != NULL)
                end = &(*end)->backend_next;
            transfer->backend_next = NULL;
            *end = transfer;
        } else if (toy.echoes && toy.count < 8 && transfer->length <= 512) {
            unsigned slot = (toy.first + toy.count++) % 8;
            memcpy(toy.data[slot], transfer->buffer, transfer->length);
            toy.lengths[slot] = transfer->length;
        }
        KeReleaseSpinLock(&toy.lock, irql);
        if (!transfer->is_in)
            complete(transfer, USBD_STATUS_SUCCESS, transfer->length);
        serve_reads();
    }
}

static void toy_cancel(struct usb_backend *backend, struct usb_transfer *transfer)
{
    KIRQL irql;
    bool found = false;
    (void)backend;
    KeAcquireSpinLock(&toy.lock, &irql);
    for (struct usb_transfer **at = &toy.reads; *at != NULL; at = &(*at)->backend_next)
        if (*at == transfer) {
            *at = transfer->backend_next;
            found = true;
            break;
        }
    if (toy.held == transfer) {
        toy.held = NULL;
        found = true;
    }
    KeReleaseSpinLock(&toy.lock, irql);
    if (found)
        complete(transfer, USBD_STATUS_CANCELED, 0);
}

static NTSTATUS toy_open(struct usb_backend *backend, char *error, size_t error_size)
{
    (void)error;
    (void)error_size;
    backend->speed = UsbHighSpeed;
    return STATUS_SUCCESS;
}

static NTSTATUS toy_reset(struct usb_backend *backend)
{
    (void)backend;
    return STATUS_SUCCESS;
}

static void toy_close(struct usb_backend *backend)
{
    (void)backend;
}

static const struct usb_backend_ops toy_ops = {toy_open, toy_submit, toy_cancel, toy_reset, toy_close};

/* ---- the driver ---------------------------------------------------------------------------------------------------
 */

static struct usb_device *plugged;
static WDFDEVICE device;
static WDFUSBDEVICE usb;
static WDFUSBINTERFACE interface;
static WDFUSBPIPE pipe_in, pipe_out;

static void make_device(bool contract)
{
    WDF_USB_DEVICE_CREATE_CONFIG config;
    assert_int_equal(WdfDeviceMiniportCreate(WdfGetDriver(), WDF_NO_OBJECT_ATTRIBUTES, client.functions[0]->self,
                                             client.functions[0]->lower, client.functions[0]->physical, &device),
                     STATUS_SUCCESS);
    WDF_USB_DEVICE_CREATE_CONFIG_INIT(&config, USBD_CLIENT_CONTRACT_VERSION_602);
    assert_int_equal(contract ? WdfUsbTargetDeviceCreateWithParameters(device, &config, WDF_NO_OBJECT_ATTRIBUTES, &usb)
                              : WdfUsbTargetDeviceCreate(device, WDF_NO_OBJECT_ATTRIBUTES, &usb),
                     STATUS_SUCCESS);
}

static int start(void **state)
{
    (void)state;
    memset(&toy, 0, sizeof(toy));
    toy.backend.ops = &toy_ops;
    toy.echoes = true;
    snprintf(toy.backend.name, sizeof(toy.backend.name), "toy");
    usb_test_boot(DEVICE_ID);
    plugged = usb_test_plug(&toy.backend);
    assert_int_equal(client.count, 1);
    wdf_test_start();
    make_device(false);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    WdfObjectDelete(device);
    wdf_test_stop();
    usb_test_unplug(plugged);
    usb_test_shutdown();
    return 0;
}

/* Both interfaces, the first one with its bulk pipes. */
static void configure(void)
{
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS params;
    WDF_USB_INTERFACE_SETTING_PAIR pairs[2] = {{WdfUsbTargetDeviceGetInterface(usb, 0), 1},
                                               {WdfUsbTargetDeviceGetInterface(usb, 1), 0}};
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_MULTIPLE_INTERFACES(&params, 2, pairs);
    assert_int_equal(params.Type, WdfUsbTargetDeviceSelectConfigTypeInterfacesPairs);
    assert_int_equal(WdfUsbTargetDeviceSelectConfig(usb, WDF_NO_OBJECT_ATTRIBUTES, &params), STATUS_SUCCESS);
    assert_int_equal(params.Types.MultiInterface.NumberOfConfiguredInterfaces, 2);
    interface = pairs[0].UsbInterface;
    pipe_in = WdfUsbInterfaceGetConfiguredPipe(interface, 0, NULL);
    pipe_out = WdfUsbInterfaceGetConfiguredPipe(interface, 1, NULL);
    assert_non_null(pipe_in);
    assert_non_null(pipe_out);
}

static bool wait_event(KEVENT *event)
{
    LARGE_INTEGER patience = {.QuadPart = -100LL * 1000 * 1000};
    return KeWaitForSingleObject(event, Executive, KernelMode, FALSE, &patience) == STATUS_SUCCESS;
}

/* ---- the device and its configuration -----------------------------------------------------------------------------
 */

static void the_device_is_known(void **state)
{
    (void)state;
    WDF_USB_DEVICE_INFORMATION information;
    USB_DEVICE_DESCRIPTOR descriptor;
    UCHAR buffer[128];
    USHORT length = 0;
    ULONG frame;
    WdfUsbTargetDeviceGetDeviceDescriptor(usb, &descriptor);
    assert_memory_equal(&descriptor, device_descriptor, sizeof(device_descriptor));
    assert_int_equal(WdfUsbTargetDeviceRetrieveConfigDescriptor(usb, NULL, &length), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(length, sizeof(configuration_descriptor));
    length = sizeof(buffer);
    assert_int_equal(WdfUsbTargetDeviceRetrieveConfigDescriptor(usb, buffer, &length), STATUS_SUCCESS);
    assert_memory_equal(buffer, configuration_descriptor, sizeof(configuration_descriptor));
    WDF_USB_DEVICE_INFORMATION_INIT(&information);
    assert_int_equal(WdfUsbTargetDeviceRetrieveInformation(usb, &information), STATUS_SUCCESS);
    assert_int_equal(information.Traits, WDF_USB_DEVICE_TRAIT_SELF_POWERED | WDF_USB_DEVICE_TRAIT_REMOTE_WAKE_CAPABLE |
                                             WDF_USB_DEVICE_TRAIT_AT_HIGH_SPEED);
    information.Size = 1;
    assert_int_equal(WdfUsbTargetDeviceRetrieveInformation(usb, &information), STATUS_INFO_LENGTH_MISMATCH);
    assert_int_equal(WdfUsbTargetDeviceIsConnectedSynchronous(usb), STATUS_SUCCESS);
    assert_int_equal(WdfUsbTargetDeviceRetrieveCurrentFrameNumber(usb, &frame), STATUS_SUCCESS);
    assert_int_equal(WdfUsbTargetDeviceGetNumInterfaces(usb), 2);
    assert_ptr_equal(WdfIoTargetGetDevice(WdfUsbTargetDeviceGetIoTarget(usb)), device);
    assert_null(WdfUsbTargetDeviceGetInterface(usb, 2));
}

static void strings_are_read(void **state)
{
    (void)state;
    USHORT text[8], count = 0;
    WDFMEMORY memory;
    assert_int_equal(WdfUsbTargetDeviceQueryString(usb, NULL, NULL, NULL, &count, 2, 0x409), STATUS_SUCCESS);
    assert_int_equal(count, 4);
    count = 8;
    assert_int_equal(WdfUsbTargetDeviceQueryString(usb, NULL, NULL, text, &count, 2, 0x409), STATUS_SUCCESS);
    assert_int_equal(count, 4);
    assert_memory_equal(text, string_descriptor + 2, 8);
    count = 2;
    assert_int_equal(WdfUsbTargetDeviceQueryString(usb, NULL, NULL, text, &count, 2, 0x409), STATUS_BUFFER_OVERFLOW);
    assert_int_equal(WdfUsbTargetDeviceQueryString(usb, NULL, NULL, text, &count, 1, 0x409), STATUS_DEVICE_DATA_ERROR);
    assert_int_equal(WdfUsbTargetDeviceAllocAndQueryString(usb, WDF_NO_OBJECT_ATTRIBUTES, &memory, &count, 2, 0),
                     STATUS_SUCCESS);
    assert_int_equal(count, 4);
    assert_memory_equal(WdfMemoryGetBuffer(memory, NULL), string_descriptor + 2, 8);

    WDFREQUEST request;
    WDFMEMORY_OFFSET odd = {0, 7};
    UCHAR descriptor[64];
    WDFMEMORY target;
    WDF_REQUEST_SEND_OPTIONS options;
    WDF_REQUEST_COMPLETION_PARAMS params;
    assert_int_equal(WdfRequestCreate(WDF_NO_OBJECT_ATTRIBUTES, WdfUsbTargetDeviceGetIoTarget(usb), &request),
                     STATUS_SUCCESS);
    assert_int_equal(WdfMemoryCreatePreallocated(WDF_NO_OBJECT_ATTRIBUTES, descriptor, sizeof(descriptor), &target),
                     STATUS_SUCCESS);
    assert_int_equal(WdfUsbTargetDeviceFormatRequestForString(usb, request, target, &odd, 2, 0),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfUsbTargetDeviceFormatRequestForString(usb, request, target, NULL, 2, 0), STATUS_SUCCESS);
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, WDF_REQUEST_SEND_OPTION_SYNCHRONOUS);
    assert_true(WdfRequestSend(request, WdfUsbTargetDeviceGetIoTarget(usb), &options));
    WDF_REQUEST_COMPLETION_PARAMS_INIT(&params);
    WdfRequestGetCompletionParams(request, &params);
    assert_int_equal(params.Type, WdfRequestTypeUsb);
    assert_int_equal(params.Parameters.Usb.Completion->Type, WdfUsbRequestTypeDeviceString);
    assert_int_equal(params.Parameters.Usb.Completion->Parameters.DeviceString.RequiredSize, 10);
    WdfObjectDelete(request);
    WdfObjectDelete(target);
}

static void configurations_are_selected(void **state)
{
    (void)state;
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS params;
    WDF_USB_PIPE_INFORMATION information;
    WDF_USB_INTERFACE_SELECT_SETTING_PARAMS setting;
    assert_null(WdfUsbTargetDeviceWdmGetConfigurationHandle(usb));
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_SINGLE_INTERFACE(&params);
    assert_int_equal(WdfUsbTargetDeviceSelectConfig(usb, NULL, &params), STATUS_INVALID_PARAMETER); /* it has two */
    params.Size--;
    assert_int_equal(WdfUsbTargetDeviceSelectConfig(usb, NULL, &params), STATUS_INFO_LENGTH_MISMATCH);
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_MULTIPLE_INTERFACES(&params, 0, NULL);
    assert_int_equal(WdfUsbTargetDeviceSelectConfig(usb, NULL, &params), STATUS_SUCCESS);
    assert_int_equal(params.Types.MultiInterface.NumberOfConfiguredInterfaces, 2);
    assert_non_null(WdfUsbTargetDeviceWdmGetConfigurationHandle(usb));

    WDFUSBINTERFACE first = WdfUsbTargetDeviceGetInterface(usb, 0), second = WdfUsbTargetDeviceGetInterface(usb, 1);
    assert_int_equal(WdfUsbInterfaceGetNumSettings(first), 2);
    assert_int_equal(WdfUsbInterfaceGetNumEndpoints(first, 1), 2);
    assert_int_equal(WdfUsbInterfaceGetNumEndpoints(first, 2), 0);
    assert_int_equal(WdfUsbInterfaceGetInterfaceNumber(second), 1);
    assert_int_equal(WdfUsbInterfaceGetNumConfiguredPipes(first), 0);
    assert_int_equal(WdfUsbInterfaceGetNumConfiguredPipes(second), 1);
    WDF_USB_PIPE_INFORMATION_INIT(&information);
    WdfUsbInterfaceGetEndpointInformation(first, 1, 1, &information);
    assert_int_equal(information.EndpointAddress, 0x03);
    assert_int_equal(information.MaximumPacketSize, 512);
    assert_int_equal(information.PipeType, WdfUsbPipeTypeBulk);

    WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_SETTING(&setting, 2);
    assert_int_equal(WdfUsbInterfaceSelectSetting(first, NULL, &setting), STATUS_INVALID_PARAMETER);
    WDF_USB_INTERFACE_SELECT_SETTING_PARAMS_INIT_SETTING(&setting, 1);
    assert_int_equal(WdfUsbInterfaceSelectSetting(first, NULL, &setting), STATUS_SUCCESS);
    assert_int_equal(WdfUsbInterfaceGetConfiguredSettingIndex(first), 1);
    assert_int_equal(WdfUsbInterfaceGetNumConfiguredPipes(first), 2);
    WDF_USB_PIPE_INFORMATION_INIT(&information);
    WDFUSBPIPE pipe = WdfUsbInterfaceGetConfiguredPipe(first, 0, &information);
    assert_int_equal(information.EndpointAddress, 0x82);
    assert_int_equal(information.SettingIndex, 1);
    assert_true(WdfUsbTargetPipeIsInEndpoint(pipe));
    assert_false(WdfUsbTargetPipeIsOutEndpoint(pipe));
    assert_int_equal(WdfUsbTargetPipeGetType(pipe), WdfUsbPipeTypeBulk);
    assert_non_null(WdfUsbTargetPipeWdmGetPipeHandle(pipe));
    assert_null(WdfUsbInterfaceGetConfiguredPipe(first, 2, NULL));
    information.Size = 0;
    assert_null(WdfUsbInterfaceGetConfiguredPipe(first, 0, &information));

    /* By descriptors, then unconfigured: no pipes are left. */
    USB_INTERFACE_DESCRIPTOR descriptor;
    PUSB_INTERFACE_DESCRIPTOR list[1] = {&descriptor};
    WdfUsbInterfaceGetDescriptor(first, 1, &descriptor);
    assert_int_equal(descriptor.bAlternateSetting, 1);
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_INTERFACES_DESCRIPTORS(&params, NULL, list, 1);
    assert_int_equal(WdfUsbTargetDeviceSelectConfig(usb, NULL, &params), STATUS_SUCCESS);
    assert_int_equal(WdfUsbInterfaceGetNumConfiguredPipes(first), 2);
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_DECONFIG(&params);
    assert_int_equal(WdfUsbTargetDeviceSelectConfig(usb, NULL, &params), STATUS_SUCCESS);
    assert_int_equal(WdfUsbInterfaceGetNumConfiguredPipes(first), 0);
    assert_null(WdfUsbTargetDeviceWdmGetConfigurationHandle(usb));
}

/* ---- transfers ----------------------------------------------------------------------------------------------------
 */

static void control_transfers_are_sent(void **state)
{
    (void)state;
    WDF_USB_CONTROL_SETUP_PACKET packet;
    WDF_MEMORY_DESCRIPTOR descriptor;
    WDF_REQUEST_SEND_OPTIONS options;
    UCHAR buffer[8] = {0};
    ULONG bytes;
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&descriptor, buffer, sizeof(buffer));
    WDF_USB_CONTROL_SETUP_PACKET_INIT_VENDOR(&packet, BmRequestDeviceToHost, BmRequestToDevice, 0x42, 0xBEEF, 7);
    assert_int_equal(WdfUsbTargetDeviceSendControlTransferSynchronously(usb, NULL, NULL, &packet, &descriptor, &bytes),
                     STATUS_SUCCESS);
    assert_int_equal(bytes, 2); /* short, and success */
    assert_int_equal(buffer[0] | buffer[1] << 8, 0xBEEF);
    assert_memory_equal(toy.last_setup, ((UCHAR[]){0xC0, 0x42, 0xEF, 0xBE, 7, 0, 8, 0}), 8);
    WDF_USB_CONTROL_SETUP_PACKET_INIT_CLASS(&packet, BmRequestHostToDevice, BmRequestToInterface, 1, 2, 0);
    assert_int_equal(WdfUsbTargetDeviceSendControlTransferSynchronously(usb, NULL, NULL, &packet, &descriptor, &bytes),
                     STATUS_SUCCESS);
    assert_int_equal(bytes, 8);
    assert_int_equal(toy.last_setup[0], 0x21);
    descriptor.Type = WdfMemoryDescriptorTypeInvalid;
    assert_int_equal(WdfUsbTargetDeviceSendControlTransferSynchronously(usb, NULL, NULL, &packet, &descriptor, &bytes),
                     STATUS_INVALID_DEVICE_REQUEST);

    /* A device that does not answer. */
    toy.holds_control = true;
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&descriptor, buffer, sizeof(buffer));
    WDF_USB_CONTROL_SETUP_PACKET_INIT_VENDOR(&packet, BmRequestDeviceToHost, BmRequestToDevice, 1, 1, 1);
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, 0);
    WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT(&options, WDF_REL_TIMEOUT_IN_MS(5));
    assert_int_equal(
        WdfUsbTargetDeviceSendControlTransferSynchronously(usb, NULL, &options, &packet, &descriptor, &bytes),
        STATUS_IO_TIMEOUT);
}

static void pipes_carry_data(void **state)
{
    (void)state;
    UCHAR out[100], in[512];
    WDF_MEMORY_DESCRIPTOR write, read;
    ULONG bytes;
    configure();
    memset(out, 0x5A, sizeof(out));
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&write, out, sizeof(out));
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&read, in, sizeof(in));
    assert_int_equal(WdfUsbTargetPipeWriteSynchronously(pipe_out, NULL, NULL, &write, &bytes), STATUS_SUCCESS);
    assert_int_equal(bytes, sizeof(out));
    assert_int_equal(WdfUsbTargetPipeReadSynchronously(pipe_in, NULL, NULL, &read, &bytes), STATUS_SUCCESS);
    assert_int_equal(bytes, sizeof(out));
    assert_memory_equal(in, out, sizeof(out));

    /* What their pages forbid. */
    assert_int_equal(WdfUsbTargetPipeReadSynchronously(pipe_out, NULL, NULL, &read, NULL),
                     STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(WdfUsbTargetPipeWriteSynchronously(pipe_in, NULL, NULL, &write, NULL),
                     STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(WdfUsbTargetPipeReadSynchronously(pipe_in, NULL, NULL, &write, NULL), STATUS_INVALID_BUFFER_SIZE);
    WdfUsbTargetPipeSetNoMaximumPacketSizeCheck(pipe_in);
    assert_int_equal(WdfUsbTargetPipeWriteSynchronously(pipe_out, NULL, NULL, &write, NULL), STATUS_SUCCESS);
    assert_int_equal(WdfUsbTargetPipeReadSynchronously(pipe_in, NULL, NULL, &write, &bytes), STATUS_SUCCESS);
    KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
    NTSTATUS status = WdfUsbTargetPipeWriteSynchronously(pipe_out, NULL, NULL, &write, NULL);
    KeLowerIrql(irql);
    assert_int_equal(status, STATUS_INVALID_DEVICE_REQUEST);
}

struct sent {
    KEVENT done;
    NTSTATUS status;
    USBD_STATUS usbd;
    size_t length;
    WDFMEMORY buffer;
};

static VOID NTAPI transfer_done(WDFREQUEST request, WDFIOTARGET target, PWDF_REQUEST_COMPLETION_PARAMS params,
                                WDFCONTEXT context)
{
    struct sent *sent = context;
    (void)request;
    (void)target;
    sent->status = params->IoStatus.Status;
    sent->usbd = params->Parameters.Usb.Completion->UsbdStatus;
    sent->length = params->Parameters.Usb.Completion->Parameters.PipeRead.Length;
    sent->buffer = params->Parameters.Usb.Completion->Parameters.PipeRead.Buffer;
    KeSetEvent(&sent->done, IO_NO_INCREMENT, FALSE);
}

static void requests_are_reused(void **state)
{
    (void)state;
    UCHAR data[512];
    WDFREQUEST read, write;
    WDFMEMORY memory;
    WDF_REQUEST_REUSE_PARAMS again;
    configure();
    WDF_REQUEST_REUSE_PARAMS_INIT(&again, WDF_REQUEST_REUSE_NO_FLAGS, STATUS_SUCCESS);
    assert_int_equal(WdfRequestCreate(NULL, WdfUsbTargetPipeGetIoTarget(pipe_in), &read), STATUS_SUCCESS);
    assert_int_equal(WdfRequestCreate(NULL, WdfUsbTargetPipeGetIoTarget(pipe_out), &write), STATUS_SUCCESS);
    assert_int_equal(WdfMemoryCreatePreallocated(NULL, data, sizeof(data), &memory), STATUS_SUCCESS);
    for (unsigned i = 1; i <= 50; i++) {
        struct sent reading, writing;
        WDFMEMORY_OFFSET part = {0, i};
        KeInitializeEvent(&reading.done, NotificationEvent, FALSE);
        KeInitializeEvent(&writing.done, NotificationEvent, FALSE);
        assert_int_equal(WdfRequestReuse(read, &again), STATUS_SUCCESS);
        assert_int_equal(WdfUsbTargetPipeFormatRequestForRead(pipe_in, read, memory, NULL), STATUS_SUCCESS);
        WdfRequestSetCompletionRoutine(read, transfer_done, &reading);
        assert_true(WdfRequestSend(read, WdfUsbTargetPipeGetIoTarget(pipe_in), NULL));
        assert_int_equal(WdfRequestReuse(write, &again), STATUS_SUCCESS);
        assert_int_equal(WdfUsbTargetPipeFormatRequestForWrite(pipe_out, write, memory, &part), STATUS_SUCCESS);
        WdfRequestSetCompletionRoutine(write, transfer_done, &writing);
        assert_true(WdfRequestSend(write, WdfUsbTargetPipeGetIoTarget(pipe_out), NULL));
        assert_true(wait_event(&writing.done));
        assert_true(wait_event(&reading.done));
        assert_int_equal(reading.status, STATUS_SUCCESS);
        assert_int_equal(reading.usbd, USBD_STATUS_SUCCESS);
        assert_int_equal(reading.length, i);
        assert_ptr_equal(reading.buffer, memory);
        assert_int_equal(writing.length, i);
    }
    WdfObjectDelete(read);
    WdfObjectDelete(write);
    WdfObjectDelete(memory);
}

static void pipes_are_aborted_and_reset(void **state)
{
    (void)state;
    UCHAR data[512];
    WDFREQUEST read;
    WDFMEMORY memory;
    struct sent reading;
    configure();
    assert_int_equal(WdfRequestCreate(NULL, WdfUsbTargetPipeGetIoTarget(pipe_in), &read), STATUS_SUCCESS);
    assert_int_equal(WdfMemoryCreatePreallocated(NULL, data, sizeof(data), &memory), STATUS_SUCCESS);
    KeInitializeEvent(&reading.done, NotificationEvent, FALSE);
    assert_int_equal(WdfUsbTargetPipeFormatRequestForRead(pipe_in, read, memory, NULL), STATUS_SUCCESS);
    WdfRequestSetCompletionRoutine(read, transfer_done, &reading);
    assert_true(WdfRequestSend(read, WdfUsbTargetPipeGetIoTarget(pipe_in), NULL));
    assert_int_equal(WdfUsbTargetPipeAbortSynchronously(pipe_in, NULL, NULL), STATUS_SUCCESS);
    assert_true(wait_event(&reading.done));
    assert_int_equal(reading.usbd, USBD_STATUS_CANCELED);
    WdfIoTargetStop(WdfUsbTargetPipeGetIoTarget(pipe_in), WdfIoTargetCancelSentIo);
    assert_int_equal(WdfUsbTargetPipeResetSynchronously(pipe_in, NULL, NULL), STATUS_SUCCESS);
    assert_int_equal(toy.resets, 1);
    assert_int_equal(WdfIoTargetStart(WdfUsbTargetPipeGetIoTarget(pipe_in)), STATUS_SUCCESS);
    WdfObjectDelete(read);
    WdfObjectDelete(memory);
}

static void drivers_send_urbs_of_their_own(void **state)
{
    (void)state;
    UCHAR text[16];
    URB urb = {0};
    PURB allocated;
    WDFMEMORY memory;
    WDFREQUEST request;
    WDF_REQUEST_SEND_OPTIONS options;
    ULONG result;
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), USB_STRING_DESCRIPTOR_TYPE, 2, 0x409,
                                 text, NULL, sizeof(text), NULL);
    assert_int_equal(WdfUsbTargetDeviceSendUrbSynchronously(usb, NULL, NULL, &urb), STATUS_SUCCESS);
    assert_int_equal(urb.UrbControlDescriptorRequest.TransferBufferLength, 10);
    /* Without a contract version the stack's URBs are not to be had. */
    assert_int_equal(WdfUsbTargetDeviceCreateUrb(usb, NULL, &memory, &allocated), STATUS_INVALID_DEVICE_STATE);
    assert_int_equal(WdfUsbTargetDeviceQueryUsbCapability(
                         usb, &GUID_USB_CAPABILITY_DEVICE_CONNECTION_HIGH_SPEED_COMPATIBLE, 0, NULL, &result),
                     STATUS_INVALID_DEVICE_STATE);

    WdfObjectDelete(device);
    make_device(true);
    assert_int_equal(WdfUsbTargetDeviceQueryUsbCapability(
                         usb, &GUID_USB_CAPABILITY_DEVICE_CONNECTION_HIGH_SPEED_COMPATIBLE, 0, NULL, &result),
                     STATUS_SUCCESS);
    assert_int_equal(WdfUsbTargetDeviceCreateUrb(usb, NULL, &memory, &allocated), STATUS_SUCCESS);
    UsbBuildGetDescriptorRequest(allocated, sizeof(urb.UrbControlDescriptorRequest), USB_STRING_DESCRIPTOR_TYPE, 2,
                                 0x409, text, NULL, sizeof(text), NULL);
    assert_int_equal(WdfRequestCreate(NULL, WdfUsbTargetDeviceGetIoTarget(usb), &request), STATUS_SUCCESS);
    assert_int_equal(WdfUsbTargetDeviceFormatRequestForUrb(usb, request, memory, NULL), STATUS_SUCCESS);
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, WDF_REQUEST_SEND_OPTION_SYNCHRONOUS);
    assert_true(WdfRequestSend(request, WdfUsbTargetDeviceGetIoTarget(usb), &options));
    assert_int_equal(WdfRequestGetStatus(request), STATUS_SUCCESS);
    assert_int_equal(allocated->UrbControlDescriptorRequest.TransferBufferLength, 10);
    WdfObjectDelete(request);
    assert_int_equal(WdfUsbTargetDeviceCreateIsochUrb(usb, NULL, 0, &memory, NULL), STATUS_INVALID_PARAMETER);
    assert_int_equal(WdfUsbTargetDeviceCreateIsochUrb(usb, NULL, 8, &memory, NULL), STATUS_SUCCESS);
}

/* ---- continuous readers -------------------------------------------------------------------------------------------
 */

static struct {
    KEVENT arrived, failed;
    LONG reads, failures;
    size_t length;
    UCHAR first;
    BOOLEAN restart;
    bool keeps;
    WDFMEMORY kept;
    USBD_STATUS usbd;
} heard;

static VOID NTAPI read_complete(WDFUSBPIPE pipe, WDFMEMORY buffer, size_t length, WDFCONTEXT context)
{
    size_t size;
    UCHAR *data = WdfMemoryGetBuffer(buffer, &size);
    assert_ptr_equal(pipe, pipe_in);
    assert_ptr_equal(context, &heard);
    assert_int_equal(size, 4 + 512 + 8);
    heard.length = length;
    heard.first = data[4];
    if (heard.keeps) {
        heard.keeps = false;
        heard.kept = buffer;
        WdfObjectReference(buffer);
    }
    InterlockedIncrement(&heard.reads);
    KeSetEvent(&heard.arrived, IO_NO_INCREMENT, FALSE);
}

static BOOLEAN NTAPI readers_failed(WDFUSBPIPE pipe, NTSTATUS status, USBD_STATUS usbd)
{
    (void)pipe;
    assert_false(NT_SUCCESS(status));
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    heard.usbd = usbd;
    heard.failures++;
    KeSetEvent(&heard.failed, IO_NO_INCREMENT, FALSE);
    return heard.restart;
}

static void configure_reader(UCHAR reads)
{
    WDF_USB_CONTINUOUS_READER_CONFIG config;
    configure();
    memset(&heard, 0, sizeof(heard));
    KeInitializeEvent(&heard.arrived, SynchronizationEvent, FALSE);
    KeInitializeEvent(&heard.failed, SynchronizationEvent, FALSE);
    heard.restart = TRUE;
    WDF_USB_CONTINUOUS_READER_CONFIG_INIT(&config, read_complete, &heard, 100);
    config.EvtUsbTargetPipeReadersFailed = readers_failed;
    config.NumPendingReads = reads;
    config.HeaderLength = 4;
    config.TrailerLength = 8;
    assert_int_equal(WdfUsbTargetPipeConfigContinuousReader(pipe_in, &config), STATUS_INVALID_BUFFER_SIZE);
    config.TransferLength = 512;
    assert_int_equal(WdfUsbTargetPipeConfigContinuousReader(pipe_out, &config), STATUS_INVALID_DEVICE_REQUEST);
    config.TrailerLength = SIZE_MAX;
    assert_int_equal(WdfUsbTargetPipeConfigContinuousReader(pipe_in, &config), STATUS_INTEGER_OVERFLOW);
    config.TrailerLength = 8;
    config.Size++;
    assert_int_equal(WdfUsbTargetPipeConfigContinuousReader(pipe_in, &config), STATUS_INFO_LENGTH_MISMATCH);
    config.Size--;
    assert_int_equal(WdfUsbTargetPipeConfigContinuousReader(pipe_in, &config), STATUS_SUCCESS);
}

static unsigned waiting_reads(void)
{
    KIRQL irql;
    unsigned count = 0;
    KeAcquireSpinLock(&toy.lock, &irql);
    for (struct usb_transfer *at = toy.reads; at != NULL; at = at->backend_next)
        count++;
    KeReleaseSpinLock(&toy.lock, irql);
    return count;
}

static void send_byte(UCHAR byte)
{
    UCHAR data[3] = {byte, byte, byte};
    WDF_MEMORY_DESCRIPTOR descriptor;
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&descriptor, data, sizeof(data));
    assert_int_equal(WdfUsbTargetPipeWriteSynchronously(pipe_out, NULL, NULL, &descriptor, NULL), STATUS_SUCCESS);
}

static void a_reader_reads_while_its_target_is_started(void **state)
{
    (void)state;
    WDFIOTARGET target;
    UCHAR data[512];
    WDF_MEMORY_DESCRIPTOR descriptor;
    WDF_REQUEST_SEND_OPTIONS options;
    ULONG bytes;
    configure_reader(3);
    target = WdfUsbTargetPipeGetIoTarget(pipe_in);
    assert_int_equal(waiting_reads(), 0);
    assert_int_equal(WdfIoTargetStart(target), STATUS_SUCCESS);
    assert_int_equal(waiting_reads(), 3);
    for (UCHAR i = 1; i < 20; i++) {
        heard.keeps = i == 7;
        send_byte(i);
        assert_true(wait_event(&heard.arrived));
        assert_int_equal(heard.first, i);
        assert_int_equal(heard.length, 3);
    }
    assert_int_equal(((UCHAR *)WdfMemoryGetBuffer(heard.kept, NULL))[4], 7); /* nobody wrote over it */
    WdfObjectDereference(heard.kept);

    /* The pipe is the reader's. */
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&descriptor, data, sizeof(data));
    assert_int_equal(WdfUsbTargetPipeReadSynchronously(pipe_in, NULL, NULL, &descriptor, NULL),
                     STATUS_INVALID_DEVICE_REQUEST);
    WdfIoTargetStop(target, WdfIoTargetCancelSentIo);
    assert_int_equal(waiting_reads(), 0);
    send_byte(99);
    assert_int_equal(heard.reads, 19);
    WDF_REQUEST_SEND_OPTIONS_INIT(&options, WDF_REQUEST_SEND_OPTION_IGNORE_TARGET_STATE);
    assert_int_equal(WdfUsbTargetPipeReadSynchronously(pipe_in, NULL, &options, &descriptor, &bytes), STATUS_SUCCESS);
    assert_int_equal(data[0], 99);
    assert_int_equal(WdfIoTargetStart(target), STATUS_SUCCESS);
    send_byte(100);
    assert_true(wait_event(&heard.arrived));
    assert_int_equal(heard.failures, 0);
    WdfIoTargetPurge(target, WdfIoTargetPurgeIoAndWait);
    assert_int_equal(waiting_reads(), 0);
}

static void a_reader_that_fails_is_restarted(void **state)
{
    (void)state;
    LARGE_INTEGER moment = {.QuadPart = -10LL * 1000};
    configure_reader(2);
    WDFIOTARGET target = WdfUsbTargetPipeGetIoTarget(pipe_in);
    assert_int_equal(WdfIoTargetStart(target), STATUS_SUCCESS);
    toy.stalls = 1;
    serve_reads();
    assert_true(wait_event(&heard.failed));
    assert_int_equal(heard.usbd, USBD_STATUS_STALL_PID);
    send_byte(5); /* waits in the device until a read comes */
    assert_true(wait_event(&heard.arrived));
    assert_int_equal(toy.resets, 1);
    assert_int_equal(heard.first, 5);

    /* FALSE: it stays down until the target is started again. */
    heard.restart = FALSE;
    while (waiting_reads() < 2)
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    toy.stalls = 1;
    serve_reads();
    assert_true(wait_event(&heard.failed));
    WdfIoTargetStop(target, WdfIoTargetCancelSentIo);
    assert_int_equal(waiting_reads(), 0);
    assert_int_equal(toy.resets, 1);
    heard.restart = TRUE;
    assert_int_equal(WdfIoTargetStart(target), STATUS_SUCCESS);
    send_byte(6);
    assert_true(wait_event(&heard.arrived));
}

static void a_reader_ends_with_its_device(void **state)
{
    (void)state;
    configure_reader(0);
    assert_int_equal(WdfIoTargetStart(WdfUsbTargetPipeGetIoTarget(pipe_in)), STATUS_SUCCESS);
    assert_true(waiting_reads() > 1);
    usb_disconnected(&toy.backend);
    assert_true(wait_event(&heard.failed));
    assert_true(pnp_wait_idle(-1));
}

/* ---- a remote target's device is removed --------------------------------------------------------------------------
 */

static struct {
    unsigned queries, cancellations, completions;
    NTSTATUS answer;
} removal;

static NTSTATUS NTAPI accept_file(PDEVICE_OBJECT object, PIRP irp)
{
    (void)object;
    irp->IoStatus.Status = STATUS_SUCCESS;
    irp->IoStatus.Information = FILE_OPENED;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI query_remove(WDFIOTARGET target)
{
    removal.queries++;
    if (NT_SUCCESS(removal.answer))
        WdfIoTargetCloseForQueryRemove(target);
    return removal.answer;
}

static VOID NTAPI remove_canceled(WDFIOTARGET target)
{
    WDF_IO_TARGET_OPEN_PARAMS params;
    removal.cancellations++;
    if (WdfIoTargetGetState(target) != WdfIoTargetClosedForQueryRemove)
        return;
    WDF_IO_TARGET_OPEN_PARAMS_INIT_REOPEN(&params);
    assert_int_equal(WdfIoTargetOpen(target, &params), STATUS_SUCCESS);
}

static VOID NTAPI remove_complete(WDFIOTARGET target)
{
    removal.completions++;
    WdfIoTargetClose(target);
}

/* A device without hardware beside the USB device, of the same driver, and a target on it by its name. */
static WDFIOTARGET open_peer(PDEVICE_OBJECT *peer, bool callbacks)
{
    WDF_IO_TARGET_OPEN_PARAMS params;
    WDFIOTARGET target;
    WCHAR name[64];
    UNICODE_STRING string;
    ULONG length;
    PDRIVER_OBJECT driver = client.functions[0]->self->DriverObject;
    driver->MajorFunction[IRP_MJ_CREATE] = accept_file;
    driver->MajorFunction[IRP_MJ_CLEANUP] = accept_file;
    driver->MajorFunction[IRP_MJ_CLOSE] = accept_file;
    memset(&removal, 0, sizeof(removal));
    wdf_client(WdfDriverGlobals)->driver_object = driver; /* notifications reference it: ours is no real one */
    assert_int_equal(pnp_create_root_device("ROOT\\usbclient", peer), STATUS_SUCCESS);
    assert_true(pnp_wait_idle(-1));
    assert_int_equal(client.count, 2);
    assert_int_equal(IoGetDeviceProperty(*peer, DevicePropertyPhysicalDeviceObjectName, sizeof(name), name, &length),
                     STATUS_SUCCESS);
    RtlInitUnicodeString(&string, name);
    assert_int_equal(WdfIoTargetCreate(device, WDF_NO_OBJECT_ATTRIBUTES, &target), STATUS_SUCCESS);
    WDF_IO_TARGET_OPEN_PARAMS_INIT_OPEN_BY_NAME(&params, &string, GENERIC_READ);
    if (callbacks) {
        params.EvtIoTargetQueryRemove = query_remove;
        params.EvtIoTargetRemoveCanceled = remove_canceled;
        params.EvtIoTargetRemoveComplete = remove_complete;
    }
    assert_int_equal(WdfIoTargetOpen(target, &params), STATUS_SUCCESS);
    assert_ptr_equal(WdfIoTargetWdmGetTargetPhysicalDevice(target), *peer);
    return target;
}

static void a_remote_target_is_asked_before_its_device_goes(void **state)
{
    (void)state;
    PDEVICE_OBJECT peer;
    char veto[128];
    ULONG length;
    WDFIOTARGET target = open_peer(&peer, true);
    WDFMEMORY memory;
    assert_int_equal(WdfIoTargetQueryTargetProperty(target, DevicePropertyPhysicalDeviceObjectName, 0, NULL, &length),
                     STATUS_BUFFER_TOO_SMALL);
    assert_true(length > 0);
    assert_int_equal(WdfIoTargetAllocAndQueryTargetProperty(target, DevicePropertyPhysicalDeviceObjectName,
                                                            NonPagedPoolNx, WDF_NO_OBJECT_ATTRIBUTES, &memory),
                     STATUS_SUCCESS);
    WdfObjectDelete(memory);

    removal.answer = STATUS_UNSUCCESSFUL;
    assert_false(NT_SUCCESS(pnp_query_remove(peer, veto, sizeof(veto))));
    assert_int_equal(removal.queries, 1);
    assert_int_equal(WdfIoTargetGetState(target), WdfIoTargetStarted);
    removal.answer = STATUS_SUCCESS;
    assert_int_equal(pnp_query_remove(peer, veto, sizeof(veto)), STATUS_SUCCESS);
    assert_int_equal(removal.queries, 2);
    assert_int_equal(removal.completions, 1);
    assert_int_equal(WdfIoTargetGetState(target), WdfIoTargetClosed);
    assert_null(WdfIoTargetWdmGetTargetPhysicalDevice(target));
    WdfObjectDelete(target);
    pnp_unplug_root_device(peer);
    ObDereferenceObject(peer);
    assert_true(pnp_wait_idle(-1));
}

static void a_remote_target_without_callbacks_closes(void **state)
{
    (void)state;
    PDEVICE_OBJECT peer;
    WDFIOTARGET target = open_peer(&peer, false);
    pnp_unplug_root_device(peer); /* by surprise */
    assert_true(pnp_wait_idle(-1));
    assert_int_equal(WdfIoTargetGetState(target), WdfIoTargetDeleted);
    assert_int_equal(WdfIoTargetSendReadSynchronously(target, NULL, NULL, NULL, NULL, NULL),
                     STATUS_INVALID_DEVICE_STATE);
    WdfObjectDelete(target);
    ObDereferenceObject(peer);
    assert_true(pnp_wait_idle(-1));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(the_device_is_known),
        TEST(strings_are_read),
        TEST(configurations_are_selected),
        TEST(control_transfers_are_sent),
        TEST(pipes_carry_data),
        TEST(requests_are_reused),
        TEST(pipes_are_aborted_and_reset),
        TEST(drivers_send_urbs_of_their_own),
        TEST(a_reader_reads_while_its_target_is_started),
        TEST(a_reader_that_fails_is_restarted),
        TEST(a_reader_ends_with_its_device),
        TEST(a_remote_target_is_asked_before_its_device_goes),
        TEST(a_remote_target_without_callbacks_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

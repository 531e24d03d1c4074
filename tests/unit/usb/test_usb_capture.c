/*
 * The USB capture through tshark: every record dissects, requests and their completions pair up, and the descriptors,
 * class requests and blocks of a session are all there.
 */
#include "usb_test.h"
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/ndiskit-usb-XXXXXX";

static long count_packets(const char *filter)
{
    char command[512], line[64];
    long count = 0;
    snprintf(command, sizeof(command), "tshark -r %s -Y '%s' -T fields -e frame.number 2>/dev/null", path, filter);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof(line), pipe) != NULL)
        count++;
    assert_int_equal(pclose(pipe), 0);
    return count;
}

static void configure(struct function *f)
{
    UCHAR descriptor[512];
    URB urb = {0};
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0,
                                 descriptor, NULL, sizeof(descriptor), NULL);
    assert_int_equal(send_urb(f, &urb), STATUS_SUCCESS);
    PUSB_CONFIGURATION_DESCRIPTOR c = (PVOID)descriptor;
    USBD_INTERFACE_LIST_ENTRY list[] = {{USBD_ParseConfigurationDescriptor(c, 0, 0), NULL},
                                        {USBD_ParseConfigurationDescriptor(c, 1, 1), NULL},
                                        {NULL, NULL}};
    PURB select = USBD_CreateConfigurationRequestEx(c, list);
    assert_int_equal(send_urb(f, select), STATUS_SUCCESS);
    USBD_PIPE_HANDLE notify = list[0].Interface->Pipes[0].PipeHandle, out = list[1].Interface->Pipes[1].PipeHandle;
    ExFreePool(select);

    UCHAR message[16], block[100] = {'N', 'C', 'M', 'H'};
    URB transfer = {0};
    UsbBuildInterruptOrBulkTransferRequest(&transfer, sizeof(transfer.UrbBulkOrInterruptTransfer), notify, message,
                                           NULL, sizeof(message), USBD_SHORT_TRANSFER_OK, NULL);
    assert_int_equal(send_urb(f, &transfer), STATUS_SUCCESS);
    memset(&transfer, 0, sizeof(transfer));
    UsbBuildInterruptOrBulkTransferRequest(&transfer, sizeof(transfer.UrbBulkOrInterruptTransfer), out, block, NULL,
                                           sizeof(block), 0, NULL);
    assert_int_equal(send_urb(f, &transfer), STATUS_SUCCESS);
}

static void test_tshark_reads_it(void **state)
{
    (void)state;
    char error[256];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    usb_test_boot("USB\\VID_1209&PID_0001");
    assert_int_equal(usb_capture_start("/nonexistent/x.pcap", error, sizeof(error)), STATUS_OBJECT_PATH_INVALID);
    assert_non_null(strstr(error, "/nonexistent/x.pcap"));
    assert_int_equal(usb_capture_start(path, error, sizeof(error)), STATUS_SUCCESS);
    struct usb_device *device = usb_test_plug(gadget_create(NULL, NULL));
    configure(client.functions[0]);
    usb_test_unplug(device);
    usb_capture_stop();
    usb_test_shutdown();

    assert_int_equal(count_packets("_ws.malformed"), 0);
    assert_int_equal(count_packets("_ws.expert.severity == error"), 0);
    long submitted = count_packets("usb.urb_type == URB_SUBMIT"),
         completed = count_packets("usb.urb_type == URB_COMPLETE");
    assert_true(submitted > 10);
    assert_int_equal(submitted, completed);
    assert_true(count_packets("usb.idVendor == 0x1209") >= 1);
    assert_true(count_packets("usb.bInterfaceSubClass == 0x0d") >= 1);
    assert_true(count_packets("usb.transfer_type == URB_BULK") >= 2);
    assert_true(count_packets("usb.transfer_type == URB_INTERRUPT") >= 2);
    /* SET_CONFIGURATION and SET_INTERFACE */
    assert_true(count_packets("usb.setup.bRequest == 9") >= 1);
    assert_true(count_packets("usb.setup.bRequest == 11") >= 1);
    unlink(path);
}

int main(void)
{
    if (system("tshark --version > /dev/null 2>&1") != 0) {
        fprintf(stderr, "tshark is not installed: nothing is tested\n");
        return 0;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tshark_reads_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

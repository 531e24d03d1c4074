/*
 * What a class of USB network devices asks of usbnet beyond carrying frames, seen from the device, which is strict:
 * blocks that end with a full packet, filters and multicast lists, the state of the link, and the keep-alive of Remote
 * NDIS in both directions. With both lower edges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <wdm.h>

#include "gadget/gadget.h"
#include "include/ndiskit/ndiskit.h"
#include "upper/protocol.h"
#include "usb/usb.h"

#define DEADLINE_MS 20000

static struct {
    KEVENT link, answered;
    struct upper_binding *binding;
    uint8_t mac[6];
    volatile LONG is_up;
    uint32_t expected;
    bool intact;
} edge;

static struct usb_backend *gadget;
static struct usb_device *device;

/* ---- the protocol above ---------------------------------------------------------------------------------------------
 */

static void *edge_bind(struct upper_binding *binding, const struct upper_adapter *adapter)
{
    edge.binding = binding;
    memcpy(edge.mac, adapter->mac, 6);
    return &edge;
}

static void edge_unbind(void *context)
{
    (void)context;
    edge.binding = NULL;
}

static void edge_link(void *context, bool up)
{
    (void)context;
    InterlockedExchange(&edge.is_up, up);
    KeSetEvent(&edge.link, IO_NO_INCREMENT, FALSE);
}

static void fill_frame(uint8_t *frame, uint32_t length)
{
    static const uint8_t peer[6] = {0x02, 0, 0, 0, 0, 0x99};
    memcpy(frame, peer, 6);
    memcpy(frame + 6, edge.mac, 6);
    for (uint32_t i = 12; i < length; i++)
        frame[i] = (uint8_t)(0x88 + i * 7);
}

static void edge_receive(void *context, const struct upper_received *frames, size_t count)
{
    static uint8_t sent[1514];

    (void)context;
    fill_frame(sent, edge.expected);
    edge.intact = count == 1 && frames[0].length == edge.expected && memcmp(frames[0].data, sent + 6, 6) == 0 &&
                  memcmp(frames[0].data + 12, sent + 12, edge.expected - 12) == 0;
    KeSetEvent(&edge.answered, IO_NO_INCREMENT, FALSE);
}

static const struct upper_protocol_ops edge_ops = {
    .name = "TEST_CLASSES", .bind = edge_bind, .unbind = edge_unbind, .link = edge_link, .receive = edge_receive};

static void wait_for(KEVENT *event)
{
    LARGE_INTEGER timeout = {.QuadPart = -10000LL * DEADLINE_MS};
    assert_int_equal(KeWaitForSingleObject(event, Executive, KernelMode, FALSE, &timeout), STATUS_SUCCESS);
}

static void wait_for_link(bool up)
{
    while (ReadAcquire(&edge.is_up) != up)
        wait_for(&edge.link);
}

static struct gadget_facts facts(void)
{
    struct gadget_facts result;
    gadget_get_facts(gadget, &result);
    return result;
}

/* ---- steps ----------------------------------------------------------------------------------------------------------
 */

static void echo_frame(uint32_t length)
{
    struct upper_frame *frame = upper_frame_get(edge.binding);

    assert_non_null(frame);
    fill_frame(frame->data, length);
    frame->length = length;
    frame->next = NULL;
    edge.expected = length;
    edge.intact = false;
    upper_frame_send(edge.binding, frame);
    wait_for(&edge.answered);
    if (!edge.intact)
        fail_msg("a frame of %u bytes did not come back as it was", length);
}

/* The lengths at which a frame, or the message around it, fills packets of 512 bytes, and those beside them. */
static void echo_frames(void)
{
    static const uint32_t lengths[] = {14, 60, 467, 468, 469, 511, 512, 513, 980, 1023, 1024, 1025, 1492, 1514};

    for (size_t i = 0; i < RTL_NUMBER_OF(lengths); i++)
        echo_frame(lengths[i]);
    assert_int_equal(facts().bad_ntbs, 0);
    assert_int_equal(facts().frames_out, RTL_NUMBER_OF(lengths));
}

static void change_link(void)
{
    gadget_set_link(gadget, false);
    wait_for_link(false);
    gadget_set_link(gadget, true);
    wait_for_link(true);
    echo_frame(100);
}

/* The device loses its settings, and with them the alternate setting, the filters and, for Remote NDIS, its state. */
static void sleep_and_resume(void)
{
    struct ndiskit_error error = {0};

    if (ndiskit_sleep(3, &error) != 0)
        fail_msg("sleep: %s", error.text);
    if (ndiskit_resume(&error) != 0)
        fail_msg("resume: %s", error.text);
    wait_for_link(true);
    echo_frame(200);
}

/* The device asks, and the driver answers; the device is silent, and the driver asks. */
static void keep_alive(void)
{
    LARGE_INTEGER interval = {.QuadPart = -10000LL * 20};

    gadget_rndis_keep_alive(gadget);
    for (int i = 0; i < DEADLINE_MS / 20 && (facts().rndis_kept_alive == 0 || facts().rndis_keep_alives == 0); i++)
        KeDelayExecutionThread(KernelMode, FALSE, &interval);
    assert_int_equal(facts().rndis_kept_alive, 1);
    assert_true(facts().rndis_keep_alives >= 1);
    assert_true(facts().rndis_initialized);
}

static void run_class(const char *driver, enum gadget_class device_class)
{
    struct gadget_options options = {.device_class = device_class};
    struct upper_protocol *protocol;
    struct ndiskit_error error = {0};
    struct ndiskit_leaks leaks;
    char package[80], text[300] = "";

    memset(&edge, 0, sizeof(edge));
    if (ndiskit_boot(NULL, &error) != 0)
        fail_msg("boot: %s", error.text);
    KeInitializeEvent(&edge.link, SynchronizationEvent, FALSE);
    KeInitializeEvent(&edge.answered, SynchronizationEvent, FALSE);
    snprintf(package, sizeof(package), "drivers/%s/%s.inf", driver, driver);
    if (ndiskit_add_package(package, NDISKIT_FORM_ELF, &error) != 0)
        fail_msg("package: %s", error.text);
    assert_int_equal(upper_protocol_register(&edge_ops, &protocol), 0);
    gadget = gadget_create(&options, gadget_network_echo());
    assert_non_null(gadget);
    if (!NT_SUCCESS(usb_plug(gadget, &device, text, sizeof(text))))
        fail_msg("plug: %s", text);

    wait_for_link(true);
    echo_frames();
    assert_true((facts().packet_filter & 0x0C) == 0x0C); /* directed and broadcast */
    assert_memory_equal(facts().mac, edge.mac, 6);
    change_link();
    sleep_and_resume();
    /* It takes its time, and what is below it makes no difference. */
    if (device_class == GADGET_RNDIS && strcmp(driver, "usbnet") == 0)
        keep_alive();
    if (facts().bad_ntbs != 0)
        fail_msg("the device refused something: %s", facts().last_error);

    usb_unplug(device);
    if (ndiskit_wait_idle(DEADLINE_MS, &error) != 0)
        fail_msg("idle: %s", error.text);
    assert_null(edge.binding);
    upper_protocol_unregister(protocol);
    if (ndiskit_shutdown(&leaks, &error) != 0)
        fail_msg("shutdown: %s", error.text);
    assert_int_equal(leaks.pool_bytes + leaks.system_bytes, 0);
    assert_int_equal(leaks.threads, 0);
}

static void test_ncm(void **state)
{
    (void)state;
    run_class("usbnet", GADGET_NCM);
    run_class("usbnet-kmdf", GADGET_NCM);
}

static void test_ecm(void **state)
{
    (void)state;
    run_class("usbnet", GADGET_ECM);
    run_class("usbnet-kmdf", GADGET_ECM);
}

static void test_rndis(void **state)
{
    (void)state;
    run_class("usbnet", GADGET_RNDIS);
    run_class("usbnet-kmdf", GADGET_RNDIS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ncm),
        cmocka_unit_test(test_ecm),
        cmocka_unit_test(test_rndis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

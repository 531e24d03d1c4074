/*
 * The data path: sends and receives with and without filters, several bindings, loopback, packets that stay with a
 * protocol, a stack that does not run, and the accounting that pause and close rely on.
 */
#include "core_drivers.h"

#define ALL (NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST)

static const UCHAR broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const UCHAR stranger[6] = {0x02, 0x99, 0x99, 0x99, 0x99, 0x99};
static const UCHAR group[6] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x01};

static void test_send_and_receive(void **state)
{
    struct core_protocol p = {0};
    struct ndis_adapter_info info;
    PDEVICE_OBJECT pdo;
    KIRQL irql;

    (void)state;
    ndis_set_verification(true);
    core_register_protocol(&p, "p");
    pdo = core_plug();
    assert_int_equal(core_set_filter(&p, ALL), NDIS_STATUS_SUCCESS);
    core_transmit(&p, stranger, 10, 0);
    assert_int_equal(t.sends_seen, 10);
    assert_int_equal(p.completed, 10);
    assert_int_equal(p.last_status, NDIS_STATUS_SUCCESS);
    core_receive(core_mac, 5, 0);
    assert_int_equal(p.received, 5);
    assert_int_equal(t.returns_seen, 5);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    core_transmit(&p, stranger, 1, NDIS_SEND_FLAGS_DISPATCH_LEVEL);
    core_receive(core_mac, 3, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL | NDIS_RECEIVE_FLAGS_RESOURCES);
    KeLowerIrql(irql);
    assert_int_equal(p.completed, 11);
    assert_int_equal(p.lent, 3);
    assert_true(ndis_find_adapter(pdo, &info));
    assert_int_equal(info.sends_in_flight, 0);
    assert_int_equal(info.receives_in_flight, 0);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static void test_filter_in_the_path(void **state)
{
    struct core_protocol p = {0};
    PDRIVER_OBJECT filter;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    filter = core_load_filter(true);
    pdo = core_plug();
    core_set_filter(&p, ALL);
    core_transmit(&p, stranger, 4, 0);
    core_receive(core_mac, 4, 0);
    assert_int_equal(t.filter_sends, 1); /* one chain, one call */
    assert_int_equal(t.filter_completes, 1);
    assert_int_equal(t.filter_receives, 1);
    assert_int_equal(t.filter_returns, 1);
    assert_int_equal(p.completed, 4);
    assert_int_equal(p.received, 4);
    assert_true(t.filter_oids > 0);
    core_unplug(pdo);
    io_unload_driver(filter, NULL);
    core_deregister_protocol(&p);
}

static void test_filter_that_is_bypassed(void **state)
{
    struct core_protocol p = {0};
    PDRIVER_OBJECT filter;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    filter = core_load_filter(false);
    pdo = core_plug();
    core_set_filter(&p, ALL);
    core_transmit(&p, stranger, 4, 0);
    core_receive(core_mac, 4, 0);
    assert_int_equal(t.filter_sends + t.filter_receives + t.filter_returns + t.filter_completes, 0);
    assert_int_equal(p.completed, 4);
    assert_int_equal(p.received, 4);
    core_unplug(pdo);
    io_unload_driver(filter, NULL);
    core_deregister_protocol(&p);
}

/* Each binding gets what its packet filter lets through; what nobody wants goes back to the miniport. */
static void test_two_bindings(void **state)
{
    struct core_protocol p = {0}, q = {0};
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    core_register_protocol(&q, "q");
    pdo = core_plug();
    assert_int_equal(core_set_filter(&p, NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
    assert_int_equal(t.packet_filter, NDIS_PACKET_TYPE_DIRECTED);
    assert_int_equal(core_set_filter(&q, NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
    assert_int_equal(t.packet_filter, ALL);
    core_receive(core_mac, 3, 0);
    assert_int_equal(p.received, 3);
    assert_int_equal(q.received, 0);
    core_receive(broadcast, 2, 0);
    assert_int_equal(p.received, 3);
    assert_int_equal(q.received, 2);
    core_receive(stranger, 4, 0);
    assert_int_equal(p.received + q.received, 5);
    assert_int_equal(t.returns_seen, 9);
    core_receive(broadcast, 1, NDIS_RECEIVE_FLAGS_RESOURCES);
    assert_int_equal(q.lent, 1);
    assert_int_equal(t.returns_seen, 10);
    /* A binding that goes takes its wishes with it. */
    core_deregister_protocol(&q);
    assert_int_equal(t.packet_filter, NDIS_PACKET_TYPE_DIRECTED);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static void test_multicast_lists_are_joined(void **state)
{
    struct core_protocol p = {0}, q = {0};
    UCHAR list[12];
    UINT written;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    core_register_protocol(&q, "q");
    pdo = core_plug();
    core_set_filter(&p, NDIS_PACKET_TYPE_MULTICAST);
    core_set_filter(&q, NDIS_PACKET_TYPE_MULTICAST);
    memcpy(list, group, 6);
    memcpy(list + 6, group, 6);
    list[11] = 2;
    assert_int_equal(core_request(&p, NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, list, 6, NULL),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(core_request(&q, NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, list, 12, NULL),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(t.multicast_bytes, 12);
    assert_int_equal(core_request(&p, NdisRequestQueryInformation, OID_802_3_MULTICAST_LIST, list, 12, &written),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(written, 6);
    assert_int_equal(core_request(&q, NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, list, 7, NULL),
                     NDIS_STATUS_INVALID_LENGTH);
    core_receive(group, 1, 0);
    assert_int_equal(p.received, 1);
    assert_int_equal(q.received, 1);
    core_unplug(pdo);
    core_deregister_protocol(&p);
    core_deregister_protocol(&q);
}

static void test_loopback(void **state)
{
    struct core_protocol p = {0}, q = {0};
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    core_set_filter(&p, NDIS_PACKET_TYPE_BROADCAST);
    core_transmit(&p, broadcast, 2, 0);
    assert_int_equal(p.loopback, 0); /* not asked for */
    core_transmit(&p, broadcast, 2, NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK);
    assert_int_equal(p.loopback, 2);
    core_register_protocol(&q, "q");
    core_set_filter(&q, NDIS_PACKET_TYPE_PROMISCUOUS);
    core_transmit(&p, stranger, 3, 0);
    assert_int_equal(q.loopback, 3); /* what one sends, a promiscuous other one sees */
    assert_int_equal(p.loopback, 2);
    assert_int_equal(p.completed, 7);
    assert_int_equal(t.sends_seen, 7);
    core_unplug(pdo);
    core_deregister_protocol(&p);
    core_deregister_protocol(&q);
}

static void test_send_while_paused(void **state)
{
    struct core_protocol p = {0};
    PDEVICE_OBJECT pdo;

    (void)state;
    t.restart_status = NDIS_STATUS_RESOURCES;
    core_register_protocol(&p, "p");
    assert_int_equal(pnp_create_root_device("ROOT\\CORETEST", &pdo), STATUS_SUCCESS);
    assert_true(pnp_wait_idle(CORE_SECONDS(10)));
    assert_true(ndis_wait_idle(CORE_SECONDS(10)));
    core_transmit(&p, stranger, 2, 0);
    assert_int_equal(p.completed, 2);
    assert_int_equal(p.last_status, NDIS_STATUS_PAUSED);
    assert_int_equal(t.sends_seen, 0);
    core_receive(core_mac, 2, 0);
    assert_int_equal(p.received, 0);
    assert_int_equal(t.returns_seen, 2);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static void test_cancel_send(void **state)
{
    struct core_protocol p = {0};
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    t.hold_sends = true;
    core_transmit(&p, stranger, 2, 0);
    assert_int_equal(p.completed, 0);
    NdisCancelSendNetBufferLists(p.binding, (PVOID)0x1234);
    assert_true(logged("cancel-send(1234)"));
    assert_int_equal(p.completed, 2);
    assert_int_equal(p.last_status, NDIS_STATUS_SEND_ABORTED);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

/* A received packet that the protocol keeps holds up the end of NdisCloseAdapterEx, not the pause. */
static void test_close_waits_for_received_packets(void **state)
{
    struct core_protocol p = {.keep = true};
    struct ndis_adapter_info info;
    PDEVICE_OBJECT pdo;
    NDIS_HANDLE binding;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    core_set_filter(&p, ALL);
    binding = p.binding;
    core_receive(core_mac, 2, 0);
    assert_int_equal(t.returns_seen, 0);
    assert_true(ndis_find_adapter(pdo, &info));
    assert_int_equal(info.receives_in_flight, 2);
    p.pend_close = true;
    pnp_unplug_root_device(pdo);
    wait_for("p:unbind");
    assert_false(logged("p:closed"));
    assert_false(logged("halt"));
    NdisReturnNetBufferLists(binding, p.kept, 0);
    assert_true(pnp_wait_idle(CORE_SECONDS(10)));
    assert_int_equal(t.returns_seen, 2);
    assert_true(logged("p:closed halt(3) unload"));
    ObDereferenceObject(pdo);
    core_deregister_protocol(&p);
}

/* Threads send and receive at once while filters come and go: nothing is lost, nothing comes twice. */
static struct hammer {
    struct core_protocol *p;
    uint32_t stop;
    LONG sent, indicated;
} hammer;

static void hammer_thread(void *context)
{
    UNREFERENCED_PARAMETER(context);
    while (__atomic_load_n(&hammer.stop, __ATOMIC_ACQUIRE) == 0) {
        core_transmit(hammer.p, stranger, 7, 0);
        __atomic_add_fetch(&hammer.sent, 7, __ATOMIC_SEQ_CST);
    }
}

static void test_concurrent_traffic(void **state)
{
    struct core_protocol p = {0};
    unsigned long threads[3];
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    core_set_filter(&p, ALL);
    hammer = (struct hammer){.p = &p};
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ke_thread_create_joinable("hammer", hammer_thread, NULL, &threads[i]), STATUS_SUCCESS);
    for (unsigned i = 0; i < 2000; i++)
        core_receive(core_mac, 4, 0);
    __atomic_store_n(&hammer.stop, 1, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < 3; i++)
        ke_thread_join(threads[i]);
    assert_int_equal(p.completed, hammer.sent);
    assert_int_equal(t.sends_seen, hammer.sent);
    assert_int_equal(p.received, 8000);
    assert_int_equal(t.returns_seen, 8000);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

/* Two protocols send all the time, one thread asks for OIDs, while filters and the device itself come and go. */
static struct storm {
    struct core_protocol p, q;
    uint32_t stop;
    LONG sent, asked;
} storm;

static void storm_sender(void *context)
{
    struct core_protocol *p = context;
    while (__atomic_load_n(&storm.stop, __ATOMIC_ACQUIRE) == 0) {
        if (!core_enter(p)) {
            KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = -500});
            continue;
        }
        core_transmit(p, stranger, 3, 0);
        __atomic_add_fetch(&storm.sent, 3, __ATOMIC_SEQ_CST);
        core_leave(p);
    }
}

static void storm_asker(void *context)
{
    UNREFERENCED_PARAMETER(context);
    while (__atomic_load_n(&storm.stop, __ATOMIC_ACQUIRE) == 0) {
        if (core_enter(&storm.p)) {
            ULONG64 value;
            NDIS_STATUS status = core_request(&storm.p, NdisRequestQueryInformation, OID_GEN_XMIT_OK, &value, 8, NULL);
            CHECK(status == NDIS_STATUS_SUCCESS && value == 42);
            core_leave(&storm.p);
            storm.asked++;
        }
        KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = -500});
    }
}

static void test_storm(void **state)
{
    unsigned long threads[3];
    PDEVICE_OBJECT pdo;

    (void)state;
    memset(&storm, 0, sizeof(storm));
    core_register_protocol(&storm.p, "p");
    core_register_protocol(&storm.q, "q");
    pdo = core_plug();
    assert_int_equal(ke_thread_create_joinable("p", storm_sender, &storm.p, &threads[0]), STATUS_SUCCESS);
    assert_int_equal(ke_thread_create_joinable("q", storm_sender, &storm.q, &threads[1]), STATUS_SUCCESS);
    assert_int_equal(ke_thread_create_joinable("ask", storm_asker, NULL, &threads[2]), STATUS_SUCCESS);
    for (unsigned i = 0; i < 20; i++) {
        PDRIVER_OBJECT filter = core_load_filter(i % 2 == 0);
        io_unload_driver(filter, NULL);
        if (i % 5 == 4) {
            core_unplug(pdo);
            pdo = core_plug();
        }
        forget();
    }
    while (__atomic_load_n(&storm.sent, __ATOMIC_SEQ_CST) == 0)
        KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = -1000});
    __atomic_store_n(&storm.stop, 1, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < 3; i++)
        ke_thread_join(threads[i]);
    assert_int_equal(storm.p.completed + storm.q.completed, storm.sent);
    assert_int_equal(t.sends_seen, storm.sent); /* none was refused: they were sent while the binding ran */
    core_unplug(pdo);
    core_deregister_protocol(&storm.p);
    core_deregister_protocol(&storm.q);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, core_setup, core_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_send_and_receive),
        TEST(test_filter_in_the_path),
        TEST(test_filter_that_is_bypassed),
        TEST(test_two_bindings),
        TEST(test_multicast_lists_are_joined),
        TEST(test_loopback),
        TEST(test_send_while_paused),
        TEST(test_cancel_send),
        TEST(test_close_waits_for_received_packets),
        TEST(test_concurrent_traffic),
        TEST(test_storm),
    };
    return cmocka_run_group_tests_name("NDIS data path", tests, NULL, NULL);
}

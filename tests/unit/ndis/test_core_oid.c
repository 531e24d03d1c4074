/*
 * OID requests: what NDIS answers itself, one at a time to the miniport, pending and cancelled ones, direct ones, and
 * their way through a filter that clones them.
 */
#include "core_drivers.h"

static ULONG query_ulong(struct core_protocol *p, NDIS_OID oid)
{
    ULONG value = 0xEEEEEEEE;
    UINT written = 0;

    assert_int_equal(core_request(p, NdisRequestQueryInformation, oid, &value, sizeof(value), &written),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(written, sizeof(value));
    return value;
}

static void test_answers_of_ndis(void **state)
{
    struct core_protocol p = {0};
    NDIS_LINK_STATE link;
    NDIS_OID oids[8];
    ULONG64 counter;
    USHORT version;
    UINT written;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    assert_int_equal(query_ulong(&p, OID_GEN_MAXIMUM_FRAME_SIZE), 1500);
    assert_int_equal(query_ulong(&p, OID_GEN_MEDIA_SUPPORTED), NdisMedium802_3);
    assert_int_equal(query_ulong(&p, OID_GEN_MAC_OPTIONS), NDIS_MAC_OPTION_NO_LOOPBACK);
    assert_int_equal(query_ulong(&p, OID_GEN_MEDIA_CONNECT_STATUS), NdisMediaStateDisconnected);
    core_link(MediaConnectStateConnected);
    assert_int_equal(query_ulong(&p, OID_GEN_MEDIA_CONNECT_STATUS), NdisMediaStateConnected);
    assert_int_equal(query_ulong(&p, OID_GEN_LINK_SPEED), 1000000); /* 100 Mbit/s in units of 100 bit/s */
    assert_int_equal(core_request(&p, NdisRequestQueryInformation, OID_GEN_LINK_STATE, &link, sizeof(link), &written),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(link.RcvLinkSpeed, 100000000);
    assert_int_equal(
        core_request(&p, NdisRequestQueryInformation, OID_GEN_SUPPORTED_LIST, oids, sizeof(oids), &written),
        NDIS_STATUS_SUCCESS);
    assert_int_equal(written, sizeof(core_oids));
    assert_memory_equal(oids, core_oids, sizeof(core_oids));
    assert_int_equal(core_request(&p, NdisRequestQueryInformation, OID_GEN_SUPPORTED_LIST, oids, 4, &written),
                     NDIS_STATUS_BUFFER_TOO_SHORT);
    assert_int_equal(written, sizeof(core_oids));
    assert_int_equal(core_request(&p, NdisRequestQueryInformation, OID_GEN_DRIVER_VERSION, &version, 2, NULL),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(version, 0x061E);
    assert_int_equal(t.oids_seen, 0); /* the miniport saw none of these */

    assert_int_equal(core_request(&p, NdisRequestQueryInformation, OID_GEN_XMIT_OK, &counter, 8, &written),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(written, 8);
    assert_int_equal(counter, 42); /* from OID_GEN_STATISTICS: 40 directed + 2 broadcast */
    assert_int_equal(query_ulong(&p, OID_GEN_XMIT_OK), 42);
    assert_int_equal(t.oids_seen, 2);
    assert_int_equal(core_request(&p, NdisRequestQueryInformation, OID_GEN_VENDOR_ID, &counter, 8, NULL),
                     NDIS_STATUS_NOT_SUPPORTED);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static void test_packet_filter_and_lookahead(void **state)
{
    struct core_protocol p = {0};
    ULONG value;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    assert_int_equal(query_ulong(&p, OID_GEN_CURRENT_PACKET_FILTER), 0);
    assert_int_equal(core_set_filter(&p, NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
    assert_int_equal(query_ulong(&p, OID_GEN_CURRENT_PACKET_FILTER), NDIS_PACKET_TYPE_DIRECTED);
    /* A filter that the miniport did not list is refused without asking it. */
    assert_int_equal(core_set_filter(&p, NDIS_PACKET_TYPE_SOURCE_ROUTING), NDIS_STATUS_NOT_SUPPORTED);
    assert_int_equal(query_ulong(&p, OID_GEN_CURRENT_PACKET_FILTER), NDIS_PACKET_TYPE_DIRECTED);
    assert_int_equal(core_request(&p, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &value, 2, NULL),
                     NDIS_STATUS_INVALID_LENGTH);
    value = 512;
    assert_int_equal(core_request(&p, NdisRequestSetInformation, OID_GEN_CURRENT_LOOKAHEAD, &value, 4, NULL),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(t.lookahead, 512);
    assert_int_equal(query_ulong(&p, OID_GEN_CURRENT_LOOKAHEAD), 512);
    value = 5000;
    assert_int_equal(core_request(&p, NdisRequestSetInformation, OID_GEN_CURRENT_LOOKAHEAD, &value, 4, NULL),
                     NDIS_STATUS_INVALID_DATA);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static void make_request(PNDIS_OID_REQUEST request, NDIS_OID oid, void *buffer, PVOID id)
{
    *request = (NDIS_OID_REQUEST){
        .Header = {NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1, NDIS_SIZEOF_OID_REQUEST_REVISION_1},
        .RequestType = NdisRequestSetInformation,
        .RequestId = id,
        .DATA.SET_INFORMATION = {.Oid = oid, .InformationBuffer = buffer, .InformationBufferLength = 4},
    };
}

static void test_requests_are_serialised(void **state)
{
    struct core_protocol p = {0};
    NDIS_OID_REQUEST a, b, c, direct;
    ULONG buffer = 0;
    PDEVICE_OBJECT pdo;
    KIRQL irql;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    t.pend_oid = true;
    make_request(&a, OID_GEN_VLAN_ID, &buffer, (PVOID)1);
    make_request(&b, OID_GEN_VLAN_ID, &buffer, (PVOID)2);
    make_request(&c, OID_GEN_VLAN_ID, &buffer, (PVOID)3);
    assert_int_equal(NdisOidRequest(p.binding, &a), NDIS_STATUS_PENDING);
    assert_ptr_equal(t.pended_oid, &a);
    KeRaiseIrql(DISPATCH_LEVEL, &irql); /* allowed from here; the miniport is called at PASSIVE_LEVEL all the same */
    assert_int_equal(NdisOidRequest(p.binding, &b), NDIS_STATUS_PENDING);
    assert_int_equal(NdisOidRequest(p.binding, &c), NDIS_STATUS_PENDING);
    KeLowerIrql(irql);
    assert_int_equal(t.oids_seen, 1);

    /* A direct request does not wait for anything. */
    make_request(&direct, OID_GEN_VLAN_ID, &buffer, NULL);
    assert_int_equal(NdisDirectOidRequest(p.binding, &direct), NDIS_STATUS_SUCCESS);
    assert_true(logged("direct"));

    /* One that waits is aborted by NDIS; for one that the miniport has, the miniport is asked. */
    NdisCancelOidRequest(p.binding, (PVOID)2);
    assert_int_equal(KeWaitForSingleObject(&p.done, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    assert_int_equal(p.done_status, NDIS_STATUS_REQUEST_ABORTED);
    assert_true(logged("cancel-oid(2)"));

    NdisMOidRequestComplete(t.adapter, &a, NDIS_STATUS_SUCCESS);
    assert_int_equal(KeWaitForSingleObject(&p.done, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    assert_int_equal(p.done_status, NDIS_STATUS_SUCCESS);
    while (__atomic_load_n(&t.pended_oid, __ATOMIC_SEQ_CST) != &c)
        KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = -1000});
    NdisMOidRequestComplete(t.adapter, &c, NDIS_STATUS_INVALID_DATA);
    assert_int_equal(KeWaitForSingleObject(&p.done, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    assert_int_equal(p.done_status, NDIS_STATUS_INVALID_DATA);
    assert_int_equal(t.oids_overlap, 0);
    __atomic_store_n(&t.pend_oid, false, __ATOMIC_SEQ_CST);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

/* A pending request keeps the adapter from being halted. */
static void test_halt_waits_for_requests(void **state)
{
    struct core_protocol p = {0};
    NDIS_OID_REQUEST request;
    ULONG buffer = 0;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    make_request(&request, OID_GEN_VLAN_ID, &buffer, NULL);
    t.pend_oid = true;
    p.pend_close = true;
    assert_int_equal(NdisOidRequest(p.binding, &request), NDIS_STATUS_PENDING);
    __atomic_store_n(&t.pend_oid, false, __ATOMIC_SEQ_CST);
    pnp_unplug_root_device(pdo);
    wait_for("p:unbind");
    assert_false(logged("halt"));
    NdisMOidRequestComplete(t.adapter, &request, NDIS_STATUS_REQUEST_ABORTED);
    assert_true(pnp_wait_idle(CORE_SECONDS(10)));
    assert_true(logged("p:closed halt(3) unload"));
    ObDereferenceObject(pdo);
    core_deregister_protocol(&p);
}

static void test_requests_through_a_filter(void **state)
{
    struct core_protocol p = {0};
    PDRIVER_OBJECT filter;
    ULONG64 counter = 0;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    filter = core_load_filter(false);
    pdo = core_plug();
    t.filter_oids = 0;
    assert_int_equal(core_set_filter(&p, NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
    assert_int_equal(t.packet_filter, NDIS_PACKET_TYPE_DIRECTED);
    assert_int_equal(core_request(&p, NdisRequestQueryInformation, OID_GEN_XMIT_OK, &counter, 8, NULL),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(counter, 42);
    assert_int_equal(t.filter_oids, 2);
    core_unplug(pdo);
    io_unload_driver(filter, NULL);
    core_deregister_protocol(&p);
}

static void test_query_from_outside(void **state)
{
    NDIS_STATISTICS_INFO statistics = {0};
    PDEVICE_OBJECT pdo;
    size_t written;

    (void)state;
    pdo = core_plug();
    assert_int_equal(ndis_query(pdo, OID_GEN_STATISTICS, &statistics, sizeof(statistics), &written),
                     NDIS_STATUS_SUCCESS);
    assert_int_equal(statistics.ifHCOutUcastPkts, 40);
    assert_int_equal(written, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1);
    core_unplug(pdo);
    assert_int_equal(ndis_query(pdo, OID_GEN_STATISTICS, &statistics, sizeof(statistics), &written),
                     NDIS_STATUS_ADAPTER_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, core_setup, core_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answers_of_ndis),         TEST(test_packet_filter_and_lookahead), TEST(test_requests_are_serialised),
        TEST(test_halt_waits_for_requests), TEST(test_requests_through_a_filter),   TEST(test_query_from_outside),
    };
    return cmocka_run_group_tests_name("NDIS requests", tests, NULL, NULL);
}

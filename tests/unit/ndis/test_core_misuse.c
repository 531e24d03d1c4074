/*
 * Drivers that break NDIS's rules: each mistake ends in bug check 0x7C with a sentence that says which rule it was. A
 * child process for each.
 */
#include "core_drivers.h"
#include "tests/unit/ke/bugcheck_child.h"

static const UCHAR stranger[6] = {0x02, 0x99, 0x99, 0x99, 0x99, 0x99};
static struct core_protocol protocol;

/* Without a device: DriverEntry registers, and that is all. */
static void boot(void)
{
    CHECK(core_setup(NULL) == 0);
}

static void start(void)
{
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS characteristics = core_protocol_characteristics();
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {
        .Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
        .fAllocateNetBuffer = TRUE,
        .PoolTag = CORE_TAG,
    };
    PDEVICE_OBJECT pdo;

    boot();
    ndis_set_verification(true);
    protocol = (struct core_protocol){.name = "p"};
    KeInitializeEvent(&protocol.done, SynchronizationEvent, FALSE);
    CHECK(NdisRegisterProtocolDriver(&protocol, &characteristics, &protocol.driver) == NDIS_STATUS_SUCCESS);
    protocol.pool = NdisAllocateNetBufferListPool(protocol.driver, &pool);
    CHECK(NT_SUCCESS(pnp_create_root_device("ROOT\\CORETEST", &pdo)));
    CHECK(ndis_wait_adapter(pdo, NDIS_ADAPTER_RUNNING, false, CORE_SECONDS(10), NULL));
    CHECK(ndis_wait_idle(CORE_SECONDS(10)));
}

static void wrong_handle(void)
{
    start();
    NdisMPauseComplete(protocol.binding);
}

static void stale_handle(void)
{
    int nothing[4] = {0};
    boot();
    NdisMPauseComplete(nothing);
}

static void unasked_pause_complete(void)
{
    start();
    NdisMPauseComplete(t.adapter);
}

static void request_completed_twice(void)
{
    NDIS_OID_REQUEST request = {
        .Header = {NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1, NDIS_SIZEOF_OID_REQUEST_REVISION_1},
        .RequestType = NdisRequestSetInformation,
        .DATA.SET_INFORMATION = {.Oid = OID_GEN_VLAN_ID},
    };
    start();
    t.pend_oid = true;
    CHECK(NdisOidRequest(protocol.binding, &request) == NDIS_STATUS_PENDING);
    NdisMOidRequestComplete(t.adapter, &request, NDIS_STATUS_SUCCESS);
    NdisMOidRequestComplete(t.adapter, &request, NDIS_STATUS_SUCCESS);
}

static void wrong_count(void)
{
    start();
    t.wrong_count = 1;
    core_receive(core_mac, 2, 0);
}

static void foreign_source_handle(void)
{
    start();
    protocol.wrong_source = true;
    core_transmit(&protocol, stranger, 1, 0);
}

static void sent_twice(void)
{
    start();
    t.hold_sends = true;
    core_transmit(&protocol, stranger, 1, 0);
    NdisSendNetBufferLists(protocol.binding, t.held, 0, 0);
}

static void returned_twice(void)
{
    start();
    core_set_filter(&protocol, NDIS_PACKET_TYPE_DIRECTED);
    protocol.keep = true;
    t.keep_returned = true;
    core_receive(core_mac, 1, 0);
    NdisReturnNetBufferLists(protocol.binding, protocol.kept, 0);
    NdisReturnNetBufferLists(protocol.binding, protocol.kept, 0);
}

static NDIS_STATUS raise_irql(PNDIS_OID_REQUEST request)
{
    KIRQL irql;
    UNREFERENCED_PARAMETER(request);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    return NDIS_STATUS_SUCCESS;
}

static void irql_left_raised(void)
{
    start();
    t.oid_hook = raise_irql;
    core_set_filter(&protocol, 0);
}

static NDIS_STATUS NTAPI careless_initialize(NDIS_HANDLE adapter, NDIS_HANDLE context,
                                             PNDIS_MINIPORT_INIT_PARAMETERS parameters)
{
    UNREFERENCED_PARAMETER(adapter);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(parameters);
    return NDIS_STATUS_SUCCESS;
}

static NTSTATUS NTAPI careless_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS characteristics = core_characteristics();
    characteristics.InitializeHandlerEx = careless_initialize;
    return NdisMRegisterMiniportDriver(driver, path, NULL, &characteristics, &t.miniport_driver);
}

static void no_attributes(void)
{
    PDEVICE_OBJECT pdo;
    boot();
    pnp_register_builtin("coretest", careless_entry);
    CHECK(NT_SUCCESS(pnp_create_root_device("ROOT\\CORETEST", &pdo)));
    pnp_wait_idle(CORE_SECONDS(10));
}

static VOID NTAPI careless_unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
}

static NTSTATUS NTAPI careless_unload_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS characteristics = core_characteristics();
    characteristics.UnloadHandler = careless_unload;
    return NdisMRegisterMiniportDriver(driver, path, NULL, &characteristics, &t.miniport_driver);
}

static void unload_without_deregistering(void)
{
    PDRIVER_OBJECT driver;
    boot();
    CHECK(NT_SUCCESS(io_create_driver("careless", NULL, careless_unload_entry, &driver)));
    io_unload_driver(driver, NULL);
}

static void close_out_of_turn(void)
{
    start();
    NdisCloseAdapterEx(protocol.binding);
}

static void test_misuse(void **state)
{
    (void)state;
#define CASE(provoke_, text_) expect_bugcheck(provoke_, "BUGCODE_NDIS_DRIVER", text_, NULL)
    CASE(wrong_handle, "wants the handle of a miniport adapter");
    CASE(stale_handle, "is not a handle of NDIS");
    CASE(unasked_pause_complete, "has no such operation pending");
    CASE(request_completed_twice, "completed twice?");
    CASE(wrong_count, "NumberOfNetBufferLists is 1, but the chain has 2");
    CASE(foreign_source_handle, "is not the binding's handle");
    CASE(sent_twice, "is already being sent");
    CASE(returned_twice, "was returned though the protocol does not own it");
    CASE(no_attributes, "registration attributes");
    CASE(unload_without_deregistering, "without calling NdisMDeregisterMiniportDriver");
    CASE(close_out_of_turn, "only while it binds or unbinds");
#undef CASE
    expect_bugcheck(irql_left_raised, "IRQL_UNEXPECTED_VALUE", "MiniportOidRequest", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_misuse)};
    return cmocka_run_group_tests_name("NDIS misuse", tests, NULL, NULL);
}

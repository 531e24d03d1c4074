/*
 * The life of an adapter and of what is bound to it: registration checks, the order of calls when a device comes and
 * goes, pause and restart, failures.
 */
#include "core_drivers.h"

/* ---- registration ----------------------------------------------------------------------------------------------- */

static PDRIVER_OBJECT registering;

static NTSTATUS NTAPI plain_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(path);
    registering = driver;
    return STATUS_SUCCESS;
}

static VOID NTAPI plain_unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
}

static NDIS_STATUS try_register(const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *characteristics)
{
    UNICODE_STRING path = {0};
    NDIS_HANDLE handle = (NDIS_HANDLE)1;
    NDIS_STATUS status = NdisMRegisterMiniportDriver(registering, &path, NULL, (void *)characteristics, &handle);

    if (status == NDIS_STATUS_SUCCESS)
        NdisMDeregisterMiniportDriver(handle);
    else if (characteristics != NULL)
        assert_null(handle);
    return status;
}

static NDIS_STATUS options_status;
static NDIS_HANDLE options_handle;

static NDIS_STATUS NTAPI set_options(NDIS_HANDLE driver, NDIS_HANDLE context)
{
    NDIS_MINIPORT_PNP_CHARACTERISTICS wrong = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_PNP_CHARACTERISTICS, NDIS_MINIPORT_PNP_CHARACTERISTICS_REVISION_1,
                   NDIS_SIZEOF_MINIPORT_PNP_CHARACTERISTICS_REVISION_1},
    };
    assert_null(context);
    options_handle = driver;
    assert_int_equal(NdisSetOptionalHandlers(driver, (PNDIS_DRIVER_OPTIONAL_HANDLERS)&wrong),
                     NDIS_STATUS_BAD_CHARACTERISTICS);
    return options_status;
}

static void test_registration_checks(void **state)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS good = core_characteristics(), bad;
    PDRIVER_OBJECT driver;

    (void)state;
    assert_int_equal(io_create_driver("regtest", NULL, plain_entry, &driver), STATUS_SUCCESS);
    assert_int_equal(try_register(&good), NDIS_STATUS_SUCCESS);
    assert_int_equal(try_register(NULL), NDIS_STATUS_INVALID_PARAMETER);

    bad = good;
    bad.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    assert_int_equal(try_register(&bad), NDIS_STATUS_BAD_CHARACTERISTICS);
    bad = good;
    bad.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1;
    assert_int_equal(try_register(&bad), NDIS_STATUS_BAD_CHARACTERISTICS);
    bad.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1;
    bad.MinorNdisVersion = 0;
    assert_int_equal(try_register(&bad), NDIS_STATUS_SUCCESS);
    bad.Header.Size--;
    assert_int_equal(try_register(&bad), NDIS_STATUS_BAD_CHARACTERISTICS);
    bad = good;
    bad.MajorNdisVersion = 5;
    assert_int_equal(try_register(&bad), NDIS_STATUS_BAD_VERSION);
    bad = good;
    bad.MinorNdisVersion = 31;
    assert_int_equal(try_register(&bad), NDIS_STATUS_BAD_VERSION);

    /* Each required entry point, and none of the optional ones. */
    for (PVOID *entry = (PVOID *)&bad.InitializeHandlerEx; entry <= (PVOID *)&bad.CancelOidRequestHandler; entry++) {
        bool optional = entry == (PVOID *)&bad.CheckForHangHandlerEx || entry == (PVOID *)&bad.ResetHandlerEx;
        bad = good;
        *entry = NULL;
        assert_int_equal(try_register(&bad), optional ? NDIS_STATUS_SUCCESS : NDIS_STATUS_BAD_CHARACTERISTICS);
    }

    bad = good;
    bad.SetOptionsHandler = set_options;
    options_status = NDIS_STATUS_RESOURCES;
    assert_int_equal(try_register(&bad), NDIS_STATUS_RESOURCES);
    assert_non_null(options_handle);
    options_status = NDIS_STATUS_SUCCESS;
    assert_int_equal(try_register(&bad), NDIS_STATUS_SUCCESS);
    driver->DriverUnload = plain_unload;
    assert_int_equal(io_unload_driver(driver, NULL), STATUS_SUCCESS);
}

static void test_protocol_registration_checks(void **state)
{
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS good = core_protocol_characteristics(), bad;
    NDIS_HANDLE handle;

    (void)state;
    bad = good;
    bad.Header.Type = 0;
    assert_int_equal(NdisRegisterProtocolDriver(NULL, &bad, &handle), NDIS_STATUS_BAD_CHARACTERISTICS);
    bad = good;
    bad.MinorNdisVersion = 2;
    assert_int_equal(NdisRegisterProtocolDriver(NULL, &bad, &handle), NDIS_STATUS_BAD_VERSION);
    bad = good;
    bad.BindAdapterHandlerEx = NULL;
    assert_int_equal(NdisRegisterProtocolDriver(NULL, &bad, &handle), NDIS_STATUS_BAD_CHARACTERISTICS);
    assert_null(handle);
}

/* ---- order of calls --------------------------------------------------------------------------------------------- */

static void test_start_and_surprise_removal(void **state)
{
    struct core_protocol p = {0};
    struct ndis_adapter_info info;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    assert_string_equal(t.log, "initialize p:bind restart p:event(9)");
    assert_true(ndis_find_adapter(pdo, &info));
    assert_int_equal(info.bindings, 1);
    assert_string_equal(info.friendly, "Core test adapter");
    assert_memory_equal(info.mac, core_mac, 6);
    assert_int_equal(info.ndis_minor, 30);
    forget();
    core_unplug(pdo);
    /* Query-remove to protocols, the miniport hears it, then pause from above, unbind, halt: as documented. */
    assert_string_equal(t.log, "p:event(2) pnp(2) p:event(8) pause(80) p:unbind halt(3) unload");
    assert_int_equal(ndis_get_adapters(NULL, 0), 0);
    core_deregister_protocol(&p);
}

static void test_orderly_removal(void **state)
{
    struct core_protocol p = {0};
    PDEVICE_OBJECT pdo;
    char veto[200];

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    forget();
    assert_int_equal(pnp_query_remove(pdo, veto, sizeof(veto)), STATUS_SUCCESS);
    assert_string_equal(t.log, "p:event(2) pnp(0) p:event(8) pause(80) p:unbind halt(0) unload");
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static void test_filter_and_late_binding(void **state)
{
    struct core_protocol p = {0};
    PDRIVER_OBJECT filter;
    PDEVICE_OBJECT pdo;

    (void)state;
    pdo = core_plug();
    assert_string_equal(t.log, "initialize restart");
    forget();
    filter = core_load_filter(true);
    assert_string_equal(t.log, "pause(10) attach restart filter-restart");
    forget();
    core_register_protocol(&p, "p");
    assert_string_equal(t.log, "filter-pause pause(4) p:bind restart filter-restart p:event(9)");
    forget();
    core_unplug(pdo);
    assert_string_equal(t.log, "p:event(2) pnp(2) p:event(8) filter-pause pause(80) p:unbind detach halt(3) unload");
    forget();
    pdo = core_plug();
    assert_string_equal(t.log, "initialize attach p:bind restart filter-restart p:event(9)");
    forget();
    core_deregister_protocol(&p);
    assert_string_equal(t.log, "p:event(8) filter-pause pause(8) p:unbind restart filter-restart");
    forget();
    io_unload_driver(filter, NULL);
    assert_string_equal(t.log, "filter-pause pause(20) detach restart");
    core_unplug(pdo);
}

static void test_initialize_failure(void **state)
{
    struct core_protocol p = {0};
    struct pnp_device_info info;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    t.initialize_status = NDIS_STATUS_RESOURCES;
    assert_int_equal(pnp_create_root_device("ROOT\\CORETEST", &pdo), STATUS_SUCCESS);
    assert_true(pnp_wait_idle(CORE_SECONDS(10)));
    assert_true(pnp_get_device(pdo, &info));
    assert_int_equal(info.problem, PNP_PROBLEM_FAILED_START);
    assert_int_equal(info.status, NDIS_STATUS_RESOURCES);
    assert_true(logged("initialize"));
    assert_false(logged("halt"));
    assert_false(logged("bind"));
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static void test_bind_failure(void **state)
{
    struct core_protocol p = {.bind_status = NDIS_STATUS_RESOURCES}, q = {0};
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    core_register_protocol(&q, "q");
    pdo = core_plug();
    assert_string_equal(t.log, "initialize p:bind q:bind restart q:event(9)");
    p.bind_status = NDIS_STATUS_SUCCESS;
    forget();
    NdisReEnumerateProtocolBindings(p.driver);
    assert_true(ndis_wait_idle(CORE_SECONDS(10)));
    assert_string_equal(t.log, "q:event(8) pause(4) p:bind restart q:event(9) p:event(9)");
    core_unplug(pdo);
    core_deregister_protocol(&p);
    core_deregister_protocol(&q);
}

/* ---- pending pause and restart ---------------------------------------------------------------------------------- */

static void test_pending_pause_and_restart(void **state)
{
    struct core_protocol p = {.pend_pause = true};
    PDEVICE_OBJECT pdo;

    (void)state;
    t.pend_restart = true;
    core_register_protocol(&p, "p");
    assert_int_equal(pnp_create_root_device("ROOT\\CORETEST", &pdo), STATUS_SUCCESS);
    assert_true(ndis_wait_adapter(pdo, NDIS_ADAPTER_RESTARTING, false, CORE_SECONDS(10), NULL));
    wait_for("restart");
    NdisMRestartComplete(t.adapter, NDIS_STATUS_SUCCESS);
    assert_true(ndis_wait_adapter(pdo, NDIS_ADAPTER_RUNNING, false, CORE_SECONDS(10), NULL));
    assert_true(ndis_wait_idle(CORE_SECONDS(10)));

    t.pend_pause = true;
    pnp_unplug_root_device(pdo);
    while (__atomic_load_n(&p.pended_event, __ATOMIC_SEQ_CST) == NULL)
        KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = -1000});
    assert_false(logged("pause(80)")); /* the miniport only after the protocol */
    NdisCompleteNetPnPEvent(p.binding, p.pended_event, NDIS_STATUS_SUCCESS);
    assert_true(ndis_wait_adapter(pdo, NDIS_ADAPTER_PAUSING, false, CORE_SECONDS(10), NULL));
    wait_for("pause(80)");
    assert_false(logged("halt"));
    NdisMPauseComplete(t.adapter);
    assert_true(pnp_wait_idle(CORE_SECONDS(10)));
    assert_true(logged("halt(3) unload"));
    ObDereferenceObject(pdo);
    core_deregister_protocol(&p);
}

static void test_restart_failure_leaves_paused(void **state)
{
    struct ndis_adapter_info info;
    PDEVICE_OBJECT pdo;

    (void)state;
    t.restart_status = NDIS_STATUS_RESOURCES;
    assert_int_equal(pnp_create_root_device("ROOT\\CORETEST", &pdo), STATUS_SUCCESS);
    assert_true(pnp_wait_idle(CORE_SECONDS(10)));
    assert_true(ndis_wait_idle(CORE_SECONDS(10)));
    assert_true(ndis_find_adapter(pdo, &info));
    assert_int_equal(info.state, NDIS_ADAPTER_PAUSED);
    assert_int_equal(info.status, NDIS_STATUS_RESOURCES);
    core_unplug(pdo);
    assert_true(logged("halt(3)"));
}

static void test_device_properties_and_names(void **state)
{
    PDEVICE_OBJECT pdo, physical, functional, next;
    NDIS_STRING name;

    (void)state;
    pdo = core_plug();
    NdisMGetDeviceProperty(t.adapter, &physical, &functional, &next, NULL, NULL);
    assert_ptr_equal(physical, pdo);
    assert_ptr_equal(next, pdo);
    assert_ptr_equal(io_lower_device(functional), pdo);
    assert_int_equal(NdisMQueryAdapterInstanceName(&name, t.adapter), NDIS_STATUS_SUCCESS);
    assert_int_equal(name.Length, 2 * strlen("Core test adapter"));
    NdisFreeMemory(name.Buffer, 0, 0);
    assert_int_equal(NdisGetVersion(), NDIS_RUNTIME_VERSION_630);
    core_unplug(pdo);
}

static void test_shutdown_handler(void **state)
{
    PDEVICE_OBJECT pdo;

    (void)state;
    pdo = core_plug();
    ndis_system_shutdown();
    assert_true(logged("shutdown(0)"));
    core_unplug(pdo);
}

static void test_link_state(void **state)
{
    struct core_protocol p = {0};
    struct ndis_adapter_info info;
    PDRIVER_OBJECT filter;
    PDEVICE_OBJECT pdo;

    (void)state;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    assert_true(ndis_find_adapter(pdo, &info));
    assert_false(info.connected);
    core_link(MediaConnectStateConnected);
    assert_int_equal(p.link_up, 1);
    assert_true(ndis_wait_adapter(pdo, NDIS_ADAPTER_RUNNING, true, CORE_SECONDS(10), &info));
    assert_int_equal(info.transmit_speed, 100000000);
    filter = core_load_filter(false);
    core_link(MediaConnectStateConnected);
    assert_int_equal(t.filter_status, 1);
    assert_int_equal(p.link_up, 2);
    core_unplug(pdo);
    io_unload_driver(filter, NULL);
    core_deregister_protocol(&p);
}

static void test_many_cycles(void **state)
{
    struct core_protocol p = {0};

    (void)state;
    core_register_protocol(&p, "p");
    for (unsigned i = 0; i < 50; i++) {
        PDEVICE_OBJECT pdo = core_plug();
        assert_int_equal(core_set_filter(&p, NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
        core_transmit(&p, core_mac, 3, 0);
        core_receive(core_mac, 2, 0);
        core_unplug(pdo);
        forget();
    }
    assert_int_equal(p.completed, 150);
    assert_int_equal(p.received, 100);
    assert_int_equal(t.returns_seen, 100);
    core_deregister_protocol(&p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, core_setup, core_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registration_checks),
        TEST(test_protocol_registration_checks),
        TEST(test_start_and_surprise_removal),
        TEST(test_orderly_removal),
        TEST(test_filter_and_late_binding),
        TEST(test_initialize_failure),
        TEST(test_bind_failure),
        TEST(test_pending_pause_and_restart),
        TEST(test_restart_failure_leaves_paused),
        TEST(test_device_properties_and_names),
        TEST(test_shutdown_handler),
        TEST(test_link_state),
        TEST(test_many_cycles),
    };
    return cmocka_run_group_tests_name("NDIS stacks", tests, NULL, NULL);
}

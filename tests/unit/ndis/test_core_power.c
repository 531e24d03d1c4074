/*
 * Sleep and resume of an adapter: the order of events, what reaches the miniport, sends and requests meanwhile, a
 * miniport without power management, and a device that is pulled out while it sleeps. Also the reset of a miniport.
 */
#include "core_drivers.h"
#include "ntoskrnl/po/po.h"

static const UCHAR stranger[6] = {0x02, 0x99, 0x99, 0x99, 0x99, 0x99};

/* Each OID_PNP_SET_POWER goes into the log. */
static NDIS_STATUS log_power(PNDIS_OID_REQUEST request)
{
    if (request->RequestType == NdisRequestSetInformation && request->DATA.SET_INFORMATION.Oid == OID_PNP_SET_POWER) {
        say("power(%d)", *(NDIS_DEVICE_POWER_STATE *)request->DATA.SET_INFORMATION.InformationBuffer);
        return NDIS_STATUS_SUCCESS;
    }
    if (request->RequestType == NdisRequestSetInformation)
        core_record_set(request);
    return NDIS_STATUS_SUCCESS;
}

static void go_to_sleep(void)
{
    char veto[200];
    assert_int_equal(po_system_sleep(PowerSystemSleeping3, veto, sizeof(veto)), STATUS_SUCCESS);
    assert_true(po_wait_idle(CORE_SECONDS(10)));
}

static void wake_up(void)
{
    assert_int_equal(po_system_resume(), STATUS_SUCCESS);
    assert_true(po_wait_idle(CORE_SECONDS(10)));
}

static void test_sleep_and_resume(void **state)
{
    struct core_protocol p = {0};
    ULONG filter = NDIS_PACKET_TYPE_DIRECTED;
    PDEVICE_OBJECT pdo;

    (void)state;
    t.oid_hook = log_power;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    forget();
    go_to_sleep();
    assert_string_equal(t.log, "p:event(0) p:event(8) pause(2) power(4)");
    core_transmit(&p, stranger, 2, 0);
    assert_int_equal(p.completed, 2);
    assert_int_equal(p.last_status, NDIS_STATUS_LOW_POWER_STATE);
    assert_int_equal(core_request(&p, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4, NULL),
                     NDIS_STATUS_LOW_POWER_STATE);
    forget();
    wake_up();
    assert_string_equal(t.log, "power(1) restart p:event(9) p:event(0)");
    core_transmit(&p, stranger, 2, 0);
    assert_int_equal(p.last_status, NDIS_STATUS_SUCCESS);
    forget();
    core_unplug(pdo);
    assert_string_equal(t.log, "p:event(2) pnp(2) p:event(8) pause(80) p:unbind halt(3) unload");
    core_deregister_protocol(&p);
}

static void test_removal_while_asleep(void **state)
{
    struct core_protocol p = {0};
    PDEVICE_OBJECT pdo;

    (void)state;
    t.oid_hook = log_power;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    go_to_sleep();
    forget();
    core_unplug(pdo);
    assert_string_equal(t.log, "p:event(2) pnp(2) p:unbind halt(3) unload");
    wake_up();
    core_deregister_protocol(&p);
}

static void test_miniport_without_power_management(void **state)
{
    struct core_protocol p = {0};
    PDEVICE_OBJECT pdo;

    (void)state;
    t.no_power_management = true;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    assert_int_equal(core_set_filter(&p, NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
    forget();
    go_to_sleep();
    assert_string_equal(t.log, "p:event(0) p:event(8) pause(2) halt(2)");
    forget();
    t.packet_filter = 0;
    wake_up();
    /* Initialized anew, and told again what the protocol had asked for; the protocol stayed bound. */
    assert_string_equal(t.log, "initialize restart p:event(9) p:event(0)");
    assert_int_equal(t.packet_filter, NDIS_PACKET_TYPE_DIRECTED);
    core_transmit(&p, stranger, 1, 0);
    assert_int_equal(p.last_status, NDIS_STATUS_SUCCESS);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static void test_sleep_without_pause(void **state)
{
    struct core_protocol p = {0};
    PDEVICE_OBJECT pdo;

    (void)state;
    t.oid_hook = log_power;
    t.extra_attributes = NDIS_MINIPORT_ATTRIBUTES_NO_PAUSE_ON_SUSPEND;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    forget();
    go_to_sleep();
    assert_string_equal(t.log, "p:event(0) power(4)");
    forget();
    wake_up();
    assert_string_equal(t.log, "power(1) p:event(0)");
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

static NDIS_STATUS NTAPI reset(NDIS_HANDLE context, PBOOLEAN addressing)
{
    assert_ptr_equal(context, &t);
    say("reset");
    *addressing = FALSE;
    return NDIS_STATUS_PENDING;
}

static void test_reset(void **state)
{
    struct core_protocol p = {0};
    struct ndis_adapter_info info;
    PDEVICE_OBJECT pdo;

    (void)state;
    t.reset_handler = reset;
    core_register_protocol(&p, "p");
    pdo = core_plug();
    assert_int_equal(core_set_filter(&p, NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
    NdisMResetMiniport(t.adapter);
    wait_for("reset");
    assert_int_equal(__atomic_load_n(&p.reset_starts, __ATOMIC_SEQ_CST), 1);
    assert_int_equal(__atomic_load_n(&p.reset_ends, __ATOMIC_SEQ_CST), 0);
    __atomic_store_n(&t.packet_filter, 0, __ATOMIC_SEQ_CST);
    NdisMResetComplete(t.adapter, NDIS_STATUS_SUCCESS, TRUE); /* addressing was lost: NDIS restores it */
    while (__atomic_load_n(&t.packet_filter, __ATOMIC_SEQ_CST) == 0)
        KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = -1000});
    assert_int_equal(t.packet_filter, NDIS_PACKET_TYPE_DIRECTED);
    assert_int_equal(p.reset_ends, 1);
    assert_true(ndis_find_adapter(pdo, &info));
    assert_int_equal(info.resets, 1);
    core_unplug(pdo);
    core_deregister_protocol(&p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, core_setup, core_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sleep_and_resume),
        TEST(test_removal_while_asleep),
        TEST(test_miniport_without_power_management),
        TEST(test_sleep_without_pause),
        TEST(test_reset),
    };
    return cmocka_run_group_tests_name("NDIS power", tests, NULL, NULL);
}

/*
 * A driver image's whole life through the API, in both forms: start, use, refusal, removal, failures of each step, with
 * the messages that a user gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <ntifs.h>
#include "include/ndiskit/ndiskit.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "tests/unit/sanitizer.h"

#define PACKAGE  "tests/drivers/wdmtest/wdmtest.inf"
#define DEADLINE 20000
#define LINK     "\\??\\ROOT#WDMTEST#0000#{8f6a1d52-5c1e-4b0e-9d3f-6a7c1e2b4d10}"
#define SUM      CTL_CODE(FILE_DEVICE_UNKNOWN, 0x900, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define PIN      CTL_CODE(FILE_DEVICE_UNKNOWN, 0x901, METHOD_BUFFERED, FILE_ANY_ACCESS)

static enum ndiskit_form form;
static struct ndiskit_error error;

static void ok(int status)
{
    if (status != 0)
        fail_msg("%s", error.text);
}

static int boot(void **state)
{
    (void)state;
    ok(ndiskit_boot(NULL, &error));
    return 0;
}

static void shut_down(size_t expected_leaks)
{
    struct ndiskit_leaks leaks;

    ok(ndiskit_shutdown(&leaks, &error));
    assert_int_equal(leaks.pool_blocks, expected_leaks);
    assert_int_equal(leaks.device_objects, 0);
    assert_int_equal(leaks.system_blocks, expected_leaks);
    assert_int_equal(leaks.threads, 0);
}

static int after(void **state)
{
    (void)state;
    shut_down(0);
    return 0;
}

static struct ndiskit_device *plug(const char *setting)
{
    struct ndiskit_device *device;

    ok(ndiskit_add_package(PACKAGE, form, &error));
    if (setting != NULL)
        ok(ndiskit_set_parameter(setting, "1", &error));
    ok(ndiskit_root_device("ROOT\\WDMTEST", &device, &error));
    return device;
}

static struct ndiskit_device_info info_of(struct ndiskit_device *device)
{
    struct ndiskit_device_info info;

    ok(ndiskit_device_info(device, &info, &error));
    return info;
}

/* Names of the phases of the driver since FROM: "DriverEntry AddDevice ...". */
static const char *phases(uint32_t from)
{
    static char text[512];
    struct ndiskit_phase list[64];
    size_t count = ndiskit_phases(from, list, 64);

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (strstr(list[i].subject, "NDISKIT_USBHUB") || strcmp(list[i].subject, "usbhub") == 0)
            continue;
        strcat(text, text[0] ? " " : "");
        strcat(text, list[i].name);
    }
    return text;
}

static uint32_t last_phase(void)
{
    struct ndiskit_phase list[512];
    size_t count = ndiskit_phases(0, list, 512);

    return count ? list[count - 1].sequence + 1 : 0;
}

static void test_use_and_unplug(void **state)
{
    uint32_t from = last_phase(), sum = 0;
    struct ndiskit_device *device = plug(NULL);
    struct ndiskit_driver_info driver;
    PFILE_OBJECT file;
    ULONG bytes;

    (void)state;
    ok(ndiskit_wait_started(device, DEADLINE, &error));
    assert_string_equal(info_of(device).state, "Started");
    assert_string_equal(info_of(device).service, "wdmtest");
    assert_string_equal(info_of(device).description, "WDM test device");
    assert_int_equal(ndiskit_drivers(&driver, 1), 1);
    assert_int_equal(driver.is_pe, form == NDISKIT_FORM_PE);
    assert_true(driver.imports >= 10);

    assert_int_equal(io_open_file(LINK, &file), STATUS_SUCCESS);
    assert_int_equal(io_device_control(file, SUM, "\1\2\3", 3, &sum, sizeof(sum), &bytes), STATUS_SUCCESS);
    assert_int_equal(bytes, sizeof(sum));
    assert_int_equal(sum, 6);
    assert_int_equal(io_device_control(file, SUM, "\1\2\3", 3, &sum, 2, &bytes), STATUS_BUFFER_TOO_SMALL);
    io_close_file(file);

    ok(ndiskit_unplug(device, &error));
    assert_string_equal(phases(from), "DriverEntry AddDevice StartDevice SurpriseRemoval RemoveDevice DriverUnload");
    assert_int_equal(ndiskit_drivers(&driver, 1), 0);
    assert_true(ndiskit_device_info(device, &(struct ndiskit_device_info){0}, &error) != 0);
    ndiskit_release_device(device);
}

static void test_eject_refused_then_granted(void **state)
{
    struct ndiskit_device *device = plug(NULL);
    PFILE_OBJECT file;
    uint32_t from;

    (void)state;
    ok(ndiskit_wait_started(device, DEADLINE, &error));
    assert_int_equal(io_open_file(LINK, &file), STATUS_SUCCESS);
    assert_int_equal(ndiskit_eject(device, &error), STATUS_DEVICE_BUSY); /* an open file is a reason too */
    assert_non_null(strstr(error.text, "ROOT\\WDMTEST\\0000"));
    assert_string_equal(info_of(device).state, "Started");
    io_close_file(file);
    from = last_phase();
    ok(ndiskit_eject(device, &error));
    assert_string_equal(phases(from), "RemoveDevice DriverUnload RemoveDevice");
    ndiskit_release_device(device);
}

static void test_driver_refuses(void **state)
{
    struct ndiskit_device *device = plug("RefuseRemove");

    (void)state;
    ok(ndiskit_wait_started(device, DEADLINE, &error));
    assert_int_equal(ndiskit_eject(device, &error), STATUS_DEVICE_BUSY);
    assert_non_null(strstr(error.text, "refused"));
    ok(ndiskit_unplug(device, &error)); /* nobody can refuse this */
    ndiskit_release_device(device);
}

static void test_add_device_fails(void **state)
{
    struct ndiskit_device *device = plug("FailAdd");

    (void)state;
    assert_int_equal(ndiskit_wait_started(device, DEADLINE, &error), STATUS_INSUFFICIENT_RESOURCES);
    assert_non_null(strstr(error.text, "AddDevice of driver wdmtest failed with status 0xc000009a"));
    assert_int_equal(info_of(device).problem, 31);
    ok(ndiskit_unplug(device, &error));
    ndiskit_release_device(device);
}

static void test_start_fails(void **state)
{
    uint32_t from = last_phase();
    struct ndiskit_device *device = plug("FailStart");

    (void)state;
    assert_int_equal(ndiskit_wait_started(device, DEADLINE, &error), STATUS_DEVICE_CONFIGURATION_ERROR);
    assert_int_equal(info_of(device).problem, 10);
    assert_string_equal(phases(from), "DriverEntry AddDevice StartDevice RemoveDevice DriverUnload");
    ok(ndiskit_unplug(device, &error));
    ndiskit_release_device(device);
}

static void test_no_driver_then_package(void **state)
{
    struct ndiskit_device *device;

    (void)state;
    ok(ndiskit_root_device("ROOT\\WDMTEST", &device, &error));
    assert_true(ndiskit_wait_started(device, DEADLINE, &error) != 0);
    assert_int_equal(info_of(device).problem, 28);
    assert_non_null(strstr(error.text, "ROOT\\WDMTEST"));
    ok(ndiskit_add_package(PACKAGE, form, &error));
    ok(ndiskit_wait_started(device, DEADLINE, &error));
    ok(ndiskit_unplug(device, &error));
    ndiskit_release_device(device);
}

struct pinned {
    PFILE_OBJECT file;
    NTSTATUS status;
    KEVENT returned;
};

static void pin(void *context)
{
    struct pinned *pinned = context;

    pinned->status = io_device_control(pinned->file, PIN, NULL, 0, NULL, 0, NULL);
    KeSetEvent(&pinned->returned, 0, FALSE);
}

/* Pulled out while a request is in the driver's queue and a file is open. */
static void test_surprise_with_pending_request(void **state)
{
    struct ndiskit_device *device = plug(NULL);
    struct pinned pinned = {.status = STATUS_SUCCESS};
    uint32_t from;

    (void)state;
    ok(ndiskit_wait_started(device, DEADLINE, &error));
    KeInitializeEvent(&pinned.returned, NotificationEvent, FALSE);
    assert_int_equal(io_open_file(LINK, &pinned.file), STATUS_SUCCESS);
    assert_int_equal(ke_thread_create(NULL, "pin", pin, &pinned), STATUS_SUCCESS);
    from = last_phase();
    ok(ndiskit_unplug(device, &error));
    KeWaitForSingleObject(&pinned.returned, Executive, KernelMode, FALSE, NULL);
    /* The request reached the driver before the removal, or after: both are told that the device goes. */
    assert_int_equal(pinned.status, STATUS_DELETE_PENDING);
    assert_string_equal(phases(from), "SurpriseRemoval");
    io_close_file(pinned.file);
    ok(ndiskit_wait_idle(DEADLINE, &error));
    assert_string_equal(phases(from), "SurpriseRemoval RemoveDevice DriverUnload");
    ndiskit_release_device(device);
}

static void test_leak_is_reported(void **state)
{
    struct ndiskit_device *device = plug("Leak");

    (void)state;
    ok(ndiskit_wait_started(device, DEADLINE, &error));
    ok(ndiskit_unplug(device, &error));
    ndiskit_release_device(device);
    shut_down(1);
}

static void test_sleep_and_resume(void **state)
{
    struct ndiskit_device *device = plug(NULL);

    (void)state;
    ok(ndiskit_wait_started(device, DEADLINE, &error));
    ok(ndiskit_sleep(3, &error));
    assert_true(ndiskit_sleep(3, &error) != 0); /* asleep already */
    ok(ndiskit_resume(&error));
    assert_string_equal(info_of(device).state, "Started");
    ok(ndiskit_unplug(device, &error));
    ndiskit_release_device(device);
}

static void test_driver_without_device(void **state)
{
    const char *path = form == NDISKIT_FORM_PE ? "tests/drivers/simple/simple.sys" : "tests/drivers/simple/simple.so";
    struct ndiskit_driver_info driver;

    (void)state;
    ok(ndiskit_load_driver(path, &error));
    assert_int_equal(ndiskit_drivers(&driver, 1), 1);
    assert_string_equal(driver.service, "simple");
    assert_true(ndiskit_load_driver(path, &error) != 0); /* loaded already */
    assert_non_null(strstr(error.text, "already"));
    assert_true(ndiskit_unload_driver("simple", &error) != 0);
    assert_non_null(strstr(error.text, "no DriverUnload")); /* it stays, and goes with the system */
}

static void test_bad_arguments(void **state)
{
    struct ndiskit_device *device;

    (void)state;
    assert_true(ndiskit_boot(NULL, &error) != 0); /* it is up */
    assert_true(ndiskit_plug("sim:floppy", NULL, &device, &error) != 0);
    assert_non_null(strstr(error.text, "sim:floppy"));
    assert_null(device);
    assert_true(ndiskit_plug("sim:ncm", &(struct ndiskit_plug_options){.options = "colour=red"}, &device, &error) != 0);
    assert_non_null(strstr(error.text, "colour"));
    assert_true(
        ndiskit_plug("sim:ncm", &(struct ndiskit_plug_options){.options = "vendor=99999999"}, &device, &error) != 0);
    assert_true(ndiskit_plug("sim:ncm", &(struct ndiskit_plug_options){.network = "none", .options = "mac=1:2:3"},
                             &device, &error) != 0);
    assert_true(ndiskit_plug("sim:ncm", &(struct ndiskit_plug_options){.network = "internet"}, &device, &error) != 0);
    assert_true(ndiskit_add_package("/nonexistent/x.inf", form, &error) != 0);
    assert_non_null(strstr(error.text, "/nonexistent/x.inf"));
    assert_true(ndiskit_load_driver("/nonexistent/x.sys", &error) != 0);
    assert_true(ndiskit_unload_driver("nothing", &error) != 0);
    assert_true(ndiskit_sleep(4, &error) != 0);
}

#ifndef SANITIZE_THREAD
static int use_pe(void **state)
{
    (void)state;
    form = NDISKIT_FORM_PE;
    return 0;
}
#endif

static int use_elf(void **state)
{
    (void)state;
    form = NDISKIT_FORM_ELF;
    return 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, boot, after)
    const struct CMUnitTest tests[] = {
        TEST(test_use_and_unplug),
        TEST(test_eject_refused_then_granted),
        TEST(test_driver_refuses),
        TEST(test_add_device_fails),
        TEST(test_start_fails),
        TEST(test_no_driver_then_package),
        TEST(test_surprise_with_pending_request),
        cmocka_unit_test_setup(test_leak_is_reported, boot),
        TEST(test_sleep_and_resume),
        TEST(test_driver_without_device),
        TEST(test_bad_arguments),
    };
    int failed = cmocka_run_group_tests_name("life cycle, ELF", tests, use_elf, NULL);
#ifndef SANITIZE_THREAD
    failed += cmocka_run_group_tests_name("life cycle, PE", tests, use_pe, NULL);
#endif
    return failed;
}

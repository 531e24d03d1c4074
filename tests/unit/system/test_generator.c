/*
 * The traffic generator over the reference driver and a simulated device with an echo: what it sends comes back whole,
 * in chains of any length, on several adapters at once; and a device that is pulled out while frames are on their way
 * ends the run, not the process.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "include/ndiskit/ndiskit.h"
#include "ntoskrnl/ke/ke.h"
#include "tests/unit/sanitizer.h"
#include "upper/generator.h"

#ifdef SANITIZED
#define FORM NDISKIT_FORM_ELF
#else
#define FORM NDISKIT_FORM_PE
#endif
#define PACKAGE     "drivers/usbnet/usbnet.inf"
#define DEADLINE_MS 10000

static struct ndiskit_device *plug(void)
{
    struct ndiskit_plug_options options = {.network = "echo"};
    struct ndiskit_device *device;
    struct ndiskit_error error;
    unsigned before = upper_generator_ports();

    if (ndiskit_plug("sim:ncm", &options, &device, &error) != 0 ||
        ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error) != 0)
        fail_msg("%s", error.text);
    while (upper_generator_ports() == before)
        usleep(100);
    return device;
}

static void unplug(struct ndiskit_device *device)
{
    struct ndiskit_error error;
    if (ndiskit_unplug(device, &error) != 0)
        fail_msg("%s", error.text);
    ndiskit_release_device(device);
}

static void run(unsigned port, unsigned frame, unsigned burst, unsigned window, unsigned frames)
{
    struct generator_load load = {
        .frame_size = frame, .burst = burst, .window = window, .frames = frames, .warm_up_frames = 10};
    struct generator_result result;
    char error[256];

    if (!upper_generator_run(port, &load, &result, error, sizeof(error)))
        fail_msg("%s", error);
    assert_true(result.received >= frames);
    assert_int_equal(result.wrong, 0);
    assert_int_equal(result.failed, 0);
}

static void test_sizes(void **state)
{
    (void)state;
    struct ndiskit_device *device = plug();
    run(0, 60, 1, 1, 100);
    run(0, 64, 64, 256, 5000);
    run(0, 61, 7, 100, 5000);
    run(0, 64, 1000, 1000, 5000); /* more than one block holds */
    run(0, 1514, 64, 64, 1000);
    unplug(device);
}

static void test_latency(void **state)
{
    (void)state;
    struct ndiskit_device *device = plug();
    uint32_t samples[100] = {0};
    struct generator_load load = {
        .frame_size = 64, .burst = 1, .window = 1, .frames = 100, .warm_up_frames = 10, .latency_ns = samples};
    struct generator_result result;
    char error[256];

    assert_true(upper_generator_run(0, &load, &result, error, sizeof(error)));
    for (int i = 0; i < 100; i++)
        assert_true(samples[i] > 0);
    unplug(device);
}

static void *drive(void *context)
{
    struct generator_load load = {.frame_size = 64, .burst = 32, .window = 128, .frames = 20000, .warm_up_frames = 10};
    struct generator_result *result = context;
    char error[256];

    upper_generator_run((unsigned)result->wrong, &load, result, error, sizeof(error));
    ke_detach_thread();
    return NULL;
}

static void test_two_adapters(void **state)
{
    (void)state;
    struct ndiskit_device *devices[2] = {plug(), plug()};
    struct generator_result results[2] = {{.wrong = 0}, {.wrong = 1}};
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, drive, &results[i]);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_true(results[i].received >= 20000);
        assert_int_equal(results[i].wrong, 0);
        assert_int_equal(results[i].failed, 0);
    }
    for (int i = 0; i < 2; i++)
        unplug(devices[i]);
}

static uint32_t drive_ended;

static void *drive_until_gone(void *context)
{
    struct generator_load load = {.frame_size = 64, .burst = 32, .window = 128};
    struct generator_result *result = context;
    char error[256];

    upper_generator_run(0, &load, result, error, sizeof(error));
    __atomic_store_n(&drive_ended, 1, __ATOMIC_RELEASE);
    ke_detach_thread();
    return NULL;
}

static void test_unplug_while_running(void **state)
{
    (void)state;
    struct ndiskit_device *device = plug();
    struct generator_result result = {0};
    pthread_t thread;

    pthread_create(&thread, NULL, drive_until_gone, &result);
    usleep(20000);
    assert_int_equal(__atomic_load_n(&drive_ended, __ATOMIC_ACQUIRE), 0);
    unplug(device);
    pthread_join(thread, NULL);
    assert_int_equal(result.wrong, 0);
    assert_int_equal(upper_generator_ports(), 0);
}

static void test_refusals(void **state)
{
    (void)state;
    struct generator_load load = {.frame_size = 64, .burst = 1, .window = 1, .frames = 1};
    struct generator_result result;
    char error[256];

    assert_false(upper_generator_run(0, &load, &result, error, sizeof(error)));
    struct ndiskit_device *device = plug();
    load.frame_size = 20;
    assert_false(upper_generator_run(0, &load, &result, error, sizeof(error)));
    load.frame_size = 64;
    load.burst = 2;
    assert_false(upper_generator_run(0, &load, &result, error, sizeof(error)));
    unplug(device);
}

static int boot(void **state)
{
    struct ndiskit_options options = {.processors = 2};
    struct ndiskit_error error;
    char text[256];

    (void)state;
    if (ndiskit_boot(&options, &error) != 0 || ndiskit_add_package(PACKAGE, FORM, &error) != 0)
        return -1;
    return upper_generator_start(text, sizeof(text)) ? 0 : -1;
}

static int shut_down(void **state)
{
    struct ndiskit_leaks leaks;
    struct ndiskit_error error;

    (void)state;
    upper_generator_stop();
    if (ndiskit_shutdown(&leaks, &error) != 0)
        return -1;
    return leaks.pool_blocks == 0 && leaks.device_objects == 0 && leaks.threads == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_latency),
        cmocka_unit_test(test_two_adapters),
        cmocka_unit_test(test_unplug_while_running),
    };
    return cmocka_run_group_tests(tests, boot, shut_down);
}

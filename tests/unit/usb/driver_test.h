/*
 * The reference driver over a USB backend that is not simulated in the process itself: what the tests of such backends
 * share.
 */
#pragma once

#include "usb_test.h"
#include "tests/unit/sanitizer.h"
#include "upper/upper.h"

#define DEADLINE_MS 20000
#define PACKAGE     "drivers/usbnet/usbnet.inf"
#ifdef SANITIZE_THREAD
#define FORM NDISKIT_FORM_ELF
#else
#define FORM NDISKIT_FORM_PE
#endif
#ifdef SANITIZED
#define DOWNLOAD (4u << 20)
#define RACES    200
#else
#define DOWNLOAD (32u << 20)
#define RACES    2000
#endif

static inline void sleep_ms(unsigned ms)
{
    KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = ms * -10000ll});
}

static struct ndiskit_error error;

static inline void ok(int status)
{
    if (status != 0)
        fail_msg("%s", error.text);
}

static inline void boot(void)
{
    ok(ndiskit_boot(NULL, &error));
    ok(ndiskit_add_package(PACKAGE, FORM, &error));
}

static inline void shut_down(void)
{
    struct ndiskit_leaks leaks;
    unsigned own = 0;
    ok(ndiskit_shutdown(&leaks, &error));
    assert_int_equal(leaks.pool_blocks, 0);
    assert_int_equal(leaks.system_blocks, 0);
    assert_int_equal(leaks.device_objects, 0);
    assert_int_equal(leaks.threads, 0);
    ex_pool_for_each(count_own, &own);
    assert_int_equal(own, 0);
}

static inline void unplug(struct ndiskit_device *device)
{
    ok(ndiskit_unplug(device, &error));
    ndiskit_release_device(device);
}

static inline bool is_gone_in_time(struct ndiskit_device *device)
{
    struct ndiskit_device_info info;
    for (unsigned i = 0; i < DEADLINE_MS / 10; i++) {
        if (ndiskit_device_info(device, &info, &error) != 0)
            return true;
        sleep_ms(10);
    }
    return false;
}

static inline void pass_traffic(uint64_t size)
{
    struct upper_stack_address address;
    struct upper_ping_result ping;
    struct upper_http_result result;
    struct gadget_http_server *http;
    UCHAR digest[32];
    char text[300];
    assert_true(upper_stack_wait_address(DEADLINE_MS, &address));
    if (!upper_stack_ping(address.gateway, 10, 1400, DEADLINE_MS, &ping, text, sizeof(text)))
        fail_msg("%s", text);
    assert_int_equal(ping.received, 10);
    assert_int_equal(gadget_http_start(size, &http, text, sizeof(text)), STATUS_SUCCESS);
    if (!upper_stack_http_get(address.gateway, gadget_http_port(http), "/", DEADLINE_MS, &result, text, sizeof(text)))
        fail_msg("%s", text);
    gadget_http_digest(http, digest);
    assert_int_equal(result.body_bytes, size);
    assert_memory_equal(digest, result.sha256, sizeof(digest));
    gadget_http_stop(http);
    print_message("%.0f MiB/s\n", (double)size / 1048576.0 / ((double)result.duration_ns / 1e9));
}

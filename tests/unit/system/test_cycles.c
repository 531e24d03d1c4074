/*
 * A thousand times in one process: plug a device of each class in turn in, load the driver, initialize, pass a frame
 * there and back, halt, unload. Memory, descriptors and threads must not grow.
 */
#include <dirent.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <wdm.h>

#include "include/ndiskit/ndiskit.h"
#include "ntoskrnl/ex/ex.h"
#include "tests/unit/sanitizer.h"
#include "upper/protocol.h"

#ifdef SANITIZED
#define CYCLES 100
#define WARMUP 20
#else
#define CYCLES 1000
#define WARMUP 100
#endif

#define DEADLINE_MS 10000
#define FRAME_SIZE  60

static struct {
    KEVENT up, answered;
    struct upper_binding *binding;
    uint8_t mac[6];
    bool intact;
} edge;

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
    if (up)
        KeSetEvent(&edge.up, IO_NO_INCREMENT, FALSE);
}

static void fill_frame(uint8_t *frame)
{
    static const uint8_t peer[6] = {0x02, 0, 0, 0, 0, 0x99};
    memcpy(frame, peer, 6);
    memcpy(frame + 6, edge.mac, 6);
    for (int i = 12; i < FRAME_SIZE; i++)
        frame[i] = (uint8_t)(0x88 + i);
}

static void edge_receive(void *context, const struct upper_received *frames, size_t count)
{
    uint8_t sent[FRAME_SIZE];

    (void)context;
    fill_frame(sent);
    /* The echo exchanges the addresses and changes nothing else. */
    edge.intact = count == 1 && frames[0].length == FRAME_SIZE && memcmp(frames[0].data, sent + 6, 6) == 0 &&
                  memcmp(frames[0].data + 6, sent, 6) == 0 &&
                  memcmp(frames[0].data + 12, sent + 12, FRAME_SIZE - 12) == 0;
    KeSetEvent(&edge.answered, IO_NO_INCREMENT, FALSE);
}

static const struct upper_protocol_ops edge_ops = {
    .name = "TEST_CYCLES", .bind = edge_bind, .unbind = edge_unbind, .link = edge_link, .receive = edge_receive};

static void wait_for(KEVENT *event)
{
    LARGE_INTEGER timeout = {.QuadPart = -10000LL * DEADLINE_MS};
    assert_int_equal(KeWaitForSingleObject(event, Executive, KernelMode, FALSE, &timeout), STATUS_SUCCESS);
}

static void cycle(const char *driver, int number)
{
    static const char *const specs[] = {"sim:ncm", "sim:ecm", "sim:rndis"};
    struct ndiskit_plug_options options = {.network = "echo"};
    struct ndiskit_driver_info drivers[4];
    struct ndiskit_device *device;
    struct ndiskit_error error = {0};

    if (ndiskit_plug(specs[number % 3], &options, &device, &error) != 0)
        fail_msg("plug: %s", error.text);
    if (ndiskit_wait_adapter(device, true, DEADLINE_MS, NULL, &error) != 0)
        fail_msg("adapter: %s", error.text);
    wait_for(&edge.up);

    struct upper_frame *frame = upper_frame_get(edge.binding);
    assert_non_null(frame);
    fill_frame(frame->data);
    frame->length = FRAME_SIZE;
    frame->next = NULL;
    edge.intact = false;
    upper_frame_send(edge.binding, frame);
    wait_for(&edge.answered);
    assert_true(edge.intact);

    if (ndiskit_unplug(device, &error) != 0)
        fail_msg("unplug: %s", error.text);
    if (ndiskit_wait_idle(DEADLINE_MS, &error) != 0)
        fail_msg("idle: %s", error.text);
    ndiskit_release_device(device);
    assert_null(edge.binding);
    size_t count = ndiskit_drivers(drivers, 4);
    for (size_t i = 0; i < count && i < 4; i++)
        assert_string_not_equal(drivers[i].service, driver);
}

static unsigned entries(const char *path)
{
    DIR *folder = opendir(path);
    unsigned count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

struct usage {
    unsigned descriptors, threads;
    struct ex_pool_usage pool;
    size_t heap;
};

static void measure(struct usage *usage)
{
    usage->descriptors = entries("/proc/self/fd");
    usage->threads = entries("/proc/self/task");
    ex_pool_get_usage(&usage->pool);
    ex_pool_trim();
    usage->heap = mallinfo2().uordblks;
}

/* What the last cycle left to a work item may still be on its way out. */
static void settle(const struct usage *before, struct usage *after)
{
    LARGE_INTEGER interval = {.QuadPart = -10000};

    for (int i = 0; i < DEADLINE_MS; i++) {
        measure(after);
        if (after->pool.blocks <= before->pool.blocks && after->pool.bytes <= before->pool.bytes)
            return;
        KeDelayExecutionThread(KernelMode, FALSE, &interval);
    }
}

static void run_cycles(const char *driver, enum ndiskit_form form)
{
    char package[80];
    struct upper_protocol *protocol;
    struct ndiskit_error error = {0};
    struct ndiskit_leaks leaks;
    struct usage before, after;

    if (ndiskit_boot(NULL, &error) != 0)
        fail_msg("boot: %s", error.text);
    KeInitializeEvent(&edge.up, SynchronizationEvent, FALSE);
    KeInitializeEvent(&edge.answered, SynchronizationEvent, FALSE);
    snprintf(package, sizeof(package), "drivers/%s/%s.inf", driver, driver);
    if (ndiskit_add_package(package, form, &error) != 0)
        fail_msg("package: %s", error.text);
    assert_int_equal(upper_protocol_register(&edge_ops, &protocol), 0);

    for (int i = 0; i < WARMUP; i++)
        cycle(driver, i);
    measure(&before);
    for (int i = WARMUP; i < CYCLES; i++)
        cycle(driver, i);
    settle(&before, &after);
    assert_int_equal(after.descriptors, before.descriptors);
    /* The pool of system worker threads keeps the highest number it ever needed at once, which these cycles may still
     * raise. */
    assert_in_range(after.threads, 0, before.threads + 4);
    assert_in_range(after.pool.blocks, 0, before.pool.blocks);
    assert_in_range(after.pool.bytes, 0, before.pool.bytes);
    /* A thread more takes about 1 KiB; the smallest block, lost in each cycle, would be 28 KiB. */
    if (after.heap > before.heap + 8192)
        fail_msg("the heap grew from %zu to %zu bytes in %d cycles", before.heap, after.heap, CYCLES - WARMUP);

    upper_protocol_unregister(protocol);
    if (ndiskit_shutdown(&leaks, &error) != 0)
        fail_msg("shutdown: %s", error.text);
    assert_int_equal(leaks.pool_bytes + leaks.system_bytes, 0);
    assert_int_equal(leaks.threads, 0);
}

static void test_elf(void **state)
{
    (void)state;
    run_cycles("usbnet", NDISKIT_FORM_ELF);
}

static void test_kmdf_elf(void **state)
{
    (void)state;
    run_cycles("usbnet-kmdf", NDISKIT_FORM_ELF);
}

#ifndef SANITIZE_THREAD
static void test_pe(void **state)
{
    (void)state;
    run_cycles("usbnet", NDISKIT_FORM_PE);
}

static void test_kmdf_pe(void **state)
{
    (void)state;
    run_cycles("usbnet-kmdf", NDISKIT_FORM_PE);
}
#endif

int main(int argc, char **argv)
{
    /* mallinfo2 counts what lies in the C library's per-thread caches as used, and they fill for tens of thousands of
     * cycles: without them the heap's size is exact. The C library reads this variable before main. */
    (void)argc;
    if (getenv("GLIBC_TUNABLES") == NULL) {
        setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
        execv("/proc/self/exe", argv);
        return 2;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elf),
        cmocka_unit_test(test_kmdf_elf),
#ifndef SANITIZE_THREAD
        cmocka_unit_test(test_pe),
        cmocka_unit_test(test_kmdf_pe),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Framework drivers that are not miniports, as images in both forms: a function driver with its queues, files, timer
 * and work item through start, use, sleep and each way of removal (in what order the framework calls it), and an NDIS
 * protocol driver with a control device.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <ntifs.h>
#include "include/ndiskit/ndiskit.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"
#include "tests/drivers/kmdfproto/kmdfproto.h"
#include "tests/drivers/kmdftest/kmdftest.h"
#include "tests/unit/sanitizer.h"

#define DEADLINE 20000
#define LINK     "\\??\\ROOT#KMDFTEST#0000#{5e0c1f6e-4c0b-4a59-8d0e-9b0c6d1f7a31}"

static enum ndiskit_form form;
static const char *driver = "kmdftest"; /* kmdftest_9 and kmdftest_33: built for KMDF 1.9 and 1.33 */
static struct ndiskit_error error;

/* What the drivers said since the last look, without their names: "DeviceAdd PrepareHardware ...". */
static struct {
    KSPIN_LOCK lock;
    char text[4096];
} said;

static void hear(const char *text)
{
    const char *what = strstr(text, ": ");
    KIRQL irql;

    if (what == NULL || strncmp(text, "kmdf", 4) != 0)
        return;
    KeAcquireSpinLock(&said.lock, &irql);
    size_t length = strlen(said.text);
    snprintf(said.text + length, sizeof(said.text) - length, "%s%.*s", length ? ", " : "", (int)strcspn(what + 2, "\n"),
             what + 2);
    KeReleaseSpinLock(&said.lock, irql);
}

static const char *heard(void)
{
    static char text[sizeof(said.text)];
    KIRQL irql;

    KeAcquireSpinLock(&said.lock, &irql);
    memcpy(text, said.text, sizeof(text));
    said.text[0] = '\0';
    KeReleaseSpinLock(&said.lock, irql);
    return text;
}

static void ok(int status)
{
    if (status != 0)
        fail_msg("%s", error.text);
}

static int boot(void **state)
{
    const struct ndiskit_options options = {.debug_output = hear};

    (void)state;
    KeInitializeSpinLock(&said.lock);
    said.text[0] = '\0';
    ok(ndiskit_boot(&options, &error));
    return 0;
}

static int after(void **state)
{
    struct ndiskit_leaks leaks;

    (void)state;
    ok(ndiskit_shutdown(&leaks, &error));
    assert_int_equal(leaks.pool_blocks, 0);
    assert_int_equal(leaks.device_objects, 0);
    assert_int_equal(leaks.system_blocks, 0);
    assert_int_equal(leaks.threads, 0);
    return 0;
}

static struct ndiskit_device *plug(const char *setting)
{
    struct ndiskit_device *device;
    char path[128];

    snprintf(path, sizeof(path), "tests/drivers/%s/%s.inf", driver, driver);
    ok(ndiskit_add_package(path, form, &error));
    if (setting != NULL)
        ok(ndiskit_set_parameter(setting, "1", &error));
    ok(ndiskit_root_device("ROOT\\KMDFTEST", &device, &error));
    return device;
}

static struct ndiskit_device *start(void)
{
    struct ndiskit_device *device = plug(NULL);

    ok(ndiskit_wait_started(device, DEADLINE, &error));
    return device;
}

static void unplug(struct ndiskit_device *device)
{
    ok(ndiskit_unplug(device, &error));
    ndiskit_release_device(device);
}

static struct ndiskit_device_info info_of(struct ndiskit_device *device)
{
    struct ndiskit_device_info info;

    ok(ndiskit_device_info(device, &info, &error));
    return info;
}

static PFILE_OBJECT open_device(void)
{
    PFILE_OBJECT file;

    assert_int_equal(io_open_file(LINK, &file), STATUS_SUCCESS);
    return file;
}

static ULONG ask(PFILE_OBJECT file, ULONG code)
{
    ULONG value = ~0u, bytes;

    assert_int_equal(io_device_control(file, code, NULL, 0, &value, sizeof(value), &bytes), STATUS_SUCCESS);
    assert_int_equal(bytes, sizeof(value));
    return value;
}

static KMDFTEST_COUNTS counts_of(PFILE_OBJECT file)
{
    KMDFTEST_COUNTS counts;
    ULONG bytes;

    assert_int_equal(io_device_control(file, IOCTL_KMDFTEST_COUNTS, NULL, 0, &counts, sizeof(counts), &bytes),
                     STATUS_SUCCESS);
    assert_int_equal(bytes, sizeof(counts));
    return counts;
}

/* ---- the order of callbacks ---------------------------------------------------------------------------------------
 */

#define STARTED                                                                                                        \
    "DeviceAdd, PrepareHardware, D0Entry from 5, D0EntryPostInterruptsEnabled, SelfManagedIoInit" /* 5: D3Final */
#define REMOVED                                                                                                        \
    "SelfManagedIoSuspend, D0ExitPreInterruptsDisabled, D0Exit to 5, ReleaseHardware, SelfManagedIoFlush, "            \
    "SelfManagedIoCleanup, DeviceCleanup, DeviceDestroy, DriverUnload, DriverCleanup"

static void test_start_and_eject(void **state)
{
    struct ndiskit_device *device = start();

    (void)state;
    assert_string_equal(info_of(device).state, "Started");
    assert_string_equal(heard(), STARTED);
    ok(ndiskit_eject(device, &error));
    assert_string_equal(heard(), "QueryRemove, " REMOVED);
    ndiskit_release_device(device);
}

static void test_start_and_unplug(void **state)
{
    struct ndiskit_device *device = start();

    (void)state;
    heard();
    unplug(device);
    assert_string_equal(heard(), "SurpriseRemoval, " REMOVED);
}

static void test_sleep_and_resume(void **state)
{
    struct ndiskit_device *device = start();
    PFILE_OBJECT file = open_device();

    (void)state;
    heard();
    ok(ndiskit_sleep(3, &error));
    assert_string_equal(heard(), "SelfManagedIoSuspend, D0ExitPreInterruptsDisabled, D0Exit to 4");
    ok(ndiskit_resume(&error));
    assert_string_equal(heard(), "D0Entry from 4, D0EntryPostInterruptsEnabled, SelfManagedIoRestart");
    assert_int_equal(ask(file, IOCTL_KMDFTEST_ONE), 1);
    io_close_file(file);
    unplug(device);
}

static void test_refuses_removal(void **state)
{
    struct ndiskit_device *device = plug("RefuseRemove");

    (void)state;
    ok(ndiskit_wait_started(device, DEADLINE, &error));
    heard();
    assert_int_equal(ndiskit_eject(device, &error), STATUS_DEVICE_BUSY);
    assert_string_equal(heard(), "QueryRemove");
    assert_string_equal(info_of(device).state, "Started");
    unplug(device);
}

static void test_device_add_fails(void **state)
{
    struct ndiskit_device *device = plug("FailAdd");

    (void)state;
    assert_int_equal(ndiskit_wait_started(device, DEADLINE, &error), STATUS_DEVICE_CONFIGURATION_ERROR);
    assert_int_equal(info_of(device).problem, 31);
    unplug(device);
    assert_string_equal(heard(), "DeviceAdd, DeviceCleanup, DeviceDestroy, DriverUnload, DriverCleanup");
}

/* "EvtDevicePrepareHardware": EvtDeviceReleaseHardware is called even then. */
static void test_prepare_hardware_fails(void **state)
{
    struct ndiskit_device *device = plug("FailPrepare");

    (void)state;
    assert_int_equal(ndiskit_wait_started(device, DEADLINE, &error), STATUS_DEVICE_HARDWARE_ERROR);
    assert_int_equal(info_of(device).problem, 10);
    unplug(device);
    assert_string_equal(heard(), "DeviceAdd, PrepareHardware, ReleaseHardware, DeviceCleanup, DeviceDestroy, "
                                 "DriverUnload, DriverCleanup");
}

/* Whether EvtDeviceD0Exit follows is up to the framework; nothing that comes after the failed step in a start may. */
static void test_d0_entry_fails(void **state)
{
    struct ndiskit_device *device = plug("FailEntry");
    const char *text;

    (void)state;
    assert_true(ndiskit_wait_started(device, DEADLINE, &error) != 0);
    assert_int_equal(info_of(device).problem, 10);
    unplug(device);
    text = heard();
    assert_non_null(strstr(text, "D0Entry from 5"));
    assert_non_null(strstr(text, "ReleaseHardware"));
    assert_non_null(strstr(text, "DeviceDestroy, DriverUnload, DriverCleanup"));
    assert_null(strstr(text, "SelfManagedIo"));
    assert_null(strstr(text, "D0EntryPostInterruptsEnabled"));
}

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

static void test_requests(void **state)
{
    struct ndiskit_device *device = start();
    PFILE_OBJECT file = open_device();
    uint8_t filled[100];
    ULONG sum, bytes;

    (void)state;
    assert_int_equal(io_device_control(file, IOCTL_KMDFTEST_SUM, "\1\2\3", 3, &sum, sizeof(sum), &bytes),
                     STATUS_SUCCESS);
    assert_int_equal(sum, 6);
    assert_int_equal(bytes, 4);
    assert_int_equal(io_device_control(file, IOCTL_KMDFTEST_SUM, "\1", 1, &sum, 3, &bytes), STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(io_device_control(file, IOCTL_KMDFTEST_SUM, NULL, 0, &sum, sizeof(sum), &bytes),
                     STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(io_device_control(file, KMDFTEST_CODE(99), NULL, 0, &sum, sizeof(sum), &bytes),
                     STATUS_INVALID_DEVICE_REQUEST);
    memset(filled, 0, sizeof(filled));
    assert_int_equal(io_device_control(file, IOCTL_KMDFTEST_FILL, NULL, 0, filled, 99, &bytes), STATUS_SUCCESS);
    assert_int_equal(bytes, 99);
    for (size_t i = 0; i < sizeof(filled); i++)
        assert_int_equal(filled[i], i < 99 ? 0xA5 : 0);
    assert_int_equal(ask(file, IOCTL_KMDFTEST_TIMER), DISPATCH_LEVEL);
    assert_int_equal(ask(file, IOCTL_KMDFTEST_WORK), PASSIVE_LEVEL);
    io_close_file(file);
    unplug(device);
}

static void test_read_and_write(void **state)
{
    struct ndiskit_device *device = start();
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    ANSI_STRING ansi;
    UNICODE_STRING name;
    uint8_t data[300];
    HANDLE handle;

    (void)state;
    RtlInitAnsiString(&ansi, LINK);
    assert_int_equal(RtlAnsiStringToUnicodeString(&name, &ansi, TRUE), STATUS_SUCCESS);
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL, NULL);
    assert_int_equal(ZwCreateFile(&handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &iosb, NULL, 0, 0,
                                  FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0),
                     STATUS_SUCCESS);
    RtlFreeUnicodeString(&name);
    assert_int_equal(ZwReadFile(handle, NULL, NULL, NULL, &iosb, data, sizeof(data), NULL, NULL), STATUS_SUCCESS);
    assert_int_equal(iosb.Information, sizeof(data));
    for (size_t i = 0; i < sizeof(data); i++)
        assert_int_equal(data[i], (uint8_t)i);
    assert_int_equal(ZwWriteFile(handle, NULL, NULL, NULL, &iosb, data, sizeof(data), NULL, NULL), STATUS_SUCCESS);
    assert_int_equal(iosb.Information, sizeof(data));
    data[7] = 0;
    assert_int_equal(ZwWriteFile(handle, NULL, NULL, NULL, &iosb, data, sizeof(data), NULL, NULL), STATUS_DATA_ERROR);
    ZwClose(handle);
    unplug(device);
}

static void test_files(void **state)
{
    struct ndiskit_device *device = start();
    PFILE_OBJECT first = open_device(), second = open_device();
    KMDFTEST_COUNTS counts;

    (void)state;
    ask(first, IOCTL_KMDFTEST_ONE);
    counts = counts_of(first);
    assert_int_equal(counts.Creates, 2);
    assert_int_equal(counts.FileRequests, 2);
    assert_int_equal(counts_of(second).FileRequests, 1);
    io_close_file(first);
    counts = counts_of(second);
    assert_int_equal(counts.Cleanups, 1);
    assert_int_equal(counts.Closes, 1);
    /* One context for each request that is done: three of counts_of and ask, and not yet this one's. */
    assert_int_equal(counts.ContextsCleaned, 3);
    io_close_file(second);
    unplug(device);
}

struct caller {
    PFILE_OBJECT file;
    ULONG code;
    ULONG most;
    NTSTATUS status;
    KEVENT done;
};

static void call_often(void *context)
{
    struct caller *caller = context;

    for (int i = 0; i < 200 && NT_SUCCESS(caller->status); i++) {
        ULONG most = 0;
        caller->status = io_device_control(caller->file, caller->code, NULL, 0, &most, sizeof(most), NULL);
        if (most > caller->most)
            caller->most = most;
    }
    KeSetEvent(&caller->done, 0, FALSE);
}

static void test_sequential_queue(void **state)
{
    struct ndiskit_device *device = start();
    /* Two threads share one file, whose requests the I/O manager sends one after the other. */
    PFILE_OBJECT files[3] = {open_device(), open_device(), open_device()};
    struct caller callers[4];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        callers[i] = (struct caller){.file = files[i % 3], .code = IOCTL_KMDFTEST_ONE};
        KeInitializeEvent(&callers[i].done, NotificationEvent, FALSE);
        assert_int_equal(ke_thread_create(NULL, "caller", call_often, &callers[i]), STATUS_SUCCESS);
    }
    for (size_t i = 0; i < 4; i++) {
        KeWaitForSingleObject(&callers[i].done, Executive, KernelMode, FALSE, NULL);
        assert_int_equal(callers[i].status, STATUS_SUCCESS);
        assert_int_equal(callers[i].most, 1);
    }
    for (size_t i = 0; i < 3; i++)
        io_close_file(files[i]);
    unplug(device);
}

/* An IOCTL that does not wait for its completion, in an IRP of our own, which stays valid for IoCancelIrp. */
struct pending {
    PIRP irp;
    KEVENT done;
    IO_STATUS_BLOCK iosb;
    char output[16];
};

static NTSTATUS NTAPI keep_irp(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct pending *pending = context;

    (void)device;
    pending->iosb = irp->IoStatus;
    KeSetEvent(&pending->done, 0, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static void send_pending(PFILE_OBJECT file, ULONG code, struct pending *pending)
{
    PDEVICE_OBJECT device = IoGetRelatedDeviceObject(file);
    PIO_STACK_LOCATION stack;

    KeInitializeEvent(&pending->done, NotificationEvent, FALSE);
    pending->irp = IoAllocateIrp(device->StackSize, FALSE);
    assert_non_null(pending->irp);
    pending->irp->AssociatedIrp.SystemBuffer = pending->output;
    stack = IoGetNextIrpStackLocation(pending->irp);
    stack->MajorFunction = IRP_MJ_DEVICE_CONTROL;
    stack->FileObject = file;
    stack->Parameters.DeviceIoControl.IoControlCode = code;
    stack->Parameters.DeviceIoControl.OutputBufferLength = sizeof(pending->output);
    IoSetCompletionRoutine(pending->irp, keep_irp, pending, TRUE, TRUE, TRUE);
    assert_int_equal(IoCallDriver(device, pending->irp), STATUS_PENDING);
}

static NTSTATUS finish_pending(struct pending *pending)
{
    KeWaitForSingleObject(&pending->done, Executive, KernelMode, FALSE, NULL);
    IoFreeIrp(pending->irp);
    return pending->iosb.Status;
}

static void test_manual_queue(void **state)
{
    struct ndiskit_device *device = start();
    PFILE_OBJECT file = open_device();
    struct pending first, second;

    (void)state;
    assert_int_equal(io_device_control(file, IOCTL_KMDFTEST_WAKE, "x", 1, NULL, 0, NULL), STATUS_NO_MORE_ENTRIES);
    send_pending(file, IOCTL_KMDFTEST_WAIT, &first);
    send_pending(file, IOCTL_KMDFTEST_WAIT, &second);
    assert_int_equal(io_device_control(file, IOCTL_KMDFTEST_WAKE, "one", 4, NULL, 0, NULL), STATUS_SUCCESS);
    assert_int_equal(finish_pending(&first), STATUS_SUCCESS);
    assert_int_equal(first.iosb.Information, 4);
    assert_string_equal(first.output, "one");
    assert_true(IoCancelIrp(second.irp));
    assert_int_equal(finish_pending(&second), STATUS_CANCELLED);
    assert_int_equal(counts_of(file).CanceledOnQueue, 1);
    assert_int_equal(io_device_control(file, IOCTL_KMDFTEST_WAKE, "x", 1, NULL, 0, NULL), STATUS_NO_MORE_ENTRIES);
    io_close_file(file);
    unplug(device);
}

static void test_cancel(void **state)
{
    struct ndiskit_device *device = start();
    PFILE_OBJECT file = open_device();
    struct pending kept;

    (void)state;
    send_pending(file, IOCTL_KMDFTEST_KEEP, &kept);
    assert_true(IoCancelIrp(kept.irp));
    assert_int_equal(finish_pending(&kept), STATUS_CANCELLED);
    assert_int_equal(counts_of(file).Canceled, 1);
    /* Either side may win; whoever does, the request is completed once. */
    for (int i = 0; i < 50; i++) {
        struct pending timed;
        NTSTATUS status;
        send_pending(file, IOCTL_KMDFTEST_TIMER, &timed);
        if (i % 2)
            KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = -10000LL * (i % 8)});
        if (i % 8 < 6)
            IoCancelIrp(timed.irp);
        status = finish_pending(&timed);
        assert_true(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
    }
    io_close_file(file);
    unplug(device);
}

/* The queue is power-managed: what comes while the device sleeps is presented when it is in D0 again. */
static void test_requests_wait_for_power(void **state)
{
    struct ndiskit_device *device = start();
    PFILE_OBJECT file = open_device();
    struct pending asleep, manual;

    (void)state;
    send_pending(file, IOCTL_KMDFTEST_WAIT, &manual);
    ok(ndiskit_sleep(3, &error));
    send_pending(file, IOCTL_KMDFTEST_ONE, &asleep);
    assert_int_equal(KeReadStateEvent(&asleep.done), 0);
    /* The queue that is not power-managed keeps what it has, and it can be canceled. */
    assert_true(IoCancelIrp(manual.irp));
    assert_int_equal(finish_pending(&manual), STATUS_CANCELLED);
    ok(ndiskit_resume(&error));
    assert_int_equal(finish_pending(&asleep), STATUS_SUCCESS);
    assert_int_equal(asleep.iosb.Information, sizeof(ULONG));
    io_close_file(file);
    unplug(device);
}

/* Pulled out while a request is in a queue that is not power-managed, and a file is open. */
static void test_unplug_with_pending_request(void **state)
{
    struct ndiskit_device *device = start();
    PFILE_OBJECT file = open_device();
    struct pending pending;

    (void)state;
    send_pending(file, IOCTL_KMDFTEST_WAIT, &pending);
    heard();
    ok(ndiskit_unplug(device, &error));
    assert_int_equal(finish_pending(&pending), STATUS_CANCELLED);
    assert_non_null(strstr(heard(), "SurpriseRemoval"));
    io_close_file(file);
    ok(ndiskit_wait_idle(DEADLINE, &error));
    assert_non_null(strstr(heard(), "DeviceDestroy, DriverUnload, DriverCleanup"));
    ndiskit_release_device(device);
}

/* ---- the protocol driver ------------------------------------------------------------------------------------------
 */

/* NDIS binds a protocol on a thread of its own. */
static void wait_bound(PFILE_OBJECT file)
{
    LARGE_INTEGER interval = {.QuadPart = -10000};

    for (int i = 0; i < DEADLINE && ask(file, IOCTL_KMDFPROTO_COUNT) == 0; i++)
        KeDelayExecutionThread(KernelMode, FALSE, &interval);
    assert_int_equal(ask(file, IOCTL_KMDFPROTO_COUNT), 1);
}

static void test_protocol(void **state)
{
    const char *path =
        form == NDISKIT_FORM_PE ? "tests/drivers/kmdfproto/kmdfproto.sys" : "tests/drivers/kmdfproto/kmdfproto.so";
    const struct ndiskit_plug_options echo = {.network = "echo"};
    struct ndiskit_adapter_info adapter;
    struct ndiskit_device *device;
    PFILE_OBJECT file;
    uint8_t address[6];
    ULONG bytes;

    (void)state;
    ok(ndiskit_load_driver(path, &error));
    assert_int_equal(io_open_file(KMDFPROTO_LINK, &file), STATUS_SUCCESS);
    assert_int_equal(ask(file, IOCTL_KMDFPROTO_COUNT), 0);
    ok(ndiskit_add_package("drivers/usbnet/usbnet.inf", form, &error));
    ok(ndiskit_plug("sim:ncm", &echo, &device, &error));
    ok(ndiskit_wait_adapter(device, true, DEADLINE, &adapter, &error));
    wait_bound(file);
    assert_int_equal(io_device_control(file, IOCTL_KMDFPROTO_ADDRESS, &(ULONG){0}, 4, address, 6, &bytes),
                     STATUS_SUCCESS);
    assert_int_equal(bytes, 6);
    assert_memory_equal(address, adapter.mac, 6);
    assert_int_equal(io_device_control(file, IOCTL_KMDFPROTO_ADDRESS, &(ULONG){1}, 4, address, 6, &bytes),
                     STATUS_NO_SUCH_DEVICE);
    assert_string_equal(heard(), "");
    ok(ndiskit_unplug(device, &error));
    assert_string_equal(heard(), "binding destroyed");
    assert_int_equal(ask(file, IOCTL_KMDFPROTO_COUNT), 0);
    io_close_file(file);
    ndiskit_release_device(device);
    ok(ndiskit_unload_driver("kmdfproto", &error));
    assert_string_equal(heard(), "unloaded with 0 bindings");
    assert_int_equal(io_open_file(KMDFPROTO_LINK, &file), STATUS_OBJECT_NAME_NOT_FOUND);
}

/* Unloaded while it is bound: NDIS unbinds it first. */
static void test_protocol_unloads_bound(void **state)
{
    const char *path =
        form == NDISKIT_FORM_PE ? "tests/drivers/kmdfproto/kmdfproto.sys" : "tests/drivers/kmdfproto/kmdfproto.so";
    const struct ndiskit_plug_options echo = {.network = "echo"};
    struct ndiskit_device *device;
    PFILE_OBJECT file;

    (void)state;
    ok(ndiskit_add_package("drivers/usbnet/usbnet.inf", form, &error));
    ok(ndiskit_plug("sim:ncm", &echo, &device, &error));
    ok(ndiskit_wait_adapter(device, true, DEADLINE, NULL, &error));
    ok(ndiskit_load_driver(path, &error));
    assert_int_equal(io_open_file(KMDFPROTO_LINK, &file), STATUS_SUCCESS);
    wait_bound(file);
    io_close_file(file);
    ok(ndiskit_unload_driver("kmdfproto", &error));
    assert_string_equal(heard(), "binding destroyed, unloaded with 0 bindings");
    unplug(device);
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

static int use_oldest(void **state)
{
    driver = "kmdftest_9";
    return use_elf(state);
}

static int use_newest(void **state)
{
    driver = "kmdftest_33";
    return use_elf(state);
}

static int use_default(void **state)
{
    (void)state;
    driver = "kmdftest";
    return 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, boot, after)
    const struct CMUnitTest tests[] = {
        TEST(test_start_and_eject),
        TEST(test_start_and_unplug),
        TEST(test_sleep_and_resume),
        TEST(test_refuses_removal),
        TEST(test_device_add_fails),
        TEST(test_prepare_hardware_fails),
        TEST(test_d0_entry_fails),
        TEST(test_requests),
        TEST(test_read_and_write),
        TEST(test_files),
        TEST(test_sequential_queue),
        TEST(test_manual_queue),
        TEST(test_cancel),
        TEST(test_requests_wait_for_power),
        TEST(test_unplug_with_pending_request),
        TEST(test_protocol),
        TEST(test_protocol_unloads_bound),
    };
    const struct CMUnitTest versions[] = {
        TEST(test_start_and_eject),
        TEST(test_start_and_unplug),
        TEST(test_sleep_and_resume),
        TEST(test_device_add_fails),
        TEST(test_requests),
        TEST(test_read_and_write),
        TEST(test_files),
        TEST(test_manual_queue),
        TEST(test_cancel),
    };
    int failed = 0;

    failed += cmocka_run_group_tests_name("KMDF 1.9", versions, use_oldest, use_default);
    failed += cmocka_run_group_tests_name("KMDF 1.33", versions, use_newest, use_default);
#ifndef SANITIZE_THREAD
    failed += cmocka_run_group_tests_name("KMDF drivers, PE", tests, use_pe, NULL);
#endif
    failed += cmocka_run_group_tests_name("KMDF drivers, ELF", tests, use_elf, NULL);
    return failed;
}

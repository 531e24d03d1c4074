/*
 * What drivers keep requests and work in: cancel-safe queues, device queues with StartIo, remove locks, work items,
 * device timers, MDLs, shutdown notification.
 */
#include "tests/unit/io/io_test.h"

static struct {
    PDRIVER_OBJECT driver;
    PDEVICE_OBJECT device;
    KSPIN_LOCK lock;
    LIST_ENTRY list;
    IO_CSQ csq;
    int canceled, inserted, started;
    NTSTATUS insert_status;
    char order[64];
    KEVENT event;
    PIRP irps[8];
    int shutdowns;
} t;

static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    (void)device;
    if (IoGetCurrentIrpStackLocation(irp)->MajorFunction == IRP_MJ_SHUTDOWN)
        t.shutdowns++;
    return io_test_complete(irp, STATUS_SUCCESS, 0);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof(t));
    io_test_boot();
    t.driver = io_test_driver("queues", dispatch);
    t.device = io_test_device(t.driver, DO_BUFFERED_IO);
    KeInitializeSpinLock(&t.lock);
    InitializeListHead(&t.list);
    KeInitializeEvent(&t.event, SynchronizationEvent, FALSE);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    IoDeleteDevice(t.device);
    assert_int_equal(io_unload_driver(t.driver, NULL), STATUS_SUCCESS);
    return 0;
}

/* An IRP as a dispatch routine has it: with a current stack location. */
static PIRP received_irp(void)
{
    PIRP irp = IoAllocateIrp(1, FALSE);

    IoSetNextIrpStackLocation(irp);
    IoGetCurrentIrpStackLocation(irp)->DeviceObject = t.device;
    return irp;
}

static VOID NTAPI csq_insert(PIO_CSQ csq, PIRP irp)
{
    assert_ptr_equal(csq, &t.csq);
    t.inserted++;
    InsertTailList(&t.list, &irp->Tail.Overlay.ListEntry);
}

static NTSTATUS NTAPI csq_insert_ex(PIO_CSQ csq, PIRP irp, PVOID context)
{
    assert_ptr_equal(context, &t);
    if (NT_SUCCESS(t.insert_status))
        csq_insert(csq, irp);
    return t.insert_status;
}

static VOID NTAPI csq_remove(PIO_CSQ csq, PIRP irp)
{
    (void)csq;
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
}

static PIRP NTAPI csq_peek(PIO_CSQ csq, PIRP irp, PVOID context)
{
    PLIST_ENTRY entry = irp ? irp->Tail.Overlay.ListEntry.Flink : t.list.Flink;

    (void)csq;
    (void)context;
    return entry == &t.list ? NULL : CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry);
}

static VOID NTAPI csq_acquire(PIO_CSQ csq, PKIRQL irql)
{
    (void)csq;
    KeAcquireSpinLock(&t.lock, irql);
}

static VOID NTAPI csq_release(PIO_CSQ csq, KIRQL irql)
{
    (void)csq;
    KeReleaseSpinLock(&t.lock, irql);
}

static VOID NTAPI csq_canceled(PIO_CSQ csq, PIRP irp)
{
    (void)csq;
    (void)irp;
    assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
    t.canceled++;
}

static void test_csq(void **state)
{
    IO_CSQ_IRP_CONTEXT context;
    PIRP a = received_irp(), b = received_irp(), c = received_irp();

    (void)state;
    assert_int_equal(IoCsqInitialize(&t.csq, csq_insert, csq_remove, csq_peek, csq_acquire, csq_release, csq_canceled),
                     STATUS_SUCCESS);
    IoCsqInsertIrp(&t.csq, a, NULL);
    IoCsqInsertIrp(&t.csq, b, &context);
    IoCsqInsertIrp(&t.csq, c, NULL);
    assert_true(IoGetCurrentIrpStackLocation(a)->Control & SL_PENDING_RETURNED);
    assert_ptr_equal(IoCsqRemoveIrp(&t.csq, &context), b);
    assert_null(IoCsqRemoveIrp(&t.csq, &context)); /* it is not there any more */
    assert_true(IoCancelIrp(a));
    assert_int_equal(t.canceled, 1);
    assert_ptr_equal(IoCsqRemoveNextIrp(&t.csq, NULL), c);
    assert_null(c->CancelRoutine);
    assert_null(IoCsqRemoveNextIrp(&t.csq, NULL));
    /* Cancelled before it is queued: completed at once. */
    b->Cancel = TRUE;
    IoCsqInsertIrp(&t.csq, b, &context);
    assert_int_equal(t.canceled, 2);
    assert_true(IsListEmpty(&t.list));
    IoFreeIrp(a);
    IoFreeIrp(b);
    IoFreeIrp(c);
}

static void test_csq_ex(void **state)
{
    PIRP irp = received_irp();

    (void)state;
    assert_int_equal(
        IoCsqInitializeEx(&t.csq, csq_insert_ex, csq_remove, csq_peek, csq_acquire, csq_release, csq_canceled),
        STATUS_SUCCESS);
    t.insert_status = STATUS_DEVICE_BUSY;
    assert_int_equal(IoCsqInsertIrpEx(&t.csq, irp, NULL, &t), STATUS_DEVICE_BUSY);
    assert_false(IoGetCurrentIrpStackLocation(irp)->Control & SL_PENDING_RETURNED);
    assert_null(irp->CancelRoutine);
    t.insert_status = STATUS_SUCCESS;
    assert_int_equal(IoCsqInsertIrpEx(&t.csq, irp, NULL, &t), STATUS_SUCCESS);
    assert_ptr_equal(IoCsqRemoveNextIrp(&t.csq, NULL), irp);
    IoFreeIrp(irp);
}

static VOID NTAPI start_io(PDEVICE_OBJECT device, PIRP irp)
{
    assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
    assert_ptr_equal(device->CurrentIrp, irp);
    for (int i = 0; i < 8; i++)
        if (t.irps[i] == irp)
            t.order[t.started++] = (char)('0' + i);
}

static VOID NTAPI cancel_queued(PDEVICE_OBJECT device, PIRP irp)
{
    KeRemoveEntryDeviceQueue(&device->DeviceQueue, &irp->Tail.Overlay.DeviceQueueEntry);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    t.canceled++;
}

static void next_packet(BOOLEAN cancelable)
{
    KIRQL old;

    KeRaiseIrql(DISPATCH_LEVEL, &old);
    IoStartNextPacket(t.device, cancelable);
    KeLowerIrql(old);
}

static void test_start_io(void **state)
{
    ULONG keys[] = {5, 3, 4};

    (void)state;
    t.driver->DriverStartIo = start_io;
    for (int i = 0; i < 8; i++)
        t.irps[i] = received_irp();
    for (int i = 0; i < 3; i++)
        IoStartPacket(t.device, t.irps[i], NULL, NULL);
    assert_string_equal(t.order, "0"); /* the others wait */
    next_packet(FALSE);
    next_packet(FALSE);
    assert_string_equal(t.order, "012");
    next_packet(FALSE);
    assert_null(t.device->CurrentIrp);

    IoStartPacket(t.device, t.irps[3], &keys[0], NULL);
    for (int i = 0; i < 3; i++)
        IoStartPacket(t.device, t.irps[4 + i], &keys[i], NULL);
    for (int i = 0; i < 4; i++)
        next_packet(FALSE);
    assert_string_equal(t.order, "0123564"); /* by key */

    IoStartPacket(t.device, t.irps[0], NULL, cancel_queued);
    IoStartPacket(t.device, t.irps[1], NULL, cancel_queued);
    assert_true(IoCancelIrp(t.irps[1]));
    assert_int_equal(t.canceled, 1);
    t.irps[2]->Cancel = TRUE; /* before it is queued */
    IoStartPacket(t.device, t.irps[2], NULL, cancel_queued);
    assert_int_equal(t.canceled, 2);
    next_packet(TRUE);
    assert_null(t.device->CurrentIrp);
    for (int i = 0; i < 8; i++)
        IoFreeIrp(t.irps[i]);
}

static void release_later(void *context)
{
    LARGE_INTEGER soon = {.QuadPart = -10000};

    KeDelayExecutionThread(KernelMode, FALSE, &soon);
    t.order[0] = 'r';
    IoReleaseRemoveLock((PIO_REMOVE_LOCK)context, NULL);
}

static void test_remove_lock(void **state)
{
    IO_REMOVE_LOCK lock;

    (void)state;
    IoInitializeRemoveLock(&lock, 0, 0, 0);
    assert_int_equal(IoAcquireRemoveLock(&lock, NULL), STATUS_SUCCESS);
    assert_int_equal(IoAcquireRemoveLock(&lock, &t), STATUS_SUCCESS);
    assert_int_equal(ke_thread_create(NULL, "release", release_later, &lock), STATUS_SUCCESS);
    IoReleaseRemoveLockAndWait(&lock, &t); /* until the thread has released its own */
    assert_int_equal(t.order[0], 'r');
    assert_int_equal(IoAcquireRemoveLock(&lock, NULL), STATUS_DELETE_PENDING);
}

static VOID NTAPI work(PDEVICE_OBJECT device, PVOID context)
{
    t.order[0] = device == t.device && KeGetCurrentIrql() == PASSIVE_LEVEL ? 'p' : 'x';
    KeSetEvent(context, 0, FALSE);
}

/* It may free itself. */
static VOID NTAPI work_ex(PVOID object, PVOID context, PIO_WORKITEM item)
{
    t.order[1] = object == t.driver ? 'd' : 'x';
    IoUninitializeWorkItem(item);
    ExFreePool(item);
    KeSetEvent(context, 0, FALSE);
}

static void test_work_items(void **state)
{
    PIO_WORKITEM item = IoAllocateWorkItem(t.device);

    (void)state;
    for (int i = 0; i < 3; i++) {
        t.order[0] = '\0';
        IoQueueWorkItem(item, work, DelayedWorkQueue, &t.event);
        KeWaitForSingleObject(&t.event, Executive, KernelMode, FALSE, NULL);
        assert_int_equal(t.order[0], 'p');
    }
    IoFreeWorkItem(item);
    item = ExAllocatePool2(POOL_FLAG_NON_PAGED, IoSizeofWorkItem(), 1);
    IoInitializeWorkItem(t.driver, item);
    IoQueueWorkItemEx(item, work_ex, DelayedWorkQueue, &t.event);
    KeWaitForSingleObject(&t.event, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(t.order[1], 'd');
}

static VOID NTAPI every_second(PDEVICE_OBJECT device, PVOID context)
{
    t.order[0] = device == t.device && KeGetCurrentIrql() == DISPATCH_LEVEL ? 't' : 'x';
    KeSetEvent(context, 0, FALSE);
}

static void test_timer(void **state)
{
    (void)state;
    assert_int_equal(IoInitializeTimer(t.device, every_second, &t.event), STATUS_SUCCESS);
    IoStartTimer(t.device);
    KeWaitForSingleObject(&t.event, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(t.order[0], 't');
    IoStopTimer(t.device);
}

static void test_partial_mdl(void **state)
{
    static UCHAR buffer[3 * PAGE_SIZE];
    PMDL whole = IoAllocateMdl(buffer, sizeof(buffer), FALSE, FALSE, NULL), part, second;
    PIRP irp = IoAllocateIrp(1, FALSE);

    (void)state;
    MmBuildMdlForNonPagedPool(whole);
    part = IoAllocateMdl(buffer + 100, 5000, FALSE, FALSE, NULL);
    IoBuildPartialMdl(whole, part, buffer + 100, 5000);
    assert_true(part->MdlFlags & MDL_PARTIAL);
    assert_int_equal(MmGetMdlByteCount(part), 5000);
    assert_ptr_equal(MmGetSystemAddressForMdlSafe(part, NormalPagePriority), buffer + 100);
    MmPrepareMdlForReuse(part);
    IoBuildPartialMdl(whole, part, buffer + PAGE_SIZE, 10);
    assert_ptr_equal(MmGetSystemAddressForMdlSafe(part, NormalPagePriority), buffer + PAGE_SIZE);
    assert_int_equal(MmGetMdlPfnArray(part)[0], MmGetMdlPfnArray(whole)[1]);
    IoFreeMdl(part);
    IoFreeMdl(whole);
    /* Chained to an IRP. */
    part = IoAllocateMdl(buffer, 10, FALSE, FALSE, irp);
    assert_ptr_equal(irp->MdlAddress, part);
    second = IoAllocateMdl(buffer, 20, TRUE, FALSE, irp);
    assert_ptr_equal(part->Next, second);
    IoFreeMdl(second);
    IoFreeMdl(part);
    IoFreeIrp(irp);
}

static void test_shutdown_notification(void **state)
{
    (void)state;
    assert_int_equal(IoRegisterShutdownNotification(t.device), STATUS_SUCCESS);
    io_notify_shutdown();
    assert_int_equal(t.shutdowns, 1);
    IoRegisterShutdownNotification(t.device);
    IoUnregisterShutdownNotification(t.device);
    io_notify_shutdown();
    assert_int_equal(t.shutdowns, 1);
}

static void test_share_access(void **state)
{
    FILE_OBJECT reader = {0}, writer = {0}, other = {0};
    SHARE_ACCESS share;

    (void)state;
    IoSetShareAccess(FILE_READ_DATA, FILE_SHARE_READ, &reader, &share);
    assert_int_equal(IoCheckShareAccess(FILE_WRITE_DATA, FILE_SHARE_READ, &writer, &share, TRUE),
                     STATUS_SHARING_VIOLATION);
    assert_int_equal(share.OpenCount, 1);
    assert_int_equal(IoCheckShareAccess(FILE_READ_DATA, FILE_SHARE_READ, &other, &share, TRUE), STATUS_SUCCESS);
    assert_int_equal(share.OpenCount, 2);
    assert_int_equal(share.Readers, 2);
    IoRemoveShareAccess(&other, &share);
    IoRemoveShareAccess(&reader, &share);
    assert_int_equal(share.OpenCount, 0);
    assert_int_equal(IoCheckShareAccess(FILE_WRITE_DATA, 0, &writer, &share, TRUE), STATUS_SUCCESS);
    assert_int_equal(IoCheckShareAccess(FILE_READ_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, &reader, &share, TRUE),
                     STATUS_SHARING_VIOLATION); /* the writer shares nothing */
}

static void test_forward_synchronously(void **state)
{
    PDEVICE_OBJECT upper = io_test_device(t.driver, 0);
    PIRP irp;

    (void)state;
    IoAttachDeviceToDeviceStack(upper, t.device);
    irp = IoAllocateIrp(upper->StackSize, FALSE);
    IoSetNextIrpStackLocation(irp);
    IoGetCurrentIrpStackLocation(irp)->MajorFunction = IRP_MJ_SHUTDOWN;
    assert_true(IoForwardIrpSynchronously(t.device, irp));
    assert_int_equal(t.shutdowns, 1);
    IoSetNextIrpStackLocation(irp);
    assert_false(IoForwardIrpSynchronously(t.device, irp)); /* no location left */
    assert_int_equal(IoGetIoPriorityHint(irp), IoPriorityNormal);
    assert_int_equal(IoSetIoPriorityHint(irp, IoPriorityVeryLow), STATUS_SUCCESS);
    assert_int_equal(IoGetIoPriorityHint(irp), IoPriorityVeryLow);
    IoFreeIrp(irp);
    IoDetachDevice(t.device);
    IoDeleteDevice(upper);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_csq),          TEST(test_csq_ex),
        TEST(test_start_io),     TEST(test_remove_lock),
        TEST(test_work_items),   TEST(test_timer),
        TEST(test_partial_mdl),  TEST(test_shutdown_notification),
        TEST(test_share_access), TEST(test_forward_synchronously),
    };
    return cmocka_run_group_tests_name("queues", tests, NULL, io_test_halt);
}

/*
 * Locks. Three kinds, which know their holder so that a lock that is acquired twice or released by somebody else is a
 * violation instead of a hang: spin locks and wait locks that a driver makes, and the callback lock of a device or a
 * queue, by which the framework serialises callbacks and which a driver can take, too.
 *
 * Public pages: "Using Framework Locks", "Using Automatic Synchronization", "WdfSpinLockAcquire method",
 * "WdfWaitLockAcquire method", "WdfObjectAcquireLock method".
 */
#include "ntoskrnl/ex/ex.h"
#include "wdf/wdf.h"

/* A host thread, for as long as it holds a lock. */
static const void *self(void)
{
    return &ke_this;
}

static bool is_mine(const void *const *owner)
{
    return __atomic_load_n(owner, __ATOMIC_RELAXED) == self();
}

static void set_owner(const void **owner, const void *value)
{
    __atomic_store_n(owner, value, __ATOMIC_RELAXED);
}

/* Out of the locks' own way: see wdf_irql_violation. */
static _Noreturn __attribute__((noinline)) void NTAPI recursion(const struct wdf_object *object, const char *call)
{
    wdf_violation(object->client, WDF_RECURSIVE_LOCK, (ULONG_PTR)object->handle, 0, 0, call,
                  "the calling thread holds the lock of this %s already", object->type->name);
}

static _Noreturn __attribute__((noinline)) void NTAPI not_mine(const struct wdf_object *object, const char *call)
{
    wdf_violation(object->client, WDF_INVALID_LOCK_OPERATION, (ULONG_PTR)object->handle, 1, 0, call,
                  "the calling thread did not acquire the lock of this %s", object->type->name);
}

/* ---- spin locks -----------------------------------------------------------------------------------------------------
 */

struct wdf_spinlock {
    struct wdf_object object;
    KSPIN_LOCK lock;
    const void *owner;
    KIRQL old_irql;
};

const struct wdf_type wdf_spinlock_type = {.name = "WDFSPINLOCK"};

NTSTATUS NTAPI kmdf_WdfSpinLockCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_OBJECT_ATTRIBUTES SpinLockAttributes,
                                      WDFSPINLOCK *SpinLock)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfSpinLockCreate");
    wdf_require(client, SpinLock, "WdfSpinLockCreate", "SpinLock");
    *SpinLock = NULL;
    struct wdf_spinlock *lock = (void *)wdf_object_create(client, &wdf_spinlock_type, sizeof(*lock), SpinLockAttributes,
                                                          wdf_client_root(client), &status);
    if (lock == NULL)
        return status;
    KeInitializeSpinLock(&lock->lock);
    *SpinLock = (WDFSPINLOCK)wdf_handle(&lock->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfSpinLockCreate, PFN_WDFSPINLOCKCREATE);

VOID NTAPI kmdf_WdfSpinLockAcquire(PWDF_DRIVER_GLOBALS DriverGlobals, WDFSPINLOCK SpinLock)
{
    struct wdf_spinlock *lock = wdf_from_handle(DriverGlobals, SpinLock, &wdf_spinlock_type, "WdfSpinLockAcquire");
    wdf_require_irql(lock->object.client, DISPATCH_LEVEL, "WdfSpinLockAcquire");
    if (is_mine(&lock->owner))
        recursion(&lock->object, "WdfSpinLockAcquire");
    KIRQL irql = KeAcquireSpinLockRaiseToDpc(&lock->lock);
    lock->old_irql = irql;
    set_owner(&lock->owner, self());
}
WDF_EXPORT(WdfSpinLockAcquire, PFN_WDFSPINLOCKACQUIRE);

VOID NTAPI kmdf_WdfSpinLockRelease(PWDF_DRIVER_GLOBALS DriverGlobals, WDFSPINLOCK SpinLock)
{
    struct wdf_spinlock *lock = wdf_from_handle(DriverGlobals, SpinLock, &wdf_spinlock_type, "WdfSpinLockRelease");
    if (!is_mine(&lock->owner))
        not_mine(&lock->object, "WdfSpinLockRelease");
    KIRQL irql = lock->old_irql;
    set_owner(&lock->owner, NULL);
    KeReleaseSpinLock(&lock->lock, irql);
}
WDF_EXPORT(WdfSpinLockRelease, PFN_WDFSPINLOCKRELEASE);

/* ---- wait locks -----------------------------------------------------------------------------------------------------
 */

struct wdf_waitlock {
    struct wdf_object object;
    KEVENT free;
    const void *owner;
};

const struct wdf_type wdf_waitlock_type = {.name = "WDFWAITLOCK"};

NTSTATUS NTAPI kmdf_WdfWaitLockCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_OBJECT_ATTRIBUTES LockAttributes,
                                      WDFWAITLOCK *Lock)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfWaitLockCreate");
    wdf_require(client, Lock, "WdfWaitLockCreate", "Lock");
    *Lock = NULL;
    struct wdf_waitlock *lock = (void *)wdf_object_create(client, &wdf_waitlock_type, sizeof(*lock), LockAttributes,
                                                          wdf_client_root(client), &status);
    if (lock == NULL)
        return status;
    KeInitializeEvent(&lock->free, SynchronizationEvent, TRUE);
    *Lock = (WDFWAITLOCK)wdf_handle(&lock->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfWaitLockCreate, PFN_WDFWAITLOCKCREATE);

NTSTATUS NTAPI kmdf_WdfWaitLockAcquire(PWDF_DRIVER_GLOBALS DriverGlobals, WDFWAITLOCK Lock, PLONGLONG Timeout)
{
    struct wdf_waitlock *lock = wdf_from_handle(DriverGlobals, Lock, &wdf_waitlock_type, "WdfWaitLockAcquire");
    bool waits = Timeout == NULL || *Timeout != 0;
    LARGE_INTEGER timeout = {.QuadPart = Timeout != NULL ? *Timeout : 0};
    wdf_require_irql(lock->object.client, waits ? PASSIVE_LEVEL : APC_LEVEL, "WdfWaitLockAcquire");
    if (waits && is_mine(&lock->owner))
        recursion(&lock->object, "WdfWaitLockAcquire");
    KeEnterCriticalRegion();
    NTSTATUS status =
        KeWaitForSingleObject(&lock->free, Executive, KernelMode, FALSE, Timeout != NULL ? &timeout : NULL);
    if (status == STATUS_SUCCESS)
        set_owner(&lock->owner, self());
    else
        KeLeaveCriticalRegion();
    return status;
}
WDF_EXPORT(WdfWaitLockAcquire, PFN_WDFWAITLOCKACQUIRE);

VOID NTAPI kmdf_WdfWaitLockRelease(PWDF_DRIVER_GLOBALS DriverGlobals, WDFWAITLOCK Lock)
{
    struct wdf_waitlock *lock = wdf_from_handle(DriverGlobals, Lock, &wdf_waitlock_type, "WdfWaitLockRelease");
    wdf_require_irql(lock->object.client, DISPATCH_LEVEL, "WdfWaitLockRelease");
    /* Acquiring entered a critical region, which only the same thread can leave. */
    if (!is_mine(&lock->owner))
        not_mine(&lock->object, "WdfWaitLockRelease");
    set_owner(&lock->owner, NULL);
    KeSetEvent(&lock->free, IO_NO_INCREMENT, FALSE);
    KeLeaveCriticalRegion();
}
WDF_EXPORT(WdfWaitLockRelease, PFN_WDFWAITLOCKRELEASE);

/* ---- callback locks -------------------------------------------------------------------------------------------------
 */

struct wdf_callback_lock {
    struct wdf_object *object;
    bool passive;
    const void *owner;
    KIRQL old_irql; /* of the driver's own acquisition */
    KSPIN_LOCK spin;
    KEVENT free; /* passive */
};

NTSTATUS wdf_callback_lock_create(struct wdf_object *object)
{
    struct wdf_callback_lock *lock =
        ex_pool_allocate(0, sizeof(*lock), object->client->globals.DriverTag, __builtin_return_address(0));
    if (lock == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    lock->object = object;
    lock->passive = object->execution_level == WdfExecutionLevelPassive;
    KeInitializeSpinLock(&lock->spin);
    KeInitializeEvent(&lock->free, SynchronizationEvent, TRUE);
    object->callback_lock = lock;
    return STATUS_SUCCESS;
}

bool wdf_callback_lock_is_mine(const struct wdf_callback_lock *lock)
{
    return lock != NULL && is_mine(&lock->owner);
}

static void NTAPI acquire(struct wdf_callback_lock *lock, KIRQL *irql, const char *call)
{
    wdf_require_irql(lock->object->client, lock->passive ? APC_LEVEL : DISPATCH_LEVEL, call);
    if (is_mine(&lock->owner))
        recursion(lock->object, call);
    if (lock->passive) {
        KeEnterCriticalRegion();
        KeWaitForSingleObject(&lock->free, Executive, KernelMode, FALSE, NULL);
        *irql = ke_irql();
    } else {
        *irql = KeAcquireSpinLockRaiseToDpc(&lock->spin);
    }
    set_owner(&lock->owner, self());
}

static void NTAPI release(struct wdf_callback_lock *lock, KIRQL irql)
{
    set_owner(&lock->owner, NULL);
    if (lock->passive) {
        KeSetEvent(&lock->free, IO_NO_INCREMENT, FALSE);
        KeLeaveCriticalRegion();
    } else {
        KeReleaseSpinLock(&lock->spin, irql);
    }
}

void wdf_callback_lock_acquire(struct wdf_callback_lock *lock, struct wdf_callback_lock_state *state)
{
    if (lock != NULL)
        acquire(lock, &state->irql, "a serialised callback");
}

void wdf_callback_lock_release(struct wdf_callback_lock *lock, struct wdf_callback_lock_state *state)
{
    if (lock != NULL)
        release(lock, state->irql);
}

static struct wdf_callback_lock *lock_of(PWDF_DRIVER_GLOBALS globals, WDFOBJECT handle, const char *call)
{
    struct wdf_object *object = wdf_from_handle(globals, handle, NULL, call);
    if (object->callback_lock == NULL)
        wdf_violation(object->client, WDF_INVALID_LOCK_OPERATION, (ULONG_PTR)handle, 0, 0, call,
                      "a %s has no synchronization lock: only device and queue objects do", object->type->name);
    return object->callback_lock;
}

VOID NTAPI kmdf_WdfObjectAcquireLock(PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Object)
{
    struct wdf_callback_lock *lock = lock_of(DriverGlobals, Object, "WdfObjectAcquireLock");
    KIRQL irql;
    acquire(lock, &irql, "WdfObjectAcquireLock");
    lock->old_irql = irql;
}
WDF_EXPORT(WdfObjectAcquireLock, PFN_WDFOBJECTACQUIRELOCK);

VOID NTAPI kmdf_WdfObjectReleaseLock(PWDF_DRIVER_GLOBALS DriverGlobals, WDFOBJECT Object)
{
    struct wdf_callback_lock *lock = lock_of(DriverGlobals, Object, "WdfObjectReleaseLock");
    if (!is_mine(&lock->owner))
        not_mine(lock->object, "WdfObjectReleaseLock");
    release(lock, lock->old_irql);
}
WDF_EXPORT(WdfObjectReleaseLock, PFN_WDFOBJECTRELEASELOCK);

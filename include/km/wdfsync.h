/*
 * Locks: the one that serialises the callbacks of a device or a queue, spin locks and wait locks. "Using Framework
 * Locks"
 */
#ifndef _WDFSYNC_H_
#define _WDFSYNC_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

/* ---- methods ------------------------------------------------------------------------------------------------------
 */

typedef VOID(NTAPI *PFN_WDFOBJECTACQUIRELOCK)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFOBJECT Object);

NDISKIT_INLINE VOID WdfObjectAcquireLock(_In_ WDFOBJECT Object)
{
    ((PFN_WDFOBJECTACQUIRELOCK)WdfFunctions[WdfObjectAcquireLockTableIndex])(WdfDriverGlobals, Object);
}

typedef VOID(NTAPI *PFN_WDFOBJECTRELEASELOCK)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFOBJECT Object);

NDISKIT_INLINE VOID WdfObjectReleaseLock(_In_ WDFOBJECT Object)
{
    ((PFN_WDFOBJECTRELEASELOCK)WdfFunctions[WdfObjectReleaseLockTableIndex])(WdfDriverGlobals, Object);
}

typedef NTSTATUS(NTAPI *PFN_WDFWAITLOCKCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                               _In_opt_ PWDF_OBJECT_ATTRIBUTES LockAttributes, _Out_ WDFWAITLOCK *Lock);

NDISKIT_INLINE NTSTATUS WdfWaitLockCreate(_In_opt_ PWDF_OBJECT_ATTRIBUTES LockAttributes, _Out_ WDFWAITLOCK *Lock)
{
    return ((PFN_WDFWAITLOCKCREATE)WdfFunctions[WdfWaitLockCreateTableIndex])(WdfDriverGlobals, LockAttributes, Lock);
}

typedef NTSTATUS(NTAPI *PFN_WDFWAITLOCKACQUIRE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFWAITLOCK Lock,
                                                _In_opt_ PLONGLONG Timeout);

NDISKIT_INLINE NTSTATUS WdfWaitLockAcquire(_In_ WDFWAITLOCK Lock, _In_opt_ PLONGLONG Timeout)
{
    return ((PFN_WDFWAITLOCKACQUIRE)WdfFunctions[WdfWaitLockAcquireTableIndex])(WdfDriverGlobals, Lock, Timeout);
}

typedef VOID(NTAPI *PFN_WDFWAITLOCKRELEASE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFWAITLOCK Lock);

NDISKIT_INLINE VOID WdfWaitLockRelease(_In_ WDFWAITLOCK Lock)
{
    ((PFN_WDFWAITLOCKRELEASE)WdfFunctions[WdfWaitLockReleaseTableIndex])(WdfDriverGlobals, Lock);
}

typedef NTSTATUS(NTAPI *PFN_WDFSPINLOCKCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                               _In_opt_ PWDF_OBJECT_ATTRIBUTES SpinLockAttributes,
                                               _Out_ WDFSPINLOCK *SpinLock);

NDISKIT_INLINE NTSTATUS WdfSpinLockCreate(_In_opt_ PWDF_OBJECT_ATTRIBUTES SpinLockAttributes,
                                          _Out_ WDFSPINLOCK *SpinLock)
{
    return ((PFN_WDFSPINLOCKCREATE)WdfFunctions[WdfSpinLockCreateTableIndex])(WdfDriverGlobals, SpinLockAttributes,
                                                                              SpinLock);
}

typedef VOID(NTAPI *PFN_WDFSPINLOCKACQUIRE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFSPINLOCK SpinLock);

NDISKIT_INLINE VOID WdfSpinLockAcquire(_In_ WDFSPINLOCK SpinLock)
{
    ((PFN_WDFSPINLOCKACQUIRE)WdfFunctions[WdfSpinLockAcquireTableIndex])(WdfDriverGlobals, SpinLock);
}

typedef VOID(NTAPI *PFN_WDFSPINLOCKRELEASE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFSPINLOCK SpinLock);

NDISKIT_INLINE VOID WdfSpinLockRelease(_In_ WDFSPINLOCK SpinLock)
{
    ((PFN_WDFSPINLOCKRELEASE)WdfFunctions[WdfSpinLockReleaseTableIndex])(WdfDriverGlobals, SpinLock);
}

NDISKIT_EXTERN_C_END

#endif

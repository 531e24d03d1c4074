/* What the tests of kmdffault and the driver share: its faults, one IOCTL each. */
#ifndef KMDFFAULT_H
#define KMDFFAULT_H

#define KMDFFAULT_LINK    "\\??\\KmdfFault"
#define KMDFFAULT_CODE(n) CTL_CODE(FILE_DEVICE_UNKNOWN, 0xB00 + (n), METHOD_BUFFERED, FILE_ANY_ACCESS)

enum KMDFFAULT {
    FaultNone,           /* completes with success */
    FaultWrongType,      /* a WDFMEMORY where a WDFQUEUE is needed */
    FaultDeleted,        /* a WDFMEMORY that was deleted */
    FaultMadeUp,         /* a handle that never was */
    FaultNullHandle,     /* NULL */
    FaultNullParameter,  /* no configuration for a queue */
    FaultChild,          /* a child's handle after its parent was deleted */
    FaultSizeVoid,       /* a structure's size is wrong, the method has no status */
    FaultSizeStatus,     /* the same, and the method has one: that is the output, a ULONG */
    FaultIrql,           /* a method of PASSIVE_LEVEL at DISPATCH_LEVEL */
    FaultDereference,    /* one WdfObjectDereference too many */
    FaultRecursiveLock,  /* a spin lock twice */
    FaultForeignRelease, /* a spin lock that the thread did not acquire */
    FaultNoLock,         /* WdfObjectAcquireLock of an object that has none */
    FaultReturnIrql,     /* the callback returns at DISPATCH_LEVEL */
    FaultReturnRegion,   /* the callback returns in a critical region */
    FaultCompleteTwice,  /* a request completed twice */
    FaultInformation,    /* more information than the output buffer has room for */
    FaultRequestMemory,  /* a request completed with a reference on its output memory */
    FaultDeleteDriver,   /* WdfObjectDelete of the driver object */
    FaultNotImplemented, /* a function that ndiskit has not */
    FaultDeletePending,  /* a child for a parent that is being deleted: the status is the output, a ULONG */
    FaultLeakReference,  /* a reference that is still there when the driver unloads */
    FaultLeakHandle,     /* objects without a parent of their own: they go with the driver, no fault */
    FaultAssert,         /* WDFVERIFY of what is false */
    FaultCount
};

#endif

/* What the test of kmdftest and the driver share. */
#ifndef KMDFTEST_H
#define KMDFTEST_H

#define KMDFTEST_CODE(n) CTL_CODE(FILE_DEVICE_UNKNOWN, 0xA00 + (n), METHOD_BUFFERED, FILE_ANY_ACCESS)

/* Default queue: the sum of the input's bytes as a ULONG. */
#define IOCTL_KMDFTEST_SUM KMDFTEST_CODE(0)
/* Sequential queue: presented one at a time. The output is a ULONG: how many its callback had in hand at most. */
#define IOCTL_KMDFTEST_ONE KMDFTEST_CODE(1)
/* Manual queue: waits for IOCTL_KMDFTEST_WAKE, whose input becomes its output. */
#define IOCTL_KMDFTEST_WAIT KMDFTEST_CODE(2)
/* Completes the oldest waiting request with its own input; STATUS_NO_MORE_ENTRIES when there is none. */
#define IOCTL_KMDFTEST_WAKE KMDFTEST_CODE(3)
/* Completed by a timer, 5 ms later; cancelable till then. The output is a ULONG: the IRQL of the timer's callback. */
#define IOCTL_KMDFTEST_TIMER KMDFTEST_CODE(4)
/* Completed by a work item. The output is a ULONG: the IRQL of its callback. */
#define IOCTL_KMDFTEST_WORK KMDFTEST_CODE(5)
/* KMDFTEST_COUNTS */
#define IOCTL_KMDFTEST_COUNTS KMDFTEST_CODE(6)
/* Kept until it is canceled, outside of any queue. */
#define IOCTL_KMDFTEST_KEEP KMDFTEST_CODE(7)
/* METHOD_OUT_DIRECT: fills the output with 0xA5. */
#define IOCTL_KMDFTEST_FILL CTL_CODE(FILE_DEVICE_UNKNOWN, 0xA20, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

typedef struct _KMDFTEST_COUNTS {
    ULONG Creates, Cleanups, Closes;
    ULONG FileRequests;    /* of this file object */
    ULONG CanceledOnQueue; /* the manual queue's requests */
    ULONG Canceled;        /* marked cancelable by the driver */
    ULONG ContextsCleaned; /* request contexts */
} KMDFTEST_COUNTS;

#endif

/*
 * I/O queues: the waiting requests, those that the driver has, and who is delivering.
 */
#pragma once

#include "wdf/device.h"

/* wdf_request.queue_flags */
#define WDF_QUEUE_PRESENTED 0x1  /* the driver has it: on the list presented */
#define WDF_QUEUE_DELIVERED 0x2  /* the driver has had it before: EvtIoCanceledOnQueue is for such */
#define WDF_QUEUE_STOPPED   0x4  /* WdfRequestStopAcknowledge, without requeuing */
#define WDF_QUEUE_WAITING   0x8  /* on the list waiting */
#define WDF_QUEUE_TOLD      0x10 /* EvtIoStop or EvtIoResume has been called in this round */

enum wdf_queue_change { WDF_QUEUE_STOPPING, WDF_QUEUE_EMPTYING };

struct wdf_queue {
    struct wdf_object object;
    struct wdf_device *device;
    LIST_ENTRY entry; /* of wdf_device.queues */
    WDF_IO_QUEUE_CONFIG config;
    bool power_managed;

    KSPIN_LOCK lock;               /* of everything below */
    LIST_ENTRY waiting, presented; /* of wdf_request.queue_entry */
    ULONG waiting_count, driver_count, stopped_count;
    bool accepts, dispatches, held;     /* held: the device is not in D0 */
    PFN_WDF_IO_QUEUE_STATE change_done; /* of stop, drain, purge */
    WDFCONTEXT change_context;
    enum wdf_queue_change change;
    bool changing;
    PFN_WDF_IO_QUEUE_STATE ready;
    WDFCONTEXT ready_context;
    LIST_ENTRY pumps; /* threads that deliver */
    bool pump_later;  /* the DPC or work item is queued */
    ULONG pump_runs;
    KEVENT pump_idle; /* neither queued nor running */
    KDPC pump_dpc;
    WORK_QUEUE_ITEM pump_work;
    KEVENT quiet; /* while held: every request that the driver has is acknowledged */
};

/* Puts a request, which the framework owns, at the end or the head of the queue. False when the queue takes no
 * requests: nothing has happened then. The caller pumps. */
bool wdf_queue_insert(struct wdf_queue *queue, struct wdf_request *request, bool head);
/* Takes the first waiting request that match (NULL: any) approves, and gives it to the driver. NULL: there is none. */
struct wdf_request *wdf_queue_take(struct wdf_queue *queue,
                                   bool (*match)(const struct wdf_request *request, const void *context),
                                   const void *context);
/* Delivers what can be delivered, and says what is to be said: call it, without locks, after each change. */
void wdf_queue_pump(struct wdf_queue *queue);
/* The driver has given the request up: completed, forwarded or requeued it. Under no lock; the caller pumps. */
void wdf_queue_release(struct wdf_request *request);
/* Cancels all waiting requests, and those that the driver has made cancelable. */
void wdf_queue_cancel_all(struct wdf_queue *queue);

/*
 * Framework requests: an IRP with a handle. Three kinds: received (the framework made it for an IRP that came to a
 * device of the driver's), created (WdfRequestCreate: the framework allocates the IRP) and from an IRP of the driver's
 * own.
 *
 * What is here serves the queues, which receive requests (wdf/queue.c and its like), and the I/O targets, which send
 * them (wdf/target.h). "Framework Request Objects"
 */
#pragma once

#include "wdf/wdf.h"
#include <usb.h>

struct wdf_request;
struct wdf_target;

enum wdf_request_origin {
    WDF_REQUEST_RECEIVED,
    WDF_REQUEST_CREATED,
    WDF_REQUEST_FROM_IRP,
};

/* The functions on the way of each request are NTAPI, as the driver's calls are: a function of the Windows ABI that
 * calls only such functions saves no vector registers. */

/* What the maker of received requests hears of them. */
struct wdf_request_owner {
    /* The IRP is about to be completed or sent for good: nobody else may look at it from now on. May be NULL. */
    void (*leaving)(struct wdf_request *request);
    /* The request's IRP has been completed, or sent to a target for good (send and forget). Once for each request, in
     * the thread that did it, before the request object is deleted. IRQL <= DISPATCH_LEVEL. */
    void (*finished)(struct wdf_request *request);
    /* The lock under which the driver's cancel callback for this request runs, or NULL. May be NULL. */
    struct wdf_callback_lock *(*callback_lock)(struct wdf_request *request);
};

/* Where a request that was sent is; under its target's lock. */
enum wdf_request_place {
    WDF_REQUEST_IDLE,
    WDF_REQUEST_WAITING,   /* in the queue of a stopped target */
    WDF_REQUEST_SENT,      /* with the lower driver */
    WDF_REQUEST_FINISHING, /* came back, but someone who is cancelling it must let go first */
};

struct wdf_request {
    struct wdf_object object;
    PIRP irp; /* NULL once completed; for a created one without a target, until it is formatted */
    uint8_t origin;
    bool frees_irp;

    /* Of received requests. */
    const struct wdf_request_owner *owner;
    struct wdf_object *device; /* that it came to; not referenced: the device waits for its requests */
    bool driver_owned;         /* delivered to the driver and not completed, forwarded or sent since */
    bool reserved;             /* set aside for low memory */
    bool in_caller_context;    /* EvtIoInCallerContext runs */
    bool completed;
    bool cancel_called;      /* EvtRequestCancel was, or is about to be */
    struct wdf_queue *queue; /* these four are for the queues alone */
    struct wdf_file *file;
    LIST_ENTRY queue_entry;
    ULONG queue_flags;
    PFN_WDF_REQUEST_CANCEL evt_cancel;           /* while marked cancelable */
    void (*cancel)(struct wdf_request *request); /* see wdf_request_set_cancel */
    struct wdf_memory *input, *output;           /* memory objects of its buffers, children of the request */
    PMDL input_mdl, output_mdl;                  /* made on demand; freed with the request */
    struct wdf_locked_buffer *locked;            /* WdfRequestProbeAndLockUserBuffer... */

    /* Of requests that are sent. */
    struct wdf_target *target;
    uint8_t place;      /* enum wdf_request_place */
    uint8_t send_flags; /* WDF_REQUEST_SEND_OPTION_... */
    bool internal;      /* the framework sends it for itself */
    bool formatted, counted, cancel_issued, timed_out, timer_armed;
    unsigned cancelers; /* threads that are in IoCancelIrp for it, and its timer; under the target's lock */
    LIST_ENTRY target_entry;
    NTSTATUS status; /* when it was not sent, or did not reach a lower driver */
    PFN_WDF_REQUEST_COMPLETION_ROUTINE completion;
    WDFCONTEXT completion_context;
    /* In place of the driver's routine: the framework's own requests. Runs with the request referenced. */
    void(NTAPI *internal_completion)(struct wdf_request *request, void *context);
    void *internal_context;
    PKEVENT done; /* a synchronous sender waits */
    KTIMER timer;
    KDPC timer_dpc;

    /* What it was formatted for. */
    WDF_REQUEST_COMPLETION_PARAMS params;
    WDF_USB_REQUEST_COMPLETION_PARAMS usb;
    struct wdf_memory *memory[3]; /* referenced: input or data, output, the other one */
    void *system_buffer;          /* of METHOD_BUFFERED; kept for the next time */
    size_t system_buffer_size;
    void *copy_back; /* where the output of METHOD_BUFFERED goes */
    size_t copy_back_size;
    PMDL mdl; /* made for a buffer that came without; kept while it fits */
    ULONG mdl_pages;
    PURB sent_urb; /* the URB to read the outcome from, or NULL */
    /* After a USB request: fills params and usb from the URB. */
    void(NTAPI *finish_usb)(struct wdf_request *request);
    union {
        URB urb;
        struct _URB_CONTROL_TRANSFER control;
        struct _URB_CONTROL_DESCRIPTOR_REQUEST descriptor;
        struct _URB_BULK_OR_INTERRUPT_TRANSFER bulk;
        struct _URB_PIPE_REQUEST pipe;
    } urb;
};

extern const struct wdf_type wdf_request_type;

/* Where it is, for who does not hold its target's lock. */
static inline enum wdf_request_place wdf_request_place(const struct wdf_request *request)
{
    return (enum wdf_request_place)__atomic_load_n(&request->place, __ATOMIC_ACQUIRE);
}

/* ---- received requests --------------------------------------------------------------------------------------------
 */

/* A request for an IRP that has come to DEVICE; PARENT is its parent (the device, or the queue). It has one reference
 * and is the framework's until driver_owned is set. ATTRIBUTES as of WdfDeviceInitSetRequestAttributes, or NULL. IRQL
 * <= DISPATCH_LEVEL. */
struct wdf_request *wdf_request_receive(struct wdf_object *device, struct wdf_object *parent,
                                        const WDF_OBJECT_ATTRIBUTES *attributes, PIRP irp,
                                        const struct wdf_request_owner *owner, NTSTATUS *status);

/* Completes a received request, tells its owner and deletes it: what WdfRequestComplete does, and what queues do with
 * requests that they cancel or purge. IRQL <= DISPATCH_LEVEL. */
void wdf_request_complete(struct wdf_request *request, NTSTATUS status, CCHAR boost);

/* Before a received IRP leaves the driver: takes the cancel callback out and deletes the memory objects that lead to
 * the IRP's buffers. */
void wdf_request_end_received(struct wdf_request *request);
/* Frees what is left of that at the request's end. */
void wdf_request_free_received(struct wdf_request *request);

/* From now on a cancellation of the IRP calls CANCEL, once, at DISPATCH_LEVEL or below with no lock held and the
 * request referenced. False when the IRP is cancelled already: CANCEL is not called then. */
bool wdf_request_set_cancel(struct wdf_request *request, void (*cancel)(struct wdf_request *request));
/* Takes the callback back. False when it has been, or is about to be, called: the request is then the callback's. */
bool wdf_request_clear_cancel(struct wdf_request *request);

/* Whether the driver has marked it cancelable. */
static inline bool wdf_request_is_cancelable(const struct wdf_request *request)
{
    return request->evt_cancel != NULL;
}

/* The type of a received request: the IRP's major function. */
WDF_REQUEST_TYPE wdf_request_kind(const struct wdf_request *request);

/* ---- requests that are sent ---------------------------------------------------------------------------------------
 */

/* A created request, for TARGET if it is not NULL. */
struct wdf_request *wdf_request_create(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes,
                                       struct wdf_object *default_parent, struct wdf_target *target, NTSTATUS *status);

/* Gets a request ready to be formatted for TARGET: releases what it was formatted with before and gives it an IRP.
 * STATUS_INVALID_DEVICE_REQUEST while it is sent, STATUS_REQUEST_NOT_ACCEPTED without enough stack locations. *NEXT is
 * the stack location to fill, cleared. IRQL <= DISPATCH_LEVEL. */
NTSTATUS NTAPI wdf_request_prepare(struct wdf_request *request, struct wdf_target *target, PIO_STACK_LOCATION *next);

/* Drops the references on memory objects that formatting took. */
void NTAPI wdf_request_release_memory(struct wdf_request *request);

/* WdfRequestReuse without a new IRP. */
void NTAPI wdf_request_reuse(struct wdf_request *request, NTSTATUS status);

/* An MDL for a buffer in nonpaged memory, made once and kept while it is large enough; NULL without memory. */
PMDL NTAPI wdf_request_mdl(struct wdf_request *request, void *buffer, size_t length);

/* A system buffer of at least SIZE bytes, kept likewise. */
void *wdf_request_system_buffer(struct wdf_request *request, size_t size);

/* The bytes that a chain of MDLs describes. */
size_t wdf_mdl_length(PMDL mdl);

/* A buffer as functions that format are given it. MEMORY or MDL may be NULL; BUFFER is NULL for an MDL. */
struct wdf_span {
    struct wdf_memory *memory;
    PMDL mdl;
    void *buffer;
    size_t length, offset; /* of buffer within the memory object */
};

/* From a memory object and the part of it that OFFSET (may be NULL) names; MEMORY may be NULL: an empty span.
 * STATUS_INTEGER_OVERFLOW for an offset beyond the buffer's end, STATUS_INVALID_DEVICE_REQUEST for a length beyond. */
NTSTATUS NTAPI wdf_span_from_memory(struct wdf_memory *memory, const WDFMEMORY_OFFSET *offset, struct wdf_span *span);
/* From a memory descriptor, which may be NULL. STATUS_INVALID_PARAMETER for one that describes nothing. */
NTSTATUS wdf_span_from_descriptor(PWDF_DRIVER_GLOBALS globals, const WDF_MEMORY_DESCRIPTOR *descriptor,
                                  struct wdf_span *span, const char *call);
/* References the span's memory object in slot INDEX of the request, until it is formatted anew, reused or deleted. */
void NTAPI wdf_request_hold(struct wdf_request *request, unsigned index, const struct wdf_span *span);

/*
 * I/O targets: local ones (the next lower device object), remote ones, USB devices and their pipes. A target has a
 * state, a queue for requests that come while it is stopped, and a list of the requests that are with lower drivers, so
 * that stopping, purging and removing can cancel them and wait for them. "Using I/O Targets"
 */
#pragma once

#include "wdf/request.h"

enum wdf_target_kind {
    WDF_TARGET_LOCAL,
    WDF_TARGET_REMOTE,
    WDF_TARGET_USB_DEVICE,
    WDF_TARGET_USB_PIPE,
};

struct wdf_target {
    struct wdf_object object;
    struct wdf_object *device; /* WDFDEVICE that it belongs to; an ancestor */
    uint8_t kind;
    PDEVICE_OBJECT lower;    /* requests go here; NULL while a remote target is closed */
    PDEVICE_OBJECT physical; /* or NULL */
    CCHAR stack_size;        /* of lower */
    PFILE_OBJECT file;       /* remote: in every stack location; or NULL */
    HANDLE handle;           /* remote, opened by name */

    KSPIN_LOCK lock;
    WDF_IO_TARGET_STATE state; /* under lock */
    LIST_ENTRY waiting, sent;  /* of wdf_request.target_entry; under lock */
    LONG outstanding;          /* 1 + requests sent in state; stopping takes the 1 away and waits for 0 */
    bool draining;             /* who stops is waiting; under lock */
    PKEVENT idle;              /* who waits for that */
    KEVENT turn;               /* who stops, purges or closes: one at a time */
    struct wdf_remote *remote; /* wdf/target_remote.c */
    struct wdf_reader *reader; /* of a pipe with a continuous reader; wdf/usb_reader.c */
};

extern const struct wdf_type wdf_target_type; /* remote ones; base of the others */
extern const struct wdf_type wdf_local_target_type;

/* Provided by wdf/device.c: a device's local target, NULL before it has one. */
extern const struct wdf_type wdf_device_type;
struct wdf_target *wdf_device_local_target(struct wdf_object *device);

/* The local target of DEVICE, started: requests go to LOWER, the PDO of the stack is PHYSICAL. A child of the device.
 * wdf/device.c calls it. */
struct wdf_target *wdf_target_create_local(struct wdf_object *device, PDEVICE_OBJECT lower, PDEVICE_OBJECT physical,
                                           NTSTATUS *status);

/* Sets up the members behind object, which the creator has made; started. */
void wdf_target_initialize(struct wdf_target *target, struct wdf_object *device, enum wdf_target_kind kind,
                           PDEVICE_OBJECT lower, PDEVICE_OBJECT physical);

/* The device is going: requests are cancelled, awaited, and new ones refused. PASSIVE_LEVEL. */
void wdf_target_removed(struct wdf_target *target);

/* Sends a formatted request. True when it went (asynchronous), or went and came back (synchronous): the outcome is
 * wdf_request_status. FLAGS of WDF_REQUEST_SEND_OPTIONS; TIMEOUT counts with WDF_REQUEST_SEND_OPTION_TIMEOUT. */
bool NTAPI wdf_target_send(struct wdf_request *request, struct wdf_target *target, ULONG flags, LONGLONG timeout);

/* The violation of using a request while a target has it. */
_Noreturn void NTAPI wdf_request_sent_violation(const struct wdf_request *request, const char *call);

/* WdfRequestCancelSentRequest. */
bool NTAPI wdf_target_cancel(struct wdf_request *request);

/* WdfRequestGetStatus. */
NTSTATUS NTAPI wdf_request_status(const struct wdf_request *request);

void wdf_target_stop(struct wdf_target *target, WDF_IO_TARGET_SENT_IO_ACTION action);
void wdf_target_purge(struct wdf_target *target, bool wait);
NTSTATUS wdf_target_start(struct wdf_target *target);

/* Cancels what is sent and what waits, without awaiting it. */
void wdf_target_cancel_all(struct wdf_target *target);

/* Cancels what is sent or waits and awaits all of it, leaving STATE. PASSIVE_LEVEL. */
void wdf_target_drain(struct wdf_target *target, WDF_IO_TARGET_STATE state);

/* For the "...Synchronously" functions: checks OPTIONS (STATUS_INFO_LENGTH_MISMATCH), takes REQUEST or makes one for
 * the call. wdf_sync_send sends and returns the outcome; wdf_sync_end ends it. */
struct wdf_sync {
    struct wdf_target *target;
    struct wdf_request *request;
    ULONG flags;
    LONGLONG timeout;
    bool own;
};
NTSTATUS wdf_sync_begin(struct wdf_sync *sync, struct wdf_target *target, WDFREQUEST request,
                        const WDF_REQUEST_SEND_OPTIONS *options, const char *call);
NTSTATUS wdf_sync_send(struct wdf_sync *sync);
void wdf_sync_end(struct wdf_sync *sync);

/* What the types derived from it call in their own dispose and destroy. */
void wdf_target_dispose(struct wdf_target *target);
void wdf_target_destroy(struct wdf_target *target);

/* wdf/usb_reader.c: called on the change of a pipe's state. */
void wdf_reader_start(struct wdf_target *pipe);
void wdf_reader_stop(struct wdf_target *pipe);
void wdf_reader_free(struct wdf_target *pipe);
bool NTAPI wdf_reader_is_running(const struct wdf_target *pipe);

/* wdf/target_remote.c */
void wdf_remote_close(struct wdf_target *target, WDF_IO_TARGET_STATE state);
void wdf_remote_free(struct wdf_target *target);

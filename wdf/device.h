/*
 * Devices: framework device objects over WDM device objects, with the I/O queues, files, and timers that belong to
 * them. A miniport's device is the smallest kind: three WDM pointers that belong to the port driver, and an I/O target.
 */
#pragma once

#include "wdf/request.h"
#include "wdf/target.h"

#define WDF_DEVICE_TAG 'vDfW'

enum wdf_device_kind {
    WDF_DEVICE_MINIPORT,
    WDF_DEVICE_FUNCTION,
    WDF_DEVICE_FILTER,
    WDF_DEVICE_CONTROL,
};

/* What a driver has asked for before the device is made. */
struct wdf_preprocess {
    PFN_WDFDEVICE_WDM_IRP_PREPROCESS callback;
    UCHAR minors[256 / 8]; /* bits */
    bool all_minors;
};

struct WDFDEVICE_INIT {
    struct wdf_client *client;
    enum wdf_device_kind kind;
    PDEVICE_OBJECT physical;
    struct wdf_device *created; /* by WdfDeviceCreate */
    bool driver_allocated;      /* WdfControlDeviceInitAllocate: the driver frees it */

    WDF_PNPPOWER_EVENT_CALLBACKS pnp;
    WDF_FILEOBJECT_CONFIG file;
    WDF_OBJECT_ATTRIBUTES file_attributes, request_attributes;
    bool has_file_attributes, has_request_attributes;
    WDF_DEVICE_IO_TYPE read_write_type, control_type;
    DEVICE_TYPE type;
    ULONG characteristics;
    bool exclusive, has_class, power_pageable, power_inrush, policy_owner, policy_owner_set;
    GUID class_guid;
    UNICODE_STRING name, sddl;
    bool auto_name;
    PFN_WDF_IO_IN_CALLER_CONTEXT in_caller_context;
    struct wdf_preprocess preprocess[IRP_MJ_MAXIMUM_FUNCTION + 1];
    bool any_preprocess;
    PFN_WDF_DEVICE_SHUTDOWN_NOTIFICATION shutdown;
    UCHAR shutdown_flags;
};

struct wdf_queue;
struct wdf_file;
struct wdf_pnp;

struct wdf_device {
    struct wdf_object object;
    enum wdf_device_kind kind;
    PDEVICE_OBJECT device_object, attached, physical; /* attached: the next lower one */
    struct wdf_target *target;                        /* NULL for a control device */
    bool object_is_ours;                              /* device_object was made by WdfDeviceCreate */
    struct WDFDEVICE_INIT *init;                      /* what it was made from; NULL for a miniport's */

    KSPIN_LOCK lock; /* of all lists here */
    LIST_ENTRY queues;
    struct wdf_queue *default_queue;
    struct wdf_queue *dispatch[WdfRequestTypeMax]; /* WdfDeviceConfigureRequestDispatching */
    struct wdf_dispatch_callback *dispatch_callbacks;
    LIST_ENTRY files;
    LIST_ENTRY interfaces;       /* wdf/interface.c */
    LIST_ENTRY query_interfaces; /* wdf/interface.c */
    UNICODE_STRING symbolic_link;
    IO_REMOVE_LOCK remove_lock; /* held by each IRP that the framework works on */
    bool removing;

    struct wdf_pnp *pnp; /* wdf/pnp.c; NULL for control and miniport devices */
};

extern const struct wdf_type wdf_device_type;     /* miniports' and control devices; base of the other */
extern const struct wdf_type wdf_pnp_device_type; /* which the driver cannot delete */

/* The device that object is or belongs to; NULL for an object that no device is above of. */
struct wdf_device *wdf_device_above(struct wdf_object *object);

/* A device's handle, for the methods that a miniport's device is not allowed in: those are a violation. */
struct wdf_device *wdf_general_device(PWDF_DRIVER_GLOBALS globals, WDFDEVICE device, const char *call);

static inline WDFDEVICE wdf_device_handle(struct wdf_device *device)
{
    return (WDFDEVICE)wdf_handle(&device->object);
}

/* The bug check of a function that is not there, for functions that refuse miniports and have nothing else. */
_Noreturn void NTAPI wdf_missing_function(PWDF_DRIVER_GLOBALS globals, ULONG index);

/* The lock under which callbacks of an object below device or queue run, or NULL without automatic synchronization. */
struct wdf_callback_lock *wdf_synchronization(struct wdf_object *parent);

/* Frees a WDFDEVICE_INIT with all that it holds. */
void wdf_device_init_free(struct WDFDEVICE_INIT *init);
struct WDFDEVICE_INIT *wdf_device_init_allocate(struct wdf_client *client, enum wdf_device_kind kind);

/* The framework device behind a WDM device object of one of our drivers; NULL for others'. */
struct wdf_device *wdf_device_from_wdm(PDEVICE_OBJECT device_object);

/* Completes an IRP that no request stands for and lets go of the remove lock. */
NTSTATUS wdf_device_complete(struct wdf_device *device, PIRP irp, NTSTATUS status, ULONG_PTR information);
/* Passes it on to the next lower driver, likewise. */
NTSTATUS wdf_device_pass_on(struct wdf_device *device, PIRP irp);
/* Every IRP of the driver except power ones, after preprocessing. */
NTSTATUS wdf_device_dispatch(struct wdf_device *device, PIRP irp, bool after_dispatch_callback);

/* wdf/queue.c */
extern const struct wdf_type wdf_queue_type;
/* Gives a read, write, control or create IRP to the queue that its type is configured for. */
NTSTATUS wdf_queue_dispatch(struct wdf_device *device, PIRP irp);
NTSTATUS wdf_queue_dispatch_to(struct wdf_device *device, struct wdf_queue *queue, PIRP irp);
/* The device has left (held) or entered its working state: power-managed queues stop or go on. Stopping waits until the
 * driver has let go of the requests that it has, or acknowledged EvtIoStop for them. PASSIVE_LEVEL. */
void wdf_queues_power(struct wdf_device *device, bool held);
/* The device goes: every power-managed (all: every) queue refuses requests and cancels those it has. */
void wdf_queues_purge(struct wdf_device *device, bool all);

/* wdf/file.c */
struct wdf_file {
    struct wdf_object object;
    struct wdf_device *device;
    PFILE_OBJECT wdm;
    LIST_ENTRY entry;
};
extern const struct wdf_type wdf_file_type;
NTSTATUS wdf_file_dispatch(struct wdf_device *device, PIRP irp);
struct wdf_file *wdf_file_find(struct wdf_device *device, PFILE_OBJECT file_object);

/* wdf/pnp.c */
NTSTATUS wdf_pnp_create(struct wdf_device *device);
void wdf_pnp_free(struct wdf_device *device);
NTSTATUS wdf_pnp_dispatch(struct wdf_device *device, PIRP irp);
NTSTATUS wdf_power_dispatch(struct wdf_device *device, PIRP irp);
/* The device is in D0 as far as queues are concerned. */
bool wdf_pnp_is_working(const struct wdf_device *device);

/* wdf/interface.c */
void wdf_interfaces_set(struct wdf_device *device, bool enabled);
void wdf_interfaces_free(struct wdf_device *device);
/* IRP_MN_QUERY_INTERFACE: true when one of the driver's interfaces was asked for; *status is then the outcome. */
bool wdf_interface_query(struct wdf_device *device, PIRP irp, NTSTATUS *status);

/* A copy of text in pool with WDF_DEVICE_TAG, terminated; an empty string without a buffer for NULL or an empty text.
 */
NTSTATUS wdf_copy_string(UNICODE_STRING *copy, PCUNICODE_STRING text);

/* wdf/registry.c */
NTSTATUS wdf_key_wrap(struct wdf_client *client, const WDF_OBJECT_ATTRIBUTES *attributes, HANDLE handle, WDFKEY *key);

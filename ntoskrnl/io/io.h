/*
 * The I/O manager, for the layers above it: driver objects made from an image or from an entry point inside ndiskit,
 * device stacks, IRPs sent by the system itself, files opened on device objects, and the record of how long each phase
 * of a driver's life took. Drivers use the Io* functions of wdm.h; what stands here is what a driver may not see.
 *
 * Public pages: "Introduction to I/O manager", "Device Objects and Device Stacks", "Handling IRPs".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wdm.h>

/* Object types Driver, Device and File, the folders \Driver, \Device and \??, and the state of this subsystem.
 * Needs ob_initialize. Idempotent. PASSIVE_LEVEL. */
void io_initialize(void);

/* Frees what io_initialize made. Every driver must be gone. */
void io_shutdown(void);
/* Sends IRP_MJ_SHUTDOWN to the devices that asked for it, the last one first. Before drivers are unloaded. */
void io_notify_shutdown(void);

/*
 * Drivers
 */

/* Where a driver's code lies; all zero for a driver that is part of ndiskit or of a test program. */
struct io_image {
    const char *name; /* "usbnet.sys": for messages */
    void *base;
    size_t size;
    void *section; /* the loader's record; io only keeps it (DRIVER_OBJECT.DriverSection) */
};

/* Makes \Driver\SERVICE, fills every MajorFunction with a routine that fails with STATUS_INVALID_DEVICE_REQUEST, and
 * calls ENTRY at PASSIVE_LEVEL with \Registry\Machine\System\CurrentControlSet\Services\SERVICE. When ENTRY fails the
 * driver object is gone and the status is ENTRY's; STATUS_OBJECT_NAME_COLLISION when SERVICE is loaded already.
 * IMAGE may be NULL. The caller holds one reference through *DRIVER, which io_unload_driver drops. */
NTSTATUS io_create_driver(const char *service, const struct io_image *image, PDRIVER_INITIALIZE entry,
                          PDRIVER_OBJECT *driver);

/* Calls the reinitialization routines that the driver registered by IoRegisterDriverReinitialization. */
void io_reinitialize_driver(PDRIVER_OBJECT driver);

/* Calls DriverUnload (STATUS_INVALID_DEVICE_REQUEST without one: such a driver stays) and drops the driver object.
 * Device objects that DriverUnload leaves are counted in LEFT_DEVICES (may be NULL), detached and deleted.
 * PASSIVE_LEVEL. */
NTSTATUS io_unload_driver(PDRIVER_OBJECT driver, ULONG *left_devices);

/* For the end of the system: drops a driver that has no DriverUnload, with its devices. None of its code may run again.
 */
void io_discard_driver(PDRIVER_OBJECT driver);

/* The service name, without \Driver\. Valid as long as the driver object. */
const char *io_driver_name(PDRIVER_OBJECT driver);

/* The driver whose image holds ADDRESS, not referenced; NULL when none does. Any IRQL <= DISPATCH_LEVEL. */
PDRIVER_OBJECT io_driver_from_address(const void *address);

/* Calls each driver object with a reference held during the call. PASSIVE_LEVEL. */
void io_for_each_driver(void (*callback)(PDRIVER_OBJECT driver, void *context), void *context);

/*
 * Devices
 */

/* What the PnP manager keeps for each physical device object; opaque here. Set once for a PDO, before it is started. */
struct pnp_node;
struct pnp_node *io_device_node(PDEVICE_OBJECT physical_device);
void io_set_device_node(PDEVICE_OBJECT physical_device, struct pnp_node *node);

/* A word that po keeps for each device object; 0 at first. */
ULONG *io_power_word(PDEVICE_OBJECT device);

/* The lowest device object of the stack that DEVICE is in, not referenced. */
PDEVICE_OBJECT io_stack_bottom(PDEVICE_OBJECT device);
/* The top, referenced (IoGetAttachedDeviceReference for any layer). */
PDEVICE_OBJECT io_stack_top(PDEVICE_OBJECT device);
/* The device object right below DEVICE, or NULL; not referenced. */
PDEVICE_OBJECT io_lower_device(PDEVICE_OBJECT device);
/* Files open on any device object of the stack whose bottom is PHYSICAL_DEVICE. */
ULONG io_open_file_count(PDEVICE_OBJECT physical_device);
/* A device that was surprise-removed or has not been started refuses IRP_MJ_CREATE with STATUS_NO_SUCH_DEVICE. */
void io_set_create_allowed(PDEVICE_OBJECT physical_device, bool allowed);

/* Called when the last file on the stack of PHYSICAL_DEVICE is closed; set by pnp. PASSIVE_LEVEL. */
void io_set_last_close_callback(void (*callback)(PDEVICE_OBJECT physical_device));
/* What the PnP manager does for the I/O manager's exports; set by pnp. The first four may be called at DISPATCH_LEVEL.
 */
struct io_pnp_callbacks {
    void (*invalidate_relations)(PDEVICE_OBJECT physical_device, DEVICE_RELATION_TYPE type);
    void (*invalidate_state)(PDEVICE_OBJECT physical_device);
    void (*request_eject)(PDEVICE_OBJECT physical_device);
    void (*driver_idle)(PDRIVER_OBJECT driver); /* its last device object is gone */
    /* Runs WORK on the PnP thread. False when it is down. */
    bool (*queue)(void (*work)(void *context), void *context);
    bool (*instance_path)(PDEVICE_OBJECT physical_device, char *path, size_t size);
    /* IoGetDeviceProperty. */
    NTSTATUS(*get_property)
    (PDEVICE_OBJECT physical_device, DEVICE_REGISTRY_PROPERTY property, ULONG size, PVOID buffer, PULONG needed);
};
void io_set_pnp_callbacks(const struct io_pnp_callbacks *callbacks);

/* Tells whoever registered for EventCategoryTargetDeviceChange on a file of this stack: EVENT is
 * GUID_TARGET_DEVICE_QUERY_REMOVE (a callback's failure is returned), _REMOVE_CANCELLED or _REMOVE_COMPLETE. PnP
 * thread. */
NTSTATUS io_notify_target_device(PDEVICE_OBJECT physical_device, const GUID *event);
/* Disables every interface of a device that is gone and forgets them. PnP thread. */
void io_remove_interfaces(PDEVICE_OBJECT physical_device);

/*
 * IRPs of the system
 */

/* Sends one IRP with STACK as its first stack location to the top of DEVICE's stack and waits for it. INITIAL is the
 * IoStatus.Status it starts with (STATUS_NOT_SUPPORTED for PnP and power IRPs). PASSIVE_LEVEL. */
NTSTATUS io_send_and_wait(PDEVICE_OBJECT device, const IO_STACK_LOCATION *stack, NTSTATUS initial,
                          ULONG_PTR *information);

/*
 * Files, for programs that drive control devices without handles
 */

/* Opens a device by NT name ("\\Device\\X", "\\??\\X", "\\DosDevices\\X", or a device interface's link), sends
 * IRP_MJ_CREATE. The file object is referenced for the caller; io_close_file ends it. PASSIVE_LEVEL. */
NTSTATUS io_open_file(const char *name, PFILE_OBJECT *file);
void io_close_file(PFILE_OBJECT file);
/* IRP_MJ_DEVICE_CONTROL on an open file; buffers by the method that CODE says; waits. BYTES may be NULL. */
NTSTATUS io_device_control(PFILE_OBJECT file, ULONG code, const void *input, ULONG input_size, void *output,
                           ULONG output_size, ULONG *bytes);

/*
 * Phases: how long each step of a driver's life took. The last 512 are kept.
 *   LONGLONG begin = io_phase_begin();  status = entry(...);  io_phase_end("DriverEntry", service, begin, status);
 */
struct io_phase {
    char name[40];     /* "DriverEntry", "AddDevice", "MiniportInitializeEx", ... */
    char subject[88];  /* service or device instance */
    LONGLONG start;    /* ke_now() at the start: 100 ns since boot */
    LONGLONG duration; /* 100 ns */
    NTSTATUS status;
    ULONG sequence; /* counts up from 0 since io_initialize */
};
LONGLONG io_phase_begin(void);
void io_phase_end(const char *name, const char *subject, LONGLONG begin, NTSTATUS status);
/* The sequence that the next phase will have. */
ULONG io_phase_next(void);
/* Copies phases with sequence >= FROM, oldest first; returns how many. */
size_t io_phase_read(ULONG from, struct io_phase *phases, size_t max);

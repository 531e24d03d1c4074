/*
 * What the files of the I/O manager share: its state and the private halves of driver, device and file objects.
 */
#pragma once

#include <ntifs.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/ps/ps.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/io/io.h"

/* Bits of DEVICE_OBJECT.Flags and DRIVER_OBJECT.Flags that no driver needs, and that the headers do not declare. */
#define DO_DEVICE_HAS_NAME 0x00000040
#define DRVO_INITIALIZED   0x00000010

#define IO_TAG_IRP       ' prI'
#define IO_TAG_BUFFER    'BsoI'
#define IO_TAG_MDL       ' ldM'
#define IO_TAG_WORK      'kWoI'
#define IO_TAG_NAME      'mNoI'
#define IO_TAG_NOTIFY    'tNoI'
#define IO_TAG_INTERFACE 'fIoI'
#define IO_TAG_EXTENSION 'xEoI'
#define IO_TAG_LOG       'gLoI'

/* The private half of a driver object. DRIVER_OBJECT.DriverExtension points to its first member. */
struct io_driver {
    DRIVER_EXTENSION extension;
    PDRIVER_OBJECT object;
    LIST_ENTRY link; /* io_state.drivers */
    SINGLE_LIST_ENTRY client_extensions;
    LIST_ENTRY reinitializations;
    LONG device_count;
    bool unloading;
    char name[64];
    char image_name[64];
};

/* The private half of a device object. DEVICE_OBJECT.DeviceObjectExtension points to its first member. */
struct io_device {
    DEVOBJ_EXTENSION extension;
    PDEVICE_OBJECT attached_to; /* the next lower one, or NULL for the bottom */
    struct pnp_node *node;
    bool delete_pending, deleted;
    bool create_refused;
    bool shutdown_registered;
    ULONG power_word;
    LIST_ENTRY shutdown_link;
    /* IoStartPacket ("IoSetStartIoAttributes") */
    bool start_io_deferred, start_io_not_cancelable;
    LONG start_io_depth, start_io_pending;
    ULONG start_io_pending_key;
    bool start_io_pending_by_key;
    /* IoInitializeTimer */
    PIO_TIMER_ROUTINE timer_routine;
    PVOID timer_context;
    bool timer_running;
    LIST_ENTRY timer_link;
};

struct io_state {
    bool initialized;
    KSPIN_LOCK lock; /* device stacks, driver and device lists: leaf lock, DISPATCH_LEVEL */
    KSPIN_LOCK cancel_lock;
    LIST_ENTRY drivers;
    LIST_ENTRY shutdown_devices;
    LONG64 next_device_name;
    struct io_pnp_callbacks pnp;
    void (*last_close)(PDEVICE_OBJECT physical_device);
    /* interface.c */
    FAST_MUTEX interface_lock;
    LIST_ENTRY interfaces;
    LIST_ENTRY notifications;
    /* timer.c */
    KSPIN_LOCK timer_lock;
    KTIMER timer;
    KDPC timer_dpc;
    LIST_ENTRY timers;
    LONG timer_count;
    /* phase.c */
    struct ke_lock phase_lock;
    ULONG phase_next;
    struct io_phase phases[512];
};
extern struct io_state io_state;

static inline struct io_device *io_device(PDEVICE_OBJECT device)
{
    return (struct io_device *)device->DeviceObjectExtension;
}

static inline struct io_driver *io_driver(PDRIVER_OBJECT driver)
{
    return CONTAINING_RECORD(driver->DriverExtension, struct io_driver, extension);
}

/* file.c: object type operations for files and devices; driver.c and device.c have theirs. */
void io_driver_initialize(void);
void io_device_initialize(void);
void io_file_initialize(void);
void io_interface_initialize(void);
void io_timer_initialize(void);
/* A handle's or a pointer's device: parse procedure of device objects (file.c). */
NTSTATUS io_parse_device(PVOID body, struct ob_parse *parse, PVOID *result);
/* device.c: an open file more or less on DEVICE; the last one ends a pending deletion. */
void io_device_opened(PDEVICE_OBJECT device);
void io_device_closed(PDEVICE_OBJECT device);
/* interface.c: the registry key of a device interface, by its symbolic link. */
NTSTATUS io_interface_key(PCUNICODE_STRING symbolic_link, char *path, size_t size);
/* complete.c: frees system buffer and MDLs of an IRP that the I/O manager made. */
void io_release_buffers(PIRP irp);
/* Gives up every client extension and reinitialization of a driver. */
NTSTATUS NTAPI io_invalid_device_request(PDEVICE_OBJECT device, PIRP irp);

/*
 * The Plug and Play manager: the tree of device nodes, the real PnP IRPs in their documented order on one system
 * thread, driver lookup, and loading and unloading of services. Bus drivers are ordinary drivers: they create PDOs,
 * call IoInvalidateDeviceRelations and answer IRP_MJ_PNP; a device that the bus does not report any more is
 * surprise-removed.
 *
 * Public pages: "Plug and Play", "PnP Device Tree", "Adding a PnP Device to a Running System", "Removing a Device",
 * "Handling an IRP_MN_SURPRISE_REMOVAL Request", "Device Manager Error Messages" (problem codes).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wdm.h>

#define PNP_MAX_ID 200 /* MAX_DEVICE_ID_LEN, with the terminator */

/* Problem codes as Device Manager shows them ("Device Manager Error Messages"). */
enum pnp_problem {
    PNP_PROBLEM_NONE = 0,
    PNP_PROBLEM_FAILED_START = 10,
    PNP_PROBLEM_FAILED_INSTALL = 28, /* no driver is installed for the device */
    PNP_PROBLEM_FAILED_ADD = 31,
    PNP_PROBLEM_FAILED_DRIVER_ENTRY = 37,
    PNP_PROBLEM_DRIVER_FAILED_LOAD = 39,
    PNP_PROBLEM_FAILED_POST_START = 43,
    PNP_PROBLEM_HELD_FOR_EJECT = 47,
};

/* "Device Node States" by the names that debugger extensions show. */
enum pnp_state {
    PNP_STATE_UNINITIALIZED,
    PNP_STATE_INITIALIZED,   /* identified, driver not added */
    PNP_STATE_DRIVERS_ADDED, /* AddDevice has been called */
    PNP_STATE_STARTED,
    PNP_STATE_STOPPED,
    PNP_STATE_REMOVE_PENDING, /* query-remove succeeded */
    PNP_STATE_SURPRISE_REMOVED,
    PNP_STATE_REMOVED,
};
const char *pnp_state_name(enum pnp_state state);

/* What the driver lookup is given, all as the bus driver reported them; MULTI_SZ in UTF-8, each list ends with an empty
 * string. */
struct pnp_ids {
    const char *device_id;
    const char *hardware_ids;
    const char *compatible_ids;
    const char *instance_path; /* "USB\VID_0525&PID_A4A1\0001": key below Enum */
};

/* What the driver lookup answers. The image of SERVICE is named by Services\SERVICE, value ImagePath: a path of the
 * host ("/build/drivers/usbnet/usbnet.sys"); a service registered by pnp_register_builtin needs no such key.
 * Filters are MULTI_SZ lists of services in the order of the registry's UpperFilters and LowerFilters. */
struct pnp_match {
    char service[64];
    char driver_key[96]; /* "{4D36E972-E325-11CE-BFC1-08002BE10318}\0000", below Control\Class */
    char description[128];
    char upper_filters[256];
    char lower_filters[256];
    char reason[256]; /* why there is no match, for the user; may stay empty */
};

/* Asked on the PnP thread for each new device; false when no driver matches. Set by setup. */
typedef bool (*pnp_driver_lookup)(const struct pnp_ids *ids, struct pnp_match *match);
void pnp_set_driver_lookup(pnp_driver_lookup lookup);

/* A service whose entry point is inside ndiskit or a test program: "usbhub", "ndisuio"... ENTRY is called when the
 * first device that needs the service comes. Replaces an earlier registration of the same name. */
void pnp_register_builtin(const char *service, PDRIVER_INITIALIZE entry);
void pnp_unregister_builtin(const char *service);
/* Whether a builtin service takes a device with these ids when no package does. */
bool pnp_builtin_match(const struct pnp_ids *ids, struct pnp_match *match);
/* The builtin driver of a hardware or compatible id, for devices that setup finds nothing for: "USB\\COMPOSITE" goes to
 * "usbccgp". Without it, a device with the hardware id "ROOT\\SERVICE" goes to the builtin SERVICE. */
void pnp_register_builtin_id(const char *id, const char *service);

/* Looks for a driver again for every device that has none: after a package was added. Any thread, PASSIVE_LEVEL. */
void pnp_retry_driver_lookup(void);

/* Starts the PnP thread and the root bus. Needs io_initialize, cm. Idempotent. */
void pnp_initialize(void);
/* Removes every device, children first (asked first; one that refuses is removed by surprise), unloads every driver,
 * ends the thread. */
void pnp_shutdown(void);

/* Loads a service (Services\NAME or builtin) without a device, as a boot-start or legacy driver. The error text names
 * the cause. STATUS_IMAGE_ALREADY_LOADED when it is loaded. */
NTSTATUS pnp_load_service(const char *service, PDRIVER_OBJECT *driver, char *error, size_t error_size);
/* Unloads a service that has no device any more: DriverUnload, then the leak check. */
NTSTATUS pnp_unload_service(const char *service);

/* A root-enumerated device (ROOT\NAME\0000 for hardware id "ROOT\NAME" or any id). The PDO is referenced for the caller
 * and identified by the pnp thread later: see pnp_wait_idle. PASSIVE_LEVEL. */
NTSTATUS pnp_create_root_device(const char *hardware_id, PDEVICE_OBJECT *physical_device);
/* The root bus does not report the device any more: surprise removal for it and all below it. */
void pnp_unplug_root_device(PDEVICE_OBJECT physical_device);

/* Orderly removal ("Device Manager: uninstall/disable"): IRP_MN_QUERY_REMOVE_DEVICE for the subtree, children first;
 * a refusal cancels with IRP_MN_CANCEL_REMOVE_DEVICE and returns the refusing status (with the refuser's instance path
 * in VETO), else IRP_MN_REMOVE_DEVICE. The device stays known to its bus and can be started again by pnp_enable.
 * Waits for the PnP thread; not for use on it. */
NTSTATUS pnp_query_remove(PDEVICE_OBJECT physical_device, char *veto, size_t veto_size);
/* Adds and starts a removed or failed device again. Waits. */
NTSTATUS pnp_enable(PDEVICE_OBJECT physical_device);
/* Resource rebalance: QUERY_STOP, STOP, START again (a refused QUERY_STOP gives CANCEL_STOP). Waits. */
NTSTATUS pnp_stop_and_restart(PDEVICE_OBJECT physical_device);
/* Asks the bus of DEVICE to enumerate again. Any IRQL <= DISPATCH_LEVEL. */
void pnp_reenumerate(PDEVICE_OBJECT device);

/* Waits until the PnP thread has nothing to do; false when TIMEOUT_100NS passes first (-1 = forever). */
bool pnp_wait_idle(LONGLONG timeout_100ns);

/* Runs WORK on the PnP thread, where the device tree stands still, and waits; directly when called there. */
void pnp_call(void (*work)(void *context), void *context);
/* The same without waiting; false when PnP is down. Any IRQL <= DISPATCH_LEVEL. */
bool pnp_call_later(void (*work)(void *context), void *context);

/* How long a driver may take for one PnP step (DriverEntry, AddDevice, a PnP IRP) before waiting for the PnP thread
 * becomes bug check DRIVER_PNP_WATCHDOG; 0 for never. One minute at first. */
void pnp_set_watchdog(LONGLONG limit_100ns);
/* What a driver is asked to do right now, as text: "AddDevice for ROOT\\X\\0000". False when nothing. */
bool pnp_current_step(char *text, size_t size);

/* "0xc000009a (STATUS_INSUFFICIENT_RESOURCES)", or the number alone. Returns TEXT. */
const char *pnp_status_text(NTSTATUS status, char *text, size_t size);

/* A picture of one device node. */
struct pnp_device_info {
    char instance_path[PNP_MAX_ID];
    char hardware_id[PNP_MAX_ID]; /* the first one */
    char description[128];
    char location[128];
    char service[64];
    char driver_key[96];
    enum pnp_state state;
    enum pnp_problem problem;
    NTSTATUS status;  /* of the step that failed */
    char reason[256]; /* sentence for the user when problem != 0 */
    PDEVICE_OBJECT physical_device;
};
/* False when there is no such node (any more). PASSIVE_LEVEL. */
bool pnp_get_device(PDEVICE_OBJECT physical_device, struct pnp_device_info *info);
bool pnp_find_device(const char *instance_path, struct pnp_device_info *info);
/* Parents before children, without the root. Stops when CALLBACK returns false. */
void pnp_for_each_device(bool (*callback)(const struct pnp_device_info *info, void *context), void *context);
/* The device node's parent PDO, or NULL at the root. Not referenced. */
PDEVICE_OBJECT pnp_parent(PDEVICE_OBJECT physical_device);
/* Called on the PnP thread after each change of a node's state or problem. One callback; NULL to clear. */
void pnp_set_observer(void (*observer)(const struct pnp_device_info *info, void *context), void *context);

/* What unloaded drivers left behind since pnp_initialize. */
struct pnp_leaks {
    size_t blocks; /* pool blocks whose allocating call lies in an unloaded image */
    size_t bytes;
    size_t devices; /* device objects that DriverUnload left */
};
void pnp_get_leaks(struct pnp_leaks *leaks);

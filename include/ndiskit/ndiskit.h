/*
 * ndiskit: the system as a library. A test program or a tool boots it, gives it driver packages, plugs devices in,
 * waits for adapters, and shuts it down; drivers run in the same process. One system per process at a time.
 *
 *     struct ndiskit_plug_options echo = {.network = "echo"};
 *     struct ndiskit_device *device;
 *     struct ndiskit_error error;
 *     struct ndiskit_leaks leaks;
 *
 *     ndiskit_boot(NULL, &error);
 *     ndiskit_add_package("usbnet.inf", NDISKIT_FORM_PE, &error);
 *     ndiskit_plug("sim:ncm", &echo, &device, &error);
 *     ndiskit_wait_adapter(device, true, 5000, NULL, &error);
 *     ...
 *     ndiskit_unplug(device, &error);
 *     ndiskit_release_device(device);
 *     ndiskit_shutdown(&leaks, &error);
 *
 * Every function may be called from any thread, one at a time. Functions that can fail return 0 on success, else an
 * NTSTATUS (negative as int), and write one sentence for the user into ERROR, which may be NULL. Times are in
 * milliseconds unless a name says otherwise; a deadline of NDISKIT_FOREVER never ends. Strings are UTF-8.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NDISKIT_FOREVER 0xFFFFFFFFu

struct ndiskit_error {
    int32_t status; /* NTSTATUS */
    char text[512]; /* what happened, where, and what to do */
};

/*
 * The system
 */
struct ndiskit_options {
    unsigned processors; /* virtual processors; 0: as many as the machine has, at least 2 */
    /* A line that a driver printed with DbgPrint; NULL: to stderr. */
    void (*debug_output)(const char *text);
};

/* OPTIONS may be NULL. Fails when the system is up. */
int ndiskit_boot(const struct ndiskit_options *options, struct ndiskit_error *error);

struct ndiskit_leaks {
    size_t pool_blocks; /* pool that unloaded drivers left */
    size_t pool_bytes;
    size_t device_objects; /* device objects that DriverUnload left */
    size_t system_blocks;  /* pool that is still allocated after everything is down, minus what was at boot */
    size_t system_bytes;
    unsigned threads; /* kernel threads that are still there */
};

/* Removes every device, unloads every driver, ends every thread; LEAKS (may be NULL) gets what was left behind. */
int ndiskit_shutdown(struct ndiskit_leaks *leaks, struct ndiskit_error *error);

/*
 * Driver packages
 */
enum ndiskit_form {
    NDISKIT_FORM_ANY, /* as the path or the INF names it */
    NDISKIT_FORM_PE,  /* NAME.sys beside the INF */
    NDISKIT_FORM_ELF, /* NAME.so beside the INF */
};

/* Puts a package into the driver store: an .inf, or a .sys or .so with an .inf of the same name beside it. Devices that
 * had no driver are looked up again. */
int ndiskit_add_package(const char *path, enum ndiskit_form form, struct ndiskit_error *error);

/* Value of an adapter keyword ("*JumboPacket" "9014"), over the INF's default, for adapters that are installed after
 * this. */
int ndiskit_set_parameter(const char *keyword, const char *value, struct ndiskit_error *error);

/* Loads a driver that needs no device (protocol, filter or legacy driver); ndiskit_unload_driver takes it out. */
int ndiskit_load_driver(const char *path, struct ndiskit_error *error);
int ndiskit_unload_driver(const char *service, struct ndiskit_error *error);

/*
 * Devices
 */
struct ndiskit_device; /* valid until ndiskit_release_device or ndiskit_shutdown */

struct ndiskit_plug_options {
    const char *network; /* behind a simulated device: "slirp" (default), "echo" or "none" */
    /* For a simulated device, "ntb-size=16384,ntb32=1"; NULL for defaults. For others "reconnect": a device that leaves
     * is plugged in again when it comes back, until ndiskit_unplug. */
    const char *options;
    const char *usb_capture; /* pcap file of every transfer of every device until shutdown; NULL for none */
};

/* SPEC: "sim:ncm", "sim:ecm", "sim:rndis", "usbip:HOST[:PORT]/BUSID", "libusb:VID:PID[@BUS-PORT]". OPTIONS may be NULL.
 */
int ndiskit_plug(const char *spec, const struct ndiskit_plug_options *options, struct ndiskit_device **device,
                 struct ndiskit_error *error);
/* A root-enumerated device with this hardware id. */
int ndiskit_root_device(const char *hardware_id, struct ndiskit_device **device, struct ndiskit_error *error);
/* Pulled out without a warning; returns when the driver has let go of it (or the deadline of 30 s has passed). */
int ndiskit_unplug(struct ndiskit_device *device, struct ndiskit_error *error);
/* "Safely remove": asked first; when a driver refuses, the device stays, and ERROR names who refused. */
int ndiskit_eject(struct ndiskit_device *device, struct ndiskit_error *error);
/* Forgets DEVICE; one that is still plugged in stays so. */
void ndiskit_release_device(struct ndiskit_device *device);

struct ndiskit_device_info {
    char instance_path[200];
    char hardware_id[200];
    char description[128];
    char location[128];
    char service[64];
    char state[24];      /* "Started", "Removed", ... */
    unsigned problem;    /* Device Manager's problem code; 0 when it works */
    int32_t status;      /* NTSTATUS of the step that failed */
    char reason[256];    /* sentence for the user when problem != 0 */
    char driver_key[96]; /* below Control\Class */
    unsigned short usb_vendor, usb_product;
    char usb_speed[24];     /* "high-speed (480 Mbit/s)"; empty when it is no USB device */
    unsigned usb_endpoints; /* of the active configuration, with endpoint 0 */
};
int ndiskit_device_info(struct ndiskit_device *device, struct ndiskit_device_info *info, struct ndiskit_error *error);
/* Every device node, parents first; returns how many there are, which may be more than MAX. */
size_t ndiskit_devices(struct ndiskit_device_info *devices, size_t max);

/* Until the device works or has a problem; a problem is a failure, with its reason in ERROR. */
int ndiskit_wait_started(struct ndiskit_device *device, unsigned deadline_ms, struct ndiskit_error *error);
/* Until Plug and Play has nothing to do. */
int ndiskit_wait_idle(unsigned deadline_ms, struct ndiskit_error *error);

/*
 * Network adapters
 */
struct ndiskit_adapter_info {
    char name[96]; /* "\DEVICE\{GUID}" */
    char friendly[128];
    char instance_path[200];
    char state[24]; /* "Running", "Paused", "Halted", ... */
    uint8_t mac[6];
    bool connected;
    uint64_t transmit_bits_per_second;
    uint64_t receive_bits_per_second;
    unsigned mtu;
    unsigned ndis_major, ndis_minor; /* that the driver registered with */
};
/* Until DEVICE (or, with NULL, any device) has an adapter in state Running; with LINK, also until its link is up. */
int ndiskit_wait_adapter(struct ndiskit_device *device, bool link, unsigned deadline_ms,
                         struct ndiskit_adapter_info *adapter, struct ndiskit_error *error);
size_t ndiskit_adapters(struct ndiskit_adapter_info *adapters, size_t max);

/* OID_GEN_STATISTICS of DEVICE's adapter: frames are directed, multicast and broadcast ones together. */
struct ndiskit_statistics {
    uint64_t in_frames, in_bytes, in_errors, in_discards;
    uint64_t out_frames, out_bytes, out_errors, out_discards;
};
int ndiskit_adapter_statistics(struct ndiskit_device *device, struct ndiskit_statistics *statistics,
                               struct ndiskit_error *error);

/*
 * Power
 */
int ndiskit_sleep(unsigned s_state /* 1..3 */, struct ndiskit_error *error);
int ndiskit_resume(struct ndiskit_error *error);

/*
 * Facts
 */
struct ndiskit_phase {
    char name[40];    /* "DriverEntry", "AddDevice", "MiniportInitializeEx", "MiniportRestart", ... */
    char subject[88]; /* service or device */
    int64_t start_ns; /* since boot */
    int64_t duration_ns;
    int32_t status;
    uint32_t sequence;
};
/* Phases with sequence >= FROM, oldest first; the last 512 are kept. */
size_t ndiskit_phases(uint32_t from, struct ndiskit_phase *phases, size_t max);

struct ndiskit_driver_info {
    char service[64];
    char path[512];
    bool is_pe;
    size_t file_size;
    size_t imports; /* names bound */
};
size_t ndiskit_drivers(struct ndiskit_driver_info *drivers, size_t max);

#ifdef __cplusplus
}
#endif

/*
 * NDIS, for the layers above it (system, tool, upper): life of the library, a picture of every adapter, and waiting for
 * states. Drivers see include/km/ndis.h only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <ndis.h>

/* Prepares NDIS; drivers may register afterwards. Needs io_initialize. Idempotent. PASSIVE_LEVEL. */
void ndis_initialize(void);

/* Ends the NDIS worker thread. Every miniport, protocol and filter driver must have deregistered; what has not is named
 * on stderr and counted in the return value. PASSIVE_LEVEL. */
unsigned ndis_shutdown(void);

/* The operational states of "Adapter States of a Miniport Driver". */
enum ndis_adapter_state {
    NDIS_ADAPTER_HALTED,
    NDIS_ADAPTER_INITIALIZING,
    NDIS_ADAPTER_PAUSED,
    NDIS_ADAPTER_RESTARTING,
    NDIS_ADAPTER_RUNNING,
    NDIS_ADAPTER_PAUSING,
    NDIS_ADAPTER_SHUTDOWN,
};
const char *ndis_adapter_state_name(enum ndis_adapter_state state);

/* A picture of one adapter. */
struct ndis_adapter_info {
    char name[96];      /* "\DEVICE\{GUID}" */
    char friendly[128]; /* the device's description */
    char instance_path[200];
    char service[64];
    PDEVICE_OBJECT physical_device;
    enum ndis_adapter_state state;
    unsigned char mac[32]; /* current */
    unsigned mac_length;
    bool connected;
    unsigned long long transmit_speed, receive_speed; /* bits per second */
    unsigned mtu;
    unsigned ndis_major, ndis_minor; /* that the driver registered with */
    unsigned bindings, filters;      /* open bindings, attached modules */
    unsigned if_index;
    NDIS_STATUS status;                                     /* why the last initialization failed */
    unsigned long long sends_in_flight, receives_in_flight; /* NET_BUFFER_LISTs */
    unsigned resets, hung_sends, hung_requests;
};

/* Every adapter (device with an NDIS function driver), in the order of AddDevice. Returns how many there are, which may
 * be more than max. PASSIVE_LEVEL. */
size_t ndis_get_adapters(struct ndis_adapter_info *adapters, size_t max);
/* False when no adapter has that physical device object. */
bool ndis_find_adapter(PDEVICE_OBJECT physical_device, struct ndis_adapter_info *info);

/* Waits until the adapter on physical_device (NULL: any adapter) is in STATE; with link, also until its media are
 * connected. Fills info (may be NULL). False when timeout (100 ns units, -1 = forever) passed. PASSIVE_LEVEL. */
bool ndis_wait_adapter(PDEVICE_OBJECT physical_device, enum ndis_adapter_state state, bool link, LONGLONG timeout,
                       struct ndis_adapter_info *info);
/* Waits until the NDIS worker has nothing to do: every adapter that started is bound and restarted. */
bool ndis_wait_idle(LONGLONG timeout);

/* A query of an adapter from outside any driver, as WMI and IOCTL_NDIS_QUERY_GLOBAL_STATS do it. Pending requests are
 * waited for. written may be NULL. PASSIVE_LEVEL. */
NDIS_STATUS ndis_query(PDEVICE_OBJECT physical_device, NDIS_OID oid, void *buffer, size_t size, size_t *written);
NDIS_STATUS ndis_set(PDEVICE_OBJECT physical_device, NDIS_OID oid, void *buffer, size_t size);

/* The machine goes down: MiniportShutdownEx of every running adapter. PASSIVE_LEVEL. */
void ndis_system_shutdown(void);

/* Rules that cost time for each packet: completed and returned exactly once, IRQL at every callback. Off by default;
 * for adapters started afterwards too. */
void ndis_set_verification(bool on);

/*
 * What the files of ndis/ share: the objects behind NDIS handles, and the stack of an adapter.
 *
 * Every handle that a driver holds points to a structure that begins with struct ndis_object, so that a wrong handle
 * is noticed. An adapter's stack is, from below: the miniport, the filter modules, the bindings. The data path does not
 * look at that list: when a stack restarts, each layer is given the handler and context of the next one that wants to
 * see packets (struct ndis_path and the next_ members), so a send from a protocol over no filter costs one indirect
 * call. Handlers of filters and miniports have the same signatures, which makes that possible.
 *
 * Locking: ndis.lock protects the lists of drivers and adapters. Everything that changes a stack (start, bind, attach,
 * pause, restart, halt) runs at PASSIVE_LEVEL under the adapter's operation semaphore, one at a time for an adapter.
 * The data path takes no lock: it reads pointers that only change while the stack is paused.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <ndis.h>

#include "ndis/ndis.h"
#include "ndis/services.h"
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ke/ke.h"

#define NDIS_TAG       'skDN'
#define NDIS_MAX_SLOTS 16 /* of packet counters */

/* Types of our own objects; above the documented NDIS_OBJECT_TYPE_ values. */
enum ndis_object_type {
    NDIS_KIND_MINIPORT_DRIVER = 0xE0,
    NDIS_KIND_ADAPTER,
    NDIS_KIND_PROTOCOL,
    NDIS_KIND_BINDING,
    NDIS_KIND_FILTER_DRIVER,
    NDIS_KIND_FILTER,
    NDIS_KIND_DEVICE,
};
#define NDIS_OBJECT_MAGIC 0x5344494Eu /* "NIDS" */

struct ndis_object {
    NDIS_OBJECT_HEADER Header; /* Type: enum ndis_object_type */
    uint32_t magic;
};

/*
 * Packets in flight. Each thread counts in a slot of its own cache line, so that no line is shared per packet; only who
 * waits for zero adds them up. A chain is counted with one addition.
 */
struct ndis_flow {
    struct {
        int64_t in;
        int64_t out;
        char apart[112]; /* two cache lines: the pool does not promise alignment to lines */
    } slot[NDIS_MAX_SLOTS];
};

extern __thread unsigned ndis_slot __attribute__((tls_model("initial-exec"), visibility("hidden")));
unsigned NTAPI ndis_slot_assign(void);

static inline __attribute__((always_inline)) unsigned ndis_this_slot(void)
{
    unsigned slot = ndis_slot;
    return __builtin_expect(slot == 0, 0) ? ndis_slot_assign() : slot - 1;
}

static inline __attribute__((always_inline)) void ndis_flow_in(struct ndis_flow *flow, int64_t count)
{
    __atomic_fetch_add(&flow->slot[ndis_this_slot()].in, count, __ATOMIC_RELAXED);
}

/* The last touch of the flow: once the balance is zero its owner may free it. */
static inline __attribute__((always_inline)) void ndis_flow_out(struct ndis_flow *flow, int64_t count)
{
    __atomic_fetch_add(&flow->slot[ndis_this_slot()].out, count, __ATOMIC_RELEASE);
}

/* What went in and has not come out. */
int64_t ndis_flow_balance(const struct ndis_flow *flow);
int64_t ndis_flow_total_out(const struct ndis_flow *flow);
/*
 * One step of waiting for something that a driver must give back: 0.25 ms. After 10 s it is reported, after 60 s it is
 * a bug check, because it will never come. whose: a driver or adapter.
 */
void ndis_patience(LONGLONG begin, bool *reported, const char *what, const char *whose);
/* Waits until the balance is zero, and reports (once) when that takes suspiciously long. PASSIVE_LEVEL. */
void ndis_flow_drain(struct ndis_flow *flow, const char *what, const char *whose);

/* ---- layers ------------------------------------------------------------------------------------------------------ */

typedef FILTER_SEND_NET_BUFFER_LISTS ndis_send_handler;
typedef FILTER_SEND_NET_BUFFER_LISTS_COMPLETE ndis_send_complete_handler;
typedef FILTER_RECEIVE_NET_BUFFER_LISTS ndis_receive_handler;
typedef FILTER_RETURN_NET_BUFFER_LISTS ndis_return_handler;
typedef FILTER_CANCEL_SEND_NET_BUFFER_LISTS ndis_cancel_handler;

/* Downward from a layer: how it reaches the next one below. */
struct ndis_down {
    ndis_send_handler *send;
    void *send_context;
    ndis_return_handler *return_lists;
    void *return_context;
    ndis_cancel_handler *cancel;
    void *cancel_context;
};

/* Upward from a layer. */
struct ndis_up {
    ndis_receive_handler *receive;
    void *receive_context;
    ndis_send_complete_handler *send_complete;
    void *send_complete_context;
};

/* Requests to one layer, one at a time: the miniport, or a filter module. */
struct ndis_request_queue {
    struct ke_lock lock;
    LIST_ENTRY waiting;        /* struct ndis_request_state.link */
    PNDIS_OID_REQUEST current; /* given to the layer */
    LONGLONG current_since;    /* ke_now() */
    bool reported;             /* as hung */
    bool scheduled;            /* work item queued or running */
    bool closed;               /* new requests fail */
    LONG outstanding;          /* waiting and current, direct ones too */
    WORK_QUEUE_ITEM work;
};

enum ndis_layer_state { NDIS_LAYER_PAUSED, NDIS_LAYER_RESTARTING, NDIS_LAYER_RUNNING, NDIS_LAYER_PAUSING };

struct ndis_miniport_driver {
    struct ndis_object object;
    LIST_ENTRY link; /* ndis.miniports */
    PDRIVER_OBJECT driver;
    void *context;
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS chars; /* zero where the driver's revision ends */
    NDIS_MINIPORT_PNP_CHARACTERISTICS pnp;
    char name[64];
    LONG adapters;
    bool registering; /* inside MiniportSetOptions */
};

struct ndis_binding;
struct ndis_filter;

/* The bindings that receive; replaced as a whole while the stack is paused. */
struct ndis_receivers {
    unsigned count;
    struct ndis_binding *binding[];
};

struct ndis_adapter {
    struct ndis_object object;
    /* The miniport's way up and the bindings' way down: read for each chain of packets. */
    const struct ndis_up *up;    /* &running_up or &refusing_up */
    const struct ndis_down *top; /* &running_top or &rejecting_top */
    struct ndis_receivers *receivers;
    void *miniport_context; /* MiniportAdapterContext */
    struct ndis_miniport_driver *driver;
    struct ndis_down running_top, rejecting_top;
    struct ndis_up running_up, refusing_up;
    NDIS_STATUS reject_status;
    bool several_bindings; /* sends are looped back to the others */
    NDIS_HANDLE loopback_pool;

    LIST_ENTRY link; /* ndis.adapters */
    bool listed;
    LONG references;
    PDEVICE_OBJECT pdo, fdo, next;
    PCM_RESOURCE_LIST resources, resources_translated;
    char instance_path[200];
    char friendly[200];
    char driver_key[256]; /* absolute registry path of the adapter's software key */
    char guid[40];        /* "{...}", NetCfgInstanceId */
    WCHAR name_buffer[64], instance_buffer[128];
    UNICODE_STRING name;          /* \DEVICE\{GUID} */
    UNICODE_STRING instance_name; /* friendly name */
    unsigned if_index;
    NET_LUID luid;

    KEVENT operation; /* synchronization event: who holds it may change the stack */
    enum ndis_adapter_state state;
    bool initialized;   /* MiniportInitializeEx succeeded and MiniportHaltEx has not been called */
    bool start_pending; /* the worker is to attach, bind and restart */
    bool removing;      /* no new bindings */
    bool surprise_removed;
    bool in_initialize;
    bool in_add_device;
    bool low_power; /* paused and in D1..D3 */
    bool powered_down_halt;
    KEVENT transition; /* MiniportPauseComplete, MiniportRestartComplete */
    NDIS_STATUS transition_status;
    bool transition_completed;
    bool failed; /* NdisMRemoveMiniport */
    NDIS_STATUS status;
    KEVENT reset_done;
    NDIS_STATUS reset_status;
    BOOLEAN reset_addressing;
    bool resetting, reset_wanted;

    /* Attributes. */
    bool has_registration, has_general;
    void *add_device_context;
    ULONG attribute_flags;
    UINT check_for_hang; /* seconds */
    NDIS_INTERFACE_TYPE interface_type;
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general;
    NDIS_OID *supported_oids;
    NDIS_PNP_CAPABILITIES pnp_capabilities;
    NDIS_PM_CAPABILITIES pm_capabilities;
    NDIS_RECEIVE_SCALE_CAPABILITIES rss_capabilities;
    NDIS_OFFLOAD *offload_default, *offload_hardware;
    bool has_pnp_capabilities, has_pm_capabilities, has_rss;

    /* Link, from the attributes and then from indications. */
    NDIS_LINK_STATE link_state; /* under list_lock: ndis_link_state */
    ULONG packet_filter; /* union that the miniport knows */
    ULONG lookahead;

    LIST_ENTRY filters;  /* struct ndis_filter.link, lowest first */
    LIST_ENTRY bindings; /* struct ndis_binding.link; changed under ke_lock list_lock too */
    struct ke_lock list_lock;
    unsigned open_bindings;

    struct ndis_request_queue requests;
    /* Watch of sends and requests, once a second while the adapter is initialized. */
    KTIMER watch_timer;
    KDPC watch_dpc;
    WORK_QUEUE_ITEM watch_work;
    bool watch_active;
    LONG watch_busy;
    int64_t watch_out;
    LONGLONG watch_progress; /* ke_now() of the last progress */
    LONGLONG hang_checked;
    unsigned resets, hung_sends, hung_requests;
    bool send_reported;
};

struct ndis_protocol {
    struct ndis_object object;
    LIST_ENTRY link; /* ndis.protocols */
    void *context;
    PDRIVER_OBJECT driver; /* whose image the handlers lie in; may be NULL */
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS chars;
    char name[64];
    bool deregistering;
    LONG references; /* work under way, under ndis.lock */
};

enum ndis_binding_state {
    NDIS_BINDING_OPENING,
    NDIS_BINDING_PAUSED,
    NDIS_BINDING_RESTARTING,
    NDIS_BINDING_RUNNING,
    NDIS_BINDING_PAUSING,
    NDIS_BINDING_CLOSING,
};

struct ndis_binding {
    struct ndis_object object;
    struct ndis_adapter *adapter;
    struct ndis_protocol *protocol;
    void *context; /* ProtocolBindingContext */
    SEND_NET_BUFFER_LISTS_COMPLETE_HANDLER send_complete;
    RECEIVE_NET_BUFFER_LISTS_HANDLER receive;
    struct ndis_flow sends;
    struct ndis_flow receives;
    LIST_ENTRY link;
    enum ndis_binding_state state;
    bool open; /* NdisOpenAdapterEx succeeded, NdisCloseAdapterEx not called */
    ULONG packet_filter;
    ULONG lookahead;
    unsigned char *multicast;
    ULONG multicast_size;
    NET_FRAME_TYPE *frame_types;
    unsigned frame_type_count;
    bool closing;
    LONG callers;  /* status indications on their way in */
    LONG requests; /* outstanding OID requests */
    WORK_QUEUE_ITEM close_work;
    KEVENT event_done; /* NdisCompleteNetPnPEvent */
    NDIS_STATUS event_status;
    KEVENT bind_done; /* NdisCompleteBindAdapterEx, NdisCompleteUnbindAdapterEx */
    NDIS_STATUS bind_status;
};

struct ndis_filter_driver {
    struct ndis_object object;
    LIST_ENTRY link; /* ndis.filter_drivers */
    PDRIVER_OBJECT driver;
    void *context;
    NDIS_FILTER_DRIVER_CHARACTERISTICS chars;
    char name[64];
    char unique_name[64];
    bool deregistering;
    LONG references; /* work under way, under ndis.lock */
};

struct ndis_filter {
    struct ndis_object object;
    struct ndis_up up; /* must be reached with one load from the handle */
    struct ndis_down down;
    struct ndis_filter_driver *driver;
    struct ndis_adapter *adapter;
    void *context; /* FilterModuleContext */
    LIST_ENTRY link;
    NDIS_FILTER_PARTIAL_CHARACTERISTICS handlers; /* of this module: the driver's, or set by FilterSetModuleOptions */
    enum ndis_layer_state state;
    bool in_attach, attributes_set, in_set_options;
    struct ndis_request_queue requests;
    LONG callers; /* status indications and direct requests on their way in, under the adapter's list_lock */
    KEVENT transition;
    NDIS_STATUS transition_status;
    unsigned if_index;
    NET_LUID luid;
    char module_name[160];
};

/* Kept in NDIS_OID_REQUEST.NdisReserved while a request is with NDIS. */
struct ndis_request_state {
    LIST_ENTRY link;
    struct ndis_object *source; /* who is told: a binding, a filter module, or NULL: event */
    struct ndis_request_queue *queue;
    struct ndis_adapter *adapter;
    struct ndis_filter *target; /* the layer that has it; NULL: the miniport */
    PKEVENT event;              /* for requests of NDIS itself */
    NDIS_STATUS *event_status;
    void *saved_buffer; /* the driver's buffer while an aggregated one takes its place */
    ULONG saved_length;
    ULONG flags;
    ULONG aggregate; /* storage of an aggregated packet filter or lookahead */
    ULONG signature;
};
#define NDIS_REQUEST_DIRECT      1u
#define NDIS_REQUEST_OWNS_BUFFER 2u /* the aggregated buffer is from pool */
#define NDIS_REQUEST_INNER       4u /* sent by NDIS inside another request */
#define NDIS_REQUEST_SIGNATURE   0x71657252u
_Static_assert(sizeof(struct ndis_request_state) <= NDIS_OID_REQUEST_NDIS_RESERVED_SIZE * sizeof(PVOID),
               "request state must fit into NdisReserved");
static inline struct ndis_request_state *ndis_request_state(PNDIS_OID_REQUEST request)
{
    return (struct ndis_request_state *)request->NdisReserved;
}

struct ndis_state {
    bool initialized;
    bool verify;
    struct ke_lock lock; /* the lists */
    LIST_ENTRY miniports, adapters, protocols, filter_drivers;
    unsigned next_if_index;
    uint32_t changes; /* of adapter states: waiters sleep on this address */
    struct ndis_worker {
        struct ke_lock lock;
        LIST_ENTRY queue; /* struct ndis_work */
        KEVENT wake;
        unsigned long host_thread;
        bool busy, stop, started;
    } worker;
    UCHAR next_cancel_id;
    LONG next_slot;
};
extern struct ndis_state ndis;

/* ---- services shared by the files ----------------------------------------------------------------------------------
 */

/* Bug check 0x7C (BUGCODE_NDIS_DRIVER) unless handle points to a live object of that kind. function: exported name. */
void *ndis_check_handle(NDIS_HANDLE handle, enum ndis_object_type type, const char *function);
/* Bug check 0x7C with a sentence: a rule of NDIS was broken by a driver. p2 is usually a handle. */
_Noreturn void ndis_bugcheck(ULONG code, const void *object, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A warning for the user that is not fatal, on stderr and in the trace. */
void ndis_report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Checks type and revision and that size covers `minimum`; false otherwise. Copies at most capacity bytes, zeroing the
 * rest. */
bool ndis_header_valid(const NDIS_OBJECT_HEADER *header, UCHAR type, UCHAR minimum_revision, size_t minimum_size);

/* Unicode to UTF-8 for messages and registry paths. */
void ndis_to_utf8(const UNICODE_STRING *string, char *buffer, size_t size);

/* worker.c */
struct ndis_work {
    LIST_ENTRY link;
    void (*routine)(void *context);
    void *context;
};
/* Runs routine on the NDIS worker thread, in order. Any IRQL <= DISPATCH_LEVEL. */
bool ndis_worker_queue(void (*routine)(void *context), void *context);
void ndis_worker_initialize(void);
void ndis_worker_stop(void);

/* adapter.c */
void ndis_adapter_reference(struct ndis_adapter *adapter);
void ndis_adapter_release(struct ndis_adapter *adapter);
void ndis_adapter_lock(struct ndis_adapter *adapter);
void ndis_adapter_unlock(struct ndis_adapter *adapter);
/* Moves the state machine; an event that the state does not allow is a bug check. */
enum ndis_adapter_event {
    NDIS_EVENT_INITIALIZE,
    NDIS_EVENT_INITIALIZE_OK,
    NDIS_EVENT_INITIALIZE_FAILED,
    NDIS_EVENT_RESTART,
    NDIS_EVENT_RESTART_OK,
    NDIS_EVENT_RESTART_FAILED,
    NDIS_EVENT_PAUSE,
    NDIS_EVENT_PAUSE_OK,
    NDIS_EVENT_HALT,
    NDIS_EVENT_SHUTDOWN,
};
void ndis_adapter_event(struct ndis_adapter *adapter, enum ndis_adapter_event event);
NDIS_STATUS ndis_adapter_initialize(struct ndis_adapter *adapter);
void ndis_adapter_halt(struct ndis_adapter *adapter, NDIS_HALT_ACTION action);
void ndis_notify_change(void);
/* A walk along a list under ndis.lock that lets go of the lock between elements: the link behind PREVIOUS (NULL: the
 * first), NULL at the end. The element is held by its count of work under way, which lies COUNT bytes behind its link,
 * and PREVIOUS is let go. */
LIST_ENTRY *ndis_next_held(LIST_ENTRY *head, LIST_ENTRY *previous, ptrdiff_t count);

/* stack.c: the whole stack; the operation lock is held */
void ndis_stack_pause(struct ndis_adapter *adapter, ULONG reason);
NDIS_STATUS ndis_stack_restart(struct ndis_adapter *adapter);
/* Attaches filters, binds protocols, restarts. */
void ndis_stack_start(struct ndis_adapter *adapter);
/* Pauses, unbinds, detaches. */
void ndis_stack_stop(struct ndis_adapter *adapter, ULONG reason);
/* Sends a network PnP event up: filters from below, then bindings. The first failure is returned. */
NDIS_STATUS ndis_stack_net_event(struct ndis_adapter *adapter, struct ndis_filter *above,
                                 PNET_PNP_EVENT_NOTIFICATION event);
/* A device event to filters from the top, then the miniport. below: NULL for the top. */
void ndis_stack_device_event(struct ndis_adapter *adapter, struct ndis_filter *below, PNET_DEVICE_PNP_EVENT event);
void ndis_device_event(struct ndis_adapter *adapter, NDIS_DEVICE_PNP_EVENT code, void *buffer, ULONG length);

/* path.c */
void ndis_path_build(struct ndis_adapter *adapter);
void ndis_path_close(struct ndis_adapter *adapter, NDIS_STATUS reject_status);
void ndis_path_retire(struct ndis_adapter *adapter);

/* protocol.c */
void ndis_bind_all(struct ndis_adapter *adapter);
bool ndis_bind(struct ndis_adapter *adapter, struct ndis_protocol *protocol);
void ndis_unbind(struct ndis_binding *binding);
NDIS_STATUS ndis_binding_net_event(struct ndis_binding *binding, PNET_PNP_EVENT_NOTIFICATION event);
void ndis_binding_free(struct ndis_binding *binding);

/* filter.c */
void ndis_attach_all(struct ndis_adapter *adapter);
void ndis_detach(struct ndis_filter *filter);
void ndis_filter_pause(struct ndis_filter *filter, ULONG reason);
NDIS_STATUS ndis_filter_restart(struct ndis_filter *filter, PNDIS_RESTART_ATTRIBUTES attributes);

/* request.c */
void ndis_request_queue_initialize(struct ndis_request_queue *queue);
/* Sends a request of NDIS itself to the miniport and waits. PASSIVE_LEVEL. */
NDIS_STATUS ndis_request_wait(struct ndis_adapter *adapter, PNDIS_OID_REQUEST request);
NDIS_STATUS ndis_simple_request(struct ndis_adapter *adapter, NDIS_REQUEST_TYPE type, NDIS_OID oid, void *buffer,
                                ULONG size, ULONG *written);
void ndis_request_queue_close(struct ndis_request_queue *queue, bool closed);
/* Waits until nothing is outstanding. */
void ndis_request_queue_drain(struct ndis_request_queue *queue, const char *whose);
/* Brings the miniport's packet filter and multicast list up to date after a binding has gone. */
void ndis_request_aggregate(struct ndis_adapter *adapter);

/* oid.c: requests that NDIS answers for the miniport. False: the miniport must see it. */
bool ndis_oid_intercept(struct ndis_adapter *adapter, struct ndis_binding *binding, PNDIS_OID_REQUEST request,
                        NDIS_STATUS *status);

/* status.c */
/* The link as the miniport indicated it last. IRQL <= DISPATCH_LEVEL. */
NDIS_LINK_STATE ndis_link_state(struct ndis_adapter *adapter);
void ndis_status_indicate(struct ndis_adapter *adapter, struct ndis_filter *above, PNDIS_STATUS_INDICATION indication);

/* watch.c */
void ndis_watch_initialize(struct ndis_adapter *adapter);
void ndis_watch_start(struct ndis_adapter *adapter);
void ndis_watch_stop(struct ndis_adapter *adapter);

/* pnp.c */
NTSTATUS NTAPI ndis_add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical_device);
NTSTATUS NTAPI ndis_dispatch(PDEVICE_OBJECT device, PIRP irp);
struct ndis_miniport_driver *ndis_find_miniport_driver(PDRIVER_OBJECT driver, bool intermediate);

/* power.c */
NTSTATUS ndis_dispatch_power(struct ndis_adapter *adapter, PIRP irp);

/* device.c */
NTSTATUS ndis_device_dispatch(PDEVICE_OBJECT device, PIRP irp);

/* First member of every device extension that NDIS makes. */
struct ndis_device_extension {
    struct ndis_object *object; /* an adapter or a control device */
    uint64_t reserved;
};

#define NDIS_PHASE(name_, subject_, call_)                                                                             \
    ({                                                                                                                 \
        LONGLONG begin_ = io_phase_begin();                                                                            \
        NDIS_STATUS phase_status_ = (call_);                                                                           \
        io_phase_end((name_), (subject_), begin_, phase_status_);                                                      \
        phase_status_;                                                                                                 \
    })

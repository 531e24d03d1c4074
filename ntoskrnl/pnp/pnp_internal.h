/*
 * What the files of the PnP manager share: device nodes, services, the event queue.
 */
#pragma once

#include <ntifs.h>
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ob/ob.h"
#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/io/io.h"
#include "ntoskrnl/ldr/ldr.h"
#include "ntoskrnl/pnp/pnp.h"

#define PNP_TAG         'dpnP'
#define PNP_MAX_DRIVERS 16
#define PNP_MAX_LIST    2048 /* a MULTI_SZ list in UTF-8 */

struct pnp_service {
    LIST_ENTRY link;
    char name[64];
    PDRIVER_OBJECT driver;
    struct ldr_image *image; /* NULL for a builtin */
    unsigned users;          /* device nodes whose stack it is in */
    bool permanent;          /* loaded without a device: pnp_unload_service ends it */
};

/* Only the PnP thread changes nodes; it holds pnp_state.lock while it does, others while they look. */
struct pnp_node {
    LIST_ENTRY siblings;
    LIST_ENTRY children;
    struct pnp_node *parent;
    PDEVICE_OBJECT pdo; /* referenced */
    enum pnp_state state;
    enum pnp_problem problem;
    NTSTATUS status;
    char reason[256];
    char device_id[PNP_MAX_ID], instance_path[PNP_MAX_ID];
    char hardware_ids[PNP_MAX_LIST], compatible_ids[PNP_MAX_LIST];
    char description[128], location[128];
    char service[64], driver_key[96];
    DEVICE_CAPABILITIES capabilities;
    PNP_BUS_INFORMATION bus;
    bool has_bus_information;
    bool identified;
    bool reported; /* in the bus driver's last answer */
    struct pnp_service *services[PNP_MAX_DRIVERS];
    unsigned service_count;
};

struct pnp_builtin {
    LIST_ENTRY link;
    char service[64];
    PDRIVER_INITIALIZE entry;
};

struct pnp_builtin_id {
    LIST_ENTRY link;
    char id[PNP_MAX_ID];
    char service[64];
};

/* Leaks that were reported; kept when the system goes down, as the blocks are. */
struct pnp_leaked_blocks {
    const void *blocks[256];
    size_t count;
};

struct pnp_state_block {
    bool running;
    struct ke_lock lock; /* tree, builtins: leaf */
    pnp_driver_lookup lookup;
    void (*observer)(const struct pnp_device_info *info, void *context);
    void *observer_context;
    struct pnp_node *root;
    LIST_ENTRY services, builtins, builtin_ids;
    struct pnp_leaks leaks;
    struct pnp_leaked_blocks leaked;
    /* queue.c */
    KSPIN_LOCK queue_lock;
    LIST_ENTRY queue;
    KEVENT queue_event; /* something to do, or stop */
    KEVENT idle;
    bool busy, stopping;
    PKTHREAD thread;
    /* What a driver is asked to do now, under lock: for the watchdog and for messages. */
    LONGLONG watchdog;   /* 100 ns; 0: none */
    LONGLONG step_began; /* ke_now(); 0 between steps */
    char step[160], step_service[64];
    /* root.c */
    PDRIVER_OBJECT root_driver;
};
extern struct pnp_state_block pnp_block;

/* queue.c */
void pnp_queue_initialize(void);
void pnp_queue_stop(void);
bool pnp_queue(void (*work)(void *context), void *context);
/* Runs WORK on the PnP thread and waits; at once when the caller is that thread. */
void pnp_run(void (*work)(void *context), void *context);

/* Around each call into a driver from the PnP thread. */
void pnp_begin_step(const char *service, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pnp_end_step(void);

/* irp.c: one PnP IRP to the top of a node's stack. */
NTSTATUS pnp_send(struct pnp_node *node, UCHAR minor, const IO_STACK_LOCATION *parameters, ULONG_PTR *information);
NTSTATUS pnp_send_simple(struct pnp_node *node, UCHAR minor);
/* The same, recorded as a phase. */
NTSTATUS pnp_send_timed(struct pnp_node *node, UCHAR minor, const char *phase);

/* node.c */
struct pnp_node *pnp_node_create(struct pnp_node *parent, PDEVICE_OBJECT pdo);
void pnp_node_free(struct pnp_node *node);
struct pnp_node *pnp_node_of(PDEVICE_OBJECT pdo); /* PnP thread only */
void pnp_node_set_state(struct pnp_node *node, enum pnp_state state);
void pnp_node_fail(struct pnp_node *node, enum pnp_problem problem, NTSTATUS status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void pnp_node_clear_problem(struct pnp_node *node);

/* identify.c */
NTSTATUS pnp_identify(struct pnp_node *node);
NTSTATUS pnp_query_capabilities(struct pnp_node *node);

/* start.c */
void pnp_bring_up(struct pnp_node *node);
void pnp_enumerate(struct pnp_node *node);
void pnp_check_device_state(struct pnp_node *node);

/* remove.c */
void pnp_surprise_remove(struct pnp_node *node, bool keep);
NTSTATUS pnp_orderly_remove(struct pnp_node *node, bool keep, char *veto, size_t veto_size);
void pnp_finish_removals(void *context);
void pnp_release_stack(struct pnp_node *node);
void pnp_last_close(PDEVICE_OBJECT pdo);

/* service.c */
struct pnp_service *pnp_service_get(const char *name, struct pnp_node *node, char *error, size_t error_size,
                                    NTSTATUS *status, enum pnp_problem *problem);
void pnp_service_put(struct pnp_service *service);
void pnp_unload_idle_services(void);
void pnp_services_shutdown(void);
void pnp_driver_idle(PDRIVER_OBJECT driver);
bool pnp_builtin_match(const struct pnp_ids *ids, struct pnp_match *match);

/* root.c */
void pnp_root_initialize(void);
void pnp_root_shutdown(void);
void pnp_root_forget(PDEVICE_OBJECT pdo);

/* property.c */
NTSTATUS pnp_get_property(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, ULONG size, PVOID buffer,
                          PULONG needed);

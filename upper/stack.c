/*
 * The in-process TCP/IP stack: lwIP above an NDIS protocol driver. Each binding is an lwIP netif. lwIP runs in its own
 * thread, whose core lock serialises everything in it; received frames and link changes are queued at DISPATCH_LEVEL
 * and taken over there, one callback for as many frames as have come.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <netif/ethernet.h>
#include <wdm.h>

#include "ntoskrnl/ke/ke.h"
#include "upper/dhcp.h"
#include "upper/protocol.h"
#include "upper/upper.h"

#define RECEIVE_QUEUE_LIMIT 2048

/* A queued frame: the pbuf and the link to the next one, in one allocation. */
struct queued_frame {
    struct pbuf_custom pbuf;
    struct queued_frame *next;
    uint8_t data[];
};

struct interface {
    struct interface *next; /* under the core lock */
    struct netif netif;
    struct upper_binding *binding;
    struct dhcp_client *dhcp;
    uint64_t link_up_at;
    bool has_address;
    struct upper_stack_address address;

    struct ke_lock lock; /* the following */
    bool link_wanted;
    bool service_pending;
    unsigned queued;
    struct queued_frame *first, *last;
};

static struct {
    bool initialized; /* lwIP's thread exists; it cannot be ended */
    struct upper_protocol *protocol;
    struct interface *interfaces; /* under the core lock */
    KEVENT changed;               /* an address came or went */
} stack;

/* ---- from NDIS ------------------------------------------------------------------------------------------------------
 */

static void free_queued_frame(struct pbuf *p)
{
    free(p);
}

static struct queued_frame *make_queued_frame(const struct upper_received *received)
{
    struct queued_frame *frame = malloc(sizeof(*frame) + received->length);

    if (frame == NULL)
        return NULL;
    frame->next = NULL;
    frame->pbuf.custom_free_function = free_queued_frame;
    memcpy(frame->data, received->data, received->length);
    pbuf_alloced_custom(PBUF_RAW, (u16_t)received->length, PBUF_REF, &frame->pbuf, frame->data,
                        (u16_t)received->length);
    return frame;
}

static void follow_link(struct interface *interface, bool up);

/* In lwIP's thread: takes over what has been queued. */
static void service(void *context)
{
    struct interface *interface = context;
    struct queued_frame *frame;
    bool up;

    ke_lock(&interface->lock);
    frame = interface->first;
    interface->first = interface->last = NULL;
    interface->queued = 0;
    interface->service_pending = false;
    up = interface->link_wanted;
    ke_unlock(&interface->lock);

    follow_link(interface, up);
    while (frame != NULL) {
        struct queued_frame *next = frame->next;
        if (interface->netif.input(&frame->pbuf.pbuf, &interface->netif) != ERR_OK)
            pbuf_free(&frame->pbuf.pbuf);
        frame = next;
    }
}

/* With the lock held; true when the caller must ask for service after it has let the lock go. */
static bool wants_service(struct interface *interface)
{
    bool ask = !interface->service_pending;
    interface->service_pending = true;
    return ask;
}

static void ask_for_service(struct interface *interface)
{
    if (tcpip_try_callback(service, interface) != ERR_OK) {
        /* lwIP's mailbox is full; the next frame asks again. */
        ke_lock(&interface->lock);
        interface->service_pending = false;
        ke_unlock(&interface->lock);
    }
}

static void stack_receive(void *context, const struct upper_received *frames, size_t count)
{
    struct interface *interface = context;
    struct queued_frame *first = NULL, **end = &first, *last = NULL;
    unsigned made = 0;
    bool ask;

    for (size_t i = 0; i < count; i++) {
        struct queued_frame *frame = make_queued_frame(&frames[i]);
        if (frame == NULL)
            continue;
        *end = last = frame;
        end = &frame->next;
        made++;
    }
    if (first == NULL)
        return;
    ke_lock(&interface->lock);
    if (interface->queued > RECEIVE_QUEUE_LIMIT) {
        ke_unlock(&interface->lock);
        while (first != NULL) {
            struct queued_frame *next = first->next;
            pbuf_free(&first->pbuf.pbuf);
            first = next;
        }
        return;
    }
    if (interface->last != NULL)
        interface->last->next = first;
    else
        interface->first = first;
    interface->last = last;
    interface->queued += made;
    ask = wants_service(interface);
    ke_unlock(&interface->lock);
    if (ask)
        ask_for_service(interface);
}

static void stack_link(void *context, bool up)
{
    struct interface *interface = context;
    bool ask;

    ke_lock(&interface->lock);
    interface->link_wanted = up;
    ask = wants_service(interface);
    ke_unlock(&interface->lock);
    if (ask)
        ask_for_service(interface);
}

/* ---- lwIP's side ----------------------------------------------------------------------------------------------------
 */

static void lease_changed(void *context, const struct dhcp_lease *lease)
{
    struct interface *interface = context;

    interface->has_address = lease != NULL;
    if (lease != NULL) {
        if (interface->address.acquired_ns == 0)
            interface->address.acquired_ns = (uint64_t)ke_now() * 100 - interface->link_up_at;
        interface->address.address = lease->address.addr;
        interface->address.netmask = lease->netmask.addr;
        interface->address.gateway = lease->gateway.addr;
        interface->address.server = lease->server.addr;
        interface->address.lease_seconds = lease->seconds;
    }
    KeSetEvent(&stack.changed, IO_NO_INCREMENT, FALSE);
}

static void follow_link(struct interface *interface, bool up)
{
    if (up == (netif_is_link_up(&interface->netif) != 0))
        return;
    if (up) {
        interface->link_up_at = (uint64_t)ke_now() * 100;
        interface->address.acquired_ns = 0;
        netif_set_link_up(&interface->netif);
        interface->dhcp = dhcp_start(&interface->netif, lease_changed, interface);
    } else {
        if (interface->dhcp != NULL)
            dhcp_stop(interface->dhcp);
        interface->dhcp = NULL;
        lease_changed(interface, NULL);
        netif_set_link_down(&interface->netif);
    }
}

static err_t link_output(struct netif *netif, struct pbuf *p)
{
    struct interface *interface = netif->state;
    struct upper_frame *frame = upper_frame_get(interface->binding);

    if (frame == NULL)
        return ERR_MEM;
    frame->length = pbuf_copy_partial(p, frame->data, (u16_t)frame->capacity, 0);
    frame->next = NULL;
    upper_frame_send(interface->binding, frame);
    return ERR_OK;
}

static err_t initialize_netif(struct netif *netif)
{
    netif->name[0] = 'n';
    netif->name[1] = 'd';
    netif->hwaddr_len = ETH_HWADDR_LEN;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = link_output;
    return ERR_OK;
}

static void *stack_bind(struct upper_binding *binding, const struct upper_adapter *adapter)
{
    struct interface *interface = calloc(1, sizeof(*interface));

    if (interface == NULL)
        return NULL;
    interface->binding = binding;
    LOCK_TCPIP_CORE();
    if (netif_add(&interface->netif, NULL, NULL, NULL, interface, initialize_netif, ethernet_input) == NULL) {
        UNLOCK_TCPIP_CORE();
        free(interface);
        return NULL;
    }
    memcpy(interface->netif.hwaddr, adapter->mac, sizeof(adapter->mac));
    interface->netif.mtu = (u16_t)(adapter->mtu < 1500 ? adapter->mtu : 1500);
    netif_set_up(&interface->netif);
    if (stack.interfaces == NULL)
        netif_set_default(&interface->netif);
    interface->next = stack.interfaces;
    stack.interfaces = interface;
    UNLOCK_TCPIP_CORE();
    return interface;
}

static void signal_event(void *context)
{
    KeSetEvent(context, IO_NO_INCREMENT, FALSE);
}

/* A service callback may still be in lwIP's mailbox: once one behind it has run, it has too. Not tcpip_callback_wait,
 * which goes past the mailbox when lwIP has a core lock. */
static void drain_mailbox(void)
{
    LARGE_INTEGER millisecond = {.QuadPart = -10000};
    KEVENT drained;

    KeInitializeEvent(&drained, NotificationEvent, FALSE);
    while (tcpip_callback(signal_event, &drained) != ERR_OK)
        KeDelayExecutionThread(KernelMode, FALSE, &millisecond);
    KeWaitForSingleObject(&drained, Executive, KernelMode, FALSE, NULL);
}

static void stack_unbind(void *context)
{
    struct interface *interface = context;

    drain_mailbox();
    LOCK_TCPIP_CORE();
    follow_link(interface, false);
    netif_remove(&interface->netif);
    for (struct interface **link = &stack.interfaces; *link != NULL; link = &(*link)->next) {
        if (*link == interface) {
            *link = interface->next;
            break;
        }
    }
    if (stack.interfaces != NULL)
        netif_set_default(&stack.interfaces->netif);
    UNLOCK_TCPIP_CORE();
    free(interface);
}

static const struct upper_protocol_ops stack_ops = {
    .name = "NDISKIT_LWIP",
    .bind = stack_bind,
    .unbind = stack_unbind,
    .link = stack_link,
    .receive = stack_receive,
};

/* ---- for the tool
 * ------------------------------------------------------------------------------------------------------ */

bool upper_stack_start(char *error, size_t error_size)
{
    int32_t status;

    if (stack.protocol != NULL)
        return true;
    if (!stack.initialized) {
        KEVENT ready;
        KeInitializeEvent(&ready, NotificationEvent, FALSE);
        tcpip_init(signal_event, &ready);
        KeWaitForSingleObject(&ready, Executive, KernelMode, FALSE, NULL);
        stack.initialized = true;
    }
    KeInitializeEvent(&stack.changed, SynchronizationEvent, FALSE);
    status = upper_protocol_register(&stack_ops, &stack.protocol);
    if (status != 0)
        snprintf(error, error_size, "The TCP/IP stack cannot register as an NDIS protocol (status 0x%08X).",
                 (unsigned)status);
    return status == 0;
}

void upper_stack_stop(void)
{
    if (stack.protocol == NULL)
        return;
    upper_protocol_unregister(stack.protocol);
    stack.protocol = NULL;
}

bool upper_stack_get_address(struct upper_stack_address *address)
{
    bool found = false;

    LOCK_TCPIP_CORE();
    for (struct interface *interface = stack.interfaces; interface != NULL && !found; interface = interface->next) {
        found = interface->has_address;
        if (found)
            *address = interface->address;
    }
    UNLOCK_TCPIP_CORE();
    return found;
}

bool upper_stack_wait_address(unsigned timeout_ms, struct upper_stack_address *address)
{
    LONGLONG deadline = ke_now() + timeout_ms * 10000LL;

    while (!upper_stack_get_address(address)) {
        LARGE_INTEGER wait = {.QuadPart = ke_now() - deadline};
        if (wait.QuadPart >= 0 ||
            KeWaitForSingleObject(&stack.changed, Executive, KernelMode, FALSE, &wait) == STATUS_TIMEOUT)
            return upper_stack_get_address(address);
    }
    return true;
}

/*
 * What the protocol drivers of this folder share: binding to adapters, the Paused and Running states, packet filter,
 * link state, frames to send, received frames. Without WDK types; see protocol.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct upper_protocol; /* one NDIS protocol driver */
struct upper_binding;  /* it, bound to one adapter */

struct upper_adapter {
    char name[96];
    uint8_t mac[6];
    uint32_t mtu; /* without Ethernet header */
};

/* A frame to send. */
struct upper_frame {
    struct upper_frame *next;
    uint8_t *data;
    uint32_t length;
    uint32_t capacity; /* bytes of room at data: MTU, Ethernet header and VLAN tag */
};

/* A received frame, valid during the call that hands it over. */
struct upper_received {
    const uint8_t *data;
    uint32_t length;
};

struct upper_protocol_ops {
    const char *name;
    /* A new adapter; the result is the context for the calls below, NULL declines it. PASSIVE_LEVEL. */
    void *(*bind)(struct upper_binding *binding, const struct upper_adapter *adapter);
    /* No call for this binding comes any more. PASSIVE_LEVEL. */
    void (*unbind)(void *context);
    /* Frames can be sent and the medium is connected, or no longer so. IRQL <= DISPATCH_LEVEL, one at a time. */
    void (*link)(void *context, bool up);
    /* IRQL <= DISPATCH_LEVEL. */
    void (*receive)(void *context, const struct upper_received *frames, size_t count);
};

/* OPS must live until upper_protocol_unregister. PASSIVE_LEVEL; an NDIS_STATUS. */
int32_t upper_protocol_register(const struct upper_protocol_ops *ops, struct upper_protocol **protocol);
void upper_protocol_unregister(struct upper_protocol *protocol);

/* A frame to fill, NULL when the binding does not run or too many are on their way. IRQL <= DISPATCH_LEVEL. */
struct upper_frame *upper_frame_get(struct upper_binding *binding);
/* Gives back one that is not sent after all. */
void upper_frame_put(struct upper_binding *binding, struct upper_frame *frame);
/* Sends a list of frames (linked by next) as one NET_BUFFER_LIST chain. IRQL <= DISPATCH_LEVEL. */
void upper_frame_send(struct upper_binding *binding, struct upper_frame *frames);

/*
 * A DHCP client (RFC 2131) over lwIP's UDP API. Debian's lwIP is built without one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <lwip/netif.h>

struct dhcp_lease {
    ip4_addr_t address, netmask, gateway, server;
    uint32_t seconds;
};

struct dhcp_client;

/* Begins to ask for an address on a netif that is up. CHANGED is called when a lease is taken, renewed, or lost (NULL).
 * Everything runs, and must be called, with lwIP's core lock held. */
struct dhcp_client *dhcp_start(struct netif *netif, void (*changed)(void *context, const struct dhcp_lease *lease),
                               void *context);
void dhcp_stop(struct dhcp_client *client);

/* Checks a reply of LENGTH bytes to transaction XID of MAC. The result is its DHCP message type, 0 when it is not a
 * valid reply; RENEWAL and REBINDING are T1 and T2. For the client and its fuzzer. */
struct dhcp_reply {
    struct dhcp_lease lease;
    uint32_t renewal, rebinding;
};
uint8_t dhcp_parse(const uint8_t *data, size_t length, uint32_t xid, const uint8_t mac[6], struct dhcp_reply *reply);

/*
 * RFC 2131 client: INIT, SELECTING, REQUESTING, BOUND, RENEWING, REBINDING. lwIP drops all input of an interface
 * without an address unless its own DHCP client is compiled in, which Debian's is not; so the interface holds an
 * address of the link-local block (RFC 3927) until it has a lease, while requests go out from 0.0.0.0 as they must.
 */
#include <stdlib.h>
#include <string.h>
#include <lwip/pbuf.h>
#include <lwip/timeouts.h>
#include <lwip/udp.h>

#include "upper/dhcp.h"

#define SERVER_PORT 67
#define CLIENT_PORT 68

#define FIXED_LENGTH  236 /* section 2 */
#define COOKIE_LENGTH 4
#define MESSAGE_LIMIT 576

#define FIRST_RETRY_MS 500 /* section 4.1 proposes 4 s; a simulated or local network answers at once */
#define MAX_RETRY_MS   64000
#define MIN_RENEWAL_S  60
#define MIN_LEASE_S    4

enum message { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6 };
enum option {
    OPTION_PAD = 0,
    OPTION_SUBNET_MASK = 1,
    OPTION_ROUTER = 3,
    OPTION_REQUESTED_ADDRESS = 50,
    OPTION_LEASE_TIME = 51,
    OPTION_MESSAGE_TYPE = 53,
    OPTION_SERVER = 54,
    OPTION_PARAMETERS = 55,
    OPTION_MAX_SIZE = 57,
    OPTION_RENEWAL = 58,
    OPTION_REBINDING = 59,
    OPTION_CLIENT_ID = 61,
    OPTION_END = 255
};
enum state { SELECTING, REQUESTING, BOUND, RENEWING, REBINDING };

struct dhcp_client {
    struct netif *netif;
    struct udp_pcb *pcb;
    void (*changed)(void *context, const struct dhcp_lease *lease);
    void *context;
    enum state state;
    uint32_t xid;
    uint32_t retry_ms;
    struct dhcp_reply reply; /* the offer, then the lease */
    uint32_t elapsed;        /* seconds of the lease that have passed when a timer fires */
};

static const uint8_t magic_cookie[COOKIE_LENGTH] = {99, 130, 83, 99};

static void timer(void *arg);

static uint32_t get32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* ---- replies: the one place where their lengths are checked -------------------------------------------------------
 */

static void take_option(uint8_t code, const uint8_t *value, uint8_t length, uint8_t *type, struct dhcp_reply *reply)
{
    if (code == OPTION_MESSAGE_TYPE && length == 1)
        *type = value[0];
    if (length < 4)
        return;
    switch (code) {
    case OPTION_SUBNET_MASK:
        memcpy(&reply->lease.netmask.addr, value, 4);
        break;
    case OPTION_ROUTER:
        memcpy(&reply->lease.gateway.addr, value, 4);
        break;
    case OPTION_SERVER:
        memcpy(&reply->lease.server.addr, value, 4);
        break;
    case OPTION_LEASE_TIME:
        reply->lease.seconds = get32(value);
        break;
    case OPTION_RENEWAL:
        reply->renewal = get32(value);
        break;
    case OPTION_REBINDING:
        reply->rebinding = get32(value);
        break;
    }
}

uint8_t dhcp_parse(const uint8_t *data, size_t length, uint32_t xid, const uint8_t mac[6], struct dhcp_reply *reply)
{
    uint8_t type = 0;

    memset(reply, 0, sizeof(*reply));
    if (length < FIXED_LENGTH + COOKIE_LENGTH || data[0] != 2 || data[1] != 1 || data[2] != 6 ||
        get32(data + 4) != xid || memcmp(data + 28, mac, 6) != 0 ||
        memcmp(data + FIXED_LENGTH, magic_cookie, COOKIE_LENGTH) != 0)
        return 0;
    memcpy(&reply->lease.address.addr, data + 16, 4);
    for (size_t i = FIXED_LENGTH + COOKIE_LENGTH; i < length && data[i] != OPTION_END;) {
        if (data[i] == OPTION_PAD) {
            i++;
            continue;
        }
        if (length - i < 2 || length - i - 2 < data[i + 1])
            return 0;
        take_option(data[i], data + i + 2, data[i + 1], &type, reply);
        i += 2u + data[i + 1];
    }
    if (type == NAK)
        return NAK;
    if ((type != OFFER && type != ACK) || reply->lease.address.addr == 0 || reply->lease.server.addr == 0)
        return 0;
    if (reply->lease.netmask.addr == 0)
        reply->lease.netmask.addr = lwip_htonl(0xFFFFFF00);
    if (reply->lease.seconds < MIN_LEASE_S)
        reply->lease.seconds = MIN_LEASE_S;
    /* Section 4.4.5: defaults, and what a server sends must be in order. */
    if (reply->renewal == 0 || reply->renewal >= reply->lease.seconds)
        reply->renewal = reply->lease.seconds / 2;
    if (reply->rebinding <= reply->renewal || reply->rebinding >= reply->lease.seconds)
        reply->rebinding = reply->renewal + (reply->lease.seconds - reply->renewal) * 3 / 4;
    return type;
}

/* ---- requests
 * -------------------------------------------------------------------------------------------------------- */

static uint8_t *put_option(uint8_t *at, uint8_t code, uint8_t length, const void *value)
{
    at[0] = code;
    at[1] = length;
    memcpy(at + 2, value, length);
    return at + 2 + length;
}

static void send_message(struct dhcp_client *client, enum message type)
{
    static const uint8_t parameters[] = {OPTION_SUBNET_MASK, OPTION_ROUTER, OPTION_LEASE_TIME, OPTION_RENEWAL,
                                         OPTION_REBINDING};
    static const uint8_t max_size[2] = {MESSAGE_LIMIT >> 8, MESSAGE_LIMIT & 0xFF};
    bool has_address = client->state == RENEWING || client->state == REBINDING;
    uint8_t message[MESSAGE_LIMIT] = {1, 1, 6}, *at = message + FIXED_LENGTH;
    uint8_t type_byte = (uint8_t)type, client_id[7] = {1};
    ip_addr_t source, destination;

    put32(message + 4, client->xid);
    if (!has_address)
        message[10] = 0x80; /* the answer must be broadcast: no address to send it to yet */
    if (has_address)
        memcpy(message + 12, &client->reply.lease.address.addr, 4);
    memcpy(message + 28, client->netif->hwaddr, 6);
    memcpy(client_id + 1, client->netif->hwaddr, 6);

    memcpy(at, magic_cookie, COOKIE_LENGTH);
    at = put_option(at + COOKIE_LENGTH, OPTION_MESSAGE_TYPE, 1, &type_byte);
    at = put_option(at, OPTION_CLIENT_ID, sizeof(client_id), client_id);
    at = put_option(at, OPTION_MAX_SIZE, sizeof(max_size), max_size);
    at = put_option(at, OPTION_PARAMETERS, sizeof(parameters), parameters);
    if (client->state == REQUESTING) {
        at = put_option(at, OPTION_REQUESTED_ADDRESS, 4, &client->reply.lease.address.addr);
        at = put_option(at, OPTION_SERVER, 4, &client->reply.lease.server.addr);
    }
    *at++ = OPTION_END;

    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)(at - message), PBUF_RAM);
    if (p == NULL)
        return;
    pbuf_take(p, message, (u16_t)(at - message));
    ip_addr_copy_from_ip4(source, *(has_address ? &client->reply.lease.address : IP4_ADDR_ANY4));
    if (client->state == RENEWING)
        ip_addr_copy_from_ip4(destination, client->reply.lease.server);
    else
        ip_addr_copy(destination, *IP_ADDR_BROADCAST);
    udp_sendto_if_src(client->pcb, p, &destination, SERVER_PORT, client->netif, &source);
    pbuf_free(p);
}

/* ---- states
 * ----------------------------------------------------------------------------------------------------------- */

static void set_timer(struct dhcp_client *client, uint64_t ms)
{
    /* sys_timeout counts in 32 bits and refuses more than half of them; a longer time is taken in pieces. */
    const uint32_t limit = 3600u * 1000u;
    sys_untimeout(timer, client);
    sys_timeout(ms < limit ? (uint32_t)ms : limit, timer, client);
}

static void set_provisional_address(struct dhcp_client *client)
{
    ip4_addr_t address, netmask, none = {0};

    IP4_ADDR(&address, 169, 254, 1 + client->netif->hwaddr[4] % 254, client->netif->hwaddr[5]);
    IP4_ADDR(&netmask, 255, 255, 0, 0);
    netif_set_addr(client->netif, &address, &netmask, &none);
}

static void discover(struct dhcp_client *client)
{
    client->state = SELECTING;
    client->xid = client->xid * 1664525u + 1013904223u;
    set_provisional_address(client);
    send_message(client, DISCOVER);
    set_timer(client, client->retry_ms);
}

static void bind_lease(struct dhcp_client *client)
{
    const struct dhcp_lease *lease = &client->reply.lease;

    client->state = BOUND;
    client->elapsed = 0;
    client->retry_ms = FIRST_RETRY_MS;
    netif_set_addr(client->netif, &lease->address, &lease->netmask, &lease->gateway);
    set_timer(client, 1000ull * client->reply.renewal);
    client->changed(client->context, lease);
}

static void lose_lease(struct dhcp_client *client)
{
    client->changed(client->context, NULL);
    client->retry_ms = FIRST_RETRY_MS;
    discover(client);
}

/* Between T1 and the end of the lease: half of the time that remains, but at least a minute (section 4.4.5). */
static void ask_again(struct dhcp_client *client, uint32_t until)
{
    uint32_t left = until - client->elapsed, wait = left / 2;

    if (wait < MIN_RENEWAL_S)
        wait = left < MIN_RENEWAL_S ? left : MIN_RENEWAL_S;
    client->xid++;
    send_message(client, REQUEST);
    client->elapsed += wait;
    set_timer(client, 1000ull * wait);
}

static void timer(void *arg)
{
    struct dhcp_client *client = arg;
    const struct dhcp_reply *reply = &client->reply;

    switch (client->state) {
    case SELECTING:
    case REQUESTING:
        if (client->retry_ms < MAX_RETRY_MS)
            client->retry_ms *= 2;
        discover(client);
        return;
    case BOUND:
        client->state = RENEWING;
        client->elapsed = reply->renewal;
        break;
    case RENEWING:
        if (client->elapsed >= reply->rebinding)
            client->state = REBINDING;
        break;
    case REBINDING:
        if (client->elapsed >= reply->lease.seconds) {
            lose_lease(client);
            return;
        }
        break;
    }
    ask_again(client, client->state == RENEWING ? reply->rebinding : reply->lease.seconds);
}

static void received(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    struct dhcp_client *client = arg;
    uint8_t data[1500];
    u16_t length = pbuf_copy_partial(p, data, sizeof(data), 0);
    struct dhcp_reply reply;
    uint8_t type;

    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(from);
    pbuf_free(p);
    if (port != SERVER_PORT)
        return;
    type = dhcp_parse(data, length, client->xid, client->netif->hwaddr, &reply);
    if (type == OFFER && client->state == SELECTING) {
        client->reply = reply;
        client->state = REQUESTING;
        send_message(client, REQUEST);
        set_timer(client, client->retry_ms);
    } else if (type == ACK && client->state != SELECTING && client->state != BOUND) {
        client->reply = reply;
        bind_lease(client);
    } else if (type == NAK && client->state != SELECTING && client->state != BOUND) {
        lose_lease(client);
    }
}

struct dhcp_client *dhcp_start(struct netif *netif, void (*changed)(void *context, const struct dhcp_lease *lease),
                               void *context)
{
    struct dhcp_client *client = calloc(1, sizeof(*client));

    if (client == NULL)
        return NULL;
    client->netif = netif;
    client->changed = changed;
    client->context = context;
    client->retry_ms = FIRST_RETRY_MS;
    client->xid = get32(netif->hwaddr + 2) ^ sys_now();
    client->pcb = udp_new();
    if (client->pcb == NULL || udp_bind(client->pcb, IP4_ADDR_ANY, CLIENT_PORT) != ERR_OK) {
        if (client->pcb != NULL)
            udp_remove(client->pcb);
        free(client);
        return NULL;
    }
    ip_set_option(client->pcb, SOF_BROADCAST);
    udp_bind_netif(client->pcb, netif);
    udp_recv(client->pcb, received, client);
    discover(client);
    return client;
}

void dhcp_stop(struct dhcp_client *client)
{
    sys_untimeout(timer, client);
    udp_remove(client->pcb);
    free(client);
}

/*
 * ICMP echo over lwIP's raw API (RFC 792): what `ping` does, for the demo and for tests of the path through a driver.
 */
#include <stdio.h>
#include <string.h>
#include <lwip/icmp.h>
#include <lwip/inet_chksum.h>
#include <lwip/ip4.h>
#include <lwip/prot/icmp.h>
#include <lwip/raw.h>
#include <lwip/tcpip.h>
#include <wdm.h>

#include "ntoskrnl/ke/ke.h"
#include "upper/upper.h"

#define PING_ID       0x4E4B
#define PING_MAX_DATA 1472

struct ping {
    struct raw_pcb *pcb;
    ip_addr_t destination;
    unsigned size;
    uint16_t sequence;
    uint64_t sent_at, answered_at;
    KEVENT answered;
};

static uint64_t now_ns(void)
{
    return (uint64_t)ke_now() * 100;
}

static uint8_t pattern(unsigned i, uint16_t sequence)
{
    return (uint8_t)(i * 7 + sequence);
}

static bool is_answer(const struct ping *ping, const uint8_t *packet, size_t length)
{
    size_t header = length >= IP_HLEN ? (size_t)(packet[0] & 0x0F) * 4 : 0;
    struct icmp_echo_hdr echo;

    if (header < IP_HLEN || length < header + sizeof(echo) + ping->size)
        return false;
    memcpy(&echo, packet + header, sizeof(echo));
    if (echo.type != ICMP_ER || echo.id != lwip_htons(PING_ID) || echo.seqno != lwip_htons(ping->sequence))
        return false;
    for (unsigned i = 0; i < ping->size; i++) {
        if (packet[header + sizeof(echo) + i] != pattern(i, ping->sequence))
            return false;
    }
    return true;
}

static u8_t ping_received(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    struct ping *ping = arg;
    uint8_t packet[60 + sizeof(struct icmp_echo_hdr) + PING_MAX_DATA];
    u16_t length = pbuf_copy_partial(p, packet, sizeof(packet), 0);

    LWIP_UNUSED_ARG(pcb);
    if (!ip_addr_cmp(from, &ping->destination) || !is_answer(ping, packet, length))
        return 0;
    if (ping->answered_at == 0) {
        ping->answered_at = now_ns();
        KeSetEvent(&ping->answered, IO_NO_INCREMENT, FALSE);
    }
    pbuf_free(p);
    return 1;
}

static bool send_echo(struct ping *ping)
{
    struct pbuf *p = pbuf_alloc(PBUF_IP, (u16_t)(sizeof(struct icmp_echo_hdr) + ping->size), PBUF_RAM);
    struct icmp_echo_hdr *echo;
    err_t err;

    if (p == NULL)
        return false;
    echo = p->payload;
    memset(echo, 0, sizeof(*echo));
    echo->type = ICMP_ECHO;
    echo->id = lwip_htons(PING_ID);
    echo->seqno = lwip_htons(ping->sequence);
    for (unsigned i = 0; i < ping->size; i++)
        ((uint8_t *)(echo + 1))[i] = pattern(i, ping->sequence);
    echo->chksum = inet_chksum(echo, p->len);
    err = raw_sendto(ping->pcb, p, &ping->destination);
    pbuf_free(p);
    return err == ERR_OK;
}

/* One echo; its round trip in nanoseconds, 0 when there was no answer. */
static uint64_t ping_once(struct ping *ping, unsigned timeout_ms)
{
    LARGE_INTEGER timeout = {.QuadPart = -10000LL * timeout_ms};
    uint64_t round_trip;
    bool sent;

    LOCK_TCPIP_CORE();
    ping->sequence++;
    ping->answered_at = 0;
    KeClearEvent(&ping->answered);
    ping->sent_at = now_ns();
    sent = send_echo(ping);
    UNLOCK_TCPIP_CORE();
    if (sent)
        KeWaitForSingleObject(&ping->answered, Executive, KernelMode, FALSE, &timeout);
    LOCK_TCPIP_CORE();
    round_trip = ping->answered_at != 0 ? ping->answered_at - ping->sent_at : 0;
    UNLOCK_TCPIP_CORE();
    return round_trip;
}

static void count_answer(struct upper_ping_result *result, unsigned *row, uint64_t round_trip)
{
    result->sent++;
    if (round_trip == 0) {
        if (++*row > result->lost_in_row)
            result->lost_in_row = *row;
        return;
    }
    *row = 0;
    if (result->received == 0 || round_trip < result->min_ns)
        result->min_ns = round_trip;
    if (round_trip > result->max_ns)
        result->max_ns = round_trip;
    result->avg_ns += round_trip; /* the sum until all are in */
    result->received++;
}

bool upper_stack_ping(uint32_t destination, unsigned count, unsigned size, unsigned timeout_ms,
                      struct upper_ping_result *result, char *error, size_t error_size)
{
    struct ping ping = {.size = size};
    unsigned row = 0;

    memset(result, 0, sizeof(*result));
    if (size > PING_MAX_DATA) {
        snprintf(error, error_size, "A ping of %u bytes does not fit into a frame; at most %d do.", size,
                 PING_MAX_DATA);
        return false;
    }
    ip_addr_set_ip4_u32_val(ping.destination, destination);
    KeInitializeEvent(&ping.answered, NotificationEvent, FALSE);
    LOCK_TCPIP_CORE();
    ping.pcb = raw_new(IP_PROTO_ICMP);
    if (ping.pcb != NULL)
        raw_recv(ping.pcb, ping_received, &ping);
    UNLOCK_TCPIP_CORE();
    if (ping.pcb == NULL) {
        snprintf(error, error_size, "Out of memory for a ping.");
        return false;
    }
    for (unsigned i = 0; i < count; i++)
        count_answer(result, &row, ping_once(&ping, timeout_ms));
    if (result->received != 0)
        result->avg_ns /= result->received;
    LOCK_TCPIP_CORE();
    raw_remove(ping.pcb);
    UNLOCK_TCPIP_CORE();
    return true;
}

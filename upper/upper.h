/*
 * The upper edges: what carries packets between NDIS and the world above it. Each is an ordinary NDIS driver that uses
 * only what ndis.h offers: the in-process TCP/IP stack and the TAP device are protocol drivers, the packet capture is a
 * filter driver. This header has no WDK types, so that lwIP's headers and the tool can be used beside it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- lwIP: an in-process TCP/IP stack bound to every adapter; IPv4 addresses by DHCP (RFC 2131) ---------------------
 */

/* Registers the protocol driver; adapters that exist or appear are bound. Idempotent. False: ERROR says why. */
bool upper_stack_start(char *error, size_t error_size);
/* Closes all bindings. */
void upper_stack_stop(void);

struct upper_stack_address {
    uint32_t address, netmask, gateway, server; /* network byte order; server: who answered by DHCP */
    uint32_t lease_seconds;
    uint64_t acquired_ns; /* from link up to the acknowledgement */
};
/* Until an interface has an address, at most TIMEOUT_MS. False: none. */
bool upper_stack_wait_address(unsigned timeout_ms, struct upper_stack_address *address);
/* Whether an interface is up now, and its address. */
bool upper_stack_get_address(struct upper_stack_address *address);

struct upper_ping_result {
    unsigned sent, received;
    unsigned lost_in_row; /* the longest run without an answer */
    uint64_t min_ns, avg_ns, max_ns;
};
/* COUNT echo requests with SIZE bytes of data, each waited for up to TIMEOUT_MS; the answer's data is compared. */
bool upper_stack_ping(uint32_t destination, unsigned count, unsigned size, unsigned timeout_ms,
                      struct upper_ping_result *result, char *error, size_t error_size);

struct upper_http_result {
    unsigned status;      /* 200 */
    uint64_t body_bytes;  /* received */
    uint64_t body_length; /* announced */
    uint64_t duration_ns; /* from connect to the last byte */
    uint8_t sha256[32];   /* of the body */
};
/* GET http://ADDRESS:PORT/PATH into a SHA-256. Fails when no byte comes for IDLE_TIMEOUT_MS. */
bool upper_stack_http_get(uint32_t address, uint16_t port, const char *path, unsigned idle_timeout_ms,
                          struct upper_http_result *result, char *error, size_t error_size);

/* ---- TAP: Linux's own stack above the adapter -----------------------------------------------------------------------
 */

/* Creates (or takes over) the TAP interface NAME and binds it to the next adapter that has none: it gets the adapter's
 * MAC address, MTU and carrier, and is brought up. */
bool upper_tap_start(const char *name, char *error, size_t error_size);
void upper_tap_stop(void);

/* ---- capture
 * ---------------------------------------------------------------------------------------------------------- */

/* Attaches a filter module over every adapter, which writes all frames, both ways, into a pcap file (Ethernet). */
bool upper_capture_start(const char *path, char *error, size_t error_size);
/* Detaches and closes the file. False when not all could be written. */
bool upper_capture_stop(char *error, size_t error_size);

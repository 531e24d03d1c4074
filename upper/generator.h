/*
 * The traffic generator: an NDIS protocol driver that sends frames as fast as a binding takes them and counts what
 * comes back from an echo. Without WDK types; see generator.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct generator_load {
    unsigned frame_size;     /* bytes, from 60 to the adapter's MTU + 14 */
    unsigned burst;          /* frames in one NET_BUFFER_LIST chain */
    unsigned window;         /* frames on their way at most */
    uint64_t frames;         /* ends after so many have come back; 0: after duration_ms */
    unsigned duration_ms;    /* 0: no limit */
    unsigned warm_up_frames; /* come back before the clock starts */
    uint32_t *latency_ns;    /* with burst 1 and window 1: time of each round trip; NULL for none */
};

struct generator_result {
    uint64_t received;   /* frames that came back while the clock ran */
    uint64_t elapsed_ns; /* wall clock */
    uint64_t cpu_ns;     /* of the generating thread */
    uint64_t wrong;      /* that came back with another length or content; one frame of each chain is looked at */
    uint64_t failed;     /* sends that were completed with an error */
};

/* Registers the protocol driver, which binds every adapter. False: ERROR says why. */
bool upper_generator_start(char *error, size_t error_size);
void upper_generator_stop(void);

/* Bindings whose link is up; they are numbered 0.. in the order in which they were made. */
unsigned upper_generator_ports(void);

/* Sends through binding PORT from the calling thread until LOAD is met, or the link goes down. A loss ends it, too:
 * when nothing has come back for two seconds. False: ERROR says why. PASSIVE_LEVEL; different threads may drive
 * different ports. */
bool upper_generator_run(unsigned port, const struct generator_load *load, struct generator_result *result, char *error,
                         size_t error_size);

/*
 * What the scenarios of ndiskit-bench share.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "include/ndiskit/ndiskit.h"
#include "upper/generator.h"

struct bench_options {
    const char *package, *root, *usb, *gadget;
    const char *upper, *lower; /* TAP interfaces */
    enum ndiskit_form form;
    unsigned frame, burst, window, duration_ms, frames, warm_up, cores, processors, adapters;
};

/* Prints the sentence and ends the process with status 1. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint64_t bench_now_ns(void);
/* One object on one line; takes the reference over. */
void bench_print(json_t *object);

void bench_boot(const struct bench_options *options);
struct ndiskit_device *bench_plug(const struct bench_options *options);
void bench_wait_link(struct ndiskit_device *device);
void bench_wait_ports(unsigned count);

/* tap.c: until SIGTERM. */
void bench_tap(const struct bench_options *options);
void bench_copy(const struct bench_options *options);

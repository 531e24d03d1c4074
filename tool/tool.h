/*
 * The `ndiskit` command: what its subcommands share. One file per subcommand; main.c has their table.
 */
#pragma once

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit statuses. A bug check ends the process with 3 from within the kernel. */
enum { TOOL_OK = 0, TOOL_FAILED = 1, TOOL_USAGE = 2 };

struct subcommand {
    const char *name;
    const char *summary;               /* one line for `ndiskit --help` */
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
};

extern const struct subcommand tool_run, tool_demo, tool_inspect, tool_usb;

/* "ndiskit: what happened" on stderr, with a newline. */
void tool_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A wrong command line: says so and where help is. Returns TOOL_USAGE. */
int tool_usage_error(const char *subcommand, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "32,768" */
const char *tool_number(uint64_t number, char buffer[32]);
/* "12.3 ms", "45 us", "1.20 s" */
const char *tool_duration(uint64_t ns, char buffer[32]);
/* "425 Mbit/s" */
const char *tool_bit_rate(uint64_t bits_per_second, char buffer[32]);
/* "02:4E:43:4D:00:01" */
const char *tool_mac(const uint8_t mac[6], char buffer[18]);
/* "10.0.2.15", from network byte order */
const char *tool_address(uint32_t address, char buffer[16]);
/* Lower-case hexadecimal of 32 bytes. */
const char *tool_digest(const uint8_t digest[32], char buffer[65]);

/* Prints and releases a JSON document. */
void tool_print_json(json_t *document);

/* "10", "10s", "500ms", "2m" to milliseconds; false when it is none of these. */
bool tool_parse_time(const char *text, unsigned *ms);

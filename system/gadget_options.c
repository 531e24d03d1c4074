/*
 * Options of simulated devices as text, "speed=super,ntb32=0,remove-at=7": the same for the command line and for tests.
 * Faults are given by the numbers of gadget.h's enumerations.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system/system.h"

enum kind {
    KIND_FLAG,     /* 0 or 1 */
    KIND_NOT_FLAG, /* the option is the opposite of the member */
    KIND_USHORT,
    KIND_ULONG,
    KIND_ENUM,
    KIND_ULONGLONG,
    KIND_SPEED,
    KIND_MAC,
};

#define OPTION(name, kind, member)                                                                                     \
    {                                                                                                                  \
        name, kind, offsetof(struct gadget_options, member)                                                        \
    }

static const struct {
    const char *name;
    enum kind kind;
    size_t offset;
} options_table[] = {
    OPTION("vendor", KIND_USHORT, vendor),
    OPTION("product", KIND_USHORT, product),
    OPTION("speed", KIND_SPEED, speed),
    OPTION("mac", KIND_MAC, mac),
    OPTION("composite", KIND_FLAG, use_association),
    OPTION("ntb32", KIND_NOT_FLAG, no_ntb32),
    OPTION("crc-mode", KIND_NOT_FLAG, no_crc_mode),
    OPTION("net-address", KIND_NOT_FLAG, no_net_address),
    OPTION("max-datagram-size", KIND_NOT_FLAG, no_max_datagram_size),
    OPTION("packet-filter", KIND_NOT_FLAG, no_packet_filter),
    OPTION("ntb-in-size", KIND_ULONG, ntb_in_size),
    OPTION("ntb-out-size", KIND_ULONG, ntb_out_size),
    OPTION("ntb-out-datagrams", KIND_USHORT, ntb_out_max_datagrams),
    OPTION("in-divisor", KIND_USHORT, in_divisor),
    OPTION("in-remainder", KIND_USHORT, in_remainder),
    OPTION("in-alignment", KIND_USHORT, in_alignment),
    OPTION("out-divisor", KIND_USHORT, out_divisor),
    OPTION("out-remainder", KIND_USHORT, out_remainder),
    OPTION("out-alignment", KIND_USHORT, out_alignment),
    OPTION("max-segment", KIND_USHORT, max_segment),
    OPTION("multicast-filters", KIND_USHORT, multicast_filters),
    OPTION("bit-rate", KIND_ULONGLONG, bit_rate),
    OPTION("link", KIND_NOT_FLAG, link_down),
    OPTION("descriptor-fault", KIND_ENUM, descriptor_fault),
    OPTION("ntb-fault", KIND_ENUM, ntb_fault),
    OPTION("rndis-fault", KIND_ENUM, rndis_fault),
    OPTION("rndis-info", KIND_FLAG, rndis_info),
    OPTION("ntb-fault-every", KIND_ULONG, ntb_fault_every),
    OPTION("stall-request", KIND_USHORT, stall_request),
    OPTION("ignore-request", KIND_USHORT, ignore_request),
    OPTION("short-request", KIND_USHORT, short_request),
    OPTION("delay", KIND_ULONG, delay_100ns),
    OPTION("stall-in-at", KIND_ULONG, stall_in_at),
    OPTION("stall-out-at", KIND_ULONG, stall_out_at),
    OPTION("remove-at", KIND_ULONG, remove_at),
    OPTION("duplicate-notifications", KIND_ULONG, duplicate_notifications),
};

static bool parse_number(const char *value, unsigned long long max, unsigned long long *number)
{
    char *end;

    *number = strtoull(value, &end, 0);
    return *value != '\0' && *value != '-' && *end == '\0' && *number <= max;
}

static bool parse_speed(const char *value, USB_DEVICE_SPEED *speed)
{
    static const struct {
        const char *name;
        USB_DEVICE_SPEED speed;
    } speeds[] = {{"full", UsbFullSpeed}, {"high", UsbHighSpeed}, {"super", UsbSuperSpeed}};

    for (size_t i = 0; i < RTL_NUMBER_OF(speeds); i++) {
        if (strcmp(value, speeds[i].name) == 0) {
            *speed = speeds[i].speed;
            return true;
        }
    }
    return false;
}

static bool parse_mac(const char *value, UCHAR mac[6])
{
    unsigned part[6];
    int used = 0;

    if (sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x%n", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5], &used) !=
            6 ||
        value[used] != '\0')
        return false;
    for (int i = 0; i < 6; i++)
        mac[i] = (UCHAR)part[i];
    return true;
}

static bool set_option(enum kind kind, const char *value, void *member)
{
    static const unsigned long long limits[] = {
        [KIND_FLAG] = 1,         [KIND_NOT_FLAG] = 1, [KIND_USHORT] = 0xFFFF,
        [KIND_ULONG] = MAXULONG, [KIND_ENUM] = 1000,  [KIND_ULONGLONG] = ~0ull,
    };
    unsigned long long number;

    if (kind == KIND_SPEED)
        return parse_speed(value, member);
    if (kind == KIND_MAC)
        return parse_mac(value, member);
    if (!parse_number(value, limits[kind], &number))
        return false;
    switch (kind) {
    case KIND_FLAG:
        *(bool *)member = number != 0;
        break;
    case KIND_NOT_FLAG:
        *(bool *)member = number == 0;
        break;
    case KIND_USHORT:
        *(USHORT *)member = (USHORT)number;
        break;
    case KIND_ULONGLONG:
        *(ULONGLONG *)member = number;
        break;
    default:
        *(ULONG *)member = (ULONG)number;
        break;
    }
    return true;
}

static bool parse_one(char *text, struct gadget_options *options, struct ndiskit_error *error)
{
    char *value = strchr(text, '=');

    if (value != NULL)
        *value++ = '\0';
    for (size_t i = 0; i < RTL_NUMBER_OF(options_table); i++) {
        if (strcmp(text, options_table[i].name) != 0)
            continue;
        if (set_option(options_table[i].kind, value ? value : "1", (char *)options + options_table[i].offset))
            return true;
        system_fail(error, STATUS_INVALID_PARAMETER, "'%s' is no value for the device option %s", value ? value : "",
                    text);
        return false;
    }
    system_fail(error, STATUS_INVALID_PARAMETER, "a simulated device has no option '%s'", text);
    return false;
}

bool system_parse_gadget_options(const char *text, struct gadget_options *options, struct ndiskit_error *error)
{
    char copy[512], *save = NULL;

    if (text == NULL)
        return true;
    if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy)) {
        system_fail(error, STATUS_INVALID_PARAMETER, "the device options are too long");
        return false;
    }
    for (char *option = strtok_r(copy, ",", &save); option != NULL; option = strtok_r(NULL, ",", &save))
        if (!parse_one(option, options, error))
            return false;
    return true;
}

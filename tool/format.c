/*
 * Messages, and numbers as people read them.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tool/tool.h"

void tool_error(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs("ndiskit: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

int tool_usage_error(const char *subcommand, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "ndiskit %s: ", subcommand);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n`ndiskit %s --help` shows how it is used.\n", subcommand);
    return TOOL_USAGE;
}

const char *tool_number(uint64_t number, char buffer[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number), out = 0;

    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buffer[out++] = ',';
        buffer[out++] = digits[i];
    }
    buffer[out] = '\0';
    return buffer;
}

const char *tool_duration(uint64_t ns, char buffer[32])
{
    if (ns < 1000000)
        snprintf(buffer, 32, "%.0f us", (double)ns / 1e3);
    else if (ns < 1000000000)
        snprintf(buffer, 32, "%.*f ms", ns < 10000000 ? 2 : 1, (double)ns / 1e6);
    else
        snprintf(buffer, 32, "%.2f s", (double)ns / 1e9);
    return buffer;
}

const char *tool_bit_rate(uint64_t bits_per_second, char buffer[32])
{
    if (bits_per_second >= 1000000000)
        snprintf(buffer, 32, "%.3g Gbit/s", (double)bits_per_second / 1e9);
    else
        snprintf(buffer, 32, "%.3g Mbit/s", (double)bits_per_second / 1e6);
    return buffer;
}

const char *tool_mac(const uint8_t mac[6], char buffer[18])
{
    snprintf(buffer, 18, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return buffer;
}

const char *tool_address(uint32_t address, char buffer[16])
{
    const uint8_t *a = (const uint8_t *)&address;

    snprintf(buffer, 16, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
    return buffer;
}

const char *tool_digest(const uint8_t digest[32], char buffer[65])
{
    for (int i = 0; i < 32; i++)
        snprintf(buffer + 2 * i, 3, "%02x", digest[i]);
    return buffer;
}

void tool_print_json(json_t *document)
{
    json_dumpf(document, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(document);
}

bool tool_parse_time(const char *text, unsigned *ms)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10), scale;

    if (end == text || text[0] == '-')
        return false;
    if (*end == '\0' || strcmp(end, "s") == 0)
        scale = 1000;
    else if (strcmp(end, "ms") == 0)
        scale = 1;
    else if (strcmp(end, "m") == 0)
        scale = 60000;
    else
        return false;
    if (value > 0xFFFFFFFEul / scale)
        return false;
    *ms = (unsigned)(value * scale);
    return true;
}

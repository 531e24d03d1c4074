/*
 * INF files: text to sections, lines and fields. What the sections mean is for package.c and install.c.
 *
 * The text is hostile: it may come from anywhere. It is decoded, checked for NUL and for its size, and split once, in
 * inf_parse; everything later works on strings of at most INF_MAX_FIELD bytes in an arena that inf_free releases.
 *
 * Public page: "General Syntax Rules for INF Files".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INF_MAX_SIZE     (4u << 20)
#define INF_MAX_SECTIONS 4096u
#define INF_MAX_FIELD    4096u /* with its terminator, before and after substitution; here in bytes of UTF-8 */

struct inf_line {
    unsigned number;    /* in the file, from 1 */
    const char *key;    /* what stands before "=", or NULL */
    const char **field; /* what stands between commas: count of them, tokens replaced */
    size_t count;
};

struct inf_section {
    const char *name;
    unsigned line; /* of its first header */
    struct inf_line *lines;
    size_t count;
};

struct inf;

/* NULL on failure; error gets "FILE:LINE: what is wrong". */
struct inf *inf_load(const char *path, char *error, size_t error_size);
/* name is for messages. */
struct inf *inf_parse(const char *name, const void *data, size_t size, char *error, size_t error_size);
void inf_free(struct inf *inf);

const char *inf_name(const struct inf *inf);
size_t inf_section_count(const struct inf *inf);
const struct inf_section *inf_section_at(const struct inf *inf, size_t index);
/* Without case; NULL when there is none. */
const struct inf_section *inf_find_section(const struct inf *inf, const char *name);
/* The next line with this key after previous (NULL: the first); NULL when there is no more. */
const struct inf_line *inf_find_line(const struct inf_section *section, const char *key,
                                     const struct inf_line *previous);
/* The first field of the first line with this key, or "". section may be NULL. */
const char *inf_value(const struct inf_section *section, const char *key);
/* "" beyond the last. */
const char *inf_field(const struct inf_line *line, size_t index);

/* Decimal, or hexadecimal with 0x. False when text is no number, or too large. Empty text is no number. */
bool inf_number(const char *text, uint64_t *value);

/* How well "NTamd64.10.0...19041" fits this system: 0 not at all, else the higher the closer. */
uint64_t inf_decoration_rank(const char *decoration);
bool inf_decoration_is_for_amd64(const char *decoration);
/* Of [base.NTamd64...], [base.NT...] and [base] (each followed by suffix, as in ".Services") the closest one;
 * decoration (may be NULL) gets ".NTamd64" or "". */
const struct inf_section *inf_find_decorated(const struct inf *inf, const char *base, const char *suffix,
                                             char *decoration, size_t size);

/* The system that decorations are compared with: Windows 10, a workstation. */
#define INF_OS_MAJOR   10
#define INF_OS_MINOR   0
#define INF_OS_BUILD   19041
#define INF_OS_PRODUCT 1     /* VER_NT_WORKSTATION */
#define INF_OS_SUITE   0x100 /* VER_SUITE_SINGLEUSERTS */

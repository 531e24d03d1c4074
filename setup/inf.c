/*
 * The INF parser: decoding, lines, quotes, continuation, %tokens%, and the choice among decorated sections. One pass
 * over the text with one position; whatever is wrong is reported with the line that it is in, and ends the parse.
 *
 * Public pages: "General Syntax Rules for INF Files", "INF Strings Section", "INF Manufacturer Section" (decorations).
 */
#include "setup/inf.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Memory: everything of one INF file lives until inf_free.
 */
struct chunk {
    struct chunk *next;
    size_t used, size;
    max_align_t data[];
};

#define SECTION_SLOTS 4096u

struct inf {
    const char *name;
    struct inf_section *sections;
    size_t section_count, section_capacity;
    unsigned short slot[SECTION_SLOTS];    /* by hash of the name: index + 1 of the first section */
    unsigned short next[INF_MAX_SECTIONS]; /* the next one of the same hash */
    const struct inf_line **strings;       /* in the order of their keys */
    size_t string_count;
    struct chunk *chunks;
    /* While parsing: */
    const char *at;
    unsigned line;
    char *error;
    size_t error_size;
    bool failed;
};

#define CHUNK_SIZE 65536u

static void *allocate(struct inf *inf, size_t size)
{
    size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
    if (inf->chunks == NULL || inf->chunks->size - inf->chunks->used < size) {
        size_t capacity = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        struct chunk *chunk = malloc(sizeof *chunk + capacity);
        if (chunk == NULL)
            abort(); /* a file of at most 8 MB does not fit: the process is past helping */
        *chunk = (struct chunk){.next = inf->chunks, .size = capacity};
        inf->chunks = chunk;
    }
    void *memory = (char *)inf->chunks->data + inf->chunks->used;
    inf->chunks->used += size;
    return memory;
}

static char *copy_text(struct inf *inf, const char *text, size_t length)
{
    char *copy = allocate(inf, length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

/* Room for one more element; what is outgrown stays in the arena. */
static void *extend(struct inf *inf, void *array, size_t count, size_t *capacity, size_t element)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity == 0 ? 4 : *capacity * 2;
    void *larger = allocate(inf, *capacity * element);
    if (count != 0)
        memcpy(larger, array, count * element);
    return larger;
}

__attribute__((format(printf, 2, 3))) static void fail(struct inf *inf, const char *format, ...)
{
    if (inf->failed)
        return; /* the first cause is the one to tell */
    inf->failed = true;
    va_list arguments;
    va_start(arguments, format);
    int written = snprintf(inf->error, inf->error_size, "%s:%u: ", inf->name, inf->line);
    if (written >= 0 && (size_t)written < inf->error_size)
        vsnprintf(inf->error + written, inf->error_size - (size_t)written, format, arguments);
    va_end(arguments);
}

/*
 * Decoding to UTF-8
 */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
};

static size_t put_utf8(char *out, uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[more] | point >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (point >> (6 * (more - i)) & 0x3F));
    return more + 1;
}

static char *decode_utf16(struct inf *inf, const unsigned char *data, size_t size, bool big)
{
    char *text = allocate(inf, size / 2 * 3 + 1), *out = text;
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint32_t unit = big ? (uint32_t)data[i] << 8 | data[i + 1] : (uint32_t)data[i + 1] << 8 | data[i];
        if (unit >= 0xD800 && unit < 0xDC00 && i + 3 < size) {
            uint32_t low = big ? (uint32_t)data[i + 2] << 8 | data[i + 3] : (uint32_t)data[i + 3] << 8 | data[i + 2];
            if (low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        if (unit >= 0xD800 && unit < 0xE000)
            unit = 0xFFFD;
        out += put_utf8(out, unit);
    }
    *out = 0;
    return text;
}

/* Length of the well-formed UTF-8 sequence at s, 0 when there is none. */
static size_t utf8_sequence(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t length = s[0] >= 0xC2 && s[0] < 0xE0   ? 2
                    : s[0] >= 0xE0 && s[0] < 0xF0 ? 3
                    : s[0] >= 0xF0 && s[0] < 0xF5 ? 4
                                                  : 0;
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool outside = (s[0] == 0xED && s[1] >= 0xA0) || (s[0] == 0xF4 && s[1] >= 0x90);
    return overlong || outside ? 0 : length;
}

static bool is_utf8(const unsigned char *data, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = utf8_sequence(data + i, size - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

static char *decode(struct inf *inf, const unsigned char *data, size_t size)
{
    if (size >= 2 && data[0] == 0xFF && data[1] == 0xFE)
        return decode_utf16(inf, data + 2, size - 2, false);
    if (size >= 2 && data[0] == 0xFE && data[1] == 0xFF)
        return decode_utf16(inf, data + 2, size - 2, true);
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        data += 3, size -= 3;
    if (is_utf8(data, size))
        return copy_text(inf, (const char *)data, size);
    char *text = allocate(inf, size * 3 + 1), *out = text;
    for (size_t i = 0; i < size; i++)
        out += put_utf8(out, data[i] >= 0x80 && data[i] < 0xA0 ? windows_1252[data[i] - 0x80] : data[i]);
    *out = 0;
    return text;
}

/*
 * Text to lines. inf->at walks the text, inf->line counts along.
 */
static bool at_end_of_line(const struct inf *inf)
{
    return *inf->at == 0 || *inf->at == '\n' || *inf->at == '\r';
}

static void next_line(struct inf *inf)
{
    while (!at_end_of_line(inf))
        inf->at++;
    if (inf->at[0] == '\r' && inf->at[1] == '\n')
        inf->at++;
    if (*inf->at != 0)
        inf->at++;
    inf->line++;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == 0x1A;
}

static void skip_blanks(struct inf *inf)
{
    while (is_blank(*inf->at))
        inf->at++;
}

/* At a backslash: when only blanks and a comment follow on the line, the entry goes on in the next one. */
static bool continues(struct inf *inf)
{
    const char *after = inf->at + 1;
    while (is_blank(*after))
        after++;
    if (*after != '\n' && *after != '\r' && *after != ';')
        return false;
    next_line(inf);
    skip_blanks(inf);
    return true;
}

struct field {
    char text[INF_MAX_FIELD];
    size_t length;
    size_t kept; /* up to here trailing blanks belong to the field: they were quoted */
};

static void put(struct inf *inf, struct field *field, char c)
{
    if (field->length + 1 >= sizeof field->text)
        fail(inf, "a field is longer than %u characters", INF_MAX_FIELD - 1);
    else
        field->text[field->length++] = c;
}

/* Inside quotes, after the opening one. */
static void read_quoted(struct inf *inf, struct field *field)
{
    for (;;) {
        if (at_end_of_line(inf)) {
            fail(inf, "a quoted string is not closed");
            return;
        }
        if (*inf->at == '"') {
            inf->at++;
            if (*inf->at != '"')
                break;
        }
        put(inf, field, *inf->at++);
    }
    field->kept = field->length;
}

/* One field, up to a comma, the end of the entry or, when key is set, an equals sign. */
static void read_field(struct inf *inf, struct field *field, bool key)
{
    field->length = field->kept = 0;
    skip_blanks(inf);
    while (!inf->failed && !at_end_of_line(inf) && *inf->at != ',' && *inf->at != ';' && !(key && *inf->at == '=')) {
        if (*inf->at == '"') {
            inf->at++;
            read_quoted(inf, field);
        } else if (*inf->at == '%') {
            /* A semicolon or comma may stand in a token; an unpaired percent sign is only itself. */
            const char *end = inf->at + 1;
            while (*end != '%' && *end != 0 && *end != '\n' && *end != '\r' && *end != ',' && *end != '"')
                end++;
            do
                put(inf, field, *inf->at++);
            while (*end == '%' && inf->at <= end);
            field->kept = field->length;
        } else if (*inf->at != '\\' || !continues(inf)) {
            put(inf, field, *inf->at++);
        }
    }
    while (field->length > field->kept && is_blank(field->text[field->length - 1]))
        field->length--;
}

static unsigned hash_name(const char *name)
{
    unsigned hash = 2166136261u;
    for (; *name != 0; name++)
        hash = (hash ^ (unsigned)tolower((unsigned char)*name)) * 16777619u;
    return hash % SECTION_SLOTS;
}

static struct inf_section *lookup_section(const struct inf *inf, const char *name)
{
    for (unsigned i = inf->slot[hash_name(name)]; i != 0; i = inf->next[i - 1]) {
        if (strcasecmp(inf->sections[i - 1].name, name) == 0)
            return &inf->sections[i - 1];
    }
    return NULL;
}

/* "If more than one section has the same name, the system merges their entries." */
static struct inf_section *open_section(struct inf *inf, const char *name)
{
    struct inf_section *section = lookup_section(inf, name);
    if (section != NULL)
        return section;
    if (inf->section_count == INF_MAX_SECTIONS) {
        fail(inf, "there are more than %u sections", INF_MAX_SECTIONS);
        return NULL;
    }
    inf->sections = extend(inf, inf->sections, inf->section_count, &inf->section_capacity, sizeof *inf->sections);
    inf->sections[inf->section_count] = (struct inf_section){.name = name, .line = inf->line};
    unsigned short *slot = &inf->slot[hash_name(name)];
    inf->next[inf->section_count] = *slot;
    *slot = (unsigned short)(inf->section_count + 1);
    return &inf->sections[inf->section_count++];
}

/* At "[". */
static struct inf_section *read_section_header(struct inf *inf)
{
    const char *start = ++inf->at;
    while (*inf->at != ']' && !at_end_of_line(inf))
        inf->at++;
    if (*inf->at != ']') {
        fail(inf, "a section name is not closed with \"]\"");
        return NULL;
    }
    size_t length = (size_t)(inf->at - start);
    while (length != 0 && is_blank(*start))
        start++, length--;
    while (length != 0 && is_blank(start[length - 1]))
        length--;
    if (length == 0 || length > 255) {
        fail(inf, length == 0 ? "a section has no name" : "a section name is longer than 255 characters");
        return NULL;
    }
    inf->at++;
    return open_section(inf, copy_text(inf, start, length));
}

static void read_entry(struct inf *inf, struct inf_section *section, size_t *capacity)
{
    static _Thread_local struct field field;
    struct inf_line line = {.number = inf->line};
    size_t fields = 0;
    read_field(inf, &field, true);
    if (*inf->at == '=') {
        line.key = copy_text(inf, field.text, field.length);
        inf->at++;
        read_field(inf, &field, false);
    }
    for (;;) {
        line.field = extend(inf, line.field, line.count, &fields, sizeof *line.field);
        line.field[line.count++] = copy_text(inf, field.text, field.length);
        if (inf->failed || *inf->at != ',')
            break;
        inf->at++;
        read_field(inf, &field, false);
    }
    section->lines = extend(inf, section->lines, section->count, capacity, sizeof *section->lines);
    section->lines[section->count++] = line;
}

static void read_file(struct inf *inf)
{
    struct inf_section *section = NULL;
    size_t capacity = 0;
    for (inf->line = 1; !inf->failed && *inf->at != 0; next_line(inf)) {
        skip_blanks(inf);
        if (at_end_of_line(inf) || *inf->at == ';')
            continue;
        if (*inf->at == '[') {
            section = read_section_header(inf);
            capacity = section != NULL ? section->count : 0; /* an earlier part's array is copied, not grown in place */
            skip_blanks(inf);
            if (section != NULL && !at_end_of_line(inf) && *inf->at != ';')
                fail(inf, "text follows the section name [%s]", section->name);
        } else if (section == NULL) {
            fail(inf, "an entry stands before the first section");
        } else {
            read_entry(inf, section, &capacity);
        }
    }
}

/*
 * %tokens%
 */
static int compare_key(const char *a, size_t a_length, const char *b)
{
    int order = strncasecmp(a, b, a_length);
    return order != 0 ? order : b[a_length] != 0 ? -1 : 0;
}

static int compare_lines(const void *left, const void *right)
{
    const struct inf_line *a = *(const struct inf_line *const *)left, *b = *(const struct inf_line *const *)right;
    int order = strcasecmp(a->key, b->key);
    return order != 0 ? order : a->number < b->number ? -1 : a->number > b->number;
}

static void sort_strings(struct inf *inf, const struct inf_section *section)
{
    if (section == NULL)
        return;
    inf->strings = allocate(inf, section->count * sizeof *inf->strings);
    for (size_t i = 0; i < section->count; i++) {
        if (section->lines[i].key != NULL)
            inf->strings[inf->string_count++] = &section->lines[i];
    }
    qsort(inf->strings, inf->string_count, sizeof *inf->strings, compare_lines);
}

/* The first definition of a key counts. */
static const char *find_string(const struct inf *inf, const char *key, size_t length)
{
    size_t low = 0, high = inf->string_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_key(key, length, inf->strings[middle]->key) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == inf->string_count || compare_key(key, length, inf->strings[low]->key) != 0)
        return NULL;
    return inf_field(inf->strings[low], 0);
}

/* A token without a string stays as it is: %12% is a directory, and a name may hold a lone percent sign. */
static const char *substitute(struct inf *inf, const char *text)
{
    if (strchr(text, '%') == NULL)
        return text;
    static _Thread_local struct field out;
    out.length = 0;
    for (const char *s = text; *s != 0 && !inf->failed;) {
        if (s[0] == '%' && s[1] == '%') {
            put(inf, &out, '%');
            s += 2;
            continue;
        }
        const char *end = *s == '%' ? strchr(s + 1, '%') : NULL;
        const char *value = end != NULL ? find_string(inf, s + 1, (size_t)(end - s - 1)) : NULL;
        if (value == NULL) {
            do
                put(inf, &out, *s++);
            while (end != NULL && s <= end);
            continue;
        }
        while (*value != 0 && !inf->failed)
            put(inf, &out, *value++);
        s = end + 1;
    }
    return copy_text(inf, out.text, out.length);
}

/* The language is English (United States): [Strings.0409], else any [Strings.xx09], else [Strings]. */
static const struct inf_section *choose_strings(const struct inf *inf)
{
    const struct inf_section *best = inf_find_section(inf, "Strings");
    unsigned best_score = 1;
    for (size_t i = 0; i < inf->section_count; i++) {
        const struct inf_section *section = &inf->sections[i];
        char *end;
        if (strncasecmp(section->name, "Strings.", 8) != 0 || !isxdigit((unsigned char)section->name[8]))
            continue;
        unsigned long language = strtoul(section->name + 8, &end, 16);
        unsigned score = *end != 0 || (language & 0x3FF) != 0x09 ? 0
                         : language == 0x0409                    ? 4
                         : language == 0x0009                    ? 3
                                                                 : 2;
        if (score > best_score) {
            best = section;
            best_score = score;
        }
    }
    return best;
}

static void substitute_all(struct inf *inf)
{
    sort_strings(inf, choose_strings(inf));
    for (size_t i = 0; i < inf->section_count; i++) {
        struct inf_section *section = &inf->sections[i];
        if (strncasecmp(section->name, "Strings", 7) == 0 && (section->name[7] == 0 || section->name[7] == '.'))
            continue;
        for (size_t j = 0; j < section->count && !inf->failed; j++) {
            struct inf_line *line = &section->lines[j];
            inf->line = line->number;
            if (line->key != NULL)
                line->key = substitute(inf, line->key);
            for (size_t k = 0; k < line->count; k++)
                line->field[k] = substitute(inf, line->field[k]);
        }
    }
}

/*
 * Files
 */
struct inf *inf_parse(const char *name, const void *data, size_t size, char *error, size_t error_size)
{
    struct inf *inf = calloc(1, sizeof *inf);
    if (inf == NULL)
        abort();
    inf->error = error;
    inf->error_size = error_size;
    inf->line = 1;
    inf->name = copy_text(inf, name, strlen(name));
    if (size > INF_MAX_SIZE) {
        fail(inf, "the file is larger than %u MB: it is no INF file", INF_MAX_SIZE >> 20);
    } else {
        bool wide = size >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0);
        if (!wide && size != 0 && memchr(data, 0, size) != NULL)
            fail(inf, "the file has a NUL byte: it is no INF file (UTF-16 needs a byte order mark)");
    }
    if (!inf->failed) {
        inf->at = decode(inf, data, size);
        read_file(inf);
    }
    if (!inf->failed)
        substitute_all(inf);
    if (inf->failed) {
        inf_free(inf);
        return NULL;
    }
    inf->at = NULL;
    inf->error = NULL;
    return inf;
}

struct inf *inf_load(const char *path, char *error, size_t error_size)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        snprintf(error, error_size, "%s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    struct inf *inf = NULL;
    char *data = malloc(INF_MAX_SIZE + 1);
    if (data == NULL)
        abort();
    errno = 0;
    size_t size = fread(data, 1, INF_MAX_SIZE + 1, file);
    if (ferror(file))
        snprintf(error, error_size, "%s: cannot be read: %s", path, strerror(errno));
    else
        inf = inf_parse(path, data, size, error, error_size);
    free(data);
    fclose(file);
    return inf;
}

void inf_free(struct inf *inf)
{
    if (inf == NULL)
        return;
    for (struct chunk *chunk = inf->chunks; chunk != NULL;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(inf);
}

/*
 * Looking things up
 */
const char *inf_name(const struct inf *inf)
{
    return inf->name;
}

size_t inf_section_count(const struct inf *inf)
{
    return inf->section_count;
}

const struct inf_section *inf_section_at(const struct inf *inf, size_t index)
{
    return &inf->sections[index];
}

const struct inf_section *inf_find_section(const struct inf *inf, const char *name)
{
    return lookup_section(inf, name);
}

const struct inf_line *inf_find_line(const struct inf_section *section, const char *key,
                                     const struct inf_line *previous)
{
    if (section == NULL)
        return NULL;
    for (size_t i = previous != NULL ? (size_t)(previous - section->lines) + 1 : 0; i < section->count; i++) {
        const struct inf_line *line = &section->lines[i];
        if (line->key != NULL && strcasecmp(line->key, key) == 0)
            return line;
    }
    return NULL;
}

const char *inf_value(const struct inf_section *section, const char *key)
{
    const struct inf_line *line = inf_find_line(section, key, NULL);
    return line != NULL ? inf_field(line, 0) : "";
}

const char *inf_field(const struct inf_line *line, size_t index)
{
    return index < line->count ? line->field[index] : "";
}

bool inf_number(const char *text, uint64_t *value)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end;
    if (hexadecimal ? !isxdigit((unsigned char)text[2]) : !isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    *value = strtoull(text, &end, hexadecimal ? 16 : 10);
    return errno == 0 && *end == 0;
}

/*
 * Decorations: NT[Architecture][.[Major][.[Minor][.[ProductType][.[SuiteMask][.[BuildNumber]]]]]]
 */
bool inf_decoration_is_for_amd64(const char *decoration)
{
    return strncasecmp(decoration, "NTamd64", 7) == 0 && (decoration[7] == 0 || decoration[7] == '.');
}

uint64_t inf_decoration_rank(const char *decoration)
{
    enum { MAJOR, MINOR, PRODUCT, SUITE, BUILD, FIELDS };
    uint64_t field[FIELDS] = {0};
    bool given[FIELDS] = {false}, amd64 = inf_decoration_is_for_amd64(decoration);
    const char *at = decoration + (amd64 ? 7 : 2);
    if (strncasecmp(decoration, "NT", 2) != 0 || (*at != 0 && *at != '.'))
        return 0; /* another architecture, or no decoration at all */
    for (size_t i = 0; *at == '.'; i++) {
        char text[24];
        size_t length = strcspn(++at, ".");
        if (i == FIELDS || length >= sizeof text)
            return 0;
        memcpy(text, at, length);
        text[length] = 0;
        given[i] = length != 0;
        if (given[i] && (!inf_number(text, &field[i]) || field[i] > 0xFFFFFF))
            return 0;
        at += length;
    }
    uint64_t version = field[MAJOR] << 16 | (field[MINOR] & 0xFFFF), system = INF_OS_MAJOR << 16 | INF_OS_MINOR;
    if (version > system || (version == system && field[BUILD] > INF_OS_BUILD))
        return 0;
    if ((given[PRODUCT] && field[PRODUCT] != INF_OS_PRODUCT) || (field[SUITE] & ~(uint64_t)INF_OS_SUITE) != 0)
        return 0;
    /* The architecture counts most, then the version and build; product and suite only break a tie. */
    uint64_t build = version == system ? field[BUILD] : 0;
    return 1 + ((uint64_t)amd64 << 60 | version << 28 | build << 2 | (uint64_t)given[PRODUCT] << 1 | given[SUITE]);
}

const struct inf_section *inf_find_decorated(const struct inf *inf, const char *base, const char *suffix,
                                             char *decoration, size_t size)
{
    const struct inf_section *best = NULL;
    uint64_t best_rank = 0;
    size_t base_length = strlen(base), suffix_length = strlen(suffix);
    if (decoration != NULL && size != 0)
        decoration[0] = 0;
    for (size_t i = 0; i < inf->section_count; i++) {
        const struct inf_section *section = &inf->sections[i];
        size_t length = strlen(section->name);
        if (length < base_length + suffix_length || strncasecmp(section->name, base, base_length) != 0 ||
            strcasecmp(section->name + length - suffix_length, suffix) != 0)
            continue;
        char middle[256] = "";
        size_t middle_length = length - base_length - suffix_length;
        if (middle_length >= sizeof middle || (middle_length != 0 && section->name[base_length] != '.'))
            continue;
        memcpy(middle, section->name + base_length, middle_length);
        middle[middle_length] = 0;
        /* Undecorated is the last resort: the lowest rank that is one. */
        uint64_t rank = middle_length == 0 ? 1 : inf_decoration_rank(middle + 1);
        if (middle_length != 0 && rank != 0)
            rank++;
        if (rank > best_rank) {
            best = section;
            best_rank = rank;
            if (decoration != NULL)
                snprintf(decoration, size, "%s", middle);
        }
    }
    return best;
}

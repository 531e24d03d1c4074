/*
 * Compares the tables that table.c left for the same list of facts:
 *
 *   abi-compare PE.bin LINUX.bin [ORACLE.bin KNOWN.txt]
 *
 * Ours for Windows and for Linux must agree in everything, and with the oracle but for what KNOWN.txt lists, one fact
 * (or NAME.*) and its reason on a line. A known difference that is none any more is an error too, so that the list
 * stays true. Exit 1 and a line for each difference.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
    char name[112];
    unsigned long long offset, size;
};

struct table {
    struct record *records;
    size_t count;
};

struct known {
    char pattern[112];
    bool used;
};

static struct table load(const char *path)
{
    struct table table = {NULL, 0};
    FILE *file = fopen(path, "rb");
    struct record record;
    if (!file) {
        fprintf(stderr, "abi-compare: cannot open %s: %s\n", path, strerror(errno));
        exit(2);
    }
    while (fread(&record, sizeof(record), 1, file) == 1 && record.name[0]) {
        record.name[sizeof(record.name) - 1] = 0;
        table.records = realloc(table.records, (table.count + 1) * sizeof(record));
        if (!table.records)
            exit(2);
        table.records[table.count++] = record;
    }
    fclose(file);
    return table;
}

static size_t load_known(const char *path, struct known *known, size_t capacity)
{
    char line[512];
    size_t count = 0;
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "abi-compare: cannot open %s: %s\n", path, strerror(errno));
        exit(2);
    }
    while (count < capacity && fgets(line, sizeof(line), file)) {
        char first[112] = "", second[112] = "";
        if (line[0] == '#' || sscanf(line, "%111s %111s", first, second) < 1)
            continue;
        bool two_words = !strcmp(first, "struct") || !strcmp(first, "constant");
        snprintf(known[count].pattern, sizeof(known[count].pattern), two_words ? "%.8s %.100s" : "%.110s", first, second);
        known[count++].used = false;
    }
    fclose(file);
    return count;
}

static int compare(const struct table *a, const char *a_name, const struct table *b, const char *b_name,
                   struct known *known, size_t known_count)
{
    int differences = 0;
    if (a->count == 0 || a->count != b->count) {
        fprintf(stderr, "abi-compare: %zu facts for %s and %zu for %s\n", a->count, a_name, b->count, b_name);
        return 1;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct record *x = &a->records[i], *y = &b->records[i];
        if (!strcmp(x->name, y->name) && x->offset == y->offset && x->size == y->size)
            continue;
        bool expected = false;
        for (size_t k = 0; k < known_count; k++)
            if (!fnmatch(known[k].pattern, x->name, 0))
                known[k].used = expected = true;
        if (expected)
            continue;
        fprintf(stderr, "%s: %s has 0x%llx (size 0x%llx), %s has 0x%llx (size 0x%llx)\n", x->name, a_name, x->offset,
                x->size, b_name, y->offset, y->size);
        differences++;
    }
    return differences;
}

int main(int argc, char **argv)
{
    static struct known known[256];
    int differences;
    if (argc != 3 && argc != 5) {
        fprintf(stderr, "usage: abi-compare PE.bin LINUX.bin [ORACLE.bin KNOWN.txt]\n");
        return 2;
    }
    struct table pe = load(argv[1]), elf = load(argv[2]);
    differences = compare(&pe, "ours for Windows", &elf, "ours for Linux", NULL, 0);
    if (argc == 5) {
        struct table oracle = load(argv[3]);
        size_t count = load_known(argv[4], known, sizeof(known) / sizeof(known[0]));
        differences += compare(&pe, "ours", &oracle, "mingw-w64", known, count);
        for (size_t i = 0; i < count; i++)
            if (!known[i].used) {
                fprintf(stderr, "%s: \"%s\" differs no longer: remove the line\n", argv[4], known[i].pattern);
                differences++;
            }
        free(oracle.records);
    }
    printf("%zu facts, %d differences\n", pe.count, differences);
    free(pe.records);
    free(elf.records);
    return differences != 0;
}

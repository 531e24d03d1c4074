/*
 * The INF parser on arbitrary bytes: it must accept or refuse with a message that names the line, and whatever it
 * accepts must be readable through its interface.
 */
#include "setup/inf.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void read_section(const struct inf *inf, const struct inf_section *section)
{
    uint64_t number;
    if (inf_find_section(inf, section->name) != section)
        abort();
    for (size_t i = 0; i < section->count; i++) {
        const struct inf_line *line = &section->lines[i];
        if (line->number == 0 || line->count == 0)
            abort();
        for (size_t k = 0; k < line->count; k++) {
            if (strlen(inf_field(line, k)) >= INF_MAX_FIELD)
                abort();
            inf_number(inf_field(line, k), &number);
            inf_decoration_rank(inf_field(line, k));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[256] = "";
    struct inf *inf = inf_parse("fuzz.inf", data, size, error, sizeof error);
    if (inf == NULL) {
        if (strncmp(error, "fuzz.inf:", 9) != 0)
            abort();
        return 0;
    }
    for (size_t i = 0; i < inf_section_count(inf); i++)
        read_section(inf, inf_section_at(inf, i));
    if (inf_section_count(inf) != 0)
        inf_find_decorated(inf, inf_section_at(inf, 0)->name, "", NULL, 0);
    inf_find_decorated(inf, "Install", ".Services", error, sizeof error);
    inf_free(inf);
    return 0;
}

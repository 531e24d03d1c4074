/*
 * Writes the module-definition file of one of ndiskit's images from the NT_EXPORT lines linked into this program, so that
 * the import libraries drivers are linked with can never name a function that ndiskit does not have.
 */
#include <stdio.h>
#include <string.h>
#include "ntoskrnl/arch/export.h"

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s IMAGE OUTPUT.def\n", argv[0]);
        return 2;
    }
    FILE *out = fopen(argv[2], "w");
    if (out == NULL) {
        perror(argv[2]);
        return 1;
    }
    fprintf(out, "LIBRARY \"%s\"\nEXPORTS\n", argv[1]);
    for (const struct nt_export *e = nt_exports_begin(); e < nt_exports_end(); e++) {
        if (strcasecmp(e->image, argv[1]) == 0)
            fprintf(out, "    %s%s\n", e->name, e->is_data ? " DATA" : "");
    }
    return fclose(out) == 0 ? 0 : 1;
}

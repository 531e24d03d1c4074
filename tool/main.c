/*
 * Entry of the `ndiskit` command: finds the subcommand.
 */
#include <string.h>

#include "tool/tool.h"

static const struct subcommand *const subcommands[] = {&tool_demo, &tool_run, &tool_inspect, &tool_usb};

static void print_help(FILE *out)
{
    fprintf(out, "ndiskit runs Windows NDIS miniport drivers on Linux.\n\nUsage: ndiskit <subcommand> [options]\n\n");
    for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
        fprintf(out, "  %-9s %s\n", subcommands[i]->name, subcommands[i]->summary);
    fprintf(
        out,
        "\n`ndiskit <subcommand> --help` tells more. Exit status: 0 success, 1 failure, 2 wrong usage, 3 bug check.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return TOOL_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return TOOL_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("ndiskit " NDISKIT_VERSION "\n");
        return TOOL_OK;
    }
    for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
        if (strcmp(argv[1], subcommands[i]->name) == 0)
            return subcommands[i]->run(argc - 1, argv + 1);
    }
    tool_error("there is no subcommand '%s'. `ndiskit --help` lists them.", argv[1]);
    return TOOL_USAGE;
}

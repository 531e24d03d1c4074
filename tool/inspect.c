/*
 * `ndiskit inspect`: what a driver image is and needs, without running any of it.
 */
#include <stdlib.h>
#include <string.h>

#include "ntoskrnl/ldr/ldr.h"
#include "tool/tool.h"

static const char help[] =
    "Usage: ndiskit inspect [--json] [--missing] DRIVER.sys|DRIVER.so\n\n"
    "Shows a driver image's headers and its imports, and which of them ndiskit implements.\n\n"
    "  --missing   list only the imports that are not implemented\n"
    "  --json      print the facts as JSON\n"
    "  --help      this text\n\n"
    "Exit status 0 when every import is implemented, 1 when some are not or the file is no driver.\n";

static json_t *to_json(const char *path, const struct ldr_facts *facts)
{
    json_t *images = json_array(), *sections = json_array();

    for (size_t i = 0; i < facts->image_count; i++) {
        json_t *imports = json_array();
        for (size_t j = 0; j < facts->images[i].import_count; j++) {
            const struct ldr_import *import = &facts->images[i].imports[j];
            json_array_append_new(imports,
                                  json_pack("{s:s, s:b}", "name", import->name, "implemented", import->implemented));
        }
        json_array_append_new(images, json_pack("{s:s, s:o}", "image", facts->images[i].name, "imports", imports));
    }
    for (size_t i = 0; i < facts->section_count; i++) {
        const struct ldr_section *section = &facts->sections[i];
        json_array_append_new(sections, json_pack("{s:s, s:i, s:i, s:b, s:b, s:b}", "name", section->name, "address",
                                                  (int)section->address, "size", (int)section->size, "readable",
                                                  section->readable, "writable", section->writable, "executable",
                                                  section->executable));
    }
    char kmdf[32] = "";

    if (facts->kmdf_major != 0)
        snprintf(kmdf, sizeof(kmdf), "%u.%u", facts->kmdf_major, facts->kmdf_minor);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:b, s:b, s:s, s:b, s:b, s:b, s:b, s:I, s:I, s:o, s:o}",
                     "path", path, "format", facts->is_pe ? "PE32+" : "ELF", "machine", facts->machine, "file_size",
                     (json_int_t)facts->file_size, "image_size", (json_int_t)facts->image_size, "entry",
                     (json_int_t)facts->entry, "pdb", facts->pdb, "uses_ndis", facts->imports_ndis, "uses_kmdf",
                     facts->imports_kmdf, "kmdf_version", kmdf, "uses_usbd", facts->imports_usbd, "cfg", facts->has_cfg,
                     "security_cookie", facts->has_security_cookie, "signed", facts->is_signed, "imports",
                     (json_int_t)facts->import_count, "missing", (json_int_t)facts->missing_count, "sections", sections,
                     "images", images);
}

static void print_headers(const char *path, const struct ldr_facts *facts)
{
    char number[32], kmdf[32] = "";

    if (facts->kmdf_major != 0)
        snprintf(kmdf, sizeof(kmdf), " KMDF %u.%u", facts->kmdf_major, facts->kmdf_minor);
    else if (facts->imports_kmdf)
        snprintf(kmdf, sizeof(kmdf), " KMDF");
    printf("%s\n", path);
    printf("  format    %s %s, %s bytes\n", facts->is_pe ? "PE32+" : "ELF", facts->machine,
           tool_number(facts->file_size, number));
    printf("  uses     %s%s%s%s\n", facts->imports_ndis ? " NDIS" : "", kmdf, facts->imports_usbd ? " USBD" : "",
           facts->imports_ndis || facts->imports_kmdf || facts->imports_usbd ? "" : " WDM");
    if (facts->is_pe)
        printf("  hardening %s, %s, %s\n", facts->has_cfg ? "control flow guard" : "no control flow guard",
               facts->has_security_cookie ? "security cookie" : "no security cookie",
               facts->is_signed ? "signed" : "not signed");
    if (facts->pdb[0] != '\0')
        printf("  symbols   %s\n", facts->pdb);
    printf("  sections ");
    for (size_t i = 0; i < facts->section_count; i++)
        printf(" %s(%s%s%s)", facts->sections[i].name, facts->sections[i].readable ? "r" : "",
               facts->sections[i].writable ? "w" : "", facts->sections[i].executable ? "x" : "");
    printf("\n  imports   %zu, of which %zu are not implemented\n", facts->import_count, facts->missing_count);
}

static void print_imports(const struct ldr_facts *facts, bool missing_only)
{
    for (size_t i = 0; i < facts->image_count; i++) {
        const struct ldr_import_image *image = &facts->images[i];
        bool named = false;
        for (size_t j = 0; j < image->import_count; j++) {
            if (missing_only && image->imports[j].implemented)
                continue;
            if (!named)
                printf("\n  %s\n", image->name[0] != '\0' ? image->name : "(by the dynamic linker)");
            named = true;
            printf("    %s%s\n", image->imports[j].name, image->imports[j].implemented ? "" : "   not implemented");
        }
    }
}

static int inspect(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"missing", no_argument, NULL, 'm'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool json = false, missing_only = false;
    struct ldr_facts *facts;
    char error[512];
    int option, result;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (option) {
        case 'j':
            json = true;
            break;
        case 'm':
            missing_only = true;
            break;
        case 'h':
            fputs(help, stdout);
            return TOOL_OK;
        default:
            return tool_usage_error("inspect", "the options are not understood.");
        }
    }
    if (argc - optind != 1)
        return tool_usage_error("inspect", "give one driver image; there are %d.", argc - optind);
    if (ldr_inspect(argv[optind], &facts, error, sizeof(error)) != STATUS_SUCCESS) {
        tool_error("%s", error);
        return TOOL_FAILED;
    }
    if (json) {
        tool_print_json(to_json(argv[optind], facts));
    } else {
        print_headers(argv[optind], facts);
        print_imports(facts, missing_only);
    }
    result = facts->missing_count == 0 ? TOOL_OK : TOOL_FAILED;
    ldr_free_facts(facts);
    return result;
}

const struct subcommand tool_inspect = {"inspect", "show what a driver image imports, and what of that is implemented",
                                        inspect};

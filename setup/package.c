/*
 * A driver package: its INF read and checked as a whole when it is added, so that what is wrong is said then, with
 * file, line and section, and not when a device shows up. The checks are those without which Windows would not install
 * the package either: Version, Manufacturer, models for this architecture, the install sections that the models name, a
 * service, and the driver's image on the medium.
 *
 * Public pages: "INF Version Section", "INF Manufacturer Section", "INF Models Section", "INF DDInstall Section", "INF
 * DDInstall.Services Section", "INF AddService Directive", "INF SourceDisksFiles Section", "INF CopyFiles Directive".
 */
#include "setup/package.h"
#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct report {
    char *text;
    size_t size;
};

__attribute__((format(printf, 4, 5))) static bool fail(struct report error, const struct inf *inf, unsigned line,
                                                       const char *format, ...)
{
    va_list arguments;
    int written = line != 0 ? snprintf(error.text, error.size, "%s:%u: ", inf_name(inf), line)
                            : snprintf(error.text, error.size, "%s: ", inf_name(inf));
    va_start(arguments, format);
    if (written >= 0 && (size_t)written < error.size)
        vsnprintf(error.text + written, error.size - (size_t)written, format, arguments);
    va_end(arguments);
    return false;
}

static void *check(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

const char *setup_base_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *backslash = strrchr(path, '\\');
    const char *last = slash == NULL || (backslash != NULL && backslash > slash) ? backslash : slash;
    return last != NULL ? last + 1 : path;
}

/*
 * Sections, over the package's INF and those that it includes
 */
struct setup_section setup_find_section(const struct setup_package *package, const char *name)
{
    struct setup_section found = {package->inf, inf_find_section(package->inf, name)};
    for (size_t i = 0; found.section == NULL && i < package->include_count; i++)
        found = (struct setup_section){package->includes[i], inf_find_section(package->includes[i], name)};
    return found;
}

struct setup_section setup_find_decorated(const struct setup_package *package, const char *base, const char *suffix,
                                          char *decoration, size_t size)
{
    struct setup_section found = {package->inf, inf_find_decorated(package->inf, base, suffix, decoration, size)};
    for (size_t i = 0; found.section == NULL && i < package->include_count; i++)
        found = (struct setup_section){package->includes[i],
                                       inf_find_decorated(package->includes[i], base, suffix, decoration, size)};
    return found;
}

#define MAX_NEEDS_DEPTH 8u

struct needs_walk {
    const struct setup_package *package;
    const char *key;
    setup_line_callback each;
    void *context;
    unsigned sections; /* visited: sections may need each other */
};

static bool walk_section(struct needs_walk *walk, struct setup_section at, unsigned depth)
{
    if (at.section == NULL || depth > MAX_NEEDS_DEPTH || ++walk->sections > 256)
        return true;
    for (size_t i = 0; i < at.section->count; i++) {
        const struct inf_line *line = &at.section->lines[i];
        if (line->key == NULL)
            continue;
        if (strcasecmp(line->key, walk->key) == 0 && !walk->each(walk->context, at.inf, line))
            return false;
        if (strcasecmp(line->key, "Needs") != 0)
            continue;
        for (size_t k = 0; k < line->count; k++) {
            if (!walk_section(walk, setup_find_section(walk->package, line->field[k]), depth + 1))
                return false;
        }
    }
    return true;
}

bool setup_for_each_line(const struct setup_package *package, struct setup_section start, const char *key,
                         setup_line_callback each, void *context)
{
    struct needs_walk walk = {package, key, each, context, 0};
    return walk_section(&walk, start, 0);
}

/*
 * Files of the package. INF files are written where case does not matter and paths have backslashes.
 */
static bool find_entry(const char *directory, const char *name, char *path, size_t size)
{
    struct stat status;
    if ((size_t)snprintf(path, size, "%s/%s", directory, name) < size && stat(path, &status) == 0)
        return true;
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return false;
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(listing)) != NULL;) {
        if (strcasecmp(entry->d_name, name) == 0)
            found = (size_t)snprintf(path, size, "%s/%s", directory, entry->d_name) < size;
    }
    closedir(listing);
    return found;
}

/* Goes down from the directory in path along a relative subdirectory; ".." and device names have no place in one. */
static bool enter(char *path, size_t size, const char *subdirectory)
{
    char name[256], next[SETUP_PATH];
    while (*subdirectory != 0) {
        size_t length = strcspn(subdirectory, "\\/");
        if (length >= sizeof name)
            return false;
        memcpy(name, subdirectory, length);
        name[length] = 0;
        subdirectory += length;
        subdirectory += strspn(subdirectory, "\\/");
        if (length == 0 || strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0 || strchr(name, ':') != NULL || !find_entry(path, name, next, sizeof next))
            return false;
        if ((size_t)snprintf(path, size, "%s", next) >= size)
            return false;
    }
    return true;
}

/* The line for a file or disk in [SourceDisksX.amd64], else in [SourceDisksX]. */
static const struct inf_line *source_line(const struct inf *inf, const char *section, const char *key)
{
    char name[64];
    snprintf(name, sizeof name, "%s.amd64", section);
    const struct inf_line *line = inf_find_line(inf_find_section(inf, name), key, NULL);
    return line != NULL ? line : inf_find_line(inf_find_section(inf, section), key, NULL);
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Where the source medium has file: as SourceDisksFiles says, else beside the INF. */
static bool find_source(const struct setup_package *package, const struct inf *inf, const char *file,
                        const char *listed_as, char *path, size_t size)
{
    const struct inf_line *source = source_line(inf, "SourceDisksFiles", listed_as);
    char directory[SETUP_PATH];
    if (source != NULL) {
        const struct inf_line *disk = source_line(inf, "SourceDisksNames", inf_field(source, 0));
        snprintf(directory, sizeof directory, "%s", package->directory);
        if (enter(directory, sizeof directory, disk != NULL ? inf_field(disk, 3) : "") &&
            enter(directory, sizeof directory, inf_field(source, 1)) && find_entry(directory, file, path, size) &&
            is_file(path))
            return true;
    }
    return find_entry(package->directory, file, path, size) && is_file(path);
}

/* What CopyFiles renames: the source of a destination file. */
struct copy_search {
    const struct setup_package *package;
    const char *wanted;
    const char *source;
};

static bool search_copy(void *context, const struct inf *inf, const struct inf_line *line)
{
    struct copy_search *search = context;
    (void)inf;
    for (size_t i = 0; i < line->count; i++) {
        const struct inf_section *section = setup_find_section(search->package, line->field[i]).section;
        for (size_t k = 0; section != NULL && k < section->count; k++) {
            const struct inf_line *file = &section->lines[k];
            if (strcasecmp(inf_field(file, 0), search->wanted) == 0 && *inf_field(file, 1) != 0)
                search->source = inf_field(file, 1);
        }
    }
    return true;
}

/* NAME.sys to NAME.so, for drivers in ELF form. */
static void replace_extension(const char *name, char *out, size_t size)
{
    const char *dot = strrchr(name, '.');
    int stem = dot != NULL ? (int)(dot - name) : (int)strlen(name);
    snprintf(out, size, "%.*s.so", stem, name);
}

bool setup_find_binary(const struct setup_package *package, const struct setup_model *model,
                       struct setup_section section, char *path, size_t size, char *error_text, size_t error_size)
{
    struct report error = {error_text, error_size};
    const struct inf_line *line = inf_find_line(section.section, "ServiceBinary", NULL);
    if (line == NULL || *inf_field(line, 0) == 0)
        return fail(error, section.inf, section.section->line,
                    "[%s] has no ServiceBinary: write ServiceBinary = "
                    "%%12%%\\NAME.sys or %%13%%\\NAME.sys",
                    section.section->name);
    const char *destination = setup_base_name(inf_field(line, 0));
    struct copy_search search = {package, destination, destination};
    setup_for_each_line(package, setup_find_decorated(package, model->install, "", NULL, 0), "CopyFiles", search_copy,
                        &search);
    char file[256];
    const char *name = setup_base_name(search.source);
    if (package->form == SETUP_FORM_ELF)
        replace_extension(name, file, sizeof file);
    else
        snprintf(file, sizeof file, "%s", name);
    if (*name != 0 && find_source(package, section.inf, file, name, path, size))
        return true;
    return fail(
        error, section.inf, line->number,
        "the driver's image %s is missing: [%s] names it as ServiceBinary, but it is neither beside the INF nor "
        "where [SourceDisksFiles] says",
        file, section.section->name);
}

/*
 * Services
 */
struct service_search {
    const struct inf_line *line;
    const struct inf *inf;
    unsigned bad_flags_line;
};

static bool search_service(void *context, const struct inf *inf, const struct inf_line *line)
{
    struct service_search *search = context;
    uint64_t flags = 0;
    if (*inf_field(line, 1) != 0 && !inf_number(inf_field(line, 1), &flags)) {
        search->bad_flags_line = line->number;
        search->inf = inf;
        return false;
    }
    if (!(flags & SETUP_ASSOCIATED_SERVICE))
        return true;
    search->line = line;
    search->inf = inf;
    return false;
}

bool setup_find_service(const struct setup_package *package, const struct setup_model *model,
                        struct setup_service *service, char *error_text, size_t error_size)
{
    struct report error = {error_text, error_size};
    struct service_search search = {0};
    *service = (struct setup_service){0};
    struct setup_section services = setup_find_decorated(package, model->install, ".Services", NULL, 0);
    setup_for_each_line(package, services, "AddService", search_service, &search);
    if (search.bad_flags_line != 0)
        return fail(error, search.inf, search.bad_flags_line, "the flags of AddService are no number");
    if (services.section == NULL)
        return fail(error, package->inf, model->line,
                    "there is no section [%s.Services] (or [%s.NTamd64.Services]) to say which driver runs \"%s\"",
                    model->install, model->install, model->description);
    if (search.line == NULL)
        return fail(error, services.inf, services.section->line,
                    "[%s] has no AddService with flag 0x2 (SPSVCINST_ASSOCSERVICE)%s", services.section->name,
                    inf_find_line(services.section, "Needs", NULL) != NULL
                        ? ", and the INF that its Needs refers to is not beside this one"
                        : "");
    const char *name = inf_field(search.line, 0), *install = inf_field(search.line, 2);
    if (*name == 0)
        return true;
    if (strlen(name) >= sizeof service->name || strpbrk(name, "\\/") != NULL)
        return fail(error, search.inf, search.line->number, "\"%s\" cannot be the name of a service", name);
    snprintf(service->name, sizeof service->name, "%s", name);
    service->install = setup_find_section(package, install);
    if (service->install.section == NULL)
        return fail(error, search.inf, search.line->number, "AddService names the section [%s], which is missing",
                    install);
    if (package->binary != NULL) {
        snprintf(service->binary, sizeof service->binary, "%s", package->binary);
        return true;
    }
    return setup_find_binary(package, model, service->install, service->binary, sizeof service->binary, error_text,
                             error_size);
}

/*
 * Models
 */
static bool add_models(struct setup_package *package, const struct inf_section *section, const char *manufacturer,
                       struct report error)
{
    size_t capacity = package->model_count + section->count;
    if (capacity > SETUP_MAX_MODELS)
        return fail(error, package->inf, section->line, "there are more than %u models", SETUP_MAX_MODELS);
    package->models = check(realloc(package->models, (capacity + 1) * sizeof *package->models));
    for (size_t i = 0; i < section->count; i++) {
        const struct inf_line *line = &section->lines[i];
        if (line->key == NULL || *inf_field(line, 0) == 0)
            return fail(error, package->inf, line->number,
                        "[%s] expects: %%Description%% = InstallSection, hardware-id", section->name);
        if (line->count < 2)
            return fail(error, package->inf, line->number, "the model \"%s\" in [%s] names no hardware id", line->key,
                        section->name);
        package->models[package->model_count++] = (struct setup_model){
            .description = line->key,
            .manufacturer = manufacturer,
            .install = line->field[0],
            .ids = line->field + 1,
            .id_count = line->count - 1,
            .line = line->number,
        };
    }
    return true;
}

/* Of the decorations on a line of [Manufacturer], the one that fits this system best; NULL: none does. On x64 the
 * architecture must be named ("Starting with Windows Server 2003 SP1"). */
static const char *choose_decoration(const struct inf_line *line)
{
    const char *best = NULL;
    uint64_t best_rank = 0;
    for (size_t i = 1; i < line->count; i++) {
        uint64_t rank = inf_decoration_is_for_amd64(line->field[i]) ? inf_decoration_rank(line->field[i]) : 0;
        if (rank > best_rank) {
            best = line->field[i];
            best_rank = rank;
        }
    }
    return best;
}

static bool load_models(struct setup_package *package, struct report error)
{
    const struct inf *inf = package->inf;
    const struct inf_section *manufacturers = inf_find_section(inf, "Manufacturer");
    if (manufacturers == NULL || manufacturers->count == 0)
        return fail(error, inf, manufacturers != NULL ? manufacturers->line : 0,
                    "there is no section [Manufacturer] with an entry: %%Name%% = Models, NTamd64");
    bool any = false;
    for (size_t i = 0; i < manufacturers->count; i++) {
        const struct inf_line *line = &manufacturers->lines[i];
        const char *base = inf_field(line, 0), *decoration = choose_decoration(line);
        if (decoration == NULL)
            continue;
        char name[512];
        snprintf(name, sizeof name, "%s.%s", base, decoration);
        const struct inf_section *section = inf_find_section(inf, name);
        if (section == NULL)
            return fail(error, inf, line->number, "[Manufacturer] refers to the models section [%s], which is missing",
                        name);
        any = true;
        if (!add_models(package, section, line->key != NULL ? line->key : base, error))
            return false;
    }
    if (!any)
        return fail(error, inf, manufacturers->line,
                    "[Manufacturer] has no models for amd64 and Windows 10.0.%u: decorate the entry, as in %%Name%% = "
                    "Models, NTamd64, and the section, as in [Models.NTamd64]",
                    INF_OS_BUILD);
    if (package->model_count == 0)
        return fail(error, inf, manufacturers->line, "the models sections for amd64 are empty: no device is supported");
    return true;
}

/*
 * Version
 */
static bool is_guid(const char *text)
{
    static const char pattern[] = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";
    if (strlen(text) != sizeof pattern - 1)
        return false;
    for (size_t i = 0; pattern[i] != 0; i++) {
        if (pattern[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != pattern[i])
            return false;
    }
    return true;
}

/* DriverVer = mm/dd/yyyy[,w.x.y.z] */
static bool read_driver_version(struct setup_package *package, const struct inf_line *line)
{
    unsigned month, day, year, part[4] = {0};
    char rest;
    const char *date = inf_field(line, 0), *version = inf_field(line, 1);
    if (sscanf(date, "%2u/%2u/%4u%c", &month, &day, &year, &rest) != 3 &&
        sscanf(date, "%2u-%2u-%4u%c", &month, &day, &year, &rest) != 3)
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1980)
        return false;
    int parts = *version == 0 ? 0 : sscanf(version, "%5u.%5u.%5u.%5u%c", &part[0], &part[1], &part[2], &part[3], &rest);
    if (parts < 0 || parts == 5)
        return false;
    for (int i = 0; i < 4; i++) {
        if (part[i] > 65535)
            return false;
        package->version = package->version << 16 | part[i];
    }
    package->date = year * 10000 + month * 100 + day;
    char text[32];
    snprintf(text, sizeof text, "%u-%u-%u", month, day, year);
    package->driver_date = check(strdup(text));
    package->driver_version = check(strdup(version));
    return true;
}

static bool check_version(struct setup_package *package, struct report error)
{
    const struct inf *inf = package->inf;
    const struct inf_section *version = inf_find_section(inf, "Version");
    if (version == NULL)
        return fail(error, inf, 0, "there is no section [Version]: this is no INF file for Windows");
    const char *signature = inf_value(version, "Signature"), *guid = inf_value(version, "ClassGuid");
    if (strcasecmp(signature, "$WINDOWS NT$") != 0 && strcasecmp(signature, "$CHICAGO$") != 0)
        return fail(error, inf, version->line, "[Version] needs Signature = \"$WINDOWS NT$\", not \"%s\"", signature);
    if (!is_guid(guid))
        return fail(error, inf, version->line,
                    "[Version] needs ClassGuid = {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}, not \"%s\" (Net is "
                    "{4d36e972-e325-11ce-bfc1-08002be10318})",
                    guid);
    const struct inf_line *driver_version = inf_find_line(version, "DriverVer", NULL);
    if (driver_version == NULL)
        return fail(error, inf, version->line, "[Version] needs DriverVer = mm/dd/yyyy,w.x.y.z");
    if (!read_driver_version(package, driver_version))
        return fail(error, inf, driver_version->number, "\"%s,%s\" is no DriverVer: write mm/dd/yyyy,w.x.y.z",
                    inf_field(driver_version, 0), inf_field(driver_version, 1));
    return true;
}

/* What is included and not beside the INF is a file of Windows itself; what is missing for that is found where it is
 * needed. */
static bool load_includes(struct setup_package *package, struct report error)
{
    for (size_t i = 0; i < inf_section_count(package->inf); i++) {
        const struct inf_section *section = inf_section_at(package->inf, i);
        for (const struct inf_line *line = NULL; (line = inf_find_line(section, "Include", line)) != NULL;) {
            for (size_t k = 0; k < line->count && package->include_count < SETUP_MAX_INCLUDES; k++) {
                char path[SETUP_PATH];
                const char *name = setup_base_name(line->field[k]);
                bool known = strcasecmp(name, setup_base_name(package->inf_path)) == 0;
                for (size_t n = 0; n < package->include_count; n++)
                    known = known || strcasecmp(name, setup_base_name(inf_name(package->includes[n]))) == 0;
                if (known || *name == 0 || !find_entry(package->directory, name, path, sizeof path))
                    continue;
                struct inf *inf = inf_load(path, error.text, error.size);
                if (inf == NULL)
                    return false;
                package->includes[package->include_count++] = inf;
            }
        }
    }
    return true;
}

static bool check_models(struct setup_package *package, struct report error)
{
    struct setup_service service;
    for (size_t i = 0; i < package->model_count; i++) {
        const struct setup_model *model = &package->models[i];
        if (i != 0 && strcasecmp(model->install, package->models[i - 1].install) == 0)
            continue;
        if (setup_find_decorated(package, model->install, "", NULL, 0).section == NULL)
            return fail(error, package->inf, model->line,
                        "the model \"%s\" refers to the section [%s], which is missing", model->description,
                        model->install);
        if (!setup_find_service(package, model, &service, error.text, error.size))
            return false;
        if (package->service == NULL && service.name[0] != 0) {
            package->service = check(strdup(service.name));
            package->binary_path = check(strdup(service.binary));
        }
    }
    return true;
}

/*
 * Packages
 */
struct setup_package *setup_package_load(const char *inf_path, enum setup_form form, const char *binary,
                                         char *error_text, size_t error_size)
{
    struct report error = {error_text, error_size};
    struct setup_package *package = check(calloc(1, sizeof *package));
    package->inf_path = check(strdup(inf_path));
    package->form = form;
    package->binary = binary != NULL ? check(strdup(binary)) : NULL;
    size_t directory = (size_t)(setup_base_name(inf_path) - inf_path);
    package->directory = check(directory > 1 ? strndup(inf_path, directory - 1) : strdup(directory == 1 ? "/" : "."));
    package->inf = inf_load(inf_path, error_text, error_size);
    if (package->inf != NULL && check_version(package, error) && load_includes(package, error) &&
        load_models(package, error) && check_models(package, error))
        return package;
    setup_package_free(package);
    return NULL;
}

/* A service named after the file. */
struct setup_package *setup_package_bare(const char *binary, const char *hardware_id)
{
    struct setup_package *package = check(calloc(1, sizeof *package));
    const char *name = setup_base_name(binary), *dot = strrchr(name, '.');
    size_t length = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    package->inf_path = check(strdup(""));
    package->directory = check(strdup("."));
    package->binary = check(strdup(binary));
    package->hardware_id = hardware_id != NULL ? check(strdup(hardware_id)) : NULL;
    package->service = check(strndup(name, length < 63 ? length : 63));
    package->binary_path = check(strdup(binary));
    package->driver_date = check(strdup("1-1-1980"));
    package->driver_version = check(strdup("0.0.0.0"));
    return package;
}

void setup_package_free(struct setup_package *package)
{
    inf_free(package->inf);
    for (size_t i = 0; i < package->include_count; i++)
        inf_free(package->includes[i]);
    free(package->models);
    free(package->inf_path);
    free(package->directory);
    free(package->binary);
    free(package->hardware_id);
    free(package->driver_date);
    free(package->driver_version);
    free(package->service);
    free(package->binary_path);
    free(package);
}

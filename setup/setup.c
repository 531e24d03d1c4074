/*
 * The driver store, and the choice of a driver for a device: every model of every package is ranked against the ids
 * that the bus driver reported, the lowest rank wins, equal ranks go to the newer driver. Signatures are not judged
 * here (they all have the score of an unknown signature), so the rank is the feature score and the identifier score.
 *
 * Public pages: "How Windows Ranks Driver Packages", "Identifier Score", "Feature Score", "How Windows Selects a Driver
 * for a Device".
 */
#include "setup/install.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static struct {
    bool initialized;
    KMUTEX lock;
    struct setup_package *packages, **last;
    struct setup_keyword *keywords;
    unsigned serial, keyword_changes;
    enum setup_form form;
    char mismatch[256];
} setup_state;

static void lock(void)
{
    KeWaitForSingleObject(&setup_state.lock, Executive, KernelMode, FALSE, NULL);
}

static void unlock(void)
{
    KeReleaseMutex(&setup_state.lock, FALSE);
}

/*
 * Ranks: 0x00GGTHHH
 */
#define RANK_NO_FEATURE_SCORE  0x00FF0000u
#define RANK_INF_COMPATIBLE    0x1000u /* the id is not the INF entry's first */
#define RANK_DEVICE_COMPATIBLE 0x2000u /* the id is one of the device's compatible ids */
#define RANK_ANY_DEVICE        0x0FFFFFFFu
#define RANK_NONE              0xFFFFFFFFu

/* Calls of one device's ids: hardware ids first, then compatible ids. */
struct device_id {
    const char *text;
    bool compatible;
    unsigned position;
};

static bool next_id(const struct pnp_ids *ids, struct device_id *id)
{
    if (id->text == NULL) {
        *id = (struct device_id){.text = ids->hardware_ids};
    } else {
        id->text += strlen(id->text) + 1;
        id->position++;
    }
    if ((id->text == NULL || *id->text == 0) && !id->compatible)
        *id = (struct device_id){.text = ids->compatible_ids, .compatible = true};
    return id->text != NULL && *id->text != 0;
}

static unsigned identifier_score(const struct device_id *device, size_t inf_position)
{
    unsigned score = (device->compatible ? RANK_DEVICE_COMPATIBLE : 0) | (inf_position != 0 ? RANK_INF_COMPATIBLE : 0);
    unsigned place = device->position;
    if (device->compatible && inf_position != 0)
        place += (unsigned)(inf_position - 1) * 0x100;
    return score | (place < 0xFFF ? place : 0xFFF);
}

static unsigned feature_score(const struct setup_section install)
{
    uint64_t score;
    const char *text = inf_value(install.section, "FeatureScore");
    return inf_number(text, &score) && score <= 0xFF ? (unsigned)score << 16 : RANK_NO_FEATURE_SCORE;
}

static bool is_excluded(const struct setup_section install, const struct pnp_ids *ids)
{
    const struct inf_line *line = inf_find_line(install.section, "ExcludeID", NULL);
    for (size_t i = 0; line != NULL && i < line->count; i++) {
        for (struct device_id id = {0}; next_id(ids, &id);) {
            if (strcasecmp(id.text, line->field[i]) == 0)
                return true;
        }
    }
    return false;
}

static struct setup_candidate rank_model(const struct setup_package *package, const struct setup_model *model,
                                         const struct pnp_ids *ids)
{
    struct setup_candidate best = {package, model, NULL, RANK_NONE};
    for (struct device_id id = {0}; next_id(ids, &id);) {
        for (size_t i = 0; i < model->id_count; i++) {
            unsigned score = identifier_score(&id, i);
            if (strcasecmp(id.text, model->ids[i]) == 0 && score < best.rank) {
                best.rank = score;
                best.id = model->ids[i];
            }
        }
    }
    if (best.rank == RANK_NONE)
        return best;
    struct setup_section install = setup_find_decorated(package, model->install, "", NULL, 0);
    if (is_excluded(install, ids))
        best.rank = RANK_NONE;
    else
        best.rank += feature_score(install);
    return best;
}

static struct setup_candidate rank_bare(const struct setup_package *package, const struct pnp_ids *ids)
{
    struct setup_candidate best = {package, NULL, NULL, RANK_NONE};
    struct pnp_match builtin;
    if (package->hardware_id == NULL && pnp_builtin_match(ids, &builtin))
        return best; /* "any device" means those that a user plugs in, not our own hubs */
    for (struct device_id id = {0}; next_id(ids, &id);) {
        if (package->hardware_id == NULL)
            return (struct setup_candidate){package, NULL, id.text, RANK_ANY_DEVICE};
        unsigned score = RANK_NO_FEATURE_SCORE + identifier_score(&id, 0);
        if (strcasecmp(id.text, package->hardware_id) == 0 && score < best.rank)
            best = (struct setup_candidate){package, NULL, id.text, score};
    }
    return best;
}

static bool is_better(const struct setup_candidate *a, const struct setup_candidate *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->rank == RANK_NONE)
        return false;
    if (a->package->date != b->package->date)
        return a->package->date > b->package->date;
    return a->package->version > b->package->version;
}

static struct setup_candidate choose(const struct pnp_ids *ids)
{
    struct setup_candidate best = {.rank = RANK_NONE};
    for (const struct setup_package *package = setup_state.packages; package != NULL; package = package->next) {
        if (package->inf == NULL) {
            struct setup_candidate candidate = rank_bare(package, ids);
            if (is_better(&candidate, &best))
                best = candidate;
        }
        for (size_t i = 0; i < package->model_count; i++) {
            struct setup_candidate candidate = rank_model(package, &package->models[i], ids);
            if (is_better(&candidate, &best))
                best = candidate;
        }
    }
    return best;
}

/*
 * What pnp asks
 */
static void explain_mismatch(const struct pnp_ids *ids)
{
    char *out = setup_state.mismatch;
    size_t size = sizeof setup_state.mismatch, at = 0;
    struct device_id first = {0};
    bool has_id = next_id(ids, &first);
    at += (size_t)snprintf(out, size, "no driver package matches %s%s", has_id ? "hardware id " : "",
                           has_id ? first.text : "a device without hardware ids");
    if (setup_state.packages == NULL && at < size)
        at += (size_t)snprintf(out + at, size - at, ": none was added");
    const char *separator = ": ";
    for (const struct setup_package *p = setup_state.packages; p != NULL && at < size; p = p->next, separator = "; ") {
        const char *name = setup_base_name(p->inf != NULL ? p->inf_path : p->binary);
        const char *id = p->model_count != 0 ? p->models[0].ids[0] : p->hardware_id;
        at += (size_t)snprintf(out + at, size - at, "%s%s is for %s%s", separator, name,
                               id == NULL || *id == 0 ? "other devices" : id, p->model_count > 1 ? " and others" : "");
    }
}

bool setup_choose_driver(const struct pnp_ids *ids, struct pnp_match *match)
{
    char stamp[64];
    bool found = false;
    lock();
    struct setup_candidate best = choose(ids);
    if (best.rank == RANK_NONE) {
        explain_mismatch(ids);
    } else {
        snprintf(stamp, sizeof stamp, "%u.%u.%p", best.package->serial, setup_state.keyword_changes,
                 (void *)best.model);
        found = setup_install(&best, ids, setup_state.keywords, stamp, match, setup_state.mismatch,
                              sizeof setup_state.mismatch);
        if (found)
            setup_state.mismatch[0] = 0;
    }
    if (!found)
        snprintf(match->reason, sizeof match->reason, "%s", setup_state.mismatch);
    unlock();
    return found;
}

const char *setup_last_mismatch(void)
{
    return setup_state.mismatch;
}

/*
 * The store
 */
void setup_initialize(void)
{
    if (!setup_state.initialized) {
        setup_state.initialized = true;
        setup_state.last = &setup_state.packages;
        KeInitializeMutex(&setup_state.lock, 0);
    }
    cm_initialize();
    pnp_set_driver_lookup(setup_choose_driver);
}

static void forget_keyword(struct setup_keyword **link)
{
    struct setup_keyword *keyword = *link;
    *link = keyword->next;
    free(keyword->name);
    free(keyword->value);
    free(keyword);
    setup_state.keyword_changes++;
}

void setup_reset(void)
{
    lock();
    while (setup_state.packages != NULL) {
        struct setup_package *package = setup_state.packages;
        setup_state.packages = package->next;
        setup_package_free(package);
    }
    setup_state.last = &setup_state.packages;
    while (setup_state.keywords != NULL)
        forget_keyword(&setup_state.keywords);
    setup_state.form = SETUP_FORM_PE;
    setup_state.mismatch[0] = 0;
    unlock();
}

void setup_set_form(enum setup_form form)
{
    setup_state.form = form;
}

/* A package that was there already (the same INF or image) is replaced. */
static bool store(struct setup_package *package, char *error, size_t error_size)
{
    if (!setup_check_registry_lines(package, error, error_size)) {
        setup_package_free(package);
        return false;
    }
    lock();
    package->serial = ++setup_state.serial;
    for (struct setup_package **link = &setup_state.packages; *link != NULL;) {
        struct setup_package *old = *link;
        bool same = package->inf != NULL ? old->inf != NULL && strcmp(old->inf_path, package->inf_path) == 0
                                         : old->inf == NULL && strcmp(old->binary, package->binary) == 0;
        if (same) {
            *link = old->next;
            setup_package_free(old);
        } else {
            link = &old->next;
        }
        setup_state.last = link;
    }
    if (setup_state.packages == NULL)
        setup_state.last = &setup_state.packages;
    *setup_state.last = package;
    setup_state.last = &package->next;
    unlock();
    return true;
}

bool setup_add_package(const char *inf_path, char *error, size_t error_size)
{
    struct setup_package *package = setup_package_load(inf_path, setup_state.form, NULL, error, error_size);
    return package != NULL && store(package, error, error_size);
}

/*
 * A driver binary, and the INF that goes with it
 */
static bool has_extension(const char *path, const char *extension)
{
    const char *dot = strrchr(setup_base_name(path), '.');
    return dot != NULL && strcasecmp(dot, extension) == 0;
}

static size_t stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL ? (size_t)(dot - name) : strlen(name);
}

static void directory_of(const char *path, char *directory, size_t size)
{
    size_t length = (size_t)(setup_base_name(path) - path);
    snprintf(directory, size, "%.*s", length > 1 ? (int)length - 1 : (int)length, path);
    if (length == 0)
        snprintf(directory, size, ".");
}

/* Whether the INF's service image has the stem of this file. */
static bool installs(const char *inf_path, const char *binary, char *error, size_t error_size)
{
    struct inf *inf = inf_load(inf_path, error, error_size);
    bool found = false;
    const char *name = setup_base_name(binary);
    for (size_t i = 0; inf != NULL && i < inf_section_count(inf); i++) {
        const char *image = setup_base_name(inf_value(inf_section_at(inf, i), "ServiceBinary"));
        found = found || (stem_length(image) == stem_length(name) && *image != 0 &&
                          strncasecmp(image, name, stem_length(name)) == 0);
    }
    inf_free(inf);
    return found;
}

/* NAME.inf beside NAME.sys, else the one INF in the folder that installs it. */
static bool find_inf(const char *binary, char *path, size_t size)
{
    char directory[SETUP_PATH], ignored[256];
    const char *name = setup_base_name(binary);
    struct stat status;
    directory_of(binary, directory, sizeof directory);
    if ((size_t)snprintf(path, size, "%s/%.*s.inf", directory, (int)stem_length(name), name) < size &&
        stat(path, &status) == 0)
        return true;
    DIR *listing = opendir(directory);
    bool found = false;
    for (struct dirent *entry; !found && listing != NULL && (entry = readdir(listing)) != NULL;)
        found = has_extension(entry->d_name, ".inf") &&
                (size_t)snprintf(path, size, "%s/%s", directory, entry->d_name) < size &&
                installs(path, binary, ignored, sizeof ignored);
    if (listing != NULL)
        closedir(listing);
    return found;
}

bool setup_add_driver(const char *path, const char *hardware_id, char *error, size_t error_size)
{
    char inf[SETUP_PATH];
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        snprintf(error, error_size, "%s: there is no such driver file", path);
        return false;
    }
    struct setup_package *package = hardware_id == NULL && find_inf(path, inf, sizeof inf)
                                        ? setup_package_load(inf, setup_state.form, path, error, error_size)
                                        : setup_package_bare(path, hardware_id);
    return package != NULL && store(package, error, error_size);
}

static bool add_folder(const char *path, char *error, size_t error_size)
{
    char inf[SETUP_PATH] = "";
    unsigned count = 0;
    DIR *listing = opendir(path);
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        if (has_extension(entry->d_name, ".inf") &&
            (size_t)snprintf(inf, sizeof inf, "%s/%s", path, entry->d_name) < sizeof inf)
            count++;
    }
    if (listing != NULL)
        closedir(listing);
    if (count == 1)
        return setup_add_package(inf, error, error_size);
    snprintf(error, error_size,
             count == 0 ? "%s: there is no .inf file in this folder"
                        : "%s: there are several .inf files: name one of them",
             path);
    return false;
}

bool setup_add(const char *path, char *error, size_t error_size)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        snprintf(error, error_size, "%s: there is no such file", path);
        return false;
    }
    if (S_ISDIR(status.st_mode))
        return add_folder(path, error, error_size);
    if (has_extension(path, ".inf"))
        return setup_add_package(path, error, error_size);
    if (has_extension(path, ".sys") || has_extension(path, ".so"))
        return setup_add_driver(path, NULL, error, error_size);
    snprintf(error, error_size, "%s: neither a driver package (.inf) nor a driver (.sys or .so)", path);
    return false;
}

/*
 * Keywords
 */
void setup_clear_keyword(const char *name)
{
    lock();
    for (struct setup_keyword **link = &setup_state.keywords; *link != NULL;) {
        if (strcasecmp((*link)->name, name) == 0)
            forget_keyword(link);
        else
            link = &(*link)->next;
    }
    unlock();
}

bool setup_set_keyword(const char *assignment, char *error, size_t error_size)
{
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment) {
        snprintf(error, error_size, "\"%s\": KEYWORD=VALUE is expected", assignment);
        return false;
    }
    struct setup_keyword *keyword = calloc(1, sizeof *keyword);
    char *name = strndup(assignment, (size_t)(equals - assignment)), *value = strdup(equals + 1);
    if (keyword == NULL || name == NULL || value == NULL)
        abort();
    setup_clear_keyword(name);
    lock();
    *keyword = (struct setup_keyword){setup_state.keywords, name, value};
    setup_state.keywords = keyword;
    setup_state.keyword_changes++;
    unlock();
    return true;
}

bool setup_get_package(size_t index, struct setup_package_facts *facts)
{
    lock();
    const struct setup_package *package = setup_state.packages;
    while (package != NULL && index-- != 0)
        package = package->next;
    if (package != NULL) {
        const struct inf_section *version = package->inf != NULL ? inf_find_section(package->inf, "Version") : NULL;
        *facts = (struct setup_package_facts){
            .inf_path = package->inf_path,
            .binary_path = package->binary_path != NULL ? package->binary_path : "",
            .service = package->service != NULL ? package->service : "",
            .provider = inf_value(version, "Provider"),
            .class_name = inf_value(version, "Class"),
            .class_guid = inf_value(version, "ClassGuid"),
            .driver_version = package->driver_version,
            .driver_date = package->driver_date,
            .catalog = inf_value(version, "CatalogFile"),
        };
        for (size_t i = 0; i < package->model_count; i++)
            facts->models += package->models[i].id_count;
    }
    unlock();
    return package != NULL;
}

/*
 * Driver packages in the store, for setup's own files: what package.c found in an INF, what rank.c and install.c use.
 */
#pragma once

#include "setup/inf.h"
#include "setup/setup.h"

#define SETUP_MAX_INCLUDES 8u
#define SETUP_MAX_MODELS   16384u
#define SETUP_PATH         1024u

#define SETUP_ASSOCIATED_SERVICE 0x2u /* SPSVCINST_ASSOCSERVICE */

/* One line of a models section. */
struct setup_model {
    const char *description;
    const char *manufacturer;
    const char *install;    /* name of the DDInstall section, undecorated */
    const char *const *ids; /* the hardware id, then compatible ids; the first may be "" */
    size_t id_count;
    unsigned line;
};

/* A section, in the package's INF or in one that it includes. */
struct setup_section {
    const struct inf *inf;
    const struct inf_section *section;
};

struct setup_package {
    struct setup_package *next;
    unsigned serial;
    char *inf_path;  /* "" for a bare driver */
    char *directory; /* of the INF */
    enum setup_form form;
    char *binary;      /* the image that was named instead of the INF's; NULL: as the INF says */
    char *hardware_id; /* bare driver: which devices; NULL: any */
    struct inf *inf;   /* NULL for a bare driver */
    struct inf *includes[SETUP_MAX_INCLUDES];
    size_t include_count;
    struct setup_model *models;
    size_t model_count;
    unsigned date;    /* of DriverVer: 20260131 */
    uint64_t version; /* of DriverVer: 16 bits each */
    char *driver_date, *driver_version;
    char *service, *binary_path; /* of the first model, for reports */
};

/* The one associated service of a model, and its image. */
struct setup_service {
    char name[64]; /* "" : the device needs no function driver ("AddService = ,2") */
    struct setup_section install;
    char binary[SETUP_PATH];
};

struct setup_package *setup_package_load(const char *inf_path, enum setup_form form, const char *binary, char *error,
                                         size_t error_size);
struct setup_package *setup_package_bare(const char *binary, const char *hardware_id);
void setup_package_free(struct setup_package *package);

struct setup_section setup_find_section(const struct setup_package *package, const char *name);
/* As inf_find_decorated, with the included files behind the package's own. */
struct setup_section setup_find_decorated(const struct setup_package *package, const char *base, const char *suffix,
                                          char *decoration, size_t size);

/* Calls each for every line with this key in start and in the sections that it Needs, in the order of the text. Stops
 * and returns false when each does. */
typedef bool (*setup_line_callback)(void *context, const struct inf *inf, const struct inf_line *line);
bool setup_for_each_line(const struct setup_package *package, struct setup_section start, const char *key,
                         setup_line_callback each, void *context);

bool setup_find_service(const struct setup_package *package, const struct setup_model *model,
                        struct setup_service *service, char *error, size_t error_size);
/* The image that a service-install section names. */
bool setup_find_binary(const struct setup_package *package, const struct setup_model *model,
                       struct setup_section section, char *path, size_t size, char *error, size_t error_size);

const char *setup_base_name(const char *path);

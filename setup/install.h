/*
 * Writing a chosen driver to the registry, for setup's own files.
 */
#pragma once

#include "ntoskrnl/cm/cm.h"
#include "ntoskrnl/pnp/pnp.h"
#include "setup/package.h"

/* A model that matches a device, and how. */
struct setup_candidate {
    const struct setup_package *package;
    const struct setup_model *model; /* NULL for a bare driver */
    const char *id;                  /* the INF's spelling of the id that matched; for a bare driver the device's own */
    unsigned rank;
};

/* A keyword that the user sets over what the INF says. */
struct setup_keyword {
    struct setup_keyword *next;
    char *name; /* may be a path below the driver key */
    char *value;
};

/* Writes the Services, Enum and Class keys for the device; match gets what pnp needs. stamp changes whenever package or
 * keywords do: a device that was installed with the same stamp keeps its keys as they are. False with a message in
 * error. */
bool setup_install(const struct setup_candidate *candidate, const struct pnp_ids *ids,
                   const struct setup_keyword *keywords, const char *stamp, struct pnp_match *match, char *error,
                   size_t error_size);

/* The lookup that setup_initialize gives to pnp. */
bool setup_choose_driver(const struct pnp_ids *ids, struct pnp_match *match);

/* Runs the lines of an AddReg or DelReg section. hkr: what HKR stands for; device: the Enum key for the special names
 * of a .HW section, or NULL. False with a message in error when a line is malformed. */
bool setup_add_registry(const struct inf *inf, const struct inf_section *section, struct cm_key *hkr,
                        struct cm_key *device, char *error, size_t error_size);
bool setup_delete_registry(const struct inf *inf, const struct inf_section *section, struct cm_key *hkr, char *error,
                           size_t error_size);
/* Only looks at the lines, as they will be run. */
bool setup_check_registry(const struct inf *inf, const struct inf_section *section, bool remove, char *error,
                          size_t error_size);
/* The same for every AddReg and DelReg section that the package's models lead to. */
bool setup_check_registry_lines(const struct setup_package *package, char *error, size_t error_size);

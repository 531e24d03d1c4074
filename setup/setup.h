/*
 * Setup: driver packages, INF files, and the choice of a driver for a device. It does what Windows does when a package
 * is staged and when a device with no driver shows up: the INF's models are ranked against the device's hardware and
 * compatible ids, and the winner's service, device and driver keys are written to the registry, from where the PnP
 * manager and NDIS take them.
 *
 * Errors come back as one line of text that names file, line, section and what to do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Which image of a driver is loaded, where a package has NAME.sys and NAME.so side by side. */
enum setup_form {
    SETUP_FORM_PE,  /* what the INF says: NAME.sys */
    SETUP_FORM_ELF, /* NAME.so of the same stem */
};

/* Becomes the PnP manager's driver lookup (pnp_set_driver_lookup). Idempotent; after cm_initialize. */
void setup_initialize(void);
/* Forgets all packages and settings (their registry keys stay). For tests, and for cycles in one process. */
void setup_reset(void);

/* For packages that are added afterwards; PE to begin with. */
void setup_set_form(enum setup_form form);

/* Stages a package. Checks the INF and that its driver binary is there: beside the INF, or where SourceDisksFiles says.
 */
bool setup_add_package(const char *inf_path, char *error, size_t error_size);

/* A driver by itself: NAME.sys or NAME.so. An INF in the same folder that installs this binary is used as the package
 * (NAME.inf first). Else a service is made up that takes any device of which hardware_id is a hardware or compatible
 * id, or, with NULL, any device that no package matches. */
bool setup_add_driver(const char *path, const char *hardware_id, char *error, size_t error_size);

/* What --package-ish arguments mean to a user: an INF file, a driver binary, or a folder with one INF file in it. */
bool setup_add(const char *path, char *error, size_t error_size);

/* "KEYWORD=VALUE" for every adapter installed from now on, over what the INF sets: written to the device's driver key
 * with the type that the INF gives the keyword, else REG_SZ. "\Sub\Key\NAME=VALUE" goes below the driver key. */
bool setup_set_keyword(const char *assignment, char *error, size_t error_size);

/* Takes it back. */
void setup_clear_keyword(const char *name);

/* Why the last device that found no driver found none: names its ids and the packages that were considered; "" if none.
 */
const char *setup_last_mismatch(void);

/* What is staged, for reports. index from 0; false after the last. Strings live until setup_reset. */
struct setup_package_facts {
    const char *inf_path; /* "" for a bare driver */
    const char *binary_path;
    const char *service;
    const char *provider, *class_name, *class_guid, *driver_version, *driver_date, *catalog;
    size_t models; /* hardware ids that the INF names for this system */
};
bool setup_get_package(size_t index, struct setup_package_facts *facts);

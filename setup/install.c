/*
 * Installing a device: what Windows writes to the registry when it binds a driver to a device, because the driver, NDIS
 * and the PnP manager read it back from there.
 *
 *   Services\NAME                 how to start the driver, where its image is (a path of the host)
 *   Enum\INSTANCE                 the device: its ids, its service, which driver key is its own
 *   Enum\INSTANCE\Device Parameters   the hardware key: what a .HW section adds
 *   Control\Class\{GUID}\NNNN     the driver (software) key: AddReg's values, keywords, NetCfgInstanceId, Linkage
 *
 * Public pages: "Registry Trees and Keys for Devices and Drivers", "INF DDInstall Section", "INF AddService Directive",
 * "DDInstall Section in a Network INF File", "Specifying Configuration Parameters for the Advanced Properties Page".
 */
#include "setup/install.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NET_CLASS "{4d36e972-e325-11ce-bfc1-08002be10318}"

struct job {
    const struct setup_package *package;
    const struct setup_model *model;
    const struct pnp_ids *ids;
    const struct setup_candidate *candidate;
    const char *class_guid, *class_name, *provider;
    struct setup_section install; /* DDInstall */
    char decoration[128];
    struct cm_key *device;   /* Enum\INSTANCE */
    struct cm_key *hardware; /* its Device Parameters */
    struct cm_key *driver;   /* Control\Class\{GUID}\NNNN */
    char driver_key[96];     /* "{GUID}\NNNN" */
    char *error;
    size_t error_size;
};

/*
 * Keys
 */
static bool open_keys(struct job *job)
{
    char path[PNP_MAX_ID + 256], index[8];
    struct cm_key *class_key;
    snprintf(path, sizeof path, "%s\\%s", CM_ENUM, job->ids->instance_path);
    if (!NT_SUCCESS(cm_create(NULL, path, &job->device)) ||
        !NT_SUCCESS(cm_create(job->device, "Device Parameters", &job->hardware)))
        goto refused;
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, job->class_guid);
    if (!NT_SUCCESS(cm_create(NULL, path, &class_key)))
        goto refused;
    cm_set_string(class_key, "Class", job->class_name);
    /* A device that was here before keeps its driver key, in the same class. */
    size_t guid = strlen(job->class_guid);
    bool known = NT_SUCCESS(cm_query_string(job->device, "Driver", job->driver_key, sizeof job->driver_key)) &&
                 strncasecmp(job->driver_key, job->class_guid, guid) == 0 && job->driver_key[guid] == '\\';
    for (unsigned i = 0; !known && i < 10000; i++) {
        struct cm_key *taken;
        snprintf(index, sizeof index, "%04u", i);
        if (NT_SUCCESS(cm_open(class_key, index, &taken))) {
            cm_close(taken);
            continue;
        }
        snprintf(job->driver_key, sizeof job->driver_key, "%s\\%s", job->class_guid, index);
        known = true;
    }
    bool opened = known && NT_SUCCESS(cm_create(class_key, job->driver_key + guid + 1, &job->driver));
    cm_close(class_key);
    if (opened)
        return true;
refused:
    snprintf(job->error, job->error_size, "the registry has no room for device %s", job->ids->instance_path);
    return false;
}

static void close_keys(struct job *job)
{
    struct cm_key *keys[] = {job->device, job->hardware, job->driver};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i] != NULL)
            cm_close(keys[i]);
    }
}

/* Starts the driver key afresh: what another package left there is none of this one's. */
static bool renew_driver_key(struct job *job)
{
    char path[256];
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, job->driver_key);
    cm_close(job->driver);
    job->driver = NULL;
    cm_delete_tree(NULL, path);
    if (NT_SUCCESS(cm_create(NULL, path, &job->driver)))
        return true;
    snprintf(job->error, job->error_size, "the registry has no room for %s", path);
    return false;
}

/*
 * AddReg and DelReg of one install section
 */
struct registry_context {
    const struct setup_package *package;
    struct cm_key *hkr, *device;
    bool remove, check_only;
    char *error;
    size_t error_size;
};

static bool run_section(const struct registry_context *c, struct setup_section at)
{
    if (c->check_only)
        return setup_check_registry(at.inf, at.section, c->remove, c->error, c->error_size);
    if (c->remove)
        return setup_delete_registry(at.inf, at.section, c->hkr, c->error, c->error_size);
    return setup_add_registry(at.inf, at.section, c->hkr, c->device, c->error, c->error_size);
}

static bool run_sections(void *context, const struct inf *inf, const struct inf_line *line)
{
    struct registry_context *c = context;
    for (size_t i = 0; i < line->count; i++) {
        if (*line->field[i] == 0)
            continue;
        struct setup_section at = {inf, inf_find_section(inf, line->field[i])};
        if (at.section == NULL)
            at = setup_find_section(c->package, line->field[i]);
        if (at.section == NULL) {
            snprintf(c->error, c->error_size, "%s:%u: %s refers to the section [%s], which is missing", inf_name(inf),
                     line->number, c->remove ? "DelReg" : "AddReg", line->field[i]);
            return false;
        }
        if (!run_section(c, at))
            return false;
    }
    return true;
}

static bool run_directives(struct registry_context *context, struct setup_section section)
{
    /* DelReg first: it clears what an earlier installation left. */
    context->remove = true;
    if (!setup_for_each_line(context->package, section, "DelReg", run_sections, context))
        return false;
    context->remove = false;
    return setup_for_each_line(context->package, section, "AddReg", run_sections, context);
}

static bool run_registry(struct job *job, struct setup_section section, struct cm_key *hkr, struct cm_key *device)
{
    struct registry_context context = {
        .package = job->package, .hkr = hkr, .device = device, .error = job->error, .error_size = job->error_size};
    return run_directives(&context, section);
}

/* The service-install and event-log sections of an AddService line. */
static bool check_service_line(void *context, const struct inf *inf, const struct inf_line *line)
{
    struct registry_context *c = context;
    (void)inf;
    return run_directives(c, setup_find_section(c->package, inf_field(line, 2))) &&
           run_directives(c, setup_find_section(c->package, inf_field(line, 3)));
}

bool setup_check_registry_lines(const struct setup_package *package, char *error, size_t error_size)
{
    struct registry_context context = {
        .package = package, .check_only = true, .error = error, .error_size = error_size};
    for (size_t i = 0; i < package->model_count; i++) {
        const char *install = package->models[i].install;
        if (i != 0 && strcasecmp(install, package->models[i - 1].install) == 0)
            continue;
        struct setup_section services = setup_find_decorated(package, install, ".Services", NULL, 0);
        if (!run_directives(&context, setup_find_decorated(package, install, "", NULL, 0)) ||
            !run_directives(&context, setup_find_decorated(package, install, ".HW", NULL, 0)) ||
            !setup_for_each_line(package, services, "AddService", check_service_line, &context))
            return false;
    }
    return true;
}

/*
 * Services
 */
static void set_number(struct cm_key *key, const char *name, const char *text, ULONG otherwise)
{
    uint64_t value;
    cm_set_dword(key, name, inf_number(text, &value) && value <= 0xFFFFFFFF ? (ULONG)value : otherwise);
}

static void set_optional_string(struct cm_key *key, const char *name, const char *text)
{
    if (*text != 0)
        cm_set_string(key, name, text);
}

static bool open_service(struct job *job, const char *name, struct cm_key **key)
{
    char path[256];
    snprintf(path, sizeof path, "%s\\%s", CM_SERVICES, name);
    if (NT_SUCCESS(cm_create(NULL, path, key)))
        return true;
    snprintf(job->error, job->error_size, "\"%s\" cannot be the name of a service", name);
    return false;
}

enum { SERVICE_KERNEL = 1, SERVICE_ON_DEMAND = 3, SERVICE_ERROR_IS_NORMAL = 1 };

static bool write_service(struct job *job, const char *name, struct setup_section install, const char *binary)
{
    struct cm_key *key;
    const struct inf_section *section = install.section;
    if (!open_service(job, name, &key))
        return false;
    set_number(key, "Type", inf_value(section, "ServiceType"), SERVICE_KERNEL);
    set_number(key, "Start", inf_value(section, "StartType"), SERVICE_ON_DEMAND);
    set_number(key, "ErrorControl", inf_value(section, "ErrorControl"), SERVICE_ERROR_IS_NORMAL);
    cm_set_string_type(key, "ImagePath", REG_EXPAND_SZ, binary);
    set_optional_string(key, "DisplayName", inf_value(section, "DisplayName"));
    set_optional_string(key, "Description", inf_value(section, "Description"));
    set_optional_string(key, "Group", inf_value(section, "LoadOrderGroup"));
    const struct inf_line *dependencies = inf_find_line(section, "Dependencies", NULL);
    if (dependencies != NULL)
        cm_set_multi_string(key, "DependOnService", dependencies->field, dependencies->count);
    if (*job->package->inf_path != 0) {
        const char *owner = setup_base_name(job->package->inf_path);
        cm_set_multi_string(key, "Owners", &owner, 1);
    }
    bool good = section == NULL || run_registry(job, install, key, NULL);
    cm_close(key);
    return good;
}

/* AddService's fourth to sixth fields: the event log that the driver writes to. */
static bool write_event_log(void *context, const struct inf *inf, const struct inf_line *line)
{
    struct job *job = context;
    char path[512];
    struct cm_key *key;
    struct setup_section section = setup_find_section(job->package, inf_field(line, 3));
    const char *log = *inf_field(line, 4) != 0 ? inf_field(line, 4) : "System";
    const char *name = *inf_field(line, 5) != 0 ? inf_field(line, 5) : inf_field(line, 0);
    (void)inf;
    if (section.section == NULL || *name == 0)
        return true;
    snprintf(path, sizeof path, "%s\\EventLog\\%.64s\\%.256s", CM_SERVICES, log, name);
    if (!NT_SUCCESS(cm_create(NULL, path, &key)))
        return true;
    bool good = run_registry(job, section, key, NULL);
    cm_close(key);
    return good;
}

/* Services besides the function driver: filters. One whose image is missing is only missed when it is loaded. */
static bool write_other_service(void *context, const struct inf *inf, const struct inf_line *line)
{
    struct job *job = context;
    uint64_t flags = 0;
    char binary[SETUP_PATH], ignored[256];
    (void)inf;
    inf_number(inf_field(line, 1), &flags);
    const char *name = inf_field(line, 0);
    struct setup_section install = setup_find_section(job->package, inf_field(line, 2));
    if ((flags & SETUP_ASSOCIATED_SERVICE) || *name == 0 || strpbrk(name, "\\/") != NULL || install.section == NULL)
        return true;
    if (!setup_find_binary(job->package, job->model, install, binary, sizeof binary, ignored, sizeof ignored))
        snprintf(binary, sizeof binary, "%s/%s", job->package->directory,
                 setup_base_name(inf_value(install.section, "ServiceBinary")));
    return write_service(job, name, install, binary);
}

/*
 * The device's own key
 */
static void set_id_list(struct cm_key *key, const char *name, const char *ids)
{
    const char *list[64];
    size_t count = 0;
    for (; ids != NULL && *ids != 0 && count < sizeof list / sizeof *list; ids += strlen(ids) + 1)
        list[count++] = ids;
    if (count != 0)
        cm_set_multi_string(key, name, list, count);
}

static const char *description(const struct job *job)
{
    return job->model != NULL ? job->model->description : setup_base_name(job->package->binary);
}

static void write_device(struct job *job, const char *service)
{
    set_id_list(job->device, "HardwareID", job->ids->hardware_ids);
    set_id_list(job->device, "CompatibleIDs", job->ids->compatible_ids);
    cm_set_string(job->device, "DeviceDesc", description(job));
    set_optional_string(job->device, "Mfg", job->model != NULL ? job->model->manufacturer : "");
    cm_set_string(job->device, "ClassGUID", job->class_guid);
    cm_set_string(job->device, "Class", job->class_name);
    cm_set_string(job->device, "Driver", job->driver_key);
    if (*service != 0)
        cm_set_string(job->device, "Service", service);
    else
        cm_delete_value(job->device, "Service");
    cm_set_dword(job->device, "ConfigFlags", 0);
}

/*
 * The driver key
 */
static void write_driver_facts(struct job *job)
{
    const struct setup_package *package = job->package;
    cm_set_string(job->driver, "DriverDesc", description(job));
    cm_set_string(job->driver, "MatchingDeviceId", job->candidate->id);
    cm_set_string(job->driver, "DriverDate", package->driver_date);
    cm_set_string(job->driver, "DriverVersion", package->driver_version);
    set_optional_string(job->driver, "ProviderName", job->provider);
    if (job->model == NULL)
        return;
    cm_set_string(job->driver, "InfPath", setup_base_name(package->inf_path));
    cm_set_string(job->driver, "InfSection", job->model->install);
    set_optional_string(job->driver, "InfSectionExt", job->decoration);
}

/* The interface's GUID: the same for the same instance in every run, so that runs can be compared. */
static void make_interface_guid(const struct job *job, char *text, size_t size)
{
    uint64_t half[2] = {14695981039346656037ull, 0x6e6469736b6974ull};
    for (const char *s = job->ids->instance_path; *s != 0; s++) {
        half[0] = (half[0] ^ (unsigned char)*s) * 1099511628211ull;
        half[1] = (half[1] + half[0]) * 6364136223846793005ull + 1442695040888963407ull;
    }
    snprintf(text, size, "{%08X-%04X-4%03X-%04X-%012llX}", (unsigned)(half[0] >> 32),
             (unsigned)(half[0] >> 16 & 0xFFFF), (unsigned)(half[0] & 0xFFF),
             (unsigned)(0x8000 | (half[1] >> 48 & 0x3FFF)), (unsigned long long)(half[1] & 0xFFFFFFFFFFFF));
}

/* Directives of a network DDInstall section that are values of the driver key. */
static void write_network_directives(struct job *job)
{
    static const char *const strings[] = {"BusType", "Port1DeviceNumber", "Port1FunctionNumber"};
    const struct inf_section *section = job->install.section;
    for (size_t i = 0; section != NULL && i < section->count; i++) {
        const struct inf_line *line = &section->lines[i];
        uint64_t value;
        if (line->key == NULL)
            continue;
        bool number = line->key[0] == '*' || strcasecmp(line->key, "Characteristics") == 0;
        if (number && inf_number(inf_field(line, 0), &value) && value <= 0xFFFFFFFF)
            cm_set_dword(job->driver, line->key, (ULONG)value);
        for (size_t k = 0; k < sizeof strings / sizeof *strings; k++) {
            if (strcasecmp(line->key, strings[k]) == 0)
                cm_set_string(job->driver, strings[k], inf_field(line, 0));
        }
    }
}

static void write_network_facts(struct job *job)
{
    char guid[64], device[80];
    const char *list[1] = {device};
    struct cm_key *linkage;
    make_interface_guid(job, guid, sizeof guid);
    cm_set_string(job->driver, "NetCfgInstanceId", guid);
    cm_set_string(job->driver, "ComponentId", job->candidate->id);
    cm_set_string(job->driver, "DeviceInstanceID", job->ids->instance_path);
    if (!NT_SUCCESS(cm_create(job->driver, "Linkage", &linkage)))
        return;
    snprintf(device, sizeof device, "\\Device\\%s", guid);
    cm_set_multi_string(linkage, "Export", list, 1);
    list[0] = guid;
    cm_set_multi_string(linkage, "RootDevice", list, 1);
    list[0] = "Tcpip";
    cm_set_multi_string(linkage, "UpperBind", list, 1);
    cm_close(linkage);
}

/* Keywords that have no value yet take the default that the INF declares for them; an optional one may stay away. */
static void apply_parameter_defaults(struct job *job)
{
    struct cm_key *parameters, *parameter;
    char name[256], optional[16], value[INF_MAX_FIELD];
    if (!NT_SUCCESS(cm_open(job->driver, "Ndi\\params", &parameters)))
        return;
    for (ULONG i = 0; NT_SUCCESS(cm_enumerate_key(parameters, i, name, sizeof name)); i++) {
        ULONG size = 0;
        if (!NT_SUCCESS(cm_open(parameters, name, &parameter)))
            continue;
        bool is_optional =
            NT_SUCCESS(cm_query_string(parameter, "Optional", optional, sizeof optional)) && strcmp(optional, "1") == 0;
        bool absent = cm_query_value(job->driver, name, NULL, NULL, &size) == STATUS_OBJECT_NAME_NOT_FOUND;
        if (absent && !is_optional && NT_SUCCESS(cm_query_string(parameter, "Default", value, sizeof value)))
            cm_set_string(job->driver, name, value);
        cm_close(parameter);
    }
    cm_close(parameters);
}

/* A keyword keeps the type that the INF gave it. */
static void apply_keyword(struct job *job, const struct setup_keyword *keyword)
{
    char path[INF_MAX_FIELD];
    struct cm_key *key;
    uint64_t number;
    const char *name = setup_base_name(keyword->name);
    snprintf(path, sizeof path, "%.*s", (int)(name - keyword->name), keyword->name);
    if (!NT_SUCCESS(cm_create(job->driver, path, &key)))
        return;
    ULONG type = REG_SZ, size = 0;
    cm_query_value(key, name, &type, NULL, &size);
    if (type == REG_DWORD && inf_number(keyword->value, &number) && number <= 0xFFFFFFFF)
        cm_set_dword(key, name, (ULONG)number);
    else
        cm_set_string(key, name, keyword->value);
    cm_close(key);
}

/*
 * Filters: the device's own and those of its class, as lists for pnp
 */
static void add_filters(struct cm_key *key, const char *name, char *list, size_t size)
{
    WCHAR text[256];
    ULONG type, bytes = sizeof text;
    size_t at = 0;
    while (list[at] != 0)
        at += strlen(list + at) + 1;
    if (!NT_SUCCESS(cm_query_value(key, name, &type, text, &bytes)) || (type != REG_MULTI_SZ && type != REG_SZ))
        return;
    for (size_t i = 0, units = bytes / sizeof(WCHAR); i < units && text[i] != 0;) {
        size_t end = i;
        while (end < units && text[end] != 0)
            end++;
        size_t length = cm_to_utf8(text + i, end - i, list + at, size - at - 1);
        if (at + length + 2 > size) {
            list[at] = 0;
            return;
        }
        at += length + 1;
        i = end + 1;
    }
    list[at] = 0;
}

static void find_filters(const struct job *job, struct pnp_match *match)
{
    char path[256];
    struct cm_key *class_key;
    add_filters(job->device, "UpperFilters", match->upper_filters, sizeof match->upper_filters);
    add_filters(job->device, "LowerFilters", match->lower_filters, sizeof match->lower_filters);
    snprintf(path, sizeof path, "%s\\%s", CM_CLASS, job->class_guid);
    if (!NT_SUCCESS(cm_open(NULL, path, &class_key)))
        return;
    add_filters(class_key, "UpperFilters", match->upper_filters, sizeof match->upper_filters);
    add_filters(class_key, "LowerFilters", match->lower_filters, sizeof match->lower_filters);
    cm_close(class_key);
}

/*
 * All of it
 */
static bool write_all(struct job *job, const struct setup_service *service)
{
    if (!renew_driver_key(job))
        return false;
    if (service->name[0] != 0 && !write_service(job, service->name, service->install, service->binary))
        return false;
    write_device(job, service->name);
    if (job->model != NULL) {
        struct setup_section services = setup_find_decorated(job->package, job->model->install, ".Services", NULL, 0);
        struct setup_section hardware = setup_find_decorated(job->package, job->model->install, ".HW", NULL, 0);
        if (!setup_for_each_line(job->package, services, "AddService", write_other_service, job) ||
            !setup_for_each_line(job->package, services, "AddService", write_event_log, job) ||
            !run_registry(job, hardware, job->hardware, job->device) ||
            !run_registry(job, job->install, job->driver, NULL))
            return false;
    }
    write_driver_facts(job);
    if (strcasecmp(job->class_guid, NET_CLASS) == 0) {
        write_network_directives(job);
        write_network_facts(job);
    }
    apply_parameter_defaults(job);
    return true;
}

/* The stamp of the installation, kept where a driver does not look. */
static bool is_installed(struct job *job, const char *stamp)
{
    char present[64];
    struct cm_key *properties;
    if (!NT_SUCCESS(cm_open(job->device, "Properties", &properties)))
        return false;
    bool same =
        NT_SUCCESS(cm_query_string(properties, "InstallStamp", present, sizeof present)) && strcmp(present, stamp) == 0;
    cm_close(properties);
    return same;
}

static void set_installed(struct job *job, const char *stamp)
{
    struct cm_key *properties;
    if (!NT_SUCCESS(cm_create(job->device, "Properties", &properties)))
        return;
    cm_set_string(properties, "InstallStamp", stamp);
    cm_close(properties);
}

static bool find_service(const struct job *job, struct setup_service *service)
{
    if (job->model != NULL)
        return setup_find_service(job->package, job->model, service, job->error, job->error_size);
    *service = (struct setup_service){0};
    snprintf(service->name, sizeof service->name, "%s", job->package->service);
    snprintf(service->binary, sizeof service->binary, "%s", job->package->binary);
    return true;
}

bool setup_install(const struct setup_candidate *candidate, const struct pnp_ids *ids,
                   const struct setup_keyword *keywords, const char *stamp, struct pnp_match *match, char *error,
                   size_t error_size)
{
    const struct setup_package *package = candidate->package;
    const struct inf_section *version = package->inf != NULL ? inf_find_section(package->inf, "Version") : NULL;
    struct setup_service service;
    struct job job = {
        .package = package,
        .model = candidate->model,
        .ids = ids,
        .candidate = candidate,
        .class_guid = version != NULL ? inf_value(version, "ClassGuid") : NET_CLASS,
        .class_name = version != NULL ? inf_value(version, "Class") : "Net",
        .provider = inf_value(version, "Provider"),
        .error = error,
        .error_size = error_size,
    };
    *match = (struct pnp_match){0};
    if (!find_service(&job, &service))
        return false;
    if (job.model != NULL)
        job.install = setup_find_decorated(package, job.model->install, "", job.decoration, sizeof job.decoration);
    bool good = open_keys(&job);
    if (good && !is_installed(&job, stamp)) {
        good = write_all(&job, &service);
        for (const struct setup_keyword *k = keywords; good && k != NULL; k = k->next)
            apply_keyword(&job, k);
        if (good)
            set_installed(&job, stamp);
    }
    if (good) {
        snprintf(match->service, sizeof match->service, "%s", service.name);
        snprintf(match->driver_key, sizeof match->driver_key, "%s", job.driver_key);
        snprintf(match->description, sizeof match->description, "%s", description(&job));
        find_filters(&job, match);
    }
    close_keys(&job);
    return good;
}

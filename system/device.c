/*
 * Devices, for the API: plugging in, finding out how they do, pulling out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system/system.h"
#include "ntoskrnl/po/po.h"

#define REMOVAL_TIMEOUT_MS 30000

static struct ndiskit_device *new_device(const char *spec)
{
    struct ndiskit_device *device = calloc(1, sizeof(*device));

    if (device == NULL)
        return NULL;
    snprintf(device->spec, sizeof(device->spec), "%s", spec);
    InsertTailList(&system_state.devices, &device->link);
    return device;
}

static void delete_device(struct ndiskit_device *device)
{
    RemoveEntryList(&device->link);
    free(device);
}

/* Simulated devices differ by serial number and MAC address, as real ones do. A device that is plugged in after another
 * has left takes its number, and so finds its registry keys again. */
static unsigned free_number(void)
{
    unsigned count = 0, number = 1;
    bool *taken;

    for (PLIST_ENTRY entry = system_state.devices.Flink; entry != &system_state.devices; entry = entry->Flink)
        count++;
    taken = calloc(count + 2, sizeof(*taken));
    if (taken == NULL)
        return count + 1;
    for (PLIST_ENTRY entry = system_state.devices.Flink; entry != &system_state.devices; entry = entry->Flink) {
        const struct ndiskit_device *device = CONTAINING_RECORD(entry, struct ndiskit_device, link);

        if (device->usb != NULL && device->number <= count)
            taken[device->number] = true;
    }
    while (taken[number])
        number++;
    free(taken);
    return number;
}

/* One file takes the transfers of all devices: a second device with the same file goes on with it. */
static NTSTATUS start_capture(const char *path, char *text, size_t size)
{
    NTSTATUS status;

    if (path == NULL || strcmp(path, system_state.usb_capture) == 0)
        return STATUS_SUCCESS;
    status = usb_capture_start(path, text, size);
    if (NT_SUCCESS(status))
        snprintf(system_state.usb_capture, sizeof(system_state.usb_capture), "%s", path);
    return status;
}

int ndiskit_plug(const char *spec, const struct ndiskit_plug_options *options, struct ndiskit_device **device,
                 struct ndiskit_error *error)
{
    struct usb_backend *backend;
    unsigned number = free_number();
    char text[400];
    NTSTATUS status;

    *device = NULL;
    status = start_capture(options ? options->usb_capture : NULL, text, sizeof(text));
    if (!NT_SUCCESS(status))
        return system_fail(error, status, "%s", text);
    backend = system_make_backend(spec, number, options, error);
    if (backend == NULL)
        return error ? error->status : STATUS_INVALID_PARAMETER;
    *device = new_device(spec);
    if (*device == NULL)
        return system_fail(error, STATUS_INSUFFICIENT_RESOURCES, "no memory for a device");
    if (strncmp(spec, "sim:", 4) == 0)
        (*device)->number = number;
    status = usb_plug(backend, &(*device)->usb, text, sizeof(text));
    if (NT_SUCCESS(status) && system_wants_replug(spec, options)) {
        status = system_start_replug(*device);
        snprintf(text, sizeof(text), "%.200s: no thread to watch for its return", spec);
    }
    if (!NT_SUCCESS(status)) {
        if ((*device)->usb != NULL)
            usb_unplug((*device)->usb);
        delete_device(*device);
        *device = NULL;
        return system_fail(error, status, "%s", text);
    }
    return 0;
}

int ndiskit_root_device(const char *hardware_id, struct ndiskit_device **device, struct ndiskit_error *error)
{
    NTSTATUS status;

    *device = new_device(hardware_id);
    if (*device == NULL)
        return system_fail(error, STATUS_INSUFFICIENT_RESOURCES, "no memory for a device");
    status = pnp_create_root_device(hardware_id, &(*device)->root);
    if (!NT_SUCCESS(status)) {
        delete_device(*device);
        *device = NULL;
        return system_fail(error, status, "a root device with hardware id %.100s cannot be made: status 0x%08x",
                           hardware_id, (unsigned)status);
    }
    return 0;
}

bool system_usb_facts(struct ndiskit_device *device, struct usb_device_facts *facts)
{
    bool is_plugged;

    KeWaitForSingleObject(&system_state.usb_lock, Executive, KernelMode, FALSE, NULL);
    is_plugged = device->usb != NULL;
    if (is_plugged)
        usb_get_facts(device->usb, facts);
    if (is_plugged && facts->is_gone)
        memcpy(device->gone_reason, facts->gone_reason, sizeof(device->gone_reason));
    KeSetEvent(&system_state.usb_lock, IO_NO_INCREMENT, FALSE);
    return is_plugged;
}

static PDEVICE_OBJECT top_device(struct ndiskit_device *device)
{
    struct usb_device_facts facts;

    return system_usb_facts(device, &facts) ? facts.pdo : device->root;
}

/* Says that DEVICE is not there, and why when that is known. */
static int not_plugged_in(struct ndiskit_device *device, struct ndiskit_error *error)
{
    char reason[sizeof(device->gone_reason)];

    KeWaitForSingleObject(&system_state.usb_lock, Executive, KernelMode, FALSE, NULL);
    memcpy(reason, device->gone_reason, sizeof(reason));
    KeSetEvent(&system_state.usb_lock, IO_NO_INCREMENT, FALSE);
    if (reason[0] != '\0')
        return system_fail(error, STATUS_NO_SUCH_DEVICE, "%s is not plugged in any more: %s", device->spec, reason);
    return system_fail(error, STATUS_NO_SUCH_DEVICE, "%s is not plugged in (any more)", device->spec);
}

struct function_search {
    PDEVICE_OBJECT parent;
    struct pnp_device_info found;
    bool has_found;
};

static bool is_function(const struct pnp_device_info *info, void *context)
{
    struct function_search *search = context;

    if (pnp_parent(info->physical_device) != search->parent)
        return true;
    if (!search->has_found || (search->found.service[0] == '\0' && info->service[0] != '\0'))
        search->found = *info;
    search->has_found = true;
    return search->found.service[0] == '\0';
}

/* The device node that stands for DEVICE: a function of it where the device itself is only a container of functions. */
static bool find_node(struct ndiskit_device *device, struct pnp_device_info *info)
{
    struct function_search search = {.parent = top_device(device)};

    if (search.parent == NULL || !pnp_get_device(search.parent, info))
        return false;
    if (strcasecmp(info->service, USB_COMPOSITE_SERVICE) != 0)
        return true;
    pnp_for_each_device(is_function, &search);
    if (search.has_found)
        *info = search.found;
    return true;
}

PDEVICE_OBJECT system_function(struct ndiskit_device *device)
{
    struct pnp_device_info info;

    return find_node(device, &info) ? info.physical_device : NULL;
}

static void fill(const struct pnp_device_info *node, struct ndiskit_device_info *info)
{
    memset(info, 0, sizeof(*info));
    memcpy(info->instance_path, node->instance_path, sizeof(node->instance_path));
    memcpy(info->hardware_id, node->hardware_id, sizeof(node->hardware_id));
    memcpy(info->description, node->description, sizeof(node->description));
    memcpy(info->location, node->location, sizeof(node->location));
    memcpy(info->service, node->service, sizeof(node->service));
    memcpy(info->driver_key, node->driver_key, sizeof(node->driver_key));
    memcpy(info->reason, node->reason, sizeof(node->reason));
    snprintf(info->state, sizeof(info->state), "%s", pnp_state_name(node->state));
    info->problem = node->problem;
    info->status = node->status;
}

int ndiskit_device_info(struct ndiskit_device *device, struct ndiskit_device_info *info, struct ndiskit_error *error)
{
    struct usb_device_facts facts;
    struct pnp_device_info node;

    if (!find_node(device, &node))
        return not_plugged_in(device, error);
    fill(&node, info);
    if (!system_usb_facts(device, &facts))
        return 0;
    info->usb_vendor = facts.vendor;
    info->usb_product = facts.product;
    info->usb_endpoints = facts.endpoints + 1u;
    snprintf(info->usb_speed, sizeof(info->usb_speed), "%s", usb_speed_name(facts.speed));
    return 0;
}

struct device_list {
    struct ndiskit_device_info *devices;
    size_t count, max;
};

static bool add_device(const struct pnp_device_info *node, void *context)
{
    struct device_list *list = context;

    if (list->count < list->max)
        fill(node, &list->devices[list->count]);
    list->count++;
    return true;
}

size_t ndiskit_devices(struct ndiskit_device_info *devices, size_t max)
{
    struct device_list list = {.devices = devices, .max = max};

    pnp_for_each_device(add_device, &list);
    return list.count;
}

int ndiskit_wait_idle(unsigned deadline_ms, struct ndiskit_error *error)
{
    char step[160];

    if (pnp_wait_idle(system_timeout(deadline_ms)))
        return 0;
    pnp_current_step(step, sizeof(step));
    return system_fail(error, STATUS_IO_TIMEOUT, "after %u ms a driver has still not come back from %s", deadline_ms,
                       step[0] ? step : "a PnP callback");
}

/* Reporting a device queues its enumeration, and enumeration ends with the driver's start: so an idle PnP thread means
 * that there is a result. */
int ndiskit_wait_started(struct ndiskit_device *device, unsigned deadline_ms, struct ndiskit_error *error)
{
    struct pnp_device_info node;
    int status = ndiskit_wait_idle(deadline_ms, error);

    if (status != 0)
        return status;
    if (!find_node(device, &node))
        return not_plugged_in(device, error);
    if (node.problem != PNP_PROBLEM_NONE)
        return system_fail(error, NT_SUCCESS(node.status) ? STATUS_DEVICE_NOT_READY : node.status,
                           "%s: %s (problem code %d)", node.instance_path, node.reason, node.problem);
    if (node.state != PNP_STATE_STARTED)
        return system_fail(error, STATUS_DEVICE_NOT_READY, "%s is not started but %s", node.instance_path,
                           pnp_state_name(node.state));
    return 0;
}

int ndiskit_unplug(struct ndiskit_device *device, struct ndiskit_error *error)
{
    system_stop_replug(device);
    if (device->usb != NULL)
        usb_unplug(device->usb);
    if (device->root != NULL) {
        pnp_unplug_root_device(device->root);
        ObDereferenceObject(device->root);
    }
    device->usb = NULL;
    device->root = NULL;
    return ndiskit_wait_idle(REMOVAL_TIMEOUT_MS, error);
}

int ndiskit_eject(struct ndiskit_device *device, struct ndiskit_error *error)
{
    PDEVICE_OBJECT pdo = top_device(device);
    char veto[PNP_MAX_ID] = "";
    NTSTATUS status;

    if (pdo == NULL)
        return not_plugged_in(device, error);
    status = pnp_query_remove(pdo, veto, sizeof(veto));
    if (!NT_SUCCESS(status))
        return system_fail(error, status, "the driver of %s refused to let %s go: status 0x%08x",
                           veto[0] ? veto : device->spec, device->spec, (unsigned)status);
    return ndiskit_unplug(device, error);
}

void ndiskit_release_device(struct ndiskit_device *device)
{
    if (device->root != NULL)
        ObDereferenceObject(device->root);
    device->root = NULL;
    /* A USB device that stays plugged in is unplugged at shutdown: the record stays until then. */
    if (device->usb == NULL && !device->has_replug)
        delete_device(device);
}

void system_forget_devices(void)
{
    while (!IsListEmpty(&system_state.devices)) {
        struct ndiskit_device *device = CONTAINING_RECORD(system_state.devices.Flink, struct ndiskit_device, link);
        struct ndiskit_error error;

        if (device->has_replug || device->usb != NULL || device->root != NULL)
            ndiskit_unplug(device, &error);
        delete_device(device);
    }
}

int ndiskit_sleep(unsigned s_state, struct ndiskit_error *error)
{
    char veto[PNP_MAX_ID] = "";
    NTSTATUS status;

    if (s_state < 1 || s_state > 3)
        return system_fail(error, STATUS_INVALID_PARAMETER, "there is no sleep state S%u: use 1, 2 or 3", s_state);
    status = po_system_sleep((SYSTEM_POWER_STATE)(PowerSystemWorking + (int)s_state), veto, sizeof(veto));
    if (!NT_SUCCESS(status))
        return system_fail(error, status, "the system did not go to S%u%s%s: status 0x%08x", s_state,
                           veto[0] ? ", refused by " : "", veto, (unsigned)status);
    return 0;
}

int ndiskit_resume(struct ndiskit_error *error)
{
    NTSTATUS status = po_system_resume();

    if (!NT_SUCCESS(status))
        return system_fail(error, status, "the system cannot resume: status 0x%08x", (unsigned)status);
    po_wait_idle(-1);
    return 0;
}

/*
 * What a device specification stands for: "sim:ncm", "usbip:HOST/BUSID" and so on into a backend of the USB hub.
 */
#include <stdio.h>
#include <string.h>
#include "system/system.h"
#include "usb/local.h"
#include "usb/usbip.h"

static struct gadget_network *make_network(const char *name)
{
    if (name == NULL || strcmp(name, "slirp") == 0)
        return gadget_network_slirp(false);
    if (strcmp(name, "echo") == 0)
        return gadget_network_echo();
    return gadget_network_sink();
}

static bool find_class(const char *spec, enum gadget_class *device_class)
{
    static const char *const specs[] = {
        [GADGET_NCM] = "sim:ncm", [GADGET_ECM] = "sim:ecm", [GADGET_RNDIS] = "sim:rndis"};

    for (size_t i = 0; i < RTL_NUMBER_OF(specs); i++) {
        if (strcmp(spec, specs[i]) == 0) {
            *device_class = (enum gadget_class)i;
            return true;
        }
    }
    return false;
}

static struct usb_backend *make_gadget(enum gadget_class device_class, unsigned number,
                                       const struct ndiskit_plug_options *options, struct ndiskit_error *error)
{
    static const UCHAR no_mac[6], first_mac[6] = {0x02, 'N', 'C', 'M', 0x00, 0x00};
    const char *network_name = options ? options->network : NULL;
    struct gadget_options gadget = {.device_class = device_class};
    struct gadget_network *network;
    struct usb_backend *backend;
    char serial[8];

    snprintf(serial, sizeof(serial), "%04u", number % 10000);
    gadget.serial = serial;
    if (!system_parse_gadget_options(options ? options->options : NULL, &gadget, error))
        return NULL;
    if (network_name != NULL && strcmp(network_name, "slirp") != 0 && strcmp(network_name, "echo") != 0 &&
        strcmp(network_name, "none") != 0) {
        system_fail(error, STATUS_INVALID_PARAMETER, "there is no network '%s': use slirp, echo or none", network_name);
        return NULL;
    }
    if (memcmp(gadget.mac, no_mac, sizeof(no_mac)) == 0) {
        memcpy(gadget.mac, first_mac, sizeof(first_mac));
        gadget.mac[4] = (UCHAR)(number >> 8);
        gadget.mac[5] = (UCHAR)number;
    }
    network = make_network(network_name);
    backend = network ? gadget_create(&gadget, network) : NULL;
    if (backend == NULL)
        system_fail(error, STATUS_INSUFFICIENT_RESOURCES, "the simulated device or its network cannot be made");
    return backend;
}

/* Devices that are not simulated have one option. */
static bool check_options(const char *spec, const struct ndiskit_plug_options *options, struct ndiskit_error *error)
{
    if (options == NULL ||
        (options->network == NULL && (options->options == NULL || strcmp(options->options, "reconnect") == 0)))
        return true;
    system_fail(error, STATUS_INVALID_PARAMETER, "%.200s has no option '%.100s': the only one is reconnect", spec,
                options->network != NULL ? "network" : options->options);
    return false;
}

bool system_wants_replug(const char *spec, const struct ndiskit_plug_options *options)
{
    return strncmp(spec, "sim:", 4) != 0 && options != NULL && options->options != NULL &&
           strcmp(options->options, "reconnect") == 0;
}

static struct usb_backend *make_usbip(const char *text, const struct ndiskit_plug_options *options,
                                      struct ndiskit_error *error)
{
    struct usbip_address address;
    char why[300];
    struct usb_backend *backend;

    if (!usbip_parse_address(text + strlen("usbip:"), true, &address, why, sizeof(why))) {
        system_fail(error, STATUS_INVALID_PARAMETER, "%s", why);
        return NULL;
    }
    if (!check_options(text, options, error))
        return NULL;
    backend = usbip_create(&address);
    if (backend == NULL)
        system_fail(error, STATUS_INSUFFICIENT_RESOURCES, "no memory for a device");
    return backend;
}

static struct usb_backend *make_local(const char *spec, const struct ndiskit_plug_options *options,
                                      struct ndiskit_error *error)
{
    struct usb_local_address address;
    char why[300];
    struct usb_backend *backend;

    if (!usb_local_parse_address(spec + strlen("libusb:"), &address, why, sizeof(why))) {
        system_fail(error, STATUS_INVALID_PARAMETER, "%s", why);
        return NULL;
    }
    if (!check_options(spec, options, error))
        return NULL;
    backend = usb_local_create(&address);
    if (backend == NULL)
        system_fail(error, STATUS_INSUFFICIENT_RESOURCES, "no memory for a device");
    return backend;
}

struct usb_backend *system_make_backend(const char *spec, unsigned number, const struct ndiskit_plug_options *options,
                                        struct ndiskit_error *error)
{
    enum gadget_class device_class;

    if (find_class(spec, &device_class))
        return make_gadget(device_class, number, options, error);
    if (strncmp(spec, "usbip:", 6) == 0)
        return make_usbip(spec, options, error);
    if (strncmp(spec, "libusb:", 7) == 0)
        return make_local(spec, options, error);
    system_fail(error, STATUS_INVALID_PARAMETER,
                "there is no device '%s': use sim:ncm, sim:ecm, sim:rndis, usbip:HOST[:PORT]/BUSID or "
                "libusb:VID:PID[@BUS-PORT]",
                spec);
    return NULL;
}

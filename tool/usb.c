/*
 * `ndiskit usb list`: the USB devices of this machine, or those that a USB/IP server exports, with what --usb of
 * `ndiskit run` takes to attach them.
 */
#include <string.h>

#include "tool/tool.h"
#include "usb/local.h"
#include "usb/usbip.h"

static const char help[] =
    "Usage: ndiskit usb list [--json] [usbip:HOST[:PORT]]\n\n"
    "Lists the USB devices of this machine, or those that the USB/IP server on HOST exports. The first column is what\n"
    "`ndiskit run --usb` takes.\n\n"
    "  --json   print the devices as JSON\n"
    "  --help   this text\n\n"
    "An IPv6 address stands in brackets: usbip:[fd00::1]:3240. The port is " USBIP_PORT " when none is given.\n\n"
    "Exit status 0 when the devices could be listed, also when there are none; 1 when not.\n";

struct interface {
    uint8_t class_code, sub_class, protocol;
};

/* A device of either kind. */
struct row {
    char spec[320];
    const char *place; /* bus id, or bus and port */
    unsigned vendor, product;
    USB_DEVICE_SPEED speed;
    struct interface device;
    struct interface interfaces[255];
    unsigned interface_count;
    const char *manufacturer, *name;
};

struct list {
    json_t *devices; /* NULL: a table is printed */
    const struct usbip_address *server;
    unsigned count;
};

/* ---- classes
 * ------------------------------------------------------------------------------------------------------------- */

/* "CDC NCM": from the class codes that usb.org publishes; those that network devices have in detail. */
static const char *class_name(struct interface i)
{
    static const struct {
        uint8_t class_code;
        const char *name;
    } names[] = {
        {0x01, "audio"},      {0x02, "communications"}, {0x03, "HID"},          {0x05, "physical"},
        {0x06, "image"},      {0x07, "printer"},        {0x08, "mass storage"}, {0x09, "hub"},
        {0x0A, "CDC data"},   {0x0B, "smart card"},     {0x0D, "security"},     {0x0E, "video"},
        {0x0F, "healthcare"}, {0x10, "audio/video"},    {0x11, "billboard"},    {0xDC, "diagnostic"},
        {0xE0, "wireless"},   {0xEF, "miscellaneous"},  {0xFE, "application"},  {0xFF, "vendor"},
    };

    if (i.class_code == 0x02 && i.sub_class == 0x02)
        return i.protocol == 0xFF ? "RNDIS" : "CDC ACM";
    if (i.class_code == 0x02 && i.sub_class == 0x06)
        return "CDC ECM";
    if (i.class_code == 0x02 && i.sub_class == 0x0C)
        return "CDC EEM";
    if (i.class_code == 0x02 && i.sub_class == 0x0D)
        return "CDC NCM";
    if (i.class_code == 0x02 && i.sub_class == 0x0E)
        return "CDC MBIM";
    if ((i.class_code == 0xE0 && i.sub_class == 0x01 && i.protocol == 0x03) ||
        (i.class_code == 0xEF && i.sub_class == 0x04 && i.protocol == 0x01))
        return "RNDIS";
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        if (names[n].class_code == i.class_code)
            return names[n].name;
    }
    return "unknown";
}

static const char *speed_name(USB_DEVICE_SPEED speed)
{
    switch (speed) {
    case UsbLowSpeed:
        return "1.5M";
    case UsbFullSpeed:
        return "12M";
    case UsbHighSpeed:
        return "480M";
    default:
        return "5G";
    }
}

/* "CDC NCM, CDC data": the interfaces' classes, each once, in order. */
static void join_classes(const struct row *row, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < row->interface_count && used < size; i++) {
        const char *name = class_name(row->interfaces[i]);
        bool is_new = true;
        for (unsigned j = 0; j < i; j++)
            is_new = is_new && strcmp(class_name(row->interfaces[j]), name) != 0;
        if (is_new)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used != 0 ? ", " : "", name);
    }
    if (row->interface_count == 0)
        snprintf(text, size, "%s", class_name(row->device));
}

/* ---- output
 * -------------------------------------------------------------------------------------------------------------- */

static void add_json(json_t *devices, const struct row *row)
{
    json_t *interfaces = json_array();

    for (unsigned i = 0; i < row->interface_count; i++)
        json_array_append_new(interfaces,
                              json_pack("{s:i, s:i, s:i, s:s}", "class", row->interfaces[i].class_code, "subclass",
                                        row->interfaces[i].sub_class, "protocol", row->interfaces[i].protocol, "name",
                                        class_name(row->interfaces[i])));
    json_array_append_new(devices,
                          json_pack("{s:s, s:s, s:i, s:i, s:s, s:i, s:i, s:i, s:o, s:s, s:s}", "usb", row->spec,
                                    "place", row->place, "vendor", (int)row->vendor, "product", (int)row->product,
                                    "speed", usb_speed_name(row->speed), "class", row->device.class_code, "subclass",
                                    row->device.sub_class, "protocol", row->device.protocol, "interfaces", interfaces,
                                    "manufacturer", row->manufacturer, "name", row->name));
}

static void add_row(struct list *list, const struct row *row)
{
    char classes[128], name[132];

    if (list->devices != NULL) {
        add_json(list->devices, row);
        return;
    }
    if (list->count++ == 0)
        printf("%-34s %-10s %-9s %-5s %-24s %s\n", "--usb", "place", "id", "speed", "interfaces", "name");
    join_classes(row, classes, sizeof(classes));
    snprintf(name, sizeof(name), "%s%s%s", row->manufacturer,
             row->manufacturer[0] != '\0' && row->name[0] != '\0' ? " " : "", row->name);
    printf("%-34s %-10s %04x:%04x %-5s %-24s %s\n", row->spec, row->place, row->vendor, row->product,
           speed_name(row->speed), classes, name[0] != '\0' ? name : "-");
}

static void add_remote(void *context, const struct usbip_device *device, const struct usbip_interface *interfaces)
{
    struct list *list = context;
    struct row row = {.place = device->busid,
                      .vendor = device->vendor,
                      .product = device->product,
                      .speed = device->speed,
                      .device = {device->class_code, device->sub_class, device->protocol},
                      .interface_count = device->interfaces,
                      .manufacturer = "",
                      .name = ""};
    bool is_v6 = strchr(list->server->host, ':') != NULL, is_usual = strcmp(list->server->port, USBIP_PORT) == 0;

    snprintf(row.spec, sizeof(row.spec), "usbip:%s%s%s%s%s/%s", is_v6 ? "[" : "", list->server->host, is_v6 ? "]" : "",
             is_usual ? "" : ":", is_usual ? "" : list->server->port, device->busid);
    for (unsigned i = 0; i < device->interfaces; i++)
        row.interfaces[i] =
            (struct interface){interfaces[i].class_code, interfaces[i].sub_class, interfaces[i].protocol};
    add_row(list, &row);
}

static void add_local(void *context, const struct usb_local_device *device)
{
    struct row row = {.place = device->address.location,
                      .vendor = device->address.vendor,
                      .product = device->address.product,
                      .speed = device->speed,
                      .device = {device->class_code, device->sub_class, device->protocol},
                      .interface_count = device->interface_count,
                      .manufacturer = device->manufacturer,
                      .name = device->product_name};

    snprintf(row.spec, sizeof(row.spec), "libusb:%04x:%04x@%s", row.vendor, row.product, row.place);
    for (unsigned i = 0; i < device->interface_count; i++)
        row.interfaces[i] = (struct interface){device->interfaces[i].class_code, device->interfaces[i].sub_class,
                                               device->interfaces[i].protocol};
    add_row(context, &row);
}

/* ---- command line
 * -------------------------------------------------------------------------------------------------------------- */

static int list_devices(const char *where, bool json)
{
    struct usbip_address server;
    struct list list = {.devices = json ? json_array() : NULL, .server = &server};
    char error[400];
    bool is_ok;

    if (where == NULL)
        is_ok = usb_local_list(add_local, &list, error, sizeof(error));
    else
        is_ok = usbip_parse_address(where + strlen("usbip:"), false, &server, error, sizeof(error)) &&
                usbip_list(&server, add_remote, &list, error, sizeof(error));
    if (!is_ok) {
        json_decref(list.devices);
        tool_error("%s", error);
        return TOOL_FAILED;
    }
    if (json)
        tool_print_json(list.devices);
    else if (list.count == 0)
        printf("%s\n", where == NULL ? "There is no USB device that this machine can see."
                                     : "The server exports no device. `usbip bind -b BUSID` there exports one.");
    return TOOL_OK;
}

static int usb_main(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *where = NULL;
    bool json = false;
    int option;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (option) {
        case 'j':
            json = true;
            break;
        case 'h':
            fputs(help, stdout);
            return TOOL_OK;
        default:
            return tool_usage_error("usb", "the options are not understood.");
        }
    }
    if (optind == argc || strcmp(argv[optind], "list") != 0)
        return tool_usage_error("usb", "say what to do: list is all there is.");
    if (argc - optind > 2)
        return tool_usage_error("usb", "one server at a time.");
    if (argc - optind == 2) {
        where = argv[optind + 1];
        if (strncmp(where, "usbip:", 6) != 0)
            return tool_usage_error("usb", "'%s' is no server: write usbip:HOST[:PORT].", where);
    }
    return list_devices(where, json);
}

const struct subcommand tool_usb = {"usb", "list USB devices, of this machine or of a USB/IP server", usb_main};

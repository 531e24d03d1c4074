/*
 * `ndiskit run`: loads a driver package, attaches devices, and stays up until interrupted or its time is over. What
 * happens is said as it happens; Ctrl-C removes the devices in the orderly way, so that the driver halts and unloads.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "include/ndiskit/ndiskit.h"
#include "tool/tool.h"
#include "upper/upper.h"

#define MAX_DEVICES    16
#define START_DEADLINE 30000 /* ms */
#define POLL_MS        50
#define START_POLL_MS  2 /* until every device's adapter is up */

static const char help[] =
    "Usage: ndiskit run [options] PACKAGE.inf|DRIVER.sys|DRIVER.so\n\n"
    "Loads a driver package, attaches devices, and stays up until Ctrl-C or --for ends.\n\n"
    "  --usb SPEC          attach a USB device (repeatable):\n"
    "                        sim:ncm|ecm|rndis[,network=slirp|echo|none][,OPTION=VALUE...]   simulated\n"
    "                        usbip:HOST[:PORT]/BUSID[,reconnect]   on another machine; `ndiskit usb list usbip:HOST`\n"
    "                        libusb:VID:PID[@BUS-PORT][,reconnect]   of this machine; `ndiskit usb list`\n"
    "                      with reconnect, a device that leaves is attached again when it comes back\n"
    "  --root HWID         a root-enumerated device with this hardware id (repeatable)\n"
    "  --upper EDGE        what binds above the adapter: stack (lwIP with DHCP; the default), tap:NAME, or none\n"
    "  --capture FILE      write all frames to a pcap file\n"
    "  --usb-capture FILE  write all USB transfers to a pcap file\n"
    "  --set KEY=VALUE     adapter registry parameter, over the INF's default (repeatable)\n"
    "  --form pe|elf       take NAME.sys (the default) or NAME.so beside the INF\n"
    "  --for TIME          end after 10, 10s, 500ms or 2m; without it, run until Ctrl-C\n"
    "  --processors N      virtual processors\n"
    "  --json              print the events as JSON, one object a line\n"
    "  --help              this text\n\n"
    "Exit status 0 when every device started and everything was released, 1 when not, 3 after a bug check.\n";

struct run {
    const char *package;
    enum ndiskit_form form;
    struct {
        bool root;
        const char *spec;
        struct ndiskit_device *device;
        bool is_there; /* as far as has been said */
    } devices[MAX_DEVICES];
    unsigned device_count;
    const char *upper;
    const char *capture;
    const char *usb_capture;
    bool has_limit;
    unsigned limit_ms;
    unsigned processors;
    bool json;
    bool failed;
    /* what has been said already */
    struct ndiskit_adapter_info adapters[MAX_DEVICES];
    size_t adapter_count;
    struct upper_stack_address address;
    unsigned problems[MAX_DEVICES];
};

/* ---- events
 * ----------------------------------------------------------------------------------------------------------- */

/* One event: as a line for people, or as an object that it takes over. */
static void say(struct run *run, json_t *object, const char *format, ...)
{
    va_list args;

    if (run->json) {
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
        putchar('\n');
    }
    json_decref(object);
    fflush(stdout);
}

static void fail(struct run *run, const char *what)
{
    run->failed = true;
    tool_error("%s", what);
}

static void say_adapter(struct run *run, const struct ndiskit_adapter_info *adapter)
{
    char mac[18], rate[32];

    tool_mac(adapter->mac, mac);
    tool_bit_rate(adapter->receive_bits_per_second, rate);
    say(run,
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:i}", "event", "adapter", "name", adapter->name, "state",
                  adapter->state, "mac", mac, "connected", adapter->connected, "receive_bits_per_second",
                  (json_int_t)adapter->receive_bits_per_second, "mtu", (int)adapter->mtu),
        "adapter %s: %s, %s, %s%s", adapter->friendly, mac, adapter->state,
        adapter->connected ? "link up, " : "link down", adapter->connected ? rate : "");
}

static const struct ndiskit_adapter_info *known_adapter(const struct run *run, const char *name)
{
    for (size_t i = 0; i < run->adapter_count; i++) {
        if (strcmp(run->adapters[i].name, name) == 0)
            return &run->adapters[i];
    }
    return NULL;
}

static void watch_adapters(struct run *run)
{
    struct ndiskit_adapter_info now[MAX_DEVICES];
    size_t count = ndiskit_adapters(now, MAX_DEVICES);

    if (count > MAX_DEVICES)
        count = MAX_DEVICES;
    for (size_t i = 0; i < count; i++) {
        const struct ndiskit_adapter_info *before = known_adapter(run, now[i].name);
        if (before == NULL || strcmp(before->state, now[i].state) != 0 || before->connected != now[i].connected)
            say_adapter(run, &now[i]);
    }
    memcpy(run->adapters, now, count * sizeof(now[0]));
    run->adapter_count = count;
}

static void watch_address(struct run *run)
{
    struct upper_stack_address now = {0};
    char address[16], server[16], taken[32];

    if (strcmp(run->upper, "stack") != 0)
        return;
    upper_stack_get_address(&now);
    if (now.address == run->address.address)
        return;
    run->address = now;
    tool_address(now.address, address);
    tool_address(now.server, server);
    if (now.address == 0)
        say(run, json_pack("{s:s}", "event", "address lost"), "address lost");
    else
        say(run,
            json_pack("{s:s, s:s, s:s, s:I}", "event", "address", "address", address, "server", server, "acquired_ns",
                      (json_int_t)now.acquired_ns),
            "address %s by DHCP from %s in %s", address, server, tool_duration(now.acquired_ns, taken));
}

static void say_started(struct run *run, const struct ndiskit_device_info *info)
{
    say(run,
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "event", "device", "hardware_id", info->hardware_id, "instance",
                  info->instance_path, "description", info->description, "service", info->service),
        "device %s started with %s%s%s", info->hardware_id, info->service, info->usb_speed[0] != '\0' ? ", " : "",
        info->usb_speed);
}

/* A device that leaves, comes back, or fails after its start. */
static void watch_devices(struct run *run)
{
    for (unsigned i = 0; i < run->device_count; i++) {
        struct ndiskit_device_info info;
        struct ndiskit_error error;
        bool is_there = ndiskit_device_info(run->devices[i].device, &info, &error) == 0;
        if (!is_there && run->devices[i].is_there)
            say(run,
                json_pack("{s:s, s:s, s:s}", "event", "removed", "device", run->devices[i].spec, "reason", error.text),
                "device removed: %s", error.text);
        if (is_there && !run->devices[i].is_there && strcmp(info.state, "Started") == 0)
            say_started(run, &info);
        else if (is_there && !run->devices[i].is_there)
            is_there = false;
        run->devices[i].is_there = is_there;
        if (!is_there || info.problem == run->problems[i])
            continue;
        run->problems[i] = info.problem;
        if (info.problem != 0)
            fail(run, info.reason);
    }
}

/* ---- bringing it up
 * ------------------------------------------------------------------------------------------------------ */

static bool start_upper(struct run *run)
{
    char error[512];
    bool ok = true;

    if (run->capture != NULL)
        ok = upper_capture_start(run->capture, error, sizeof(error));
    if (ok && strcmp(run->upper, "stack") == 0)
        ok = upper_stack_start(error, sizeof(error));
    else if (ok && strncmp(run->upper, "tap:", 4) == 0)
        ok = upper_tap_start(run->upper + 4, error, sizeof(error));
    if (!ok)
        fail(run, error);
    return ok;
}

/* "sim:ncm,network=echo,ntb32=1" into spec, network and the gadget's own options. */
static int plug_usb(struct run *run, const char *text, struct ndiskit_device **device, struct ndiskit_error *error)
{
    struct ndiskit_plug_options options = {.usb_capture = run->usb_capture};
    char copy[512], rest[512] = "", *save = NULL, *spec;
    char *network = NULL;

    snprintf(copy, sizeof(copy), "%s", text);
    spec = strtok_r(copy, ",", &save);
    for (char *option = strtok_r(NULL, ",", &save); option != NULL; option = strtok_r(NULL, ",", &save)) {
        if (strncmp(option, "network=", 8) == 0) {
            network = option + 8;
        } else {
            size_t used = strlen(rest);
            snprintf(rest + used, sizeof(rest) - used, "%s%s", used != 0 ? "," : "", option);
        }
    }
    options.network = network;
    options.options = rest[0] != '\0' ? rest : NULL;
    return ndiskit_plug(spec != NULL ? spec : text, &options, device, error);
}

static bool attach_devices(struct run *run)
{
    struct ndiskit_error error;

    for (unsigned i = 0; i < run->device_count; i++) {
        struct ndiskit_device_info info;
        struct ndiskit_device **device = &run->devices[i].device;
        const char *spec = run->devices[i].spec;
        int status =
            run->devices[i].root ? ndiskit_root_device(spec, device, &error) : plug_usb(run, spec, device, &error);
        if (status != 0) {
            fail(run, error.text);
            return false;
        }
        if (ndiskit_wait_started(*device, START_DEADLINE, &error) != 0) {
            fail(run, error.text);
            return false;
        }
        if (ndiskit_device_info(*device, &info, NULL) == 0)
            say_started(run, &info);
        run->devices[i].is_there = true;
    }
    return true;
}

static bool bring_up(struct run *run)
{
    struct ndiskit_error error;

    if (ndiskit_add_package(run->package, run->form, &error) != 0) {
        fail(run, error.text);
        return false;
    }
    return start_upper(run) && attach_devices(run);
}

/* ---- staying up, taking down
 * ------------------------------------------------------------------------------------------------ */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool is_starting(const struct run *run, int64_t begin)
{
    size_t up = 0;

    for (size_t i = 0; i < run->adapter_count; i++)
        up += run->adapters[i].connected && strcmp(run->adapters[i].state, "Running") == 0;
    return up < run->device_count && now_ms() - begin < 1000;
}

/* Until SIGINT, SIGTERM or the end of the time. */
static void stay_up(struct run *run, const sigset_t *signals)
{
    int64_t begin = now_ms(), end = begin + run->limit_ms;

    for (;;) {
        struct timespec wait = {.tv_nsec = POLL_MS * 1000000L};
        int64_t left = end - now_ms();
        watch_devices(run);
        watch_adapters(run);
        watch_address(run);
        if (is_starting(run, begin))
            wait.tv_nsec = START_POLL_MS * 1000000L;
        if (run->has_limit && left <= 0)
            return;
        if (run->has_limit && left * 1000000L < wait.tv_nsec)
            wait.tv_nsec = left * 1000000L;
        if (sigtimedwait(signals, NULL, &wait) > 0)
            return;
    }
}

static void take_down(struct run *run)
{
    struct ndiskit_leaks leaks;
    struct ndiskit_error error;
    char text[512];

    for (unsigned i = run->device_count; i-- > 0;) {
        if (run->devices[i].device == NULL)
            continue;
        if (ndiskit_eject(run->devices[i].device, &error) != 0 && run->devices[i].is_there && run->problems[i] == 0 &&
            !run->failed)
            fail(run, error.text);
        ndiskit_release_device(run->devices[i].device);
    }
    if (strncmp(run->upper, "tap:", 4) == 0)
        upper_tap_stop();
    if (strcmp(run->upper, "stack") == 0)
        upper_stack_stop();
    if (run->capture != NULL && !upper_capture_stop(text, sizeof(text)))
        fail(run, text);
    if (ndiskit_shutdown(&leaks, &error) != 0)
        fail(run, error.text);
    say(run,
        json_pack("{s:s, s:I, s:I, s:i}", "event", "down", "leaked_bytes", (json_int_t)leaks.pool_bytes,
                  "leaked_blocks", (json_int_t)leaks.pool_blocks, "leaked_device_objects", (int)leaks.device_objects),
        "down: %zu bytes of pool leaked in %zu blocks", leaks.pool_bytes, leaks.pool_blocks);
    if (leaks.pool_blocks != 0 || leaks.device_objects != 0)
        run->failed = true;
}

/* ---- command line
 * -------------------------------------------------------------------------------------------------------------- */

static int add_device(struct run *run, bool root, const char *spec)
{
    if (run->device_count == MAX_DEVICES)
        return tool_usage_error("run", "one run can have %d devices.", MAX_DEVICES);
    run->devices[run->device_count].root = root;
    run->devices[run->device_count++].spec = spec;
    return TOOL_OK;
}

static int take_option(struct run *run, int option, char *value)
{
    switch (option) {
    case 'u':
        return add_device(run, false, value);
    case 'r':
        return add_device(run, true, value);
    case 'U':
        if (strcmp(value, "stack") != 0 && strcmp(value, "none") != 0 && strncmp(value, "tap:", 4) != 0)
            return tool_usage_error("run", "--upper takes stack, tap:NAME or none, not '%s'.", value);
        run->upper = value;
        return TOOL_OK;
    case 'c':
        run->capture = value;
        return TOOL_OK;
    case 'C':
        run->usb_capture = value;
        return TOOL_OK;
    case 'F':
        if (strcmp(value, "pe") != 0 && strcmp(value, "elf") != 0)
            return tool_usage_error("run", "--form takes pe or elf, not '%s'.", value);
        run->form = strcmp(value, "pe") == 0 ? NDISKIT_FORM_PE : NDISKIT_FORM_ELF;
        return TOOL_OK;
    case 't':
        run->has_limit = true;
        if (!tool_parse_time(value, &run->limit_ms))
            return tool_usage_error("run", "--for takes a time such as 10s, 500ms or 2m, not '%s'.", value);
        return TOOL_OK;
    case 'p':
        run->processors = (unsigned)strtoul(value, NULL, 10);
        if (run->processors < 1 || run->processors > 64)
            return tool_usage_error("run", "--processors takes 1 to 64, not '%s'.", value);
        return TOOL_OK;
    case 'j':
        run->json = true;
        return TOOL_OK;
    default:
        return tool_usage_error("run", "the options are not understood.");
    }
}

static int parse(struct run *run, int argc, char **argv, char **sets, unsigned *set_count)
{
    static const struct option options[] = {{"usb", required_argument, NULL, 'u'},
                                            {"root", required_argument, NULL, 'r'},
                                            {"upper", required_argument, NULL, 'U'},
                                            {"capture", required_argument, NULL, 'c'},
                                            {"usb-capture", required_argument, NULL, 'C'},
                                            {"set", required_argument, NULL, 's'},
                                            {"form", required_argument, NULL, 'F'},
                                            {"for", required_argument, NULL, 't'},
                                            {"processors", required_argument, NULL, 'p'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    int option;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            exit(TOOL_OK);
        }
        if (option == 's') {
            if (strchr(optarg, '=') == NULL || optarg[0] == '=')
                return tool_usage_error("run", "--set takes KEYWORD=VALUE, not '%s'.", optarg);
            sets[(*set_count)++] = optarg;
        } else if (take_option(run, option, optarg) != TOOL_OK) {
            return TOOL_USAGE;
        }
    }
    if (argc - optind != 1)
        return tool_usage_error("run", argc == optind ? "name the driver package (an .inf, .sys or .so)."
                                                      : "name one driver package, not several.");
    run->package = argv[optind];
    return TOOL_OK;
}

static void set_parameters(char **sets, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char *value = strchr(sets[i], '=');
        *value = '\0';
        ndiskit_set_parameter(sets[i], value + 1, NULL);
    }
}

static int run_main(int argc, char **argv)
{
    struct run run = {.upper = "stack"};
    struct ndiskit_options options = {0};
    struct ndiskit_error error;
    char *sets[argc];
    unsigned set_count = 0;
    sigset_t signals;

    if (parse(&run, argc, argv, sets, &set_count) != TOOL_OK)
        return TOOL_USAGE;
    /* Blocked before any thread exists, so that only stay_up takes them. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);

    options.processors = run.processors;
    if (ndiskit_boot(&options, &error) != 0) {
        tool_error("%s", error.text);
        return TOOL_FAILED;
    }
    set_parameters(sets, set_count);
    if (bring_up(&run))
        stay_up(&run, &signals);
    take_down(&run);
    return run.failed ? TOOL_FAILED : TOOL_OK;
}

const struct subcommand tool_run = {"run", "load a driver package, attach devices, stay up until interrupted",
                                    run_main};

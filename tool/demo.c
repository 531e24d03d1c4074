/*
 * `ndiskit demo`: the whole story on one screen. A driver built for Windows gets a simulated USB NCM adapter; an
 * address by DHCP, pings and a verified download go through it; then the device is pulled out and everything must be
 * gone. Each line is a fact of this run, and the exit status is 0 only if all of them are as they should be.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gadget/gadget.h"
#include "include/ndiskit/ndiskit.h"
#include "tool/tool.h"
#include "upper/upper.h"

#define DEADLINE_MS      10000
#define DOWNLOAD_MIB     32
#define MAX_DOWNLOAD_MIB 65536
#define PINGS            20
#define PING_SIZE        56
#define PING_TIMEOUT_MS  1000
#define IDLE_TIMEOUT_MS  10000
#define MAX_PHASES       256

static const char help[] =
    "Usage: ndiskit demo [options]\n\n"
    "Runs the reference driver, built for Windows, on a simulated USB network adapter: start, DHCP, ping, a verified\n"
    "download through a real TCP stack, surprise removal, unload. Needs no root.\n\n"
    "  --driver NAME       the package in build/drivers (default usbnet; kmdf stands for usbnet-kmdf)\n"
    "  --device CLASS      of the simulated adapter: ncm (the default), ecm or rndis\n"
    "  --form pe|elf       NAME.sys, the PE image for Windows (the default), or NAME.so from the same sources\n"
    "  --download MIB      how much to download (default 32)\n"
    "  --capture FILE      write all frames to a pcap file\n"
    "  --usb-capture FILE  write all USB transfers to a pcap file\n"
    "  --json              the same facts as JSON\n"
    "  --help              this text\n\n"
    "Exit status 0 only if every step held.\n";

struct demo {
    const char *driver;
    const char *device_class;
    enum ndiskit_form form;
    uint64_t download_bytes;
    const char *capture;
    const char *usb_capture;
    bool json;
    json_t *facts;
    bool failed;
    struct ndiskit_device *device;
    struct gadget_http_server *server;
};

/* ---- reporting
 * ----------------------------------------------------------------------------------------------------------- */

static void line(const struct demo *demo, const char *label, const char *format, ...)
{
    va_list args;

    if (demo->json)
        return;
    printf("  %-10s", label);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static bool fail(struct demo *demo, const char *step, const char *why)
{
    demo->failed = true;
    json_object_set_new(demo->facts, "failure", json_pack("{s:s, s:s}", "step", step, "reason", why));
    if (!demo->json)
        printf("  %-10s FAILED\n", step);
    tool_error("%s: %s", step, why);
    return false;
}

static void fact(struct demo *demo, const char *name, json_t *value)
{
    json_object_set_new(demo->facts, name, value);
}

/* ---- phases
 * --------------------------------------------------------------------------------------------------------------------
 */

/* "DriverEntry 45 us, MiniportInitializeEx 1.2 ms": those of the named phases that have happened. */
static void say_phases(struct demo *demo, const char *label, const char *const *names, size_t count)
{
    static struct ndiskit_phase phases[MAX_PHASES];
    size_t total = ndiskit_phases(0, phases, MAX_PHASES);
    json_t *times = json_object();
    char text[512] = "", duration[32];

    if (total > MAX_PHASES)
        total = MAX_PHASES;
    for (size_t n = 0; n < count; n++) {
        for (size_t i = 0; i < total; i++) {
            if (strcmp(phases[i].name, names[n]) != 0 || json_object_get(times, names[n]) != NULL)
                continue;
            if (strcmp(names[n], "DriverEntry") == 0 &&
                strncmp(phases[i].subject, demo->driver, strlen(demo->driver)) != 0)
                continue;
            size_t used = strlen(text);
            snprintf(text + used, sizeof(text) - used, "%s%s %s", used != 0 ? ", " : "", names[n],
                     tool_duration((uint64_t)phases[i].duration_ns, duration));
            json_object_set_new(times, names[n], json_integer(phases[i].duration_ns));
        }
    }
    line(demo, label, "%s", text);
    fact(demo, label, times);
}

/* ---- steps
 * ------------------------------------------------------------------------------------------------------------------------
 */

/* build/drivers/NAME/NAME.inf beside this program. */
static bool package_path(const struct demo *demo, char *path, size_t size)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    if (length <= 0)
        return false;
    self[length] = '\0';
    slash = strrchr(self, '/');
    *slash = '\0';
    return (size_t)snprintf(path, size, "%s/drivers/%s/%s.inf", self, demo->driver, demo->driver) < size;
}

static bool step_driver(struct demo *demo)
{
    struct ndiskit_error error;
    char path[PATH_MAX + 128];

    if (!package_path(demo, path, sizeof(path)))
        return fail(demo, "driver", "the driver package's folder cannot be found");
    if (ndiskit_add_package(path, demo->form, &error) != 0)
        return fail(demo, "driver", error.text);
    return true;
}

static bool step_device(struct demo *demo)
{
    struct ndiskit_plug_options options = {.network = "slirp", .usb_capture = demo->usb_capture};
    struct ndiskit_adapter_info adapter;
    struct ndiskit_driver_info drivers[8];
    struct ndiskit_device_info device;
    struct ndiskit_error error;
    char size[32];
    char spec[16];
    size_t count;

    snprintf(spec, sizeof(spec), "sim:%s", demo->device_class);
    if (ndiskit_plug(spec, &options, &demo->device, &error) != 0)
        return fail(demo, "device", error.text);
    if (ndiskit_wait_started(demo->device, DEADLINE_MS, &error) != 0)
        return fail(demo, "start", error.text);
    if (ndiskit_wait_adapter(demo->device, false, DEADLINE_MS, &adapter, &error) != 0)
        return fail(demo, "start", error.text);

    count = ndiskit_drivers(drivers, 8);
    for (size_t i = 0; i < count && i < 8; i++) {
        if (strcmp(drivers[i].service, demo->driver) != 0)
            continue;
        const char *name = strrchr(drivers[i].path, '/') != NULL ? strrchr(drivers[i].path, '/') + 1 : drivers[i].path;
        line(demo, "driver", "%s: %s, %s bytes, NDIS %u.%u, %zu imports bound", name,
             drivers[i].is_pe ? "PE32+ image for Windows x64" : "ELF object", tool_number(drivers[i].file_size, size),
             adapter.ndis_major, adapter.ndis_minor, drivers[i].imports);
        fact(demo, "driver",
             json_pack("{s:s, s:b, s:I, s:i, s:i, s:I}", "file", name, "pe", drivers[i].is_pe, "bytes",
                       (json_int_t)drivers[i].file_size, "ndis_major", (int)adapter.ndis_major, "ndis_minor",
                       (int)adapter.ndis_minor, "imports", (json_int_t)drivers[i].imports));
    }
    ndiskit_device_info(demo->device, &device, NULL);
    line(demo, "device", "%04X:%04X %s, %s, %u endpoints (simulated)", device.usb_vendor, device.usb_product,
         device.description, device.usb_speed, device.usb_endpoints);
    fact(demo, "device",
         json_pack("{s:i, s:i, s:s, s:s, s:i}", "vendor", device.usb_vendor, "product", device.usb_product,
                   "description", device.description, "speed", device.usb_speed, "endpoints",
                   (int)device.usb_endpoints));
    return true;
}

static bool step_link(struct demo *demo)
{
    static const char *const phases[] = {"DriverEntry", "AddDevice", "MiniportInitializeEx", "MiniportRestart"};
    struct ndiskit_adapter_info adapter;
    struct ndiskit_error error;
    char mac[18], rate[32];

    say_phases(demo, "start", phases, sizeof(phases) / sizeof(phases[0]));
    if (ndiskit_wait_adapter(demo->device, true, DEADLINE_MS, &adapter, &error) != 0)
        return fail(demo, "link", error.text);
    line(demo, "adapter", "%s, %s, link up at %s, MTU %u", tool_mac(adapter.mac, mac), adapter.state,
         tool_bit_rate(adapter.receive_bits_per_second, rate), adapter.mtu);
    fact(demo, "adapter",
         json_pack("{s:s, s:s, s:b, s:I, s:i}", "mac", mac, "state", adapter.state, "connected", adapter.connected,
                   "receive_bits_per_second", (json_int_t)adapter.receive_bits_per_second, "mtu", (int)adapter.mtu));
    return true;
}

static int prefix_length(uint32_t netmask)
{
    return __builtin_popcount(netmask);
}

static bool step_address(struct demo *demo, struct upper_stack_address *address)
{
    char own[16], server[16], duration[32];

    if (!upper_stack_wait_address(DEADLINE_MS, address))
        return fail(demo, "address", "no DHCP server answered within 10 s");
    tool_address(address->address, own);
    tool_address(address->server, server);
    line(demo, "address", "%s/%d by DHCP from %s in %s", own, prefix_length(address->netmask), server,
         tool_duration(address->acquired_ns, duration));
    fact(demo, "address",
         json_pack("{s:s, s:i, s:s, s:I}", "address", own, "prefix", prefix_length(address->netmask), "server", server,
                   "acquired_ns", (json_int_t)address->acquired_ns));
    return true;
}

static bool step_ping(struct demo *demo, const struct upper_stack_address *address)
{
    struct upper_ping_result result;
    char target[16], min[32], avg[32], max[32], error[256];

    if (!upper_stack_ping(address->gateway, PINGS, PING_SIZE, PING_TIMEOUT_MS, &result, error, sizeof(error)))
        return fail(demo, "ping", error);
    line(demo, "ping", "%s: %u sent, %u received, min/avg/max %s / %s / %s", tool_address(address->gateway, target),
         result.sent, result.received, tool_duration(result.min_ns, min), tool_duration(result.avg_ns, avg),
         tool_duration(result.max_ns, max));
    fact(demo, "ping",
         json_pack("{s:i, s:i, s:I, s:I, s:I}", "sent", (int)result.sent, "received", (int)result.received, "min_ns",
                   (json_int_t)result.min_ns, "avg_ns", (json_int_t)result.avg_ns, "max_ns",
                   (json_int_t)result.max_ns));
    return result.received == result.sent || fail(demo, "ping", "not every echo request was answered");
}

static bool step_download(struct demo *demo, const struct upper_stack_address *address)
{
    struct upper_http_result result;
    uint8_t expected[32];
    char error[512], digest[65], duration[32];
    double seconds, rate;

    if (gadget_http_start(demo->download_bytes, &demo->server, error, sizeof(error)) != 0)
        return fail(demo, "download", error);
    if (!upper_stack_http_get(address->gateway, gadget_http_port(demo->server), "/", IDLE_TIMEOUT_MS, &result, error,
                              sizeof(error)))
        return fail(demo, "download", error);
    gadget_http_digest(demo->server, expected);
    seconds = (double)result.duration_ns / 1e9;
    rate = (double)result.body_bytes / 1048576.0 / seconds;
    tool_digest(result.sha256, digest);
    bool same = memcmp(expected, result.sha256, sizeof(expected)) == 0 && result.body_bytes == demo->download_bytes;
    line(demo, "download", "%.1f MiB by HTTP in %s, %.0f MiB/s, SHA-256 %.16s... %s",
         (double)result.body_bytes / 1048576.0, tool_duration(result.duration_ns, duration), rate, digest,
         same ? "verified" : "WRONG");
    fact(demo, "download",
         json_pack("{s:I, s:I, s:f, s:s, s:b}", "bytes", (json_int_t)result.body_bytes, "duration_ns",
                   (json_int_t)result.duration_ns, "mebibytes_per_second", rate, "sha256", digest, "verified", same));
    return same || fail(demo, "download", "the body is not the one that the server sent");
}

static bool step_statistics(struct demo *demo)
{
    struct ndiskit_statistics s;
    struct ndiskit_error error;
    char in[32], out[32], in_bytes[32], out_bytes[32];

    if (ndiskit_adapter_statistics(demo->device, &s, &error) != 0)
        return fail(demo, "counters", error.text);
    line(demo, "counters", "OID_GEN_STATISTICS: in %s frames, %s bytes; out %s frames, %s bytes; %llu errors",
         tool_number(s.in_frames, in), tool_number(s.in_bytes, in_bytes), tool_number(s.out_frames, out),
         tool_number(s.out_bytes, out_bytes), (unsigned long long)(s.in_errors + s.out_errors));
    fact(demo, "counters",
         json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "in_frames", (json_int_t)s.in_frames, "in_bytes",
                   (json_int_t)s.in_bytes, "out_frames", (json_int_t)s.out_frames, "out_bytes", (json_int_t)s.out_bytes,
                   "in_errors", (json_int_t)s.in_errors, "out_errors", (json_int_t)s.out_errors));
    if (s.in_bytes < demo->download_bytes || s.out_frames == 0)
        return fail(demo, "counters", "the driver counted less than was transferred");
    return s.in_errors + s.out_errors == 0 || fail(demo, "counters", "the driver counted errors");
}

static bool step_removal(struct demo *demo)
{
    static const char *const phases[] = {"SurpriseRemoval", "MiniportPause", "MiniportHaltEx", "DriverUnload"};
    struct ndiskit_error error;

    if (ndiskit_unplug(demo->device, &error) != 0 || ndiskit_wait_idle(DEADLINE_MS, &error) != 0)
        return fail(demo, "removal", error.text);
    say_phases(demo, "removal", phases, sizeof(phases) / sizeof(phases[0]));
    return true;
}

static void step_leaks(struct demo *demo)
{
    struct ndiskit_leaks leaks;
    struct ndiskit_error error;

    if (ndiskit_shutdown(&leaks, &error) != 0) {
        fail(demo, "leaks", error.text);
        return;
    }
    line(demo, "leaks", "%zu bytes of pool, %zu device objects, %u threads", leaks.pool_bytes + leaks.system_bytes,
         leaks.device_objects, leaks.threads);
    fact(demo, "leaks",
         json_pack("{s:I, s:I, s:I, s:i}", "pool_bytes", (json_int_t)leaks.pool_bytes, "system_bytes",
                   (json_int_t)leaks.system_bytes, "device_objects", (json_int_t)leaks.device_objects, "threads",
                   (int)leaks.threads));
    if (leaks.pool_bytes + leaks.system_bytes != 0 || leaks.device_objects != 0 || leaks.threads != 0)
        fail(demo, "leaks", "something was left behind");
}

/* ---- all together
 * --------------------------------------------------------------------------------------------------------------- */

static void traffic(struct demo *demo)
{
    struct upper_stack_address address;

    if (step_address(demo, &address) && step_ping(demo, &address) && step_download(demo, &address))
        step_statistics(demo);
}

static void tell(struct demo *demo)
{
    char error[512];

    if (demo->capture != NULL && !upper_capture_start(demo->capture, error, sizeof(error))) {
        fail(demo, "capture", error);
        return;
    }
    if (!upper_stack_start(error, sizeof(error))) {
        fail(demo, "stack", error);
        return;
    }
    if (step_driver(demo) && step_device(demo)) {
        if (step_link(demo))
            traffic(demo);
        step_removal(demo);
    }
    if (demo->server != NULL)
        gadget_http_stop(demo->server);
    if (demo->device != NULL)
        ndiskit_release_device(demo->device);
    upper_stack_stop();
    if (demo->capture != NULL && !upper_capture_stop(error, sizeof(error)))
        fail(demo, "capture", error);
}

static int finish(struct demo *demo)
{
    fact(demo, "held", json_boolean(!demo->failed));
    if (demo->json) {
        tool_print_json(demo->facts);
    } else {
        json_decref(demo->facts);
        printf("\n%s\n", demo->failed ? "Something did not hold; see above." : "Everything held.");
    }
    return demo->failed ? TOOL_FAILED : TOOL_OK;
}

static int demo_main(int argc, char **argv)
{
    static const struct option options[] = {{"driver", required_argument, NULL, 'd'},
                                            {"device", required_argument, NULL, 'u'},
                                            {"form", required_argument, NULL, 'F'},
                                            {"download", required_argument, NULL, 'D'},
                                            {"capture", required_argument, NULL, 'c'},
                                            {"usb-capture", required_argument, NULL, 'C'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct demo demo = {.driver = "usbnet",
                        .device_class = "ncm",
                        .form = NDISKIT_FORM_PE,
                        .download_bytes = (uint64_t)DOWNLOAD_MIB << 20};
    struct ndiskit_error error;
    int option;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (option) {
        case 'd':
            demo.driver = strcmp(optarg, "kmdf") == 0 ? "usbnet-kmdf" : optarg;
            break;
        case 'u':
            if (strcmp(optarg, "ncm") != 0 && strcmp(optarg, "ecm") != 0 && strcmp(optarg, "rndis") != 0)
                return tool_usage_error("demo", "--device takes ncm, ecm or rndis, not '%s'.", optarg);
            demo.device_class = optarg;
            break;
        case 'F':
            if (strcmp(optarg, "pe") != 0 && strcmp(optarg, "elf") != 0)
                return tool_usage_error("demo", "--form takes pe or elf, not '%s'.", optarg);
            demo.form = strcmp(optarg, "pe") == 0 ? NDISKIT_FORM_PE : NDISKIT_FORM_ELF;
            break;
        case 'D':
            demo.download_bytes = (uint64_t)strtoul(optarg, NULL, 10) << 20;
            if (demo.download_bytes == 0 || demo.download_bytes > (uint64_t)MAX_DOWNLOAD_MIB << 20)
                return tool_usage_error("demo", "--download takes 1 to %d MiB, not '%s'.", MAX_DOWNLOAD_MIB, optarg);
            break;
        case 'c':
            demo.capture = optarg;
            break;
        case 'C':
            demo.usb_capture = optarg;
            break;
        case 'j':
            demo.json = true;
            break;
        case 'h':
            fputs(help, stdout);
            return TOOL_OK;
        default:
            return tool_usage_error("demo", "the options are not understood.");
        }
    }
    if (optind != argc)
        return tool_usage_error("demo", "'%s' is not understood.", argv[optind]);
    if (ndiskit_boot(NULL, &error) != 0) {
        tool_error("%s", error.text);
        return TOOL_FAILED;
    }
    demo.facts = json_object();
    if (!demo.json)
        printf("ndiskit demo: a Windows network driver on Linux\n\n");
    tell(&demo);
    step_leaks(&demo);
    return finish(&demo);
}

const struct subcommand tool_demo = {"demo", "the whole story on one screen, with the reference driver", demo_main};

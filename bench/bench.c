/*
 * ndiskit-bench: the scenarios that run in one process, each a subcommand that prints one JSON object. bench/run calls
 * it round by round, in turn with the peers, and makes the table and the plots.
 */
#include <getopt.h>
#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "ntoskrnl/ke/ke.h"

static const char help[] =
    "Usage: ndiskit-bench SCENARIO [options]\n\n"
    "  loop      a generator above NDIS, PACKAGE's driver, its device with an echo behind it, and back\n"
    "  latency   the same with one frame on its way at a time\n"
    "  cycle     plug in, load, initialize, one frame, halt, unload, again and again\n"
    "  scale     --adapters N: memory and time to start them, throughput through all of them\n"
    "  tap       --upper TAP --lower TAP: the whole stack between two TAP interfaces, until SIGTERM\n"
    "  copy      --upper TAP --lower TAP: a bare copy loop between two TAP interfaces, until SIGTERM\n\n"
    "  --package FILE   driver package (.inf)\n"
    "  --form pe|elf    form of the driver (pe)\n"
    "  --root HWID      a root-enumerated device instead of a simulated one\n"
    "  --usb SPEC       simulated device (sim:ncm)\n"
    "  --gadget OPTIONS of the simulated device\n"
    "  --frame N        bytes of a frame (64)\n"
    "  --burst N        frames in a chain (64)\n"
    "  --window N       frames on their way (256)\n"
    "  --duration MS    how long to measure (1000)\n"
    "  --frames N       how many frames or cycles to measure; instead of --duration\n"
    "  --warm-up N      frames before the clock starts (20000)\n"
    "  --cores N        threads, each with an adapter of its own and pinned to a CPU (1)\n"
    "  --processors N   virtual processors (as --cores)\n"
    "  --adapters N     for scale (1)\n";

_Noreturn void bench_fail(const char *format, ...)
{
    va_list arguments;

    fputs("ndiskit-bench: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

uint64_t bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

void bench_print(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    fflush(stdout);
    json_decref(object);
}

struct ndiskit_device *bench_plug(const struct bench_options *options)
{
    struct ndiskit_plug_options plug = {.network = "echo", .options = options->gadget};
    struct ndiskit_device *device;
    struct ndiskit_error error;
    int status = options->root != NULL ? ndiskit_root_device(options->root, &device, &error)
                                       : ndiskit_plug(options->usb, &plug, &device, &error);
    if (status != 0)
        bench_fail("%s", error.text);
    return device;
}

void bench_wait_link(struct ndiskit_device *device)
{
    struct ndiskit_error error;

    if (ndiskit_wait_adapter(device, true, 30000, NULL, &error) != 0)
        bench_fail("%s", error.text);
}

void bench_boot(const struct bench_options *options)
{
    struct ndiskit_options boot = {.processors = options->processors != 0 ? options->processors : options->cores};
    struct ndiskit_error error;

    if (ndiskit_boot(&boot, &error) != 0 || ndiskit_add_package(options->package, options->form, &error) != 0)
        bench_fail("%s", error.text);
}

/* The generator's ports hear of a link a moment after the adapter does. */
void bench_wait_ports(unsigned count)
{
    for (uint64_t begin = bench_now_ns(); upper_generator_ports() < count; usleep(100)) {
        if (bench_now_ns() - begin > 30000000000ull)
            bench_fail("only %u of %u adapters came up for the generator", upper_generator_ports(), count);
    }
}

/* ---- loop -----------------------------------------------------------------------------------------------------------
 */

struct lane {
    pthread_t thread;
    unsigned number;
    int cpu;
    const struct bench_options *options;
    struct generator_result result;
};

/* The NUMBERth CPU that this process may use. */
static int cpu_of(unsigned number)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof(set), &set);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set) && number-- == 0)
            return cpu;
    }
    return -1;
}

static void *lane_main(void *context)
{
    struct lane *lane = context;
    const struct bench_options *options = lane->options;
    struct generator_load load = {
        .frame_size = options->frame,
        .burst = options->burst,
        .window = options->window,
        .frames = options->frames,
        .duration_ms = options->frames != 0 ? 0 : options->duration_ms,
        .warm_up_frames = options->warm_up,
    };
    char error[256];

    if (lane->cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(lane->cpu, &set);
        sched_setaffinity(0, sizeof(set), &set);
    }
    if (!upper_generator_run(lane->number, &load, &lane->result, error, sizeof(error)))
        bench_fail("%s", error);
    if (lane->result.wrong != 0 || lane->result.failed != 0)
        bench_fail("%llu frames came back wrong, %llu sends failed", (unsigned long long)lane->result.wrong,
                   (unsigned long long)lane->result.failed);
    ke_detach_thread();
    return NULL;
}

static void run_loop(const struct bench_options *options)
{
    struct lane lanes[64] = {0};
    struct ndiskit_device *devices[64];
    uint64_t received = 0, cpu_ns = 0, elapsed_ns = 0;
    double rate = 0;

    if (options->cores > 64)
        bench_fail("--cores takes 1 to 64");
    for (unsigned i = 0; i < options->cores; i++)
        devices[i] = bench_plug(options);
    for (unsigned i = 0; i < options->cores; i++)
        bench_wait_link(devices[i]);
    bench_wait_ports(options->cores);
    for (unsigned i = 0; i < options->cores; i++) {
        lanes[i] = (struct lane){.number = i, .options = options, .cpu = cpu_of(i)};
        pthread_create(&lanes[i].thread, NULL, lane_main, &lanes[i]);
    }
    for (unsigned i = 0; i < options->cores; i++) {
        const struct generator_result *result = &lanes[i].result;
        pthread_join(lanes[i].thread, NULL);
        received += result->received;
        cpu_ns += result->cpu_ns;
        if (result->elapsed_ns > elapsed_ns)
            elapsed_ns = result->elapsed_ns;
        rate += (double)result->received * 1e9 / (double)result->elapsed_ns;
    }
    bench_print(json_pack("{s:I, s:f, s:f, s:f}", "frames", (json_int_t)received, "packets_per_second", rate,
                          "ns_per_packet", 1e9 / rate, "cpu_ns_per_packet", (double)cpu_ns / (double)received));
    for (unsigned i = 0; i < options->cores; i++)
        ndiskit_release_device(devices[i]);
}

/* ---- latency --------------------------------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void run_latency(const struct bench_options *options)
{
    uint64_t count = options->frames != 0 ? options->frames : 100000;
    uint32_t *samples = malloc(count * sizeof(*samples));
    struct generator_load load = {.frame_size = options->frame,
                                  .burst = 1,
                                  .window = 1,
                                  .frames = count,
                                  .warm_up_frames = options->warm_up,
                                  .latency_ns = samples};
    struct generator_result result;
    struct ndiskit_device *device = bench_plug(options);
    char error[256];

    if (samples == NULL)
        bench_fail("no memory for %llu samples", (unsigned long long)count);
    bench_wait_link(device);
    bench_wait_ports(1);
    if (!upper_generator_run(0, &load, &result, error, sizeof(error)))
        bench_fail("%s", error);
    qsort(samples, count, sizeof(*samples), compare);
    bench_print(json_pack("{s:I, s:I, s:I, s:I, s:I}", "frames", (json_int_t)count, "p50_ns",
                          (json_int_t)samples[count / 2], "p99_ns", (json_int_t)samples[count * 99 / 100], "p999_ns",
                          (json_int_t)samples[count * 999 / 1000], "max_ns", (json_int_t)samples[count - 1]));
    free(samples);
    ndiskit_release_device(device);
}

/* ---- cycle ----------------------------------------------------------------------------------------------------------
 */

static void cycle(const struct bench_options *options)
{
    struct generator_load load = {.frame_size = options->frame, .burst = 1, .window = 1, .frames = 1};
    struct generator_result result;
    struct ndiskit_device *device = bench_plug(options);
    struct ndiskit_error error;
    char text[256];

    bench_wait_link(device);
    while (upper_generator_ports() == 0)
        sched_yield();
    if (!upper_generator_run(0, &load, &result, text, sizeof(text)) || result.wrong != 0)
        bench_fail("%s", text);
    if (ndiskit_unplug(device, &error) != 0 || ndiskit_wait_idle(10000, &error) != 0)
        bench_fail("%s", error.text);
    ndiskit_release_device(device);
}

static void run_cycle(const struct bench_options *options)
{
    uint64_t begin, end, limit = options->duration_ms * 1000000ull, count = 0;

    for (int i = 0; i < 20; i++)
        cycle(options);
    begin = bench_now_ns();
    do {
        cycle(options);
        count++;
        end = bench_now_ns();
    } while (options->frames != 0 ? count < options->frames : end - begin < limit);
    bench_print(json_pack("{s:I, s:f, s:f}", "cycles", (json_int_t)count, "cycles_per_second",
                          (double)count * 1e9 / (double)(end - begin), "us_per_cycle",
                          (double)(end - begin) / 1e3 / (double)count));
}

/* ---- scale ----------------------------------------------------------------------------------------------------------
 */

static uint64_t resident_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file == NULL || fscanf(file, "%lu %lu", &size, &resident) != 2)
        bench_fail("/proc/self/statm cannot be read");
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void run_scale(const struct bench_options *options)
{
    struct ndiskit_device **devices = calloc(options->adapters, sizeof(*devices));
    struct generator_load load = {.frame_size = options->frame, .burst = options->burst, .window = options->burst};
    uint64_t before = resident_bytes(), started, began = bench_now_ns(), received = 0, elapsed;
    uint64_t limit = options->duration_ms * 1000000ull, share;

    for (unsigned i = 0; i < options->adapters; i++)
        devices[i] = bench_plug(options);
    for (unsigned i = 0; i < options->adapters; i++)
        bench_wait_link(devices[i]);
    bench_wait_ports(options->adapters);
    started = bench_now_ns() - began;
    uint64_t memory = resident_bytes() - before;

    /* Each adapter in turn gets the same number of frames, in many rounds, so that all of them stay in use. */
    share = options->burst * 256;
    load.frames = share;
    began = bench_now_ns();
    do {
        for (unsigned i = 0; i < options->adapters; i++) {
            struct generator_result result;
            char error[256];
            if (!upper_generator_run(i, &load, &result, error, sizeof(error)))
                bench_fail("%s", error);
            received += result.received;
        }
        elapsed = bench_now_ns() - began;
    } while (elapsed < limit);
    uint64_t used = resident_bytes() - before;

    struct ndiskit_error error;
    began = bench_now_ns();
    for (unsigned i = 0; i < options->adapters; i++) {
        if (ndiskit_unplug(devices[i], &error) != 0)
            bench_fail("%s", error.text);
        ndiskit_release_device(devices[i]);
    }
    uint64_t stopped = bench_now_ns() - began;
    bench_print(json_pack(
        "{s:i, s:f, s:f, s:f, s:f, s:f}", "adapters", (int)options->adapters, "start_us_per_adapter",
        (double)started / 1e3 / options->adapters, "stop_us_per_adapter", (double)stopped / 1e3 / options->adapters,
        "kib_per_adapter", (double)memory / 1024 / options->adapters, "kib_per_adapter_in_use",
        (double)used / 1024 / options->adapters, "ns_per_packet", (double)elapsed / (double)received));
    free(devices);
}

/* ---- command line ---------------------------------------------------------------------------------------------------
 */

static void run_scenario(const char *scenario, const struct bench_options *options)
{
    static const struct {
        const char *name;
        void (*run)(const struct bench_options *options);
    } scenarios[] = {{"loop", run_loop}, {"latency", run_latency}, {"cycle", run_cycle}, {"scale", run_scale}};
    struct ndiskit_error error;
    char text[256];

    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        if (strcmp(scenario, scenarios[i].name) != 0)
            continue;
        bench_boot(options);
        if (!upper_generator_start(text, sizeof(text)))
            bench_fail("%s", text);
        scenarios[i].run(options);
        upper_generator_stop();
        if (ndiskit_shutdown(NULL, &error) != 0)
            bench_fail("%s", error.text);
        return;
    }
    bench_fail("there is no scenario '%s'; --help lists them", scenario);
}

static unsigned number(const char *option, const char *text, unsigned least)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*end != '\0' || end == text || value < least || value > 1u << 30)
        bench_fail("--%s takes a number of at least %u, not '%s'", option, least, text);
    return (unsigned)value;
}

static void take_option(struct bench_options *options, const char *name, const char *value)
{
    struct {
        const char *name;
        unsigned *place;
        unsigned least;
    } numbers[] = {{"frame", &options->frame, 60},     {"burst", &options->burst, 1},
                   {"window", &options->window, 1},    {"duration", &options->duration_ms, 1},
                   {"frames", &options->frames, 0},    {"warm-up", &options->warm_up, 0},
                   {"cores", &options->cores, 1},      {"processors", &options->processors, 1},
                   {"adapters", &options->adapters, 1}};
    struct {
        const char *name;
        const char **place;
    } texts[] = {{"package", &options->package}, {"root", &options->root},   {"usb", &options->usb},
                 {"gadget", &options->gadget},   {"upper", &options->upper}, {"lower", &options->lower}};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (strcmp(name, numbers[i].name) == 0)
            *numbers[i].place = number(name, value, numbers[i].least);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(name, texts[i].name) == 0)
            *texts[i].place = value;
    if (strcmp(name, "form") == 0)
        options->form = strcmp(value, "elf") == 0 ? NDISKIT_FORM_ELF : NDISKIT_FORM_PE;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"package", required_argument, NULL, 0},    {"form", required_argument, NULL, 0},
        {"root", required_argument, NULL, 0},       {"usb", required_argument, NULL, 0},
        {"gadget", required_argument, NULL, 0},     {"frame", required_argument, NULL, 0},
        {"burst", required_argument, NULL, 0},      {"window", required_argument, NULL, 0},
        {"duration", required_argument, NULL, 0},   {"frames", required_argument, NULL, 0},
        {"warm-up", required_argument, NULL, 0},    {"cores", required_argument, NULL, 0},
        {"processors", required_argument, NULL, 0}, {"adapters", required_argument, NULL, 0},
        {"upper", required_argument, NULL, 0},      {"lower", required_argument, NULL, 0},
        {"help", no_argument, NULL, 'h'},           {0}};
    struct bench_options options = {.form = NDISKIT_FORM_PE,
                                    .usb = "sim:ncm",
                                    .frame = 64,
                                    .burst = 64,
                                    .window = 256,
                                    .duration_ms = 1000,
                                    .warm_up = 20000,
                                    .cores = 1,
                                    .adapters = 1};
    int index, option;

    while ((option = getopt_long(argc, argv, "h", long_options, &index)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return 0;
        }
        if (option != 0)
            return 2;
        take_option(&options, long_options[index].name, optarg);
    }
    if (argc - optind != 1)
        bench_fail("name one scenario; --help lists them");
    if (options.package == NULL && strcmp(argv[optind], "copy") != 0)
        bench_fail("--package FILE is missing");
    if (strcmp(argv[optind], "tap") == 0 || strcmp(argv[optind], "copy") == 0) {
        if (options.upper == NULL || options.lower == NULL)
            bench_fail("--upper and --lower name the two TAP interfaces");
        (argv[optind][0] == 't' ? bench_tap : bench_copy)(&options);
        return 0;
    }
    run_scenario(argv[optind], &options);
    return 0;
}

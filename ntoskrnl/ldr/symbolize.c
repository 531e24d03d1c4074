/*
 * Names for addresses in reports. PE drivers have their symbols in a PDB file, which llvm-symbolizer reads; it is
 * started only when a report needs it, and when it is missing or fails the report says image and offset. ELF images
 * have theirs in the object, read with elfutils.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ntoskrnl/ldr/ldr_internal.h"

#define SYMBOLIZER_TIMEOUT_MS 5000

extern char **environ;

static const char *base_name(const char *path)
{
    const char *at = path;
    for (const char *p = path; *p != 0; p++) {
        if (*p == '/' || *p == '\\')
            at = p + 1;
    }
    return at;
}

/* Reads all that the child writes; false when it does not end in time. */
static bool read_output(int fd, char *output, size_t size)
{
    size_t used = 0;
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, SYMBOLIZER_TIMEOUT_MS) <= 0)
            return false;
        ssize_t got = read(fd, output + used, size - 1 - used);
        if (got <= 0 || used + (size_t)got == size - 1) {
            output[used + (got > 0 ? (size_t)got : 0)] = 0;
            return true;
        }
        used += (size_t)got;
    }
}

static bool run_symbolizer(const char *path, const char *address, char *output, size_t size)
{
    static const char *const names[] = {"llvm-symbolizer", "llvm-symbolizer-14", "llvm-symbolizer-15",
                                        "llvm-symbolizer-16"};
    int pipe_ends[2];
    pid_t child = -1;
    char object[4200];
    snprintf(object, sizeof(object), "--obj=%s", path);
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        return false;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    bool started = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !started; i++) {
        char *const arguments[] = {(char *)names[i], object,          "--relative-address",
                                   "--no-inlines",   (char *)address, NULL};
        started = posix_spawnp(&child, names[i], &actions, NULL, arguments, environ) == 0;
    }
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    bool read_all = started && read_output(pipe_ends[0], output, size);
    close(pipe_ends[0]);
    if (started && !read_all)
        kill(child, SIGKILL);
    if (started)
        waitpid(child, NULL, 0);
    return read_all;
}

/*
 * The offset in the function is not in llvm-symbolizer's answer. The unwind table knows where functions begin; a leaf
 * function has no entry there and goes without.
 */
static bool function_offset(const void *address, size_t *offset)
{
    DWORD64 base, pc = (DWORD64)address;
    const RUNTIME_FUNCTION *f = RtlLookupFunctionEntry(pc, &base, NULL);
    if (f == NULL)
        return false;
    *offset = pc - base - f->BeginAddress;
    return true;
}

bool ldr_symbolize_pe(const struct ldr_image *image, const void *address, char *buffer, size_t size)
{
    char number[32], output[4096], offset_text[24] = "";
    size_t offset = (size_t)((const char *)address - (const char *)image->base), in_function;
    snprintf(number, sizeof(number), "0x%zx", offset);
    if (function_offset(address, &in_function))
        snprintf(offset_text, sizeof(offset_text), "+0x%zx", in_function);
    /* Two lines: the function, then file:line:column. */
    if (run_symbolizer(image->path, number, output, sizeof(output))) {
        char *rest = output, *function = strsep(&rest, "\n"), *place = rest != NULL ? strsep(&rest, "\n") : NULL;
        if (function[0] != 0 && strcmp(function, "??") != 0) {
            char *file = place, *line = NULL;
            char *column = file != NULL ? strrchr(file, ':') : NULL;
            if (column != NULL)
                *column = 0;
            line = column != NULL ? strrchr(file, ':') : NULL;
            if (line != NULL)
                *line++ = 0;
            if (line != NULL && strcmp(line, "0") != 0)
                snprintf(buffer, size, "%s!%s%s (%s:%s)", image->name, function, offset_text, base_name(file), line);
            else
                snprintf(buffer, size, "%s!%s%s", image->name, function, offset_text);
            return true;
        }
    }
    snprintf(buffer, size, "%s+0x%zx", image->name, offset);
    return true;
}

bool ldr_symbolize(const void *address, char *buffer, size_t size)
{
    struct arch_symbol symbol;
    const struct ldr_image *image = ldr_image_from_address(address);
    if (image != NULL && image->is_pe)
        return ldr_symbolize_pe(image, address, buffer, size);
    if (!arch_elf_symbol(address, &symbol)) {
        snprintf(buffer, size, "%p", address);
        return false;
    }
    char place[300] = "";
    if (symbol.line != 0)
        snprintf(place, sizeof(place), " (%s:%d)", base_name(symbol.file), symbol.line);
    const char *module = image != NULL ? image->name : symbol.module;
    if (symbol.function[0] != 0)
        snprintf(buffer, size, "%s!%s+0x%zx%s", module, symbol.function, symbol.offset, place);
    else if (image != NULL)
        snprintf(buffer, size, "%s+0x%zx%s", module, (size_t)((const char *)address - (const char *)image->base),
                 place);
    else
        snprintf(buffer, size, "%s!%p%s", module, address, place);
    return true;
}

/* Runs a function in a child process and keeps what it wrote to stderr: a bug check ends the process that has it. */
#pragma once

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct child_result {
    int status; /* exit status, or 128 + signal */
    char output[65536];
};

static inline void run_in_child(void (*function)(void *context), void *context, struct child_result *result)
{
    int ends[2];
    size_t used = 0;
    fflush(NULL);
    if (pipe(ends) != 0)
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        alarm(60);
        /* cmocka's own handlers would turn a fault into a failed test of the child. */
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
            signal(numbers[i], SIG_DFL);
        function(context);
        _exit(0);
    }
    close(ends[1]);
    for (;;) {
        ssize_t got = read(ends[0], result->output + used, sizeof(result->output) - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    result->output[used] = 0;
    close(ends[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/*
 * Bug checks end the process, so each is provoked in a forked child, which starts the system for itself: the parent
 * must not have started it, because threads do not survive a fork.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "ntoskrnl/ke/ke.h"

/* Runs provoke in a child; asserts that it ends with status 3 and that each of the texts (NULL-terminated) is in its
 * report. */
static inline void expect_bugcheck(void (*provoke)(void), ...)
{
    static char output[1 << 16];
    int fds[2], status;
    size_t length = 0;
    ssize_t n;
    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]);
        close(fds[1]);
        alarm(60);
        ke_initialize();
        provoke();
        _exit(0);
    }
    close(fds[1]);
    while ((n = read(fds[0], output + length, sizeof(output) - 1 - length)) > 0)
        length += (size_t)n;
    output[length] = 0;
    close(fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 3)
        print_error("child: wait status 0x%x, output:\n%s\n", status, output);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    va_list texts;
    va_start(texts, provoke);
    for (const char *text; (text = va_arg(texts, const char *)) != NULL;) {
        if (strstr(output, text) == NULL)
            print_error("not in the report: %s\n%s\n", text, output);
        assert_non_null(strstr(output, text));
    }
    va_end(texts);
}

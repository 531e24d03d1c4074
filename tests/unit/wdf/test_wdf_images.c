/*
 * Framework drivers as images, in both forms: the loader enters them at their start-up code, which binds them, calls
 * their DriverEntry and unbinds them when they are unloaded. And what `ndiskit inspect` reads from them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "include/ndiskit/ndiskit.h"
#include "ntoskrnl/ldr/ldr.h"

static char said[2048];

static void hear(const char *text)
{
    strncat(said, text, sizeof(said) - strlen(said) - 1);
}

static int boot(void **state)
{
    struct ndiskit_options options = {.debug_output = hear};
    (void)state;
    return ndiskit_boot(&options, NULL);
}

static int halt(void **state)
{
    struct ndiskit_leaks leaks;
    (void)state;
    if (ndiskit_shutdown(&leaks, NULL) != 0)
        return -1;
    return leaks.pool_blocks == 0 && leaks.system_blocks == 0 ? 0 : -1;
}

static void load_and_unload(void **state)
{
    static const unsigned versions[] = {9, 15, 33};
    struct ndiskit_error error = {0};
    char path[128], expected[512], service[32];
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(versions) / sizeof(versions[0]); i++) {
        unsigned minor = versions[i / 2];
        snprintf(service, sizeof(service), "kmdfbind%u", minor);
        snprintf(path, sizeof(path), "tests/drivers/kmdfbind/%s.%s", service, i % 2 ? "sys" : "so");
        snprintf(expected, sizeof(expected),
                 "kmdfbind: built for 1.%u, runs with Kernel Mode Driver Framework version 1.33\n"
                 "kmdfbind: unload of %s\nkmdfbind: destroyed %x\n",
                 minor, service, 0xb1d0 + minor);
        said[0] = 0;
        if (ndiskit_load_driver(path, &error) != 0)
            fail_msg("%s: %s", path, error.text);
        if (ndiskit_unload_driver(service, &error) != 0)
            fail_msg("%s: %s", path, error.text);
        assert_string_equal(said, expected);
    }
}

static void inspect(const char *path, unsigned minor, unsigned functions)
{
    struct ldr_facts *facts;
    char error[512];
    assert_int_equal(ldr_inspect(path, &facts, error, sizeof(error)), STATUS_SUCCESS);
    assert_int_equal(facts->imports_kmdf, minor != 0);
    assert_int_equal(facts->kmdf_major, minor != 0);
    assert_int_equal(facts->kmdf_minor, minor);
    assert_int_equal(facts->kmdf_functions, functions);
    assert_int_equal(facts->missing_count, 0);
    ldr_free_facts(facts);
}

static void inspection(void **state)
{
    (void)state;
    inspect("tests/drivers/kmdfbind/kmdfbind9.sys", 9, 396);
    inspect("tests/drivers/kmdfbind/kmdfbind9.so", 9, 396);
    inspect("tests/drivers/kmdfbind/kmdfbind15.sys", 15, 444);
    inspect("tests/drivers/kmdfbind/kmdfbind15.so", 15, 444);
    inspect("tests/drivers/kmdfbind/kmdfbind33.sys", 33, 458);
    inspect("tests/drivers/kmdfbind/kmdfbind33.so", 33, 458);
    inspect("tests/drivers/simple/simple.sys", 0, 0);
    inspect("tests/drivers/simple/simple.so", 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load_and_unload),
        cmocka_unit_test(inspection),
    };
    return cmocka_run_group_tests(tests, boot, halt);
}

/*
 * The INF parser: the syntax rules, decorations, every message about a malformed file, and a deterministic loop of
 * mutations that must neither crash nor hang it (run it under AddressSanitizer).
 */
#include "setup/inf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char error[512];

static struct inf *parse(const char *text)
{
    error[0] = 0;
    return inf_parse("t.inf", text, strlen(text), error, sizeof error);
}

static const char *field(const struct inf *inf, const char *section, size_t line, size_t index)
{
    const struct inf_section *s = inf_find_section(inf, section);
    assert_non_null(s);
    assert_true(line < s->count);
    return inf_field(&s->lines[line], index);
}

static void test_lines(void **state)
{
    (void)state;
    struct inf *inf = parse("; a comment\r\n"
                            "[One]\r\n"
                            "key = a , b,,\"c ; d\" ; comment\r\n"
                            "just a value\r\n"
                            "HKR,,Name,,a=b\n"
                            "  \n"
                            "[ Two ]\rk=\"say \"\"hi\"\"\",  \" padded \"\n"
                            "[ONE]\nlast=1\n"
                            "[Empty]");
    assert_non_null(inf);
    assert_int_equal(inf_section_count(inf), 3);
    const struct inf_section *one = inf_find_section(inf, "one");
    assert_int_equal(one->count, 4);
    assert_string_equal(one->lines[0].key, "key");
    assert_int_equal(one->lines[0].number, 3);
    assert_int_equal(one->lines[0].count, 4);
    assert_string_equal(field(inf, "One", 0, 0), "a");
    assert_string_equal(field(inf, "One", 0, 1), "b");
    assert_string_equal(field(inf, "One", 0, 2), "");
    assert_string_equal(field(inf, "One", 0, 3), "c ; d");
    assert_string_equal(field(inf, "One", 0, 9), "");
    assert_null(one->lines[1].key);
    assert_string_equal(field(inf, "One", 1, 0), "just a value");
    assert_null(one->lines[2].key);
    assert_string_equal(field(inf, "One", 2, 4), "a=b");
    assert_string_equal(field(inf, "Two", 0, 0), "say \"hi\"");
    assert_string_equal(field(inf, "Two", 0, 1), " padded ");
    assert_string_equal(inf_value(one, "LAST"), "1");
    assert_int_equal(inf_find_section(inf, "Empty")->count, 0);
    inf_free(inf);
}

static void test_continuation(void **state)
{
    (void)state;
    struct inf *inf = parse("[S]\n"
                            "CopyFiles = \"SomeDirectory\\\"\\\n,SomeFile\n"
                            "CopyFiles = \"SomeDirectory\\\"\\ ; comment\n ,SomeFile\n"
                            "Path = dir\\file\n");
    assert_non_null(inf);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(field(inf, "S", i, 0), "SomeDirectory\\");
        assert_string_equal(field(inf, "S", i, 1), "SomeFile");
    }
    assert_string_equal(field(inf, "S", 2, 0), "dir\\file");
    assert_int_equal(inf_find_section(inf, "S")->lines[2].number, 6);
    inf_free(inf);
}

static void test_strings(void **state)
{
    (void)state;
    struct inf *inf = parse("[S]\n%Name%=\"<%Name%>\",%%SystemRoot%%\\x,%12%\\y.sys,100%\n"
                            "[Strings]\nname = \"plain\"\nname = \"second\"\n"
                            "[Strings.0407]\nName = deutsch\n"
                            "[Strings.0809]\nName = british\n");
    assert_non_null(inf);
    assert_string_equal(inf_find_section(inf, "S")->lines[0].key, "british");
    assert_string_equal(field(inf, "S", 0, 0), "<british>");
    assert_string_equal(field(inf, "S", 0, 1), "%SystemRoot%\\x");
    assert_string_equal(field(inf, "S", 0, 2), "%12%\\y.sys");
    assert_string_equal(field(inf, "S", 0, 3), "100%");
    inf_free(inf);
    inf = parse(
        "[S]\nv=%Name%\n[Strings]\nname = \"plain, quoted\"\nname = \"second\"\n[Strings.0407]\nName = deutsch\n");
    assert_non_null(inf);
    assert_string_equal(field(inf, "S", 0, 0), "plain, quoted");
    inf_free(inf);
}

static void test_encodings(void **state)
{
    (void)state;
    static const char utf16[] = "\xFF\xFE[\0S\0]\0\r\0\n\0k\0=\0\xE9\0\xAC\x20\x3D\xD8\x00\xDE\n\0";
    struct inf *inf = inf_parse("t.inf", utf16, sizeof utf16 - 1, error, sizeof error);
    assert_non_null(inf);
    assert_string_equal(field(inf, "S", 0, 0), "\u00e9\u20ac\U0001F600");
    inf_free(inf);
    inf = parse("[S]\nk=\xE9\x80\n"); /* Windows-1252 */
    assert_non_null(inf);
    assert_string_equal(field(inf, "S", 0, 0), "\u00e9\u20ac");
    inf_free(inf);
    inf = parse("\xEF\xBB\xBF[S]\nk=\xC3\xA9\n");
    assert_non_null(inf);
    assert_string_equal(field(inf, "S", 0, 0), "\u00e9");
    inf_free(inf);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[S]\nk=\"open\n", "t.inf:2: a quoted string is not closed"},
        {"\n[S\n", "t.inf:2: a section name is not closed with \"]\""},
        {"[]\n", "t.inf:1: a section has no name"},
        {"k=1\n[S]\n", "t.inf:1: an entry stands before the first section"},
        {"[S] x\n", "t.inf:1: text follows the section name [S]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(parse(cases[i].text));
        assert_string_equal(error, cases[i].message);
    }
    assert_null(inf_parse("t.inf", "[S]\0", 4, error, sizeof error));
    assert_non_null(strstr(error, "NUL"));
    char *text = malloc(2 * INF_MAX_FIELD);
    char *end = text + sprintf(text, "[S]\nk=");
    memset(end, 'x', INF_MAX_FIELD);
    end[INF_MAX_FIELD] = 0;
    assert_null(parse(text));
    assert_string_equal(error, "t.inf:2: a field is longer than 4095 characters");
    /* A string that grows in substitution */
    end = text + sprintf(text, "[S]\nk=%%a%%-%%a%%\n[Strings]\na=\"");
    memset(end, 'y', 2500);
    strcpy(end + 2500, "\"\n");
    assert_null(parse(text));
    assert_string_equal(error, "t.inf:2: a field is longer than 4095 characters");
    free(text);
    assert_null(inf_load("/nonexistent/x.inf", error, sizeof error));
    assert_string_equal(error, "/nonexistent/x.inf: cannot be opened: No such file or directory");
}

static void test_many_sections(void **state)
{
    (void)state;
    size_t size = (INF_MAX_SECTIONS + 1) * 12;
    char *text = malloc(size + 1), *out = text;
    for (unsigned i = 0; i <= INF_MAX_SECTIONS; i++)
        out += sprintf(out, "[s%u]\n", i);
    assert_null(parse(text));
    assert_non_null(strstr(error, "more than 4096 sections"));
    free(text);
}

static void test_numbers(void **state)
{
    (void)state;
    uint64_t value;
    assert_true(inf_number("0x10001", &value));
    assert_int_equal(value, 0x10001);
    assert_true(inf_number("42", &value));
    assert_int_equal(value, 42);
    assert_true(inf_number("010", &value));
    assert_int_equal(value, 10);
    assert_false(inf_number("", &value));
    assert_false(inf_number("0x", &value));
    assert_false(inf_number("1x", &value));
    assert_false(inf_number("-1", &value));
    assert_false(inf_number("99999999999999999999999", &value));
}

static void test_decorations(void **state)
{
    (void)state;
    static const char *const unfit[] = {
        "NTx86",         "NTarm64.10.0",    "NTamd64.11", "NTamd64.10.1", "NTamd64.10.0...99999",
        "NTamd64.6.1.3", "NTamd64....0x80", "NTamd64.x",  "amd64",        "",
        "NTamd64x",      "NT.1.2.3.4.5.6"};
    for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++)
        assert_int_equal(inf_decoration_rank(unfit[i]), 0);
    /* From the loosest to the closest */
    static const char *const fit[] = {"NT",
                                      "NT.6.1",
                                      "NT.10.0",
                                      "NTamd64",
                                      "NTamd64...1",
                                      "NTamd64.6.1",
                                      "NTamd64.6.3.1",
                                      "NTamd64.10.0",
                                      "NTamd64.10.0...14393",
                                      "ntAMD64.10.0...19041"};
    for (size_t i = 1; i < sizeof fit / sizeof *fit; i++)
        assert_true(inf_decoration_rank(fit[i]) > inf_decoration_rank(fit[i - 1]));
}

static void test_find_decorated(void **state)
{
    (void)state;
    char decoration[64];
    struct inf *inf = parse("[I]\n[I.NT]\n[I.NTamd64]\n[I.NTx86]\n[I.NTamd64.Services]\n[I.Services]\n[Inst.NTamd64]\n"
                            "[J]\n[J.NTx86]\n[K.HW]\n");
    assert_non_null(inf);
    assert_string_equal(inf_find_decorated(inf, "I", "", decoration, sizeof decoration)->name, "I.NTamd64");
    assert_string_equal(decoration, ".NTamd64");
    assert_string_equal(inf_find_decorated(inf, "i", ".services", decoration, sizeof decoration)->name,
                        "I.NTamd64.Services");
    assert_string_equal(inf_find_decorated(inf, "J", "", decoration, sizeof decoration)->name, "J");
    assert_string_equal(decoration, "");
    assert_string_equal(inf_find_decorated(inf, "K", ".HW", NULL, 0)->name, "K.HW");
    assert_null(inf_find_decorated(inf, "Ins", "", NULL, 0));
    assert_null(inf_find_decorated(inf, "L", "", NULL, 0));
    inf_free(inf);
}

/*
 * Mutations
 */
static const char sample[] =
    "; sample\r\n[Version]\r\nSignature=\"$WINDOWS NT$\"\r\nClass=Net\r\n"
    "ClassGuid={4d36e972-e325-11ce-bfc1-08002be10318}\r\nProvider=%Mfg%\r\n"
    "DriverVer=01/02/2026,1.2.3.4\r\n[Manufacturer]\r\n%Mfg%=M,NTamd64,NTamd64.10.0...14393\r\n"
    "[M.NTamd64]\r\n%Dev%=I,USB\\VID_0525&PID_A4A1\r\n[I]\r\nAddReg=R\r\n*IfType=6\r\n[R]\r\n"
    "HKR,Ndi\\params\\*JumboPacket,Default,0,\"1514\"\r\nHKR,,b,1,00,ff,\\\r\n 7f\r\n"
    "[Strings]\r\nMfg=\"A \"\"B\"\" C\"\r\nDev=\"100%% device\"\r\n[Strings.0407]\r\nMfg=D\r\n";

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static size_t mutate(char *data, size_t size, size_t capacity, uint32_t *seed)
{
    static const char special[] = "[]=,;\"%\\\r\n\t \0.{}";
    size_t at = next_random(seed) % size, length = next_random(seed) % 40;
    switch (next_random(seed) % 5) {
    case 0:
        data[at] = (char)next_random(seed);
        return size;
    case 1:
        data[at] = special[next_random(seed) % (sizeof special - 1)];
        return size;
    case 2: /* drop */
        length = length < size - at ? length : size - at;
        memmove(data + at, data + at + length, size - at - length);
        return size - length != 0 ? size - length : size;
    case 3: { /* repeat */
        length = length < size - at ? length : size - at;
        if (size + length > capacity)
            return size;
        memmove(data + at + length, data + at, size - at);
        return size + length;
    }
    default:
        return at != 0 ? at : size; /* cut */
    }
}

static void read_everything(const struct inf *inf)
{
    size_t total = 0;
    for (size_t i = 0; i < inf_section_count(inf); i++) {
        const struct inf_section *section = inf_section_at(inf, i);
        assert_ptr_equal(inf_find_section(inf, section->name), section);
        total += inf_decoration_rank(section->name) != 0;
        for (size_t k = 0; k < section->count; k++) {
            assert_true(section->lines[k].number != 0);
            assert_true(section->lines[k].count != 0);
            for (size_t f = 0; f < section->lines[k].count; f++)
                total += strlen(inf_field(&section->lines[k], f));
        }
    }
    inf_find_decorated(inf, "M", "", NULL, 0);
    assert_true(total < SIZE_MAX);
}

static void test_mutations(void **state)
{
    (void)state;
    unsigned good = 0;
    for (uint32_t round = 1; round <= 20000; round++) {
        uint32_t seed = round * 2654435761u;
        char text[2 * sizeof sample];
        size_t size = sizeof sample - 1;
        memcpy(text, sample, size);
        if (round % 7 == 0) { /* as UTF-16 */
            text[0] = (char)0xFF;
            text[1] = (char)0xFE;
        }
        for (unsigned n = 1 + next_random(&seed) % 8; n != 0; n--)
            size = mutate(text, size, sizeof text, &seed);
        char *exact = malloc(size); /* so that reading past the end is seen */
        memcpy(exact, text, size);
        error[0] = 0;
        struct inf *inf = inf_parse("t.inf", exact, size, error, sizeof error);
        free(exact);
        if (inf == NULL) {
            assert_int_equal(strncmp(error, "t.inf:", 6), 0);
            continue;
        }
        read_everything(inf);
        inf_free(inf);
        good++;
    }
    assert_true(good > 1000 && good < 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),     cmocka_unit_test(test_continuation), cmocka_unit_test(test_strings),
        cmocka_unit_test(test_encodings), cmocka_unit_test(test_errors),       cmocka_unit_test(test_many_sections),
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_decorations),  cmocka_unit_test(test_find_decorated),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

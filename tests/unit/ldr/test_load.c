/*
 * Loading drivers of both forms, and refusing files that are not drivers, are damaged, or are hostile: thousands of
 * mutated images, of which none may do more than be refused or loaded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ldr/ldr.h"
#include "ntoskrnl/ldr/pe.h"
#include "tests/unit/arch/child.h"

#define SIMPLE_SYS "tests/drivers/simple/simple.sys"
#define SIMPLE_SO  "tests/drivers/simple/simple.so"
#define LOADCFG    "tests/drivers/loadcfg/loadcfg.sys"
#define SEH        "tests/drivers/seh/seh.sys"

static char error[1024];

static int start(void **state)
{
    (void)state;
    ke_initialize();
    ke_current_thread();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    ke_shutdown();
    return 0;
}

static struct ldr_image *load(const char *path)
{
    struct ldr_image *image = NULL;
    NTSTATUS status = ldr_load(path, &image, error, sizeof(error));
    if (!NT_SUCCESS(status))
        fail_msg("%s", error);
    return image;
}

static void test_simple(void **state)
{
    static const char *const paths[] = {SIMPLE_SYS, SIMPLE_SO};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (int round = 0; round < 3; round++) {
            struct ldr_image *a = load(paths[i]), *b = load(paths[i]);
            assert_ptr_not_equal(a->base, b->base);
            /* Static data is fresh for each load and its own for each image. */
            assert_int_equal(a->entry(NULL, NULL), 41);
            assert_int_equal(a->entry(NULL, NULL), 42);
            assert_int_equal(b->entry(NULL, NULL), 41);
            assert_ptr_equal(ldr_image_from_address((void *)a->entry), a);
            assert_ptr_equal(ldr_image_from_address((void *)b->entry), b);
            assert_int_equal(a->is_pe, i == 0);
            assert_int_equal(a->imports_missing, 0);
            assert_true(a->imports_bound >= 1);
            void *entry = (void *)a->entry;
            ldr_unload(a);
            assert_null(ldr_image_from_address(entry));
            assert_int_equal(b->entry(NULL, NULL), 42);
            ldr_unload(b);
        }
    }
}

static void test_load_configuration(void **state)
{
    uint64_t cookies[3];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct ldr_image *image = load(LOADCFG);
        cookies[i] = ((ULONG64(NTAPI *)(void))ldr_find_export("loadcfg.sys", "ReadCookie"))();
        assert_int_equal(image->entry(NULL, NULL), STATUS_SUCCESS);
        assert_int_equal(((LONG(NTAPI *)(void))ldr_find_export("LOADCFG.SYS", "GuardedCalls"))(), 23);
        ldr_unload(image);
    }
    assert_true(cookies[0] != cookies[1] && cookies[1] != cookies[2]);
    assert_int_equal(cookies[0] >> 48, 0);
}

/* ---- what is where
 * --------------------------------------------------------------------------------------------------- */

static void test_sections_have_their_rights(void **state)
{
    char line[512], rights[8];
    unsigned long low, high;
    bool seen_code = false, seen_data = false;
    (void)state;
    struct ldr_image *image = load(SIMPLE_SYS);
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof(line), maps) != NULL) {
        assert_int_equal(sscanf(line, "%lx-%lx %7s", &low, &high, rights), 3);
        if (high <= (uintptr_t)image->base || low >= (uintptr_t)image->base + image->size)
            continue;
        assert_false(rights[1] == 'w' && rights[2] == 'x');
        seen_code |= rights[2] == 'x' && low <= (uintptr_t)image->entry && (uintptr_t)image->entry < high;
        seen_data |= rights[1] == 'w';
    }
    fclose(maps);
    assert_true(seen_code && seen_data);
    ldr_unload(image);
}

static void test_exports(void **state)
{
    UNICODE_STRING name;
    (void)state;
    assert_non_null(ldr_find_export("ntoskrnl.exe", "KeSetEvent"));
    assert_ptr_equal(ldr_find_export("hal.dll", "KeSetEvent"), ldr_find_export("NTOSKRNL.EXE", "KeSetEvent"));
    assert_null(ldr_find_export("ndis.sys", "KeSetEvent"));
    assert_null(ldr_find_export("ntoskrnl.exe", "KeNoSuchFunction"));
    assert_null(ldr_find_export("seh.sys", "CatchStatus"));
    struct ldr_image *image = load(SEH);
    const char *function = ldr_find_export("seh.sys", "CatchStatus");
    assert_ptr_equal(ldr_image_from_address(function), image);
    assert_null(ldr_find_export("seh.sys", "NoSuchExport"));
    ldr_unload(image);
    RtlInitUnicodeString(&name, u"KeSetEvent");
    assert_ptr_equal(MmGetSystemRoutineAddress(&name), ldr_find_export("ntoskrnl.exe", "KeSetEvent"));
    RtlInitUnicodeString(&name, u"KeNoSuchFunction");
    assert_null(MmGetSystemRoutineAddress(&name));
}

static void test_import_from_another_driver(void **state)
{
    (void)state;
    arch_take_signals(); /* cmocka has put its own handlers in place */
    struct ldr_image *alone = load("tests/drivers/importer/importer.sys");
    assert_int_equal(alone->imports_missing, 2);
    ldr_unload(alone);
    struct ldr_image *seh = load(SEH), *importer = load("tests/drivers/importer/importer.sys");
    assert_int_equal(importer->imports_missing, 0);
    assert_int_equal(importer->entry(NULL, NULL), STATUS_SUCCESS);
    ldr_unload(importer);
    ldr_unload(seh);
}

static void test_inspect(void **state)
{
    struct ldr_facts *facts;
    bool has_raise = false;
    (void)state;
    assert_int_equal(ldr_inspect(SEH, &facts, error, sizeof(error)), STATUS_SUCCESS);
    assert_true(facts->is_pe);
    assert_int_equal(facts->subsystem, 1);
    assert_string_equal(facts->pdb, "seh.pdb");
    assert_false(facts->imports_ndis);
    assert_false(facts->imports_kmdf);
    assert_false(facts->is_signed);
    assert_true(facts->section_count >= 3);
    assert_string_equal(facts->sections[0].name, ".text");
    assert_true(facts->sections[0].executable && !facts->sections[0].writable);
    assert_int_equal(facts->image_count, 1);
    assert_string_equal(facts->images[0].name, "ntoskrnl.exe");
    for (size_t i = 0; i < facts->images[0].import_count; i++) {
        assert_true(facts->images[0].imports[i].implemented);
        has_raise |= strcmp(facts->images[0].imports[i].name, "ExRaiseStatus") == 0;
    }
    assert_true(has_raise);
    ldr_free_facts(facts);

    assert_int_equal(ldr_inspect("tests/drivers/missing/missing.sys", &facts, error, sizeof(error)), STATUS_SUCCESS);
    assert_int_equal(facts->missing_count, 2);
    ldr_free_facts(facts);
    assert_int_equal(ldr_inspect("tests/drivers/missing/missing.so", &facts, error, sizeof(error)), STATUS_SUCCESS);
    assert_int_equal(facts->missing_count, 2);
    assert_false(facts->is_pe);
    ldr_free_facts(facts);
    assert_int_equal(ldr_inspect("tests/drivers/ordinal/ordinal.sys", &facts, error, sizeof(error)), STATUS_SUCCESS);
    assert_int_equal(facts->missing_count, 2);
    assert_string_equal(facts->images[0].imports[0].name, "#78");
    ldr_free_facts(facts);
    assert_int_equal(ldr_inspect("/nonexistent", &facts, error, sizeof(error)), STATUS_OBJECT_NAME_NOT_FOUND);
}

/* ---- files that are refused
 * ------------------------------------------------------------------------------------------- */

struct file {
    uint8_t *content;
    size_t size;
};

static struct file read_file(const char *path)
{
    struct file f;
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    f.size = (size_t)st.st_size;
    f.content = malloc(f.size);
    assert_int_equal(read(fd, f.content, f.size), f.size);
    close(fd);
    return f;
}

static int scratch = -1;
static char scratch_path[64];

static const char *write_scratch(const void *content, size_t size)
{
    if (scratch < 0)
        scratch = memfd_create("mutated.sys", MFD_CLOEXEC);
    snprintf(scratch_path, sizeof(scratch_path), "/proc/self/fd/%d", scratch);
    assert_int_equal(ftruncate(scratch, 0), 0);
    assert_int_equal(pwrite(scratch, content, size, 0), size);
    return scratch_path;
}

static void expect_refusal(const char *path, NTSTATUS status, const char *text)
{
    struct ldr_image *image = (struct ldr_image *)1;
    error[0] = 0;
    assert_int_equal(ldr_load(path, &image, error, sizeof(error)), status);
    assert_null(image);
    if (strstr(error, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, error);
}

static void test_files_that_are_no_drivers(void **state)
{
    (void)state;
    expect_refusal("/nonexistent/driver.sys", STATUS_OBJECT_NAME_NOT_FOUND, "No such file");
    expect_refusal("/tmp", STATUS_INVALID_IMAGE_FORMAT, "not a file");
    expect_refusal(write_scratch("", 0), STATUS_INVALID_IMAGE_NOT_MZ, "empty");
    expect_refusal(write_scratch("hello, world", 12), STATUS_INVALID_IMAGE_NOT_MZ, "\"MZ\"");
    expect_refusal(write_scratch("MZ", 2), STATUS_INVALID_IMAGE_FORMAT, "truncated");
    expect_refusal("tests/drivers/ordinal/ordinal.sys", STATUS_DRIVER_ORDINAL_NOT_FOUND, "ordinal 78 of ntoskrnl.exe");
    expect_refusal("tests/drivers/missing/missing.so", STATUS_ENTRYPOINT_NOT_FOUND, "KeNoSuchFunction");
    expect_refusal("/proc/self/exe", STATUS_INVALID_IMAGE_FORMAT, "not a driver");
    expect_refusal(write_scratch("\177ELF\2\1\1", 7), STATUS_INVALID_IMAGE_FORMAT, "ELF");
}

/* Where the parts of a good image's headers are. */
struct layout {
    uint32_t nt, optional, sections;
};

static struct layout layout_of(const struct file *f)
{
    struct layout l;
    uint16_t optional_size;
    memcpy(&l.nt, f->content + 60, 4);
    l.optional = l.nt + 24;
    memcpy(&optional_size, f->content + l.nt + 20, 2);
    l.sections = l.optional + optional_size;
    return l;
}

static void expect_patched(const struct file *good, size_t offset, const void *bytes, size_t count, NTSTATUS status,
                           const char *text)
{
    uint8_t *copy = malloc(good->size);
    memcpy(copy, good->content, good->size);
    memcpy(copy + offset, bytes, count);
    expect_refusal(write_scratch(copy, good->size), status, text);
    free(copy);
}
#define PATCH(type, offset, value, status, text)                                                                       \
    expect_patched(&good, offset, &(type){value}, sizeof(type), status, text)

static void test_wrong_kinds_of_image(void **state)
{
    struct file good = read_file(SIMPLE_SYS);
    struct layout l = layout_of(&good);
    const NTSTATUS bad = STATUS_INVALID_IMAGE_FORMAT;
    (void)state;
    PATCH(uint32_t, 60, 0xfffffff0u, bad, "truncated or corrupt");
    PATCH(uint8_t, l.nt, 'N', bad, "no \"PE\" signature");
    PATCH(uint16_t, l.nt + 4, 0x14c, STATUS_INVALID_IMAGE_WIN_32, "32-bit x86");
    PATCH(uint16_t, l.nt + 4, 0xaa64, STATUS_INVALID_IMAGE_FORMAT, "ARM64");
    PATCH(uint16_t, l.nt + 4, 0x1c4, STATUS_INVALID_IMAGE_FORMAT, "32-bit ARM");
    PATCH(uint16_t, l.nt + 4, 0x1234, STATUS_INVALID_IMAGE_FORMAT, "0x1234");
    PATCH(uint16_t, l.nt + 6, 0, bad, "0 sections");
    PATCH(uint16_t, l.nt + 6, 97, bad, "97 sections");
    PATCH(uint16_t, l.nt + 20, 16, bad, "optional header of 16 bytes");
    PATCH(uint16_t, l.nt + 22, 0x23, bad, "relocations");
    PATCH(uint16_t, l.nt + 22, 0x20, bad, "not linked");
    PATCH(uint16_t, l.optional, 0x10b, STATUS_INVALID_IMAGE_WIN_32, "PE32+");
    PATCH(uint32_t, l.optional + 16, 0, STATUS_ENTRYPOINT_NOT_FOUND, "no entry point");
    PATCH(uint32_t, l.optional + 16, 0x10, bad, "entry point 0x10");
    PATCH(uint32_t, l.optional + 32, 128, bad, "aligned to 0x80");
    PATCH(uint32_t, l.optional + 36, 3, bad, "file alignment");
    PATCH(uint32_t, l.optional + 56, 0xf0000000u, bad, "size in memory");
    PATCH(uint32_t, l.optional + 56, 0x1000, bad, "corrupt");
    PATCH(uint32_t, l.optional + 60, 0x100000, bad, "headers of 1048576 bytes");
    PATCH(uint16_t, l.optional + 68, 3, bad, "subsystem is 3");
    PATCH(uint32_t, l.optional + 112 + 8, 0x7fffffff, bad, "data directory 1");
    PATCH(uint32_t, l.sections + 8, 0x7fffffff, bad, "section 1 (.text");
    PATCH(uint32_t, l.sections + 12, 0x1001, bad, "section 1 (.text) at 0x1001");
    PATCH(uint32_t, l.sections + 40 + 12, 0x1000, bad, "section 2");
    PATCH(uint32_t, l.sections + 16, 0x00100000, bad, "truncated: section 1");
    free(good.content);
}

static uint32_t directory_offset(const struct file *f, enum pe_directory directory)
{
    struct layout l = layout_of(f);
    uint32_t address;
    memcpy(&address, f->content + l.optional + 112 + directory * 8, 4);
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t s[4];
        memcpy(s, f->content + l.sections + i * 40 + 8, 16); /* size, address, raw size, raw offset */
        if (address >= s[1] && address < s[1] + s[0])
            return address - s[1] + s[3];
    }
    fail();
    return 0;
}

static void test_damaged_tables(void **state)
{
    struct file good = read_file(SIMPLE_SYS);
    const NTSTATUS bad = STATUS_INVALID_IMAGE_FORMAT;
    uint32_t relocations = directory_offset(&good, PE_DIR_BASERELOC), imports = directory_offset(&good, PE_DIR_IMPORT),
             functions = directory_offset(&good, PE_DIR_EXCEPTION);
    (void)state;
    PATCH(uint32_t, relocations, 0x7ffff000, bad, "relocations are corrupt");
    PATCH(uint32_t, relocations + 4, 4, bad, "relocations are corrupt");
    PATCH(uint32_t, relocations + 4, 0x10000, bad, "relocations are corrupt");
    PATCH(uint16_t, relocations + 8, 0x3000, bad, "relocations are corrupt: kind 3");
    PATCH(uint32_t, imports, 0x7ffffff0, bad, "imports are corrupt");
    PATCH(uint32_t, imports + 12, 0x7ffffff0, bad, "imports are corrupt");
    PATCH(uint32_t, imports + 16, 0x7ffffff0, bad, "imports are corrupt");
    PATCH(uint32_t, functions + 4, 0x7ffffff0, bad, ".pdata");
    PATCH(uint32_t, functions + 8, 0x7ffffff0, bad, ".pdata");
    free(good.content);
    struct file config = read_file(LOADCFG);
    uint32_t at = directory_offset(&config, PE_DIR_LOAD_CONFIG);
    good = config;
    PATCH(uint32_t, at, 0x7ffffff0, bad, "load configuration");
    PATCH(uint64_t, at + 88, 0x4141414141414141ull, bad, "load configuration");
    free(config.content);
}

static void silence(int *saved)
{
    int null = open("/dev/null", O_WRONLY);
    fflush(stderr);
    *saved = dup(STDERR_FILENO);
    dup2(null, STDERR_FILENO);
    close(null);
}

static void restore(int saved)
{
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
}

/* Loads it if it can be loaded; must not crash, hang or leave anything behind. Returns whether it could. */
static bool try_load(const void *content, size_t size)
{
    struct ldr_image *image;
    struct ldr_facts *facts;
    const char *path = write_scratch(content, size);
    if (NT_SUCCESS(ldr_inspect(path, &facts, error, sizeof(error))))
        ldr_free_facts(facts);
    if (!NT_SUCCESS(ldr_load(path, &image, error, sizeof(error)))) {
        if (error[0] == 0)
            fail_msg("refused without a message");
        return false;
    }
    /* Lookups in the tables of a damaged image that was accepted. */
    DWORD64 base;
    RtlLookupFunctionEntry((ULONG64)image->entry, &base, NULL);
    ldr_find_export(image->name, "CatchStatus");
    ldr_unload(image);
    return true;
}

static void test_truncations(void **state)
{
    struct file good = read_file(SEH);
    struct layout l = layout_of(&good);
    int saved;
    (void)state;
    silence(&saved);
    /* Every length up to the end of the section table, then every 64 bytes: none is the whole image. */
    bool loaded = false;
    for (size_t size = 0; size < good.size && !loaded; size += size < l.sections + 400 ? 1 : 64)
        loaded = try_load(good.content, size);
    restore(saved);
    assert_false(loaded);
    assert_true(try_load(good.content, good.size));
    free(good.content);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Mutations where they matter: headers, and the tables that the directories point to. */
static void mutate(const struct file *good, uint8_t *copy, const uint32_t *tables, size_t table_count, uint64_t *seed)
{
    static const uint64_t values[] = {0, 1, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x1000, 0xfff};
    memcpy(copy, good->content, good->size);
    unsigned count = 1 + next_random(seed) % 4;
    for (unsigned i = 0; i < count; i++) {
        uint64_t r = next_random(seed);
        size_t start = r % 3 == 0 ? 0 : tables[(r >> 8) % table_count];
        size_t offset = start + (r >> 16) % (start == 0 ? 1024 : 96);
        unsigned width = 1u << ((r >> 40) % 4);
        if (offset + width > good->size)
            continue;
        uint64_t value = (r >> 44) % 2 ? values[(r >> 48) % 10] : next_random(seed);
        if ((r >> 45) % 4 == 0) {
            memcpy(&value, copy + offset, width);
            value += (r >> 50) % 64;
        }
        memcpy(copy + offset, &value, width);
    }
}

static void test_mutations(void **state)
{
    static const char *const paths[] = {SEH, LOADCFG, SIMPLE_SYS};
    uint64_t seed = 0x9e3779b97f4a7c15ull;
    unsigned loaded = 0, refused = 0;
    int saved;
    (void)state;
    silence(&saved);
    for (size_t p = 0; p < 3; p++) {
        struct file good = read_file(paths[p]);
        static const enum pe_directory wanted[] = {PE_DIR_EXPORT,    PE_DIR_IMPORT, PE_DIR_EXCEPTION,
                                                   PE_DIR_BASERELOC, PE_DIR_DEBUG,  PE_DIR_LOAD_CONFIG};
        uint32_t tables[6];
        size_t count = 0;
        struct layout l = layout_of(&good);
        for (size_t i = 0; i < 6; i++) {
            uint32_t size;
            memcpy(&size, good.content + l.optional + 112 + wanted[i] * 8 + 4, 4);
            if (size != 0)
                tables[count++] = directory_offset(&good, wanted[i]);
        }
        uint8_t *copy = malloc(good.size);
        for (unsigned i = 0; i < 2000; i++) {
            mutate(&good, copy, tables, count, &seed);
            try_load(copy, good.size) ? loaded++ : refused++;
        }
        free(copy);
        free(good.content);
    }
    restore(saved);
    /* The loop would prove nothing if all were refused at the first check, or none. */
    assert_true(loaded > 300);
    assert_true(refused > 300);
}

/* ---- nothing is left behind
 * --------------------------------------------------------------------------------------------- */

static unsigned count_lines(const char *path)
{
    unsigned lines = 0;
    FILE *f = fopen(path, "r");
    for (int c; (c = getc(f)) != EOF;)
        lines += c == '\n';
    fclose(f);
    return lines;
}

static unsigned count_descriptors(void)
{
    unsigned count = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count;
}

static void load_many(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct ldr_image *a = load(SIMPLE_SYS), *b = load(SIMPLE_SO), *c = load(SIMPLE_SO), *d = load(SEH);
        assert_int_equal(a->entry(NULL, NULL) + b->entry(NULL, NULL) + c->entry(NULL, NULL), 123);
        ldr_unload(c);
        ldr_unload(a);
        ldr_unload(d);
        ldr_unload(b);
    }
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    load_many(20);
    unsigned maps = count_lines("/proc/self/maps"), descriptors = count_descriptors();
    load_many(100);
    assert_int_equal(count_descriptors(), descriptors);
    /* One mapping left by each image would be 400; a sanitizer's allocator takes a few. */
    assert_in_range(count_lines("/proc/self/maps"), 1, maps + 50);
}

static void run_writable_code(void *context)
{
    struct file good = read_file(SIMPLE_SYS);
    struct layout l = layout_of(&good);
    (void)context;
    good.content[l.sections + 39] |= 0x80; /* IMAGE_SCN_MEM_WRITE of .text */
    ke_initialize();
    ldr_unload(load(write_scratch(good.content, good.size)));
}

static void test_writable_code_is_noted(void **state)
{
    struct child_result result;
    (void)state;
    run_in_child(run_writable_code, NULL, &result);
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.output, "section .text"));
    assert_non_null(strstr(result.output, "writable and executable"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_load_configuration),
        cmocka_unit_test(test_sections_have_their_rights),
        cmocka_unit_test(test_exports),
        cmocka_unit_test(test_import_from_another_driver),
        cmocka_unit_test(test_inspect),
        cmocka_unit_test(test_files_that_are_no_drivers),
        cmocka_unit_test(test_wrong_kinds_of_image),
        cmocka_unit_test(test_damaged_tables),
        cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_nothing_is_left),
        cmocka_unit_test(test_writable_code_is_noted),
    };
    return cmocka_run_group_tests(tests, start, stop);
}

/* The object manager: references, handles, names, symbolic links, types; over-dereference and stale handles are bug
 * checks. */
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"
#include "ntoskrnl/ob/ob.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static UNICODE_STRING text(const WCHAR *s)
{
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, s);
    return string;
}

static OBJECT_ATTRIBUTES named(PUNICODE_STRING name, HANDLE root, ULONG flags)
{
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, name, flags, root, NULL);
    return attributes;
}

static struct {
    int opened, closed, removed, parsed;
    LONG handles_left;
    KIRQL irql;
    KEVENT done;
    WCHAR rest[64];
} seen;

static NTSTATUS on_open(PVOID body, ACCESS_MASK access)
{
    (void)body;
    seen.opened++;
    return access & 0x8000 ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

static void on_close(PVOID body, LONG handles_left)
{
    (void)body;
    seen.closed++;
    seen.handles_left = handles_left;
}

static void on_remove(PVOID body)
{
    (void)body;
    seen.removed++;
    seen.irql = KeGetCurrentIrql();
    KeSetEvent(&seen.done, 0, FALSE);
}

static NTSTATUS on_parse(PVOID body, struct ob_parse *parse, PVOID *result)
{
    seen.parsed++;
    memcpy(seen.rest, parse->remaining.Buffer, parse->remaining.Length);
    seen.rest[parse->remaining.Length / sizeof(WCHAR)] = 0;
    ObReferenceObject(body);
    *result = body;
    return STATUS_SUCCESS;
}

static POBJECT_TYPE plain, parsing;

static int start(void **state)
{
    (void)state;
    ke_initialize();
    ex_initialize();
    ob_initialize();
    plain = ob_create_type(
        &(struct ob_type_info){.name = "Plain", .ops = {.open = on_open, .close = on_close, .remove = on_remove}});
    parsing = ob_create_type(&(struct ob_type_info){.name = "Parsing", .ops = {.parse = on_parse}});
    return 0;
}

static int each(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    KeInitializeEvent(&seen.done, NotificationEvent, FALSE);
    return 0;
}

static void test_references(void **state)
{
    (void)state;
    PVOID body;
    LONG objects = ob_type_object_count(plain);
    assert_int_equal(ob_create(plain, 24, &body), STATUS_SUCCESS);
    assert_int_equal((ULONG_PTR)body % 16, 0);
    assert_int_equal(((char *)body)[23], 0);
    assert_ptr_equal(ob_type_of(body), plain);
    assert_int_equal(ob_type_object_count(plain), objects + 1);
    assert_int_equal(ObReferenceObject(body), 2);
    assert_int_equal(ObReferenceObjectByPointer(body, 0, parsing, KernelMode), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(ObReferenceObjectByPointer(body, 0, NULL, UserMode), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(ObReferenceObjectByPointer(body, 0, plain, KernelMode), STATUS_SUCCESS);
    assert_int_equal(ObDereferenceObject(body), 2);
    assert_int_equal(ObDereferenceObject(body), 1);
    assert_int_equal(seen.removed, 0);
    assert_int_equal(ObDereferenceObject(body), 0);
    assert_int_equal(seen.removed, 1);
    assert_int_equal(ob_type_object_count(plain), objects);
}

static void test_deferred_delete(void **state)
{
    (void)state;
    PVOID body;
    KIRQL irql;
    assert_int_equal(ob_create(plain, 8, &body), STATUS_SUCCESS);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    ObDereferenceObject(body); /* a worker on another processor may be at it already */
    KeLowerIrql(irql);
    KeWaitForSingleObject(&seen.done, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(seen.removed, 1);
    assert_int_equal(seen.irql, PASSIVE_LEVEL);
    KeClearEvent(&seen.done);
    assert_int_equal(ob_create(plain, 8, &body), STATUS_SUCCESS);
    ObDereferenceObjectDeferDelete(body);
    KeWaitForSingleObject(&seen.done, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(seen.removed, 2);
}

static void test_handles(void **state)
{
    (void)state;
    PVOID body, again;
    HANDLE one, two;
    OBJECT_HANDLE_INFORMATION information;
    LONG before = ob_handle_count();
    assert_int_equal(ob_create(plain, 8, &body), STATUS_SUCCESS);
    assert_int_equal(ob_create_handle(body, 0x8000, 0, &one), STATUS_ACCESS_DENIED);
    assert_int_equal(ob_create_handle(body, 1, OBJ_KERNEL_HANDLE, &one), STATUS_SUCCESS);
    assert_int_equal(ob_create_handle(body, 2, 0, &two), STATUS_SUCCESS);
    assert_true((LONG_PTR)one < 0);
    assert_true((LONG_PTR)two > 0);
    assert_int_equal(ob_handle_count(), before + 2);
    ObDereferenceObject(body);
    assert_int_equal(ObReferenceObjectByHandle(two, 0, NULL, KernelMode, &again, &information), STATUS_SUCCESS);
    assert_ptr_equal(again, body);
    assert_int_equal(information.GrantedAccess, 2);
    ObDereferenceObject(again);
    assert_int_equal(ObReferenceObjectByHandle(two, 1, plain, UserMode, &again, NULL), STATUS_ACCESS_DENIED);
    assert_int_equal(ObReferenceObjectByHandle(two, 1, plain, KernelMode, &again, NULL), STATUS_SUCCESS);
    ObDereferenceObject(again);
    assert_int_equal(ObReferenceObjectByHandle(two, 0, *IoFileObjectType, KernelMode, &again, NULL),
                     STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(ObReferenceObjectByHandle(NULL, 0, NULL, KernelMode, &again, NULL), STATUS_INVALID_HANDLE);
    assert_int_equal(ObReferenceObjectByHandle((HANDLE)0x7ffffff0, 0, NULL, KernelMode, &again, NULL),
                     STATUS_INVALID_HANDLE);
    assert_int_equal(ZwClose(one), STATUS_SUCCESS);
    assert_int_equal(seen.handles_left, 1);
    assert_int_equal(seen.removed, 0);
    assert_int_equal(ZwClose(two), STATUS_SUCCESS);
    assert_int_equal(seen.closed, 2);
    assert_int_equal(seen.handles_left, 0);
    assert_int_equal(seen.removed, 1);
    assert_int_equal(ZwClose(two), STATUS_INVALID_HANDLE);
    assert_int_equal(ob_handle_count(), before);
}

static void test_many_handles(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    PVOID body;
    HANDLE *handle = malloc(COUNT * sizeof *handle);
    assert_int_equal(ob_create(plain, 8, &body), STATUS_SUCCESS);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(ob_create_handle(body, 1, 0, &handle[i]), STATUS_SUCCESS);
    assert_int_equal(ob_reference_count(body), COUNT + 1);
    HANDLE last = handle[COUNT - 1];
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(ZwClose(handle[i]), STATUS_SUCCESS);
    HANDLE fresh;
    assert_int_equal(ob_create_handle(body, 1, 0, &fresh), STATUS_SUCCESS);
    assert_ptr_not_equal(fresh, last);
    ZwClose(fresh);
    ObDereferenceObject(body);
    free(handle);
}

static void test_names(void **state)
{
    (void)state;
    PVOID body, found;
    char name[64];
    UNICODE_STRING path = text(L"\\Device\\Thing"), upper = text(L"\\DEVICE\\THING"), relative = text(L"Device\\Thing");
    UNICODE_STRING below = text(L"\\Device\\Thing\\x"), no_directory = text(L"\\Nowhere\\x"), bad = text(L"\\Device\\");
    assert_int_equal(ob_create(plain, 8, &body), STATUS_SUCCESS);
    assert_int_equal(ob_insert_name(body, &path, NULL, OBJ_PERMANENT), STATUS_SUCCESS);
    assert_int_equal(ob_insert_name(body, &path, NULL, 0), STATUS_OBJECT_NAME_COLLISION);
    assert_int_equal(ob_insert_name(body, &no_directory, NULL, 0), STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(ob_insert_name(body, &bad, NULL, 0), STATUS_OBJECT_NAME_INVALID);
    assert_string_equal(ob_name_utf8(body, name, sizeof name), "\\Device\\Thing");
    assert_int_equal(ob_lookup(&upper, NULL, 0, plain, 0, NULL, &found), STATUS_SUCCESS);
    assert_ptr_equal(found, body);
    ObDereferenceObject(found);
    assert_int_equal(ob_lookup(&relative, NULL, 0, NULL, 0, NULL, &found), STATUS_OBJECT_PATH_SYNTAX_BAD);
    assert_int_equal(ob_lookup(&below, NULL, 0, NULL, 0, NULL, &found), STATUS_OBJECT_PATH_NOT_FOUND);
    assert_int_equal(ob_lookup(&path, NULL, 0, parsing, 0, NULL, &found), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(ob_lookup(&no_directory, NULL, 0, NULL, 0, NULL, &found), STATUS_OBJECT_PATH_NOT_FOUND);
    /* A permanent object outlives its creator's reference. */
    ObDereferenceObject(body);
    assert_int_equal(seen.removed, 0);
    assert_int_equal(ob_lookup_utf8("\\Device\\Thing", NULL, &found), STATUS_SUCCESS);
    ob_make_temporary(found);
    ObDereferenceObject(found);
    assert_int_equal(seen.removed, 1);
    assert_int_equal(ob_lookup_utf8("\\Device\\Thing", NULL, &found), STATUS_OBJECT_NAME_NOT_FOUND);
}

static void test_temporary_name_goes_with_last_handle(void **state)
{
    (void)state;
    PVOID body, found;
    HANDLE handle;
    UNICODE_STRING path = text(L"\\Device\\Temporary");
    OBJECT_ATTRIBUTES attributes = named(&path, NULL, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE);
    assert_int_equal(ob_create(plain, 8, &body), STATUS_SUCCESS);
    ObReferenceObject(body);
    assert_int_equal(ob_insert(body, &attributes, 0, &handle), STATUS_SUCCESS);
    assert_int_equal(ob_lookup_utf8("\\Device\\Temporary", NULL, &found), STATUS_SUCCESS);
    ObDereferenceObject(found);
    ZwClose(handle);
    assert_int_equal(ob_lookup_utf8("\\Device\\Temporary", NULL, &found), STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(seen.removed, 0);
    ObDereferenceObject(body);
    assert_int_equal(seen.removed, 1);
}

static void test_symbolic_links(void **state)
{
    (void)state;
    PVOID body, found;
    HANDLE handle;
    WCHAR buffer[64];
    ULONG length;
    UNICODE_STRING target = text(L"\\Device\\Parser"), link = text(L"\\DosDevices\\P"), loop = text(L"\\??\\Loop");
    UNICODE_STRING through = text(L"\\??\\p\\some\\file"), result = {0, sizeof buffer, buffer};
    UNICODE_STRING beyond = text(L"\\??\\Loop\\x");
    assert_int_equal(ob_create(parsing, 8, &body), STATUS_SUCCESS);
    assert_int_equal(ob_insert_name(body, &target, NULL, OBJ_PERMANENT), STATUS_SUCCESS);
    assert_int_equal(ob_create_symbolic_link(&link, &target), STATUS_SUCCESS);
    assert_int_equal(ob_create_symbolic_link(&link, &target), STATUS_OBJECT_NAME_COLLISION);
    assert_int_equal(ob_lookup(&through, NULL, 0, parsing, 0, NULL, &found), STATUS_SUCCESS);
    assert_ptr_equal(found, body);
    assert_int_equal(seen.parsed, 1);
    assert_memory_equal(seen.rest, L"\\some\\file", sizeof L"\\some\\file");
    ObDereferenceObject(found);
    OBJECT_ATTRIBUTES attributes = named(&link, NULL, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE);
    assert_int_equal(ZwOpenSymbolicLinkObject(&handle, GENERIC_READ, &attributes), STATUS_SUCCESS);
    assert_int_equal(ZwQuerySymbolicLinkObject(handle, &result, &length), STATUS_SUCCESS);
    assert_int_equal(length, target.Length + sizeof(WCHAR));
    assert_true(RtlEqualUnicodeString(&result, &target, FALSE));
    result.MaximumLength = 4;
    assert_int_equal(ZwQuerySymbolicLinkObject(handle, &result, &length), STATUS_BUFFER_TOO_SMALL);
    ZwClose(handle);
    assert_int_equal(ob_create_symbolic_link(&loop, &loop), STATUS_SUCCESS);
    assert_int_equal(ob_lookup(&beyond, NULL, 0, NULL, 0, NULL, &found), STATUS_OBJECT_NAME_INVALID);
    assert_int_equal(ob_delete_symbolic_link(&loop), STATUS_SUCCESS);
    assert_int_equal(ob_delete_symbolic_link(&link), STATUS_SUCCESS);
    assert_int_equal(ob_delete_symbolic_link(&link), STATUS_OBJECT_NAME_NOT_FOUND);
    ob_remove_name(body);
    ObDereferenceObject(body);
}

static void test_directories(void **state)
{
    (void)state;
    HANDLE directory, event, open;
    UNICODE_STRING path = text(L"\\Mine"), name = text(L"Event"), full = text(L"\\mine\\event");
    OBJECT_ATTRIBUTES attributes = named(&path, NULL, OBJ_KERNEL_HANDLE);
    assert_int_equal(ZwCreateDirectoryObject(&directory, DIRECTORY_ALL_ACCESS, &attributes), STATUS_SUCCESS);
    attributes = named(&name, directory, OBJ_KERNEL_HANDLE);
    assert_int_equal(ZwCreateEvent(&event, EVENT_ALL_ACCESS, &attributes, NotificationEvent, FALSE), STATUS_SUCCESS);
    assert_int_equal(ZwCreateEvent(&open, EVENT_ALL_ACCESS, &attributes, NotificationEvent, FALSE),
                     STATUS_OBJECT_NAME_COLLISION);
    attributes = named(&full, NULL, OBJ_KERNEL_HANDLE | OBJ_OPENIF);
    assert_int_equal(ZwCreateEvent(&open, EVENT_ALL_ACCESS, &attributes, NotificationEvent, FALSE),
                     STATUS_OBJECT_NAME_EXISTS);
    ZwClose(open);
    assert_int_equal(ZwOpenEvent(&open, EVENT_ALL_ACCESS, &attributes), STATUS_SUCCESS);
    LARGE_INTEGER now = {.QuadPart = 0};
    LONG previous;
    assert_int_equal(ZwWaitForSingleObject(open, FALSE, &now), STATUS_TIMEOUT);
    assert_int_equal(ZwSetEvent(event, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 0);
    assert_int_equal(ZwWaitForSingleObject(open, FALSE, NULL), STATUS_SUCCESS);
    ZwClose(open);
    ZwClose(directory); /* a temporary directory: its name goes, the entry keeps the object */
    assert_int_equal(ZwOpenEvent(&open, EVENT_ALL_ACCESS, &attributes), STATUS_OBJECT_PATH_NOT_FOUND);
    ZwClose(event);
}

static void test_query_name(void **state)
{
    (void)state;
    PVOID body;
    ULONG length;
    struct {
        OBJECT_NAME_INFORMATION information;
        WCHAR text[64];
    } buffer;
    assert_int_equal(ob_lookup_utf8("\\Device", NULL, &body), STATUS_SUCCESS);
    assert_int_equal(ObQueryNameString(body, NULL, 0, &length), STATUS_INFO_LENGTH_MISMATCH);
    assert_int_equal(length, sizeof(OBJECT_NAME_INFORMATION) + sizeof L"\\Device");
    assert_int_equal(ObQueryNameString(body, &buffer.information, sizeof buffer, &length), STATUS_SUCCESS);
    assert_int_equal(buffer.information.Name.Length, sizeof L"\\Device" - sizeof(WCHAR));
    assert_memory_equal(buffer.information.Name.Buffer, L"\\Device", sizeof L"\\Device");
    ObDereferenceObject(body);
    assert_int_equal(ob_create(plain, 8, &body), STATUS_SUCCESS);
    assert_int_equal(ObQueryNameString(body, &buffer.information, sizeof buffer, &length), STATUS_SUCCESS);
    assert_null(buffer.information.Name.Buffer);
    ObDereferenceObject(body);
}

static void test_security(void **state)
{
    (void)state;
    SECURITY_SUBJECT_CONTEXT subject;
    ACCESS_MASK granted;
    NTSTATUS status;
    GENERIC_MAPPING mapping = {1, 2, 4, 7};
    SeCaptureSubjectContext(&subject);
    assert_non_null(subject.PrimaryToken);
    assert_true(
        SeAccessCheck(NULL, &subject, FALSE, GENERIC_READ | 0x20, 0x40, NULL, &mapping, UserMode, &granted, &status));
    assert_int_equal(granted, 0x61);
    assert_int_equal(status, STATUS_SUCCESS);
    SeReleaseSubjectContext(&subject);
}

/* Runs body in a child, whose bug check ends it with code 3; the report is in text. */
static void expect_bug_check(void (*body)(void), const char *expected)
{
    int pipes[2], status;
    char report[8192];
    size_t size = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], 2);
        body();
        _exit(0);
    }
    close(pipes[1]);
    for (ssize_t n; size < sizeof report - 1 && (n = read(pipes[0], report + size, sizeof report - 1 - size)) > 0;)
        size += (size_t)n;
    report[size] = 0;
    close(pipes[0]);
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    if (strstr(report, expected) == NULL)
        fail_msg("no %s in: %s", expected, report);
}

static void dereference_once_too_often(void)
{
    PVOID body;
    HANDLE handle;
    ob_create(plain, 8, &body);
    ob_create_handle(body, 0, 0, &handle);
    ObDereferenceObject(body); /* ours */
    ObDereferenceObject(body); /* the handle's */
}

static void close_twice(void)
{
    PVOID body;
    HANDLE handle;
    ob_create(plain, 8, &body);
    ob_create_handle(body, 0, OBJ_KERNEL_HANDLE, &handle);
    ZwClose(handle);
    ZwClose(handle);
}

static void test_bug_checks(void **state)
{
    (void)state;
    expect_bug_check(dereference_once_too_often, "REFERENCE_BY_POINTER");
    expect_bug_check(close_twice, "INVALID_KERNEL_HANDLE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_references, each),
        cmocka_unit_test_setup(test_deferred_delete, each),
        cmocka_unit_test_setup(test_handles, each),
        cmocka_unit_test_setup(test_many_handles, each),
        cmocka_unit_test_setup(test_names, each),
        cmocka_unit_test_setup(test_temporary_name_goes_with_last_handle, each),
        cmocka_unit_test_setup(test_symbolic_links, each),
        cmocka_unit_test_setup(test_directories, each),
        cmocka_unit_test_setup(test_query_name, each),
        cmocka_unit_test_setup(test_security, each),
        cmocka_unit_test_setup(test_bug_checks, each),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}

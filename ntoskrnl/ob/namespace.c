/*
 * The "\" namespace. Drivers name their control devices (\Device\X), give user programs a way to them by symbolic links
 * (\DosDevices\X, which is \??\X), and open registry keys (\Registry\...) and callbacks (\Callback\...) by name. Names
 * compare without case, as on every Windows since XP (the system setting ObCaseInsensitive is on).
 *
 * A lookup walks directories; a symbolic link restarts it with the link's target in front of what is left; an object
 * whose type has a parse procedure takes over the rest of the name: a device makes a file object of it, a key finds its
 * subkey.
 *
 * Public page: "Object Names", "Object Directories", "Introduction to MS-DOS Device Names".
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ob/object.h"
#include <string.h>

static struct {
    struct ob_directory *root;
} namespace_state;

static bool same_name(PCUNICODE_STRING a, PCUNICODE_STRING b)
{
    return RtlEqualUnicodeString((PUNICODE_STRING)a, (PUNICODE_STRING)b, TRUE);
}

/* Takes the first component off name, which starts with a backslash. */
static NTSTATUS split(PUNICODE_STRING name, PUNICODE_STRING first)
{
    USHORT units = name->Length / sizeof(WCHAR), at = 1;
    while (at < units && name->Buffer[at] != L'\\')
        at++;
    if (at == 1)
        return STATUS_OBJECT_NAME_INVALID;
    *first = (UNICODE_STRING){.Length = (USHORT)((at - 1) * sizeof(WCHAR)), .Buffer = name->Buffer + 1};
    first->MaximumLength = first->Length;
    name->Buffer += at;
    name->Length = (USHORT)((units - at) * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

static ULONG name_hash(PCUNICODE_STRING name)
{
    ULONG hash = 0;
    RtlHashUnicodeString(name, TRUE, HASH_STRING_ALGORITHM_X65599, &hash);
    return hash;
}

static struct ob_name *find(struct ob_directory *directory, PCUNICODE_STRING component)
{
    ULONG hash = name_hash(component);
    for (PLIST_ENTRY e = directory->entries.Flink; e != &directory->entries; e = e->Flink) {
        struct ob_name *name = CONTAINING_RECORD(e, struct ob_name, link);
        if (name->hash == hash && same_name(&name->name, component))
            return name;
    }
    return NULL;
}

/*
 * Walking. The string being followed is in a buffer of our own as soon as a symbolic link has been crossed.
 */
struct walk {
    UNICODE_STRING remaining;
    PWSTR buffer; /* of the last substitution, or NULL */
    ULONG links;
};

/* Links may point at each other. */
#define OB_MAX_LINKS 32

static NTSTATUS follow_link(struct walk *walk, const struct ob_symbolic_link *link)
{
    if (++walk->links > OB_MAX_LINKS)
        return STATUS_OBJECT_NAME_INVALID;
    size_t length = (size_t)link->target.Length + walk->remaining.Length;
    if (length > UNICODE_STRING_MAX_BYTES)
        return STATUS_NAME_TOO_LONG;
    PWSTR text = ExAllocatePoolWithTag(PagedPool, length + sizeof(WCHAR), OB_TAG);
    if (text == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(text, link->target.Buffer, link->target.Length);
    if (walk->remaining.Length != 0)
        memcpy((char *)text + link->target.Length, walk->remaining.Buffer, walk->remaining.Length);
    if (walk->buffer != NULL)
        ExFreePoolWithTag(walk->buffer, OB_TAG);
    walk->buffer = text;
    walk->remaining = (UNICODE_STRING){.Length = (USHORT)length, .MaximumLength = (USHORT)length, .Buffer = text};
    return STATUS_SUCCESS;
}

/* One step of the walk from directory, under the lock: *header is referenced when the walk is to leave it. */
static NTSTATUS step(struct walk *walk, struct ob_directory **directory, struct ob_header **header)
{
    *header = NULL;
    if (walk->remaining.Length == sizeof(WCHAR) && walk->remaining.Buffer[0] == L'\\' &&
        *directory == namespace_state.root) {
        walk->remaining.Length = 0; /* "\" itself */
        *header = (*directory)->header;
        return ob_try_reference(*header) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
    }
    UNICODE_STRING component;
    NTSTATUS status = split(&walk->remaining, &component);
    if (!NT_SUCCESS(status))
        return status;
    struct ob_name *name = find(*directory, &component);
    if (name == NULL)
        return walk->remaining.Length != 0 ? STATUS_OBJECT_PATH_NOT_FOUND : STATUS_OBJECT_NAME_NOT_FOUND;
    if (name->object->type == ob_types.directory && walk->remaining.Length != 0) {
        *directory = ob_body(name->object);
        return STATUS_SUCCESS;
    }
    if (!ob_try_reference(name->object))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    *header = name->object;
    return STATUS_SUCCESS;
}

/* Walks to the first object that is no directory on the way. */
static NTSTATUS walk_directories(struct walk *walk, struct ob_directory *directory, struct ob_header **header)
{
    NTSTATUS status;
    ob_lock();
    do {
        status = step(walk, &directory, header);
    } while (NT_SUCCESS(status) && *header == NULL);
    ob_unlock();
    return status;
}

/* Where a walk starts: the root, or the object that a root handle is open on. */
static NTSTATUS begin(struct walk *walk, PCUNICODE_STRING name, HANDLE root, PVOID *start)
{
    *walk = (struct walk){.remaining = *name};
    bool absolute = name->Length >= sizeof(WCHAR) && name->Buffer[0] == L'\\';
    if (name->Length % sizeof(WCHAR) != 0)
        return STATUS_OBJECT_NAME_INVALID;
    if (root == NULL) {
        *start = namespace_state.root;
        ObfReferenceObject(*start);
        return absolute ? STATUS_SUCCESS : (ObfDereferenceObject(*start), STATUS_OBJECT_PATH_SYNTAX_BAD);
    }
    if (absolute)
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    NTSTATUS status = ObReferenceObjectByHandle(root, 0, NULL, KernelMode, start, NULL);
    if (!NT_SUCCESS(status))
        return status;
    if (name->Length == 0)
        return STATUS_SUCCESS;
    /* Every step takes off a leading backslash: give the relative name one. */
    const struct ob_symbolic_link prefix = {{sizeof(WCHAR), sizeof(WCHAR), (PWSTR)L"\\"}};
    status = follow_link(walk, &prefix);
    walk->links = 0;
    if (!NT_SUCCESS(status))
        ObfDereferenceObject(*start);
    return status;
}

/* Consumes the reference to object and replaces it by the result of its type's parse procedure. */
static NTSTATUS parse(PVOID *object, struct walk *walk, ULONG attributes, ACCESS_MASK access, PVOID context)
{
    PVOID from = *object;
    *object = NULL;
    struct ob_parse request = {walk->remaining, attributes, access, context};
    NTSTATUS status = ob_type_of(from)->info.ops.parse(from, &request, object);
    ObfDereferenceObject(from);
    return status;
}

static NTSTATUS resolve(struct walk *walk, PVOID start, ULONG attributes, POBJECT_TYPE type, ACCESS_MASK access,
                        PVOID context, PVOID *body)
{
    PVOID at = start; /* referenced */
    for (;;) {
        POBJECT_TYPE kind = ob_type_of(at);
        if (kind == ob_types.directory && walk->remaining.Length != 0) {
            struct ob_header *next;
            NTSTATUS status = walk_directories(walk, at, &next);
            ObfDereferenceObject(at);
            if (!NT_SUCCESS(status))
                return status;
            at = ob_body(next);
        } else if (kind == ob_types.symbolic_link && (walk->remaining.Length != 0 || type != ob_types.symbolic_link)) {
            NTSTATUS status = follow_link(walk, at);
            ObfDereferenceObject(at);
            if (!NT_SUCCESS(status))
                return status;
            at = namespace_state.root;
            ObfReferenceObject(at);
        } else if (kind->info.ops.parse != NULL &&
                   (walk->remaining.Length != 0 || (kind->info.parses_itself && type != kind))) {
            *body = at;
            return parse(body, walk, attributes, access, context);
        } else if (walk->remaining.Length != 0) {
            ObfDereferenceObject(at);
            return STATUS_OBJECT_PATH_NOT_FOUND;
        } else {
            *body = at;
            return STATUS_SUCCESS;
        }
    }
}

NTSTATUS ob_lookup(PCUNICODE_STRING name, HANDLE root, ULONG attributes, POBJECT_TYPE type, ACCESS_MASK access,
                   PVOID parse_context, PVOID *body)
{
    struct walk walk;
    PVOID start;
    *body = NULL;
    NTSTATUS status = begin(&walk, name, root, &start);
    if (!NT_SUCCESS(status))
        return status;
    status = resolve(&walk, start, attributes, type, access, parse_context, body);
    if (walk.buffer != NULL)
        ExFreePoolWithTag(walk.buffer, OB_TAG);
    if (NT_SUCCESS(status) && type != NULL && ob_type_of(*body) != type) {
        ObfDereferenceObject(*body);
        *body = NULL;
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    return status;
}

static NTSTATUS from_utf8(const char *name, PUNICODE_STRING result)
{
    size_t size = strlen(name);
    if (size > UNICODE_STRING_MAX_CHARS)
        return STATUS_NAME_TOO_LONG;
    ULONG bytes = 0;
    result->Buffer = ExAllocatePoolWithTag(PagedPool, (size + 1) * sizeof(WCHAR), OB_TAG);
    if (result->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = RtlUTF8ToUnicodeN(result->Buffer, (ULONG)(size * sizeof(WCHAR)), &bytes, name, (ULONG)size);
    result->Length = result->MaximumLength = (USHORT)bytes;
    if (!NT_SUCCESS(status))
        ExFreePoolWithTag(result->Buffer, OB_TAG);
    return status;
}

NTSTATUS ob_lookup_utf8(const char *name, POBJECT_TYPE type, PVOID *body)
{
    UNICODE_STRING wide;
    *body = NULL;
    NTSTATUS status = from_utf8(name, &wide);
    if (!NT_SUCCESS(status))
        return status;
    status = ob_lookup(&wide, NULL, OBJ_CASE_INSENSITIVE, type, 0, NULL, body);
    ExFreePoolWithTag(wide.Buffer, OB_TAG);
    return status;
}

/*
 * Giving and taking names
 */

/* The directory that name's last component belongs in, referenced, and that component (within name's own text). */
static NTSTATUS find_parent(PCUNICODE_STRING name, HANDLE root, struct ob_directory **directory, PUNICODE_STRING last)
{
    USHORT units = name->Length / sizeof(WCHAR), at = units;
    while (at > 0 && name->Buffer[at - 1] != L'\\')
        at--;
    *last = (UNICODE_STRING){.Length = (USHORT)((units - at) * sizeof(WCHAR)), .Buffer = name->Buffer + at};
    last->MaximumLength = last->Length;
    if (last->Length == 0)
        return STATUS_OBJECT_NAME_INVALID;
    if (at == 0 && root == NULL)
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    /* "\x" lives in "\", "x" in root itself, "a\x" in "a". */
    UNICODE_STRING path = {.Length = (USHORT)((at > 1 ? at - 1 : at) * sizeof(WCHAR)), .Buffer = name->Buffer};
    path.MaximumLength = path.Length;
    PVOID body;
    NTSTATUS status = ob_lookup(&path, root, OBJ_CASE_INSENSITIVE, ob_types.directory, 0, NULL, &body);
    *directory = body;
    return status == STATUS_OBJECT_NAME_NOT_FOUND ? STATUS_OBJECT_PATH_NOT_FOUND : status;
}

NTSTATUS ob_insert_name(PVOID body, PCUNICODE_STRING name, HANDLE root, ULONG attributes)
{
    struct ob_header *header = ob_header(body);
    struct ob_directory *directory;
    UNICODE_STRING last;
    NTSTATUS status = find_parent(name, root, &directory, &last);
    if (!NT_SUCCESS(status))
        return status;
    struct ob_name *entry = ExAllocatePoolWithTag(NonPagedPool, sizeof *entry + last.Length, OB_TAG);
    if (entry == NULL) {
        ObfDereferenceObject(directory);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *entry = (struct ob_name){.directory = directory, .object = header, .name = last, .hash = name_hash(&last)};
    entry->name.Buffer = (PWSTR)(entry + 1);
    memcpy(entry->name.Buffer, last.Buffer, last.Length);
    ob_lock();
    if (header->name != NULL || find(directory, &last) != NULL) {
        status = STATUS_OBJECT_NAME_COLLISION;
    } else {
        InsertTailList(&directory->entries, &entry->link);
        header->name = entry;
        if (attributes & OBJ_PERMANENT) {
            header->flags |= OB_FLAG_PERMANENT;
            ObfReferenceObject(body);
        }
    }
    ob_unlock();
    if (NT_SUCCESS(status))
        return status; /* the entry keeps the reference to its directory */
    ExFreePoolWithTag(entry, OB_TAG);
    ObfDereferenceObject(directory);
    return status;
}

PVOID ob_remove_name_locked(struct ob_header *header)
{
    struct ob_name *entry = header->name;
    if (entry == NULL)
        return NULL;
    RemoveEntryList(&entry->link);
    header->name = NULL;
    /* A directory with entries has at least its creator's reference besides ours, or goes to the deferred list. */
    ObDereferenceObjectDeferDelete(entry->directory);
    ExFreePoolWithTag(entry, OB_TAG);
    if (!(header->flags & OB_FLAG_PERMANENT))
        return NULL;
    header->flags &= ~OB_FLAG_PERMANENT;
    return ob_body(header);
}

void ob_remove_name(PVOID body)
{
    ob_lock();
    PVOID held = ob_remove_name_locked(ob_header(body));
    ob_unlock();
    if (held != NULL)
        ObfDereferenceObject(held);
}

void ob_make_temporary(PVOID body)
{
    struct ob_header *header = ob_header(body);
    PVOID held = NULL;
    ob_lock();
    if (header->handles == 0) {
        held = ob_remove_name_locked(header);
    } else if (header->flags & OB_FLAG_PERMANENT) {
        header->flags &= ~OB_FLAG_PERMANENT;
        held = body;
    }
    ob_unlock();
    if (held != NULL)
        ObfDereferenceObject(held);
}

/*
 * Full names
 */

/* Bytes of the name of header, without a terminator; writes it when out is not NULL. The lock is held. */
static size_t full_name(struct ob_header *header, PWSTR out)
{
    if (header == namespace_state.root->header) {
        if (out != NULL)
            *out = L'\\';
        return sizeof(WCHAR);
    }
    size_t size = 0;
    for (struct ob_name *n = header->name; n != NULL; n = n->directory->header->name)
        size += sizeof(WCHAR) + n->name.Length;
    if (out == NULL)
        return size;
    char *end = (char *)out + size;
    for (struct ob_name *n = header->name; n != NULL; n = n->directory->header->name) {
        end -= n->name.Length;
        memcpy(end, n->name.Buffer, n->name.Length);
        end -= sizeof(WCHAR);
        *(PWSTR)end = L'\\';
    }
    return size;
}

NTSTATUS NTAPI ObQueryNameString(PVOID Object, POBJECT_NAME_INFORMATION ObjectNameInfo, ULONG Length,
                                 PULONG ReturnLength)
{
    struct ob_header *header = ob_header(Object);
    POBJECT_TYPE type = ob_type_of(Object);
    if (type->info.ops.query_name != NULL)
        return type->info.ops.query_name(Object, ObjectNameInfo, Length, ReturnLength);
    NTSTATUS status = STATUS_SUCCESS;
    ob_lock();
    size_t size = full_name(header, NULL);
    size_t needed = sizeof *ObjectNameInfo + (size != 0 ? size + sizeof(WCHAR) : 0);
    *ReturnLength = (ULONG)needed;
    if (Length < needed || ObjectNameInfo == NULL || size > UNICODE_STRING_MAX_BYTES) {
        status = STATUS_INFO_LENGTH_MISMATCH;
    } else if (size == 0) {
        ObjectNameInfo->Name = (UNICODE_STRING){0};
    } else {
        PWSTR text = (PWSTR)(ObjectNameInfo + 1);
        full_name(header, text);
        text[size / sizeof(WCHAR)] = 0;
        ObjectNameInfo->Name = (UNICODE_STRING){(USHORT)size, (USHORT)(size + sizeof(WCHAR)), text};
    }
    ob_unlock();
    return status;
}
NT_EXPORT(ObQueryNameString);

static void to_utf8(const WCHAR *text, size_t bytes, char *buffer, size_t size)
{
    ULONG written = 0;
    if (size == 0)
        return;
    RtlUnicodeToUTF8N(buffer, (ULONG)(size - 1), &written, text, (ULONG)bytes);
    buffer[written < size ? written : size - 1] = 0;
}

const char *ob_name_utf8(PVOID body, char *buffer, size_t size)
{
    union {
        OBJECT_NAME_INFORMATION info;
        char space[sizeof(OBJECT_NAME_INFORMATION) + 1024];
    } name;
    ULONG needed;
    if (size != 0)
        buffer[0] = 0;
    if (NT_SUCCESS(ObQueryNameString(body, &name.info, sizeof name, &needed)))
        to_utf8(name.info.Name.Buffer, name.info.Name.Length, buffer, size);
    return buffer;
}

NTSTATUS ob_for_each(const char *directory,
                     void (*each)(void *context, const char *name, POBJECT_TYPE type, PVOID body), void *context)
{
    PVOID body;
    NTSTATUS status = ob_lookup_utf8(directory, ob_types.directory, &body);
    if (!NT_SUCCESS(status))
        return status;
    struct ob_directory *d = body;
    ob_lock();
    for (PLIST_ENTRY e = d->entries.Flink; e != &d->entries; e = e->Flink) {
        struct ob_name *name = CONTAINING_RECORD(e, struct ob_name, link);
        char text[512];
        to_utf8(name->name.Buffer, name->name.Length, text, sizeof text);
        each(context, text, name->object->type, ob_body(name->object));
    }
    ob_unlock();
    ObfDereferenceObject(body);
    return STATUS_SUCCESS;
}

/*
 * Symbolic links
 */
static void remove_symbolic_link(PVOID body)
{
    struct ob_symbolic_link *link = body;
    if (link->target.Buffer != NULL)
        ExFreePoolWithTag(link->target.Buffer, OB_TAG);
}

NTSTATUS ob_create_symbolic_link(PCUNICODE_STRING name, PCUNICODE_STRING target)
{
    PVOID body;
    NTSTATUS status = ob_create(ob_types.symbolic_link, sizeof(struct ob_symbolic_link), &body);
    if (!NT_SUCCESS(status))
        return status;
    struct ob_symbolic_link *link = body;
    link->target.Buffer = ExAllocatePoolWithTag(PagedPool, target->Length + sizeof(WCHAR), OB_TAG);
    if (link->target.Buffer == NULL) {
        status = STATUS_INSUFFICIENT_RESOURCES;
    } else {
        if (target->Length != 0)
            memcpy(link->target.Buffer, target->Buffer, target->Length);
        link->target.Length = target->Length;
        link->target.MaximumLength = target->Length;
        status = ob_insert_name(body, name, NULL, OBJ_PERMANENT);
    }
    ObfDereferenceObject(body);
    return status;
}

NTSTATUS ob_delete_symbolic_link(PCUNICODE_STRING name)
{
    PVOID body;
    NTSTATUS status = ob_lookup(name, NULL, OBJ_CASE_INSENSITIVE, ob_types.symbolic_link, 0, NULL, &body);
    if (!NT_SUCCESS(status))
        return status;
    ob_make_temporary(body);
    ObfDereferenceObject(body);
    return STATUS_SUCCESS;
}

/*
 * Directories, and what every system has
 */
NTSTATUS ob_create_directory(PVOID *body)
{
    NTSTATUS status = ob_create(ob_types.directory, sizeof(struct ob_directory), body);
    if (!NT_SUCCESS(status))
        return status;
    struct ob_directory *directory = *body;
    InitializeListHead(&directory->entries);
    directory->header = ob_header(*body);
    return STATUS_SUCCESS;
}

static void create_permanent_directory(const WCHAR *path)
{
    PVOID body;
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, path);
    if (!NT_SUCCESS(ob_create_directory(&body)))
        return;
    ob_insert_name(body, &name, NULL, OBJ_PERMANENT);
    ObfDereferenceObject(body);
}

static void create_permanent_link(const WCHAR *path, const WCHAR *target)
{
    UNICODE_STRING from, to;
    RtlInitUnicodeString(&from, path);
    RtlInitUnicodeString(&to, target);
    ob_create_symbolic_link(&from, &to);
}

void ob_create_namespace(void)
{
    PVOID root;
    ob_set_type(ob_types.symbolic_link, &(struct ob_type_info){.name = "SymbolicLink",
                                                               .mapping = ob_types.symbolic_link->info.mapping,
                                                               .ops.remove = remove_symbolic_link});
    if (!NT_SUCCESS(ob_create_directory(&root)))
        KeBugCheckEx(0x5E /* OBJECT_INITIALIZATION_FAILED */, 0, 0, 0, 0);
    namespace_state.root = root;
    static const WCHAR *const directories[] = {
        L"\\Device",        L"\\Driver",      L"\\GLOBAL?\?",  L"\\Callback",
        L"\\KernelObjects", L"\\ObjectTypes", L"\\FileSystem", L"\\BaseNamedObjects",
    };
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        create_permanent_directory(directories[i]);
    create_permanent_link(L"\\?\?", L"\\GLOBAL?\?");
    create_permanent_link(L"\\DosDevices", L"\\?\?");
}

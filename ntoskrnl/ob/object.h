/*
 * What the object manager's own files share: the header in front of each body, the type, and the locks.
 *
 * One fast mutex guards names and handles: they change at PASSIVE_LEVEL only, and rarely. Reference counts are atomic
 * and need no lock at any IRQL. A name does not keep its object alive (a permanent one does): a lookup takes its
 * reference with ob_try_reference, which refuses an object whose last reference is just going.
 */
#pragma once

#include "ntoskrnl/ob/ob.h"

#define OB_TAG 'jbOk'

struct _OBJECT_TYPE {
    struct ob_type_info info;
    LONG objects;
    POBJECT_TYPE next;
};

/* An object's place in a directory. */
struct ob_name {
    LIST_ENTRY link;
    struct ob_directory *directory;
    struct ob_header *object;
    UNICODE_STRING name; /* the last component; its text follows the structure */
    ULONG hash; /* of name: a search in a large directory compares few names */
};

struct ob_header {
    LONG64 references;
    LONG handles;
    ULONG flags;
    POBJECT_TYPE type;
    struct ob_name *name;
    void (*release)(void *storage);
    struct ob_header *next_deferred;
    ULONG_PTR magic;
    ULONG_PTR reserved;
};
_Static_assert(sizeof(struct ob_header) == OB_HEADER_SIZE, "ob_adopt's callers reserve this much");

#define OB_MAGIC          0x6b694f62u
#define OB_MAGIC_DEAD     0x64656164u
#define OB_FLAG_PERMANENT 1u

struct ob_directory {
    LIST_ENTRY entries;
    struct ob_header *header;
};

struct ob_symbolic_link {
    UNICODE_STRING target;
};

static inline struct ob_header *ob_header(PVOID body)
{
    return (struct ob_header *)body - 1;
}

static inline PVOID ob_body(struct ob_header *header)
{
    return header + 1;
}

/* The names' and handles' lock. Not recursive. */
void ob_lock(void);
void ob_unlock(void);

/* A reference, unless the last one is already gone. */
bool ob_try_reference(struct ob_header *header);

/* Takes header out of its directory. The lock is held. Returns what the caller must dereference after unlocking: the
 * object, when its name held a reference to it, or NULL. */
PVOID ob_remove_name_locked(struct ob_header *header);

/* Called once by ob_initialize. */
void ob_create_namespace(void);
void ob_create_handle_table(void);

/*
 * Generic tables: sorted sets of structures that the table copies, over the driver's own compare, allocate and free
 * routines, as balanced binary trees. The driver synchronises. The root is BalancedRoot's right child; a node is a
 * RTL_BALANCED_LINKS, followed by the driver's structure. Public page: "RtlInitializeGenericTableAvl function
 * (ntddk.h)".
 */
#include <ntddk.h>
#include <string.h>

#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/rtl/rtl.h"

typedef RTL_BALANCED_LINKS node;

static void *data_of(node *n)
{
    return n + 1;
}

static node **root_of(PRTL_AVL_TABLE table)
{
    return &table->BalancedRoot.RightChild;
}

VOID NTAPI RtlInitializeGenericTableAvl(PRTL_AVL_TABLE Table, PRTL_AVL_COMPARE_ROUTINE CompareRoutine,
                                        PRTL_AVL_ALLOCATE_ROUTINE AllocateRoutine, PRTL_AVL_FREE_ROUTINE FreeRoutine,
                                        PVOID TableContext)
{
    memset(Table, 0, sizeof(*Table));
    Table->BalancedRoot.Parent = &Table->BalancedRoot;
    Table->CompareRoutine = CompareRoutine;
    Table->AllocateRoutine = AllocateRoutine;
    Table->FreeRoutine = FreeRoutine;
    Table->TableContext = TableContext;
}
NT_EXPORT(RtlInitializeGenericTableAvl);

/* The node equal to the buffer, or NULL with the place where it would hang. */
static node *find(PRTL_AVL_TABLE table, void *buffer, node **parent, node ***place)
{
    *parent = &table->BalancedRoot;
    *place = root_of(table);
    for (node *n; (n = **place) != NULL; *parent = n) {
        RTL_GENERIC_COMPARE_RESULTS order = table->CompareRoutine(table, buffer, data_of(n));
        if (order == GenericEqual)
            return n;
        *place = order == GenericLessThan ? &n->LeftChild : &n->RightChild;
    }
    return NULL;
}

static node **link_to(node *n)
{
    return n->Parent->LeftChild == n ? &n->Parent->LeftChild : &n->Parent->RightChild;
}

static void attach(node **link, node *parent, node *child)
{
    *link = child;
    if (child != NULL)
        child->Parent = parent;
}

/* Makes the taller child the root of its subtree; returns it. Balance is the height of the right minus that of the
 * left. */
static node *rotate(node *n, bool to_left)
{
    node *child = to_left ? n->RightChild : n->LeftChild;
    attach(link_to(n), n->Parent, child);
    if (to_left) {
        attach(&n->RightChild, n, child->LeftChild);
        attach(&child->LeftChild, child, n);
    } else {
        attach(&n->LeftChild, n, child->RightChild);
        attach(&child->RightChild, child, n);
    }
    return child;
}

/* Restores the balance of a node that is 2 to one side; the subtree's height shrinks unless the child was even. */
static node *restore(node *n)
{
    int side = n->Balance > 0 ? 1 : -1;
    node *child = side > 0 ? n->RightChild : n->LeftChild;
    if (child->Balance != -side) {
        node *top = rotate(n, side > 0);
        n->Balance = (CHAR)(child->Balance == 0 ? side : 0);
        child->Balance = (CHAR)(child->Balance == 0 ? -side : 0);
        return top;
    }
    node *grandchild = side > 0 ? child->LeftChild : child->RightChild;
    int balance = grandchild->Balance;
    rotate(child, side < 0);
    node *top = rotate(n, side > 0);
    n->Balance = (CHAR)(balance == side ? -side : 0);
    child->Balance = (CHAR)(balance == -side ? side : 0);
    top->Balance = 0;
    return top;
}

static void grown(PRTL_AVL_TABLE table, node *n)
{
    for (; n->Parent != &table->BalancedRoot; n = n->Parent) {
        node *parent = n->Parent;
        parent->Balance = (CHAR)(parent->Balance + (parent->RightChild == n ? 1 : -1));
        if (parent->Balance == 0)
            return;
        if (parent->Balance == 2 || parent->Balance == -2) {
            restore(parent);
            return;
        }
    }
    table->DepthOfTree++;
}

/* The subtree on that side of `n` has become one lower. */
static void shrunk(PRTL_AVL_TABLE table, node *n, int side)
{
    while (n != &table->BalancedRoot) {
        n->Balance = (CHAR)(n->Balance - side);
        if (n->Balance == 2 || n->Balance == -2) {
            n = restore(n);
            if (n->Balance != 0)
                return;
        } else if (n->Balance != 0) {
            return;
        }
        side = n->Parent->RightChild == n ? 1 : -1;
        n = n->Parent;
    }
    table->DepthOfTree--;
}

PVOID NTAPI RtlInsertElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer, CLONG BufferSize, PBOOLEAN NewElement)
{
    node *parent, **place, *n = find(Table, Buffer, &parent, &place);
    if (NewElement != NULL)
        *NewElement = n == NULL;
    if (n != NULL)
        return data_of(n);
    n = BufferSize < 0 ? NULL : Table->AllocateRoutine(Table, (CLONG)(sizeof(node) + (size_t)BufferSize));
    if (n == NULL) {
        if (NewElement != NULL)
            *NewElement = FALSE;
        return NULL;
    }
    memset(n, 0, sizeof(*n));
    memcpy(data_of(n), Buffer, (size_t)BufferSize);
    attach(place, parent, n);
    grown(Table, n);
    Table->NumberGenericTableElements++;
    Table->OrderedPointer = NULL;
    Table->WhichOrderedElement = 0;
    return data_of(n);
}
NT_EXPORT(RtlInsertElementGenericTableAvl);

PVOID NTAPI RtlLookupElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer)
{
    node *parent, **place, *n = find(Table, Buffer, &parent, &place);
    return n != NULL ? data_of(n) : NULL;
}
NT_EXPORT(RtlLookupElementGenericTableAvl);

static node *leftmost(node *n)
{
    while (n != NULL && n->LeftChild != NULL)
        n = n->LeftChild;
    return n;
}

static node *successor(PRTL_AVL_TABLE table, node *n)
{
    if (n->RightChild != NULL)
        return leftmost(n->RightChild);
    while (n->Parent != &table->BalancedRoot && n->Parent->RightChild == n)
        n = n->Parent;
    return n->Parent == &table->BalancedRoot ? NULL : n->Parent;
}

static node *predecessor(PRTL_AVL_TABLE table, node *n)
{
    if (n->LeftChild != NULL) {
        n = n->LeftChild;
        while (n->RightChild != NULL)
            n = n->RightChild;
        return n;
    }
    while (n->Parent != &table->BalancedRoot && n->Parent->LeftChild == n)
        n = n->Parent;
    return n->Parent == &table->BalancedRoot ? NULL : n->Parent;
}

/* Takes a node with at most one child out of the tree. */
static void unlink_node(PRTL_AVL_TABLE table, node *n)
{
    node *parent = n->Parent;
    int side = parent->RightChild == n ? 1 : -1;
    attach(link_to(n), parent, n->LeftChild != NULL ? n->LeftChild : n->RightChild);
    shrunk(table, parent, side);
}

BOOLEAN NTAPI RtlDeleteElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer)
{
    node *parent, **place, *n = find(Table, Buffer, &parent, &place);
    if (n == NULL)
        return FALSE;
    if (Table->RestartKey == n)
        Table->RestartKey = predecessor(Table, n);
    if (n->LeftChild != NULL && n->RightChild != NULL) {
        node *next = successor(Table, n);
        unlink_node(Table, next);
        next->Balance = n->Balance;
        attach(link_to(n), n->Parent, next);
        attach(&next->LeftChild, next, n->LeftChild);
        attach(&next->RightChild, next, n->RightChild);
    } else {
        unlink_node(Table, n);
    }
    Table->NumberGenericTableElements--;
    Table->DeleteCount++;
    Table->OrderedPointer = NULL;
    Table->WhichOrderedElement = 0;
    Table->FreeRoutine(Table, n);
    return TRUE;
}
NT_EXPORT(RtlDeleteElementGenericTableAvl);

PVOID NTAPI RtlEnumerateGenericTableWithoutSplayingAvl(PRTL_AVL_TABLE Table, PVOID *RestartKey)
{
    node *next = *RestartKey == NULL ? leftmost(*root_of(Table)) : successor(Table, *RestartKey);
    if (next == NULL)
        return NULL;
    *RestartKey = next;
    return data_of(next);
}
NT_EXPORT(RtlEnumerateGenericTableWithoutSplayingAvl);

PVOID NTAPI RtlEnumerateGenericTableAvl(PRTL_AVL_TABLE Table, BOOLEAN Restart)
{
    PVOID key = Restart ? NULL : Table->RestartKey;
    PVOID element = RtlEnumerateGenericTableWithoutSplayingAvl(Table, &key);
    Table->RestartKey = key;
    return element;
}
NT_EXPORT(RtlEnumerateGenericTableAvl);

PVOID NTAPI RtlGetElementGenericTableAvl(PRTL_AVL_TABLE Table, ULONG I)
{
    if (I >= Table->NumberGenericTableElements)
        return NULL;
    node *n = leftmost(*root_of(Table));
    while (I-- > 0)
        n = successor(Table, n);
    return data_of(n);
}
NT_EXPORT(RtlGetElementGenericTableAvl);

ULONG NTAPI RtlNumberGenericTableElementsAvl(PRTL_AVL_TABLE Table)
{
    return Table->NumberGenericTableElements;
}
NT_EXPORT(RtlNumberGenericTableElementsAvl);

BOOLEAN NTAPI RtlIsGenericTableEmptyAvl(PRTL_AVL_TABLE Table)
{
    return Table->NumberGenericTableElements == 0;
}
NT_EXPORT(RtlIsGenericTableEmptyAvl);

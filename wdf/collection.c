/*
 * Collections: objects in the order in which they were added, each held by a reference. The driver serialises changes
 * with its own lock if it needs a stable index; the lock here only keeps the list whole. "Framework Object Collections"
 */
#include "ntoskrnl/ex/ex.h"
#include "wdf/wdf.h"

struct wdf_collection {
    struct wdf_object object;
    struct ke_lock lock;
    LIST_ENTRY items;
    ULONG count;
};

struct item {
    LIST_ENTRY entry;
    struct wdf_object *object;
};

/* Takes an item out of its collection; with the lock held. */
static struct item *unlink_item(struct wdf_collection *collection, LIST_ENTRY *entry)
{
    RemoveEntryList(entry);
    collection->count--;
    return CONTAINING_RECORD(entry, struct item, entry);
}

static void drop(struct item *item)
{
    struct wdf_object *object = item->object;
    ExFreePool(item);
    wdf_dereference(object);
}

/* The items go when the collection is disposed of: one of them may be what keeps the collection alive. */
static void collection_dispose(struct wdf_object *object)
{
    struct wdf_collection *collection = (struct wdf_collection *)object;
    for (;;) {
        struct item *item = NULL;
        ke_lock(&collection->lock);
        if (!IsListEmpty(&collection->items))
            item = unlink_item(collection, collection->items.Flink);
        ke_unlock(&collection->lock);
        if (item == NULL)
            return;
        drop(item);
    }
}

const struct wdf_type wdf_collection_type = {.name = "WDFCOLLECTION", .dispose = collection_dispose};

NTSTATUS NTAPI kmdf_WdfCollectionCreate(PWDF_DRIVER_GLOBALS DriverGlobals, PWDF_OBJECT_ATTRIBUTES CollectionAttributes,
                                        WDFCOLLECTION *Collection)
{
    struct wdf_client *client = wdf_client(DriverGlobals);
    NTSTATUS status;
    wdf_require_irql(client, DISPATCH_LEVEL, "WdfCollectionCreate");
    wdf_require(client, Collection, "WdfCollectionCreate", "Collection");
    *Collection = NULL;
    struct wdf_collection *collection = (void *)wdf_object_create(
        client, &wdf_collection_type, sizeof(*collection), CollectionAttributes, wdf_client_root(client), &status);
    if (collection == NULL)
        return status;
    InitializeListHead(&collection->items);
    *Collection = (WDFCOLLECTION)wdf_handle(&collection->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfCollectionCreate, PFN_WDFCOLLECTIONCREATE);

NTSTATUS wdf_collection_add(struct wdf_collection *collection, struct wdf_object *object)
{
    struct wdf_client *client = collection->object.client;
    struct item *item = wdf_verifier_fails_allocation(client)
                            ? NULL
                            : ExAllocatePoolZero(NonPagedPoolNx, sizeof(*item), client->globals.DriverTag);
    if (item == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    wdf_reference(object);
    item->object = object;
    ke_lock(&collection->lock);
    bool alive = !wdf_is_deleting(&collection->object);
    if (alive) {
        InsertTailList(&collection->items, &item->entry);
        collection->count++;
    }
    ke_unlock(&collection->lock);
    if (!alive)
        drop(item);
    return alive ? STATUS_SUCCESS : STATUS_DELETE_PENDING;
}

static struct wdf_collection *from_handle(PWDF_DRIVER_GLOBALS globals, WDFCOLLECTION handle, const char *call)
{
    struct wdf_collection *collection = wdf_from_handle(globals, handle, &wdf_collection_type, call);
    wdf_require_irql(collection->object.client, DISPATCH_LEVEL, call);
    return collection;
}

NTSTATUS NTAPI kmdf_WdfCollectionAdd(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection, WDFOBJECT Object)
{
    struct wdf_collection *collection = from_handle(DriverGlobals, Collection, "WdfCollectionAdd");
    return wdf_collection_add(collection, wdf_from_handle(DriverGlobals, Object, NULL, "WdfCollectionAdd"));
}
WDF_EXPORT(WdfCollectionAdd, PFN_WDFCOLLECTIONADD);

ULONG NTAPI kmdf_WdfCollectionGetCount(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection)
{
    return __atomic_load_n(&from_handle(DriverGlobals, Collection, "WdfCollectionGetCount")->count, __ATOMIC_RELAXED);
}
WDF_EXPORT(WdfCollectionGetCount, PFN_WDFCOLLECTIONGETCOUNT);

/* With the lock held: the item at index, or NULL. */
static LIST_ENTRY *item_at(struct wdf_collection *collection, ULONG index)
{
    LIST_ENTRY *entry = collection->items.Flink;
    if (index >= collection->count)
        return NULL;
    while (index-- != 0)
        entry = entry->Flink;
    return entry;
}

VOID NTAPI kmdf_WdfCollectionRemove(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection, WDFOBJECT Item)
{
    struct wdf_collection *collection = from_handle(DriverGlobals, Collection, "WdfCollectionRemove");
    const struct wdf_object *object = wdf_from_handle(DriverGlobals, Item, NULL, "WdfCollectionRemove");
    struct item *item = NULL;
    ke_lock(&collection->lock);
    for (LIST_ENTRY *entry = collection->items.Flink; entry != &collection->items && item == NULL;
         entry = entry->Flink) {
        if (CONTAINING_RECORD(entry, struct item, entry)->object == object)
            item = unlink_item(collection, entry);
    }
    ke_unlock(&collection->lock);
    if (item == NULL)
        wdf_violation(collection->object.client, WDF_INVALID_HANDLE, (ULONG_PTR)Item, 0, 0, "WdfCollectionRemove",
                      "the object is not in the collection");
    drop(item);
}
WDF_EXPORT(WdfCollectionRemove, PFN_WDFCOLLECTIONREMOVE);

VOID NTAPI kmdf_WdfCollectionRemoveItem(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection, ULONG Index)
{
    struct wdf_collection *collection = from_handle(DriverGlobals, Collection, "WdfCollectionRemoveItem");
    ke_lock(&collection->lock);
    LIST_ENTRY *entry = item_at(collection, Index);
    struct item *item = entry != NULL ? unlink_item(collection, entry) : NULL;
    ke_unlock(&collection->lock);
    if (item == NULL)
        wdf_violation(collection->object.client, WDF_VERIFIER_FATAL_ERROR, (ULONG_PTR)Collection, Index, 0,
                      "WdfCollectionRemoveItem", "there is no item %u in the collection", Index);
    drop(item);
}
WDF_EXPORT(WdfCollectionRemoveItem, PFN_WDFCOLLECTIONREMOVEITEM);

static WDFOBJECT handle_at(struct wdf_collection *collection, bool last, ULONG index)
{
    ke_lock(&collection->lock);
    LIST_ENTRY *entry = item_at(collection, last ? collection->count - 1 : index);
    WDFOBJECT handle = entry != NULL ? CONTAINING_RECORD(entry, struct item, entry)->object->handle : NULL;
    ke_unlock(&collection->lock);
    return handle;
}

WDFOBJECT NTAPI kmdf_WdfCollectionGetItem(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection, ULONG Index)
{
    return handle_at(from_handle(DriverGlobals, Collection, "WdfCollectionGetItem"), false, Index);
}
WDF_EXPORT(WdfCollectionGetItem, PFN_WDFCOLLECTIONGETITEM);

WDFOBJECT NTAPI kmdf_WdfCollectionGetFirstItem(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection)
{
    return handle_at(from_handle(DriverGlobals, Collection, "WdfCollectionGetFirstItem"), false, 0);
}
WDF_EXPORT(WdfCollectionGetFirstItem, PFN_WDFCOLLECTIONGETFIRSTITEM);

WDFOBJECT NTAPI kmdf_WdfCollectionGetLastItem(PWDF_DRIVER_GLOBALS DriverGlobals, WDFCOLLECTION Collection)
{
    return handle_at(from_handle(DriverGlobals, Collection, "WdfCollectionGetLastItem"), true, 0);
}
WDF_EXPORT(WdfCollectionGetLastItem, PFN_WDFCOLLECTIONGETLASTITEM);

/*
 * ERESOURCEs: reader/writer locks below DISPATCH_LEVEL that threads may acquire again, and that drivers query. Waiting
 * is first come, first served: a writer that waits keeps later readers out, except those that own the resource already
 * and those that ask to starve writers. The driver's structure holds the counts that it may look at; who owns what is
 * in a block that ExInitializeResourceLite allocates, at OwnerTable, under its lock.
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/ex/ex.h"
#include "ntoskrnl/ke/ke.h"

enum { TAG = 'seRE', MAX_OWNERS_INLINE = 8 };

struct owner {
    ERESOURCE_THREAD thread;
    ULONG count;
};

struct resource {
    struct ke_lock lock;
    uint32_t sequence; /* waiters sleep until it changes */
    bool exclusive;
    ULONG active; /* owners: 1 when exclusive */
    ULONG shared_waiters, exclusive_waiters;
    struct owner *owners;
    ULONG capacity;
    struct owner first_owners[MAX_OWNERS_INLINE];
};

enum acquire_mode { EXCLUSIVE, SHARED, SHARED_STARVE_EXCLUSIVE, SHARED_WAIT_FOR_EXCLUSIVE };

static struct resource *private_of(PERESOURCE resource)
{
    return (struct resource *)resource->OwnerTable;
}

static ERESOURCE_THREAD self(void)
{
    return (ERESOURCE_THREAD)ke_current_thread();
}

NTSTATUS NTAPI ExInitializeResourceLite(PERESOURCE Resource)
{
    struct resource *r = ex_pool_allocate(0, sizeof(*r), TAG, __builtin_return_address(0));
    if (r == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Resource, sizeof(*Resource));
    InitializeListHead(&Resource->SystemResourcesList);
    r->owners = r->first_owners;
    r->capacity = MAX_OWNERS_INLINE;
    Resource->OwnerTable = (POWNER_ENTRY)r;
    return STATUS_SUCCESS;
}
NT_EXPORT(ExInitializeResourceLite);

NTSTATUS NTAPI ExDeleteResourceLite(PERESOURCE Resource)
{
    struct resource *r = private_of(Resource);
    if (r->owners != r->first_owners)
        ex_pool_free(r->owners, TAG, NULL);
    ex_pool_free(r, TAG, NULL);
    Resource->OwnerTable = NULL;
    return STATUS_SUCCESS;
}
NT_EXPORT(ExDeleteResourceLite);

static void forget_owners(struct resource *r)
{
    for (ULONG i = 0; i < r->capacity; i++)
        r->owners[i] = (struct owner){0};
    r->active = 0;
    r->exclusive = false;
}

NTSTATUS NTAPI ExReinitializeResourceLite(PERESOURCE Resource)
{
    struct resource *r = private_of(Resource);
    ke_lock(&r->lock);
    forget_owners(r);
    ke_unlock(&r->lock);
    Resource->ContentionCount = 0;
    return STATUS_SUCCESS;
}
NT_EXPORT(ExReinitializeResourceLite);

static struct owner *find(struct resource *r, ERESOURCE_THREAD thread)
{
    for (ULONG i = 0; i < r->capacity; i++) {
        if (r->owners[i].count != 0 && r->owners[i].thread == thread)
            return &r->owners[i];
    }
    return NULL;
}

static struct owner *free_slot(struct resource *r)
{
    for (ULONG i = 0; i < r->capacity; i++) {
        if (r->owners[i].count == 0)
            return &r->owners[i];
    }
    struct owner *more = ex_pool_allocate(0, 2 * r->capacity * sizeof(*more), TAG, NULL);
    if (more == NULL)
        ke_bugcheck_text(MEMORY_MANAGEMENT, r->capacity, 0, 0, 0, NULL, "no memory for %u owners of a resource",
                         2 * r->capacity);
    RtlCopyMemory(more, r->owners, r->capacity * sizeof(*more));
    if (r->owners != r->first_owners)
        ex_pool_free(r->owners, TAG, NULL);
    r->owners = more;
    r->capacity *= 2;
    return &more[r->capacity / 2];
}

static void publish(PERESOURCE resource, struct resource *r)
{
    resource->ActiveEntries = r->active;
    resource->ActiveCount = (SHORT)r->active;
    resource->NumberOfSharedWaiters = r->shared_waiters;
    resource->NumberOfExclusiveWaiters = r->exclusive_waiters;
}

/* Under the lock: takes the resource when the mode allows. */
static bool take(struct resource *r, enum acquire_mode mode)
{
    struct owner *mine = find(r, self());
    if (mine != NULL && (r->exclusive || mode == SHARED || mode == SHARED_STARVE_EXCLUSIVE)) {
        mine->count++;
        return true;
    }
    bool possible = r->active == 0 || (mode != EXCLUSIVE && !r->exclusive);
    if (mode != EXCLUSIVE && mode != SHARED_STARVE_EXCLUSIVE && r->exclusive_waiters != 0)
        possible = false;
    if (!possible)
        return false;
    if (mine != NULL) {
        mine->count++;
        return true;
    }
    *free_slot(r) = (struct owner){self(), 1};
    r->active++;
    r->exclusive = mode == EXCLUSIVE;
    return true;
}

static BOOLEAN acquire(PERESOURCE resource, BOOLEAN wait, enum acquire_mode mode)
{
    struct resource *r = private_of(resource);
    KE_REQUIRE_IRQL_AT_MOST(APC_LEVEL);
    ULONG *waiters = mode == EXCLUSIVE ? &r->exclusive_waiters : &r->shared_waiters;
    ke_lock(&r->lock);
    bool taken = take(r, mode);
    if (!taken && wait) {
        resource->ContentionCount++;
        (*waiters)++;
        publish(resource, r);
        do {
            uint32_t sequence = __atomic_load_n(&r->sequence, __ATOMIC_SEQ_CST);
            ke_unlock(&r->lock);
            ke_wait_on_address(&r->sequence, sequence, KE_FOREVER);
            ke_lock(&r->lock);
            taken = take(r, mode);
        } while (!taken);
        (*waiters)--;
        if (mode == EXCLUSIVE) { /* it may have been this waiter that kept readers out */
            __atomic_fetch_add(&r->sequence, 1, __ATOMIC_SEQ_CST);
            ke_wake_address(&r->sequence, INT32_MAX);
        }
    }
    publish(resource, r);
    ke_unlock(&r->lock);
    return taken;
}

static void wake(struct resource *r)
{
    if (r->shared_waiters == 0 && r->exclusive_waiters == 0)
        return;
    __atomic_fetch_add(&r->sequence, 1, __ATOMIC_SEQ_CST);
    ke_wake_address(&r->sequence, INT32_MAX);
}

static void release(PERESOURCE resource, ERESOURCE_THREAD thread)
{
    struct resource *r = private_of(resource);
    ke_lock(&r->lock);
    struct owner *owner = find(r, thread);
    if (owner == NULL)
        ke_bugcheck_text(RESOURCE_NOT_OWNED, (ULONG_PTR)resource, (ULONG_PTR)thread, (ULONG_PTR)r->owners, 0, NULL,
                         "resource %p is released by a thread that does not own it", (void *)resource);
    if (--owner->count == 0) {
        r->active--;
        if (r->active == 0)
            r->exclusive = false;
        wake(r);
    }
    publish(resource, r);
    ke_unlock(&r->lock);
}

BOOLEAN NTAPI ExAcquireResourceExclusiveLite(PERESOURCE Resource, BOOLEAN Wait)
{
    return acquire(Resource, Wait, EXCLUSIVE);
}
NT_EXPORT(ExAcquireResourceExclusiveLite);

BOOLEAN NTAPI ExAcquireResourceSharedLite(PERESOURCE Resource, BOOLEAN Wait)
{
    return acquire(Resource, Wait, SHARED);
}
NT_EXPORT(ExAcquireResourceSharedLite);

BOOLEAN NTAPI ExAcquireSharedStarveExclusive(PERESOURCE Resource, BOOLEAN Wait)
{
    return acquire(Resource, Wait, SHARED_STARVE_EXCLUSIVE);
}
NT_EXPORT(ExAcquireSharedStarveExclusive);

BOOLEAN NTAPI ExAcquireSharedWaitForExclusive(PERESOURCE Resource, BOOLEAN Wait)
{
    return acquire(Resource, Wait, SHARED_WAIT_FOR_EXCLUSIVE);
}
NT_EXPORT(ExAcquireSharedWaitForExclusive);

PVOID NTAPI ExEnterCriticalRegionAndAcquireResourceExclusive(PERESOURCE Resource)
{
    KeEnterCriticalRegion();
    acquire(Resource, TRUE, EXCLUSIVE);
    return NULL; /* the caller's thread-local block of Win32 threads: system threads have none */
}
NT_EXPORT(ExEnterCriticalRegionAndAcquireResourceExclusive);

PVOID NTAPI ExEnterCriticalRegionAndAcquireResourceShared(PERESOURCE Resource)
{
    KeEnterCriticalRegion();
    acquire(Resource, TRUE, SHARED);
    return NULL;
}
NT_EXPORT(ExEnterCriticalRegionAndAcquireResourceShared);

VOID NTAPI ExReleaseResourceAndLeaveCriticalRegion(PERESOURCE Resource)
{
    release(Resource, self());
    KeLeaveCriticalRegion();
}
NT_EXPORT(ExReleaseResourceAndLeaveCriticalRegion);

VOID NTAPI ExReleaseResourceLite(PERESOURCE Resource)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    release(Resource, self());
}
NT_EXPORT(ExReleaseResourceLite);

VOID NTAPI ExReleaseResourceForThreadLite(PERESOURCE Resource, ERESOURCE_THREAD ResourceThreadId)
{
    KE_REQUIRE_IRQL_AT_MOST(DISPATCH_LEVEL);
    release(Resource, ResourceThreadId);
}
NT_EXPORT(ExReleaseResourceForThreadLite);

VOID NTAPI ExConvertExclusiveToSharedLite(PERESOURCE Resource)
{
    struct resource *r = private_of(Resource);
    ke_lock(&r->lock);
    r->exclusive = false;
    wake(r);
    ke_unlock(&r->lock);
}
NT_EXPORT(ExConvertExclusiveToSharedLite);

BOOLEAN NTAPI ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource)
{
    struct resource *r = private_of(Resource);
    ke_lock(&r->lock);
    bool owned = r->exclusive && find(r, self()) != NULL;
    ke_unlock(&r->lock);
    return owned;
}
NT_EXPORT(ExIsResourceAcquiredExclusiveLite);

ULONG NTAPI ExIsResourceAcquiredSharedLite(PERESOURCE Resource)
{
    struct resource *r = private_of(Resource);
    ke_lock(&r->lock);
    struct owner *owner = find(r, self());
    ULONG count = owner != NULL ? owner->count : 0;
    ke_unlock(&r->lock);
    return count;
}
NT_EXPORT(ExIsResourceAcquiredSharedLite);

ULONG NTAPI ExGetExclusiveWaiterCount(PERESOURCE Resource)
{
    struct resource *r = private_of(Resource);
    ke_lock(&r->lock);
    ULONG count = r->exclusive_waiters;
    ke_unlock(&r->lock);
    return count;
}
NT_EXPORT(ExGetExclusiveWaiterCount);

ULONG NTAPI ExGetSharedWaiterCount(PERESOURCE Resource)
{
    struct resource *r = private_of(Resource);
    ke_lock(&r->lock);
    ULONG count = r->shared_waiters;
    ke_unlock(&r->lock);
    return count;
}
NT_EXPORT(ExGetSharedWaiterCount);

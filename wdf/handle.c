/*
 * The handle table. A handle is the index of a slot, a generation that grows each time the slot is used again, and a
 * pattern in the highest bits that makes it no valid address: whoever takes it for a pointer faults. The slot holds the
 * whole handle, so that one comparison says whether a handle is live. The table is a reservation of address space that
 * never moves; pages come with their first use.
 */
#include <sys/mman.h>
#include "wdf/handle.h"

#define SLOTS     ((uint32_t)1 << WDF_SLOT_BITS)
#define PATTERN   ((uintptr_t)0x5 << 60)
#define FREE_LINK 32 /* a free slot's object holds the next free index above the slot's last generation */

struct wdf_state wdf_state;

static uintptr_t make_handle(uint32_t index, uint32_t generation)
{
    /* The generation takes the bits between the index and the pattern: 34 of them, so that none is lost. */
    return PATTERN | (uintptr_t)generation << (4 + WDF_SLOT_BITS) | (uintptr_t)index << 4;
}

bool wdf_handles_initialize(void)
{
    if (wdf_state.slots != NULL)
        return true;
    void *slots = mmap(NULL, SLOTS * sizeof(struct wdf_slot), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slots == MAP_FAILED)
        return false;
    wdf_state.slots = slots;
    wdf_state.first_free = 0;
    wdf_state.used = 1; /* index 0 stays free: it means "no next free slot" */
    return true;
}

void wdf_handles_free(void)
{
    if (wdf_state.slots != NULL)
        munmap(wdf_state.slots, SLOTS * sizeof(struct wdf_slot));
    wdf_state.slots = NULL;
}

bool wdf_handle_create(struct wdf_object *object)
{
    uint32_t index = 0, generation = 0;
    ke_lock(&wdf_state.lock);
    if (wdf_state.first_free != 0) {
        index = wdf_state.first_free;
        uintptr_t link = (uintptr_t)wdf_state.slots[index].object;
        wdf_state.first_free = (uint32_t)(link >> FREE_LINK);
        generation = (uint32_t)link;
    } else if (wdf_state.used < SLOTS) {
        index = wdf_state.used++;
    }
    if (index != 0) {
        struct wdf_slot *slot = &wdf_state.slots[index];
        uintptr_t handle = make_handle(index, generation);
        slot->object = object;
        object->handle = (WDFOBJECT)handle;
        __atomic_store_n(&slot->handle, handle, __ATOMIC_RELEASE);
    }
    ke_unlock(&wdf_state.lock);
    return index != 0;
}

void wdf_handle_free(struct wdf_object *object)
{
    uintptr_t handle = (uintptr_t)object->handle;
    uint32_t index = (uint32_t)(handle >> 4) & (SLOTS - 1);
    uint32_t generation = (uint32_t)((handle & ~PATTERN) >> (4 + WDF_SLOT_BITS));
    struct wdf_slot *slot = &wdf_state.slots[index];
    ke_lock(&wdf_state.lock);
    __atomic_store_n(&slot->handle, 0, __ATOMIC_RELEASE);
    slot->object = (struct wdf_object *)((uintptr_t)wdf_state.first_free << FREE_LINK | (uint32_t)(generation + 1));
    wdf_state.first_free = index;
    ke_unlock(&wdf_state.lock);
}

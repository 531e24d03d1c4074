/*
 * Handles and contexts, for object.c and bind.c alone.
 */
#pragma once

#include "wdf/wdf.h"

/* Reserves the table, once; false when the host has no address space for it. */
bool wdf_handles_initialize(void);
void wdf_handles_free(void);
/* False when the table is full. */
bool wdf_handle_create(struct wdf_object *object);
void wdf_handle_free(struct wdf_object *object);

/* One context of an object: memory for the driver behind this header, and the two callbacks that came with it. type is
 * NULL when attributes had callbacks only. */
struct wdf_context {
    struct wdf_context *next; /* written once, read without a lock */
    struct wdf_object *object;
    PCWDF_OBJECT_CONTEXT_TYPE_INFO type;
    PFN_WDF_OBJECT_CONTEXT_CLEANUP cleanup;
    PFN_WDF_OBJECT_CONTEXT_DESTROY destroy;
    bool in_object; /* part of the object's own memory */
    ULONG magic;
    unsigned char data[] __attribute__((aligned(16)));
};

/* STATUS_SUCCESS and the size of the context that attributes (may be NULL) ask for: 0 for none at all. */
NTSTATUS wdf_context_size(const WDF_OBJECT_ATTRIBUTES *attributes, size_t *size);
void wdf_context_initialize(struct wdf_context *context, struct wdf_object *object,
                            const WDF_OBJECT_ATTRIBUTES *attributes);
void wdf_contexts_free(struct wdf_object *object);

/* With TrackHandles: who holds references on an object. */
struct wdf_reference_log;
/* Notes a change when the object's type is one that is tracked. */
void NTAPI wdf_reference_log_note(struct wdf_object *object, int change, const void *tag, LONG line, const char *file);
/* "2 by tag 'abcd' at file.c:12, ..." */
void wdf_reference_log_describe(const struct wdf_object *object, char *text, size_t size);

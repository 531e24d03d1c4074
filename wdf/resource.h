/*
 * Resource lists: what devices hand to EvtDevicePrepareHardware and EvtDeviceReleaseHardware.
 */
#pragma once

#include "wdf/wdf.h"

extern const struct wdf_type wdf_cm_list_type; /* WDFCMRESLIST */

/* What the driver may do with the list. */
#define WDF_LIST_REMOVE 0x1
#define WDF_LIST_ADD    0x2

/* A list of every descriptor of resources (NULL: none), as a child of parent, which the driver cannot delete: that is
 * its maker's. NULL when memory runs out: *status says so. The descriptors are copied. IRQL <= DISPATCH_LEVEL. */
struct wdf_object *wdf_cm_list_create(struct wdf_client *client, struct wdf_object *parent,
                                      const CM_RESOURCE_LIST *resources, unsigned allowed, NTSTATUS *status);

/*
 * The NDIS library: what miniport, protocol and filter drivers alike call, apart from adapters and bindings. The core
 * (ndis/ndis.h) tells it what a handle stands for; nothing else ties the two together.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <ndis.h>

/* ---- from the library to the core ------------------------------------------------------------------------------- */

/* Makes the pools that NDIS uses on drivers' behalf. Idempotent. PASSIVE_LEVEL. */
NTSTATUS ndis_library_initialize(void);
/* Frees them. Every driver is gone. */
void ndis_library_shutdown(void);

/*
 * Bug check 0x7C, subcode 0x27 (NDIS_BUGCHECK_LEAKED_NBL), naming the pools that lie in a driver's hands: those that an
 * address in [base, base + size) allocated. Returns their number and describes the first; for the report at unload.
 */
size_t ndis_library_find_pools(const void *base, size_t size, char *text, size_t text_size);

/*
 * A configuration handle for the key of that UTF-8 registry path (see ntoskrnl/cm/cm.h): what NdisOpenConfigurationEx
 * and NdisOpenProtocolConfiguration return. NDIS_STATUS_FAILURE: no such key. PASSIVE_LEVEL.
 */
NDIS_STATUS ndis_configuration_open(const char *path, NDIS_HANDLE *configuration);

/* ---- from the core to the library: the core implements these ---------------------------------------------------- */

/*
 * The registry key of an NDIS handle from a driver: a miniport adapter's driver key (with
 * NDIS_CONFIG_FLAG_FILTER_INSTANCE_CONFIGURATION a filter module's own key), a miniport, protocol or filter driver's
 * Services\...\Parameters, a binding's adapter key. path takes size bytes. NDIS_STATUS_SUCCESS,
 * NDIS_STATUS_INVALID_PARAMETER (no such handle), NDIS_STATUS_FAILURE (it has no key). PASSIVE_LEVEL.
 */
NDIS_STATUS ndis_configuration_key_path(NDIS_HANDLE handle, ULONG flags, char *path, size_t size);

/* The driver behind any handle that NDIS gave out, NULL when unknown or NULL. IRQL <= DISPATCH_LEVEL. */
PDRIVER_OBJECT ndis_handle_driver(NDIS_HANDLE handle);

/* The device object of a miniport adapter's handle; NULL for others. IRQL <= DISPATCH_LEVEL. */
PDEVICE_OBJECT ndis_handle_device(NDIS_HANDLE handle);

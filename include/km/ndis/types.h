/*
 * The few types that every NDIS header starts from: handles, status, the port number, and how the functions of ndis.sys
 * are declared: imported in a PE driver; on Linux visible to ELF drivers through the dynamic linker.
 */
#ifndef NDISKIT_NDIS_TYPES_H
#define NDISKIT_NDIS_TYPES_H

#include <wdm.h>
#include <ndis/version.h>

#ifndef NDISAPI
#define NDISAPI NTNDISAPI
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifndef NDISKIT_NDIS_HANDLE
#define NDISKIT_NDIS_HANDLE
typedef PVOID NDIS_HANDLE, *PNDIS_HANDLE;
typedef int NDIS_STATUS, *PNDIS_STATUS;
#endif
typedef ULONG NDIS_OID, *PNDIS_OID;
typedef ULONG NDIS_PORT_NUMBER, *PNDIS_PORT_NUMBER;
typedef UNICODE_STRING NDIS_STRING, *PNDIS_STRING;
typedef ANSI_STRING NDIS_ANSI_STRING, *PNDIS_ANSI_STRING;

#define NDIS_DEFAULT_PORT_NUMBER ((NDIS_PORT_NUMBER)0)
#define NDIS_MAXIMUM_PORTS       0x1000000

#ifdef __cplusplus
}
#endif

#endif

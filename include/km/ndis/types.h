/*
 * The few types that every NDIS header starts from: handles, status, the port number, and the export decoration of
 * ndis.sys's functions.
 */
#pragma once

#include <wdm.h>

#ifndef _NDIS_
#define _NDIS_
#endif

/* On Windows the functions of ndis.sys are imported; in ndiskit they are visible to ELF drivers through the dynamic linker. */
#if defined(_WIN32)
#if defined(_NDIS_SYS_)
#define EXPORT
#else
#define EXPORT __declspec(dllimport)
#endif
#else
#define EXPORT __attribute__((visibility("default")))
#endif
#ifndef NDISAPI
#define NDISAPI EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef PVOID NDIS_HANDLE, *PNDIS_HANDLE;
typedef int NDIS_STATUS, *PNDIS_STATUS;
typedef ULONG NDIS_OID, *PNDIS_OID;
typedef ULONG NDIS_PORT_NUMBER, *PNDIS_PORT_NUMBER;
typedef UNICODE_STRING NDIS_STRING, *PNDIS_STRING;
typedef ANSI_STRING NDIS_ANSI_STRING, *PNDIS_ANSI_STRING;
typedef ULONG NDIS_AF, *PNDIS_AF;

#define NDIS_DEFAULT_PORT_NUMBER ((NDIS_PORT_NUMBER)0)
#define NDIS_MAXIMUM_PORTS       0x1000000

#ifdef __cplusplus
}
#endif

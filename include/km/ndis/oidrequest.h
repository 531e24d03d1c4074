/*
 * NDIS_OID_REQUEST: a query, set or method that a protocol or filter driver or NDIS itself sends to a miniport. The
 * same structure travels the whole way down and is completed with the same pointer.
 * Page: "NDIS_OID_REQUEST structure (oidrequest.h)".
 */
#ifndef NDISKIT_NDIS_OIDREQUEST_H
#define NDISKIT_NDIS_OIDREQUEST_H

#include <ntddndis.h>
#include <ndis/objectheader.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NDIS_OID_REQUEST_NDIS_RESERVED_SIZE 16
#define NDIS_OID_REQUEST_TIMEOUT_INFINITE   0
#define NDIS_OID_REQUEST_REVISION_1         1
#if NDIS_SUPPORT_NDIS650
#define NDIS_OID_REQUEST_REVISION_2 2
/* Flags: the SwitchId and VPortId members mean something. */
#define NDIS_OID_REQUEST_FLAGS_VPORT_ID_VALID 0x0001
#endif

typedef struct _NDIS_OID_REQUEST {
    NDIS_OBJECT_HEADER Header;
    NDIS_REQUEST_TYPE RequestType;
    NDIS_PORT_NUMBER PortNumber;
    UINT Timeout;    /* seconds; NDIS_OID_REQUEST_TIMEOUT_INFINITE for none */
    PVOID RequestId; /* chosen by the source, for cancelling and for status indications */
    NDIS_HANDLE RequestHandle;
    union _REQUEST_DATA {
        NDIS_OID Oid;
        struct _QUERY {
            NDIS_OID Oid;
            PVOID InformationBuffer;
            UINT InformationBufferLength;
            UINT BytesWritten;
            UINT BytesNeeded;
        } QUERY_INFORMATION;
        struct _SET {
            NDIS_OID Oid;
            PVOID InformationBuffer;
            UINT InformationBufferLength;
            UINT BytesRead;
            UINT BytesNeeded;
        } SET_INFORMATION;
        struct _METHOD {
            NDIS_OID Oid;
            PVOID InformationBuffer;
            ULONG InputBufferLength;
            ULONG OutputBufferLength;
            ULONG MethodId;
            UINT BytesWritten;
            UINT BytesRead;
            UINT BytesNeeded;
        } METHOD_INFORMATION;
    } DATA;
    UCHAR NdisReserved[NDIS_OID_REQUEST_NDIS_RESERVED_SIZE * sizeof(PVOID)];
    UCHAR MiniportReserved[2 * sizeof(PVOID)];
    UCHAR SourceReserved[2 * sizeof(PVOID)];
    UCHAR SupportedRevision;
    UCHAR Reserved1;
    USHORT Reserved2;
#if NDIS_SUPPORT_NDIS650
    ULONG SwitchId;
    ULONG VPortId;
    ULONG Flags;
#endif
} NDIS_OID_REQUEST, *PNDIS_OID_REQUEST;

#define NDIS_SIZEOF_OID_REQUEST_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_OID_REQUEST, Reserved2)
#if NDIS_SUPPORT_NDIS650
#define NDIS_SIZEOF_OID_REQUEST_REVISION_2 RTL_SIZEOF_THROUGH_FIELD(NDIS_OID_REQUEST, Flags)
#endif

#ifdef __cplusplus
}
#endif

#endif

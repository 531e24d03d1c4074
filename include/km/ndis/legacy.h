/*
 * Names of NDIS 5 that drivers in the field still mention, often behind a test of the NDIS version. They are declared so
 * that such sources compile; ndiskit's NDIS is 6.x only, and a driver that imports one of them is told so when it is loaded.
 * Pages: "NDIS_REQUEST structure", "NdisRequest function", "NdisOpenAdapter function", "NdisMSetAttributesEx function".
 */
#ifndef NDISKIT_NDIS_LEGACY_H
#define NDISKIT_NDIS_LEGACY_H

#include <ndis/common.h>
#include <ndis/miniport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _NDIS_REQUEST {
    UCHAR MacReserved[4 * sizeof(PVOID)];
    NDIS_REQUEST_TYPE RequestType;
    union _DATA {
        struct QUERY_INFORMATION {
            NDIS_OID Oid;
            PVOID InformationBuffer;
            UINT InformationBufferLength;
            UINT BytesWritten;
            UINT BytesNeeded;
        } QUERY_INFORMATION;
        struct SET_INFORMATION {
            NDIS_OID Oid;
            PVOID InformationBuffer;
            UINT InformationBufferLength;
            UINT BytesRead;
            UINT BytesNeeded;
        } SET_INFORMATION;
    } DATA;
    UCHAR NdisReserved[9 * sizeof(PVOID)];
    union {
        UCHAR CallMgrReserved[2 * sizeof(PVOID)];
        UCHAR ProtocolReserved[2 * sizeof(PVOID)];
    };
    UCHAR MiniportReserved[2 * sizeof(PVOID)];
} NDIS_REQUEST, *PNDIS_REQUEST;

#define NDIS_ATTRIBUTE_IGNORE_PACKET_TIMEOUT    0x00000001
#define NDIS_ATTRIBUTE_IGNORE_REQUEST_TIMEOUT   0x00000002
#define NDIS_ATTRIBUTE_IGNORE_TOKEN_RING_ERRORS 0x00000004
#define NDIS_ATTRIBUTE_BUS_MASTER               0x00000008
#define NDIS_ATTRIBUTE_INTERMEDIATE_DRIVER      0x00000010
#define NDIS_ATTRIBUTE_DESERIALIZE              0x00000020
#define NDIS_ATTRIBUTE_NO_HALT_ON_SUSPEND       0x00000040
#define NDIS_ATTRIBUTE_SURPRISE_REMOVE_OK       0x00000080
#define NDIS_ATTRIBUTE_NOT_CO_NDIS              0x00000100
#define NDIS_ATTRIBUTE_USES_SAFE_BUFFER_APIS    0x00000200

NDISAPI VOID NTAPI NdisRequest(_Out_ PNDIS_STATUS Status, _In_ NDIS_HANDLE NdisBindingHandle,
                               _In_ PNDIS_REQUEST NdisRequest);
NDISAPI VOID NTAPI NdisOpenAdapter(_Out_ PNDIS_STATUS Status, _Out_ PNDIS_STATUS OpenErrorStatus,
                                   _Out_ PNDIS_HANDLE NdisBindingHandle, _Out_ PUINT SelectedMediumIndex,
                                   _In_reads_(MediumArraySize) PNDIS_MEDIUM MediumArray, _In_ UINT MediumArraySize,
                                   _In_ NDIS_HANDLE NdisProtocolHandle, _In_ NDIS_HANDLE ProtocolBindingContext,
                                   _In_ PNDIS_STRING AdapterName, _In_ UINT OpenOptions,
                                   _In_opt_ PSTRING AddressingInformation);
NDISAPI VOID NTAPI NdisCloseAdapter(_Out_ PNDIS_STATUS Status, _In_ NDIS_HANDLE NdisBindingHandle);
NDISAPI VOID NTAPI NdisMSetAttributesEx(_In_ NDIS_HANDLE MiniportAdapterHandle, _In_ NDIS_HANDLE MiniportAdapterContext,
                                        _In_opt_ UINT CheckForHangTimeInSeconds, _In_ ULONG AttributeFlags,
                                        _In_opt_ NDIS_INTERFACE_TYPE AdapterType);

#ifdef __cplusplus
}
#endif

#endif

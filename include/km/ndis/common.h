/*
 * What all kinds of NDIS drivers share: status indications, Plug and Play and power notifications, restart attributes,
 * control devices, and MiniportSetOptions and its companions.
 */
#ifndef NDISKIT_NDIS_COMMON_H
#define NDISKIT_NDIS_COMMON_H

#include <ndis/nbl.h>
#include <ndis/oidrequest.h>
#include <ndis/status.h>
#include <netpnp.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef NDIS_MAX_PHYS_ADDRESS_LENGTH
#define NDIS_MAX_PHYS_ADDRESS_LENGTH IF_MAX_PHYS_ADDRESS_LENGTH
#endif

/* What an NDIS allocation begins with, so that the owner can be found. Page: "NDIS_GENERIC_OBJECT structure". */
#define NDIS_GENERIC_OBJECT_REVISION_1 1
typedef struct _NDIS_GENERIC_OBJECT {
    NDIS_OBJECT_HEADER Header;
    PVOID Caller;
    PVOID CallersCaller;
    PDRIVER_OBJECT DriverObject;
} NDIS_GENERIC_OBJECT, *PNDIS_GENERIC_OBJECT;
#define NDIS_SIZEOF_GENERIC_OBJECT_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_GENERIC_OBJECT, DriverObject)

/*
 * A change of state that a miniport (NdisMIndicateStatusEx) or filter (NdisFIndicateStatus) reports upward.
 * Page: "NDIS_STATUS_INDICATION structure".
 */
#define NDIS_STATUS_INDICATION_REVISION_1 1
typedef struct _NDIS_STATUS_INDICATION {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE SourceHandle; /* the miniport's or filter's NDIS handle */
    NDIS_PORT_NUMBER PortNumber;
    NDIS_STATUS StatusCode;
    ULONG Flags; /* NDIS_STATUS_INDICATION_FLAGS_... */
    NDIS_HANDLE DestinationHandle;
    PVOID RequestId;
    PVOID StatusBuffer;
    ULONG StatusBufferSize;
    GUID Guid; /* for NDIS_STATUS_MEDIA_SPECIFIC_INDICATION events of WMI */
    PVOID NdisReserved[4];
} NDIS_STATUS_INDICATION, *PNDIS_STATUS_INDICATION;
#define NDIS_SIZEOF_STATUS_INDICATION_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_STATUS_INDICATION, NdisReserved)
#define NDIS_STATUS_INDICATION_FLAGS_MEDIA_CONNECT_TO_CONNECT 0x0001
#define NDIS_STATUS_INDICATION_FLAGS_NDIS_RESERVED            0x0002

/* Page: "NET_PNP_EVENT_NOTIFICATION structure". */
#define NET_PNP_EVENT_NOTIFICATION_REVISION_1 1
#if NDIS_SUPPORT_NDIS630
#define NET_PNP_EVENT_NOTIFICATION_REVISION_2 2
#endif
typedef struct _NET_PNP_EVENT_NOTIFICATION {
    NDIS_OBJECT_HEADER Header;
    NDIS_PORT_NUMBER PortNumber;
    NET_PNP_EVENT NetPnPEvent;
    ULONG Flags;
#if NDIS_SUPPORT_NDIS630
    ULONG SwitchId;
    ULONG VPortId;
#endif
} NET_PNP_EVENT_NOTIFICATION, *PNET_PNP_EVENT_NOTIFICATION;
#define NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NET_PNP_EVENT_NOTIFICATION, Flags)
#if NDIS_SUPPORT_NDIS630
#define NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_2 RTL_SIZEOF_THROUGH_FIELD(NET_PNP_EVENT_NOTIFICATION, VPortId)
#endif
#define NET_EVENT_FLAGS_VPORT_ID_VALID 0x00000001
#define NET_EVENT_HALT_MINIPORT_ON_LOW_POWER 0x00000001

/* Page: "NET_DEVICE_PNP_EVENT structure". */
typedef enum _NDIS_DEVICE_PNP_EVENT {
    NdisDevicePnPEventQueryRemoved,
    NdisDevicePnPEventRemoved,
    NdisDevicePnPEventSurpriseRemoved,
    NdisDevicePnPEventQueryStopped,
    NdisDevicePnPEventStopped,
    NdisDevicePnPEventPowerProfileChanged,
    NdisDevicePnPEventFilterListChanged,
    NdisDevicePnPEventMaximum
} NDIS_DEVICE_PNP_EVENT, *PNDIS_DEVICE_PNP_EVENT;

typedef enum _NDIS_POWER_PROFILE {
    NdisPowerProfileBattery,
    NdisPowerProfileAcOnLine
} NDIS_POWER_PROFILE, *PNDIS_POWER_PROFILE;

#define NET_DEVICE_PNP_EVENT_REVISION_1 1
typedef struct _NET_DEVICE_PNP_EVENT {
    NDIS_OBJECT_HEADER Header;
    NDIS_PORT_NUMBER PortNumber;
    NDIS_DEVICE_PNP_EVENT DevicePnPEvent;
    PVOID InformationBuffer;
    ULONG InformationBufferLength;
    UCHAR NdisReserved[2 * sizeof(PVOID)];
} NET_DEVICE_PNP_EVENT, *PNET_DEVICE_PNP_EVENT;
#define NDIS_SIZEOF_NET_DEVICE_PNP_EVENT_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NET_DEVICE_PNP_EVENT, NdisReserved)

/*
 * Attributes that travel up the driver stack while it restarts; each driver may lower what the one below it offered.
 * Pages: "NDIS_RESTART_ATTRIBUTES structure", "NDIS_RESTART_GENERAL_ATTRIBUTES structure".
 */
typedef struct _NDIS_RESTART_ATTRIBUTES {
    struct _NDIS_RESTART_ATTRIBUTES *Next;
    NDIS_OID Oid; /* OID_GEN_MINIPORT_RESTART_ATTRIBUTES for NDIS_RESTART_GENERAL_ATTRIBUTES */
    ULONG DataLength;
    DECLSPEC_ALIGN(MEMORY_ALLOCATION_ALIGNMENT) UCHAR Data[1];
} NDIS_RESTART_ATTRIBUTES, *PNDIS_RESTART_ATTRIBUTES;

#define NDIS_RESTART_GENERAL_ATTRIBUTES_REVISION_1 1
#if NDIS_SUPPORT_NDIS620
#define NDIS_RESTART_GENERAL_ATTRIBUTES_REVISION_2 2
#endif
typedef struct _NDIS_RESTART_GENERAL_ATTRIBUTES {
    NDIS_OBJECT_HEADER Header;
    ULONG MtuSize;
    ULONG64 MaxXmitLinkSpeed;
    ULONG64 MaxRcvLinkSpeed;
    ULONG LookaheadSize;
    ULONG MacOptions;
    ULONG SupportedPacketFilters;
    ULONG MaxMulticastListSize;
    struct _NDIS_RECEIVE_SCALE_CAPABILITIES *RecvScaleCapabilities;
    NET_IF_ACCESS_TYPE AccessType;
    ULONG Flags;
    NET_IF_CONNECTION_TYPE ConnectionType;
    ULONG SupportedStatistics;
    ULONG DataBackFillSize;
    ULONG ContextBackFillSize;
    PNDIS_OID SupportedOidList;
    ULONG SupportedOidListLength;
#if NDIS_SUPPORT_NDIS620
    ULONG MaxLookaheadSizeAccessed;
#endif
} NDIS_RESTART_GENERAL_ATTRIBUTES, *PNDIS_RESTART_GENERAL_ATTRIBUTES;
#define NDIS_SIZEOF_RESTART_GENERAL_ATTRIBUTES_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_RESTART_GENERAL_ATTRIBUTES, SupportedOidListLength)
#if NDIS_SUPPORT_NDIS620
#define NDIS_SIZEOF_RESTART_GENERAL_ATTRIBUTES_REVISION_2 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_RESTART_GENERAL_ATTRIBUTES, MaxLookaheadSizeAccessed)
#endif

/* Why a driver is paused: PauseReason of the ..._PAUSE_PARAMETERS structures. */
#define NDIS_PAUSE_NDIS_INTERNAL          0x00000001
#define NDIS_PAUSE_LOW_POWER              0x00000002
#define NDIS_PAUSE_BIND_PROTOCOL          0x00000004
#define NDIS_PAUSE_UNBIND_PROTOCOL        0x00000008
#define NDIS_PAUSE_ATTACH_FILTER          0x00000010
#define NDIS_PAUSE_DETACH_FILTER          0x00000020
#define NDIS_PAUSE_FILTER_RESTART_STACK   0x00000040
#define NDIS_PAUSE_MINIPORT_DEVICE_REMOVE 0x00000080

/*
 * MiniportSetOptions, ProtocolSetOptions, FilterSetOptions: called inside the registration function, so that the driver
 * can register optional handlers with NdisSetOptionalHandlers. PASSIVE_LEVEL.
 */
typedef NDIS_STATUS(NTAPI SET_OPTIONS)(_In_ NDIS_HANDLE NdisDriverHandle, _In_ NDIS_HANDLE DriverContext);
typedef SET_OPTIONS(*SET_OPTIONS_HANDLER);

typedef struct _NDIS_DRIVER_OPTIONAL_HANDLERS {
    NDIS_OBJECT_HEADER Header;
} NDIS_DRIVER_OPTIONAL_HANDLERS, *PNDIS_DRIVER_OPTIONAL_HANDLERS;

/*
 * Registers the optional functions that the structure's header type names (NDIS_MINIPORT_PNP_CHARACTERISTICS, ...).
 * PASSIVE_LEVEL. NDIS_STATUS_NOT_SUPPORTED, _BAD_CHARACTERISTICS, _INVALID_PARAMETER, _RESOURCES.
 * Page: "NdisSetOptionalHandlers function".
 */
NDISAPI NDIS_STATUS NTAPI NdisSetOptionalHandlers(_In_ NDIS_HANDLE NdisHandle,
                                                  _In_ PNDIS_DRIVER_OPTIONAL_HANDLERS OptionalHandlers);

/* The NDIS version of the running system: major << 16 | minor. IRQL <= DISPATCH_LEVEL. Page: "NdisGetVersion function". */
NDISAPI UINT NTAPI NdisGetVersion(VOID);

/*
 * Control devices: named device objects that applications can open, of which the driver handles the IRPs that it wants.
 * PASSIVE_LEVEL. Pages: "NDIS_DEVICE_OBJECT_ATTRIBUTES structure", "NdisRegisterDeviceEx function".
 */
#define NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1 1
typedef struct _NDIS_DEVICE_OBJECT_ATTRIBUTES {
    NDIS_OBJECT_HEADER Header;
    PNDIS_STRING DeviceName;
    PNDIS_STRING SymbolicName;
    PDRIVER_DISPATCH *MajorFunctions; /* IRP_MJ_MAXIMUM_FUNCTION + 1 entries, NULL where not handled */
    ULONG ExtensionSize;
    PCUNICODE_STRING DefaultSDDLString;
    LPCGUID DeviceClassGuid;
} NDIS_DEVICE_OBJECT_ATTRIBUTES, *PNDIS_DEVICE_OBJECT_ATTRIBUTES;
#define NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_DEVICE_OBJECT_ATTRIBUTES, DeviceClassGuid)

NDISAPI NDIS_STATUS NTAPI NdisRegisterDeviceEx(_In_ NDIS_HANDLE NdisHandle,
                                               _In_ PNDIS_DEVICE_OBJECT_ATTRIBUTES DeviceObjectAttributes,
                                               _Outptr_ PDEVICE_OBJECT *pDeviceObject,
                                               _Out_ PNDIS_HANDLE NdisDeviceHandle);
NDISAPI VOID NTAPI NdisDeregisterDeviceEx(_In_ NDIS_HANDLE NdisDeviceHandle);
/* The ExtensionSize bytes that a control device was registered with. Any IRQL. */
NDISAPI PVOID NTAPI NdisGetDeviceReservedExtension(_In_ PDEVICE_OBJECT DeviceObject);

#ifdef __cplusplus
}
#endif

#endif

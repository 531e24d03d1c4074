/*
 * usbnet: an NDIS 6.30 miniport for USB network devices of the CDC Network Control Model, with a WDM lower edge.
 *
 * driver.c    DriverEntry, unload                   ncm.c        NTB framing, descriptors (no I/O)
 * adapter.c   initialize, halt, pause, restart      lower_wdm.c  IRPs and URBs to the bus driver
 * device.c    bringing the device up                send.c       NET_BUFFERs into NTBs
 * oid.c       OID requests                          receive.c    NTBs into NET_BUFFERs
 * link.c      notifications, link state
 */
#pragma once

#include <ndis.h>
#include "lower.h"
#include "ncm.h"
#include "util.h"

#define USBNET_TAG 'tNsU'

#define USBNET_MAJOR_DRIVER_VERSION 1
#define USBNET_MINOR_DRIVER_VERSION 0

#define RECEIVE_BUFFERS         16
#define RECEIVE_BUFFERS_RESERVE 4 /* that many are never lent to the protocols above */
#define RECEIVE_MAX_SIZE        32768
#define RECEIVE_ERROR_LIMIT     16 /* consecutive failures after which a pipe is reset */

#define TRANSMIT_BUFFERS       4
#define TRANSMIT_MAX_SIZE      32768
#define TRANSMIT_MAX_DATAGRAMS 1024

#define MULTICAST_LIST_LIMIT 32
#define NOTIFY_BUFFER_SIZE   64

typedef struct _ADAPTER ADAPTER;

/* The counters of NDIS_STATISTICS_INFO for one direction. */
typedef struct _TRAFFIC {
    ULONG64 UnicastFrames, UnicastBytes;
    ULONG64 MulticastFrames, MulticastBytes;
    ULONG64 BroadcastFrames, BroadcastBytes;
    ULONG64 Discards, Errors;
} TRAFFIC;

/* Where a receive buffer is. */
typedef enum _RECEIVE_STATE {
    ReceiveIdle,    /* nowhere: reading is stopped, or waits for a repair */
    ReceiveReading, /* at the device */
    ReceiveLent     /* its datagrams are with the protocols above */
} RECEIVE_STATE;

typedef struct _RECEIVE_BUFFER {
    ADAPTER *Adapter;
    UCHAR *Data;
    LOWER_TRANSFER *Transfer;
    RECEIVE_STATE State;
    volatile LONG Lent;       /* datagrams not returned yet, and 1 while they are being indicated */
    NET_BUFFER_LIST **Frames; /* made when first needed; each keeps its MDL */
    ULONG FrameCount;
    ULONG FrameCapacity;
} RECEIVE_BUFFER;

typedef struct _TRANSMIT_BUFFER {
    ADAPTER *Adapter;
    UCHAR *Data;
    LOWER_TRANSFER *Transfer;
    struct _TRANSMIT_BUFFER *Next; /* in the list of idle buffers */
    NET_BUFFER_LIST *Completes;    /* the lists whose last datagram is in this block */
    NET_BUFFER_LIST **CompletesEnd;
    TRAFFIC Traffic;
    NCM_DATAGRAM *Datagrams;
} TRANSMIT_BUFFER;

struct _ADAPTER {
    NDIS_HANDLE Handle; /* MiniportAdapterHandle */
    LOWER_EDGE *Lower;
    volatile LONG Removed; /* the device is gone: nothing more is sent to it */

    /* device.c */
    NCM_FUNCTION Function;
    NCM_PARAMETERS Parameters;
    BOOLEAN Is32;
    ULONG InSize;
    ULONG OutSize;
    ULONG OutMaxPacket;
    ULONG MaxFrameSize; /* Ethernet header included */
    ULONG NtbFormat;    /* NtbFormat keyword: 16, 32, or 0 to choose */
    UCHAR PermanentAddress[6];
    UCHAR CurrentAddress[6];

    /* oid.c */
    NDIS_HANDLE RequestWorkItem;
    NDIS_OID_REQUEST *PendingRequest;
    volatile ULONG PacketFilter;
    ULONG LookAhead;
    ULONG MulticastCount;
    UCHAR MulticastList[MULTICAST_LIST_LIMIT][6];
    BOOLEAN LowPower;

    /* link.c */
    LOWER_TRANSFER *NotifyTransfer;
    UCHAR NotifyData[NOTIFY_BUFFER_SIZE];
    NDIS_HANDLE RepairWorkItem;
    NDIS_SPIN_LOCK LinkLock;
    BOOLEAN NotifyStopping;
    KEVENT NotifyIdle;
    BOOLEAN RepairQueued;
    KEVENT RepairIdle;
    volatile LONG BrokenPipes;  /* bit mask of LOWER_PIPE */
    volatile LONG ResetPending; /* MiniportResetEx waits for the repair */
    volatile LONG Connected;    /* written with the lock held, read without it by send.c */
    ULONG64 RxSpeed, TxSpeed;
    LONG IndicatedConnected;
    ULONG64 IndicatedRxSpeed, IndicatedTxSpeed;

    /* receive.c */
    NDIS_HANDLE ReceivePool;
    RECEIVE_BUFFER ReceiveBuffers[RECEIVE_BUFFERS];
    NDIS_SPIN_LOCK ReceiveLock; /* the following, the buffers' states, and the filters of oid.c */
    BOOLEAN ReceiveRunning;
    ULONG ReceiveReadingCount;
    ULONG ReceiveLentCount;
    ULONG ReceiveErrors; /* in a row */
    KEVENT ReceiveDone;
    TRAFFIC Received;

    /* send.c */
    KSPIN_LOCK SendLock;
    BOOLEAN SendRunning;
    BOOLEAN SendPumping; /* one processor at a time fills and submits blocks, which keeps them in order */
    USHORT SendSequence;
    NET_BUFFER_LIST *SendHead;
    NET_BUFFER_LIST **SendTail;
    NET_BUFFER *SendNext; /* of the list at the head: what comes next */
    TRANSMIT_BUFFER *TransmitIdle;
    ULONG TransmitBusy;
    TRANSMIT_BUFFER TransmitBuffers[TRANSMIT_BUFFERS];
    KEVENT SendIdle;
    TRAFFIC Sent;
};

/* driver.c */
extern NDIS_HANDLE DriverHandle;

/* adapter.c */
MINIPORT_INITIALIZE AdapterInitialize;
MINIPORT_HALT AdapterHalt;
MINIPORT_PAUSE AdapterPause;
MINIPORT_RESTART AdapterRestart;
MINIPORT_SHUTDOWN AdapterShutdown;
MINIPORT_RESET AdapterReset;
MINIPORT_DEVICE_PNP_EVENT_NOTIFY AdapterPnPEvent;

/* device.c: PASSIVE_LEVEL. */
NDIS_STATUS
DeviceRead(_Inout_ ADAPTER *Adapter); /* descriptors and NTB parameters */
NDIS_STATUS
DeviceStart(_Inout_ ADAPTER *Adapter); /* from configured to exchanging blocks */
VOID
DeviceStop(_Inout_ ADAPTER *Adapter); /* the data interface back to its idle setting */
NDIS_STATUS
DeviceSetPacketFilter(_Inout_ ADAPTER *Adapter);
NDIS_STATUS
DeviceSetMulticast(_Inout_ ADAPTER *Adapter);
VOID
DeviceFailed(_Inout_ ADAPTER *Adapter, NTSTATUS Status); /* notes that the device is gone; any IRQL <= DISPATCH_LEVEL */

/* oid.c */
extern NDIS_OID OidSupported[];
extern const ULONG OidSupportedSize;
MINIPORT_OID_REQUEST OidRequest;
MINIPORT_CANCEL_OID_REQUEST OidCancel;
NDIS_IO_WORKITEM_FUNCTION OidWork;
#define SUPPORTED_PACKET_FILTERS                                                                                       \
    (NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_MULTICAST | NDIS_PACKET_TYPE_ALL_MULTICAST |                         \
     NDIS_PACKET_TYPE_BROADCAST | NDIS_PACKET_TYPE_PROMISCUOUS)

/* link.c */
NDIS_STATUS
LinkCreate(_Inout_ ADAPTER *Adapter);
VOID
LinkDelete(_Inout_ ADAPTER *Adapter);
VOID
LinkStart(_Inout_ ADAPTER *Adapter);
VOID
LinkStop(_Inout_ ADAPTER *Adapter);
VOID
LinkRepairPipe(_Inout_ ADAPTER *Adapter, LOWER_PIPE Pipe); /* IRQL <= DISPATCH_LEVEL: clears it from a work item */
NDIS_IO_WORKITEM_FUNCTION LinkRepairWork;

/* receive.c */
NDIS_STATUS
ReceiveCreate(_Inout_ ADAPTER *Adapter);
VOID
ReceiveDelete(_Inout_ ADAPTER *Adapter);
VOID
ReceiveStart(_Inout_ ADAPTER *Adapter);
VOID
ReceiveStop(_Inout_ ADAPTER *Adapter); /* returns when the device and the protocols have given every buffer back */
VOID
ReceiveResume(_Inout_ ADAPTER *Adapter);
MINIPORT_RETURN_NET_BUFFER_LISTS ReceiveReturn;

/* send.c */
NDIS_STATUS
SendCreate(_Inout_ ADAPTER *Adapter);
VOID
SendDelete(_Inout_ ADAPTER *Adapter);
VOID
SendStart(_Inout_ ADAPTER *Adapter);
VOID
SendStop(_Inout_ ADAPTER *Adapter); /* returns when every NET_BUFFER_LIST has been completed */
MINIPORT_SEND_NET_BUFFER_LISTS Send;
MINIPORT_CANCEL_SEND SendCancel;

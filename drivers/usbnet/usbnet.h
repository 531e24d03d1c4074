/*
 * usbnet: an NDIS 6.30 miniport for USB network devices of the communications class: CDC-NCM, CDC-ECM, Remote NDIS.
 *
 * driver.c    DriverEntry, unload                   cdc.c      descriptors and notifications (no I/O)
 * adapter.c   initialize, halt, pause, restart      ncm.c      NCM framing (no I/O)
 * device.c    bringing a device up                  ecm.c      ECM framing (no I/O)
 * device_*.c  what is special to a class            rndis.c    Remote NDIS messages (no I/O)
 * oid.c       OID requests                          send.c     NET_BUFFERs into blocks
 * link.c      notifications, link state, repairs    receive.c  blocks into NET_BUFFERs
 *
 * lower_wdm.c or lower_kmdf.c: the USB device beneath, see lower.h
 */
#pragma once

#include <ndis.h>
#include "framing.h"
#include "lower.h"
#include "traffic.h"
#include "util.h"

#define USBNET_TAG 'tNsU'

#define USBNET_MAJOR_DRIVER_VERSION 1
#define USBNET_MINOR_DRIVER_VERSION 0

#define RECEIVE_BUFFERS         16 /* of aggregated datagrams */
#define RECEIVE_BUFFERS_SMALL   64 /* of about one datagram each */
#define RECEIVE_BUFFERS_RESERVE 4  /* that many are never lent to the protocols above */
#define RECEIVE_MAX_SIZE        32768
#define RECEIVE_ERROR_LIMIT     16 /* consecutive failures after which a pipe is reset */

#define TRANSMIT_BUFFERS       4
#define TRANSMIT_BUFFERS_SMALL 32
#define TRANSMIT_MAX_SIZE      32768
#define TRANSMIT_MAX_DATAGRAMS 1024

#define SMALL_BLOCK 4096 /* at most that: a block of about one datagram */

#define MULTICAST_LIST_LIMIT 32
#define NOTIFY_BUFFER_SIZE   64

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
    volatile LONG Lent; /* datagrams not returned yet, and 1 while they are being indicated */
    MDL *Mdl;           /* over Data: of all datagrams of the block */
} RECEIVE_BUFFER;

typedef struct _TRANSMIT_BUFFER {
    ADAPTER *Adapter;
    UCHAR *Data;
    LOWER_TRANSFER *Transfer;
    LOWER_TRANSFER *EmptyPacket;   /* behind a block whose last packet is full; NULL where the class has none */
    ULONG Pending;                 /* how many of the two are at the device */
    NTSTATUS Status;               /* of the first that failed */
    struct _TRANSMIT_BUFFER *Next; /* in the list of idle buffers */
    NET_BUFFER_LIST *Completes;    /* the lists whose last datagram is in this block */
    TRAFFIC Traffic;
    DATAGRAM *Datagrams;
} TRANSMIT_BUFFER;

/* device_rndis.c: the control channel of a Remote NDIS device. */
typedef struct _RNDIS_CHANNEL {
    KEVENT Free;           /* one exchange at a time */
    KEVENT Available;      /* RESPONSE_AVAILABLE, while an exchange waits for it */
    volatile LONG Waiting; /* an exchange does */
    BOOLEAN Initialized;
    BOOLEAN SpeedUnknown; /* the link came up: its speed is to be asked for */
    ULONG RequestId;
    ULONG MaxPackets; /* in one block to the device */
    ULONG Alignment;
    ULONG MulticastLimit;
    volatile LONG Heard; /* a message has come since the last look of the keep-alive */
    ULONG64 FramesHeard; /* all frames that had come then */
    KTIMER KeepAliveTimer;
    KDPC KeepAliveDpc;
    UCHAR Command[RNDIS_CONTROL_LENGTH];
    UCHAR Answer[RNDIS_CONTROL_LENGTH];
} RNDIS_CHANNEL;

struct _ADAPTER {
    NDIS_HANDLE Handle; /* MiniportAdapterHandle */
    LOWER_EDGE *Lower;
    volatile LONG Removed; /* the device is gone: nothing more is sent to it */

    /* device.c */
    CDC_FUNCTION Function;
    const FRAMING *Framing;
    ULONG InSize;
    ULONG OutSize;
    ULONG OutMaxPacket;
    ULONG MaxFrameSize; /* Ethernet header included */
    UCHAR PermanentAddress[6];
    UCHAR CurrentAddress[6];

    /* device_ncm.c */
    NCM_PARAMETERS Parameters;
    BOOLEAN Is32;
    ULONG NtbFormat; /* NtbFormat keyword: 16, 32, or 0 to choose */

    /* device_rndis.c */
    RNDIS_CHANNEL Rndis;

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
    ULONG NotifyPacketSize;
    UCHAR NotifyPacket[NOTIFY_BUFFER_SIZE];
    UCHAR NotifyData[2 * NOTIFY_BUFFER_SIZE]; /* what packets brought and is not yet a whole notification */
    ULONG NotifyFill;
    NDIS_HANDLE LinkWorkItem;
    NDIS_SPIN_LOCK LinkLock;
    BOOLEAN LinkStopping;
    KEVENT NotifyIdle;
    BOOLEAN WorkQueued;
    KEVENT WorkIdle;
    ULONG Work;                 /* what the work item has to do: LINK_REPAIR(Pipe), LINK_SERVE, LINK_KEEP_ALIVE */
    volatile LONG ResetPending; /* MiniportResetEx waits for the repair */
    BOOLEAN Announced;          /* the link's state is indicated */
    volatile LONG Connected;    /* written with the lock held, read without it by send.c */
    ULONG64 RxSpeed, TxSpeed;
    LONG IndicatedConnected;
    ULONG64 IndicatedRxSpeed, IndicatedTxSpeed;

    /* receive.c */
    NDIS_HANDLE ReceivePool;
    RECEIVE_BUFFER ReceiveBuffers[RECEIVE_BUFFERS_SMALL];
    ULONG ReceiveBufferCount;
    NDIS_SPIN_LOCK ReceiveLock; /* the following, the buffers' states, and the filters of oid.c */
    BOOLEAN ReceiveRunning;
    ULONG ReceiveReadingCount;
    ULONG ReceiveLentCount;
    ULONG ReceiveErrors;            /* in a row */
    NET_BUFFER_LIST *ReceiveFrames; /* that are free: last in, first out, so that the processor's cache has them */
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
    TRANSMIT_BUFFER TransmitBuffers[TRANSMIT_BUFFERS_SMALL];
    ULONG TransmitBufferCount;
    ULONG TransmitMaxDatagrams; /* in a block */
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
DeviceConfigure(_Inout_ ADAPTER *Adapter); /* descriptors; the device then is configured */
NDIS_STATUS
DeviceRead(_Inout_ ADAPTER *Adapter); /* limits and addresses */
NDIS_STATUS
DeviceStart(_Inout_ ADAPTER *Adapter); /* from configured to exchanging blocks */
VOID
DeviceStop(_Inout_ ADAPTER *Adapter); /* the data interface back to its idle setting */
VOID
DeviceFailed(_Inout_ ADAPTER *Adapter, NTSTATUS Status); /* notes that the device is gone; any IRQL <= DISPATCH_LEVEL */

/* For device_*.c. A class request to the control interface; *Length: bytes to transfer, then bytes transferred. */
NTSTATUS
DeviceRequest(_Inout_ ADAPTER *Adapter, BOOLEAN In, UCHAR Request, USHORT Value,
              _Inout_updates_opt_(*Length) VOID *Buffer, _Inout_ ULONG *Length);
NTSTATUS
DeviceSet(_Inout_ ADAPTER *Adapter, UCHAR Request, USHORT Value, _In_reads_bytes_opt_(Length) VOID *Buffer,
          ULONG Length);
NTSTATUS
DeviceReadMacAddress(_Inout_ ADAPTER *Adapter); /* PermanentAddress from the string that the descriptors name */
NDIS_STATUS
DeviceRefuse(_In_ const CHAR *Why, NTSTATUS Status); /* says why a device cannot be used; returns Status */
NDIS_STATUS
DeviceSetEthernetFilter(_Inout_ ADAPTER *Adapter); /* as NCM and ECM have it */
NDIS_STATUS
DeviceSetEthernetMulticast(_Inout_ ADAPTER *Adapter);
#define MAX_ETHERNET_PAYLOAD 1500

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
LinkStart(_Inout_ ADAPTER *Adapter); /* notifications are read from now on */
VOID
LinkAnnounce(_Inout_ ADAPTER *Adapter); /* the state of the link is indicated from now on */
VOID
LinkStop(_Inout_ ADAPTER *Adapter);
VOID
LinkSetConnected(_Inout_ ADAPTER *Adapter, BOOLEAN Connected); /* IRQL <= DISPATCH_LEVEL, as the following */
VOID
LinkSetSpeed(_Inout_ ADAPTER *Adapter, ULONG64 RxSpeed, ULONG64 TxSpeed); /* bit/s */
#define LINK_REPAIR(Pipe) (1u << (Pipe))                                  /* abort and clear a pipe */
#define LINK_SERVE        (1u << LowerPipeCount)
#define LINK_KEEP_ALIVE   (2u << LowerPipeCount)
VOID
LinkQueueWork(_Inout_ ADAPTER *Adapter, ULONG Work); /* to be done by a work item */
NDIS_IO_WORKITEM_FUNCTION LinkWork;

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

/*
 * Link state from the interrupt pipe, and the repair of halted pipes. A device without an interrupt pipe is taken to be
 * always connected.
 */
#include "usbnet.h"

#define NOTIFICATION_HEADER 8
#define NOTIFICATION_TYPE   0xA1 /* device to host, class, interface */
#define SPEED_CHANGE_LENGTH 16

static VOID
IndicateLink(ADAPTER *Adapter)
{
    NDIS_LINK_STATE LinkState = { .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                                              .Revision = NDIS_LINK_STATE_REVISION_1,
                                              .Size = NDIS_SIZEOF_LINK_STATE_REVISION_1 },
                                  .MediaDuplexState = MediaDuplexStateFull,
                                  .XmitLinkSpeed = NDIS_LINK_SPEED_UNKNOWN,
                                  .RcvLinkSpeed = NDIS_LINK_SPEED_UNKNOWN,
                                  .PauseFunctions = NdisPauseFunctionsUnsupported };
    NDIS_STATUS_INDICATION Indication = { .Header = { .Type = NDIS_OBJECT_TYPE_STATUS_INDICATION,
                                                      .Revision = NDIS_STATUS_INDICATION_REVISION_1,
                                                      .Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1 },
                                          .SourceHandle = Adapter->Handle,
                                          .StatusCode = NDIS_STATUS_LINK_STATE,
                                          .StatusBuffer = &LinkState,
                                          .StatusBufferSize = sizeof(LinkState) };
    BOOLEAN Changed;

    NdisAcquireSpinLock(&Adapter->LinkLock);
    LinkState.MediaConnectState = Adapter->Connected ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    if (Adapter->Connected) {
        if (Adapter->TxSpeed)
            LinkState.XmitLinkSpeed = Adapter->TxSpeed;
        if (Adapter->RxSpeed)
            LinkState.RcvLinkSpeed = Adapter->RxSpeed;
    }
    /* A device repeats its notifications; the protocols above need only what is new. */
    Changed = Adapter->Connected != Adapter->IndicatedConnected ||
              (Adapter->Connected &&
               (Adapter->RxSpeed != Adapter->IndicatedRxSpeed || Adapter->TxSpeed != Adapter->IndicatedTxSpeed));
    Adapter->IndicatedConnected = Adapter->Connected;
    Adapter->IndicatedRxSpeed = Adapter->RxSpeed;
    Adapter->IndicatedTxSpeed = Adapter->TxSpeed;
    NdisReleaseSpinLock(&Adapter->LinkLock);

    if (Changed)
        NdisMIndicateStatusEx(Adapter->Handle, &Indication);
}

/* The one place where a notification's length and fields are checked. */
static VOID
TakeNotification(ADAPTER *Adapter, ULONG Length)
{
    const UCHAR *Notification = Adapter->NotifyData;

    if (Length < NOTIFICATION_HEADER || Notification[0] != NOTIFICATION_TYPE ||
        Get16(Notification + 4) != Adapter->Function.ControlInterface)
        return;
    switch (Notification[1]) {
    case CDC_NETWORK_CONNECTION:
        NdisAcquireSpinLock(&Adapter->LinkLock);
        WriteNoFence(&Adapter->Connected, Get16(Notification + 2) != 0);
        NdisReleaseSpinLock(&Adapter->LinkLock);
        break;
    case CDC_CONNECTION_SPEED_CHANGE:
        if (Length < SPEED_CHANGE_LENGTH)
            return;
        NdisAcquireSpinLock(&Adapter->LinkLock);
        Adapter->RxSpeed = Get32(Notification + NOTIFICATION_HEADER);
        Adapter->TxSpeed = Get32(Notification + NOTIFICATION_HEADER + 4);
        NdisReleaseSpinLock(&Adapter->LinkLock);
        break;
    default:
        return;
    }
    IndicateLink(Adapter);
}

/* Starts the next read unless the pipe is being stopped; the transfer then counts as idle. */
static VOID
ReadNotification(ADAPTER *Adapter)
{
    BOOLEAN Submit;

    NdisAcquireSpinLock(&Adapter->LinkLock);
    Submit = !Adapter->NotifyStopping && !ReadNoFence(&Adapter->Removed);
    if (Submit)
        KeClearEvent(&Adapter->NotifyIdle);
    else
        KeSetEvent(&Adapter->NotifyIdle, IO_NO_INCREMENT, FALSE);
    NdisReleaseSpinLock(&Adapter->LinkLock);
    if (Submit)
        LowerSubmit(Adapter->NotifyTransfer, NOTIFY_BUFFER_SIZE);
}

static LOWER_COMPLETE NotifyComplete;
static VOID
NotifyComplete(VOID *Context, NTSTATUS Status, ULONG Length)
{
    ADAPTER *Adapter = (ADAPTER *)Context;

    if (NT_SUCCESS(Status)) {
        TakeNotification(Adapter, Length);
        ReadNotification(Adapter);
        return;
    }
    DeviceFailed(Adapter, Status);
    KeSetEvent(&Adapter->NotifyIdle, IO_NO_INCREMENT, FALSE);
    if (Status != STATUS_CANCELLED)
        LinkRepairPipe(Adapter, LowerPipeNotify);
}

VOID
LinkRepairPipe(ADAPTER *Adapter, LOWER_PIPE Pipe)
{
    BOOLEAN Queue;

    NdisAcquireSpinLock(&Adapter->LinkLock);
    Adapter->BrokenPipes |= 1 << Pipe;
    Queue = !Adapter->RepairQueued && !Adapter->NotifyStopping &&
            (!ReadNoFence(&Adapter->Removed) || Adapter->ResetPending);
    if (Queue) {
        Adapter->RepairQueued = TRUE;
        KeClearEvent(&Adapter->RepairIdle);
    }
    NdisReleaseSpinLock(&Adapter->LinkLock);
    if (Queue)
        NdisQueueIoWorkItem(Adapter->RepairWorkItem, LinkRepairWork, Adapter);
}

_Use_decl_annotations_
VOID
LinkRepairWork(PVOID WorkItemContext, NDIS_HANDLE NdisIoWorkItemHandle)
{
    ADAPTER *Adapter = (ADAPTER *)WorkItemContext;
    LONG Broken;

    UNREFERENCED_PARAMETER(NdisIoWorkItemHandle);
    for (;;) {
        NdisAcquireSpinLock(&Adapter->LinkLock);
        Broken = Adapter->BrokenPipes;
        Adapter->BrokenPipes = 0;
        if (Broken == 0 || Adapter->NotifyStopping)
            break;
        NdisReleaseSpinLock(&Adapter->LinkLock);

        for (LOWER_PIPE Pipe = LowerPipeNotify; Pipe < LowerPipeCount; ++Pipe) {
            if (!(Broken & 1 << Pipe) || ReadNoFence(&Adapter->Removed))
                continue;
            LowerAbortPipe(Adapter->Lower, Pipe);
            DeviceFailed(Adapter, LowerResetPipe(Adapter->Lower, Pipe));
        }
        if (Broken & 1 << LowerPipeNotify)
            ReadNotification(Adapter);
        if (Broken & 1 << LowerPipeIn)
            ReceiveResume(Adapter);
        if (InterlockedExchange(&Adapter->ResetPending, FALSE))
            NdisMResetComplete(Adapter->Handle, NDIS_STATUS_SUCCESS, FALSE);
    }
    Adapter->RepairQueued = FALSE;
    KeSetEvent(&Adapter->RepairIdle, IO_NO_INCREMENT, FALSE);
    NdisReleaseSpinLock(&Adapter->LinkLock);
}

NDIS_STATUS
LinkCreate(ADAPTER *Adapter)
{
    NdisAllocateSpinLock(&Adapter->LinkLock);
    KeInitializeEvent(&Adapter->NotifyIdle, NotificationEvent, TRUE);
    KeInitializeEvent(&Adapter->RepairIdle, NotificationEvent, TRUE);
    Adapter->RepairWorkItem = NdisAllocateIoWorkItem(Adapter->Handle);
    if (!Adapter->RepairWorkItem)
        goto FreeLock;
    if (LowerPipeExists(Adapter->Lower, LowerPipeNotify, NULL) &&
        !NT_SUCCESS(LowerCreateTransfer(Adapter->Lower, LowerPipeNotify, Adapter->NotifyData, NOTIFY_BUFFER_SIZE,
                                        NotifyComplete, Adapter, &Adapter->NotifyTransfer)))
        goto FreeWorkItem;
    return NDIS_STATUS_SUCCESS;

FreeWorkItem:
    NdisFreeIoWorkItem(Adapter->RepairWorkItem);
FreeLock:
    NdisFreeSpinLock(&Adapter->LinkLock);
    return NDIS_STATUS_RESOURCES;
}

VOID
LinkDelete(ADAPTER *Adapter)
{
    LowerDeleteTransfer(Adapter->NotifyTransfer);
    NdisFreeIoWorkItem(Adapter->RepairWorkItem);
    NdisFreeSpinLock(&Adapter->LinkLock);
}

VOID
LinkStart(ADAPTER *Adapter)
{
    Adapter->NotifyStopping = FALSE;
    if (Adapter->NotifyTransfer) {
        ReadNotification(Adapter);
    } else {
        WriteNoFence(&Adapter->Connected, TRUE);
        IndicateLink(Adapter);
    }
}

VOID
LinkStop(ADAPTER *Adapter)
{
    NdisAcquireSpinLock(&Adapter->LinkLock);
    Adapter->NotifyStopping = TRUE;
    NdisReleaseSpinLock(&Adapter->LinkLock);
    KeWaitForSingleObject(&Adapter->RepairIdle, Executive, KernelMode, FALSE, NULL);
    if (Adapter->NotifyTransfer)
        LowerAbortUntil(Adapter->Lower, LowerPipeNotify, &Adapter->NotifyIdle);
}

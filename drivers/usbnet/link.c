/*
 * Link state, what comes on the interrupt pipe, and the work that has to be waited for: the repair of halted pipes, and
 * messages that the device announces. A device that cannot tell its link's state is taken to be always connected.
 */
#include "usbnet.h"

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
    Changed = Adapter->Announced && (Adapter->Connected != Adapter->IndicatedConnected ||
                                     (Adapter->Connected && (Adapter->RxSpeed != Adapter->IndicatedRxSpeed ||
                                                             Adapter->TxSpeed != Adapter->IndicatedTxSpeed)));
    if (Changed) {
        Adapter->IndicatedConnected = Adapter->Connected;
        Adapter->IndicatedRxSpeed = Adapter->RxSpeed;
        Adapter->IndicatedTxSpeed = Adapter->TxSpeed;
    }
    NdisReleaseSpinLock(&Adapter->LinkLock);

    if (Changed)
        NdisMIndicateStatusEx(Adapter->Handle, &Indication);
}

VOID
LinkSetConnected(ADAPTER *Adapter, BOOLEAN Connected)
{
    NdisAcquireSpinLock(&Adapter->LinkLock);
    WriteNoFence(&Adapter->Connected, Connected);
    NdisReleaseSpinLock(&Adapter->LinkLock);
    IndicateLink(Adapter);
}

VOID
LinkSetSpeed(ADAPTER *Adapter, ULONG64 RxSpeed, ULONG64 TxSpeed)
{
    NdisAcquireSpinLock(&Adapter->LinkLock);
    Adapter->RxSpeed = RxSpeed;
    Adapter->TxSpeed = TxSpeed;
    NdisReleaseSpinLock(&Adapter->LinkLock);
    IndicateLink(Adapter);
}

static VOID
TakeNotification(ADAPTER *Adapter, const UCHAR *Bytes, ULONG Length)
{
    const FRAMING *Framing = Adapter->Framing;
    CDC_NOTIFICATION Notification;

    if (Framing->ResponseAvailable && RndisIsResponseAvailable(Bytes, Length)) {
        Framing->ResponseAvailable(Adapter);
        return;
    }
    if (!CdcParseNotification(Bytes, Length, Adapter->Function.ControlInterface, &Notification))
        return;
    switch (Notification.Code) {
    case CDC_NETWORK_CONNECTION:
        LinkSetConnected(Adapter, Notification.Connected);
        break;
    case CDC_CONNECTION_SPEED_CHANGE:
        LinkSetSpeed(Adapter, Notification.RxSpeed, Notification.TxSpeed);
        break;
    default:
        if (Framing->ResponseAvailable)
            Framing->ResponseAvailable(Adapter);
        break;
    }
}

/* Takes the whole notifications out of what the packets so far brought. A packet that is not full ends a notification.
 */
static VOID
TakePacket(ADAPTER *Adapter, ULONG Length)
{
    ULONG Size;

    if (Length > sizeof(Adapter->NotifyData) - Adapter->NotifyFill)
        Adapter->NotifyFill = 0;
    NdisMoveMemory(Adapter->NotifyData + Adapter->NotifyFill, Adapter->NotifyPacket, Length);
    Adapter->NotifyFill += Length;
    while (Adapter->NotifyFill >= CDC_NOTIFICATION_HEADER) {
        Size = CDC_NOTIFICATION_HEADER + Get16(Adapter->NotifyData + 6);
        if (Size > Adapter->NotifyFill)
            break;
        TakeNotification(Adapter, Adapter->NotifyData, Size);
        Adapter->NotifyFill -= Size;
        NdisMoveMemory(Adapter->NotifyData, Adapter->NotifyData + Size, Adapter->NotifyFill);
    }
    if (Length < Adapter->NotifyPacketSize)
        Adapter->NotifyFill = 0;
}

/* Starts the next read unless the pipe is being stopped; the transfer then counts as idle. */
static VOID
ReadNotification(ADAPTER *Adapter)
{
    BOOLEAN Submit;

    NdisAcquireSpinLock(&Adapter->LinkLock);
    Submit = !Adapter->LinkStopping && !ReadNoFence(&Adapter->Removed);
    if (Submit)
        KeClearEvent(&Adapter->NotifyIdle);
    else
        KeSetEvent(&Adapter->NotifyIdle, IO_NO_INCREMENT, FALSE);
    NdisReleaseSpinLock(&Adapter->LinkLock);
    if (Submit)
        LowerSubmit(Adapter->NotifyTransfer, Adapter->NotifyPacketSize);
}

static LOWER_COMPLETE NotifyComplete;
static VOID
NotifyComplete(VOID *Context, NTSTATUS Status, ULONG Length)
{
    ADAPTER *Adapter = (ADAPTER *)Context;

    if (NT_SUCCESS(Status)) {
        TakePacket(Adapter, Length);
        ReadNotification(Adapter);
        return;
    }
    DeviceFailed(Adapter, Status);
    KeSetEvent(&Adapter->NotifyIdle, IO_NO_INCREMENT, FALSE);
    if (Status != STATUS_CANCELLED)
        LinkQueueWork(Adapter, LINK_REPAIR(LowerPipeNotify));
}

VOID
LinkQueueWork(ADAPTER *Adapter, ULONG Work)
{
    BOOLEAN Queue;

    NdisAcquireSpinLock(&Adapter->LinkLock);
    Adapter->Work |= Work;
    Queue = !Adapter->WorkQueued && !Adapter->LinkStopping &&
            (!ReadNoFence(&Adapter->Removed) || ReadNoFence(&Adapter->ResetPending));
    if (Queue) {
        Adapter->WorkQueued = TRUE;
        KeClearEvent(&Adapter->WorkIdle);
    }
    NdisReleaseSpinLock(&Adapter->LinkLock);
    if (Queue)
        NdisQueueIoWorkItem(Adapter->LinkWorkItem, LinkWork, Adapter);
}

static VOID
Repair(ADAPTER *Adapter, ULONG Work)
{
    for (LOWER_PIPE Pipe = LowerPipeNotify; Pipe < LowerPipeCount; ++Pipe) {
        if (!(Work & LINK_REPAIR(Pipe)) || ReadNoFence(&Adapter->Removed))
            continue;
        LowerAbortPipe(Adapter->Lower, Pipe);
        DeviceFailed(Adapter, LowerResetPipe(Adapter->Lower, Pipe));
    }
    if (Work & LINK_REPAIR(LowerPipeNotify))
        ReadNotification(Adapter);
    if (Work & LINK_REPAIR(LowerPipeIn))
        ReceiveResume(Adapter);
}

/* The end of a MiniportResetEx: its pipes are repaired, and the class's own reset follows. */
static VOID
EndReset(ADAPTER *Adapter)
{
    BOOLEAN AddressingReset = FALSE;
    NDIS_STATUS Status = NDIS_STATUS_SUCCESS;

    if (Adapter->Framing->Reset && !ReadNoFence(&Adapter->Removed))
        Status = Adapter->Framing->Reset(Adapter, &AddressingReset);
    NdisMResetComplete(Adapter->Handle, Status, AddressingReset);
}

_Use_decl_annotations_
VOID
LinkWork(PVOID WorkItemContext, NDIS_HANDLE NdisIoWorkItemHandle)
{
    ADAPTER *Adapter = (ADAPTER *)WorkItemContext;
    ULONG Work;

    UNREFERENCED_PARAMETER(NdisIoWorkItemHandle);
    for (;;) {
        NdisAcquireSpinLock(&Adapter->LinkLock);
        Work = Adapter->Work;
        Adapter->Work = 0;
        if (Work == 0 || Adapter->LinkStopping)
            break;
        NdisReleaseSpinLock(&Adapter->LinkLock);

        Repair(Adapter, Work);
        if (InterlockedExchange(&Adapter->ResetPending, FALSE))
            EndReset(Adapter);
        if ((Work & LINK_SERVE) && !ReadNoFence(&Adapter->Removed))
            Adapter->Framing->Serve(Adapter);
        if ((Work & LINK_KEEP_ALIVE) && !ReadNoFence(&Adapter->Removed))
            Adapter->Framing->KeepAlive(Adapter);
    }
    Adapter->WorkQueued = FALSE;
    KeSetEvent(&Adapter->WorkIdle, IO_NO_INCREMENT, FALSE);
    NdisReleaseSpinLock(&Adapter->LinkLock);
}

NDIS_STATUS
LinkCreate(ADAPTER *Adapter)
{
    ULONG MaxPacketSize;

    NdisAllocateSpinLock(&Adapter->LinkLock);
    KeInitializeEvent(&Adapter->NotifyIdle, NotificationEvent, TRUE);
    KeInitializeEvent(&Adapter->WorkIdle, NotificationEvent, TRUE);
    Adapter->LinkWorkItem = NdisAllocateIoWorkItem(Adapter->Handle);
    if (!Adapter->LinkWorkItem)
        goto FreeLock;
    /* One packet at a time: to ask for more would keep a notification that fills its packet until the next one comes.
     */
    if (LowerPipeExists(Adapter->Lower, LowerPipeNotify, &MaxPacketSize) && MaxPacketSize != 0) {
        Adapter->NotifyPacketSize = min(MaxPacketSize, NOTIFY_BUFFER_SIZE);
        if (!NT_SUCCESS(LowerCreateTransfer(Adapter->Lower, LowerPipeNotify, Adapter->NotifyPacket,
                                            Adapter->NotifyPacketSize, NotifyComplete, Adapter,
                                            &Adapter->NotifyTransfer)))
            goto FreeWorkItem;
    }
    return NDIS_STATUS_SUCCESS;

FreeWorkItem:
    NdisFreeIoWorkItem(Adapter->LinkWorkItem);
FreeLock:
    NdisFreeSpinLock(&Adapter->LinkLock);
    return NDIS_STATUS_RESOURCES;
}

VOID
LinkDelete(ADAPTER *Adapter)
{
    LowerDeleteTransfer(Adapter->NotifyTransfer);
    NdisFreeIoWorkItem(Adapter->LinkWorkItem);
    NdisFreeSpinLock(&Adapter->LinkLock);
}

VOID
LinkStart(ADAPTER *Adapter)
{
    Adapter->LinkStopping = FALSE;
    Adapter->NotifyFill = 0;
    if (Adapter->NotifyTransfer)
        ReadNotification(Adapter);
    else
        LinkSetConnected(Adapter, TRUE);
}

VOID
LinkAnnounce(ADAPTER *Adapter)
{
    NdisAcquireSpinLock(&Adapter->LinkLock);
    Adapter->Announced = TRUE;
    NdisReleaseSpinLock(&Adapter->LinkLock);
    IndicateLink(Adapter);
}

VOID
LinkStop(ADAPTER *Adapter)
{
    NdisAcquireSpinLock(&Adapter->LinkLock);
    Adapter->LinkStopping = TRUE;
    Adapter->Announced = FALSE;
    NdisReleaseSpinLock(&Adapter->LinkLock);
    KeWaitForSingleObject(&Adapter->WorkIdle, Executive, KernelMode, FALSE, NULL);
    if (Adapter->NotifyTransfer)
        LowerAbortUntil(Adapter->Lower, LowerPipeNotify, &Adapter->NotifyIdle);
}

/*
 * What both lower edges make of the USB stack's answers, and how long they wait for them.
 */
#pragma once

#include <usb.h>

#define CONTROL_PATIENCE_MS 5000
#define ABORT_INTERVAL_MS   10
#define LANGUAGE_US_ENGLISH 0x0409

/* The meaning that lower.h gives to what became of a request: its own status, and that of the transfer. */
static FORCEINLINE NTSTATUS
LowerStatus(NTSTATUS Status, USBD_STATUS UsbdStatus)
{
    if (Status == STATUS_CANCELLED || UsbdStatus == USBD_STATUS_CANCELED)
        return STATUS_CANCELLED;
    if (Status == STATUS_NO_SUCH_DEVICE || Status == STATUS_DEVICE_NOT_CONNECTED || Status == STATUS_DELETE_PENDING ||
        UsbdStatus == USBD_STATUS_DEVICE_GONE)
        return STATUS_DEVICE_NOT_CONNECTED;
    if (UsbdStatus == USBD_STATUS_STALL_PID || UsbdStatus == USBD_STATUS_ENDPOINT_HALTED)
        return STATUS_DEVICE_DATA_ERROR;
    if (NT_SUCCESS(Status) && !USBD_SUCCESS(UsbdStatus))
        return STATUS_UNSUCCESSFUL;
    return Status;
}

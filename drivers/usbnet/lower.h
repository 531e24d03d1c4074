/*
 * The lower edge: what the miniport needs of the USB device beneath it. lower_wdm.c answers with IRPs and URBs sent to
 * the next lower device object, lower_kmdf.c with the framework's USB targets; a driver has one of them.
 */
#pragma once

#include <ndis.h>

typedef struct _LOWER_EDGE LOWER_EDGE;
typedef struct _LOWER_TRANSFER LOWER_TRANSFER;

typedef enum _LOWER_PIPE { LowerPipeNotify, LowerPipeIn, LowerPipeOut, LowerPipeCount } LOWER_PIPE;

/*
 * Called at IRQL <= DISPATCH_LEVEL when a transfer has ended. Status is STATUS_SUCCESS, STATUS_CANCELLED,
 * STATUS_DEVICE_NOT_CONNECTED (the device is gone), STATUS_DEVICE_DATA_ERROR (the pipe is halted and needs
 * LowerResetPipe), or another failure.
 */
typedef VOID
LOWER_COMPLETE(_In_ VOID *Context, NTSTATUS Status, ULONG Length);

/* A control request on endpoint 0, as in the USB specification's table 9-2. */
typedef struct _LOWER_REQUEST {
    BOOLEAN In;
    UCHAR Request; /* a class request to an interface */
    USHORT Value;
    USHORT Interface;
} LOWER_REQUEST;

/* First in DriverEntry, and last when the driver is unloaded or DriverEntry fails. PASSIVE_LEVEL. */
NTSTATUS
LowerDriverEntry(_In_ PDRIVER_OBJECT DriverObject, _In_ PUNICODE_STRING RegistryPath);
VOID LowerDriverUnload(VOID);

/* Opens the device below Adapter. PASSIVE_LEVEL. */
NTSTATUS
LowerOpen(_In_ NDIS_HANDLE MiniportAdapterHandle, _Outptr_ LOWER_EDGE **Lower);

/* Ends it. Every transfer has been deleted. PASSIVE_LEVEL. */
VOID
LowerClose(_In_ LOWER_EDGE *Lower);

/* The active configuration descriptor, in memory that lives as long as Lower. PASSIVE_LEVEL. */
NTSTATUS
LowerGetConfiguration(_In_ LOWER_EDGE *Lower, _Outptr_result_bytebuffer_(*Length) const UCHAR **Descriptor,
                      _Out_ ULONG *Length);

/* A string descriptor in the device's first language. PASSIVE_LEVEL. */
NTSTATUS
LowerGetString(_In_ LOWER_EDGE *Lower, UCHAR Index, _Out_writes_bytes_to_(Size, *Length) UCHAR *Buffer, ULONG Size,
               _Out_ ULONG *Length);

/* Configures the device for these two interfaces, both in alternate setting 0. PASSIVE_LEVEL. */
NTSTATUS
LowerConfigure(_In_ LOWER_EDGE *Lower, UCHAR ControlInterface, UCHAR DataInterface);

/* Selects an alternate setting of the data interface and takes its pipes into use. PASSIVE_LEVEL. */
NTSTATUS
LowerSelectData(_In_ LOWER_EDGE *Lower, UCHAR Alternate);

/* TRUE when the pipe exists; then its maximum packet size in bytes. */
BOOLEAN
LowerPipeExists(_In_ const LOWER_EDGE *Lower, LOWER_PIPE Pipe, _Out_opt_ ULONG *MaxPacketSize);

/* A class request, waited for with a deadline. *Length: bytes to transfer, then bytes transferred. PASSIVE_LEVEL. */
NTSTATUS
LowerControl(_In_ LOWER_EDGE *Lower, _In_ const LOWER_REQUEST *Request, _Inout_updates_opt_(*Length) VOID *Buffer,
             _Inout_ ULONG *Length);

/* A transfer that can be submitted again and again on one pipe, with Buffer of Size bytes. PASSIVE_LEVEL. */
NTSTATUS
LowerCreateTransfer(_In_ LOWER_EDGE *Lower, LOWER_PIPE Pipe, _In_ VOID *Buffer, ULONG Size,
                    _In_ LOWER_COMPLETE *Complete, _In_ VOID *Context, _Outptr_ LOWER_TRANSFER **Transfer);
VOID
LowerDeleteTransfer(_In_opt_ LOWER_TRANSFER *Transfer);

/*
 * Starts a transfer of Length bytes; Complete is called in every case, also when the device refuses it at once. Not
 * while the same transfer is on its way. IRQL <= DISPATCH_LEVEL.
 */
VOID
LowerSubmit(_In_ LOWER_TRANSFER *Transfer, ULONG Length);

/* Ends all transfers on a pipe; their completions arrive before or after the return. PASSIVE_LEVEL. */
VOID
LowerAbortPipe(_In_ LOWER_EDGE *Lower, LOWER_PIPE Pipe);

/*
 * Aborts the transfers on a pipe until Idle is set, which the completion of the last one does. A transfer that is just
 * about to be submitted can miss one abort. PASSIVE_LEVEL.
 */
VOID
LowerAbortUntil(_In_ LOWER_EDGE *Lower, LOWER_PIPE Pipe, _In_ KEVENT *Idle);

/* Clears a halted pipe, on the host and in the device. PASSIVE_LEVEL. */
NTSTATUS
LowerResetPipe(_In_ LOWER_EDGE *Lower, LOWER_PIPE Pipe);

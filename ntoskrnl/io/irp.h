/*
 * IRP.AllocationFlags as the I/O manager uses it (the bits are not documented), and what the files about IRPs share.
 */
#pragma once

#include "ntoskrnl/io/io_internal.h"

#define IO_IRP_FROM_POOL 0x08 /* made by IoAllocateIrp */
#define IO_IRP_OF_THREAD 0x40 /* made by IoBuildDeviceIoControlRequest and its like: completion frees it */

void io_irp_free(PIRP irp);

/* The system buffer of a buffered request. It remembers how much of it the originator wants back, because the stack
 * location that said so is gone when the request completes, and IoStatus.Information is the driver's claim. */
struct io_buffer {
    SIZE_T output_size;
    SIZE_T reserved; /* keeps data aligned to 16 */
    UCHAR data[];
};
PVOID io_buffer_allocate(SIZE_T size, SIZE_T output_size);
void io_buffer_free(PVOID data);
static inline SIZE_T io_buffer_output_size(PVOID data)
{
    return CONTAINING_RECORD(data, struct io_buffer, data)->output_size;
}

/* Attaches INPUT and OUTPUT to an IRP for a control code as its method says, and fills the next stack location. */
NTSTATUS io_irp_set_control(PIRP irp, PDEVICE_OBJECT device, BOOLEAN internal, ULONG code, PVOID input,
                            ULONG input_size, PVOID output, ULONG output_size);
/* The same for IRP_MJ_READ and IRP_MJ_WRITE as the device's flags say. */
NTSTATUS io_irp_set_transfer(PIRP irp, PDEVICE_OBJECT device, ULONG major, PVOID buffer, ULONG length,
                             PLARGE_INTEGER offset);

/*
 * IRPs with their buffers: IoBuildDeviceIoControlRequest and its relations, for drivers that send requests of their own
 * and for the Zw* functions on files. The transfer type in the control code, or the device's DO_BUFFERED_IO and
 * DO_DIRECT_IO, decide whether the driver sees a copy in nonpaged pool, a locked MDL, or the caller's address.
 *
 * Public pages: "Buffer Descriptions for I/O Control Codes", "Using Buffered I/O", "Using Direct I/O",
 * "IoBuildDeviceIoControlRequest", "IoBuildSynchronousFsdRequest", "IoBuildAsynchronousFsdRequest".
 */
#include "ntoskrnl/io/irp.h"

PVOID io_buffer_allocate(SIZE_T size, SIZE_T output_size)
{
    struct io_buffer *buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*buffer) + size, IO_TAG_BUFFER);

    if (buffer == NULL)
        return NULL;
    buffer->output_size = output_size;
    return buffer->data;
}

void io_buffer_free(PVOID data)
{
    ExFreePoolWithTag(CONTAINING_RECORD(data, struct io_buffer, data), IO_TAG_BUFFER);
}

static NTSTATUS attach_system_buffer(PIRP irp, const void *input, ULONG input_size, PVOID output, ULONG output_size)
{
    ULONG size = input_size > output_size ? input_size : output_size;

    if (size == 0)
        return STATUS_SUCCESS;
    irp->AssociatedIrp.SystemBuffer = io_buffer_allocate(size, output_size);
    if (irp->AssociatedIrp.SystemBuffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (input_size != 0)
        RtlCopyMemory(irp->AssociatedIrp.SystemBuffer, input, input_size);
    irp->Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER;
    if (output != NULL) {
        irp->UserBuffer = output;
        irp->Flags |= IRP_INPUT_OPERATION;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS attach_mdl(PIRP irp, PVOID buffer, ULONG length, LOCK_OPERATION operation)
{
    if (buffer == NULL || length == 0)
        return STATUS_SUCCESS;
    if (IoAllocateMdl(buffer, length, FALSE, FALSE, irp) == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    MmProbeAndLockPages(irp->MdlAddress, KernelMode, operation);
    return STATUS_SUCCESS;
}

NTSTATUS io_irp_set_control(PIRP irp, PDEVICE_OBJECT device, BOOLEAN internal, ULONG code, PVOID input,
                            ULONG input_size, PVOID output, ULONG output_size)
{
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
    NTSTATUS status;

    stack->MajorFunction = internal ? IRP_MJ_INTERNAL_DEVICE_CONTROL : IRP_MJ_DEVICE_CONTROL;
    stack->DeviceObject = device;
    stack->Parameters.DeviceIoControl.IoControlCode = code;
    stack->Parameters.DeviceIoControl.InputBufferLength = input_size;
    stack->Parameters.DeviceIoControl.OutputBufferLength = output_size;

    switch (METHOD_FROM_CTL_CODE(code)) {
    case METHOD_BUFFERED:
        return attach_system_buffer(irp, input, input_size, output, output_size);
    case METHOD_IN_DIRECT:
    case METHOD_OUT_DIRECT:
        status = attach_system_buffer(irp, input, input ? input_size : 0, NULL, 0);
        if (!NT_SUCCESS(status))
            return status;
        return attach_mdl(irp, output, output_size,
                          METHOD_FROM_CTL_CODE(code) == METHOD_IN_DIRECT ? IoReadAccess : IoWriteAccess);
    default:
        irp->UserBuffer = output;
        stack->Parameters.DeviceIoControl.Type3InputBuffer = input;
        return STATUS_SUCCESS;
    }
}

NTSTATUS io_irp_set_transfer(PIRP irp, PDEVICE_OBJECT device, ULONG major, PVOID buffer, ULONG length,
                             PLARGE_INTEGER offset)
{
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
    bool write = major == IRP_MJ_WRITE;

    stack->MajorFunction = (UCHAR)major;
    stack->DeviceObject = device;
    if (major != IRP_MJ_READ && major != IRP_MJ_WRITE)
        return STATUS_SUCCESS;
    stack->Parameters.Read.Length = length;
    if (offset != NULL)
        stack->Parameters.Read.ByteOffset = *offset;
    if (device->Flags & DO_BUFFERED_IO)
        return attach_system_buffer(irp, buffer, write ? length : 0, write ? NULL : buffer, write ? 0 : length);
    if (device->Flags & DO_DIRECT_IO)
        return attach_mdl(irp, buffer, length, write ? IoReadAccess : IoWriteAccess);
    irp->UserBuffer = buffer;
    return STATUS_SUCCESS;
}

static PIRP give_up(PIRP irp)
{
    io_release_buffers(irp);
    io_irp_free(irp);
    return NULL;
}

PIRP NTAPI IoBuildDeviceIoControlRequest(ULONG IoControlCode, PDEVICE_OBJECT DeviceObject, PVOID InputBuffer,
                                         ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength,
                                         BOOLEAN InternalDeviceIoControl, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock)
{
    PIRP irp = IoAllocateIrp(DeviceObject->StackSize, FALSE);

    if (irp == NULL)
        return NULL;
    if (!NT_SUCCESS(io_irp_set_control(irp, DeviceObject, InternalDeviceIoControl, IoControlCode, InputBuffer,
                                       InputBufferLength, OutputBuffer, OutputBufferLength)))
        return give_up(irp);
    irp->AllocationFlags |= IO_IRP_OF_THREAD;
    irp->Tail.Overlay.Thread = PsGetCurrentThread();
    irp->UserEvent = Event;
    irp->UserIosb = IoStatusBlock;
    return irp;
}
NT_EXPORT(IoBuildDeviceIoControlRequest);

PIRP NTAPI IoBuildAsynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
                                         PLARGE_INTEGER StartingOffset, PIO_STATUS_BLOCK IoStatusBlock)
{
    PIRP irp = IoAllocateIrp(DeviceObject->StackSize, FALSE);

    if (irp == NULL)
        return NULL;
    if (!NT_SUCCESS(io_irp_set_transfer(irp, DeviceObject, MajorFunction, Buffer, Length, StartingOffset)))
        return give_up(irp);
    irp->Tail.Overlay.Thread = PsGetCurrentThread();
    irp->UserIosb = IoStatusBlock;
    return irp;
}
NT_EXPORT(IoBuildAsynchronousFsdRequest);

PIRP NTAPI IoBuildSynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
                                        PLARGE_INTEGER StartingOffset, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock)
{
    PIRP irp =
        IoBuildAsynchronousFsdRequest(MajorFunction, DeviceObject, Buffer, Length, StartingOffset, IoStatusBlock);

    if (irp == NULL)
        return NULL;
    irp->AllocationFlags |= IO_IRP_OF_THREAD;
    irp->UserEvent = Event;
    return irp;
}
NT_EXPORT(IoBuildSynchronousFsdRequest);

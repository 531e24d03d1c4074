/*
 * Files on device objects. Opening a name that leads to a device makes a file object and sends IRP_MJ_CREATE to the top
 * of the device's stack; the last handle's close sends IRP_MJ_CLEANUP, the last reference's end IRP_MJ_CLOSE. Reads,
 * writes and control codes of Zw callers become IRPs whose buffers follow the device's or the code's method.
 *
 * Public pages: "ZwCreateFile", "ZwDeviceIoControlFile", "IRP_MJ_CREATE", "IRP_MJ_CLEANUP", "IRP_MJ_CLOSE",
 * "IoGetDeviceObjectPointer", "Controlling Device Access".
 */
#include <string.h>
#include "ntoskrnl/io/irp.h"

/* Parse context of an open: what IRP_MJ_CREATE carries besides the name. */
struct open_request {
    ULONG share, disposition, options, attributes;
    ULONG_PTR information; /* out: FILE_OPENED, ... */
};

static NTSTATUS send_file_irp(PFILE_OBJECT file, UCHAR major)
{
    IO_STACK_LOCATION stack = {.MajorFunction = major, .FileObject = file};

    return io_send_and_wait(file->DeviceObject, &stack, STATUS_SUCCESS, NULL);
}

static NTSTATUS check_open(PDEVICE_OBJECT device)
{
    PDEVICE_OBJECT bottom = io_stack_bottom(device);

    if (io_device(device)->delete_pending || io_device(bottom)->create_refused ||
        (device->Flags & DO_DEVICE_INITIALIZING))
        return STATUS_NO_SUCH_DEVICE;
    if ((device->Flags & DO_EXCLUSIVE) && device->ReferenceCount != 0)
        return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

static NTSTATUS copy_name(PUNICODE_STRING target, PCUNICODE_STRING source)
{
    if (source->Length == 0)
        return STATUS_SUCCESS;
    target->Buffer = ExAllocatePool2(POOL_FLAG_PAGED, source->Length, IO_TAG_NAME);
    if (target->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    target->Length = target->MaximumLength = source->Length;
    RtlCopyMemory(target->Buffer, source->Buffer, source->Length);
    return STATUS_SUCCESS;
}

static NTSTATUS send_create(PFILE_OBJECT file, struct open_request *request, ACCESS_MASK access)
{
    ACCESS_STATE access_state = {.OriginalDesiredAccess = access, .RemainingDesiredAccess = access};
    IO_SECURITY_CONTEXT security = {.AccessState = &access_state, .DesiredAccess = access};
    IO_STACK_LOCATION stack = {.MajorFunction = IRP_MJ_CREATE, .FileObject = file};

    stack.Parameters.Create.SecurityContext = &security;
    stack.Parameters.Create.Options = request->disposition << 24 | (request->options & 0xFFFFFF);
    stack.Parameters.Create.FileAttributes = (USHORT)request->attributes;
    stack.Parameters.Create.ShareAccess = (USHORT)request->share;
    return io_send_and_wait(file->DeviceObject, &stack, STATUS_SUCCESS, &request->information);
}

NTSTATUS io_parse_device(PVOID body, struct ob_parse *parse, PVOID *result)
{
    PDEVICE_OBJECT device = body;
    struct open_request *request = parse->context;
    PFILE_OBJECT file;
    NTSTATUS status;

    if (request == NULL) { /* somebody wants the device object itself */
        if (parse->remaining.Length != 0)
            return STATUS_OBJECT_PATH_NOT_FOUND;
        ObReferenceObject(device);
        *result = device;
        return STATUS_SUCCESS;
    }
    status = check_open(device);
    if (!NT_SUCCESS(status))
        return status;
    status = ob_create(ob_types.file, sizeof(*file), (PVOID *)&file);
    if (!NT_SUCCESS(status))
        return status;
    file->Type = IO_TYPE_FILE;
    file->Size = sizeof(*file);
    KeInitializeEvent(&file->Event, NotificationEvent, FALSE);
    KeInitializeEvent(&file->Lock, SynchronizationEvent, TRUE);
    if (request->options & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT))
        file->Flags |= FO_SYNCHRONOUS_IO;
    file->ReadAccess = (parse->access & (FILE_READ_DATA | GENERIC_READ | GENERIC_ALL)) != 0;
    file->WriteAccess = (parse->access & (FILE_WRITE_DATA | GENERIC_WRITE | GENERIC_ALL)) != 0;
    status = copy_name(&file->FileName, &parse->remaining);
    if (!NT_SUCCESS(status)) {
        ObDereferenceObject(file);
        return status;
    }
    io_device_opened(device);
    ObReferenceObject(device);
    file->DeviceObject = device;
    status = send_create(file, request, parse->access);
    if (!NT_SUCCESS(status)) {
        file->Flags |= FO_FILE_OPEN_CANCELLED; /* neither cleanup nor close follow a failed create */
        ObDereferenceObject(file);
        return status;
    }
    file->Flags |= FO_HANDLE_CREATED;
    *result = file;
    return STATUS_SUCCESS;
}

static void send_cleanup(PFILE_OBJECT file)
{
    if (file->Flags & (FO_CLEANUP_COMPLETE | FO_FILE_OPEN_CANCELLED))
        return;
    file->Flags |= FO_CLEANUP_COMPLETE;
    send_file_irp(file, IRP_MJ_CLEANUP);
}

static void close_file_handle(PVOID body, LONG handles_left)
{
    if (handles_left == 0)
        send_cleanup(body);
}

static void remove_file(PVOID body)
{
    PFILE_OBJECT file = body;
    PDEVICE_OBJECT device = file->DeviceObject;

    if (device != NULL) {
        if (!(file->Flags & FO_FILE_OPEN_CANCELLED)) {
            send_cleanup(file);
            send_file_irp(file, IRP_MJ_CLOSE);
        }
        io_device_closed(device);
        ObDereferenceObject(device);
    }
    if (file->FileName.Buffer != NULL)
        ExFreePoolWithTag(file->FileName.Buffer, IO_TAG_NAME);
}

static PVOID file_waitable(PVOID body)
{
    return &((PFILE_OBJECT)body)->Event;
}

void io_file_initialize(void)
{
    static const struct ob_type_info type = {
        .name = "File",
        .ops = {.close = close_file_handle, .remove = remove_file, .waitable = file_waitable},
        .mapping = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS},
    };

    ob_set_type(ob_types.file, &type);
}

NTSTATUS NTAPI ZwCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                            PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize, ULONG FileAttributes,
                            ULONG ShareAccess, ULONG CreateDisposition, ULONG CreateOptions, PVOID EaBuffer,
                            ULONG EaLength)
{
    struct open_request request = {
        .share = ShareAccess, .disposition = CreateDisposition, .options = CreateOptions, .attributes = FileAttributes};
    NTSTATUS status;

    UNREFERENCED_PARAMETER(AllocationSize);
    if (EaBuffer != NULL && EaLength != 0)
        return STATUS_EAS_NOT_SUPPORTED;
    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    status = ob_open(ObjectAttributes, ob_types.file, DesiredAccess, &request, FileHandle);
    IoStatusBlock->Status = status;
    IoStatusBlock->Information = NT_SUCCESS(status) ? request.information : 0;
    return status;
}
NT_EXPORT(ZwCreateFile);

NTSTATUS NTAPI ZwOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                          PIO_STATUS_BLOCK IoStatusBlock, ULONG ShareAccess, ULONG OpenOptions)
{
    return ZwCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, NULL, 0, ShareAccess, FILE_OPEN,
                        OpenOptions, NULL, 0);
}
NT_EXPORT(ZwOpenFile);

NTSTATUS NTAPI IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName, ACCESS_MASK DesiredAccess, PFILE_OBJECT *FileObject,
                                        PDEVICE_OBJECT *DeviceObject)
{
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    PFILE_OBJECT file;
    HANDLE handle;
    NTSTATUS status;

    InitializeObjectAttributes(&attributes, ObjectName, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = ZwOpenFile(&handle, DesiredAccess, &attributes, &iosb, 0, FILE_NON_DIRECTORY_FILE);
    if (!NT_SUCCESS(status))
        return status;
    status = ObReferenceObjectByHandle(handle, 0, ob_types.file, KernelMode, (PVOID *)&file, NULL);
    if (NT_SUCCESS(status)) {
        *FileObject = file;
        *DeviceObject = IoGetRelatedDeviceObject(file);
    }
    ZwClose(handle); /* IRP_MJ_CLEANUP now; IRP_MJ_CLOSE when the caller dereferences the file object */
    return status;
}
NT_EXPORT(IoGetDeviceObjectPointer);

PDEVICE_OBJECT NTAPI IoGetRelatedDeviceObject(PFILE_OBJECT FileObject)
{
    return IoGetAttachedDevice(FileObject->DeviceObject);
}
NT_EXPORT(IoGetRelatedDeviceObject);

PGENERIC_MAPPING NTAPI IoGetFileObjectGenericMapping(VOID)
{
    static GENERIC_MAPPING mapping = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS};

    return &mapping;
}
NT_EXPORT(IoGetFileObjectGenericMapping);

/*
 * Requests on an open file
 */

/* A new IRP for the top of FILE's stack, which must be sent by perform. */
static PIRP file_irp(PFILE_OBJECT file, PDEVICE_OBJECT *device)
{
    PIRP irp;

    *device = IoGetRelatedDeviceObject(file);
    irp = IoAllocateIrp((*device)->StackSize, FALSE);
    if (irp == NULL)
        return NULL;
    irp->AllocationFlags |= IO_IRP_OF_THREAD;
    irp->Tail.Overlay.Thread = PsGetCurrentThread();
    irp->Tail.Overlay.OriginalFileObject = file;
    IoGetNextIrpStackLocation(irp)->FileObject = file;
    return irp;
}

/* Sends IRP. Consumes the references to FILE and, when not NULL, EVENT. A file opened for synchronous I/O waits, and
 * takes one request at a time: there is one event in it to wait for. */
static NTSTATUS perform(PIRP irp, PDEVICE_OBJECT device, PFILE_OBJECT file, PKEVENT event, PIO_STATUS_BLOCK iosb)
{
    bool synchronous = (file->Flags & FO_SYNCHRONOUS_IO) != 0;
    NTSTATUS status;

    ObReferenceObject(file); /* ours: completion gives up the other one */
    if (synchronous)
        KeWaitForSingleObject(&file->Lock, Executive, KernelMode, FALSE, NULL);
    KeClearEvent(&file->Event);
    if (event != NULL)
        KeClearEvent(event);
    irp->UserEvent = event;
    irp->UserIosb = iosb;
    status = IofCallDriver(device, irp);
    if (status == STATUS_PENDING && synchronous) {
        KeWaitForSingleObject(&file->Event, Executive, KernelMode, FALSE, NULL);
        status = file->FinalStatus;
    }
    if (synchronous)
        KeSetEvent(&file->Lock, IO_NO_INCREMENT, FALSE);
    ObDereferenceObject(file);
    return status;
}

static NTSTATUS reference_file(HANDLE handle, ACCESS_MASK access, PFILE_OBJECT *file, HANDLE event_handle,
                               PKEVENT *event)
{
    NTSTATUS status = ObReferenceObjectByHandle(handle, access, ob_types.file, KernelMode, (PVOID *)file, NULL);

    *event = NULL;
    if (!NT_SUCCESS(status) || event_handle == NULL)
        return status;
    status =
        ObReferenceObjectByHandle(event_handle, EVENT_MODIFY_STATE, ob_types.event, KernelMode, (PVOID *)event, NULL);
    if (!NT_SUCCESS(status))
        ObDereferenceObject(*file);
    return status;
}

static NTSTATUS no_request(PIRP irp, PFILE_OBJECT file, PKEVENT event, NTSTATUS status)
{
    if (irp != NULL) {
        io_release_buffers(irp);
        io_irp_free(irp);
    }
    if (event != NULL)
        ObDereferenceObject(event);
    ObDereferenceObject(file);
    return status;
}

static NTSTATUS control_file(HANDLE handle, HANDLE event_handle, PIO_APC_ROUTINE apc, PIO_STATUS_BLOCK iosb, ULONG code,
                             PVOID input, ULONG input_size, PVOID output, ULONG output_size)
{
    ACCESS_MASK access = (code >> 14 & 1 ? FILE_READ_DATA : 0) | (code >> 14 & 2 ? FILE_WRITE_DATA : 0);
    PDEVICE_OBJECT device;
    PFILE_OBJECT file;
    PKEVENT event;
    NTSTATUS status;
    PIRP irp;

    if (apc != NULL) /* "ZwDeviceIoControlFile": reserved for system use; drivers set it to NULL */
        return STATUS_INVALID_PARAMETER;
    status = reference_file(handle, access, &file, event_handle, &event);
    if (!NT_SUCCESS(status))
        return status;
    irp = file_irp(file, &device);
    if (irp == NULL)
        return no_request(irp, file, event, STATUS_INSUFFICIENT_RESOURCES);
    status = io_irp_set_control(irp, device, FALSE, code, input, input_size, output, output_size);
    if (!NT_SUCCESS(status))
        return no_request(irp, file, event, status);
    return perform(irp, device, file, event, iosb);
}

NTSTATUS NTAPI ZwDeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
                                     PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, PVOID InputBuffer,
                                     ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength)
{
    UNREFERENCED_PARAMETER(ApcContext);
    return control_file(FileHandle, Event, ApcRoutine, IoStatusBlock, IoControlCode, InputBuffer, InputBufferLength,
                        OutputBuffer, OutputBufferLength);
}
NT_EXPORT(ZwDeviceIoControlFile);

static NTSTATUS transfer_file(UCHAR major, HANDLE handle, HANDLE event_handle, PIO_APC_ROUTINE apc,
                              PIO_STATUS_BLOCK iosb, PVOID buffer, ULONG length, PLARGE_INTEGER offset, PULONG key)
{
    PDEVICE_OBJECT device;
    PFILE_OBJECT file;
    PKEVENT event;
    NTSTATUS status;
    PIRP irp;

    if (apc != NULL)
        return STATUS_INVALID_PARAMETER;
    status =
        reference_file(handle, major == IRP_MJ_READ ? FILE_READ_DATA : FILE_WRITE_DATA, &file, event_handle, &event);
    if (!NT_SUCCESS(status))
        return status;
    irp = file_irp(file, &device);
    if (irp == NULL)
        return no_request(irp, file, event, STATUS_INSUFFICIENT_RESOURCES);
    status = io_irp_set_transfer(irp, device, major, buffer, length, offset ? offset : &file->CurrentByteOffset);
    if (!NT_SUCCESS(status))
        return no_request(irp, file, event, status);
    if (key != NULL)
        IoGetNextIrpStackLocation(irp)->Parameters.Read.Key = *key;
    return perform(irp, device, file, event, iosb);
}

NTSTATUS NTAPI ZwReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
                          PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset,
                          PULONG Key)
{
    UNREFERENCED_PARAMETER(ApcContext);
    return transfer_file(IRP_MJ_READ, FileHandle, Event, ApcRoutine, IoStatusBlock, Buffer, Length, ByteOffset, Key);
}
NT_EXPORT(ZwReadFile);

NTSTATUS NTAPI ZwWriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
                           PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset,
                           PULONG Key)
{
    UNREFERENCED_PARAMETER(ApcContext);
    return transfer_file(IRP_MJ_WRITE, FileHandle, Event, ApcRoutine, IoStatusBlock, Buffer, Length, ByteOffset, Key);
}
NT_EXPORT(ZwWriteFile);

/*
 * Without handles, for the tool and for tests
 */

NTSTATUS io_open_file(const char *name, PFILE_OBJECT *file)
{
    struct open_request request = {.disposition = FILE_OPEN, .options = FILE_SYNCHRONOUS_IO_NONALERT};
    WCHAR buffer[260];
    UNICODE_STRING string = {.Buffer = buffer, .MaximumLength = sizeof(buffer)};
    size_t units = cm_to_utf16(name, buffer, RTL_NUMBER_OF(buffer));

    if (units >= RTL_NUMBER_OF(buffer))
        return STATUS_OBJECT_NAME_INVALID;
    string.Length = (USHORT)(units * sizeof(WCHAR));
    return ob_lookup(&string, NULL, OBJ_CASE_INSENSITIVE, ob_types.file, FILE_READ_DATA | FILE_WRITE_DATA, &request,
                     (PVOID *)file);
}

void io_close_file(PFILE_OBJECT file)
{
    send_cleanup(file);
    ObDereferenceObject(file);
}

NTSTATUS io_device_control(PFILE_OBJECT file, ULONG code, const void *input, ULONG input_size, void *output,
                           ULONG output_size, ULONG *bytes)
{
    IO_STATUS_BLOCK iosb = {0};
    PDEVICE_OBJECT device;
    PIRP irp = file_irp(file, &device);
    NTSTATUS status;

    if (irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    ObReferenceObject(file);
    status = io_irp_set_control(irp, device, FALSE, code, (PVOID)(ULONG_PTR)input, input_size, output, output_size);
    if (!NT_SUCCESS(status))
        return no_request(irp, file, NULL, status);
    status = perform(irp, device, file, NULL, &iosb);
    if (bytes != NULL)
        *bytes = (ULONG)iosb.Information;
    return status;
}

/*
 * IofCompleteRequest: walks the stack locations from the driver that completes the IRP upwards, calls the completion
 * routines that were set for this outcome, and, past the top, does for IRPs that the I/O manager made what their
 * originator waits for: copies buffered data back, frees buffers and MDLs, writes the I/O status block, sets the event.
 *
 * Windows does the last part in an APC of the originating thread, because only there the caller's address space is
 * mapped. Here every buffer is in the one address space, so it is done right away, in the completing thread: an
 * originator that waits cannot see a difference, except that waiting with APCs disabled, a bug on Windows, works.
 *
 * Public pages: "Completing IRPs", "IoCompletion Routines", "IoCompleteRequest", "IoBuildDeviceIoControlRequest",
 * bug check 0x44, bug check 0xC9.
 */
#include "ntoskrnl/io/irp.h"

static void check_completion(PIRP irp)
{
    CCHAR top = (CCHAR)(irp->StackCount + 1);

    if (irp->Type != IO_TYPE_IRP || irp->CurrentLocation > top ||
        /* A driver's own IRP that is with no driver: it has come back to its maker's completion routine already. */
        (irp->CurrentLocation == top && irp->Tail.Overlay.Thread == NULL && !(irp->Flags & IRP_ASSOCIATED_IRP)))
        ke_bugcheck(MULTIPLE_IRP_COMPLETE_REQUESTS, (ULONG_PTR)irp, 0, 0, 0, NULL);
    if (ke_irql() > DISPATCH_LEVEL)
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x0E, ke_irql(), (ULONG_PTR)irp, 0, NULL);
    if (irp->IoStatus.Status == STATUS_PENDING || irp->IoStatus.Status == (NTSTATUS)-1)
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x06, (ULONG_PTR)irp->IoStatus.Status, (ULONG_PTR)irp, 0,
                    NULL);
    /* IoCancelIrp may be exchanging it at this moment, once the bus driver has found that there is none to run. */
    PDRIVER_CANCEL routine = __atomic_load_n(&irp->CancelRoutine, __ATOMIC_RELAXED);
    if (routine != NULL)
        ke_bugcheck(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x07, (ULONG_PTR)routine, (ULONG_PTR)irp, 0, NULL);
}

static bool wants_completion(PIRP irp, UCHAR control)
{
    if (NT_SUCCESS(irp->IoStatus.Status) ? control & SL_INVOKE_ON_SUCCESS : control & SL_INVOKE_ON_ERROR)
        return true;
    return __atomic_load_n(&irp->Cancel, __ATOMIC_RELAXED) && (control & SL_INVOKE_ON_CANCEL);
}

/* A driver may look at its own location only until it completes the IRP: leave nothing there to be found. */
static void wipe(PIO_STACK_LOCATION stack)
{
    stack->MinorFunction = 0;
    stack->Flags = 0;
    stack->Control = 0;
    stack->Parameters.Others.Argument1 = NULL;
    stack->Parameters.Others.Argument2 = NULL;
    stack->Parameters.Others.Argument3 = NULL;
    stack->FileObject = NULL;
}

/* True when the IRP has passed its top; false when a completion routine has taken it. */
static bool walk_completion_routines(PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    CCHAR top = (CCHAR)(irp->StackCount + 1);

    irp->CurrentLocation++;
    irp->Tail.Overlay.CurrentStackLocation++;
    while (irp->CurrentLocation <= top) {
        UCHAR control = stack->Control;
        bool at_top = irp->CurrentLocation == top;

        irp->PendingReturned = (control & SL_PENDING_RETURNED) != 0;
        if (wants_completion(irp, control)) {
            PIO_COMPLETION_ROUTINE routine = stack->CompletionRoutine;
            PVOID context = stack->Context;
            /* The routine belongs to the driver above, so it is given that driver's device: none at the top. */
            PDEVICE_OBJECT device = at_top ? NULL : IoGetCurrentIrpStackLocation(irp)->DeviceObject;
            KIRQL before = ke_irql();
            NTSTATUS status;

            wipe(stack);
            status = routine(device, irp, context);
            ke_check_irql(before, (const void *)routine, "IoCompletion");
            if (status == STATUS_MORE_PROCESSING_REQUIRED)
                return false;
        } else {
            if (irp->PendingReturned && !at_top)
                IoMarkIrpPending(irp);
            wipe(stack);
        }
        irp->CurrentLocation++;
        irp->Tail.Overlay.CurrentStackLocation++;
        stack++;
    }
    return true;
}

void io_release_buffers(PIRP irp)
{
    if (irp->Flags & IRP_DEALLOCATE_BUFFER) {
        io_buffer_free(irp->AssociatedIrp.SystemBuffer);
        irp->AssociatedIrp.SystemBuffer = NULL;
        irp->Flags &= ~IRP_DEALLOCATE_BUFFER;
    }
    while (irp->MdlAddress != NULL) {
        PMDL mdl = irp->MdlAddress;

        irp->MdlAddress = mdl->Next;
        if (mdl->MdlFlags & MDL_PAGES_LOCKED)
            MmUnlockPages(mdl);
        IoFreeMdl(mdl);
    }
}

static void complete_associated(PIRP irp)
{
    PIRP master = irp->AssociatedIrp.MasterIrp;
    LONG left = InterlockedDecrement(&master->AssociatedIrp.IrpCount);

    irp->Flags &= ~IRP_DEALLOCATE_BUFFER;
    io_release_buffers(irp);
    io_irp_free(irp);
    if (left == 0)
        IofCompleteRequest(master, IO_NO_INCREMENT);
}

/* Windows reports a failure that was returned directly only through IoCallDriver's return value: neither is the status
 * block written nor the event set. A caller that waits for the event in this case hangs there as well. */
static bool originator_is_told(PIRP irp)
{
    return !NT_ERROR(irp->IoStatus.Status) || irp->PendingReturned || (irp->Flags & IRP_SYNCHRONOUS_API);
}

static void copy_back(PIRP irp)
{
    SIZE_T size = irp->IoStatus.Information, room = io_buffer_output_size(irp->AssociatedIrp.SystemBuffer);

    if (size > room) {
        ke_bugcheck_text(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x200, size, (ULONG_PTR)irp, room, NULL,
                         "the IRP was completed with IoStatus.Information %zu, but the output buffer has %zu bytes",
                         (size_t)size, (size_t)room);
    }
    RtlCopyMemory(irp->UserBuffer, irp->AssociatedIrp.SystemBuffer, size);
}

/* A request of a Zw function: the file itself is waitable, and it and the event were referenced for the request. */
static void finish_file_request(PFILE_OBJECT file, PKEVENT event, NTSTATUS status, bool told)
{
    if (told && (event == NULL || (file->Flags & FO_SYNCHRONOUS_IO))) {
        file->FinalStatus = status;
        KeSetEvent(&file->Event, IO_NO_INCREMENT, FALSE);
    }
    if (event != NULL)
        ObDereferenceObject(event);
    ObDereferenceObject(file);
}

static void finish(PIRP irp)
{
    NTSTATUS status = irp->IoStatus.Status;
    PKEVENT event = irp->UserEvent;
    PFILE_OBJECT file = irp->Tail.Overlay.OriginalFileObject;
    bool told = originator_is_told(irp);

    if ((irp->Flags & IRP_DEALLOCATE_BUFFER) && (irp->Flags & IRP_INPUT_OPERATION) && !NT_ERROR(status) &&
        status != STATUS_VERIFY_REQUIRED)
        copy_back(irp);
    io_release_buffers(irp);
    if (told && irp->UserIosb != NULL)
        *irp->UserIosb = irp->IoStatus;
    io_irp_free(irp);
    if (told && event != NULL)
        KeSetEvent(event, IO_NO_INCREMENT, FALSE);
    if (file != NULL)
        finish_file_request(file, event, status, told);
}

VOID FASTCALL IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
    UNREFERENCED_PARAMETER(PriorityBoost); /* Linux decides about priorities */
    check_completion(Irp);
    if (!walk_completion_routines(Irp))
        return;
    if (Irp->Flags & IRP_ASSOCIATED_IRP) {
        complete_associated(Irp);
    } else if (Irp->Tail.Overlay.Thread == NULL) {
        ke_bugcheck_text(DRIVER_VERIFIER_IOMANAGER_VIOLATION, 0x200, (ULONG_PTR)__builtin_return_address(0),
                         (ULONG_PTR)Irp, 0, NULL,
                         "an IRP made by IoAllocateIrp was completed past its top stack location: the driver that made "
                         "it must set a completion routine that returns STATUS_MORE_PROCESSING_REQUIRED and frees or "
                         "reuses it");
    } else {
        finish(Irp);
    }
}
NT_EXPORT(IofCompleteRequest);

#undef IoCompleteRequest
VOID NTAPI IoCompleteRequest(PIRP Irp, CCHAR PriorityBoost);
VOID NTAPI IoCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
    IofCompleteRequest(Irp, PriorityBoost);
}
NT_EXPORT(IoCompleteRequest);

/*
 * IoSetCompletionRoutineEx keeps the driver loaded until its completion routine has returned: the IRP carries a record
 * with a reference to the device object instead of the caller's context.
 */
struct held_completion {
    PDEVICE_OBJECT device;
    PIO_COMPLETION_ROUTINE routine;
    PVOID context;
};

static NTSTATUS NTAPI run_held_completion(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct held_completion held = *(struct held_completion *)context;
    NTSTATUS status;

    ExFreePoolWithTag(context, IO_TAG_WORK);
    status = held.routine(device, irp, held.context);
    ObDereferenceObject(held.device);
    return status;
}

NTSTATUS NTAPI IoSetCompletionRoutineEx(PDEVICE_OBJECT DeviceObject, PIRP Irp, PIO_COMPLETION_ROUTINE CompletionRoutine,
                                        PVOID Context, BOOLEAN InvokeOnSuccess, BOOLEAN InvokeOnError,
                                        BOOLEAN InvokeOnCancel)
{
    struct held_completion *held = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*held), IO_TAG_WORK);

    if (held == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    ObReferenceObject(DeviceObject);
    *held = (struct held_completion){DeviceObject, CompletionRoutine, Context};
    IoSetCompletionRoutine(Irp, run_held_completion, held, InvokeOnSuccess, InvokeOnError, InvokeOnCancel);
    return STATUS_SUCCESS;
}
NT_EXPORT(IoSetCompletionRoutineEx);

/*
 * Physical device objects: Plug and Play and power requests for a device or for one function of a composite device. A
 * PDO is the bottom of its stack, so each request is completed here; one that is not known keeps the status it came
 * with.
 */
#include "usb/stack.h"
#include <string.h>

/* GUID_BUS_TYPE_USB {9D7DEBBC-C85D-11D1-9EB4-006008C3A19A} */
static const GUID bus_type_usb = {0x9d7debbc, 0xc85d, 0x11d1, {0x9e, 0xb4, 0x00, 0x60, 0x08, 0xc3, 0xa1, 0x9a}};

/* GUID_DEVINTERFACE_USB_DEVICE */
static const GUID usb_device_interface = {0xa5dcbf10, 0x6530, 0x11d2, {0x90, 0x1f, 0x00, 0xc0, 0x4f, 0xb9, 0x51, 0xed}};

/* ---- requests that wait for an event ------------------------------------------------------------------------------
 */

static VOID NTAPI cancel_slot(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    struct usb_extension *pdo = DeviceObject->DeviceExtension;
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KIRQL irql;
    KeAcquireSpinLock(&pdo->slot_lock, &irql);
    if (pdo->wait_wake == Irp)
        pdo->wait_wake = NULL;
    if (pdo->idle_notification == Irp)
        pdo->idle_notification = NULL;
    KeReleaseSpinLock(&pdo->slot_lock, irql);
    usb_complete_irp(Irp, STATUS_CANCELLED, 0);
}

NTSTATUS usb_pend_in_slot(struct usb_extension *pdo, PIRP *slot, PIRP irp, bool *waits)
{
    KIRQL irql;
    NTSTATUS status = STATUS_PENDING;
    KeAcquireSpinLock(&pdo->slot_lock, &irql);
    if (*slot != NULL) {
        status = STATUS_DEVICE_BUSY;
    } else {
        IoMarkIrpPending(irp);
        *slot = irp;
        IoSetCancelRoutine(irp, cancel_slot);
        if (irp->Cancel && IoSetCancelRoutine(irp, NULL) != NULL) {
            *slot = NULL;
            status = STATUS_CANCELLED;
        }
    }
    KeReleaseSpinLock(&pdo->slot_lock, irql);
    *waits = status == STATUS_PENDING;
    if (*waits)
        return status;
    usb_complete_irp(irp, status, 0);
    /* A request marked pending must be answered with STATUS_PENDING, however it ends. */
    return status == STATUS_CANCELLED ? STATUS_PENDING : status;
}

static PIRP take_slot(struct usb_extension *pdo, PIRP *slot)
{
    KIRQL irql;
    KeAcquireSpinLock(&pdo->slot_lock, &irql);
    PIRP irp = *slot;
    if (irp != NULL && IoSetCancelRoutine(irp, NULL) == NULL)
        irp = NULL; /* the cancel routine completes it */
    else
        *slot = NULL;
    KeReleaseSpinLock(&pdo->slot_lock, irql);
    return irp;
}

void usb_release_slots(struct usb_extension *pdo, NTSTATUS status)
{
    PIRP irp = take_slot(pdo, &pdo->wait_wake);
    if (irp != NULL)
        usb_complete_irp(irp, status, 0);
    irp = take_slot(pdo, &pdo->idle_notification);
    if (irp != NULL)
        usb_complete_irp(irp, status, 0);
}

/* ---- Plug and Play ------------------------------------------------------------------------------------------------
 */

static bool can_wake(const struct usb_extension *pdo)
{
    const USB_CONFIGURATION_DESCRIPTOR *c = (const void *)pdo->device->configuration_data;
    return (c->bmAttributes & USB_CONFIG_REMOTE_WAKEUP) != 0;
}

/* DEVINTERFACE_USB_DEVICE: programs find devices by it. A device without it still works. */
static void set_interface(struct usb_extension *pdo, bool is_enabled)
{
    if (pdo->kind != USB_EXTENSION_PDO)
        return;
    if (is_enabled && pdo->link.Buffer == NULL &&
        NT_SUCCESS(IoRegisterDeviceInterface(pdo->self, &usb_device_interface, NULL, &pdo->link)))
        IoSetDeviceInterfaceState(&pdo->link, TRUE);
    if (!is_enabled && pdo->link.Buffer != NULL) {
        IoSetDeviceInterfaceState(&pdo->link, FALSE);
        RtlFreeUnicodeString(&pdo->link);
        memset(&pdo->link, 0, sizeof(pdo->link));
    }
}

static NTSTATUS start_device(struct usb_extension *pdo)
{
    if (usb_pdo_is_gone(pdo))
        return STATUS_NO_SUCH_DEVICE;
    pdo->is_started = true;
    pdo->power_state = PowerDeviceD0;
    set_interface(pdo, true);
    return STATUS_SUCCESS;
}

static void stop_device(struct usb_extension *pdo)
{
    pdo->is_started = false;
    usb_release_slots(pdo, STATUS_CANCELLED);
    usb_close_pipes(pdo->device, pdo->function.interfaces);
}

static NTSTATUS remove_device(struct usb_extension *pdo, PIRP irp)
{
    set_interface(pdo, false);
    stop_device(pdo);
    bool is_last = pdo->is_unreported;
    NTSTATUS status = usb_complete_irp(irp, STATUS_SUCCESS, 0);
    /* While the PnP manager believes the device to be there, it can start it again, and will remove it once more. */
    if (is_last)
        usb_delete_pdo(pdo);
    return status;
}

static NTSTATUS query_capabilities(const struct usb_extension *pdo, PDEVICE_CAPABILITIES capabilities)
{
    if (capabilities->Version < 1 || capabilities->Size < sizeof(*capabilities))
        return STATUS_UNSUCCESSFUL;
    bool has_serial = pdo->device->serial_is_id;
    capabilities->Removable = pdo->kind == USB_EXTENSION_PDO;
    capabilities->SurpriseRemovalOK = pdo->kind == USB_EXTENSION_PDO;
    capabilities->UniqueID = has_serial;
    capabilities->RawDeviceOK = FALSE;
    capabilities->EjectSupported = FALSE;
    capabilities->LockSupported = FALSE;
    capabilities->DeviceD1 = FALSE;
    capabilities->DeviceD2 = can_wake(pdo);
    capabilities->WakeFromD0 = capabilities->WakeFromD2 = can_wake(pdo);
    capabilities->Address = pdo->kind == USB_EXTENSION_PDO ? pdo->device->port : pdo->function.first;
    capabilities->UINumber = (ULONG)-1;
    capabilities->DeviceState[PowerSystemWorking] = PowerDeviceD0;
    for (int s = PowerSystemSleeping1; s <= PowerSystemSleeping3; s++)
        capabilities->DeviceState[s] = can_wake(pdo) ? PowerDeviceD2 : PowerDeviceD3;
    capabilities->DeviceState[PowerSystemHibernate] = PowerDeviceD3;
    capabilities->DeviceState[PowerSystemShutdown] = PowerDeviceD3;
    capabilities->SystemWake = can_wake(pdo) ? PowerSystemSleeping3 : PowerSystemUnspecified;
    capabilities->DeviceWake = can_wake(pdo) ? PowerDeviceD2 : PowerDeviceUnspecified;
    return STATUS_SUCCESS;
}

static NTSTATUS query_bus_information(PIRP irp)
{
    PPNP_BUS_INFORMATION information = ExAllocatePoolWithTag(PagedPool, sizeof(*information), USB_TAG);
    if (information == NULL)
        return usb_complete_irp(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    information->BusTypeGuid = bus_type_usb;
    information->LegacyBusType = PNPBus;
    information->BusNumber = 0;
    return usb_complete_irp(irp, STATUS_SUCCESS, (ULONG_PTR)information);
}

static NTSTATUS query_relations(struct usb_extension *pdo, PIRP irp, DEVICE_RELATION_TYPE type)
{
    if (type != TargetDeviceRelation)
        return usb_complete_irp(irp, irp->IoStatus.Status, irp->IoStatus.Information);
    PDEVICE_RELATIONS relations = ExAllocatePoolWithTag(PagedPool, sizeof(*relations), USB_TAG);
    if (relations == NULL)
        return usb_complete_irp(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    relations->Count = 1;
    relations->Objects[0] = pdo->self;
    ObReferenceObject(pdo->self);
    return usb_complete_irp(irp, STATUS_SUCCESS, (ULONG_PTR)relations);
}

static NTSTATUS complete_with_string(PIRP irp, NTSTATUS status, PWCHAR text)
{
    if (status == STATUS_NOT_SUPPORTED)
        return usb_complete_irp(irp, irp->IoStatus.Status, irp->IoStatus.Information);
    return usb_complete_irp(irp, status, NT_SUCCESS(status) ? (ULONG_PTR)text : 0);
}

NTSTATUS usb_pdo_pnp(struct usb_extension *pdo, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    PWCHAR text = NULL;
    NTSTATUS status;
    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        return usb_complete_irp(irp, start_device(pdo), 0);
    case IRP_MN_STOP_DEVICE:
        stop_device(pdo);
        return usb_complete_irp(irp, STATUS_SUCCESS, 0);
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
        return usb_complete_irp(irp, STATUS_SUCCESS, 0);
    case IRP_MN_SURPRISE_REMOVAL:
        set_interface(pdo, false);
        usb_pdo_lose(pdo);
        stop_device(pdo);
        return usb_complete_irp(irp, STATUS_SUCCESS, 0);
    case IRP_MN_REMOVE_DEVICE:
        return remove_device(pdo, irp);
    case IRP_MN_QUERY_ID:
        status = usb_query_id(pdo, stack->Parameters.QueryId.IdType, &text);
        return complete_with_string(irp, status, text);
    case IRP_MN_QUERY_DEVICE_TEXT:
        status = usb_query_text(pdo, stack->Parameters.QueryDeviceText.DeviceTextType, &text);
        return complete_with_string(irp, status, text);
    case IRP_MN_QUERY_CAPABILITIES:
        status = query_capabilities(pdo, stack->Parameters.DeviceCapabilities.Capabilities);
        return usb_complete_irp(irp, status, 0);
    case IRP_MN_QUERY_BUS_INFORMATION:
        return query_bus_information(irp);
    case IRP_MN_QUERY_DEVICE_RELATIONS:
        return query_relations(pdo, irp, stack->Parameters.QueryDeviceRelations.Type);
    case IRP_MN_QUERY_INTERFACE:
        return usb_query_bus_interface(pdo, irp);
    default:
        return usb_complete_irp(irp, irp->IoStatus.Status, irp->IoStatus.Information);
    }
}

/* ---- power --------------------------------------------------------------------------------------------------------
 */

static NTSTATUS set_power(struct usb_extension *pdo, PIRP irp, const IO_STACK_LOCATION *stack)
{
    if (stack->Parameters.Power.Type == DevicePowerState) {
        pdo->power_state = stack->Parameters.Power.State.DeviceState;
        PoSetPowerState(pdo->self, DevicePowerState, stack->Parameters.Power.State);
        if (pdo->power_state == PowerDeviceD0)
            usb_release_slots(pdo, STATUS_SUCCESS);
    }
    PoStartNextPowerIrp(irp);
    return usb_complete_irp(irp, STATUS_SUCCESS, 0);
}

NTSTATUS usb_pdo_power(struct usb_extension *pdo, PIRP irp)
{
    bool waits;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    switch (stack->MinorFunction) {
    case IRP_MN_SET_POWER:
        return set_power(pdo, irp, stack);
    case IRP_MN_QUERY_POWER:
        PoStartNextPowerIrp(irp);
        return usb_complete_irp(irp, STATUS_SUCCESS, 0);
    case IRP_MN_WAIT_WAKE:
        PoStartNextPowerIrp(irp);
        if (!can_wake(pdo))
            return usb_complete_irp(irp, STATUS_NOT_SUPPORTED, 0);
        return usb_pend_in_slot(pdo, &pdo->wait_wake, irp, &waits);
    default:
        PoStartNextPowerIrp(irp);
        return usb_complete_irp(irp, irp->IoStatus.Status, irp->IoStatus.Information);
    }
}

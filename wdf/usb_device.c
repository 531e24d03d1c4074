/*
 * The USB device object: opening the device (its descriptors, the stack's bus interface), what is known of it, its
 * strings, and URBs for drivers that fill their own. "Working with USB Devices"
 */
#include "wdf/usb_target.h"

static void device_dispose(struct wdf_object *object);
static void device_destroy(struct wdf_object *object);

const struct wdf_type wdf_usb_device_type = {.name = "WDFUSBDEVICE",
                                             .base = &wdf_target_type,
                                             .flags = WDF_TYPE_PASSIVE | WDF_TYPE_NO_PARENT,
                                             .dispose = device_dispose,
                                             .destroy = device_destroy};

static const GUID usbdi_guid = {0xb1a96a13, 0x3de0, 0x4574, {0x9b, 0x01, 0xc0, 0x8f, 0xea, 0xb3, 0x18, 0xd6}};

static struct wdf_usb_device *device_from(PWDF_DRIVER_GLOBALS globals, WDFUSBDEVICE handle, const char *call)
{
    return wdf_from_handle(globals, handle, &wdf_usb_device_type, call);
}

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

static NTSTATUS NTAPI answered(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The stack's bus interface: version, speed, frame number. A stack without one leaves these unknown. */
static void query_bus(struct wdf_usb_device *device)
{
    KEVENT done;
    PIRP irp = IoAllocateIrp(device->target.stack_size, FALSE);
    if (irp == NULL)
        return;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
    next->MajorFunction = IRP_MJ_PNP;
    next->MinorFunction = IRP_MN_QUERY_INTERFACE;
    next->Parameters.QueryInterface.InterfaceType = &usbdi_guid;
    next->Parameters.QueryInterface.Size = sizeof(device->bus);
    next->Parameters.QueryInterface.Version = USB_BUSIF_USBDI_VERSION_1;
    next->Parameters.QueryInterface.Interface = (PINTERFACE)&device->bus;
    IoSetCompletionRoutine(irp, answered, &done, TRUE, TRUE, TRUE);
    IoCallDriver(device->target.lower, irp);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    device->has_bus = NT_SUCCESS(irp->IoStatus.Status);
    IoFreeIrp(irp);
}

static NTSTATUS get_descriptor(struct wdf_usb_device *device, UCHAR type, UCHAR index, void *buffer, ULONG size,
                               ULONG *length)
{
    URB urb = {0};
    UsbBuildGetDescriptorRequest(&urb, sizeof(urb.UrbControlDescriptorRequest), type, index, 0, buffer, NULL, size,
                                 NULL);
    NTSTATUS status = wdf_usb_send_urb(&device->target, &urb);
    *length = urb.UrbControlDescriptorRequest.TransferBufferLength;
    if (*length > size)
        *length = size;
    return status;
}

/* A descriptor whose parts do not lie one behind the other within its length is refused here, once. */
static bool is_well_formed(const UCHAR *configuration, ULONG total)
{
    ULONG at = 0;
    while (at < total) {
        if (total - at < sizeof(USB_COMMON_DESCRIPTOR))
            return false;
        const USB_COMMON_DESCRIPTOR *part = (const USB_COMMON_DESCRIPTOR *)(configuration + at);
        if (part->bLength < sizeof(*part) || part->bLength > total - at)
            return false;
        if (part->bDescriptorType == USB_INTERFACE_DESCRIPTOR_TYPE && part->bLength < sizeof(USB_INTERFACE_DESCRIPTOR))
            return false;
        if (part->bDescriptorType == USB_ENDPOINT_DESCRIPTOR_TYPE && part->bLength < sizeof(USB_ENDPOINT_DESCRIPTOR))
            return false;
        at += part->bLength;
    }
    return true;
}

static NTSTATUS read_descriptors(struct wdf_usb_device *device)
{
    USB_CONFIGURATION_DESCRIPTOR head;
    ULONG length;
    NTSTATUS status =
        get_descriptor(device, USB_DEVICE_DESCRIPTOR_TYPE, 0, &device->descriptor, sizeof(device->descriptor), &length);
    if (!NT_SUCCESS(status) || length != sizeof(device->descriptor))
        return STATUS_UNSUCCESSFUL;
    status = get_descriptor(device, USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, &head, sizeof(head), &length);
    if (!NT_SUCCESS(status) || length != sizeof(head) || head.wTotalLength < sizeof(head))
        return STATUS_UNSUCCESSFUL;
    device->configuration = ExAllocatePoolWithTag(NonPagedPoolNx, head.wTotalLength, WDF_USB_TAG);
    if (device->configuration == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    status =
        get_descriptor(device, USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, device->configuration, head.wTotalLength, &length);
    /* The device could answer otherwise this time. */
    if (!NT_SUCCESS(status) || length != head.wTotalLength ||
        device->configuration->wTotalLength != head.wTotalLength || device->configuration->bLength < sizeof(head) ||
        !is_well_formed((const UCHAR *)device->configuration, head.wTotalLength))
        return STATUS_UNSUCCESSFUL;
    return STATUS_SUCCESS;
}

static NTSTATUS open_device(struct wdf_usb_device *device, PDEVICE_OBJECT self, ULONG contract)
{
    NTSTATUS status = read_descriptors(device);
    if (NT_SUCCESS(status))
        status = wdf_usb_create_interfaces(device);
    if (!NT_SUCCESS(status))
        return status;
    query_bus(device);
    if (contract == 0)
        return STATUS_SUCCESS;
    return USBD_CreateHandle(self, device->target.lower, contract, WDF_USB_TAG, &device->usbd);
}

static NTSTATUS create(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle, ULONG contract, PWDF_OBJECT_ATTRIBUTES attributes,
                       WDFUSBDEVICE *usb_device, const char *call)
{
    struct wdf_client *client = wdf_client(globals);
    NTSTATUS status;
    struct wdf_object *parent = wdf_from_handle(globals, handle, &wdf_device_type, call);
    struct wdf_target *local = wdf_device_local_target(parent);
    if (local == NULL || local->lower == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    struct wdf_usb_device *device = (struct wdf_usb_device *)wdf_object_create(
        client, &wdf_usb_device_type, sizeof(*device), attributes, parent, &status);
    if (device == NULL)
        return status;
    wdf_target_initialize(&device->target, parent, WDF_TARGET_USB_DEVICE, local->lower, local->physical);
    /* For the stack a handle is the client's; that the device object below stands for it makes no difference. */
    status = open_device(device, local->lower, contract);
    if (!NT_SUCCESS(status)) {
        wdf_delete_and_wait(&device->target.object);
        return status;
    }
    *usb_device = (WDFUSBDEVICE)wdf_handle(&device->target.object);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceCreate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                             PWDF_OBJECT_ATTRIBUTES Attributes, WDFUSBDEVICE *UsbDevice)
{
    static const char call[] = "WdfUsbTargetDeviceCreate";
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    wdf_require(client, UsbDevice, call, "UsbDevice");
    *UsbDevice = NULL;
    return create(DriverGlobals, Device, 0, Attributes, UsbDevice, call);
}
WDF_EXPORT(WdfUsbTargetDeviceCreate, PFN_WDFUSBTARGETDEVICECREATE);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceCreateWithParameters(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device,
                                                           PWDF_USB_DEVICE_CREATE_CONFIG Config,
                                                           PWDF_OBJECT_ATTRIBUTES Attributes, WDFUSBDEVICE *UsbDevice)
{
    static const char call[] = "WdfUsbTargetDeviceCreateWithParameters";
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    wdf_require(client, Config, call, "Config");
    wdf_require(client, UsbDevice, call, "UsbDevice");
    *UsbDevice = NULL;
    if (!wdf_size_is(client, Config->Size, sizeof(*Config), call, "WDF_USB_DEVICE_CREATE_CONFIG"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Config->USBDClientContractVersion != USBD_CLIENT_CONTRACT_VERSION_602)
        return STATUS_INVALID_PARAMETER;
    return create(DriverGlobals, Device, Config->USBDClientContractVersion, Attributes, UsbDevice, call);
}
WDF_EXPORT(WdfUsbTargetDeviceCreateWithParameters, PFN_WDFUSBTARGETDEVICECREATEWITHPARAMETERS);

/* While the device stack is still there. */
static void device_dispose(struct wdf_object *object)
{
    struct wdf_usb_device *device = (struct wdf_usb_device *)object;
    wdf_target_dispose(&device->target);
    if (device->has_bus && device->bus.InterfaceDereference != NULL)
        device->bus.InterfaceDereference(device->bus.BusContext);
    device->has_bus = false;
    device->interface_count = 0; /* they are gone already */
}

static void device_destroy(struct wdf_object *object)
{
    struct wdf_usb_device *device = (struct wdf_usb_device *)object;
    wdf_target_destroy(&device->target);
    if (device->usbd != NULL)
        USBD_CloseHandle(device->usbd);
    if (device->interfaces != NULL)
        ExFreePoolWithTag(device->interfaces, WDF_USB_TAG);
    if (device->configuration != NULL)
        ExFreePoolWithTag(device->configuration, WDF_USB_TAG);
}

/* ---- facts --------------------------------------------------------------------------------------------------------
 */

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceRetrieveInformation(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                          PWDF_USB_DEVICE_INFORMATION Information)
{
    static const char call[] = "WdfUsbTargetDeviceRetrieveInformation";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_require(client, Information, call, "Information");
    if (!wdf_size_is(client, Information->Size, sizeof(*Information), call, "WDF_USB_DEVICE_INFORMATION"))
        return STATUS_INFO_LENGTH_MISMATCH;
    Information->Traits = 0;
    Information->HcdPortCapabilities = 0;
    RtlZeroMemory(&Information->UsbdVersionInformation, sizeof(Information->UsbdVersionInformation));
    if (device->has_bus) {
        device->bus.GetUSBDIVersion(device->bus.BusContext, &Information->UsbdVersionInformation,
                                    &Information->HcdPortCapabilities);
        if (device->bus.IsDeviceHighSpeed(device->bus.BusContext))
            Information->Traits |= WDF_USB_DEVICE_TRAIT_AT_HIGH_SPEED;
    }
    if (device->configuration->bmAttributes & USB_CONFIG_SELF_POWERED)
        Information->Traits |= WDF_USB_DEVICE_TRAIT_SELF_POWERED;
    if (device->configuration->bmAttributes & USB_CONFIG_REMOTE_WAKEUP)
        Information->Traits |= WDF_USB_DEVICE_TRAIT_REMOTE_WAKE_CAPABLE;
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfUsbTargetDeviceRetrieveInformation, PFN_WDFUSBTARGETDEVICERETRIEVEINFORMATION);

VOID NTAPI kmdf_WdfUsbTargetDeviceGetDeviceDescriptor(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                      PUSB_DEVICE_DESCRIPTOR UsbDeviceDescriptor)
{
    static const char call[] = "WdfUsbTargetDeviceGetDeviceDescriptor";
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_require(wdf_client(DriverGlobals), UsbDeviceDescriptor, call, "UsbDeviceDescriptor");
    *UsbDeviceDescriptor = device->descriptor;
}
WDF_EXPORT(WdfUsbTargetDeviceGetDeviceDescriptor, PFN_WDFUSBTARGETDEVICEGETDEVICEDESCRIPTOR);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceRetrieveConfigDescriptor(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               WDFUSBDEVICE UsbDevice, PVOID ConfigDescriptor,
                                                               PUSHORT ConfigDescriptorLength)
{
    static const char call[] = "WdfUsbTargetDeviceRetrieveConfigDescriptor";
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_require(wdf_client(DriverGlobals), ConfigDescriptorLength, call, "ConfigDescriptorLength");
    USHORT total = device->configuration->wTotalLength, room = *ConfigDescriptorLength;
    *ConfigDescriptorLength = total;
    if (ConfigDescriptor == NULL)
        return STATUS_BUFFER_TOO_SMALL;
    RtlCopyMemory(ConfigDescriptor, device->configuration, room < total ? room : total);
    return room < total ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
}
WDF_EXPORT(WdfUsbTargetDeviceRetrieveConfigDescriptor, PFN_WDFUSBTARGETDEVICERETRIEVECONFIGDESCRIPTOR);

UCHAR NTAPI kmdf_WdfUsbTargetDeviceGetNumInterfaces(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice)
{
    return device_from(DriverGlobals, UsbDevice, "WdfUsbTargetDeviceGetNumInterfaces")->interface_count;
}
WDF_EXPORT(WdfUsbTargetDeviceGetNumInterfaces, PFN_WDFUSBTARGETDEVICEGETNUMINTERFACES);

WDFUSBINTERFACE NTAPI kmdf_WdfUsbTargetDeviceGetInterface(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                          UCHAR InterfaceIndex)
{
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, "WdfUsbTargetDeviceGetInterface");
    return InterfaceIndex < device->interface_count
               ? (WDFUSBINTERFACE)wdf_handle(&device->interfaces[InterfaceIndex]->object)
               : NULL;
}
WDF_EXPORT(WdfUsbTargetDeviceGetInterface, PFN_WDFUSBTARGETDEVICEGETINTERFACE);

USBD_CONFIGURATION_HANDLE NTAPI kmdf_WdfUsbTargetDeviceWdmGetConfigurationHandle(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                                 WDFUSBDEVICE UsbDevice)
{
    return device_from(DriverGlobals, UsbDevice, "WdfUsbTargetDeviceWdmGetConfigurationHandle")->configuration_handle;
}
WDF_EXPORT(WdfUsbTargetDeviceWdmGetConfigurationHandle, PFN_WDFUSBTARGETDEVICEWDMGETCONFIGURATIONHANDLE);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceRetrieveCurrentFrameNumber(PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 WDFUSBDEVICE UsbDevice, PULONG CurrentFrameNumber)
{
    static const char call[] = "WdfUsbTargetDeviceRetrieveCurrentFrameNumber";
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_require(wdf_client(DriverGlobals), CurrentFrameNumber, call, "CurrentFrameNumber");
    *CurrentFrameNumber = 0;
    if (!device->has_bus || device->bus.QueryBusTime == NULL)
        return STATUS_UNSUCCESSFUL;
    return device->bus.QueryBusTime(device->bus.BusContext, CurrentFrameNumber);
}
WDF_EXPORT(WdfUsbTargetDeviceRetrieveCurrentFrameNumber, PFN_WDFUSBTARGETDEVICERETRIEVECURRENTFRAMENUMBER);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceQueryUsbCapability(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                         CONST GUID *CapabilityType, ULONG CapabilityBufferLength,
                                                         PVOID CapabilityBuffer, PULONG ResultLength)
{
    static const char call[] = "WdfUsbTargetDeviceQueryUsbCapability";
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, call);
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    if (device->usbd == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    return USBD_QueryUsbCapability(device->usbd, CapabilityType, CapabilityBufferLength, CapabilityBuffer,
                                   ResultLength);
}
WDF_EXPORT(WdfUsbTargetDeviceQueryUsbCapability, PFN_WDFUSBTARGETDEVICEQUERYUSBCAPABILITY);

/* ---- strings ------------------------------------------------------------------------------------------------------
 */

static void NTAPI finish_string(struct wdf_request *request)
{
    const UCHAR *descriptor = request->urb.descriptor.TransferBuffer;
    request->usb.UsbdStatus = request->sent_urb != NULL ? request->urb.urb.UrbHeader.Status : USBD_STATUS_CANCELED;
    request->usb.Parameters.DeviceString.RequiredSize =
        USBD_SUCCESS(request->usb.UsbdStatus) && request->urb.descriptor.TransferBufferLength >= 2 ? descriptor[0] : 0;
}

static NTSTATUS format_string(struct wdf_request *request, struct wdf_usb_device *device, const struct wdf_span *span,
                              UCHAR index, USHORT language)
{
    NTSTATUS status =
        wdf_usb_format(request, &device->target, &request->urb.urb, WdfUsbRequestTypeDeviceString, finish_string);
    if (!NT_SUCCESS(status))
        return status;
    wdf_request_hold(request, 0, span);
    RtlZeroMemory(&request->urb.descriptor, sizeof(request->urb.descriptor));
    UsbBuildGetDescriptorRequest(&request->urb.urb, sizeof(request->urb.descriptor), USB_STRING_DESCRIPTOR_TYPE, index,
                                 language, span->buffer, NULL, (ULONG)span->length, NULL);
    request->usb.Parameters.DeviceString.Buffer =
        span->memory != NULL ? (WDFMEMORY)wdf_handle(&span->memory->object) : NULL;
    request->usb.Parameters.DeviceString.LangID = language;
    request->usb.Parameters.DeviceString.StringIndex = index;
    request->usb.Parameters.DeviceString.RequiredSize = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceFormatRequestForString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                             WDFREQUEST Request, WDFMEMORY Memory,
                                                             PWDFMEMORY_OFFSET Offset, UCHAR StringIndex, USHORT LangID)
{
    static const char call[] = "WdfUsbTargetDeviceFormatRequestForString";
    struct wdf_span span;
    wdf_require_irql(wdf_client(DriverGlobals), DISPATCH_LEVEL, call);
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    struct wdf_request *request = wdf_from_handle(DriverGlobals, Request, &wdf_request_type, call);
    struct wdf_memory *memory = wdf_from_handle(DriverGlobals, Memory, &wdf_memory_type, call);
    NTSTATUS status = wdf_span_from_memory(memory, Offset, &span);
    if (!NT_SUCCESS(status))
        return status;
    if (span.length % sizeof(WCHAR) != 0 || span.length < sizeof(USB_COMMON_DESCRIPTOR))
        return STATUS_INVALID_PARAMETER;
    return format_string(request, device, &span, StringIndex, LangID);
}
WDF_EXPORT(WdfUsbTargetDeviceFormatRequestForString, PFN_WDFUSBTARGETDEVICEFORMATREQUESTFORSTRING);

/* Reads the whole descriptor; *COUNT characters follow its two bytes of header. */
static NTSTATUS read_string(PWDF_DRIVER_GLOBALS globals, struct wdf_usb_device *device, WDFREQUEST request,
                            PWDF_REQUEST_SEND_OPTIONS options, UCHAR index, USHORT language, UCHAR descriptor[256],
                            USHORT *count, const char *call)
{
    struct wdf_sync sync;
    struct wdf_span span = {.buffer = descriptor, .length = 254};
    *count = 0;
    UNREFERENCED_PARAMETER(globals);
    NTSTATUS status = wdf_sync_begin(&sync, &device->target, request, options, call);
    ULONG length = 0;
    if (NT_SUCCESS(status))
        status = format_string(sync.request, device, &span, index, language);
    status = wdf_usb_sync_finish(&sync, status, false, &length);
    if (!NT_SUCCESS(status))
        return status;
    if (length < 2 || descriptor[0] < 2 || descriptor[0] > length || descriptor[0] % 2 != 0 ||
        descriptor[1] != USB_STRING_DESCRIPTOR_TYPE)
        return STATUS_DEVICE_DATA_ERROR;
    *count = (USHORT)((descriptor[0] - 2) / sizeof(WCHAR));
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceQueryString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                  WDFREQUEST Request, PWDF_REQUEST_SEND_OPTIONS RequestOptions,
                                                  PUSHORT String, PUSHORT NumCharacters, UCHAR StringIndex,
                                                  USHORT LangID)
{
    static const char call[] = "WdfUsbTargetDeviceQueryString";
    UCHAR descriptor[256];
    USHORT count;
    wdf_require_irql(wdf_client(DriverGlobals), PASSIVE_LEVEL, call);
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_require(wdf_client(DriverGlobals), NumCharacters, call, "NumCharacters");
    USHORT room = *NumCharacters;
    NTSTATUS status =
        read_string(DriverGlobals, device, Request, RequestOptions, StringIndex, LangID, descriptor, &count, call);
    if (!NT_SUCCESS(status))
        return status;
    *NumCharacters = count;
    if (String == NULL)
        return STATUS_SUCCESS;
    RtlCopyMemory(String, descriptor + 2, (room < count ? room : count) * sizeof(WCHAR));
    return room < count ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}
WDF_EXPORT(WdfUsbTargetDeviceQueryString, PFN_WDFUSBTARGETDEVICEQUERYSTRING);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceAllocAndQueryString(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                          PWDF_OBJECT_ATTRIBUTES StringMemoryAttributes,
                                                          WDFMEMORY *StringMemory, PUSHORT NumCharacters,
                                                          UCHAR StringIndex, USHORT LangID)
{
    static const char call[] = "WdfUsbTargetDeviceAllocAndQueryString";
    struct wdf_client *client = wdf_client(DriverGlobals);
    UCHAR descriptor[256];
    USHORT count;
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    struct wdf_usb_device *device = device_from(DriverGlobals, UsbDevice, call);
    wdf_require(client, StringMemory, call, "StringMemory");
    *StringMemory = NULL;
    NTSTATUS status = read_string(DriverGlobals, device, NULL, NULL, StringIndex, LangID, descriptor, &count, call);
    if (!NT_SUCCESS(status))
        return status;
    if (count == 0)
        return STATUS_DEVICE_DATA_ERROR;
    struct wdf_memory *memory = wdf_memory_create(client, StringMemoryAttributes, &device->target.object,
                                                  NonPagedPoolNx, 0, count * sizeof(WCHAR), &status);
    if (memory == NULL)
        return status;
    RtlCopyMemory(memory->buffer, descriptor + 2, count * sizeof(WCHAR));
    if (NumCharacters != NULL)
        *NumCharacters = count;
    *StringMemory = (WDFMEMORY)wdf_handle(&memory->object);
    return STATUS_SUCCESS;
}
WDF_EXPORT(WdfUsbTargetDeviceAllocAndQueryString, PFN_WDFUSBTARGETDEVICEALLOCANDQUERYSTRING);

/* ---- URBs for drivers ---------------------------------------------------------------------------------------------
 */

static void release_urb(struct wdf_memory *memory)
{
    struct wdf_usb_device *device = memory->owner;
    USBD_UrbFree(device->usbd, memory->buffer);
    wdf_dereference(&device->target.object);
}

static bool is_urb_parent(struct wdf_object *parent)
{
    return wdf_find_ancestor(parent, &wdf_usb_device_type) != NULL ||
           wdf_find_ancestor(parent, &wdf_request_type) != NULL;
}

static NTSTATUS create_urb(PWDF_DRIVER_GLOBALS globals, WDFUSBDEVICE handle, PWDF_OBJECT_ATTRIBUTES attributes,
                           ULONG packets, WDFMEMORY *memory, PURB *urb, const char *call)
{
    struct wdf_client *client = wdf_client(globals);
    PURB allocated;
    struct wdf_usb_device *device = wdf_from_handle(globals, handle, &wdf_usb_device_type, call);
    wdf_require_irql(client, DISPATCH_LEVEL, call);
    wdf_require(client, memory, call, "UrbMemory");
    *memory = NULL;
    if (device->usbd == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    if (attributes != NULL && attributes->ParentObject != NULL &&
        !is_urb_parent(wdf_from_handle(globals, attributes->ParentObject, NULL, call)))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = packets != 0 ? USBD_IsochUrbAllocate(device->usbd, packets, &allocated)
                                   : USBD_UrbAllocate(device->usbd, &allocated);
    if (!NT_SUCCESS(status))
        return status;
    size_t size = packets != 0 ? GET_ISO_URB_SIZE(packets) : sizeof(URB);
    struct wdf_memory *object = wdf_memory_wrap(client, attributes, &device->target.object, allocated, size, &status);
    if (object == NULL) {
        USBD_UrbFree(device->usbd, allocated);
        return status;
    }
    wdf_reference(&device->target.object);
    object->owner = device;
    object->release = release_urb;
    if (urb != NULL)
        *urb = allocated;
    *memory = (WDFMEMORY)wdf_handle(&object->object);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceCreateUrb(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                PWDF_OBJECT_ATTRIBUTES Attributes, WDFMEMORY *UrbMemory, PURB *Urb)
{
    return create_urb(DriverGlobals, UsbDevice, Attributes, 0, UrbMemory, Urb, "WdfUsbTargetDeviceCreateUrb");
}
WDF_EXPORT(WdfUsbTargetDeviceCreateUrb, PFN_WDFUSBTARGETDEVICECREATEURB);

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceCreateIsochUrb(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                     PWDF_OBJECT_ATTRIBUTES Attributes, ULONG NumberOfIsochPackets,
                                                     WDFMEMORY *UrbMemory, PURB *Urb)
{
    if (NumberOfIsochPackets == 0)
        return STATUS_INVALID_PARAMETER;
    return create_urb(DriverGlobals, UsbDevice, Attributes, NumberOfIsochPackets, UrbMemory, Urb,
                      "WdfUsbTargetDeviceCreateIsochUrb");
}
WDF_EXPORT(WdfUsbTargetDeviceCreateIsochUrb, PFN_WDFUSBTARGETDEVICECREATEISOCHURB);

NTSTATUS wdf_usb_urb_from_memory(PWDF_DRIVER_GLOBALS globals, struct wdf_usb_device *device, WDFMEMORY handle,
                                 const WDFMEMORY_OFFSET *offset, struct wdf_span *span, const char *call)
{
    struct wdf_memory *memory = wdf_from_handle(globals, handle, &wdf_memory_type, call);
    NTSTATUS status = wdf_span_from_memory(memory, offset, span);
    if (!NT_SUCCESS(status))
        return status;
    if (device->usbd != NULL && memory->release != release_urb)
        wdf_violation(wdf_client(globals), WDF_VERIFIER_FATAL_ERROR, (ULONG_PTR)handle, 0, 0, call,
                      "the USB device has a contract version: its URBs come from WdfUsbTargetDeviceCreateUrb");
    const struct _URB_HEADER *header = span->buffer;
    if (span->length < sizeof(*header) || header->Length < sizeof(*header) || header->Length > span->length)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/*
 * Configurations, interfaces and alternate settings. Interface objects come with the device object, from its first
 * configuration descriptor; pipe objects come and go with the setting that is selected. A setting is named by its
 * bAlternateSetting, which devices number from 0 without gaps. "Working with USB Interfaces"
 */
#include "wdf/usb_target.h"

static void interface_destroy(struct wdf_object *object);

const struct wdf_type wdf_usb_interface_type = {
    .name = "WDFUSBINTERFACE", .flags = WDF_TYPE_NO_DELETE | WDF_TYPE_PASSIVE, .destroy = interface_destroy};

static struct wdf_usb_interface *interface_from(PWDF_DRIVER_GLOBALS globals, WDFUSBINTERFACE handle, const char *call)
{
    return wdf_from_handle(globals, handle, &wdf_usb_interface_type, call);
}

/* ---- descriptors (checked when they were read) --------------------------------------------------------------------
 */

/* The descriptor behind AT, or the first one when AT is NULL; NULL at the end. */
static PUSB_COMMON_DESCRIPTOR next_descriptor(const struct wdf_usb_device *device, const void *at)
{
    UCHAR *begin = (UCHAR *)device->configuration, *end = begin + device->configuration->wTotalLength;
    UCHAR *next = at != NULL ? (UCHAR *)at + ((const USB_COMMON_DESCRIPTOR *)at)->bLength : begin;
    return next < end ? (PUSB_COMMON_DESCRIPTOR)next : NULL;
}

PUSB_ENDPOINT_DESCRIPTOR wdf_usb_find_endpoint(const struct wdf_usb_device *device, PUSB_INTERFACE_DESCRIPTOR interface,
                                               UCHAR index)
{
    UCHAR count = 0;
    for (PUSB_COMMON_DESCRIPTOR at = next_descriptor(device, interface);
         at != NULL && at->bDescriptorType != USB_INTERFACE_DESCRIPTOR_TYPE; at = next_descriptor(device, at))
        if (at->bDescriptorType == USB_ENDPOINT_DESCRIPTOR_TYPE && count++ == index)
            return (PUSB_ENDPOINT_DESCRIPTOR)at;
    return NULL;
}

static struct wdf_usb_interface *find_interface(const struct wdf_usb_device *device, UCHAR number)
{
    for (UCHAR i = 0; i < device->interface_count; i++)
        if (device->interfaces[i]->number == number)
            return device->interfaces[i];
    return NULL;
}

static NTSTATUS add_interface(struct wdf_usb_device *device, PUSB_INTERFACE_DESCRIPTOR descriptor)
{
    NTSTATUS status;
    struct wdf_usb_interface *interface =
        (struct wdf_usb_interface *)wdf_object_create(device->target.object.client, &wdf_usb_interface_type,
                                                      sizeof(*interface), NULL, &device->target.object, &status);
    if (interface == NULL)
        return status;
    interface->device = device;
    interface->number = descriptor->bInterfaceNumber;
    device->interfaces[device->interface_count++] = interface;
    return STATUS_SUCCESS;
}

NTSTATUS wdf_usb_create_interfaces(struct wdf_usb_device *device)
{
    device->interfaces = ExAllocatePoolWithTag(NonPagedPoolNx, 255 * sizeof(device->interfaces[0]), WDF_USB_TAG);
    if (device->interfaces == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (PUSB_COMMON_DESCRIPTOR at = next_descriptor(device, NULL); at != NULL; at = next_descriptor(device, at)) {
        PUSB_INTERFACE_DESCRIPTOR descriptor = (PUSB_INTERFACE_DESCRIPTOR)at;
        if (at->bDescriptorType != USB_INTERFACE_DESCRIPTOR_TYPE)
            continue;
        struct wdf_usb_interface *interface = find_interface(device, descriptor->bInterfaceNumber);
        if (interface == NULL) {
            if (device->interface_count == 255)
                return STATUS_UNSUCCESSFUL;
            NTSTATUS status = add_interface(device, descriptor);
            if (!NT_SUCCESS(status))
                return status;
            interface = device->interfaces[device->interface_count - 1];
        }
        if (descriptor->bAlternateSetting == interface->setting_count && interface->setting_count < 255)
            interface->settings[interface->setting_count++] = descriptor;
    }
    return STATUS_SUCCESS;
}

/* ---- pipes of a setting -------------------------------------------------------------------------------------------
 */

/* Their transfers are cancelled and awaited. */
static void delete_pipes(struct wdf_usb_interface *interface)
{
    UCHAR count = interface->pipe_count;
    interface->pipe_count = 0;
    for (UCHAR i = 0; i < count; i++)
        wdf_delete_and_wait(&interface->pipes[i]->target.object);
    if (interface->pipes != NULL)
        ExFreePoolWithTag(interface->pipes, WDF_USB_TAG);
    interface->pipes = NULL;
}

static void delete_all_pipes(struct wdf_usb_device *device)
{
    for (UCHAR i = 0; i < device->interface_count; i++)
        delete_pipes(device->interfaces[i]);
}

static void interface_destroy(struct wdf_object *object)
{
    struct wdf_usb_interface *interface = (struct wdf_usb_interface *)object;
    /* The objects in it were children, and are gone. */
    if (interface->pipes != NULL)
        ExFreePoolWithTag(interface->pipes, WDF_USB_TAG);
}

static struct wdf_usb_pipe *create_pipe(struct wdf_usb_interface *interface, const WDF_OBJECT_ATTRIBUTES *attributes,
                                        const USBD_INTERFACE_INFORMATION *selected, ULONG index, NTSTATUS *status)
{
    struct wdf_usb_device *device = interface->device;
    const USBD_PIPE_INFORMATION *from = &selected->Pipes[index];
    struct wdf_usb_pipe *pipe = (struct wdf_usb_pipe *)wdf_object_create(
        interface->object.client, &wdf_usb_pipe_type, sizeof(*pipe), attributes, &interface->object, status);
    if (pipe == NULL)
        return NULL;
    wdf_target_initialize(&pipe->target, device->target.device, WDF_TARGET_USB_PIPE, device->target.lower,
                          device->target.physical);
    pipe->interface = interface;
    pipe->handle = from->PipeHandle;
    pipe->information.MaximumPacketSize = from->MaximumPacketSize;
    pipe->information.EndpointAddress = from->EndpointAddress;
    pipe->information.Interval = from->Interval;
    pipe->information.SettingIndex = selected->AlternateSetting;
    pipe->information.PipeType = (WDF_USB_PIPE_TYPE)(from->PipeType + 1); /* ours begins with one that is invalid */
    pipe->information.MaximumTransferSize = from->MaximumTransferSize;
    return pipe;
}

static NTSTATUS create_pipes(struct wdf_usb_interface *interface, const WDF_OBJECT_ATTRIBUTES *attributes,
                             const USBD_INTERFACE_INFORMATION *selected)
{
    NTSTATUS status = STATUS_SUCCESS;
    interface->configured_setting = selected->AlternateSetting;
    if (selected->NumberOfPipes == 0)
        return STATUS_SUCCESS;
    if (selected->NumberOfPipes > 255)
        return STATUS_INVALID_PARAMETER;
    interface->pipes =
        ExAllocatePoolWithTag(NonPagedPoolNx, selected->NumberOfPipes * sizeof(interface->pipes[0]), WDF_USB_TAG);
    if (interface->pipes == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (ULONG i = 0; i < selected->NumberOfPipes && NT_SUCCESS(status); i++) {
        struct wdf_usb_pipe *pipe = create_pipe(interface, attributes, selected, i, &status);
        if (pipe != NULL)
            interface->pipes[interface->pipe_count++] = pipe;
    }
    return status;
}

/* ---- configurations -----------------------------------------------------------------------------------------------
 */

static NTSTATUS deconfigure(struct wdf_usb_device *device)
{
    URB urb = {0};
    delete_all_pipes(device);
    UsbBuildSelectConfigurationRequest(&urb, sizeof(urb.UrbSelectConfiguration), NULL);
    NTSTATUS status = wdf_usb_send_urb(&device->target, &urb);
    if (NT_SUCCESS(status))
        device->configuration_handle = NULL;
    return status;
}

/* Sends a select-configuration URB and makes pipes of what it brings back. */
static NTSTATUS configure(struct wdf_usb_device *device, const WDF_OBJECT_ATTRIBUTES *attributes, PURB urb,
                          UCHAR *configured)
{
    delete_all_pipes(device);
    device->configuration_handle = NULL;
    *configured = 0;
    NTSTATUS status = wdf_usb_send_urb(&device->target, urb);
    if (!NT_SUCCESS(status))
        return status;
    device->configuration_handle = urb->UrbSelectConfiguration.ConfigurationHandle;
    UCHAR *at = (UCHAR *)&urb->UrbSelectConfiguration.Interface, *end = (UCHAR *)urb + urb->UrbHeader.Length;
    while (NT_SUCCESS(status) && (size_t)(end - at) >= FIELD_OFFSET(USBD_INTERFACE_INFORMATION, Pipes)) {
        PUSBD_INTERFACE_INFORMATION information = (PUSBD_INTERFACE_INFORMATION)at;
        if (information->Length < FIELD_OFFSET(USBD_INTERFACE_INFORMATION, Pipes) || information->Length > end - at)
            break;
        struct wdf_usb_interface *interface = find_interface(device, information->InterfaceNumber);
        if (interface != NULL && interface->pipes == NULL) {
            status = create_pipes(interface, attributes, information);
            ++*configured;
        }
        at += information->Length;
    }
    return status;
}

static NTSTATUS configure_list(struct wdf_usb_device *device, const WDF_OBJECT_ATTRIBUTES *attributes,
                               PUSB_CONFIGURATION_DESCRIPTOR configuration, PUSBD_INTERFACE_LIST_ENTRY list,
                               UCHAR *configured)
{
    PURB urb = USBD_CreateConfigurationRequestEx(configuration, list);
    if (urb == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = configure(device, attributes, urb, configured);
    ExFreePool(urb);
    return status;
}

/* The interfaces to select as USBD takes them: of pairs, of descriptors, or all in setting 0. */
static NTSTATUS list_interfaces(PWDF_DRIVER_GLOBALS globals, struct wdf_usb_device *device,
                                const WDF_USB_DEVICE_SELECT_CONFIG_PARAMS *params, PUSBD_INTERFACE_LIST_ENTRY list,
                                const char *call)
{
    switch (params->Type) {
    case WdfUsbTargetDeviceSelectConfigTypeInterfacesPairs:
        for (UCHAR i = 0; i < params->Types.MultiInterface.NumberInterfaces; i++) {
            const WDF_USB_INTERFACE_SETTING_PAIR *pair = &params->Types.MultiInterface.Pairs[i];
            struct wdf_usb_interface *interface = interface_from(globals, pair->UsbInterface, call);
            if (interface->device != device || pair->SettingIndex >= interface->setting_count)
                return STATUS_INVALID_PARAMETER;
            list[i].InterfaceDescriptor = interface->settings[pair->SettingIndex];
        }
        return STATUS_SUCCESS;
    case WdfUsbTargetDeviceSelectConfigTypeInterfacesDescriptor:
        for (ULONG i = 0; i < params->Types.Descriptor.NumInterfaceDescriptors; i++) {
            list[i].InterfaceDescriptor = params->Types.Descriptor.InterfaceDescriptors[i];
            if (list[i].InterfaceDescriptor == NULL)
                return STATUS_INVALID_PARAMETER;
        }
        return STATUS_SUCCESS;
    default:
        for (UCHAR i = 0; i < device->interface_count; i++) {
            if (device->interfaces[i]->setting_count == 0)
                return STATUS_INVALID_PARAMETER;
            list[i].InterfaceDescriptor = device->interfaces[i]->settings[0];
        }
        return STATUS_SUCCESS;
    }
}

static NTSTATUS count_interfaces(const struct wdf_usb_device *device, const WDF_USB_DEVICE_SELECT_CONFIG_PARAMS *params,
                                 ULONG *count)
{
    *count = device->interface_count;
    switch (params->Type) {
    case WdfUsbTargetDeviceSelectConfigTypeSingleInterface:
        return device->interface_count == 1 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    case WdfUsbTargetDeviceSelectConfigTypeMultiInterface:
        return device->interface_count != 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    case WdfUsbTargetDeviceSelectConfigTypeInterfacesPairs:
        *count = params->Types.MultiInterface.NumberInterfaces;
        return *count != 0 && params->Types.MultiInterface.Pairs != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    case WdfUsbTargetDeviceSelectConfigTypeInterfacesDescriptor:
        *count = params->Types.Descriptor.NumInterfaceDescriptors;
        return *count != 0 && *count < 256 && params->Types.Descriptor.InterfaceDescriptors != NULL
                   ? STATUS_SUCCESS
                   : STATUS_INVALID_PARAMETER;
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

static NTSTATUS select_interfaces(PWDF_DRIVER_GLOBALS globals, struct wdf_usb_device *device,
                                  const WDF_OBJECT_ATTRIBUTES *attributes, WDF_USB_DEVICE_SELECT_CONFIG_PARAMS *params,
                                  const char *call)
{
    PUSB_CONFIGURATION_DESCRIPTOR configuration = device->configuration;
    UCHAR configured = 0;
    ULONG count;
    NTSTATUS status = count_interfaces(device, params, &count);
    if (!NT_SUCCESS(status))
        return status;
    if (params->Type == WdfUsbTargetDeviceSelectConfigTypeInterfacesDescriptor &&
        params->Types.Descriptor.ConfigurationDescriptor != NULL)
        configuration = params->Types.Descriptor.ConfigurationDescriptor;
    PUSBD_INTERFACE_LIST_ENTRY list = ExAllocatePoolWithTag(NonPagedPoolNx, (count + 1) * sizeof(*list), WDF_USB_TAG);
    if (list == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(list, (count + 1) * sizeof(*list));
    status = list_interfaces(globals, device, params, list, call);
    if (NT_SUCCESS(status))
        status = configure_list(device, attributes, configuration, list, &configured);
    ExFreePoolWithTag(list, WDF_USB_TAG);
    if (!NT_SUCCESS(status))
        return status;
    if (params->Type == WdfUsbTargetDeviceSelectConfigTypeSingleInterface) {
        params->Types.SingleInterface.NumberConfiguredPipes = device->interfaces[0]->pipe_count;
        params->Types.SingleInterface.ConfiguredUsbInterface =
            (WDFUSBINTERFACE)wdf_handle(&device->interfaces[0]->object);
    } else if (params->Type != WdfUsbTargetDeviceSelectConfigTypeInterfacesDescriptor) {
        params->Types.MultiInterface.NumberOfConfiguredInterfaces = configured;
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI kmdf_WdfUsbTargetDeviceSelectConfig(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBDEVICE UsbDevice,
                                                   PWDF_OBJECT_ATTRIBUTES PipeAttributes,
                                                   PWDF_USB_DEVICE_SELECT_CONFIG_PARAMS Params)
{
    static const char call[] = "WdfUsbTargetDeviceSelectConfig";
    struct wdf_client *client = wdf_client(DriverGlobals);
    UCHAR configured;
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    struct wdf_usb_device *device = wdf_from_handle(DriverGlobals, UsbDevice, &wdf_usb_device_type, call);
    wdf_require(client, Params, call, "Params");
    if (!wdf_size_is(client, Params->Size, sizeof(*Params), call, "WDF_USB_DEVICE_SELECT_CONFIG_PARAMS"))
        return STATUS_INFO_LENGTH_MISMATCH;
    switch (Params->Type) {
    case WdfUsbTargetDeviceSelectConfigTypeDeconfig:
        return deconfigure(device);
    case WdfUsbTargetDeviceSelectConfigTypeUrb: {
        PURB urb = Params->Types.Urb.Urb;
        if (urb == NULL || urb->UrbHeader.Function != URB_FUNCTION_SELECT_CONFIGURATION ||
            urb->UrbHeader.Length < FIELD_OFFSET(struct _URB_SELECT_CONFIGURATION, Interface))
            return STATUS_INVALID_PARAMETER;
        return configure(device, PipeAttributes, urb, &configured);
    }
    default:
        return select_interfaces(DriverGlobals, device, PipeAttributes, Params, call);
    }
}
WDF_EXPORT(WdfUsbTargetDeviceSelectConfig, PFN_WDFUSBTARGETDEVICESELECTCONFIG);

/* ---- alternate settings -------------------------------------------------------------------------------------------
 */

static NTSTATUS send_setting(struct wdf_usb_interface *interface, const WDF_OBJECT_ATTRIBUTES *attributes, PURB urb)
{
    delete_pipes(interface);
    NTSTATUS status = wdf_usb_send_urb(&interface->device->target, urb);
    return NT_SUCCESS(status) ? create_pipes(interface, attributes, &urb->UrbSelectInterface.Interface) : status;
}

static NTSTATUS select_descriptor(struct wdf_usb_interface *interface, const WDF_OBJECT_ATTRIBUTES *attributes,
                                  const USB_INTERFACE_DESCRIPTOR *descriptor)
{
    USHORT size = GET_SELECT_INTERFACE_REQUEST_SIZE(descriptor->bNumEndpoints);
    PURB urb = ExAllocatePoolWithTag(NonPagedPoolNx, size, WDF_USB_TAG);
    if (urb == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(urb, size);
    UsbBuildSelectInterfaceRequest(urb, size, interface->device->configuration_handle, descriptor->bInterfaceNumber,
                                   descriptor->bAlternateSetting);
    PUSBD_INTERFACE_INFORMATION information = &urb->UrbSelectInterface.Interface;
    information->Length = (USHORT)GET_USBD_INTERFACE_SIZE(descriptor->bNumEndpoints);
    information->NumberOfPipes = descriptor->bNumEndpoints;
    for (ULONG i = 0; i < information->NumberOfPipes; i++)
        information->Pipes[i].MaximumTransferSize = USBD_DEFAULT_MAXIMUM_TRANSFER_SIZE;
    NTSTATUS status = send_setting(interface, attributes, urb);
    ExFreePoolWithTag(urb, WDF_USB_TAG);
    return status;
}

static NTSTATUS select_by_urb(struct wdf_usb_interface *interface, const WDF_OBJECT_ATTRIBUTES *attributes, PURB urb)
{
    if (urb == NULL || urb->UrbHeader.Function != URB_FUNCTION_SELECT_INTERFACE ||
        urb->UrbHeader.Length < FIELD_OFFSET(struct _URB_SELECT_INTERFACE, Interface.Pipes))
        return STATUS_INVALID_PARAMETER;
    interface = find_interface(interface->device, urb->UrbSelectInterface.Interface.InterfaceNumber);
    return interface != NULL ? send_setting(interface, attributes, urb) : STATUS_INVALID_PARAMETER;
}

NTSTATUS NTAPI kmdf_WdfUsbInterfaceSelectSetting(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE UsbInterface,
                                                 PWDF_OBJECT_ATTRIBUTES PipesAttributes,
                                                 PWDF_USB_INTERFACE_SELECT_SETTING_PARAMS Params)
{
    static const char call[] = "WdfUsbInterfaceSelectSetting";
    struct wdf_client *client = wdf_client(DriverGlobals);
    wdf_require_irql(client, PASSIVE_LEVEL, call);
    struct wdf_usb_interface *interface = interface_from(DriverGlobals, UsbInterface, call);
    wdf_require(client, Params, call, "Params");
    if (!wdf_size_is(client, Params->Size, sizeof(*Params), call, "WDF_USB_INTERFACE_SELECT_SETTING_PARAMS"))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (interface->device->configuration_handle == NULL)
        return STATUS_INVALID_DEVICE_STATE;
    switch (Params->Type) {
    case WdfUsbInterfaceSelectSettingTypeSetting: {
        UCHAR index = Params->Types.Interface.SettingIndex;
        if (index >= interface->setting_count)
            return STATUS_INVALID_PARAMETER;
        return select_descriptor(interface, PipesAttributes, interface->settings[index]);
    }
    case WdfUsbInterfaceSelectSettingTypeDescriptor: {
        PUSB_INTERFACE_DESCRIPTOR descriptor = Params->Types.Descriptor.InterfaceDescriptor;
        if (descriptor == NULL)
            return STATUS_INVALID_PARAMETER;
        interface = find_interface(interface->device, descriptor->bInterfaceNumber);
        return interface != NULL ? select_descriptor(interface, PipesAttributes, descriptor) : STATUS_INVALID_PARAMETER;
    }
    case WdfUsbInterfaceSelectSettingTypeUrb:
        return select_by_urb(interface, PipesAttributes, Params->Types.Urb.Urb);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}
WDF_EXPORT(WdfUsbInterfaceSelectSetting, PFN_WDFUSBINTERFACESELECTSETTING);

/* ---- facts --------------------------------------------------------------------------------------------------------
 */

UCHAR NTAPI kmdf_WdfUsbInterfaceGetInterfaceNumber(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE UsbInterface)
{
    return interface_from(DriverGlobals, UsbInterface, "WdfUsbInterfaceGetInterfaceNumber")->number;
}
WDF_EXPORT(WdfUsbInterfaceGetInterfaceNumber, PFN_WDFUSBINTERFACEGETINTERFACENUMBER);

UCHAR NTAPI kmdf_WdfUsbInterfaceGetNumSettings(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE UsbInterface)
{
    return interface_from(DriverGlobals, UsbInterface, "WdfUsbInterfaceGetNumSettings")->setting_count;
}
WDF_EXPORT(WdfUsbInterfaceGetNumSettings, PFN_WDFUSBINTERFACEGETNUMSETTINGS);

UCHAR NTAPI kmdf_WdfUsbInterfaceGetNumEndpoints(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE UsbInterface,
                                                UCHAR SettingIndex)
{
    struct wdf_usb_interface *interface = interface_from(DriverGlobals, UsbInterface, "WdfUsbInterfaceGetNumEndpoints");
    return SettingIndex < interface->setting_count ? interface->settings[SettingIndex]->bNumEndpoints : 0;
}
WDF_EXPORT(WdfUsbInterfaceGetNumEndpoints, PFN_WDFUSBINTERFACEGETNUMENDPOINTS);

VOID NTAPI kmdf_WdfUsbInterfaceGetDescriptor(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE UsbInterface,
                                             UCHAR SettingIndex, PUSB_INTERFACE_DESCRIPTOR InterfaceDescriptor)
{
    static const char call[] = "WdfUsbInterfaceGetDescriptor";
    struct wdf_usb_interface *interface = interface_from(DriverGlobals, UsbInterface, call);
    wdf_require(wdf_client(DriverGlobals), InterfaceDescriptor, call, "InterfaceDescriptor");
    if (SettingIndex < interface->setting_count)
        *InterfaceDescriptor = *interface->settings[SettingIndex];
    else
        RtlZeroMemory(InterfaceDescriptor, sizeof(*InterfaceDescriptor));
}
WDF_EXPORT(WdfUsbInterfaceGetDescriptor, PFN_WDFUSBINTERFACEGETDESCRIPTOR);

/* wMaxPacketSize: bits 11 and 12 are a high-speed endpoint's additional transactions in a microframe. */
static ULONG packet_size(const USB_ENDPOINT_DESCRIPTOR *endpoint)
{
    ULONG size = endpoint->wMaxPacketSize & 0x7FF, more = endpoint->wMaxPacketSize >> 11 & 3;
    UCHAR type = endpoint->bmAttributes & USB_ENDPOINT_TYPE_MASK;
    bool is_periodic = type == USB_ENDPOINT_TYPE_ISOCHRONOUS || type == USB_ENDPOINT_TYPE_INTERRUPT;
    return is_periodic ? size * (more + 1) : size;
}

VOID NTAPI kmdf_WdfUsbInterfaceGetEndpointInformation(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE UsbInterface,
                                                      UCHAR SettingIndex, UCHAR EndpointIndex,
                                                      PWDF_USB_PIPE_INFORMATION EndpointInfo)
{
    static const char call[] = "WdfUsbInterfaceGetEndpointInformation";
    struct wdf_client *client = wdf_client(DriverGlobals);
    struct wdf_usb_interface *interface = interface_from(DriverGlobals, UsbInterface, call);
    wdf_require(client, EndpointInfo, call, "EndpointInfo");
    wdf_require_size(client, EndpointInfo->Size, sizeof(*EndpointInfo), call, "WDF_USB_PIPE_INFORMATION");
    WDF_USB_PIPE_INFORMATION_INIT(EndpointInfo);
    if (SettingIndex >= interface->setting_count)
        return;
    PUSB_ENDPOINT_DESCRIPTOR endpoint =
        wdf_usb_find_endpoint(interface->device, interface->settings[SettingIndex], EndpointIndex);
    if (endpoint == NULL)
        return;
    EndpointInfo->MaximumPacketSize = packet_size(endpoint);
    EndpointInfo->EndpointAddress = endpoint->bEndpointAddress;
    EndpointInfo->Interval = endpoint->bInterval;
    EndpointInfo->SettingIndex = SettingIndex;
    EndpointInfo->PipeType = (WDF_USB_PIPE_TYPE)((endpoint->bmAttributes & USB_ENDPOINT_TYPE_MASK) + 1);
}
WDF_EXPORT(WdfUsbInterfaceGetEndpointInformation, PFN_WDFUSBINTERFACEGETENDPOINTINFORMATION);

UCHAR NTAPI kmdf_WdfUsbInterfaceGetConfiguredSettingIndex(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE Interface)
{
    struct wdf_usb_interface *interface =
        interface_from(DriverGlobals, Interface, "WdfUsbInterfaceGetConfiguredSettingIndex");
    return interface->device->configuration_handle != NULL ? interface->configured_setting : 0;
}
WDF_EXPORT(WdfUsbInterfaceGetConfiguredSettingIndex, PFN_WDFUSBINTERFACEGETCONFIGUREDSETTINGINDEX);

UCHAR NTAPI kmdf_WdfUsbInterfaceGetNumConfiguredPipes(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE UsbInterface)
{
    return interface_from(DriverGlobals, UsbInterface, "WdfUsbInterfaceGetNumConfiguredPipes")->pipe_count;
}
WDF_EXPORT(WdfUsbInterfaceGetNumConfiguredPipes, PFN_WDFUSBINTERFACEGETNUMCONFIGUREDPIPES);

WDFUSBPIPE NTAPI kmdf_WdfUsbInterfaceGetConfiguredPipe(PWDF_DRIVER_GLOBALS DriverGlobals, WDFUSBINTERFACE UsbInterface,
                                                       UCHAR PipeIndex, PWDF_USB_PIPE_INFORMATION PipeInfo)
{
    static const char call[] = "WdfUsbInterfaceGetConfiguredPipe";
    struct wdf_usb_interface *interface = interface_from(DriverGlobals, UsbInterface, call);
    if (PipeInfo != NULL &&
        !wdf_size_is(wdf_client(DriverGlobals), PipeInfo->Size, sizeof(*PipeInfo), call, "WDF_USB_PIPE_INFORMATION"))
        return NULL;
    if (PipeIndex >= interface->pipe_count)
        return NULL;
    struct wdf_usb_pipe *pipe = interface->pipes[PipeIndex];
    if (PipeInfo != NULL) {
        *PipeInfo = pipe->information;
        PipeInfo->Size = sizeof(*PipeInfo);
    }
    return (WDFUSBPIPE)wdf_handle(&pipe->target.object);
}
WDF_EXPORT(WdfUsbInterfaceGetConfiguredPipe, PFN_WDFUSBINTERFACEGETCONFIGUREDPIPE);

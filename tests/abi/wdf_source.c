/*
 * The framework's headers as drivers use them: context types, attributes, each INIT function and the macros, in C and
 * C++, for every compiler and for the oldest and the newest version of the framework. Nothing here runs.
 *
 * ABI: also with -DKMDF_VERSION_MINOR=9
 * ABI: also with -DKMDF_VERSION_MINOR=33
 */
#include <ntddk.h>
#include <wdf.h>

typedef struct _EXAMPLE {
    WDFQUEUE Queue;
    ULONG Value;
} EXAMPLE;
WDF_DECLARE_CONTEXT_TYPE(EXAMPLE);

typedef struct _OTHER {
    ULONG Value;
} OTHER;
WDF_DECLARE_CONTEXT_TYPE_WITH_NAME(OTHER, OtherOf);

static const GUID GUID_NULL_EXAMPLE = {0, 0, 0, {0}};

EXTERN_C DRIVER_INITIALIZE DriverEntry;
EVT_WDF_DRIVER_DEVICE_ADD ExampleDeviceAdd;
EVT_WDF_OBJECT_CONTEXT_CLEANUP ExampleCleanup;
EVT_WDF_IO_QUEUE_IO_READ ExampleRead;
EVT_WDF_TIMER ExampleTimer;
EVT_WDF_DPC ExampleDpc;
EVT_WDF_WORKITEM ExampleWorkItem;
EVT_WDF_INTERRUPT_ISR ExampleIsr;
EVT_WDF_CHILD_LIST_CREATE_DEVICE ExampleCreateChild;
EVT_WDF_USB_READER_COMPLETION_ROUTINE ExampleReadComplete;
EVT_WDF_REQUEST_COMPLETION_ROUTINE ExampleComplete;

VOID ExampleObjects(WDFDEVICE Device)
{
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDFMEMORY Memory;
    WDFSPINLOCK Lock;
    PVOID Buffer;

    WDF_OBJECT_ATTRIBUTES_INIT(&Attributes);
    WDF_OBJECT_ATTRIBUTES_SET_CONTEXT_TYPE(&Attributes, EXAMPLE);
    Attributes.ParentObject = Device;
    Attributes.EvtCleanupCallback = ExampleCleanup;
    if (!NT_SUCCESS(WdfMemoryCreate(&Attributes, NonPagedPoolNx, 0, 100, &Memory, &Buffer)))
        return;
    WdfObjectGet_EXAMPLE(Memory)->Value = 1;
    WdfObjectGetTypedContext(Memory, EXAMPLE)->Value++;
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, OTHER);
    if (NT_SUCCESS(WdfObjectAllocateContext(Memory, &Attributes, &Buffer)))
        OtherOf(WdfObjectContextGetObject(Buffer))->Value = 2;
    WdfObjectReferenceWithTag(Memory, Memory);
    WdfObjectDereferenceWithTag(Memory, Memory);
    WdfObjectReference(Memory);
    WdfObjectDereference(Memory);
    WdfObjectDelete(Memory);
    if (NT_SUCCESS(WdfSpinLockCreate(WDF_NO_OBJECT_ATTRIBUTES, &Lock))) {
        WdfSpinLockAcquire(Lock);
        WdfSpinLockRelease(Lock);
    }
    WDFVERIFY(WDF_ALIGN_SIZE_UP(5, 4) == 8);
}

VOID ExampleQueues(WDFDEVICE Device)
{
    WDF_IO_QUEUE_CONFIG Config;
    WDF_TIMER_CONFIG Timer;
    WDF_DPC_CONFIG Dpc;
    WDF_WORKITEM_CONFIG WorkItem;
    WDFQUEUE Queue;

    WDF_IO_QUEUE_CONFIG_INIT_DEFAULT_QUEUE(&Config, WdfIoQueueDispatchSequential);
    Config.EvtIoRead = ExampleRead;
    (VOID) WdfIoQueueCreate(Device, &Config, WDF_NO_OBJECT_ATTRIBUTES, &Queue);
    WDF_IO_QUEUE_CONFIG_INIT(&Config, WdfIoQueueDispatchManual);
    WDF_TIMER_CONFIG_INIT(&Timer, ExampleTimer);
    WDF_TIMER_CONFIG_INIT_PERIODIC(&Timer, ExampleTimer, 10);
    WDF_DPC_CONFIG_INIT(&Dpc, ExampleDpc);
    WDF_WORKITEM_CONFIG_INIT(&WorkItem, ExampleWorkItem);
    WdfIoQueuePurgeSynchronously(Queue);
}

VOID ExampleRequests(WDFREQUEST Request, WDFIOTARGET Target)
{
    WDF_REQUEST_SEND_OPTIONS Options;
    WDF_REQUEST_PARAMETERS Parameters;
    WDF_REQUEST_REUSE_PARAMS Reuse;
    WDF_REQUEST_COMPLETION_PARAMS Completion;
    WDF_MEMORY_DESCRIPTOR Descriptor;
    WDF_IO_TARGET_OPEN_PARAMS Open;
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, L"\\Device\\Example");
    WDF_REQUEST_PARAMETERS_INIT(&Parameters);
    WdfRequestGetParameters(Request, &Parameters);
    WDF_REQUEST_SEND_OPTIONS_INIT(&Options, WDF_REQUEST_SEND_OPTION_SYNCHRONOUS);
    WDF_REQUEST_SEND_OPTIONS_SET_TIMEOUT(&Options, WDF_REL_TIMEOUT_IN_SEC(1));
    WDF_REQUEST_REUSE_PARAMS_INIT(&Reuse, WDF_REQUEST_REUSE_NO_FLAGS, STATUS_SUCCESS);
    WDF_REQUEST_COMPLETION_PARAMS_INIT(&Completion);
    WDF_MEMORY_DESCRIPTOR_INIT_BUFFER(&Descriptor, &Parameters, sizeof(Parameters));
    WDF_IO_TARGET_OPEN_PARAMS_INIT_OPEN_BY_NAME(&Open, &Name, STANDARD_RIGHTS_ALL);
    WdfRequestSetCompletionRoutine(Request, ExampleComplete, WDF_NO_CONTEXT);
    if (!WdfRequestSend(Request, Target, &Options))
        WdfRequestCompleteWithInformation(Request, WdfRequestGetStatus(Request), 0);
}

VOID ExampleUsb(WDFUSBDEVICE Device, WDFUSBPIPE Pipe)
{
    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS Select;
    WDF_USB_CONTINUOUS_READER_CONFIG Reader;
    WDF_USB_CONTROL_SETUP_PACKET Setup;
    WDF_USB_PIPE_INFORMATION Pipes;
    WDF_USB_DEVICE_INFORMATION Information;

    WDF_USB_DEVICE_SELECT_CONFIG_PARAMS_INIT_SINGLE_INTERFACE(&Select);
    (VOID) WdfUsbTargetDeviceSelectConfig(Device, WDF_NO_OBJECT_ATTRIBUTES, &Select);
    WDF_USB_CONTROL_SETUP_PACKET_INIT_VENDOR(&Setup, BmRequestHostToDevice, BmRequestToDevice, 1, 2, 3);
    WDF_USB_CONTINUOUS_READER_CONFIG_INIT(&Reader, ExampleReadComplete, NULL, 512);
    (VOID) WdfUsbTargetPipeConfigContinuousReader(Pipe, &Reader);
    WDF_USB_PIPE_INFORMATION_INIT(&Pipes);
    WDF_USB_DEVICE_INFORMATION_INIT(&Information);
}

VOID ExampleHardware(WDFDEVICE Device, WDFCMRESLIST Resources)
{
    WDF_INTERRUPT_CONFIG Interrupt;
    WDF_INTERRUPT_EXTENDED_POLICY Policy;
    WDF_INTERRUPT_INFO Info;
    WDF_DMA_ENABLER_CONFIG Dma;
    WDF_COMMON_BUFFER_CONFIG Common;
    WDF_CHILD_LIST_CONFIG Children;
    WDF_CHILD_LIST_ITERATOR Iterator;
    WDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER Identification;
    WDF_CHILD_RETRIEVE_INFO Retrieve;
    WDF_WMI_PROVIDER_CONFIG Provider;
    WDF_WMI_INSTANCE_CONFIG Instance;
    WDFINTERRUPT Handle;
    UCHAR Buffer[20];
    ULONG Used;
    UNICODE_STRING Text;

    RtlInitUnicodeString(&Text, L"text");
    WDF_INTERRUPT_CONFIG_INIT(&Interrupt, ExampleIsr, NULL);
    WDF_INTERRUPT_EXTENDED_POLICY_INIT(&Policy);
    WDF_INTERRUPT_INFO_INIT(&Info);
    if (NT_SUCCESS(WdfInterruptCreate(Device, &Interrupt, WDF_NO_OBJECT_ATTRIBUTES, &Handle)))
        WdfInterruptGetInfo(Handle, &Info);
    WDF_DMA_ENABLER_CONFIG_INIT(&Dma, WdfDmaProfileScatterGather64, 4096);
    WDF_COMMON_BUFFER_CONFIG_INIT(&Common, FILE_64_BYTE_ALIGNMENT);
    WDF_CHILD_LIST_CONFIG_INIT(&Children, sizeof(Identification), ExampleCreateChild);
    WDF_CHILD_LIST_ITERATOR_INIT(&Iterator, WdfRetrievePresentChildren);
    WDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER_INIT(&Identification, sizeof(Identification));
    WDF_CHILD_RETRIEVE_INFO_INIT(&Retrieve, &Identification);
    WDF_WMI_PROVIDER_CONFIG_INIT(&Provider, &GUID_NULL_EXAMPLE);
    WDF_WMI_INSTANCE_CONFIG_INIT_PROVIDER_CONFIG(&Instance, &Provider);
    (VOID) WDF_WMI_BUFFER_APPEND_STRING(Buffer, sizeof(Buffer), &Text, &Used);
    for (ULONG i = 0; i < WdfCmResourceListGetCount(Resources); i++)
        if (WdfCmResourceListGetDescriptor(Resources, i)->Type == CmResourceTypeMemory)
            return;
}

_Use_decl_annotations_ NTSTATUS ExampleDeviceAdd(WDFDRIVER Driver, PWDFDEVICE_INIT DeviceInit)
{
    WDF_PNPPOWER_EVENT_CALLBACKS PnpPower;
    WDF_POWER_POLICY_EVENT_CALLBACKS Policy;
    WDF_DEVICE_PNP_CAPABILITIES Capabilities;
    WDF_DEVICE_POWER_POLICY_IDLE_SETTINGS Idle;
    WDF_FILEOBJECT_CONFIG Files;
    WDF_OBJECT_ATTRIBUTES Attributes;
    WDFDEVICE Device;
    NTSTATUS Status;

    UNREFERENCED_PARAMETER(Driver);
    WDF_PNPPOWER_EVENT_CALLBACKS_INIT(&PnpPower);
    WdfDeviceInitSetPnpPowerEventCallbacks(DeviceInit, &PnpPower);
    WDF_POWER_POLICY_EVENT_CALLBACKS_INIT(&Policy);
    WDF_FILEOBJECT_CONFIG_INIT(&Files, WDF_NO_EVENT_CALLBACK, WDF_NO_EVENT_CALLBACK, WDF_NO_EVENT_CALLBACK);
    WdfDeviceInitSetFileObjectConfig(DeviceInit, &Files, WDF_NO_OBJECT_ATTRIBUTES);
    WDF_OBJECT_ATTRIBUTES_INIT_CONTEXT_TYPE(&Attributes, EXAMPLE);
    Status = WdfDeviceCreate(&DeviceInit, &Attributes, &Device);
    if (!NT_SUCCESS(Status))
        return Status;
    WDF_DEVICE_PNP_CAPABILITIES_INIT(&Capabilities);
    Capabilities.SurpriseRemovalOK = WdfTrue;
    WdfDeviceSetPnpCapabilities(Device, &Capabilities);
    WDF_DEVICE_POWER_POLICY_IDLE_SETTINGS_INIT(&Idle, IdleCannotWakeFromS0);
    return WdfDeviceAssignS0IdleSettings(Device, &Idle);
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    WDF_DRIVER_CONFIG Config;

    WDF_DRIVER_CONFIG_INIT(&Config, ExampleDeviceAdd);
    return WdfDriverCreate(DriverObject, RegistryPath, WDF_NO_OBJECT_ATTRIBUTES, &Config, WDF_NO_HANDLE);
}

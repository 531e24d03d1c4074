/*
 * Control devices: named device objects that a miniport or filter driver offers to applications. NDIS creates them in
 * the driver's name and hands each IRP to the routine that the driver listed for it.
 * Pages: "NdisRegisterDeviceEx function", "NDIS_DEVICE_OBJECT_ATTRIBUTES structure".
 */
#include <string.h>
#include <ndis.h>

#include "ndis/core.h"

struct control_device {
    struct ndis_object object;
    PDEVICE_OBJECT device;
    PDRIVER_DISPATCH functions[IRP_MJ_MAXIMUM_FUNCTION + 1];
    UNICODE_STRING link;
};

NTSTATUS ndis_device_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    struct control_device *control =
        (struct control_device *)((struct ndis_device_extension *)device->DeviceExtension)->object;
    UCHAR major = IoGetCurrentIrpStackLocation(irp)->MajorFunction;
    bool quiet = major == IRP_MJ_CREATE || major == IRP_MJ_CLOSE || major == IRP_MJ_CLEANUP;

    if (control->functions[major] != NULL)
        return control->functions[major](device, irp);
    irp->IoStatus.Status = quiet ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
    irp->IoStatus.Information = 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return quiet ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

static NTSTATUS make_link(struct control_device *control, PNDIS_STRING link, PNDIS_STRING device)
{
    NTSTATUS status;

    if (link == NULL || link->Length == 0)
        return STATUS_SUCCESS;
    control->link.Buffer = ExAllocatePool2(POOL_FLAG_PAGED, link->Length, NDIS_TAG);
    if (control->link.Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(control->link.Buffer, link->Buffer, link->Length);
    control->link.Length = control->link.MaximumLength = link->Length;
    status = IoCreateSymbolicLink(&control->link, device);
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(control->link.Buffer, NDIS_TAG);
        control->link.Buffer = NULL;
    }
    return status;
}

NDIS_STATUS NTAPI NdisRegisterDeviceEx(NDIS_HANDLE NdisHandle, PNDIS_DEVICE_OBJECT_ATTRIBUTES DeviceObjectAttributes,
                                       PDEVICE_OBJECT *pDeviceObject, PNDIS_HANDLE NdisDeviceHandle)
{
    const NDIS_DEVICE_OBJECT_ATTRIBUTES *attributes = DeviceObjectAttributes;
    PDRIVER_OBJECT driver = ndis_handle_driver(NdisHandle);
    struct ndis_device_extension *extension;
    struct control_device *control;
    NTSTATUS status;

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (driver == NULL || attributes == NULL || pDeviceObject == NULL || NdisDeviceHandle == NULL ||
        !ndis_header_valid(&attributes->Header, NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES,
                           NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1, NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1) ||
        attributes->DeviceName == NULL || attributes->MajorFunctions == NULL)
        return NDIS_STATUS_INVALID_PARAMETER;
    control = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*control), NDIS_TAG);
    if (control == NULL)
        return NDIS_STATUS_RESOURCES;
    control->object = (struct ndis_object){{NDIS_KIND_DEVICE, 1, sizeof(*control)}, NDIS_OBJECT_MAGIC};
    memcpy(control->functions, attributes->MajorFunctions, sizeof(control->functions));
    status = IoCreateDevice(driver, (ULONG)sizeof(*extension) + attributes->ExtensionSize, attributes->DeviceName,
                            FILE_DEVICE_NETWORK, FILE_DEVICE_SECURE_OPEN, FALSE, &control->device);
    if (!NT_SUCCESS(status))
        goto free_control;
    extension = control->device->DeviceExtension;
    extension->object = &control->object;
    status = make_link(control, attributes->SymbolicName, attributes->DeviceName);
    if (!NT_SUCCESS(status))
        goto delete_device;
    /* A filter driver keeps its own dispatch table for everything else. */
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        if (control->functions[i] != NULL)
            driver->MajorFunction[i] = ndis_dispatch;
    control->device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    *pDeviceObject = control->device;
    *NdisDeviceHandle = control;
    return NDIS_STATUS_SUCCESS;

delete_device:
    IoDeleteDevice(control->device);
free_control:
    ExFreePoolWithTag(control, NDIS_TAG);
    return status;
}
NT_EXPORT(NdisRegisterDeviceEx);

VOID NTAPI NdisDeregisterDeviceEx(NDIS_HANDLE NdisDeviceHandle)
{
    struct control_device *control = ndis_check_handle(NdisDeviceHandle, NDIS_KIND_DEVICE, "NdisDeregisterDeviceEx");

    KE_REQUIRE_IRQL_AT_MOST(PASSIVE_LEVEL);
    if (control->link.Buffer != NULL) {
        IoDeleteSymbolicLink(&control->link);
        ExFreePoolWithTag(control->link.Buffer, NDIS_TAG);
    }
    ((struct ndis_device_extension *)control->device->DeviceExtension)->object = NULL;
    IoDeleteDevice(control->device);
    control->object.magic = 0;
    ExFreePoolWithTag(control, NDIS_TAG);
}
NT_EXPORT(NdisDeregisterDeviceEx);

PVOID NTAPI NdisGetDeviceReservedExtension(PDEVICE_OBJECT DeviceObject)
{
    return (struct ndis_device_extension *)DeviceObject->DeviceExtension + 1;
}
NT_EXPORT(NdisGetDeviceReservedExtension);

NDIS_STATUS NTAPI NdisMRegisterDevice(NDIS_HANDLE NdisWrapperHandle, PNDIS_STRING DeviceName, PNDIS_STRING SymbolicName,
                                      PDRIVER_DISPATCH *MajorFunctions, PDEVICE_OBJECT *pDeviceObject,
                                      NDIS_HANDLE *NdisDeviceHandle)
{
    NDIS_DEVICE_OBJECT_ATTRIBUTES attributes = {
        .Header = {NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1,
                   NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1},
        .DeviceName = DeviceName,
        .SymbolicName = SymbolicName,
        .MajorFunctions = MajorFunctions,
    };
    return NdisRegisterDeviceEx(NdisWrapperHandle, &attributes, pDeviceObject, NdisDeviceHandle);
}
NT_EXPORT(NdisMRegisterDevice);

NDIS_STATUS NTAPI NdisMDeregisterDevice(NDIS_HANDLE NdisDeviceHandle)
{
    NdisDeregisterDeviceEx(NdisDeviceHandle);
    return NDIS_STATUS_SUCCESS;
}
NT_EXPORT(NdisMDeregisterDevice);

/*
 * Hardware resources as framework objects: the lists that EvtDevicePrepareHardware receives (WDFCMRESLIST), and those
 * in which a bus driver states what a child needs (WDFIORESREQLIST, WDFIORESLIST). The framework makes the lists and
 * keeps them; a driver may take from one, or add to it, where the callback that receives it says so.
 */
#ifndef _WDFRESOURCE_H_
#define _WDFRESOURCE_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

/* Index of WdfXxxListInsert...: behind all that there are. */
#define WDF_INSERT_AT_END ((ULONG)-1)

typedef VOID(NTAPI *PFN_WDFIORESOURCEREQUIREMENTSLISTSETSLOTNUMBER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                    _In_ WDFIORESREQLIST RequirementsList,
                                                                    _In_ ULONG SlotNumber);

NDISKIT_INLINE VOID WdfIoResourceRequirementsListSetSlotNumber(_In_ WDFIORESREQLIST RequirementsList,
                                                               _In_ ULONG SlotNumber)
{
    ((PFN_WDFIORESOURCEREQUIREMENTSLISTSETSLOTNUMBER)
         WdfFunctions[WdfIoResourceRequirementsListSetSlotNumberTableIndex])(WdfDriverGlobals, RequirementsList,
                                                                             SlotNumber);
}

typedef VOID(NTAPI *PFN_WDFIORESOURCEREQUIREMENTSLISTSETINTERFACETYPE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                       _In_ WDFIORESREQLIST RequirementsList,
                                                                       _In_ INTERFACE_TYPE InterfaceType);

NDISKIT_INLINE VOID WdfIoResourceRequirementsListSetInterfaceType(_In_ WDFIORESREQLIST RequirementsList,
                                                                  _In_ INTERFACE_TYPE InterfaceType)
{
    ((PFN_WDFIORESOURCEREQUIREMENTSLISTSETINTERFACETYPE)
         WdfFunctions[WdfIoResourceRequirementsListSetInterfaceTypeTableIndex])(WdfDriverGlobals, RequirementsList,
                                                                                InterfaceType);
}

typedef NTSTATUS(NTAPI *PFN_WDFIORESOURCEREQUIREMENTSLISTAPPENDIORESLIST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                          _In_ WDFIORESREQLIST RequirementsList,
                                                                          _In_ WDFIORESLIST IoResList);

NDISKIT_INLINE NTSTATUS WdfIoResourceRequirementsListAppendIoResList(_In_ WDFIORESREQLIST RequirementsList,
                                                                     _In_ WDFIORESLIST IoResList)
{
    return ((PFN_WDFIORESOURCEREQUIREMENTSLISTAPPENDIORESLIST)
                WdfFunctions[WdfIoResourceRequirementsListAppendIoResListTableIndex])(WdfDriverGlobals,
                                                                                      RequirementsList, IoResList);
}

typedef NTSTATUS(NTAPI *PFN_WDFIORESOURCEREQUIREMENTSLISTINSERTIORESLIST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                          _In_ WDFIORESREQLIST RequirementsList,
                                                                          _In_ WDFIORESLIST IoResList,
                                                                          _In_ ULONG Index);

NDISKIT_INLINE NTSTATUS WdfIoResourceRequirementsListInsertIoResList(_In_ WDFIORESREQLIST RequirementsList,
                                                                     _In_ WDFIORESLIST IoResList, _In_ ULONG Index)
{
    return ((PFN_WDFIORESOURCEREQUIREMENTSLISTINSERTIORESLIST)
                WdfFunctions[WdfIoResourceRequirementsListInsertIoResListTableIndex])(
        WdfDriverGlobals, RequirementsList, IoResList, Index);
}

typedef ULONG(NTAPI *PFN_WDFIORESOURCEREQUIREMENTSLISTGETCOUNT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                _In_ WDFIORESREQLIST RequirementsList);

NDISKIT_INLINE ULONG WdfIoResourceRequirementsListGetCount(_In_ WDFIORESREQLIST RequirementsList)
{
    return ((PFN_WDFIORESOURCEREQUIREMENTSLISTGETCOUNT)WdfFunctions[WdfIoResourceRequirementsListGetCountTableIndex])(
        WdfDriverGlobals, RequirementsList);
}

typedef WDFIORESLIST(NTAPI *PFN_WDFIORESOURCEREQUIREMENTSLISTGETIORESLIST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                           _In_ WDFIORESREQLIST RequirementsList,
                                                                           _In_ ULONG Index);

NDISKIT_INLINE WDFIORESLIST WdfIoResourceRequirementsListGetIoResList(_In_ WDFIORESREQLIST RequirementsList,
                                                                      _In_ ULONG Index)
{
    return ((PFN_WDFIORESOURCEREQUIREMENTSLISTGETIORESLIST)
                WdfFunctions[WdfIoResourceRequirementsListGetIoResListTableIndex])(WdfDriverGlobals, RequirementsList,
                                                                                   Index);
}

typedef VOID(NTAPI *PFN_WDFIORESOURCEREQUIREMENTSLISTREMOVE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFIORESREQLIST RequirementsList, _In_ ULONG Index);

NDISKIT_INLINE VOID WdfIoResourceRequirementsListRemove(_In_ WDFIORESREQLIST RequirementsList, _In_ ULONG Index)
{
    ((PFN_WDFIORESOURCEREQUIREMENTSLISTREMOVE)WdfFunctions[WdfIoResourceRequirementsListRemoveTableIndex])(
        WdfDriverGlobals, RequirementsList, Index);
}

typedef VOID(NTAPI *PFN_WDFIORESOURCEREQUIREMENTSLISTREMOVEBYIORESLIST)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                        _In_ WDFIORESREQLIST RequirementsList,
                                                                        _In_ WDFIORESLIST IoResList);

NDISKIT_INLINE VOID WdfIoResourceRequirementsListRemoveByIoResList(_In_ WDFIORESREQLIST RequirementsList,
                                                                   _In_ WDFIORESLIST IoResList)
{
    ((PFN_WDFIORESOURCEREQUIREMENTSLISTREMOVEBYIORESLIST)
         WdfFunctions[WdfIoResourceRequirementsListRemoveByIoResListTableIndex])(WdfDriverGlobals, RequirementsList,
                                                                                 IoResList);
}

typedef NTSTATUS(NTAPI *PFN_WDFIORESOURCELISTCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ WDFIORESREQLIST RequirementsList,
                                                     _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                     _Out_ WDFIORESLIST *ResourceList);

NDISKIT_INLINE NTSTATUS WdfIoResourceListCreate(_In_ WDFIORESREQLIST RequirementsList,
                                                _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                _Out_ WDFIORESLIST *ResourceList)
{
    return ((PFN_WDFIORESOURCELISTCREATE)WdfFunctions[WdfIoResourceListCreateTableIndex])(
        WdfDriverGlobals, RequirementsList, Attributes, ResourceList);
}

typedef NTSTATUS(NTAPI *PFN_WDFIORESOURCELISTAPPENDDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFIORESLIST ResourceList,
                                                               _In_ PIO_RESOURCE_DESCRIPTOR Descriptor);

NDISKIT_INLINE NTSTATUS WdfIoResourceListAppendDescriptor(_In_ WDFIORESLIST ResourceList,
                                                          _In_ PIO_RESOURCE_DESCRIPTOR Descriptor)
{
    return ((PFN_WDFIORESOURCELISTAPPENDDESCRIPTOR)WdfFunctions[WdfIoResourceListAppendDescriptorTableIndex])(
        WdfDriverGlobals, ResourceList, Descriptor);
}

typedef NTSTATUS(NTAPI *PFN_WDFIORESOURCELISTINSERTDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFIORESLIST ResourceList,
                                                               _In_ PIO_RESOURCE_DESCRIPTOR Descriptor,
                                                               _In_ ULONG Index);

NDISKIT_INLINE NTSTATUS WdfIoResourceListInsertDescriptor(_In_ WDFIORESLIST ResourceList,
                                                          _In_ PIO_RESOURCE_DESCRIPTOR Descriptor, _In_ ULONG Index)
{
    return ((PFN_WDFIORESOURCELISTINSERTDESCRIPTOR)WdfFunctions[WdfIoResourceListInsertDescriptorTableIndex])(
        WdfDriverGlobals, ResourceList, Descriptor, Index);
}

typedef VOID(NTAPI *PFN_WDFIORESOURCELISTUPDATEDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                           _In_ WDFIORESLIST ResourceList,
                                                           _In_ PIO_RESOURCE_DESCRIPTOR Descriptor, _In_ ULONG Index);

NDISKIT_INLINE VOID WdfIoResourceListUpdateDescriptor(_In_ WDFIORESLIST ResourceList,
                                                      _In_ PIO_RESOURCE_DESCRIPTOR Descriptor, _In_ ULONG Index)
{
    ((PFN_WDFIORESOURCELISTUPDATEDESCRIPTOR)WdfFunctions[WdfIoResourceListUpdateDescriptorTableIndex])(
        WdfDriverGlobals, ResourceList, Descriptor, Index);
}

typedef ULONG(NTAPI *PFN_WDFIORESOURCELISTGETCOUNT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFIORESLIST ResourceList);

NDISKIT_INLINE ULONG WdfIoResourceListGetCount(_In_ WDFIORESLIST ResourceList)
{
    return ((PFN_WDFIORESOURCELISTGETCOUNT)WdfFunctions[WdfIoResourceListGetCountTableIndex])(WdfDriverGlobals,
                                                                                              ResourceList);
}

typedef PIO_RESOURCE_DESCRIPTOR(NTAPI *PFN_WDFIORESOURCELISTGETDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                           _In_ WDFIORESLIST ResourceList,
                                                                           _In_ ULONG Index);

NDISKIT_INLINE PIO_RESOURCE_DESCRIPTOR WdfIoResourceListGetDescriptor(_In_ WDFIORESLIST ResourceList, _In_ ULONG Index)
{
    return ((PFN_WDFIORESOURCELISTGETDESCRIPTOR)WdfFunctions[WdfIoResourceListGetDescriptorTableIndex])(
        WdfDriverGlobals, ResourceList, Index);
}

typedef VOID(NTAPI *PFN_WDFIORESOURCELISTREMOVE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFIORESLIST ResourceList,
                                                 _In_ ULONG Index);

NDISKIT_INLINE VOID WdfIoResourceListRemove(_In_ WDFIORESLIST ResourceList, _In_ ULONG Index)
{
    ((PFN_WDFIORESOURCELISTREMOVE)WdfFunctions[WdfIoResourceListRemoveTableIndex])(WdfDriverGlobals, ResourceList,
                                                                                   Index);
}

typedef VOID(NTAPI *PFN_WDFIORESOURCELISTREMOVEBYDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFIORESLIST ResourceList,
                                                             _In_ PIO_RESOURCE_DESCRIPTOR Descriptor);

NDISKIT_INLINE VOID WdfIoResourceListRemoveByDescriptor(_In_ WDFIORESLIST ResourceList,
                                                        _In_ PIO_RESOURCE_DESCRIPTOR Descriptor)
{
    ((PFN_WDFIORESOURCELISTREMOVEBYDESCRIPTOR)WdfFunctions[WdfIoResourceListRemoveByDescriptorTableIndex])(
        WdfDriverGlobals, ResourceList, Descriptor);
}

typedef NTSTATUS(NTAPI *PFN_WDFCMRESOURCELISTAPPENDDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFCMRESLIST List,
                                                               _In_ PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor);

NDISKIT_INLINE NTSTATUS WdfCmResourceListAppendDescriptor(_In_ WDFCMRESLIST List,
                                                          _In_ PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor)
{
    return ((PFN_WDFCMRESOURCELISTAPPENDDESCRIPTOR)WdfFunctions[WdfCmResourceListAppendDescriptorTableIndex])(
        WdfDriverGlobals, List, Descriptor);
}

typedef NTSTATUS(NTAPI *PFN_WDFCMRESOURCELISTINSERTDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFCMRESLIST List,
                                                               _In_ PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor,
                                                               _In_ ULONG Index);

NDISKIT_INLINE NTSTATUS WdfCmResourceListInsertDescriptor(_In_ WDFCMRESLIST List,
                                                          _In_ PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor,
                                                          _In_ ULONG Index)
{
    return ((PFN_WDFCMRESOURCELISTINSERTDESCRIPTOR)WdfFunctions[WdfCmResourceListInsertDescriptorTableIndex])(
        WdfDriverGlobals, List, Descriptor, Index);
}

typedef ULONG(NTAPI *PFN_WDFCMRESOURCELISTGETCOUNT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCMRESLIST List);

NDISKIT_INLINE ULONG WdfCmResourceListGetCount(_In_ WDFCMRESLIST List)
{
    return ((PFN_WDFCMRESOURCELISTGETCOUNT)WdfFunctions[WdfCmResourceListGetCountTableIndex])(WdfDriverGlobals, List);
}

typedef PCM_PARTIAL_RESOURCE_DESCRIPTOR(NTAPI *PFN_WDFCMRESOURCELISTGETDESCRIPTOR)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCMRESLIST List, _In_ ULONG Index);

NDISKIT_INLINE PCM_PARTIAL_RESOURCE_DESCRIPTOR WdfCmResourceListGetDescriptor(_In_ WDFCMRESLIST List, _In_ ULONG Index)
{
    return ((PFN_WDFCMRESOURCELISTGETDESCRIPTOR)WdfFunctions[WdfCmResourceListGetDescriptorTableIndex])(
        WdfDriverGlobals, List, Index);
}

typedef VOID(NTAPI *PFN_WDFCMRESOURCELISTREMOVE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCMRESLIST List,
                                                 _In_ ULONG Index);

NDISKIT_INLINE VOID WdfCmResourceListRemove(_In_ WDFCMRESLIST List, _In_ ULONG Index)
{
    ((PFN_WDFCMRESOURCELISTREMOVE)WdfFunctions[WdfCmResourceListRemoveTableIndex])(WdfDriverGlobals, List, Index);
}

typedef VOID(NTAPI *PFN_WDFCMRESOURCELISTREMOVEBYDESCRIPTOR)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFCMRESLIST List,
                                                             _In_ PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor);

NDISKIT_INLINE VOID WdfCmResourceListRemoveByDescriptor(_In_ WDFCMRESLIST List,
                                                        _In_ PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor)
{
    ((PFN_WDFCMRESOURCELISTREMOVEBYDESCRIPTOR)WdfFunctions[WdfCmResourceListRemoveByDescriptorTableIndex])(
        WdfDriverGlobals, List, Descriptor);
}

NDISKIT_EXTERN_C_END

#endif

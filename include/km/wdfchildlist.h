/*
 * Child lists: a bus driver describes the devices that it finds (an identification, by which a child is known, and an
 * address, where it is now) and the framework makes a device object of each. ndiskit has these declarations complete,
 * so that any bus driver compiles; what the framework here does with a child list, its own documentation says.
 */
#ifndef _WDFCHILDLIST_H_
#define _WDFCHILDLIST_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef enum _WDF_CHILD_LIST_RETRIEVE_DEVICE_STATUS {
    WdfChildListRetrieveDeviceUndefined = 0,
    WdfChildListRetrieveDeviceSuccess,
    WdfChildListRetrieveDeviceNotYetCreated,
    WdfChildListRetrieveDeviceNoSuchDevice
} WDF_CHILD_LIST_RETRIEVE_DEVICE_STATUS,
    *PWDF_CHILD_LIST_RETRIEVE_DEVICE_STATUS;

typedef enum _WDF_RETRIEVE_CHILD_FLAGS {
    WdfRetrieveUnspecified = 0x0000,
    WdfRetrievePresentChildren = 0x0001,
    WdfRetrieveMissingChildren = 0x0002,
    WdfRetrievePendingChildren = 0x0004,
    WdfRetrieveAddedChildren = (WdfRetrievePresentChildren | WdfRetrievePendingChildren),
    WdfRetrieveAllChildren = (WdfRetrievePresentChildren | WdfRetrievePendingChildren | WdfRetrieveMissingChildren)
} WDF_RETRIEVE_CHILD_FLAGS,
    *PWDF_RETRIEVE_CHILD_FLAGS;

/* The first member of the driver's own description of a child. */
typedef struct _WDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER {
    ULONG IdentificationDescriptionSize;
} WDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER, *PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER;

NDISKIT_INLINE VOID WDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER_INIT(
    _Out_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER Header, _In_ ULONG IdentificationDescriptionSize)
{
    RtlZeroMemory(Header, sizeof(*Header));
    Header->IdentificationDescriptionSize = IdentificationDescriptionSize;
}

/* The first member of the driver's own description of where a child is. */
typedef struct _WDF_CHILD_ADDRESS_DESCRIPTION_HEADER {
    ULONG AddressDescriptionSize;
} WDF_CHILD_ADDRESS_DESCRIPTION_HEADER, *PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER;

NDISKIT_INLINE VOID WDF_CHILD_ADDRESS_DESCRIPTION_HEADER_INIT(_Out_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER Header,
                                                              _In_ ULONG AddressDescriptionSize)
{
    RtlZeroMemory(Header, sizeof(*Header));
    Header->AddressDescriptionSize = AddressDescriptionSize;
}

typedef NTSTATUS NTAPI EVT_WDF_CHILD_LIST_CREATE_DEVICE(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription,
    _In_ PWDFDEVICE_INIT ChildInit);
typedef EVT_WDF_CHILD_LIST_CREATE_DEVICE *PFN_WDF_CHILD_LIST_CREATE_DEVICE;

typedef VOID NTAPI EVT_WDF_CHILD_LIST_SCAN_FOR_CHILDREN(_In_ WDFCHILDLIST ChildList);
typedef EVT_WDF_CHILD_LIST_SCAN_FOR_CHILDREN *PFN_WDF_CHILD_LIST_SCAN_FOR_CHILDREN;

typedef VOID NTAPI EVT_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COPY(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER SourceIdentificationDescription,
    _Out_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER DestinationIdentificationDescription);
typedef EVT_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COPY *PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COPY;

typedef NTSTATUS NTAPI EVT_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_DUPLICATE(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER SourceIdentificationDescription,
    _Out_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER DestinationIdentificationDescription);
typedef EVT_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_DUPLICATE
    *PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_DUPLICATE;

typedef BOOLEAN NTAPI EVT_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COMPARE(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER FirstIdentificationDescription,
    _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER SecondIdentificationDescription);
typedef EVT_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COMPARE *PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COMPARE;

typedef VOID NTAPI EVT_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_CLEANUP(
    _In_ WDFCHILDLIST ChildList, _Inout_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription);
typedef EVT_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_CLEANUP *PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_CLEANUP;

typedef VOID NTAPI EVT_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_COPY(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER SourceAddressDescription,
    _Out_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER DestinationAddressDescription);
typedef EVT_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_COPY *PFN_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_COPY;

typedef NTSTATUS NTAPI EVT_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_DUPLICATE(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER SourceAddressDescription,
    _Out_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER DestinationAddressDescription);
typedef EVT_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_DUPLICATE *PFN_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_DUPLICATE;

typedef VOID NTAPI EVT_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_CLEANUP(
    _In_ WDFCHILDLIST ChildList, _Inout_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription);
typedef EVT_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_CLEANUP *PFN_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_CLEANUP;

typedef BOOLEAN NTAPI
EVT_WDF_CHILD_LIST_DEVICE_REENUMERATED(_In_ WDFCHILDLIST ChildList, _In_ WDFDEVICE OldDevice,
                                       _In_opt_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER OldAddressDescription,
                                       _Out_opt_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER NewAddressDescription);
typedef EVT_WDF_CHILD_LIST_DEVICE_REENUMERATED *PFN_WDF_CHILD_LIST_DEVICE_REENUMERATED;

typedef struct _WDF_CHILD_LIST_CONFIG {
    ULONG Size;
    ULONG IdentificationDescriptionSize;
    ULONG AddressDescriptionSize;
    PFN_WDF_CHILD_LIST_CREATE_DEVICE EvtChildListCreateDevice;
    PFN_WDF_CHILD_LIST_SCAN_FOR_CHILDREN EvtChildListScanForChildren;
    PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COPY EvtChildListIdentificationDescriptionCopy;
    PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_DUPLICATE EvtChildListIdentificationDescriptionDuplicate;
    PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_CLEANUP EvtChildListIdentificationDescriptionCleanup;
    PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COMPARE EvtChildListIdentificationDescriptionCompare;
    PFN_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_COPY EvtChildListAddressDescriptionCopy;
    PFN_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_DUPLICATE EvtChildListAddressDescriptionDuplicate;
    PFN_WDF_CHILD_LIST_ADDRESS_DESCRIPTION_CLEANUP EvtChildListAddressDescriptionCleanup;
    PFN_WDF_CHILD_LIST_DEVICE_REENUMERATED EvtChildListDeviceReenumerated;
} WDF_CHILD_LIST_CONFIG, *PWDF_CHILD_LIST_CONFIG;

NDISKIT_INLINE VOID WDF_CHILD_LIST_CONFIG_INIT(_Out_ PWDF_CHILD_LIST_CONFIG Config,
                                               _In_ ULONG IdentificationDescriptionSize,
                                               _In_ PFN_WDF_CHILD_LIST_CREATE_DEVICE EvtChildListCreateDevice)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->IdentificationDescriptionSize = IdentificationDescriptionSize;
    Config->EvtChildListCreateDevice = EvtChildListCreateDevice;
}

typedef struct _WDF_CHILD_RETRIEVE_INFO {
    ULONG Size;
    PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription;
    PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription;
    WDF_CHILD_LIST_RETRIEVE_DEVICE_STATUS Status;
    PFN_WDF_CHILD_LIST_IDENTIFICATION_DESCRIPTION_COMPARE EvtChildListIdentificationDescriptionCompare;
} WDF_CHILD_RETRIEVE_INFO, *PWDF_CHILD_RETRIEVE_INFO;

NDISKIT_INLINE VOID WDF_CHILD_RETRIEVE_INFO_INIT(
    _Out_ PWDF_CHILD_RETRIEVE_INFO Info, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription)
{
    RtlZeroMemory(Info, sizeof(*Info));
    Info->Size = sizeof(*Info);
    Info->IdentificationDescription = IdentificationDescription;
}

typedef struct _WDF_CHILD_LIST_ITERATOR {
    ULONG Size;
    ULONG Flags;
    PVOID Reserved[4];
} WDF_CHILD_LIST_ITERATOR, *PWDF_CHILD_LIST_ITERATOR;

NDISKIT_INLINE VOID WDF_CHILD_LIST_ITERATOR_INIT(_Out_ PWDF_CHILD_LIST_ITERATOR Iterator, _In_ ULONG Flags)
{
    RtlZeroMemory(Iterator, sizeof(*Iterator));
    Iterator->Size = sizeof(*Iterator);
    Iterator->Flags = Flags;
}

/* At PASSIVE_LEVEL. */
typedef NTSTATUS(NTAPI *PFN_WDFCHILDLISTCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                                _In_ PWDF_CHILD_LIST_CONFIG Config,
                                                _In_opt_ PWDF_OBJECT_ATTRIBUTES ChildListAttributes,
                                                _Out_ WDFCHILDLIST *ChildList);

NDISKIT_INLINE NTSTATUS WdfChildListCreate(_In_ WDFDEVICE Device, _In_ PWDF_CHILD_LIST_CONFIG Config,
                                           _In_opt_ PWDF_OBJECT_ATTRIBUTES ChildListAttributes,
                                           _Out_ WDFCHILDLIST *ChildList)
{
    return ((PFN_WDFCHILDLISTCREATE)WdfFunctions[WdfChildListCreateTableIndex])(WdfDriverGlobals, Device, Config,
                                                                                ChildListAttributes, ChildList);
}

typedef WDFDEVICE(NTAPI *PFN_WDFCHILDLISTGETDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                    _In_ WDFCHILDLIST ChildList);

NDISKIT_INLINE WDFDEVICE WdfChildListGetDevice(_In_ WDFCHILDLIST ChildList)
{
    return ((PFN_WDFCHILDLISTGETDEVICE)WdfFunctions[WdfChildListGetDeviceTableIndex])(WdfDriverGlobals, ChildList);
}

typedef WDFDEVICE(NTAPI *PFN_WDFCHILDLISTRETRIEVEPDO)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                      _In_ WDFCHILDLIST ChildList,
                                                      _Inout_ PWDF_CHILD_RETRIEVE_INFO RetrieveInfo);

NDISKIT_INLINE WDFDEVICE WdfChildListRetrievePdo(_In_ WDFCHILDLIST ChildList,
                                                 _Inout_ PWDF_CHILD_RETRIEVE_INFO RetrieveInfo)
{
    return ((PFN_WDFCHILDLISTRETRIEVEPDO)WdfFunctions[WdfChildListRetrievePdoTableIndex])(WdfDriverGlobals, ChildList,
                                                                                          RetrieveInfo);
}

typedef NTSTATUS(NTAPI *PFN_WDFCHILDLISTRETRIEVEADDRESSDESCRIPTION)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCHILDLIST ChildList,
    _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription,
    _Inout_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription);

NDISKIT_INLINE NTSTATUS WdfChildListRetrieveAddressDescription(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription,
    _Inout_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription)
{
    return ((PFN_WDFCHILDLISTRETRIEVEADDRESSDESCRIPTION)WdfFunctions[WdfChildListRetrieveAddressDescriptionTableIndex])(
        WdfDriverGlobals, ChildList, IdentificationDescription, AddressDescription);
}

typedef VOID(NTAPI *PFN_WDFCHILDLISTBEGINSCAN)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCHILDLIST ChildList);

NDISKIT_INLINE VOID WdfChildListBeginScan(_In_ WDFCHILDLIST ChildList)
{
    ((PFN_WDFCHILDLISTBEGINSCAN)WdfFunctions[WdfChildListBeginScanTableIndex])(WdfDriverGlobals, ChildList);
}

typedef VOID(NTAPI *PFN_WDFCHILDLISTENDSCAN)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCHILDLIST ChildList);

NDISKIT_INLINE VOID WdfChildListEndScan(_In_ WDFCHILDLIST ChildList)
{
    ((PFN_WDFCHILDLISTENDSCAN)WdfFunctions[WdfChildListEndScanTableIndex])(WdfDriverGlobals, ChildList);
}

typedef VOID(NTAPI *PFN_WDFCHILDLISTBEGINITERATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCHILDLIST ChildList,
                                                    _In_ PWDF_CHILD_LIST_ITERATOR Iterator);

NDISKIT_INLINE VOID WdfChildListBeginIteration(_In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_LIST_ITERATOR Iterator)
{
    ((PFN_WDFCHILDLISTBEGINITERATION)WdfFunctions[WdfChildListBeginIterationTableIndex])(WdfDriverGlobals, ChildList,
                                                                                         Iterator);
}

typedef NTSTATUS(NTAPI *PFN_WDFCHILDLISTRETRIEVENEXTDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                            _In_ WDFCHILDLIST ChildList,
                                                            _In_ PWDF_CHILD_LIST_ITERATOR Iterator,
                                                            _Out_ WDFDEVICE *Device,
                                                            _Inout_opt_ PWDF_CHILD_RETRIEVE_INFO Info);

NDISKIT_INLINE NTSTATUS WdfChildListRetrieveNextDevice(_In_ WDFCHILDLIST ChildList,
                                                       _In_ PWDF_CHILD_LIST_ITERATOR Iterator, _Out_ WDFDEVICE *Device,
                                                       _Inout_opt_ PWDF_CHILD_RETRIEVE_INFO Info)
{
    return ((PFN_WDFCHILDLISTRETRIEVENEXTDEVICE)WdfFunctions[WdfChildListRetrieveNextDeviceTableIndex])(
        WdfDriverGlobals, ChildList, Iterator, Device, Info);
}

typedef VOID(NTAPI *PFN_WDFCHILDLISTENDITERATION)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCHILDLIST ChildList,
                                                  _In_ PWDF_CHILD_LIST_ITERATOR Iterator);

NDISKIT_INLINE VOID WdfChildListEndIteration(_In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_LIST_ITERATOR Iterator)
{
    ((PFN_WDFCHILDLISTENDITERATION)WdfFunctions[WdfChildListEndIterationTableIndex])(WdfDriverGlobals, ChildList,
                                                                                     Iterator);
}

typedef NTSTATUS(NTAPI *PFN_WDFCHILDLISTADDORUPDATECHILDDESCRIPTIONASPRESENT)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCHILDLIST ChildList,
    _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription,
    _In_opt_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription);

NDISKIT_INLINE NTSTATUS WdfChildListAddOrUpdateChildDescriptionAsPresent(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription,
    _In_opt_ PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER AddressDescription)
{
    return ((PFN_WDFCHILDLISTADDORUPDATECHILDDESCRIPTIONASPRESENT)
                WdfFunctions[WdfChildListAddOrUpdateChildDescriptionAsPresentTableIndex])(
        WdfDriverGlobals, ChildList, IdentificationDescription, AddressDescription);
}

typedef NTSTATUS(NTAPI *PFN_WDFCHILDLISTUPDATECHILDDESCRIPTIONASMISSING)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCHILDLIST ChildList,
    _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription);

NDISKIT_INLINE NTSTATUS WdfChildListUpdateChildDescriptionAsMissing(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription)
{
    return ((PFN_WDFCHILDLISTUPDATECHILDDESCRIPTIONASMISSING)
                WdfFunctions[WdfChildListUpdateChildDescriptionAsMissingTableIndex])(WdfDriverGlobals, ChildList,
                                                                                     IdentificationDescription);
}

typedef VOID(NTAPI *PFN_WDFCHILDLISTUPDATEALLCHILDDESCRIPTIONSASPRESENT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                         _In_ WDFCHILDLIST ChildList);

NDISKIT_INLINE VOID WdfChildListUpdateAllChildDescriptionsAsPresent(_In_ WDFCHILDLIST ChildList)
{
    ((PFN_WDFCHILDLISTUPDATEALLCHILDDESCRIPTIONSASPRESENT)
         WdfFunctions[WdfChildListUpdateAllChildDescriptionsAsPresentTableIndex])(WdfDriverGlobals, ChildList);
}

typedef BOOLEAN(NTAPI *PFN_WDFCHILDLISTREQUESTCHILDEJECT)(
    _In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCHILDLIST ChildList,
    _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription);

NDISKIT_INLINE BOOLEAN WdfChildListRequestChildEject(
    _In_ WDFCHILDLIST ChildList, _In_ PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER IdentificationDescription)
{
    return ((PFN_WDFCHILDLISTREQUESTCHILDEJECT)WdfFunctions[WdfChildListRequestChildEjectTableIndex])(
        WdfDriverGlobals, ChildList, IdentificationDescription);
}

NDISKIT_EXTERN_C_END

#endif

/*
 * Ordered collections of framework objects of any type; a collection holds a reference on each of its items.
 * "Framework Object Collections"
 */
#ifndef _WDFCOLLECTION_H_
#define _WDFCOLLECTION_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

/* ---- methods ------------------------------------------------------------------------------------------------------
 */

typedef NTSTATUS(NTAPI *PFN_WDFCOLLECTIONCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                 _In_opt_ PWDF_OBJECT_ATTRIBUTES CollectionAttributes,
                                                 _Out_ WDFCOLLECTION *Collection);

NDISKIT_INLINE NTSTATUS WdfCollectionCreate(_In_opt_ PWDF_OBJECT_ATTRIBUTES CollectionAttributes,
                                            _Out_ WDFCOLLECTION *Collection)
{
    return ((PFN_WDFCOLLECTIONCREATE)WdfFunctions[WdfCollectionCreateTableIndex])(WdfDriverGlobals,
                                                                                  CollectionAttributes, Collection);
}

typedef ULONG(NTAPI *PFN_WDFCOLLECTIONGETCOUNT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCOLLECTION Collection);

NDISKIT_INLINE ULONG WdfCollectionGetCount(_In_ WDFCOLLECTION Collection)
{
    return ((PFN_WDFCOLLECTIONGETCOUNT)WdfFunctions[WdfCollectionGetCountTableIndex])(WdfDriverGlobals, Collection);
}

typedef NTSTATUS(NTAPI *PFN_WDFCOLLECTIONADD)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCOLLECTION Collection,
                                              _In_ WDFOBJECT Object);

NDISKIT_INLINE NTSTATUS WdfCollectionAdd(_In_ WDFCOLLECTION Collection, _In_ WDFOBJECT Object)
{
    return ((PFN_WDFCOLLECTIONADD)WdfFunctions[WdfCollectionAddTableIndex])(WdfDriverGlobals, Collection, Object);
}

typedef VOID(NTAPI *PFN_WDFCOLLECTIONREMOVE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCOLLECTION Collection,
                                             _In_ WDFOBJECT Item);

NDISKIT_INLINE VOID WdfCollectionRemove(_In_ WDFCOLLECTION Collection, _In_ WDFOBJECT Item)
{
    ((PFN_WDFCOLLECTIONREMOVE)WdfFunctions[WdfCollectionRemoveTableIndex])(WdfDriverGlobals, Collection, Item);
}

typedef VOID(NTAPI *PFN_WDFCOLLECTIONREMOVEITEM)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFCOLLECTION Collection,
                                                 _In_ ULONG Index);

NDISKIT_INLINE VOID WdfCollectionRemoveItem(_In_ WDFCOLLECTION Collection, _In_ ULONG Index)
{
    ((PFN_WDFCOLLECTIONREMOVEITEM)WdfFunctions[WdfCollectionRemoveItemTableIndex])(WdfDriverGlobals, Collection, Index);
}

typedef WDFOBJECT(NTAPI *PFN_WDFCOLLECTIONGETITEM)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                   _In_ WDFCOLLECTION Collection, _In_ ULONG Index);

NDISKIT_INLINE WDFOBJECT WdfCollectionGetItem(_In_ WDFCOLLECTION Collection, _In_ ULONG Index)
{
    return ((PFN_WDFCOLLECTIONGETITEM)WdfFunctions[WdfCollectionGetItemTableIndex])(WdfDriverGlobals, Collection,
                                                                                    Index);
}

typedef WDFOBJECT(NTAPI *PFN_WDFCOLLECTIONGETFIRSTITEM)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                        _In_ WDFCOLLECTION Collection);

NDISKIT_INLINE WDFOBJECT WdfCollectionGetFirstItem(_In_ WDFCOLLECTION Collection)
{
    return ((PFN_WDFCOLLECTIONGETFIRSTITEM)WdfFunctions[WdfCollectionGetFirstItemTableIndex])(WdfDriverGlobals,
                                                                                              Collection);
}

typedef WDFOBJECT(NTAPI *PFN_WDFCOLLECTIONGETLASTITEM)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                       _In_ WDFCOLLECTION Collection);

NDISKIT_INLINE WDFOBJECT WdfCollectionGetLastItem(_In_ WDFCOLLECTION Collection)
{
    return ((PFN_WDFCOLLECTIONGETLASTITEM)WdfFunctions[WdfCollectionGetLastItemTableIndex])(WdfDriverGlobals,
                                                                                            Collection);
}

NDISKIT_EXTERN_C_END

#endif

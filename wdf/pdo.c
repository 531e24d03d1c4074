/*
 * Methods of devices that a bus driver made for its children. The framework makes no such devices yet
 * (WdfPdoInitAllocate is not there), so that whatever handle these methods get is the wrong one, a miniport's device
 * before all: "The device object handle cannot be passed to any framework PDO methods".
 */
#include "wdf/device.h"

_Noreturn static void refuse(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle, const char *call)
{
    wdf_general_device(globals, handle, call);
    wdf_violation(wdf_client(globals), WDF_INVALID_HANDLE, (ULONG_PTR)handle, 0, 0, call,
                  "%p is no device that a bus driver made for a child", (void *)handle);
}

PWDFDEVICE_INIT NTAPI kmdf_WdfPdoInitAllocate(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE ParentDevice)
{
    wdf_general_device(DriverGlobals, ParentDevice, "WdfPdoInitAllocate");
    wdf_missing_function(DriverGlobals, WdfPdoInitAllocateTableIndex);
}
WDF_EXPORT(WdfPdoInitAllocate, PFN_WDFPDOINITALLOCATE);

#define PDO_METHOD(name_, pfn_, result_, ...)                                                                          \
    result_ NTAPI kmdf_##name_(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Device __VA_OPT__(, ) __VA_ARGS__)         \
    {                                                                                                                  \
        refuse(DriverGlobals, Device, #name_);                                                                         \
    }                                                                                                                  \
    WDF_EXPORT(name_, pfn_)

PDO_METHOD(WdfPdoMarkMissing, PFN_WDFPDOMARKMISSING, NTSTATUS);
PDO_METHOD(WdfPdoRequestEject, PFN_WDFPDOREQUESTEJECT, VOID);
PDO_METHOD(WdfPdoGetParent, PFN_WDFPDOGETPARENT, WDFDEVICE);
PDO_METHOD(WdfPdoRetrieveIdentificationDescription, PFN_WDFPDORETRIEVEIDENTIFICATIONDESCRIPTION, NTSTATUS,
           PWDF_CHILD_IDENTIFICATION_DESCRIPTION_HEADER Unused __attribute__((unused)));
PDO_METHOD(WdfPdoRetrieveAddressDescription, PFN_WDFPDORETRIEVEADDRESSDESCRIPTION, NTSTATUS,
           PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER Unused __attribute__((unused)));
PDO_METHOD(WdfPdoUpdateAddressDescription, PFN_WDFPDOUPDATEADDRESSDESCRIPTION, NTSTATUS,
           PWDF_CHILD_ADDRESS_DESCRIPTION_HEADER Unused __attribute__((unused)));
PDO_METHOD(WdfPdoAddEjectionRelationsPhysicalDevice, PFN_WDFPDOADDEJECTIONRELATIONSPHYSICALDEVICE, NTSTATUS,
           PDEVICE_OBJECT Unused __attribute__((unused)));
PDO_METHOD(WdfPdoRemoveEjectionRelationsPhysicalDevice, PFN_WDFPDOREMOVEEJECTIONRELATIONSPHYSICALDEVICE, VOID,
           PDEVICE_OBJECT Unused __attribute__((unused)));
PDO_METHOD(WdfPdoClearEjectionRelationsDevices, PFN_WDFPDOCLEAREJECTIONRELATIONSDEVICES, VOID);

/* ---- an FDO's children ---------------------------------------------------------------------------------------------
 */

WDFCHILDLIST NTAPI kmdf_WdfFdoGetDefaultChildList(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Fdo)
{
    wdf_general_device(DriverGlobals, Fdo, "WdfFdoGetDefaultChildList");
    wdf_missing_function(DriverGlobals, WdfFdoGetDefaultChildListTableIndex);
}
WDF_EXPORT(WdfFdoGetDefaultChildList, PFN_WDFFDOGETDEFAULTCHILDLIST);

NTSTATUS NTAPI kmdf_WdfFdoAddStaticChild(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Fdo, WDFDEVICE Child)
{
    wdf_general_device(DriverGlobals, Fdo, "WdfFdoAddStaticChild");
    refuse(DriverGlobals, Child, "WdfFdoAddStaticChild");
}
WDF_EXPORT(WdfFdoAddStaticChild, PFN_WDFFDOADDSTATICCHILD);

VOID NTAPI kmdf_WdfFdoLockStaticChildListForIteration(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Fdo)
{
    wdf_general_device(DriverGlobals, Fdo, "WdfFdoLockStaticChildListForIteration");
    wdf_missing_function(DriverGlobals, WdfFdoLockStaticChildListForIterationTableIndex);
}
WDF_EXPORT(WdfFdoLockStaticChildListForIteration, PFN_WDFFDOLOCKSTATICCHILDLISTFORITERATION);

WDFDEVICE NTAPI kmdf_WdfFdoRetrieveNextStaticChild(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Fdo,
                                                   WDFDEVICE PreviousChild, ULONG Flags)
{
    UNREFERENCED_PARAMETER(PreviousChild);
    UNREFERENCED_PARAMETER(Flags);
    wdf_general_device(DriverGlobals, Fdo, "WdfFdoRetrieveNextStaticChild");
    wdf_missing_function(DriverGlobals, WdfFdoRetrieveNextStaticChildTableIndex);
}
WDF_EXPORT(WdfFdoRetrieveNextStaticChild, PFN_WDFFDORETRIEVENEXTSTATICCHILD);

VOID NTAPI kmdf_WdfFdoUnlockStaticChildListFromIteration(PWDF_DRIVER_GLOBALS DriverGlobals, WDFDEVICE Fdo)
{
    wdf_general_device(DriverGlobals, Fdo, "WdfFdoUnlockStaticChildListFromIteration");
    wdf_missing_function(DriverGlobals, WdfFdoUnlockStaticChildListFromIterationTableIndex);
}
WDF_EXPORT(WdfFdoUnlockStaticChildListFromIteration, PFN_WDFFDOUNLOCKSTATICCHILDLISTFROMITERATION);

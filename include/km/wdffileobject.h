/*
 * Framework file objects: one for each open of a device whose driver asked for them. "Framework File Objects"
 */
#ifndef _WDFFILEOBJECT_H_
#define _WDFFILEOBJECT_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

/* "_WDF_FILE_INFORMATION_CLASS enumeration": the values of FILE_INFORMATION_CLASS. */
typedef enum _WDF_FILE_INFORMATION_CLASS {
    WdfFileInformationDirectory = 1,
    WdfFileInformationFullDirectory = 2,
    WdfFileInformationBothDirectory = 3,
    WdfFileInformationBasic = 4,
    WdfFileInformationStandard = 5,
    WdfFileInformationInternal = 6,
    WdfFileInformationEa = 7,
    WdfFileInformationAccess = 8,
    WdfFileInformationName = 9,
    WdfFileInformationRename = 10,
    WdfFileInformationLink = 11,
    WdfFileInformationNames = 12,
    WdfFileInformationDisposition = 13,
    WdfFileInformationPosition = 14,
    WdfFileInformationFullEa = 15,
    WdfFileInformationMode = 16,
    WdfFileInformationAlignment = 17,
    WdfFileInformationAll = 18,
    WdfFileInformationAllocation = 19,
    WdfFileInformationEndOfFile = 20,
    WdfFileInformationAlternateName = 21,
    WdfFileInformationStream = 22,
    WdfFileInformationPipe = 23,
    WdfFileInformationPipeLocal = 24,
    WdfFileInformationPipeRemote = 25,
    WdfFileInformationMailslotQuery = 26,
    WdfFileInformationMailslotSet = 27,
    WdfFileInformationCompression = 28,
    WdfFileInformationObjectId = 29,
    WdfFileInformationCompletion = 30,
    WdfFileInformationMoveCluster = 31,
    WdfFileInformationQuota = 32,
    WdfFileInformationReparsePoint = 33,
    WdfFileInformationNetworkOpen = 34,
    WdfFileInformationAttributeTag = 35,
    WdfFileInformationTracking = 36,
    WdfFileInformationIdBothDirectory = 37,
    WdfFileInformationIdFullDirectory = 38,
    WdfFileInformationValidDataLength = 39,
    WdfFileInformationShortName = 40,
    WdfFileInformationIoCompletionNotification = 41,
    WdfFileInformationIoStatusBlockRange = 42,
    WdfFileInformationIoPriorityHint = 43,
    WdfFileInformationSfioReserve = 44,
    WdfFileInformationSfioVolume = 45,
    WdfFileInformationHardLink = 46,
    WdfFileInformationProcessIdsUsingFile = 47,
    WdfFileInformationNormalizedName = 48,
    WdfFileInformationNetworkPhysicalName = 49,
    WdfFileInformationIdGlobalTxDirectory = 50,
    WdfFileInformationIsRemoteDevice = 51,
    WdfFileInformationAttributeCache = 52,
    WdfFileInformationMaximum,
} WDF_FILE_INFORMATION_CLASS,
    *PWDF_FILE_INFORMATION_CLASS;

/* "WdfFileObjectGetFileName function" */
typedef PUNICODE_STRING(NTAPI *PFN_WDFFILEOBJECTGETFILENAME)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFFILEOBJECT FileObject);
NDISKIT_INLINE PUNICODE_STRING WdfFileObjectGetFileName(_In_ WDFFILEOBJECT FileObject)
{
    return ((PFN_WDFFILEOBJECTGETFILENAME)WdfFunctions[WdfFileObjectGetFileNameTableIndex])(WdfDriverGlobals,
                                                                                            FileObject);
}

/* "WdfFileObjectGetFlags function" */
typedef ULONG(NTAPI *PFN_WDFFILEOBJECTGETFLAGS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFFILEOBJECT FileObject);
NDISKIT_INLINE ULONG WdfFileObjectGetFlags(_In_ WDFFILEOBJECT FileObject)
{
    return ((PFN_WDFFILEOBJECTGETFLAGS)WdfFunctions[WdfFileObjectGetFlagsTableIndex])(WdfDriverGlobals, FileObject);
}

/* "WdfFileObjectGetDevice function" */
typedef WDFDEVICE(NTAPI *PFN_WDFFILEOBJECTGETDEVICE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                     _In_ WDFFILEOBJECT FileObject);
NDISKIT_INLINE WDFDEVICE WdfFileObjectGetDevice(_In_ WDFFILEOBJECT FileObject)
{
    return ((PFN_WDFFILEOBJECTGETDEVICE)WdfFunctions[WdfFileObjectGetDeviceTableIndex])(WdfDriverGlobals, FileObject);
}

#if KMDF_VERSION_MINOR >= 21
/* "WdfFileObjectGetInitiatorProcessId function" */
typedef ULONG(NTAPI *PFN_WDFFILEOBJECTGETINITIATORPROCESSID)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                             _In_ WDFFILEOBJECT FileObject);
NDISKIT_INLINE ULONG WdfFileObjectGetInitiatorProcessId(_In_ WDFFILEOBJECT FileObject)
{
    return ((PFN_WDFFILEOBJECTGETINITIATORPROCESSID)WdfFunctions[WdfFileObjectGetInitiatorProcessIdTableIndex])(
        WdfDriverGlobals, FileObject);
}
#endif

/* "WdfFileObjectWdmGetFileObject function" */
typedef PFILE_OBJECT(NTAPI *PFN_WDFFILEOBJECTWDMGETFILEOBJECT)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFFILEOBJECT FileObject);
NDISKIT_INLINE PFILE_OBJECT WdfFileObjectWdmGetFileObject(_In_ WDFFILEOBJECT FileObject)
{
    return ((PFN_WDFFILEOBJECTWDMGETFILEOBJECT)WdfFunctions[WdfFileObjectWdmGetFileObjectTableIndex])(WdfDriverGlobals,
                                                                                                      FileObject);
}

NDISKIT_EXTERN_C_END

#endif

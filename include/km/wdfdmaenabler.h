/*
 * DMA enablers: what a device's direct memory access can do, and the callbacks around its power changes. Like all of
 * the framework's DMA here, declarations: see wdfcommonbuffer.h.
 */
#ifndef _WDFDMAENABLER_H_
#define _WDFDMAENABLER_H_

#include <wdfobject.h>

NDISKIT_EXTERN_C_BEGIN

typedef enum _WDF_DMA_PROFILE {
    WdfDmaProfileInvalid = 0,
    WdfDmaProfilePacket,
    WdfDmaProfileScatterGather,
    WdfDmaProfilePacket64,
    WdfDmaProfileScatterGather64,
    WdfDmaProfileScatterGatherDuplex,
    WdfDmaProfileScatterGather64Duplex,
    WdfDmaProfileSystem,
    WdfDmaProfileSystemDuplex
} WDF_DMA_PROFILE;

typedef enum _WDF_DMA_DIRECTION {
    WdfDmaDirectionReadFromDevice = FALSE,
    WdfDmaDirectionWriteToDevice = TRUE
} WDF_DMA_DIRECTION;

typedef enum _WDF_DMA_ENABLER_CONFIG_FLAGS {
    WDF_DMA_ENABLER_CONFIG_NO_SGLIST_PREALLOCATION = 0x00000001,
    WDF_DMA_ENABLER_CONFIG_REQUIRE_SINGLE_TRANSFER = 0x00000002
} WDF_DMA_ENABLER_CONFIG_FLAGS;

#define WDF_DMA_ENABLER_UNLIMITED_FRAGMENTS ((ULONG)-1)

typedef NTSTATUS NTAPI EVT_WDF_DMA_ENABLER_FILL(_In_ WDFDMAENABLER DmaEnabler);
typedef EVT_WDF_DMA_ENABLER_FILL *PFN_WDF_DMA_ENABLER_FILL;

typedef NTSTATUS NTAPI EVT_WDF_DMA_ENABLER_FLUSH(_In_ WDFDMAENABLER DmaEnabler);
typedef EVT_WDF_DMA_ENABLER_FLUSH *PFN_WDF_DMA_ENABLER_FLUSH;

typedef NTSTATUS NTAPI EVT_WDF_DMA_ENABLER_ENABLE(_In_ WDFDMAENABLER DmaEnabler);
typedef EVT_WDF_DMA_ENABLER_ENABLE *PFN_WDF_DMA_ENABLER_ENABLE;

typedef NTSTATUS NTAPI EVT_WDF_DMA_ENABLER_DISABLE(_In_ WDFDMAENABLER DmaEnabler);
typedef EVT_WDF_DMA_ENABLER_DISABLE *PFN_WDF_DMA_ENABLER_DISABLE;

typedef NTSTATUS NTAPI EVT_WDF_DMA_ENABLER_SELFMANAGED_IO_START(_In_ WDFDMAENABLER DmaEnabler);
typedef EVT_WDF_DMA_ENABLER_SELFMANAGED_IO_START *PFN_WDF_DMA_ENABLER_SELFMANAGED_IO_START;

typedef NTSTATUS NTAPI EVT_WDF_DMA_ENABLER_SELFMANAGED_IO_STOP(_In_ WDFDMAENABLER DmaEnabler);
typedef EVT_WDF_DMA_ENABLER_SELFMANAGED_IO_STOP *PFN_WDF_DMA_ENABLER_SELFMANAGED_IO_STOP;

typedef struct _WDF_DMA_ENABLER_CONFIG {
    ULONG Size;
    WDF_DMA_PROFILE Profile;
    size_t MaximumLength; /* bytes of one transfer */
    PFN_WDF_DMA_ENABLER_FILL EvtDmaEnablerFill;
    PFN_WDF_DMA_ENABLER_FLUSH EvtDmaEnablerFlush;
    PFN_WDF_DMA_ENABLER_DISABLE EvtDmaEnablerDisable;
    PFN_WDF_DMA_ENABLER_ENABLE EvtDmaEnablerEnable;
    PFN_WDF_DMA_ENABLER_SELFMANAGED_IO_START EvtDmaEnablerSelfManagedIoStart;
    PFN_WDF_DMA_ENABLER_SELFMANAGED_IO_STOP EvtDmaEnablerSelfManagedIoStop;
#if KMDF_VERSION_MINOR >= 11
    ULONG AddressWidthOverride;  /* bits; 0: the profile's */
    ULONG WdmDmaVersionOverride; /* 0: the framework chooses */
    ULONG Flags;                 /* WDF_DMA_ENABLER_CONFIG_FLAGS */
#endif
} WDF_DMA_ENABLER_CONFIG, *PWDF_DMA_ENABLER_CONFIG;

NDISKIT_INLINE VOID WDF_DMA_ENABLER_CONFIG_INIT(_Out_ PWDF_DMA_ENABLER_CONFIG Config, _In_ WDF_DMA_PROFILE Profile,
                                                _In_ size_t MaximumLength)
{
    RtlZeroMemory(Config, sizeof(*Config));
    Config->Size = sizeof(*Config);
    Config->Profile = Profile;
    Config->MaximumLength = MaximumLength;
}

typedef struct _WDF_DMA_SYSTEM_PROFILE_CONFIG {
    ULONG Size;
    BOOLEAN DemandMode;
    BOOLEAN LoopedTransfer;
    DMA_WIDTH DmaWidth;
    PHYSICAL_ADDRESS DeviceAddress;
    PCM_PARTIAL_RESOURCE_DESCRIPTOR DmaDescriptor;
} WDF_DMA_SYSTEM_PROFILE_CONFIG, *PWDF_DMA_SYSTEM_PROFILE_CONFIG;

NDISKIT_INLINE VOID WDF_DMA_SYSTEM_PROFILE_CONFIG_INIT(_Out_ PWDF_DMA_SYSTEM_PROFILE_CONFIG DmaConfig,
                                                       _In_ PHYSICAL_ADDRESS Address, _In_ DMA_WIDTH DmaWidth,
                                                       _In_ PCM_PARTIAL_RESOURCE_DESCRIPTOR DmaDescriptor)
{
    RtlZeroMemory(DmaConfig, sizeof(*DmaConfig));
    DmaConfig->Size = sizeof(*DmaConfig);
    DmaConfig->DeviceAddress = Address;
    DmaConfig->DmaWidth = DmaWidth;
    DmaConfig->DmaDescriptor = DmaDescriptor;
}

/* At PASSIVE_LEVEL. */
typedef NTSTATUS(NTAPI *PFN_WDFDMAENABLERCREATE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals, _In_ WDFDEVICE Device,
                                                 _In_ PWDF_DMA_ENABLER_CONFIG Config,
                                                 _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                                 _Out_ WDFDMAENABLER *DmaEnablerHandle);

NDISKIT_INLINE NTSTATUS WdfDmaEnablerCreate(_In_ WDFDEVICE Device, _In_ PWDF_DMA_ENABLER_CONFIG Config,
                                            _In_opt_ PWDF_OBJECT_ATTRIBUTES Attributes,
                                            _Out_ WDFDMAENABLER *DmaEnablerHandle)
{
    return ((PFN_WDFDMAENABLERCREATE)WdfFunctions[WdfDmaEnablerCreateTableIndex])(WdfDriverGlobals, Device, Config,
                                                                                  Attributes, DmaEnablerHandle);
}

/* At PASSIVE_LEVEL. */
typedef NTSTATUS(NTAPI *PFN_WDFDMAENABLERCONFIGURESYSTEMPROFILE)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                 _In_ WDFDMAENABLER DmaEnabler,
                                                                 _In_ PWDF_DMA_SYSTEM_PROFILE_CONFIG ProfileConfig,
                                                                 _In_ WDF_DMA_DIRECTION ConfigDirection);

NDISKIT_INLINE NTSTATUS WdfDmaEnablerConfigureSystemProfile(_In_ WDFDMAENABLER DmaEnabler,
                                                            _In_ PWDF_DMA_SYSTEM_PROFILE_CONFIG ProfileConfig,
                                                            _In_ WDF_DMA_DIRECTION ConfigDirection)
{
    return ((PFN_WDFDMAENABLERCONFIGURESYSTEMPROFILE)WdfFunctions[WdfDmaEnablerConfigureSystemProfileTableIndex])(
        WdfDriverGlobals, DmaEnabler, ProfileConfig, ConfigDirection);
}

typedef size_t(NTAPI *PFN_WDFDMAENABLERGETMAXIMUMLENGTH)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                         _In_ WDFDMAENABLER DmaEnabler);

NDISKIT_INLINE size_t WdfDmaEnablerGetMaximumLength(_In_ WDFDMAENABLER DmaEnabler)
{
    return ((PFN_WDFDMAENABLERGETMAXIMUMLENGTH)WdfFunctions[WdfDmaEnablerGetMaximumLengthTableIndex])(WdfDriverGlobals,
                                                                                                      DmaEnabler);
}

typedef size_t(NTAPI *PFN_WDFDMAENABLERGETMAXIMUMSCATTERGATHERELEMENTS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                        _In_ WDFDMAENABLER DmaEnabler);

NDISKIT_INLINE size_t WdfDmaEnablerGetMaximumScatterGatherElements(_In_ WDFDMAENABLER DmaEnabler)
{
    return ((PFN_WDFDMAENABLERGETMAXIMUMSCATTERGATHERELEMENTS)
                WdfFunctions[WdfDmaEnablerGetMaximumScatterGatherElementsTableIndex])(WdfDriverGlobals, DmaEnabler);
}

typedef VOID(NTAPI *PFN_WDFDMAENABLERSETMAXIMUMSCATTERGATHERELEMENTS)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                                      _In_ WDFDMAENABLER DmaEnabler,
                                                                      _In_ size_t MaximumFragments);

NDISKIT_INLINE VOID WdfDmaEnablerSetMaximumScatterGatherElements(_In_ WDFDMAENABLER DmaEnabler,
                                                                 _In_ size_t MaximumFragments)
{
    ((PFN_WDFDMAENABLERSETMAXIMUMSCATTERGATHERELEMENTS)
         WdfFunctions[WdfDmaEnablerSetMaximumScatterGatherElementsTableIndex])(WdfDriverGlobals, DmaEnabler,
                                                                               MaximumFragments);
}

typedef size_t(NTAPI *PFN_WDFDMAENABLERGETFRAGMENTLENGTH)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                          _In_ WDFDMAENABLER DmaEnabler,
                                                          _In_ WDF_DMA_DIRECTION DmaDirection);

NDISKIT_INLINE size_t WdfDmaEnablerGetFragmentLength(_In_ WDFDMAENABLER DmaEnabler, _In_ WDF_DMA_DIRECTION DmaDirection)
{
    return ((PFN_WDFDMAENABLERGETFRAGMENTLENGTH)WdfFunctions[WdfDmaEnablerGetFragmentLengthTableIndex])(
        WdfDriverGlobals, DmaEnabler, DmaDirection);
}

typedef PDMA_ADAPTER(NTAPI *PFN_WDFDMAENABLERWDMGETDMAADAPTER)(_In_ PWDF_DRIVER_GLOBALS DriverGlobals,
                                                               _In_ WDFDMAENABLER DmaEnabler,
                                                               _In_ WDF_DMA_DIRECTION DmaDirection);

NDISKIT_INLINE PDMA_ADAPTER WdfDmaEnablerWdmGetDmaAdapter(_In_ WDFDMAENABLER DmaEnabler,
                                                          _In_ WDF_DMA_DIRECTION DmaDirection)
{
    return ((PFN_WDFDMAENABLERWDMGETDMAADAPTER)WdfFunctions[WdfDmaEnablerWdmGetDmaAdapterTableIndex])(
        WdfDriverGlobals, DmaEnabler, DmaDirection);
}

NDISKIT_EXTERN_C_END

#endif

/*
 * Structures of the framework that have grown, as a driver for KMDF 1.9 sees them. The framework tells which one it was
 * given by the Size member. The pages of the structures name the version of each later member.
 */
#define KMDF_VERSION_MINOR 9
#include <ntddk.h>
#include <wdf.h>

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)

SIZE(WDF_INTERRUPT_CONFIG, 56);
SIZE(WDF_DMA_ENABLER_CONFIG, 64);
SIZE(WDF_DEVICE_POWER_POLICY_IDLE_SETTINGS, 28);
SIZE(WDF_PNPPOWER_EVENT_CALLBACKS, 136);
SIZE(WDF_IO_QUEUE_CONFIG, 88);
SIZE(WDF_PDO_EVENT_CALLBACKS, 56);
SIZE(WDF_TIMER_CONFIG, 32);
_Static_assert(WdfFunctionTableNumEntries == 396, "");

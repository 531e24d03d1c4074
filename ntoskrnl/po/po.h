/*
 * The power manager: system power IRPs to every device node for sleep and resume, device power IRPs on behalf of power
 * policy owners (PoRequestPowerIrp), and notification of system power settings.
 *
 * Public pages: "Power Management for Windows Drivers", "Rules for Handling Power IRPs", "Sending IRP_MN_QUERY_POWER or
 * IRP_MN_SET_POWER for System Power States".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wdm.h>

void po_initialize(void);
void po_shutdown(void);

/* The whole machine to sleep: IRP_MN_QUERY_POWER(STATE) to every started node, children first; when one refuses, the
 * others get SET_POWER(PowerSystemWorking), VETO names it and its status is returned. Then IRP_MN_SET_POWER(STATE).
 * STATE is PowerSystemSleeping1..3, PowerSystemHibernate or PowerSystemShutdown. PASSIVE_LEVEL, not on the PnP thread.
 */
NTSTATUS po_system_sleep(SYSTEM_POWER_STATE state, char *veto, size_t veto_size);
/* IRP_MN_SET_POWER(PowerSystemWorking), parents first. Returns when every S0 IRP is complete; device D0 IRPs may
 * still run (see po_wait_idle). */
NTSTATUS po_system_resume(void);
/* Waits until no power IRP is outstanding. False on timeout (-1 = forever). */
bool po_wait_idle(LONGLONG timeout_100ns);
SYSTEM_POWER_STATE po_system_state(void);
/* The state that PoSetPowerState last recorded for a device object (PowerDeviceUnspecified before). */
DEVICE_POWER_STATE po_device_state(PDEVICE_OBJECT device);
/* Mains or battery: calls the GUID_ACDC_POWER_SOURCE callbacks. */
void po_set_power_source(bool on_battery);

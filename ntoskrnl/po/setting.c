/*
 * Power settings: a driver that registers for one is told its value at once, and again whenever it changes, at
 * PASSIVE_LEVEL on a system thread. ndiskit has two: where the power comes from, and that the display is on.
 *
 * Public pages: "PoRegisterPowerSettingCallback", "Power Setting GUIDs".
 */
#include "ntoskrnl/arch/export.h"
#include "ntoskrnl/po/po_internal.h"

static const GUID acdc_power_source = {0x5d3e9a59, 0xe9d5, 0x4b00, {0xa6, 0xbd, 0xff, 0x34, 0xff, 0x51, 0x65, 0x48}};
static const GUID console_display_state = {
    0x6fe69556, 0x704a, 0x47a0, {0x8f, 0x24, 0xc2, 0x8d, 0x93, 0x6f, 0xda, 0x47}};

struct setting {
    LIST_ENTRY link;
    LONG references;
    bool dead;
    GUID guid;
    PPOWER_SETTING_CALLBACK callback;
    PVOID context;
    PDEVICE_OBJECT device;
    FAST_MUTEX busy;
};

static void release(struct setting *setting)
{
    if (InterlockedDecrement(&setting->references) != 0)
        return;
    if (setting->device != NULL)
        ObDereferenceObject(setting->device);
    ExFreePoolWithTag(setting, PO_TAG);
}

static void tell(void *context)
{
    struct setting *setting = context;
    ULONG value = IsEqualGUID(&setting->guid, &acdc_power_source) ? po_block.on_battery : 1 /* display on */;

    ExAcquireFastMutexUnsafe(&setting->busy);
    if (!setting->dead)
        setting->callback(&setting->guid, &value, sizeof(value), setting->context);
    ExReleaseFastMutexUnsafe(&setting->busy);
    release(setting);
}

static void tell_later(struct setting *setting)
{
    InterlockedIncrement(&setting->references);
    if (!pnp_call_later(tell, setting))
        release(setting);
}

NTSTATUS NTAPI PoRegisterPowerSettingCallback(PDEVICE_OBJECT DeviceObject, LPCGUID SettingGuid,
                                              PPOWER_SETTING_CALLBACK Callback, PVOID Context, PVOID *Handle)
{
    struct setting *setting;

    if (Callback == NULL || SettingGuid == NULL)
        return STATUS_INVALID_PARAMETER;
    setting = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*setting), PO_TAG);
    if (setting == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    setting->references = 1;
    setting->guid = *SettingGuid;
    setting->callback = Callback;
    setting->context = Context;
    setting->device = DeviceObject;
    if (DeviceObject != NULL)
        ObReferenceObject(DeviceObject);
    ExInitializeFastMutex(&setting->busy);
    ExAcquireFastMutex(&po_block.settings_lock);
    InsertTailList(&po_block.settings, &setting->link);
    ExReleaseFastMutex(&po_block.settings_lock);
    if (Handle != NULL)
        *Handle = setting;
    if (IsEqualGUID(SettingGuid, &acdc_power_source) || IsEqualGUID(SettingGuid, &console_display_state))
        tell_later(setting);
    return STATUS_SUCCESS;
}
NT_EXPORT(PoRegisterPowerSettingCallback);

NTSTATUS NTAPI PoUnregisterPowerSettingCallback(PVOID Handle)
{
    struct setting *setting = Handle;

    if (setting == NULL)
        return STATUS_INVALID_PARAMETER;
    ExAcquireFastMutex(&po_block.settings_lock);
    RemoveEntryList(&setting->link);
    ExReleaseFastMutex(&po_block.settings_lock);
    ExAcquireFastMutexUnsafe(&setting->busy); /* a callback in progress ends first */
    setting->dead = true;
    ExReleaseFastMutexUnsafe(&setting->busy);
    release(setting);
    return STATUS_SUCCESS;
}
NT_EXPORT(PoUnregisterPowerSettingCallback);

void po_set_power_source(bool on_battery)
{
    po_block.on_battery = on_battery;
    ExAcquireFastMutex(&po_block.settings_lock);
    for (PLIST_ENTRY entry = po_block.settings.Flink; entry != &po_block.settings; entry = entry->Flink) {
        struct setting *setting = CONTAINING_RECORD(entry, struct setting, link);

        if (IsEqualGUID(&setting->guid, &acdc_power_source))
            tell_later(setting);
    }
    ExReleaseFastMutex(&po_block.settings_lock);
}

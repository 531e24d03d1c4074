/*
 * Network adapters, for the API.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "system/system.h"
#include "ndis/ndis.h"

static void fill(const struct ndis_adapter_info *adapter, struct ndiskit_adapter_info *info)
{
    memset(info, 0, sizeof(*info));
    memcpy(info->name, adapter->name, sizeof(adapter->name));
    memcpy(info->friendly, adapter->friendly, sizeof(adapter->friendly));
    memcpy(info->instance_path, adapter->instance_path, sizeof(adapter->instance_path));
    snprintf(info->state, sizeof(info->state), "%s", ndis_adapter_state_name(adapter->state));
    memcpy(info->mac, adapter->mac, sizeof(info->mac));
    info->connected = adapter->connected;
    info->transmit_bits_per_second = adapter->transmit_speed;
    info->receive_bits_per_second = adapter->receive_speed;
    info->mtu = adapter->mtu;
    info->ndis_major = adapter->ndis_major;
    info->ndis_minor = adapter->ndis_minor;
}

#define LOOK_AGAIN_MS 50 /* how late it is noticed that the device waited for is gone */

int ndiskit_wait_adapter(struct ndiskit_device *device, bool link, unsigned deadline_ms,
                         struct ndiskit_adapter_info *adapter, struct ndiskit_error *error)
{
    struct ndis_adapter_info info;
    unsigned left = deadline_ms;
    bool known;

    for (;;) {
        unsigned slice = left < LOOK_AGAIN_MS ? left : LOOK_AGAIN_MS;
        /* A device that was removed, or whose driver failed, will not have an adapter: its problem is the answer. */
        int status = device ? ndiskit_wait_started(device, deadline_ms, error) : 0;
        PDEVICE_OBJECT pdo = device ? system_function(device) : NULL;

        if (status != 0)
            return status;
        if (device != NULL && pdo == NULL)
            return system_fail(error, STATUS_NO_SUCH_DEVICE, "%s has been removed", device->spec);
        if (ndis_wait_adapter(pdo, NDIS_ADAPTER_RUNNING, link, system_timeout(slice), &info))
            break;
        if (deadline_ms != NDISKIT_FOREVER)
            left -= slice;
        if (left != 0)
            continue;
        known = pdo ? ndis_find_adapter(pdo, &info) : ndis_get_adapters(&info, 1) != 0;
        return system_fail(error, STATUS_IO_TIMEOUT, "no adapter%s%s was running%s after %u ms (%s)",
                           device ? " of " : "", device ? device->spec : "", link ? " with its link up" : "",
                           deadline_ms, known ? ndis_adapter_state_name(info.state) : "there is none");
    }
    if (adapter != NULL)
        fill(&info, adapter);
    return 0;
}

size_t ndiskit_adapters(struct ndiskit_adapter_info *adapters, size_t max)
{
    struct ndis_adapter_info *list = calloc(max ? max : 1, sizeof(*list));
    size_t count;

    if (list == NULL)
        return 0;
    count = ndis_get_adapters(list, max);
    for (size_t i = 0; i < count && i < max; i++)
        fill(&list[i], &adapters[i]);
    free(list);
    return count;
}

int ndiskit_adapter_statistics(struct ndiskit_device *device, struct ndiskit_statistics *statistics,
                               struct ndiskit_error *error)
{
    PDEVICE_OBJECT pdo = system_function(device);
    NDIS_STATISTICS_INFO info = {0};
    size_t written = 0;
    NDIS_STATUS status;

    if (pdo == NULL)
        return system_fail(error, STATUS_NO_SUCH_DEVICE, "%s is not plugged in (any more)", device->spec);
    status = ndis_query(pdo, OID_GEN_STATISTICS, &info, sizeof(info), &written);
    if (status != NDIS_STATUS_SUCCESS)
        return system_fail(error, (NTSTATUS)status, "OID_GEN_STATISTICS of %s failed with status 0x%08x", device->spec,
                           (unsigned)status);
    *statistics = (struct ndiskit_statistics){
        .in_frames = info.ifHCInUcastPkts + info.ifHCInMulticastPkts + info.ifHCInBroadcastPkts,
        .in_bytes = info.ifHCInOctets,
        .in_errors = info.ifInErrors,
        .in_discards = info.ifInDiscards,
        .out_frames = info.ifHCOutUcastPkts + info.ifHCOutMulticastPkts + info.ifHCOutBroadcastPkts,
        .out_bytes = info.ifHCOutOctets,
        .out_errors = info.ifOutErrors,
        .out_discards = info.ifOutDiscards,
    };
    return 0;
}

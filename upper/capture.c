/*
 * Packet capture: an NDIS lightweight filter driver ("NDIS Filter Drivers" in the driver documentation) that writes
 * each frame passing over an adapter, in both directions, into a pcap file with libpcap, and changes nothing. It is a
 * modifying filter only by its place: everything goes on at once, and handlers that it does not need are left out, so
 * that NDIS bypasses it for them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ndis.h>
#include <pcap/pcap.h>

#include "ntoskrnl/ke/ke.h"
#include "upper/upper.h"

#define CAPTURE_TAG     'cUkN'
#define SNAPSHOT_LENGTH 65536

struct capture_module {
    NDIS_HANDLE handle;
};

static struct {
    NDIS_HANDLE driver;
    DRIVER_OBJECT driver_object;
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    char path[512];
    struct ke_lock lock; /* the file */
} capture;

/* ---- writing
 * ---------------------------------------------------------------------------------------------------------- */

/* Frames of a chain, before they go on. Frames in several MDLs are gathered. */
static void write_chain(NET_BUFFER_LIST *chain)
{
    static UCHAR storage[SNAPSHOT_LENGTH]; /* under the lock */
    LONGLONG now = ke_system_time() - 116444736000000000LL;
    struct pcap_pkthdr header = {.ts = {.tv_sec = now / 10000000, .tv_usec = now % 10000000 / 10}};

    ke_lock(&capture.lock);
    for (; chain != NULL; chain = NET_BUFFER_LIST_NEXT_NBL(chain)) {
        for (NET_BUFFER *nb = NET_BUFFER_LIST_FIRST_NB(chain); nb != NULL; nb = NET_BUFFER_NEXT_NB(nb)) {
            header.len = NET_BUFFER_DATA_LENGTH(nb);
            header.caplen = header.len < SNAPSHOT_LENGTH ? header.len : SNAPSHOT_LENGTH;
            const UCHAR *data = NdisGetDataBuffer(nb, header.caplen, storage, 1, 0);
            if (data != NULL && capture.dumper != NULL)
                pcap_dump((u_char *)capture.dumper, &header, data);
        }
    }
    ke_unlock(&capture.lock);
}

/* ---- filter driver
 * ------------------------------------------------------------------------------------------------------ */

static NDIS_STATUS NTAPI attach(NDIS_HANDLE filter_handle, NDIS_HANDLE driver_context,
                                PNDIS_FILTER_ATTACH_PARAMETERS parameters)
{
    NDIS_FILTER_ATTRIBUTES attributes = {.Header = {.Type = NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES,
                                                    .Revision = NDIS_FILTER_ATTRIBUTES_REVISION_1,
                                                    .Size = NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1}};

    UNREFERENCED_PARAMETER(driver_context);
    if (parameters->MiniportMediaType != NdisMedium802_3)
        return NDIS_STATUS_INVALID_PARAMETER;
    struct capture_module *module = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*module), CAPTURE_TAG);
    if (module == NULL)
        return NDIS_STATUS_RESOURCES;
    module->handle = filter_handle;
    NDIS_STATUS status = NdisFSetAttributes(filter_handle, module, &attributes);
    if (status != NDIS_STATUS_SUCCESS)
        ExFreePoolWithTag(module, CAPTURE_TAG);
    return status;
}

static VOID NTAPI detach(NDIS_HANDLE context)
{
    ExFreePoolWithTag(context, CAPTURE_TAG);
}

static NDIS_STATUS NTAPI restart(NDIS_HANDLE context, PNDIS_FILTER_RESTART_PARAMETERS parameters)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(parameters);
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS NTAPI pause(NDIS_HANDLE context, PNDIS_FILTER_PAUSE_PARAMETERS parameters)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(parameters);
    return NDIS_STATUS_SUCCESS;
}

static VOID NTAPI send_lists(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags)
{
    write_chain(chain);
    NdisFSendNetBufferLists(((struct capture_module *)context)->handle, chain, port, flags);
}

static VOID NTAPI send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags)
{
    NdisFSendNetBufferListsComplete(((struct capture_module *)context)->handle, chain, flags);
}

static VOID NTAPI receive_lists(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count,
                                ULONG flags)
{
    write_chain(chain);
    NdisFIndicateReceiveNetBufferLists(((struct capture_module *)context)->handle, chain, port, count, flags);
}

static VOID NTAPI return_lists(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags)
{
    NdisFReturnNetBufferLists(((struct capture_module *)context)->handle, chain, flags);
}

static NDIS_STATUS register_filter(void)
{
    NDIS_FILTER_DRIVER_CHARACTERISTICS characteristics = {
        .Header = {.Type = NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
                   .Revision = NDIS_FILTER_CHARACTERISTICS_REVISION_2,
                   .Size = NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_2},
        .MajorNdisVersion = 6,
        .MinorNdisVersion = 30,
        .MajorDriverVersion = 1,
        .FriendlyName = NDIS_STRING_CONST("ndiskit packet capture"),
        .UniqueName = NDIS_STRING_CONST("{7d5f1ad0-6f4e-4f4b-9a35-6e6469736b69}"),
        .ServiceName = NDIS_STRING_CONST("ndiskit_capture"),
        .AttachHandler = attach,
        .DetachHandler = detach,
        .RestartHandler = restart,
        .PauseHandler = pause,
        .SendNetBufferListsHandler = send_lists,
        .SendNetBufferListsCompleteHandler = send_complete,
        .ReceiveNetBufferListsHandler = receive_lists,
        .ReturnNetBufferListsHandler = return_lists,
    };
    return NdisFRegisterFilterDriver(&capture.driver_object, NULL, &characteristics, &capture.driver);
}

/* ---- start and stop
 * ------------------------------------------------------------------------------------------------------ */

static bool close_file(char *error, size_t error_size)
{
    bool ok = true;

    if (capture.dumper != NULL) {
        ok = pcap_dump_flush(capture.dumper) == 0 && ferror(pcap_dump_file(capture.dumper)) == 0;
        if (!ok)
            snprintf(error, error_size, "The capture %s is not complete: %s.", capture.path, strerror(errno));
        pcap_dump_close(capture.dumper);
    }
    if (capture.pcap != NULL)
        pcap_close(capture.pcap);
    capture.dumper = NULL;
    capture.pcap = NULL;
    return ok;
}

bool upper_capture_start(const char *path, char *error, size_t error_size)
{
    snprintf(capture.path, sizeof(capture.path), "%s", path);
    capture.pcap = pcap_open_dead(DLT_EN10MB, SNAPSHOT_LENGTH);
    if (capture.pcap != NULL)
        capture.dumper = pcap_dump_open(capture.pcap, path);
    if (capture.dumper == NULL) {
        snprintf(error, error_size, "The capture file %s cannot be written: %s.", path,
                 capture.pcap != NULL ? pcap_geterr(capture.pcap) : "out of memory");
        close_file(NULL, 0);
        return false;
    }
    NDIS_STATUS status = register_filter();
    if (status == NDIS_STATUS_SUCCESS)
        return true;
    snprintf(error, error_size, "The capture cannot register as an NDIS filter (status 0x%08X).", (unsigned)status);
    close_file(NULL, 0);
    return false;
}

bool upper_capture_stop(char *error, size_t error_size)
{
    if (capture.driver == NULL)
        return true;
    NdisFDeregisterFilterDriver(capture.driver);
    capture.driver = NULL;
    return close_file(error, error_size);
}

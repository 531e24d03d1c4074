/*
 * Capture of USB traffic in the format of Linux's usbmon (LINKTYPE_USB_LINUX_MMAPPED), which tshark dissects down to
 * the class. Each transfer gives a record when it is submitted and one when it completes, data with the direction's
 * own.
 */
#include "usb/stack.h"
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

bool usb_capture_on;

static struct {
    struct ke_lock lock;
    pcap_t *handle;
    pcap_dumper_t *dumper;
    ULONG last_id;
} capture;

/* The header in front of each record, as Linux's usbmon documentation lays it out. */
struct usbmon_packet {
    uint64_t id;
    uint8_t type; /* S, C */
    uint8_t transfer_type;
    uint8_t endpoint;
    uint8_t device;
    uint16_t bus;
    int8_t flag_setup; /* 0: setup holds a packet */
    int8_t flag_data;  /* 0: data follows; '<' or '>': none here */
    int64_t seconds;
    int32_t microseconds;
    int32_t status;
    uint32_t length; /* of the transfer's data */
    uint32_t captured;
    uint8_t setup[8];
    int32_t interval;
    int32_t start_frame;
    uint32_t transfer_flags;
    uint32_t descriptors;
};
_Static_assert(sizeof(struct usbmon_packet) == 64, "usbmon header");

enum { CAPTURE_SNAP = 262144 };

NTSTATUS usb_capture_start(const char *path, char *error, size_t error_size)
{
    usb_capture_stop();
    pcap_t *handle = pcap_open_dead(DLT_USB_LINUX_MMAPPED, CAPTURE_SNAP);
    pcap_dumper_t *dumper = handle != NULL ? pcap_dump_open(handle, path) : NULL;
    if (dumper == NULL) {
        snprintf(error, error_size, "cannot write the USB capture \"%s\": %s", path,
                 handle != NULL ? pcap_geterr(handle) : "out of memory");
        if (handle != NULL)
            pcap_close(handle);
        return STATUS_OBJECT_PATH_INVALID;
    }
    ke_lock(&capture.lock);
    capture.handle = handle;
    capture.dumper = dumper;
    ke_unlock(&capture.lock);
    usb_capture_on = true;
    return STATUS_SUCCESS;
}

void usb_capture_stop(void)
{
    usb_capture_on = false;
    ke_lock(&capture.lock);
    if (capture.dumper != NULL) {
        pcap_dump_close(capture.dumper);
        pcap_close(capture.handle);
    }
    capture.dumper = NULL;
    capture.handle = NULL;
    ke_unlock(&capture.lock);
}

/* The errno values that usbmon shows for these outcomes. */
static int linux_status(USBD_STATUS status)
{
    switch (status) {
    case USBD_STATUS_SUCCESS:
        return 0;
    case USBD_STATUS_STALL_PID:
        return -32; /* EPIPE */
    case USBD_STATUS_CANCELED:
        return -2; /* ENOENT */
    case USBD_STATUS_DEVICE_GONE:
        return -108; /* ESHUTDOWN */
    case USBD_STATUS_BABBLE_DETECTED:
        return -75; /* EOVERFLOW */
    case USBD_STATUS_TIMEOUT:
        return -110; /* ETIMEDOUT */
    default:
        return -71; /* EPROTO */
    }
}

static size_t copy_data(const struct usb_transfer *t, ULONG length, UCHAR *out, size_t room)
{
    size_t size = 0;
    if (t->buffer != NULL) {
        size = min(length, room);
        memcpy(out, t->buffer, size);
        return size;
    }
    for (ULONG i = 0; i < t->segment_count && size < length && size < room; i++) {
        size_t part = min(t->segments[i].length, min(length, room) - size);
        memcpy(out + size, t->segments[i].data, part);
        size += part;
    }
    return size;
}

static void write_record(struct usb_device *device, struct usb_transfer *t, bool is_submit)
{
    static const UCHAR types[] = {
        [USB_TRANSFER_CONTROL] = 2,           [USB_TRANSFER_BULK] = 3,          [USB_TRANSFER_INTERRUPT] = 1,
        [USB_TRANSFER_SET_CONFIGURATION] = 2, [USB_TRANSFER_SET_INTERFACE] = 2, [USB_TRANSFER_CLEAR_HALT] = 2};
    static UCHAR record[CAPTURE_SNAP];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    ULONG length = is_submit ? t->length : t->actual;
    bool has_data = is_submit ? !t->is_in : t->is_in;
    size_t captured = has_data ? copy_data(t, length, record + sizeof(struct usbmon_packet),
                                           sizeof(record) - sizeof(struct usbmon_packet))
                               : 0;
    bool is_control = types[t->kind] == 2;
    struct usbmon_packet packet = {
        .id = t->capture_id,
        .type = is_submit ? 'S' : 'C',
        .transfer_type = types[t->kind],
        .endpoint = (UCHAR)(t->endpoint | (t->is_in ? 0x80 : 0)),
        .device = (UCHAR)device->port,
        .bus = 1,
        .flag_setup = is_submit && is_control ? 0 : '-',
        .flag_data = (int8_t)(captured != 0 ? 0
                              : t->is_in    ? '<'
                                            : '>'),
        .seconds = now.tv_sec,
        .microseconds = (int32_t)(now.tv_nsec / 1000),
        .status = is_submit ? -115 /* EINPROGRESS */ : linux_status(t->status),
        .length = length,
        .captured = (uint32_t)captured,
    };
    if (is_submit && is_control)
        memcpy(packet.setup, t->setup, sizeof(packet.setup));
    memcpy(record, &packet, sizeof(packet));
    struct pcap_pkthdr header = {.ts = {now.tv_sec, now.tv_nsec / 1000},
                                 .caplen = (bpf_u_int32)(sizeof(packet) + captured),
                                 .len = (bpf_u_int32)(sizeof(packet) + (has_data ? length : 0))};
    pcap_dump((u_char *)capture.dumper, &header, record);
}

void usb_capture_submit(struct usb_device *device, struct usb_transfer *transfer)
{
    ke_lock(&capture.lock);
    if (capture.dumper != NULL) {
        transfer->capture_id = ++capture.last_id;
        write_record(device, transfer, true);
    }
    ke_unlock(&capture.lock);
}

void usb_capture_complete(struct usb_device *device, struct usb_transfer *transfer)
{
    ke_lock(&capture.lock);
    if (capture.dumper != NULL && transfer->capture_id != 0)
        write_record(device, transfer, false);
    ke_unlock(&capture.lock);
}

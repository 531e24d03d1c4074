/*
 * The control channel of the simulated Remote NDIS device: messages of the host come by SEND_ENCAPSULATED_COMMAND, and
 * answers wait, announced by RESPONSE_AVAILABLE, until GET_ENCAPSULATED_RESPONSE fetches them. A message that is not
 * right, or not allowed at this moment, stalls its request, and the reason is kept for tests.
 */
#include "gadget/device.h"
#include <ntddndis.h>
#include <ndis/oids.h>
#include <string.h>

enum {
    INITIALIZE = 2,
    HALT = 3,
    QUERY = 4,
    SET = 5,
    RESET = 6,
    INDICATE_STATUS = 7,
    KEEPALIVE = 8,
    OFFSET_BASE = 8,
    REQUEST_HEADER = 28,
    MEDIUM_802_3 = 0,
    CONNECTIONLESS = 1,
    BITS_PER_SPEED_UNIT = 100,
};

#define COMPLETION             0x80000000u
#define STATUS_OK              0u
#define STATUS_REFUSED         0xC0000001u
#define STATUS_UNKNOWN_OID     0xC00000BBu
#define STATUS_LINK_CONNECT    0x4001000Bu
#define STATUS_LINK_DISCONNECT 0x4001000Cu
#define STATUS_NOTHING_SPECIAL 0x40010099u

static ULONG get32(const UCHAR *p)
{
    ULONG v;
    memcpy(&v, p, sizeof(v));
    return v;
}

/* ---- answers ------------------------------------------------------------------------------------------------------
 */

/* A message of COUNT fields, behind type and length, and INFORMATION behind those; it is announced to the host. */
static void respond(struct gadget *g, ULONG type, const ULONG *fields, ULONG count, const void *information, ULONG size)
{
    static const UCHAR available[8] = {1, 0, 0, 0, 0, 0, 0, 0};
    if (g->response_count == RNDIS_MAX_RESPONSES)
        return; /* a host that does not fetch loses answers */
    unsigned slot = (g->response_first + g->response_count++) % RNDIS_MAX_RESPONSES;
    ULONG length = 8 + 4 * count + size;
    UCHAR *out = g->responses[slot];
    memcpy(out, &type, 4);
    memcpy(out + 4, &length, 4);
    memcpy(out + 8, fields, 4 * count);
    if (size != 0)
        memcpy(out + 8 + 4 * count, information, size);
    g->response_length[slot] = length;
    if (g->options.rndis_fault != GADGET_RNDIS_NO_NOTIFICATION)
        gadget_notify(g, available, sizeof(available));
}

static void indicate(struct gadget *g, ULONG status)
{
    respond(g, INDICATE_STATUS, (const ULONG[]){status, 0, 0}, 3, NULL, 0);
}

static void keep_alive(struct gadget *g)
{
    respond(g, KEEPALIVE, &g->rndis_next_id, 1, NULL, 0);
    g->rndis_next_id++;
}

/* A completion: the request id and the status come first. */
static void complete(struct gadget *g, ULONG type, ULONG id, const ULONG *fields, ULONG count, const void *information,
                     ULONG size)
{
    ULONG all[16] = {id};
    memcpy(all + 1, fields, 4 * count);
    if (g->options.rndis_fault == GADGET_RNDIS_NO_ANSWER)
        return;
    if (g->options.rndis_fault == GADGET_RNDIS_WRONG_REQUEST_ID)
        all[0] += 1000;
    if (g->options.rndis_fault == GADGET_RNDIS_CHATTER) {
        keep_alive(g);
        indicate(g, STATUS_NOTHING_SPECIAL);
    }
    respond(g, type | COMPLETION, all, count + 1, information, size);
}

/* What the fault options do to an answer on its way out; returns its length. */
static ULONG spoil_answer(const struct gadget *g, UCHAR *answer, ULONG length)
{
    ULONG beyond = 0x10000;
    switch (g->options.rndis_fault) {
    case GADGET_RNDIS_ANSWER_SHORT:
        return length / 2;
    case GADGET_RNDIS_ANSWER_LENGTH:
        length += 100;
        memcpy(answer + 4, &length, 4);
        return length - 100;
    case GADGET_RNDIS_QUERY_OFFSET:
        if (get32(answer) == (QUERY | COMPLETION))
            memcpy(answer + 20, &beyond, 4);
        return length;
    case GADGET_RNDIS_QUERY_EMPTY:
        if (get32(answer) == (QUERY | COMPLETION))
            memset(answer + 16, 0, 8);
        return length;
    default:
        return length;
    }
}

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

static void initialize(struct gadget *g, ULONG id, ULONG max_transfer)
{
    enum gadget_rndis_fault fault = g->options.rndis_fault;
    ULONG fields[] = {fault == GADGET_RNDIS_FAILS_INITIALIZE ? STATUS_REFUSED : STATUS_OK,
                      1, /* version 1.0 */
                      0,
                      CONNECTIONLESS,
                      fault == GADGET_RNDIS_MEDIUM ? 7 : MEDIUM_802_3,
                      RNDIS_MAX_PACKETS,
                      fault == GADGET_RNDIS_TRANSFER_TINY ? 100 : g->options.ntb_out_size,
                      fault == GADGET_RNDIS_ALIGNMENT_HUGE ? 31 : RNDIS_ALIGNMENT_FACTOR,
                      0,
                      0};
    g->facts.rndis_initialized = fault != GADGET_RNDIS_FAILS_INITIALIZE;
    g->input_size = min(max_transfer, g->options.ntb_in_size);
    complete(g, INITIALIZE, id, fields, RTL_NUMBER_OF(fields), NULL, 0);
}

static const NDIS_OID supported_oids[] = {
    OID_GEN_SUPPORTED_LIST,       OID_GEN_HARDWARE_STATUS,       OID_GEN_MEDIA_SUPPORTED,
    OID_GEN_MEDIA_IN_USE,         OID_GEN_MAXIMUM_FRAME_SIZE,    OID_GEN_LINK_SPEED,
    OID_GEN_TRANSMIT_BLOCK_SIZE,  OID_GEN_RECEIVE_BLOCK_SIZE,    OID_GEN_VENDOR_ID,
    OID_GEN_VENDOR_DESCRIPTION,   OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_MAXIMUM_TOTAL_SIZE,
    OID_GEN_MEDIA_CONNECT_STATUS, OID_802_3_PERMANENT_ADDRESS,   OID_802_3_CURRENT_ADDRESS,
    OID_802_3_MULTICAST_LIST,     OID_802_3_MAXIMUM_LIST_SIZE,
};

static bool query_number(const struct gadget *g, NDIS_OID oid, ULONG *value)
{
    switch (oid) {
    case OID_GEN_HARDWARE_STATUS:
    case OID_GEN_MEDIA_SUPPORTED:
    case OID_GEN_MEDIA_IN_USE:
        *value = 0; /* ready; 802.3 */
        return true;
    case OID_GEN_MAXIMUM_FRAME_SIZE:
        *value = g->options.max_segment - 14u;
        return true;
    case OID_GEN_LINK_SPEED:
        *value = (ULONG)min(g->options.bit_rate / BITS_PER_SPEED_UNIT, 0xFFFFFFFFu);
        return true;
    case OID_GEN_TRANSMIT_BLOCK_SIZE:
    case OID_GEN_RECEIVE_BLOCK_SIZE:
    case OID_GEN_MAXIMUM_TOTAL_SIZE:
        *value = g->options.max_segment;
        return true;
    case OID_GEN_VENDOR_ID:
        *value = (ULONG)g->mac[0] << 16 | (ULONG)g->mac[1] << 8 | g->mac[2];
        return true;
    case OID_GEN_MEDIA_CONNECT_STATUS:
        *value = !g->link_up;
        return true;
    case OID_802_3_MAXIMUM_LIST_SIZE:
        *value = g->options.multicast_filters;
        return true;
    default:
        return false;
    }
}

static void query(struct gadget *g, ULONG id, NDIS_OID oid)
{
    static const char vendor[] = "ndiskit";
    const void *information = NULL;
    ULONG value, size = 0;
    if (query_number(g, oid, &value)) {
        information = &value;
        size = sizeof(value);
    } else if (oid == OID_802_3_PERMANENT_ADDRESS || oid == OID_802_3_CURRENT_ADDRESS) {
        information = g->mac;
        size = sizeof(g->mac);
    } else if (oid == OID_GEN_SUPPORTED_LIST) {
        information = supported_oids;
        size = sizeof(supported_oids);
    } else if (oid == OID_GEN_VENDOR_DESCRIPTION) {
        information = vendor;
        size = sizeof(vendor);
    }
    ULONG fields[] = {size != 0 ? STATUS_OK : STATUS_UNKNOWN_OID, size, size != 0 ? 16 : 0};
    complete(g, QUERY, id, fields, RTL_NUMBER_OF(fields), information, size);
}

/* The bits of an NDIS packet filter as those of CDC, by which frames are chosen. */
static USHORT cdc_filter(ULONG filter)
{
    return (USHORT)((filter & NDIS_PACKET_TYPE_PROMISCUOUS ? NCM_FILTER_PROMISCUOUS : 0) |
                    (filter & NDIS_PACKET_TYPE_ALL_MULTICAST ? NCM_FILTER_ALL_MULTICAST : 0) |
                    (filter & NDIS_PACKET_TYPE_DIRECTED ? NCM_FILTER_DIRECTED : 0) |
                    (filter & NDIS_PACKET_TYPE_BROADCAST ? NCM_FILTER_BROADCAST : 0) |
                    (filter & NDIS_PACKET_TYPE_MULTICAST ? NCM_FILTER_MULTICAST : 0));
}

static ULONG set(struct gadget *g, NDIS_OID oid, const UCHAR *information, ULONG size)
{
    switch (oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
        if (size != 4)
            return STATUS_REFUSED;
        g->packet_filter = cdc_filter(get32(information));
        /* A filter that is not zero is what starts the data channel. */
        g->is_started = g->packet_filter != 0;
        return STATUS_OK;
    case OID_802_3_MULTICAST_LIST:
        if (size % 6 != 0 || size / 6 > g->options.multicast_filters)
            return STATUS_REFUSED;
        g->multicast_count = (USHORT)(size / 6);
        memcpy(g->multicast, information, size);
        return STATUS_OK;
    default:
        return STATUS_UNKNOWN_OID;
    }
}

void rndis_reset(struct gadget *g)
{
    g->response_count = 0;
    g->facts.rndis_initialized = false;
    if (g->options.device_class == GADGET_RNDIS)
        g->packet_filter = 0;
}

static void forget_addressing(struct gadget *g)
{
    g->packet_filter = 0;
    g->multicast_count = 0;
    g->is_started = false;
}

/* ---- the channel --------------------------------------------------------------------------------------------------
 */

/* The reason why a message cannot be taken, or NULL. */
static const char *check_command(const struct gadget *g, const UCHAR *m, ULONG size)
{
    static const ULONG lengths[] = {[INITIALIZE] = 24,      [HALT] = 12,  [QUERY] = REQUEST_HEADER,
                                    [SET] = REQUEST_HEADER, [RESET] = 12, [KEEPALIVE] = 12};
    if (size < 12 || get32(m + 4) != size)
        return "MessageLength is not the length of the transfer";
    ULONG type = get32(m);
    if (type == (KEEPALIVE | COMPLETION))
        return size == 16 ? NULL : "wrong length of a KEEPALIVE_CMPLT";
    if (type >= RTL_NUMBER_OF(lengths) || lengths[type] == 0)
        return "no message that a host sends here";
    if (size < lengths[type])
        return "the message is too short";
    if (type != INITIALIZE && !g->facts.rndis_initialized)
        return "the device is not initialized";
    if (type == INITIALIZE && get32(m + 12) != 1)
        return "unknown version";
    if (type == QUERY || type == SET) {
        ULONG length = get32(m + 16), offset = get32(m + 20), room = size - OFFSET_BASE;
        if (length != 0 && (offset < REQUEST_HEADER - OFFSET_BASE || offset > room || length > room - offset))
            return "the information is not inside the message";
    }
    return NULL;
}

static void take_command(struct gadget *g, const UCHAR *m)
{
    ULONG id = get32(m + 8), status;
    g->facts.rndis_commands++;
    switch (get32(m)) {
    case INITIALIZE:
        initialize(g, id, get32(m + 20));
        break;
    case HALT:
        g->facts.rndis_initialized = false;
        g->response_count = 0;
        forget_addressing(g);
        break;
    case QUERY:
        query(g, id, get32(m + 12));
        break;
    case SET:
        status = set(g, get32(m + 12), m + OFFSET_BASE + get32(m + 20), get32(m + 16));
        complete(g, SET, id, &status, 1, NULL, 0);
        break;
    case RESET:
        forget_addressing(g);
        respond(g, RESET | COMPLETION, (const ULONG[]){STATUS_OK, 1}, 2, NULL, 0);
        break;
    case KEEPALIVE:
        g->facts.rndis_keep_alives++;
        status = STATUS_OK;
        complete(g, KEEPALIVE, id, &status, 1, NULL, 0);
        break;
    default:
        g->facts.rndis_kept_alive++;
        break;
    }
}

static USBD_STATUS send_command(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    const char *why = check_command(g, t->buffer, t->length);
    if (why != NULL)
        return gadget_stall(g, setup, why);
    take_command(g, t->buffer);
    t->actual = t->length;
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS get_response(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    static UCHAR nothing[1];
    UCHAR *answer = nothing;
    ULONG length = 1;
    if (g->response_count != 0) {
        answer = g->responses[g->response_first];
        length = spoil_answer(g, answer, g->response_length[g->response_first]);
        g->response_first = (g->response_first + 1) % RNDIS_MAX_RESPONSES;
        g->response_count--;
    } else if (g->options.rndis_fault == GADGET_RNDIS_STALLS_WHEN_EMPTY) {
        return gadget_stall(g, setup, "there is no message");
    }
    t->actual = length < t->length ? length : t->length;
    memcpy(t->buffer, answer, t->actual);
    return USBD_STATUS_SUCCESS;
}

USBD_STATUS rndis_control(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    if (t->length == 0)
        return gadget_stall(g, setup, "no room for a message");
    return setup->bRequest == RNDIS_SEND_COMMAND ? send_command(g, t, setup) : get_response(g, t, setup);
}

void rndis_indicate_link(struct gadget *g)
{
    if (g->facts.rndis_initialized)
        indicate(g, g->link_up ? STATUS_LINK_CONNECT : STATUS_LINK_DISCONNECT);
}

void gadget_rndis_keep_alive(struct usb_backend *gadget)
{
    struct gadget *g = gadget_from_backend(gadget);
    struct done_chain done;
    KIRQL irql;
    done_initialize(&done);
    KeAcquireSpinLock(&g->lock, &irql);
    if (g->facts.rndis_initialized)
        keep_alive(g);
    gadget_notify_pump(g, &done);
    KeReleaseSpinLock(&g->lock, irql);
    usb_complete(gadget, done.first);
}

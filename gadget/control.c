/*
 * Requests on the simulated device's default pipe: the standard ones of USB 2.0, chapter 9, and the class requests of
 * NCM 1.0, section 6.2, some of which are ECM's too. A request that the specification does not allow, in its fields or
 * at this moment, is stalled, and the reason is kept for tests.
 */
#include "gadget/device.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void gadget_error(struct gadget *gadget, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(gadget->facts.last_error, sizeof(gadget->facts.last_error), format, arguments);
    va_end(arguments);
}

UCHAR ncm_capabilities(const struct gadget *g)
{
    return (UCHAR)((g->options.no_packet_filter ? 0 : NCM_CAP_PACKET_FILTER) |
                   (g->options.no_net_address ? 0 : NCM_CAP_NET_ADDRESS) |
                   (g->options.no_max_datagram_size ? 0 : NCM_CAP_MAX_DATAGRAM) |
                   (g->options.no_crc_mode ? 0 : NCM_CAP_CRC_MODE) |
                   (g->options.no_input_size_8 ? 0 : NCM_CAP_INPUT_SIZE_8));
}

USBD_STATUS gadget_stall(struct gadget *g, const USB_DEFAULT_PIPE_SETUP_PACKET *setup, const char *why)
{
    g->facts.stalls++;
    gadget_error(g, "request %02X/%02X value %04X index %04X length %u: %s", setup->bmRequestType.B, setup->bRequest,
                 setup->wValue.W, setup->wIndex.W, setup->wLength, why);
    return USBD_STATUS_STALL_PID;
}

/* Answers an IN request with the part of DATA that was asked for. */
static USBD_STATUS answer(struct usb_transfer *t, const void *data, ULONG size)
{
    t->actual = size < t->length ? size : t->length;
    if (t->actual != 0)
        memcpy(t->buffer, data, t->actual);
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS accept_data(struct usb_transfer *t)
{
    t->actual = t->length;
    return USBD_STATUS_SUCCESS;
}

/* ---- standard requests --------------------------------------------------------------------------------------------
 */

static USBD_STATUS get_descriptor(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    UCHAR out[NCM_MAX_DESCRIPTOR];
    ULONG size = 0;
    switch (setup->wValue.HiByte) {
    case USB_DEVICE_DESCRIPTOR_TYPE:
        size = gadget_device_descriptor(g, out);
        break;
    case USB_CONFIGURATION_DESCRIPTOR_TYPE:
        size = setup->wValue.LowByte == 0 ? gadget_configuration_descriptor(g, out) : 0;
        break;
    case USB_STRING_DESCRIPTOR_TYPE:
        size = gadget_string_descriptor(g, setup->wValue.LowByte, out);
        break;
    case USB_BOS_DESCRIPTOR_TYPE:
        size = gadget_bos_descriptor(g, out);
        break;
    default:
        break;
    }
    return size != 0 ? answer(t, out, size) : gadget_stall(g, setup, "no such descriptor");
}

static bool *halt_of(struct gadget *g, USHORT endpoint)
{
    switch (endpoint) {
    case NCM_ENDPOINT_IN:
        return &g->halted_in;
    case NCM_ENDPOINT_OUT:
        return &g->halted_out;
    case NCM_ENDPOINT_NOTIFY:
        return &g->halted_notify;
    default:
        return NULL;
    }
}

static USBD_STATUS get_status(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    USHORT status = 0;
    switch (setup->bmRequestType.s.Recipient) {
    case BMREQUEST_TO_DEVICE:
        status = USB_GETSTATUS_SELF_POWERED | (g->remote_wakeup ? USB_GETSTATUS_REMOTE_WAKEUP_ENABLED : 0);
        break;
    case BMREQUEST_TO_INTERFACE:
        if (setup->wIndex.W > NCM_DATA_INTERFACE)
            return gadget_stall(g, setup, "no such interface");
        break;
    case BMREQUEST_TO_ENDPOINT: {
        bool *halt = halt_of(g, setup->wIndex.W);
        if (halt == NULL && (setup->wIndex.W & 0x7F) != 0)
            return gadget_stall(g, setup, "no such endpoint");
        status = halt != NULL && *halt;
        break;
    }
    default:
        return gadget_stall(g, setup, "no such recipient");
    }
    return answer(t, &status, sizeof(status));
}

static USBD_STATUS set_feature(struct gadget *g, const USB_DEFAULT_PIPE_SETUP_PACKET *setup, bool is_set)
{
    if (setup->bmRequestType.s.Recipient == BMREQUEST_TO_DEVICE && setup->wValue.W == USB_FEATURE_REMOTE_WAKEUP) {
        g->remote_wakeup = is_set;
        return USBD_STATUS_SUCCESS;
    }
    bool *halt = halt_of(g, setup->wIndex.W);
    if (setup->bmRequestType.s.Recipient != BMREQUEST_TO_ENDPOINT || setup->wValue.W != USB_FEATURE_ENDPOINT_STALL ||
        halt == NULL)
        return gadget_stall(g, setup, "no such feature");
    *halt = is_set;
    return USBD_STATUS_SUCCESS;
}

/* Section 7.2: alternate setting 0 brings the network aspects back to their defaults. */
static void reset_function(struct gadget *g)
{
    g->alternate = 0;
    g->is_started = false;
    g->is_32 = g->has_crc = false;
    g->input_size = g->options.device_class == GADGET_ECM ? g->options.max_segment : g->options.ntb_in_size;
    g->input_max_datagrams = 0;
    g->max_datagram = g->options.max_segment;
    g->packet_filter = NCM_FILTER_DIRECTED | NCM_FILTER_BROADCAST | NCM_FILTER_MULTICAST;
    g->multicast_count = 0;
    memcpy(g->mac, g->options.mac, sizeof(g->mac));
    gadget_data_reset(g);
}

static USBD_STATUS set_configuration(struct gadget *g, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    if (setup->wValue.W > 1)
        return gadget_stall(g, setup, "no such configuration");
    g->configuration = setup->wValue.LowByte;
    g->halted_in = g->halted_out = g->halted_notify = false;
    g->notification_count = 0;
    reset_function(g);
    rndis_reset(g);
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS set_interface(struct gadget *g, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    UCHAR setting = setup->wValue.LowByte;
    if (g->configuration == 0)
        return gadget_stall(g, setup, "the device is not configured");
    if (setup->wIndex.W == NCM_COMMUNICATION_INTERFACE && setup->wValue.W == 0) {
        g->halted_notify = false;
        return USBD_STATUS_SUCCESS;
    }
    /* Remote NDIS has no idle setting. */
    if (setup->wIndex.W != NCM_DATA_INTERFACE || setup->wValue.W > (g->options.device_class == GADGET_RNDIS ? 0u : 1u))
        return gadget_stall(g, setup, "no such alternate setting");
    g->halted_in = g->halted_out = false;
    if (g->options.device_class == GADGET_RNDIS)
        return USBD_STATUS_SUCCESS;
    if (setting == 0) {
        reset_function(g);
        return USBD_STATUS_SUCCESS;
    }
    g->alternate = 1;
    g->is_started = true;
    gadget_data_reset(g);
    gadget_notify_link(g);
    return USBD_STATUS_SUCCESS;
}

static USBD_STATUS standard_request(struct gadget *g, struct usb_transfer *t,
                                    const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    UCHAR alternate = setup->wIndex.W == NCM_DATA_INTERFACE ? g->alternate : 0;
    bool is_in = setup->bmRequestType.s.Dir == BMREQUEST_DEVICE_TO_HOST;
    switch (setup->bRequest) {
    case USB_REQUEST_GET_DESCRIPTOR:
        return is_in ? get_descriptor(g, t, setup) : gadget_stall(g, setup, "wrong direction");
    case USB_REQUEST_GET_STATUS:
        return is_in ? get_status(g, t, setup) : gadget_stall(g, setup, "wrong direction");
    case USB_REQUEST_CLEAR_FEATURE:
        return set_feature(g, setup, false);
    case USB_REQUEST_SET_FEATURE:
        return set_feature(g, setup, true);
    case USB_REQUEST_GET_CONFIGURATION:
        return is_in ? answer(t, &g->configuration, 1) : gadget_stall(g, setup, "wrong direction");
    case USB_REQUEST_SET_CONFIGURATION:
        return set_configuration(g, setup);
    case USB_REQUEST_GET_INTERFACE:
        if (!is_in || g->configuration == 0 || setup->wIndex.W > NCM_DATA_INTERFACE)
            return gadget_stall(g, setup, "no such interface");
        return answer(t, &alternate, 1);
    case USB_REQUEST_SET_INTERFACE:
        return set_interface(g, setup);
    default:
        return gadget_stall(g, setup, "unknown standard request");
    }
}

/* ---- class requests -----------------------------------------------------------------------------------------------
 */

static USBD_STATUS get_ntb_parameters(struct gadget *g, struct usb_transfer *t)
{
    const struct gadget_options *o = &g->options;
#pragma pack(push, 1)
    struct {
        USHORT wLength, bmNtbFormatsSupported;
        ULONG dwNtbInMaxSize;
        USHORT wNdpInDivisor, wNdpInPayloadRemainder, wNdpInAlignment, wReserved;
        ULONG dwNtbOutMaxSize;
        USHORT wNdpOutDivisor, wNdpOutPayloadRemainder, wNdpOutAlignment, wNtbOutMaxDatagrams;
    } p = {28, o->no_ntb32 ? 1 : 3, o->ntb_in_size, o->in_divisor,    o->in_remainder,  o->in_alignment,
           0,  o->ntb_out_size,     o->out_divisor, o->out_remainder, o->out_alignment, o->ntb_out_max_datagrams};
#pragma pack(pop)
    return answer(t, &p, sizeof(p));
}

static USBD_STATUS set_input_size(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    ULONG size;
    USHORT datagrams = 0;
    if (setup->wLength != 4 && (setup->wLength != 8 || g->options.no_input_size_8))
        return gadget_stall(g, setup, "wrong length");
    memcpy(&size, t->buffer, sizeof(size));
    if (setup->wLength == 8)
        memcpy(&datagrams, t->buffer + 4, sizeof(datagrams));
    if (size < NTB_MIN_SIZE || size > g->options.ntb_in_size)
        return gadget_stall(g, setup, "dwNtbInMaxSize out of range");
    g->input_size = size;
    g->input_max_datagrams = datagrams;
    return accept_data(t);
}

static USBD_STATUS get_input_size(struct gadget *g, struct usb_transfer *t)
{
    UCHAR out[8] = {0};
    memcpy(out, &g->input_size, 4);
    memcpy(out + 4, &g->input_max_datagrams, 2);
    return answer(t, out, g->options.no_input_size_8 ? 4 : 8);
}

static USBD_STATUS set_multicast(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    USHORT count = setup->wValue.W;
    if (count > (g->options.multicast_filters & 0x7FFF) || setup->wLength != count * 6)
        return gadget_stall(g, setup, "too many multicast filters, or the length does not fit");
    g->multicast_count = count;
    for (USHORT i = 0; i < count; i++)
        memcpy(g->multicast[i], t->buffer + 6 * i, 6);
    return accept_data(t);
}

static USBD_STATUS get_statistic(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    ULONGLONG values[] = {g->facts.frames_in, g->facts.frames_out, 0, g->facts.bad_ntbs, g->facts.dropped};
    USHORT selector = setup->wValue.W;
    if (selector < 1 || selector > RTL_NUMBER_OF(values))
        return gadget_stall(g, setup, "no such statistic");
    ULONG value = (ULONG)values[selector - 1];
    return answer(t, &value, sizeof(value));
}

static USBD_STATUS set_net_address(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    if (setup->wLength != 6 || t->buffer[0] & 1)
        return gadget_stall(g, setup, "no unicast address of six bytes");
    memcpy(g->mac, t->buffer, 6);
    return accept_data(t);
}

static USBD_STATUS set_max_datagram(struct gadget *g, struct usb_transfer *t,
                                    const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    USHORT size;
    if (setup->wLength != 2)
        return gadget_stall(g, setup, "wrong length");
    memcpy(&size, t->buffer, sizeof(size));
    if (size < 64 || size > g->options.max_segment)
        return gadget_stall(g, setup, "wMaxDatagramSize out of range");
    g->max_datagram = size;
    return accept_data(t);
}

/* Commands that the host may send only while the data interface is in alternate setting 0 (6.2). */
static bool needs_setting_0(UCHAR request)
{
    return request == NCM_SET_NET_ADDRESS || request == NCM_SET_NTB_FORMAT || request == NCM_SET_NTB_INPUT_SIZE ||
           request == NCM_SET_MAX_DATAGRAM_SIZE || request == NCM_SET_CRC_MODE;
}

static UCHAR capability_of(UCHAR request)
{
    switch (request) {
    case NCM_SET_PACKET_FILTER:
        return NCM_CAP_PACKET_FILTER;
    case NCM_GET_NET_ADDRESS:
    case NCM_SET_NET_ADDRESS:
        return NCM_CAP_NET_ADDRESS;
    case NCM_GET_MAX_DATAGRAM_SIZE:
    case NCM_SET_MAX_DATAGRAM_SIZE:
        return NCM_CAP_MAX_DATAGRAM;
    case NCM_GET_CRC_MODE:
    case NCM_SET_CRC_MODE:
        return NCM_CAP_CRC_MODE;
    default:
        return 0;
    }
}

static bool is_get(const struct gadget *g, UCHAR request)
{
    if (g->options.device_class == GADGET_RNDIS)
        return request == RNDIS_GET_RESPONSE;
    return request == NCM_GET_STATISTIC || request == NCM_GET_NTB_PARAMETERS || request == NCM_GET_NET_ADDRESS ||
           request == NCM_GET_NTB_FORMAT || request == NCM_GET_NTB_INPUT_SIZE || request == NCM_GET_MAX_DATAGRAM_SIZE ||
           request == NCM_GET_CRC_MODE;
}

static USBD_STATUS do_class_request(struct gadget *g, struct usb_transfer *t,
                                    const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    USHORT value = setup->wValue.W, flag;
    switch (setup->bRequest) {
    case NCM_SET_MULTICAST_FILTERS:
        return set_multicast(g, t, setup);
    case NCM_SET_PACKET_FILTER:
        if (setup->wLength != 0 || value & ~0x1F)
            return gadget_stall(g, setup, "unknown filter bits, or data");
        g->packet_filter = value;
        return USBD_STATUS_SUCCESS;
    case NCM_GET_STATISTIC:
        return get_statistic(g, t, setup);
    case NCM_GET_NTB_PARAMETERS:
        return get_ntb_parameters(g, t);
    case NCM_GET_NET_ADDRESS:
        return answer(t, g->mac, sizeof(g->mac));
    case NCM_SET_NET_ADDRESS:
        return set_net_address(g, t, setup);
    case NCM_GET_NTB_FORMAT:
        flag = g->is_32;
        return answer(t, &flag, sizeof(flag));
    case NCM_SET_NTB_FORMAT:
        if (setup->wLength != 0 || value > (g->options.no_ntb32 ? 0 : 1))
            return gadget_stall(g, setup, "unsupported NTB format");
        g->is_32 = value != 0;
        return USBD_STATUS_SUCCESS;
    case NCM_GET_NTB_INPUT_SIZE:
        return get_input_size(g, t);
    case NCM_SET_NTB_INPUT_SIZE:
        return set_input_size(g, t, setup);
    case NCM_GET_MAX_DATAGRAM_SIZE:
        return answer(t, &g->max_datagram, sizeof(g->max_datagram));
    case NCM_SET_MAX_DATAGRAM_SIZE:
        return set_max_datagram(g, t, setup);
    case NCM_GET_CRC_MODE:
        flag = g->has_crc;
        return answer(t, &flag, sizeof(flag));
    case NCM_SET_CRC_MODE:
        if (setup->wLength != 0 || value > 1)
            return gadget_stall(g, setup, "unknown CRC mode");
        g->has_crc = value != 0;
        return USBD_STATUS_SUCCESS;
    default:
        return gadget_stall(g, setup, "unknown class request");
    }
}

static bool is_of_class(const struct gadget *g, UCHAR request)
{
    switch (g->options.device_class) {
    case GADGET_ECM:
        return request <= NCM_GET_STATISTIC;
    case GADGET_RNDIS:
        return request <= RNDIS_GET_RESPONSE;
    default:
        return true;
    }
}

static USBD_STATUS class_request(struct gadget *g, struct usb_transfer *t, const USB_DEFAULT_PIPE_SETUP_PACKET *setup)
{
    UCHAR request = setup->bRequest, capability = capability_of(request);
    bool is_in = setup->bmRequestType.s.Dir == BMREQUEST_DEVICE_TO_HOST;
    if (setup->bmRequestType.s.Recipient != BMREQUEST_TO_INTERFACE || setup->wIndex.W != NCM_COMMUNICATION_INTERFACE)
        return gadget_stall(g, setup, "class requests go to the communication interface");
    if (g->configuration == 0)
        return gadget_stall(g, setup, "the device is not configured");
    if (g->options.stall_request == (request | 0x100))
        return gadget_stall(g, setup, "asked to stall by the test");
    if (!is_of_class(g, request))
        return gadget_stall(g, setup, "no request of this class");
    if (is_in != is_get(g, request))
        return gadget_stall(g, setup, "wrong direction");
    if (capability != 0 && !(ncm_capabilities(g) & capability))
        return gadget_stall(g, setup, "not among bmNetworkCapabilities");
    if (needs_setting_0(request) && g->alternate != 0)
        return gadget_stall(g, setup, "only allowed in alternate setting 0");
    USBD_STATUS status =
        g->options.device_class == GADGET_RNDIS ? rndis_control(g, t, setup) : do_class_request(g, t, setup);
    if (status == USBD_STATUS_SUCCESS && g->options.short_request == (request | 0x100) && t->actual != 0)
        t->actual--;
    return status;
}

USBD_STATUS gadget_control(struct gadget *g, struct usb_transfer *t)
{
    USB_DEFAULT_PIPE_SETUP_PACKET setup;
    memcpy(&setup, t->setup, sizeof(setup));
    if (setup.wLength != t->length || (setup.wLength != 0 && t->buffer == NULL))
        return gadget_stall(g, &setup, "wLength is not the length of the data stage");
    if (setup.bmRequestType.s.Type == BMREQUEST_STANDARD)
        return standard_request(g, t, &setup);
    if (setup.bmRequestType.s.Type == BMREQUEST_CLASS)
        return class_request(g, t, &setup);
    return gadget_stall(g, &setup, "vendor requests are not known");
}

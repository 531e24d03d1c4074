/*
 * Descriptors of the simulated device: what NCM 1.0 (section 5), ECM 1.2 (section 5) and the sample of the Remote NDIS
 * documentation ask for, by class, speed and options, and the ways in which the fault options make them wrong.
 */
#include "gadget/device.h"
#include <stdio.h>
#include <string.h>

struct writer {
    UCHAR *out;
    ULONG size;
};

#define PUT(writer, ...) put((writer), (const UCHAR[]){__VA_ARGS__}, sizeof((const UCHAR[]){__VA_ARGS__}))
#define U16(v)           (UCHAR)(v), (UCHAR)((v) >> 8)

static void put(struct writer *w, const UCHAR *bytes, size_t count)
{
    memcpy(w->out + w->size, bytes, count);
    w->size += (ULONG)count;
}

enum { STRING_MANUFACTURER = 1, STRING_PRODUCT, STRING_SERIAL, STRING_MAC, STRING_COMMUNICATION, STRING_DATA };

ULONG gadget_device_descriptor(const struct gadget *g, UCHAR *out)
{
    struct writer w = {out, 0};
    bool is_super = g->options.speed == UsbSuperSpeed;
    USHORT usb = is_super ? 0x0300 : 0x0200;
    UCHAR class_code = g->options.use_association ? USB_DEVICE_CLASS_MISCELLANEOUS : USB_DEVICE_CLASS_COMMUNICATIONS;
    PUT(&w, 18, USB_DEVICE_DESCRIPTOR_TYPE, U16(usb), class_code, g->options.use_association ? 2 : 0,
        g->options.use_association ? 1 : 0, is_super ? 9 : 64, U16(g->options.vendor), U16(g->options.product),
        U16(0x0100), STRING_MANUFACTURER, STRING_PRODUCT, STRING_SERIAL, 1);
    switch (g->options.descriptor_fault) {
    case GADGET_DESCRIPTOR_DEVICE_SHORT:
        return 10;
    case GADGET_DESCRIPTOR_DEVICE_TYPE:
        out[1] = USB_STRING_DESCRIPTOR_TYPE;
        break;
    case GADGET_DESCRIPTOR_NO_CONFIGURATION:
        out[17] = 0;
        break;
    default:
        break;
    }
    return w.size;
}

static void put_endpoint(struct writer *w, const struct gadget *g, UCHAR address, UCHAR type, USHORT size,
                         UCHAR interval)
{
    if (g->options.descriptor_fault == GADGET_DESCRIPTOR_PACKET_SIZE_ZERO && type == USB_ENDPOINT_TYPE_BULK)
        size = 0;
    if (g->options.descriptor_fault == GADGET_DESCRIPTOR_ENDPOINT_ZERO && address == NCM_ENDPOINT_OUT)
        address = 0;
    if (g->options.descriptor_fault == GADGET_DESCRIPTOR_ENDPOINT_TWICE && address == NCM_ENDPOINT_OUT)
        address = NCM_ENDPOINT_IN;
    PUT(w, 7, USB_ENDPOINT_DESCRIPTOR_TYPE, address, type, U16(size), interval);
    if (g->options.speed == UsbSuperSpeed) {
        USHORT per_interval = type == USB_ENDPOINT_TYPE_INTERRUPT ? size : 0;
        PUT(w, 6, USB_SUPERSPEED_ENDPOINT_COMPANION_DESCRIPTOR_TYPE, 0, 0, U16(per_interval));
    }
}

static const struct class_facts {
    UCHAR codes[3];             /* class, subclass, protocol of the communication interface */
    UCHAR association_codes[3]; /* of the interface association, and of the interface in one */
    UCHAR data_protocol;
    const char *product, *function;
} classes[] = {
    [GADGET_NCM] = {{USB_DEVICE_CLASS_COMMUNICATIONS, 0x0D, 0},
                    {USB_DEVICE_CLASS_COMMUNICATIONS, 0x0D, 0},
                    1,
                    "Simulated CDC-NCM adapter",
                    "CDC Network Control Model"},
    [GADGET_ECM] = {{USB_DEVICE_CLASS_COMMUNICATIONS, 0x06, 0},
                    {USB_DEVICE_CLASS_COMMUNICATIONS, 0x06, 0},
                    0,
                    "Simulated CDC-ECM adapter",
                    "CDC Ethernet Control Model"},
    /* The Abstract Control Model with a vendor's protocol; in a composite device, the code assigned later. */
    [GADGET_RNDIS] = {{USB_DEVICE_CLASS_COMMUNICATIONS, 0x02, 0xFF},
                      {USB_DEVICE_CLASS_MISCELLANEOUS, 0x04, 0x01},
                      0,
                      "Simulated Remote NDIS adapter",
                      "Remote NDIS"},
};

static const struct class_facts *class_of(const struct gadget *g)
{
    return &classes[g->options.device_class];
}

static const UCHAR *codes_of(const struct gadget *g)
{
    return g->options.use_association ? class_of(g)->association_codes : class_of(g)->codes;
}

static void put_functional(struct writer *w, const struct gadget *g)
{
    enum {
        CS_INTERFACE = 0x24,
        HEADER = 0x00,
        CALL_MANAGEMENT = 0x01,
        ABSTRACT_CONTROL = 0x02,
        UNION = 0x06,
        ETHERNET = 0x0F,
        NCM = 0x1A
    };
    enum gadget_descriptor_fault fault = g->options.descriptor_fault;
    PUT(w, 5, CS_INTERFACE, HEADER, U16(0x0110));
    if (fault == GADGET_DESCRIPTOR_ZERO_LENGTH)
        PUT(w, 0, CS_INTERFACE);
    if (g->options.device_class == GADGET_RNDIS) {
        PUT(w, 5, CS_INTERFACE, CALL_MANAGEMENT, 0, NCM_DATA_INTERFACE);
        PUT(w, 4, CS_INTERFACE, ABSTRACT_CONTROL, 0);
    }
    if (fault != GADGET_DESCRIPTOR_NO_UNION)
        PUT(w, 5, CS_INTERFACE, UNION, NCM_COMMUNICATION_INTERFACE, NCM_DATA_INTERFACE);
    /* XMIT_OK, RCV_OK, XMIT_ERROR, RCV_ERROR, RCV_NO_BUFFER (ECM 1.2, table 3) */
    if (fault != GADGET_DESCRIPTOR_NO_ETHERNET && g->options.device_class != GADGET_RNDIS)
        PUT(w, 13, CS_INTERFACE, ETHERNET, STRING_MAC, 0x1F, 0, 0, 0, U16(g->options.max_segment),
            U16(g->options.multicast_filters), 0);
    if (fault != GADGET_DESCRIPTOR_NO_NCM_FUNCTIONAL && g->options.device_class == GADGET_NCM)
        PUT(w, 6, CS_INTERFACE, NCM, U16(0x0100), ncm_capabilities(g));
}

static ULONG spoil_configuration(const struct gadget *g, UCHAR *out, ULONG size)
{
    USHORT total = (USHORT)size;
    switch (g->options.descriptor_fault) {
    case GADGET_DESCRIPTOR_TOTAL_SHORT:
        total = (USHORT)(size - 4); /* cuts the last descriptor */
        break;
    case GADGET_DESCRIPTOR_TOTAL_LONG:
        total = (USHORT)(size + 32);
        break;
    case GADGET_DESCRIPTOR_TOTAL_TINY:
        total = 4;
        break;
    case GADGET_DESCRIPTOR_OVERRUN: {
        ULONG last = g->options.speed == UsbSuperSpeed ? 6 : 7;
        out[size - last] = 200;
        break;
    }
    case GADGET_DESCRIPTOR_INTERFACE_COUNT:
        out[4] = 5;
        break;
    default:
        break;
    }
    memcpy(out + 2, &total, sizeof(total));
    return size;
}

ULONG gadget_configuration_descriptor(const struct gadget *g, UCHAR *out)
{
    struct writer w = {out, 0};
    enum gadget_descriptor_fault fault = g->options.descriptor_fault;
    bool is_full = g->options.speed == UsbFullSpeed;
    UCHAR data_endpoints = fault == GADGET_DESCRIPTOR_NO_BULK_IN       ? 1
                           : fault == GADGET_DESCRIPTOR_ENDPOINT_COUNT ? 4
                                                                       : 2;
    const UCHAR *codes = codes_of(g);
    UCHAR protocol = class_of(g)->data_protocol;
    bool has_idle_setting = g->options.device_class != GADGET_RNDIS;
    PUT(&w, 9, USB_CONFIGURATION_DESCRIPTOR_TYPE, 0, 0, 2, 1, 0,
        USB_CONFIG_BUS_POWERED | USB_CONFIG_SELF_POWERED | USB_CONFIG_REMOTE_WAKEUP, 50);
    if (g->options.use_association)
        PUT(&w, 8, USB_INTERFACE_ASSOCIATION_DESCRIPTOR_TYPE, NCM_COMMUNICATION_INTERFACE, 2, codes[0], codes[1],
            codes[2], STRING_COMMUNICATION);
    PUT(&w, 9, USB_INTERFACE_DESCRIPTOR_TYPE, NCM_COMMUNICATION_INTERFACE, 0, 1, codes[0], codes[1], codes[2],
        STRING_COMMUNICATION);
    put_functional(&w, g);
    put_endpoint(&w, g, NCM_ENDPOINT_NOTIFY, USB_ENDPOINT_TYPE_INTERRUPT, 16, is_full ? 8 : 7);
    if (has_idle_setting)
        PUT(&w, 9, USB_INTERFACE_DESCRIPTOR_TYPE, NCM_DATA_INTERFACE, 0, 0, USB_DEVICE_CLASS_CDC_DATA, 0, protocol,
            STRING_DATA);
    PUT(&w, 9, USB_INTERFACE_DESCRIPTOR_TYPE, NCM_DATA_INTERFACE, has_idle_setting, data_endpoints,
        USB_DEVICE_CLASS_CDC_DATA, 0, protocol, STRING_DATA);
    if (fault != GADGET_DESCRIPTOR_NO_BULK_IN)
        put_endpoint(&w, g, NCM_ENDPOINT_IN, USB_ENDPOINT_TYPE_BULK, (USHORT)g->max_packet, 0);
    put_endpoint(&w, g, NCM_ENDPOINT_OUT, USB_ENDPOINT_TYPE_BULK, (USHORT)g->max_packet, 0);
    return spoil_configuration(g, out, w.size);
}

static ULONG put_string(UCHAR *out, const char *text)
{
    size_t n = strlen(text);
    out[0] = (UCHAR)(2 + 2 * n);
    out[1] = USB_STRING_DESCRIPTOR_TYPE;
    for (size_t i = 0; i < n; i++) {
        out[2 + 2 * i] = (UCHAR)text[i];
        out[3 + 2 * i] = 0;
    }
    return out[0];
}

ULONG gadget_string_descriptor(const struct gadget *g, UCHAR index, UCHAR *out)
{
    char mac[16];
    const UCHAR *m = g->options.mac;
    switch (index) {
    case 0:
        memcpy(out, (const UCHAR[]){4, USB_STRING_DESCRIPTOR_TYPE, 0x09, 0x04}, 4);
        return 4;
    case STRING_MANUFACTURER:
        return put_string(out, "ndiskit");
    case STRING_PRODUCT:
        return put_string(out, class_of(g)->product);
    case STRING_SERIAL:
        return put_string(out, g->serial);
    case STRING_MAC:
        snprintf(mac, sizeof(mac), "%02X%02X%02X%02X%02X%02X", m[0], m[1], m[2], m[3], m[4], m[5]);
        return put_string(out, g->options.descriptor_fault == GADGET_DESCRIPTOR_BAD_MAC_STRING ? "not a mac" : mac);
    case STRING_COMMUNICATION:
        return put_string(out, class_of(g)->function);
    case STRING_DATA:
        return put_string(out, "CDC Network Data");
    default:
        return 0;
    }
}

ULONG gadget_bos_descriptor(const struct gadget *g, UCHAR *out)
{
    struct writer w = {out, 0};
    if (g->options.speed != UsbSuperSpeed)
        return 0;
    PUT(&w, 5, USB_BOS_DESCRIPTOR_TYPE, U16(22), 2);
    PUT(&w, 7, USB_DEVICE_CAPABILITY_DESCRIPTOR_TYPE, USB_DEVICE_CAPABILITY_USB20_EXTENSION, 2, 0, 0, 0);
    PUT(&w, 10, USB_DEVICE_CAPABILITY_DESCRIPTOR_TYPE, USB_DEVICE_CAPABILITY_SUPERSPEED_USB, 0, U16(0x0E), 1, 10,
        U16(0x07FF));
    return w.size;
}

"""Both captures of a demo pass through tshark without a malformed frame, and hold the traffic that there was; so does the
USB capture of each other class of device."""
import collections
import struct

from e2e import classes, expect, finish, forms, run, scratch

frames, transfers = scratch / "frames.pcap", scratch / "usb.pcap"
demo = run("demo", "--form", forms[0], "--download", 1, "--capture", frames, "--usb-capture", transfers)
expect(demo.status == 0, "the demo holds while it is captured", demo)


def tshark(path, *fields):
    args = ["-n", "-r", path, "-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields", "-E", "occurrence=f"]
    for field in fields:
        args += ["-e", field]
    result = run(*args, command="tshark")
    expect(result.status == 0, f"tshark reads {path.name}", result)
    return [dict(zip(fields, line.split("\t"))) for line in result.out.splitlines()]


packets = tshark(frames, "frame.number", "frame.protocols", "_ws.malformed", "dhcp.option.dhcp", "icmp.type")
bad = [p["frame.number"] for p in packets if p["_ws.malformed"]]
expect(bad == [], f"no malformed frame: {bad[:5]}")
protocols = collections.Counter(name for p in packets for name in set(p["frame.protocols"].split(":")))
for protocol in ("dhcp", "arp", "icmp", "tcp", "http"):
    expect(protocols[protocol] > 0, f"{protocol} was captured: {dict(protocols)}")
kinds = [p["dhcp.option.dhcp"] for p in packets if p["dhcp.option.dhcp"]]
expect(kinds[:4] == ["1", "2", "3", "5"], f"DISCOVER, OFFER, REQUEST, ACK: {kinds}")
echoes = collections.Counter(p["icmp.type"] for p in packets if p["icmp.type"])
expect(echoes["8"] == echoes["0"] == 20, f"20 echo requests and 20 replies: {dict(echoes)}")



def capture_of(device):
    path = scratch / f"{device}.pcap"
    if device != classes[0]:
        result = run("demo", "--form", forms[0], "--device", device, "--download", 1, "--usb-capture", path)
        expect(result.status == 0, f"the demo holds while the {device} device is captured", result)
    return transfers if device == classes[0] else path


def rndis_messages(urbs):
    """tshark shows the bulk transfers of Remote NDIS as bytes: their messages are walked here."""
    for urb in urbs:
        data = bytes.fromhex(urb["usb.capdata"])
        while len(data) > 1:
            kind, length, offset, size = struct.unpack_from("<4I", data)
            expect(kind == 1 and 44 <= length <= len(data), f"transfer {urb['frame.number']} holds packet messages")
            yield data[8 + offset:8 + offset + size]
            data = data[length:]


for device in classes:
    urbs = tshark(capture_of(device), "frame.number", "usb.endpoint_address", "_ws.malformed", "usb.setup.bRequest",
                  "frame.protocols", "usb.capdata")
    bad = [u["frame.number"] for u in urbs if u["_ws.malformed"]]
    expect(bad == [], f"{device}: no malformed transfer: {bad[:5]}")
    endpoints = collections.Counter(u["usb.endpoint_address"] for u in urbs)
    expect(len(endpoints) >= 4, f"{device}: control, notification and bulk endpoints: {dict(endpoints)}")
    expect(sum(1 for u in urbs if u["usb.setup.bRequest"]) > 5, f"{device}: control requests were captured")
    if device == "rndis":
        bulk = [u for u in urbs if u["usb.capdata"] and u["usb.endpoint_address"] in ("0x82", "0x03")]
        types = collections.Counter(message[12:14].hex() for message in rndis_messages(bulk))
        expect(set(types) == {"0800", "0806"}, f"rndis: IPv4 and ARP inside packet messages: {dict(types)}")
    else:
        expect(any("eth" in u["frame.protocols"].split(":") for u in urbs), f"{device}: frames in transfers are dissected")
finish()

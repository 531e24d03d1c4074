"""Both captures of a demo pass through tshark without a malformed frame, and hold the traffic that there was."""
import collections

from e2e import expect, finish, forms, run, scratch

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

urbs = tshark(transfers, "frame.number", "usb.endpoint_address", "_ws.malformed", "usb.setup.bRequest", "frame.protocols")
bad = [u["frame.number"] for u in urbs if u["_ws.malformed"]]
expect(bad == [], f"no malformed transfer: {bad[:5]}")
endpoints = collections.Counter(u["usb.endpoint_address"] for u in urbs)
expect(len(endpoints) >= 4, f"control, notification and bulk endpoints: {dict(endpoints)}")
expect(sum(1 for u in urbs if u["usb.setup.bRequest"]) > 5, "control requests were captured")
expect(any("eth" in u["frame.protocols"].split(":") for u in urbs), "frames inside NTBs are dissected")
finish()

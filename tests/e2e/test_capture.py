"""Both captures of a demo pass through tshark without a malformed frame, and hold the traffic that there was."""
import collections

from e2e import expect, finish, forms, run, scratch

frames, transfers = scratch / "frames.pcap", scratch / "usb.pcap"
demo = run("demo", "--form", forms[0], "--capture", frames, "--usb-capture", transfers)
expect(demo.status == 0, "the demo holds while it is captured", demo)


def tshark(path, *fields, display=None):
    args = ["-n", "-r", path, "-T", "fields"]
    for field in fields:
        args += ["-e", field]
    if display:
        args += ["-Y", display]
    result = run(*args, command="tshark")
    expect(result.status == 0, f"tshark reads {path.name}", result)
    return [line.split("\t") for line in result.out.splitlines()]


for path in (frames, transfers):
    bad = tshark(path, "frame.number", display="_ws.malformed")
    expect(bad == [], f"no malformed frame in {path.name}: {bad[:5]}")

protocols = collections.Counter(p for (row,) in tshark(frames, "frame.protocols") for p in set(row.split(":")))
for protocol in ("dhcp", "arp", "icmp", "tcp", "http"):
    expect(protocols[protocol] > 0, f"{protocol} was captured")
kinds = [row[0] for row in tshark(frames, "dhcp.option.dhcp", display="dhcp")]
expect(kinds[:4] == ["1", "2", "3", "5"], f"DISCOVER, OFFER, REQUEST, ACK: {kinds}")
echoes = collections.Counter(row[0] for row in tshark(frames, "icmp.type", display="icmp"))
expect(echoes["8"] == echoes["0"] == 20, f"20 echo requests and 20 replies: {dict(echoes)}")

endpoints = collections.Counter(row[0] for row in tshark(transfers, "usb.endpoint_address"))
expect(len(endpoints) >= 4, f"control, notification and bulk endpoints: {dict(endpoints)}")
requests = [row[0] for row in tshark(transfers, "usb.setup.bRequest", display="usb.setup.bRequest")]
expect(len(requests) > 5, "control requests were captured")
finish()

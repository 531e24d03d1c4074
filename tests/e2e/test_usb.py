"""Devices that are not simulated in the process itself, through the command: USB/IP on a loopback connection with the
device's leaving and return, the list of devices, and what is said when there is no device."""
import contextlib
import json
import queue
import subprocess
import threading

from e2e import build, expect, finish, forms, ndiskit, package, run

DEADLINE = 60


class Server:
    """The tests' USB/IP server in a process of its own."""

    def __init__(self, *args):
        self.process = subprocess.Popen([build / "tests" / "usbip_server", *args], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.usb = f"usbip:127.0.0.1:{self.port}/1-1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        expect(self.process.wait(DEADLINE) == 0, "the server ends in order")

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()


class Live:
    """A run of ndiskit whose events are looked at while it goes on."""

    def __init__(self, *args):
        self.process = subprocess.Popen([ndiskit, "run", package, "--json", *args], stdout=subprocess.PIPE, text=True)
        self.lines, self.seen = queue.Queue(), []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def wait(self, event):
        with contextlib.suppress(queue.Empty):
            while True:
                self.seen.append(self.lines.get(timeout=DEADLINE))
                if self.seen[-1]["event"] == event:
                    return self.seen[-1]
        return expect(False, f"no event '{event}'; there were {self.seen}")

    def end(self):
        self.process.terminate()
        return self.process.wait(DEADLINE)


def traffic():
    for form in forms:
        with Server("slirp") as server:
            live = Live("--usb", server.usb, "--form", form)
            device = live.wait("device")
            expect(device["hardware_id"].startswith("USB\\VID_1209&PID_0001"), f"the device's ids: {device}")
            expect(live.wait("address")["address"] == "10.0.2.15", "DHCP through USB/IP")
            expect(live.end() == 0, "an orderly end")
            down = live.wait("down")
            expect(down["leaked_blocks"] == 0 and down["leaked_device_objects"] == 0, f"nothing leaked: {down}")


def leaves_and_returns():
    with Server("slirp") as server:
        live = Live("--usb", server.usb + ",reconnect", "--form", forms[0])
        for _ in range(2):
            live.wait("device")
            live.wait("address")
            server.tell("pull")
            reason = live.wait("removed")["reason"]
            expect("the server closed the connection" in reason, f"why the device left: {reason}")
            server.tell("put back")
        live.wait("device")
        live.wait("address")
        expect(live.end() == 0, "an orderly end after the device came back")
        expect(live.wait("down")["leaked_blocks"] == 0, "nothing leaked")


def leaves_for_good():
    with Server("slirp") as server:
        live = Live("--usb", server.usb, "--form", forms[0])
        live.wait("address")
        server.tell("pull")
        live.wait("removed")
        expect(live.end() == 0, "a device that left is no failure")
        expect(live.wait("down")["leaked_blocks"] == 0, "nothing leaked")


def lists():
    with Server("none", "busid=3-1.2") as server:
        host = f"usbip:127.0.0.1:{server.port}"
        result = run("usb", "list", host, "--json")
        expect(result.status == 0, "the list", result)
        (device,) = result.json()
        expect(device["usb"] == host + "/3-1.2" and device["place"] == "3-1.2", "what --usb takes", result)
        expect((device["vendor"], device["product"]) == (0x1209, 1), "ids", result)
        expect([i["name"] for i in device["interfaces"]] == ["CDC NCM", "CDC data"], "interfaces", result)
        result = run("usb", "list", host)
        expect("1209:0001" in result.out and "CDC NCM" in result.out and "480M" in result.out, "the table", result)
        result = run("run", package, "--usb", host + "/9-9", "--for", "0")
        expect(result.status == 1 and "3-1.2 (1209:0001)" in result.err, "a wrong bus id: those that there are", result)
        server.tell("pull")
        result = run("run", package, "--usb", host + "/3-1.2", "--for", "0")
        expect(result.status == 1 and "usbip bind" in result.err, "nothing exported: how to export", result)
    result = run("usb", "list", "--json")
    expect(result.status == 0 and isinstance(result.json(), list) or "/dev/bus/usb" in result.err, "local devices", result)


def failures():
    for usb, message in (("usbip:127.0.0.1:1/1-1", "usbipd -D"), ("usbip:127.0.0.1", "names no device"),
                         ("usbip:::1/1-1", "brackets"), ("usbip:127.0.0.1:1/1-1,colour=red", "reconnect"),
                         ("libusb:1209", "VID:PID"), ("libusb:12g9:1", "VID:PID"),
                         ("libusb:1209:9999", "libusb:1209:9999"), ("libusb:1209:1@x", "BUS-PORT")):
        result = run("run", package, "--usb", usb, "--for", "0")
        expect(result.status == 1 and message in result.err, f"{usb}: says '{message}'", result)
    result = run("usb", "list", "usbip:127.0.0.1:1")
    expect(result.status == 1 and "Connection refused" in result.err, "no server", result)
    for args, message in ((["usb"], "list"), (["usb", "plug"], "list"), (["usb", "list", "host"], "usbip:HOST"),
                          (["usb", "list", "usbip:a", "usbip:b"], "one server"), (["usb", "--bogus"], "not understood")):
        result = run(*args)
        expect(result.status == 2 and message in result.err, f"{args}: says '{message}'", result)
    result = run("usb", "--help")
    expect(result.status == 0 and "Usage:" in result.out, "help", result)


lists()
failures()
traffic()
leaves_and_returns()
leaves_for_good()
finish()

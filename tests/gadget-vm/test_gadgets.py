"""usbnet against devices that nobody here wrote: the Linux kernel's NCM, ECM and RNDIS gadgets and QEMU's usb-net, over
USB/IP out of a virtual machine, with Linux's own stack above the driver through TAP.

    test_gadgets.py BUILD SANITIZER IMAGE DEVICE:DRIVER:WHAT...

WHAT is `all`: DHCP, echo requests of all sizes, 16 MiB by HTTP in each direction, iperf3, the device pulled out in the
middle of a transfer, and plugged in again. Or it is `stack`: DHCP and the device's pings with ndiskit's own stack above
the driver, and what tshark says of the USB capture. It runs in a network namespace of its own."""
import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

if os.environ.get("NDISKIT_TEST_NAMESPACE") is None:
    os.environ["NDISKIT_TEST_NAMESPACE"] = "1"
    flags = "-n" if os.geteuid() == 0 else "-rn"
    os.execvp("unshare", ["unshare", flags, sys.executable, *sys.argv])

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
from e2e import build, expect, finish, ndiskit, run, sanitizer, scratch
from ping import sweep
from vm import Vm

MIB = 1 << 20
TAP = "nk0"
DEADLINE = 60
UPLOAD = bytes(os.urandom(MIB)) * 16
ALL_SIZES = range(1473)
SOME_SIZES = range(0, 1473, 64)
# With a sanitizer, the driver too is in the form that it can look into.
FORM = "elf" if sanitizer else "pe"
DRIVERS = {"wdm": build / "drivers" / "usbnet" / "usbnet.inf",
           "kmdf": build / "drivers" / "usbnet-kmdf" / "usbnet-kmdf.inf"}


class Device:
    """One of the four, as the virtual machine shows it."""

    def __init__(self, vm, name):
        self.vm, self.name = vm, name
        self.is_usb_net = name == "usb-net"
        self.far = "192.168.8.1" if self.is_usb_net else "192.168.7.1"
        self.mac = "02:4b:4e:00:00:03" if self.is_usb_net else "02:4b:4e:00:00:01"
        # QEMU's device has room for one packet.
        self.window = 1 if self.is_usb_net else 32

    def plug(self):
        """Its specification for --usb."""
        if self.is_usb_net:
            return f"usbip:127.0.0.1:{self.vm.ports[3240]}/{self.vm.ask('share')}"
        self.vm.ask("plug", self.name)
        return f"usbip:127.0.0.1:{self.vm.ports[3241]}/usbip-vudc.0"

    def pull(self):
        self.vm.ask("unshare" if self.is_usb_net else "pull")


class Ndiskit:
    """`ndiskit run` and what it says."""

    def __init__(self, package, spec, *options):
        self.events, self.changed = [], threading.Condition()
        self.errors = open(scratch / "ndiskit.err", "w+")
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", ndiskit, "run", package, "--form", FORM, "--json", "--usb",
             f"{spec},reconnect", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            with self.changed:
                self.events.append(json.loads(line))
                self.changed.notify_all()
        with self.changed:
            self.events.append({"event": "end"})
            self.changed.notify_all()

    def said(self):
        self.errors.seek(0)
        return "\n".join(map(json.dumps, self.events)) + "\n" + self.errors.read()

    def wait(self, wanted, what, since=0):
        """Until WANTED is true of an event after the first SINCE ones; their number then."""
        end = time.monotonic() + DEADLINE
        with self.changed:
            while True:
                for i in range(since, len(self.events)):
                    if wanted(self.events[i]):
                        return i + 1
                left = end - time.monotonic()
                over = left <= 0 or (self.events and self.events[-1]["event"] == "end")
                expect(not over, f"{what}; ndiskit said:\n{self.said()}")
                self.changed.wait(left)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.wait(lambda event: event["event"] == "end", "Ctrl-C ends the run")
        status = self.process.wait(DEADLINE)
        expect(status == 0, f"the run ends with success, not {status}:\n{self.said()}")
        down = self.events[-2]
        expect(down["event"] == "down" and down["leaked_bytes"] == 0 and down["leaked_device_objects"] == 0,
               f"nothing leaked:\n{self.said()}")


def is_up(event):
    return event["event"] == "adapter" and event["state"] == "Running" and event["connected"]


def carrier(wanted):
    """Whether the interface gets (or loses) its carrier in time."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        link = json.loads(run("-j", "link", "show", TAP, command="ip").out)[0]
        if ("LOWER_UP" in link["flags"]) == wanted:
            return link
        time.sleep(0.02)
    return None


def take_address(device):
    lease = run("udhcpc", "-i", TAP, "-n", "-q", "-t", "10", "-T", "3", "-s", HERE / "dhcp-script", command="busybox")
    expect(lease.status == 0 and f"from {device.far}" in lease.out, "DHCP gives an address", lease)


def ping(device, sizes):
    unanswered, repeated = sweep(device.far, list(sizes), device.window)
    expect(unanswered == [], f"echo requests of every size are answered, not the one of {unanswered[:1]} bytes")
    return repeated


def get(device, path):
    connection = http.client.HTTPConnection(device.far, timeout=DEADLINE)
    connection.request("GET", path)
    return connection.getresponse()


def download(device):
    data, digest = get(device, "/data").read(), get(device, "/data.sha256").read().decode().strip()
    expect(len(data) == 16 * MIB and hashlib.sha256(data).hexdigest() == digest, "16 MiB come down as they are")


def upload(device):
    connection = http.client.HTTPConnection(device.far, timeout=DEADLINE)
    connection.request("POST", "/cgi-bin/sha256", UPLOAD)
    digest = connection.getresponse().read().decode().strip()
    expect(digest == hashlib.sha256(UPLOAD).hexdigest(), "16 MiB go up as they are")


def iperf(device, *options):
    """Mbit/s. Between two tests the server listens anew, and a client that comes too early is sent away."""
    end = time.monotonic() + DEADLINE
    while True:
        result = run("-J", "-c", device.far, "-t", "1", *options, command="iperf3")
        facts = json.loads(result.out)
        if "error" not in facts or time.monotonic() > end:
            break
        time.sleep(0.1)
    expect("error" not in facts and facts["end"]["sum_received"]["bytes"] > 0, "iperf3 moves data", result)
    return facts["end"]["sum_received"]["bits_per_second"] / 1e6


def begin_download(device):
    answer = get(device, "/data")
    expect(len(answer.read(MIB)) == MIB, "a download begins")
    return answer


def begin_upload(device):
    """What has been taken from us is still on its way when this returns."""
    connection = socket.create_connection((device.far, 80), DEADLINE)
    connection.sendall(f"POST /cgi-bin/sha256 HTTP/1.0\r\nContent-Length: {len(UPLOAD)}\r\n\r\n".encode())
    connection.sendall(UPLOAD[:4 * MIB])
    return connection


def pull_and_plug(device, program, begin):
    """In the middle of a transfer that BEGIN has begun."""
    before = len(program.events)
    with begin(device):
        device.pull()
        program.wait(lambda event: event["event"] == "removed", "the device's removal is noticed", before)
        expect(carrier(False), "the interface loses its carrier")
    expect(program.process.poll() is None, f"ndiskit goes on:\n{program.said()}")
    before = len(program.events)
    device.plug()
    program.wait(is_up, "the link comes up again", before)
    expect(carrier(True), "and the interface's carrier")
    take_address(device)
    ping(device, SOME_SIZES)


def exercise_stack(device, package):
    capture = scratch / f"{device.name}.pcap"
    program = Ndiskit(package, device.plug(), "--upper", "stack", "--usb-capture", capture)
    number = program.wait(lambda event: event["event"] == "address", "the stack gets an address by DHCP")
    lease = program.events[number - 1]
    expect(lease["server"] == device.far, f"from the virtual machine: {lease}")
    expect("3 packets received" in device.vm.ask("ping", lease["address"]), "the stack answers pings")
    program.stop()
    device.pull()
    look = run("-r", capture, "-Y", "_ws.malformed || _ws.expert.severity == error", command="tshark")
    expect(look.status == 0 and look.out == "", "tshark finds nothing malformed in the USB capture", look)
    packets = run("-r", capture, "-Y", "usb.transfer_type == 3", command="tshark")
    expect(packets.status == 0 and packets.out.count("\n") > 10, "tshark finds the bulk transfers", packets)


def exercise_all(device, package):
    program = Ndiskit(package, device.plug(), "--upper", f"tap:{TAP}")
    program.wait(is_up, "the adapter comes up")
    link = carrier(True)
    expect(link and link["address"] == device.mac and link["mtu"] == 1500, f"the interface is the adapter's: {link}")
    take_address(device)
    repeated = ping(device, ALL_SIZES)
    download(device)
    upload(device)
    rates = iperf(device), iperf(device, "-R")
    pull_and_plug(device, program, begin_download)
    pull_and_plug(device, program, begin_upload)
    program.stop()
    device.pull()
    print(f"  {repeated} of {len(ALL_SIZES)} echo requests repeated, {rates[0]:.1f} Mbit/s out, {rates[1]:.1f} Mbit/s in")


EXERCISES = {"all": exercise_all, "stack": exercise_stack}


def main():
    run("link", "set", "lo", "up", command="ip")
    with Vm(sys.argv[3], scratch) as vm:
        print(f"booted in {vm.boot_seconds:.1f} s", flush=True)
        try:
            for case in sys.argv[4:]:
                name, driver, what = case.split(":")
                started = time.monotonic()
                EXERCISES[what](Device(vm, name), DRIVERS[driver])
                print(f"{case} in {time.monotonic() - started:.1f} s", flush=True)
        except BaseException:
            print(f"The virtual machine's last lines:\n{vm.tail()}", flush=True)
            raise
    finish()


main()

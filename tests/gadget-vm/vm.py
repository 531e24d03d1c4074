"""The virtual machine with Linux's own USB network gadgets: starting it, asking it for things, ending it.

It is emulated (TCG, not KVM) so that it runs everywhere. Its ports are forwarded from 127.0.0.1, ports that the system
picks: to the USB/IP server of gadgets (usbip-vudc), to that of QEMU's usb-net device (usbip-host), and to the web server
through which it is controlled."""
import json
import pathlib
import re
import socket
import subprocess
import time
import urllib.request

BOOT_DEADLINE = 180
ANSWER_DEADLINE = 60
COMMAND_LINE = "console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable random.trust_cpu=on"


class Vm:
    def __init__(self, folder, scratch, initramfs=None, memory=384, processors=1):
        """FOLDER holds the image that build-image made; logs and sockets go to SCRATCH."""
        self.console = pathlib.Path(scratch) / "console.log"
        monitor = pathlib.Path(scratch) / "monitor"
        folder = pathlib.Path(folder)
        forwards = ",".join(f"hostfwd=tcp:127.0.0.1:0-:{port}" for port in (80, 3240, 3241))
        # It ends with the test, however that ends.
        command = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "Nehalem", "-smp", str(processors),
                   "-m", str(memory), "-nodefaults", "-display", "none", "-no-reboot",
                   "-kernel", str(folder / "vmlinux"), "-initrd", str(initramfs or folder / "initramfs"),
                   "-append", COMMAND_LINE, "-serial", f"file:{self.console}",
                   "-qmp", f"unix:{monitor},server=on,wait=off",
                   "-netdev", f"user,id=host,restrict=on,{forwards}", "-device", "virtio-net-pci,netdev=host,romfile=",
                   "-netdev", "hubport,id=far,hubid=1", "-device", "virtio-net-pci,netdev=far,romfile=",
                   "-netdev", "hubport,id=near,hubid=1", "-device", "qemu-xhci,id=xhci",
                   "-device", "usb-net,id=usbnet,netdev=near,bus=xhci.0,mac=02:4b:4e:00:00:03"]
        self.log = open(pathlib.Path(scratch) / "qemu.log", "w+")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            started = time.monotonic()
            self.wait_ready(started + BOOT_DEADLINE)
            self.boot_seconds = time.monotonic() - started
            self.ports = self.forwarded_ports(monitor)
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def tail(self, lines=40):
        text = self.console.read_text(errors="replace") if self.console.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def failure(self, what):
        self.log.flush()
        self.log.seek(0)
        return RuntimeError(f"{what}\nqemu said:\n{self.log.read()}\nthe console's last lines:\n{self.tail()}")

    def wait_ready(self, deadline):
        while not (self.console.exists() and "gadget-vm: ready" in self.console.read_text(errors="replace")):
            if self.process.poll() is not None:
                raise self.failure(f"the virtual machine ended with status {self.process.returncode} while it booted")
            if time.monotonic() > deadline:
                raise self.failure(f"the virtual machine was not ready after {BOOT_DEADLINE} seconds")
            time.sleep(0.05)

    def forwarded_ports(self, monitor):
        """{80: N, 3240: N, 3241: N}, from QEMU's list of its connections."""
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(ANSWER_DEADLINE)
            channel.connect(str(monitor))
            lines = channel.makefile("rw")
            lines.readline()
            for request in ({"execute": "qmp_capabilities"},
                            {"execute": "human-monitor-command", "arguments": {"command-line": "info usernet"}}):
                print(json.dumps(request), file=lines, flush=True)
                answer = json.loads(lines.readline())
        found = re.findall(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)", answer["return"])
        return {int(inside): int(outside) for outside, inside in found}

    def ask(self, *words):
        """Runs `vm WORDS` in the guest; what it printed."""
        url = f"http://127.0.0.1:{self.ports[80]}/cgi-bin/vm?{'+'.join(words)}"
        with urllib.request.urlopen(url, timeout=ANSWER_DEADLINE) as answer:
            text, _, status = answer.read().decode(errors="replace").rpartition("status ")
        if status.strip() != "0":
            raise self.failure(f"'vm {' '.join(words)}' failed in the virtual machine:\n{text}")
        return text.strip()

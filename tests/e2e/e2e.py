"""What the end-to-end tests share: running the command, and saying which expectation failed with what it printed."""
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

build = pathlib.Path(sys.argv[1])
sanitizer = sys.argv[2] if len(sys.argv) > 2 else ""
ndiskit = build / "ndiskit"
drivers = ["usbnet", "usbnet-kmdf"]
classes = ["ncm", "ecm", "rndis"]


def package_of(driver):
    return build / "drivers" / driver / f"{driver}.inf"


package = package_of("usbnet")
# TSan cannot follow code that it did not compile, so a PE image runs without it.
forms = ["elf"] if sanitizer == "thread" else ["pe", "elf"]
scratch = pathlib.Path(tempfile.mkdtemp(prefix="ndiskit-e2e-"))
checks = 0


class Result:
    def __init__(self, command, status, out, err):
        self.command, self.status, self.out, self.err = command, status, out, err

    def json(self):
        return json.loads(self.out)

    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]


def run(*args, timeout=120, prefix=(), command=None):
    command = [*prefix, str(command or ndiskit), *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout,
                          stdin=subprocess.DEVNULL)
    return Result(command, done.returncode, done.stdout, done.stderr)


def run_until(event, *args, timeout=120):
    """Runs the command until it reports this event, then interrupts it as a user would. No limit but the time-out: how
    long it takes is the machine's affair."""
    command = [str(ndiskit), *map(str, args)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                               stdin=subprocess.DEVNULL)
    watchdog = threading.Timer(timeout, process.kill)
    watchdog.start()
    lines = []
    for line in process.stdout:
        lines.append(line)
        if json.loads(line)["event"] == event:
            process.send_signal(signal.SIGINT)
            break
    rest, err = process.communicate()
    watchdog.cancel()
    return Result(command, process.returncode, "".join(lines) + rest, err)


def expect(condition, what, result=None):
    global checks
    checks += 1
    if condition:
        return
    print(f"FAILED: {what}")
    if result is not None:
        print(f"command: {' '.join(result.command)}\nstatus: {result.status}\nstdout:\n{result.out}\nstderr:\n{result.err}")
    sys.exit(1)


def finish():
    expect(checks > 0, "a test must check something")
    print(f"{checks} checks passed")

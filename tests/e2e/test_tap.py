"""Linux's own stack above the driver, through TAP, in a network namespace of the test's own. Ctrl-C then ends the run cleanly."""
import json
import os
import signal
import subprocess
import sys

from e2e import Result, expect, finish, forms, ndiskit, package, run

if os.environ.get("NDISKIT_TEST_NAMESPACE") is None:
    os.environ["NDISKIT_TEST_NAMESPACE"] = "1"
    flags = "-n" if os.geteuid() == 0 else "-rn"
    os.execvp("unshare", ["unshare", flags, sys.executable, *sys.argv])

for form in forms:
    process = subprocess.Popen([ndiskit, "run", package, "--json", "--form", form, "--usb", "sim:ncm", "--upper", "tap:nk0"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if lines[-1]["event"] == "adapter" and lines[-1]["connected"] and lines[-1]["state"] == "Running":
            break
    expect(lines and lines[-1].get("connected"), f"the adapter comes up: {lines}")

    link = run("-j", "link", "show", "nk0", command="ip")
    facts = json.loads(link.out)[0]
    expect(facts["address"] == "02:4e:43:4d:00:01" and facts["mtu"] == 1500, "the interface has the adapter's MAC and MTU", link)
    expect("LOWER_UP" in facts["flags"], "and its carrier", link)
    added = run("addr", "add", "10.0.2.15/24", "dev", "nk0", command="ip")
    expect(added.status == 0, "an address can be given", added)
    for size in (0, 1, 56, 1400, 1472):
        ping = run("-c", "3", "-i", "0.2", "-W", "3", "-s", size, "10.0.2.2", command="ping")
        expect(ping.status == 0 and " 0% packet loss" in ping.out, f"ping with {size} bytes", ping)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    result = Result(process.args and ["ndiskit", "run"], process.returncode, out, err)
    expect(process.returncode == 0, "Ctrl-C ends the run with success", result)
    expect(json.loads(out.splitlines()[-1])["leaked_bytes"] == 0, "nothing leaked", result)
    gone = run("link", "show", "nk0", command="ip")
    expect(gone.status != 0, "the interface is gone", gone)
finish()

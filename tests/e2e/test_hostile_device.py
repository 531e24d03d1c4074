"""A device that lies, stalls, or leaves at any moment: a clear end each time, never a hang, a leak or a crash."""
import concurrent.futures

from e2e import expect, finish, forms, package, run, run_until

DESCRIPTOR_FAULTS = range(1, 19)
NTB_FAULTS = range(1, 23)
# Class requests of NCM 1.0 that the driver makes before the adapter is up.
START_REQUESTS = {"GET_NTB_PARAMETERS": 0x180, "SET_NTB_FORMAT": 0x184, "SET_NTB_INPUT_SIZE": 0x186,
                  "SET_MAX_DATAGRAM_SIZE": 0x188, "SET_CRC_MODE": 0x18A}
REMOVALS = [*range(1, 41), 45, 50, 60, 80]


def attach(options, time="300ms", form=forms[0], extra=()):
    return run("run", package, "--json", "--form", form, "--usb", "sim:ncm," + options, "--for", time, *extra)


def attach_until_address(options, *extra):
    return run_until("address", "run", package, "--json", "--form", forms[0], "--usb", "sim:ncm," + options, *extra)


def expect_clean(result, what):
    expect(result.status in (0, 1), f"{what}: an ordinary end", result)
    down = result.events()[-1]
    expect(down == {"event": "down", "leaked_bytes": 0, "leaked_blocks": 0, "leaked_device_objects": 0},
           f"{what}: nothing leaked", result)


def descriptors(fault):
    result = attach(f"descriptor-fault={fault}")
    expect_clean(result, f"descriptor fault {fault}")
    expect(result.status == 1, f"descriptor fault {fault}: the device is refused", result)
    expect("descriptor" in result.err or "usbnet: " in result.err, f"descriptor fault {fault}: says what is wrong", result)


def blocks(fault):
    result = attach(f"ntb-fault={fault}")
    expect_clean(result, f"NTB fault {fault}")
    expect(result.status == 0, f"NTB fault {fault}: the adapter stays up", result)


def requests(name, code):
    for kind in ("stall", "short"):
        result = attach(f"{kind}-request={code}")
        expect_clean(result, f"{kind} {name}")
        if kind == "stall":
            expect(result.status == 1 and "usbnet: " in result.err, f"{kind} {name}: start fails and says why", result)


def stalls(direction, at):
    result = attach_until_address(f"stall-{direction}-at={at}")
    expect_clean(result, f"stall of bulk {direction} at {at}")
    expect(any(e["event"] == "address" for e in result.events()), f"bulk {direction} recovers from a stall at {at}", result)


def removal(at):
    result = attach(f"remove-at={at}", form=forms[at % len(forms)])
    expect_clean(result, f"removal at transfer {at}")


def unanswered():
    """The driver's deadline for control requests ends a start that would hang."""
    result = attach(f"ignore-request={0x180}", time="0")
    expect_clean(result, "unanswered GET_NTB_PARAMETERS")
    expect(result.status == 1, "unanswered GET_NTB_PARAMETERS: start fails", result)


def unusual():
    """Sound devices of unusual shape: each must get an address."""
    for options in ("speed=full", "speed=super", "ntb32=0", "composite=1", "ntb-in-size=2048,ntb-out-size=2048",
                    "out-divisor=32,out-remainder=6,out-alignment=16", "in-divisor=64,in-remainder=3,in-alignment=32",
                    "ntb-out-datagrams=1", "crc-mode=0,net-address=0,max-datagram-size=0,packet-filter=0",
                    "duplicate-notifications=3", "delay=20000"):
        result = attach_until_address(options)
        expect_clean(result, options)
        expect(any(e["event"] == "address" for e in result.events()), f"{options}: gets an address", result)
    result = attach_until_address("ntb32=1", "--set", "NtbFormat=32")
    expect_clean(result, "NTB-32")
    expect(any(e["event"] == "address" for e in result.events()), "NTB-32: gets an address", result)


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    jobs = [pool.submit(unanswered), pool.submit(unusual)]
    jobs += [pool.submit(descriptors, fault) for fault in DESCRIPTOR_FAULTS]
    jobs += [pool.submit(blocks, fault) for fault in NTB_FAULTS]
    jobs += [pool.submit(requests, name, code) for name, code in START_REQUESTS.items()]
    jobs += [pool.submit(stalls, direction, at) for direction in ("in", "out") for at in (1, 2, 3)]
    jobs += [pool.submit(removal, at) for at in REMOVALS]
    for job in concurrent.futures.as_completed(jobs):
        job.result()
finish()

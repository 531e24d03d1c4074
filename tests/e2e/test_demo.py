"""The demo holds with each driver in both forms, on each class of device, and its facts are facts: each is compared with
what it must be."""
import itertools

from e2e import classes, drivers, expect, finish, forms, run

DOWNLOAD = 32 << 20
DESCRIPTIONS = {"ncm": "USB NCM network adapter", "ecm": "USB ECM network adapter",
                "rndis": "USB Remote NDIS network adapter"}

for driver, device, form in itertools.product(drivers, classes, forms):
    result = run("demo", "--json", "--driver", driver, "--device", device, "--form", form)
    expect(result.status == 0, f"the demo holds with {driver} in {form} form on {device}", result)
    facts = result.json()
    expect(facts["held"] is True, "held", result)
    expect(facts["driver"]["pe"] is (form == "pe"), "the form asked for was loaded", result)
    expect((facts["driver"]["ndis_major"], facts["driver"]["ndis_minor"]) == (6, 30), "NDIS 6.30", result)
    expect(facts["driver"]["imports"] > 40, "imports were bound", result)
    expect(facts["device"]["description"] == DESCRIPTIONS[device], "the model that the INF has for the class", result)
    expect(facts["device"]["endpoints"] == 4, "default pipe, notification, bulk in, bulk out", result)
    for phase in ("DriverEntry", "AddDevice", "MiniportInitializeEx", "MiniportRestart"):
        expect(facts["start"][phase] > 0, f"{phase} was timed", result)
    for phase in ("MiniportPause", "MiniportHaltEx", "DriverUnload"):
        expect(facts["removal"][phase] > 0, f"{phase} was timed", result)
    expect(facts["adapter"]["mac"] == "02:4E:43:4D:00:01", "the MAC address of the device's string descriptor", result)
    expect(facts["adapter"]["connected"], "link up", result)
    expect(facts["address"]["address"] == "10.0.2.15" and facts["address"]["prefix"] == 24, "the address of slirp", result)
    expect(facts["ping"]["sent"] == facts["ping"]["received"] == 20, "every ping was answered", result)
    expect(facts["download"]["verified"] and facts["download"]["bytes"] == DOWNLOAD, "the download is whole", result)
    counters = facts["counters"]
    expect(counters["in_bytes"] > DOWNLOAD and counters["in_frames"] > DOWNLOAD // 1514, "received frames were counted", result)
    expect(counters["in_errors"] == counters["out_errors"] == 0, "no errors", result)
    expect(facts["leaks"] == {"pool_bytes": 0, "system_bytes": 0, "device_objects": 0, "threads": 0}, "no leaks", result)

text = run("demo", "--form", forms[0])
expect(text.status == 0 and "Everything held." in text.out, "the demo for people", text)
expect(text.err == "", "nothing on stderr", text)
finish()

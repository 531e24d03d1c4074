"""What the tests of hostile devices share: attaching one, and the clear end that each must come to."""
import concurrent.futures

from e2e import expect, forms, package_of, run, run_until


class Device:
    """A simulated device of a class, under a driver."""

    def __init__(self, device_class="ncm", driver="usbnet"):
        self.device_class, self.package, self.name = device_class, package_of(driver), f"{driver} on {device_class}"

    def arguments(self, options, form):
        return ["run", self.package, "--json", "--form", form, "--usb", f"sim:{self.device_class},{options}"]

    def attach(self, options, time="300ms", form=forms[0], extra=()):
        return run(*self.arguments(options, form), "--for", time, *extra)

    def clean(self, result, what):
        expect(result.status in (0, 1), f"{self.name}, {what}: an ordinary end", result)
        down = result.events()[-1]
        expect(down == {"event": "down", "leaked_bytes": 0, "leaked_blocks": 0, "leaked_device_objects": 0},
               f"{self.name}, {what}: nothing leaked", result)

    def refused(self, options, time="300ms"):
        """Start fails, and someone says why."""
        result = self.attach(options, time)
        self.clean(result, options)
        expect(result.status == 1, f"{self.name}, {options}: the device is refused", result)
        expect("descriptor" in result.err or "usbnet: " in result.err, f"{self.name}, {options}: says what is wrong", result)

    def stays_up(self, options):
        result = self.attach(options)
        self.clean(result, options)
        expect(result.status == 0, f"{self.name}, {options}: the adapter stays up", result)

    def gets_address(self, options, *extra, form=forms[0]):
        result = run_until("address", *self.arguments(options, form), *extra)
        self.clean(result, options)
        expect(any(e["event"] == "address" for e in result.events()), f"{self.name}, {options}: gets an address", result)

    def ends(self, options, form=forms[0]):
        self.clean(self.attach(options, form=form), options)

    def removals(self, moments):
        return [(self.ends, f"remove-at={at}", forms[at % len(forms)]) for at in moments]


def run_all(jobs):
    """Jobs are (function, argument...); two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for job in concurrent.futures.as_completed([pool.submit(*job) for job in jobs]):
            job.result()

"""Wrong command lines end with status 2 and a message that says what is wrong and where help is."""
from e2e import expect, finish, package, run, scratch

WRONG = [
    ([], "Usage:"),
    (["nonsense"], "no subcommand 'nonsense'"),
    (["run"], "name the driver package"),
    (["run", "a.inf", "b.inf"], "not several"),
    (["run", "--upper", "sky", package], "--upper takes"),
    (["run", "--for", "soon", package], "--for takes a time"),
    (["run", "--set", "novalue", package], "KEYWORD=VALUE"),
    (["run", "--form", "coff", package], "pe or elf"),
    (["run", "--processors", "0", package], "1 to 64"),
    (["run", "--bogus", package], "not understood"),
    (["demo", "extra"], "'extra'"),
    (["demo", "--form", "coff"], "pe or elf"),
    (["inspect"], "one driver image"),
]
for args, message in WRONG:
    result = run(*args)
    expect(result.status == 2, f"{args}: status 2", result)
    expect(message in result.err, f"{args}: says '{message}'", result)
    expect(result.out == "", f"{args}: nothing on stdout", result)

for args in (["--help"], ["run", "--help"], ["demo", "--help"], ["inspect", "--help"]):
    result = run(*args)
    expect(result.status == 0 and "Usage:" in result.out and result.err == "", f"{args}", result)

result = run("run", scratch / "absent.inf", "--for", "0")
expect(result.status == 1 and "absent.inf" in result.err, "a package that is not there", result)
result = run("run", package, "--usb", "sim:toaster", "--for", "0")
expect(result.status == 1 and "toaster" in result.err, "a device that cannot be simulated", result)
finish()

"""Images and INFs that cannot be used: one clear message that names the file and the cause, status 1, nothing on the way left behind."""
import struct

from e2e import build, expect, finish, forms, package, run, scratch

good = (package.parent / "usbnet.sys").read_bytes()
inf = package.read_text()
pe = struct.unpack_from("<I", good, 0x3C)[0]


def patched(offset, data):
    return good[:offset] + data + good[offset + len(data):]


def attempt(name, image, text=inf, usb="sim:ncm"):
    folder = scratch / name
    folder.mkdir()
    if image is not None:
        (folder / "usbnet.sys").write_bytes(image)
    if text is not None:
        (folder / "usbnet.inf").write_text(text)
    return run("run", folder / "usbnet.inf", "--usb", usb, "--for", "0")


if "pe" in forms:
    for name, image, words in (
        ("empty", b"", ("usbnet.sys",)),
        ("truncated", good[: len(good) // 2], ("usbnet.sys", "truncated")),
        ("text", b"This is no driver.\n" * 40, ("usbnet.sys",)),
        ("machine-arm64", patched(pe + 4, b"\x64\xaa"), ("usbnet.sys", "ARM64")),
        ("machine-i386", patched(pe + 4, b"\x4c\x01"), ("usbnet.sys", "32-bit")),
        ("no-signature", patched(pe, b"XX"), ("usbnet.sys",)),
        ("sections", patched(pe + 6, b"\xff\xff"), ("usbnet.sys",)),
    ):
        result = attempt(name, image)
        expect(result.status == 1, f"{name}: refused", result)
        expect(all(word.lower() in result.err.lower() for word in words), f"{name}: says {words}", result)

result = attempt("no-image", None)
expect(result.status == 1 and "usbnet.sys" in result.err, "an INF without its driver", result)
result = attempt("no-models", good, inf.replace("[Models.NTamd64]", "[Other.NTamd64]"))
expect(result.status == 1 and "Models" in result.err, "a missing models section is named", result)
result = attempt("no-install", good, inf.replace("[UsbNet.ndi.NTamd64]", "[Else.NTamd64]"))
expect(result.status == 1 and "UsbNet.ndi" in result.err, "a missing install section is named", result)
result = attempt("no-match", good, inf.replace("USB\\Class_02&SubClass_0D", "USB\\Class_0E&SubClass_01"))
expect(result.status == 1 and "driver" in result.err, "no package matches the device", result)
result = attempt("no-inf", good, None)
expect(result.status == 1 and "usbnet.inf" in result.err, "a missing INF", result)

if "pe" in forms:
    missing = build / "tests" / "drivers" / "missing" / "missing.sys"
    result = run("inspect", missing)
    expect(result.status == 1 and "not implemented" in result.out, "inspect names an unknown import", result)
finish()

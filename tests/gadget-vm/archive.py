"""Root file systems for the virtual machine: archives that the kernel unpacks at its start."""
import pathlib
import re
import subprocess


class Archive:
    """A cpio archive in the format that the kernel unpacks as its first root file system."""

    def __init__(self):
        self.parts, self.known, self.number = [], set(), 0

    def entry(self, name, mode, data):
        self.number += 1
        head = "070701" + "".join(f"{v:08x}" for v in (self.number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0,
                                                       len(name) + 1, 0))
        for part in (head.encode() + name.encode() + b"\0", data):
            self.parts.append(part + b"\0" * (-len(part) % 4))

    def folder(self, name):
        if name in ("", ".") or name in self.known:
            return
        self.folder(str(pathlib.PurePath(name).parent))
        self.known.add(name)
        self.entry(name, 0o040755, b"")

    def file(self, name, data, mode=0o755):
        name = name.lstrip("/")
        if name in self.known:
            return
        self.folder(str(pathlib.PurePath(name).parent))
        self.known.add(name)
        self.entry(name, 0o100000 | mode, data)

    def write(self, path):
        self.entry("TRAILER!!!", 0, b"")
        path.write_bytes(b"".join(self.parts))


def libraries(program):
    """The shared libraries of PROGRAM, as ldd finds them."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return re.findall(r"(?:=> |^\s*)(/\S+) \(0x", listed, re.MULTILINE)


def program_into(archive, source, name):
    """A program of this machine, and the libraries it is linked with."""
    archive.file(name, pathlib.Path(source).read_bytes())
    for library in libraries(source):
        archive.file(library, pathlib.Path(library).read_bytes())


def folder_into(archive, folder):
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            archive.file(str(file.relative_to(folder)), file.read_bytes())

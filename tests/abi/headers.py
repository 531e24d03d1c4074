#!/usr/bin/env python3
"""Each header of include/km compiles alone, as C and C++, for Windows with clang and for Linux with gcc and clang,
without a warning; so does each *_source.c here, which is written as drivers are (also with the flags that it names); and
each name that *_declared.txt lists is declared by the header it is listed with, on each of them.

A line of *_declared.txt is "header kind name", kind being function, callback, struct or enum. A function may be a macro.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1])
here = root / "tests/abi"
km = root / "include/km"
WARNINGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-D_AMD64_=1", "-D_WIN64=1"]
PE = ["clang", "--target=x86_64-pc-windows-msvc", "-nostdlibinc", "-fms-extensions", "-DKERNEL_MODE=1", f"-I{km}",
      f"-I{km}/crt", "-Wno-unused-command-line-argument"]
LINUX = ["-fshort-wchar", f"-I{km}"]
COMPILERS = {
    "clang for Windows, C": PE + ["-x", "c", "-std=c17"],
    "clang for Windows, C++": PE + ["-x", "c++", "-std=c++17"],
    "gcc, C": ["gcc", "-x", "c", "-std=gnu17"] + LINUX,
    "gcc, C++": ["g++", "-x", "c++", "-std=gnu++17"] + LINUX,
    "clang, C": ["clang", "-x", "c", "-std=gnu17"] + LINUX,
    "clang, C++": ["clang++", "-x", "c++", "-std=gnu++17"] + LINUX,
}
# Headers that others include in the middle of their own declarations say so by this name in their text.
FRAGMENT = "ABI: not on its own"


def compile_text(what, compiler, text, extra=()):
    with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
        source.write(text)
        source.flush()
        command = COMPILERS[compiler] + WARNINGS + list(extra) + [source.name]
        result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        lines = result.stderr.splitlines()
        errors = [line for line in lines if "error" in line] or lines
        return f"{what} ({compiler}):\n    " + "\n    ".join(errors[:6])
    return None


def use(kind, name, number):
    if kind in ("struct", "enum"):
        tagged = name.startswith("_")
        return f"typedef {kind + ' ' if tagged else ''}{name} use_{number}; extern char size_{number}[sizeof(use_{number})];"
    if kind == "callback":
        pointer = "" if name.startswith("P") else "*"
        return f"extern {name} {pointer}use_{number};"
    return f"#ifndef {name}\nstatic inline void use_{number}(void) {{ (void)&{name}; }}\n#endif"


def declared_text(headers, entries):
    lines = ["#include <ntifs.h>"] + [f"#include <{h}>" for h in headers]
    lines += ["#pragma GCC diagnostic ignored \"-Wunused-function\"", "#pragma GCC diagnostic ignored \"-Waddress\""]
    lines += [use(kind, name, i) for i, (kind, name) in enumerate(entries)]
    return "\n".join(lines) + "\n"


def main():
    jobs = []
    for path in sorted(km.rglob("*.h")):
        relative = path.relative_to(km)
        if FRAGMENT in path.read_text() or relative.parts[0] == "crt":
            continue
        for compiler in COMPILERS:
            jobs.append((str(relative), compiler, f"#include <{relative}>\n"))
    for path in sorted(here.glob("*_source.c")):
        text = path.read_text()
        variants = [[], ["-DDBG=1", "-DPOOL_NX_OPTIN=1", "-DUNICODE"]]
        variants += [flags.split() for flags in re.findall(r"^ \* ABI: also with (.*)$", text, re.M)]
        for compiler in COMPILERS:
            for variant in variants:
                jobs.append((path.name, compiler, text, variant))
    names = 0
    for path in sorted(here.glob("*_declared.txt")):
        entries = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
        names += len(entries)
        headers = sorted({header for header, _, _ in entries})
        text = declared_text(headers, [(kind, name) for _, kind, name in entries])
        for compiler in COMPILERS:
            jobs.append((path.name, compiler, text))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [f for f in pool.map(lambda job: compile_text(*job), jobs) if f]
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"{len(jobs)} compilations, {names} declared names, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

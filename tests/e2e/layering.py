#!/usr/bin/env python3
"""Holds the design's dependency order: a subsystem includes private headers of lower layers only, drivers see include/km alone."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
text = (root / "cmake/Subsystems.cmake").read_text()
layers = re.search(r"set\(NDISKIT_LAYERS\s+(.*?)\)", text, re.S).group(1).split()
rank = {layer: i for i, layer in enumerate(layers)}
include = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
wrong = []

for layer in layers:
    for path in sorted((root / layer).glob("*.[chS]")):
        for kind, name in include.findall(path.read_text()):
            owner = str(pathlib.PurePosixPath(name).parent)
            if kind == '"' and owner in rank and rank[owner] > rank[layer]:
                wrong.append(f"{path.relative_to(root)} includes {name}, which is of a higher layer")

known = {p.name for p in (root / "include/km").rglob("*.h")}
for path in sorted((root / "drivers").rglob("*.[ch]")):
    local = {p.name for p in path.parent.glob("*.h")}
    for kind, name in include.findall(path.read_text()):
        if pathlib.PurePosixPath(name).name not in known | local:
            wrong.append(f"{path.relative_to(root)} includes {name}: drivers see include/km and their own folder only")

for line in wrong:
    print(line)
print(f"{len(layers)} layers, {len(wrong)} wrong includes")
sys.exit(bool(wrong))

#!/usr/bin/env python3
"""Compares the includes of src/ with src/LAYERS.

Finds: an include of a module or third-party header that LAYERS does not permit, a third-party header
that LAYERS does not name, a permission that nothing uses, a module above its own line.

Usage: check_layers.py SRC
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)

# Headers of the C library and the kernel that need no permission.
SYSTEM = re.compile(r"^(sys|netinet|arpa|linux)/[a-z_]+\.h$")
SYSTEM_HEADERS = {
    "dirent.h", "dlfcn.h", "errno.h", "fcntl.h", "glob.h", "grp.h", "immintrin.h", "limits.h", "locale.h", "netdb.h", "poll.h",
    "pthread.h", "pwd.h", "sched.h", "signal.h", "spawn.h", "stdio.h", "stdlib.h", "string.h",
    "termios.h", "time.h", "malloc.h", "unistd.h",
}
# Headers that only tests and their fixtures may include, in any module.
TEST_PREFIXES = ("gtest/", "gmock/", "rapidcheck")


class Layers:
    """What src/LAYERS says."""

    def __init__(self, text):
        self.edges = {}     # module -> modules it may include
        self.headers = {}   # prefix -> modules, or {"*"}
        self.faults = []
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            if " -> " in line:
                prefix, modules = line.split(" -> ")
                self.headers[prefix] = set(modules.split())
            else:
                module, _, edges = line.partition(":")
                for edge in edges.split():
                    if edge not in self.edges:
                        self.faults.append(f"LAYERS:{number}: {module} names {edge}, which is not above it")
                self.edges[module] = set(edges.split())

    def prefix_of(self, header):
        for prefix in self.headers:
            if header.startswith(prefix):
                return prefix
        return None


def is_standard(header):
    return ("/" not in header and "." not in header) or bool(SYSTEM.match(header)) or header in SYSTEM_HEADERS


def check(src):
    """Returns the faults found under the folder `src`, as lines."""
    layers = Layers((src / "LAYERS").read_text())
    faults = list(layers.faults)
    used_edges = set()
    used_headers = set()
    for path in sorted(src.glob("*/**/*")):
        if path.suffix not in (".h", ".cc", ".inc"):
            continue
        module = path.relative_to(src).parts[0]
        where = path.relative_to(src.parent)
        if module not in layers.edges:
            faults.append(f"{where}: module {module} is not in LAYERS")
            continue
        for quote, header in INCLUDE.findall(path.read_text()):
            if quote == '"':
                other = header.split("/")[0]
                used_edges.add((module, other))
                if "/" not in header or other not in layers.edges:
                    faults.append(f"{where}: includes \"{header}\", which is no path from src/")
                elif other != module and other not in layers.edges[module]:
                    faults.append(f"{where}: {module} may not include {other} ({header})")
                continue
            prefix = layers.prefix_of(header)
            if prefix is not None:
                used_headers.add((prefix, module))
                if not layers.headers[prefix] & {module, "*"}:
                    faults.append(f"{where}: {module} may not include <{header}>")
            elif header.startswith(TEST_PREFIXES):
                if not path.stem.endswith(("_test", "_fixture")):
                    faults.append(f"{where}: <{header}> is for tests")
            elif not is_standard(header):
                faults.append(f"{where}: <{header}> has no home in LAYERS")
    for module, edges in layers.edges.items():
        for edge in sorted(edges):
            if (module, edge) not in used_edges:
                faults.append(f"LAYERS: {module} never includes {edge}; take the permission away")
    for prefix, modules in layers.headers.items():
        for module in sorted(modules - {"*"}):
            if (prefix, module) not in used_headers:
                faults.append(f"LAYERS: {module} never includes {prefix}; take the permission away")
    return faults


def main():
    faults = check(pathlib.Path(sys.argv[1]).absolute())
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

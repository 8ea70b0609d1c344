#!/usr/bin/env python3
"""Finds files, functions and modules of src/ that have outgrown their limits.

An exception is a line of tools/shape_allowed.txt: `what: reason`, where `what` is printed with the
fault. An exception that is not needed any more is a fault too.

Functions are found by their layout, which clang-format keeps: a body at the left margin ends with a
line `}`. Members defined inside a class are left to clang-tidy (readability-function-size).

Usage: check_shape.py ROOT
"""

import pathlib
import re
import sys

HEADER_LINES = 250
SOURCE_LINES = 600
TEST_LINES = 800
FUNCTION_LINES = 70
PARAMETERS = 5
MODULE_FILES = 20
MODULE_LINES = 3000

# Lines at the left margin that open no function.
NO_FUNCTION = re.compile(
    r"^(namespace|class|struct|enum|union|using|extern|constexpr [^()]*=|template|#|//|\}|/\*)|^\S+\($")
NAME = re.compile(r"([~\w:<>]+|operator\S+)\s*\($")


def file_limit(path):
    if path.suffix == ".h":
        return HEADER_LINES
    return TEST_LINES if path.stem.endswith("_test") else SOURCE_LINES


def parameter_count(signature):
    """How many parameters stand in the first parentheses of a signature."""
    depth = 0
    count = 0
    some = False
    for char in signature[signature.index("("):]:
        if char in "(<[{":
            depth += 1
        elif char in ")>]}":
            depth -= 1
            if depth == 0:
                break
        elif depth == 1 and char == ",":
            count += 1
        elif not char.isspace():
            some = True
    return count + 1 if some else 0


def functions(text):
    """Yields (name, lines, parameters) of the functions at the left margin."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        begin = at
        at += 1
        if not lines[begin] or lines[begin][0].isspace() or NO_FUNCTION.match(lines[begin]):
            continue
        signature = lines[begin]
        while not signature.rstrip().endswith(("{", ";", "}")) and at < len(lines):
            signature += " " + lines[at].strip()
            at += 1
        if not signature.rstrip().endswith("{") or "(" not in signature:
            continue
        name = NAME.search(signature[:signature.index("(") + 1])
        if name is None:
            continue
        while at < len(lines) and lines[at] != "}":
            at += 1
        yield name.group(1), at - begin + 1, parameter_count(signature)


def shape_faults(root):
    """Yields (what, fault)."""
    modules = {}
    for path in sorted((root / "src").glob("*/**/*")):
        if path.suffix not in (".h", ".cc"):
            continue
        what = str(path.relative_to(root))
        text = path.read_text()
        count = len(text.splitlines())
        limit = file_limit(path)
        if count > limit:
            yield what, f"{count} lines, at most {limit}"
        for name, lines, parameters in functions(text):
            if name.startswith(("TEST", "INSTANTIATE")):
                parameters = 0
            if lines > FUNCTION_LINES:
                yield f"{what} {name}", f"{lines} lines, at most {FUNCTION_LINES}"
            if parameters > PARAMETERS:
                yield f"{what} {name}", f"{parameters} parameters, at most {PARAMETERS}"
        if not path.stem.endswith("_test"):
            module = str(pathlib.Path("src") / path.relative_to(root / "src").parts[0])
            files, total = modules.get(module, (0, 0))
            modules[module] = (files + 1, total + count)
    for module, (files, lines) in modules.items():
        if files > MODULE_FILES or lines > MODULE_LINES:
            yield module, f"{files} files and {lines} lines, at most {MODULE_FILES} and {MODULE_LINES}"


def read_allowed(root):
    allowed = {}
    path = root / "tools" / "shape_allowed.txt"
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.strip() and not line.startswith("#"):
            what, _, reason = line.partition(": ")
            allowed[what] = reason.strip()
    return allowed


def check(root):
    """Returns the faults as lines."""
    allowed = read_allowed(root)
    faults = [f"{what}: an exception needs its reason" for what, reason in allowed.items() if not reason]
    needed = set()
    for what, fault in shape_faults(root):
        if what in allowed:
            needed.add(what)
        else:
            faults.append(f"{what}: {fault}")
    for what in sorted(set(allowed) - needed):
        faults.append(f"{what}: needs no exception any more")
    return faults


def main():
    faults = check(pathlib.Path(sys.argv[1]).absolute())
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs clang-tidy over the sources of src/ and fuzz/, and skips those that passed before unchanged.

A source has passed when it, every file of the project that it includes, its compile command and
.clang-tidy are what they were. Passes are remembered in BUILD/passed.

Usage: check_tidy.py BUILD     (a build folder with compile_commands.json)
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
ROOT = pathlib.Path(__file__).absolute().parent.parent


@functools.lru_cache(maxsize=None)
def read(path):
    return path.read_bytes() if path.exists() else b""


def closure(path, build):
    """The project's files that a source consists of."""
    seen = set()
    todo = [path]
    while todo:
        file = todo.pop()
        if file in seen:
            continue
        seen.add(file)
        for header in INCLUDE.findall(read(file).decode(errors="replace")):
            for folder in (ROOT / "src", build / "generated", file.parent):
                if (folder / header).exists():
                    todo.append(folder / header)
                    break
    return sorted(seen)


def key_of(entry, build):
    digest = hashlib.sha256(read(ROOT / ".clang-tidy") + entry["command"].encode())
    for file in closure(pathlib.Path(entry["file"]), build):
        digest.update(str(file).encode() + read(file))
    return digest.hexdigest()


def tidy(entry, build):
    """Returns the output where clang-tidy found something, else nothing."""
    passed = build / "passed" / key_of(entry, build)
    if passed.exists():
        return None
    run = subprocess.run(
        ["clang-tidy-16", "--quiet", "-p", str(build), "--extra-arg=-Wno-unknown-warning-option",
         entry["file"]],
        capture_output=True, text=True)
    if run.returncode != 0:
        return run.stdout + run.stderr
    passed.touch()
    return None


def main():
    build = pathlib.Path(sys.argv[1]).absolute()
    (build / "passed").mkdir(exist_ok=True)
    wanted = (str(ROOT / "src") + os.sep, str(ROOT / "fuzz") + os.sep)
    entries = {entry["file"]: entry
               for entry in json.loads((build / "compile_commands.json").read_text())
               if entry["file"].startswith(wanted)}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(tidy, entry, build) for entry in entries.values()]
        for run in concurrent.futures.as_completed(runs):
            output = run.result()
            if output:
                failed += 1
                print(output, flush=True)
    print(f"clang-tidy: {len(entries)} sources, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

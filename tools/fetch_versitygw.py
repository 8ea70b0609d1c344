#!/usr/bin/env python3
"""Makes build/deps/s3: versitygw, an S3 server over a folder that checks what it is sent, for tests only.

It is built from its Go module, pinned by the module's hash; the module's own go.sum pins all that it
needs. Debian 12's Go is too old for that: where no newer one is installed it downloads Go's toolchain,
which is a module too, pinned in the same way.

Usage: fetch_versitygw.py DESTINATION
"""

import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

MODULE = "github.com/versity/versitygw"
VERSION = "v1.8.0"
SUM = "h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc="
GO_LEAST = (1, 25)  # of its go.mod
TOOLCHAIN = "golang.org/toolchain"
# Machine -> version and hash of the module that holds Go.
TOOLCHAINS = {
    "x86_64": ("v0.0.1-go1.25.0.linux-amd64", "h1:wVC9wx2XOcP5gHiN8ZzfyTfjlrDLSS7Hu1wjI01n68U="),
    "aarch64": ("v0.0.1-go1.25.0.linux-arm64", "h1:hHtJUQup8RrD0u1JkoREqx9fkdEMQQUusYS1dYLIUpk="),
}
STAMP = "stamp"


def go_version(go):
    said = subprocess.run([go, "version"], check=True, capture_output=True, text=True).stdout
    major, minor = re.search(r"go(\d+)\.(\d+)", said).groups()
    return int(major), int(minor)


def environment(folder):
    """Modules and what is compiled of them go to a folder of our own; no other Go is fetched by Go."""
    return {
        **os.environ,
        "GOMODCACHE": str(folder / "modules"),
        "GOCACHE": str(folder / "compiled"),
        "GOPATH": str(folder / "path"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-modcacherw -buildvcs=false",
        "GOSUMDB": "off",  # the hashes are pinned here
        "CGO_ENABLED": "0",
    }


def download(go, module, version, digest, folder):
    """The folder of a module whose hash is the pinned one."""
    answer = subprocess.run([go, "mod", "download", "-json", f"{module}@{version}"], cwd=folder,
                            env=environment(folder), check=True, stdout=subprocess.PIPE)
    about = json.loads(answer.stdout)
    if about["Sum"] != digest:
        sys.exit(f"{module}@{version} has another hash than the pinned one")
    return pathlib.Path(about["Dir"])


def newer_go(go, folder):
    """Go as the toolchain's module holds it; a module cannot hold the right to execute."""
    if platform.machine() not in TOOLCHAINS:
        sys.exit(f"no Go is known for {platform.machine()}; install Go {GO_LEAST[0]}.{GO_LEAST[1]}")
    version, digest = TOOLCHAINS[platform.machine()]
    root = download(go, TOOLCHAIN, version, digest, folder)
    for programs in [root / "bin", *(root / "pkg" / "tool").iterdir()]:
        for program in programs.iterdir():
            program.chmod(0o755)
    return str(root / "bin" / "go")


def main():
    destination = pathlib.Path(sys.argv[1]).absolute()
    stamp = destination / STAMP
    if stamp.exists() and stamp.read_text() == SUM:
        return 0
    go = shutil.which("go")
    if go is None:
        print("no Go is installed; run ./x setup test", file=sys.stderr)
        return 1
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch:
        scratch = pathlib.Path(scratch)
        if go_version(go) < GO_LEAST:
            go = newer_go(go, scratch)
        source = download(go, MODULE, VERSION, SUM, scratch)
        made = scratch / "made"
        made.mkdir()
        subprocess.run([go, "build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o",
                        str(made / "versitygw"), "./cmd/versitygw"],
                       cwd=source, env=environment(scratch), check=True)
        shutil.copy(source / "LICENSE", made / "LICENSE")
        (made / STAMP).write_text(SUM)
        if destination.exists():
            shutil.rmtree(destination)
        made.rename(destination)
    return 0


if __name__ == "__main__":
    sys.exit(main())

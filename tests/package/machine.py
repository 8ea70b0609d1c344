"""A clean Debian 12 in memory, made anew, in which systemd runs: what a package meets where it is installed.

Root's, in namespaces: a mount namespace of this process holds its file system, so that nothing is left
behind however the process ends; systemd-nspawn boots it. It has the host's network.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence

CLONE_NEWNS = 0x00020000
PATIENCE = 60
NO_MIRROR = ("Could not resolve", "Failed to fetch", "Temporary failure", "Unable to connect", "Could not connect")


class Impossible(Exception):
    """There can be no such machine here, for a reason that is no fault of the package."""


def mirrors() -> list[pathlib.Path]:
    """Where apt finds packages here."""
    apt = pathlib.Path("/etc/apt")
    found = [apt / "sources.list", *apt.glob("sources.list.d/*.list"), *apt.glob("sources.list.d/*.sources")]
    return [path for path in found if path.is_file() and path.stat().st_size > 0]


def require() -> None:
    if os.geteuid() != 0:
        raise Impossible("only root may make a machine")
    for program in ("mmdebstrap", "systemd-nspawn", "nsenter"):
        if not shutil.which(program):
            raise Impossible(f"{program} is not installed")
    release = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    if "VERSION_CODENAME=bookworm" not in release or not mirrors():
        raise Impossible("apt has no sources of Debian 12 here")


def enter_own_mounts() -> None:
    """From here on what this process mounts is seen by it and its children alone."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise Impossible(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def make_root(root: pathlib.Path, packages: Sequence[str]) -> None:
    """The smallest system that has these packages, with what they need."""
    run = subprocess.run(
        [
            "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={','.join(packages)}",
            # Nobody reads them; unpacking them takes its time.
            "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
            "bookworm", str(root), *map(str, mirrors()),
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    if run.returncode != 0 and any(sign in run.stderr for sign in NO_MIRROR):
        raise Impossible("no mirror of Debian 12 can be reached")
    assert run.returncode == 0, run.stderr


class Machine:
    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.leader = 0  # its first process, once it is booted

    def run(self, *command: str, user: str = "", env: dict[str, str] | None = None) -> str:
        """Runs a command that must succeed; gives what it printed."""
        finished = self.ask(*command, user=user, env=env)
        assert finished.returncode == 0, f"{command}\n{finished.stdout}{finished.stderr}"
        return finished.stdout

    def ask(
        self, *command: str, user: str = "", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        into = ["nsenter", f"--target={self.leader}", "--all", "--root", "--wd", "--"]
        if not self.leader:
            into = ["chroot", str(self.root)]
        if user:
            into += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        clean = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **(env or {})}
        return subprocess.run([*into, *command], env=clean, capture_output=True, text=True, timeout=PATIENCE)

    def files(self) -> set[str]:
        """All paths, but of what the package manager and the running system write for themselves."""
        skipped = ("proc", "sys", "dev", "run", "tmp", "var/lib/dpkg", "var/cache", "var/log", "var/lib/systemd")
        found = set()
        for folder, names, files in os.walk(self.root):
            inside = pathlib.Path(folder).relative_to(self.root)
            names[:] = [name for name in names if str(inside / name) not in skipped]
            found |= {str(inside / name) for name in (*names, *files)}
        return found

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """While commands run in it as it is, without systemd."""
        # Programs ask it where they are.
        subprocess.run(["mount", "-t", "proc", "proc", self.root / "proc"], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", self.root / "proc"], check=True)

    @contextlib.contextmanager
    def booted(self, shared: Mapping[pathlib.Path, str]) -> Iterator[None]:
        """While systemd runs in it; `shared` are folders of the host, and where it has them."""
        process = subprocess.Popen(
            [
                # Whatever ends this process ends the first process there, and with it all others.
                "setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child",
                "--mount-proc", "systemd-nspawn", "--quiet", "--register=no", "--keep-unit",
                f"--directory={self.root}", *(f"--bind={folder}:{place}" for folder, place in shared.items()), "--console=pipe",
                "--boot", "--", "--unit=basic.target",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            self._wait_until_booted(process)
            yield
        finally:
            self.leader = 0
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)

    def _wait_until_booted(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if process.poll() is not None:
                assert process.stdout
                raise AssertionError(process.stdout.read().decode())
            self.leader = _first_systemd(process.pid)
            if self.leader and self.ask("systemctl", "is-system-running").stdout.strip() == "running":
                return
            time.sleep(0.05)
        raise AssertionError(self.run("systemctl", "--failed") if self.leader else "systemd did not start")


def _first_systemd(pid: int) -> int:
    """Of the processes that come from this one."""
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            if pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)
            found = _first_systemd(int(child))
            if found:
                return found
    return 0

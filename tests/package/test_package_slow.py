"""The packages: installed, run by systemd and taken away again on a clean Debian 12.

Made of the build that is tested. Skipped, with the reason, where there can be no such machine.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests import database
from tests.api.conftest import PEOPLE, PEOPLE_CONTRACT, Client
from tests.package import machine as machines
from tests.package.machine import Machine

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BINARY = "/usr/bin/eclusa"
SOCKETS = "/srv/postgresql"
SERVER = "eclusa-server.service"
WORKERS = ("eclusa-worker@1.service", "eclusa-worker@2.service")
# Copies that the tools for users make for themselves.
BACKUPS = {f"etc/{name}-" for name in ("passwd", "shadow", "group", "gshadow", "subuid", "subgid")}
# systemd's own measure, from 0 (safe) to 100.
EXPOSURE_MAX = 20


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("packages")
    config = pathlib.Path(os.environ["ECLUSA_BUILD"]) / "CPackConfig.cmake"
    subprocess.run(["cpack", "--config", config, "-B", folder], check=True, capture_output=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def deb(packages: pathlib.Path) -> pathlib.Path:
    (found,) = packages.glob("eclusa_*.deb")
    assert re.fullmatch(r"eclusa_\d+\.\d+\.\d+_amd64\.deb", found.name)
    return found


@pytest.fixture(scope="module")
def tarball(packages: pathlib.Path) -> pathlib.Path:
    (found,) = packages.glob("eclusa-*.tar.gz")
    assert re.fullmatch(r"eclusa-\d+\.\d+\.\d+-linux-amd64\.tar\.gz", found.name)
    return found


def depends(deb: pathlib.Path) -> list[str]:
    field = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], check=True, capture_output=True, text=True).stdout
    return sorted(re.match(r"[^ ,|]+", part.strip())[0] for part in field.split(","))  # type: ignore[index]


@pytest.fixture(scope="module")
def machine(deb: pathlib.Path) -> Iterator[Machine]:
    """With all that the package depends on, and without it."""
    try:
        machines.require()
        machines.enter_own_mounts()
        memory = pathlib.Path("/mnt")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", memory], check=True)
        root = memory / "root"
        machines.make_root(root, [*depends(deb), "systemd"])
    except machines.Impossible as reason:
        pytest.skip(str(reason))
    yield Machine(root)


@pytest.fixture()
def conninfo() -> Iterator[str]:
    with database.scratch_database("package") as made:
        with database.connect(made) as connection:
            database.execute(connection, PEOPLE)
        yield made


def test_the_documents_name_what_the_package_needs(deb: pathlib.Path) -> None:
    text = (SOURCE / "docs" / "deployment.md").read_text(encoding="utf-8")
    line = re.search(r"^    apt-get install --no-install-recommends ((?:.*\\\n)*.*)$", text, re.MULTILINE)
    assert line
    assert sorted(line[1].replace("\\\n", " ").split()) == depends(deb)


def test_the_tarball_runs_from_any_place(machine: Machine, tarball: pathlib.Path) -> None:
    with tarfile.open(tarball) as archive:
        archive.extractall(machine.root / "opt", filter="tar")
    (folder,) = (machine.root / "opt").iterdir()
    assert folder.name == tarball.name.removesuffix(".tar.gz")
    for place in ("first place", "second"):
        folder = folder.rename(machine.root / "opt" / place)
        with machine.entered():
            assert machine.run(f"/opt/{place}/bin/eclusa", "version").startswith("eclusa ")
            loaded = machine.run("ldd", f"/opt/{place}/bin/eclusa")
        for library in ("libarrow", "libparquet"):
            assert f"{library}.so.2600 => /opt/{place}/bin/../lib/eclusa/{library}.so.2600" in loaded
        assert "not found" not in loaded
    shutil.rmtree(folder)


def test_the_package_comes_works_and_goes(machine: Machine, deb: pathlib.Path, conninfo: str) -> None:
    # Not in /tmp, where the units have one of their own.
    shared = {pathlib.Path(str(conninfo_to_dict(conninfo)["host"])): SOCKETS, deb.parent: "/srv/packages"}
    conninfo = make_conninfo(conninfo, host=SOCKETS)
    with machine.booted(shared):
        before = machine.files()
        machine.run("dpkg", "-i", f"/srv/packages/{deb.name}")
        check_units(machine)
        set_up(machine, conninfo)
        start(machine)
        check_work(machine, conninfo)
        # Once more, as an upgrade: what runs is started anew, what was set up stays.
        pids = {unit: main_pid(machine, unit) for unit in (SERVER, *WORKERS)}
        machine.run("dpkg", "-i", f"/srv/packages/{deb.name}")
        assert all(main_pid(machine, unit) not in (0, pid) for unit, pid in pids.items())
        assert "DB_NAME" in (machine.root / "etc/eclusa/eclusa.env").read_text()
        check_stop(machine)
        machine.run("systemctl", "enable", "--now", SERVER)
        machine.run("dpkg", "--purge", "eclusa")
        # What an administrator has added is his.
        own = {"etc/eclusa", "etc/eclusa/contracts", "etc/eclusa/contracts/people.yaml"}
        assert machine.files() - before - BACKUPS == own
        assert machine.ask("getent", "passwd", "eclusa").returncode == 2
        assert machine.ask("getent", "group", "eclusa").returncode == 2
        assert units(machine) == ""


def check_units(machine: Machine) -> None:
    """Nothing is started that was not set up; the units are sound, and shut in."""
    assert units(machine) == ""
    names = ("eclusa-server.service", "eclusa-worker@.service")
    paths = [f"/usr/lib/systemd/system/{unit}" for unit in names]
    verdict = machine.ask("systemd-analyze", "verify", "--man=no", paths[0], paths[1].replace("@", "@1"))
    assert (verdict.returncode, verdict.stderr) == (0, "")
    for unit in (SERVER, WORKERS[0]):
        machine.run("systemd-analyze", "security", f"--threshold={EXPOSURE_MAX}", unit)
    assert machine.run("stat", "-c", "%a %U", "/etc/eclusa/eclusa.env") == "600 root\n"
    assert machine.run(BINARY, "config", "check", "--config", "/etc/eclusa/eclusa.yaml")
    assert "eclusa:" in machine.run("getent", "passwd", "eclusa")


def set_up(machine: Machine, conninfo: str) -> None:
    """By the variables of an existing deployment's .env file."""
    parts = conninfo_to_dict(conninfo)
    contracts = machine.root / "etc/eclusa/contracts"
    contracts.mkdir()
    (contracts / "people.yaml").write_text(PEOPLE_CONTRACT, encoding="utf-8")
    (machine.root / "etc/eclusa/eclusa.env").write_text(
        f"DB_HOST={parts['host']}\nDB_NAME={parts['dbname']}\nDB_USER={parts['user']}\nDB_PASS=any\n"
        "ECLUSA_LISTEN=127.0.0.1:0\nECLUSA_CONTRACTS=/etc/eclusa/contracts\n",
        encoding="utf-8",
    )


def start(machine: Machine) -> None:
    started = machine.ask("systemctl", "start", SERVER, *WORKERS)
    assert started.returncode == 0, machine.run("journalctl", "-o", "cat", "-n", "100")


def check_work(machine: Machine, conninfo: str) -> None:
    """By the command line, and through the server and its workers."""
    (machine.root / "people.csv").write_text("tenant,id,name\n47,1,ana\n47,2,\n", encoding="utf-8")
    as_eclusa = {"user": "eclusa", "env": {"ECLUSA_DB": conninfo}}
    assert machine.run(BINARY, "doctor", **as_eclusa)
    loaded = machine.ask(BINARY, "load", "/people.csv", "--to", "people", **as_eclusa)
    assert loaded.returncode == 3, loaded.stdout + loaded.stderr  # one of two rows failed
    (machine.root / "people.csv").unlink()
    url = served_at(machine)
    token = machine.run(BINARY, "token", "create", "--name", "test", "--role", "read", **as_eclusa).strip()
    metrics = Client(url, token).ask("GET", "/metrics").body.decode()
    assert "\neclusa_workers 3\n" in metrics
    sender = machine.run(BINARY, "token", "create", "--name", "test", "--tenant", "47", **as_eclusa).strip()
    assert Client(url, sender).load("id,name\n3,eva\n")["state"] == "SUCCEEDED"
    for unit in (SERVER, *WORKERS):
        pid = main_pid(machine, unit)
        assert machine.run("stat", "-c", "%U", f"/proc/{pid}") == "eclusa\n"
        # A password is in no argument, and the program shut in.
        assert "any" not in machine.run("cat", f"/proc/{pid}/cmdline")
        assert "NoNewPrivs:\t1\n" in machine.run("cat", f"/proc/{pid}/status")


def served_at(machine: Machine) -> str:
    """Where the server says that it listens; the journal is a moment behind."""
    end = time.monotonic() + machines.PATIENCE
    while True:
        said = machine.run("journalctl", "-o", "cat")
        if url := re.search(r"serving (http\S+)", said):
            return url[1]
        assert time.monotonic() < end, said


def check_stop(machine: Machine) -> None:
    machine.run("systemctl", "stop", SERVER, *WORKERS)
    for unit in (SERVER, *WORKERS):
        shown = machine.run("systemctl", "show", "-p", "Result,ExecMainStatus,ActiveState", unit)
        assert set(shown.split()) == {"Result=success", "ExecMainStatus=0", "ActiveState=inactive"}, shown


def units(machine: Machine) -> str:
    """All that systemd knows of, running or not."""
    return machine.run("systemctl", "list-units", "eclusa*", "--all", "--plain", "--no-legend")


def main_pid(machine: Machine, unit: str) -> int:
    return int(machine.run("systemctl", "show", "-p", "MainPID", "--value", unit))

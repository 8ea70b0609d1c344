"""Nothing of the product needs root: the private PostgreSQL and a load, as somebody else, who owns nothing but a home."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

import pytest

from tests.product import Eclusa

NOBODY = 65534
PATIENCE = 60


class Other:
    def __init__(self, folder: pathlib.Path) -> None:
        self.home = folder / "at home"
        self.home.mkdir()
        built = pathlib.Path(Eclusa("").binary).resolve()
        libraries = pathlib.Path(os.environ["ECLUSA_DEPS"]) / "arrow" / "lib"
        # Root's own folders are closed to others.
        self.binary = folder / "build" / "eclusa"
        self.binary.parent.mkdir()
        shutil.copy(built, self.binary)
        shutil.copytree(libraries, folder / "deps" / "arrow" / "lib", symlinks=True)
        self.owner = NOBODY if os.geteuid() == 0 else os.geteuid()
        os.chown(self.home, self.owner, -1)
        kept = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        sanitizers = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        self.environment = {**kept, **sanitizers, "HOME": str(self.home)}

    def run(self, *command: str, good: int = 0) -> str:
        become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
        run = subprocess.run(
            [*become, *command], cwd=self.home,
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert run.returncode == good, run.stdout + run.stderr
        return run.stdout.strip()

    def eclusa(self, *arguments: str, good: int = 0) -> str:
        return self.run(str(self.binary), *arguments, good=good)


@pytest.fixture()
def other() -> Iterator[Other]:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        user = Other(folder)
        yield user
        user.eclusa("db", "stop")


def test_a_load_into_a_private_server_of_ones_own(other: Other) -> None:
    other.eclusa("db", "start")
    url = other.eclusa("db", "url")
    other.run("psql", url, "-qc", "CREATE TABLE t (id int PRIMARY KEY, name text)")
    (other.home / "t.csv").write_text("id,name\n1,ana\nx,rui\n")
    other.eclusa("load", "t.csv", "--to", "t", good=3)
    assert other.run("psql", url, "-Atc", "SELECT * FROM t") == "1|ana"
    assert other.run("psql", url, "-Atc", "SHOW unix_socket_directories")
    data = other.home / ".local" / "share" / "eclusa" / "pg"
    assert data.stat().st_uid == other.owner
    assert {path.stat().st_uid for path in other.home.rglob("*") if path.name != "t.csv"} == {other.owner}

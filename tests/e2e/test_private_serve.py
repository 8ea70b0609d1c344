"""`eclusa serve` with nothing set up: on a PostgreSQL of its own, which comes and goes with it."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import select
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests import database
from tests.api.conftest import PEOPLE, PEOPLE_CONTRACT, Client
from tests.product import Eclusa

# A process that has not ended by then never will.
PATIENCE = 60


class Own:
    """A folder for the private PostgreSQL, and the product without a word about another."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.binary = Eclusa("").binary
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ECLUSA_", "DB_", "PG"))}
        self.environment = {**kept, "LANG": "C.UTF-8", "HOME": str(folder)}
        self.flags = ["--data-dir", str(folder / "pg")]

    def run(self, *arguments: str, good: int = 0) -> str:
        run = subprocess.run(
            [self.binary, *arguments, *self.flags],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert run.returncode == good, run.stdout + run.stderr
        return run.stdout.strip()

    def status(self, *, running: bool) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.run("db", "status", "--json", good=0 if running else 1))
        assert status["running"] == running
        return status

    @contextlib.contextmanager
    def serving(self) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """The process, and its URL; however it ends, its PostgreSQL ends too."""
        with (self.folder / "serve.log").open("ab") as log:
            process = subprocess.Popen(
                [self.binary, "serve", "--listen", "127.0.0.1:0", *self.flags],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("serving http://127.0.0.1:"), (self.folder / "serve.log").read_text()
        status = self.status(running=True)
        assert status["users"] == [process.pid] and not status["stays"]
        servers = [os.pidfd_open(status[name]) for name in ("server_pid", "supervisor_pid")]
        try:
            yield process, line.split()[1]
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)
            for server in servers:
                ended = select.select([server], [], [], PATIENCE)[0]
                os.close(server)
                assert ended, "the private PostgreSQL goes on without its user"
        self.status(running=False)


@pytest.fixture(scope="module")
def own() -> Iterator[Own]:
    # Not under tmp_path: root's server is not root, and root's folders of tests are closed to others.
    with tempfile.TemporaryDirectory(prefix="eclusa-serve.", dir="/tmp") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        yield Own(folder)


def test_a_file_is_loaded_with_nothing_set_up(own: Own) -> None:
    (own.folder / "people.yaml").write_text(PEOPLE_CONTRACT, encoding="utf-8")
    with own.serving() as (process, url):
        with psycopg.connect(own.run("db", "url"), autocommit=True) as sql:
            database.execute(sql, PEOPLE)
            own.run("contract", "publish", str(own.folder / "people.yaml"))
            token = own.run("token", "create", "--name", "test", "--role", "submit", "--tenant", "47")
            assert Client(url).ask("GET", "/health/ready").status == 200
            ended = Client(url, token).load("id,name\n1,ana\n2,rui\n")
            assert (ended["state"], ended["successes"]) == ("SUCCEEDED", 2)
            assert database.text_rows(sql, "SELECT * FROM people ORDER BY id") == [("47", "1", "ana"), ("47", "2", "rui")]
        process.terminate()
        assert process.wait(timeout=PATIENCE) == 0, (own.folder / "serve.log").read_text()
    # Beside the server, and not in somebody's home.
    assert {path.name for path in own.folder.iterdir()} == {"pg", "store", "people.yaml", "serve.log"}
    with own.serving() as (_, url):  # what was there is there again, the token too
        assert Client(url, token).ask("GET", f"/v1/loads/{ended['id']}").json["state"] == "SUCCEEDED"


def test_it_ends_with_a_server_that_was_killed(own: Own) -> None:
    with own.serving() as (process, _):
        process.kill()
        process.wait(timeout=PATIENCE)

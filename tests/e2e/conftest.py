"""What the end-to-end tests share: a database of their own and the product beside it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence

import psycopg
import pytest

from tests import database
from tests.product import Eclusa, Run


# A load that has not come to its point by then never will.
HOLD_SECONDS = 30


@contextlib.contextmanager
def held(
    gate: pathlib.Path, point: str, start: Callable[[str], subprocess.Popen[bytes]]
) -> Iterator[subprocess.Popen[bytes]]:
    """Starts a process with this fault, lets the caller act when it is at the point, and then it goes on."""
    reached = gate.with_name(f"{gate.name}.reached")
    for pipe in (gate, reached):
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
    seen = os.open(reached, os.O_RDONLY | os.O_NONBLOCK)
    process = start(f"{point}:hold {gate}")
    try:
        if not select.select([seen], [], [], HOLD_SECONDS)[0]:
            process.kill()
            raise AssertionError(f"not passed: {point}: {process.communicate()}")
        yield process
    finally:
        # Blocks until the point has opened the gate, unless the process has ended.
        threading.Thread(target=gate.write_bytes, args=(b"go\n",), daemon=True).start()
        os.close(seen)


class Bench:
    """An empty database, a folder for files, and the product."""

    def __init__(self, conninfo: str, folder: pathlib.Path) -> None:
        self.conninfo = conninfo
        self.folder = folder
        self.product = Eclusa(conninfo)
        self.sql = psycopg.connect(conninfo, autocommit=True)
        self.workers: list[subprocess.Popen[bytes]] = []  # what a test that fails leaves behind is ended

    def run_sql(self, text: str) -> None:
        database.execute(self.sql, text)

    def rows(self, query: str) -> list[tuple[str, ...]]:
        return database.text_rows(self.sql, query)

    def value(self, query: str) -> str:
        return self.rows(query)[0][0]

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def wait_for_sessions_to_end(self) -> None:
        """Until the server has noticed that the product's process is gone."""
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'eclusa' AND datname = current_database()"
        )
        for _ in range(3000):
            if self.value(query) == "0":
                return
            self.run_sql("SELECT pg_sleep(0.01)")
        raise AssertionError("sessions of a process that is gone are still there")

    def wait_until(self, query: str) -> None:
        for _ in range(3000):
            if self.value(query) == "t":
                return
            self.run_sql("SELECT pg_sleep(0.02)")
        raise AssertionError(f"never true: {query}")

    def start(self, arguments: Sequence[str], **variables: str) -> subprocess.Popen[bytes]:
        """Runs the product beside the test; finish() waits for it."""
        process = subprocess.Popen(
            [self.product.binary, *arguments, "--db", self.conninfo, "--json"],
            env={**os.environ, "LANG": "C.UTF-8", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.workers.append(process)
        return process

    def finish(self, process: subprocess.Popen[bytes]) -> Run:
        stdout, stderr = process.communicate(timeout=HOLD_SECONDS)
        return Run(tuple(process.args), process.returncode, stdout.decode(), stderr.decode())

    @contextlib.contextmanager
    def held_at(self, point: str, arguments: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
        """Runs the product until it reaches the point, lets the caller act, and then on to its end."""

        def start(fault: str) -> subprocess.Popen[bytes]:
            return self.start(arguments, ECLUSA_FAULT=fault)

        with held(self.folder / "gate", point, start) as process:
            yield process
        process.wait(timeout=HOLD_SECONDS)


@pytest.fixture()
def bench(tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    name = "e2e_" + request.node.name[:40].split("[")[0].lower()
    with database.scratch_database(name) as conninfo:
        bench = Bench(conninfo, tmp_path)
        yield bench
        for worker in bench.workers:
            worker.kill()
            worker.wait()
        bench.sql.close()

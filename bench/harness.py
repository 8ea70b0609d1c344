"""What every bench needs: a server of its own, processes that are timed, and the table at the end.

A bench runs what it compares in turn (A B A B ...), at least three rounds, and judges ratios of medians
only: absolute times belong to the machine and the minute.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence

import psycopg
from psycopg.conninfo import make_conninfo

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "bench"

# As a server is set up for loading; durability is PostgreSQL's default.
SETTINGS = {
    "shared_buffers": "2GB",
    "max_wal_size": "16GB",
    "min_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "effective_cache_size": "12GB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "max_connections": "50",
}


class BenchError(Exception):
    """The bench cannot be run, or what it ran did not do its work."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run of a process. `extra` holds what the process said of itself."""

    seconds: float
    peak_mib: float = 0.0
    output: str = ""
    extra: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Goal:
    name: str  # in the JSON
    what: str  # for people
    must: float
    aim: float
    better: str = "lower"
    unit: str = ""


@dataclasses.dataclass(frozen=True)
class Row:
    goal: Goal
    value: float | None  # None: could not be measured
    note: str = ""

    def verdict(self) -> str:
        if self.value is None:
            return "NOT MEASURED"
        if _meets(self.value, self.goal.aim, self.goal.better):
            return "aim"
        return "must" if _meets(self.value, self.goal.must, self.goal.better) else "MISSED"

    @property
    def missed(self) -> bool:
        return self.verdict() in ("MISSED", "NOT MEASURED")


def _meets(value: float, limit: float, better: str) -> bool:
    return value <= limit if better == "lower" else value >= limit


class Server:
    """A PostgreSQL on TCP loopback in a folder of its own (a rival needs TCP)."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._bin = _server_programs()
        self._folder = folder
        self._data = folder / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.conninfo = make_conninfo(
            host="127.0.0.1", port=self.port, user="bench", dbname="postgres"
        )
        self.url = f"postgresql://bench@127.0.0.1:{self.port}/postgres"
        self.psql = [str(self._bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url]

    def start(self) -> None:
        if is_root():
            shutil.chown(self._folder, "postgres")
        self._run(
            "initdb", "-D", str(self._data), "-U", "bench", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8",
        )  # fmt: skip
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            **SETTINGS,
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run(
            "pg_ctl", "-D", str(self._data), "-w", "-s", "-l", str(self._folder / "log"), "-o",
            options, "start",
        )  # fmt: skip

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "-s", "stop")

    def sql(self, *statements: str) -> list[tuple[object, ...]]:
        """Runs statements, each by itself; gives the rows of the last."""
        rows: list[tuple[object, ...]] = []
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def number(self, query: str) -> int:
        return int(str(self.sql(query)[0][0]))

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        if is_root():
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            raise BenchError(f"{program} failed with {done.returncode}")


def _server_programs() -> pathlib.Path:
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise BenchError("no PostgreSQL server is installed; run ./x setup bench")
    return found[-1].parent


@contextlib.contextmanager
def server() -> Iterator[tuple[Server, pathlib.Path]]:
    """A server and a folder for files; both are gone afterwards. TMPDIR says where."""
    with tempfile.TemporaryDirectory(prefix="eclusa-bench-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        cluster = folder / "server"
        cluster.mkdir()
        running = Server(cluster)
        running.start()
        try:
            files = folder / "files"
            files.mkdir()
            yield running, files
        finally:
            running.stop()


def timed(
    command: Sequence[str],
    *,
    exits: Sequence[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> Sample:
    """Runs a process; its time is that between its start and its end, its memory its peak."""
    with tempfile.NamedTemporaryFile("r") as measured:
        watcher = [sys.executable, "-I", "-S", str(ROOT / "bench" / "measure.py"), measured.name]
        done = subprocess.run(
            [*watcher, *command],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in exits:
            raise BenchError(
                f"exit {done.returncode}: {' '.join(command)}\n{done.stdout}{done.stderr}"
            )
        numbers = json.loads(measured.read())
    return Sample(numbers["seconds"], numbers["peak_mib"], done.stdout)


def median(samples: Sequence[Sample]) -> float:
    return statistics.median(sample.seconds for sample in samples)


def spread(samples: Sequence[Sample]) -> float:
    """(longest - shortest) / median: how far the rounds lie apart."""
    seconds = [sample.seconds for sample in samples]
    return (max(seconds) - min(seconds)) / statistics.median(seconds)


def is_root() -> bool:
    return os.geteuid() == 0


def print_samples(samples: Mapping[str, Sequence[Sample]]) -> None:
    print(f"\n{'measured':34s} {'median':>10s} {'spread':>7s} {'peak':>9s}  rounds")
    for name, runs in samples.items():
        peak = max(run.peak_mib for run in runs)
        each = " ".join(f"{run.seconds:.2f}" for run in runs)
        memory = f"{peak:7.0f} M" if peak else ""
        print(f"{name:34s} {median(runs):8.2f} s {spread(runs):6.0%} {memory:>9s}  {each}")


def finish(bench: str, rows: Sequence[Row]) -> int:
    """Prints the table, writes build/bench/NAME.json, and gives the exit code."""
    load = ", ".join(f"{number:.2f}" for number in os.getloadavg())
    print(f"\nload average {load}; {os.cpu_count()} cores\n")
    print(f"{'ratio of medians':66s} {'value':>9s} {'must':>8s} {'aim':>8s}")
    for row in rows:
        sign = "<=" if row.goal.better == "lower" else ">="
        value = "-" if row.value is None else f"{row.value:.2f}"
        print(
            f"{row.goal.what:66s} {value:>9s} {sign}{row.goal.must:6g} {sign}{row.goal.aim:6g}"
            f"  {row.verdict()}{' ' + row.goal.unit if row.goal.unit else ''}"
            f"{'  ' + row.note if row.note else ''}"
        )
    RESULTS.mkdir(parents=True, exist_ok=True)
    document = [
        {
            "name": row.goal.name,
            "value": row.value,
            "must": row.goal.must,
            "aim": row.goal.aim,
            "better": row.goal.better,
        }
        for row in rows
    ]
    path = RESULTS / f"{bench}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    missed = [row.goal.what for row in rows if row.missed]
    print(f"\n{path.relative_to(ROOT)}")
    for what in missed:
        print(f"missed: {what}")
    return 1 if missed else 0

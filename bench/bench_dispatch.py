"""One upload, its parts, many workers, RabbitMQ: beside the seed's way, and by itself.

    ./x bench dispatch                      # 50,000 lines against the rival; 500,000 and 5,000,000 lines alone;
                                            # four files by 1, 2 and 4 workers; what a message costs
    ./x bench dispatch --only split

The rival (rivals/splitter.py) is Flask, pika and psycopg2 with two workers; eclusa is one server and one
worker process with two slots. Both have the same PostgreSQL and the same RabbitMQ.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import harness
from harness import BenchError, Goal, Row

EXAMPLE = harness.ROOT / "examples" / "dispatch"
SPLITTER = harness.ROOT / "bench" / "rivals" / "splitter.py"
LINES = 50_000
FEW, MANY = 500_000, 5_000_000
FILES, FILE_LINES = 4, 100_000  # for many workers
WORKERS = (1, 2, 4)
PATIENCE = 900


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise BenchError(f"did not start: {process.args}")
    return line


def peak_mib(process: subprocess.Popen[str]) -> float:
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def processor_seconds() -> dict[str, float]:
    """User and system time of PostgreSQL and of eclusa so far."""
    spent = {"postgres": 0.0, "eclusa": 0.0}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            head, _, tail = (entry / "stat").read_text().rpartition(")")
            name = head.partition("(")[2]
            if name not in spent:
                continue
            # What PostgreSQL's sessions took that have ended is their parent's.
            ticks = sum(int(field) for field in tail.split()[11:15])
            spent[name] += ticks / os.sysconf("SC_CLK_TCK")
    return spent


def get(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def upload(url: str, path: pathlib.Path, dataset: str = "base_teste") -> Any:
    sent = subprocess.run(
        ["curl", "-sf", "-F", f"{dataset}=@{path}", url], capture_output=True, text=True, check=True
    )
    return json.loads(sent.stdout)


def until_completed(url: str, path: pathlib.Path, pause: float) -> tuple[float, Any]:
    """Seconds from the upload's first byte to the final state, and the last status."""
    begin = time.perf_counter()
    status_url = upload(url, path)["url"]
    while True:
        status = get(status_url)
        if status["status"] != "processing":
            return time.perf_counter() - begin, status
        if time.perf_counter() - begin > PATIENCE:
            raise BenchError(f"not completed: {status}")
        time.sleep(pause)


@contextlib.contextmanager
def processes(*commands: list[str], environment: dict[str, str] | None = None) -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    try:
        for command in commands:
            started.append(
                subprocess.Popen(
                    command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL, text=True,
                )  # fmt: skip
            )
        yield started
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(timeout=60)


class DispatchBench:
    def __init__(self, server: harness.Server, folder: pathlib.Path, broker: str) -> None:
        self._server = server
        self._folder = folder
        self._broker = broker
        self._eclusa = os.environ.get("ECLUSA_BIN") or str(harness.ROOT / "build" / "release" / "eclusa")
        self._numbers: dict[str, list[float]] = {}

    def prepare(self) -> None:
        self._server.sql((EXAMPLE / "tables.sql").read_text(encoding="utf-8"))
        self._file(LINES)

    def _file(self, lines: int) -> pathlib.Path:
        path = self._folder / f"base_teste_{lines}.txt"
        if not path.exists():
            with path.open("wb") as out:
                subprocess.run([sys.executable, str(EXAMPLE / "make_base.py"), str(lines)], stdout=out, check=True)
        return path

    @contextlib.contextmanager
    def _eclusa_site(self) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
        environment = {
            "ECLUSA_DB": self._server.url, "ECLUSA_BROKER_URL": self._broker,
            "ECLUSA_API_OPEN": "base_teste 127.0.0.1", "ECLUSA_API_REQUESTS_PER_MINUTE": "0",
            "ECLUSA_STORAGE_FOLDER": str(self._folder / "store"),
        }  # fmt: skip
        serve = [self._eclusa, "serve", "--listen", "127.0.0.1:0", "--workers", "0",
                 "--contracts", str(EXAMPLE / "contracts")]  # fmt: skip
        with processes(serve, [self._eclusa, "worker", "--workers", "2"], environment=environment) as started:
            url = ready(started[0]).split()[1]
            ready(started[1])
            yield url, started

    @contextlib.contextmanager
    def _rival(self) -> Iterator[str]:
        port = free_port()
        python = [sys.executable, str(SPLITTER)]
        with processes([*python, "web", self._server.url, self._broker, str(port)]) as web:
            ready(web[0])
            worker = [*python, "worker", self._server.url, self._broker]
            with processes(worker, worker) as workers:
                for process in workers:
                    ready(process)
                url = f"http://127.0.0.1:{port}/"
                end = time.monotonic() + PATIENCE
                while True:
                    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                        break
                    if time.monotonic() > end:
                        raise BenchError("the rival does not listen")
                yield url

    def _keep(self, name: str, value: float) -> None:
        self._numbers.setdefault(name, []).append(value)

    def measure_split(self, rounds: int) -> None:
        """New rows, then the same file again, by both in turn."""
        path = self._file(LINES)
        with self._eclusa_site() as (url, _), self._rival() as rival:
            for _ in range(rounds):
                self._server.sql("TRUNCATE user_purchase, rival_purchase, rival_status")
                seconds, status = until_completed(url, path, 0.002)
                added = sum(part["message"]["total_added"] for part in status["success"])
                if status["status"] != "completed" or added != LINES:
                    raise BenchError(f"eclusa: {status}")
                self._keep("eclusa_new", seconds)
                seconds, status = until_completed(rival, path, 0.002)
                if self._server.number("SELECT count(*) FROM rival_purchase") != LINES:
                    raise BenchError(f"rival: {status}")
                self._keep("rival_new", seconds)
                self._keep("eclusa_again", until_completed(url, path, 0.002)[0])
                self._keep("copy", self._copy())

    def _copy(self) -> float:
        """psql's COPY of the same rows, clean and ready-made, straight into the same table: no upload, no check, no
        judgement. What is beyond it is out of anybody's reach who keeps the table's indexes."""
        ready_made = self._folder / "ready.csv"
        columns = (
            "cpf, private, incompleto, data_ultima_compra, ticket_medio, ticket_ultima_compra, loja_mais_frequente,"
            " loja_ultima_compra, cpf_invalido, loja_mais_frequente_invalida, loja_ultima_compra_invalida"
        )
        copy = f"\\copy user_purchase ({columns})"
        if not ready_made.exists():
            subprocess.run([*self._server.psql, "-c", f"{copy} TO '{ready_made}' CSV"], check=True)
        self._server.sql("TRUNCATE user_purchase")
        return harness.timed([*self._server.psql, "-c", f"{copy} FROM '{ready_made}' CSV"]).seconds

    def measure_size(self, rounds: int) -> None:
        """Time by number of lines, and memory."""
        del rounds
        for name, lines in (("few", FEW), ("many", MANY)):
            path = self._file(lines)
            with self._eclusa_site() as (url, started):
                self._server.sql("TRUNCATE user_purchase")
                seconds, status = until_completed(url, path, 0.05)
                if status["status"] != "completed":
                    raise BenchError(f"eclusa: {status['error']}")
                self._keep(f"seconds_{name}", seconds)
                self._keep(f"server_{name}", peak_mib(started[0]))
                self._keep(f"worker_{name}", peak_mib(started[1]))

    def measure_workers(self, rounds: int) -> None:
        """Four files for four tables at once, by so many workers of one slot each."""
        folder = self._folder / "contracts"
        folder.mkdir(exist_ok=True)
        names = [f"base_{number}" for number in range(FILES)]
        contract = (EXAMPLE / "contracts" / "base_teste.yaml").read_text(encoding="utf-8")
        for name in names:
            own = contract.replace("base_teste", name).replace("user_purchase", name).replace(":dispatch", f":{name}")
            (folder / f"{name}.yaml").write_text(own, encoding="utf-8")
            table = (EXAMPLE / "tables.sql").read_text(encoding="utf-8").replace("user_purchase", name)
            self._server.sql(f"DROP TABLE IF EXISTS {name}", table)
        path = self._file(FILE_LINES)
        environment = {
            "ECLUSA_DB": self._server.url, "ECLUSA_BROKER_URL": self._broker,
            "ECLUSA_API_OPEN": ",".join(f"{name} 127.0.0.1" for name in names),
            "ECLUSA_STORAGE_FOLDER": str(self._folder / "store"), "ECLUSA_API_REQUESTS_PER_MINUTE": "0",
        }  # fmt: skip
        serve = [self._eclusa, "serve", "--listen", "127.0.0.1:0", "--workers", "0", "--contracts", str(folder)]
        for _ in range(min(rounds, 3)):
            for count in WORKERS:
                self._server.sql("TRUNCATE " + ", ".join(names))
                workers = [[self._eclusa, "worker", "--workers", "1"]] * count
                with processes(serve, *workers, environment=environment) as started:
                    url = ready(started[0]).split()[1]
                    for process in started[1:]:
                        ready(process)
                    self._load_all(url, names, path, count)

    def _load_all(self, url: str, names: list[str], path: pathlib.Path, workers: int) -> None:
        before, begin = processor_seconds(), time.perf_counter()
        waiting = [upload(url, path, name)["url"] for name in names]
        while waiting:
            told = [(each, get(each)["status"]) for each in waiting]
            if any(status == "failed" for _, status in told):
                raise BenchError("a load has failed")
            waiting = [each for each, status in told if status == "processing"]
            time.sleep(0.02)
        seconds = time.perf_counter() - begin
        self._keep(f"workers_{workers}", FILES * FILE_LINES / seconds)
        for name, after in processor_seconds().items():  # cores that it kept busy
            self._keep(f"{name}_{workers}", (after - before[name]) / seconds)

    def measure_message(self, rounds: int) -> None:
        """What a message costs, from the outbox to whoever it wakes."""
        del rounds
        program = harness.ROOT / "build" / "release" / "eclusa_dispatch_bench"
        environment = {**os.environ, "ECLUSA_TEST_DB": self._server.url}
        told = subprocess.run([str(program)], env=environment, capture_output=True, text=True, check=False)
        if told.returncode != 0:
            raise BenchError(told.stdout + told.stderr)
        for name, value in json.loads(told.stdout).items():
            self._keep(f"message_{name}", float(value["p50"] if isinstance(value, dict) else value))

    def rows(self) -> list[Row]:
        middle = {name: statistics.median(values) for name, values in self._numbers.items()}

        def row(goal: Goal, *names: str, value: Any) -> Row:
            known = all(name in middle for name in names)
            return Row(goal, value() if known else None)

        return [
            row(Goal("split", "the seed's way / upload to final state, 50,000 lines", 20, 40, better="higher"),
                "rival_new", "eclusa_new", value=lambda: middle["rival_new"] / middle["eclusa_new"]),
            row(Goal("copy", "the seed's way / psql COPY of its clean rows into the table: the ceiling", 20, 40,
                     better="higher"),
                "rival_new", "copy", value=lambda: middle["rival_new"] / middle["copy"]),
            row(Goal("again", "the same file again / the first time", 1.0, 0.7),
                "eclusa_again", "eclusa_new", value=lambda: middle["eclusa_again"] / middle["eclusa_new"]),
            row(Goal("server", "peak memory of the server, 5 M lines", 256, 64, unit="MiB"),
                "server_many", value=lambda: middle["server_many"]),
            row(Goal("worker", "peak memory of the worker with two slots, 5 M lines", 256, 200, unit="MiB"),
                "worker_many", value=lambda: middle["worker_many"]),
            row(Goal("linear", "time a line, 5 M lines / 500,000 lines", 1.25, 1.1), "seconds_few", "seconds_many",
                value=lambda: middle["seconds_many"] / MANY / (middle["seconds_few"] / FEW)),
            row(Goal("workers", "rows a second by 4 workers / by 1 (two cores for all)", 1.0, 1.3, better="higher"),
                "workers_1", "workers_4", value=lambda: middle["workers_4"] / middle["workers_1"]),
            row(Goal("message", "the message of a part, published and confirmed (500 at once)", 2, 1, unit="ms"),
                "message_batch", value=lambda: middle["message_batch"] / 1000),
            row(Goal("hint", "a single one, from the outbox's commit to whoever it wakes, median", 2, 1, unit="ms"),
                "message_hint", value=lambda: middle["message_hint"] / 1000),
        ]  # fmt: skip

    def print_numbers(self) -> None:
        for name, values in self._numbers.items():
            each = " ".join(f"{value:.4g}" for value in values[:6])
            print(f"{name:14s} median {statistics.median(values):10.4f}  of {len(values):3d}: {each}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures split and dispatch.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[], choices=["split", "size", "workers", "message"])
    options = parser.parse_args()
    broker = os.environ.get("ECLUSA_TEST_BROKER")
    if broker is None:  # once more, beside a broker
        keeper = str(harness.ROOT / "tools" / "with_rabbitmq.sh")
        os.execv(keeper, [keeper, sys.executable, *sys.argv])
    with harness.server() as (server, folder):
        bench = DispatchBench(server, folder, broker)
        bench.prepare()
        for name, measure in (
            ("split", bench.measure_split), ("size", bench.measure_size), ("workers", bench.measure_workers),
            ("message", bench.measure_message),
        ):  # fmt: skip
            if options.only and name not in options.only:
                continue
            print(f"measuring {name}", flush=True)
            try:
                measure(options.rounds)
            except BenchError as error:  # the others are still worth knowing
                print(f"  {error}", flush=True)
    bench.print_numbers()
    rows = bench.rows()
    if options.only:
        rows = [row for row in rows if row.value is not None]
    return harness.finish("dispatch", rows)


if __name__ == "__main__":
    sys.exit(main())

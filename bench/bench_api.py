"""The bulk API beside cp, pgbench, psql and the load by hand.

    ./x bench api                          # 1,000,000 rows, 1 GiB, 3 rounds
    ./x bench api --only one_row --only status

Each number is a ratio to something that is run in the same minute, but for delays, which are what they
are. `--list` names what is measured.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import psycopg

import harness
import supplier
from harness import BenchError, Goal, Row

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: urn:eclusa:{name}
name: {name}
version: 1.0.0
status: active
schema:
  - name: {name}
    logicalType: object
    physicalName: {name}
    customProperties:
      - {{property: eclusa.path, value: /bench/{name}}}
    properties:
"""
ONE_ROW = "id,v\n{0},{0}\n"
GIB = 1 << 30
CONNECTIONS = 16
SECONDS = 5
SLOW_CLIENTS = 2000
SNAPSHOT_SECONDS = 60
JOBS_A_SECOND = 50
WAITING = 1000


class Api:
    """A running `eclusa serve` and one token for it."""

    def __init__(self, eclusa: str, server: harness.Server, folder: pathlib.Path, *flags: str) -> None:
        self.eclusa = eclusa
        self.server = server
        # One token asks more often here than any client should.
        environment = {**os.environ, "ECLUSA_DB": server.url, "ECLUSA_API_REQUESTS_PER_MINUTE": "0"}
        self.token = self.make_token()
        self.process = subprocess.Popen(
            [eclusa, "serve", "--listen", "127.0.0.1:0", "--storage", str(folder / "store"), *flags],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line.startswith("serving "):
            raise BenchError("eclusa serve did not start")
        self.url = line.split()[1]
        self.host = urllib.parse.urlsplit(self.url).netloc
        self._connection = http.client.HTTPConnection(self.host, timeout=600)

    def make_token(self, *flags: str) -> str:
        made = subprocess.run(
            [self.eclusa, "token", "create", "--name", "bench", *flags, "--db", self.server.url],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return made.stdout.strip()

    def stop(self) -> None:
        self._connection.close()
        self.process.terminate()
        self.process.wait(timeout=60)

    def peak_mib(self) -> float:
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status >= 300:
            raise BenchError(f"{method} {path}: {answer.status} {read[:500]!r}")
        return json.loads(read)

    def slot(self, dataset: str, file: str) -> Any:
        return self.ask("POST", f"/bench/{dataset}/_bulk", {"file": file})

    def send(self, slot: Any, path: pathlib.Path) -> None:
        subprocess.run(["curl", "-sf", "-o", "/dev/null", "-T", str(path), slot["upload_url"]], check=True)

    def register(self, dataset: str, slot: Any) -> str:
        job = self.ask("PUT", f"/bench/{dataset}/_bulk", {"upload_id": slot["id"]})
        return urllib.parse.urlsplit(job["status_url"]).path

    def wait(self, status: str, pause: float = 0.0) -> Any:
        while True:
            document = self.ask("GET", status)
            if document["finished_at"]:
                if not document["state"].startswith("SUCCEEDED"):
                    raise BenchError(f"{document['state']}: {document['error']}")
                return document
            if pause:
                time.sleep(pause)

    def load(self, dataset: str, path: pathlib.Path) -> float:
        """Seconds from the question where to upload to the end of the job."""
        begin = time.perf_counter()
        slot = self.slot(dataset, path.name)
        self.send(slot, path)
        self.wait(self.register(dataset, slot), pause=0.01)
        return time.perf_counter() - begin


class ApiBench:
    def __init__(self, server: harness.Server, folder: pathlib.Path, rows: int, size: int) -> None:
        self._server = server
        self._folder = folder
        self._rows = rows
        self._size = size
        self._eclusa = os.environ.get("ECLUSA_BIN") or str(harness.ROOT / "build" / "release" / "eclusa")
        self._numbers: dict[str, list[float]] = {}
        self._next_id = 0

    def prepare(self) -> None:
        supplier.make_tables(self._server, self._rows)
        supplier.make_files(self._server, self._folder)
        self._server.sql("CREATE TABLE one (id int PRIMARY KEY, v int)")
        subprocess.run([self._eclusa, "jobs", "--db", self._server.url], check=True, capture_output=True)
        self._publish("one", "      - {name: id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1}\n"
                             "      - {name: v, logicalType: integer}\n")  # fmt: skip
        for name in ("supplier", "supplier_b"):
            supplier.fill_target(self._server, "")
            if name == "supplier_b":
                self._server.sql("DROP TABLE IF EXISTS supplier_b", "CREATE TABLE supplier_b (LIKE supplier INCLUDING ALL)")
            self._publish_table(name)

    def _publish(self, name: str, properties: str) -> None:
        path = self._folder / f"{name}.yaml"
        path.write_text(CONTRACT.format(name=name) + properties)
        self._run("contract", "publish", str(path))

    def _publish_table(self, name: str) -> None:
        path = self._folder / f"{name}.yaml"
        text = self._run("contract", "from-table", name)
        marker = "    physicalName:"
        head, tail = text.split(marker, 1)
        line, rest = tail.split("\n", 1)
        custom = f"\n    customProperties:\n      - {{property: eclusa.path, value: /bench/{name}}}\n"
        if "    customProperties:\n" in rest:
            rest = rest.replace("    customProperties:\n", custom.lstrip("\n"), 1)
            custom = "\n"
        path.write_text(head + marker + line + custom + rest)
        self._run("contract", "publish", str(path))

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._eclusa, *arguments, "--db", self._server.url], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BenchError(done.stdout + done.stderr)
        return done.stdout

    @contextlib.contextmanager
    def _api(self, *flags: str) -> Iterator[Api]:
        api = Api(self._eclusa, self._server, self._folder, *flags)
        try:
            yield api
        finally:
            api.stop()

    def _keep(self, name: str, value: float) -> None:
        self._numbers.setdefault(name, []).append(value)

    def _one_row_file(self) -> pathlib.Path:
        self._next_id += 1
        path = self._folder / "one.csv"
        path.write_text(ONE_ROW.format(self._next_id))
        return path

    # --- what is measured ---

    def one_row(self) -> None:
        with self._api() as api:
            for number in range(20):
                slot = api.slot("one", "one.csv")
                api.send(slot, self._one_row_file())
                begin = time.perf_counter()
                api.wait(api.register("one", slot))
                if number >= 5:  # after its start
                    self._keep("one_row", time.perf_counter() - begin)
        with psycopg.connect(self._server.conninfo, autocommit=True) as session:
            for number in range(20):
                begin = time.perf_counter()
                session.execute("INSERT INTO one VALUES (%s, 1)", [-number])
                self._keep("one_insert", time.perf_counter() - begin)
            session.execute("DELETE FROM one WHERE id <= 0")

    def status(self) -> None:
        """Of a job that has ended, and of one that waits, whose document is made anew for each."""
        for name, flags in (("status", ()), ("status_waiting", ("--workers", "0"))):
            with self._api(*flags) as api:
                slot = api.slot("one", "one.csv")
                api.send(slot, self._one_row_file())
                path = api.register("one", slot)
                if name == "status":
                    api.wait(path)
                for _ in range(3):
                    self._keep(name, self._gets_a_second(api, path))
                    self._pgbench()

    def _gets_a_second(self, api: Api, path: str) -> float:
        header = f"Authorization: Bearer {api.token}"
        done = subprocess.run(
            ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", header, api.url + path],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        if "Non-2xx" in done.stdout:
            raise BenchError(done.stdout)
        line = next(line for line in done.stdout.splitlines() if "Requests/sec" in line)
        return float(line.split()[1])

    def _pgbench(self) -> None:
        common = ["pgbench", "-h", "127.0.0.1", "-p", str(self._server.port), "-U", "bench"]
        if "pgbench" not in self._numbers:
            subprocess.run([*common, "-i", "-q", "postgres"], check=True, capture_output=True)
        done = subprocess.run(
            [*common, "-S", "-c", str(CONNECTIONS), "-j", "2", "-T", str(SECONDS), "postgres"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        line = next(line for line in done.stdout.splitlines() if "without initial" in line)
        self._keep("pgbench", float(line.split()[2]))

    def upload(self) -> None:
        big = self._folder / "big"
        with big.open("wb") as file:
            for _ in range(self._size >> 20):
                file.write(os.urandom(1 << 20))
        copy = self._folder / "copy"
        with self._api() as api:
            for _ in range(3):
                copy.unlink(missing_ok=True)
                begin = time.perf_counter()
                subprocess.run(["cp", str(big), str(copy)], check=True)
                self._keep("cp", time.perf_counter() - begin)
                copy.unlink()
                slot = api.slot("one", "big")
                begin = time.perf_counter()
                api.send(slot, big)
                self._keep("upload", time.perf_counter() - begin)
            self._keep("upload_peak", api.peak_mib())
        big.unlink()

    def whole(self) -> None:
        path = self._folder / "supplier.parquet"
        with self._api() as api:
            for _ in range(3):
                supplier.fill_target(self._server, "")
                begin = time.perf_counter()
                self._run("load", str(path), "--to", "supplier", "--json")
                self._keep("load", time.perf_counter() - begin)
                supplier.fill_target(self._server, "")
                self._keep("whole", api.load("supplier", path))

    def parts(self) -> None:
        """Two slots that are idle otherwise, beside one that does all."""
        path = self._folder / "supplier.parquet"
        with self._api("--workers", "2") as api:
            for _ in range(3):
                for name, words in (("staged_whole", {}), ("staged_in_parts", {"rows_per_part": 100_000})):
                    supplier.fill_target(self._server, "")
                    slot = api.slot("supplier", path.name)
                    api.send(slot, path)
                    begin = time.perf_counter()
                    job = api.ask("PUT", "/bench/supplier/_bulk", {"upload_id": slot["id"], **words})
                    api.wait(urllib.parse.urlsplit(job["status_url"]).path, pause=0.01)
                    self._keep(name, time.perf_counter() - begin)

    def together(self) -> None:
        path = self._folder / "supplier.parquet"

        def both(api: Api) -> None:
            slots = []
            for name in ("supplier", "supplier_b"):
                slot = api.slot(name, path.name)
                api.send(slot, path)
                slots.append((name, slot))
            begin = time.perf_counter()
            jobs = [api.register(name, slot) for name, slot in slots]
            for job in jobs:
                api.wait(job, pause=0.01)
            self._keep("workers_" + str(workers), time.perf_counter() - begin)

        for _ in range(3):
            for workers in (1, 2):
                supplier.fill_target(self._server, "")
                self._server.sql("TRUNCATE supplier_b")
                with self._api("--workers", str(workers)) as api:
                    both(api)

    def delay(self) -> None:
        """From a job's arrival to its start, by the database's clock."""
        for kind, flags in (("notified", ()), ("polled", ("--workers", "0"))):
            with contextlib.ExitStack() as stack:
                api = stack.enter_context(self._api(*flags))
                if kind == "polled":
                    stack.enter_context(self._worker())
                first = self._server.number("SELECT coalesce(max(id), 0) FROM eclusa.jobs")
                for _ in range(100 if kind == "notified" else 20):
                    slot = api.slot("one", "one.csv")
                    api.send(slot, self._one_row_file())
                    api.wait(api.register("one", slot), pause=0.02)
            delays = self._server.sql(
                "SELECT extract(epoch FROM max(at) FILTER (WHERE event = 'start')"
                " - max(at) FILTER (WHERE event = 'enqueue')) FROM eclusa.job_events"
                f" WHERE job_id > {first} GROUP BY job_id"
            )
            values = sorted(float(str(delay)) for (delay,) in delays)
            self._keep(kind, values[int(len(values) * 0.99) - 1])

    @contextlib.contextmanager
    def _worker(self, *flags: str) -> Iterator[None]:
        process = subprocess.Popen(
            [self._eclusa, "worker", "--db", self._server.url, "--storage", str(self._folder / "store"), *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout and process.stdout.readline()
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)

    def commits(self) -> None:
        jobs = 20
        count = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"

        def counted(run: Callable[[], object]) -> float:
            self._server.sql("SELECT pg_stat_force_next_flush()")
            before = self._server.number(count)
            for _ in range(jobs):
                run()
            time.sleep(2)  # statistics come in by and by
            return (self._server.number(count) - before) / jobs

        with self._api("--workers", "1") as api:
            def queued() -> None:
                slot = api.slot("one", "one.csv")
                api.send(slot, self._one_row_file())
                api.wait(api.register("one", slot), pause=0.2)

            asked = counted(queued)
        by_hand = counted(lambda: self._run("load", str(self._one_row_file()), "--to", "one", "--json"))
        self._keep("commits", asked - by_hand)

    def claim(self) -> None:
        """The queue's own statements at 50 jobs a second, beside a transaction that holds back vacuum."""
        with psycopg.connect(self._server.conninfo, autocommit=True) as session:
            for name in ("claim", "claim_beside_snapshot"):
                with contextlib.ExitStack() as stack:
                    if name != "claim":
                        old = stack.enter_context(psycopg.connect(self._server.conninfo))
                        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                        old.execute("SELECT count(*) FROM eclusa.jobs")
                    times = self._claims(session)
                self._keep(name, sorted(times)[int(len(times) * 0.99)])

    def _claims(self, session: psycopg.Connection) -> list[float]:
        texts = {
            name: (harness.ROOT / "src" / "jobs" / "sql" / f"{name}.sql").read_text()
            for name in ("enqueue_job", "take_lease", "claim_job")
        }

        def ask(name: str, *values: object) -> list[tuple[Any, ...]]:
            text = texts[name]
            for number in range(len(values), 0, -1):
                text = text.replace(f"${number}", f"%({number})s")
            return session.execute(text.encode(), {str(n + 1): v for n, v in enumerate(values)}).fetchall()

        [(worker,)] = ask("take_lease", "bench", 1, 600_000)
        enqueue = [None, "public", "one", "one", "upsert", "0" * 64, "", "{}", False, "", 0, "bench"]
        times = []
        next_at = begin = time.perf_counter()
        while next_at < begin + SNAPSHOT_SECONDS:
            time.sleep(max(0.0, next_at - time.perf_counter()))
            next_at += 1 / JOBS_A_SECOND
            enqueue[9] = f"tenant {len(times) % 10}"
            ask("enqueue_job", *enqueue)
            at = time.perf_counter()
            [(job, *_)] = ask("claim_job", worker, "bench")
            times.append(time.perf_counter() - at)
            session.execute("DELETE FROM eclusa.running WHERE job_id = %s", [job])
            session.execute(
                "UPDATE eclusa.jobs SET state = 'CANCELED', finished_at = clock_timestamp() WHERE id = %s", [job]
            )
        session.execute("DELETE FROM eclusa.workers WHERE id = %s", [worker])
        return times[len(times) // 2 :]  # what the snapshot has had time to spoil

    def fair(self) -> None:
        """One tenant has a thousand jobs waiting; another comes with one."""
        with self._api("--workers", "0") as api:

            def slot_of(tenant: str) -> Any:
                api.token = api.make_token("--tenant", tenant)
                slot = api.ask("POST", "/bench/one/_bulk", {"file": "one.csv", "tenant": tenant})
                api.send(slot, self._one_row_file())
                return slot

            def register(slot: Any, tenant: str) -> str:
                job = api.ask("PUT", "/bench/one/_bulk", {"upload_id": slot["id"], "tenant": tenant})
                return urllib.parse.urlsplit(job["status_url"]).path

            many = slot_of("many")
            flood = [register(many, "many") for _ in range(WAITING)]
            with self._worker("--workers", "1"):
                # Each asks with its own token.
                api.wait(flood[4], pause=0.01)
                api.wait(register(slot_of("one"), "one"), pause=0.01)
        before = self._server.number(
            "SELECT count(*) FROM eclusa.job_events e JOIN eclusa.jobs j ON j.id = e.job_id"
            " JOIN eclusa.jobs o ON o.tenant = 'one' WHERE j.tenant = 'many' AND e.event = 'start'"
            " AND e.at > o.created_at AND e.at < o.started_at"
        )
        self._keep("fair", before)
        self._server.sql("UPDATE eclusa.jobs SET state = 'CANCELED', finished_at = now() WHERE finished_at IS NULL",
                         "DELETE FROM eclusa.queue")  # fmt: skip

    def slow(self) -> None:
        with self._api() as api:
            host, port = api.host.split(":")
            sockets = []
            for number in range(SLOW_CLIENTS):
                # From several addresses: the server counts connections by theirs.
                source = (f"127.0.1.{1 + number % 8}", 0)
                client = socket.create_connection((host, int(port)), source_address=source)
                client.sendall(b"GET /health/live HTTP/1.1\r\n")
                sockets.append(client)
            ended = threading.Event()

            def drip() -> None:
                while not ended.wait(1):
                    for client in sockets:
                        with contextlib.suppress(OSError):
                            client.sendall(b"X")

            thread = threading.Thread(target=drip)
            thread.start()
            times = []
            for _ in range(500):
                begin = time.perf_counter()
                api.ask("GET", "/health/live")
                times.append(time.perf_counter() - begin)
            ended.set()
            thread.join()
            for client in sockets:
                client.close()
            self._keep("slow", sorted(times)[int(len(times) * 0.99)])

    def measures(self) -> dict[str, Callable[[], None]]:
        names = ("one_row", "status", "upload", "whole", "parts", "together", "delay", "claim", "fair", "commits", "slow")
        return {name: getattr(self, name) for name in names}

    def rows(self) -> list[Row]:
        middle = {name: statistics.median(values) for name, values in self._numbers.items()}

        def row(goal: Goal, *names: str, value: Callable[[], float]) -> Row:
            return Row(goal, value() if all(name in middle for name in names) else None)

        return [
            row(Goal("one_row", "one-row job, registration to its end, less an INSERT", 150, 50, unit="ms"),
                "one_row", "one_insert", value=lambda: 1000 * (middle["one_row"] - middle["one_insert"])),
            row(Goal("status", "status GETs a second, the job has ended / pgbench -S with as many connections", 0.5, 0.8, "higher"),
                "status", "pgbench", value=lambda: middle["status"] / middle["pgbench"]),
            row(Goal("status_waiting", "the same, the job waits: no document is like the one before", 0.05, 0.1, "higher"),
                "status_waiting", "pgbench", value=lambda: middle["status_waiting"] / middle["pgbench"]),
            row(Goal("upload", "upload through the API / cp on the same disk", 3.0, 2.0),
                "upload", "cp", value=lambda: middle["upload"] / middle["cp"]),
            row(Goal("upload_memory", "peak memory of the server that took it", 64, 32, unit="MiB"),
                "upload_peak", value=lambda: middle["upload_peak"]),
            row(Goal("whole", "rows uploaded, registered, loaded / eclusa load of the file", 1.25, 1.10),
                "whole", "load", value=lambda: middle["whole"] / middle["load"]),
            row(Goal("parts", "rows loaded in parts on two idle slots / staged as a whole", 1.05, 0.9),
                "staged_whole", "staged_in_parts",
                value=lambda: middle["staged_in_parts"] / middle["staged_whole"]),
            row(Goal("together", "two jobs on two tables at once / one after the other", 0.75, 0.62),
                "workers_1", "workers_2", value=lambda: middle["workers_2"] / middle["workers_1"]),
            row(Goal("commits", "commits of a job beyond those of eclusa load", 3, 2),
                "commits", value=lambda: middle["commits"]),
            row(Goal("polled", "arrival to start, poll only, p99", 1.3, 1.3, unit="s"),
                "polled", value=lambda: middle["polled"]),
            row(Goal("notified", "arrival to start, with a wake-up, p99", 50, 10, unit="ms"),
                "notified", value=lambda: 1000 * middle["notified"]),
            row(Goal("claim", "claim p99 beside a snapshot of a minute, 50 jobs a second / without", 3.0, 1.3),
                "claim", "claim_beside_snapshot",
                value=lambda: middle["claim_beside_snapshot"] / middle["claim"]),
            row(Goal("fair", "jobs of a tenant with 1,000 begun before another's one", 1, 1),
                "fair", value=lambda: middle["fair"]),
            row(Goal("slow", f"GET beside {SLOW_CLIENTS} slow clients, p99", 100, 20, unit="ms"),
                "slow", value=lambda: 1000 * middle["slow"]),
        ]  # fmt: skip

    def print_numbers(self) -> None:
        for name, values in self._numbers.items():
            each = " ".join(f"{value:.4g}" for value in values[:6])
            print(f"{name:14s} median {statistics.median(values):10.4f}  of {len(values):3d}: {each}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the bulk API.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bytes", type=int, default=GIB)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--list", action="store_true", help="names of what is measured")
    options = parser.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with harness.server() as (server, folder):
        bench = ApiBench(server, folder, options.rows, options.bytes)
        measures = bench.measures()
        if options.list:
            print("\n".join(measures))
            return 0
        unknown = set(options.only) - set(measures)
        if unknown:
            parser.error(f"nothing measured is called {', '.join(sorted(unknown))}; see --list")
        bench.prepare()
        for name, measure in measures.items():
            if options.only and name not in options.only:
                continue
            print(f"measuring {name}", flush=True)
            try:
                measure()
            except BenchError as error:  # the others are still worth knowing
                print(f"  {error}", flush=True)
    bench.print_numbers()
    rows = bench.rows()
    if options.only:
        rows = [row for row in rows if row.value is not None]
    return harness.finish("api", rows)


if __name__ == "__main__":
    sys.exit(main())

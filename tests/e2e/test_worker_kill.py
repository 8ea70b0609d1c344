"""Kills, stops and cuts off a worker at every named point; another goes on, and nothing is lost or done twice.

What is done to the worker: SIGKILL; SIGSTOP for longer than its lease, then SIGCONT; an immediate stop
of the server, which empties the stage. The points are read from the binary, and one that is not passed
fails the run. All points at once, each in a database of its own. Those of parts are passed by a job that
is cut into parts, once in the hands of the worker that has the job, once of one that helps it.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
import pytest

from tests import database
from tests.e2e.conftest import held
from tests.e2e.test_kill import TABLES, file_text
from tests.product import Eclusa

ROOT = pathlib.Path(__file__).parents[2]
AT_ONCE = 6
# A job that has not ended by then never will.
PATIENCE = 90
LEASE = ["--lease", "1", "--finish-within", "0", "--workers", "1"]


# Of a worker that stages parts of a job that another has.
HELPING = ("part.claimed", "part.opened", "part.read", "stage.reading", "stage.sent", "part.ended")


def of_parts(point: str) -> bool:
    return point.startswith(("part.", "parts."))


# Of a job that works in a database of its own, those that have something else to decide there.
OWN = "own/"
IN_OWN_TOO = ("load.staged", "final.fenced", "load.committed")


def points() -> list[str]:
    """As they are named, those of a job in a database of its own with "own/" before them."""
    listed = subprocess.run(
        [Eclusa("").binary, "fault-points"], capture_output=True, check=True, text=True
    )
    # But those of a load that is not queued, of helping alone, of uploads, of requests.
    others = ("load.job_created", "part.claimed", "part.ended", "store.", "http.")
    all_points = [point for point in listed.stdout.split() if not point.startswith(others)]
    mirrors = [point for point in all_points if point.startswith("mirror.")]
    assert mirrors
    own = [OWN + point for point in (*mirrors, *IN_OWN_TOO)]
    return [point for point in all_points if point not in mirrors] + own


@dataclasses.dataclass
class Server:
    """A server that may be stopped; its commits survive that."""

    conninfo: str
    data: str
    programs: str

    def _run(self, *command: str) -> None:
        as_server = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*as_server, *command], check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def stop_at_once(self) -> None:
        self._run(f"{self.programs}/pg_ctl", "stop", "--mode=immediate", f"--pgdata={self.data}")

    def start(self) -> None:
        log = f"--log={self.data}/log"
        self._run(f"{self.programs}/pg_ctl", "start", "--wait", "--silent", f"--pgdata={self.data}", log)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    tell = 'echo "$ECLUSA_TEST_DB"; echo "$ECLUSA_TEST_SERVER_DATA"; echo "$ECLUSA_TEST_BINDIR"; read -r end'
    settings = ["synchronous_commit = on", "max_connections = 300"]
    process = subprocess.Popen(
        [
            str(ROOT / "tools" / "with_postgres.sh"),
            *[word for setting in settings for word in ("--set", setting)],
            "sh", "-c", tell,
        ],  # fmt: skip
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    told = [process.stdout.readline().strip() for _ in range(3)]
    assert all(told)
    yield Server(*told)
    process.communicate("end\n", timeout=60)


class Site:
    """A database with a target and one job in its queue; `own`: where that job's table is instead."""

    def __init__(
        self, conninfo: str, folder: pathlib.Path, point: str, *, parts: bool = False, own: str = ""
    ) -> None:
        self.conninfo = conninfo
        self.own = own
        self.point = point.removeprefix(OWN)
        self.folder = folder
        self.product = Eclusa(conninfo)
        with self.session() as sql:
            database.execute(sql, TABLES)
        path = folder / "t.csv"
        path.write_text(file_text(), encoding="utf-8")
        cut = ["--rows-per-part", "100"] if parts or of_parts(point) else []
        queued = self.product.run(["load", str(path), "--to", "t", "--queue", "--json", *cut])
        assert queued.exit == 0, queued.describe()
        if self.own:
            with self.session() as sql:
                database.execute(sql, """UPDATE eclusa.jobs SET options = options || '{"database": "own"}'""")
            with contextlib.closing(database.connect(self.own)) as sql:
                database.execute(sql, TABLES)

    def session(self) -> contextlib.AbstractContextManager[psycopg.Connection]:
        return contextlib.closing(database.connect(self.conninfo))

    def value(self, query: str) -> str:
        with self.session() as sql:
            return database.text_rows(sql, query)[0][0]

    def target_value(self, query: str) -> str:
        with contextlib.closing(database.connect(self.own or self.conninfo)) as sql:
            return database.text_rows(sql, query)[0][0]

    def worker(self, fault: str = "") -> subprocess.Popen[bytes]:
        environment = {**os.environ, "ECLUSA_FAULT": fault} if fault else {**os.environ}
        if self.own:
            environment["ECLUSA_TARGETS"] = f"own * * {self.own}"
        log = (self.folder / "worker.log").open("ab")
        return subprocess.Popen(
            [self.product.binary, "worker", "--db", self.conninfo, *LEASE],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
        )

    def wait_for_the_end(self) -> None:
        end = time.monotonic() + PATIENCE
        ended = "SELECT finished_at IS NOT NULL FROM eclusa.jobs"
        with self.session() as sql:
            while database.text_rows(sql, ended)[0][0] != "t":
                assert time.monotonic() < end, f"{self.point}: {self.story()}"
                database.execute(sql, "SELECT pg_sleep(0.05)")

    def story(self) -> str:
        events = self.value(
            "SELECT string_agg(concat_ws(' ', event, phase, to_state, attempt, detail), '; ' ORDER BY id)"
            " FROM eclusa.job_events"
        )
        return events + "\n" + (self.folder / "worker.log").read_text()

    def check(self) -> None:
        """The job has ended once, and every row where it belongs."""
        told = f"{self.point}: {self.story()}"
        assert self.value("SELECT state FROM eclusa.jobs") == "SUCCEEDED_WITH_FAILURES", told
        assert self.target_value("SELECT count(*) FROM eclusa.ledger") == "1", told
        assert self.target_value("SELECT count(*) FROM t") == "499", told
        total = sum(range(51, 501)) - 61 + 7  # the last row of the key 60 wins
        assert self.target_value("SELECT sum(n) FROM t WHERE id >= 50") == str(total), told
        if self.own:
            assert self.value("SELECT count(*) FROM eclusa.ledger") == "0", told
            assert self.value("SELECT count(*) FROM t") == "100", told
            # What the loads here and there say of it is the same.
            same = "SELECT concat_ws(' ', state, read, inserted, updated, failed, duplicate) FROM eclusa.jobs"
            assert self.value(same) == self.target_value(same), told
        assert self.value("SELECT count(*) || ' ' || count(DISTINCT row) FROM eclusa.failures") == "4 4", told
        assert self.value("SELECT failed + updated + inserted + duplicate + unchanged = 455 FROM eclusa.jobs") == "t"
        for table in ("queue", "running", "cancel_requests"):
            assert self.value(f"SELECT count(*) FROM eclusa.{table}") == "0", told
        for conninfo in filter(None, (self.conninfo, self.own)):
            with contextlib.closing(database.connect(conninfo)) as sql:
                assert database.leftovers(sql) == [], told


def stop(worker: subprocess.Popen[bytes]) -> None:
    assert worker.stdout and worker.stdout.readline()  # it is ready
    worker.terminate()
    assert worker.wait(timeout=30) == 0


def killed(site: Site) -> None:
    first = site.worker(f"{site.point}:kill")
    assert first.wait(timeout=PATIENCE) == -signal.SIGKILL, f"not passed: {site.point}"
    second = site.worker()
    site.wait_for_the_end()
    stop(second)


def stopped(site: Site) -> None:
    first = site.worker(f"{site.point}:stop")
    status = os.waitpid(first.pid, os.WUNTRACED)[1]
    assert os.WIFSTOPPED(status), f"not passed: {site.point}"
    second = site.worker()
    site.wait_for_the_end()
    first.send_signal(signal.SIGCONT)  # it wakes up, and finds that the job is another's
    stop(first)
    stop(second)


def owner_that_waits(site: Site) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """A worker that has put the parts of its job into their queue."""
    return held(site.folder / "owner", "parts.queued", site.worker)


def helper_killed(site: Site) -> None:
    with owner_that_waits(site) as owner:
        helper = site.worker(f"{site.point}:kill")
        assert helper.wait(timeout=PATIENCE) == -signal.SIGKILL, f"not passed: {site.point}"
    site.wait_for_the_end()
    stop(owner)


def helper_stopped(site: Site) -> None:
    with owner_that_waits(site) as owner:
        helper = site.worker(f"{site.point}:stop")
        status = os.waitpid(helper.pid, os.WUNTRACED)[1]
        assert os.WIFSTOPPED(status), f"not passed: {site.point}"
    site.wait_for_the_end()
    helper.send_signal(signal.SIGCONT)  # it wakes up, and finds that the part is another's
    stop(helper)
    stop(owner)


def site_at(
    stack: contextlib.ExitStack, name: str, folder: pathlib.Path, point: str, *, parts: bool = False
) -> Site:
    conninfo = stack.enter_context(database.scratch_database(name))
    own = stack.enter_context(database.scratch_database(f"{name}_own")) if point.startswith(OWN) else ""
    return Site(conninfo, folder, point, parts=parts, own=own)


def run_all(server: Server, folder: pathlib.Path, act: Callable[[Site], None], at: Sequence[str]) -> None:
    helps = act in (helper_killed, helper_stopped)

    def one(number_and_point: tuple[int, str]) -> None:
        number, point = number_and_point
        own = folder / str(number)
        own.mkdir()
        name = f"worker_{act.__name__}_{number}"
        os.environ["ECLUSA_TEST_DB"] = server.conninfo
        with contextlib.ExitStack() as stack:
            site = site_at(stack, name, own, point, parts=helps)
            act(site)
            site.check()

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, enumerate(at)))


@pytest.mark.parametrize("act", [killed, stopped])
def test_another_worker_goes_on(server: Server, tmp_path: pathlib.Path, act: Callable[[Site], None]) -> None:
    run_all(server, tmp_path, act, points())


@pytest.mark.parametrize("act", [helper_killed, helper_stopped])
def test_its_parts_are_staged_by_others(
    server: Server, tmp_path: pathlib.Path, act: Callable[[Site], None]
) -> None:
    run_all(server, tmp_path, act, HELPING)


def test_the_server_is_stopped_at_once(server: Server, tmp_path: pathlib.Path) -> None:
    os.environ["ECLUSA_TEST_DB"] = server.conninfo
    with contextlib.ExitStack() as stack:
        sites, workers, gates = [], [], []
        for number, point in enumerate(points()):
            own = tmp_path / str(number)
            own.mkdir()
            sites.append(site_at(stack, f"worker_server_{number}", own, point))
        for site in sites:
            gate, reached = site.folder / "gate", site.folder / "gate.reached"
            os.mkfifo(gate)
            os.mkfifo(reached)
            gates.append(os.open(gate, os.O_RDWR))
            workers.append(site.worker(f"{site.point}:hold {gate}"))
            with reached.open("rb") as pipe:  # waits until the point is reached
                assert pipe.read(), f"not passed: {site.point}"
        server.stop_at_once()
        for gate in gates:
            os.write(gate, b"go\n")
        server.start()
        for site in sites:
            site.wait_for_the_end()
        for worker in workers:
            stop(worker)
        for site in sites:
            site.check()
        for gate in gates:
            os.close(gate)

"""Workers woken through RabbitMQ: a real broker, real processes, and looks at the queue an hour apart.

What does not come by a message does not come in time: a test that passes was woken. With the broker away
it is NOTIFY that wakes, and without either a look each second.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import select
import signal
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator

import pytest

from tests.api.conftest import PATIENCE, Client, Site
from tests.e2e.conftest import held

ROOT = pathlib.Path(__file__).parents[2]
NEVER = "3600"
ROWS = "id,name\n" + "".join(f"{n},n{n}\n" for n in range(1, 1001))


@dataclasses.dataclass
class Broker:
    url: str
    tls_url: str
    ca: str
    folder: pathlib.Path

    def stop(self) -> None:
        group = int((self.folder / "pid").read_text())
        os.killpg(group, signal.SIGTERM)
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.killpg(group, 0)
                select.select([], [], [], 0.02)

    def start(self) -> None:
        subprocess.run([self.folder / "start"], check=True, timeout=90)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    names = ("ECLUSA_TEST_BROKER", "ECLUSA_TEST_BROKER_TLS", "ECLUSA_TEST_BROKER_CA", "ECLUSA_TEST_BROKER_DIR")
    tell = "; ".join(f'echo "${name}"' for name in names) + "; read -r end"
    process = subprocess.Popen(
        [ROOT / "tools" / "with_rabbitmq.sh", "sh", "-c", tell],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    told = [process.stdout.readline().strip() for _ in names]
    assert all(told)
    yield Broker(told[0], told[1], told[2], pathlib.Path(told[3]))
    process.communicate("end\n", timeout=60)


class Worker:
    """`eclusa worker` with one slot, and what it logs."""

    def __init__(self, site: Site, name: str, environment: dict[str, str]) -> None:
        self.log_path = site.folder / f"{name}.log"
        self.process = subprocess.Popen(
            [
                site.product.binary, "worker", "--db", site.conninfo, "--workers", "1",
                "--storage", str(site.folder / "store"),
            ],  # fmt: skip
            env={**os.environ, "LANG": "C.UTF-8", **environment},
            stdout=subprocess.PIPE,
            stderr=self.log_path.open("ab"),
        )

    def events(self, name: str, **fields: str) -> int:
        """How often the log says so."""
        count = 0
        text = self.log_path.read_text(encoding="utf-8")
        for line in text[: text.rfind("\n") + 1].splitlines():
            said = json.loads(line)
            count += said["event"] == name and all(said[key] == value for key, value in fields.items())
        return count

    def wait_for(self, name: str, count: int = 1, **fields: str) -> None:
        end = time.monotonic() + PATIENCE
        while self.events(name, **fields) < count:
            assert time.monotonic() < end, f"{name} {fields}: {self.log_path.read_text()}"
            assert self.process.poll() is None, self.log_path.read_text()
            select.select([], [], [], 0.02)

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(timeout=30) == 0, self.log_path.read_text()


class Workshop:
    """A site whose workers have a broker."""

    def __init__(self, site: Site, broker: Broker, queue: str) -> None:
        self.site = site
        self.settings = {
            "ECLUSA_BROKER_URL": broker.url,
            "ECLUSA_BROKER_QUEUE": queue,
            "ECLUSA_BROKER_POLL_SECONDS": NEVER,
            "ECLUSA_POLL_SECONDS": NEVER,
        }
        self.workers: list[Worker] = []

    def worker(self, **environment: str) -> Worker:
        worker = Worker(self.site, f"worker{len(self.workers)}", {**self.settings, **environment})
        self.workers.append(worker)
        return worker

    def sending(self) -> int:
        """How often one of them has begun to send."""
        return sum(worker.events("broker_live", use="publish") for worker in self.workers)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, [worker.log_path.read_text() for worker in self.workers]
            select.select([], [], [], 0.01)

    def wait_until_live(self) -> None:
        """All hear messages, and one of them sends them."""
        for worker in self.workers:
            worker.wait_for("broker_live", use="receive")
        self.wait_until(lambda: self.sending() > 0)

    def enqueue(self, *flags: str) -> str:
        path = self.site.folder / "people.csv"
        path.write_text(ROWS, encoding="utf-8")
        run = self.site.product.run(
            ["load", str(path), "--to", "plain", "--queue", "--json", *flags, "--db", self.site.conninfo]
        )
        assert run.exit == 0, run.describe()
        return self.site.value("SELECT max(id) FROM eclusa.jobs")

    def wait_for_end(self, job: str) -> None:
        self.wait_until(
            lambda: self.site.value(f"SELECT state FROM eclusa.jobs WHERE id = {job}") == "SUCCEEDED"
        )


@pytest.fixture()
def workshop(site: Site, broker: Broker, request: pytest.FixtureRequest) -> Iterator[Workshop]:
    site.sql.execute("CREATE TABLE plain (id int PRIMARY KEY, name text)")
    workshop = Workshop(site, broker, request.node.name)
    yield workshop
    for worker in workshop.workers:
        worker.process.kill()
        worker.process.wait()


def test_messages_wake_for_parts_and_for_jobs(workshop: Workshop) -> None:
    def start(fault: str) -> subprocess.Popen[bytes]:
        """Whoever has the job stands still when its parts are ready: the other must hear of them."""
        for _ in range(2):
            workshop.worker(ECLUSA_FAULT=fault)
        workshop.wait_until_live()
        workshop.enqueue("--rows-per-part", "100")
        return workshop.workers[0].process

    site = workshop.site
    with held(site.folder / "gate", "parts.queued", start):
        staged = "SELECT count(*) FROM eclusa.parts WHERE state = 'STAGED'"
        workshop.wait_until(lambda: site.value(staged) == "10")
    workshop.wait_for_end("1")
    assert site.value("SELECT count(DISTINCT worker_id) FROM eclusa.parts") == "1"
    for job in ("2", "3"):
        assert workshop.enqueue() == job
        workshop.wait_for_end(job)
    assert site.value("SELECT count(*) FROM plain") == "1000"
    assert site.value("SELECT count(*) FROM eclusa.ledger") == "3"
    listening = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    assert site.value(listening) == "0"  # the publisher has asked for more since it listens
    for worker in workshop.workers:
        worker.stop()


def test_jobs_of_the_api_wake_workers_elsewhere(workshop: Workshop) -> None:
    site = workshop.site
    worker = workshop.worker()
    workshop.wait_until_live()
    with site.serving("--workers", "0", environment=workshop.settings) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        for row in ("id,name\n1,ana\n", "id,name\n2,rui\n"):
            assert client.load(row)["state"] == "SUCCEEDED"
    worker.stop()
    with site.serving("--workers", "1", environment=workshop.settings) as url:
        client = Client(url, site.token("submit", "--tenant", "47"))
        assert client.load("id,name\n3,eva\n")["state"] == "SUCCEEDED"
        workshop.wait_until(lambda: '"broker_live"' in site.log())


def test_a_broker_that_is_stopped_takes_nothing_along(workshop: Workshop, broker: Broker) -> None:
    for _ in range(2):
        workshop.worker()
    workshop.wait_until_live()
    workshop.wait_for_end(workshop.enqueue())
    # Two that make the queue at one moment may have been told so.
    told = [worker.events("broker_away", use="receive") for worker in workshop.workers]
    live = [worker.events("broker_live", use="receive") for worker in workshop.workers]
    sending = workshop.sending()
    broker.stop()
    for worker, before in zip(workshop.workers, told, strict=True):
        worker.wait_for("broker_away", before + 1, use="receive")
    workshop.wait_for_end(workshop.enqueue())
    broker.start()
    for worker, before in zip(workshop.workers, live, strict=True):
        worker.wait_for("broker_live", before + 1, use="receive")
    workshop.wait_until(lambda: workshop.sending() > sending)
    workshop.wait_for_end(workshop.enqueue())
    for worker, before in zip(workshop.workers, told, strict=True):
        worker.stop()
        assert worker.events("broker_away", use="receive") == before + 1
        assert worker.events("broker_away", use="publish") <= 1
        password = urllib.parse.urlsplit(broker.url).password or ""
        assert password and password not in worker.log_path.read_text()
    assert workshop.site.value("SELECT string_agg(attempt::text, '') FROM eclusa.jobs") == "111"
    assert workshop.site.value("SELECT count(*) FROM eclusa.ledger") == "3"


def test_over_tls_with_a_password_from_a_file(workshop: Workshop, broker: Broker) -> None:
    there = urllib.parse.urlsplit(broker.tls_url)
    secret = workshop.site.folder / "secret"
    secret.write_text(f"{there.password}\n")
    secret.chmod(0o600)
    tls = {
        "ECLUSA_BROKER_URL": f"amqps://{there.username}@{there.hostname}:{there.port}",
        "ECLUSA_BROKER_PASSWORD_FILE": str(secret),
        "ECLUSA_BROKER_CA": broker.ca,
    }
    workshop.worker(**tls)
    workshop.wait_until_live()
    workshop.wait_for_end(workshop.enqueue())
    workshop.wait_for_end(workshop.enqueue())
    stranger = workshop.worker(**{**tls, "ECLUSA_BROKER_CA": ""})  # trusts others
    stranger.wait_for("broker_away", code="broker.away", use="receive")


def test_settings_are_judged_before_anything_is_begun(workshop: Workshop) -> None:
    def check(*command: str, **settings: str) -> str:
        run = workshop.site.product.run(command, environment={**workshop.settings, **settings})
        assert "s3cret" not in run.stdout + run.stderr
        return f"{run.exit} {run.stderr}" if run.exit else run.stdout

    assert "well" in check("config", "check")
    wrong = {"ECLUSA_BROKER_URL": "http://eclusa:s3cret@host"}
    assert "broker.url" in check("config", "check", **wrong)
    assert "broker.url" in check("worker", "--db", workshop.site.conninfo, **wrong)
    assert "broker.url" in check("serve", "--db", workshop.site.conninfo, "--workers", "0", **wrong)
    assert "broker.ca" in check("config", "check", ECLUSA_BROKER_URL="amqps://host", ECLUSA_BROKER_CA="/no/file")
    assert "broker.poll_seconds" in check("config", "check", ECLUSA_BROKER_POLL_SECONDS="0")
    shown = check("config", "show", ECLUSA_BROKER_URL="amqp://eclusa:s3cret@host", ECLUSA_BROKER_PASSWORD="s3cret")
    assert "amqp://eclusa:***@host" in shown

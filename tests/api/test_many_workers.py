"""Four workers, one broker, one PostgreSQL, one object store: nothing twice, nobody's turn forgotten.

One worker is killed, one leaves, one joins, while two tenants' loads are being done.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping

from tests import database
from tests.api.conftest import PATIENCE, PEOPLE_PATH, Client, Site
from tests.api.test_dispatch import Broker
from tests.api.test_dispatch import broker as broker  # a fixture
from tests.api.test_s3 import bucket as bucket  # a fixture: a bucket of a server of its own

LOADS = {47: 16, 48: 8}
ROWS = 200


class Workers:
    """Processes of one slot each, which wait for messages rather than look."""

    def __init__(self, site: Site, environment: Mapping[str, str]) -> None:
        self.site = site
        self.environment = {**os.environ, **environment}
        self.running: list[subprocess.Popen[str]] = []

    def join(self) -> None:
        log = (self.site.folder / f"worker{len(self.running)}.log").open("ab")
        process = subprocess.Popen(
            [self.site.product.binary, "worker", "--db", self.site.conninfo, "--workers", "1"],
            env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        assert process.stdout and process.stdout.readline(), log.name
        self.running.append(process)

    def send(self, worker: int, number: signal.Signals) -> None:
        self.running[worker].send_signal(number)

    def end(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(timeout=30)


@contextlib.contextmanager
def workers_of(site: Site, environment: Mapping[str, str]) -> Iterator[Workers]:
    workers = Workers(site, environment)
    try:
        yield workers
    finally:
        workers.end()


def text_of(load: int) -> str:
    return "id,name\n" + "".join(f"{load * ROWS + row},n{row}\n" for row in range(ROWS))


def ended(site: Site) -> int:
    return int(site.value("SELECT count(*) FROM eclusa.jobs WHERE finished_at IS NOT NULL"))


def wait_for(site: Site, loads: int) -> None:
    end = time.monotonic() + PATIENCE
    while ended(site) < loads:
        assert time.monotonic() < end, site.rows("SELECT id, state, attempt, worker FROM eclusa.jobs ORDER BY id")
        database.execute(site.sql, "SELECT pg_sleep(0.02)")


def test_four_workers_of_which_one_dies_one_leaves_and_one_joins(
    site: Site, broker: Broker, bucket: dict[str, str]
) -> None:
    environment = {
        **bucket, "ECLUSA_BROKER_URL": broker.url, "ECLUSA_BROKER_QUEUE": "many",
        "ECLUSA_BROKER_POLL_SECONDS": "2", "ECLUSA_LEASE_SECONDS": "3",
    }  # fmt: skip
    with site.serving("--workers", "0", environment=environment) as url:
        client = Client(url, site.token())
        for tenant, loads in LOADS.items():
            for load in range(loads):
                sent = client.upload(text_of(load), tenant=tenant)
                body = {"tenant": tenant, "url": sent}
                assert client.ask("PUT", f"{PEOPLE_PATH}/_bulk", body).status == 202
        with workers_of(site, environment) as workers:
            for _ in range(4):
                workers.join()
            wait_for(site, 6)
            workers.send(0, signal.SIGKILL)
            workers.send(1, signal.SIGTERM)
            workers.join()
            wait_for(site, sum(LOADS.values()))
    every = str(sum(LOADS.values()))
    assert site.value("SELECT count(*) FROM eclusa.jobs WHERE state = 'SUCCEEDED'") == every
    assert site.value("SELECT count(*) FROM eclusa.ledger") == every
    assert site.rows("SELECT tenant, count(*), count(DISTINCT id), sum(id) FROM people GROUP BY 1 ORDER BY 1") == [
        (str(tenant), str(n * ROWS), str(n * ROWS), str(n * ROWS * (n * ROWS - 1) // 2)) for tenant, n in LOADS.items()
    ]
    assert int(site.value("SELECT count(DISTINCT worker) FROM eclusa.jobs")) >= 3
    assert database.leftovers(site.sql) == []
    # Turn by turn: the few loads that came last did not wait for the many that came first.
    turns = [tenant for (tenant,) in site.rows("SELECT tenant FROM eclusa.jobs ORDER BY started_at")]
    assert turns.index("48") <= 2 and len(turns) - turns[::-1].index("48") <= 2 * LOADS[48] + 2, turns
